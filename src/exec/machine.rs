//! The registers of the virtual machine, operand access, and the interface of dispatchers.
//!
//! A handler body takes the registers as a [`Vm`] by value. It ends by asking its [`Machine`] to continue with the
//! next op, to jump, or to leave. It knows neither loop nor tail call.

#[cfg(vector_register)]
use crate::exec::simd;
#[cfg(feature = "simd")]
use crate::numerics::vector::Vector;
use crate::{
    error::Error,
    exec::{barrier, host::HostRef, stack::Switch},
    ir::{
        operand::{Acc, Encoding, Imm32, Imm64, Slot},
        shape::Op,
    },
    runtime::{code::FuncEntry, instance::InstanceInst, meter::Price},
    trap::TrapCode,
};
use alloc::vec::Vec;

/// The registers of the virtual machine. Each lives in a machine register while code runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Vm {
    /// Instruction pointer: the op being executed.
    pub(crate) ip: *const u8,
    /// Frame pointer: slot 0 of the current frame.
    pub(crate) fp: *mut u64,
    /// First byte of memory 0 of the current instance.
    pub(crate) mem: *mut u8,
    /// Length of memory 0 in bytes.
    pub(crate) mem_len: usize,
    /// Accumulator for integers and references.
    pub(crate) acc: u64,
    /// Everything that handlers need less often.
    pub(crate) ctx: *mut Context,
    /// Accumulator for f64.
    pub(crate) f64: f64,
    /// Accumulator for f32.
    pub(crate) f32: f32,
    /// Accumulator for vectors. Targets without registers for them have it in the context.
    #[cfg(vector_register)]
    pub(crate) vector: simd::Register,
}

/// The reason why the machine was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Exit {
    /// The outermost frame returned.
    Halt = 0,
    /// A trap, whose code is `Context::trap`.
    Trap = 1,
    /// `Context::error` holds an error of the host or of a lazily translated function.
    Error = 2,
    /// The fuel does not suffice for the op at `ip`, which has had no effect.
    OutOfFuel = 3,
    /// The `throw` at `ip` throws an exception.
    #[cfg(feature = "exceptions")]
    Throw = 4,
    /// The `throw_ref` at `ip` throws the exception that the accumulator refers to.
    #[cfg(feature = "exceptions")]
    ThrowRef = 5,
    /// The code yields before the op at `ip`, which has had no effect. No handler leaves by this.
    Yield = 6,
}

/// The state that handlers need besides the registers.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Context {
    /// One past the last cell of the value stack.
    pub(crate) limit: *mut u64,
    /// The instance whose code runs.
    pub(crate) instance: *const InstanceInst,
    /// Cells of the globals that instance defines.
    pub(crate) globals: *mut u64,
    /// The remaining fuel. Written back to the store around calls that leave the machine.
    pub(crate) fuel: u64,
    /// The fuel that the op that ran out of it needs.
    pub(crate) required: u64,
    /// The price of work that depends on an amount.
    pub(crate) price: Price,
    /// The store, and the functions that reach the host.
    pub(crate) host: HostRef,
    /// Instance switches to undo, innermost last.
    pub(crate) switches: *mut Vec<Switch>,
    /// `Stack::top` of the running stack: the first cell that a nested call may use.
    pub(crate) top: *mut usize,
    /// First cell of the value stack.
    pub(crate) stack_base: *mut u64,
    /// The op that undoes an instance switch.
    pub(crate) restore: *const u8,
    /// The registers, saved when the machine is left; `ip` and `fp` also when the host is called.
    pub(crate) ip: *const u8,
    pub(crate) fp: *mut u64,
    pub(crate) acc: u64,
    pub(crate) f64: f64,
    pub(crate) f32: f32,
    #[cfg(feature = "simd")]
    pub(crate) vector: Vector,
    /// The exit that a slow path of the loop-switch decided on.
    pub(crate) exit: u64,
    /// The details of the exit.
    pub(crate) trap: TrapCode,
    pub(crate) error: Option<Error>,
    /// After `Exit::Error` from a host function: where its results belong.
    pub(crate) results: *mut u64,
    /// After `Exit::Error` from a host function: its index in the store.
    pub(crate) host_func: Option<u32>,
    /// The invocation around this one.
    pub(crate) outer: Outer,
}

