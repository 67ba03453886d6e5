//! Items that can be imported and exported.

#[cfg(feature = "exceptions")]
use crate::api::tag::Tag;
use crate::{
    api::{context::AsContext, func::Func, global::Global, memory::Memory, table::Table},
    runtime::instances::ExternHandle,
    runtime::instantiate::extern_type,
    types::ExternType,
};

/// An item that can be imported or exported.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(feature = "wasmi-defaults"), non_exhaustive)]
pub enum Extern {
    /// A global variable.
    Global(Global),
    /// A table.
    Table(Table),
    /// A linear memory.
    Memory(Memory),
    /// A function.
    Func(Func),
    /// A tag of exceptions.
    #[cfg(feature = "exceptions")]
    Tag(Tag),
}

impl Extern {
    /// Returns the global, if this is one.
    #[must_use]
    pub fn into_global(self) -> Option<Global> {
        if let Self::Global(global) = self { Some(global) } else { None }
    }

    /// Returns the table, if this is one.
    #[must_use]
    pub fn into_table(self) -> Option<Table> {
        if let Self::Table(table) = self { Some(table) } else { None }
    }

    /// Returns the memory, if this is one.
    #[must_use]
    pub fn into_memory(self) -> Option<Memory> {
        if let Self::Memory(memory) = self { Some(memory) } else { None }
    }

    /// Returns the function, if this is one.
    #[must_use]
    pub fn into_func(self) -> Option<Func> {
        if let Self::Func(func) = self { Some(func) } else { None }
    }

    /// Returns the tag, if this is one.
    #[cfg(feature = "exceptions")]
    #[must_use]
    pub fn into_tag(self) -> Option<Tag> {
        if let Self::Tag(tag) = self { Some(tag) } else { None }
    }

    /// Returns the type of the item.
    ///
    /// # Panics
    ///
    /// If the item belongs to another store.
    pub fn ty(&self, ctx: impl AsContext) -> ExternType {
        extern_type(ctx.as_context().instances(), self.handle())
    }

    pub(crate) fn handle(self) -> ExternHandle {
        match self {
            Self::Global(global) => ExternHandle::Global(global.handle()),
            Self::Table(table) => ExternHandle::Table(table.handle()),
            Self::Memory(memory) => ExternHandle::Memory(memory.handle()),
            Self::Func(func) => ExternHandle::Func(func.handle()),
            #[cfg(feature = "exceptions")]
            Self::Tag(tag) => ExternHandle::Tag(tag.handle()),
        }
    }
}

macro_rules! from {
    ($($variant:ident)*) => { $(
        impl From<$variant> for Extern {
            fn from(item: $variant) -> Self {
                Self::$variant(item)
            }
        } )*
    };
}

from! { Global Table Memory Func }
#[cfg(feature = "exceptions")]
from! { Tag }
