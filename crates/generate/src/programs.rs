//! Modules of functions that call each other, with operands that wait on the stack while statements run.
//!
//! They are dense in what decides where the translator keeps a value: locals that change while an older value of them is
//! on the stack, blocks and loops that take and return several values, branches that carry some of them, calls of all
//! kinds with vectors among the arguments. All of them end: functions and loops count down a global.

use crate::Random;

/// Types of values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    I32,
    I64,
    F32,
    F64,
    V128,
    Func,
}
use Type::{F32, F64, Func, I32, I64, V128};

const NUMBERS: [Type; 5] = [I32, I64, F32, F64, V128];
const TYPES: [Type; 6] = [I32, I64, F32, F64, V128, Func];

impl Type {
    fn name(self) -> &'static str {
        match self {
            I32 => "i32",
            I64 => "i64",
            F32 => "f32",
            F64 => "f64",
            V128 => "v128",
            Func => "funcref",
        }
    }
}

/// A function type.
#[derive(Clone)]
struct Signature {
    params: Vec<Type>,
    results: Vec<Type>,
}

/// The number of functions, and of types; function `n` has type `n % SIGNATURES`.
const FUNCS: usize = 6;
const SIGNATURES: usize = 4;
/// The number of elements of the table.
const ELEMENTS: u64 = 10;
/// How often functions and loops are entered in a call, all together.
const STEPS: u32 = 300;

/// Writes a line.
macro_rules! line {
    ($writer:expr, $($format:tt)*) => {{
        let text = format!($($format)*);
        $writer.line(text);
    }};
}

struct Writer {
    random: Random,
    signatures: Vec<Signature>,
    text: String,
    /// The types of the locals of this function, parameters first.
    locals: Vec<Type>,
    /// The types that each enclosing label takes, innermost last.
    labels: Vec<Vec<Type>>,
    results: Vec<Type>,
    /// How many more operators this function may have.
    budget: u32,
    /// Whether memory 1 exists, which has 64-bit addresses.
    wide: bool,
    /// Whether references to functions may have a type.
    typed: bool,
}

/// Returns the text of a module. `typed` allows calls by typed references (`call_ref`).
#[must_use]
pub fn generate(seed: u64, typed: bool) -> String {
    let mut random = Random(seed ^ 0xbb67_ae85_84ca_a73b);
    let signatures =
        (0..SIGNATURES).map(|_| Signature { params: types(&mut random, 4), results: types(&mut random, 3) });
    let signatures = signatures.collect();
    let wide = random.below(3) == 0;
    let mut writer = Writer {
        random,
        signatures,
        text: String::new(),
        locals: Vec::new(),
        labels: Vec::new(),
        results: Vec::new(),
        budget: 0,
        wide,
        typed,
    };
    writer.module();
    writer.text
}

/// Returns up to `most` types.
fn types(random: &mut Random, most: u64) -> Vec<Type> {
    (0..random.below(most + 1)).map(|_| random.pick(&TYPES)).collect()
}

fn list(kind: &str, types: &[Type]) -> String {
    types.iter().fold(String::new(), |text, ty| format!("{text} ({kind} {})", ty.name()))
}

impl Writer {
    fn line(&mut self, text: impl AsRef<str>) {
        self.text.push_str(text.as_ref());
        self.text.push('\n');
    }

