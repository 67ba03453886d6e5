//! Descriptors.

use crate::{
    abi::{FdFlags, FileStat, FileType, FstFlags, Layout, Rights},
    ctx::{RightsMode, WasiCtx},
    errno::{Errno, Result},
    fs::{Node, SetTime},
    functions::sock::{receive, send},
    guest::GuestMemory,
    meter::Meter,
    table::{Descriptor, Resource},
    waits::Waits,
};

/// The size of a directory entry without its name.
const DIRENT_SIZE: usize = 24;
/// The only kind of preopened descriptor: a directory.
const PREOPEN_DIRECTORY: u8 = 0;

/// Decodes the times that a program sets.
pub(super) fn times(accessed: u64, modified: u64, flags: u32) -> Result<(SetTime, SetTime)> {
    let flags = FstFlags::from_bits(flags)?;
    let time = |value, set, now| match (flags.contains(set), flags.contains(now)) {
        (true, true) => Err(Errno::Invalid),
        (true, false) => Ok(SetTime::At(value)),
        (false, true) => Ok(SetTime::Now),
        (false, false) => Ok(SetTime::Keep),
    };
    Ok((time(accessed, FstFlags::ATIM, FstFlags::ATIM_NOW)?, time(modified, FstFlags::MTIM, FstFlags::MTIM_NOW)?))
}

impl RightsMode {
    /// Returns the error of a call whose descriptor lacks one of these rights.
    fn missing(self, rights: Rights) -> Errno {
        match self {
            Self::Strict => Errno::NotCapable,
            // What POSIX says of files that are not open for this.
            Self::Access if rights.intersects(Rights::ACCESS.or(Rights::FD_ALLOCATE)) => Errno::BadDescriptor,
            Self::Access if rights.contains(Rights::FD_FILESTAT_SET_SIZE) => Errno::Invalid,
            Self::Access => Errno::NotCapable,
        }
    }
}

/// Returns the file of a descriptor that has all these rights.
fn file(ctx: &mut WasiCtx, fd: u32, rights: Rights) -> Result<&mut dyn Node> {
    let descriptor = ctx.table.get_mut(fd)?;
    let is_directory = descriptor.file_type() == FileType::Directory;
    match descriptor.check(rights) {
        Err(Errno::NotCapable) if is_directory && !Rights::DIRECTORY.intersects(rights) => Err(Errno::IsDirectory),
        Err(Errno::NotCapable) if !matches!(descriptor.resource, Resource::Node(_)) => Err(Errno::Invalid),
        Err(Errno::NotCapable) => Err(ctx.rights.missing(rights)),
        Err(errno) => Err(errno),
        Ok(()) => descriptor.node(),
    }
}

/// Returns the file of a descriptor, if it is seekable.
fn seekable(ctx: &mut WasiCtx, fd: u32, rights: Rights) -> Result<&mut dyn Node> {
    match ctx.table.get_mut(fd)?.file_type() {
        FileType::RegularFile => file(ctx, fd, rights),
        FileType::Directory => Err(Errno::IsDirectory),
        _ => Err(Errno::NotSeekable),
    }
}

/// Returns a descriptor that has a right which directories lack.
fn stream(ctx: &mut WasiCtx, fd: u32, right: Rights) -> Result<(&mut Descriptor, &mut Waits, &mut Meter)> {
    let descriptor = ctx.table.get_mut(fd)?;
    match descriptor.check(right) {
        Err(_) if descriptor.file_type() == FileType::Directory => Err(Errno::IsDirectory),
        Err(Errno::NotCapable) => Err(ctx.rights.missing(right)),
        Err(errno) => Err(errno),
        Ok(()) => Ok((descriptor, &mut ctx.waits, &mut ctx.meter)),
    }
}

pub(crate) fn fd_advise(ctx: &mut WasiCtx, fd: u32, offset: u64, len: u64, advice: u32) -> Result<()> {
    let advice = u8::try_from(advice).ok().filter(|&advice| advice < 6).ok_or(Errno::Invalid)?;
    if offset.checked_add(len).is_none() {
        return Err(Errno::Invalid);
    }
    match ctx.table.get(fd)?.file_type() {
        FileType::Directory => Err(Errno::BadDescriptor),
        _ => file(ctx, fd, Rights::FD_ADVISE)?.advise(offset, len, advice),
    }
}

