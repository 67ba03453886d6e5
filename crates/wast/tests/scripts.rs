//! Whole scripts: what passes, and with which message the rest fails.

use wasmote::Config;
use wasmote_wast::{Runner, WastReport};

fn run(script: &str) -> WastReport {
    Runner::new(&Config::default()).run(script)
}

/// Asserts that all directives pass.
#[track_caller]
fn passes(script: &str, directives: usize) {
    let report = run(script);
    assert_eq!(report.failures(), [], "{script}");
    assert_eq!((report.total().passed, report.total().skipped), (directives, 0), "{script}");
}

/// Asserts that exactly the directives in these lines fail, with messages that contain these texts.
#[track_caller]
fn fails(script: &str, expected: &[(usize, &str)]) {
    let report = run(script);
    let failures = report.failures();
    assert_eq!(failures.len(), expected.len(), "{failures:?}");
    for (failure, (line, text)) in failures.iter().zip(expected) {
        assert_eq!(failure.line, *line, "{failure}");
        assert!(failure.message.contains(text), "{failure}");
    }
}

#[test]
fn the_text_of_a_trap_is_a_prefix() {
    let module = r#"(module (func (export "f") (unreachable)) (func (export "r") (call 1)))"#;
    passes(&format!(r#"{module} (assert_trap (invoke "f") "") (assert_trap (invoke "f") "unreach")"#), 3);
    passes(&format!(r#"{module} (assert_exhaustion (invoke "r") "call stack")"#), 2);
    fails(
        &format!("{module}\n(assert_trap (invoke \"f\") \"reach\")"),
        &[(2, "expected the trap \"reach\", got: wasm `unreachable` instruction executed")],
    );
}

#[test]
fn functions_are_recognized_by_their_index() {
    let module = r#"(module
        (func $a (export "a")) (func $b (export "b")) (func $hidden) (func $other) (elem declare func $hidden)
        (func (export "get a") (result funcref) (ref.func $a))
        (func (export "get hidden") (result funcref) (ref.func $hidden)))"#;
    passes(
        &format!(
            r#"{module}
            (assert_return (invoke "get a") (ref.func))
            (assert_return (invoke "get a") (ref.func 0))
            (assert_return (invoke "get a") (ref.func $a))
            (assert_return (invoke "get hidden") (ref.func $hidden))
            (assert_return (invoke "get hidden") (ref.func 2))
            (assert_return (invoke "get a") (either (ref.func $b) (ref.func $a)))"#
        ),
        7,
    );
    fails(
        &format!(
            "{module}
            (assert_return (invoke \"get a\") (ref.func $b))
            (assert_return (invoke \"get a\") (ref.func 9))
            (assert_return (invoke \"get a\") (ref.func $unknown))
            (assert_return (invoke \"get a\") (ref.func $hidden))
            (assert_return (invoke \"get hidden\") (ref.func $b))
            (assert_return (invoke \"get a\") (ref.null))"
        ),
        &[
            (5, "expected (ref.func $b), got (ref.func)"),
            (6, "the instance has no function 9"),
            (7, "the instance has no function $unknown"),
            (8, "expected (ref.func $hidden), got (ref.func)"),
            (9, "expected (ref.func $b), got (ref.func)"),
            (10, "expected (ref.null), got (ref.func)"),
        ],
    );
}

#[test]
fn what_is_permitted_later_is_rejected_for_that_reason_only() {
    // Both limits are too long for 32 bits, and only the first may be that long since there are 64-bit memories.
    let limit = r#"(assert_malformed (module binary "\00asm\01\00\00\00" "\05\08\01\00\82\80\80\80\80\00")"#;
    passes(&format!(r#"{limit} "integer representation too long")"#), 1);
    let two = r#"(module (memory 0) (memory 0))"#;
    passes(&format!(r#"(assert_invalid {two} "multiple memories")"#), 1);
    fails(&format!(r#"(assert_malformed {two} "integer representation too long")"#), &[(1, "but it validates")]);
    fails(&format!(r#"(assert_invalid {two} "zero byte expected")"#), &[(1, "but it validates")]);
    let wide = r#"(module (memory i64 0))"#;
    fails(&format!(r#"(assert_malformed {wide} "integer representation too long")"#), &[(1, "but it validates")]);
}

#[test]
fn an_invalid_module_is_well_formed() {
    fails(r#"(assert_invalid (module quote "(func") "x")"#, &[(1, "but it is malformed")]);
    passes(r#"(assert_malformed (module quote "(func") "x")"#, 1);
    passes(r#"(assert_invalid (module (func (result i32))) "type mismatch")"#, 1);
    fails("\n(assert_invalid (module (func)) \"type mismatch\")", &[(2, "but it validates")]);
}

#[test]
fn custom_sections_are_checked() {
    let hint = |target| {
        format!(
            r#"(assert_invalid_custom
                (module (func (drop (@metadata.code.branch_hint "\00") {target}))) "invalid target")"#
        )
    };
    passes(&hint("(i32.eqz (i32.const 0))"), 1);
    fails(&hint("(if (result i32) (i32.const 0) (then (i32.const 0)) (else (i32.const 0)))"), &[(1, "but none is")]);
    passes(r#"(assert_malformed_custom (module (@custom "name" "\00\02\01\ff")) "malformed UTF-8 encoding")"#, 1);
    passes(r#"(assert_malformed_custom (module quote "(@custom)") "@custom annotation: missing section name")"#, 1);
    fails(
        r#"(assert_malformed_custom (module (func (result i32)) (@custom "name" "\00")) "x")"#,
        &[(1, "only a custom section")],
    );
}

#[test]
fn missing_features_are_named() {
    let module = r#"(module (func (export "f")) (func (export "trap") (unreachable)))"#;
    fails(
        &format!(
            "{module}
            (assert_exception (invoke \"f\"))
            (assert_exception (invoke \"trap\"))
            (assert_suspension (invoke \"f\") \"unhandled\")
            (assert_return (invoke \"g\"))"
        ),
        &[
            (2, "expected an exception, got the results []"),
            (3, "expected an exception, got: wasm `unreachable`"),
            (4, "unsupported: stack switching"),
            (5, "exports no function \"g\""),
        ],
    );
}

#[test]
fn threads_run_beside_the_script() {
    let module = r#"(module (func (export "f") (result i32) (i32.const 1)))"#;
    let thread = |name: &str| {
        format!(r#"(thread {name} {module} (assert_return (invoke "f") (i32.const 1)) (assert_return (invoke "f")))"#)
    };
    let report = run(&format!("{module}\n{}\n{}\n(wait $b)\n(wait $c)\n(invoke \"f\")", thread("$a"), thread("$b")));
    // The script's module, two threads, one wait and the call, and in each thread the module and an assertion.
    assert_eq!((report.total().passed, report.total().failed), (5 + 2 * 2, 3));
    let lines: Vec<_> = report.failures().iter().map(|failure| failure.line).collect();
    assert_eq!(lines, [2, 3, 5]);
    assert!(report.failures()[0].message.contains("expected 0 results, got 1"));
    assert!(report.failures()[2].message.contains("no thread is named $c"));
}

#[test]
fn threads_nest_and_see_nothing_of_each_other() {
    let inner = r#"(thread $inner (assert_return (invoke "f") (i32.const 1))) (wait $inner)"#;
    fails(
        &format!("(module (func (export \"f\") (result i32) (i32.const 1)))\n(thread $outer {inner})\n(wait $outer)"),
        &[(2, "there is no current instance")],
    );
    fails("(module)\n(thread $a)\n(thread $a)\n(wait $a)\n(wait $a)", &[(3, "already"), (5, "no thread is named")]);
}

#[test]
fn threads_share_memories() {
    let mut config = Config::default();
    config.wasm_threads(true);
    let script = r#"(module $m (memory (export "shared") 1 2 shared))
        (thread $a (shared (module $m)) (register "m" $m)
            (module (import "m" "shared" (memory 1 2 shared))
                (func (export "f") (i32.atomic.store (i32.const 8) (i32.const 7)) (drop (memory.grow (i32.const 1)))))
            (invoke "f"))
        (wait $a)
        (module (import "m" "shared" (memory 1 2 shared))
            (func (export "f") (result i32 i32) (i32.atomic.load (i32.const 8)) (memory.size)))
        (assert_return (invoke "f") (i32.const 7) (i32.const 2))"#;
    let report = Runner::new(&config).run(script);
    assert_eq!(report.failures(), []);
    assert_eq!(report.total().passed, 8);
}

#[test]
fn what_threads_cannot_share_is_named() {
    let script = "(module $empty) (module $m (memory (export \"m\") 1 1))
        (thread $a (shared (module $empty)))
        (wait $a)
        (thread $b (shared (module $m)) (register \"m\" $m))
        (wait $b)
        (thread $c (shared (module $unknown)))";
    fails(
        script,
        &[
            (4, "the export \"m\" of $m cannot be shared"),
            (5, "the thread $b could not be started"),
            (6, "no instance is named $unknown"),
        ],
    );
}

#[test]
fn malformed_text_fails_with_its_place() {
    fails("(module)\n(assert_retur)", &[(2, "")]);
    fails("\n(module (fnc))", &[(2, "")]);
}

#[test]
fn scripts_have_limits() {
    let script = r#"
        (module (memory 1 100) (func (export "grow") (result i32) (memory.grow (i32.const 10)))
            (func (export "spin") (loop (br 0))))
        (assert_return (invoke "grow") (i32.const -1))
        (invoke "spin")
    "#;
    let mut config = Config::default();
    config.consume_fuel(true);
    let limits = wasmote::StoreLimitsBuilder::new().memory_size(5 << 16).build();
    let report = Runner::new(&config).fuel(5000).limits(limits).run(script);
    assert_eq!((report.total().passed, report.total().failed), (2, 1), "{report:?}");
    assert!(report.failures()[0].message.contains("all fuel consumed"), "{report:?}");
}
