//! How the objects of a store's heap are laid out: structs, arrays and exceptions. The same on every target.
//!
//! ```text
//!  struct      0 rtt │ 8 fields …
//!  array       0 rtt │ 8 length │ 16 elements …
//!  exception   0 rtt │ 8 tag │ 16 arguments …
//! ```
//!
//! Fields are packed: each is at the first multiple of its alignment after the field before it, so those of a supertype
//! are at the same places. References have a cell of 8 bytes on every target, vectors are aligned to 8 bytes.

#![allow(dead_code, reason = "the operators that make objects come next")]

use crate::types::{
    kinds::Abstract,
    repr::{ConcreteTypes, Ty},
};

/// Bytes before the first field of a struct.
pub(crate) const STRUCT_HEADER: u32 = 8;
/// Offset of the length of an array.
pub(crate) const ARRAY_LEN: u32 = 8;
/// Bytes before the first element of an array.
pub(crate) const ARRAY_HEADER: u32 = 16;
/// Offset of the tag of an exception.
pub(crate) const EXCEPTION_TAG: u32 = 8;
/// Bytes before the first argument of an exception.
pub(crate) const EXCEPTION_HEADER: u32 = 16;
/// What the address of an object is a multiple of.
pub(crate) const OBJECT_ALIGN: u32 = 8;

/// Returns the binary logarithm of the number of bytes that a field of type `ty` takes.
pub(crate) const fn bytes_log2(ty: Ty) -> u8 {
    match ty {
        Ty::I8 => 0,
        Ty::I16 => 1,
        Ty::I32 | Ty::F32 => 2,
        Ty::V128 => 4,
        _ => 3,
    }
}

/// Whether values of type `ty` may refer to something that is collected: references except those to functions.
pub(crate) fn is_traced(ty: Ty, types: &impl ConcreteTypes) -> bool {
    let heap = match ty.concrete_number() {
        Some(number) => Some(types.kind(number).supertype()),
        None => ty.abstract_type(),
    };
    heap.is_some_and(|heap| heap.top() != Abstract::Func)
}

/// Places fields one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placement {
    end: u32,
}

impl Placement {
    /// Begins after a header of this many bytes.
    pub(crate) const fn after(header: u32) -> Self {
        Self { end: header }
    }

    /// Returns the offset of the next field, which has type `ty`.
    pub(crate) fn place(&mut self, ty: Ty) -> u32 {
        let bytes = 1 << bytes_log2(ty);
        let offset = self.end.next_multiple_of(bytes.min(OBJECT_ALIGN));
        self.end = offset + bytes;
        offset
    }

    /// Returns the number of bytes of the object with its header.
    pub(crate) fn size(self) -> u32 {
        self.end.next_multiple_of(OBJECT_ALIGN)
    }
}

#[cfg(test)]
mod tests {
    use super::{Placement, STRUCT_HEADER};
    use crate::types::repr::Ty;

    #[test]
    fn fields_are_packed_and_aligned() {
        let mut placement = Placement::after(STRUCT_HEADER);
        let types = [Ty::I8, Ty::I8, Ty::I16, Ty::F32, Ty::EXTERNREF, Ty::I8, Ty::V128, Ty::I8, Ty::I32];
        let offsets = types.map(|ty| placement.place(ty));
        assert_eq!(offsets, [8, 9, 10, 12, 16, 24, 32, 48, 52]);
        assert_eq!(placement.size(), 56);
        assert_eq!(Placement::after(STRUCT_HEADER).size(), 8);
    }
}
