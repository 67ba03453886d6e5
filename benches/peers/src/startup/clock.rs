//! The clock that times are taken with.

use std::time::Duration;

#[cfg(target_os = "linux")]
use rustix::time::{ClockId, clock_gettime};

/// When something began: in processor time of this process on Linux, elsewhere by the wall.
pub struct Clock {
    #[cfg(target_os = "linux")]
    start: f64,
    #[cfg(not(target_os = "linux"))]
    start: std::time::Instant,
}

#[cfg(target_os = "linux")]
impl Clock {
    /// Now.
    pub fn start() -> Self {
        Self { start: used() }
    }

    /// What has passed since.
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
    /// Now.
    pub fn start() -> Self {
        Self { start: std::time::Instant::now() }
    }

    /// What has passed since.
    pub fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }
}

impl Clock {
    /// The same, as a duration.
    pub fn elapsed(&self) -> Duration {
        Duration::from_secs_f64(self.seconds().max(0.0))
    }
}
