//! What a unit of fuel buys: the time of operators, calls and instantiations by the fuel that they cost.
//!
//! `WASMOTE_PRICES=1 cargo test --release --test fuel prices -- --nocapture` measures all of them and prints a table. Nothing but what
//! `DEAR` lists may take more than `MOST` times the median.

use std::{
    env,
    fmt::Write,
    time::{Duration, Instant},
};

use wasmote::{Engine, FuelSchedule, Linker, Module, Proposal, Store, Val};

use crate::{FUEL, metered};

/// The most nanoseconds that a unit may take, in medians.
const MOST: f64 = 10.0;
/// What takes more than that today, by the beginnings of names. The list may only become shorter.
///
/// Most instantiations are by the host, which no fuel bounds; they cost by bytes and elements, not by items. A new schedule would
/// have to charge items, vectors of roots and quotients, and objects.
const DEAR: &[&str] = &[
    "instantiation: ",
    "f32x4.sqrt",
    "f64x2.sqrt",
    "f32x4.div",
    "f64x2.div",
    "array.new of",
    "array.fill of",
    "struct.new",
    "throw to",
    "memory.grow that fails",
    "memory.fill of 0",
    "memory.copy of 60000 shared",
    "memory.atomic.",
    "atomic.fence",
    "call of the host",
];
/// How often the body of a loop repeats an operator, so that the loop itself costs little.
const REPEATS: usize = 20;
/// The least time of a measurement.
const LEAST: Duration = Duration::from_millis(10);
const ROUNDS: usize = 5;

/// Code that is measured, in a module with `DECLARATIONS`.
struct Case {
    name: String,
    body: String,
    /// Declarations besides
    more: String,
    repeats: usize,
}

/// What bodies use: `$i $j` are `i32`, `$l $m` are `i64`, `$f $g` are `f32`, `$d $e` are `f64`, `$v $w` are `v128`.
const DECLARATIONS: &str = r#"
    (type $unary (func (param i32) (result i32)))
    (type $pair (struct (field (mut i32)) (field (mut i64))))
    (type $longer (sub (struct (field (mut i32)))))
    (type $longest (sub $longer (struct (field (mut i32)) (field f64))))
    (type $bytes (array (mut i8)))
    (import "host" "nothing" (func $host (param i32) (result i32)))
    (memory $memory 200)
    (memory $shared 1 1 shared)
    (table $table 70000 funcref)
    (global $global (mut i32) (i32.const 1))
    (data $data "0123456789abcdef")
    (elem $elem func $same $same $same $same)
    (elem (i32.const 0) func $same)
    (tag $tag (param i32))
    (func $same (type $unary) (local.get 0))
    (func $tail (type $unary) (return_call $same (local.get 0)))
    (func $tail_indirect (type $unary) (return_call_indirect (type $unary) (local.get 0) (i32.const 0)))
    (func $deep (param i32) (result i32)
        (if (result i32) (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0))))
"#;

impl Case {
    fn new(name: impl Into<String>, body: impl Into<String>) -> Self {
        Self { name: name.into(), body: body.into(), more: String::new(), repeats: REPEATS }
    }

    fn with(mut self, more: impl Into<String>) -> Self {
        self.more = more.into();
        self
    }

    fn once(mut self) -> Self {
        self.repeats = 1;
        self
    }

