//! Directories of the host. `cap-std` keeps every path below its directory.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    sync::Arc,
    time::{Duration, SystemTime},
};

use cap_fs_ext::{
    DirExt, FileTypeExt, FollowSymlinks, MetadataExt, OpenOptionsFollowExt, OpenOptionsMaybeDirExt, OpenOptionsSyncExt,
    SystemTimeSpec,
};
use cap_std::{
    fs::{Dir, Metadata, OpenOptions},
    time::SystemTime as CapSystemTime,
};

use crate::{
    abi::{FdFlags, FileStat, FileType, Whence},
    errno::{Errno, Result},
    fs::{
        DirEntry, Node, OpenHow, SetTime, downcast,
        listings::{Cursor, Listed, Listings},
    },
};

/// A file of the host.
pub(crate) struct HostFile {
    file: File,
    file_type: FileType,
    /// Seek to the end before each write, where the system does not append by itself
    append: bool,
}

/// A directory of the host.
pub(crate) struct HostDirectory {
    dir: Dir,
    /// The listings of all directories of a program. A cursor of the system does not everywhere survive a removal
    listings: Arc<Listings>,
    cursor: Cursor,
}

impl Drop for HostDirectory {
    fn drop(&mut self) {
        self.listings.forget(&self.cursor);
    }
}

impl HostDirectory {
    pub(crate) fn new(dir: Dir, listings: Arc<Listings>) -> Self {
        Self { dir, listings, cursor: Cursor::default() }
    }

    /// Returns a node for a directory that was opened through this one.
    fn sub(&self, dir: Dir) -> Box<dyn Node> {
        Box::new(Self::new(dir, self.listings.clone()))
    }

    /// Checks that a path with a slash at its end names a directory. Returns whether it has one.
    fn check_directory(&self, path: &str) -> Result<bool> {
        let says = says_directory(path);
        if says {
            self.stat_at(path, true)?;
        }
        Ok(says)
    }
}

/// Reads a directory: first `.` and `..`, then the other entries in any order.
fn read_listing(dir: &Dir) -> Result<Vec<Listed>> {
    let own = dir.dir_metadata()?;
    let mut listing = vec![
        Listed { name: ".".into(), inode: own.ino(), file_type: FileType::Directory },
        // The program must not learn about the parent.
        Listed { name: "..".into(), inode: own.ino(), file_type: FileType::Directory },
    ];
    for entry in dir.entries()? {
        let entry = entry?;
        // WASI cannot express names that are not UTF-8.
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        // An entry may vanish before its metadata is read.
        let (inode, file_type) = match entry.metadata() {
            Ok(metadata) => (inode_of(&metadata), type_of(&metadata)),
            Err(_) => continue,
        };
        listing.push(Listed { name, inode, file_type });
    }
    Ok(listing)
}
/// Whether the end of a path requires a directory. Paths of the standard library drop such an end.
fn says_directory(path: &str) -> bool {
    path.ends_with('/') || path.ends_with("/.")
}

#[cfg(unix)]
fn inode_of(metadata: &Metadata) -> u64 {
    metadata.ino()
}

/// Metadata from a listing has no identifiers on this system; the accessor panics.
#[cfg(not(unix))]
fn inode_of(_: &Metadata) -> u64 {
    0
}

fn type_of(metadata: &Metadata) -> FileType {
    let file_type = metadata.file_type();
    if file_type.is_dir() {
        FileType::Directory
    } else if file_type.is_file() {
        FileType::RegularFile
    } else if file_type.is_symlink() {
        FileType::SymbolicLink
    } else if file_type.is_char_device() {
        FileType::CharacterDevice
    } else if file_type.is_block_device() {
        FileType::BlockDevice
    } else if file_type.is_socket() {
        FileType::SocketStream
    } else {
        FileType::Unknown
    }
}

fn nanoseconds(time: std::io::Result<CapSystemTime>) -> u64 {
    time.ok()
        .and_then(|time| time.into_std().duration_since(SystemTime::UNIX_EPOCH).ok())
        .and_then(|since| u64::try_from(since.as_nanos()).ok())
        .unwrap_or(0)
}

