//! Types of WASI and their layout in memory.

use crate::{
    errno::{Errno, Result},
    guest::GuestMemory,
};

/// Declares a set of flags of WASI.
macro_rules! flags {
    ($(#[$attr:meta])* $name:ident: $ty:ident { $($flag:ident = $bit:expr,)* }) => {
        $(#[$attr])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub(crate) struct $name($ty);

        #[allow(dead_code, reason = "the sets are complete, whether or not each flag has a use")]
        impl $name {
            $(pub(crate) const $flag: Self = Self(1 << $bit);)*
            /// All flags.
            pub(crate) const ALL: Self = Self($((1 << $bit) |)* 0);
            pub(crate) const NONE: Self = Self(0);

            /// Converts a number from a program.
            ///
            /// # Errors
            ///
            /// If a bit is set that is not a flag.
            pub(crate) fn from_bits(bits: impl TryInto<$ty>) -> Result<Self> {
                let bits = bits.try_into().map_err(|_| Errno::Invalid)?;
                if bits & !Self::ALL.0 == 0 { Ok(Self(bits)) } else { Err(Errno::Invalid) }
            }

            pub(crate) const fn bits(self) -> $ty {
                self.0
            }

            pub(crate) const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            pub(crate) const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            pub(crate) const fn and(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }

            pub(crate) const fn or(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            pub(crate) const fn without(self, other: Self) -> Self {
                Self(self.0 & !other.0)
            }
        }
    };
}

flags! {
    /// The rights of a descriptor.
    Rights: u64 {
        FD_DATASYNC = 0,
        FD_READ = 1,
        FD_SEEK = 2,
        FD_FDSTAT_SET_FLAGS = 3,
        FD_SYNC = 4,
        FD_TELL = 5,
        FD_WRITE = 6,
        FD_ADVISE = 7,
        FD_ALLOCATE = 8,
        PATH_CREATE_DIRECTORY = 9,
        PATH_CREATE_FILE = 10,
        PATH_LINK_SOURCE = 11,
        PATH_LINK_TARGET = 12,
        PATH_OPEN = 13,
        FD_READDIR = 14,
        PATH_READLINK = 15,
        PATH_RENAME_SOURCE = 16,
        PATH_RENAME_TARGET = 17,
        PATH_FILESTAT_GET = 18,
        PATH_FILESTAT_SET_SIZE = 19,
        PATH_FILESTAT_SET_TIMES = 20,
        FD_FILESTAT_GET = 21,
        FD_FILESTAT_SET_SIZE = 22,
        FD_FILESTAT_SET_TIMES = 23,
        PATH_SYMLINK = 24,
        PATH_REMOVE_DIRECTORY = 25,
        PATH_UNLINK_FILE = 26,
        POLL_FD_READWRITE = 27,
        SOCK_SHUTDOWN = 28,
        SOCK_ACCEPT = 29,
    }
}

impl Rights {
    /// The rights that apply to a directory.
    pub(crate) const DIRECTORY: Self = Self::FD_FDSTAT_SET_FLAGS
        .or(Self::FD_SYNC)
        .or(Self::FD_DATASYNC)
        .or(Self::FD_ADVISE)
        .or(Self::PATH_CREATE_DIRECTORY)
        .or(Self::PATH_CREATE_FILE)
        .or(Self::PATH_LINK_SOURCE)
        .or(Self::PATH_LINK_TARGET)
        .or(Self::PATH_OPEN)
        .or(Self::FD_READDIR)
        .or(Self::PATH_READLINK)
        .or(Self::PATH_RENAME_SOURCE)
        .or(Self::PATH_RENAME_TARGET)
        .or(Self::PATH_FILESTAT_GET)
        .or(Self::PATH_FILESTAT_SET_SIZE)
        .or(Self::PATH_FILESTAT_SET_TIMES)
        .or(Self::FD_FILESTAT_GET)
        .or(Self::FD_FILESTAT_SET_TIMES)
        .or(Self::PATH_SYMLINK)
        .or(Self::PATH_REMOVE_DIRECTORY)
        .or(Self::PATH_UNLINK_FILE)
        .or(Self::POLL_FD_READWRITE);

    /// The rights that apply to a file.
    pub(crate) const FILE: Self = Self::FD_DATASYNC
        .or(Self::FD_READ)
        .or(Self::FD_SEEK)
        .or(Self::FD_FDSTAT_SET_FLAGS)
        .or(Self::FD_SYNC)
        .or(Self::FD_TELL)
        .or(Self::FD_WRITE)
        .or(Self::FD_ADVISE)
        .or(Self::FD_ALLOCATE)
        .or(Self::FD_FILESTAT_GET)
        .or(Self::FD_FILESTAT_SET_SIZE)
        .or(Self::FD_FILESTAT_SET_TIMES)
        .or(Self::POLL_FD_READWRITE);

    /// The rights to read and to write.
    pub(crate) const ACCESS: Self = Self::FD_READ.or(Self::FD_WRITE);

    /// The rights that need a file opened for writing.
    pub(crate) const WRITES: Self = Self::FD_WRITE.or(Self::FD_ALLOCATE).or(Self::FD_FILESTAT_SET_SIZE);

    /// The rights that change something. `PATH_LINK_SOURCE` is one of them, since a second name in a writable directory
    /// would make the file writable.
    pub(crate) const CHANGES: Self = Self::WRITES
        .or(Self::FD_FILESTAT_SET_TIMES)
        .or(Self::PATH_CREATE_DIRECTORY)
        .or(Self::PATH_CREATE_FILE)
        .or(Self::PATH_LINK_SOURCE)
        .or(Self::PATH_LINK_TARGET)
        .or(Self::PATH_RENAME_SOURCE)
        .or(Self::PATH_RENAME_TARGET)
        .or(Self::PATH_FILESTAT_SET_SIZE)
        .or(Self::PATH_FILESTAT_SET_TIMES)
        .or(Self::PATH_SYMLINK)
        .or(Self::PATH_REMOVE_DIRECTORY)
        .or(Self::PATH_UNLINK_FILE);

    /// Converts a number from a program. Ignores unknown bits: programs set them by complements of small sets.
    pub(crate) const fn from_bits_truncate(bits: u64) -> Self {
        Self(bits & Self::ALL.0)
    }
}

flags! {
    /// The flags of a descriptor.
    FdFlags: u16 { APPEND = 0, DSYNC = 1, NONBLOCK = 2, RSYNC = 3, SYNC = 4, }
}

impl FdFlags {
    /// The flags for synchronized input and output.
    pub(crate) const ANY_SYNC: Self = Self::DSYNC.or(Self::RSYNC).or(Self::SYNC);
}

flags! {
    /// The flags of `path_open`.
    OFlags: u16 { CREAT = 0, DIRECTORY = 1, EXCL = 2, TRUNC = 3, }
}

flags! {
    /// Whether a symbolic link at the end of a path is followed.
    LookupFlags: u32 { SYMLINK_FOLLOW = 0, }
}

flags! {
    /// The times to set, and their new values.
    FstFlags: u16 { ATIM = 0, ATIM_NOW = 1, MTIM = 2, MTIM_NOW = 3, }
}

flags! {
    /// The flags of a subscription to a clock.
    SubclockFlags: u16 { ABSTIME = 0, }
}

flags! {
    /// The flags of an event on a descriptor.
    EventRwFlags: u16 { HANGUP = 0, }
}

flags! {
    /// The flags of `sock_recv`.
    RiFlags: u16 { PEEK = 0, WAITALL = 1, }
}

flags! {
    /// The halves of a socket to shut down.
    SdFlags: u8 { RD = 0, WR = 1, }
}

/// The type of a descriptor or of a directory entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum FileType {
    Unknown = 0,
    BlockDevice = 1,
    CharacterDevice = 2,
    Directory = 3,
    RegularFile = 4,
    SocketStream = 6,
    SymbolicLink = 7,
}

/// The origin of a seek.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whence {
    Set,
    Current,
    End,
}

/// A clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClockId {
    Realtime,
    Monotonic,
    ProcessCpuTime,
    ThreadCpuTime,
}

