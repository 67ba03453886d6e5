//! The file system in memory: the handle of the embedder, and the nodes of descriptors.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{
    abi::{FdFlags, FileStat, FileType, Whence},
    errno::{Errno, Result},
    fs::{
        DirEntry, Node, OpenHow, SetTime, downcast,
        tree::{Body, Inode, ROOT, Tree},
    },
    path,
};

/// A file system in memory, for tests, for fuzzing, and for hosts without one.
///
/// A clone is another handle of the same file system. An embedder fills it before a program runs and reads it
/// afterwards.
///
/// ```
/// use wasmote_wasi::{MemoryFileSystem, WasiCtxBuilder};
///
/// let files = MemoryFileSystem::new();
/// files.write("etc/motd", "hello")?;
/// let ctx = WasiCtxBuilder::new().preopened_memory(&files, "/").build()?;
/// assert_eq!(files.read("etc/motd")?, b"hello");
/// # Ok::<(), wasmote_wasi::WasiError>(())
/// ```
#[derive(Debug, Clone)]
pub struct MemoryFileSystem {
    tree: Arc<Mutex<Tree>>,
}

impl MemoryFileSystem {
    /// The limit of [`MemoryFileSystem::new`], in bytes.
    pub const DEFAULT_LIMIT: u64 = 256 << 20;

    /// Makes an empty file system.
    #[must_use]
    pub fn new() -> Self {
        Self::with_limit(Self::DEFAULT_LIMIT)
    }

    /// Makes an empty file system that takes about `bytes` bytes. A write beyond them fails with `ENOSPC`.
    #[must_use]
    pub fn with_limit(bytes: u64) -> Self {
        Self { tree: Arc::new(Mutex::new(Tree::new(bytes))) }
    }

    /// Stops the clock that stamps files.
    pub(crate) fn fix_time(&self, nanoseconds: u64) {
        lock(&self.tree).fixed_time = Some(nanoseconds);
    }

    /// Returns the root as a node for a descriptor.
    pub(crate) fn root(&self) -> Box<dyn Node> {
        Box::new(MemoryNode::new(&self.tree, ROOT, &mut lock(&self.tree)))
    }

    /// Writes a file, and creates its parent directories. Replaces the contents of an existing file.
    ///
    /// # Errors
    ///
    /// If the path is absolute or leads through something that is not a directory, or if the limit is reached.
    pub fn write(&self, path: &str, contents: impl AsRef<[u8]>) -> Result<()> {
        if let Some((directory, _)) = path.rsplit_once('/') {
            self.create_directory(directory)?;
        }
        let mut tree = lock(&self.tree);
        let inode = tree.open_file(ROOT, path::check(path)?, true, false)?;
        tree.set_size(inode, 0)?;
        let written = tree.write(inode, 0, contents.as_ref())?;
        if written < contents.as_ref().len() { Err(Errno::NoSpace) } else { Ok(()) }
    }

    /// Returns the contents of a file.
    ///
    /// # Errors
    ///
    /// If there is no file at the path.
    pub fn read(&self, path: &str) -> Result<Vec<u8>> {
        let tree = lock(&self.tree);
        tree.file(tree.find(ROOT, path, true)?).map(<[u8]>::to_vec)
    }

    /// Creates a directory and its parents, except those that exist.
    ///
    /// # Errors
    ///
    /// If the path is absolute or leads through something that is not a directory, or if the limit is reached.
    pub fn create_directory(&self, path: &str) -> Result<()> {
        let mut tree = lock(&self.tree);
        let path = path::check(path)?;
        for end in path.match_indices('/').map(|(at, _)| at).chain([path.len()]) {
            let path = &path[..end];
            if path.is_empty() {
                continue;
            }
            let found = tree.resolve(ROOT, path, true)?.inode;
            match found {
                Some(inode) => tree.directory(inode).map(|_| ())?,
                None => tree.create_directory(ROOT, path).map(|_| ())?,
            }
        }
        Ok(())
    }

