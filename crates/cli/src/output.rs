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
    writer: Arc<Mutex<BufWriter<Patient>>>,
    interactive: bool,
}

/// Standard output that waits where it would block: another process can have made it non-blocking.
struct Patient(Stdout);

impl Patient {
    fn wait<R>(&mut self, operation: impl Fn(&mut Stdout) -> io::Result<R>) -> io::Result<R> {
        loop {
            match operation(&mut self.0) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::sleep(Duration::from_millis(1)),
                result => return result,
            }
        }
    }
}

impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.wait(|stdout| stdout.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.wait(Stdout::flush)
    }
}

/// Writes the rest of an output's buffer from another thread.
pub(crate) struct Flusher {
    writer: Arc<Mutex<BufWriter<Patient>>>,
}

impl Output {
    /// Makes a buffer for standard output.
    pub(crate) fn stdout() -> Self {
        let stdout = io::stdout();
        Self { interactive: stdout.is_terminal(), writer: Arc::new(Mutex::new(BufWriter::new(Patient(stdout)))) }
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

    fn lock(&self) -> MutexGuard<'_, BufWriter<Patient>> {
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
