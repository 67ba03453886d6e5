//! Finds every place of a byte in 16 KiB of random bytes, `n` times, each time of another byte.

#![no_std]
#![no_main]

use core::arch::wasm32::{i8x16_bitmask, i8x16_eq, i8x16_splat, v128, v128_load};
use wasmote_kernels::{Buffer, Random, mix};

const LEN: usize = 1 << 14;
static TEXT: Buffer<u8, LEN> = Buffer::new(0);

/// Returns the index of the first `needle` in `haystack`.
fn memchr(needle: u8, haystack: &[u8]) -> Option<usize> {
    let wanted = i8x16_splat(needle as i8);
    let mut blocks = haystack.chunks_exact(16);
    let mut index = 0;
    for block in &mut blocks {
        // SAFETY: the block has 16 bytes; a vector needs no alignment.
        let block = unsafe { v128_load(block.as_ptr().cast::<v128>()) };
        let found = i8x16_bitmask(i8x16_eq(block, wanted));
        if found != 0 {
            return Some(index + found.trailing_zeros() as usize);
        }
        index += 16;
    }
    blocks.remainder().iter().position(|&byte| byte == needle).map(|rest| index + rest)
}

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i64 {
    // SAFETY: taken once in each run.
    let text = unsafe { TEXT.take() };
    let mut random = Random::new(0x9e37_79b9);
    text.fill_with(|| random.next() as u8);
    let mut sum = 0;
    for needle in 0..n {
        let mut from = 0;
        while let Some(index) = memchr(needle as u8, &text[from..]) {
            from += index + 1;
            sum = mix(sum, from as u64);
        }
    }
    sum as i64
}
