//! Sockets that the embedder provides, and connections accepted on them.

#[cfg(unix)]
use std::os::fd::AsFd;
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
};

#[cfg(unix)]
use crate::waits::Interest;
use crate::{
    abi::{FdFlags, RiFlags, Rights, SdFlags},
    ctx::WasiCtx,
    errno::{Errno, Result},
    guest::GuestMemory,
    table::{Descriptor, Resource},
    waits::Waits,
};

pub(crate) fn sock_accept(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    accepted: u32,
) -> Result<()> {
    let flags = FdFlags::from_bits(flags)?;
    if flags.without(FdFlags::NONBLOCK) != FdFlags::NONE {
        return Err(Errno::Invalid);
    }
    let descriptor = ctx.table.get(fd)?;
    let Resource::Listener(listener) = &descriptor.resource else {
        return Err(if matches!(descriptor.resource, Resource::Stream(_)) { Errno::Invalid } else { Errno::NotSocket });
    };
    descriptor.check(Rights::SOCK_ACCEPT)?;
    if !ctx.table.has_room() {
        return Err(Errno::TooManyDescriptors);
    }
    memory.slice_mut(accepted, 4)?;
    wait(listener, false, &mut ctx.waits, descriptor.flags.contains(FdFlags::NONBLOCK))?;
    let (stream, _) = listener.accept()?;
    // Systems differ in whether a connection inherits this.
    stream.set_nonblocking(flags.contains(FdFlags::NONBLOCK))?;
    let mut connection = Descriptor::stream(stream, flags);
    connection.base = connection.base.and(descriptor.inheriting);
    let number = ctx.table.push(connection)?;
    memory.write_u32(accepted, number)
}

/// Waits until a socket can be read or written, if the program may not wait for ever. The socket itself is in the mode that
/// the program wants.
#[cfg(unix)]
fn wait(socket: &impl AsFd, write: bool, waits: &mut Waits, nonblocking: bool) -> Result<()> {
    if nonblocking || !waits.limited(false) {
        return Ok(());
    }
    waits.ready(socket.as_fd(), if write { Interest::Write } else { Interest::Read }, false)
}

/// This system cannot wait, so the caller has to try.
#[cfg(not(unix))]
fn wait<S>(_socket: &S, _write: bool, _waits: &mut Waits, _nonblocking: bool) -> Result<()> {
    Ok(())
}

/// Receives what has come.
pub(super) fn receive(
    stream: &mut TcpStream,
    buffer: &mut [u8],
    waits: &mut Waits,
    nonblocking: bool,
) -> Result<usize> {
    wait(stream, false, waits, nonblocking)?;
    Ok(stream.read(buffer)?)
}

/// Sends bytes.
pub(super) fn send(stream: &mut TcpStream, bytes: &[u8], waits: &mut Waits, nonblocking: bool) -> Result<usize> {
    wait(stream, true, waits, nonblocking)?;
    Ok(stream.write(bytes)?)
}

/// Returns the connection of a descriptor that has a right, and whether it is non-blocking.
fn connection(ctx: &mut WasiCtx, fd: u32, right: Rights) -> Result<(&mut TcpStream, &mut Waits, bool)> {
    let descriptor = ctx.table.get_mut(fd)?;
    let nonblocking = descriptor.flags.contains(FdFlags::NONBLOCK);
    match &descriptor.resource {
        Resource::Stream(_) => descriptor.check(right)?,
        Resource::Listener(_) => return Err(Errno::NotConnected),
        Resource::Input(_) | Resource::Output(_) | Resource::Node(_) => return Err(Errno::NotSocket),
    }
    match &mut descriptor.resource {
        Resource::Stream(stream) => Ok((stream, &mut ctx.waits, nonblocking)),
        _ => Err(Errno::NotSocket),
    }
}

#[expect(clippy::too_many_arguments, reason = "the interface has that many")]
pub(crate) fn sock_recv(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    buffers: u32,
    count: u32,
    flags: u32,
    received: u32,
    out_flags: u32,
) -> Result<()> {
    let flags = RiFlags::from_bits(flags)?;
    let (stream, waits, nonblocking) = connection(ctx, fd, Rights::FD_READ)?;
    memory.slice_mut(received, 4)?;
    memory.slice_mut(out_flags, 2)?;
    let buffers = memory.buffers(buffers, count)?;
    let wait_all = flags.contains(RiFlags::WAITALL);
    let peek = flags.contains(RiFlags::PEEK);
    let mut first = true;
    let total = memory.fill(buffers, |buffer, _| {
        let is_first = core::mem::take(&mut first);
        if peek {
            // A second peek would return the same bytes again.
            if !is_first {
                return Ok(0);
            }
            wait(stream, false, waits, nonblocking)?;
            return Ok(stream.peek(buffer)?);
        }
        if !wait_all {
            return if is_first { receive(stream, buffer, waits, nonblocking) } else { Ok(0) };
        }
        let mut len = 0;
        while len < buffer.len() {
            match receive(stream, &mut buffer[len..], waits, nonblocking) {
                Ok(0) => break,
                Ok(more) => len += more,
                Err(Errno::Interrupted) if !waits.expired && !waits.interrupted => {}
                Err(_) if len > 0 => break,
                Err(errno) => return Err(errno),
            }
        }
        Ok(len)
    })?;
    ctx.meter.copy(total)?;
    memory.write_u32(received, total)?;
    memory.write_u16(out_flags, 0)
}

pub(crate) fn sock_send(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    buffers: u32,
    count: u32,
    flags: u32,
    sent: u32,
) -> Result<()> {
    if flags != 0 {
        return Err(Errno::Invalid);
    }
    let (stream, waits, nonblocking) = connection(ctx, fd, Rights::FD_WRITE)?;
    let buffers = memory.transfer(buffers, count, sent)?;
    let total = memory.drain(buffers, |bytes, _| send(stream, bytes, waits, nonblocking))?;
    ctx.meter.copy(total)?;
    memory.write_u32(sent, total)
}

pub(crate) fn sock_shutdown(ctx: &mut WasiCtx, fd: u32, how: u32) -> Result<()> {
    let how = SdFlags::from_bits(how)?;
    let (stream, ..) = connection(ctx, fd, Rights::SOCK_SHUTDOWN)?;
    let how = match (how.contains(SdFlags::RD), how.contains(SdFlags::WR)) {
        (true, true) => Shutdown::Both,
        (true, false) => Shutdown::Read,
        (false, true) => Shutdown::Write,
        (false, false) => return Err(Errno::Invalid),
    };
    Ok(stream.shutdown(how)?)
}
