//! Modules of what costs by an amount: frames, types, branches, growth, bulk operators, segments.

/// The modules and their names. Each exports `run(n: i32) -> i64`.
pub(crate) fn all() -> Vec<(&'static str, String)> {
    let module = |text: String| format!("(module {text})");
    let values = |ty: &str| format!("({ty} {})", "i64 ".repeat(100));
    let numbers = |n: usize| "(i64.const 1) ".repeat(n);
    let sum = "(i64.add) ".repeat(99);
    let frame = |locals: &str, body: &str| {
        format!(
            r#"(func $callee (param i64 i64) (result i64) {locals} {body} (i64.add (local.get 0) (local.get 1)))
            (func (export "run") (param i32) (result i64) (local $sum i64)
                (loop $again
                    (local.set $sum (call $callee (local.get $sum) (i64.const 1)))
                    (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                local.get $sum)"#
        )
    };
    let thousand = format!("(local {})", "i64 ".repeat(1000));
    vec![
        ("a frame of 7 locals", module(frame("(local i64 i32 f32 f64 i64 i64 i64)", ""))),
        ("a frame of 8 locals", module(frame("(local i64 i32 f32 f64 i64 i64 i64 i64)", ""))),
        ("a frame of 1000 locals", module(frame(&thousand, ""))),
        ("a frame of locals that are written first", module(frame("(local i64 i64 i64 i64 i64 i64 i64 i64)", "(local.set 2 (i64.const 1)) (local.set 9 (i64.const 1))"))),
        ("a hundred results", module(format!(
            r#"(func $give {} {}) (func $take {} (result i64) {} {sum})
            (func (export "run") (param i32) (result i64) (call $take (call $give)))"#,
            values("result"), numbers(100), values("param"),
            (0..100).map(|i| format!("(local.get {i}) ")).collect::<String>(),
        ))),
        ("a hundred values through a table", module(format!(
            r#"(type $give (func {})) (table 1 1 funcref) (elem (i32.const 0) $give)
            (func $give (type $give) {})
            (func (export "run") (param i32) (result i64) (call_indirect (type $give) (i32.const 0)) {sum})"#,
            values("result"), numbers(100),
        ))),
        ("branches with a hundred values", module(format!(
            r#"(type $block (func {0}))
            (func (export "run") (param i32) (result i64)
                (block $out (type $block) (i64.const 5) {1} (br_if $out (local.get 0)) (br $out)) {sum})"#,
            values("result"), numbers(100),
        ))),
        ("a table of branches with a hundred values", module(format!(
            r#"(type $block (func {0}))
            (func (export "run") (param i32) (result i64)
                (block $out (type $block) (i64.const 5) (block $in (type $block)
                    (i64.const 6) {1} (br_table $out $in $out (local.get 0)))
                    (br $out)) {sum})"#,
            values("result"), numbers(100),
        ))),
        ("a loop with a hundred parameters", module(format!(
            r#"(type $loop (func {0} {1}))
            (func (export "run") (param i32) (result i64)
                {2} (loop $again (type $loop)
                    (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) {sum})"#,
            values("param"), values("result"), numbers(100),
        ))),
        ("returns of a hundred results", module(format!(
            r#"(func $give (param i32) {0} {1} (br_if 0 (local.get 0)) return)
            (func (export "run") (param i32) (result i64) (call $give (local.get 0)) {sum})"#,
            values("result"), numbers(100),
        ))),
        ("branches out of functions", module(
            r#"(func $f (param i32) (result i32)
                (block (br_if 1 (i32.const 1) (local.get 0)) drop) (i32.const 2))
            (func $g (param i32) (br_if 0 (local.get 0)) nop)
            (func $h (param i32) (result i64) (if (local.get 0) (then (br 1 (i64.const 4)))) (i64.const 8))
            (func (export "run") (param i32) (result i64)
                (call $g (local.get 0)) (call $g (i32.eqz (local.get 0)))
                (i64.add (i64.extend_i32_u (call $f (local.get 0))) (call $h (local.get 0))))"#.into(),
        )),
        ("arms and unreachable code", module(
            r#"(func $f (param i32) (result i64)
                (if (result i64) (i32.lt_u (local.get 0) (i32.const 2))
                    (then (return (i64.const 1)) (drop (i32.add (i32.const 1) (i32.const 2))) (i64.const 3))
                    (else
                        (block (br 0) (loop (br_if 0 (local.get 0)) (nop)) (local.set 0 (i32.const 9)))
                        (if (local.get 0) (then (local.set 0 (i32.mul (local.get 0) (i32.const 3)))))
                        (i64.extend_i32_u (local.get 0)))))
            (func (export "run") (param i32) (result i64) (i64.add (call $f (local.get 0)) (call $f (i32.const 1))))"#.into(),
        )),
        ("memories that grow", module(
            r#"(memory 1 40) (global $g (mut i64) (i64.const 0))
            (func (export "run") (param i32) (result i64)
                (drop (memory.grow (i32.const 0)))
                (drop (memory.grow (local.get 0)))
                (drop (memory.grow (i32.const 30)))
                (drop (memory.grow (i32.const 30)))
                (drop (memory.grow (i32.const -1)))
                (memory.fill (i32.const 0) (i32.const 1) (i32.const 70000))
                (memory.copy (i32.const 1) (i32.const 0) (i32.const 1000))
                (i64.extend_i32_u (memory.size)))"#.into(),
        )),
        ("tables that grow", module(
            r#"(table $t 10 2000 funcref) (table $u 100 funcref) (elem $e func $f $f $f $f $f $f $f $f $f $f $f $f)
            (func $f)
            (func (export "run") (param i32) (result i64)
                (drop (table.grow $t (ref.null func) (i32.const 0)))
                (drop (table.grow $t (ref.null func) (i32.const 900)))
                (drop (table.grow $t (ref.func $f) (i32.const 2000)))
                (table.fill $t (i32.const 5) (ref.func $f) (i32.const 500))
                (table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 100))
                (table.copy $t $u (i32.const 1) (i32.const 0) (i32.const 50))
                (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 12))
                (elem.drop $e)
                (i64.extend_i32_u (table.size $t)))"#.into(),
        )),
        ("segments", module(format!(
            r#"(memory 3) (table 100 funcref) (global i64 (i64.const 4)) (global (mut i32) (i32.const 4))
            (data (i32.const 0) "{0}") (data $passive "{0}") (elem (i32.const 0) func {1}) (elem func {1})
            (func $f)
            (func (export "run") (param i32) (result i64)
                (memory.init $passive (i32.const 0) (i32.const 0) (i32.const 640)) (data.drop $passive) (i64.const 2))"#,
            "x".repeat(1000), "$f ".repeat(50),
        ))),
        ("tail calls", module(
            r#"(type $f (func (param i32 i64) (result i64))) (table 1 1 funcref) (elem (i32.const 0) $odd)
            (func $even (type $f) (local i64)
                (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
                (return_call_indirect (type $f) (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 1)) (i32.const 0)))
            (func $odd (type $f)
                (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
                (return_call $even (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 1))))
            (func (export "run") (param i32) (result i64) (call $even (local.get 0) (i64.const 0)))"#.into(),
        )),
    ]
}
