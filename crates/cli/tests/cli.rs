//! The built program on small modules: each command, exit statuses, messages.

use std::{
    env, fs,
    io::Read,
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

    /// Writes a file, and the directories it is in.
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

/// What came of a run of the program.
#[derive(Debug)]
struct Outcome {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Outcome {
    /// Asserts success; the result is what was printed.
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
}

fn wasmote(args: &[&str]) -> Outcome {
    let output = Command::new(PROGRAM).args(args).output().expect("the program runs");
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

#[test]
fn run_calls_the_function_named() {
    let dir = Dir::new();
    let file = dir.file("funcs.wat", FUNCS);
    let call = |args: &[&str]| wasmote(&[&["run", &file, "--invoke"], args].concat());
    assert_eq!(call(&["add", "40", "2"]).printed(), "42\n");
    assert_eq!(call(&["add", "-40", "-0x2"]).printed(), "-42\n");
    assert_eq!(call(&["add", "4294967295", "0"]).printed(), "-1\n");
    assert_eq!(call(&["id64", "-9223372036854775808"]).printed(), "-9223372036854775808\n");
    assert_eq!(call(&["id64", "0xffffffffffffffff"]).printed(), "-1\n");
    assert_eq!(call(&["floats", "-inf", "-1.5e3"]).printed(), "-1500\n-inf\n");
    assert_eq!(call(&["floats", "nan", "0.1"]).printed(), "0.1\nNaN\n");
    assert_eq!(call(&["refs", "null", "null"]).printed(), "null\nnull\n");
    // Options before the file, arguments behind `--`, and the short form.
    assert_eq!(wasmote(&["run", "--invoke", "add", &file, "--", "-1", "-2"]).printed(), "-3\n");
    assert_eq!(wasmote(&[&file, "--invoke", "fac", "5"]).printed(), "120\n");
}

#[test]
fn run_takes_all_modes() {
    let dir = Dir::new();
    let file = dir.file("funcs.wat", FUNCS);
    for mode in ["eager", "lazy", "lazy-translation"] {
        let run = ["run", "--mode", mode, "--invoke", "fac", &file, "20"];
        assert_eq!(wasmote(&run).printed(), "2432902008176640000\n");
        assert_eq!(
            wasmote(&[&run[..1], &["--portable-dispatch"], &run[1..]].concat()).printed(),
            "2432902008176640000\n"
        );
    }
}

#[test]
fn run_finds_the_function_to_call() {
    let dir = Dir::new();
    let func = |name: &str| format!(r#"(func (export "{name}") (result i32) (i32.const {}))"#, name.len());
    let both = dir.file("both.wat", format!("(module {} {})", func("main"), func("_start")));
    assert_eq!(wasmote(&["run", &both]).printed(), "6\n");
    let main = dir.file("main.wat", format!("(module {})", func("main")));
    assert_eq!(wasmote(&[&main]).printed(), "4\n");
    let start = dir.file(
        "start.wat",
        r#"(module (import "env" "print_i32" (func $p (param i32))) (start $s) (func $s (call $p (i32.const 7))))"#,
    );
    assert_eq!(wasmote(&["run", &start]).printed(), "7\n");
    let other = dir.file("other.wat", format!("(module {})", func("other")));
    wasmote(&["run", &other]).failed(2, &["neither", "`_start`", "`main`", "--invoke", "other: () -> (i32)"]);
    let none = dir.file("none.wat", "(module)");
    wasmote(&["run", &none]).failed(2, &["exports no functions"]);
}

#[test]
fn run_says_what_is_wrong_with_the_command_line() {
    let dir = Dir::new();
    let file = dir.file("funcs.wat", FUNCS);
    let call = |args: &[&str]| wasmote(&[&["run", &file, "--invoke"], args].concat());
    call(&["add", "1"]).failed(2, &["`add` takes 2 arguments but got 1", "(i32, i32) -> (i32)"]);
    call(&["add", "1", "2", "--verbose"]).failed(2, &["but got 3", "options go before"]);
    call(&["add", "1", "2.5"]).failed(2, &["argument 2 of `add`", "i32", "`2.5`"]);
    call(&["add", "1", "4294967296"]).failed(2, &["argument 2", "4294967295"]);
    call(&["floats", "x", "1"]).failed(2, &["argument 1 of `floats`", "f32", "`x`", "nan"]);
    call(&["nothing"]).failed(2, &["exports no function `nothing`", "add: (i32, i32) -> (i32)"]);
    call(&["g"]).failed(2, &["`g`", "global i32"]);
    wasmote(&["run", "--max-memory", "64KB", &file]).failed(2, &["--max-memory", "KiB"]);
    wasmote(&["run", "--features", "tail-calls", &file]).failed(2, &["tail-calls", "tail-call,"]);
    wasmote(&["fly", &file]).failed(2, &["fly"]);
    wasmote(&[]).failed(2, &["Usage"]);
}

#[test]
fn traps_have_their_exit_status() {
    let dir = Dir::new();
    let file = dir.file("funcs.wat", FUNCS);
    let call = |args: &[&str]| wasmote(&[&["run", &file, "--invoke"], args].concat());
    call(&["fail"]).failed(134, &["`fail` trapped", "unreachable"]);
    call(&["div", "1", "0"]).failed(134, &["integer divide by zero"]);
    call(&["forever"]).failed(134, &["call stack exhausted", "recursion"]);
    let start = dir.file("start.wat", "(module (func $s unreachable) (start $s))");
    wasmote(&["run", &start]).failed(134, &["instantiation", "start.wat", "unreachable"]);
}

#[test]
fn fuel_runs_out() {
    let dir = Dir::new();
    let file = dir.file("funcs.wat", FUNCS);
    wasmote(&["run", "--fuel", "10000", "--invoke", "spin", &file]).failed(134, &["fuel", "`--fuel`"]);
    let outcome = wasmote(&["run", "--fuel", "10000", "--verbose", "--invoke", "fac", &file, "5"]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (0, "120\n"), "{outcome:?}");
    assert!(outcome.stderr.contains("of 10000 used up"), "{outcome:?}");
}

#[test]
fn limits_hold() {
    let dir = Dir::new();
    let file = dir.file("funcs.wat", FUNCS);
    let grow = |limit: &str, pages: &str| wasmote(&["run", "--max-memory", limit, "--invoke", "grow", &file, pages]);
    assert_eq!(grow("1MiB", "15").printed(), "1\n");
    assert_eq!(grow("1MiB", "16").printed(), "-1\n");
    assert_eq!(grow("65536", "1").printed(), "-1\n");
    grow("32KiB", "0").failed(1, &["memory", "--max-memory"]);
    wasmote(&["run", "--max-table-elements", "9", "--invoke", "fail", &file])
        .failed(1, &["table", "--max-table-elements"]);
}

#[test]
fn the_host_prints_and_ends() {
    let dir = Dir::new();
    let file = dir.file(
        "host.wat",
        r#"(module
            (import "env" "print_i32" (func $i32 (param i32)))
            (import "env" "print_i64" (func $i64 (param i64)))
            (import "env" "print_f32" (func $f32 (param f32)))
            (import "env" "print_f64" (func $f64 (param f64)))
            (import "env" "print_str" (func $str (param i32 i32)))
            (import "env" "exit" (func $exit (param i32)))
            (import "spectest" "print" (func $print))
            (import "spectest" "print_i32_f32" (func $pair (param i32 f32)))
            (memory (export "memory") 1)
            (data (i32.const 16) "gr\c3\bc\c3\9fe \ff\n")
            (func (export "main")
                (call $i32 (i32.const -1)) (call $i64 (i64.const -2))
                (call $f32 (f32.const 1.5)) (call $f64 (f64.const -0.25))
                (call $str (i32.const 16) (i32.const 10))
                (call $print) (call $pair (i32.const 3) (f32.const 4))
                (call $exit (i32.const 42)))
            (func (export "outside") (call $str (i32.const -1) (i32.const 2)))
        )"#,
    );
    let outcome = wasmote(&[&file]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (42, ""), "{outcome:?}");
    assert_eq!(outcome.stdout, "-1\n-2\n1.5\n-0.25\ngrüße \u{fffd}\n\n3 4\n");
    wasmote(&["run", &file, "--invoke", "outside"]).failed(134, &["out of bounds memory access"]);
    let blind = dir.file(
        "blind.wat",
        r#"(module (import "env" "print_str" (func $s (param i32 i32)))
            (func (export "main") (call $s (i32.const 0) (i32.const 0))))"#,
    );
    wasmote(&[&blind]).failed(1, &["print_str", "`memory`"]);
}

#[test]
fn missing_imports_are_named_with_their_types() {
    let dir = Dir::new();
    let main = r#"(func (export "main"))"#;
    let file = dir.file(
        "imports.wat",
        format!(
            r#"(module (import "env" "print_i32" (func (param i32))) (import "env" "fly" (func (param i32 f64)))
                (import "other" "memory" (memory 1 2)) {main})"#
        ),
    );
    let outcome = wasmote(&[&file]);
    outcome.failed(1, &["`env::fly`: func (i32, f64) -> ()", "`other::memory`: memory 1..=2", "help run"]);
    assert!(!outcome.stderr.contains("print_i32"), "{outcome:?}");
    let file = dir.file("type.wat", format!(r#"(module (import "env" "print_i32" (func (param i64))) {main})"#));
    wasmote(&[&file]).failed(1, &["env::print_i32", "(i32) -> ()", "(i64) -> ()"]);
    let file = dir.file("wasi.wat", format!(r#"(module (import "wasi_snapshot_preview1" "f" (func)) {main})"#));
    wasmote(&[&file]).failed(1, &["WASI is not supported"]);
}

#[test]
fn nobody_needs_to_read_the_output_to_its_end() {
    let dir = Dir::new();
    let file = dir.file(
        "endless.wat",
        r#"(module (import "env" "print_i32" (func $p (param i32)))
            (func (export "main") (loop (call $p (i32.const 7)) (br 0))))"#,
    );
    let mut program =
        Command::new(PROGRAM).arg(&file).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let mut start = [0; 4];
    program.stdout.take().expect("it is piped").read_exact(&mut start).expect("something is printed");
    assert_eq!(&start, b"7\n7\n");
    let output = program.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &[][..]));
}

#[test]
fn files_that_are_no_modules() {
    let dir = Dir::new();
    let missing = format!("{}/missing.wasm", dir.path());
    let cases = [
        (missing, "cannot read"),
        (dir.path(), "is a directory"),
        (dir.file("empty.wasm", ""), "is empty"),
        (dir.file("text.txt", "hello"), "neither a Wasm binary nor Wasm text"),
        (dir.file("picture", b"\x89PNG\xff"), "neither a Wasm binary nor Wasm text"),
        (dir.file("short.wasm", b"\0asm\x01"), "is truncated"),
        (dir.file("component.wasm", b"\0asm\x0d\0\x01\0"), "is a component"),
        (dir.file("syntax.wat", "(module\n  (func (i32.cnst 1)))"), ":2:10"),
        (dir.file("script.wat", "(module) (assert_return (invoke \"f\"))"), "`wasmote wast`"),
    ];
    for (file, message) in &cases {
        for command in ["run", "dump", "validate"] {
            wasmote(&[command, file]).failed(1, &["error: ", message]);
        }
    }
}

#[test]
fn validate_says_where_and_what_to_do() {
    let dir = Dir::new();
    let good = dir.file("good.wat", FUNCS);
    assert_eq!(wasmote(&["validate", &good, &good]).printed(), format!("{good}: valid\n{good}: valid\n"));
    let bad = dir.file("bad.wat", r#"(module (func $f (export "main") (result i32) (i64.const 1)))"#);
    let outcome = wasmote(&["validate", &bad, &good]);
    outcome.failed(1, &["bad.wat is invalid: type mismatch", "byte offset 0x", "in function 0 `f`"]);
    assert_eq!(outcome.stdout, format!("{good}: valid\n"), "the others are validated all the same");
    // What is not validated before it is called is as clear then.
    wasmote(&["run", "--mode", "lazy", &bad]).failed(1, &["is invalid", "byte offset 0x", "in function 0 `f`"]);

    let off = dir.file(
        "off.wat",
        "(module (memory 1 (pagesize 1)) (func (param i64 i64) (result i64 i64)
            (i64.mul_wide_u (local.get 0) (local.get 1))))",
    );
    wasmote(&["validate", &off]).failed(1, &["`--features custom-page-sizes,wide-arithmetic`"]);
    wasmote(&["validate", "--features", "custom-page-sizes", &off]).failed(1, &["`--features wide-arithmetic`"]);
    wasmote(&["validate", "--features", "custom-page-sizes,wide-arithmetic", &off]).printed();
    wasmote(&["validate", "--all-features", &off]).printed();
    wasmote(&["validate", "--all-features", "--features", "-wide-arithmetic", &off]).failed(1, &["wide-arithmetic"]);
    let vector = dir.file("vector.wat", "(module (func (drop (v128.const i32x4 1 2 3 4))))");
    wasmote(&["validate", &vector]).failed(1, &["`simd`, which Wasmote does not support"]);
}

#[test]
fn truncated_and_damaged_binaries_are_no_surprise() {
    let dir = Dir::new();
    let bytes = wat::parse_str(FUNCS).expect("the text is a module");
    let file = dir.file("whole.wasm", &bytes);
    assert_eq!(wasmote(&[&file, "--invoke", "add", "1", "2"]).printed(), "3\n");
    for len in [9, 20, bytes.len() / 2, bytes.len() - 1] {
        let file = dir.file("part.wasm", &bytes[..len]);
        for command in ["run", "dump", "validate"] {
            wasmote(&[command, &file]).failed(1, &["byte offset 0x", "truncated", &format!("{len} bytes")]);
        }
    }
    // 0x6a is `i32.add`; 0x27 is nothing.
    let at = bytes.iter().rposition(|&byte| byte == 0x6a).expect("there is an addition");
    let mut damaged = bytes;
    damaged[at] = 0x27;
    let file = dir.file("damaged.wasm", damaged);
    wasmote(&["validate", &file]).failed(1, &["illegal opcode", &format!("({at})"), "in function 0 `add`"]);
}

#[test]
fn dump_shows_wasm_beside_internal_code() {
    let dir = Dir::new();
    let file = dir.file(
        "dump.wat",
        r#"(module (import "env" "print_i32" (func $print (param i32)))
            (func $add (export "sum") (param $a i32) (param $b i32) (result i32)
                (i32.add (local.get $a) (local.get $b)))
            (func (export "twice") (param i32) (call $print (local.get 0)) (call $print (local.get 0))))"#,
    );
    let outcome = wasmote(&["dump", &file]);
    let all = outcome.printed();
    for part in [
        "func 0 $print (import \"env\" \"print_i32\"): (i32) -> ()\n",
        "func 1 $add (export \"sum\"): (i32, i32) -> (i32), 7 bytes at 0x",
        "func 2 (export \"twice\"): (i32) -> ()",
        "local.get $a",
        "call $print",
    ] {
        assert!(all.contains(part), "no {part:?} in:\n{all}");
    }
    assert!(all.lines().any(|line| line.contains("  |     0: i32_add ")), "{all}");
    for func in ["1", "add", "$add", "sum"] {
        let outcome = wasmote(&["dump", &file, "--func", func]);
        let one = outcome.printed();
        assert!(one.starts_with("func 1 $add") && one.contains("i32.add") && !one.contains("twice"), "{one}");
    }
    wasmote(&["dump", &file, "--func", "0"]).failed(2, &["imported", "env::print_i32"]);
    wasmote(&["dump", &file, "--func", "3"]).failed(2, &["no function `3`", "3 functions"]);
    wasmote(&["dump", &file, "--func", "nothing"]).failed(2, &["no function `nothing`"]);
}

