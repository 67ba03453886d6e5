//! Measures the engines in turn, so that a slow or fast moment of the machine affects all of them.

use crate::engine::Result;
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

/// The outcome of an engine.
pub enum Outcome {
    /// It ran in all rounds: these are the times of one run, in seconds.
    Time {
        /// The median over the rounds.
        median: f64,
        /// The shortest.
        min: f64,
    },
    /// It has no such operation.
    Unsupported,
    /// It did not run to the end, or its result was wrong.
    Failed(String),
}

/// One run of an engine: its time, in seconds. `None` if the engine has no such operation.
pub type Run<'a> = Box<dyn FnMut() -> Result<Option<f64>> + 'a>;

/// Does every run once in each round, in a different order each time.
pub fn interleaved(runs: Vec<Result<Run<'_>>>, rounds: usize) -> Vec<Outcome> {
    interleaved_for(runs, rounds, Duration::ZERO)
}

/// Like `interleaved`, with further rounds until `time` has passed, so that a short measurement is not entirely within
/// a slow moment of the machine.
pub fn interleaved_for(runs: Vec<Result<Run<'_>>>, rounds: usize, time: Duration) -> Vec<Outcome> {
    let mut lanes = runs.into_iter().map(Lane::new).collect::<Vec<_>>();
    // Excludes cold caches, translation at the first call, and a slow clock of the processor.
    for lane in &mut lanes {
        lane.step();
        lane.times.clear();
    }
    // The order changes, so that no lane always follows one that leaves much to clean up.
    let count = lanes.len();
    let strides: Vec<_> = (1..=count).filter(|&stride| are_coprime(stride, count)).collect();
    let start = Instant::now();
    for (round, stride) in strides.iter().cycle().enumerate() {
        if round >= rounds && start.elapsed() >= time {
            break;
        }
        for i in 0..count {
            lanes[(round + i * stride) % count].step();
        }
    }
    lanes.into_iter().map(Lane::outcome).collect()
}

/// Whether two numbers are coprime.
fn are_coprime(a: usize, b: usize) -> bool {
    if b == 0 { a == 1 } else { are_coprime(b, a % b) }
}

/// A run that repeats an operation often enough for a good measurement.
///
/// `operation` repeats itself by the given number, and returns the total time.
pub fn repeated<'a>(mut operation: impl FnMut(u32) -> Result<Option<Duration>> + 'a) -> Run<'a> {
    const TARGET: f64 = 0.005;
    let mut times = None;
    Box::new(move || {
        let times = match times {
            Some(times) => times,
            None => {
                // The first one is slow, so the second one counts.
                operation(1)?;
                let Some(once) = operation(4)? else { return Ok(None) };
                *times.insert((TARGET / (once.as_secs_f64() / 4.0).max(1e-9)).clamp(1.0, 1e6) as u32)
            }
        };
        Ok(operation(times)?.map(|all| all.as_secs_f64() / f64::from(times)))
    })
}

/// An engine in the race.
struct Lane<'a> {
    run: Option<Run<'a>>,
    times: Vec<f64>,
    failure: Option<String>,
}

impl<'a> Lane<'a> {
    fn new(run: Result<Run<'a>>) -> Self {
        match run {
            Ok(run) => Self { run: Some(run), times: Vec::new(), failure: None },
            Err(error) => Self { run: None, times: Vec::new(), failure: Some(error.to_string()) },
        }
    }

    /// Runs once, unless an earlier run has failed or the engine lacks the operation.
    fn step(&mut self) {
        let Some(run) = &mut self.run else { return };
        match guarded(run) {
            Ok(Some(time)) => self.times.push(time),
            Ok(None) => self.run = None,
            Err(error) => {
                self.run = None;
                self.failure = Some(error.to_string());
            }
        }
    }

    fn outcome(mut self) -> Outcome {
        if let Some(failure) = self.failure {
            return Outcome::Failed(failure);
        }
        self.times.sort_by(f64::total_cmp);
        match (self.times.first(), self.times.get(self.times.len() / 2)) {
            (Some(&min), Some(&median)) if self.run.is_some() => Outcome::Time { median, min },
            _ => Outcome::Unsupported,
        }
    }
}

/// Returns the result of `action`. A panic in it is an error of that engine, not the end of the comparison.
pub fn guarded<T>(action: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(action)).unwrap_or_else(|payload| Err(message(&*payload).into()))
}

fn message(payload: &dyn Any) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    format!("panicked: {}", text.as_deref().unwrap_or("without a message"))
}
