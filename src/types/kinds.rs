//! Abstract heap types, and the kinds of types that modules define (spec, Structure > Types > Heap Types).

/// Whether this build knows no types but final function types that refer to no others: it has the small set of ops, and none of the
/// crate features that other types need.
pub(crate) const PLAIN_TYPES: bool =
    cfg!(all(feature = "small", not(any(feature = "function-references", feature = "gc", feature = "exceptions"))));

/// A heap type that no module defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(crate) enum Abstract {
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
}

impl Abstract {
    /// All of them, by their numbers.
    pub(crate) const ALL: [Self; 12] = [
        Self::Func,
        Self::NoFunc,
        Self::Extern,
        Self::NoExtern,
        Self::Any,
        Self::Eq,
        Self::I31,
        Self::Struct,
        Self::Array,
        Self::None,
        Self::Exn,
        Self::NoExn,
    ];

    /// Returns whether every value of this type also has type `other` (spec, Validation > Types > Heap Types).
    pub(crate) fn is_subtype(self, other: Self) -> bool {
        match (self, other) {
            (Self::NoFunc, Self::Func) | (Self::NoExtern, Self::Extern) | (Self::NoExn, Self::Exn) => true,
            (Self::Eq | Self::I31 | Self::Struct | Self::Array | Self::None, Self::Any) => true,
            (Self::I31 | Self::Struct | Self::Array | Self::None, Self::Eq) => true,
            (Self::None, Self::I31 | Self::Struct | Self::Array) => true,
            _ => self == other,
        }
    }

    /// The type of all references that this type is related to.
    pub(crate) fn top(self) -> Self {
        match self {
            Self::Func | Self::NoFunc => Self::Func,
            Self::Extern | Self::NoExtern => Self::Extern,
            Self::Exn | Self::NoExn => Self::Exn,
            Self::Any | Self::Eq | Self::I31 | Self::Struct | Self::Array | Self::None => Self::Any,
        }
    }

    /// The type without values that is a subtype of this one.
    pub(crate) fn bottom(self) -> Self {
        match self.top() {
            Self::Func => Self::NoFunc,
            Self::Extern => Self::NoExtern,
            Self::Exn => Self::NoExn,
            _ => Self::None,
        }
    }

    /// Its name in the text format.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Func => "func",
            Self::NoFunc => "nofunc",
            Self::Extern => "extern",
            Self::NoExtern => "noextern",
            Self::Any => "any",
            Self::Eq => "eq",
            Self::I31 => "i31",
            Self::Struct => "struct",
            Self::Array => "array",
            Self::None => "none",
            Self::Exn => "exn",
            Self::NoExn => "noexn",
        }
    }

    /// The name of the type of nullable references to it.
    pub(crate) fn nullable_name(self) -> &'static str {
        match self {
            Self::Func => "funcref",
            Self::NoFunc => "nullfuncref",
            Self::Extern => "externref",
            Self::NoExtern => "nullexternref",
            Self::Any => "anyref",
            Self::Eq => "eqref",
            Self::I31 => "i31ref",
            Self::Struct => "structref",
            Self::Array => "arrayref",
            Self::None => "nullref",
            Self::Exn => "exnref",
            Self::NoExn => "nullexnref",
        }
    }
}

/// The kinds of types that a module defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(crate) enum CompositeKind {
    Func,
    Struct,
    Array,
}

impl CompositeKind {
    /// The abstract type of all types of this kind.
    pub(crate) fn supertype(self) -> Abstract {
        match self {
            Self::Func => Abstract::Func,
            Self::Struct => Abstract::Struct,
            Self::Array => Abstract::Array,
        }
    }
}