    fn text(&self) -> String {
        format!(
            r#"(module {DECLARATIONS} {}
            (func (export "run") (param $n i32)
                (local $i i32) (local $j i32) (local $l i64) (local $m i64) (local $f f32) (local $g f32)
                (local $d f64) (local $e f64) (local $v v128) (local $w v128)
                (local $pair (ref null $pair)) (local $bytes (ref null $bytes)) (local $any anyref)
                (local.set $j (i32.const 3)) (local.set $m (i64.const 3)) (local.set $g (f32.const 3)) (local.set $e (f64.const 3))
                (local.set $w (v128.const i32x4 1 2 3 4))
                (local.set $pair (struct.new_default $pair))
                (local.set $bytes (array.new_default $bytes (i32.const 70000)))
                (local.set $any (struct.new_default $longest))
                (loop $again
                    {}
                    (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))"#,
            self.more,
            self.body.repeat(self.repeats)
        )
    }
}

/// The letter of a local of this type, and that of a second one.
fn locals(ty: &str) -> [&'static str; 2] {
    match ty {
        "i32" => ["$i", "$j"],
        "i64" => ["$l", "$m"],
        "f32" => ["$f", "$g"],
        "f64" => ["$d", "$e"],
        _ => ["$v", "$w"],
    }
}

fn numeric() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut binary = |ty: &str, result: &str, ops: &str| {
        for op in ops.split(' ') {
            let ([_, b], [to, _]) = (locals(ty), locals(result));
            cases.push(Case::new(
                format!("{ty}.{op}"),
                format!("(local.set {to} ({ty}.{op} (local.get {b}) (local.get {b})))"),
            ));
        }
    };
    for ty in ["i32", "i64"] {
        binary(ty, ty, "add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr");
        binary(ty, "i32", "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u");
    }
    for ty in ["f32", "f64"] {
        binary(ty, ty, "add sub mul div min max copysign");
        binary(ty, "i32", "eq ne lt gt le ge");
    }
    for ty in ["i8x16", "i16x8", "i32x4", "i64x2"] {
        binary(ty, "v128", "add sub eq ne");
    }
    binary(
        "i8x16",
        "v128",
        "swizzle add_sat_s add_sat_u sub_sat_s sub_sat_u min_s min_u max_s max_u avgr_u narrow_i16x8_s narrow_i16x8_u lt_s lt_u relaxed_swizzle",
    );
    binary(
        "i16x8",
        "v128",
        "mul min_s max_u q15mulr_sat_s extmul_low_i8x16_s extmul_high_i8x16_u relaxed_dot_i8x16_i7x16_s",
    );
    binary("i32x4", "v128", "mul min_s max_u dot_i16x8_s extmul_low_i16x8_s gt_u");
    binary("i64x2", "v128", "mul extmul_high_i32x4_u gt_s");
    binary("f32x4", "v128", "add sub mul div min max pmin pmax eq lt relaxed_min");
    binary("f64x2", "v128", "add sub mul div min max pmin pmax eq lt");
    binary("v128", "v128", "and andnot or xor");
    let mut unary = |from: &str, to: &str, ops: &str| {
        for op in ops.split(' ') {
            let ([_, a], [b, _]) = (locals(from), locals(to));
            cases.push(Case::new(op, format!("(local.set {b} ({op} (local.get {a})))")));
        }
    };
    unary("i32", "i32", "i32.clz i32.ctz i32.popcnt i32.eqz i32.extend8_s i32.extend16_s");
    unary("i64", "i64", "i64.clz i64.ctz i64.popcnt i64.extend8_s i64.extend16_s i64.extend32_s");
    unary("i64", "i32", "i64.eqz i32.wrap_i64");
    unary("f32", "f32", "f32.abs f32.neg f32.ceil f32.floor f32.trunc f32.nearest f32.sqrt");
    unary("f64", "f64", "f64.abs f64.neg f64.ceil f64.floor f64.trunc f64.nearest f64.sqrt");
    unary("f32", "i32", "i32.trunc_f32_s i32.trunc_f32_u i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.reinterpret_f32");
    unary("f64", "i64", "i64.trunc_f64_s i64.trunc_f64_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u i64.reinterpret_f64");
    unary("i32", "f32", "f32.convert_i32_s f32.convert_i32_u f32.reinterpret_i32");
    unary("i64", "f64", "f64.convert_i64_s f64.convert_i64_u f64.reinterpret_i64");
    unary("i32", "i64", "i64.extend_i32_s i64.extend_i32_u");
    unary("f64", "f32", "f32.demote_f64");
    unary("f32", "f64", "f64.promote_f32");
    unary(
        "v128",
        "v128",
        "v128.not i8x16.popcnt i8x16.abs i8x16.neg i16x8.extadd_pairwise_i8x16_s i32x4.extend_high_i16x8_u i64x2.abs \
        f32x4.ceil f32x4.nearest f32x4.sqrt f64x2.floor f64x2.sqrt i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f64x2_u_zero \
        f64x2.convert_low_i32x4_u f32x4.demote_f64x2_zero i32x4.relaxed_trunc_f32x4_u",
    );
    unary("v128", "i32", "v128.any_true i8x16.all_true i8x16.bitmask i64x2.bitmask");
    unary("i32", "v128", "i8x16.splat i32x4.splat");
    cases.push(Case::new(
        "i8x16.shuffle",
        "(local.set $v (i8x16.shuffle 0 17 2 19 4 21 6 23 8 25 10 27 12 29 14 31 (local.get $w) (local.get $v)))",
    ));
    cases.push(Case::new(
        "v128.bitselect",
        "(local.set $v (v128.bitselect (local.get $w) (local.get $v) (local.get $w)))",
    ));
    cases.push(Case::new("i64.mul_wide_u", "(i64.mul_wide_u (local.get $m) (local.get $l)) (local.set $l) (drop)"));
    cases.push(Case::new(
        "i64.add128",
        "(i64.add128 (local.get $m) (local.get $l) (local.get $m) (local.get $l)) (local.set $l) (drop)",
    ));
    cases
}

