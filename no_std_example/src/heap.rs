//! The heap: a global allocator over a fixed block of RAM, which records its high-water mark.

use core::{
    alloc::{GlobalAlloc, Layout},
    mem::MaybeUninit,
    sync::atomic::{AtomicUsize, Ordering},
};

use embedded_alloc::LlffHeap;

/// Size of the heap, in bytes.
pub const SIZE: usize = 32 * 1024;

#[global_allocator]
static HEAP: Heap = Heap { blocks: LlffHeap::empty(), peak: AtomicUsize::new(0) };

/// An allocator that records the most bytes that were in use at one time.
struct Heap {
    blocks: LlffHeap,
    peak: AtomicUsize,
}

// SAFETY: every request is passed on unchanged to `LlffHeap`, which fulfils the contract.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract, which is that of the inner allocator.
        let block = unsafe { self.blocks.alloc(layout) };
        // A plain maximum: there is one core, and no interrupt handler allocates.
        let used = self.blocks.used();
        if used > self.peak.load(Ordering::Relaxed) {
            self.peak.store(used, Ordering::Relaxed);
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract, which is that of the inner allocator.
        unsafe { self.blocks.dealloc(block, layout) }
    }
}

/// Gives the heap its memory. Must be called once, before the first allocation.
pub fn init() {
    static mut MEMORY: [MaybeUninit<u8>; SIZE] = [MaybeUninit::uninit(); SIZE];
    // SAFETY: `MEMORY` is named nowhere else, so the heap is its only user; it is not empty.
    unsafe { HEAP.blocks.init(&raw mut MEMORY as usize, SIZE) }
}

/// Returns the bytes in use, including the bookkeeping of the allocator.
pub fn used() -> usize {
    HEAP.blocks.used()
}

/// Returns the most bytes that were in use at one time.
pub fn peak() -> usize {
    HEAP.peak.load(Ordering::Relaxed)
}
