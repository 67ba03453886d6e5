//! The builder with which an embedder composes the context of a program.

use std::{
    fmt,
    io::{self, Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use cap_std::{ambient_authority, fs::Dir};

use crate::{
    clocks::Clocks,
    ctx::{RightsMode, Strings, WasiCtx},
    errno::Errno,
    fs::{host::HostDirectory, listings::Listings, memory::MemoryFileSystem},
    meter::Meter,
    random::Random,
    stream::{CapturedOutput, Input, Output, Standard},
    table::{DEFAULT_LIMIT, Descriptor, Table},
    waits::Waits,
};

/// An error of the embedder, or one that stops a program.
#[derive(Debug)]
#[non_exhaustive]
pub enum WasiError {
    /// A directory of the host cannot be opened.
    OpenDirectory {
        /// The path on the host
        path: PathBuf,
        /// The error of the system
        source: io::Error,
    },
    /// An argument, a variable or a path has a NUL byte, or a variable's name is empty or has a `=`.
    InvalidString {
        /// The string
        string: String,
    },
    /// Arguments or variables do not fit in a memory, or there are more descriptors than allowed.
    TooMany,
    /// An operation on a file system in memory failed.
    FileSystem(Errno),
    /// A program called a function of WASI that needs its memory, but does not export one as `memory`.
    NoMemory,
    /// A program would have waited or worked beyond its deadline.
    Deadline,
}

impl fmt::Display for WasiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenDirectory { path, source } => {
                write!(f, "cannot open the directory {}: {source}", path.display())
            }
            Self::InvalidString { string } => write!(f, "{string:?} cannot be handed to a program"),
            Self::TooMany => f.write_str("too many arguments, variables or descriptors"),
            Self::FileSystem(errno) => write!(f, "operation on a file system in memory: {errno}"),
            Self::NoMemory => f.write_str("the program exports no memory named \"memory\""),
            Self::Deadline => f.write_str("the program ran into its deadline"),
        }
    }
}

impl std::error::Error for WasiError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::OpenDirectory { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl wasmote::errors::HostError for WasiError {}

impl From<Errno> for WasiError {
    fn from(errno: Errno) -> Self {
        Self::FileSystem(errno)
    }
}

/// Builds a [`WasiCtx`].
///
/// By default there are no arguments, variables or files. Standard input is empty; standard output and error are
/// dropped. Clocks and random numbers are those of the system.
///
/// ```
/// use wasmote_wasi::{CapturedOutput, MemoryFileSystem, WasiCtxBuilder};
///
/// let output = CapturedOutput::new();
/// let ctx = WasiCtxBuilder::new()
///     .args(["app", "--verbose"])
///     .env("LANG", "C")
///     .captured_stdout(&output)
///     .preopened_memory(&MemoryFileSystem::new(), "/")
///     .build()?;
/// # Ok::<(), wasmote_wasi::WasiError>(())
/// ```
pub struct WasiCtxBuilder {
    args: Vec<String>,
    env: Vec<(String, String)>,
    stdin: Input,
    stdout: Output,
    stderr: Output,
    preopens: Vec<Descriptor>,
    listings: Arc<Listings>,
    memories: Vec<MemoryFileSystem>,
    clocks: Option<Clocks>,
    random: Random,
    rights: RightsMode,
    max_descriptors: usize,
}

impl fmt::Debug for WasiCtxBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WasiCtxBuilder").field("args", &self.args).field("env", &self.env).finish_non_exhaustive()
    }
}

