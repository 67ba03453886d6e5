//! Bytes to a module (spec, Binary Format and Validation).
//!
//! ```text
//!   load.rs      one pass over the sections: parse, validate, hand function bodies on
//!   sections.rs  one function per section
//! ```

#![forbid(unsafe_code)]

mod load;
mod sections;

pub(crate) use load::{load, validate};
