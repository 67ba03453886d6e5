//! The loop over the operators of a body. It decodes frequent operators in a few instructions each, and leaves the others
//! and everything malformed to `rare.rs`.

use core::hint::cold_path;

use wasmparser::WasmFeatures;

use crate::{
    config::{costs::OperatorCost, proposals::Proposal},
    error::Error,
    ir::opcode::Row,
    translate::{cursor::Cursor, memory::Target, visitor::Visitor},
    types::repr::{F32, F64, I32, I64, Ty},
    validate::FrameKind,
};

/// How an operator is decoded, by its first byte.
#[derive(Clone, Copy)]
enum Decoding {
    /// Not at all: there are no more operators.
    Nothing,
    /// As a rare operator.
    Rare,
    Block,
    Loop,
    If,
    Else,
    End,
    Br,
    BrIf,
    Return,
    Unreachable,
    Call,
    CallIndirect,
    Drop,
    Select,
    LocalGet,
    LocalSet,
    LocalTee,
    GlobalGet,
    GlobalSet,
    I32Const,
    I64Const,
    F32Const,
    F64Const,
    Load,
    Store,
    Unary,
    Binary,
    Subtract,
}

/// What an operator on numbers does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Unary,
    Binary,
    Load,
    Store,
    /// The operator is not one on numbers.
    None,
}

/// An operator on numbers, a load, or a store.
#[derive(Clone, Copy)]
pub(super) struct Numeric {
    pub(super) row: Row,
    /// Of loads and stores: the row for any memory and any offset.
    pub(super) general: Row,
    pub(super) input: Ty,
    pub(super) output: Ty,
    pub(super) kind: Kind,
    /// The proposal that it is part of.
    pub(super) proposal: Option<Proposal>,
    /// Of loads and stores: the logarithm of the natural alignment.
    pub(super) align: u8,
    pub(super) cost: fn(&OperatorCost) -> u64,
}

impl Numeric {
    /// The place in the table of an operator of two bytes. No operator of one byte has it.
    const fn index(opcode: usize) -> usize {
        if opcode < 0x100 { opcode } else { 0xf0 + opcode % 0x100 }
    }

    /// Returns the operator on numbers with this opcode, if it is one. The second of two bytes is in the lower half.
    pub(super) fn find(opcode: u32) -> Option<&'static Self> {
        if !matches!(opcode, 0..0xf0 | 0xfc00..0xfc08) {
            return None;
        }
        let found = &TABLES.numeric[Self::index(opcode as usize)];
        (found.kind != Kind::None).then_some(found)
    }
}

/// How operators are handled, by their first byte.
struct Tables {
    decoding: [Decoding; 256],
    numeric: [Numeric; 256],
}

static TABLES: Tables = access_tables(numeric_tables(Tables {
    decoding: {
        let mut decoding = [Decoding::Rare; 256];
        decoding[0x02] = Decoding::Block;
        decoding[0x03] = Decoding::Loop;
        decoding[0x04] = Decoding::If;
        decoding[0x00] = Decoding::Unreachable;
        decoding[0x05] = Decoding::Else;
        decoding[0x0b] = Decoding::End;
        decoding[0x0c] = Decoding::Br;
        decoding[0x0d] = Decoding::BrIf;
        decoding[0x0f] = Decoding::Return;
        decoding[0x10] = Decoding::Call;
        decoding[0x11] = Decoding::CallIndirect;
        decoding[0x1a] = Decoding::Drop;
        decoding[0x1b] = Decoding::Select;
        decoding[0x20] = Decoding::LocalGet;
        decoding[0x21] = Decoding::LocalSet;
        decoding[0x22] = Decoding::LocalTee;
        decoding[0x23] = Decoding::GlobalGet;
        decoding[0x24] = Decoding::GlobalSet;
        decoding[0x41] = Decoding::I32Const;
        decoding[0x42] = Decoding::I64Const;
        decoding[0x43] = Decoding::F32Const;
        decoding[0x44] = Decoding::F64Const;
        decoding
    },
    numeric: [Numeric {
        row: Row::copy,
        general: Row::copy,
        input: I32,
        output: I32,
        kind: Kind::None,
        proposal: None,
        align: 0,
        cost: OperatorCost::visit_nop,
    }; 256],
}));

