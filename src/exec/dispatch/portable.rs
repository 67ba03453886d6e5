//! The loop-switch: a `match` over opcodes in a loop, for every target.
//!
//! The registers are locals that nobody borrows, so that the compiler keeps them in machine
//! registers. In builds without optimization the bodies are called through a table instead:
//! a `match` of that size would need a native stack frame of hundreds of kilobytes. So they are in builds
//! with debug information, which for such a function would take the compiler more memory than most machines have.

use crate::{
    exec::{
        dispatch::stub::Stubs,
        handlers::call::code_of,
        machine::{Cold, Context, Exit, Machine, Vm},
    },
    ir::{
        opcode::code,
        operand::{Compact, Encoding, Imm32},
    },
    runtime::code::FuncEntry,
    trap::TrapCode,
};

/// The loop-switch as a machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portable;

/// How a body ends: with the next op, or by leaving the machine.
///
/// Not an enum: the compiler would move its variants as plain memory and lose which registers hold floats.
#[derive(Debug)]
pub(crate) struct Flow {
    /// The registers for the next op.
    vm: Vm,
    /// The [`Exit`] by which to leave, or `GO_ON`.
    exit: u64,
}

impl Flow {
    #[inline(always)]
    fn next(vm: Vm) -> Self {
        Self { vm, exit: GO_ON }
    }

    #[inline(always)]
    fn exit(vm: Vm, exit: u64) -> Self {
        Self { vm, exit }
    }
}

/// Stands for the next op instead of an [`Exit`].
const GO_ON: u64 = u64::MAX;

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

/// The registers saved in the context.
#[inline(always)]
unsafe fn restore(ctx: *mut Context) -> Vm {
    // SAFETY: I8, promised by the caller.
    let context = unsafe { &*ctx };
    let mut vm = Vm {
        ip: context.ip,
        fp: context.fp,
        mem: core::ptr::null_mut(),
        mem_len: 0,
        acc: context.acc,
        ctx,
        f64: context.f64,
        f32: context.f32,
    };
    // SAFETY: I8, promised by the caller.
    unsafe { vm.reload_memory() };
    vm
}

/// Counts the op at `ip` for the store.
///
/// # Safety
///
/// I8: `ctx` is the context of the running machine.
#[cfg(feature = "count-ops")]
#[inline(never)]
unsafe fn count(ctx: *mut Context, ip: *const u8) {
    // SAFETY: as promised by the caller: nobody else uses what the store counts.
    unsafe { (*(*ctx).host.instances).counts.count(ip) };
}

// What is not inlined into the loop takes the registers one by one and gives them back through the
// context. If only one arm passed a `Vm` or a `Flow` by address, all arms would keep them in memory.

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
) -> u64 {
    // SAFETY: as promised by the caller.
    unsafe {
        let flow = C::run::<Portable>(Vm { ip, fp, mem, mem_len, acc, ctx, f64, f32 });
        if flow.exit == GO_ON {
            save(flow.vm);
        }
        flow.exit
    }
}

impl Machine for Portable {
    type Encoding = Compact;
    type Out = Flow;

    // More arms that can leave the loop keep the compiler from copying the dispatch into all arms.
    const CHARGES: bool = false;

    #[inline(always)]
    unsafe fn next(vm: Vm) -> Flow {
        Flow::next(vm)
    }

    #[inline(always)]
    unsafe fn jump(vm: Vm) -> Flow {
        Flow::next(vm)
    }

    #[inline(always)]
    unsafe fn trap(vm: Vm, code: TrapCode) -> Flow {
        // SAFETY: as promised by the caller.
        Flow::exit(vm, unsafe { trap(vm.ctx, vm.ip, vm.fp, code) })
    }

    #[inline(always)]
    unsafe fn exit<const EXIT: u64>(vm: Vm) -> Flow {
        // SAFETY: as promised by the caller.
        unsafe { save(vm) };
        Flow::exit(vm, EXIT)
    }

    #[inline(always)]
    unsafe fn cold<C: Cold>(vm: Vm) -> Flow {
        // SAFETY: as promised by the caller.
        unsafe {
            let exit = cold::<C>(vm.ip, vm.fp, vm.mem, vm.mem_len, vm.acc, vm.ctx, vm.f64, vm.f32);
            Flow { vm: if exit == GO_ON { restore(vm.ctx) } else { vm }, exit }
        }
    }

