//! Writes the numbers of sections.

use alloc::vec::Vec;

/// What sections are written to.
pub(super) trait Out {
    /// Writes a number as LEB128.
    fn number(&mut self, number: u64);
    /// Writes a number that may be missing.
    fn option(&mut self, number: Option<u64>);
}

impl Out for Vec<u8> {
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.push(number as u8);
    }

    fn option(&mut self, number: Option<u64>) {
        self.push(number.is_some().into());
        if let Some(number) = number {
            self.number(number);
        }
    }
}
