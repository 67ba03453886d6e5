//! Modules of nested expressions, as compilers emit them.
//!
//! They are dense in operators that the translator fuses, and in values that it keeps in accumulators. Entirely random
//! modules rarely have either.

use std::fmt::Write as _;

use crate::{Random, vectors};

/// Types of numbers and vectors.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    I32,
    I64,
    F32,
    F64,
    V128,
}
use Type::{F32, F64, I32, I64, V128};

const TYPES: [Type; 5] = [I32, I64, F32, F64, V128];

impl Type {
    fn name(self) -> &'static str {
        match self {
            I32 => "i32",
            I64 => "i64",
            F32 => "f32",
            F64 => "f64",
            V128 => "v128",
        }
    }
}

const INT_BINARY: [&str; 11] = ["add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl", "rotr"];
const INT_UNARY: [&str; 5] = ["clz", "ctz", "popcnt", "extend8_s", "extend16_s"];
const INT_COMPARE: [&str; 10] = ["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"];
const INT_DIVIDE: [&str; 4] = ["div_s", "div_u", "rem_s", "rem_u"];
const FLOAT_BINARY: [&str; 6] = ["add", "sub", "mul", "div", "min", "max"];
const FLOAT_UNARY: [&str; 7] = ["abs", "neg", "sqrt", "ceil", "floor", "trunc", "nearest"];
const FLOAT_COMPARE: [&str; 6] = ["eq", "ne", "lt", "gt", "le", "ge"];

/// The number of locals of each type, in each function.
const LOCALS: u64 = 3;

struct Writer {
    random: Random,
    /// The number of open loops; each has a counter
    loops: u64,
    /// The budget of further expressions and statements
    budget: u32,
}

/// Returns the text of a module whose functions have parameters and a result of each type.
#[must_use]
pub fn generate(seed: u64) -> String {
    let mut writer = Writer { random: Random(seed ^ 0x6a09_e667_f3bc_c908), loops: 0, budget: 0 };
    writer.module()
}

