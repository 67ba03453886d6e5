//! The operand stack at translation time, and the control frames.

use core::num::NonZeroU32;

use crate::{
    ir::operand::Slot,
    module::{env::ModuleHeader, types::FuncTy},
    translate::{
        control::{Frame, Targets},
        place::Place,
        slots::Slots,
    },
    types::repr::Ty,
    validate::{Entry, FrameKind, Validation, ValidationMemory},
};

/// The most entries that are looked through when a local is written. If there may be locals deeper down, all are
/// moved away at once, which keeps translation linear.
const MAX_SEARCHED: usize = 32;

/// The operand stack and the control frames of the function under translation, and where operands are.
#[derive(Debug)]
// In this order: what most operators touch stands together, near the beginning.
#[repr(C)]
pub(crate) struct Stack<'a> {
    /// The entries, the frames, and their types.
    pub(crate) validation: Validation<'a, Targets>,
    /// Below this position no entry is a local. It may be above the stack, and then none is.
    first_local: usize,
    pub(crate) slots: Slots,
}

impl<'a> Stack<'a> {
    /// Returns an empty stack for functions of the module that has this header.
    pub(crate) fn new(header: &'a ModuleHeader, memory: ValidationMemory<Targets>) -> Self {
        Self { validation: Validation::new(header, memory), first_local: 0, slots: Slots::default() }
    }

    /// Begins function `func`, whose locals are known. If it is only to be validated, it is not `reachable`.
    pub(crate) fn begin_func(&mut self, func: u32, ty: FuncTy<'a>, reachable: bool) {
        self.validation.begin_func(func, ty.results(), reachable);
        self.first_local = 0;
        self.slots = Slots::new(ty.signature(), &self.validation.locals);
    }

    /// Returns the memory, for other functions.
    pub(crate) fn into_memory(self) -> ValidationMemory<Targets> {
        self.validation.into_memory()
    }
    /// Number of entries.
    #[inline]
    pub(crate) fn height(&self) -> usize {
        self.validation.entries.len()
    }

    /// Pushes an entry that is no local.
    #[inline]
    pub(crate) fn push(&mut self, entry: Entry) {
        self.validation.entries.push(entry);
    }

    /// Pushes an entry that is a local.
    #[inline]
    pub(crate) fn push_local(&mut self, entry: Entry) {
        self.first_local = self.first_local.min(self.height());
        self.push(entry);
    }

    /// Pushes a value in its canonical slot.
    #[inline]
    pub(crate) fn push_temporary(&mut self, ty: Ty) {
        self.push(Entry::temporary(self.slots.at(self.height()), ty));
    }

    /// Pops an entry; validation guarantees that there is one.
    #[inline]
    pub(crate) fn pop(&mut self) -> Entry {
        self.validation.entries.pop().unwrap_or(Entry::i32(0))
    }

    /// Pops two entries, the topmost one last; validation guarantees that there are two.
    #[inline]
    pub(crate) fn pop_two(&mut self) -> [Entry; 2] {
        let entries = &mut self.validation.entries;
        let Some((below, &two)) = entries.split_last_chunk() else {
            return [Entry::i32(0); 2];
        };
        let height = below.len();
        entries.truncate(height);
        two
    }

    /// The entry at `position`.
    #[inline]
    pub(crate) fn entry_at(&self, position: usize) -> Entry {
        self.validation.entries[position]
    }

    /// The topmost entry.
    #[inline]
    pub(crate) fn top(&self) -> Option<Entry> {
        self.validation.entries.last().copied()
    }

    /// Says that the entry at `position` is now in its canonical slot; gives that.
    #[inline]
    pub(crate) fn set_temporary(&mut self, position: usize) -> Slot {
        let slot = self.slots.at(position);
        let entry = &mut self.validation.entries[position];
        *entry = entry.in_temporary(slot);
        slot
    }

    /// Drops entries above `height`.
    #[inline]
    pub(crate) fn truncate(&mut self, height: usize) {
        self.validation.entries.truncate(height);
    }

