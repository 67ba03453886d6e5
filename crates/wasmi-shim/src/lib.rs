//! Wasmote under the name of `wasmi`, with the features and the defaults of `wasmi` 2.0.
//!
//! A program that depends on `wasmi`, or on a crate that does, runs on Wasmote if its manifest replaces the one by the other:
//!
//! ```toml
//! [patch.crates-io]
//! wasmi = { path = "…/crates/wasmi-shim" }
//! ```
//!
//! Everything is re-exported. What differs is in `docs/guide/src/from-wasmi.md` of the repository.

#![no_std]

pub use wasmote::*;
