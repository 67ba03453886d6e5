//! Encodes 3 KiB in base 64 and decodes them again, `n` times. Each vector holds 12 bytes, or 16 digits.

#![no_std]
#![no_main]

use core::arch::wasm32::{
    i8x16_add, i8x16_all_true, i8x16_eq, i8x16_shuffle, i8x16_swizzle, i32x4_shl, i32x4_splat, u8x16, u8x16_lt,
    u8x16_shr, u8x16_splat, u8x16_sub_sat, u32x4_shr, v128, v128_and, v128_load, v128_or, v128_store,
};
use wasmote_kernels::{Buffer, Random, mix};

const BYTES: usize = 3 << 10;
const DIGITS: usize = 4 << 10;
// The last vector of 12 bytes is loaded and stored with 4 more.
static DATA: Buffer<u8, { BYTES + 4 }> = Buffer::new(0);
static TEXT: Buffer<u8, DIGITS> = Buffer::new(0);
static DECODED: Buffer<u8, { BYTES + 4 }> = Buffer::new(0);

/// What to add to a number below 64 to get its digit: `a`, ten times `0`, `+`, `/`, `A`.
const TO_DIGIT: v128 = {
    let number = b'0'.wrapping_sub(52);
    let (n, plus, slash) = (number, b'+'.wrapping_sub(62), b'/'.wrapping_sub(63));
    u8x16(b'a' - 26, n, n, n, n, n, n, n, n, n, n, plus, slash, b'A', 0, 0)
};

/// What to add to a digit to get its number, by its high nibble; that of `/` is at 1 instead of 2.
const TO_NUMBER: v128 = {
    let (upper, lower) = (0u8.wrapping_sub(b'A'), 26u8.wrapping_sub(b'a'));
    u8x16(0, 63 - b'/', 62 - b'+', 52 - b'0', upper, upper, lower, lower, 0, 0, 0, 0, 0, 0, 0, 0)
};

/// A bit for each high nibble that a digit can have.
const HIGH: v128 = u8x16(0, 0, 1, 2, 4, 8, 16, 32, 0, 0, 0, 0, 0, 0, 0, 0);

/// The bits of the high nibbles with which a low nibble makes a digit.
const LOW: v128 = u8x16(42, 62, 62, 62, 62, 62, 62, 62, 62, 62, 60, 21, 20, 20, 20, 21);

/// Returns the 16 digits of the first 12 bytes.
fn encode(bytes: v128) -> v128 {
    // Each word gets three bytes, the first one highest.
    let words = i8x16_shuffle::<2, 1, 0, 31, 5, 4, 3, 31, 8, 7, 6, 31, 11, 10, 9, 31>(bytes, i32x4_splat(0));
    let (first, second) = (u32x4_shr(words, 18), v128_and(u32x4_shr(words, 4), i32x4_splat(0x3f00)));
    let third = v128_and(i32x4_shl(words, 10), i32x4_splat(0x003f_0000));
    let fourth = v128_and(i32x4_shl(words, 24), i32x4_splat(0x3f00_0000));
    let numbers = v128_or(v128_or(first, second), v128_or(third, fourth));
    let upper = v128_and(u8x16_lt(numbers, u8x16_splat(26)), u8x16_splat(13));
    let class = v128_or(u8x16_sub_sat(numbers, u8x16_splat(51)), upper);
    i8x16_add(numbers, i8x16_swizzle(TO_DIGIT, class))
}

/// Returns the 12 bytes of 16 digits, and whether all of them are digits.
fn decode(digits: v128) -> (v128, bool) {
    let high = u8x16_shr(digits, 4);
    let low = v128_and(digits, u8x16_splat(15));
    let valid = i8x16_all_true(v128_and(i8x16_swizzle(HIGH, high), i8x16_swizzle(LOW, low)));
    let class = i8x16_add(high, i8x16_eq(digits, u8x16_splat(b'/')));
    let numbers = i8x16_add(digits, i8x16_swizzle(TO_NUMBER, class));
    let first = i32x4_shl(v128_and(numbers, i32x4_splat(0x3f)), 18);
    let second = i32x4_shl(v128_and(numbers, i32x4_splat(0x3f00)), 4);
    let third = u32x4_shr(v128_and(numbers, i32x4_splat(0x003f_0000)), 10);
    let words = v128_or(v128_or(first, second), v128_or(third, u32x4_shr(numbers, 24)));
    let zero = i32x4_splat(0);
    (i8x16_shuffle::<2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 31, 31, 31, 31>(words, zero), valid)
}

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i64 {
    // SAFETY: taken once in each run.
    let (data, text, decoded) = unsafe { (DATA.take(), TEXT.take(), DECODED.take()) };
    let mut random = Random::new(0x165667b1);
    data[..BYTES].fill_with(|| random.next() as u8);
    let mut sum = 0;
    for _ in 0..n {
        for (i, out) in text.chunks_exact_mut(16).enumerate() {
            // SAFETY: both places have 16 bytes; a vector needs no alignment.
            unsafe {
                v128_store(out.as_mut_ptr().cast(), encode(v128_load(data[12 * i..][..16].as_ptr().cast())));
            }
        }
        // Sometimes there is a byte that is no digit.
        let at = random.below(DIGITS as u32) as usize;
        sum = mix(sum, text[at].into());
        text[at] = random.below(128) as u8;
        let mut valid = true;
        for (i, digits) in text.chunks_exact(16).enumerate() {
            // SAFETY: both places have 16 bytes; a vector needs no alignment.
            unsafe {
                let (bytes, all) = decode(v128_load(digits.as_ptr().cast()));
                v128_store(decoded[12 * i..][..16].as_mut_ptr().cast(), bytes);
                valid &= all;
            }
        }
        sum = mix(sum, valid.into());
        if valid {
            data[..BYTES].copy_from_slice(&decoded[..BYTES]);
        }
    }
    data[..BYTES].iter().fold(sum, |sum, &byte| mix(sum, byte.into())) as i64
}