    #[inline(always)]
    unsafe fn callee(vm: &Vm, callee: <Compact as Encoding>::Callee) -> *const FuncEntry {
        let callee: Imm32 = callee;
        // SAFETY: I4.
        unsafe { (*(*vm.ctx).instance).entries.add(callee.bits() as usize) }
    }

    #[inline(always)]
    unsafe fn direct(vm: &mut Vm, callee: *const <Compact as Encoding>::Callee) -> (*const u8, usize) {
        // SAFETY: I1, I4, as promised by the caller.
        unsafe { code_of(vm, Self::callee(vm, *callee)) }
    }
}

static HALT: [u16; 1] = [code::halt::x];
static RESTORE: [u16; 1] = [code::restore_instance::x];
static TRANSLATE: [u16; 1] = [code::translate::x];

/// The stubs as compact code.
pub(crate) fn stubs() -> Stubs {
    Stubs {
        halt: HALT.as_ptr().cast(),
        restore: RESTORE.as_ptr().cast(),
        translate: TRANSLATE.as_ptr().cast(),
        first_call: 0,
        link: None,
    }
}

#[cfg(one_loop)]
mod switch {
    use crate::{
        exec::{
            barrier::end_of_arm,
            dispatch::portable::{GO_ON, Portable},
            handlers::{access, call, control, memory, semantics, shapes, table, variable},
            machine::Vm,
        },
        ir::{form, opcode::code},
        numerics::{convert, float, int},
    };

    macro_rules! run_loop {
        ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:tt)* ; )*) => {
            /// Runs compact code from `vm` on.
            ///
            /// # Safety
            ///
            /// I1 to I8 hold for `vm`.
            pub(crate) unsafe fn run(start: Vm) -> u64 {
                // Locals of their own, not the fields of what was passed by address.
                let Vm { mut ip, mut fp, mut mem, mut mem_len, mut acc, ctx, mut f64, mut f32 } = start;
                loop {
                    #[cfg(feature = "count-ops")]
                    // SAFETY: I8.
                    unsafe { crate::exec::dispatch::portable::count(ctx, ip) };
                    let vm = Vm { ip, fp, mem, mem_len, acc, ctx, f64, f32 };
                    // SAFETY: I1 to I8: the contract of handler bodies.
                    unsafe {
                        match *ip.cast::<u16>() {
                            // Taken apart in each arm: as a whole, floats would go through integer registers.
                            $( $( code::$name::$form => {
                                let flow = shapes::$shape(form::$form, Portable, vm, $sem);
                                end_of_arm!(code::$name::$form);
                                if flow.exit != GO_ON {
                                    return flow.exit;
                                }
                                ip = flow.vm.ip;
                                fp = flow.vm.fp;
                                mem = flow.vm.mem;
                                mem_len = flow.vm.mem_len;
                                acc = flow.vm.acc;
                                f64 = flow.vm.f64;
                                f32 = flow.vm.f32;
                            } )* )*
                            _ => core::hint::unreachable_unchecked(),
                        }
                    }
                }
            }
        };
    }
    for_each_op!(run_loop);
}

#[cfg(not(one_loop))]
mod switch {
    use crate::{
        exec::{
            dispatch::portable::{Flow, GO_ON, Portable},
            handlers::{access, call, control, memory, semantics, shapes, table, variable},
            machine::Vm,
        },
        ir::{form, opcode::OpCode},
        numerics::{convert, float, int},
    };

    macro_rules! handler_table {
        ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:tt)* ; )*) => {
            static HANDLERS: [unsafe fn(Vm) -> Flow; OpCode::COUNT] = [ $( $( {
                unsafe fn handler(vm: Vm) -> Flow {
                    // SAFETY: the contract of handler bodies.
                    unsafe { shapes::$shape(form::$form, Portable, vm, $sem) }
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
            #[cfg(feature = "count-ops")]
            // SAFETY: I8.
            unsafe {
                crate::exec::dispatch::portable::count(vm.ctx, vm.ip);
            };
            // SAFETY: I1 to I8: the contract of handler bodies.
            let flow = unsafe { HANDLERS[usize::from(*vm.ip.cast::<u16>())](vm) };
            if flow.exit != GO_ON {
                return flow.exit;
            }
            vm = flow.vm;
        }
    }
}

pub(crate) use switch::run;