    fn module(&mut self) {
        self.line("(module (memory (export \"m\") 1 2)");
        if self.wide {
            self.line("(memory $wide (export \"w\") i64 1 2)");
        }
        for index in 0..SIGNATURES {
            let Signature { params, results } = self.signatures[index].clone();
            line!(self, "(type $t{index} (func{}{}))", list("param", &params), list("result", &results));
        }
        let bytes: String = (0..200).map(|_| format!("\\{:02x}", self.random.number() as u8)).collect();
        line!(self, "(data (i32.const 0) \"{bytes}\") (data $passive \"passive data\")");
        let funcs: String = (0..FUNCS).map(|func| format!(" $f{func}")).collect();
        line!(self, "(table $t (export \"t\") {ELEMENTS} 20 funcref) (elem (table $t) (i32.const 1) func{funcs})");
        line!(self, "(elem declare func{funcs}) (elem $passive func{funcs})");
        self.line("(global $steps (mut i32) (i32.const 0))");
        for ty in NUMBERS {
            let value = self.constant(ty);
            line!(self, "(global $g_{0} (export \"g_{0}\") (mut {0}) ({value}))", ty.name());
        }
        // The bits of a NaN are nondeterministic.
        for ty in [F32, F64] {
            let name = ty.name();
            line!(
                self,
                "(func $number_{name} (param {name}) (result {name}) (select (local.get 0) ({name}.const 7)
                    ({name}.eq (local.get 0) (local.get 0))))"
            );
        }
        self.line(
            "(func $step (if (i32.eqz (global.get $steps)) (then unreachable))
            (global.set $steps (i32.sub (global.get $steps) (i32.const 1))))",
        );
        for func in 0..FUNCS {
            self.func(func);
        }
        for func in 0..FUNCS {
            self.export(func);
        }
        self.line(")");
    }

    /// Writes an exported function, which resets the count of steps and returns numbers.
    fn export(&mut self, func: usize) {
        let Signature { params, results } = self.signatures[func % SIGNATURES].clone();
        let gets: String = (0..params.len()).map(|index| format!(" (local.get {index})")).collect();
        line!(
            self,
            "(func (export \"f{func}\"){}{} (global.set $steps (i32.const {STEPS})) (call $f{func}{gets})",
            list("param", &params),
            list("result", &results)
        );
        // Each result goes to a local, and is pushed again.
        let names: Vec<_> = (0..results.len()).map(|index| format!("$r{index}")).collect();
        for name in names.iter().rev() {
            line!(self, "local.set {name}");
        }
        for (name, ty) in names.iter().zip(&results) {
            line!(self, "local.get {name}");
            self.number(*ty);
        }
        self.line(")");
        let at = self.text.rfind("(global.set $steps (i32.const").expect("it was written");
        let locals: String =
            names.iter().zip(&results).map(|(name, ty)| format!("(local {name} {}) ", ty.name())).collect();
        self.text.insert_str(at, &locals);
    }

    /// Makes the float on top of the stack a number.
    fn number(&mut self, ty: Type) {
        if matches!(ty, F32 | F64) {
            line!(self, "call $number_{}", ty.name());
        }
    }

    fn func(&mut self, func: usize) {
        let Signature { params, results } = self.signatures[func % SIGNATURES].clone();
        let locals: Vec<_> = (0..1 + self.random.below(8)).map(|_| self.random.pick(&TYPES)).collect();
        line!(self, "(func $f{func} (type $t{}){}", func % SIGNATURES, list("local", &locals));
        self.locals = params.into_iter().chain(locals).collect();
        self.labels = vec![results.clone()];
        self.results = results.clone();
        self.budget = self.random.pick(&[30, 100, 300]);
        self.line("call $step");
        for _ in 0..self.random.below(12) {
            self.statement(4);
        }
        self.operands(&results, 4);
        self.line(")");
    }

    /// Pushes values of these types, with statements in between.
    fn operands(&mut self, types: &[Type], depth: u32) {
        for ty in types {
            while depth > 0 && self.random.below(3) == 0 {
                self.statement(depth - 1);
            }
            self.push(*ty, depth);
        }
        while depth > 0 && self.budget > 0 && self.random.below(2) == 0 {
            self.statement(depth - 1);
        }
    }

    fn local(&mut self, ty: Type) -> Option<usize> {
        let own: Vec<_> = (0..self.locals.len()).filter(|index| self.locals[*index] == ty).collect();
        (!own.is_empty()).then(|| self.random.pick(&own))
    }

    fn constant(&mut self, ty: Type) -> String {
        match ty {
            I32 => format!("i32.const {}", self.random.integer() as i32),
            I64 => format!("i64.const {}", self.random.integer() as i64),
            F32 => format!("f32.const {}", self.random.pick(&["0", "-0", "1.5", "inf", "-2147483648", "3e9", "nan"])),
            F64 => format!("f64.const {}", self.random.pick(&["0", "-0", "-2.5", "inf", "9.3e18", "1e-310", "nan"])),
            V128 => format!("v128.const i64x2 {} {}", self.random.integer() as i64, self.random.integer() as i64),
            Func => match self.random.below(3) {
                0 => "ref.null func".into(),
                _ => format!("ref.func $f{}", self.random.index(FUNCS)),
            },
        }
    }

    /// Pushes one value.
    fn push(&mut self, ty: Type, depth: u32) {
        self.budget = self.budget.saturating_sub(1);
        let simple = depth == 0 || self.budget == 0;
        match self.random.below(if simple { 8 } else { 20 }) {
            0..6 => match self.local(ty) {
                Some(local) => line!(self, "local.get {local}"),
                None => {
                    let constant = self.constant(ty);
                    self.line(constant);
                }
            },
            6 => {
                let constant = self.constant(ty);
                self.line(constant);
            }
            7 if ty != Func => line!(self, "global.get $g_{}", ty.name()),
            7 => line!(self, "i32.const {} table.get $t", self.random.below(ELEMENTS)),
            8..13 => self.operator(ty, depth - 1),
            13 => {
                self.push(ty, depth - 1);
                if let Some(local) = self.local(ty) {
                    line!(self, "local.tee {local}");
                }
            }
            14 => {
                self.push(ty, depth - 1);
                self.push(ty, depth - 1);
                self.push(I32, depth - 1);
                self.line(if ty == Func { "select (result funcref)" } else { "select" });
            }
            15 | 16 => self.block(&[ty], depth - 1),
            17 => {
                // One of several results.
                if !self.call_for(ty, depth - 1) {
                    self.push(ty, depth - 1);
                }
            }
            // The operand waits while a statement runs.
            _ => {
                self.push(ty, depth - 1);
                self.statement(depth - 1);
            }
        }
    }

    /// Pushes the result of an operator.
    fn operator(&mut self, ty: Type, depth: u32) {
        let name = ty.name();
        match (ty, self.random.below(8)) {
            (I32 | I64, 0 | 1) => {
                self.operands(&[ty, ty], depth);
                let op = self.random.pick(&["add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl"]);
                line!(self, "{name}.{op}");
            }
            (I32, 2) => {
                let of = self.random.pick(&[I32, I64]);
                self.operands(&[of, of], depth);
                let op = self.random.pick(&["eq", "ne", "lt_s", "lt_u", "gt_s", "ge_u", "le_s"]);
                line!(self, "{}.{op}", of.name());
            }
            (I32, 3) => {
                let of = self.random.pick(&[F32, F64]);
                self.operands(&[of, of], depth);
                let op = self.random.pick(&["eq", "ne", "lt", "gt", "ge"]);
                line!(self, "{}.{op}", of.name());
            }
            (I32, 4) => {
                let (of, op) = self.random.pick(&[
                    (I64, "i32.wrap_i64"),
                    (Func, "ref.is_null"),
                    (V128, "v128.any_true"),
                    (I32, "i32.eqz"),
                ]);
                self.push(of, depth);
                self.line(op);
            }
            (I64, 2) => {
                let (of, op) = self.random.pick(&[
                    (I32, "i64.extend_i32_s"),
                    (I32, "i64.extend_i32_u"),
                    (F64, "i64.trunc_sat_f64_s"),
                ]);
                self.push(of, depth);
                self.line(op);
            }
            (I64, 3) => {
                self.operands(&[I64, I64, I64, I64], depth);
                let op = self.random.pick(&["i64.add128", "i64.sub128"]);
                self.line(op);
                let op = self.random.pick(&["drop", "i64.xor"]);
                self.line(op);
            }
            (F32 | F64, 0..3) => {
                self.operands(&[ty, ty], depth);
                let op = self.random.pick(&["add", "sub", "mul", "div", "min", "max"]);
                line!(self, "{name}.{op}");
            }
            (F32 | F64, 3) => {
                let of = self.random.pick(&[I32, I64]);
                self.push(of, depth);
                line!(self, "{name}.convert_{}_u", of.name());
            }
            (V128, 0 | 1) => {
                self.operands(&[V128, V128], depth);
                let op = self.random.pick(&[
                    "i32x4.add",
                    "i64x2.sub",
                    "i8x16.swizzle",
                    "v128.xor",
                    "i16x8.mul",
                    "i8x16.gt_u",
                    "v128.andnot",
                ]);
                self.line(op);
            }
            (V128, 2) => {
                self.operands(&[V128, V128, V128], depth);
                self.line("v128.bitselect");
            }
            (V128, 3) => {
                let (of, op) = self.random.pick(&[(I32, "i32x4.splat"), (I64, "i64x2.splat"), (I32, "i8x16.splat")]);
                self.push(of, depth);
                self.line(op);
            }
            (Func, 0..5) => line!(self, "i32.const {} table.get $t", self.random.below(ELEMENTS + 1)),
            (Func, _) => self.push(Func, depth),
            (_, 5) if ty == V128 => {
                self.operands(&[V128, I64], depth);
                self.line("i64x2.replace_lane 1");
            }
            _ => {
                self.address(depth);
                line!(self, "{name}.load offset={}", self.random.below(70));
                self.number(ty);
            }
        }
    }

    /// Pushes an address, usually inside of memory 0.
    fn address(&mut self, depth: u32) {
        self.push(I32, depth);
        if self.random.below(12) > 0 {
            line!(self, "i32.const {} i32.and", self.random.pick(&[15, 255, 0xffff]));
        }
    }

    /// Calls a function whose results contain one of the type, and drops the others.
    fn call_for(&mut self, ty: Type, depth: u32) -> bool {
        let found = (0..FUNCS).find(|func| self.signatures[func % SIGNATURES].results.contains(&ty));
        let Some(func) = found else { return false };
        let results = self.call(func, depth);
        let at = results.iter().position(|result| *result == ty).unwrap_or(0);
        for _ in at + 1..results.len() {
            self.line("drop");
        }
        let Some(local) = self.local(ty).filter(|_| at > 0) else {
            if at > 0 {
                for _ in 0..=at {
                    self.line("drop");
                }
                let constant = self.constant(ty);
                self.line(constant);
            }
            return true;
        };
        line!(self, "local.set {local}");
        for _ in 0..at {
            self.line("drop");
        }
        line!(self, "local.get {local}");
        true
    }

    /// Calls a function in one of many ways. Returns the types of its results.
    fn call(&mut self, func: usize, depth: u32) -> Vec<Type> {
        let signature = func % SIGNATURES;
        let Signature { params, results } = self.signatures[signature].clone();
        self.operands(&params, depth);
        match self.random.below(if self.typed { 4 } else { 3 }) {
            0 | 1 => line!(self, "call $f{func}"),
            2 => {
                // Function `n` is element `n + 1`; sometimes it is another one.
                let index = if self.random.below(12) == 0 { self.random.below(ELEMENTS + 2) } else { func as u64 + 1 };
                line!(self, "i32.const {index}");
                line!(self, "call_indirect $t (type $t{signature})");
            }
            _ => {
                line!(self, "ref.func $f{func}");
                line!(self, "call_ref $t{signature}");
            }
        }
        results
    }

    /// Pushes values by a block, a loop or an `if`, which may take values too.
    fn block(&mut self, results: &[Type], depth: u32) {
        let params = if self.random.below(2) == 0 { types(&mut self.random, 2) } else { Vec::new() };
        self.operands(&params, depth);
        let kind = self.random.below(4);
        if kind == 0 {
            self.push(I32, depth);
        }
        let word = ["if", "loop", "block", "block"][kind as usize];
        line!(self, "{word}{}{}", list("param", &params), list("result", results));
        self.labels.push(if kind == 1 { params.clone() } else { results.to_vec() });
        self.arm(&params, results, kind == 1, depth);
        if kind == 0 {
            self.line("else");
            self.arm(&params, results, false, depth);
        }
        self.labels.pop();
        self.line("end");
    }

    /// The body of a block, which begins with values on the stack.
    fn arm(&mut self, params: &[Type], results: &[Type], is_loop: bool, depth: u32) {
        if is_loop {
            self.line("call $step");
        }
        for ty in params.iter().rev() {
            match self.local(*ty) {
                Some(local) if self.random.below(3) > 0 => line!(self, "local.set {local}"),
                _ => self.line("drop"),
            }
        }
        self.operands(results, depth);
        self.branch(results, depth);
    }

    /// Perhaps branches, or leaves the results where they are.
    fn branch(&mut self, results: &[Type], depth: u32) {
        let labels = self.labels.len();
        let label = self.random.index(labels);
        let of = |writer: &Self, label: usize| writer.labels[labels - 1 - label].clone();
        let types = of(self, label);
        match self.random.below(10) {
            0 | 1 if types == results => {
                // A loop may be entered again this way.
                self.push(I32, depth);
                line!(self, "br_if {label}");
            }
            2 => {
                // All labels that take the same.
                let same: Vec<_> = (0..labels).filter(|other| of(self, *other) == types).collect();
                self.operands(&types, depth);
                self.push(I32, depth);
                let targets: String =
                    (0..self.random.below(5)).map(|_| format!(" {}", self.random.pick(&same))).collect();
                line!(self, "br_table{targets} {label}");
            }
            3 if self.random.below(2) == 0 => {
                self.operands(&types, depth);
                line!(self, "br {label}");
            }
            4 if self.random.below(3) == 0 => {
                let types = self.results.clone();
                self.operands(&types, depth);
                self.line("return");
            }
            5 if self.random.below(3) == 0 => {
                let func = (0..FUNCS).find(|func| self.signatures[func % SIGNATURES].results == self.results);
                let Some(func) = func else { return };
                let params = self.signatures[func % SIGNATURES].params.clone();
                self.operands(&params, depth);
                if self.random.below(2) == 0 {
                    line!(self, "return_call $f{func}");
                } else {
                    line!(self, "i32.const {}", func + 1);
                    line!(self, "return_call_indirect $t (type $t{})", func % SIGNATURES);
                }
            }
            _ => {}
        }
    }

    fn statement(&mut self, depth: u32) {
        if self.budget == 0 {
            return;
        }
        self.budget -= 1;
        let ty = self.random.pick(&TYPES);
        match self.random.below(14) {
            0..4 => {
                let Some(local) = self.local(ty) else { return };
                self.push(ty, depth);
                line!(self, "local.set {local}");
            }
            4 if ty != Func => {
                self.push(ty, depth);
                self.number(ty);
                line!(self, "global.set $g_{}", ty.name());
            }
            5 if ty != Func => {
                self.address(depth);
                self.push(ty, depth);
                self.number(ty);
                line!(self, "{}.store offset={}", ty.name(), self.random.below(70));
            }
            6 => self.bulk(depth),
            7 => {
                let func = self.random.index(FUNCS);
                for ty in self.call(func, depth).iter().rev() {
                    match self.local(*ty) {
                        Some(local) => line!(self, "local.set {local}"),
                        None => self.line("drop"),
                    }
                }
            }
            8 if depth > 0 => {
                let results = types(&mut self.random, 3);
                self.block(&results, depth - 1);
                for _ in results {
                    self.line("drop");
                }
            }
            9 if depth > 0 => {
                self.push(I32, depth - 1);
                self.line("if");
                self.labels.push(Vec::new());
                self.statement(depth - 1);
                self.labels.pop();
                self.line("end");
            }
            10 => {
                line!(self, "i32.const {}", self.random.below(ELEMENTS));
                self.push(Func, depth);
                // Elements of functions stay, so that most calls find them.
                self.line("drop drop");
            }
            11 if self.wide => {
                self.push(I64, depth);
                self.line("i64.const 0xfff i64.and");
                self.push(I64, depth);
                line!(self, "i64.store $wide offset={}", self.random.below(70));
            }
            _ => {
                self.push(ty, depth);
                self.line("drop");
            }
        }
    }

    /// Copies, fills, grows.
    fn bulk(&mut self, depth: u32) {
        let small = |writer: &mut Self| {
            writer.push(I32, depth.min(1));
            line!(writer, "i32.const {} i32.and", writer.random.pick(&[3, 63, 0xfff]));
        };
        match self.random.below(6) {
            0 => {
                small(self);
                small(self);
                small(self);
                self.line("memory.copy");
            }
            1 => {
                small(self);
                small(self);
                small(self);
                self.line("memory.fill");
            }
            2 => {
                small(self);
                self.line("i32.const 2 i32.const 5 memory.init $passive");
            }
            3 => self.line("i32.const 1 memory.grow drop memory.size drop"),
            4 => self.line("i32.const 1 i32.const 0 i32.const 4 table.init $t $passive"),
            _ => {
                self.push(Func, depth);
                self.line("i32.const 1 table.grow $t drop");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::generate;

    #[test]
    fn the_same_seed_makes_the_same_text() {
        assert_eq!(generate(7, true), generate(7, true));
        assert_ne!(generate(7, true), generate(8, true));
    }
}
