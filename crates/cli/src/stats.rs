//! `wasmote stats`: the ops that modules are translated to, or execute, and how they follow each other.

use std::{
    collections::HashMap,
    io::{self, Write},
    path::{Path, PathBuf},
};

use wasmote::{CodeOp, Engine, Error};

use crate::{
    args::StatsArgs,
    failure::{Failure, status},
    funcs::Funcs,
    fusions,
    output::{Output, print_to},
    profile::{Names, Profile},
    sequences,
    source::{Source, file_name, read_file},
};

/// The greatest width of a column's title.
const MAX_TITLE: usize = 9;

/// How many more times an op counts for each loop around it.
const LOOP_WEIGHT: u64 = 6;
/// Around how many loops at most.
const MAX_LOOPS: u32 = 3;

/// Runs the command; the result is the exit status.
pub(crate) fn stats(args: &StatsArgs, output: Output) -> Result<i32, Failure> {
    let mut names = Names::new(args.rows);
    #[cfg(feature = "stats")]
    if args.run.run {
        return execute(args, output, &mut names);
    }
    let mut read = |files: &[PathBuf]| -> Result<Vec<_>, Failure> {
        files.iter().map(|file| of_file(file, args, &mut names)).collect()
    };
    let profiles = read(&args.files)?;
    if args.sequences.count.is_some() {
        let held_out = read(&args.sequences.test_on)?;
        sequences::sequences(args, output, &profiles, &held_out, &names)?;
        return Ok(status::SUCCESS);
    }
    show(args, output, &profiles, &mut names)?;
    Ok(status::SUCCESS)
}

/// The profile that a file holds, or that of the code of a module.
fn of_file(file: &Path, args: &StatsArgs, names: &mut Names) -> Result<Profile, Failure> {
    if file.is_file() {
        let bytes = read_file(file)?;
        if Profile::is_saved(&bytes) {
            let profile = std::str::from_utf8(&bytes).ok().and_then(|text| Profile::read(text, names));
            return profile.ok_or_else(|| Failure::new(format!("{} is no whole profile", file_name(file))));
        }
    }
    let source = Source::read(file)?;
    let proposals = args.features.proposals();
    let module = source.module(&Engine::new(&proposals.config()), &proposals)?;
    let weight = |op: CodeOp| if args.loops { LOOP_WEIGHT.pow(op.loops.min(MAX_LOOPS)) } else { 1 };
    let count = |func| Ok(module.ops(func)?.into_iter().map(|op| (op, weight(op))).collect());
    of_module(&source, count, names)
}

/// The profile of a module, from the ops of its functions and how often each is to be counted.
fn of_module(
    source: &Source,
    mut ops: impl FnMut(u32) -> Result<Vec<(CodeOp, u64)>, Error>,
    names: &mut Names,
) -> Result<Profile, Failure> {
    let name = source.path().file_stem().map_or_else(|| "-".into(), |stem| stem.to_string_lossy().into_owned());
    let mut profile = Profile::new(name);
    let funcs = Funcs::of(source.bytes());
    for (index, func) in (0..).zip(&funcs.funcs) {
        let Some(body) = &func.body else { continue };
        let ops =
            ops(index).map_err(|error| Failure::new(format!("function {index} cannot be translated: {error}")))?;
        profile.add_func(ops.into_iter(), body.end - body.start, names);
    }
    Ok(profile)
}

/// Runs a program and shows what it executed, also if it fails.
#[cfg(feature = "stats")]
fn execute(args: &StatsArgs, output: Output, names: &mut Names) -> Result<i32, Failure> {
    let [file] = &*args.files else {
        return Err(Failure::usage("`--run` takes one module").hint("save a profile of each, and merge those"));
    };
    let source = Source::read(file)?;
    let run = args.run.for_file(file, &args.features);
    let count = |store: &wasmote::Store<crate::host::Host>, module: &wasmote::Module| {
        let mut profile = of_module(&source, |func| store.op_counts(module, func), names)?;
        profile.totals.dispatches = Some(store.dispatches());
        Ok::<_, Failure>(profile)
    };
    let (result, profile) = crate::run::run_then(&run, output, count)?;
    show(args, Output::stdout(), &[profile?], names)?;
    result
}

