//! One function per shape and form: reads the operands as the form says, applies the semantics
//! of the row, goes on.

#![allow(clippy::missing_safety_doc, reason = "handler bodies share one contract: I1 to I8 hold for the op at `vm.ip`")]

#[cfg(target_pointer_width = "64")]
use crate::exec::barrier;
use crate::{
    exec::{
        handlers::control::Verdict,
        machine::{Cell, Count, Dest, Machine, Outcome, Source, Vm},
    },
    ir::{
        operand::{Encoding, Imm32},
        shape::{
            Binary, BinaryWide, BranchCompare, BranchCompareWide, BranchIf, BranchLoad, BranchStep, Load, LoadAny,
            LoadLoad, LoadSum, Store, StoreAny, Ternary, Unary,
        },
    },
};

macro_rules! result {
    ($M:ty, $vm:ident, $op:ident, $outcome:expr) => {
        match $outcome {
            Ok(value) => $op.dst.put(&mut $vm, value),
            Err(code) => return <$M>::trap($vm, code),
        }
    };
}

#[inline(always)]
unsafe fn unary_body<M: Machine, D: Dest, S: Source, A: Cell, O: Outcome>(mut vm: Vm, eval: impl Fn(A) -> O) -> M::Out {
    // SAFETY: I1, I3, I5.
    unsafe {
        let op: Unary<D, S> = vm.fields::<M, _>();
        result!(M, vm, op, eval(op.src.get(&vm)).outcome());
        vm.ip = vm.after::<M, Unary<D, S>>();
        M::next(vm)
    }
}

#[inline(always)]
unsafe fn binary_body<M: Machine, D: Dest, L: Source, R: Source, A: Cell, B: Cell, O: Outcome>(
    mut vm: Vm,
    eval: impl Fn(A, B) -> O,
) -> M::Out {
    // SAFETY: I1, I3, I5.
    unsafe {
        let op: Binary<D, L, R> = vm.fields::<M, _>();
        result!(M, vm, op, eval(op.lhs.get(&vm), op.rhs.get(&vm)).outcome());
        vm.ip = vm.after::<M, Binary<D, L, R>>();
        M::next(vm)
    }
}

#[inline(always)]
unsafe fn ternary_body<M: Machine, D: Dest, A: Source, B: Source, C: Source, T: Cell, U: Cell, V: Cell, O: Outcome>(
    mut vm: Vm,
    eval: impl Fn(T, U, V) -> O,
) -> M::Out {
    // SAFETY: I1, I3, I5.
    unsafe {
        let op: Ternary<D, A, B, C> = vm.fields::<M, _>();
        result!(M, vm, op, eval(op.a.get(&vm), op.b.get(&vm), op.c.get(&vm)).outcome());
        vm.ip = vm.after::<M, Ternary<D, A, B, C>>();
        M::next(vm)
    }
}

#[inline(always)]
unsafe fn binary_wide_body<M: Machine, D: Dest, L: Source, R: Source, A: Cell, B: Cell, O: Outcome>(
    mut vm: Vm,
    eval: impl Fn(A, B) -> O,
) -> M::Out {
    // SAFETY: I1, I3, I5.
    unsafe {
        let op: BinaryWide<D, L, R> = vm.fields::<M, _>();
        result!(M, vm, op, eval(op.lhs.get(&vm), op.rhs.get(&vm)).outcome());
        vm.ip = vm.after::<M, BinaryWide<D, L, R>>();
        M::next(vm)
    }
}

#[inline(always)]
unsafe fn branch_if_body<M: Machine, C: Source, A: Cell, V: Verdict>(mut vm: Vm, eval: impl Fn(A) -> V) -> M::Out {
    // SAFETY: I1, I2, I3, I5.
    unsafe {
        let op: BranchIf<M::Encoding, C> = vm.fields::<M, _>();
        if eval(op.cond.get(&vm)).holds() {
            vm.ip = M::Encoding::goto(vm.ip, op.target);
            V::land::<M>(vm)
        } else {
            vm.ip = vm.after::<M, BranchIf<M::Encoding, C>>();
            M::next(vm)
        }
    }
}

