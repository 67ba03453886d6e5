//! Table types (spec, Structure > Types > Table Types).

use crate::types::{RefType, repr::Ty};

/// Type of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TableType {
    element: RefType,
    minimum: u64,
    maximum: Option<u64>,
    is_64: bool,
}

impl TableType {
    /// A table of at least `min` elements and at most `max`.
    ///
    /// # Panics
    ///
    /// If `min` is greater than `max`.
    #[must_use]
    pub fn new(element: RefType, min: u32, max: Option<u32>) -> Self {
        let table = Self::new64(element, u64::from(min), max.map(u64::from));
        Self { is_64: false, ..table }
    }

    /// As `new` with 64-bit indices.
    ///
    /// # Panics
    ///
    /// If `min` is greater than `max`.
    #[must_use]
    pub fn new64(element: RefType, min: u64, max: Option<u64>) -> Self {
        assert!(max.is_none_or(|max| min <= max), "a table's minimum must not exceed its maximum");
        Self { element, minimum: min, maximum: max, is_64: true }
    }

    /// Whether indices have 64 bits.
    #[must_use]
    pub fn is_64(&self) -> bool {
        self.is_64
    }

    /// The type of indices.
    pub(crate) fn index_type(&self) -> Ty {
        if self.is_64 { Ty::I64 } else { Ty::I32 }
    }

    /// Type of the elements.
    #[must_use]
    pub fn element(&self) -> RefType {
        self.element
    }

    /// The least number of elements.
    #[must_use]
    pub fn minimum(&self) -> u64 {
        self.minimum
    }

    /// The greatest number of elements, if there is a limit.
    #[must_use]
    pub fn maximum(&self) -> Option<u64> {
        self.maximum
    }
}
