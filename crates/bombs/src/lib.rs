//! Modules made to be expensive, and allocators that count what loading them takes.
//!
//! The tests of the library and the benchmark against other engines use the same ones.

pub mod bytes;
pub mod heap;
mod modules;

pub use crate::modules::{BOMBS, Bomb};
