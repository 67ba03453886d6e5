//! Function bodies byte by byte: what is decoded in few instructions because it is frequent. Whatever is not well
//! formed is left to the parser's reader, which says what is wrong.

use core::slice;

use wasmparser::BinaryReaderError;

use crate::{error::Error, translate::memory::Target, types::repr::Ty, validate::BlockType};

/// The error for bytes of function `func` that are malformed or do not validate.
pub(crate) fn invalid(error: &BinaryReaderError, func: u32) -> Error {
    Error::invalid_wasm(error.message(), error.offset() as usize, Some(func))
}

/// The type of numbers that this byte stands for, if it does for one.
#[inline(always)]
fn number_type(byte: u8) -> Option<Ty> {
    const NUMBERS: [Ty; 4] = [Ty::F64, Ty::F32, Ty::I64, Ty::I32];
    matches!(byte, 0x7c..=0x7f).then(|| NUMBERS[usize::from(byte & 3)])
}

/// Bytes that are still to be decoded.
// Passed by value where it is not inlined, so that it stays in registers.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    // Its end stays where it is: one register changes.
    rest: slice::Iter<'a, u8>,
}

impl<'a> Cursor<'a> {
    /// At the first of `bytes`.
    #[inline(always)]
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes.iter() }
    }

    /// What is still to be decoded.
    #[inline(always)]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest.as_slice()
    }

    /// Where that begins in memory.
    #[inline(always)]
    pub(crate) fn address(&self) -> usize {
        self.rest().as_ptr().addr()
    }

    /// Number of bytes that are still to be decoded.
    #[inline(always)]
    pub(crate) fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Goes on by so many bytes, which there are.
    #[inline(always)]
    pub(crate) fn skip(&mut self, count: usize) {
        if let Some(last) = count.checked_sub(1) {
            self.rest.nth(last);
        }
    }

    /// The byte here, if there is one.
    #[inline(always)]
    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.rest.next().copied()
    }

    /// So many bytes.
    #[inline(always)]
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (&array, rest) = self.rest().split_first_chunk()?;
        self.rest = rest.iter();
        Some(array)
    }

    /// An unsigned number (spec, Binary Format > Integers), if it is well formed.
    #[inline(always)]
    pub(crate) fn unsigned(&mut self) -> Option<u32> {
        let rest = self.rest();
        let &byte = rest.first()?;
        if byte < 0x80 {
            self.rest.next();
            return Some(u32::from(byte));
        }
        if let Some(&second) = rest.get(1)
            && second < 0x80
        {
            self.rest.next();
            self.rest.next();
            return Some(u32::from(byte & 0x7f) | u32::from(second) << 7);
        }
        let (value, len) = long_unsigned(rest);
        self.skip(len);
        (len != 0).then_some(value)
    }

    /// The number here, without its sign, if it has at most four bytes and there are four.
    // Without a branch for each length: which it is follows no pattern.
    #[inline(always)]
    fn few_groups(&self) -> Option<Groups> {
        let word = u32::from_le_bytes(*self.rest().first_chunk()?);
        let ends = !word & 0x8080_8080;
        if ends == 0 {
            return None;
        }
        let bits = word & (ends ^ (ends - 1)) & 0x7f7f_7f7f;
        let bits = bits & 0x007f_007f | (bits & 0x7f00_7f00) >> 1;
        let bits = bits & 0x3fff | (bits & 0x3fff_0000) >> 2;
        Some(Groups { bits: u64::from(bits), len: ends.trailing_zeros() / 8 + 1 })
    }

    /// A type of numbers.
    #[inline(always)]
    pub(crate) fn number_type(&mut self) -> Option<Ty> {
        self.byte().and_then(number_type)
    }

    /// A block type without parameters and with at most one result, a number.
    #[inline(always)]
    pub(crate) fn block_type(&mut self) -> Option<BlockType> {
        match self.byte()? {
            0x40 => Some(BlockType::Empty),
            byte => number_type(byte).map(BlockType::Result),
        }
    }

    /// Where a load or a store goes, if that is memory 0 and no more aligned than `max_align`.
    #[inline(always)]
    pub(crate) fn memarg(&mut self, max_align: u8) -> Option<Target> {
        self.byte().filter(|&align| align <= max_align)?;
        Some(Target { memory: 0, offset: u64::from(self.unsigned()?) })
    }

    /// A signed number of at most `BITS` bits, if it is well formed.
    #[inline(always)]
    pub(crate) fn signed<const BITS: u32>(&mut self) -> Option<i64> {
        if let Some(Groups { bits, len }) = self.few_groups() {
            let unused = 64 - 7 * len;
            self.skip(len as usize);
            return Some(bits.cast_signed() << unused >> unused);
        }
        let rest = self.rest();
        let (value, len) = long_signed::<BITS>(rest);
        self.skip(len);
        (len != 0).then_some(value)
    }
}

