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
    /// The unit where the body of a `loop` begins.
    pub(crate) head: u32,
    /// The unit of the charge in the fuel op that code of this frame is charged to, if fuel is metered.
    pub(crate) fuel: Option<NonZeroU32>,
    /// Further fuel ops of a `loop` with the same charge.
    pub(crate) copies: Label,
}

/// A control frame.
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
    /// Removes all branches. Keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
    }

    /// Adds the branch op at unit `op` to `label`. Its target is to be written to the units at `field`.
    pub(crate) fn add(&mut self, label: &mut Label, op: usize, field: usize) {
        self.list.push(Patch { op: op as u32, field: field as u32, next: *label });
        *label = Label(self.list.len() as u32);
    }

    /// Makes unit `target` the target of all branches to these labels. At most one branch goes to the first label.
    pub(crate) fn bind(&self, first: Label, second: Label, target: usize, code: &mut [u16]) {
        // One loop for both labels has one end to predict instead of two.
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

/// Makes unit `target` the target of the branch op at unit `op`, whose target is in the units at `field`.
pub(crate) fn set_target(code: &mut [u16], op: usize, field: usize, target: usize) {
    let distance = (target as i64 - op as i64) as i32;
    patch32(code, field, distance.cast_unsigned());
}
