//! Checks that threaded dispatch works in this build: that handlers end in jumps.
//!
//! Flags that a build script does not see, or a later compiler, may turn the final calls of handlers into ordinary
//! calls. Each op would then take native stack, and any long loop would overflow it. Therefore a few ops run once
//! before the first engine with threaded dispatch is created. One of their handlers compares the native stack pointer
//! with its value at the first run. If they differ, engines use the loop-switch.

use alloc::vec::Vec;
use core::{
    arch::asm,
    ptr,
    sync::atomic::{AtomicU8, Ordering},
};

#[cfg(vector_register)]
use crate::exec::simd;
#[cfg(feature = "simd")]
use crate::numerics::vector::Vector;
use crate::{
    error::Error,
    error::kinds::{MemoryError, TableError},
    exec::{
        dispatch::tail::{
            convention::Handler,
            entry::{handlers, run},
            machine::Tail,
        },
        host::{HostRef, HostVTable},
        machine::{Context, Exit, Machine, Outer, Vm},
    },
    ir::{
        encode::{Operand, encode, patch32},
        link::{Word, link},
        opcode::{Row, code},
        operand::Slot,
    },
    runtime::{
        instance::InstanceInst,
        memory::MemoryInst,
        meter::{Meter, Price},
        table::TableInst,
    },
    trap::TrapCode,
};

/// How often the loop of the code runs.
const ITERATIONS: u32 = 4;
/// Cells of the stack that the code runs on.
const CELLS: usize = 16;
/// The address at which the code stores and loads.
const ADDRESS: u32 = 8;

/// Returns whether handlers end in jumps. Runs the code at the first call; threads that call it at the same time may
/// each run it.
pub(crate) fn works() -> bool {
    const UNKNOWN: u8 = 0;
    const WORKS: u8 = 1;
    const FAILS: u8 = 2;
    static STATE: AtomicU8 = AtomicU8::new(UNKNOWN);
    match STATE.load(Ordering::Relaxed) {
        UNKNOWN => {
            let works = run_code();
            STATE.store(if works { WORKS } else { FAILS }, Ordering::Relaxed);
            works
        }
        state => state == WORKS,
    }
}

handlers! {
    /// Continues with the next op if the native stack pointer is the same as at the first run, and traps otherwise.
    fn compare_stack[](vm) {
        let mut vm = vm;
        let here = stack_pointer() as u64;
        // SAFETY: I8: nobody else uses the context; `run_code` keeps the stack pointer of the first run in `results`.
        // I1: another op follows.
        unsafe {
            let first = &mut *(*vm.ctx).results;
            if *first == 0 {
                *first = here;
            }
            if *first != here {
                return Tail::trap(vm, TrapCode::StackOverflow);
            }
            vm.ip = vm.ip.wrapping_add(size_of::<Handler>());
            Tail::next(vm)
        }
    }
}

/// Returns the native stack pointer.
#[inline(always)]
fn stack_pointer() -> usize {
    let pointer: usize;
    // SAFETY: I11: the assembly only reads a register.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        asm!("mov {}, rsp", out(reg) pointer, options(nomem, nostack, preserves_flags));
        #[cfg(target_arch = "aarch64")]
        asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags));
    }
    pointer
}

/// Returns compact code of a loop that stores, loads, calls and counts. A `translate` marks where the stack is
/// compared.
fn loop_code() -> Vec<u16> {
    let slot = |index| Operand::slot(Slot(index));
    let mut units = Vec::new();
    let out = &mut units;
    encode(out, &[], Row::translate, [], []);
    encode(out, &[], Row::consume_fuel, [], [1]);
    encode(out, &[], Row::copy, [slot(2), Operand::imm(ADDRESS)], []);
    encode(out, &[], Row::i32_store, [slot(2), slot(1)], [0]);
    encode(out, &[], Row::i32_load, [slot(4), slot(2)], [0]);
    // The frame of the callee begins with its argument in slot 4, which its linkage follows.
    encode(out, &[], Row::call, [], [4, 5, 0]);
    encode(out, &[], Row::i32_add, [slot(0), slot(0), slot(4)], []);
    encode(out, &[], Row::f64_add, [slot(3), slot(3), slot(3)], []);
    let branch = encode(out, &[], Row::br_i32_step_ne, [Operand::imm(1), Operand::imm(ITERATIONS)], [1, 0]);
    let target = out.len() - 2;
    patch32(out, target, (branch as u32).wrapping_neg());
    encode(out, &[], Row::halt, [], []);
    units
}