impl TryFrom<u32> for ClockId {
    type Error = Errno;

    fn try_from(id: u32) -> Result<Self> {
        match id {
            0 => Ok(Self::Realtime),
            1 => Ok(Self::Monotonic),
            2 => Ok(Self::ProcessCpuTime),
            3 => Ok(Self::ThreadCpuTime),
            _ => Err(Errno::Invalid),
        }
    }
}

/// The attributes of a file. Times are nanoseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileStat {
    pub(crate) device: u64,
    pub(crate) inode: u64,
    pub(crate) file_type: FileType,
    pub(crate) links: u64,
    pub(crate) size: u64,
    pub(crate) accessed: u64,
    pub(crate) modified: u64,
    pub(crate) changed: u64,
}

impl FileStat {
    /// Returns the attributes of something that is not a file.
    pub(crate) const fn of_type(file_type: FileType) -> Self {
        Self { device: 0, inode: 0, file_type, links: 1, size: 0, accessed: 0, modified: 0, changed: 0 }
    }
}

/// The differences between the two versions of the interface.
pub(crate) trait Layout {
    /// The size of a subscription.
    const SUBSCRIPTION_SIZE: u32;
    /// The offset of the clock's identifier in a subscription. Timeout, precision and flags follow it.
    const SUBSCRIPTION_CLOCK: u32;
    /// The size of a `filestat`.
    const FILESTAT_SIZE: usize;

