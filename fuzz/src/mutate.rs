//! Changes of modules and texts.

use std::ops::Range;

use wasmote_generate::Random;

use crate::seeds::{MODULES, TEXTS, WORDS};

/// Returns a module of the seeds with changes.
pub fn module(random: &mut Random) -> Vec<u8> {
    let mut wasm = seed(random).clone();
    for _ in 0..random.pick(&[1, 1, 1, 2, 3, 8]) {
        match random.below(6) {
            // Bytes of the file as it is.
            0 => change(random, &mut wasm),
            1 => section(random, &mut wasm),
            _ => body(random, &mut wasm),
        }
    }
    wasm
}

fn seed(random: &mut Random) -> &'static Vec<u8> {
    &MODULES[random.index(MODULES.len())]
}

/// Bytes that often mean something: types, operators, ends of numbers.
const BYTES: [u8; 32] = [
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x0b, 0x0c, 0x0d, 0x0e, 0x10, 0x11, 0x1a, 0x20, 0x21, 0x22, 0x23, 0x40, 0x41,
    0x60, 0x63, 0x64, 0x6f, 0x70, 0x7b, 0x7c, 0x7d, 0x7e, 0x7f, 0x80, 0xfc, 0xff,
];

/// Changes a few bytes.
fn change(random: &mut Random, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        bytes.push(random.pick(&BYTES));
        return;
    }
    let at = random.index(bytes.len());
    match random.below(10) {
        0 => bytes[at] ^= 1 << random.below(8),
        1 => bytes[at] = random.number() as u8,
        2 => bytes[at] = bytes[at].wrapping_add(random.pick(&[1, 2, 0xfe, 0xff])),
        3 | 4 => bytes[at] = random.pick(&BYTES),
        5 => bytes.insert(at, random.pick(&BYTES)),
        6 => {
            let end = (at + 1 + random.index(8)).min(bytes.len());
            bytes.drain(at..end);
        }
        7 => {
            let end = (at + 1 + random.index(16)).min(bytes.len());
            let copy = bytes[at..end].to_vec();
            let to = random.index(bytes.len());
            bytes.splice(to..to, copy);
        }
        8 => {
            let number = unsigned(random.integer());
            let end = (at + random.index(4)).min(bytes.len());
            bytes.splice(at..end, number);
        }
        _ => {
            let other = seed(random);
            let from = random.index(other.len());
            let to = (from + 1 + random.index(24)).min(other.len());
            bytes.splice(at..at, other[from..to].iter().copied());
        }
    }
}

/// Encodes an unsigned number.
fn unsigned(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// Reads an unsigned number at `at`, and moves `at` after it.
fn read_unsigned(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 || shift > 56 {
            return (byte < 0x80).then_some(value);
        }
    }
}

/// A part with a size before it: the range with the size, and that of the content.
type Sized = (Range<usize>, Range<usize>);

fn sized(bytes: &[u8], at: usize) -> Option<Sized> {
    let mut start = at;
    let size = usize::try_from(read_unsigned(bytes, &mut start)?).ok()?;
    let end = start.checked_add(size).filter(|end| *end <= bytes.len())?;
    Some((at..end, start..end))
}

/// Returns the sections: the id of each, and its content.
fn sections(wasm: &[u8]) -> Vec<(u8, Sized)> {
    let mut found = Vec::new();
    let mut at = 8;
    while let Some(&id) = wasm.get(at) {
        let Some(part) = sized(wasm, at + 1) else { break };
        at = part.0.end;
        found.push((id, part));
    }
    found
}

fn replace(wasm: &mut Vec<u8>, part: &Sized, content: &[u8]) {
    let bytes = unsigned(content.len() as u64).into_iter().chain(content.iter().copied());
    wasm.splice(part.0.clone(), bytes.collect::<Vec<_>>());
}

/// Changes the content of a section and corrects its size.
fn section(random: &mut Random, wasm: &mut Vec<u8>) {
    let sections = sections(wasm);
    let Some((_, part)) = sections.get(random.index(sections.len())) else { return };
    let mut content = wasm[part.1.clone()].to_vec();
    change(random, &mut content);
    replace(wasm, part, &content);
}

/// Changes a function body and corrects the sizes.
fn body(random: &mut Random, wasm: &mut Vec<u8>) {
    let Some((_, code)) = sections(wasm).into_iter().find(|(id, _)| *id == 10) else {
        return section(random, wasm);
    };
    let mut content = wasm[code.1.clone()].to_vec();
    let mut at = 0;
    let Some(count) = read_unsigned(&content, &mut at) else { return };
    let which = random.below(count);
    for _ in 0..which {
        let Some(part) = sized(&content, at) else { return };
        at = part.0.end;
    }
    let Some(part) = sized(&content, at) else { return };
    let mut body = content[part.1.clone()].to_vec();
    change(random, &mut body);
    replace(&mut content, &part, &body);
    replace(wasm, &code, &content);
}

/// Returns a text of the seeds with changes.
pub fn text(random: &mut Random) -> Vec<u8> {
    let text = &TEXTS[random.index(TEXTS.len())];
    let mut words = words(text);
    for _ in 0..random.pick(&[0, 1, 1, 1, 2, 3, 8]) {
        if words.is_empty() {
            break;
        }
        let at = random.index(words.len());
        match random.below(8) {
            0 => drop(words.remove(at)),
            1 => words.insert(at, words[random.index(words.len())]),
            2 => {
                let end = (at + 1 + random.index(20)).min(words.len());
                drop(words.drain(at..end));
            }
            3 => {
                let end = (at + 1 + random.index(20)).min(words.len());
                let copy = words[at..end].to_vec();
                let to = random.index(words.len());
                words.splice(to..to, copy);
            }
            4 => words[at] = random.pick(&NUMBERS),
            5 => words[at] = random.pick(&["(", ")", "\"", ";;", "(;", ";)", "\\ff", "$", "@", "\u{202e}", "\0"]),
            _ => words[at] = &WORDS[random.index(WORDS.len())],
        }
    }
    let mut bytes = words.concat().into_bytes();
    if random.once_in(8) {
        change(random, &mut bytes);
    }
    bytes
}

const NUMBERS: [&str; 16] = [
    "0",
    "1",
    "-1",
    "2147483648",
    "4294967295",
    "4294967296",
    "65536",
    "65537",
    "18446744073709551615",
    "-9223372036854775808",
    "nan:0x1",
    "nan:canonical",
    "-inf",
    "0x1p-1074",
    "1e400",
    "281474976710656",
];

/// Splits a text before and after each run of characters that may be in a word.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (at, char) in text.char_indices() {
        let kind = if char.is_whitespace() {
            1
        } else if "()\"".contains(char) {
            // Each of these stands for itself.
            at + 2
        } else {
            0
        };
        if last.is_some_and(|last| last != kind) {
            words.push(&text[start..at]);
            start = at;
        }
        last = Some(kind);
    }
    words.push(&text[start..]);
    words
}
