//! Collections: what is still used survives, in every configuration, and what is not is freed.

use wasmote::{
    Caller, CompilationMode, Config, Engine, Linker, Module, ResumableCall, Store, StoreLimits, StoreLimitsBuilder,
    TrapCode, Val,
};

/// Programs return 1 if all they have made is as it was.
const PROGRAM: &str = r#"(module
    (import "host" "gc" (func $gc))
    (rec (type $tree (struct (field $left (ref null $tree)) (field $right (ref null $tree)) (field $depth i32))))
    (type $list (array (mut (ref null any))))
    (type $bytes (array (mut i8)))
    (type $visit (func (param (ref null $tree) i32) (result i32)))
    (global $kept (mut (ref null any)) (ref.null any))
    (table $trees 4 (ref null $tree))
    (elem $visits declare func $count)

    (func $make (param $depth i32) (result (ref null $tree))
        (if (result (ref null $tree)) (i32.eqz (local.get $depth))
            (then (call $gc_sometimes) (ref.null $tree))
            (else (struct.new $tree
                (call $make (i32.sub (local.get $depth) (i32.const 1)))
                (call $make (i32.sub (local.get $depth) (i32.const 1)))
                (local.get $depth)))))
    (global $calls (mut i32) (i32.const 0))
    (func $gc_sometimes
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (if (i32.eqz (i32.rem_u (global.get $calls) (i32.const 37))) (then (call $gc))))
    (func $count (type $visit)
        (local $unused (ref null $list))
        (call $gc_sometimes)
        (if (result i32) (ref.is_null (local.get 0))
            (then (i32.const 0))
            (else
                (if (result i32) (i32.ne (struct.get $tree $depth (ref.as_non_null (local.get 0))) (local.get 1))
                    (then (unreachable))
                    (else
                        (local.set $unused (array.new_default $list (i32.const 3)))
                        (i32.add (i32.const 1) (i32.add
                            (call_ref $visit (struct.get $tree $left (local.get 0))
                                (i32.sub (local.get 1) (i32.const 1)) (ref.func $count))
                            (call $count (struct.get $tree $right (local.get 0))
                                (i32.sub (local.get 1) (i32.const 1))))))))))

    ;; Trees in locals, operands, a table, a global, and an array of the global.
    (func (export "trees") (result i32)
        (local $a (ref null $tree)) (local $list (ref null $list))
        (local.set $a (call $make (i32.const 6)))
        (table.set $trees (i32.const 2) (call $make (i32.const 5)))
        (local.set $list (array.new $list (call $make (i32.const 4)) (i32.const 300)))
        (global.set $kept (local.get $list))
        (array.set $list (local.get $list) (i32.const 299) (ref.i31 (i32.const -5)))
        (local.set $list (ref.null $list))
        (call $gc)
        (call $make (i32.const 3))
        (array.new_fixed $list 3 (call $make (i32.const 2)) (ref.i31 (i32.const 7)) (call $make (i32.const 1)))
        (call $gc)
        (local.set $list)
        (call $count (i32.const 3))
        (call $count (local.get $a) (i32.const 6))
        (call $count (table.get $trees (i32.const 2)) (i32.const 5))
        (call $count (ref.cast (ref null $tree)
            (array.get $list (ref.cast (ref $list) (global.get $kept)) (i32.const 298))) (i32.const 4))
        (call $count (ref.cast (ref null $tree) (array.get $list (local.get $list) (i32.const 2))) (i32.const 1))
        (i31.get_s (ref.cast (ref i31)
            (array.get $list (ref.cast (ref $list) (global.get $kept)) (i32.const 299))))
        i32.add i32.add i32.add i32.add i32.add
        (i32.eq (i32.const 112)))

    ;; Operands in loops and blocks with values.
    (func (export "blocks") (param $n i32) (result i32)
        (local $i i32) (local $sum i32) (local $old (ref null $bytes))
        (loop $next (result i32)
            (array.new $bytes (local.get $i) (i32.const 100))
            (block $other (param (ref $bytes)) (result (ref $bytes) (ref $bytes))
                (array.new $bytes (i32.const 1) (i32.const 5000))
                (br_if $other (i32.and (local.get $i) (i32.const 1)))
                (call $gc_sometimes))
            (array.set $bytes (i32.const 4999) (i32.const 3))
            (local.set $old)
            (local.set $sum (i32.add (local.get $sum) (array.get_u $bytes (local.get $old) (i32.const 99))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $next (i32.const 0) (i32.lt_u (local.get $i) (local.get $n)))
            (drop)
            (i32.eq (local.get $sum) (i32.div_u (i32.mul (local.get $n) (i32.sub (local.get $n) (i32.const 1)))
                (i32.const 2)))))

    ;; Keeps a list of `n` pairs, or the last pair only.
    (type $pair (struct (field (ref null $pair)) (field i64)))
    (func (export "list") (param $n i32) (param $keep i32) (result i32)
        (local $list (ref null $pair))
        (loop $next
            (local.set $list (struct.new $pair
                (select (result (ref null $pair)) (local.get $list) (ref.null $pair) (local.get $keep))
                (i64.extend_i32_u (local.get $n))))
            (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (i64.eq (struct.get $pair 1 (local.get $list)) (i64.const 1)))
)"#;

fn store(config: &Config) -> (Store<StoreLimits>, wasmote::Instance) {
    store_of(config, StoreLimitsBuilder::new().build())
}

fn store_of(config: &Config, limits: StoreLimits) -> (Store<StoreLimits>, wasmote::Instance) {
    let mut config = config.clone();
    config.wasm_gc(true);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, PROGRAM).unwrap();
    let mut linker = Linker::<StoreLimits>::new(&engine);
    linker
        .func_wrap("host", "gc", |mut caller: Caller<'_, StoreLimits>| {
            wasmote::AsContextMut::as_context_mut(&mut caller).gc();
        })
        .unwrap();
    let mut store = Store::new(&engine, limits);
    store.limiter(|limits| limits);
    if config.has_fuel() {
        store.set_fuel(u64::MAX).unwrap();
    }
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    (store, instance)
}

