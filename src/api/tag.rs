//! Tags of exceptions.

use crate::{
    api::context::{AsContext, AsContextMut},
    error::Error,
    runtime::instances::Handle,
    types::TagType,
};

/// A tag: what kind an exception is of, and which values it carries.
///
/// Modules can import tags that the host makes, and export their own. Two tags are equal if they are the same tag of a store,
/// however many names it has.
///
/// ```
/// use wasmote::{Engine, Error, FuncType, Linker, Module, Store, Tag, TagType, ValType};
///
/// # fn main() -> Result<(), Error> {
/// let engine = Engine::default();
/// let mut store = Store::new(&engine, ());
/// let tag = Tag::new(&mut store, &TagType::new(FuncType::new([ValType::I32], [])))?;
/// let mut linker = Linker::new(&engine);
/// linker.define("host", "failure", tag)?;
/// let module = Module::new(
///     &engine,
///     r#"(module
///         (tag $failure (import "host" "failure") (param i32))
///         (func (export "run") (throw $failure (i32.const 7))))"#,
/// )?;
/// let instance = linker.instantiate_and_start(&mut store, &module)?;
/// let error = instance.get_typed_func::<(), ()>(&store, "run")?.call(&mut store, ()).unwrap_err();
/// assert_eq!(error.to_string(), "uncaught exception (i32 7)");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Tag {
    handle: Handle,
}

impl Tag {
    pub(crate) fn from_handle(handle: Handle) -> Self {
        Self { handle }
    }

    pub(crate) fn handle(self) -> Handle {
        self.handle
    }

    /// Makes a tag for exceptions that the host throws or catches.
    ///
    /// # Errors
    ///
    /// If the type has results, belongs to another engine, or there is no room for it.
    pub fn new(mut ctx: impl AsContextMut, ty: &TagType) -> Result<Self, Error> {
        if !ty.ty().results().is_empty() {
            return Err(Error::new("the type of a tag has results"));
        }
        let mut ctx = ctx.as_context_mut();
        let instances = ctx.instances_mut();
        let index = instances.new_tag(ty.ty())?;
        Ok(Self { handle: instances.handle(index) })
    }

    /// Returns the type of the tag.
    ///
    /// # Panics
    ///
    /// If the tag belongs to another store.
    pub fn ty(&self, ctx: impl AsContext) -> TagType {
        ctx.as_context().instances().tag(self.handle).ty()
    }

    /// Whether both are the same tag of the store.
    ///
    /// # Panics
    ///
    /// If one of them belongs to another store.
    #[must_use]
    pub fn eq(a: &Self, b: &Self, ctx: impl AsContext) -> bool {
        let ctx = ctx.as_context();
        let instances = ctx.instances();
        instances.index(a.handle) == instances.index(b.handle)
    }
}
