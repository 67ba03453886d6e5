//! Tail-call dispatch: each handler ends in a jump to the handler of the next op, whose address
//! stands at the head of that op in linked code.
//!
//! The compiler makes the final call of a handler a jump because caller and callee have the same
//! convention and all arguments travel in registers. `build.rs` enables this only where that is to be
//! expected, `probe` finds out whether it holds before it is used first, and `ci/handlers.sh` checks the
//! machine code.

#[macro_use]
mod convention;

mod bodies;
pub(crate) mod entry;
mod machine;
mod ops;
pub(crate) mod probe;
#[cfg(sequences)]
mod sequence;
