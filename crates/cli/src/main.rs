//! `wasmote`: runs, tests, validates and dumps WebAssembly modules.
//!
//! One file per command; `args` says what the command line looks like, `failure` how a command
//! fails and what the exit status is then.

mod args;
mod dump;
mod failure;
mod funcs;
mod host;
mod output;
mod proposals;
mod run;
mod source;
mod validate;
mod values;
mod wast;

use std::{ffi::OsString, path::Path};

use clap::Parser;

use crate::{
    args::{Cli, Command},
    failure::Failure,
    output::Output,
};

fn main() {
    let cli = Cli::parse_from(with_command(std::env::args_os().collect()));
    let status = execute(&cli).unwrap_or_else(|failure| failure.report());
    std::process::exit(status)
}

/// Runs a command; the result is the exit status.
fn execute(cli: &Cli) -> Result<i32, Failure> {
    let output = Output::stdout();
    match &cli.command {
        Command::Run(args) => run::run(args, output),
        Command::Wast(args) => wast::wast(args, output),
        Command::Dump(args) => dump::dump(args, output),
        Command::Validate(args) => validate::validate(args, output),
    }
}

/// Inserts `run` where the command line begins with the name of a module instead of a command.
fn with_command(mut args: Vec<OsString>) -> Vec<OsString> {
    const COMMANDS: &[&str] = &["run", "wast", "dump", "validate", "help"];
    if let Some(first) = args.get(1) {
        let is_command = first.to_str().is_some_and(|first| first.starts_with('-') || COMMANDS.contains(&first));
        let path = Path::new(first);
        let is_module = path.extension().is_some_and(|extension| extension == "wasm" || extension == "wat");
        if !is_command && (is_module || path.is_file()) {
            args.insert(1, "run".into());
        }
    }
    args
}
