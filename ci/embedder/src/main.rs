//! Runs ten million iterations of loops, calls and sequences of ops on a thread with little native stack.
//!
//! Threaded dispatch rests on the compiler making jumps of final calls. Where it does not, each op takes native
//! stack, and this program overflows it. Prints how the engine dispatches; an argument says how it must.

use std::{env, error::Error, thread};

use wasmote::{Config, Dispatch, Engine, Instance, Linker, Module, Store};

const ITERATIONS: i32 = 10_000_000;
const NATIVE_STACK: usize = 128 << 10;
const FUNCTIONS: [&str; 5] = ["count", "calls", "calls_indirect", "tail_calls", "sequences"];

/// How the engine dispatches, and the results of all functions, called on a thread with little native stack.
fn run(config: &Config) -> Result<(Dispatch, Vec<i32>), Box<dyn Error>> {
    let engine = Engine::new(config);
    let module = Module::new(&engine, include_bytes!(concat!(env!("OUT_DIR"), "/loops.wasm")))?;
    let mut store = Store::new(&engine, ());
    let instance: Instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
    let thread = thread::Builder::new().stack_size(NATIVE_STACK).spawn(move || {
        if store.get_fuel().is_ok() {
            store.set_fuel(u64::MAX)?;
        }
        let call = |name| instance.get_typed_func::<i32, i32>(&store, name)?.call(&mut store, ITERATIONS);
        FUNCTIONS.into_iter().map(call).collect::<Result<Vec<i32>, wasmote::Error>>()
    })?;
    Ok((engine.dispatch(), thread.join().map_err(|_| "the thread panicked")??))
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut portable = Config::default();
    portable.portable_dispatch(true);
    let (dispatch, expected) = run(&portable)?;
    assert_eq!(dispatch, Dispatch::LoopSwitch);
    let mut metered = Config::default();
    metered.consume_fuel(true);
    for config in [Config::default(), metered] {
        let (dispatch, results) = run(&config)?;
        if results != expected {
            return Err(format!("{dispatch:?}: {results:?}, and the loop-switch: {expected:?}").into());
        }
    }
    let dispatch = Engine::default().dispatch();
    println!("{dispatch:?}");
    match env::args().nth(1) {
        Some(wanted) if wanted != format!("{dispatch:?}") => Err(format!("expected {wanted}").into()),
        _ => Ok(()),
    }
}
