//! External types (spec, Structure > Types > External Types).

use core::fmt;

#[cfg(feature = "exceptions")]
use crate::types::TagType;
use crate::types::{FuncType, GlobalType, MemoryType, TableType};

/// Type of something that is imported or exported.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(not(feature = "wasmi-defaults"), non_exhaustive)]
pub enum ExternType {
    /// A function
    Func(FuncType),
    /// A global variable
    Global(GlobalType),
    /// A table
    Table(TableType),
    /// A linear memory
    Memory(MemoryType),
    /// A tag of exceptions
    #[cfg(feature = "exceptions")]
    Tag(TagType),
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

    /// The type of a tag, if it is one.
    #[cfg(feature = "exceptions")]
    #[must_use]
    pub fn tag(&self) -> Option<&TagType> {
        if let Self::Tag(ty) = self { Some(ty) } else { None }
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
                let bits = if ty.is_64() { "64-bit " } else { "" };
                write!(f, "{bits}table of {}", ty.element())?;
                limits(f, ty.minimum(), ty.maximum())
            }
            Self::Memory(ty) => {
                f.write_str(if ty.is_shared() { "shared " } else { "" })?;
                f.write_str(if ty.is_64() { "64-bit memory" } else { "memory" })?;
                limits(f, ty.minimum(), ty.maximum())?;
                match ty.page_size() {
                    0x1_0000 => Ok(()),
                    1 => f.write_str(" of pages of 1 byte"),
                    size => write!(f, " of pages of {size} bytes"),
                }
            }
            #[cfg(feature = "exceptions")]
            Self::Tag(ty) => write!(f, "tag {}", ty.ty()),
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

#[cfg(feature = "exceptions")]
from! { Tag(TagType); }
from! { Func(FuncType); Global(GlobalType); Table(TableType); Memory(MemoryType); }

#[cfg(test)]
mod tests {
    use alloc::{string::ToString, vec::Vec};

    use super::ExternType;
    use crate::types::{FuncType, GlobalType, MemoryType, Mutability, RefType, TableType, ValType};

    #[test]
    fn unequal_types_display_differently() {
        let mut types: Vec<ExternType> = Vec::new();
        for wide in [false, true] {
            for (min, max) in [(0, None), (1, None), (1, Some(1)), (1, Some(2))] {
                for page_size_log2 in [0, 16] {
                    let mut memory = MemoryType::builder();
                    memory.memory64(wide).min(min).max(max).page_size_log2(page_size_log2);
                    types.push(memory.build().unwrap().into());
                }
                for element in [RefType::Func, RefType::Extern] {
                    types.push(match wide {
                        false => TableType::new(element, min as u32, max.map(|max| max as u32)).into(),
                        true => TableType::new64(element, min, max).into(),
                    });
                }
            }
        }
        for content in [ValType::I32, ValType::I64, ValType::FuncRef] {
            types.push(GlobalType::new(content, Mutability::Const).into());
            types.push(GlobalType::new(content, Mutability::Var).into());
            types.push(FuncType::new([content], []).into());
            types.push(FuncType::new([], [content]).into());
            #[cfg(feature = "exceptions")]
            types.push(crate::types::TagType::new(FuncType::new([content], [])).into());
        }
        for (i, ty) in types.iter().enumerate() {
            for other in &types[..i] {
                assert!(ty != other && ty.to_string() != other.to_string(), "{ty:?} and {other:?} are both {ty}");
            }
        }
    }

    #[test]
    fn what_differs_is_named() {
        let mut memory = MemoryType::builder();
        memory.memory64(true).min(1).max(Some(2)).page_size_log2(0);
        let memory = ExternType::from(memory.build().unwrap());
        assert_eq!(memory.to_string(), "64-bit memory 1..=2 of pages of 1 byte");
        assert_eq!(ExternType::from(MemoryType::new(1, None)).to_string(), "memory 1..");
        assert_eq!(
            ExternType::from(TableType::new64(RefType::Func, 1, None)).to_string(),
            "64-bit table of funcref 1.."
        );
    }
}
