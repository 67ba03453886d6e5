//! Table instances (spec, Execution > Runtime Structure > Table Instances).

use alloc::vec::Vec;

use crate::{
    error::kinds::TableError,
    limits::ResourceLimiter,
    runtime::{meter::Meter, pages::zeros},
    types::TableType,
};

/// The greatest number of elements. Other engines have the same limit.
const MAX_ELEMENTS: u64 = 10_000_000;

/// From this number of new null elements on, a table that grows is allocated anew.
const MANY_ELEMENTS: usize = 32 << 10;

/// A table in a store.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct TableInst {
    /// The first element.
    pub(crate) elems: *mut u64,
    /// Number of elements.
    pub(crate) len: usize,
    /// Whether indices have 64 bits.
    pub(crate) is_64: bool,
    ty: TableType,
    cells: Vec<u64>,
}

impl TableInst {
    /// Allocates a table of its minimum size. All elements are `init`.
    ///
    /// # Errors
    ///
    /// If the table is too large, there is not enough memory, or the limiter does not allow it.
    pub(crate) fn new(ty: TableType, init: u64, limiter: Option<&mut dyn ResourceLimiter>) -> Result<Self, TableError> {
        let maximum = ty.maximum().map(|max| usize::try_from(max).unwrap_or(usize::MAX));
        let size = usize::try_from(ty.minimum()).map_err(|_| TableError::MinimumSizeOverflow)?;
        if let Some(limiter) = limiter
            && !limiter.table_growing(0, size, maximum)?
        {
            return Err(TableError::ResourceLimiterDeniedAllocation);
        }
        if ty.minimum() > MAX_ELEMENTS {
            return Err(TableError::TooManyElements);
        }
        let mut cells;
        if init == 0 {
            cells = zeros(size).ok_or(TableError::OutOfSystemMemory)?;
        } else {
            cells = Vec::new();
            cells.try_reserve_exact(size).map_err(|_| TableError::OutOfSystemMemory)?;
            cells.resize(size, init);
        }
        Ok(Self { elems: cells.as_mut_ptr(), len: size, is_64: ty.is_64(), ty, cells })
    }

    /// The type that it was declared with.
    pub(crate) fn declared_type(&self) -> TableType {
        self.ty
    }

    /// The type, with the current size as its minimum.
    pub(crate) fn ty(&self) -> TableType {
        let (element, maximum) = (self.ty.element(), self.ty.maximum());
        let table = TableType::new64(element, self.len as u64, maximum);
        if self.is_64 {
            table
        } else {
            TableType::new(
                element,
                u32::try_from(self.len).unwrap_or(u32::MAX),
                maximum.map(|max| u32::try_from(max).unwrap_or(u32::MAX)),
            )
        }
    }

    /// The elements.
    pub(crate) fn cells(&self) -> &[u64] {
        &self.cells
    }

    /// The elements.
    pub(crate) fn cells_mut(&mut self) -> &mut [u64] {
        &mut self.cells
    }

    /// Grows by `delta` elements of value `init`. Returns the former number of elements. If there is a meter, it pays for
    /// the new elements as soon as the maximum and the limiter allow them.
    ///
    /// # Errors
    ///
    /// If the maximum, the limiter, the fuel or the system does not allow it. The table is then unchanged.
    pub(crate) fn grow(
        &mut self,
        delta: u64,
        init: u64,
        mut limiter: Option<&mut dyn ResourceLimiter>,
        meter: Option<Meter<'_>>,
    ) -> Result<u64, TableError> {
        let before = self.len as u64;
        if delta == 0 {
            return Ok(before);
        }
        let maximum = self.ty.maximum().unwrap_or(u64::MAX).min(MAX_ELEMENTS);
        let desired = before.checked_add(delta).filter(|&size| size <= maximum);
        if let Some(limiter) = &mut limiter {
            let maximum = self.ty.maximum().map(|max| usize::try_from(max).unwrap_or(usize::MAX));
            let desired = before.saturating_add(delta);
            let desired = usize::try_from(desired).unwrap_or(usize::MAX);
            if !limiter.table_growing(self.len, desired, maximum)? {
                return Err(TableError::GrowOutOfBounds);
            }
        }
        let result = match desired {
            None => Err(TableError::GrowOutOfBounds),
            Some(size) => match meter.map_or(Ok(()), |mut meter| meter.pay_elements(delta)) {
                Ok(()) => self.resize(size as usize, init),
                Err(required_fuel) => Err(TableError::OutOfFuel { required_fuel }),
            },
        };
        if let Err(error) = result {
            if let Some(limiter) = limiter {
                limiter.table_grow_failed(&error)?;
            }
            return Err(error);
        }
        self.elems = self.cells.as_mut_ptr();
        self.len = self.cells.len();
        Ok(before)
    }

    /// Grows to `size` elements; the new ones are `init`.
    fn resize(&mut self, size: usize, init: u64) -> Result<(), TableError> {
        if init == 0 && size - self.len >= MANY_ELEMENTS {
            // Copies the old elements rather than to write the new ones, of which the system may know that they are zero.
            let mut cells = zeros(size).ok_or(TableError::OutOfSystemMemory)?;
            cells[..self.len].copy_from_slice(&self.cells);
            self.cells = cells;
            return Ok(());
        }
        self.cells.try_reserve(size - self.len).map_err(|_| TableError::OutOfSystemMemory)?;
        self.cells.resize(size, init);
        Ok(())
    }
}
