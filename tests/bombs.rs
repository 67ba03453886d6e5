//! Loading modules made to be expensive takes memory in proportion to their bytes, in every mode.
//!
//! `tests/hostile` tests the time, and `benches/peers --startup` measures both beside another engine.
//! `WASMOTE_PRICES=1 cargo test --release --test bombs -- --nocapture` compares the time for each byte with that of ordinary modules.

use std::{env, fs, time::Instant};

use wasmote::{CompilationMode, Config, Engine, Module};
use wasmote_bombs::{
    BOMBS,
    bytes::{leb, module, section},
    heap::{Cost, Counting, ThisThread},
};

#[global_allocator]
static ALLOCATOR: Counting<ThisThread> = Counting::new();

/// The most bytes of heap that loading may take at once, for each byte of the module.
const MOST_PER_BYTE: isize = 150;

#[test]
fn bombs_take_memory_in_proportion_to_their_bytes() {
    let mut failures = Vec::new();
    for bomb in BOMBS {
        for part in [40, 10] {
            let wasm = bomb.wasm(part);
            let bytes = wasm.len() as isize;
            for mode in [CompilationMode::Eager, CompilationMode::LazyTranslation, CompilationMode::Lazy] {
                let mut config = Config::default();
                config.compilation_mode(mode);
                let engine = Engine::new(&config);
                let (module, Cost { peak, .. }) = ThisThread::measure(|| Module::new(&engine, &wasm));
                if let Err(error) = &module {
                    failures.push(format!("{} ({}), {mode:?}: {error}", bomb.name, bomb.what));
                }
                if peak > MOST_PER_BYTE * bytes {
                    failures.push(format!("{} / {part}, {mode:?}: {peak} bytes of heap for {bytes}", bomb.name));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn compact_imports_take_memory_in_proportion_to_their_bytes() {
    // A group of functions with empty names: one byte for each import.
    let count = 200_000;
    let group = [&[1, 1, b'm', 0, 0x7e, 0, 0][..], &leb(count), &vec![0; count as usize]].concat();
    let wasm = module(&[section(1, &[1, 0x60, 0, 0]), section(2, &group)]);
    let mut config = Config::default();
    config.wasm_compact_imports(true);
    let engine = Engine::new(&config);
    let (module, Cost { peak, .. }) = ThisThread::measure(|| Module::new(&engine, &wasm));
    assert_eq!(module.unwrap().imports().len(), count as usize);
    assert!(peak <= MOST_PER_BYTE * wasm.len() as isize, "{peak} bytes of heap for {}", wasm.len());
}

/// The most time for each byte under the default limits, in medians of ordinary modules.
const MOST_TIME: f64 = 50.0;

/// Returns the nanoseconds that loading takes for each byte, in the fastest of some rounds.
fn nanoseconds_per_byte(engine: &Engine, wasm: &[u8]) -> f64 {
    let attempt = |_| {
        let begin = Instant::now();
        let module = Module::new(engine, wasm);
        let time = begin.elapsed();
        assert!(module.is_ok(), "{:?}", module.err());
        time
    };
    (0..7).map(attempt).min().unwrap().as_nanos() as f64 / wasm.len() as f64
}

#[test]
fn bombs_take_time_in_proportion_to_their_bytes() {
    if env::var_os("WASMOTE_PRICES").is_none() {
        // Other work on the machine would decide; `tests/hostile` asserts that the time is linear.
        return;
    }
    let mut config = Config::default();
    config.compilation_mode(CompilationMode::Eager);
    let engine = Engine::new(&config);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/kernels/wasm");
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    // In smaller ones, what does not depend on the bytes counts most.
    let mut ordinary: Vec<f64> =
        files.filter(|wasm| wasm.len() > 1000).map(|wasm| nanoseconds_per_byte(&engine, &wasm)).collect();
    ordinary.sort_by(f64::total_cmp);
    let median = ordinary[ordinary.len() / 2];
    println!("{} ordinary modules: median {median:.1} ns for each byte", ordinary.len());
    let mut dear = Vec::new();
    for bomb in BOMBS {
        let time = nanoseconds_per_byte(&engine, &bomb.wasm(4));
        println!("| {} | {time:.1} | {:.1} |", bomb.name, time / median);
        if time > MOST_TIME * median {
            dear.push((bomb.name, time));
        }
    }
    assert!(dear.is_empty(), "more than {MOST_TIME} medians of {median:.1} ns: {dear:?}");
}
