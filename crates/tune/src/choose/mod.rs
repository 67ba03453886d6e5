//! The choice of the sequences of ops that get a handler of their own.
//!
//! ```text
//!   ops.rs     the ops, and the positions of a sequence that each may take
//!   program.rs the counts of a program, and which sequences several programs contain
//!   greedy.rs  the order of the choice        ranking.rs  that order as a file
//!   alike.rs   variants by analogy            list.rs     lists as text
//!   cover.rs   what a list leaves of a program's dispatches
//! ```

mod alike;
mod cover;
mod greedy;
mod list;
mod ops;
mod program;
mod ranking;

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use wasmote_programs::sha256;

use crate::{
    Result,
    args::{ChooseArgs, LeftArgs, RankArgs},
    choose::{
        cover::Cover,
        ops::{Ops, Sequence},
        program::{Kind, Program},
        ranking::{Limits, Ranked, Ranking},
    },
    profile::{Names, Profile},
};

/// The kept list and the ranking, below the directory of inputs.
const KEPT: &str = "kept.txt";
const RANKING: &str = "ranking.txt";

/// The lengths of the beginnings of the ranking for which `left` prints what remains.
const PREFIXES: [usize; 6] = [250, 500, 1000, 1500, 2000, 3000];

/// In the lists of `left`, the number of ranked sequences for each one that begins with `consume_fuel`.
const FUEL_SHARE: usize = 10;

/// The directory of this crate's inputs.
pub(crate) fn inputs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("inputs")
}

/// The generated file in the library's sources.
pub(crate) fn generated() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/ir/generated/sequences.rs")
}

/// The inputs of the choice.
struct Inputs {
    kept: Vec<Sequence>,
    ranking: Ranking,
    /// Names and checksums, for the header of the generated file
    files: String,
}

impl Inputs {
    /// Reads the inputs. A directory without a ranking has an empty one.
    fn read(directory: &Path, ops: &Ops) -> Result<Self> {
        let mut files = String::new();
        let mut read = |name: &str| -> Result<Option<String>> {
            let path = directory.join(name);
            if !path.is_file() {
                return Ok(None);
            }
            let text = fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            // Writing to a string does not fail.
            let _ = write!(files, "\n- `crates/tune/inputs/{name}`, SHA-256\n  `{}`", sha256(text.as_bytes()));
            Ok(Some(text))
        };
        let kept = read(KEPT)?.ok_or_else(|| format!("there is no {KEPT} in {}", directory.display()))?;
        let kept = list::read(&kept, ops).map_err(|error| format!("{KEPT}: {error}"))?;
        let ranking = read(RANKING)?.unwrap_or_default();
        let ranking = Ranking::read(&ranking, ops).map_err(|error| format!("{RANKING}: {error}"))?;
        Ok(Self { kept, ranking, files })
    }
}

/// The parts of the inputs to choose from.
struct Parts {
    /// How many sequences of the ranking, and how many that begin with `consume_fuel`
    count: usize,
    fuel: usize,
    /// Whether the kept list is included
    kept: bool,
}

impl Parts {
    /// All inputs.
    const ALL: Self = Self { count: usize::MAX, fuel: usize::MAX, kept: true };
}

/// The sequences that get a handler, with the numbers that each step added.
struct Choice {
    ranked: usize,
    kept: usize,
    charging: usize,
    fuel: usize,
    alike: usize,
    /// All sequences, sorted
    list: Vec<Sequence>,
}

impl Choice {
    /// Takes the first sequences of the ranking and the kept list, and adds their variants.
    fn new(inputs: &Inputs, parts: &Parts, ops: &Ops) -> Self {
        let mut list = Vec::new();
        let add = |list: &mut Vec<_>, more: Vec<Sequence>| {
            let before = list.len();
            list.extend(more);
            list::sort(list, ops);
            list.len() - before
        };
        let ranked = add(&mut list, sequences(&inputs.ranking.sequences, parts.count));
        let kept = add(&mut list, if parts.kept { inputs.kept.clone() } else { Vec::new() });
        let charged = list.iter().flat_map(|sequence| ops.charged(sequence)).collect();
        let charging = add(&mut list, charged);
        let fuel_op = ops.number("consume_fuel");
        let mut fuel = add(&mut list, sequences(&inputs.ranking.fuel, parts.fuel));
        fuel += add(&mut list, ops.beginnings().map(|op| [fuel_op, op].into()).collect());
        let variants = alike::alike(&list, ops);
        let alike = add(&mut list, variants);
        Self { ranked, kept, charging, fuel, alike, list }
    }

    /// The header of the generated file.
    fn about(&self, inputs: &Inputs) -> String {
        let Self { ranked, kept, charging, fuel, alike, list } = self;
        format!(
            "The {} sequences of ops that have a handler of their own in threaded dispatch.\n\n\
             Made from these files, which say where they come from, and by the rules of `crates/tune/README.md`:\n{}\n\n\
             Taken from the ranking: {ranked}; from the kept list: {kept}. Variants of those with a branch that charges\n\
             fuel: {charging}. Sequences that begin with `consume_fuel`: {fuel}. Variants by analogy: {alike}.",
            list.len(),
            inputs.files
        )
    }
}

/// The first sequences of a part of the ranking.
fn sequences(ranked: &[Ranked], count: usize) -> Vec<Sequence> {
    ranked.iter().take(count).map(|ranked| ranked.ops.clone()).collect()
}

