//! Linkers: definitions, missing ones, and mismatches.

use wasmote::{
    Engine, Extern, ExternType, Func, FuncType, Global, Instance, Linker, Memory, MemoryType, Module, Mutability, Ref,
    RefType, Store, Table, TableType, Val, ValType,
    errors::{ErrorKind, InstantiationError, LinkerError},
};

use crate::{call_i32, engines, instance, linked, try_linked};

#[test]
fn names_are_defined_once() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::<()>::new(&engine);
        linker.func_wrap("host", "f", || 1_i32).unwrap();
        linker.func_wrap("host", "g", || 1_i32).unwrap().func_wrap("other", "f", || 1_i32).unwrap();
        let error = linker.func_wrap("host", "f", || 2_i32).unwrap_err();
        let LinkerError::DuplicateDefinition { import_name } = &error else { panic!("{error:?}") };
        assert_eq!((import_name.module(), import_name.name()), ("host", "f"));
        assert!(error.to_string().contains("host::f"), "{error}");
        let func = Func::wrap(&mut store, || 2_i32);
        assert!(linker.define("host", "f", func).is_err());
        let ty = FuncType::new([], [ValType::I32]);
        assert!(linker.func_new("host", "f", ty, |_, _, _| Ok(())).is_err());
        let wat = r#"(module (import "host" "f" (func (result i32))) (export "f" (func 0)))"#;
        let first = linked(&mut store, &linker, wat);
        assert_eq!(call_i32(&mut store, first, "f", &[]).unwrap(), 1);
        let copy = linker.clone();
        linker.allow_shadowing(true).func_wrap("host", "f", || 3_i32).unwrap();
        let second = linked(&mut store, &linker, wat);
        assert_eq!(call_i32(&mut store, second, "f", &[]).unwrap(), 3);
        assert_eq!(call_i32(&mut store, first, "f", &[]).unwrap(), 1);
        let third = linked(&mut store, &copy, wat);
        assert_eq!(call_i32(&mut store, third, "f", &[]).unwrap(), 1, "a clone does not see later definitions");
        linker.allow_shadowing(false);
        assert!(linker.func_wrap("host", "f", || 4_i32).is_err());
    }
}

#[test]
fn missing_definitions() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::<()>::new(&engine);
        linker.func_wrap("host", "f", || ()).unwrap();
        let wat = r#"(module (import "host" "f" (func)) (import "host" "g" (func (param i32))))"#;
        let error = try_linked(&mut store, &linker, wat).unwrap_err();
        let ErrorKind::Linker(LinkerError::MissingDefinition { name, ty }) = error.kind() else { panic!("{error:?}") };
        assert_eq!((name.module(), name.name()), ("host", "g"));
        assert_eq!(ty.func(), Some(&FuncType::new([ValType::I32], [])));
        assert!(error.to_string().contains("host::g") && error.to_string().contains("i32"), "{error}");
    }
}

#[test]
fn definitions_of_other_types() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::<()>::new(&engine);
        let null = Ref::null(RefType::Func);
        let table = Table::new(&mut store, TableType::new(RefType::Func, 2, Some(5)), null).unwrap();
        let memory = Memory::new(&mut store, MemoryType::new(2, Some(5))).unwrap();
        let global = Global::new(&mut store, Val::I32(1), Mutability::Const);
        let var = Global::new(&mut store, Val::I32(1), Mutability::Var);
        let func = Func::wrap(&mut store, |value: i32| value);
        linker.define("host", "table", table).unwrap().define("host", "memory", memory).unwrap();
        linker.define("host", "global", global).unwrap().define("host", "var", var).unwrap();
        linker.define("host", "func", func).unwrap();
        linker.func_wrap("host", "wrapped", |value: i32| value).unwrap();
        let mut attempt = |import: &str| try_linked(&mut store, &linker, &format!("(module (import {import}))"));
        for good in [
            r#""host" "table" (table 2 funcref)"#,
            r#""host" "table" (table 0 5 funcref)"#,
            r#""host" "table" (table 1 6 funcref)"#,
            r#""host" "memory" (memory 2)"#,
            r#""host" "memory" (memory 1 9)"#,
            r#""host" "global" (global i32)"#,
            r#""host" "var" (global (mut i32))"#,
            r#""host" "func" (func (param i32) (result i32))"#,
            r#""host" "wrapped" (func (param i32) (result i32))"#,
        ] {
            attempt(good).unwrap();
        }
        for bad in [
            r#""host" "table" (table 3 funcref)"#,
            r#""host" "table" (table 2 4 funcref)"#,
            r#""host" "table" (table 2 externref)"#,
            r#""host" "table" (table i64 2 funcref)"#,
            r#""host" "table" (memory 1)"#,
            r#""host" "memory" (memory 3)"#,
            r#""host" "memory" (memory 2 4)"#,
            r#""host" "memory" (memory i64 2)"#,
            r#""host" "memory" (global i32)"#,
            r#""host" "global" (global i64)"#,
            r#""host" "global" (global (mut i32))"#,
            r#""host" "var" (global i32)"#,
            r#""host" "global" (func)"#,
            r#""host" "func" (func (param i64) (result i32))"#,
            r#""host" "func" (func (param i32))"#,
            r#""host" "func" (func (param i32 i32) (result i32))"#,
            r#""host" "func" (table 2 funcref)"#,
            r#""host" "wrapped" (func (param i64) (result i32))"#,
            r#""host" "wrapped" (func)"#,
            r#""host" "wrapped" (memory 1)"#,
        ] {
            let error = attempt(bad).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Linker(_) | ErrorKind::Instantiation(_)), "{error:?}");
            let text = error.to_string();
            assert!(text.contains("incompatible import type") && text.contains("host::"), "{bad}: {text}");
        }
    }
}

