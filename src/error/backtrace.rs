//! The calls of Wasm functions that were in progress when an error occurred.

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
};

use arrayvec::ArrayVec;
use spin::Once;

use crate::error::names::Escaped;

/// The greatest number of calls in a backtrace: the innermost ones.
const MAX_FRAMES: usize = 64;

/// The names of the functions of a module.
pub(crate) trait FuncNames: Send + Sync {
    /// Fills in the names of functions, which are given by their indices in increasing order.
    fn name_funcs(&self, funcs: &mut [(u32, Option<Box<str>>)]);
}

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
/// Names of functions are looked up when they are asked for: until it is dropped, a backtrace keeps the modules of the
/// functions.
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
#[derive(Default)]
pub struct WasmBacktrace {
    /// Indices of the functions that were called.
    funcs: ArrayVec<u32, MAX_FRAMES>,
    /// The names of functions in successive calls, with the number of calls before these.
    names: Vec<(usize, Arc<dyn FuncNames>)>,
    truncated: bool,
    /// The calls with their names, once they were asked for.
    frames: Once<Box<[FrameInfo]>>,
}

// Its lazy part is complete or not there.
impl UnwindSafe for WasmBacktrace {}
impl RefUnwindSafe for WasmBacktrace {}

impl WasmBacktrace {
    /// The calls, innermost first.
    #[must_use]
    pub fn frames(&self) -> &[FrameInfo] {
        self.frames.call_once(|| self.named())
    }

    /// Whether there were more calls.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// Looks up the names of the functions.
    fn named(&self) -> Box<[FrameInfo]> {
        let mut frames = Vec::with_capacity(self.funcs.len());
        for (i, (start, names)) in self.names.iter().enumerate() {
            let end = self.names.get(i + 1).map_or(self.funcs.len(), |&(end, _)| end);
            let calls = &self.funcs[*start..end];
            // Each function once, however often it recurs.
            let mut named: Vec<(u32, Option<Box<str>>)> = Vec::new();
            for &func in calls {
                // There is room for few frames, so that the vector need not be sorted afterwards.
                if let Err(position) = named.binary_search_by_key(&func, |&(func, _)| func) {
                    named.insert(position, (func, None));
                }
            }
            names.name_funcs(&mut named);
            let name =
                |func| named.binary_search_by_key(&func, |&(func, _)| func).ok().and_then(|i| named[i].1.clone());
            frames.extend(calls.iter().map(|&func| FrameInfo::new(func, name(func))));
        }
        frames.into_boxed_slice()
    }

    /// Returns the number of calls for which there is room.
    pub(crate) fn room(&self) -> usize {
        self.funcs.remaining_capacity()
    }

    /// Says where the names of the functions are whose calls are added from now on.
    pub(crate) fn begin(&mut self, names: Arc<dyn FuncNames>) {
        self.names.push((self.funcs.len(), names));
        self.frames = Once::new();
    }

    /// Adds the call around the last one, for which there is room.
    pub(crate) fn push(&mut self, func: u32) {
        self.funcs.push(func);
    }

    /// Notes that there were more calls.
    pub(crate) fn truncate(&mut self) {
        self.truncated = true;
    }
}

impl Clone for WasmBacktrace {
    fn clone(&self) -> Self {
        let (funcs, names) = (self.funcs.clone(), self.names.clone());
        Self { funcs, names, truncated: self.truncated, frames: Once::new() }
    }
}

impl PartialEq for WasmBacktrace {
    fn eq(&self, other: &Self) -> bool {
        self.frames() == other.frames() && self.truncated == other.truncated
    }
}

impl Eq for WasmBacktrace {}

impl fmt::Debug for WasmBacktrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("WasmBacktrace");
        debug.field("frames", &self.frames()).field("truncated", &self.truncated).finish()
    }
}

impl fmt::Display for WasmBacktrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, frame) in self.frames().iter().enumerate() {
            writeln!(f, "{i:4}: {frame}")?;
        }
        if self.truncated {
            writeln!(f, "      and further calls")?;
        }
        Ok(())
    }
}
