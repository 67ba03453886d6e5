//! Packs `n` bytes (at most 262,144) with a Lempel-Ziv scheme, unpacks them again and compares.

#![no_std]
#![no_main]

use wasmote_kernels::{Buffer, Random, mix};

const MAX: usize = 262_144;
const HASH_BITS: u32 = 12;
const MIN_MATCH: usize = 4;

static INPUT: Buffer<u8, MAX> = Buffer::new(0);
/// Literals alone need one more byte for every 128.
static PACKED: Buffer<u8, { MAX + MAX / 64 }> = Buffer::new(0);
static OUTPUT: Buffer<u8, MAX> = Buffer::new(0);
static HEADS: Buffer<u32, { 1 << HASH_BITS }> = Buffer::new(0);

/// Fills the input with runs, repeats of earlier parts and new bytes.
fn write_input(input: &mut [u8]) {
    let mut random = Random::new(0x0bad_cafe);
    let mut at = 0;
    while at < input.len() {
        let length = (1 + random.below(40) as usize).min(input.len() - at);
        match random.below(4) {
            0 => input[at..at + length].fill(random.next() as u8),
            1 => input[at..at + length].iter_mut().for_each(|byte| *byte = b'a' + random.below(16) as u8),
            _ if at > length => {
                let from = random.below((at - length) as u32) as usize;
                input.copy_within(from..from + length, at);
            }
            _ => input[at..at + length].iter_mut().for_each(|byte| *byte = random.next() as u8),
        }
        at += length;
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn push_literals(packed: &mut [u8], mut end: usize, literals: &[u8]) -> usize {
    for chunk in literals.chunks(128) {
        packed[end] = (chunk.len() - 1) as u8;
        packed[end + 1..end + 1 + chunk.len()].copy_from_slice(chunk);
        end += 1 + chunk.len();
    }
    end
}

/// A byte below 128 announces that many literals and one more; above, a match of 4 to 131 bytes, with
/// the distance, less one, in the next two bytes.
fn pack(input: &[u8], packed: &mut [u8], heads: &mut [u32; 1 << HASH_BITS]) -> usize {
    heads.fill(u32::MAX);
    let (mut at, mut literal, mut end) = (0, 0, 0);
    while at + MIN_MATCH <= input.len() {
        let next = word(input, at);
        let head = &mut heads[(next.wrapping_mul(0x9e37_79b1) >> (32 - HASH_BITS)) as usize];
        let candidate = *head as usize;
        *head = at as u32;
        if candidate < at && at - candidate <= 0x1_0000 && word(input, candidate) == next {
            let limit = (input.len() - at).min(131);
            let mut length = MIN_MATCH;
            while length < limit && input[candidate + length] == input[at + length] {
                length += 1;
            }
            end = push_literals(packed, end, &input[literal..at]);
            packed[end] = 128 + (length - MIN_MATCH) as u8;
            packed[end + 1..end + 3].copy_from_slice(&((at - candidate - 1) as u16).to_le_bytes());
            end += 3;
            at += length;
            literal = at;
        } else {
            at += 1;
        }
    }
    push_literals(packed, end, &input[literal..])
}

fn unpack(packed: &[u8], output: &mut [u8]) -> usize {
    let (mut at, mut end) = (0, 0);
    while at < packed.len() {
        let token = usize::from(packed[at]);
        at += 1;
        if token < 128 {
            output[end..=end + token].copy_from_slice(&packed[at..=at + token]);
            at += token + 1;
            end += token + 1;
        } else {
            let distance = usize::from(u16::from_le_bytes([packed[at], packed[at + 1]])) + 1;
            at += 2;
            for _ in 0..token - 128 + MIN_MATCH {
                output[end] = output[end - distance];
                end += 1;
            }
        }
    }
    end
}

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i64 {
    let n = (n as usize).min(MAX);
    // SAFETY: taken once in each run.
    let (input, packed, output, heads) = unsafe { (INPUT.take(), PACKED.take(), OUTPUT.take(), HEADS.take()) };
    let input = &mut input[..n];
    write_input(input);
    let size = pack(input, packed, heads);
    let length = unpack(&packed[..size], output);
    if output[..length] != *input {
        return -1;
    }
    packed[..size].iter().fold(size as u64, |sum, &byte| mix(sum, u64::from(byte))) as i64
}
