//! Wasm function bodies to compact code, in one linear pass together with validation.
//!
//! ```text
//!   func.rs      entry: Translator::functions(header), then one body after the other -> code
//!   parallel.rs  many bodies at once, by several threads
//!   decode.rs    the frequent operators out of bytes; the others by the parser
//!   cursor.rs    their immediates
//!   visitor.rs   one line per Wasm operator: validate, charge fuel, translate
//!   builder.rs   the function under translation: slots, operands, fuel
//!   operators.rs what single operators do to it
//!   branch.rs    blocks, branches, returns      call.rs   calls
//!   pending.rs   the staged op, and forms of operands that the table has
//!   emit.rs      ops into code, joined with the op before
//!   mirrors.rs   what the accumulators hold     enter.rs  locals that must be zero
//!   stack.rs     operands that are not in code yet     place.rs     where each of them is
//!   control.rs   control frames, labels, patches
//! ```
//!
//! An operand stays a local or a constant until an op reads it; a value op stays *staged* until
//! it is known where its result is wanted (accumulator, local, temporary) or that it is part of a
//! fused op. Each stack position has one canonical slot, so merging control flow needs no search.

pub(crate) mod branch;
pub(crate) mod builder;
pub(crate) mod call;
pub(crate) mod control;
mod cursor;
pub(crate) mod decode;
pub(crate) mod emit;
pub(crate) mod enter;
pub(crate) mod func;
pub(crate) mod mirrors;
pub(crate) mod operators;
#[cfg(feature = "parallel")]
pub(crate) mod parallel;
pub(crate) mod pending;
pub(crate) mod place;
pub(crate) mod stack;
pub(crate) mod visitor;

pub(crate) use func::Translator;
