//! The internal instruction set: what the translator writes and the executor runs.
//!
//! ```text
//!   ops.rs        THE OP TABLE: one row per op: name, shape, forms, semantics, relations, facts
//!   shape.rs      one row per shape: the fields of an op in encoded order
//!   form.rs       from the letters of a form to operand types
//!   opcode.rs     Row, OpCode, form masks, computed from the table
//!   forms.rs      which forms each row has, which this build uses, their opcodes
//!   operand.rs    Slot, Acc, immediates, the encodings Compact and Linked
//!   encode.rs     rows and operands -> compact code         decode.rs   compact code -> rows and operands
//!   link.rs       compact code -> linked code               disasm.rs   compact code -> text
//!   sequences.rs  sequences of ops that share one handler   listing.rs  compact code -> list of ops
//!   cast.rs       the types that casts test for
//!   facts.rs      facts of rows, for verifier and tools     verify.rs   checks that units are valid code
//!   isa.rs        hashes of the op table, for artefacts
//!   region.rs     what regions do with exceptions
//!   isa_doc.rs    the op table -> docs/isa.md               generated/  files that a tool writes
//! ```
//!
//! Compact code is a sequence of 16-bit units, `[opcode][field]...`: position-independent plain data. Linked code
//! has the same fields in the same order, but its heads are addresses of handlers, and its branch targets and callees
//! are addresses as well.

#![allow(unsafe_code, reason = "operands are read from code by address")]

// A macro: it must precede the modules that expand it.
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

#[cfg(feature = "gc")]
pub(crate) mod cast;
#[cfg(any(tail_dispatch, debug_assertions, feature = "inspect", feature = "serialize", feature = "verify", test))]
pub(crate) mod decode;
#[cfg(any(debug_assertions, feature = "inspect", test))]
pub(crate) mod disasm;
pub(crate) mod encode;
#[cfg(any(debug_assertions, feature = "inspect", feature = "serialize", feature = "verify", test))]
pub(crate) mod facts;
pub(crate) mod form;
pub(crate) mod forms;
pub(crate) mod isa;
#[cfg(test)]
mod isa_doc;
#[cfg(tail_dispatch)]
pub(crate) mod link;
#[cfg(feature = "inspect")]
pub(crate) mod listing;
pub(crate) mod opcode;
pub(crate) mod operand;
#[cfg(any(debug_assertions, feature = "inspect", feature = "exceptions", test))]
pub(crate) mod region;
#[cfg(tail_dispatch)]
pub(crate) mod sequences;
pub(crate) mod shape;
#[cfg(any(debug_assertions, feature = "inspect", feature = "verify", test))]
pub(crate) mod verify;
