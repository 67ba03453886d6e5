//! What interrupts the code of a store: the engine's epoch when it reaches the store's deadline, or a signal of an interrupt handle.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
#[cfg(all(feature = "threads", feature = "std"))]
use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use spin::Once;

/// Whether code that computes can be interrupted in this build. A constant, so that builds without it have no code for it.
pub(crate) const IS_BUILT: bool = cfg!(any(not(feature = "small"), feature = "interruption"));

/// A number that an embedder increments from time to time.
///
/// It has the size of an address, since not every target has larger atomic numbers. Only differences matter, so it may wrap.
pub(crate) type Epoch = Arc<AtomicUsize>;

/// Tells running or waiting code of one store to stop. Whoever stops takes the signal.
#[derive(Debug)]
pub(crate) struct Signal {
    raised: AtomicBool,
    /// Copies of the deadline of the store, for other threads. More ticks than an address can count are none.
    since: AtomicUsize,
    ticks: AtomicUsize,
    /// Whether the thread that sleeps here was notified.
    #[cfg(all(feature = "threads", feature = "std"))]
    notified: Mutex<bool>,
    #[cfg(all(feature = "threads", feature = "std"))]
    changed: Condvar,
}

/// How a wait ended.
#[cfg(all(feature = "threads", feature = "std"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// Another thread notified the address.
    Notified,
    /// There was another value than expected.
    Mismatch,
    /// The timeout passed.
    TimedOut,
    /// The signal was raised, or the deadline passed.
    Interrupted,
}

impl Default for Signal {
    fn default() -> Self {
        Self {
            raised: AtomicBool::new(false),
            since: AtomicUsize::new(0),
            ticks: AtomicUsize::new(usize::MAX),
            #[cfg(all(feature = "threads", feature = "std"))]
            notified: Mutex::new(false),
            #[cfg(all(feature = "threads", feature = "std"))]
            changed: Condvar::new(),
        }
    }
}

impl Signal {
    /// Copies the deadline of the store.
    fn set_deadline(&self, since: usize, ticks: u64) {
        self.since.store(since, Ordering::Relaxed);
        self.ticks.store(usize::try_from(ticks).unwrap_or(usize::MAX), Ordering::Release);
    }

    /// Whether the code of the store would have to stop now. `epoch` is that of the engine.
    pub(crate) fn is_due(&self, epoch: Option<&Epoch>) -> bool {
        let ticks = self.ticks.load(Ordering::Acquire);
        let passed = |epoch: &Epoch| {
            ticks != usize::MAX
                && epoch.load(Ordering::Relaxed).wrapping_sub(self.since.load(Ordering::Relaxed)) >= ticks
        };
        self.is_raised() || epoch.is_some_and(passed)
    }

    /// Interrupts what is under way, or else what comes next.
    pub(crate) fn raise(&self) {
        self.raised.store(true, Ordering::Release);
        #[cfg(all(feature = "threads", feature = "std"))]
        {
            // Whoever is about to sleep has seen the signal, or sleeps when it gives up the lock.
            drop(self.lock());
            self.changed.notify_all();
        }
    }

    /// Whether it was raised.
    #[inline]
    pub(crate) fn is_raised(&self) -> bool {
        self.raised.load(Ordering::Acquire)
    }

    /// Takes the signal. Returns whether it was raised.
    pub(crate) fn take(&self) -> bool {
        self.raised.swap(false, Ordering::AcqRel)
    }
}

#[cfg(all(feature = "threads", feature = "std"))]
impl Signal {
    /// Locks. A thread that panicked has left the value in order.
    fn lock(&self) -> MutexGuard<'_, bool> {
        self.notified.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets notifications of earlier waits.
    pub(crate) fn begin_wait(&self) {
        *self.lock() = false;
    }

    /// Wakes the thread that sleeps here.
    pub(crate) fn notify(&self) {
        *self.lock() = true;
        self.changed.notify_all();
    }

    /// Sleeps until there is a reason not to.
    pub(crate) fn sleep(&self, timeout: Option<Instant>, deadline: Option<Instant>) -> Woken {
        let mut notified = self.lock();
        loop {
            if *notified {
                return Woken::Notified;
            }
            if self.is_raised() {
                return Woken::Interrupted;
            }
            let now = Instant::now();
            if timeout.is_some_and(|timeout| now >= timeout) {
                return Woken::TimedOut;
            }
            if deadline.is_some_and(|deadline| now >= deadline) {
                return Woken::Interrupted;
            }
            notified = match [timeout, deadline].into_iter().flatten().min() {
                Some(end) => {
                    let woken = self.changed.wait_timeout(notified, end.saturating_duration_since(now));
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(notified).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

/// Why code is interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The epoch has reached the deadline.
    Deadline,
    /// The signal was raised, and taken.
    Signal,
}

/// What interrupts the code of a store.
#[derive(Debug, Default)]
pub(crate) struct Interruption {
    /// The epoch of the engine, if its code looks at it
    epoch: Option<Epoch>,
    /// The epoch when the deadline was set, and the number of ticks from there to the deadline
    deadline: Option<(usize, u64)>,
    signal: Once<Arc<Signal>>,
}

impl Interruption {
    /// No deadline and no signal yet. `epoch` is that of the engine, if code looks whether it is interrupted.
    pub(crate) fn new(epoch: Option<Epoch>) -> Self {
        Self { epoch, deadline: None, signal: Once::new() }
    }

    /// What tells code of the store to stop.
    pub(crate) fn signal(&self) -> &Arc<Signal> {
        self.signal.call_once(|| {
            let signal = Signal::default();
            if let Some((since, ticks)) = self.deadline {
                signal.set_deadline(since, ticks);
            }
            Arc::new(signal)
        })
    }

    /// The epoch of the engine, if code looks at it.
    pub(crate) fn epoch(&self) -> Option<&Epoch> {
        self.epoch.as_ref()
    }

    /// Sets the deadline to so many ticks after the current epoch. Returns false if code does not look at it.
    pub(crate) fn set_deadline(&mut self, ticks: u64) -> bool {
        let Some(epoch) = &self.epoch else { return false };
        let since = epoch.load(Ordering::Relaxed);
        self.deadline = Some((since, ticks));
        if let Some(signal) = self.signal.get() {
            signal.set_deadline(since, ticks);
        }
        true
    }

    /// Whether code may be interrupted while it computes.
    pub(crate) fn is_possible(&self) -> bool {
        IS_BUILT && self.epoch.is_some()
    }

    /// Whether the code has to stop.
    pub(crate) fn is_due(&self) -> bool {
        self.signal.get().is_some_and(|signal| signal.is_raised()) || self.has_passed()
    }

    /// Whether the epoch has reached the deadline.
    fn has_passed(&self) -> bool {
        match (&self.epoch, self.deadline) {
            (Some(epoch), Some((since, ticks))) => epoch.load(Ordering::Relaxed).wrapping_sub(since) as u64 >= ticks,
            _ => false,
        }
    }

    /// Returns why the code has to stop, if it has. Takes the signal.
    pub(crate) fn cause(&self) -> Option<Cause> {
        if self.signal.get().is_some_and(|signal| signal.is_raised() && signal.take()) {
            return Some(Cause::Signal);
        }
        self.has_passed().then_some(Cause::Deadline)
    }
}
