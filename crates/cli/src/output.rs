//! Standard output: buffered, and without panics when the reader has closed the pipe.

use std::{
    io::{self, BufWriter, IsTerminal, Stdout, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError},
    thread,
    time::Duration,
};

/// Standard output.
///
/// The rest of the buffer is written when it is dropped, so that it precedes the message of a
/// failure.
pub(crate) struct Output {
    writer: Arc<Mutex<BufWriter<Stdout>>>,
    interactive: bool,
}

/// Writes the rest of an output's buffer from another thread.
pub(crate) struct Flusher {
    writer: Arc<Mutex<BufWriter<Stdout>>>,
}

impl Output {
    /// Makes a buffer for standard output.
    pub(crate) fn stdout() -> Self {
        let stdout = io::stdout();
        Self { interactive: stdout.is_terminal(), writer: Arc::new(Mutex::new(BufWriter::new(stdout))) }
    }

    /// Makes [`Self::show`] flush always, not only on a terminal.
    pub(crate) fn show_always(&mut self) {
        self.interactive = true;
    }

    /// Flushes the buffer if standard output is a terminal.
    pub(crate) fn show(&mut self) -> io::Result<()> {
        if self.interactive { self.flush() } else { Ok(()) }
    }

    pub(crate) fn flusher(&self) -> Flusher {
        Flusher { writer: self.writer.clone() }
    }

    fn lock(&self) -> MutexGuard<'_, BufWriter<Stdout>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.lock().flush()
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // Callers that need the error flush before.
        let _ = self.lock().flush();
    }
}

impl Flusher {
    /// Writes the buffer, unless the other thread is writing and does not come to an end.
    pub(crate) fn flush(&self) {
        for _ in 0..10 {
            match self.writer.try_lock() {
                Ok(mut writer) => return drop(writer.flush()),
                Err(TryLockError::Poisoned(poisoned)) => return drop(poisoned.into_inner().flush()),
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(5)),
            }
        }
    }
}
