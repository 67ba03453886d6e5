//! Notes the calls of Wasm functions that were under way when an error arose.

use alloc::vec::Vec;

use crate::{
    error::backtrace::{FrameInfo, WasmBacktrace},
    exec::frames::{Frame, Frames},
    module::data::FuncName,
};

/// Adds the calls that `frames` belong to, innermost first, as far as the backtrace has room.
pub(crate) fn collect(backtrace: &mut WasmBacktrace, mut frames: Frames<'_>) {
    let noted: Vec<Frame> = frames.by_ref().take(backtrace.room()).collect();
    let truncated = frames.next().is_some();
    // Names are looked up without holding the lock on a module's code.
    drop(frames);
    for frames in noted.chunk_by(|a, b| a.instance == b.instance) {
        // Each function once, however often it recurs.
        let mut names: Vec<FuncName> = Vec::new();
        for func in frames.iter().map(|frame| frame.func) {
            // There is room for few frames, so that the vector need not be sorted afterwards.
            if let Err(position) = names.binary_search_by_key(&func, |&(func, _)| func) {
                names.insert(position, (func, None));
            }
        }
        // SAFETY: I6: instances live as long as their store, which the caller of `Frames::new` holds.
        unsafe { frames[0].module() }.data.name_funcs(&mut names);
        let name = |func| names.binary_search_by_key(&func, |&(func, _)| func).ok().and_then(|i| names[i].1.clone());
        backtrace.extend(frames.iter().map(|frame| FrameInfo::new(frame.func, name(frame.func))), false);
    }
    backtrace.extend(core::iter::empty(), truncated);
}
