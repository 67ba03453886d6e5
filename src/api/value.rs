//! Values, references, and objects of the host.

use alloc::boxed::Box;
use core::any::Any;

use crate::{
    api::{
        context::{AsContextMut, StoreContext},
        func::Func,
    },
    error::{Error, kinds::FuncError},
    runtime::{
        global::ValueCells,
        instances::{Handle, Instances},
    },
    types::{
        F32, F64, HeapType, RefType, V128, ValType,
        layout::{cells_of, extern_cell, extern_of_cell},
    },
};

/// A value of type `T` or null.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Nullable<T> {
    /// Null.
    #[default]
    Null,
    /// A value that is not null.
    Val(T),
}

impl<T> Nullable<T> {
    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns the value, unless it is null.
    #[must_use]
    pub fn val(&self) -> Option<&T> {
        match self {
            Self::Null => None,
            Self::Val(value) => Some(value),
        }
    }

    /// Borrows the value.
    #[must_use]
    pub fn as_ref(&self) -> Nullable<&T> {
        match self {
            Self::Null => Nullable::Null,
            Self::Val(value) => Nullable::Val(value),
        }
    }
}

impl<T> From<Option<T>> for Nullable<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Val)
    }
}

impl<T> From<Nullable<T>> for Option<T> {
    fn from(value: Nullable<T>) -> Self {
        match value {
            Nullable::Null => None,
            Nullable::Val(value) => Some(value),
        }
    }
}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Self {
        Self::Val(value)
    }
}

/// A reference to an object of the host, which Wasm code can keep and pass on but not inspect.
///
/// ```
/// use wasmote::{Engine, ExternRef, Store};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let object = ExternRef::new(&mut store, String::from("an object of the host"));
/// assert!(object.data(&store).is::<String>());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ExternRef {
    handle: Handle,
}

impl ExternRef {
    /// Puts `object` into the store.
    pub fn new<T>(mut ctx: impl AsContextMut, object: T) -> Self
    where
        T: 'static + Any + Send + Sync,
    {
        let mut ctx = ctx.as_context_mut();
        let instances = ctx.instances_mut();
        let index = instances.push_extern(Box::new(object));
        Self { handle: instances.handle(index) }
    }

    /// Returns the object, or `()` if the reference is to a value of Wasm code that `extern.convert_any` converted.
    ///
    /// # Panics
    ///
    /// If the reference belongs to another store.
    pub fn data<'a, T: 'a>(&self, ctx: impl Into<StoreContext<'a, T>>) -> &'a dyn Any {
        let instances = ctx.into().into_instances();
        match instances.extern_at(instances.index(self.handle)) {
            Some(object) => object,
            None => &(),
        }
    }
}

/// A reference.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(feature = "wasmi-defaults"), non_exhaustive)]
pub enum Ref {
    /// A reference to a function.
    Func(Nullable<Func>),
    /// A reference to an object of the host.
    Extern(Nullable<ExternRef>),
}

impl Ref {
    /// Returns null of a type.
    #[must_use]
    pub fn default_for_ty(ty: RefType) -> Self {
        Self::null(ty)
    }

    /// Returns null: of functions, or of objects of the host. The type may be one without null.
    #[must_use]
    pub fn null(ty: RefType) -> Self {
        if ty.is_func() { Self::Func(Nullable::Null) } else { Self::Extern(Nullable::Null) }
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        match self {
            Self::Func(nullable) => nullable.is_null(),
            Self::Extern(nullable) => nullable.is_null(),
        }
    }

    /// Whether it is not null.
    #[must_use]
    pub fn is_non_null(&self) -> bool {
        !self.is_null()
    }

    /// Returns its type.
    #[must_use]
    pub fn ty(&self) -> RefType {
        match self {
            Self::Func(_) => RefType::Func,
            Self::Extern(_) => RefType::Extern,
        }
    }

    /// Whether it refers to a function.
    #[must_use]
    pub fn is_func(&self) -> bool {
        matches!(self, Self::Func(_))
    }

