//! Tables.

use alloc::vec::Vec;

use crate::{
    api::{
        context::{AsContext, AsContextMut},
        value::{Ref, Val},
    },
    error::Error,
    error::kinds::{InstantiationError, TableError},
    limits::StoreLimiter,
    runtime::{
        instances::{Handle, Instances},
        table::TableInst,
    },
    types::TableType,
};

/// A table of references.
///
/// ```
/// use wasmote::{Engine, Func, Ref, RefType, Store, Table, TableType};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let mut store = Store::new(&Engine::default(), ());
/// let table = Table::new(&mut store, TableType::new(RefType::Func, 2, None), Ref::null(RefType::Func))?;
/// let func = Func::wrap(&mut store, || {});
/// table.set(&mut store, 1, func.into())?;
/// assert!(table.get(&store, 0).is_some_and(|element| element.is_null()));
/// assert!(table.get(&store, 1).is_some_and(|element| element.is_non_null()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Table {
    handle: Handle,
}

/// Returns the cell for a reference, which must be of the table's element type.
fn cell(instances: &Instances, ty: &TableType, value: Ref) -> Result<u64, TableError> {
    let value = Val::from(value);
    match value.matches(ty.element().into(), instances) {
        Ok(true) => Ok(value.to_cell(instances)),
        Ok(false) => Err(TableError::ElementTypeMismatch),
        #[cfg(host_refs)]
        Err(error) => Err(TableError::InvalidReference { error }),
        #[cfg(not(host_refs))]
        Err(_) => Err(TableError::ElementTypeMismatch),
    }
}

impl Table {
    pub(crate) fn from_handle(handle: Handle) -> Self {
        Self { handle }
    }

    pub(crate) fn handle(self) -> Handle {
        self.handle
    }

    /// Makes a table of the minimum size of its type. All elements are `init`.
    ///
    /// # Errors
    ///
    /// If `init` has another type, or the system or the store's limiter does not allow the size.
    ///
    /// # Panics
    ///
    /// If `init` belongs to another store.
    pub fn new(mut ctx: impl AsContextMut, ty: TableType, init: Ref) -> Result<Self, Error> {
        let ctx = ctx.as_context_mut();
        let (instances, mut limiter) = ctx.store.instances_and_limiter();
        if limiter.as_ref().is_some_and(|limiter| !limiter.allows_table(instances.counts().1)) {
            return Err(InstantiationError::TooManyTables.into());
        }
        let init = cell(instances, &ty, init)?;
        if !instances.hold_type(ty.element()) {
            return Err(TableError::ElementTypeMismatch.into());
        }
        let table = TableInst::new(ty, init, limiter.as_mut().map(StoreLimiter::as_dyn))?;
        let index = instances.push_table(table)?;
        Ok(Self { handle: instances.handle(index) })
    }

    /// Returns the type that the table was made with.
    ///
    /// # Panics
    ///
    /// If the table belongs to another store.
    pub fn ty(&self, ctx: impl AsContext) -> TableType {
        ctx.as_context().instances().table(self.handle).declared_type()
    }

    /// Returns the number of elements.
    ///
    /// # Panics
    ///
    /// If the table belongs to another store.
    pub fn size(&self, ctx: impl AsContext) -> u64 {
        ctx.as_context().instances().table(self.handle).len as u64
    }

    /// Grows the table by `delta` elements `init`. Returns the former size.
    ///
    /// # Errors
    ///
    /// If the maximum of the table, the system or the store's limiter does not allow it. The table does not change
    /// then.
    ///
    /// # Panics
    ///
    /// If the table or `init` belongs to another store.
    pub fn grow(&self, mut ctx: impl AsContextMut, delta: u64, init: Ref) -> Result<u64, TableError> {
        let ctx = ctx.as_context_mut();
        let (instances, mut limiter) = ctx.store.instances_and_limiter();
        let init = cell(instances, &instances.table(self.handle).ty(), init)?;
        instances.table_mut(self.handle).grow(delta, init, limiter.as_mut().map(StoreLimiter::as_dyn), None)
    }