pub(crate) fn fd_allocate(ctx: &mut WasiCtx, fd: u32, offset: u64, len: u64) -> Result<()> {
    if len == 0 {
        return Err(Errno::Invalid);
    }
    let filled = file(ctx, fd, Rights::FD_ALLOCATE)?.allocate(offset, len)?;
    ctx.meter.copy(filled)
}

pub(crate) fn fd_close(ctx: &mut WasiCtx, fd: u32) -> Result<()> {
    ctx.table.remove(fd).map(drop)
}

fn sync(ctx: &mut WasiCtx, fd: u32, right: Rights, data_only: bool) -> Result<()> {
    let descriptor = ctx.table.with(fd, right)?;
    match &mut descriptor.resource {
        Resource::Node(node) => node.sync(data_only),
        Resource::Output(output) => output.flush(),
        Resource::Input(_) | Resource::Listener(_) | Resource::Stream(_) => Err(Errno::Invalid),
    }
}

pub(crate) fn fd_datasync(ctx: &mut WasiCtx, fd: u32) -> Result<()> {
    sync(ctx, fd, Rights::FD_DATASYNC, true)
}

pub(crate) fn fd_sync(ctx: &mut WasiCtx, fd: u32) -> Result<()> {
    sync(ctx, fd, Rights::FD_SYNC, false)
}

pub(crate) fn fd_fdstat_get(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, fd: u32, stat: u32) -> Result<()> {
    let descriptor = ctx.table.get(fd)?;
    let mut bytes = [0; 24];
    bytes[0] = descriptor.file_type() as u8;
    bytes[2..4].copy_from_slice(&descriptor.flags.bits().to_le_bytes());
    bytes[8..16].copy_from_slice(&descriptor.base.bits().to_le_bytes());
    bytes[16..24].copy_from_slice(&descriptor.inheriting.bits().to_le_bytes());
    memory.write(stat, &bytes)
}

pub(crate) fn fd_fdstat_set_flags(ctx: &mut WasiCtx, fd: u32, flags: u32) -> Result<()> {
    let flags = FdFlags::from_bits(flags)?;
    let descriptor = ctx.table.with(fd, Rights::FD_FDSTAT_SET_FLAGS)?;
    match &mut descriptor.resource {
        Resource::Node(node) => node.set_flags(descriptor.flags, flags)?,
        // Other processes share the streams of this one, so their flags stay. `fd_read` polls before it reads.
        Resource::Input(_) | Resource::Output(_) if flags.intersects(FdFlags::ANY_SYNC) => {
            return Err(Errno::NotSupported);
        }
        Resource::Input(_) | Resource::Output(_) => {}
        Resource::Listener(_) | Resource::Stream(_) if flags.without(FdFlags::NONBLOCK) != FdFlags::NONE => {
            return Err(Errno::NotSupported);
        }
        Resource::Listener(listener) => listener.set_nonblocking(flags.contains(FdFlags::NONBLOCK))?,
        Resource::Stream(stream) => stream.set_nonblocking(flags.contains(FdFlags::NONBLOCK))?,
    }
    descriptor.flags = flags;
    Ok(())
}

pub(crate) fn fd_fdstat_set_rights(ctx: &mut WasiCtx, fd: u32, base: u64, inheriting: u64) -> Result<()> {
    let descriptor = ctx.table.get_mut(fd)?;
    // A program can give up rights, but not gain them. Bits that are not rights cannot be set either.
    let (old_base, old_inheriting) = (descriptor.base.bits(), descriptor.inheriting.bits());
    if base & !old_base != 0 || inheriting & !old_inheriting != 0 {
        return Err(Errno::NotCapable);
    }
    descriptor.base = Rights::from_bits_truncate(base);
    descriptor.inheriting = Rights::from_bits_truncate(inheriting);
    Ok(())
}

