//! Modules with changes in a body, or in another section.

use std::ops::Range;

use crate::{
    oracle::{body_of, operator_starts},
    random::{Random, read_unsigned, unsigned},
};

/// A module that is split at its code section.
pub(crate) struct Parts {
    before: Vec<u8>,
    bodies: Vec<Vec<u8>>,
    after: Vec<u8>,
}

/// A section: its id, its start, and the range of its content.
fn next_section(wasm: &[u8], at: usize) -> Option<(u8, Range<usize>)> {
    let id = *wasm.get(at)?;
    let mut start = at + 1;
    let size = read_unsigned(wasm, &mut start)? as usize;
    let end = start.checked_add(size).filter(|end| *end <= wasm.len())?;
    Some((id, start..end))
}

impl Parts {
    /// Splits a module, if its sections are well-formed and it has bodies.
    pub(crate) fn of(wasm: &[u8]) -> Option<Self> {
        let mut at = 8;
        loop {
            let (id, content) = next_section(wasm, at)?;
            if id != 10 {
                at = content.end;
                continue;
            }
            let mut place = content.start;
            let count = read_unsigned(wasm, &mut place)?;
            let mut bodies = Vec::new();
            for _ in 0..count {
                let size = read_unsigned(wasm, &mut place)? as usize;
                let end = place.checked_add(size).filter(|end| *end <= content.end)?;
                bodies.push(wasm[place..end].to_vec());
                place = end;
            }
            let sound = !bodies.is_empty() && place == content.end;
            return sound.then(|| Self { before: wasm[..at].to_vec(), bodies, after: wasm[content.end..].to_vec() });
        }
    }

    /// Returns the module with corrected sizes.
    fn join(&self) -> Vec<u8> {
        let mut content = Vec::new();
        unsigned(&mut content, self.bodies.len() as u64, 0);
        for body in &self.bodies {
            unsigned(&mut content, body.len() as u64, 0);
            content.extend(body);
        }
        let mut module = self.before.clone();
        module.push(10);
        unsigned(&mut module, content.len() as u64, 0);
        module.extend(content);
        module.extend(&self.after);
        module
    }

    /// Returns the module with a few changes in one of its bodies.
    pub(crate) fn changed(&self, random: &mut Random) -> Vec<u8> {
        let mut parts = Self { before: self.before.clone(), bodies: self.bodies.clone(), after: self.after.clone() };
        let which = random.below(parts.bodies.len());
        for _ in 0..random.pick(&[1, 1, 1, 2, 3]) {
            let other = random.below(parts.bodies.len());
            let other = parts.bodies[other].clone();
            change(random, &mut parts.bodies[which], &other);
        }
        parts.join()
    }
}

/// Returns the module with a few changes in one of its sections other than code, and corrects its size.
pub(crate) fn changed_section(random: &mut Random, wasm: &[u8]) -> Vec<u8> {
    let mut sections = Vec::new();
    let mut at = 8;
    while let Some((id, content)) = next_section(wasm, at) {
        at = content.end;
        sections.push((id, wasm[content].to_vec()));
    }
    let others: Vec<usize> = (0..sections.len()).filter(|&i| !matches!(sections[i].0, 0 | 10)).collect();
    let mut module = wasm[..wasm.len().min(8)].to_vec();
    if let Some(&which) = others.get(random.below(others.len())) {
        let content = &mut sections[which].1;
        for _ in 0..random.pick(&[1, 1, 1, 2, 3]) {
            let at = random.below(content.len());
            let byte = match random.below(4) {
                0 => random.next() as u8,
                1 => random.below(6) as u8,
                2 => random.pick(&[0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x70, 0x6f, 0x6e, 0x64, 0x63, 0x60, 0x50, 0x4e, 0x80]),
                _ => random.pick(&[0x0b, 0x23, 0x41, 0x42, 0x43, 0x44, 0x6a, 0x6b, 0x7c, 0x7e, 0xd0, 0xd2, 0x01, 0xfd]),
            };
            match random.below(8) {
                _ if content.is_empty() => content.push(byte),
                0 => drop(content.remove(at)),
                1 => content.insert(at, byte),
                2 => content[at] = content[at].wrapping_add(random.pick(&[1, 2, 0xfe, 0xff])),
                3 => {
                    let end = (at + 1 + random.below(12)).min(content.len());
                    let copy = content[at..end].to_vec();
                    content.splice(at..at, copy);
                }
                _ => content[at] = byte,
            }
        }
        if random.once_in(20) {
            sections.swap(which, others[random.below(others.len())]);
        }
    }
    for (id, content) in sections {
        module.push(id);
        unsigned(&mut module, content.len() as u64, 0);
        module.extend(content);
    }
    module
}

