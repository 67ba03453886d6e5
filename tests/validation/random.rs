//! Random choices, and the encoding of numbers.

/// SplitMix64: small, seeded, the same everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// Returns true once in `n` times; never if `n` is 0.
    pub(crate) fn once_in(&mut self, n: usize) -> bool {
        n > 0 && self.below(n) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// Returns a number that is often at an edge of its range.
    pub(crate) fn number(&mut self) -> u64 {
        let bits = self.pick(&[0, 1, 6, 7, 13, 14, 20, 21, 27, 28, 30, 31, 32, 33, 62, 63]);
        let edge = 1_u64 << bits;
        match self.below(5) {
            0 => edge,
            1 => edge.wrapping_sub(1),
            2 => edge.wrapping_neg(),
            3 => self.next() >> self.below(64),
            _ => self.below(8) as u64,
        }
    }
}

/// Appends an unsigned number, with this many bytes more than it needs.
pub(crate) fn unsigned(out: &mut Vec<u8>, mut value: u64, more: usize) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    pad(out, value as u8, 0, more);
}

/// Appends a signed number, with this many bytes more than it needs.
pub(crate) fn signed(out: &mut Vec<u8>, mut value: i64, more: usize) {
    while !(-64..64).contains(&value) {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    pad(out, value as u8 & 0x7f, if value < 0 { 0x7f } else { 0 }, more);
}

fn pad(out: &mut Vec<u8>, last: u8, sign: u8, more: usize) {
    if more == 0 {
        return out.push(last);
    }
    out.push(last | 0x80);
    out.extend(std::iter::repeat_n(sign | 0x80, more - 1));
    out.push(sign);
}

/// Reads an unsigned number at `at`, and moves `at` after it.
pub(crate) fn read_unsigned(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 || shift > 56 {
            return (byte < 0x80).then_some(value);
        }
    }
}
