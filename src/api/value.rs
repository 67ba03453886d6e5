//! Values, references, and objects of the host.

use alloc::boxed::Box;
use core::any::Any;

#[cfg(host_refs)]
use crate::{
    api::gc::reference::{AnyRef, ArrayRef, EqRef, ExnRef, GcRef, Rooted, StructRef},
    error::kinds::RefError as Invalid,
    runtime::heap::roots::{Root, Told},
};
use crate::{
    api::{
        context::{AsContextMut, StoreContext},
        func::Func,
    },
    error::{Error, kinds::FuncError},
    runtime::{global::ValueCells, instances::Instances},
    types::{
        F32, F64, HeapType, RefType, V128, ValType,
        kinds::Abstract,
        layout::{cells_of, extern_of_cell},
    },
};
#[cfg(not(host_refs))]
use crate::{runtime::instances::Handle, types::layout::extern_cell};

/// Why a reference cannot be used. Without references that belong to scopes, none is checked here.
#[cfg(not(host_refs))]
pub(crate) type Invalid = FuncError;

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
/// The object lives as long as the store if an `ExternRef` by itself refers to it: one that [`new`](Self::new) made, or that came out of
/// Wasm code as a [`Val`], a [`Ref`], or an `ExternRef`. With `Rooted<ExternRef>` in its place, in what makes the object and in the types
/// of functions, the object is freed when it can no longer be reached. A `Rooted<ExternRef>` can be passed as an `ExternRef` at any
/// time, which then lives as long as it.
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
    #[cfg(not(host_refs))]
    handle: Handle,
    #[cfg(host_refs)]
    pub(crate) root: Root,
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
        Self::pinned(instances, index)
    }

    /// The reference to a value of the host that lives as long as the store.
    fn pinned(instances: &Instances, number: u32) -> Self {
        #[cfg(host_refs)]
        return Self { root: Root::pinned(instances.id(), number) };
        #[cfg(not(host_refs))]
        Self { handle: instances.handle(number) }
    }

    /// Returns the object, or `()` if the reference is to a value of Wasm code that `extern.convert_any` converted.
    ///
    /// # Panics
    ///
    /// If the reference belongs to another store, or its scope has ended.
    pub fn data<'a, T: 'a>(&self, ctx: impl Into<StoreContext<'a, T>>) -> &'a dyn Any {
        let instances = ctx.into().into_instances();
        match extern_of_cell(extern_to_cell(Nullable::Val(*self), instances)).and_then(|n| instances.extern_at(n)) {
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
    /// A reference to a value that Wasm code can look into: an i31, a struct or an array.
    #[cfg(host_refs)]
    Any(Nullable<Rooted<AnyRef>>),
    /// A reference to an exception.
    #[cfg(host_refs)]
    Exn(Nullable<Rooted<ExnRef>>),
}

impl Ref {
    /// Returns null of a type.
    #[must_use]
    pub fn default_for_ty(ty: RefType) -> Self {
        Self::null(ty)
    }

    /// Returns null: that of functions, of objects of the host, of what Wasm code can look into, or of exceptions. The type may
    /// be one without null.
    #[must_use]
    pub fn null(ty: RefType) -> Self {
        match ty.abstract_type().top() {
            Abstract::Func => Self::Func(Nullable::Null),
            #[cfg(host_refs)]
            Abstract::Any => Self::Any(Nullable::Null),
            #[cfg(host_refs)]
            Abstract::Exn => Self::Exn(Nullable::Null),
            _ => Self::Extern(Nullable::Null),
        }
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        match self {
            Self::Func(nullable) => nullable.is_null(),
            Self::Extern(nullable) => nullable.is_null(),
            #[cfg(host_refs)]
            Self::Any(nullable) => nullable.is_null(),
            #[cfg(host_refs)]
            Self::Exn(nullable) => nullable.is_null(),
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
            #[cfg(host_refs)]
            Self::Any(_) => RefType::new(true, HeapType::Any),
            #[cfg(host_refs)]
            Self::Exn(_) => RefType::new(true, HeapType::Exn),
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
    /// If it refers to something else.
    #[must_use]
    pub fn unwrap_func(&self) -> Nullable<&Func> {
        self.as_func().expect("a reference to a function")
    }

    /// Returns the object of the host that it refers to.
    ///
    /// # Panics
    ///
    /// If it refers to something else.
    #[must_use]
    pub fn unwrap_extern(&self) -> Nullable<&ExternRef> {
        self.as_extern().expect("a reference to an object of the host")
    }
}

#[cfg(host_refs)]
impl Ref {
    /// Whether it refers to a value that Wasm code can look into.
    #[must_use]
    pub fn is_any(&self) -> bool {
        matches!(self, Self::Any(_))
    }

    /// Whether it refers to an exception.
    #[must_use]
    pub fn is_exn(&self) -> bool {
        matches!(self, Self::Exn(_))
    }

    /// Returns the reference, if it is to a value that Wasm code can look into.
    #[must_use]
    pub fn as_any(&self) -> Option<Nullable<&Rooted<AnyRef>>> {
        if let Self::Any(reference) = self { Some(reference.as_ref()) } else { None }
    }

    /// Returns the reference, if it is to an exception.
    #[must_use]
    pub fn as_exn(&self) -> Option<Nullable<&Rooted<ExnRef>>> {
        if let Self::Exn(reference) = self { Some(reference.as_ref()) } else { None }
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
            #[cfg(host_refs)]
            Ref::Any(reference) => Self::AnyRef(reference),
            #[cfg(host_refs)]
            Ref::Exn(reference) => Self::ExnRef(reference),
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
    /// A reference to a value that Wasm code can look into: an i31, a struct or an array.
    #[cfg(host_refs)]
    AnyRef(Nullable<Rooted<AnyRef>>),
    /// A reference to an exception.
    #[cfg(host_refs)]
    ExnRef(Nullable<Rooted<ExnRef>>),
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
            #[cfg(host_refs)]
            Self::AnyRef(_) => ValType::Ref(RefType::new(true, HeapType::Any)),
            #[cfg(host_refs)]
            Self::ExnRef(_) => ValType::Ref(RefType::new(true, HeapType::Exn)),
        }
    }

    /// Returns the reference, if it is one to a value that Wasm code can look into.
    #[cfg(host_refs)]
    #[must_use]
    pub fn anyref(&self) -> Option<Nullable<&Rooted<AnyRef>>> {
        if let Self::AnyRef(reference) = self { Some(reference.as_ref()) } else { None }
    }

    /// Returns the reference, if it is one to an exception.
    #[cfg(host_refs)]
    #[must_use]
    pub fn exnref(&self) -> Option<Nullable<&Rooted<ExnRef>>> {
        if let Self::ExnRef(reference) = self { Some(reference.as_ref()) } else { None }
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
    ///
    /// # Panics
    ///
    /// If the value is a reference of another store, or of a scope that has ended. `matches` returns errors for most of them.
    pub(crate) fn to_cell(self, instances: &Instances) -> u64 {
        match self {
            Self::I32(value) => u64::from(value.cast_unsigned()),
            Self::I64(value) => value.cast_unsigned(),
            Self::F32(value) => u64::from(value.to_bits()),
            Self::F64(value) => value.to_bits(),
            Self::V128(value) => value.to_cells()[0],
            Self::FuncRef(func) => func_to_cell(func, instances),
            Self::ExternRef(object) => extern_to_cell(object, instances),
            #[cfg(host_refs)]
            Self::AnyRef(reference) => root_to_cell(reference, instances),
            #[cfg(host_refs)]
            Self::ExnRef(reference) => root_to_cell(reference, instances),
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
            reference => match reference.as_ref().map_or(Abstract::Func, |ty| ty.abstract_type().top()) {
                Abstract::Func => Self::FuncRef(func_from_cell(cell, instances)),
                #[cfg(host_refs)]
                Abstract::Any => Self::AnyRef(root_from_cell(cell, instances)),
                #[cfg(host_refs)]
                Abstract::Exn => Self::ExnRef(root_from_cell(cell, instances)),
                _ => Self::ExternRef(extern_from_cell(cell, instances)),
            },
        }
    }
}

/// Writes values to cells after checking that they are of these types. There are as many values as types.
///
/// # Errors
///
/// `mismatch` if a value is of another type, and if it is a reference of another store, or of a scope that has ended.
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
        if !value.matches(ty, instances)? {
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

/// Returns the cell of a reference that `matches` has checked.
#[cfg(host_refs)]
fn root_to_cell<T: GcRef>(reference: Nullable<Rooted<T>>, instances: &Instances) -> u64 {
    match reference {
        Nullable::Null => 0,
        Nullable::Val(reference) => match instances.root_cell(reference.root()) {
            Ok(cell) => cell,
            Err(error) => panic!("{error}"),
        },
    }
}

#[cfg(host_refs)]
fn root_from_cell<T: GcRef>(cell: u64, instances: &Instances) -> Nullable<Rooted<T>> {
    match cell {
        0 => Nullable::Null,
        cell => Nullable::Val(Rooted::of_root(instances.root(cell))),
    }
}

/// The number of no value. References to anything but values of the host have it for the host, such as to an integer that
/// became an `externref` (`extern.convert_any`): with a number of its own a module could choose among the host's objects.
#[cfg(not(host_refs))]
const NO_VALUE: u32 = u32::MAX;

pub(crate) fn extern_to_cell(object: Nullable<ExternRef>, instances: &Instances) -> u64 {
    match object {
        Nullable::Null => 0,
        #[cfg(host_refs)]
        Nullable::Val(object) => match instances.root_cell(object.root) {
            Ok(cell) => cell,
            Err(error) => panic!("{error}"),
        },
        #[cfg(not(host_refs))]
        Nullable::Val(object) => extern_cell(instances.index(object.handle)),
    }
}

pub(crate) fn extern_from_cell(cell: u64, instances: &Instances) -> Nullable<ExternRef> {
    let reference = match (cell, extern_of_cell(cell)) {
        (0, _) => return Nullable::Null,
        (_, Some(number)) => {
            instances.pin_extern(number);
            ExternRef::pinned(instances, number)
        }
        #[cfg(host_refs)]
        (cell, None) => ExternRef { root: instances.root(cell) },
        #[cfg(not(host_refs))]
        (_, None) => ExternRef::pinned(instances, NO_VALUE),
    };
    Nullable::Val(reference)
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

#[cfg(host_refs)]
from! {
    Rooted<ExternRef> => |value| Self::ExternRef(Nullable::Val(*value));
    Rooted<AnyRef> => |value| Self::AnyRef(Nullable::Val(value));
    Rooted<EqRef> => |value| Self::AnyRef(Nullable::Val(value.cast()));
    Rooted<StructRef> => |value| Self::AnyRef(Nullable::Val(value.cast()));
    Rooted<ArrayRef> => |value| Self::AnyRef(Nullable::Val(value.cast()));
    Rooted<ExnRef> => |value| Self::ExnRef(Nullable::Val(value));
    Nullable<Rooted<AnyRef>> => |value| Self::AnyRef(value);
    Nullable<Rooted<ExnRef>> => |value| Self::ExnRef(value);
}

#[cfg(host_refs)]
impl From<Nullable<Rooted<AnyRef>>> for Ref {
    fn from(reference: Nullable<Rooted<AnyRef>>) -> Self {
        Self::Any(reference)
    }
}

#[cfg(host_refs)]
impl From<Nullable<Rooted<ExnRef>>> for Ref {
    fn from(reference: Nullable<Rooted<ExnRef>>) -> Self {
        Self::Exn(reference)
    }
}

#[cfg(host_refs)]
impl<T: GcRef> From<Rooted<T>> for Ref
where
    Val: From<Rooted<T>>,
{
    fn from(reference: Rooted<T>) -> Self {
        match Val::from(reference) {
            Val::ExternRef(reference) => Self::Extern(reference),
            Val::ExnRef(reference) => Self::Exn(reference),
            Val::AnyRef(reference) => Self::Any(reference),
            _ => Self::Func(Nullable::Null),
        }
    }
}

impl Val {
    /// Whether this is a value of type `ty`.
    ///
    /// # Errors
    ///
    /// If it is a reference of another store, or of a scope that has ended. An `ExternRef` that lives as long as its store
    /// counts as one of this store.
    #[inline]
    pub(crate) fn matches(&self, ty: ValType, instances: &Instances) -> Result<bool, Invalid> {
        if self.ty() == ty && !self.has_scope() { Ok(true) } else { self.matches_other(ty, instances) }
    }

    /// Whether it is a reference that belongs to a scope.
    #[inline]
    pub(crate) fn has_scope(&self) -> bool {
        #[cfg(host_refs)]
        return match self {
            Self::AnyRef(reference) => !reference.is_null(),
            Self::ExnRef(reference) => !reference.is_null(),
            Self::ExternRef(Nullable::Val(reference)) => !matches!(reference.root.told(), Told::Pinned { .. }),
            _ => false,
        };
        #[cfg(not(host_refs))]
        false
    }

    /// As `matches`, for a type that is not the one of all references of its kind, and for references that belong to scopes.
    #[cold]
    fn matches_other(&self, ty: ValType, instances: &Instances) -> Result<bool, Invalid> {
        let Some(ty) = ty.as_ref() else { return Ok(false) };
        Ok(match self {
            #[cfg(host_refs)]
            Self::AnyRef(Nullable::Val(reference)) => {
                let found = RefType::new(false, instances.heap_type(reference.root())?);
                instances.types.matches(found.into(), ty.into())
            }
            #[cfg(host_refs)]
            Self::ExnRef(Nullable::Val(reference)) => {
                instances.root_cell(reference.root())?;
                ty.heap_type() == HeapType::Exn
            }
            #[cfg(host_refs)]
            Self::ExternRef(Nullable::Val(reference)) if self.has_scope() => {
                instances.root_cell(reference.root)?;
                ty.heap_type() == HeapType::Extern
            }
            #[cfg(host_refs)]
            Self::AnyRef(Nullable::Null) => ty.is_nullable() && ty.abstract_type().top() == Abstract::Any,
            #[cfg(host_refs)]
            Self::ExnRef(Nullable::Null) => ty.is_nullable() && ty.abstract_type().top() == Abstract::Exn,
            Self::FuncRef(Nullable::Null) => ty.is_nullable() && ty.is_func(),
            Self::ExternRef(Nullable::Null) => ty.is_nullable() && ty.abstract_type().top() == Abstract::Extern,
            Self::FuncRef(Nullable::Val(func)) => match ty.heap_type() {
                HeapType::Func => true,
                HeapType::ConcreteFunc(id) => {
                    instances.types.is_subtype(instances.func(func.handle()).type_id, id.number())
                }
                _ => false,
            },
            Self::ExternRef(Nullable::Val(_)) => ty.heap_type() == HeapType::Extern,
            _ => false,
        })
    }
}
