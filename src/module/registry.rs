//! The types that the modules of an engine define: equal types have equal numbers throughout the engine, so that
//! indirect calls compare numbers.
//!
//! Types are equal as the specification says (Appendix > Canonical Types): the unit is a recursion group. References
//! inside of it count as positions in the group, others as the numbers of the types that they refer to.
//!
//! A group lives as long as something holds one of its types: a type index of a module, a host function of a store,
//! a `FuncType` that the embedder has, or another group that refers to it.

use alloc::{boxed::Box, collections::VecDeque, sync::Arc, vec::Vec};
use core::{
    hash::{BuildHasher, Hasher},
    panic::{RefUnwindSafe, UnwindSafe},
};

use hashbrown::{DefaultHashBuilder, HashTable};
use spin::Mutex;

use crate::{
    error::kinds::LimitsError,
    types::{
        ArrayType, FieldType, FuncType, Mutability, Owner, RefType, StorageType, StructType, ValType,
        kinds::CompositeKind,
        repr::{ConcreteTypes, Ty},
    },
};

/// The greatest number of types of an engine at a time: their numbers are parts of types as words.
const MAX_TYPES: usize = 1 << 20;

/// The number of supertypes of a type that are found without a search.
const DISPLAY: usize = 8;

/// The types of an engine.
#[derive(Debug, Default)]
pub(crate) struct TypeRegistry {
    hasher: DefaultHashBuilder,
    types: Mutex<Types>,
}

#[derive(Debug, Default)]
struct Types {
    /// Numbers of the first types of groups, by the hashes of the groups.
    groups: HashTable<u32>,
    entries: Vec<Entry>,
    /// Numbers that no type has. The one that was released first is used first.
    free: VecDeque<u32>,
    live: usize,
}

/// A type.
#[derive(Debug)]
struct Entry {
    composite: Option<Composite>,
    /// The number of holders of the group, if this is its first type.
    holders: usize,
    /// Facts that only few types have.
    more: Option<Box<More>>,
}

#[derive(Debug, Clone)]
enum Composite {
    Func(FuncType),
    Struct(StructType),
    Array(ArrayType),
}

/// Facts about a type that is not final, has a supertype, or shares its group with others.
#[derive(Debug)]
struct More {
    is_final: bool,
    supertype: Option<u32>,
    /// The length of the chain of supertypes.
    depth: usize,
    /// The supertypes nearest to the root, beginning with the root.
    display: [u32; DISPLAY],
    /// The first type of the group, and this type's position in the group.
    first: u32,
    position: u32,
    /// The other types of the group, if this is its first one.
    rest: Box<[u32]>,
}

/// A recursion group as words. Each type has a head, the number of words that follow, its supertype if it has one, and
/// the types of its parameters and results, or of its fields.
#[derive(Debug, Default)]
pub(crate) struct GroupKey {
    words: Vec<u32>,
    count: usize,
}

/// In a head: the kind of the type.
const KIND: u32 = 3;
const FINAL: u32 = 1 << 2;
const HAS_SUPERTYPE: u32 = 1 << 3;
/// In a head: where the number of parameters begins.
const PARAMS: u32 = 8;
/// In the word of a type: the number is a position in the group.
const INSIDE: u32 = 1 << 24;
/// In the word of a field: it can be written.
const MUTABLE: u32 = 1 << 25;

impl GroupKey {
    /// Removes all types, for another group.
    pub(crate) fn clear(&mut self) {
        self.words.clear();
        self.count = 0;
    }

    /// Adds a type with these parameters (`params` of them) and results, or with these fields. `inside` makes the words
    /// for types of the group.
    pub(crate) fn push(
        &mut self,
        kind: CompositeKind,
        is_final: bool,
        supertype: Option<u32>,
        params: usize,
        types: impl ExactSizeIterator<Item = u32>,
    ) {
        let flags = if is_final { FINAL } else { 0 } | if supertype.is_some() { HAS_SUPERTYPE } else { 0 };
        self.words.push(kind as u32 | flags | (params as u32) << PARAMS);
        self.words.push(types.len() as u32);
        self.words.extend(supertype);
        self.words.extend(types);
        self.count += 1;
    }

