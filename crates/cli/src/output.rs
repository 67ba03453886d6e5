//! Standard output: locked, buffered, and without panics when nobody reads it any more.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

/// Standard output.
///
/// What is left in the buffer is written when it is dropped, so that it comes before what is
/// said about a failure.
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

    /// Shows everything at once from now on, even if nobody is watching.
    pub(crate) fn show_always(&mut self) {
        self.interactive = true;
    }

    /// Shows what has been written so far, if somebody is watching.
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
        // Who wants to know of errors flushes before.
        let _ = self.writer.flush();
    }
}
