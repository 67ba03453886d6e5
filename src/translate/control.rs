//! What the translator keeps of control frames, and the branches to labels that are not bound yet.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::ir::encode::patch32;

/// A list of branches that wait for their target: the index of the last one, from 1, or 0 if there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Label(u32);

/// The translator's part of a control frame.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Targets {
    /// Branches to the end.
    pub(crate) end: Label,
    /// The branch over the first arm of `if`.
    pub(crate) otherwise: Label,
    /// The unit where the body of a `loop` begins; the number of the range of a `try_table` or a `try`.
    pub(crate) head: u32,
    /// The unit of the charge in the fuel op that code of this frame is charged to, if fuel is metered.
    pub(crate) fuel: Option<NonZeroU32>,
    /// Further fuel ops of a `loop` with the same charge.
    pub(crate) copies: Label,
}

/// A control frame.
pub(crate) type Frame = crate::validate::Frame<Targets>;

/// In place of the unit of an op: the branch is the handler with the number that is in place of the field.
#[cfg(feature = "exceptions")]
const HANDLER: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Patch {
    op: u32,
    field: u32,
    next: Label,
}

/// Branches that wait for their targets.
#[derive(Debug, Default)]
pub(crate) struct Patches {
    list: Vec<Patch>,
    /// The units where handlers of exceptions begin, by their numbers.
    #[cfg(feature = "exceptions")]
    handlers: Vec<u32>,
}

impl Patches {
    /// Removes all branches. Keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
        #[cfg(feature = "exceptions")]
        self.handlers.clear();
    }

    /// Adds the branch op at unit `op` to `label`. Its target is to be written to the units at `field`.
    pub(crate) fn add(&mut self, label: &mut Label, op: usize, field: usize) {
        self.list.push(Patch { op: op as u32, field: field as u32, next: *label });
        *label = Label(self.list.len() as u32);
    }

    /// Makes unit `target` the target of all branches to these labels. At most one branch goes to the first label.
    pub(crate) fn bind(&mut self, first: Label, second: Label, target: usize, code: &mut [u16]) {
        // One loop for both labels has one end to predict instead of two.
        let mut next = if first.is_used() { first } else { second };
        while next.is_used() {
            let patch = self.list[next.0 as usize - 1];
            #[cfg(feature = "exceptions")]
            if patch.op == HANDLER {
                self.handlers[patch.field as usize] = target as u32;
                next = patch.next;
                continue;
            }
            set_target(code, patch.op as usize, patch.field as usize, target);
            debug_assert!(next != first || !patch.next.is_used(), "one branch goes to the first label");
            next = if next == first { second } else { patch.next };
        }
    }

    /// Writes `value` to the fields that `label` lists.
    pub(crate) fn fill(&self, label: Label, value: u32, code: &mut [u16]) {
        let mut next = label;
        while next.is_used() {
            let patch = self.list[next.0 as usize - 1];
            patch32(code, patch.field as usize, value);
            next = patch.next;
        }
    }
}

#[cfg(feature = "exceptions")]
impl Patches {
    /// Adds a handler of exceptions, and returns its number.
    pub(crate) fn add_handler(&mut self) -> u32 {
        self.handlers.push(0);
        self.handlers.len() as u32 - 1
    }

    /// Notes that a handler begins at unit `target`.
    pub(crate) fn set_handler(&mut self, handler: u32, target: usize) {
        self.handlers[handler as usize] = target as u32;
    }

    /// Adds a handler to `label`: it begins where that is bound.
    pub(crate) fn handle(&mut self, label: &mut Label, handler: u32) {
        self.list.push(Patch { op: HANDLER, field: handler, next: *label });
        *label = Label(self.list.len() as u32);
    }

    /// The unit where a handler begins.
    pub(crate) fn handler(&self, handler: u32) -> usize {
        self.handlers[handler as usize] as usize
    }
}

impl Label {
    /// Whether a branch waits for this label.
    pub(crate) fn is_used(self) -> bool {
        self.0 != 0
    }

    /// Whether a branch waits for one of these labels.
    pub(crate) fn is_one_used(one: Self, other: Self) -> bool {
        one.0 | other.0 != 0
    }
}

/// Makes unit `target` the target of the branch op at unit `op`, whose target is in the units at `field`.
pub(crate) fn set_target(code: &mut [u16], op: usize, field: usize, target: usize) {
    let distance = (target as i64 - op as i64) as i32;
    patch32(code, field, distance.cast_unsigned());
}
