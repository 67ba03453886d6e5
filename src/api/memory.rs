//! Linear memories.

use crate::{
    api::context::{AsContext, AsContextMut, StoreContext, StoreContextMut},
    error::Error,
    error::kinds::{InstantiationError, MemoryError},
    limits::StoreLimiter,
    runtime::{instances::Handle, memory::MemoryInst},
    types::MemoryType,
};

/// A linear memory.
///
/// ```
/// use wasmote::{Engine, Memory, MemoryType, Store};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let mut store = Store::new(&Engine::default(), ());
/// let memory = Memory::new(&mut store, MemoryType::new(1, Some(2)))?;
/// memory.write(&mut store, 100, b"hello")?;
/// assert_eq!(&memory.data(&store)[100..105], b"hello");
/// assert_eq!(memory.grow(&mut store, 1)?, 1);
/// assert_eq!(memory.data_size(&store), 2 * 65536);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Memory {
    handle: Handle,
}

impl Memory {
    pub(crate) fn from_handle(handle: Handle) -> Self {
        Self { handle }
    }

    pub(crate) fn handle(self) -> Handle {
        self.handle
    }

    fn make<T>(
        ctx: &mut StoreContextMut<'_, T>,
        ty: MemoryType,
        buffer: Option<&'static mut [u8]>,
    ) -> Result<Self, Error> {
        let (instances, mut limiter) = ctx.store.instances_and_limiter();
        if limiter.as_ref().is_some_and(|limiter| !limiter.allows_memory(instances.counts().2)) {
            return Err(InstantiationError::TooManyMemories.into());
        }
        let memory = MemoryInst::new(ty, buffer, limiter.as_mut().map(StoreLimiter::as_dyn))?;
        let index = instances.push_memory(memory)?;
        Ok(Self { handle: instances.handle(index) })
    }

    /// Makes a memory of the minimum size of its type. All bytes are zero.
    ///
    /// # Errors
    ///
    /// If the system or the store's limiter does not allow the size.
    pub fn new(mut ctx: impl AsContextMut, ty: MemoryType) -> Result<Self, Error> {
        Self::make(&mut ctx.as_context_mut(), ty, None)
    }

    /// Makes a memory in a buffer of the embedder. It can grow to the length of the buffer.
    ///
    /// # Errors
    ///
    /// If the buffer is too small or the store's limiter does not allow the size.
    pub fn new_static(mut ctx: impl AsContextMut, ty: MemoryType, buf: &'static mut [u8]) -> Result<Self, Error> {
        Self::make(&mut ctx.as_context_mut(), ty, Some(buf))
    }

    /// Returns the type that the memory was made with.
    ///
    /// # Panics
    ///
    /// If the memory belongs to another store.
    pub fn ty(&self, ctx: impl AsContext) -> MemoryType {
        ctx.as_context().instances().memory(self.handle).declared_type()
    }

    /// Returns the size in pages.
    ///
    /// # Panics
    ///
    /// If the memory belongs to another store.
    pub fn size(&self, ctx: impl AsContext) -> u64 {
        let ctx = ctx.as_context();
        let memory = ctx.instances().memory(self.handle);
        memory.current_len() as u64 >> memory.declared_type().page_size_log2()
    }

    /// Grows the memory by `additional` pages. Returns the former size in pages.
    ///
    /// # Errors
    ///
    /// If the maximum of the memory, the system or the store's limiter does not allow it. The memory does not change
    /// then.
    ///
    /// # Panics
    ///
    /// If the memory belongs to another store.
    pub fn grow(&self, mut ctx: impl AsContextMut, additional: u64) -> Result<u64, MemoryError> {
        let ctx = ctx.as_context_mut();
        let (instances, mut limiter) = ctx.store.instances_and_limiter();
        instances.memory_mut(self.handle).grow(additional, limiter.as_mut().map(StoreLimiter::as_dyn), None)
    }

    /// Returns the bytes of the memory.
    ///
    /// # Panics
    ///
    /// If the memory belongs to another store, or is shared: threads may change its bytes meanwhile, so there are no
    /// references to them. [`Self::read`] copies them.
    pub fn data<'a, T: 'a>(&self, ctx: impl Into<StoreContext<'a, T>>) -> &'a [u8] {
        let memory = ctx.into().into_instances().memory(self.handle);
        check_owned(memory);
        memory.data()
    }

    /// Returns the bytes of the memory, mutably.
    ///
    /// # Panics
    ///
    /// If the memory belongs to another store, or is shared, as for [`Self::data`].
    pub fn data_mut<'a, T: 'a>(&self, ctx: impl Into<StoreContextMut<'a, T>>) -> &'a mut [u8] {
        self.data_and_store_mut(ctx).0
    }

    /// Returns the bytes of the memory together with the embedder's data.
    ///
    /// # Panics
    ///
    /// If the memory belongs to another store, or is shared, as for [`Self::data`].
    pub fn data_and_store_mut<'a, T: 'a>(&self, ctx: impl Into<StoreContextMut<'a, T>>) -> (&'a mut [u8], &'a mut T) {
        let (instances, data) = ctx.into().into_parts();
        let memory = instances.memory_mut(self.handle);
        check_owned(memory);
        (memory.data_mut(), data)
    }

    /// Returns the address of the first byte. It may change when the memory grows.
    ///
    /// # Panics
    ///
    /// If the memory belongs to another store.
    pub fn data_ptr(&self, ctx: impl AsContext) -> *mut u8 {
        ctx.as_context().instances().memory(self.handle).base
    }

    /// Returns the size in bytes.
    ///
    /// # Panics
    ///
    /// If the memory belongs to another store.
    pub fn data_size(&self, ctx: impl AsContext) -> usize {
        ctx.as_context().instances().memory(self.handle).current_len()
    }

    /// Reads bytes into `buffer`, beginning at `offset`.
    ///
    /// # Errors
    ///
    /// If a byte is outside of the memory.
    ///
    /// # Panics
    ///
    /// If the memory belongs to another store.
    pub fn read(&self, ctx: impl AsContext, offset: usize, buffer: &mut [u8]) -> Result<(), MemoryError> {
        let ctx = ctx.as_context();
        let is_inside = ctx.instances().memory(self.handle).read(offset, buffer);
        if is_inside { Ok(()) } else { Err(MemoryError::OutOfBoundsAccess) }
    }

    /// Writes the bytes of `buffer`, beginning at `offset`.
    ///
    /// # Errors
    ///
    /// If a byte is outside of the memory. Nothing is written then.
    ///
    /// # Panics
    ///
    /// If the memory belongs to another store.
    pub fn write(&self, mut ctx: impl AsContextMut, offset: usize, buffer: &[u8]) -> Result<(), MemoryError> {
        let mut ctx = ctx.as_context_mut();
        let is_inside = ctx.instances_mut().memory_mut(self.handle).write(offset, buffer);
        if is_inside { Ok(()) } else { Err(MemoryError::OutOfBoundsAccess) }
    }
}

/// Refuses references to the bytes of a shared memory.
///
/// # Panics
///
/// If the memory is shared.
fn check_owned(memory: &MemoryInst) {
    let is_shared = memory.declared_type().is_shared();
    assert!(!is_shared, "the memory is shared: copy its bytes with `read` and `write`, or use `Memory::shared`");
}
