//! Runs ten million iterations of loops, calls, sequences of ops and ops on vectors on a thread with little native stack.
//!
//! Threaded dispatch rests on the compiler making jumps of final calls. Where it does not, each op takes native
//! stack, and this program overflows it. Prints how the engine dispatches; an argument says how it must.

use std::{env, error::Error, thread};

use wasmote::{Config, Dispatch, Engine, Instance, Linker, Module, Store};

const ITERATIONS: i32 = 10_000_000;
const NATIVE_STACK: usize = 128 << 10;
const FUNCTIONS: [&str; 5] = ["count", "calls", "calls_indirect", "tail_calls", "sequences"];
/// For ops on vectors, many of which each iteration executes.
const VECTOR_ITERATIONS: i32 = ITERATIONS / 10;

/// The results of all functions, called on a thread with little native stack.
fn run(config: &Config) -> Result<Vec<i32>, Box<dyn Error>> {
    let engine = Engine::new(config);
    let module = Module::new(&engine, include_bytes!(concat!(env!("OUT_DIR"), "/loops.wasm")))?;
    let mut store = Store::new(&engine, ());
    let instance: Instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
    let thread = thread::Builder::new().stack_size(NATIVE_STACK).spawn(move || {
        if store.get_fuel().is_ok() {
            store.set_fuel(u64::MAX)?;
        }
        let mut call = |name, count| instance.get_typed_func::<i32, i32>(&store, name)?.call(&mut store, count);
        let mut results = Vec::new();
        for name in FUNCTIONS {
            results.push(call(name, ITERATIONS)?);
        }
        results.push(call("vectors", VECTOR_ITERATIONS)?);
        Ok::<_, wasmote::Error>(results)
    })?;
    Ok(thread.join().map_err(|_| "the thread panicked")??)
}

/// The result of `sequences`, computed by this program.
fn sequences(n: i32) -> i32 {
    let mut memory = [0_u8; 0x8020];
    let (mut sum, mut long, mut float) = (0_i32, 0_i64, 0.0_f64);
    for i in 0..n {
        let at = (i & 0x7ffc) as usize + 16;
        memory[at..at + 4].copy_from_slice(&i.to_le_bytes());
        let [a, b, c, d] = [memory[at], memory[at + 1], memory[at + 2], memory[at + 3]];
        sum = sum.wrapping_add(i32::from_le_bytes([a, b, c, d]));
        memory[(i & 15) as usize] = sum as u8;
        long = long.wrapping_add(i64::from(sum as u32));
        long ^= long << 7;
        float = float * 0.5 + f64::from(i as u32);
        if i & 1023 == 0 {
            sum ^= long as i32;
        }
        match i % 3 {
            0 => sum = sum.wrapping_add(3),
            1 => sum = sum.rotate_left(1),
            _ if float < 1e300 => {}
            _ => sum = i,
        }
    }
    sum.wrapping_add(long as i32).wrapping_add(float as u32 as i32)
}

fn main() -> Result<(), Box<dyn Error>> {
    let expected = [ITERATIONS, ITERATIONS, ITERATIONS, 0, sequences(ITERATIONS), VECTOR_ITERATIONS];
    let mut metered = Config::default();
    metered.consume_fuel(true);
    let dispatch = Engine::default().dispatch();
    let configs = [Config::default(), metered];
    // Fuel is metered in the loop-switch as well, which needs no native stack for it.
    let configs = if dispatch == Dispatch::Threaded { &configs[..] } else { &configs[..1] };
    for config in configs {
        let results = run(config)?;
        if results != expected {
            return Err(format!("{dispatch:?}: {results:?}, not {expected:?}").into());
        }
    }
    println!("{dispatch:?}");
    match env::args().nth(1) {
        Some(wanted) if wanted != format!("{dispatch:?}") => Err(format!("expected {wanted}").into()),
        _ => Ok(()),
    }
}
