//! The types that the modules of an engine define: equal types have equal numbers throughout the engine, so that
//! indirect calls compare numbers.
//!
//! Types are equal as the specification says (Appendix > Canonical Types): the unit is a recursion group. References
//! inside of it count as positions in the group, others as the numbers of the types that they refer to.
//!
//! A group lives as long as something holds one of its types: a type index of a module, a host function of a store,
//! a `FuncType` that the embedder has, or another group that refers to it. Some plain types are remembered for longer:
//! the next module often has the same ones, and the first types of a registry take several allocations.

#[cfg(heap)]
use alloc::sync::Arc;
use alloc::{boxed::Box, collections::VecDeque, vec::Vec};

use spin::Mutex;

#[cfg(heap)]
use crate::module::rtt::Rtt;
use crate::{
    collections::{DefaultHashBuilder, HashTable},
    error::kinds::LimitsError,
    module::group::{Group, Head, MUTABLE, outside, position, type_of},
    types::{
        ArrayType, FieldType, FuncType, Mutability, StorageType, StructType, ValType,
        kinds::{CompositeKind, PLAIN_TYPES},
        repr::{ConcreteTypes, Ty},
    },
};

/// The greatest number of types of an engine at a time: their numbers are parts of types as words.
const MAX_TYPES: usize = 1 << 20;

/// The number of supertypes of a type that are found without a search.
const DISPLAY: usize = 8;

/// The most plain types without holders that are remembered.
const MAX_IDLE: usize = 256;

/// The types of an engine.
#[derive(Debug, Default)]
pub(crate) struct TypeRegistry {
    hasher: DefaultHashBuilder,
    pub(super) types: Mutex<Types>,
}

#[derive(Debug, Default)]
pub(super) struct Types {
    /// Numbers of the first types of groups, by the hashes of the groups.
    groups: HashTable<u32>,
    pub(super) entries: Vec<Entry>,
    /// Numbers that no type has. The one that was released first is used first.
    free: VecDeque<u32>,
    /// Numbers of plain types that had no holders for a while. Those that still have none may be removed.
    idle: Vec<u32>,
    /// The number of types with holders.
    live: usize,
}

/// A type, or room for one.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) composite: Option<Composite>,
    head: Head,
    /// The hash of the group, if this is its first type.
    hash: u64,
    /// The number of holders of the group, if this is its first type.
    pub(super) holders: usize,
    /// Whether it is in the list of idle types.
    is_idle: bool,
    /// Facts that only few types have.
    pub(super) more: Option<Box<More>>,
    /// Its runtime type, if something asked for it.
    #[cfg(heap)]
    rtt: Option<Arc<Rtt>>,
}