/// Returns the time of the last change of the metadata.
#[cfg(unix)]
fn changed(metadata: &Metadata) -> u64 {
    use cap_fs_ext::OsMetadataExt;
    let nanoseconds = i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec());
    u64::try_from(nanoseconds).unwrap_or(0)
}

/// Returns the time of the last modification: the system does not tell that of the metadata.
#[cfg(not(unix))]
fn changed(metadata: &Metadata) -> u64 {
    nanoseconds(metadata.modified())
}

fn stat_of(metadata: &Metadata) -> FileStat {
    FileStat {
        device: metadata.dev(),
        inode: metadata.ino(),
        file_type: type_of(metadata),
        links: metadata.nlink(),
        size: metadata.len(),
        accessed: nanoseconds(metadata.accessed()),
        modified: nanoseconds(metadata.modified()),
        changed: changed(metadata),
    }
}

fn time_spec(time: SetTime) -> Result<Option<SystemTimeSpec>> {
    Ok(match time {
        SetTime::Keep => None,
        SetTime::Now => Some(SystemTimeSpec::SymbolicNow),
        SetTime::At(nanoseconds) => Some(SystemTimeSpec::Absolute(CapSystemTime::from_std(at(nanoseconds)?))),
    })
}

fn at(nanoseconds: u64) -> Result<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_nanos(nanoseconds)).ok_or(Errno::Overflow)
}

/// Sets the times of an open file.
fn set_file_times(file: &File, accessed: SetTime, modified: SetTime) -> Result<()> {
    let time = |time| -> Result<Option<SystemTime>> {
        Ok(match time {
            SetTime::Keep => None,
            SetTime::Now => Some(SystemTime::now()),
            SetTime::At(nanoseconds) => Some(at(nanoseconds)?),
        })
    };
    let mut times = std::fs::FileTimes::new();
    if let Some(time) = time(accessed)? {
        times = times.set_accessed(time);
    }
    if let Some(time) = time(modified)? {
        times = times.set_modified(time);
    }
    Ok(file.set_times(times)?)
}

impl Node for HostFile {
    fn file_type(&self) -> FileType {
        self.file_type
    }

    fn stat(&self) -> Result<FileStat> {
        Ok(stat_of(&Metadata::from_file(&self.file)?))
    }

    fn set_times(&mut self, accessed: SetTime, modified: SetTime) -> Result<()> {
        set_file_times(&self.file, accessed, modified)
    }

    fn sync(&mut self, data_only: bool) -> Result<()> {
        let synced = if data_only { self.file.sync_data() } else { self.file.sync_all() };
        Ok(synced?)
    }

    #[cfg(unix)]
    fn set_flags(&mut self, old: FdFlags, new: FdFlags) -> Result<()> {
        use rustix::fs::OFlags;
        // Synchronized writes can only be chosen when the file is opened.
        if old.and(FdFlags::ANY_SYNC) != new.and(FdFlags::ANY_SYNC) {
            return Err(Errno::NotSupported);
        }
        let mut flags = rustix::fs::fcntl_getfl(&self.file)?;
        flags.set(OFlags::APPEND, new.contains(FdFlags::APPEND));
        flags.set(OFlags::NONBLOCK, new.contains(FdFlags::NONBLOCK));
        rustix::fs::fcntl_setfl(&self.file, flags)?;
        Ok(())
    }

    #[cfg(not(unix))]
    fn set_flags(&mut self, old: FdFlags, new: FdFlags) -> Result<()> {
        if old.without(FdFlags::APPEND) != new.without(FdFlags::APPEND) {
            return Err(Errno::NotSupported);
        }
        self.append = new.contains(FdFlags::APPEND);
        Ok(())
    }

