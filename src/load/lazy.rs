//! Functions that are validated and translated at their first call.

use alloc::vec::Vec;

use crate::{
    config::{CompilationMode, Config},
    error::Error,
    module::{
        body::{Body, FuncCode, LazyTranslator},
        data::ModuleData,
    },
    translate::Translator,
};

/// Validates and translates single functions of a loaded module.
pub(super) struct LazyFuncs {
    /// Fuel for each byte of a body; 0 if fuel is not metered.
    fuel_per_byte: u64,
}

impl LazyFuncs {
    /// Makes the translator for a module that is loaded with this configuration.
    pub(super) fn new(config: &Config) -> Self {
        let costs = config.fuel_cost;
        let validate =
            if config.compilation_mode == CompilationMode::Lazy { costs.fuel_per_bytes_validated } else { 0 };
        let per_byte = u64::from(costs.fuel_per_bytes_translated) + u64::from(validate);
        Self { fuel_per_byte: if config.consume_fuel { per_byte } else { 0 } }
    }
}

impl LazyTranslator for LazyFuncs {
    fn translate(&self, data: &ModuleData, index: u32, out: &mut Vec<u16>) -> Result<FuncCode, Error> {
        let header = &data.header;
        let range = data.body(index);
        let func = header.imported_funcs + index;
        let body = Body { func, start: range.start, bytes: &data.bytes[range] };
        let start = out.len();
        let translated = Translator::default().functions(header, out, |module| module.translate(body))?;
        Ok(FuncCode { start, end: out.len(), entry: translated.entry, frame_cells: translated.frame_cells })
    }

    fn fuel(&self, data: &ModuleData, index: u32) -> u64 {
        (data.body(index).len() as u64).saturating_mul(self.fuel_per_byte)
    }
}
