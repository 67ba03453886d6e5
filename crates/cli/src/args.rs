//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use wasmote::{CompilationMode, Config};

use crate::proposals::{Proposals, Switch};

/// Runs, tests, validates and dumps WebAssembly modules.
///
/// `wasmote FILE [ARGS]...` is short for `wasmote run FILE [ARGS]...`.
#[derive(Debug, Parser)]
#[command(name = "wasmote", version, after_help = EXIT_STATUS)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_STATUS: &str = "\
Exit status:
  0    success
  1    a file cannot be read or is invalid, or a script fails
  2    the command line is wrong
  134  the program trapped
A program that ends itself with `env::exit` sets the status.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(RunArgs),
    Wast(WastArgs),
    Dump(DumpArgs),
    Validate(ValidateArgs),
}

/// Runs a function of a module.
///
/// The function's results are printed one per line. The module can import from `env`:
/// `print_i32`, `print_i64`, `print_f32` and `print_f64`, which print a line; `print_str (pointer
/// length)`, which prints text of the exported memory `memory` as it is; and `exit (status)`; and
/// the print functions of `spectest`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_STATUS)]
pub(crate) struct RunArgs {
    /// The module, binary (.wasm) or text (.wat)
    pub(crate) file: PathBuf,
    /// Arguments of the function, by the types of its parameters: decimal or 0x… for integers,
    /// decimal, inf or nan for floats, null for references. Options go before them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) args: Vec<String>,
    /// The exported function to call [default: `_start`, else `main`]
    #[arg(long, value_name = "NAME")]
    pub(crate) invoke: Option<String>,
    /// Stop with a trap when so many units of fuel are used up
    #[arg(long, value_name = "N")]
    pub(crate) fuel: Option<u64>,
    /// The greatest size of each memory in bytes, or with a suffix: 64KiB, 1MiB, 2GiB
    #[arg(long, value_name = "BYTES", value_parser = byte_size)]
    pub(crate) max_memory: Option<usize>,
    /// The greatest size of each table
    #[arg(long, value_name = "N")]
    pub(crate) max_table_elements: Option<usize>,
    /// Say on standard error what is done, how long it takes, and how much fuel is used up
    #[arg(long, short)]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) execution: ExecutionArgs,
    #[command(flatten)]
    pub(crate) features: FeatureArgs,
}

/// Runs spec scripts.
///
/// Prints for each script and in total how many directives passed, failed and were skipped. Any
/// failure makes the exit status 1.
#[derive(Debug, Args)]
pub(crate) struct WastArgs {
    /// Scripts, and directories that are searched for *.wast
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Meter fuel, with as much as there can be
    #[arg(long)]
    pub(crate) fuel: bool,
    #[command(flatten)]
    pub(crate) execution: ExecutionArgs,
    #[command(flatten)]
    pub(crate) features: FeatureArgs,
}

/// Prints the Wasm code of functions beside the internal code.
#[derive(Debug, Args)]
pub(crate) struct DumpArgs {
    /// The module, binary (.wasm) or text (.wat)
    pub(crate) file: PathBuf,
    /// Print this function only
    #[arg(long, value_name = "INDEX|NAME")]
    pub(crate) func: Option<String>,
    #[command(flatten)]
    pub(crate) features: FeatureArgs,
}

/// Validates modules.
#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    /// Modules, binary (.wasm) or text (.wat)
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) features: FeatureArgs,
}

/// How code is run.
#[derive(Debug, Args)]
pub(crate) struct ExecutionArgs {
    /// When functions are validated and translated
    #[arg(long, value_enum, default_value_t = Mode::LazyTranslation)]
    pub(crate) mode: Mode,
    /// Run code with the portable loop-switch, even where threaded dispatch is available
    #[arg(long)]
    pub(crate) portable_dispatch: bool,
}

/// When functions are validated and translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// Both before anything runs
    Eager,
    /// Both at their first call
    Lazy,
    /// Validated before anything runs, translated at their first call
    LazyTranslation,
}

impl ExecutionArgs {
    /// Sets these options.
    pub(crate) fn apply(&self, config: &mut Config) {
        config.compilation_mode(match self.mode {
            Mode::Eager => CompilationMode::Eager,
            Mode::Lazy => CompilationMode::Lazy,
            Mode::LazyTranslation => CompilationMode::LazyTranslation,
        });
        config.portable_dispatch(self.portable_dispatch);
    }
}

/// Which proposals modules may use.
#[derive(Debug, Args)]
pub(crate) struct FeatureArgs {
    /// Proposals to switch on, or off with a `-` before the name: `wide-arithmetic,-memory64`
    #[arg(long, value_name = "LIST", value_delimiter = ',', allow_hyphen_values = true)]
    features: Vec<Switch>,
    /// Switch on all proposals there are; `--features` can switch some off again
    #[arg(long)]
    all_features: bool,
}

impl FeatureArgs {
    /// The proposals that are on.
    pub(crate) fn proposals(&self) -> Proposals {
        let mut proposals = if self.all_features { Proposals::all() } else { Proposals::default() };
        for &switch in &self.features {
            proposals.switch(switch);
        }
        proposals
    }
}

/// A number of bytes, with or without a suffix.
fn byte_size(text: &str) -> Result<usize, String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let shift = match suffix.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "kib" => 10,
        "mib" => 20,
        "gib" => 30,
        _ => return Err("expected a number of bytes, or one with the suffix KiB, MiB or GiB".into()),
    };
    let number: usize = number.parse().map_err(|_| "expected a number of bytes that fits the address space")?;
    number.checked_mul(1 << shift).ok_or_else(|| "more bytes than the address space has".into())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{Cli, byte_size};

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn sizes() {
        assert_eq!(byte_size("65536"), Ok(65536));
        assert_eq!(byte_size("64KiB"), Ok(65536));
        assert_eq!(byte_size("1mib"), Ok(1 << 20));
        assert!(byte_size("").is_err());
        assert!(byte_size("KiB").is_err());
        assert!(byte_size("64 KB").is_err());
        assert!(byte_size("-1").is_err());
        assert!(byte_size("99999999999GiB").is_err());
    }
}
