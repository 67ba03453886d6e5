//! Bytes that begin as zero. Where the system allows it, their number does not matter to the cost.
//!
//! Small blocks come from the global allocator. On Linux, large ones are mapped: the system provides a page when it is
//! first touched, growing moves page tables instead of bytes, and one call clears all of a block.

use alloc::vec::Vec;
use core::ops::Range;

use crate::error::kinds::MemoryError;

/// Blocks of at least this many bytes are mapped. Clearing a smaller one is cheaper than a call of the system.
const MAPPED_FROM: Option<usize> = if cfg!(mapped_memory) { Some(256 << 10) } else { None };

/// Whether a block of `size` bytes is mapped.
fn mapped(size: usize) -> bool {
    MAPPED_FROM.is_some_and(|from| size >= from)
}

/// Bytes that begin as zero.
#[derive(Debug)]
pub(crate) enum Pages {
    /// From the global allocator
    Heap(Vec<u8>),
    /// From the system
    #[cfg(mapped_memory)]
    Mapped(mapping::Mapping),
}

impl Pages {
    /// Allocates `size` bytes, all zero.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    pub(crate) fn new(size: usize) -> Result<Self, MemoryError> {
        // The system limits the number of mappings; beyond it, the allocator may still have memory.
        #[cfg(mapped_memory)]
        if mapped(size)
            && let Ok(mapping) = mapping::Mapping::new(size)
        {
            return Ok(Self::Mapped(mapping));
        }
        zeroed(size).map(Self::Heap)
    }

    /// The first byte.
    pub(crate) fn base(&mut self) -> *mut u8 {
        match self {
            Self::Heap(bytes) => bytes.as_mut_ptr(),
            #[cfg(mapped_memory)]
            Self::Mapped(mapping) => mapping.base(),
        }
    }

    /// The bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Heap(bytes) => bytes,
            #[cfg(mapped_memory)]
            Self::Mapped(mapping) => mapping.bytes(),
        }
    }

    /// The bytes.
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        match self {
            Self::Heap(bytes) => bytes,
            #[cfg(mapped_memory)]
            Self::Mapped(mapping) => mapping.bytes_mut(),
        }
    }

    /// Does what [`make_ready`] does, for a range of these bytes.
    pub(crate) fn make_ready(&mut self, range: Range<usize>) {
        match self {
            Self::Heap(bytes) => make_ready(bytes.get_mut(range).unwrap_or_default()),
            #[cfg(mapped_memory)]
            Self::Mapped(mapping) => {
                let all = mapping.bytes_mut().len();
                let Some(bytes) = mapping.bytes_mut().get_mut(range) else { return };
                let (base, len) = (bytes.as_mut_ptr(), bytes.len());
                // Large pages are chosen for the whole mapping, since one with parts could not grow. The bytes outside
                // of the range may then take more memory than they need, so they must not be most of it.
                if len >= LARGE_FROM && len >= all / 2 {
                    mapping.prefer_large();
                }
                if len >= READY_FROM {
                    mapping::make_ready(base, len);
                }
            }
        }
    }

    /// Grows to `size` bytes; the new ones are zero.
    ///
    /// # Errors
    ///
    /// If there is not enough memory. The bytes are unchanged then.
    pub(crate) fn grow(&mut self, size: usize) -> Result<(), MemoryError> {
        let bytes = match self {
            Self::Heap(bytes) => bytes,
            #[cfg(mapped_memory)]
            Self::Mapped(mapping) => return mapping.resize(size),
        };
        let len = bytes.len();
        // Either the old bytes are moved or the new ones are cleared: whichever are fewer.
        if size - len > len || mapped(size) {
            let mut larger = Self::new(size)?;
            larger.bytes_mut()[..len].copy_from_slice(bytes);
            *self = larger;
        } else {
            bytes.try_reserve_exact(size - len).map_err(|_| MemoryError::OutOfSystemMemory)?;
            bytes.resize(size, 0);
        }
        Ok(())
    }

    /// Turns bytes that are zero into `size` bytes that are zero, if that is cheaper than to allocate new ones.
    #[cfg_attr(not(mapped_memory), expect(unused_variables, reason = "only mappings are used again"))]
    pub(crate) fn again(self, size: usize) -> Option<Self> {
        match self {
            Self::Heap(_) => None,
            #[cfg(mapped_memory)]
            Self::Mapped(mut mapping) => {
                if !mapped(size) || mapping.resize(size).is_err() {
                    return None;
                }
                Some(Self::Mapped(mapping))
            }
        }
    }

    /// Clears all bytes and returns their pages to the system, so that the block can be kept for later.
    ///
    /// Returns `None` if freeing the block is better.
    pub(crate) fn retire(self) -> Option<Self> {
        match self {
            Self::Heap(_) => None,
            #[cfg(mapped_memory)]
            Self::Mapped(mut mapping) => mapping.clear().then_some(Self::Mapped(mapping)),
        }
    }
}

