//! Makes a function ready at its first call: translates it if need be, and links it for tail-call
//! dispatch.

use alloc::vec::Vec;

use crate::{
    error::Error,
    errors::TranslationError,
    module::body::FuncCode,
    runtime::code::{CodeBlock, ModuleCode},
};

/// Why a function is not ready.
#[derive(Debug)]
pub(crate) enum Unprepared {
    /// Translating it takes so much fuel, and there is less.
    OutOfFuel(u64),
    /// Its body is invalid.
    Invalid(Error),
}

impl From<Error> for Unprepared {
    fn from(error: Error) -> Self {
        Self::Invalid(error)
    }
}

/// Makes function `index` (among those the module defines) ready.
///
/// Several threads may do so at once; the first result is kept.
///
/// # Errors
///
/// If the body is invalid, or `fuel` does not suffice for translating it.
#[cold]
pub(crate) fn prepare(module: &ModuleCode, index: u32, fuel: &mut u64) -> Result<(), Unprepared> {
    if let Some((code, func)) = module.eager_code(index) {
        if module.portable() {
            module.publish_eager(index);
        } else {
            link(module, index, code, func);
        }
        return Ok(());
    }
    let lazy = module.lazy().ok_or_else(|| Error::from(TranslationError::NotTranslated))?;
    let required = lazy.fuel(&module.data, index);
    let left = fuel.checked_sub(required).ok_or(Unprepared::OutOfFuel(required))?;
    let mut code = Vec::new();
    let func = lazy.translate(&module.data, index, &mut code)?;
    *fuel = left;
    if module.portable() {
        let block = CodeBlock::Compact(code.into_boxed_slice());
        module.publish(index, block, 2 * func.entry, func.frame_cells);
    } else {
        link(module, index, &code, func);
    }
    Ok(())
}

/// Links compact code and publishes it.
#[cfg(tail_dispatch)]
fn link(module: &ModuleCode, index: u32, code: &[u16], func: FuncCode) {
    let entry = |callee: u32| module.entries[callee as usize].stub() as usize;
    let handlers = crate::exec::dispatch::tail::handlers(module.data.header.fused);
    let (linked, offset) = crate::ir::link::link(code, func.entry, func.frame_cells, handlers, entry);
    module.publish(index, CodeBlock::Linked(linked), offset, func.frame_cells);
}

/// Without tail-call dispatch every engine is portable.
#[cfg(not(tail_dispatch))]
fn link(module: &ModuleCode, index: u32, code: &[u16], func: FuncCode) {
    let block = CodeBlock::Compact(code.into());
    module.publish(index, block, 2 * func.entry, func.frame_cells);
}
