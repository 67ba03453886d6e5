//! Memory instances (spec, Execution > Runtime Structure > Memory Instances).

#[cfg(feature = "threads")]
use alloc::sync::Arc;

#[cfg(feature = "threads")]
use crate::runtime::shared::SharedBytes;
use crate::{
    error::kinds::MemoryError,
    limits::ResourceLimiter,
    runtime::{
        growth::{self, allowed, to_bytes},
        meter::Meter,
        pages::Pages,
    },
    types::MemoryType,
};

/// A linear memory in a store.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct MemoryInst {
    /// The first byte.
    pub(crate) base: *mut u8,
    /// Number of bytes. A shared memory may have more meanwhile (`renew`).
    pub(crate) len: usize,
    /// Whether addresses have 64 bits.
    pub(crate) is_64: bool,
    ty: MemoryType,
    bytes: Bytes,
}

/// Where the bytes are.
#[derive(Debug)]
enum Bytes {
    Owned(Pages),
    /// A buffer of the embedder, of which the first `len` bytes are in use.
    Static(&'static mut [u8]),
    /// Other stores have them too.
    #[cfg(feature = "threads")]
    Shared(Arc<SharedBytes>),
}

impl MemoryInst {
    /// Allocates a memory of its minimum size, in `buffer` if there is one.
    ///
    /// # Errors
    ///
    /// If there is not enough memory, or the limiter does not allow it.
    pub(crate) fn new(
        ty: MemoryType,
        buffer: Option<&'static mut [u8]>,
        limiter: Option<&mut dyn ResourceLimiter>,
    ) -> Result<Self, MemoryError> {
        #[cfg(feature = "threads")]
        if ty.is_shared() {
            return SharedBytes::new(ty, buffer, limiter).map(Self::shared);
        }
        Self::with_bytes(ty, limiter, |size| {
            let Some(buffer) = buffer else {
                return Ok(Bytes::Owned(Pages::new(size)?));
            };
            if buffer.len() < size {
                return Err(MemoryError::InvalidStaticBufferSize);
            }
            buffer[..size].fill(0);
            Ok(Bytes::Static(buffer))
        })
    }

    /// Makes a memory of its minimum size in pages that `pages` allocates for a number of bytes.
    ///
    /// # Errors
    ///
    /// Those of `new`.
    pub(crate) fn in_pages(
        ty: MemoryType,
        limiter: Option<&mut dyn ResourceLimiter>,
        pages: impl FnOnce(usize) -> Result<Pages, MemoryError>,
    ) -> Result<Self, MemoryError> {
        #[cfg(feature = "threads")]
        if ty.is_shared() {
            return SharedBytes::new(ty, None, limiter).map(Self::shared);
        }
        Self::with_bytes(ty, limiter, |size| pages(size).map(Bytes::Owned))
    }

    /// Makes a memory in a store of bytes that other stores may have too.
    #[cfg(feature = "threads")]
    pub(crate) fn shared(bytes: Arc<SharedBytes>) -> Self {
        let ty = bytes.declared_type();
        Self { base: bytes.base(), len: bytes.len(), is_64: ty.is_64(), ty, bytes: Bytes::Shared(bytes) }
    }

    /// The bytes, if other stores may have them too.
    #[cfg(feature = "threads")]
    pub(crate) fn as_shared(&self) -> Option<&Arc<SharedBytes>> {
        match &self.bytes {
            Bytes::Shared(bytes) => Some(bytes),
            Bytes::Owned(_) | Bytes::Static(_) => None,
        }
    }

    /// Loads the length of a shared memory again. Returns whether it grew.
    #[cfg(feature = "threads")]
    pub(crate) fn renew(&mut self) -> bool {
        let before = self.len;
        self.len = self.current_len();
        self.len > before
    }

    /// Returns the number of bytes, also those by which another thread has just grown the memory.
    pub(crate) fn current_len(&self) -> usize {
        #[cfg(feature = "threads")]
        if let Some(bytes) = self.as_shared() {
            return bytes.len();
        }
        self.len
    }

    fn with_bytes(
        ty: MemoryType,
        mut limiter: Option<&mut dyn ResourceLimiter>,
        bytes: impl FnOnce(usize) -> Result<Bytes, MemoryError>,
    ) -> Result<Self, MemoryError> {
        let size = to_bytes(ty, ty.minimum()).ok_or(MemoryError::MinimumSizeOverflow)?;
        if !allowed(&mut limiter, 0, size, growth::maximum(ty))? {
            return Err(MemoryError::ResourceLimiterDeniedAllocation);
        }
        let bytes = bytes(size)?;
        let mut memory = Self { base: core::ptr::null_mut(), len: size, is_64: ty.is_64(), ty, bytes };
        memory.renew_base();
        Ok(memory)
    }

