//! The report of `run --time`: the time and the memory of each phase.

use std::{
    fmt::Write as _,
    io::Write as _,
    time::{Duration, Instant},
};

use crate::args::TimeFormat;

/// A phase of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Reading the file and converting text to the binary form
    Read,
    /// Validation on its own, for the measurement only
    Validate,
    /// Creating the module, less the time of validation
    Translate,
    /// Creating the instance, including its start function
    Instantiate,
    /// The calls
    Run,
}

impl Phase {
    const ALL: [Self; 5] = [Self::Read, Self::Validate, Self::Translate, Self::Instantiate, Self::Run];

    const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Validate => "validate",
            Self::Translate => "translate",
            Self::Instantiate => "instantiate",
            Self::Run => "run",
        }
    }
}

/// The measurement of a phase.
#[derive(Debug, Clone, Copy)]
struct Measurement {
    /// None if the phase is part of another one
    time: Option<Duration>,
    /// Resident memory at the end of the phase, in bytes
    resident: Option<u64>,
}

/// All measurements. Phases that were not reached are missing.
#[derive(Debug, Default)]
pub(crate) struct Report {
    enabled: bool,
    phases: [Option<Measurement>; Phase::ALL.len()],
    /// The size of the binary form in bytes
    pub(crate) module: Option<u64>,
    /// The total size of the exported memories in bytes
    pub(crate) memories: Option<u64>,
    /// The units of fuel consumed
    pub(crate) fuel: Option<u64>,
}

impl Report {
    /// Creates an empty report. If it is not `enabled`, nothing is measured.
    pub(crate) fn new(enabled: bool) -> Self {
        Self { enabled, ..Self::default() }
    }

    /// Whether the report will be printed.
    pub(crate) fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// Measures a phase.
    pub(crate) fn measure<R>(&mut self, phase: Phase, work: impl FnOnce() -> R) -> R {
        let began = Instant::now();
        let result = work();
        self.set(phase, Some(began.elapsed()));
        result
    }

    /// Records a phase that ends now.
    pub(crate) fn set(&mut self, phase: Phase, time: Option<Duration>) {
        if self.enabled {
            self.phases[phase as usize] = Some(Measurement { time, resident: resident("VmRSS:") });
        }
    }

    /// Returns the time of a phase.
    pub(crate) fn time(&self, phase: Phase) -> Option<Duration> {
        self.phases[phase as usize]?.time
    }

    /// Prints the report on standard error.
    pub(crate) fn print(&self, format: TimeFormat) {
        let report = match format {
            TimeFormat::Text => self.text(),
            TimeFormat::Json => self.json(),
        };
        // A failure to print cannot be reported.
        let _ = anstream::stderr().lock().write_all(report.as_bytes());
    }

    fn total(&self) -> Duration {
        self.phases.iter().flatten().filter_map(|measurement| measurement.time).sum()
    }

    /// Returns the peak of resident memory, in bytes.
    fn peak(&self) -> Option<u64> {
        // The peak that the system reports can lag behind the current value.
        let residents = self.phases.iter().flatten().filter_map(|measurement| measurement.resident);
        residents.chain(resident("VmHWM:")).max()
    }

    fn text(&self) -> String {
        let style = anstyle::Style::new().bold();
        let total = self.total();
        let mut text = format!("{style}{:12} {:>12} {:>7} {:>12}{style:#}\n", "phase", "time", "", "resident");
        // Writing to a string does not fail.
        for phase in Phase::ALL {
            let Some(Measurement { time, resident }) = self.phases[phase as usize] else { continue };
            let name = phase.name();
            let resident = resident.map_or_else(String::new, size);
            let _ = match time {
                Some(time) => {
                    let share = 100.0 * time.as_secs_f64() / total.as_secs_f64().max(f64::MIN_POSITIVE);
                    writeln!(text, "{name:12} {:>12} {share:>6.1}% {resident:>12}", millis(time))
                }
                None => writeln!(text, "{name:12} {:>12} {:>7} {resident:>12}", "in run", ""),
            };
        }
        let peak = self.peak().map_or_else(String::new, size);
        let _ = writeln!(text, "{:12} {:>12} {:>7} {:>12}", "total", millis(total), "peak", peak);
        let sizes = [("module", self.module), ("exported memories", self.memories)];
        for (name, bytes) in sizes {
            if let Some(bytes) = bytes {
                let _ = writeln!(text, "{name}: {}", size(bytes));
            }
        }
        if let Some(fuel) = self.fuel {
            let _ = writeln!(text, "fuel: {fuel}");
        }
        text
    }

    fn json(&self) -> String {
        let number = |value: Option<u64>| value.map_or_else(|| "null".to_owned(), |value| value.to_string());
        let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let phases: Vec<_> = Phase::ALL
            .into_iter()
            .map(|phase| {
                let measurement = self.phases[phase as usize];
                let time = number(measurement.and_then(|measurement| measurement.time).map(nanoseconds));
                let resident = number(measurement.and_then(|measurement| measurement.resident));
                format!(r#""{}":{{"nanoseconds":{time},"resident_bytes":{resident}}}"#, phase.name())
            })
            .collect();
        format!(
            "{{\"phases\":{{{}}},\"total_nanoseconds\":{},\"peak_resident_bytes\":{},\"module_bytes\":{},\
             \"exported_memory_bytes\":{},\"fuel\":{}}}\n",
            phases.join(","),
            nanoseconds(self.total()),
            number(self.peak()),
            number(self.module),
            number(self.memories),
            number(self.fuel),
        )
    }
}

fn millis(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1e3)
}

fn size(bytes: u64) -> String {
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let kib = bytes as f64 / 1024.0;
    if kib < 1024.0 { format!("{kib:.1} KiB") } else { format!("{:.1} MiB", kib / 1024.0) }
}

/// Returns a size that Linux reports of this process, in bytes; none on other systems.
fn resident(key: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}
