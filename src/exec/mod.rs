//! Runs code against a store.
//!
//! ```text
//!   machine.rs   the registers, operand access, what a dispatcher must offer
//!   handlers/    the bodies, one per shape or op
//!   dispatch/    the two dispatchers: loop-switch and tail calls
//!   stack.rs     value stack and frames       host.rs    the way to the embedder
//!   backtrace.rs tells which calls were under way
//!   barrier.rs   keeps the compiler from reshaping the dispatchers
//!   prepare.rs   makes a function ready at its first call
//!   invoke.rs    enters and leaves the machine, resumes it
//! ```

#![allow(unsafe_code, reason = "the machine runs on raw registers and addresses")]

pub(crate) mod backtrace;
pub(crate) mod barrier;
pub(crate) mod dispatch;
pub(crate) mod handlers;
pub(crate) mod host;
pub(crate) mod invoke;
pub(crate) mod machine;
pub(crate) mod prepare;
pub(crate) mod stack;
