//! Each program reports the same on both engines.

use wasmote_compat::{on_wasmi, on_wasmote};

#[test]
fn programs_report_the_same() {
    let programs = on_wasmi::programs::PROGRAMS.iter().zip(on_wasmote::programs::PROGRAMS);
    let mut differences = Vec::new();
    for ((name, on_wasmi), (_, on_wasmote)) in programs {
        let expected = on_wasmi().unwrap_or_else(|error| panic!("{name} on wasmi: {error}"));
        assert!(!expected.is_empty(), "{name} reports nothing");
        let reported = on_wasmote().unwrap_or_else(|error| format!("failed: {error}"));
        if expected != reported {
            differences.push(format!("{name}\n  wasmi:   {expected}\n  wasmote: {reported}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
