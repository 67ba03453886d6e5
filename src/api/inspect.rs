//! The internal code of modules as text and as a list of ops, and how often ops were executed.

use alloc::{format, string::String, vec::Vec};

use crate::{
    api::module::Module,
    error::Error,
    error::kinds::TranslationError,
    ir::{
        disasm::Disassembly,
        listing,
        verify::{Func, verify},
    },
    module::body::FuncCode,
};
#[cfg(feature = "count-ops")]
use crate::{api::store::Store, runtime::code::FuncEntry};

pub use crate::ir::listing::{CodeOp, OpName};

impl Module {
    /// Returns the internal code of a function as text: one op per line, preceded by its unit index.
    ///
    /// `func` is the function's index among all functions.
    ///
    /// # Errors
    ///
    /// If the module does not define the function, or the function is invalid (when validated lazily).
    pub fn disassemble(&self, func: u32) -> Result<String, Error> {
        let imported_funcs = self.data().header.imported_funcs;
        self.with_code(func, |code, func| {
            let text = Disassembly { code, units: 0..code.len(), imported_funcs };
            format!("; frame {} cells, entry {}\n{text}", func.frame_cells, func.entry)
        })
    }

    /// Returns the ops of the internal code of a function, in order.
    ///
    /// `func` is the function's index among all functions.
    ///
    /// # Errors
    ///
    /// Those of [`Module::disassemble`].
    pub fn ops(&self, func: u32) -> Result<Vec<CodeOp>, Error> {
        self.with_code(func, |code, func| listing::list(code, func.entry))
    }

    /// Checks the internal code of a function against the table of ops: it must consist of ops, and their branches,
    /// slots and indices must be in bounds. A failure is a defect of the library.
    ///
    /// `func` is the function's index among all functions.
    ///
    /// # Errors
    ///
    /// If the code is malformed: the error says where and how. Also those of [`Module::disassemble`].
    pub fn verify_code(&self, func: u32) -> Result<(), Error> {
        let header = &self.data().header;
        self.with_code(func, |code, FuncCode { entry, frame_cells, .. }| {
            let signature = header.func_type(func).signature();
            verify(&Func { code, entry, frame_cells, signature }, header)
        })?
        .map_err(|flaw| Error::new(format!("function {func}: {flaw}")))
    }

    /// Passes the compact code of a function to `look`, and returns the result.
    fn with_code<R>(&self, func: u32, look: impl FnOnce(&[u16], FuncCode) -> R) -> Result<R, Error> {
        let data = self.data();
        let index = func.checked_sub(data.header.imported_funcs);
        let Some(index) = index.filter(|&index| (index as usize) < self.code().entries.len()) else {
            return Err(Error::new(format!("the module defines no function {func}")));
        };
        if let Some((code, func)) = self.code().eager_code(index) {
            return Ok(look(code, func));
        }
        let mut code = Vec::new();
        let lazy = self.code().lazy().ok_or(TranslationError::NotTranslated)?;
        let func = lazy.translate(data, index, &mut code)?;
        Ok(look(&code, func))
    }
}

#[cfg(feature = "count-ops")]
impl<T> Store<T> {
    /// Returns the ops of a function, as [`Module::ops`] does, each with the number of times it was executed in this
    /// store.
    ///
    /// Ops are counted by their addresses, so counts are right only for modules that still exist.
    ///
    /// # Errors
    ///
    /// Those of [`Module::disassemble`].
    pub fn op_counts(&self, module: &Module, func: u32) -> Result<Vec<(CodeOp, u64)>, Error> {
        let index = func.wrapping_sub(module.data().header.imported_funcs);
        let entered = module.code().entries.get(index as usize).and_then(FuncEntry::entered);
        module.with_code(func, |code, func| {
            let start = entered.map(|address| address - 2 * func.entry);
            let count = |op: &CodeOp| start.map_or(0, |start| self.instances.counts.at(start + op.offset));
            listing::list(code, func.entry).into_iter().map(|op| (op, count(&op))).collect()
        })
    }

    /// Returns the number of ops that were executed in this store. This includes the few ops outside of functions,
    /// which translate a function at its first call, and leave an invocation or an instance.
    #[must_use]
    pub fn dispatches(&self) -> u64 {
        self.instances.counts.total()
    }
}
