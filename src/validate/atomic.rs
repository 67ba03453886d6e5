//! Which operands atomic operators pop and which results they push, by kind (`operators/atomic.rs`).

use crate::{
    error::Error,
    types::repr::{I32, I64, Ty},
    validate::func::Validation,
};

impl<T: Copy> Validation<'_, T> {
    /// Checks the immediates of an atomic operator. The alignments are logarithms. Returns the type of addresses.
    pub(crate) fn atomic_memarg(&self, align: u8, natural: u8, memory: u32, offset: u64) -> Result<Ty, Error> {
        let addr = self.memarg(align, natural, memory, offset)?;
        if align == natural {
            Ok(addr)
        } else {
            Err(self.error("invalid memop alignment: alignment of an atomic operator must be natural"))
        }
    }

    /// `memory.atomic.notify`
    pub(crate) fn notify(&mut self, addr: Ty) -> Result<(), Error> {
        self.pop(I32)?;
        self.unary(addr, I32)
    }

    /// `memory.atomic.wait32` or `memory.atomic.wait64`, which expects a value of type `ty`.
    pub(crate) fn wait(&mut self, addr: Ty, ty: Ty) -> Result<(), Error> {
        self.pop(I64)?;
        self.pop(ty)?;
        self.unary(addr, I32)
    }

    /// A read-modify-write of a value of type `ty`.
    pub(crate) fn atomic_rmw(&mut self, addr: Ty, ty: Ty) -> Result<(), Error> {
        self.pop(ty)?;
        self.unary(addr, ty)
    }

    /// A compare-and-exchange of a value of type `ty`.
    pub(crate) fn atomic_cmpxchg(&mut self, addr: Ty, ty: Ty) -> Result<(), Error> {
        self.pop(ty)?;
        self.atomic_rmw(addr, ty)
    }
}
