//! The calls of Wasm functions that were in progress when an error occurred.

use alloc::{boxed::Box, vec::Vec};
use core::fmt;

use crate::error::names::Escaped;

/// The greatest number of calls in a backtrace: the innermost ones.
const MAX_FRAMES: usize = 64;

/// A call that was in progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameInfo {
    func_index: u32,
    func_name: Option<Box<str>>,
}

impl FrameInfo {
    pub(crate) fn new(func_index: u32, func_name: Option<Box<str>>) -> Self {
        Self { func_index, func_name }
    }

    /// The function's index in its module.
    #[must_use]
    pub fn func_index(&self) -> u32 {
        self.func_index
    }

    /// The function's name in the name section; without one, the name of an export.
    #[must_use]
    pub fn func_name(&self) -> Option<&str> {
        self.func_name.as_deref()
    }
}

impl fmt::Display for FrameInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.func_name {
            Some(name) => write!(f, "{} (function {})", Escaped(name), self.func_index),
            None => write!(f, "function {}", self.func_index),
        }
    }
}

/// The calls of Wasm functions that were in progress when an error occurred, innermost first.
///
/// Contains at most 64 calls. Displays as one line per call, which begins with the number of the call.
///
/// ```
/// use wasmote::{Engine, Linker, Module, Store};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let engine = Engine::default();
/// let module = Module::new(
///     &engine,
///     r#"(module (func $inner unreachable) (func $outer (export "outer") (call $inner)))"#,
/// )?;
/// let mut store = Store::new(&engine, ());
/// let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
/// let error = instance.get_typed_func::<(), ()>(&store, "outer")?.call(&mut store, ()).unwrap_err();
/// let backtrace = error.wasm_backtrace().expect("calls were in progress");
/// let names: Vec<_> = backtrace.frames().iter().map(|frame| frame.func_name()).collect();
/// assert_eq!(names, [Some("inner"), Some("outer")]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WasmBacktrace {
    frames: Vec<FrameInfo>,
    truncated: bool,
}

impl WasmBacktrace {
    /// The calls, innermost first.
    #[must_use]
    pub fn frames(&self) -> &[FrameInfo] {
        &self.frames
    }

    /// Whether there were more calls.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// Returns the number of calls for which there is room.
    pub(crate) fn room(&self) -> usize {
        MAX_FRAMES - self.frames.len()
    }

    /// Adds outer calls, for which there is room; `truncated` says that there were more calls.
    pub(crate) fn extend(&mut self, frames: impl Iterator<Item = FrameInfo>, truncated: bool) {
        self.frames.extend(frames);
        self.truncated |= truncated;
    }
}

impl fmt::Display for WasmBacktrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, frame) in self.frames.iter().enumerate() {
            writeln!(f, "{i:4}: {frame}")?;
        }
        if self.truncated {
            writeln!(f, "      and further calls")?;
        }
        Ok(())
    }
}
