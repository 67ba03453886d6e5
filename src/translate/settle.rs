//! Settling: moves operands to their canonical slots.

use core::ops::Range;

use crate::{
    ir::{encode::Operand, operand::Slot},
    translate::builder::Builder,
    types::{layout::cells_of, repr::Ty},
    validate::{Entry, MANY},
};

impl Builder<'_> {
    /// Moves the topmost `count` entries to their canonical slots.
    pub(crate) fn settle_values(&mut self, count: usize) {
        self.flush();
        let height = self.stack.height();
        self.settle_range(height - count..height);
    }

    /// Moves the pending value and all stack entries that are locals to their canonical slots.
    pub(crate) fn settle(&mut self) {
        self.flush();
        self.settle_locals();
    }

    /// Like `settle`, but leaves alone the pending value, which the caller has popped.
    #[inline]
    pub(crate) fn settle_locals(&mut self) {
        if self.stack.has_locals() {
            self.move_locals(None);
        }
    }

    /// Moves stack entries that are this local to other slots, before the local is written.
    #[inline]
    pub(crate) fn preserve_local(&mut self, local: u16) {
        if self.stack.has_locals() {
            if let Some(copy) = self.emitter.mirrors.copy_of(local)
                && self.stack.rename_local(local, copy)
            {
                return;
            }
            self.move_locals(Some(local));
        }
    }

    fn move_locals(&mut self, local: Option<u16>) {
        let mut search = self.stack.search(local);
        while let Some((position, local)) = self.stack.take_local(&mut search) {
            let dst = self.stack.slots.temporary(position);
            self.stack.slots.reserve_operands(position + cells_of(local.ty()));
            self.emitter.copy_entry(dst, local);
        }
    }

    /// Moves the entries at these positions, none of which is pending, to their canonical slots.
    #[inline]
    pub(crate) fn settle_range(&mut self, positions: Range<usize>) {
        self.settle_typed(positions, &[]);
    }

    /// Skips the first positions, of a thousand or so, as far as the entries are in their canonical slots and have these
    /// types. Returns the rest.
    #[inline]
    fn skip_settled<'t>(&self, mut positions: Range<usize>, mut types: &'t [Ty]) -> (Range<usize>, &'t [Ty]) {
        while positions.len() >= MANY
            && let Some(entries) = self.stack.validation.entries[positions.clone()].first_chunk::<MANY>()
            && Entry::are_temporary(entries)
        {
            match types.split_first_chunk::<MANY>() {
                Some((first, rest)) if Entry::many_are_of(entries, first) => types = rest,
                None if types.is_empty() => {}
                _ => break,
            }
            positions.start += MANY;
        }
        (positions, types)
    }

    /// Like `settle_range`. Returns false if the entries do not have these `types`, as far as `types` goes. The caller
    /// then drops the code.
    // Types are checked while entries are moved, because one loop has one end to predict instead of two.
    #[inline(never)]
    pub(crate) fn settle_typed(&mut self, positions: Range<usize>, types: &[Ty]) -> bool {
        if positions.is_empty() {
            return true;
        }
        self.stack.slots.reserve_operands(positions.end);
        let (positions, types) = self.skip_settled(positions, types);
        let mut valid = true;
        let mut types = types.iter();
        let mut joins = self.emitter.has_no_copy_to_join();
        // A move that is not emitted yet, because the next one may be joined with it.
        let mut held: Option<(Slot, Operand)> = None;
        for position in positions {
            let entry = self.stack.entry_at(position);
            valid &= types.next().is_none_or(|&ty| entry.is_of(ty));
            if entry.is_temporary() {
                continue;
            }
            let dst = self.stack.set_temporary(position);
            if !joins || entry.is_large() {
                if let Some((dst, src)) = held.take() {
                    self.emitter.emit_copy(dst, src);
                }
                self.emitter.copy_entry(dst, entry);
                joins = self.emitter.has_no_copy_to_join();
                continue;
            }
            // Without a branch between local and constant: which it is follows no pattern.
            let src = self.emitter.source(entry.operand());
            self.emitter.mirrors.overwrite_temporary(dst.0);
            let Some(before) = held.replace((dst, src)) else { continue };
            if self.emitter.copy_both(before, (dst, src)) {
                held = None;
            } else {
                self.emitter.emit_copy(before.0, before.1);
                joins = false;
            }
        }
        if let Some((dst, src)) = held {
            self.emitter.emit_copy(dst, src);
        }
        valid
    }
}
