//! The loop-switch: a `match` over opcodes in a loop, for every target.
//!
//! The registers are locals that nobody borrows, so that the compiler keeps them in machine registers. Builds without
//! optimization call the bodies through a table instead: a `match` of that size would need a native stack frame of
//! hundreds of kilobytes. Builds with debug information do the same, since describing so large a function would take
//! the compiler more memory than most machines have.

#[cfg(vector_register)]
use crate::exec::simd;
use crate::{
    exec::{
        dispatch::stub::Stubs,
        handlers::call::code_of,
        machine::{Cold, Context, Exit, Machine, Vm},
    },
    ir::{
        opcode::{OpCode, code},
        operand::{Compact, Encoding, Imm32},
    },
    runtime::code::FuncEntry,
    trap::TrapCode,
};

/// The loop-switch as a machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portable;

/// The result of a body: continue with the next op, or leave the machine.
///
/// Not an enum: the compiler would move its variants as plain memory and lose track of which registers hold floats.
#[derive(Debug)]
pub(crate) struct Flow {
    /// The registers for the next op.
    vm: Vm,
    /// The [`Exit`] by which to leave, or `NEXT`.
    exit: u64,
}

impl Flow {
    #[inline(always)]
    fn next(vm: Vm) -> Self {
        Self { vm, exit: NEXT }
    }

    #[inline(always)]
    fn exit(vm: Vm, exit: u64) -> Self {
        Self { vm, exit }
    }
}

/// Means that the next op follows, in place of an [`Exit`].
const NEXT: u64 = u64::MAX;
/// Means that the next op follows, and that the registers other than `ip` are in the context, in place of an [`Exit`].
const RELOAD: u64 = u64::MAX - 1;

/// Saves the registers in the context.
#[inline(always)]
unsafe fn save(vm: Vm) {
    // SAFETY: I8: the caller promises that nobody else uses the context.
    let context = unsafe { &mut *vm.ctx };
    context.ip = vm.ip;
    context.fp = vm.fp;
    context.acc = vm.acc;
    context.f64 = vm.f64;
    context.f32 = vm.f32;
    #[cfg(vector_register)]
    {
        context.vector = simd::vector(vm.vector);
    }
}

/// Counts the op at `ip` for the store.
///
/// # Safety
///
/// I8: `ctx` is the context of the running machine.
#[cfg(feature = "count-ops")]
#[inline(never)]
unsafe fn count(ctx: *mut Context, ip: *const u8) {
    // SAFETY: I8: the caller promises that nobody else uses the store and its counts.
    unsafe { (*(*ctx).host.instances).counts.count(ip) };
}

// Functions that are not inlined into the loop take the registers one by one and return them through the context. If
// a single arm passed a `Vm` or a `Flow` by address, all arms would keep them in memory.

#[cold]
#[inline(never)]
unsafe fn trap(ctx: *mut Context, ip: *const u8, fp: *mut u64, code: TrapCode) -> u64 {
    // SAFETY: I8: the caller promises that nobody else uses the context.
    let context = unsafe { &mut *ctx };
    context.ip = ip;
    context.fp = fp;
    context.trap = code;
    Exit::Trap as u64
}

/// Runs a slow path and returns the address of the next op, which is [`LEAVING`] to leave the machine. The other
/// registers are in the context afterwards.
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
) -> *const u8 {
    // SAFETY: I1 to I8 hold for the op at `ip`, as the caller promises.
    unsafe {
        // Not an argument: it would be passed in memory.
        #[cfg(vector_register)]
        let vector = simd::register((*ctx).vector);
        let vm = Vm {
            ip,
            fp,
            mem,
            mem_len,
            acc,
            ctx,
            f64,
            f32,
            #[cfg(vector_register)]
            vector,
        };
        let flow = C::run::<Portable>(vm);
        if flow.exit == NEXT {
            save(flow.vm);
            return flow.vm.ip;
        }
        (*ctx).exit = flow.exit;
        LEAVING.as_ptr().cast()
    }
}

impl Machine for Portable {
    type Encoding = Compact;
    type Out = Flow;

    // If more arms could leave the loop, the compiler would not copy the dispatch into all arms.
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
        // SAFETY: I8: the caller promises the context of this machine.
        Flow::exit(vm, unsafe { trap(vm.ctx, vm.ip, vm.fp, code) })
    }

    #[inline(always)]
    unsafe fn exit<const EXIT: u64>(vm: Vm) -> Flow {
        // SAFETY: I8: the caller promises the context of this machine.
        unsafe { save(vm) };
        Flow::exit(vm, EXIT)
    }

    #[inline(always)]
    unsafe fn cold<C: Cold>(vm: Vm) -> Flow {
        // SAFETY: I1 to I8 hold for the op at `ip`, as the caller promises.
        unsafe {
            #[cfg(vector_register)]
            {
                (*vm.ctx).vector = simd::vector(vm.vector);
            }
            let ip = cold::<C>(vm.ip, vm.fp, vm.mem, vm.mem_len, vm.acc, vm.ctx, vm.f64, vm.f32);
            Flow { vm: Vm { ip, ..vm }, exit: RELOAD }
        }
    }

    #[inline(always)]
    unsafe fn callee(vm: &Vm, callee: <Compact as Encoding>::Callee) -> *const FuncEntry {
        let callee: Imm32 = callee;
        // SAFETY: I4: the caller promises a function of the current instance; I6: the instance keeps its address.
        unsafe { (*(*vm.ctx).instance).entries.add(callee.bits() as usize) }
    }

    #[inline(always)]
    unsafe fn direct(vm: &mut Vm, callee: *const <Compact as Encoding>::Callee) -> (*const u8, usize) {
        // SAFETY: I1 and I4: the caller promises the field of a `call` of the current instance.
        unsafe { code_of(vm, Self::callee(vm, *callee)) }
    }
}

