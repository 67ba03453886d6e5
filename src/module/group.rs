//! Recursion groups as the registry of an engine compares them: heads of types, and types as words.

use alloc::vec::Vec;
use core::hash::{BuildHasher, Hasher};

use crate::types::{
    kinds::{CompositeKind, PLAIN_TYPES},
    repr::Ty,
};

/// In the word of a field: it can be written.
pub(super) const MUTABLE: u32 = 1 << Ty::BITS;
/// In the word of a type: the number is a position in the group.
const INSIDE: u32 = MUTABLE << 1;

/// In the facts of a head: the kind of the type.
const KIND: u32 = 3;
const FINAL: u32 = 1 << 2;
const HAS_SUPERTYPE: u32 = 1 << 3;
const REFERS: u32 = 1 << 4;
/// In the facts of a head: where the number of parameters begins.
const PARAMS: u32 = 8;

/// What is known of a type besides its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Its kind, whether it is final, has a supertype and refers to concrete types, and its number of parameters.
    facts: u32,
    /// The number of its words.
    len: u32,
    /// Its supertype, if it has one: a number of the engine or a position in the group.
    supertype: u32,
}

impl Head {
    /// Returns the head of a final type without supertype that refers to no concrete type.
    #[inline]
    pub(super) fn plain(kind: CompositeKind, params: usize, len: usize) -> Self {
        Self { facts: kind as u32 | FINAL | (params as u32) << PARAMS, len: len as u32, supertype: 0 }
    }

    /// Returns the kind of the type.
    pub(super) fn kind(self) -> CompositeKind {
        match self.facts & KIND {
            _ if PLAIN_TYPES => CompositeKind::Func,
            0 => CompositeKind::Func,
            1 => CompositeKind::Struct,
            _ => CompositeKind::Array,
        }
    }

    /// Whether the type is final, has no supertype, and refers to no concrete type.
    #[inline]
    pub(super) fn is_plain(self) -> bool {
        PLAIN_TYPES || self.facts & (FINAL | HAS_SUPERTYPE | REFERS) == FINAL
    }

    /// Whether the type is final.
    pub(super) fn is_final(self) -> bool {
        self.facts & FINAL != 0
    }

    /// Returns the number of the supertype in the engine; `group` are the numbers of its own group.
    pub(super) fn supertype(self, group: &[u32]) -> Option<u32> {
        let Self { facts, supertype, .. } = self;
        (facts & HAS_SUPERTYPE != 0).then(|| match supertype & INSIDE {
            0 => supertype,
            _ => group[(supertype & !INSIDE) as usize],
        })
    }

    /// Returns the number of parameters of a function type.
    pub(super) fn params(self) -> usize {
        (self.facts >> PARAMS) as usize
    }
}

/// A recursion group. Each type has a head and words: the types of its parameters and results, or of its fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group<'a> {
    pub(super) heads: &'a [Head],
    /// The words of all types in order.
    pub(super) words: &'a [Ty],
}

impl<'a> Group<'a> {
    /// Iterates over heads and words of the types.
    #[inline]
    pub(super) fn types(self) -> impl Iterator<Item = (Head, &'a [Ty])> {
        let mut rest = self.words;
        self.heads.iter().map(move |&head| {
            let (words, after) = rest.split_at(head.len as usize);
            rest = after;
            (head, words)
        })
    }

    /// Returns a hash: equal groups have equal ones.
    #[inline]
    pub(super) fn hash(self, hasher: &impl BuildHasher) -> u64 {
        let mut state = hasher.build_hasher();
        // Two words at a time, which the hasher takes as fast as one.
        let mut write = |low: u32, high: u32| state.write_u64(u64::from(low) | u64::from(high) << 32);
        for (head, words) in self.types() {
            write(head.facts, head.len);
            if head.facts & HAS_SUPERTYPE != 0 {
                write(head.supertype, 0);
            }
            let (pairs, last) = words.as_chunks();
            pairs.iter().for_each(|[low, high]| write(low.word(), high.word()));
            last.iter().for_each(|word| write(word.word(), 0));
        }
        state.finish()
    }
}

/// A recursion group that is being put together.
#[derive(Debug, Default)]
pub(crate) struct GroupKey {
    heads: Vec<Head>,
    words: Vec<Ty>,
}

impl GroupKey {
    /// Removes all types, for another group.
    pub(crate) fn clear(&mut self) {
        self.heads.clear();
        self.words.clear();
    }

    /// Whether there is no type.
    pub(super) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Returns the group.
    pub(super) fn group(&self) -> Group<'_> {
        Group { heads: &self.heads, words: &self.words }
    }

    /// Adds a type with these parameters (`params` of them) and results, or with these fields. `inside` makes the words
    /// for types of the group.
    pub(super) fn push(
        &mut self,
        kind: CompositeKind,
        is_final: bool,
        supertype: Option<u32>,
        params: usize,
        words: impl Iterator<Item = u32>,
    ) {
        let start = self.words.len();
        self.words.extend(words.map(Ty::of_word));
        let words = &self.words[start..];
        let mut head = Head::plain(kind, params, words.len());
        if !is_final {
            head.facts &= !FINAL;
        }
        if let Some(supertype) = supertype {
            head.facts |= HAS_SUPERTYPE;
            head.supertype = supertype;
        }
        if words.iter().any(|word| word.concrete_number().is_some()) {
            head.facts |= REFERS;
        }
        self.heads.push(head);
    }

    /// Returns the word for the supertype at `position` in the group itself.
    pub(super) fn inside(position: u32) -> u32 {
        position | INSIDE
    }

    /// Returns the word for a type with numbers of the engine. If `inside`, its number is a position in the group.
    pub(super) fn word(ty: Ty, inside: bool) -> u32 {
        ty.word() | if inside { INSIDE } else { 0 }
    }
}

/// Returns the position in its group that the word refers to, if it refers to a type of its group.
pub(super) fn position(word: Ty) -> Option<usize> {
    word.concrete_number().filter(|_| word.word() & INSIDE != 0).map(|position| position as usize)
}

/// Returns the word without what says that its number is a position in the group.
pub(super) fn outside(word: Ty) -> Ty {
    Ty::of_word(word.word() & !INSIDE)
}

/// Returns the type of a word, which may be that of a field.
pub(super) fn type_of(word: Ty) -> Ty {
    Ty::of_word(outside(word).word() & !MUTABLE)
}