fn memory() -> Vec<Case> {
    let mut cases = Vec::new();
    for (ty, ops) in [
        ("i32", "i32.load i32.load8_s i32.load16_u i32.atomic.load i32.atomic.load8_u"),
        ("i64", "i64.load i64.load32_s i64.atomic.load"),
        ("f64", "f64.load"),
        ("v128", "v128.load v128.load8x8_s v128.load32_splat v128.load64_zero"),
    ] {
        for op in ops.split(' ') {
            cases.push(Case::new(op, format!("(local.set {} ({op} (i32.const 64)))", locals(ty)[0])));
        }
    }
    for (ty, ops) in [
        ("i32", "i32.store i32.store8 i32.atomic.store i32.atomic.store16"),
        ("i64", "i64.store i64.atomic.store"),
        ("f32", "f32.store"),
        ("v128", "v128.store"),
    ] {
        for op in ops.split(' ') {
            cases.push(Case::new(op, format!("({op} (i32.const 64) (local.get {}))", locals(ty)[0])));
        }
    }
    for op in ["add", "xchg"] {
        cases.push(Case::new(
            format!("i64.atomic.rmw.{op}"),
            format!("(local.set $l (i64.atomic.rmw.{op} (i32.const 64) (local.get $m)))"),
        ));
    }
    cases.push(Case::new(
        "i32.atomic.rmw.cmpxchg",
        "(local.set $i (i32.atomic.rmw.cmpxchg $shared (i32.const 64) (local.get $i) (local.get $j)))",
    ));
    cases.push(Case::new("atomic.fence", "(atomic.fence)"));
    cases.push(Case::new(
        "memory.atomic.notify",
        "(local.set $i (memory.atomic.notify $shared (i32.const 64) (i32.const 1)))",
    ));
    cases.push(Case::new(
        "memory.atomic.wait32 of another value",
        "(local.set $i (memory.atomic.wait32 $shared (i32.const 64) (i32.const 77) (i64.const -1)))",
    ));
    cases.push(Case::new("memory.size", "(local.set $i (memory.size))"));
    cases.push(Case::new("memory.grow by 0", "(local.set $i (memory.grow (i32.const 0)))"));
    cases.push(Case::new("memory.grow that fails", "(local.set $i (memory.grow (i32.const -1)))"));
    cases.push(Case::new("data.drop", "(data.drop $data)"));
    for len in [0, 1, 16, 1000, 60_000, 10_000_000] {
        cases.push(Case::new(
            format!("memory.fill of {len}"),
            format!("(memory.fill (i32.const 5) (i32.const 7) (i32.const {len}))"),
        ));
        cases.push(Case::new(
            format!("memory.copy of {len}"),
            format!("(memory.copy (i32.const 5) (i32.const 99) (i32.const {len}))"),
        ));
    }
    for len in [0, 16, 60_000] {
        cases.push(Case::new(
            format!("memory.fill of {len} shared"),
            format!("(memory.fill $shared (i32.const 5) (i32.const 7) (i32.const {len}))"),
        ));
        cases.push(Case::new(
            format!("memory.copy of {len} shared"),
            format!("(memory.copy $shared $shared (i32.const 5) (i32.const 99) (i32.const {len}))"),
        ));
    }
    cases.push(Case::new("memory.init of 16", "(memory.init $data (i32.const 5) (i32.const 0) (i32.const 16))"));
    cases
}

