//! The budget of a program: fuel and time.
//!
//! A limit of time is enforced with fuel: the program gets slices of fuel, and the clock is read between them. So the
//! program stops at a point where it can be interrupted. [`Watchdog`](crate::watchdog::Watchdog) is for the other ones.

use std::time::{Duration, Instant};

use wasmote::{Config, Error, Func, ResumableCall, ResumableCallOutOfFuel, Store, TrapCode, Val};
use wasmote_wasi::WasiError;

use crate::{failure::TimeIsUp, host::Host};

/// The intended duration of a slice, which is also the precision of the limit.
const SLICE_TIME: Duration = Duration::from_millis(10);
/// The first slice, in units of fuel. Later slices depend on the speed of the program.
const FIRST_SLICE: u64 = 100_000;
const MIN_SLICE: u64 = 1000;

/// The remaining budget of a program.
pub(crate) struct Budget {
    limit: Option<u64>,
    timeout: Option<Duration>,
    /// The fuel consumed so far
    used: u64,
    /// The fuel that the store was last given, and the credit of host functions beyond it
    given: u64,
    credit: u64,
    slice: u64,
    /// The end of the time; none if the time is not limited
    deadline: Option<Instant>,
}

impl Budget {
    /// Creates a budget with limits, for a program whose time has run since `began`.
    pub(crate) fn new(limit: Option<u64>, timeout: Option<Duration>, began: Instant) -> Self {
        // A deadline that the clock cannot represent is never reached.
        let deadline = timeout.and_then(|timeout| began.checked_add(timeout));
        Self { limit, timeout, used: 0, given: 0, credit: 0, slice: FIRST_SLICE, deadline }
    }

    /// Configures an engine so that the limits can be enforced.
    pub(crate) fn apply(&self, config: &mut Config) {
        config.consume_fuel(self.limit.is_some() || self.timeout.is_some());
    }

    /// Whether the time is limited.
    pub(crate) fn limits_time(&self) -> bool {
        self.timeout.is_some()
    }

    /// Returns the limit of fuel and the fuel consumed so far.
    pub(crate) fn fuel(&self) -> Option<(u64, u64)> {
        Some((self.limit?, self.used))
    }

    /// Makes the functions of WASI observe the limit of time.
    pub(crate) fn start(&self, store: &mut Store<Host>) {
        store.data_mut().wasi.set_deadline(self.deadline);
    }

    /// Performs work that cannot be interrupted, with all remaining fuel.
    ///
    /// # Errors
    ///
    /// The errors of the work, and `TimeIsUp`.
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
    /// The errors of the call, and `TimeIsUp`.
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
                let trap = interrupted.map(|call: ResumableCallOutOfFuel| call.into_trap(&mut *store));
                return Err(trap.unwrap_or_else(|| TrapCode::OutOfFuel.into()));
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

    /// Gives the store up to `wanted` units of the remaining fuel. Returns the number of units.
    fn give(&mut self, store: &mut Store<Host>, wanted: u64) -> Result<u64, Error> {
        let left = self.limit.map_or(u64::MAX, |limit| limit.saturating_sub(self.used));
        self.given = wanted.min(left);
        self.credit = left - self.given;
        if self.limit.is_some() || self.timeout.is_some() {
            store.set_fuel(self.given)?;
            store.data_mut().wasi.set_fuel_credit(self.credit);
        }
        Ok(self.given)
    }

    /// Records how much of the given fuel was consumed.
    fn settle(&mut self, store: &Store<Host>) {
        if let Ok(left) = store.get_fuel() {
            let beyond = self.credit.saturating_sub(store.data().wasi.fuel_credit());
            self.used = self.used.saturating_add(self.given.saturating_sub(left)).saturating_add(beyond);
        }
    }

    /// Converts the error of a wait that reached the deadline to `TimeIsUp`.
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

fn resume(call: ResumableCallOutOfFuel, store: &mut Store<Host>, outputs: &mut [Val]) -> Result<ResumableCall, Error> {
    call.resume(store, outputs)
}
