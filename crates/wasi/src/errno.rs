//! Error codes of WASI, and the conversion of errors of the host.

use std::{fmt, io};

/// An error code of WASI. Both versions use the same numbers. `0`, success, is not one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Errno {
    /// Argument list too long
    TooBig = 1,
    /// Permission denied by the host's file system
    Access = 2,
    /// Resource unavailable, or the operation would block
    Again = 6,
    /// No such descriptor
    BadDescriptor = 8,
    /// Device or resource busy
    Busy = 10,
    /// Connection aborted
    ConnectionAborted = 13,
    /// Connection reset
    ConnectionReset = 15,
    /// Disk quota exceeded
    Quota = 19,
    /// File exists
    Exists = 20,
    /// A pointer outside the memory
    Fault = 21,
    /// File too large
    FileTooBig = 22,
    /// A string that is not UTF-8
    IllegalSequence = 25,
    /// Interrupted
    Interrupted = 27,
    /// Invalid argument
    Invalid = 28,
    /// Input or output failed
    Io = 29,
    /// Is a directory
    IsDirectory = 31,
    /// Too many symbolic links
    Loop = 32,
    /// The program has too many descriptors
    TooManyDescriptors = 33,
    /// Too many links
    TooManyLinks = 34,
    /// Message too large
    MessageSize = 35,
    /// Path or name too long
    NameTooLong = 37,
    /// The host has too many descriptors
    TooManyHostDescriptors = 41,
    /// No such device
    NoDevice = 43,
    /// No such file or directory
    NoEntry = 44,
    /// No locks available
    NoLock = 46,
    /// Out of memory
    NoMemory = 48,
    /// No space left
    NoSpace = 51,
    /// Function not supported
    NoSystem = 52,
    /// Not connected
    NotConnected = 53,
    /// Not a directory
    NotDirectory = 54,
    /// Directory not empty
    NotEmpty = 55,
    /// Not a socket
    NotSocket = 57,
    /// Not supported
    NotSupported = 58,
    /// Not a terminal
    NotTerminal = 59,
    /// No such device or address
    NoDeviceOrAddress = 60,
    /// A value that does not fit
    Overflow = 61,
    /// Operation not permitted, for example a path that leads out of its directory
    NotPermitted = 63,
    /// Broken pipe
    Pipe = 64,
    /// Result too large
    Range = 68,
    /// Read-only file system
    ReadOnly = 69,
    /// Not seekable
    NotSeekable = 70,
    /// Stale file handle
    Stale = 72,
    /// Timed out
    TimedOut = 73,
    /// Text file busy
    TextBusy = 74,
    /// Across devices
    CrossDevice = 75,
    /// The descriptor lacks a right
    NotCapable = 76,
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for Errno {}

impl From<io::Error> for Errno {
    fn from(error: io::Error) -> Self {
        #[cfg(unix)]
        if let Some(errno) = rustix::io::Errno::from_io_error(&error).and_then(of_host) {
            return errno;
        }
        of_kind(error.kind())
    }
}

#[cfg(unix)]
impl From<rustix::io::Errno> for Errno {
    fn from(errno: rustix::io::Errno) -> Self {
        of_host(errno).unwrap_or(Self::Io)
    }
}

