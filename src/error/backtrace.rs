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

/// The place in a function that could not be prepared.
const NO_PLACE: u32 = u32::MAX;

/// The names of the functions of a module, and what is known about places in them.
pub(crate) trait FuncNames: Send + Sync {
    /// Fills in the names of functions, which are given by their indices in increasing order.
    fn name_funcs(&self, funcs: &mut [(u32, Option<Box<str>>)]);

    /// Fills in what is known about places in the functions.
    fn locate(&self, locations: &mut [Location]);

    /// Returns the name of the module, if it has one.
    fn module_name(&self) -> Option<Box<str>>;

    /// Returns the places in sources of operators, which are given by their offsets in the module: for each of them the innermost
    /// inlined function first. The list is empty if nothing is known.
    #[cfg(feature = "addr2line")]
    fn symbols(&self, offsets: &[Option<u32>]) -> Vec<Vec<FrameSymbol>>;
}

/// A function in a source that a frame is in, and the place there. A frame has several if functions were inlined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FrameSymbol {
    pub(crate) name: Option<Box<str>>,
    pub(crate) file: Option<Box<str>>,
    pub(crate) line: Option<u32>,
    pub(crate) column: Option<u32>,
}

impl FrameSymbol {
    /// The name of the function, demangled.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The path of the file.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// The line, from 1 on.
    #[must_use]
    pub fn line(&self) -> Option<u32> {
        self.line
    }

    /// The column, from 1 on.
    #[must_use]
    pub fn column(&self) -> Option<u32> {
        self.column
    }
}

/// A place in the code of a function, and what is known about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Location {
    /// The function's index in its module.
    pub(crate) func: u32,
    /// A byte of an op, counted from the start of the function's code as it runs; none if the function could not be prepared.
    pub(crate) place: Option<u32>,
    /// A unit of the op in compact code, counted from the start of the function's code.
    pub(crate) unit: Option<u32>,
    /// The offsets in the module of the function's body and of the operator.
    pub(crate) offsets: Option<(u32, u32)>,
}

/// A call that was in progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameInfo {
    func_index: u32,
    func_name: Option<Box<str>>,
    code_offset: Option<u32>,
    /// The offsets in the module of the function's body and of the operator.
    offsets: Option<(u32, u32)>,
    module_name: Option<Box<str>>,
    #[cfg(feature = "addr2line")]
    symbols: Vec<FrameSymbol>,
}

impl FrameInfo {
    pub(crate) fn new(func_index: u32, func_name: Option<Box<str>>) -> Self {
        Self {
            func_index,
            func_name,
            code_offset: None,
            offsets: None,
            module_name: None,
            #[cfg(feature = "addr2line")]
            symbols: Vec::new(),
        }
    }

    /// Returns frames at these locations of a module.
    pub(crate) fn of(names: &dyn FuncNames, locations: &[Location]) -> Vec<Self> {
        // Each function once, however often it recurs.
        let mut named: Vec<(u32, Option<Box<str>>)> = Vec::new();
        for location in locations {
            // There is room for few frames, so that the vector need not be sorted afterwards.
            if let Err(position) = named.binary_search_by_key(&location.func, |&(func, _)| func) {
                named.insert(position, (location.func, None));
            }
        }
        names.name_funcs(&mut named);
        #[cfg(feature = "addr2line")]
        let mut symbols = {
            let offsets: Vec<_> = locations.iter().map(|location| location.offsets.map(|(_, offset)| offset)).collect();
            names.symbols(&offsets).into_iter()
        };
        let module_name = names.module_name();
        let frame = |&Location { func, unit, offsets, .. }: &Location| {
            let name = named.binary_search_by_key(&func, |&(func, _)| func).ok().and_then(|i| named[i].1.clone());
            Self {
                code_offset: unit,
                offsets,
                module_name: module_name.clone(),
                #[cfg(feature = "addr2line")]
                symbols: symbols.next().unwrap_or_default(),
                ..Self::new(func, name)
            }
        };
        locations.iter().map(frame).collect()
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

    /// The offset in the function of the operator that was executed, in bytes from the beginning of the function's body. `None` if
    /// that is not known: the module is an artefact, or its bodies were not kept, as with
    /// [`CompilationMode::Eager`](crate::CompilationMode::Eager) unless the bytes are given or lent to the library
    /// ([`Module::from_bytes`](crate::Module::from_bytes)).
    #[must_use]
    pub fn func_offset(&self) -> Option<usize> {
        self.offsets.map(|(body, offset)| offset.saturating_sub(body) as usize)
    }

    /// The offset in the module of the operator that was executed, in bytes. `None` where [`FrameInfo::func_offset`] is.
    ///
    /// Where several operators became one op of the internal code, it is that of the first one that may trap.
    #[must_use]
    pub fn module_offset(&self) -> Option<usize> {
        self.offsets.map(|(_, offset)| offset as usize)
    }

    /// The name of the module in its name section.
    #[must_use]
    pub fn module_name(&self) -> Option<&str> {
        self.module_name.as_deref()
    }

    /// The functions of the source that the frame is in, the innermost inlined one first, with their places. Needs the crate feature
    /// `addr2line`, [`Config::wasm_backtrace_details`](crate::Config::wasm_backtrace_details), and debug information (DWARF) in the
    /// custom sections of the module.
    #[must_use]
    pub fn symbols(&self) -> &[FrameSymbol] {
        #[cfg(feature = "addr2line")]
        return &self.symbols;
        #[cfg(not(feature = "addr2line"))]
        &[]
    }

    /// The place in the internal code of the function, in units of 16 bits from its beginning. A device that has neither names nor
    /// bytes of the module reports it with the index of the function;
    /// [`Module::frame_info`](crate::Module::frame_info) finds the operator elsewhere.
    #[must_use]
    pub fn code_offset(&self) -> Option<u32> {
        self.code_offset
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
    /// The places in their code as it ran; [`NO_PLACE`] if a function could not be prepared.
    places: ArrayVec<u32, MAX_FRAMES>,
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
            let calls = self.funcs[*start..end].iter().zip(&self.places[*start..end]);
            let location = |(&func, &place)| {
                let place = (place != NO_PLACE).then_some(place);
                Location { func, place, unit: None, offsets: None }
            };
            let mut locations: ArrayVec<Location, MAX_FRAMES> = calls.map(location).collect();
            names.locate(&mut locations);
            frames.extend(FrameInfo::of(&**names, &locations));
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

    /// Adds the call around the last one, for which there is room, and the place in its code.
    pub(crate) fn push(&mut self, func: u32, place: Option<u32>) {
        self.funcs.push(func);
        self.places.push(place.unwrap_or(NO_PLACE));
    }

    /// Notes that there were more calls.
    pub(crate) fn truncate(&mut self) {
        self.truncated = true;
    }
}

impl Clone for WasmBacktrace {
    fn clone(&self) -> Self {
        let (funcs, places, names) = (self.funcs.clone(), self.places.clone(), self.names.clone());
        Self { funcs, places, names, truncated: self.truncated, frames: Once::new() }
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