/// Returns compact code of the function that the loop calls; it adds one to its argument.
fn callee_code() -> Vec<u16> {
    let argument = Operand::slot(Slot(0));
    let mut units = Vec::new();
    encode(&mut units, &[], Row::translate, [], []);
    encode(&mut units, &[], Row::i32_add, [argument, argument, Operand::imm(1)], []);
    encode(&mut units, &[], Row::ret_1, [], []);
    units
}

/// Links code with `compare_stack` as the handler of `translate`.
fn linked(units: &[u16], callee: usize) -> Option<alloc::boxed::Box<[Word]>> {
    let handlers = handlers(true);
    let (mut words, _) = link(units, 0, CELLS as u32 / 2, handlers, |_| callee).ok()?;
    for word in &mut words {
        if *word.get_mut() == handlers.ops[usize::from(code::translate::x)] as u64 {
            *word.get_mut() = compare_stack as Handler as usize as u64;
        }
    }
    Some(words)
}

/// Runs the loop; returns whether it ran to its end and computed what it should.
fn run_code() -> bool {
    // Without memory for the code, it is not known whether the stack grows.
    let Some(callee) = linked(&callee_code(), 0) else { return false };
    let Some(caller) = linked(&loop_code(), (&raw const callee[1]) as usize) else { return false };
    let mut cells = [0; CELLS];
    let mut memory = [0; 16];
    let (mut switches, mut top, mut first) = (Vec::new(), 0, 0);
    let mut context = idle_context();
    context.limit = (&raw mut cells).cast::<u64>().wrapping_add(CELLS);
    context.fuel = u64::MAX;
    context.switches = &raw mut switches;
    context.top = &raw mut top;
    context.results = &raw mut first;
    let vm = Vm {
        ip: (&raw const caller[1]).cast(),
        fp: (&raw mut cells).cast(),
        mem: (&raw mut memory).cast(),
        mem_len: memory.len(),
        acc: 0,
        ctx: &raw mut context,
        f64: 0.0,
        f32: 0.0,
        #[cfg(vector_register)]
        vector: simd::zero(),
    };
    // SAFETY: I1, I2: encoder and linker wrote the code from rows of the table, and its one branch leads to its first
    // op. I3: all slots of both frames are below `CELLS`. I8: nobody else knows the context.
    let exit = unsafe { run(vm) };
    exit == Exit::Halt as u64 && cells[0] == u64::from((1..=ITERATIONS).sum::<u32>())
}

/// Returns a context without a store, an instance or a stack.
pub(super) fn idle_context() -> Context {
    Context {
        limit: ptr::null_mut(),
        instance: ptr::null(),
        globals: ptr::null_mut(),
        fuel: 0,
        required: 0,
        price: Price::FREE,
        host: HostRef { store: ptr::null_mut(), vtable: &NO_HOST, instances: ptr::null_mut() },
        switches: ptr::null_mut(),
        top: ptr::null_mut(),
        stack_base: ptr::null_mut(),
        restore: ptr::null(),
        ip: ptr::null(),
        fp: ptr::null_mut(),
        acc: 0,
        f64: 0.0,
        f32: 0.0,
        #[cfg(feature = "simd")]
        vector: Vector::default(),
        exit: 0,
        trap: TrapCode::UnreachableCodeReached,
        error: None,
        results: ptr::null_mut(),
        host_func: None,
        outer: Outer::NONE,
    }
}

/// A host that refuses every request.
static NO_HOST: HostVTable = HostVTable {
    call: no_call,
    grow_memory: no_memory,
    grow_table: no_table,
    interrupt: |_| Err(TrapCode::Interrupt.into()),
    #[cfg(heap)]
    make_room: |_, _| Err(TrapCode::GcHeapOutOfMemory),
    #[cfg(heap)]
    collect: |_| {},
};

unsafe fn no_call(_: *mut (), _: u32, _: *const InstanceInst, _: *mut u64) -> Result<(), Error> {
    Err(TrapCode::UnreachableCodeReached.into())
}
unsafe fn no_memory(_: *mut (), _: *mut MemoryInst, _: u64, _: Meter<'_>) -> Result<u64, MemoryError> {
    Err(MemoryError::OutOfSystemMemory)
}
unsafe fn no_table(_: *mut (), _: *mut TableInst, _: u64, _: u64, _: Meter<'_>) -> Result<u64, TableError> {
    Err(TableError::OutOfSystemMemory)
}

#[cfg(test)]
mod tests {
    use super::works;

    /// This build has threaded dispatch, so its handlers must end in jumps.
    #[test]
    fn handlers_end_in_jumps() {
        assert!(works());
        assert!(works(), "the same answer at the second call");
    }
}
