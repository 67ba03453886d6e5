//! Ends waits of a store from outside.

use alloc::sync::Arc;
use std::time::Instant;

use crate::{api::store::Store, runtime::parking::Parker};

/// Ends a wait in a shared memory of the code of one store, from any thread. [`Store::interrupt_handle`] makes one.
///
/// Code that computes is not interrupted: fuel bounds that.
///
/// ```
/// use wasmote::{Config, Engine, Linker, Module, Store, TrapCode};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let mut config = Config::default();
/// config.wasm_threads(true);
/// let engine = Engine::new(&config);
/// let module = Module::new(
///     &engine,
///     r#"(module (memory 1 1 shared)
///         (func (export "wait") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))"#,
/// )?;
/// let mut store = Store::new(&engine, ());
/// let handle = store.interrupt_handle();
/// let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
/// let wait = instance.get_typed_func::<(), ()>(&store, "wait")?;
/// let error = std::thread::scope(|scope| {
///     let waiting = scope.spawn(|| wait.call(&mut store, ()).unwrap_err());
///     handle.interrupt();
///     waiting.join().unwrap()
/// });
/// assert_eq!(error.as_trap_code(), Some(TrapCode::Interrupt));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct InterruptHandle {
    parker: Arc<Parker>,
}

impl InterruptHandle {
    /// Ends the wait that is under way, or else the next one, with the trap
    /// [`TrapCode::Interrupt`](crate::TrapCode::Interrupt).
    pub fn interrupt(&self) {
        self.parker.interrupt();
    }
}

impl<T> Store<T> {
    /// Returns what ends waits of this store's code in shared memories.
    #[must_use]
    pub fn interrupt_handle(&self) -> InterruptHandle {
        InterruptHandle { parker: self.instances.parking.parker().clone() }
    }

    /// Sets the time after which code must not wait in a shared memory. A wait that would last longer ends then, with the
    /// trap [`TrapCode::Interrupt`](crate::TrapCode::Interrupt). Default: none.
    pub fn set_wait_deadline(&mut self, deadline: Option<Instant>) {
        self.instances.parking.deadline = deadline;
    }
}
