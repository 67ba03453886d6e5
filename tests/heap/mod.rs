//! What the current thread asks of the heap: an allocator that counts, for the test that includes this file.

#![allow(dead_code, reason = "each test looks at a part of this")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

/// Counts what the current thread allocates.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn count(allocations: usize, bytes: isize) {
    // A thread that ends may free when its counters are gone.
    let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + allocations));
    let _ = LIVE.try_with(|live| {
        live.set(live.get() + bytes);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(live.get())));
    });
}

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size() as isize);
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size() as isize);
        // SAFETY: as promised by the caller.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, bytes: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both exist while the contents are copied.
        count(1, size as isize);
        count(0, -(layout.size() as isize));
        // SAFETY: as promised by the caller.
        unsafe { System.realloc(bytes, layout, size) }
    }

    unsafe fn dealloc(&self, bytes: *mut u8, layout: Layout) {
        count(0, -(layout.size() as isize));
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(bytes, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What a piece of work allocated.
#[derive(Debug)]
pub(crate) struct Cost {
    /// How often, growing what it had included.
    pub(crate) allocations: usize,
    /// Bytes that it left allocated.
    pub(crate) live: isize,
    /// Most bytes that were allocated meanwhile.
    pub(crate) peak: isize,
}

/// Bytes that this thread has allocated and not freed.
pub(crate) fn live() -> isize {
    LIVE.get()
}

/// Does the work and counts.
pub(crate) fn measure<R>(work: impl FnOnce() -> R) -> (R, Cost) {
    let (allocations, live) = (ALLOCATIONS.get(), LIVE.get());
    PEAK.set(live);
    let result = work();
    let cost = Cost { allocations: ALLOCATIONS.get() - allocations, live: LIVE.get() - live, peak: PEAK.get() - live };
    (result, cost)
}
