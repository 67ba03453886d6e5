//! Element and data segments.

use alloc::boxed::Box;
use core::ops::Range;

use crate::module::const_expr::ConstExpr;

/// When an element segment is used.
#[derive(Debug, Clone)]
pub(crate) enum SegmentMode {
    /// By operators
    Passive,
    /// Written to a table at instantiation
    Active {
        /// Index of the table
        target: u32,
        offset: ConstExpr,
    },
    /// Never; it declares functions that are referred to.
    Declared,
}

/// Elements of a table.
#[derive(Debug, Clone)]
pub(crate) enum Elements {
    Funcs(Box<[u32]>),
    Exprs(Box<[ConstExpr]>),
}

impl Elements {
    /// Number of elements.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Funcs(funcs) => funcs.len(),
            Self::Exprs(exprs) => exprs.len(),
        }
    }
}

/// An element segment.
#[derive(Debug, Clone)]
pub(crate) struct ElementSegment {
    pub(crate) mode: SegmentMode,
    pub(crate) elements: Elements,
}

/// When a data segment is used. Small, since there may be tens of thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DataMode {
    /// By operators
    Passive,
    /// Written to a memory at instantiation, at a constant place
    At { memory: u8, offset: u32 },
    /// Written to a memory at instantiation, at another place: position in `ModuleData::data_places`
    Computed(u32),
}

/// A data segment; its bytes are those of the module.
#[derive(Debug, Clone)]
pub(crate) struct DataSegment {
    pub(crate) mode: DataMode,
    pub(crate) start: u32,
    pub(crate) len: u32,
}

impl DataSegment {
    /// Where its bytes are in the module.
    pub(crate) fn bytes(&self) -> Range<usize> {
        self.start as usize..self.start as usize + self.len as usize
    }
}
