//! Conversions between integers that need no op of their own.

use std::fmt::Write;

use wasmote::{Config, Engine, Linker, Module, Store, Val};

/// An extension follows an op for free, and a wrap before an op costs nothing.
#[test]
fn computed_values_are_extended_and_wrapped_for_nothing() {
    let arguments = [0, 1, -1, 31, 33, i32::MIN, i32::MAX, 0x1234_5678].map(Val::I32);
    let from_i32 = [
        "(i32.sub (local.get 0) (local.get 1))",
        "(i32.add (local.get 0) (i32.const -7))",
        "(i32.add (i32.mul (local.get 0) (local.get 1)) (local.get 2))",
        "(i32.clz (local.get 2))",
        "(i32.load8_s (i32.and (local.get 0) (i32.const 63)))",
        "(i32.load (i32.add (i32.and (local.get 0) (i32.const 7)) (i32.const 5)))",
        "(i32.load (i32.load (i32.const 1000)))",
        "(i32.lt_s (local.get 0) (local.get 1))",
        "(i32.eqz (i32.and (local.get 0) (local.get 1)))",
        "(f64.lt (f64.convert_i32_s (local.get 0)) (f64.convert_i32_u (local.get 1)))",
        "(i32.trunc_sat_f64_s (f64.convert_i32_s (local.get 0)))",
    ];
    let from_i64 = ["add", "sub", "mul", "and", "or", "xor"].into_iter().flat_map(|operator| {
        ["(local.get 4)", "(i64.const -3)", "(i64.const 0x1234567890abcdef)"]
            .map(|rhs| format!("(i64.{operator} (local.get 3) {rhs})"))
    });
    // These need an op: no op before it, a sign extension, or a use of the upper half.
    let others = [
        "(i64.extend_i32_u (i32.const -7))",
        "(i64.extend_i32_u (local.tee 1 (i32.const -7)))",
        "(i64.extend_i32_u (select (i32.const -7) (local.get 0) (local.get 1)))",
        "(i64.extend_i32_u (global.get $g))",
        "(global.set $g (local.get 0)) (i64.extend_i32_u (global.get $g))",
        "(i64.extend_i32_u (i32.wrap_i64 (i64.shr_u (local.get 3) (i64.const 31))))",
        "(i64.extend_i32_u (i32.wrap_i64 (i64.div_u (local.get 3) (i64.const 3))))",
        "(i64.extend_i32_u (i32.wrap_i64 (i64.extend_i32_u (i64.eqz (i64.and (local.get 3) (i64.const 0xffff00000000))))))",
    ];
    let uses = |value: &str| {
        [
            format!("(local.set 3 {value}) (i64.rotl (local.get 3) (i64.const 9))"),
            format!("(i64.mul {value} (local.get 4))"),
            format!("(i64.extend_i32_u (i64.eqz {value}))"),
            format!(
                "(i64.store offset=9 (i32.and (local.get 1) (i32.const 63)) {value}) (i64.load offset=9 (i32.and (local.get 1) (i32.const 63)))"
            ),
            format!(
                "(if (i64.ne (i64.and {value} (i64.const 1)) (i64.const 0)) (then (return (i64.const 5)))) (local.get 4)"
            ),
        ]
    };
    let free = from_i32.map(|value| format!("(i64.extend_i32_u {value})")).into_iter();
    let free: Vec<_> = free.chain(from_i64.map(|value| format!("(i64.extend_i32_u (i32.wrap_i64 {value}))"))).collect();
    for (values, is_free) in [(free, true), (others.map(str::to_owned).to_vec(), false)] {
        let mut wat = String::from(
            "(module (memory 1) (data (i32.const 2) \"\\03\\87\\00\\ff\\09\\ff\\80\\01\") (global $g (mut i32) (i32.const -9))\n",
        );
        let mut count = 0;
        for value in &values {
            for used in uses(value) {
                // All that is visible of 64 bits.
                writeln!(
                    wat,
                    "(func $f{count} (param i32 i32 i32) (result i64) (local i64 i64)
                        (local.set 3 (i64.mul (i64.extend_i32_s (local.get 0)) (i64.const 0x700000003)))
                        (local.set 4 (i64.sub (i64.const 77) (local.get 3)))
                        {used})
                    (func (export \"{}\") (param i32 i32 i32) (result i32) (local i64)
                        (local.set 3 (call $f{count} (local.get 0) (local.get 1) (local.get 2)))
                        (i32.xor (i32.wrap_i64 (local.get 3)) (i32.wrap_i64 (i64.shr_u (local.get 3) (i64.const 32)))))",
                    2 * count + 1
                )
                .expect("a string takes all");
                count += 1;
            }
        }
        wat.push(')');
        let engines = [(true, false), (false, true), (true, true)].map(|(portable, fused)| {
            let mut config = Config::default();
            config.portable_dispatch(portable).fused_ops(fused);
            Engine::new(&config)
        });
        let runs = engines.map(|engine| {
            let module = Module::new(&engine, &wat).expect("the module is valid");
            let mut store = Store::new(&engine, ());
            let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).expect("it has no imports");
            let mut results = Vec::new();
            for func in 0..count {
                let func = instance.get_func(&store, &(2 * func + 1).to_string()).expect("it is exported");
                for a in arguments {
                    for b in arguments {
                        let mut out = [Val::I32(0)];
                        let outcome = func.call(&mut store, &[a, b, a], &mut out);
                        results.push((outcome.is_ok(), out[0].i32()));
                    }
                }
            }
            let code: Vec<_> = (0..count).map(|func| module.disassemble(2 * func).expect("it exists")).collect();
            (results, code)
        });
        let [(expected, _), (threaded, code), (portable, _)] = runs;
        for results in [threaded, portable] {
            let differing = expected.iter().zip(&results).position(|(a, b)| a != b);
            assert!(expected == results, "{differing:?} differs\n{wat}");
        }
        if is_free {
            for code in code {
                assert!(!code.contains("i64_extend_i32_u") && !code.contains("i32_wrap_i64"), "{code}");
            }
        }
    }
}
