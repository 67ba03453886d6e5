//! Interrupts the code of one store from outside.

use alloc::sync::Arc;
#[cfg(all(feature = "threads", feature = "std"))]
use std::time::Instant;

use crate::{
    api::store::Store,
    runtime::interruption::{Epoch, Signal},
};

/// Interrupts the code of one store, from any thread, from a signal handler or an interrupt of a device.
/// [`Store::interrupt_handle`] makes one.
///
/// Code that computes is interrupted only if [`Config::epoch_interruption`](crate::Config::epoch_interruption) is on; code that waits in
/// a shared memory always is.
///
/// ```
/// use wasmote::{Config, Engine, Linker, Module, Store, TrapCode};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let engine = Engine::new(Config::default().epoch_interruption(true));
/// let module = Module::new(&engine, r#"(module (func (export "spin") (loop (br 0))))"#)?;
/// let mut store = Store::new(&engine, ());
/// let handle = store.interrupt_handle();
/// let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
/// let spin = instance.get_typed_func::<(), ()>(&store, "spin")?;
/// let error = std::thread::scope(|scope| {
///     let spinning = scope.spawn(|| spin.call(&mut store, ()).unwrap_err());
///     handle.interrupt();
///     spinning.join().unwrap()
/// });
/// assert_eq!(error.as_trap_code(), Some(TrapCode::Interrupt));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct InterruptHandle {
    signal: Arc<Signal>,
    epoch: Option<Epoch>,
}

impl InterruptHandle {
    /// Interrupts the code that runs or waits, or else that which does so next, once: with the trap
    /// [`TrapCode::Interrupt`](crate::TrapCode::Interrupt).
    ///
    /// With the crate feature `threads`, it takes a lock for a moment, so it must not be called from a signal handler of the thread
    /// that runs the code.
    pub fn interrupt(&self) {
        self.signal.raise();
    }

    /// Whether code of the store would be interrupted now: by [`InterruptHandle::interrupt`], or because its deadline is reached.
    ///
    /// Host functions that wait for something ask this from time to time, where they do not have the store. If it is, they stop
    /// waiting and call [`Store::check_interruption`].
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.signal.is_due(self.epoch.as_ref())
    }
}

impl<T> Store<T> {
    /// Returns what interrupts this store's code.
    #[must_use]
    pub fn interrupt_handle(&self) -> InterruptHandle {
        let interruption = &self.instances.interruption;
        InterruptHandle { signal: interruption.signal().clone(), epoch: interruption.epoch().cloned() }
    }

    /// Sets the time after which code must not wait in a shared memory. A wait that would last longer ends then, with the
    /// trap [`TrapCode::Interrupt`](crate::TrapCode::Interrupt). Default: none.
    #[cfg(all(feature = "threads", feature = "std"))]
    pub fn set_wait_deadline(&mut self, deadline: Option<Instant>) {
        self.instances.wait_deadline = deadline;
    }
}
