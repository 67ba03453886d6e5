//! Links compact code: one linear, table-driven copy per function.
//!
//! The linked op has the same fields in the same order, each at its natural alignment. Its head is the address of the
//! handler; targets and callees are addresses. A branch that executes the `consume_fuel` at its target is linked to
//! the op after that.

use alloc::{boxed::Box, collections::TryReserveError, vec::Vec};
use core::{cmp::Reverse, sync::atomic::AtomicU64};

use crate::ir::{
    decode::{Decoded, compact_width, decode, target},
    opcode::{Kind, OpCode},
    sequences::{MAX_OPS, SEQUENCES, beginning},
    shape::{FUEL_UNITS, Field},
};

const WORD: usize = size_of::<usize>();

/// A word of linked code. Only callees are replaced while the code runs.
pub(crate) type Word = AtomicU64;

/// Addresses of handlers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Handlers<'a> {
    /// The handlers of ops, by opcode.
    pub(crate) ops: &'a [usize; OpCode::COUNT],
    /// The handlers of sequences, if sequences are to be used.
    pub(crate) sequences: Option<&'a [usize; SEQUENCES.len()]>,
}

/// Returns the width and the alignment in bytes of a field in linked code.
const fn linked_width(field: Field, kind: Kind) -> (usize, usize) {
    match field {
        Field::Target | Field::Callee => (WORD, WORD),
        _ => (compact_width(field, kind), 2),
    }
}

/// Returns the byte offsets of the fields and the length in bytes, without the targets of a branch table.
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

/// Returns the handlers of ops in the order of the code. For each op it is the sequence that begins there and takes
/// the fewest dispatches to the end of the code, unless the op alone takes fewer. Among equals it is the longest
/// sequence, because a branch may leave before later sequences are reached.
///
/// # Errors
///
/// If there is not enough memory.
fn heads(opcodes: &[u16], handlers: Handlers<'_>) -> Result<Vec<usize>, TryReserveError> {
    let mut heads: Vec<usize> = Vec::new();
    heads.try_reserve_exact(opcodes.len())?;
    heads.extend(opcodes.iter().map(|&op| handlers.ops[usize::from(op)]));
    let Some(sequences) = handlers.sequences else { return Ok(heads) };
    // The number of dispatches from each of the next ops to the end of the code, the nearest op first.
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
    Ok(heads)
}

/// Where the ops of a function are in linked code.
struct Places {
    /// The byte offsets of ops, by their units in compact code. Only the starts of ops are used.
    places: Vec<u32>,
    /// The opcodes in order.
    opcodes: Vec<u16>,
    /// The length of linked code in bytes.
    size: usize,
}

impl Places {
    fn of(code: &[u16], entry_unit: usize) -> Result<Self, TryReserveError> {
        let mut places: Vec<u32> = Vec::new();
        places.try_reserve_exact(code.len())?;
        places.resize(code.len(), 0);
        let mut opcodes = Vec::new();
        let (mut at, mut size) = (entry_unit, size_of::<Word>());
        while at < code.len() {
            let op = decode(code, at).expect("translated code decodes");
            places[at] = size as u32;
            opcodes.try_reserve(1)?;
            opcodes.push(code[at]);
            size += layout(&op).1 + op.targets * WORD;
            at += op.total_units();
        }
        Ok(Self { places, opcodes, size })
    }
}

/// Returns the byte offsets of ops in linked code, by their units in compact code. The other arguments are those of `link`.
///
/// # Errors
///
/// If there is not enough memory.
#[cfg(tail_dispatch)]
pub(crate) fn places(code: &[u16], entry_unit: usize) -> Result<Vec<u32>, TryReserveError> {
    Ok(Places::of(code, entry_unit)?.places)
}

/// Links `code`, the compact code of one function, from unit `entry_unit` on, where the function is entered.
/// `entry` returns the address that direct calls of a function hold at first.
///
/// Returns the linked code, which must live as long as the module, and the byte offset where the function is entered.
/// The first word is the length of the frame in cells.
///
/// # Errors
///
/// If there is not enough memory.
///
/// # Panics
///
/// If the encoder did not write `code`.
pub(crate) fn link(
    code: &[u16],
    entry_unit: usize,
    frame_cells: u32,
    handlers: Handlers<'_>,
    entry: impl Fn(u32) -> usize,
) -> Result<(Box<[Word]>, usize), TryReserveError> {
    let Places { places, opcodes, size } = Places::of(code, entry_unit)?;
    let mut out: Vec<Word> = Vec::new();
    out.try_reserve_exact(size.div_ceil(8))?;
    out.extend((0..size.div_ceil(8)).map(|_| Word::new(0)));
    let mut out = out.into_boxed_slice();
    *out[0].get_mut() = u64::from(frame_cells);
    let base = out.as_mut_ptr().cast::<u8>();
    let write = |place: usize, bytes: &[u8]| {
        assert!(place + bytes.len() <= size);
        // SAFETY: I1 is what this establishes: the range, just checked, lies in `out`, which nobody else sees yet.
        unsafe {
            core::ptr::copy_nonoverlapping(bytes.as_ptr(), base.add(place), bytes.len());
        }
    };
    let address = |unit: usize| (base as usize + places[unit] as usize).to_ne_bytes();
    let mut heads = heads(&opcodes, handlers)?.into_iter();
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
    Ok((out, size_of::<Word>()))
}

#[cfg(all(test, sequences))]
mod tests {
    use core::array;

    use super::{Handlers, heads};
    use crate::ir::{
        opcode::OpCode,
        sequences::{SEQUENCES, length},
    };

    /// Two pairs or three ops and one take two dispatches either way, but a branch may leave before the last op.
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
                assert_eq!(heads(&[a, b, c, d], handlers).unwrap()[0], OpCode::COUNT + i, "{:?}", [a, b, c, d]);
                found += 1;
            }
        }
        assert!(found > 0);
    }
}
