//! `wasmote stats --sequences`: which sequences of ops have a handler.
//!
//! ```text
//!   ops.rs     the ops, and where in a sequence each can stand
//!   program.rs what was counted in a program, and which sequences several have
//!   greedy.rs  the choice                cover.rs  what it leaves of a program's dispatches
//!   alike.rs   what is added because it is like what was chosen
//!   list.rs    the list in the library's sources
//! ```

mod alike;
mod cover;
mod greedy;
mod list;
mod ops;
mod program;

use std::{
    collections::{HashMap, HashSet},
    fs,
    io::{self, Write},
    path::Path,
};

use crate::{
    args::{SequencesArgs, StatsArgs},
    failure::Failure,
    output::{Output, print_to},
    profile::{Names, Profile},
    sequences::{
        alike::alike,
        cover::Cover,
        greedy::{Chosen, choose},
        ops::{Ops, Sequence},
        program::{Found, Kind, Program},
    },
};

/// Chooses sequences by what was counted in `profiles`; those `held_out` have no part in it.
pub(crate) fn sequences(
    args: &StatsArgs,
    output: Output,
    profiles: &[Profile],
    held_out: &[Profile],
    names: &Names,
) -> Result<(), Failure> {
    let ops = Ops::new();
    let programs = |profiles: &[Profile]| -> Vec<_> {
        profiles.iter().map(|profile| Program::new(profile, names, &ops)).collect()
    };
    let (programs, held_out) = (programs(profiles), programs(held_out));
    let kept = if args.sequences.keep { read(args.sequences.write.as_deref(), &ops)? } else { Vec::new() };
    let choice = Choice::new(&programs, kept, &args.sequences, &ops);
    if let Some(path) = &args.sequences.write {
        write(path, &choice.list, &ops)?;
    }
    print_to(args.output.as_deref(), output, |out| {
        choice.print(out, args.top, &ops)?;
        let cover = Cover::new(&choice.list);
        left(out, "", &programs, &cover)?;
        left(out, "held out: ", &held_out, &cover)
    })
}

/// The sequences that have a handler.
struct Choice {
    /// In the order of the choice
    chosen: Vec<Chosen>,
    /// How many more there are with a branch that charges
    charging: usize,
    /// How many more there are that begin with `consume_fuel`
    fuel: usize,
    /// How many stood in the list already, and how many are like others
    kept: usize,
    alike: usize,
    /// All of them, sorted
    list: Vec<Sequence>,
}

impl Choice {
    fn new(programs: &[Program], kept: Vec<Sequence>, args: &SequencesArgs, ops: &Ops) -> Self {
        let (metered, programs): (Vec<_>, Vec<_>) = programs.iter().partition(|program| program.kind == Kind::Metered);
        let found = Found::of(&programs);
        let chosen = choose(&programs, args.count.unwrap_or(0), |first, second| {
            let ends = [first, second].map(|part| part.last().copied().unwrap_or(ops::UNKNOWN));
            ops.can_go_on(ends[0])
                && ops.can_join(ends[1])
                && found.programs(&[first, second].concat()) >= args.least_programs
        });
        let mut list: Vec<_> = chosen.iter().map(|chosen| chosen.ops.clone()).collect();
        list::sort(&mut list, ops);
        let add = |list: &mut Vec<_>, more: Vec<Sequence>| {
            let before = list.len();
            list.extend(more);
            list::sort(list, ops);
            list.len() - before
        };
        let (mut charging, mut fuel) = (0, 0);
        if !metered.is_empty() {
            charging = add(&mut list, chosen.iter().flat_map(|chosen| ops.charged(&chosen.ops)).collect());
            fuel = add(&mut list, fuel_pairs(&metered, args.fuel_pairs, ops));
            fuel += add(&mut list, fuel_triples(&metered, args.fuel_triples, &chosen, ops));
            if args.fuel_beginnings {
                let fuel_op = ops.number("consume_fuel");
                fuel += add(&mut list, ops.beginnings().map(|op| [fuel_op, op].into()).collect());
            }
        }
        let kept = add(&mut list, kept);
        let more = if args.alike { alike(&list, ops) } else { Vec::new() };
        let alike = add(&mut list, more);
        Self { chosen, charging, fuel, kept, alike, list }
    }

