//! Compact code as a list of ops, for tools that count them.

use alloc::vec::Vec;
use core::fmt;

use crate::ir::{
    decode::{decode, target},
    facts::InSequence,
    opcode::{Kind, OpCode},
    shape::{Field, Shape},
};

/// An op of the internal instruction set in one of its forms. Displayed as `row.form`: one letter for
/// each operand, result first, `r` for the accumulator, `s` for a slot, `i` for an immediate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpName(u16);

impl OpName {
    /// Returns all ops in all their forms.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..OpCode::COUNT).map(|code| Self(code as u16))
    }

    /// Returns the name of the op without its form.
    #[must_use]
    pub fn row(self) -> &'static str {
        OpCode(self.0).row_and_form().map_or("?", |(row, _)| row.name())
    }

    /// Returns whether the op never falls through: it always jumps, calls, returns or traps.
    #[must_use]
    pub fn is_last(self) -> bool {
        OpCode(self.0).row_and_form().is_some_and(|(row, _)| is_last(row.shape()))
    }

    /// Returns whether a sequence of ops with one handler may contain this op.
    #[must_use]
    pub fn can_join_sequence(self) -> bool {
        self.place_in_sequence() != InSequence::never
    }

    /// Returns whether another op may follow this one in a sequence of ops with one handler.
    #[must_use]
    pub fn can_precede_in_sequence(self) -> bool {
        self.place_in_sequence() == InSequence::any && !self.is_last()
    }

    fn place_in_sequence(self) -> InSequence {
        OpCode(self.0).row_and_form().map_or(InSequence::never, |(row, _)| row.facts().sequence)
    }

    /// Returns the branch that takes the place of this one where its target is a `consume_fuel`, and executes that as
    /// well.
    #[must_use]
    pub fn charged(self) -> Option<Self> {
        let (row, form) = OpCode(self.0).row_and_form()?;
        Some(Self(row.relations().charged?.opcode(form.kinds())?.0))
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
    /// The op
    pub name: OpName,
    /// Its offset in the code of its function, in bytes
    pub offset: usize,
    /// Its length in bytes
    pub len: usize,
    /// Whether the function is entered here or a branch has its target here
    pub is_target: bool,
    /// Whether it never falls through: it always jumps, calls, returns or traps
    pub is_last: bool,
    /// The number of loops it is in: of branches from here or later to here or earlier
    pub loops: u32,
}

/// Lists the ops of a function that is entered at unit `entry`, up to the first unit that is not an op.
pub(crate) fn list(code: &[u16], entry: usize) -> Vec<CodeOp> {
    let mut ops = Vec::new();
    let mut targets = alloc::vec![false; code.len()];
    // The target and the unit of each backward branch.
    let mut loops = Vec::new();
    let mut mark = |at: usize, unit: usize| {
        if let Some(target) = targets.get_mut(unit) {
            *target = true;
            if unit <= at {
                loops.push((unit, at));
            }
        }
    };
    let mut at = 0;
    while let Some(op) = decode(code, at) {
        if op.values.last().is_some_and(|value| value.field == Field::Target) {
            mark(at, target(code, at, at + op.units - 2));
        }
        for i in 0..op.targets {
            mark(at, target(code, at, at + op.units + 2 * i));
        }
        let len = op.total_units();
        ops.push(CodeOp {
            name: OpName(code[at]),
            offset: 2 * at,
            len: 2 * len,
            is_target: false,
            is_last: is_last(op.row.shape()),
            loops: 0,
        });
        at += len;
    }
    if let Some(target) = targets.get_mut(entry) {
        *target = true;
    }
    // Several entries of a branch table with the same target count as one branch.
    loops.sort_unstable();
    loops.dedup();
    let mut ends: Vec<_> = loops.iter().map(|&(_, end)| end).collect();
    ends.sort_unstable();
    let (mut begun, mut ended) = (0, 0);
    for op in &mut ops {
        let unit = op.offset / 2;
        op.is_target = targets[unit];
        begun += loops[begun..].iter().take_while(|&&(start, _)| start <= unit).count();
        ended += ends[ended..].iter().take_while(|&&end| end < unit).count();
        op.loops = (begun - ended) as u32;
    }
    ops
}

/// Returns whether ops of this shape never fall through: they end, or call a function.
fn is_last(shape: Shape) -> bool {
    shape.ends() || shape.fields().contains(&Field::CalleeLink)
}
