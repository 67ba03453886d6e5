//! The table of descriptors.

use std::{
    net::{TcpListener, TcpStream},
    sync::{Condvar, Mutex, PoisonError},
};

use crate::{
    abi::{FdFlags, FileType, Rights},
    errno::{Errno, Result},
    fs::Node,
    stream::{Input, Output},
};

/// The default limit of descriptors. Systems usually let a process have 1024, and the host needs some itself.
pub(crate) const DEFAULT_LIMIT: usize = 512;

/// The resource of a descriptor.
pub(crate) enum Resource {
    Input(Input),
    Output(Output),
    Node(Box<dyn Node>),
    Listener(TcpListener),
    Stream(TcpStream),
}

/// An open descriptor.
pub(crate) struct Descriptor {
    pub(crate) resource: Resource,
    /// The rights of the descriptor
    pub(crate) base: Rights,
    /// The most rights of descriptors that are opened through this one
    pub(crate) inheriting: Rights,
    pub(crate) flags: FdFlags,
    /// Forbids every change, whatever the rights
    pub(crate) read_only: bool,
    /// The path of a preopened descriptor
    pub(crate) preopen: Option<Box<str>>,
}

/// The number of standard streams, which have the first numbers.
const STREAMS: usize = 3;

impl Descriptor {
    /// Makes a descriptor for a resource without a path.
    pub(crate) fn new(resource: Resource, base: Rights) -> Self {
        let flags = FdFlags::NONE;
        Self { resource, base, inheriting: Rights::NONE, flags, read_only: false, preopen: None }
    }

    /// Makes a descriptor for standard input.
    pub(crate) fn input(input: Input) -> Self {
        let base = Rights::FD_READ.or(Rights::FD_FILESTAT_GET).or(Rights::POLL_FD_READWRITE);
        Self::new(Resource::Input(input), base.or(Rights::FD_FDSTAT_SET_FLAGS))
    }

    /// Makes a descriptor for standard output or error.
    pub(crate) fn output(output: Output) -> Self {
        let base = Rights::FD_WRITE
            .or(Rights::FD_FILESTAT_GET)
            .or(Rights::POLL_FD_READWRITE)
            .or(Rights::FD_SYNC)
            .or(Rights::FD_DATASYNC);
        Self::new(Resource::Output(output), base.or(Rights::FD_FDSTAT_SET_FLAGS))
    }

    /// Makes a descriptor for a preopened directory.
    pub(crate) fn preopen(node: Box<dyn Node>, path: Box<str>, read_only: bool) -> Self {
        let mask = if read_only { Rights::CHANGES } else { Rights::NONE };
        let base = Rights::DIRECTORY.without(mask);
        let inheriting = Rights::DIRECTORY.or(Rights::FILE).without(mask);
        let flags = FdFlags::NONE;
        Self { resource: Resource::Node(node), base, inheriting, flags, read_only, preopen: Some(path) }
    }

    /// Makes a descriptor for a listening socket.
    pub(crate) fn listener(listener: TcpListener) -> Self {
        let base = Rights::SOCK_ACCEPT
            .or(Rights::FD_READ)
            .or(Rights::FD_FILESTAT_GET)
            .or(Rights::FD_FDSTAT_SET_FLAGS)
            .or(Rights::POLL_FD_READWRITE);
        let mut descriptor = Self::new(Resource::Listener(listener), base);
        descriptor.inheriting = Self::STREAM;
        descriptor
    }

    /// The rights of a connection.
    const STREAM: Rights = Rights::FD_READ
        .or(Rights::FD_WRITE)
        .or(Rights::FD_FILESTAT_GET)
        .or(Rights::FD_FDSTAT_SET_FLAGS)
        .or(Rights::POLL_FD_READWRITE)
        .or(Rights::SOCK_SHUTDOWN);

    /// Makes a descriptor for a connection.
    pub(crate) fn stream(stream: TcpStream, flags: FdFlags) -> Self {
        let mut descriptor = Self::new(Resource::Stream(stream), Self::STREAM);
        descriptor.flags = flags;
        descriptor
    }

    pub(crate) fn file_type(&self) -> FileType {
        match &self.resource {
            Resource::Input(input) => input.file_type(),
            Resource::Output(output) => output.file_type(),
            Resource::Node(node) => node.file_type(),
            Resource::Listener(_) | Resource::Stream(_) => FileType::SocketStream,
        }
    }

    /// Checks that the descriptor has all these rights, and that none of them changes something read-only: then the error is that of
    /// wasmtime.
    #[inline]
    pub(crate) fn check(&self, rights: Rights) -> Result<()> {
        if self.read_only && Rights::CHANGES.intersects(rights) {
            return Err(Errno::NotPermitted);
        }
        if self.base.contains(rights) { Ok(()) } else { Err(Errno::NotCapable) }
    }

