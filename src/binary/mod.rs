//! Bytes to a module (spec, Binary Format and Validation).
//!
//! ```text
//!   load.rs         one pass over the sections: parse, validate, hand function bodies on
//!   sections.rs     one function per section
//!   types.rs        types outside of function bodies
//!   const_exprs.rs  constant expressions
//!   names.rs        names of functions, for backtraces
//!   stream.rs       the same while the bytes arrive
//! ```

#![forbid(unsafe_code)]

mod const_exprs;
mod load;
mod names;
mod sections;
mod stream;
mod types;

pub(crate) use load::{Bodies, Loading, load, load_whole};
pub(crate) use stream::load_stream;
