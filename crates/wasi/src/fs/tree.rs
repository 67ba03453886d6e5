//! The tree of a file system in memory: inodes, and the resolution of paths.

use std::{
    collections::{BTreeMap, HashMap},
    time::SystemTime,
};

use crate::{
    abi::{FileStat, FileType},
    errno::{Errno, Result},
    fs::SetTime,
    path::{MAX_NAME, MAX_PATH},
};

/// The number of the root.
pub(crate) const ROOT: u64 = 1;
/// The device number of files in memory.
const DEVICE: u64 = 1;
/// The most symbolic links in the resolution of one path.
const MAX_LINKS_FOLLOWED: u32 = 40;
/// The bytes of an inode and of an entry that count towards the limit, besides their contents.
const INODE_COST: u64 = 256;
const ENTRY_COST: u64 = 128;

/// Inodes by number.
#[derive(Debug)]
pub(crate) struct Tree {
    inodes: HashMap<u64, Inode>,
    next_inode: u64,
    /// The bytes in use, and their limit
    used: u64,
    limit: u64,
    /// The fixed time in nanoseconds since 1970, if the clock is stopped
    pub(crate) fixed_time: Option<u64>,
}

/// A file, directory or symbolic link.
#[derive(Debug)]
pub(crate) struct Inode {
    pub(crate) body: Body,
    links: u32,
    /// The number of descriptors that refer to it
    opens: u32,
    accessed: u64,
    modified: u64,
    changed: u64,
}

/// The contents of an inode.
#[derive(Debug)]
pub(crate) enum Body {
    File(Vec<u8>),
    Directory(Directory),
    SymbolicLink(Box<str>),
}

/// The entries of a directory, by name and in the order of their creation.
///
/// The position in that order is the cookie, so a listing survives changes of the directory.
#[derive(Debug)]
pub(crate) struct Directory {
    pub(crate) parent: u64,
    pub(crate) entries: BTreeMap<Box<str>, Entry>,
    pub(crate) order: BTreeMap<u64, Box<str>>,
    next_cookie: u64,
}

/// An entry of a directory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    cookie: u64,
    pub(crate) inode: u64,
}

/// The result of resolving a path.
#[derive(Debug)]
pub(crate) struct Place {
    /// The directory of the last component, and its name there; `None` if the path ends in `.`, in `..`, or in the
    /// directory where it starts
    pub(crate) entry: Option<(u64, String)>,
    /// The inode at the path, if there is one
    pub(crate) inode: Option<u64>,
    /// Whether a slash at the end of the path requires a directory
    pub(crate) directory: bool,
}

impl Directory {
    fn new(parent: u64) -> Self {
        // 1 and 2 are the cookies after `.` and `..`.
        Self { parent, entries: BTreeMap::new(), order: BTreeMap::new(), next_cookie: 2 }
    }

    fn insert(&mut self, name: &str, inode: u64) {
        let cookie = self.next_cookie;
        self.next_cookie += 1;
        if let Some(old) = self.entries.insert(name.into(), Entry { cookie, inode }) {
            self.order.remove(&old.cookie);
        }
        self.order.insert(cookie, name.into());
    }

    fn remove(&mut self, name: &str) -> Option<u64> {
        let entry = self.entries.remove(name)?;
        self.order.remove(&entry.cookie);
        Some(entry.inode)
    }
}

impl Tree {
    /// Makes a tree with an empty root and a limit in bytes.
    pub(crate) fn new(limit: u64) -> Self {
        let mut tree = Self { inodes: HashMap::new(), next_inode: ROOT, used: 0, limit, fixed_time: None };
        let root = tree.add(Body::Directory(Directory::new(ROOT)));
        if let Some(root) = tree.inodes.get_mut(&root) {
            root.links = 2;
        }
        tree
    }