    /// Returns the word for a reference to the type at `position` in the group itself.
    pub(crate) fn inside(position: u32) -> u32 {
        position | INSIDE
    }

    /// Returns the word for a type with numbers of the engine. If `inside`, its number is a position in the group.
    pub(crate) fn word(ty: Ty, inside: bool) -> u32 {
        ty.word() | if inside { INSIDE } else { 0 }
    }

    /// Returns the word for a field.
    pub(crate) fn field(word: u32, mutability: Mutability) -> u32 {
        word | if mutability.is_mut() { MUTABLE } else { 0 }
    }

    /// Returns the group of one final function type.
    fn of_func(ty: &FuncType) -> Self {
        let (params, results) = ty.params_and_results();
        let mut key = Self::default();
        let words: Vec<u32> = params.iter().chain(results).map(|ty| ty.ty().word()).collect();
        key.push(CompositeKind::Func, true, None, params.len(), words.into_iter());
        key
    }
}

/// A type that was read out of a [`GroupKey`].
struct KeyType<'a> {
    head: u32,
    supertype: Option<u32>,
    words: &'a [u32],
}

impl KeyType<'_> {
    fn kind(&self) -> CompositeKind {
        match self.head & KIND {
            0 => CompositeKind::Func,
            1 => CompositeKind::Struct,
            _ => CompositeKind::Array,
        }
    }
}

/// Iterates over the types of a key.
fn types_of(key: &GroupKey) -> impl Iterator<Item = KeyType<'_>> {
    let mut rest = &key.words[..];
    core::iter::from_fn(move || {
        let (&[head, len], after) = rest.split_first_chunk()?;
        let (supertype, after) = match after.split_first() {
            Some((&supertype, after)) if head & HAS_SUPERTYPE != 0 => (Some(supertype), after),
            _ => (None, after),
        };
        let (words, after) = after.split_at_checked(len as usize)?;
        rest = after;
        Some(KeyType { head, supertype, words })
    })
}

/// Returns the number in the engine for a word that is a number or a position in the group, whose numbers are `ids`.
fn number(word: u32, ids: &[u32]) -> u32 {
    if word & INSIDE == 0 { word } else { ids[(word & !INSIDE) as usize] }
}

