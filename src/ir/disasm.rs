//! Compact code as text, one op a line.

use core::{fmt, ops::Range};

use crate::ir::{
    decode::{Decoded, decode, target},
    opcode::Kind,
    region::ANY_TAG,
    shape::Field,
};

/// Displays compact code, one op a line: unit index, name, operands (`acc`, `s<slot>`,
/// `#<immediate>`), branch targets as `-> <unit index>`.
#[derive(Debug)]
pub(crate) struct Disassembly<'a> {
    pub(crate) code: &'a [u16],
    /// The units in which the displayed ops begin.
    pub(crate) units: Range<usize>,
    /// The number of functions that the module imports. Callees are displayed by their index among all functions.
    pub(crate) imported_funcs: u32,
}

impl fmt::Display for Disassembly<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code;
        let mut at = 0;
        while at < code.len() {
            let Some(op) = decode(code, at) else {
                return writeln!(f, "{at:5}: ?");
            };
            if self.units.contains(&at) {
                write!(f, "{at:5}: ")?;
                write_op(f, code, at, &op, self.imported_funcs)?;
                writeln!(f)?;
            }
            at += op.total_units();
        }
        Ok(())
    }
}

fn write_op(f: &mut fmt::Formatter<'_>, code: &[u16], at: usize, op: &Decoded, imported_funcs: u32) -> fmt::Result {
    f.write_str(op.row.name())?;
    for (i, value) in op.values.iter().enumerate() {
        f.write_str(if i == 0 { " " } else { ", " })?;
        let bits = value.bits;
        match value.field {
            Field::Operand | Field::Wide => match value.kind {
                Kind::Acc => f.write_str("acc")?,
                Kind::Slot => write!(f, "s{bits}")?,
                Kind::Imm if value.field == Field::Wide => write!(f, "#{bits:#x}")?,
                Kind::Imm => write!(f, "#{}", (bits as u32).cast_signed())?,
            },
            Field::Cast => write!(f, "#{bits:#x}")?,
            Field::Slot | Field::Cells | Field::Range | Field::Base | Field::Link | Field::CalleeLink => {
                write!(f, "s{bits}")?;
            }
            Field::U16
            | Field::U32
            | Field::Count
            | Field::Arguments
            | Field::Index
            | Field::Memory
            | Field::ImportedFunc
            | Field::Table
            | Field::Type => write!(f, "{bits}")?,
            Field::Tag if bits as u32 == ANY_TAG => f.write_str("any tag")?,
            Field::Tag => write!(f, "tag {bits}")?,
            Field::U64 => write!(f, "{bits:#x}")?,
            Field::Callee => write!(f, "func {}", bits + u64::from(imported_funcs))?,
            Field::Target => write!(f, "-> {}", target(code, at, at + op.units - 2))?,
            Field::Targets => {
                f.write_str("[")?;
                for i in 0..op.targets {
                    let space = if i == 0 { "" } else { " " };
                    write!(f, "{space}{}", target(code, at, at + op.units + 2 * i))?;
                }
                f.write_str("]")?;
            }
        }
    }
    Ok(())
}