    #[cfg(unix)]
    fn waitable(&self) -> Option<rustix::fd::BorrowedFd<'_>> {
        use rustix::fd::AsFd;
        (self.file_type != FileType::RegularFile).then(|| self.file.as_fd())
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        Ok(self.file.read(buffer)?)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        if self.append {
            self.file.seek(SeekFrom::End(0))?;
        }
        Ok(self.file.write(bytes)?)
    }

    #[cfg(unix)]
    fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        Ok(std::os::unix::fs::FileExt::read_at(&self.file, buffer, offset)?)
    }

    #[cfg(unix)]
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> Result<usize> {
        Ok(std::os::unix::fs::FileExt::write_at(&self.file, bytes, offset)?)
    }

    #[cfg(not(unix))]
    fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        let position = self.file.stream_position()?;
        self.file.seek(SeekFrom::Start(offset))?;
        let result = self.file.read(buffer);
        self.file.seek(SeekFrom::Start(position))?;
        Ok(result?)
    }

    #[cfg(not(unix))]
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> Result<usize> {
        let position = self.file.stream_position()?;
        self.file.seek(SeekFrom::Start(offset))?;
        let result = self.file.write(bytes);
        self.file.seek(SeekFrom::Start(position))?;
        Ok(result?)
    }

    fn seek(&mut self, offset: i64, whence: Whence) -> Result<u64> {
        let from = match whence {
            Whence::Set => SeekFrom::Start(u64::try_from(offset).map_err(|_| Errno::Invalid)?),
            Whence::Current => SeekFrom::Current(offset),
            Whence::End => SeekFrom::End(offset),
        };
        Ok(self.file.seek(from)?)
    }

    fn set_size(&mut self, size: u64) -> Result<u64> {
        self.file.set_len(size)?;
        Ok(0)
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn allocate(&mut self, offset: u64, len: u64) -> Result<u64> {
        match rustix::fs::fallocate(&self.file, rustix::fs::FallocateFlags::empty(), offset, len) {
            Err(rustix::io::Errno::OPNOTSUPP) => self.extend(offset, len)?,
            result => result?,
        }
        Ok(0)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn allocate(&mut self, offset: u64, len: u64) -> Result<u64> {
        self.extend(offset, len)?;
        Ok(0)
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn advise(&mut self, offset: u64, len: u64, advice: u8) -> Result<()> {
        use rustix::fs::Advice;
        let advice = match advice {
            1 => Advice::Sequential,
            2 => Advice::Random,
            3 => Advice::WillNeed,
            4 => Advice::DontNeed,
            5 => Advice::NoReuse,
            _ => Advice::Normal,
        };
        Ok(rustix::fs::fadvise(&self.file, offset, core::num::NonZeroU64::new(len), advice)?)
    }
}

impl HostFile {
    /// Makes the file long enough, on systems that cannot reserve space.
    fn extend(&self, offset: u64, len: u64) -> Result<()> {
        let end = offset.checked_add(len).ok_or(Errno::FileTooBig)?;
        if self.file.metadata()?.len() < end {
            self.file.set_len(end)?;
        }
        Ok(())
    }
}

impl Node for HostDirectory {
    fn file_type(&self) -> FileType {
        FileType::Directory
    }

    fn stat(&self) -> Result<FileStat> {
        Ok(stat_of(&self.dir.dir_metadata()?))
    }

    fn set_times(&mut self, accessed: SetTime, modified: SetTime) -> Result<()> {
        // The descriptor may be usable only as the base of paths.
        self.set_times_at(".", true, accessed, modified)
    }

    fn sync(&mut self, data_only: bool) -> Result<()> {
        let mut options = OpenOptions::new();
        let file = self.dir.open_with(".", options.read(true).maybe_dir(true))?;
        let synced = if data_only { file.sync_data() } else { file.sync_all() };
        Ok(synced?)
    }

    fn open(&self, path: &str, how: &OpenHow) -> Result<Box<dyn Node>> {
        if how.directory {
            let dir = if how.follow { self.dir.open_dir(path) } else { self.dir.open_dir_nofollow(path) };
            return Ok(self.sub(dir?));
        }
        let mut options = OpenOptions::new();
        // Truncation needs a writable file, whatever the rights of the descriptor.
        let write = how.write || how.truncate;
        options.read(how.read || !write).write(write);
        match (how.create, how.exclusive) {
            (true, true) => options.create_new(true),
            (true, false) => options.create(true),
            (false, _) => &mut options,
        };
        // The standard library, not the system, requires that a new file is opened for writing.
        options.truncate(how.truncate);
        if how.create && !write {
            options.write(true);
        }
        options.follow(if how.follow { FollowSymlinks::Yes } else { FollowSymlinks::No });
        options.maybe_dir(true);
        options.sync(how.flags.contains(FdFlags::SYNC));
        options.dsync(how.flags.contains(FdFlags::DSYNC));
        options.rsync(how.flags.contains(FdFlags::RSYNC));
        // Opening a pipe without a peer would block here, and nothing could interrupt it.
        options.nonblock(true);
        let file = self.dir.open_with(path, &options)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Ok(self.sub(Dir::from_std_file(file.into_std())));
        }
        let mut file = HostFile { file: file.into_std(), file_type: type_of(&metadata), append: false };
        // Regular files never block.
        if file.file_type != FileType::RegularFile || how.flags.contains(FdFlags::APPEND) {
            file.set_flags(how.flags.without(FdFlags::APPEND), how.flags)?;
        }
        Ok(Box::new(file))
    }

    fn stat_at(&self, path: &str, follow: bool) -> Result<FileStat> {
        let directory = says_directory(path);
        let metadata = if follow || directory { self.dir.metadata(path) } else { self.dir.symlink_metadata(path) }?;
        if directory && !metadata.is_dir() {
            return Err(Errno::NotDirectory);
        }
        Ok(stat_of(&metadata))
    }

    fn set_times_at(&self, path: &str, follow: bool, accessed: SetTime, modified: SetTime) -> Result<()> {
        let (accessed, modified) = (time_spec(accessed)?, time_spec(modified)?);
        let follow = follow || self.check_directory(path)?;
        let set = if follow {
            DirExt::set_times(&self.dir, path, accessed, modified)
        } else {
            self.dir.set_symlink_times(path, accessed, modified)
        };
        Ok(set?)
    }

    fn create_directory(&self, path: &str) -> Result<()> {
        Ok(self.dir.create_dir(path)?)
    }

    fn remove_directory(&self, path: &str) -> Result<()> {
        // The operation requires a directory anyway, and some systems refuse a slash at the end.
        let trimmed = path.trim_end_matches('/');
        Ok(self.dir.remove_dir(if trimmed.is_empty() { path } else { trimmed })?)
    }

    fn unlink(&self, path: &str) -> Result<()> {
        Ok(self.dir.remove_file_or_symlink(path)?)
    }

    fn rename(&self, path: &str, to: &dyn Node, to_path: &str) -> Result<()> {
        let to = downcast::<Self>(to).ok_or(Errno::CrossDevice)?;
        if says_directory(to_path) && !self.dir.symlink_metadata(path)?.is_dir() {
            return Err(Errno::NotDirectory);
        }
        self.check_directory(path)?;
        Ok(self.dir.rename(path, &to.dir, to_path)?)
    }

    fn link(&self, path: &str, to: &dyn Node, to_path: &str) -> Result<()> {
        let to = downcast::<Self>(to).ok_or(Errno::CrossDevice)?;
        self.check_directory(path)?;
        Ok(self.dir.hard_link(path, &to.dir, to_path)?)
    }

    fn symlink(&self, target: &str, path: &str) -> Result<()> {
        Ok(DirExt::symlink(&self.dir, target, path)?)
    }

    fn read_link(&self, path: &str) -> Result<String> {
        self.dir.read_link(path)?.into_os_string().into_string().map_err(|_| Errno::IllegalSequence)
    }

    fn list(&mut self, cookie: u64, visit: &mut dyn FnMut(&DirEntry<'_>) -> Result<bool>) -> Result<usize> {
        let mut asked = 0;
        let read = || {
            let listing = read_listing(&self.dir)?;
            asked = listing.len();
            Ok(listing)
        };
        self.listings.visit(&mut self.cursor, cookie, read, &mut |next, entry| {
            let Listed { name, inode, file_type } = entry;
            visit(&DirEntry { next, inode: *inode, file_type: *file_type, name })
        })?;
        Ok(asked)
    }
}
