//! Linkers: names for what modules import.

use alloc::{sync::Arc, vec::Vec};

use hashbrown::HashMap;

use crate::{
    api::{
        engine::Engine,
        func::{Caller, Func},
        host_func::{HostFunc, IntoFunc},
        instance::{Extern, Instance},
        module::Module,
        store::{AsContext, AsContextMut, StoreContextMut},
        value::Val,
    },
    error::Error,
    errors::{ImportName, LinkerError},
    types::{ExternType, FuncType},
};

/// What a name stands for.
enum Definition<T> {
    /// Something of a store
    Extern(Extern),
    /// A host function that is put into each store that needs it
    HostFunc(Arc<HostFunc<T>>),
}

impl<T> Clone for Definition<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Extern(item) => Self::Extern(*item),
            Self::HostFunc(func) => Self::HostFunc(func.clone()),
        }
    }
}

/// Names for what modules import: functions of the host, exports of instances.
pub struct Linker<T> {
    engine: Engine,
    /// By module name, then by name.
    definitions: HashMap<Arc<str>, HashMap<Arc<str>, Definition<T>>>,
    allow_shadowing: bool,
}

impl<T> core::fmt::Debug for Linker<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Linker").finish_non_exhaustive()
    }
}

impl<T> Clone for Linker<T> {
    fn clone(&self) -> Self {
        Self {
            engine: self.engine.clone(),
            definitions: self.definitions.clone(),
            allow_shadowing: self.allow_shadowing,
        }
    }
}

impl<T> Linker<T> {
    /// An empty linker.
    #[must_use]
    pub fn new(engine: &Engine) -> Self {
        Self { engine: engine.clone(), definitions: HashMap::new(), allow_shadowing: false }
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether names can be defined again. Default: no.
    pub fn allow_shadowing(&mut self, allow: bool) -> &mut Self {
        self.allow_shadowing = allow;
        self
    }

    fn insert(&mut self, module: &str, name: &str, definition: Definition<T>) -> Result<&mut Self, LinkerError> {
        if !self.definitions.contains_key(module) {
            self.definitions.insert(module.into(), HashMap::new());
        }
        let Some(names) = self.definitions.get_mut(module) else {
            return Ok(self);
        };
        if !self.allow_shadowing && names.contains_key(name) {
            return Err(LinkerError::DuplicateDefinition { import_name: ImportName::new(module, name) });
        }
        names.insert(name.into(), definition);
        Ok(self)
    }

    /// Defines `name` of `module`.
    ///
    /// # Errors
    ///
    /// If it is defined already and shadowing is not allowed.
    pub fn define(&mut self, module: &str, name: &str, item: impl Into<Extern>) -> Result<&mut Self, LinkerError> {
        self.insert(module, name, Definition::Extern(item.into()))
    }

    /// Defines a host function of any type, which gets its values as slices.
    ///
    /// # Errors
    ///
    /// If the name is defined already and shadowing is not allowed.
    pub fn func_new(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Result<&mut Self, LinkerError> {
        self.insert(module, name, Definition::HostFunc(HostFunc::new(ty, func)))
    }

    /// Defines a host function made of a closure; its type follows from the closure's.
    ///
    /// # Errors
    ///
    /// If the name is defined already and shadowing is not allowed.
    pub fn func_wrap<Params, Args>(
        &mut self,
        module: &str,
        name: &str,
        func: impl IntoFunc<T, Params, Args>,
    ) -> Result<&mut Self, LinkerError> {
        self.insert(module, name, Definition::HostFunc(func.into_host_func()))
    }

    fn definition(&self, module: &str, name: &str) -> Option<&Definition<T>> {
        self.definitions.get(module)?.get(name)
    }

    /// What a name stands for, if it is something of a store.
    ///
    /// Host functions belong to no store before they are instantiated; they are not found here.
    pub fn get(&self, context: impl AsContext<Data = T>, module: &str, name: &str) -> Option<Extern> {
        let _ = context;
        match self.definition(module, name)? {
            Definition::Extern(item) => Some(*item),
            Definition::HostFunc(_) => None,
        }
    }

    /// Defines all exports of an instance under a module name.
    ///
    /// # Errors
    ///
    /// If a name is defined already and shadowing is not allowed.
    ///
    /// # Panics
    ///
    /// If the instance belongs to another store.
    pub fn instance(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module_name: &str,
        instance: Instance,
    ) -> Result<&mut Self, Error> {
        let ctx = store.as_context_mut();
        for export in instance.exports(&ctx) {
            self.define(module_name, export.name(), export.clone().into_extern())?;
        }
        Ok(self)
    }

    /// Defines all names of a module under another module name as well.
    ///
    /// # Errors
    ///
    /// If a name is defined already and shadowing is not allowed.
    pub fn alias_module(&mut self, module: &str, as_module: &str) -> Result<(), Error> {
        let names: Vec<_> = self
            .definitions
            .get(module)
            .map(|names| names.iter().map(|(name, item)| (name.clone(), item.clone())).collect())
            .unwrap_or_default();
        for (name, item) in names {
            self.insert(as_module, &name, item)?;
        }
        Ok(())
    }

    /// Makes an instance of a module with the imports that are defined here, and runs its start
    /// function.
    ///
    /// # Errors
    ///
    /// If an import is not defined or has another type, and as [`Instance::new`].
    ///
    /// # Panics
    ///
    /// If a definition belongs to another store, or module and store to different engines.
    pub fn instantiate_and_start(
        &self,
        mut context: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<Instance, Error> {
        let mut ctx = context.as_context_mut();
        assert!(Engine::same(module.engine(), ctx.engine()), "module and store must have the same engine");
        let mut imports = Vec::with_capacity(module.imports().len());
        for import in module.imports() {
            let name = || ImportName::new(import.module(), import.name());
            let Some(definition) = self.definition(import.module(), import.name()) else {
                return Err(LinkerError::MissingDefinition { name: name(), ty: import.ty().clone() }.into());
            };
            imports.push(resolve(&mut ctx, definition, import.ty(), name)?);
        }
        Instance::new(ctx, module, &imports)
    }
}

/// The thing of the store that a definition stands for.
fn resolve<T>(
    ctx: &mut StoreContextMut<'_, T>,
    definition: &Definition<T>,
    expected: &ExternType,
    name: impl Fn() -> ImportName,
) -> Result<Extern, LinkerError> {
    match definition {
        Definition::Extern(item) => Ok(*item),
        Definition::HostFunc(func) => {
            if expected.func() != Some(&func.ty) {
                return Err(LinkerError::InvalidTypeDefinition {
                    name: name(),
                    expected: expected.clone(),
                    found: func.ty.clone().into(),
                });
            }
            Ok(Func::from_host(ctx, func.clone()).into())
        }
    }
}
