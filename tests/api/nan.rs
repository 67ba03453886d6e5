//! `Config::nan_canonicalization`: every operator that computes a NaN returns the canonical one.

use wasmote::{CompilationMode, Config, Engine, Instance, Module, Store};

const UNARY: [&str; 5] = ["ceil", "floor", "trunc", "nearest", "sqrt"];
const BINARY: [&str; 6] = ["add", "sub", "mul", "div", "min", "max"];

/// Makes engines of all modes that may differ.
fn engines(canonical: bool) -> Vec<Engine> {
    let mut engines = Vec::new();
    for mode in [CompilationMode::Eager, CompilationMode::LazyTranslation, CompilationMode::Lazy] {
        for (portable, fused) in [(false, true), (false, false), (true, true), (true, false)] {
            let mut config = Config::default();
            config.compilation_mode(mode).portable_dispatch(portable).fused_ops(fused);
            config.nan_canonicalization(canonical);
            engines.push(Engine::new(&config));
        }
    }
    engines
}

/// Asserts that `f` of the module returns `expected` in each mode.
#[track_caller]
fn returns(wat: &str, expected: i64) {
    for engine in engines(true) {
        let module = Module::new(&engine, wat).expect("the module is valid");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("it imports nothing");
        let f = instance.get_typed_func::<(), i64>(&store, "f").expect("it is exported");
        let result = f.call(&mut store, ()).expect("it returns");
        assert_eq!(result, expected, "{result:#x} is not {expected:#x}: {wat}");
    }
}

/// A function that returns the bits of an f32 or f64 expression, through locals and directly.
fn function(ty: &str, expression: &str) -> String {
    let bits =
        if ty == "f32" { "i64.extend_i32_u (i32.reinterpret_f32" } else { "i64.or (i64.const 0) (i64.reinterpret_f64" };
    format!(
        r#"(module (func (export "f") (result i64) (local $x {ty}) (local.set $x ({ty}.const -nan:0x200001)) ({bits} {expression}))))"#
    )
}

#[test]
fn numbers_that_are_none_have_the_canonical_bits() {
    for (ty, canonical) in [("f32", 0x7FC0_0000), ("f64", 0x7FF8_0000_0000_0000)] {
        for op in UNARY {
            returns(&function(ty, &format!("({ty}.{op} (local.get $x))")), canonical);
        }
        for op in BINARY {
            returns(&function(ty, &format!("({ty}.{op} (local.get $x) ({ty}.const 1))")), canonical);
            returns(&function(ty, &format!("({ty}.{op} ({ty}.const 1) (local.get $x))")), canonical);
            // The op after it gets the canonical one.
            let twice = format!("({ty}.neg ({ty}.{op} ({ty}.mul (local.get $x) (local.get $x)) (local.get $x)))");
            let sign = if ty == "f32" { 1 << 31 } else { i64::MIN };
            returns(&function(ty, &twice), canonical | sign);
        }
        returns(&function(ty, &format!("({ty}.sqrt ({ty}.const -1))")), canonical);
        returns(&function(ty, &format!("({ty}.div ({ty}.const 0) ({ty}.const 0))")), canonical);
        returns(&function(ty, &format!("({ty}.sub ({ty}.const inf) ({ty}.const inf))")), canonical);
    }
    returns(&function("f32", "(f32.demote_f64 (f64.const -nan:0x4000000000001))"), 0x7FC0_0000);
    returns(&function("f64", "(f64.promote_f32 (f32.const -nan:0x200001))"), 0x7FF8_0000_0000_0000);
}

#[test]
fn operators_on_bits_keep_them() {
    returns(&function("f32", "(local.get $x)"), 0xFFA0_0001);
    returns(&function("f32", "(f32.neg (local.get $x))"), 0x7FA0_0001);
    returns(&function("f32", "(f32.abs (local.get $x))"), 0x7FA0_0001);
    returns(&function("f32", "(f32.copysign (local.get $x) (f32.const 1))"), 0x7FA0_0001);
    returns(&function("f32", "(select (local.get $x) (f32.const 1) (i32.const 1))"), 0xFFA0_0001);
}

#[test]
fn numbers_stay_as_they_are() {
    returns(&function("f32", "(f32.min (f32.const -0) (f32.const 0))"), 0x8000_0000);
    returns(&function("f64", "(f64.sqrt (f64.const 4))"), 2_f64.to_bits().cast_signed());
}

#[cfg(feature = "simd")]
#[test]
fn lanes_that_are_no_numbers_have_the_canonical_bits() {
    for (ty, lanes, wide) in [("f32x4", "-nan:0x200001 1 2 3", false), ("f64x2", "-nan:0x4000000000001 1", true)] {
        let lane = |expression: &str| {
            let bits = if wide { "i64x2.extract_lane 0" } else { "i64.extend_i32_u (i32x4.extract_lane 0" };
            let end = if wide { "" } else { ")" };
            format!(
                r#"(module (func (export "f") (result i64) (local $x v128) (local.set $x (v128.const {ty} {lanes})) ({bits} {expression}{end})))"#
            )
        };
        let canonical = if wide { 0x7FF8_0000_0000_0000 } else { 0x7FC0_0000 };
        for op in UNARY {
            returns(&lane(&format!("({ty}.{op} (local.get $x))")), canonical);
        }
        for op in BINARY {
            returns(&lane(&format!("({ty}.{op} (local.get $x) (v128.const i32x4 0 0 0 0))")), canonical);
            returns(&lane(&format!("({ty}.{op} (v128.const i32x4 0 0 0 0) (local.get $x))")), canonical);
        }
        for op in ["relaxed_madd", "relaxed_nmadd"] {
            returns(&lane(&format!("({ty}.{op} (local.get $x) (local.get $x) (local.get $x))")), canonical);
        }
    }
}

#[test]
fn fuel_is_the_same() {
    let used = |canonical| {
        let mut config = Config::default();
        config.consume_fuel(true).nan_canonicalization(canonical).compilation_mode(CompilationMode::Eager);
        let engine = Engine::new(&config);
        let wat = function("f64", "(f64.add (f64.mul (local.get $x) (local.get $x)) (f64.sqrt (local.get $x)))");
        let module = Module::new(&engine, wat).expect("the module is valid");
        let mut store = Store::new(&engine, ());
        store.set_fuel(1000).expect("fuel is metered");
        let instance = Instance::new(&mut store, &module, &[]).expect("it imports nothing");
        let f = instance.get_typed_func::<(), i64>(&store, "f").expect("it is exported");
        f.call(&mut store, ()).expect("it returns");
        1000 - store.get_fuel().expect("fuel is metered")
    };
    assert_eq!(used(false), used(true));
}
