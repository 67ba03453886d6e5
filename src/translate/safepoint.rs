//! Safepoints: the ops at which objects may be collected, because they allocate, call, or can be suspended.
//!
//! They are not noted when a function is translated to run it. When a collection finds a function on a stack for the first time,
//! it is translated again, which gives the same code, and they are noted then.

use crate::{translate::builder::Builder, types::object::is_traced, types::repr::Ty};

impl Builder<'_> {
    /// Notes which slots hold references while the op runs that is emitted next.
    ///
    /// Called right before each op that may collect is emitted. Operands that it reads after it has collected are still
    /// on the stack, and no entry of the stack is pending: what the op needs is in slots.
    #[inline]
    pub(crate) fn safepoint(&mut self) {
        if self.recording.is_on() {
            let entries = &self.stack.validation.entries;
            self.recording.note(self.emitter.here(), entries, &[], &self.stack.slots, self.header);
        }
    }

    /// Notes which slots hold references at unit `at`, where the operands from `height` on are gone and those of the types
    /// `more` are in their canonical slots.
    #[inline]
    pub(crate) fn safepoint_at(&mut self, at: usize, height: usize, more: &[Ty]) {
        if self.recording.is_on() {
            let entries = &self.stack.validation.entries[..height];
            self.recording.note(at, entries, more, &self.stack.slots, self.header);
        }
    }

    /// Has all locals cleared at the entry of the function that are traced references, so that they hold references at all
    /// safepoints.
    pub(crate) fn clear_references(&mut self) {
        let Self { stack, header, entry, .. } = self;
        let locals = &stack.validation.locals;
        for (first, count, _, ty) in locals.all().filter(|&(first, ..)| first >= locals.params()) {
            if ty.is_ref() && is_traced(ty, &header.types) {
                entry.clear(first, count);
            }
        }
    }

    /// Begins to note the safepoints of the function, whose locals are known, and which has `bytes` bytes.
    pub(crate) fn record(&mut self, bytes: usize) {
        let types = &self.header.types;
        let all = self.stack.validation.locals.all().filter(|&(.., ty)| ty.is_ref() && is_traced(ty, types));
        let slots = all.flat_map(|(_, count, slot, _)| slot..slot + count).map(|slot| slot as u16);
        self.recording.begin(slots.collect(), bytes);
    }
}
