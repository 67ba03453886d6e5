//! Reference types and heap types (spec, Structure > Types > Heap Types, Reference Types).

use core::fmt;

use crate::types::{
    kinds::{Abstract, CompositeKind},
    repr::Ty,
};

/// Names a type that a module defines, throughout an engine: equal types have equal names.
///
/// The name denotes the type as long as a module, a function or a [`FuncType`] with this type lives. Afterwards the
/// name may denote another type.
///
/// [`FuncType`]: crate::FuncType
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(u32);

impl TypeId {
    #[cfg(test)]
    pub(crate) const fn new(id: u32) -> Self {
        Self(id)
    }

    /// Its number in the engine.
    pub(crate) const fn number(self) -> u32 {
        self.0
    }
}

/// The type of the things that references refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum HeapType {
    /// Any function
    Func,
    /// A function of this type
    ConcreteFunc(TypeId),
    /// No function: references of this type are null
    NoFunc,
    /// Anything of the host
    Extern,
    /// Nothing of the host: references of this type are null
    NoExtern,
    /// Any value that Wasm code can look into
    Any,
    /// A value that can be compared
    Eq,
    /// An integer of 31 bits
    I31,
    /// Any array
    Array,
    /// An array of this type
    ConcreteArray(TypeId),
    /// Any struct
    Struct,
    /// A struct of this type
    ConcreteStruct(TypeId),
    /// No value that Wasm code can look into: references of this type are null
    None,
    /// Any exception
    Exn,
    /// No exception: references of this type are null
    NoExn,
}

impl HeapType {
    /// Whether a module defines it.
    #[must_use]
    pub fn is_concrete(&self) -> bool {
        self.type_id().is_some()
    }

    /// The name of the type, if a module defines it.
    #[must_use]
    pub fn type_id(&self) -> Option<TypeId> {
        match self {
            Self::ConcreteFunc(id) | Self::ConcreteArray(id) | Self::ConcreteStruct(id) => Some(*id),
            _ => None,
        }
    }

    /// The abstract type, or the one of all types of this kind.
    pub(crate) fn kind(self) -> Abstract {
        RefType::new(true, self).abstract_type()
    }
}

impl fmt::Display for HeapType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.type_id() {
            Some(id) => write!(f, "type#{}", id.number()),
            None => f.write_str(self.kind().name()),
        }
    }
}

/// The heap type of a reference type: abstract, or of a kind that modules define.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Heap {
    Func,
    NoFunc,
    Extern,
    NoExtern,
    Any,
    Eq,
    I31,
    Struct,
    Array,
    None,
    Exn,
    NoExn,
    ConcreteFunc,
    ConcreteStruct,
    ConcreteArray,
}

#[cfg(feature = "wasmi-defaults")]
pub use crate::types::wasmi::RefType;

/// Type of a reference: what it refers to, and whether it may be null.
// Four bytes without alignment, so that `ValType` is no longer.
#[cfg(not(feature = "wasmi-defaults"))]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefType {
    heap: Heap,
    /// The number of the type in the engine, if it is concrete; the uppermost bit says that null is a value.
    rest: [u8; 3],
}

pub(super) const NULLABLE: u32 = 1 << 23;

#[cfg(not(feature = "wasmi-defaults"))]
#[allow(non_upper_case_globals, reason = "used as variants of an enum")]
impl RefType {
    /// Reference to a function, or null
    pub const Func: Self = Self::of(Heap::Func, NULLABLE);
    /// Reference to something of the host, or null
    pub const Extern: Self = Self::of(Heap::Extern, NULLABLE);

    const fn of(heap: Heap, rest: u32) -> Self {
        let [a, b, c, _] = rest.to_le_bytes();
        Self { heap, rest: [a, b, c] }
    }

    const fn rest(self) -> u32 {
        let [a, b, c] = self.rest;
        u32::from_le_bytes([a, b, c, 0])
    }

    const fn heap(self) -> Heap {
        self.heap
    }
}

impl RefType {
    /// Reference to a function, or null
    pub const FUNCREF: Self = Self::Func;
    /// Reference to something of the host, or null
    pub const EXTERNREF: Self = Self::Extern;

