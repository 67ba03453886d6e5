//! Calls of functions whose types are known only at run time.

use alloc::boxed::Box;

use crate::{
    api::{
        context::AsContextMut,
        func::{Func, TypeInStore},
        host,
        value::{Val, read_values, write_values},
    },
    error::Error,
    error::kinds::FuncError,
    ir::operand::Class,
    runtime::instances::Instances,
};

/// Calls with up to this many cells keep them on the native stack.
const INLINE_CELLS: usize = 16;

/// The cells of a call: parameters, which results replace.
pub(crate) struct CallCells {
    inline: [u64; INLINE_CELLS],
    /// All cells, if they are more than fit inline.
    boxed: Box<[u64]>,
    len: usize,
}

impl CallCells {
    /// Makes an empty list. It is filled in place: to move it would cost more than most calls do.
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self { inline: [0; INLINE_CELLS], boxed: Box::default(), len: 0 }
    }

    /// Makes the empty list one of `len` cells, all zero.
    pub(crate) fn fill(&mut self, len: usize) -> &mut [u64] {
        self.len = len;
        if len > INLINE_CELLS {
            self.boxed = alloc::vec![0; len].into_boxed_slice();
        }
        self.as_mut()
    }

    /// Returns the cells.
    #[inline]
    pub(crate) fn as_mut(&mut self) -> &mut [u64] {
        match self.inline.get_mut(..self.len) {
            Some(cells) => cells,
            None => &mut self.boxed,
        }
    }
}

/// Checks the values of a call of a function of type `ty`, and writes the inputs to `cells`. Returns the class of the
/// first result.
pub(crate) fn write_inputs(
    ty: TypeInStore<'_>,
    instances: &Instances,
    inputs: &[Val],
    outputs: &[Val],
    cells: &mut CallCells,
) -> Result<Class, Error> {
    if ty.params.len() != inputs.len() {
        return Err(FuncError::MismatchingParameterLen.into());
    }
    if ty.results.len() != outputs.len() {
        return Err(FuncError::MismatchingResultLen.into());
    }
    let cells = cells.fill(ty.signature.cells());
    write_values(inputs, ty.params.iter(), cells, instances, FuncError::MismatchingParameterType)?;
    Ok(ty.results.class())
}

/// Writes the results of a call of a function of type `ty` to `outputs`.
pub(crate) fn write_outputs(ty: TypeInStore<'_>, instances: &Instances, cells: &[u64], outputs: &mut [Val]) {
    for (output, value) in outputs.iter_mut().zip(read_values(cells, ty.results.iter(), instances)) {
        *output = value;
    }
}

impl Func {
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
        let store = ctx.as_context_mut().store;
        let mut cells = CallCells::new();
        let class = write_inputs(self.type_in(store), &store.instances, inputs, outputs, &mut cells)?;
        host::execute(store, self.handle(), cells.as_mut(), class)?;
        // The type is looked up again, since the call had the store for itself.
        write_outputs(self.type_in(store), &store.instances, cells.as_mut(), outputs);
        Ok(())
    }
}
