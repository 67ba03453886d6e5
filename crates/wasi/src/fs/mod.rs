//! File systems: what a node can do, in the host's directories and in memory.

pub(crate) mod host;
pub(crate) mod memory;
pub(crate) mod tree;

use std::any::Any;

use crate::{
    abi::{FdFlags, FileStat, FileType, Rights, Whence},
    errno::{Errno, Result},
};

/// How a node is opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenHow {
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) create: bool,
    /// Fail if it exists already
    pub(crate) exclusive: bool,
    pub(crate) truncate: bool,
    /// Fail if it is no directory
    pub(crate) directory: bool,
    /// Follow a symbolic link at the end of the path
    pub(crate) follow: bool,
    pub(crate) flags: FdFlags,
}

/// What a time is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetTime {
    /// It stays
    Keep,
    /// The time it is
    Now,
    /// Nanoseconds since 1970
    At(u64),
}

/// An entry of a directory.
#[derive(Debug)]
pub(crate) struct DirEntry<'a> {
    /// The cookie with which the listing goes on behind this entry
    pub(crate) next: u64,
    pub(crate) inode: u64,
    pub(crate) file_type: FileType,
    pub(crate) name: &'a str,
}

/// A file or directory that has been opened.
///
/// Files implement the first half, directories the second; the other half fails by default.
pub(crate) trait Node: Any + Send + Sync {
    /// What kind of thing it is.
    fn file_type(&self) -> FileType;

    /// What is known of it.
    fn stat(&self) -> Result<FileStat>;

    /// Sets its times.
    fn set_times(&mut self, accessed: SetTime, modified: SetTime) -> Result<()>;

    /// Brings what was written to the medium.
    fn sync(&mut self, data_only: bool) -> Result<()>;

    /// The rights that make sense for it.
    fn rights(&self) -> Rights {
        if self.file_type() == FileType::Directory { Rights::DIRECTORY } else { Rights::FILE }
    }

    /// Sets how it behaves.
    fn set_flags(&mut self, old: FdFlags, new: FdFlags) -> Result<()> {
        let _ = (old, new);
        Ok(())
    }

    /// What can be waited for, if reading or writing may block.
    #[cfg(unix)]
    fn waitable(&self) -> Option<rustix::fd::BorrowedFd<'_>> {
        None
    }

    /// Reads at the position, which moves.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let _ = buffer;
        Err(Errno::IsDirectory)
    }

    /// Writes at the position, which moves; or at the end.
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

    /// Moves the position; gives the new one.
    fn seek(&mut self, offset: i64, whence: Whence) -> Result<u64> {
        let _ = (offset, whence);
        Err(Errno::IsDirectory)
    }

    /// Sets the size.
    fn set_size(&mut self, size: u64) -> Result<()> {
        let _ = size;
        Err(Errno::IsDirectory)
    }

    /// Makes sure that there is space.
    fn allocate(&mut self, offset: u64, len: u64) -> Result<()> {
        let _ = (offset, len);
        Err(Errno::IsDirectory)
    }

    /// Tells how the file will be used; a number below 6 says how.
    fn advise(&mut self, offset: u64, len: u64, advice: u8) -> Result<()> {
        let _ = (offset, len, advice);
        Ok(())
    }

    /// Opens what is at a path.
    fn open(&self, path: &str, how: &OpenHow) -> Result<Box<dyn Node>> {
        let _ = (path, how);
        Err(Errno::NotDirectory)
    }

    /// What is known of what is at a path.
    fn stat_at(&self, path: &str, follow: bool) -> Result<FileStat> {
        let _ = (path, follow);
        Err(Errno::NotDirectory)
    }

    /// Sets the times of what is at a path.
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

    /// Removes a name of something that is no directory.
    fn unlink(&self, path: &str) -> Result<()> {
        let _ = path;
        Err(Errno::NotDirectory)
    }

    /// Gives what is at a path another path, perhaps in another directory.
    fn rename(&self, path: &str, to: &dyn Node, to_path: &str) -> Result<()> {
        let _ = (path, to, to_path);
        Err(Errno::NotDirectory)
    }

    /// Gives a file a second path, perhaps in another directory.
    fn link(&self, path: &str, to: &dyn Node, to_path: &str) -> Result<()> {
        let _ = (path, to, to_path);
        Err(Errno::NotDirectory)
    }

    /// Makes a symbolic link.
    fn symlink(&self, target: &str, path: &str) -> Result<()> {
        let _ = (target, path);
        Err(Errno::NotDirectory)
    }

    /// The target of a symbolic link.
    fn read_link(&self, path: &str) -> Result<String> {
        let _ = path;
        Err(Errno::NotDirectory)
    }

    /// Gives `visit` the entries from a cookie on, until it does not want more. `0` starts anew; the same cookie gives
    /// the same entry until then.
    fn list(&mut self, cookie: u64, visit: &mut dyn FnMut(&DirEntry<'_>) -> Result<bool>) -> Result<()> {
        let _ = (cookie, visit);
        Err(Errno::NotDirectory)
    }
}

/// The implementation's own type of a node.
pub(crate) fn downcast<N: Node>(node: &dyn Node) -> Option<&N> {
    (node as &dyn Any).downcast_ref()
}
