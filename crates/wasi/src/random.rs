//! Sources of random numbers.

use crate::errno::{Errno, Result};

/// The number of bytes that one request to the system asks for.
const CHUNK: usize = 1 << 16;

/// A source of random numbers.
#[derive(Debug, Clone)]
pub(crate) enum Random {
    /// The system
    System,
    /// The state of a generator (`SplitMix64`)
    Seeded(u64),
}

impl Random {
    /// Returns a source for another thread. A seeded one is determined by this one.
    pub(crate) fn fork(&mut self) -> Self {
        match self {
            Self::System => Self::System,
            Self::Seeded(state) => {
                *state = state.wrapping_add(1);
                Self::Seeded(state.rotate_left(32))
            }
        }
    }

    /// Fills `bytes`.
    ///
    /// # Errors
    ///
    /// [`Errno::Io`] if the system has no random numbers.
    pub(crate) fn fill(&mut self, bytes: &mut [u8]) -> Result<()> {
        match self {
            Self::System => bytes.chunks_mut(CHUNK).try_for_each(|chunk| getrandom::fill(chunk).map_err(|_| Errno::Io)),
            Self::Seeded(state) => {
                for chunk in bytes.chunks_mut(8) {
                    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                    let mut mixed = *state;
                    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                    mixed ^= mixed >> 31;
                    chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
                }
                Ok(())
            }
        }
    }
}
