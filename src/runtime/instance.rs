//! Module instances and function instances, laid out for the executor. They refer to each other.

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::ptr::{NonNull, null, null_mut};

#[cfg(feature = "exceptions")]
use crate::runtime::tag::TagInst;
#[cfg(heap)]
use crate::{module::rtt::Rtt, types::object::is_traced};
use crate::{
    module::{env::ModuleHeader, segment::DataMode},
    runtime::{
        code::{FuncEntry, ModuleCode},
        memory::MemoryInst,
        pages::zeros,
        table::TableInst,
    },
    trap::TrapCode,
};

/// A function in a store. A reference to it is its address.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct FuncInst {
    /// Where its code is entered; null for a host function.
    pub(crate) entry: *const FuncEntry,
    /// The instance it belongs to; null for a host function.
    pub(crate) instance: *const InstanceInst,
    /// Number of its type in the engine.
    pub(crate) type_id: u32,
    /// Number of the host function in the store; for a Wasm function, the index of its type in its module.
    pub(crate) host: u32,
    /// Its own number in the store.
    pub(crate) index: u32,
}

impl FuncInst {
    /// Host function number `host`, before it is added to a store.
    pub(crate) fn host(type_id: u32, host: u32) -> Self {
        Self { entry: null(), instance: null(), type_id, host, index: 0 }
    }
}

/// An instance of a module in a store.
///
/// The executor reads the pointers; most point into one block that the instance owns.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct InstanceInst {
    /// Memory 0; null if there is none.
    pub(crate) mem0: *mut MemoryInst,
    /// Cells of the globals that the module defines.
    pub(crate) globals: *mut u64,
    /// Cells of imported globals.
    pub(crate) imported_globals: *mut *mut u64,
    /// Entries of the functions that the module defines.
    pub(crate) entries: *const FuncEntry,
    /// All functions, imported ones first; null for those that are only called through their entries.
    pub(crate) funcs: *mut *const FuncInst,
    /// All memories, imported ones first.
    pub(crate) memories: *mut *mut MemoryInst,
    /// All tables, imported ones first.
    pub(crate) tables: *mut *mut TableInst,
    /// Numbers of types in the engine, by type index.
    pub(crate) type_ids: *const u32,
    /// Runtime types of structs and arrays, by type index; null for function types.
    #[cfg(heap)]
    pub(crate) rtts: *const *const Rtt,
    /// All tags, imported ones first.
    #[cfg(feature = "exceptions")]
    pub(crate) tags: *mut *const TagInst,
    pub(crate) code: Arc<ModuleCode>,
    /// Its own number in the store.
    pub(crate) index: u32,
    /// The functions that the module defines and that can be referred to.
    func_insts: *mut FuncInst,
    /// Numbers in the store of all memories, then all tables, then all globals.
    handles: *mut u32,
    block: Block,
    /// Elements of passive segments, by segment, until they are dropped; ends with the last passive one.
    elements: Vec<Box<[u64]>>,
    /// Active data segments below this number are dropped.
    active_data: u32,
    /// Whether a passive data segment was dropped, by segment; empty if none was.
    dropped_data: Vec<bool>,
}

/// One allocation for everything in an instance whose size the module determines.
#[derive(Debug)]
struct Block {
    words: NonNull<[u64]>,
}

impl Block {
    /// A block of `words` words, all zero.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    fn new(words: usize) -> Result<Self, TrapCode> {
        let words = zeros(words).ok_or(TrapCode::OutOfSystemMemory)?;
        Ok(Self { words: NonNull::from(Box::leak(words.into_boxed_slice())) })
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: I10: `new` took the address from a box, and it is freed only here, with the instance.
        drop(unsafe { Box::from_raw(self.words.as_ptr()) });
    }
}

/// Words that `count` items of type `T` take.
fn words<T>(count: usize) -> usize {
    const { assert!(align_of::<T>() <= align_of::<u64>()) };
    (count * size_of::<T>()).div_ceil(size_of::<u64>())
}