impl Entry {
    /// Room for a type.
    fn vacant() -> Self {
        let head = Head::plain(CompositeKind::Func, 0, 0);
        Self {
            composite: None,
            head,
            hash: 0,
            holders: 0,
            is_idle: false,
            more: None,
            #[cfg(heap)]
            rtt: None,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) enum Composite {
    Func(FuncType),
    Struct(StructType),
    Array(ArrayType),
}

/// Facts about a type that is not final, has a supertype, or shares its group with itself or others.
#[derive(Debug)]
pub(super) struct More {
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

impl TypeRegistry {
    /// Holds a group, known or new, once for each of its types, and appends their numbers to `ids`. Returns whether the
    /// group is new.
    ///
    /// # Errors
    ///
    /// If the engine has too many types.
    pub(super) fn register(&self, group: Group<'_>, ids: &mut Vec<u32>) -> Result<bool, LimitsError> {
        let hash = group.hash(&self.hasher);
        let mut types = self.types.lock();
        let Some(first) = types.find(hash, group) else {
            types.insert(hash, group, ids)?;
            return Ok(true);
        };
        let holders = &mut types.entries[first as usize].holders;
        let was_idle = *holders == 0;
        *holders += group.heads.len();
        if was_idle {
            types.live += 1;
        }
        ids.push(first);
        let rest = types.rest(first);
        if !rest.is_empty() {
            ids.extend_from_slice(rest);
        }
        Ok(false)
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

    /// Releases types.
    pub(crate) fn release(&self, ids: impl IntoIterator<Item = u32>) {
        let mut types = self.types.lock();
        let mut dead = Vec::new();
        for id in ids {
            types.release(id, &mut dead);
        }
        // Types that they refer to may have no other holder. A list, since such a chain may be as long as there are types.
        while let Some(first) = dead.pop() {
            types.remove(first, &mut dead);
        }
        if types.idle.len() > MAX_IDLE {
            types.forget_idle();
        }
        if types.live == 0 && types.entries.len() > MAX_IDLE {
            *types = Types::default();
        }
    }

    /// Returns whether the type with number `id` is the type with number `other` or a declared subtype of it.
    pub(crate) fn is_subtype(&self, id: u32, other: u32) -> bool {
        self.types.lock().is_subtype(id, other)
    }

    /// Returns whether every value of type `ty` also has type `other`.
    pub(crate) fn matches(&self, ty: ValType, other: ValType) -> bool {
        ty == other || ty.ty().is_subtype(other.ty(), &*self.types.lock())
    }

    /// Returns the runtime type of a type; of a function type, that of exceptions with its parameters. It lives in the
    /// registry as long as the type has a holder.
    ///
    /// # Panics
    ///
    /// If no type has that number.
    #[cfg(heap)]
    pub(crate) fn rtt(&self, id: u32) -> Arc<Rtt> {
        self.types.lock().rtt(id)
    }

    /// Returns the number of a final struct or array type with these fields.
    #[cfg(all(heap, test))]
    pub(crate) fn plain(&self, kind: CompositeKind, words: &[Ty]) -> u32 {
        let mut ids = Vec::new();
        let head = Head::plain(kind, 0, words.len());
        self.register(Group { heads: &[head], words }, &mut ids).expect("few types");
        ids[0]
    }

    /// Returns the number of types.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.types.lock().live
    }
}

impl Composite {
    fn kind(&self) -> CompositeKind {
        match self {
            _ if PLAIN_TYPES => CompositeKind::Func,
            Self::Func(_) => CompositeKind::Func,
            Self::Struct(_) => CompositeKind::Struct,
            Self::Array(_) => CompositeKind::Array,
        }
    }

    /// Passes the words of parameters and results, or of fields, to `each` until it returns false. Returns whether it
    /// always returned true.
    #[inline]
    fn words(&self, mut each: impl FnMut(Ty) -> bool) -> bool {
        let mut field = |field: &FieldType| {
            let ty = match field.element_type() {
                StorageType::I8 => Ty::I8,
                StorageType::I16 => Ty::I16,
                StorageType::Val(ty) => ty.ty(),
            };
            let mutable = if field.mutability().is_mut() { MUTABLE } else { 0 };
            each(Ty::of_word(ty.word() | mutable))
        };
        match self {
            Self::Func(ty) => ty.params().iter().chain(ty.results()).all(|ty| each(ty.ty())),
            _ if PLAIN_TYPES => true,
            Self::Struct(ty) => ty.fields().iter().all(field),
            Self::Array(ty) => field(&ty.field_type()),
        }
    }
}

impl Types {
    /// Whether there is a type with this number, and it has holders.
    pub(super) fn is_live(&self, id: u32) -> bool {
        self.entries.get(id as usize).is_some_and(|entry| entry.composite.is_some())
            && self.entries[self.first(id) as usize].holders > 0
    }

    /// Whether parameters and results, or fields, determine the type, and it refers to no other one.
    pub(super) fn is_plain(&self, id: u32) -> bool {
        let entry = &self.entries[id as usize];
        PLAIN_TYPES || entry.head.is_plain() && entry.more.is_none()
    }

    fn more(&self, id: u32) -> Option<&More> {
        if PLAIN_TYPES { None } else { self.entries[id as usize].more.as_deref() }
    }

    /// Returns the first type of the group of a type.
    pub(super) fn first(&self, id: u32) -> u32 {
        self.more(id).map_or(id, |more| more.first)
    }

    /// Returns the other types of the group whose first type this is.
    fn rest(&self, first: u32) -> &[u32] {
        self.more(first).map_or(&[], |more| &more.rest)
    }

    /// Returns the first type of the group, if the group is known.
    fn find(&self, hash: u64, group: Group<'_>) -> Option<u32> {
        let is_group = |&first: &u32| {
            let entry = &self.entries[first as usize];
            if let ([head], Some(Composite::Func(ty)), None) = (group.heads, &entry.composite, self.more(first)) {
                // Nearly all groups are like this, and plain.
                if head.is_plain() {
                    return entry.head == *head
                        && ty.types().0.iter().zip(group.words).all(|(ty, &word)| ty.ty() == word);
                }
            }
            let rest = self.rest(first);
            !PLAIN_TYPES
                && entry.hash == hash
                && rest.len() + 1 == group.heads.len()
                && core::iter::once(first).chain(rest.iter().copied()).zip(group.types()).all(|(id, (head, words))| {
                    self.entries[id as usize].head == head && self.has_words(id, first, words)
                })
        };
        self.groups.find(hash, is_group).copied()
    }

    /// Whether a type of the group that begins with `first` has these words.
    fn has_words(&self, id: u32, first: u32, words: &[Ty]) -> bool {
        let Some(composite) = &self.entries[id as usize].composite else { return false };
        let mut words = words.iter();
        composite.words(|word| {
            let Some(&expected) = words.next() else { return false };
            match position(expected) {
                None => word == expected,
                Some(position) => word.concrete_number().is_some_and(|number| {
                    let more = self.more(number).filter(|more| more.first == first);
                    more.is_some_and(|more| more.position as usize == position)
                        && word == outside(expected).with_number(|_| number)
                }),
            }
        })
    }

    /// Reserves memory for `count` types more, and for the lists that they are put in when they have no holders.
    fn reserve(&mut self, count: usize) -> Result<(), LimitsError> {
        let new = count.saturating_sub(self.free.len());
        let total = self.entries.len() + new;
        let Self { groups, entries, free, idle, .. } = self;
        let reserved = entries.try_reserve(new).is_ok()
            && free.try_reserve(total - free.len()).is_ok()
            && idle.try_reserve(total.saturating_sub(idle.len())).is_ok()
            && groups.try_reserve(1, |&first| entries[first as usize].hash).is_ok();
        if reserved { Ok(()) } else { Err(LimitsError::OutOfSystemMemory) }
    }

    /// Adds a group with one holder for each of its types.
    fn insert(&mut self, hash: u64, group: Group<'_>, ids: &mut Vec<u32>) -> Result<(), LimitsError> {
        let count = group.heads.len();
        if self.live + self.idle.len() + count > MAX_TYPES {
            self.forget_idle();
        }
        if self.live + count > MAX_TYPES {
            return Err(LimitsError::TooManyTypes);
        }
        self.reserve(count)?;
        ids.try_reserve(count).map_err(|_| LimitsError::OutOfSystemMemory)?;
        let start = ids.len();
        for _ in 0..count {
            let id = self.free.pop_front().unwrap_or_else(|| {
                self.entries.push(Entry::vacant());
                self.entries.len() as u32 - 1
            });
            ids.push(id);
        }
        let numbers = &ids[start..];
        let Some((&first, rest)) = numbers.split_first() else { return Ok(()) };
        self.live += count;
        for (place, (&id, (head, words))) in numbers.iter().zip(group.types()).enumerate() {
            let composite = self.composite(head, words, group, numbers);
            let supertype = head.supertype(numbers);
            let is_alone = PLAIN_TYPES || rest.is_empty() && words.iter().all(|&word| position(word).is_none());
            let more = (!PLAIN_TYPES && (!is_alone || !head.is_final() || supertype.is_some())).then(|| {
                let (depth, display) = self.display(supertype);
                let rest = if place == 0 { rest.into() } else { Box::default() };
                Box::new(More { supertype, depth, display, first, position: place as u32, rest })
            });
            let holders = if place == 0 { count } else { 0 };
            self.entries[id as usize] =
                Entry { composite: Some(composite), head, hash, holders, more, ..Entry::vacant() };
        }
        for &id in numbers {
            self.for_each_outer(id, first, |types, outer| types.entries[outer as usize].holders += 1);
        }
        let Self { groups, entries, .. } = self;
        groups.insert_unique(hash, first, |&first| entries[first as usize].hash);
        Ok(())
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

    /// Returns the runtime type of a type.
    #[cfg(heap)]
    fn rtt(&mut self, id: u32) -> Arc<Rtt> {
        let entry = &self.entries[id as usize];
        if let Some(rtt) = &entry.rtt {
            return rtt.clone();
        }
        let composite = entry.composite.as_ref().expect("a type");
        let params = if let Composite::Func(ty) = composite { ty.params().len() } else { usize::MAX };
        let mut words = Vec::new();
        composite.words(|word| {
            words.push(type_of(word));
            true
        });
        let mut path = alloc::vec![id];
        while let Some(supertype) = self.more(path[path.len() - 1]).and_then(|more| more.supertype) {
            path.push(supertype);
        }
        path.reverse();
        let rtt = Arc::new(Rtt::new(composite.kind(), words.into_iter().take(params), &path, self));
        self.entries[id as usize].rtt = Some(rtt.clone());
        rtt
    }

    /// Returns a type of a group whose types have these numbers.
    fn composite(&self, head: Head, words: &[Ty], group: Group<'_>, numbers: &[u32]) -> Composite {
        let val_type = |&word: &Ty| {
            ValType::of_ty(type_of(word), |id| match position(word) {
                // The entries of the group are not filled yet.
                Some(position) => (group.heads[position].kind(), numbers[position]),
                None => (self.kind(id), id),
            })
        };
        let field = |word: &Ty| {
            let mutability = if word.word() & MUTABLE == 0 { Mutability::Const } else { Mutability::Var };
            let storage = match type_of(*word) {
                Ty::I8 => StorageType::I8,
                Ty::I16 => StorageType::I16,
                _ => StorageType::Val(val_type(word)),
            };
            FieldType::new(mutability, storage)
        };
        match head.kind() {
            CompositeKind::Func => {
                let (params, results) = words.split_at(head.params());
                Composite::Func(FuncType::new(params.iter().map(val_type), results.iter().map(val_type)))
            }
            CompositeKind::Struct => Composite::Struct(StructType::new(words.iter().map(field))),
            CompositeKind::Array => Composite::Array(ArrayType::new(
                words.first().map_or(FieldType::new(Mutability::Const, StorageType::I8), field),
            )),
        }
    }

    /// Passes the first types of the groups that the type refers to, except its own group, which begins with `first`.
    fn for_each_outer(&mut self, id: u32, first: u32, mut each: impl FnMut(&mut Self, u32)) {
        if self.is_plain(id) {
            return;
        }
        let Some(composite) = self.entries[id as usize].composite.take() else { return };
        let mut outer = |types: &mut Self, id: u32| {
            let other = types.first(id);
            if other != first {
                each(types, other);
            }
        };
        composite.words(|word| {
            if let Some(id) = word.concrete_number() {
                outer(self, id);
            }
            true
        });
        if let Some(supertype) = self.more(id).and_then(|more| more.supertype) {
            outer(self, supertype);
        }
        self.entries[id as usize].composite = Some(composite);
    }

    /// Removes one holder of the type. If that was the last holder, adds its group to `dead`, or remembers it if it is
    /// plain.
    fn release(&mut self, id: u32, dead: &mut Vec<u32>) {
        let first = self.first(id);
        let entry = &mut self.entries[first as usize];
        debug_assert!(entry.holders > 0, "released more often than held");
        entry.holders -= 1;
        if entry.holders > 0 {
            return;
        }
        self.live -= 1 + self.rest(first).len();
        if !self.is_plain(first) {
            dead.push(first);
        } else if !core::mem::replace(&mut self.entries[first as usize].is_idle, true) {
            self.idle.push(first);
        }
    }

    /// Removes a group without holders. Adds groups to `dead` that it was the last holder of.
    fn remove(&mut self, first: u32, dead: &mut Vec<u32>) {
        let hash = self.entries[first as usize].hash;
        if let Ok(found) = self.groups.find_entry(hash, |&other| other == first) {
            found.remove();
        }
        let rest: Box<[u32]> = self.rest(first).into();
        let group = || core::iter::once(first).chain(rest.iter().copied());
        for id in group() {
            self.for_each_outer(id, first, |types, outer| types.release(outer, dead));
        }
        for id in group() {
            self.entries[id as usize] = Entry::vacant();
            self.free.push_back(id);
        }
    }

    /// Removes the plain types without holders.
    fn forget_idle(&mut self) {
        for id in core::mem::take(&mut self.idle) {
            let entry = &mut self.entries[id as usize];
            entry.is_idle = false;
            if entry.holders == 0 {
                // A plain type refers to no other one.
                self.remove(id, &mut Vec::new());
            }
        }
    }
}

impl ConcreteTypes for Types {
    fn kind(&self, number: u32) -> CompositeKind {
        if PLAIN_TYPES {
            return CompositeKind::Func;
        }
        let composite = self.entries.get(number as usize).and_then(|entry| entry.composite.as_ref());
        composite.map_or(CompositeKind::Func, Composite::kind)
    }

    fn is_subtype(&self, number: u32, other: u32) -> bool {
        if number == other {
            return true;
        }
        if PLAIN_TYPES {
            return false;
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

    use super::{MAX_IDLE, TypeRegistry};
    use crate::module::group::GroupKey;
    use crate::types::{FuncType, HeapType, RefType, TypeId, ValType, kinds::CompositeKind, repr::Ty};

    /// Registers a group of function types without parameters, given as: final or not, supertype, results.
    fn group(registry: &TypeRegistry, types: &[(bool, Option<u32>, &[u32])]) -> Vec<u32> {
        let mut key = GroupKey::default();
        for &(is_final, supertype, results) in types {
            key.push(CompositeKind::Func, is_final, supertype, 0, results.iter().copied());
        }
        let mut ids = Vec::new();
        registry.register(key.group(), &mut ids).unwrap();
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
    fn some_plain_types_are_remembered() {
        let types = Arc::new(TypeRegistry::default());
        let plain = group(&types, &[(true, None, &[Ty::I32.word()])]);
        let concrete = group(&types, &[(true, None, &[outside(plain[0])])]);
        types.release([plain[0], concrete[0]]);
        assert_eq!(types.len(), 0);
        assert!(types.find_func_type(plain[0]).is_none() && !types.find(plain[0]), "it has no holder");
        assert_eq!(group(&types, &[(true, None, &[Ty::I32.word()])]), plain);
        assert_eq!(types.len(), 1);
        let open = group(&types, &[(false, None, &[Ty::I32.word()])]);
        assert_ne!(open, plain);
        // Too many are forgotten, but not those that have a holder again.
        for len in 0..1000 {
            types.release(group(&types, &[(true, None, &vec![Ty::I64.word(); len])]));
        }
        assert_eq!(types.len(), 2);
        assert!(types.types.lock().entries.len() < 2 * MAX_IDLE);
        assert_eq!(group(&types, &[(true, None, &[Ty::I32.word()])]), plain);
        types.release([plain[0], plain[0], open[0]]);
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
        let many: Vec<(bool, Option<u32>, &[u32])> = (0..1 << 19).map(|_| (true, None, &[][..])).collect();
        let mut key = GroupKey::default();
        for &(is_final, supertype, results) in &many {
            key.push(CompositeKind::Func, is_final, supertype, 0, results.iter().copied());
        }
        let mut ids = Vec::new();
        assert_eq!(types.register(key.group(), &mut ids), Ok(true));
        key.push(CompositeKind::Func, true, None, 0, [].into_iter());
        let refused = types.register(key.group(), &mut ids);
        assert!(refused.is_err(), "2^20 types and one more");
        assert_eq!(ids.len(), 1 << 19);
        types.release(ids);
        assert_eq!(types.len(), 0);
    }
}