    /// Returns the sorted names in a directory; `.` is the root.
    ///
    /// # Errors
    ///
    /// If there is no directory at the path.
    pub fn names(&self, path: &str) -> Result<Vec<String>> {
        let tree = lock(&self.tree);
        let directory = tree.directory(tree.find(ROOT, path, true)?)?;
        Ok(directory.entries.keys().map(|name| String::from(&**name)).collect())
    }
}

impl Default for MemoryFileSystem {
    fn default() -> Self {
        Self::new()
    }
}

/// No operation leaves the tree inconsistent, so a poisoned lock is no problem.
fn lock(tree: &Mutex<Tree>) -> MutexGuard<'_, Tree> {
    tree.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file or directory of a file system in memory.
struct MemoryNode {
    tree: Arc<Mutex<Tree>>,
    inode: u64,
    file_type: FileType,
    position: u64,
    append: bool,
}

impl MemoryNode {
    fn new(tree: &Arc<Mutex<Tree>>, inode: u64, locked: &mut Tree) -> Self {
        locked.retain(inode);
        let file_type = locked.get(inode).map_or(FileType::Unknown, Inode::file_type);
        Self { tree: tree.clone(), inode, file_type, position: 0, append: false }
    }

    /// Returns the other directory, if it belongs to the same file system.
    fn same_tree<'a>(&self, to: &'a dyn Node) -> Result<&'a Self> {
        downcast::<Self>(to).filter(|to| Arc::ptr_eq(&self.tree, &to.tree)).ok_or(Errno::CrossDevice)
    }
}

impl Drop for MemoryNode {
    fn drop(&mut self) {
        lock(&self.tree).release(self.inode);
    }
}

/// Copies the bytes at an offset.
fn copy(bytes: &[u8], offset: u64, buffer: &mut [u8]) -> usize {
    let rest = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..)).unwrap_or(&[]);
    let len = rest.len().min(buffer.len());
    buffer[..len].copy_from_slice(&rest[..len]);
    len
}

impl Node for MemoryNode {
    fn file_type(&self) -> FileType {
        self.file_type
    }

    fn stat(&self) -> Result<FileStat> {
        lock(&self.tree).stat(self.inode)
    }

    fn set_times(&mut self, accessed: SetTime, modified: SetTime) -> Result<()> {
        lock(&self.tree).set_times(self.inode, accessed, modified)
    }

    fn sync(&mut self, _data_only: bool) -> Result<()> {
        Ok(())
    }

    fn set_flags(&mut self, _old: FdFlags, new: FdFlags) -> Result<()> {
        self.append = new.contains(FdFlags::APPEND);
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let len = copy(lock(&self.tree).file(self.inode)?, self.position, buffer);
        self.position += len as u64;
        Ok(len)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let mut tree = lock(&self.tree);
        if self.append {
            self.position = tree.file(self.inode)?.len() as u64;
        }
        let len = tree.write(self.inode, self.position, bytes)?;
        self.position += len as u64;
        Ok(len)
    }

    fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        Ok(copy(lock(&self.tree).file(self.inode)?, offset, buffer))
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> Result<usize> {
        lock(&self.tree).write(self.inode, offset, bytes)
    }

    fn seek(&mut self, offset: i64, whence: Whence) -> Result<u64> {
        let base = match whence {
            Whence::Set => 0,
            Whence::Current => self.position,
            Whence::End => lock(&self.tree).file(self.inode)?.len() as u64,
        };
        let position = base.checked_add_signed(offset).filter(|&position| i64::try_from(position).is_ok());
        self.position = position.ok_or(Errno::Invalid)?;
        Ok(self.position)
    }

    fn set_size(&mut self, size: u64) -> Result<u64> {
        let mut tree = lock(&self.tree);
        let filled = size.saturating_sub(tree.file(self.inode)?.len() as u64);
        tree.set_size(self.inode, size).map(|()| filled)
    }

