//! Types as words: what validation and translation compare.
//!
//! ```text
//!   bits 0-19  a number type, an abstract heap type, or the number of a concrete type
//!   bit 20     concrete     bit 21  null is a value     bit 22  reserved (exact)
//! ```
//!
//! Inside a module the number of a concrete type is the lowest type index that denotes it, so equal types are equal
//! words. In the registry of an engine it is the number of the type in the engine.

use core::fmt;

use crate::types::kinds::{Abstract, CompositeKind, PLAIN_TYPES};

/// A type in a word.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Ty(u32);

const CONCRETE: u32 = 1 << 20;
const NULLABLE: u32 = 1 << 21;
/// The number of the first abstract heap type.
const FIRST_HEAP: u32 = 9;

impl Ty {
    /// The number of bits in use.
    pub(crate) const BITS: u32 = 23;

    /// 32-bit integer
    pub(crate) const I32: Self = Self(0);
    /// 64-bit integer
    pub(crate) const I64: Self = Self(1);
    /// 32-bit float
    pub(crate) const F32: Self = Self(2);
    /// 64-bit float
    pub(crate) const F64: Self = Self(3);
    /// 128-bit vector
    pub(crate) const V128: Self = Self(4);
    /// The second cell of a vector: lists of types by cell and the operand stack have it after each `V128`
    // Differs from `V128` in the lowest bit, so that one comparison finds both.
    pub(crate) const V128_HIGH: Self = Self(5);
    /// The type of a field of 8 bits
    pub(crate) const I8: Self = Self(6);
    /// The type of a field of 16 bits
    pub(crate) const I16: Self = Self(7);
    /// Matches any type: the type of a value that unreachable code takes from an empty stack.
    pub(crate) const UNKNOWN: Self = Self(8);
    /// Matches any type of references that are not null.
    pub(crate) const UNKNOWN_REF: Self = Self(FIRST_HEAP + Abstract::ALL.len() as u32);
    /// Reference to a function, or null
    pub(crate) const FUNCREF: Self = Self::reference(Abstract::Func, true);
    /// Reference to something of the host, or null
    pub(crate) const EXTERNREF: Self = Self::reference(Abstract::Extern, true);
    /// Reference to a value that Wasm code can look into, or null
    #[cfg(host_refs)]
    pub(crate) const ANYREF: Self = Self::reference(Abstract::Any, true);

    /// The type of references to an abstract type.
    pub(crate) const fn reference(heap: Abstract, nullable: bool) -> Self {
        Self((FIRST_HEAP + heap as u32) | if nullable { NULLABLE } else { 0 })
    }

    /// The type of references to the type with this number.
    pub(crate) const fn concrete(number: u32, nullable: bool) -> Self {
        Self(number | CONCRETE | if nullable { NULLABLE } else { 0 })
    }

    /// Returns the word.
    #[inline]
    pub(crate) const fn word(self) -> u32 {
        self.0
    }

    /// Returns the type of a word.
    #[inline]
    pub(crate) const fn of_word(word: u32) -> Self {
        Self(word)
    }

    /// Returns the types of the cells of a value of this type.
    pub(crate) const fn cells(&self) -> &[Self] {
        match *self {
            Self::V128 => &[Self::V128, Self::V128_HIGH],
            _ => core::slice::from_ref(self),
        }
    }

    /// Returns whether it is a reference type.
    #[inline]
    pub(crate) const fn is_ref(self) -> bool {
        self.0 >= FIRST_HEAP
    }

    /// Returns whether null is a value of this type.
    pub(crate) const fn is_nullable(self) -> bool {
        self.0 & NULLABLE != 0
    }

    /// Returns whether the type has a default value: zero or null.
    pub(crate) const fn is_defaultable(self) -> bool {
        !self.is_ref() || self.is_nullable()
    }

    /// Returns the type of the values that a field of this type is read and written as.
    #[cfg(any(feature = "gc", host_refs))]
    pub(crate) const fn unpacked(self) -> Self {
        match self {
            Self::I8 | Self::I16 => Self::I32,
            _ => self,
        }
    }

    /// Returns whether it is the type of fields of 8 or 16 bits.
    #[cfg(feature = "gc")]
    pub(crate) const fn is_packed(self) -> bool {
        matches!(self, Self::I8 | Self::I16)
    }

    /// Returns the same reference type with or without null.
    pub(crate) const fn with_nullable(self, nullable: bool) -> Self {
        Self(self.0 & !NULLABLE | if nullable { NULLABLE } else { 0 })
    }

    /// Returns the number of the concrete type that it refers to, if it refers to one.
    pub(crate) const fn concrete_number(self) -> Option<u32> {
        if PLAIN_TYPES || self.0 & CONCRETE == 0 { None } else { Some(self.0 & (CONCRETE - 1)) }
    }

    /// Returns the same type with another number, if it refers to a concrete type. Keeps bits that are not in use.
    pub(crate) fn with_number(self, number: impl FnOnce(u32) -> u32) -> Self {
        match self.concrete_number() {
            Some(old) => Self(self.0 & !(CONCRETE - 1) | number(old)),
            None => self,
        }
    }

    /// Returns the abstract type that it refers to, if it refers to one.
    pub(crate) fn abstract_type(self) -> Option<Abstract> {
        if self.0 & CONCRETE != 0 {
            return None;
        }
        let number = (self.0 & !NULLABLE).checked_sub(FIRST_HEAP)?;
        Abstract::ALL.get(number as usize).copied()
    }