pub(crate) fn fd_filestat_get<L: Layout>(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    stat: u32,
) -> Result<()> {
    let descriptor = ctx.table.with(fd, Rights::FD_FILESTAT_GET)?;
    let file_stat = match &descriptor.resource {
        Resource::Node(node) => node.stat()?,
        _ => FileStat::of_type(descriptor.file_type()),
    };
    memory.write(stat, &L::filestat(&file_stat)[..L::FILESTAT_SIZE])
}

pub(crate) fn fd_filestat_set_size(ctx: &mut WasiCtx, fd: u32, size: u64) -> Result<()> {
    let filled = file(ctx, fd, Rights::FD_FILESTAT_SET_SIZE)?.set_size(size)?;
    ctx.meter.copy(filled)
}

pub(crate) fn fd_filestat_set_times(
    ctx: &mut WasiCtx,
    fd: u32,
    accessed: u64,
    modified: u64,
    flags: u32,
) -> Result<()> {
    let (accessed, modified) = times(accessed, modified, flags)?;
    file(ctx, fd, Rights::FD_FILESTAT_SET_TIMES)?.set_times(accessed, modified)
}

pub(crate) fn fd_pread(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    buffers: u32,
    count: u32,
    offset: u64,
    read: u32,
) -> Result<()> {
    let node = seekable(ctx, fd, Rights::FD_READ.or(Rights::FD_SEEK))?;
    let buffers = memory.transfer(buffers, count, read)?;
    let total = memory.fill(buffers, |buffer, before| node.read_at(buffer, at(offset, before)?))?;
    ctx.meter.copy(total)?;
    memory.write_u32(read, total)
}

pub(crate) fn fd_pwrite(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    buffers: u32,
    count: u32,
    offset: u64,
    written: u32,
) -> Result<()> {
    let node = seekable(ctx, fd, Rights::FD_WRITE.or(Rights::FD_SEEK))?;
    let buffers = memory.transfer(buffers, count, written)?;
    let total = memory.drain(buffers, |bytes, before| node.write_at(bytes, at(offset, before)?))?;
    ctx.meter.copy(total)?;
    memory.write_u32(written, total)
}

/// Returns the offset after the bytes that have been transferred, if it is a valid file offset.
fn at(offset: u64, before: u32) -> Result<u64> {
    let at = offset.checked_add(u64::from(before)).ok_or(Errno::Invalid)?;
    if i64::try_from(at).is_ok() { Ok(at) } else { Err(Errno::Invalid) }
}

pub(crate) fn fd_prestat_get(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, fd: u32, prestat: u32) -> Result<()> {
    let path = ctx.table.get(fd)?.preopen.as_ref().ok_or(Errno::BadDescriptor)?;
    let mut bytes = [0; 8];
    bytes[0] = PREOPEN_DIRECTORY;
    bytes[4..].copy_from_slice(&u32::try_from(path.len()).map_err(|_| Errno::Overflow)?.to_le_bytes());
    memory.write(prestat, &bytes)
}

pub(crate) fn fd_prestat_dir_name(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    len: u32,
) -> Result<()> {
    let name = ctx.table.get(fd)?.preopen.as_ref().ok_or(Errno::BadDescriptor)?;
    if name.len() > len as usize {
        return Err(Errno::NameTooLong);
    }
    memory.write(path, name.as_bytes())
}

pub(crate) fn fd_read(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    buffers: u32,
    count: u32,
    read: u32,
) -> Result<()> {
    let (descriptor, waits, meter) = stream(ctx, fd, Rights::FD_READ)?;
    let buffers = memory.transfer(buffers, count, read)?;
    let nonblocking = descriptor.flags.contains(FdFlags::NONBLOCK);
    let total = match &mut descriptor.resource {
        Resource::Node(node) if node.file_type() == FileType::RegularFile => {
            memory.fill(buffers, |buffer, _| node.read(buffer))?
        }
        // What has come must not wait for more, so only one buffer is filled.
        Resource::Node(node) => {
            node.wait_to_read(waits, nonblocking)?;
            memory.fill_one(buffers, |buffer| node.read(buffer))?
        }
        Resource::Input(input) => memory.fill_one(buffers, |buffer| input.read(buffer, waits, nonblocking))?,
        Resource::Stream(stream) => memory.fill_one(buffers, |buffer| receive(stream, buffer, waits, nonblocking))?,
        Resource::Output(_) => return Err(Errno::BadDescriptor),
        Resource::Listener(_) => return Err(Errno::NotConnected),
    };
    meter.copy(total)?;
    memory.write_u32(read, total)
}

