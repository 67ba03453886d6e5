//! Limits on what a store may allocate.

use crate::error::kinds::{LimiterError, MemoryError, TableError};

/// Decides whether memories and tables of a store may grow, and how many there may be.
///
/// ```
/// use wasmote::{Engine, LimiterError, Memory, MemoryType, ResourceLimiter, Store};
///
/// /// Allows memories of at most two pages.
/// struct TwoPages;
///
/// impl ResourceLimiter for TwoPages {
///     fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool, LimiterError> {
///         Ok(desired <= 2 * 65536)
///     }
///
///     fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool, LimiterError> {
///         Ok(true)
///     }
///
///     fn instances(&self) -> usize {
///         10
///     }
///
///     fn tables(&self) -> usize {
///         10
///     }
///
///     fn memories(&self) -> usize {
///         10
///     }
/// }
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let mut store = Store::new(&Engine::default(), TwoPages);
/// store.limiter(|limiter| limiter);
/// let memory = Memory::new(&mut store, MemoryType::new(2, None))?;
/// assert!(memory.grow(&mut store, 1).is_err());
/// # Ok(())
/// # }
/// ```
pub trait ResourceLimiter {
    /// Returns whether a memory may grow, or be made if `current` is 0. Sizes are in bytes.
    ///
    /// After `Ok(false)` the growth fails, as it does when memory runs out.
    ///
    /// # Errors
    ///
    /// An error makes the growth trap.
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool, LimiterError>;

    /// Returns whether a table may grow, or be made if `current` is 0. Sizes are in elements.
    ///
    /// # Errors
    ///
    /// An error makes the growth trap.
    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool, LimiterError>;

    /// Returns whether the heap of the store, which holds structs, arrays and exceptions, may grow. Sizes are in bytes: those of the
    /// objects, which are the same on every target. The heap grows in steps, so `desired` may be more than the objects need.
    ///
    /// After `Ok(false)` the store collects what can no longer be reached. If it has still no room, the allocation
    /// traps with [`TrapCode::GcHeapOutOfMemory`](crate::TrapCode::GcHeapOutOfMemory). Objects of more than seven eighths of what is
    /// allowed may count as no room, since collections would take nearly all time.
    ///
    /// By default the heap may grow as a memory may.
    ///
    /// # Errors
    ///
    /// An error makes the allocation trap with [`TrapCode::GrowthOperationLimited`](crate::TrapCode::GrowthOperationLimited) instead.
    fn gc_heap_growing(&mut self, current: usize, desired: usize) -> Result<bool, LimiterError> {
        self.memory_growing(current, desired, None)
    }

    /// The greatest size of the heap that `gc_heap_growing` allows. None by default: it is not known.
    fn gc_heap_size(&self) -> Option<usize> {
        None
    }

    /// Called when a memory cannot grow although `memory_growing` allowed it.
    ///
    /// # Errors
    ///
    /// An error makes the growth trap.
    fn memory_grow_failed(&mut self, _error: &MemoryError) -> Result<(), LimiterError> {
        Ok(())
    }

    /// Called when a table cannot grow although `table_growing` allowed it.
    ///
    /// # Errors
    ///
    /// An error makes the growth trap.
    fn table_grow_failed(&mut self, _error: &TableError) -> Result<(), LimiterError> {
        Ok(())
    }

    /// The greatest number of instances.
    fn instances(&self) -> usize;

    /// The greatest sum of the sizes of all memories of the store and of its heap in bytes. None by default: no limit.
    ///
    /// Beyond it, a memory is not made, and growth fails after a call of `memory_grow_failed`.
    fn total_memory_size(&self) -> Option<usize> {
        None
    }

    /// The greatest number of elements in all tables of the store, and in the passive element segments of its instances.
    /// None by default: no limit.
    ///
    /// Beyond it, nothing is instantiated, and growth fails after a call of `table_grow_failed`.
    fn total_table_elements(&self) -> Option<usize> {
        None
    }

