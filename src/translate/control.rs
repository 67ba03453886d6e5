//! Control frames, and labels whose place is not known yet.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::ir::encode::patch32;

/// Head of a list of branches that wait for their target; 0 if there are none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Label(u32);

/// What the translator keeps of a structured operator that is open.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Targets {
    /// Branches to the end.
    pub(crate) end: Label,
    /// The branch over the first arm of `if`.
    pub(crate) otherwise: Label,
    /// The unit where the body of a `loop` begins.
    pub(crate) head: u32,
    /// Where the fuel op that code of this frame is charged to has its charge, if metered.
    pub(crate) fuel: Option<NonZeroU32>,
    /// Other fuel ops of a `loop` that charge the same.
    pub(crate) copies: Label,
}

/// A structured operator that is open.
pub(crate) type Frame = crate::validate::Frame<Targets>;

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
}

impl Patches {
    /// Forgets everything, keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
    }

    /// Notes that the op at unit `op` branches to `label`, with its target in the units at `field`.
    pub(crate) fn add(&mut self, label: &mut Label, op: usize, field: usize) {
        self.list.push(Patch { op: op as u32, field: field as u32, next: *label });
        *label = Label(self.list.len() as u32);
    }

    /// Lets all branches to these labels go to unit `target`; there is at most one to the first.
    pub(crate) fn bind(&self, first: Label, second: Label, target: usize, code: &mut [u16]) {
        // One loop for both, so that there is one end to predict.
        let mut next = if first.is_used() { first } else { second };
        while next.is_used() {
            let patch = self.list[next.0 as usize - 1];
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

/// Lets the op at unit `op`, with its target in the units at `field`, branch to unit `target`.
pub(crate) fn set_target(code: &mut [u16], op: usize, field: usize, target: usize) {
    let distance = (target as i64 - op as i64) as i32;
    patch32(code, field, distance.cast_unsigned());
}
