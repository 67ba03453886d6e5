//! The clocks of a program.

use std::time::{Duration, Instant, SystemTime};

use crate::{
    abi::ClockId,
    errno::{Errno, Result},
};

/// The clocks of a program.
#[derive(Debug, Clone)]
pub(crate) enum Clocks {
    /// The clocks of the system; the monotonic one counts from `start`
    System { start: Instant },
    /// Each reading advances time by `step`, each wait by its duration, without real waiting
    Fixed { realtime: u64, monotonic: u64, step: u64 },
}

impl Clocks {
    pub(crate) fn system() -> Self {
        Self::System { start: Instant::now() }
    }

    /// Returns the time of a clock, in nanoseconds.
    #[inline]
    pub(crate) fn now(&mut self, id: ClockId) -> Result<u64> {
        match self {
            Self::System { start } => match id {
                ClockId::Monotonic => Ok(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)),
                ClockId::Realtime => {
                    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                    u64::try_from(since.unwrap_or_default().as_nanos()).map_err(|_| Errno::Overflow)
                }
                ClockId::ProcessCpuTime | ClockId::ThreadCpuTime => cpu_time(id),
            },
            Self::Fixed { realtime, monotonic, step } => {
                let time = if id == ClockId::Realtime { *realtime } else { *monotonic };
                *realtime = realtime.saturating_add(*step);
                *monotonic = monotonic.saturating_add(*step);
                Ok(time)
            }
        }
    }

    /// Returns the resolution of a clock, in nanoseconds.
    pub(crate) fn resolution(&self, id: ClockId) -> Result<u64> {
        match self {
            Self::System { .. } => system_resolution(id),
            Self::Fixed { step, .. } => Ok((*step).max(1)),
        }
    }

    /// Waits.
    pub(crate) fn wait(&mut self, nanoseconds: u64) {
        match self {
            Self::System { .. } => std::thread::sleep(Duration::from_nanos(nanoseconds)),
            Self::Fixed { realtime, monotonic, .. } => {
                *realtime = realtime.saturating_add(nanoseconds);
                *monotonic = monotonic.saturating_add(nanoseconds);
            }
        }
    }
}

#[cfg(unix)]
fn host_id(id: ClockId) -> rustix::time::ClockId {
    match id {
        ClockId::Realtime => rustix::time::ClockId::Realtime,
        ClockId::Monotonic => rustix::time::ClockId::Monotonic,
        ClockId::ProcessCpuTime => rustix::time::ClockId::ProcessCPUTime,
        ClockId::ThreadCpuTime => rustix::time::ClockId::ThreadCPUTime,
    }
}

#[cfg(unix)]
fn nanoseconds(time: rustix::time::Timespec) -> u64 {
    let nanoseconds = i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec);
    u64::try_from(nanoseconds).unwrap_or(0)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have no such clocks")]
fn cpu_time(id: ClockId) -> Result<u64> {
    Ok(nanoseconds(rustix::time::clock_gettime(host_id(id))))
}

#[cfg(not(unix))]
fn cpu_time(_: ClockId) -> Result<u64> {
    Err(Errno::NotSupported)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have no such clocks")]
fn system_resolution(id: ClockId) -> Result<u64> {
    Ok(nanoseconds(rustix::time::clock_getres(host_id(id))).max(1))
}

#[cfg(not(unix))]
fn system_resolution(id: ClockId) -> Result<u64> {
    match id {
        ClockId::Realtime | ClockId::Monotonic => Ok(100),
        ClockId::ProcessCpuTime | ClockId::ThreadCpuTime => Err(Errno::NotSupported),
    }
}
