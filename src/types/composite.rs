//! Types that modules define besides function types (spec, Structure > Types > Composite Types, Tag Types).

use alloc::{boxed::Box, sync::Arc};
use core::{
    fmt,
    hash::{Hash, Hasher},
};

use crate::types::{FuncType, Mutability, Owner, ValType};

/// Type of the content of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StorageType {
    /// 8-bit integer
    I8,
    /// 16-bit integer
    I16,
    /// Any value
    Val(ValType),
}

impl StorageType {
    /// Type of the values that the field is read and written as.
    #[must_use]
    pub fn unpack(&self) -> ValType {
        match self {
            Self::I8 | Self::I16 => ValType::I32,
            Self::Val(ty) => *ty,
        }
    }
}

impl From<ValType> for StorageType {
    fn from(ty: ValType) -> Self {
        Self::Val(ty)
    }
}

impl fmt::Display for StorageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::I8 => f.write_str("i8"),
            Self::I16 => f.write_str("i16"),
            Self::Val(ty) => ty.fmt(f),
        }
    }
}

/// Type of a field of a struct, or of the elements of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FieldType {
    element: StorageType,
    mutability: Mutability,
}

impl FieldType {
    /// The type of a field that holds `element`.
    #[must_use]
    pub fn new(mutability: Mutability, element: StorageType) -> Self {
        Self { element, mutability }
    }

    /// Type of the content.
    #[must_use]
    pub fn element_type(&self) -> StorageType {
        self.element
    }

    /// Whether it can be written.
    #[must_use]
    pub fn mutability(&self) -> Mutability {
        self.mutability
    }
}

/// That a type is in the registry of an engine.
struct Registered {
    /// Its number there, if other types may have the same fields.
    id: Option<u32>,
    owner: Box<Owner>,
}

/// The type of a struct or an array: its fields, and what keeps it in a registry.
struct Shared {
    fields: Box<[FieldType]>,
    registered: Option<Registered>,
}

impl Shared {
    fn new(fields: impl IntoIterator<Item = FieldType>) -> Arc<Self> {
        Arc::new(Self { fields: fields.into_iter().collect(), registered: None })
    }

    fn registered(&self, id: Option<u32>, owner: Box<Owner>) -> Arc<Self> {
        Arc::new(Self { fields: self.fields.clone(), registered: Some(Registered { id, owner }) })
    }

    fn owner(&self) -> Option<(Option<u32>, &Owner)> {
        self.registered.as_ref().map(|registered| (registered.id, &*registered.owner))
    }

    /// What types are compared by.
    fn key(&self) -> (&[FieldType], Option<u32>) {
        (&self.fields, self.registered.as_ref().and_then(|registered| registered.id))
    }
}

macro_rules! shared {
    ($($ty:ident),*) => { $(
        impl $ty {
            /// The same type with what keeps it in a registry, and its number there if its fields do not tell it.
            #[cfg_attr(not(host_refs), allow(dead_code, reason = "for objects that the host makes"))]
            pub(crate) fn registered(&self, id: Option<u32>, owner: Box<Owner>) -> Self {
                Self { shared: self.shared.registered(id, owner) }
            }

            /// What keeps the type in a registry; with its number there if its fields do not determine it.
            #[cfg_attr(not(host_refs), allow(dead_code, reason = "for objects that the host makes"))]
            pub(crate) fn owner(&self) -> Option<(Option<u32>, &Owner)> {
                self.shared.owner()
            }
        }

        impl PartialEq for $ty {
            fn eq(&self, other: &Self) -> bool {
                self.shared.key() == other.shared.key()
            }
        }

        impl Eq for $ty {}

        impl Hash for $ty {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.shared.fields.hash(state);
            }
        }

        impl fmt::Debug for $ty {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($ty)).field(&self.shared.fields).finish()
            }
        } )*
    };
}

shared!(StructType, ArrayType);

/// Type of a struct. Cheap to clone.
///
/// A type that a module declares to have subtypes or a supertype, or as one of several recursive types, is another
/// type than one with the same fields that is not declared so: they are not equal. Concrete types among the fields of a type
/// that the library returns live as long as that type.
#[derive(Clone)]
pub struct StructType {
    shared: Arc<Shared>,
}

impl StructType {
    /// The type of a struct with these fields: a final type without supertype.
    #[must_use]
    pub fn new(fields: impl IntoIterator<Item = FieldType>) -> Self {
        Self { shared: Shared::new(fields) }
    }

    /// The types of the fields.
    #[must_use]
    pub fn fields(&self) -> &[FieldType] {
        &self.shared.fields
    }
}

/// Type of an array. Cheap to clone.
///
/// Like a [`StructType`], it differs from a type with the same elements that is declared in another way.
#[derive(Clone)]
pub struct ArrayType {
    shared: Arc<Shared>,
}

impl ArrayType {
    /// The type of an array with such elements: a final type without supertype.
    #[must_use]
    pub fn new(field: FieldType) -> Self {
        Self { shared: Shared::new([field]) }
    }

    /// The type of the elements.
    #[must_use]
    pub fn field_type(&self) -> FieldType {
        self.shared.fields[0]
    }
}

/// Type of a tag: the parameters are the values that an exception with this tag carries. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TagType {
    ty: FuncType,
}

impl TagType {
    /// The type of a tag.
    #[must_use]
    pub fn new(ty: FuncType) -> Self {
        Self { ty }
    }

    /// As a function type.
    #[must_use]
    pub fn ty(&self) -> &FuncType {
        &self.ty
    }
}
