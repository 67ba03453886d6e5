//! Sockets that the embedder provides, and connections accepted on them.

use std::{
    io::{Read, Write},
    net::Shutdown,
};

use crate::{
    abi::{FdFlags, RiFlags, Rights, SdFlags},
    ctx::WasiCtx,
    errno::{Errno, Result},
    guest::GuestMemory,
    table::{Descriptor, Resource},
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
    let (stream, _) = listener.accept()?;
    // Systems differ in whether a connection inherits this.
    stream.set_nonblocking(flags.contains(FdFlags::NONBLOCK))?;
    let mut connection = Descriptor::stream(stream, flags);
    connection.base = connection.base.and(descriptor.inheriting);
    let number = ctx.table.push(connection)?;
    memory.write_u32(accepted, number)
}

/// Returns the connection of a descriptor that has a right.
fn connection(ctx: &mut WasiCtx, fd: u32, right: Rights) -> Result<&mut std::net::TcpStream> {
    let descriptor = ctx.table.get_mut(fd)?;
    match &descriptor.resource {
        Resource::Stream(_) => descriptor.check(right)?,
        Resource::Listener(_) => return Err(Errno::NotConnected),
        Resource::Input(_) | Resource::Output(_) | Resource::Node(_) => return Err(Errno::NotSocket),
    }
    match &mut descriptor.resource {
        Resource::Stream(stream) => Ok(stream),
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
    let stream = connection(ctx, fd, Rights::FD_READ)?;
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
            return if is_first { Ok(stream.peek(buffer)?) } else { Ok(0) };
        }
        if !wait_all {
            return if is_first { Ok(stream.read(buffer)?) } else { Ok(0) };
        }
        let mut len = 0;
        while len < buffer.len() {
            match stream.read(&mut buffer[len..]) {
                Ok(0) => break,
                Ok(more) => len += more,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) if len > 0 => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(len)
    })?;
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
    let stream = connection(ctx, fd, Rights::FD_WRITE)?;
    let buffers = memory.transfer(buffers, count, sent)?;
    let total = memory.drain(buffers, |bytes, _| Ok(stream.write(bytes)?))?;
    memory.write_u32(sent, total)
}

pub(crate) fn sock_shutdown(ctx: &mut WasiCtx, fd: u32, how: u32) -> Result<()> {
    let how = SdFlags::from_bits(how)?;
    let stream = connection(ctx, fd, Rights::SOCK_SHUTDOWN)?;
    let how = match (how.contains(SdFlags::RD), how.contains(SdFlags::WR)) {
        (true, true) => Shutdown::Both,
        (true, false) => Shutdown::Read,
        (false, true) => Shutdown::Write,
        (false, false) => return Err(Errno::Invalid),
    };
    Ok(stream.shutdown(how)?)
}
