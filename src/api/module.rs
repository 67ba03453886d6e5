//! Modules and their imports, exports and custom sections.

use alloc::sync::Arc;
use core::fmt;

#[cfg(feature = "loader")]
use crate::load::{self, Loader, Source, read::Read};
use crate::{
    api::engine::Engine,
    error::Error,
    exec::dispatch::stubs,
    module::data::{ModuleData, Names},
    runtime::code::{ModuleCode, Translation},
    types::{ExternType, FuncType},
};

pub use crate::module::bytes::WasmBytes;

/// A validated module, from which instances are made. Cheap to clone; threads can share it.
///
/// ```
/// use wasmote::{Engine, Module};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module (import "host" "f" (func)) (memory (export "memory") 1))"#)?;
/// let import = module.imports().next().expect("an import");
/// assert_eq!((import.module(), import.name()), ("host", "f"));
/// assert_eq!(module.exports().len(), 1);
///
/// // The error says where the module is invalid.
/// let error = Module::new(&engine, b"\0asm\x01\0\0\0\x0c").unwrap_err();
/// assert!(error.to_string().contains("offset 0x9"), "{error}");
/// # Ok(())
/// # }
/// ```
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
    /// Makes a module of Wasm bytes or, with the feature `wat`, of the text format.
    ///
    /// Functions are validated and translated as [`Config::compilation_mode`] says.
    ///
    /// # Errors
    ///
    /// If the module is malformed or invalid, or exceeds a limit of the configuration.
    ///
    /// [`Config::compilation_mode`]: crate::Config::compilation_mode
    #[cfg(feature = "loader")]
    pub fn new(engine: &Engine, wasm: impl AsRef<[u8]>) -> Result<Self, Error> {
        let wasm = wasm.as_ref();
        #[cfg(feature = "wat")]
        let wasm = &*wat::parse_bytes(wasm).map_err(crate::error::kinds::WatError::new)?;
        Self::load(engine, Source::Borrowed(wasm), true)
    }

    /// Makes a module of Wasm bytes in static memory, such as flash. Copies none of them: segments, and functions that
    /// are translated later, are read in place.
    ///
    /// # Errors
    ///
    /// Those of [`Module::new`].
    #[cfg(feature = "loader")]
    pub fn from_static(engine: &Engine, wasm: &'static [u8]) -> Result<Self, Error> {
        Self::from_bytes(engine, wasm)
    }

    /// Makes a module of Wasm bytes that are shared with the library or given to it, so that it need not copy them.
    ///
    /// A shared module stays in memory as long as the module made of it.
    ///
    /// # Errors
    ///
    /// Those of [`Module::new`].
    #[cfg(feature = "loader")]
    pub fn from_bytes(engine: &Engine, wasm: impl Into<WasmBytes>) -> Result<Self, Error> {
        Self::load(engine, Source::Whole(wasm.into()), true)
    }

    /// Makes a module of Wasm bytes while they arrive. Sections are decoded, and functions validated and translated, as
    /// soon as they are complete.
    ///
    /// Bytes that are not complete yet are buffered. The buffer grows with the bytes of the longest section that have
    /// arrived (in the code section, of the longest function), not with the sizes that the module claims.
    ///
    /// # Errors
    ///
    /// If `stream` fails; also those of [`Module::new`].
    #[cfg(feature = "loader")]
    pub fn new_streaming(engine: &Engine, mut stream: impl Read) -> Result<Self, Error> {
        Self::load(engine, Source::Stream(&mut stream), true)
    }

    /// Makes a module of Wasm bytes that the caller knows to be valid.
    ///
    /// This omits the pass over function bodies that only validates them. In [`CompilationMode::LazyTranslation`]
    /// functions are validated when they are translated, as in [`CompilationMode::Lazy`]. Translation validates in
    /// every mode, and everything outside of function bodies is validated here.
    ///
    /// [`CompilationMode::Lazy`]: crate::CompilationMode::Lazy
    /// [`CompilationMode::LazyTranslation`]: crate::CompilationMode::LazyTranslation
    ///
    /// # Safety
    ///
    /// The bytes must be a module that is valid under the engine's configuration. Future versions may validate less.
    ///
    /// # Errors
    ///
    /// Those of [`Module::new`], except for errors in function bodies that are not translated yet: calls of these
    /// functions fail.
    #[allow(unsafe_code, reason = "the caller vouches for bodies that are not validated now")]
    #[cfg(feature = "loader")]
    pub unsafe fn new_unchecked(engine: &Engine, wasm: &[u8]) -> Result<Self, Error> {
        Self::load(engine, Source::Borrowed(wasm), false)
    }

    #[cfg(feature = "loader")]
    fn load(engine: &Engine, source: Source<'_>, validated: bool) -> Result<Self, Error> {
        let config = engine.shared_config();
        let (data, translation) = Loader::new(config, engine.types(), validated).load(source)?;
        Self::of_parts(engine, data, translation)
    }

    /// Makes a module of its data and its code.
    #[cfg_attr(small_loop, inline(never))]
    pub(crate) fn of_parts(engine: &Engine, data: ModuleData, translation: Translation) -> Result<Self, Error> {
        let config = engine.shared_config();
        let stubs = stubs(config.portable_dispatch);
        let code = ModuleCode::new(data, config.clone(), translation, stubs.translate, stubs.first_call, stubs.link)?;
        Ok(Self { engine: engine.clone(), code: Arc::new(code) })
    }

    /// Returns the engine that the module was made for.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Checks that bytes are a valid module under the engine's configuration.
    ///
    /// # Errors
    ///
    /// If they are not. The error says what is invalid, and where.
    #[cfg(feature = "loader")]
    pub fn validate(engine: &Engine, wasm: &[u8]) -> Result<(), Error> {
        load::validate(engine.config(), wasm)
    }

    /// Returns the fuel for the validation and translation of all functions, whatever the engine's compilation mode: the
    /// number of bytes of their bodies times [`CustomFuelCosts::fuel_per_bytes_validated`] plus
    /// [`CustomFuelCosts::fuel_per_bytes_translated`].
    ///
    /// Nothing charges it by itself: a function may be translated for another store that shares the module, so no call
    /// can pay for it. Embedders charge it when they like, or charge for the bytes of the module before they make it:
    ///
    /// ```
    /// use wasmote::{Config, CustomFuelCosts, Engine, Module, Store};
    ///
    /// # fn main() -> Result<(), wasmote::Error> {
    /// # let wasm = wat::parse_str("(module (func (export \"f\")))").unwrap();
    /// let engine = Engine::new(Config::default().consume_fuel(true));
    /// let mut store = Store::new(&engine, ());
    /// store.set_fuel(1000)?;
    ///
    /// // Before the module is made, by its size:
    /// let costs = CustomFuelCosts::default();
    /// let bytes = wasm.len() as u64;
    /// let most = costs.fuel_for_validating_bytes(bytes) + costs.fuel_for_translating_bytes(bytes);
    /// assert!(most <= store.get_fuel()?);
    ///
    /// // After that, exactly:
    /// let module = Module::new(&engine, &wasm)?;
    /// store.consume_fuel(module.translation_fuel())?;
    /// assert_eq!(store.get_fuel()?, 1000 - 2 * (2 + 7));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`CustomFuelCosts::fuel_per_bytes_validated`]: crate::CustomFuelCosts::fuel_per_bytes_validated
    /// [`CustomFuelCosts::fuel_per_bytes_translated`]: crate::CustomFuelCosts::fuel_per_bytes_translated
    #[must_use]
    pub fn translation_fuel(&self) -> u64 {
        let (costs, bytes) = (self.engine.config().fuel_cost, self.data().body_bytes);
        costs.fuel_for_validating_bytes(bytes).saturating_add(costs.fuel_for_translating_bytes(bytes))
    }

    /// Returns the fuel that instantiation takes from a store that was given fuel, without that of the start function. It
    /// is 0 if the engine does not meter fuel or its schedule does not charge instantiation.
    #[must_use]
    pub fn instantiation_fuel(&self) -> u64 {
        if self.engine.config().consume_fuel { self.data().instance_fuel() } else { 0 }
    }

    /// Iterates over the imports, in order.
    #[must_use]
    pub fn imports(&self) -> ModuleImportsIter<'_> {
        ModuleImportsIter { names: &self.data().names, imports: self.data().imports.iter() }
    }

    /// Iterates over the exports, in order.
    #[must_use]
    pub fn exports(&self) -> ModuleExportsIter<'_> {
        ModuleExportsIter { data: self.data(), next: 0 }
    }

    /// Returns the type of an export.
    #[must_use]
    pub fn get_export(&self, name: &str) -> Option<ExternType> {
        let export = self.data().export(name)?;
        Some(self.data().extern_type(export.index))
    }

    /// Iterates over the custom sections, in order.
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

