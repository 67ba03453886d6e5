//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Counts the ops of programs and chooses the sequences of ops that get a handler of their own.
#[derive(Debug, Parser)]
#[command(name = "wasmote-tune")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Count(CountArgs),
    Profiles(ProfilesArgs),
    Show(ShowArgs),
    Rank(RankArgs),
    Choose(ChooseArgs),
    Left(LeftArgs),
}

/// Writes the profile of a module: the ops of its code, or with `--run` the ops that it executes.
#[derive(Debug, Args)]
pub(crate) struct CountArgs {
    /// The module
    pub(crate) file: PathBuf,
    /// The file to write the profile to
    #[arg(long, short, value_name = "PROFILE")]
    pub(crate) output: PathBuf,
    /// Count an op of the code 6 times for each loop around it, up to three loops
    #[arg(long)]
    pub(crate) loops: bool,
    /// Meter fuel
    #[arg(long)]
    pub(crate) fuel: bool,
    #[cfg(feature = "run")]
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// The run whose ops are counted.
#[cfg(feature = "run")]
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Run the module and count the ops that it executes
    #[arg(long, conflicts_with = "loops")]
    pub(crate) run: bool,
    /// The exported function to call; its arguments are numbers
    #[arg(long, value_name = "NAME", requires = "run", default_value = "_start")]
    pub(crate) invoke: String,
    /// Give the program the directory HOST under the path GUEST
    #[arg(long = "dir", value_name = "HOST::GUEST", requires = "run")]
    pub(crate) dirs: Vec<String>,
    /// The arguments of the program or of the function
    #[arg(last = true, requires = "run")]
    pub(crate) args: Vec<String>,
}

/// Fetches the programs that the ranking is made of, and writes their profiles.
///
/// The programs are those of `inputs/programs.txt`, and with the feature `run` five programs that are executed.
#[derive(Debug, Args)]
pub(crate) struct ProfilesArgs {
    /// The directory for the profiles
    #[arg(long, value_name = "DIR")]
    pub(crate) into: PathBuf,
}

/// Prints which ops, pairs and triples of ops are the most frequent.
///
/// Shares are parts of all ops of a module. Pairs and triples are those of straight lines, which are entered at their
/// first op only. With several modules, shares are means.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Modules and profiles
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The number of ops, pairs and triples to print
    #[arg(long, value_name = "N", default_value_t = 25)]
    pub(crate) top: usize,
    /// Count all forms of an op as one op
    #[arg(long)]
    pub(crate) rows: bool,
    /// Also choose N pairs to fuse to one op, always the pair that saves the most next
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) fusions: usize,
}

/// Prints the ranking of the sequences in profiles.
///
/// All programs have the same weight. Each step takes the two neighbours, ops or sequences of earlier steps, that follow
/// each other most often.
#[derive(Debug, Args)]
pub(crate) struct RankArgs {
    /// Profiles; those that contain `consume_fuel` decide about sequences that begin with it, and about nothing else
    #[arg(required = true, value_name = "PROFILE")]
    pub(crate) profiles: Vec<PathBuf>,
    /// The number of sequences to rank
    #[arg(long, value_name = "N", default_value_t = 3000)]
    pub(crate) count: usize,
    /// The number of sequences to rank that begin with `consume_fuel`
    #[arg(long, value_name = "N", default_value_t = 300)]
    pub(crate) fuel: usize,
    /// Only rank sequences that at least N programs contain
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) least_programs: usize,
    /// Only rank sequences of this list
    #[arg(long, value_name = "LIST")]
    pub(crate) among: Option<PathBuf>,
}

/// Writes the list of sequences, `src/ir/generated/sequences.rs`, from the inputs of this crate.
#[derive(Debug, Args)]
pub(crate) struct ChooseArgs {
    /// Take the first N sequences of the ranking [default: all]
    #[arg(long, value_name = "N", default_value_t = usize::MAX, hide_default_value = true)]
    pub(crate) count: usize,
    /// Take the first N sequences of the ranking that begin with `consume_fuel` [default: all]
    #[arg(long, value_name = "N", default_value_t = usize::MAX, hide_default_value = true)]
    pub(crate) fuel: usize,
    /// Leave out the kept list
    #[arg(long)]
    pub(crate) without_kept: bool,
    /// Write nothing, and fail if the file is not up to date
    #[arg(long)]
    pub(crate) check: bool,
    /// The directory of the inputs [default: that of this crate]
    #[arg(long, value_name = "DIR")]
    pub(crate) inputs: Option<PathBuf>,
    /// The file to write [default: that of the library]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Prints the share of the dispatches of programs that remains with the list of sequences, and with shorter lists.
///
/// The first column is that of the whole list. The others are those of lists made of the first sequences of the ranking,
/// without the kept list but with the variants; the first line says how many sequences each list has in total.
#[derive(Debug, Args)]
pub(crate) struct LeftArgs {
    /// Profiles
    #[arg(required = true, value_name = "PROFILE")]
    pub(crate) profiles: Vec<PathBuf>,
    /// The directory of the inputs [default: that of this crate]
    #[arg(long, value_name = "DIR")]
    pub(crate) inputs: Option<PathBuf>,
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
