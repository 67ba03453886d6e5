//! `wasmote-tune`: counts the ops of programs and chooses the sequences of ops that get a handler of their own.
//!
//! `count` writes the `profile` of a module, `profiles` those of the programs of the ranking, and `runs` counts the ops
//! that programs execute. `show` prints profiles; `fusions` finds pairs that could become one op. `choose`
//! ranks the sequences of profiles and writes the list that the library is compiled with.

mod args;
mod choose;
mod count;
mod fusions;
mod profile;
mod profiles;
#[cfg(feature = "run")]
mod runs;
mod show;

use std::{error::Error, process::ExitCode};

use clap::Parser;

use crate::args::{Cli, Command};

/// A result whose error is a message.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let result = match &Cli::parse().command {
        Command::Count(args) => count::count(args),
        Command::Profiles(args) => profiles::profiles(args),
        Command::Show(args) => show::show(args),
        Command::Rank(args) => choose::rank(args),
        Command::Choose(args) => choose::choose(args),
        Command::Left(args) => choose::left(args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
