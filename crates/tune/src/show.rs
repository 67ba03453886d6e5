//! `wasmote-tune show`: which ops, pairs and triples of ops are the most frequent.

use std::{
    collections::HashMap,
    io::{self, BufWriter, Write},
    path::Path,
};

use wasmote::{Engine, Module};

use crate::{
    Result,
    args::ShowArgs,
    count::{binary, name, of_code, read},
    fusions,
    profile::{Names, Profile},
};

/// The greatest width of a column's title.
const MAX_TITLE: usize = 9;

/// Runs the command.
///
/// # Errors
///
/// If a file cannot be read, or is neither a valid module nor a profile.
pub(crate) fn show(args: &ShowArgs) -> Result<()> {
    let mut names = Names::new(args.rows);
    let profiles = args.files.iter().map(|file| profile(file, &mut names)).collect::<Result<Vec<_>>>()?;
    let table = Table { profiles: &profiles, top: args.top };
    let mut out = BufWriter::new(io::stdout().lock());
    table.print(&mut out, &mut names, args.fusions)?;
    Ok(out.flush()?)
}

/// Returns the profile in a file, or the profile of the code of the module in it.
fn profile(file: &Path, names: &mut Names) -> Result<Profile> {
    let bytes = read(file)?;
    if Profile::is_saved(&bytes) {
        let profile = std::str::from_utf8(&bytes).ok().and_then(|text| Profile::read(text, names));
        return Ok(profile.ok_or_else(|| format!("{} is not a whole profile", file.display()))?);
    }
    let wasm = binary(file, &bytes)?;
    let module = Module::new(&Engine::default(), &wasm).map_err(|error| format!("{}: {error}", file.display()))?;
    of_code(name(file), &module, &wasm, false, names)
}

/// The profiles to print.
struct Table<'a> {
    profiles: &'a [Profile],
    /// The number of rows of each part
    top: usize,
}

impl Table<'_> {
    fn print(&self, out: &mut dyn Write, names: &mut Names, fusions: usize) -> io::Result<()> {
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
        if fusions != 0 {
            let fusions = fusions::choose(self.profiles, names, fusions);
            self.title(out, "fusions, one after the other")?;
            let mut sum = 0.0;
            for fusion in &fusions {
                let [first, second] = fusion.ops.map(|op| names.name(op));
                self.row(out, &fusion.shares, &mut sum, &format!("{first} {second}"))?;
            }
        }
        Ok(())
    }

    /// Prints the sizes of all modules.
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

    /// Returns all sequences of `len` ops, the most frequent first, each with its share of the ops of each profile.
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
