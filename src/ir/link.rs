//! Compact code to linked code: one linear, table-driven copy per function.
//!
//! The linked op has the same fields in the same order, each at its natural alignment; the head
//! becomes the handler's address, targets and callees become addresses. The target of a branch that does a
//! `consume_fuel` on the way becomes the op behind that.

use alloc::{boxed::Box, vec, vec::Vec};
use core::{cmp::Reverse, sync::atomic::AtomicU64};

use crate::ir::{
    decode::{Decoded, compact_width, decode, target},
    opcode::{Kind, OpCode},
    sequences::{MAX_OPS, SEQUENCES, beginning},
    shape::{FUEL_UNITS, Field},
};

const WORD: usize = size_of::<usize>();

/// A word of linked code. Callees are replaced while the code runs; nothing else changes.
pub(crate) type Word = AtomicU64;

/// Addresses of handlers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Handlers<'a> {
    /// Those of ops, by opcode.
    pub(crate) ops: &'a [usize; OpCode::COUNT],
    /// Those of sequences, if they are to be used.
    pub(crate) sequences: Option<&'a [usize; SEQUENCES.len()]>,
}

/// Width and alignment in bytes of a field in linked code.
const fn linked_width(field: Field, kind: Kind) -> (usize, usize) {
    match field {
        Field::Target | Field::Callee => (WORD, WORD),
        _ => (compact_width(field, kind), 2),
    }
}

/// Byte offsets of the fields and the length in bytes, without the targets of a branch table.
fn layout(op: &Decoded) -> ([usize; 8], usize) {
    let mut offsets = [0; 8];
    let mut at = WORD;
    for (offset, value) in offsets.iter_mut().zip(&op.values) {
        let (width, align) = linked_width(value.field, value.kind);
        at = at.next_multiple_of(align);
        *offset = at;
        at += width;
    }
    (offsets, at.next_multiple_of(WORD))
}

/// The handlers of ops in the order of the code: at each, of the sequences that begin there the one that leads
/// through the code behind with the fewest dispatches, if none is better alone. Of equal ones it is the longest:
/// where a branch leaves the line, what stands further on is not reached.
fn heads(opcodes: &[u16], handlers: Handlers<'_>) -> Vec<usize> {
    let mut heads: Vec<usize> = opcodes.iter().map(|&op| handlers.ops[usize::from(op)]).collect();
    let Some(sequences) = handlers.sequences else { return heads };
    // Dispatches from each of the next ops on to the end, the nearest first.
    let mut dispatches = [0; MAX_OPS];
    for (i, head) in heads.iter_mut().enumerate().rev() {
        let mut best = (dispatches[0], Reverse(1));
        for (sequence, len) in beginning(&opcodes[i..]) {
            let after = (dispatches[len - 1], Reverse(len));
            if after < best {
                best = after;
                *head = sequences[sequence];
            }
        }
        let (fewest, _) = best;
        dispatches.rotate_right(1);
        dispatches[0] = fewest + 1;
    }
    heads
}

/// Links `code`, one function's compact code, from unit `entry_unit` on, where the function is entered.
/// `entry` gives the address that a direct call of a local function carries at first.
///
/// The result lives as long as the module. The first word is the length of the function's frame in cells;
/// the byte offset where the function is entered is returned too.
///
/// # Panics
///
/// If `code` is not code that the encoder wrote.
pub(crate) fn link(
    code: &[u16],
    entry_unit: usize,
    frame_cells: u32,
    handlers: Handlers<'_>,
    entry: impl Fn(u32) -> usize,
) -> (Box<[Word]>, usize) {
    // First pass: where each op goes. One u32 per unit; only op starts are used.
    let mut places: Vec<u32> = vec![0; code.len()];
    let mut opcodes = Vec::new();
    let (mut at, mut size) = (entry_unit, size_of::<Word>());
    while at < code.len() {
        let op = decode(code, at).expect("translated code decodes");
        places[at] = size as u32;
        opcodes.push(code[at]);
        size += layout(&op).1 + op.targets * WORD;
        at += op.total_units();
    }
    let mut out: Box<[Word]> = (0..size.div_ceil(8)).map(|_| Word::new(0)).collect();
    *out[0].get_mut() = u64::from(frame_cells);
    let base = out.as_mut_ptr().cast::<u8>();
    let write = |place: usize, bytes: &[u8]| {
        assert!(place + bytes.len() <= size);
        // SAFETY: I1; the range was just checked to lie in `out`, which nobody else sees yet.
        unsafe {
            core::ptr::copy_nonoverlapping(bytes.as_ptr(), base.add(place), bytes.len());
        }
    };
    let address = |unit: usize| (base as usize + places[unit] as usize).to_ne_bytes();
    let mut heads = heads(&opcodes, handlers).into_iter();
    let mut at = entry_unit;
    while at < code.len() {
        let op = decode(code, at).expect("translated code decodes");
        let place = places[at] as usize;
        let (offsets, length) = layout(&op);
        write(place, &heads.next().unwrap_or_default().to_ne_bytes());
        for (value, offset) in op.values.iter().zip(offsets) {
            let place = place + offset;
            match value.field {
                Field::Target => {
                    let mut to = target(code, at, at + op.units - 2);
                    if op.row.charges() {
                        to += FUEL_UNITS;
                    }
                    write(place, &address(to));
                }
                Field::Callee => write(place, &entry(value.bits as u32).to_ne_bytes()),
                _ => {
                    let units = linked_width(value.field, value.kind).0 / 2;
                    for unit in 0..units {
                        let bits = (value.bits >> (16 * unit)) as u16;
                        write(place + 2 * unit, &bits.to_ne_bytes());
                    }
                }
            }
        }
        for i in 0..op.targets {
            let to = target(code, at, at + op.units + 2 * i);
            write(place + length + i * WORD, &address(to));
        }
        at += op.total_units();
    }
    (out, size_of::<Word>())
}

#[cfg(all(test, sequences))]
mod tests {
    use core::array;

    use super::{Handlers, heads};
    use crate::ir::{
        opcode::OpCode,
        sequences::{SEQUENCES, length},
    };

    /// Two pairs, or three ops and one: two dispatches either way. A branch may leave before the last op.
    #[test]
    fn of_sequences_that_save_as_much_the_longest_is_taken() {
        let ops = array::from_fn(|op| op);
        let sequences = array::from_fn(|sequence| OpCode::COUNT + sequence);
        let handlers = Handlers { ops: &ops, sequences: Some(&sequences) };
        let is_pair = |first, second| SEQUENCES.iter().any(|ops| length(ops) == 2 && ops[..2] == [first, second]);
        let mut found = 0;
        for (i, &[a, b, c]) in SEQUENCES.iter().enumerate().filter(|(_, ops)| length(ops) == 3) {
            let follows = SEQUENCES.iter().find(|ops| length(ops) == 2 && ops[0] == c);
            if let Some(&[_, d, _]) = follows.filter(|_| is_pair(a, b)) {
                assert_eq!(heads(&[a, b, c, d], handlers)[0], OpCode::COUNT + i, "{:?}", [a, b, c, d]);
                found += 1;
            }
        }
        assert!(found > 0);
    }
}
