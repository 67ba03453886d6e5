//! Global types (spec, Structure > Types > Global Types).

use crate::types::ValType;

/// Whether a global can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mutability {
    /// It keeps its first value.
    Const,
    /// It can be written.
    Var,
}

impl Mutability {
    /// Whether this is `Const`.
    #[must_use]
    pub fn is_const(&self) -> bool {
        *self == Self::Const
    }

    /// Whether this is `Var`.
    #[must_use]
    pub fn is_mut(&self) -> bool {
        *self == Self::Var
    }
}

/// Type of a global variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GlobalType {
    content: ValType,
    mutability: Mutability,
}

impl GlobalType {
    /// The type of a global that holds `content`.
    #[must_use]
    pub fn new(content: ValType, mutability: Mutability) -> Self {
        Self { content, mutability }
    }

    /// Type of the value.
    #[must_use]
    pub fn content(&self) -> ValType {
        self.content
    }

    /// Whether it can be written.
    #[must_use]
    pub fn mutability(&self) -> Mutability {
        self.mutability
    }
}
