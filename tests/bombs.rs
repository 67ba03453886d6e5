//! Modules made to be expensive take memory in proportion to their bytes, loaded in every mode.
//!
//! `tests/hostile` has the time they take, and `benches/peers --startup` both, beside another engine.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use wasmote::{CompilationMode, Config, Engine, Module};

#[path = "../benches/peers/src/startup/bombs.rs"]
mod bombs;

/// Counts what the current thread has allocated.
struct Counting;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    // A thread that ends may free when its counters are gone.
    let _ = LIVE.try_with(|live| {
        live.set(live.get() + bytes);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(live.get())));
    });
}

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: as promised by the caller.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, bytes: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both exist while the contents are copied.
        count(size as isize);
        count(-(layout.size() as isize));
        // SAFETY: as promised by the caller.
        unsafe { System.realloc(bytes, layout, size) }
    }

    unsafe fn dealloc(&self, bytes: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(bytes, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

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
                let before = LIVE.get();
                PEAK.set(before);
                let module = Module::new(&engine, &wasm);
                let peak = PEAK.get() - before;
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
