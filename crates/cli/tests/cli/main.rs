//! The built program on small modules: each command, exit statuses, messages.

mod compile;
mod dump;
mod imports;
mod limits;
mod places;
mod run;
mod shell;
#[cfg(unix)]
mod streams;
mod threads;
mod time;
mod validate;
mod wasi;
mod wast;

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_wasmote");

/// A directory that is removed when the test ends.
struct Dir(PathBuf);

impl Dir {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("wasmote-cli-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("a directory can be made");
        Self(path)
    }

    /// Writes a file and the directories that contain it.
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("the file is in the directory")).expect("directories can be made");
        fs::write(&path, content).expect("the file can be written");
        text(&path)
    }

    fn path(&self) -> String {
        text(&self.0)
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("the path is UTF-8").into()
}

/// The result of a run of the program.
#[derive(Debug)]
struct Outcome {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Outcome {
    /// Asserts success and returns standard output.
    #[track_caller]
    fn printed(&self) -> &str {
        assert_eq!((self.status, self.stderr.as_str()), (0, ""), "{self:?}");
        &self.stdout
    }

    /// Asserts a failure whose message contains all of `parts`.
    #[track_caller]
    fn failed(&self, status: i32, parts: &[&str]) {
        assert_eq!(self.status, status, "{self:?}");
        for part in parts {
            assert!(self.stderr.contains(part), "no {part:?} in:\n{}", self.stderr);
        }
        assert!(!self.stderr.contains("panicked"), "{self:?}");
    }

    /// Asserts that a trap shows these calls, innermost first: the names of module and function. Each has an offset.
    #[track_caller]
    fn trapped_in(&self, calls: &[&str]) {
        assert_eq!(self.status, 134, "{self:?}");
        let (_, lines) = self.stderr.split_once("  calls: ").unwrap_or_else(|| panic!("no calls: {self:?}"));
        let mut lines = lines.lines();
        for (number, name) in calls.iter().enumerate() {
            let line = lines.next().unwrap_or_else(|| panic!("no call {number}: {self:?}"));
            let offset = line.trim().strip_prefix(&format!("{number}: ")).and_then(|rest| rest.strip_suffix(name));
            let offset = offset.and_then(|offset| offset.trim().strip_prefix("0x")?.strip_suffix(" -"));
            assert!(offset.is_some_and(|offset| u32::from_str_radix(offset, 16).is_ok()), "{number}, {name}: {self:?}");
        }
    }
}

fn wasmote(args: &[&str]) -> Outcome {
    wasmote_with(args, b"")
}

/// Calls an exported function of a module.
fn invoke(file: &str, name: &str, args: &[&str]) -> Outcome {
    wasmote(&[&["run", "--invoke", name, file], args].concat())
}

/// Runs the program with standard input.
fn wasmote_with(args: &[&str], input: &[u8]) -> Outcome {
    let mut command = Command::new(PROGRAM);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut program = command.spawn().expect("the program runs");
    // The program may end without reading everything.
    let _ = program.stdin.take().expect("it is piped").write_all(input);
    let output = program.wait_with_output().expect("the program ends");
    Outcome {
        status: output.status.code().expect("the program was not killed"),
        stdout: String::from_utf8(output.stdout).expect("the output is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("the messages are UTF-8"),
    }
}

/// Functions of many types.
const FUNCS: &str = r#"(module
    (memory (export "memory") 1)
    (table 10 funcref)
    (global (export "g") i32 (i32.const 1))
    (func $add (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "vector") (param v128) (result v128) (local.get 0))
    (func (export "id64") (param i64) (result i64) (local.get 0))
    (func (export "floats") (param f32 f64) (result f64 f32) (local.get 1) (local.get 0))
    (func (export "refs") (param funcref externref) (result externref funcref) (local.get 1) (local.get 0))
    (func $fac (export "fac") (param $n i64) (result i64)
        (if (result i64) (i64.eqz (local.get $n))
            (then (i64.const 1))
            (else (i64.mul (local.get $n) (call $fac (i64.sub (local.get $n) (i64.const 1)))))))
    (func $forever (export "forever") (call $forever))
    (func (export "spin") (loop (br 0)))
    (func (export "fail") unreachable)
    (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
)"#;
