//! `wasmote wast`.

use crate::{Dir, wasmote};

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
    wasmote(&["wast", &empty.path()]).failed(1, &["contains no *.wast"]);
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

#[test]
fn wast_prints_no_control_characters() {
    let dir = Dir::new();
    let script = dir.file("script.wast", r#"(module) (invoke "\1b[31mred\n  a.wast:1: passed")"#);
    let outcome = wasmote(&["wast", &script]);
    assert_eq!(outcome.status, 1, "{outcome:?}");
    assert!(outcome.stdout.contains(r"\u{1b}[31mred") && !outcome.stdout.contains('\u{1b}'), "{outcome:?}");
}
