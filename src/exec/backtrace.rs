//! Notes the calls of Wasm functions that were under way when an error arose.

use alloc::sync::Arc;
use core::ptr;

use crate::{
    error::backtrace::WasmBacktrace,
    exec::{
        frames::{Frames, Stop},
        invocations::Invocations,
    },
    runtime::code::ModuleCode,
};

/// Adds the calls that `frames` belong to, innermost first, as far as the backtrace has room.
pub(crate) fn collect(backtrace: &mut WasmBacktrace, mut frames: Frames<'_>) {
    let mut module: *const ModuleCode = ptr::null();
    for _ in 0..backtrace.room() {
        let Some(activation) = frames.advance() else { return };
        let frame = activation.frame;
        // SAFETY: I6: instances live as long as their store, which the caller of `Frames::new` holds.
        let code = unsafe { frame.module() };
        if Arc::as_ptr(code) != module {
            module = Arc::as_ptr(code);
            backtrace.begin(code.clone());
        }
        // A function has less than 4 GiB of code.
        let place = activation.code.map(|code| (activation.place.ip.addr() - code.start) as u32);
        backtrace.push(frame.func, place);
    }
    if frames.advance().is_some() {
        backtrace.truncate();
    }
}

/// Adds the calls that are under way in a store, innermost first: those that led to the running host function, and those that wait for
/// it.
///
/// # Safety
///
/// I6, I8, I9: these are the invocations of a store. None of its code runs, and nobody else uses it.
pub(crate) unsafe fn collect_running(backtrace: &mut WasmBacktrace, invocations: &Invocations) {
    // SAFETY: I6, I8, I9, promised by the caller: contexts in a host call hold where they are, and the frames of what is suspended
    // are on its stack.
    unsafe {
        if let Some(context) = invocations.innermost.as_ref() {
            collect(backtrace, Frames::running(context, Stop::Call));
        }
        for suspended in invocations.parked() {
            let stopped = suspended.interrupted.registers.stopped;
            collect(backtrace, Frames::suspended(stopped, &suspended.stack.switches));
        }
    }
}