    /// Returns the file or directory.
    pub(crate) fn node(&mut self) -> Result<&mut dyn Node> {
        match &mut self.resource {
            Resource::Node(node) => Ok(&mut **node),
            Resource::Input(_) | Resource::Output(_) | Resource::Listener(_) | Resource::Stream(_) => {
                Err(Errno::NotSeekable)
            }
        }
    }

    /// Returns the directory.
    pub(crate) fn directory(&self) -> Result<&dyn Node> {
        match &self.resource {
            Resource::Node(node) if node.file_type() == FileType::Directory => Ok(&**node),
            _ => Err(Errno::NotDirectory),
        }
    }
}

/// The descriptors that the threads of a program share. One thread at a time has them.
pub(crate) struct SharedTable {
    table: Mutex<Option<Table>>,
    returned: Condvar,
}

impl SharedTable {
    pub(crate) fn new(table: Table) -> Self {
        Self { table: Mutex::new(Some(table)), returned: Condvar::new() }
    }

    /// Takes the descriptors when no other thread has them.
    pub(crate) fn lock(&self) -> Table {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match table.take() {
                Some(table) => return table,
                None => table = self.returned.wait(table).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Gives them back.
    pub(crate) fn unlock(&self, table: Table) {
        *self.table.lock().unwrap_or_else(PoisonError::into_inner) = Some(table);
        self.returned.notify_one();
    }
}

/// Descriptors by number.
pub(crate) struct Table {
    descriptors: Vec<Option<Descriptor>>,
    limit: usize,
}

impl Table {
    pub(crate) fn new(limit: usize) -> Self {
        Self { descriptors: Vec::new(), limit }
    }

    /// Takes everything out.
    pub(crate) fn take(&mut self) -> Self {
        Self { descriptors: core::mem::take(&mut self.descriptors), limit: self.limit }
    }

    /// Whether another descriptor would fit.
    pub(crate) fn has_room(&self) -> bool {
        self.descriptors.len() < self.limit || self.descriptors.iter().skip(STREAMS).any(Option::is_none)
    }

    /// Adds a descriptor under the lowest free number that is not one of a standard stream: a program that has closed one may
    /// still write to it.
    pub(crate) fn push(&mut self, descriptor: Descriptor) -> Result<u32> {
        let streams = STREAMS.min(self.descriptors.len());
        let free = self.descriptors[streams..].iter().position(Option::is_none);
        let index = free.map_or(self.descriptors.len(), |free| streams + free);
        if index >= self.limit {
            return Err(Errno::TooManyDescriptors);
        }
        match self.descriptors.get_mut(index) {
            Some(slot) => *slot = Some(descriptor),
            None => self.descriptors.push(Some(descriptor)),
        }
        u32::try_from(index).map_err(|_| Errno::TooManyDescriptors)
    }

    #[inline]
    pub(crate) fn get(&self, fd: u32) -> Result<&Descriptor> {
        self.descriptors.get(fd as usize).and_then(Option::as_ref).ok_or(Errno::BadDescriptor)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, fd: u32) -> Result<&mut Descriptor> {
        self.descriptors.get_mut(fd as usize).and_then(Option::as_mut).ok_or(Errno::BadDescriptor)
    }

    /// Returns a descriptor that has all these rights.
    #[inline]
    pub(crate) fn with(&mut self, fd: u32, rights: Rights) -> Result<&mut Descriptor> {
        let descriptor = self.get_mut(fd)?;
        descriptor.check(rights)?;
        Ok(descriptor)
    }

    /// Returns a directory that has all these rights.
    pub(crate) fn directory(&self, fd: u32, rights: Rights) -> Result<&dyn Node> {
        let descriptor = self.get(fd)?;
        // A file lacks these rights too, but `NotDirectory` is the better error.
        let directory = descriptor.directory()?;
        descriptor.check(rights)?;
        Ok(directory)
    }

    /// Replaces the descriptor of a number. Standard streams always fit, since a builder begins with them.
    pub(crate) fn replace(&mut self, fd: usize, descriptor: Descriptor) {
        if let Some(slot) = self.descriptors.get_mut(fd) {
            *slot = Some(descriptor);
        }
    }

    /// Removes a descriptor.
    pub(crate) fn remove(&mut self, fd: u32) -> Result<Descriptor> {
        self.descriptors.get_mut(fd as usize).and_then(Option::take).ok_or(Errno::BadDescriptor)
    }

    /// Moves a descriptor to the number of another one, which is closed.
    pub(crate) fn renumber(&mut self, from: u32, to: u32) -> Result<()> {
        self.get(from)?;
        self.get(to)?;
        if from == to {
            return Ok(());
        }
        let descriptor = self.remove(from)?;
        *self.get_mut(to)? = descriptor;
        Ok(())
    }
}