    /// The greatest number of tables.
    fn tables(&self) -> usize;

    /// The greatest number of memories.
    fn memories(&self) -> usize;
}

/// What the memories and tables of a store have together.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Totals {
    /// Bytes of memories and of the heap.
    pub(crate) memory_size: usize,
    /// Elements of tables and of passive segments.
    pub(crate) table_elements: usize,
}

/// The limiter of a store, which limits sums too.
pub(crate) struct StoreLimiter<'a> {
    limiter: &'a mut dyn ResourceLimiter,
    totals: Totals,
}

impl<'a> StoreLimiter<'a> {
    /// Adds the limits of sums to a limiter; `totals` are those of the store.
    pub(crate) fn new(limiter: &'a mut dyn ResourceLimiter, totals: impl FnOnce() -> Totals) -> Self {
        let limits_sums = limiter.total_memory_size().is_some() || limiter.total_table_elements().is_some();
        let totals = if limits_sums { totals() } else { Totals::default() };
        Self { limiter, totals }
    }

    /// Returns the limiter that memories and tables ask.
    pub(crate) fn as_dyn(&mut self) -> &mut dyn ResourceLimiter {
        self
    }

    /// Returns whether an instance may keep `count` elements of passive segments.
    pub(crate) fn keeps_elements(&mut self, count: usize) -> bool {
        let fits = !exceeds(self.limiter.total_table_elements(), self.totals.table_elements, 0, count);
        if fits {
            self.totals.table_elements = self.totals.table_elements.saturating_add(count);
        }
        fits
    }

    /// Returns the greatest size of the heap that will be allowed, if that is known and the heap has `current` bytes.
    #[cfg(heap)]
    pub(crate) fn heap_size(&self, current: usize) -> Option<usize> {
        let others = self.totals.memory_size.saturating_sub(current);
        let total = self.limiter.total_memory_size().map(|limit| limit.saturating_sub(others));
        self.limiter.gc_heap_size().into_iter().chain(total).min()
    }

    /// Returns whether the heap may grow.
    ///
    /// # Errors
    ///
    /// If the allocation is to trap.
    #[cfg(heap)]
    pub(crate) fn heap_growing(&mut self, current: usize, desired: usize) -> Result<bool, LimiterError> {
        if exceeds(self.limiter.total_memory_size(), self.totals.memory_size, current, desired) {
            return Ok(false);
        }
        let allowed = self.limiter.gc_heap_growing(current, desired)?;
        if allowed {
            self.totals.memory_size = self.totals.memory_size.saturating_add(desired - current);
        }
        Ok(allowed)
    }

    /// Returns whether the store may have another memory, if it has `count`.
    pub(crate) fn allows_memory(&self, count: usize) -> bool {
        count < self.limiter.memories()
    }

    /// Returns whether the store may have another table, if it has `count`.
    pub(crate) fn allows_table(&self, count: usize) -> bool {
        count < self.limiter.tables()
    }
}

/// Whether `total`, of which `current` are replaced by `desired`, exceeds the limit.
fn exceeds(limit: Option<usize>, total: usize, current: usize, desired: usize) -> bool {
    limit.is_some_and(|limit| total.saturating_sub(current).saturating_add(desired) > limit)
}

