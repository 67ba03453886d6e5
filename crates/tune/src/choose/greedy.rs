//! The greedy order: always the sequence next that saves the most dispatches once all sequences before it exist.
//!
//! Straight lines are split into pieces, at first one for each op. Each step takes the most frequent pair of neighbouring
//! pieces and joins it to one piece everywhere: that piece is the next sequence. The count and the lines of each pair are
//! kept up to date, so a step visits only the lines that it changes.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

use crate::{
    choose::{
        ops::{MAX_OPS, Sequence},
        program::Program,
    },
    fusions::each_pair,
};

/// The weight of all ops of a program together. Weights are integers, so that sums do not depend on their order.
const PROGRAM_WEIGHT: u64 = 1 << 48;

/// The number of the first piece that is a sequence. Lower numbers are ops.
const FIRST_SEQUENCE: u32 = 1 << 16;

/// A sequence that was chosen.
#[derive(Debug, PartialEq)]
pub(super) struct Chosen {
    pub(super) ops: Sequence,
    /// The share of the dispatches that it saves, in the mean of all programs
    pub(super) saved: f64,
}

/// The numbers of two neighbouring pieces.
type Beside = (u32, u32);

/// Two pieces that are neighbours in some line.
struct Pair {
    /// Whether they may be joined. If not, the other fields stay empty
    joins: bool,
    weight: u64,
    /// The greatest weight that the pair has in the queue
    queued: u64,
    /// The lines that contain the pair, and some that no longer do
    lines: Vec<u32>,
}

struct Line {
    pieces: Vec<u32>,
    /// The weight of the first op of each piece
    weights: Vec<u64>,
}

struct Greedy<F> {
    lines: Vec<Line>,
    /// By number, less `FIRST_SEQUENCE`
    sequences: Vec<Sequence>,
    pairs: HashMap<Beside, Pair>,
    /// The greatest weight first; among equal weights, the lowest numbers first. Weights may be out of date
    queue: BinaryHeap<(u64, Reverse<Beside>)>,
    may_join: F,
}

/// Returns up to `count` sequences in greedy order. `may_join` decides, by the ops of both parts, which are allowed.
pub(super) fn choose(programs: &[&Program], count: usize, may_join: impl Fn(&[u16], &[u16]) -> bool) -> Vec<Chosen> {
    let mut greedy = Greedy {
        lines: lines(programs),
        sequences: Vec::new(),
        pairs: HashMap::new(),
        queue: BinaryHeap::new(),
        may_join,
    };
    for line in 0..greedy.lines.len() {
        greedy.count(line, None, |_| {});
    }
    for (&beside, pair) in &mut greedy.pairs {
        pair.queued = pair.weight;
        greedy.queue.push((pair.weight, Reverse(beside)));
    }
    let all = programs.len() as f64 * PROGRAM_WEIGHT as f64;
    let mut chosen = Vec::new();
    while chosen.len() < count {
        let Some((weight, beside)) = greedy.next() else { break };
        let (number, is_new) = greedy.sequence(beside);
        if is_new {
            let ops = greedy.sequences[(number - FIRST_SEQUENCE) as usize].clone();
            chosen.push(Chosen { ops, saved: weight as f64 / all });
        }
        greedy.join(beside, number);
    }
    chosen
}

/// Returns the lines of all programs. Lines of the same ops are merged.
fn lines(programs: &[&Program]) -> Vec<Line> {
    let mut sums = HashMap::<&[u16], Vec<u64>>::new();
    for program in programs {
        for (line, counts) in &program.lines {
            let sums = sums.entry(line).or_insert_with(|| vec![0; line.len()]);
            for (sum, &count) in sums.iter_mut().zip(counts) {
                let weight = u128::from(count) * u128::from(PROGRAM_WEIGHT) / u128::from(program.total);
                *sum += u64::try_from(weight).unwrap_or(PROGRAM_WEIGHT);
            }
        }
    }
    let lines = sums.into_iter().filter(|(line, _)| line.len() > 1);
    lines.map(|(line, weights)| Line { pieces: line.iter().copied().map(u32::from).collect(), weights }).collect()
}

