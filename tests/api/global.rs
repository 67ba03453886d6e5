//! Globals: the embedder's access, and changes while code runs.

use wasmote::{
    Caller, Engine, Error, Extern, ExternRef, F32, F64, Func, Global, Linker, Mutability, Nullable, Store, Val,
    ValType, errors::GlobalError,
};

use crate::{call, call_i32, engines, instance, linked};

#[test]
fn access_from_the_host() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(
            &mut store,
            r#"(module
                (global (export "const") i32 (i32.const 5))
                (global (export "var") (mut i64) (i64.const 6))
                (func (export "get") (result i64) (global.get 1)))"#,
        );
        let constant = instance.get_global(&store, "const").unwrap();
        assert_eq!(
            (constant.ty(&store).content(), constant.ty(&store).mutability()),
            (ValType::I32, Mutability::Const)
        );
        assert_eq!(constant.get(&store).i32(), Some(5));
        assert_eq!(constant.set(&mut store, Val::I32(6)), Err(GlobalError::ImmutableWrite));
        let var = instance.get_global(&store, "var").unwrap();
        assert!(var.ty(&store).mutability().is_mut());
        assert_eq!(var.set(&mut store, Val::I32(6)), Err(GlobalError::TypeMismatch));
        assert_eq!(var.get(&store).i64(), Some(6));
        var.set(&mut store, Val::I64(i64::MIN)).unwrap();
        assert_eq!(call(&mut store, instance, "get", &[]).unwrap()[0].i64(), Some(i64::MIN));
    }
}

#[test]
fn every_type() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let func = Func::wrap(&mut store, || 3_i32);
        let object = ExternRef::new(&mut store, 8_u64);
        let values: [Val; 8] = [
            Val::I32(-1),
            Val::I64(i64::MAX),
            F32::from_bits(0x7fa0_0000).into(),
            F64::from_bits(0x7ff0_0000_0000_0001).into(),
            func.into(),
            object.into(),
            Val::FuncRef(Nullable::Null),
            Val::ExternRef(Nullable::Null),
        ];
        for value in values {
            let ty = value.ty();
            let global = Global::new(&mut store, value, Mutability::Var);
            let mut linker = Linker::new(&engine);
            linker.define("host", "g", global).unwrap();
            let wat = format!(
                r#"(module (import "host" "g" (global $g (mut {ty}))) (global $own (mut {ty}) ({zero}))
                    (func (export "get") (result {ty}) global.get $g)
                    (func (export "swap") global.get $g global.get $own global.set $g global.set $own)
                    (func (export "own") (result {ty}) global.get $own))"#,
                zero = match ty {
                    ValType::FuncRef => "ref.null func".to_owned(),
                    ValType::ExternRef => "ref.null extern".to_owned(),
                    ty => format!("{ty}.const 0"),
                }
            );
            let instance = linked(&mut store, &linker, &wat);
            let show = |store: &Store<()>, value: Val| match value {
                Val::ExternRef(Nullable::Val(object)) => format!("{:?}", object.data(store).downcast_ref::<u64>()),
                value => format!("{value:?}"),
            };
            let expected = show(&store, value);
            let got = call(&mut store, instance, "get", &[]).unwrap()[0];
            assert_eq!(show(&store, got), expected);
            call(&mut store, instance, "swap", &[]).unwrap();
            let got = call(&mut store, instance, "own", &[]).unwrap()[0];
            assert_eq!(show(&store, got), expected);
            assert_eq!(show(&store, global.get(&store)), show(&store, Val::default(ty)));
            global.set(&mut store, value).unwrap();
            let got = call(&mut store, instance, "get", &[]).unwrap()[0];
            assert_eq!(show(&store, got), expected);
        }
    }
}

#[test]
fn changes_during_a_host_call() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "bump", |mut caller: Caller<'_, ()>| -> Result<(), Error> {
                let global = caller.get_export("g").and_then(Extern::into_global).ok_or(Error::new("no global"))?;
                let value = global.get(&caller).i32().unwrap_or(-1);
                Ok(global.set(&mut caller, Val::I32(value + 10))?)
            })
            .unwrap();
        let owner = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "bump" (func $bump)) (global $g (export "g") (mut i32) (i32.const 1))
                (func (export "run") (result i32)
                    (global.set $g (i32.add (global.get $g) (i32.const 1)))
                    (global.get $g) (call $bump) (i32.mul (global.get $g)) (i32.add (global.get $g))))"#,
        );
        assert_eq!(call_i32(&mut store, owner, "run", &[]).unwrap(), 2 * 12 + 12);
        linker.instance(&mut store, "owner", owner).unwrap();
        let user = linked(
            &mut store,
            &linker,
            r#"(module (import "owner" "g" (global $g (mut i32))) (import "owner" "run" (func $run (result i32)))
                (global $other (mut i32) (i32.const 1000))
                (func (export "run") (result i32)
                    (global.set $g (i32.const 3))
                    (i32.add (call $run) (i32.add (global.get $other) (global.get $g)))))"#,
        );
        assert_eq!(call_i32(&mut store, user, "run", &[]).unwrap(), 4 * 14 + 14 + 1000 + 14);
        assert_eq!(owner.get_global(&store, "g").unwrap().get(&store).i32(), Some(14));
    }
}

#[test]
fn constant_expressions_use_imported_globals() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let base = Global::new(&mut store, Val::I32(100), Mutability::Const);
        linker.define("host", "base", base).unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "base" (global $base i32))
                (global $own i32 (i32.add (global.get $base) (i32.mul (i32.const 2) (i32.const 3))))
                (memory 1) (data (global.get $base) "abc")
                (data (offset (i32.sub (global.get $base) (i32.const -6))) "d")
                (func (export "get") (result i32)
                    (i32.add (i32.load8_u (i32.const 100)) (i32.load8_u (global.get $own)))))"#,
        );
        assert_eq!(call_i32(&mut store, instance, "get", &[]).unwrap(), i32::from(b'a') + i32::from(b'd'));
    }
}

#[test]
#[should_panic(expected = "another store")]
fn of_another_store() {
    let engine = Engine::default();
    let (mut store, other) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let global = Global::new(&mut store, Val::I32(1), Mutability::Const);
    let _ = global.get(&other);
}
