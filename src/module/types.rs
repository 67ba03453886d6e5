//! The types of a module, by type index.

use alloc::{borrow::Cow, boxed::Box, sync::Arc, vec::Vec};
use core::ops::Range;

use spin::Once;

#[cfg(feature = "gc")]
use crate::types::object::{Placement, STRUCT_HEADER};
use crate::{
    collections::HashMap,
    error::{Error, kinds::LimitsError, memory::Reserve},
    module::{
        group::{Group, GroupKey, Head, MUTABLE},
        registry::TypeRegistry,
    },
    types::{
        FuncType, GlobalType, Mutability, RefType, TableType, ValType,
        kinds::{Abstract, CompositeKind, PLAIN_TYPES},
        layout::Signature,
        repr::{ConcreteTypes, Ty},
    },
};
#[cfg(heap)]
use crate::{module::rtt::Rtt, types::object::is_traced};

/// The types of parameters and results of a function, by cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FuncTy<'a> {
    params: &'a [Ty],
    results: &'a [Ty],
    signature: Signature,
}

impl<'a> FuncTy<'a> {
    /// The parameter types.
    #[inline]
    pub(crate) fn params(self) -> &'a [Ty] {
        self.params
    }

    /// The result types.
    #[inline]
    pub(crate) fn results(self) -> &'a [Ty] {
        self.results
    }

    /// Returns the parameter types and the result types.
    #[inline]
    pub(crate) fn params_and_results(self) -> (&'a [Ty], &'a [Ty]) {
        (self.params, self.results)
    }

    /// Returns how many cells parameters and results take, which says where the linkage is.
    #[inline]
    pub(crate) fn signature(self) -> Signature {
        self.signature
    }
}

/// Type of a global of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GlobalTy {
    pub(crate) content: Ty,
    pub(crate) mutability: Mutability,
    /// The first cell of its value among the cells of the globals that the module defines. Means nothing if the global
    /// is imported.
    pub(crate) cell: u32,
}

/// Type of a table of a module.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TableTy {
    pub(crate) element: Ty,
    /// Returns the type in a form that other modules can read.
    pub(crate) ty: TableType,
}

impl TableTy {
    /// The type of indices.
    pub(crate) fn index_type(&self) -> Ty {
        self.ty.index_type()
    }
}

/// A type. Its parameters and results, or its fields, are `params` and `results` words from `start` on. A parameter or a
/// result has a word for each of its cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct TypeDef {
    start: u32,
    pub(super) params: u16,
    results: u16,
    signature: Signature,
    /// The lowest type index that denotes this type.
    pub(super) first: u32,
    /// Its kind in two bits; bits for final types, for groups with several types or references to themselves, for types
    /// that are not the first of their group, and for structs with a field that has no default; from `SUPERTYPE` on, one
    /// more than the lowest index of its supertype.
    pub(super) more: u32,
}

const KIND: u32 = 3;
pub(super) const FINAL: u32 = 1 << 2;
const RECURSIVE: u32 = 1 << 3;
/// The type is in the group of the one before.
pub(super) const CONTINUES: u32 = 1 << 4;
/// Whether a field of a struct has no default.
#[cfg(feature = "gc")]
const NEEDS_VALUES: u32 = 1 << 5;
const SUPERTYPE: u32 = 8;

/// The longest chain of supertypes, as in other engines.
const MAX_DEPTH: usize = 63;

/// The number of types that are searched for equal ones. Of more types, a map is made.
const MAX_SEARCHED: usize = 256;

impl TypeDef {
    pub(super) fn kind(self) -> CompositeKind {
        match self.more & KIND {
            _ if PLAIN_TYPES => CompositeKind::Func,
            0 => CompositeKind::Func,
            1 => CompositeKind::Struct,
            _ => CompositeKind::Array,
        }
    }

    pub(super) fn supertype(self) -> Option<u32> {
        if PLAIN_TYPES { None } else { (self.more >> SUPERTYPE).checked_sub(1) }
    }

