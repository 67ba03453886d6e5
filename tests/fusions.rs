//! Every fused op: the translator emits it, and it computes the same as its two ops in sequence.
//!
//! The list of fused ops comes from `docs/isa.md`, which is generated from the op table. For each of them, the test
//! makes functions with operands in parameters and constants, and runs them fused and unfused in both dispatchers.

use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

use wasmote::{Config, Engine, Linker, Module, Store, Val};

/// A fused op of the reference, and its two ops.
struct Fused {
    name: String,
    first: String,
    second: String,
    right: bool,
}

/// Returns the text in backticks after `label` in a line of the reference.
fn named<'a>(line: &'a str, label: &str) -> Option<&'a str> {
    let rest = line.split_once(label)?.1.strip_prefix(": `")?;
    Some(rest.split_once('`')?.0)
}

fn fused_ops() -> Vec<Fused> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/isa.md");
    let text = fs::read_to_string(path).expect("the reference can be read");
    let mut ops = Vec::new();
    for line in text.lines().filter(|line| line.contains(" First: `")) {
        let name = line.split('`').nth(1).expect("a name");
        let (right, second) = match named(line, "then as right operand") {
            Some(second) => (true, second),
            None => (false, named(line, "then").expect("a second op")),
        };
        let first = named(line, "First").expect("a first op");
        ops.push(Fused { name: name.into(), first: first.into(), second: second.into(), right });
    }
    ops
}

/// Returns the name of the Wasm operator.
fn operator(op: &str) -> String {
    op.replacen('_', ".", 1)
}

fn constant(ty: &str, value: u32) -> String {
    format!("({ty}.const {value})")
}

/// Returns a constant of type `ty` that does not fit an immediate, if the type has such constants.
fn large(ty: &str, value: u32) -> String {
    if ty == "i64" { format!("(i64.const 0x{value}234567890abcdef)") } else { constant(ty, value) }
}

/// Makes functions that should contain `op`, whose operands are vectors of lanes of type `ty`. The parameters are lanes.
fn vector_functions(op: &Fused, ty: &str) -> (String, Vec<String>) {
    let (first, second) = (operator(&op.first), operator(&op.second));
    let shape = first.split('.').next().expect("a shape");
    let splat = |to: &str, from: u32| format!("(local.set ${to} ({shape}.splat (local.get {from})))");
    let before =
        format!("(local $a v128) (local $b v128) (local $c v128) {}{}{}", splat("a", 0), splat("b", 1), splat("c", 2));
    let (a, b, c) = ("(local.get $a)", "(local.get $b)", "(local.get $c)");
    let last = |value: String| format!("({shape}.extract_lane 1 {value})");
    let both = |inner: &str, other: &str| {
        if op.right { format!("({second} {other} {inner})") } else { format!("({second} {inner} {other})") }
    };
    let product = format!("({first} {a} {b})");
    let mut bodies = vec![last(both(&product, c)), last(both(&product, a))];
    // The result goes to a local; one of the operands is in the accumulator.
    bodies.push(format!("(local.set $c {}) {}", both(&product, c), last(c.into())));
    for computed in [format!("({first} (v128.not {a}) {b})"), format!("({first} {a} (v128.not {b}))")] {
        bodies.push(last(both(&computed, c)));
        bodies.push(format!("(local.set $c {}) {}", both(&computed, c), last(c.into())));
    }
    (ty.into(), bodies.iter().map(|body| format!("{before} {body}")).collect())
}

