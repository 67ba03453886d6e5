//! Types that modules define besides function types (spec, Structure > Types > Composite Types, Tag Types).

use alloc::sync::Arc;
use core::fmt;

use crate::types::{FuncType, Mutability, ValType};

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

/// Type of a struct. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StructType {
    fields: Arc<[FieldType]>,
}

impl StructType {
    /// The type of a struct with these fields.
    #[must_use]
    pub fn new(fields: impl IntoIterator<Item = FieldType>) -> Self {
        Self { fields: fields.into_iter().collect() }
    }

    /// The types of the fields.
    #[must_use]
    pub fn fields(&self) -> &[FieldType] {
        &self.fields
    }
}

/// Type of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ArrayType {
    field: FieldType,
}

impl ArrayType {
    /// The type of an array with such elements.
    #[must_use]
    pub fn new(field: FieldType) -> Self {
        Self { field }
    }

    /// The type of the elements.
    #[must_use]
    pub fn field_type(&self) -> FieldType {
        self.field
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
