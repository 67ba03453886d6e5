//! A profile in the form that the choice of sequences works on.

use std::collections::HashMap;

use crate::{
    choose::ops::{MAX_OPS, Ops, UNKNOWN},
    profile::{Names, Profile},
};

/// Which ops of a program were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The ops that it executes
    Executed,
    /// The ops that it is translated to
    Code,
    /// Either, with fuel metered
    Metered,
}

/// The straight lines of a program.
pub(super) struct Program {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// The ops of each line and the count of each op, sorted
    pub(super) lines: Vec<(Vec<u16>, Vec<u64>)>,
    /// The sum of all counts
    pub(super) total: u64,
}

impl Kind {
    /// Returns the word for this kind in rankings and tables.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Executed => "executed",
            Self::Code => "code",
            Self::Metered => "metered",
        }
    }
}

impl Program {
    /// Converts a profile.
    pub(super) fn new(profile: &Profile, names: &Names, ops: &Ops) -> Self {
        let numbers: Vec<_> = names.all().iter().map(|name| ops.number(name)).collect();
        let number = |&op: &u32| numbers.get(op as usize).copied().unwrap_or(UNKNOWN);
        let lines = profile.lines.iter().map(|(line, counts)| (line.iter().map(number).collect(), counts.to_vec()));
        let mut lines: Vec<(Vec<u16>, _)> = lines.collect();
        lines.sort_unstable();
        let fuel = ops.number("consume_fuel");
        let kind = if lines.iter().any(|(line, _)| line.contains(&fuel)) {
            Kind::Metered
        } else if profile.totals.dispatches.is_some() {
            Kind::Executed
        } else {
            Kind::Code
        };
        Self { name: profile.name.clone(), kind, lines, total: profile.count().max(1) }
    }
}

/// The number of programs that contain each sequence.
pub(super) struct Found(HashMap<[u16; MAX_OPS], Finds>);

#[derive(Clone, Copy)]
struct Finds {
    programs: usize,
    /// The number of the last of them
    last: usize,
}

impl Found {
    /// Counts the programs of all sequences of two ops or more.
    pub(super) fn of(programs: &[&Program]) -> Self {
        let mut found = HashMap::new();
        for (number, program) in (1..).zip(programs) {
            for (line, _) in &program.lines {
                for ops in (2..=MAX_OPS).flat_map(|len| line.windows(len)) {
                    let finds = found.entry(key(ops)).or_insert(Finds { programs: 0, last: 0 });
                    if finds.last != number {
                        *finds = Finds { programs: finds.programs + 1, last: number };
                    }
                }
            }
        }
        Self(found)
    }

    /// Returns the number of programs that contain this sequence.
    pub(super) fn programs(&self, ops: &[u16]) -> usize {
        self.0.get(&key(ops)).map_or(0, |finds| finds.programs)
    }
}

fn key(ops: &[u16]) -> [u16; MAX_OPS] {
    let mut key = [UNKNOWN; MAX_OPS];
    key[..ops.len()].copy_from_slice(ops);
    key
}
