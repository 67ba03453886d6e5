//! Modules made to be expensive: with few bytes, each asks for much.

use crate::bytes::{br_table, leb, many_functions, module, nested_ifs, section, with_func};

/// A kind of bomb.
#[derive(Debug)]
pub struct Bomb {
    /// The name of the kind.
    pub name: &'static str,
    /// The contents of the module at full size.
    pub what: &'static str,
    generate: fn(usize) -> Vec<u8>,
    size: usize,
}

impl Bomb {
    /// Returns the module at a fraction of its full size: one of `part` parts.
    #[must_use]
    pub fn wasm(&self, part: usize) -> Vec<u8> {
        (self.generate)((self.size / part).max(1))
    }
}

/// The most values on the operand stack: a frame has at most 65,535 cells in Wasmote.
const HIGH: usize = 60_000;

/// The bombs.
pub const BOMBS: [Bomb; 18] = [
    Bomb {
        name: "br_table",
        what: "1,000,000 targets of one `br_table`",
        generate: |size| with_body(&[0], &br_table(size), 0),
        size: 1_000_000,
    },
    Bomb {
        name: "locals_blocks",
        what: "50,000 locals, all set, and 10,000 blocks that set two",
        generate: |size| locals_and_blocks(5 * size, size),
        size: 10_000,
    },
    Bomb {
        name: "live_locals",
        what: "20,000 locals on the operand stack, 100,000 blocks that set one",
        generate: |size| live_locals(size / 5, size),
        size: 100_000,
    },
    Bomb { name: "functions", what: "1,000,000 empty functions", generate: many_functions, size: 1_000_000 },
    Bomb { name: "blocks", what: "1 MB of nested blocks", generate: blocks, size: 350_000 },
    Bomb {
        name: "ifs",
        what: "150,000 nested `if`s with results",
        generate: |size| with_body(&[0], &nested_ifs(size), 0),
        size: 150_000,
    },
    Bomb {
        name: "operands_br_if",
        what: "60,000 operands below 100,000 blocks with `br_if` in a loop",
        generate: |size| operands(HIGH, size),
        size: 100_000,
    },
    Bomb {
        name: "thousand_values",
        what: "100,000 calls that take and return 1,000 values",
        generate: thousand_values,
        size: 100_000,
    },
    Bomb {
        name: "thousand_br_if",
        what: "100,000 `br_if` that carry 1,000 values",
        generate: thousand_branches,
        size: 100_000,
    },
    Bomb {
        name: "get_set",
        what: "60,000 `local.get` of a local, then 200,000 times `local.set` and `local.get` of it",
        generate: |size| get_set(HIGH, size),
        size: 200_000,
    },
    Bomb {
        name: "loops_br_table",
        what: "1,000 nested loops, in each a `br_table` to all enclosing labels",
        generate: loops,
        size: 1000,
    },
    Bomb {
        name: "unreachable_br_table",
        what: "200,000 targets that carry 1,000 values, in unreachable code",
        generate: |size| unreachable(&targets(1, size), &[]),
        size: 200_000,
    },
    Bomb {
        name: "unreachable_br_table_operands",
        what: "200,000 targets that carry 1,000 values of three types, on 1,000 operands of unknown types",
        generate: |size| unreachable(&targets(3, size), &unknown_operands()),
        size: 200_000,
    },
    Bomb {
        name: "unreachable_calls",
        what: "100,000 calls that take and return 1,000 values, in unreachable code",
        generate: |size| unreachable(&[0x10, 1].repeat(size), &[]),
        size: 100_000,
    },
    Bomb {
        name: "unreachable_blocks",
        what: "100,000 blocks that take and return 1,000 values, in unreachable code",
        generate: |size| unreachable(&[0x02, 3, 0x0b].repeat(size), &[]),
        size: 100_000,
    },
    Bomb {
        name: "unreachable_br_if",
        what: "100,000 `br_if` that carry 1,000 values, in unreachable code",
        generate: |size| unreachable(&[0x41, 0, 0x0d, 0].repeat(size), &[]),
        size: 100_000,
    },
    Bomb {
        name: "thousand_blocks",
        what: "100,000 blocks that take and return 1,000 values",
        generate: |size| with_thousand_types([[0x41, 1].repeat(1000), [0x02, 3, 0x0b].repeat(size)].concat()),
        size: 100_000,
    },
    Bomb { name: "constants", what: "200,000 different constants added up", generate: constants, size: 200_000 },
];

