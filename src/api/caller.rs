//! The caller of a host function.

use crate::{
    api::{
        context::{AsContext, AsContextMut, StoreContext, StoreContextMut},
        engine::Engine,
        external::Extern,
        instance::Instance,
    },
    error::Error,
};

/// The caller of a host function: gives access to the store and to the exports of the calling instance.
///
/// ```
/// use wasmote::{Caller, Engine, Extern, Linker, Module, Store};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let engine = Engine::default();
/// let module = Module::new(
///     &engine,
///     r#"(module
///         (import "host" "print" (func $print (param i32 i32)))
///         (memory (export "memory") 1)
///         (data (i32.const 8) "hello")
///         (func (export "run") (call $print (i32.const 8) (i32.const 5))))"#,
/// )?;
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("host", "print", |mut caller: Caller<'_, String>, start: u32, len: u32| {
///     let Some(Extern::Memory(memory)) = caller.get_export("memory") else { return };
///     let (start, end) = (start as usize, start as usize + len as usize);
///     let text = memory.data(&caller).get(start..end).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
///     *caller.data_mut() += &text.unwrap_or_default();
/// })?;
/// let mut store = Store::new(&engine, String::new());
/// let instance = linker.instantiate_and_start(&mut store, &module)?;
/// instance.get_typed_func::<(), ()>(&store, "run")?.call(&mut store, ())?;
/// assert_eq!(store.data(), "hello");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Caller<'a, T> {
    ctx: StoreContextMut<'a, T>,
    instance: Option<Instance>,
}

/// The host as the caller.
impl<'a, T: AsContextMut> From<&'a mut T> for Caller<'a, T::Data> {
    fn from(ctx: &'a mut T) -> Self {
        Self::new(ctx.as_context_mut(), None)
    }
}

impl<'a, T> Caller<'a, T> {
    #[inline]
    pub(crate) fn new(ctx: StoreContextMut<'a, T>, instance: Option<Instance>) -> Self {
        Self { ctx, instance }
    }

    /// Borrows it for a shorter time.
    #[inline]
    pub(crate) fn reborrow(&mut self) -> Caller<'_, T> {
        Caller { ctx: StoreContextMut { store: &mut *self.ctx.store }, instance: self.instance }
    }

    /// Returns an export of the calling instance. `None` if the host is the caller.
    pub fn get_export(&self, name: &str) -> Option<Extern> {
        self.instance?.get_export(self, name)
    }

    /// Returns the embedder's data.
    pub fn data(&self) -> &T {
        self.ctx.data()
    }

    /// Returns the embedder's data, mutably.
    pub fn data_mut(&mut self) -> &mut T {
        self.ctx.data_mut()
    }

    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        self.ctx.engine()
    }

    /// Returns the remaining fuel.
    ///
    /// # Errors
    ///
    /// If the engine does not meter fuel.
    pub fn get_fuel(&self) -> Result<u64, Error> {
        self.ctx.get_fuel()
    }

    /// Sets the remaining fuel.
    ///
    /// # Errors
    ///
    /// If the engine does not meter fuel.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<(), Error> {
        self.ctx.set_fuel(fuel)
    }

    /// Takes `delta` from the remaining fuel, and returns the rest. So the embedder charges work of its own.
    ///
    /// # Errors
    ///
    /// If the engine does not meter fuel, or less is left; nothing is taken then.
    pub fn consume_fuel(&mut self, delta: u64) -> Result<u64, Error> {
        self.ctx.consume_fuel(delta)
    }
}

impl<T> AsContext for Caller<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        self.ctx.as_context()
    }
}

impl<T> AsContextMut for Caller<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        self.ctx.as_context_mut()
    }
}
