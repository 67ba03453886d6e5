//! The two dispatchers. Both run the same handler bodies.
//!
//! * `portable`: a loop around a `match` over opcodes; runs compact code on every target.
//! * `tail`: each handler ends in a jump to the next one; runs linked code where the target's
//!   calling convention makes such calls jumps (`build.rs` decides).

pub(crate) mod portable;
#[cfg(tail_dispatch)]
pub(crate) mod tail;

use crate::{exec::machine::Vm, runtime::code::Link};

/// Whether threaded dispatch is in this build and its handlers end in jumps, so that they take no native stack.
pub(crate) fn threads() -> bool {
    #[cfg(tail_dispatch)]
    return tail::probe::works();
    #[cfg(not(tail_dispatch))]
    false
}

/// Code at fixed addresses that no function contains.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stubs {
    /// Leaves the machine: the return address of the outermost frame.
    pub(crate) halt: *const u8,
    /// Undoes an instance switch: the return address of a frame entered from another instance.
    pub(crate) restore: *const u8,
    /// The code of every function that was not entered yet.
    pub(crate) translate: *const u8,
    /// The handler that direct calls in linked code lead to at first; none for compact code.
    pub(crate) first_call: usize,
    /// Links a function at its first call; none where compact code runs as it is.
    pub(crate) link: Option<Link>,
}

/// The stubs of a dispatcher.
pub(crate) fn stubs(portable: bool) -> Stubs {
    #[cfg(tail_dispatch)]
    if !portable {
        return tail::stubs();
    }
    let _ = portable;
    portable::stubs()
}

/// Runs from `vm` on until the machine is left; gives the exit's number.
///
/// # Safety
///
/// I1 to I8 hold for `vm`; its code has the form of the dispatcher.
pub(crate) unsafe fn run(portable: bool, vm: Vm) -> u64 {
    #[cfg(tail_dispatch)]
    if !portable {
        // SAFETY: as promised by the caller.
        return unsafe { tail::run(vm) };
    }
    let _ = portable;
    // SAFETY: as promised by the caller.
    unsafe { portable::run(vm) }
}