#[inline(always)]
unsafe fn branch_compare_body<M: Machine, L: Source, R: Source, A: Cell, B: Cell, V: Verdict>(
    mut vm: Vm,
    eval: impl Fn(A, B) -> V,
) -> M::Out {
    // SAFETY: I1, I2, I3, I5.
    unsafe {
        let op: BranchCompare<M::Encoding, L, R> = vm.fields::<M, _>();
        if eval(op.lhs.get(&vm), op.rhs.get(&vm)).holds() {
            vm.ip = M::Encoding::goto(vm.ip, op.target);
            V::land::<M>(vm)
        } else {
            vm.ip = vm.after::<M, BranchCompare<M::Encoding, L, R>>();
            M::next(vm)
        }
    }
}

#[inline(always)]
unsafe fn branch_compare_wide_body<M: Machine, L: Source, R: Source, A: Cell, B: Cell>(
    mut vm: Vm,
    eval: impl Fn(A, B) -> bool,
) -> M::Out {
    // SAFETY: I1, I2, I3, I5.
    unsafe {
        let op: BranchCompareWide<M::Encoding, L, R> = vm.fields::<M, _>();
        if eval(op.lhs.get(&vm), op.rhs.get(&vm)) {
            vm.ip = M::Encoding::goto(vm.ip, op.target);
            M::jump(vm)
        } else {
            vm.ip = vm.after::<M, BranchCompareWide<M::Encoding, L, R>>();
            M::next(vm)
        }
    }
}

#[inline(always)]
unsafe fn branch_step_body<M: Machine, B: Source, R: Source, A: Count, V: Verdict>(
    mut vm: Vm,
    eval: impl Fn(A, A) -> V,
) -> M::Out {
    // SAFETY: I1, I2, I3, I5.
    unsafe {
        let op: BranchStep<M::Encoding, B, R> = vm.fields::<M, _>();
        let sum = op.slot.get::<A>(&vm).plus(op.step.get(&vm));
        op.slot.put(&mut vm, sum);
        if eval(sum, op.rhs.get(&vm)).holds() {
            // Read behind the condition, so that there is a branch to predict.
            let op: BranchStep<M::Encoding, B, R> = vm.fields::<M, _>();
            vm.ip = M::Encoding::goto(vm.ip, op.target);
            V::land::<M>(vm)
        } else {
            vm.ip = vm.after::<M, BranchStep<M::Encoding, B, R>>();
            M::next(vm)
        }
    }
}

