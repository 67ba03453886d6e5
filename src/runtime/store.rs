//! Everything that lives in a store, whatever the embedder's data is.

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::{
    any::Any,
    ptr::NonNull,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::{
    errors::LimitsError,
    module::registry::TypeRegistry,
    runtime::{func::FuncInst, global::GlobalInst, instance::InstanceInst, memory::MemoryInst, table::TableInst},
    types::{FuncType, GlobalType},
};

/// Says which thing of which store is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Handle {
    store: usize,
    pub(crate) index: u32,
}

/// Something that can be imported.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ExternHandle {
    Func(Handle),
    Table(Handle),
    Memory(Handle),
    Global(Handle),
}

/// Values at stable addresses, freed together.
#[derive(Debug)]
struct Arena<T> {
    items: Vec<NonNull<T>>,
}

impl<T> Arena<T> {
    const fn new() -> Self {
        Self { items: Vec::new() }
    }

    fn push(&mut self, item: T) -> Result<u32, LimitsError> {
        let index = u32::try_from(self.items.len()).map_err(|_| LimitsError::TooManyInstanceHandles)?;
        self.items.push(NonNull::from(Box::leak(Box::new(item))));
        Ok(index)
    }

    fn get(&self, index: u32) -> *mut T {
        self.items[index as usize].as_ptr()
    }

    fn len(&self) -> usize {
        self.items.len()
    }
}

impl<T> Drop for Arena<T> {
    fn drop(&mut self) {
        for item in self.items.drain(..) {
            // SAFETY: came out of a box in `push`, and is freed only here.
            drop(unsafe { Box::from_raw(item.as_ptr()) });
        }
    }
}

/// Everything that lives in a store.
#[derive(Debug)]
pub(crate) struct Instances {
    id: usize,
    pub(crate) types: Arc<TypeRegistry>,
    funcs: Vec<*const FuncInst>,
    /// What `funcs` points to.
    func_blocks: Vec<NonNull<[FuncInst]>>,
    memories: Arena<MemoryInst>,
    tables: Arena<TableInst>,
    globals: Vec<GlobalInst>,
    /// Cells of globals that no instance defines.
    global_cells: Arena<u64>,
    instances: Arena<InstanceInst>,
    externs: Vec<Box<dyn Any + Send + Sync>>,
    /// Fuel left.
    pub(crate) fuel: u64,
    /// Whether code uses up fuel.
    pub(crate) fuel_metered: bool,
}

// SAFETY: the addresses in it point to what it owns itself, and to code that is shared between
// threads anyway.
unsafe impl Send for Instances {}
// SAFETY: a shared reference allows reading only.
unsafe impl Sync for Instances {}

impl Drop for Instances {
    fn drop(&mut self) {
        for block in self.func_blocks.drain(..) {
            // SAFETY: came out of a box in `push_funcs`, and is freed only here.
            drop(unsafe { Box::from_raw(block.as_ptr()) });
        }
    }
}

