//! Structs, as the host makes and accesses them.

use alloc::{sync::Arc, vec::Vec};

use crate::{
    api::{
        context::{AsContext, AsContextMut, StoreContext},
        gc::{
            any::object,
            reference::{Rooted, StructRef},
        },
        host,
        value::Val,
    },
    error::{Error, kinds::RefError},
    module::rtt::Rtt,
    runtime::{
        heap::roots::Root,
        instances::Instances,
        objects::{ObjectRef, Parts},
    },
    types::{FieldType, Mutability, StructType, ValType},
};

/// Makes structs of a type in a store.
#[derive(Debug, Clone)]
pub struct StructRefPre {
    store: usize,
    ty: StructType,
    rtt: Arc<Rtt>,
}

impl StructRefPre {
    /// Prepares to make structs of a type.
    ///
    /// # Panics
    ///
    /// If the type refers to types of another engine, or the engine has too many types.
    pub fn new(mut ctx: impl AsContextMut, ty: StructType) -> Self {
        let mut ctx = ctx.as_context_mut();
        let instances = ctx.instances_mut();
        let id = instances.types.struct_id(&ty).expect("fewer than 2^20 types");
        instances.hold_object_type(id);
        let rtt = instances.types.rtt(id);
        instances.types.release([id]);
        Self { store: instances.id(), ty, rtt }
    }
}

/// Returns the cells of a value of the type of a field.
pub(super) fn field_cells(value: &Val, ty: FieldType, instances: &Instances) -> Result<[u64; 2], Error> {
    if !value.matches(ty.element_type().unpack(), instances)? {
        return Err(RefError::MismatchingFieldType.into());
    }
    Ok(value.to_cells(instances))
}

/// Appends the cells of values of the types of fields.
pub(super) fn push_cells(cells: &mut Vec<u64>, value: &Val, ty: FieldType, instances: &Instances) -> Result<(), Error> {
    let [low, high] = field_cells(value, ty, instances)?;
    cells.push(low);
    if ty.element_type().unpack() == ValType::V128 {
        cells.push(high);
    }
    Ok(())
}

/// Returns the value of a field or an element. Packed integers are zero-extended.
fn part(object: ObjectRef<'_>, index: usize, instances: &Instances) -> Option<Val> {
    let (cells, ty) = object.get(index)?;
    Some(Val::from_cells(&cells, instances.types.val_type(ty), instances))
}

/// Returns the value of a field, an element or an argument of an object.
///
/// # Errors
///
/// `missing` if there is none with this index, or the reason why the root cannot be used.
pub(super) fn part_at(instances: &Instances, root: Root, index: usize, missing: RefError) -> Result<Val, Error> {
    part(object(instances, root)?, index, instances).ok_or(missing.into())
}

/// Iterates over the values of the fields, the elements or the arguments of an object.
pub(super) fn parts(instances: &Instances, root: Root) -> Result<impl ExactSizeIterator<Item = Val> + '_, Error> {
    let object = object(instances, root)?;
    Ok((0..object.len()).map(move |i| part(object, i, instances).expect("a field")))
}

/// Returns the type of a struct.
fn type_of(instances: &Instances, root: Root) -> Result<StructType, Error> {
    let id = object(instances, root)?.type_id();
    Ok(instances.types.find_struct_type(id).expect("the type of a struct"))
}

/// Writes a field or an element, which exists.
pub(super) fn set_part(instances: &mut Instances, root: Root, index: usize, value: &Val) -> Result<(), Error> {
    let id = object(instances, root)?.type_id();
    let ty = instances.types.field_type(id, index).ok_or(RefError::FieldOutOfBounds)?;
    if ty.mutability() == Mutability::Const {
        return Err(RefError::ImmutableWrite.into());
    }
    let cells = field_cells(value, ty, instances)?;
    instances.set_part(root, index, cells)?.ok_or(RefError::FieldOutOfBounds)?;
    Ok(())
}

impl StructRef {
    /// Makes a struct with these fields.
    ///
    /// ```
    /// use wasmote::{
    ///     Engine, FieldType, Mutability, StorageType, Store, StructRef, StructRefPre, StructType, Val, ValType,
    /// };
    ///
    /// # fn main() -> Result<(), wasmote::Error> {
    /// let mut store = Store::new(&Engine::default(), ());
    /// let byte = FieldType::new(Mutability::Var, StorageType::I8);
    /// let number = FieldType::new(Mutability::Const, ValType::I64.into());
    /// let pre = StructRefPre::new(&mut store, StructType::new([byte, number]));
    /// let object = StructRef::new(&mut store, &pre, &[Val::I32(0x1ff), Val::I64(-5)])?;
    /// assert_eq!(object.field(&store, 0)?.i32(), Some(0xff));
    /// object.set_field(&mut store, 0, Val::I32(7))?;
    /// let fields: Vec<Val> = object.fields(&store)?.collect();
    /// assert_eq!((fields[0].i32(), fields[1].i64()), (Some(7), Some(-5)));
    /// assert!(object.set_field(&mut store, 1, Val::I64(0)).is_err(), "it is immutable");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if the fields are not those of the type, or `pre` or a field belongs to another store; a
    /// trap if there is no room.
    pub fn new(mut ctx: impl AsContextMut, pre: &StructRefPre, fields: &[Val]) -> Result<Rooted<Self>, Error> {
        let ctx = ctx.as_context_mut();
        if pre.store != ctx.instances().id() {
            return Err(RefError::OtherStore.into());
        }
        let types = pre.ty.fields();
        if types.len() != fields.len() {
            return Err(RefError::MismatchingFieldLen.into());
        }
        let mut cells = Vec::with_capacity(fields.len());
        for (value, &ty) in fields.iter().zip(types) {
            push_cells(&mut cells, value, ty, ctx.instances())?;
        }
        // A collection keeps the fields, which have handles.
        host::make_room(ctx.store, pre.rtt.size)?;
        Ok(Rooted::of_root(ctx.store.instances.make_object(&pre.rtt, Parts::Each(&cells))?))
    }

    /// Returns the type.
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if this belongs to another store, or its scope has ended.
    pub fn ty(&self, ctx: impl AsContext) -> Result<StructType, Error> {
        type_of(ctx.as_context().instances(), self.root)
    }

    /// Iterates over the values of the fields. Packed integers are zero-extended.
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if this belongs to another store, or its scope has ended.
    pub fn fields<'a, T: 'a>(
        &self,
        ctx: impl Into<StoreContext<'a, T>>,
    ) -> Result<impl ExactSizeIterator<Item = Val> + 'a, Error> {
        parts(ctx.into().into_instances(), self.root)
    }

    /// Returns the value of a field. Packed integers are zero-extended.
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if there is no such field, this belongs to another store, or its scope has ended.
    pub fn field(&self, ctx: impl AsContext, index: usize) -> Result<Val, Error> {
        part_at(ctx.as_context().instances(), self.root, index, RefError::FieldOutOfBounds)
    }

    /// Writes a field. Of a packed field, the lower bits of the integer count.
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if there is no such field, it is immutable or of another type, something belongs to another
    /// store, or its scope has ended.
    pub fn set_field(&self, mut ctx: impl AsContextMut, index: usize, value: Val) -> Result<(), Error> {
        set_part(ctx.as_context_mut().instances_mut(), self.root, index, &value)
    }
}
