//! Vectors: values in two cells, everywhere that values can be.

use wasmote::{
    AsContextMut, Caller, CompilationMode, Config, Engine, Error, Func, FuncType, Global, Instance, Linker, Module,
    Mutability, OperatorCost, Store, V128, Val, ValType,
};

/// Makes engines with each dispatcher, with fused ops and without.
fn engines() -> impl Iterator<Item = Engine> {
    [(false, true), (false, false), (true, true), (true, false)].into_iter().map(|(portable, fused)| {
        let mut config = Config::default();
        config.portable_dispatch(portable).fused_ops(fused);
        Engine::new(&config)
    })
}

/// Instantiates a module, which imports nothing, in each engine.
fn instances(wat: &str) -> impl Iterator<Item = (Store<()>, Instance)> {
    engines().map(move |engine| {
        let module = Module::new(&engine, wat).expect("the module is valid");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("it imports nothing");
        (store, instance)
    })
}

#[track_caller]
fn returns(wat: &str, expected: i32) {
    for (mut store, instance) in instances(wat) {
        let f = instance.get_typed_func::<(), i32>(&store, "f").expect("it is exported");
        assert_eq!(f.call(&mut store, ()).expect("it returns"), expected);
    }
}

#[test]
fn sums_of_lanes() {
    returns(
        r#"(module (func (export "f") (result i32)
            (i32x4.extract_lane 2 (i32x4.add (v128.const i32x4 1 2 3 4) (i32x4.splat (i32.const 10))))))"#,
        13,
    );
}

#[test]
fn locals_and_calls() {
    returns(
        r#"(module
            (func $g (param i32 v128 i32 v128) (result v128 i32)
                (local v128 i32)
                (local.set 4 (i32x4.add (local.get 1) (local.get 3)))
                (local.set 5 (i32.add (local.get 0) (local.get 2)))
                (local.get 4) (local.get 5))
            (func (export "f") (result i32)
                (local v128)
                (call $g (i32.const 1) (v128.const i32x4 1 2 3 4) (i32.const 5) (i32x4.splat (i32.const 100)))
                (local.set 0 (i32x4.splat))
                (i32x4.extract_lane 3 (i32x4.add (local.get 0)))))"#,
        110,
    );
}

#[test]
fn values_of_blocks() {
    returns(
        r#"(module (func (export "f") (result i32)
            (local i32 v128)
            (v128.const i32x4 1 1 1 1)
            (loop $l (param v128) (result v128)
                (i32x4.add (local.tee 1 (i32x4.splat (i32.const 3))))
                (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 5))))
            (i32x4.extract_lane 0)))"#,
        16,
    );
}

#[test]
fn a_local_on_the_stack_keeps_its_value_when_it_is_set() {
    returns(
        r#"(module (func (export "f") (result i32)
            (local v128)
            (local.set 0 (v128.const i32x4 1 2 3 4))
            (local.get 0)
            (local.set 0 (v128.const i32x4 10 20 30 40))
            (i32x4.extract_lane 3 (i32x4.sub (local.get 0) (i32x4.neg)))))"#,
        44,
    );
}

#[test]
fn globals_memories_and_select() {
    returns(
        r#"(module
            (memory 1)
            (global $a i32 (i32.const 1))
            (global $v (mut v128) (v128.const i32x4 1 2 3 4))
            (global $b (mut i32) (i32.const 7))
            (global $w v128 (v128.const i64x2 -1 -1))
            (func (export "f") (result i32)
                (v128.store offset=16 (i32.const 8) (global.get $v))
                (global.set $v (select (v128.load offset=4 (i32.const 20)) (global.get $w) (global.get $a)))
                (v128.store32_lane 1 (i32.const 100) (global.get $v))
                (i32.add
                    (i32.add (i32.load (i32.const 100)) (global.get $b))
                    (i32x4.extract_lane 3 (v128.load32_lane 3 (i32.const 24) (global.get $v))))))"#,
        // The second lane is 2; the first one of the stored vector is 1.
        2 + 7 + 1,
    );
}

/// A vector all of whose bytes differ.
fn vector() -> V128 {
    V128::from(0x0123_4567_89ab_cdef_fedc_ba98_7654_3210)
}

#[track_caller]
fn assert_vector(value: &Val, expected: V128) {
    assert!(matches!(value, Val::V128(found) if *found == expected), "{value:?}");
}

