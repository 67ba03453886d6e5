//! Handler bodies: one generic body per shape of value op, one body per op for the others.
//!
//! `shapes` gives the dispatchers a function for each shape in each form; the op table supplies
//! the semantics. Bodies end in a call of their machine and know neither loop nor tail call.

pub(crate) mod access;
pub(crate) mod call;
pub(crate) mod control;
pub(crate) mod memory;
pub(crate) mod shapes;
pub(crate) mod table;
pub(crate) mod variable;
