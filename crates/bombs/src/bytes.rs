//! Modules written byte by byte.

/// Encodes a number as LEB128.
#[must_use]
pub fn leb(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

/// Encodes a section.
#[must_use]
pub fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id][..], &leb(content.len() as u64), content].concat()
}

/// Encodes a module of these sections.
#[must_use]
pub fn module(sections: &[Vec<u8>]) -> Vec<u8> {
    [b"\0asm\x01\0\0\0".to_vec(), sections.concat()].concat()
}

/// Encodes a module with one function, of the first of these types and exported as `f`.
#[must_use]
pub fn with_func(types: &[u8], locals: &[u8], code: &[u8]) -> Vec<u8> {
    let body = [locals, code].concat();
    module(&[
        section(1, types),
        section(3, &[1, 0]),
        section(7, &[1, 1, b'f', 0, 0]),
        section(10, &[vec![1], leb(body.len() as u64), body].concat()),
    ])
}

/// Encodes a module of empty functions.
#[must_use]
pub fn many_functions(count: usize) -> Vec<u8> {
    module(&[
        section(1, &[1, 0x60, 0, 0]),
        section(3, &[leb(count as u64), vec![0; count]].concat()),
        section(10, &[leb(count as u64), [2, 0, 0x0b].repeat(count)].concat()),
    ])
}

/// Encodes the code of a function `(i32) -> (i32)`: a `br_table` with `targets` targets besides the default.
#[must_use]
pub fn br_table(targets: usize) -> Vec<u8> {
    let mut code = vec![0x02, 0x40, 0x02, 0x40, 0x20, 0, 0x0e];
    code.extend(leb(targets as u64));
    code.extend((0..targets).map(|i| (i % 2) as u8));
    code.extend([0x01, 0x0b, 0x41, 1, 0x0f, 0x0b, 0x41, 2, 0x0b]);
    code
}

/// Encodes the code of a function `(i32) -> (i32)`: nested `if`s, each with an `else`.
#[must_use]
pub fn nested_ifs(depth: usize) -> Vec<u8> {
    let mut code = [0x20, 0, 0x04, 0x7f].repeat(depth);
    code.extend([0x20, 0]);
    code.extend([0x05, 0x41, 1, 0x0b].repeat(depth));
    code.push(0x0b);
    code
}
