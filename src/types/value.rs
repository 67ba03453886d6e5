//! Value types (spec, Structure > Types > Value Types).

use core::fmt;

use crate::types::{heap::RefType, kinds::CompositeKind, repr::Ty};

#[cfg(feature = "wasmi-defaults")]
pub use crate::types::wasmi::ValType;

/// Type of a value.
#[cfg(not(feature = "wasmi-defaults"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ValType {
    /// 32-bit integer
    I32,
    /// 64-bit integer
    I64,
    /// 32-bit float
    F32,
    /// 64-bit float
    F64,
    /// 128-bit vector
    V128,
    /// Reference
    Ref(RefType),
}

#[cfg(not(feature = "wasmi-defaults"))]
#[allow(non_upper_case_globals, reason = "used as variants of the enum")]
impl ValType {
    /// Reference to a function, or null: `Ref(RefType::FUNCREF)`
    pub const FuncRef: Self = Self::Ref(RefType::FUNCREF);
    /// Reference to something of the host, or null: `Ref(RefType::EXTERNREF)`
    pub const ExternRef: Self = Self::Ref(RefType::EXTERNREF);

    /// The type of references of a type.
    pub(super) const fn reference(ty: RefType) -> Self {
        Self::Ref(ty)
    }

    /// This as a reference type, if it is one.
    pub(super) const fn reference_type(self) -> Option<RefType> {
        if let Self::Ref(ty) = self { Some(ty) } else { None }
    }
}

impl ValType {
    /// Reference to a function, or null
    pub const FUNCREF: Self = Self::FuncRef;
    /// Reference to something of the host, or null
    pub const EXTERNREF: Self = Self::ExternRef;
}

impl ValType {
    /// Whether this is a number type.
    #[must_use]
    pub fn is_num(&self) -> bool {
        matches!(self, Self::I32 | Self::I64 | Self::F32 | Self::F64)
    }

    /// Whether this is a reference type.
    #[must_use]
    pub fn is_ref(&self) -> bool {
        self.reference_type().is_some()
    }

    /// This as a reference type, if it is one.
    #[must_use]
    pub fn as_ref(&self) -> Option<RefType> {
        self.reference_type()
    }

    /// The type as a word, in which concrete types are numbers of the engine.
    #[inline]
    pub(crate) const fn ty(self) -> Ty {
        match self {
            Self::I32 => Ty::I32,
            Self::I64 => Ty::I64,
            Self::F32 => Ty::F32,
            Self::F64 => Ty::F64,
            Self::V128 => Ty::V128,
            reference => match reference.reference_type() {
                Some(ty) => ty.ty(),
                None => Ty::FUNCREF,
            },
        }
    }

    /// Returns the type of a word. `concrete` returns the kind of a concrete type and its number in the engine.
    pub(crate) fn of_ty(ty: Ty, concrete: impl FnOnce(u32) -> (CompositeKind, u32)) -> Self {
        match ty {
            Ty::I64 => Self::I64,
            Ty::F32 => Self::F32,
            Ty::F64 => Self::F64,
            Ty::V128 => Self::V128,
            _ => match (ty.concrete_number(), ty.abstract_type()) {
                (Some(number), _) => {
                    let (kind, id) = concrete(number);
                    Self::reference(RefType::to_concrete(kind, id, ty.is_nullable()))
                }
                (None, Some(heap)) => Self::reference(RefType::to_abstract(heap, ty.is_nullable())),
                (None, None) => Self::I32,
            },
        }
    }
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(ty) = self.reference_type() {
            return ty.fmt(f);
        }
        f.write_str(match self {
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::V128 => "v128",
            _ => "i32",
        })
    }
}

impl From<RefType> for ValType {
    fn from(ty: RefType) -> Self {
        Self::reference(ty)
    }
}