impl TypeRegistry {
    /// Holds a group, known or new, once for each of its types, and appends their numbers to `ids`. Returns whether the
    /// group is new.
    ///
    /// # Errors
    ///
    /// If the engine has too many types.
    pub(crate) fn register(&self, key: &GroupKey, ids: &mut Vec<u32>) -> Result<bool, LimitsError> {
        let mut state = self.hasher.build_hasher();
        key.words.iter().for_each(|&word| state.write_u32(word));
        let hash = state.finish();
        let mut types = self.types.lock();
        if let Some(first) = types.find(hash, key) {
            types.entries[first as usize].holders += key.count;
            ids.push(first);
            ids.extend_from_slice(types.rest(first));
            return Ok(false);
        }
        types.insert(hash, key, ids, &self.hasher)?;
        Ok(true)
    }

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
        if let Some((Some(id), owner)) = ty.owner()
            && self.owns(owner)
        {
            self.hold([id]);
            return Ok(id);
        }
        let mut ids = Vec::new();
        {
            let types = self.types.lock();
            let known = |ty: &ValType| {
                ty.as_ref().and_then(|ty| ty.heap_type().type_id()).is_none_or(|id| types.is_live(id.number()))
            };
            assert!(ty.params().iter().chain(ty.results()).all(known), "the type belongs to another engine");
        }
        self.register(&GroupKey::of_func(ty), &mut ids)?;
        Ok(ids[0])
    }

    /// Returns whether `owner` keeps a type in this registry.
    fn owns(self: &Arc<Self>, owner: &Owner) -> bool {
        (owner as &dyn core::any::Any).downcast_ref::<Hold>().is_some_and(|hold| Arc::ptr_eq(&hold.registry, self))
    }

    /// Holds types that have another holder already.
    pub(crate) fn hold(&self, ids: impl IntoIterator<Item = u32>) {
        let mut types = self.types.lock();
        for id in ids {
            let first = types.first(id);
            types.entries[first as usize].holders += 1;
        }
    }

    /// Holds the type with this number, if there is one; returns whether there is.
    pub(crate) fn find(&self, id: u32) -> bool {
        let mut types = self.types.lock();
        let is_live = types.is_live(id);
        if is_live {
            let first = types.first(id);
            types.entries[first as usize].holders += 1;
        }
        is_live
    }

    /// Returns the number of `ty` if it is a declared subtype of the type with number `id`.
    pub(crate) fn declared_id(self: &Arc<Self>, ty: &FuncType, id: u32) -> Option<u32> {
        let (Some(declared), owner) = ty.owner()? else { return None };
        (self.owns(owner) && self.is_subtype(declared, id)).then_some(declared)
    }

    /// Releases types.
    pub(crate) fn release(&self, ids: impl IntoIterator<Item = u32>) {
        let mut types = self.types.lock();
        let mut dead = Vec::new();
        for id in ids {
            types.release(id, &mut dead);
        }
        // Types that they refer to may have no other holder. A list, since such a chain may be as long as there are types.
        while let Some(first) = dead.pop() {
            types.remove(first, &mut dead, self);
        }
        if types.live == 0 {
            *types = Types::default();
        }
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
        let mut types = self.types.lock();
        let entry = types.entries.get(id as usize)?;
        let Some(Composite::Func(ty)) = &entry.composite else { return None };
        let is_plain = entry.more.is_none();
        let ty = ty.clone();
        if is_plain && !refers(&ty) {
            return Some(ty);
        }
        let first = types.first(id);
        types.entries[first as usize].holders += 1;
        drop(types);
        let hold = Hold { registry: self.clone(), id };
        Some(ty.registered((!is_plain).then_some(id), Box::new(hold)))
    }

    /// Returns whether the type with number `id` is the type with number `other` or a declared subtype of it.
    pub(crate) fn is_subtype(&self, id: u32, other: u32) -> bool {
        self.types.lock().is_subtype(id, other)
    }

    /// Returns whether every value of type `ty` also has type `other`.
    pub(crate) fn matches(&self, ty: ValType, other: ValType) -> bool {
        ty == other || ty.ty().is_subtype(other.ty(), &*self.types.lock())
    }

    /// Returns the number of types.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.types.lock().live
    }
}

/// Returns whether a function type refers to concrete types.
fn refers(ty: &FuncType) -> bool {
    let (params, results) = ty.params_and_results();
    params.iter().chain(results).any(|ty| ty.as_ref().is_some_and(RefType::is_concrete))
}

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

impl Composite {
    fn kind(&self) -> CompositeKind {
        match self {
            Self::Func(_) => CompositeKind::Func,
            Self::Struct(_) => CompositeKind::Struct,
            Self::Array(_) => CompositeKind::Array,
        }
    }

    /// Returns the number of parameters of a function type, 0 for other types.
    fn params(&self) -> usize {
        if let Self::Func(ty) = self { ty.params().len() } else { 0 }
    }

    /// Passes the words of parameters and results, or of fields, to `each` until it returns false.
    fn words(&self, mut each: impl FnMut(u32) -> bool) -> bool {
        let mut field = |field: &FieldType| {
            let ty = match field.element_type() {
                StorageType::I8 => Ty::I8,
                StorageType::I16 => Ty::I16,
                StorageType::Val(ty) => ty.ty(),
            };
            each(GroupKey::field(ty.word(), field.mutability()))
        };
        match self {
            Self::Func(ty) => ty.params().iter().chain(ty.results()).all(|ty| each(ty.ty().word())),
            Self::Struct(ty) => ty.fields().iter().all(field),
            Self::Array(ty) => field(&ty.field_type()),
        }
    }