impl InstanceInst {
    /// An instance of `code` in which everything is null or 0.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    pub(crate) fn new(code: Arc<ModuleCode>) -> Result<Self, TrapCode> {
        let header = &code.data.header;
        let (all_funcs, funcs) = (header.funcs.len(), code.data.referable.len());
        let (memories, tables, globals) = (header.memories.len(), header.tables.len(), header.globals.len());
        let imported_globals = header.imported_globals as usize;
        let handles = memories + tables + globals;
        let sizes = [
            words::<u64>(header.global_cells as usize),
            words::<FuncInst>(funcs),
            words::<*const FuncInst>(all_funcs),
            words::<*mut MemoryInst>(memories),
            words::<*mut TableInst>(tables),
            words::<*mut u64>(imported_globals),
            words::<u32>(handles),
            words::<usize>(header.tags.len()),
        ];
        let block = Block::new(sizes.iter().sum())?;
        let mut next: *mut u64 = block.words.as_ptr().cast();
        let [globals, func_insts, funcs, memories, tables, imported_globals, handles, tags] = sizes.map(|size| {
            let place = next;
            next = next.wrapping_add(size);
            place
        });
        #[cfg(not(feature = "exceptions"))]
        let _ = tags;
        Ok(Self {
            mem0: null_mut(),
            globals,
            imported_globals: imported_globals.cast(),
            entries: code.entries.as_ptr(),
            funcs: funcs.cast(),
            memories: memories.cast(),
            tables: tables.cast(),
            type_ids: header.types.ids().as_ptr(),
            #[cfg(heap)]
            rtts: code.rtts.as_ptr(),
            #[cfg(feature = "exceptions")]
            tags: tags.cast(),
            func_insts: func_insts.cast(),
            handles: handles.cast(),
            block,
            elements: Vec::new(),
            active_data: 0,
            dropped_data: Vec::new(),
            index: 0,
            code,
        })
    }

    fn header(&self) -> &ModuleHeader {
        &self.code.data.header
    }

    /// Writes the functions that the module defines and that can be referred to. Their numbers in the store begin at
    /// `first`.
    ///
    /// # Safety
    ///
    /// I6, I8: `this` is an instance at its final address, and nobody else uses it.
    pub(crate) unsafe fn make_funcs(this: *mut Self, first: u32) -> *mut [FuncInst] {
        // SAFETY: I6, I8, as promised by the caller. I4: `referable` has indices of functions that the module defines,
        // and the block has room for all of them.
        unsafe {
            let instance = &*this;
            let header = instance.header();
            let referable = &instance.code.data.referable;
            for (i, &index) in referable.iter().enumerate() {
                let func = instance.func_insts.add(i);
                func.write(FuncInst {
                    entry: &instance.code.entries[(index - header.imported_funcs) as usize],
                    instance: this,
                    type_id: header.func_type_id(index),
                    host: header.funcs[index as usize],
                    index: first + i as u32,
                });
                instance.funcs.add(index as usize).write(func);
            }
            core::ptr::slice_from_raw_parts_mut(instance.func_insts, referable.len())
        }
    }

    /// Writes function `index`, an imported one.
    pub(crate) fn set_func(&mut self, index: usize, func: *const FuncInst) {
        assert!(index < self.header().funcs.len());
        // SAFETY: I4: the index was just checked, and the block has room for all functions.
        unsafe { self.funcs.add(index).write(func) }
    }

    /// Writes memory `index`.
    pub(crate) fn set_memory(&mut self, index: usize, memory: *mut MemoryInst, handle: u32) {
        assert!(index < self.header().memories.len());
        // SAFETY: I4: the index was just checked, and the block has room for all memories and their handles.
        unsafe {
            self.memories.add(index).write(memory);
            self.handles.add(index).write(handle);
        }
        if index == 0 {
            self.mem0 = memory;
        }
    }

    /// Writes table `index`.
    pub(crate) fn set_table(&mut self, index: usize, table: *mut TableInst, handle: u32) {
        let header = self.header();
        let at = header.memories.len() + index;
        assert!(index < header.tables.len());
        // SAFETY: I4: the index was just checked, and the block has room for all tables and their handles.
        unsafe {
            self.tables.add(index).write(table);
            self.handles.add(at).write(handle);
        }
    }

    /// Writes tag `index`.
    #[cfg(feature = "exceptions")]
    pub(crate) fn set_tag(&mut self, index: usize, tag: *const TagInst) {
        assert!(index < self.header().tags.len());
        // SAFETY: I4: the index was just checked, and the block has room for all tags.
        unsafe { self.tags.add(index).write(tag) }
    }

    /// The address of tag `index`.
    #[cfg(feature = "exceptions")]
    pub(crate) fn tag(&self, index: u32) -> *const TagInst {
        assert!((index as usize) < self.header().tags.len());
        // SAFETY: I4: the index was just checked.
        unsafe { *self.tags.add(index as usize) }
    }

    /// Writes the cell of global `index`, an imported one.
    pub(crate) fn set_imported_global(&mut self, index: usize, cell: *mut u64) {
        assert!(index < self.header().imported_globals as usize);
        // SAFETY: I4: the index was just checked, and the block has room for all imported globals.
        unsafe { self.imported_globals.add(index).write(cell) }
    }

    /// Writes the handle of global `index`.
    pub(crate) fn set_global_handle(&mut self, index: usize, handle: u32) {
        let header = self.header();
        let at = header.memories.len() + header.tables.len() + index;
        assert!(index < header.globals.len());
        // SAFETY: I4: the index was just checked, and the block has room for the handles of all globals.
        unsafe { self.handles.add(at).write(handle) }
    }

    /// The cell of global `index`.
    pub(crate) fn global_cell(&self, index: u32) -> *mut u64 {
        let header = self.header();
        assert!((index as usize) < header.globals.len());
        match index.checked_sub(header.imported_globals) {
            // SAFETY: I4: the index is below the number of imported globals, which are written before the instance is
            // used.
            None => unsafe { *self.imported_globals.add(index as usize) },
            Some(_) => self.globals.wrapping_add(header.globals[index as usize].cell as usize),
        }
    }

    /// Number in the store of memory `index`.
    pub(crate) fn memory_handle(&self, index: u32) -> u32 {
        assert!((index as usize) < self.header().memories.len());
        self.handle(index as usize)
    }

    /// Number in the store of table `index`.
    pub(crate) fn table_handle(&self, index: u32) -> u32 {
        let header = self.header();
        assert!((index as usize) < header.tables.len());
        self.handle(header.memories.len() + index as usize)
    }

    /// Number in the store of global `index`.
    pub(crate) fn global_handle(&self, index: u32) -> u32 {
        let header = self.header();
        assert!((index as usize) < header.globals.len());
        self.handle(header.memories.len() + header.tables.len() + index as usize)
    }

    fn handle(&self, at: usize) -> u32 {
        // SAFETY: I4: the callers have checked the index that `at` is made of.
        unsafe { *self.handles.add(at) }
    }

    /// The address of memory `index`.
    pub(crate) fn memory(&self, index: u32) -> *mut MemoryInst {
        assert!((index as usize) < self.header().memories.len());
        // SAFETY: I4: the index was just checked.
        unsafe { *self.memories.add(index as usize) }
    }

    /// The address of table `index`.
    pub(crate) fn table(&self, index: u32) -> *mut TableInst {
        assert!((index as usize) < self.header().tables.len());
        // SAFETY: I4: the index was just checked.
        unsafe { *self.tables.add(index as usize) }
    }

    /// The cell for a reference to function `index`, which can be referred to.
    pub(crate) fn func_cell(&self, index: u32) -> u64 {
        assert!((index as usize) < self.header().funcs.len());
        // SAFETY: I4: the index was just checked.
        let func: *const FuncInst = unsafe { *self.funcs.add(index as usize) };
        func as usize as u64
    }

    /// The bytes of a data segment; none if it was dropped.
    pub(crate) fn data_segment(&self, index: u32) -> &[u8] {
        let data = &self.code.data;
        let segment = &data.data[index as usize];
        let active = segment.mode != DataMode::Passive;
        let initialised = active && index < self.active_data;
        if initialised || self.dropped_data.get(index as usize).is_some_and(|&dropped| dropped) {
            return &[];
        }
        &data.bytes[segment.bytes()]
    }

    /// The elements of an element segment; none if it was dropped.
    pub(crate) fn elem_segment(&self, index: u32) -> &[u64] {
        self.elements.get(index as usize).map_or(&[], |elements| elements)
    }

    /// The elements of passive segments that refer to what is collected.
    #[cfg(heap)]
    pub(crate) fn traced_elements(&self) -> impl Iterator<Item = u64> + '_ {
        let header = self.header();
        let kept = self.elements.iter().zip(&header.elements);
        kept.filter(|&(_, &ty)| is_traced(ty, &header.types)).flat_map(|(elements, _)| elements.iter().copied())
    }

    /// Keeps the elements of a passive segment.
    pub(crate) fn keep_elements(&mut self, index: usize, elements: Box<[u64]>) {
        self.elements.resize_with(index + 1, Box::default);
        self.elements[index] = elements;
    }

    /// Drops the active data segments up to number `index`.
    pub(crate) fn drop_active_data(&mut self, index: u32) {
        self.active_data = index + 1;
    }

    /// Drops a data segment.
    ///
    /// # Safety
    ///
    /// I8: nobody else uses the instance meanwhile.
    pub(crate) unsafe fn drop_data(this: *const Self, index: u32) {
        // SAFETY: I8, as promised by the caller.
        let this = unsafe { &mut *this.cast_mut() };
        this.dropped_data.resize(this.code.data.data.len(), false);
        this.dropped_data[index as usize] = true;
    }

    /// Drops an element segment.
    ///
    /// # Safety
    ///
    /// I8: nobody else uses the instance meanwhile.
    pub(crate) unsafe fn drop_elem(this: *const Self, index: u32) {
        // SAFETY: I8, as promised by the caller.
        let this = unsafe { &mut *this.cast_mut() };
        if let Some(elements) = this.elements.get_mut(index as usize) {
            *elements = Box::default();
        }
    }
}
