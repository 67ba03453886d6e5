//! Snapshots of translated code: the functions of each `tests/translation/*.wat`.
//!
//! After a change of the translator, `INSTA_UPDATE=always cargo test --test translation` writes the
//! snapshots again; the difference shows the effect.

use std::{fmt::Write, fs, path::Path};

use wasmote::{Config, Engine, ExternType, Module};

/// Returns the code of all functions that the module defines.
fn translated(wat: &str, config: &Config) -> String {
    let module = Module::new(&Engine::new(config), wat).expect("the module is valid");
    let imported = module.imports().filter(|import| matches!(import.ty(), ExternType::Func(_))).count();
    let imported = u32::try_from(imported).expect("a small number");
    let mut text = String::new();
    for func in imported.. {
        let Ok(code) = module.disassemble(func) else { break };
        module.verify_code(func).expect("what is translated is code");
        writeln!(text, "func {func}\n{code}").expect("a string takes all");
    }
    text
}

fn snapshot(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/translation").join(name).with_extension("wat");
    let wat = fs::read_to_string(path).expect("the source can be read");
    let mut config = Config::default();
    config.wasm_wide_arithmetic(true).wasm_legacy_exceptions(true).consume_fuel(name == "metered");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("translation");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, translated(&wat, &config)));
}

macro_rules! snapshots {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            snapshot(stringify!($name));
        })*

        #[test]
        fn every_source_has_a_test() {
            let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/translation");
            let sources = fs::read_dir(directory).expect("the directory can be read");
            let sources = sources.filter(|entry| {
                entry.as_ref().is_ok_and(|entry| entry.path().extension().is_some_and(|extension| extension == "wat"))
            });
            assert_eq!(sources.count(), [$(stringify!($name)),*].len());
        }
    };
}

snapshots! {
    br_table
    branches
    calls
    exceptions
    floats
    globals
    legacy_exceptions
    locals
    memory
    metered
    objects
    operands
    pairs
    references
    tables
    unreachable_code
    wide_arithmetic
}
