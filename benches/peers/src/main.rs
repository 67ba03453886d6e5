//! Runs the benchmark kernels in Wasmote and in other engines, interleaved in one process, and prints a table of
//! their times relative to the first engine.

mod arguments;
#[cfg(feature = "charts")]
mod charts;
mod engine;
mod engines;
#[path = "../../kernels/kernels.rs"]
mod kernels;
mod measure;
mod row;
#[cfg(feature = "startup")]
mod startup;
mod table;
#[cfg(feature = "wasi")]
mod wasi;

use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> engine::Result<()> {
    let Some(arguments) = arguments::parse(std::env::args().skip(1))? else {
        print!("{}", arguments::USAGE);
        return Ok(());
    };
    if let Some(docs) = &arguments.charts {
        return charts(docs);
    }
    if arguments.wasi {
        return wasi(arguments.rounds);
    }
    if arguments.startup {
        return startup(arguments.rounds, &arguments.filter);
    }
    let mut engines = engines::all();
    if arguments.simd && !cfg!(feature = "simd") {
        return Err("`--simd` needs the feature `simd`".into());
    }
    if arguments.gc && !cfg!(feature = "gc") {
        return Err("`--gc` needs the feature `gc`".into());
    }
    let mut rows = match (arguments.simd, arguments.gc) {
        (true, _) => row::simd(),
        (_, true) => row::gc(),
        _ => row::all(),
    };
    arguments::select(&mut engines, arguments.engines.as_deref(), |engine| engine.name())?;
    if let Some(path) = &arguments.coremark {
        return coremark(&engines, &std::fs::read(path)?);
    }
    arguments::select(&mut rows, arguments.kernels.as_deref(), |row| &row.name)?;
    let measured = rows
        .iter()
        .map(|row| {
            eprintln!("{}", row.name);
            row.measure(&engines, arguments.rounds)
        })
        .collect::<Vec<_>>();
    let names = engines.iter().map(|engine| engine.name()).collect::<Vec<_>>();
    print!("{}", table::render(&names, &rows, &measured, arguments.rounds));
    Ok(())
}

#[cfg(feature = "charts")]
fn charts(docs: &str) -> engine::Result<()> {
    charts::draw_all(std::path::Path::new(docs))
}

#[cfg(not(feature = "charts"))]
fn charts(_: &str) -> engine::Result<()> {
    Err("`--charts` needs the feature `charts`".into())
}

#[cfg(feature = "wasi")]
fn wasi(rounds: usize) -> engine::Result<()> {
    wasi::print(rounds)
}

#[cfg(not(feature = "wasi"))]
fn wasi(_: usize) -> engine::Result<()> {
    Err("`--wasi` needs the feature `wasi`".into())
}

#[cfg(feature = "startup")]
fn startup(rounds: usize, filter: &str) -> engine::Result<()> {
    startup::print(rounds, filter)
}

#[cfg(not(feature = "startup"))]
fn startup(_: usize, _: &str) -> engine::Result<()> {
    Err("`--startup` needs the feature `startup`".into())
}

/// Prints the scores of CoreMark, each the best of three, the runs of the engines interleaved.
///
/// Each run takes at least ten seconds, by CoreMark's own rules.
fn coremark(engines: &[Box<dyn engine::Engine>], wasm: &[u8]) -> engine::Result<()> {
    let mut best = vec![0f32; engines.len()];
    for _ in 0..3 {
        for (engine, best) in engines.iter().zip(&mut best) {
            if let Some(score) = engine.coremark(wasm)? {
                *best = best.max(score);
            }
        }
    }
    println!("| CoreMark | score | of the first |\n|---|--:|--:|");
    for (engine, score) in engines.iter().zip(&best).filter(|(_, score)| **score > 0.0) {
        println!("| {} | {score:.0} | {:.2} |", engine.name(), score / best[0]);
    }
    Ok(())
}
