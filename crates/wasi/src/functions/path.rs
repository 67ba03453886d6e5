//! Paths.

use std::time::Duration;

use crate::{
    abi::{FdFlags, FileType, Layout, LookupFlags, OFlags, Rights},
    ctx::{RightsMode, WasiCtx},
    errno::{Errno, Result},
    fs::{Node, OpenHow},
    functions::fd::times,
    guest::GuestMemory,
    path::{relative, text},
    table::{Descriptor, Resource},
    waits::Waits,
};

/// Returns the directory of a descriptor that has these rights, and a path below it.
fn place<'a>(
    ctx: &'a WasiCtx,
    memory: &'a GuestMemory<'_>,
    fd: u32,
    rights: Rights,
    path: u32,
    len: u32,
) -> Result<(&'a dyn Node, &'a str)> {
    let directory = ctx.table.directory(fd, rights)?;
    Ok((directory, relative(memory, path, len)?))
}

/// Whether a symbolic link at the end of a path is followed.
fn follows(flags: u32) -> Result<bool> {
    Ok(LookupFlags::from_bits(flags)?.contains(LookupFlags::SYMLINK_FOLLOW))
}

pub(crate) fn path_create_directory(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    len: u32,
) -> Result<()> {
    let (directory, path) = place(ctx, memory, fd, Rights::PATH_CREATE_DIRECTORY, path, len)?;
    directory.create_directory(path)
}

pub(crate) fn path_filestat_get<L: Layout>(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    path: u32,
    len: u32,
    stat: u32,
) -> Result<()> {
    let (directory, path) = place(ctx, memory, fd, Rights::PATH_FILESTAT_GET, path, len)?;
    let file_stat = directory.stat_at(path, follows(flags)?)?;
    memory.write(stat, &L::filestat(&file_stat)[..L::FILESTAT_SIZE])
}

#[expect(clippy::too_many_arguments, reason = "the interface has that many")]
pub(crate) fn path_filestat_set_times(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    path: u32,
    len: u32,
    accessed: u64,
    modified: u64,
    time_flags: u32,
) -> Result<()> {
    let directory = ctx.table.directory(fd, Rights::PATH_FILESTAT_SET_TIMES)?;
    let (accessed, modified) = times(accessed, modified, time_flags)?;
    directory.set_times_at(relative(memory, path, len)?, follows(flags)?, accessed, modified)
}

#[expect(clippy::too_many_arguments, reason = "the interface has that many")]
pub(crate) fn path_link(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    old_fd: u32,
    old_flags: u32,
    old_path: u32,
    old_len: u32,
    new_fd: u32,
    new_path: u32,
    new_len: u32,
) -> Result<()> {
    let from = ctx.table.directory(old_fd, Rights::PATH_LINK_SOURCE)?;
    let to = ctx.table.directory(new_fd, Rights::PATH_LINK_TARGET)?;
    // Not every system can link to the target of a symbolic link and stay within a sandbox.
    if follows(old_flags)? {
        return Err(Errno::Invalid);
    }
    from.link(relative(memory, old_path, old_len)?, to, relative(memory, new_path, new_len)?)
}

