//! Everything that lives in a store, whatever the embedder's data is.

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::{
    any::Any,
    ptr::NonNull,
    sync::atomic::{AtomicUsize, Ordering},
};

#[cfg(heap)]
use crate::runtime::heap::Heap;
#[cfg(host_refs)]
use crate::runtime::heap::roots::Roots;
#[cfg(feature = "exceptions")]
use crate::runtime::tag::TagInst;
use crate::{
    config::Config,
    error::Error,
    error::kinds::{LimitsError, MemoryError},
    limits::Totals,
    module::{registry::TypeRegistry, types::TypeTable},
    runtime::{
        fuel::Fuel,
        global::{GlobalInst, ValueCells},
        instance::{FuncInst, InstanceInst},
        interruption::{Epoch, Interruption},
        memory::MemoryInst,
        pages::Pages,
        table::TableInst,
    },
    trap::TrapCode,
    types::{FuncType, GlobalType, RefType},
};

/// A number in an index space of a store, with the store that it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Handle {
    store: usize,
    pub(crate) index: u32,
}

/// The handle of something that can be imported.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ExternHandle {
    Func(Handle),
    Table(Handle),
    Memory(Handle),
    Global(Handle),
    #[cfg(feature = "exceptions")]
    Tag(Handle),
}

/// Values at stable addresses that are freed together.
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
        self.items.try_reserve(1).map_err(|_| LimitsError::OutOfSystemMemory)?;
        self.items.push(NonNull::from(Box::leak(Box::new(item))));
        Ok(index)
    }

    fn get(&self, index: u32) -> *mut T {
        self.items[index as usize].as_ptr()
    }

    fn len(&self) -> usize {
        self.items.len()
    }

    /// Removes all values.
    fn drain(&mut self) -> impl Iterator<Item = Box<T>> + '_ {
        self.items.drain(..).map(|item| {
            // SAFETY: I10: `push` took the address from a box, and only this turns it into a box again.
            unsafe { Box::from_raw(item.as_ptr()) }
        })
    }
}

impl<T> Drop for Arena<T> {
    fn drop(&mut self) {
        self.drain().for_each(drop);
    }
}

/// A number that no store had before.
pub(super) fn new_id() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The greatest number of memories that are kept for reuse.
const MAX_SPARE: usize = 4;

/// Everything that lives in a store.
#[derive(Debug)]
pub(crate) struct Instances {
    id: usize,
    pub(crate) types: Arc<TypeRegistry>,
    funcs: Vec<*const FuncInst>,
    /// The functions that `funcs` points to, except for those that instances own.
    func_blocks: Vec<NonNull<[FuncInst]>>,
    /// How many of `funcs` and of `func_blocks` outlive `reset`.
    lasting: (usize, usize),
    memories: Arena<MemoryInst>,
    tables: Arena<TableInst>,
    globals: Vec<GlobalInst>,
    /// Cells of globals that no instance defines.
    global_cells: Arena<ValueCells>,
    instances: Arena<InstanceInst>,
    #[cfg(not(heap))]
    externs: Vec<Box<dyn Any + Send + Sync>>,
    #[cfg(feature = "exceptions")]
    tags: Arena<TagInst>,
    /// The cell of the exception that no code has caught, or that a host function throws; 0 if there is none.
    #[cfg(feature = "exceptions")]
    pub(crate) pending_exception: u64,
    /// Structs, arrays and exceptions.
    #[cfg(heap)]
    pub(crate) heap: Heap,
    /// The references that handles of the host refer to.
    #[cfg(host_refs)]
    pub(crate) roots: Roots,
    /// Types of structs and arrays of which the host makes objects, in ascending order.
    #[cfg(host_refs)]
    pub(super) object_types: Vec<u32>,
    /// Bytes of memories from before a `reset`, all zero.
    spare: Vec<Pages>,
    /// Types of tables and tags that no instance defines.
    held: Vec<u32>,
    /// The number of elements of passive segments that instances keep.
    pub(crate) kept_elements: usize,
    /// The fuel.
    pub(crate) fuel: Fuel,
    /// What interrupts code.
    pub(crate) interruption: Interruption,
    /// The time after which code must not wait in a shared memory.
    #[cfg(all(feature = "threads", feature = "std"))]
    pub(crate) wait_deadline: Option<std::time::Instant>,
    /// How often each op was executed.
    #[cfg(feature = "count-ops")]
    pub(crate) counts: crate::runtime::counts::Counts,
}

