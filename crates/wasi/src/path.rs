//! Paths as programs give them.
//!
//! What is checked here holds for every file system. That a path does not lead out of its directory, by `..` or by a
//! symbolic link, depends on what is there; each file system checks it while it walks.

use crate::{
    errno::{Errno, Result},
    guest::GuestMemory,
};

/// A path has at most so many bytes.
pub(crate) const MAX_PATH: u32 = 4096;
/// A component of a path has at most so many bytes.
pub(crate) const MAX_NAME: usize = 255;

/// A string of a program that may go to a file system.
///
/// # Errors
///
/// If it does not lie in the memory, is empty or too long, is not UTF-8, or has a NUL byte.
pub(crate) fn text<'a>(memory: &'a GuestMemory<'_>, address: u32, len: u32) -> Result<&'a str> {
    let bytes = memory.slice(address, len)?;
    if len > MAX_PATH {
        return Err(Errno::NameTooLong);
    }
    let text = core::str::from_utf8(bytes).map_err(|_| Errno::IllegalSequence)?;
    if text.is_empty() {
        return Err(Errno::NoEntry);
    }
    if text.contains('\0') {
        return Err(Errno::Invalid);
    }
    Ok(text)
}

/// A path of a program.
///
/// # Errors
///
/// As [`text`], if the path is absolute, or if a component is too long.
pub(crate) fn relative<'a>(memory: &'a GuestMemory<'_>, address: u32, len: u32) -> Result<&'a str> {
    check(text(memory, address, len)?)
}

/// The path, if it is relative and has no component that is too long.
pub(crate) fn check(path: &str) -> Result<&str> {
    if path.starts_with('/') || (cfg!(windows) && !is_plain_on_windows(path)) {
        return Err(Errno::NotPermitted);
    }
    if path.split('/').any(|name| name.len() > MAX_NAME) {
        return Err(Errno::NameTooLong);
    }
    Ok(path)
}

/// Whether Windows, too, reads the path as names with slashes between them: no backslashes, no drives or streams.
fn is_plain_on_windows(path: &str) -> bool {
    !path.contains(['\\', ':'])
}
