//! The table, in Markdown.

use crate::{measure::Outcome, row::Row};
use std::fmt::Write;

/// Formats the table of all rows, with the outcome of every engine in the order of `names`.
///
/// Times are relative to those of the first engine: below 1 is faster. The kernels come first, then their geometric
/// means, and the other rows in a second table.
pub fn render(names: &[&str], rows: &[Row], measured: &[Vec<Outcome>], rounds: usize) -> String {
    let mut out = String::new();
    let mut failures = Vec::new();
    let Some((baseline, others)) = names.split_first() else { return out };
    let _ = writeln!(out, "Time relative to {baseline} (median of {rounds} rounds; below 1 is faster).\n");
    for (is_kernel, title) in [(true, "kernel"), (false, "operation")] {
        let selected = || rows.iter().zip(measured).filter(|(row, _)| row.is_kernel() == is_kernel);
        if selected().next().is_none() {
            continue;
        }
        let _ = writeln!(out, "| {title} | {baseline} | {} |", others.join(" | "));
        let _ = writeln!(out, "|---|{}", "--:|".repeat(names.len()));
        for (row, outcomes) in selected() {
            let _ = write!(out, "| {} | {} |", row.name, absolute(&outcomes[0]));
            for outcome in &outcomes[1..] {
                let _ = write!(out, " {} |", cell(ratio(outcome, &outcomes[0], median)));
            }
            let _ = writeln!(out);
            for (name, outcome) in names.iter().zip(outcomes) {
                if let Outcome::Failed(reason) = outcome {
                    failures.push(format!("- {name}, {}: {}", row.name, reason.replace('\n', " ")));
                }
            }
        }
        if is_kernel {
            let means = [
                ("geometric mean", all as Filter, median as Time),
                ("geometric mean, by minima", all, min),
                ("geometric mean, compiled kernels", Row::is_compiled, median),
            ];
            for (title, filter, time) in means {
                let _ = write!(out, "| **{title}** | |");
                for column in 1..names.len() {
                    let rows = selected().filter(|(row, _)| filter(row));
                    let mean = geometric_mean(rows.filter_map(|(_, row)| ratio(&row[column], &row[0], time)));
                    let _ = write!(out, " **{}** |", cell(mean));
                }
                let _ = writeln!(out);
            }
        }
        let _ = writeln!(out);
    }
    if !failures.is_empty() {
        let _ = writeln!(out, "Not measured:\n\n{}", failures.join("\n"));
    }
    out
}

/// The rows that are part of a mean.
type Filter = fn(&Row) -> bool;

/// The time of an outcome that counts.
type Time = fn(&Outcome) -> Option<f64>;

fn all(_: &Row) -> bool {
    true
}

fn median(outcome: &Outcome) -> Option<f64> {
    if let Outcome::Time { median, .. } = outcome { Some(*median) } else { None }
}

fn min(outcome: &Outcome) -> Option<f64> {
    if let Outcome::Time { min, .. } = outcome { Some(*min) } else { None }
}

fn ratio(outcome: &Outcome, baseline: &Outcome, time: Time) -> Option<f64> {
    Some(time(outcome)? / time(baseline)?)
}

fn geometric_mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0u32), |(sum, count), value| (sum + value.ln(), count + 1));
    (count > 0).then(|| (sum / f64::from(count)).exp())
}

fn cell(ratio: Option<f64>) -> String {
    match ratio {
        Some(ratio) if ratio < 0.095 => format!("{ratio:.3}"),
        Some(ratio) if ratio < 100.0 => format!("{ratio:.2}"),
        Some(ratio) => format!("{ratio:.0}"),
        None => "-".into(),
    }
}

fn absolute(outcome: &Outcome) -> String {
    match median(outcome) {
        Some(time) if time >= 1e-3 => format!("{:.1} ms", time * 1e3),
        Some(time) if time >= 1e-6 => format!("{:.1} µs", time * 1e6),
        Some(time) => format!("{:.1} ns", time * 1e9),
        None => "-".into(),
    }
}
