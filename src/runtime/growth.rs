//! What memories of both kinds ask before they are allocated or grow: whether the type, the limiter and the address space
//! allow the size.

use crate::{error::kinds::MemoryError, limits::ResourceLimiter, runtime::meter::Meter, types::MemoryType};

/// Returns a number of pages in bytes, if that many can be addressed.
pub(crate) fn to_bytes(ty: MemoryType, pages: u64) -> Option<usize> {
    let bytes = u128::from(pages) << ty.page_size_log2();
    usize::try_from(bytes).ok().filter(|&bytes| bytes <= isize::MAX.cast_unsigned())
}

/// Returns the greatest size in bytes, if the type has a maximum.
pub(crate) fn maximum(ty: MemoryType) -> Option<usize> {
    ty.maximum().map(|pages| to_bytes(ty, pages).unwrap_or(usize::MAX))
}

/// Whether the limiter allows the size `desired`; always if there is no limiter.
pub(crate) fn allowed(
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

/// Grows a memory of `len` bytes by `delta` pages, with `resize`, if that is allowed. Returns the former number of pages.
/// If there is a meter, it pays for the new bytes as soon as the maximum and the limiter allow them.
///
/// # Errors
///
/// If the maximum, the limiter or the fuel does not allow it; those of `resize`.
pub(crate) fn grow(
    ty: MemoryType,
    len: usize,
    delta: u64,
    mut limiter: Option<&mut dyn ResourceLimiter>,
    meter: Option<Meter<'_>>,
    resize: impl FnOnce(usize) -> Result<(), MemoryError>,
) -> Result<u64, MemoryError> {
    let before = len as u64 >> ty.page_size_log2();
    if delta == 0 {
        return Ok(before);
    }
    let most = ty.maximum().unwrap_or(u64::MAX).min(ty.page_limit());
    let pages = before.checked_add(delta);
    let size = pages.filter(|&pages| pages <= most).and_then(|pages| to_bytes(ty, pages));
    // The limiter is told the size asked for, even if the memory cannot have it.
    let desired = pages.and_then(|pages| to_bytes(ty, pages)).unwrap_or(usize::MAX);
    if !allowed(&mut limiter, len, desired, maximum(ty))? {
        return Err(MemoryError::OutOfBoundsGrowth);
    }
    let result = match size {
        None => Err(MemoryError::OutOfBoundsGrowth),
        Some(size) => match meter.map_or(Ok(()), |mut meter| meter.pay((size - len) as u64)) {
            Ok(()) => resize(size),
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
