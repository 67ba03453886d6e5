//! Functions that are validated and translated at their first call.

use alloc::vec::Vec;

use crate::{
    error::Error,
    load::code_buffer::make_room,
    module::{
        body::{Body, FuncCode, LazyTranslator},
        data::ModuleData,
    },
    translate::{ModuleTranslator, Translated, Translator},
};
#[cfg(heap)]
use crate::{error::kinds::TranslationError, module::safepoints::Safepoints};

/// Validates and translates single functions of a loaded module.
pub(super) struct LazyFuncs;

impl LazyTranslator for LazyFuncs {
    fn translate(&self, data: &ModuleData, index: u32, out: &mut Vec<u16>) -> Result<FuncCode, Error> {
        translate(data, index, out, |module, body| module.translate(body), |&translated| translated)
            .map(|(code, _)| code)
    }
}

/// Translates a function that was translated before, and finds its safepoints.
///
/// # Errors
///
/// If there is not enough memory, or too much to note.
#[cfg(heap)]
pub(super) fn find_safepoints(data: &ModuleData, index: u32, out: &mut Vec<u16>) -> Result<(usize, Safepoints), Error> {
    if data.bodies.len() <= index as usize {
        return Err(TranslationError::NotTranslated.into());
    }
    let (code, (_, safepoints)) =
        translate(data, index, out, |module, body| module.safepoints(body), |&(translated, _)| translated)?;
    Ok((code.entry, safepoints))
}

/// Appends the code of a function to `out`, as `run` translates it. Returns the code and what `run` returned.
fn translate<R>(
    data: &ModuleData,
    index: u32,
    out: &mut Vec<u16>,
    run: impl FnOnce(&mut ModuleTranslator<'_>, Body<'_>) -> Result<R, Error>,
    translated: fn(&R) -> Translated,
) -> Result<(FuncCode, R), Error> {
    let header = &data.header;
    let range = data.body(index);
    let func = header.imported_funcs + index;
    let body = Body { func, start: range.start, bytes: &data.bytes[range] };
    let start = out.len();
    make_room(out, body.bytes.len())?;
    let result = Translator::default().functions(header, out, |module| run(module, body))?;
    Ok((translated(&result).code(start, out.len()), result))
}
