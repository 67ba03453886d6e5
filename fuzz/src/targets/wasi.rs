//! Hostile calls of WASI over a file system in memory and over directories of the host: no panic, nothing outside of
//! the directories changes, read-only directories do not change, limits hold.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tempfile::TempDir;
use wasmote::{Engine, Instance, Linker, Memory, Module, Store, Val};
use wasmote_bombs::heap::ThisThread;
use wasmote_generate::Random;
use wasmote_wasi::{MemoryFileSystem, WasiCtx, WasiCtxBuilder, WasiVersion, add_to_linker};

use crate::{inputs::seed_of, machine::digest, tally};

/// Names and parameters of all functions: `f` a descriptor, `p` a path, `v` an array of buffers, `b` a buffer (each of
/// these three an address and a length), `o` an address for results, `x` flags, `n` a number, `N` a 64-bit one, `R`
/// rights.
const FUNCTIONS: [(&str, &str); 46] = [
    ("args_get", "oo"),
    ("args_sizes_get", "oo"),
    ("environ_get", "oo"),
    ("environ_sizes_get", "oo"),
    ("clock_res_get", "no"),
    ("clock_time_get", "nNo"),
    ("fd_advise", "fNNx"),
    ("fd_allocate", "fNN"),
    ("fd_close", "f"),
    ("fd_datasync", "f"),
    ("fd_fdstat_get", "fo"),
    ("fd_fdstat_set_flags", "fx"),
    ("fd_fdstat_set_rights", "fRR"),
    ("fd_filestat_get", "fo"),
    ("fd_filestat_set_size", "fN"),
    ("fd_filestat_set_times", "fNNx"),
    ("fd_pread", "fvNo"),
    ("fd_prestat_get", "fo"),
    ("fd_prestat_dir_name", "fb"),
    ("fd_pwrite", "fvNo"),
    ("fd_read", "fvo"),
    ("fd_readdir", "fbNo"),
    ("fd_renumber", "ff"),
    ("fd_seek", "fNxo"),
    ("fd_sync", "f"),
    ("fd_tell", "fo"),
    ("fd_write", "fvo"),
    ("path_create_directory", "fp"),
    ("path_filestat_get", "fxpo"),
    ("path_filestat_set_times", "fxpNNx"),
    ("path_link", "fxpfp"),
    ("path_open", "fxpxRRxo"),
    ("path_readlink", "fpbo"),
    ("path_remove_directory", "fp"),
    ("path_rename", "fpfp"),
    ("path_symlink", "pfp"),
    ("path_unlink_file", "fp"),
    ("poll_oneoff", "oono"),
    ("proc_exit", "n"),
    ("proc_raise", "n"),
    ("sched_yield", ""),
    ("random_get", "b"),
    ("sock_accept", "fxo"),
    ("sock_recv", "fvxoo"),
    ("sock_send", "fvxo"),
    ("sock_shutdown", "fx"),
];

/// The size of the program's memory.
const MEMORY: u32 = 0x1_0000;
/// The addresses of paths, of arrays of buffers, and of buffers.
const PATHS: u32 = 0x4000;
const ARRAYS: u32 = 0x2000;
const BUFFERS: u32 = 0x8000;
/// The most bytes of the file system in memory.
const FILES: u64 = 1 << 20;
/// The most bytes on the heap at one time.
const HEAP: isize = 32 << 20;
/// The largest size and offset in files of the host.
const HOST_SIZE: u64 = 1 << 20;

/// Makes an input.
pub fn input(random: &mut Random) -> Vec<u8> {
    let len = random.pick(&[8, 64, 300]);
    random.bytes(len)
}

/// Runs an input.
///
/// # Panics
///
/// If a program leaves its sandbox.
pub fn run(data: &[u8]) {
    let mut random = Random(seed_of(data));
    let calls = data.len() as u64 * 2;
    let version = if random.once_in(4) { WasiVersion::Snapshot0 } else { WasiVersion::Snapshot1 };
    if random.once_in(2) {
        in_memory(&mut random, version, calls);
    } else {
        on_host(&mut random, version, calls);
    }
}

fn in_memory(random: &mut Random, version: WasiVersion, calls: u64) {
    let (rw, ro, outside) = (MemoryFileSystem::with_limit(FILES), MemoryFileSystem::new(), MemoryFileSystem::new());
    for files in [&ro, &outside] {
        files.write("file", "constant").expect("an empty file system");
        files.write("sub/file", "constant").expect("an empty file system");
    }
    rw.write("file", "data").expect("an empty file system");
    let mut builder = builder();
    builder.preopened_memory(&rw, "/rw").preopened_memory_read_only(&ro, "/ro");
    let ctx = builder.build().expect("valid options");
    let ((), cost) = ThisThread::measure(|| storm(random, version, ctx, calls, "/secret", u64::MAX));
    assert!(cost.peak < HEAP, "{} bytes on the heap", cost.peak);
    for files in [&ro, &outside] {
        assert_eq!(files.names(".").expect("a directory"), ["file", "sub"]);
        assert_eq!(files.read("file").expect("a file"), b"constant");
        assert_eq!(files.names("sub").expect("a directory"), ["file"]);
    }
}