const PASSES: &str = r#"(module (func (export "f") (result i32) (i32.const 1)))
    (assert_return (invoke "f") (i32.const 1))"#;

#[test]
fn wast_counts_and_places_failures() {
    let dir = Dir::new();
    let good = dir.file("good.wast", PASSES);
    let printed = wasmote(&["wast", &good]);
    let expected = format!(
        "{good}: 2 passed, 0 failed, 0 skipped\n\
         total: 1 script, 0 with failures: 2 passed, 0 failed, 0 skipped\n"
    );
    assert_eq!(printed.printed(), expected);
    let bad = dir.file("bad.wast", format!("{PASSES}\n(assert_return (invoke \"f\") (i32.const 2))"));
    let outcome = wasmote(&["wast", "--mode", "lazy", "--fuel", "--portable-dispatch", &bad, &good]);
    outcome.failed(1, &[]);
    let out = &outcome.stdout;
    assert!(out.contains(&format!("{bad}: 2 passed, 1 failed, 0 skipped\n  {bad}:3:2: assert_return: ")), "{out}");
    assert!(out.ends_with("total: 2 scripts, 1 with failures: 4 passed, 1 failed, 0 skipped\n"), "{out}");
    let syntax = dir.file("syntax.wast", "(module\n  (fnc))");
    let outcome = wasmote(&["wast", &syntax]);
    assert!(outcome.status == 1 && outcome.stdout.contains(&format!("{syntax}:2:4: ")), "{outcome:?}");
}

