//! The built program on small modules and profiles.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

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

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wasmote-tune")).args(args).output().expect("the program runs")
}

/// Asserts success; the result is what was printed.
#[track_caller]
fn tune(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Asserts a failure whose message contains all of `parts`.
#[track_caller]
fn fails(args: &[&str], parts: &[&str]) {
    let output = run(args);
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && !message.contains("panicked"), "{output:?}");
    for part in parts {
        assert!(message.contains(part), "no {part:?} in {message}");
    }
}

/// Writes a file and returns its path.
fn file(dir: &Path, name: &str, content: &str) -> String {
    let path = dir.join(name);
    fs::write(&path, content).expect("the file can be written");
    path.to_str().expect("UTF-8").into()
}

/// Returns the lines of a printed part: the ops and their shares.
fn part<'a>(printed: &'a str, title: &str) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut lines = printed.lines().skip_while(|line| !line.ends_with(title));
    assert!(lines.next().is_some(), "no {title:?} in {printed}");
    lines
        .take_while(|line| !line.is_empty())
        .map(|line| {
            let (shares, ops) = line.rsplit_once("  ").expect("two spaces precede the ops");
            (ops, shares.split_whitespace().collect())
        })
        .collect()
}

#[test]
fn show_counts_neighbours() {
    let dir = tempfile::tempdir().expect("a directory");
    let sum = file(dir.path(), "sum.wat", SUM);
    let printed = tune(&["show", "--rows", &sum]);
    let pairs = part(&printed, " pairs");
    assert!(pairs.iter().any(|(ops, _)| *ops == "i32_load i32_add"), "{printed}");
    // The loop is entered at its load, so nothing precedes it in a straight line.
    assert!(pairs.iter().all(|(ops, _)| !ops.ends_with(" i32_load")), "{printed}");
    let total: f64 = part(&printed, " ops").iter().map(|(_, shares)| shares[0].parse::<f64>().expect("a number")).sum();
    assert!((total - 100.0).abs() < 0.1, "{printed}");
    assert_eq!(part(&tune(&["show", "--top", "1", &sum]), " ops").len(), 1);
    assert!(part(&tune(&["show", &sum]), " ops").iter().any(|(op, _)| *op == "i32_load.rs"));
    let fusions = tune(&["show", "--fusions", "1", "--rows", &sum]);
    assert_eq!(part(&fusions, "fusions, one after the other").len(), 1);
}

#[test]
fn modules_have_equal_weights() {
    let dir = tempfile::tempdir().expect("a directory");
    let small = file(dir.path(), "small.wat", r#"(module (func (export "f") unreachable))"#);
    let funcs = "(func (result f32) (f32.const 1))".repeat(50);
    let large = file(dir.path(), "large.wat", &format!("(module {funcs})"));
    let printed = tune(&["show", "--rows", &small, &large]);
    let ops = part(&printed, " ops");
    assert_eq!(ops[0], ("unreachable", vec!["50.00", "50.00", "100.00", "0.00"]));
    assert_eq!(ops[1], ("ret_value_f32", vec!["50.00", "100.00", "0.00", "100.00"]));
    assert_eq!(ops.len(), 2);
}

#[test]
fn profiles_are_read_again() {
    let dir = tempfile::tempdir().expect("a directory");
    let sum = file(dir.path(), "sum.wat", SUM);
    let saved = file(dir.path(), "sum.ops", "");
    assert_eq!(tune(&["count", "--output", &saved, &sum]), "");
    assert_eq!(tune(&["show", &saved]), tune(&["show", &sum]));
    let broken = file(dir.path(), "broken.ops", "wasmote-profile 1\n1 2\n");
    fails(&["show", &broken], &["broken.ops", "profile"]);
    fails(&["show", &file(dir.path(), "text", "nothing")], &["text"]);
    fails(&["show"], &["FILE"]);
}

#[test]
fn loops_multiply_counts() {
    let dir = tempfile::tempdir().expect("a directory");
    let module = file(
        dir.path(),
        "loops.wat",
        r#"(module (func (export "f") (param i32) (result f32)
            (loop (loop (br_if 0 (i32.rem_u (local.get 0) (i32.const 7))) (br_if 1 (i32.popcnt (local.get 0)))))
            (f32.const 1)))"#,
    );
    let saved = file(dir.path(), "loops.ops", "");
    let shares = |args: &[&str]| {
        tune(&[&["count", "--output", &saved, &module], args].concat());
        let printed = tune(&["show", "--rows", "--top", "100", &saved]);
        let ops = part(&printed, " ops");
        let share = |name: &str| {
            let found = ops.iter().find(|(ops, _)| *ops == name);
            let (_, shares) = found.unwrap_or_else(|| panic!("no {name} in {ops:?}"));
            shares[0].parse::<f64>().expect("a number")
        };
        [share("i32_rem_u") / share("ret_value_f32"), share("i32_popcnt") / share("ret_value_f32")]
    };
    let [inner, outer] = shares(&[]);
    assert!((inner - 1.0).abs() < 0.1 && (outer - 1.0).abs() < 0.1, "{inner} {outer}");
    let [inner, outer] = shares(&["--loops"]);
    assert!((inner - 36.0).abs() < 1.0 && (outer - 6.0).abs() < 0.2, "{inner} {outer}");
}

