//! Translates every function of every program, not only those that run. Builds with debug assertions verify the code too.

use wasmote::{CompilationMode, Config, Engine, Module};
use wasmote_programs::{catalog, unless_offline};

#[test]
#[ignore = "large"]
fn all_functions_are_translated() {
    let mut config = Config::default();
    config.compilation_mode(CompilationMode::Eager).wasm_legacy_exceptions(true).wasm_threads(true);
    let engine = Engine::new(&config);
    for program in catalog::ALL.into_iter().chain(catalog::SIMD).chain(catalog::EXCEPTIONS).chain(catalog::THREADS) {
        let Some(bytes) = unless_offline(program.bytes()) else { return };
        let module = Module::new(&engine, bytes);
        assert!(module.is_ok(), "{}: {:?}", program.name, module.err());
    }
}
