//! Which operands vector operators pop and which results they push, by kind (`operators/vector.rs`).

use crate::{
    error::Error,
    types::repr::{I32, Ty},
    validate::func::Validation,
};

impl<T: Copy> Validation<'_, T> {
    /// Checks that a lane exists.
    pub(crate) fn check_lane(&self, lane: u8, lanes: u8) -> Result<(), Error> {
        if lane < lanes { Ok(()) } else { Err(self.error("invalid lane index: SIMD index out of bounds")) }
    }

    /// `v128.const`
    pub(crate) fn push_vector(&mut self) -> Result<(), Error> {
        self.push(Ty::V128);
        Ok(())
    }

    /// An operator that takes `count` vectors and computes one.
    pub(crate) fn vectors(&mut self, count: usize) -> Result<(), Error> {
        for _ in 0..count {
            self.pop_vector()?;
        }
        self.push_vector()
    }

    /// An operator that takes a vector and computes a number of type `ty`.
    pub(crate) fn number_of_vector(&mut self, ty: Ty) -> Result<(), Error> {
        self.pop_vector()?;
        self.push(ty);
        Ok(())
    }

    /// An operator that takes a number of type `ty`, or an address, and computes a vector.
    pub(crate) fn vector_of_number(&mut self, ty: Ty) -> Result<(), Error> {
        self.pop(ty)?;
        self.push_vector()
    }

    /// An operator that takes a vector and a number of type `ty`, and computes a vector.
    pub(crate) fn vector_and_number(&mut self, ty: Ty) -> Result<(), Error> {
        self.pop(ty)?;
        self.vectors(1)
    }

    /// A shift.
    pub(crate) fn shifted_vector(&mut self) -> Result<(), Error> {
        self.vector_and_number(I32)
    }

    /// A store of a vector, or of one of its lanes.
    pub(crate) fn store_vector(&mut self, addr: Ty) -> Result<(), Error> {
        self.pop_vector()?;
        self.pop(addr)
    }

    /// A load of one lane of a vector.
    pub(crate) fn load_lane(&mut self, addr: Ty) -> Result<(), Error> {
        self.pop_vector()?;
        self.vector_of_number(addr)
    }
}
