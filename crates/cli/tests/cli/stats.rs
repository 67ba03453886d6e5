//! `wasmote stats`.

use crate::{Dir, Outcome, wasmote};

/// Its loop is one straight line of a load, an addition and a branch.
const SUM: &str = r#"(module
    (memory 1)
    (func (export "sum") (param $at i32) (param $end i32) (result i32)
        (local $sum i32)
        (loop
            (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $at))))
            (local.set $at (i32.add (local.get $at) (i32.const 4)))
            (br_if 0 (i32.lt_u (local.get $at) (local.get $end))))
        (local.get $sum)))"#;

/// The lines of a part of what was printed, without their shares.
fn part<'a>(outcome: &'a Outcome, title: &str) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut lines = outcome.printed().lines().skip_while(|line| !line.ends_with(title));
    assert!(lines.next().is_some(), "no {title:?} in {outcome:?}");
    lines
        .take_while(|line| !line.is_empty())
        .map(|line| {
            let (shares, ops) = line.rsplit_once("  ").expect("two spaces stand before the ops");
            (ops, shares.split_whitespace().collect())
        })
        .collect()
}

#[test]
fn stats_counts_what_follows_each_other() {
    let dir = Dir::new();
    let file = dir.file("sum.wat", SUM);
    let outcome = wasmote(&["stats", "--rows", &file]);
    let pairs = part(&outcome, " pairs");
    assert!(pairs.iter().any(|(ops, _)| *ops == "i32_load i32_add"), "{outcome:?}");
    // The loop is entered at its load: nothing stands before it in a straight line.
    assert!(pairs.iter().all(|(ops, _)| !ops.ends_with(" i32_load")), "{outcome:?}");
    let ops = part(&outcome, " ops");
    let total: f64 = ops.iter().map(|(_, shares)| shares[0].parse::<f64>().expect("a number")).sum();
    assert!((total - 100.0).abs() < 0.1, "{ops:?}");
    let forms = wasmote(&["stats", "--top", "1", &file]);
    let ops = part(&forms, " ops");
    assert_eq!(ops.len(), 1, "{ops:?}");
    assert!(part(&wasmote(&["stats", &file]), " ops").iter().any(|(op, _)| *op == "i32_load.rs"), "{outcome:?}");
    let fusions = wasmote(&["stats", "--fusions", "1", "--rows", &file]);
    assert_eq!(part(&fusions, "fusions, one after the other").len(), 1);
}

#[test]
fn stats_merges_modules_with_equal_weights() {
    let dir = Dir::new();
    let small = dir.file("small.wat", r#"(module (func (export "f") unreachable))"#);
    let large = dir.file("large.wat", format!("(module {})", "(func (result f32) (f32.const 1))".repeat(50)));
    let outcome = wasmote(&["stats", "--rows", &small, &large]);
    let ops = part(&outcome, " ops");
    assert_eq!(ops.iter().map(|(ops, _)| *ops).collect::<Vec<_>>(), ["unreachable", "ret_value_f32"]);
    assert_eq!(ops[0].1, ["50.00", "50.00", "100.00", "0.00"]);
    assert_eq!(ops[1].1, ["50.00", "100.00", "0.00", "100.00"]);
}

#[test]
fn stats_reads_what_it_saved() {
    let dir = Dir::new();
    let file = dir.file("sum.wat", SUM);
    let saved = format!("{}/sum.ops", dir.path());
    let printed = format!("{}/sum.txt", dir.path());
    assert_eq!(wasmote(&["stats", "--save", &saved, "--output", &printed, &file]).printed(), "");
    let again = wasmote(&["stats", &saved]);
    assert_eq!(std::fs::read_to_string(printed).expect("it was written"), again.printed());
    assert_eq!(wasmote(&["stats", &file]).printed(), again.printed());
    let broken = dir.file("broken.ops", "wasmote-profile 1\n1 2\n");
    wasmote(&["stats", &broken]).failed(1, &["broken.ops", "profile"]);
    wasmote(&["stats", "--save", &saved, &file, &file]).failed(2, &["--save"]);
    wasmote(&["stats"]).failed(2, &["FILE"]);
}

#[cfg(feature = "stats")]
#[test]
fn stats_counts_what_is_executed() {
    let dir = Dir::new();
    let file = dir.file("sum.wat", SUM);
    let outcome = wasmote(&["stats", "--rows", "--run", "--invoke", "sum", &file, "--", "0", "400"]);
    assert!(outcome.printed().starts_with("0\nmodule"), "{outcome:?}");
    let pairs = part(&outcome, " pairs");
    // A hundred rounds of three ops, and two or three around them.
    assert_eq!(pairs[0].0, "i32_load i32_add");
    let share: f64 = pairs[0].1[0].parse().expect("a number");
    assert!((32.5..33.4).contains(&share), "{outcome:?}");
    wasmote(&["stats", "--run", &file, &file]).failed(2, &["--run"]);
    // What a program that fails has executed is counted as well.
    let trap = dir.file("trap.wat", r#"(module (func (export "main") unreachable))"#);
    let outcome = wasmote(&["stats", "--run", &trap]);
    outcome.failed(134, &["unreachable"]);
    assert!(outcome.stdout.contains("100.00  100.00  unreachable"), "{outcome:?}");
}
