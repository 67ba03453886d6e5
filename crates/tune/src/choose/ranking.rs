//! The ranking: sequences in greedy order with what each of them saves, made from profiles of programs.
//!
//! Profiles take hundreds of megabytes, so they are not kept in the repository. The ranking is all of them that the
//! choice needs: a shorter list is a prefix of a longer one. It is text:
//!
//! ```text
//! sequence 1234.5 57 i32_load.rs i32_add.rri      saved dispatches per million, programs that contain it, ops
//! fuel 31.2 consume_fuel.x i32_load.ss            executed dispatches per million in programs that meter fuel, ops
//! ```

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
};

use crate::choose::{
    greedy::choose,
    ops::{Ops, Sequence, UNKNOWN},
    program::{Found, Kind, Program},
};

/// A million: shares are written in parts of it.
const PER_MILLION: f64 = 1e6;

/// A sequence and what it saves.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ranked {
    pub(super) ops: Sequence,
    /// Saved dispatches per million, once all sequences before it exist: the mean of all programs
    pub(super) saved: f64,
    /// The number of programs that contain it
    pub(super) programs: usize,
}

/// The sequences of programs, best first.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Ranking {
    /// Sequences of programs that do not meter fuel
    pub(super) sequences: Vec<Ranked>,
    /// Pairs of `consume_fuel` and another op, and triples of it and a pair of `sequences`, in programs that meter fuel
    pub(super) fuel: Vec<Ranked>,
}

/// Which sequences to rank.
pub(super) struct Limits {
    pub(super) sequences: usize,
    pub(super) fuel: usize,
    /// Sequences that fewer programs contain are left out
    pub(super) least_programs: usize,
    /// If there is such a list, only its sequences are ranked
    pub(super) among: Option<HashSet<Sequence>>,
}

impl Ranking {
    /// Ranks the sequences of programs. Programs that meter fuel decide about sequences that begin with `consume_fuel`
    /// only, the others about the rest.
    pub(super) fn of(programs: &[Program], limits: &Limits, ops: &Ops) -> Self {
        let (metered, programs): (Vec<_>, Vec<_>) = programs.iter().partition(|program| program.kind == Kind::Metered);
        let found = Found::of(&programs);
        let chosen = choose(&programs, limits.sequences, |first, second| {
            let ends = [first, second].map(|part| part.last().copied().unwrap_or(UNKNOWN));
            let joined = [first, second].concat();
            ops.can_precede(ends[0])
                && ops.can_join(ends[1])
                && found.programs(&joined) >= limits.least_programs
                && limits.among.as_ref().is_none_or(|among| among.contains(&*joined))
        });
        let sequences: Vec<_> = chosen
            .into_iter()
            .map(|chosen| Ranked {
                programs: found.programs(&chosen.ops),
                saved: rounded(chosen.saved * PER_MILLION),
                ops: chosen.ops,
            })
            .collect();
        let mut fuel = fuel(&metered, &sequences, ops);
        if let Some(among) = &limits.among {
            fuel.retain(|ranked| among.contains(&ranked.ops));
        }
        fuel.truncate(limits.fuel);
        Self { sequences, fuel }
    }

    /// Reads a ranking.
    ///
    /// # Errors
    ///
    /// Names the first line that is malformed or contains an unknown op.
    pub(super) fn read(text: &str, ops: &Ops) -> Result<Self, String> {
        let mut ranking = Self::default();
        for (number, line) in (1..).zip(text.lines()) {
            let mut items = line.split('#').next().unwrap_or_default().split_whitespace();
            let Some(kind) = items.next() else { continue };
            let ranked = || {
                let saved = items.next()?.parse().ok()?;
                let programs = items.next()?.parse().ok()?;
                Some(Ranked { saved, programs, ops: ops.sequence(items)? })
            };
            let list = match kind {
                "sequence" => &mut ranking.sequences,
                "fuel" => &mut ranking.fuel,
                // Programs are for readers.
                "program" => continue,
                _ => return Err(format!("line {number}: unknown word `{kind}`")),
            };
            list.push(ranked().ok_or_else(|| format!("line {number}: malformed, or an unknown op: `{line}`"))?);
        }
        Ok(ranking)
    }

    /// Returns the text that [`Ranking::read`] reads.
    pub(super) fn write(&self, ops: &Ops) -> String {
        let mut text = String::new();
        for (kind, list) in [("sequence", &self.sequences), ("fuel", &self.fuel)] {
            for Ranked { ops: sequence, saved, programs } in list {
                // Writing to a string does not fail.
                let _ = writeln!(text, "{kind} {saved:.2} {programs} {}", ops.text(sequence));
            }
        }
        text
    }
}

/// Returns a number as the text of a ranking has it.
fn rounded(saved: f64) -> f64 {
    (saved * 100.0).round() / 100.0
}

