//! The space of a heap: its blocks, and the cells in them that objects are put into.
//!
//! Cells are taken one after the other from a *run*, a stretch of free cells. When a run is used up, the next one is searched for
//! in the blocks of the class: so blocks are swept as far as there are new objects for them, after the collection and not
//! during it.

use alloc::vec::Vec;
use core::ptr::{NonNull, null_mut};

use crate::runtime::heap::{
    block::{BLOCK, Block, MAX_SHARED, Run},
    classes::{CELL_SIZES, CLASSES, class_of},
    object::Object,
};

/// The blocks with cells of one size.
#[derive(Debug)]
struct Class {
    /// The run of free cells, all zero.
    run: Run,
    cell_size: usize,
    blocks: Vec<NonNull<Block>>,
    /// The number of blocks that were searched for runs since the last collection. In the last one of them, the cells
    /// before `cell` were.
    swept: usize,
    cell: u32,
}

/// The blocks of a heap.
#[derive(Debug)]
pub(super) struct Space {
    /// By class. Empty until the first object is allocated.
    classes: Vec<Class>,
    /// Blocks without objects, for any class.
    free: Vec<NonNull<Block>>,
    /// Blocks with one object each.
    large: Vec<NonNull<Block>>,
    /// The addresses of all blocks.
    #[cfg(debug_assertions)]
    known: alloc::collections::BTreeSet<NonNull<Block>>,
}

impl Space {
    /// A space without blocks.
    pub(super) const fn new() -> Self {
        Self {
            classes: Vec::new(),
            free: Vec::new(),
            large: Vec::new(),
            #[cfg(debug_assertions)]
            known: alloc::collections::BTreeSet::new(),
        }
    }

    /// Takes a cell for an object of `size` bytes, all zero, from the run of its class; nothing if that is used up, or the object
    /// is large. `size` becomes the accounted size.
    #[inline(always)]
    pub(super) fn take(&mut self, size: u32) -> Option<(NonNull<Object>, usize)> {
        let class = self.classes.get_mut(class_of(size)?)?;
        let start = class.run.start;
        if start == class.run.end {
            return None;
        }
        class.run.start = start.wrapping_add(class.cell_size);
        // SAFETY: I14: a run that does not end is inside of a block, so its address is not 0.
        Some((unsafe { NonNull::new_unchecked(start.cast()) }, class.cell_size))
    }

    /// Takes a cell for an object of `size` bytes, all zero, wherever there is one or memory for it.
    #[cold]
    pub(super) fn find(&mut self, size: u32) -> Option<NonNull<Object>> {
        if self.classes.is_empty() {
            self.classes.try_reserve_exact(CLASSES).ok()?;
            self.classes.extend(CELL_SIZES.iter().map(|&size| Class::new(size.into())));
        }
        match class_of(size) {
            Some(class) if self.classes[class].cell_size <= MAX_SHARED => {
                self.next_run(class)?;
                self.take(size).map(|(object, _)| object)
            }
            class => self.take_large(class.map_or(size as usize, |class| self.classes[class].cell_size)),
        }
    }

    /// Allocates a large object.
    fn take_large(&mut self, size: usize) -> Option<NonNull<Object>> {
        self.large.try_reserve(1).ok()?;
        let block = Block::large(size)?;
        self.large.push(block);
        #[cfg(debug_assertions)]
        self.known.insert(block);
        // SAFETY: I10: the block was just allocated.
        Some(unsafe { Block::cell(block, 0) })
    }

    /// Finds the next run of a class.
    fn next_run(&mut self, class: usize) -> Option<()> {
        let class = &mut self.classes[class];
        let run = loop {
            if let Some(&block) = class.blocks.get(class.swept.wrapping_sub(1))
                // SAFETY: I10: the heap owns its blocks.
                && let Some(run) = unsafe { Block::next_run(block, &mut class.cell) }
            {
                break run;
            }
            class.cell = 0;
            if class.swept == class.blocks.len() {
                class.blocks.try_reserve(1).ok()?;
                let mut block = match self.free.pop() {
                    Some(block) => block,
                    None => Block::new()?,
                };
                // SAFETY: I10: the heap owns its blocks; this one has no objects.
                unsafe { block.as_mut() }.set_cells(class.cell_size);
                class.blocks.push(block);
                #[cfg(debug_assertions)]
                self.known.insert(block);
            }
            class.swept += 1;
            // SAFETY: I10: the heap owns its blocks.
            if unsafe { class.blocks[class.swept - 1].as_ref() }.is_full() {
                // Without a look at each cell.
                class.cell = u32::MAX;
            }
        };
        // SAFETY: I10, I14: the cells of a run lie in a block, and no object is in them.
        unsafe { run.start.write_bytes(0, run.end.offset_from_unsigned(run.start)) };
        class.run = run;
        Some(())
    }

