//! THE OP TABLE: every op of the internal instruction set, once.
//!
//! The rows are in the files of `ops/`, by kind. A row is `name: shape [forms] = semantics, relations, facts;`.
//!
//! * The *name* is the name of the Wasm operator, where there is one.
//! * The *shape* (see `shape.rs`) lists the fields in encoded order.
//! * A *form* gives the kind of each operand, result first: `r` accumulator, `s` slot, `i` immediate; `x` for ops
//!   without operands. A row lists its forms in ascending order (`r`, `s`, `i`); any form with the number of
//!   operands of the shape will do. A result written to a slot is written to the accumulator of its class as well.
//!   Classes: integers and references, f32, f64, vectors.
//! * The *semantics* is a path that resolves where the executor expands the table: a pure function of `numerics`
//!   or `exec::handlers::semantics` for ops on values, a handler body for the others.
//! * *Relations* name other rows: the one with exchanged operands (`swap`), the complement of a comparison (`not`),
//!   the branch on a comparison (`branch`), a branch that first adds a constant to its operand (`step`), a branch
//!   that also executes the `consume_fuel` at its target (`charged`), the two ops that a fused op combines
//!   (`first`, and `second` or `second_right`: the result of the first is the left or right operand of the second),
//!   and the row that does the same with memories that are not shared (`plain`).
//! * *Facts* state what neither name nor shape tells: the index space of each index (`of`; an index without one
//!   is 0), the number of consecutive slots that the field `Cells` begins (`cells`), the slot of the linkage for
//!   ops without a field for it (`link`), which operands are vectors, of two slots (`vectors`: bit 0 is the first operand),
//!   whether processors of the level x86-64-v2 have a handler of their own (`level v2`), and whether sequences may contain
//!   the op (`sequence never`) or only end with it (`sequence last`), as it takes much longer than a dispatch or would
//!   weigh on the whole handler.
//!
//! Opcodes, form selection, encoder, decoder, disassembler, linker, verifier, both dispatchers and
//! `docs/isa.md` expand this table.

#[macro_use]
mod control;
#[macro_use]
mod variable;
#[macro_use]
mod scalar;
#[macro_use]
mod fused;
#[macro_use]
mod memory;
#[macro_use]
mod table;
#[macro_use]
mod vector;
#[macro_use]
mod atomic;
#[macro_use]
mod shared;
#[macro_use]
mod exception;
#[macro_use]
mod object;

/// Expands `$consumer!` with all rows of the op table. The order of the files is the order of the opcodes. What builds for size
/// leave out comes after what they have, so that the table by which the loop-switch dispatches is short there.
macro_rules! for_each_op {
    ($consumer:ident) => {
        chain_ops! { $consumer [control_ops variable_ops memory_ops table_ops scalar_ops fused_ops vector_ops atomic_ops shared_ops shared_vector_ops exception_ops object_ops object_vector_ops] }
    };
}

/// Like `for_each_op`, with the rows that every build has. The loop-switch has arms for them, and sequences may contain them.
macro_rules! for_each_base_op {
    ($consumer:ident) => {
        chain_ops! { $consumer [control_ops variable_ops memory_ops table_ops scalar_ops fused_ops] }
    };
}

/// Like `for_each_op`, with the rows that `for_each_base_op` leaves out, which have the last opcodes.
#[cfg(any(feature = "simd", feature = "threads", feature = "exceptions", feature = "gc"))]
#[allow(unused_macros, reason = "some builds have neither the loop of the loop-switch nor the facts")]
macro_rules! for_each_special_op {
    ($consumer:ident) => {
        chain_ops! { $consumer [vector_ops atomic_ops shared_ops shared_vector_ops exception_ops object_ops object_vector_ops] }
    };
}

/// Collects the rows of the files named in brackets, one group in braces per file, and passes them to `$consumer!`.
macro_rules! chain_ops {
    ($consumer:ident [$file:ident $($files:ident)*] $($groups:tt)*) => {
        $file! { chain_ops $consumer [$($files)*] $($groups)* }
    };
    ($consumer:ident [] $({ $($rows:tt)* })*) => {
        $consumer! { $($($rows)*)* }
    };
}
