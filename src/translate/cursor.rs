//! A cursor over the bytes of a function body, which decodes immediates in few instructions. It returns `None` for
//! bytes that are not well formed; the parser's reader then says what is wrong.

use core::slice;

use wasmparser::BinaryReaderError;

use crate::{error::Error, translate::memory::Target, types::repr::Ty, validate::BlockType};

/// Returns the error for bytes of function `func` that the parser rejects.
pub(crate) fn invalid(error: &BinaryReaderError, func: u32) -> Error {
    Error::invalid_wasm(error.message(), error.offset() as usize, Some(func))
}

/// Returns the number type that this byte encodes, if it encodes one.
#[inline(always)]
fn number_type(byte: u8) -> Option<Ty> {
    const NUMBERS: [Ty; 4] = [Ty::F64, Ty::F32, Ty::I64, Ty::I32];
    matches!(byte, 0x7c..=0x7f).then(|| NUMBERS[usize::from(byte & 3)])
}

/// The bytes that are not decoded yet.
// Passed by value where it is not inlined, so that it stays in registers.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    // An iterator rather than a slice: its end is constant, so decoding changes one register instead of two.
    rest: slice::Iter<'a, u8>,
}

impl<'a> Cursor<'a> {
    /// Returns a cursor at the first of `bytes`.
    #[inline(always)]
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes.iter() }
    }

    /// Returns the bytes that are not decoded yet.
    #[inline(always)]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest.as_slice()
    }

    /// Returns the address of the next byte in memory.
    #[inline(always)]
    pub(crate) fn address(&self) -> usize {
        self.rest().as_ptr().addr()
    }

    /// Returns the number of bytes that are not decoded yet.
    #[inline(always)]
    pub(crate) fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Skips `count` bytes. There must be that many.
    #[inline(always)]
    pub(crate) fn skip(&mut self, count: usize) {
        if let Some(last) = count.checked_sub(1) {
            self.rest.nth(last);
        }
    }

    /// Reads a byte, if there is one.
    #[inline(always)]
    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.rest.next().copied()
    }

    /// Reads `N` bytes, if there are that many.
    #[inline(always)]
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (&array, rest) = self.rest().split_first_chunk()?;
        self.rest = rest.iter();
        Some(array)
    }

    /// Reads an unsigned number (spec, Binary Format > Integers), if it is well formed.
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

    /// Reads a number type.
    #[inline(always)]
    pub(crate) fn number_type(&mut self) -> Option<Ty> {
        self.byte().and_then(number_type)
    }

    /// Reads a block type, if it has no parameters and at most one result, a number.
    #[inline(always)]
    pub(crate) fn block_type(&mut self) -> Option<BlockType> {
        match self.byte()? {
            0x40 => Some(BlockType::Empty),
            byte => number_type(byte).map(BlockType::Result),
        }
    }

    /// Reads the immediates of a load or a store, if they say memory 0 and an alignment of at most `max_align`.
    #[inline(always)]
    pub(crate) fn memarg(&mut self, max_align: u8) -> Option<Target> {
        self.byte().filter(|&align| align <= max_align)?;
        Some(Target { memory: 0, offset: u64::from(self.unsigned()?) })
    }

    /// Reads a signed number of at most `BITS` bits, if it is well formed.
    #[inline(always)]
    pub(crate) fn signed<const BITS: u32>(&mut self) -> Option<i64> {
        if let Some(Groups { bits, len }) = few_groups(self.rest()) {
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

/// Decodes the unsigned number that `bytes` begin with. Returns it and its number of bytes, which is 0 if it is
/// malformed.
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

/// Decodes the signed number of at most `BITS` bits that `bytes` begin with. Returns it and its number of bytes, which
/// is 0 if it is malformed.
#[inline(never)]
fn long_signed<const BITS: u32>(bytes: &[u8]) -> (i64, usize) {
    if let Some(Groups { bits, len }) = groups(bytes) {
        let unused = 64 - 7 * len;
        let value = bits.cast_signed() << unused >> unused;
        // The unused bits of the last byte must equal the sign.
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

macro_rules! groups {
    ($(#[$attribute:meta])* $name:ident $word:ty) => {
        $(#[$attribute])*
        // Without a branch for each length, as the lengths of numbers follow no pattern.
        #[inline(always)]
        fn $name(bytes: &[u8]) -> Option<Groups> {
            let word = <$word>::from_le_bytes(*bytes.first_chunk()?);
            // The bytes without a continuation bit.
            let ends = !word & 0x8080_8080_8080_8080_u64 as $word;
            if ends == 0 {
                return None;
            }
            // Keep seven bits of each byte, up to the first byte that ends the number.
            let bits = word & (ends ^ (ends - 1)) & 0x7f7f_7f7f_7f7f_7f7f_u64 as $word;
            let bits = bits & 0x007f_007f_007f_007f_u64 as $word | (bits & 0x7f00_7f00_7f00_7f00_u64 as $word) >> 1;
            let bits = bits & 0x0000_3fff_0000_3fff_u64 as $word | (bits & 0x3fff_0000_3fff_0000_u64 as $word) >> 2;
            let bits = bits & 0x0000_0000_0fff_ffff_u64 as $word | (bits & 0x0fff_ffff_0000_0000_u64 as $word) >> 4;
            Some(Groups { bits: u64::from(bits), len: ends.trailing_zeros() / 8 + 1 })
        }
    };
}

// Two widths: most numbers have few bytes, and 32 bits take fewer instructions.
groups! {
    /// Decodes the number that `bytes` begin with, without its sign, if it has at most four bytes and there are four.
    few_groups u32
}
groups! {
    /// Decodes the number that `bytes` begin with, without its sign, if it has at most eight bytes and there are eight.
    groups u64
}

/// A number of `len` bytes, each of which encodes seven bits.
struct Groups {
    bits: u64,
    len: u32,
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::Cursor;
    use wasmparser::BinaryReader;

    /// Returns encodings of all lengths from combinations of critical bytes, with and without bytes after them.
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
