//! Types in the shapes that they have in `wasmi` 2.0, for programs that match all of their variants. Builds for such programs
//! (crate feature `wasmi-defaults`) have no proposal whose types do not fit into them.

use crate::types::heap::{Heap, NULLABLE};

/// Type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// Reference to a function, or null
    FuncRef,
    /// Reference to something of the host, or null
    ExternRef,
}

impl ValType {
    /// The type of references of a type.
    pub(super) const fn reference(ty: RefType) -> Self {
        match ty {
            RefType::Func => Self::FuncRef,
            RefType::Extern => Self::ExternRef,
        }
    }

    /// This as a reference type, if it is one.
    pub(super) const fn reference_type(self) -> Option<RefType> {
        match self {
            Self::FuncRef => Some(RefType::Func),
            Self::ExternRef => Some(RefType::Extern),
            _ => None,
        }
    }
}

/// Type of a reference, which may be null.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefType {
    /// Reference to a function
    Func,
    /// Reference to something of the host
    Extern,
}

impl RefType {
    /// The type of references to `heap`. Types that are not here become that of all functions, or of all else.
    pub(super) const fn of(heap: Heap, _: u32) -> Self {
        match heap {
            Heap::Func | Heap::NoFunc | Heap::ConcreteFunc => Self::Func,
            _ => Self::Extern,
        }
    }

    pub(super) const fn rest(self) -> u32 {
        NULLABLE
    }

    pub(super) const fn heap(self) -> Heap {
        match self {
            Self::Func => Heap::Func,
            Self::Extern => Heap::Extern,
        }
    }
}