/// Prints, and saves, what was asked for.
fn show(args: &StatsArgs, output: Output, profiles: &[Profile], names: &mut Names) -> Result<(), Failure> {
    if let Some(path) = &args.save {
        let [profile] = profiles else {
            return Err(Failure::usage("`--save` takes one module"));
        };
        let text = profile.save(names);
        std::fs::write(path, text)
            .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))?;
    }
    let table = Table { profiles, top: args.top };
    print_to(args.output.as_deref(), output, |out| table.print(out, names, args.fusions))
}

/// What is printed of some profiles.
struct Table<'a> {
    profiles: &'a [Profile],
    /// How many lines each part has
    top: usize,
}

impl Table<'_> {
    fn print(&self, out: &mut dyn Write, names: &mut Names, fusions: Option<usize>) -> io::Result<()> {
        self.totals(out)?;
        for (len, title) in [(1, "ops"), (2, "pairs"), (3, "triples")] {
            let rows = self.sequences(len);
            self.title(out, &format!("{} of {} {title}", self.top.min(rows.len()), rows.len()))?;
            let mut sum = 0.0;
            for (ops, shares) in rows.iter().take(self.top) {
                let ops: Vec<_> = ops.iter().map(|&op| names.name(op)).collect();
                self.row(out, shares, &mut sum, &ops.join(" "))?;
            }
        }
        if let Some(count) = fusions {
            let fusions = fusions::choose(self.profiles, names, count);
            self.title(out, "fusions, one after the other")?;
            let mut sum = 0.0;
            for fusion in &fusions {
                let [first, second] = fusion.ops.map(|op| names.name(op));
                self.row(out, &fusion.shares, &mut sum, &format!("{first} {second}"))?;
            }
        }
        Ok(())
    }

    /// Prints how much there is of everything.
    fn totals(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "{:24} {:>10} {:>10} {:>10} {:>10} {:>10} {:>14}",
            "module", "ops", "IR bytes", "Wasm bytes", "ops/Wasm", "IR/Wasm", "dispatches"
        )?;
        for Profile { name, totals, .. } in self.profiles {
            let per_byte = |count: u64| count as f64 / (totals.wasm_bytes as f64).max(1.0);
            writeln!(
                out,
                "{name:24} {:>10} {:>10} {:>10} {:>10.3} {:>10.3} {:>14}",
                totals.ops,
                totals.code_bytes,
                totals.wasm_bytes,
                per_byte(totals.ops),
                per_byte(totals.code_bytes),
                totals.dispatches.map_or_else(|| "-".to_owned(), |count| count.to_string()),
            )?;
        }
        Ok(())
    }

    /// All sequences of so many ops, the most frequent first, each with its share of the ops of each profile.
    fn sequences(&self, len: usize) -> Vec<(Box<[u32]>, Vec<f64>)> {
        let mut shares = HashMap::<Box<[u32]>, Vec<f64>>::new();
        for (column, profile) in self.profiles.iter().enumerate() {
            let total = (profile.count() as f64).max(1.0);
            profile.sequences(len, |ops, count| match shares.get_mut(ops) {
                Some(shares) => shares[column] += count as f64 / total,
                None => {
                    let mut row = vec![0.0; self.profiles.len()];
                    row[column] = count as f64 / total;
                    shares.insert(ops.into(), row);
                }
            });
        }
        let mut rows: Vec<_> = shares.into_iter().filter(|(_, shares)| mean(shares) > 0.0).collect();
        rows.sort_unstable_by(|a, b| mean(&b.1).total_cmp(&mean(&a.1)).then_with(|| a.0.cmp(&b.0)));
        rows
    }

    fn title(&self, out: &mut dyn Write, title: &str) -> io::Result<()> {
        write!(out, "\n{:>7} {:>7}", "%", "sum")?;
        if self.profiles.len() > 1 {
            for profile in self.profiles {
                let name: String = profile.name.chars().take(MAX_TITLE).collect();
                write!(out, " {name:>MAX_TITLE$}")?;
            }
        }
        writeln!(out, "  {title}")
    }

    fn row(&self, out: &mut dyn Write, shares: &[f64], sum: &mut f64, text: &str) -> io::Result<()> {
        let share = 100.0 * mean(shares);
        *sum += share;
        write!(out, "{share:>7.2} {sum:>7.2}")?;
        if self.profiles.len() > 1 {
            for share in shares {
                write!(out, " {:>MAX_TITLE$.2}", 100.0 * share)?;
            }
        }
        writeln!(out, "  {text}")
    }
}

fn mean(shares: &[f64]) -> f64 {
    shares.iter().sum::<f64>() / (shares.len() as f64).max(1.0)
}
