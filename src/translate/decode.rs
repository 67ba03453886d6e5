//! The operators of a body, one after the other: the frequent ones are decoded here, in a few
//! instructions each; everything else, and everything malformed, is left to the parser's reader.

use wasmparser::{BinaryReader, VisitOperator, WasmFeatures};

use crate::{
    costs::OperatorCost,
    error::Error,
    ir::opcode::Row,
    translate::{func::invalid, operators::Target, visitor::Visitor},
    types::ValType,
};
use ValType::{F32, F64, I32, I64};

/// An operator on numbers that is one byte.
#[derive(Clone, Copy)]
struct Numeric {
    row: Row,
    input: ValType,
    output: ValType,
    binary: bool,
    cost: fn(&OperatorCost) -> u64,
}

/// A load or a store.
#[derive(Clone, Copy)]
struct Access {
    row: Row,
    any: Row,
    ty: ValType,
    /// Logarithm of the natural alignment
    align: u8,
    store: bool,
    cost: fn(&OperatorCost) -> u64,
}

/// Numeric operators by opcode.
static NUMERIC: [Option<Numeric>; 256] = numeric_table();
/// Loads and stores by opcode.
static ACCESS: [Option<Access>; 256] = access_table();

macro_rules! numeric {
    ($($kind:ident $opcode:tt $visit:ident $row:ident $input:ident -> $output:ident;)*) => {
        const fn numeric_table() -> [Option<Numeric>; 256] {
            let mut table = [None; 256];
            $( numeric!(@ table $opcode $kind $visit $row $input $output); )*
            table
        }
    };
    (@ $table:ident none $($rest:ident)*) => {};
    (@ $table:ident $opcode:literal $kind:ident $visit:ident $row:ident $input:ident $output:ident) => {
        $table[$opcode] = Some(Numeric {
            row: Row::$row,
            input: $input,
            output: $output,
            binary: matches!(stringify!($kind).as_bytes(), b"binary"),
            cost: OperatorCost::$visit,
        });
    };
}
for_each_numeric!(numeric);

macro_rules! access {
    ($($kind:ident $opcode:literal $visit:ident $row:ident $any:ident $ty:ident $align:literal;)*) => {
        const fn access_table() -> [Option<Access>; 256] {
            let mut table = [None; 256];
            $( table[$opcode] = Some(Access {
                row: Row::$row,
                any: Row::$any,
                ty: $ty,
                align: $align,
                store: matches!(stringify!($kind).as_bytes(), b"store"),
                cost: OperatorCost::$visit,
            }); )*
            table
        }
    };
}
for_each_access!(access);

/// Bytes with a place among them.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    #[inline(always)]
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// An unsigned number (spec, Binary Format > Integers), if it is well formed.
    #[inline(always)]
    fn unsigned(&mut self) -> Option<u32> {
        match self.byte()? {
            byte @ 0..0x80 => Some(u32::from(byte)),
            byte => self.long_unsigned(byte),
        }
    }

    fn long_unsigned(&mut self, first: u8) -> Option<u32> {
        let mut value = u32::from(first & 0x7f);
        for shift in [7, 14, 21, 28] {
            let byte = self.byte()?;
            if shift == 28 && byte > 0x0f {
                return None;
            }
            value |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// A signed number of at most `BITS` bits, if it is well formed.
    #[inline(always)]
    fn signed<const BITS: u32>(&mut self) -> Option<i64> {
        let mut value = 0;
        let mut shift = 0;
        loop {
            let byte = self.byte()?;
            value |= i64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                let unused = 64 - shift.min(64);
                let value = value << unused >> unused;
                // The last byte has bits that must be those of the sign.
                let fits = shift < BITS
                    || BITS == 32 && i64::from(value as i32) == value
                    || BITS == 64 && matches!(byte, 0 | 0x7f);
                return fits.then_some(value);
            }
            if shift >= BITS {
                return None;
            }
        }
    }
}

