//! Operators on structs, arrays and i31 references, and casts.

use crate::{
    ir::{
        cast::CastTo,
        encode::{Fields, Operand},
        opcode::Row,
        operand::Class,
    },
    translate::builder::Builder,
    types::{
        kinds::{Abstract, CompositeKind},
        layout::cells_of,
        object::ARRAY_LEN,
        repr::{ConcreteTypes, I32, Ty},
    },
    validate::{Cast, difference, ref_type},
};

/// The ops that access fields or elements of a type.
#[derive(Debug, Clone, Copy)]
struct Access {
    struct_get: Row,
    struct_set: Row,
    array_get: Row,
    array_set: Row,
}

macro_rules! access {
    ($struct_get:ident $struct_set:ident $array_get:ident $array_set:ident) => {
        Access {
            struct_get: Row::$struct_get,
            struct_set: Row::$struct_set,
            array_get: Row::$array_get,
            array_set: Row::$array_set,
        }
    };
}

impl Access {
    /// Returns the ops for fields of this type. Packed ones are `signed` or not.
    fn of(storage: Ty, signed: bool) -> Self {
        match storage {
            Ty::I8 if signed => access!(struct_get8_s struct_set8 array_get8_s array_set8),
            Ty::I8 => access!(struct_get8_u struct_set8 array_get8_u array_set8),
            Ty::I16 if signed => access!(struct_get16_s struct_set16 array_get16_s array_set16),
            Ty::I16 => access!(struct_get16_u struct_set16 array_get16_u array_set16),
            Ty::I32 => access!(struct_get32 struct_set32 array_get32 array_set32),
            Ty::F32 => access!(struct_get_f32 struct_set_f32 array_get_f32 array_set_f32),
            Ty::F64 => access!(struct_get_f64 struct_set_f64 array_get_f64 array_set_f64),
            #[cfg(feature = "simd")]
            Ty::V128 => access!(struct_get_v128 struct_set_v128 array_get_v128 array_set_v128),
            Ty::I64 => access!(struct_get64 struct_set64 array_get64 array_set64),
            _ => access!(struct_get64 struct_set_ref array_get64 array_set_ref),
        }
    }
}

