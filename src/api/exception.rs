//! Exceptions that the host throws and catches.

use alloc::{boxed::Box, vec::Vec};

use crate::{
    api::{
        context::{AsContextMut, StoreContextMut},
        host,
        store::Store,
        tag::Tag,
        value::{Val, read_values, write_values},
    },
    error::{Error, kinds::FuncError},
};

/// An exception as the host has it: a tag and values.
///
/// ```
/// use wasmote::{
///     AsContextMut, Caller, Engine, Error, Exception, FuncType, Linker, Module, Store, Tag, TagType, Val, ValType,
/// };
///
/// # fn main() -> Result<(), Error> {
/// let engine = Engine::default();
/// let mut store = Store::new(&engine, ());
/// let tag = Tag::new(&mut store, &TagType::new(FuncType::new([ValType::I32], [])))?;
/// let mut linker = Linker::new(&engine);
/// linker.define("host", "failure", tag)?;
/// linker.func_wrap("host", "fail", move |mut caller: Caller<'_, ()>| -> Result<(), Error> {
///     caller.as_context_mut().throw(&Exception::new(tag, [Val::I32(7)]))
/// })?;
/// let module = Module::new(
///     &engine,
///     r#"(module
///         (tag $failure (import "host" "failure") (param i32))
///         (func $fail (import "host" "fail"))
///         (func (export "run") (result i32)
///             (block $caught (result i32)
///                 (try_table (catch $failure $caught) (call $fail))
///                 (i32.const 0))))"#,
/// )?;
/// let instance = linker.instantiate_and_start(&mut store, &module)?;
/// assert_eq!(instance.get_typed_func::<(), i32>(&store, "run")?.call(&mut store, ())?, 7);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Exception {
    tag: Tag,
    values: Box<[Val]>,
}

impl Exception {
    /// Makes an exception with a tag and values.
    pub fn new(tag: Tag, values: impl Into<Vec<Val>>) -> Self {
        Self { tag, values: values.into().into_boxed_slice() }
    }

    /// Returns the tag.
    #[must_use]
    pub fn tag(&self) -> Tag {
        self.tag
    }

    /// Returns the values.
    #[must_use]
    pub fn values(&self) -> &[Val] {
        &self.values
    }
}

impl<T> StoreContextMut<'_, T> {
    /// Throws an exception: keeps it as the pending one of the store, and returns the error with which a host function throws
    /// it in the Wasm code that has called it.
    ///
    /// # Errors
    ///
    /// Always: [`ThrownException`](crate::ThrownException), or another error if the values do not match the type of the tag, or
    /// there is no room for the exception.
    ///
    /// # Panics
    ///
    /// If the tag or a value belongs to another store.
    pub fn throw<R>(&mut self, exception: &Exception) -> Result<R, Error> {
        let size = self.instances().exception_size(exception.tag.handle());
        host::make_room(self.store, size)?;
        let instances = self.instances_mut();
        let ty = instances.tag(exception.tag.handle()).ty();
        let values = exception.values();
        if values.len() != ty.ty().params().len() {
            return Err(FuncError::MismatchingParameterLen.into());
        }
        let mut cells = alloc::vec![0; ty.ty().signature().param_cells()];
        let types = ty.ty().params().iter().copied();
        write_values(values, types, &mut cells, instances, FuncError::MismatchingParameterType)?;
        Err(instances.throw(exception.tag.handle(), &cells)?.into())
    }

    /// Takes the exception that no Wasm code has caught, or that was thrown last, if there is one. A host function catches an
    /// exception that way.
    pub fn take_pending_exception(&mut self) -> Option<Exception> {
        let instances = self.instances_mut();
        let (tag, cells) = instances.take_exception()?;
        let ty = instances.tag(tag).ty();
        let types = ty.ty().params().iter().copied();
        let values = read_values(&cells, types, instances).collect();
        Some(Exception { tag: Tag::from_handle(tag), values })
    }

    /// Whether there is an exception that no Wasm code has caught.
    #[must_use]
    pub fn has_pending_exception(&self) -> bool {
        self.instances().pending_exception != 0
    }
}

impl<T> Store<T> {
    /// Throws an exception, as [`StoreContextMut::throw`] does.
    ///
    /// # Errors
    ///
    /// Those of [`StoreContextMut::throw`].
    ///
    /// # Panics
    ///
    /// If the tag or a value belongs to another store.
    pub fn throw<R>(&mut self, exception: &Exception) -> Result<R, Error> {
        self.as_context_mut().throw(exception)
    }

    /// Takes the exception that no Wasm code has caught, as [`StoreContextMut::take_pending_exception`] does.
    pub fn take_pending_exception(&mut self) -> Option<Exception> {
        self.as_context_mut().take_pending_exception()
    }

    /// Whether there is an exception that no Wasm code has caught.
    #[must_use]
    pub fn has_pending_exception(&self) -> bool {
        self.instances.pending_exception != 0
    }
}