/// Returns the byte ranges of the operators of a body.
fn operators(body: &[u8]) -> Vec<Range<usize>> {
    let starts = operator_starts(&body_of(body));
    let ends = starts.iter().copied().skip(1).chain([body.len()]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

fn pick(random: &mut Random, ranges: &[Range<usize>]) -> Range<usize> {
    ranges.get(random.below(ranges.len())).cloned().unwrap_or(0..0)
}

fn change(random: &mut Random, body: &mut Vec<u8>, other: &[u8]) {
    let ranges = operators(body);
    let op = pick(random, &ranges);
    let at = random.below(body.len());
    match random.below(14) {
        0 if !body.is_empty() => body[at] ^= 1 << random.below(8),
        1 if !body.is_empty() => body[at] = random.next() as u8,
        2 => drop(body.drain(op)),
        3 => {
            let copy = body[op].to_vec();
            let to = pick(random, &ranges).start;
            body.splice(to..to, copy);
        }
        4 => drop(body.splice(op.start..op.start, operator(random))),
        5 => drop(body.splice(op, operator(random))),
        6 => {
            let there = operators(other);
            let copy = other[pick(random, &there)].to_vec();
            let to = if random.below(2) == 0 { op.start..op.start } else { op };
            body.splice(to, copy);
        }
        7 if op.len() > 1 => {
            let at = op.start + 1 + random.below(op.len() - 1);
            body[at] = body[at].wrapping_add(random.pick(&[1, 2, 0x40, 0x7f, 0x80, 0xfe, 0xff]));
        }
        8 => body.truncate(at),
        // A longer number, with or without the same value, valid or not.
        9 | 10 if op.len() > 1 => {
            let last = op.end - 1;
            let sign = if body[last] & 0x40 == 0 || random.below(4) == 0 { 0 } else { 0x7f };
            body[last] |= 0x80;
            let more = random.below(10);
            let tail =
                std::iter::repeat_n(sign | 0x80, more).chain([random.pick(&[sign, sign, 0x01, 0x0f, 0x10, 0x70])]);
            body.splice(op.end..op.end, tail.collect::<Vec<_>>());
        }
        11 => {
            // In the locals.
            let head = ranges.first().map_or(body.len(), |range| range.start);
            if let Some(byte) = body[..head].get_mut(at % head.max(1)) {
                *byte = random.pick(&[0, 1, 2, 0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x70, 0x6f, 0x64, 0x63, 0xff]);
            }
        }
        12 => body.extend(operator(random)),
        _ if !op.is_empty() => body[op.start] = body[op.start].wrapping_add(random.pick(&[1, 2, 0xfe, 0xff])),
        _ => {}
    }
}

/// Returns a random operator, usually an existing one.
fn operator(random: &mut Random) -> Vec<u8> {
    const WITH_INDEX: [u8; 17] =
        [0x02, 0x03, 0x04, 0x0c, 0x0d, 0x10, 0x12, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x3f, 0x40, 0xd2];
    const PLAIN: [u8; 9] = [0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b, 0xd1, 0x0b];
    let index = random.below(4) as u8;
    let ty = random.pick(&[0x40, 0x7f, 0x7e, 0x7d, 0x7c, 0x70, 0x6f, 0x7b, 0x6e, 0x69]);
    match random.below(12) {
        0..3 => vec![random.pick(&PLAIN)],
        3..5 => vec![random.pick(&WITH_INDEX), index],
        5 => vec![random.pick(&[0x02, 0x03, 0x04, 0xd0]), ty],
        6 => vec![0x45 + random.below(0x80) as u8],
        7 => vec![0x28 + random.below(0x17) as u8, index, random.next() as u8 & 0x7f],
        8 => vec![0xfc, random.below(0x19) as u8, index, random.below(3) as u8],
        9 => vec![random.pick(&[0x11, 0x13]), index, random.below(3) as u8],
        10 => vec![0x1c, random.pick(&[0, 1, 1, 1, 2]), ty],
        _ => match random.below(4) {
            0 => vec![0x0e, 2, index, 0, random.below(3) as u8],
            1 => vec![0x41, random.next() as u8 & 0x7f],
            2 => vec![0x42, random.next() as u8 & 0x7f],
            _ => vec![random.next() as u8],
        },
    }
}
