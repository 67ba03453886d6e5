//! File systems: the operations of nodes, in directories of the host and in memory.

pub(crate) mod host;
pub(crate) mod listings;
pub(crate) mod memory;
pub(crate) mod tree;

use std::any::Any;

#[cfg(unix)]
use crate::waits::{Interest, READY_BYTES};
use crate::{
    abi::{FdFlags, FileStat, FileType, Rights, Whence},
    errno::{Errno, Result},
    waits::Waits,
};

/// The options with which a node is opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenHow {
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) create: bool,
    /// Fail if it exists already
    pub(crate) exclusive: bool,
    pub(crate) truncate: bool,
    /// Fail if it is not a directory
    pub(crate) directory: bool,
    /// Follow a symbolic link at the end of the path
    pub(crate) follow: bool,
    pub(crate) flags: FdFlags,
}

/// The new value of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetTime {
    /// The old value
    Keep,
    /// The current time
    Now,
    /// Nanoseconds since 1970
    At(u64),
}

/// An entry of a directory.
#[derive(Debug)]
pub(crate) struct DirEntry<'a> {
    /// The cookie with which the listing continues after this entry
    pub(crate) next: u64,
    pub(crate) inode: u64,
    pub(crate) file_type: FileType,
    pub(crate) name: &'a str,
}

/// A file or directory that has been opened.
///
/// Files implement the first half, directories the second; the other half fails by default.
pub(crate) trait Node: Any + Send + Sync {
    /// Returns its type.
    fn file_type(&self) -> FileType;

    /// Returns its attributes.
    fn stat(&self) -> Result<FileStat>;

    /// Sets its times.
    fn set_times(&mut self, accessed: SetTime, modified: SetTime) -> Result<()>;

    /// Writes pending changes to the medium.
    fn sync(&mut self, data_only: bool) -> Result<()>;

    /// Returns the rights that apply to it.
    fn rights(&self) -> Rights {
        if self.file_type() == FileType::Directory { Rights::DIRECTORY } else { Rights::FILE }
    }

    /// Changes its flags.
    fn set_flags(&mut self, old: FdFlags, new: FdFlags) -> Result<()> {
        let _ = (old, new);
        Ok(())
    }

