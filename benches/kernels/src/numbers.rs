//! A source of numbers, and a checksum.
//!
//! The tests of the SIMD kernels include this file by its path.

/// A xorshift generator: the same sequence for the same seed, everywhere.
pub struct Random(u32);

impl Random {
    /// A generator that starts at `seed`, which must not be zero.
    pub fn new(seed: u32) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    /// The next number below `limit`.
    pub fn below(&mut self, limit: u32) -> u32 {
        self.next() % limit
    }
}

/// Mixes `value` into the checksum `sum`.
pub fn mix(sum: u64, value: u64) -> u64 {
    (sum ^ value).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23)
}