    /// Returns the element at `index`, if there is one.
    ///
    /// # Panics
    ///
    /// If the table belongs to another store.
    pub fn get(&self, ctx: impl AsContext, index: u64) -> Option<Ref> {
        let ctx = ctx.as_context();
        let instances = ctx.instances();
        let table = instances.table(self.handle);
        let &cell = table.cells().get(usize::try_from(index).ok()?)?;
        Some(match Val::from_cell(cell, table.ty().element().into(), instances) {
            Val::ExternRef(object) => Ref::Extern(object),
            Val::FuncRef(func) => Ref::Func(func),
            #[cfg(host_refs)]
            Val::AnyRef(reference) => Ref::Any(reference),
            #[cfg(host_refs)]
            Val::ExnRef(reference) => Ref::Exn(reference),
            _ => return None,
        })
    }

    /// Writes the element at `index`.
    ///
    /// # Errors
    ///
    /// If there is no element at `index`, or the value has another type.
    ///
    /// # Panics
    ///
    /// If the table or `value` belongs to another store.
    pub fn set(&self, mut ctx: impl AsContextMut, index: u64, value: Ref) -> Result<(), TableError> {
        let mut ctx = ctx.as_context_mut();
        let instances = ctx.instances_mut();
        let value = cell(instances, &instances.table(self.handle).ty(), value)?;
        let index = usize::try_from(index).map_err(|_| TableError::SetOutOfBounds)?;
        let table = instances.table_mut(self.handle);
        *table.cells_mut().get_mut(index).ok_or(TableError::SetOutOfBounds)? = value;
        Ok(())
    }

    /// Copies `len` elements from one table to another, or within one.
    ///
    /// # Errors
    ///
    /// If an element is outside of a table, or the tables have different element types. Nothing is copied then.
    ///
    /// # Panics
    ///
    /// If a table belongs to another store.
    pub fn copy(
        mut store: impl AsContextMut,
        dst_table: &Self,
        dst_index: u64,
        src_table: &Self,
        src_index: u64,
        len: u64,
    ) -> Result<(), TableError> {
        let mut ctx = store.as_context_mut();
        let instances = ctx.instances_mut();
        let (dst, src) = (instances.table(dst_table.handle), instances.table(src_table.handle));
        if !instances.types.matches(src.ty().element().into(), dst.ty().element().into()) {
            return Err(TableError::ElementTypeMismatch);
        }
        let range = |start: u64, size: usize| {
            let end = start.checked_add(len).filter(|&end| end <= size as u64);
            end.map(|end| start as usize..end as usize).ok_or(TableError::CopyOutOfBounds)
        };
        let (to, from) = (range(dst_index, dst.len)?, range(src_index, src.len)?);
        if dst_table.handle == src_table.handle {
            instances.table_mut(dst_table.handle).cells_mut().copy_within(from, to.start);
        } else {
            let elements: Vec<u64> = src.cells()[from].to_vec();
            instances.table_mut(dst_table.handle).cells_mut()[to].copy_from_slice(&elements);
        }
        Ok(())
    }

    /// Writes `val` to `len` elements, beginning at `dst`.
    ///
    /// # Errors
    ///
    /// If an element is outside of the table, or the value has another type. Nothing is written then.
    ///
    /// # Panics
    ///
    /// If the table or `val` belongs to another store.
    pub fn fill(&self, mut ctx: impl AsContextMut, dst: u64, val: Ref, len: u64) -> Result<(), TableError> {
        let mut ctx = ctx.as_context_mut();
        let instances = ctx.instances_mut();
        let value = cell(instances, &instances.table(self.handle).ty(), val)?;
        let table = instances.table_mut(self.handle);
        let end = dst.checked_add(len).filter(|&end| end <= table.len as u64);
        let end = end.ok_or(TableError::FillOutOfBounds)?;
        table.cells_mut()[dst as usize..end as usize].fill(value);
        Ok(())
    }
}
