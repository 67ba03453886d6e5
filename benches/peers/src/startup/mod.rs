//! `--startup`: the time and memory until a module runs, also for modules that are made to be expensive.
//!
//! As everywhere here, the runs are interleaved. Times are minima over the rounds, since nothing makes a load faster
//! than it is. They are processor times where the system has them, so that waiting for the processor does not count.

mod clock;
mod linking;
mod load;
mod modules;
mod probe;
mod report;

use std::time::Duration;

use wasmote_bombs::{
    BOMBS, Bomb,
    heap::{Cost, Counting, WholeProcess},
};

use self::{
    clock::Clock,
    load::{MODES, Mode, Prepared, Way},
    modules::Input,
};
use crate::{
    engine::Result,
    measure::{self, Outcome, Run},
};

#[global_allocator]
static ALLOCATOR: Counting<WholeProcess> = Counting::new();

/// The least time for which a short piece of work is measured.
const LEAST_TIME: Duration = Duration::from_secs(3);

/// The times of one module: seconds or an error for each way.
struct Times {
    /// Wasmi, then wasmote, in the order of [`MODES`].
    modes: [[Outcome; 3]; 2],
    /// Wasmote with borrowed bytes.
    lent: [Outcome; 3],
    /// The other engines.
    others: Vec<Outcome>,
    /// The times to the first result: wasmi, then wasmote.
    first: Option<[[Outcome; 3]; 2]>,
}

/// The heap of one module, in the same order.
struct Heaps {
    modes: [[Cost; 3]; 2],
    lent: [Cost; 3],
}

/// A bomb: its name, its size, and the times and heaps of wasmi and wasmote.
struct Exploded {
    name: &'static str,
    what: &'static str,
    bytes: usize,
    outcomes: Vec<(Outcome, Option<Cost>)>,
}

/// Measures everything whose name contains `filter`, and prints tables.
pub fn print(rounds: usize, filter: &str) -> Result<()> {
    let (mut inputs, mut times, mut heaps) = (Vec::new(), Vec::new(), Vec::new());
    for input in modules::fetch(filter)? {
        eprintln!("{}: {} bytes", input.name, input.wasm.len());
        match heaps_of(&input) {
            Ok(heap) => heaps.push(heap),
            Err(error) => {
                eprintln!("{}: passed over: {error}", input.name);
                continue;
            }
        }
        times.push(times_of(&input, rounds));
        inputs.push(input);
    }
    if !inputs.is_empty() {
        print!("{}", report::modules(&inputs));
        print!("{}", report::loading(&inputs, &times, rounds));
        print!("{}", report::others(&inputs, &times));
        print!("{}", report::first(&inputs, &times));
        print!("{}", report::heaps(&inputs, &heaps));
    }
    if filter.is_empty() || filter == "linking" {
        eprintln!("linking");
        print!("{}", report::linking(&linking::measure(rounds.max(7))));
    }
    let bombs = BOMBS.iter().filter(|bomb| bomb.name.contains(filter));
    let exploded: Vec<_> = bombs.map(|bomb| explode(bomb, rounds)).collect();
    if !exploded.is_empty() {
        print!("{}", report::bombs(&exploded, &inputs, &times, &heaps));
    }
    Ok(())
}

/// Returns the time of the prepared work. Drops its result after the clock has stopped.
fn timed(prepared: Prepared) -> Result<f64> {
    let start = Clock::start();
    let loaded = prepared()?;
    let time = start.seconds();
    drop(loaded);
    Ok(time)
}

/// Makes a run that loads a module often enough for the clock.
fn run<'a>(way: &'a Way, wasm: &'static [u8]) -> Result<Run<'a>> {
    const TARGET: f64 = 0.005;
    let mut times = None;
    Ok(Box::new(move || {
        let once = || timed((way.prepare)(wasm)?);
        let times = match times {
            Some(times) => times,
            None => {
                let time = once()?;
                let enough = *times.insert((TARGET / time).clamp(1.0, 1000.0) as u32);
                if enough == 1 {
                    return Ok(Some(time));
                }
                enough
            }
        };
        let sum = (0..times).map(|_| once()).sum::<Result<f64>>()?;
        Ok(Some(sum / f64::from(times)))
    }))
}

