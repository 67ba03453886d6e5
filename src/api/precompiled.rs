//! Modules as artefacts: written on one machine, loaded on another, or later.

#![allow(unsafe_code, reason = "callers vouch for code that is not checked")]

#[cfg(feature = "serialize")]
use alloc::vec::Vec;
#[cfg(feature = "std")]
use std::{fs::File, path::Path};

use crate::{
    api::{engine::Engine, module::Module},
    error::Error,
    image::{self, Trust},
    module::{bytes::WasmBytes, data::ModuleData},
};

/// What bytes hold that were made by [`Engine::precompile_module`] or [`Module::serialize`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Precompiled {
    /// A module.
    Module,
}

impl Engine {
    /// Returns what `bytes` hold, if they are an artefact of this library, of whatever version.
    #[must_use]
    pub fn detect_precompiled(bytes: &[u8]) -> Option<Precompiled> {
        image::is_artefact(bytes).then_some(Precompiled::Module)
    }

    /// Returns what [`Engine::detect_precompiled`] does for the bytes of a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    #[cfg(feature = "std")]
    pub fn detect_precompiled_file(path: impl AsRef<Path>) -> std::io::Result<Option<Precompiled>> {
        let mut first = alloc::vec::Vec::new();
        std::io::Read::read_to_end(&mut std::io::Read::take(File::open(path)?, 4), &mut first)?;
        Ok(Self::detect_precompiled(&first))
    }

    /// Returns a value that is hashed alike for engines that can load each other's artefacts: those of the same version of
    /// the library and the same crate features, which charge fuel alike and have canonical NaNs or not.
    ///
    /// Engines with other values may still load an artefact that needs nothing in which they differ.
    #[must_use]
    pub fn precompile_compatibility_hash(&self) -> impl core::hash::Hash + use<> {
        image::compatibility(self.config())
    }

    /// Translates a Wasm module, and returns it as an artefact.
    ///
    /// # Errors
    ///
    /// Those of [`Module::new`] and [`Module::serialize`].
    #[cfg(all(feature = "serialize", feature = "loader"))]
    pub fn precompile_module(&self, wasm: &[u8]) -> Result<Vec<u8>, Error> {
        Module::new(self, wasm)?.serialize()
    }
}

impl Module {
    /// Returns the module as an artefact, which [`Module::deserialize`] makes a module of again, without the work of
    /// validation and translation. Translates functions that are not translated yet.
    ///
    /// An artefact is the same on every target. It can be loaded by engines that charge fuel in the same way.
    ///
    /// ```
    /// use wasmote::{Engine, Linker, Module, Store};
    ///
    /// # fn main() -> Result<(), wasmote::Error> {
    /// let engine = Engine::default();
    /// let artefact = Module::new(&engine, r#"(module (func (export "f") (result i32) (i32.const 7)))"#)?.serialize()?;
    ///
    /// let module = Module::deserialize_checked(&engine, artefact)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
    /// assert_eq!(instance.get_typed_func::<(), i32>(&store, "f")?.call(&mut store, ())?, 7);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If a function that is validated at its first call is invalid; if the artefact would have more than 4 GiB.
    #[cfg(feature = "serialize")]
    pub fn serialize(&self) -> Result<Vec<u8>, Error> {
        image::write(self.code())
    }

    /// Makes a module of an artefact whose code the caller vouches for.
    ///
    /// Everything but the code is validated. The code runs where it lies, if the bytes are aligned to two bytes and the
    /// target is little-endian; otherwise it is copied. The checksum is not compared: the bytes of the code are not
    /// even read.
    ///
    /// # Safety
    ///
    /// [`Module::serialize`] or [`Engine::precompile_module`] must have written the bytes, and nobody may have changed
    /// them. Code can do anything; [`Module::deserialize_checked`] is for bytes from elsewhere.
    ///
    /// # Errors
    ///
    /// If the bytes are no artefact, or one that the engine cannot run; if the module exceeds a limit of the
    /// configuration.
    pub unsafe fn deserialize(engine: &Engine, artefact: impl Into<WasmBytes>) -> Result<Self, Error> {
        Self::load_artefact(engine, artefact.into(), Trust::Code)
    }

    /// Makes a module of an artefact in static memory, such as flash, where it stays. See [`Module::deserialize`].
    ///
    /// # Safety
    ///
    /// That of [`Module::deserialize`].
    ///
    /// # Errors
    ///
    /// Those of [`Module::deserialize`].
    pub unsafe fn deserialize_static(engine: &Engine, artefact: &'static [u8]) -> Result<Self, Error> {
        Self::load_artefact(engine, artefact.into(), Trust::Code)
    }

    /// Makes a module of an artefact in a file, which is mapped: its code is read when it is first called. See
    /// [`Module::deserialize`].
    ///
    /// # Safety
    ///
    /// That of [`Module::deserialize`]. Nobody may change the file while the module exists.
    ///
    /// # Errors
    ///
    /// If the file cannot be read; also those of [`Module::deserialize`].
    #[cfg(feature = "std")]
    pub unsafe fn deserialize_file(engine: &Engine, path: impl AsRef<Path>) -> Result<Self, Error> {
        let unreadable = |error: std::io::Error| {
            Error::new("cannot read the artefact").about(format_args!("{}: {error}", path.as_ref().display()))
        };
        let file = File::open(path.as_ref()).map_err(unreadable)?;
        // SAFETY: I10: the module owns the mapping, and nobody changes the file, as the caller promises.
        let mapping = unsafe { memmap2::Mmap::map(&file) };
        let bytes = match mapping {
            Ok(mapping) => WasmBytes::from_mapping(mapping),
            // Not on every system.
            Err(_) => std::fs::read(path.as_ref()).map_err(unreadable)?.into(),
        };
        Self::load_artefact(engine, bytes, Trust::Code)
    }

    /// Makes a module of an artefact that nobody vouches for: its code is checked before anything runs.
    ///
    /// What is accepted cannot break the safety of memory, cannot exceed limits, and, if the engine meters fuel, pays for
    /// each call and each iteration of a loop. It may still compute something else than the Wasm module that it claims to
    /// be: the checksum finds damage, but only a signature of the embedder tells who wrote an artefact.
    ///
    /// # Errors
    ///
    /// If the bytes are damaged, or the code is not safe or too complex to be checked; also those of
    /// [`Module::deserialize`].
    #[cfg(feature = "verify")]
    pub fn deserialize_checked(engine: &Engine, artefact: impl Into<WasmBytes>) -> Result<Self, Error> {
        Self::load_artefact(engine, artefact.into(), Trust::Nothing)
    }

    fn load_artefact(engine: &Engine, artefact: WasmBytes, trust: Trust) -> Result<Self, Error> {
        let mut data = ModuleData::default();
        let translation = image::read(artefact, engine.config(), engine.types(), trust, &mut data)?;
        Self::of_parts(engine, data, translation)
    }
}
