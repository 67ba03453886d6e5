//! Modules.

use alloc::sync::Arc;
use core::fmt;

use crate::{
    api::engine::Engine,
    error::Error,
    exec::dispatch::stubs,
    load::{self, Loader, Source, read::Read},
    module::data::{ModuleData, Names},
    runtime::code::ModuleCode,
    types::{ExternType, FuncType},
};

pub use crate::module::bytes::WasmBytes;

/// A module: validated, ready to be instantiated. Cheap to clone, can be shared by threads.
#[derive(Clone)]
pub struct Module {
    engine: Engine,
    code: Arc<ModuleCode>,
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ModuleData { imports, exports, header, .. } = self.data();
        f.debug_struct("Module")
            .field("imports", &imports.len())
            .field("exports", &exports.len())
            .field("funcs", &header.funcs.len())
            .finish_non_exhaustive()
    }
}

impl Module {
    /// Makes a module of Wasm bytes; with the feature `wat`, of its text format too.
    ///
    /// Functions are validated and translated as [`Config::compilation_mode`] says.
    ///
    /// # Errors
    ///
    /// If the module is malformed or invalid, or exceeds a limit of the configuration.
    ///
    /// [`Config::compilation_mode`]: crate::Config::compilation_mode
    pub fn new(engine: &Engine, wasm: impl AsRef<[u8]>) -> Result<Self, Error> {
        let wasm = wasm.as_ref();
        #[cfg(feature = "wat")]
        let wasm = &*wat::parse_bytes(wasm).map_err(crate::error::kinds::WatError::new)?;
        Self::load(engine, Source::Borrowed(wasm), true)
    }

    /// Makes a module of Wasm bytes in static memory, such as flash. Nothing of them is copied:
    /// segments and functions that are translated later are read where they are.
    ///
    /// # Errors
    ///
    /// As [`Module::new`].
    pub fn from_static(engine: &Engine, wasm: &'static [u8]) -> Result<Self, Error> {
        Self::from_bytes(engine, wasm)
    }

    /// Makes a module of Wasm bytes that are shared with the library or given to it, so that
    /// nothing of them need be copied.
    ///
    /// A shared module stays in memory as long as the module made of it.
    ///
    /// # Errors
    ///
    /// As [`Module::new`].
    pub fn from_bytes(engine: &Engine, wasm: impl Into<WasmBytes>) -> Result<Self, Error> {
        Self::load(engine, Source::Whole(wasm.into()), true)
    }

    /// Makes a module of Wasm bytes while they arrive: sections are handled, and functions
    /// validated and translated, as soon as they are complete.
    ///
    /// The buffer in between grows with what has arrived of the longest section (of the longest
    /// function in the code section), not with what the module claims.
    ///
    /// # Errors
    ///
    /// If `stream` fails, and as [`Module::new`].
    pub fn new_streaming(engine: &Engine, mut stream: impl Read) -> Result<Self, Error> {
        Self::load(engine, Source::Stream(&mut stream), true)
    }

    /// Makes a module of Wasm bytes that the caller knows to be valid.
    ///
    /// This leaves out a pass over function bodies that only validates them: in
    /// [`CompilationMode::LazyTranslation`] they are validated when they are translated, as in
    /// [`CompilationMode::Lazy`]. Whatever is translated is validated in the same pass in every mode, and so is
    /// everything outside of function bodies.
    ///
    /// # Safety
    ///
    /// The bytes must be a module that validates under the engine's configuration: how much is validated all the
    /// same may change.
    ///
    /// # Errors
    ///
    /// As [`Module::new`], except for what is invalid in a body that is not translated yet: calls of that function
    /// fail.
    #[allow(unsafe_code, reason = "the caller vouches for bodies that are not validated now")]
    pub unsafe fn new_unchecked(engine: &Engine, wasm: &[u8]) -> Result<Self, Error> {
        Self::load(engine, Source::Borrowed(wasm), false)
    }

    fn load(engine: &Engine, source: Source<'_>, validated: bool) -> Result<Self, Error> {
        let config = engine.shared_config();
        let (data, translation) = Loader::new(config, engine.types(), validated).load(source)?;
        let stubs = stubs(config.portable_dispatch);
        let code = ModuleCode::new(data, config.clone(), translation, stubs.translate, stubs.first_call, stubs.link);
        Ok(Self { engine: engine.clone(), code: Arc::new(code) })
    }

