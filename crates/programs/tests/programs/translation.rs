//! Translates every function of every program, not only those that run.

use wasmote::{CompilationMode, Module};
use wasmote_programs::{catalog, engine, unless_offline};

#[test]
#[ignore = "large"]
fn all_functions_are_translated() {
    for program in catalog::ALL.into_iter().chain(catalog::SIMD) {
        let Some(bytes) = unless_offline(program.bytes()) else { return };
        let module = Module::new(&engine(CompilationMode::Eager), bytes);
        assert!(module.is_ok(), "{}: {:?}", program.name, module.err());
    }
}
