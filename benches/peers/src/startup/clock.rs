//! The clock of the measurements.

use std::time::Duration;

#[cfg(target_os = "linux")]
use rustix::time::{ClockId, clock_gettime};

/// A start time: processor time of this process on Linux, wall time elsewhere.
pub struct Clock {
    #[cfg(target_os = "linux")]
    start: f64,
    #[cfg(not(target_os = "linux"))]
    start: std::time::Instant,
}

#[cfg(target_os = "linux")]
impl Clock {
    /// Returns the current time.
    pub fn start() -> Self {
        Self { start: used() }
    }

    /// Returns the time since the start.
    pub fn seconds(&self) -> f64 {
        used() - self.start
    }
}

#[cfg(target_os = "linux")]
fn used() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

#[cfg(not(target_os = "linux"))]
impl Clock {
    /// Returns the current time.
    pub fn start() -> Self {
        Self { start: std::time::Instant::now() }
    }

    /// Returns the time since the start.
    pub fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }
}

impl Clock {
    /// Converts to a duration.
    pub fn elapsed(&self) -> Duration {
        Duration::from_secs_f64(self.seconds().max(0.0))
    }
}