    /// Whether an entry may be a local.
    #[inline]
    pub(crate) fn has_locals(&self) -> bool {
        self.first_local < self.height()
    }

    /// Takes the next local entry from `position` on that must be moved away before `local` is written:
    /// one that is this local, or any if `local` is none or there may be many. It counts as a temporary
    /// afterwards. Gives its position and its slot.
    pub(crate) fn take_local(&mut self, search: &mut Search) -> Option<(usize, u16)> {
        while let Some(entry) = self.validation.entries.get(search.position) {
            let position = search.position;
            search.position += 1;
            if let Place::Local(slot) = entry.place() {
                if search.local.is_none_or(|local| local == slot) {
                    self.set_temporary(position);
                    return Some((position, slot));
                }
                search.first_left = search.first_left.min(position);
            }
        }
        self.first_local = search.first_left;
        None
    }

    /// Lets entries that are the local at `from` be the one at `to`, which has the same value; false if there may
    /// be too many to look through.
    pub(crate) fn rename_local(&mut self, from: u16, to: u16) -> bool {
        let first = self.first_local.min(self.height());
        let entries = &mut self.validation.entries[first..];
        if entries.len() > MAX_SEARCHED {
            return false;
        }
        for entry in entries.iter_mut().filter(|entry| entry.place() == Place::Local(from)) {
            *entry = entry.in_slot(to);
        }
        true
    }

    /// Begins to take entries that are this local, or all that are locals.
    #[inline]
    pub(crate) fn search(&self, local: Option<u16>) -> Search {
        let few = self.height() - self.first_local.min(self.height()) <= MAX_SEARCHED;
        Search { local: local.filter(|_| few), position: self.first_local, first_left: usize::MAX }
    }

    /// The innermost open frame; there is one until the function ends.
    pub(crate) fn frame(&mut self) -> &mut Frame {
        let last = self.validation.frames.len() - 1;
        &mut self.validation.frames[last]
    }

    /// Whether a branch back to the innermost frame wants a value at `position`, if that is a loop.
    pub(crate) fn is_loop_parameter(&self, position: usize) -> bool {
        self.validation.frames.last().is_some_and(|frame| {
            frame.params() > 0
                && frame.kind == FrameKind::Loop
                && (frame.height()..frame.height() + frame.params()).contains(&position)
        })
    }

    /// The fuel op of the innermost frame.
    pub(crate) fn current_fuel(&self) -> Option<NonZeroU32> {
        self.validation.frames.last().and_then(|frame| frame.code.fuel)
    }

    /// The frame that a branch of this depth leaves, and how many values it takes along.
    pub(crate) fn branch_target(&self, depth: u32) -> (usize, Frame, usize) {
        let index = self.validation.frames.len() - 1 - depth as usize;
        let frame = self.validation.frames[index];
        let values = match frame.kind {
            FrameKind::Loop => frame.params(),
            _ => frame.results(),
        };
        (index, frame, values)
    }

    /// Whether the topmost `count` entries stand in the canonical slots from `height` on.
    pub(crate) fn in_place(&self, count: usize, height: usize) -> bool {
        let top = self.height();
        count == 0 || top - count == height && (height..top).all(|position| self.entry_at(position).is_temporary())
    }

    /// Leaves the operands of `frame`, and its parameters or results in canonical slots.
    pub(crate) fn reset_to(&mut self, frame: &Frame, params: bool) {
        self.truncate(frame.height());
        let count = if params { frame.params() } else { frame.results() };
        if count > 0 {
            let types = if params { self.validation.params(frame.ty) } else { self.validation.block_results(frame.ty) };
            types.iter().for_each(|&ty| self.push_temporary(ty));
        }
        if self.validation.is_reachable() {
            // Their slots count for the frame even if nothing was moved there.
            self.slots.reserve_operands(frame.height() + count);
        }
    }
}

/// Where a search for locals on the stack is.
#[derive(Debug)]
pub(crate) struct Search {
    local: Option<u16>,
    position: usize,
    /// The first local that was not taken.
    first_left: usize,
}
