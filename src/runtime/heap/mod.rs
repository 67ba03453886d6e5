//! The heap of a store: structs, arrays and exceptions, and the collector.
//!
//! ```text
//!   mod.rs      Heap: allocates objects, and says when to collect
//!   object.rs   Object: the header of an object, its fields and elements
//!   rtts.rs     the runtime types of a module, by type index
//!   space.rs    Space: the blocks, and which of their cells are free
//!   block.rs    Block: cells and their marks         classes.rs  the sizes of cells
//!   mark.rs     Marker: what the roots lead to
//!   externs.rs  values of the host     roots.rs  references that the host holds
//! ```
//!
//! Objects are marked, and do not move: so nothing has to be told where they are, neither frames nor the host. A collection stops
//! the store. It begins when as many bytes were allocated as the last one left, at least [`MIN_STEP`]. What counts is the
//! accounted size, so that collections happen at the same allocations on every target.

mod block;
mod classes;
pub(crate) mod externs;
pub(crate) mod mark;
pub(crate) mod object;
#[cfg(host_refs)]
pub(crate) mod roots;
pub(crate) mod rtts;
mod space;
#[cfg(test)]
mod tests;

#[cfg(host_refs)]
use alloc::boxed::Box;
#[cfg(host_refs)]
use core::any::Any;
use core::ptr::NonNull;

use crate::{
    error::Error,
    limits::StoreLimiter,
    module::rtt::Rtt,
    runtime::heap::{
        classes::accounted,
        externs::Externs,
        mark::{MarkStack, Marker},
        object::Object,
        space::Space,
    },
    trap::TrapCode,
};
#[cfg(host_refs)]
use crate::{error::kinds::LimitsError, runtime::heap::externs::EXTERN_SIZE};

/// The number of bytes that are allocated at least before the next collection.
const MIN_STEP: usize = 1 << 20;

/// The objects of a store.
#[derive(Debug)]
pub(crate) struct Heap {
    /// How many more bytes may be allocated before `make_room` is asked again.
    budget: usize,
    space: Space,
    pub(crate) externs: Externs,
    stack: MarkStack,
    /// The bytes that the last collection left.
    live: usize,
    /// The sum of the budgets since the last collection.
    granted: usize,
    /// The bytes that the limiter has allowed.
    capacity: usize,
    /// Whether the last collection was made for lack of room, and left little.
    is_tight: bool,
    /// Whether each allocation collects first.
    stress: bool,
}

/// The answer to a request for room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// There is room.
    Made,
    /// There is none without a collection.
    Collect,
}

impl Heap {
    /// A heap without objects. Allocates nothing.
    pub(crate) const fn new(stress: bool) -> Self {
        Self {
            budget: 0,
            space: Space::new(),
            externs: Externs::new(),
            stack: MarkStack::new(),
            live: 0,
            granted: 0,
            capacity: 0,
            is_tight: false,
            stress,
        }
    }

    /// Allocates an object with this runtime type, and `len` elements if it is an array, if that is possible at once:
    /// without a collection, and without a search for free cells. Its fields or elements are zero.
    ///
    /// # Safety
    ///
    /// I14: `rtt` is the runtime type of a type that something holds as long as the store lives.
    #[inline(always)]
    pub(crate) unsafe fn allocate_at_once(&mut self, rtt: NonNull<Rtt>, len: u32) -> Option<NonNull<Object>> {
        // SAFETY: I14, promised by the caller; the cell has the size of the object.
        unsafe {
            let size = rtt.as_ref().object_size(len)?;
            let budget = self.budget.checked_sub(accounted(size))?;
            let (object, _) = self.space.take(size)?;
            self.budget = budget;
            Object::write_header(object, rtt, len);
            Some(object)
        }
    }

    /// Allocates an object for which `make_room` has made room. Returns nothing if there is not enough memory.
    ///
    /// # Safety
    ///
    /// I14: as for `allocate_at_once`.
    pub(crate) unsafe fn allocate(&mut self, rtt: NonNull<Rtt>, len: u32) -> Option<NonNull<Object>> {
        // SAFETY: I14, promised by the caller; the cell has the size of the object.
        unsafe {
            if let Some(object) = self.allocate_at_once(rtt, len) {
                return Some(object);
            }
            let size = rtt.as_ref().object_size(len)?;
            let budget = self.budget.checked_sub(accounted(size))?;
            let object = self.space.find(size)?;
            self.budget = budget;
            Object::write_header(object, rtt, len);
            Some(object)
        }
    }

    /// The accounted size of the objects, those among them that can no longer be reached.
    pub(crate) fn used(&self) -> usize {
        self.live + self.granted - self.budget
    }

    /// The bytes that the limiter has allowed.
    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Whether there is room for an object of `size` bytes, apart from the memory.
    pub(crate) fn has_room(&self, size: u32) -> bool {
        accounted(size) <= self.budget
    }

