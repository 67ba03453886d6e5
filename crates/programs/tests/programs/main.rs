//! Third-party programs and their expected output.
//!
//! All are in one test binary, so that only one has to be linked. The expected output is that of another runtime, or is
//! evident.

mod avr;
mod cpython;
mod flite;
mod javascript;
mod packages;
mod quickjs;
mod resvg;
mod translation;
