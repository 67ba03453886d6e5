//! `wasmote dump`.

use crate::{Dir, wasmote};

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
    wasmote(&["dump", &file, "--func", "twic"]).failed(2, &["no function `twic`", "did you mean `twice`?"]);
}

#[test]
fn dump_prints_no_control_characters() {
    let dir = Dir::new();
    let file = dir.file(
        "names.wat",
        r#"(module (import "\1b[2J" "\u{202e}" (func $"\1b[31mimported")) (func $"\1b[31mred" (call 0)))"#,
    );
    let outcome = wasmote(&["dump", &file]);
    assert!(outcome.printed().contains(r"func 1 $\u{1b}[31mred"), "{outcome:?}");
    assert!(!outcome.printed().contains(['\u{1b}', '\u{202e}']), "{outcome:?}");
    let imported = wasmote(&["dump", "--func", "0", &file]);
    imported.failed(2, &[r"\u{1b}[2J"]);
    assert!(!imported.stderr.contains(['\u{1b}', '\u{202e}']), "{imported:?}");
}

#[test]
fn dump_shows_who_catches_exceptions() {
    let dir = Dir::new();
    let file = dir.file(
        "catch.wat",
        r#"(module (tag $e) (func $f)
            (func (export "run") (block $h (try_table (catch $e $h) (catch_all $h) (call $f)))))"#,
    );
    let outcome = wasmote(&["dump", &file, "--func", "run"]);
    for part in ["(catch $e $h)", "region s0, 0, 0, tag 0, [0 5 5]", "region s0, 0, 0, any tag, [0 5 5]"] {
        assert!(outcome.printed().contains(part), "{outcome:?}");
    }
}