impl Builder<'_> {
    /// Returns a field, which exists: its type and how far from the start of an object it is.
    fn field(&self, ty: u32, field: u32) -> (Ty, u32) {
        let types = &self.header.types;
        (types.field(ty, field).map_or(I32, |field| field.storage), types.field_offset(ty, field))
    }

    /// Returns the type of the elements of an array.
    fn element(&self, ty: u32) -> Ty {
        self.header.types.field(ty, 0).map_or(I32, |field| field.storage)
    }

    /// Returns the type of references to new objects of the type at an index.
    fn object_type(&self, ty: u32) -> Ty {
        Ty::concrete(self.header.types.resolve(ty).unwrap_or(ty), false)
    }

    // ---- fields and elements

    /// `struct.get`, `struct.get_s` if `signed`, `struct.get_u`
    pub(crate) fn struct_get(&mut self, ty: u32, field: u32, signed: bool) {
        let (storage, offset) = self.field(ty, field);
        self.get_field(Access::of(storage, signed).struct_get, offset, storage.unpacked());
    }

    /// `array.len`
    pub(crate) fn array_len(&mut self) {
        self.get_field(Row::struct_get32, ARRAY_LEN, I32);
    }

    fn get_field(&mut self, row: Row, offset: u32, ty: Ty) {
        let object = self.stack.pop();
        let operands = self.operands(row, true, [object]);
        self.stage_any(row, operands, Fields::one(offset), ty);
    }

    /// Stages an op whose operands are references and integers, and pushes its result.
    fn stage_any<const N: usize>(&mut self, row: Row, operands: [Operand; N], fields: Fields, ty: Ty) {
        #[cfg(feature = "simd")]
        if ty == Ty::V128 {
            return self.stage_vector(row, operands, fields, Class::Int);
        }
        self.stage(row, operands, fields, Class::Int, ty);
    }

    /// `struct.set`
    pub(crate) fn struct_set(&mut self, ty: u32, field: u32) {
        let (storage, offset) = self.field(ty, field);
        let row = Access::of(storage, false).struct_set;
        #[cfg(feature = "simd")]
        if storage == Ty::V128 {
            let [object, value] = self.places_and_vector();
            self.emitter.emit(row, [object, value], [offset.into()]);
            return;
        }
        let entries = self.stack.pop_two();
        let mut operands = self.operands(row, false, entries);
        self.use_mirrors(row, Class::of(storage), &mut operands);
        self.emitter.emit_op(row, operands[0], operands[1], Fields::one(offset));
    }

    /// `array.get`, `array.get_s` if `signed`, `array.get_u`
    pub(crate) fn array_get(&mut self, ty: u32, signed: bool) {
        let storage = self.element(ty);
        let row = Access::of(storage, signed).array_get;
        let entries = self.stack.pop_two();
        let operands = self.operands(row, true, entries);
        self.stage_any(row, operands, Fields::NONE, storage.unpacked());
    }

    /// `array.set`
    pub(crate) fn array_set(&mut self, ty: u32) {
        let storage = self.element(ty);
        let row = Access::of(storage, false).array_set;
        #[cfg(feature = "simd")]
        if storage == Ty::V128 {
            let operands: [Operand; 3] = self.places_and_vector();
            self.emitter.emit(row, operands, []);
            return;
        }
        let value = self.stack.pop();
        let [array, index] = self.stack.pop_two();
        let mut operands = self.operands(row, false, [array, index, value]);
        for (i, class) in [(2, Class::of(storage)), (1, Class::Int)] {
            if !operands.iter().any(|operand| operand.is_acc()) {
                self.emitter.use_mirror(row, class, &mut operands, i);
            }
        }
        self.emitter.emit(row, operands, []);
    }

    // ---- new objects

    /// An operator that makes an object of the topmost `count` entries, by a `row` with these other fields. Pushes it.
    fn make(&mut self, row: Row, count: usize, rest: [u64; 2], ty: u32) {
        self.settle_values(count);
        self.safepoint();
        let position = self.stack.height() - count;
        self.stack.truncate(position);
        let base = self.stack.slots.temporary(position);
        self.emitter.emit(row, [], [base.0.into(), rest[0], rest[1]]);
        self.push_object(ty);
    }

    /// Pushes the object that an op has left in the canonical slot and the accumulator.
    fn push_object(&mut self, ty: u32) {
        let slot = self.stack.slots.temporary(self.stack.height());
        self.emitter.mirrors.write(Class::Int, slot.0);
        let ty = self.object_type(ty);
        self.stack.push_temporary(ty);
    }

    /// Like `make`, for an op with operands in so many slots and a type.
    fn make_of_span(&mut self, row: Row, count: usize, ty: u32) {
        self.make(row, count, [count as u64, ty.into()], ty);
    }

    /// `struct.new`
    pub(crate) fn struct_new(&mut self, ty: u32) {
        match self.header.types.fields(ty).map(|field| cells_of(field.storage)).sum() {
            0 => self.struct_new_default(ty),
            count => self.make_of_span(Row::struct_new, count, ty),
        }
    }

    /// `struct.new_default`
    pub(crate) fn struct_new_default(&mut self, ty: u32) {
        self.flush();
        self.safepoint();
        let slot = self.stack.slots.temporary(self.stack.height());
        self.emitter.emit(Row::struct_new_default, [Operand::slot(slot)], [ty.into()]);
        self.push_object(ty);
    }

    /// `array.new`
    pub(crate) fn array_new(&mut self, ty: u32) {
        self.make_of_span(Row::array_new, cells_of(self.element(ty)) + 1, ty);
    }

    /// `array.new_default`
    pub(crate) fn array_new_default(&mut self, ty: u32) {
        self.make_of_span(Row::array_new_default, 1, ty);
    }

    /// `array.new_fixed`
    pub(crate) fn array_new_fixed(&mut self, ty: u32, len: u32) {
        if len == 0 {
            self.flush();
            self.push_constant(0, I32);
            return self.array_new_default(ty);
        }
        self.make_of_span(Row::array_new_fixed, cells_of(self.element(ty)) * len as usize, ty);
    }

    /// `array.new_data`, `array.new_elem`
    pub(crate) fn array_new_of_segment(&mut self, row: Row, ty: u32, segment: u32) {
        self.make(row, 2, [ty.into(), segment.into()], ty);
    }

    // ---- many elements

    /// `array.fill`
    pub(crate) fn array_fill(&mut self, ty: u32) {
        let count = cells_of(self.element(ty)) + 3;
        self.bulk(Row::array_fill, count, &[count as u64, ty.into()], &[]);
    }

    // ---- other references

    /// `ref.eq`
    pub(crate) fn ref_eq(&mut self) {
        self.binary(Row::i64_eq, Ty::I64, I32);
    }

    /// `ref.i31`
    pub(crate) fn ref_i31(&mut self) {
        self.unary(Row::ref_i31, I32, Ty::reference(Abstract::I31, false));
    }

    /// Converts the reference on top of the stack to one of a type. It has the same cell.
    pub(crate) fn convert(&mut self, heap: Abstract) {
        let entry = self.stack.pop();
        let ty = Ty::reference(heap, entry.ty().is_nullable());
        if entry.is_pending() {
            self.pending.op.ty = ty;
        }
        self.push_reference(entry.with_type(ty));
    }

    // ---- casts

    /// Returns the op among those for types of objects, abstract types, and types of functions that tests for `ty`, and the
    /// type as it has it.
    fn cast_to(&self, ty: Ty, rows: [Row; 3]) -> (Row, Operand) {
        let [of_object, of_class, of_func] = rows;
        let (row, to) = match (ty.concrete_number(), ty.abstract_type()) {
            (Some(index), _) => {
                let types = &self.header.types;
                let row = if types.kind(index) == CompositeKind::Func { of_func } else { of_object };
                (row, CastTo::concrete(index, types.depth(index), ty.is_nullable()))
            }
            (None, heap) => (of_class, CastTo::class(heap.unwrap_or(Abstract::Any), ty.is_nullable())),
        };
        (row, Operand::imm(to.bits()))
    }

    /// Stages the test whether the reference in a slot has type `ty`.
    fn stage_test(&mut self, reference: Operand, ty: Ty) {
        let (row, to) = self.cast_to(ty, [Row::ref_test, Row::ref_test_class, Row::ref_test_func]);
        self.stage(row, [reference, to], Fields::NONE, Class::Int, I32);
    }

    /// `ref.test` of a type that validation has accepted.
    pub(crate) fn ref_test(&mut self, heap: wasmparser::HeapType, nullable: bool) {
        let ty = ref_type(self.header, heap, nullable).unwrap_or(Ty::FUNCREF);
        let entry = self.reference();
        self.stage_test(Operand::slot(entry.slot()), ty);
    }

    /// `ref.cast` to a type that validation has accepted.
    pub(crate) fn ref_cast(&mut self, heap: wasmparser::HeapType, nullable: bool) {
        let ty = ref_type(self.header, heap, nullable).unwrap_or(Ty::FUNCREF);
        let entry = self.reference();
        let (row, to) = self.cast_to(ty, [Row::ref_cast, Row::ref_cast_class, Row::ref_cast_func]);
        let mut operands = [Operand::slot(entry.slot()), to];
        self.emitter.use_mirror(row, Class::Int, &mut operands, 0);
        self.emitter.emit(row, operands, []);
        self.push_reference(entry.with_type(ty));
    }

    /// `br_on_cast`, or `br_on_cast_fail` if `fail`.
    pub(crate) fn br_on_cast(&mut self, cast: Cast, fail: bool) {
        let Ok((from, to)) = self.stack.validation.cast_types(cast) else { return };
        let other = difference(from, to);
        let (taken, left) = if fail { (other, to) } else { (to, other) };
        let entry = self.reference();
        self.push_reference(entry.with_type(taken));
        self.stage_test(Operand::slot(entry.slot()), to);
        if fail {
            self.unary(Row::i32_eqz, I32, I32);
        }
        self.br_if(cast.depth);
        // The branch may have moved it.
        let entry = self.stack.pop();
        self.push_reference(entry.with_type(left));
    }
}

#[cfg(test)]
mod tests {
    use super::{Access, Ty};
    use crate::{ir::shape::Shape, types::kinds::Abstract};

    #[test]
    fn fields_of_each_type_have_ops() {
        let types = [Ty::I8, Ty::I16, Ty::I32, Ty::I64, Ty::F32, Ty::F64, Ty::reference(Abstract::Eq, true)];
        for storage in types {
            let signed = Access::of(storage, true);
            assert_eq!(signed.struct_get.shape(), Shape::get_field);
            assert_eq!(signed.struct_set.shape(), Shape::set_field);
            assert_eq!(signed.array_get.shape(), Shape::get_element);
            assert_eq!(signed.array_set.shape(), Shape::set_element);
            let differs = signed.struct_get != Access::of(storage, false).struct_get;
            assert_eq!(differs, storage.is_packed());
        }
    }
}
