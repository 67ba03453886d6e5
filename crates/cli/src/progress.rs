//! A progress bar on standard error for work that takes longer than a second, if that is a terminal.

use std::{
    io::{self, IsTerminal},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that ends sooner shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);
/// The time between two updates of the bar.
const TICK: Duration = Duration::from_millis(100);

/// A progress bar, which is cleared when it is dropped.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// The thread that shows the bar after `PATIENCE`; it ends when the sender is dropped
    painter: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Creates a bar for `count` pieces of work.
    pub(crate) fn of(count: usize) -> Self {
        Self::new(ProgressBar::hidden(), Some(count), "{bar:30} {pos}/{len} {wide_msg}")
    }

    /// Creates a spinner for work that cannot be counted.
    pub(crate) fn endless(message: String) -> Self {
        let progress = Self::new(ProgressBar::hidden(), None, "{spinner} {wide_msg} {elapsed}");
        progress.bar.set_message(message);
        progress
    }

    fn new(bar: ProgressBar, count: Option<usize>, template: &str) -> Self {
        if !io::stderr().is_terminal() {
            return Self { bar, painter: None };
        }
        if let Some(count) = count {
            bar.set_length(count as u64);
        }
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let (sender, receiver) = mpsc::channel::<()>();
        let painted = bar.clone();
        let painter = thread::Builder::new().spawn(move || {
            if receiver.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                painted.set_draw_target(ProgressDrawTarget::stderr());
                painted.enable_steady_tick(TICK);
            }
        });
        Self { bar, painter: painter.ok().map(|thread| (sender, thread)) }
    }

    /// Shows which piece of work comes next.
    pub(crate) fn next(&self, message: String) {
        self.bar.set_message(message);
    }

    /// Counts a finished piece of work. `print` prints its result while the bar is hidden.
    pub(crate) fn done<R>(&self, print: impl FnOnce() -> R) -> R {
        self.bar.inc(1);
        self.bar.suspend(print)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.painter.take() {
            drop(sender);
            // The thread does not panic, and a failure to draw may be ignored.
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}
