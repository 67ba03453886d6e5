//! Instances: exports, separate state, stores with many of them.

use wasmote::{
    Engine, Extern, ExternType, Instance, Linker, Module, Store, TrapCode, Val,
    errors::{ErrorKind, MemoryError},
};

use crate::{call, call_i32, engines, instance, try_linked};

const WAT: &str = r#"(module
    (func (export "f") (param i32) (result i32) (global.set 0 (i32.add (global.get 0) (local.get 0))) (global.get 0))
    (memory (export "m") 1 2) (table (export "t") 3 externref)
    (global (export "g") (mut i32) (i32.const 100))
    (export "again" (func 0)) (export "" (memory 0)))"#;

#[test]
fn exports_in_order() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, WAT);
        let exports = instance.exports(&store);
        assert_eq!(exports.len(), 6);
        let names: Vec<&str> = exports.map(|export| export.name()).collect();
        assert_eq!(names, ["f", "m", "t", "g", "again", ""]);
        for export in instance.exports(&store) {
            let kind = match export.name() {
                "f" | "again" => export.clone().into_func().is_some(),
                "m" | "" => export.clone().into_memory().is_some(),
                "t" => export.clone().into_table().is_some(),
                _ => export.clone().into_global().is_some(),
            };
            assert!(kind, "{}", export.name());
            let ty = export.ty(&store);
            assert_eq!(ty, export.clone().into_extern().ty(&store));
            assert_eq!(matches!(ty, ExternType::Func(_)), matches!(export.into_extern(), Extern::Func(_)));
        }
    }
}

#[test]
fn exports_by_name() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, WAT);
        assert!(instance.get_export(&store, "nothing").is_none());
        assert!(instance.get_func(&store, "m").is_none());
        assert!(instance.get_memory(&store, "f").is_none());
        assert!(instance.get_table(&store, "g").is_none());
        assert!(instance.get_global(&store, "t").is_none());
        assert_eq!(instance.get_memory(&store, "m"), instance.get_memory(&store, ""));
        assert_eq!(instance.get_func(&store, "f"), instance.get_func(&store, "again"));
        assert_eq!(instance.get_table(&store, "t").unwrap().size(&store), 3);
        assert_eq!(instance.get_global(&store, "g").unwrap().get(&store).i32(), Some(100));
    }
}

#[test]
fn each_instance_has_its_state() {
    for engine in engines() {
        let module = Module::new(&engine, WAT).unwrap();
        let linker = Linker::new(&engine);
        let mut store = Store::new(&engine, ());
        let mut other = Store::new(&engine, ());
        let instances: Vec<Instance> =
            (0..10).map(|_| linker.instantiate_and_start(&mut store, &module).unwrap()).collect();
        let in_other = linker.instantiate_and_start(&mut other, &module).unwrap();
        for (i, &instance) in instances.iter().enumerate() {
            assert_eq!(call_i32(&mut store, instance, "f", &[i as i32]).unwrap(), 100 + i as i32);
            instance.get_memory(&store, "m").unwrap().data_mut(&mut store)[5] = i as u8;
        }
        for (i, &instance) in instances.iter().enumerate() {
            assert_eq!(call_i32(&mut store, instance, "f", &[0]).unwrap(), 100 + i as i32);
            assert_eq!(instance.get_memory(&store, "m").unwrap().data(&store)[5], i as u8);
        }
        assert_eq!(call_i32(&mut other, in_other, "f", &[0]).unwrap(), 100);
    }
}

#[test]
fn dropped_segments_stay_dropped() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let wat = r#"(module (memory (export "m") 1) (data $d "abc") (table 3 funcref) (elem $e func $f) (func $f)
            (func (export "init") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 3))
                (table.init $e (i32.const 0) (i32.const 0) (i32.const 1)))
            (func (export "drop") (data.drop $d) (elem.drop $e) (data.drop $d))
            (func (export "empty") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0))
                (table.init $e (i32.const 0) (i32.const 0) (i32.const 0))))"#;
        let (first, second) = (instance(&mut store, wat), instance(&mut store, wat));
        for name in ["init", "drop", "empty"] {
            call(&mut store, first, name, &[]).unwrap();
        }
        let error = call(&mut store, first, "init", &[]).unwrap_err();
        assert_eq!(error.as_trap_code(), Some(TrapCode::MemoryOutOfBounds));
        call(&mut store, second, "init", &[]).unwrap();
        assert_eq!(&second.get_memory(&store, "m").unwrap().data(&store)[..3], b"abc");
    }
}

#[test]
fn memories_that_cannot_be_had() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let linker = Linker::new(&engine);
        for wat in ["(module (memory i64 0x1000000000000))", "(module (memory i64 0x700000000000))"] {
            let error = try_linked(&mut store, &linker, wat).unwrap_err();
            assert!(
                matches!(
                    error.kind(),
                    ErrorKind::Memory(MemoryError::OutOfSystemMemory | MemoryError::MinimumSizeOverflow)
                        | ErrorKind::Instantiation(wasmote::errors::InstantiationError::FailedToInstantiateMemory(_))
                ),
                "{error:?}"
            );
        }
        let instance = instance(&mut store, WAT);
        assert_eq!(call_i32(&mut store, instance, "f", &[1]).unwrap(), 101);
    }
}

#[test]
fn they_outlive_module_linker_and_engine_handles() {
    for engine in engines() {
        let weak = engine.weak();
        let mut store = Store::new(&engine, ());
        let instance = {
            let module = Module::new(&engine, WAT).unwrap();
            drop(engine);
            let engine = module.engine().clone();
            Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap()
        };
        assert_eq!(call_i32(&mut store, instance, "f", &[1]).unwrap(), 101);
        assert!(Engine::same(&weak.upgrade().unwrap(), store.engine()));
        drop(store);
        assert!(weak.upgrade().is_none());
    }
}

#[test]
fn functions_of_several_modules_with_equal_types() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let table = instance(&mut store, r#"(module (table (export "t") 10 funcref))"#);
        linker.instance(&mut store, "table", table).unwrap();
        for i in 0..10 {
            // Each module numbers its types differently.
            let fillers: String = (0..i).map(|n| format!("(type (func (param {})))", "f32 ".repeat(n + 1))).collect();
            let wat = format!(
                r#"(module {fillers} (type $t (func (param i32) (result i64))) (import "table" "t" (table 10 funcref))
                    (func $f (type $t) (i64.extend_i32_u (i32.add (local.get 0) (i32.const {i}))))
                    (elem (i32.const {i}) $f)
                    (func (export "call") (param i32 i32) (result i64) (call_indirect (type $t) (local.get 0) (local.get 1))))"#
            );
            let instance = crate::linked(&mut store, &linker, &wat);
            for j in 0..=i as i32 {
                let outputs = call(&mut store, instance, "call", &[Val::I32(1000), Val::I32(j)]).unwrap();
                assert_eq!(outputs[0].i64(), Some(1000 + i64::from(j)));
            }
        }
    }
}

#[test]
#[should_panic(expected = "another store")]
fn exports_of_another_store() {
    let engine = Engine::default();
    let (mut store, other) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let instance = instance(&mut store, WAT);
    let _ = instance.get_export(&other, "f");
}