    fn allocate(&mut self, offset: u64, len: u64) -> Result<u64> {
        let end = offset.checked_add(len).ok_or(Errno::FileTooBig)?;
        let mut tree = lock(&self.tree);
        let filled = end.saturating_sub(tree.file(self.inode)?.len() as u64);
        if filled > 0 {
            tree.set_size(self.inode, end)?;
        }
        Ok(filled)
    }

    fn open(&self, path: &str, how: &OpenHow) -> Result<Box<dyn Node>> {
        let mut tree = lock(&self.tree);
        let inode = if how.create {
            tree.open_file(self.inode, path, how.follow, how.exclusive)?
        } else {
            tree.find(self.inode, path, how.follow)?
        };
        match &tree.get(inode)?.body {
            Body::SymbolicLink(_) => return Err(if how.directory { Errno::NotDirectory } else { Errno::Loop }),
            Body::Directory(_) if how.write || how.create || how.truncate => return Err(Errno::IsDirectory),
            Body::Directory(_) => {}
            Body::File(_) if how.directory || path.ends_with('/') => return Err(Errno::NotDirectory),
            Body::File(_) if how.truncate => tree.set_size(inode, 0)?,
            Body::File(_) => {}
        }
        let mut node = Self::new(&self.tree, inode, &mut tree);
        node.append = how.flags.contains(FdFlags::APPEND);
        Ok(Box::new(node))
    }

    fn stat_at(&self, path: &str, follow: bool) -> Result<FileStat> {
        let tree = lock(&self.tree);
        tree.stat(tree.find(self.inode, path, follow)?)
    }

    fn set_times_at(&self, path: &str, follow: bool, accessed: SetTime, modified: SetTime) -> Result<()> {
        let mut tree = lock(&self.tree);
        let inode = tree.find(self.inode, path, follow)?;
        tree.set_times(inode, accessed, modified)
    }

    fn create_directory(&self, path: &str) -> Result<()> {
        lock(&self.tree).create_directory(self.inode, path).map(drop)
    }

    fn remove_directory(&self, path: &str) -> Result<()> {
        lock(&self.tree).remove_directory(self.inode, path)
    }

    fn unlink(&self, path: &str) -> Result<()> {
        lock(&self.tree).unlink(self.inode, path)
    }

    fn rename(&self, path: &str, to: &dyn Node, to_path: &str) -> Result<()> {
        let to = self.same_tree(to)?;
        lock(&self.tree).rename(self.inode, path, to.inode, to_path)
    }

    fn link(&self, path: &str, to: &dyn Node, to_path: &str) -> Result<()> {
        let to = self.same_tree(to)?;
        lock(&self.tree).link(self.inode, path, to.inode, to_path)
    }

    fn symlink(&self, target: &str, path: &str) -> Result<()> {
        lock(&self.tree).create_link(self.inode, target, path)
    }

    fn read_link(&self, path: &str) -> Result<String> {
        let tree = lock(&self.tree);
        match &tree.get(tree.find(self.inode, path, false)?)?.body {
            Body::SymbolicLink(target) => Ok(String::from(&**target)),
            _ => Err(Errno::Invalid),
        }
    }

    fn list(&mut self, cookie: u64, visit: &mut dyn FnMut(&DirEntry<'_>) -> Result<bool>) -> Result<usize> {
        let tree = lock(&self.tree);
        let directory = tree.directory(self.inode)?;
        for (index, name) in [".", ".."].into_iter().enumerate().skip(usize::try_from(cookie).unwrap_or(usize::MAX)) {
            let next = index as u64 + 1;
            // The program must not learn about the parent, like in a directory of the host.
            let entry = DirEntry { next, inode: self.inode, file_type: FileType::Directory, name };
            if !visit(&entry)? {
                return Ok(0);
            }
        }
        for (&at, name) in directory.order.range(cookie..) {
            let Some(entry) = directory.entries.get(name) else {
                continue;
            };
            let file_type = tree.get(entry.inode)?.file_type();
            if !visit(&DirEntry { next: at + 1, inode: entry.inode, file_type, name })? {
                break;
            }
        }
        Ok(0)
    }
}