impl ResourceLimiter for StoreLimiter<'_> {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool, LimiterError> {
        if exceeds(self.limiter.total_memory_size(), self.totals.memory_size, current, desired) {
            self.limiter.memory_grow_failed(&MemoryError::OutOfBoundsGrowth)?;
            return Ok(false);
        }
        let allowed = self.limiter.memory_growing(current, desired, maximum)?;
        if allowed {
            self.totals.memory_size = self.totals.memory_size.saturating_add(desired - current);
        }
        Ok(allowed)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool, LimiterError> {
        if exceeds(self.limiter.total_table_elements(), self.totals.table_elements, current, desired) {
            self.limiter.table_grow_failed(&TableError::GrowOutOfBounds)?;
            return Ok(false);
        }
        let allowed = self.limiter.table_growing(current, desired, maximum)?;
        if allowed {
            self.totals.table_elements = self.totals.table_elements.saturating_add(desired - current);
        }
        Ok(allowed)
    }

    fn memory_grow_failed(&mut self, error: &MemoryError) -> Result<(), LimiterError> {
        self.limiter.memory_grow_failed(error)
    }

    fn table_grow_failed(&mut self, error: &TableError) -> Result<(), LimiterError> {
        self.limiter.table_grow_failed(error)
    }

    fn instances(&self) -> usize {
        self.limiter.instances()
    }

    fn tables(&self) -> usize {
        self.limiter.tables()
    }

    fn memories(&self) -> usize {
        self.limiter.memories()
    }
}

/// The default limit on the number of instances, of tables and of memories.
const DEFAULT_COUNT: usize = 10_000;

/// Builds [`StoreLimits`].
#[derive(Debug, Clone, Default)]
pub struct StoreLimitsBuilder {
    limits: StoreLimits,
}

impl StoreLimitsBuilder {
    /// Begins with no limits on sizes, and with 10,000 instances, tables and memories each.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The greatest size of a memory in bytes.
    #[must_use]
    pub fn memory_size(mut self, limit: usize) -> Self {
        self.limits.memory_size = Some(limit);
        self
    }

    /// The greatest size of a table in elements.
    #[must_use]
    pub fn table_elements(mut self, limit: usize) -> Self {
        self.limits.table_elements = Some(limit);
        self
    }

    /// The greatest size of the heap in bytes. Without it, the heap has the limit of a memory.
    #[must_use]
    pub fn gc_heap_size(mut self, limit: usize) -> Self {
        self.limits.gc_heap_size = Some(limit);
        self
    }

    /// The greatest sum of the sizes of all memories of the store and of its heap in bytes.
    #[must_use]
    pub fn total_memory_size(mut self, limit: usize) -> Self {
        self.limits.total_memory_size = Some(limit);
        self
    }

    /// The greatest number of elements in all tables of the store, and in the passive element segments of its instances.
    #[must_use]
    pub fn total_table_elements(mut self, limit: usize) -> Self {
        self.limits.total_table_elements = Some(limit);
        self
    }

    /// The greatest number of instances.
    #[must_use]
    pub fn instances(mut self, limit: usize) -> Self {
        self.limits.instances = limit;
        self
    }

    /// The greatest number of tables.
    #[must_use]
    pub fn tables(mut self, tables: usize) -> Self {
        self.limits.tables = tables;
        self
    }

    /// The greatest number of memories.
    #[must_use]
    pub fn memories(mut self, memories: usize) -> Self {
        self.limits.memories = memories;
        self
    }

    /// Whether growth that fails traps rather than returning -1.
    #[must_use]
    pub fn trap_on_grow_failure(mut self, trap: bool) -> Self {
        self.limits.trap_on_grow_failure = trap;
        self
    }

    /// Returns the limits.
    #[must_use]
    pub fn build(self) -> StoreLimits {
        self.limits
    }
}

/// A [`ResourceLimiter`] with fixed limits.
///
/// ```
/// use wasmote::{Engine, Memory, MemoryType, Store, StoreLimits, StoreLimitsBuilder};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let limits = StoreLimitsBuilder::new().memory_size(2 << 16).build();
/// let mut store = Store::new(&Engine::default(), limits);
/// store.limiter(|limits| limits);
/// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
/// assert!(memory.grow(&mut store, 1).is_ok());
/// assert!(memory.grow(&mut store, 1).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct StoreLimits {
    memory_size: Option<usize>,
    table_elements: Option<usize>,
    gc_heap_size: Option<usize>,
    total_memory_size: Option<usize>,
    total_table_elements: Option<usize>,
    instances: usize,
    tables: usize,
    memories: usize,
    trap_on_grow_failure: bool,
}

