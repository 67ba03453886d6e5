//! Shapes and bodies of ops that load from a memory or store to it.

#![allow(clippy::missing_safety_doc, reason = "handler bodies share one contract: I1 to I8 hold for the op at `vm.ip`")]

use crate::{
    exec::{
        barrier,
        handlers::{branch::decide, value::finish},
        machine::{Cell, Dest, Machine, OneCell, Source, Vm},
    },
    ir::{
        form::{Form2, Form3},
        operand::Imm32,
        shape::{BranchLoad, Load, LoadAny, LoadLoad, LoadStore, LoadSum, Store, StoreAny, StoreSum},
    },
    trap::TrapCode,
};

/// The start of the `N` bytes at `addr + offset` if they lie in a memory of `len` bytes.
#[inline(always)]
fn in_bounds<const N: usize>(addr: u32, offset: Imm32, len: usize) -> Option<usize> {
    // On 64-bit machines neither sum can overflow and one comparison is left. The first is held in a register, or
    // the compiler adds twice, once for the comparison and once for the address.
    #[cfg(target_pointer_width = "64")]
    {
        let start = barrier::held(u64::from(addr) + u64::from(offset.bits())) as usize;
        (start.wrapping_add(N) <= len).then_some(start)
    }
    #[cfg(not(target_pointer_width = "64"))]
    in_bounds_checked::<N>(addr, offset, len)
}

/// Does what `in_bounds` does where the sums can overflow.
#[cfg(not(target_pointer_width = "64"))]
#[inline(always)]
fn in_bounds_checked<const N: usize>(addr: u32, offset: Imm32, len: usize) -> Option<usize> {
    let start = (addr as usize).checked_add(offset.bits() as usize)?;
    (start.checked_add(N)? <= len).then_some(start)
}

/// The `N` bytes at `addr + offset` of memory 0.
///
/// # Safety
///
/// I7: the registers hold memory 0.
#[inline(always)]
pub(super) unsafe fn bytes<const N: usize>(vm: &Vm, addr: u32, offset: Imm32) -> Result<*mut [u8; N], TrapCode> {
    match in_bounds::<N>(addr, offset, vm.mem_len) {
        Some(start) => {
            vm.check_memory(start, N);
            // SAFETY: I7: `mem` and `mem_len` are memory 0, in which these bytes lie.
            Ok(unsafe { vm.mem.add(start).cast() })
        }
        None => Err(TrapCode::MemoryOutOfBounds),
    }
}

/// The `N` bytes at `addr + offset` of memory `memory`, whose addresses have 64 bits if `wide` is not 0.
///
/// # Safety
///
/// I4: the module has that memory.
#[inline(always)]
pub(super) unsafe fn bytes_of<const N: usize>(
    vm: &Vm,
    memory: u16,
    wide: u16,
    addr: u64,
    offset: u64,
) -> Option<*mut [u8; N]> {
    // SAFETY: I4, promised by the caller; I6: the instance and its memories stay where they are.
    let memory = unsafe { &**(*(*vm.ctx).instance).memories.add(usize::from(memory)) };
    let addr = if wide == 0 { u64::from(addr as u32) } else { addr };
    let start = usize::try_from(addr.checked_add(offset)?).ok()?;
    (start.checked_add(N)? <= memory.len).then(|| memory.base.wrapping_add(start).cast())
}

/// Writes the value of `bytes` to `dst` and continues after the op at `vm.ip`, whose fields are a `B`, or traps.
#[inline(always)]
unsafe fn finish_load<M: Machine, B, T: Cell, const N: usize>(
    mut vm: Vm,
    dst: impl Dest,
    bytes: Result<*mut [u8; N], TrapCode>,
    eval: impl Fn([u8; N]) -> T,
) -> M::Out {
    // SAFETY: I7 for the bytes, I3 for `dst`, I1 for the op, all promised by the caller.
    unsafe {
        match bytes {
            Ok(bytes) => dst.put_loaded(&mut vm, eval(*bytes)),
            Err(code) => return M::trap(vm, code),
        }
        vm.advance::<M, B>()
    }
}

#[inline(always)]
pub(crate) unsafe fn load<M: Machine, F: Form2<Imm32, A: Dest, B: Source>, T: Cell, const N: usize>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn([u8; N]) -> T,
) -> M::Out {
    // SAFETY: I1 for the fields; I3 and I5 for the operands, which are cells of the frame of the row's types; I7: the
    // bytes lie in memory 0.
    unsafe {
        let op: Load<F::A, F::B> = vm.fields::<M, _>();
        let bytes = bytes::<N>(&vm, op.addr.get(&vm), op.offset);
        finish_load::<M, Load<F::A, F::B>, _, N>(vm, op.dst, bytes, eval)
    }
}

#[inline(always)]
pub(crate) unsafe fn load_sum<M: Machine, F: Form3<Imm32, A: Dest, B: Source, C: Source>, T: Cell, const N: usize>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn([u8; N]) -> T,
) -> M::Out {
    // SAFETY: I1, I3, I5 and I7 as for `load`.
    unsafe {
        let op: LoadSum<F::A, F::B, F::C> = vm.fields::<M, _>();
        let addr = op.base.get::<u32>(&vm).wrapping_add(op.index.get(&vm));
        let bytes = bytes::<N>(&vm, addr, op.offset);
        finish_load::<M, LoadSum<F::A, F::B, F::C>, _, N>(vm, op.dst, bytes, eval)
    }
}

