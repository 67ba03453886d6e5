//! Calls in both directions, and their errors.

use std::fmt;

use super::super::engine::{
    AsContext, CallHook, Caller, Engine, Error, Extern, F32, Func, Linker, Module, Store, TrapCode, TypedResumableCall,
    Val,
    errors::{ErrorKind, FuncError, HostError, InstantiationError},
};

const CALLS: &str = r#"(module
    (func (export "swap") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
        local.get 3 local.get 2 local.get 1 local.get 0)
    (func (export "fact") (param i64) (result i64) (local $product i64)
        (local.set $product (i64.const 1))
        (block $done (loop $again
            (br_if $done (i64.eqz (local.get 0)))
            (local.set $product (i64.mul (local.get $product) (local.get 0)))
            (local.set 0 (i64.sub (local.get 0) (i64.const 1)))
            (br $again)))
        local.get $product))"#;

/// Typed and untyped calls.
pub(super) fn calls() -> Result<String, Error> {
    let engine = Engine::default();
    let module = Module::new(&engine, CALLS)?;
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
    let swap = instance.get_typed_func::<(u32, i64, F32, f64), (f64, f32, u64, i32)>(&store, "swap")?;
    let typed = swap.call(&mut store, (u32::MAX, i64::MIN, F32::from(0.5), -0.0))?;
    let func = *swap.func();
    let inputs = [Val::I32(1), Val::I64(2), Val::F32(3.0.into()), Val::F64(4.0.into())];
    let mut outputs = [Val::I32(0), Val::I32(0), Val::I32(0), Val::I32(0)];
    func.call(&mut store, &inputs, &mut outputs)?;
    let untyped =
        (outputs[0].f64().map(f64::from), outputs[1].f32().map(f32::from), outputs[2].i64(), outputs[3].i32());
    let fact = instance.get_typed_func::<i64, i64>(&store, "fact")?;
    let ty = func.ty(store.as_context());
    let results = [0, 5, 20, 30].map(|n| fact.call(&mut store, n).unwrap_or(-1));
    let host = Func::wrap(&mut store, |a: i32, b: f32| (b, a + 1));
    let host = host.typed::<(i32, f32), (f32, i32)>(&store)?.call(&mut store, (1, 2.0))?;
    Ok(format!("{typed:?} {untyped:?} {results:?} {:?} {:?} {host:?}", ty.params(), ty.results()))
}

/// Calls with the wrong values.
pub(super) fn call_errors() -> Result<String, Error> {
    let engine = Engine::default();
    let module = Module::new(&engine, CALLS)?;
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
    let fact = instance.get_func(&store, "fact").ok_or(FuncError::ExportedFuncNotFound)?;
    let mut report = String::new();
    let mut note = |result: Result<(), Error>| {
        let kind = match result.map_err(|error| match error.kind() {
            ErrorKind::Func(error) => format!("{error:?}"),
            _ => String::from("something else"),
        }) {
            Ok(()) => String::from("good"),
            Err(error) => error,
        };
        report.push_str(&kind);
        report.push_str("; ");
    };
    note(fact.call(&mut store, &[Val::I64(1)], &mut [Val::I32(0)]));
    note(fact.call(&mut store, &[Val::I32(1)], &mut [Val::I64(0)]));
    note(fact.call(&mut store, &[], &mut [Val::I64(0)]));
    note(fact.call(&mut store, &[Val::I64(1), Val::I64(1)], &mut [Val::I64(0)]));
    note(fact.call(&mut store, &[Val::I64(1)], &mut []));
    note(fact.call(&mut store, &[Val::I64(1)], &mut [Val::I64(0), Val::I64(0)]));
    note(instance.get_typed_func::<i64, i64>(&store, "fact").map(drop));
    note(instance.get_typed_func::<i32, i64>(&store, "fact").map(drop));
    note(instance.get_typed_func::<i64, i32>(&store, "fact").map(drop));
    note(instance.get_typed_func::<i64, i64>(&store, "nothing").map(drop));
    Ok(report)
}

/// An error of the embedder.
#[derive(Debug)]
struct Refused(i32);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused: {}", self.0)
    }
}

impl HostError for Refused {}

/// Errors of host functions.
pub(super) fn host_errors() -> Result<String, Error> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "fail", |kind: i32| -> Result<i64, Error> {
        match kind {
            0 => Ok(1),
            1 => Err(Error::host(Refused(5))),
            2 => Err(Error::i32_exit(6)),
            3 => Err(Error::from(TrapCode::IntegerOverflow)),
            _ => Err(Error::new("a message")),
        }
    })?;
    let module = Module::new(
        &engine,
        r#"(module (import "host" "fail" (func $fail (param i32) (result i64)))
            (func (export "run") (param i32) (result i64) (i64.add (call $fail (local.get 0)) (i64.const 1))))"#,
    )?;
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    let run = instance.get_typed_func::<i32, i64>(&store, "run")?;
    let mut report = String::new();
    for kind in [1, 2, 3, 4, 0] {
        match run.call(&mut store, kind) {
            Ok(result) => report.push_str(&format!("{result}")),
            Err(error) => report.push_str(&format!(
                "{:?} {:?} {:?} {}; ",
                error.downcast_ref::<Refused>(),
                error.i32_exit_status(),
                error.as_trap_code(),
                if error.as_trap_code().is_none() && error.i32_exit_status().is_none() {
                    error.to_string()
                } else {
                    String::new()
                }
            )),
        }
    }
    let error = run.call(&mut store, 1).unwrap_err();
    Ok(format!("{report} {:?}", error.downcast::<Refused>().map(|error| error.0)))
}

