//! WASI: `wasmote_wasi_t`, what a program sees of this process, and `wasmote_output_t`, what it writes.

use std::ffi::c_char;

use wasmote::Error;
use wasmote_wasi::{CapturedOutput, WasiCtxBuilder, WasiError};

use crate::{
    extend::{attempt, bytes, text},
    object::Object,
    store::CStore,
    vec::{CVec, delete, into_raw, take},
};

/// `wasmote_wasi_t`
pub(crate) struct CWasi(WasiCtxBuilder);

#[unsafe(no_mangle)]
extern "C" fn wasmote_wasi_new() -> *mut CWasi {
    into_raw(CWasi(WasiCtxBuilder::new()))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_wasi_delete(wasi: *mut CWasi) {
    // SAFETY: C2.
    unsafe { delete(wasi) };
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_wasi_arg(wasi: *mut CWasi, arg: *const c_char) {
    // SAFETY: C1.
    unsafe { (*wasi).0.arg(text(arg)) };
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_wasi_env(wasi: *mut CWasi, name: *const c_char, value: *const c_char) {
    // SAFETY: C1.
    unsafe { (*wasi).0.env(text(name), text(value)) };
}

/// Defines functions that take something of this process.
macro_rules! inherit {
    ($($name:ident)*) => {
        pastey::paste! { $(
            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasmote_wasi_inherit_ $name>](wasi: *mut CWasi) {
                // SAFETY: C1.
                unsafe { (*wasi).0.[<inherit_ $name>]() };
            }
        )* }
    };
}

inherit! { args env stdin stdout stderr }

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_wasi_stdin_bytes(wasi: *mut CWasi, data: *const u8, size: usize) {
    // SAFETY: C1.
    unsafe { (*wasi).0.stdin_bytes(bytes(data, size)) };
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_wasi_capture_stdout(wasi: *mut CWasi) -> *mut CapturedOutput {
    let output = CapturedOutput::new();
    // SAFETY: C1.
    unsafe { (*wasi).0.captured_stdout(&output) };
    into_raw(output)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_wasi_capture_stderr(wasi: *mut CWasi) -> *mut CapturedOutput {
    let output = CapturedOutput::new();
    // SAFETY: C1.
    unsafe { (*wasi).0.captured_stderr(&output) };
    into_raw(output)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_output_delete(output: *mut CapturedOutput) {
    // SAFETY: C2.
    unsafe { delete(output) };
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_output_take(output: *const CapturedOutput, out: *mut CVec<u8>) {
    // SAFETY: C1.
    unsafe { out.write(CVec::new((*output).take())) };
}

/// The error of the library for one of WASI.
fn refuse(error: WasiError) -> Error {
    Error::host(error)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_wasi_preopen_dir(
    wasi: *mut CWasi,
    host_path: *const c_char,
    guest_path: *const c_char,
    read_only: bool,
) -> *mut Object {
    // SAFETY: C1.
    let (wasi, host, guest) = unsafe { (&mut (*wasi).0, text(host_path), text(guest_path)) };
    attempt(|| {
        let added = if read_only { wasi.preopened_dir_read_only(host, guest) } else { wasi.preopened_dir(host, guest) };
        added.map(|_| ()).map_err(refuse)
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_wasi_seeded_random(wasi: *mut CWasi, seed: u64) {
    // SAFETY: C1.
    unsafe { (*wasi).0.seeded_random(seed) };
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_store_set_wasi(store: *const CStore, wasi: *mut CWasi) -> *mut Object {
    // SAFETY: C1, C2.
    let (store, wasi) = unsafe { (&(&*store).0, take(wasi)) };
    attempt(|| {
        let Some(mut wasi) = wasi else { return Err(Error::new("no configuration of WASI")) };
        let context = wasi.0.build().map_err(refuse)?;
        // SAFETY: C3, C4: nothing else uses the data meanwhile.
        unsafe { store.data() }.wasi = Some(context);
        Ok(())
    })
}
