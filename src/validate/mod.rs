//! Validation of function bodies (spec, Validation > Instructions): which types stand on the operand
//! stack, operator by operator.
//!
//! ```text
//!   func.rs       the function under validation: pops, pushes, labels
//!   stack.rs      operands and control frames
//!   operators.rs  what each operator takes and gives
//!   locals.rs     types of locals
//! ```
//!
//! Everything outside of bodies is validated where it is decoded, in `binary`. Bodies are validated here,
//! so that one pass over their bytes does for both validation and translation.

#![forbid(unsafe_code)]

mod func;
mod locals;
mod operators;
mod stack;

pub(crate) use func::{Validation, ValidationMemory, ref_type, val_type};
pub(crate) use locals::{LocalTypes, Places};
pub(crate) use stack::{BlockType, Entry, Frame, FrameKind};
