//! Operands and open blocks, as validation sees them. What the translator knows besides stands in the same words
//! and frames, so that an operator finds both at one place.

use crate::types::ValType;

/// The type of an operand; unknown where it comes from code that cannot be reached.
pub(super) type OperandType = Option<ValType>;

/// A value on the operand stack: its type, and lower bits that say nothing to validation.
// One word, which is pushed and popped at once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry(u64);

/// Where the type of an entry begins.
const TYPE: u32 = 48;
/// As a type: any that is wanted.
const UNKNOWN: u64 = 7;

impl Entry {
    /// A value of type `ty`; `bits` are less than 2 to the 48th.
    #[inline]
    pub(crate) const fn new(ty: ValType, bits: u64) -> Self {
        Self((ty as u64) << TYPE | bits)
    }

    /// A value of type `ty` of which nothing else is known.
    pub(super) fn of_type(ty: OperandType) -> Self {
        Self(ty.map_or(UNKNOWN, |ty| ty as u64) << TYPE)
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

    /// Whether it has the type that `other` has; neither is unknown.
    #[inline]
    pub(crate) const fn is_as(self, other: Self) -> bool {
        (self.0 ^ other.0) >> TYPE == 0
    }

    /// Whether it is a value of type `ty`.
    #[inline]
    pub(crate) const fn is_of(self, ty: ValType) -> bool {
        self.0 >> TYPE == ty as u64
    }

    /// Its type; that of what cannot be reached may be another one.
    #[inline]
    pub(crate) const fn ty(self) -> ValType {
        const TYPES: [ValType; 8] = [
            ValType::I32,
            ValType::I64,
            ValType::F32,
            ValType::F64,
            ValType::V128,
            ValType::FuncRef,
            ValType::ExternRef,
            ValType::I32,
        ];
        TYPES[(self.0 >> TYPE & 7) as usize]
    }

    /// Its type, if that is known.
    pub(super) fn known_type(self) -> OperandType {
        (self.0 >> TYPE != UNKNOWN).then(|| self.ty())
    }
}

/// The type of a block, without borrowing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockType {
    /// No parameters, no results.
    Empty,
    /// No parameters, one result.
    Result(ValType),
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
