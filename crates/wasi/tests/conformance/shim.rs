//! A program that exports every function of WASI, and ways to call it.

use tempfile::TempDir;
use wasmote::{Config, Engine, Error, Instance, Linker, Memory, Module, Store, Val};
use wasmote_wasi::{MemoryFileSystem, WasiCtx, WasiCtxBuilder, WasiVersion, add_to_linker};

/// Names and parameters of all functions; `i` is an `i32`, `I` an `i64`. All return an `i32`, except `proc_exit`.
pub(crate) const FUNCTIONS: [(&str, &str); 46] = [
    ("args_get", "ii"),
    ("args_sizes_get", "ii"),
    ("environ_get", "ii"),
    ("environ_sizes_get", "ii"),
    ("clock_res_get", "ii"),
    ("clock_time_get", "iIi"),
    ("fd_advise", "iIIi"),
    ("fd_allocate", "iII"),
    ("fd_close", "i"),
    ("fd_datasync", "i"),
    ("fd_fdstat_get", "ii"),
    ("fd_fdstat_set_flags", "ii"),
    ("fd_fdstat_set_rights", "iII"),
    ("fd_filestat_get", "ii"),
    ("fd_filestat_set_size", "iI"),
    ("fd_filestat_set_times", "iIIi"),
    ("fd_pread", "iiiIi"),
    ("fd_prestat_get", "ii"),
    ("fd_prestat_dir_name", "iii"),
    ("fd_pwrite", "iiiIi"),
    ("fd_read", "iiii"),
    ("fd_readdir", "iiiIi"),
    ("fd_renumber", "ii"),
    ("fd_seek", "iIii"),
    ("fd_sync", "i"),
    ("fd_tell", "ii"),
    ("fd_write", "iiii"),
    ("path_create_directory", "iii"),
    ("path_filestat_get", "iiiii"),
    ("path_filestat_set_times", "iiiiIIi"),
    ("path_link", "iiiiiii"),
    ("path_open", "iiiiiIIii"),
    ("path_readlink", "iiiiii"),
    ("path_remove_directory", "iii"),
    ("path_rename", "iiiiii"),
    ("path_symlink", "iiiii"),
    ("path_unlink_file", "iii"),
    ("poll_oneoff", "iiii"),
    ("proc_exit", "i"),
    ("proc_raise", "i"),
    ("sched_yield", ""),
    ("random_get", "ii"),
    ("sock_accept", "iii"),
    ("sock_recv", "iiiiii"),
    ("sock_send", "iiiii"),
    ("sock_shutdown", "ii"),
];

/// The environment variable with which programs have a shared memory.
pub(crate) const SHARED: &str = "WASMOTE_TEST_SHARED";

/// The program's memory, in bytes.
pub(crate) const MEMORY: u32 = 0x1_0000;
/// The address of results.
pub(crate) const OUT: u32 = 0x100;
/// The address of paths and data.
const TEXT: u32 = 0x1000;
const OTHER_TEXT: u32 = 0x3000;
/// The address of arrays of buffers.
pub(crate) const BUFFERS: u32 = 0x200;
/// The address of bytes that are read.
pub(crate) const DATA: u32 = 0x8000;

/// All rights.
pub(crate) const ALL: u64 = (1 << 30) - 1;
pub(crate) const READ: u64 = 1 << 1;
pub(crate) const SEEK: u64 = 1 << 2;
pub(crate) const WRITE: u64 = 1 << 6;

/// Flags of `path_open`.
pub(crate) const CREAT: u32 = 1;
pub(crate) const DIRECTORY: u32 = 2;
pub(crate) const EXCL: u32 = 4;
pub(crate) const TRUNC: u32 = 8;

/// Error codes.
pub(crate) mod errno {
    pub(crate) const OK: i32 = 0;
    pub(crate) const AGAIN: i32 = 6;
    pub(crate) const BADF: i32 = 8;
    pub(crate) const EXIST: i32 = 20;
    pub(crate) const FAULT: i32 = 21;
    pub(crate) const FBIG: i32 = 22;
    pub(crate) const ILSEQ: i32 = 25;
    pub(crate) const INVAL: i32 = 28;
    pub(crate) const ISDIR: i32 = 31;
    pub(crate) const LOOP: i32 = 32;
    pub(crate) const MFILE: i32 = 33;
    pub(crate) const NAMETOOLONG: i32 = 37;
    pub(crate) const NOENT: i32 = 44;
    pub(crate) const NOSPC: i32 = 51;
    pub(crate) const NOTCONN: i32 = 53;
    pub(crate) const NOTDIR: i32 = 54;
    pub(crate) const NOTEMPTY: i32 = 55;
    pub(crate) const NOTSOCK: i32 = 57;
    pub(crate) const NOTSUP: i32 = 58;
    pub(crate) const PERM: i32 = 63;
    pub(crate) const SPIPE: i32 = 70;
    pub(crate) const XDEV: i32 = 75;
    pub(crate) const NOTCAPABLE: i32 = 76;
}

