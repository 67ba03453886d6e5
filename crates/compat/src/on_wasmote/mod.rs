//! The programs on Wasmote.

use wasmote as engine;
use wasmote_wasi::compat as wasi;

#[path = "../programs/mod.rs"]
pub mod programs;
