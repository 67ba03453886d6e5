//! Positions: which operators the code of a function comes from.
//!
//! The function is translated again, operator by operator, which gives the same code. What an operator appends comes from it, but for
//! the first op if a value op was staged: that comes from the operator which staged it, or from both. An op that several operators
//! became together comes from the first of them that may trap.

use crate::{
    error::Error,
    module::positions::Positions,
    translate::{decode::Operators, visitor::Visitor},
};

/// An operator whose op is staged.
#[derive(Debug, Clone, Copy)]
struct Origin {
    offset: usize,
    traps: bool,
}

/// Whether an operator with this first byte may trap, and its op may be staged or joined with others.
fn may_trap(opcode: u8) -> bool {
    matches!(opcode,
        // Accesses to tables and memories.
        0x25 | 0x26 | 0x28..=0x3e
        // Divisions and conversions.
        | 0x6d..=0x70 | 0x7f..=0x82 | 0xa8..=0xab | 0xae..=0xb1
        // Operators on references, and those of two bytes.
        | 0xd2..=0xd6 | 0xfb..=0xfe)
}

impl Visitor<'_> {
    /// Validates and translates all operators of the function, whose code begins at unit `begin`, and notes what their code is.
    ///
    /// # Errors
    ///
    /// Those of `Visitor::operators`; also if there is not enough memory.
    pub(super) fn located(
        &mut self,
        operators: Operators<'_>,
        begin: usize,
        positions: &mut Positions,
    ) -> Result<(), Error> {
        let Operators { bytes, start } = operators;
        self.builder.stack.validation.set_origin(bytes.as_ptr().addr(), start);
        positions.note(0, start)?;
        let mut staged: Option<Origin> = None;
        let mut at = 0;
        while self.builder.stack.validation.is_open() {
            let Some(&opcode) = bytes.get(at) else { break };
            let own = Origin { offset: start + at, traps: may_trap(opcode) };
            let rest = &bytes[at..];
            self.builder.stack.validation.set_address(rest.as_ptr().addr());
            #[cfg(feature = "coredump")]
            if positions.wanted == Some(own.offset as u32) {
                positions.site = Some(self.builder.site(rest));
            }
            let before = self.builder.emitter.code.len() - begin;
            at += self.rare(rest, own.offset)?;
            let after = self.builder.emitter.code.len() - begin;
            if after > before {
                match staged.take() {
                    Some(earlier) => {
                        positions.note(before, if earlier.traps { earlier.offset } else { own.offset })?;
                        positions.note(before + 1, own.offset)?;
                    }
                    None => positions.note(before, own.offset)?,
                }
            } else {
                positions.cut(after);
            }
            staged = match staged {
                _ if !self.builder.pending.exists => None,
                // It was not touched, or became part of another one.
                Some(earlier) if earlier.traps || !own.traps => Some(earlier),
                _ => Some(own),
            };
        }
        Ok(())
    }
}
