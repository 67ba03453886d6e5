//! `wasmote`: runs, tests, translates, validates and dumps WebAssembly modules.
//!
//! Each command has a file. `args` defines the command line, with help from `manual` and `options`. `failure` defines how
//! commands fail, and the exit status.
//!
//! `run` runs programs: `target` finds the functions to call, `host` and `wasi` define the imports, `budget` and
//! `watchdog` enforce limits, `threads` runs further threads, and `report` measures. `text` finds places in the text of modules, and `names` escapes their
//! names.

mod addr2line;
mod args;
mod budget;
mod compile;
mod completions;
mod dump;
mod failure;
mod funcs;
mod host;
mod manual;
mod names;
mod options;
mod output;
mod progress;
mod proposals;
mod report;
mod run;
mod source;
mod target;
mod text;
mod threads;
mod validate;
mod values;
mod version;
mod wasi;
mod wast;
mod watchdog;

use std::{ffi::OsString, path::Path};

use clap::{
    Parser,
    error::{ContextKind, ContextValue, ErrorKind},
};

use crate::{
    args::{Cli, Command},
    failure::Failure,
    names::similar,
    output::Output,
    source::STDIN,
};

fn main() {
    let cli =
        Cli::try_parse_from(with_command(std::env::args_os().collect())).unwrap_or_else(|error| suggest(error).exit());
    let status = execute(&cli).unwrap_or_else(|failure| failure.report());
    std::process::exit(status)
}

/// Runs a command and returns the exit status.
fn execute(cli: &Cli) -> Result<i32, Failure> {
    let output = Output::stdout();
    match &cli.command {
        Command::Run(args) => run::run(args, output),
        Command::Wast(args) => wast::wast(args, output),
        Command::Compile(args) => compile::compile(args, output),
        Command::Dump(args) => dump::dump(args, output),
        Command::Addr2line(args) => addr2line::addr2line(args, output),
        Command::Validate(args) => validate::validate(args, output),
        Command::Completions(args) => completions::completions(args, output),
    }
}

/// The commands, as the command line names them.
const COMMANDS: &[&str] = &["run", "wast", "compile", "dump", "validate", "addr2line", "completions", "help"];

/// Adds the command that is meant to an error that there is no such command. The parser itself does not see that characters were
/// swapped.
fn suggest(mut error: clap::Error) -> clap::Error {
    let suggested = error.get(ContextKind::SuggestedSubcommand).is_some();
    if error.kind() == ErrorKind::InvalidSubcommand
        && !suggested
        && let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidSubcommand)
        && let Some(command) = similar(given, COMMANDS.iter().copied())
    {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![command.to_owned()]));
    }
    error
}

/// Inserts `run` if the command line begins with the name of a module instead of a command.
fn with_command(mut args: Vec<OsString>) -> Vec<OsString> {
    if let Some(first) = args.get(1) {
        let is_command = first.to_str().is_some_and(|first| first.starts_with('-') || COMMANDS.contains(&first));
        let path = Path::new(first);
        let is_module =
            path.extension().is_some_and(|extension| ["wasm", "wat", "wmo"].iter().any(|known| extension == *known));
        if first == STDIN || !is_command && (is_module || path.is_file()) {
            args.insert(1, "run".into());
        }
    }
    args
}
