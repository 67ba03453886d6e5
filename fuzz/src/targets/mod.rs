//! The targets. Each has a function `run`, which panics if something is wrong with the input, and a function `input`,
//! which makes an input of random numbers.

pub mod api;
pub mod artefact;
pub mod differential;
pub mod execute;
pub mod modes;
pub mod text;
pub mod validate;
pub mod wasi;

use wasmote_generate::Random;

/// A target.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The name.
    pub name: &'static str,
    /// What it asserts.
    pub about: &'static str,
    /// The counts that a run must have, or it has tested nothing.
    pub counts: &'static [&'static str],
    /// Runs an input.
    ///
    /// # Panics
    ///
    /// If something is wrong.
    pub run: fn(&[u8]),
    /// Makes an input.
    pub input: fn(&mut Random) -> Vec<u8>,
}

macro_rules! targets {
    ($($name:ident: $about:literal [$($count:literal)*];)*) => {
        /// All targets.
        pub const TARGETS: &[Target] =
            &[$( Target {
                name: stringify!($name),
                about: $about,
                counts: &[$( $count ),*],
                run: $name::run,
                input: $name::input,
            }, )*];
    };
}

targets! {
    validate: "accepts and refuses the same modules as the validator of wasmparser"
        ["valid" "invalid in a function" "invalid elsewhere"];
    execute: "runs modules without panics, within limits on fuel, memories, tables and the heap"
        ["modules" "calls that return" "calls that trap" "calls out of fuel"];
    differential: "computes what wasmtime and wasmi compute"
        ["calls that return" "calls that trap" "calls that throw" "host calls" "with vectors" "with relaxed vectors"
            "with objects" "with exceptions"];
    modes: "behaves the same in every mode, with every dispatcher, and however the bytes arrive"
        ["runs" "runs out of fuel" "runs with refills"];
    api: "keeps to the contract of the API under any sequence of calls"
        ["calls that return" "calls that fail" "suspended calls" "resumed calls" "foreign handles" "references refused"];
    wasi: "survives hostile calls of WASI, and keeps what is outside of the sandbox unchanged"
        ["calls that succeed" "calls that fail"];
    artefact: "refuses artefacts that could do harm, and runs the others within limits"
        ["accepted" "refused" "calls that return" "calls that trap"];
    text: "survives texts of modules and scripts"
        ["modules" "texts with an error" "directives that pass" "directives that fail"];
}
