//! The two dispatchers. Both run the same handler bodies.
//!
//! * `portable`: a loop around a `match` over opcodes; runs compact code on every target.
//! * `tail`: each handler ends in a jump to the next one; runs linked code where the target's
//!   calling convention makes such calls jumps (`build.rs` decides).

pub(crate) mod portable;
pub(crate) mod stub;
#[cfg(tail_dispatch)]
pub(crate) mod tail;

use crate::exec::{dispatch::stub::Stubs, machine::Vm};

/// Whether threaded dispatch is in this build and its handlers end in jumps, so that they take no native stack.
pub(crate) fn threads() -> bool {
    #[cfg(tail_dispatch)]
    return tail::probe::works();
    #[cfg(not(tail_dispatch))]
    false
}

/// The stubs of a dispatcher.
pub(crate) fn stubs(portable: bool) -> Stubs {
    #[cfg(tail_dispatch)]
    if !portable {
        return tail::entry::stubs();
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
        return unsafe { tail::entry::run(vm) };
    }
    let _ = portable;
    // SAFETY: as promised by the caller.
    unsafe { portable::run(vm) }
}