    /// Converts the number of an origin.
    fn whence(number: u32) -> Result<Whence>;

    /// Encodes a `filestat`. Only the first `FILESTAT_SIZE` bytes count.
    fn filestat(stat: &FileStat) -> [u8; 64];
}

/// `wasi_snapshot_preview1`.
pub(crate) struct Preview1;

impl Layout for Preview1 {
    const SUBSCRIPTION_SIZE: u32 = 48;
    const SUBSCRIPTION_CLOCK: u32 = 16;
    const FILESTAT_SIZE: usize = 64;

    fn whence(number: u32) -> Result<Whence> {
        match number {
            0 => Ok(Whence::Set),
            1 => Ok(Whence::Current),
            2 => Ok(Whence::End),
            _ => Err(Errno::Invalid),
        }
    }

    fn filestat(stat: &FileStat) -> [u8; 64] {
        let mut bytes = [0; 64];
        put(&mut bytes, 0, stat.device);
        put(&mut bytes, 8, stat.inode);
        bytes[16] = stat.file_type as u8;
        put(&mut bytes, 24, stat.links);
        put(&mut bytes, 32, stat.size);
        put(&mut bytes, 40, stat.accessed);
        put(&mut bytes, 48, stat.modified);
        put(&mut bytes, 56, stat.changed);
        bytes
    }
}

/// Stores a number in a struct.
pub(crate) fn put(bytes: &mut [u8], offset: usize, value: u64) {
    bytes[offset..offset + 8].copy_from_slice(&value.to_le_bytes());
}

/// An event of `poll_oneoff`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Event {
    pub(crate) userdata: u64,
    pub(crate) error: u16,
    /// The kind of the subscription
    pub(crate) tag: u8,
    /// Bytes that can be read or written without blocking
    pub(crate) bytes: u64,
    pub(crate) flags: EventRwFlags,
}

impl Event {
    /// The size of an event. Both versions have the same layout.
    pub(crate) const SIZE: u32 = 32;

    /// Writes the event.
    pub(crate) fn write(&self, memory: &mut GuestMemory<'_>, at: u32) -> Result<()> {
        let mut bytes = [0; Self::SIZE as usize];
        put(&mut bytes, 0, self.userdata);
        bytes[8..10].copy_from_slice(&self.error.to_le_bytes());
        bytes[10] = self.tag;
        put(&mut bytes, 16, self.bytes);
        bytes[24..26].copy_from_slice(&self.flags.bits().to_le_bytes());
        memory.write(at, &bytes)
    }
}
