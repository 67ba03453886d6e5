//! The budget of a program: fuel and time, for all of its threads together.
//!
//! When the time is up, [`Watchdog`](crate::watchdog::Watchdog) interrupts the program. Threads share the limit of fuel: each gets
//! slices of it.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use wasmote::{Config, Error, Func, ResumableCall, ResumableCallOutOfFuel, Store, TrapCode, Val};
use wasmote_wasi::{WasiError, WasiThreads};

use crate::{failure::TimeIsUp, host::Host};

/// The intended duration of a slice.
const SLICE_TIME: Duration = Duration::from_millis(10);
/// The first slice, in units of fuel. Later slices depend on the speed of the program.
const FIRST_SLICE: u64 = 100_000;
const MIN_SLICE: u64 = 1000;
/// A thread takes at most this part of the remaining fuel at once.
const SHARE: u64 = 8;

/// What all threads of a program share.
#[derive(Debug)]
struct Common {
    limit: Option<u64>,
    timeout: Option<Duration>,
    /// The fuel consumed so far, and that which threads were given
    spent: AtomicU64,
    /// The end of the time; none if the time is not limited
    deadline: Option<Instant>,
}

/// The remaining budget of a program, as one of its threads uses it.
pub(crate) struct Budget {
    common: Arc<Common>,
    /// The threads of the program, if it can start some
    threads: Weak<WasiThreads<Host>>,
    /// The fuel that the store was last given, and the credit of host functions beyond it
    given: u64,
    credit: u64,
    slice: u64,
}

impl Budget {
    /// Creates a budget with limits, for a program whose time has run since `began`.
    pub(crate) fn new(limit: Option<u64>, timeout: Option<Duration>, began: Instant) -> Self {
        // A deadline that the clock cannot represent is never reached.
        let deadline = timeout.and_then(|timeout| began.checked_add(timeout));
        let common = Common { limit, timeout, spent: AtomicU64::new(0), deadline };
        Self { common: Arc::new(common), threads: Weak::new(), given: 0, credit: 0, slice: FIRST_SLICE }
    }

    /// Returns the same budget as another thread uses it.
    pub(crate) fn share(&self, threads: Weak<WasiThreads<Host>>) -> Self {
        Self { common: self.common.clone(), threads, given: 0, credit: 0, slice: FIRST_SLICE }
    }

    /// Configures an engine so that the limits can be enforced.
    pub(crate) fn apply(&self, config: &mut Config) {
        config.consume_fuel(self.is_metered()).epoch_interruption(self.limits_time());
    }

    /// Whether fuel is metered.
    pub(crate) fn is_metered(&self) -> bool {
        self.common.limit.is_some()
    }

    /// Whether the time is limited.
    pub(crate) fn limits_time(&self) -> bool {
        self.common.timeout.is_some()
    }

    /// Whether threads that compute can be stopped.
    pub(crate) fn stops_threads(&self) -> bool {
        self.is_metered() || self.limits_time()
    }

    /// Whether several threads use it.
    fn is_shared(&self) -> bool {
        self.threads.strong_count() > 0
    }

    /// Returns the limit of fuel and the fuel consumed so far.
    pub(crate) fn fuel(&self) -> Option<(u64, u64)> {
        Some((self.common.limit?, self.common.spent.load(Ordering::Relaxed)))
    }

    /// Makes waits and the functions of WASI observe the limit of time.
    pub(crate) fn start(&self, store: &mut Store<Host>) {
        store.data_mut().wasi.set_deadline(self.common.deadline);
        store.set_wait_deadline(self.common.deadline);
        store.set_epoch_deadline(1);
        if self.is_late() {
            // The epoch may have begun before.
            store.set_epoch_deadline(0);
        }
    }

    fn is_late(&self) -> bool {
        self.common.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Performs work with all remaining fuel, or a part of it if there are other threads.
    ///
    /// # Errors
    ///
    /// The errors of the work, and `TimeIsUp`.
    pub(crate) fn whole<R>(
        &mut self,
        store: &mut Store<Host>,
        work: impl FnOnce(&mut Store<Host>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.give(store, u64::MAX, 0)?;
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
        if self.is_metered() && self.is_shared() {
            let result = self.slices(store, func, inputs, outputs);
            return self.explain(result);
        }
        self.whole(store, |store| func.call(store, inputs, outputs))
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
            if self.give(store, slice, required)? < required {
                let trap = interrupted.map(|call: ResumableCallOutOfFuel| call.into_trap(&mut *store));
                return Err(trap.unwrap_or_else(|| TrapCode::OutOfFuel.into()));
            }
            let began = Instant::now();
            if self.is_late() {
                return Err(self.time_is_up());
            }
            if self.threads.upgrade().is_some_and(|threads| threads.has_ended()) {
                return Err(TrapCode::Interrupt.into());
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
    ///
    /// If other threads use the fuel too, it gives a part of it, but `required` units if there are so many.
    fn give(&mut self, store: &mut Store<Host>, wanted: u64, required: u64) -> Result<u64, Error> {
        let reserve = |left: u64| {
            if self.is_shared() { (left / SHARE).max(MIN_SLICE).max(required).min(left) } else { left }
        };
        let reserved = match self.common.limit {
            None => u64::MAX,
            Some(limit) => {
                let reserve = |spent| reserve(limit.saturating_sub(spent));
                let spend = |spent| Some(spent + reserve(spent));
                self.common.spent.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).map_or(0, reserve)
            }
        };
        self.given = wanted.min(reserved);
        self.credit = reserved - self.given;
        if self.is_metered() {
            store.set_fuel(self.given)?;
            store.data_mut().wasi.set_fuel_credit(self.credit);
        }
        Ok(self.given)
    }

    /// Takes back the fuel that was given and not consumed.
    fn settle(&mut self, store: &Store<Host>) {
        if self.common.limit.is_some()
            && let Ok(left) = store.get_fuel()
        {
            let credit = store.data().wasi.fuel_credit().min(self.credit);
            self.common.spent.fetch_sub(left.min(self.given) + credit, Ordering::Relaxed);
        }
    }

    /// Converts the error of a wait that reached the deadline to `TimeIsUp`.
    fn explain<R>(&self, result: Result<R, Error>) -> Result<R, Error> {
        result.map_err(|error| match (error.downcast_ref(), error.as_trap_code()) {
            (Some(WasiError::Deadline), _) => self.time_is_up(),
            (_, Some(TrapCode::Interrupt)) if self.is_late() => self.time_is_up(),
            _ => error,
        })
    }

    fn time_is_up(&self) -> Error {
        Error::host(TimeIsUp(self.common.timeout.unwrap_or_default()))
    }
}

fn resume(call: ResumableCallOutOfFuel, store: &mut Store<Host>, outputs: &mut [Val]) -> Result<ResumableCall, Error> {
    call.resume(store, outputs)
}