/// The unsigned number that `bytes` begin with, and how many bytes it has; none if it is malformed.
#[inline(never)]
fn long_unsigned(bytes: &[u8]) -> (u32, usize) {
    if let Some(Groups { bits, len }) = groups(bytes) {
        return match u32::try_from(bits) {
            Ok(value) if len <= 5 => (value, len as usize),
            _ => (0, 0),
        };
    }
    let mut value = 0;
    for (i, &byte) in bytes.iter().take(5).enumerate() {
        if i == 4 && byte > 0x0f {
            break;
        }
        value |= u32::from(byte & 0x7f) << (7 * i);
        if byte < 0x80 {
            return (value, i + 1);
        }
    }
    (0, 0)
}

/// The signed number of at most `BITS` bits that `bytes` begin with, and how many bytes it has; none if it is malformed.
#[inline(never)]
fn long_signed<const BITS: u32>(bytes: &[u8]) -> (i64, usize) {
    if let Some(Groups { bits, len }) = groups(bytes) {
        let unused = 64 - 7 * len;
        let value = bits.cast_signed() << unused >> unused;
        // The last byte has bits that must be those of the sign.
        let fits = 7 * len < BITS + 7 && (BITS > 32 || i64::from(value as i32) == value);
        return if fits { (value, len as usize) } else { (0, 0) };
    }
    let (mut value, mut shift) = (0, 0);
    for (i, &byte) in bytes.iter().enumerate() {
        if shift >= BITS {
            break;
        }
        value |= i64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            let unused = 64 - shift.min(64);
            let value = value << unused >> unused;
            let fits = shift < BITS
                || BITS == 32 && i64::from(value as i32) == value
                || BITS == 64 && matches!(byte, 0 | 0x7f);
            return if fits { (value, i + 1) } else { (0, 0) };
        }
    }
    (0, 0)
}

/// The number that `bytes` begin with, without its sign, if it has at most eight bytes and there are eight.
#[inline(always)]
fn groups(bytes: &[u8]) -> Option<Groups> {
    const LAST: u64 = 0x8080_8080_8080_8080;
    let word = u64::from_le_bytes(*bytes.first_chunk()?);
    let ends = !word & LAST;
    if ends == 0 {
        return None;
    }
    // Seven bits of each byte up to the first without the bit that says that another one follows.
    let bits = word & (ends ^ (ends - 1)) & !LAST;
    let bits = bits & 0x007f_007f_007f_007f | (bits & 0x7f00_7f00_7f00_7f00) >> 1;
    let bits = bits & 0x0000_3fff_0000_3fff | (bits & 0x3fff_0000_3fff_0000) >> 2;
    let bits = bits & 0x0000_0000_0fff_ffff | (bits & 0x0fff_ffff_0000_0000) >> 4;
    Some(Groups { bits, len: ends.trailing_zeros() / 8 + 1 })
}

/// A number of so many groups of seven bits.
struct Groups {
    bits: u64,
    len: u32,
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::Cursor;
    use wasmparser::BinaryReader;

    /// All that begins with one of these bytes and goes on like this, with and without bytes behind it.
    fn numbers() -> impl Iterator<Item = Vec<u8>> {
        let lasts = [0x00, 0x01, 0x07, 0x08, 0x0f, 0x10, 0x3f, 0x40, 0x41, 0x6f, 0x70, 0x78, 0x7e, 0x7f];
        let before = [0x80, 0x81, 0xbf, 0xc0, 0xff];
        (0..=10).flat_map(move |len| {
            before.into_iter().flat_map(move |byte| {
                lasts.into_iter().flat_map(move |last| {
                    [0, 3, 12].into_iter().map(move |behind| {
                        let mut bytes = alloc::vec![byte; len];
                        bytes.push(last);
                        bytes.resize(len + 1 + behind, 0xa5);
                        bytes
                    })
                })
            })
        })
    }

    #[test]
    fn numbers_are_what_the_parser_reads() {
        for bytes in numbers() {
            let reader = BinaryReader::new(&bytes, 0);
            let cursor = Cursor::new(&bytes);
            let (mut parser, mut own) = (reader.clone(), cursor.clone());
            let value = parser.read_var_u32().ok();
            assert_eq!(own.unsigned(), value, "{bytes:x?}");
            assert!(value.is_none() || bytes.len() - own.remaining() == parser.current_position());
            let (mut parser, mut own) = (reader.clone(), cursor.clone());
            let value = parser.read_var_i32().ok();
            assert_eq!(own.signed::<32>(), value.map(i64::from), "{bytes:x?}");
            assert!(value.is_none() || bytes.len() - own.remaining() == parser.current_position());
            let (mut parser, mut own) = (reader, cursor);
            let value = parser.read_var_i64().ok();
            assert_eq!(own.signed::<64>(), value, "{bytes:x?}");
            assert!(value.is_none() || bytes.len() - own.remaining() == parser.current_position());
        }
    }
}