pub(crate) fn fd_readdir(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    buffer: u32,
    len: u32,
    cookie: u64,
    used: u32,
) -> Result<()> {
    let descriptor = ctx.table.get_mut(fd)?;
    descriptor.directory()?;
    descriptor.check(Rights::FD_READDIR)?;
    let node = descriptor.node()?;
    memory.slice_mut(used, 4)?;
    let mut asked = 0;
    let mut rest = memory.slice_mut(buffer, len)?;
    if !rest.is_empty() {
        asked = node.list(cookie, &mut |entry| {
            let mut header = [0; DIRENT_SIZE];
            header[..8].copy_from_slice(&entry.next.to_le_bytes());
            header[8..16].copy_from_slice(&entry.inode.to_le_bytes());
            let name_len = u32::try_from(entry.name.len()).map_err(|_| Errno::Overflow)?;
            header[16..20].copy_from_slice(&name_len.to_le_bytes());
            header[20] = entry.file_type as u8;
            // The end of the buffer cuts off the last entry; a full buffer means that there are more.
            for part in [&header[..], entry.name.as_bytes()] {
                let len = part.len().min(rest.len());
                let (into, after) = core::mem::take(&mut rest).split_at_mut(len);
                into.copy_from_slice(&part[..len]);
                rest = after;
            }
            Ok(!rest.is_empty())
        })?;
    }
    let unused = u32::try_from(rest.len()).map_err(|_| Errno::Overflow)?;
    ctx.meter.ask(asked)?;
    ctx.meter.copy(len - unused)?;
    memory.write_u32(used, len - unused)
}

pub(crate) fn fd_renumber(ctx: &mut WasiCtx, from: u32, to: u32) -> Result<()> {
    ctx.table.renumber(from, to)
}

pub(crate) fn fd_seek<L: Layout>(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    offset: i64,
    whence: u32,
    position: u32,
) -> Result<()> {
    let whence = L::whence(whence)?;
    // A query of the position does not need the right to move it.
    let rights = if offset == 0 && whence == crate::abi::Whence::Current { Rights::FD_TELL } else { Rights::FD_SEEK };
    let node = seekable(ctx, fd, rights)?;
    memory.slice_mut(position, 8)?;
    let now = node.seek(offset, whence)?;
    memory.write_u64(position, now)
}

pub(crate) fn fd_tell(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, fd: u32, position: u32) -> Result<()> {
    let now = seekable(ctx, fd, Rights::FD_TELL)?.seek(0, crate::abi::Whence::Current)?;
    memory.write_u64(position, now)
}

pub(crate) fn fd_write(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    buffers: u32,
    count: u32,
    written: u32,
) -> Result<()> {
    let (descriptor, waits, meter) = stream(ctx, fd, Rights::FD_WRITE)?;
    let buffers = memory.transfer(buffers, count, written)?;
    let nonblocking = descriptor.flags.contains(FdFlags::NONBLOCK);
    let total = match &mut descriptor.resource {
        Resource::Output(output) => output.write(memory, buffers, waits, nonblocking)?,
        Resource::Node(node) => memory.drain(buffers, |bytes, _| {
            let len = node.wait_to_write(bytes.len(), waits, nonblocking)?;
            node.write(&bytes[..len])
        })?,
        Resource::Stream(stream) => memory.drain(buffers, |bytes, _| send(stream, bytes, waits, nonblocking))?,
        Resource::Input(_) => return Err(Errno::BadDescriptor),
        Resource::Listener(_) => return Err(Errno::NotConnected),
    };
    meter.copy(total)?;
    memory.write_u32(written, total)
}