/// Bytes at one address for the whole of their life, of which the first ones can be accessed. They begin as zero.
#[cfg(feature = "threads")]
#[derive(Debug)]
pub(crate) struct Reservation {
    base: core::ptr::NonNull<u8>,
    layout: core::alloc::Layout,
}

// SAFETY: I10: this is the owner, and the bytes may be accessed from any thread.
#[cfg(feature = "threads")]
unsafe impl Send for Reservation {}

#[cfg(feature = "threads")]
impl Reservation {
    /// Reserves `most` bytes. If the system cannot reserve addresses alone, this allocates them; if there are not so many,
    /// `size` bytes.
    ///
    /// # Errors
    ///
    /// If there are not even those.
    pub(crate) fn new(size: usize, most: usize, align: usize) -> Result<Self, MemoryError> {
        Self::of_size(most, align).or_else(|error| if size < most { Self::of_size(size, align) } else { Err(error) })
    }

    fn of_size(size: usize, align: usize) -> Result<Self, MemoryError> {
        let layout = core::alloc::Layout::from_size_align(size, align).map_err(|_| MemoryError::OutOfSystemMemory)?;
        let base = if size == 0 {
            Some(layout.dangling_ptr())
        } else {
            #[cfg(mapped_memory)]
            let base = mapping::reserve(size);
            #[cfg(not(mapped_memory))]
            // SAFETY: I10: `self` becomes the owner of the memory. The layout is not empty.
            let base = core::ptr::NonNull::new(unsafe { alloc::alloc::alloc_zeroed(layout) });
            base
        };
        Ok(Self { base: base.ok_or(MemoryError::OutOfSystemMemory)?, layout })
    }

    /// The first byte.
    pub(crate) fn base(&self) -> core::ptr::NonNull<u8> {
        self.base
    }

    /// Makes the first `size` bytes accessible. Those that are accessible do not change.
    ///
    /// # Errors
    ///
    /// If fewer are reserved, or the system has not enough memory.
    pub(crate) fn provide(&mut self, size: usize) -> Result<(), MemoryError> {
        if size > self.layout.size() {
            return Err(MemoryError::OutOfSystemMemory);
        }
        #[cfg(mapped_memory)]
        if size > 0 {
            return mapping::provide(self.base, size);
        }
        Ok(())
    }
}

#[cfg(feature = "threads")]
impl Drop for Reservation {
    fn drop(&mut self) {
        if self.layout.size() == 0 {
            return;
        }
        #[cfg(mapped_memory)]
        mapping::free(self.base, self.layout.size());
        #[cfg(not(mapped_memory))]
        // SAFETY: I10: the owner frees the memory, which comes from the allocator with this layout.
        unsafe {
            alloc::alloc::dealloc(self.base.as_ptr(), self.layout);
        }
    }
}

/// From this number of bytes on, it pays to tell the system that they are about to be written.
#[cfg(mapped_memory)]
const READY_FROM: usize = 128 << 10;

/// From this number of bytes on, large pages pay: one of them replaces hundreds of page faults, and much of the work of
/// freeing.
#[cfg(mapped_memory)]
const LARGE_FROM: usize = 4 << 20;

