//! Threads that wait at an address of a shared memory (threads proposal, Wait and Notify operators), until another thread
//! notifies that address, time is up, or they are interrupted.
//!
//! Waiting threads are listed in one of a few buckets, which the address determines. A thread compares the value and joins
//! the list under the bucket's lock, which whoever notifies takes as well; so no notification is lost in between.

use alloc::sync::Arc;
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::runtime::interruption::{Signal, Woken};

/// A thread in a bucket.
#[derive(Debug)]
struct Waiter {
    address: usize,
    signal: Arc<Signal>,
}

const BUCKETS: usize = 64;

static WAITERS: [Mutex<VecDeque<Waiter>>; BUCKETS] = [const { Mutex::new(VecDeque::new()) }; BUCKETS];

/// Locks. A thread that panicked has left the value in order.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn bucket(address: usize) -> MutexGuard<'static, VecDeque<Waiter>> {
    // Neighbours in a cache line mostly belong to one lock of the program.
    lock(&WAITERS[(address >> 6).wrapping_mul(0x9e37_79b9) >> 16 & (BUCKETS - 1)])
}

/// Waits at an address if `is_expected` says so.
pub(crate) fn wait(
    signal: &Arc<Signal>,
    address: usize,
    timeout: Option<Duration>,
    deadline: Option<Instant>,
    is_expected: impl FnOnce() -> bool,
) -> Woken {
    // An end that the clock cannot represent is never reached.
    let timeout = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    {
        let mut waiters = bucket(address);
        if !is_expected() {
            return Woken::Mismatch;
        }
        signal.begin_wait();
        waiters.push_back(Waiter { address, signal: signal.clone() });
    }
    let woken = signal.sleep(timeout, deadline);
    if woken != Woken::Notified {
        let mut waiters = bucket(address);
        match waiters.iter().position(|waiter| Arc::ptr_eq(&waiter.signal, signal)) {
            Some(own) => drop(waiters.remove(own)),
            // It was notified meanwhile, and counted. An interrupt is for the next wait then.
            None => return Woken::Notified,
        }
    }
    if woken == Woken::Interrupted {
        signal.take();
    }
    woken
}

/// Wakes up to `count` threads that wait at an address, those first that have waited longest. Returns how many.
pub(crate) fn notify(address: usize, count: u32) -> u32 {
    let mut waiters = bucket(address);
    let mut woken = 0;
    waiters.retain(|waiter| {
        let wakes = woken < count && waiter.address == address;
        if wakes {
            waiter.signal.notify();
            woken += 1;
        }
        !wakes
    });
    woken
}

#[cfg(test)]
mod tests {
    use alloc::sync::Arc;
    use std::{
        thread,
        time::{Duration, Instant},
    };

    use super::{Signal, Woken, notify, wait};

    /// Addresses that no other test uses.
    fn address() -> usize {
        std::boxed::Box::leak(std::boxed::Box::new(0_u64)) as *mut u64 as usize
    }

    fn wake(address: usize, count: u32) {
        while notify(address, count) < count {
            thread::yield_now();
        }
    }

    #[test]
    fn a_wait_ends_by_each_reason() {
        let (signal, at) = (Arc::<Signal>::default(), address());
        assert_eq!(wait(&signal, at, None, None, || false), Woken::Mismatch);
        assert_eq!(wait(&signal, at, Some(Duration::ZERO), None, || true), Woken::TimedOut);
        assert_eq!(wait(&signal, at, None, Some(Instant::now()), || true), Woken::Interrupted);
        signal.raise();
        assert_eq!(wait(&signal, at, None, None, || true), Woken::Interrupted, "interrupted before");
        assert_eq!(wait(&signal, at, Some(Duration::from_millis(1)), None, || true), Woken::TimedOut, "only once");
        let other = signal.clone();
        let thread = thread::spawn(move || wait(&other, at, None, None, || true));
        thread::sleep(Duration::from_millis(20));
        signal.raise();
        assert_eq!(thread.join().unwrap(), Woken::Interrupted);
        let other = signal.clone();
        let thread = thread::spawn(move || wait(&other, at, None, None, || true));
        wake(at, 1);
        assert_eq!(thread.join().unwrap(), Woken::Notified);
        assert_eq!(notify(at, u32::MAX), 0, "nobody is left");
    }

    #[test]
    fn no_more_are_woken_than_asked_for() {
        let (here, there) = (address(), address());
        let start = |at| thread::spawn(move || wait(&Arc::default(), at, None, None, || true));
        let (threads, other) = ([start(here), start(here), start(here)], start(there));
        wake(here, 0);
        wake(here, 1);
        let mut rest = 2;
        while rest > 0 {
            rest -= notify(here, rest);
            thread::yield_now();
        }
        for thread in threads {
            assert_eq!(thread.join().unwrap(), Woken::Notified);
        }
        assert!(!other.is_finished());
        wake(there, 1);
        assert_eq!(other.join().unwrap(), Woken::Notified);
    }
}
