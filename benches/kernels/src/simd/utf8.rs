//! Validates 8 KiB of UTF-8 `n` times, with another byte changed each time.
//!
//! This is the method of "Validating UTF-8 in less than one instruction per byte" (Keiser and Lemire, 2021): three
//! tables of 16 bytes classify each pair of bytes, by their first three nibbles.

#![no_std]
#![no_main]

use core::arch::wasm32::{
    i8x16_bitmask, i8x16_shuffle, i8x16_swizzle, u8x16, u8x16_shr, u8x16_splat, u8x16_sub_sat, v128, v128_and,
    v128_any_true, v128_load, v128_or, v128_xor,
};
use wasmote_kernels::{Buffer, Random, mix};

const LEN: usize = 1 << 13;
static TEXT: Buffer<u8, LEN> = Buffer::new(0);

/// A lead byte or a byte of ASCII where a continuation has to be.
const SHORT: u8 = 1;
/// A continuation after a byte of ASCII.
const LONG: u8 = 1 << 1;
/// Three bytes for what two can hold.
const OVERLONG_3: u8 = 1 << 2;
/// Beyond U+10FFFF: F4 with 90 or above.
const LARGE: u8 = 1 << 3;
/// U+D800 to U+DFFF.
const SURROGATE: u8 = 1 << 4;
/// Two bytes for what one can hold.
const OVERLONG_2: u8 = 1 << 5;
/// Four bytes for what three can hold, and beyond U+10FFFF: F5 or above with 80 to 8F.
const OVERLONG_4: u8 = 1 << 6;
/// Two continuations: right only as the last ones of three or four bytes.
const CONTINUATIONS: u8 = 1 << 7;
/// What the low nibble of the first byte does not decide.
const ANY: u8 = SHORT | LONG | CONTINUATIONS;

/// By the high nibble of the first byte.
const FIRST_HIGH: v128 = {
    let (e, f) = (SHORT | OVERLONG_3 | SURROGATE, SHORT | LARGE | OVERLONG_4);
    let (l, c) = (LONG, CONTINUATIONS);
    u8x16(l, l, l, l, l, l, l, l, c, c, c, c, SHORT | OVERLONG_2, SHORT, e, f)
};
/// By the low nibble of the first byte.
const FIRST_LOW: v128 = {
    let large = ANY | LARGE | OVERLONG_4;
    let (zero, one) = (ANY | OVERLONG_2 | OVERLONG_3 | OVERLONG_4, ANY | OVERLONG_2);
    let (x, d) = (large, large | SURROGATE);
    u8x16(zero, one, ANY, ANY, ANY | LARGE, x, x, x, x, x, x, x, x, d, x, x)
};
/// By the high nibble of the second byte.
const SECOND_HIGH: v128 = {
    let always = LONG | OVERLONG_2 | CONTINUATIONS;
    let (eight, nine) = (always | OVERLONG_3 | OVERLONG_4, always | OVERLONG_3 | LARGE);
    let (a, s) = (always | SURROGATE | LARGE, SHORT);
    u8x16(s, s, s, s, s, s, s, s, eight, nine, a, a, s, s, s, s)
};
/// The greatest bytes that do not need more bytes than follow in the same vector.
const COMPLETE: v128 =
    u8x16(255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0xf0 - 1, 0xe0 - 1, 0xc0 - 1);

/// Returns a vector that has ones where `block`, which follows `before`, is wrong.
fn errors(before: v128, block: v128) -> v128 {
    let one = i8x16_shuffle::<15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30>(before, block);
    let two = i8x16_shuffle::<14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29>(before, block);
    let three = i8x16_shuffle::<13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28>(before, block);
    let first_high = i8x16_swizzle(FIRST_HIGH, u8x16_shr(one, 4));
    let first_low = i8x16_swizzle(FIRST_LOW, v128_and(one, u8x16_splat(15)));
    let second_high = i8x16_swizzle(SECOND_HIGH, u8x16_shr(block, 4));
    let pairs = v128_and(v128_and(first_high, first_low), second_high);
    // The highest bit tells where the third and the fourth byte have to be.
    let third = u8x16_sub_sat(two, u8x16_splat(0xe0 - 0x80));
    let fourth = u8x16_sub_sat(three, u8x16_splat(0xf0 - 0x80));
    v128_xor(pairs, v128_and(v128_or(third, fourth), u8x16_splat(0x80)))
}

fn is_valid(text: &[u8; LEN]) -> bool {
    let mut before = u8x16_splat(0);
    let mut incomplete = before;
    let mut wrong = before;
    for block in text.chunks_exact(16) {
        // SAFETY: the block has 16 bytes; a vector needs no alignment.
        let block = unsafe { v128_load(block.as_ptr().cast::<v128>()) };
        if i8x16_bitmask(block) == 0 {
            wrong = v128_or(wrong, incomplete);
            incomplete = u8x16_splat(0);
        } else {
            wrong = v128_or(wrong, errors(before, block));
            incomplete = u8x16_sub_sat(block, COMPLETE);
        }
        before = block;
    }
    !v128_any_true(v128_or(wrong, incomplete))
}

/// Fills the text with characters of one to four bytes, and with long runs of ASCII.
fn fill(text: &mut [u8; LEN], random: &mut Random) {
    let mut at = 0;
    while at < LEN {
        let scalar = match random.below(32) {
            0..4 => 0x80 + random.below(0x780),
            4..8 => 0x800 + random.below(0xd000),
            8..10 => 0x1_0000 + random.below(0x10_0000),
            10 => {
                for byte in text[at..].iter_mut().take(48) {
                    *byte = b'a' + random.below(26) as u8;
                }
                at = LEN.min(at + 48);
                continue;
            }
            _ => b' '.into(),
        };
        let mut bytes = [0; 4];
        let encoded = char::from_u32(scalar).unwrap_or(' ').encode_utf8(&mut bytes).as_bytes();
        if at + encoded.len() > LEN {
            text[at] = b'.';
            at += 1;
        } else {
            text[at..at + encoded.len()].copy_from_slice(encoded);
            at += encoded.len();
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i64 {
    // SAFETY: taken once in each run.
    let text = unsafe { TEXT.take() };
    let mut random = Random::new(0x1656_67b1);
    fill(text, &mut random);
    let mut sum = mix(0, is_valid(text).into());
    for _ in 0..n {
        let at = random.below(LEN as u32) as usize;
        let byte = text[at];
        text[at] = byte ^ (1 << random.below(8));
        sum = mix(sum, is_valid(text).into());
        text[at] = byte;
    }
    sum as i64
}
