//! What the kernels compute, without vectors.

use crate::numbers::{Random, mix};

/// Computes the result of `run`.
pub(crate) type Program = fn(i32) -> i64;

/// The programs by the names of the kernels.
pub(crate) const ALL: [(&str, Program); 10] = [
    ("alpha_blend", alpha_blend),
    ("base64", base64),
    ("blake3", blake3),
    ("blur", blur),
    ("chacha20", chacha20),
    ("dot_f32", dot_f32),
    ("matmul_f32", matmul_f32),
    ("memchr", memchr),
    ("stripe_hash", stripe_hash),
    ("utf8", utf8),
];

/// Returns `len` random bytes.
fn bytes(random: &mut Random, len: usize) -> Vec<u8> {
    (0..len).map(|_| random.next() as u8).collect()
}

/// Returns the bytes of `len` random words.
fn words(seed: u32, len: usize) -> Vec<u8> {
    let mut random = Random::new(seed);
    (0..len).flat_map(|_| random.next().to_le_bytes()).collect()
}

fn checksum(sum: u64, values: impl IntoIterator<Item = impl Into<u64>>) -> i64 {
    values.into_iter().fold(sum, |sum, value| mix(sum, value.into())) as i64
}

fn alpha_blend(n: i32) -> i64 {
    let mut memory = words(0x2545_f491, 0x8400 / 4);
    let (under, over) = memory.split_at_mut(0x4000);
    let add = |sum: i64, bytes: &[u8]| {
        sum.wrapping_mul(31).wrapping_add(i64::from_le_bytes(bytes.try_into().expect("eight bytes")))
    };
    let mut sum = 0;
    for round in (0..n as usize).rev() {
        let over = &over[4 * (round % 256)..];
        for (under, over) in under.chunks_exact_mut(4).zip(over.chunks_exact(4)) {
            for (byte, &new) in under.iter_mut().zip(over) {
                let alpha = u32::from(over[3]);
                // `x / 255` to the nearest
                let blended = u32::from(new) * alpha + u32::from(*byte) * (255 - alpha);
                *byte = ((blended * 2 + 255) / 510) as u8;
            }
        }
        sum = add(sum, &under[8 * round % 0x4000..][..8]);
    }
    under.chunks_exact(8).fold(sum, add)
}

fn base64(n: i32) -> i64 {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut numbers = [None; 256];
    for (number, &digit) in DIGITS.iter().enumerate() {
        numbers[usize::from(digit)] = Some(number as u32);
    }
    let mut random = Random::new(0x1656_67b1);
    let mut data = bytes(&mut random, 3 << 10);
    let mut sum = 0;
    for _ in 0..n {
        let mut text = Vec::new();
        for bytes in data.chunks_exact(3) {
            let word = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]);
            text.extend([18, 12, 6, 0].map(|shift| DIGITS[(word >> shift) as usize % 64]));
        }
        let at = random.below(4 << 10) as usize;
        sum = mix(sum, text[at].into());
        text[at] = random.below(128) as u8;
        let numbers: Option<Vec<u32>> = text.iter().map(|&byte| numbers[usize::from(byte)]).collect();
        sum = mix(sum, numbers.is_some().into());
        if let Some(numbers) = numbers {
            data.clear();
            for numbers in numbers.chunks_exact(4) {
                let word = numbers.iter().fold(0, |word, number| word << 6 | number);
                data.extend(&word.to_be_bytes()[1..]);
            }
        }
    }
    checksum(sum, data)
}

const IV: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

