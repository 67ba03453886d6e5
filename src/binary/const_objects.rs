//! Decodes and validates the operators of constant expressions that make objects or take vectors.

use alloc::{format, vec::Vec};

use wasmparser::BinaryReader;

use crate::{
    binary::invalid::{invalid_at, wrap},
    error::Error,
    module::{
        const_expr::{ConstOp, NewObject},
        env::ModuleHeader,
    },
    types::{
        Mutability,
        kinds::{Abstract, CompositeKind},
        layout::{cells_of, cells_of_all},
        repr::Ty,
    },
};

/// The first byte of operators on objects.
pub(super) const OBJECT: u8 = 0xfb;
/// The first byte of vector operators.
const VECTOR: u8 = 0xfd;
/// The number of `v128.const` among them.
const V128_CONST: u32 = 12;
const GLOBAL_GET: u8 = 0x23;

/// An expression that is being decoded: its operators, and the types of the operands that are left.
#[derive(Debug, Default)]
pub(super) struct Expr {
    pub(super) ops: Vec<ConstOp>,
    pub(super) types: Vec<Ty>,
}

impl Expr {
    fn pop(&mut self, header: &ModuleHeader, expected: Ty, offset: u64) -> Result<Ty, Error> {
        match self.types.pop() {
            Some(ty) if ty == expected || header.types.is_subtype(ty, expected) => Ok(ty),
            Some(ty) => Err(invalid_at(offset, &format!("type mismatch: expected {expected}, found {ty}"))),
            None => Err(invalid_at(offset, &format!("type mismatch: expected {expected} but nothing on stack"))),
        }
    }

    fn push(&mut self, op: ConstOp, ty: Ty) {
        self.ops.push(op);
        self.types.push(ty);
    }

    /// Decodes an operator that makes an object or takes a vector. Returns false, and leaves the reader alone, if it is another
    /// one.
    ///
    /// # Errors
    ///
    /// If the operator is malformed, not constant, or has other operands.
    pub(super) fn object_operator(
        &mut self,
        header: &ModuleHeader,
        reader: &mut BinaryReader<'_>,
    ) -> Result<bool, Error> {
        let (start, offset) = (reader.clone(), reader.original_position());
        match reader.read_u8().map_err(wrap)? {
            OBJECT if header.features.gc_types => self.object(header, reader, offset)?,
            VECTOR if header.features.simd => {
                if reader.read_var_u32().map_err(wrap)? != V128_CONST {
                    return Err(not_constant(offset));
                }
                let (halves, _) = reader.read_bytes(16).map_err(wrap)?.as_chunks();
                self.ops.extend([halves[0], halves[1]].map(|half| ConstOp::Const(u64::from_ne_bytes(half))));
                self.types.push(Ty::V128);
            }
            GLOBAL_GET => {
                let index = reader.read_var_u32().map_err(wrap)?;
                let global = header.globals.get(index as usize);
                if !global.is_some_and(|ty| ty.content == Ty::V128 && ty.mutability == Mutability::Const) {
                    *reader = start;
                    return Ok(false);
                }
                self.ops.push(ConstOp::GlobalGet(index));
                self.push(ConstOp::GlobalHigh(index), Ty::V128);
            }
            _ => {
                *reader = start;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Decodes an operator on objects, after its first byte.
    fn object(&mut self, header: &ModuleHeader, reader: &mut BinaryReader<'_>, offset: u64) -> Result<(), Error> {
        let types = &header.types;
        let number = reader.read_var_u32().map_err(wrap)?;
        match number {
            0x1a | 0x1b => {
                let (from, to) = match number {
                    0x1a => (Abstract::Extern, Abstract::Any),
                    _ => (Abstract::Any, Abstract::Extern),
                };
                let ty = self.pop(header, Ty::reference(from, true), offset)?;
                self.types.push(Ty::reference(to, ty.is_nullable()));
                return Ok(());
            }
            0x1c => {
                self.pop(header, Ty::I32, offset)?;
                self.push(ConstOp::RefI31, Ty::reference(Abstract::I31, false));
                return Ok(());
            }
            0x00 | 0x01 | 0x06..=0x08 => {}
            _ => return Err(not_constant(offset)),
        }
        let ty = reader.read_var_u32().map_err(wrap)?;
        let kind = if number < 2 { CompositeKind::Struct } else { CompositeKind::Array };
        let Some(index) = types.resolve(ty).filter(|_| types.kind_at(ty) == Some(kind)) else {
            let message =
                if types.kind_at(ty).is_none() { "unknown type" } else { "type index of another kind of type" };
            return Err(invalid_at(offset, message));
        };
        let element = types.field(ty, 0).map_or(Ty::I32, |field| field.storage);
        let no_default = || Err(invalid_at(offset, "type mismatch: there is no default value"));
        let (what, count) = match number {
            0x00 => {
                for field in types.fields(ty).rev() {
                    self.pop(header, field.storage.unpacked(), offset)?;
                }
                (NewObject::Parts, cells_of_all(types.fields(ty).map(|field| field.storage)))
            }
            0x01 if !types.is_defaultable(ty) => return no_default(),
            0x01 => (NewObject::Default, 0),
            0x06 => {
                self.pop(header, Ty::I32, offset)?;
                self.pop(header, element.unpacked(), offset)?;
                (NewObject::Array, cells_of(element) + 1)
            }
            0x07 if !element.is_defaultable() => return no_default(),
            0x07 => {
                self.pop(header, Ty::I32, offset)?;
                (NewObject::DefaultArray, 1)
            }
            _ => {
                let len = reader.read_var_u32().map_err(wrap)?;
                for _ in 0..len {
                    self.pop(header, element.unpacked(), offset)?;
                }
                (NewObject::Parts, cells_of(element) * len as usize)
            }
        };
        self.push(ConstOp::Make { what, ty, count: count as u32 }, Ty::concrete(index, false));
        Ok(())
    }
}

fn not_constant(offset: u64) -> Error {
    invalid_at(offset, "constant expression required: non-constant operator")
}
