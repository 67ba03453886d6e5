//! Regions: which code handles the exceptions that are thrown in a range of a function's code.
//!
//! A function with handlers has a list of `region` ops and one `regions` op after its last op. They are never
//! executed; `exec/unwind.rs` reads them when an exception is thrown. Inner regions come first, so the first one that
//! contains the place and has the tag is the handler.

/// In place of the index of a tag: exceptions with any tag.
pub(crate) const ANY_TAG: u32 = u32::MAX;

/// What a region does with an exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum RegionKind {
    /// Its values go to the slots.
    Catch = 0,
    /// Its values go to the slots, then a reference to it.
    CatchRef = 1,
    /// Null goes to the first slot, where a legacy handler has the exception that it may throw again, then the values.
    Legacy = 2,
    /// A reference to it goes to the first slot, then the values.
    LegacyRef = 3,
    /// The search continues at another region.
    Delegate = 4,
}

impl RegionKind {
    /// Returns the kind with this number, if there is one.
    pub(crate) fn new(number: u16) -> Option<Self> {
        Some(match number {
            0 => Self::Catch,
            1 => Self::CatchRef,
            2 => Self::Legacy,
            3 => Self::LegacyRef,
            4 => Self::Delegate,
            _ => return None,
        })
    }

    /// Returns the number of cells that it writes besides the values.
    pub(crate) fn reference_cells(self) -> u64 {
        match self {
            Self::Catch | Self::Delegate => 0,
            Self::CatchRef | Self::Legacy | Self::LegacyRef => 1,
        }
    }
}
