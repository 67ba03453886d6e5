//! Operands and control frames. The translator keeps its part of them in the same words and structs, so that an
//! operator finds both in one place.

use crate::types::repr::Ty;

/// An operand: its type, and lower bits that belong to the translator and have no meaning here.
// One word, which is pushed and popped in one instruction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry(u64);

/// The number of entries that are compared at once where there may be a thousand.
pub(crate) const MANY: usize = 16;

/// The lowest bit of the type of an entry.
const TYPE: u32 = 64 - Ty::BITS;

impl Entry {
    /// Returns an operand of type `ty`. The lower `bits` are less than 2^41.
    #[inline]
    pub(crate) const fn new(ty: Ty, bits: u64) -> Self {
        Self((ty.word() as u64) << TYPE | bits)
    }

    /// Returns an operand of type `ty` whose lower bits are zero.
    pub(super) const fn of_type(ty: Ty) -> Self {
        Self::new(ty, 0)
    }

    /// Returns the lower bits.
    #[inline]
    pub(crate) const fn bits(self) -> u64 {
        self.0 & ((1 << TYPE) - 1)
    }

    /// Returns the same entry with other lower bits.
    #[inline]
    pub(crate) const fn with_bits(self, bits: u64) -> Self {
        Self(self.0 >> TYPE << TYPE | bits)
    }

    /// Returns the same entry with another type.
    #[inline]
    pub(crate) const fn with_type(self, ty: Ty) -> Self {
        Self::new(ty, self.bits())
    }

    /// Whether it has the type of `other`. Neither type must be unknown.
    #[inline]
    pub(crate) const fn is_as(self, other: Self) -> bool {
        (self.0 ^ other.0) >> TYPE == 0
    }

    /// Whether it has type `ty`.
    #[inline]
    pub(crate) const fn is_of(self, ty: Ty) -> bool {
        self.0 >> TYPE == ty.word() as u64
    }

    /// Whether entries have these types. There are as many entries as types.
    #[inline]
    pub(crate) fn are_of(entries: &[Self], types: &[Ty]) -> bool {
        if types.len() < MANY {
            return entries.iter().zip(types).all(|(entry, &ty)| entry.is_of(ty));
        }
        let (many, entries) = entries.as_chunks::<MANY>();
        let (many_types, types) = types.as_chunks::<MANY>();
        many.iter().zip(many_types).all(|(entries, types)| Self::many_are_of(entries, types))
            && entries.iter().zip(types).all(|(entry, &ty)| entry.is_of(ty))
    }

    /// Whether entries have these types.
    // Without branches, so that the compiler makes vector instructions of it.
    pub(crate) fn many_are_of(entries: &[Self; MANY], types: &[Ty; MANY]) -> bool {
        let differences = entries.iter().zip(types).map(|(entry, ty)| entry.0 >> TYPE ^ u64::from(ty.word()));
        differences.fold(0, |all, difference| all | difference) == 0
    }

    /// Whether it is one of the two cells of a vector.
    #[inline]
    pub(crate) const fn is_in_vector(self) -> bool {
        const { assert!(Ty::V128_HIGH.word() == Ty::V128.word() | 1) };
        cfg!(feature = "simd") && self.0 >> TYPE | 1 == Ty::V128_HIGH.word() as u64
    }

    /// Returns its type, which may be unknown in unreachable code.
    #[inline]
    pub(crate) const fn ty(self) -> Ty {
        Ty::of_word((self.0 >> TYPE) as u32)
    }
}

/// The type of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockType {
    /// No parameters, no results.
    Empty,
    /// No parameters, one result.
    Result(Ty),
    /// The function type at this type index.
    Func(u32),
    /// The type of the function body: the results of the function. Its parameters are locals.
    Body,
}

/// The structured operator that opened a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameKind {
    /// The function body.
    Func,
    /// `block`.
    Block,
    /// `loop`.
    Loop,
    /// The first arm of `if`.
    If,
    /// The second arm of `if`.
    Else,
    /// `try_table`.
    #[cfg(feature = "exceptions")]
    TryTable,
    /// The body of a legacy `try`.
    #[cfg(feature = "exceptions")]
    Try,
    /// A clause of a legacy `try` for a tag.
    #[cfg(feature = "exceptions")]
    Catch,
    /// The clause of a legacy `try` for all tags.
    #[cfg(feature = "exceptions")]
    CatchAll,
}

impl FrameKind {
    /// Whether it is a clause of a legacy `try`.
    #[inline]
    pub(crate) const fn is_clause(self) -> bool {
        #[cfg(feature = "exceptions")]
        return matches!(self, Self::Catch | Self::CatchAll);
        #[cfg(not(feature = "exceptions"))]
        false
    }
}

/// A control frame: a structured operator that is open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<T> {
    pub(crate) kind: FrameKind,
    /// Whether the operator that opened the frame can be reached.
    pub(crate) reachable: bool,
    /// Whether the following operators cannot be reached, so that the stack is polymorphic: it yields operands of any
    /// type.
    pub(super) polymorphic: bool,
    /// The types of its parameters and results.
    pub(crate) ty: BlockType,
    /// The height of the operand stack below the parameters.
    pub(super) height: u32,
    /// The number of parameters.
    pub(super) params: u32,
    /// The number of results.
    pub(super) results: u32,
    /// The translator's part.
    pub(crate) code: T,
}

impl<T> Frame<T> {
    /// Returns the height of the operand stack below the parameters.
    #[inline]
    pub(crate) fn height(&self) -> usize {
        self.height as usize
    }

    /// Returns the height of the operand stack below the results. In a clause of a legacy `try`, a hidden operand is between
    /// them and the operands of the clause.
    #[inline]
    pub(crate) fn label_height(&self) -> usize {
        self.height() - usize::from(self.kind.is_clause())
    }

    /// Returns the number of parameters.
    #[inline]
    pub(crate) fn params(&self) -> usize {
        self.params as usize
    }

    /// Returns the number of results.
    #[inline]
    pub(crate) fn results(&self) -> usize {
        self.results as usize
    }
}
