//! Tables: the embedder's access, and changes while code runs.

use wasmote::{
    Caller, Engine, Error, Extern, ExternRef, Func, Linker, Ref, RefType, Store, Table, TableType, TrapCode, Val,
    errors::{ErrorKind, TableError},
};

use crate::{call_i32, engines, instance, linked};

fn null() -> Ref {
    Ref::null(RefType::Func)
}

#[test]
fn access_from_the_host() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let func = Func::wrap(&mut store, |value: i32| value + 1);
        let table = Table::new(&mut store, TableType::new(RefType::Func, 2, Some(10)), func.into()).unwrap();
        assert_eq!(table.size(&store), 2);
        assert_eq!(table.get(&store, 1).unwrap().unwrap_func().val(), Some(&&func));
        assert!(table.get(&store, 2).is_none() && table.get(&store, u64::MAX).is_none());
        table.set(&mut store, 0, null()).unwrap();
        assert!(table.get(&store, 0).unwrap().is_null());
        assert_eq!(table.set(&mut store, 2, null()), Err(TableError::SetOutOfBounds));
        let object = Ref::null(RefType::Extern);
        assert_eq!(table.set(&mut store, 0, object), Err(TableError::ElementTypeMismatch));
        assert_eq!(table.grow(&mut store, 1, object), Err(TableError::ElementTypeMismatch));
        assert_eq!(table.fill(&mut store, 0, object, 1), Err(TableError::ElementTypeMismatch));
        assert_eq!(table.grow(&mut store, 3, func.into()), Ok(2));
        assert_eq!(table.grow(&mut store, 6, null()), Err(TableError::GrowOutOfBounds));
        assert_eq!((table.size(&store), table.ty(&store).maximum()), (5, Some(10)));
        table.fill(&mut store, 3, null(), 2).unwrap();
        assert_eq!(table.fill(&mut store, 4, null(), 2), Err(TableError::FillOutOfBounds));
        assert_eq!(table.fill(&mut store, u64::MAX, null(), 2), Err(TableError::FillOutOfBounds));
        let nulls = |store: &Store<()>, table: Table| -> Vec<bool> {
            (0..table.size(store)).map(|i| table.get(store, i).unwrap().is_null()).collect()
        };
        assert_eq!(nulls(&store, table), [true, false, false, true, true]);
        Table::copy(&mut store, &table, 0, &table, 1, 3).unwrap();
        assert_eq!(nulls(&store, table), [false, false, true, true, true]);
        Table::copy(&mut store, &table, 1, &table, 0, 4).unwrap();
        assert_eq!(nulls(&store, table), [false, false, false, true, true]);
        let other = Table::new(&mut store, TableType::new(RefType::Func, 2, None), null()).unwrap();
        Table::copy(&mut store, &other, 1, &table, 2, 1).unwrap();
        assert_eq!(nulls(&store, other), [true, false]);
        let error = Table::copy(&mut store, &other, 1, &table, 0, 2);
        assert_eq!(error, Err(TableError::CopyOutOfBounds));
        let objects = Table::new(&mut store, TableType::new(RefType::Extern, 1, None), object).unwrap();
        assert_eq!(Table::copy(&mut store, &objects, 0, &table, 0, 1), Err(TableError::ElementTypeMismatch));
        let error = Table::new(&mut store, TableType::new(RefType::Func, 1, None), object).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Table(TableError::ElementTypeMismatch)));
    }
}

#[test]
fn growth_inside_a_host_call() {
    for engine in engines() {
        for through_wasm in [false, true] {
            let mut store = Store::new(&engine, ());
            let mut linker = Linker::new(&engine);
            linker
                .func_wrap("host", "grow", move |mut caller: Caller<'_, ()>| -> Result<(), Error> {
                    let missing = || Error::new("missing export");
                    let seven = Func::wrap(&mut caller, || 7_i32);
                    if through_wasm {
                        let grow = caller.get_export("grow").and_then(Extern::into_func).ok_or_else(missing)?;
                        grow.call(&mut caller, &[seven.into()], &mut [])
                    } else {
                        let table = caller.get_export("table").and_then(Extern::into_table).ok_or_else(missing)?;
                        table.grow(&mut caller, 1000, seven.into())?;
                        Ok(())
                    }
                })
                .unwrap();
            let instance = linked(
                &mut store,
                &linker,
                r#"(module (import "host" "grow" (func $grow)) (table $t (export "table") 1 funcref)
                    (elem (i32.const 0) $one)
                    (func $one (result i32) (i32.const 1))
                    (func (export "grow") (param funcref) (drop (table.grow $t (local.get 0) (i32.const 1000))))
                    (func (export "run") (result i32)
                        (call_indirect (result i32) (i32.const 0))
                        call $grow
                        (i32.add (call_indirect (result i32) (i32.sub (table.size $t) (i32.const 1))))
                        (i32.add (i32.mul (i32.const 100) (table.size $t)))
                        (i32.add (call_indirect (result i32) (i32.const 0)))))"#,
            );
            assert_eq!(call_i32(&mut store, instance, "run", &[]).unwrap(), 100_100 + 9);
            assert_eq!(call_i32(&mut store, instance, "run", &[]).unwrap(), 200_100 + 9);
            assert_eq!(instance.get_table(&store, "table").unwrap().size(&store), 2001);
        }
    }
}

