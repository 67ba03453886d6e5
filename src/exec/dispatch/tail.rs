//! Threaded dispatch: each handler ends in a jump to the handler of the next op, whose address is the head of that op
//! in linked code.
//!
//! The compiler makes the final call of a handler a jump because caller and callee have the same convention and pass
//! all arguments in registers. `build.rs` enables this dispatcher only where that is to be expected, `probe` checks
//! it before the first use, and `ci/handlers.sh` checks the machine code.
//!
//! ```text
//!   convention.rs  the register signature of handlers    machine.rs   how a handler continues or leaves
//!   ops.rs         the handlers of ops                   bodies.rs    the bodies of ops by name, for sequences
//!   sequence.rs    the handlers of sequences             entry.rs     stubs, linker, `run`
//!   probe.rs       checks that handlers end in jumps
//! ```

#![cfg_attr(
    vector_register,
    allow(
        improper_ctypes_definitions,
        reason = "handlers have a register of vectors as an argument, and call each other only"
    )
)]

#[macro_use]
mod convention;

#[cfg(sequences)]
mod bodies;
pub(crate) mod entry;
mod machine;
mod ops;
pub(crate) mod probe;
#[cfg(sequences)]
mod sequence;
