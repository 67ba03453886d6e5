//! Garbage collection: what operators on structs, arrays and i31 references compute, and where they trap.

use wasmote::{
    Config, Engine, Error, ExternRef, Instance, Linker, Module, Nullable, OperatorCost, Proposal, Store, TrapCode,
    TypedFunc, Val, WasmParams, WasmResults,
};

fn instantiate(wat: &str) -> (Store<()>, Instance) {
    let engine = Engine::new(Config::default().wasm_gc(true));
    let module = Module::new(&engine, wat).expect("the module is valid");
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).expect("it can be instantiated");
    (store, instance)
}

fn call<P: WasmParams, R: WasmResults>(wat: &str, name: &str, params: P) -> Result<R, Error> {
    let (mut store, instance) = instantiate(wat);
    let func: TypedFunc<P, R> = instance.get_typed_func(&store, name).expect("it is exported");
    func.call(&mut store, params)
}

fn trap<P: WasmParams>(wat: &str, name: &str, params: P) -> Option<TrapCode> {
    call::<P, i32>(wat, name, params).expect_err("it traps").as_trap_code()
}

/// Builds a binary tree of a depth, and counts its nodes.
const TREES: &str = r#"(module
    (type $node (struct (field (ref null $node)) (field (ref null $node))))
    (func $make (param i32) (result (ref $node))
        (if (result (ref $node)) (local.get 0)
            (then (struct.new $node
                (call $make (i32.sub (local.get 0) (i32.const 1)))
                (call $make (i32.sub (local.get 0) (i32.const 1)))))
            (else (struct.new_default $node))))
    (func $count (param (ref null $node)) (result i32)
        (if (result i32) (ref.is_null (local.get 0))
            (then (i32.const 0))
            (else (i32.add (i32.const 1) (i32.add
                (call $count (struct.get $node 0 (local.get 0)))
                (call $count (struct.get $node 1 (local.get 0))))))))
    (func (export "run") (param i32) (result i32) (call $count (call $make (local.get 0)))))"#;

/// The host's objects are capabilities: no integer or struct becomes a reference to one.
#[test]
fn converted_values_are_no_objects_of_the_host() {
    let wat = r#"(module
        (type $s (struct))
        (func (export "integer") (param i32) (result externref) (extern.convert_any (ref.i31 (local.get 0))))
        (func (export "struct") (result externref) (extern.convert_any (struct.new $s)))
        (func (export "same") (param externref) (result externref)
            (extern.convert_any (any.convert_extern (local.get 0)))))"#;
    let (mut store, instance) = instantiate(wat);
    let objects: Vec<_> = (0..8).map(|number| ExternRef::new(&mut store, number)).collect();
    let mut out = [Val::I32(0)];
    let mut run = |store: &mut Store<()>, name: &str, args: &[Val]| {
        let func = instance.get_func(&*store, name).expect("it is exported");
        func.call(store, args, &mut out).expect("it does not trap");
        match out[0] {
            Val::ExternRef(Nullable::Val(object)) => object,
            ref other => panic!("{other:?}"),
        }
    };
    for number in 0..16 {
        let object = run(&mut store, "integer", &[Val::I32(number)]);
        assert!(object.data(&store).is::<()>(), "{number}");
        // It stays what it is on the way back.
        let object = run(&mut store, "same", &[Val::ExternRef(Nullable::Val(object))]);
        assert!(object.data(&store).is::<()>(), "{number}");
    }
    let object = run(&mut store, "struct", &[]);
    assert!(object.data(&store).is::<()>());
    store.gc();
    let object = run(&mut store, "same", &[Val::ExternRef(Nullable::Val(objects[3]))]);
    assert_eq!(object.data(&store).downcast_ref::<i32>(), Some(&3));
}

#[test]
fn trees_have_as_many_nodes_as_were_made() {
    assert_eq!(call::<i32, i32>(TREES, "run", 10).unwrap(), 2047);
}

#[test]
fn fields_of_all_widths_keep_their_values() {
    let wat = r#"(module
        (type $s (struct (field (mut i8)) (field (mut i16)) (field (mut i32)) (field (mut i64)) (field (mut f32))
            (field (mut f64)) (field (mut v128)) (field (mut i8))))
        (func (export "run") (param i64) (result i64) (local $s (ref $s))
            (local.set $s (struct.new $s (i32.const 0x1ff) (i32.const 0x18000) (i32.const -5) (local.get 0)
                (f32.const 0.5) (f64.const 0.25) (v128.const i64x2 7 8) (i32.const 0x80)))
            (struct.set $s 2 (local.get $s) (i32.const -6))
            (struct.set $s 6 (local.get $s) (i64x2.add (struct.get $s 6 (local.get $s)) (v128.const i64x2 100 1000)))
            (struct.set $s 4 (local.get $s) (f32.mul (struct.get $s 4 (local.get $s)) (f32.const 8)))
            (i64.add (i64.extend_i32_s (struct.get_s $s 0 (local.get $s)))
            (i64.add (i64.extend_i32_s (struct.get_u $s 1 (local.get $s)))
            (i64.add (i64.extend_i32_s (struct.get $s 2 (local.get $s)))
            (i64.add (struct.get $s 3 (local.get $s))
            (i64.add (i64.trunc_f32_s (struct.get $s 4 (local.get $s)))
            (i64.add (i64.trunc_f64_s (f64.mul (struct.get $s 5 (local.get $s)) (f64.const 8)))
            (i64.add (i64x2.extract_lane 1 (struct.get $s 6 (local.get $s)))
            (i64.extend_i32_s (struct.get_s $s 7 (local.get $s)))))))))))
        )"#;
    let expected = -1 + 0x8000 - 6 + (1 << 40) + 4 + 2 + 1008 - 128;
    assert_eq!(call::<i64, i64>(wat, "run", 1 << 40).unwrap(), expected);
}

