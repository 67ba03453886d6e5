//! Handler bodies: one generic body per shape of value op, one body per op for the others.
//!
//! ```text
//!   shapes.rs     one function per shape: what the dispatchers call for each row and form
//!   value.rs      shapes that compute a value        semantics.rs  functions of rows that no Wasm operator has
//!   branch.rs     conditional branches               control.rs    other branches, traps, fuel
//!   access.rs     loads and stores                   memory.rs     other memory ops
//!   variable.rs   copies, constants, globals         table.rs      table ops
//!   call.rs       calls and returns                  vector.rs     shapes with lanes
//!   shared.rs     ops on shared memories             atomic.rs     atomic ops
//!   exception.rs  ops that throw                       parts.rs      bulk operators that may be interrupted
//!   object.rs     fields, elements, casts            aggregate.rs  ops on many fields or elements
//! ```
//!
//! The op table supplies the semantics. Bodies end in a call of their machine and know neither loop nor tail call.

pub(crate) mod access;
#[cfg(feature = "gc")]
mod aggregate;
#[cfg(feature = "threads")]
pub(crate) mod atomic;
pub(crate) mod branch;
pub(crate) mod call;
pub(crate) mod control;
#[cfg(feature = "exceptions")]
pub(crate) mod exception;
pub(crate) mod memory;
#[cfg(feature = "gc")]
pub(crate) mod object;
mod parts;
pub(crate) mod semantics;
pub(crate) mod shapes;
#[cfg(feature = "threads")]
pub(crate) mod shared;
pub(crate) mod table;
pub(crate) mod value;
pub(crate) mod variable;
#[cfg(feature = "simd")]
pub(crate) mod vector;

/// What the semantics of the rows in the op table name.
pub(crate) mod scope {
    #[cfg(feature = "exceptions")]
    pub(crate) use crate::exec::handlers::exception;
    #[cfg(feature = "threads")]
    pub(crate) use crate::exec::handlers::{atomic, shared};
    #[cfg(feature = "gc")]
    pub(crate) use crate::{exec::handlers::object, numerics::reference};
    #[allow(unused_imports, reason = "each dispatcher needs some of these")]
    pub(crate) use crate::{
        exec::handlers::{access, call, control, memory, semantics, shapes, table, variable},
        ir::form,
        numerics::{convert, float, int},
    };
    #[cfg(feature = "simd")]
    pub(crate) use crate::{exec::simd::baseline as vector, numerics::vector::Vector};
}
