//! References of the hierarchy `any`: what they refer to.

use core::fmt;

use crate::{
    api::{
        context::{AsContext, AsContextMut},
        gc::reference::{AnyRef, ArrayRef, EqRef, ExnRef, Rooted, StructRef},
        value::ExternRef,
    },
    error::Error,
    module::rtt::ObjectKind,
    runtime::{
        heap::roots::Root,
        instances::Instances,
        objects::{ObjectRef, Referent},
    },
    types::{HeapType, RefType},
};

/// An integer of 31 bits, which a reference can be instead of referring to an object.
///
/// ```
/// use wasmote::I31;
///
/// assert_eq!(I31::new_i32(-1).map(|value| value.get_u32()), Some(0x7fff_ffff));
/// assert_eq!(I31::new_u32(1 << 31), None);
/// assert_eq!(I31::wrapping_u32(1 << 31).get_u32(), 0);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct I31(u32);

impl I31 {
    /// The number of bits that a cell has beside them.
    const TAG_BITS: u32 = 1;

    /// Returns the integer, if it has 31 bits.
    #[must_use]
    pub fn new_u32(value: u32) -> Option<Self> {
        let this = Self::wrapping_u32(value);
        (this.get_u32() == value).then_some(this)
    }

    /// Returns the integer, if it has 31 bits with its sign.
    #[must_use]
    pub fn new_i32(value: i32) -> Option<Self> {
        let this = Self::wrapping_i32(value);
        (this.get_i32() == value).then_some(this)
    }

    /// Returns the lower 31 bits of an integer (`ref.i31`).
    #[must_use]
    pub fn wrapping_u32(value: u32) -> Self {
        Self(value & (u32::MAX >> 1))
    }

    /// Returns the lower 31 bits of an integer (`ref.i31`).
    #[must_use]
    pub fn wrapping_i32(value: i32) -> Self {
        Self::wrapping_u32(value.cast_unsigned())
    }

    /// Returns the integer, zero-extended (`i31.get_u`).
    #[must_use]
    pub fn get_u32(&self) -> u32 {
        self.0
    }

    /// Returns the integer, sign-extended (`i31.get_s`).
    #[must_use]
    pub fn get_i32(&self) -> i32 {
        (self.0 << 1).cast_signed() >> 1
    }

    /// Returns the integer in a cell.
    pub(crate) fn of_cell(cell: u64) -> Self {
        Self::wrapping_u32((cell >> Self::TAG_BITS) as u32)
    }

    /// Returns the cell of a reference that is the integer.
    pub(crate) fn cell(self) -> u32 {
        self.0 << Self::TAG_BITS | 1
    }
}

impl fmt::Debug for I31 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("I31").field(&self.get_i32()).finish()
    }
}

/// Returns the object of a reference that can only refer to one.
pub(super) fn object(instances: &Instances, root: Root) -> Result<ObjectRef<'_>, Error> {
    Ok(instances.object(root)?.expect("a reference to an object"))
}

macro_rules! common {
    ($($ty:ident),*) => { $(
        impl $ty {
            /// Returns the type of what this refers to. The name of a concrete type is valid as long as the object.
            ///
            /// # Errors
            ///
            /// [`RefError`](crate::errors::RefError) if this belongs to another store, or its scope has ended.
            pub fn heap_type(&self, ctx: impl AsContext) -> Result<HeapType, Error> {
                Ok(ctx.as_context().instances().heap_type(self.root)?)
            }

            /// Whether what this refers to has a type (`ref.test`).
            ///
            /// # Errors
            ///
            /// [`RefError`](crate::errors::RefError) if this belongs to another store, or its scope has ended.
            pub fn matches_ty(&self, ctx: impl AsContext, ty: &HeapType) -> Result<bool, Error> {
                let ctx = ctx.as_context();
                let found = RefType::new(false, ctx.instances().heap_type(self.root)?);
                Ok(ctx.instances().types.matches(found.into(), RefType::new(false, *ty).into()))
            }
        } )*
    };
}

common!(AnyRef, EqRef, StructRef, ArrayRef, ExnRef);