    fn print(&self, out: &mut dyn Write, top: usize, ops: &Ops) -> io::Result<()> {
        let Self { chosen, charging, fuel, kept, alike, list } = self;
        let pairs = chosen.iter().filter(|chosen| chosen.ops.len() == 2).count();
        writeln!(
            out,
            "{} sequences: {pairs} pairs and {} triples, {charging} with a branch that charges, {fuel} after consume_fuel, \
             {kept} kept, {alike} like others",
            list.len(),
            chosen.len() - pairs
        )?;
        writeln!(out, "\n{:>7} {:>7}  {} of {}, one after the other", "%", "sum", top.min(chosen.len()), chosen.len())?;
        let mut sum = 0.0;
        for Chosen { ops: sequence, saved } in chosen.iter().take(top) {
            sum += 100.0 * saved;
            writeln!(out, "{:>7.2} {sum:>7.2}  {}", 100.0 * saved, ops.text(sequence))?;
        }
        Ok(())
    }
}

/// The pairs that begin with `consume_fuel` and are the most frequent ones in programs that meter fuel. There are few of
/// those, so it does not matter in how many of them a pair is found.
fn fuel_pairs(metered: &[&Program], count: usize, ops: &Ops) -> Vec<Sequence> {
    let fuel = ops.number("consume_fuel");
    let mut shares = HashMap::<u16, f64>::new();
    for program in metered {
        for (line, counts) in &program.lines {
            for (pair, &executed) in line.windows(2).zip(counts.iter().skip(1)) {
                if pair[0] == fuel && ops.can_join(pair[1]) {
                    *shares.entry(pair[1]).or_default() += executed as f64 / program.total as f64;
                }
            }
        }
    }
    let mut seconds: Vec<_> = shares.into_iter().collect();
    seconds.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    seconds.into_iter().take(count).map(|(second, _)| [fuel, second].into()).collect()
}

/// The triples of `consume_fuel` and a pair of `chosen` that are the most frequent ones in programs that meter fuel: with
/// them, the `consume_fuel` takes no dispatch where the pair begins a stretch of code.
fn fuel_triples(metered: &[&Program], count: usize, chosen: &[Chosen], ops: &Ops) -> Vec<Sequence> {
    let fuel = ops.number("consume_fuel");
    let pairs: HashSet<&[u16]> = chosen.iter().map(|chosen| &*chosen.ops).filter(|ops| ops.len() == 2).collect();
    let mut shares = HashMap::<&[u16], f64>::new();
    for program in metered {
        for (line, counts) in &program.lines {
            for (triple, &executed) in line.windows(3).zip(counts.iter().skip(2)) {
                if triple[0] == fuel && pairs.contains(&triple[1..]) {
                    *shares.entry(triple).or_default() += executed as f64 / program.total as f64;
                }
            }
        }
    }
    let mut triples: Vec<_> = shares.into_iter().collect();
    triples.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    triples.into_iter().take(count).map(|(triple, _)| triple.into()).collect()
}

/// The list in a file; none if there is no file.
fn read(path: Option<&Path>, ops: &Ops) -> Result<Vec<Sequence>, Failure> {
    let Some(path) = path else { return Ok(Vec::new()) };
    list::read(&read_text(path)?, ops)
        .ok_or_else(|| Failure::new(format!("{} has no list of sequences of ops that there are", path.display())))
}

fn read_text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::new(format!("cannot read {}: {error}", path.display())))
}

/// Replaces the list in a file.
fn write(path: &Path, list: &[Sequence], ops: &Ops) -> Result<(), Failure> {
    let file = list::replace(&read_text(path)?, list, ops)
        .ok_or_else(|| Failure::new(format!("{} has no list of sequences", path.display())))?;
    fs::write(path, file).map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))
}

/// Prints the part of the dispatches that is left in each program, and in the mean of those of a kind.
fn left(out: &mut dyn Write, prefix: &str, programs: &[Program], cover: &Cover<'_>) -> io::Result<()> {
    for (kind, title) in
        [(Kind::Executed, "executed"), (Kind::Code, "in the code"), (Kind::Metered, "with fuel metered")]
    {
        let programs: Vec<_> = programs.iter().filter(|program| program.kind == kind).collect();
        if programs.is_empty() {
            continue;
        }
        writeln!(out, "\n   left  {prefix}{title}")?;
        let mut sum = 0.0;
        for program in &programs {
            let left = cover.left(program);
            sum += left;
            writeln!(out, "{left:>7.3}  {}", program.name)?;
        }
        writeln!(out, "{:>7.3}  mean of {}", sum / programs.len() as f64, programs.len())?;
    }
    Ok(())
}
