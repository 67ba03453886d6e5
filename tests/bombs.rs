//! Loading modules made to be expensive takes memory in proportion to their bytes, in every mode.
//!
//! `tests/hostile` tests the time, and `benches/peers --startup` measures both beside another engine.

use wasmote::{CompilationMode, Config, Engine, Module};
use wasmote_bombs::{
    BOMBS,
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