    /// Returns the time in nanoseconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        self.fixed_time.unwrap_or_else(|| {
            SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
        })
    }

    fn charge(&mut self, bytes: u64) -> Result<()> {
        let used = self.used.checked_add(bytes).ok_or(Errno::NoSpace)?;
        if used > self.limit {
            return Err(Errno::NoSpace);
        }
        self.used = used;
        Ok(())
    }

    fn refund(&mut self, bytes: u64) {
        self.used = self.used.saturating_sub(bytes);
    }

    fn add(&mut self, body: Body) -> u64 {
        let (number, now) = (self.next_inode, self.now());
        self.next_inode += 1;
        let inode = Inode { body, links: 0, opens: 0, accessed: now, modified: now, changed: now };
        self.inodes.insert(number, inode);
        number
    }

    pub(crate) fn get(&self, inode: u64) -> Result<&Inode> {
        self.inodes.get(&inode).ok_or(Errno::Stale)
    }

    fn get_mut(&mut self, inode: u64) -> Result<&mut Inode> {
        self.inodes.get_mut(&inode).ok_or(Errno::Stale)
    }

    pub(crate) fn directory(&self, inode: u64) -> Result<&Directory> {
        match &self.get(inode)?.body {
            Body::Directory(directory) => Ok(directory),
            _ => Err(Errno::NotDirectory),
        }
    }

    fn directory_mut(&mut self, inode: u64) -> Result<&mut Directory> {
        match &mut self.get_mut(inode)?.body {
            Body::Directory(directory) => Ok(directory),
            _ => Err(Errno::NotDirectory),
        }
    }

    /// Counts a descriptor that refers to the inode.
    pub(crate) fn retain(&mut self, inode: u64) {
        if let Some(inode) = self.inodes.get_mut(&inode) {
            inode.opens += 1;
        }
    }

    /// Uncounts a descriptor that referred to the inode.
    pub(crate) fn release(&mut self, number: u64) {
        if let Some(inode) = self.inodes.get_mut(&number) {
            inode.opens = inode.opens.saturating_sub(1);
        }
        self.reclaim(number);
    }

    /// Drops an inode without references.
    fn reclaim(&mut self, number: u64) {
        let Some(inode) = self.inodes.get(&number) else {
            return;
        };
        if inode.links == 0 && inode.opens == 0 {
            let bytes = inode.size() + INODE_COST;
            self.inodes.remove(&number);
            self.refund(bytes);
        }
    }

    /// Resolves a path from a directory, never above it.
    pub(crate) fn resolve(&self, start: u64, path: &str, follow: bool) -> Result<Place> {
        if path.len() > MAX_PATH as usize {
            return Err(Errno::NameTooLong);
        }
        // The directories so far, and the remaining components, the next one last.
        let mut walked = vec![start];
        let mut coming = Vec::new();
        let mut directory = push_components(&mut coming, path)?;
        let mut links = 0;
        while let Some(name) = coming.pop() {
            let at = *walked.last().ok_or(Errno::NotPermitted)?;
            let last = coming.is_empty();
            let here = self.directory(at)?;
            if name == "." {
                continue;
            }
            if name == ".." {
                walked.pop();
                if walked.is_empty() {
                    return Err(Errno::NotPermitted);
                }
                continue;
            }
            let Some(&Entry { inode, .. }) = here.entries.get(&*name) else {
                if !last {
                    return Err(Errno::NoEntry);
                }
                return Ok(Place { entry: Some((at, name)), inode: None, directory });
            };
            match &self.get(inode)?.body {
                Body::SymbolicLink(target) if !last || follow || directory => {
                    links += 1;
                    if links > MAX_LINKS_FOLLOWED {
                        return Err(Errno::Loop);
                    }
                    directory |= push_components(&mut coming, target)? && last;
                }
                Body::Directory(_) if !last => walked.push(inode),
                _ if last => return Ok(Place { entry: Some((at, name)), inode: Some(inode), directory }),
                _ => return Err(Errno::NotDirectory),
            }
        }
        let inode = walked.last().copied();
        Ok(Place { entry: None, inode, directory: true })
    }

    /// Returns the inode at a path.
    pub(crate) fn find(&self, start: u64, path: &str, follow: bool) -> Result<u64> {
        let place = self.resolve(start, path, follow)?;
        let inode = place.inode.ok_or(Errno::NoEntry)?;
        if place.directory && self.get(inode)?.file_type() != FileType::Directory {
            return Err(Errno::NotDirectory);
        }
        Ok(inode)
    }

    /// Creates an inode at a vacant place.
    fn create(&mut self, parent: u64, name: &str, body: Body) -> Result<u64> {
        // A directory that has been removed may still be open.
        if self.get(parent)?.links == 0 {
            return Err(Errno::NoEntry);
        }
        let is_directory = matches!(body, Body::Directory(_));
        let size = if let Body::SymbolicLink(target) = &body { target.len() as u64 } else { 0 };
        self.charge(INODE_COST + ENTRY_COST + 2 * name.len() as u64 + size)?;
        let number = self.add(body);
        self.directory_mut(parent)?.insert(name, number);
        self.get_mut(number)?.links = if is_directory { 2 } else { 1 };
        if is_directory {
            self.get_mut(parent)?.links += 1;
        }
        self.touch(parent);
        Ok(number)
    }

    /// Removes an entry from its directory and returns its inode.
    fn take_entry(&mut self, parent: u64, name: &str) -> Result<u64> {
        let inode = self.directory_mut(parent)?.remove(name).ok_or(Errno::NoEntry)?;
        self.refund(ENTRY_COST + 2 * name.len() as u64);
        self.touch(parent);
        Ok(inode)
    }

    /// Updates the times of an inode whose contents have changed.
    fn touch(&mut self, inode: u64) {
        let now = self.now();
        if let Some(inode) = self.inodes.get_mut(&inode) {
            (inode.modified, inode.changed) = (now, now);
        }
    }

    /// Returns the file at a path, and creates it if the place is vacant.
    pub(crate) fn open_file(&mut self, start: u64, path: &str, follow: bool, exclusive: bool) -> Result<u64> {
        let place = self.resolve(start, path, follow && !exclusive)?;
        match (place.inode, place.entry) {
            (Some(_), _) if exclusive => Err(Errno::Exists),
            (Some(inode), _) => Ok(inode),
            (None, Some(_)) if place.directory => Err(Errno::IsDirectory),
            (None, Some((parent, name))) => self.create(parent, &name, Body::File(Vec::new())),
            (None, None) => Err(Errno::NoEntry),
        }
    }

    /// Resolves a path to a vacant place.
    fn vacant(&self, start: u64, path: &str) -> Result<(u64, String, bool)> {
        // Like `mkdir`, does not follow a link because of a slash at the end.
        let place = self.resolve(start, path.trim_end_matches('/'), false)?;
        match (place.inode, place.entry) {
            (Some(_), _) => Err(Errno::Exists),
            (None, Some((parent, name))) => Ok((parent, name, path.ends_with('/'))),
            (None, None) => Err(Errno::NoEntry),
        }
    }

    /// Creates a directory.
    pub(crate) fn create_directory(&mut self, start: u64, path: &str) -> Result<u64> {
        let (parent, name, _) = self.vacant(start, path)?;
        self.create(parent, &name, Body::Directory(Directory::new(parent)))
    }

    /// Creates a symbolic link.
    pub(crate) fn create_link(&mut self, start: u64, target: &str, path: &str) -> Result<()> {
        // Directories of the host refuse absolute links too.
        if target.starts_with('/') {
            return Err(Errno::NotPermitted);
        }
        let (parent, name, slash) = self.vacant(start, path)?;
        if slash {
            return Err(Errno::NoEntry);
        }
        self.create(parent, &name, Body::SymbolicLink(target.into())).map(drop)
    }

    /// Removes an empty directory.
    pub(crate) fn remove_directory(&mut self, start: u64, path: &str) -> Result<()> {
        let place = self.resolve(start, path.trim_end_matches('/'), false)?;
        let inode = place.inode.ok_or(Errno::NoEntry)?;
        let Some((parent, name)) = place.entry else {
            return Err(if path.trim_end_matches('/').ends_with("..") { Errno::NotEmpty } else { Errno::Invalid });
        };
        if !self.directory(inode)?.entries.is_empty() {
            return Err(Errno::NotEmpty);
        }
        self.take_entry(parent, &name)?;
        self.drop_directory(inode, parent);
        Ok(())
    }

    /// Unlinks an empty directory that has lost its name.
    fn drop_directory(&mut self, inode: u64, parent: u64) {
        if let Some(directory) = self.inodes.get_mut(&inode) {
            directory.links = 0;
        }
        if let Some(parent) = self.inodes.get_mut(&parent) {
            parent.links = parent.links.saturating_sub(1);
        }
        self.reclaim(inode);
    }

    /// Unlinks an inode that is not a directory and has lost a name.
    fn drop_link(&mut self, inode: u64) {
        let now = self.now();
        if let Some(inode) = self.inodes.get_mut(&inode) {
            inode.links = inode.links.saturating_sub(1);
            inode.changed = now;
        }
        self.reclaim(inode);
    }

    /// Removes a name of an inode that is not a directory.
    pub(crate) fn unlink(&mut self, start: u64, path: &str) -> Result<()> {
        let place = self.resolve(start, path, false)?;
        let inode = place.inode.ok_or(Errno::NoEntry)?;
        if self.get(inode)?.file_type() == FileType::Directory {
            return Err(Errno::IsDirectory);
        }
        if place.directory {
            return Err(Errno::NotDirectory);
        }
        let (parent, name) = place.entry.ok_or(Errno::Busy)?;
        self.take_entry(parent, &name)?;
        self.drop_link(inode);
        Ok(())
    }

    /// Adds a second name to a file.
    pub(crate) fn link(&mut self, start: u64, path: &str, to: u64, to_path: &str) -> Result<()> {
        let inode = self.find(start, path, false)?;
        if self.get(inode)?.file_type() == FileType::Directory {
            return Err(Errno::NotPermitted);
        }
        let (parent, name, slash) = self.vacant(to, to_path)?;
        if slash || self.get(parent)?.links == 0 {
            return Err(Errno::NoEntry);
        }
        self.charge(ENTRY_COST + 2 * name.len() as u64)?;
        let now = self.now();
        let file = self.get_mut(inode)?;
        file.links = file.links.checked_add(1).ok_or(Errno::TooManyLinks)?;
        file.changed = now;
        self.directory_mut(parent)?.insert(&name, inode);
        self.touch(parent);
        Ok(())
    }

    /// Renames an inode, and replaces the one that had the new name.
    pub(crate) fn rename(&mut self, start: u64, path: &str, to: u64, to_path: &str) -> Result<()> {
        let from = self.resolve(start, path.trim_end_matches('/'), false)?;
        let inode = from.inode.ok_or(Errno::NoEntry)?;
        let target = self.resolve(to, to_path.trim_end_matches('/'), false)?;
        let ((old_parent, old_name), (new_parent, new_name)) = from.entry.zip(target.entry).ok_or(Errno::Busy)?;
        let is_directory = self.get(inode)?.file_type() == FileType::Directory;
        if !is_directory && (path.ends_with('/') || to_path.ends_with('/')) {
            return Err(Errno::NotDirectory);
        }
        if self.get(new_parent)?.links == 0 {
            return Err(Errno::NoEntry);
        }
        if is_directory && self.is_within(new_parent, inode) {
            return Err(Errno::Invalid);
        }
        if let Some(replaced) = target.inode {
            if replaced == inode {
                return Ok(());
            }
            match &self.get(replaced)?.body {
                Body::Directory(_) if !is_directory => return Err(Errno::IsDirectory),
                Body::Directory(directory) if !directory.entries.is_empty() => return Err(Errno::NotEmpty),
                Body::Directory(_) => {
                    self.take_entry(new_parent, &new_name)?;
                    self.drop_directory(replaced, new_parent);
                }
                _ if is_directory => return Err(Errno::NotDirectory),
                _ => {
                    self.take_entry(new_parent, &new_name)?;
                    self.drop_link(replaced);
                }
            }
        }
        self.charge((2 * new_name.len() as u64).saturating_sub(2 * old_name.len() as u64))?;
        self.take_entry(old_parent, &old_name)?;
        // The new entry takes the bytes that the old one has freed, so there is no further check.
        self.used += ENTRY_COST + 2 * old_name.len().min(new_name.len()) as u64;
        self.directory_mut(new_parent)?.insert(&new_name, inode);
        self.touch(new_parent);
        if is_directory {
            self.directory_mut(inode)?.parent = new_parent;
            self.get_mut(old_parent)?.links -= 1;
            self.get_mut(new_parent)?.links += 1;
        }
        let now = self.now();
        self.get_mut(inode)?.changed = now;
        Ok(())
    }

    /// Whether a directory is `above` or below it.
    fn is_within(&self, mut directory: u64, above: u64) -> bool {
        while directory != above {
            match self.directory(directory) {
                Ok(next) if next.parent != directory => directory = next.parent,
                _ => return false,
            }
        }
        true
    }

    /// Returns the bytes of a file.
    pub(crate) fn file(&self, inode: u64) -> Result<&[u8]> {
        match &self.get(inode)?.body {
            Body::File(bytes) => Ok(bytes),
            _ => Err(Errno::IsDirectory),
        }
    }

    /// Sets the size of a file.
    pub(crate) fn set_size(&mut self, inode: u64, size: u64) -> Result<()> {
        let old = self.file(inode)?.len() as u64;
        let new = usize::try_from(size).map_err(|_| Errno::FileTooBig)?;
        if isize::try_from(new).is_err() {
            return Err(Errno::FileTooBig);
        }
        self.charge(size.saturating_sub(old))?;
        let Body::File(bytes) = &mut self.get_mut(inode)?.body else {
            return Err(Errno::IsDirectory);
        };
        if bytes.try_reserve(new.saturating_sub(bytes.len())).is_err() {
            self.refund(size.saturating_sub(old));
            return Err(Errno::NoSpace);
        }
        bytes.resize(new, 0);
        if size < old {
            bytes.shrink_to_fit();
            self.refund(old - size);
        }
        self.touch(inode);
        Ok(())
    }

    /// Writes as many bytes to a file as there is space for. The file grows if necessary.
    pub(crate) fn write(&mut self, inode: u64, offset: u64, data: &[u8]) -> Result<usize> {
        if data.is_empty() {
            return Ok(0);
        }
        let len = self.file(inode)?.len() as u64;
        let space = (self.limit - self.used.min(self.limit)).saturating_add(len).saturating_sub(offset);
        let fits = usize::try_from(space).map_or(data.len(), |space| data.len().min(space));
        if fits == 0 {
            return Err(Errno::NoSpace);
        }
        let data = &data[..fits];
        let end = offset.checked_add(fits as u64).ok_or(Errno::FileTooBig)?;
        if end > len {
            self.set_size(inode, end)?;
        }
        let Body::File(bytes) = &mut self.get_mut(inode)?.body else {
            return Err(Errno::IsDirectory);
        };
        let start = usize::try_from(offset).map_err(|_| Errno::FileTooBig)?;
        bytes.get_mut(start..start + fits).ok_or(Errno::Io)?.copy_from_slice(data);
        self.touch(inode);
        Ok(fits)
    }

    /// Sets times.
    pub(crate) fn set_times(&mut self, inode: u64, accessed: SetTime, modified: SetTime) -> Result<()> {
        let now = self.now();
        let inode = self.get_mut(inode)?;
        for (time, to) in [(&mut inode.accessed, accessed), (&mut inode.modified, modified)] {
            match to {
                SetTime::Keep => {}
                SetTime::Now => *time = now,
                SetTime::At(nanoseconds) => *time = nanoseconds,
            }
        }
        inode.changed = now;
        Ok(())
    }

    /// Returns the attributes of an inode.
    pub(crate) fn stat(&self, number: u64) -> Result<FileStat> {
        let inode = self.get(number)?;
        Ok(FileStat {
            device: DEVICE,
            inode: number,
            file_type: inode.file_type(),
            links: u64::from(inode.links),
            size: inode.size(),
            accessed: inode.accessed,
            modified: inode.modified,
            changed: inode.changed,
        })
    }
}

impl Inode {
    pub(crate) fn file_type(&self) -> FileType {
        match self.body {
            Body::File(_) => FileType::RegularFile,
            Body::Directory(_) => FileType::Directory,
            Body::SymbolicLink(_) => FileType::SymbolicLink,
        }
    }

    fn size(&self) -> u64 {
        match &self.body {
            Body::File(bytes) => bytes.len() as u64,
            Body::Directory(_) => 0,
            Body::SymbolicLink(target) => target.len() as u64,
        }
    }
}

/// Puts the components of a path before the remaining ones. Returns whether the path ends in a slash.
fn push_components(coming: &mut Vec<String>, path: &str) -> Result<bool> {
    if path.starts_with('/') {
        return Err(Errno::NotPermitted);
    }
    if path.is_empty() {
        return Err(Errno::NoEntry);
    }
    if coming.len() + path.len() > 16 * MAX_PATH as usize {
        return Err(Errno::NameTooLong);
    }
    for name in path.rsplit('/').filter(|name| !name.is_empty()) {
        if name.len() > MAX_NAME {
            return Err(Errno::NameTooLong);
        }
        coming.push(name.into());
    }
    Ok(path.ends_with('/'))
}
