//! Vectors as values in two cells, and shapes of vector ops that have lanes among their fields.

#![allow(clippy::missing_safety_doc, reason = "handler bodies share one contract: I1 to I8 hold for the op at `vm.ip`")]

#[cfg(vector_register)]
use crate::exec::simd;
use crate::{
    exec::{
        handlers::{access::bytes_of, value::finish},
        machine::{Cell, Dest, Machine, Outcome, Source, Vm},
    },
    ir::{
        form::{Form2, Form3},
        operand::{Imm32, Slot},
        shape::{ExtractLane, LoadLane, ReplaceLane, Shuffle, StoreLane},
    },
    numerics::vector::Vector,
    trap::TrapCode,
};

// Cells need not be aligned as vectors are.
impl Cell for Vector {
    #[inline(always)]
    unsafe fn read(cells: *const u64) -> Self {
        // SAFETY: I3 and I5, promised by the caller.
        unsafe { cells.cast::<Self>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn write(self, cells: *mut u64) {
        // SAFETY: I3, promised by the caller.
        unsafe { cells.cast::<Self>().write_unaligned(self) };
    }
    #[cfg(vector_register)]
    #[inline(always)]
    fn from_acc(vm: &Vm) -> Self {
        simd::vector(vm.vector)
    }
    #[cfg(not(vector_register))]
    #[inline(always)]
    fn from_acc(vm: &Vm) -> Self {
        // SAFETY: I8: nobody else uses the context.
        unsafe { (*vm.ctx).vector }
    }
    #[cfg(vector_register)]
    #[inline(always)]
    fn to_acc(self, vm: &mut Vm) {
        vm.vector = simd::register(self);
    }
    #[cfg(not(vector_register))]
    #[inline(always)]
    fn to_acc(self, vm: &mut Vm) {
        // SAFETY: I8: nobody else uses the context.
        unsafe { (*vm.ctx).vector = self };
    }
    #[inline(always)]
    fn from_imm32(_bits: u32) -> Self {
        Self::default()
    }
    #[inline(always)]
    fn from_imm64(_bits: u64) -> Self {
        Self::default()
    }
}

impl Outcome for Vector {
    type Value = Self;
    #[inline(always)]
    fn outcome(self) -> Result<Self, TrapCode> {
        Ok(self)
    }
}

/// Returns the bytes of a lane of the vector at `slot`, the lowest one first.
///
/// # Safety
///
/// I3: both slots of the vector lie in the frame, and `lane` is the index of one of its lanes of `N` bytes.
#[inline(always)]
pub(super) unsafe fn lane_bytes<const N: usize>(vm: &Vm, slot: Slot, lane: u16) -> [u8; N] {
    // SAFETY: I3, as the caller promises.
    unsafe { *vm.fp.add(usize::from(slot.0)).cast::<[u8; N]>().add(usize::from(lane)) }
}

#[inline(always)]
pub(crate) unsafe fn extract_lane<M: Machine, F: Form2<Imm32, A: Dest, B = Slot>, O: Outcome, const N: usize>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn([u8; N]) -> O,
) -> M::Out {
    // SAFETY: I1 for the fields, among which the validator has checked the lane; I3 for the slots.
    unsafe {
        let op: ExtractLane<F::A, Slot> = vm.fields::<M, _>();
        finish::<M, ExtractLane<F::A, Slot>>(vm, op.dst, eval(lane_bytes(&vm, op.src, op.lane)))
    }
}

#[inline(always)]
pub(crate) unsafe fn replace_lane<M: Machine, F: Form3<Imm32, A: Dest, B: Source, C: Source>, T: Cell>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn(Vector, u8, T) -> Vector,
) -> M::Out {
    // SAFETY: I1 and I3 as for `extract_lane`, I5.
    unsafe {
        let op: ReplaceLane<F::A, F::B, F::C> = vm.fields::<M, _>();
        let value = eval(op.lhs.get(&vm), op.lane as u8, op.rhs.get(&vm));
        finish::<M, ReplaceLane<F::A, F::B, F::C>>(vm, op.dst, value)
    }
}

#[inline(always)]
pub(crate) unsafe fn shuffle<M: Machine, F: Form3<Imm32, A: Dest, B: Source, C: Source>>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn(Vector, Vector, [u8; 16]) -> Vector,
) -> M::Out {
    // SAFETY: I1 and I3 as for `extract_lane`, I5.
    unsafe {
        let op: Shuffle<F::A, F::B, F::C> = vm.fields::<M, _>();
        let lanes = Vector::from_lanes([op.low.bits(), op.high.bits()]).to_bytes();
        let value = eval(op.lhs.get(&vm), op.rhs.get(&vm), lanes);
        finish::<M, Shuffle<F::A, F::B, F::C>>(vm, op.dst, value)
    }
}

#[inline(always)]
pub(crate) unsafe fn load_lane<M: Machine, F: Form3<Imm32, A: Dest, B: Source, C: Source>, const N: usize>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn(Vector, u8, [u8; N]) -> Vector,
) -> M::Out {
    // SAFETY: I1 and I3 as for `extract_lane`, I5; I4 for the memory, whose index the validator checked.
    unsafe {
        let op: LoadLane<F::A, F::B, F::C> = vm.fields::<M, _>();
        let bytes = bytes_of::<N>(&vm, op.memory, op.wide, op.addr.get(&vm), op.offset.bits());
        let value = match bytes {
            Some(bytes) => Ok(eval(op.value.get(&vm), op.lane as u8, *bytes)),
            None => Err(TrapCode::MemoryOutOfBounds),
        };
        finish::<M, LoadLane<F::A, F::B, F::C>>(vm, op.dst, value)
    }
}

#[inline(always)]
pub(crate) unsafe fn store_lane<M: Machine, F: Form2<Imm32, A: Source, B = Slot>, const N: usize>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn([u8; N]) -> [u8; N],
) -> M::Out {
    // SAFETY: I1 and I3 as for `extract_lane`; I4 for the memory, whose index the validator checked.
    unsafe {
        let op: StoreLane<F::A, Slot> = vm.fields::<M, _>();
        match bytes_of::<N>(&vm, op.memory, op.wide, op.addr.get(&vm), op.offset.bits()) {
            Some(bytes) => bytes.write(eval(lane_bytes(&vm, op.value, op.lane))),
            None => return M::trap(vm, TrapCode::MemoryOutOfBounds),
        }
        vm.advance::<M, StoreLane<F::A, Slot>>()
    }
}