/// Whether the system can be told what memory is about to be written.
pub(crate) const CAN_MAKE_READY: bool = cfg!(mapped_memory);

/// Tells the system to provide all pages of a part of the allocator's memory that is about to be written.
///
/// This takes about half the time of a fault for each page, and less with large pages. The contents do not change.
pub(crate) fn make_ready<T>(memory: &mut [T]) {
    prefer_large(memory);
    #[cfg(mapped_memory)]
    if size_of_val(memory) >= READY_FROM {
        mapping::make_ready(memory.as_mut_ptr().cast(), size_of_val(memory));
    }
}

/// Asks the system for large pages for a part of the allocator's memory, most of which will be written.
pub(crate) fn prefer_large<T>(memory: &mut [T]) {
    #[cfg(mapped_memory)]
    if size_of_val(memory) >= LARGE_FROM {
        mapping::prefer_large(memory.as_mut_ptr().cast(), size_of_val(memory));
    }
    #[cfg(not(mapped_memory))]
    let _ = memory;
}

/// Allocates `size` zero bytes. The allocator clears them, as it may know that they are zero already.
fn zeroed(size: usize) -> Result<Vec<u8>, MemoryError> {
    zeros(size).ok_or(MemoryError::OutOfSystemMemory)
}

/// A number whose bits may all be zero.
pub(crate) trait Zero: Copy {}
impl Zero for u8 {}
impl Zero for u64 {}

/// Allocates `count` zeros. The allocator clears them, as it may know that they are zero already. None if there is not
/// enough memory.
pub(crate) fn zeros<T: Zero>(count: usize) -> Option<Vec<T>> {
    if count == 0 {
        return Some(Vec::new());
    }
    let layout = core::alloc::Layout::array::<T>(count).ok()?;
    // SAFETY: I10: the vector becomes the owner of the memory, which comes from the global allocator with the layout of
    // a vector of this capacity. The layout is not empty, and all of the memory is initialised: zero is a value of `T`.
    unsafe {
        let items = alloc::alloc::alloc_zeroed(layout).cast::<T>();
        (!items.is_null()).then(|| Vec::from_raw_parts(items, count, count))
    }
}

#[cfg(mapped_memory)]
mod mapping {
    //! Memory that the system maps.

    use core::ptr::{NonNull, null_mut};

    use rustix::mm::{Advice, MapFlags, MremapFlags, ProtFlags, madvise, mmap_anonymous, mremap, munmap};

    use crate::error::kinds::MemoryError;

    /// A private anonymous mapping, readable and writable.
    #[derive(Debug)]
    pub(crate) struct Mapping {
        base: NonNull<u8>,
        len: usize,
    }

    // SAFETY: I10: the bytes are reached only through references to their owner.
    unsafe impl Send for Mapping {}
    // SAFETY: I10: the bytes are reached only through references to their owner; shared ones allow only reading.
    unsafe impl Sync for Mapping {}

    impl Mapping {
        /// Maps `len` zero bytes; `len` is not 0.
        pub(crate) fn new(len: usize) -> Result<Self, MemoryError> {
            // Without a reservation: a memory may have more bytes than the system, as long as nobody touches them.
            let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
            // SAFETY: I10: a new mapping at an address that the system chooses overlaps no other.
            let base = unsafe { mmap_anonymous(null_mut(), len, ProtFlags::READ | ProtFlags::WRITE, flags) };
            let base = base.ok().and_then(|base| NonNull::new(base.cast()));
            Ok(Self { base: base.ok_or(MemoryError::OutOfSystemMemory)?, len })
        }

        pub(crate) fn base(&mut self) -> *mut u8 {
            self.base.as_ptr()
        }

        pub(crate) fn bytes(&self) -> &[u8] {
            // SAFETY: I10: `len` bytes are mapped, and the system has initialised them.
            unsafe { core::slice::from_raw_parts(self.base.as_ptr(), self.len) }
        }

        pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
            // SAFETY: I10: `len` bytes are mapped and initialised, and their owner is borrowed mutably.
            unsafe { core::slice::from_raw_parts_mut(self.base.as_ptr(), self.len) }
        }

        /// Grows with zero bytes, or shrinks; the mapping may move. `len` is not 0.
        pub(crate) fn resize(&mut self, len: usize) -> Result<(), MemoryError> {
            if len < self.len {
                // The rest of the last page (64 KiB at most) must be zero if the mapping grows again.
                let page = len.next_multiple_of(64 << 10).min(self.len);
                self.bytes_mut()[len..page].fill(0);
            }
            // SAFETY: I10: the range is the whole mapping, whose owner is borrowed mutably. I7: code loads the new
            // address before it uses the memory again.
            let base = unsafe { mremap(self.base.as_ptr().cast(), self.len, len, MremapFlags::MAYMOVE) };
            let base = base.ok().and_then(|base| NonNull::new(base.cast()));
            self.base = base.ok_or(MemoryError::OutOfSystemMemory)?;
            self.len = len;
            Ok(())
        }

        /// Asks for large pages.
        pub(crate) fn prefer_large(&mut self) {
            // SAFETY: I10: the range is the mapping, and the size of its pages does not change their contents.
            let _ = unsafe { madvise(self.base.as_ptr().cast(), self.len, Advice::LinuxHugepage) };
        }