fn on_host(random: &mut Random, version: WasiVersion, calls: u64) {
    let dir = TempDir::new().expect("a new directory");
    let at = |path: &str| dir.path().join(path);
    for path in ["rw", "ro", "ro/sub", "outside"] {
        fs::create_dir(at(path)).expect("a new directory");
    }
    for path in ["ro/file", "ro/sub/file", "outside/file", "secret"] {
        fs::write(at(path), "constant").expect("a new file");
    }
    fs::write(at("rw/file"), "data").expect("a new file");
    let before = fingerprint(dir.path());
    let mut builder = builder();
    builder.preopened_dir(at("rw"), "/rw").expect("a directory");
    builder.preopened_dir_read_only(at("ro"), "/ro").expect("a directory");
    let ctx = builder.build().expect("valid options");
    let secret = at("secret").display().to_string();
    let ((), cost) = ThisThread::measure(|| storm(random, version, ctx, calls, &secret, HOST_SIZE));
    assert!(cost.peak < HEAP, "{} bytes on the heap", cost.peak);
    assert_eq!(before, fingerprint(dir.path()), "something outside of the writable directory changed");
}

/// Returns the files below a directory with their contents and permissions, but for what the program may write.
fn fingerprint(dir: &Path) -> Vec<(PathBuf, u64, bool)> {
    let mut found = Vec::new();
    let mut left = vec![dir.to_owned()];
    while let Some(path) = left.pop() {
        if path == dir.join("rw") {
            continue;
        }
        let meta = fs::symlink_metadata(&path).expect("it exists");
        let content = if meta.is_dir() {
            left.extend(fs::read_dir(&path).expect("a directory").flatten().map(|entry| entry.path()));
            0
        } else {
            digest(&fs::read(&path).expect("a file"))
        };
        found.push((path, content, meta.permissions().readonly()));
    }
    found.sort();
    found
}

fn builder() -> WasiCtxBuilder {
    let mut builder = WasiCtxBuilder::new();
    builder
        .args(["program", "argument"])
        .env("NAME", "value")
        .stdin_bytes(*b"standard input")
        .fixed_clocks(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000), Duration::from_millis(1))
        .seeded_random(1)
        .max_descriptors(48);
    builder
}

/// A program that exports all functions.
struct Program {
    store: Store<WasiCtx>,
    instance: Instance,
    memory: Memory,
    /// The paths: where each is, and its length.
    paths: Vec<(u32, u32)>,
}

fn source(version: WasiVersion) -> String {
    let module = version.module_name();
    let (mut imports, mut exports) = (String::new(), String::new());
    for (name, params) in functions(version) {
        let types: String = params.chars().map(types).collect();
        let count = types.split_whitespace().count();
        let result = if name == "proc_exit" { "" } else { "(result i32)" };
        let gets: String = (0..count).map(|index| format!(" (local.get {index})")).collect();
        imports += &format!("(import \"{module}\" \"{name}\" (func ${name} (param{types}) {result}))\n");
        exports += &format!("(func (export \"{name}\") (param{types}) {result} (call ${name}{gets}))\n");
    }
    format!("(module {imports} (memory (export \"memory\") 1 1) {exports})")
}

fn functions(version: WasiVersion) -> impl Iterator<Item = (&'static str, &'static str)> {
    FUNCTIONS.into_iter().filter(move |(name, _)| version != WasiVersion::Snapshot0 || *name != "sock_accept")
}

fn types(kind: char) -> &'static str {
    match kind {
        'p' | 'v' | 'b' => " i32 i32",
        'N' | 'R' => " i64",
        _ => " i32",
    }
}

/// Calls functions with arguments that are often nearly right.
fn storm(random: &mut Random, version: WasiVersion, ctx: WasiCtx, calls: u64, secret: &str, most: u64) {
    let mut program = Program::new(version, ctx, secret);
    let functions: Vec<_> = functions(version).collect();
    for _ in 0..calls {
        // Buffers that a call may have overwritten.
        if random.once_in(4) {
            program.arrays(random);
        }
        let (name, params) = random.pick(&functions);
        let mut args = Vec::new();
        for kind in params.chars() {
            program.argument(random, kind, most, &mut args);
        }
        // To fill the disk of the host is allowed.
        if most < u64::MAX && matches!(name, "fd_seek" | "fd_allocate" | "fd_filestat_set_size" | "fd_pwrite") {
            for arg in &mut args {
                if let Val::I64(number) = arg {
                    *number %= HOST_SIZE.cast_signed();
                }
            }
        }
        let func = program.instance.get_func(&program.store, name).expect("an export");
        let mut results = [Val::I32(0)];
        let count = usize::from(name != "proc_exit");
        // It may exit.
        if func.call(&mut program.store, &args, &mut results[..count]).is_ok() && count == 1 {
            let errno = results[0].i32().expect("an error code");
            assert!((0..=76).contains(&errno), "{name} returns {errno}");
            tally::add(if errno == 0 { "calls that succeed" } else { "calls that fail" }, 1);
        }
    }
}

