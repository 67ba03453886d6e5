//! The differences between `wasi_unstable`, snapshot 0, and preview 1: the layout of `filestat` and of subscriptions,
//! and the numbers of the origins of a seek.

use crate::{
    abi::{FileStat, Layout, Whence, put},
    errno::{Errno, Result},
};

/// `wasi_unstable`.
pub(crate) struct Snapshot0;

impl Layout for Snapshot0 {
    const SUBSCRIPTION_SIZE: u32 = 56;
    // The clock follows a second `userdata`.
    const SUBSCRIPTION_CLOCK: u32 = 24;
    const FILESTAT_SIZE: usize = 56;

    fn whence(number: u32) -> Result<Whence> {
        match number {
            0 => Ok(Whence::Current),
            1 => Ok(Whence::End),
            2 => Ok(Whence::Set),
            _ => Err(Errno::Invalid),
        }
    }

    fn filestat(stat: &FileStat) -> [u8; 64] {
        let mut bytes = [0; 64];
        put(&mut bytes, 0, stat.device);
        put(&mut bytes, 8, stat.inode);
        bytes[16] = stat.file_type as u8;
        let links = u32::try_from(stat.links).unwrap_or(u32::MAX);
        bytes[20..24].copy_from_slice(&links.to_le_bytes());
        put(&mut bytes, 24, stat.size);
        put(&mut bytes, 32, stat.accessed);
        put(&mut bytes, 40, stat.modified);
        put(&mut bytes, 48, stat.changed);
        bytes
    }
}