/// Makes functions that should contain `op`. All have three parameters of type `ty`, and a result.
fn functions(op: &Fused) -> (String, Vec<String>) {
    let ty = &op.first[..3];
    if op.first[3..].starts_with('x') {
        return vector_functions(op, ty);
    }
    let result = &op.second[..3];
    let (first, second) = (operator(&op.first), operator(&op.second));
    let local = |i: u32| format!("(local.get {i})");
    let mut bodies = Vec::new();
    // Addresses below 1000, so that most are inside.
    let low = |i: u32| format!("(i32.and (local.get {i}) (i32.const 1023))");
    if op.first.contains("load") || op.second.contains("store") {
        let before = format!("(local.set 0 {}) (local.set 1 {})", low(0), low(1));
        if op.second.contains("load") {
            // The address is outside if the third parameter is large.
            let before = format!("{before} (i32.store offset=4 (local.get 1) (i32.xor (local.get 0) (local.get 2)))");
            bodies.push(format!("{before} ({second} offset=3 ({first} offset=4 (local.get 1)))"));
            bodies.push(format!("{before} ({second} offset=3 ({first} (i32.shl (local.get 1) (i32.const 1))))"));
            return (result.into(), bodies);
        }
        let load = second.replace("store", "load");
        let values = if op.first.contains("load") {
            [format!("({first} offset=5 (local.get 1))"), format!("({first} (i32.shl (local.get 2) (i32.const 1)))")]
        } else {
            [format!("({first} (local.get 1) (local.get 2))"), format!("({first} (local.get 2) (i32.const 77))")]
        };
        for value in values {
            bodies.push(format!("{before} ({second} offset=3 (local.get 0) {value}) ({load} offset=3 (local.get 0))"));
        }
        return (result.into(), bodies);
    }
    if op.second.contains("load") {
        for b in [local(1), constant(ty, 16)] {
            bodies.push(format!(
                "(local.set 0 {}) (local.set 1 {}) ({second} offset=3 ({first} (local.get 0) {b}))",
                low(0),
                low(1)
            ));
        }
        return (result.into(), bodies);
    }
    for b in [local(1), constant(ty, 5), large(ty, 5), "(call $same (local.get 1))".into()] {
        for c in [local(2), constant(ty, 21), large(ty, 7)] {
            let inner = format!("({first} (local.get 0) {b})");
            bodies.push(if op.right { format!("({second} {c} {inner})") } else { format!("({second} {inner} {c})") });
        }
    }
    // After another op, so that an operand is in the accumulator; the same for the last operand.
    let before =
        format!("(local.set 0 ({ty}.{} (local.get 0) (local.get 2)))", if ty.starts_with('i') { "xor" } else { "mul" });
    for body in bodies.clone() {
        bodies.push(format!("{before} {body}"));
    }
    bodies.push(format!("(local.set 2 ({ty}.add (local.get 2) (local.get 1))) {}", bodies[0]));
    (result.into(), bodies)
}

/// Integers and floats, at the edges of their ranges and between.
fn arguments(ty: &str) -> Vec<Val> {
    match ty {
        "i32" => [0, 1, -1, 31, 33, i32::MIN, i32::MAX, 0x1234_5678].map(Val::I32).into(),
        "i64" => [0, 1, -1, 63, 65, i64::MIN, i64::MAX, 0x1234_5678_9abc_def0].map(Val::I64).into(),
        "f32" => {
            [0.0, -0.0, 1.5, -3.25, f32::INFINITY, f32::MAX, f32::MIN_POSITIVE, 1e-3].map(|f| Val::F32(f.into())).into()
        }
        _ => {
            [0.0, -0.0, 1.5, -3.25, f64::INFINITY, f64::MAX, f64::MIN_POSITIVE, 1e-3].map(|f| Val::F64(f.into())).into()
        }
    }
}

/// Returns the results of all functions for all arguments as text, and the code if fused.
fn outcome(wat: &str, ty: &str, count: u32, portable: bool, fused: bool) -> (String, String) {
    let mut config = Config::default();
    config.portable_dispatch(portable).fused_ops(fused);
    outcome_with(&config, wat, ty, count)
}

/// Like `outcome`, but metered. The results include the remaining fuel.
fn metered_outcome(wat: &str, ty: &str, count: u32, portable: bool, fused: bool) -> (String, String) {
    let mut config = Config::default();
    config.portable_dispatch(portable).fused_ops(fused).consume_fuel(true);
    outcome_with(&config, wat, ty, count)
}

fn outcome_with(config: &Config, wat: &str, ty: &str, count: u32) -> (String, String) {
    let engine = Engine::new(config);
    let module = Module::new(&engine, wat).expect("the module is valid");
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).expect("it has no imports");
    let (values, mut results, mut code) = (arguments(ty), String::new(), String::new());
    for func in 0..count {
        code.push_str(&module.disassemble(func).expect("the function exists"));
        let func = instance.get_func(&store, &func.to_string()).expect("it is exported");
        for a in &values {
            for b in &values {
                for c in &values {
                    // Not enough for the longer loops.
                    let metered = store.set_fuel(400).is_ok();
                    let mut out = [Val::I32(0)];
                    let outcome = func.call(&mut store, &[*a, *b, *c], &mut out);
                    let bits = match &out[0] {
                        // The bits of a NaN are nondeterministic.
                        Val::F32(f) if f.to_float().is_nan() => u64::MAX,
                        Val::F64(f) if f.to_float().is_nan() => u64::MAX,
                        Val::I32(v) => u64::from(v.cast_unsigned()),
                        Val::I64(v) => v.cast_unsigned(),
                        Val::F32(f) => u64::from(f.to_bits()),
                        Val::F64(f) => f.to_bits(),
                        other => panic!("{other:?}"),
                    };
                    let left = if metered { store.get_fuel().expect("fuel is metered") } else { 0 };
                    writeln!(results, "{} {bits:x} {left}", outcome.is_ok()).expect("a string takes all");
                }
            }
        }
    }
    (results, code)
}

