//! The body of a function: its bytes, its code, or how to translate it.

use alloc::vec::Vec;

use crate::{error::Error, module::data::ModuleData};

/// The body of a function in the bytes of the module: locals and operators.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Body<'a> {
    /// The function's index among all functions.
    pub(crate) func: u32,
    /// Where the body begins in the module.
    pub(crate) start: usize,
    pub(crate) bytes: &'a [u8],
}

/// Compact code of one function.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FuncCode {
    /// First unit in the module's code.
    pub(crate) start: usize,
    /// One past the last unit.
    pub(crate) end: usize,
    /// Unit where it is entered, counted from `start`.
    pub(crate) entry: usize,
    /// Number of cells of its frame.
    pub(crate) frame_cells: u32,
    /// Whether a list of regions is at the end.
    pub(crate) has_regions: bool,
}

/// Translates a function whose body was not translated when the module was made.
pub(crate) trait LazyTranslator: Send + Sync {
    /// Appends the code of the function with index `index` among those the module defines.
    ///
    /// # Errors
    ///
    /// If the body is malformed or invalid.
    fn translate(&self, data: &ModuleData, index: u32, out: &mut Vec<u16>) -> Result<FuncCode, Error>;
}