impl Default for StoreLimits {
    fn default() -> Self {
        Self {
            memory_size: None,
            table_elements: None,
            gc_heap_size: None,
            total_memory_size: None,
            total_table_elements: None,
            instances: DEFAULT_COUNT,
            tables: DEFAULT_COUNT,
            memories: DEFAULT_COUNT,
            trap_on_grow_failure: false,
        }
    }
}

impl StoreLimits {
    fn allow(&self, desired: usize, maximum: Option<usize>, limit: Option<usize>) -> Result<bool, LimiterError> {
        let fits = limit.is_none_or(|limit| desired <= limit) && maximum.is_none_or(|maximum| desired <= maximum);
        if !fits && self.trap_on_grow_failure {
            return Err(LimiterError::ResourceLimiterDeniedAllocation);
        }
        Ok(fits)
    }

    fn failed(&self) -> Result<(), LimiterError> {
        if self.trap_on_grow_failure {
            return Err(LimiterError::ResourceLimiterDeniedAllocation);
        }
        Ok(())
    }
}

impl ResourceLimiter for StoreLimits {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, LimiterError> {
        self.allow(desired, maximum, self.memory_size)
    }

    fn table_growing(&mut self, _current: usize, desired: usize, maximum: Option<usize>) -> Result<bool, LimiterError> {
        self.allow(desired, maximum, self.table_elements)
    }

    fn gc_heap_growing(&mut self, _current: usize, desired: usize) -> Result<bool, LimiterError> {
        self.allow(desired, None, self.gc_heap_size())
    }

    fn gc_heap_size(&self) -> Option<usize> {
        self.gc_heap_size.or(self.memory_size)
    }

    fn memory_grow_failed(&mut self, _error: &MemoryError) -> Result<(), LimiterError> {
        self.failed()
    }

    fn table_grow_failed(&mut self, _error: &TableError) -> Result<(), LimiterError> {
        self.failed()
    }

    fn total_memory_size(&self) -> Option<usize> {
        self.total_memory_size
    }

    fn total_table_elements(&self) -> Option<usize> {
        self.total_table_elements
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.tables
    }

    fn memories(&self) -> usize {
        self.memories
    }
}

#[cfg(test)]
mod tests {
    use super::{ResourceLimiter, StoreLimitsBuilder};
    use crate::error::kinds::{MemoryError, TableError};

    #[test]
    fn sizes_up_to_the_limit() {
        let mut limits = StoreLimitsBuilder::new().memory_size(100).table_elements(10).build();
        assert_eq!(limits.memory_growing(0, 100, None), Ok(true));
        assert_eq!(limits.memory_growing(0, 101, None), Ok(false));
        assert_eq!(limits.memory_growing(0, 50, Some(49)), Ok(false), "beyond the memory's own maximum");
        assert_eq!(limits.table_growing(0, 10, None), Ok(true));
        assert_eq!(limits.table_growing(0, 11, None), Ok(false));
        assert_eq!(limits.memory_grow_failed(&MemoryError::OutOfSystemMemory), Ok(()));
    }

    #[test]
    fn growing_can_be_made_to_trap() {
        let mut limits = StoreLimitsBuilder::new().memory_size(1).trap_on_grow_failure(true).build();
        assert_eq!(limits.memory_growing(0, 1, None), Ok(true));
        assert!(limits.memory_growing(0, 2, None).is_err());
        assert!(limits.table_grow_failed(&TableError::OutOfSystemMemory).is_err());
    }

    #[test]
    fn counts() {
        let limits = StoreLimitsBuilder::new().instances(1).tables(2).memories(3).build();
        assert_eq!((limits.instances(), limits.tables(), limits.memories()), (1, 2, 3));
    }
}