macro_rules! casts {
    ($($ty:ident { $($is:ident $as:ident $unwrap:ident -> $to:ident = $pattern:pat, $what:literal;)* })*) => { $(
        impl $ty { $(
            #[doc = concat!("Whether this refers to ", $what, ".")]
            ///
            /// # Errors
            ///
            /// [`RefError`](crate::errors::RefError) if this belongs to another store, or its scope has ended.
            pub fn $is(&self, ctx: impl AsContext) -> Result<bool, Error> {
                let ctx = ctx.as_context();
                let kind = Kind::of(ctx.instances().referent(self.root)?);
                Ok(matches!(kind, $pattern))
            }

            #[doc = concat!("Returns this as a reference to ", $what, ", if it is one.")]
            ///
            /// # Errors
            ///
            /// [`RefError`](crate::errors::RefError) if this belongs to another store, or its scope has ended.
            pub fn $as(&self, ctx: impl AsContext) -> Result<Option<Rooted<$to>>, Error> {
                Ok(self.$is(ctx)?.then(|| Rooted::of_root(self.root)))
            }

            #[doc = concat!("Returns this as a reference to ", $what, ".")]
            ///
            /// # Errors
            ///
            /// [`RefError`](crate::errors::RefError) if this belongs to another store, or its scope has ended.
            ///
            /// # Panics
            ///
            #[doc = concat!("If it does not refer to ", $what, ".")]
            pub fn $unwrap(&self, ctx: impl AsContext) -> Result<Rooted<$to>, Error> {
                Ok(self.$as(ctx)?.expect(concat!("a reference to ", $what)))
            } )*
        } )*
    };
}

/// The kinds of what references of the hierarchy `any` refer to.
#[derive(Debug, Clone, Copy)]
enum Kind {
    I31,
    Host,
    Struct,
    Array,
    Exn,
}

impl Kind {
    fn of(referent: Referent<'_>) -> Self {
        match referent {
            Referent::I31(_) => Self::I31,
            Referent::Host => Self::Host,
            Referent::Object(object) => match object.kind() {
                ObjectKind::Struct => Self::Struct,
                ObjectKind::Array => Self::Array,
                ObjectKind::Exception => Self::Exn,
            },
        }
    }
}

casts! {
    AnyRef {
        is_eqref as_eqref unwrap_eqref -> EqRef = Kind::I31 | Kind::Struct | Kind::Array, "a value that can be compared";
        is_struct as_struct unwrap_struct -> StructRef = Kind::Struct, "a struct";
        is_array as_array unwrap_array -> ArrayRef = Kind::Array, "an array";
        is_extern as_extern unwrap_extern -> ExternRef = Kind::Host, "a value of the host";
    }
    EqRef {
        is_struct as_struct unwrap_struct -> StructRef = Kind::Struct, "a struct";
        is_array as_array unwrap_array -> ArrayRef = Kind::Array, "an array";
    }
}

macro_rules! i31s {
    ($($ty:ident),*) => { $(
        impl $ty {
            /// Returns the reference that is an integer of 31 bits (`ref.i31`). It belongs to no store and no scope.
            #[must_use]
            pub fn from_i31(value: I31) -> Rooted<Self> {
                Rooted::of_root(Root::immediate(value.cell()))
            }

            /// Whether this is an integer of 31 bits.
            ///
            /// # Errors
            ///
            /// [`RefError`](crate::errors::RefError) if this belongs to another store, or its scope has ended.
            pub fn is_i31(&self, ctx: impl AsContext) -> Result<bool, Error> {
                Ok(self.as_i31(ctx)?.is_some())
            }

            /// Returns the integer of 31 bits, if this is one.
            ///
            /// # Errors
            ///
            /// [`RefError`](crate::errors::RefError) if this belongs to another store, or its scope has ended.
            pub fn as_i31(&self, ctx: impl AsContext) -> Result<Option<I31>, Error> {
                let ctx = ctx.as_context();
                let referent = ctx.instances().referent(self.root)?;
                Ok(if let Referent::I31(cell) = referent { Some(I31::of_cell(cell)) } else { None })
            }

            /// Returns the integer of 31 bits.
            ///
            /// # Errors
            ///
            /// [`RefError`](crate::errors::RefError) if this belongs to another store, or its scope has ended.
            ///
            /// # Panics
            ///
            /// If this is not one.
            pub fn unwrap_i31(&self, ctx: impl AsContext) -> Result<I31, Error> {
                Ok(self.as_i31(ctx)?.expect("an integer of 31 bits"))
            }
        } )*
    };
}

i31s!(AnyRef, EqRef);

impl AnyRef {
    /// Returns the reference to a value of the host as one that Wasm code can have as `anyref` (`any.convert_extern`).
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if the reference belongs to another store, or its scope has ended.
    pub fn convert_extern(mut ctx: impl AsContextMut, value: impl Into<ExternRef>) -> Result<Rooted<Self>, Error> {
        let mut ctx = ctx.as_context_mut();
        let instances = ctx.instances_mut();
        let cell = instances.root_cell(value.into().root)?;
        Ok(Rooted::of_root(instances.root(cell)))
    }
}

impl ExternRef {
    /// Returns a reference to any value as one that Wasm code can have as `externref` (`extern.convert_any`).
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if the reference belongs to another store, or its scope has ended.
    pub fn convert_any(mut ctx: impl AsContextMut, value: impl Into<Rooted<AnyRef>>) -> Result<Rooted<Self>, Error> {
        let mut ctx = ctx.as_context_mut();
        let instances = ctx.instances_mut();
        let cell = instances.root_cell(value.into().root())?;
        Ok(Rooted::of_root(instances.root(cell)))
    }
}
