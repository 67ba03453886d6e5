//! Mirrors: the slots and globals whose values the accumulators hold too.

use crate::ir::{
    encode::Operand,
    operand::{Class, Slot},
};

/// The slots and the global whose values the accumulators hold, and the last move between locals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mirrors {
    /// For each class, the slot whose value its accumulator holds too, the first slot for a vector; `NO_SLOT` if there is
    /// none.
    slots: [u16; 4],
    /// The global whose value the integer accumulator holds.
    global: Option<u32>,
    /// The last move of a local to another one.
    moved: Move,
}

/// A move from the slot of a local to the slot of another one. Both are `NO_LOCAL` if there is none.
#[derive(Debug, Clone, Copy)]
struct Move {
    src: u16,
    dst: u16,
}

impl Move {
    const NONE: Self = Self { src: NO_LOCAL, dst: NO_LOCAL };
}

/// Not a slot: frames are shorter. `Operand::result_slot` returns it for the accumulator.
const NO_SLOT: u16 = u16::MAX;
/// Not the slot of a local: there are fewer.
const NO_LOCAL: u16 = u16::MAX - 1;

impl Default for Mirrors {
    #[inline]
    fn default() -> Self {
        Self { slots: [NO_SLOT; 4], global: None, moved: Move::NONE }
    }
}

impl Mirrors {
    /// Returns the slot whose value the accumulator of `class` holds too, as an operand. If there is none, the operand
    /// equals no other one.
    #[inline]
    pub(crate) fn operand(&self, class: Class) -> Operand {
        Operand::slot(Slot(self.slots[class as usize]))
    }

    /// Notes that the accumulator of `class` gets the value that `slot` has.
    #[inline]
    pub(crate) fn set(&mut self, class: Class, slot: u16) {
        self.slots[class as usize] = slot;
        if class == Class::Int {
            self.global = None;
        }
    }

    /// Notes that the accumulator of `class` and `slot` get the same new value. Only the accumulator does if `slot` is
    /// the number that `Operand::result_slot` returns for it.
    #[inline]
    pub(crate) fn write(&mut self, class: Class, slot: u16) {
        self.overwrite(slot);
        self.set(class, slot);
    }

    /// Notes that the accumulator of `class` gets a value that no slot has.
    pub(crate) fn forget(&mut self, class: Class) {
        self.set(class, NO_SLOT);
    }

    /// Notes that a global was written: this one from the integer accumulator, or one from elsewhere.
    pub(crate) fn set_global(&mut self, global: Option<u32>) {
        self.global = global;
    }

    /// Whether the integer accumulator holds the value of this global.
    pub(crate) fn holds_global(&self, global: u32) -> bool {
        self.global == Some(global)
    }

    /// Returns whether `operand` is a slot whose value the accumulator of `class` holds too.
    #[inline]
    pub(crate) fn holds(&self, class: Class, operand: Operand) -> bool {
        operand == self.operand(class)
    }

    /// Notes that the local at `src` was moved to the local at `dst`.
    pub(crate) fn set_moved(&mut self, dst: u16, src: u16) {
        self.moved = Move { src, dst };
    }

    /// Returns the slot that had the value of the local at `slot` before it was moved there, or `slot`.
    #[inline]
    pub(crate) fn origin(&self, slot: u16) -> u16 {
        if slot == self.moved.dst { self.moved.src } else { slot }
    }

    /// Returns another local that has the value of the local at `slot`, if one is known.
    #[inline]
    pub(crate) fn copy_of(&self, slot: u16) -> Option<u16> {
        (slot == self.moved.src).then_some(self.moved.dst)
    }

    /// Notes that `slot` gets another value.
    #[inline]
    pub(crate) fn overwrite(&mut self, slot: u16) {
        if slot == self.moved.src || slot == self.moved.dst {
            self.moved = Move::NONE;
        }
        self.overwrite_temporary(slot);
    }

    /// Notes that `slot` and the one after it get another value.
    #[cfg(feature = "simd")]
    pub(crate) fn overwrite_vector(&mut self, slot: u16) {
        self.overwrite(slot);
        self.overwrite(slot.wrapping_add(1));
    }

    /// Like `overwrite`, for a slot that is not a local's.
    #[inline]
    pub(crate) fn overwrite_temporary(&mut self, slot: u16) {
        let [int, others @ ..] = &mut self.slots;
        // Without a branch, because whether the slot is the mirror follows no pattern.
        *int |= u16::from(*int == slot).wrapping_neg();
        // The second slot of a vector needs no note: the vector is written again before it is read again.
        if *others != [NO_SLOT; 3] {
            for mirror in others {
                *mirror |= u16::from(*mirror == slot).wrapping_neg();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, Mirrors, Operand, Slot};

    #[test]
    fn a_slot_that_is_written_is_no_mirror() {
        const CLASSES: [Class; 4] = [Class::Int, Class::F32, Class::F64, Class::V128];
        let slots = [0, 1, 0x00ff, 0x0100, 0x7fff, 0x8000, 0xff00, 0xfffe];
        for int in slots {
            for f32 in slots {
                for f64 in slots {
                    let mut mirrors = Mirrors::default();
                    for (class, slot) in CLASSES.into_iter().zip([int, f32, f64, f32]) {
                        mirrors.set(class, slot);
                    }
                    for written in slots {
                        let mut after = mirrors;
                        after.overwrite(written);
                        for (class, slot) in CLASSES.into_iter().zip([int, f32, f64, f32]) {
                            let operand = Operand::slot(Slot(slot));
                            assert_eq!(
                                after.holds(class, operand),
                                slot != written,
                                "{class:?} {mirrors:x?} {written}"
                            );
                        }
                    }
                }
            }
        }
    }
}
