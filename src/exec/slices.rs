//! Gives code its next slice of the fuel, unless something interrupts it.

use crate::{
    error::Error,
    exec::{
        frames::{Frames, Place, Stop, Stopped},
        host::Verdict,
        invocations::Mode,
        machine::{Context, Exit, Outer},
        stack::Stack,
    },
    runtime::interruption::Cause,
    trap::TrapCode,
};

/// Begins the next slice of the fuel. Returns `None` if the code goes on, and else the exit by which the invocation ends or is
/// suspended.
///
/// # Safety
///
/// I6, I8, I9: the machine whose context this is was left because the slice was used up, by an op that has had no effect. It is
/// the innermost one of its store. Nobody else uses the store.
pub(crate) unsafe fn renew(ctx: *mut Context, stack: *mut Stack, mode: Mode) -> Option<u64> {
    // SAFETY: I8, promised by the caller; nothing of the store is borrowed while the host has it.
    unsafe {
        let instances = (*ctx).host.instances;
        (*instances).fuel.slice = (*ctx).fuel;
        if !(*instances).fuel.renew((*ctx).required) {
            (*ctx).fuel = (*instances).fuel.slice;
            return Some(Exit::OutOfFuel as u64);
        }
        let mut yields = (*instances).fuel.has_to_yield();
        match (*instances).interruption.cause() {
            None => {}
            Some(Cause::Signal) => {
                (*ctx).fuel = (*instances).fuel.slice;
                (*ctx).trap = TrapCode::Interrupt;
                return Some(Exit::Trap as u64);
            }
            Some(Cause::Deadline) => {
                let verdict = ask(ctx, stack);
                (*ctx).fuel = (*instances).fuel.slice;
                match verdict {
                    Ok(Verdict::Continue) => {}
                    Ok(Verdict::Yield) => yields = true,
                    Err(error) => {
                        (*ctx).error = Some(error);
                        return Some(Exit::Error as u64);
                    }
                }
            }
        }
        (*ctx).fuel = (*instances).fuel.slice;
        (yields && mode == Mode::Async).then_some(Exit::Yield as u64)
    }
}

/// Asks the embedder whether the code goes on. Meanwhile the code is in a call of the host, to whoever walks the frames.
///
/// # Safety
///
/// Those of `renew`.
unsafe fn ask(ctx: *mut Context, stack: *mut Stack) -> Result<Verdict, Error> {
    // SAFETY: I6, I8, I9, promised by the caller.
    unsafe {
        let &Context { instance, ip, fp, host, outer, stack_base, .. } = &*ctx;
        let stopped = Stopped { place: Place { instance, ip, fp }, stop: Stop::Op };
        let Some(func) = Frames::new(stopped, &(*stack).switches, Outer { ..outer }).advance() else {
            return Err(TrapCode::UnreachableCodeReached.into());
        };
        let module = &(*instance).code;
        let entry = &module.entries[(func.frame.func - module.data.header.imported_funcs) as usize];
        // Calls that the embedder makes begin above this frame.
        let frame = entry.frame_cells.load(core::sync::atomic::Ordering::Relaxed) as usize;
        *(*ctx).top = fp.offset_from(stack_base).cast_unsigned() + frame;
        // I9: a call returns to the byte after its last one. With this `ip`, the op that stopped looks like a call.
        (*ctx).ip = ip.wrapping_add(1);
        let verdict = (host.vtable.interrupt)(host.store);
        (*ctx).ip = ip;
        verdict
    }
}
