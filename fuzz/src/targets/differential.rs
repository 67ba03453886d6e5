//! The same modules in this library, in wasmi and in wasmtime: results, traps, arguments of host calls, globals,
//! memories and tables must be equal. Wasmtime is the judge; wasmi is asked where that is not built in or stops early.
//!
//! The modules are of wasm-smith, and expressions of our own, in which ops that the translator fuses are dense.

use wasmote::{CompilationMode, Engine, Module};
use wasmote_generate::{Random, expressions, objects, programs};

#[cfg(feature = "wasmtime")]
use crate::engines::wasmtime;
use crate::{
    engines::{Fuel, ours, wasmi as peer},
    inputs::{choices, seed_of, show},
    machine::{NOTE, Observed, compare, observe},
    seeds::for_each_operator,
    smith::{self, Scope},
    tally,
};

/// Makes an input.
pub fn input(random: &mut Random) -> Vec<u8> {
    choices(random)
}

/// Runs an input.
///
/// # Panics
///
/// If an engine behaves differently.
pub fn run(data: &[u8]) {
    let seed = seed_of(data);
    let mut random = Random(seed);
    let Some((wasm, scope)) = module(data, &mut random) else { return };
    count(&wasm);
    let portable = random.once_in(2);
    let ours = [portable, !portable].map(|portable| run_ours(&wasm, seed, portable, &mut random));
    judge(&wasm, seed, scope, &ours);
}

/// Returns a module that ends by itself.
pub(super) fn module(data: &[u8], random: &mut Random) -> Option<(Vec<u8>, Scope)> {
    let parsed =
        |text: &str| wat::parse_str(text).unwrap_or_else(|error| panic!("the text is malformed: {error}\n{text}"));
    match random.below(8) {
        0 | 1 => Some((parsed(&expressions::generate(random.number())), Scope::Shared)),
        // Version 2.0.0 of wasmi cannot translate some of these.
        2 | 3 => {
            let typed = random.once_in(2);
            Some((parsed(&programs::generate(random.number(), typed)), Scope::Judged))
        }
        4 | 5 => Some((parsed(&objects::generate(random.number())), Scope::Judged)),
        6 => Some((smith::terminating(data, random.number(), Scope::Shared)?, Scope::Shared)),
        _ => Some((smith::terminating(data, random.number(), Scope::Judged)?, Scope::Judged)),
    }
}

/// Counts modules by what their code has.
fn count(wasm: &[u8]) {
    let mut kinds = [
        ("modules", true),
        ("with vectors", false),
        ("with relaxed vectors", false),
        ("with objects", false),
        ("with exceptions", false),
    ];
    for_each_operator(wasm, |bytes| match *bytes {
        // Numbers of relaxed operators begin at 0x100.
        [0xfd, low, high, ..] => {
            kinds[1].1 = true;
            kinds[2].1 |= low & 0x80 != 0 && high >= 2;
        }
        [0xfb, ..] => kinds[3].1 = true,
        [0x08 | 0x0a | 0x1f, ..] => kinds[4].1 = true,
        _ => {}
    });
    for (what, _) in kinds.iter().filter(|(_, found)| *found) {
        tally::add(what, 1);
    }
}

fn run_ours(wasm: &[u8], seed: u64, portable: bool, random: &mut Random) -> Observed {
    let mut config = ours::config();
    let mode = random.pick(&[CompilationMode::Eager, CompilationMode::LazyTranslation, CompilationMode::Lazy]);
    config
        .compilation_mode(mode)
        .portable_dispatch(portable)
        .fused_ops(!random.once_in(8))
        .gc_stress(random.once_in(2));
    let engine = Engine::new(&config);
    let module = Module::new(&engine, wasm).unwrap_or_else(|error| panic!("not loaded: {error}\n{}", show(wasm)));
    let mut observed = observe(&mut ours::Machine::new(&engine, module, seed, Fuel::Off));
    observed.log.retain(|line| !line.starts_with(NOTE));
    observed
}

/// Compares logs with that of the judge or, where the judge says nothing, with that of wasmi.
fn judge(wasm: &[u8], seed: u64, scope: Scope, ours: &[Observed]) {
    for (line, what) in [
        ("  = ", "calls that return"),
        ("  Trap", "calls that trap"),
        ("  Exception", "calls that throw"),
        ("  host ", "host calls"),
    ] {
        tally::add(what, ours[0].log.iter().filter(|logged| logged.starts_with(line)).count());
    }
    let vague = copies_arrays(wasm);
    let check = |name: &str, expected: &Observed| {
        for ours in ours {
            let (expected, ours) = if vague { (&any_trap(expected), &any_trap(ours)) } else { (expected, ours) };
            if let Err(difference) = compare((name, "ours"), expected, ours) {
                panic!("{difference}\n{}", show(wasm));
            }
        }
    };
    #[cfg(feature = "wasmtime")]
    {
        let judge = wasmtime::Machine::new(wasm, seed);
        let mut judge = judge.unwrap_or_else(|| panic!("wasmtime refuses the module\n{}", show(wasm)));
        let judge = observe(&mut judge);
        check("wasmtime", &judge);
        if !judge.cut {
            return;
        }
        tally::add("cut short", 1);
    }
    if scope != Scope::Shared || is_miscomputed_by_peer(wasm) {
        return;
    }
    let engine = wasmi::Engine::new(&peer::config());
    let Ok(module) = wasmi::Module::new(&engine, wasm) else { return };
    check("wasmi", &observe(&mut peer::Machine::new(&engine, module, seed, Fuel::Off)));
}

/// Whether `wasm` may copy elements between arrays. If one is null and the other one is too short, engines may choose which
/// of the two they report: here null is found first, while wasmtime looks at the length of the destination before it looks at
/// the source.
fn copies_arrays(wasm: &[u8]) -> bool {
    wasm.windows(2).any(|ops| matches!(ops, [0xfb, 0x11]))
}

/// Returns a log that does not tell a null reference from an index that is out of bounds.
fn any_trap(observed: &Observed) -> Observed {
    let name = |line: &String| match line.as_str() {
        "  Trap(\"ArrayOutOfBounds\")" => "  Trap(\"NullReference\")".to_owned(),
        _ => line.clone(),
    };
    Observed { log: observed.log.iter().map(name).collect(), cut: observed.cut }
}

/// Whether `wasm` may select by an `eqz`. Version 2.0.0 of the peer computes every such `select` as if the tested value
/// were zero.
fn is_miscomputed_by_peer(wasm: &[u8]) -> bool {
    wasm.windows(2).any(|ops| matches!(ops, [0x45 | 0x50, 0x1b | 0x1c]))
}
