//! Validation of function bodies (spec, Validation > Instructions): tracks the types on the operand stack, operator by
//! operator.
//!
//! ```text
//!   func.rs       the function under validation: pops, pushes, frames, labels
//!   stack.rs      operands and control frames
//!   operators.rs  which operands each operator pops and which results it pushes
//!   br_table.rs   the targets of `br_table`
//!   vector.rs     the same for vector operators
//!   atomic.rs     the same for atomic operators
//!   exception.rs  the same for operators of exceptions
//!   object.rs     the same for operators on structs and arrays, and casts
//!   locals.rs     locals
//! ```
//!
//! Everything outside of bodies is validated where it is decoded, in `binary`. Bodies are validated here, so that one
//! pass over their bytes both validates and translates them.

#![forbid(unsafe_code)]

#[cfg(feature = "threads")]
mod atomic;
mod br_table;
#[cfg(feature = "exceptions")]
mod exception;
mod func;
mod locals;
#[cfg(feature = "gc")]
mod object;
mod operators;
mod stack;
#[cfg(feature = "simd")]
mod vector;

pub(crate) use br_table::BrTable;
#[cfg(feature = "exceptions")]
pub(crate) use exception::EXNREF;
#[cfg(not(feature = "exceptions"))]
pub(crate) use func::NO_EXCEPTIONS;
#[cfg(not(feature = "gc"))]
pub(crate) use func::NO_OBJECTS;
#[cfg(not(feature = "simd"))]
pub(crate) use func::NO_VECTORS;
pub(crate) use func::{Validation, ValidationMemory, ref_type, val_type};
pub(crate) use locals::{LocalTypes, Places};
#[cfg(feature = "gc")]
pub(crate) use object::{Cast, difference};
pub(crate) use stack::{BlockType, Entry, Frame, FrameKind, MANY};