/// Ends of a function before its last operator.
pub(super) fn traps() -> Result<String, Error> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let module = Module::new(
        &engine,
        r#"(module (memory 1) (table 1 funcref) (data $d "abc")
            (func (export "a") unreachable)
            (func (export "b") (drop (i32.load (i32.const 65536))))
            (func (export "c") (drop (i32.div_u (i32.const 1) (i32.const 0))))
            (func (export "d") (drop (i64.div_s (i64.const 0x8000000000000000) (i64.const -1))))
            (func (export "e") (drop (i32.trunc_f64_s (f64.const nan))))
            (func (export "f") (call_indirect (i32.const 0)))
            (func (export "g") (call_indirect (i32.const 1)))
            (func $h (export "h") call $h)
            (func (export "i") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 4)))
            (func (export "j") (drop (table.get (i32.const 1))))
            (func (export "k") (drop (memory.grow (i32.const -1)))))"#,
    )?;
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
    let names: Vec<String> = instance.exports(&store).map(|export| export.name().to_owned()).collect();
    let mut report = String::new();
    for name in names {
        let func = instance.get_typed_func::<(), ()>(&store, &name)?;
        let code = func.call(&mut store, ()).err().and_then(|error| error.as_trap_code());
        report.push_str(&format!("{name} {code:?}; "));
    }
    for wat in [
        "(module (func $s unreachable) (start $s))",
        r#"(module (memory 1) (data (i32.const 65536) "a"))"#,
        "(module (table 1 funcref) (func $f) (elem (i32.const 1) $f))",
    ] {
        let module = Module::new(&engine, wat)?;
        let error = Linker::new(&engine).instantiate_and_start(&mut store, &module).map(drop).unwrap_err();
        let does_not_fit = matches!(
            error.kind(),
            ErrorKind::Instantiation(InstantiationError::ElementSegmentDoesNotFit { table_index: 1, len: 1, .. })
        );
        report.push_str(&format!("{does_not_fit} {:?}; ", error.as_trap_code()));
    }
    Ok(report)
}

/// Host functions that call Wasm again.
pub(super) fn reentrancy() -> Result<String, Error> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, 0_u32);
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "down", |mut caller: Caller<'_, u32>, level: i32| -> Result<i32, Error> {
        *caller.data_mut() += 1;
        let func = caller.get_export("run").and_then(Extern::into_func).ok_or(FuncError::ExportedFuncNotFound)?;
        func.typed::<i32, i32>(&caller)?.call(&mut caller, level)
    })?;
    let module = Module::new(
        &engine,
        r#"(module (import "host" "down" (func $down (param i32) (result i32))) (memory 1)
            (func (export "run") (param i32) (result i32)
                (drop (memory.grow (i32.const 1)))
                (if (i32.eqz (local.get 0)) (then (return (memory.size))))
                (i32.add (call $down (i32.sub (local.get 0) (i32.const 1)))
                    (i32.mul (local.get 0) (i32.add (i32.const 100) (i32.load (i32.const 65536)))))))"#,
    )?;
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    let run = instance.get_typed_func::<i32, i32>(&store, "run")?;
    let results = (run.call(&mut store, 0)?, run.call(&mut store, 10)?);
    Ok(format!("{results:?} {}", store.data()))
}

/// Hooks on calls between host and Wasm.
pub(super) fn hooks() -> Result<String, Error> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, String::new());
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "f", |mut caller: Caller<'_, String>, fails: i32| -> Result<(), Error> {
        if fails != 0 {
            return Err(Error::i32_exit(1));
        }
        let inner = caller.get_export("inner").and_then(Extern::into_func).ok_or(FuncError::ExportedFuncNotFound)?;
        inner.call(&mut caller, &[], &mut [])
    })?;
    let module = Module::new(
        &engine,
        r#"(module (import "host" "f" (func $f (param i32))) (func (export "inner"))
            (export "host" (func $f))
            (func (export "trap") unreachable)
            (func (export "run") (param i32) (call $f (local.get 0))))"#,
    )?;
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    store.call_hook(|data, hook| {
        data.push_str(match hook {
            CallHook::CallingWasm => "(",
            CallHook::ReturningFromWasm => ")",
            CallHook::CallingHost => "[",
            CallHook::ReturningFromHost => "]",
        });
        Ok(())
    });
    let run = instance.get_typed_func::<i32, ()>(&store, "run")?;
    run.call(&mut store, 0)?;
    store.data_mut().push(' ');
    let failed = run.call(&mut store, 1).is_err();
    store.data_mut().push(' ');
    let trapped = instance.get_typed_func::<(), ()>(&store, "trap")?.call(&mut store, ()).is_err();
    store.data_mut().push(' ');
    let direct = instance.get_typed_func::<i32, ()>(&store, "host")?.call(&mut store, 1).is_err();
    store.data_mut().push(' ');
    if let TypedResumableCall::HostTrap(call) = run.call_resumable(&mut store, 1)? {
        store.data_mut().push(' ');
        call.resume(&mut store, &[])?;
    }
    Ok(format!("{failed} {trapped} {direct} {}", store.data()))
}
