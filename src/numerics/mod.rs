//! The semantics of numeric operators as pure functions (spec, Execution > Numerics).
//!
//! Each function has the name of its Wasm operator and native operand types. The executor runs the functions, and
//! whatever folds constants uses the same ones.

pub(crate) mod convert;
pub(crate) mod float;
pub(crate) mod int;
#[cfg(feature = "gc")]
pub(crate) mod reference;
#[cfg(feature = "simd")]
pub(crate) mod vector;