/// The invocation whose host function began another one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outer {
    /// Its context, in which `ip` and `fp` are those that the host function returns to; null if there is none (I9).
    pub(crate) context: *const Context,
    /// Number of instance switches that were pending on its stack.
    pub(crate) switches: usize,
}

/// A dispatcher: how a handler body continues.
pub(crate) trait Machine: Copy {
    /// The encoding it runs.
    type Encoding: Encoding;
    /// The return type of handlers.
    type Out;

    /// Whether charged branches execute the `consume_fuel` at their target and land after it. Otherwise they land on
    /// it.
    const CHARGES: bool;

    /// Continues with the op at `vm.ip`.
    ///
    /// # Safety
    ///
    /// I1: `vm.ip` is the start of an op of code in this machine's encoding.
    unsafe fn next(vm: Vm) -> Self::Out;

    /// Continues with the op at `vm.ip` on the taken side of a conditional branch. That side has a dispatch of its
    /// own, so that the instruction pointer does not wait for the condition.
    ///
    /// # Safety
    ///
    /// The same as for `next`.
    unsafe fn jump(vm: Vm) -> Self::Out;

    /// Leaves with a trap at the op at `vm.ip`.
    ///
    /// # Safety
    ///
    /// I8: `vm.ctx` is the context of the running machine.
    unsafe fn trap(vm: Vm, code: TrapCode) -> Self::Out;

    /// Leaves with the [`Exit`] whose number is `EXIT`.
    ///
    /// # Safety
    ///
    /// The same as for `trap`.
    unsafe fn exit<const EXIT: u64>(vm: Vm) -> Self::Out;

    /// Continues with a body that is kept out of line, so that the hot handler needs no stack frame for it.
    ///
    /// # Safety
    ///
    /// The same as for the body.
    unsafe fn cold<C: Cold>(vm: Vm) -> Self::Out;

    /// Returns the entry of the function that a direct call enters.
    ///
    /// # Safety
    ///
    /// I4: `callee` is a field in code of the current instance.
    unsafe fn callee(vm: &Vm, callee: <Self::Encoding as Encoding>::Callee) -> *const FuncEntry;

    /// Returns the code that the direct call with its callee at `callee` enters, and the length of the frame there.
    ///
    /// # Safety
    ///
    /// I1, I4: `callee` is the field of a `call` in code of the current instance.
    unsafe fn direct(vm: &mut Vm, callee: *const <Self::Encoding as Encoding>::Callee) -> (*const u8, usize);
}

/// A handler body that is kept out of the hot handlers. It reads its operands from the op at `vm.ip` again.
pub(crate) trait Cold {
    /// Runs the body.
    ///
    /// # Safety
    ///
    /// The same as for a handler of the op at `vm.ip`.
    unsafe fn run<M: Machine>(vm: Vm) -> M::Out;
}

/// A value that has cells of a frame and an accumulator class.
///
/// Cells are read and written through pointers, so that a value may have more than one of them.
pub(crate) trait Cell: Copy {
    /// Reads the value from the cells at `cells`.
    ///
    /// # Safety
    ///
    /// I3: the value's cells lie in a frame. I5: they hold such a value.
    unsafe fn read(cells: *const u64) -> Self;
    /// Writes the value to the cells at `cells`.
    ///
    /// # Safety
    ///
    /// I3: the value's cells lie in a frame.
    unsafe fn write(self, cells: *mut u64);
    /// Passes a loaded value that goes to a cell and to the accumulator through an integer register, where that is faster:
    /// for f64, by 3 % in matrix products.
    #[inline(always)]
    fn through_integer(self) -> Self {
        self
    }
    /// Reads the value from the accumulator of its class.
    fn from_acc(vm: &Vm) -> Self;
    /// Writes the value to the accumulator of its class.
    fn to_acc(self, vm: &mut Vm);
    /// Returns the value of a 32-bit immediate.
    fn from_imm32(bits: u32) -> Self;
    /// Returns the value of a 64-bit immediate.
    fn from_imm64(bits: u64) -> Self;
}

/// A value with one cell.
pub(crate) trait OneCell: Cell {
    /// Returns the value that a cell holds.
    fn from_cell(cell: u64) -> Self;
    /// Returns the cell that holds the value.
    fn to_cell(self) -> u64;
}