impl<F: Fn(&[u16], &[u16]) -> bool> Greedy<F> {
    /// Returns the pair of the greatest weight.
    fn next(&mut self) -> Option<(u64, Beside)> {
        loop {
            let (weight, Reverse(beside)) = self.queue.pop()?;
            let Some(pair) = self.pairs.get_mut(&beside) else { continue };
            if weight == pair.queued {
                if weight == 0 {
                    return None;
                }
                if weight == pair.weight {
                    return Some((weight, beside));
                }
                pair.queued = pair.weight;
                self.queue.push((pair.weight, Reverse(beside)));
            }
        }
    }

    /// Returns the number of the sequence that two pieces form, and whether it is new. Different parts can form the same
    /// sequence.
    fn sequence(&mut self, (first, second): Beside) -> (u32, bool) {
        let ops: Sequence = [self.ops(first), self.ops(second)].concat().into();
        let known = self.sequences.iter().position(|sequence| *sequence == ops);
        let place = known.unwrap_or(self.sequences.len());
        if known.is_none() {
            self.sequences.push(ops);
        }
        (FIRST_SEQUENCE + u32::try_from(place).unwrap_or(u32::MAX - FIRST_SEQUENCE), known.is_none())
    }

    fn ops(&self, piece: u32) -> Vec<u16> {
        ops(&self.sequences, piece)
    }

    /// Joins two pieces to one wherever they are neighbours.
    fn join(&mut self, beside: Beside, joined: u32) {
        let Some(pair) = self.pairs.get_mut(&beside) else { return };
        let mut lines = std::mem::take(&mut pair.lines);
        lines.sort_unstable();
        lines.dedup();
        let (mut changed, mut places) = (Vec::new(), Vec::new());
        for line in lines {
            let Line { pieces, .. } = &self.lines[line as usize];
            places.clear();
            each_pair(pieces, |at| {
                if (pieces[at], pieces[at + 1]) == beside {
                    places.push(at);
                }
            });
            if places.is_empty() {
                continue;
            }
            self.uncount(line as usize);
            self.lines[line as usize].join(&places, joined);
            self.count(line as usize, Some(joined), |beside| changed.push(beside));
        }
        changed.sort_unstable();
        changed.dedup();
        for beside in changed {
            if let Some(pair) = self.pairs.get_mut(&beside).filter(|pair| pair.weight > pair.queued) {
                pair.queued = pair.weight;
                self.queue.push((pair.weight, Reverse(beside)));
            }
        }
    }

    /// Adds the pairs of a line and calls `each` for them. `new` is a piece that the line did not contain before.
    fn count(&mut self, line: usize, new: Option<u32>, mut each: impl FnMut(Beside)) {
        let Line { pieces, weights } = &self.lines[line];
        each_pair(pieces, |at| {
            let beside = (pieces[at], pieces[at + 1]);
            let pair = self.pairs.entry(beside).or_insert_with(|| {
                let [first, second] = [beside.0, beside.1].map(|piece| ops(&self.sequences, piece));
                let joins = first.len() + second.len() <= MAX_OPS && (self.may_join)(&first, &second);
                Pair { joins, weight: 0, queued: 0, lines: Vec::new() }
            });
            if pair.joins {
                pair.weight += weights[at + 1];
                if new.is_none_or(|new| beside.0 == new || beside.1 == new) {
                    pair.lines.push(u32::try_from(line).unwrap_or(u32::MAX));
                }
                each(beside);
            }
        });
    }

    /// Subtracts the pairs of a line.
    fn uncount(&mut self, line: usize) {
        let Line { pieces, weights } = &self.lines[line];
        each_pair(pieces, |at| {
            if let Some(pair) = self.pairs.get_mut(&(pieces[at], pieces[at + 1])).filter(|pair| pair.joins) {
                pair.weight -= weights[at + 1];
            }
        });
    }
}

