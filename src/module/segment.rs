//! Element and data segments.

use alloc::vec::Vec;
use core::ops::Range;

use crate::module::const_expr::ConstExpr;

/// When a segment is used.
#[derive(Debug, Clone)]
pub(crate) enum SegmentMode {
    /// By operators
    Passive,
    /// Written to a table or memory at instantiation
    Active {
        /// Index of the table or memory
        target: u32,
        offset: ConstExpr,
    },
    /// Never; it declares functions that are referred to.
    Declared,
}

/// Elements of a table.
#[derive(Debug, Clone)]
pub(crate) enum Elements {
    Funcs(Vec<u32>),
    Exprs(Vec<ConstExpr>),
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

/// A data segment; its bytes are those of the module.
#[derive(Debug, Clone)]
pub(crate) struct DataSegment {
    pub(crate) mode: SegmentMode,
    pub(crate) bytes: Range<usize>,
}
