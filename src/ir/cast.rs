//! The types that casts test for, as immediates of ops.
//!
//! ```text
//!   bits 0-19 type index     bits 20-25 number of supertypes     bit 26 null has the type     (concrete types)
//!   bit 0 null     bit 1 i31     bit 2 value of the host     bit 3 struct     bit 4 array      (classes of values)
//! ```

use crate::types::kinds::Abstract;

const DEPTH: u32 = 20;
const NULLABLE: u32 = 26;

/// The type that a cast tests for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CastTo(u32);

impl CastTo {
    /// The type at a type index, which has `depth` supertypes; with null if `nullable`.
    pub(crate) fn concrete(index: u32, depth: u32, nullable: bool) -> Self {
        debug_assert!(index >> DEPTH == 0 && depth >> (NULLABLE - DEPTH) == 0);
        Self(index | depth << DEPTH | u32::from(nullable) << NULLABLE)
    }

    /// The classes of values that an abstract type has; with null if `nullable`.
    pub(crate) fn class(heap: Abstract, nullable: bool) -> Self {
        let classes = match heap {
            // Any other reference of the hierarchy.
            Abstract::Func | Abstract::Extern | Abstract::Exn | Abstract::Any => 0b11110,
            Abstract::Eq => 0b11010,
            Abstract::I31 => 0b00010,
            Abstract::Struct => 0b01000,
            Abstract::Array => 0b10000,
            Abstract::NoFunc | Abstract::NoExtern | Abstract::NoExn | Abstract::None => 0,
        };
        Self(classes | u32::from(nullable))
    }

    /// The type of an immediate.
    #[inline(always)]
    pub(crate) fn of_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The immediate.
    #[inline(always)]
    pub(crate) fn bits(self) -> u32 {
        self.0
    }

    /// The type index of a concrete type.
    #[inline(always)]
    pub(crate) fn index(self) -> u32 {
        self.0 & ((1 << DEPTH) - 1)
    }

    /// The number of supertypes of a concrete type.
    #[inline(always)]
    pub(crate) fn depth(self) -> u32 {
        self.0 >> DEPTH & ((1 << (NULLABLE - DEPTH)) - 1)
    }

    /// Whether null has the concrete type.
    #[inline(always)]
    pub(crate) fn has_null(self) -> bool {
        self.0 >> NULLABLE & 1 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::CastTo;
    use crate::types::kinds::Abstract;

    #[test]
    fn types_survive_packing() {
        for (index, depth, nullable) in [(0, 0, false), (999_999, 63, true), (0xf_ffff, 1, false)] {
            let to = CastTo::of_bits(CastTo::concrete(index, depth, nullable).bits());
            assert_eq!((to.index(), to.depth(), to.has_null()), (index, depth, nullable));
        }
        assert_eq!(CastTo::class(Abstract::None, true).bits(), 1);
    }
}
