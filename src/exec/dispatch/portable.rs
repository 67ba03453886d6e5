//! The loop-switch: a `match` over opcodes in a loop, for every target.
//!
//! The registers are locals that nobody borrows, so that the compiler keeps them in machine
//! registers. In builds without optimization the bodies are called through a table instead:
//! a `match` of that size would need a native stack frame of hundreds of kilobytes.

use crate::{
    exec::{
        dispatch::Stubs,
        machine::{Cold, Context, Exit, Machine, Vm},
    },
    ir::{
        opcode::code,
        operand::{Compact, Form, Imm32},
    },
    runtime::code::FuncEntry,
    trap::TrapCode,
};

/// The loop-switch as a machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portable;

/// How a body ends.
#[derive(Debug)]
pub(crate) enum Flow {
    /// With the next op.
    Next(Vm),
    /// By leaving the machine.
    Exit(u64),
}

/// Saves the registers in the context.
#[inline(always)]
unsafe fn save(vm: Vm) {
    // SAFETY: I8, promised by the caller.
    let context = unsafe { &mut *vm.ctx };
    context.ip = vm.ip;
    context.fp = vm.fp;
    context.acc = vm.acc;
    context.f64 = vm.f64;
    context.f32 = vm.f32;
}

// What is not inlined into the loop takes the registers one by one: a `Vm` would be passed by its
// address, and then could not stay in machine registers.

#[cold]
#[inline(never)]
unsafe fn trap(ctx: *mut Context, ip: *const u8, fp: *mut u64, code: TrapCode) -> u64 {
    // SAFETY: I8, promised by the caller.
    let context = unsafe { &mut *ctx };
    context.ip = ip;
    context.fp = fp;
    context.trap = code;
    Exit::Trap as u64
}

#[cold]
#[inline(never)]
#[expect(clippy::too_many_arguments, reason = "one for each register")]
unsafe fn cold<C: Cold>(
    ip: *const u8,
    fp: *mut u64,
    mem: *mut u8,
    mem_len: usize,
    acc: u64,
    ctx: *mut Context,
    f64: f64,
    f32: f32,
) -> Flow {
    // SAFETY: as promised by the caller.
    unsafe { C::run::<Portable>(Vm { ip, fp, mem, mem_len, acc, ctx, f64, f32 }) }
}

impl Machine for Portable {
    type Form = Compact;
    type Out = Flow;

    #[inline(always)]
    unsafe fn next(vm: Vm) -> Flow {
        Flow::Next(vm)
    }

    #[inline(always)]
    unsafe fn jump(vm: Vm) -> Flow {
        Flow::Next(vm)
    }

    #[inline(always)]
    unsafe fn trap(vm: Vm, code: TrapCode) -> Flow {
        // SAFETY: as promised by the caller.
        Flow::Exit(unsafe { trap(vm.ctx, vm.ip, vm.fp, code) })
    }

    #[inline(always)]
    unsafe fn exit<const EXIT: u64>(vm: Vm) -> Flow {
        // SAFETY: as promised by the caller.
        unsafe { save(vm) };
        Flow::Exit(EXIT)
    }

    #[inline(always)]
    unsafe fn cold<C: Cold>(vm: Vm) -> Flow {
        // SAFETY: as promised by the caller.
        unsafe { cold::<C>(vm.ip, vm.fp, vm.mem, vm.mem_len, vm.acc, vm.ctx, vm.f64, vm.f32) }
    }

    #[inline(always)]
    unsafe fn callee(vm: &Vm, callee: <Compact as Form>::Callee) -> *const FuncEntry {
        let callee: Imm32 = callee;
        // SAFETY: I4.
        unsafe { (*(*vm.ctx).instance).entries.add(callee.bits() as usize) }
    }
}

static HALT: [u16; 1] = [code::halt::x];
static RESTORE: [u16; 1] = [code::restore_instance::x];
static TRANSLATE: [u16; 1] = [code::translate::x];

/// The stubs as compact code.
pub(crate) fn stubs() -> Stubs {
    Stubs { halt: HALT.as_ptr().cast(), restore: RESTORE.as_ptr().cast(), translate: TRANSLATE.as_ptr().cast() }
}

#[cfg(optimized)]
mod switch {
    use crate::{
        exec::{
            dispatch::portable::{Flow, Portable},
            handlers::{access, call, control, memory, shapes, table, variable},
            machine::Vm,
        },
        ir::opcode::code,
        numerics::{convert, float, int},
    };

    macro_rules! run_loop {
        ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:ident)* ; )*) => {
            /// Runs compact code from `vm` on.
            ///
            /// # Safety
            ///
            /// I1 to I8 hold for `vm`.
            pub(crate) unsafe fn run(start: Vm) -> u64 {
                // Locals of their own, not the fields of what was passed by address.
                let Vm { mut ip, mut fp, mut mem, mut mem_len, mut acc, ctx, mut f64, mut f32 } = start;
                loop {
                    let vm = Vm { ip, fp, mem, mem_len, acc, ctx, f64, f32 };
                    // SAFETY: I1 to I8: the contract of handler bodies.
                    let flow = unsafe {
                        match *ip.cast::<u16>() {
                            $( $( code::$name::$form => shapes::$shape::$form(Portable, vm, $sem), )* )*
                            _ => core::hint::unreachable_unchecked(),
                        }
                    };
                    match flow {
                        Flow::Next(next) => {
                            ip = next.ip;
                            fp = next.fp;
                            mem = next.mem;
                            mem_len = next.mem_len;
                            acc = next.acc;
                            f64 = next.f64;
                            f32 = next.f32;
                        }
                        Flow::Exit(exit) => return exit,
                    }
                }
            }
        };
    }
    for_each_op!(run_loop);
}

#[cfg(not(optimized))]
mod switch {
    use crate::{
        exec::{
            dispatch::portable::{Flow, Portable},
            handlers::{access, call, control, memory, shapes, table, variable},
            machine::Vm,
        },
        ir::opcode::OpCode,
        numerics::{convert, float, int},
    };

    macro_rules! handler_table {
        ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:ident)* ; )*) => {
            static HANDLERS: [unsafe fn(Vm) -> Flow; OpCode::COUNT] = [ $( $( {
                unsafe fn handler(vm: Vm) -> Flow {
                    // SAFETY: the contract of handler bodies.
                    unsafe { shapes::$shape::$form(Portable, vm, $sem) }
                }
                handler
            }, )* )* ];
        };
    }
    for_each_op!(handler_table);

    /// Runs compact code from `vm` on.
    ///
    /// # Safety
    ///
    /// I1 to I8 hold for `vm`.
    pub(crate) unsafe fn run(start: Vm) -> u64 {
        let mut vm = start;
        loop {
            // SAFETY: I1 to I8: the contract of handler bodies.
            let flow = unsafe { HANDLERS[usize::from(*vm.ip.cast::<u16>())](vm) };
            match flow {
                Flow::Next(next) => vm = next,
                Flow::Exit(exit) => return exit,
            }
        }
    }
}

pub(crate) use switch::run;
