//! Arrays, as the host makes and accesses them.

use alloc::{sync::Arc, vec::Vec};

use crate::{
    api::{
        context::{AsContext, AsContextMut, StoreContext, StoreContextMut},
        gc::{
            any::object,
            reference::{ArrayRef, Rooted},
            structs::{field_cells, part_at, parts, push_cells, set_part},
        },
        host,
        value::Val,
    },
    error::{Error, kinds::RefError},
    module::rtt::Rtt,
    runtime::{heap::roots::Root, instances::Instances, objects::Parts},
    trap::TrapCode,
    types::ArrayType,
};

/// Makes arrays of a type in a store.
#[derive(Debug, Clone)]
pub struct ArrayRefPre {
    store: usize,
    ty: ArrayType,
    rtt: Arc<Rtt>,
}

impl ArrayRefPre {
    /// Prepares to make arrays of a type.
    ///
    /// # Panics
    ///
    /// If the type refers to types of another engine, or the engine has too many types.
    pub fn new(mut ctx: impl AsContextMut, ty: ArrayType) -> Self {
        let mut ctx = ctx.as_context_mut();
        let instances = ctx.instances_mut();
        let id = instances.types.array_id(&ty).expect("fewer than 2^20 types");
        instances.hold_object_type(id);
        let rtt = instances.types.rtt(id);
        instances.types.release([id]);
        Self { store: instances.id(), ty, rtt }
    }

    /// Makes an array.
    fn make<T>(&self, ctx: &mut StoreContextMut<'_, T>, len: u32, parts: Parts<'_>) -> Result<Rooted<ArrayRef>, Error> {
        let size = self.rtt.object_size(len).ok_or(TrapCode::AllocationTooLarge)?;
        // A collection keeps the elements, which have handles.
        host::make_room(ctx.store, size)?;
        Ok(Rooted::of_root(ctx.store.instances.make_object(&self.rtt, parts)?))
    }

    fn check<T>(&self, ctx: &StoreContextMut<'_, T>) -> Result<(), RefError> {
        if self.store == ctx.instances().id() { Ok(()) } else { Err(RefError::OtherStore) }
    }
}

/// Returns the type of an array.
fn type_of(instances: &Instances, root: Root) -> Result<ArrayType, Error> {
    let id = object(instances, root)?.type_id();
    Ok(instances.types.find_array_type(id).expect("the type of an array"))
}

impl ArrayRef {
    /// Makes an array of `len` elements, which all have the value `element`.
    ///
    /// ```
    /// use wasmote::{ArrayRef, ArrayRefPre, ArrayType, Engine, FieldType, Mutability, Store, Val, ValType};
    ///
    /// # fn main() -> Result<(), wasmote::Error> {
    /// let mut store = Store::new(&Engine::default(), ());
    /// let ty = ArrayType::new(FieldType::new(Mutability::Var, ValType::F64.into()));
    /// let pre = ArrayRefPre::new(&mut store, ty);
    /// let array = ArrayRef::new(&mut store, &pre, &Val::from(0.5), 3)?;
    /// array.set(&mut store, 2, Val::from(8.0))?;
    /// let sum: f64 = array.elems(&store)?.filter_map(|value| value.f64()).map(f64::from).sum();
    /// assert_eq!((array.len(&store)?, sum), (3, 9.0));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if the value is not one of the type, or `pre` or the value belongs to another store; a
    /// trap if there is no room.
    pub fn new(mut ctx: impl AsContextMut, pre: &ArrayRefPre, element: &Val, len: u32) -> Result<Rooted<Self>, Error> {
        let mut ctx = ctx.as_context_mut();
        pre.check(&ctx)?;
        let cells = field_cells(element, pre.ty.field_type(), ctx.instances())?;
        pre.make(&mut ctx, len, Parts::Same(cells, len))
    }

    /// Makes an array of these elements.
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if the values are not of the type, or `pre` or a value belongs to another store; a trap
    /// if there is no room.
    pub fn new_fixed(mut ctx: impl AsContextMut, pre: &ArrayRefPre, elements: &[Val]) -> Result<Rooted<Self>, Error> {
        let mut ctx = ctx.as_context_mut();
        pre.check(&ctx)?;
        let mut cells = Vec::with_capacity(elements.len());
        for value in elements {
            push_cells(&mut cells, value, pre.ty.field_type(), ctx.instances())?;
        }
        let len = u32::try_from(elements.len()).map_err(|_| TrapCode::AllocationTooLarge)?;
        pre.make(&mut ctx, len, Parts::Each(&cells))
    }

    /// Returns the type.
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if this belongs to another store, or its scope has ended.
    pub fn ty(&self, ctx: impl AsContext) -> Result<ArrayType, Error> {
        type_of(ctx.as_context().instances(), self.root)
    }

    /// Returns the number of elements.
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if this belongs to another store, or its scope has ended.
    pub fn len(&self, ctx: impl AsContext) -> Result<u32, Error> {
        Ok(object(ctx.as_context().instances(), self.root)?.len() as u32)
    }

    /// Returns an element. Packed integers are zero-extended.
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if there is no such element, this belongs to another store, or its scope has ended.
    pub fn get(&self, ctx: impl AsContext, index: u32) -> Result<Val, Error> {
        part_at(ctx.as_context().instances(), self.root, index as usize, RefError::ElementOutOfBounds)
    }

    /// Writes an element. Of a packed element, the lower bits of the integer count.
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if there is no such element, it is immutable or of another type, something belongs to another
    /// store, or its scope has ended.
    pub fn set(&self, mut ctx: impl AsContextMut, index: u32, value: Val) -> Result<(), Error> {
        let mut ctx = ctx.as_context_mut();
        let instances = ctx.instances_mut();
        if index as usize >= object(instances, self.root)?.len() {
            return Err(RefError::ElementOutOfBounds.into());
        }
        set_part(instances, self.root, index as usize, &value)
    }

    /// Iterates over the elements. Packed integers are zero-extended.
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if this belongs to another store, or its scope has ended.
    pub fn elems<'a, T: 'a>(
        &self,
        ctx: impl Into<StoreContext<'a, T>>,
    ) -> Result<impl ExactSizeIterator<Item = Val> + 'a, Error> {
        parts(ctx.into().into_instances(), self.root)
    }
}
