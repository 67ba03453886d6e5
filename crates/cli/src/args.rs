//! The command line.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use wasmote::{CompilationMode, Config};

use crate::{
    failure::Failure,
    manual,
    options::{Preopen, Variable, byte_size, duration, whole_number},
    proposals::{Proposals, Switch, switches},
    source::STDIN,
    version,
};

/// Runs, tests, validates and dumps WebAssembly modules.
///
/// `wasmote FILE [ARGS]...` is short for `wasmote run FILE [ARGS]...`.
#[derive(Debug, Parser)]
#[command(name = "wasmote", version = version::text(), after_long_help = manual::MAIN)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(Box<RunArgs>),
    Wast(WastArgs),
    Compile(CompileArgs),
    Dump(DumpArgs),
    Validate(ValidateArgs),
    Addr2line(Addr2lineArgs),
    Completions(CompletionsArgs),
}

/// Runs a program, or a function of a module.
///
/// A program for WASI has access to standard input, output and error, the clocks and random numbers. Options grant
/// access to directories and environment variables.
#[derive(Debug, Args)]
#[command(override_usage = "wasmote run [OPTIONS] <FILE> [ARGS]...", after_long_help = manual::RUN)]
pub(crate) struct RunArgs {
    /// The module, binary (.wasm) or text (.wat), or `-` to read it from standard input. Everything after it belongs to the
    /// program, or is a value for the function: options of `wasmote run` go before the module
    #[arg(value_name = "FILE", required = true, num_args = 1.., trailing_var_arg = true, value_hint = ValueHint::FilePath)]
    command: Vec<OsString>,
    /// The exported function to call [default: `_start`, else `main`]
    #[arg(long, value_name = "NAME")]
    pub(crate) invoke: Option<String>,
    /// What becomes of imported functions that are not defined
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = UnknownImports::Error)]
    pub(crate) unknown_imports: UnknownImports,
    #[command(flatten)]
    pub(crate) wasi: WasiArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
    /// Run the module even if it is an artefact of `wasmote compile`. Its code is checked, but what it computes may differ from
    /// the module that it claims to be
    #[arg(long)]
    pub(crate) allow_precompiled: bool,
    /// Print on standard error the time and the memory of each phase, as text or JSON
    #[arg(
        long, value_enum, value_name = "FORMAT", num_args = 0..=1, require_equals = true,
        default_missing_value = "text", help_heading = "Reports"
    )]
    pub(crate) time: Option<TimeFormat>,
    /// Print on standard error each step, its time, and the fuel consumed
    #[arg(long, short, help_heading = "Reports")]
    pub(crate) verbose: bool,
    /// If the program traps, write a core dump, which debuggers read, to FILE
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Reports")]
    pub(crate) coredump: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) execution: ExecutionArgs,
    #[command(flatten)]
    pub(crate) features: FeatureArgs,
}

impl RunArgs {
    /// Returns the path of the module.
    pub(crate) fn file(&self) -> &Path {
        self.command.first().map_or_else(|| Path::new(STDIN), Path::new)
    }

    /// Returns the arguments after the module. Ignores a `--` directly after it.
    pub(crate) fn arguments(&self) -> Result<Vec<String>, Failure> {
        let rest = self.command.get(1..).unwrap_or_default();
        let rest = rest.strip_prefix(&[OsString::from("--")]).unwrap_or(rest);
        let argument = |argument: &OsString| {
            argument.clone().into_string().map_err(|argument| {
                Failure::usage(format!("the argument `{}` is not Unicode", argument.to_string_lossy()))
            })
        };
        rest.iter().map(argument).collect()
    }
}

/// What becomes of imported functions that are not defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum UnknownImports {
    /// The module cannot be run
    Error,
    /// A call of such a function traps
    Trap,
}

