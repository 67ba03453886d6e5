//! Prepares a function at its first call: translates it if it was not translated with its module, and links it if
//! the dispatcher runs linked code.

use alloc::vec::Vec;

use crate::{
    error::Error,
    error::kinds::TranslationError,
    runtime::code::{CodeBlock, ModuleCode},
};

/// Prepares function `index`, counted among the functions that the module defines.
///
/// Several threads may prepare it at once; the first result is kept. It costs no fuel: which call comes first depends on
/// other stores that share the module.
///
/// # Errors
///
/// If the body is invalid, or there is not enough memory.
#[cold]
pub(crate) fn prepare(module: &ModuleCode, index: u32) -> Result<(), Error> {
    if let Some((code, func)) = module.eager_code(index) {
        match module.link {
            Some(link) => {
                let (block, offset) = link(module, code, func)?;
                module.publish(index, block, offset, func);
            }
            None => module.publish_eager(index),
        }
        return Ok(());
    }
    let lazy = module.lazy().ok_or_else(|| Error::from(TranslationError::NotTranslated))?;
    let mut code = Vec::new();
    let func = lazy.translate(&module.data, index, &mut code)?;
    let (block, offset) = match module.link {
        Some(link) => link(module, &code, func)?,
        None => (CodeBlock::Compact(code.into_boxed_slice()), 2 * func.entry),
    };
    module.publish(index, block, offset, func);
    Ok(())
}
