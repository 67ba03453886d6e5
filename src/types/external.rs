//! External types (spec, Structure > Types > External Types).

use core::fmt;

use crate::types::{FuncType, GlobalType, MemoryType, TableType};

/// Type of something that is imported or exported.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExternType {
    /// A function
    Func(FuncType),
    /// A global variable
    Global(GlobalType),
    /// A table
    Table(TableType),
    /// A linear memory
    Memory(MemoryType),
}

impl ExternType {
    /// The type of a function, if it is one.
    #[must_use]
    pub fn func(&self) -> Option<&FuncType> {
        if let Self::Func(ty) = self { Some(ty) } else { None }
    }

    /// The type of a global, if it is one.
    #[must_use]
    pub fn global(&self) -> Option<&GlobalType> {
        if let Self::Global(ty) = self { Some(ty) } else { None }
    }

    /// The type of a table, if it is one.
    #[must_use]
    pub fn table(&self) -> Option<&TableType> {
        if let Self::Table(ty) = self { Some(ty) } else { None }
    }

    /// The type of a memory, if it is one.
    #[must_use]
    pub fn memory(&self) -> Option<&MemoryType> {
        if let Self::Memory(ty) = self { Some(ty) } else { None }
    }
}

impl fmt::Display for ExternType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limits = |f: &mut fmt::Formatter<'_>, min: u64, max: Option<u64>| match max {
            Some(max) => write!(f, " {min}..={max}"),
            None => write!(f, " {min}.."),
        };
        match self {
            Self::Func(ty) => write!(f, "func {ty}"),
            Self::Global(ty) if ty.mutability().is_mut() => write!(f, "global (mut {})", ty.content()),
            Self::Global(ty) => write!(f, "global {}", ty.content()),
            Self::Table(ty) => {
                write!(f, "table of {}", ty.element())?;
                limits(f, ty.minimum(), ty.maximum())
            }
            Self::Memory(ty) => {
                f.write_str("memory")?;
                limits(f, ty.minimum(), ty.maximum())
            }
        }
    }
}

macro_rules! from {
    ($($variant:ident($ty:ty);)*) => { $(
        impl From<$ty> for ExternType {
            fn from(ty: $ty) -> Self {
                Self::$variant(ty)
            }
        } )*
    };
}

from! { Func(FuncType); Global(GlobalType); Table(TableType); Memory(MemoryType); }