    /// Returns the descriptor to wait for, if reading or writing may block.
    #[cfg(unix)]
    fn waitable(&self) -> Option<rustix::fd::BorrowedFd<'_>> {
        None
    }

    /// Waits until reading does not block.
    #[cfg(unix)]
    fn wait_to_read(&mut self, waits: &mut Waits, nonblocking: bool) -> Result<()> {
        match self.waitable() {
            // A pipe without a writer is not at its end if none has come yet; only waiting tells.
            Some(fd) if !nonblocking => waits.ready(fd, Interest::Read, false),
            _ => Ok(()),
        }
    }

    /// This system cannot wait, so the caller has to try.
    #[cfg(not(unix))]
    fn wait_to_read(&mut self, _waits: &mut Waits, _nonblocking: bool) -> Result<()> {
        Ok(())
    }

    /// Waits until writing does not block. Returns how many of `len` bytes can be written then.
    #[cfg(unix)]
    fn wait_to_write(&mut self, len: usize, waits: &mut Waits, nonblocking: bool) -> Result<usize> {
        match self.waitable() {
            Some(fd) if !nonblocking && waits.limited(false) => {
                waits.ready(fd, Interest::Write, false)?;
                Ok(len.min(READY_BYTES))
            }
            _ => Ok(len),
        }
    }

    /// This system cannot wait, so the caller has to try.
    #[cfg(not(unix))]
    fn wait_to_write(&mut self, len: usize, _waits: &mut Waits, _nonblocking: bool) -> Result<usize> {
        Ok(len)
    }

    /// Reads at the position, and advances it.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let _ = buffer;
        Err(Errno::IsDirectory)
    }

    /// Writes at the position, or at the end, and advances the position.
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let _ = bytes;
        Err(Errno::IsDirectory)
    }

    /// Reads at an offset.
    fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        let _ = (buffer, offset);
        Err(Errno::IsDirectory)
    }

    /// Writes at an offset.
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> Result<usize> {
        let _ = (bytes, offset);
        Err(Errno::IsDirectory)
    }

    /// Moves the position and returns the new one.
    fn seek(&mut self, offset: i64, whence: Whence) -> Result<u64> {
        let _ = (offset, whence);
        Err(Errno::IsDirectory)
    }

    /// Sets the size. Returns how many bytes were filled with zeros in memory.
    fn set_size(&mut self, size: u64) -> Result<u64> {
        let _ = size;
        Err(Errno::IsDirectory)
    }

    /// Reserves space. Returns how many bytes were filled with zeros in memory.
    fn allocate(&mut self, offset: u64, len: u64) -> Result<u64> {
        let _ = (offset, len);
        Err(Errno::IsDirectory)
    }

    /// Announces how the file will be used, by one of the numbers below 6.
    fn advise(&mut self, offset: u64, len: u64, advice: u8) -> Result<()> {
        let _ = (offset, len, advice);
        Ok(())
    }

    /// Opens the node at a path.
    fn open(&self, path: &str, how: &OpenHow) -> Result<Box<dyn Node>> {
        let _ = (path, how);
        Err(Errno::NotDirectory)
    }

    /// Returns the attributes of the node at a path.
    fn stat_at(&self, path: &str, follow: bool) -> Result<FileStat> {
        let _ = (path, follow);
        Err(Errno::NotDirectory)
    }

    /// Sets the times of the node at a path.
    fn set_times_at(&self, path: &str, follow: bool, accessed: SetTime, modified: SetTime) -> Result<()> {
        let _ = (path, follow, accessed, modified);
        Err(Errno::NotDirectory)
    }

    /// Makes a directory.
    fn create_directory(&self, path: &str) -> Result<()> {
        let _ = path;
        Err(Errno::NotDirectory)
    }

    /// Removes an empty directory.
    fn remove_directory(&self, path: &str) -> Result<()> {
        let _ = path;
        Err(Errno::NotDirectory)
    }

    /// Removes a name of a node that is not a directory.
    fn unlink(&self, path: &str) -> Result<()> {
        let _ = path;
        Err(Errno::NotDirectory)
    }

    /// Moves the node at a path to another path, perhaps in another directory.
    fn rename(&self, path: &str, to: &dyn Node, to_path: &str) -> Result<()> {
        let _ = (path, to, to_path);
        Err(Errno::NotDirectory)
    }

    /// Adds a second path to a file, perhaps in another directory.
    fn link(&self, path: &str, to: &dyn Node, to_path: &str) -> Result<()> {
        let _ = (path, to, to_path);
        Err(Errno::NotDirectory)
    }

    /// Makes a symbolic link.
    fn symlink(&self, target: &str, path: &str) -> Result<()> {
        let _ = (target, path);
        Err(Errno::NotDirectory)
    }

    /// Returns the target of a symbolic link.
    fn read_link(&self, path: &str) -> Result<String> {
        let _ = path;
        Err(Errno::NotDirectory)
    }

    /// Passes the entries from a cookie on to `visit`, until it returns `false`. The cookie `0` begins a new listing;
    /// until then, a cookie always means the same entry. Returns how many entries the host was asked for.
    fn list(&mut self, cookie: u64, visit: &mut dyn FnMut(&DirEntry<'_>) -> Result<bool>) -> Result<usize> {
        let _ = (cookie, visit);
        Err(Errno::NotDirectory)
    }
}

/// Downcasts a node to the type of an implementation.
pub(crate) fn downcast<N: Node>(node: &dyn Node) -> Option<&N> {
    (node as &dyn Any).downcast_ref()
}
