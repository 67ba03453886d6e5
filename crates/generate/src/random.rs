//! Seeded random numbers.

/// SplitMix64: small, seeded, the same everywhere.
#[derive(Debug, Clone)]
pub struct Random(pub u64);

impl Random {
    /// Returns the next number; all 64-bit numbers are equally likely.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number below `bound`, or 0 if that is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.number() % bound.max(1)
    }

    /// Returns an index of a list of `len` elements, or 0 if that is 0.
    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// Returns true once in `n` times.
    pub fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// Returns an element of `list`.
    ///
    /// # Panics
    ///
    /// If `list` is empty.
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.index(list.len())]
    }

    /// Returns `len` random bytes.
    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.number() as u8).collect()
    }

    /// Returns an integer that is often at an edge of its range.
    pub fn integer(&mut self) -> u64 {
        const EDGES: [u64; 12] = [
            0,
            1,
            u64::MAX,
            0x7fff_ffff,
            0x8000_0000,
            0xffff_ffff,
            0x7fff_ffff_ffff_ffff,
            0x8000_0000_0000_0000,
            65_535,
            65_536,
            31,
            64,
        ];
        match self.below(4) {
            0 => self.pick(&EDGES),
            1 => self.below(300),
            2 => self.below(70_000),
            _ => self.number(),
        }
    }

    /// Returns a float that is often special. A NaN is always canonical.
    pub fn float(&mut self) -> f64 {
        const SPECIAL: [f64; 12] = [
            0.0,
            -0.0,
            1.0,
            -1.5,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            f64::MIN_POSITIVE,
            f64::MAX,
            2_147_483_648.0,
            9_223_372_036_854_775_808.0,
            -2_147_483_649.0,
        ];
        match self.below(3) {
            0 => self.pick(&SPECIAL),
            1 => f64::from(self.number() as i32) / 8.0,
            _ => {
                let float = f64::from_bits(self.number());
                if float.is_nan() { f64::NAN } else { float }
            }
        }
    }
}
