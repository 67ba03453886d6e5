//! The same module in every way that this library has to run it: compilation modes, dispatchers, fused ops, metering,
//! and how its bytes arrive. Results, traps, the fuel that is left, the point where fuel runs out and the frames of
//! backtraces must be equal.

use std::sync::Arc;

use wasmote::{CompilationMode, Config, Engine, Module};
use wasmote_generate::Random;

use crate::{
    engines::{Fuel, ours},
    inputs::{choices, seed_of, show},
    machine::{Observed, compare, observe},
    tally,
    targets::differential,
};

/// Enough fuel for every module.
const PLENTY: u64 = 1 << 40;

/// How the bytes of a module arrive.
#[derive(Debug, Clone, Copy)]
enum Bytes {
    Lent,
    Owned,
    Shared,
    /// In parts of random sizes
    Streamed,
}

/// A way to run a module.
#[derive(Debug, Clone, Copy)]
struct Mode {
    compile: CompilationMode,
    portable: bool,
    fused: bool,
    bytes: Bytes,
    fuel: Fuel,
    /// Whether each allocation collects
    stress: bool,
}

/// Makes an input.
pub fn input(random: &mut Random) -> Vec<u8> {
    choices(random)
}

/// A stream that hands out its bytes in parts.
struct Parts<'a> {
    rest: &'a [u8],
    random: Random,
}

impl std::io::Read for Parts<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let most = self.random.pick(&[1, 2, 7, 64, 1000]);
        let count = self.rest.len().min(buf.len()).min(most);
        let (head, rest) = self.rest.split_at(count);
        buf[..count].copy_from_slice(head);
        self.rest = rest;
        Ok(count)
    }
}

impl Mode {
    fn config(self) -> Config {
        let mut config = ours::config();
        config
            .compilation_mode(self.compile)
            .portable_dispatch(self.portable)
            .fused_ops(self.fused)
            .gc_stress(self.stress)
            .consume_fuel(self.fuel != Fuel::Off);
        // Small enough to overflow sometimes, at the same point.
        config.set_max_stack_height(64 << 10);
        config
    }

    fn load(self, engine: &Engine, wasm: &[u8], seed: u64) -> Module {
        let module = match self.bytes {
            Bytes::Lent => Module::new(engine, wasm),
            Bytes::Owned => Module::from_bytes(engine, wasm.to_vec()),
            Bytes::Shared => Module::from_bytes(engine, Arc::<[u8]>::from(wasm)),
            Bytes::Streamed => Module::new_streaming(engine, Parts { rest: wasm, random: Random(seed) }),
        };
        module.unwrap_or_else(|error| panic!("{self:?}: not loaded: {error}\n{}", show(wasm)))
    }

    fn run(self, wasm: &[u8], seed: u64) -> (Observed, Option<u64>) {
        let engine = Engine::new(&self.config());
        let module = self.load(&engine, wasm, seed);
        let mut machine = ours::Machine::new(&engine, module, seed, self.fuel);
        let observed = observe(&mut machine);
        let left = machine.fuel();
        (observed, left)
    }
}

/// Every way but for the fuel, in turn with how the bytes arrive.
fn ways() -> impl Iterator<Item = Mode> {
    let bytes = [Bytes::Lent, Bytes::Streamed, Bytes::Owned, Bytes::Shared];
    let compile = [CompilationMode::Eager, CompilationMode::LazyTranslation, CompilationMode::Lazy];
    (0..12).map(move |way| Mode {
        compile: compile[way % 3],
        portable: way / 3 % 2 == 1,
        fused: way < 6,
        bytes: bytes[(way + way / 4) % 4],
        fuel: Fuel::Off,
        stress: way % 5 == 1,
    })
}

/// Runs an input.
///
/// # Panics
///
/// If two modes differ.
pub fn run(data: &[u8]) {
    let seed = seed_of(data);
    let mut random = Random(seed);
    let Some((wasm, _)) = differential::module(data, &mut random) else { return };
    let first = same_in_all_ways(&wasm, seed, Fuel::Off);
    let (plenty, left) = same_in_all_ways(&wasm, seed, Fuel::Total(PLENTY));
    let strip = |observed: &Observed| {
        let lines = observed.log.iter().map(|line| line.split(", fuel ").next().unwrap_or_default().to_owned());
        Observed { log: lines.collect(), cut: observed.cut }
    };
    let check = |names, one: &Observed, other: &Observed| {
        if let Err(difference) = compare(names, &strip(one), &strip(other)) {
            panic!("{difference}\n{}", show(&wasm));
        }
    };
    check(("unmetered", "metered"), &first.0, &plenty);
    let used = PLENTY - left.expect("metered");
    // Somewhere on the way it runs out.
    let little = random.below(used + 1);
    let (short, _) = same_in_all_ways(&wasm, seed, Fuel::Total(little));
    tally::add("runs out of fuel", short.log.iter().any(|line| line.contains("OutOfFuel")).into());
    // Calls that go on with just the fuel that they need end as if nothing had happened. The start function cannot go
    // on, so it gets what it needs.
    if !random.once_in(4) {
        return;
    }
    for portable in [false, true] {
        let mode = Mode { portable, fuel: Fuel::Refill(random.below(used / 2 + 1)), ..ways().next().expect("a way") };
        let (refilled, _) = mode.run(&wasm, seed);
        let failed = refilled.log.iter().any(|line| line.starts_with("not instantiated: Trap(\"OutOfFuel\")"));
        if !failed {
            tally::add("runs with refills", 1);
            check(("at once", "with refills"), &first.0, &refilled);
        }
    }
}

/// Runs a module in all ways with the same fuel. Returns the log, and the fuel that is left.
fn same_in_all_ways(wasm: &[u8], seed: u64, fuel: Fuel) -> (Observed, Option<u64>) {
    let mut first: Option<(Mode, (Observed, Option<u64>))> = None;
    for mode in ways() {
        let mode = Mode { fuel, ..mode };
        let run = mode.run(wasm, seed);
        tally::add("runs", 1);
        let Some((before, expected)) = &first else {
            first = Some((mode, run));
            continue;
        };
        let names = (format!("{before:?}"), format!("{mode:?}"));
        if let Err(difference) = compare((&names.0, &names.1), &expected.0, &run.0) {
            panic!("{difference}\n{}", show(wasm));
        }
        if expected.0.cut != run.0.cut {
            panic!("a stack overflows only in {}\nor only in {}\n{}", names.0, names.1, show(wasm));
        }
        if expected.1 != run.1 {
            panic!("fuel left: {:?} in {}, {:?} in {}\n{}", expected.1, names.0, run.1, names.1, show(wasm));
        }
    }
    first.expect("there are ways").1
}