/// `wasmote-tune choose`: writes the generated file, or checks that it is up to date.
///
/// # Errors
///
/// If an input cannot be read, the file cannot be written, or the check fails.
pub(crate) fn choose(args: &ChooseArgs) -> Result<()> {
    let ops = Ops::new();
    let inputs = Inputs::read(args.inputs.as_deref().unwrap_or(&self::inputs()), &ops)?;
    let parts = Parts { count: args.count, fuel: args.fuel, kept: !args.without_kept };
    let choice = Choice::new(&inputs, &parts, &ops);
    let text = list::source(&choice.about(&inputs), &choice.list, &ops);
    let path = args.output.clone().unwrap_or_else(generated);
    if args.check {
        let found = fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        if found != text {
            return Err(format!("{} is not what the inputs give: run `wasmote-tune choose`", path.display()).into());
        }
    } else {
        fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    println!("{}", choice.about(&inputs));
    Ok(())
}

/// `wasmote-tune rank`: prints the ranking of profiles.
///
/// # Errors
///
/// If a profile cannot be read.
pub(crate) fn rank(args: &RankArgs) -> Result<()> {
    let ops = Ops::new();
    let among = match &args.among {
        Some(path) => {
            let text = fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            let list = list::read(&text, &ops).map_err(|error| format!("{}: {error}", path.display()))?;
            Some(list.into_iter().collect())
        }
        None => None,
    };
    let limits = Limits { sequences: args.count, fuel: args.fuel, least_programs: args.least_programs, among };
    let programs = programs(&args.profiles, &ops)?;
    for program in &programs {
        println!("program {} {} {}", program.kind.name(), program.total, program.name);
    }
    print!("{}", Ranking::of(&programs, &limits, &ops).write(&ops));
    Ok(())
}

/// `wasmote-tune left`: prints the share of the dispatches of profiles that remains with the list, and with shorter ones.
///
/// # Errors
///
/// If an input or a profile cannot be read.
pub(crate) fn left(args: &LeftArgs) -> Result<()> {
    let ops = Ops::new();
    let inputs = Inputs::read(args.inputs.as_deref().unwrap_or(&self::inputs()), &ops)?;
    let mut lists = vec![("all".to_owned(), Choice::new(&inputs, &Parts::ALL, &ops).list)];
    for count in PREFIXES.into_iter().filter(|&count| count <= inputs.ranking.sequences.len()) {
        let parts = Parts { count, fuel: count / FUEL_SHARE, kept: false };
        lists.push((count.to_string(), Choice::new(&inputs, &parts, &ops).list));
    }
    print_left(&programs(&args.profiles, &ops)?, &lists);
    Ok(())
}

/// Prints a table of the shares that lists leave, with the mean of the programs of each kind.
fn print_left(programs: &[Program], lists: &[(String, Vec<Sequence>)]) {
    let covers: Vec<_> = lists.iter().map(|(_, list)| Cover::new(list)).collect();
    let row = |shares: &[f64], name: &str| {
        let shares: String = shares.iter().map(|share| format!("{share:>7.3}")).collect();
        println!("{shares}  {name}");
    };
    let lengths: String = lists.iter().map(|(_, list)| format!("{:>7}", list.len())).collect();
    println!("{lengths}  sequences in total");
    for kind in [Kind::Executed, Kind::Code, Kind::Metered] {
        let programs: Vec<_> = programs.iter().filter(|program| program.kind == kind).collect();
        if programs.is_empty() {
            continue;
        }
        let titles: String = lists.iter().map(|(title, _)| format!("{title:>7}")).collect();
        println!("{titles}  {}", kind.name());
        let mut sums = vec![0.0; lists.len()];
        for program in &programs {
            let shares: Vec<_> = covers.iter().map(|cover| cover.left(program)).collect();
            sums.iter_mut().zip(&shares).for_each(|(sum, share)| *sum += share);
            row(&shares, &program.name);
        }
        let means: Vec<_> = sums.iter().map(|sum| sum / programs.len() as f64).collect();
        row(&means, &format!("mean of {}", programs.len()));
    }
}

/// Reads saved profiles as programs.
fn programs(paths: &[PathBuf], ops: &Ops) -> Result<Vec<Program>> {
    let mut programs = Vec::new();
    for path in paths {
        let text = fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        // Names are numbered for each profile alone, so that memory is bounded by the largest one.
        let mut names = Names::new(false);
        let profile = Profile::read(&text, &mut names).ok_or_else(|| format!("{} is not a profile", path.display()))?;
        programs.push(Program::new(&profile, &names, ops));
    }
    Ok(programs)
}

#[cfg(test)]
mod tests {
    use super::{Choice, Inputs, Ops, Parts, generated, inputs, list};

    #[test]
    fn the_generated_file_is_made_of_the_inputs() {
        let ops = Ops::new();
        let inputs = Inputs::read(&inputs(), &ops).expect("the inputs");
        let choice = Choice::new(&inputs, &Parts::ALL, &ops);
        let file = std::fs::read_to_string(generated()).expect("the generated file");
        let expected = list::source(&choice.about(&inputs), &choice.list, &ops);
        assert!(file == expected, "run `cargo run -p wasmote-tune -- choose`");
    }
}
