//! A decoded module.

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::ops::Range;

use hashbrown::HashMap;

use crate::{
    module::{
        const_expr::ConstExpr,
        env::ModuleHeader,
        segment::{DataSegment, ElementSegment},
    },
    types::ExternType,
};

/// Something a module imports.
#[derive(Debug, Clone)]
pub(crate) struct Import {
    pub(crate) module: Box<str>,
    pub(crate) name: Box<str>,
    pub(crate) ty: ExternType,
}

/// Something in one of a module's index spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExternIndex {
    Func(u32),
    Table(u32),
    Memory(u32),
    Global(u32),
}

/// Something a module exports.
#[derive(Debug, Clone)]
pub(crate) struct Export {
    pub(crate) name: Arc<str>,
    pub(crate) index: ExternIndex,
}

/// A custom section; its bytes are those of the module.
#[derive(Debug, Clone)]
pub(crate) struct Custom {
    pub(crate) name: Box<str>,
    pub(crate) bytes: Range<usize>,
}

/// A decoded module.
#[derive(Debug)]
pub(crate) struct ModuleData {
    /// The bytes that ranges refer to.
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) header: ModuleHeader,
    pub(crate) imports: Vec<Import>,
    pub(crate) exports: Vec<Export>,
    /// Positions in `exports`.
    pub(crate) export_names: HashMap<Arc<str>, usize>,
    pub(crate) start: Option<u32>,
    /// Initial values of the globals the module defines.
    pub(crate) global_inits: Vec<ConstExpr>,
    /// Initial elements of the tables the module defines; null if there are none.
    pub(crate) table_inits: Vec<Option<ConstExpr>>,
    pub(crate) elements: Vec<ElementSegment>,
    pub(crate) data: Vec<DataSegment>,
    /// Bodies of the functions the module defines.
    pub(crate) bodies: Vec<Range<usize>>,
    pub(crate) customs: Vec<Custom>,
}

impl ModuleData {
    /// The type of something in an index space.
    pub(crate) fn extern_type(&self, index: ExternIndex) -> ExternType {
        let header = &self.header;
        match index {
            ExternIndex::Func(index) => header.func_type(index).clone().into(),
            ExternIndex::Table(index) => (*header.table(index)).into(),
            ExternIndex::Memory(index) => (*header.memory(index)).into(),
            ExternIndex::Global(index) => (*header.global(index)).into(),
        }
    }

    /// The export of that name.
    pub(crate) fn export(&self, name: &str) -> Option<&Export> {
        self.export_names.get(name).map(|&i| &self.exports[i])
    }
}
