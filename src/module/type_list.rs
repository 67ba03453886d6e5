//! The types of a module one by one, as they were defined, for artefacts.

#[cfg(feature = "serialize")]
use core::ops::Range;

#[cfg(feature = "serialize")]
use crate::module::types::{CONTINUES, FINAL};
use crate::{
    module::{group::MUTABLE, types::TypeTable},
    types::{kinds::CompositeKind, repr::Ty},
};

/// A type as a module defines it.
#[cfg(feature = "serialize")]
#[derive(Debug)]
pub(crate) struct ListedType<'a> {
    pub(crate) kind: CompositeKind,
    pub(crate) is_final: bool,
    pub(crate) supertype: Option<u32>,
    /// The number of words that are parameters.
    pub(crate) params: usize,
    words: &'a [Ty],
    rename: Rename,
}

/// A group that is equal to an earlier one refers to the types of that one; here it refers to its own again.
#[cfg(feature = "serialize")]
#[derive(Debug, Clone, Copy)]
struct Rename {
    from: u32,
    to: u32,
    count: u32,
}

#[cfg(feature = "serialize")]
impl Rename {
    fn index(self, index: u32) -> u32 {
        match index.checked_sub(self.from) {
            Some(position) if position < self.count => self.to + position,
            _ => index,
        }
    }
}

#[cfg(feature = "serialize")]
impl ListedType<'_> {
    /// Returns the types of the parameters and results by cell, or of the fields, with what says that a field is mutable.
    pub(crate) fn words(&self) -> impl ExactSizeIterator<Item = Ty> {
        self.words.iter().map(|word| word.with_number(|index| self.rename.index(index)))
    }
}

/// Returns whether the word of a field says that it is mutable, and the word without that.
pub(crate) fn field_of(word: Ty) -> (bool, Ty) {
    (word.word() & MUTABLE != 0, Ty::of_word(word.word() & !MUTABLE))
}

impl TypeTable {
    /// Returns the recursion groups, in order, by the indices of their types.
    #[cfg(feature = "serialize")]
    pub(crate) fn groups(&self) -> impl Iterator<Item = Range<u32>> {
        let mut next = 0;
        core::iter::from_fn(move || {
            let start = next;
            self.defs.get(start)?;
            let rest = self.defs[start + 1..].iter();
            next += 1 + rest.take_while(|def| def.more & CONTINUES != 0).count();
            Some(start as u32..next as u32)
        })
    }

    /// Returns the type at an index of `group`, as the module defines it.
    #[cfg(feature = "serialize")]
    pub(crate) fn listed(&self, group: &Range<u32>, index: u32) -> ListedType<'_> {
        let def = self.defs[index as usize];
        let first = self.defs[group.start as usize].first;
        let rename = Rename { from: first, to: group.start, count: group.end - group.start };
        ListedType {
            kind: def.kind(),
            is_final: def.more & FINAL != 0,
            supertype: def.supertype().map(|index| rename.index(index)),
            params: def.params.into(),
            words: &self.pool[def.words()],
            rename,
        }
    }

    /// Passes the types of all parameters, results and fields to `each`.
    pub(crate) fn each_word(&self, mut each: impl FnMut(Ty)) {
        self.pool.iter().for_each(|&word| each(field_of(word).1));
    }

    /// Whether a type is not a function type, or not final, or has a supertype, or is recursive.
    pub(crate) fn has_declared(&self) -> bool {
        (0..self.len() as u32).any(|index| self.kind_at(index) != Some(CompositeKind::Func) || !self.is_plain(index))
    }

    /// Whether a type is one of structs or arrays.
    pub(crate) fn has_objects(&self) -> bool {
        (0..self.len() as u32).any(|index| self.kind_at(index) != Some(CompositeKind::Func))
    }

    /// Returns the supertype that the type at an index declares.
    #[cfg(feature = "verify")]
    pub(crate) fn supertype(&self, index: u32) -> Option<u32> {
        self.defs.get(index as usize).and_then(|def| def.supertype())
    }
}