fn tables_and_variables() -> Vec<Case> {
    let mut cases = vec![
        Case::new("nop", "(nop) (local.set $i (i32.const 1))"),
        Case::new("local.get", "(local.set $i (local.get $j))"),
        Case::new("global.get", "(local.set $i (global.get $global))"),
        Case::new("global.set", "(global.set $global (local.get $j))"),
        Case::new("select", "(local.set $i (select (local.get $i) (local.get $j) (local.get $n)))"),
        Case::new("ref.func", "(drop (ref.func $same))"),
        Case::new("ref.is_null", "(local.set $i (ref.is_null (local.get $pair)))"),
        Case::new("table.get", "(drop (table.get $table (i32.const 3)))"),
        Case::new("table.set", "(table.set $table (i32.const 3) (ref.func $same))"),
        Case::new("table.size", "(local.set $i (table.size $table))"),
        Case::new("table.grow by 0", "(local.set $i (table.grow $table (ref.null func) (i32.const 0)))"),
        Case::new("table.grow that fails", "(local.set $i (table.grow $table (ref.null func) (i32.const -1)))"),
        Case::new("table.init of 4", "(table.init $table $elem (i32.const 9) (i32.const 0) (i32.const 4))"),
        Case::new("elem.drop", "(elem.drop $elem)"),
    ];
    for len in [0, 1, 16, 1000, 60_000] {
        cases.push(Case::new(
            format!("table.fill of {len}"),
            format!("(table.fill $table (i32.const 5) (ref.func $same) (i32.const {len}))"),
        ));
        cases.push(Case::new(
            format!("table.copy of {len}"),
            format!("(table.copy $table $table (i32.const 5) (i32.const 99) (i32.const {len}))"),
        ));
    }
    cases
}

fn control() -> Vec<Case> {
    let locals = |count: usize| {
        format!("(func $callee (param i32) (result i32) (local {}) (local.get 0))", "i64 ".repeat(count))
    };
    let call = "(local.set $i (call $callee (local.get $j)))";
    let mut cases = vec![
        Case::new("br_if", "(block (br_if 0 (local.get $i)))"),
        Case::new("br", "(block (br 0))"),
        Case::new("if", "(if (local.get $n) (then (local.set $i (i32.const 1))) (else (local.set $i (i32.const 2))))"),
        Case::new("br_table", format!("(block (block (br_table {} 1 (local.get $n))))", "0 1 ".repeat(500))),
        Case::new("call", "(local.set $i (call $same (local.get $j)))"),
        Case::new("call_indirect", "(local.set $i (call_indirect (type $unary) (local.get $j) (i32.const 0)))"),
        Case::new("call_ref", "(local.set $i (call_ref $unary (local.get $j) (ref.func $same)))"),
        Case::new("return_call", "(local.set $i (call $tail (local.get $j)))"),
        Case::new("return_call_indirect", "(local.set $i (call $tail_indirect (local.get $j)))"),
        Case::new("call of the host", "(local.set $i (call $host (local.get $j)))"),
        Case::new("recursion of depth 1000", "(local.set $i (call $deep (i32.const 1000)))").once(),
        Case::new("throw to the same function", "(block $h (result i32) (try_table (catch $tag $h) (throw $tag (local.get $i))) (i32.const 0)) (local.set $i)"),
        Case::new("throw to the caller", "(block $h (result i32) (try_table (catch $tag $h) (call $thrower (i32.const 0))) (i32.const 0)) (local.set $i)")
            .with("(func $thrower (param i32) (if (local.get 0) (then (call $thrower (i32.sub (local.get 0) (i32.const 1)))) (else (throw $tag (local.get 0)))))"),
        Case::new("throw through 1000 calls", "(block $h (result i32) (try_table (catch $tag $h) (call $thrower (i32.const 1000))) (i32.const 0)) (local.set $i)").once()
            .with("(func $thrower (param i32) (if (local.get 0) (then (call $thrower (i32.sub (local.get 0) (i32.const 1)))) (else (throw $tag (local.get 0)))))"),
    ];
    for count in [1, 10, 100, 1000, 10_000, 49_000] {
        cases.push(Case::new(format!("call of a function with {count} locals"), call).with(locals(count)));
    }
    let values = |keyword: &str, count: usize| format!("({keyword} {})", "i64 ".repeat(count));
    for count in [10, 100, 1000] {
        let more = format!(
            "(func $callee {0} {1} {2})",
            values("param", count),
            values("result", count),
            (0..count).map(|i| format!("(local.get {i})")).collect::<String>()
        );
        let body = format!("{} (call $callee) {}", "(local.get $l)".repeat(count), "(drop)".repeat(count));
        cases.push(Case::new(format!("call with {count} parameters and results"), body).with(more).once());
        let carry = format!("(type $many (func {}))", values("result", count));
        let body = format!(
            "(block $out (type $many) {} (br_if $out (local.get $n))) {}",
            "(i64.const 1)".repeat(count),
            "(drop)".repeat(count)
        );
        cases.push(Case::new(format!("br_if with {count} values"), body).with(carry).once());
    }
    cases
}

