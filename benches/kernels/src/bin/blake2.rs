//! The mixing of BLAKE2b: `n` compressions of 128 bytes, 12 rounds each, on 64-bit words.

#![no_std]
#![no_main]

use wasmote_kernels::mix;

const IV: [u64; 8] = [
    0x6a09e667f3bcc908,
    0xbb67ae8584caa73b,
    0x3c6ef372fe94f82b,
    0xa54ff53a5f1d36f1,
    0x510e527fade682d1,
    0x9b05688c2b3e6c1f,
    0x1f83d9abfb41bd6b,
    0x5be0cd19137e2179,
];

const SIGMA: [[u8; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

#[inline(always)]
fn g(v: &mut [u64; 16], [a, b, c, d]: [usize; 4], x: u64, y: u64) {
    v[a] = v[a].wrapping_add(v[b]).wrapping_add(x);
    v[d] = (v[d] ^ v[a]).rotate_right(32);
    v[c] = v[c].wrapping_add(v[d]);
    v[b] = (v[b] ^ v[c]).rotate_right(24);
    v[a] = v[a].wrapping_add(v[b]).wrapping_add(y);
    v[d] = (v[d] ^ v[a]).rotate_right(16);
    v[c] = v[c].wrapping_add(v[d]);
    v[b] = (v[b] ^ v[c]).rotate_right(63);
}

fn compress(state: &mut [u64; 8], message: &[u64; 16], counter: u64) {
    let mut v = [0; 16];
    v[..8].copy_from_slice(state);
    v[8..].copy_from_slice(&IV);
    v[12] ^= counter;
    for round in 0..12 {
        let s = &SIGMA[round % 10];
        let m = |i: usize| message[usize::from(s[i] & 15)];
        g(&mut v, [0, 4, 8, 12], m(0), m(1));
        g(&mut v, [1, 5, 9, 13], m(2), m(3));
        g(&mut v, [2, 6, 10, 14], m(4), m(5));
        g(&mut v, [3, 7, 11, 15], m(6), m(7));
        g(&mut v, [0, 5, 10, 15], m(8), m(9));
        g(&mut v, [1, 6, 11, 12], m(10), m(11));
        g(&mut v, [2, 7, 8, 13], m(12), m(13));
        g(&mut v, [3, 4, 9, 14], m(14), m(15));
    }
    for (i, word) in state.iter_mut().enumerate() {
        *word ^= v[i] ^ v[i + 8];
    }
}

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i64 {
    let mut state = IV;
    state[0] ^= 0x0101_0040;
    let mut message = [0; 16];
    for (i, word) in message.iter_mut().enumerate() {
        *word = (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    for block in 0..n as u64 {
        compress(&mut state, &message, (block + 1) * 128);
        message[(block % 16) as usize] ^= state[(block % 8) as usize];
    }
    state.iter().fold(0, |sum, &word| mix(sum, word)) as i64
}