    /// The engine it was made for.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether bytes are a valid module under the engine's configuration.
    ///
    /// # Errors
    ///
    /// If they are not; the error says what is wrong and where.
    pub fn validate(engine: &Engine, wasm: &[u8]) -> Result<(), Error> {
        load::validate(engine.config(), wasm)
    }

    /// What the module imports, in order.
    #[must_use]
    pub fn imports(&self) -> ModuleImportsIter<'_> {
        ModuleImportsIter { names: &self.data().names, imports: self.data().imports.iter() }
    }

    /// What the module exports, in order.
    #[must_use]
    pub fn exports(&self) -> ModuleExportsIter<'_> {
        ModuleExportsIter { data: self.data(), next: 0 }
    }

    /// The type of an export.
    #[must_use]
    pub fn get_export(&self, name: &str) -> Option<ExternType> {
        let export = self.data().export(name)?;
        Some(self.data().extern_type(export.index))
    }

    /// The custom sections, in order.
    #[must_use]
    pub fn custom_sections(&self) -> CustomSectionsIter<'_> {
        CustomSectionsIter { data: self.data(), next: 0 }
    }

    pub(crate) fn data(&self) -> &ModuleData {
        &self.code.data
    }

    pub(crate) fn code(&self) -> &Arc<ModuleCode> {
        &self.code
    }
}

/// Something a module imports.
#[derive(Debug, Clone, Copy)]
pub struct ImportType<'module> {
    names: &'module Names,
    import: &'module crate::module::data::Import,
}

impl<'module> ImportType<'module> {
    /// The name of the module it is imported from.
    #[must_use]
    pub fn module(&self) -> &'module str {
        self.names.get(self.import.module)
    }

    /// Its name in that module.
    #[must_use]
    pub fn name(&self) -> &'module str {
        self.names.get(self.import.name)
    }

    /// Its type.
    #[must_use]
    pub fn ty(&self) -> &'module ExternType {
        &self.import.ty
    }
}

/// Iterates over what a module imports.
#[derive(Debug, Clone)]
pub struct ModuleImportsIter<'module> {
    names: &'module Names,
    imports: core::slice::Iter<'module, crate::module::data::Import>,
}

impl<'module> Iterator for ModuleImportsIter<'module> {
    type Item = ImportType<'module>;

    fn next(&mut self) -> Option<Self::Item> {
        self.imports.next().map(|import| ImportType { names: self.names, import })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.imports.size_hint()
    }
}

impl ExactSizeIterator for ModuleImportsIter<'_> {}

/// Something a module exports.
#[derive(Debug, Clone)]
pub struct ExportType<'module> {
    name: &'module str,
    ty: ExternType,
}

impl<'module> ExportType<'module> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// Its type.
    #[must_use]
    pub fn ty(&self) -> &ExternType {
        &self.ty
    }

    /// Its type, if it is a function.
    #[must_use]
    pub fn func(&self) -> Option<&FuncType> {
        self.ty.func()
    }
}

/// Iterates over what a module exports.
#[derive(Debug, Clone)]
pub struct ModuleExportsIter<'module> {
    data: &'module ModuleData,
    next: usize,
}

impl<'module> Iterator for ModuleExportsIter<'module> {
    type Item = ExportType<'module>;

    fn next(&mut self) -> Option<Self::Item> {
        let export = self.data.exports.get(self.next)?;
        self.next += 1;
        Some(ExportType { name: self.data.names.get(export.name), ty: self.data.extern_type(export.index) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.data.exports.len() - self.next;
        (left, Some(left))
    }
}

impl ExactSizeIterator for ModuleExportsIter<'_> {}

/// A custom section.
#[derive(Debug, Clone, Copy)]
pub struct CustomSection<'module> {
    name: &'module str,
    data: &'module [u8],
}

impl<'module> CustomSection<'module> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// Its bytes.
    #[must_use]
    pub fn data(&self) -> &'module [u8] {
        self.data
    }
}

/// Iterates over the custom sections of a module.
#[derive(Debug, Clone)]
pub struct CustomSectionsIter<'module> {
    data: &'module ModuleData,
    next: usize,
}

impl<'module> Iterator for CustomSectionsIter<'module> {
    type Item = CustomSection<'module>;

    fn next(&mut self) -> Option<Self::Item> {
        let custom = self.data.customs.get(self.next)?;
        self.next += 1;
        Some(CustomSection { name: &custom.name, data: &self.data.bytes[custom.bytes.clone()] })
    }
}