/// The access of a program to this computer.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "WASI")]
pub(crate) struct WasiArgs {
    /// Give the program the directory HOST under the path GUEST (default: the same path). With `:ro`, it is read-only.
    /// Can be repeated
    #[arg(long = "dir", value_name = "HOST[::GUEST][:ro]", value_hint = ValueHint::DirPath)]
    pub(crate) dirs: Vec<Preopen>,
    /// Set an environment variable of the program. Without a value, it is copied from this process. Can be repeated
    #[arg(long = "env", value_name = "NAME[=VALUE]")]
    pub(crate) variables: Vec<Variable>,
    /// The name of the program as it sees it, its first argument [default: the name of the file]
    #[arg(long, value_name = "NAME")]
    pub(crate) argv0: Option<String>,
    /// Enforce every right that the program asks for when it opens a file, not only those to read and to write
    #[arg(long)]
    pub(crate) strict_rights: bool,
    /// The version of WASI
    #[arg(long = "wasi", value_enum, value_name = "VERSION", default_value_t = WasiChoice::Auto)]
    pub(crate) version: WasiChoice,
}

/// A version of WASI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WasiChoice {
    /// The versions that the module imports
    Auto,
    /// `wasi_snapshot_preview1`
    Preview1,
    /// `wasi_unstable`
    Snapshot0,
    /// None: WASI cannot be imported
    None,
}

/// The limits of a program.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// Stop with a trap after N units of fuel
    #[arg(long, value_name = "N", value_parser = whole_number::<u64>)]
    pub(crate) fuel: Option<u64>,
    /// Stop with exit status 124 after this time, loading included: 500ms, 2s, 1.5m, 1h
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// The greatest size of all memories together, in bytes or with a unit: 64KiB, 1.5MiB, 2GB
    #[arg(long, value_name = "SIZE", value_parser = byte_size)]
    pub(crate) max_memory: Option<usize>,
    /// The greatest size of all structs, arrays and exceptions that are in use, in bytes or with a unit
    #[arg(long, value_name = "SIZE", value_parser = byte_size)]
    pub(crate) max_gc_heap: Option<usize>,
    /// The greatest number of threads that a program can run at a time besides the first
    #[arg(long, value_name = "N", value_parser = whole_number::<usize>, default_value_t = 64)]
    pub(crate) max_threads: usize,
    /// The greatest number of elements of all tables together
    #[arg(long, value_name = "N", value_parser = whole_number::<usize>)]
    pub(crate) max_table_elements: Option<usize>,
}

/// The format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TimeFormat {
    /// A table
    Text,
    /// One line of JSON
    Json,
}

/// Runs spec scripts.
///
/// Prints for each script, and in total, how many directives passed, failed and were skipped. If any directive fails, the
/// exit status is 1.
#[derive(Debug, Args)]
#[command(after_long_help = manual::WAST)]
pub(crate) struct WastArgs {
    /// Scripts, and directories to search for *.wast files
    #[arg(required = true, value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
    /// Meter fuel, with the greatest possible amount
    #[arg(long)]
    pub(crate) fuel: bool,
    #[command(flatten)]
    pub(crate) execution: ExecutionArgs,
    #[command(flatten)]
    pub(crate) features: FeatureArgs,
}

/// Translates a module to an artefact, which starts without that work and can be part of firmware.
#[derive(Debug, Args)]
#[command(after_long_help = manual::COMPILE)]
pub(crate) struct CompileArgs {
    /// The module, binary (.wasm) or text (.wat); `-` reads it from standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// The artefact [default: the name of the module, with the extension .wmo]
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// The libraries that run the artefact [default: that of this program]
    #[arg(long, value_enum)]
    pub(crate) target: Option<InstructionSet>,
    /// Make code that charges fuel
    #[arg(long)]
    pub(crate) fuel: bool,
    /// Refuse modules that use floats, for libraries that are built without them
    #[arg(long)]
    pub(crate) no_floats: bool,
    /// Leave out custom sections, among them the names of functions
    #[arg(long)]
    pub(crate) strip: bool,
    /// Check the artefact as one that nobody vouches for
    #[arg(long)]
    pub(crate) check: bool,
    #[command(flatten)]
    pub(crate) features: FeatureArgs,
}

/// The internal ops that an artefact consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InstructionSet {
    /// Those that all libraries have: for firmware that is built with the crate feature `small`
    Small,
    /// All, which are faster: for libraries that are built without that feature
    Full,
}

/// Prints the Wasm code of functions beside the internal code.
#[derive(Debug, Args)]
#[command(after_long_help = manual::DUMP)]
pub(crate) struct DumpArgs {
    /// The module, binary (.wasm) or text (.wat), or an artefact (.wmo); `-` reads it from standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Print only this function
    #[arg(long, value_name = "INDEX|NAME")]
    pub(crate) func: Option<String>,
    #[command(flatten)]
    pub(crate) features: FeatureArgs,
}