/// Returns a module with one function of type `(i32) -> (i32)`. A second type takes `second_params` i32 and returns
/// a thousand.
fn with_body(locals: &[u8], code: &[u8], second_params: usize) -> Vec<u8> {
    let list = |count: usize| [leb(count as u64), vec![0x7f; count]].concat();
    let types = [vec![2, 0x60, 1, 0x7f, 1, 0x7f, 0x60], list(second_params), list(1000)].concat();
    with_func(&types, locals, code)
}

/// Returns a module with a function of type `(i32) -> (i32)` and one that takes and returns 1,000 values. The first one
/// does `code` in unreachable code, in three blocks with 1,000 results of three types.
fn unreachable(code: &[u8], operands: &[u8]) -> Vec<u8> {
    let blocks = [0x02, 0, 0x02, 1, 0x02, 2, 0x00];
    let leave = [0x00, 0x0b];
    with_thousand_types([&blocks[..], operands, code, &leave, &leave, &leave, &[0x00]].concat())
}

/// Returns a module with a function whose type has 1,000 results and which has this code, and one that takes and returns 1,000
/// values. Types 0 to 2 have 1,000 results and differ in the first one, type 3 takes and returns as many.
fn with_thousand_types(code: Vec<u8>) -> Vec<u8> {
    let list = |first: u8| [leb(1000), vec![first], vec![0x7f; 999]].concat();
    let results = |first: u8| [vec![0x60, 0], list(first)].concat();
    let both = [vec![0x60], list(0x7f), list(0x7f)].concat();
    let types = [vec![4], results(0x7f), results(0x7e), results(0x7d), both].concat();
    let body = |code: Vec<u8>| {
        let body = [vec![0], code, vec![0x0b]].concat();
        [leb(body.len() as u64), body].concat()
    };
    let bodies = [vec![2], body(code), body(vec![0x00])].concat();
    module(&[section(1, &types), section(3, &[2, 0, 3]), section(10, &bodies)])
}

/// A thousand operands of unknown types.
fn unknown_operands() -> Vec<u8> {
    [0x00].into_iter().chain([0xd1, 0x1a].repeat(0)).chain([0x41, 0, 0x1b].repeat(1000)).collect()
}

/// `br_table` to `kinds` labels in turn.
fn targets(kinds: usize, size: usize) -> Vec<u8> {
    let labels = (0..=size).map(|i| (i % kinds) as u8);
    [vec![0x0e], leb(size as u64), labels.collect()].concat()
}

/// `block (br_if 0 (local.get 0)) (local.set l (local.get m)) (local.set m (local.get l)) end`, over all locals.
fn locals_and_blocks(locals: usize, blocks: usize) -> Vec<u8> {
    // A function has at most 50,000, its parameter included.
    let locals = locals as u64 - 1;
    let mut code = Vec::new();
    for i in 1..=locals {
        code.extend([&[0x20, 0, 0x21][..], &leb(i)].concat());
    }
    for i in 0..blocks as u64 {
        let (one, other) = (leb(1 + i % locals), leb(1 + (i * 7919 + 3) % locals));
        code.extend([0x02, 0x40, 0x20, 0, 0x0d, 0]);
        code.extend([&[0x20][..], &one, &[0x21], &other, &[0x20], &other, &[0x21], &one, &[0x0b]].concat());
    }
    code.extend([0x20, 0, 0x0b]);
    with_body(&[vec![1], leb(locals), vec![0x7f]].concat(), &code, 0)
}

