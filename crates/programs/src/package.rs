//! Packages and programs: where they come from, and what they are named.

/// A kind of registry. It decides the client and the format of archives.
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
    /// The kind of registry that has it
    pub registry: Registry,
    /// Its name in the registry
    pub name: &'static str,
    /// Its exact version
    pub version: &'static str,
    /// The SHA-256 of its archive, in hexadecimal
    pub sha256: &'static str,
}

/// A Wasm module in a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Program {
    /// Its name in the catalog
    pub name: &'static str,
    /// The package that contains it
    pub package: Package,
    /// Its path in the package
    pub path: &'static str,
}

impl Package {
    /// Returns name and version, for messages.
    pub(crate) fn label(&self) -> String {
        format!("{} {}", self.name, self.version)
    }
}
