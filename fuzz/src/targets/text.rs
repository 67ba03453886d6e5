//! Texts of modules and scripts, as the command line takes them: no panic, no hang. A module as text is
//! accepted if and only if the bytes encoded from it are.

use std::str;

use wasmote::{Engine, Module, StoreLimitsBuilder, errors::ErrorKind};
use wasmote_generate::Random;
use wasmote_wast::Runner;

use crate::{inputs::seed_of, mutate, tally, targets::execute};

/// Makes an input.
pub fn input(random: &mut Random) -> Vec<u8> {
    mutate::text(random)
}

/// Runs an input.
///
/// # Panics
///
/// If a text is judged differently from its bytes, or the engine panics in a script.
pub fn run(data: &[u8]) {
    let mut config = execute::config();
    module(data, &Engine::new(&config));
    let Ok(script) = str::from_utf8(data) else { return };
    config.consume_fuel(true);
    let limits = StoreLimitsBuilder::new().memory_size(4 << 16).table_elements(10_000).memories(20).tables(20);
    let runner = Runner::new(&config).fuel(200_000).limits(limits.build());
    let report = runner.run(script);
    tally::add("directives that pass", report.total().passed);
    tally::add("directives that fail", report.total().failed);
    for failure in report.failures() {
        assert!(!failure.message.contains("panicked"), "{failure}\n{script}");
        assert!(failure.line > 0 && failure.column > 0, "{failure}");
    }
}

fn module(data: &[u8], engine: &Engine) {
    let as_text = Module::new(engine, data);
    match wat::parse_bytes(data) {
        Ok(wasm) => {
            let as_bytes = Module::from_bytes(engine, wasm.to_vec());
            let same = match (&as_text, &as_bytes) {
                (Ok(_), Ok(_)) => true,
                (Err(one), Err(other)) => one.to_string() == other.to_string(),
                _ => false,
            };
            assert!(same, "text: {as_text:?}\nbytes: {as_bytes:?}");
            if as_bytes.is_ok() {
                tally::add("modules", 1);
                execute::execute(&wasm, &mut Random(seed_of(data)));
            }
        }
        Err(error) => {
            tally::add("texts with an error", 1);
            let kind = as_text.as_ref().map_err(|error| error.kind());
            assert!(matches!(kind, Err(ErrorKind::Wat(_))), "{error}: {kind:?}");
            // To show the error reads the text again.
            assert!(!error.to_string().is_empty());
        }
    }
}
