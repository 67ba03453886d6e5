//! Linear memories that several stores have.

use alloc::sync::Arc;
use core::{cell::UnsafeCell, fmt};

use crate::{
    api::{
        context::{AsContext, AsContextMut},
        engine::Engine,
        instance::Instance,
        memory::Memory,
    },
    error::{Error, kinds::MemoryError},
    runtime::{memory::MemoryInst, shared::SharedBytes},
    types::MemoryType,
};
#[cfg(feature = "std")]
use crate::{runtime::atomic::Atomic, trap::TrapCode};

/// A linear memory that several stores have, so that threads can share it (threads proposal).
///
/// A clone is the same memory. Its bytes are freed when the last clone and the last store that has it are gone. They never
/// move: all that the memory can grow to is reserved when it is made. Where the system cannot reserve addresses without
/// memory, this allocates the maximum; if there is not enough, the memory is made but cannot grow.
///
/// What is atomic:
///
/// - the atomic operators of WebAssembly, [`atomic_wait32`], [`atomic_wait64`] and [`atomic_notify`], and what the embedder
///   does to [`data`] with [`core::sync::atomic`]: these are in one order that all threads agree on;
/// - [`grow`] and [`size`]: every thread sees the growth, at the latest when it accesses the new bytes;
/// - loads and stores of WebAssembly, if they are aligned: they are not torn, but have no order among threads.
///
/// [`read`], [`write`] and bulk operators are atomic for each byte alone. No reference to the bytes is given out.
///
/// ```
/// use wasmote::{Config, Engine, Linker, MemoryType, Module, SharedMemory, Store};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let mut config = Config::default();
/// config.wasm_threads(true);
/// let engine = Engine::new(&config);
/// let module = Module::new(
///     &engine,
///     r#"(module
///         (import "host" "memory" (memory 1 1 shared))
///         (func (export "count") (param i32) (drop (i32.atomic.rmw.add (i32.const 8) (local.get 0)))))"#,
/// )?;
/// let memory = SharedMemory::new(&engine, MemoryType::shared(1, 1))?;
/// let mut linker = Linker::new(&engine);
/// linker.define_shared_memory("host", "memory", &memory)?;
/// std::thread::scope(|scope| {
///     for number in 1..=3 {
///         let (engine, linker, module) = (&engine, &linker, &module);
///         scope.spawn(move || -> Result<(), wasmote::Error> {
///             let mut store = Store::new(engine, ());
///             let instance = linker.instantiate_and_start(&mut store, module)?;
///             instance.get_typed_func::<i32, ()>(&store, "count")?.call(&mut store, number)
///         });
///     }
/// });
/// let mut sum = [0; 4];
/// memory.read(8, &mut sum)?;
/// assert_eq!(u32::from_le_bytes(sum), 6);
/// # Ok(())
/// # }
/// ```
///
/// [`atomic_wait32`]: Self::atomic_wait32
/// [`atomic_wait64`]: Self::atomic_wait64
/// [`atomic_notify`]: Self::atomic_notify
/// [`data`]: Self::data
/// [`grow`]: Self::grow
/// [`size`]: Self::size
/// [`read`]: Self::read
/// [`write`]: Self::write
#[derive(Clone)]
pub struct SharedMemory {
    bytes: Arc<SharedBytes>,
}

impl fmt::Debug for SharedMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedMemory").field("ty", &self.ty()).field("size", &self.size()).finish_non_exhaustive()
    }
}

/// How a wait in a shared memory ended, unless it was interrupted.
#[cfg(feature = "std")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitResult {
    /// Another thread notified the address.
    Ok = 0,
    /// There was another value than expected.
    Mismatch = 1,
    /// The timeout passed.
    TimedOut = 2,
}

impl SharedMemory {
    /// Makes a memory of the minimum size of its type. All bytes are zero.
    ///
    /// # Errors
    ///
    /// If the type is not that of a shared memory, or there is not enough memory.
    pub fn new(_engine: &Engine, ty: MemoryType) -> Result<Self, Error> {
        if !ty.is_shared() {
            return Err(MemoryError::InvalidMemoryType.into());
        }
        Ok(Self { bytes: SharedBytes::new(ty, None, None)? })
    }

    /// Returns the type that the memory was made with.
    #[must_use]
    pub fn ty(&self) -> MemoryType {
        self.bytes.declared_type()
    }