#[test]
fn lookup() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::<()>::new(&engine);
        let global = Global::new(&mut store, Val::I32(1), Mutability::Const);
        linker.define("host", "global", global).unwrap();
        assert!(matches!(linker.get(&store, "host", "global"), Some(Extern::Global(found)) if found == global));
        assert!(linker.get(&store, "host", "nothing").is_none());
        assert!(linker.get(&store, "nothing", "global").is_none());
        assert!(Engine::same(linker.engine(), &engine));
    }
}

#[test]
fn instances_and_aliases() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::<()>::new(&engine);
        let lib = instance(
            &mut store,
            r#"(module (memory (export "m") 1) (global (export "g") (mut i32) (i32.const 3))
                (table (export "t") 1 funcref)
                (func (export "f") (param i32) (result i32)
                    (global.set 0 (i32.add (global.get 0) (local.get 0))) (global.get 0)))"#,
        );
        linker.instance(&mut store, "lib", lib).unwrap();
        assert!(linker.instance(&mut store, "lib", lib).is_err());
        linker.alias_module("lib", "alias").unwrap();
        linker.alias_module("nothing", "empty").unwrap();
        assert!(linker.alias_module("lib", "alias").is_err());
        let user = linked(
            &mut store,
            &linker,
            r#"(module (import "lib" "f" (func $f (param i32) (result i32)))
                (import "alias" "f" (func $g (param i32) (result i32)))
                (import "alias" "g" (global $global (mut i32)))
                (import "lib" "m" (memory 1)) (import "alias" "t" (table 1 funcref))
                (func (export "run") (result i32)
                    (drop (call $f (i32.const 10))) (i32.sub (call $g (i32.const 100)) (global.get $global))))"#,
        );
        assert_eq!(call_i32(&mut store, user, "run", &[]).unwrap(), 0);
        assert_eq!(lib.get_global(&store, "g").unwrap().get(&store).i32(), Some(113));
    }
}

#[test]
fn one_linker_for_many_stores() {
    for engine in engines() {
        let mut linker = Linker::<u32>::new(&engine);
        linker
            .func_wrap("host", "count", |mut caller: wasmote::Caller<'_, u32>| -> u32 {
                *caller.data_mut() += 1;
                *caller.data()
            })
            .unwrap();
        let module = Module::new(
            &engine,
            r#"(module (import "host" "count" (func $count (result i32)))
                (func (export "run") (result i32) (drop (call $count)) (call $count)))"#,
        )
        .unwrap();
        let mut stores: Vec<_> = (0..10)
            .map(|i| {
                let mut store = Store::new(&engine, i);
                let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
                (store, instance)
            })
            .collect();
        for (i, (store, instance)) in stores.iter_mut().enumerate() {
            assert_eq!(call_i32(store, *instance, "run", &[]).unwrap(), i as i32 + 2);
        }
    }
}

#[test]
fn imports_given_in_order() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let module = Module::new(
            &engine,
            r#"(module (import "a" "f" (func $f (result i32))) (import "a" "f" (func $g (result i32)))
                (func (export "run") (result i32) (i32.sub (call $f) (call $g))))"#,
        )
        .unwrap();
        let (ten, three) = (Func::wrap(&mut store, || 10_i32), Func::wrap(&mut store, || 3_i32));
        let both = Instance::new(&mut store, &module, &[ten.into(), three.into()]).unwrap();
        assert_eq!(call_i32(&mut store, both, "run", &[]).unwrap(), 7);
        let error = Instance::new(&mut store, &module, &[ten.into()]).unwrap_err();
        assert!(matches!(
            error.kind(),
            ErrorKind::Instantiation(InstantiationError::MismatchedNumberOfImports { expected: 2, actual: 1 })
        ));
        let long = Func::wrap(&mut store, || 3_i64);
        let error = Instance::new(&mut store, &module, &[ten.into(), long.into()]).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Instantiation(InstantiationError::FuncTypeMismatch { .. })),
            "{error:?}"
        );
        let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
        let error = Instance::new(&mut store, &module, &[ten.into(), memory.into()]).unwrap_err();
        let ErrorKind::Instantiation(InstantiationError::ImportTypeMismatch { expected, actual, .. }) = error.kind()
        else {
            panic!("{error:?}");
        };
        assert!(matches!((expected, actual), (ExternType::Func(_), ExternType::Memory(_))));
    }
}

#[test]
#[should_panic(expected = "another store")]
fn definitions_of_another_store() {
    let engine = Engine::default();
    let (mut store, mut other) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let mut linker = Linker::new(&engine);
    let memory = Memory::new(&mut other, MemoryType::new(1, None)).unwrap();
    linker.define("host", "m", memory).unwrap();
    let _ = try_linked(&mut store, &linker, r#"(module (import "host" "m" (memory 1)))"#);
}

#[test]
#[should_panic(expected = "same engine")]
fn modules_of_another_engine() {
    let (engine, other) = (Engine::default(), Engine::default());
    let module = Module::new(&other, "(module)").unwrap();
    let mut store = Store::new(&engine, ());
    let _ = Linker::new(&engine).instantiate_and_start(&mut store, &module);
}

#[test]
#[should_panic(expected = "same engine")]
fn instances_of_modules_of_another_engine() {
    let (engine, other) = (Engine::default(), Engine::default());
    let module = Module::new(&other, "(module (func (export \"f\")))").unwrap();
    let mut store = Store::new(&engine, ());
    let _ = Instance::new(&mut store, &module, &[]);
}