impl Instances {
    /// An empty store.
    pub(crate) fn new(types: Arc<TypeRegistry>, fuel_metered: bool) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            types,
            funcs: Vec::new(),
            func_blocks: Vec::new(),
            memories: Arena::new(),
            tables: Arena::new(),
            globals: Vec::new(),
            global_cells: Arena::new(),
            instances: Arena::new(),
            externs: Vec::new(),
            fuel: 0,
            fuel_metered,
        }
    }

    /// The handle for a number of this store.
    pub(crate) fn handle(&self, index: u32) -> Handle {
        Handle { store: self.id, index }
    }

    /// The number behind a handle.
    ///
    /// # Panics
    ///
    /// If the handle is one of another store.
    #[inline]
    pub(crate) fn index(&self, handle: Handle) -> u32 {
        assert!(handle.store == self.id, "the handle belongs to another store");
        handle.index
    }

    // ---- functions

    /// Adds functions; their addresses follow each other. Gives the number of the first one.
    pub(crate) fn push_funcs(&mut self, mut funcs: Box<[FuncInst]>) -> Result<u32, LimitsError> {
        let first = u32::try_from(self.funcs.len()).map_err(|_| LimitsError::TooManyInstanceHandles)?;
        if u32::try_from(self.funcs.len() + funcs.len()).is_err() {
            return Err(LimitsError::TooManyInstanceHandles);
        }
        for (i, func) in funcs.iter_mut().enumerate() {
            func.index = first + i as u32;
        }
        let funcs = Box::leak(funcs);
        for func in funcs.iter() {
            self.funcs.push(func);
        }
        self.func_blocks.push(NonNull::from(funcs));
        Ok(first)
    }

    /// The address of a function.
    #[inline]
    pub(crate) fn func_ptr(&self, handle: Handle) -> *const FuncInst {
        self.funcs[self.index(handle) as usize]
    }

    /// The function at an address that a cell holds; `None` for null.
    pub(crate) fn func_of_cell(&self, cell: u64) -> Option<Handle> {
        let func = cell as usize as *const FuncInst;
        // SAFETY: I5: a cell of a function reference holds null or the address of a function of
        // this store, which lives as long as the store (I6).
        (!func.is_null()).then(|| self.handle(unsafe { (*func).index }))
    }

    /// The cell for a reference to a function.
    pub(crate) fn func_cell(&self, handle: Handle) -> u64 {
        self.func_ptr(handle) as usize as u64
    }

    /// A function.
    pub(crate) fn func(&self, handle: Handle) -> &FuncInst {
        // SAFETY: I6.
        unsafe { &*self.func_ptr(handle) }
    }

    /// The type of a function.
    pub(crate) fn func_type(&self, handle: Handle) -> FuncType {
        let func = self.func(handle);
        self.types.get(func.type_id)
    }

    // ---- memories, tables, globals

    /// Adds a memory.
    pub(crate) fn push_memory(&mut self, memory: MemoryInst) -> Result<u32, LimitsError> {
        self.memories.push(memory)
    }

    /// The address of memory number `index`.
    pub(crate) fn memory_ptr(&self, index: u32) -> *mut MemoryInst {
        self.memories.get(index)
    }

    /// A memory.
    pub(crate) fn memory(&self, handle: Handle) -> &MemoryInst {
        // SAFETY: I6; running code changes it only while the store is borrowed mutably (I8).
        unsafe { &*self.memories.get(self.index(handle)) }
    }

    /// A memory.
    pub(crate) fn memory_mut(&mut self, handle: Handle) -> &mut MemoryInst {
        // SAFETY: I6, I8.
        unsafe { &mut *self.memories.get(self.index(handle)) }
    }

    /// Adds a table.
    pub(crate) fn push_table(&mut self, table: TableInst) -> Result<u32, LimitsError> {
        self.tables.push(table)
    }

    /// The address of table number `index`.
    pub(crate) fn table_ptr(&self, index: u32) -> *mut TableInst {
        self.tables.get(index)
    }

    /// A table.
    pub(crate) fn table(&self, handle: Handle) -> &TableInst {
        // SAFETY: I6, I8.
        unsafe { &*self.tables.get(self.index(handle)) }
    }

    /// A table.
    pub(crate) fn table_mut(&mut self, handle: Handle) -> &mut TableInst {
        // SAFETY: I6, I8.
        unsafe { &mut *self.tables.get(self.index(handle)) }
    }

    /// Adds a global whose cell is elsewhere.
    pub(crate) fn push_global(&mut self, global: GlobalInst) -> Result<u32, LimitsError> {
        let index = u32::try_from(self.globals.len()).map_err(|_| LimitsError::TooManyInstanceHandles)?;
        self.globals.push(global);
        Ok(index)
    }

    /// Adds a global with a cell of its own.
    pub(crate) fn new_global(&mut self, ty: GlobalType, value: u64) -> Result<u32, LimitsError> {
        let cell = self.global_cells.push(value)?;
        let cell = self.global_cells.get(cell);
        self.push_global(GlobalInst { ty, cell })
    }

    /// A global.
    pub(crate) fn global(&self, handle: Handle) -> &GlobalInst {
        &self.globals[self.index(handle) as usize]
    }

    /// A global.
    pub(crate) fn global_mut(&mut self, handle: Handle) -> &mut GlobalInst {
        let index = self.index(handle) as usize;
        &mut self.globals[index]
    }

    /// Number of memories and tables.
    pub(crate) fn counts(&self) -> (usize, usize, usize) {
        (self.instances.len(), self.tables.len(), self.memories.len())
    }

    // ---- instances

    /// Adds an instance.
    pub(crate) fn push_instance(&mut self, mut instance: InstanceInst) -> Result<u32, LimitsError> {
        instance.index = self.instances.len() as u32;
        self.instances.push(instance)
    }

    /// The address of instance number `index`.
    pub(crate) fn instance_ptr(&self, index: u32) -> *mut InstanceInst {
        self.instances.get(index)
    }

    /// An instance.
    pub(crate) fn instance(&self, handle: Handle) -> &InstanceInst {
        // SAFETY: I6, I8.
        unsafe { &*self.instances.get(self.index(handle)) }
    }

    /// The handle of the instance at an address; `None` for null.
    pub(crate) fn instance_of(&self, instance: *const InstanceInst) -> Option<Handle> {
        // SAFETY: I6: addresses of instances that code hands out are those of this store.
        (!instance.is_null()).then(|| self.handle(unsafe { (*instance).index }))
    }

    // ---- references to things of the host

    /// Adds something of the host; gives the cell for a reference to it.
    pub(crate) fn push_extern(&mut self, object: Box<dyn Any + Send + Sync>) -> u64 {
        self.externs.push(object);
        self.externs.len() as u64
    }

    /// What a cell refers to; `None` for null.
    pub(crate) fn extern_of_cell(&self, cell: u64) -> Option<&(dyn Any + Send + Sync)> {
        let index = usize::try_from(cell.checked_sub(1)?).ok()?;
        self.externs.get(index).map(AsRef::as_ref)
    }
}