#[test]
fn every_fused_op_is_emitted_and_computes_what_the_two_do() {
    let ops = fused_ops();
    assert!(ops.len() >= 48, "{} fused ops", ops.len());
    let mut missing = BTreeSet::new();
    for op in &ops {
        let ty = if op.second.contains("load") || op.second.contains("store") { "i32" } else { &op.first[..3] };
        let (result, bodies) = functions(op);
        let mut wat = String::from("(module (memory 1) (data (i32.const 0) \"");
        (0..1024u32).for_each(|i| write!(wat, "\\{:02x}", (i * 37 + 11) % 256).expect("a string takes all"));
        wat.push_str("\")\n");
        for (i, body) in bodies.iter().enumerate() {
            writeln!(wat, "(func (export \"{i}\") (param {ty} {ty} {ty}) (result {result}) {body})")
                .expect("a string takes all");
        }
        write!(wat, "(func $same (param {ty}) (result {ty}) (local.get 0)))").expect("a string takes all");
        let count = bodies.len() as u32;
        let (expected, plain) = outcome(&wat, ty, count, true, false);
        let emitted = |code: &str| code.lines().any(|line| line.split_whitespace().nth(1) == Some(op.name.as_str()));
        assert!(!emitted(&plain), "{} is emitted though ops are not to be fused", op.name);
        for portable in [false, true] {
            let (results, code) = outcome(&wat, ty, count, portable, true);
            if !emitted(&code) {
                missing.insert(op.name.as_str());
            }
            let differing = expected.lines().zip(results.lines()).position(|(a, b)| a != b);
            assert!(expected == results, "{}: line {differing:?} differs\n{wat}\n{code}", op.name);
        }
    }
    assert!(missing.is_empty(), "never emitted: {missing:?}");
}

/// An op reads an operand that it needs twice from the accumulator, if it is there.
#[test]
fn what_is_taken_twice_is_in_the_accumulator() {
    for (ty, ops) in [
        ("i32", &["mul acc, acc, acc", "shl_xor acc, acc, #13, acc", "shr_u_xor s1, acc, #7, acc"][..]),
        ("i64", &["mul acc, acc, acc", "shl_xor acc, acc, #13, acc", "shr_u_xor s1, acc, #7, acc"]),
        (
            "f32",
            &[
                "mul acc, acc, acc",
                "add s1, acc, acc",
                "mul_add acc, acc, acc, s2",
                "mul_minus acc, acc, acc, s2",
                "minus_mul s1, acc, acc, s2",
            ],
        ),
        (
            "f64",
            &[
                "mul acc, acc, acc",
                "add s1, acc, acc",
                "mul_add acc, acc, acc, s2",
                "mul_minus acc, acc, acc, s2",
                "minus_mul s1, acc, acc, s2",
            ],
        ),
    ] {
        let computed = format!("(local.tee 0 ({ty}.sub (local.get 1) (local.get 2)))");
        let square = format!("({ty}.mul {computed} (local.get 0))");
        let other = if ty.starts_with('i') { "rem_u" } else { "div" };
        let mut bodies = vec![format!("({ty}.{other} {square} (local.get 2))")];
        if ty.starts_with('i') {
            let shifted = |operator, count, value| {
                format!("({ty}.xor {value} ({ty}.{operator} (local.get 0) ({ty}.const {count})))")
            };
            bodies.push(format!("({ty}.mul {} (local.get 2))", shifted("shl", 13, &computed)));
            bodies.push(format!("(local.set 1 {}) (local.get 1)", shifted("shr_u", 7, &computed)));
        } else {
            bodies.push(format!("(local.set 1 ({ty}.add {computed} (local.get 0))) (local.get 1)"));
            for (first, last) in [("add", "sub"), ("sub", "add")] {
                bodies.push(format!("({ty}.{last} ({ty}.{first} {square} (local.get 2)) (local.get 1))"));
            }
            bodies.push(format!("(local.set 1 ({ty}.sub (local.get 2) {square})) (local.get 1)"));
        }
        let mut wat = String::from("(module\n");
        for (i, body) in bodies.iter().enumerate() {
            writeln!(wat, "(func (export \"{i}\") (param {ty} {ty} {ty}) (result {ty}) {body})")
                .expect("a string takes all");
        }
        wat.push(')');
        let count = bodies.len() as u32;
        let (expected, _) = outcome(&wat, ty, count, true, false);
        for portable in [false, true] {
            let (results, code) = outcome(&wat, ty, count, portable, true);
            assert!(expected == results, "{wat}\n{code}");
            for op in ops {
                assert!(code.contains(&format!(" {ty}_{op}\n")), "{op} is not emitted\n{code}");
            }
        }
    }
}

