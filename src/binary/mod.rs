//! Decodes and validates modules, except for their function bodies (spec, Binary Format and Validation).
//!
//! ```text
//!   decoder.rs      one pass over the sections: parse, validate
//!   window.rs       the bytes that have arrived
//!   code.rs         the code section: an iterator over function bodies
//!   sections.rs     one function per other section
//!   types.rs        types outside of function bodies
//!   const_exprs.rs  constant expressions              const_objects.rs  their operators on objects
//!   names.rs        names of functions, for backtraces
//!   invalid.rs      errors
//! ```

#![forbid(unsafe_code)]

mod code;
mod const_exprs;
#[cfg(feature = "gc")]
mod const_objects;
mod decoder;
mod invalid;
mod names;
mod sections;
mod types;
mod window;

pub(crate) use code::Bodies;
pub(crate) use decoder::{Decoder, Decoding, Step};
pub(crate) use window::Window;