/// The functions of [`Cell`] that a value has because it has one cell.
macro_rules! one_cell {
    () => {
        #[inline(always)]
        unsafe fn read(cells: *const u64) -> Self {
            // SAFETY: I3, promised by the caller.
            Self::from_cell(unsafe { *cells })
        }
        #[inline(always)]
        unsafe fn write(self, cells: *mut u64) {
            // SAFETY: I3, promised by the caller.
            unsafe { *cells = self.to_cell() };
        }
        #[inline(always)]
        fn from_imm64(bits: u64) -> Self {
            Self::from_cell(bits)
        }
    };
}

macro_rules! integer_cells {
    ($($ty:ty, |$c:ident| $from:expr, |$v:ident| $to:expr, |$i:ident| $imm:expr;)*) => { $(
        impl OneCell for $ty {
            #[inline(always)]
            fn from_cell($c: u64) -> Self { $from }
            #[inline(always)]
            fn to_cell(self) -> u64 { let $v = self; $to }
        }
        impl Cell for $ty {
            one_cell!();
            #[inline(always)]
            fn from_acc(vm: &Vm) -> Self { Self::from_cell(vm.acc) }
            #[inline(always)]
            fn to_acc(self, vm: &mut Vm) { vm.acc = self.to_cell(); }
            #[inline(always)]
            fn from_imm32($i: u32) -> Self { $imm }
        } )*
    };
}

// 32-bit values are stored zero-extended, although readers ignore the upper half.
integer_cells! {
    i32, |c| c as i32, |v| u64::from(v.cast_unsigned()), |i| i.cast_signed();
    u32, |c| c as u32, |v| u64::from(v), |i| i;
    i64, |c| c.cast_signed(), |v| v.cast_unsigned(), |i| i64::from(i.cast_signed());
    u64, |c| c, |v| v, |i| i64::from(i.cast_signed()).cast_unsigned();
}

impl OneCell for f32 {
    #[inline(always)]
    fn from_cell(cell: u64) -> Self {
        Self::from_bits(cell as u32)
    }
    #[inline(always)]
    fn to_cell(self) -> u64 {
        u64::from(self.to_bits())
    }
}

impl Cell for f32 {
    one_cell!();
    #[inline(always)]
    fn from_acc(vm: &Vm) -> Self {
        barrier::read_f32(vm.f32)
    }
    #[inline(always)]
    fn to_acc(self, vm: &mut Vm) {
        vm.f32 = self;
    }
    #[inline(always)]
    fn from_imm32(bits: u32) -> Self {
        Self::from_bits(bits)
    }
}

impl OneCell for f64 {
    #[inline(always)]
    fn from_cell(cell: u64) -> Self {
        Self::from_bits(cell)
    }
    #[inline(always)]
    fn to_cell(self) -> u64 {
        self.to_bits()
    }
}

impl Cell for f64 {
    one_cell!();
    #[inline(always)]
    fn through_integer(self) -> Self {
        Self::from_bits(barrier::held(self.to_bits()))
    }
    #[inline(always)]
    fn from_acc(vm: &Vm) -> Self {
        barrier::read_f64(vm.f64)
    }
    #[inline(always)]
    fn to_acc(self, vm: &mut Vm) {
        vm.f64 = self;
    }
    #[inline(always)]
    fn from_imm32(bits: u32) -> Self {
        // The translator encodes f64 immediates with 64 bits; the only 32-bit one is 0.
        Self::from_bits(u64::from(bits))
    }
}

/// An integer that loop counters may be.
pub(crate) trait Count: Cell {
    /// Returns the wrapping sum.
    fn plus(self, by: Self) -> Self;
}

macro_rules! counts {
    ($($ty:ty)*) => { $(
        impl Count for $ty {
            #[inline(always)]
            fn plus(self, by: Self) -> Self { self.wrapping_add(by) }
        } )*
    };
}
counts! { i32 u32 i64 u64 }

/// An operand that can be read.
pub(crate) trait Source: Copy {
    /// Returns the value of the operand.
    ///
    /// # Safety
    ///
    /// I3: the slot lies in the current frame. I5: the cell holds a `T`.
    unsafe fn get<T: Cell>(self, vm: &Vm) -> T;
}

