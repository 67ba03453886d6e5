//! Modules built byte by byte.

/// A number as LEB128.
pub(crate) fn leb(mut value: u64) -> Vec<u8> {
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

pub(crate) fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id][..], &leb(content.len() as u64), content].concat()
}

pub(crate) fn module(sections: &[Vec<u8>]) -> Vec<u8> {
    [b"\0asm\x01\0\0\0".to_vec(), sections.concat()].concat()
}

/// A module with one function of type `(i32) -> (i32)`, exported as `f`, with this body.
pub(crate) fn with_body(locals: &[u8], code: &[u8]) -> Vec<u8> {
    let body = [locals, code].concat();
    module(&[
        section(1, &[1, 0x60, 1, 0x7f, 1, 0x7f]),
        section(3, &[1, 0]),
        section(7, &[1, 1, b'f', 0, 0]),
        section(10, &[vec![1], leb(body.len() as u64), body].concat()),
    ])
}
/// `br_table` in a block with `targets` targets besides the default.
pub(crate) fn br_table(targets: u64) -> Vec<u8> {
    let mut code = vec![0x02, 0x40, 0x02, 0x40, 0x20, 0, 0x0e];
    code.extend(leb(targets));
    code.extend((0..targets).map(|i| (i % 2) as u8));
    code.extend([0x01, 0x0b, 0x41, 1, 0x0f, 0x0b, 0x41, 2, 0x0b]);
    with_body(&[0], &code)
}

/// Blocks one inside the other, each left by a `br_if` to the outermost.
pub(crate) fn nesting(depth: usize) -> Vec<u8> {
    let mut code = [0x02, 0x40].repeat(depth);
    code.extend([0x20, 0, 0x0d, 0]);
    code.extend([0x0b].repeat(depth));
    code.extend([0x20, 0, 0x0b]);
    with_body(&[0], &code)
}

/// Loops with results, one inside the other: `loop (result i32) ... end`.
pub(crate) fn nested_loops(depth: usize) -> Vec<u8> {
    let mut code = [0x03, 0x7f].repeat(depth);
    code.extend([0x20, 0]);
    code.extend([0x0b].repeat(depth));
    code.push(0x0b);
    with_body(&[0], &code)
}

/// `if`s one inside the other, each with an `else`.
pub(crate) fn nested_ifs(depth: usize) -> Vec<u8> {
    let mut code = [0x20, 0, 0x04, 0x7f].repeat(depth);
    code.extend([0x20, 0]);
    code.extend([0x05, 0x41, 1, 0x0b].repeat(depth));
    code.push(0x0b);
    with_body(&[0], &code)
}

/// Blocks one after the other, each left by a `br_if`.
pub(crate) fn many_blocks(count: usize) -> Vec<u8> {
    let mut code = [0x02, 0x40, 0x20, 0, 0x0d, 0, 0x0b].repeat(count);
    code.extend([0x20, 0, 0x0b]);
    with_body(&[0], &code)
}

/// `local.get` of a parameter again and again, then a `local.set` of it, then additions.
pub(crate) fn high_stack(height: usize) -> Vec<u8> {
    let mut code = [0x20, 0].repeat(height);
    code.extend([0x41, 0, 0x21, 0]);
    code.extend([0x6a].repeat(height - 1));
    code.push(0x0b);
    with_body(&[0], &code)
}

/// Branches out of one block, all patched at its end.
pub(crate) fn many_branches(count: usize) -> Vec<u8> {
    let mut code = vec![0x02, 0x40];
    code.extend([0x20, 0, 0x0d, 0].repeat(count));
    code.extend([0x0b, 0x20, 0, 0x0b]);
    with_body(&[0], &code)
}

/// Many locals, of which many are set while they are on the operand stack.
pub(crate) fn set_while_read(count: usize) -> Vec<u8> {
    let mut code = Vec::new();
    for _ in 0..count {
        code.extend([0x20, 0, 0x20, 0, 0x41, 1, 0x6a, 0x21, 0, 0x1a]);
    }
    code.extend([0x20, 0, 0x0b]);
    with_body(&[0], &code)
}

/// Operands left over where code cannot be reached.
pub(crate) fn unreachable_code(count: usize) -> Vec<u8> {
    let mut code = vec![0x20, 0, 0x0f];
    code.extend([0x6a, 0x1a, 0x02, 0x40, 0x00, 0x6a, 0x1a, 0x0b].repeat(count));
    code.push(0x0b);
    with_body(&[0], &code)
}

/// A function `(i32) -> (i32)` with a second type, of a block that gives a thousand i32.
pub(crate) fn with_thousand_results(code: &[u8]) -> Vec<u8> {
    let body = [&[0], code].concat();
    let types = [vec![2, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0], leb(1000), vec![0x7f; 1000]].concat();
    module(&[
        section(1, &types),
        section(3, &[1, 0]),
        section(7, &[1, 1, b'f', 0, 0]),
        section(10, &[vec![1], leb(body.len() as u64), body].concat()),
    ])
}

/// One function after the other.
pub(crate) fn many_functions(count: usize) -> Vec<u8> {
    module(&[
        section(1, &[1, 0x60, 0, 0]),
        section(3, &[leb(count as u64), vec![0; count]].concat()),
        section(10, &[leb(count as u64), [2, 0, 0x0b].repeat(count)].concat()),
    ])
}
