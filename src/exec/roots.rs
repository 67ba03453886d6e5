//! The references that frames hold: those of the running computation, and of all that are suspended.

use alloc::sync::Arc;

use crate::{
    error::Error,
    exec::{
        frames::{Activation, Frame, Frames, Stop},
        invocations::{Invocations, Suspended},
    },
    module::safepoints::Safepoints,
    runtime::instances::Instances,
};

/// Frees what can no longer be reached. If that cannot be told, for lack of memory, frees nothing.
///
/// `stop` is what the innermost running machine, if there is one, was doing: an op that allocates, or a call of the host.
///
/// # Safety
///
/// I6, I8, I9: these are the instances and the invocations of one store. None of its code runs, and nobody else uses it.
pub(crate) unsafe fn collect(instances: &mut Instances, invocations: &Invocations, stop: Stop) {
    // SAFETY: I8, promised by the caller. I15: these are all frames.
    unsafe { instances.collect(|visit| in_frames(invocations, stop, visit)) }
}

/// Passes the references in all frames to `visit`.
///
/// # Errors
///
/// If there is not enough memory to find them.
///
/// # Safety
///
/// Those of `collect`.
unsafe fn in_frames(invocations: &Invocations, stop: Stop, visit: &mut dyn FnMut(u64)) -> Result<(), Error> {
    // SAFETY: I6, I8, I9, promised by the caller of `collect`: contexts that are in a host call, or at an op that allocates, hold
    // where they are. The frames of a suspended computation are on its stack.
    unsafe {
        if let Some(context) = invocations.innermost.as_ref() {
            in_computation(Frames::running(context, stop), visit)?;
        }
        let mut in_suspended = |suspended: &Suspended| {
            let stopped = suspended.interrupted.registers.stopped;
            in_computation(Frames::suspended(stopped, &suspended.stack.switches), visit)
        };
        for suspended in invocations.suspended() {
            in_suspended(&suspended)?;
        }
        for suspended in invocations.parked() {
            in_suspended(suspended)?;
        }
    }
    Ok(())
}

/// Passes the references in the frames of a computation to `visit`.
unsafe fn in_computation(mut frames: Frames<'_>, visit: &mut dyn FnMut(u64)) -> Result<(), Error> {
    let mut last: Option<(Frame, Option<Arc<Safepoints>>)> = None;
    while let Some(Activation { frame, place, code, .. }) = frames.advance() {
        let Some(code) = code else { continue };
        // Functions often call themselves.
        let safepoints = match last.take() {
            Some((known, safepoints)) if (known.instance, known.func) == (frame.instance, frame.func) => safepoints,
            // SAFETY: I6: the instances of frames live as long as their store.
            _ => unsafe { frame.module() }.safepoints(&code)?,
        };
        if let Some(safepoints) = &safepoints {
            let at = (place.ip as usize - code.start) as u32;
            let slots = safepoints.slots_at(at);
            debug_assert!(slots.is_some(), "func {} may not collect at byte {at}", frame.func);
            for slot in slots.into_iter().flatten() {
                // SAFETY: I3: the slot lies in the frame. I15: it holds a reference there.
                visit(unsafe { *place.fp.add(slot.into()) });
            }
        }
        last = Some((frame, safepoints));
    }
    Ok(())
}