/// Validates modules.
#[derive(Debug, Args)]
#[command(after_long_help = manual::VALIDATE)]
pub(crate) struct ValidateArgs {
    /// Modules, binary (.wasm) or text (.wat), or artefacts (.wmo); `-` reads one from standard input
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) features: FeatureArgs,
}

/// Finds the operators and the lines of sources that places in internal code come from.
///
/// A device reports a trap as the index of a function and the place in its internal code (`FrameInfo::code_offset`). Give the module
/// that the device runs, and the settings of fuel and proposals that its engine has.
#[derive(Debug, Args)]
#[command(name = "addr2line", after_long_help = manual::ADDR2LINE)]
pub(crate) struct Addr2lineArgs {
    /// The module, binary (.wasm) or text (.wat), or `-` to read it from standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Places: the index of a function and the place in its code, as decimal or hexadecimal numbers
    #[arg(required = true, value_name = "FUNC:PLACE", value_parser = place)]
    pub(crate) places: Vec<(u32, u32)>,
    /// The engine meters fuel
    #[arg(long)]
    pub(crate) fuel: bool,
    #[command(flatten)]
    pub(crate) features: FeatureArgs,
}

/// Parses a place.
fn place(text: &str) -> Result<(u32, u32), String> {
    let number = |text: &str| match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    };
    let place = text.split_once(':').and_then(|(func, place)| Some((number(func)?, number(place)?)));
    place.ok_or_else(|| "a place is the index of a function and a number, as in 12:0x4e".into())
}

/// Prints a script that completes command lines.
#[derive(Debug, Args)]
#[command(after_long_help = manual::COMPLETIONS)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

/// How code is translated and executed.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Execution")]
pub(crate) struct ExecutionArgs {
    /// When functions are validated and translated [default: lazy-translation; eager if phases are measured]
    #[arg(long, value_enum, conflicts_with_all = ["eager", "lazy"])]
    mode: Option<Mode>,
    /// The same as `--mode eager`
    #[arg(long, conflicts_with = "lazy")]
    eager: bool,
    /// The same as `--mode lazy`
    #[arg(long)]
    lazy: bool,
    /// Execute code with the portable loop-switch, even where threaded dispatch is available
    #[arg(long)]
    portable_dispatch: bool,
}

/// When functions are validated and translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// Both before anything is executed
    Eager,
    /// Both at the first call of a function
    Lazy,
    /// Validated before anything is executed, translated at the first call
    LazyTranslation,
}

impl ExecutionArgs {
    /// Returns the mode of the options.
    pub(crate) fn mode(&self) -> Option<Mode> {
        let short = if self.eager { Some(Mode::Eager) } else { self.lazy.then_some(Mode::Lazy) };
        self.mode.or(short)
    }

    /// Applies these options. Without an option, the mode is `default`. Returns the mode.
    pub(crate) fn apply(&self, config: &mut Config, default: Mode) -> Mode {
        let mode = self.mode().unwrap_or(default);
        config.compilation_mode(match mode {
            Mode::Eager => CompilationMode::Eager,
            Mode::Lazy => CompilationMode::Lazy,
            Mode::LazyTranslation => CompilationMode::LazyTranslation,
        });
        config.portable_dispatch(self.portable_dispatch);
        mode
    }
}

/// The proposals that modules may use.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Proposals")]
pub(crate) struct FeatureArgs {
    /// Proposals to switch on, or off with a `-` before the name: `wide-arithmetic,-memory64`
    #[arg(
        long, value_name = "LIST", value_delimiter = ',', allow_hyphen_values = true, value_parser = switches()
    )]
    features: Vec<Switch>,
    /// Switch on all supported proposals; `--features` can switch some off again
    #[arg(long)]
    all_features: bool,
}

impl FeatureArgs {
    /// Returns the proposals that are switched on.
    pub(crate) fn proposals(&self) -> Proposals {
        let mut proposals = if self.all_features { Proposals::all() } else { Proposals::default() };
        for &switch in &self.features {
            proposals.switch(switch);
        }
        proposals
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