fn objects() -> Vec<Case> {
    let mut cases = vec![
        Case::new("struct.new", "(local.set $pair (struct.new $pair (local.get $i) (local.get $l)))"),
        Case::new("struct.get", "(local.set $i (struct.get $pair 0 (local.get $pair)))"),
        Case::new("struct.set", "(struct.set $pair 1 (local.get $pair) (local.get $l))"),
        Case::new("array.get_u", "(local.set $i (array.get_u $bytes (local.get $bytes) (i32.const 9)))"),
        Case::new("array.set", "(array.set $bytes (local.get $bytes) (i32.const 9) (local.get $i))"),
        Case::new("array.len", "(local.set $i (array.len (local.get $bytes)))"),
        Case::new("ref.test", "(local.set $i (ref.test (ref $longer) (local.get $any)))"),
        Case::new("ref.cast", "(drop (ref.cast (ref $longest) (local.get $any)))"),
        Case::new("ref.i31", "(local.set $i (i31.get_s (ref.i31 (local.get $i))))"),
        Case::new("ref.eq", "(local.set $i (ref.eq (local.get $pair) (local.get $bytes)))"),
    ];
    for len in [0, 16, 1000, 60_000] {
        cases.push(Case::new(
            format!("array.new of {len}"),
            format!("(drop (array.new $bytes (i32.const 7) (i32.const {len})))"),
        ));
        cases.push(Case::new(
            format!("array.fill of {len}"),
            format!("(array.fill $bytes (local.get $bytes) (i32.const 0) (i32.const 7) (i32.const {len}))"),
        ));
        cases.push(Case::new(format!("array.copy of {len}"), format!("(array.copy $bytes $bytes (local.get $bytes) (i32.const 1) (local.get $bytes) (i32.const 5) (i32.const {len}))")));
    }
    cases
}

/// Modules whose instantiation is measured.
fn instantiations() -> Vec<(&'static str, String)> {
    let repeat = |count: usize, text: &dyn Fn(usize) -> String| (0..count).map(text).collect::<String>();
    vec![
        ("nothing", String::new()),
        ("one function", "(func)".into()),
        ("20,000 functions", "(func)".repeat(20_000)),
        ("20,000 exports", format!("(func){}", repeat(20_000, &|i| format!("(export \"{i}\" (func 0))")))),
        ("20,000 globals", "(global i64 (i64.const 1))".repeat(20_000)),
        ("a memory of 1 page", "(memory 1)".into()),
        ("a memory of 1,000 pages", "(memory 1000)".into()),
        ("100 memories of 0 pages", "(memory 0)".repeat(100)),
        ("100 tables of 0 elements", "(table 0 funcref)".repeat(100)),
        ("a table of 1,000,000 elements", "(table 1000000 funcref)".into()),
        ("a table of 1,000,000 functions", "(func $f) (table 1000000 funcref (ref.func $f))".into()),
        ("10,000 data segments", format!("(memory 1) {}", "(data (i32.const 0) \"\")".repeat(10_000))),
        (
            "a data segment of 1,000,000 bytes",
            format!("(memory 16) (data (i32.const 0) \"{}\")", "x".repeat(1_000_000)),
        ),
        ("10,000 element segments", format!("(table 1 funcref) {}", "(elem (i32.const 0) func)".repeat(10_000))),
        (
            "100,000 elements",
            format!("(func $f) (table 100000 funcref) (elem (i32.const 0) func {})", "$f ".repeat(100_000)),
        ),
        (
            "10,000 types",
            repeat(10_000, &|i| {
                format!("(type (func (param{})))", if i % 2 == 0 { " i32" } else { " i64" }.repeat(i % 90))
            }),
        ),
        ("10,000 tags", "(tag)".repeat(10_000)),
        ("1,000 imports", repeat(1_000, &|_| "(import \"host\" \"nothing\" (func (param i32) (result i32)))".into())),
    ]
}

