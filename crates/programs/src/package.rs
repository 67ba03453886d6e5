//! Packages and programs, and where they are kept.
//!
//! A package lies unpacked under `<cache>/<name>-<version>-<start of its checksum>`. It is unpacked next to that place
//! and then moved there, so that what has that name is whole.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::{Mutex, PoisonError},
};

use sha2::{Digest, Sha256};

use crate::{client, error::FetchError, unpack};

/// A kind of registry, and with it the client and the format of archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registry {
    /// Python wheels, fetched by `pip`
    PyPi,
    /// npm packs, fetched by `npm`
    Npm,
}

/// A package of a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Package {
    /// Where it comes from
    pub registry: Registry,
    /// Its name there
    pub name: &'static str,
    /// Its exact version
    pub version: &'static str,
    /// The SHA-256 of its archive, in hexadecimal
    pub sha256: &'static str,
}

/// A Wasm module in a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Program {
    /// What it is called here
    pub name: &'static str,
    /// The package it is in
    pub package: Package,
    /// Its path there
    pub path: &'static str,
}

/// One fetch at a time: tests that need the same package run at once. It holds the kinds of registries that could not
/// be reached, and why not: clients take their time to find that out.
static FETCHING: Mutex<Vec<(Registry, String)>> = Mutex::new(Vec::new());

impl Package {
    /// The directory that the package lies unpacked in. Fetches it if it is not there yet.
    ///
    /// # Errors
    ///
    /// If it cannot be fetched, is not what the checksum says, or cannot be unpacked.
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
        // Other processes do the same at the same time, in directories of their own.
        let work = cache.join(format!(".{flat_name}-{}", process::id()));
        let result = self.fetch(&work, &place);
        // What is left behind is in nobody's way.
        let _ = fs::remove_dir_all(&work);
        if let Err(FetchError::Offline { message }) = &result {
            unreachable.push((self.registry, message.clone()));
        }
        result.map(|()| place)
    }

    /// Fetches, checks and unpacks in `work`, and moves what came of it to `place`.
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

    /// Name and version, for messages.
    pub(crate) fn label(&self) -> String {
        format!("{} {}", self.name, self.version)
    }
}

impl Program {
    /// The module's bytes. Fetches the package if it is not there yet.
    ///
    /// # Errors
    ///
    /// If the package cannot be had, or its file cannot be read.
    pub fn bytes(&self) -> Result<Vec<u8>, FetchError> {
        let path = self.package.directory()?.join(self.path);
        fs::read(&path).map_err(at(&path))
    }
}

/// The SHA-256 of some bytes, in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What was fetched; none, and a message on standard error, if there is no network to fetch it from.
///
/// With `WASMOTE_PROGRAMS_REQUIRED` set, no network is a failure as well.
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

/// Where packages are kept: `$WASMOTE_PROGRAMS_CACHE`, or a directory in the target directory.
fn cache_directory() -> PathBuf {
    if let Some(directory) = env::var_os("WASMOTE_PROGRAMS_CACHE") {
        return directory.into();
    }
    let executable = env::current_exe().unwrap_or_default();
    // Cargo marks its target directory so.
    let target = executable.ancestors().find(|directory| directory.join("CACHEDIR.TAG").is_file());
    target.map_or_else(env::temp_dir, Path::to_path_buf).join("wasmote-programs")
}

/// Says which file an error is about.
fn at(path: &Path) -> impl FnOnce(std::io::Error) -> FetchError {
    move |source| FetchError::Cache { path: path.to_path_buf(), source }
}
