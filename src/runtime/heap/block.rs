//! Blocks: stretches of memory for objects, with their mark bits.
//!
//! ```text
//!   header, with a bit for each 16 bytes │ cell │ cell │ cell …
//! ```
//!
//! All cells of a block have the same size. An object that is too large for that has a block of its own, in which it is the
//! only cell. A block begins at a multiple of [`BLOCK`], so that it is found by the address of an object.

use alloc::alloc::{alloc, alloc_zeroed, dealloc};
use core::{alloc::Layout, ptr::NonNull};

use crate::runtime::heap::object::Object;

/// The number of bytes of a block with cells of a class, and what its address is a multiple of.
pub(super) const BLOCK: usize = if cfg!(small_heap) { 4 << 10 } else { 32 << 10 };

/// The largest cell that shares a block with others.
pub(super) const MAX_SHARED: usize = BLOCK / 8;

/// An object has at least this many bytes, so at most one begins in each stretch of this many.
const GRANULE: usize = 16;

const MARK_WORDS: usize = BLOCK / GRANULE / 64;

/// The header of a block.
#[derive(Debug)]
#[repr(C, align(16))]
pub(super) struct Block {
    marks: [u64; MARK_WORDS],
    /// Bytes of a cell.
    pub(super) cell_size: usize,
    /// The number of cells.
    cells: u32,
    /// The number of cells that the last collection has marked.
    live: u32,
}

const HEADER: usize = size_of::<Block>();

/// Objects that can be put next to each other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) start: *mut u8,
    pub(super) end: *mut u8,
}

impl Block {
    /// Allocates a block for cells of a class. Its cells are not initialized.
    pub(super) fn new() -> Option<NonNull<Self>> {
        // SAFETY: I10: the size is not 0; `free` frees it.
        let block = NonNull::new(unsafe { alloc(Self::layout(BLOCK - HEADER)?) })?.cast();
        let this = Self { marks: [0; MARK_WORDS], cell_size: 0, cells: 0, live: 0 };
        // SAFETY: I10: the allocation was just made, and begins with the header.
        unsafe { block.write(this) };
        Some(block)
    }

    /// Allocates a block with one cell of `size` bytes, all zero.
    pub(super) fn large(size: usize) -> Option<NonNull<Self>> {
        // SAFETY: I10: the size is not 0; `free` frees it.
        let block = NonNull::new(unsafe { alloc_zeroed(Self::layout(size)?) })?.cast();
        let this = Self { marks: [0; MARK_WORDS], cell_size: size, cells: 1, live: 0 };
        // SAFETY: I10: the allocation was just made, and begins with the header.
        unsafe { block.write(this) };
        Some(block)
    }

    /// The layout of a block whose cells take `size` bytes.
    fn layout(size: usize) -> Option<Layout> {
        Layout::from_size_align(HEADER.checked_add(size)?, BLOCK).ok()
    }

    /// Frees a block.
    ///
    /// # Safety
    ///
    /// I10: the block has no other owner, and nobody uses objects in it any more.
    pub(super) unsafe fn free(this: NonNull<Self>) {
        // SAFETY: I10, promised by the caller; the layout is the one that it was allocated with.
        unsafe {
            let size = this.as_ref().cell_size;
            let size = if size > MAX_SHARED { size } else { BLOCK - HEADER };
            if let Some(layout) = Self::layout(size) {
                dealloc(this.as_ptr().cast(), layout);
            }
        }
    }

    /// Makes cells of `size` bytes of a block that has no objects.
    pub(super) fn set_cells(&mut self, size: usize) {
        self.marks = [0; MARK_WORDS];
        self.cell_size = size;
        self.cells = ((BLOCK - HEADER) / size) as u32;
        self.live = 0;
    }

    /// The block that an object is in.
    #[inline(always)]
    pub(super) fn of(object: NonNull<Object>) -> NonNull<Self> {
        let address = object.as_ptr().cast::<u8>();
        let block = address.wrapping_sub(address as usize % BLOCK).cast();
        // SAFETY: I14: no block is at address 0.
        unsafe { NonNull::new_unchecked(block) }
    }

