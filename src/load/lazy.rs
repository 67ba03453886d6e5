//! Functions that are validated and translated at their first call.

use alloc::vec::Vec;

#[cfg(heap)]
use crate::module::safepoints::Safepoints;
use crate::{
    error::{Error, kinds::TranslationError},
    load::code_buffer::make_room,
    module::{
        body::{Body, FuncCode, LazyTranslator},
        data::ModuleData,
        positions::Positions,
    },
    translate::Translator,
};

/// Validates and translates single functions of a loaded module.
pub(super) struct LazyFuncs;

impl LazyTranslator for LazyFuncs {
    fn translate(&self, data: &ModuleData, index: u32, out: &mut Vec<u16>) -> Result<FuncCode, Error> {
        let body = body(data, index);
        let start = out.len();
        make_room(out, body.bytes.len())?;
        let translated = Translator::default().functions(&data.header, out, |module| module.translate(body))?;
        Ok(translated.code(start, out.len()))
    }
}

/// The body of the function with index `index` among those the module defines.
fn body(data: &ModuleData, index: u32) -> Body<'_> {
    let range = data.body(index);
    Body { func: data.header.imported_funcs + index, start: range.start, bytes: &data.bytes[range] }
}

/// Translates a function that was translated before, and finds its safepoints.
///
/// # Errors
///
/// If the body was not kept, there is not enough memory, or too much to note.
#[cfg(heap)]
pub(super) fn find_safepoints(data: &ModuleData, index: u32, out: &mut Vec<u16>) -> Result<(usize, Safepoints), Error> {
    if data.bodies.len() <= index as usize {
        return Err(TranslationError::NotTranslated.into());
    }
    let body = body(data, index);
    make_room(out, body.bytes.len())?;
    let (translated, safepoints) =
        Translator::default().functions(&data.header, out, |module| module.safepoints(body))?;
    Ok((translated.entry, safepoints))
}

/// Translates a function that was translated before, and finds which operators its code comes from.
///
/// # Errors
///
/// If the body was not kept, or there is not enough memory.
pub(super) fn find_positions(
    data: &ModuleData,
    index: u32,
    positions: &mut Positions,
    out: &mut Vec<u16>,
) -> Result<usize, Error> {
    if data.bodies.len() <= index as usize {
        return Err(TranslationError::NotTranslated.into());
    }
    let body = body(data, index);
    make_room(out, body.bytes.len())?;
    let translated = Translator::default().functions(&data.header, out, |module| module.positions(body, positions))?;
    Ok(translated.entry)
}
