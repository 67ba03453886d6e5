//! Interrupts the program when the time is up, and ends the process if it cannot be interrupted.
//!
//! A second thread waits for the end of the time, and then increments the epoch of the engine, which stops running code and its
//! bulk operators. This does not stop loading, a collection, or a write to a full pipe. So a little later the thread writes what
//! the host functions have printed, reports, and ends the process with the same status and message.

use std::{
    process,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use wasmote::Engine;

use crate::{
    failure::{Failure, status},
    output::Flusher,
};

/// The time after the deadline in which the program can still be stopped in the usual way.
const GRACE: Duration = Duration::from_millis(5);
/// The time to write the output and the message, which nobody may read.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// The thread that waits; it ends when this is dropped.
pub(crate) struct Watchdog {
    shared: Arc<Shared>,
    /// Dropped with this; the thread waits for that
    _alive: Sender<()>,
}

struct Shared {
    /// What would be interrupted
    context: Mutex<String>,
    /// The engine whose code is interrupted
    engine: Mutex<Option<Engine>>,
    /// Whether one of the two threads has begun to report
    reported: AtomicBool,
}

impl Watchdog {
    /// Starts the thread; none if the time is not limited, or if there can be no thread.
    pub(crate) fn start(began: Instant, timeout: Option<Duration>, context: String, flusher: Flusher) -> Option<Self> {
        let timeout = timeout?;
        let shared = Arc::new(Shared {
            context: Mutex::new(context),
            engine: Mutex::new(None),
            reported: AtomicBool::new(false),
        });
        let (alive, over) = mpsc::channel::<()>();
        let watched = shared.clone();
        let watch = move || {
            // A time that the clock cannot represent is never over.
            let is_over = |end: Duration| {
                over.recv_timeout(end.saturating_sub(began.elapsed())) == Err(RecvTimeoutError::Timeout)
            };
            if !is_over(timeout) {
                return;
            }
            if let Some(engine) = &*watched.engine.lock().unwrap_or_else(PoisonError::into_inner) {
                engine.increment_epoch();
            }
            if is_over(timeout.saturating_add(GRACE)) && !watched.reported.swap(true, Ordering::AcqRel) {
                watched.end(timeout, flusher);
            }
        };
        thread::Builder::new().name("watchdog".into()).spawn(watch).ok()?;
        Some(Self { shared, _alive: alive })
    }

    /// Makes the end of the time interrupt code of `engine`, whose stores have a deadline of one tick.
    pub(crate) fn interrupt(&self, engine: &Engine) {
        *self.shared.engine.lock().unwrap_or_else(PoisonError::into_inner) = Some(engine.clone());
    }

    /// Notes what would be interrupted from now on.
    pub(crate) fn watch(&self, context: &str) {
        *self.shared.context.lock().unwrap_or_else(PoisonError::into_inner) = context.into();
    }

    /// Ends the watch, before this thread reports. If the other one has begun to, the process ends here.
    pub(crate) fn leave(self) {
        if self.shared.reported.swap(true, Ordering::AcqRel) {
            loop {
                thread::park();
            }
        }
    }
}

impl Shared {
    /// Reports and ends the process.
    fn end(&self, timeout: Duration, flusher: Flusher) -> ! {
        let context = self.context.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (done, wait) = mpsc::channel();
        // In a thread of its own, since the streams may be full.
        let last_words = move || {
            flusher.flush();
            Failure::of_timeout(&context, timeout).report();
            let _ = done.send(());
        };
        if thread::Builder::new().spawn(last_words).is_ok() {
            let _ = wait.recv_timeout(LAST_WORDS);
        }
        process::exit(status::TIMEOUT)
    }
}
