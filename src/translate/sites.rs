//! Sites: where the locals and operands of a function are before it executes some operator.

use alloc::vec::Vec;

use crate::{
    module::positions::{Site, Value},
    translate::{builder::Builder, cursor::Cursor, place::Place},
    types::{layout::cells_of, repr::Ty},
    validate::Entry,
};

impl Builder<'_> {
    /// Returns the site of the operator whose bytes come first in `rest`, which is about to be translated.
    pub(crate) fn site(&self, rest: &[u8]) -> Site {
        let arguments = self.taken_by_call(rest).unwrap_or(0);
        let entries = &self.stack.validation.entries;
        let operands = entries[..entries.len().saturating_sub(arguments)].iter();
        let operands: Vec<_> = operands
            .filter(|entry| entry.ty() != Ty::V128_HIGH)
            .map(|&entry| (entry.ty(), self.value_of(entry)))
            .collect();
        let (mut locals, mut unwritten) = (Vec::new(), Vec::new());
        for (first, count, slot, ty) in self.stack.validation.locals.all().filter(|&(.., ty)| ty != Ty::V128_HIGH) {
            for (local, i) in (first..).zip(0..count) {
                // A frame has fewer than 2^16 cells.
                locals.push((ty, Value::Slot((slot + i * cells_of(ty) as u32) as u16)));
                if !self.entry.is_written(local) {
                    unwritten.push(local);
                }
            }
        }
        Site { locals, operands, unwritten }
    }

    /// Completes a site of the function, all of which is translated now.
    pub(crate) fn complete(&self, site: &mut Site) {
        for &local in &site.unwritten {
            if !self.entry.is_cleared(local) {
                site.locals[local as usize].1 = Value::Missing;
            }
        }
    }

    /// Returns where the value of an operand is.
    fn value_of(&self, entry: Entry) -> Value {
        match entry.place() {
            Place::Local(slot) => Value::Slot(slot),
            Place::Temporary(slot) => Value::Slot(slot.0),
            Place::Constant => Value::Constant(self.emitter.bits_of(entry)),
            Place::Pending => Value::Missing,
        }
    }

    /// Returns the number of entries that a call takes; none if the operator is not a call.
    fn taken_by_call(&self, operator: &[u8]) -> Option<usize> {
        let mut cursor = Cursor::new(operator);
        let opcode = cursor.byte()?;
        match opcode {
            0x10 => Some(self.header.func_type(cursor.unsigned()?).params().len()),
            // `call_indirect` and `call_ref` take the function too.
            0x11 | 0x14 => Some(self.header.types.func(cursor.unsigned()?).params().len() + 1),
            _ => None,
        }
    }
}