    /// Returns whether every value of this type also has type `other` (spec, Validation > Types > Reference Types).
    pub(crate) fn is_subtype(self, other: Self, types: &impl ConcreteTypes) -> bool {
        if self == other || self == Self::UNKNOWN {
            return true;
        }
        if !self.is_ref() || !other.is_ref() || self.is_nullable() && !other.is_nullable() {
            return false;
        }
        let (this, other) = (self.with_nullable(false), other.with_nullable(false));
        if this == other || this == Self::UNKNOWN_REF {
            return true;
        }
        match (this.concrete_number(), other.concrete_number()) {
            (Some(this), Some(other)) => types.is_subtype(this, other),
            (Some(this), None) => {
                let this = types.kind(this).supertype();
                other.abstract_type().is_some_and(|other| this.is_subtype(other))
            }
            (None, Some(other)) => {
                let bottom = types.kind(other).supertype().bottom();
                this.abstract_type() == Some(bottom)
            }
            (None, None) => match (this.abstract_type(), other.abstract_type()) {
                (Some(this), Some(other)) => this.is_subtype(other),
                _ => false,
            },
        }
    }
}

/// The number types, as operators name them.
pub(crate) const I32: Ty = Ty::I32;
pub(crate) const I64: Ty = Ty::I64;
pub(crate) const F32: Ty = Ty::F32;
pub(crate) const F64: Ty = Ty::F64;

/// Facts about concrete types, by their numbers.
pub(crate) trait ConcreteTypes {
    /// Returns the kind of a type.
    fn kind(&self, number: u32) -> CompositeKind;
    /// Returns whether the first type is the second one or, directly or through others, a declared subtype of it.
    fn is_subtype(&self, number: u32, other: u32) -> bool;
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match *self {
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::V128 | Self::V128_HIGH => "v128",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::UNKNOWN => "any type",
            Self::UNKNOWN_REF => "any reference",
            _ => {
                let null = if self.is_nullable() { "null " } else { "" };
                return match (self.concrete_number(), self.abstract_type()) {
                    (None, Some(heap)) if self.is_nullable() => f.write_str(heap.nullable_name()),
                    (None, Some(heap)) => write!(f, "(ref {})", heap.name()),
                    (number, _) => write!(f, "(ref {null}{})", number.unwrap_or(0)),
                };
            }
        };
        f.write_str(name)
    }
}

impl fmt::Debug for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::{Abstract, CompositeKind, ConcreteTypes, Ty};

    /// 0 is a function type; 1 a struct, which 2 is a subtype of.
    struct Three;

    impl ConcreteTypes for Three {
        fn kind(&self, number: u32) -> CompositeKind {
            if number == 0 { CompositeKind::Func } else { CompositeKind::Struct }
        }

        fn is_subtype(&self, number: u32, other: u32) -> bool {
            number == other || (number, other) == (2, 1)
        }
    }

    const NUMBERS: [Ty; 5] = [Ty::I32, Ty::I64, Ty::F32, Ty::F64, Ty::V128];

    #[test]
    fn subtypes_of_references() {
        let sub = |a: Ty, b: Ty| a.is_subtype(b, &Three);
        let func = Ty::concrete(0, false);
        assert!(sub(func, Ty::FUNCREF) && sub(func, Ty::concrete(0, true)));
        assert!(!sub(Ty::FUNCREF, func) && !sub(Ty::concrete(0, true), func) && !sub(func, Ty::EXTERNREF));
        assert!(sub(Ty::reference(Abstract::NoFunc, true), Ty::concrete(0, true)));
        assert!(!sub(Ty::reference(Abstract::None, true), Ty::concrete(0, true)));
        assert!(
            sub(Ty::concrete(2, true), Ty::concrete(1, true)) && !sub(Ty::concrete(1, true), Ty::concrete(2, true))
        );
        assert!(sub(Ty::concrete(2, true), Ty::reference(Abstract::Eq, true)));
        for number in NUMBERS {
            assert!(sub(number, number) && sub(Ty::UNKNOWN, number) && !sub(Ty::UNKNOWN_REF, number));
            assert!(!sub(number, Ty::FUNCREF) && !sub(Ty::FUNCREF, number));
        }
        assert!(sub(Ty::UNKNOWN_REF, func) && sub(Ty::UNKNOWN_REF, Ty::EXTERNREF));
    }

    #[test]
    fn all_types_are_different_words() {
        let mut all = NUMBERS.to_vec();
        all.extend([Ty::I8, Ty::I16, Ty::V128_HIGH, Ty::UNKNOWN, Ty::UNKNOWN_REF]);
        for nullable in [false, true] {
            all.extend(Abstract::ALL.map(|heap| Ty::reference(heap, nullable)));
            all.extend([0, 1, 0xf_ffff].map(|number| Ty::concrete(number, nullable)));
        }
        for (i, a) in all.iter().enumerate() {
            assert!(a.word() >> Ty::BITS == 0);
            for b in &all[..i] {
                assert_ne!(a, b);
            }
        }
        assert_eq!(format!("{} {}", Ty::FUNCREF, Ty::concrete(3, true)), "funcref (ref null 3)");
    }
}
