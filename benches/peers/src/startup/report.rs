//! The tables, in Markdown.

use wasmote_bombs::heap::Cost;

use super::{Exploded, Heaps, MODES, Mode, Times, load, modules::Input};
use crate::measure::Outcome;
use std::fmt::Write;

/// A row of cells.
type Cells = Vec<String>;

fn table(title: &str, note: &str, head: &[&str], rows: impl IntoIterator<Item = Cells>) -> String {
    let mut out = format!("### {title}\n\n");
    if !note.is_empty() {
        let _ = writeln!(out, "{note}\n");
    }
    let _ = writeln!(out, "| {} |\n|---|{}", head.join(" | "), "--:|".repeat(head.len() - 1));
    for row in rows {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    out.push('\n');
    out
}

/// Describes the modules.
pub fn modules(inputs: &[Input]) -> String {
    let rows = inputs.iter().map(|input| {
        vec![
            input.name.into(),
            input.origin.clone(),
            bytes(input.wasm.len()),
            bytes(input.code),
            input.functions.to_string(),
        ]
    });
    table("Modules", "", &["module", "from", "bytes", "of them code", "functions"], rows)
}

/// The three modes of wasmi and wasmote.
pub fn loading(inputs: &[Input], times: &[Times], rounds: usize) -> String {
    let mut out = String::new();
    for (at, mode) in MODES.into_iter().enumerate() {
        let title = match mode {
            Mode::Eager => "Eager: everything is validated and translated",
            Mode::LazyTranslation => "Lazy translation: everything is validated",
            Mode::Lazy => "Lazy: functions are validated and translated when they are called first",
        };
        let note = format!(
            "`Module::new`, processor time, minima of {rounds} rounds, or of as many as three seconds have room for; *lent* is \
             `Module::from_static`. Relative to wasmi in the same mode: below 1 is faster."
        );
        let head = ["module", "wasmi", "wasmote", "wasmote, lent", "wasmi MB/s of code", "wasmote MB/s of code"];
        let columns = |times: &Times| {
            let [wasmi, wasmote] = &times.modes;
            [seconds(&wasmi[at]), seconds(&wasmote[at]), seconds(&times.lent[at])]
        };
        let mut rows: Vec<Cells> = inputs
            .iter()
            .zip(times)
            .map(|(input, times)| {
                let [wasmi, wasmote, lent] = columns(times);
                let speed = |time: Option<f64>| cell(time.map(|time| input.code as f64 / time / 1e6));
                let name = input.name.into();
                vec![name, time(wasmi), ratio(wasmote, wasmi), ratio(lent, wasmi), speed(wasmi), speed(wasmote)]
            })
            .collect();
        let mean = |column: usize| {
            geometric_mean(times.iter().filter_map(|times| {
                let columns = columns(times);
                Some(columns[column]? / columns[0]?)
            }))
        };
        rows.push(vec![
            "**geometric mean**".into(),
            String::new(),
            bold(mean(1)),
            bold(mean(2)),
            String::new(),
            String::new(),
        ]);
        out += &table(title, &note, &head, rows);
    }
    out
}

/// All engines, each in its most eager mode.
pub fn others(inputs: &[Input], times: &[Times]) -> String {
    let names: Vec<&str> = load::others().iter().map(|way| way.name).collect();
    if names.is_empty() {
        return String::new();
    }
    let head: Vec<&str> = ["module", "wasmi", "wasmote"].into_iter().chain(names).collect();
    let columns = |times: &Times| {
        let mut columns = vec![seconds(&times.modes[0][0]), seconds(&times.modes[1][0])];
        columns.extend(times.others.iter().map(seconds));
        columns
    };
    let mut rows: Vec<Cells> = inputs
        .iter()
        .zip(times)
        .map(|(input, times)| {
            let columns = columns(times);
            let relative = columns[1..].iter().map(|&column| ratio(column, columns[0]));
            [input.name.into(), time(columns[0])].into_iter().chain(relative).collect()
        })
        .collect();
    let means = (1..head.len() - 1).map(|column| {
        bold(geometric_mean(times.iter().filter_map(|times| {
            let columns = columns(times);
            Some(columns[column]? / columns[0]?)
        })))
    });
    rows.push(["**geometric mean**".into(), String::new()].into_iter().chain(means).collect());
    let note = "Relative to wasmi's eager mode. wasm3 validates little and, like sf-nano, translates when it \
                instantiates, so memories and segments are in its time; stitch only validates. `-`: the engine rejects \
                the module, or needs imports other than functions.";
    let mut out = table("Eager, other engines", note, &head, rows);
    let failures = inputs.iter().zip(times).flat_map(|(input, times)| {
        times.others.iter().zip(load::others()).filter_map(|(outcome, way)| match outcome {
            Outcome::Failed(message) => {
                Some(format!("- {}, {}: {}\n", way.name, input.name, message.replace('\n', " ")))
            }
            _ => None,
        })
    });
    let failures: String = failures.collect();
    if !failures.is_empty() {
        let _ = writeln!(out, "Not measured:\n\n{failures}");
    }
    out
}

/// Reports the times from the bytes to the first result.
pub fn first(inputs: &[Input], times: &[Times]) -> String {
    let mut ratios = Vec::new();
    let mut rows = Vec::new();
    for (input, times) in inputs.iter().zip(times) {
        let Some(first) = &times.first else { continue };
        let all = first.each_ref().map(|engine| engine.each_ref().map(seconds));
        let [wasmi, wasmote] = all.map(|engine| engine.into_iter().flatten().min_by(f64::total_cmp));
        ratios.extend(wasmote.zip(wasmi).map(|(wasmote, wasmi)| wasmote / wasmi));
        let cells = all.into_iter().flat_map(|[eager, translation, lazy]| [time(lazy), time(translation), time(eager)]);
        rows.push([input.name.into()].into_iter().chain(cells).chain([ratio(wasmote, wasmi)]).collect());
    }
    rows.push(vec!["**geometric mean**".into()]);
    if let Some(last) = rows.last_mut() {
        last.extend(vec![String::new(); 6]);
        last.push(bold(geometric_mean(ratios.into_iter())));
    }
    let note = "From the bytes, which are lent to wasmote, to the result of a small function: load, instantiate, call. \
                The linker, with something for each import, is there before. The ratio is of the best modes.";
    let head = [
        "module",
        "wasmi lazy",
        "wasmi lazy translation",
        "wasmi eager",
        "wasmote lazy",
        "wasmote lazy translation",
        "wasmote eager",
        "ratio",
    ];
    table("Time to the first result", note, &head, rows)
}

/// Reports the heap that modules keep.
pub fn heaps(inputs: &[Input], heaps: &[Heaps]) -> String {
    let mut out = String::new();
    let per = |value: isize, of: usize| value as f64 / of.max(1) as f64;
    let note = "Live heap after loading, in bytes per byte of code; data segments that a module keeps a copy of are in \
                it. Ratios are relative to wasmi in the same mode.";
    let head = [
        "module",
        "wasmi eager",
        "wasmote eager",
        "ratio",
        "wasmi lazy translation",
        "wasmote lazy translation",
        "ratio",
        "wasmi lazy",
        "wasmote lazy",
        "ratio",
    ];
    for (title, lent) in [("Heap, `Module::new`", false), ("Heap, wasmote with lent bytes", true)] {
        let pair = |heaps: &Heaps, mode: usize| {
            let wasmote = if lent { &heaps.lent } else { &heaps.modes[1] };
            (heaps.modes[0][mode], wasmote[mode])
        };
        let mut rows: Vec<Cells> = inputs
            .iter()
            .zip(heaps)
            .map(|(input, heaps)| {
                let cells = (0..3).flat_map(|mode| {
                    let (wasmi, wasmote) = pair(heaps, mode);
                    let [wasmi, wasmote] = [wasmi, wasmote].map(|heap| per(heap.live, input.code));
                    [cell(Some(wasmi)), cell(Some(wasmote)), cell(Some(wasmote / wasmi))]
                });
                [input.name.into()].into_iter().chain(cells).collect()
            })
            .collect();
        let means = (0..3).flat_map(|mode| {
            let ratios = heaps.iter().map(|heaps| {
                let (wasmi, wasmote) = pair(heaps, mode);
                wasmote.live as f64 / wasmi.live as f64
            });
            [String::new(), String::new(), bold(geometric_mean(ratios))]
        });
        rows.push(["**geometric mean**".into()].into_iter().chain(means).collect());
        out += &table(title, note, &head, rows);
    }
    let rows = inputs.iter().zip(heaps).map(|(input, heaps)| {
        let [wasmi, wasmote] = heaps.modes.map(|modes| modes[0]);
        let code = heaps.lent[0].live - heaps.lent[2].live;
        let count = |heap: Cost| cell(Some(per(heap.allocations as isize, input.functions)));
        let peak = |heap: Cost| cell(Some(per(heap.peak, input.code)));
        vec![
            input.name.into(),
            count(wasmi),
            count(wasmote),
            peak(wasmi),
            peak(wasmote),
            cell(Some(per(code, input.code))),
        ]
    });
    let note = "Eager. *Code* is what the heap has more than after lazy loading of lent bytes: compact code and what is \
                kept beside it for each function.";
    let head = [
        "module",
        "wasmi allocations per function",
        "wasmote allocations per function",
        "wasmi peak heap per byte of code",
        "wasmote peak heap per byte of code",
        "wasmote code per byte of code",
    ];
    out + &table("Allocations, peak and code", note, &head, rows)
}

/// Linkers and instances.
pub fn linking(rows: &[(&str, Vec<Outcome>)]) -> String {
    let rows = rows.iter().map(|(name, outcomes)| {
        let [wasmi, wasmote] = [seconds(&outcomes[0]), seconds(&outcomes[1])];
        vec![(*name).into(), time(wasmi), time(wasmote), ratio(wasmote, wasmi)]
    });
    let note = "A module that imports 20 of 60 functions of the host, in a new store each time if not said otherwise. \
                wasmi has neither `InstancePre` nor `Store::reset`: it is `Linker::instantiate_and_start` there.";
    table("Linking and instantiating", note, &["", "wasmi", "wasmote", "ratio"], rows)
}

/// Reports the cost of bombs, relative to the median of the modules.
pub fn bombs(bombs: &[Exploded], inputs: &[Input], times: &[Times], heaps: &[Heaps]) -> String {
    let baseline = |engine: usize| {
        let speeds = inputs
            .iter()
            .zip(times)
            .filter_map(|(input, times)| seconds(&times.modes[engine][0]).map(|time| time / input.code as f64));
        let peaks =
            inputs.iter().zip(heaps).map(|(input, heaps)| heaps.modes[engine][0].peak as f64 / input.code as f64);
        (median(speeds.collect()), median(peaks.collect()))
    };
    let baselines = [baseline(0), baseline(1)];
    let row = |bomb: &Exploded| {
        let per_byte = |value: Option<f64>| value.map(|value| value / bomb.bytes as f64);
        let cells = bomb.outcomes.iter().zip(baselines).flat_map(|((outcome, heap), (speed, peak))| {
            let time = per_byte(seconds(outcome));
            let used = per_byte(heap.map(|heap| heap.peak as f64));
            [cell(time.map(|time| time * 1e9)), ratio(time, speed), cell(used), ratio(used, peak)]
        });
        [format!("`{}`", bomb.name), bytes(bomb.bytes)].into_iter().chain(cells).collect()
    };
    let base = || {
        let cells = baselines
            .into_iter()
            .flat_map(|(speed, peak)| [cell(speed.map(|speed| speed * 1e9)), "1".into(), cell(peak), "1".into()]);
        ["median of the modules".into(), String::new()].into_iter().chain(cells).collect::<Cells>()
    };
    let known = (!inputs.is_empty()).then(base);
    let head = [
        "bomb",
        "bytes",
        "wasmi ns/byte",
        "to the median",
        "wasmi peak heap/byte",
        "to the median",
        "wasmote ns/byte",
        "to the median",
        "wasmote peak heap/byte",
        "to the median",
    ];
    let note = "Eager. Relative to the median of the modules above, whose bytes are those of their code.";
    let mut out = table("Bombs", note, &head, bombs.iter().map(row).chain(known));
    for bomb in bombs {
        let _ = writeln!(out, "- `{}`: {}", bomb.name, bomb.what);
        for ((outcome, _), name) in bomb.outcomes.iter().zip(["wasmi", "wasmote"]) {
            if let Outcome::Failed(message) = outcome {
                let _ = writeln!(out, "  ({name}: {})", message.replace('\n', " "));
            }
        }
    }
    out
}

/// The least time.
fn seconds(outcome: &Outcome) -> Option<f64> {
    if let Outcome::Time { min, .. } = outcome { Some(*min) } else { None }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn geometric_mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value.ln(), count + 1));
    (count > 0).then(|| (sum / f64::from(count)).exp())
}

fn ratio(value: Option<f64>, of: Option<f64>) -> String {
    cell(value.zip(of).map(|(value, of)| value / of))
}

fn bold(value: Option<f64>) -> String {
    format!("**{}**", cell(value))
}

fn cell(value: Option<f64>) -> String {
    match value {
        Some(value) if value < 0.0995 => format!("{value:.3}"),
        Some(value) if value < 9.95 => format!("{value:.2}"),
        Some(value) if value < 99.5 => format!("{value:.1}"),
        Some(value) => format!("{value:.0}"),
        None => "-".into(),
    }
}

fn time(seconds: Option<f64>) -> String {
    match seconds {
        Some(time) if time >= 1e-3 => format!("{} ms", cell(Some(time * 1e3))),
        Some(time) => format!("{} µs", cell(Some(time * 1e6))),
        None => "-".into(),
    }
}

fn bytes(count: usize) -> String {
    match count {
        0..10_000 => count.to_string(),
        10_000..1_000_000 => format!("{:.0} K", count as f64 / 1e3),
        _ => format!("{:.1} M", count as f64 / 1e6),
    }
}
