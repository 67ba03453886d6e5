//! Sequences: ops that follow each other so often that one handler does them all.
//!
//! A sequence is no op. Its ops stand in code as ever, each with its own fields; only the head of the first one
//! becomes, when code is linked, the address of a handler that does the first op and goes on with the bodies of
//! the others instead of dispatching them. So a branch may lead into the middle, traps and calls find the
//! instruction pointer at their op, and neither the translator nor compact code knows of any of this.

use crate::ir::opcode::{OpCode, code};

/// The most ops of a sequence.
pub(crate) const MAX_OPS: usize = 3;

/// Ops by opcode; those that there are not are `NO_OP`.
pub(crate) type Ops = [u16; MAX_OPS];

const NO_OP: u16 = u16::MAX;

macro_rules! define_sequences {
    ($( $($name:ident . $form:ident)+ ; )*) => {
        /// All sequences.
        pub(crate) const SEQUENCES: &[Ops] = &[ $( ops(&[ $( code::$name::$form ),+ ]) ),* ];
    };
}
for_each_sequence!(define_sequences);

const fn ops(list: &[u16]) -> Ops {
    let mut ops = [NO_OP; MAX_OPS];
    let mut i = 0;
    while i < list.len() {
        ops[i] = list[i];
        i += 1;
    }
    ops
}

/// The number of ops of a sequence.
pub(crate) fn length(sequence: &Ops) -> usize {
    sequence.iter().position(|&op| op == NO_OP).unwrap_or(MAX_OPS)
}

/// Sequences by their first op: those of opcode `i` stand in `ORDER` from `STARTS[i]` to `STARTS[i + 1]`.
static STARTS: [u16; OpCode::COUNT + 1] = STARTS_CONST;
const STARTS_CONST: [u16; OpCode::COUNT + 1] = {
    let mut starts = [0; OpCode::COUNT + 1];
    let mut i = 0;
    while i < SEQUENCES.len() {
        starts[SEQUENCES[i][0] as usize + 1] += 1;
        i += 1;
    }
    let mut i = 0;
    while i < OpCode::COUNT {
        starts[i + 1] += starts[i];
        i += 1;
    }
    starts
};
static ORDER: [u16; SEQUENCES.len()] = {
    let mut next = STARTS_CONST;
    let mut order = [0; SEQUENCES.len()];
    let mut i = 0;
    while i < SEQUENCES.len() {
        let place = &mut next[SEQUENCES[i][0] as usize];
        order[*place as usize] = i as u16;
        *place += 1;
        i += 1;
    }
    order
};

/// The sequences that `ops`, opcodes in the order of the code, begin with: their numbers and lengths.
pub(crate) fn beginning(ops: &[u16]) -> impl Iterator<Item = (usize, usize)> {
    let first = ops.first().copied().map_or(0, usize::from);
    let range = usize::from(STARTS[first])..usize::from(STARTS[first + 1]);
    ORDER[range].iter().filter_map(move |&i| {
        let sequence = &SEQUENCES[usize::from(i)];
        let len = length(sequence);
        ops.starts_with(&sequence[..len]).then_some((usize::from(i), len))
    })
}
