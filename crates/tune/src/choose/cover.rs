//! The dispatches of a program that remain with a given set of sequences.

use std::{cmp::Reverse, collections::HashMap};

use crate::choose::{
    ops::{MAX_OPS, Sequence},
    program::Program,
};

/// Sequences by their first op.
pub(super) struct Cover<'a>(HashMap<u16, Vec<&'a [u16]>>);

impl<'a> Cover<'a> {
    /// Indexes sequences. Where several are equally good, the linker takes the first.
    pub(super) fn new(sequences: impl IntoIterator<Item = &'a Sequence>) -> Self {
        let mut by_first = HashMap::<u16, Vec<_>>::new();
        for sequence in sequences {
            by_first.entry(sequence[0]).or_default().push(&**sequence);
        }
        Self(by_first)
    }

    /// Returns the share of a program's dispatches that remains. As in the linker, the sequences in each line are those
    /// that need the fewest dispatches up to its end.
    pub(super) fn left(&self, program: &Program) -> f64 {
        let mut left = 0;
        let mut lengths = Vec::new();
        for (line, counts) in &program.lines {
            self.lengths(line, &mut lengths);
            let mut at = 0;
            while at < line.len() {
                left += counts[at];
                at += lengths[at];
            }
        }
        left as f64 / program.total as f64
    }

    /// Computes, for each op of a line, the number of ops that the handler there performs.
    fn lengths(&self, line: &[u16], lengths: &mut Vec<usize>) {
        lengths.clear();
        lengths.resize(line.len(), 1);
        // The dispatches up to the end from each of the next ops, the nearest first.
        let mut dispatches = [0; MAX_OPS];
        for at in (0..line.len()).rev() {
            let mut best = (dispatches[0], Reverse(1));
            for sequence in self.0.get(&line[at]).into_iter().flatten() {
                let len = sequence.len();
                let after = (dispatches[len - 1], Reverse(len));
                if line[at..].starts_with(sequence) && after < best {
                    best = after;
                    lengths[at] = len;
                }
            }
            dispatches.rotate_right(1);
            dispatches[0] = best.0 + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cover;
    use crate::choose::{
        ops::Sequence,
        program::{Kind, Program},
    };

    #[test]
    fn the_fewest_dispatches_are_counted() {
        // The last op runs half as often.
        let lines = vec![(vec![1, 2, 3, 4, 5], vec![2, 2, 2, 2, 1]), (vec![3, 9], vec![1, 0])];
        let program = Program { name: String::new(), kind: Kind::Executed, lines, total: 10 };
        let left = |sequences: &[&[u16]]| {
            let sequences: Vec<Sequence> = sequences.iter().map(|&sequence| sequence.into()).collect();
            Cover::new(&sequences).left(&program) * 10.0
        };
        for (sequences, expected) in [
            (&[][..], 10.0),
            (&[&[2, 3][..]], 8.0),
            // 1 2 3 and 4 5 are better than 2 3 and single ops.
            (&[&[2, 3], &[1, 2, 3], &[4, 5]], 5.0),
            (&[&[3, 9]], 10.0),
            // Where as many are left, the first ops are joined: 2 2 and 1 rather than 2 2 2.
            (&[&[3, 4], &[4, 5]], 8.0),
        ] {
            assert!((left(sequences) - expected).abs() < 1e-9, "{sequences:?}: {}", left(sequences));
        }
    }
}