/// Start of the `N` bytes at `addr + offset` if they lie in a memory of `len` bytes.
#[inline(always)]
pub(crate) fn in_bounds<const N: usize>(addr: u32, offset: Imm32, len: usize) -> Option<usize> {
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

/// As `in_bounds`, where sums can overflow.
#[cfg(not(target_pointer_width = "64"))]
#[inline(always)]
fn in_bounds_checked<const N: usize>(addr: u32, offset: Imm32, len: usize) -> Option<usize> {
    let start = (addr as usize).checked_add(offset.bits() as usize)?;
    (start.checked_add(N)? <= len).then_some(start)
}

#[inline(always)]
unsafe fn load_body<M: Machine, D: Dest, A: Source, T: Cell, const N: usize>(
    mut vm: Vm,
    eval: impl Fn([u8; N]) -> T,
) -> M::Out {
    // SAFETY: I1, I3, I5; the bytes lie in memory 0 (I7).
    unsafe {
        let op: Load<D, A> = vm.fields::<M, _>();
        let Some(start) = in_bounds::<N>(op.addr.get(&vm), op.offset, vm.mem_len) else {
            return M::trap(vm, crate::trap::TrapCode::MemoryOutOfBounds);
        };
        let value = eval(vm.mem.add(start).cast::<[u8; N]>().read());
        op.dst.put(&mut vm, value);
        vm.ip = vm.after::<M, Load<D, A>>();
        M::next(vm)
    }
}

#[inline(always)]
unsafe fn load_sum_body<M: Machine, D: Dest, A: Source, B: Source, T: Cell, const N: usize>(
    mut vm: Vm,
    eval: impl Fn([u8; N]) -> T,
) -> M::Out {
    // SAFETY: I1, I3, I5; the bytes lie in memory 0 (I7).
    unsafe {
        let op: LoadSum<D, A, B> = vm.fields::<M, _>();
        let addr = op.base.get::<u32>(&vm).wrapping_add(op.index.get(&vm));
        let Some(start) = in_bounds::<N>(addr, op.offset, vm.mem_len) else {
            return M::trap(vm, crate::trap::TrapCode::MemoryOutOfBounds);
        };
        let value = eval(vm.mem.add(start).cast::<[u8; N]>().read());
        op.dst.put(&mut vm, value);
        vm.ip = vm.after::<M, LoadSum<D, A, B>>();
        M::next(vm)
    }
}

#[inline(always)]
unsafe fn load_load_body<M: Machine, D: Dest, A: Source, T: Cell, const N: usize>(
    mut vm: Vm,
    eval: impl Fn([u8; N]) -> T,
) -> M::Out {
    // SAFETY: I1, I3, I5; the bytes lie in memory 0 (I7).
    unsafe {
        let op: LoadLoad<D, A> = vm.fields::<M, _>();
        let Some(start) = in_bounds::<4>(op.addr.get(&vm), op.offset0, vm.mem_len) else {
            return M::trap(vm, crate::trap::TrapCode::MemoryOutOfBounds);
        };
        let addr = u32::from_le_bytes(vm.mem.add(start).cast::<[u8; 4]>().read());
        let Some(start) = in_bounds::<N>(addr, op.offset1, vm.mem_len) else {
            return M::trap(vm, crate::trap::TrapCode::MemoryOutOfBounds);
        };
        let value = eval(vm.mem.add(start).cast::<[u8; N]>().read());
        op.dst.put(&mut vm, value);
        vm.ip = vm.after::<M, LoadLoad<D, A>>();
        M::next(vm)
    }
}

#[inline(always)]
unsafe fn branch_load_body<M: Machine, D: Dest, A: Source, const N: usize>(
    mut vm: Vm,
    eval: impl Fn([u8; N]) -> (i32, bool),
) -> M::Out {
    // SAFETY: I1, I2, I3, I5; the bytes lie in memory 0 (I7).
    unsafe {
        let op: BranchLoad<M::Encoding, D, A> = vm.fields::<M, _>();
        let Some(start) = in_bounds::<N>(op.addr.get(&vm), op.offset, vm.mem_len) else {
            return M::trap(vm, crate::trap::TrapCode::MemoryOutOfBounds);
        };
        let (value, holds) = eval(vm.mem.add(start).cast::<[u8; N]>().read());
        op.dst.put(&mut vm, value);
        if holds {
            // Read behind the condition, so that there is a branch to predict.
            let op: BranchLoad<M::Encoding, D, A> = vm.fields::<M, _>();
            vm.ip = M::Encoding::goto(vm.ip, op.target);
            M::jump(vm)
        } else {
            vm.ip = vm.after::<M, BranchLoad<M::Encoding, D, A>>();
            M::next(vm)
        }
    }
}

#[inline(always)]
unsafe fn store_body<M: Machine, A: Source, V: Source, T: Cell, const N: usize>(
    mut vm: Vm,
    eval: impl Fn(T) -> [u8; N],
) -> M::Out {
    // SAFETY: I1, I3, I5; the bytes lie in memory 0 (I7).
    unsafe {
        let op: Store<A, V> = vm.fields::<M, _>();
        let Some(start) = in_bounds::<N>(op.addr.get(&vm), op.offset, vm.mem_len) else {
            return M::trap(vm, crate::trap::TrapCode::MemoryOutOfBounds);
        };
        vm.mem.add(start).cast::<[u8; N]>().write(eval(op.value.get(&vm)));
        vm.ip = vm.after::<M, Store<A, V>>();
        M::next(vm)
    }
}

/// Address of the `N` bytes at `addr + offset` of memory `memory`.
///
/// # Safety
///
/// I4: the module has that memory.
#[inline(always)]
unsafe fn any_address<const N: usize>(vm: &Vm, memory: u16, wide: u16, addr: u64, offset: u64) -> Option<*mut u8> {
    // SAFETY: I4, I6.
    let memory = unsafe { &**(*(*vm.ctx).instance).memories.add(usize::from(memory)) };
    let addr = if wide == 0 { u64::from(addr as u32) } else { addr };
    let start = usize::try_from(addr.checked_add(offset)?).ok()?;
    (start.checked_add(N)? <= memory.len).then(|| memory.base.wrapping_add(start))
}

#[inline(always)]
unsafe fn load_any_body<M: Machine, D: Dest, A: Source, T: Cell, const N: usize>(
    mut vm: Vm,
    eval: impl Fn([u8; N]) -> T,
) -> M::Out {
    // SAFETY: I1, I3, I4, I5; the bytes lie in the memory.
    unsafe {
        let op: LoadAny<D, A> = vm.fields::<M, _>();
        let Some(bytes) = any_address::<N>(&vm, op.memory, op.wide, op.addr.get(&vm), op.offset.bits()) else {
            return M::trap(vm, crate::trap::TrapCode::MemoryOutOfBounds);
        };
        let value = eval(bytes.cast::<[u8; N]>().read());
        op.dst.put(&mut vm, value);
        vm.ip = vm.after::<M, LoadAny<D, A>>();
        M::next(vm)
    }
}

#[inline(always)]
unsafe fn store_any_body<M: Machine, A: Source, V: Source, T: Cell, const N: usize>(
    mut vm: Vm,
    eval: impl Fn(T) -> [u8; N],
) -> M::Out {
    // SAFETY: I1, I3, I4, I5; the bytes lie in the memory.
    unsafe {
        let op: StoreAny<A, V> = vm.fields::<M, _>();
        let Some(bytes) = any_address::<N>(&vm, op.memory, op.wide, op.addr.get(&vm), op.offset.bits()) else {
            return M::trap(vm, crate::trap::TrapCode::MemoryOutOfBounds);
        };
        bytes.cast::<[u8; N]>().write(eval(op.value.get(&vm)));
        vm.ip = vm.after::<M, StoreAny<A, V>>();
        M::next(vm)
    }
}

macro_rules! value_form {
    ($form:ident = $body:ident [$($gen:tt)*] [$($infer:tt)*] ($eval:ty) $($arg:ty),+) => {
        #[inline(always)]
        pub(crate) unsafe fn $form<M: Machine, $($gen)*>(_: M, vm: Vm, eval: $eval) -> M::Out {
            // SAFETY: the contract of handler bodies.
            unsafe { $body::<M, $($arg,)+ $($infer)*>(vm, eval) }
        }
    };
}

macro_rules! value_forms {
    ($shape:ident = $body:ident $gen:tt $infer:tt $eval:tt; $($form:ident: $($arg:ty),+;)*) => {
        #[doc = concat!("Forms of the shape `", stringify!($shape), "`.")]
        #[allow(dead_code, unused_imports, reason = "a form that no row lists stays unused")]
        pub(crate) mod $shape {
            use crate::{
                exec::{handlers::{control::Verdict, shapes::$body}, machine::{Cell, Count, Machine, Outcome, Vm}},
                ir::operand::{Acc, Imm32, Imm64, Slot},
            };
            $( value_form! { $form = $body $gen $infer $eval $($arg),+ } )*
        }
    };
}

macro_rules! op_forms {
    ($shape:ident; $($form:ident: $fields:ty;)*) => {
        #[doc = concat!("Forms of the shape `", stringify!($shape), "`.")]
        #[allow(dead_code, unused_imports, reason = "a form that no row lists stays unused")]
        pub(crate) mod $shape {
            use crate::{
                exec::machine::{Machine, Vm},
                ir::{operand::{Acc, Imm32, Imm64, Slot}, shape},
            };
            $(
                #[inline(always)]
                pub(crate) unsafe fn $form<M: Machine>(m: M, vm: Vm, body: unsafe fn(M, Vm, $fields) -> M::Out) -> M::Out {
                    // SAFETY: the contract of handler bodies.
                    unsafe { body(m, vm, vm.fields::<M, $fields>()) }
                }
            )*
        }
    };
}

value_forms! { unary = unary_body [A: Cell, O: Outcome] [A, O] (impl Fn(A) -> O);
    rr: Acc, Acc;
    rs: Acc, Slot;
    ri: Acc, Imm32;
    sr: Slot, Acc;
    ss: Slot, Slot;
    si: Slot, Imm32;
}
value_forms! { binary = binary_body [A: Cell, B: Cell, O: Outcome] [A, B, O] (impl Fn(A, B) -> O);
    rrr: Acc, Acc, Acc;
    rrs: Acc, Acc, Slot;
    rri: Acc, Acc, Imm32;
    rsr: Acc, Slot, Acc;
    rss: Acc, Slot, Slot;
    rsi: Acc, Slot, Imm32;
    rir: Acc, Imm32, Acc;
    ris: Acc, Imm32, Slot;
    rii: Acc, Imm32, Imm32;
    srr: Slot, Acc, Acc;
    srs: Slot, Acc, Slot;
    sri: Slot, Acc, Imm32;
    ssr: Slot, Slot, Acc;
    sss: Slot, Slot, Slot;
    ssi: Slot, Slot, Imm32;
    sir: Slot, Imm32, Acc;
    sis: Slot, Imm32, Slot;
    sii: Slot, Imm32, Imm32;
}
value_forms! { ternary = ternary_body [A: Cell, B: Cell, C: Cell, O: Outcome] [A, B, C, O] (impl Fn(A, B, C) -> O);
    rrss: Acc, Acc, Slot, Slot;
    rrsi: Acc, Acc, Slot, Imm32;
    rris: Acc, Acc, Imm32, Slot;
    rrii: Acc, Acc, Imm32, Imm32;
    rrrs: Acc, Acc, Acc, Slot;
    rrir: Acc, Acc, Imm32, Acc;
    rssr: Acc, Slot, Slot, Acc;
    rsss: Acc, Slot, Slot, Slot;
    rssi: Acc, Slot, Slot, Imm32;
    rsir: Acc, Slot, Imm32, Acc;
    rsis: Acc, Slot, Imm32, Slot;
    rsii: Acc, Slot, Imm32, Imm32;
    srrs: Slot, Acc, Acc, Slot;
    srir: Slot, Acc, Imm32, Acc;
    srss: Slot, Acc, Slot, Slot;
    srsi: Slot, Acc, Slot, Imm32;
    sris: Slot, Acc, Imm32, Slot;
    srii: Slot, Acc, Imm32, Imm32;
    sssr: Slot, Slot, Slot, Acc;
    ssss: Slot, Slot, Slot, Slot;
    sssi: Slot, Slot, Slot, Imm32;
    ssir: Slot, Slot, Imm32, Acc;
    ssis: Slot, Slot, Imm32, Slot;
    ssii: Slot, Slot, Imm32, Imm32;
}
value_forms! { binary_wide = binary_wide_body [A: Cell, B: Cell, O: Outcome] [A, B, O] (impl Fn(A, B) -> O);
    rrr: Acc, Acc, Acc;
    rrs: Acc, Acc, Slot;
    rri: Acc, Acc, Imm64;
    rsr: Acc, Slot, Acc;
    rss: Acc, Slot, Slot;
    rsi: Acc, Slot, Imm64;
    rir: Acc, Imm64, Acc;
    ris: Acc, Imm64, Slot;
    rii: Acc, Imm64, Imm64;
    srr: Slot, Acc, Acc;
    srs: Slot, Acc, Slot;
    sri: Slot, Acc, Imm64;
    ssr: Slot, Slot, Acc;
    sss: Slot, Slot, Slot;
    ssi: Slot, Slot, Imm64;
    sir: Slot, Imm64, Acc;
    sis: Slot, Imm64, Slot;
    sii: Slot, Imm64, Imm64;
}
value_forms! { branch_step = branch_step_body [A: Count, V: Verdict] [A, V] (impl Fn(A, A) -> V);
    ss: Slot, Slot;
    si: Slot, Imm32;
    is: Imm32, Slot;
    ii: Imm32, Imm32;
}
value_forms! { branch_if = branch_if_body [A: Cell, V: Verdict] [A, V] (impl Fn(A) -> V);
    r: Acc;
    s: Slot;
    i: Imm32;
}
value_forms! { branch_compare = branch_compare_body [A: Cell, B: Cell, V: Verdict] [A, B, V] (impl Fn(A, B) -> V);
    rr: Acc, Acc;
    rs: Acc, Slot;
    ri: Acc, Imm32;
    sr: Slot, Acc;
    ss: Slot, Slot;
    si: Slot, Imm32;
    ir: Imm32, Acc;
    is: Imm32, Slot;
    ii: Imm32, Imm32;
}
value_forms! { branch_compare_wide = branch_compare_wide_body [A: Cell, B: Cell] [A, B] (impl Fn(A, B) -> bool);
    rr: Acc, Acc;
    rs: Acc, Slot;
    ri: Acc, Imm64;
    sr: Slot, Acc;
    ss: Slot, Slot;
    si: Slot, Imm64;
    ir: Imm64, Acc;
    is: Imm64, Slot;
    ii: Imm64, Imm64;
}
value_forms! { load = load_body [T: Cell, const N: usize] [T, N] (impl Fn([u8; N]) -> T);
    rr: Acc, Acc;
    rs: Acc, Slot;
    ri: Acc, Imm32;
    sr: Slot, Acc;
    ss: Slot, Slot;
    si: Slot, Imm32;
}
value_forms! { load_sum = load_sum_body [T: Cell, const N: usize] [T, N] (impl Fn([u8; N]) -> T);
    rrs: Acc, Acc, Slot;
    rri: Acc, Acc, Imm32;
    rss: Acc, Slot, Slot;
    rsi: Acc, Slot, Imm32;
    srs: Slot, Acc, Slot;
    sri: Slot, Acc, Imm32;
    sss: Slot, Slot, Slot;
    ssi: Slot, Slot, Imm32;
}
value_forms! { load_load = load_load_body [T: Cell, const N: usize] [T, N] (impl Fn([u8; N]) -> T);
    rr: Acc, Acc;
    rs: Acc, Slot;
    sr: Slot, Acc;
    ss: Slot, Slot;
}
value_forms! { branch_load = branch_load_body [const N: usize] [N] (impl Fn([u8; N]) -> (i32, bool));
    rr: Acc, Acc;
    rs: Acc, Slot;
    sr: Slot, Acc;
    ss: Slot, Slot;
}
value_forms! { load_any = load_any_body [T: Cell, const N: usize] [T, N] (impl Fn([u8; N]) -> T);
    rr: Acc, Acc;
    rs: Acc, Slot;
    ri: Acc, Imm32;
    sr: Slot, Acc;
    ss: Slot, Slot;
    si: Slot, Imm32;
}
value_forms! { store = store_body [T: Cell, const N: usize] [T, N] (impl Fn(T) -> [u8; N]);
    rr: Acc, Acc;
    rs: Acc, Slot;
    ri: Acc, Imm32;
    sr: Slot, Acc;
    ss: Slot, Slot;
    si: Slot, Imm32;
    ir: Imm32, Acc;
    is: Imm32, Slot;
    ii: Imm32, Imm32;
}
value_forms! { store_any = store_any_body [T: Cell, const N: usize] [T, N] (impl Fn(T) -> [u8; N]);
    rr: Acc, Acc;
    rs: Acc, Slot;
    ri: Acc, Imm32;
    sr: Slot, Acc;
    ss: Slot, Slot;
    si: Slot, Imm32;
    ir: Imm32, Acc;
    is: Imm32, Slot;
    ii: Imm32, Imm32;
}
op_forms! { trap;
    x: shape::Trap;
}
op_forms! { nullary;
    x: shape::Nullary;
}
op_forms! { fuel;
    x: shape::Fuel;
}
op_forms! { enter;
    x: shape::Enter;
}
op_forms! { branch;
    x: shape::Branch<M::Encoding>;
}
op_forms! { branch_copy;
    r: shape::BranchCopy<M::Encoding, Acc>;
    s: shape::BranchCopy<M::Encoding, Slot>;
    i: shape::BranchCopy<M::Encoding, Imm32>;
}
op_forms! { copy_pair;
    srss: shape::CopyPair<Slot, Acc, Slot, Slot>;
    srsi: shape::CopyPair<Slot, Acc, Slot, Imm32>;
    sssr: shape::CopyPair<Slot, Slot, Slot, Acc>;
    ssss: shape::CopyPair<Slot, Slot, Slot, Slot>;
    sssi: shape::CopyPair<Slot, Slot, Slot, Imm32>;
    sisr: shape::CopyPair<Slot, Imm32, Slot, Acc>;
    siss: shape::CopyPair<Slot, Imm32, Slot, Slot>;
    sisi: shape::CopyPair<Slot, Imm32, Slot, Imm32>;
}
op_forms! { add_pair;
    ss: shape::AddPair<Slot, Slot>;
    si: shape::AddPair<Slot, Imm32>;
    is: shape::AddPair<Imm32, Slot>;
    ii: shape::AddPair<Imm32, Imm32>;
}
op_forms! { copy_span;
    x: shape::CopySpan;
}
op_forms! { index;
    x: shape::Index;
}
op_forms! { span;
    x: shape::Span;
}
op_forms! { bulk;
    x: shape::Bulk;
}
/// Forms of the shape `call`, whose body reads the fields itself.
pub(crate) mod call {
    use crate::{
        exec::machine::{Machine, Vm},
        ir::shape::{self, Op},
    };

    #[inline(always)]
    pub(crate) unsafe fn x<M: Machine>(
        m: M,
        vm: Vm,
        body: unsafe fn(M, Vm, *const shape::Call<M::Encoding>) -> M::Out,
    ) -> M::Out {
        // SAFETY: the contract of handler bodies.
        unsafe { body(m, vm, &raw const (*vm.ip.cast::<Op<M::Encoding, shape::Call<M::Encoding>>>()).body) }
    }
}
op_forms! { call_import;
    x: shape::CallImport;
}
op_forms! { return_call;
    x: shape::ReturnCall<M::Encoding>;
}
op_forms! { return_call_import;
    x: shape::ReturnCallImport;
}
op_forms! { ret;
    x: shape::Ret;
}
op_forms! { branch_table;
    r: shape::BranchTable<Acc>;
    s: shape::BranchTable<Slot>;
    i: shape::BranchTable<Imm32>;
}
op_forms! { load_store;
    rs: shape::LoadStore<Acc, Slot>;
    ss: shape::LoadStore<Slot, Slot>;
}
op_forms! { store_sum;
    srs: shape::StoreSum<Slot, Acc, Slot>;
    sri: shape::StoreSum<Slot, Acc, Imm32>;
    sss: shape::StoreSum<Slot, Slot, Slot>;
    ssi: shape::StoreSum<Slot, Slot, Imm32>;
}
op_forms! { branch_table_sum;
    r: shape::BranchTableSum<Acc>;
    s: shape::BranchTableSum<Slot>;
}
op_forms! { copy;
    rr: shape::Copy2<Acc, Acc>;
    rs: shape::Copy2<Acc, Slot>;
    ri: shape::Copy2<Acc, Imm32>;
    sr: shape::Copy2<Slot, Acc>;
    ss: shape::Copy2<Slot, Slot>;
    si: shape::Copy2<Slot, Imm32>;
}
op_forms! { constant;
    r: shape::Constant<Acc>;
    s: shape::Constant<Slot>;
}
op_forms! { select;
    rrss: shape::Select<Acc, Acc, Slot, Slot>;
    rrsi: shape::Select<Acc, Acc, Slot, Imm32>;
    rris: shape::Select<Acc, Acc, Imm32, Slot>;
    rrii: shape::Select<Acc, Acc, Imm32, Imm32>;
    rsss: shape::Select<Acc, Slot, Slot, Slot>;
    rssi: shape::Select<Acc, Slot, Slot, Imm32>;
    rsis: shape::Select<Acc, Slot, Imm32, Slot>;
    rsii: shape::Select<Acc, Slot, Imm32, Imm32>;
    srss: shape::Select<Slot, Acc, Slot, Slot>;
    srsi: shape::Select<Slot, Acc, Slot, Imm32>;
    sris: shape::Select<Slot, Acc, Imm32, Slot>;
    srii: shape::Select<Slot, Acc, Imm32, Imm32>;
    ssss: shape::Select<Slot, Slot, Slot, Slot>;
    sssi: shape::Select<Slot, Slot, Slot, Imm32>;
    ssis: shape::Select<Slot, Slot, Imm32, Slot>;
    ssii: shape::Select<Slot, Slot, Imm32, Imm32>;
}
op_forms! { indexed;
    r: shape::Indexed<Acc>;
    s: shape::Indexed<Slot>;
    i: shape::Indexed<Imm32>;
}
op_forms! { indexed_sum;
    r: shape::IndexedSum<Acc>;
    s: shape::IndexedSum<Slot>;
}
op_forms! { set_global_sum;
    r: shape::SetGlobalSum<Acc>;
    s: shape::SetGlobalSum<Slot>;
}
op_forms! { indexed_pair;
    rr: shape::IndexedPair<Acc, Acc>;
    rs: shape::IndexedPair<Acc, Slot>;
    ri: shape::IndexedPair<Acc, Imm32>;
    sr: shape::IndexedPair<Slot, Acc>;
    ss: shape::IndexedPair<Slot, Slot>;
    si: shape::IndexedPair<Slot, Imm32>;
    ir: shape::IndexedPair<Imm32, Acc>;
    is: shape::IndexedPair<Imm32, Slot>;
    ii: shape::IndexedPair<Imm32, Imm32>;
}
op_forms! { call_indirect;
    r: shape::CallIndirect<Acc>;
    s: shape::CallIndirect<Slot>;
    i: shape::CallIndirect<Imm32>;
}
op_forms! { return_call_indirect;
    r: shape::ReturnCallIndirect<Acc>;
    s: shape::ReturnCallIndirect<Slot>;
    i: shape::ReturnCallIndirect<Imm32>;
}
op_forms! { ret_value;
    r: shape::RetValue<Acc>;
    s: shape::RetValue<Slot>;
    i: shape::RetValue<Imm64>;
}
op_forms! { ret_value_at;
    r: shape::RetValueAt<Acc>;
    s: shape::RetValueAt<Slot>;
    i: shape::RetValueAt<Imm64>;
}
