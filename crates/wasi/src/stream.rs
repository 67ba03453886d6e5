//! Standard input, output and error.

use std::{
    collections::VecDeque,
    io::{self, IsTerminal, Read, Write},
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    abi::FileType,
    errno::{Errno, Result},
    guest::{Buffers, GuestMemory},
};

/// Standard input of a program. The mutex is never locked; it makes the context `Sync`.
pub(crate) enum Input {
    /// Always at its end
    Empty,
    /// Standard input of this process
    Inherited,
    /// Bytes from the embedder
    Bytes(VecDeque<u8>),
    /// A reader of the embedder
    Reader(Mutex<Box<dyn Read + Send>>),
}

/// Standard output or error of a program.
pub(crate) enum Output {
    /// Drops all bytes
    Discarded,
    /// Standard output of this process
    InheritedStdout,
    /// Standard error of this process
    InheritedStderr,
    /// Keeps all bytes in memory
    Captured(CapturedOutput),
    /// A writer of the embedder
    Writer(Mutex<Box<dyn Write + Send>>),
}

/// The output of a program, kept in memory. A clone is another handle of the same bytes.
///
/// ```
/// use wasmote_wasi::{CapturedOutput, WasiCtxBuilder};
///
/// let output = CapturedOutput::new();
/// let ctx = WasiCtxBuilder::new().captured_stdout(&output).build()?;
/// // … run a program …
/// assert_eq!(output.contents(), b"");
/// # Ok::<(), wasmote_wasi::WasiError>(())
/// ```
#[derive(Debug, Clone)]
pub struct CapturedOutput {
    bytes: Arc<Mutex<Vec<u8>>>,
    limit: usize,
}

impl CapturedOutput {
    /// The limit of [`CapturedOutput::new`], in bytes.
    pub const DEFAULT_LIMIT: usize = 64 << 20;

    /// Makes an empty output.
    #[must_use]
    pub fn new() -> Self {
        Self::with_limit(Self::DEFAULT_LIMIT)
    }

    /// Makes an empty output that takes at most `bytes` bytes. A write beyond them fails with `ENOSPC`.
    #[must_use]
    pub fn with_limit(bytes: usize) -> Self {
        Self { bytes: Arc::default(), limit: bytes }
    }

    /// Returns a copy of the bytes written since the last [`CapturedOutput::take`].
    #[must_use]
    pub fn contents(&self) -> Vec<u8> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Removes and returns the bytes.
    #[must_use]
    pub fn take(&self) -> Vec<u8> {
        core::mem::take(&mut *self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, bytes: &[u8]) -> Result<usize> {
        let mut kept = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let len = bytes.len().min(self.limit.saturating_sub(kept.len()));
        if len == 0 && !bytes.is_empty() {
            return Err(Errno::NoSpace);
        }
        kept.try_reserve(len).map_err(|_| Errno::NoSpace)?;
        kept.extend_from_slice(&bytes[..len]);
        Ok(len)
    }
}

impl Default for CapturedOutput {
    fn default() -> Self {
        Self::new()
    }
}

fn type_of(terminal: bool) -> FileType {
    // C libraries regard a character device without seek rights as a terminal.
    if terminal { FileType::CharacterDevice } else { FileType::Unknown }
}

/// Repeats an operation that a signal interrupts.
fn retry(mut operation: impl FnMut() -> io::Result<usize>) -> Result<usize> {
    loop {
        match operation() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return Ok(result?),
        }
    }
}

/// Reads standard input of this process without a buffer: what the buffer of the standard library took, a poll of the
/// descriptor would not see. Like the standard library, takes a closed descriptor for an empty one.
#[cfg(unix)]
fn read_stdin(buffer: &mut [u8]) -> Result<usize> {
    loop {
        match rustix::io::read(io::stdin(), &mut *buffer) {
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::BADF) => return Ok(0),
            result => return Ok(result?),
        }
    }
}