trait HasFuel {
    fn has_fuel(&self) -> bool;
}

impl HasFuel for Config {
    fn has_fuel(&self) -> bool {
        Store::new(&Engine::new(self), ()).set_fuel(1).is_ok()
    }
}

fn configs() -> Vec<Config> {
    let mut configs = vec![];
    for stress in [false, true] {
        for portable in [false, true] {
            for fused in [false, true] {
                for fuel in [false, true] {
                    for mode in [CompilationMode::Eager, CompilationMode::Lazy, CompilationMode::LazyTranslation] {
                        let mut config = Config::default();
                        config.gc_stress(stress).portable_dispatch(portable).fused_ops(fused);
                        config.consume_fuel(fuel).compilation_mode(mode);
                        configs.push(config);
                    }
                }
            }
        }
    }
    configs
}

#[test]
fn what_is_used_survives() {
    for config in configs() {
        let (mut store, instance) = store(&config);
        let trees = instance.get_typed_func::<(), i32>(&store, "trees").unwrap();
        assert_eq!(trees.call(&mut store, ()).unwrap(), 1);
        store.gc();
        let blocks = instance.get_typed_func::<i32, i32>(&store, "blocks").unwrap();
        assert_eq!(blocks.call(&mut store, 20).unwrap(), 1);
        let list = instance.get_typed_func::<(i32, i32), i32>(&store, "list").unwrap();
        assert_eq!(list.call(&mut store, (300, 1)).unwrap(), 1);
    }
}

