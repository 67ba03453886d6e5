//! Waiting: for clocks, for input and output.

#[cfg(unix)]
use std::time::{Duration, Instant};

#[cfg(unix)]
use crate::waits::{Interest, Waits, timespec};
use crate::{
    abi::{ClockId, Event, EventRwFlags, Layout, Rights, SubclockFlags},
    clocks::Clocks,
    ctx::WasiCtx,
    errno::{Errno, Result},
    guest::GuestMemory,
    table::{Resource, Table},
};

/// The most subscriptions of one call.
const MAX_SUBSCRIPTIONS: u32 = 4096;

/// The kinds of subscriptions.
const CLOCK: u8 = 0;
const FD_READ: u8 = 1;
const FD_WRITE: u8 = 2;

/// A subscription.
struct Subscription {
    userdata: u64,
    tag: u8,
    state: State,
}

/// The state of a subscription.
enum State {
    /// It is ready, with this number of bytes. The other end may have been closed
    Ready { bytes: u64, hangup: bool },
    /// It failed
    Failed(Errno),
    /// A clock, with the remaining nanoseconds
    Clock(u64),
    /// A descriptor of the host, which the system has to poll
    #[cfg(unix)]
    Host(u32),
}

impl State {
    fn ready(bytes: u64) -> Self {
        Self::Ready { bytes, hangup: false }
    }

    /// Whether the system has to poll.
    fn asks_host(&self) -> bool {
        #[cfg(unix)]
        if matches!(self, Self::Host(_)) {
            return true;
        }
        false
    }
}

pub(crate) fn poll_oneoff<L: Layout>(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    subscriptions: u32,
    events: u32,
    count: u32,
    stored: u32,
) -> Result<()> {
    if count == 0 || count > MAX_SUBSCRIPTIONS {
        return Err(Errno::Invalid);
    }
    // `count` is small, so these do not overflow.
    memory.slice(subscriptions, count * L::SUBSCRIPTION_SIZE)?;
    memory.slice(events, count * Event::SIZE)?;
    memory.slice(stored, 4)?;
    ctx.meter.ask(count as usize)?;

    // The arrays may overlap: everything is read before anything is written.
    let mut waiting = Vec::with_capacity(count as usize);
    for index in 0..count {
        let at = subscriptions + index * L::SUBSCRIPTION_SIZE;
        waiting.push(subscription::<L>(ctx, memory, at)?);
    }
    wait(ctx, &mut waiting)?;

    let mut written = 0;
    for subscription in waiting {
        let (error, bytes, hangup) = match subscription.state {
            State::Ready { bytes, hangup } => (0, bytes, hangup),
            State::Failed(errno) => (errno as u16, 0, false),
            _ => continue,
        };
        let flags = if hangup { EventRwFlags::HANGUP } else { EventRwFlags::NONE };
        let (userdata, tag) = (subscription.userdata, subscription.tag);
        let event = Event { userdata, error, tag, bytes, flags };
        event.write(memory, events + written * Event::SIZE)?;
        written += 1;
    }
    memory.write_u32(stored, written)
}

/// Reads a subscription and determines its state.
fn subscription<L: Layout>(ctx: &mut WasiCtx, memory: &GuestMemory<'_>, at: u32) -> Result<Subscription> {
    let userdata = memory.read_u64(at)?;
    let tag = memory.read_u8(at + 8)?;
    let state = match tag {
        CLOCK => {
            let clock = at + L::SUBSCRIPTION_CLOCK;
            let id = memory.read_u32(clock)?;
            let timeout = memory.read_u64(clock + 8)?;
            let flags = memory.read_u16(clock + 24)?;
            match remaining(ctx, id, timeout, flags) {
                Ok(0) => State::ready(0),
                Ok(nanoseconds) => State::Clock(nanoseconds),
                Err(errno) => State::Failed(errno),
            }
        }
        FD_READ | FD_WRITE => {
            let fd = memory.read_u32(at + 16)?;
            readiness(&mut ctx.table, fd, tag).unwrap_or_else(State::Failed)
        }
        _ => return Err(Errno::Invalid),
    };
    Ok(Subscription { userdata, tag, state })
}

/// Returns the nanoseconds until a clock reaches a time.
fn remaining(ctx: &mut WasiCtx, id: u32, timeout: u64, flags: u16) -> Result<u64> {
    let id = ClockId::try_from(id)?;
    let flags = SubclockFlags::from_bits(flags)?;
    if !matches!(id, ClockId::Realtime | ClockId::Monotonic) {
        return Err(Errno::NotSupported);
    }
    let passed = if flags.contains(SubclockFlags::ABSTIME) {
        ctx.clocks.now(id)?
    } else {
        u64::try_from(ctx.waits.waited.as_nanos()).unwrap_or(u64::MAX)
    };
    Ok(timeout.saturating_sub(passed))
}