    /// Makes room for an object of `size` bytes, or asks for a collection, unless one was just made. Asks `limiter` if the heap must
    /// grow.
    ///
    /// # Errors
    ///
    /// If the limiter does not allow it although everything that can no longer be reached was freed.
    pub(crate) fn make_room(
        &mut self,
        size: u32,
        limiter: Option<&mut StoreLimiter<'_>>,
        collected: bool,
    ) -> Result<Room, TrapCode> {
        if !self.stack.reserve() {
            return Err(TrapCode::OutOfSystemMemory);
        }
        let used = self.used();
        let needed = used.saturating_add(accounted(size));
        if !collected && (self.stress || needed > self.threshold()) {
            return Ok(Room::Collect);
        }
        let wanted = self.threshold().max(needed);
        let refused = self.grow(needed, wanted, limiter).err().unwrap_or(TrapCode::GcHeapOutOfMemory);
        if needed > self.capacity {
            return if collected { Err(refused) } else { Ok(Room::Collect) };
        }
        if collected && !self.stress {
            // Twice in a row, collections would take nearly all time.
            let is_tight = self.capacity < self.threshold() && self.capacity - used < self.capacity / 8;
            if is_tight && self.is_tight {
                return Err(refused);
            }
            self.is_tight = is_tight;
        }
        let budget = if self.stress { needed } else { wanted.min(self.capacity) } - used;
        self.granted = self.granted + budget - self.budget;
        self.budget = budget;
        Ok(Room::Made)
    }

    /// Whether so much was allocated since the last collection that another one is worth its time before objects are made without
    /// one.
    #[cfg(feature = "gc")]
    pub(crate) fn has_grown(&self) -> bool {
        let allocated = self.granted - self.budget;
        allocated > 0 && (self.stress || allocated >= self.live / 4)
    }

    /// Makes room for an object of `size` bytes without a collection.
    ///
    /// # Errors
    ///
    /// If the limiter does not allow it.
    #[cfg(feature = "gc")]
    pub(crate) fn reserve(&mut self, size: u32, limiter: Option<&mut StoreLimiter<'_>>) -> Result<(), TrapCode> {
        if self.has_room(size) {
            return Ok(());
        }
        let used = self.used();
        let needed = used.saturating_add(accounted(size));
        self.grow(needed, self.threshold().max(needed), limiter)?;
        if needed > self.capacity {
            return Err(TrapCode::GcHeapOutOfMemory);
        }
        self.granted = self.granted + (needed - used) - self.budget;
        self.budget = needed - used;
        Ok(())
    }

    /// The size at which the next collection begins.
    fn threshold(&self) -> usize {
        self.live.saturating_add(self.live.max(MIN_STEP))
    }

    /// Grows the capacity to `wanted` bytes, or to `needed` at least, if the limiter allows it.
    ///
    /// # Errors
    ///
    /// If the limiter wants a trap.
    fn grow(&mut self, needed: usize, wanted: usize, limiter: Option<&mut StoreLimiter<'_>>) -> Result<(), TrapCode> {
        let Some(limiter) = limiter else {
            self.capacity = self.capacity.max(wanted);
            return Ok(());
        };
        let limit = limiter.heap_size(self.capacity).unwrap_or(usize::MAX);
        let wanted = wanted.min(limit).max(needed);
        // Less than what is wanted, so that a limiter that allows that is not asked for each object.
        for desired in [wanted, needed + (wanted - needed) / 2, needed] {
            if desired <= self.capacity {
                return Ok(());
            }
            match limiter.heap_growing(self.capacity, desired) {
                Ok(true) => {
                    self.capacity = desired;
                    return Ok(());
                }
                Ok(false) => {}
                Err(_) if desired > needed => {}
                Err(_) => return Err(TrapCode::GrowthOperationLimited),
            }
        }
        Ok(())
    }

    /// Frees what can no longer be reached. `roots` passes all references outside of the heap to the marker. If it fails, nothing is
    /// freed.
    ///
    /// # Safety
    ///
    /// I8: nobody else uses the store. I15: `roots` passes all of them.
    pub(crate) unsafe fn collect(&mut self, roots: impl FnOnce(&mut Marker<'_>) -> Result<(), Error>) {
        self.space.unmark();
        self.externs.unmark();
        let mut marker = Marker::new(&self.space, &mut self.externs, &mut self.stack);
        if roots(&mut marker).is_ok() {
            // SAFETY: I5, I8: these are references to objects, and the caller promises the rest.
            unsafe {
                marker.finish();
            }
        } else {
            marker.abandon();
            self.space.mark_all();
            self.externs.mark_all();
        }
        self.live = self.space.sweep() + self.externs.sweep();
        self.granted = 0;
        self.budget = 0;
        self.space.trim(self.threshold() - self.live);
    }

    /// Adds a value of the host that is collected, for which `make_room` has made room. Returns its number.
    ///
    /// # Errors
    ///
    /// Those of `Externs::push`.
    #[cfg(host_refs)]
    pub(crate) fn push_extern(&mut self, value: Box<dyn Any + Send + Sync>) -> Result<u32, LimitsError> {
        let number = self.externs.push(value, false)?;
        self.budget = self.budget.saturating_sub(EXTERN_SIZE as usize);
        Ok(number)
    }

    /// Frees all objects.
    pub(crate) fn clear(&mut self) {
        self.space.clear();
        self.externs.clear();
        self.stack.clear();
        (self.budget, self.live, self.granted, self.capacity, self.is_tight) = (0, 0, 0, 0, false);
    }
}