    /// Whether it refers to an object of the host.
    #[must_use]
    pub fn is_extern(&self) -> bool {
        matches!(self, Self::Extern(_))
    }

    /// Returns the function, if it refers to one.
    #[must_use]
    pub fn as_func(&self) -> Option<Nullable<&Func>> {
        if let Self::Func(func) = self { Some(func.as_ref()) } else { None }
    }

    /// Returns the object of the host, if it refers to one.
    #[must_use]
    pub fn as_extern(&self) -> Option<Nullable<&ExternRef>> {
        if let Self::Extern(object) = self { Some(object.as_ref()) } else { None }
    }

    /// Returns the function that it refers to.
    ///
    /// # Panics
    ///
    /// If it refers to an object of the host.
    #[must_use]
    pub fn unwrap_func(&self) -> Nullable<&Func> {
        self.as_func().expect("a reference to a function")
    }

    /// Returns the object of the host that it refers to.
    ///
    /// # Panics
    ///
    /// If it refers to a function.
    #[must_use]
    pub fn unwrap_extern(&self) -> Nullable<&ExternRef> {
        self.as_extern().expect("a reference to an object of the host")
    }
}

impl Ref {
    /// Returns the cell that holds this reference in a store.
    pub(crate) fn to_cell(self, instances: &Instances) -> u64 {
        match self {
            Self::Func(func) => func_to_cell(func, instances),
            Self::Extern(object) => extern_to_cell(object, instances),
        }
    }
}

impl From<Func> for Ref {
    fn from(func: Func) -> Self {
        Self::Func(Nullable::Val(func))
    }
}

impl From<ExternRef> for Ref {
    fn from(object: ExternRef) -> Self {
        Self::Extern(Nullable::Val(object))
    }
}

impl From<Nullable<Func>> for Ref {
    fn from(func: Nullable<Func>) -> Self {
        Self::Func(func)
    }
}

impl From<Nullable<ExternRef>> for Ref {
    fn from(object: Nullable<ExternRef>) -> Self {
        Self::Extern(object)
    }
}

impl From<Ref> for Val {
    fn from(reference: Ref) -> Self {
        match reference {
            Ref::Func(func) => Self::FuncRef(func),
            Ref::Extern(object) => Self::ExternRef(object),
        }
    }
}

/// A Wasm value.
///
/// ```
/// use wasmote::{Val, ValType};
///
/// let value = Val::from(7_i64);
/// assert_eq!((value.ty(), value.i64(), value.i32()), (ValType::I64, Some(7), None));
/// assert!(Val::default(ValType::FuncRef).funcref().is_some_and(|func| func.is_null()));
/// ```
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(feature = "wasmi-defaults"), non_exhaustive)]
pub enum Val {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// A 32-bit float.
    F32(F32),
    /// A 64-bit float.
    F64(F64),
    /// A 128-bit vector.
    V128(V128),
    /// A reference to a function.
    FuncRef(Nullable<Func>),
    /// A reference to an object of the host.
    ExternRef(Nullable<ExternRef>),
}

impl Val {
    /// Returns zero or null of a type: null even if the type is one of references that are not null.
    #[must_use]
    pub fn default(ty: ValType) -> Self {
        Self::default_for_ty(ty)
    }

    /// Returns zero or null of a type.
    #[must_use]
    pub fn default_for_ty(ty: ValType) -> Self {
        match ty {
            ValType::I32 => Self::I32(0),
            ValType::I64 => Self::I64(0),
            ValType::F32 => Self::F32(F32::default()),
            ValType::F64 => Self::F64(F64::default()),
            ValType::V128 => Self::V128(V128::default()),
            reference => Ref::null(reference.as_ref().unwrap_or(RefType::Func)).into(),
        }
    }

    /// Returns its type.
    #[must_use]
    pub fn ty(&self) -> ValType {
        match self {
            Self::I32(_) => ValType::I32,
            Self::I64(_) => ValType::I64,
            Self::F32(_) => ValType::F32,
            Self::F64(_) => ValType::F64,
            Self::V128(_) => ValType::V128,
            Self::FuncRef(_) => ValType::FuncRef,
            Self::ExternRef(_) => ValType::ExternRef,
        }
    }

