//! Runs the benchmark kernels side by side in Wasmote and in other engines, interleaved, in one process,
//! and prints a table of their times relative to the first engine.

mod arguments;
mod engine;
mod engines;
#[path = "../../kernels/kernels.rs"]
mod kernels;
mod measure;
mod row;
mod table;

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
    let mut engines = engines::all();
    let mut rows = row::all();
    arguments::select(&mut engines, arguments.engines.as_deref(), |engine| engine.name())?;
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