// SAFETY: I6: its addresses point to what it owns, and to code, which threads share anyway.
unsafe impl Send for Instances {}
// SAFETY: I8: a shared reference allows only reading.
unsafe impl Sync for Instances {}

impl Drop for Instances {
    fn drop(&mut self) {
        for block in self.func_blocks.drain(..) {
            // SAFETY: I10: `push_held_funcs` took the address from a box. It is freed only here and in `reset`.
            let funcs = unsafe { Box::from_raw(block.as_ptr()) };
            self.types.release(funcs.iter().map(|func| func.type_id));
        }
        self.types.release(self.held.drain(..));
        #[cfg(host_refs)]
        self.types.release(self.object_types.drain(..));
    }
}

impl Instances {
    /// An empty store of an engine with this configuration and epoch.
    pub(crate) fn new(types: Arc<TypeRegistry>, config: &Config, epoch: &Epoch) -> Self {
        let id = new_id();
        Self {
            id,
            types,
            funcs: Vec::new(),
            func_blocks: Vec::new(),
            lasting: (0, 0),
            memories: Arena::new(),
            tables: Arena::new(),
            globals: Vec::new(),
            global_cells: Arena::new(),
            instances: Arena::new(),
            #[cfg(not(heap))]
            externs: Vec::new(),
            #[cfg(feature = "exceptions")]
            tags: Arena::new(),
            #[cfg(feature = "exceptions")]
            pending_exception: 0,
            #[cfg(heap)]
            heap: Heap::new(config.gc_stress),
            #[cfg(host_refs)]
            roots: Roots::new(id),
            #[cfg(host_refs)]
            object_types: Vec::new(),
            spare: Vec::new(),
            held: Vec::new(),
            kept_elements: 0,
            fuel: Fuel::new(config),
            interruption: Interruption::new(config.epoch_interruption.then(|| epoch.clone())),
            #[cfg(all(feature = "threads", feature = "std"))]
            wait_deadline: None,
            #[cfg(feature = "count-ops")]
            counts: crate::runtime::counts::Counts::default(),
        }
    }

    /// Removes everything except the lasting functions, and returns their number. Existing handles belong to another
    /// store from now on.
    pub(crate) fn reset(&mut self) -> usize {
        self.id = new_id();
        let (funcs, blocks) = self.lasting;
        self.funcs.truncate(funcs);
        for block in self.func_blocks.drain(blocks..) {
            // SAFETY: I10: as in `drop`; no address in `funcs` refers to the functions any more.
            let funcs = unsafe { Box::from_raw(block.as_ptr()) };
            self.types.release(funcs.iter().map(|func| func.type_id));
        }
        self.types.release(self.held.drain(..));
        for memory in self.memories.drain() {
            if self.spare.len() < MAX_SPARE
                && let Some(pages) = memory.into_pages().and_then(Pages::retire)
            {
                self.spare.push(pages);
            }
        }
        self.tables.drain().for_each(drop);
        self.globals.clear();
        self.global_cells.drain().for_each(drop);
        self.instances.drain().for_each(drop);
        #[cfg(not(heap))]
        self.externs.clear();
        #[cfg(feature = "exceptions")]
        {
            self.tags.drain().for_each(drop);
            self.pending_exception = 0;
        }
        #[cfg(heap)]
        self.heap.clear();
        #[cfg(host_refs)]
        {
            self.roots = Roots::new(self.id);
            self.types.release(self.object_types.drain(..));
        }
        self.kept_elements = 0;
        self.fuel.clear();
        funcs
    }