    fn renew_base(&mut self) {
        self.base = match &mut self.bytes {
            Bytes::Owned(bytes) => bytes.base(),
            Bytes::Static(bytes) => bytes.as_mut_ptr(),
            #[cfg(feature = "threads")]
            Bytes::Shared(bytes) => bytes.base(),
        };
    }

    /// The type that it was declared with.
    pub(crate) fn declared_type(&self) -> MemoryType {
        self.ty
    }

    /// The type, with the current size as its minimum.
    pub(crate) fn ty(&self) -> MemoryType {
        let mut builder = MemoryType::builder();
        let pages = self.current_len() as u64 >> self.ty.page_size_log2();
        builder.memory64(self.is_64).min(pages).max(self.ty.maximum()).page_size_log2(self.ty.page_size_log2());
        builder.shared(self.ty.is_shared());
        builder.build().unwrap_or(self.ty)
    }

    /// Number of pages, as this store knows it.
    pub(crate) fn pages(&self) -> u64 {
        self.len as u64 >> self.ty.page_size_log2()
    }

    /// The bytes; none of a shared memory.
    pub(crate) fn data(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Owned(pages) => pages.bytes(),
            Bytes::Static(bytes) => &bytes[..self.len],
            #[cfg(feature = "threads")]
            Bytes::Shared(_) => &[],
        }
    }

    /// Prepares bytes that are about to be written. Does not change them.
    pub(crate) fn make_ready(&mut self, range: core::ops::Range<usize>) {
        if let Bytes::Owned(pages) = &mut self.bytes {
            pages.make_ready(range);
        }
    }

    /// The bytes; none of a shared memory.
    pub(crate) fn data_mut(&mut self) -> &mut [u8] {
        match &mut self.bytes {
            Bytes::Owned(pages) => pages.bytes_mut(),
            Bytes::Static(bytes) => &mut bytes[..self.len],
            #[cfg(feature = "threads")]
            Bytes::Shared(_) => &mut [],
        }
    }

    /// Reads bytes. Returns whether the memory has them all.
    pub(crate) fn read(&self, offset: usize, buffer: &mut [u8]) -> bool {
        #[cfg(feature = "threads")]
        if let Some(bytes) = self.as_shared() {
            return bytes.read(offset, buffer);
        }
        let end = offset.checked_add(buffer.len());
        let Some(bytes) = end.and_then(|end| self.data().get(offset..end)) else { return false };
        buffer.copy_from_slice(bytes);
        true
    }

    /// Writes bytes. Returns whether the memory has them all; if not, none is written.
    pub(crate) fn write(&mut self, offset: usize, bytes: &[u8]) -> bool {
        #[cfg(feature = "threads")]
        if let Some(shared) = self.as_shared() {
            return shared.write(offset, bytes);
        }
        let end = offset.checked_add(bytes.len());
        let Some(place) = end.and_then(|end| self.data_mut().get_mut(offset..end)) else { return false };
        place.copy_from_slice(bytes);
        true
    }

    /// Grows by `delta` pages. Returns the former number of pages. If there is a meter, it pays for the new bytes as soon
    /// as the maximum and the limiter allow them.
    ///
    /// # Errors
    ///
    /// If the maximum, the limiter, the fuel or the system does not allow it. The memory is then unchanged.
    pub(crate) fn grow(
        &mut self,
        delta: u64,
        limiter: Option<&mut dyn ResourceLimiter>,
        meter: Option<Meter<'_>>,
    ) -> Result<u64, MemoryError> {
        #[cfg(feature = "threads")]
        if let Bytes::Shared(bytes) = &self.bytes {
            let before = bytes.grow(delta, limiter, meter)?;
            self.renew();
            return Ok(before);
        }
        growth::grow(self.ty, self.len, delta, limiter, meter, |size| self.resize(size))
    }

    fn resize(&mut self, size: usize) -> Result<(), MemoryError> {
        match &mut self.bytes {
            Bytes::Owned(pages) => pages.grow(size)?,
            Bytes::Static(bytes) => {
                let len = self.len;
                bytes.get_mut(len..size).ok_or(MemoryError::OutOfSystemMemory)?.fill(0);
            }
            #[cfg(feature = "threads")]
            Bytes::Shared(_) => return Err(MemoryError::OutOfBoundsGrowth),
        }
        self.len = size;
        self.renew_base();
        Ok(())
    }

    /// The pages with its bytes; `None` if they are in a buffer of the embedder, or other stores may have them too.
    pub(crate) fn into_pages(self) -> Option<Pages> {
        match self.bytes {
            Bytes::Owned(pages) => Some(pages),
            Bytes::Static(_) => None,
            #[cfg(feature = "threads")]
            Bytes::Shared(_) => None,
        }
    }
}
