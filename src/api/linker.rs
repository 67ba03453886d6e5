//! Linkers: define the imports of modules by name.

use alloc::{boxed::Box, sync::Arc};

#[cfg(feature = "threads")]
use crate::api::shared_memory::SharedMemory;
use crate::{
    api::{
        caller::Caller,
        context::{AsContext, AsContextMut},
        definitions::{Definition, Definitions},
        engine::Engine,
        external::Extern,
        func::Func,
        host_func::{IntoFunc, WasmRet},
        instance::Instance,
        instance_pre::{InstancePre, Resolved},
        module::Module,
        store::HostFunc,
        value::Val,
        wasm_ty::WasmTyList,
    },
    error::Error,
    error::kinds::LinkerError,
    types::FuncType,
};

/// The methods that define host functions in a linker, and in a builder of linkers.
macro_rules! define_host_funcs {
    () => {
        /// Defines a host function of any type, which receives its parameters and writes its results as slices.
        ///
        /// # Errors
        ///
        /// If the name is defined already, unless [shadowing is allowed](crate::Linker::allow_shadowing).
        pub fn func_new(
            &mut self,
            module: &str,
            name: &str,
            ty: FuncType,
            func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
        ) -> Result<&mut Self, LinkerError> {
            self.insert(module, name, Definition::HostFunc(HostFunc::new(ty, func)))
        }

        /// Defines a host function made of a closure. The types of the closure determine the type of the function.
        ///
        /// # Errors
        ///
        /// If the name is defined already, unless [shadowing is allowed](crate::Linker::allow_shadowing).
        pub fn func_wrap<Params, Args>(
            &mut self,
            module: &str,
            name: &str,
            func: impl IntoFunc<T, Params, Args>,
        ) -> Result<&mut Self, LinkerError> {
            self.insert(module, name, Definition::HostFunc(func.into_host_func()))
        }

        /// Defines an asynchronous host function of any type, which receives its parameters and writes its results as slices.
        /// See `func_wrap_async`.
        ///
        /// # Errors
        ///
        /// If the name is defined already, unless [shadowing is allowed](crate::Linker::allow_shadowing).
        pub fn func_new_async<F>(
            &mut self,
            module: &str,
            name: &str,
            ty: FuncType,
            func: F,
        ) -> Result<&mut Self, LinkerError>
        where
            T: Send,
            F: for<'a> Fn(
                    Caller<'a, T>,
                    &'a [Val],
                    &'a mut [Val],
                ) -> Box<dyn Future<Output = Result<(), Error>> + Send + 'a>
                + Send
                + Sync
                + 'static,
        {
            self.insert(module, name, Definition::HostFunc(HostFunc::new_async(ty, func)))
        }

        /// Defines an asynchronous host function made of a closure, which receives the parameters as a tuple and returns a future.
        /// While that is pending, the call waits that led to the function; it must be asynchronous
        /// ([`Func::call_async`](crate::Func::call_async)), or fails.
        ///
        /// ```
        /// use wasmote::{Caller, Engine, Linker, Module, Store};
        ///
        /// # fn main() -> Result<(), wasmote::Error> {
        /// let engine = Engine::default();
        /// let module = Module::new(
        ///     &engine,
        ///     r#"(module (import "host" "next" (func $next (param i32) (result i32)))
        ///         (func (export "run") (result i32) (i32.add (call $next (i32.const 20)) (call $next (i32.const 20)))))"#,
        /// )?;
        /// let mut linker = Linker::new(&engine);
        /// linker.func_wrap_async("host", "next", |mut caller: Caller<'_, i32>, (value,): (i32,)| {
        ///     Box::new(async move {
        ///         // Here it could wait for a timer, a socket or another task.
        ///         *caller.data_mut() += 1;
        ///         value + *caller.data()
        ///     })
        /// })?;
        /// let mut store = Store::new(&engine, 0);
        /// # let run = async {
        /// let instance = linker.instantiate_async(&mut store, &module).await?;
        /// let run = instance.get_typed_func::<(), i32>(&store, "run")?;
        /// assert_eq!(run.call_async(&mut store, ()).await?, 21 + 22);
        /// # Ok::<(), wasmote::Error>(()) };
        /// # let mut run = core::pin::pin!(run);
        /// # let std::task::Poll::Ready(result) = run.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) else {
        /// #     panic!("nothing waits")
        /// # };
        /// # result
        /// # }
        /// ```
        ///
        /// # Errors
        ///
        /// If the name is defined already, unless [shadowing is allowed](crate::Linker::allow_shadowing).
        pub fn func_wrap_async<F, Params, Args>(
            &mut self,
            module: &str,
            name: &str,
            func: F,
        ) -> Result<&mut Self, LinkerError>
        where
            T: Send,
            F: for<'a> Fn(Caller<'a, T>, Params) -> Box<dyn Future<Output = Args> + Send + 'a> + Send + Sync + 'static,
            Params: WasmTyList + 'static,
            Args: WasmRet + 'static,
        {
            self.insert(module, name, Definition::HostFunc(HostFunc::wrap_async(func)))
        }
    };
}

pub(super) use define_host_funcs;

