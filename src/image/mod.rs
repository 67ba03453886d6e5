//! Artefacts: modules that were translated before, as bytes. `docs/artefact.md` describes the format.
//!
//! ```text
//!   format.rs    the header and the list of sections
//!   needs.rs     what a module needs of the engine that runs it
//!   cursor.rs    reads numbers and bytes in bounds          out.rs     writes numbers
//!   types.rs     types: both ways                       write.rs   a module -> an artefact
//!   read.rs      an artefact -> a module                exprs.rs   constant expressions: both ways
//!   check.rs     checks code that nobody vouches for    flow.rs    what each slot holds before each op
//!   classes.rs   which operands are integers
//! ```
//!
//! Reading never panics and allocates no more than the bytes could fill. What lies outside of code is always validated as
//! a module is (spec, Validation > Modules): references that are forged there, or indices out of bounds, are refused. Code
//! is only looked at by `check`.

#![deny(unsafe_code)]

#[cfg(feature = "verify")]
mod check;
#[cfg(feature = "verify")]
mod classes;
mod cursor;
mod exprs;
#[cfg(feature = "verify")]
mod flow;
mod format;
mod needs;
#[cfg(feature = "serialize")]
mod out;
mod read;
#[cfg(all(test, feature = "wat", feature = "serialize", feature = "verify"))]
mod tests;
mod types;
#[cfg(feature = "serialize")]
mod write;

pub(crate) use format::{compatibility, is_artefact};
pub(crate) use read::{Trust, read};
#[cfg(feature = "serialize")]
pub(crate) use write::write;
