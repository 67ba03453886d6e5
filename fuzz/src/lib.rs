//! Fuzz targets of Wasmote.
//!
//! Each target is a function of bytes that panics if something is wrong. libFuzzer calls it through `fuzz_targets/`;
//! the program `wasmote-fuzz` calls it with inputs that it makes of seeds, on a stable compiler, so that a finding is a
//! number to repeat. `docs/fuzzing.md` says how to run either.

mod engines;
mod inputs;
mod machine;
mod mutate;
pub mod seeds;
mod smith;
pub mod tally;
pub mod targets;
