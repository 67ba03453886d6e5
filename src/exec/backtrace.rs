//! Notes the calls of Wasm functions that were under way when an error arose.

use alloc::sync::Arc;
use core::ptr;

use crate::{error::backtrace::WasmBacktrace, exec::frames::Frames, runtime::code::ModuleCode};

/// Adds the calls that `frames` belong to, innermost first, as far as the backtrace has room.
pub(crate) fn collect(backtrace: &mut WasmBacktrace, mut frames: Frames<'_>) {
    let mut module: *const ModuleCode = ptr::null();
    for frame in frames.by_ref().take(backtrace.room()) {
        // SAFETY: I6: instances live as long as their store, which the caller of `Frames::new` holds.
        let code = unsafe { frame.module() };
        if Arc::as_ptr(code) != module {
            module = Arc::as_ptr(code);
            backtrace.begin(code.clone());
        }
        backtrace.push(frame.func);
    }
    if frames.next().is_some() {
        backtrace.truncate();
    }
}
