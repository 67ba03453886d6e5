//! The process and its thread.

use wasmote::Error;

use crate::{
    ctx::WasiCtx,
    errno::{Errno, Result},
};

/// The number of signals, including 0, which is not a signal.
const SIGNALS: u32 = 31;
/// Signals that do nothing without a handler: none, child, continue, urgent, window.
const IGNORED: [u32; 5] = [0, 16, 17, 22, 27];

/// Ends the program.
pub(crate) fn proc_exit(code: u32) -> Error {
    Error::i32_exit(code.cast_signed())
}

/// Sends the program a signal. There are no handlers: the program ends with the status that shells use, or nothing
/// happens.
pub(crate) fn proc_raise(signal: u32) -> Result<Result<()>, Error> {
    if signal >= SIGNALS {
        return Ok(Err(Errno::Invalid));
    }
    if IGNORED.contains(&signal) {
        return Ok(Ok(()));
    }
    Err(Error::i32_exit(128 + signal.cast_signed()))
}

#[expect(clippy::unnecessary_wraps, reason = "all functions have the same type")]
pub(crate) fn sched_yield(_ctx: &mut WasiCtx) -> Result<()> {
    std::thread::yield_now();
    Ok(())
}