#[cfg(unix)]
fn of_host(errno: rustix::io::Errno) -> Option<Errno> {
    use rustix::io::Errno as Host;
    // Some systems give two names the same number, so this cannot be a `match`.
    if errno == Host::AGAIN || errno == Host::WOULDBLOCK {
        return Some(Errno::Again);
    }
    if errno == Host::OPNOTSUPP || errno == Host::NOTSUP {
        return Some(Errno::NotSupported);
    }
    Some(match errno {
        Host::TOOBIG => Errno::TooBig,
        Host::ACCESS => Errno::Access,
        Host::BADF => Errno::BadDescriptor,
        Host::BUSY => Errno::Busy,
        Host::CONNABORTED => Errno::ConnectionAborted,
        Host::CONNRESET => Errno::ConnectionReset,
        Host::DQUOT => Errno::Quota,
        Host::EXIST => Errno::Exists,
        Host::FBIG => Errno::FileTooBig,
        Host::ILSEQ => Errno::IllegalSequence,
        Host::INTR => Errno::Interrupted,
        Host::INVAL => Errno::Invalid,
        Host::IO => Errno::Io,
        Host::ISDIR => Errno::IsDirectory,
        Host::LOOP => Errno::Loop,
        Host::MFILE => Errno::TooManyDescriptors,
        Host::MLINK => Errno::TooManyLinks,
        Host::MSGSIZE => Errno::MessageSize,
        Host::NAMETOOLONG => Errno::NameTooLong,
        Host::NFILE => Errno::TooManyHostDescriptors,
        Host::NODEV => Errno::NoDevice,
        Host::NOENT => Errno::NoEntry,
        Host::NOLCK => Errno::NoLock,
        Host::NOMEM => Errno::NoMemory,
        Host::NOSPC => Errno::NoSpace,
        Host::NOSYS => Errno::NoSystem,
        Host::NOTCONN => Errno::NotConnected,
        Host::NOTDIR => Errno::NotDirectory,
        Host::NOTEMPTY => Errno::NotEmpty,
        Host::NOTSOCK => Errno::NotSocket,
        Host::NOTTY => Errno::NotTerminal,
        Host::NXIO => Errno::NoDeviceOrAddress,
        Host::OVERFLOW => Errno::Overflow,
        Host::PERM => Errno::NotPermitted,
        Host::PIPE => Errno::Pipe,
        Host::RANGE => Errno::Range,
        Host::ROFS => Errno::ReadOnly,
        Host::SPIPE => Errno::NotSeekable,
        Host::STALE => Errno::Stale,
        Host::TIMEDOUT => Errno::TimedOut,
        Host::TXTBSY => Errno::TextBusy,
        Host::XDEV => Errno::CrossDevice,
        _ => return None,
    })
}

fn of_kind(kind: io::ErrorKind) -> Errno {
    use io::ErrorKind as Kind;
    match kind {
        Kind::NotFound => Errno::NoEntry,
        // Errors of the operating system have a number; without one, the sandbox has refused.
        Kind::PermissionDenied => Errno::NotPermitted,
        Kind::ConnectionReset => Errno::ConnectionReset,
        Kind::ConnectionAborted => Errno::ConnectionAborted,
        Kind::NotConnected => Errno::NotConnected,
        Kind::BrokenPipe => Errno::Pipe,
        Kind::AlreadyExists => Errno::Exists,
        Kind::WouldBlock => Errno::Again,
        Kind::NotADirectory => Errno::NotDirectory,
        Kind::IsADirectory => Errno::IsDirectory,
        Kind::DirectoryNotEmpty => Errno::NotEmpty,
        Kind::ReadOnlyFilesystem => Errno::ReadOnly,
        Kind::InvalidInput | Kind::InvalidFilename => Errno::Invalid,
        Kind::TimedOut => Errno::TimedOut,
        Kind::StorageFull => Errno::NoSpace,
        Kind::NotSeekable => Errno::NotSeekable,
        Kind::QuotaExceeded => Errno::Quota,
        Kind::FileTooLarge => Errno::FileTooBig,
        Kind::ResourceBusy => Errno::Busy,
        Kind::CrossesDevices => Errno::CrossDevice,
        Kind::TooManyLinks => Errno::TooManyLinks,
        Kind::ArgumentListTooLong => Errno::TooBig,
        Kind::Interrupted => Errno::Interrupted,
        Kind::Unsupported => Errno::NotSupported,
        Kind::OutOfMemory => Errno::NoMemory,
        _ => Errno::Io,
    }
}

/// The result of a function of WASI.
pub(crate) type Result<T, E = Errno> = core::result::Result<T, E>;
