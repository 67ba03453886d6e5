//! `wasmote completions`: prints a script that completes command lines in a shell.

use std::io::Write;

use clap::CommandFactory;

use crate::{
    args::{Cli, CompletionsArgs},
    failure::{Failure, status},
    output::Output,
};

/// Runs the command and returns the exit status.
pub(crate) fn completions(args: &CompletionsArgs, mut output: Output) -> Result<i32, Failure> {
    // Written in one piece, because the generator panics if the reader closes the pipe.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "wasmote", &mut script);
    output.write_all(&script)?;
    output.flush()?;
    Ok(status::SUCCESS)
}