fn times_of(input: &Input, rounds: usize) -> Times {
    let mut all = Vec::new();
    all.extend(MODES.map(|mode| load::wasmi::way(mode, false)));
    all.extend(MODES.map(|mode| load::wasmote::way(mode, false)));
    all.extend(MODES.map(|mode| load::wasmote::way(mode, true)));
    all.extend(load::others());
    let runs = all.iter().map(|way| run(way, input.wasm)).collect();
    let mut outcomes = measure::interleaved_for(runs, rounds, LEAST_TIME).into_iter();
    let modes = [take(&mut outcomes), take(&mut outcomes)];
    let lent = take(&mut outcomes);
    Times { modes, lent, others: outcomes.collect(), first: input.probe.map(|params| first_of(input, params, rounds)) }
}

fn first_of(input: &Input, params: usize, rounds: usize) -> [[Outcome; 3]; 2] {
    let wasm = input.wasm;
    let result = std::cell::Cell::new(None);
    let mut runs: Vec<Result<Run<'_>>> = Vec::new();
    for engine in [load::wasmi::first, load::wasmote::first] {
        for mode in MODES {
            // The eager modes cannot win, so they are left out.
            if mode == Mode::Eager && input.code > 1 << 20 {
                runs.push(Ok(Box::new(|| Ok(None))));
                continue;
            }
            let result = &result;
            runs.push(Ok(Box::new(move || {
                let first = engine(mode, wasm, params)?;
                if *result.get().get_or_insert(first.result) != first.result {
                    return Err(format!("{} is not what others returned", first.result).into());
                }
                result.set(Some(first.result));
                Ok(Some(first.time))
            })));
        }
    }
    let mut outcomes = measure::interleaved_for(runs, rounds, LEAST_TIME).into_iter();
    [take(&mut outcomes), take(&mut outcomes)]
}

/// Takes the next three.
fn take(outcomes: &mut impl Iterator<Item = Outcome>) -> [Outcome; 3] {
    std::array::from_fn(|_| outcomes.next().unwrap_or(Outcome::Unsupported))
}

fn heaps_of(input: &Input) -> Result<Heaps> {
    let heap = |way: Way| heap_of(&way, input.wasm);
    let three = |ways: [Way; 3]| -> Result<[Cost; 3]> {
        let [a, b, c] = ways.map(heap);
        Ok([a?, b?, c?])
    };
    Ok(Heaps {
        modes: [
            three(MODES.map(|mode| load::wasmi::way(mode, false)))?,
            three(MODES.map(|mode| load::wasmote::way(mode, false)))?,
        ],
        lent: three(MODES.map(|mode| load::wasmote::way(mode, true)))?,
    })
}

fn heap_of(way: &Way, wasm: &'static [u8]) -> Result<Cost> {
    let prepared = (way.prepare)(wasm)?;
    let (loaded, heap) = WholeProcess::measure(prepared);
    loaded.map(|_| heap).map_err(|error| format!("{}: {error}", way.name).into())
}

fn explode(bomb: &Bomb, rounds: usize) -> Exploded {
    eprintln!("{}", bomb.name);
    let wasm: &'static [u8] = bomb.wasm(1).leak();
    let ways = [load::wasmi::way(Mode::Eager, false), load::wasmote::way(Mode::Eager, false)];
    let runs = ways.iter().map(|way| run(way, wasm)).collect();
    let times = measure::interleaved_for(runs, rounds, LEAST_TIME);
    let heaps = ways.iter().map(|way| heap_of(way, wasm).ok());
    let outcomes = times.into_iter().zip(heaps).collect();
    Exploded { name: bomb.name, what: bomb.what, bytes: wasm.len(), outcomes }
}