/// Loops that count and test in one op, for every comparison, with constant and variable steps.
#[test]
fn steps_count_as_additions_and_comparisons_do() {
    for ty in ["i32", "i64"] {
        for comparison in ["eq", "ne", "lt_s", "lt_u", "le_s", "le_u", "gt_s", "gt_u", "ge_s", "ge_u"] {
            let name = format!("br_{ty}_step_{comparison}");
            let mut wat = String::from("(module\n");
            let mut count = 0;
            for step in [constant(ty, 3), "(local.get 1)".into()] {
                for bound in [constant(ty, 40), "(local.get 2)".into()] {
                    writeln!(
                        wat,
                        "(func (export \"{count}\") (param {ty} {ty} {ty}) (result {ty}) (local $rounds i32)
                            (block $out (loop $next
                                (br_if $out (i32.gt_u (local.get $rounds) (i32.const 50)))
                                (local.set $rounds (i32.add (local.get $rounds) (i32.const 1)))
                                (br_if $next ({ty}.{comparison}
                                    (local.tee 0 ({ty}.add (local.get 0) {step})) {bound}))))
                            (local.get 0))"
                    )
                    .expect("a string takes all");
                    count += 1;
                }
            }
            wat.push(')');
            let (expected, _) = outcome(&wat, ty, count, true, false);
            for portable in [false, true] {
                let (results, code) = outcome(&wat, ty, count, portable, true);
                assert!(expected == results, "{name}\n{wat}\n{code}");
                assert!(code.contains(&format!(" {name} ")), "{name} is not emitted\n{code}");
            }
        }
    }
}

/// The jump back to a loop that begins with a condition tests the condition itself. A loop that begins with an
/// addition and a condition in one op must not skip the addition.
#[test]
fn loops_are_tested_where_they_jump_back() {
    let wat = r#"(module
        (func (export "0") (param i32 i32 i32) (result i32) (local $rounds i32)
            (local.set 0 (i32.and (local.get 0) (i32.const 31)))
            (block $out (loop $next
                (br_if $out (i32.ge_s (local.get $rounds) (local.get 0)))
                (local.set 1 (i32.add (local.get 1) (local.get 2)))
                (local.set $rounds (i32.add (local.get $rounds) (i32.const 2)))
                (br $next)))
            (local.get 1))
        (func (export "1") (param i32 i32 i32) (result i32) (local $rounds i32)
            (block $out (loop $next
                (local.set $rounds (i32.add (local.get $rounds) (i32.const 1)))
                (br_if $out (i32.gt_u (local.get $rounds) (i32.const 20)))
                (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 3)) (local.get $rounds)))
                (br $next)))
            (local.get 1)))"#;
    let (expected, _) = outcome(wat, "i32", 2, true, false);
    for portable in [false, true] {
        let (results, code) = outcome(wat, "i32", 2, portable, true);
        assert!(expected == results, "{wat}\n{code}");
    }
}

