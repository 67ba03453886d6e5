//! Bytes that begin as zero, at a cost that does not depend on their number where the system allows.
//!
//! Small ones come from the global allocator. On Linux large ones are mapped: the system hands
//! out their pages at the first touch, growing moves page tables instead of bytes, and all of
//! them can become zero again at once.

use alloc::vec::Vec;
use core::ops::Range;

use crate::error::kinds::MemoryError;

/// From this number of bytes on they are mapped: clearing fewer is cheaper than asking the system.
const MAPPED_FROM: Option<usize> = if cfg!(mapped_memory) { Some(256 << 10) } else { None };

/// Whether so many bytes are mapped.
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
    /// So many bytes, all zero.
    ///
    /// # Errors
    ///
    /// If they cannot be had.
    pub(crate) fn new(size: usize) -> Result<Self, MemoryError> {
        // There can be only so many mappings; the allocator may have an answer when there are.
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

    /// As `make_ready` for some of these bytes.
    pub(crate) fn make_ready(&mut self, range: Range<usize>) {
        match self {
            Self::Heap(bytes) => make_ready(bytes.get_mut(range).unwrap_or_default()),
            #[cfg(mapped_memory)]
            Self::Mapped(mapping) => {
                let all = mapping.bytes_mut().len();
                let Some(bytes) = mapping.bytes_mut().get_mut(range) else { return };
                let (base, len) = (bytes.as_mut_ptr(), bytes.len());
                // For all or none of the mapping: in parts it could not grow. What is not written now may take larger
                // pages than it needs, so it must not be most of it.
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
    /// If they cannot be had. Nothing has changed then.
    pub(crate) fn grow(&mut self, size: usize) -> Result<(), MemoryError> {
        let bytes = match self {
            Self::Heap(bytes) => bytes,
            #[cfg(mapped_memory)]
            Self::Mapped(mapping) => return mapping.resize(size),
        };
        let len = bytes.len();
        // The old bytes are moved, or the new ones cleared: whichever are fewer.
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

    /// The same as `Self::new(size)` out of bytes that were in use, if that is cheaper than to
    /// free them.
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

    /// Makes all bytes zero and gives their pages back, so that they may be kept for later use;
    /// `None` if they had better be freed.
    pub(crate) fn retire(self) -> Option<Self> {
        match self {
            Self::Heap(_) => None,
            #[cfg(mapped_memory)]
            Self::Mapped(mut mapping) => mapping.clear().then_some(Self::Mapped(mapping)),
        }
    }
}

/// From this number of bytes on it is worth a word to the system that they are about to be written.
#[cfg(mapped_memory)]
const READY_FROM: usize = 128 << 10;

/// From this number of bytes on large pages are worth it: many faults, and much of what freeing takes, become one.
#[cfg(mapped_memory)]
const LARGE_FROM: usize = 4 << 20;

/// Whether the system can be told what memory is about to be written.
pub(crate) const CAN_MAKE_READY: bool = cfg!(mapped_memory);

/// Has the system provide the pages of memory of the allocator that is about to be written, all at once: about half the
/// cost of a page fault for each, and less with large pages. Changes nothing else.
pub(crate) fn make_ready<T>(memory: &mut [T]) {
    prefer_large(memory);
    #[cfg(mapped_memory)]
    if size_of_val(memory) >= READY_FROM {
        mapping::make_ready(memory.as_mut_ptr().cast(), size_of_val(memory));
    }
}

/// Asks for large pages for memory of the allocator, most of which will be written. Changes nothing else.
pub(crate) fn prefer_large<T>(memory: &mut [T]) {
    #[cfg(mapped_memory)]
    if size_of_val(memory) >= LARGE_FROM {
        mapping::prefer_large(memory.as_mut_ptr().cast(), size_of_val(memory));
    }
    #[cfg(not(mapped_memory))]
    let _ = memory;
}

/// `size` zero bytes, left to the allocator to zero: it may know that they are.
fn zeroed(size: usize) -> Result<Vec<u8>, MemoryError> {
    if size == 0 {
        return Ok(Vec::new());
    }
    let layout = core::alloc::Layout::array::<u8>(size).map_err(|_| MemoryError::OutOfSystemMemory)?;
    // SAFETY: the layout is not empty; the memory comes from the global allocator with the layout
    // that a vector of this capacity has, and all of it is initialised.
    unsafe {
        let bytes = alloc::alloc::alloc_zeroed(layout);
        if bytes.is_null() {
            return Err(MemoryError::OutOfSystemMemory);
        }
        Ok(Vec::from_raw_parts(bytes, size, size))
    }
}

#[cfg(mapped_memory)]
mod mapping {
    //! Memory of the system.

    use core::ptr::{NonNull, null_mut};

    use rustix::mm::{Advice, MapFlags, MremapFlags, ProtFlags, madvise, mmap_anonymous, mremap, munmap};

    use crate::error::kinds::MemoryError;

    /// A private mapping of its own, readable and writable.
    #[derive(Debug)]
    pub(crate) struct Mapping {
        base: NonNull<u8>,
        len: usize,
    }

    // SAFETY: the mapping is owned, and reached only through references to its owner.
    unsafe impl Send for Mapping {}
    // SAFETY: as above.
    unsafe impl Sync for Mapping {}

    impl Mapping {
        /// A mapping of `len` zero bytes, which is not 0.
        pub(crate) fn new(len: usize) -> Result<Self, MemoryError> {
            // SAFETY: a new mapping touches no other.
            let base =
                unsafe { mmap_anonymous(null_mut(), len, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE) };
            let base = base.ok().and_then(|base| NonNull::new(base.cast()));
            Ok(Self { base: base.ok_or(MemoryError::OutOfSystemMemory)?, len })
        }

        pub(crate) fn base(&mut self) -> *mut u8 {
            self.base.as_ptr()
        }

        pub(crate) fn bytes(&self) -> &[u8] {
            // SAFETY: so many bytes are mapped, and initialised by the system.
            unsafe { core::slice::from_raw_parts(self.base.as_ptr(), self.len) }
        }

        pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
            // SAFETY: as above, and they are borrowed mutably.
            unsafe { core::slice::from_raw_parts_mut(self.base.as_ptr(), self.len) }
        }

        /// Grows with zero bytes, or shrinks; the mapping may move. `len` is not 0.
        pub(crate) fn resize(&mut self, len: usize) -> Result<(), MemoryError> {
            if len < self.len {
                // What is left of the last page (of 64 KiB at most) must be zero if the mapping
                // grows again.
                let page = len.next_multiple_of(64 << 10).min(self.len);
                self.bytes_mut()[len..page].fill(0);
            }
            // SAFETY: the whole mapping is its own; it is borrowed mutably, so that nothing
            // refers to its old place.
            let base = unsafe { mremap(self.base.as_ptr().cast(), self.len, len, MremapFlags::MAYMOVE) };
            let base = base.ok().and_then(|base| NonNull::new(base.cast()));
            self.base = base.ok_or(MemoryError::OutOfSystemMemory)?;
            self.len = len;
            Ok(())
        }

        /// Asks for large pages.
        pub(crate) fn prefer_large(&mut self) {
            // SAFETY: the size of pages changes none of their contents.
            let _ = unsafe { madvise(self.base.as_ptr().cast(), self.len, Advice::LinuxHugepage) };
        }

        /// Makes all bytes zero by giving their pages back; whether that succeeded.
        pub(crate) fn clear(&mut self) -> bool {
            // SAFETY: the pages are private and anonymous: they read as zero afterwards, and
            // nothing refers to them.
            unsafe { madvise(self.base.as_ptr().cast(), self.len, Advice::LinuxDontNeed).is_ok() }
        }
    }

    /// Asks for large pages where this memory has room for them.
    pub(super) fn prefer_large(base: *mut u8, len: usize) {
        // As large as most systems have them.
        const PAGE: usize = 2 << 20;
        let start = base.align_offset(PAGE);
        if let Some(len) = len.checked_sub(start) {
            // SAFETY: the size of pages changes none of their contents; the range lies within the memory.
            let _ = unsafe { madvise(base.wrapping_add(start).cast(), len & !(PAGE - 1), Advice::LinuxHugepage) };
        }
    }

    /// Has the system provide the pages of this memory. Whether it does makes
    /// no difference to what the program sees; older ones cannot.
    pub(super) fn make_ready(base: *mut u8, len: usize) {
        // No page is larger.
        const PAGE: usize = if cfg!(target_arch = "x86_64") { 4 << 10 } else { 64 << 10 };
        let start = base.align_offset(PAGE);
        if let Some(len) = len.checked_sub(start) {
            // SAFETY: faulting pages in changes none of their contents; the range lies within the memory.
            let _ = unsafe { madvise(base.wrapping_add(start).cast(), len & !(PAGE - 1), Advice::LinuxPopulateWrite) };
        }
    }

    impl Drop for Mapping {
        fn drop(&mut self) {
            // SAFETY: the mapping is its own and no longer in use.
            let _ = unsafe { munmap(self.base.as_ptr().cast(), self.len) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pages;

    /// All bytes that are not zero, with their places.
    fn set(pages: &Pages) -> alloc::vec::Vec<(usize, u8)> {
        // Whole chunks are compared first: byte by byte takes long without optimization.
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
        // Most of them made ready, or a part, at the beginning or the end.
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
