//! Calls that a trap shows, with files and lines: programs in C and Rust with debug information, and `wasmote addr2line`.

use std::{env, fs, path::Path};

use wasmote::{Engine, Linker, Module, Store};

use crate::{Dir, wasmote};

/// A program that traps in its function `run`.
struct Program {
    /// The name of the source. The name of the module is the same with `.wasm` appended.
    source: &'static str,
    /// The argument of `run`.
    arg: &'static str,
    /// The names of functions, and the comments at the ends of the lines that were executed, innermost first. Inlined functions are
    /// in the same list as the function that contains them.
    calls: &'static [&'static [(&'static str, &'static str)]],
}

const PROGRAMS: &[Program] = &[
    Program {
        source: "program.c",
        arg: "0",
        calls: &[&[("quotient", "// quotient"), ("share", "// share")], &[("run", "// run")]],
    },
    Program {
        source: "program.rs",
        arg: "5",
        calls: &[
            &[("read_volatile", ""), ("read_volatile", ""), ("register", "// register"), ("sum", "// sum")],
            &[("run", "// run")],
        ],
    },
];

/// The path of a module: that which is committed, or one that `ci/places.sh` has just built.
fn module(name: &str) -> String {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/places");
    let dir = env::var_os("WASMOTE_PLACES").map_or(committed, Into::into);
    crate::text(&dir.join(format!("{name}.wasm")))
}

/// The number of the line of a source that ends with a comment.
fn line(source: &str, comment: &str) -> usize {
    let mut lines = source.lines().enumerate().filter(|(_, line)| line.ends_with(comment));
    lines.next().unwrap_or_else(|| panic!("no line ends with {comment}")).0 + 1
}

/// The calls in the message of a trap, without indentation.
fn calls(message: &str) -> Vec<String> {
    let (_, calls) = message.split_once("  calls: ").unwrap_or_else(|| panic!("no calls: {message}"));
    let calls = calls.lines().take_while(|line| !line.contains("hint: "));
    calls.map(|line| line.trim().to_owned()).collect()
}

#[test]
fn calls_have_files_and_lines() {
    for &Program { source, arg, calls: expected } in PROGRAMS {
        let path = module(source);
        let text =
            fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/places").join(source)).unwrap();
        for mode in ["--eager", "--lazy", "--portable-dispatch"] {
            let outcome = wasmote(&["run", mode, "--invoke", "run", &path, arg]);
            outcome.failed(134, &["`run` trapped"]);
            let lines = calls(&outcome.stderr);
            let mut lines = lines.iter();
            for (number, frame) in expected.iter().enumerate() {
                for (i, &(func, comment)) in frame.iter().enumerate() {
                    let name = lines.next().expect("there is a call");
                    let start = if i == 0 { format!("{number}: ") } else { "- ".into() };
                    assert!(name.starts_with(&start) && name.contains(func), "{number}, {func}: {outcome:?}");
                    let place = lines.next().expect("there is a place");
                    if !comment.is_empty() {
                        let file = format!("at ./{source}:{}:", line(&text, comment));
                        assert!(place.starts_with(&file), "{file}: {outcome:?}");
                    }
                }
            }
            assert_eq!(lines.next(), None, "{outcome:?}");
        }
    }
}

#[test]
fn addr2line_finds_what_a_device_reports() {
    for &Program { source, arg, .. } in PROGRAMS {
        let path = module(source);
        let engine = Engine::default();
        let module = Module::new(&engine, fs::read(&path).unwrap()).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
        let run = instance.get_typed_func::<i32, i32>(&store, "run").unwrap();
        let error = run.call(&mut store, arg.parse().unwrap()).unwrap_err();
        let frames = error.wasm_backtrace().unwrap().frames().iter();
        let places: Vec<_> =
            frames.map(|frame| format!("{}:{:#x}", frame.func_index(), frame.code_offset().unwrap())).collect();
        assert_eq!(places.len(), 2);
        let mut args = vec!["addr2line", &path];
        args.extend(places.iter().map(String::as_str));
        let outcome = wasmote(&args);
        let found: Vec<_> = outcome.printed().lines().map(|line| line.trim().to_owned()).collect();
        assert_eq!(found, calls(&wasmote(&["run", "--invoke", "run", &path, arg]).stderr));
    }
}

#[test]
fn addr2line_reports_what_it_cannot_find() {
    let dir = Dir::new();
    let file = dir.file("m.wat", r#"(module $m (func (export "run") nop nop unreachable))"#);
    let outcome = wasmote(&["addr2line", &file, "0:0"]);
    assert!(outcome.printed().starts_with("  0: ") && outcome.printed().ends_with(" - m!run\n"), "{outcome:?}");
    wasmote(&["addr2line", &file, "1:0"]).failed(2, &["defines no function 1"]);
    for place in ["1", "x:1", "1:0xg", "-1:2", "1:2:3", "4294967296:0"] {
        wasmote(&["addr2line", &file, "--", place])
            .failed(2, &[place, "a place is the index of a function and a number"]);
    }
    let artefact = format!("{}/m.cwasm", dir.path());
    wasmote(&["compile", &file, "-o", &artefact]).printed();
    wasmote(&["addr2line", &artefact, "0:0"]).failed(2, &["is an artefact", "name the module"]);
}