/// Arguments computed immediately before the call reach the callee.
#[test]
fn calls_compute_arguments() {
    let wat = r#"(module
        (func $sub (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
        (func $square (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
        (func $many (param i32 i64 i32 f32 i32) (result i32)
            (i32.add (i32.sub (local.get 0) (i32.wrap_i64 (local.get 1))) (i32.xor (local.get 2) (local.get 4))))
        (func (export "0") (param i32 i32 i32) (result i32)
            (call $sub (local.get 2) (i32.const 9)))
        (func (export "1") (param i32 i32 i32) (result i32)
            (call $sub (local.get 1) (local.get 0)))
        (func (export "2") (param i32 i32 i32) (result i32)
            (call $sub (local.tee 0 (i32.mul (local.get 0) (local.get 1))) (local.get 0)))
        (func (export "3") (param i32 i32 i32) (result i32)
            (call $square (i32.add (local.get 0) (i32.const -7))))
        (func (export "4") (param i32 i32 i32) (result i32)
            (call $square (i32.or (local.get 0) (local.get 1))))
        (func (export "5") (param i32 i32 i32) (result i32)
            (call $many (local.get 2) (i64.add (i64.extend_i32_u (local.get 0)) (i64.const 3))
                (local.get 1) (f32.const 2.5) (local.get 0)))
        (func (export "6") (param i32 i32 i32) (result i32)
            (call $square (local.tee 2 (i32.xor (local.get 0) (local.get 1)))))
        (func (export "7") (param i32 i32 i32) (result i32)
            (i32.wrap_i64 (call $negate (i64.add (i64.extend_i32_s (local.get 0)) (i64.const -100000)))))
        (func (export "8") (param i32 i32 i32) (result i32) (local i64)
            (local.set 3 (i64.extend_i32_s (local.get 0)))
            (i32.wrap_i64 (call $negate (i64.add (local.get 3) (i64.const -100000)))))
        (func $negate (param i64) (result i64) (i64.sub (i64.const 0) (local.get 0))))"#;
    let (expected, _) = outcome(wat, "i32", 9, true, false);
    for portable in [false, true] {
        let (results, _) = outcome(wat, "i32", 9, portable, true);
        assert!(expected == results, "{wat}");
    }
}

/// Returns the code of all functions.
fn disassembled(wat: &str, config: &Config) -> String {
    let module = Module::new(&Engine::new(config), wat).expect("the module is valid");
    (0..).map_while(|func| module.disassemble(func).ok()).collect()
}

/// Loops with parameters that are copied to locals; globals in slots while the accumulator has another value.
#[test]
fn values_in_two_places_are_the_same() {
    let wat = r#"(module (global $a (mut i32) (i32.const 5)) (global $b (mut i64) (i64.const 7)) (global $f f64 (f64.const 2))
        (type $step (func (param i32 i32) (result i32 i32)))
        (func (export "0") (param i32 i32 i32) (result i32)
            (local.set 0 (i32.and (local.get 0) (i32.const 31)))
            (i32.const 40) (local.get 0)
            (loop $next (type $step)
                (local.tee 0 (i32.sub (i32.const 1)))
                (local.set 1 (i32.add (local.get 1) (i32.mul (local.get 0) (local.get 2))))
                (br_if $next (i32.gt_s (local.get 0) (i32.const 0))))
            (i32.add (i32.add (local.get 1))))
        (func (export "1") (param i32 i32 i32) (result i32)
            (local.set 0 (i32.and (local.get 0) (i32.const 31)))
            (i32.const 1) (i32.const 2)
            (loop $next (type $step)
                (local.set 2)
                (local.tee 1 (i32.add (local.get 2)))
                (local.tee 2 (i32.xor (local.get 1) (i32.const 3)))
                (br_if $next (i32.gt_s (local.tee 0 (i32.sub (local.get 0) (i32.const 1))) (i32.const 0))))
            (i32.add (i32.add (local.get 1))))
        (func (export "2") (param i32 i32 i32) (result i32)
            (global.set $a (i32.mul (local.get 0) (local.get 1)))
            (global.set $b (i64.rotl (i64.add (global.get $b) (i64.extend_i32_u (global.get $a))) (i64.const 3)))
            (global.set $a (i32.sub (i32.wrap_i64 (global.get $b)) (global.get $a)))
            (local.set 2 (global.get $a))
            (i32.add (i32.xor (local.get 2) (global.get $a)) (i32.trunc_sat_f64_s (global.get $f))))
    )"#;
    let (expected, _) = outcome(wat, "i32", 3, true, false);
    for portable in [false, true] {
        assert_eq!(outcome(wat, "i32", 3, portable, true).0, expected);
    }
}

/// Loops whose branch back charges fuel have the same results and fuel as without fused ops.
#[test]
fn branches_back_charge_what_the_loop_costs() {
    for ty in ["i32", "i64"] {
        for condition in [
            format!("({ty}.ne (local.get 0) (local.get 1))"),
            format!("({ty}.lt_s (local.get 0) (local.get 2))"),
            format!("({ty}.lt_u (local.get 0) (local.get 2))"),
            format!("({ty}.gt_s (local.get 0) ({ty}.const 5))"),
            format!("({ty}.gt_u (local.get 0) ({ty}.const 5))"),
            format!("({ty}.eqz (local.get 0))"),
            format!("({ty}.ne (local.get 0) ({ty}.const 0))"),
        ] {
            for step in [
                format!("({ty}.add (local.get 0) ({ty}.const 3))"),
                format!("({ty}.shr_u (local.get 0) ({ty}.const 1))"),
            ] {
                let wat = format!(
                    "(module (func (export \"0\") (param {ty} {ty} {ty}) (result {ty})
                        (loop $next
                            (local.set 2 ({ty}.mul (local.get 2) ({ty}.const 5)))
                            (local.set 0 {step})
                            (br_if $next {condition}))
                        (local.get 2))
                    (func (export \"1\") (param {ty} {ty} {ty}) (result {ty})
                        (block $out (loop $next
                            (local.set 0 {step})
                            (br_if $out {condition})
                            (local.set 2 ({ty}.mul (local.get 2) ({ty}.const 5)))
                            (br $next)))
                        (local.get 2))
                    (func (export \"2\") (param {ty} {ty} {ty}) (result {ty})
                        (block $out (loop $next
                            (br_if $out {condition})
                            (if ({ty}.eqz (local.get 2))
                                (then (local.set 1 ({ty}.add (local.get 1) ({ty}.const 1))) (br $next)))
                            (local.set 2 ({ty}.mul (local.get 2) ({ty}.const 5)))
                            (local.set 0 {step})
                            (br $next)))
                        (local.get 2)))"
                );
                let (expected, _) = metered_outcome(&wat, ty, 3, true, false);
                for portable in [false, true] {
                    let (results, code) = metered_outcome(&wat, ty, 3, portable, true);
                    assert!(expected == results, "{wat}\n{code}");
                    assert!(code.contains(" br_charged "), "the jump charges nothing\n{code}");
                }
            }
        }
    }
}

/// A loop that contains only its jump is translated, and ends without fuel.
#[test]
fn an_empty_loop_ends_without_fuel() {
    let wat = "(module (func (export \"0\") (param i32 i32 i32) (result i32) (loop (br 0)) (unreachable)))";
    for portable in [false, true] {
        let (results, _) = metered_outcome(wat, "i32", 1, portable, true);
        assert!(!results.contains("true"), "{results}");
        assert!(disassembled(wat, Config::default().portable_dispatch(portable)).contains(" br "));
    }
}

/// Returns of functions with few and with many parameters.
#[test]
fn returns_find_the_linkage() {
    let mut wat = String::from("(module\n");
    let mut calls = String::new();
    for params in 0..8 {
        let types = "i32 ".repeat(params);
        let value = if params == 0 { "(i32.const 77)".into() } else { format!("(local.get {})", params - 1) };
        let arguments: String =
            (0..params).map(|i| format!("(i32.add (local.get {}) (i32.const {i}))", i % 3)).collect();
        writeln!(
            wat,
            "(func $value{params} (param {types}) (result i32) {value})
            (func $sum{params} (param {types}) (result i32) (i32.add {value} (i32.const 5)))
            (func $both{params} (param {types}) (result i32 f32) {value} (f32.const 1.5))
            (func $none{params} (param {types}))"
        )
        .expect("a string takes all");
        write!(
            calls,
            "(local.set 0 (i32.mul (local.get 0) (i32.const 3)))
            (local.set 0 (i32.xor (local.get 0) (call $value{params} {arguments})))
            (local.set 0 (i32.sub (local.get 0) (call $sum{params} {arguments})))
            (drop (call $both{params} {arguments})) (local.set 1)
            (call $none{params} {arguments})"
        )
        .expect("a string takes all");
    }
    write!(
        wat,
        "(func (export \"0\") (param i32 i32 i32) (result i32) {calls} (i32.add (local.get 0) (local.get 1))))"
    )
    .expect("a string takes all");
    let (expected, _) = outcome(&wat, "i32", 1, true, false);
    for portable in [false, true] {
        let (results, _) = outcome(&wat, "i32", 1, portable, true);
        assert!(expected == results, "{wat}");
    }
}

/// Fused ops other than a value op and its use: each is emitted if fusion is on, and computes the same.
#[test]
fn other_pairs_of_ops_compute_what_the_two_do() {
    let functions = [
        (
            "br_i32_load_eqz",
            "(if (result i32) (i32.load (local.tee 0 (i32.shl (local.get 0) (i32.const 1))))
            (then (local.get 1)) (else (local.get 2)))",
        ),
        (
            "br_i32_load_nez",
            "(block $b (br_if $b (local.tee 1 (i32.load offset=9 (local.get 0)))) (local.set 0 (local.get 2)))
            (i32.add (local.get 0) (local.get 1))",
        ),
        (
            "br_i32_load8_u_eqz",
            "(block $b (br_if $b (i32.eqz (i32.load8_u (local.get 0)))) (local.set 0 (local.get 2)))
            (local.get 0)",
        ),
        (
            "br_i32_load8_u_nez",
            "(local.set 0 (i32.and (local.get 0) (i32.const 255)))
            (block $b (br_if $b (local.tee 1 (i32.load8_u offset=1 (local.get 0)))) (local.set 0 (local.get 2)))
            (i32.add (local.get 0) (local.get 1))",
        ),
        (
            "br_table_sum",
            "(block $a (block $b (block $c (br_table $a $b $c (i32.sub (local.get 0) (i32.const 31))))
            (return (local.get 2))) (return (i32.const 5))) (local.get 1)",
        ),
        (
            "br_table_sum",
            "(block $a (block $b (br_table $a $b $a (i32.add (i32.xor (local.get 0) (local.get 1)) (i32.const 2))))
            (return (i32.const 5))) (local.get 1)",
        ),
        (
            "i32_step_global",
            "(global.set $g (local.tee 1 (i32.sub (global.get $g) (i32.const 16))))
            (global.set $h (local.get 0)) (i32.xor (global.get $g) (local.get 1))",
        ),
        ("i32_step_global", "(global.set $g (i32.add (global.get $g) (i32.const 3))) (global.get $g)"),
        ("i32_set_global_sum", "(global.set $g (i32.add (local.get 0) (i32.const 3))) (global.get $g)"),
        (
            "i32_set_global_sum",
            "(global.set $h (i32.add (i32.xor (local.get 0) (local.get 1)) (i32.const 3)))
            (i32.add (global.get $h) (global.get $g))",
        ),
        // Of another global: no step.
        (
            "i32_set_global_sum",
            "(global.set $h (i32.add (global.get $g) (i32.const 3)))
            (global.set $g (i32.add (local.get 0) (i32.const 1))) (i32.xor (global.get $h) (global.get $g))",
        ),
        (
            "i32_add_pair",
            "(local.set 0 (i32.add (local.get 0) (i32.const 3))) (local.set 1 (i32.add (local.get 1) (local.get 2)))
            (i32.xor (local.get 0) (local.get 1))",
        ),
        (
            "i32_add_pair",
            "(local.set 0 (i32.add (local.get 0) (local.get 1))) (local.set 1 (i32.add (local.get 0) (i32.const 9)))
            (i32.xor (local.get 0) (local.get 1))",
        ),
        (
            "i32_add_pair",
            "(local.set 0 (i32.add (local.get 0) (local.get 1))) (local.set 2 (i32.add (local.get 2) (local.get 0)))
            (i32.xor (local.get 0) (local.get 2))",
        ),
        ("copy_pair", "(local.set 0 (i32.const 7)) (local.set 2 (local.get 1)) (i32.add (local.get 0) (local.get 2))"),
        ("copy_pair", "(local.set 0 (local.get 1)) (local.set 1 (i32.const -7)) (i32.mul (local.get 0) (local.get 1))"),
        ("copy_pair", "(local.set 0 (local.get 1)) (local.set 2 (local.get 0)) (i32.mul (local.get 0) (local.get 2))"),
        ("copy_pair", "(local.set 0 (i32.const 4)) (local.set 1 (i32.const 6)) (i32.mul (local.get 0) (local.get 1))"),
    ];
    let mut wat = String::from(
        "(module (memory 1) (data (i32.const 1) \"\\03\\07\\00\\00\\00\\ff\")
        (global $g (mut i32) (i32.const 70000)) (global $h (mut i32) (i32.const 1))\n",
    );
    for (i, (_, body)) in functions.iter().enumerate() {
        writeln!(wat, "(func (export \"{i}\") (param i32 i32 i32) (result i32) {body})").expect("a string takes all");
    }
    wat.push(')');
    let count = functions.len() as u32;
    let (expected, plain) = outcome(&wat, "i32", count, true, false);
    for portable in [false, true] {
        let (results, code) = outcome(&wat, "i32", count, portable, true);
        let differing = expected.lines().zip(results.lines()).position(|(a, b)| a != b);
        assert!(expected == results, "line {differing:?} differs\n{code}");
        for (name, _) in functions {
            assert!(code.contains(&format!(" {name} ")), "{name} is not emitted\n{code}");
            assert!(!plain.contains(&format!(" {name} ")), "{name} is emitted though ops are not to be fused");
        }
    }
}

