//! Modules, imports and exports.

use super::super::engine::{
    Caller, CompilationMode, Config, Engine, Error, ExternType, FuncType, Global, Instance, Linker, Memory, MemoryType,
    Module, Mutability, Store, Val, ValType,
    errors::{ErrorKind, InstantiationError, LinkerError},
};

/// Several instances that import from each other.
pub(super) fn linking() -> Result<String, Error> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, vec![]);
    let mut linker: Linker<Vec<i64>> = Linker::new(&engine);
    linker
        .func_wrap("log", "i64", |mut caller: Caller<'_, Vec<i64>>, value: i64| caller.data_mut().push(value))?
        .func_new("log", "sum", FuncType::new([], [ValType::I64]), |caller, _, results| {
            results[0] = Val::I64(caller.data().iter().sum());
            Ok(())
        })?;
    let library = Module::new(
        &engine,
        r#"(module (import "log" "i64" (func $log (param i64)))
            (memory (export "memory") 1) (global $count (export "count") (mut i32) (i32.const 0))
            (table (export "table") 2 funcref) (elem (i32.const 0) $push)
            (func $push (export "push") (param i64)
                (call $log (local.get 0))
                (i64.store (i32.mul (global.get $count) (i32.const 8)) (local.get 0))
                (global.set $count (i32.add (global.get $count) (i32.const 1)))))"#,
    )?;
    let user = Module::new(
        &engine,
        r#"(module (import "library" "push" (func $push (param i64))) (import "library" "memory" (memory 1))
            (import "library" "count" (global $count (mut i32))) (import "again" "table" (table 2 funcref))
            (import "log" "sum" (func $sum (result i64)))
            (func (export "run") (param i64) (result i64)
                (call $push (local.get 0))
                (call_indirect (param i64) (i64.mul (local.get 0) (local.get 0)) (i32.const 0))
                (i64.store (i32.const 0) (i64.const -1))
                (i64.add (call $sum) (i64.add (i64.load (i32.const 8)) (i64.extend_i32_u (global.get $count))))))"#,
    )?;
    let first = linker.instantiate_and_start(&mut store, &library)?;
    linker.instance(&mut store, "library", first)?;
    linker.alias_module("library", "again")?;
    let second = linker.instantiate_and_start(&mut store, &user)?;
    let run = second.get_typed_func::<i64, i64>(&store, "run")?;
    let results = (run.call(&mut store, 5)?, run.call(&mut store, 6)?);
    let mut names: Vec<_> = first.exports(&store).map(|export| export.name().to_owned()).collect();
    names.sort();
    let found = linker.get(&store, "again", "memory").is_some();
    let missing = linker.get(&store, "again", "nothing").is_none();
    let count = first.get_global(&store, "count").map(|global| global.get(&store).i32());
    Ok(format!("{results:?} {names:?} {found} {missing} {count:?} {:?}", store.data()))
}

/// Definitions that are missing, duplicate, or of a different type.
pub(super) fn link_errors() -> Result<String, Error> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::<()>::new(&engine);
    linker.func_wrap("host", "f", |value: i32| value)?;
    let mut report = String::new();
    match linker.func_wrap("host", "f", || ()).map(drop) {
        Err(LinkerError::DuplicateDefinition { import_name }) => {
            report.push_str(&format!("twice {} {}; ", import_name.module(), import_name.name()));
        }
        other => report.push_str(&format!("{other:?}; ")),
    }
    let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
    let global = Global::new(&mut store, Val::I32(1), Mutability::Const);
    linker.define("host", "memory", memory)?.define("host", "global", global)?;
    for import in [
        r#""host" "f" (func (param i32) (result i32))"#,
        r#""host" "nothing" (func)"#,
        r#""other" "f" (func (param i32) (result i32))"#,
        r#""host" "f" (func)"#,
        r#""host" "f" (memory 1)"#,
        r#""host" "memory" (memory 1)"#,
        r#""host" "memory" (memory 2)"#,
        r#""host" "memory" (func)"#,
        r#""host" "global" (global i32)"#,
        r#""host" "global" (global i64)"#,
        r#""host" "global" (global (mut i32))"#,
    ] {
        let module = Module::new(&engine, format!("(module (import {import}))"))?;
        let kind = match linker.instantiate_and_start(&mut store, &module) {
            Ok(_) => "good",
            Err(error) => match error.kind() {
                ErrorKind::Linker(LinkerError::MissingDefinition { .. }) => "missing",
                ErrorKind::Linker(LinkerError::InvalidTypeDefinition { .. }) => "invalid type",
                ErrorKind::Instantiation(InstantiationError::ImportTypeMismatch { .. }) => "other kind",
                ErrorKind::Instantiation(InstantiationError::FuncTypeMismatch { .. }) => "other function type",
                ErrorKind::Instantiation(InstantiationError::MemoryTypeMismatch { .. }) => "other memory type",
                ErrorKind::Instantiation(InstantiationError::GlobalTypeMismatch { .. }) => "other global type",
                _ => "something else",
            },
        };
        report.push_str(kind);
        report.push_str("; ");
    }
    let module = Module::new(&engine, r#"(module (import "a" "b" (func)))"#)?;
    let error = Instance::new(&mut store, &module, &[]).map(drop).unwrap_err();
    if let ErrorKind::Instantiation(InstantiationError::MismatchedNumberOfImports { expected, actual }) = error.kind() {
        report.push_str(&format!("{expected} {actual}"));
    }
    Ok(report)
}

/// The descriptions of modules.
pub(super) fn modules() -> Result<String, Error> {
    let mut config = Config::default();
    config.wasm_tail_call(false).compilation_mode(CompilationMode::Eager);
    let engine = Engine::new(&config);
    let module = Module::new(
        &engine,
        r#"(module (import "a" "f" (func (param i32))) (import "a" "m" (memory 1 2)) (@custom "note" "text")
            (import "b" "g" (global (mut f64))) (table (export "t") 3 externref) (export "f" (func 0)))"#,
    )?;
    // Here the type is said to grow, there it is not.
    #[allow(unreachable_patterns)]
    let kind = |ty: &ExternType| match ty {
        ExternType::Func(ty) => format!("func {} {}", ty.params().len(), ty.results().len()),
        ExternType::Memory(ty) => format!("memory {} {:?}", ty.minimum(), ty.maximum()),
        ExternType::Table(ty) => format!("table {} {:?}", ty.minimum(), ty.maximum()),
        ExternType::Global(ty) => format!("global {:?} {:?}", ty.content(), ty.mutability()),
        _ => String::new(),
    };
    let mut report = String::new();
    for import in module.imports() {
        report.push_str(&format!("{} {} {}; ", import.module(), import.name(), kind(import.ty())));
    }
    let mut exports: Vec<_> =
        module.exports().map(|export| format!("{} {}; ", export.name(), kind(export.ty()))).collect();
    exports.sort();
    report.push_str(&exports.concat());
    for section in module.custom_sections() {
        report.push_str(&format!("{} {:?}; ", section.name(), section.data()));
    }
    for (wat, valid) in [("(module (func $f (return_call $f)))", false), ("(module (func (result i32)))", false)] {
        report.push_str(&format!("{} ", Module::new(&engine, wat).is_ok() == valid));
    }
    Ok(format!("{report}{}", Module::validate(&engine, b"\0asm").is_err()))
}
