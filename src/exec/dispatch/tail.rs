//! Tail-call dispatch: each handler ends in a jump to the handler of the next op, whose address
//! stands at the head of that op in linked code.
//!
//! The compiler makes the final call of a handler a jump because caller and callee have the same
//! convention and all arguments travel in registers. `build.rs` enables this only where that is to be
//! expected, `probe` finds out whether it holds before it is used first, and `ci/handlers.sh` checks the
//! machine code.

use core::sync::atomic::{AtomicPtr, Ordering};

use crate::{
    exec::{
        barrier,
        dispatch::Stubs,
        handlers::call,
        machine::{Cold, Context, Exit, Machine, Vm},
    },
    ir::{
        link::{self, Handlers},
        operand::{Encoding, Linked},
    },
    module::body::FuncCode,
    runtime::code::{CodeBlock, FuncEntry, ModuleCode},
    trap::TrapCode,
};

/// Expands `$consumer!` with the calling convention of handlers before the other tokens.
///
/// It passes all registers of the machine in machine registers: on x86-64 that of System V, elsewhere that of C. Where
/// panics abort, it must be one that does not unwind: otherwise the compiler ends each handler with a call, after which
/// it aborts should a panic arrive there, instead of a jump.
#[cfg(all(target_arch = "x86_64", panic = "unwind"))]
macro_rules! with_convention {
    ($consumer:ident! $($tokens:tt)*) => { $consumer! { "sysv64-unwind" $($tokens)* } };
}
#[cfg(all(target_arch = "x86_64", not(panic = "unwind")))]
macro_rules! with_convention {
    ($consumer:ident! $($tokens:tt)*) => { $consumer! { "sysv64" $($tokens)* } };
}
#[cfg(all(not(target_arch = "x86_64"), panic = "unwind"))]
macro_rules! with_convention {
    ($consumer:ident! $($tokens:tt)*) => { $consumer! { "C-unwind" $($tokens)* } };
}
#[cfg(all(not(target_arch = "x86_64"), not(panic = "unwind")))]
macro_rules! with_convention {
    ($consumer:ident! $($tokens:tt)*) => { $consumer! { "C" $($tokens)* } };
}

