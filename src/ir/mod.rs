//! The internal instruction set: what the translator writes and the executor runs.
//!
//! ```text
//!   ops.rs     THE OP TABLE: one row per op: name, shape, forms, semantics, relations, facts
//!   shape.rs   one row per shape: the fields of an op in encoded order
//!   opcode.rs  Row, OpCode, form masks: everything computed from the table
//!   operand.rs Slot, Acc, immediates, the Compact and the Linked encoding
//!   encode.rs  compact code out of rows and operands      decode.rs  and back
//!   link.rs    compact code -> linked code                disasm.rs  code as text
//!   facts.rs   what rows say for the verifier              listing.rs as a list
//!   verify.rs  whether units are code                      sequences.rs ops that one handler does
//! ```
//!
//! Compact code is a sequence of 16-bit units, `[opcode][field]...`: position-independent
//! plain data. Linked code has the same fields in the same order; the head is the address of
//! the handler, branch targets and callees are addresses.

#![allow(unsafe_code, reason = "operands are read from code by address")]

// The table is a macro: it has to stand before those who expand it.
#[macro_use]
pub(crate) mod ops;
#[cfg(sequences)]
#[macro_use]
pub(crate) mod generated;
/// Expands `$consumer!` with no sequence: this build has none.
#[cfg(all(tail_dispatch, not(sequences)))]
macro_rules! for_each_sequence {
    ($consumer:ident) => {
        $consumer! {}
    };
}

#[cfg(any(tail_dispatch, debug_assertions, feature = "inspect", test))]
pub(crate) mod decode;
#[cfg(any(debug_assertions, feature = "inspect", test))]
pub(crate) mod disasm;
pub(crate) mod encode;
#[cfg(any(debug_assertions, feature = "inspect", test))]
pub(crate) mod facts;
pub(crate) mod form;
#[cfg(test)]
mod isa_doc;
#[cfg(tail_dispatch)]
pub(crate) mod link;
#[cfg(feature = "inspect")]
pub(crate) mod listing;
pub(crate) mod opcode;
pub(crate) mod operand;
#[cfg(tail_dispatch)]
pub(crate) mod sequences;
pub(crate) mod shape;
#[cfg(any(debug_assertions, feature = "inspect", test))]
pub(crate) mod verify;
