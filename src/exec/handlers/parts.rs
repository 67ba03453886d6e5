//! Bulk operators that can be interrupted: they work in parts, and check for an interruption after each part.
//!
//! No other op reads the operands of such an operator. An operator that is interrupted writes the remaining work to its operands,
//! returns the fuel for that work, and leaves the machine as if its slice of the fuel were used up. If the code continues, the
//! operator is executed again and does the remaining work.

use crate::{exec::machine::Context, runtime::meter::Meter, trap::TrapCode};

/// The bytes of a part: about 100 µs if the system has to provide their pages.
const PART: usize = 1 << 20;

/// Moves `count` elements of `size` bytes in parts, by `part`, which is told the first element and the number of elements. It
/// goes forward or backward. Returns how many were moved: all, unless the code is interrupted.
///
/// # Safety
///
/// I8: `ctx` is the context of the running machine. What `part` needs holds for all elements.
#[inline(always)]
pub(super) unsafe fn in_parts(
    ctx: *mut Context,
    count: usize,
    size: usize,
    forward: bool,
    mut part: impl FnMut(usize, usize),
) -> usize {
    // SAFETY: I8, promised by the caller; only the interruption is borrowed, which `part` does not write to.
    let interruption = unsafe { &(*(*ctx).host.instances).interruption };
    let most = (PART / size).max(1);
    if count <= most || !interruption.is_possible() {
        part(0, count);
        return count;
    }
    let mut done = 0;
    loop {
        let len = most.min(count - done);
        part(if forward { done } else { count - done - len }, len);
        done += len;
        if done == count || interruption.is_due() {
            return done;
        }
    }
}

/// Ends an operator that is interrupted with `rest` bytes left. Its operands say so already.
///
/// # Errors
///
/// Always.
///
/// # Safety
///
/// I8: `ctx` is the context of the running machine.
#[cold]
pub(super) unsafe fn leave(ctx: *mut Context, rest: u64) -> Result<(), TrapCode> {
    // SAFETY: I8, promised by the caller.
    unsafe {
        Meter::new(&mut (*ctx).fuel, (*ctx).price).refund(rest);
        (*ctx).required = 0;
    }
    Err(TrapCode::OutOfFuel)
}
