//! Runs code against a store.
//!
//! ```text
//!   machine.rs   the registers, operand access, what a dispatcher must offer
//!   handlers/    the bodies, one per shape or op
//!   dispatch/    the two dispatchers: loop-switch and tail calls
//!   stack.rs     value stack and frames       host.rs    the way to the embedder
//!   prepare.rs   translates and links a function at its first call
//!   frames.rs    iterates over the frames of a computation
//!   backtrace.rs notes the calls under way when an error arose
//!   coredump.rs  copies their frames, if a core dump is asked for
//!   invocations.rs  the invocations of a store: how deeply nested, which are suspended
//!   packed.rs    stacks of suspended invocations that are no larger than their frames
//!   invoke.rs    enters and leaves the machine, resumes it
//!   simd/        vectors in machine registers, vector operators by the target's instructions
//!   heap.rs      allocates objects for running code    roots.rs   the references that frames hold
//!   unwind.rs    finds who catches an exception
//!   barrier.rs   keeps the compiler from reshaping the dispatchers
//! ```

#![allow(unsafe_code, reason = "the machine runs on raw registers and addresses")]

pub(crate) mod backtrace;
pub(crate) mod barrier;
#[cfg(feature = "coredump")]
pub(crate) mod coredump;
pub(crate) mod dispatch;
pub(crate) mod frames;
pub(crate) mod handlers;
#[cfg(heap)]
pub(crate) mod heap;
pub(crate) mod host;
pub(crate) mod invocations;
pub(crate) mod invoke;
pub(crate) mod machine;
pub(crate) mod packed;
pub(crate) mod prepare;
#[cfg(heap)]
pub(crate) mod roots;
#[cfg(feature = "simd")]
pub(crate) mod simd;
pub(crate) mod slices;
pub(crate) mod stack;
#[cfg(feature = "exceptions")]
pub(crate) mod unwind;
