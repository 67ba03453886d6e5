//! The translated code of modules, as text and as a list of ops; how often ops were executed.

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
    /// The internal code of a function as text: one op a line, unit index first.
    ///
    /// `func` is the function's index among all functions.
    ///
    /// # Errors
    ///
    /// If the module defines no such function, or it is invalid (when validated lazily).
    pub fn disassemble(&self, func: u32) -> Result<String, Error> {
        let imported_funcs = self.data().header.imported_funcs;
        self.with_code(func, |code, func| {
            let text = Disassembly { code, units: 0..code.len(), imported_funcs };
            format!("; frame {} cells, entry {}\n{text}", func.frame_cells, func.entry)
        })
    }

    /// The ops of the internal code of a function, in the order in which they stand there.
    ///
    /// `func` is the function's index among all functions.
    ///
    /// # Errors
    ///
    /// As [`Module::disassemble`].
    pub fn ops(&self, func: u32) -> Result<Vec<CodeOp>, Error> {
        self.with_code(func, |code, func| listing::list(code, func.entry))
    }

    /// Checks the internal code of a function against the table of ops: whether it is ops from beginning to
    /// end, and their branches, slots and indices lead to what is there. It is, or the library has a defect.
    ///
    /// `func` is the function's index among all functions.
    ///
    /// # Errors
    ///
    /// If the code is not in order: where, and what is wrong. Also as [`Module::disassemble`].
    pub fn verify_code(&self, func: u32) -> Result<(), Error> {
        let header = &self.data().header;
        self.with_code(func, |code, FuncCode { entry, frame_cells, .. }| {
            let ty = header.func_type(func);
            verify(&Func { code, entry, frame_cells, ty }, header)
        })?
        .map_err(|flaw| Error::new(format!("function {func}: {flaw}")))
    }

    /// What `look` makes of the compact code of a function.
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
    /// The ops of a function, as [`Module::ops`] gives them, each with how often it was executed in this store.
    ///
    /// Ops are counted by where they stand in memory: counts are right for modules that were not dropped.
    ///
    /// # Errors
    ///
    /// As [`Module::disassemble`].
    pub fn op_counts(&self, module: &Module, func: u32) -> Result<Vec<(CodeOp, u64)>, Error> {
        let index = func.wrapping_sub(module.data().header.imported_funcs);
        let entered = module.code().entries.get(index as usize).and_then(FuncEntry::entered);
        module.with_code(func, |code, func| {
            let start = entered.map(|address| address - 2 * func.entry);
            let count = |op: &CodeOp| start.map_or(0, |start| self.instances.counts.at(start + op.offset));
            listing::list(code, func.entry).into_iter().map(|op| (op, count(&op))).collect()
        })
    }

    /// How many ops were executed in this store, with those few that stand in no function: the one that translates
    /// a function at its first call, and those that leave an invocation or an instance.
    #[must_use]
    pub fn dispatches(&self) -> u64 {
        self.instances.counts.total()
    }
}
