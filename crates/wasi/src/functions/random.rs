//! Randomness.

use crate::{ctx::WasiCtx, errno::Result, guest::GuestMemory};

pub(crate) fn random_get(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, buffer: u32, len: u32) -> Result<()> {
    ctx.random.fill(memory.slice_mut(buffer, len)?)
}
