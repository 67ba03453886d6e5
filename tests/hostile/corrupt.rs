//! Real modules that are truncated, or have bytes changed.

use wasmote::Module;

use crate::{engines, in_time, kernels, run};

#[test]
fn prefixes() {
    let engines = engines();
    for (name, wasm) in kernels() {
        let step = (wasm.len() / 300).max(1);
        for len in (0..wasm.len()).step_by(step).chain(wasm.len().saturating_sub(20)..wasm.len()) {
            let prefix = &wasm[..len];
            // A module may end after any of its sections.
            if let Ok(module) = Module::new(&engines[len % engines.len()], prefix) {
                assert!(len >= 8 && ends_with_a_section(prefix), "{name}: the first {len} bytes load");
                run(&module);
            }
        }
    }
}

/// Whether the bytes end at the end of a section.
fn ends_with_a_section(wasm: &[u8]) -> bool {
    let mut at = 8;
    while at < wasm.len() {
        at += 1;
        let (mut size, mut shift) = (0_usize, 0);
        loop {
            let Some(&byte) = wasm.get(at) else { return false };
            at += 1;
            size |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
        at += size;
    }
    at == wasm.len()
}

#[test]
fn every_corruption_of_a_small_module() {
    let engines = engines();
    let (_, wasm) = kernels().into_iter().find(|(name, _)| name == "small.wasm").unwrap();
    assert!(wasm.len() < 400);
    let (mut loaded, mut tried) = (0, 0);
    for at in 0..wasm.len() {
        in_time("a byte", || {
            let mut corrupt = wasm.clone();
            for value in 0..=255 {
                corrupt[at] = value;
                if corrupt[at] == wasm[at] {
                    continue;
                }
                tried += 1;
                if let Ok(module) = Module::new(&engines[(at + usize::from(value)) % engines.len()], &corrupt) {
                    loaded += 1;
                    run(&module);
                }
            }
        });
    }
    assert!(loaded > 100 && tried == wasm.len() * 255);
}

#[test]
fn some_corruptions_of_all_modules() {
    let engines = engines();
    for (name, wasm) in kernels() {
        let step = (wasm.len() / 120).max(1);
        for at in (0..wasm.len()).step_by(step) {
            for (i, change) in [0x01_u8, 0x80, 0xff, 0x40].into_iter().enumerate() {
                let mut corrupt = wasm.clone();
                corrupt[at] ^= change;
                in_time(&name, || {
                    if let Ok(module) = Module::new(&engines[(at + i) % engines.len()], &corrupt) {
                        run(&module);
                    }
                });
            }
        }
    }
}

#[test]
fn bytes_cut_out_and_repeated() {
    let engines = engines();
    for (name, wasm) in kernels().into_iter().filter(|(_, wasm)| wasm.len() < 1000) {
        for at in 8..wasm.len() {
            let mut cut = wasm.clone();
            cut.remove(at);
            let mut repeated = wasm.clone();
            repeated.insert(at, wasm[at]);
            for bytes in [cut, repeated] {
                in_time(&name, || {
                    if let Ok(module) = Module::new(&engines[at % engines.len()], &bytes) {
                        run(&module);
                    }
                });
            }
        }
    }
}
