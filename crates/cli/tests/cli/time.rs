//! `wasmote run --time`.

use serde_json::Value;

use crate::{Dir, FUNCS, Outcome, wasmote};

/// Returns the report, which is the last line.
fn json(outcome: &Outcome) -> Value {
    let line = outcome.stderr.lines().last().expect("something was said");
    serde_json::from_str(line).expect("it is JSON")
}

const PHASES: [&str; 5] = ["read", "validate", "translate", "instantiate", "run"];

#[test]
fn json_says_where_time_went() {
    let dir = Dir::new();
    let file = dir.file("funcs.wat", FUNCS);
    let outcome = wasmote(&["run", "--time=json", "--invoke", "fac", &file, "20"]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (0, "2432902008176640000\n"), "{outcome:?}");
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
    let report = json(&outcome);
    let times: Vec<_> = PHASES.iter().map(|phase| report["phases"][phase]["nanoseconds"].as_u64()).collect();
    assert!(times.iter().all(Option::is_some), "{report}");
    assert_eq!(times.iter().flatten().sum::<u64>(), report["total_nanoseconds"], "{report}");
    assert_eq!(report["module_bytes"], wat::parse_str(FUNCS).expect("it is a module").len());
    assert_eq!(report["exported_memory_bytes"], 65536);
    assert_eq!(report["fuel"], Value::Null);
    if cfg!(target_os = "linux") {
        assert!(report["peak_resident_bytes"].as_u64() > Some(100_000), "{report}");
        assert!(PHASES.iter().all(|phase| report["phases"][phase]["resident_bytes"].is_u64()), "{report}");
    }
    // Translation at the first calls is part of the run.
    for mode in ["lazy", "lazy-translation"] {
        let outcome =
            wasmote(&["run", "--time=json", "--mode", mode, "--fuel", "100000", "--invoke", "fac", &file, "20"]);
        let report = json(&outcome);
        assert_eq!(report["phases"]["translate"]["nanoseconds"], Value::Null, "{report}");
        assert!(report["phases"]["run"]["nanoseconds"].is_u64(), "{report}");
        assert!(report["fuel"].as_u64() > Some(20), "{report}");
    }
}

#[test]
fn json_is_there_whatever_happens() {
    let dir = Dir::new();
    let json_of = |outcome: &Outcome| {
        let line = outcome.stderr.lines().find(|line| line.starts_with('{')).expect("there is a report").to_owned();
        serde_json::from_str::<Value>(&line).expect("it is JSON")
    };
    let file = dir.file("funcs.wat", FUNCS);
    let outcome = wasmote(&["run", "--time=json", "--invoke", "fail", &file]);
    outcome.failed(134, &["unreachable"]);
    assert!(json_of(&outcome)["phases"]["run"]["nanoseconds"].is_u64());
    let file = dir.file(
        "exit.wat",
        r#"(module (import "env" "exit" (func $exit (param i32))) (func (export "main") (call $exit (i32.const 3))))"#,
    );
    let outcome = wasmote(&["run", "--time=json", &file]);
    assert_eq!(outcome.status, 3);
    assert_eq!(json_of(&outcome)["exported_memory_bytes"], 0);
    let file = dir.file("bad.wat", "(module (func (i32.add)))");
    let outcome = wasmote(&["run", "--time=json", &file]);
    outcome.failed(1, &["is invalid"]);
    let report = json_of(&outcome);
    assert!(report["phases"]["read"]["nanoseconds"].is_u64(), "{report}");
    assert_eq!(report["phases"]["run"]["nanoseconds"], Value::Null);
}

#[test]
fn text_is_a_table() {
    let dir = Dir::new();
    let file = dir.file("funcs.wat", FUNCS);
    for option in ["--time", "--time=text"] {
        let outcome = wasmote(&["run", option, "--invoke", "fac", &file, "20"]);
        assert_eq!(outcome.status, 0);
        for phase in PHASES {
            let line = outcome.stderr.lines().find(|line| line.starts_with(phase)).expect("every phase has a line");
            assert!(line.contains(" ms ") && line.contains('%'), "{line}");
        }
        assert!(outcome.stderr.contains("exported memories: 64.0 KiB"), "{outcome:?}");
        assert!(!outcome.stderr.contains('\x1b'), "{outcome:?}");
    }
    let outcome = wasmote(&["run", "--lazy", "--time", "--invoke", "fac", &file, "20"]);
    assert!(outcome.stderr.lines().any(|line| line.starts_with("translate") && line.contains("in run")), "{outcome:?}");
    wasmote(&["run", "--time=xml", &file]).failed(2, &["xml", "json"]);
}
