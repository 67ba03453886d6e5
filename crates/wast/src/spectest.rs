//! The host module `spectest`, which scripts import without defining it, and what wasmtime's scripts import of `wasmtime`.

use wasmote::{
    AsContextMut, Caller, Error, Global, Linker, Memory, MemoryType, Mutability, Ref, RefType, Store, Table, TableType,
    Val,
};

/// Defines the modules in `linker`. Its print functions print nothing.
pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, store: &mut Store<T>) -> Result<(), Error> {
    const MODULE: &str = "spectest";
    linker.func_wrap(MODULE, "print", || {})?;
    linker.func_wrap(MODULE, "print_i32", |_: i32| {})?;
    linker.func_wrap(MODULE, "print_i64", |_: i64| {})?;
    linker.func_wrap(MODULE, "print_f32", |_: f32| {})?;
    linker.func_wrap(MODULE, "print_f64", |_: f64| {})?;
    linker.func_wrap(MODULE, "print_i32_f32", |_: i32, _: f32| {})?;
    linker.func_wrap(MODULE, "print_f64_f64", |_: f64, _: f64| {})?;
    let globals = [
        ("global_i32", Val::from(666_i32)),
        ("global_i64", Val::from(666_i64)),
        ("global_f32", Val::from(666.6_f32)),
        ("global_f64", Val::from(666.6_f64)),
    ];
    for (name, value) in globals {
        let global = Global::new(&mut *store, value, Mutability::Const);
        linker.define(MODULE, name, global)?;
    }
    let null = Ref::null(RefType::Func);
    let table = Table::new(&mut *store, TableType::new(RefType::Func, 10, Some(20)), null)?;
    linker.define(MODULE, "table", table)?;
    let null = Ref::null(RefType::Func);
    let table = Table::new(&mut *store, TableType::new64(RefType::Func, 10, Some(20)), null)?;
    linker.define(MODULE, "table64", table)?;
    let memory = Memory::new(&mut *store, MemoryType::new(1, Some(2)))?;
    linker.define(MODULE, "memory", memory)?;
    let memory = Memory::new(&mut *store, MemoryType::shared(1, 2))?;
    linker.define(MODULE, "shared_memory", memory)?;
    linker.func_wrap("wasmtime", "gc", |mut caller: Caller<'_, T>| caller.as_context_mut().gc())?;
    Ok(())
}
