//! Wasm function bodies to compact code, in one linear pass together with validation.
//!
//! ```text
//!   func.rs         the entry: Translator::functions(header), then one body after the other -> code
//!   parallel.rs     many bodies at once, by several threads
//!   decode.rs       decodes the frequent operators
//!   rare.rs         decodes the others              unknown.rs    errors for operators that do not exist
//!   cursor.rs       the bytes of a body, and the immediates in them
//!   visitor.rs      one line per Wasm operator: validate, charge fuel, translate
//!
//!   what operators do to the function under translation:
//!   numeric.rs      operators on numbers       nan.rs        canonical NaN
//!   vector.rs       operators on vectors       memory.rs     loads and stores
//!   block.rs        blocks                     branch.rs     branches and returns
//!   call.rs         calls                      operators.rs  variables, tables, and the rest
//!   reference.rs    references that may be null            atomic.rs  atomic operators
//!   exception.rs    exceptions
//!   object.rs       structs, arrays, casts
//!   stage.rs        staging value ops          settle.rs     moving operands to their slots
//!   safepoint.rs    where objects may be collected
//!
//!   builder.rs      the function under translation, put together from
//!     stack.rs      ├ its operands and control frames
//!     slots.rs      │ └ the slots of its frame
//!     fuel.rs       ├ the fuel of the current stretch of code
//!     pending.rs    ├ the value op that is staged
//!     emitter.rs    ├ its code: ops, each joined with the op before where the table has one op for both
//!     mirrors.rs    │ └ which slots the accumulators hold copies of
//!     enter.rs      ├ the locals that must be zero at its entry
//!     labels.rs     ├ its branches
//!     regions.rs    ├ who catches exceptions in it
//!     recording.rs  ├ its safepoints, if a collection asks for them
//!     positions.rs  ├ the operators that its code comes from, if a backtrace asks for them
//!     sites.rs      └ where its values are at one of them, if a core dump asks for it
//!
//!   place.rs        where the value of a stack entry is
//!   control.rs      labels and the branches to them
//!   condition.rs    what a branch tests
//!   forms.rs        which forms a row has for operands
//! ```
//!
//! An operand stays a local or a constant until an op reads it. A value op stays *staged* until it is known where its
//! result is wanted (in the accumulator, a local, or a temporary), or that it becomes part of a fused op. Each stack
//! position has one canonical slot, so merging control flow needs no search.

#[cfg(feature = "threads")]
mod atomic;
#[cfg(feature = "threads")]
mod atomic_operators;
pub(crate) mod block;
pub(crate) mod branch;
pub(crate) mod builder;
pub(crate) mod call;
pub(crate) mod condition;
pub(crate) mod control;
mod cursor;
pub(crate) mod decode;
pub(crate) mod emitter;
pub(crate) mod enter;
#[cfg(feature = "exceptions")]
mod exception;
pub(crate) mod forms;
pub(crate) mod fuel;
pub(crate) mod func;
pub(crate) mod labels;
pub(crate) mod memory;
pub(crate) mod mirrors;
pub(crate) mod nan;
mod numeric;
#[cfg(feature = "gc")]
mod object;
pub(crate) mod operators;
#[cfg(feature = "parallel")]
pub(crate) mod parallel;
pub(crate) mod pending;
pub(crate) mod place;
mod positions;
mod rare;
#[cfg(heap)]
pub(crate) mod recording;
pub(crate) mod reference;
#[cfg(feature = "exceptions")]
pub(crate) mod regions;
#[cfg(heap)]
pub(crate) mod safepoint;
pub(crate) mod settle;
#[cfg(feature = "coredump")]
mod sites;
pub(crate) mod slots;
pub(crate) mod stack;
pub(crate) mod stage;
mod unknown;
#[cfg(feature = "simd")]
mod vector;
#[cfg(feature = "simd")]
mod vector_operators;
pub(crate) mod visitor;

pub(crate) use func::Translator;
