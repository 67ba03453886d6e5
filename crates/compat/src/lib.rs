//! Programs written for `wasmi`, compiled twice: against `wasmi` and against Wasmote.
//!
//! The source is the same. The two modules that include it differ in the one line that an embedder changes:
//! `use wasmi as engine;` and `use wasmote as engine;`. `tests/same.rs` compares the reports of the programs.

#![allow(clippy::duplicate_mod, reason = "compiling the programs twice is the purpose")]

pub mod on_wasmi;
pub mod on_wasmote;
