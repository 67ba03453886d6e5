//! ChaCha20 (RFC 8439): encrypts 4 KiB `n` times with one key. The counter is not reset between the rounds. Each vector
//! holds one word of four blocks.

#![no_std]
#![no_main]

use core::arch::wasm32::{
    i8x16_shuffle, i32x4, i32x4_add, i32x4_shl, i32x4_shuffle, i32x4_splat, u32x4_shr, v128, v128_load, v128_or,
    v128_store, v128_xor,
};
use wasmote_kernels::{Buffer, Random, mix};

const LEN: usize = 1 << 12;
static MESSAGE: Buffer<u8, LEN> = Buffer::new(0);

/// Rotates each word to the left by `N` bits.
#[inline(always)]
fn rotate<const N: u32>(words: v128) -> v128 {
    match N {
        16 => i8x16_shuffle::<2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13>(words, words),
        8 => i8x16_shuffle::<3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14>(words, words),
        _ => v128_or(i32x4_shl(words, N), u32x4_shr(words, 32 - N)),
    }
}

#[inline(always)]
fn quarter_round(x: &mut [v128; 16], a: usize, b: usize, c: usize, d: usize) {
    x[a] = i32x4_add(x[a], x[b]);
    x[d] = rotate::<16>(v128_xor(x[d], x[a]));
    x[c] = i32x4_add(x[c], x[d]);
    x[b] = rotate::<12>(v128_xor(x[b], x[c]));
    x[a] = i32x4_add(x[a], x[b]);
    x[d] = rotate::<8>(v128_xor(x[d], x[a]));
    x[c] = i32x4_add(x[c], x[d]);
    x[b] = rotate::<7>(v128_xor(x[b], x[c]));
}

/// Turns four vectors of a word of each block into four vectors of words of one block.
fn transpose(words: [v128; 4]) -> [v128; 4] {
    let [a, b, c, d] = words;
    let (ab, cd) = (i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<0, 4, 1, 5>(c, d));
    let (ab_high, cd_high) = (i32x4_shuffle::<2, 6, 3, 7>(a, b), i32x4_shuffle::<2, 6, 3, 7>(c, d));
    [
        i32x4_shuffle::<0, 1, 4, 5>(ab, cd),
        i32x4_shuffle::<2, 3, 6, 7>(ab, cd),
        i32x4_shuffle::<0, 1, 4, 5>(ab_high, cd_high),
        i32x4_shuffle::<2, 3, 6, 7>(ab_high, cd_high),
    ]
}

/// Encrypts four blocks, whose counters begin at the one in `state`.
fn encrypt(state: &[u32; 16], blocks: &mut [u8; 256]) {
    let mut start = state.map(|word| i32x4_splat(word as i32));
    start[12] = i32x4_add(start[12], i32x4(0, 1, 2, 3));
    let mut x = start;
    for _ in 0..10 {
        quarter_round(&mut x, 0, 4, 8, 12);
        quarter_round(&mut x, 1, 5, 9, 13);
        quarter_round(&mut x, 2, 6, 10, 14);
        quarter_round(&mut x, 3, 7, 11, 15);
        quarter_round(&mut x, 0, 5, 10, 15);
        quarter_round(&mut x, 1, 6, 11, 12);
        quarter_round(&mut x, 2, 7, 8, 13);
        quarter_round(&mut x, 3, 4, 9, 14);
    }
    for (word, start) in x.iter_mut().zip(start) {
        *word = i32x4_add(*word, start);
    }
    for quarter in 0..4 {
        let words = [x[4 * quarter], x[4 * quarter + 1], x[4 * quarter + 2], x[4 * quarter + 3]];
        for (block, key) in transpose(words).into_iter().enumerate() {
            let place = blocks[block * 64 + quarter * 16..][..16].as_mut_ptr().cast::<v128>();
            // SAFETY: the place has 16 bytes; a vector needs no alignment.
            unsafe { v128_store(place, v128_xor(v128_load(place), key)) };
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i64 {
    // SAFETY: taken once in each run.
    let message = unsafe { MESSAGE.take() };
    let mut random = Random::new(0xc2b2_ae35);
    message.fill_with(|| random.next() as u8);
    let mut state = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    state[4..12].fill_with(|| random.next());
    state[13..].fill_with(|| random.next());
    let (blocks, _) = message.as_chunks_mut::<256>();
    for _ in 0..n {
        for blocks in blocks.iter_mut() {
            encrypt(&state, blocks);
            state[12] = state[12].wrapping_add(4);
        }
    }
    message.iter().fold(0, |sum, &byte| mix(sum, u64::from(byte))) as i64
}
