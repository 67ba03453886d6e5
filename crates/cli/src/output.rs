//! Standard output: locked, buffered, and without panics when the reader has closed the pipe.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

/// Standard output.
///
/// The rest of the buffer is written when it is dropped, so that it precedes the message of a
/// failure.
pub(crate) struct Output {
    writer: BufWriter<StdoutLock<'static>>,
    interactive: bool,
}

impl Output {
    /// Locks standard output until this is dropped.
    pub(crate) fn stdout() -> Self {
        let stdout = io::stdout().lock();
        Self { interactive: stdout.is_terminal(), writer: BufWriter::new(stdout) }
    }

    /// Makes [`Self::show`] flush always, not only on a terminal.
    pub(crate) fn show_always(&mut self) {
        self.interactive = true;
    }

    /// Flushes the buffer if standard output is a terminal.
    pub(crate) fn show(&mut self) -> io::Result<()> {
        if self.interactive { self.flush() } else { Ok(()) }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // Callers that need the error flush before.
        let _ = self.writer.flush();
    }
}
