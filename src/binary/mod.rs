//! Bytes to a module (spec, Binary Format and Validation).
//!
//! ```text
//!   load.rs      one pass over the sections: parse, validate, hand function bodies on
//!   sections.rs  one function per section
//!   names.rs     names of functions, for backtraces
//!   stream.rs    the same while the bytes arrive
//! ```

#![forbid(unsafe_code)]

mod load;
mod names;
mod sections;
mod stream;

pub(crate) use load::{Body, Loading, load, load_whole};
pub(crate) use stream::load_stream;