    pub(super) fn words(self) -> Range<usize> {
        self.start as usize..self.start as usize + usize::from(self.params) + usize::from(self.results)
    }
}

/// The types of a module. Keeps them in the registry of its engine for its own lifetime.
#[derive(Debug, Default)]
pub(crate) struct TypeTable {
    pub(super) defs: Vec<TypeDef>,
    /// Types of parameters, results and fields of all types in order.
    pub(super) pool: Vec<Ty>,
    /// Numbers of types in the engine, by type index.
    pub(super) ids: Vec<u32>,
    pub(super) registry: Option<Arc<TypeRegistry>>,
    /// Type indices below this one may be used, including those of the group that is being read.
    end: u32,
    /// Lists with one reference type.
    singles: Once<Box<[Ty]>>,
    /// Whether there are types of structs or arrays.
    #[cfg(heap)]
    has_objects: bool,
    /// Offsets of the fields of structs, in the order of `pool`. Means nothing for other words, and for those after the
    /// last struct there are none.
    #[cfg(feature = "gc")]
    offsets: Vec<u32>,
}

/// A field of a struct, or the elements of an array.
#[cfg(feature = "gc")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FieldTy {
    /// The type of its content, which may be packed.
    pub(crate) storage: Ty,
    pub(crate) mutable: bool,
}

#[cfg(feature = "gc")]
impl FieldTy {
    fn of_word(word: Ty) -> Self {
        Self { storage: Ty::of_word(word.word() & !MUTABLE), mutable: word.word() & MUTABLE != 0 }
    }
}

/// What is needed while the type section is read.
#[derive(Debug, Default)]
pub(crate) struct TypeSection {
    /// The types of the group that is being read, if their words are other ones in the engine.
    key: GroupKey,
    /// Whether a type of the group has a supertype.
    has_supertypes: bool,
    /// The lowest type index of each number in the engine, if there are many types and several indices may share a
    /// number.
    firsts: Option<HashMap<u32, u32>>,
}

impl Drop for TypeTable {
    fn drop(&mut self) {
        if let Some(registry) = &self.registry {
            registry.release(self.ids.iter().copied());
        }
    }
}

impl TypeTable {
    /// Returns the number of types.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Numbers of types in the engine, by type index.
    pub(crate) fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// Returns the number of a type in the engine.
    pub(crate) fn id(&self, index: u32) -> u32 {
        self.ids[index as usize]
    }

    /// Returns the kind of the type at an index, if there is one.
    #[inline]
    pub(crate) fn kind_at(&self, index: u32) -> Option<CompositeKind> {
        self.defs.get(index as usize).map(|def| def.kind())
    }