/// Returns whether a descriptor can be read or written without waiting.
fn readiness(table: &mut Table, fd: u32, tag: u8) -> Result<State> {
    let right = if tag == FD_READ { Rights::FD_READ } else { Rights::FD_WRITE };
    let descriptor = table.get_mut(fd)?;
    if !descriptor.base.contains(Rights::POLL_FD_READWRITE) && !descriptor.base.contains(right) {
        return Err(Errno::NotCapable);
    }
    match &mut descriptor.resource {
        Resource::Input(input) if tag == FD_READ => match input.available() {
            Some(bytes) => Ok(State::ready(bytes)),
            None => Ok(host(fd)),
        },
        Resource::Output(output) if tag == FD_WRITE => match output.standard() {
            Some(_) => Ok(host(fd)),
            None => Ok(State::ready(1)),
        },
        Resource::Input(_) | Resource::Output(_) => Err(Errno::BadDescriptor),
        Resource::Node(node) => {
            #[cfg(unix)]
            if node.waitable().is_some() {
                return Ok(host(fd));
            }
            if tag == FD_WRITE {
                return Ok(State::ready(1));
            }
            let size = node.stat()?.size;
            let position = node.seek(0, crate::abi::Whence::Current).unwrap_or(0);
            Ok(State::ready(size.saturating_sub(position)))
        }
        Resource::Listener(_) | Resource::Stream(_) => Ok(host(fd)),
    }
}

#[cfg(unix)]
fn host(fd: u32) -> State {
    State::Host(fd)
}

/// This system cannot poll descriptors, so the program has to try.
#[cfg(not(unix))]
fn host(_: u32) -> State {
    State::ready(1)
}

/// Waits until at least one subscription is ready or has failed.
fn wait(ctx: &mut WasiCtx, waiting: &mut [Subscription]) -> Result<()> {
    let mut timeout: Option<u64> = None;
    for subscription in &*waiting {
        match subscription.state {
            State::Ready { .. } | State::Failed(_) => timeout = Some(0),
            State::Clock(nanoseconds) => timeout = Some(timeout.map_or(nanoseconds, |least| least.min(nanoseconds))),
            #[cfg(unix)]
            State::Host(_) => {}
        }
    }
    let host = waiting.iter().any(|subscription| subscription.state.asks_host());
    // With fixed clocks, only descriptors take real time.
    let fixed = matches!(ctx.clocks, Clocks::Fixed { .. });
    let rest = ctx.waits.rest().map(|rest| u64::try_from(rest.as_nanos()).unwrap_or(u64::MAX));
    let limit = match timeout {
        Some(_) if fixed => None,
        timeout => rest.filter(|&rest| timeout.is_none_or(|timeout| rest < timeout)),
    };
    let wait = limit.or(timeout);
    let found = if host {
        #[cfg(unix)]
        let found = wait_for_host(
            &ctx.table,
            &mut ctx.waits,
            waiting,
            if fixed { wait.map(|_| limit.unwrap_or(0)) } else { wait },
        )?;
        #[cfg(not(unix))]
        let found = false;
        if fixed && !found {
            ctx.clocks.wait(wait.unwrap_or(0));
        }
        found
    } else {
        match wait {
            None | Some(0) => {}
            Some(nanoseconds) => ctx.sleep(nanoseconds)?,
        }
        false
    };
    if found {
        return Ok(());
    }
    if limit.is_some() {
        return Err(ctx.waits.expire());
    }
    let elapsed = wait.unwrap_or(0);
    for subscription in waiting {
        if matches!(subscription.state, State::Clock(nanoseconds) if nanoseconds <= elapsed) {
            subscription.state = State::ready(0);
        }
    }
    Ok(())
}

/// Polls descriptors of the host. Returns whether one is ready.
#[cfg(unix)]
fn wait_for_host(table: &Table, waits: &mut Waits, waiting: &mut [Subscription], timeout: Option<u64>) -> Result<bool> {
    use rustix::event::{PollFd, PollFlags, poll};

    let ready = {
        let mut fds = Vec::new();
        for subscription in &*waiting {
            let State::Host(fd) = subscription.state else {
                continue;
            };
            let interest = if subscription.tag == FD_READ { Interest::Read } else { Interest::Write };
            let flags = interest.flags();
            fds.push(match &table.get(fd)?.resource {
                Resource::Input(_) => PollFd::from_borrowed_fd(rustix::stdio::stdin(), flags),
                Resource::Output(output) => PollFd::from_borrowed_fd(output.standard().ok_or(Errno::Io)?.fd(), flags),
                Resource::Listener(listener) => PollFd::new(listener, flags),
                Resource::Stream(stream) => PollFd::new(stream, flags),
                Resource::Node(node) => PollFd::from_borrowed_fd(node.waitable().ok_or(Errno::Io)?, flags),
            });
        }
        let timeout = timeout.map(Duration::from_nanos);
        let began = Instant::now();
        loop {
            let rest = timeout.map(|timeout| timeout.saturating_sub(began.elapsed()));
            match poll(&mut fds, waits.part(rest).map(timespec).as_ref()) {
                Err(rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
                Ok(0) if waits.interrupt.is_some() && timeout.is_none_or(|timeout| began.elapsed() < timeout) => {
                    waits.check().inspect_err(|_| waits.waited += began.elapsed())?;
                }
                Ok(_) => break,
            }
        }
        fds.iter().map(PollFd::revents).collect::<Vec<_>>()
    };
    let mut any = false;
    let hosts = waiting.iter_mut().filter(|subscription| matches!(subscription.state, State::Host(_)));
    for (subscription, events) in hosts.zip(ready) {
        if !events.is_empty() {
            // Bytes may have come before the other end was closed.
            let hangup = events.contains(PollFlags::HUP) && !events.contains(PollFlags::IN);
            subscription.state = State::Ready { bytes: u64::from(!hangup), hangup };
            any = true;
        }
    }
    Ok(any)
}
