//! Handles of what is on the heap of a store, and how long they can be used.

use alloc::sync::Arc;
use core::{fmt, marker::PhantomData, ops::Deref};

use crate::{
    api::context::{AsContext, AsContextMut},
    error::Error,
    runtime::heap::roots::{Owned, Root},
    types::HeapType,
};

pub(crate) mod private {
    //! Prevents other crates from implementing the trait.

    use crate::types::HeapType;

    /// A handle.
    #[derive(Debug, Clone, Copy)]
    pub struct Handle(pub(crate) super::Root);

    /// Implemented for references.
    pub trait Sealed: Copy {
        /// The type of what they refer to.
        const HEAP: HeapType;
        /// Returns the reference of a handle, which refers to something of this type.
        fn of_handle(handle: Handle) -> Self;
        /// Returns the handle.
        fn handle(&self) -> Handle;
    }
}

use private::{Handle, Sealed};

/// The references to what is collected: [`AnyRef`], [`EqRef`], [`StructRef`], [`ArrayRef`], [`ExnRef`] and
/// [`ExternRef`](crate::ExternRef). Sealed.
pub trait GcRef: Sealed {}

macro_rules! references {
    ($($(#[$doc:meta])* $ty:ident: $heap:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $ty {
            pub(crate) root: Root,
        }

        impl Sealed for $ty {
            const HEAP: HeapType = HeapType::$heap;

            fn of_handle(handle: Handle) -> Self {
                Self { root: handle.0 }
            }

            fn handle(&self) -> Handle {
                Handle(self.root)
            }
        }

        impl GcRef for $ty {} )*
    };
}

references! {
    /// A reference to any value that Wasm code can look into, or to a value of the host that was converted (spec, Heap Types: `any`).
    /// Used as [`Rooted<AnyRef>`](Rooted).
    AnyRef: Any;
    /// A reference to a value that can be compared: an i31, a struct or an array (spec, Heap Types: `eq`). Used as
    /// [`Rooted<EqRef>`](Rooted).
    EqRef: Eq;
    /// A reference to a struct (spec, Heap Types: `struct`). Used as [`Rooted<StructRef>`](Rooted).
    StructRef: Struct;
    /// A reference to an array (spec, Heap Types: `array`). Used as [`Rooted<ArrayRef>`](Rooted).
    ArrayRef: Array;
    /// A reference to an exception (spec, Heap Types: `exn`). Used as [`Rooted<ExnRef>`](Rooted).
    ExnRef: Exn;
}

/// A reference that the host holds: what it refers to is not freed as long as the scope lives in which it was made.
///
/// Scopes are those of [`RootScope`](crate::RootScope), and calls of host functions: references that a host function receives or
/// makes live until it returns. References that are made outside of all scopes live as long as the store, or until [`Store::reset`].
/// Whatever uses a reference after that returns an error, [`RefError`](crate::errors::RefError). An [`OwnedRooted`] lives longer.
///
/// A `Rooted` is small and `Copy`. Its methods are those of the reference: those of a `Rooted<StructRef>` are the methods of
/// [`StructRef`].
///
/// [`Store::reset`]: crate::Store::reset
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub struct Rooted<T> {
    reference: T,
}

impl<T: GcRef> Rooted<T> {
    pub(crate) fn of_root(root: Root) -> Self {
        Self { reference: T::of_handle(Handle(root)) }
    }

    pub(crate) fn root(&self) -> Root {
        self.reference.handle().0
    }

    /// Returns the same reference, to something that has also type `U`.
    pub(crate) fn cast<U: GcRef>(self) -> Rooted<U> {
        Rooted::of_root(self.root())
    }

    /// Makes the reference independent of scopes.
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if the reference belongs to another store, or its scope has ended.
    pub fn to_owned_rooted(&self, mut ctx: impl AsContextMut) -> Result<OwnedRooted<T>, Error> {
        let mut ctx = ctx.as_context_mut();
        let owned = ctx.instances_mut().own(self.root())?;
        Ok(OwnedRooted { owned, reference: PhantomData })
    }

    /// Whether both refer to the same object, or are equal i31 (`ref.eq`).
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if one of them belongs to another store, or its scope has ended.
    pub fn ref_eq<U: GcRef>(ctx: impl AsContext, a: &Self, b: &Rooted<U>) -> Result<bool, Error> {
        let ctx = ctx.as_context();
        let instances = ctx.instances();
        Ok(instances.root_cell(a.root())? == instances.root_cell(b.root())?)
    }
}

impl<T> Deref for Rooted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.reference
    }
}

/// A reference that the host holds: what it refers to is not freed as long as this, or a clone of it, lives.
///
/// ```
/// use wasmote::{Engine, ExternRef, RootScope, Store};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let mut store = Store::new(&Engine::default(), ());
/// let owned = {
///     let mut scope = RootScope::new(&mut store);
///     let object = ExternRef::new_rooted(&mut scope, String::from("an object"))?;
///     object.to_owned_rooted(&mut scope)?
/// };
/// store.gc();
/// let object = owned.to_rooted(&mut store)?;
/// assert!(object.data(&store).is::<String>());
/// # Ok(())
/// # }
/// ```
pub struct OwnedRooted<T> {
    owned: Arc<Owned>,
    reference: PhantomData<fn() -> T>,
}

impl<T> Clone for OwnedRooted<T> {
    fn clone(&self) -> Self {
        Self { owned: self.owned.clone(), reference: PhantomData }
    }
}

impl<T> fmt::Debug for OwnedRooted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnedRooted").field(&self.owned).finish()
    }
}

impl<T: GcRef> OwnedRooted<T> {
    /// Returns the reference in the current scope.
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if the reference belongs to another store, or to the same one before a reset.
    pub fn to_rooted(&self, mut ctx: impl AsContextMut) -> Result<Rooted<T>, Error> {
        let mut ctx = ctx.as_context_mut();
        Ok(Rooted::of_root(ctx.instances_mut().root_of(&self.owned)?))
    }
}

macro_rules! subtypes {
    ($($ty:ident => $($to:ident $name:ident),*;)*) => { $( $(
        impl From<Rooted<$ty>> for Rooted<$to> {
            fn from(reference: Rooted<$ty>) -> Self {
                reference.cast()
            }
        }

        impl Rooted<$ty> {
            #[doc = concat!("Returns the same reference as one of type [`", stringify!($to), "`].")]
            #[must_use]
            pub fn $name(self) -> Rooted<$to> {
                self.cast()
            }
        } )* )*
    };
}

subtypes! {
    EqRef => AnyRef to_anyref;
    StructRef => EqRef to_eqref, AnyRef to_anyref;
    ArrayRef => EqRef to_eqref, AnyRef to_anyref;
}
