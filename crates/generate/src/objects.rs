//! Modules that make structs, arrays and exceptions while others are on the stack.
//!
//! They test where references are when objects are collected, and which handler catches an exception. So they often make an
//! object while the fields of another one are being computed, branch when a cast fails, call functions inside of handlers, and
//! throw exceptions again. All of them end: functions and loops count down a global.

use crate::Random;

/// Types of values. All references may be null.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    I32,
    I64,
    F64,
    V128,
    Any,
    Extern,
    Exn,
    /// A struct
    Base,
    /// A struct that extends `Base`
    Derived,
    /// Arrays
    Bytes,
    Words,
    Vectors,
    References,
}
use Type::{Any, Base, Bytes, Derived, Exn, Extern, F64, I32, I64, References, V128, Vectors, Words};

const TYPES: [Type; 13] = [I32, I64, F64, V128, Any, Extern, Exn, Base, Derived, Bytes, Words, Vectors, References];
const OBJECTS: [Type; 6] = [Base, Derived, Bytes, Words, Vectors, References];

impl Type {
    fn name(self) -> &'static str {
        match self {
            I32 => "i32",
            I64 => "i64",
            F64 => "f64",
            V128 => "v128",
            Any => "anyref",
            Extern => "externref",
            Exn => "exnref",
            Base => "(ref null $base)",
            Derived => "(ref null $derived)",
            Bytes => "(ref null $bytes)",
            Words => "(ref null $words)",
            Vectors => "(ref null $vectors)",
            References => "(ref null $references)",
        }
    }

    /// Returns the name of the type of an object.
    fn object(self) -> &'static str {
        match self {
            Base => "$base",
            Derived => "$derived",
            Bytes => "$bytes",
            Words => "$words",
            Vectors => "$vectors",
            References => "$references",
            _ => unreachable!("no type of objects"),
        }
    }

    /// Returns the type of the elements of an array, unpacked.
    fn element(self) -> Self {
        match self {
            Vectors => V128,
            References => Any,
            _ => I32,
        }
    }
}

/// Types, functions of the host, places that hold references, and functions that keep null away.
const PRELUDE: &str = r#"(module
    (rec
        (type $base (sub (struct (field (mut i32)) (field (mut anyref)) (field (mut i64)))))
        (type $derived (sub final $base (struct (field (mut i32)) (field (mut anyref)) (field (mut i64))
            (field (mut i8)) (field (mut (ref null $references))) (field (mut f64)) (field (mut v128))
            (field (mut i16)) (field (mut (ref null $base))))))
        (type $bytes (array (mut i8)))
        (type $words (array (mut i32)))
        (type $vectors (array (mut v128)))
        (type $references (array (mut anyref))))
    (import "host" "look" (func $look (param anyref exnref i32) (result i32)))
    (import "host" "give" (func $give (param i32) (result anyref)))
    (tag $number (param i32))
    (tag $several (param anyref v128 i64))
    (tag $empty)
    (global $steps (mut i32) (i32.const 0))
    (global $any (export "any") (mut anyref) (array.new_fixed $words 2 (i32.const 3) (i32.const 4)))
    (global $object (export "object") (mut (ref null $base))
        (struct.new $base (i32.const 1) (ref.i31 (i32.const 2)) (i64.const 3)))
    (global $constant (ref $references) (array.new_default $references (i32.const 9)))
    (global $any_constant anyref (struct.new_default $base))
    (table $kept (export "kept") 8 20 anyref)
    (data $bytes "some bytes, some of which are copied to arrays of bytes and others to arrays of words")
    (elem $references anyref (ref.i31 (i32.const 5)) (struct.new_default $derived) (ref.null any) (global.get $constant)
        (ref.i31 (i32.const -1)) (array.new_default $bytes (i32.const 3)) (ref.null none) (global.get $any_constant))
    (func $more (result i32)
        (if (i32.eqz (global.get $steps)) (then (return (i32.const 0))))
        (global.set $steps (i32.sub (global.get $steps) (i32.const 1)))
        (i32.const 1))
