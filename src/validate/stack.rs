//! Operands and open blocks, as validation sees them. What the translator knows besides stands in the same words
//! and frames, so that an operator finds both at one place.

use crate::types::repr::Ty;

/// A value on the operand stack: its type, and lower bits that say nothing to validation.
// One word, which is pushed and popped at once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry(u64);

/// Where the type of an entry begins.
const TYPE: u32 = 64 - Ty::BITS;

impl Entry {
    /// A value of type `ty`; `bits` are less than 2 to the 41st.
    #[inline]
    pub(crate) const fn new(ty: Ty, bits: u64) -> Self {
        Self((ty.word() as u64) << TYPE | bits)
    }

    /// A value of type `ty` of which nothing else is known.
    pub(super) const fn of_type(ty: Ty) -> Self {
        Self::new(ty, 0)
    }

    /// What is not its type.
    #[inline]
    pub(crate) const fn bits(self) -> u64 {
        self.0 & ((1 << TYPE) - 1)
    }

    /// The same type with other bits.
    #[inline]
    pub(crate) const fn with_bits(self, bits: u64) -> Self {
        Self(self.0 >> TYPE << TYPE | bits)
    }

    /// The same bits with another type.
    #[inline]
    pub(crate) const fn with_type(self, ty: Ty) -> Self {
        Self::new(ty, self.bits())
    }

    /// Whether it has the type that `other` has; neither is unknown.
    #[inline]
    pub(crate) const fn is_as(self, other: Self) -> bool {
        (self.0 ^ other.0) >> TYPE == 0
    }

    /// Whether it is a value of type `ty`.
    #[inline]
    pub(crate) const fn is_of(self, ty: Ty) -> bool {
        self.0 >> TYPE == ty.word() as u64
    }

    /// Its type; unknown where it comes from code that cannot be reached.
    #[inline]
    pub(crate) const fn ty(self) -> Ty {
        Ty::of_word((self.0 >> TYPE) as u32)
    }
}

/// The type of a block, without borrowing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockType {
    /// No parameters, no results.
    Empty,
    /// No parameters, one result.
    Result(Ty),
    /// The function type at this type index.
    Func(u32),
    /// The type of the function itself; its parameters are locals.
    Body,
}

/// What kind of structured operator a frame stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameKind {
    /// The function body
    Func,
    /// `block`
    Block,
    /// `loop`
    Loop,
    /// The first arm of `if`
    If,
    /// The second arm of `if`
    Else,
}

/// A structured operator that is open, and what the translator keeps of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<T> {
    pub(crate) kind: FrameKind,
    /// Whether the operator itself can be reached.
    pub(crate) reachable: bool,
    /// Whether what follows cannot be reached, so that the stack gives whatever is wanted.
    pub(super) polymorphic: bool,
    /// Where the types of parameters and results are found.
    pub(crate) ty: BlockType,
    /// Operand height below the parameters.
    pub(super) height: u32,
    /// Number of parameters.
    pub(super) params: u32,
    /// Number of results.
    pub(super) results: u32,
    /// What the translator keeps.
    pub(crate) code: T,
}

impl<T> Frame<T> {
    /// Operand height below the parameters.
    #[inline]
    pub(crate) fn height(&self) -> usize {
        self.height as usize
    }

    /// Number of parameters.
    #[inline]
    pub(crate) fn params(&self) -> usize {
        self.params as usize
    }

    /// Number of results.
    #[inline]
    pub(crate) fn results(&self) -> usize {
        self.results as usize
    }
}