/// Declares functions with the register signature of handlers. The one place that lists it.
///
/// On x86-64 the accumulator is the fourth, `rcx`: shifts take their count from there, and would have to save anything
/// else.
macro_rules! handlers {
    ($($functions:tt)*) => { with_convention! { declare_handlers! $($functions)* } };
}
macro_rules! declare_handlers {
    ($convention:literal $( $(#[$attr:meta])* fn $name:ident [$($gen:tt)*] ($vm:ident) $body:block )*) => {
        $( $(#[$attr])*
        pub(crate) unsafe extern $convention fn $name<$($gen)*>(ip: *const u8, fp: *mut u64, mem: *mut u8, acc: u64, mem_len: usize, ctx: *mut Context, f64: f64, f32: f32) -> u64 {
            let $vm = Vm { ip, fp, mem, mem_len, acc, ctx, f64, f32 };
            $body
        } )*
    };
}
macro_rules! declare_handler_type {
    ($convention:literal) => {
        /// A handler's address.
        pub(crate) type Handler =
            unsafe extern $convention fn(*const u8, *mut u64, *mut u8, u64, usize, *mut Context, f64, f32) -> u64;
    };
}
with_convention! { declare_handler_type! }

pub(crate) mod probe;
#[cfg(sequences)]
mod sequence;

/// Calls a handler with the registers of a `Vm`.
macro_rules! enter {
    ($handler:expr, $vm:ident) => {
        $handler($vm.ip, $vm.fp, $vm.mem, $vm.acc, $vm.mem_len, $vm.ctx, $vm.f64, $vm.f32)
    };
}

/// Tail-call dispatch as a machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tail;

handlers! {
    /// Leaves with the trap whose number stands in the accumulator.
    #[cold]
    #[inline(never)]
    fn trap[](vm) {
        // SAFETY: I8.
        let context = unsafe { &mut *vm.ctx };
        context.ip = vm.ip;
        context.fp = vm.fp;
        context.trap = TrapCode::try_from(vm.acc as u8).unwrap_or(TrapCode::UnreachableCodeReached);
        barrier::opaque(Exit::Trap as u64)
    }

    /// Leaves for another reason.
    #[cold]
    #[inline(never)]
    fn leave[const EXIT: u64](vm) {
        // SAFETY: I8.
        let context = unsafe { &mut *vm.ctx };
        context.ip = vm.ip;
        context.fp = vm.fp;
        context.acc = vm.acc;
        context.f64 = vm.f64;
        context.f32 = vm.f32;
        barrier::opaque(EXIT)
    }

    /// Runs a body that is kept out of its handler.
    #[cold]
    #[inline(never)]
    fn cold[C: Cold](vm) {
        // SAFETY: the contract of handler bodies.
        unsafe { C::run::<Tail>(vm) }
    }

    /// Makes a function ready when a direct call enters it, and lets that call enter its code from now on.
    #[cold]
    #[inline(never)]
    fn first_call[](vm) {
        let mut vm = vm;
        vm.acc = FuncEntry::of_stub(vm.ip) as u64;
        // If it cannot be made ready now, the attempt goes on here.
        vm.ip = TRANSLATE.as_ptr().cast();
        // SAFETY: I4, I8; a direct call has entered the stub of this entry.
        unsafe { call::first_call::<Tail>(vm) }
    }
}

impl Machine for Tail {
    type Encoding = Linked;
    type Out = u64;

    const CHARGES: bool = true;

    #[inline(always)]
    unsafe fn next(vm: Vm) -> u64 {
        // SAFETY: I1: the head of an op in linked code is its handler.
        unsafe {
            let handler = *vm.ip.cast::<Handler>();
            enter!(handler, vm)
        }
    }

    #[inline(always)]
    unsafe fn jump(mut vm: Vm) -> u64 {
        vm.ip = barrier::apart(vm.ip);
        // SAFETY: as promised by the caller.
        unsafe { Self::next(vm) }
    }

    #[inline(always)]
    unsafe fn trap(mut vm: Vm, code: TrapCode) -> u64 {
        vm.acc = code as u64;
        // SAFETY: as promised by the caller.
        unsafe { enter!(trap, vm) }
    }

    #[inline(always)]
    unsafe fn exit<const EXIT: u64>(vm: Vm) -> u64 {
        // SAFETY: as promised by the caller.
        unsafe { enter!(leave::<EXIT>, vm) }
    }

    #[inline(always)]
    unsafe fn cold<C: Cold>(vm: Vm) -> u64 {
        // SAFETY: as promised by the caller.
        unsafe { enter!(cold::<C>, vm) }
    }

    #[inline(always)]
    unsafe fn callee(_vm: &Vm, callee: <Linked as Encoding>::Callee) -> *const FuncEntry {
        // Tail calls keep the address that the linker gives all calls.
        FuncEntry::of_stub(callee)
    }

    #[inline(always)]
    unsafe fn direct(vm: &mut Vm, callee: *const <Linked as Encoding>::Callee) -> (*const u8, usize) {
        // SAFETY: I1, I4, as promised by the caller; before the code of a function stands the length of its
        // frame.
        unsafe {
            let code = AtomicPtr::<u8>::from_ptr(callee.cast_mut().cast()).load(Ordering::Acquire);
            // The accumulator holds nothing now: a register less to save.
            vm.acc = *code.cast::<u64>().sub(1);
            (code, vm.acc as usize)
        }
    }
}

/// An op, by the body of its handler.
pub(crate) trait Body {
    /// Does the op at `vm.ip` and goes on as the machine `M` does.
    ///
    /// # Safety
    ///
    /// The contract of handler bodies.
    unsafe fn run<M: Machine<Encoding = Linked, Out = u64>>(machine: M, vm: Vm) -> u64;
}

/// The bodies by name: `bodies::i32_add::rss`.
#[allow(non_camel_case_types, dead_code, reason = "named as in the table; sequences use some of them")]
pub(crate) mod bodies {
    macro_rules! define_bodies {
        ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:tt)* ; )*) => {
            $( pub(crate) mod $name {
                #[allow(unused_imports, reason = "each row needs some of these")]
                use crate::{
                    exec::{
                        dispatch::tail::Body,
                        handlers::{access, call, control, memory, semantics, shapes, table, variable},
                        machine::{Machine, Vm},
                    },
                    ir::{form, operand::Linked},
                    numerics::{convert, float, int},
                };
                $(
                    #[derive(Debug)]
                    pub(crate) struct $form;
                    impl Body for $form {
                        #[inline(always)]
                        unsafe fn run<M: Machine<Encoding = Linked, Out = u64>>(machine: M, vm: Vm) -> u64 {
                            // SAFETY: the contract of handler bodies.
                            unsafe { shapes::$shape(form::$form, machine, vm, $sem) }
                        }
                    }
                )*
            } )*
        };
    }
    for_each_op!(define_bodies);
}

