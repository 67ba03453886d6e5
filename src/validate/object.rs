//! Which operands the operators of garbage collection pop and which results they push (spec, Validation > Aggregate
//! Reference Instructions, Scalar Reference Instructions, Reference Instructions).

use alloc::format;

use wasmparser::HeapType;

use crate::{
    error::Error,
    module::types::FieldTy,
    types::{
        kinds::{Abstract, CompositeKind},
        repr::{ConcreteTypes, I32, Ty},
    },
    validate::func::{Validation, ref_type},
};

/// The immediates of `br_on_cast` and `br_on_cast_fail`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cast {
    pub(crate) depth: u32,
    /// The type of the operand, and whether it may be null.
    pub(crate) from: (HeapType, bool),
    /// The type that is tested for, and whether it includes null.
    pub(crate) to: (HeapType, bool),
}

const EQREF: Ty = Ty::reference(Abstract::Eq, true);
const ANYREF: Ty = Ty::reference(Abstract::Any, true);
const I31REF: Ty = Ty::reference(Abstract::I31, true);
const ARRAYREF: Ty = Ty::reference(Abstract::Array, true);

/// Returns the type of a value that has type `from`, but not type `to`.
pub(crate) fn difference(from: Ty, to: Ty) -> Ty {
    if to.is_nullable() { from.with_nullable(false) } else { from }
}

/// Lookups of types.
impl<T: Copy> Validation<'_, T> {
    #[cold]
    fn no_object_type(&self, index: u32, kind: &str) -> Error {
        match self.header.types.kind_at(index) {
            None => self.error("unknown type: type index out of bounds"),
            Some(found) => {
                let found = found.supertype().name();
                self.error(&format!("type index {index} is not {kind} type, it is of kind {found}"))
            }
        }
    }

    fn struct_type(&self, index: u32) -> Result<(), Error> {
        if self.header.types.kind_at(index) == Some(CompositeKind::Struct) {
            return Ok(());
        }
        Err(self.no_object_type(index, "a struct"))
    }

    fn field(&self, index: u32, field: u32) -> Result<FieldTy, Error> {
        self.struct_type(index)?;
        let found = self.header.types.field(index, field);
        found.ok_or_else(|| self.error("unknown field: field index out of bounds"))
    }

    /// Returns the elements of the array type at an index.
    fn array(&self, index: u32) -> Result<FieldTy, Error> {
        if self.header.types.kind_at(index) != Some(CompositeKind::Array) {
            return Err(self.no_object_type(index, "an array"));
        }
        let found = self.header.types.field(index, 0);
        found.ok_or_else(|| self.error("unknown type: type index out of bounds"))
    }

    fn mutable_array(&self, index: u32) -> Result<Ty, Error> {
        let FieldTy { storage, mutable } = self.array(index)?;
        if mutable { Ok(storage) } else { Err(self.error("immutable array: cannot modify its elements")) }
    }

    /// Returns the type of references to the type at an index, which exists.
    fn object(&self, index: u32, nullable: bool) -> Ty {
        Ty::concrete(self.header.types.resolve(index).unwrap_or(index), nullable)
    }

    /// Checks that elements of an array of this type can be read from a data segment.
    fn check_numeric(&self, storage: Ty) -> Result<(), Error> {
        if storage.is_ref() {
            return Err(self.error("type mismatch: array type is not numeric or vector"));
        }
        Ok(())
    }

    /// Checks that the elements of a segment can be elements of an array of this type.
    fn check_element(&self, element: Ty, storage: Ty) -> Result<(), Error> {
        if element == storage || storage.is_ref() && self.header.types.is_subtype(element, storage) {
            return Ok(());
        }
        Err(self.error(&format!("type mismatch: expected elements of type {storage}, found {element}")))
    }

    /// Returns a reference type.
    fn reference(&self, heap: HeapType, nullable: bool) -> Result<Ty, Error> {
        ref_type(self.header, heap, nullable).map_err(|message| self.error(message))
    }

    /// Returns the type of all references that `ty` is related to, with null.
    fn top(&self, ty: Ty) -> Ty {
        let heap = match ty.concrete_number() {
            Some(number) => self.header.types.kind(number).supertype(),
            None => ty.abstract_type().unwrap_or(Abstract::Any),
        };
        Ty::reference(heap.top(), true)
    }
}

