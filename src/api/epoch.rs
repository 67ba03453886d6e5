//! What happens when the epoch of the engine reaches the deadline of a store.

use alloc::boxed::Box;

use crate::{
    api::{
        caller::Caller,
        context::{AsContextMut, StoreContextMut},
        store::{OnDeadline, Store, UpdateDeadline},
    },
    error::{Error, kinds::AsyncError},
    exec::host::Verdict,
    runtime::interruption::Cause,
    trap::TrapCode,
};

impl<T> Store<T> {
    /// Sets the deadline of the store: this number of ticks after the current epoch of the engine. Code of the store that runs
    /// then is interrupted. By default it traps ([`Store::epoch_deadline_trap`]); the functions like that one choose otherwise.
    ///
    /// A store has no deadline before this is called. A deadline that was reached remains, so later calls are interrupted too,
    /// until a new one is set. Nothing happens if [`Config::epoch_interruption`](crate::Config::epoch_interruption) is off.
    pub fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        if self.instances.interruption.set_deadline(ticks_beyond_current) && self.instances.interruption.is_due() {
            self.instances.fuel.end_slice();
        }
    }

    /// Lets code that has reached the deadline trap with [`TrapCode::Interrupt`]. This is the default.
    pub fn epoch_deadline_trap(&mut self) {
        self.deadline = OnDeadline::Trap;
    }

    /// Calls `callback` when code has reached the deadline. The callback decides whether the code continues. An error that it
    /// returns ends the call.
    ///
    /// In a call that is not asynchronous, [`UpdateDeadline::Yield`] is an error ([`AsyncError`](crate::errors::AsyncError)), unless
    /// an asynchronous call led to it: then it is the same as [`UpdateDeadline::Continue`].
    ///
    /// ```
    /// use wasmote::{Config, Engine, Linker, Module, Store, TrapCode, UpdateDeadline};
    ///
    /// # fn main() -> Result<(), wasmote::Error> {
    /// let engine = Engine::new(Config::default().epoch_interruption(true));
    /// let module = Module::new(&engine, r#"(module (func (export "spin") (loop (br 0))))"#)?;
    /// let mut store = Store::new(&engine, 0);
    /// let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
    /// let spin = instance.get_typed_func::<(), ()>(&store, "spin")?;
    /// store.set_epoch_deadline(0);
    /// store.epoch_deadline_callback(|mut ctx| {
    ///     *ctx.data_mut() += 1;
    ///     Ok(if *ctx.data() < 3 { UpdateDeadline::Continue(0) } else { UpdateDeadline::Interrupt })
    /// });
    /// let error = spin.call(&mut store, ()).unwrap_err();
    /// assert_eq!(error.as_trap_code(), Some(TrapCode::Interrupt));
    /// assert_eq!(*store.data(), 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn epoch_deadline_callback(
        &mut self,
        mut callback: impl FnMut(StoreContextMut<'_, T>) -> Result<UpdateDeadline, Error> + Send + Sync + 'static,
    ) {
        self.deadline = OnDeadline::Ask(Box::new(move |store| callback(StoreContextMut { store })));
    }

    /// Lets an asynchronous call that has reached the deadline yield to other tasks. The next deadline is `delta` ticks after the
    /// current epoch. See [`Store::epoch_deadline_callback`] for other calls.
    pub fn epoch_deadline_async_yield_and_update(&mut self, delta: u64) {
        self.deadline = OnDeadline::Yield(delta);
    }

    /// Decides about code that has reached the deadline.
    pub(crate) fn reach_deadline(&mut self) -> Result<Verdict, Error> {
        let update = match core::mem::replace(&mut self.deadline, OnDeadline::Trap) {
            OnDeadline::Trap => UpdateDeadline::Interrupt,
            OnDeadline::Yield(delta) => {
                self.deadline = OnDeadline::Yield(delta);
                UpdateDeadline::Yield(delta)
            }
            OnDeadline::Ask(mut callback) => {
                let update = callback(self);
                // The callback may have chosen something else for the next time.
                if let OnDeadline::Trap = self.deadline {
                    self.deadline = OnDeadline::Ask(callback);
                }
                update?
            }
        };
        match update {
            UpdateDeadline::Interrupt => Err(TrapCode::Interrupt.into()),
            UpdateDeadline::Continue(delta) => {
                self.instances.interruption.set_deadline(delta);
                Ok(Verdict::Continue)
            }
            UpdateDeadline::Yield(delta) => {
                self.instances.interruption.set_deadline(delta);
                if self.invocations.is_async() { Ok(Verdict::Yield) } else { Err(AsyncError::YieldNotAsync.into()) }
            }
        }
    }

    /// Interrupts the host function that calls this, if it is due. For host functions that take long, or wait: without it, code is
    /// interrupted when they return.
    ///
    /// If the store's deadline is reached, what was chosen for that happens, for example a call of
    /// [`Store::epoch_deadline_callback`]'s function; a host function that is not asynchronous does not yield.
    ///
    /// # Errors
    ///
    /// The error with which code would be interrupted now. The host function should return it.
    pub fn check_interruption(&mut self) -> Result<(), Error> {
        match self.instances.interruption.cause() {
            None => Ok(()),
            Some(Cause::Signal) => Err(TrapCode::Interrupt.into()),
            Some(Cause::Deadline) => self.reach_deadline().map(|_| ()),
        }
    }
}

impl<T> StoreContextMut<'_, T> {
    /// Sets the deadline of the store; see [`Store::set_epoch_deadline`].
    pub fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        self.store.set_epoch_deadline(ticks_beyond_current);
    }

    /// Lets code that has reached the deadline trap; see [`Store::epoch_deadline_trap`].
    pub fn epoch_deadline_trap(&mut self) {
        self.store.epoch_deadline_trap();
    }

    /// Lets an asynchronous call that has reached the deadline yield; see [`Store::epoch_deadline_async_yield_and_update`].
    pub fn epoch_deadline_async_yield_and_update(&mut self, delta: u64) {
        self.store.epoch_deadline_async_yield_and_update(delta);
    }

    /// Interrupts the host function that calls this, if it is due; see [`Store::check_interruption`].
    ///
    /// # Errors
    ///
    /// The error with which code would be interrupted now.
    pub fn check_interruption(&mut self) -> Result<(), Error> {
        self.store.check_interruption()
    }
}

impl<T> Caller<'_, T> {
    /// Interrupts the host function that calls this, if it is due; see [`Store::check_interruption`].
    ///
    /// # Errors
    ///
    /// The error with which code would be interrupted now.
    pub fn check_interruption(&mut self) -> Result<(), Error> {
        self.as_context_mut().check_interruption()
    }
}
