//! What a program does through `wasm_runtime_layer`, whose engine is `wasmi`.

use wasm_runtime_layer::{
    Engine, Extern, ExternType, Func, FuncType, Global, Imports, Instance, Memory, MemoryType, Module, Ref, Store,
    Table, TableType, Val, ValType,
};

type Backend = wasmi_runtime_layer::Engine;

fn module(text: &str) -> (Engine<Backend>, Module) {
    let engine = Engine::new(Backend::default());
    let module = Module::new(&engine, &wat::parse_str(text).unwrap()).unwrap();
    (engine, module)
}

fn func(store: &Store<u32, Backend>, instance: &Instance, name: &str) -> Func {
    instance.get_export(store, name).unwrap().into_func().unwrap()
}

#[test]
fn the_engine_is_the_shim() {
    assert!(wasmi::FEATURES.contains(&"wasmi-defaults"));
}

#[test]
fn functions_of_the_host_are_called_with_several_values() {
    let (engine, module) = module(
        r#"(module
            (import "host" "pair" (func $pair (param i64) (result i32 i64)))
            (func (export "run") (param i64) (result i64)
                (local i64)
                (call $pair (local.get 0)) (local.set 1) (i64.extend_i32_s) (i64.sub (local.get 1))))"#,
    );
    let mut store = Store::new(&engine, 5);
    let ty = FuncType::new([ValType::I64], [ValType::I32, ValType::I64]);
    let pair = Func::new(&mut store, ty, |mut context, params, results| {
        *context.data_mut() += 1;
        let Val::I64(value) = params[0] else { unreachable!() };
        results[0] = Val::I32(-1);
        results[1] = Val::I64(value * i64::from(*context.data()));
        Ok(())
    });
    let mut imports = Imports::new();
    imports.define("host", "pair", Extern::Func(pair));
    let instance = Instance::new(&mut store, &module, &imports).unwrap();
    let mut results = [Val::I64(0)];
    func(&store, &instance, "run").call(&mut store, &[Val::I64(7)], &mut results).unwrap();
    assert_eq!(results, [Val::I64(-1 - 42)]);
    assert_eq!(*store.data(), 6);
}

#[test]
fn errors_of_the_host_and_traps_are_errors() {
    let (engine, module) = module(
        r#"(module
            (import "host" "fail" (func $fail))
            (func (export "fail") (call $fail))
            (func (export "trap") unreachable))"#,
    );
    let mut store = Store::new(&engine, 0);
    let fail = Func::new(&mut store, FuncType::new([], []), |_, _, _| Err(std::io::Error::other("no disk").into()));
    let mut imports = Imports::new();
    imports.define("host", "fail", Extern::Func(fail));
    let instance = Instance::new(&mut store, &module, &imports).unwrap();
    let error = func(&store, &instance, "fail").call(&mut store, &[], &mut []).unwrap_err();
    assert!(format!("{error:?} {error:#}").contains("no disk"), "{error:?}");
    let error = func(&store, &instance, "trap").call(&mut store, &[], &mut []).unwrap_err();
    assert!(format!("{error:#}").contains("unreachable"), "{error:#}");
}

#[test]
fn memories_tables_and_globals_are_shared() {
    let (engine, module) = module(
        r#"(module
            (import "env" "memory" (memory 1 3))
            (import "env" "table" (table 2 funcref))
            (import "env" "global" (global $g (mut f64)))
            (func $ten (result i32) (i32.const 10))
            (elem (i32.const 1) func $ten)
            (func (export "run") (result i32)
                (i32.store8 (i32.const 100) (i32.const 0x61))
                (global.set $g (f64.const 2.5))
                (drop (memory.grow (i32.const 1)))
                (call_indirect (result i32) (i32.const 1))))"#,
    );
    let mut store = Store::new(&engine, 0);
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(3))).unwrap();
    let table =
        Table::new(&mut store, TableType::new(wasm_runtime_layer::RefType::FuncRef, 2, None), Ref::FuncRef(None))
            .unwrap();
    let global = Global::new(&mut store, Val::F64(0.0), true);
    let mut imports = Imports::new();
    imports.define("env", "memory", Extern::Memory(memory.clone()));
    imports.define("env", "table", Extern::Table(table.clone()));
    imports.define("env", "global", Extern::Global(global.clone()));
    let instance = Instance::new(&mut store, &module, &imports).unwrap();
    let mut results = [Val::I32(0)];
    func(&store, &instance, "run").call(&mut store, &[], &mut results).unwrap();
    assert_eq!(results, [Val::I32(10)]);
    let mut bytes = [0; 2];
    memory.read(&store, 99, &mut bytes).unwrap();
    assert_eq!(bytes, [0, 0x61]);
    assert_eq!(memory.current_pages(&store), 2);
    assert!(memory.write(&mut store, 3 << 16, &[1]).is_err());
    assert_eq!(global.get(&mut store), Val::F64(2.5));
    assert_eq!(table.size(&store), 2);
    assert!(matches!(table.get(&mut store, 1), Some(Ref::FuncRef(Some(_)))));
    assert!(matches!(table.get(&mut store, 0), Some(Ref::FuncRef(None))));
}

#[test]
fn modules_tell_their_imports_and_exports() {
    let (engine, module) = module(
        r#"(module
            (import "a" "b" (func (param i32)))
            (memory (export "memory") 2)
            (global (export "global") i32 (i32.const 1))
            (func (export "func") (result i64) (i64.const 0)))"#,
    );
    let imports: Vec<_> =
        module.imports(&engine).map(|import| (import.module.to_owned(), import.name.to_owned())).collect();
    assert_eq!(imports, [("a".to_owned(), "b".to_owned())]);
    assert!(matches!(module.get_export(&engine, "func"), Some(ExternType::Func(ty)) if ty.results() == [ValType::I64]));
    assert!(matches!(module.get_export(&engine, "memory"), Some(ExternType::Memory(ty)) if ty.initial_pages() == 2));
    assert!(Module::new(&engine, b"\0asm\x02\0\0\0").is_err());
}
