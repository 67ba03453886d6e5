//! Runs spec scripts (`.wast`): the text of a script goes in, a report on each of its directives
//! comes out.
//!
//! The format is the one of the [reference interpreter]. Every directive either passes or fails;
//! what this engine does not have (threads, exceptions, vectors) fails with a message that says
//! so, never silently. Skipped are directives that say nothing about an engine that ignores
//! custom sections, and those behind a directive after which a script cannot go on.
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

mod pattern;
mod report;
mod runner;
mod spectest;
mod wording;

pub use crate::{
    report::{Failure, Tally, WastReport},
    runner::Runner,
};