#[cfg(not(unix))]
fn read_stdin(buffer: &mut [u8]) -> Result<usize> {
    retry(|| io::stdin().lock().read(buffer))
}

/// Writes buffers of a program to a standard stream of this process, in one system call. Like the standard library,
/// drops what is written to a closed descriptor.
#[cfg(unix)]
fn write_buffers(mut stream: impl Write + rustix::fd::AsFd, memory: &GuestMemory<'_>, buffers: Buffers) -> Result<u32> {
    let slices = memory.slices(buffers)?;
    let total: usize = slices.iter().map(|slice| slice.len()).sum();
    // What this process has written itself comes first.
    stream.flush()?;
    let written = loop {
        match rustix::io::writev(&stream, &slices) {
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::BADF) => break total,
            result => break result?,
        }
    };
    u32::try_from(written).map_err(|_| Errno::Io)
}

impl Input {
    pub(crate) fn file_type(&self) -> FileType {
        match self {
            Self::Inherited => type_of(io::stdin().is_terminal()),
            Self::Empty | Self::Bytes(_) | Self::Reader(_) => FileType::Unknown,
        }
    }

    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        match self {
            Self::Empty => Ok(0),
            Self::Inherited => read_stdin(buffer),
            Self::Bytes(bytes) => retry(|| bytes.read(buffer)),
            // A reader may return more than the length of the buffer.
            Self::Reader(reader) => {
                let reader = reader.get_mut().unwrap_or_else(PoisonError::into_inner);
                retry(|| reader.read(buffer)).map(|len| len.min(buffer.len()))
            }
        }
    }

    /// Returns the bytes that can be read without blocking; `None` if only the system knows.
    pub(crate) fn available(&self) -> Option<u64> {
        match self {
            Self::Empty => Some(0),
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::Reader(_) => Some(1),
            Self::Inherited => None,
        }
    }
}

impl Output {
    pub(crate) fn file_type(&self) -> FileType {
        match self {
            Self::InheritedStdout => type_of(io::stdout().is_terminal()),
            Self::InheritedStderr => type_of(io::stderr().is_terminal()),
            Self::Discarded | Self::Captured(_) | Self::Writer(_) => FileType::Unknown,
        }
    }

    /// Writes buffers of a program, and returns how many bytes the stream took.
    pub(crate) fn write(&mut self, memory: &GuestMemory<'_>, buffers: Buffers) -> Result<u32> {
        let total = match self {
            Self::Captured(output) => memory.drain(buffers, |bytes, _| output.write(bytes))?,
            Self::Discarded => memory.drain(buffers, |bytes, _| Ok(bytes.len()))?,
            #[cfg(unix)]
            Self::InheritedStdout => return write_buffers(io::stdout().lock(), memory, buffers),
            #[cfg(unix)]
            Self::InheritedStderr => return write_buffers(io::stderr().lock(), memory, buffers),
            #[cfg(not(unix))]
            Self::InheritedStdout => memory.drain(buffers, |bytes, _| retry(|| io::stdout().lock().write(bytes)))?,
            #[cfg(not(unix))]
            Self::InheritedStderr => memory.drain(buffers, |bytes, _| retry(|| io::stderr().lock().write(bytes)))?,
            Self::Writer(writer) => {
                let writer = writer.get_mut().unwrap_or_else(PoisonError::into_inner);
                memory.drain(buffers, |bytes, _| retry(|| writer.write(bytes)).map(|len| len.min(bytes.len())))?
            }
        };
        self.flush()?;
        Ok(total)
    }

    /// Flushes written bytes to their destination.
    pub(crate) fn flush(&mut self) -> Result<()> {
        match self {
            Self::Captured(_) | Self::Discarded => Ok(()),
            Self::InheritedStdout => Ok(io::stdout().lock().flush()?),
            Self::InheritedStderr => Ok(io::stderr().lock().flush()?),
            Self::Writer(writer) => Ok(writer.get_mut().unwrap_or_else(PoisonError::into_inner).flush()?),
        }
    }
}
