//! Decodes and validates constant expressions (spec, Validation > Constant Expressions).

#[cfg(not(feature = "gc"))]
use alloc::vec::Vec;
use alloc::{boxed::Box, format};

use wasmparser::{BinaryReader, HeapType, RefType};

#[cfg(feature = "gc")]
use crate::binary::const_objects::{Expr, OBJECT};
use crate::{
    binary::{
        invalid::{invalid_at, wrap},
        types::val_type,
    },
    error::Error,
    module::{
        const_expr::{ConstExpr, ConstOp},
        env::ModuleHeader,
    },
    types::{Mutability, repr::Ty},
};

const END: u8 = 0x0b;
/// The first byte of vector operators.
const VECTOR: u8 = 0xfd;
/// The number of `v128.const` among them.
const V128_CONST: u32 = 12;

/// Decodes and validates a constant expression of type `expected`. Leaves the reader after the expression.
///
/// # Errors
///
/// If the expression is malformed or not constant, or is of another type.
pub(super) fn const_expr(
    header: &ModuleHeader,
    reader: &mut BinaryReader<'_>,
    expected: Ty,
) -> Result<ConstExpr, Error> {
    let start = reader.clone();
    if expected == Ty::V128 {
        if let Some(vector) = vector(header, reader)? {
            return Ok(vector);
        }
        *reader = start.clone();
    }
    let fits = |ty: Ty| ty == expected || header.types.is_subtype(ty, expected);
    if !begins_with_object(reader) {
        let (op, ty) = operator(header, reader)?;
        if ty.is_some_and(fits) && reader.read_u8().map_err(wrap)? == END {
            return Ok(ConstExpr::One(op));
        }
        *reader = start;
    }
    let mut expr = Expr::default();
    loop {
        let mut behind = reader.clone();
        if behind.read_u8().map_err(wrap)? == END {
            *reader = behind;
            break;
        }
        let offset = reader.original_position();
        #[cfg(feature = "gc")]
        if expr.object_operator(header, reader)? {
            continue;
        }
        let (op, ty) = operator(header, reader)?;
        let ty = match ty {
            Some(ty) => ty,
            None => {
                let ty = op.operand_type();
                if !header.features.extended_const {
                    return Err(invalid_at(offset, "constant expression required: non-constant operator"));
                }
                if expr.types.pop() != Some(ty) || expr.types.pop() != Some(ty) {
                    return Err(invalid_at(offset, &format!("type mismatch: expected {ty}")));
                }
                ty
            }
        };
        expr.types.push(ty);
        expr.ops.push(op);
    }
    if !matches!(expr.types[..], [ty] if fits(ty)) {
        return Err(invalid_at(reader.original_position() - 1, &format!("type mismatch: expected {expected} only")));
    }
    Ok(ConstExpr::many(expr.ops))
}

/// An expression that is being decoded: its operators, and the types of the operands that are left.
#[cfg(not(feature = "gc"))]
#[derive(Debug, Default)]
struct Expr {
    ops: Vec<ConstOp>,
    types: Vec<Ty>,
}

/// Whether the first operator makes an object or takes a vector.
#[cfg(feature = "gc")]
fn begins_with_object(reader: &BinaryReader<'_>) -> bool {
    matches!(reader.clone().read_u8(), Ok(OBJECT | VECTOR))
}

/// No operator makes an object.
#[cfg(not(feature = "gc"))]
fn begins_with_object(_: &BinaryReader<'_>) -> bool {
    false
}

/// Decodes an expression that is one constant vector. Returns none if it is another one.
fn vector(header: &ModuleHeader, reader: &mut BinaryReader<'_>) -> Result<Option<ConstExpr>, Error> {
    if !header.features.simd || reader.read_u8().map_err(wrap)? != VECTOR {
        return Ok(None);
    }
    if reader.read_var_u32().map_err(wrap)? != V128_CONST {
        return Ok(None);
    }
    let (halves, _) = reader.read_bytes(16).map_err(wrap)?.as_chunks();
    let cells = [u64::from_ne_bytes(halves[0]), u64::from_ne_bytes(halves[1])];
    Ok((reader.read_u8().map_err(wrap)? == END).then(|| ConstExpr::Vector(Box::new(cells))))
}

/// Decodes an operator. Returns its type as well if it has no operands.
fn operator(header: &ModuleHeader, reader: &mut BinaryReader<'_>) -> Result<(ConstOp, Option<Ty>), Error> {
    let offset = reader.original_position();
    let features = &header.features;
    let fail = |message: &str| Err(invalid_at(offset, message));
    let constant = |cell, ty| Ok((ConstOp::Const(cell), Some(ty)));
    match reader.read_u8().map_err(wrap)? {
        0x41 => constant(u64::from(reader.read_var_i32().map_err(wrap)?.cast_unsigned()), Ty::I32),
        0x42 => constant(reader.read_var_i64().map_err(wrap)?.cast_unsigned(), Ty::I64),
        0x43 | 0x44 if !features.floats => fail("floating-point instruction disallowed"),
        0x43 => constant(u64::from(reader.read_f32().map_err(wrap)?.bits()), Ty::F32),
        0x44 => constant(reader.read_f64().map_err(wrap)?.bits(), Ty::F64),
        0xd0 => {
            let ty = reader.read::<HeapType>().map_err(wrap)?;
            let Some(ty) = RefType::new(true, ty) else { return fail("type index too large") };
            constant(0, val_type(header, wasmparser::ValType::Ref(ty), offset)?)
        }
        0x23 => {
            let index = reader.read_var_u32().map_err(wrap)?;
            let Some(ty) = header.globals.get(index as usize) else {
                return fail(&format!("unknown global {index}: global index out of bounds"));
            };
            if index >= header.imported_globals && !(features.function_references || features.gc_types) {
                return fail("constant expression required: global.get of locally defined global");
            }
            if ty.mutability == Mutability::Var {
                return fail("constant expression required: global.get of mutable global");
            }
            Ok((ConstOp::GlobalGet(index), Some(ty.content)))
        }
        0xd2 => {
            let index = reader.read_var_u32().map_err(wrap)?;
            if !features.reference_types {
                return fail("reference types support is not enabled");
            }
            if index as usize >= header.funcs.len() {
                return fail(&format!("unknown function {index}: function index out of bounds"));
            }
            let ty =
                header.types.resolve(header.funcs[index as usize]).map_or(Ty::FUNCREF, |ty| Ty::concrete(ty, false));
            Ok((ConstOp::RefFunc(index), Some(ty)))
        }
        0x6a => Ok((ConstOp::I32Add, None)),
        0x6b => Ok((ConstOp::I32Sub, None)),
        0x6c => Ok((ConstOp::I32Mul, None)),
        0x7c => Ok((ConstOp::I64Add, None)),
        0x7d => Ok((ConstOp::I64Sub, None)),
        0x7e => Ok((ConstOp::I64Mul, None)),
        END => fail("type mismatch: expected a value but nothing on stack"),
        _ => fail("constant expression required: non-constant operator"),
    }
}
