//! Random numbers and random modules, for the tests and the fuzz targets. Both are the same everywhere for the same seed.

pub mod expressions;
pub mod objects;
pub mod programs;
mod random;
mod vectors;

pub use crate::random::Random;
