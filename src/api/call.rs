//! Calls of functions whose types are known only at run time.

use alloc::boxed::Box;

use arrayvec::ArrayVec;

use crate::{
    api::{
        context::{AsContextMut, StoreContextMut},
        func::Func,
        host,
        value::Val,
    },
    error::Error,
    error::kinds::FuncError,
    ir::operand::Class,
    types::FuncType,
};

/// Calls with up to this many cells keep them on the native stack.
const INLINE_CELLS: usize = 16;

/// The cells of a call: parameters, which results replace.
pub(crate) enum CallCells {
    Inline(ArrayVec<u64, INLINE_CELLS>),
    Boxed(Box<[u64]>),
}

impl CallCells {
    /// Makes `len` cells, all zero.
    pub(crate) fn new(len: usize) -> Self {
        if len <= INLINE_CELLS {
            Self::Inline(core::iter::repeat_n(0, len).collect())
        } else {
            Self::Boxed(alloc::vec![0; len].into_boxed_slice())
        }
    }

    /// Returns the cells.
    pub(crate) fn as_mut(&mut self) -> &mut [u64] {
        match self {
            Self::Inline(cells) => cells,
            Self::Boxed(cells) => cells,
        }
    }
}

impl Func {
    /// Checks the values of a call and writes the inputs to cells.
    pub(crate) fn input_cells<T>(
        self,
        ctx: &StoreContextMut<'_, T>,
        inputs: &[Val],
        outputs: &[Val],
    ) -> Result<(FuncType, CallCells), Error> {
        let ty = ctx.instances().func_type(self.handle());
        if ty.params().len() != inputs.len() {
            return Err(FuncError::MismatchingParameterLen.into());
        }
        if ty.results().len() != outputs.len() {
            return Err(FuncError::MismatchingResultLen.into());
        }
        let mut cells = CallCells::new(ty.signature().cells());
        for ((cell, input), &ty) in cells.as_mut().iter_mut().zip(inputs).zip(ty.params()) {
            *cell = input.checked_cell(ty, ctx, FuncError::MismatchingParameterType)?;
        }
        Ok((ty, cells))
    }

    /// Calls the function. Its results replace the values in `outputs`.
    ///
    /// # Errors
    ///
    /// If the values do not match the function's type, if the code traps, and if a host function fails.
    ///
    /// # Panics
    ///
    /// If the function belongs to another store.
    pub fn call<T>(
        &self,
        mut ctx: impl AsContextMut<Data = T>,
        inputs: &[Val],
        outputs: &mut [Val],
    ) -> Result<(), Error> {
        let ctx = ctx.as_context_mut();
        let (ty, mut cells) = self.input_cells(&ctx, inputs, outputs)?;
        let cells = cells.as_mut();
        host::execute(ctx.store, self.handle(), cells, Class::of_results(ty.results()))?;
        write_outputs(&ctx, &ty, cells, outputs);
        Ok(())
    }
}

/// Writes the results of a call to `outputs`.
pub(crate) fn write_outputs<T>(ctx: &StoreContextMut<'_, T>, ty: &FuncType, cells: &[u64], outputs: &mut [Val]) {
    for ((output, &cell), &ty) in outputs.iter_mut().zip(cells).zip(ty.results()) {
        *output = Val::from_cell(cell, ty, ctx.instances());
    }
}
