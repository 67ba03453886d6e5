//! How an embedder says what a program sees of the world.

use std::{
    fmt,
    io::{self, Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    sync::Mutex,
    time::{Duration, SystemTime},
};

use cap_std::{ambient_authority, fs::Dir};

use crate::{
    clocks::Clocks,
    ctx::{Strings, WasiCtx},
    errno::Errno,
    fs::{host::HostDirectory, memory::MemoryFileSystem},
    random::Random,
    stream::{CapturedOutput, Input, Output},
    table::{DEFAULT_LIMIT, Descriptor, Table},
};

/// What can go wrong outside a program.
#[derive(Debug)]
#[non_exhaustive]
pub enum WasiError {
    /// A directory of the host cannot be opened.
    OpenDirectory {
        /// Its path on the host
        path: PathBuf,
        /// Why not
        source: io::Error,
    },
    /// An argument, a variable or a path has a NUL byte, or a variable's name is empty or has a `=`.
    InvalidString {
        /// The string
        string: String,
    },
    /// Arguments or variables do not fit into a memory, or there are more descriptors than allowed.
    TooMany,
    /// An operation on a file system in memory failed.
    FileSystem(Errno),
    /// A program called a function of WASI that needs its memory, but does not export one as `memory`.
    NoMemory,
    /// A program would have waited beyond its deadline.
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
            Self::Deadline => f.write_str("the program waited until its deadline"),
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

/// Makes a [`WasiCtx`]. What is not said is not there: no arguments, no variables, no files, empty standard input;
/// standard output and error are dropped. Clocks and randomness are those of the system.
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
    memories: Vec<MemoryFileSystem>,
    clocks: Option<Clocks>,
    random: Random,
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
    /// Nothing said yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            args: Vec::new(),
            env: Vec::new(),
            stdin: Input::Empty,
            stdout: Output::Discarded,
            stderr: Output::Discarded,
            preopens: Vec::new(),
            memories: Vec::new(),
            clocks: None,
            random: Random::System,
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

    /// Adds the arguments of this process, its name among them. What is not Unicode is made so.
    pub fn inherit_args(&mut self) -> &mut Self {
        self.args(std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()))
    }

    /// Sets a variable; a variable that has been set already keeps its place.
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

    /// Sets the variables of this process, as far as they can be told.
    pub fn inherit_env(&mut self) -> &mut Self {
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok().filter(|name| is_variable(name))?;
            Some((name, value.into_string().ok()?))
        });
        self.envs(variables)
    }

    /// Standard input, output and error are those of this process.
    pub fn inherit_stdio(&mut self) -> &mut Self {
        self.inherit_stdin().inherit_stdout().inherit_stderr()
    }

    /// Standard input is that of this process.
    pub fn inherit_stdin(&mut self) -> &mut Self {
        self.stdin = Input::Inherited;
        self
    }

    /// Standard output is that of this process.
    pub fn inherit_stdout(&mut self) -> &mut Self {
        self.stdout = Output::InheritedStdout;
        self
    }

    /// Standard error is that of this process.
    pub fn inherit_stderr(&mut self) -> &mut Self {
        self.stderr = Output::InheritedStderr;
        self
    }

    /// Standard input comes from a reader.
    pub fn stdin(&mut self, reader: Box<dyn Read + Send>) -> &mut Self {
        self.stdin = Input::Reader(Mutex::new(reader));
        self
    }

    /// Standard input is these bytes.
    pub fn stdin_bytes(&mut self, bytes: impl Into<Vec<u8>>) -> &mut Self {
        self.stdin = Input::Bytes(bytes.into().into());
        self
    }

    /// Standard output goes to a writer.
    pub fn stdout(&mut self, writer: Box<dyn Write + Send>) -> &mut Self {
        self.stdout = Output::Writer(Mutex::new(writer));
        self
    }

    /// Standard error goes to a writer.
    pub fn stderr(&mut self, writer: Box<dyn Write + Send>) -> &mut Self {
        self.stderr = Output::Writer(Mutex::new(writer));
        self
    }

    /// Standard output is kept in memory.
    pub fn captured_stdout(&mut self, output: &CapturedOutput) -> &mut Self {
        self.stdout = Output::Captured(output.clone());
        self
    }

    /// Standard error is kept in memory.
    pub fn captured_stderr(&mut self, output: &CapturedOutput) -> &mut Self {
        self.stderr = Output::Captured(output.clone());
        self
    }

    /// Gives the program a directory of the host, under a path of its own.
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

    /// Gives the program a directory of the host in which it can change nothing, under a path of its own.
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
        let node = Box::new(HostDirectory::new(dir));
        self.preopens.push(Descriptor::preopen(node, guest_path.into(), read_only));
        Ok(self)
    }

    /// Gives the program a file system in memory, under a path of its own.
    pub fn preopened_memory(&mut self, files: &MemoryFileSystem, guest_path: impl Into<String>) -> &mut Self {
        self.preopened_tree(files, guest_path.into(), false)
    }

    /// Gives the program a file system in memory in which it can change nothing, under a path of its own.
    pub fn preopened_memory_read_only(&mut self, files: &MemoryFileSystem, guest_path: impl Into<String>) -> &mut Self {
        self.preopened_tree(files, guest_path.into(), true)
    }

    fn preopened_tree(&mut self, files: &MemoryFileSystem, guest_path: String, read_only: bool) -> &mut Self {
        self.preopens.push(Descriptor::preopen(files.root(), guest_path.into(), read_only));
        self.memories.push(files.clone());
        self
    }

    /// Gives the program a socket on which it can accept connections. Its descriptor comes behind those of the
    /// directories that have been given before.
    pub fn preopened_socket(&mut self, listener: TcpListener) -> &mut Self {
        self.preopens.push(Descriptor::listener(listener));
        self
    }

    /// Time is the same in every run: it starts at `realtime`, each reading of a clock moves it on by `step`, and
    /// waiting takes no time but moves it on as well. Files in memory get the time of the start.
    pub fn fixed_clocks(&mut self, realtime: SystemTime, step: Duration) -> &mut Self {
        let nanoseconds = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let realtime = nanoseconds(realtime.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default());
        self.clocks = Some(Clocks::Fixed { realtime, monotonic: 0, step: nanoseconds(step) });
        self
    }

    /// Random numbers are the same in every run, and anything but secret.
    pub fn seeded_random(&mut self, seed: u64) -> &mut Self {
        self.random = Random::Seeded(seed);
        self
    }

    /// The program has at most so many descriptors at once, those it starts with among them. Default: 1024.
    pub fn max_descriptors(&mut self, limit: usize) -> &mut Self {
        self.max_descriptors = limit;
        self
    }

    /// Makes the context. The builder is as new afterwards.
    ///
    /// # Errors
    ///
    /// If an argument, a variable or a path has a NUL byte, a variable's name is empty or has a `=`, or if there are
    /// more of them than a program can take.
    pub fn build(&mut self) -> Result<WasiCtx, WasiError> {
        let said = core::mem::take(self);
        let mut args = Strings::default();
        for arg in &said.args {
            push(&mut args, arg)?;
        }
        let mut env = Strings::default();
        for (name, value) in &said.env {
            if !is_variable(name) {
                return Err(WasiError::InvalidString { string: name.clone() });
            }
            push(&mut env, &format!("{name}={value}"))?;
        }
        let mut table = Table::new(said.max_descriptors);
        let streams = [Descriptor::input(said.stdin), Descriptor::output(said.stdout), Descriptor::output(said.stderr)];
        for descriptor in streams.into_iter().chain(said.preopens) {
            if let Some(path) = descriptor.preopen.as_deref().filter(|path| path.contains('\0')) {
                return Err(WasiError::InvalidString { string: path.into() });
            }
            table.push(descriptor).map_err(|_| WasiError::TooMany)?;
        }
        let clocks = said.clocks.unwrap_or_else(Clocks::system);
        if let Clocks::Fixed { realtime, .. } = clocks {
            for files in said.memories {
                files.fix_time(realtime);
            }
        }
        Ok(WasiCtx { args, env, table, clocks, random: said.random, deadline: None, expired: false })
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && !name.contains('=')
}

fn push(strings: &mut Strings, string: &str) -> Result<(), WasiError> {
    if string.contains('\0') {
        return Err(WasiError::InvalidString { string: string.into() });
    }
    if strings.push(string) { Ok(()) } else { Err(WasiError::TooMany) }
}