    /// Returns the size in pages. It may have grown when this returns.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.bytes.len() as u64 >> self.ty().page_size_log2()
    }

    /// Returns the size in bytes. It may have grown when this returns.
    #[must_use]
    pub fn data_size(&self) -> usize {
        self.bytes.len()
    }

    /// Returns the bytes. Those that the memory grows by later are missing.
    ///
    /// Whoever accesses them does so through pointers, and must expect that other threads change them meanwhile: an
    /// access that is not atomic is a data race.
    #[must_use]
    pub fn data(&self) -> &[UnsafeCell<u8>] {
        self.bytes.cells()
    }

    /// Grows the memory by `delta` pages. Returns the former size in pages. No limiter is asked.
    ///
    /// # Errors
    ///
    /// If the maximum of the memory or the system does not allow it. The memory does not change then.
    pub fn grow(&self, delta: u64) -> Result<u64, MemoryError> {
        self.bytes.grow(delta, None, None)
    }

    /// Reads bytes into `buffer`, beginning at `offset`. Only each byte is atomic.
    ///
    /// # Errors
    ///
    /// If a byte is outside of the memory.
    pub fn read(&self, offset: usize, buffer: &mut [u8]) -> Result<(), MemoryError> {
        if self.bytes.read(offset, buffer) { Ok(()) } else { Err(MemoryError::OutOfBoundsAccess) }
    }

    /// Writes the bytes of `buffer`, beginning at `offset`. Only each byte is atomic.
    ///
    /// # Errors
    ///
    /// If a byte is outside of the memory. Nothing is written then.
    pub fn write(&self, offset: usize, buffer: &[u8]) -> Result<(), MemoryError> {
        if self.bytes.write(offset, buffer) { Ok(()) } else { Err(MemoryError::OutOfBoundsAccess) }
    }

    /// Wakes up to `count` threads that wait at the address `addr`, as `memory.atomic.notify` does. Returns how many.
    ///
    /// # Errors
    ///
    /// If the address is out of bounds or not a multiple of 4.
    #[cfg(feature = "std")]
    pub fn atomic_notify(&self, addr: u64, count: u32) -> Result<u32, TrapCode> {
        Ok(crate::runtime::parking::notify(self.bytes.atomic_place::<u32>(addr)? as usize, count))
    }

    /// Waits at the address `addr` if the value there is `expected`, as `memory.atomic.wait32` does, for as long as
    /// `timeout` or until another thread notifies the address.
    ///
    /// # Errors
    ///
    /// If the address is out of bounds or not a multiple of 4.
    #[cfg(feature = "std")]
    pub fn atomic_wait32(
        &self,
        addr: u64,
        expected: u32,
        timeout: Option<core::time::Duration>,
    ) -> Result<WaitResult, TrapCode> {
        self.wait(addr, expected, timeout)
    }

    /// Waits at the address `addr` if the value there is `expected`, as `memory.atomic.wait64` does, for as long as
    /// `timeout` or until another thread notifies the address.
    ///
    /// # Errors
    ///
    /// If the address is out of bounds or not a multiple of 8.
    #[cfg(feature = "std")]
    pub fn atomic_wait64(
        &self,
        addr: u64,
        expected: u64,
        timeout: Option<core::time::Duration>,
    ) -> Result<WaitResult, TrapCode> {
        self.wait(addr, expected, timeout)
    }

    #[cfg(feature = "std")]
    fn wait<V: Atomic>(
        &self,
        addr: u64,
        expected: V,
        timeout: Option<core::time::Duration>,
    ) -> Result<WaitResult, TrapCode> {
        use crate::runtime::{
            interruption::{Signal, Woken},
            parking::wait,
        };
        let place = self.bytes.atomic_place::<V>(addr)?;
        let is_expected = || self.bytes.atomic_load::<V>(addr) == Some(expected);
        match wait(&Arc::<Signal>::default(), place as usize, timeout, None, is_expected) {
            Woken::Notified => Ok(WaitResult::Ok),
            Woken::Mismatch => Ok(WaitResult::Mismatch),
            Woken::TimedOut => Ok(WaitResult::TimedOut),
            Woken::Interrupted => Err(TrapCode::Interrupt),
        }
    }

    /// Returns the memory as an item of a store, to import it into instances there.
    ///
    /// [`Linker::define_shared_memory`](crate::Linker::define_shared_memory) does this for each store.
    ///
    /// # Errors
    ///
    /// If the store has no more room for handles.
    pub fn in_store(&self, mut ctx: impl AsContextMut) -> Result<Memory, Error> {
        let mut ctx = ctx.as_context_mut();
        let instances = ctx.instances_mut();
        let index = instances.push_memory(MemoryInst::shared(self.bytes.clone()))?;
        Ok(Memory::from_handle(instances.handle(index)))
    }
}

impl Memory {
    /// Returns the memory as one that other stores may have too, if it is shared.
    ///
    /// # Panics
    ///
    /// If the memory belongs to another store.
    pub fn shared(&self, ctx: impl AsContext) -> Option<SharedMemory> {
        let ctx = ctx.as_context();
        let bytes = ctx.instances().memory(self.handle()).as_shared()?.clone();
        Some(SharedMemory { bytes })
    }
}

impl Instance {
    /// Returns an exported memory that is shared.
    ///
    /// # Panics
    ///
    /// If the instance belongs to another store.
    pub fn get_shared_memory(&self, store: impl AsContext, name: &str) -> Option<SharedMemory> {
        self.get_memory(&store, name)?.shared(store)
    }
}
