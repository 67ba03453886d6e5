//! The contents of a store: data of the host, memories, tables, globals, references.

use super::super::engine::{
    AsContextMut, Caller, Engine, Error, Extern, ExternRef, Func, Global, Linker, Memory, MemoryType, Module,
    Mutability, Nullable, Ref, RefType, Store, Table, TableType, TrapCode, Val,
    errors::{GlobalError, TableError},
};

/// A host function that uses the data of the store, like the first program of every tutorial.
pub(super) fn hello() -> Result<String, Error> {
    let engine = Engine::default();
    let wasm = r#"
        (module
            (import "host" "hello" (func $host_hello (param i32)))
            (func (export "hello")
                (call $host_hello (i32.const 3))
            )
        )
    "#;
    let module = Module::new(&engine, wasm)?;
    type HostState = (u32, String);
    let mut store = Store::new(&engine, (42, String::new()));
    let mut linker = <Linker<HostState>>::new(&engine);
    linker.func_wrap("host", "hello", |mut caller: Caller<'_, HostState>, param: i32| {
        let line = format!("Got {param} from WebAssembly and my host state is: {}\n", caller.data().0);
        caller.data_mut().1.push_str(&line);
    })?;
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    let hello = instance.get_typed_func::<(), ()>(&store, "hello")?;
    hello.call(&mut store, ())?;
    hello.call(store.as_context_mut(), ())?;
    Ok(store.into_data().1)
}

/// Text that is passed through a memory, which grows meanwhile.
pub(super) fn memory() -> Result<String, Error> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, String::new());
    let mut linker = Linker::new(&engine);
    let shared = Memory::new(&mut store, MemoryType::new(1, Some(4)))?;
    linker.define("host", "memory", shared)?;
    linker.func_wrap(
        "host",
        "print",
        |mut caller: Caller<'_, String>, start: u32, len: u32| -> Result<u32, Error> {
            let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
                return Err(Error::new("no memory is exported"));
            };
            let (bytes, data) = memory.data_and_store_mut(&mut caller);
            let text = bytes.get(start as usize..(start + len) as usize).ok_or(TrapCode::MemoryOutOfBounds)?;
            data.push_str(&String::from_utf8_lossy(text));
            let before = memory.grow(&mut caller, 1)?;
            memory.write(&mut caller, 65536, b"grown")?;
            Ok(before as u32)
        },
    )?;
    let module = Module::new(
        &engine,
        r#"(module
            (import "host" "memory" (memory 1))
            (import "host" "print" (func $print (param i32 i32) (result i32)))
            (export "memory" (memory 0))
            (data (i32.const 64) "some text")
            (func (export "run") (result i32 i32 i32)
                (call $print (i32.const 64) (i32.const 9))
                (i32.load8_u (i32.const 65536))
                memory.size)
            (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#,
    )?;
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    let run = instance.get_typed_func::<(), (u32, u32, u32)>(&store, "run")?;
    let mut report = format!("{:?}", run.call(&mut store, ())?);
    let grow = instance.get_typed_func::<u32, i32>(&store, "grow")?;
    for pages in [0, 1, 2, 1, 65536, u32::MAX] {
        report.push_str(&format!(" {}", grow.call(&mut store, pages)?));
    }
    let mut bytes = [0; 5];
    shared.read(&store, 65536, &mut bytes).map_err(Error::from)?;
    let ty = shared.ty(&store);
    let outside = shared.read(&store, shared.data_size(&store) - 4, &mut bytes).is_err();
    Ok(format!("{report} {bytes:?} {} {:?} {outside} {}", ty.minimum(), ty.maximum(), store.data()))
}

