//! Programs written for `wasmi` and `wasmi_wasi`, compiled twice: against these and against Wasmote.
//!
//! The source is the same. The two modules that include it differ in the lines that an embedder changes:
//! `use wasmi as engine;` and `use wasmote as engine;`, and likewise for WASI. `tests/same.rs` compares the reports of the programs.

#![allow(clippy::duplicate_mod, reason = "compiling the programs twice is the purpose")]

pub mod on_wasmi;
pub mod on_wasmote;
