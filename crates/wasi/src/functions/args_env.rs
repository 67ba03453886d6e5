//! Arguments and environment.

use crate::{
    ctx::{Strings, WasiCtx},
    errno::{Errno, Result},
    guest::GuestMemory,
    meter::Meter,
};

fn get(strings: &Strings, meter: &mut Meter, memory: &mut GuestMemory<'_>, pointers: u32, buffer: u32) -> Result<()> {
    meter.copy(strings.bytes.len() as u64)?;
    memory.write(buffer, &strings.bytes)?;
    for (index, offset) in (0_u32..).zip(&strings.offsets) {
        let at = index.checked_mul(4).and_then(|at| pointers.checked_add(at)).ok_or(Errno::Fault)?;
        memory.write_u32(at, buffer + offset)?;
    }
    Ok(())
}

fn sizes(strings: &Strings, memory: &mut GuestMemory<'_>, count: u32, size: u32) -> Result<()> {
    memory.write_u32(count, u32::try_from(strings.offsets.len()).map_err(|_| Errno::Overflow)?)?;
    memory.write_u32(size, u32::try_from(strings.bytes.len()).map_err(|_| Errno::Overflow)?)
}

pub(crate) fn args_get(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, pointers: u32, buffer: u32) -> Result<()> {
    get(&ctx.args, &mut ctx.meter, memory, pointers, buffer)
}

pub(crate) fn args_sizes_get(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, count: u32, size: u32) -> Result<()> {
    sizes(&ctx.args, memory, count, size)
}

pub(crate) fn environ_get(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, pointers: u32, buffer: u32) -> Result<()> {
    get(&ctx.env, &mut ctx.meter, memory, pointers, buffer)
}

pub(crate) fn environ_sizes_get(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, count: u32, size: u32) -> Result<()> {
    sizes(&ctx.env, memory, count, size)
}
