//! The cost of a call from Wasm to a function of WASI, with the WASI crates of Wasmote and of wasmi.

use crate::{
    engine::Result,
    measure::{self, Outcome, Run},
};
use std::{
    io::Cursor,
    sync::{Arc, PoisonError, RwLock},
    time::Instant,
};

/// The calling module. Each export calls the function of the same name.
const CALLS: &[u8] = include_bytes!("../../kernels/wasm/wasi_calls.wasm");
/// The functions, and the bytes that one call writes to standard output.
const FUNCTIONS: [(&str, usize); 2] = [("clock_time_get", 0), ("fd_write", 16)];
/// Calls in one round.
const CALLS_PER_ROUND: u16 = 20_000;

/// An instance of the module.
struct Guest {
    /// Calls the function repeatedly, and returns the number of successful calls.
    call: Box<dyn FnMut(i32) -> Result<i64>>,
    /// Removes and returns the bytes of standard output, which is in memory.
    take_output: Box<dyn FnMut() -> Vec<u8>>,
}

/// Prints the nanoseconds of a call, medians over the rounds, the runs of the two crates interleaved.
pub fn print(rounds: usize) -> Result<()> {
    println!("| ns per call | wasmi_wasi | wasmote-wasi | ratio |\n|---|--:|--:|--:|");
    for (function, writes) in FUNCTIONS {
        let runs = vec![run(wasmi(function), writes), run(wasmote(function), writes)];
        let outcomes = measure::interleaved(runs, rounds);
        let times = outcomes.into_iter().map(nanoseconds).collect::<Result<Vec<_>>>()?;
        println!("| `{function}` | {:.1} | {:.1} | {:.2} |", times[0], times[1], times[1] / times[0]);
    }
    Ok(())
}

fn run(guest: Result<Guest>, writes: usize) -> Result<Run<'static>> {
    let Guest { mut call, mut take_output } = guest?;
    Ok(Box::new(move || {
        let start = Instant::now();
        let done = call(CALLS_PER_ROUND.into())?;
        let time = start.elapsed();
        if done != i64::from(CALLS_PER_ROUND) {
            return Err(format!("{done} of {CALLS_PER_ROUND} calls did what they should").into());
        }
        let written = take_output().len();
        if written != usize::from(CALLS_PER_ROUND) * writes {
            return Err(format!("{written} bytes were written").into());
        }
        Ok(Some(time.as_secs_f64()))
    }))
}

fn nanoseconds(outcome: Outcome) -> Result<f64> {
    match outcome {
        Outcome::Time { median, .. } => Ok(median * 1e9 / f64::from(CALLS_PER_ROUND)),
        Outcome::Unsupported => Err("it did not run".into()),
        Outcome::Failed(message) => Err(message.into()),
    }
}

fn wasmote(export: &str) -> Result<Guest> {
    use wasmote::{Engine, Linker, Module, Store, TypedFunc};
    use wasmote_wasi::{CapturedOutput, WasiCtx, WasiCtxBuilder, WasiVersion, add_to_linker};

    let engine = Engine::default();
    let mut linker = <Linker<WasiCtx>>::new(&engine);
    add_to_linker(&mut linker, WasiVersion::Snapshot1, |ctx| ctx)?;
    let output = CapturedOutput::new();
    let ctx = WasiCtxBuilder::new().captured_stdout(&output).build()?;
    let mut store = Store::new(&engine, ctx);
    let instance = linker.instantiate_and_start(&mut store, &Module::new(&engine, CALLS)?)?;
    let func: TypedFunc<i32, i64> = instance.get_typed_func(&store, export)?;
    Ok(Guest { call: Box::new(move |n| Ok(func.call(&mut store, n)?)), take_output: Box::new(move || output.take()) })
}

fn wasmi(export: &str) -> Result<Guest> {
    use wasmi::{Engine, Linker, Module, Store, TypedFunc};
    use wasmi_wasi::{WasiCtx, WasiCtxBuilder, add_to_linker, wasi_common::pipe::WritePipe};

    let engine = Engine::default();
    let mut linker = <Linker<WasiCtx>>::new(&engine);
    add_to_linker(&mut linker, |ctx| ctx)?;
    let output = Arc::new(RwLock::new(Cursor::new(Vec::new())));
    let mut ctx = WasiCtxBuilder::new();
    ctx.stdout(Box::new(WritePipe::from_shared(Arc::clone(&output))));
    let mut store = Store::new(&engine, ctx.build());
    let instance = linker.instantiate_and_start(&mut store, &Module::new(&engine, CALLS)?)?;
    let func: TypedFunc<i32, i64> = instance.get_typed_func(&store, export)?;
    Ok(Guest {
        call: Box::new(move |n| Ok(func.call(&mut store, n)?)),
        take_output: Box::new(move || {
            std::mem::take(&mut *output.write().unwrap_or_else(PoisonError::into_inner)).into_inner()
        }),
    })
}
