//! The two dispatchers. Both run the same handler bodies.
//!
//! * `portable`: the loop-switch, a loop around a `match` over opcodes; runs compact code on every target.
//! * `tail`: threaded dispatch, where each handler ends in a jump to the next one; runs linked code on targets whose
//!   calling convention allows that (`build.rs` decides).

pub(crate) mod portable;
pub(crate) mod stub;
#[cfg(tail_dispatch)]
pub(crate) mod tail;

#[cfg(tail_dispatch)]
use crate::exec::machine::Context;
#[cfg(all(tail_dispatch, vector_register))]
use crate::exec::simd;
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
    if portable {
        // SAFETY: I1 to I8 hold, as the caller promises.
        unsafe { run_portable(vm.ip, vm.fp, vm.mem, vm.mem_len, vm.acc, vm.ctx, vm.f64, vm.f32) }
    } else {
        // SAFETY: I1 to I8 hold, as the caller promises.
        unsafe { tail::entry::run(vm) }
    }
    #[cfg(not(tail_dispatch))]
    {
        let _ = portable;
        // SAFETY: I1 to I8 hold, as the caller promises.
        unsafe { portable::run(vm) }
    }
}

/// Runs the loop-switch.
///
/// It takes the registers one by one: if the caller passed them by address, it would write them to memory for threaded
/// dispatch as well.
///
/// # Safety
///
/// Those of `run`.
#[cfg(tail_dispatch)]
#[inline(never)]
#[expect(clippy::too_many_arguments, reason = "one for each register")]
unsafe fn run_portable(
    ip: *const u8,
    fp: *mut u64,
    mem: *mut u8,
    mem_len: usize,
    acc: u64,
    ctx: *mut Context,
    f64: f64,
    f32: f32,
) -> u64 {
    // SAFETY: I1 to I8 hold, as the caller promises.
    unsafe {
        // Not an argument: it would be passed in memory.
        #[cfg(vector_register)]
        let vector = simd::register((*ctx).vector);
        portable::run(Vm {
            ip,
            fp,
            mem,
            mem_len,
            acc,
            ctx,
            f64,
            f32,
            #[cfg(vector_register)]
            vector,
        })
    }
}
