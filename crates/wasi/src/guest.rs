//! Access to the memory of a program. Every pointer is checked, and no claimed size is allocated.
//!
//! There are no references into a shared memory, whose bytes other threads may change meanwhile. Functions get copies, and
//! what they changed is written back.

use typed_arena::Arena;
use wasmote::SharedMemory;

use crate::errno::{Errno, Result};

/// The most bytes of a shared memory that a transfer copies at once.
const CHUNK: u32 = 1 << 16;

/// The most buffers of one call.
pub(crate) const MAX_BUFFERS: u32 = 1024;

/// The memory of the calling instance.
pub(crate) struct GuestMemory<'a> {
    bytes: Bytes<'a>,
}

/// Where the bytes are.
enum Bytes<'a> {
    /// In a memory that nobody else accesses
    Own(&'a mut [u8]),
    /// In a memory that other threads may access: the copies of parts that functions have asked for
    Shared(SharedMemory, Arena<Copied>),
}

/// A copy of a part of a shared memory.
struct Copied {
    address: u32,
    bytes: Vec<u8>,
    /// What the copy was at first, if it can be changed
    before: Option<Vec<u8>>,
}

impl Copied {
    fn new(memory: &SharedMemory, address: u32, len: u32, changeable: bool) -> Result<Self> {
        // Checked before anything is allocated.
        let end = u64::from(address) + u64::from(len);
        if end > memory.data_size() as u64 {
            return Err(Errno::Fault);
        }
        let mut bytes = vec![0; len as usize];
        memory.read(address as usize, &mut bytes).map_err(|_| Errno::Fault)?;
        let before = changeable.then(|| bytes.clone());
        Ok(Self { address, bytes, before })
    }

