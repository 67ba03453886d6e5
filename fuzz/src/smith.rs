//! Modules of wasm-smith.

use arbitrary::{Arbitrary, Unstructured};
use wasm_smith::{Config, Module};
use wasmote_generate::Random;

use crate::machine::{MAX_MEMORY, MAX_TABLE};

/// How much of WebAssembly modules may use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What all compared engines have.
    Shared,
    /// What this library and the judge have.
    Judged,
    /// What this library has, in random parts.
    Everything,
}

/// Returns a configuration for a kind of modules.
fn config(random: &mut Random, scope: Scope) -> Config {
    let kind = random.below(4);
    let mut config = Config {
        allow_start_export: random.once_in(4),
        allow_floats: kind != 3,
        canonicalize_nans: true,
        export_everything: true,
        exceptions_enabled: scope != Scope::Shared && random.once_in(2),
        gc_enabled: scope != Scope::Shared && !random.once_in(3),
        compact_imports_enabled: false,
        threads_enabled: false,
        simd_enabled: random.once_in(2),
        relaxed_simd_enabled: false,
        memory64_enabled: random.once_in(4),
        custom_page_sizes_enabled: random.once_in(8),
        wide_arithmetic_enabled: true,
        disallow_traps: kind == 2,
        max_types: 12,
        max_imports: 5,
        max_tags: 3,
        min_funcs: 1,
        max_funcs: 5,
        max_globals: 6,
        max_memories: if random.once_in(3) { 3 } else { 1 },
        // Some are larger than the limit.
        max_memory32_bytes: MAX_MEMORY as u64 + (1 << 16),
        max_memory64_bytes: MAX_MEMORY as u128 + (1 << 16),
        max_tables: 3,
        max_table_elements: MAX_TABLE as u64 - 200,
        max_element_segments: 4,
        max_elements: 12,
        max_data_segments: 4,
        max_instructions: random.pick(&[40, 120, 400]),
        ..Config::default()
    };
    if kind == 1 {
        // No calls out, one memory: deeper bodies of plain computation.
        config.max_imports = 0;
        config.min_memories = 1;
    }
    if scope != Scope::Shared {
        config.relaxed_simd_enabled = config.simd_enabled && random.once_in(2);
    }
    config
}

/// Returns a module that ends by itself, since it counts its steps.
pub fn terminating(data: &[u8], seed: u64, scope: Scope) -> Option<Vec<u8>> {
    let mut random = Random(seed);
    let config = config(&mut random, scope);
    let mut module = Module::new(config, &mut Unstructured::new(data)).ok()?;
    module.ensure_termination(2000).ok()?;
    Some(module.to_bytes())
}

/// Returns a module that may loop, be large, or use anything that this library has.
pub fn any(data: &[u8], seed: u64) -> Option<Vec<u8>> {
    let mut random = Random(seed);
    let mut source = Unstructured::new(data);
    let mut config = if random.once_in(2) { config(&mut random, Scope::Everything) } else { swarm(&mut source)? };
    config.export_everything = true;
    config.canonicalize_nans = random.once_in(4);
    config.generate_custom_sections = random.once_in(4);
    let module = Module::new(config, &mut source).ok()?;
    Some(module.to_bytes())
}

/// Returns a random configuration without what this library refuses.
fn swarm(source: &mut Unstructured<'_>) -> Option<Config> {
    let mut config = Config::arbitrary(source).ok()?;
    config.threads_enabled = false;
    config.max_memories = config.max_memories.min(8);
    config.max_tables = config.max_tables.min(8);
    Some(config)
}