    /// Returns `size` bytes for a memory, all zero.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    pub(crate) fn pages(&mut self, size: usize) -> Result<Pages, MemoryError> {
        match self.spare.pop().and_then(|pages| pages.again(size)) {
            Some(pages) => Ok(pages),
            None => Pages::new(size),
        }
    }

    /// The number of this store, which no other one has or had.
    pub(crate) fn id(&self) -> usize {
        self.id
    }

    /// The handle of a number in this store.
    pub(crate) fn handle(&self, index: u32) -> Handle {
        Handle { store: self.id, index }
    }

    /// The number of a handle.
    ///
    /// # Panics
    ///
    /// If the handle belongs to another store.
    #[inline]
    pub(crate) fn index(&self, handle: Handle) -> u32 {
        assert!(handle.store == self.id, "the handle belongs to another store");
        handle.index
    }

    // ---- functions

    /// The number of the next function, if `count` more fit.
    fn next_func(&self, count: usize) -> Result<u32, LimitsError> {
        match u32::try_from(self.funcs.len() + count) {
            Ok(_) => Ok(self.funcs.len() as u32),
            Err(_) => Err(LimitsError::TooManyInstanceHandles),
        }
    }

    /// Adds functions of the host with consecutive numbers, and returns the first number. The store takes over a hold
    /// on the type of each.
    pub(crate) fn push_held_funcs(&mut self, mut funcs: Box<[FuncInst]>) -> Result<u32, LimitsError> {
        let first = self.next_func(funcs.len())?;
        for (i, func) in funcs.iter_mut().enumerate() {
            func.index = first + i as u32;
        }
        self.funcs.try_reserve(funcs.len()).map_err(|_| LimitsError::OutOfSystemMemory)?;
        let funcs = NonNull::from(Box::leak(funcs));
        self.func_blocks.push(funcs);
        self.push_addresses(funcs.as_ptr());
        Ok(first)
    }

    /// Adds functions of the host with consecutive numbers, and returns the first number. They outlive `reset` if only such functions were added before them;
    /// the second value says whether they do.
    pub(crate) fn push_lasting_funcs(&mut self, funcs: Box<[FuncInst]>) -> Result<(u32, bool), LimitsError> {
        let lasting = self.lasting == (self.funcs.len(), self.func_blocks.len());
        self.next_func(funcs.len())?;
        // Modules hold the types of what they import; the store may outlive them.
        self.types.hold(funcs.iter().map(|func| func.type_id));
        let first = self.push_held_funcs(funcs)?;
        if lasting {
            self.lasting = (self.funcs.len(), self.func_blocks.len());
        }
        Ok((first, lasting))
    }

    /// Adds the functions that an instance defines and that can be referred to.
    pub(crate) fn push_instance_funcs(&mut self, instance: *mut InstanceInst) -> Result<(), Error> {
        // SAFETY: I6, I8: the instance was just stored at its final address, and no code runs.
        let funcs = unsafe {
            let count = (&*instance).code.data.referable.len();
            let first = self.next_func(count)?;
            self.funcs.try_reserve(count).map_err(|_| TrapCode::OutOfSystemMemory)?;
            InstanceInst::make_funcs(instance, first)
        };
        self.push_addresses(funcs);
        Ok(())
    }

    fn push_addresses(&mut self, funcs: *mut [FuncInst]) {
        let base: *mut FuncInst = funcs.cast();
        self.funcs.extend((0..funcs.len()).map(|i| base.wrapping_add(i).cast_const()));
    }

    /// Number of functions.
    pub(crate) fn num_funcs(&self) -> u32 {
        self.funcs.len() as u32
    }

    /// The number of the host function that function `index` is; `None` for a Wasm function.
    pub(crate) fn host_func(&self, index: u32) -> Option<u32> {
        // SAFETY: I6: the addresses in `funcs` are those of functions that live as long as the store.
        let func = unsafe { &*self.funcs[index as usize] };
        func.entry.is_null().then_some(func.host)
    }

    /// The address of a function.
    #[inline]
    pub(crate) fn func_ptr(&self, handle: Handle) -> *const FuncInst {
        self.funcs[self.index(handle) as usize]
    }

    /// The function that a cell refers to; `None` for null.
    pub(crate) fn func_of_cell(&self, cell: u64) -> Option<Handle> {
        let func = cell as usize as *const FuncInst;
        // SAFETY: I5: the cell of a function reference holds null or the address of a function of this store. I6: the
        // function lives as long as the store.
        (!func.is_null()).then(|| self.handle(unsafe { (*func).index }))
    }

    /// The cell for a reference to a function.
    pub(crate) fn func_cell(&self, handle: Handle) -> u64 {
        self.func_ptr(handle) as usize as u64
    }

    /// A function.
    #[inline]
    pub(crate) fn func(&self, handle: Handle) -> &FuncInst {
        // SAFETY: I6: functions live as long as the store; `func_ptr` checks the handle.
        unsafe { &*self.func_ptr(handle) }
    }

    /// The types of the module that defines a function, and the index of its type among them; `None` for a function of
    /// the host. Unlike the types of the engine, they are read without a lock.
    pub(crate) fn module_type(&self, handle: Handle) -> Option<(&TypeTable, u32)> {
        let func = self.func(handle);
        // SAFETY: I6: the instance of a Wasm function lives as long as the store; a function of the host has none.
        let instance = unsafe { func.instance.as_ref()? };
        Some((&instance.code.data.header.types, func.host))
    }

    /// The type of a function.
    pub(crate) fn func_type(&self, handle: Handle) -> FuncType {
        match self.module_type(handle) {
            Some((types, index)) => types.func_type(index),
            None => self.types.func_type(self.func(handle).type_id),
        }
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
        // SAFETY: I6: memories live as long as the store. I8: code runs only while the store is borrowed mutably.
        unsafe { &*self.memories.get(self.index(handle)) }
    }

    /// A memory.
    pub(crate) fn memory_mut(&mut self, handle: Handle) -> &mut MemoryInst {
        // SAFETY: I6: memories live as long as the store. I8: the store is borrowed mutably, so no code runs.
        unsafe { &mut *self.memories.get(self.index(handle)) }
    }

    /// Keeps the concrete type that the elements of a table of the host have; false if the engine has no such type.
    pub(crate) fn hold_type(&mut self, ty: RefType) -> bool {
        let Some(id) = ty.heap_type().type_id() else { return true };
        let is_known = self.types.find(id.number());
        if is_known {
            self.held.push(id.number());
        }
        is_known
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
        // SAFETY: I6: tables live as long as the store. I8: code runs only while the store is borrowed mutably.
        unsafe { &*self.tables.get(self.index(handle)) }
    }

    /// A table.
    pub(crate) fn table_mut(&mut self, handle: Handle) -> &mut TableInst {
        // SAFETY: I6: tables live as long as the store. I8: the store is borrowed mutably, so no code runs.
        unsafe { &mut *self.tables.get(self.index(handle)) }
    }

    /// Adds a global whose cell is elsewhere.
    pub(crate) fn push_global(&mut self, global: GlobalInst) -> Result<u32, LimitsError> {
        let index = u32::try_from(self.globals.len()).map_err(|_| LimitsError::TooManyInstanceHandles)?;
        self.globals.try_reserve(1).map_err(|_| LimitsError::OutOfSystemMemory)?;
        self.globals.push(global);
        Ok(index)
    }

    /// Adds a global with cells of its own.
    pub(crate) fn new_global(&mut self, ty: GlobalType, value: ValueCells) -> Result<u32, LimitsError> {
        let cell = self.global_cells.push(value)?;
        let cell = self.global_cells.get(cell);
        self.push_global(GlobalInst { ty, cell: cell.cast() })
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

    /// Adds a tag whose type has a number in the engine. The caller keeps the type.
    #[cfg(feature = "exceptions")]
    pub(crate) fn push_tag(&mut self, ty: FuncType, type_id: u32) -> Result<u32, LimitsError> {
        let rtt = self.types.rtt(type_id);
        let index = self.tags.len() as u32;
        self.tags.push(TagInst { type_id, index, ty, rtt })
    }

    /// Adds a tag of the host.
    #[cfg(feature = "exceptions")]
    pub(crate) fn new_tag(&mut self, ty: &FuncType) -> Result<u32, LimitsError> {
        let type_id = self.types.id(ty)?;
        self.held.push(type_id);
        self.push_tag(ty.clone(), type_id)
    }

    /// The handle of the tag at an address.
    #[cfg(feature = "exceptions")]
    pub(crate) fn tag_handle(&self, tag: *const TagInst) -> Handle {
        // SAFETY: I6: instances and exceptions have only addresses of tags of this store, which live as long as it does.
        self.handle(unsafe { (*tag).index })
    }

    /// The address of tag number `index`.
    #[cfg(feature = "exceptions")]
    pub(crate) fn tag_ptr(&self, index: u32) -> *const TagInst {
        self.tags.get(index)
    }

    /// A tag.
    #[cfg(feature = "exceptions")]
    pub(crate) fn tag(&self, handle: Handle) -> &TagInst {
        // SAFETY: I6: tags live as long as the store.
        unsafe { &*self.tags.get(self.index(handle)) }
    }

    /// What all memories and tables have together.
    pub(crate) fn totals(&self) -> Totals {
        // SAFETY: I6: memories and tables live as long as the store. I8: no code runs.
        let memories = self.memories.items.iter().map(|memory| unsafe { (*memory.as_ptr()).len });
        // SAFETY: I6, I8: as for memories.
        let tables = self.tables.items.iter().map(|table| unsafe { (*table.as_ptr()).len });
        let memory_size = memories.sum::<usize>();
        #[cfg(heap)]
        let memory_size = memory_size + self.heap.capacity();
        Totals { memory_size, table_elements: tables.sum::<usize>() + self.kept_elements }
    }

    /// Numbers of instances, tables and memories.
    pub(crate) fn counts(&self) -> (usize, usize, usize) {
        (self.instances.len(), self.tables.len(), self.memories.len())
    }

    /// The numbers of instances, memories and globals, which count from 0.
    #[cfg(feature = "coredump")]
    pub(crate) fn all(&self) -> [core::ops::Range<u32>; 3] {
        [self.instances.len(), self.memories.len(), self.globals.len()].map(|len| 0..len as u32)
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
        // SAFETY: I6: instances live as long as the store. I8: code runs only while the store is borrowed mutably.
        unsafe { &*self.instances.get(self.index(handle)) }
    }

    /// The handle of the instance at an address; `None` for null.
    pub(crate) fn instance_of(&self, instance: *const InstanceInst) -> Option<Handle> {
        // SAFETY: I6: code passes only addresses of instances of this store, which live as long as it does.
        (!instance.is_null()).then(|| self.handle(unsafe { (*instance).index }))
    }

    /// Frees objects that can no longer be reached. `in_frames` passes the references that frames hold to a function; if
    /// it fails, nothing is freed.
    ///
    /// # Safety
    ///
    /// I8: nobody else uses the store. I15: `in_frames` passes the references of all frames of the store.
    #[cfg(heap)]
    pub(crate) unsafe fn collect(&mut self, in_frames: impl FnOnce(&mut dyn FnMut(u64)) -> Result<(), Error>) {
        let Self { heap, globals, tables, instances, .. } = self;
        #[cfg(host_refs)]
        let roots = &mut self.roots;
        #[cfg(feature = "exceptions")]
        let pending = self.pending_exception;
        let is_traced = |ty: RefType| !ty.is_func();
        // SAFETY: I5, I6, I8: tables and instances live as long as the store, nobody else uses it, and what is marked are references to
        // what is collected. I15: there are no others outside of the heap.
        unsafe {
            heap.collect(|marker| {
                for global in globals.iter().filter(|global| global.ty.content().as_ref().is_some_and(is_traced)) {
                    marker.cell(*global.cell);
                }
                for table in &tables.items {
                    let table = table.as_ref();
                    if is_traced(table.declared_type().element()) {
                        table.cells().iter().for_each(|&cell| marker.cell(cell));
                    }
                }
                for instance in &instances.items {
                    instance.as_ref().traced_elements().for_each(|cell| marker.cell(cell));
                }
                #[cfg(feature = "exceptions")]
                marker.cell(pending);
                #[cfg(host_refs)]
                roots.visit(|cell| marker.cell(cell));
                in_frames(&mut |cell| marker.cell(cell))
            });
        }
    }

    // ---- references to values of the host

    /// Adds a value of the host that lives as long as the store, and returns its number.
    ///
    /// # Panics
    ///
    /// If there are too many.
    #[cfg(heap)]
    pub(crate) fn push_extern(&mut self, object: Box<dyn Any + Send + Sync>) -> u32 {
        self.heap.externs.push(object, true).expect("fewer than 2^30 values of the host")
    }

    /// Makes the value of the host with a number live as long as the store.
    #[cfg(heap)]
    pub(crate) fn pin_extern(&self, index: u32) {
        self.heap.externs.pin(index);
    }

    /// Makes the value of the host with a number live as long as the store, as all do.
    #[cfg(not(heap))]
    #[expect(clippy::unused_self, reason = "as if there were others")]
    pub(crate) fn pin_extern(&self, _: u32) {}

    /// The value of the host with a number.
    #[cfg(heap)]
    pub(crate) fn extern_at(&self, index: u32) -> Option<&(dyn Any + Send + Sync)> {
        self.heap.externs.get(index)
    }

    /// Adds a value of the host, and returns its number.
    #[cfg(not(heap))]
    pub(crate) fn push_extern(&mut self, object: Box<dyn Any + Send + Sync>) -> u32 {
        self.externs.push(object);
        self.externs.len() as u32 - 1
    }

    /// The value of the host with a number.
    #[cfg(not(heap))]
    pub(crate) fn extern_at(&self, index: u32) -> Option<&(dyn Any + Send + Sync)> {
        self.externs.get(index as usize).map(AsRef::as_ref)
    }
}