    /// All blocks that objects are in.
    fn blocks(&self) -> impl Iterator<Item = NonNull<Block>> + '_ {
        let shared = self.classes.iter().flat_map(|class| class.blocks.iter().copied());
        shared.chain(self.large.iter().copied())
    }

    /// Removes all marks, before a collection.
    pub(super) fn unmark(&self) {
        for mut block in self.blocks() {
            // SAFETY: I10: the heap owns its blocks.
            unsafe { block.as_mut() }.unmark();
        }
    }

    /// Marks all cells, those without objects too.
    #[cold]
    pub(super) fn mark_all(&self) {
        for mut block in self.blocks() {
            // SAFETY: I10: the heap owns its blocks.
            unsafe { block.as_mut() }.mark_all();
        }
    }

    /// Passes all marked objects to `each`.
    #[cold]
    pub(super) fn marked(&self, mut each: impl FnMut(NonNull<Object>)) {
        for block in self.blocks() {
            // SAFETY: I10: the heap owns its blocks.
            let cells = unsafe { block.as_ref() }.cells();
            for cell in 0..cells {
                // SAFETY: I10: as above. A reference only to look at the mark: `each` may set others.
                if unsafe { block.as_ref() }.is_marked(cell) {
                    // SAFETY: I10: as above.
                    each(unsafe { Block::cell(block, cell) });
                }
            }
        }
    }

    /// Ends a collection: what is not marked can be allocated again. Returns the accounted size of the marked objects.
    pub(super) fn sweep(&mut self) -> usize {
        let mut live = 0;
        for class in &mut self.classes {
            class.run = Run { start: null_mut(), end: null_mut() };
            class.swept = 0;
            class.cell = u32::MAX;
            let free = &mut self.free;
            class.blocks.retain(|&(mut block)| {
                // SAFETY: I10: the heap owns its blocks.
                let count = unsafe { block.as_mut() }.count_live();
                live += count * class.cell_size;
                if count == 0 {
                    if free.try_reserve(1).is_err() {
                        return true;
                    }
                    free.push(block);
                    #[cfg(debug_assertions)]
                    self.known.remove(&block);
                }
                count > 0
            });
        }
        self.large.retain(|&(mut block)| {
            // SAFETY: I10: the heap owns its blocks. Nobody refers to an object that is not marked.
            unsafe {
                let (count, cell_size) = (block.as_mut().count_live(), block.as_ref().cell_size);
                if count == 0 {
                    #[cfg(debug_assertions)]
                    self.known.remove(&block);
                    Block::free(block);
                } else {
                    live += cell_size;
                }
                count > 0
            }
        });
        #[cfg(debug_assertions)]
        self.clear_dead();
        live
    }

    /// Frees blocks without objects, except for some that suffice for `bytes` bytes of objects.
    pub(super) fn trim(&mut self, bytes: usize) {
        let keep = bytes / BLOCK + 1;
        while self.free.len() > keep
            && let Some(block) = self.free.pop()
        {
            // SAFETY: I10: the heap owns its blocks; this one has no objects.
            unsafe { Block::free(block) };
        }
    }

    /// Frees all blocks.
    pub(super) fn clear(&mut self) {
        for block in self.blocks() {
            // SAFETY: I10: the heap owns its blocks, and the store has no objects any more.
            unsafe { Block::free(block) };
        }
        for block in self.free.drain(..) {
            // SAFETY: I10: the heap owns its blocks; this one has no objects.
            unsafe { Block::free(block) };
        }
        self.classes = Vec::new();
        self.large = Vec::new();
        #[cfg(debug_assertions)]
        self.known.clear();
    }

    /// Overwrites objects that are not marked, so that `is_object` does not find them.
    #[cfg(debug_assertions)]
    fn clear_dead(&mut self) {
        for block in self.blocks() {
            let mut cell = 0;
            // SAFETY: I10, I14: the heap owns its blocks, and nobody refers to an object that is not marked.
            unsafe {
                while let Some(run) = Block::next_run(block, &mut cell) {
                    run.start.write_bytes(0, run.end.offset_from_unsigned(run.start));
                }
            }
        }
    }

    /// Whether an object of this heap is at an address.
    #[cfg(debug_assertions)]
    pub(super) fn is_object(&self, object: NonNull<Object>) -> bool {
        let block = Block::of(object);
        if !self.known.contains(&block) {
            return false;
        }
        // SAFETY: I10: the heap owns its blocks, and this is one of them.
        let is_cell = unsafe { block.as_ref() }.has_cell_at(object.as_ptr() as usize % BLOCK);
        // SAFETY: I10: a cell is inside of its block. If there is no object in it, it is zero.
        is_cell && unsafe { object.cast::<usize>().read() } != 0
    }
}

impl Class {
    fn new(cell_size: usize) -> Self {
        let run = Run { start: null_mut(), end: null_mut() };
        Self { run, cell_size, blocks: Vec::new(), swept: 0, cell: u32::MAX }
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        self.clear();
    }
}
