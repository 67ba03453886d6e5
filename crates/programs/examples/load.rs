//! Measures the time of `Module::new` for every program, in Wasmote and in wasmi.
//!
//! Prints a table: size and functions of the module, then milliseconds, the minimum of some rounds. `validate` is the
//! time of the validator alone, which both use.

use std::time::{Duration, Instant};

use wasmote::CompilationMode;
use wasmote_programs::{catalog, engine, unless_offline};
use wasmparser::{Parser, Payload, Validator};

/// No round begins after this time.
const ENOUGH: Duration = Duration::from_secs(3);
const MAX_ROUNDS: usize = 10;

fn main() {
    let columns = ["lazy", "translate", "eager", "wasmi lazy", "wasmi translate", "wasmi eager", "validate"];
    print!("{:<12} {:>11} {:>10} {:>11}", "program", "bytes", "functions", "code bytes");
    columns.iter().for_each(|column| print!(" {column:>15}"));
    println!();
    for program in catalog::ALL {
        let Some(bytes) = unless_offline(program.bytes()) else { return };
        let (functions, code) = code_of(&bytes);
        print!("{:<12} {:>11} {functions:>10} {code:>11}", program.name, bytes.len());
        for mode in [CompilationMode::Lazy, CompilationMode::LazyTranslation, CompilationMode::Eager] {
            milliseconds(|| wasmote::Module::new(&engine(mode), &bytes).map(drop).map_err(|error| error.to_string()));
        }
        for mode in
            [wasmi::CompilationMode::Lazy, wasmi::CompilationMode::LazyTranslation, wasmi::CompilationMode::Eager]
        {
            let mut config = wasmi::Config::default();
            config.compilation_mode(mode);
            milliseconds(|| {
                let engine = wasmi::Engine::new(&config);
                wasmi::Module::new(&engine, &bytes).map(drop).map_err(|error| error.to_string())
            });
        }
        milliseconds(|| Validator::new().validate_all(&bytes).map(drop).map_err(|error| error.to_string()));
        println!();
    }
}

/// Prints the minimum time of an action, in milliseconds.
fn milliseconds(action: impl Fn() -> Result<(), String>) {
    let begin = Instant::now();
    let mut least = Duration::MAX;
    for _ in 0..MAX_ROUNDS {
        let start = Instant::now();
        if let Err(error) = action() {
            eprintln!("{error}");
            print!(" {:>15}", "error");
            return;
        }
        least = least.min(start.elapsed());
        if begin.elapsed() > ENOUGH {
            break;
        }
    }
    print!(" {:>15.2}", least.as_secs_f64() * 1e3);
}

/// Returns the number of functions that a module defines, and the size of its code section in bytes.
fn code_of(bytes: &[u8]) -> (u32, u32) {
    let mut payloads = Parser::new(0).parse_all(bytes).filter_map(Result::ok);
    payloads
        .find_map(|payload| match payload {
            Payload::CodeSectionStart { count, size, .. } => Some((count, size)),
            _ => None,
        })
        .unwrap_or_default()
}