/// An operand that can be written.
#[diagnostic::on_unimplemented(message = "the form writes its result to an immediate, `{Self}`")]
pub(crate) trait Dest: Copy {
    /// Writes the result: to the accumulator, or to a slot and the accumulator.
    ///
    /// # Safety
    ///
    /// I3: the slot lies in the current frame.
    unsafe fn put<T: Cell>(self, vm: &mut Vm, value: T);
    /// Writes a result that was just loaded, as `put` does.
    ///
    /// # Safety
    ///
    /// The same as for `put`.
    #[inline(always)]
    unsafe fn put_loaded<T: Cell>(self, vm: &mut Vm, value: T) {
        // SAFETY: I3, promised by the caller.
        unsafe { self.put(vm, value) };
    }
    /// Writes to this operand alone.
    ///
    /// # Safety
    ///
    /// The same as for `put`.
    unsafe fn put_only<T: Cell>(self, vm: &mut Vm, value: T);
}

impl Source for Acc {
    #[inline(always)]
    unsafe fn get<T: Cell>(self, vm: &Vm) -> T {
        T::from_acc(vm)
    }
}

impl Source for Slot {
    #[inline(always)]
    unsafe fn get<T: Cell>(self, vm: &Vm) -> T {
        vm.check_slot(self, size_of::<T>());
        // SAFETY: I3: the caller promises that the slot lies in the frame.
        unsafe { T::read(vm.fp.add(usize::from(self.0))) }
    }
}

impl Source for Imm32 {
    #[inline(always)]
    unsafe fn get<T: Cell>(self, _vm: &Vm) -> T {
        T::from_imm32(self.bits())
    }
}

impl Source for Imm64 {
    #[inline(always)]
    unsafe fn get<T: Cell>(self, _vm: &Vm) -> T {
        T::from_imm64(self.bits())
    }
}

impl Dest for Acc {
    #[inline(always)]
    unsafe fn put<T: Cell>(self, vm: &mut Vm, value: T) {
        value.to_acc(vm);
    }
    #[inline(always)]
    unsafe fn put_only<T: Cell>(self, vm: &mut Vm, value: T) {
        value.to_acc(vm);
    }
}

impl Dest for Slot {
    #[inline(always)]
    unsafe fn put<T: Cell>(self, vm: &mut Vm, value: T) {
        vm.check_slot(self, size_of::<T>());
        // SAFETY: I3: the caller promises that the slot lies in the frame.
        unsafe { value.write(vm.fp.add(usize::from(self.0))) };
        value.to_acc(vm);
    }
    #[inline(always)]
    unsafe fn put_loaded<T: Cell>(self, vm: &mut Vm, value: T) {
        // SAFETY: I3: the caller promises that the slot lies in the frame.
        unsafe { self.put(vm, value.through_integer()) };
    }
    #[inline(always)]
    unsafe fn put_only<T: Cell>(self, vm: &mut Vm, value: T) {
        vm.check_slot(self, size_of::<T>());
        // SAFETY: I3: the caller promises that the slot lies in the frame.
        unsafe { value.write(vm.fp.add(usize::from(self.0))) };
    }
}

/// The result of the semantics of a value op: a value or a trap.
pub(crate) trait Outcome {
    /// The type of the value.
    type Value: Cell;
    /// Returns the value or the trap.
    fn outcome(self) -> Result<Self::Value, TrapCode>;
}

macro_rules! outcomes {
    ($($ty:ty),*) => { $(
        impl Outcome for $ty {
            type Value = $ty;
            #[inline(always)]
            fn outcome(self) -> Result<$ty, TrapCode> { Ok(self) }
        } )*
    };
}
outcomes!(i32, i64, f32, f64);

impl<T: Cell> Outcome for Result<T, TrapCode> {
    type Value = T;
    #[inline(always)]
    fn outcome(self) -> Self {
        self
    }
}

impl Outcome for bool {
    type Value = i32;
    #[inline(always)]
    fn outcome(self) -> Result<i32, TrapCode> {
        Ok(i32::from(self))
    }
}

impl Vm {
    /// Returns the same registers, and tells the compiler that they were just written ([`barrier::just_written`]).
    #[cfg_attr(not(all(tail_dispatch, target_arch = "x86_64")), expect(unused_mut, reason = "nothing to do"))]
    #[inline(always)]
    pub(crate) fn just_written(mut self) -> Self {
        #[cfg(all(tail_dispatch, target_arch = "x86_64"))]
        barrier::just_written(&mut self.acc, &mut self.f64, &mut self.f32);
        self
    }