/// Keeps all locals on the operand stack while blocks set one of them after the other.
fn live_locals(locals: usize, blocks: usize) -> Vec<u8> {
    let locals = locals.max(2) as u64;
    let mut code = Vec::new();
    for i in 1..=locals {
        code.push(0x20);
        code.extend(leb(i));
    }
    for i in 0..blocks as u64 {
        code.extend([0x02, 0x40, 0x20, 0, 0x0d, 0, 0x41, 1, 0x21]);
        code.extend(leb(1 + i % locals));
        code.push(0x0b);
    }
    code.extend([0x6a].repeat(locals as usize - 1));
    code.push(0x0b);
    with_body(&[vec![1], leb(locals), vec![0x7f]].concat(), &code, 0)
}

fn blocks(depth: usize) -> Vec<u8> {
    let mut code = [0x02, 0x40].repeat(depth);
    code.extend([0x0b].repeat(depth));
    code.extend([0x20, 0, 0x0b]);
    with_body(&[0], &code, 0)
}

/// Keeps operands on the stack below a loop with blocks.
fn operands(height: usize, blocks: usize) -> Vec<u8> {
    let mut code = [0x41, 1, 0x20, 0, 0x6a].repeat(height / 2);
    code.extend([0x20, 0].repeat(height / 2));
    code.extend([0x03, 0x40]);
    code.extend([0x02, 0x40, 0x20, 0, 0x0d, 0, 0x20, 0, 0x0d, 1, 0x0b].repeat(blocks));
    code.push(0x0b);
    code.extend([0x6a].repeat(height / 2 * 2 - 1));
    code.push(0x0b);
    with_body(&[0], &code, 0)
}

/// Two functions. The first passes the results of the second back to it again and again.
fn thousand_values(calls: usize) -> Vec<u8> {
    let list = [leb(1000), vec![0x7f; 1000]].concat();
    let types = [vec![1, 0x60], list.clone(), list].concat();
    let gets: Vec<u8> = (0..1000_u64).flat_map(|i| [vec![0x20], leb(i)].concat()).collect();
    let first = [vec![0], gets.clone(), [0x10, 1].repeat(calls), vec![0x0b]].concat();
    let second = [vec![0], gets, vec![0x0b]].concat();
    let bodies = [leb(2), leb(first.len() as u64), first, leb(second.len() as u64), second].concat();
    module(&[section(1, &types), section(3, &[2, 0, 0]), section(10, &bodies)])
}

fn thousand_branches(count: usize) -> Vec<u8> {
    let mut code = [0x20, 0].repeat(1000);
    code.extend([0x02, 1]);
    code.extend([0x20, 0, 0x0d, 0].repeat(count));
    code.push(0x0b);
    code.extend([0x1a].repeat(999));
    code.push(0x0b);
    with_body(&[0], &code, 1000)
}

fn get_set(height: usize, sets: usize) -> Vec<u8> {
    let mut code = [0x20, 0].repeat(height);
    code.extend([0x41, 0, 0x21, 0, 0x20, 0, 0x1a].repeat(sets));
    code.extend([0x6a].repeat(height - 1));
    code.push(0x0b);
    with_body(&[0], &code, 0)
}

/// Nests `block loop block (br_table of all labels but the innermost) end ... end end`.
fn loops(depth: usize) -> Vec<u8> {
    let mut code = Vec::new();
    for level in 0..depth as u64 {
        code.extend([0x02, 0x40, 0x03, 0x40, 0x02, 0x40, 0x20, 0, 0x0e]);
        code.extend(leb(2 * level + 2));
        code.extend((1..=2 * level + 2).flat_map(leb));
        code.extend(leb(0));
        code.push(0x0b);
    }
    code.extend(vec![0x0b; 2 * depth]);
    code.extend([0x20, 0, 0x0b]);
    with_body(&[0], &code, 0)
}

fn constants(count: usize) -> Vec<u8> {
    let mut code = vec![0x42, 0];
    for i in 0..count as u64 {
        code.push(0x42);
        code.extend(leb(i * 0x1_0001 % (1 << 40)));
        code.push(0x7c);
    }
    code.extend([0x1a, 0x20, 0, 0x0b]);
    with_body(&[0], &code, 0)
}