/// Ranks the pairs of `consume_fuel` and another op, and the triples of it and a pair of `sequences`, by how often
/// programs that meter fuel execute them. There are few such programs, so a single one suffices for a sequence.
fn fuel(metered: &[&Program], sequences: &[Ranked], ops: &Ops) -> Vec<Ranked> {
    let fuel = ops.number("consume_fuel");
    let pairs: HashSet<&[u16]> = sequences.iter().map(|ranked| &*ranked.ops).filter(|ops| ops.len() == 2).collect();
    let mut shares = HashMap::<&[u16], (f64, usize)>::new();
    for program in metered {
        let mut counts = HashMap::<&[u16], u64>::new();
        for (line, executed) in &program.lines {
            for len in [2, 3] {
                for (found, &executed) in line.windows(len).zip(executed.iter().skip(len - 1)) {
                    let joins = if len == 2 { ops.can_join(found[1]) } else { pairs.contains(&found[1..]) };
                    if found[0] == fuel && joins {
                        *counts.entry(found).or_default() += executed;
                    }
                }
            }
        }
        for (found, executed) in counts.into_iter().filter(|&(_, executed)| executed != 0) {
            let (share, programs) = shares.entry(found).or_default();
            *share += executed as f64 / program.total as f64 / metered.len() as f64;
            *programs += 1;
        }
    }
    let mut ranked: Vec<_> = shares
        .into_iter()
        .map(|(ops, (share, programs))| Ranked { ops: ops.into(), saved: rounded(share * PER_MILLION), programs })
        .collect();
    ranked.sort_unstable_by(|a, b| b.saved.total_cmp(&a.saved).then_with(|| a.ops.cmp(&b.ops)));
    ranked
}

#[cfg(test)]
mod tests {
    use super::{Limits, Ranking};
    use crate::choose::{
        ops::Ops,
        program::{Kind, Program},
    };

    fn program(kind: Kind, lines: &[(&str, u64)], ops: &Ops) -> Program {
        let line = |&(names, count): &(&str, u64)| {
            let line: Vec<u16> = names.split(' ').map(|name| ops.number(name)).collect();
            let counts = vec![count; line.len()];
            (line, counts)
        };
        let lines: Vec<_> = lines.iter().map(line).collect();
        let total = lines.iter().flat_map(|(_, counts)| counts).sum();
        Program { name: String::new(), kind, lines, total }
    }

    #[test]
    fn programs_are_ranked() {
        let ops = Ops::new();
        let shared = "i32_add.rss i32_mul.rrs br_i32_nez.r";
        let programs = [
            program(Kind::Executed, &[(shared, 10), ("i32_sub.rss i32_xor.rrs", 35)], &ops),
            program(Kind::Code, &[(shared, 1), ("i32_clz.rs", 1)], &ops),
            program(Kind::Metered, &[("consume_fuel i32_add.rss i32_mul.rrs", 5), ("consume_fuel ret", 1)], &ops),
        ];
        let rank = |least_programs, sequences| {
            let limits = Limits { sequences, fuel: 10, least_programs, among: None };
            Ranking::of(&programs, &limits, &ops).write(&ops)
        };
        // Only one program contains `i32_sub.rss i32_xor.rrs`.
        let expected = "sequence 175000.00 2 i32_add.rss i32_mul.rrs\n\
             sequence 175000.00 2 i32_add.rss i32_mul.rrs br_i32_nez.r\n\
             fuel 294117.65 1 consume_fuel.x i32_add.rss\n\
             fuel 294117.65 1 consume_fuel.x i32_add.rss i32_mul.rrs\n\
             fuel 58823.53 1 consume_fuel.x ret.x\n";
        assert_eq!(rank(2, 10), expected);
        let text = rank(1, 2);
        assert!(text.contains("sequence 175000.00 1 i32_sub.rss i32_xor.rrs\n"), "{text}");
        let among = Some([ops.sequence(["i32_sub.rss", "i32_xor.rrs"]).expect("existing ops")].into());
        let limits = Limits { sequences: 10, fuel: 0, least_programs: 1, among };
        assert_eq!(Ranking::of(&programs, &limits, &ops).write(&ops), "sequence 175000.00 1 i32_sub.rss i32_xor.rrs\n");
        let ranking = Ranking::read(&format!("# About.\nprogram 1 a b\n\n{text}"), &ops).expect("a ranking");
        assert_eq!(ranking.write(&ops), text);
        assert!(Ranking::read("sequence 1.0 i32_add.rss", &ops).is_err());
        assert!(Ranking::read("sequence 1.0 3 no_such_op", &ops).is_err());
        assert!(Ranking::read("something 1.0 3 ret", &ops).is_err());
    }
}
