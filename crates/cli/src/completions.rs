//! `wasmote completions`: prints a script that completes command lines in a shell.

use std::io::Write;

use clap::CommandFactory;

use crate::{
    args::{Cli, CompletionsArgs},
    failure::{Failure, status},
    output::Output,
};

/// Runs the command; the result is the exit status.
pub(crate) fn completions(args: &CompletionsArgs, mut output: Output) -> Result<i32, Failure> {
    // Written at once: the generator panics if the reader goes away.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "wasmote", &mut script);
    output.write_all(&script)?;
    output.flush()?;
    Ok(status::SUCCESS)
}