    /// Returns the function type at a type index.
    #[inline]
    pub(crate) fn func(&self, index: u32) -> FuncTy<'_> {
        let def = self.defs[index as usize];
        let (params, results) = self.pool[def.words()].split_at(usize::from(def.params));
        FuncTy { params, results, signature: def.signature }
    }

    /// Returns the signature of the function type at a type index.
    #[inline]
    pub(crate) fn signature(&self, index: u32) -> Signature {
        self.defs[index as usize].signature
    }

    // ---- structs and arrays

    /// Returns the fields of the struct type at a type index; of an array type, its element.
    #[cfg(feature = "gc")]
    pub(crate) fn fields(&self, index: u32) -> impl DoubleEndedIterator<Item = FieldTy> + ExactSizeIterator {
        let words = self.defs.get(index as usize).map_or(0..0, |def| def.words());
        self.pool[words].iter().map(|&word| FieldTy::of_word(word))
    }

    /// Returns a field of the struct type at a type index, if it has so many.
    #[cfg(feature = "gc")]
    pub(crate) fn field(&self, index: u32, field: u32) -> Option<FieldTy> {
        let words = self.defs.get(index as usize)?.words();
        self.pool[words].get(field as usize).map(|&word| FieldTy::of_word(word))
    }

    /// Returns how many bytes a field of the struct type at a type index is from the start of an object.
    #[cfg(feature = "gc")]
    pub(crate) fn field_offset(&self, index: u32, field: u32) -> u32 {
        self.offsets[self.defs[index as usize].start as usize + field as usize]
    }

    /// Returns whether all fields of the struct type at a type index have a default.
    #[cfg(feature = "gc")]
    pub(crate) fn is_defaultable(&self, index: u32) -> bool {
        self.defs[index as usize].more & NEEDS_VALUES == 0
    }

    /// Returns the number of supertypes of the type at a type index.
    #[cfg(feature = "gc")]
    pub(crate) fn depth(&self, index: u32) -> u32 {
        // At most as many steps as a chain of supertypes may have.
        let supertype = |index: &u32| self.defs.get(*index as usize).and_then(|def| def.supertype());
        core::iter::successors(supertype(&index), supertype).count() as u32
    }

    /// Places the fields of a struct whose words begin at `start`. Returns whether a field has no default.
    #[cfg(feature = "gc")]
    fn place_fields(&mut self, start: usize) -> bool {
        let mut placement = Placement::after(STRUCT_HEADER);
        self.offsets.resize(start, 0);
        let fields = self.pool[start..].iter().map(|&word| FieldTy::of_word(word).storage);
        self.offsets.extend(fields.clone().map(|ty| placement.place(ty)));
        fields.into_iter().any(|ty| !ty.is_defaultable())
    }

    /// Returns the lowest type index that denotes the same type as `index`, if `index` may be used.
    pub(crate) fn resolve(&self, index: u32) -> Option<u32> {
        match self.defs.get(index as usize).filter(|_| (index as usize) < self.ids.len()) {
            Some(def) => Some(def.first),
            None => (index < self.end).then_some(index),
        }
    }

    /// Resolves like `resolve` the supertype of the type that is being read: it must come earlier.
    pub(crate) fn resolve_supertype(&self, index: u32) -> Option<u32> {
        self.resolve(index).filter(|_| (index as usize) < self.defs.len())
    }

    /// Returns whether parameters and results alone determine the function type at an index: it is final, has no
    /// supertype, and is not one of several recursive types.
    pub(crate) fn is_plain(&self, index: u32) -> bool {
        self.defs[index as usize].more & !KIND == FINAL
    }

    /// Returns whether every value of type `ty` also has type `other`.
    #[cold]
    pub(crate) fn is_subtype(&self, ty: Ty, other: Ty) -> bool {
        ty.is_subtype(other, self)
    }

    /// Returns whether each type of one list is a subtype of the type at the same position of the other list.
    pub(crate) fn are_subtypes(&self, types: &[Ty], others: &[Ty]) -> bool {
        types == others
            || types.len() == others.len() && types.iter().zip(others).all(|(&ty, &other)| ty.is_subtype(other, self))
    }

    /// Returns a list with one reference type.
    #[cold]
    pub(crate) fn single(&self, ty: Ty) -> &[Ty] {
        const ABSTRACT: usize = Abstract::ALL.len();
        let singles = self.singles.call_once(|| {
            let heaps = Abstract::ALL.iter().flat_map(|&heap| [false, true].map(|null| Ty::reference(heap, null)));
            heaps
                .chain((0..self.defs.len() as u32).flat_map(|i| [false, true].map(|null| Ty::concrete(i, null))))
                .collect()
        });
        let number = match (ty.concrete_number(), ty.abstract_type()) {
            (Some(number), _) => ABSTRACT + number as usize,
            (None, heap) => heap.map_or(0, |heap| heap as usize),
        };
        let at = 2 * number + usize::from(ty.is_nullable());
        debug_assert_eq!(singles[at], ty);
        core::slice::from_ref(&singles[at])
    }

    // ---- types for other modules and the embedder

    /// Returns a value type in a form that other modules can read.
    pub(crate) fn val_type(&self, ty: Ty) -> ValType {
        ValType::of_ty(ty, |index| (self.kind(index), self.id(index)))
    }

    /// Returns a reference type in a form that other modules can read.
    pub(crate) fn ref_type(&self, ty: Ty) -> RefType {
        self.val_type(ty).as_ref().unwrap_or(RefType::Func)
    }

    /// Returns the type of a global in a form that other modules can read.
    pub(crate) fn global_type(&self, ty: GlobalTy) -> GlobalType {
        GlobalType::new(self.val_type(ty.content), ty.mutability)
    }

    /// Returns the function type at a type index in a form that other modules can read.
    pub(crate) fn func_type(&self, index: u32) -> FuncType {
        let ty = self.func(index);
        let mut words = ty.params.iter().chain(ty.results);
        if self.is_plain(index) && words.all(|&ty| ty.concrete_number().is_none() && ty != Ty::V128) {
            return FuncType::new(
                ty.params.iter().map(|&ty| self.val_type(ty)),
                ty.results.iter().map(|&ty| self.val_type(ty)),
            );
        }
        match &self.registry {
            Some(registry) => registry.func_type(self.id(index)),
            None => FuncType::new([], []),
        }
    }

    /// Returns whether there are types of what is collected, or functions that take or return references to that.
    #[cfg(heap)]
    pub(crate) fn has_collected(&self) -> bool {
        self.has_objects || self.pool.iter().any(|&ty| ty.is_ref() && is_traced(ty, self))
    }

    /// Returns the runtime types of structs and arrays, by type index; nothing if there are no such types.
    #[cfg(heap)]
    pub(crate) fn rtts(&self) -> impl ExactSizeIterator<Item = Option<Arc<Rtt>>> {
        let registry = self.registry.as_ref();
        let defs = if self.has_objects { &self.defs[..] } else { &[] };
        defs.iter().zip(&self.ids).map(move |(def, &id)| match (def.kind(), registry) {
            (CompositeKind::Struct | CompositeKind::Array, Some(registry)) => Some(registry.rtt(id)),
            _ => None,
        })
    }

    // ---- the type section

    /// Reserves room for `room` types with `words` words, which this registry will keep.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    pub(crate) fn begin(&mut self, registry: &Arc<TypeRegistry>, room: usize, words: usize) -> Result<(), Error> {
        self.registry = Some(registry.clone());
        self.defs.reserve_or_fail(room)?;
        self.ids.reserve_or_fail(room)?;
        self.pool.reserve_or_fail(words)
    }

    /// Begins a group of `count` types.
    pub(crate) fn begin_group(&mut self, section: &mut TypeSection, count: u32) {
        section.key.clear();
        section.has_supertypes = false;
        self.end = self.ids.len() as u32 + count;
    }

    /// Adds a parameter or a result to the type that is being read.
    #[inline]
    pub(crate) fn push_value(&mut self, ty: Ty) {
        self.pool.push(ty);
        if ty == Ty::V128 {
            self.pool.push(Ty::V128_HIGH);
        }
    }

    /// Adds a field to the type that is being read.
    pub(crate) fn push_field(&mut self, ty: Ty, mutability: Mutability) {
        self.pool.push(Ty::of_word(ty.word() | if mutability.is_mut() { MUTABLE } else { 0 }));
    }

    /// Returns the number of words.
    pub(crate) fn words(&self) -> usize {
        self.pool.len()
    }

    /// Adds a type to the group, with the words from `start` on. They are those of `counts` parameters and results; a
    /// field is a result. Its supertype is the type at an index below its own.
    pub(crate) fn push_type(
        &mut self,
        section: &mut TypeSection,
        kind: CompositeKind,
        is_final: bool,
        supertype: Option<u32>,
        start: usize,
        (params, results): (usize, usize),
    ) {
        let group = self.ids.len() as u32;
        #[cfg(feature = "gc")]
        let needs_values = kind == CompositeKind::Struct && self.place_fields(start);
        let words = &self.pool[start..];
        let has_vectors = words.len() != params + results;
        let (values, param_cells) = if has_vectors { values_of(words, params) } else { (Cow::Borrowed(words), params) };
        let (ids, mut recursive) = (&self.ids, self.end - group > 1);
        let refers = words.iter().any(|word| word.concrete_number().is_some());
        if has_vectors || !PLAIN_TYPES && (recursive || refers || !is_final || supertype.is_some()) {
            let supertype_word = supertype.map(|index| match ids.get(index as usize) {
                Some(&id) => id,
                None => GroupKey::inside(index - group),
            });
            let words = values.iter().map(|word| {
                let inside = word.concrete_number().is_some_and(|index| index >= group);
                recursive |= inside;
                let ty = word.with_number(|index| if inside { index - group } else { ids[index as usize] });
                GroupKey::word(ty, inside)
            });
            section.has_supertypes |= supertype.is_some();
            section.key.push(kind, is_final, supertype_word, params, words);
        }
        #[cfg(heap)]
        {
            self.has_objects |= kind != CompositeKind::Func;
        }
        let flags = if is_final { FINAL } else { 0 } | if recursive { RECURSIVE } else { 0 };
        #[cfg(feature = "gc")]
        let flags = flags | if needs_values { NEEDS_VALUES } else { 0 };
        let first = self.defs.len() as u32;
        let flags = flags | if first > group { CONTINUES } else { 0 };
        let more = kind as u32 | flags | supertype.map_or(0, |index| (index + 1) << SUPERTYPE);
        let cells = words.len() - param_cells;
        let signature = match kind {
            CompositeKind::Func => Signature::new(param_cells, cells),
            _ => Signature::new(0, 0),
        };
        let (params, results) = (param_cells as u16, cells as u16);
        self.defs.push(TypeDef { start: start as u32, params, results, signature, first, more });
    }

    /// Ends the group. Returns whether the supertypes of its types are to be checked.
    ///
    /// # Errors
    ///
    /// If the engine has too many types.
    pub(crate) fn end_group(&mut self, section: &mut TypeSection) -> Result<bool, LimitsError> {
        let Some(registry) = &self.registry else { return Ok(false) };
        let start = self.ids.len();
        let def = self.defs[start];
        let is_new = if section.key.is_empty() {
            // A plain type, whose words are the same in the engine.
            let words = &self.pool[def.words()];
            let head = Head::plain(def.kind(), def.params.into(), words.len());
            registry.register(Group { heads: &[head], words }, &mut self.ids)?
        } else {
            registry.register(section.key.group(), &mut self.ids)?
        };
        if start > 0 && (!is_new || section.firsts.is_some()) {
            self.find_firsts(start, &mut section.firsts);
        }
        if !PLAIN_TYPES && def.more & RECURSIVE != 0 {
            self.canonicalize(start);
        }
        Ok(!PLAIN_TYPES && section.has_supertypes)
    }

    /// Finds the lowest indices that denote the same types as those from `start` on, which are a group.
    fn find_firsts(&mut self, start: usize, firsts: &mut Option<HashMap<u32, u32>>) {
        let (before, group) = self.ids.split_at(start);
        let group = group.iter().zip(&mut self.defs[start..]);
        if firsts.is_none() && start < MAX_SEARCHED {
            for (id, def) in group {
                // Most types are new in their module, and `contains` searches faster.
                if before.contains(id)
                    && let Some(first) = before.iter().position(|other| other == id)
                {
                    def.first = first as u32;
                }
            }
            return;
        }
        let firsts = firsts.get_or_insert_with(|| {
            let mut firsts = HashMap::default();
            for (&id, index) in before.iter().zip(0..) {
                firsts.entry(id).or_insert(index);
            }
            firsts
        });
        for (index, (&id, def)) in (start as u32..).zip(group) {
            def.first = *firsts.entry(id).or_insert(index);
        }
    }

    /// Replaces references of the types from `start` on to each other by the lowest indices of these types.
    fn canonicalize(&mut self, start: usize) {
        let defs = &mut self.defs;
        let first = |defs: &[TypeDef], index: u32| defs[index as usize].first;
        let words = defs[start].start as usize..;
        for word in &mut self.pool[words] {
            *word = word.with_number(|index| first(defs, index));
        }
        for i in start..defs.len() {
            let def = defs[i];
            if let Some(supertype) = def.supertype() {
                let supertype = first(defs, supertype) + 1;
                defs[i].more = def.more & ((1 << SUPERTYPE) - 1) | supertype << SUPERTYPE;
            }
        }
    }

    /// Checks the supertypes that the types from `start` on declare.
    ///
    /// # Errors
    ///
    /// If a type does not match its supertype.
    pub(crate) fn check_supertypes(&self, start: usize) -> Result<(), &'static str> {
        for index in start..self.defs.len() {
            let def = self.defs[index];
            let Some(supertype) = def.supertype() else { continue };
            let above = self.defs[supertype as usize];
            if above.more & FINAL != 0 {
                return Err("sub type cannot have a final super type");
            }
            let mut depth = 1;
            let mut next = above;
            while let Some(supertype) = next.supertype() {
                next = self.defs[supertype as usize];
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err("sub type hierarchy too deep: found depth 64, cannot exceed depth 63");
                }
            }
        }
        // Only now, since every search for a supertype is short from here on.
        let declared = self.defs[start..].iter().filter_map(|&def| Some((def, def.supertype()?)));
        let mut declared = declared.map(|(def, supertype)| self.matches(def, self.defs[supertype as usize]));
        if declared.all(|matches| matches) { Ok(()) } else { Err("sub type must match super type") }
    }

    /// Returns whether a type may be declared as a subtype of another one.
    fn matches(&self, def: TypeDef, other: TypeDef) -> bool {
        let (words, others) = (&self.pool[def.words()], &self.pool[other.words()]);
        if def.kind() != other.kind() {
            return false;
        }
        if def.kind() == CompositeKind::Func {
            let (params, results) = words.split_at(usize::from(def.params));
            let (other_params, other_results) = others.split_at(usize::from(other.params));
            return self.are_subtypes(other_params, params) && self.are_subtypes(results, other_results);
        }
        words.len() >= others.len()
            && words.iter().zip(others).all(|(word, other)| {
                let ty = |word: &Ty| Ty::of_word(word.word() & !MUTABLE);
                let is_mutable = |word: &Ty| word.word() & MUTABLE != 0;
                match (is_mutable(word), is_mutable(other)) {
                    (true, true) => word == other,
                    (false, false) => ty(word).is_subtype(ty(other), self),
                    _ => false,
                }
            })
    }

    /// Ends the section and releases memory that is not needed.
    pub(crate) fn shrink(&mut self) {
        self.defs.shrink_to_fit();
        self.pool.shrink_to_fit();
        self.ids.shrink_to_fit();
        #[cfg(feature = "gc")]
        self.offsets.shrink_to_fit();
    }
}

/// Returns one word for each of the values that have these words, and how many words the first `params` values have.
#[cold]
fn values_of(words: &[Ty], params: usize) -> (Cow<'_, [Ty]>, usize) {
    let first = words.iter().enumerate().filter(|&(_, &ty)| ty != Ty::V128_HIGH).nth(params);
    let param_cells = first.map_or(words.len(), |(at, _)| at);
    (words.iter().copied().filter(|&ty| ty != Ty::V128_HIGH).collect(), param_cells)
}

impl ConcreteTypes for TypeTable {
    fn kind(&self, number: u32) -> CompositeKind {
        self.kind_at(number).unwrap_or(CompositeKind::Func)
    }

    fn is_subtype(&self, number: u32, other: u32) -> bool {
        let mut next = Some(number);
        // At most as many steps as a chain of supertypes may have.
        while let Some(this) = next {
            if this == other {
                return true;
            }
            next = self.defs.get(this as usize).and_then(|def| def.supertype());
        }
        false
    }
}