impl Tables {
    const fn put(&mut self, opcode: usize, numeric: Numeric) {
        let index = Numeric::index(opcode);
        assert!(matches!(self.numeric[index].kind, Kind::None), "two operators with this opcode");
        self.numeric[index] = numeric;
        if numeric.proposal.is_some() {
            return;
        }
        self.decoding[opcode] = match numeric.kind {
            Kind::Binary if matches!(numeric.row, Row::i32_sub | Row::i64_sub) => Decoding::Subtract,
            Kind::Unary => Decoding::Unary,
            Kind::Binary => Decoding::Binary,
            Kind::Load => Decoding::Load,
            Kind::Store => Decoding::Store,
            Kind::None => panic!("no such kind of operator"),
        };
    }
}

impl Kind {
    const fn named(name: &str) -> Self {
        match name.as_bytes() {
            b"unary" => Self::Unary,
            b"binary" => Self::Binary,
            b"load" => Self::Load,
            b"store" => Self::Store,
            _ => Self::None,
        }
    }
}

macro_rules! numeric {
    ($($kind:ident $opcode:tt $visit:ident $row:ident $input:ident -> $output:ident = $cost:literal;)*) => {
        const fn numeric_tables(mut tables: Tables) -> Tables {
            $( numeric!(@ tables $opcode $kind $visit $row $input $output); )*
            tables
        }
    };
    (@ $tables:ident ($opcode:literal $proposal:ident) $($rest:ident)*) => {
        numeric!(@ $tables $opcode Some(Proposal::$proposal), $($rest)*);
    };
    (@ $tables:ident $opcode:literal $kind:ident $($rest:ident)*) => {
        numeric!(@ $tables $opcode None, $kind $($rest)*);
    };
    (@ $tables:ident $opcode:literal $proposal:expr,
        $kind:ident $visit:ident $row:ident $input:ident $output:ident
    ) => {
        $tables.put($opcode, Numeric {
            row: Row::$row,
            general: Row::$row,
            input: $input,
            output: $output,
            kind: Kind::named(stringify!($kind)),
            proposal: $proposal,
            align: 0,
            cost: OperatorCost::$visit,
        });
    };
}
for_each_numeric!(numeric);

macro_rules! access {
    ($($kind:ident $opcode:literal $visit:ident $row:ident $general:ident $ty:ident $align:literal = $cost:literal;)*) => {
        const fn access_tables(mut tables: Tables) -> Tables {
            $( tables.put($opcode, Numeric {
                row: Row::$row,
                general: Row::$general,
                input: $ty,
                output: $ty,
                kind: Kind::named(stringify!($kind)),
                proposal: None,
                align: $align,
                cost: OperatorCost::$visit,
            }); )*
            tables
        }
    };
}
for_each_access!(access);

/// The operators of a function body, as bytes.
#[derive(Clone, Copy)]
pub(crate) struct Operators<'a> {
    pub(crate) bytes: &'a [u8],
    /// The offset of the first byte in the module.
    pub(crate) start: usize,
}

/// An operator whose first byte is decoded.
#[derive(Clone, Copy)]
struct Fetched {
    opcode: u8,
    decoding: Decoding,
}

impl Fetched {
    /// Decodes the first byte of the operator at the cursor.
    #[inline(always)]
    fn next(cursor: &mut Cursor<'_>) -> Self {
        match cursor.byte() {
            Some(opcode) => Self { opcode, decoding: TABLES.decoding[usize::from(opcode)] },
            None => {
                cold_path();
                Self { opcode: 0, decoding: Decoding::Nothing }
            }
        }
    }

    /// Returns the row of the table for an operator on numbers, a load, or a store.
    // Not looked up for other operators: most have no use for it.
    #[inline(always)]
    fn numeric(self) -> &'static Numeric {
        &TABLES.numeric[usize::from(self.opcode)]
    }
}

/// What `Visitor::frequent` did with an operator.
enum Next {
    /// Handled it.
    Done,
    /// Handled it, and closed a frame.
    Ended,
    /// Left it, because it is rare or malformed.
    Rare,
}

