//! Errors that occur before a program runs.

use std::{fmt, io, path::PathBuf};

/// Why a package is not available.
#[derive(Debug)]
#[non_exhaustive]
pub enum FetchError {
    /// The registry cannot be reached. This is the only reason for a test not to run.
    Offline {
        /// The message of the client
        message: String,
    },
    /// `pip` or `npm` is not installed or failed.
    Client {
        /// The command line of the client
        command: String,
        /// Its message
        message: String,
    },
    /// The archive does not have the checksum of the catalog.
    Checksum {
        /// Name and version of the package
        package: String,
        /// The SHA-256 in the catalog
        expected: String,
        /// The SHA-256 of the archive
        actual: String,
    },
    /// The archive cannot be unpacked, or contains a path that leads out of it.
    Archive {
        /// Name and version of the package
        package: String,
        /// The reason
        message: String,
    },
    /// A file of the cache cannot be read or written.
    Cache {
        /// The file or directory
        path: PathBuf,
        /// The reason
        source: io::Error,
    },
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offline { message } => write!(f, "the registry cannot be reached: {message}"),
            Self::Client { command, message } => write!(f, "`{command}` failed: {message}"),
            Self::Checksum { package, expected, actual } => {
                write!(f, "the archive of {package} has the SHA-256 {actual}, not {expected}")
            }
            Self::Archive { package, message } => write!(f, "the archive of {package} cannot be unpacked: {message}"),
            Self::Cache { path, source } => write!(f, "{}: {source}", path.display()),
        }
    }
}

impl std::error::Error for FetchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Cache { source, .. } => Some(source),
            _ => None,
        }
    }
}
