//! Positions: which Wasm operator the ops of a function come from. They are found again when somebody asks for them.

use alloc::vec::Vec;

#[cfg(feature = "coredump")]
use crate::types::repr::Ty;
use crate::{error::Error, trap::TrapCode};

/// A stretch of compact code: the unit where it begins, and the offset in the module of the operator that it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    unit: u32,
    offset: u32,
}

/// The operators that the code of a function comes from.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    /// In ascending order of units.
    stretches: Vec<Stretch>,
    /// The offset in the module of an operator whose site is asked for.
    #[cfg(feature = "coredump")]
    pub(crate) wanted: Option<u32>,
    /// The site of that operator.
    #[cfg(feature = "coredump")]
    pub(crate) site: Option<Site>,
}

/// Where a value is while a function is at some operator.
#[cfg(feature = "coredump")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    /// In a slot of the frame, or in this one and the next.
    Slot(u16),
    /// In the code.
    Constant(u64),
    /// In a register, or nowhere.
    Missing,
}

/// The types of the locals and operands of a function before it executes some operator, and where they are. The arguments of a call
/// belong to the callee.
#[cfg(feature = "coredump")]
#[derive(Debug, Default)]
pub(crate) struct Site {
    pub(crate) locals: Vec<(Ty, Value)>,
    pub(crate) operands: Vec<(Ty, Value)>,
    /// Locals that were not written before, in ascending order. They have a value only if they are cleared at the entry.
    pub(crate) unwritten: Vec<u32>,
}

impl Positions {
    /// Returns a list without operators that asks for the site of the operator at `offset`.
    #[cfg(feature = "coredump")]
    pub(crate) fn wanting(offset: u32) -> Self {
        Self { wanted: Some(offset), ..Self::default() }
    }

    /// Notes that the code from `unit` on comes from the operator at `offset`. What was noted of later units is forgotten.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    pub(crate) fn note(&mut self, unit: usize, offset: usize) -> Result<(), Error> {
        self.cut(unit);
        self.stretches.try_reserve(1).map_err(|_| TrapCode::OutOfSystemMemory)?;
        // A module has less than 4 GiB, and its code fewer units.
        self.stretches.push(Stretch { unit: unit as u32, offset: offset as u32 });
        Ok(())
    }

    /// Forgets what was noted of `unit` and later ones.
    pub(crate) fn cut(&mut self, unit: usize) {
        while self.stretches.pop_if(|last| last.unit as usize >= unit).is_some() {}
    }

    /// Returns the offset in the module of the operator that the op at `unit` comes from.
    pub(crate) fn offset_of(&self, unit: u32) -> Option<u32> {
        let after = self.stretches.partition_point(|stretch| stretch.unit <= unit);
        Some(self.stretches.get(after.checked_sub(1)?)?.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::Positions;

    #[test]
    fn ops_come_from_the_stretch_that_contains_them() {
        let mut positions = Positions::default();
        assert_eq!(positions.offset_of(3), None);
        for (unit, offset) in [(0, 10), (4, 11), (5, 13), (9, 20)] {
            positions.note(unit, offset).unwrap();
        }
        assert_eq!(
            [0, 3, 4, 5, 8, 9, 100].map(|unit| positions.offset_of(unit).unwrap()),
            [10, 10, 11, 13, 13, 20, 20]
        );
        positions.cut(5);
        assert_eq!(positions.offset_of(9), Some(11));
        positions.note(4, 30).unwrap();
        assert_eq!([3, 4, 9].map(|unit| positions.offset_of(unit).unwrap()), [10, 30, 30]);
    }
}
