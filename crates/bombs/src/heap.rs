//! Allocators that count: what a thread, or the whole process, asks of the heap.
//!
//! A program chooses one:
//!
//! ```
//! use wasmote_bombs::heap::{Counting, ThisThread};
//!
//! #[global_allocator]
//! static ALLOCATOR: Counting<ThisThread> = Counting::new();
//!
//! let (bytes, cost) = ThisThread::measure(|| vec![0_u8; 100]);
//! assert_eq!((cost.allocations, cost.live), (1, bytes.len() as isize));
//! ```

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    marker::PhantomData,
    sync::atomic::{AtomicBool, AtomicIsize, AtomicUsize, Ordering::Relaxed},
};

/// What a piece of work asked of the heap.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// The number of allocations; to grow an allocation counts as one.
    pub allocations: usize,
    /// The bytes that the work left allocated.
    pub live: isize,
    /// The most bytes that were allocated at one time.
    pub peak: isize,
}

/// Counters of an allocator.
pub trait Counters {
    /// Counts allocations, and bytes that were allocated or, if negative, freed.
    fn count(allocations: usize, bytes: isize);

    /// Counts an allocation that changes its size.
    fn count_resize(old: usize, new: usize);
}

/// The system's allocator, with counters.
#[derive(Debug, Default)]
pub struct Counting<C>(PhantomData<C>);

impl<C> Counting<C> {
    /// Makes the allocator.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

// SAFETY: every call is passed on to the system's allocator, which keeps the contract.
unsafe impl<C: Counters> GlobalAlloc for Counting<C> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        C::count(1, layout.size() as isize);
        // SAFETY: the caller keeps the contract of this function, which is that of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        C::count(1, layout.size() as isize);
        // SAFETY: the caller keeps the contract of this function, which is that of the system's allocator.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, bytes: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        C::count_resize(layout.size(), size);
        // SAFETY: the caller keeps the contract of this function, and `bytes` comes from the system's allocator.
        unsafe { System.realloc(bytes, layout, size) }
    }

    unsafe fn dealloc(&self, bytes: *mut u8, layout: Layout) {
        C::count(0, -(layout.size() as isize));
        // SAFETY: the caller keeps the contract of this function, and `bytes` comes from the system's allocator.
        unsafe { System.dealloc(bytes, layout) }
    }
}

/// Counters of each thread, for tests that run beside others.
#[derive(Debug)]
pub struct ThisThread;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

impl Counters for ThisThread {
    fn count(allocations: usize, bytes: isize) {
        // A thread that ends may free memory after its counters are gone.
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + allocations));
        let _ = LIVE.try_with(|live| {
            live.set(live.get() + bytes);
            let _ = PEAK.try_with(|peak| peak.set(peak.get().max(live.get())));
        });
    }

    fn count_resize(old: usize, new: usize) {
        // Both exist while the contents are copied.
        Self::count(1, new as isize);
        Self::count(0, -(old as isize));
    }
}

impl ThisThread {
    /// Returns the bytes that this thread has allocated and not freed.
    #[must_use]
    pub fn live() -> isize {
        LIVE.get()
    }

    /// Does the work and counts what this thread allocates meanwhile.
    pub fn measure<R>(work: impl FnOnce() -> R) -> (R, Cost) {
        let (allocations, live) = (ALLOCATIONS.get(), LIVE.get());
        PEAK.set(live);
        let result = work();
        let cost =
            Cost { allocations: ALLOCATIONS.get() - allocations, live: LIVE.get() - live, peak: PEAK.get() - live };
        (result, cost)
    }
}

/// Counters of the whole process, for engines that use several threads. They count only during
/// [`measure`](Self::measure), so that they do not slow down what is timed.
#[derive(Debug)]
pub struct WholeProcess;

static COUNTS: AtomicBool = AtomicBool::new(false);
static PROCESS_ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
static PROCESS_LIVE: AtomicIsize = AtomicIsize::new(0);
static PROCESS_PEAK: AtomicIsize = AtomicIsize::new(0);

impl Counters for WholeProcess {
    fn count(allocations: usize, bytes: isize) {
        if COUNTS.load(Relaxed) {
            PROCESS_ALLOCATIONS.fetch_add(allocations, Relaxed);
            let live = PROCESS_LIVE.fetch_add(bytes, Relaxed) + bytes;
            PROCESS_PEAK.fetch_max(live, Relaxed);
        }
    }

    fn count_resize(old: usize, new: usize) {
        Self::count(1, new as isize - old as isize);
    }
}

impl WholeProcess {
    /// Does the work and counts what the process allocates meanwhile. Two calls at the same time disturb each other.
    pub fn measure<R>(work: impl FnOnce() -> R) -> (R, Cost) {
        PROCESS_ALLOCATIONS.store(0, Relaxed);
        PROCESS_LIVE.store(0, Relaxed);
        PROCESS_PEAK.store(0, Relaxed);
        COUNTS.store(true, Relaxed);
        let result = work();
        COUNTS.store(false, Relaxed);
        let cost = Cost {
            allocations: PROCESS_ALLOCATIONS.load(Relaxed),
            live: PROCESS_LIVE.load(Relaxed),
            peak: PROCESS_PEAK.load(Relaxed),
        };
        (result, cost)
    }
}