#[test]
fn suspended_calls_keep_their_objects() {
    for stress in [false, true] {
        let mut config = Config::default();
        config.consume_fuel(true).gc_stress(stress);
        for step in [1, 7, 40] {
            let (mut store, instance) = store(&config);
            let mut calls = vec![];
            for name in ["trees", "blocks", "list"] {
                let func = instance.get_func(&store, name).unwrap();
                let params: &[Val] = match name {
                    "trees" => &[],
                    "blocks" => &[Val::I32(6)],
                    _ => &[Val::I32(30), Val::I32(1)],
                };
                store.set_fuel(step).unwrap();
                calls.push(func.call_resumable(&mut store, params, &mut [Val::I32(0)]).unwrap());
            }
            // In turns, with a collection before each: all of them are suspended then.
            while !calls.is_empty() {
                store.gc();
                let mut results = [Val::I32(0)];
                match calls.remove(0) {
                    ResumableCall::OutOfFuel(call) => {
                        store.set_fuel(call.required_fuel() + step).unwrap();
                        let call = call.resume(&mut store, &mut results).unwrap();
                        if let ResumableCall::Finished = call {
                            assert_eq!(results[0].i32(), Some(1));
                        } else {
                            calls.push(call);
                        }
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}

#[test]
fn the_heap_has_a_limit() {
    let limits = [
        StoreLimitsBuilder::new().gc_heap_size(2 << 20),
        StoreLimitsBuilder::new().memory_size(2 << 20),
        StoreLimitsBuilder::new().total_memory_size(2 << 20),
    ];
    for limits in limits {
        let (mut store, instance) = store_of(&Config::default(), limits.build());
        let list = instance.get_typed_func::<(i32, i32), i32>(&store, "list").unwrap();
        let error = list.call(&mut store, (1_000_000, 1)).unwrap_err();
        assert_eq!(error.as_trap_code(), Some(TrapCode::GcHeapOutOfMemory));
        assert_eq!(list.call(&mut store, (500_000, 0)).unwrap(), 1, "garbage is freed");
        // A pair has 24 bytes.
        assert_eq!(list.call(&mut store, ((2 << 20) / 24 - 10, 1)).unwrap(), 1, "all of it can be used");
        let error = list.call(&mut store, ((2 << 20) / 24 + 10, 1)).unwrap_err();
        assert_eq!(error.as_trap_code(), Some(TrapCode::GcHeapOutOfMemory));
    }
    let limits = StoreLimitsBuilder::new().gc_heap_size(2 << 20).trap_on_grow_failure(true).build();
    let (mut store, instance) = store_of(&Config::default(), limits);
    let list = instance.get_typed_func::<(i32, i32), i32>(&store, "list").unwrap();
    assert_eq!(list.call(&mut store, (500_000, 0)).unwrap(), 1, "garbage is freed");
    let error = list.call(&mut store, (1_000_000, 1)).unwrap_err();
    assert_eq!(error.as_trap_code(), Some(TrapCode::GrowthOperationLimited));
}

#[test]
fn collections_happen_at_the_same_allocations_in_every_mode() {
    // The limit leaves room for no other order.
    for config in configs().into_iter().filter(|config| !format!("{config:?}").contains("gc_stress: true")) {
        let limits = StoreLimitsBuilder::new().gc_heap_size(1 << 19).build();
        let (mut store, instance) = store_of(&config, limits);
        let list = instance.get_typed_func::<(i32, i32), i32>(&store, "list").unwrap();
        assert_eq!(list.call(&mut store, ((1 << 19) / 24, 1)).unwrap(), 1);
        let error = list.call(&mut store, ((1 << 19) / 24 + 1, 1)).unwrap_err();
        assert_eq!(error.as_trap_code(), Some(TrapCode::GcHeapOutOfMemory));
    }
}

#[test]
fn objects_cost_fuel() {
    let mut config = Config::default();
    config.consume_fuel(true).wasm_gc(true);
    let engine = Engine::new(&config);
    let module = Module::new(
        &engine,
        r#"(module (type $a (array i8))
            (func (export "make") (param i32) (drop (array.new_default $a (local.get 0)))))"#,
    )
    .unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
    let make = instance.get_typed_func::<i32, ()>(&store, "make").unwrap();
    let mut cost = |len| {
        store.set_fuel(1_000_000).unwrap();
        make.call(&mut store, len).unwrap();
        1_000_000 - store.get_fuel().unwrap()
    };
    let least = cost(0);
    assert_eq!(cost(64_000 - 16), least + 1000);
}