    /// The type of references to `heap_type`, and of null if it is `nullable`.
    #[must_use]
    pub const fn new(nullable: bool, heap_type: HeapType) -> Self {
        let (heap, number) = match heap_type {
            HeapType::Func => (Heap::Func, 0),
            HeapType::ConcreteFunc(id) => (Heap::ConcreteFunc, id.number()),
            HeapType::NoFunc => (Heap::NoFunc, 0),
            HeapType::Extern => (Heap::Extern, 0),
            HeapType::NoExtern => (Heap::NoExtern, 0),
            HeapType::Any => (Heap::Any, 0),
            HeapType::Eq => (Heap::Eq, 0),
            HeapType::I31 => (Heap::I31, 0),
            HeapType::Array => (Heap::Array, 0),
            HeapType::ConcreteArray(id) => (Heap::ConcreteArray, id.number()),
            HeapType::Struct => (Heap::Struct, 0),
            HeapType::ConcreteStruct(id) => (Heap::ConcreteStruct, id.number()),
            HeapType::None => (Heap::None, 0),
            HeapType::Exn => (Heap::Exn, 0),
            HeapType::NoExn => (Heap::NoExn, 0),
        };
        Self::of(heap, number | if nullable { NULLABLE } else { 0 })
    }

    /// Whether null is a value of this type.
    #[must_use]
    pub const fn is_nullable(&self) -> bool {
        self.rest() & NULLABLE != 0
    }

    /// Returns the heap type.
    #[must_use]
    pub const fn heap_type(&self) -> HeapType {
        let id = TypeId(self.rest() & !NULLABLE);
        match self.heap() {
            Heap::Func => HeapType::Func,
            Heap::NoFunc => HeapType::NoFunc,
            Heap::Extern => HeapType::Extern,
            Heap::NoExtern => HeapType::NoExtern,
            Heap::Any => HeapType::Any,
            Heap::Eq => HeapType::Eq,
            Heap::I31 => HeapType::I31,
            Heap::Struct => HeapType::Struct,
            Heap::Array => HeapType::Array,
            Heap::None => HeapType::None,
            Heap::Exn => HeapType::Exn,
            Heap::NoExn => HeapType::NoExn,
            Heap::ConcreteFunc => HeapType::ConcreteFunc(id),
            Heap::ConcreteStruct => HeapType::ConcreteStruct(id),
            Heap::ConcreteArray => HeapType::ConcreteArray(id),
        }
    }

    /// The same type with or without null.
    #[must_use]
    pub const fn with_nullable(self, nullable: bool) -> Self {
        Self::new(nullable, self.heap_type())
    }

    /// Its abstract heap type, or the one of all types of its kind.
    pub(crate) const fn abstract_type(self) -> Abstract {
        match self.heap() {
            Heap::Func | Heap::ConcreteFunc => Abstract::Func,
            Heap::NoFunc => Abstract::NoFunc,
            Heap::Extern => Abstract::Extern,
            Heap::NoExtern => Abstract::NoExtern,
            Heap::Any => Abstract::Any,
            Heap::Eq => Abstract::Eq,
            Heap::I31 => Abstract::I31,
            Heap::Struct | Heap::ConcreteStruct => Abstract::Struct,
            Heap::Array | Heap::ConcreteArray => Abstract::Array,
            Heap::None => Abstract::None,
            Heap::Exn => Abstract::Exn,
            Heap::NoExn => Abstract::NoExn,
        }
    }

    /// Whether a module defines its heap type.
    pub(crate) const fn is_concrete(self) -> bool {
        matches!(self.heap(), Heap::ConcreteFunc | Heap::ConcreteStruct | Heap::ConcreteArray)
    }

    /// Whether it refers to functions.
    pub(crate) fn is_func(self) -> bool {
        self.abstract_type().top() == Abstract::Func
    }

    /// The type as a word, in which concrete types are numbers of the engine.
    pub(crate) const fn ty(self) -> Ty {
        if self.is_concrete() {
            Ty::concrete(self.rest() & !NULLABLE, self.is_nullable())
        } else {
            Ty::reference(self.abstract_type(), self.is_nullable())
        }
    }