#[test]
fn wast_searches_directories() {
    let dir = Dir::new();
    dir.file("b.wast", PASSES);
    dir.file("deep/down/c.wast", PASSES);
    dir.file("a.wast", PASSES);
    dir.file("note.txt", "no script");
    let outcome = wasmote(&["wast", &dir.path()]);
    let out = outcome.printed();
    let order: Vec<_> = ["a.wast", "b.wast", "c.wast"].iter().map(|name| out.find(name)).collect();
    assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{out}");
    assert!(out.contains("total: 3 scripts, 0 with failures: 6 passed"), "{out}");

    let empty = Dir::new();
    wasmote(&["wast", &empty.path()]).failed(1, &["no *.wast"]);
    wasmote(&["wast", &format!("{}/missing.wast", empty.path())]).failed(1, &["cannot read"]);
    let binary = empty.file("binary.wast", b"(module) \xff");
    wasmote(&["wast", &binary]).failed(1, &["UTF-8", "byte offset 0x9 (9)"]);
}

#[test]
fn wast_switches_proposals() {
    let dir = Dir::new();
    let script = dir.file("script.wast", "(module (memory i64 1)) (module (memory 1 (pagesize 1)))");
    let passed = |args: &[&str]| wasmote(&[&["wast", &script], args].concat()).stdout.contains(" 2 passed, 0 failed");
    assert!(!passed(&[]));
    assert!(passed(&["--features", "custom-page-sizes"]));
    assert!(passed(&["--all-features"]));
    assert!(!passed(&["--all-features", "--features", "-memory64"]));
}
