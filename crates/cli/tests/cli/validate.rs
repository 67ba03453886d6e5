//! `wasmote validate`, and what every command says of files that are no valid modules.

use crate::{Dir, FUNCS, invoke, wasmote};

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
    let lines = dir.file("lines.wat", "(module\n  (func (result i32)\n    i32.const 1\n    i64.const 2\n    i32.add))");
    wasmote(&["validate", &lines]).failed(1, &["lines.wat:5:5, byte offset 0x"]);
    wasmote(&["run", &lines]).failed(1, &["lines.wat:5:5, byte offset 0x"]);
    // An error that is found at the call has the same message.
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
    let grouped =
        dir.file("grouped.wat", r#"(module (import "m" (item "f") (item "g") (func)) (memory 1 (pagesize 1)))"#);
    wasmote(&["validate", &grouped]).failed(1, &["`--features compact-imports,custom-page-sizes`"]);
    wasmote(&["validate", "--features", "compact-imports,custom-page-sizes", &grouped]).printed();
    let vector = dir.file("vector.wat", "(module (func (drop (v128.const i32x4 1 2 3 4))))");
    wasmote(&["validate", &vector]).printed();
    wasmote(&["validate", "--features", "-simd,-relaxed-simd", &vector]).failed(1, &["`--features simd`"]);
    let atomic = dir.file("atomic.wat", "(module (memory 1 1 shared) (func (drop (i32.atomic.load (i32.const 0)))))");
    wasmote(&["validate", &atomic]).printed();
    wasmote(&["validate", "--features", "-threads", &atomic]).failed(1, &["`--features threads`"]);
}

#[test]
fn truncated_and_damaged_binaries_are_no_surprise() {
    let dir = Dir::new();
    let bytes = wat::parse_str(FUNCS).expect("the text is a module");
    let file = dir.file("whole.wasm", &bytes);
    assert_eq!(invoke(&file, "add", &["1", "2"]).printed(), "3\n");
    for len in [9, 20, bytes.len() / 2, bytes.len() - 1] {
        let file = dir.file("part.wasm", &bytes[..len]);
        for command in ["run", "dump", "validate"] {
            wasmote(&[command, &file]).failed(1, &["byte offset 0x", "truncated", &format!("{len} bytes")]);
        }
    }
    // 0x6a is `i32.add`; 0x27 is not an opcode.
    let at = bytes.iter().rposition(|&byte| byte == 0x6a).expect("there is an addition");
    let mut damaged = bytes;
    damaged[at] = 0x27;
    let file = dir.file("damaged.wasm", damaged);
    wasmote(&["validate", &file]).failed(1, &["illegal opcode", &format!("({at})"), "in function 0 `add`"]);
}