impl Line {
    /// Replaces the two pieces at each of the places by one.
    fn join(&mut self, places: &[usize], joined: u32) {
        for &at in places {
            self.pieces[at] = joined;
        }
        // Places are in order and do not overlap.
        let is_second = |at: usize| at > 0 && places.binary_search(&(at - 1)).is_ok();
        let mut at = 0..;
        self.pieces.retain(|_| !at.next().is_some_and(is_second));
        let mut at = 0..;
        self.weights.retain(|_| !at.next().is_some_and(is_second));
    }
}

/// Returns the ops of a piece.
fn ops(sequences: &[Sequence], piece: u32) -> Vec<u16> {
    match u16::try_from(piece) {
        Ok(op) => vec![op],
        Err(_) => sequences[(piece - FIRST_SEQUENCE) as usize].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Chosen, choose};
    use crate::choose::program::{Kind, Program};

    fn program(lines: &[(&[u16], u64)]) -> Program {
        let lines: Vec<_> = lines.iter().map(|&(line, count)| (line.to_vec(), vec![count; line.len()])).collect();
        let total = lines.iter().flat_map(|(_, counts)| counts).sum();
        Program { name: String::new(), kind: Kind::Executed, lines, total }
    }

    fn ops(chosen: &[Chosen]) -> Vec<&[u16]> {
        chosen.iter().map(|chosen| &*chosen.ops).collect()
    }

    #[test]
    fn the_greatest_saving_comes_first() {
        let program = program(&[(&[1, 2, 3], 10), (&[2, 3, 4, 5], 5), (&[4, 5], 8)]);
        let chosen = choose(&[&program], 10, |_, _| true);
        // 2 3 occurs 15 times and 4 5 13 times; then 1 2 3 occurs 10 times, and 2 3 4 5 is too long.
        assert_eq!(ops(&chosen), [&[2, 3][..], &[4, 5], &[1, 2, 3]]);
        let saved: Vec<_> = chosen.iter().map(|chosen| (chosen.saved * 66.0).round()).collect();
        assert_eq!(saved, [15.0, 13.0, 10.0]);
        assert_eq!(ops(&choose(&[&program], 1, |_, _| true)), [&[2, 3]]);
        assert_eq!(ops(&choose(&[&program], 1, |first, _| *first != [2])), [&[4, 5]]);
        assert_eq!(choose(&[], 1, |_, _| true), []);
    }

    #[test]
    fn overlapping_pairs_count_once() {
        // Four equal ops in a row are two pairs, not three.
        let program = program(&[(&[1, 1, 1, 1], 10), (&[2, 3], 25)]);
        let chosen = choose(&[&program], 3, |_, _| true);
        assert_eq!(ops(&chosen), [&[2, 3], &[1, 1]]);
        assert!((chosen[1].saved - 20.0 / 90.0).abs() < 1e-9, "{chosen:?}");
        // Where 2 is part of 1 2, it cannot be part of 2 3 as well.
        let program = self::program(&[(&[1, 2, 3], 10), (&[1, 2], 1), (&[5, 6], 2)]);
        assert_eq!(ops(&choose(&[&program], 2, |first, _| first.len() == 1)), [&[1, 2], &[5, 6]]);
    }

    #[test]
    fn no_sequence_is_chosen_twice() {
        // 1 2 3 can be joined from 1 2 and 3, or from 1 and 2 3.
        let program = program(&[(&[1, 2, 3], 10), (&[4, 1, 2, 3], 1), (&[2, 3], 5), (&[1, 2], 20)]);
        let chosen = choose(&[&program], 10, |_, _| true);
        let mut different = ops(&chosen);
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), chosen.len(), "{chosen:?}");
    }

    #[test]
    fn programs_have_the_same_weight() {
        let large = program(&[(&[1, 2], 1000), (&[3, 4], 400)]);
        let small = program(&[(&[3, 4], 1)]);
        assert_eq!(ops(&choose(&[&large, &small], 1, |_, _| true)), [&[3, 4]]);
    }
}