/// Structs.
impl<T: Copy> Validation<'_, T> {
    pub(crate) fn visit_struct_new(&mut self, ty: u32) -> Result<(), Error> {
        self.struct_type(ty)?;
        let types = &self.header.types;
        self.pop_list(types.fields(ty).map(|field| field.storage.unpacked()))?;
        self.push(self.object(ty, false));
        Ok(())
    }

    pub(crate) fn visit_struct_new_default(&mut self, ty: u32) -> Result<(), Error> {
        self.struct_type(ty)?;
        if !self.header.types.is_defaultable(ty) {
            return Err(self.error("type mismatch: a field of the struct has no default value"));
        }
        self.push(self.object(ty, false));
        Ok(())
    }

    pub(crate) fn visit_struct_get(&mut self, ty: u32, field: u32) -> Result<(), Error> {
        let storage = self.field(ty, field)?.storage;
        if storage.is_packed() {
            return Err(self.error("can only use struct.get with fields that are not packed"));
        }
        self.unary(self.object(ty, true), storage)
    }

    fn struct_get_packed(&mut self, ty: u32, field: u32) -> Result<(), Error> {
        if !self.field(ty, field)?.storage.is_packed() {
            return Err(self.error("cannot use struct.get_s or struct.get_u with fields that are not packed"));
        }
        self.unary(self.object(ty, true), I32)
    }

    pub(crate) fn visit_struct_get_s(&mut self, ty: u32, field: u32) -> Result<(), Error> {
        self.struct_get_packed(ty, field)
    }

    pub(crate) fn visit_struct_get_u(&mut self, ty: u32, field: u32) -> Result<(), Error> {
        self.struct_get_packed(ty, field)
    }

    pub(crate) fn visit_struct_set(&mut self, ty: u32, field: u32) -> Result<(), Error> {
        let FieldTy { storage, mutable } = self.field(ty, field)?;
        if !mutable {
            return Err(self.error("immutable field: cannot modify it with struct.set"));
        }
        self.pop(storage.unpacked())?;
        self.pop(self.object(ty, true))
    }
}

/// Arrays.
impl<T: Copy> Validation<'_, T> {
    pub(crate) fn visit_array_new(&mut self, ty: u32) -> Result<(), Error> {
        let storage = self.array(ty)?.storage;
        self.pop(I32)?;
        self.unary(storage.unpacked(), self.object(ty, false))
    }

    pub(crate) fn visit_array_new_default(&mut self, ty: u32) -> Result<(), Error> {
        if !self.array(ty)?.storage.is_defaultable() {
            return Err(self.error("type mismatch: elements of the array have no default value"));
        }
        self.unary(I32, self.object(ty, false))
    }

    pub(crate) fn visit_array_new_fixed(&mut self, ty: u32, len: u32) -> Result<(), Error> {
        let storage = self.array(ty)?.storage;
        self.pop_list((0..len).map(|_| storage.unpacked()))?;
        self.push(self.object(ty, false));
        Ok(())
    }

    pub(crate) fn visit_array_new_data(&mut self, ty: u32, data: u32) -> Result<(), Error> {
        let storage = self.array(ty)?.storage;
        self.check_numeric(storage)?;
        self.data(data)?;
        self.pop(I32)?;
        self.unary(I32, self.object(ty, false))
    }

    pub(crate) fn visit_array_new_elem(&mut self, ty: u32, element: u32) -> Result<(), Error> {
        let storage = self.array(ty)?.storage;
        self.check_element(self.element(element)?, storage)?;
        self.pop(I32)?;
        self.unary(I32, self.object(ty, false))
    }

    pub(crate) fn visit_array_get(&mut self, ty: u32) -> Result<(), Error> {
        let storage = self.array(ty)?.storage;
        if storage.is_packed() {
            return Err(self.error("cannot use array.get with elements that are packed"));
        }
        self.pop(I32)?;
        self.unary(self.object(ty, true), storage)
    }

    fn array_get_packed(&mut self, ty: u32) -> Result<(), Error> {
        if !self.array(ty)?.storage.is_packed() {
            return Err(self.error("cannot use array.get_s or array.get_u with elements that are not packed"));
        }
        self.pop(I32)?;
        self.unary(self.object(ty, true), I32)
    }

    pub(crate) fn visit_array_get_s(&mut self, ty: u32) -> Result<(), Error> {
        self.array_get_packed(ty)
    }

    pub(crate) fn visit_array_get_u(&mut self, ty: u32) -> Result<(), Error> {
        self.array_get_packed(ty)
    }

    pub(crate) fn visit_array_set(&mut self, ty: u32) -> Result<(), Error> {
        let storage = self.mutable_array(ty)?;
        self.pop(storage.unpacked())?;
        self.pop(I32)?;
        self.pop(self.object(ty, true))
    }

    pub(crate) fn visit_array_len(&mut self) -> Result<(), Error> {
        self.unary(ARRAYREF, I32)
    }

    pub(crate) fn visit_array_fill(&mut self, ty: u32) -> Result<(), Error> {
        let storage = self.mutable_array(ty)?;
        self.pop(I32)?;
        self.pop(storage.unpacked())?;
        self.pop(I32)?;
        self.pop(self.object(ty, true))
    }

    pub(crate) fn visit_array_copy(&mut self, dst: u32, src: u32) -> Result<(), Error> {
        let (to, from) = (self.mutable_array(dst)?, self.array(src)?.storage);
        if to != from && !self.header.types.is_subtype(from, to) {
            return Err(self.error(&format!("array types do not match: expected {to}, found {from}")));
        }
        self.pop(I32)?;
        self.pop(I32)?;
        self.pop(self.object(src, true))?;
        self.pop(I32)?;
        self.pop(self.object(dst, true))
    }

    pub(crate) fn visit_array_init_data(&mut self, ty: u32, data: u32) -> Result<(), Error> {
        let storage = self.mutable_array(ty)?;
        self.check_numeric(storage)?;
        self.data(data)?;
        self.init_array(ty)
    }

    pub(crate) fn visit_array_init_elem(&mut self, ty: u32, element: u32) -> Result<(), Error> {
        let storage = self.mutable_array(ty)?;
        self.check_element(self.element(element)?, storage)?;
        self.init_array(ty)
    }

    /// Pops an array and the range of it that is written, and where the range in the segment begins.
    fn init_array(&mut self, ty: u32) -> Result<(), Error> {
        self.pop(I32)?;
        self.pop(I32)?;
        self.pop(I32)?;
        self.pop(self.object(ty, true))
    }
}