/// A program's name, the dispatches of its profile, and how often each of its straight lines is executed.
type Program<'a> = (&'a str, &'a str, &'a [(&'a str, u64)]);

/// Writes profiles of programs.
fn profiles(dir: &Path, programs: &[Program<'_>]) -> Vec<String> {
    let profile = |&(name, dispatches, lines): &Program<'_>| {
        let line = |&(ops, count): &(&str, u64)| {
            let items: Vec<_> = ops.split(' ').map(|op| format!("{op} {count}")).collect();
            items.join(" ") + "\n"
        };
        let lines: String = lines.iter().map(line).collect();
        file(dir, &format!("{name}.ops"), &format!("wasmote-profile 1\n1 1 1 {dispatches} {name}\n{lines}"))
    };
    programs.iter().map(profile).collect()
}

/// Returns the sequences of a generated file.
fn sequences(path: &str) -> Vec<String> {
    let text = fs::read_to_string(path).expect("it was written");
    let (_, rest) = text.split_once("$consumer! {\n").expect("a list");
    let (list, _) = rest.split_once("        }\n").expect("its end");
    list.split(';').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

#[test]
fn sequences_are_ranked_and_chosen() {
    let dir = tempfile::tempdir().expect("a directory");
    let files = profiles(
        dir.path(),
        &[
            ("a", "100", &[("i32_add.rss i32_mul.rrs br_i32_nez.r", 10), ("i32_sub.rss i32_xor.rrs", 100)]),
            ("b", "-", &[("i32_add.rss i32_mul.rrs br_i32_nez.r", 1), ("i32_clz.rs", 3)]),
            ("m", "-", &[("consume_fuel i32_add.rss i32_mul.rrs br_i32_nez_charged.r", 5), ("consume_fuel ret", 1)]),
        ],
    );
    let [a, b, metered] = &*files else { panic!("three programs") };
    // By default, three programs have to contain a sequence.
    let ranking = tune(&["rank", a, b, metered]);
    assert!(!ranking.contains("sequence"), "{ranking}");
    assert!(ranking.starts_with("program executed 230 a\nprogram code 6 b\nprogram metered 22 m\n"), "{ranking}");
    let ranking = tune(&["rank", "--least-programs", "2", "--fuel", "2", a, b, metered]);
    assert!(ranking.contains("sequence 105072.46 2 i32_add.rss i32_mul.rrs\n"), "{ranking}");
    assert!(!ranking.contains("i32_sub.rss"), "{ranking}");

    let inputs = dir.path().to_str().expect("UTF-8");
    let output = format!("{inputs}/list.rs");
    let choose = |args: &[&str]| tune(&[&["choose", "--inputs", inputs, "--output", &output], args].concat());
    file(dir.path(), "kept.txt", "# None.\n");
    let printed = choose(&[]);
    assert!(printed.contains("from the ranking: 0; from the kept list: 0."), "{printed}");
    // The ends of loops are in every list, and so are the pairs of `consume_fuel` and the ops that often follow it.
    let without = sequences(&output);
    assert!(without.iter().any(|item| item == "i64_add.srs br_i32_step_ne.ii"), "{without:?}");
    assert!(without.iter().any(|item| item == "consume_fuel.x ret.x"), "{without:?}");

    file(dir.path(), "kept.txt", "i32_clz.rs i32_add.rrs\n");
    file(dir.path(), "ranking.txt", &ranking);
    let added = |args: &[&str]| {
        choose(args);
        sequences(&output).into_iter().filter(|item| !without.contains(item)).collect::<Vec<_>>()
    };
    let all = [
        "consume_fuel.x i32_add.rss i32_mul.rrs",
        "consume_fuel.x i32_add.rss",
        "i32_add.rss i32_mul.rrs br_i32_nez.r",
        "i32_add.rss i32_mul.rrs br_i32_nez_charged.r",
        "i32_add.rss i32_mul.rrs",
        "i32_clz.rs i32_add.rrs",
    ];
    assert_eq!(added(&[]), all);
    assert_eq!(added(&["--count", "1", "--fuel", "0"]), [all[4], all[5]]);

    // The check compares with the file.
    fails(&["choose", "--inputs", inputs, "--output", &output, "--check"], &["list.rs"]);
    choose(&[]);
    choose(&["--check"]);
    let left = tune(&["left", "--inputs", inputs, a, b]);
    assert!(left.contains("executed\n  0.913  a\n  0.913  mean of 1\n"), "{left}");
    assert!(left.contains("code\n  0.667  b\n"), "{left}");
}

#[test]
fn faulty_inputs_are_reported() {
    let dir = tempfile::tempdir().expect("a directory");
    let inputs = dir.path().to_str().expect("UTF-8");
    let output = format!("{inputs}/list.rs");
    let args = ["choose", "--inputs", inputs, "--output", &output];
    fails(&args, &["kept.txt"]);
    file(dir.path(), "kept.txt", "i32_add.rss no_such_op\n");
    fails(&args, &["kept.txt", "line 1", "no_such_op"]);
    file(dir.path(), "kept.txt", "");
    file(dir.path(), "ranking.txt", "sequence 1 2 3\n");
    fails(&args, &["ranking.txt", "line 1"]);
    fails(&["rank", &file(dir.path(), "text", "nothing")], &["text", "profile"]);
}

#[cfg(feature = "run")]
#[test]
fn executed_ops_are_counted() {
    let dir = tempfile::tempdir().expect("a directory");
    let sum = file(dir.path(), "sum.wat", SUM);
    let saved = file(dir.path(), "sum.ops", "");
    tune(&["count", "--run", "--invoke", "sum", "--output", &saved, &sum, "--", "0", "400"]);
    let printed = tune(&["show", "--rows", &saved]);
    let pairs = part(&printed, " pairs");
    // A hundred rounds of three ops, and a few ops around them.
    assert_eq!(pairs[0].0, "i32_load i32_add");
    let share: f64 = pairs[0].1[0].parse().expect("a number");
    assert!((32.5..33.4).contains(&share), "{printed}");
    // The ops that a failing program executed are counted as well.
    let trap = file(dir.path(), "trap.wat", r#"(module (func (export "_start") unreachable))"#);
    let output = run(&["count", "--run", "--output", &saved, &trap]);
    assert!(output.status.success() && String::from_utf8_lossy(&output.stderr).contains("unreachable"), "{output:?}");
    assert!(tune(&["show", &saved]).contains("100.00  100.00  unreachable"));
}