fn engine() -> Engine {
    let mut config = metered(FuelSchedule::V1);
    for &proposal in Proposal::ALL {
        config.proposal(proposal, true);
    }
    Engine::new(&config)
}

fn linker(engine: &Engine) -> Linker<()> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "nothing", |x: i32| x).unwrap();
    linker
}

/// Repeats `work`, which returns the fuel that it took, for some time. Returns the least nanoseconds for a unit.
fn measure(mut work: impl FnMut() -> u64) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let (begin, mut fuel, mut time) = (Instant::now(), 0, Duration::ZERO);
        while time < LEAST {
            fuel += work();
            time = begin.elapsed();
        }
        best = best.min(time.as_nanos() as f64 / fuel as f64);
    }
    best
}

fn measure_calls(engine: &Engine, case: &Case) -> f64 {
    let module = Module::new(engine, case.text()).unwrap_or_else(|error| panic!("{}: {error}", case.name));
    let mut store = Store::new(engine, ());
    store.set_fuel(FUEL).unwrap();
    let instance = linker(engine).instantiate_and_start(&mut store, &module).unwrap();
    let run = instance.get_func(&store, "run").unwrap();
    let mut call = |n| {
        store.set_fuel(FUEL).unwrap();
        run.call(&mut store, &[Val::I32(n)], &mut []).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        FUEL - store.get_fuel().unwrap()
    };
    // As many iterations as take a while, so that what is around them costs little.
    let mut n = 1;
    loop {
        let begin = Instant::now();
        call(n);
        if begin.elapsed() * 10 > LEAST || n > 1 << 24 {
            return measure(|| call(n));
        }
        n *= 2;
    }
}

fn measure_instantiation(engine: &Engine, name: &str, text: &str) -> f64 {
    let module = Module::new(engine, format!("(module {text})")).unwrap_or_else(|error| panic!("{name}: {error}"));
    let linker = linker(engine);
    measure(|| {
        let mut store = Store::new(engine, ());
        store.set_fuel(FUEL).unwrap();
        linker.instantiate_and_start(&mut store, &module).unwrap();
        FUEL - store.get_fuel().unwrap()
    })
}

#[test]
fn prices_cover_the_work() {
    if env::var_os("WASMOTE_PRICES").is_none() {
        // Other work on the machine would decide. What fuel counts is asserted by the other tests.
        return;
    }
    let engine = engine();
    let cases = [numeric(), memory(), tables_and_variables(), control(), objects()];
    let calls = cases.iter().flatten().map(|case| (case.name.clone(), measure_calls(&engine, case)));
    let made = instantiations().into_iter().map(|(name, text)| {
        let name = format!("instantiation: {name}");
        let price = measure_instantiation(&engine, &name, &text);
        (name, price)
    });
    let mut prices: Vec<(String, f64)> = calls.chain(made).collect();
    prices.sort_by(|a, b| b.1.total_cmp(&a.1));
    let median = prices[prices.len() / 2].1;
    let mut table = format!("{} cases, median {median:.2} ns per unit of fuel\n", prices.len());
    for (name, price) in &prices {
        writeln!(table, "| {name} | {price:.2} | {:.1} |", price / median).unwrap();
    }
    println!("{table}");
    let is_known = |name: &str| DEAR.iter().any(|known| name.starts_with(known));
    let dear: Vec<_> = prices.iter().filter(|(name, price)| price / median > MOST && !is_known(name)).collect();
    assert!(dear.is_empty(), "more than {MOST} medians: {dear:#?}");
}
