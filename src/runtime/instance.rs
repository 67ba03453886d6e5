//! Module instances, laid out for the executor.

use alloc::{boxed::Box, sync::Arc, vec::Vec};

use crate::runtime::{
    code::{FuncEntry, ModuleCode},
    func::FuncInst,
    memory::MemoryInst,
    table::TableInst,
};

/// An instance of a module in a store.
///
/// The executor reads the pointers; the boxes behind them own what they point to.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct InstanceInst {
    /// Memory 0; null if there is none.
    pub(crate) mem0: *mut MemoryInst,
    /// Cells of the globals that the module defines.
    pub(crate) globals: *mut u64,
    /// Cells of imported globals.
    pub(crate) imported_globals: *const *mut u64,
    /// Entries of the functions that the module defines.
    pub(crate) entries: *const FuncEntry,
    /// All functions, imported ones first.
    pub(crate) funcs: *const *const FuncInst,
    /// All memories, imported ones first.
    pub(crate) memories: *const *mut MemoryInst,
    /// All tables, imported ones first.
    pub(crate) tables: *const *mut TableInst,
    /// Numbers of types in the engine, by type index.
    pub(crate) type_ids: *const u32,
    pub(crate) code: Arc<ModuleCode>,
    /// Its own number in the store.
    pub(crate) index: u32,
    owned: Owned,
}

/// What the pointers of an instance point to, and handles for its exports.
#[derive(Debug, Default)]
pub(crate) struct Owned {
    pub(crate) global_cells: Box<[u64]>,
    pub(crate) imported_globals: Vec<*mut u64>,
    pub(crate) funcs: Vec<*const FuncInst>,
    pub(crate) memories: Vec<*mut MemoryInst>,
    pub(crate) tables: Vec<*mut TableInst>,
    /// Handles by index.
    pub(crate) memory_handles: Vec<u32>,
    pub(crate) table_handles: Vec<u32>,
    pub(crate) global_handles: Vec<u32>,
    /// Evaluated element segments; emptied when dropped.
    pub(crate) elements: Vec<Box<[u64]>>,
    /// Whether a data segment was dropped.
    pub(crate) data_dropped: Vec<bool>,
}

impl InstanceInst {
    /// An instance of `code` with what it owns.
    pub(crate) fn new(code: Arc<ModuleCode>, index: u32, owned: Owned) -> Self {
        let mut instance = Self {
            mem0: core::ptr::null_mut(),
            globals: core::ptr::null_mut(),
            imported_globals: core::ptr::null(),
            entries: code.entries.as_ptr(),
            funcs: core::ptr::null(),
            memories: core::ptr::null(),
            tables: core::ptr::null(),
            type_ids: code.data.header.type_ids.as_ptr(),
            code,
            index,
            owned,
        };
        instance.renew();
        instance
    }

    /// Lets the pointers point to what is owned, after that has changed.
    pub(crate) fn renew(&mut self) {
        let owned = &mut self.owned;
        self.mem0 = owned.memories.first().copied().unwrap_or(core::ptr::null_mut());
        self.globals = owned.global_cells.as_mut_ptr();
        self.imported_globals = owned.imported_globals.as_ptr();
        self.funcs = owned.funcs.as_ptr();
        self.memories = owned.memories.as_ptr();
        self.tables = owned.tables.as_ptr();
    }

    /// What the instance owns.
    pub(crate) fn owned(&self) -> &Owned {
        &self.owned
    }

    /// What the instance owns; `renew` must follow if vectors are replaced.
    pub(crate) fn owned_mut(&mut self) -> &mut Owned {
        &mut self.owned
    }

    /// The cell for a reference to a function.
    pub(crate) fn func_cell(&self, index: u32) -> u64 {
        self.owned.funcs[index as usize] as usize as u64
    }

    /// The bytes of a data segment; none if it was dropped.
    pub(crate) fn data_segment(&self, index: u32) -> &[u8] {
        if self.owned.data_dropped[index as usize] {
            return &[];
        }
        let data = &self.code.data;
        &data.bytes[data.data[index as usize].bytes.clone()]
    }

    /// The elements of an element segment; none if it was dropped.
    pub(crate) fn elem_segment(&self, index: u32) -> &[u64] {
        &self.owned.elements[index as usize]
    }

    /// Drops a data segment.
    ///
    /// # Safety
    ///
    /// I8: nobody else uses the instance meanwhile.
    pub(crate) unsafe fn drop_data(this: *const Self, index: u32) {
        // SAFETY: as promised by the caller.
        unsafe {
            let owned = &mut (*this.cast_mut()).owned;
            owned.data_dropped[index as usize] = true;
        }
    }

    /// Drops an element segment.
    ///
    /// # Safety
    ///
    /// I8: nobody else uses the instance meanwhile.
    pub(crate) unsafe fn drop_elem(this: *const Self, index: u32) {
        // SAFETY: as promised by the caller.
        unsafe {
            let owned = &mut (*this.cast_mut()).owned;
            owned.elements[index as usize] = Box::default();
        }
    }
}
