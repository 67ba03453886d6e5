//! Loading modules made to be expensive takes memory in proportion to their bytes, in every mode.
//!
//! `tests/hostile` tests the time, and `benches/peers --startup` measures both beside another engine.

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
