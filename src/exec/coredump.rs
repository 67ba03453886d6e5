//! Copies the frames of the calls that were under way when code trapped.

use alloc::vec::Vec;
use core::{slice, sync::atomic::Ordering};

use crate::{
    error::coredump::{CoreFrame, WasmCoreDump},
    exec::frames::{Activation, Frames},
};

/// The greatest number of frames in a core dump: the innermost ones.
const MAX_FRAMES: usize = 1024;

/// Adds the frames of a computation, innermost first. With `overflow`, the innermost one did not fit the stack: only its parameters
/// are there.
pub(crate) fn collect(dump: &mut WasmCoreDump, mut frames: Frames<'_>, overflow: bool) {
    while dump.frames.len() < MAX_FRAMES
        && let Some(activation) = frames.advance()
    {
        let Activation { frame, place, code, .. } = activation;
        // SAFETY: I6: instances live as long as their store, which the caller of `Frames::new` holds.
        let (module, instance) = unsafe { (frame.module(), (*frame.instance).index) };
        let own = frame.func - module.data.header.imported_funcs;
        let cells = match code {
            None => 0,
            Some(code) if overflow && dump.frames.is_empty() => code.link,
            // The function runs, so it is prepared.
            Some(_) => module.entries[own as usize].frame_cells.load(Ordering::Relaxed),
        };
        // SAFETY: I3: the cells of the frame were reserved before the function was entered. I8: the code does not run.
        let cells = unsafe { slice::from_raw_parts(place.fp, cells as usize) };
        let mut copy = Vec::new();
        if copy.try_reserve_exact(cells.len()).is_ok() && dump.frames.try_reserve(1).is_ok() {
            copy.extend_from_slice(cells);
            // A function has less than 4 GiB of code.
            let place = code.map(|code| (place.ip.addr() - code.start) as u32);
            dump.frames.push(CoreFrame { instance, func: frame.func, place, cells: copy.into_boxed_slice() });
        } else {
            return;
        }
    }
}