/// Other references.
impl<T: Copy> Validation<'_, T> {
    pub(crate) fn visit_ref_eq(&mut self) -> Result<(), Error> {
        self.binary(EQREF, I32)
    }

    pub(crate) fn visit_ref_i31(&mut self) -> Result<(), Error> {
        self.unary(I32, I31REF.with_nullable(false))
    }

    pub(crate) fn visit_i31_get_s(&mut self) -> Result<(), Error> {
        self.unary(I31REF, I32)
    }

    pub(crate) fn visit_i31_get_u(&mut self) -> Result<(), Error> {
        self.unary(I31REF, I32)
    }

    /// Converts a reference of type `from` to one of type `to`, which is null if the other one is.
    fn convert(&mut self, from: Ty, to: Ty) -> Result<(), Error> {
        let ty = self.pop_any()?;
        if ty != Ty::UNKNOWN && !self.header.types.is_subtype(ty, from) {
            return Err(self.error(&format!("type mismatch: expected {from}, found {ty}")));
        }
        self.push(to.with_nullable(ty.is_nullable()));
        Ok(())
    }

    pub(crate) fn visit_any_convert_extern(&mut self) -> Result<(), Error> {
        self.convert(Ty::EXTERNREF, ANYREF)
    }

    pub(crate) fn visit_extern_convert_any(&mut self) -> Result<(), Error> {
        self.convert(ANYREF, Ty::EXTERNREF)
    }

    pub(crate) fn visit_ref_test_non_null(&mut self, heap: HeapType) -> Result<(), Error> {
        self.ref_test(heap, false)
    }

    pub(crate) fn visit_ref_test_nullable(&mut self, heap: HeapType) -> Result<(), Error> {
        self.ref_test(heap, true)
    }

    fn ref_test(&mut self, heap: HeapType, nullable: bool) -> Result<(), Error> {
        let ty = self.reference(heap, nullable)?;
        self.unary(self.top(ty), I32)
    }

    pub(crate) fn visit_ref_cast_non_null(&mut self, heap: HeapType) -> Result<(), Error> {
        self.ref_cast(heap, false)
    }

    pub(crate) fn visit_ref_cast_nullable(&mut self, heap: HeapType) -> Result<(), Error> {
        self.ref_cast(heap, true)
    }

    fn ref_cast(&mut self, heap: HeapType, nullable: bool) -> Result<(), Error> {
        let ty = self.reference(heap, nullable)?;
        self.unary(self.top(ty), ty)
    }

    /// Returns the types of a cast: that of the operand, and the one that is tested for.
    pub(crate) fn cast_types(&self, Cast { from, to, .. }: Cast) -> Result<(Ty, Ty), Error> {
        let (from, to) = (self.reference(from.0, from.1)?, self.reference(to.0, to.1)?);
        if !self.header.types.is_subtype(to, from) {
            return Err(self.error(&format!("type mismatch: expected {from}, found {to}")));
        }
        Ok((from, to))
    }

    /// A branch with a reference of type `taken`, after which the reference has type `left`.
    fn branch_on_cast(&mut self, depth: u32, from: Ty, taken: Ty, left: Ty) -> Result<(), Error> {
        let Some((&last, types)) = self.label(depth)?.split_last() else {
            return Err(self.error("type mismatch: the label of a cast has no types, but must have a reference type"));
        };
        if !self.header.types.is_subtype(taken, last) {
            return Err(self.error(&format!("type mismatch: the label expects {last}, found {taken}")));
        }
        self.pop(from)?;
        self.pop_all(types)?;
        self.push_all(types)?;
        self.push(left);
        Ok(())
    }

    pub(crate) fn visit_br_on_cast(&mut self, cast: Cast) -> Result<(), Error> {
        let (from, to) = self.cast_types(cast)?;
        self.branch_on_cast(cast.depth, from, to, difference(from, to))
    }

    pub(crate) fn visit_br_on_cast_fail(&mut self, cast: Cast) -> Result<(), Error> {
        let (from, to) = self.cast_types(cast)?;
        self.branch_on_cast(cast.depth, from, difference(from, to), to)
    }
}