/// Leaves the machine with [`Context::exit`]: the opcode after the last one of the table, or one that the small set lacks.
const LEAVE: u16 = if cfg!(all(one_loop, feature = "small")) { code::br_copy::r } else { OpCode::COUNT as u16 };

static LEAVING: [u16; 1] = [LEAVE];
static HALT: [u16; 1] = [code::halt::x];
static RESTORE: [u16; 1] = [code::restore_instance::x];
static TRANSLATE: [u16; 1] = [code::translate::x];

/// Returns the stubs, as compact code.
pub(crate) fn stubs() -> Stubs {
    Stubs {
        halt: HALT.as_ptr().cast(),
        restore: RESTORE.as_ptr().cast(),
        translate: TRANSLATE.as_ptr().cast(),
        first_call: 0,
        link: None,
    }
}

/// A handler for a table. It changes the registers in place, so that its code accesses only those that its op uses.
#[cfg(any(not(one_loop), feature = "simd", feature = "threads", feature = "exceptions", feature = "gc"))]
macro_rules! in_place {
    ($shape:ident $form:ident $sem:expr) => {{
        unsafe fn handler(vm: &mut Vm) -> u64 {
            // SAFETY: I1 to I8, the contract of handler bodies, hold, as the caller promises.
            let flow = unsafe { shapes::$shape(form::$form, Portable, *vm, $sem) };
            *vm = flow.vm;
            flow.exit
        }
        handler
    }};
}

#[cfg(one_loop)]
mod switch {
    #[cfg(not(feature = "small"))]
    use crate::exec::dispatch::portable::LEAVE;
    #[allow(clippy::wildcard_imports, reason = "the rows of the op table say what they name")]
    use crate::{
        exec::{
            barrier::end_of_arm,
            dispatch::portable::{NEXT, Portable, RELOAD, save},
            handlers::scope::*,
            machine::Vm,
        },
        ir::{
            forms::{LAST_USED, is_used},
            opcode::{FormId, Row, code},
        },
    };

    /// The opcodes as a pattern. Not `_`: with a default that can be reached, the dispatch compares before it jumps, and is
    /// not copied into the arms.
    #[cfg(any(feature = "simd", feature = "threads", feature = "exceptions", feature = "gc"))]
    macro_rules! opcodes {
        ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:tt)* ; )*) => {
            $( $( code::$name::$form )|* )|*
        };
    }

    macro_rules! run_loop {
        ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:tt)* ; )*) => {
            /// Runs compact code from `vm` on.
            ///
            /// # Safety
            ///
            /// I1 to I8 hold for `vm`.
            pub(crate) unsafe fn run(start: Vm) -> u64 {
                // Locals, not fields of a value that was passed by address.
                let (mut ip, ctx) = (start.ip, start.ctx);
                // SAFETY: I8: `ctx` is the context of this machine.
                unsafe { save(start) };
                // Slow paths continue here. Without an outer loop the compiler does not copy the dispatch, which is the
                // header of the inner loop, into the arms.
                'reload: loop {
                    // SAFETY: I8: `ctx` is the context of this machine.
                    let registers = unsafe { Vm::restored(ctx) };
                    let Vm { mut fp, mut mem, mut mem_len, mut acc, mut f64, mut f32, .. } = registers;
                    #[cfg(vector_register)]
                    let mut vector = registers.vector;
                    loop {
                        #[cfg(feature = "count-ops")]
                        // SAFETY: I8: `ctx` is the context of this machine.
                        unsafe { crate::exec::dispatch::portable::count(ctx, ip) };
                        let vm = Vm { ip, fp, mem, mem_len, acc, ctx, f64, f32, #[cfg(vector_register)] vector };
                        // SAFETY: I1 to I8, the contract of handler bodies, hold from op to op.
                        unsafe {
                            match *ip.cast::<u16>() {
                                // Each arm takes the registers apart: as a whole, floats would pass through integer
                                // registers.
                                $( $( code::$name::$form => {
                                    // Leaves out the arm. In the small set, opcodes without one are like `LEAVE`: a table with
                                    // holes would be split, and the dispatch compare the opcode with where the parts begin.
                                    if const { !is_used(Row::$name, FormId::parse(stringify!($form))) } {
                                        if cfg!(feature = "small") && code::$name::$form < LAST_USED {
                                            return (*ctx).exit;
                                        }
                                        core::hint::unreachable_unchecked();
                                    }
                                    let flow = shapes::$shape(form::$form, Portable, vm, $sem);
                                    end_of_arm!(code::$name::$form);
                                    if flow.exit == RELOAD {
                                        ip = flow.vm.ip;
                                        continue 'reload;
                                    }
                                    if flow.exit != NEXT {
                                        return flow.exit;
                                    }
                                    ip = flow.vm.ip;
                                    fp = flow.vm.fp;
                                    mem = flow.vm.mem;
                                    mem_len = flow.vm.mem_len;
                                    acc = flow.vm.acc;
                                    f64 = flow.vm.f64;
                                    f32 = flow.vm.f32;
                                    #[cfg(vector_register)]
                                    {
                                        vector = flow.vm.vector;
                                    }
                                } )* )*
                                #[cfg(not(feature = "small"))]
                                LEAVE => return (*ctx).exit,
                                #[cfg(any(feature = "simd", feature = "threads", feature = "exceptions", feature = "gc"))]
                                for_each_special_op!(opcodes) => {
                                    save(vm);
                                    ip = crate::exec::dispatch::portable::outside::step(ctx, ip);
                                    continue 'reload;
                                }
                                _ => core::hint::unreachable_unchecked(),
                            }
                        }
                    }
                }
            }
        };
    }
    for_each_base_op!(run_loop);
}