    /// Returns the i32, if it is one.
    #[must_use]
    pub fn i32(&self) -> Option<i32> {
        if let Self::I32(value) = self { Some(*value) } else { None }
    }

    /// Returns the i64, if it is one.
    #[must_use]
    pub fn i64(&self) -> Option<i64> {
        if let Self::I64(value) = self { Some(*value) } else { None }
    }

    /// Returns the f32, if it is one.
    #[must_use]
    pub fn f32(&self) -> Option<F32> {
        if let Self::F32(value) = self { Some(*value) } else { None }
    }

    /// Returns the f64, if it is one.
    #[must_use]
    pub fn f64(&self) -> Option<F64> {
        if let Self::F64(value) = self { Some(*value) } else { None }
    }

    /// Returns the function, if it is a reference to one.
    #[must_use]
    pub fn funcref(&self) -> Option<Nullable<&Func>> {
        if let Self::FuncRef(func) = self { Some(func.as_ref()) } else { None }
    }

    /// Returns the object of the host, if it is a reference to one.
    #[must_use]
    pub fn externref(&self) -> Option<Nullable<&ExternRef>> {
        if let Self::ExternRef(object) = self { Some(object.as_ref()) } else { None }
    }

    /// Returns the first cell that holds this value in a store.
    pub(crate) fn to_cell(self, instances: &Instances) -> u64 {
        match self {
            Self::I32(value) => u64::from(value.cast_unsigned()),
            Self::I64(value) => value.cast_unsigned(),
            Self::F32(value) => u64::from(value.to_bits()),
            Self::F64(value) => value.to_bits(),
            Self::V128(value) => value.to_cells()[0],
            Self::FuncRef(func) => func_to_cell(func, instances),
            Self::ExternRef(object) => extern_to_cell(object, instances),
        }
    }

    /// Returns the cells that hold this value in a store. The second one is 0 if it has one cell.
    pub(crate) fn to_cells(self, instances: &Instances) -> ValueCells {
        match self {
            Self::V128(value) => value.to_cells(),
            _ => [self.to_cell(instances), 0],
        }
    }

    /// Returns the value of type `ty` in the first cells of a list.
    pub(crate) fn from_cells(cells: &[u64], ty: ValType, instances: &Instances) -> Self {
        match *cells {
            [low, high, ..] if ty == ValType::V128 => Self::V128(V128::from_cells([low, high])),
            _ => Self::from_cell(cells[0], ty, instances),
        }
    }

    /// Returns the value of type `ty`, which is not `v128`, in a cell of a store.
    ///
    /// # Panics
    ///
    /// If the type is `v128`.
    pub(crate) fn from_cell(cell: u64, ty: ValType, instances: &Instances) -> Self {
        match ty {
            ValType::I32 => Self::I32(cell as i32),
            ValType::I64 => Self::I64(cell.cast_signed()),
            ValType::F32 => Self::F32(F32::from_bits(cell as u32)),
            ValType::F64 => Self::F64(F64::from_bits(cell)),
            ValType::V128 => unreachable!("no single cell holds a vector"),
            reference if reference.as_ref().is_some_and(RefType::is_func) => {
                Self::FuncRef(func_from_cell(cell, instances))
            }
            _ => Self::ExternRef(extern_from_cell(cell, instances)),
        }
    }
}

/// Writes values to cells after checking that they are of these types. There are as many values as types.
///
/// # Errors
///
/// `mismatch` if a value is of another type.
#[inline]
pub(crate) fn write_values(
    values: &[Val],
    types: impl Iterator<Item = ValType>,
    cells: &mut [u64],
    instances: &Instances,
    mismatch: FuncError,
) -> Result<(), Error> {
    let mut cells = cells.iter_mut();
    for (value, ty) in values.iter().zip(types) {
        if !value.matches(ty, instances) {
            return Err(mismatch.into());
        }
        if let Some(cell) = cells.next() {
            *cell = value.to_cell(instances);
        }
        if let Val::V128(value) = value
            && let Some(cell) = cells.next()
        {
            *cell = value.to_cells()[1];
        }
    }
    Ok(())
}

