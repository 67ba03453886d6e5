//! The frames of the calls that were in progress when code trapped.

use alloc::{boxed::Box, vec::Vec};
use core::fmt;

use crate::error::{
    backtrace::{FrameInfo, WasmBacktrace},
    host::HostError,
};

/// A copy of a frame at the time of the trap.
#[derive(Debug)]
pub(crate) struct CoreFrame {
    /// The number of its instance in the store.
    pub(crate) instance: u32,
    /// The function's index in its module.
    pub(crate) func: u32,
    /// The offset of a byte of the op in the function's code as it runs; `None` if the function could not be prepared.
    pub(crate) place: Option<u32>,
    /// Its first cells.
    pub(crate) cells: Box<[u64]>,
}

/// The calls that were in progress when code trapped, with their locals and operands. With the store, it can be written as a core dump
/// that debuggers read ([`WasmCoreDump::serialize`]).
///
/// Errors have it if the configuration has [`Config::coredump_on_trap`](crate::Config::coredump_on_trap) on.
///
/// ```
/// use wasmote::{Config, Engine, Linker, Module, Store, WasmCoreDump};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let engine = Engine::new(Config::default().coredump_on_trap(true));
/// let module = Module::new(&engine, r#"(module (memory 1) (func (export "run") (param i32) unreachable))"#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
/// let error = instance.get_typed_func::<i32, ()>(&store, "run")?.call(&mut store, 7).unwrap_err();
/// let dump: &WasmCoreDump = error.downcast_ref().expect("the engine makes core dumps");
/// assert_eq!(dump.frames().len(), 1);
/// let bytes = dump.serialize(&store, "app.wasm");
/// assert!(bytes.starts_with(b"\0asm"));
/// # Ok(())
/// # }
/// ```
pub struct WasmCoreDump {
    /// The store.
    pub(crate) store: usize,
    pub(crate) frames: Vec<CoreFrame>,
    pub(crate) backtrace: WasmBacktrace,
}

impl WasmCoreDump {
    /// Returns a core dump of a store, without frames.
    pub(crate) fn new(store: usize) -> Self {
        Self { store, frames: Vec::new(), backtrace: WasmBacktrace::default() }
    }

    /// The calls, innermost first: at most 64. What [`WasmCoreDump::serialize`] writes has up to 1024.
    #[must_use]
    pub fn frames(&self) -> &[FrameInfo] {
        self.backtrace.frames()
    }
}

impl fmt::Debug for WasmCoreDump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WasmCoreDump").field("backtrace", &self.backtrace).finish_non_exhaustive()
    }
}

impl fmt::Display for WasmCoreDump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "core dump of these calls:\n{}", self.backtrace)
    }
}

impl HostError for WasmCoreDump {}