    /// The type of references to an abstract type.
    pub(crate) const fn to_abstract(heap: Abstract, nullable: bool) -> Self {
        let heap_type = match heap {
            Abstract::Func => HeapType::Func,
            Abstract::NoFunc => HeapType::NoFunc,
            Abstract::Extern => HeapType::Extern,
            Abstract::NoExtern => HeapType::NoExtern,
            Abstract::Any => HeapType::Any,
            Abstract::Eq => HeapType::Eq,
            Abstract::I31 => HeapType::I31,
            Abstract::Struct => HeapType::Struct,
            Abstract::Array => HeapType::Array,
            Abstract::None => HeapType::None,
            Abstract::Exn => HeapType::Exn,
            Abstract::NoExn => HeapType::NoExn,
        };
        Self::new(nullable, heap_type)
    }

    /// The type of references to the type with this number in the engine.
    pub(crate) const fn to_concrete(kind: CompositeKind, id: u32, nullable: bool) -> Self {
        let heap = match kind {
            CompositeKind::Func => Heap::ConcreteFunc,
            CompositeKind::Struct => Heap::ConcreteStruct,
            CompositeKind::Array => Heap::ConcreteArray,
        };
        Self::of(heap, id | if nullable { NULLABLE } else { 0 })
    }
}

impl fmt::Debug for RefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::Func {
            f.write_str("Func")
        } else if *self == Self::Extern {
            f.write_str("Extern")
        } else {
            write!(f, "{self}")
        }
    }
}

impl fmt::Display for RefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_nullable() && !self.is_concrete() {
            return f.write_str(self.abstract_type().nullable_name());
        }
        write!(f, "(ref {}{})", if self.is_nullable() { "null " } else { "" }, self.heap_type())
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::{Abstract, CompositeKind, HeapType, RefType, TypeId};

    #[test]
    fn heap_types_survive_packing() {
        for number in [0, 1, 0xf_ffff] {
            let id = TypeId::new(number);
            let concrete =
                [HeapType::ConcreteFunc(id), HeapType::ConcreteArray(id), HeapType::ConcreteStruct(id), HeapType::Any];
            for heap_type in concrete {
                for nullable in [true, false] {
                    let ty = RefType::new(nullable, heap_type);
                    assert_eq!((ty.heap_type(), ty.is_nullable()), (heap_type, nullable));
                    assert_ne!(ty, ty.with_nullable(!nullable));
                }
            }
        }
        for heap in Abstract::ALL {
            assert_eq!(RefType::to_abstract(heap, false).abstract_type(), heap);
            assert_eq!(Abstract::ALL[heap as usize], heap);
        }
        assert_eq!(size_of::<RefType>(), 4);
    }

    #[test]
    fn names_are_those_of_the_text_format() {
        assert_eq!(format!("{} {:?}", RefType::Func, RefType::Extern), "funcref Extern");
        assert_eq!(format!("{}", RefType::new(false, HeapType::Func)), "(ref func)");
        assert_eq!(format!("{}", RefType::new(true, HeapType::NoExtern)), "nullexternref");
        let concrete = RefType::to_concrete(CompositeKind::Func, 5, true);
        assert_eq!(format!("{concrete}"), "(ref null type#5)");
    }

    #[test]
    fn constants_can_be_matched() {
        let name = |ty: RefType| match ty {
            RefType::Func => "func",
            RefType::Extern => "extern",
            _ => "other",
        };
        assert_eq!([RefType::FUNCREF, RefType::EXTERNREF].map(name), ["func", "extern"]);
        assert_eq!(name(RefType::new(false, HeapType::Func)), "other");
    }

    #[test]
    fn each_hierarchy_has_a_top_and_a_bottom() {
        for heap in Abstract::ALL {
            assert!(heap.is_subtype(heap) && heap.is_subtype(heap.top()) && heap.bottom().is_subtype(heap));
            for other in Abstract::ALL {
                assert!(!heap.is_subtype(other) || heap.top() == other.top(), "{heap:?} {other:?}");
                assert!(heap == other || !heap.is_subtype(other) || !other.is_subtype(heap), "{heap:?} {other:?}");
            }
        }
    }
}