#[test]
fn elements_written_by_the_host_are_called() {
    for engine in engines() {
        let mut store = Store::new(&engine, 0);
        let shared = instance(&mut store, r#"(module (table (export "t") 4 funcref))"#);
        let table = shared.get_table(&store, "t").unwrap();
        let mut linker = Linker::new(&engine);
        linker.instance(&mut store, "shared", shared).unwrap();
        let caller = linked(
            &mut store,
            &linker,
            r#"(module (import "shared" "t" (table 4 funcref)) (memory 1)
                (func (export "call") (param i32) (result i32)
                    (i32.store (i32.const 0) (i32.const 1000))
                    (i32.add (call_indirect (param i32) (result i32) (local.get 0) (local.get 0))
                        (i32.load (i32.const 0)))))"#,
        );
        let callee = linked(
            &mut store,
            &linker,
            r#"(module (memory 1) (data (i32.const 0) "\2a")
                (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.load (i32.const 0)))))"#,
        );
        let host = Func::wrap(&mut store, |mut caller: Caller<'_, i32>, value: i32| {
            *caller.data_mut() += 1;
            value * 2
        });
        let (func, other) = (callee.get_func(&store, "f").unwrap(), Func::wrap(&mut store, || 1_i32));
        for (index, func) in [(1, func), (2, host), (3, other)] {
            table.set(&mut store, index, func.into()).unwrap();
        }
        assert_eq!(call_i32(&mut store, caller, "call", &[1]).unwrap(), 1043);
        assert_eq!(call_i32(&mut store, caller, "call", &[2]).unwrap(), 1004);
        let code = |error: Error| error.as_trap_code().unwrap();
        assert_eq!(code(call_i32(&mut store, caller, "call", &[0]).unwrap_err()), TrapCode::IndirectCallToNull);
        assert_eq!(code(call_i32(&mut store, caller, "call", &[3]).unwrap_err()), TrapCode::BadSignature);
        assert_eq!(code(call_i32(&mut store, caller, "call", &[4]).unwrap_err()), TrapCode::TableOutOfBounds);
        assert_eq!(*store.data(), 1);
    }
}

#[test]
fn tables_of_objects() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(
            &mut store,
            r#"(module (table $t (export "t") 2 externref) (table $f 3 4 funcref)
                (func (export "set") (param i32 externref) (table.set $t (local.get 0) (local.get 1)))
                (func (export "get") (param i32) (result externref) (table.get $t (local.get 0)))
                (func (export "grow") (param externref i32) (result i32) (table.grow $t (local.get 0) (local.get 1)))
                (func (export "limits") (result i32)
                    (i32.add (table.grow $f (ref.null func) (i32.const 2))
                        (table.grow $f (ref.null func) (i32.const 1)))))"#,
        );
        let set = instance.get_typed_func::<(i32, wasmote::Nullable<ExternRef>), ()>(&store, "set").unwrap();
        let get = instance.get_typed_func::<i32, wasmote::Nullable<ExternRef>>(&store, "get").unwrap();
        assert!(get.call(&mut store, 0).unwrap().is_null());
        let object = ExternRef::new(&mut store, String::from("object"));
        set.call(&mut store, (0, object.into())).unwrap();
        let back = get.call(&mut store, 0).unwrap();
        assert_eq!(back.val().unwrap().data(&store).downcast_ref::<String>().unwrap(), "object");
        let grow = instance.get_func(&store, "grow").unwrap();
        let mut outputs = [Val::I32(0)];
        grow.call(&mut store, &[object.into(), Val::I32(3)], &mut outputs).unwrap();
        assert_eq!(outputs[0].i32(), Some(2));
        assert!(!get.call(&mut store, 4).unwrap().is_null());
        let table = instance.get_table(&store, "t").unwrap();
        let Some(Ref::Extern(element)) = table.get(&store, 4) else { panic!("not an object") };
        assert!(element.val().unwrap().data(&store).is::<String>());
        set.call(&mut store, (4, wasmote::Nullable::Null)).unwrap();
        assert!(table.get(&store, 4).unwrap().is_null());
        assert_eq!(call_i32(&mut store, instance, "limits", &[]).unwrap(), -1 + 3);
    }
}

#[test]
fn sizes_that_cannot_be_had() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(
            &mut store,
            r#"(module (table $a 1 funcref) (table $b i64 1 externref)
                (func (export "a") (param i32) (result i32) (table.grow $a (ref.null func) (local.get 0)))
                (func (export "b") (param i64) (result i64) (table.grow $b (ref.null extern) (local.get 0)))
                (func (export "size") (result i32) (table.size $a)))"#,
        );
        for delta in [-1, i32::MIN] {
            assert_eq!(call_i32(&mut store, instance, "a", &[delta]).unwrap(), -1);
        }
        for delta in [-1, i64::MAX, i64::MIN, 1 << 61, 1 << 60, 1 << 45] {
            let result = crate::call(&mut store, instance, "b", &[Val::I64(delta)]).unwrap();
            assert_eq!(result[0].i64(), Some(-1), "{delta}");
        }
        assert_eq!(call_i32(&mut store, instance, "size", &[]).unwrap(), 1);
        let table = Table::new(&mut store, TableType::new64(RefType::Func, u64::MAX, None), null());
        assert!(matches!(table.unwrap_err().kind(), ErrorKind::Table(_)));
    }
}

#[test]
#[should_panic(expected = "must not exceed")]
fn limits_of_types_must_not_contradict() {
    let _ = TableType::new(RefType::Func, 2, Some(1));
}

#[test]
#[should_panic(expected = "another store")]
fn elements_of_another_store() {
    let engine = Engine::default();
    let (mut store, mut other) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let func = Func::wrap(&mut other, || ());
    let _ = Table::new(&mut store, TableType::new(RefType::Func, 1, None), func.into());
}
