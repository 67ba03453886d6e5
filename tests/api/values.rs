//! Values and references that pass between host and Wasm.

use wasmote::{Engine, ExternRef, F32, F64, Func, Linker, Nullable, Ref, RefType, Store, V128, Val, ValType};

use crate::{call, engines, instance, linked};

#[test]
fn conversions() {
    assert_eq!(Val::from(u32::MAX).i32(), Some(-1));
    assert_eq!(Val::from(u64::MAX).i64(), Some(-1));
    assert_eq!(Val::from(1.5_f32).f32().map(F32::to_bits), Some(1.5_f32.to_bits()));
    assert_eq!(Val::from(F64::from(2.5)).f64().map(F64::to_float), Some(2.5));
    assert_eq!(Val::from(1_i32).i64(), None);
    assert_eq!(Val::from(1_i64).i32(), None);
    assert_eq!(Val::V128(V128::from(3)).ty(), ValType::V128);
    for ty in [ValType::I32, ValType::I64, ValType::F32, ValType::F64, ValType::FuncRef, ValType::ExternRef] {
        assert_eq!(Val::default(ty).ty(), ty);
    }
    assert!(Val::default(ValType::FuncRef).funcref().unwrap().is_null());
    assert!(Val::default(ValType::ExternRef).externref().unwrap().is_null());
    assert!(Ref::null(RefType::Extern).is_null() && Ref::null(RefType::Extern).is_extern());
    assert_eq!(Nullable::from(Some(1)).val(), Some(&1));
    assert!(Nullable::<i32>::from(None).is_null());
}

#[test]
fn objects_keep_their_identity_and_type() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(
            &mut store,
            r#"(module (table $t 3 externref) (global $g (mut externref) (ref.null extern))
                (func (export "is_null") (param externref) (result i32) (ref.is_null (local.get 0)))
                (func (export "pick") (param externref externref i32) (result externref)
                    (select (result externref) (local.get 0) (local.get 1) (local.get 2)))
                (func (export "keep") (param externref)
                    (global.set $g (local.get 0)) (table.fill $t (i32.const 0) (local.get 0) (i32.const 3)))
                (func (export "kept") (result externref externref) (global.get $g) (table.get $t (i32.const 2))))"#,
        );
        let number = ExternRef::new(&mut store, 5_u16);
        let text = ExternRef::new(&mut store, String::from("text"));
        let is_null = |store: &mut Store<()>, value: Val| call(store, instance, "is_null", &[value]).unwrap()[0].i32();
        assert_eq!(is_null(&mut store, number.into()), Some(0));
        assert_eq!(is_null(&mut store, Val::ExternRef(Nullable::Null)), Some(1));
        for (which, is_number) in [(1, true), (0, false)] {
            let inputs = [number.into(), text.into(), Val::I32(which)];
            let picked = call(&mut store, instance, "pick", &inputs).unwrap()[0];
            let picked = *picked.externref().unwrap().val().unwrap();
            assert_eq!(picked.data(&store).is::<u16>(), is_number);
            assert_eq!(picked.data(&store).downcast_ref::<String>().is_some(), !is_number);
        }
        call(&mut store, instance, "keep", &[text.into()]).unwrap();
        for value in call(&mut store, instance, "kept", &[]).unwrap() {
            let object = *value.externref().unwrap().val().unwrap();
            assert_eq!(object.data(&store).downcast_ref::<String>().map(String::as_str), Some("text"));
        }
    }
}

#[test]
fn objects_passed_to_host_functions() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "length", |caller: wasmote::Caller<'_, ()>, object: Nullable<ExternRef>| -> i32 {
                let Nullable::Val(object) = object else { return -1 };
                object.data(&caller).downcast_ref::<String>().map_or(-2, |text| text.len() as i32)
            })
            .unwrap();
        linker
            .func_wrap("host", "make", |mut caller: wasmote::Caller<'_, ()>, length: u32| -> Nullable<ExternRef> {
                ExternRef::new(&mut caller, "x".repeat(length as usize)).into()
            })
            .unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "length" (func $length (param externref) (result i32)))
                (import "host" "make" (func $make (param i32) (result externref)))
                (export "length" (func $length))
                (func (export "run") (result i32)
                    (i32.add (call $length (call $make (i32.const 12))) (call $length (ref.null extern)))))"#,
        );
        assert_eq!(call(&mut store, instance, "run", &[]).unwrap()[0].i32(), Some(11));
        let other = ExternRef::new(&mut store, 1_i32);
        assert_eq!(call(&mut store, instance, "length", &[other.into()]).unwrap()[0].i32(), Some(-2));
    }
}

#[test]
fn functions_of_wasm_and_host_as_values() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(
            &mut store,
            r#"(module (table $t 2 funcref) (elem declare func $own)
                (func $own (export "own") (result i32) (i32.const 11))
                (func (export "own_ref") (result funcref) (ref.func $own))
                (func (export "call") (param funcref) (result i32)
                    (table.set $t (i32.const 1) (local.get 0)) (call_indirect (result i32) (i32.const 1))))"#,
        );
        let own = call(&mut store, instance, "own_ref", &[]).unwrap()[0];
        assert_eq!(own.funcref().unwrap().val(), Some(&&instance.get_func(&store, "own").unwrap()));
        assert_eq!(call(&mut store, instance, "call", &[own]).unwrap()[0].i32(), Some(11));
        let host = Func::wrap(&mut store, || 12_i32);
        assert_eq!(call(&mut store, instance, "call", &[host.into()]).unwrap()[0].i32(), Some(12));
        let other = Func::wrap(&mut store, || 12_i64);
        assert!(call(&mut store, instance, "call", &[other.into()]).is_err());
        assert!(call(&mut store, instance, "call", &[Val::FuncRef(Nullable::Null)]).is_err());
    }
}

#[test]
#[should_panic(expected = "another store")]
fn references_of_another_store_as_parameters() {
    let engine = Engine::default();
    let (mut store, mut other) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let instance = instance(&mut store, r#"(module (func (export "f") (param funcref)))"#);
    let func = Func::wrap(&mut other, || ());
    let _ = call(&mut store, instance, "f", &[func.into()]);
}

#[test]
#[should_panic(expected = "another store")]
fn objects_of_another_store() {
    let engine = Engine::default();
    let (mut store, other) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let object = ExternRef::new(&mut store, 1);
    let _ = object.data(&other);
}

#[test]
#[should_panic(expected = "another store")]
fn results_of_host_functions_of_another_store() {
    let engine = Engine::default();
    let (mut store, mut other) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let foreign = Func::wrap(&mut other, || ());
    let func = Func::wrap(&mut store, move || -> Nullable<Func> { foreign.into() });
    let _ = func.call(&mut store, &[], &mut [Val::FuncRef(Nullable::Null)]);
}
