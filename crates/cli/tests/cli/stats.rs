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

#[test]
fn stats_counts_by_loops() {
    let dir = Dir::new();
    let file = dir.file(
        "loops.wat",
        r#"(module (func (export "f") (param i32) (result f32)
            (loop (loop (br_if 0 (i32.rem_u (local.get 0) (i32.const 7))) (br_if 1 (i32.popcnt (local.get 0)))))
            (f32.const 1)))"#,
    );
    let shares = |args: &[&str]| {
        let args: Vec<_> = ["stats", "--rows"].iter().chain(args).copied().chain([&*file]).collect();
        let outcome = wasmote(&args);
        let ops = part(&outcome, " ops");
        let share = |name: &str| {
            let (_, shares) =
                ops.iter().find(|(ops, _)| *ops == name).unwrap_or_else(|| panic!("no {name} in {ops:?}"));
            shares[0].parse::<f64>().expect("a number")
        };
        [share("i32_rem_u") / share("ret_value_f32"), share("i32_popcnt") / share("ret_value_f32")]
    };
    let [inner, outer] = shares(&[]);
    assert!((inner - 1.0).abs() < 0.1 && (outer - 1.0).abs() < 0.1, "{inner} {outer}");
    let saved = format!("{}/loops.ops", dir.path());
    let [inner, outer] = shares(&["--loops", "--top", "100", "--save", &saved]);
    assert!((inner - 36.0).abs() < 1.0 && (outer - 6.0).abs() < 0.2, "{inner} {outer}");
    assert_eq!(wasmote(&["stats", &saved]).printed(), wasmote(&["stats", "--rows", "--loops", &file]).printed());
}

/// The name of a program, how many dispatches its profile says, and how often its straight lines are executed.
type Program<'a> = (&'a str, &'a str, &'a [(&'a str, u64)]);

/// Writes profiles of programs.
fn profiles(dir: &Dir, programs: &[Program<'_>]) -> Vec<String> {
    let profile = |&(name, dispatches, lines): &Program<'_>| {
        let line = |&(ops, count): &(&str, u64)| {
            let items: Vec<_> = ops.split(' ').map(|op| format!("{op} {count}")).collect();
            items.join(" ") + "\n"
        };
        let lines: String = lines.iter().map(line).collect();
        dir.file(&format!("{name}.ops"), format!("wasmote-profile 1\n1 1 1 {dispatches} {name}\n{lines}"))
    };
    programs.iter().map(profile).collect()
}

const LIST: &str = "//! Sequences.\n\n        $consumer! {\n            copy.ss br.x;\n        }\n    };\n}\n";

#[test]
fn stats_chooses_sequences() {
    let dir = Dir::new();
    let files = profiles(
        &dir,
        &[
            ("a", "100", &[("i32_add.rss i32_mul.rrs br_i32_nez.r", 10), ("i32_sub.rss i32_xor.rrs", 100)]),
            ("b", "-", &[("i32_add.rss i32_mul.rrs br_i32_nez.r", 1), ("i32_clz.rs", 3)]),
            ("m", "-", &[("consume_fuel i32_add.rss i32_mul.rrs br_i32_nez_charged.r", 5), ("consume_fuel ret", 1)]),
            ("k", "9", &[("i32_sub.rss i32_xor.rrs", 6), ("i32_add.rss i32_mul.rrs call", 1)]),
        ],
    );
    let [a, b, metered, kernel] = &*files else { panic!("four programs") };
    let choose = |args: &[&str]| {
        let list = dir.file("list.rs", LIST);
        let outcome = wasmote(&[&["stats", "--sequences", "10", "--write", &list], args].concat());
        let printed = outcome.printed().to_owned();
        let written = std::fs::read_to_string(list).expect("it was written");
        let [before, behind] = LIST.split("            copy.ss br.x;\n").collect::<Vec<_>>()[..] else {
            panic!("{LIST}")
        };
        let list = written.strip_prefix(before).and_then(|rest| rest.strip_suffix(behind)).expect("the rest is kept");
        (printed, list.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>())
    };
    // What only `a` executes is not in the list, however often it does.
    let (printed, list) = choose(&["--least-programs", "2", a, b]);
    assert_eq!(list, ["i32_add.rss i32_mul.rrs br_i32_nez.r; i32_add.rss i32_mul.rrs;"]);
    assert!(printed.starts_with("2 sequences: 1 pairs and 1 triples, 0 with a branch"), "{printed}");
    assert!(printed.contains("0.913  a\n  0.913  mean of 1\n"), "{printed}");
    assert!(printed.contains("in the code\n  0.667  b\n"), "{printed}");
    let (_, list) = choose(&["--least-programs", "1", a, b]);
    assert_eq!(list.last().map(String::as_str), Some("i32_sub.rss i32_xor.rrs;"));
    // By default three have to execute it.
    assert!(choose(&[a, b]).1.is_empty());

    // Those held out change nothing, and nothing is left out of what is said of them.
    let (printed, list) = choose(&["--least-programs", "2", a, b, "--test-on", kernel]);
    assert_eq!(list.len(), 1, "{list:?}");
    assert!(printed.ends_with("held out: executed\n  0.933  k\n  0.933  mean of 1\n"), "{printed}");

    // Where fuel is metered, branches charge.
    let (printed, list) = choose(&["--least-programs", "2", "--fuel-pairs", "1", a, metered, b]);
    let expected = [
        "consume_fuel.x i32_add.rss i32_mul.rrs; consume_fuel.x i32_add.rss;",
        "i32_add.rss i32_mul.rrs br_i32_nez.r; i32_add.rss i32_mul.rrs br_i32_nez_charged.r; i32_add.rss i32_mul.rrs;",
    ];
    assert_eq!(list.join(" "), expected.join(" "));
    assert!(
        printed.starts_with("5 sequences: 1 pairs and 1 triples, 1 with a branch that charges, 2 after"),
        "{printed}"
    );
    assert!(printed.contains("with fuel metered\n"), "{printed}");
}

#[test]
fn stats_says_what_it_cannot_choose() {
    let dir = Dir::new();
    let file = dir.file("sum.wat", SUM);
    let list = dir.file("list.rs", "fn main() {}");
    wasmote(&["stats", "--sequences", "1", "--write", &list, &file]).failed(1, &["list.rs", "list of sequences"]);
    wasmote(&["stats", "--sequences", "1", "--rows", &file]).failed(2, &["--rows"]);
    wasmote(&["stats", &file, "--test-on", &file]).failed(2, &["--sequences"]);
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