/// An import of a module.
#[derive(Debug, Clone, Copy)]
pub struct ImportType<'module> {
    names: &'module Names,
    import: &'module crate::module::data::Import,
}

impl<'module> ImportType<'module> {
    /// Returns the name of the module that it is imported from.
    #[must_use]
    pub fn module(&self) -> &'module str {
        self.names.get(self.import.module)
    }

    /// Returns its name in that module.
    #[must_use]
    pub fn name(&self) -> &'module str {
        self.names.get(self.import.name)
    }

    /// Returns its type.
    #[must_use]
    pub fn ty(&self) -> &'module ExternType {
        &self.import.ty
    }
}

/// Iterates over the imports of a module.
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

/// An export of a module.
#[derive(Debug, Clone)]
pub struct ExportType<'module> {
    name: &'module str,
    ty: ExternType,
}

impl<'module> ExportType<'module> {
    /// Returns its name.
    #[must_use]
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// Returns its type.
    #[must_use]
    pub fn ty(&self) -> &ExternType {
        &self.ty
    }

    /// Returns its type, if it is a function.
    #[must_use]
    pub fn func(&self) -> Option<&FuncType> {
        self.ty.func()
    }
}

/// Iterates over the exports of a module.
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
    /// Returns its name.
    #[must_use]
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// Returns its bytes, without the name.
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

impl core::panic::UnwindSafe for CustomSectionsIter<'_> {}
impl core::panic::RefUnwindSafe for CustomSectionsIter<'_> {}

impl<'module> Iterator for CustomSectionsIter<'module> {
    type Item = CustomSection<'module>;

    fn next(&mut self) -> Option<Self::Item> {
        let custom = self.data.customs.get(self.next)?;
        self.next += 1;
        Some(CustomSection { name: &custom.name, data: &self.data.bytes[custom.bytes.clone()] })
    }
}