        /// Clears all bytes by returning their pages to the system. Returns whether that succeeded.
        pub(crate) fn clear(&mut self) -> bool {
            // SAFETY: I10: the owner is borrowed mutably, so nothing refers to the bytes. The pages are private and
            // anonymous, so they read as zero afterwards.
            unsafe { madvise(self.base.as_ptr().cast(), self.len, Advice::LinuxDontNeed).is_ok() }
        }
    }

    /// Asks for large pages for those parts of this memory that are aligned and long enough.
    pub(super) fn prefer_large(base: *mut u8, len: usize) {
        // The size of large pages on most systems.
        const PAGE: usize = 2 << 20;
        let start = base.align_offset(PAGE);
        if let Some(len) = len.checked_sub(start) {
            // SAFETY: I10: the caller owns the memory, the range is within it, and the size of its pages does not
            // change their contents.
            let _ = unsafe { madvise(base.wrapping_add(start).cast(), len & !(PAGE - 1), Advice::LinuxHugepage) };
        }
    }

    /// Tells the system to provide the pages of this memory. Older systems cannot, which the program does not notice.
    pub(super) fn make_ready(base: *mut u8, len: usize) {
        // The largest size of ordinary pages.
        const PAGE: usize = if cfg!(target_arch = "x86_64") { 4 << 10 } else { 64 << 10 };
        let start = base.align_offset(PAGE);
        if let Some(len) = len.checked_sub(start) {
            // SAFETY: I10: the caller owns the memory, the range is within it, and providing pages does not change
            // their contents.
            let _ = unsafe { madvise(base.wrapping_add(start).cast(), len & !(PAGE - 1), Advice::LinuxPopulateWrite) };
        }
    }

    /// Reserves the addresses of `len` bytes; `len` is not 0.
    #[cfg(feature = "threads")]
    pub(super) fn reserve(len: usize) -> Option<NonNull<u8>> {
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: I10: a new mapping at an address that the system chooses overlaps no other.
        let base = unsafe { mmap_anonymous(null_mut(), len, ProtFlags::empty(), flags) };
        NonNull::new(base.ok()?.cast())
    }

    /// Makes the first `len` bytes of a reservation accessible.
    #[cfg(feature = "threads")]
    pub(super) fn provide(base: NonNull<u8>, len: usize) -> Result<(), MemoryError> {
        let access = rustix::mm::MprotectFlags::READ | rustix::mm::MprotectFlags::WRITE;
        // SAFETY: I10: the caller owns the reservation. Bytes that were accessible stay so.
        let result = unsafe { rustix::mm::mprotect(base.as_ptr().cast(), len, access) };
        result.map_err(|_| MemoryError::OutOfSystemMemory)
    }

    /// Frees a reservation.
    #[cfg(feature = "threads")]
    pub(super) fn free(base: NonNull<u8>, len: usize) {
        // SAFETY: I10: the owner frees the reservation, and nothing refers to it any more.
        let _ = unsafe { munmap(base.as_ptr().cast(), len) };
    }

    impl Drop for Mapping {
        fn drop(&mut self) {
            // SAFETY: I10: the owner frees the mapping, and nothing refers to it any more.
            let _ = unsafe { munmap(self.base.as_ptr().cast(), self.len) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pages;

    /// All bytes that are not zero, with their offsets.
    fn set(pages: &Pages) -> alloc::vec::Vec<(usize, u8)> {
        // Whole chunks are compared first, since byte by byte is slow without optimization.
        const ZEROS: [u8; 4096] = [0; 4096];
        let chunks = pages.bytes().chunks(ZEROS.len()).enumerate();
        chunks
            .filter(|(_, chunk)| **chunk != ZEROS[..chunk.len()])
            .flat_map(|(i, chunk)| (i * ZEROS.len()..).zip(chunk.iter().copied()))
            .filter(|&(_, byte)| byte != 0)
            .collect()
    }

    #[test]
    fn growing_keeps_bytes_and_adds_zeros() {
        let mut pages = Pages::new(1000).unwrap();
        pages.bytes_mut()[999] = 7;
        for size in [1001, 4096, 70_000, 262_143, 262_144, 262_145, 1 << 20, (5 << 20) + 3] {
            pages.grow(size).unwrap();
            assert_eq!(pages.bytes().len(), size);
            assert_eq!(set(&pages), [(999, 7)]);
        }
    }

    #[test]
    fn made_ready_they_are_what_they_were() {
        for size in [0, 70_000, 1 << 20, (3 << 20) + 5] {
            let mut pages = Pages::new(size).unwrap();
            let place = size / 3;
            pages.bytes_mut().iter_mut().skip(place).take(1).for_each(|byte| *byte = 7);
            super::make_ready(pages.bytes_mut());
            super::make_ready(&mut pages.bytes_mut()[place..]);
            assert_eq!(set(&pages), if size == 0 { alloc::vec![] } else { alloc::vec![(place, 7)] });
        }
    }

    #[test]
    fn with_large_pages_they_grow_and_are_used_again() {
        // Ranges that are most of the bytes or a part of them, at the beginning or at the end.
        for range in [0..9 << 20, 0..5 << 20, 1000..(6 << 20) + 77, (5 << 20) + 1..10 << 20, 3..1 << 20, 0..11 << 20] {
            let mut pages = Pages::new(10 << 20).unwrap();
            pages.bytes_mut()[(10 << 20) - 1] = 5;
            pages.make_ready(range);
            pages.bytes_mut()[7] = 9;
            for size in [(10 << 20) + 5, 30 << 20] {
                pages.grow(size).unwrap();
                assert_eq!(set(&pages), [(7, 9), ((10 << 20) - 1, 5)]);
            }
            let Some(pages) = pages.retire() else { continue };
            let pages = pages.again(20 << 20).unwrap();
            assert_eq!(set(&pages), []);
        }
    }

    #[test]
    fn used_again_they_are_zero() {
        let mut pages = Pages::new((1 << 20) + 5).unwrap();
        pages.bytes_mut().fill(3);
        let Some(pages) = pages.retire() else { return };
        let mut pages = pages.again((2 << 20) + 1).unwrap();
        assert_eq!((pages.bytes().len(), set(&pages)), ((2 << 20) + 1, alloc::vec![]));
        pages.bytes_mut().fill(4);
        let mut pages = pages.retire().unwrap().again(300_000).unwrap();
        assert_eq!((pages.bytes().len(), set(&pages)), (300_000, alloc::vec![]));
        pages.bytes_mut().fill(5);
        let mut pages = pages.again(290_000).unwrap();
        pages.bytes_mut().fill(0);
        pages.grow(600_000).unwrap();
        assert_eq!(set(&pages), []);
        assert!(pages.again(10).is_none());
    }
}