impl Program {
    fn new(version: WasiVersion, ctx: WasiCtx, secret: &str) -> Self {
        let engine = Engine::default();
        let module = Module::new(&engine, source(version)).expect("a valid module");
        let mut linker = Linker::new(&engine);
        add_to_linker(&mut linker, version, |ctx| ctx).expect("new names");
        let mut store = Store::new(&engine, ctx);
        let instance = linker.instantiate_and_start(&mut store, &module).expect("all imports are defined");
        let memory = instance.get_memory(&store, "memory").expect("an export");
        let mut program = Self { store, instance, memory, paths: Vec::new() };
        program.paths(secret);
        program
    }

    fn put(&mut self, at: u32, bytes: &[u8]) {
        self.memory.write(&mut self.store, at as usize, bytes).expect("inside of the memory");
    }

    /// Writes the paths into the memory.
    fn paths(&mut self, secret: &str) {
        let long = "n".repeat(300);
        let deep = "sub/".repeat(40);
        let paths: [&[u8]; 32] = [
            b"file",
            b"file",
            b"new",
            b"new",
            b"sub",
            b"sub",
            b"sub/file",
            b"sub/new",
            b"link",
            b"link",
            b"link/secret",
            b"link/file",
            b"sub/link",
            b".",
            b"..",
            b"../secret",
            b"../outside",
            b"../ro/file",
            b"sub/../../secret",
            b"sub/../file",
            b"link/../../secret",
            b"/",
            secret.as_bytes(),
            b"",
            b"file/",
            b"sub/./file",
            b"sub//file",
            b"a\0b",
            b"\xff\xfe",
            b"...",
            long.as_bytes(),
            deep.as_bytes(),
        ];
        let mut at = PATHS;
        for path in paths {
            self.put(at, path);
            self.paths.push((at, path.len() as u32));
            at += path.len() as u32 + 1;
        }
    }

    /// Writes arrays of buffers, which are subscriptions to poll as well.
    fn arrays(&mut self, random: &mut Random) {
        for index in 0..64 {
            let address =
                if random.once_in(12) { random.integer() as u32 } else { BUFFERS + random.below(0x4000) as u32 };
            let len = if random.once_in(12) { random.integer() as u32 } else { random.below(600) as u32 };
            self.put(ARRAYS + index * 8, &address.to_le_bytes());
            self.put(ARRAYS + index * 8 + 4, &len.to_le_bytes());
        }
        for index in 0..random.below(4) as u32 {
            self.put(ARRAYS + 48 * index + 8, &[random.below(4) as u8, 0, 0, 0, 0, 0, 0, 0, random.below(5) as u8]);
        }
    }

    fn argument(&mut self, random: &mut Random, kind: char, most: u64, args: &mut Vec<Val>) {
        let hostile = random.once_in(10);
        let number = if random.once_in(2) { random.integer() } else { random.below(20) };
        let at = |random: &mut Random| {
            if random.once_in(10) { MEMORY - random.below(40) as u32 } else { BUFFERS + random.below(0x4000) as u32 }
        };
        let i32 = |number: u32| Val::I32(number.cast_signed());
        match kind {
            'p' | 'v' | 'b' if hostile => args.extend([i32(number as u32), i32(random.integer() as u32)]),
            'N' => args.push(Val::I64((number % most).cast_signed())),
            'R' => {
                let all = (1 << 30) - 1;
                let rights = random.pick(&[all, all, all, 0, u64::MAX, number]);
                args.push(Val::I64(rights.cast_signed()));
            }
            _ if hostile => args.push(i32(number as u32)),
            'f' => {
                let most = random.pick(&[5, 5, 9, 20]);
                args.push(i32(random.below(most) as u32));
            }
            'p' => {
                let (at, len) = random.pick(&self.paths);
                args.extend([i32(at), i32(len)]);
            }
            'v' => args.extend([i32(ARRAYS + 8 * random.below(60) as u32), i32(random.below(5) as u32)]),
            'b' => args.extend([i32(at(random)), i32(random.below(2000) as u32)]),
            'o' if random.once_in(3) => args.push(i32(ARRAYS)),
            'o' => args.push(i32(at(random) & !7)),
            'x' => args.push(i32(random.below(16) as u32)),
            _ => args.push(i32(random.below(8) as u32)),
        }
    }
}