/// Ops that have no arm in the loop. If it had more arms, or ones with more ways to go on, the compiler would not copy the
/// dispatch into all of them.
#[cfg(all(one_loop, any(feature = "simd", feature = "threads", feature = "exceptions", feature = "gc")))]
mod outside {
    #[allow(clippy::wildcard_imports, reason = "the rows of the op table say what they name")]
    use crate::{
        exec::{
            dispatch::portable::{LEAVING, NEXT, Portable, RELOAD, save},
            handlers::scope::*,
            machine::{Context, Vm},
        },
        ir::opcode::OpCode,
    };

    macro_rules! handler_table {
        ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:tt)* ; )*) => {
            static HANDLERS: &[unsafe fn(&mut Vm) -> u64] = &[ $( $( in_place!($shape $form $sem), )* )* ];
        };
    }
    for_each_special_op!(handler_table);

    /// Executes the op at `ip` with the registers in the context, and leaves them there. Returns the address of the next op,
    /// which is [`LEAVING`] to leave the machine.
    ///
    /// # Safety
    ///
    /// I1 to I8 hold for the op, which has no arm in the loop.
    #[inline(never)]
    pub(super) unsafe fn step(ctx: *mut Context, ip: *const u8) -> *const u8 {
        // SAFETY: I1 to I8 hold, as the caller promises. The rows of the table have the last opcodes.
        unsafe {
            let mut vm = Vm { ip, ..Vm::restored(ctx) };
            let opcode = usize::from(*ip.cast::<u16>());
            match HANDLERS[opcode - (OpCode::COUNT - HANDLERS.len())](&mut vm) {
                NEXT => {
                    save(vm);
                    vm.ip
                }
                RELOAD => vm.ip,
                exit => {
                    (*ctx).exit = exit;
                    LEAVING.as_ptr().cast()
                }
            }
        }
    }
}

#[cfg(not(one_loop))]
mod switch {
    #[allow(clippy::wildcard_imports, reason = "the rows of the op table say what they name")]
    use crate::{
        exec::{
            dispatch::portable::{NEXT, Portable, RELOAD},
            handlers::scope::*,
            machine::Vm,
        },
        ir::opcode::OpCode,
    };

    macro_rules! handler_table {
        ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:tt)* ; )*) => {
            static HANDLERS: [unsafe fn(&mut Vm) -> u64; OpCode::COUNT + 1] = [ $( $( in_place!($shape $form $sem), )* )* leave ];
        };
    }
    for_each_op!(handler_table);

    /// The handler of `LEAVE`.
    unsafe fn leave(vm: &mut Vm) -> u64 {
        // SAFETY: I8: `vm.ctx` is the context of this machine.
        unsafe { (*vm.ctx).exit }
    }

    /// Runs compact code from `vm` on.
    ///
    /// # Safety
    ///
    /// I1 to I8 hold for `vm`.
    pub(crate) unsafe fn run(start: Vm) -> u64 {
        let mut vm = start;
        loop {
            #[cfg(feature = "count-ops")]
            // SAFETY: I8: `vm.ctx` is the context of this machine.
            unsafe {
                crate::exec::dispatch::portable::count(vm.ctx, vm.ip);
            };
            // SAFETY: I1 to I8, the contract of handler bodies, hold from op to op.
            match unsafe { HANDLERS[usize::from(*vm.ip.cast::<u16>())](&mut vm) } {
                NEXT => {}
                // SAFETY: I8: `vm.ctx` is the context of this machine.
                RELOAD => vm = Vm { ip: vm.ip, ..unsafe { Vm::restored(vm.ctx) } },
                exit => return exit,
            }
        }
    }
}

pub(crate) use switch::run;