    /// Returns the registers that are saved in the context.
    ///
    /// # Safety
    ///
    /// I8: `ctx` is the context of a machine that was left, and nobody else uses it.
    #[inline(always)]
    pub(crate) unsafe fn restored(ctx: *mut Context) -> Self {
        // SAFETY: I8, promised by the caller.
        let context = unsafe { &*ctx };
        let mut vm = Self {
            ip: context.ip,
            fp: context.fp,
            mem: core::ptr::null_mut(),
            mem_len: 0,
            acc: context.acc,
            ctx,
            f64: context.f64,
            f32: context.f32,
            #[cfg(vector_register)]
            vector: simd::register(context.vector),
        };
        // SAFETY: I8, promised by the caller.
        unsafe { vm.reload_memory() };
        vm
    }

    /// Reads the fields of the op at `ip`.
    ///
    /// # Safety
    ///
    /// I1: the op at `ip` has the shape of `B`.
    #[inline(always)]
    pub(crate) unsafe fn fields<M: Machine, B: Copy>(&self) -> B {
        let op = self.ip.cast::<Op<M::Encoding, B>>();
        // SAFETY: I1: the caller promises the shape; code is aligned to the head of its encoding.
        unsafe { (*op).body }
    }

    /// Returns the address after the op at `ip`, whose fields are a `B`.
    #[inline(always)]
    pub(crate) fn after<M: Machine, B>(&self) -> *const u8 {
        self.ip.wrapping_add(size_of::<Op<M::Encoding, B>>())
    }

    /// Continues with the op after the one at `ip`, whose fields are a `B`.
    ///
    /// Takes the type alone. If a function took the fields, by value or by reference, the compiler would read fields of
    /// eight bytes as one integer and take them apart with shifts.
    ///
    /// # Safety
    ///
    /// I1: the op at `ip` has the shape of `B`, and another op follows it.
    #[inline(always)]
    pub(crate) unsafe fn advance<M: Machine, B>(mut self) -> M::Out {
        self.ip = self.after::<M, B>();
        // SAFETY: I1: the caller promises that another op follows.
        unsafe { M::next(self) }
    }

    /// Builds with debug assertions assert that the cells of a value of this size in bytes, which is in a slot, lie on the value
    /// stack (I3).
    #[inline(always)]
    fn check_slot(&self, slot: Slot, bytes: usize) {
        #[cfg(debug_assertions)]
        {
            let cells = self.fp.wrapping_add(usize::from(slot.0));
            // SAFETY: I8: nobody else uses the context.
            let (base, limit) = unsafe { ((*self.ctx).stack_base, (*self.ctx).limit) };
            let end = cells.wrapping_add(bytes.div_ceil(size_of::<u64>()));
            assert!(base <= cells && end <= limit, "slot {} is outside of the value stack", slot.0);
        }
        #[cfg(not(debug_assertions))]
        let _ = (slot, bytes);
    }

    /// Builds with debug assertions assert that the registers hold memory 0 as it is (I7), of which the `count` bytes from
    /// `start` on are about to be accessed.
    #[inline(always)]
    pub(crate) fn check_memory(&self, start: usize, count: usize) {
        #[cfg(debug_assertions)]
        {
            // SAFETY: I6: instances and their memories keep their addresses; I8: nobody else uses the context.
            let (base, len) = unsafe {
                let memory = (*(*self.ctx).instance).mem0;
                assert!(!memory.is_null(), "there is no memory 0");
                ((*memory).base, (*memory).len)
            };
            assert!(self.mem == base && self.mem_len == len, "the registers hold memory 0 as it was before");
            assert!(start.checked_add(count).is_some_and(|end| end <= len), "an access out of bounds");
        }
        #[cfg(not(debug_assertions))]
        let _ = (start, count);
    }

    /// Loads the registers that hold memory 0 from the current instance (I7).
    ///
    /// # Safety
    ///
    /// I8: `ctx` is the context of the running machine.
    #[inline(always)]
    pub(crate) unsafe fn reload_memory(&mut self) {
        // SAFETY: I6: instances and their memories keep their addresses; I8: nobody else uses the context.
        unsafe {
            let memory = (*(*self.ctx).instance).mem0;
            if memory.is_null() {
                self.mem = core::ptr::null_mut();
                self.mem_len = 0;
            } else {
                self.mem = (*memory).base;
                self.mem_len = (*memory).len;
            }
        }
    }
}
