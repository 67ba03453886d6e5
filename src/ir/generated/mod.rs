//! Files that a program of this repository writes. Each one names the program in its first line.

#[macro_use]
pub(crate) mod sequences;
