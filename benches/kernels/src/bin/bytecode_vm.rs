//! An interpreter of bytecode for a stack machine (a `br_table` in a loop), which counts the primes up to `n`.

#![no_std]
#![no_main]

use core::hint::black_box;
use wasmote_kernels::mix;

const HALT: u8 = 0;
const PUSH: u8 = 1;
const LOAD: u8 = 2;
const STORE: u8 = 3;
const ADD: u8 = 4;
const SUB: u8 = 5;
const MUL: u8 = 6;
const REM: u8 = 7;
const LESS: u8 = 8;
const EQUAL: u8 = 9;
const JUMP: u8 = 10;
const JUMP_IF_ZERO: u8 = 11;
const DUP: u8 = 12;
const XOR: u8 = 13;
const SHIFT_LEFT: u8 = 14;
const INC: u8 = 15;

// Variables of the program.
const LIMIT: u8 = 0;
const CANDIDATE: u8 = 1;
const DIVISOR: u8 = 2;
const COUNT: u8 = 3;
const HASH: u8 = 4;

/// For each candidate from 2 below the limit: tries all divisors up to the root; counts and hashes primes.
static PROGRAM: &[u8] = &[
    PUSH,
    2,
    STORE,
    CANDIDATE, // 0
    // 4: while candidate < limit
    LOAD,
    CANDIDATE,
    LOAD,
    LIMIT,
    LESS,
    JUMP_IF_ZERO,
    68, // 4
    PUSH,
    2,
    STORE,
    DIVISOR, // 11
    // 15: while !(candidate < divisor * divisor)
    LOAD,
    CANDIDATE,
    LOAD,
    DIVISOR,
    DUP,
    MUL,
    LESS,
    PUSH,
    0,
    EQUAL,
    JUMP_IF_ZERO,
    43, // 15
    // 27: a remainder of zero: not a prime
    LOAD,
    CANDIDATE,
    LOAD,
    DIVISOR,
    REM,
    PUSH,
    0,
    EQUAL,
    JUMP_IF_ZERO,
    39, // 27
    JUMP,
    64, // 37
    // 39: the next divisor
    INC,
    DIVISOR,
    JUMP,
    15, // 39
    // 43: a prime
    LOAD,
    COUNT,
    PUSH,
    1,
    ADD,
    STORE,
    COUNT, // 43
    LOAD,
    HASH,
    DUP,
    PUSH,
    5,
    SHIFT_LEFT,
    XOR,
    LOAD,
    CANDIDATE,
    SUB,
    STORE,
    HASH, // 50
    JUMP,
    64, // 62
    // 64: the next candidate
    INC,
    CANDIDATE,
    JUMP,
    4, // 64
    // 68
    HALT,
];

fn execute(program: &[u8], limit: u32) -> [u32; 8] {
    let mut variables = [0u32; 8];
    variables[usize::from(LIMIT)] = limit;
    let mut stack = [0u32; 16];
    let mut top = 0usize;
    let mut pc = 0;
    macro_rules! binary {
        ($f:expr) => {{
            let (a, b) = (stack[(top - 1) & 15], stack[top & 15]);
            top -= 1;
            let f: fn(u32, u32) -> u32 = $f;
            stack[top & 15] = f(a, b);
        }};
    }
    loop {
        let op = program[pc];
        pc += 1;
        match op {
            PUSH => {
                top += 1;
                stack[top & 15] = u32::from(program[pc]);
                pc += 1;
            }
            LOAD => {
                top += 1;
                stack[top & 15] = variables[usize::from(program[pc] & 7)];
                pc += 1;
            }
            STORE => {
                variables[usize::from(program[pc] & 7)] = stack[top & 15];
                top -= 1;
                pc += 1;
            }
            ADD => binary!(|a, b| a.wrapping_add(b)),
            SUB => binary!(|a, b| a.wrapping_sub(b)),
            MUL => binary!(|a, b| a.wrapping_mul(b)),
            REM => binary!(|a, b| a.checked_rem(b).unwrap_or(0)),
            LESS => binary!(|a, b| u32::from(a < b)),
            EQUAL => binary!(|a, b| u32::from(a == b)),
            JUMP => pc = usize::from(program[pc]),
            JUMP_IF_ZERO => {
                let zero = stack[top & 15] == 0;
                top -= 1;
                pc = if zero { usize::from(program[pc]) } else { pc + 1 };
            }
            DUP => {
                top += 1;
                stack[top & 15] = stack[(top - 1) & 15];
            }
            XOR => binary!(|a, b| a ^ b),
            SHIFT_LEFT => binary!(|a, b| a << (b & 31)),
            INC => {
                let variable = &mut variables[usize::from(program[pc] & 7)];
                *variable = variable.wrapping_add(1);
                pc += 1;
            }
            _ => return variables,
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i64 {
    let variables = execute(black_box(PROGRAM), n as u32);
    variables.iter().fold(0, |sum, &value| mix(sum, u64::from(value))) as i64
}