impl Default for WasiCtxBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl WasiCtxBuilder {
    /// Makes a builder with the defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            args: Vec::new(),
            env: Vec::new(),
            stdin: Input::Empty,
            stdout: Output::Discarded,
            stderr: Output::Discarded,
            preopens: Vec::new(),
            listings: Arc::default(),
            memories: Vec::new(),
            clocks: None,
            random: Random::System,
            rights: RightsMode::default(),
            max_descriptors: DEFAULT_LIMIT,
        }
    }

    /// Adds an argument. The first one is the program's name by convention.
    pub fn arg(&mut self, arg: impl Into<String>) -> &mut Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    pub fn args(&mut self, args: impl IntoIterator<Item: Into<String>>) -> &mut Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Adds the arguments of this process, including its name. Replaces invalid Unicode.
    pub fn inherit_args(&mut self) -> &mut Self {
        self.args(std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()))
    }

    /// Sets a variable. A variable that is set again keeps its position.
    pub fn env(&mut self, name: impl Into<String>, value: impl Into<String>) -> &mut Self {
        let (name, value) = (name.into(), value.into());
        match self.env.iter_mut().find(|(set, _)| *set == name) {
            Some(set) => set.1 = value,
            None => self.env.push((name, value)),
        }
        self
    }

    /// Sets variables.
    pub fn envs(&mut self, variables: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) -> &mut Self {
        for (name, value) in variables {
            self.env(name, value);
        }
        self
    }

    /// Sets the variables of this process, except those that are not Unicode.
    pub fn inherit_env(&mut self) -> &mut Self {
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok().filter(|name| is_variable(name))?;
            Some((name, value.into_string().ok()?))
        });
        self.envs(variables)
    }

    /// Uses standard input, output and error of this process.
    pub fn inherit_stdio(&mut self) -> &mut Self {
        self.inherit_stdin().inherit_stdout().inherit_stderr()
    }

    /// Uses standard input of this process.
    pub fn inherit_stdin(&mut self) -> &mut Self {
        self.stdin = Input::Inherited;
        self
    }

    /// Uses standard output of this process.
    pub fn inherit_stdout(&mut self) -> &mut Self {
        self.stdout = Output::inherited(Standard::Output);
        self
    }

    /// Uses standard error of this process.
    pub fn inherit_stderr(&mut self) -> &mut Self {
        self.stderr = Output::inherited(Standard::Error);
        self
    }

    /// Takes standard input from a reader.
    pub fn stdin(&mut self, reader: Box<dyn Read + Send>) -> &mut Self {
        self.stdin = Input::Reader(Mutex::new(reader));
        self
    }

    /// Takes these bytes as standard input.
    pub fn stdin_bytes(&mut self, bytes: impl Into<Vec<u8>>) -> &mut Self {
        self.stdin = Input::Bytes(bytes.into().into());
        self
    }

    /// Sends standard output to a writer.
    pub fn stdout(&mut self, writer: Box<dyn Write + Send>) -> &mut Self {
        self.stdout = Output::Writer(Mutex::new(writer));
        self
    }

    /// Sends standard error to a writer.
    pub fn stderr(&mut self, writer: Box<dyn Write + Send>) -> &mut Self {
        self.stderr = Output::Writer(Mutex::new(writer));
        self
    }

    /// Keeps standard output in memory.
    pub fn captured_stdout(&mut self, output: &CapturedOutput) -> &mut Self {
        self.stdout = Output::Captured(output.clone());
        self
    }

    /// Keeps standard error in memory.
    pub fn captured_stderr(&mut self, output: &CapturedOutput) -> &mut Self {
        self.stderr = Output::Captured(output.clone());
        self
    }

    /// Adds a directory of the host, which the program sees as `guest_path`.
    ///
    /// # Errors
    ///
    /// If the directory cannot be opened.
    pub fn preopened_dir(
        &mut self,
        host_path: impl AsRef<Path>,
        guest_path: impl Into<String>,
    ) -> Result<&mut Self, WasiError> {
        self.preopened_host(host_path.as_ref(), guest_path.into(), false)
    }

    /// Adds a read-only directory of the host, which the program sees as `guest_path`.
    ///
    /// # Errors
    ///
    /// If the directory cannot be opened.
    pub fn preopened_dir_read_only(
        &mut self,
        host_path: impl AsRef<Path>,
        guest_path: impl Into<String>,
    ) -> Result<&mut Self, WasiError> {
        self.preopened_host(host_path.as_ref(), guest_path.into(), true)
    }

    fn preopened_host(&mut self, path: &Path, guest_path: String, read_only: bool) -> Result<&mut Self, WasiError> {
        let dir = Dir::open_ambient_dir(path, ambient_authority())
            .map_err(|source| WasiError::OpenDirectory { path: path.into(), source })?;
        self.push_dir(dir, guest_path, read_only);
        Ok(self)
    }

    /// Adds an open directory.
    pub(crate) fn preopened_open_dir(&mut self, dir: Dir, guest_path: String) {
        self.push_dir(dir, guest_path, false);
    }

    fn push_dir(&mut self, dir: Dir, guest_path: String, read_only: bool) {
        let node = Box::new(HostDirectory::new(dir, self.listings.clone()));
        self.preopens.push(Descriptor::preopen(node, guest_path.into(), read_only));
    }

    /// Adds a file system in memory, which the program sees as `guest_path`.
    pub fn preopened_memory(&mut self, files: &MemoryFileSystem, guest_path: impl Into<String>) -> &mut Self {
        self.preopened_tree(files, guest_path.into(), false)
    }

    /// Adds a read-only file system in memory, which the program sees as `guest_path`.
    pub fn preopened_memory_read_only(&mut self, files: &MemoryFileSystem, guest_path: impl Into<String>) -> &mut Self {
        self.preopened_tree(files, guest_path.into(), true)
    }

    fn preopened_tree(&mut self, files: &MemoryFileSystem, guest_path: String, read_only: bool) -> &mut Self {
        self.preopens.push(Descriptor::preopen(files.root(), guest_path.into(), read_only));
        self.memories.push(files.clone());
        self
    }

    /// Adds a socket on which the program can accept connections. Its descriptor follows those of the directories and
    /// sockets added before.
    pub fn preopened_socket(&mut self, listener: TcpListener) -> &mut Self {
        self.preopens.push(Descriptor::listener(listener));
        self
    }

    /// Makes time the same in every run.
    ///
    /// Clocks start at `realtime` and advance by `step` whenever they are read. To wait advances them too, and takes no
    /// real time. Files in memory get the time of the start.
    pub fn fixed_clocks(&mut self, realtime: SystemTime, step: Duration) -> &mut Self {
        let nanoseconds = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let realtime = nanoseconds(realtime.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default());
        self.clocks = Some(Clocks::Fixed { realtime, monotonic: 0, step: nanoseconds(step) });
        self
    }

    /// Makes random numbers the same in every run. They are predictable.
    pub fn seeded_random(&mut self, seed: u64) -> &mut Self {
        self.random = Random::Seeded(seed);
        self
    }

    /// Sets whether the rights that a program asks for when it opens a file or directory are all enforced.
    ///
    /// Without it, as in other implementations of preview 1, these rights decide only whether a file can be read and
    /// written. What else can be done follows the preopened directory, and whether that is read-only. With it, a
    /// descriptor has no right that the program did not ask for, as preview 1 was specified first; programs of current
    /// toolchains that ask for fewer rights than they use fail.
    pub fn strict_rights(&mut self, strict: bool) -> &mut Self {
        self.rights = if strict { RightsMode::Strict } else { RightsMode::Access };
        self
    }

    /// Limits the number of open descriptors, including the initial ones. Default: 512, which is below the usual limit of
    /// the system for the whole process.
    pub fn max_descriptors(&mut self, limit: usize) -> &mut Self {
        self.max_descriptors = limit;
        self
    }

    /// Makes the context, and resets the builder to the defaults.
    ///
    /// # Errors
    ///
    /// If an argument, a variable or a path has a NUL byte, a variable's name is empty or has a `=`, or if there are
    /// too many of them for a program.
    pub fn build(&mut self) -> Result<WasiCtx, WasiError> {
        let options = core::mem::take(self);
        let mut args = Strings::default();
        for arg in &options.args {
            push(&mut args, arg)?;
        }
        let mut env = Strings::default();
        for (name, value) in &options.env {
            check_variable(name)?;
            push(&mut env, &format!("{name}={value}"))?;
        }
        let mut table = Table::new(options.max_descriptors);
        let streams =
            [Descriptor::input(options.stdin), Descriptor::output(options.stdout), Descriptor::output(options.stderr)];
        for descriptor in streams.into_iter().chain(options.preopens) {
            descriptor.preopen.as_deref().map_or(Ok(()), check_string)?;
            table.push(descriptor).map_err(|_| WasiError::TooMany)?;
        }
        let clocks = options.clocks.unwrap_or_else(Clocks::system);
        if let Clocks::Fixed { realtime, .. } = clocks {
            for files in options.memories {
                files.fix_time(realtime);
            }
        }
        let (random, rights) = (options.random, options.rights);
        let (waits, meter) = (Waits::default(), Meter::default());
        Ok(WasiCtx { args, env, table, clocks, random, rights, waits, meter, shared: None })
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && !name.contains('=')
}

/// Checks the name of a variable.
pub(crate) fn check_variable(name: &str) -> Result<(), WasiError> {
    if is_variable(name) { Ok(()) } else { Err(WasiError::InvalidString { string: name.into() }) }
}

/// Checks a string that a program will see with a NUL byte at its end.
pub(crate) fn check_string(string: &str) -> Result<(), WasiError> {
    if string.contains('\0') { Err(WasiError::InvalidString { string: string.into() }) } else { Ok(()) }
}

fn push(strings: &mut Strings, string: &str) -> Result<(), WasiError> {
    check_string(string)?;
    if strings.push(string) { Ok(()) } else { Err(WasiError::TooMany) }
}