#[test]
fn null_and_wrong_types_trap() {
    let wat = r#"(module
        (type $s (struct (field (mut i32))))
        (type $a (array (mut i32)))
        (func (export "get") (result i32) (struct.get $s 0 (ref.null $s)))
        (func (export "set") (result i32) (struct.set $s 0 (ref.null $s) (i32.const 1)) (i32.const 0))
        (func (export "len") (result i32) (array.len (ref.null $a)))
        (func (export "element") (param i32) (result i32)
            (array.get $a (array.new $a (i32.const 5) (i32.const 3)) (local.get 0)))
        (func (export "fill") (param i32) (result i32)
            (array.fill $a (array.new_default $a (i32.const 3)) (local.get 0) (i32.const 1) (i32.const 2)) (i32.const 0))
        (func (export "i31") (result i32) (i31.get_s (ref.null i31)))
        (func (export "cast") (result i32) (struct.get $s 0 (ref.cast (ref $s) (array.new_default $a (i32.const 1)))))
        (func (export "cast_i31") (result i32) (struct.get $s 0 (ref.cast (ref $s) (ref.i31 (i32.const 1)))))
        (func (export "huge") (result i32) (array.len (array.new_default $a (i32.const -1)))))"#;
    assert_eq!(trap(wat, "get", ()), Some(TrapCode::NullReference));
    assert_eq!(trap(wat, "set", ()), Some(TrapCode::NullReference));
    assert_eq!(trap(wat, "len", ()), Some(TrapCode::NullReference));
    assert_eq!(call::<i32, i32>(wat, "element", 2).unwrap(), 5);
    assert_eq!(trap(wat, "element", 3), Some(TrapCode::ArrayOutOfBounds));
    assert_eq!(trap(wat, "element", -1), Some(TrapCode::ArrayOutOfBounds));
    assert_eq!(call::<i32, i32>(wat, "fill", 1).unwrap(), 0);
    assert_eq!(trap(wat, "fill", 2), Some(TrapCode::ArrayOutOfBounds));
    assert_eq!(trap(wat, "i31", ()), Some(TrapCode::NullReference));
    assert_eq!(trap(wat, "cast", ()), Some(TrapCode::CastFailure));
    assert_eq!(trap(wat, "cast_i31", ()), Some(TrapCode::CastFailure));
    assert_eq!(trap(wat, "huge", ()), Some(TrapCode::AllocationTooLarge));
}

/// A chain of `depth` subtypes, and whether an object of each type has each other type.
#[test]
fn casts_find_all_supertypes_of_deep_types() {
    let depth = 20;
    let mut types = String::from("(type $t0 (sub (struct)))");
    for i in 1..depth {
        types += &format!("(type $t{i} (sub $t{} (struct)))", i - 1);
    }
    let mut funcs = String::new();
    for object in [0, 1, 7, 8, 9, 19] {
        for ty in 0..depth {
            funcs += &format!(
                r#"(func (export "{object} {ty}") (result i32)
                    (block (result (ref null struct))
                        (br_on_cast 0 (ref null struct) (ref $t{ty}) (struct.new $t{object}))
                        (return (i32.const 0)))
                    (return (ref.test (ref $t{ty}))))"#
            );
        }
    }
    let (mut store, instance) = instantiate(&format!("(module {types} {funcs})"));
    for object in [0, 1, 7, 8, 9, 19] {
        for ty in 0..depth {
            let func = instance.get_typed_func::<(), i32>(&store, &format!("{object} {ty}")).unwrap();
            assert_eq!(func.call(&mut store, ()).unwrap(), i32::from(ty <= object), "{object} {ty}");
        }
    }
}

