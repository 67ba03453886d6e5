//! Host functions that many linkers share.

use alloc::{boxed::Box, sync::Arc};
use core::{fmt, marker::PhantomData};

use crate::{
    api::{
        caller::Caller,
        definitions::{Definition, Definitions},
        engine::Engine,
        host_func::{IntoFunc, WasmRet},
        linker::{Linker, define_host_funcs},
        store::HostFunc,
        value::Val,
        wasm_ty::WasmTyList,
    },
    error::Error,
    error::kinds::LinkerError,
    types::FuncType,
};

pub mod state {
    //! The states of a [`LinkerBuilder`](crate::LinkerBuilder).

    /// Host functions are being defined.
    #[derive(Debug)]
    pub enum Constructing {}

    /// All host functions are defined.
    #[derive(Debug)]
    pub enum Ready {}
}

/// Defines host functions once for many linkers of any engines. Made by [`Linker::build`].
///
/// ```
/// use wasmote::{Engine, Linker};
/// # fn main() -> Result<(), wasmote::errors::LinkerError> {
/// let mut builder = Linker::<()>::build();
/// builder.func_wrap("host", "double", |value: i32| 2 * value)?;
/// let builder = builder.finish();
/// let linker = builder.create(&Engine::default());
/// let other = builder.create(&Engine::default());
/// # Ok(())
/// # }
/// ```
pub struct LinkerBuilder<S, T> {
    definitions: Arc<Definitions<T>>,
    state: PhantomData<fn() -> S>,
}

impl<S, T> Clone for LinkerBuilder<S, T> {
    fn clone(&self) -> Self {
        Self { definitions: self.definitions.clone(), state: PhantomData }
    }
}

impl<S, T> fmt::Debug for LinkerBuilder<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkerBuilder").finish_non_exhaustive()
    }
}

impl<T> LinkerBuilder<state::Constructing, T> {
    pub(crate) fn new() -> Self {
        Self { definitions: Arc::default(), state: PhantomData }
    }

    fn insert(&mut self, module: &str, name: &str, func: Definition<T>) -> Result<&mut Self, LinkerError> {
        Arc::make_mut(&mut self.definitions).insert(module, name, func, false)?;
        Ok(self)
    }

    define_host_funcs! {}

    /// Ends the definition of host functions.
    #[must_use]
    pub fn finish(self) -> LinkerBuilder<state::Ready, T> {
        LinkerBuilder { definitions: self.definitions, state: PhantomData }
    }
}

impl<T> LinkerBuilder<state::Ready, T> {
    /// Makes a linker with all host functions, which are shared, not copied.
    ///
    /// The first definition that is added to the linker copies the table of names.
    #[must_use]
    pub fn create(&self, engine: &Engine) -> Linker<T> {
        Linker::with_definitions(engine, self.definitions.clone())
    }
}

impl<T> Linker<T> {
    /// Starts the definition of host functions that many linkers share.
    #[must_use]
    pub fn build() -> LinkerBuilder<state::Constructing, T> {
        LinkerBuilder::new()
    }
}
