//! Call hooks, which run whenever control passes between host and Wasm.

use wasmote::{CallHook, Caller, Error, Extern, Func, Linker, ResumableCall, Store, Val};

use crate::{call_i32, engines, linked};

#[derive(Default)]
struct Log {
    events: Vec<CallHook>,
    /// The event, counted from 0, that the hook refuses.
    refused: Option<usize>,
}

const WAT: &str = r#"(module (import "host" "f" (func $f (param i32) (result i32)))
    (func (export "inner") (param i32) (result i32) local.get 0)
    (func (export "run") (param i32) (result i32) (i32.add (call $f (local.get 0)) (i32.const 1))))"#;

fn hooked(engine: &wasmote::Engine) -> (Store<Log>, wasmote::Instance) {
    let mut store = Store::new(engine, Log::default());
    let mut linker = Linker::new(engine);
    linker
        .func_wrap("host", "f", |mut caller: Caller<'_, Log>, value: i32| -> Result<i32, Error> {
            let func = caller.get_export("inner").and_then(Extern::into_func).ok_or(Error::new("no function"))?;
            func.typed::<i32, i32>(&caller)?.call(&mut caller, value)
        })
        .unwrap();
    let instance = linked(&mut store, &linker, WAT);
    store.call_hook(|log, event| {
        log.events.push(event);
        match log.refused {
            Some(refused) if refused + 1 == log.events.len() => Err(Error::i32_exit(refused as i32)),
            _ => Ok(()),
        }
    });
    (store, instance)
}

#[test]
fn hooks_see_every_passage() {
    use CallHook::{CallingHost, CallingWasm, ReturningFromHost, ReturningFromWasm};
    for engine in engines() {
        let (mut store, instance) = hooked(&engine);
        assert_eq!(call_i32(&mut store, instance, "run", &[6]).unwrap(), 7);
        assert_eq!(
            store.data().events,
            [CallingWasm, CallingHost, CallingWasm, ReturningFromWasm, ReturningFromHost, ReturningFromWasm]
        );
    }
}

#[test]
fn a_hook_that_fails_ends_the_call() {
    for engine in engines() {
        for refused in 0..6 {
            let (mut store, instance) = hooked(&engine);
            store.data_mut().refused = Some(refused);
            let error = call_i32(&mut store, instance, "run", &[6]).unwrap_err();
            let status = error.i32_exit_status().unwrap();
            assert!(status as usize == refused, "refused {refused}, got {status}");
            store.data_mut().refused = None;
            assert_eq!(call_i32(&mut store, instance, "run", &[6]).unwrap(), 7);
        }
    }
}

#[test]
fn a_host_function_called_by_the_host_is_no_passage() {
    for engine in engines() {
        let (mut store, _) = hooked(&engine);
        let func = Func::wrap(&mut store, |value: i32| value + 1);
        assert_eq!(func.typed::<i32, i32>(&store).unwrap().call(&mut store, 1).unwrap(), 2);
        assert_eq!(store.data().events, []);
    }
}

#[test]
fn resumable_calls_have_hooks_too() {
    use CallHook::{CallingHost, CallingWasm, ReturningFromWasm};
    for engine in engines() {
        let mut store = Store::new(&engine, Log::default());
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "f", |_: i32| -> Result<i32, Error> { Err(Error::i32_exit(1)) }).unwrap();
        let instance = linked(&mut store, &linker, WAT);
        store.call_hook(|log, event| {
            log.events.push(event);
            Ok(())
        });
        let run = instance.get_func(&store, "run").unwrap();
        let mut outputs = [Val::I32(0)];
        let call = run.call_resumable(&mut store, &[Val::I32(1)], &mut outputs).unwrap();
        let ResumableCall::HostTrap(call) = call else { panic!("{call:?}") };
        let without_returns: Vec<_> =
            store.data().events.iter().copied().filter(|&event| event != CallHook::ReturningFromHost).collect();
        assert_eq!(without_returns, [CallingWasm, CallingHost, ReturningFromWasm]);
        store.data_mut().events.clear();
        call.resume(&mut store, &[Val::I32(8)], &mut outputs).unwrap();
        assert_eq!(outputs[0].i32(), Some(9));
        assert_eq!(store.data().events, [CallingWasm, ReturningFromWasm]);
    }
}