/// After a move between locals, the copy is read from the original, as long as both have the value.
#[test]
fn moved_locals_keep_their_values() {
    let bodies = [
        "(local.set 1 (local.get 0)) (i32.shl (local.get 1) (i32.const 2))",
        "(local.set 1 (local.get 0)) (local.set 0 (i32.const 9)) (i32.sub (local.get 1) (local.get 0))",
        "(local.set 1 (local.get 0)) (local.set 1 (i32.const 9)) (i32.sub (local.get 1) (local.get 0))",
        // Values on the stack when the one or the other is overwritten.
        "(local.set 1 (local.get 0)) (local.get 1) (local.set 0 (i32.const 9)) (i32.sub (local.get 0))",
        "(local.set 1 (local.get 0)) (local.get 0) (local.set 0 (i32.const 9)) (i32.sub (local.get 1))",
        "(local.set 1 (local.get 0)) (local.get 1) (local.set 1 (i32.const 9)) (i32.sub (local.get 1))",
        "(local.get 0) (local.set 1 (local.get 0)) (local.get 1) (local.set 0 (local.get 2)) (i32.mul)
        (local.set 1 (i32.const 5)) (i32.sub (local.get 1)) (i32.xor (local.get 0))",
        // A chain, and one that turns back.
        "(local.set 1 (local.get 0)) (local.set 2 (local.get 1)) (local.set 0 (i32.const 7))
        (i32.sub (i32.mul (local.get 2) (local.get 1)) (local.get 0))",
        "(local.set 2 (local.get 0)) (local.set 0 (local.get 1)) (local.set 1 (local.get 2))
        (i32.sub (local.get 0) (i32.mul (local.get 1) (i32.const 3)))",
        "(local.set 1 (local.get 0)) (local.set 0 (local.get 1)) (i32.sub (local.get 2) (local.get 0))",
        "(i32.add (local.tee 1 (local.get 0)) (local.tee 0 (i32.const 3))) (i32.sub (local.get 1)) (i32.sub (local.get 0))",
        // A branch target forgets everything.
        "(local.set 1 (local.get 0)) (block (br_if 0 (local.get 2)) (local.set 0 (i32.const 5)))
        (i32.sub (local.get 1) (local.get 0))",
        "(block $b (result i32) (local.set 1 (local.get 0)) (br_if $b (local.get 1) (local.get 2)) (local.set 0) (local.get 1))
        (i32.sub (local.get 0))",
        "(loop $l (local.set 1 (local.get 0)) (local.set 0 (i32.and (local.get 1) (i32.const 6)))
        (br_if $l (i32.ne (local.get 1) (local.get 0)))) (i32.sub (local.get 1) (local.get 2))",
    ];
    let mut wat = String::from("(module\n");
    for (i, body) in bodies.iter().enumerate() {
        writeln!(wat, "(func (export \"{i}\") (param i32 i32 i32) (result i32) {body})").expect("a string takes all");
    }
    // As many values below as the search visits, and more.
    for (i, depth) in [31, 32, 33].into_iter().enumerate() {
        let (values, sums) = ("(local.get 1) ".repeat(depth), "(i32.sub) ".repeat(depth - 1));
        writeln!(
            wat,
            "(func (export \"{}\") (param i32 i32 i32) (result i32) (local.set 1 (local.get 0)) {values}
            (local.set 0 (local.get 2)) {sums} (i32.sub (local.get 0)))",
            bodies.len() + i
        )
        .expect("a string takes all");
    }
    wat.push(')');
    let count = bodies.len() as u32 + 3;
    let (expected, _) = outcome(&wat, "i32", count, true, false);
    for portable in [false, true] {
        let (results, code) = outcome(&wat, "i32", count, portable, true);
        let differing = expected.lines().zip(results.lines()).position(|(a, b)| a != b);
        assert!(expected == results, "line {differing:?} differs\n{code}");
    }
}

