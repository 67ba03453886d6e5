//! Clocks.

use crate::{abi::ClockId, ctx::WasiCtx, errno::Result, guest::GuestMemory};

pub(crate) fn clock_res_get(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, id: u32, resolution: u32) -> Result<()> {
    let nanoseconds = ctx.clocks.resolution(ClockId::try_from(id)?)?;
    memory.write_u64(resolution, nanoseconds)
}

#[inline]
pub(crate) fn clock_time_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    id: u32,
    _precision: u64,
    time: u32,
) -> Result<()> {
    let nanoseconds = ctx.clocks.now(ClockId::try_from(id)?)?;
    memory.write_u64(time, nanoseconds)
}
