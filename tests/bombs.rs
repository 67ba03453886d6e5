//! Modules made to be expensive take memory in proportion to their bytes, loaded in every mode.
//!
//! `tests/hostile` has the time they take, and `benches/peers --startup` both, beside another engine.

use wasmote::{CompilationMode, Config, Engine, Module};

use heap::{Cost, measure};

#[path = "../benches/peers/src/startup/bombs.rs"]
mod bombs;
#[path = "../benches/peers/src/startup/bytes.rs"]
mod bytes;
mod heap;

/// The most bytes of heap that loading may take at once, for each byte of the module.
const MOST_PER_BYTE: isize = 150;

#[test]
fn bombs_take_memory_in_proportion_to_their_bytes() {
    let mut failures = Vec::new();
    for bomb in bombs::BOMBS {
        for part in [40, 10] {
            let wasm = bomb.wasm(part);
            let bytes = wasm.len() as isize;
            for mode in [CompilationMode::Eager, CompilationMode::LazyTranslation, CompilationMode::Lazy] {
                let mut config = Config::default();
                config.compilation_mode(mode);
                let engine = Engine::new(&config);
                let (module, Cost { peak, .. }) = measure(|| Module::new(&engine, &wasm));
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