impl Visitor<'_> {
    /// Validates and translates the operators from `reader`'s place on, to the end of the function.
    ///
    /// # Errors
    ///
    /// If they are malformed or invalid, or of a proposal that is not supported.
    pub(crate) fn operators(&mut self, mut reader: BinaryReader<'_>) -> Result<(), Error> {
        let func = self.func;
        let start = reader.original_position();
        let features = reader.features();
        let bytes = reader.read_bytes(reader.bytes_remaining()).map_err(|error| invalid(&error, func))?;
        let mut cursor = Cursor { bytes, at: 0 };
        // Without floats most tables do not apply.
        let tables = features.contains(WasmFeatures::FLOATS);
        while self.validation.is_open() {
            let at = cursor.at;
            self.validation.offset = start as usize + at;
            if tables && self.frequent(&mut cursor)? {
                continue;
            }
            let mut reader = BinaryReader::new_features(&cursor.bytes[at..], start + at as u64, features);
            reader.visit_operator(self).map_err(|error| invalid(&error, func))??;
            cursor.at = at + reader.current_position();
        }
        if cursor.at < cursor.bytes.len() {
            self.validation.offset = start as usize + cursor.at;
            return Err(self.validation.error("operators remaining after end of function body or control frame"));
        }
        Ok(())
    }

    /// Handles the operator at the cursor, if it is a frequent one and well formed.
    #[inline(always)]
    fn frequent(&mut self, cursor: &mut Cursor<'_>) -> Result<bool, Error> {
        macro_rules! or_leave {
            ($value:expr) => {
                match $value {
                    Some(value) => value,
                    None => return Ok(false),
                }
            };
        }
        let opcode = or_leave!(cursor.byte());
        match opcode {
            0x0b => self.visit_end()?,
            0x0c => self.visit_br(or_leave!(cursor.unsigned()))?,
            0x0d => self.visit_br_if(or_leave!(cursor.unsigned()))?,
            0x10 => self.visit_call(or_leave!(cursor.unsigned()))?,
            0x1a => self.visit_drop()?,
            0x1b => self.visit_select()?,
            0x20 => self.visit_local_get(or_leave!(cursor.unsigned()))?,
            0x21 => self.visit_local_set(or_leave!(cursor.unsigned()))?,
            0x22 => self.visit_local_tee(or_leave!(cursor.unsigned()))?,
            0x23 => self.visit_global_get(or_leave!(cursor.unsigned()))?,
            0x24 => self.visit_global_set(or_leave!(cursor.unsigned()))?,
            0x41 => self.visit_i32_const(or_leave!(cursor.signed::<32>()) as i32)?,
            0x42 => self.visit_i64_const(or_leave!(cursor.signed::<64>()))?,
            0x28..=0x3e => {
                let access = or_leave!(&ACCESS[usize::from(opcode)]);
                let align = or_leave!(cursor.byte());
                let offset = or_leave!(cursor.unsigned());
                if align > access.align {
                    return Ok(false);
                }
                self.access(access, offset)?;
            }
            _ => {
                let numeric = or_leave!(&NUMERIC[usize::from(opcode)]);
                self.numeric(numeric)?;
            }
        }
        Ok(true)
    }

    #[inline(always)]
    fn numeric(&mut self, numeric: &Numeric) -> Result<(), Error> {
        let &Numeric { row, input, output, binary, cost } = numeric;
        if binary {
            self.validation.binary(input, output)?;
        } else {
            self.validation.unary(input, output)?;
        }
        if let Some(builder) = &mut self.builder
            && builder.reachable
        {
            builder.charge(cost);
            if binary {
                builder.binary(row, input, output);
            } else {
                builder.unary(row, input, output);
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn access(&mut self, access: &Access, offset: u32) -> Result<(), Error> {
        let &Access { row, any, ty, store, cost, .. } = access;
        let addr = self.validation.addr_type(0)?;
        if store {
            self.validation.store(addr, ty)?;
        } else {
            self.validation.load(addr, ty)?;
        }
        if let Some(builder) = &mut self.builder
            && builder.reachable
        {
            let target = Target { memory: 0, offset: u64::from(offset) };
            builder.charge(cost);
            if store {
                builder.store(row, any, ty, target);
            } else {
                builder.load(row, any, ty, target);
            }
        }
        Ok(())
    }
}