/// Opens a node. Waits for the reader of a pipe that is opened for writing.
fn open(directory: &dyn Node, path: &str, how: &OpenHow, waits: &mut Waits) -> Result<Box<dyn Node>> {
    let mut pause = Duration::from_millis(1);
    loop {
        match directory.open(path, how) {
            // Sockets and devices have another type, and stay as they are.
            Err(Errno::NoDeviceOrAddress)
                if !how.flags.contains(FdFlags::NONBLOCK)
                    && directory.stat_at(path, how.follow)?.file_type == FileType::Unknown =>
            {
                waits.pause(pause)?;
                pause = (pause * 2).min(Duration::from_millis(50));
            }
            opened => return opened,
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "the interface has that many")]
pub(crate) fn path_open(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    lookup_flags: u32,
    path: u32,
    len: u32,
    open_flags: u32,
    base: u64,
    inheriting: u64,
    flags: u32,
    opened: u32,
) -> Result<()> {
    let open_flags = OFlags::from_bits(open_flags)?;
    let flags = FdFlags::from_bits(flags)?;
    let follow = follows(lookup_flags)?;
    let base = Rights::from_bits_truncate(base);
    let directory_only = open_flags.contains(OFlags::DIRECTORY);
    if directory_only && open_flags.intersects(OFlags::CREAT.or(OFlags::EXCL).or(OFlags::TRUNC)) {
        return Err(Errno::Invalid);
    }

    let create = open_flags.contains(OFlags::CREAT);
    let parent = ctx.table.get(fd)?;
    let (read_only, may) = (parent.read_only, parent.inheriting);
    // What exists can be opened with this flag, even where nothing can be created.
    let only_existing = create && read_only && !open_flags.intersects(OFlags::EXCL.or(OFlags::TRUNC));
    let mut needed = Rights::PATH_OPEN;
    if create && !only_existing {
        needed = needed.or(Rights::PATH_CREATE_FILE);
    }
    if open_flags.contains(OFlags::TRUNC) {
        needed = needed.or(Rights::PATH_FILESTAT_SET_SIZE);
    }
    let directory = ctx.table.directory(fd, needed)?;
    // A program asks for the rights to read and write on purpose. Programs often ask for all the other ones too, so a
    // missing one is an error only when it is used.
    if !may.contains(base.and(Rights::ACCESS)) {
        return Err(if read_only { Errno::NotPermitted } else { Errno::NotCapable });
    }

    let path = relative(memory, path, len)?;
    let how = OpenHow {
        read: base.intersects(Rights::FD_READ.or(Rights::FD_READDIR)),
        write: base.contains(Rights::FD_WRITE) && !directory_only,
        create: create && !only_existing,
        exclusive: open_flags.contains(OFlags::EXCL),
        truncate: open_flags.contains(OFlags::TRUNC),
        directory: directory_only,
        follow,
        flags,
    };
    if !ctx.table.has_room() {
        return Err(Errno::TooManyDescriptors);
    }
    let node = match open(directory, path, &how, &mut ctx.waits) {
        Err(Errno::NoEntry) if only_existing => return Err(Errno::NotPermitted),
        node => node?,
    };
    let is_directory = node.file_type() == FileType::Directory;
    if is_directory && (only_existing || base.contains(Rights::FD_WRITE)) {
        return Err(Errno::IsDirectory);
    }

    let mut possible = node.rights();
    match node.file_type() {
        FileType::Directory => {}
        FileType::RegularFile if how.write => {}
        FileType::RegularFile => possible = possible.without(Rights::WRITES),
        // C libraries regard a character device without seek rights as a terminal.
        _ => possible = possible.without(Rights::FD_SEEK.or(Rights::FD_TELL)),
    }
    let (base, inheriting) = match ctx.rights {
        RightsMode::Access => (base.or(Rights::ALL.without(Rights::ACCESS)), may),
        RightsMode::Strict => (base, Rights::from_bits_truncate(inheriting).and(may)),
    };
    let descriptor = Descriptor {
        resource: Resource::Node(node),
        base: base.and(may).and(possible),
        inheriting,
        flags,
        read_only,
        preopen: None,
    };
    // Checked first: a program could not close a descriptor whose number it did not receive.
    memory.slice_mut(opened, 4)?;
    let number = ctx.table.push(descriptor)?;
    memory.write_u32(opened, number)
}

#[expect(clippy::too_many_arguments, reason = "the interface has that many")]
pub(crate) fn path_readlink(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    len: u32,
    buffer: u32,
    buffer_len: u32,
    used: u32,
) -> Result<()> {
    let (directory, path) = place(ctx, memory, fd, Rights::PATH_READLINK, path, len)?;
    let target = directory.read_link(path)?;
    let buffer = memory.slice_mut(buffer, buffer_len)?;
    let len = buffer.len().min(target.len());
    buffer[..len].copy_from_slice(&target.as_bytes()[..len]);
    memory.write_u32(used, u32::try_from(len).map_err(|_| Errno::Overflow)?)
}

pub(crate) fn path_remove_directory(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    len: u32,
) -> Result<()> {
    let (directory, path) = place(ctx, memory, fd, Rights::PATH_REMOVE_DIRECTORY, path, len)?;
    directory.remove_directory(path)
}

#[expect(clippy::too_many_arguments, reason = "the interface has that many")]
pub(crate) fn path_rename(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    old_fd: u32,
    old_path: u32,
    old_len: u32,
    new_fd: u32,
    new_path: u32,
    new_len: u32,
) -> Result<()> {
    let from = ctx.table.directory(old_fd, Rights::PATH_RENAME_SOURCE)?;
    let to = ctx.table.directory(new_fd, Rights::PATH_RENAME_TARGET)?;
    from.rename(relative(memory, old_path, old_len)?, to, relative(memory, new_path, new_len)?)
}

pub(crate) fn path_symlink(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    target: u32,
    target_len: u32,
    fd: u32,
    path: u32,
    len: u32,
) -> Result<()> {
    let directory = ctx.table.directory(fd, Rights::PATH_SYMLINK)?;
    // The target is checked whenever the link is followed. File systems refuse absolute targets.
    directory.symlink(text(memory, target, target_len)?, relative(memory, path, len)?)
}

pub(crate) fn path_unlink_file(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    len: u32,
) -> Result<()> {
    let (directory, path) = place(ctx, memory, fd, Rights::PATH_UNLINK_FILE, path, len)?;
    directory.unlink(path)
}