/// `select` takes constants, of any size, from the code or from a slot.
#[test]
fn select_takes_constants() {
    for ty in ["i32", "i64", "f32", "f64"] {
        let mut wat = String::from("(module\n");
        let constants = ["-1", "5", if ty == "i32" { "0x80000000" } else { "0x123456789" }];
        let mut operands: Vec<_> = constants.iter().map(|value| format!("({ty}.const {value})")).collect();
        operands.extend(["(local.get 0)".into(), format!("({ty}.add (local.get 0) (local.get 1))")]);
        let condition = format!("({ty}.lt{} (local.get 1) (local.get 2))", if ty.starts_with('i') { "_u" } else { "" });
        let (mut count, mut branching) = (0, wat.clone());
        for lhs in &operands {
            for rhs in &operands {
                for (before, after) in [("", ""), ("(local.set 0 ", ") (local.get 0)")] {
                    writeln!(
                        wat,
                        "(func (export \"{count}\") (param {ty} {ty} {ty}) (result {ty})
                            {before}(select {lhs} {rhs} {condition}){after})"
                    )
                    .expect("a string takes all");
                    writeln!(
                        branching,
                        "(func (export \"{count}\") (param {ty} {ty} {ty}) (result {ty})
                            {before}(if (result {ty}) {condition} (then {lhs}) (else {rhs})){after})"
                    )
                    .expect("a string takes all");
                    count += 1;
                }
            }
        }
        wat.push(')');
        branching.push(')');
        let (expected, _) = outcome(&branching, ty, count, true, false);
        for portable in [false, true] {
            let (results, code) = outcome(&wat, ty, count, portable, true);
            assert!(expected == results, "{wat}\n{code}");
        }
    }
}

