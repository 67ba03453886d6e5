//! Exceptions for errors of the library.

use std::fmt;

use pyo3::{
    exceptions::PyException,
    prelude::{PyAnyMethods, PyErr, Python},
};
use wasmote::{Error, errors::HostError};

pyo3::create_exception!(wasmote, WasmoteError, PyException, "Something failed.");
pyo3::create_exception!(
    wasmote,
    Trap,
    WasmoteError,
    "Code trapped; `code` is the number of the trap, and `frames` the calls."
);
pyo3::create_exception!(wasmote, ExitTrap, WasmoteError, "A program has ended itself; `code` is its status.");

/// The exception of a function of the host, on its way through Wasm.
#[derive(Debug)]
pub(crate) struct Raised(pub(crate) PyErr);

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl HostError for Raised {}

/// Returns the exception for an error.
pub(crate) fn to_python(error: Error) -> PyErr {
    Python::attach(|py| {
        if let Some(Raised(raised)) = error.downcast_ref::<Raised>() {
            return raised.clone_ref(py);
        }
        let message = error.to_string();
        if let Some(status) = error.i32_exit_status() {
            let exception = ExitTrap::new_err(message);
            let _ = exception.value(py).setattr("code", status);
            return exception;
        }
        let Some(code) = error.as_trap_code() else { return WasmoteError::new_err(message) };
        let frames: Vec<(u32, Option<String>)> = error.wasm_backtrace().map_or_else(Vec::new, |backtrace| {
            backtrace.frames().iter().map(|frame| (frame.func_index(), frame.func_name().map(Into::into))).collect()
        });
        let exception = Trap::new_err(message);
        let value = exception.value(py);
        let _ = value.setattr("code", u8::from(code));
        let _ = value.setattr("frames", frames);
        exception
    })
}

/// Returns the exception for an error of another kind.
pub(crate) fn refuse(message: impl fmt::Display) -> PyErr {
    WasmoteError::new_err(message.to_string())
}
