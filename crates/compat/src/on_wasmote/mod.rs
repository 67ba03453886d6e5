//! The programs on Wasmote.

use wasmote as engine;

#[path = "../programs/mod.rs"]
pub mod programs;
