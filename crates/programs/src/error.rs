//! What can go wrong before a program runs.

use std::{fmt, io, path::PathBuf};

/// Why a package is not here.
#[derive(Debug)]
#[non_exhaustive]
pub enum FetchError {
    /// The registry cannot be reached: the one reason for a test not to run.
    Offline {
        /// What the client said
        message: String,
    },
    /// `pip` or `npm` is not installed or failed.
    Client {
        /// What was run
        command: String,
        /// What it said
        message: String,
    },
    /// The archive is not the one that the catalog names.
    Checksum {
        /// Name and version of the package
        package: String,
        /// The SHA-256 in the catalog
        expected: String,
        /// The SHA-256 of what came
        actual: String,
    },
    /// The archive cannot be unpacked, or has a path that leads out of it.
    Archive {
        /// Name and version of the package
        package: String,
        /// What is wrong
        message: String,
    },
    /// A file of the cache cannot be read or written.
    Cache {
        /// The file or directory
        path: PathBuf,
        /// Why not
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
