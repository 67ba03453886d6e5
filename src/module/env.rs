//! Index spaces and types of a module: all that translation may know.

use alloc::{sync::Arc, vec::Vec};

#[cfg(any(debug_assertions, feature = "inspect", feature = "verify", test))]
use crate::ir::{facts::Space, verify::IndexSpaces};
#[cfg(heap)]
use crate::types::object::is_traced;
use crate::{
    config::{fuel::Metering, proposals::Features},
    module::types::{FuncTy, GlobalTy, TableTy, TypeTable},
    types::{MemoryType, layout::Signature, repr::Ty},
};

/// Index spaces of a module.
#[derive(Debug, Default)]
pub(crate) struct ModuleHeader {
    pub(crate) types: TypeTable,
    /// Type indices of functions, imported ones first.
    pub(crate) funcs: Vec<u32>,
    pub(crate) tables: Vec<TableTy>,
    pub(crate) memories: Vec<MemoryType>,
    pub(crate) globals: Vec<GlobalTy>,
    /// Type indices of tags, imported ones first.
    pub(crate) tags: Vec<u32>,
    /// Types of element segments.
    pub(crate) elements: Vec<Ty>,
    /// Number of data segments, if the module says so before its code.
    pub(crate) data_count: Option<u32>,
    /// Functions that `ref.func` may name, in order, while there are bodies to validate.
    pub(crate) declared: Vec<u32>,
    pub(crate) imported_funcs: u32,
    pub(crate) imported_tables: u32,
    pub(crate) imported_memories: u32,
    pub(crate) imported_globals: u32,
    #[cfg(feature = "exceptions")]
    pub(crate) imported_tags: u32,
    /// Number of cells of the globals that the module defines.
    pub(crate) global_cells: u32,
    /// How code is charged, if fuel is metered.
    pub(crate) fuel: Option<Arc<Metering>>,
    /// Which proposals the module may use.
    pub(crate) features: Features,
    /// Whether operators may become one op together.
    pub(crate) fused: bool,
    /// Whether operators return the canonical NaN.
    pub(crate) canonical_nans: bool,
}

impl ModuleHeader {
    /// The function type at a type index.
    #[inline]
    pub(crate) fn type_at(&self, index: u32) -> FuncTy<'_> {
        self.types.func(index)
    }

    /// The type of a function.
    #[inline]
    pub(crate) fn func_type(&self, func: u32) -> FuncTy<'_> {
        self.type_at(self.funcs[func as usize])
    }

    /// Where the parameters and results of a function are.
    #[inline]
    pub(crate) fn signature(&self, func: u32) -> Signature {
        self.types.signature(self.funcs[func as usize])
    }

    /// The number of a function's type in the engine.
    pub(crate) fn func_type_id(&self, func: u32) -> u32 {
        self.types.id(self.funcs[func as usize])
    }

    /// The type of a memory.
    pub(crate) fn memory(&self, index: u32) -> &MemoryType {
        &self.memories[index as usize]
    }

    /// The type of a table.
    pub(crate) fn table(&self, index: u32) -> &TableTy {
        &self.tables[index as usize]
    }

    /// The type of a global.
    pub(crate) fn global(&self, index: u32) -> &GlobalTy {
        &self.globals[index as usize]
    }

    /// Number of imported functions.
    pub(crate) fn num_imported_funcs(&self) -> u32 {
        self.imported_funcs
    }

    /// Number of imported globals.
    pub(crate) fn num_imported_globals(&self) -> u32 {
        self.imported_globals
    }

    /// Whether functions may have references to what is collected.
    #[cfg(heap)]
    pub(crate) fn has_collected(&self) -> bool {
        let globals = self.globals.iter().map(|global| global.content);
        let tables = self.tables.iter().map(|table| table.element);
        !self.tags.is_empty()
            || self.types.has_collected()
            || globals.chain(tables).any(|ty| ty.is_ref() && is_traced(ty, &self.types))
    }

    /// Whether code is charged for.
    pub(crate) fn fuel_metered(&self) -> bool {
        self.fuel.is_some()
    }
}

#[cfg(any(debug_assertions, feature = "inspect", feature = "verify", test))]
impl IndexSpaces for ModuleHeader {
    fn count(&self, space: Space) -> usize {
        match space {
            Space::func => self.funcs.len(),
            Space::imported_func => self.imported_funcs as usize,
            Space::own_func => self.funcs.len() - self.imported_funcs as usize,
            Space::imported_global => self.imported_globals as usize,
            Space::own_global => self.global_cells as usize,
            Space::memory => self.memories.len(),
            Space::table => self.tables.len(),
            Space::data => self.data_count.unwrap_or(0) as usize,
            Space::elem => self.elements.len(),
            Space::ty => self.types.len(),
            Space::tag => self.tags.len(),
        }
    }

    fn type_of(&self, func: u32) -> Signature {
        self.func_type(func).signature()
    }

    fn type_at(&self, ty: u32) -> Signature {
        self.types.func(ty).signature()
    }

    fn tag_cells(&self, tag: u32) -> usize {
        self.types.func(self.tags[tag as usize]).signature().param_cells()
    }
}
