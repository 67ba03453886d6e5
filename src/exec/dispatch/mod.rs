//! The two dispatchers. Both run the same handler bodies.
//!
//! * `portable`: the loop-switch, a loop around a `match` over opcodes; runs compact code on every target.
//! * `tail`: threaded dispatch, where each handler ends in a jump to the next one; runs linked code on targets whose
//!   calling convention allows that (`build.rs` decides).

pub(crate) mod portable;
pub(crate) mod stub;
#[cfg(tail_dispatch)]
pub(crate) mod tail;

use crate::exec::{dispatch::stub::Stubs, machine::Vm};

/// Returns whether this build has threaded dispatch and its handlers end in jumps, so that they take no native stack.
pub(crate) fn threads() -> bool {
    #[cfg(tail_dispatch)]
    return tail::probe::works();
    #[cfg(not(tail_dispatch))]
    false
}

/// Returns the stubs of a dispatcher.
pub(crate) fn stubs(portable: bool) -> Stubs {
    #[cfg(tail_dispatch)]
    if !portable {
        return tail::entry::stubs();
    }
    let _ = portable;
    portable::stubs()
}

/// Runs from `vm` on until the machine is left; returns the number of the [`Exit`](crate::exec::machine::Exit).
///
/// # Safety
///
/// I1 to I8 hold for `vm`; its code has the encoding of the dispatcher.
pub(crate) unsafe fn run(portable: bool, vm: Vm) -> u64 {
    #[cfg(tail_dispatch)]
    if !portable {
        // SAFETY: I1 to I8 hold, as the caller promises.
        return unsafe { tail::entry::run(vm) };
    }
    let _ = portable;
    // SAFETY: I1 to I8 hold, as the caller promises.
    unsafe { portable::run(vm) }
}