#[test]
fn the_embedder_passes_and_receives_vectors() {
    let wat = r#"(module
        (func (export "swap") (param i32 v128 i64 v128) (result v128 i64 v128 i32)
            (local.get 3) (local.get 2) (local.get 1) (local.get 0)))"#;
    for (mut store, instance) in instances(wat) {
        let (a, b) = (vector(), V128::from(u128::MAX / 3));
        let swap = instance.get_func(&store, "swap").expect("it is exported");
        let mut results = [Val::I32(0), Val::I32(0), Val::I32(0), Val::I32(0)];
        swap.call(&mut store, &[Val::I32(1), a.into(), Val::I64(2), b.into()], &mut results).expect("it returns");
        assert_vector(&results[0], b);
        assert_eq!((results[1].i64(), results[3].i32()), (Some(2), Some(1)));
        assert_vector(&results[2], a);
        let swap = swap.typed::<(i32, V128, i64, V128), (V128, i64, V128, i32)>(&store).expect("it has that type");
        assert_eq!(swap.call(&mut store, (1, a, 2, b)).expect("it returns"), (b, 2, a, 1));
        assert!(swap.func().typed::<(i32, V128, i64, i64), (V128, i64, V128, i32)>(&store).is_err());
        assert!(swap.func().typed::<(i32, V128), ()>(&store).is_err());
    }
}

#[test]
fn typed_calls_take_as_many_vectors_as_numbers() {
    let params = "v128 ".repeat(16);
    let sums: String = (1..16).map(|i| format!("(i8x16.add (local.get {i}))")).collect();
    let wat = format!(r#"(module (func (export "f") (param {params}) (result v128) (local.get 0) {sums}))"#);
    for (mut store, instance) in instances(&wat) {
        let v = V128::from;
        let f = instance.get_typed_func::<(
            V128,
            V128,
            V128,
            V128,
            V128,
            V128,
            V128,
            V128,
            V128,
            V128,
            V128,
            V128,
            V128,
            V128,
            V128,
            V128,
        ), V128>(&store, "f");
        let args = (
            v(0),
            v(1),
            v(2),
            v(3),
            v(4),
            v(5),
            v(6),
            v(7),
            v(8),
            v(9),
            v(10),
            v(11),
            v(12),
            v(13),
            v(14),
            v(15 << 120),
        );
        assert_eq!(f.expect("it has that type").call(&mut store, args).expect("it returns"), v(105 | 15 << 120));
    }
}

#[test]
fn host_functions_take_and_return_vectors() {
    let wat = r#"(module
        (import "host" "typed" (func $typed (param v128 i32 v128) (result i32 v128)))
        (import "host" "any" (func $any (param i32 v128) (result v128 i32)))
        (func (export "f") (param v128) (result v128 i32)
            (local i32)
            (call $typed (local.get 0) (i32.const 7) (v128.const i64x2 -1 1))
            (call $any)))"#;
    for engine in engines() {
        let module = Module::new(&engine, wat).expect("the module is valid");
        let mut store = Store::new(&engine, 0);
        let mut linker = Linker::new(&engine);
        let typed = |mut caller: Caller<'_, i32>, a: V128, b: i32, c: V128| -> (i32, V128) {
            *caller.data_mut() += b;
            (b + 1, V128::from(a.as_u128() ^ c.as_u128()))
        };
        linker.func_wrap("host", "typed", typed).expect("the name is free");
        let ty = FuncType::new([ValType::I32, ValType::V128], [ValType::V128, ValType::I32]);
        let any = |_: Caller<'_, i32>, inputs: &[Val], outputs: &mut [Val]| {
            (outputs[0], outputs[1]) = (inputs[1], inputs[0]);
            Ok(())
        };
        linker.func_new("host", "any", ty, any).expect("the name is free");
        let instance = linker.instantiate_and_start(&mut store, &module).expect("the imports match");
        let f = instance.get_typed_func::<V128, (V128, i32)>(&store, "f").expect("it has that type");
        let expected = V128::from(vector().as_u128() ^ (1 << 64 | u128::from(u64::MAX)));
        assert_eq!(f.call(&mut store, vector()).expect("it returns"), (expected, 8));
        assert_eq!(*store.data(), 7);
    }
}

#[test]
fn host_functions_are_called_with_vectors_by_the_host() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let same = Func::wrap(&mut store, |a: i32, b: V128| (b, a));
        let mut results = [Val::I32(0), Val::I32(0)];
        same.call(&mut store, &[Val::I32(3), vector().into()], &mut results).expect("it returns");
        assert_vector(&results[0], vector());
        assert_eq!(results[1].i32(), Some(3));
        let same = same.typed::<(i32, V128), (V128, i32)>(&store).expect("it has that type");
        assert_eq!(same.call(&mut store, (3, vector())).expect("it returns"), (vector(), 3));
        assert!(same.func().call(&mut store, &[Val::I32(3), Val::I64(1)], &mut results).is_err());
    }
}