/// The handlers by name: `ops::i32_add::rss`, as they appear in a profile.
pub(crate) mod ops {
    macro_rules! define_handlers {
        ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:tt)* ; )*) => {
            $( pub(crate) mod $name {
                use crate::exec::{
                    barrier,
                    dispatch::tail::{Body, Tail, bodies},
                    machine::{Context, Vm},
                };
                $( handlers! {
                    fn $form[](vm) {
                        barrier::line_begins();
                        // SAFETY: the contract of handler bodies.
                        unsafe { bodies::$name::$form::run(Tail, vm) }
                    }
                } )*
            } )*
        };
    }
    for_each_op!(define_handlers);
}

macro_rules! handler_addresses {
    ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:tt)* ; )*) => {
        /// Handlers by opcode.
        pub(crate) static HANDLERS: [Handler; crate::ir::opcode::OpCode::COUNT] = [ $( $( ops::$name::$form, )* )* ];
    };
}
for_each_op!(handler_addresses);

/// Returns the handlers of all ops, for linking, and those of sequences if `fused` and if this build has them.
pub(crate) fn handlers(fused: bool) -> Handlers<'static> {
    // SAFETY: I1: a function pointer has the size and the bits of an address, which is what linked code holds.
    let ops = unsafe { &*(&raw const HANDLERS).cast() };
    #[cfg(sequences)]
    // SAFETY: I1, as above.
    let sequences = unsafe { fused.then_some(&*(&raw const sequence::HANDLERS).cast()) };
    #[cfg(not(sequences))]
    let (sequences, _) = (None, fused);
    Handlers { ops, sequences }
}

/// Links compact code of a function of `module`.
fn link(module: &ModuleCode, code: &[u16], func: FuncCode) -> (CodeBlock, usize) {
    let entry = |callee: u32| module.entries[callee as usize].stub() as usize;
    let handlers = handlers(module.data.header.fused);
    let (linked, offset) = link::link(code, func.entry, func.frame_cells, handlers, entry);
    (CodeBlock::Linked(linked), offset)
}

static HALT: [Handler; 1] = [ops::halt::x];
static RESTORE: [Handler; 1] = [ops::restore_instance::x];
static TRANSLATE: [Handler; 1] = [ops::translate::x];

/// The stubs as linked code.
pub(crate) fn stubs() -> Stubs {
    Stubs {
        halt: HALT.as_ptr().cast(),
        restore: RESTORE.as_ptr().cast(),
        translate: TRANSLATE.as_ptr().cast(),
        first_call: first_call as Handler as usize,
        link: Some(link),
    }
}

/// Runs linked code from `vm` on.
///
/// # Safety
///
/// I1 to I8 hold for `vm`.
pub(crate) unsafe fn run(vm: Vm) -> u64 {
    // SAFETY: as promised by the caller.
    unsafe { Tail::next(vm) }
}