/// Functions in a table, set by Wasm and by the host.
pub(super) fn tables() -> Result<String, Error> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let null = || Ref::Func(Nullable::Null);
    let table = Table::new(&mut store, TableType::new(RefType::Func, 3, Some(6)), null())?;
    let mut linker = Linker::new(&engine);
    linker.define("host", "table", table)?;
    let module = Module::new(
        &engine,
        r#"(module (import "host" "table" (table 3 funcref))
            (elem (i32.const 0) $inc)
            (func $inc (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
            (func (export "call") (param i32 i32) (result i32)
                (call_indirect (param i32) (result i32) (local.get 1) (local.get 0)))
            (func (export "grow") (param i32) (result i32) (table.grow (ref.func $inc) (local.get 0))))"#,
    )?;
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    let host = Func::wrap(&mut store, |value: i32| value * 2);
    table.set(&mut store, 1, Ref::Func(host.into()))?;
    let other = Func::wrap(&mut store, || ());
    let mut report = String::new();
    let size = table.grow(&mut store, 1, Ref::Func(other.into()))?;
    let call = instance.get_typed_func::<(u32, i32), i32>(&store, "call")?;
    for index in 0..5 {
        match call.call(&mut store, (index, 20)) {
            Ok(result) => report.push_str(&format!("{result} ")),
            Err(error) => report.push_str(&format!("{:?} ", error.as_trap_code())),
        }
    }
    let grow = instance.get_typed_func::<i32, i32>(&store, "grow")?;
    for delta in [1, 2, 1] {
        report.push_str(&format!("{} ", grow.call(&mut store, delta)?));
    }
    let first = table.get(&store, 0).is_some_and(|element| !element.is_null());
    let beyond = table.get(&store, 6).is_none();
    let denied = matches!(table.grow(&mut store, 2, null()), Err(TableError::GrowOutOfBounds));
    let outside = matches!(table.set(&mut store, 6, null()), Err(TableError::SetOutOfBounds));
    let objects = Ref::Extern(Nullable::Null);
    let mismatch = matches!(table.fill(&mut store, 0, objects, 1), Err(TableError::ElementTypeMismatch));
    Table::copy(&mut store, &table, 2, &table, 0, 2)?;
    report.push_str(&format!("{} ", call.call(&mut store, (3, 4))?));
    Ok(format!("{report} {size} {first} {beyond} {denied} {outside} {mismatch} {}", table.size(&store)))
}

/// Globals of the host.
pub(super) fn globals() -> Result<String, Error> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let var = Global::new(&mut store, Val::I64(10), Mutability::Var);
    let constant = Global::new(&mut store, Val::F32(1.5.into()), Mutability::Const);
    linker.define("host", "var", var)?.define("host", "const", constant)?;
    let module = Module::new(
        &engine,
        r#"(module (import "host" "var" (global $var (mut i64))) (import "host" "const" (global $const f32))
            (global (export "own") f32 (global.get $const))
            (func (export "run") (result f32)
                (global.set $var (i64.mul (global.get $var) (i64.const 3)))
                (f32.mul (global.get $const) (f32.convert_i64_s (global.get $var)))))"#,
    )?;
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    let run = instance.get_typed_func::<(), f32>(&store, "run")?;
    let first = run.call(&mut store, ())?;
    var.set(&mut store, Val::I64(-1))?;
    let second = run.call(&mut store, ())?;
    let immutable = matches!(constant.set(&mut store, Val::F32(2.0.into())), Err(GlobalError::ImmutableWrite));
    let mismatch = matches!(var.set(&mut store, Val::I32(2)), Err(GlobalError::TypeMismatch));
    let own = instance.get_global(&store, "own").and_then(|own| own.get(&store).f32()).map(f32::from);
    Ok(format!("{first} {second} {immutable} {mismatch} {own:?} {:?}", var.get(&store).i64()))
}

/// References to functions and to objects of the host.
pub(super) fn references() -> Result<String, Error> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let module = Module::new(
        &engine,
        r#"(module (global $kept (mut externref) (ref.null extern)) (table $t 1 funcref)
            (func (export "keep") (param externref) (result i32)
                (global.set $kept (local.get 0)) (ref.is_null (global.get $kept)))
            (func (export "kept") (result externref) (global.get $kept))
            (func (export "call") (param funcref) (result i32)
                (table.set $t (i32.const 0) (local.get 0)) (call_indirect (result i32) (i32.const 0))))"#,
    )?;
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
    let keep = instance.get_typed_func::<Nullable<ExternRef>, i32>(&store, "keep")?;
    let kept = instance.get_typed_func::<(), Nullable<ExternRef>>(&store, "kept")?;
    let call = instance.get_typed_func::<Nullable<Func>, i32>(&store, "call")?;
    let object = ExternRef::new(&mut store, String::from("kept by Wasm"));
    let nulls = (keep.call(&mut store, Nullable::Null)?, keep.call(&mut store, Nullable::Val(object))?);
    let back = kept.call(&mut store, ())?;
    let text = back.val().and_then(|object| object.data(&store).downcast_ref::<String>()).cloned();
    let func = Func::wrap(&mut store, || 99_i32);
    let called = call.call(&mut store, Nullable::Val(func))?;
    let null = call.call(&mut store, Nullable::Null).err().and_then(|error| error.as_trap_code());
    Ok(format!("{nulls:?} {text:?} {called} {null:?}"))
}
