//! `wasmote compile`, and the commands that take artefacts.

use std::fs;

use crate::{Dir, FUNCS, wasmote};

#[test]
fn artefacts_run_like_their_modules() {
    let dir = Dir::new();
    let file = dir.file("funcs.wat", FUNCS);
    let artefact = format!("{}/funcs.wmo", dir.path());
    assert!(wasmote(&["compile", "--check", &file]).printed().starts_with(&format!("{artefact}: ")));
    let outcome = wasmote(&["run", "--allow-precompiled", "--invoke", "fac", &artefact, "5"]);
    assert_eq!(outcome.printed(), "120\n");
    wasmote(&["run", "--invoke", "fac", &artefact, "5"]).failed(2, &["is an artefact", "--allow-precompiled"]);
    wasmote(&["run", "--allow-precompiled", "--invoke", "fail", &artefact]).failed(134, &["unreachable"]);
    assert_eq!(wasmote(&["validate", &artefact]).printed(), format!("{artefact}: valid\n"));
    assert!(wasmote(&["dump", "--func", "0", &artefact]).printed().contains("i32_add"));
    assert!(wasmote(&["dump", &artefact]).printed().contains("func 5\n"));
    wasmote(&["dump", "--func", "100", &artefact]).failed(2, &["no function 100"]);
    wasmote(&["compile", &artefact]).failed(2, &["an artefact already"]);
}

#[test]
fn the_target_is_what_the_program_was_built_for() {
    let dir = Dir::new();
    let file = dir.file("funcs.wat", FUNCS);
    let (own, other) = if cfg!(feature = "small") { ("small", "full") } else { ("full", "small") };
    let run = wasmote(&["compile", "--target", own, &file]);
    let printed = run.printed();
    assert!(printed.contains(" bytes, ") && printed.ends_with(" for each of the module\n"), "{printed}");
    let refused = wasmote(&["compile", "--target", other, &file]);
    refused.failed(2, &[&format!("no translator for the target `{other}`"), "--features small"]);
}

#[test]
fn artefacts_charge_fuel_or_not() {
    let dir = Dir::new();
    let file = dir.file("funcs.wat", FUNCS);
    let artefact = format!("{}/metered.wmo", dir.path());
    wasmote(&["compile", "--fuel", "--strip", &file, "-o", &artefact]).printed();
    let run = |options: &[&str]| {
        wasmote(&[&["run", "--allow-precompiled"], options, &["--invoke", "spin", &artefact]].concat())
    };
    run(&[]).failed(1, &["charges fuel differently"]);
    run(&["--fuel", "1000"]).failed(134, &["fuel"]);
    assert_eq!(wasmote(&["validate", &artefact]).printed(), format!("{artefact}: valid\n"));
    assert!(wasmote(&["dump", &artefact]).printed().contains("consume_fuel"));
}

#[test]
fn what_cannot_be_compiled_or_loaded_is_refused() {
    let dir = Dir::new();
    let file = dir.file("funcs.wat", FUNCS);
    wasmote(&["compile", "--no-floats", &file]).failed(1, &["is invalid", "float"]);
    let artefact = format!("{}/funcs.wmo", dir.path());
    wasmote(&["compile", &file]).printed();
    let mut bytes = fs::read(&artefact).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let damaged = dir.file("damaged.wmo", &bytes);
    wasmote(&["validate", &damaged]).failed(1, &["is damaged"]);
    let truncated = dir.file("truncated.wmo", &bytes[..100]);
    wasmote(&["validate", &truncated]).failed(1, &["malformed artefact"]);
}