"#;

/// The number of functions.
const FUNCS: usize = 6;
/// How often functions and loops are entered in a call, all together.
const STEPS: u32 = 120;
/// The least length of almost all arrays. It is a power of two.
const LENGTH: u32 = 8;
/// How deep expressions nest.
const DEPTH: u32 = 7;

struct Writer {
    random: Random,
    /// The parameters of each function, and its result.
    signatures: Vec<(Vec<Type>, Type)>,
    /// The types of the locals of this function, parameters first.
    locals: Vec<Type>,
    /// The result of this function.
    result: Type,
    /// How many more operators this function may have.
    budget: u32,
    /// How deep the next expression is.
    depth: u32,
    /// The number of the next label.
    label: u32,
}

/// Returns the text of a module.
#[must_use]
pub fn generate(seed: u64) -> String {
    let mut random = Random(seed ^ 0x3c6e_f372_fe94_f82b);
    let signatures = (0..FUNCS).map(|_| {
        let params = (0..random.below(5)).map(|_| random.pick(&TYPES)).collect();
        (params, random.pick(&TYPES))
    });
    let signatures = signatures.collect();
    let mut writer = Writer { random, signatures, locals: Vec::new(), result: I32, budget: 0, depth: 0, label: 0 };
    writer.module()
}

fn list(kind: &str, types: &[Type]) -> String {
    types.iter().fold(String::new(), |text, ty| format!("{text} ({kind} {})", ty.name()))
}

