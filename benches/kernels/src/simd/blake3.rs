//! The mixing of BLAKE3: `n` compressions of 64 bytes, 7 rounds each. Each vector is a row of the state, which is a
//! matrix of four by four words.

#![no_std]
#![no_main]

use core::arch::wasm32::{
    i8x16_shuffle, i32x4, i32x4_add, i32x4_shl, i32x4_shuffle, u32x4_extract_lane, u32x4_shr, v128, v128_or, v128_xor,
};
use wasmote_kernels::{Random, mix};

const IV: v128 = i32x4(0x6a09_e667, 0xbb67_ae85_u32 as i32, 0x3c6e_f372, 0xa54f_f53a_u32 as i32);
const IV_HIGH: v128 = i32x4(0x510e_527f, 0x9b05_688c_u32 as i32, 0x1f83_d9ab, 0x5be0_cd19);

/// Rotates each word to the right by `N` bits.
#[inline(always)]
fn rotate<const N: u32>(words: v128) -> v128 {
    match N {
        16 => i8x16_shuffle::<2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13>(words, words),
        8 => i8x16_shuffle::<1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12>(words, words),
        _ => v128_or(u32x4_shr(words, N), i32x4_shl(words, 32 - N)),
    }
}

/// Mixes each column of the state with one word of `x` and one of `y`.
#[inline(always)]
fn mix_columns([a, b, c, d]: [v128; 4], x: v128, y: v128) -> [v128; 4] {
    let a = i32x4_add(i32x4_add(a, b), x);
    let d = rotate::<16>(v128_xor(d, a));
    let c = i32x4_add(c, d);
    let b = rotate::<12>(v128_xor(b, c));
    let a = i32x4_add(i32x4_add(a, b), y);
    let d = rotate::<8>(v128_xor(d, a));
    let c = i32x4_add(c, d);
    let b = rotate::<7>(v128_xor(b, c));
    [a, b, c, d]
}

/// Moves words so that each diagonal is a column.
#[inline(always)]
fn diagonals([a, b, c, d]: [v128; 4]) -> [v128; 4] {
    [a, i32x4_shuffle::<1, 2, 3, 0>(b, b), i32x4_shuffle::<2, 3, 0, 1>(c, c), i32x4_shuffle::<3, 0, 1, 2>(d, d)]
}

/// The opposite.
#[inline(always)]
fn columns([a, b, c, d]: [v128; 4]) -> [v128; 4] {
    [a, i32x4_shuffle::<3, 0, 1, 2>(b, b), i32x4_shuffle::<2, 3, 0, 1>(c, c), i32x4_shuffle::<1, 2, 3, 0>(d, d)]
}

/// Orders the words of the message for the next round: 2 6 3 10, 7 0 4 13, 1 11 12 5, 9 14 15 8.
#[inline(always)]
fn permute([m0, m1, m2, m3]: [v128; 4]) -> [v128; 4] {
    [
        i32x4_shuffle::<0, 1, 2, 6>(i32x4_shuffle::<2, 6, 3, 0>(m0, m1), m2),
        i32x4_shuffle::<0, 1, 2, 5>(i32x4_shuffle::<7, 0, 4, 0>(m0, m1), m3),
        i32x4_shuffle::<0, 5, 6, 3>(i32x4_shuffle::<1, 0, 0, 5>(m0, m1), i32x4_shuffle::<0, 3, 4, 0>(m2, m3)),
        i32x4_shuffle::<1, 6, 7, 0>(m2, m3),
    ]
}

/// Returns the chaining value after a block of 64 bytes.
fn compress([low, high]: [v128; 2], mut message: [v128; 4], counter: u64) -> [v128; 2] {
    let mut state = [low, high, IV, i32x4(counter as i32, (counter >> 32) as i32, 64, 0)];
    for round in 0..7 {
        if round > 0 {
            message = permute(message);
        }
        let [m0, m1, m2, m3] = message;
        state = mix_columns(state, i32x4_shuffle::<0, 2, 4, 6>(m0, m1), i32x4_shuffle::<1, 3, 5, 7>(m0, m1));
        let (x, y) = (i32x4_shuffle::<0, 2, 4, 6>(m2, m3), i32x4_shuffle::<1, 3, 5, 7>(m2, m3));
        state = columns(mix_columns(diagonals(state), x, y));
    }
    [v128_xor(state[0], state[2]), v128_xor(state[1], state[3])]
}

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i64 {
    let mut random = Random::new(0x27d4_eb2f);
    let mut message = [IV; 4];
    for words in &mut message {
        let mut next = || random.next() as i32;
        *words = i32x4(next(), next(), next(), next());
    }
    let mut value = [IV, IV_HIGH];
    for counter in 0..n {
        value = compress(value, message, counter as u64);
        message[counter as usize % 4] = v128_xor(message[counter as usize % 4], value[1]);
    }
    let words = |words| {
        [
            u32x4_extract_lane::<0>(words),
            u32x4_extract_lane::<1>(words),
            u32x4_extract_lane::<2>(words),
            u32x4_extract_lane::<3>(words),
        ]
    };
    value.map(words).as_flattened().iter().fold(0, |sum, &word| mix(sum, u64::from(word))) as i64
}
