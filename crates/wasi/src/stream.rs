//! Standard input, output and error.

use std::{
    collections::VecDeque,
    io::{self, IsTerminal, Read, Write},
    sync::{Arc, Mutex, PoisonError},
};

#[cfg(unix)]
use rustix::fd::BorrowedFd;

#[cfg(unix)]
use crate::waits::{Interest, READY_BYTES};
use crate::{
    abi::FileType,
    errno::{Errno, Result},
    guest::{Buffers, GuestMemory},
    waits::Waits,
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
    /// A stream of this process
    Inherited {
        stream: Standard,
        /// Whether it is a file, which never blocks; unknown before that mattered
        #[cfg(unix)]
        is_file: Option<bool>,
    },
    /// Keeps all bytes in memory
    Captured(CapturedOutput),
    /// A writer of the embedder
    Writer(Mutex<Box<dyn Write + Send>>),
}

/// A stream that this process writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standard {
    Output,
    Error,
}

impl Standard {
    #[cfg(unix)]
    pub(crate) fn fd(self) -> BorrowedFd<'static> {
        match self {
            Self::Output => rustix::stdio::stdout(),
            Self::Error => rustix::stdio::stderr(),
        }
    }

    fn is_terminal(self) -> bool {
        match self {
            Self::Output => io::stdout().is_terminal(),
            Self::Error => io::stderr().is_terminal(),
        }
    }

    /// Writes what this process has written itself and what is still in the buffer of the standard library.
    fn flush(self) -> io::Result<()> {
        match self {
            Self::Output => io::stdout().flush(),
            Self::Error => io::stderr().flush(),
        }
    }

    #[cfg(not(unix))]
    fn write(self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Output => io::stdout().lock().write(bytes),
            Self::Error => io::stderr().lock().write(bytes),
        }
    }
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
fn read_stdin(buffer: &mut [u8], waits: &mut Waits, nonblocking: bool) -> Result<usize> {
    let stdin = rustix::stdio::stdin();
    match waits.perform(stdin, Interest::Read, nonblocking, || rustix::io::read(stdin, &mut *buffer)) {
        Err(Errno::BadDescriptor) => Ok(0),
        result => result,
    }
}

#[cfg(not(unix))]
fn read_stdin(buffer: &mut [u8], _waits: &mut Waits, _nonblocking: bool) -> Result<usize> {
    retry(|| io::stdin().lock().read(buffer))
}

/// Writes buffers of a program to a stream of this process, in one system call and without a buffer. Like the standard
/// library, drops what is written to a closed descriptor.
#[cfg(unix)]
fn write_buffers(
    stream: Standard,
    is_file: &mut Option<bool>,
    memory: &GuestMemory<'_>,
    buffers: Buffers,
    waits: &mut Waits,
    nonblocking: bool,
) -> Result<u32> {
    stream.flush()?;
    let fd = stream.fd();
    let mut most = usize::MAX;
    if waits.limited(nonblocking) {
        // A pipe that is ready takes a part without waiting, but perhaps not everything.
        let is_file = *is_file.get_or_insert_with(|| {
            rustix::fs::fstat(fd).is_ok_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file())
        });
        most = if is_file { most } else { READY_BYTES };
    }
    let slices = memory.slices(buffers, most)?;
    let written = match waits.perform(fd, Interest::Write, nonblocking, || rustix::io::writev(fd, &slices)) {
        Err(Errno::BadDescriptor) => slices.iter().map(|slice| slice.len()).sum(),
        written => written?,
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

    pub(crate) fn read(&mut self, buffer: &mut [u8], waits: &mut Waits, nonblocking: bool) -> Result<usize> {
        match self {
            Self::Empty => Ok(0),
            Self::Inherited => read_stdin(buffer, waits, nonblocking),
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
    /// A stream of this process.
    pub(crate) fn inherited(stream: Standard) -> Self {
        Self::Inherited {
            stream,
            #[cfg(unix)]
            is_file: None,
        }
    }

    pub(crate) fn file_type(&self) -> FileType {
        match self {
            Self::Inherited { stream, .. } => type_of(stream.is_terminal()),
            Self::Discarded | Self::Captured(_) | Self::Writer(_) => FileType::Unknown,
        }
    }

    /// Returns the stream of this process that the system has to be asked about.
    pub(crate) fn standard(&self) -> Option<Standard> {
        if let Self::Inherited { stream, .. } = self { Some(*stream) } else { None }
    }

    /// Writes buffers of a program, and returns how many bytes the stream took.
    #[cfg_attr(not(unix), expect(unused_variables, reason = "this system cannot wait"))]
    pub(crate) fn write(
        &mut self,
        memory: &GuestMemory<'_>,
        buffers: Buffers,
        waits: &mut Waits,
        nonblocking: bool,
    ) -> Result<u32> {
        let total = match self {
            Self::Captured(output) => memory.drain(buffers, |bytes, _| output.write(bytes))?,
            Self::Discarded => memory.drain(buffers, |bytes, _| Ok(bytes.len()))?,
            #[cfg(unix)]
            Self::Inherited { stream, is_file } => {
                return write_buffers(*stream, is_file, memory, buffers, waits, nonblocking);
            }
            #[cfg(not(unix))]
            Self::Inherited { stream } => memory.drain(buffers, |bytes, _| retry(|| stream.write(bytes)))?,
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
            Self::Inherited { stream, .. } => Ok(stream.flush()?),
            Self::Writer(writer) => Ok(writer.get_mut().unwrap_or_else(PoisonError::into_inner).flush()?),
        }
    }
}