macro_rules! floats {
    ($($(#[$doc:meta])* $name:ident($float:ident, $bits:ident);)*) => { $(
        $(#[$doc])*
        ///
        /// Kept as bits, so that signaling NaN pass unchanged on every machine. Compares as the
        /// native float does: no NaN equals another, the zeros equal each other.
        #[derive(Clone, Copy, Default)]
        pub struct $name($bits);

        impl $name {
            /// The value with these bits.
            #[must_use]
            pub const fn from_bits(bits: $bits) -> Self {
                Self(bits)
            }
            /// The value of a native float.
            #[must_use]
            pub fn from_float(value: $float) -> Self {
                Self(value.to_bits())
            }
            /// The bits of this value.
            #[must_use]
            pub const fn to_bits(self) -> $bits {
                self.0
            }
            /// This value as a native float.
            #[must_use]
            pub fn to_float(self) -> $float {
                $float::from_bits(self.0)
            }
        }
        impl From<$float> for $name {
            fn from(value: $float) -> Self {
                Self::from_float(value)
            }
        }
        impl From<$name> for $float {
            fn from(value: $name) -> Self {
                value.to_float()
            }
        }
        // The bits of a NaN are shown: `NaN` alone would hide sign and payload.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                if self.to_float().is_nan() {
                    return write!(f, "nan:0x{:X}", self.0);
                }
                fmt::Debug::fmt(&self.to_float(), f)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                if self.to_float().is_nan() {
                    return write!(f, "nan:0x{:X}", self.0);
                }
                fmt::Display::fmt(&self.to_float(), f)
            }
        }
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.to_float() == other.to_float()
            }
        }
        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
                self.to_float().partial_cmp(&other.to_float())
            }
        } )*
    };
}

floats! {
    /// An f32.
    F32(f32, u32);
    /// An f64.
    F64(f64, u64);
}

/// A 128-bit vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct V128(u128);

impl V128 {
    /// This vector as an integer, lane 0 in the low bits.
    #[must_use]
    pub const fn as_u128(&self) -> u128 {
        self.0
    }
}

impl V128 {
    /// Returns the cells that hold this vector: in memory they are its bytes, lane 0 first.
    pub(crate) fn to_cells(self) -> [u64; 2] {
        [self.0 as u64, (self.0 >> 64) as u64].map(u64::to_le)
    }

    /// Returns the vector in these cells.
    pub(crate) fn from_cells(cells: [u64; 2]) -> Self {
        let [low, high] = cells.map(u64::from_le);
        Self(u128::from(low) | u128::from(high) << 64)
    }
}

impl From<u128> for V128 {
    fn from(value: u128) -> Self {
        Self(value)
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::{F32, F64, RefType, ValType};

    #[test]
    fn kinds_of_types() {
        assert!(ValType::I32.is_num() && ValType::F64.is_num());
        assert!(!ValType::V128.is_num() && !ValType::V128.is_ref());
        assert_eq!(ValType::FuncRef.as_ref(), Some(RefType::Func));
        assert_eq!(ValType::ExternRef.as_ref(), Some(RefType::Extern));
        assert_eq!(ValType::I64.as_ref(), None);
        assert_eq!(ValType::from(RefType::Extern), ValType::ExternRef);
        assert_eq!(ValType::FuncRef, ValType::Ref(RefType::FUNCREF));
        assert_eq!(size_of::<ValType>(), 4);
    }

    #[test]
    fn types_as_words_and_back() {
        use crate::types::kinds::{Abstract, CompositeKind};
        let mut all = alloc::vec![ValType::I32, ValType::I64, ValType::F32, ValType::F64, ValType::V128];
        for nullable in [false, true] {
            all.extend(Abstract::ALL.map(|heap| ValType::Ref(RefType::to_abstract(heap, nullable))));
            all.push(ValType::Ref(RefType::to_concrete(CompositeKind::Array, 7, nullable)));
        }
        for ty in all {
            assert_eq!(ValType::of_ty(ty.ty(), |id| (CompositeKind::Array, id)), ty);
        }
    }

    #[test]
    fn constants_can_be_matched() {
        let name = |ty: ValType| match ty {
            ValType::I32 => "i32",
            ValType::FuncRef => "funcref",
            ValType::ExternRef => "externref",
            _ => "other",
        };
        assert_eq!(name(ValType::from(RefType::Func)), "funcref");
        assert_eq!(name(ValType::from(RefType::Extern)), "externref");
        assert_eq!(name(ValType::V128), "other");
    }

    #[test]
    fn floats_compare_as_floats_and_keep_bits() {
        let signaling = 0x7fa0_0001;
        assert_eq!(F32::from_bits(signaling).to_bits(), signaling);
        assert_ne!(F32::from_bits(signaling), F32::from_bits(signaling));
        assert_eq!(F64::from_float(0.0), F64::from_float(-0.0));
        assert!(F64::from_float(1.0) < F64::from_float(2.0));
    }

    #[test]
    fn nan_shows_its_bits() {
        assert_eq!(format!("{:?}", F32::from_bits(0xffc0_0000)), "nan:0xFFC00000");
        assert_eq!(format!("{}", F64::from_bits(0x7ff8_0000_0000_0001)), "nan:0x7FF8000000000001");
        assert_eq!(format!("{:?} {}", F32::from_float(1.0), F32::from_float(1.0)), "1.0 1");
    }
}
