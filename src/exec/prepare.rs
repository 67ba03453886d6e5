//! Prepares a function at its first call: translates it if it was not translated with its module, and links it if
//! the dispatcher runs linked code.

use alloc::vec::Vec;

use crate::{
    error::Error,
    error::kinds::TranslationError,
    runtime::code::{CodeBlock, ModuleCode},
};

/// Why a function could not be prepared.
#[derive(Debug)]
pub(crate) enum Unprepared {
    /// Translating it takes this much fuel, and less is left.
    OutOfFuel(u64),
    /// Its body is invalid.
    Invalid(Error),
}

impl From<Error> for Unprepared {
    fn from(error: Error) -> Self {
        Self::Invalid(error)
    }
}

/// Prepares function `index`, counted among the functions that the module defines.
///
/// Several threads may prepare it at once; the first result is kept.
///
/// # Errors
///
/// If the body is invalid, or `fuel` does not suffice for translating it.
#[cold]
pub(crate) fn prepare(module: &ModuleCode, index: u32, fuel: &mut u64) -> Result<(), Unprepared> {
    if let Some((code, func)) = module.eager_code(index) {
        match module.link {
            Some(link) => {
                let (block, offset) = link(module, code, func);
                module.publish(index, block, offset, func.frame_cells);
            }
            None => module.publish_eager(index),
        }
        return Ok(());
    }
    let lazy = module.lazy().ok_or_else(|| Error::from(TranslationError::NotTranslated))?;
    let required = lazy.fuel(&module.data, index);
    let left = fuel.checked_sub(required).ok_or(Unprepared::OutOfFuel(required))?;
    let mut code = Vec::new();
    let func = lazy.translate(&module.data, index, &mut code)?;
    *fuel = left;
    let (block, offset) = match module.link {
        Some(link) => link(module, &code, func),
        None => (CodeBlock::Compact(code.into_boxed_slice()), 2 * func.entry),
    };
    module.publish(index, block, offset, func.frame_cells);
    Ok(())
}
