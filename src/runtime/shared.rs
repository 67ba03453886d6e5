//! Shared memories (threads proposal): bytes that several stores have, and several threads access at once.
//!
//! The bytes never move. The system reserves the maximum where it can; elsewhere all of it is allocated, or as much as the
//! memory has at first if there is not enough. So growing only makes more of the bytes accessible, and a thread that
//! does not know of it yet is not in danger. `len` is atomic; each store has a copy of it, which may be old.

use alloc::sync::Arc;
use core::{
    cell::UnsafeCell,
    ptr::NonNull,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::{
    error::kinds::MemoryError,
    limits::ResourceLimiter,
    runtime::{growth, meter::Meter, pages::Reservation, racy},
    types::MemoryType,
};
#[cfg(feature = "std")]
use crate::{runtime::atomic::Atomic, trap::TrapCode};

/// The alignment of the first byte: that of the widest atomic access, at least.
const ALIGN: usize = 16;

/// The bytes of a shared memory.
#[derive(Debug)]
pub(crate) struct SharedBytes {
    base: NonNull<u8>,
    /// Number of bytes that the memory has
    len: AtomicUsize,
    ty: MemoryType,
    /// Locked to grow.
    storage: spin::Mutex<Storage>,
}

// SAFETY: I13: the bytes are accessed only as `racy.rs` and `atomic.rs` do, from any thread.
unsafe impl Send for SharedBytes {}
// SAFETY: I13: the bytes are accessed only as `racy.rs` and `atomic.rs` do, from any thread.
unsafe impl Sync for SharedBytes {}

/// Where the bytes are.
#[derive(Debug)]
enum Storage {
    Reserved(Reservation),
    /// In a buffer of the embedder, of which this number of bytes follows the base. Never read: it is the owner.
    Static(usize),
}

impl SharedBytes {
    /// Allocates a memory of its minimum size, in `buffer` if there is one. `ty` is the type of a shared memory.
    ///
    /// # Errors
    ///
    /// If there is not enough memory, or the limiter does not allow it.
    pub(crate) fn new(
        ty: MemoryType,
        buffer: Option<&'static mut [u8]>,
        mut limiter: Option<&mut dyn ResourceLimiter>,
    ) -> Result<Arc<Self>, MemoryError> {
        let size = growth::to_bytes(ty, ty.minimum()).ok_or(MemoryError::MinimumSizeOverflow)?;
        let maximum = growth::maximum(ty).ok_or(MemoryError::InvalidMemoryType)?;
        if !growth::allowed(&mut limiter, 0, size, Some(maximum))? {
            return Err(MemoryError::ResourceLimiterDeniedAllocation);
        }
        let (base, storage) = match buffer {
            None => {
                let mut reserved = Reservation::new(size, maximum, ALIGN)?;
                reserved.provide(size)?;
                (reserved.base(), Storage::Reserved(reserved))
            }
            Some(buffer) => {
                let skipped = buffer.as_ptr().align_offset(ALIGN).min(buffer.len());
                let buffer = &mut buffer[skipped..];
                buffer.get_mut(..size).ok_or(MemoryError::InvalidStaticBufferSize)?.fill(0);
                let capacity = buffer.len();
                (NonNull::from(buffer).cast(), Storage::Static(capacity))
            }
        };
        Ok(Arc::new(Self { base, len: AtomicUsize::new(size), ty, storage: spin::Mutex::new(storage) }))
    }

    /// The type that it was declared with.
    pub(crate) fn declared_type(&self) -> MemoryType {
        self.ty
    }

    /// The first byte.
    pub(crate) fn base(&self) -> *mut u8 {
        self.base.as_ptr()
    }

    /// The number of bytes. It may have grown since.
    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::SeqCst)
    }

    /// Grows by `delta` pages. Returns the former number of pages.
    ///
    /// # Errors
    ///
    /// If the maximum, the limiter or the system does not allow it. The memory is then unchanged.
    pub(crate) fn grow(
        &self,
        delta: u64,
        mut limiter: Option<&mut dyn ResourceLimiter>,
        mut meter: Option<Meter<'_>>,
    ) -> Result<u64, MemoryError> {
        loop {
            // The limiter is the embedder's, so it is asked without the lock.
            let len = self.len();
            let mut is_late = false;
            let limiter: Option<&mut dyn ResourceLimiter> = match &mut limiter {
                Some(limiter) => Some(&mut **limiter),
                None => None,
            };
            // A growth that comes late is paid for already.
            let result = growth::grow(self.ty, len, delta, limiter, meter.take(), |size| {
                is_late = !self.resize(len, size)?;
                Ok(())
            });
            if !is_late {
                return result;
            }
        }
    }

    /// Grows from `before` to `size` bytes. Returns false if another thread grew it meanwhile.
    fn resize(&self, before: usize, size: usize) -> Result<bool, MemoryError> {
        let mut storage = self.storage.lock();
        if self.len() != before {
            return Ok(false);
        }
        match &mut *storage {
            Storage::Reserved(reserved) => reserved.provide(size)?,
            Storage::Static(capacity) if size <= *capacity => {
                // SAFETY: I13: the buffer has these bytes, which no thread accesses before the memory has them.
                unsafe { racy::fill(self.base().add(before), 0, size - before) };
            }
            Storage::Static(_) => return Err(MemoryError::OutOfSystemMemory),
        }
        self.len.store(size, Ordering::SeqCst);
        Ok(true)
    }

    /// The bytes.
    pub(crate) fn cells(&self) -> &[UnsafeCell<u8>] {
        // SAFETY: I13: these bytes are accessible while `self` is borrowed, and the type allows anyone to change them.
        unsafe { core::slice::from_raw_parts(self.base().cast(), self.len()) }
    }

    /// Returns the place of an atomic access.
    ///
    /// # Errors
    ///
    /// If the address is not aligned, or out of bounds.
    #[cfg(feature = "std")]
    pub(crate) fn atomic_place<T: Atomic>(&self, addr: u64) -> Result<*mut T, TrapCode> {
        if !addr.is_multiple_of(size_of::<T>() as u64) {
            return Err(TrapCode::HeapMisaligned);
        }
        let place = usize::try_from(addr).ok().and_then(|addr| self.place(addr, size_of::<T>()));
        place.map(<*mut u8>::cast).ok_or(TrapCode::MemoryOutOfBounds)
    }

    /// Loads a value atomically, if the address is aligned and in bounds.
    #[cfg(feature = "std")]
    pub(crate) fn atomic_load<T: Atomic>(&self, addr: u64) -> Option<T> {
        // SAFETY: I13: the place lies in this memory.
        self.atomic_place(addr).ok().map(|place| unsafe { T::load(place) })
    }

    /// Returns the place of `count` bytes from `offset` on, if the memory has them.
    pub(crate) fn place(&self, offset: usize, count: usize) -> Option<*mut u8> {
        let end = offset.checked_add(count)?;
        (end <= self.len()).then(|| self.base().wrapping_add(offset))
    }

    /// Reads bytes, each of them as it is at some moment. Returns whether the memory has them all.
    pub(crate) fn read(&self, offset: usize, buffer: &mut [u8]) -> bool {
        let Some(place) = self.place(offset, buffer.len()) else { return false };
        // SAFETY: I13: the bytes lie in this memory, as was just checked, and `buffer` does not.
        unsafe { racy::read_to(place, buffer.as_mut_ptr(), buffer.len()) };
        true
    }

    /// Writes bytes. Returns whether the memory has them all; if not, none is written.
    pub(crate) fn write(&self, offset: usize, bytes: &[u8]) -> bool {
        let Some(place) = self.place(offset, bytes.len()) else { return false };
        // SAFETY: I13: the bytes lie in this memory, as was just checked, and `bytes` does not.
        unsafe { racy::write_from(place, bytes.as_ptr(), bytes.len()) };
        true
    }
}