impl Visitor<'_> {
    /// Validates and translates all operators of the function.
    ///
    /// # Errors
    ///
    /// If they are malformed or invalid, or of a proposal that is not supported.
    pub(crate) fn operators(&mut self, operators: Operators<'_>) -> Result<(), Error> {
        let Operators { bytes, start } = operators;
        let mut cursor = Cursor::new(bytes);
        // When an operator is handled, the cursor is after its first byte.
        self.builder.stack.validation.set_origin(cursor.address() + 1, start);
        // The tables contain operators on floats, whose results stay as they are.
        let tables = self.features.contains(WasmFeatures::FLOATS) && !self.builder.header.canonical_nans;
        let mut fetched = Fetched::next(&mut cursor);
        loop {
            self.builder.stack.validation.set_address(cursor.address());
            let next = if tables { self.frequent(&mut cursor, &mut fetched)? } else { Next::Rare };
            match next {
                Next::Done => continue,
                Next::Ended => {}
                Next::Rare => {
                    let there = !matches!(fetched.decoding, Decoding::Nothing);
                    let offset = if there { self.builder.stack.validation.offset() } else { start + bytes.len() };
                    cursor = Cursor::new(&bytes[offset - start..]);
                    let read = self.rare(cursor.rest(), offset)?;
                    cursor.skip(read);
                    fetched = Fetched::next(&mut cursor);
                }
            }
            if !self.builder.stack.validation.is_open() {
                break;
            }
        }
        if !matches!(fetched.decoding, Decoding::Nothing) {
            self.builder.stack.validation.set_address(cursor.address());
            return Err(self
                .builder
                .stack
                .validation
                .error("operators remaining after end of function body or control frame"));
        }
        Ok(())
    }

    /// Handles the operator at the cursor, which was `fetched`, if it is a frequent one and well formed. Then the next
    /// operator is fetched.
    // Fetches the next operator as soon as its position is known, so its handler is predicted before this one finishes.
    #[inline(always)]
    fn frequent(&mut self, cursor: &mut Cursor<'_>, fetched: &mut Fetched) -> Result<Next, Error> {
        macro_rules! or_leave {
            ($value:expr) => {
                match $value {
                    Some(value) => value,
                    None => {
                        cold_path();
                        return Ok(Next::Rare);
                    }
                }
            };
        }
        /// Reads the last immediate of the operator, then fetches the next operator.
        macro_rules! last {
            ($value:expr) => {{
                let value = or_leave!($value);
                *fetched = Fetched::next(cursor);
                value
            }};
        }
        /// Fetches the next operator, then handles this one, which has no immediate.
        macro_rules! bare {
            ($handle:expr) => {{
                *fetched = Fetched::next(cursor);
                $handle?
            }};
        }
        let operator = *fetched;
        match operator.decoding {
            Decoding::Block => self.block(last!(cursor.block_type()))?,
            Decoding::Loop => self.loop_(last!(cursor.block_type()))?,
            Decoding::If => self.if_(last!(cursor.block_type()))?,
            Decoding::End => {
                bare!(self.end());
                return Ok(Next::Ended);
            }
            Decoding::Br => self.br(last!(cursor.unsigned()))?,
            Decoding::BrIf => self.br_if(last!(cursor.unsigned()))?,
            Decoding::Call => self.call(last!(cursor.unsigned()))?,
            Decoding::CallIndirect => {
                let ty = or_leave!(cursor.unsigned());
                // This byte need not always be zero.
                last!(cursor.byte().filter(|&table| table == 0));
                self.visit_call_indirect(ty, 0)?;
            }
            Decoding::Return => bare!(self.visit_return()),
            Decoding::Unreachable => bare!(self.visit_unreachable()),
            // An `else` anywhere else is an error.
            Decoding::Else if self.builder.stack.validation.frame_kind() == Some(FrameKind::If) => {
                bare!(self.visit_else());
            }
            Decoding::Nothing | Decoding::Rare | Decoding::Else => return Ok(Next::Rare),
            Decoding::Drop => bare!(self.visit_drop()),
            Decoding::Select => bare!(self.visit_select()),
            Decoding::LocalGet => self.local_get(last!(cursor.unsigned()))?,
            Decoding::LocalSet => self.local_set(last!(cursor.unsigned()), false)?,
            Decoding::LocalTee => self.local_set(last!(cursor.unsigned()), true)?,
            Decoding::GlobalGet => self.visit_global_get(last!(cursor.unsigned()))?,
            Decoding::GlobalSet => self.visit_global_set(last!(cursor.unsigned()))?,
            Decoding::I32Const => self.i32_const(last!(cursor.signed::<32>()) as i32),
            Decoding::I64Const => {
                let value = last!(cursor.signed::<64>());
                self.constant(OperatorCost::visit_i64_const, value.cast_unsigned(), I64);
            }
            Decoding::F32Const => {
                let bits = u32::from_le_bytes(last!(cursor.array()));
                self.constant(OperatorCost::visit_f32_const, u64::from(bits), F32);
            }
            Decoding::F64Const => {
                let bits = u64::from_le_bytes(last!(cursor.array()));
                self.constant(OperatorCost::visit_f64_const, bits, F64);
            }
            Decoding::Load => {
                let numeric = operator.numeric();
                self.load(numeric, last!(cursor.memarg(numeric.align)))?;
            }
            Decoding::Store => {
                let numeric = operator.numeric();
                self.store(numeric, last!(cursor.memarg(numeric.align)))?;
            }
            Decoding::Unary => bare!(self.unary(operator.numeric())),
            Decoding::Subtract => bare!(self.subtract(operator.numeric())),
            Decoding::Binary => bare!(self.binary(operator.numeric())),
        }
        Ok(Next::Done)
    }

    /// An operator on one number.
    #[inline(always)]
    fn unary(&mut self, &Numeric { row, input, output, cost, .. }: &Numeric) -> Result<(), Error> {
        let builder = &mut self.builder;
        if builder.stack.validation.top_of(input).is_none() {
            builder.fuel.charge_unreachable(cost);
            return builder.stack.validation.other_unary(input, output);
        }
        builder.fuel.charge(cost);
        builder.unary(row, input, output);
        Ok(())
    }

    /// A subtraction, which may become an addition.
    #[inline(always)]
    fn subtract(&mut self, &Numeric { row, input, output, cost, .. }: &Numeric) -> Result<(), Error> {
        let builder = &mut self.builder;
        if builder.stack.validation.top_two_of(input, input).is_none() {
            builder.fuel.charge_unreachable(cost);
            return builder.stack.validation.other_binary(input, output);
        }
        builder.fuel.charge(cost);
        builder.subtract(row, input);
        Ok(())
    }

    /// An operator on two numbers.
    // Not inlined, so that the loop over operators keeps more values in registers.
    #[inline(never)]
    fn binary(&mut self, &Numeric { row, input, output, cost, .. }: &Numeric) -> Result<(), Error> {
        let builder = &mut self.builder;
        let Some(two) = builder.stack.validation.top_two_of(input, input) else {
            builder.fuel.charge_unreachable(cost);
            return builder.stack.validation.other_binary(input, output);
        };
        builder.fuel.charge(cost);
        if !builder.binary_at_once(row, two, input, output) {
            builder.stack.pop_two();
            builder.binary_of(row, two, input, output);
        }
        Ok(())
    }

    /// A store to `target`.
    #[inline(always)]
    fn store(&mut self, &Numeric { row, general, input, cost, .. }: &Numeric, target: Target) -> Result<(), Error> {
        let builder = &mut self.builder;
        let addr = builder.stack.validation.addr_type(0)?;
        if builder.stack.validation.top_two_of(addr, input).is_none() {
            builder.fuel.charge_unreachable(cost);
            return builder.stack.validation.other_store(addr, input);
        }
        builder.fuel.charge(cost);
        builder.store(row, general, input, target);
        Ok(())
    }

    /// A load from `target`.
    #[inline(never)]
    fn load(&mut self, &Numeric { row, general, output, cost, .. }: &Numeric, target: Target) -> Result<(), Error> {
        let builder = &mut self.builder;
        let addr = builder.stack.validation.addr_type(0)?;
        let Some(top) = builder.stack.validation.top_of(addr) else {
            builder.fuel.charge_unreachable(cost);
            return builder.stack.validation.other_unary(addr, output);
        };
        builder.fuel.charge(cost);
        if !builder.load_at_once(row, top, output, target) {
            builder.load(row, general, output, target);
        }
        Ok(())
    }
}
