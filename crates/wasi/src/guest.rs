//! Access to the memory of a program. Every pointer is checked, and no claimed size is allocated.

use crate::errno::{Errno, Result};

/// The most buffers of one call.
pub(crate) const MAX_BUFFERS: u32 = 1024;

/// The memory of the calling instance.
pub(crate) struct GuestMemory<'a> {
    bytes: &'a mut [u8],
}

/// A pointer and a length from a program.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Buffer {
    pub(crate) address: u32,
    pub(crate) len: u32,
}

/// An array of buffers that were inside the memory when it was checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Buffers {
    address: u32,
    count: u32,
}

impl<'a> GuestMemory<'a> {
    #[inline]
    pub(crate) fn new(bytes: &'a mut [u8]) -> Self {
        // A 64-bit memory may be larger than the reach of WASI's 32-bit pointers.
        let reach = usize::try_from(1_u64 << 32).map_or(bytes.len(), |reach| reach.min(bytes.len()));
        Self { bytes: &mut bytes[..reach] }
    }

    /// Returns `len` bytes at an address.
    #[inline]
    pub(crate) fn slice(&self, address: u32, len: u32) -> Result<&[u8]> {
        let start = address as usize;
        let end = start.checked_add(len as usize).ok_or(Errno::Fault)?;
        self.bytes.get(start..end).ok_or(Errno::Fault)
    }

    /// Returns `len` mutable bytes at an address.
    #[inline]
    pub(crate) fn slice_mut(&mut self, address: u32, len: u32) -> Result<&mut [u8]> {
        let start = address as usize;
        let end = start.checked_add(len as usize).ok_or(Errno::Fault)?;
        self.bytes.get_mut(start..end).ok_or(Errno::Fault)
    }

    #[inline]
    fn read<const N: usize>(&self, address: u32) -> Result<[u8; N]> {
        let start = address as usize;
        let bytes = self.bytes.get(start..).and_then(<[u8]>::first_chunk).ok_or(Errno::Fault)?;
        Ok(*bytes)
    }

    /// Writes bytes.
    #[inline]
    pub(crate) fn write(&mut self, address: u32, bytes: &[u8]) -> Result<()> {
        let len = u32::try_from(bytes.len()).map_err(|_| Errno::Overflow)?;
        self.slice_mut(address, len)?.copy_from_slice(bytes);
        Ok(())
    }

    #[inline]
    pub(crate) fn read_u8(&self, address: u32) -> Result<u8> {
        self.read::<1>(address).map(|[byte]| byte)
    }

    #[inline]
    pub(crate) fn read_u16(&self, address: u32) -> Result<u16> {
        self.read(address).map(u16::from_le_bytes)
    }

    #[inline]
    pub(crate) fn read_u32(&self, address: u32) -> Result<u32> {
        self.read(address).map(u32::from_le_bytes)
    }

    #[inline]
    pub(crate) fn read_u64(&self, address: u32) -> Result<u64> {
        self.read(address).map(u64::from_le_bytes)
    }

    #[inline]
    pub(crate) fn write_u16(&mut self, address: u32, value: u16) -> Result<()> {
        self.write(address, &value.to_le_bytes())
    }

    #[inline]
    pub(crate) fn write_u32(&mut self, address: u32, value: u32) -> Result<()> {
        self.write(address, &value.to_le_bytes())
    }

    #[inline]
    pub(crate) fn write_u64(&mut self, address: u32, value: u64) -> Result<()> {
        self.write(address, &value.to_le_bytes())
    }

    /// Checks an array of buffers: all are inside the memory, and the sum of their lengths fits the result.
    #[inline]
    pub(crate) fn buffers(&self, address: u32, count: u32) -> Result<Buffers> {
        if count > MAX_BUFFERS {
            return Err(Errno::Invalid);
        }
        let mut total = 0_u32;
        for index in 0..count {
            let buffer = self.buffer(address, index)?;
            self.slice(buffer.address, buffer.len)?;
            total = total.checked_add(buffer.len).ok_or(Errno::Invalid)?;
        }
        Ok(Buffers { address, count })
    }

    /// Checks the arguments of a transfer: an array of buffers, and the place where its number of bytes will be stored.
    #[inline]
    pub(crate) fn transfer(&mut self, buffers: u32, count: u32, transferred: u32) -> Result<Buffers> {
        self.slice_mut(transferred, 4)?;
        self.buffers(buffers, count)
    }

    /// Reads one buffer of an array.
    #[inline]
    fn buffer(&self, array: u32, index: u32) -> Result<Buffer> {
        let at = array.checked_add(index * 8).ok_or(Errno::Fault)?;
        let pair = self.read_u64(at)?;
        Ok(Buffer { address: pair as u32, len: (pair >> 32) as u32 })
    }

    /// Returns the buffers of an array, up to a sum of `most` bytes.
    #[cfg(unix)]
    pub(crate) fn slices(&self, buffers: Buffers, most: usize) -> Result<Vec<std::io::IoSlice<'_>>> {
        let mut rest = most;
        let slice = |index| {
            let Buffer { address, len } = self.buffer(buffers.address, index)?;
            let bytes = self.slice(address, len)?;
            let bytes = &bytes[..bytes.len().min(rest)];
            rest -= bytes.len();
            Ok(std::io::IoSlice::new(bytes))
        };
        (0..buffers.count).map(slice).collect()
    }

    /// Passes one buffer after the other to `read` until one is not filled. Returns the number of bytes read.
    ///
    /// Reads the array again, buffer by buffer, since `read` may overwrite it.
    pub(crate) fn fill(
        &mut self,
        buffers: Buffers,
        mut read: impl FnMut(&mut [u8], u32) -> Result<usize>,
    ) -> Result<u32> {
        let mut total = 0_u32;
        for index in 0..buffers.count {
            let Buffer { address, len } = self.buffer(buffers.address, index)?;
            if len == 0 {
                continue;
            }
            let read_len = match self.slice_mut(address, len).and_then(|buffer| read(buffer, total)) {
                Ok(read_len) => u32::try_from(read_len).map_err(|_| Errno::Io)?,
                // The bytes of earlier buffers must not get lost.
                Err(_) if total > 0 => break,
                Err(errno) => return Err(errno),
            };
            total = total.checked_add(read_len).ok_or(Errno::Overflow)?;
            if read_len < len {
                break;
            }
        }
        Ok(total)
    }

    /// Passes the first buffer that is not empty to `read`. Returns the number of bytes read.
    pub(crate) fn fill_one(&mut self, buffers: Buffers, read: impl FnOnce(&mut [u8]) -> Result<usize>) -> Result<u32> {
        let mut read = Some(read);
        self.fill(buffers, |buffer, _| read.take().map_or(Ok(0), |read| read(buffer)))
    }

    /// Passes one buffer after the other to `write` until one is not written in full. Returns the number of bytes
    /// written.
    #[inline]
    pub(crate) fn drain(&self, buffers: Buffers, mut write: impl FnMut(&[u8], u32) -> Result<usize>) -> Result<u32> {
        let mut total = 0_u32;
        for index in 0..buffers.count {
            let Buffer { address, len } = self.buffer(buffers.address, index)?;
            if len == 0 {
                continue;
            }
            let written = match write(self.slice(address, len)?, total) {
                Ok(written) => u32::try_from(written).map_err(|_| Errno::Io)?,
                Err(_) if total > 0 => break,
                Err(errno) => return Err(errno),
            };
            total = total.checked_add(written).ok_or(Errno::Overflow)?;
            if written < len {
                break;
            }
        }
        Ok(total)
    }
}