fn blake3(n: i32) -> i64 {
    fn g(state: &mut [u32; 16], [a, b, c, d]: [usize; 4], x: u32, y: u32) {
        state[a] = state[a].wrapping_add(state[b]).wrapping_add(x);
        state[d] = (state[d] ^ state[a]).rotate_right(16);
        state[c] = state[c].wrapping_add(state[d]);
        state[b] = (state[b] ^ state[c]).rotate_right(12);
        state[a] = state[a].wrapping_add(state[b]).wrapping_add(y);
        state[d] = (state[d] ^ state[a]).rotate_right(8);
        state[c] = state[c].wrapping_add(state[d]);
        state[b] = (state[b] ^ state[c]).rotate_right(7);
    }
    let mut random = Random::new(0x27d4_eb2f);
    let mut message: [u32; 16] = std::array::from_fn(|_| random.next());
    let mut value = IV;
    for counter in 0..n as u32 {
        let mut state = [0; 16];
        state[..8].copy_from_slice(&value);
        state[8..12].copy_from_slice(&IV[..4]);
        (state[12], state[14]) = (counter, 64);
        let mut m = message;
        for round in 0..7 {
            if round > 0 {
                m = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8].map(|i| m[i]);
            }
            for i in 0..4 {
                g(&mut state, [i, 4 + i, 8 + i, 12 + i], m[2 * i], m[2 * i + 1]);
            }
            for i in 0..4 {
                let diagonal = [i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4];
                g(&mut state, diagonal, m[8 + 2 * i], m[9 + 2 * i]);
            }
        }
        value = std::array::from_fn(|i| state[i] ^ state[i + 8]);
        for i in 0..4 {
            message[4 * (counter as usize % 4) + i] ^= value[4 + i];
        }
    }
    checksum(0, value)
}

fn blur(n: i32) -> i64 {
    const WIDTH: usize = 256;
    const HEIGHT: usize = 128;
    let mut picture = bytes(&mut Random::new(0x85eb_ca6b), WIDTH * HEIGHT);
    for _ in 0..n {
        // Along rows, then along columns: the distance of neighbours, and whether a pixel has two of them.
        for (step, inside) in [
            (1, (|at| !matches!(at % WIDTH, 0 | 255)) as fn(usize) -> bool),
            (WIDTH, |at| !matches!(at / WIDTH, 0 | 127)),
        ] {
            let before = picture.clone();
            for at in (0..WIDTH * HEIGHT).filter(|&at| inside(at)) {
                let [a, b, c] = [at - step, at, at + step].map(|at| u32::from(before[at]));
                picture[at] = ((a + 2 * b + c + 2) / 4) as u8;
            }
        }
    }
    checksum(0, picture)
}

fn chacha20(n: i32) -> i64 {
    let mut random = Random::new(0xc2b2_ae35);
    let mut message = bytes(&mut random, 1 << 12);
    let mut state = [0; 16];
    for (word, bytes) in state.iter_mut().zip(b"expand 32-byte k".chunks_exact(4)) {
        *word = u32::from_le_bytes(bytes.try_into().expect("four bytes"));
    }
    state[4..12].fill_with(|| random.next());
    state[13..].fill_with(|| random.next());
    for _ in 0..n {
        for block in message.chunks_exact_mut(64) {
            for (byte, key) in block.iter_mut().zip(chacha20_block(&state)) {
                *byte ^= key;
            }
            state[12] = state[12].wrapping_add(1);
        }
    }
    checksum(0, message)
}

fn chacha20_block(state: &[u32; 16]) -> impl Iterator<Item = u8> {
    fn quarter(x: &mut [u32; 16], [a, b, c, d]: [usize; 4]) {
        for (left, right, to, bits) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)] {
            x[left] = x[left].wrapping_add(x[right]);
            x[to] = (x[to] ^ x[left]).rotate_left(bits);
        }
    }
    let mut x = *state;
    for _ in 0..10 {
        for i in 0..4 {
            quarter(&mut x, [i, 4 + i, 8 + i, 12 + i]);
        }
        for i in 0..4 {
            quarter(&mut x, [i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4]);
        }
    }
    let state = *state;
    (0..16).flat_map(move |i| x[i].wrapping_add(state[i]).to_le_bytes())
}

