//! Constant expressions in artefacts.

use alloc::{boxed::Box, vec::Vec};

#[cfg(feature = "serialize")]
use crate::image::out::Out;
use crate::{
    error::{Error, memory::vec_or_fail},
    image::{
        cursor::{Cursor, Malformed},
        types::ref_to_func,
    },
    module::{
        const_expr::{ConstExpr, ConstOp},
        env::ModuleHeader,
    },
    types::{Mutability, repr::Ty},
};

/// The first bytes of operators: a constant, a global, a function; then the arithmetic ones.
const CONST: u8 = 0;
const GLOBAL: u8 = 1;
const FUNC: u8 = 2;
const ARITHMETIC: [ConstOp; 6] =
    [ConstOp::I32Add, ConstOp::I32Sub, ConstOp::I32Mul, ConstOp::I64Add, ConstOp::I64Sub, ConstOp::I64Mul];
const FIRST_ARITHMETIC: u8 = 3;
/// The first bytes of expressions that are not one operator: a vector, several operators.
const VECTOR: u8 = 0x40;
const MANY: u8 = 0x41;

/// Reads an expression and checks that its value is of type `expected`.
pub(super) fn read(header: &ModuleHeader, cursor: &mut Cursor<'_>, expected: Ty) -> Result<ConstExpr, Error> {
    let first = cursor.byte()?;
    match first {
        VECTOR if expected == Ty::V128 => Ok(ConstExpr::Vector(Box::new([cursor.u64()?, cursor.u64()?]))),
        MANY if !expected.is_ref() && expected != Ty::V128 => many(header, cursor),
        VECTOR | MANY => Err(cursor.malformed().into()),
        first => {
            let op = operator(header, cursor, first)?;
            if fits(header, op, expected) { Ok(ConstExpr::One(op)) } else { Err(cursor.malformed().into()) }
        }
    }
}

/// Whether an operator without operands has a value of type `expected`. All numbers are alike: a wrong one breaks nothing.
fn fits(header: &ModuleHeader, op: ConstOp, expected: Ty) -> bool {
    let ty = match op {
        ConstOp::Const(cell) => return if expected.is_ref() { cell == 0 } else { expected != Ty::V128 },
        ConstOp::GlobalGet(index) => header.global(index).content,
        ConstOp::RefFunc(func) => ref_to_func(header, func),
        _ => return false,
    };
    if expected.is_ref() || ty.is_ref() { header.types.is_subtype(ty, expected) } else { ty == expected }
}

/// Reads an operator after its first byte.
fn operator(header: &ModuleHeader, cursor: &mut Cursor<'_>, first: u8) -> Result<ConstOp, Malformed> {
    match first {
        CONST => cursor.u64().map(ConstOp::Const),
        GLOBAL => {
            let index = cursor.index(header.globals.len())?;
            match header.global(index).mutability {
                Mutability::Const => Ok(ConstOp::GlobalGet(index)),
                Mutability::Var => Err(cursor.malformed()),
            }
        }
        FUNC => cursor.index(header.funcs.len()).map(ConstOp::RefFunc),
        _ => {
            let op = first.checked_sub(FIRST_ARITHMETIC).and_then(|op| ARITHMETIC.get(usize::from(op)));
            op.copied().ok_or(cursor.malformed())
        }
    }
}

/// Reads several operators, whose value is a number.
fn many(header: &ModuleHeader, cursor: &mut Cursor<'_>) -> Result<ConstExpr, Error> {
    let count = cursor.count(usize::MAX)?;
    let mut ops: Vec<ConstOp> = vec_or_fail(count)?;
    let mut height = 0_usize;
    for _ in 0..count {
        let first = cursor.byte()?;
        let op = operator(header, cursor, first)?;
        let is_number = match op {
            ConstOp::GlobalGet(index) => matches!(header.global(index).content, Ty::I32 | Ty::I64),
            op => !matches!(op, ConstOp::RefFunc(_)),
        };
        let (takes, gives) = if ARITHMETIC.contains(&op) { (2, 1) } else { (0, 1) };
        if !is_number || height < takes {
            return Err(cursor.malformed().into());
        }
        height = height - takes + gives;
        ops.push(op);
    }
    if height == 1 { Ok(ConstExpr::many(ops)) } else { Err(cursor.malformed().into()) }
}

/// Returns the expression of a constant.
pub(super) fn constant(value: u32) -> ConstExpr {
    ConstExpr::One(ConstOp::Const(value.into()))
}

/// Writes an expression.
#[cfg(feature = "serialize")]
pub(super) fn write(expr: &ConstExpr, out: &mut Vec<u8>) {
    match expr {
        ConstExpr::One(op) => write_operator(*op, out),
        ConstExpr::Vector(cells) => {
            out.push(VECTOR);
            cells.iter().for_each(|&cell| out.number(cell));
        }
        ConstExpr::Many(ops) => {
            out.push(MANY);
            out.number(ops.len() as u64);
            ops.iter().for_each(|&op| write_operator(op, out));
        }
    }
}

#[cfg(feature = "serialize")]
fn write_operator(op: ConstOp, out: &mut Vec<u8>) {
    match op {
        ConstOp::Const(cell) => {
            out.push(CONST);
            out.number(cell);
        }
        ConstOp::GlobalGet(index) => {
            out.push(GLOBAL);
            out.number(index.into());
        }
        ConstOp::RefFunc(index) => {
            out.push(FUNC);
            out.number(index.into());
        }
        // Operators on objects are refused before.
        _ => {
            let position = ARITHMETIC.iter().position(|&other| other == op).unwrap_or_default();
            out.push(FIRST_ARITHMETIC + position as u8);
        }
    }
}
