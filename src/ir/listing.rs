//! Compact code as a list of ops, for those who count them.

use alloc::vec::Vec;
use core::fmt;

use crate::ir::{
    decode::{decode, target},
    opcode::{Kind, OpCode},
    shape::{Field, Shape},
};

/// An op of the internal instruction set in one of its forms. Displayed as `row.form`: one letter for
/// each operand, result first, `r` for the accumulator, `s` for a slot, `i` for an immediate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpName(u16);

impl OpName {
    /// The name of the op without its form.
    #[must_use]
    pub fn row(self) -> &'static str {
        OpCode(self.0).row_and_form().map_or("?", |(row, _)| row.name())
    }
}

impl fmt::Display for OpName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row())?;
        let Some((_, form)) = OpCode(self.0).row_and_form() else { return Ok(()) };
        for i in 0..form.len() {
            f.write_str(match (i, form.kind(i)) {
                (0, Kind::Acc) => ".r",
                (0, Kind::Slot) => ".s",
                (0, Kind::Imm) => ".i",
                (_, Kind::Acc) => "r",
                (_, Kind::Slot) => "s",
                (_, Kind::Imm) => "i",
            })?;
        }
        Ok(())
    }
}

/// An op in the code of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CodeOp {
    /// Which op it is
    pub name: OpName,
    /// Where it stands in the code of its function, in bytes
    pub offset: usize,
    /// Its length in bytes
    pub len: usize,
    /// Whether the function is entered here or a branch leads here
    pub is_target: bool,
    /// Whether something else than the op behind it always runs next: it jumps, calls, returns or traps
    pub is_last: bool,
}

/// The ops of a function that is entered at unit `entry`; ends where there is no op.
pub(crate) fn list(code: &[u16], entry: usize) -> Vec<CodeOp> {
    let mut ops = Vec::new();
    let mut targets = alloc::vec![false; code.len()];
    let mut mark = |unit: usize| {
        if let Some(target) = targets.get_mut(unit) {
            *target = true;
        }
    };
    mark(entry);
    let mut at = 0;
    while let Some(op) = decode(code, at) {
        if op.values.last().is_some_and(|value| value.field == Field::Target) {
            mark(target(code, at, at + op.units - 2));
        }
        for i in 0..op.targets {
            mark(target(code, at, at + op.units + 2 * i));
        }
        let len = op.total_units();
        ops.push(CodeOp {
            name: OpName(code[at]),
            offset: 2 * at,
            len: 2 * len,
            is_target: false,
            is_last: is_last(op.row.shape()),
        });
        at += len;
    }
    for op in &mut ops {
        op.is_target = targets[op.offset / 2];
    }
    ops
}

/// Whether the op behind an op of this shape never runs right after it.
fn is_last(shape: Shape) -> bool {
    shape.ends() || shape.fields().contains(&Field::CalleeLink)
}
