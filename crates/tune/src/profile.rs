//! Profiles: which ops a module has, or executed, in straight lines.
//!
//! A *straight line* is a sequence of ops that is entered at its first op only. Each op in it runs right after the op
//! before it, or not at all. So a count for each op also says how often each pair and each triple ran.

use std::{collections::HashMap, fmt::Write as _};

use wasmote::{CodeOp, Error};
use wasmparser::{Parser, Payload, TypeRef};

/// The first line of every saved profile.
const MAGIC: &str = "wasmote-profile 1";

/// The names of ops, by number.
#[derive(Default)]
pub(crate) struct Names {
    /// Whether all forms of an op share a number
    rows: bool,
    names: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Names {
    /// Creates an empty table. With `rows`, all forms of an op share a number.
    pub(crate) fn new(rows: bool) -> Self {
        Self { rows, ..Self::default() }
    }

    /// Returns the number of an op's name.
    pub(crate) fn number(&mut self, name: &str) -> u32 {
        let row = name.split('.').next().unwrap_or(name);
        self.exactly(if self.rows { row } else { name })
    }

    /// Returns the number of a name, which is not shortened to its row.
    pub(crate) fn exactly(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    /// Returns all names, by number.
    pub(crate) fn all(&self) -> &[String] {
        &self.names
    }

    /// Returns the name that has this number.
    pub(crate) fn name(&self, number: u32) -> &str {
        self.names.get(number as usize).map_or("?", String::as_str)
    }
}

/// The sizes of a module, and how many ops it executed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Ops in the code
    pub(crate) ops: u64,
    /// Bytes of compact code
    pub(crate) code_bytes: u64,
    /// Bytes of function bodies in Wasm
    pub(crate) wasm_bytes: u64,
    /// Executed ops, including those outside all functions; none if the module was not run
    pub(crate) dispatches: Option<u64>,
}

/// The straight lines of a module.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) totals: Totals,
    /// The numbers of the ops of each line, and the count of each op
    pub(crate) lines: HashMap<Box<[u32]>, Box<[u64]>>,
}

impl Profile {
    /// Creates an empty profile.
    pub(crate) fn new(name: String) -> Self {
        Self { name, ..Self::default() }
    }

    /// Adds the ops of a function, each with its count.
    pub(crate) fn add_func(&mut self, ops: impl Iterator<Item = (CodeOp, u64)>, wasm_bytes: u64, names: &mut Names) {
        self.totals.wasm_bytes += wasm_bytes;
        let (mut line, mut counts) = (Vec::new(), Vec::new());
        for (op, count) in ops {
            self.totals.ops += 1;
            self.totals.code_bytes += op.len as u64;
            if op.is_target {
                self.add_line(&mut line, &mut counts);
            }
            line.push(names.number(&op.name.to_string()));
            counts.push(count);
            if op.is_last {
                self.add_line(&mut line, &mut counts);
            }
        }
        self.add_line(&mut line, &mut counts);
    }

    fn add_line(&mut self, line: &mut Vec<u32>, counts: &mut Vec<u64>) {
        // Ops at the end of the line that were never executed are left out.
        let len = counts.iter().rposition(|&count| count != 0).map_or(0, |last| last + 1);
        if len != 0 {
            let sums = self.lines.entry(line[..len].into()).or_insert_with(|| vec![0; len].into_boxed_slice());
            sums.iter_mut().zip(&*counts).for_each(|(sum, count)| *sum += count);
        }
        line.clear();
        counts.clear();
    }

    /// Adds the lines and the sizes of another profile, whose ops have the same numbers.
    pub(crate) fn merge(&mut self, other: Self) {
        let Totals { ops, code_bytes, wasm_bytes, dispatches } = other.totals;
        self.totals.ops += ops;
        self.totals.code_bytes += code_bytes;
        self.totals.wasm_bytes += wasm_bytes;
        self.totals.dispatches = self.totals.dispatches.zip(dispatches).map(|(before, more)| before + more);
        for (line, counts) in other.lines {
            self.add_line(&mut line.into_vec(), &mut counts.into_vec());
        }
    }

