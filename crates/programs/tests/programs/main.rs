//! Third-party programs and their expected output.
//!
//! All are in one test binary, so that only one has to be linked. The expected output is that of another runtime, or is
//! evident.

mod avr;
mod blake3;
mod cpython;
mod flite;
mod itk;
mod javascript;
mod library;
mod packages;
mod quickjs;
mod resvg;
mod tfjs;
mod threads;
mod translation;
mod yosys;
