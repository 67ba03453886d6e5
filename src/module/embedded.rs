//! The types of a registry as the embedder has them: types that keep themselves there.

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::panic::{RefUnwindSafe, UnwindSafe};

use crate::{
    error::kinds::LimitsError,
    module::{
        group::GroupKey,
        registry::{Composite, TypeRegistry, Types},
    },
    types::{FuncType, Owner, kinds::CompositeKind, repr::Ty},
};
#[cfg(host_refs)]
use crate::{
    module::group::MUTABLE,
    types::{ArrayType, FieldType, StorageType, StructType, ValType},
};

/// Holds a type for the embedder.
struct Hold {
    registry: Arc<TypeRegistry>,
    id: u32,
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.registry.release([self.id]);
    }
}

// A panic leaves no type half registered.
impl UnwindSafe for Hold {}
impl RefUnwindSafe for Hold {}

/// What a type of the embedder says of itself: what keeps it in a registry, and perhaps its number there.
type Known<'a> = Option<(Option<u32>, &'a Owner)>;

impl TypeRegistry {
    /// Holds a function type and returns its number.
    ///
    /// # Errors
    ///
    /// If the engine has too many types.
    ///
    /// # Panics
    ///
    /// If it refers to types that the engine does not have.
    pub(crate) fn id(self: &Arc<Self>, ty: &FuncType) -> Result<u32, LimitsError> {
        let (params, results) = ty.params_and_results();
        let words = params.iter().chain(results).map(|ty| ty.ty());
        self.number(CompositeKind::Func, ty.owner(), params.len(), words)
    }

    /// Holds a struct type and returns its number.
    ///
    /// # Errors
    ///
    /// If the engine has too many types.
    ///
    /// # Panics
    ///
    /// If it refers to types that the engine does not have.
    #[cfg(host_refs)]
    pub(crate) fn struct_id(self: &Arc<Self>, ty: &StructType) -> Result<u32, LimitsError> {
        self.number(CompositeKind::Struct, ty.owner(), 0, ty.fields().iter().map(word_of_field))
    }

    /// Holds an array type and returns its number.
    ///
    /// # Errors
    ///
    /// If the engine has too many types.
    ///
    /// # Panics
    ///
    /// If it refers to types that the engine does not have.
    #[cfg(host_refs)]
    pub(crate) fn array_id(self: &Arc<Self>, ty: &ArrayType) -> Result<u32, LimitsError> {
        self.number(CompositeKind::Array, ty.owner(), 0, [word_of_field(&ty.field_type())].into_iter())
    }

    /// Holds a type and returns its number. The words of a new type are with numbers of the engine.
    fn number(
        self: &Arc<Self>,
        kind: CompositeKind,
        known: Known<'_>,
        params: usize,
        words: impl Iterator<Item = Ty> + Clone,
    ) -> Result<u32, LimitsError> {
        if let Some((Some(id), owner)) = known
            && self.owns(owner)
        {
            self.hold([id]);
            return Ok(id);
        }
        let mut key = GroupKey::default();
        {
            let types = self.types.lock();
            let known = |word: Ty| word.concrete_number().is_none_or(|id| types.is_live(id));
            assert!(words.clone().all(known), "the type belongs to another engine");
        }
        key.push(kind, true, None, params, words.map(Ty::word));
        let mut ids = Vec::new();
        self.register(key.group(), &mut ids)?;
        Ok(ids[0])
    }

    /// Returns whether `owner` keeps a type in this registry.
    fn owns(self: &Arc<Self>, owner: &Owner) -> bool {
        (owner as &dyn core::any::Any).downcast_ref::<Hold>().is_some_and(|hold| Arc::ptr_eq(&hold.registry, self))
    }

    /// Returns the number of `ty` if it is a declared subtype of the type with number `id`.
    pub(crate) fn declared_id(self: &Arc<Self>, ty: &FuncType, id: u32) -> Option<u32> {
        let (Some(declared), owner) = ty.owner()? else { return None };
        (self.owns(owner) && self.is_subtype(declared, id)).then_some(declared)
    }

    /// Returns the function type with number `id`, which keeps the types that it refers to.
    ///
    /// # Panics
    ///
    /// If no function type has that number.
    pub(crate) fn func_type(self: &Arc<Self>, id: u32) -> FuncType {
        self.find_func_type(id).expect("a function type")
    }

    /// Returns the function type with number `id`, if there is one.
    pub(crate) fn find_func_type(self: &Arc<Self>, id: u32) -> Option<FuncType> {
        let find = |composite: &Composite| if let Composite::Func(ty) = composite { Some(ty.clone()) } else { None };
        self.find_type(id, find, FuncType::registered)
    }

    /// Returns the struct type with number `id`, if there is one.
    #[cfg(host_refs)]
    pub(crate) fn find_struct_type(self: &Arc<Self>, id: u32) -> Option<StructType> {
        let find = |composite: &Composite| if let Composite::Struct(ty) = composite { Some(ty.clone()) } else { None };
        self.find_type(id, find, StructType::registered)
    }

    /// Returns the array type with number `id`, if there is one.
    #[cfg(host_refs)]
    pub(crate) fn find_array_type(self: &Arc<Self>, id: u32) -> Option<ArrayType> {
        let find = |composite: &Composite| if let Composite::Array(ty) = composite { Some(ty.clone()) } else { None };
        self.find_type(id, find, ArrayType::registered)
    }

    /// Returns the type with number `id`, if there is one of that kind. If other types may look like it, or it refers to others,
    /// it keeps itself in the registry.
    fn find_type<T>(
        self: &Arc<Self>,
        id: u32,
        find: impl FnOnce(&Composite) -> Option<T>,
        registered: impl FnOnce(&T, Option<u32>, Box<Owner>) -> T,
    ) -> Option<T> {
        let mut types = self.types.lock();
        let types: &mut Types = &mut types;
        if !types.is_live(id) {
            return None;
        }
        let entry = &types.entries[id as usize];
        let ty = find(entry.composite.as_ref()?)?;
        if types.is_plain(id) {
            return Some(ty);
        }
        let is_alone = entry.more.is_none();
        let first = types.first(id);
        types.entries[first as usize].holders += 1;
        let hold = Hold { registry: self.clone(), id };
        Some(registered(&ty, (!is_alone).then_some(id), Box::new(hold)))
    }

    /// Returns the type of a field of the struct type with number `id`, or of the elements of an array type.
    #[cfg(host_refs)]
    pub(crate) fn field_type(&self, id: u32, field: usize) -> Option<FieldType> {
        match self.types.lock().entries.get(id as usize)?.composite.as_ref()? {
            Composite::Struct(ty) => ty.fields().get(field).copied(),
            Composite::Array(ty) => Some(ty.field_type()),
            Composite::Func(_) => None,
        }
    }

    /// Returns the type of a word with numbers of this engine.
    #[cfg(host_refs)]
    pub(crate) fn val_type(&self, ty: Ty) -> ValType {
        use crate::types::repr::ConcreteTypes;
        ValType::of_ty(ty, |id| (self.types.lock().kind(id), id))
    }
}

/// The word of a field.
#[cfg(host_refs)]
fn word_of_field(field: &FieldType) -> Ty {
    let ty = match field.element_type() {
        StorageType::I8 => Ty::I8,
        StorageType::I16 => Ty::I16,
        StorageType::Val(ty) => ty.ty(),
    };
    let mutable = if field.mutability().is_mut() { MUTABLE } else { 0 };
    Ty::of_word(ty.word() | mutable)
}
