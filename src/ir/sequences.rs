//! Sequences: ops that follow each other so often that one handler executes them all.
//!
//! A sequence is not an op. The code contains its ops unchanged, each with its own fields. Only when the code is
//! linked, the head of the first op becomes the address of a handler that executes this op and then the bodies of the
//! others, without dispatching them. So branches may lead into the middle, traps and calls find the instruction
//! pointer at their op, and neither the translator nor compact code knows about sequences.

use crate::ir::opcode::OpCode;
#[cfg(sequences)]
use crate::ir::opcode::code;

/// The maximum number of ops of a sequence.
pub(crate) const MAX_OPS: usize = 3;

/// The opcodes of a sequence, filled up with `NO_OP`.
pub(crate) type Ops = [u16; MAX_OPS];

const NO_OP: u16 = u16::MAX;

macro_rules! define_sequences {
    ($( $($name:ident . $form:ident)+ ; )*) => {
        /// All sequences.
        pub(crate) const SEQUENCES: &[Ops] = &[ $( ops(&[ $( code::$name::$form ),+ ]) ),* ];
    };
}
for_each_sequence!(define_sequences);

#[cfg(sequences)]
const fn ops(list: &[u16]) -> Ops {
    let mut ops = [NO_OP; MAX_OPS];
    let mut i = 0;
    while i < list.len() {
        ops[i] = list[i];
        i += 1;
    }
    ops
}

/// Returns the number of ops of a sequence.
pub(crate) fn length(sequence: &Ops) -> usize {
    sequence.iter().position(|&op| op == NO_OP).unwrap_or(MAX_OPS)
}

/// The numbers of sequences, sorted by their ops. Those that begin with opcode `i` are at `STARTS[i]..STARTS[i + 1]`.
static ORDER: [u16; SEQUENCES.len()] = {
    let mut order = [0; SEQUENCES.len()];
    let mut i = 0;
    while i < SEQUENCES.len() {
        order[i] = i as u16;
        i += 1;
    }
    // A stable sort by each op, from the last to the first.
    let mut op = MAX_OPS;
    while op > 0 {
        op -= 1;
        order = sorted(order, op);
    }
    order
};
static STARTS: [u16; OpCode::COUNT + 1] = starts(0);

/// Returns, for each opcode, the number of sequences with a lower one at position `op`. A missing op counts as the
/// lowest.
const fn starts(op: usize) -> [u16; OpCode::COUNT + 1] {
    let mut starts = [0; OpCode::COUNT + 1];
    let mut i = 0;
    while i < SEQUENCES.len() {
        starts[SEQUENCES[i][op].wrapping_add(1) as usize] += 1;
        i += 1;
    }
    let mut i = 0;
    while i < OpCode::COUNT {
        starts[i + 1] += starts[i];
        i += 1;
    }
    starts
}

/// Sorts `order` by the ops at position `op`; the sort is stable.
const fn sorted(order: [u16; SEQUENCES.len()], op: usize) -> [u16; SEQUENCES.len()] {
    let mut next = starts(op);
    let (mut without, mut i) = (0, 0);
    let mut sorted = [0; SEQUENCES.len()];
    while i < SEQUENCES.len() {
        let place = match SEQUENCES[order[i] as usize][op] {
            NO_OP => &mut without,
            opcode => &mut next[opcode as usize],
        };
        sorted[*place as usize] = order[i];
        *place += 1;
        i += 1;
    }
    sorted
}

/// Returns the number and the length of each sequence that `ops`, opcodes in the order of the code, begin with.
pub(crate) fn beginning(ops: &[u16]) -> impl Iterator<Item = (usize, usize)> {
    let (first, second) = match *ops {
        [first, second, ..] => (usize::from(first), second),
        _ => (0, NO_OP),
    };
    let range = &ORDER[usize::from(STARTS[first])..usize::from(STARTS[first + 1])];
    let candidates = &range[range.partition_point(|&i| SEQUENCES[usize::from(i)][1] < second)..];
    let candidates = candidates.iter().map(|&i| (usize::from(i), &SEQUENCES[usize::from(i)]));
    candidates.take_while(move |(_, sequence)| sequence[1] == second).filter_map(|(i, sequence)| {
        let len = length(sequence);
        ops.starts_with(&sequence[..len]).then_some((i, len))
    })
}

#[cfg(test)]
mod tests {
    use super::{ORDER, SEQUENCES, beginning, length};
    use crate::ir::{facts::InSequence, opcode::OpCode};

    #[test]
    fn ops_stand_where_their_rows_allow_it() {
        for sequence in SEQUENCES {
            let ops = &sequence[..length(sequence)];
            for (i, &op) in ops.iter().enumerate() {
                let (row, _) = OpCode(op).row_and_form().expect("an opcode");
                let place = row.facts().sequence;
                let is_last = i + 1 == ops.len();
                assert!(place == InSequence::any || is_last && place == InSequence::last, "{}", row.name());
            }
        }
    }

    #[test]
    fn are_found_by_their_ops() {
        assert!(ORDER.windows(2).all(|pair| SEQUENCES[usize::from(pair[0])][0] <= SEQUENCES[usize::from(pair[1])][0]));
        for (i, sequence) in SEQUENCES.iter().enumerate() {
            let len = length(sequence);
            assert!(beginning(&sequence[..len]).any(|found| found == (i, len)), "{sequence:?}");
            assert!(beginning(&sequence[..len - 1]).all(|found| found != (i, len)), "{sequence:?}");
        }
    }
}