#[test]
fn globals_of_the_host_and_of_modules() {
    let wat = r#"(module
        (import "host" "g" (global $g (mut v128)))
        (import "host" "c" (global $c v128))
        (global $a (export "a") (mut i32) (i32.const 1))
        (global $v (export "v") (mut v128) (global.get $c))
        (global $b (export "b") (mut i64) (i64.const 2))
        (func (export "f")
            (global.set $v (i32x4.add (global.get $v) (global.get $g)))
            (global.set $g (global.get $c))))"#;
    for engine in engines() {
        let module = Module::new(&engine, wat).expect("the module is valid");
        let mut store = Store::new(&engine, ());
        let g = Global::new(&mut store, V128::from(5).into(), Mutability::Var);
        let c = Global::new(&mut store, vector().into(), Mutability::Const);
        let instance = Instance::new(&mut store, &module, &[g.into(), c.into()]).expect("the imports match");
        let f = instance.get_typed_func::<(), ()>(&store, "f").expect("it is exported");
        f.call(&mut store, ()).expect("it returns");
        let get = |store: &Store<()>, name: &str| instance.get_global(store, name).expect("it is exported").get(store);
        assert_vector(&get(&store, "v"), V128::from(vector().as_u128() + 5));
        assert_vector(&g.get(&store), vector());
        assert_eq!((get(&store, "a").i32(), get(&store, "b").i64()), (Some(1), Some(2)));
        g.set(&mut store, V128::from(u128::MAX).into()).expect("it is mutable");
        assert_vector(&g.get(&store), V128::from(u128::MAX));
        assert!(g.set(&mut store, Val::I64(1)).is_err() && c.set(&mut store, vector().into()).is_err());
    }
}

#[test]
fn calls_are_resumed_with_vectors() {
    let wat = r#"(module
        (import "host" "f" (func $f (param v128) (result i32 v128)))
        (func (export "f") (param v128) (result v128)
            (call $f (local.get 0))
            (i32x4.add (i32x4.splat (i32.const 1)))
            (local.set 0)
            (i32x4.add (i32x4.splat) (local.get 0))))"#;
    for engine in engines() {
        let module = Module::new(&engine, wat).expect("the module is valid");
        let mut store = Store::new(&engine, ());
        let fails = |_: V128| -> Result<(i32, V128), Error> { Err(Error::i32_exit(1)) };
        let fails = Func::wrap(&mut store, fails);
        let instance = Instance::new(&mut store, &module, &[fails.into()]).expect("the imports match");
        let f = instance.get_func(&store, "f").expect("it is exported");
        let mut results = [Val::I32(0)];
        let call = f.call_resumable(&mut store, &[vector().into()], &mut results).expect("it is interrupted");
        let wasmote::ResumableCall::HostTrap(call) = call else { panic!("{call:?}") };
        let inputs = [Val::I32(10), V128::from(100).into()];
        let call = call.resume(store.as_context_mut(), &inputs, &mut results).expect("it goes on");
        assert!(matches!(call, wasmote::ResumableCall::Finished), "{call:?}");
        assert_vector(&results[0], V128::from(0x0000_000b_0000_000b_0000_000b_0000_006f));
    }
}

#[test]
fn locals_that_are_vectors_cost_what_the_configuration_says() {
    let mut costs = OperatorCost::default();
    (costs.local_get, costs.local_set, costs.local_tee) = (3, 20, 100);
    (costs.v128_const, costs.drop) = (1, 0);
    for portable in [false, true] {
        let mut config = Config::default();
        config.consume_fuel(true).portable_dispatch(portable).compilation_mode(CompilationMode::Eager);
        config.operator_cost(costs);
        let engine = Engine::new(&config);
        let wat = r#"(module (func (export "f") (local v128)
            (local.set 0 (local.tee 0 (v128.const i64x2 1 2))) (drop (local.get 0))))"#;
        let mut store = Store::new(&engine, ());
        store.set_fuel(10_000).expect("fuel is metered");
        let instance =
            Instance::new(&mut store, &Module::new(&engine, wat).expect("it is valid"), &[]).expect("no imports");
        instance
            .get_typed_func::<(), ()>(&store, "f")
            .expect("it is exported")
            .call(&mut store, ())
            .expect("it returns");
        assert_eq!(10_000 - store.get_fuel().expect("fuel is metered"), 1 + 100 + 20 + 3);
    }
}

#[test]
fn the_switch_turns_vectors_off() {
    let mut config = Config::default();
    config.wasm_simd(false).wasm_relaxed_simd(false);
    let engine = Engine::new(&config);
    for wat in [
        "(module (func (param v128)))",
        "(module (func (local v128)))",
        "(module (global v128 (v128.const i64x2 0 0)))",
        "(module (func (drop (v128.const i64x2 0 0))))",
    ] {
        let error = Module::new(&engine, wat).expect_err("vectors are off").to_string();
        assert!(error.contains("SIMD"), "{error}");
    }
}

/// A vector is two cells and one value: the labels of a `br_table` that cannot be reached may differ in cells.
#[test]
fn labels_that_are_not_reached_agree_in_values() {
    let module = |types: &str, drops: &str| {
        format!(
            "(module (func (drop (block $v (result v128)
                (block $n (result {types}) (unreachable) (br_table $v $n $v (i32.const 0))) {drops}
                (v128.const i64x2 0 0)))))"
        )
    };
    let engine = Engine::default();
    assert!(Module::new(&engine, module("i32", "drop")).is_ok());
    // As many cells, but two values.
    let error = Module::new(&engine, module("i32 i32", "drop drop")).expect_err("the labels differ");
    assert!(error.to_string().contains("different number of types"), "{error}");
}
