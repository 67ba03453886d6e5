//! Modules built byte by byte.

use wasmote_bombs::bytes::{self, leb, with_func};

/// Returns a module with one function of type `(i32) -> (i32)`, exported as `f`.
pub(crate) fn with_body(locals: &[u8], code: &[u8]) -> Vec<u8> {
    with_func(&[1, 0x60, 1, 0x7f, 1, 0x7f], locals, code)
}

/// `br_table` in a block with `targets` targets besides the default.
pub(crate) fn br_table(targets: usize) -> Vec<u8> {
    with_body(&[0], &bytes::br_table(targets))
}

/// Nested blocks, each left by a `br_if` to the outermost.
pub(crate) fn nesting(depth: usize) -> Vec<u8> {
    let mut code = [0x02, 0x40].repeat(depth);
    code.extend([0x20, 0, 0x0d, 0]);
    code.extend([0x0b].repeat(depth));
    code.extend([0x20, 0, 0x0b]);
    with_body(&[0], &code)
}

/// Nested loops with results: `loop (result i32) ... end`.
pub(crate) fn nested_loops(depth: usize) -> Vec<u8> {
    let mut code = [0x03, 0x7f].repeat(depth);
    code.extend([0x20, 0]);
    code.extend([0x0b].repeat(depth));
    code.push(0x0b);
    with_body(&[0], &code)
}

/// Nested `if`s, each with an `else`.
pub(crate) fn nested_ifs(depth: usize) -> Vec<u8> {
    with_body(&[0], &bytes::nested_ifs(depth))
}

/// A sequence of blocks, each left by a `br_if`.
pub(crate) fn many_blocks(count: usize) -> Vec<u8> {
    let mut code = [0x02, 0x40, 0x20, 0, 0x0d, 0, 0x0b].repeat(count);
    code.extend([0x20, 0, 0x0b]);
    with_body(&[0], &code)
}

/// Many `local.get` of a parameter, then a `local.set` of it, then additions.
pub(crate) fn high_stack(height: usize) -> Vec<u8> {
    let mut code = [0x20, 0].repeat(height);
    code.extend([0x41, 0, 0x21, 0]);
    code.extend([0x6a].repeat(height - 1));
    code.push(0x0b);
    with_body(&[0], &code)
}

/// Branches out of one block, which are all patched at its end.
pub(crate) fn many_branches(count: usize) -> Vec<u8> {
    let mut code = vec![0x02, 0x40];
    code.extend([0x20, 0, 0x0d, 0].repeat(count));
    code.extend([0x0b, 0x20, 0, 0x0b]);
    with_body(&[0], &code)
}

/// Many locals, many of them set while they are on the operand stack.
pub(crate) fn set_while_read(count: usize) -> Vec<u8> {
    let mut code = Vec::new();
    for _ in 0..count {
        code.extend([0x20, 0, 0x20, 0, 0x41, 1, 0x6a, 0x21, 0, 0x1a]);
    }
    code.extend([0x20, 0, 0x0b]);
    with_body(&[0], &code)
}

/// Leftover operands in unreachable code.
pub(crate) fn unreachable_code(count: usize) -> Vec<u8> {
    let mut code = vec![0x20, 0, 0x0f];
    code.extend([0x6a, 0x1a, 0x02, 0x40, 0x00, 0x6a, 0x1a, 0x0b].repeat(count));
    code.push(0x0b);
    with_body(&[0], &code)
}

/// A function `(i32) -> (i32)`, with a second type of a block that returns a thousand i32.
pub(crate) fn with_thousand_results(code: &[u8]) -> Vec<u8> {
    let types = [vec![2, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0], leb(1000), vec![0x7f; 1000]].concat();
    with_func(&types, &[0], code)
}
