//! The programs on `wasmi`.

use wasmi as engine;

#[path = "../programs/mod.rs"]
pub mod programs;