impl Writer {
    fn one_of<'a>(&mut self, names: &[&'a str]) -> &'a str {
        names[self.random.below(names.len() as u64) as usize]
    }

    fn module(&mut self) -> String {
        let mut text = String::from("(module (memory (export \"memory\") 1)\n");
        let bytes: String = (0..256).fold(String::new(), |mut bytes, _| {
            write!(bytes, "\\{:02x}", self.random.number() as u8).unwrap();
            bytes
        });
        writeln!(text, "(data (i32.const 0) \"{bytes}\")").unwrap();
        for ty in TYPES {
            let name = ty.name();
            let value = self.constant(ty);
            writeln!(text, "(global $g_{name} (export \"g_{name}\") (mut {name}) {value})").unwrap();
            writeln!(text, "(func $same_{name} (param {name}) (result {name}) (local.get 0))").unwrap();
        }
        // The sign and the bits of a NaN are nondeterministic.
        for ty in [F32, F64] {
            let name = ty.name();
            writeln!(
                text,
                "(func $number_{name} (param {name}) (result {name})
                  (if (result {name}) ({name}.eq (local.get 0) (local.get 0)) (then (local.get 0)) (else ({name}.const 7))))"
            )
            .unwrap();
        }
        for lanes in ["f32x4", "f64x2"] {
            writeln!(
                text,
                "(func $numbers_{lanes} (param v128) (result v128)
                  (v128.and (local.get 0) ({lanes}.eq (local.get 0) (local.get 0))))"
            )
            .unwrap();
        }
        for func in 0..4 {
            self.budget = [60, 250, 1000][self.random.below(3) as usize];
            let ty = TYPES[self.random.below(5) as usize];
            let statements = self.statements(3);
            let result = self.number(ty, 5);
            let name = ty.name();
            write!(text, "(func (export \"{func}\")").unwrap();
            for ty in TYPES {
                write!(text, " (param $p_{0} {0})", ty.name()).unwrap();
            }
            writeln!(text, " (result {name})").unwrap();
            for ty in TYPES {
                let name = ty.name();
                for local in 1..LOCALS {
                    write!(text, "(local ${local}_{name} {name})").unwrap();
                }
            }
            writeln!(text, "(local $count_0 i32) (local $count_1 i32) (local $count_2 i32)\n{statements}{result})")
                .unwrap();
        }
        text.push(')');
        text
    }

    /// Two operands: both nested, or one nested and one a local or a constant.
    fn two(&mut self, ty: Type, depth: u32) -> (String, String) {
        let (one, other) = match self.random.below(4) {
            0 => (depth, depth),
            1 => (0, depth),
            _ => (depth, 0),
        };
        (self.expression(ty, one), self.expression(ty, other))
    }

    fn local(&mut self, ty: Type) -> String {
        match self.random.below(LOCALS) {
            0 => format!("$p_{}", ty.name()),
            local => format!("${local}_{}", ty.name()),
        }
    }

    fn constant(&mut self, ty: Type) -> String {
        match ty {
            I32 => format!("(i32.const {})", self.random.integer() as i32),
            I64 => format!("(i64.const {})", self.random.integer() as i64),
            F32 => format!("(f32.const {})", float_text(f64::from(self.random.float() as f32), f64::from(f32::MAX))),
            F64 => format!("(f64.const {})", float_text(self.random.float(), f64::MAX)),
            V128 => {
                let (low, high) = (self.random.integer() as i64, self.random.integer() as i64);
                format!("(v128.const i64x2 {low} {high})")
            }
        }
    }

    /// An address that is usually inside the memory.
    fn address(&mut self, depth: u32) -> String {
        let expression = self.expression(I32, depth);
        match self.random.below(16) {
            0 => expression,
            1..6 => format!("(i32.and {expression} (i32.const 255))"),
            6..9 => {
                let base = self.expression(I32, 0);
                format!("(i32.add (i32.and {expression} (i32.const 127)) (i32.and {base} (i32.const 63)))")
            }
            9..12 => format!("(i32.add (i32.and {expression} (i32.const 127)) (i32.const {}))", self.random.below(40)),
            _ => format!("(i32.shl (i32.and {expression} (i32.const 31)) (i32.const 2))"),
        }
    }

    fn offset(&mut self) -> String {
        match self.random.below(3) {
            0 => String::new(),
            _ => format!("offset={} ", self.random.below(100)),
        }
    }

    fn load(&mut self, ty: Type, depth: u32) -> String {
        let width = match ty {
            I32 => self.one_of(&["", "", "8_s", "8_u", "16_s", "16_u"]),
            I64 => self.one_of(&["", "", "8_s", "8_u", "16_s", "16_u", "32_s", "32_u"]),
            F32 | F64 => "",
            V128 => self.one_of(&vectors::LOADS),
        };
        let (offset, address) = (self.offset(), self.address(depth));
        let load = format!("({}.load{width} {offset}{address})", ty.name());
        if matches!(ty, F32 | F64) { format!("(call $number_{} {load})", ty.name()) } else { load }
    }

    /// A condition.
    fn condition(&mut self, depth: u32) -> String {
        let ty = TYPES[self.random.below(5) as usize];
        match (self.random.below(6), ty) {
            (0, _) => format!("(local.get {})", self.local(I32)),
            (1, _) => format!("(i32.and {} {})", self.expression(I32, depth), self.constant(I32)),
            (2, I32 | I64) => {
                let name = ty.name();
                let tested = format!("({name}.and {} {})", self.expression(ty, depth), self.expression(ty, 0));
                format!("({name}.ne {tested} ({name}.const 0))")
            }
            (_, I32 | I64) => {
                let compare = self.one_of(&INT_COMPARE);
                let (one, other) = self.two(ty, depth);
                format!("({}.{compare} {one} {other})", ty.name())
            }
            (_, V128) => {
                let test = self.one_of(&vectors::TESTS);
                format!("({test} {})", self.expression(V128, depth))
            }
            (_, F32 | F64) => {
                let compare = self.one_of(&FLOAT_COMPARE);
                let (one, other) = self.two(ty, depth);
                format!("({}.{compare} {one} {other})", ty.name())
            }
        }
    }

    /// A condition, or the opposite of one.
    fn test(&mut self, depth: u32) -> String {
        let condition = self.condition(depth);
        if self.random.below(4) == 0 { format!("(i32.eqz {condition})") } else { condition }
    }

    /// Like `expression`, but never NaN.
    fn number(&mut self, ty: Type, depth: u32) -> String {
        let value = self.expression(ty, depth);
        match ty {
            I32 | I64 | V128 => value,
            F32 | F64 => format!("(call $number_{} {value})", ty.name()),
        }
    }

    fn expression(&mut self, ty: Type, depth: u32) -> String {
        let name = ty.name();
        self.budget = self.budget.saturating_sub(1);
        if depth == 0 || self.budget == 0 {
            return match self.random.below(8) {
                0..4 => format!("(local.get {})", self.local(ty)),
                4 => format!("(global.get $g_{name})"),
                _ => self.constant(ty),
            };
        }
        let below = depth - 1;
        if ty == V128 && self.random.below(3) > 0 {
            return self.vector(below);
        }
        match self.random.below(24) {
            0 => format!("(local.get {})", self.local(ty)),
            1 => format!("(call $same_{name} {})", self.expression(ty, below)),
            2 => {
                let value = self.expression(ty, below);
                format!("(local.tee {} {value})", self.local(ty))
            }
            3 => {
                let (one, other) = self.two(ty, below);
                // The peer turns a comparison with zero into an `eqz` too, and then selects wrongly.
                format!("(select {one} {other} (i32.and {} (i32.const 1)))", self.condition(below))
            }
            4 => {
                let condition = self.test(below);
                let (one, other) = self.two(ty, below);
                format!("(if (result {name}) {condition} (then {one}) (else {other}))")
            }
            5 => {
                let (value, condition) = (self.expression(ty, below), self.test(below));
                format!("(block (result {name}) (drop (br_if 0 {value} {condition})) {})", self.expression(ty, below))
            }
            6 | 7 => self.load(ty, below),
            8 => self.conversion(ty, below),
            9 => {
                let unary = match ty {
                    I32 | I64 => self.one_of(&INT_UNARY),
                    F32 | F64 => self.one_of(&FLOAT_UNARY),
                    V128 => return self.vector(below),
                };
                format!("({name}.{unary} {})", self.expression(ty, below))
            }
            10 if ty == I32 => {
                let tested = if self.random.below(2) == 0 { I32 } else { I64 };
                format!("({}.eqz {})", tested.name(), self.expression(tested, below))
            }
            11 if ty == I32 => self.condition(below),
            10 | 11 if ty == I64 => format!("(i64.extend_i32_u {})", self.condition(below)),
            12 if matches!(ty, I32 | I64) && self.random.below(3) == 0 => {
                let divide = self.one_of(&INT_DIVIDE);
                let (one, other) = self.two(ty, below);
                format!("({name}.{divide} {one} ({name}.or {other} ({name}.const 1)))")
            }
            13 if matches!(ty, F32 | F64) => {
                let (one, other) = (self.expression(ty, below), self.number(ty, below));
                format!("({name}.copysign {one} {other})")
            }
            _ => {
                let binary = match ty {
                    I32 | I64 => self.one_of(&INT_BINARY),
                    F32 | F64 => self.one_of(&FLOAT_BINARY),
                    V128 => return self.vector(below),
                };
                let (one, other) = self.two(ty, below);
                format!("({name}.{binary} {one} {other})")
            }
        }
    }

    /// An operator that computes a vector.
    fn vector(&mut self, depth: u32) -> String {
        match self.random.below(12) {
            0 | 1 => {
                let unary = self.one_of(&vectors::UNARY);
                format!("({unary} {})", self.expression(V128, depth))
            }
            2 => {
                let (lanes, shift) = (self.one_of(&vectors::INTEGER_LANES), self.one_of(&vectors::SHIFTS));
                format!("({lanes}.{shift} {} {})", self.expression(V128, depth), self.expression(I32, depth))
            }
            3 if self.random.below(3) == 0 => {
                let (lanes, unary) = vectors::UNARY_OF_FLOATS[self.random.below(12) as usize];
                format!("(call $numbers_{lanes} ({unary} {}))", self.expression(V128, depth))
            }
            3 => {
                let (lanes, binary) = (self.one_of(&["f32x4", "f64x2"]), self.one_of(&vectors::BINARY_OF_FLOATS));
                let (one, other) = self.two(V128, depth);
                format!("(call $numbers_{lanes} ({lanes}.{binary} {one} {other}))")
            }
            4 => {
                let (one, other) = self.two(V128, depth);
                format!("(v128.bitselect {one} {other} {})", self.expression(V128, depth))
            }
            5 => {
                let (one, other) = self.two(V128, depth);
                let lanes: Vec<_> = (0..16).map(|_| self.random.below(32).to_string()).collect();
                format!("(i8x16.shuffle {} {one} {other})", lanes.join(" "))
            }
            6 => {
                let (vector, (lanes, count, ty)) = (self.expression(V128, depth), self.lanes());
                let lane = self.random.below(count);
                format!("({lanes}.replace_lane {lane} {vector} {})", self.number(ty, depth))
            }
            7 => {
                let ((bits, count), offset) = (vectors::LANES[self.random.below(4) as usize], self.offset());
                let (lane, address) = (self.random.below(count), self.address(depth));
                format!("(v128.load{bits}_lane {offset}{lane} {address} {})", self.expression(V128, depth))
            }
            _ => {
                let (lanes, binaries) = vectors::BINARY[self.random.below(7) as usize];
                let (binary, (one, other)) = (self.one_of(binaries), self.two(V128, depth));
                format!("({lanes}.{binary} {one} {other})")
            }
        }
    }

    /// Lanes, their number, and the type of their values.
    fn lanes(&mut self) -> (&'static str, u64, Type) {
        const LANES: [(&str, u64, Type); 6] = [
            ("i8x16", 16, I32),
            ("i16x8", 8, I32),
            ("i32x4", 4, I32),
            ("i64x2", 2, I64),
            ("f32x4", 4, F32),
            ("f64x2", 2, F64),
        ];
        LANES[self.random.below(6) as usize]
    }

    /// A lane of a vector.
    fn lane(&mut self, ty: Type, depth: u32) -> String {
        let (lanes, count) = match ty {
            I32 => [("i8x16", 16), ("i16x8", 8), ("i32x4", 4)][self.random.below(3) as usize],
            I64 => ("i64x2", 2),
            F32 => ("f32x4", 4),
            F64 | V128 => ("f64x2", 2),
        };
        let sign = if count > 4 { self.one_of(&["_s", "_u"]) } else { "" };
        let lane = self.random.below(count);
        format!("({lanes}.extract_lane{sign} {lane} {})", self.expression(V128, depth))
    }

    /// Converts a value of another type to this type.
    fn conversion(&mut self, ty: Type, depth: u32) -> String {
        if ty == V128 {
            let (lanes, _, from) = self.lanes();
            return format!("({lanes}.splat {})", self.number(from, depth));
        }
        let (operator, from) = match (ty, self.random.below(5)) {
            (_, 4) | (V128, _) => return self.lane(ty, depth),
            (I32, 0 | 1) => ("i32.wrap_i64", I64),
            (I32, 2) => ("i32.trunc_sat_f64_s", F64),
            (I32, _) => ("i32.trunc_sat_f32_u", F32),
            (I64, 0) => ("i64.extend_i32_s", I32),
            (I64, 1 | 2) => ("i64.extend_i32_u", I32),
            (I64, _) => ("i64.trunc_sat_f64_u", F64),
            (F32, 0) => ("f32.convert_i32_s", I32),
            (F32, 1) => ("f32.convert_i64_u", I64),
            (F32, _) => ("f32.demote_f64", F64),
            (F64, 0) => ("f64.convert_i32_u", I32),
            (F64, 1) => ("f64.convert_i64_s", I64),
            (F64, _) => ("f64.promote_f32", F32),
        };
        format!("({operator} {})", self.expression(from, depth))
    }

    fn statements(&mut self, depth: u32) -> String {
        let mut text = String::new();
        for _ in 0..=self.random.below(5) {
            if self.budget > 0 {
                writeln!(text, "{}", self.statement(depth)).unwrap();
            }
        }
        text
    }

    fn statement(&mut self, depth: u32) -> String {
        self.budget = self.budget.saturating_sub(1);
        let ty = TYPES[self.random.below(5) as usize];
        match self.random.below(if depth == 0 { 8 } else { 14 }) {
            0..4 => {
                let depth = 2 + self.random.below(4) as u32;
                let value = self.expression(ty, depth);
                format!("(local.set {} {value})", self.local(ty))
            }
            4 => format!("(global.set $g_{} {})", ty.name(), self.number(ty, 3)),
            5 => format!("(drop {})", self.expression(ty, 3)),
            6 | 7 => {
                let width = match ty {
                    I32 => self.one_of(&["", "", "8", "16"]),
                    I64 => self.one_of(&["", "", "8", "16", "32"]),
                    F32 | F64 | V128 => "",
                };
                let (offset, address) = (self.offset(), self.address(2));
                if ty == V128 && self.random.below(2) == 0 {
                    let (bits, count) = vectors::LANES[self.random.below(4) as usize];
                    let lane = self.random.below(count);
                    return format!("(v128.store{bits}_lane {offset}{lane} {address} {})", self.expression(V128, 3));
                }
                format!("({}.store{width} {offset}{address} {})", ty.name(), self.number(ty, 3))
            }
            8 | 9 => {
                let (condition, arm) = (self.test(2), self.statements(depth - 1));
                let other = if self.random.below(2) == 0 { self.statements(depth - 1) } else { String::new() };
                format!("(if {condition} (then {arm}) (else {other}))")
            }
            10 => {
                let (before, condition) = (self.statements(depth - 1), self.test(2));
                format!("(block {before} (br_if 0 {condition}) {})", self.statements(depth - 1))
            }
            _ => self.counted_loop(depth),
        }
    }

    /// A loop that counts down or up. It ends, since nothing else writes its counter.
    fn counted_loop(&mut self, depth: u32) -> String {
        if self.loops == 3 {
            return String::new();
        }
        let counter = format!("$count_{}", self.loops);
        self.loops += 1;
        let body = self.statements(depth - 1);
        self.loops -= 1;
        let rounds = 1 + self.random.below(6);
        match self.random.below(4) {
            0 => format!(
                "(local.set {counter} (i32.const {rounds})) (loop {body}
                   (br_if 0 (local.tee {counter} (i32.sub (local.get {counter}) (i32.const 1)))))"
            ),
            1 => format!(
                "(local.set {counter} (i32.const 0)) (loop {body}
                   (local.set {counter} (i32.add (local.get {counter}) (i32.const 2)))
                   (br_if 0 (i32.lt_u (local.get {counter}) (i32.const {rounds}))))"
            ),
            2 => format!(
                "(local.set {counter} (i32.const 0)) (loop {body}
                   (br_if 0 (i32.ne (local.tee {counter} (i32.add (local.get {counter}) (i32.const 1))) (i32.const {rounds}))))"
            ),
            _ => format!(
                "(local.set {counter} (i32.const 0)) (block (loop
                   (br_if 1 (i32.ge_s (local.get {counter}) (i32.const {rounds})))
                   {body} (local.set {counter} (i32.add (local.get {counter}) (i32.const 1))) (br 0)))"
            ),
        }
    }
}

/// A float that the text format has a name for.
fn float_text(value: f64, max: f64) -> String {
    match value {
        _ if value.is_nan() => "nan".into(),
        _ if value > max => "inf".into(),
        _ if value < -max => "-inf".into(),
        _ => format!("{value:?}"),
    }
}