impl Writer {
    fn module(&mut self) -> String {
        let mut text = PRELUDE.to_owned();
        let made = |ty: Type| match ty {
            Base | Derived => format!("(struct.new_default {})", ty.object()),
            _ => format!("(array.new_default {} (i32.const {LENGTH}))", ty.object()),
        };
        for ty in OBJECTS {
            let (name, object) = (ty.name(), ty.object());
            text += &format!(
                "(func $some_{0} (param {name}) (result {name}) (if (result {name}) (ref.is_null (local.get 0))
                    (then {1}) (else (local.get 0))))\n",
                &object[1..],
                made(ty)
            );
        }
        for (index, (params, result)) in self.signatures.iter().enumerate() {
            text += &format!("(type $t{index} (func{} (result {})))\n", list("param", params), result.name());
        }
        let funcs: String = (0..FUNCS).map(|func| format!(" $f{func}")).collect();
        text += &format!("(elem declare func{funcs})\n");
        for func in 0..FUNCS {
            text += &self.func(func);
        }
        for (func, (params, result)) in self.signatures.iter().enumerate() {
            let gets: String = (0..params.len()).map(|index| format!(" (local.get {index})")).collect();
            text += &format!(
                "(func (export \"f{func}\"){} (result {}) (global.set $steps (i32.const {STEPS}))
                    (call $f{func}{gets}))\n",
                list("param", params),
                result.name()
            );
        }
        text + ")"
    }

    fn func(&mut self, func: usize) -> String {
        let (params, result) = self.signatures[func].clone();
        let given = params.len();
        // One of each, so that every type has a place to be kept in.
        self.locals = params.into_iter().chain(TYPES).chain((0..3).map(|_| self.random.pick(&OBJECTS))).collect();
        (self.result, self.budget, self.label) = (result, self.random.pick(&[10, 25, 70]), 0);
        let mut text = format!("(func $f{func} (type $t{func}){}\n", list("local", &self.locals[given..]));
        let null = self.leaf(result);
        text += &format!("(if (i32.eqz (call $more)) (then (return {null})))\n");
        for index in 0..self.locals.len() {
            let ty = self.locals[index];
            if OBJECTS.contains(&ty) && !self.random.once_in(12) {
                text += &format!("(local.set {index} (call $some_{} (local.get {index})))\n", &ty.object()[1..]);
            }
        }
        for _ in 0..1 + self.random.below(7) {
            text += &self.statement();
        }
        let last = if self.random.once_in(6) {
            let same: Vec<_> = (0..FUNCS).filter(|other| self.signatures[*other].1 == result).collect();
            let callee = self.random.pick(&same);
            let arguments = self.arguments(callee);
            if self.random.once_in(2) {
                format!("(return_call $f{callee}{arguments})")
            } else {
                format!("(return_call_ref $t{callee}{arguments} (ref.func $f{callee}))")
            }
        } else {
            self.value(result)
        };
        text + &last + ")\n"
    }

    fn arguments(&mut self, func: usize) -> String {
        let params = self.signatures[func].0.clone();
        params.into_iter().map(|ty| format!(" {}", self.value(ty))).collect()
    }

    fn new_label(&mut self, name: &str) -> String {
        self.label += 1;
        format!("${name}{}", self.label)
    }

    /// Returns a local of a type, by number.
    fn local(&mut self, ty: Type) -> usize {
        let all: Vec<_> = (0..self.locals.len()).filter(|index| self.locals[*index] == ty).collect();
        self.random.pick(&all)
    }

    /// Returns an index of an array, which is inside almost always.
    fn at(&mut self) -> String {
        let index = self.value(I32);
        if self.random.once_in(60) { index } else { format!("(i32.and {index} (i32.const {}))", LENGTH - 1) }
    }

    /// Returns an offset into an array and a length, which are inside almost always.
    fn range(&mut self) -> String {
        let offset = self.value(I32);
        let most = if self.random.once_in(60) { LENGTH } else { LENGTH / 2 };
        format!("(i32.and {offset} (i32.const {})) (i32.const {})", LENGTH / 2 - 1, self.random.below(most.into()))
    }

    /// Returns an expression without operands.
    fn leaf(&mut self, ty: Type) -> String {
        let pick = self.random.below(8);
        let local = self.local(ty);
        match (ty, pick) {
            (I32, 0..=3) => format!("(i32.const {})", self.random.integer() as i32),
            (I64, 0..=3) => format!("(i64.const {})", self.random.integer() as i64),
            (F64, 0..=3) => format!("(f64.const {})", self.random.below(1000)),
            (V128, 0..=3) => format!("(v128.const i64x2 {} {})", self.random.number(), self.random.number()),
            (Any, 0 | 1) => "(global.get $any)".into(),
            (Any, 2) => "(ref.i31 (i32.const 77))".into(),
            (Any, 3) => format!("(table.get $kept (i32.const {}))", self.random.below(8)),
            (Any, 4) => "(ref.null none)".into(),
            (Base, 0 | 1) => "(global.get $object)".into(),
            (References, 0) => "(global.get $constant)".into(),
            (Base | Derived, 2) => format!("(struct.new_default {})", ty.object()),
            (Bytes | Words | Vectors | References, 2) => {
                format!("(array.new_default {} (i32.const {}))", ty.object(), LENGTH + self.random.below(20) as u32)
            }
            _ => format!("(local.get {local})"),
        }
    }

    /// Returns an expression of a type.
    fn value(&mut self, ty: Type) -> String {
        if self.depth >= DEPTH || self.budget == 0 || self.random.once_in(5) {
            return self.leaf(ty);
        }
        self.depth += 1;
        self.budget -= 1;
        let text = match self.random.below(12) {
            0 => self.call(ty),
            1 => self.guarded(ty),
            2 => {
                let [test, yes, no] = [self.value(I32), self.value(ty), self.value(ty)];
                let name = ty.name();
                if self.random.once_in(2) {
                    format!("(select (result {name}) {yes} {no} {test})")
                } else {
                    format!("(if (result {name}) {test} (then {yes}) (else {no}))")
                }
            }
            3 => {
                let (local, value) = (self.local(ty), self.value(ty));
                format!("(local.tee {local} {value})")
            }
            4 => {
                let (label, statement, value) = (self.new_label("b"), self.statement(), self.value(ty));
                format!("(block {label} (result {}) {statement} {value})", ty.name())
            }
            _ => match ty {
                I32 => self.number(),
                I64 | F64 | V128 => self.wide(ty),
                Any => self.any(),
                Extern => format!("(extern.convert_any {})", self.value(Any)),
                Exn => self.caught(),
                Base | Derived => self.object(ty),
                Bytes | Words | Vectors | References => self.array(ty),
            },
        };
        self.depth -= 1;
        text
    }

    /// Returns a call of a function with this result, or another expression.
    fn call(&mut self, ty: Type) -> String {
        let same: Vec<_> = (0..FUNCS).filter(|func| self.signatures[*func].1 == ty).collect();
        if same.is_empty() {
            return self.leaf(ty);
        }
        let func = self.random.pick(&same);
        let arguments = self.arguments(func);
        match self.random.below(3) {
            0 => format!("(call_ref $t{func}{arguments} (ref.func $f{func}))"),
            _ => format!("(call $f{func}{arguments})"),
        }
    }

    fn number(&mut self) -> String {
        match self.random.below(14) {
            0 | 1 => {
                let op = self.random.pick(&["add", "sub", "mul", "and", "xor", "shl", "lt_s", "gt_u", "eq"]);
                let [a, b] = [self.value(I32), self.value(I32)];
                format!("(i32.{op} {a} {b})")
            }
            2 => format!("(struct.get $base 0 {})", self.value(Base)),
            3 => {
                let field =
                    self.random.pick(&["get_s $derived 3", "get_u $derived 3", "get_s $derived 7", "get_u $derived 7"]);
                format!("(struct.{field} {})", self.value(Derived))
            }
            4 => {
                let [array, at] = [self.value(Bytes), self.at()];
                format!("(array.{} $bytes {array} {at})", self.random.pick(&["get_s", "get_u"]))
            }
            5 => {
                let [array, at] = [self.value(Words), self.at()];
                format!("(array.get $words {array} {at})")
            }
            6 => {
                let array = self.random.pick(&[Bytes, Words, Vectors, References]);
                format!("(array.len {})", self.value(array))
            }
            7 => {
                let sign = self.random.pick(&["s", "u"]);
                let label = self.new_label("c");
                let (any, other) = (self.value(Any), self.value(I32));
                format!(
                    "(i31.get_{sign} (block {label} (result i31ref)
                        (drop (br_on_cast {label} anyref (ref i31) {any})) (ref.i31 {other})))"
                )
            }
            8 => {
                let ty = self.random.pick(&[Any, Extern, Exn, Base, References]);
                format!("(ref.is_null {})", self.value(ty))
            }
            9 | 10 => {
                let null = self.random.pick(&["", "null "]);
                let to = self.random.pick(&[
                    "$base",
                    "$derived",
                    "$bytes",
                    "$words",
                    "$references",
                    "i31",
                    "eq",
                    "struct",
                    "array",
                    "none",
                ]);
                format!("(ref.test (ref {null}{to}) {})", self.value(Any))
            }
            11 => {
                let (a, b) = (self.random.pick(&OBJECTS), self.random.pick(&OBJECTS));
                let [a, b] = [self.value(a), self.value(b)];
                format!("(ref.eq {a} {b})")
            }
            12 => {
                let (any, exception, number) = (self.value(Any), self.value(Exn), self.value(I32));
                format!("(call $look {any} {exception} {number})")
            }
            _ => format!("(i32x4.extract_lane 2 {})", self.value(V128)),
        }
    }

    fn wide(&mut self, ty: Type) -> String {
        match (ty, self.random.below(4)) {
            (I64, 0 | 1) => format!("(struct.get $base 2 {})", self.value(Base)),
            (I64, 2) => {
                let [a, b] = [self.value(I64), self.value(I64)];
                format!("(i64.{} {a} {b})", self.random.pick(&["add", "mul", "xor"]))
            }
            (I64, _) => format!("(i64.extend_i32_s {})", self.value(I32)),
            (F64, 0 | 1) => format!("(struct.get $derived 5 {})", self.value(Derived)),
            (F64, _) => format!("(f64.convert_i32_s {})", self.value(I32)),
            (_, 0) => format!("(struct.get $derived 6 {})", self.value(Derived)),
            (_, 1) => {
                let [array, at] = [self.value(Vectors), self.at()];
                format!("(array.get $vectors {array} {at})")
            }
            (_, 2) => self.relaxed(),
            (_, _) => format!("(i32x4.splat {})", self.value(I32)),
        }
    }

    /// Returns a relaxed operator on vectors, whose results no NaN is in.
    fn relaxed(&mut self) -> String {
        const UNARY: [&str; 4] = ["trunc_f32x4_s", "trunc_f32x4_u", "trunc_f64x2_s_zero", "trunc_f64x2_u_zero"];
        const BINARY: [&str; 3] =
            ["i8x16.relaxed_swizzle", "i16x8.relaxed_q15mulr_s", "i16x8.relaxed_dot_i8x16_i7x16_s"];
        const TERNARY: [&str; 5] = [
            "i8x16.relaxed_laneselect",
            "i16x8.relaxed_laneselect",
            "i32x4.relaxed_laneselect",
            "i64x2.relaxed_laneselect",
            "i32x4.relaxed_dot_i8x16_i7x16_add_s",
        ];
        let [a, b, c] = [self.value(V128), self.value(V128), self.value(V128)];
        let lanes = self.random.pick(&["f32x4", "f64x2"]);
        let floats = match self.random.below(5) {
            0 => return format!("(i32x4.relaxed_{} {a})", self.random.pick(&UNARY)),
            1 => return format!("({} {a} {b})", self.random.pick(&BINARY)),
            2 => return format!("({} {a} {b} {c})", self.random.pick(&TERNARY)),
            3 => format!("({lanes}.relaxed_{} {a} {b})", self.random.pick(&["min", "max"])),
            _ => format!("({lanes}.relaxed_{} {a} {b} {c})", self.random.pick(&["madd", "nmadd"])),
        };
        let local = self.local(V128);
        format!("(v128.and (local.tee {local} {floats}) ({lanes}.eq (local.get {local}) (local.get {local})))")
    }

    fn any(&mut self) -> String {
        match self.random.below(10) {
            0 => format!("(ref.i31 {})", self.value(I32)),
            1 => format!("(struct.get $base 1 {})", self.value(Base)),
            2 => {
                let [array, at] = [self.value(References), self.at()];
                format!("(array.get $references {array} {at})")
            }
            3 => format!("(any.convert_extern {})", self.value(Extern)),
            4 => format!("(call $give {})", self.value(I32)),
            5 => {
                let (label, object) = (self.new_label("n"), self.random.pick(&OBJECTS));
                let [any, other] = [self.value(Any), self.value(object)];
                format!(
                    "(block {label} (result (ref any)) (br_on_non_null {label} {any})
                        (ref.as_non_null (call $some_{} {other})))",
                    &object.object()[1..]
                )
            }
            6 => {
                let (label, object) = (self.new_label("f"), self.random.pick(&OBJECTS));
                let [any, other] = [self.value(Any), self.value(Any)];
                let local = self.local(object);
                let null = self.random.pick(&["", "null "]);
                format!(
                    "(block {label} (result anyref)
                        (local.set {local} (br_on_cast_fail {label} anyref (ref {null}{}) {any})) {other})",
                    object.object()
                )
            }
            _ => {
                let object = self.random.pick(&OBJECTS);
                self.value(object)
            }
        }
    }

    /// Returns a cast from any object, which another one replaces if it fails.
    fn cast(&mut self, ty: Type) -> String {
        let any = self.value(Any);
        let null = self.random.pick(&["", "null "]);
        let object = ty.object();
        if self.random.once_in(12) {
            return format!("(ref.cast (ref {null}{object}) {any})");
        }
        let (label, other) = (self.new_label("c"), self.value(ty));
        format!(
            "(block {label} (result {}) (drop (br_on_cast {label} anyref (ref {null}{object}) {any})) {other})",
            ty.name()
        )
    }

    fn object(&mut self, ty: Type) -> String {
        match (ty, self.random.below(8)) {
            (_, 0 | 1) => self.cast(ty),
            (Base, 2) => self.value(Derived),
            (Base, 3) => format!("(struct.get $derived 8 {})", self.value(Derived)),
            (Base, _) => {
                let [number, any, long] = [self.value(I32), self.value(Any), self.value(I64)];
                format!("(struct.new $base {number} {any} {long})")
            }
            _ => {
                let fields = [I32, Any, I64, I32, References, F64, V128, I32, Base].map(|ty| self.value(ty));
                format!("(struct.new $derived {})", fields.join(" "))
            }
        }
    }

    fn array(&mut self, ty: Type) -> String {
        let object = ty.object();
        let len = LENGTH + self.random.below(6) as u32;
        match (ty, self.random.below(8)) {
            (_, 0 | 1) => self.cast(ty),
            (References, 2) => format!("(struct.get $derived 4 {})", self.value(Derived)),
            (References, 3) => "(array.new_elem $references $references (i32.const 0) (i32.const 8))".into(),
            (Bytes | Words, 2 | 3) => {
                let offset = self.random.below(30);
                format!("(array.new_data {object} $bytes (i32.const {offset}) (i32.const {len}))")
            }
            (_, 4) => format!("(array.new_default {object} (i32.const {len}))"),
            (_, 5) => {
                let value = self.value(ty.element());
                format!("(array.new {object} {value} (i32.const {len}))")
            }
            _ => {
                let elements: String = (0..len).map(|_| format!(" {}", self.value(ty.element()))).collect();
                format!("(array.new_fixed {object} {len}{elements})")
            }
        }
    }

    /// Returns an expression inside of a handler.
    fn guarded(&mut self, ty: Type) -> String {
        let [done, caught, outer] = ["done", "caught", "outer"].map(|name| self.new_label(name));
        let (name, statement, value) = (ty.name(), self.statement(), self.value(ty));
        // What the clause gives, and the locals that take it.
        let (clause, gives): (_, &[Type]) = match self.random.below(5) {
            0 => ("catch $number", &[I32]),
            1 => ("catch_ref $several", &[Any, V128, I64, Exn]),
            2 => ("catch $several", &[Any, V128, I64]),
            3 => ("catch_all_ref", &[Exn]),
            _ => ("catch_ref $number", &[I32, Exn]),
        };
        let sets: String = gives.iter().rev().map(|ty| format!(" local.set {}", self.local(*ty))).collect();
        let results: String = gives.iter().map(|ty| format!(" (result {})", ty.name())).collect();
        let [after, otherwise] = [self.value(ty), self.value(ty)];
        // A second clause has a block of its own around that of the first.
        let (open, second, close) = if self.random.once_in(2) {
            (format!("(block {outer}"), format!(" (catch_all {outer})"), format!("(br {done} {after}))"))
        } else {
            Default::default()
        };
        format!(
            "(block {done} (result {name}) {open} (block {caught}{results}
                (br {done} (try_table (result {name}) ({clause} {caught}){second} {statement} {value})))
                {sets} {close} {otherwise})"
        )
    }

    /// Returns the exception that a statement throws, or null.
    fn caught(&mut self) -> String {
        let label = self.new_label("x");
        let (throw, local) = (self.throw(), self.local(Exn));
        let clause = self.random.pick(&["catch_all_ref", "catch_ref $empty"]);
        if self.random.once_in(3) {
            return format!("(local.get {local})");
        }
        format!("(block {label} (result exnref) (try_table ({clause} {label}) {throw}) (local.get {local}))")
    }

    /// Returns a statement that throws.
    fn throw(&mut self) -> String {
        match self.random.below(5) {
            0 | 1 => format!("(throw $number {})", self.value(I32)),
            2 => {
                let [any, vector, long] = [self.value(Any), self.value(V128), self.value(I64)];
                format!("(throw $several {any} {vector} {long})")
            }
            3 => "(throw $empty)".into(),
            _ => {
                let local = self.local(Exn);
                format!("(if (ref.is_null (local.get {local})) (then (throw $empty))) (throw_ref (local.get {local}))")
            }
        }
    }

    fn statement(&mut self) -> String {
        if self.depth >= DEPTH || self.budget == 0 {
            return String::new();
        }
        self.depth += 1;
        self.budget -= 1;
        let text = match self.random.below(14) {
            0 | 1 => {
                let ty = self.random.pick(&TYPES);
                let (local, value) = (self.local(ty), self.value(ty));
                format!("(local.set {local} {value})")
            }
            2 => {
                if self.random.once_in(2) {
                    format!("(global.set $any {})", self.value(Any))
                } else {
                    format!("(global.set $object {})", self.value(Base))
                }
            }
            3 => {
                let [at, value] = [self.at(), self.value(Any)];
                format!("(table.set $kept {at} {value})")
            }
            4 | 5 => self.set_field(),
            6 | 7 => self.set_elements(),
            8 => {
                let [test, yes, no] = [self.value(I32), self.statement(), self.statement()];
                format!("(if {test} (then {yes}) (else {no}))")
            }
            9 => {
                let (label, body, test) = (self.new_label("loop"), self.statement(), self.value(I32));
                format!("(loop {label} {body} (br_if {label} (i32.and {test} (call $more))))")
            }
            10 => {
                let [test, throw] = [self.value(I32), self.throw()];
                format!("(if (i32.eqz (i32.and {test} (i32.const 3))) (then {throw}))")
            }
            11 => {
                let [test, value] = [self.value(I32), self.value(self.result)];
                format!("(if (i32.eqz (i32.and {test} (i32.const 7))) (then (return {value})))")
            }
            12 => {
                let (label, any, more) = (self.new_label("n"), self.value(Any), self.statement());
                format!("(block {label} (drop (br_on_null {label} {any})) {more})")
            }
            _ => {
                let ty = self.random.pick(&TYPES);
                format!("(drop {})", self.value(ty))
            }
        };
        self.depth -= 1;
        text + "\n"
    }

    fn set_field(&mut self) -> String {
        let fields = [
            ("$base 0", Base, I32),
            ("$base 1", Base, Any),
            ("$base 2", Base, I64),
            ("$derived 1", Derived, Any),
            ("$derived 3", Derived, I32),
            ("$derived 4", Derived, References),
            ("$derived 6", Derived, V128),
            ("$derived 7", Derived, I32),
            ("$derived 8", Derived, Base),
        ];
        let (field, object, ty) = self.random.pick(&fields);
        let [object, value] = [self.value(object), self.value(ty)];
        format!("(struct.set {field} {object} {value})")
    }

    fn set_elements(&mut self) -> String {
        let ty = self.random.pick(&[Bytes, Words, Vectors, References]);
        let (object, array) = (ty.object(), self.value(ty));
        match (ty, self.random.below(5)) {
            (_, 0) => {
                let at = self.at();
                let value = self.value(ty.element());
                let range = self.random.below(5);
                format!("(array.fill {object} {array} (i32.and {at} (i32.const 3)) {value} (i32.const {range}))")
            }
            (_, 1) => {
                let from = self.value(ty);
                let [at, range] = [self.value(I32), self.range()];
                format!("(array.copy {object} {object} {array} (i32.and {at} (i32.const 3)) {from} {range})")
            }
            (Bytes | Words, 2) => {
                let at = self.random.below(5);
                format!("(array.init_data {object} $bytes {array} (i32.const {at}) {})", self.range())
            }
            (References, 2) => {
                let at = self.random.below(5);
                format!("(array.init_elem {object} $references {array} (i32.const {at}) {})", self.range())
            }
            _ => {
                let at = self.at();
                let value = self.value(ty.element());
                format!("(array.set {object} {array} {at} {value})")
            }
        }
    }
}