    /// Writes what was changed.
    fn write_back(&mut self, memory: &SharedMemory) {
        let Some(before) = &mut self.before else { return };
        let differs = |(now, before): (&u8, &u8)| now != before;
        let pairs = || self.bytes.iter().zip(before.iter());
        let (Some(first), Some(last)) = (pairs().position(differs), pairs().rposition(differs)) else { return };
        // The memory has these bytes, and does not shrink.
        let _ = memory.write(self.address as usize + first, &self.bytes[first..=last]);
        before.copy_from_slice(&self.bytes);
    }
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
        Self { bytes: Bytes::Own(&mut bytes[..reach]) }
    }

    /// Accesses a memory that other threads may access too. `finish` must follow.
    pub(crate) fn shared(memory: SharedMemory) -> Self {
        Self { bytes: Bytes::Shared(memory, Arena::new()) }
    }

    /// Writes to a shared memory what was changed in copies of its parts.
    pub(crate) fn finish(&mut self) {
        if let Bytes::Shared(memory, copies) = &mut self.bytes {
            copies.iter_mut().for_each(|copy| copy.write_back(memory));
        }
    }

    /// Returns `len` bytes at an address.
    #[inline]
    pub(crate) fn slice(&self, address: u32, len: u32) -> Result<&[u8]> {
        let start = address as usize;
        let end = start.checked_add(len as usize).ok_or(Errno::Fault)?;
        match &self.bytes {
            Bytes::Own(bytes) => bytes.get(start..end).ok_or(Errno::Fault),
            Bytes::Shared(memory, copies) => Ok(&copies.alloc(Copied::new(memory, address, len, false)?).bytes),
        }
    }

    /// Returns `len` mutable bytes at an address.
    #[inline]
    pub(crate) fn slice_mut(&mut self, address: u32, len: u32) -> Result<&mut [u8]> {
        let start = address as usize;
        let end = start.checked_add(len as usize).ok_or(Errno::Fault)?;
        match &mut self.bytes {
            Bytes::Own(bytes) => bytes.get_mut(start..end).ok_or(Errno::Fault),
            Bytes::Shared(memory, copies) => Ok(&mut copies.alloc(Copied::new(memory, address, len, true)?).bytes),
        }
    }

    /// Checks that `len` bytes at an address are inside the memory.
    #[inline]
    fn check(&self, address: u32, len: u32) -> Result<()> {
        let size = match &self.bytes {
            Bytes::Own(bytes) => bytes.len(),
            Bytes::Shared(memory, _) => memory.data_size(),
        };
        let end = u64::from(address) + u64::from(len);
        if end <= size as u64 { Ok(()) } else { Err(Errno::Fault) }
    }

    /// Returns how many of `len` bytes are transferred at once.
    fn part(&self, len: u32) -> u32 {
        match &self.bytes {
            Bytes::Own(_) => len,
            Bytes::Shared(..) => len.min(CHUNK),
        }
    }

    /// Lets `read` fill bytes at an address. Returns how many it did.
    fn fill_part(&mut self, address: u32, len: u32, read: impl FnOnce(&mut [u8]) -> Result<usize>) -> Result<usize> {
        if let Bytes::Shared(memory, _) = &self.bytes {
            let mut copy = Copied::new(memory, address, len, false)?.bytes;
            let read_len = read(&mut copy)?;
            let bytes = copy.get(..read_len).ok_or(Errno::Io)?;
            memory.write(address as usize, bytes).map_err(|_| Errno::Fault)?;
            return Ok(read_len);
        }
        read(self.slice_mut(address, len)?)
    }

    /// Lets `write` take bytes at an address. Returns how many it did.
    #[inline]
    fn drain_part(&self, address: u32, len: u32, write: impl FnOnce(&[u8]) -> Result<usize>) -> Result<usize> {
        if let Bytes::Shared(memory, _) = &self.bytes {
            return write(&Copied::new(memory, address, len, false)?.bytes);
        }
        write(self.slice(address, len)?)
    }

    #[inline]
    fn read<const N: usize>(&self, address: u32) -> Result<[u8; N]> {
        let start = address as usize;
        match &self.bytes {
            Bytes::Own(bytes) => bytes.get(start..).and_then(<[u8]>::first_chunk).ok_or(Errno::Fault).copied(),
            Bytes::Shared(memory, _) => {
                let mut bytes = [0; N];
                memory.read(start, &mut bytes).map_err(|_| Errno::Fault)?;
                Ok(bytes)
            }
        }
    }

    /// Writes bytes.
    #[inline]
    pub(crate) fn write(&mut self, address: u32, bytes: &[u8]) -> Result<()> {
        let len = u32::try_from(bytes.len()).map_err(|_| Errno::Overflow)?;
        if let Bytes::Shared(..) = self.bytes {
            // Earlier changes come first.
            self.finish();
        }
        match &mut self.bytes {
            Bytes::Own(_) => self.slice_mut(address, len)?.copy_from_slice(bytes),
            Bytes::Shared(memory, _) => memory.write(address as usize, bytes).map_err(|_| Errno::Fault)?,
        }
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
            self.check(buffer.address, buffer.len)?;
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
            let Buffer { mut address, mut len } = self.buffer(buffers.address, index)?;
            while len > 0 {
                let part = self.part(len);
                let read_len = match self.fill_part(address, part, |buffer| read(buffer, total)) {
                    Ok(read_len) => u32::try_from(read_len).map_err(|_| Errno::Io)?,
                    // The bytes of earlier buffers must not get lost.
                    Err(_) if total > 0 => return Ok(total),
                    Err(errno) => return Err(errno),
                };
                total = total.checked_add(read_len).ok_or(Errno::Overflow)?;
                if read_len < part {
                    return Ok(total);
                }
                (address, len) = (address.wrapping_add(part), len - part);
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
            let Buffer { mut address, mut len } = self.buffer(buffers.address, index)?;
            while len > 0 {
                let part = self.part(len);
                let written = match self.drain_part(address, part, |bytes| write(bytes, total)) {
                    Ok(written) => u32::try_from(written).map_err(|_| Errno::Io)?,
                    Err(_) if total > 0 => return Ok(total),
                    Err(errno) => return Err(errno),
                };
                total = total.checked_add(written).ok_or(Errno::Overflow)?;
                if written < part {
                    return Ok(total);
                }
                (address, len) = (address.wrapping_add(part), len - part);
            }
        }
        Ok(total)
    }
}
