//! Bytes to a module (spec, Binary Format and Validation).
//!
//! ```text
//!   load.rs         one pass over the sections: parse, validate
//!   sections.rs     one function per section
//!   code.rs         the code section, whose bodies are handed on
//!   types.rs        types outside of function bodies
//!   const_exprs.rs  constant expressions
//!   names.rs        names of functions, for backtraces
//!   stream.rs       the same while the bytes arrive
//! ```

#![forbid(unsafe_code)]

mod code;
mod const_exprs;
mod load;
mod names;
mod sections;
mod stream;
mod types;

pub(crate) use code::Bodies;
pub(crate) use load::{Loading, load, load_whole};
pub(crate) use stream::load_stream;