    /// Returns whether it refers to the type with number `id`.
    fn refers_to(&self, id: u32) -> bool {
        !self.words(|word| Ty::of_word(word & !MUTABLE).concrete_number() != Some(id))
    }

    fn len(&self) -> usize {
        match self {
            Self::Func(ty) => ty.params().len() + ty.results().len(),
            Self::Struct(ty) => ty.fields().len(),
            Self::Array(_) => 1,
        }
    }
}

impl Types {
    fn is_live(&self, id: u32) -> bool {
        self.entries.get(id as usize).is_some_and(|entry| entry.composite.is_some())
    }

    fn more(&self, id: u32) -> Option<&More> {
        self.entries[id as usize].more.as_deref()
    }

    /// Returns the first type of the group of a type.
    fn first(&self, id: u32) -> u32 {
        self.more(id).map_or(id, |more| more.first)
    }

    /// Returns the other types of the group whose first type this is.
    fn rest(&self, first: u32) -> &[u32] {
        self.more(first).map_or(&[], |more| &more.rest)
    }

    /// Returns the first type of the group with this key, if the group is known.
    fn find(&self, hash: u64, key: &GroupKey) -> Option<u32> {
        self.groups
            .find(hash, |&first| {
                let mut expected = key.words.iter();
                self.rest(first).len() + 1 == key.count
                    && self.words(first, &mut |word| expected.next() == Some(&word))
                    && expected.next().is_none()
            })
            .copied()
    }

    /// Passes the words of a group, as in its key, to `each` until it returns false.
    fn words(&self, first: u32, each: &mut dyn FnMut(u32) -> bool) -> bool {
        let relative = |number: u32| match self.more(number) {
            Some(more) if more.first == first => Some(more.position),
            _ => None,
        };
        let mut type_words = |id: u32| {
            let Entry { composite: Some(composite), more, .. } = &self.entries[id as usize] else { return false };
            let supertype = more.as_ref().and_then(|more| more.supertype);
            let is_final = more.as_ref().is_none_or(|more| more.is_final);
            let flags = if is_final { FINAL } else { 0 } | if supertype.is_some() { HAS_SUPERTYPE } else { 0 };
            each(composite.kind() as u32 | flags | (composite.params() as u32) << PARAMS)
                && each(composite.len() as u32)
                && supertype.is_none_or(|id| each(relative(id).map_or(id, GroupKey::inside)))
                && composite.words(|word| {
                    let ty = Ty::of_word(word & !MUTABLE);
                    match ty.concrete_number().and_then(relative) {
                        Some(position) => each(ty.with_number(|_| position).word() | INSIDE | word & MUTABLE),
                        None => each(word),
                    }
                })
        };
        type_words(first) && self.rest(first).iter().all(|&id| type_words(id))
    }

    /// Adds a group with one holder for each of its types.
    fn insert(
        &mut self,
        hash: u64,
        key: &GroupKey,
        ids: &mut Vec<u32>,
        hasher: &DefaultHashBuilder,
    ) -> Result<(), LimitsError> {
        if self.live + key.count > MAX_TYPES {
            return Err(LimitsError::TooManyTypes);
        }
        let start = ids.len();
        for _ in 0..key.count {
            let id = self.free.pop_front().unwrap_or_else(|| {
                self.entries.push(Entry { composite: None, holders: 0, more: None });
                self.entries.len() as u32 - 1
            });
            ids.push(id);
        }
        let group = &ids[start..];
        let Some((&first, rest)) = group.split_first() else { return Ok(()) };
        self.live += key.count;
        // Kinds first, since types may refer to types after them.
        for (&id, ty) in group.iter().zip(types_of(key)) {
            self.entries[id as usize].composite = Some(match ty.kind() {
                CompositeKind::Func => Composite::Func(FuncType::new([], [])),
                CompositeKind::Struct => Composite::Struct(StructType::new([])),
                CompositeKind::Array => {
                    Composite::Array(ArrayType::new(FieldType::new(Mutability::Const, StorageType::I8)))
                }
            });
        }
        for (position, (&id, ty)) in group.iter().zip(types_of(key)).enumerate() {
            let composite = self.composite(&ty, group);
            let is_final = ty.head & FINAL != 0;
            let supertype = ty.supertype.map(|word| number(word, group));
            let plain = is_final && supertype.is_none() && rest.is_empty() && !composite.refers_to(id);
            let more = (!plain).then(|| {
                let (depth, display) = self.display(supertype);
                let rest = if position == 0 { rest.into() } else { Box::default() };
                Box::new(More { is_final, supertype, depth, display, first, position: position as u32, rest })
            });
            let holders = if position == 0 { key.count } else { 0 };
            self.entries[id as usize] = Entry { composite: Some(composite), holders, more };
        }
        for &id in group {
            self.for_each_outer(id, first, |types, outer| types.entries[outer as usize].holders += 1);
        }
        let mut groups = core::mem::take(&mut self.groups);
        groups.insert_unique(hash, first, |&first| self.hash(first, hasher));
        self.groups = groups;
        Ok(())
    }

