//! Functions that are validated and translated at their first call.

use alloc::vec::Vec;

use crate::{
    error::Error,
    load::code_buffer::make_room,
    module::{
        body::{Body, FuncCode, LazyTranslator},
        data::ModuleData,
    },
    translate::Translator,
};

/// Validates and translates single functions of a loaded module.
pub(super) struct LazyFuncs;

impl LazyTranslator for LazyFuncs {
    fn translate(&self, data: &ModuleData, index: u32, out: &mut Vec<u16>) -> Result<FuncCode, Error> {
        let header = &data.header;
        let range = data.body(index);
        let func = header.imported_funcs + index;
        let body = Body { func, start: range.start, bytes: &data.bytes[range] };
        let start = out.len();
        make_room(out, body.bytes.len())?;
        let translated = Translator::default().functions(header, out, |module| module.translate(body))?;
        Ok(translated.code(start, out.len()))
    }
}
