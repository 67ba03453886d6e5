//! Runs ten million iterations of loops, calls and sequences of ops on a thread with little native stack.
//!
//! Threaded dispatch rests on the compiler making jumps of final calls. Where it does not, each op takes native
//! stack, and this program overflows it. Prints how the engine dispatches; an argument says how it must.

use std::{env, error::Error, process::ExitCode, thread};

use wasmote::{Config, Engine, Instance, Linker, Module, Store};

const ITERATIONS: i32 = 10_000_000;
const NATIVE_STACK: usize = 128 << 10;
const FUNCTIONS: [&str; 5] = ["count", "calls", "calls_indirect", "tail_calls", "sequences"];

/// The results of all functions, called on a thread with little native stack.
fn results(config: &Config) -> Result<Vec<i32>, Box<dyn Error>> {
    let engine = Engine::new(config);
    let module = Module::new(&engine, include_bytes!(concat!(env!("OUT_DIR"), "/loops.wasm")))?;
    let mut store = Store::new(&engine, ());
    let instance: Instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
    let thread = thread::Builder::new().stack_size(NATIVE_STACK).spawn(move || {
        if store.get_fuel().is_ok() {
            store.set_fuel(u64::MAX)?;
        }
        FUNCTIONS
            .map(|name| instance.get_typed_func::<i32, i32>(&store, name)?.call(&mut store, ITERATIONS))
            .into_iter()
            .collect::<Result<Vec<i32>, wasmote::Error>>()
    })?;
    Ok(thread.join().map_err(|_| "the thread panicked")??)
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut portable = Config::default();
    portable.portable_dispatch(true);
    let expected = results(&portable)?;
    let mut metered = Config::default();
    metered.consume_fuel(true);
    for config in [Config::default(), metered] {
        if results(&config)? != expected {
            return Err("the dispatchers disagree".into());
        }
    }
    Ok(ExitCode::SUCCESS)
}