/// A pair of additions has slots in place of the second addition's head. Their numbers must not be mistaken for an op
/// with which the next one could be fused.
#[test]
fn slots_of_a_pair_are_not_ops() {
    // Locals are slots from 5 on here, and so have the numbers of all opcodes.
    let locals = "i32 ".repeat(2000);
    let mut wat = String::from("(module (memory 1) (global $g (mut i32) (i32.const 7))\n");
    let numbers: Vec<u32> = (5..2000).collect();
    let mut count = 0;
    for chunk in numbers.chunks(64) {
        writeln!(wat, "(func (export \"{count}\") (param i32 i32 i32) (result i32) (local {locals})")
            .expect("a string");
        for &local in chunk {
            // Both additions, then an op that could be fused with the second one: `global.set`, a branch.
            writeln!(
                wat,
                "(local.set {local} (i32.add (local.get 1) (i32.const 5)))
                 (local.set 3 (i32.add (local.get 2) (i32.const 7)))
                 (global.set $g (local.get 3))
                 (local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 31))
                     (i32.add (local.get {local}) (global.get $g))))
                 (local.set {local} (i32.add (local.get 1) (i32.const 9)))
                 (local.set 3 (i32.add (local.get 2) (i32.const 1)))
                 (if (local.get 3) (then (local.set 0 (i32.add (local.get 0) (local.get {local})))))"
            )
            .expect("a string");
        }
        writeln!(wat, "(local.get 0))").expect("a string");
        count += 1;
    }
    wat.push(')');
    let (expected, _) = outcome(&wat, "i32", count, true, false);
    for portable in [false, true] {
        let (results, _) = outcome(&wat, "i32", count, portable, true);
        assert!(expected == results, "results differ");
    }
}
