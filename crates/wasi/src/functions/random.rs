//! Randomness.

use crate::{ctx::WasiCtx, errno::Result, guest::GuestMemory};

/// The number of bytes between two looks at the deadline. A multiple of the bytes that the generators make at once.
const CHUNK: usize = 1 << 20;

pub(crate) fn random_get(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, buffer: u32, len: u32) -> Result<()> {
    let bytes = memory.slice_mut(buffer, len)?;
    ctx.meter.random(len)?;
    for chunk in bytes.chunks_mut(CHUNK) {
        ctx.waits.check()?;
        ctx.random.fill(chunk)?;
    }
    Ok(())
}