    fn hash(&self, first: u32, hasher: &DefaultHashBuilder) -> u64 {
        let mut state = hasher.build_hasher();
        self.words(first, &mut |word| {
            state.write_u32(word);
            true
        });
        state.finish()
    }

    /// Returns the number of supertypes of a type with this supertype, and those nearest to the root.
    fn display(&self, supertype: Option<u32>) -> (usize, [u32; DISPLAY]) {
        let mut display = [0; DISPLAY];
        let Some(supertype) = supertype else { return (0, display) };
        let depth = match self.more(supertype) {
            Some(more) => {
                display = more.display;
                more.depth
            }
            None => 0,
        };
        if let Some(place) = display.get_mut(depth) {
            *place = supertype;
        }
        (depth + 1, display)
    }

    /// Returns a type of a key; `group` are the numbers of its group.
    fn composite(&self, ty: &KeyType<'_>, group: &[u32]) -> Composite {
        let val_type = |word: u32| {
            let ty = Ty::of_word(word & !(MUTABLE | INSIDE));
            ValType::of_ty(ty, |id| {
                let id = if word & INSIDE == 0 { id } else { group[id as usize] };
                (self.kind(id), id)
            })
        };
        let field = |&word: &u32| {
            let mutability = if word & MUTABLE == 0 { Mutability::Const } else { Mutability::Var };
            let storage = match Ty::of_word(word & !MUTABLE) {
                Ty::I8 => StorageType::I8,
                Ty::I16 => StorageType::I16,
                _ => StorageType::Val(val_type(word)),
            };
            FieldType::new(mutability, storage)
        };
        match ty.kind() {
            CompositeKind::Func => {
                let (params, results) = ty.words.split_at((ty.head >> PARAMS) as usize);
                let (params, results) = (params.iter(), results.iter());
                Composite::Func(FuncType::new(params.map(|&word| val_type(word)), results.map(|&word| val_type(word))))
            }
            CompositeKind::Struct => Composite::Struct(StructType::new(ty.words.iter().map(field))),
            CompositeKind::Array => Composite::Array(ArrayType::new(
                ty.words.first().map_or(FieldType::new(Mutability::Const, StorageType::I8), field),
            )),
        }
    }

    /// Returns the first types of the groups that the type refers to, except its own group, which begins with `first`.
    fn for_each_outer(&mut self, id: u32, first: u32, mut each: impl FnMut(&mut Self, u32)) {
        let Some(composite) = self.entries[id as usize].composite.take() else { return };
        let mut outer = |types: &mut Self, id: u32| {
            let other = types.first(id);
            if other != first {
                each(types, other);
            }
        };
        composite.words(|word| {
            if let Some(id) = Ty::of_word(word & !MUTABLE).concrete_number() {
                outer(self, id);
            }
            true
        });
        if let Some(supertype) = self.more(id).and_then(|more| more.supertype) {
            outer(self, supertype);
        }
        self.entries[id as usize].composite = Some(composite);
    }

