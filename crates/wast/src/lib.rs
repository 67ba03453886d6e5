//! Runs spec scripts (`.wast`) and reports on each of their directives.
//!
//! The format is that of the [reference interpreter], with the threads of the [threads proposal]. A directive
//! passes or fails; one that needs a feature that the engine lacks fails with a message that names the feature.
//! Only directives after a panic of the engine are skipped.
//!
//! A thread of a script runs in a thread and a store of its own. Stores share memories of the kind `shared`; a script
//! that shares anything else fails.
//!
//! ```
//! use wasmote_wast::Runner;
//!
//! let script = r#"
//!     (module (func (export "add") (param i32 i32) (result i32)
//!         (i32.add (local.get 0) (local.get 1))))
//!     (assert_return (invoke "add" (i32.const 40) (i32.const 2)) (i32.const 42))
//! "#;
//! let report = Runner::new(&wasmote::Config::default()).run(script);
//! assert_eq!((report.total().passed, report.total().failed), (2, 0));
//! ```
//!
//! [reference interpreter]: https://github.com/WebAssembly/spec/tree/main/interpreter#scripts
//! [threads proposal]: https://github.com/WebAssembly/threads

mod custom;
mod funcs;
mod legacy;
mod pattern;
mod report;
mod runner;
mod show;
mod spectest;
mod state;
mod value;
mod wording;

pub use crate::{
    report::{Failure, Tally, WastReport},
    runner::Runner,
};