    /// The address of a cell.
    ///
    /// # Safety
    ///
    /// I10: `this` is a block.
    #[inline(always)]
    pub(super) unsafe fn cell(this: NonNull<Self>, index: u32) -> NonNull<Object> {
        // SAFETY: I10, promised by the caller; the cell follows the header, so its address is not 0.
        unsafe {
            let offset = HEADER + index as usize * this.as_ref().cell_size;
            NonNull::new_unchecked(this.as_ptr().cast::<u8>().wrapping_add(offset).cast())
        }
    }

    /// The word and the bit of the mark of what begins at `offset`.
    #[inline(always)]
    fn place(offset: usize) -> (usize, u64) {
        let granule = offset / GRANULE;
        (granule / 64 % MARK_WORDS, 1 << (granule % 64))
    }

    /// Marks an object. Returns whether it was not marked before.
    ///
    /// # Safety
    ///
    /// I14: it is an object of a heap that nobody else uses.
    #[inline(always)]
    pub(super) unsafe fn mark(object: NonNull<Object>) -> bool {
        let (word, bit) = Self::place(object.as_ptr() as usize % BLOCK);
        // SAFETY: I14, promised by the caller: the object is in a block.
        unsafe {
            let marks = Self::of(object).as_mut().marks.get_unchecked_mut(word);
            let is_new = *marks & bit == 0;
            *marks |= bit;
            is_new
        }
    }

    /// Whether the cell is marked.
    #[inline(always)]
    pub(super) fn is_marked(&self, cell: u32) -> bool {
        let (word, bit) = Self::place(HEADER + cell as usize * self.cell_size);
        self.marks[word] & bit != 0
    }

    /// Removes all marks.
    pub(super) fn unmark(&mut self) {
        self.marks = [0; MARK_WORDS];
        self.live = 0;
    }

    /// Marks all cells.
    pub(super) fn mark_all(&mut self) {
        for cell in 0..self.cells {
            let (word, bit) = Self::place(HEADER + cell as usize * self.cell_size);
            self.marks[word] |= bit;
        }
    }

    /// Counts the marked cells, at the end of a collection.
    // Here and not when each is marked, which takes less time then.
    pub(super) fn count_live(&mut self) -> usize {
        self.live = self.marks.iter().map(|word| word.count_ones()).sum();
        self.live as usize
    }

    /// The number of cells.
    pub(super) fn cells(&self) -> u32 {
        self.cells
    }

    /// Whether all cells are marked.
    pub(super) fn is_full(&self) -> bool {
        self.live == self.cells
    }

    /// Finds the first run of unmarked cells that begins at or after `from`. Moves `from` to the cell after the run.
    ///
    /// # Safety
    ///
    /// I10: `this` is a block of a heap that nobody else uses.
    pub(super) unsafe fn next_run(this: NonNull<Self>, from: &mut u32) -> Option<Run> {
        // SAFETY: I10, promised by the caller.
        unsafe {
            let block = this.as_ref();
            let mut start = *from;
            if block.live == 0 {
                // The whole block, without a look at each cell.
                *from = block.cells;
            } else {
                while start < block.cells && block.is_marked(start) {
                    start += 1;
                }
                *from = start;
                while *from < block.cells && !block.is_marked(*from) {
                    *from += 1;
                }
            }
            (start < *from).then(|| Run {
                start: Self::cell(this, start).as_ptr().cast(),
                end: Self::cell(this, *from).as_ptr().cast(),
            })
        }
    }

    /// Whether an address is that of a cell.
    #[cfg(debug_assertions)]
    pub(super) fn has_cell_at(&self, offset: usize) -> bool {
        let Some(offset) = offset.checked_sub(HEADER) else { return false };
        offset % self.cell_size == 0 && offset / self.cell_size < self.cells as usize
    }
}
