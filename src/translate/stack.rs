//! The operand stack and the control frames of the function under translation.

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

/// The operand stack, the control frames, and the slots.
#[derive(Debug)]
// In this order: the fields that most operators touch are together, near the beginning.
#[repr(C)]
pub(crate) struct Stack<'a> {
    /// The entries and the frames, which validation checks.
    pub(crate) validation: Validation<'a, Targets>,
    /// Entries below this position are not locals. It may be above the stack; then no entry is a local.
    first_local: usize,
    pub(crate) slots: Slots,
}

impl<'a> Stack<'a> {
    /// Returns an empty stack for functions of the module that has this header.
    pub(crate) fn new(header: &'a ModuleHeader, memory: ValidationMemory<Targets>) -> Self {
        Self { validation: Validation::new(header, memory), first_local: 0, slots: Slots::default() }
    }

    /// Begins function `func`, whose locals are known. With `reachable`, it is translated; otherwise it is only
    /// validated.
    pub(crate) fn begin_func(&mut self, func: u32, ty: FuncTy<'a>, reachable: bool) {
        self.validation.begin_func(func, ty.results(), reachable);
        self.first_local = 0;
        self.slots = Slots::new(ty.signature(), &self.validation.locals);
    }

    /// Returns the memory, for other functions.
    pub(crate) fn into_memory(self) -> ValidationMemory<Targets> {
        self.validation.into_memory()
    }
    /// Returns the number of entries.
    #[inline]
    pub(crate) fn height(&self) -> usize {
        self.validation.entries.len()
    }

    /// Pushes an entry that is not a local.
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

    /// Pushes a value, or a cell of a vector, in its canonical slot.
    #[inline]
    pub(crate) fn push_temporary(&mut self, ty: Ty) {
        self.push(Entry::temporary(self.slots.at(self.height()), ty));
    }

    /// Pushes values of these types, by cell, in their canonical slots.
    pub(crate) fn push_temporaries(&mut self, types: &[Ty]) {
        let (slots, height) = (&self.slots, self.height());
        let entries = types.iter().zip(height..).map(|(&ty, position)| Entry::temporary(slots.at(position), ty));
        self.validation.entries.extend(entries);
    }

    /// Pops an entry. Validation guarantees that there is one.
    #[inline]
    pub(crate) fn pop(&mut self) -> Entry {
        self.validation.entries.pop().unwrap_or(Entry::i32(0))
    }

    /// Pops two entries. Returns the topmost one last. Validation guarantees that there are two.
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

    /// Returns the entry at `position`.
    #[inline]
    pub(crate) fn entry_at(&self, position: usize) -> Entry {
        self.validation.entries[position]
    }

    /// Returns the topmost entry.
    #[inline]
    pub(crate) fn top(&self) -> Option<Entry> {
        self.validation.entries.last().copied()
    }

    /// Notes that the entry at `position` is now in its canonical slot. Returns the slot.
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

    /// Finds the next value that must be moved away, and notes that it is in its canonical slot. Returns its position
    /// and its entry as it was.
    pub(crate) fn take_local(&mut self, search: &mut Search) -> Option<(usize, Entry)> {
        while let Some(&entry) = self.validation.entries.get(search.position) {
            let position = search.position;
            search.position += 1;
            if let Place::Local(slot) = entry.place() {
                if search.local.is_none_or(|local| local == slot) {
                    self.set_temporary(position);
                    if entry.is_of(Ty::V128) {
                        self.set_temporary(position + 1);
                        search.position += 1;
                    }
                    return Some((position, entry));
                }
                search.first_left = search.first_left.min(position);
            }
        }
        self.first_local = search.first_left;
        None
    }

    /// Replaces entries that are the local at `from` by the local at `to`, which has the same value. Returns false if
    /// there may be too many entries to look through.
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

    /// Begins a search for the entries that are this local, or for all locals if it is none or there may be many.
    #[inline]
    pub(crate) fn search(&self, local: Option<u16>) -> Search {
        let few = self.height() - self.first_local.min(self.height()) <= MAX_SEARCHED;
        Search { local: local.filter(|_| few), position: self.first_local, first_left: usize::MAX }
    }

    /// Returns the innermost frame. There is one until the function ends.
    pub(crate) fn frame(&mut self) -> &mut Frame {
        let last = self.validation.frames.len() - 1;
        &mut self.validation.frames[last]
    }

    /// Whether the innermost frame is a loop that has a parameter at `position`.
    pub(crate) fn is_loop_parameter(&self, position: usize) -> bool {
        self.validation.frames.last().is_some_and(|frame| {
            frame.params() > 0
                && frame.kind == FrameKind::Loop
                && (frame.height()..frame.height() + frame.params()).contains(&position)
        })
    }

    /// Returns the unit of the charge in the fuel op of the innermost frame, if fuel is metered.
    pub(crate) fn current_fuel(&self) -> Option<NonZeroU32> {
        self.validation.frames.last().and_then(|frame| frame.code.fuel)
    }

    /// Returns the index of the frame that a branch of this depth goes to, the frame, and the number of values of its
    /// label.
    pub(crate) fn branch_target(&self, depth: u32) -> (usize, Frame, usize) {
        let index = self.validation.frames.len() - 1 - depth as usize;
        let frame = self.validation.frames[index];
        let values = match frame.kind {
            FrameKind::Loop => frame.params(),
            _ => frame.results(),
        };
        (index, frame, values)
    }

    /// Drops the operands of `frame`, then pushes its parameters or results, which are in their canonical slots.
    pub(crate) fn reset_to(&mut self, frame: &Frame, params: bool) {
        self.truncate(frame.label_height());
        let count = if params { frame.params() } else { frame.results() };
        if count > 0 {
            let types = if params { self.validation.params(frame.ty) } else { self.validation.block_results(frame.ty) };
            if frame.reachable {
                self.push_temporaries(types);
            } else {
                self.validation.push_types(types);
            }
        }
        if self.validation.is_reachable() {
            // Ops may read these slots even if nothing was moved there.
            self.slots.reserve_operands(frame.label_height() + count);
        }
    }
}

/// A search for entries that are locals.
#[derive(Debug)]
pub(crate) struct Search {
    /// The slot of the local to find. Otherwise all locals are found.
    local: Option<u16>,
    position: usize,
    /// The position of the first local that was left.
    first_left: usize,
}