/// An argument of a function.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Arg {
    I32(u32),
    I64(u64),
}

impl From<u32> for Arg {
    fn from(value: u32) -> Self {
        Self::I32(value)
    }
}

impl From<u64> for Arg {
    fn from(value: u64) -> Self {
        Self::I64(value)
    }
}

/// Calls a function of a program, and returns its error code.
macro_rules! call {
    ($program:expr, $name:ident $(, $arg:expr)* $(,)?) => {
        $program.call(stringify!($name), &[$($crate::shim::Arg::from($arg)),*])
    };
}
pub(crate) use call;

/// Runs a test in the host's directories and in memory; after `strictly`, with all rights enforced.
macro_rules! in_both {
    ($($(#[$attr:meta])* fn $name:ident($program:ident: $ty:ty) $body:block)*) => {
        $crate::shim::in_both! { @with (host, memory) $($(#[$attr])* fn $name($program: $ty) $body)* }
    };
    (strictly $($(#[$attr:meta])* fn $name:ident($program:ident: $ty:ty) $body:block)*) => {
        $crate::shim::in_both! { @with (strict_host, strict_memory) $($(#[$attr])* fn $name($program: $ty) $body)* }
    };
    (@with $makers:tt $($(#[$attr:meta])* fn $name:ident($program:ident: $ty:ty) $body:block)*) => { $(
        $crate::shim::in_both! { @one $makers $(#[$attr])* fn $name($program: $ty) $body }
    )* };
    (@one ($host:ident, $memory:ident) $(#[$attr:meta])* fn $name:ident($program:ident: $ty:ty) $body:block) => {
        $(#[$attr])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            fn test($program: $ty) $body

            #[test]
            fn host() {
                test(&mut $crate::shim::Program::$host());
            }

            #[test]
            fn memory() {
                test(&mut $crate::shim::Program::$memory());
            }
        }
    };
}
pub(crate) use in_both;

/// The files of a program.
pub(crate) enum Files {
    None,
    Host(TempDir),
    Memory(MemoryFileSystem),
}

/// The program.
pub(crate) struct Program {
    store: Store<WasiCtx>,
    instance: Instance,
    memory: Memory,
    pub(crate) files: Files,
}

fn source(version: WasiVersion) -> String {
    let module = version.module_name();
    let functions = FUNCTIONS.iter().filter(|(name, _)| version != WasiVersion::Snapshot0 || *name != "sock_accept");
    let (mut imports, mut exports) = (String::new(), String::new());
    for (name, params) in functions {
        let types: String = params.chars().map(|c| if c == 'i' { " i32" } else { " i64" }).collect();
        let result = if *name == "proc_exit" { "" } else { "(result i32)" };
        let gets: String = (0..params.len()).map(|index| format!(" (local.get {index})")).collect();
        imports += &format!("(import \"{module}\" \"{name}\" (func ${name} (param{types}) {result}))\n");
        exports += &format!("(func (export \"{name}\") (param{types}) {result} (call ${name}{gets}))\n");
    }
    let shared = if std::env::var_os(SHARED).is_some() { "shared" } else { "" };
    format!("(module {imports} (memory (export \"memory\") 1 1 {shared}) {exports})")
}

impl Program {
    /// Makes a program of a version with a context.
    pub(crate) fn with(version: WasiVersion, ctx: WasiCtx, files: Files) -> Self {
        let engine = Engine::new(Config::default().wasm_threads(true).epoch_interruption(true));
        Self::on(&engine, version, ctx, files)
    }

    /// Makes a program on an engine that meters fuel. It has none yet.
    pub(crate) fn metered(builder: &mut WasiCtxBuilder) -> Self {
        let engine = Engine::new(Config::default().wasm_threads(true).consume_fuel(true));
        Self::on(&engine, WasiVersion::Snapshot1, builder.build().unwrap(), Files::None)
    }

    fn on(engine: &Engine, version: WasiVersion, ctx: WasiCtx, files: Files) -> Self {
        let module = Module::new(engine, source(version)).unwrap();
        assert_eq!(WasiVersion::detect(&module), Some(version));
        let mut linker = Linker::new(engine);
        add_to_linker(&mut linker, version, |ctx| ctx).unwrap();
        let mut store = Store::new(engine, ctx);
        let _ = store.set_fuel(1 << 40);
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        let memory = instance.get_memory(&store, "memory").unwrap();
        Self { store, instance, memory, files }
    }

    /// Makes a program of preview 1 without files.
    pub(crate) fn new(builder: &mut WasiCtxBuilder) -> Self {
        Self::with(WasiVersion::Snapshot1, builder.build().unwrap(), Files::None)
    }

    /// Makes a program with two directories of the host: 3 is writable, 4 is read-only.
    pub(crate) fn host() -> Self {
        Self::host_with(WasiCtxBuilder::new().strict_rights(false))
    }

    /// Makes the same program with all rights enforced.
    pub(crate) fn strict_host() -> Self {
        Self::host_with(WasiCtxBuilder::new().strict_rights(true))
    }

    fn host_with(builder: &mut WasiCtxBuilder) -> Self {
        let dir = TempDir::new().unwrap();
        std::fs::create_dir(dir.path().join("rw")).unwrap();
        std::fs::create_dir(dir.path().join("ro")).unwrap();
        std::fs::write(dir.path().join("ro/file"), "constant").unwrap();
        std::fs::create_dir(dir.path().join("ro/sub")).unwrap();
        std::fs::write(dir.path().join("secret"), "secret").unwrap();
        let ctx = builder
            .preopened_dir(dir.path().join("rw"), "/rw")
            .unwrap()
            .preopened_dir_read_only(dir.path().join("ro"), "/ro")
            .unwrap()
            .max_descriptors(64)
            .build()
            .unwrap();
        Self::with(WasiVersion::Snapshot1, ctx, Files::Host(dir))
    }

    /// Makes the same program with directories in memory.
    pub(crate) fn memory() -> Self {
        Self::memory_with(WasiCtxBuilder::new().strict_rights(false))
    }

    /// Makes the same program with all rights enforced.
    pub(crate) fn strict_memory() -> Self {
        Self::memory_with(WasiCtxBuilder::new().strict_rights(true))
    }

    fn memory_with(builder: &mut WasiCtxBuilder) -> Self {
        let (rw, ro) = (MemoryFileSystem::with_limit(1 << 20), MemoryFileSystem::new());
        ro.write("file", "constant").unwrap();
        ro.create_directory("sub").unwrap();
        let ctx = builder
            .preopened_memory(&rw, "/rw")
            .preopened_memory_read_only(&ro, "/ro")
            .max_descriptors(64)
            .build()
            .unwrap();
        Self::with(WasiVersion::Snapshot1, ctx, Files::Memory(rw))
    }

    /// Returns the fuel of the program.
    pub(crate) fn fuel(&self) -> u64 {
        self.store.get_fuel().unwrap()
    }

    pub(crate) fn set_fuel(&mut self, fuel: u64) {
        self.store.set_fuel(fuel).unwrap();
    }

    /// Returns the context of the program.
    pub(crate) fn ctx(&mut self) -> &mut WasiCtx {
        self.store.data_mut()
    }

    /// Returns the store.
    pub(crate) fn store(&mut self) -> &mut Store<WasiCtx> {
        &mut self.store
    }

    /// Calls a function, and returns its error code.
    pub(crate) fn call(&mut self, name: &str, args: &[Arg]) -> i32 {
        self.try_call(name, args).unwrap()
    }

    /// Calls a function that may trap.
    pub(crate) fn try_call(&mut self, name: &str, args: &[Arg]) -> Result<i32, Error> {
        let args: Vec<_> = args
            .iter()
            .map(|&arg| match arg {
                Arg::I32(value) => Val::I32(value.cast_signed()),
                Arg::I64(value) => Val::I64(value.cast_signed()),
            })
            .collect();
        let func = self.instance.get_func(&self.store, name).unwrap();
        let mut results = [Val::I32(0)];
        let count = usize::from(name != "proc_exit");
        func.call(&mut self.store, &args, &mut results[..count])?;
        Ok(results[0].i32().unwrap())
    }

    /// Reads bytes of the memory.
    pub(crate) fn bytes(&self, at: u32, len: u32) -> Vec<u8> {
        let mut bytes = vec![0; len as usize];
        self.memory.read(&self.store, at as usize, &mut bytes).unwrap();
        bytes
    }

    /// Writes to the memory.
    pub(crate) fn put(&mut self, at: u32, bytes: &[u8]) {
        self.memory.write(&mut self.store, at as usize, bytes).unwrap();
    }

    pub(crate) fn u16(&self, at: u32) -> u16 {
        u16::from_le_bytes(self.bytes(at, 2).try_into().unwrap())
    }

    pub(crate) fn u32(&self, at: u32) -> u32 {
        u32::from_le_bytes(self.bytes(at, 4).try_into().unwrap())
    }

    pub(crate) fn u64(&self, at: u32) -> u64 {
        u64::from_le_bytes(self.bytes(at, 8).try_into().unwrap())
    }

    /// Puts a text into the memory.
    pub(crate) fn text(&mut self, text: impl AsRef<[u8]>) -> (u32, u32) {
        self.put(TEXT, text.as_ref());
        (TEXT, text.as_ref().len() as u32)
    }

    /// Puts a second text into the memory.
    pub(crate) fn other_text(&mut self, text: impl AsRef<[u8]>) -> (u32, u32) {
        self.put(OTHER_TEXT, text.as_ref());
        (OTHER_TEXT, text.as_ref().len() as u32)
    }

    /// Puts an array of buffers into the memory.
    pub(crate) fn buffers(&mut self, buffers: &[(u32, u32)]) -> (u32, u32) {
        for (index, (address, len)) in (0_u32..).zip(buffers) {
            self.put(BUFFERS + index * 8, &address.to_le_bytes());
            self.put(BUFFERS + index * 8 + 4, &len.to_le_bytes());
        }
        (BUFFERS, buffers.len() as u32)
    }

    /// Opens a path below a directory, with all parameters.
    pub(crate) fn open_with(
        &mut self,
        dir: u32,
        path: impl AsRef<[u8]>,
        lookup: u32,
        open: u32,
        rights: (u64, u64),
        flags: u32,
    ) -> Result<u32, i32> {
        let (at, len) = self.text(path);
        let (base, inheriting) = rights;
        match call!(self, path_open, dir, lookup, at, len, open, base, inheriting, flags, OUT) {
            0 => Ok(self.u32(OUT)),
            errno => Err(errno),
        }
    }

    /// Opens a file below directory 3 to read and write it.
    pub(crate) fn open(&mut self, path: &str, open: u32) -> Result<u32, i32> {
        self.open_with(3, path, 1, open, (ALL, ALL), 0)
    }

    /// Opens a directory below another one.
    pub(crate) fn open_directory(&mut self, dir: u32, path: &str) -> Result<u32, i32> {
        self.open_with(dir, path, 1, DIRECTORY, (ALL & !WRITE, ALL), 0)
    }

    /// Creates a file below directory 3.
    pub(crate) fn file(&mut self, path: &str, contents: &[u8]) {
        let fd = self.open(path, CREAT | TRUNC).unwrap();
        assert_eq!(self.write(fd, contents), Ok(contents.len() as u32));
        assert_eq!(call!(self, fd_close, fd), 0);
    }

    /// Returns the contents of a file below directory 3.
    pub(crate) fn contents(&mut self, path: &str) -> Result<Vec<u8>, i32> {
        let fd = self.open_with(3, path, 1, 0, (READ | SEEK, 0), 0)?;
        let bytes = self.read(fd, 4096);
        assert_eq!(call!(self, fd_close, fd), 0);
        bytes
    }

    /// Writes to a descriptor.
    pub(crate) fn write(&mut self, fd: u32, bytes: &[u8]) -> Result<u32, i32> {
        self.put(DATA, bytes);
        let (at, count) = self.buffers(&[(DATA, bytes.len() as u32)]);
        match call!(self, fd_write, fd, at, count, OUT) {
            0 => Ok(self.u32(OUT)),
            errno => Err(errno),
        }
    }

    /// Reads from a descriptor.
    pub(crate) fn read(&mut self, fd: u32, len: u32) -> Result<Vec<u8>, i32> {
        let (at, count) = self.buffers(&[(DATA, len)]);
        match call!(self, fd_read, fd, at, count, OUT) {
            0 => Ok(self.bytes(DATA, self.u32(OUT))),
            errno => Err(errno),
        }
    }

    /// Calls a function that takes a directory and a path.
    pub(crate) fn on_path(&mut self, name: &str, dir: u32, path: impl AsRef<[u8]>) -> i32 {
        let (at, len) = self.text(path);
        self.call(name, &[dir.into(), at.into(), len.into()])
    }

    /// Calls `path_rename` or `path_link`.
    pub(crate) fn on_paths(&mut self, name: &str, from: (u32, &str), to: (u32, &str)) -> i32 {
        let (old, old_len) = self.text(from.1);
        let (new, new_len) = self.other_text(to.1);
        let mut args: Vec<Arg> = vec![from.0.into(), old.into(), old_len.into()];
        if name == "path_link" {
            args.insert(1, 0_u32.into());
        }
        args.extend([Arg::from(to.0), new.into(), new_len.into()]);
        self.call(name, &args)
    }

    /// Creates a symbolic link below directory 3.
    pub(crate) fn symlink(&mut self, target: &str, path: &str) -> i32 {
        let (at, len) = self.text(target);
        let (path, path_len) = self.other_text(path);
        call!(self, path_symlink, at, len, 3_u32, path, path_len)
    }

    /// Stores the attributes of a path at [`DATA`].
    pub(crate) fn stat(&mut self, dir: u32, path: &str, lookup: u32) -> i32 {
        let (at, len) = self.text(path);
        call!(self, path_filestat_get, dir, lookup, at, len, DATA)
    }
}
