//! Counts the words of a text of `n` words in a hash map with open addressing.

#![no_std]
#![no_main]

use wasmote_kernels::{Buffer, Random, mix};

const SLOTS: usize = 4096;
const TEXT: usize = 64 * 1024;

/// A word, as the part of the text where it first stood, and how often it was seen.
#[derive(Clone, Copy)]
struct Entry {
    hash: u32,
    start: u32,
    length: u32,
    count: u32,
}

static MAP: Buffer<Entry, SLOTS> = Buffer::new(Entry { hash: 0, start: 0, length: 0, count: 0 });
static BYTES: Buffer<u8, TEXT> = Buffer::new(0);

/// Fills the text with words of two to four syllables and returns its length.
fn write_text(text: &mut [u8; TEXT]) -> usize {
    const SYLLABLES: [&[u8]; 12] =
        [b"ba", b"cor", b"di", b"el", b"fun", b"ga", b"hi", b"ion", b"ka", b"lu", b"mer", b"to"];
    let mut random = Random::new(0x9e37_79b9);
    let mut at = 0;
    while at + 16 < TEXT {
        // Small numbers come more often, as short words do in languages.
        for _ in 0..2 + random.below(3).min(random.below(3)) {
            let syllable = SYLLABLES[random.below(12).min(random.below(12)) as usize];
            text[at..at + syllable.len()].copy_from_slice(syllable);
            at += syllable.len();
        }
        text[at] = b' ';
        at += 1;
    }
    at
}

fn count(map: &mut [Entry; SLOTS], text: &[u8], start: usize, end: usize) {
    let word = &text[start..end];
    let hash = word.iter().fold(0x811c_9dc5u32, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let mut slot = hash as usize % SLOTS;
    loop {
        let entry = &mut map[slot];
        if entry.count == 0 {
            *entry = Entry { hash, start: start as u32, length: word.len() as u32, count: 1 };
            return;
        }
        let (first, length) = (entry.start as usize, entry.length as usize);
        if entry.hash == hash && length == word.len() && text[first..first + length] == *word {
            entry.count += 1;
            return;
        }
        slot = (slot + 1) % SLOTS;
    }
}

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i64 {
    // SAFETY: taken once in each run.
    let (map, bytes) = unsafe { (MAP.take(), BYTES.take()) };
    map.fill(Entry { hash: 0, start: 0, length: 0, count: 0 });
    let length = write_text(bytes);
    let text = &bytes[..length];
    let mut words = 0;
    let mut at = 0;
    while words < n {
        let start = at;
        while text[at] != b' ' {
            at += 1;
        }
        count(map, text, start, at);
        words += 1;
        at = if at + 1 < length { at + 1 } else { 0 };
    }
    let entries = map.iter().filter(|entry| entry.count > 0);
    entries.fold(0, |sum, entry| mix(sum, u64::from(entry.hash) << 32 | u64::from(entry.count))) as i64
}
