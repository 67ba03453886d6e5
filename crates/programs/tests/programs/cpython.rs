//! CPython 3.12 with its standard library.

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use wasmote::{CompilationMode, Module};
use wasmote_programs::{Outcome, catalog, engine, run, sha256, unless_offline};
use wasmote_wasi::{MemoryFileSystem, WasiCtxBuilder};

/// Runs CPython with arguments and settings of a test; none if there is no network.
fn python(args: &[&str], setup: impl FnOnce(&mut WasiCtxBuilder)) -> Option<Outcome> {
    let bytes = unless_offline(catalog::CPYTHON.bytes())?;
    let module = Module::new(&engine(CompilationMode::LazyTranslation), bytes).unwrap();
    let mut ctx = WasiCtxBuilder::new();
    ctx.arg("python").args(args.iter().copied());
    setup(&mut ctx);
    Some(run(&module, &mut ctx).unwrap())
}

#[track_caller]
fn prints(args: &[&str], stdin: &str, expected: &str) {
    let Some(outcome) = python(args, |ctx| _ = ctx.stdin_bytes(stdin)) else { return };
    assert_eq!(outcome.parts(), (0, expected.into(), String::new()));
}

#[test]
#[ignore = "large"]
fn runs_a_command() {
    let command = "import sys, hashlib
print(sys.version.split()[0])
print(hashlib.sha256(b'abc').hexdigest())
print(sum(i * i for i in range(100000)))";
    let expected = "3.12.0
ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
333328333350000
";
    prints(&["-c", command], "", expected);
}

#[test]
#[ignore = "large"]
fn reads_standard_input() {
    let script = "import sys\nprint(sys.platform, sys.byteorder, sys.maxsize, __name__)\nprint(sys.argv)\n";
    prints(&["-"], script, "wasi little 2147483647 __main__\n['-']\n");
    prints(&["-c", "print(input()[::-1])"], "grüße\n", "eßürg\n");
    let pretty = "{\n    \"b\": 1,\n    \"a\": [\n        1,\n        2\n    ]\n}\n";
    prints(&["-m", "json.tool"], r#"{"b":1,"a":[1,2]}"#, pretty);
}

#[test]
#[ignore = "large"]
fn passes_its_exit_code_on() {
    let Some(outcome) = python(&["-c", "import sys; sys.exit(7)"], |_| ()) else { return };
    assert_eq!(outcome.parts(), (7, String::new(), String::new()));
}

#[test]
#[ignore = "large"]
fn reports_exceptions() {
    let command = "def f(n):\n    return 1 // n if n == 0 else f(n - 1)\nf(2)";
    let Some(outcome) = python(&["-c", command], |_| ()) else { return };
    let message = "Traceback (most recent call last):
  File \"<string>\", line 3, in <module>
  File \"<string>\", line 2, in f
  File \"<string>\", line 2, in f
  File \"<string>\", line 2, in f
ZeroDivisionError: integer division or modulo by zero
";
    assert_eq!(outcome.parts(), (1, String::new(), message.into()));
}

#[test]
#[ignore = "large"]
fn imports_modules_of_its_library() {
    let Some(outcome) = python(&["-c", "import this"], |_| ()) else { return };
    assert_eq!((outcome.status, outcome.stderr_text().as_str()), (0, ""));
    assert_eq!(sha256(&outcome.stdout), "b0a4de293503af7f9127cce50fbb3f8117e5c2ec8a0ec3cd4897e3995bacf0fd");
}

/// Decimals, fractions, regular expressions, compression, random numbers, heaps, JSON, deep recursion.
#[test]
#[ignore = "large"]
fn uses_its_library() {
    let files = MemoryFileSystem::new();
    files.write("library.py", include_str!("python/library.py")).unwrap();
    let Some(outcome) = python(&["/w/library.py"], |ctx| _ = ctx.preopened_memory(&files, "/w")) else { return };
    assert_eq!(outcome.parts(), (0, include_str!("python/library.txt").into(), String::new()));
}

/// The output of `files.py`: links, times, sizes, and the errors of four paths that it may not or cannot open.
const FILES: &str = r#"{"b": 3, "d": 3, "link": 3} b bBB 1234567890
PermissionError 63
FileNotFoundError 44
FileNotFoundError 44
IsADirectoryError 31
"#;

#[test]
#[ignore = "large"]
fn changes_files_of_the_host() {
    let directory = tempfile::tempdir().unwrap();
    let path: &Path = directory.path();
    fs::write(path.join("files.py"), include_str!("python/files.py")).unwrap();
    let Some(outcome) = python(&["/w/files.py"], |ctx| _ = ctx.preopened_dir(path, "/w").unwrap()) else { return };
    assert_eq!(outcome.parts(), (0, FILES.into(), String::new()));
    assert_eq!(fs::read_to_string(path.join("tree/link")).unwrap(), "bBB");
    assert_eq!(fs::read_to_string(path.join("tree/d")).unwrap(), "ccc");
    assert_eq!(fs::read_dir(path.join("tree")).unwrap().count(), 3);
}

#[test]
#[ignore = "large"]
fn changes_files_in_memory() {
    let files = MemoryFileSystem::new();
    files.write("files.py", include_str!("python/files.py")).unwrap();
    let Some(outcome) = python(&["/w/files.py"], |ctx| _ = ctx.preopened_memory(&files, "/w")) else { return };
    assert_eq!(outcome.parts(), (0, FILES.into(), String::new()));
    assert_eq!(files.names("tree").unwrap(), ["b", "d", "link"]);
    assert_eq!(files.read("tree/b").unwrap(), b"bBB");
}

#[test]
#[ignore = "large"]
fn cannot_write_where_it_may_only_read() {
    let files = MemoryFileSystem::new();
    files.write("data", "old").unwrap();
    let command = "print(open('/w/data').read())
for action in (lambda: open('/w/data', 'w'), lambda: open('/w/new', 'x'), lambda: __import__('os').remove('/w/data')):
    try:
        action()
        print('done')
    except OSError as error:
        print('refused')";
    let outcome = python(&["-c", command], |ctx| _ = ctx.preopened_memory_read_only(&files, "/w"));
    let Some(outcome) = outcome else { return };
    assert_eq!(outcome.parts(), (0, "old\nrefused\nrefused\nrefused\n".into(), String::new()));
    assert_eq!((files.read("data").unwrap().as_slice(), files.names(".").unwrap().len()), (&b"old"[..], 1));
}

/// With fixed clocks and seeded random numbers, two runs see the same world.
#[test]
#[ignore = "large"]
fn is_deterministic_if_the_world_is() {
    let command = "import os, random, tempfile, time, uuid
print(time.time(), time.monotonic(), os.urandom(8).hex(), random.random(), uuid.uuid4(), hash('hash'), os.environ)
time.sleep(3600)
print(time.time() // 60)";
    let [first, second] = [(); 2].map(|()| {
        python(&["-c", command], |ctx| {
            let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
            ctx.env("NAME", "value").fixed_clocks(start, Duration::from_micros(1)).seeded_random(7);
        })
    });
    let (Some(first), Some(second)) = (first, second) else { return };
    assert_eq!(first, second);
    let text = first.stdout_text();
    assert!(first.status == 0 && text.starts_with("1000000000.") && text.contains("{'NAME': 'value'}"), "{first:?}");
    assert!(text.ends_with("\n16666726.0\n"), "{text}");
}
