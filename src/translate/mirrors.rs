//! What is known of the accumulators' contents.

use crate::ir::{
    encode::Operand,
    operand::{Class, Slot},
};

/// Which slot an accumulator holds a copy of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mirrors {
    /// By class; `NO_SLOT` if there is none.
    slots: [u16; 3],
    /// The global that the integer accumulator holds the value of.
    global: Option<u32>,
    /// A local that was moved to another one: its slot, and that of the other.
    moved: Move,
}

/// From a slot to another one; both are `NO_LOCAL` if there is none.
#[derive(Debug, Clone, Copy)]
struct Move {
    src: u16,
    dst: u16,
}

impl Move {
    const NONE: Self = Self { src: NO_LOCAL, dst: NO_LOCAL };
}

/// No frame has so many slots that this would be one. It is what the accumulator as a result has for a slot.
const NO_SLOT: u16 = u16::MAX;
/// There are not so many locals that this would be the slot of one.
const NO_LOCAL: u16 = u16::MAX - 1;

impl Default for Mirrors {
    #[inline]
    fn default() -> Self {
        Self { slots: [NO_SLOT; 3], global: None, moved: Move::NONE }
    }
}

impl Mirrors {
    /// The slot that the accumulator of `class` holds a copy of, as an operand. No other operand is as this one
    /// if there is no such slot.
    #[inline]
    pub(crate) fn operand(&self, class: Class) -> Operand {
        Operand::slot(Slot(self.slots[class as usize]))
    }

    /// The accumulator of `class` gets the value that `slot` has.
    #[inline]
    pub(crate) fn set(&mut self, class: Class, slot: u16) {
        self.slots[class as usize] = slot;
        if class == Class::Int {
            self.global = None;
        }
    }

    /// The accumulator of `class` gets a new value, and `slot` the same; or nothing else does, if it is that of the
    /// accumulator.
    #[inline]
    pub(crate) fn write(&mut self, class: Class, slot: u16) {
        self.overwrite(slot);
        self.set(class, slot);
    }

    /// The accumulator gets a value that no slot has.
    pub(crate) fn forget(&mut self, class: Class) {
        self.set(class, NO_SLOT);
    }

    /// The integer accumulator was written to this global, or another one was written.
    pub(crate) fn set_global(&mut self, global: Option<u32>) {
        self.global = global;
    }

    /// Whether the integer accumulator holds the value of this global.
    pub(crate) fn holds_global(&self, global: u32) -> bool {
        self.global == Some(global)
    }

    /// Whether `operand` is a slot that the accumulator of `class` holds a copy of.
    #[inline]
    pub(crate) fn holds(&self, class: Class, operand: Operand) -> bool {
        operand == self.operand(class)
    }

    /// The local at `src` was moved to that at `dst`.
    pub(crate) fn set_moved(&mut self, dst: u16, src: u16) {
        self.moved = Move { src, dst };
    }

    /// A slot that has the value of the local at `slot`, and had it earlier.
    #[inline]
    pub(crate) fn origin(&self, slot: u16) -> u16 {
        if slot == self.moved.dst { self.moved.src } else { slot }
    }

    /// Another local that has the value of the one at `slot`.
    #[inline]
    pub(crate) fn copy_of(&self, slot: u16) -> Option<u16> {
        (slot == self.moved.src).then_some(self.moved.dst)
    }

    /// The slot gets another value.
    #[inline]
    pub(crate) fn overwrite(&mut self, slot: u16) {
        if slot == self.moved.src || slot == self.moved.dst {
            self.moved = Move::NONE;
        }
        self.overwrite_temporary(slot);
    }

    /// As `overwrite`, for a slot that is not a local's.
    #[inline]
    pub(crate) fn overwrite_temporary(&mut self, slot: u16) {
        let [int, floats @ ..] = &mut self.slots;
        // Without a branch: whether it is this one follows no pattern.
        *int |= u16::from(*int == slot).wrapping_neg();
        if *floats != [NO_SLOT; 2] {
            for mirror in floats {
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
        const CLASSES: [Class; 3] = [Class::Int, Class::F32, Class::F64];
        let slots = [0, 1, 0x00ff, 0x0100, 0x7fff, 0x8000, 0xff00, 0xfffe];
        for int in slots {
            for f32 in slots {
                for f64 in slots {
                    let mut mirrors = Mirrors::default();
                    for (class, slot) in CLASSES.into_iter().zip([int, f32, f64]) {
                        mirrors.set(class, slot);
                    }
                    for written in slots {
                        let mut after = mirrors;
                        after.overwrite(written);
                        for (class, slot) in CLASSES.into_iter().zip([int, f32, f64]) {
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
