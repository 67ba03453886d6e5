//! What a program may use up: fuel and time.
//!
//! A limit of time is kept with fuel: the program gets it in slices, and the clock is read between them. No second
//! thread is needed, and the program stops where it can stop.

use std::time::{Duration, Instant};

use wasmote::{Config, CustomFuelCosts, Error, Func, ResumableCall, Store, TrapCode, Val};
use wasmote_wasi::WasiError;

use crate::{failure::TimeIsUp, host::Host};

/// A slice should last about this long: so exact is the limit.
const SLICE_TIME: Duration = Duration::from_millis(10);
/// The first slice, in units of fuel; later ones depend on how fast the program is.
const FIRST_SLICE: u64 = 100_000;
const MIN_SLICE: u64 = 1000;

/// What a program may still use up.
pub(crate) struct Budget {
    limit: Option<u64>,
    timeout: Option<Duration>,
    /// Fuel used up
    used: u64,
    /// Fuel that the store was given last
    given: u64,
    slice: u64,
    /// When the time is up; none before it is started, and if that is never
    deadline: Option<Instant>,
}

impl Budget {
    /// A budget with limits; the time does not run yet.
    pub(crate) fn new(limit: Option<u64>, timeout: Option<Duration>) -> Self {
        Self { limit, timeout, used: 0, given: 0, slice: FIRST_SLICE, deadline: None }
    }

    /// Sets what an engine needs to keep the limits.
    pub(crate) fn apply(&self, config: &mut Config) {
        config.consume_fuel(self.limit.is_some() || self.timeout.is_some());
        if self.timeout.is_some() {
            // A call cannot go on after lack of fuel for translation.
            let free =
                CustomFuelCosts { fuel_per_bytes_translated: 0, fuel_per_bytes_validated: 0, ..Default::default() };
            config.fuel_cost(free);
        }
    }

    /// Whether the time is limited.
    pub(crate) fn limits_time(&self) -> bool {
        self.timeout.is_some()
    }

    /// The fuel that may be used up, and that has been.
    pub(crate) fn fuel(&self) -> Option<(u64, u64)> {
        Some((self.limit?, self.used))
    }

    /// Lets the time run.
    pub(crate) fn start(&mut self, store: &mut Store<Host>) {
        // What is beyond the end of the clock is never.
        self.deadline = self.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        store.data_mut().wasi.set_deadline(self.deadline);
    }

    /// Does something that cannot be interrupted, with all the fuel there is.
    ///
    /// # Errors
    ///
    /// Those of the work, and that the time is up.
    pub(crate) fn whole<R>(
        &mut self,
        store: &mut Store<Host>,
        work: impl FnOnce(&mut Store<Host>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.give(store, u64::MAX)?;
        let result = work(store);
        self.settle(store);
        self.explain(result)
    }

    /// Calls a function.
    ///
    /// # Errors
    ///
    /// Those of the call, and that the time is up.
    pub(crate) fn call(
        &mut self,
        store: &mut Store<Host>,
        func: Func,
        inputs: &[Val],
        outputs: &mut [Val],
    ) -> Result<(), Error> {
        if self.timeout.is_none() {
            return self.whole(store, |store| func.call(store, inputs, outputs));
        }
        let result = self.slices(store, func, inputs, outputs);
        self.explain(result)
    }

    fn slices(
        &mut self,
        store: &mut Store<Host>,
        func: Func,
        inputs: &[Val],
        outputs: &mut [Val],
    ) -> Result<(), Error> {
        let mut interrupted = None;
        let mut required = 0;
        loop {
            let slice = self.slice.max(required);
            if self.give(store, slice)? < required {
                return Err(TrapCode::OutOfFuel.into());
            }
            let began = Instant::now();
            if self.deadline.is_some_and(|deadline| began >= deadline) {
                return Err(self.time_is_up());
            }
            let result = match interrupted.take() {
                None => func.call_resumable(&mut *store, inputs, outputs),
                Some(call) => resume(call, store, outputs),
            };
            self.settle(store);
            match result? {
                ResumableCall::Finished => return Ok(()),
                ResumableCall::HostTrap(call) => return Err(call.into_host_error()),
                ResumableCall::OutOfFuel(call) => {
                    required = call.required_fuel();
                    interrupted = Some(call);
                }
            }
            let time = began.elapsed();
            if time < SLICE_TIME / 2 {
                self.slice = self.slice.saturating_mul(2);
            } else if time > SLICE_TIME * 2 {
                self.slice = (self.slice / 2).max(MIN_SLICE);
            }
        }
    }

    /// Gives the store fuel, as much as there is up to `wanted`; gives how much that is.
    fn give(&mut self, store: &mut Store<Host>, wanted: u64) -> Result<u64, Error> {
        let left = self.limit.map_or(u64::MAX, |limit| limit.saturating_sub(self.used));
        self.given = wanted.min(left);
        if self.limit.is_some() || self.timeout.is_some() {
            store.set_fuel(self.given)?;
        }
        Ok(self.given)
    }

    /// Notes what was used up of the fuel that was given.
    fn settle(&mut self, store: &Store<Host>) {
        if let Ok(left) = store.get_fuel() {
            self.used = self.used.saturating_add(self.given.saturating_sub(left));
        }
    }

    /// Tells the end of waiting from other errors.
    fn explain<R>(&self, result: Result<R, Error>) -> Result<R, Error> {
        result.map_err(|error| match error.downcast_ref() {
            Some(WasiError::Deadline) => self.time_is_up(),
            _ => error,
        })
    }

    fn time_is_up(&self) -> Error {
        Error::host(TimeIsUp(self.timeout.unwrap_or_default()))
    }
}

fn resume(
    call: wasmote::ResumableCallOutOfFuel,
    store: &mut Store<Host>,
    outputs: &mut [Val],
) -> Result<ResumableCall, Error> {
    call.resume(store, outputs)
}
