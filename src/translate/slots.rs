//! The slots of a function's frame: where its locals and its operands are.

use crate::{
    error::Error,
    ir::operand::Slot,
    module::types::FuncTy,
    translate::place::LOCAL,
    types::layout::Signature,
    validate::{LocalTypes, Places},
};

/// The slots of the function under translation: parameters, linkage, other locals, then operands.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    /// The slot of stack position 0.
    first_temporary: usize,
    /// One past the greatest slot in use.
    end: usize,
    /// First cell of the linkage.
    link: u16,
}

/// Returns where the locals of functions of this type are: parameters from slot 0 on, the others after the linkage.
pub(crate) fn places_of_locals(ty: FuncTy<'_>) -> Places {
    Places { bits: LOCAL, others: ty.signature().end() as u32 }
}

impl Slots {
    /// Returns the slots of a function with this signature and these locals, and no operands yet.
    pub(crate) fn new(signature: Signature, locals: &LocalTypes) -> Self {
        let first_temporary = locals.slots() as usize;
        Self { first_temporary, end: first_temporary, link: signature.link() as u16 }
    }

    /// Returns the index of the canonical slot of stack position `position`, which may be beyond all slots.
    #[inline]
    pub(crate) fn index(&self, position: usize) -> usize {
        self.first_temporary + position
    }

    /// Returns the canonical slot of stack position `position`.
    ///
    /// Truncates it when the function needs more slots than there are, which `check` reports.
    #[inline]
    pub(crate) fn at(&self, position: usize) -> Slot {
        Slot(self.index(position) as u16)
    }

    /// Like `at`, and makes the frame long enough for the slot.
    #[inline]
    pub(crate) fn temporary(&mut self, position: usize) -> Slot {
        self.reserve(self.index(position) + 1);
        self.at(position)
    }

    /// Makes the frame at least `end` slots long.
    #[inline]
    pub(crate) fn reserve(&mut self, end: usize) {
        self.end = self.end.max(end);
    }

    /// Makes the frame long enough for the operands below stack position `height`.
    #[inline]
    pub(crate) fn reserve_operands(&mut self, height: usize) {
        self.reserve(self.index(height));
    }

    /// Returns the first cell of the linkage.
    #[inline]
    pub(crate) fn link(&self) -> u16 {
        self.link
    }

    /// Returns the length of the frame in cells.
    ///
    /// # Errors
    ///
    /// If the function needs more slots than there are.
    pub(crate) fn frame_cells(&self, func: u32) -> Result<u32, Error> {
        if self.end > usize::from(u16::MAX) {
            return Err(Error::too_many_slots(self.end, func));
        }
        Ok(self.end as u32)
    }
}