    /// Returns the sum of all counts.
    pub(crate) fn count(&self) -> u64 {
        self.lines.values().flatten().sum()
    }

    /// Whether bytes begin like a saved profile.
    pub(crate) fn is_saved(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC.as_bytes())
    }

    /// Returns the text that [`Profile::read`] reads.
    pub(crate) fn save(&self, names: &Names) -> String {
        let Totals { ops, code_bytes, wasm_bytes, dispatches } = self.totals;
        let dispatches = dispatches.map_or_else(|| "-".to_owned(), |count| count.to_string());
        let mut text = format!("{MAGIC}\n{ops} {code_bytes} {wasm_bytes} {dispatches} {}\n", self.name);
        let mut lines: Vec<_> = self.lines.iter().collect();
        lines.sort_unstable();
        for (line, counts) in lines {
            let items = line.iter().zip(counts).enumerate();
            // Writing to a string does not fail.
            let _ = items.into_iter().try_for_each(|(i, (&op, count))| {
                let space = if i == 0 { "" } else { " " };
                write!(text, "{space}{} {count}", names.name(op))
            });
            text.push('\n');
        }
        text
    }

    /// Reads a saved profile; none if the text is not a whole profile.
    pub(crate) fn read(text: &str, names: &mut Names) -> Option<Self> {
        let mut lines = text.lines();
        lines.next().filter(|&line| line == MAGIC)?;
        let mut items = lines.next()?.splitn(5, ' ');
        let mut number = || items.next();
        let totals = Totals {
            ops: number()?.parse().ok()?,
            code_bytes: number()?.parse().ok()?,
            wasm_bytes: number()?.parse().ok()?,
            dispatches: match number()? {
                "-" => None,
                count => Some(count.parse().ok()?),
            },
        };
        let mut profile = Self { totals, ..Self::new(number()?.to_owned()) };
        let (mut ops, mut counts) = (Vec::new(), Vec::new());
        for line in lines {
            let mut items = line.split(' ');
            while let Some(name) = items.next() {
                ops.push(names.number(name));
                counts.push(items.next()?.parse().ok()?);
            }
            profile.add_line(&mut ops, &mut counts);
        }
        Some(profile)
    }

    /// Calls `each` with every sequence of `len` ops and its count.
    pub(crate) fn sequences(&self, len: usize, mut each: impl FnMut(&[u32], u64)) {
        for (line, counts) in &self.lines {
            for (ops, &count) in line.windows(len).zip(counts.iter().skip(len - 1)) {
                each(ops, count);
            }
        }
    }
}

/// Returns the profile of a module. `ops` returns the ops of a function with their counts.
///
/// # Errors
///
/// If the module is malformed, or the ops of a function cannot be determined.
pub(crate) fn of_module(
    name: String,
    wasm: &[u8],
    mut ops: impl FnMut(u32) -> std::result::Result<Vec<(CodeOp, u64)>, Error>,
    names: &mut Names,
) -> crate::Result<Profile> {
    let mut profile = Profile::new(name);
    let mut index = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    index += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                let ops = ops(index).map_err(|error| format!("function {index} cannot be translated: {error}"))?;
                profile.add_func(ops.into_iter(), range.end - range.start, names);
                index += 1;
            }
            _ => {}
        }
    }
    Ok(profile)
}

#[cfg(test)]
mod tests {
    use super::{Names, Profile};

    #[test]
    fn merged_profiles_are_sums() {
        let mut names = Names::new(false);
        let mut read =
            |text: &str| Profile::read(&format!("wasmote-profile 1\n{text}"), &mut names).expect("a profile");
        let mut profile = read("3 2 1 - a\nret 1\ncopy.ss 2 ret 3\n");
        profile.merge(read("30 20 10 - b\nret 5\ncopy.ss 2 ret 4\n"));
        assert_eq!(profile, read("33 22 11 - a\nret 6\ncopy.ss 4 ret 7\n"));
    }
}