    /// Removes one holder of the type; adds its group to `dead` if that was the last holder.
    fn release(&mut self, id: u32, dead: &mut Vec<u32>) {
        let first = self.first(id);
        let holders = &mut self.entries[first as usize].holders;
        debug_assert!(*holders > 0, "released more often than held");
        *holders -= 1;
        if *holders == 0 {
            dead.push(first);
        }
    }

    /// Removes a group without holders.
    fn remove(&mut self, first: u32, dead: &mut Vec<u32>, registry: &TypeRegistry) {
        let hash = self.hash(first, &registry.hasher);
        if let Ok(found) = self.groups.find_entry(hash, |&other| other == first) {
            found.remove();
        }
        let rest: Box<[u32]> = self.rest(first).into();
        for id in core::iter::once(first).chain(rest.iter().copied()) {
            self.for_each_outer(id, first, |types, outer| types.release(outer, dead));
        }
        for id in core::iter::once(first).chain(rest.iter().copied()) {
            self.entries[id as usize] = Entry { composite: None, holders: 0, more: None };
            self.free.push_back(id);
            self.live -= 1;
        }
    }
}

impl ConcreteTypes for Types {
    fn kind(&self, number: u32) -> CompositeKind {
        let composite = self.entries.get(number as usize).and_then(|entry| entry.composite.as_ref());
        composite.map_or(CompositeKind::Func, Composite::kind)
    }

