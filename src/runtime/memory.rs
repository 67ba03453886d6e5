//! Memory instances (spec, Execution > Runtime Structure > Memory Instances).

use crate::{
    error::kinds::MemoryError,
    limits::ResourceLimiter,
    runtime::{meter::Meter, pages::Pages},
    types::MemoryType,
};

/// A linear memory in a store.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct MemoryInst {
    /// The first byte.
    pub(crate) base: *mut u8,
    /// Number of bytes.
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
}

/// Whether the limiter allows the size `desired`; always if there is no limiter.
fn allowed(
    limiter: &mut Option<&mut dyn ResourceLimiter>,
    current: usize,
    desired: usize,
    maximum: Option<usize>,
) -> Result<bool, MemoryError> {
    match limiter {
        Some(limiter) => Ok(limiter.memory_growing(current, desired, maximum)?),
        None => Ok(true),
    }
}

fn to_bytes(ty: MemoryType, pages: u64) -> Option<usize> {
    let bytes = u128::from(pages) << ty.page_size_log2();
    usize::try_from(bytes).ok().filter(|&bytes| bytes <= isize::MAX.cast_unsigned())
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
        Self::with_bytes(ty, limiter, |size| pages(size).map(Bytes::Owned))
    }

    fn with_bytes(
        ty: MemoryType,
        mut limiter: Option<&mut dyn ResourceLimiter>,
        bytes: impl FnOnce(usize) -> Result<Bytes, MemoryError>,
    ) -> Result<Self, MemoryError> {
        let size = to_bytes(ty, ty.minimum()).ok_or(MemoryError::MinimumSizeOverflow)?;
        let maximum = ty.maximum().map(|pages| to_bytes(ty, pages).unwrap_or(usize::MAX));
        if !allowed(&mut limiter, 0, size, maximum)? {
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
        };
    }

    /// The type that it was declared with.
    pub(crate) fn declared_type(&self) -> MemoryType {
        self.ty
    }

    /// The type, with the current size as its minimum.
    pub(crate) fn ty(&self) -> MemoryType {
        let mut builder = MemoryType::builder();
        builder.memory64(self.is_64).min(self.pages()).max(self.ty.maximum()).page_size_log2(self.ty.page_size_log2());
        builder.build().unwrap_or(self.ty)
    }

    /// Number of pages.
    pub(crate) fn pages(&self) -> u64 {
        self.len as u64 >> self.ty.page_size_log2()
    }

    /// The bytes.
    pub(crate) fn data(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Owned(pages) => pages.bytes(),
            Bytes::Static(bytes) => &bytes[..self.len],
        }
    }

    /// Prepares bytes that are about to be written. Does not change them.
    pub(crate) fn make_ready(&mut self, range: core::ops::Range<usize>) {
        if let Bytes::Owned(pages) = &mut self.bytes {
            pages.make_ready(range);
        }
    }

    /// The bytes.
    pub(crate) fn data_mut(&mut self) -> &mut [u8] {
        match &mut self.bytes {
            Bytes::Owned(pages) => pages.bytes_mut(),
            Bytes::Static(bytes) => &mut bytes[..self.len],
        }
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
        mut limiter: Option<&mut dyn ResourceLimiter>,
        meter: Option<Meter<'_>>,
    ) -> Result<u64, MemoryError> {
        let before = self.pages();
        if delta == 0 {
            return Ok(before);
        }
        let ty = self.ty;
        let most = ty.maximum().unwrap_or(u64::MAX).min(ty.page_limit());
        let pages = before.checked_add(delta);
        let size = pages.filter(|&pages| pages <= most).and_then(|pages| to_bytes(ty, pages));
        // The limiter is told the size asked for, even if the memory cannot have it.
        let desired = pages.and_then(|pages| to_bytes(ty, pages)).unwrap_or(usize::MAX);
        let maximum = ty.maximum().map(|pages| to_bytes(ty, pages).unwrap_or(usize::MAX));
        if !allowed(&mut limiter, self.len, desired, maximum)? {
            return Err(MemoryError::OutOfBoundsGrowth);
        }
        let result = match size {
            None => Err(MemoryError::OutOfBoundsGrowth),
            Some(size) => match meter.map_or(Ok(()), |mut meter| meter.pay((size - self.len) as u64)) {
                Ok(()) => self.resize(size),
                Err(required_fuel) => Err(MemoryError::OutOfFuel { required_fuel }),
            },
        };
        if let Err(error) = result {
            if let Some(limiter) = limiter {
                limiter.memory_grow_failed(&error)?;
            }
            return Err(error);
        }
        Ok(before)
    }

    fn resize(&mut self, size: usize) -> Result<(), MemoryError> {
        match &mut self.bytes {
            Bytes::Owned(pages) => pages.grow(size)?,
            Bytes::Static(bytes) => {
                let len = self.len;
                bytes.get_mut(len..size).ok_or(MemoryError::OutOfSystemMemory)?.fill(0);
            }
        }
        self.len = size;
        self.renew_base();
        Ok(())
    }

    /// The pages with its bytes; `None` if they are in a buffer of the embedder.
    pub(crate) fn into_pages(self) -> Option<Pages> {
        match self.bytes {
            Bytes::Owned(pages) => Some(pages),
            Bytes::Static(_) => None,
        }
    }
}