/// Iterates over the values of these types that are in the cells.
#[inline]
pub(crate) fn read_values<'a>(
    mut cells: &'a [u64],
    types: impl Iterator<Item = ValType> + 'a,
    instances: &'a Instances,
) -> impl Iterator<Item = Val> + 'a {
    types.map(move |ty| {
        let value = Val::from_cells(cells, ty, instances);
        cells = &cells[cells_of(ty.ty())..];
        value
    })
}

pub(crate) fn func_to_cell(func: Nullable<Func>, instances: &Instances) -> u64 {
    match func {
        Nullable::Null => 0,
        Nullable::Val(func) => instances.func_cell(func.handle()),
    }
}

pub(crate) fn func_from_cell(cell: u64, instances: &Instances) -> Nullable<Func> {
    instances.func_of_cell(cell).map(Func::from_handle).into()
}

/// The number of no value. References to anything but values of the host have it for the host, such as to an integer that
/// became an `externref` (`extern.convert_any`): with a number of its own a module could choose among the host's objects.
const NO_VALUE: u32 = u32::MAX;

pub(crate) fn extern_to_cell(object: Nullable<ExternRef>, instances: &Instances) -> u64 {
    match object {
        Nullable::Null => 0,
        Nullable::Val(object) => extern_cell(instances.index(object.handle)),
    }
}

pub(crate) fn extern_from_cell(cell: u64, instances: &Instances) -> Nullable<ExternRef> {
    match cell {
        0 => Nullable::Null,
        cell => {
            let number = extern_of_cell(cell).unwrap_or(NO_VALUE);
            Nullable::Val(ExternRef { handle: instances.handle(number) })
        }
    }
}

macro_rules! from {
    ($($ty:ty => |$value:ident| $val:expr;)*) => { $(
        impl From<$ty> for Val {
            fn from($value: $ty) -> Self {
                $val
            }
        } )*
    };
}

from! {
    i32 => |value| Self::I32(value);
    u32 => |value| Self::I32(value.cast_signed());
    i64 => |value| Self::I64(value);
    u64 => |value| Self::I64(value.cast_signed());
    f32 => |value| Self::F32(value.into());
    f64 => |value| Self::F64(value.into());
    F32 => |value| Self::F32(value);
    F64 => |value| Self::F64(value);
    V128 => |value| Self::V128(value);
    Func => |value| Self::FuncRef(Nullable::Val(value));
    ExternRef => |value| Self::ExternRef(Nullable::Val(value));
    Nullable<Func> => |value| Self::FuncRef(value);
    Nullable<ExternRef> => |value| Self::ExternRef(value);
}

impl Val {
    /// Whether this is a value of type `ty`.
    #[inline]
    pub(crate) fn matches(&self, ty: ValType, instances: &Instances) -> bool {
        self.ty() == ty || self.matches_other(ty, instances)
    }

    /// As `matches`, for a type that is not the one of all references of its kind.
    #[cold]
    fn matches_other(&self, ty: ValType, instances: &Instances) -> bool {
        let Some(ty) = ty.as_ref() else { return false };
        match self {
            Self::FuncRef(Nullable::Null) => ty.is_nullable() && ty.is_func(),
            Self::ExternRef(Nullable::Null) => ty.is_nullable() && !ty.is_func(),
            Self::FuncRef(Nullable::Val(func)) => match ty.heap_type() {
                HeapType::Func => true,
                HeapType::ConcreteFunc(id) => {
                    instances.types.is_subtype(instances.func(func.handle()).type_id, id.number())
                }
                _ => false,
            },
            Self::ExternRef(Nullable::Val(_)) => ty.heap_type() == HeapType::Extern,
            _ => false,
        }
    }
}
