//! Paths from programs.
//!
//! These checks hold for every file system. Whether `..` or a symbolic link leads out of the directory depends on the
//! files; each file system checks that during its walk.

use crate::{
    errno::{Errno, Result},
    guest::GuestMemory,
};

/// The most bytes of a path.
pub(crate) const MAX_PATH: u32 = 4096;
/// The most bytes of a component of a path.
pub(crate) const MAX_NAME: usize = 255;

/// Reads a string for a file system.
///
/// # Errors
///
/// If it is outside the memory, empty, too long or not UTF-8, or if it has a NUL byte.
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

/// Reads a relative path.
///
/// # Errors
///
/// Like [`text`]; also if the path is absolute, or a component is too long.
pub(crate) fn relative<'a>(memory: &'a GuestMemory<'_>, address: u32, len: u32) -> Result<&'a str> {
    check(text(memory, address, len)?)
}

/// Checks that a path is relative and that no component is too long.
pub(crate) fn check(path: &str) -> Result<&str> {
    if path.starts_with('/') || (cfg!(windows) && !is_plain_on_windows(path)) {
        return Err(Errno::NotPermitted);
    }
    if path.split('/').any(|name| name.len() > MAX_NAME) {
        return Err(Errno::NameTooLong);
    }
    Ok(path)
}

/// Whether Windows too reads the path as names between slashes: without backslashes, drives and streams.
fn is_plain_on_windows(path: &str) -> bool {
    !path.contains(['\\', ':'])
}