#[test]
fn constant_expressions_make_objects() {
    let wat = r#"(module
        (type $pair (struct (field i32) (field v128) (field (ref null $pair))))
        (type $a (array (mut i64)))
        (type $refs (array (mut anyref)))
        (global $vector v128 (v128.const i64x2 3 4))
        (global $one (ref $pair) (struct.new $pair (i32.const 1) (global.get $vector) (ref.null none)))
        (global $two (ref $pair) (struct.new $pair (i32.add (i32.const 1) (i32.const 1)) (v128.const i64x2 5 6) (global.get $one)))
        (global $array (ref $a) (array.new_fixed $a 3 (i64.const 7) (i64.const 8) (i64.const 9)))
        (table 2 (ref $pair) (struct.new $pair (i32.const 2) (v128.const i64x2 5 6) (struct.new $pair (i32.const 1) (v128.const i64x2 0 0) (ref.null none))))
        (elem $elem anyref (item (ref.i31 (i32.const -3))) (item (global.get $two)) (item (array.new $a (i64.const 11) (i32.const 2))))
        (func (export "run") (result i64) (local $refs (ref $refs))
            (local.set $refs (array.new_elem $refs $elem (i32.const 0) (i32.const 3)))
            (i64.add (i64.extend_i32_s (struct.get $pair 0 (struct.get $pair 2 (table.get (i32.const 1)))))
            (i64.add (i64x2.extract_lane 1 (struct.get $pair 1 (global.get $two)))
            (i64.add (array.get $a (global.get $array) (i32.const 2))
            (i64.add (i64.extend_i32_s (i31.get_s (ref.cast i31ref (array.get $refs (local.get $refs) (i32.const 0)))))
            (array.get $a (ref.cast (ref $a) (array.get $refs (local.get $refs) (i32.const 2))) (i32.const 1)))))))
        )"#;
    assert_eq!(call::<(), i64>(wat, "run", ()).unwrap(), 1 + 6 + 9 - 3 + 11);
}

#[test]
fn vectors_are_elements() {
    let wat = r#"(module
        (type $a (array (mut v128)))
        (data $d "\01\00\00\00\00\00\00\00\02\00\00\00\00\00\00\00\03\00\00\00\00\00\00\00\04\00\00\00\00\00\00\00")
        (func (export "run") (param i32) (result i64) (local $a (ref $a))
            (local.set $a (array.new_fixed $a 2 (v128.const i64x2 10 20) (v128.const i64x2 30 40)))
            (array.set $a (local.get $a) (local.get 0)
                (i64x2.add (array.get $a (local.get $a) (local.get 0)) (v128.const i64x2 1 1)))
            (array.fill $a (local.get $a) (i32.const 0) (array.get $a (local.get $a) (i32.const 1)) (i32.const 1))
            (array.init_data $a $d (local.get $a) (i32.const 1) (i32.const 16) (i32.const 1))
            (i64.add (i64x2.extract_lane 1 (array.get $a (local.get $a) (i32.const 0)))
                (i64x2.extract_lane 0 (array.get $a (local.get $a) (i32.const 1))))))"#;
    assert_eq!(call::<i32, i64>(wat, "run", 1).unwrap(), 41 + 3);
}

#[test]
fn work_on_many_elements_is_paid_for() {
    let wat = r#"(module
        (type $a (array (mut i64)))
        (func (export "fill") (param i32)
            (array.fill $a (array.new_default $a (i32.const 10000)) (i32.const 0) (i64.const 1) (local.get 0))))"#;
    let mut costs = OperatorCost::default();
    costs.array_fill = 5;
    let engine = Engine::new(Config::default().wasm_gc(true).consume_fuel(true).operator_cost(costs));
    let module = Module::new(&engine, wat).unwrap();
    let spent = |count| {
        let mut store = Store::new(&engine, ());
        store.set_fuel(1_000_000).unwrap();
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
        let fill = instance.get_typed_func::<i32, ()>(&store, "fill").unwrap();
        fill.call(&mut store, count).unwrap();
        1_000_000 - store.get_fuel().unwrap()
    };
    assert_eq!(spent(8000) - spent(0), 1000);
}

/// A module that makes objects without a collection can be instantiated again and again, whatever its instances leave.
#[test]
fn constant_objects_find_room() {
    let engine = Engine::new(Config::default().wasm_gc(true));
    let mut store = Store::new(&engine, wasmote::StoreLimitsBuilder::new().gc_heap_size(1 << 16).build());
    store.limiter(|limits| limits);
    let module = Module::new(
        &engine,
        r#"(module (type $bytes (array i8))
            (global (export "bytes") (mut (ref null $bytes)) (array.new $bytes (i32.const 1) (i32.const 10000)))
            (func (export "drop") (global.set 0 (ref.null $bytes))))"#,
    )
    .unwrap();
    for _ in 0..100 {
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).expect("there is room");
        instance.get_typed_func::<(), ()>(&store, "drop").unwrap().call(&mut store, ()).unwrap();
    }
}

#[test]
fn the_switch_refuses_objects() {
    let engine = Engine::new(Config::default().wasm_gc(false));
    let error = Module::new(&engine, "(module (type (struct)))").unwrap_err();
    assert!(error.to_string().contains("proposal"), "{error}");
    assert!(Proposal::Gc.is_on_by_default());
}