    fn is_subtype(&self, number: u32, other: u32) -> bool {
        if number == other {
            return true;
        }
        let more = |id: u32| self.entries.get(id as usize).and_then(|entry| entry.more.as_deref());
        let depth = more(other).map_or(0, |more| more.depth);
        let Some(mut this) = more(number).filter(|this| this.depth > depth) else { return false };
        if let Some(&supertype) = this.display.get(depth) {
            return supertype == other;
        }
        while let Some(supertype) = this.supertype {
            match more(supertype) {
                _ if supertype == other => return true,
                Some(next) if next.depth > depth => this = next,
                _ => return false,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use alloc::{sync::Arc, vec, vec::Vec};

    use super::{GroupKey, TypeRegistry};
    use crate::types::{FuncType, HeapType, RefType, TypeId, ValType, kinds::CompositeKind, repr::Ty};

    /// Registers a group of function types without parameters, given as: final or not, supertype, results.
    fn group(registry: &TypeRegistry, types: &[(bool, Option<u32>, &[u32])]) -> Vec<u32> {
        let mut key = GroupKey::default();
        for &(is_final, supertype, results) in types {
            key.push(CompositeKind::Func, is_final, supertype, 0, results.iter().copied());
        }
        let mut ids = Vec::new();
        registry.register(&key, &mut ids).unwrap();
        ids
    }

    fn inside(position: u32) -> u32 {
        GroupKey::word(Ty::concrete(position, true), true)
    }

    fn outside(id: u32) -> u32 {
        GroupKey::word(Ty::concrete(id, true), false)
    }

    #[test]
    fn equal_types_have_equal_numbers() {
        let types = Arc::new(TypeRegistry::default());
        let unary = FuncType::new([ValType::I32], []);
        let constant = FuncType::new([], [ValType::I32]);
        let (a, b) = (types.id(&unary).unwrap(), types.id(&constant).unwrap());
        assert_ne!(a, b, "parameters are not results");
        assert_eq!(types.id(&FuncType::new([ValType::I32], [])), Ok(a));
        assert_eq!((types.func_type(a), types.func_type(b)), (unary, constant));
        types.release([a, b]);
        assert_eq!(types.len(), 1);
        types.release([a]);
        assert_eq!(types.len(), 0);
    }

    #[test]
    fn groups_are_equal_if_their_structure_is() {
        let types = Arc::new(TypeRegistry::default());
        let two = [(true, None, &[inside(1)][..]), (true, None, &[inside(0)][..])];
        let a = group(&types, &two);
        assert_eq!(group(&types, &two), a);
        // The second type outside the group differs from the second type inside it.
        let b = group(&types, &[(true, None, &[outside(a[1])])]);
        assert!(!a.contains(&b[0]));
        let alone = group(&types, &[(true, None, &[inside(0)])]);
        assert_eq!(group(&types, &[(true, None, &[inside(0)])]), alone);
        assert_ne!(group(&types, &[(true, None, &[outside(alone[0])])]), alone);
        assert_ne!(group(&types, &[(false, None, &[inside(0)])]), alone, "it is not final");
        assert_eq!(types.len(), 6);
    }

    #[test]
    fn groups_are_dropped_with_what_holds_them() {
        let types = Arc::new(TypeRegistry::default());
        // A chain too long to be dropped recursively.
        let mut last = group(&types, &[(true, None, &[])]);
        let first = last[0];
        for _ in 0..100_000 {
            let next = group(&types, &[(true, None, &[outside(last[0])])]);
            types.release(last);
            last = next;
        }
        assert_eq!(types.len(), 100_001);
        let ty = types.func_type(last[0]);
        types.release(last);
        assert_eq!(types.len(), 100_001, "the embedder has its type");
        assert!(types.find_func_type(first).is_some());
        drop(ty);
        assert_eq!(types.len(), 0);
        assert!(types.find_func_type(first).is_none());
        let pair = group(&types, &[(true, None, &[inside(1)]), (true, None, &[])]);
        types.release([pair[1]]);
        assert_eq!(types.len(), 2);
        types.release([pair[0]]);
        assert_eq!(types.len(), 0);
    }

    #[test]
    fn subtypes_are_found_at_every_depth() {
        let types = Arc::new(TypeRegistry::default());
        let mut chain = group(&types, &[(false, None, &[])]);
        for depth in 1..30 {
            let result = vec![Ty::I32.word(); depth];
            let last = chain[depth - 1];
            chain.extend(group(&types, &[(false, Some(last), &result)]));
        }
        let other = group(&types, &[(false, Some(chain[3]), &[])])[0];
        for (i, &a) in chain.iter().enumerate() {
            for (j, &b) in chain.iter().enumerate() {
                assert_eq!(types.is_subtype(a, b), i >= j, "{i} {j}");
            }
            assert_eq!(types.is_subtype(other, a), i <= 3, "{i}");
            assert!(!types.is_subtype(a, other));
        }
    }

    #[test]
    fn declared_types_are_found_by_what_the_embedder_has() {
        let types = Arc::new(TypeRegistry::default());
        let open = group(&types, &[(false, None, &[])])[0];
        let ty = types.func_type(open);
        assert_ne!(ty, FuncType::new([], []));
        assert_eq!(types.id(&ty), Ok(open));
        let plain = types.id(&FuncType::new([], [])).unwrap();
        assert_ne!(plain, open);
        let reference = ValType::Ref(RefType::new(true, HeapType::ConcreteFunc(TypeId::new(open))));
        assert!(types.matches(reference, ValType::FuncRef) && !types.matches(ValType::FuncRef, reference));
        // Another engine knows only its parameters and results.
        let other = Arc::new(TypeRegistry::default());
        let id = other.id(&ty).unwrap();
        assert_eq!(other.func_type(id), FuncType::new([], []));
    }

    #[test]
    fn there_is_a_limit() {
        let types = TypeRegistry::default();
        let many: Vec<_> = (0..1 << 19).map(|_| (true, None, &[][..])).collect();
        let mut key = GroupKey::default();
        for &(is_final, supertype, results) in &many {
            let results: &[u32] = results;
            key.push(CompositeKind::Func, is_final, supertype, 0, results.iter().copied());
        }
        let mut ids = Vec::new();
        assert_eq!(types.register(&key, &mut ids), Ok(true));
        key.push(CompositeKind::Func, true, None, 0, [].into_iter());
        let refused = types.register(&key, &mut ids);
        assert!(refused.is_err(), "2^20 types and one more");
        assert_eq!(ids.len(), 1 << 19);
        types.release(ids);
        assert_eq!(types.len(), 0);
    }
}
