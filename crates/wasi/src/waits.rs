//! Waiting for descriptors of the host, no longer than a program may.

use std::time::{Duration, Instant};

use wasmote::InterruptHandle;

use crate::errno::{Errno, Result};

/// The most bytes that a descriptor takes at once after it was reported as ready, without waiting. POSIX guarantees 512
/// (`PIPE_BUF`), and the systems in use 4096 for pipes, but for macOS.
#[cfg(unix)]
pub(crate) const READY_BYTES: usize = if cfg!(any(target_os = "linux", target_os = "android")) { 4096 } else { 512 };

/// What a call wants to do with a descriptor.
#[cfg(unix)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interest {
    Read,
    Write,
}

#[cfg(unix)]
impl Interest {
    pub(crate) fn flags(self) -> rustix::event::PollFlags {
        match self {
            Self::Read => rustix::event::PollFlags::IN,
            Self::Write => rustix::event::PollFlags::OUT,
        }
    }
}

/// How long a function waits before it looks whether the program is interrupted.
const LOOK: Duration = Duration::from_millis(4);

/// How long the functions of a context may wait.
#[derive(Debug, Default)]
pub(crate) struct Waits {
    /// The time after which the program must not wait
    pub(crate) deadline: Option<Instant>,
    /// Tells whether the program is interrupted
    pub(crate) interrupt: Option<InterruptHandle>,
    /// Whether a function stopped because of the deadline
    pub(crate) expired: bool,
    /// Whether a function stopped because of an interrupt
    pub(crate) interrupted: bool,
    /// How long the function has waited before it was interrupted and began again
    pub(crate) waited: Duration,
}

impl Waits {
    /// Returns the same limits, for a program that no function has stopped yet.
    pub(crate) fn fresh(&self) -> Self {
        Self { deadline: self.deadline, ..Self::default() }
    }

    /// Returns the time that is left until the deadline.
    pub(crate) fn rest(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Notes that the deadline is reached.
    pub(crate) fn expire(&mut self) -> Errno {
        self.expired = true;
        Errno::Interrupted
    }

    /// Returns how long to wait at once, if all in all the wait may take as long as `limit`.
    pub(crate) fn part(&self, limit: Option<Duration>) -> Option<Duration> {
        let look = self.interrupt.as_ref().map(|_| LOOK);
        [limit, look].into_iter().flatten().min()
    }

    /// Fails if the program is interrupted, or the deadline is reached. Long work asks this between its parts.
    pub(crate) fn check(&mut self) -> Result<()> {
        if self.interrupt.as_ref().is_some_and(InterruptHandle::is_due) {
            self.interrupted = true;
            return Err(Errno::Interrupted);
        }
        if self.rest().is_some_and(|rest| rest.is_zero()) { Err(self.expire()) } else { Ok(()) }
    }

    /// Sleeps, at most until the deadline.
    pub(crate) fn pause(&mut self, duration: Duration) -> Result<()> {
        let rest = self.rest();
        let duration = rest.map_or(duration, |rest| rest.min(duration));
        std::thread::sleep(self.part(Some(duration)).unwrap_or(duration));
        self.check()
    }

    /// Whether a call that must not wait has to ask whether a descriptor is ready before it uses it.
    #[cfg(unix)]
    pub(crate) fn limited(&self, nonblocking: bool) -> bool {
        nonblocking || self.deadline.is_some() || self.interrupt.is_some()
    }

    /// Waits until a descriptor is ready.
    ///
    /// # Errors
    ///
    /// [`Errno::Again`] if it is not and the call must not wait (`nonblocking`), and an error when the deadline is reached.
    #[cfg(unix)]
    pub(crate) fn ready(
        &mut self,
        fd: rustix::fd::BorrowedFd<'_>,
        interest: Interest,
        nonblocking: bool,
    ) -> Result<()> {
        if nonblocking {
            return if is_ready(fd, interest, Some(Duration::ZERO))? { Ok(()) } else { Err(Errno::Again) };
        }
        loop {
            if is_ready(fd, interest, self.part(self.rest()))? {
                return Ok(());
            }
            self.check()?;
        }
    }

    /// Performs an operation on a descriptor. Waits first if the program must not wait for ever, and again whenever the
    /// descriptor would block although the program does not want that: other processes share it, and may have made it
    /// non-blocking.
    #[cfg(unix)]
    pub(crate) fn perform(
        &mut self,
        fd: rustix::fd::BorrowedFd<'_>,
        interest: Interest,
        nonblocking: bool,
        mut operation: impl FnMut() -> rustix::io::Result<usize>,
    ) -> Result<usize> {
        if self.limited(nonblocking) {
            self.ready(fd, interest, nonblocking)?;
        }
        loop {
            match operation() {
                Err(rustix::io::Errno::INTR) => self.check()?,
                Err(rustix::io::Errno::AGAIN) if !nonblocking => self.ready(fd, interest, false)?,
                result => return Ok(result?),
            }
        }
    }
}

/// Returns whether a descriptor is ready within a time, or ever without one.
#[cfg(unix)]
fn is_ready(fd: rustix::fd::BorrowedFd<'_>, interest: Interest, limit: Option<Duration>) -> Result<bool> {
    use rustix::event::{PollFd, poll};
    let end = limit.and_then(|limit| Instant::now().checked_add(limit));
    let mut rest = limit;
    let mut fds = [PollFd::from_borrowed_fd(fd, interest.flags())];
    loop {
        match poll(&mut fds, rest.map(timespec).as_ref()) {
            Err(rustix::io::Errno::INTR) => {
                rest = end.map(|end| end.saturating_duration_since(Instant::now())).or(rest);
            }
            ready => return Ok(ready? > 0),
        }
    }
}

/// Converts a duration to a time of the system.
#[cfg(unix)]
pub(crate) fn timespec(duration: Duration) -> rustix::event::Timespec {
    rustix::event::Timespec {
        tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: duration.subsec_nanos().into(),
    }
}
