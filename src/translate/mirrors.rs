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

/// From a slot to another one; both are `NO_SLOT` if there is none.
#[derive(Debug, Clone, Copy)]
struct Move {
    src: u16,
    dst: u16,
}

impl Move {
    const NONE: Self = Self { src: NO_SLOT, dst: NO_SLOT };
}

/// No frame has so many slots that this would be one.
const NO_SLOT: u16 = u16::MAX;

impl Default for Mirrors {
    #[inline]
    fn default() -> Self {
        Self { slots: [NO_SLOT; 3], global: None, moved: Move::NONE }
    }
}

impl Mirrors {
    #[inline]
    pub(crate) fn get(&self, class: Class) -> Option<u16> {
        let slot = self.slots[class as usize];
        (slot != NO_SLOT).then_some(slot)
    }

    #[inline]
    pub(crate) fn set(&mut self, class: Class, slot: Option<u16>) {
        self.slots[class as usize] = slot.unwrap_or(NO_SLOT);
        if class == Class::Int {
            self.global = None;
        }
    }

    /// The accumulator of `class` gets a new value, and `slot` the same, if there is one.
    #[inline]
    pub(crate) fn write(&mut self, class: Class, slot: Option<Slot>) {
        if let Some(slot) = slot {
            self.overwrite(slot.0);
        }
        self.set(class, slot.map(|slot| slot.0));
    }

    /// The accumulator gets a value that no slot has.
    pub(crate) fn forget(&mut self, class: Class) {
        self.set(class, None);
    }

    /// The integer accumulator was written to this global, or another one was written.
    pub(crate) fn set_global(&mut self, global: Option<u32>) {
        self.global = global;
    }

    /// Whether the integer accumulator holds the value of this global.
    pub(crate) fn holds_global(&self, global: u32) -> bool {
        self.global == Some(global)
    }

    /// Whether the accumulator of `class` holds a copy of `slot`.
    #[inline]
    pub(crate) fn is_of(&self, class: Class, slot: Slot) -> bool {
        self.slots[class as usize] == slot.0
    }

    /// Whether `operand` is a slot that the accumulator of `class` holds a copy of.
    #[inline]
    pub(crate) fn holds(&self, class: Class, operand: Operand) -> bool {
        operand.as_slot().is_some_and(|slot| self.is_of(class, slot))
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
        for mirror in &mut self.slots {
            if *mirror == slot {
                *mirror = NO_SLOT;
            }
        }
    }
}