/// Defines the imports of modules by name: host functions, and items of a store such as exports of instances.
///
/// Clones share the definitions until one of the clones is changed.
///
/// ```
/// use wasmote::{Engine, Linker, Module, Store};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let engine = Engine::default();
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("host", "double", |value: i32| 2 * value)?;
/// let module = Module::new(
///     &engine,
///     r#"(module
///         (import "host" "double" (func $double (param i32) (result i32)))
///         (func (export "run") (result i32) (call $double (i32.const 21))))"#,
/// )?;
/// let mut store = Store::new(&engine, ());
/// let instance = linker.instantiate_and_start(&mut store, &module)?;
/// assert_eq!(instance.get_typed_func::<(), i32>(&store, "run")?.call(&mut store, ())?, 42);
/// # Ok(())
/// # }
/// ```
pub struct Linker<T> {
    engine: Engine,
    definitions: Arc<Definitions<T>>,
    allow_shadowing: bool,
}

impl<T> Default for Linker<T> {
    fn default() -> Self {
        Self::new(&Engine::default())
    }
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
    /// Makes a linker without definitions.
    #[must_use]
    pub fn new(engine: &Engine) -> Self {
        Self::with_definitions(engine, Arc::default())
    }

    pub(crate) fn with_definitions(engine: &Engine, definitions: Arc<Definitions<T>>) -> Self {
        Self { engine: engine.clone(), definitions, allow_shadowing: false }
    }

    /// Returns the engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Sets whether names can be defined again. Default: no.
    pub fn allow_shadowing(&mut self, allow: bool) -> &mut Self {
        self.allow_shadowing = allow;
        self
    }

    fn insert(&mut self, module: &str, name: &str, definition: Definition<T>) -> Result<&mut Self, LinkerError> {
        Arc::make_mut(&mut self.definitions).insert(module, name, definition, self.allow_shadowing)?;
        Ok(self)
    }

    /// Defines `name` of `module`.
    ///
    /// # Errors
    ///
    /// If the name is defined already, unless shadowing is allowed.
    pub fn define(&mut self, module: &str, name: &str, item: impl Into<Extern>) -> Result<&mut Self, LinkerError> {
        self.insert(module, name, Definition::Extern(item.into()))
    }

    define_host_funcs! {}

    /// Defines `name` of `module` as a shared memory, which every store gets that makes instances with this linker.
    ///
    /// # Errors
    ///
    /// If the name is defined already, unless shadowing is allowed.
    #[cfg(feature = "threads")]
    pub fn define_shared_memory(
        &mut self,
        module: &str,
        name: &str,
        memory: &SharedMemory,
    ) -> Result<&mut Self, LinkerError> {
        self.insert(module, name, Definition::SharedMemory(memory.clone()))
    }

    /// Returns the definition of a name, if it is an item of a store.
    ///
    /// Host functions and shared memories that are defined in the linker belong to no store. [`Linker::resolve`] puts them
    /// into one.
    ///
    /// # Panics
    ///
    /// If linker and store have different engines.
    pub fn get(&self, context: impl AsContext<Data = T>, module: &str, name: &str) -> Option<Extern> {
        assert!(
            Engine::same(&self.engine, context.as_context().engine()),
            "linker and store must have the same engine"
        );
        match self.definitions.get(module, name)? {
            Definition::Extern(item) => Some(*item),
            Definition::HostFunc(_) => None,
            #[cfg(feature = "threads")]
            Definition::SharedMemory(_) => None,
        }
    }

    /// Returns the definition of a name in a store. Puts a host function into the store if it is not there yet.
    ///
    /// # Panics
    ///
    /// If linker and store have different engines, or the store has no more room for handles.
    pub fn resolve(&self, mut context: impl AsContextMut<Data = T>, module: &str, name: &str) -> Option<Extern> {
        let ctx = context.as_context_mut();
        assert!(Engine::same(&self.engine, ctx.engine()), "linker and store must have the same engine");
        Some(match self.definitions.get(module, name)? {
            Definition::Extern(item) => *item,
            Definition::HostFunc(func) => Func::from_handle(ctx.store.host_func(func)).into(),
            #[cfg(feature = "threads")]
            Definition::SharedMemory(memory) => memory.in_store(ctx).ok()?.into(),
        })
    }

    /// Defines all exports of an instance as names of a module.
    ///
    /// # Errors
    ///
    /// If a name is defined already, unless shadowing is allowed.
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

    /// Defines all names of a module as names of another module as well.
    ///
    /// # Errors
    ///
    /// If a name is defined already, unless shadowing is allowed.
    pub fn alias_module(&mut self, module: &str, as_module: &str) -> Result<(), Error> {
        for (name, item) in self.definitions.of_module(module) {
            self.insert(as_module, &name, item)?;
        }
        Ok(())
    }

    /// Resolves the imports of a module once for many instances.
    ///
    /// Definitions added to the linker later have no effect on the result.
    ///
    /// # Errors
    ///
    /// If an import is not defined, or is a host function of another type. Other types are compared when an instance
    /// is made.
    ///
    /// # Panics
    ///
    /// If linker and module have different engines.
    pub fn instantiate_pre(&self, module: &Module) -> Result<InstancePre<T>, Error> {
        assert!(Engine::same(&self.engine, module.engine()), "linker and module must have the same engine");
        InstancePre::new(&self.definitions, module)
    }

    /// Makes an instance of a module with the definitions of its imports, and runs its start function.
    ///
    /// # Errors
    ///
    /// If an import is not defined or has another type; also those of [`Instance::new`].
    ///
    /// # Panics
    ///
    /// If a definition belongs to another store, or module and store to different engines.
    pub fn instantiate_and_start(
        &self,
        mut context: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<Instance, Error> {
        self.resolved(module)?.instantiate(context.as_context_mut().store, module, false)
    }

    /// Finds the definitions of the imports of a module.
    pub(crate) fn resolved(&self, module: &Module) -> Result<Resolved<T>, Error> {
        Resolved::new(&self.definitions, module)
    }
}
