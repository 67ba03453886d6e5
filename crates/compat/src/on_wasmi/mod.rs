//! The programs on `wasmi`.

use wasmi as engine;
use wasmi_wasi as wasi;

#[path = "../programs/mod.rs"]
pub mod programs;