#[inline(always)]
pub(crate) unsafe fn load_load<M: Machine, F: Form2<Imm32, A: Dest, B: Source>, T: Cell, const N: usize>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn([u8; N]) -> T,
) -> M::Out {
    // SAFETY: I1, I3, I5 and I7 as for `load`.
    unsafe {
        let op: LoadLoad<F::A, F::B> = vm.fields::<M, _>();
        // Not `and_then`: a closure would use the fields as a whole, and they would be read as one integer.
        let addr = match bytes::<4>(&vm, op.addr.get(&vm), op.offset0) {
            Ok(bytes) => u32::from_le_bytes(*bytes),
            Err(code) => return M::trap(vm, code),
        };
        let bytes = bytes::<N>(&vm, addr, op.offset1);
        finish::<M, LoadLoad<F::A, F::B>>(vm, op.dst, bytes.map(|bytes| eval(*bytes)))
    }
}

#[inline(always)]
pub(crate) unsafe fn load_any<M: Machine, F: Form2<Imm32, A: Dest, B: Source>, T: Cell, const N: usize>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn([u8; N]) -> T,
) -> M::Out {
    // SAFETY: as for `load`; I4 for the memory, whose index the validator checked.
    unsafe {
        let op: LoadAny<F::A, F::B> = vm.fields::<M, _>();
        let bytes = bytes_of::<N>(&vm, op.memory, op.wide, op.addr.get(&vm), op.offset.bits());
        let value = bytes.map(|bytes| eval(*bytes)).ok_or(TrapCode::MemoryOutOfBounds);
        finish::<M, LoadAny<F::A, F::B>>(vm, op.dst, value)
    }
}

#[inline(always)]
pub(crate) unsafe fn branch_load<M: Machine, F: Form2<Imm32, A: Dest, B: Source>, const N: usize>(
    _: F,
    _: M,
    mut vm: Vm,
    eval: impl Fn([u8; N]) -> (i32, bool),
) -> M::Out {
    // SAFETY: as for `load`; I2 for the target.
    unsafe {
        let op: BranchLoad<M::Encoding, F::A, F::B> = vm.fields::<M, _>();
        let (value, holds) = match bytes::<N>(&vm, op.addr.get(&vm), op.offset) {
            Ok(bytes) => eval(*bytes),
            Err(code) => return M::trap(vm, code),
        };
        op.dst.put(&mut vm, value);
        // The target is read after the condition, so that there is a branch to predict.
        decide::<M, BranchLoad<M::Encoding, F::A, F::B>, _>(vm, holds, |vm| {
            vm.fields::<M, BranchLoad<M::Encoding, F::A, F::B>>().target
        })
    }
}

#[inline(always)]
pub(crate) unsafe fn store<M: Machine, F: Form2<Imm32, A: Source, B: Source>, T: Cell, const N: usize>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn(T) -> [u8; N],
) -> M::Out {
    // SAFETY: I1, I3, I5 and I7 as for `load`.
    unsafe {
        let op: Store<F::A, F::B> = vm.fields::<M, _>();
        match bytes::<N>(&vm, op.addr.get(&vm), op.offset) {
            Ok(bytes) => bytes.write(eval(op.value.get(&vm))),
            Err(code) => return M::trap(vm, code),
        }
        vm.advance::<M, Store<F::A, F::B>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn store_any<M: Machine, F: Form2<Imm32, A: Source, B: Source>, T: Cell, const N: usize>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn(T) -> [u8; N],
) -> M::Out {
    // SAFETY: I1, I3, I4 and I5 as for `load_any`.
    unsafe {
        let op: StoreAny<F::A, F::B> = vm.fields::<M, _>();
        match bytes_of::<N>(&vm, op.memory, op.wide, op.addr.get(&vm), op.offset.bits()) {
            Some(bytes) => bytes.write(eval(op.value.get(&vm))),
            None => return M::trap(vm, TrapCode::MemoryOutOfBounds),
        }
        vm.advance::<M, StoreAny<F::A, F::B>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn load_store<M: Machine, T: OneCell, S: Source, A: Source, const N: usize>(
    _: M,
    mut vm: Vm,
    op: LoadStore<S, A>,
) -> M::Out {
    // SAFETY: I1, I3, I5 and I7 as for `load`; `T` has `N` bytes.
    unsafe {
        let src = match bytes::<N>(&vm, op.src.get(&vm), op.src_offset) {
            Ok(src) => src.cast::<T>(),
            Err(code) => return M::trap(vm, code),
        };
        // In the accumulator, which is free: there are few registers.
        vm.acc = barrier::held(src.read_unaligned().to_cell());
        let dst = match bytes::<N>(&vm, op.dst.get(&vm), op.dst_offset) {
            Ok(dst) => dst.cast::<T>(),
            Err(code) => return M::trap(vm, code),
        };
        dst.write_unaligned(T::from_cell(vm.acc));
        vm.advance::<M, LoadStore<S, A>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn i32_add_store<M: Machine, A: Source, L: Source, R: Source>(
    _: M,
    mut vm: Vm,
    _: StoreSum<A, L, R>,
) -> M::Out {
    // SAFETY: I1, I3, I5 and I7 as for `load`.
    unsafe {
        let op: StoreSum<A, L, R> = vm.fields::<M, _>();
        let sum = op.lhs.get::<u32>(&vm).wrapping_add(op.rhs.get(&vm));
        // In the accumulator, which is free: there are few registers.
        vm.acc = barrier::held(sum.to_cell());
        match bytes::<4>(&vm, op.addr.get(&vm), op.offset) {
            Ok(bytes) => bytes.write((vm.acc as u32).to_le_bytes()),
            Err(code) => return M::trap(vm, code),
        }
        vm.advance::<M, StoreSum<A, L, R>>()
    }
}