fn dot_f32(n: i32) -> i64 {
    let numbers: Vec<f32> = (0..0x8400_i32 / 4)
        .map(|i| ((4 * i).wrapping_mul(7919) as u32 % 2003) as f32 - 1001.0)
        .map(|x| x * 0.37)
        .collect();
    let (a, b) = numbers.split_at(0x1000);
    (0..n as usize).rev().fold(0i64, |sum, round| {
        let mut lanes = [0.0; 4];
        for (i, (a, b)) in a.iter().zip(&b[round % 256..]).enumerate() {
            lanes[i % 4] += a * b;
        }
        let dot: f32 = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
        sum.wrapping_mul(31).wrapping_add(dot.to_bits().into())
    })
}

fn matmul_f32(n: i32) -> i64 {
    let n = n as usize;
    let a = |i: usize| (i % 97) as f32 * 0.3 - 11.0;
    let b = |i: usize| (i % 89) as f32 * 0.7 - 7.0;
    let product = (0..n * n).map(|at| {
        let (row, column) = (at / n, at % n);
        (0..n).fold(0.0, |sum, k| sum + a(row * n + k) * b(k * n + column)).to_bits()
    });
    checksum(0, product)
}

fn memchr(n: i32) -> i64 {
    let text = bytes(&mut Random::new(0x9e37_79b9), 1 << 14);
    let places = (0..n).flat_map(|needle| {
        text.iter().enumerate().filter(move |(_, byte)| **byte == needle as u8).map(|(place, _)| place as u64 + 1)
    });
    checksum(0, places)
}

fn stripe_hash(n: i32) -> i64 {
    let memory = words(0x1b87_3593, 0x1040 / 4);
    let numbers: Vec<u64> =
        memory.chunks_exact(8).map(|bytes| u64::from_le_bytes(bytes.try_into().expect("eight bytes"))).collect();
    let (data, keys) = numbers.split_at(512);
    (0..n).fold(0u64, |hash, _| {
        let seeds = [hash, !hash, hash.wrapping_neg(), hash << 1];
        let mut sums: [u64; 8] = std::array::from_fn(|i| seeds[i / 2]);
        for (stripe, data) in data.chunks_exact(8).enumerate() {
            for (i, sum) in sums.iter_mut().enumerate() {
                let keyed = data[i] ^ keys[i];
                let product = (keyed & 0xffff_ffff) * (keyed >> 32);
                *sum = sum.wrapping_add(data[i ^ 1]).wrapping_add(product);
                if stripe % 16 == 15 {
                    *sum = (*sum ^ *sum >> 47 ^ keys[i]).wrapping_mul(0x9e37_79b1);
                }
            }
        }
        sums.chunks_exact(2).fold(hash, |hash, sums| {
            let joined = sums[0].wrapping_mul(0x9e37_79b1_85eb_ca87).wrapping_add(sums[1]);
            (hash ^ joined).wrapping_mul(0xc2b2_ae3d_27d4_eb4f).rotate_left(31)
        })
    }) as i64
}

fn utf8(n: i32) -> i64 {
    const LEN: usize = 1 << 13;
    let mut random = Random::new(0x1656_67b1);
    let mut text = Vec::new();
    while text.len() < LEN {
        let scalar = match random.below(32) {
            0..4 => 0x80 + random.below(0x780),
            4..8 => 0x800 + random.below(0xd000),
            8..10 => 0x1_0000 + random.below(0x10_0000),
            10 => {
                let run = 48.min(LEN - text.len());
                text.extend((0..run).map(|_| b'a' + random.below(26) as u8));
                continue;
            }
            _ => u32::from(b' '),
        };
        let encoded = char::from_u32(scalar).unwrap_or(' ').to_string();
        text.extend_from_slice(if text.len() + encoded.len() > LEN { b"." } else { encoded.as_bytes() });
    }
    let is_valid = |text: &[u8]| std::str::from_utf8(text).is_ok();
    let mut sum = mix(0, is_valid(&text).into());
    for _ in 0..n {
        let at = random.below(LEN as u32) as usize;
        let byte = text[at];
        text[at] = byte ^ (1 << random.below(8));
        sum = mix(sum, is_valid(&text).into());
        text[at] = byte;
    }
    sum as i64
}
