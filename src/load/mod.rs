//! Loading: reads a module from its source, and decides what becomes of its function bodies.
//!
//! ```text
//!   loader.rs       the way of the bytes: source -> binary -> bodies -> translate
//!   stream.rs       the bytes of a module that arrives in parts
//!   read.rs         where such bytes come from
//!   code_buffer.rs  memory for the code of functions
//!   lazy.rs         functions that are translated at their first call
//! ```
//!
//! `binary` decodes the sections and returns function bodies in the order of the module. The loader passes them to
//! `translate`, which validates and translates them, as the compilation mode says. The result is the data of the
//! module, with either its code or the translator that will make it.

#![forbid(unsafe_code)]

mod code_buffer;
mod lazy;
mod loader;
pub(crate) mod read;
mod stream;
#[cfg(all(test, feature = "wat"))]
mod tests;

pub(crate) use loader::{Loader, Source, validate};
