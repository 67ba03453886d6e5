//! Enters the machine, leaves it, and resumes a suspended invocation.

use core::{ptr, sync::atomic::Ordering};

#[cfg(feature = "coredump")]
use crate::exec::coredump;
#[cfg(vector_register)]
use crate::exec::simd;
#[cfg(feature = "exceptions")]
use crate::exec::unwind;
#[cfg(feature = "simd")]
use crate::numerics::vector::Vector;
use crate::{
    error::Error,
    exec::{
        backtrace, barrier,
        dispatch::{self, stubs},
        frames::{Frames, Place, Stop, Stopped},
        handlers::call::load_result,
        host::HostRef,
        invocations::{Interrupted, Invocation, Invocations, Mode, Reason, Registers},
        machine::{Context, Exit, Outer, Vm},
        slices,
        stack::Stack,
    },
    ir::operand::Class,
    runtime::instance::{FuncInst, InstanceInst},
    trap::TrapCode,
    types::layout::LINKAGE_CELLS,
};

/// What an invocation runs on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ground {
    /// The store, and the way to its host functions.
    pub(crate) host: HostRef,
    /// The invocations of the store.
    pub(crate) invocations: *mut Invocations,
    /// The value stack.
    pub(crate) stack: *mut Stack,
}

/// How an invocation ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It returned; the results are in the cells.
    Done,
    /// It was interrupted and can be resumed. Its frames are on the stack.
    Interrupted(Interrupted, Reason),
}

/// Invokes `func` with the parameters in `cells`; the results come back in them.
///
/// `cells` has as many elements as the function has parameters or results, whichever is more.
/// The mode says whether a host error or lack of fuel interrupts the invocation, or ends it.
///
/// # Errors
///
/// Traps, and errors that host functions return.
///
/// # Safety
///
/// I8: `ground` is that of the store that owns `func`, and nobody else uses it meanwhile.
/// I5: the cells hold values of the parameter types.
#[inline(always)]
pub(crate) unsafe fn invoke(
    ground: Ground,
    func: *const FuncInst,
    cells: &mut [u64],
    class: Class,
    mode: Mode,
) -> Result<Outcome, Error> {
    // SAFETY: I6, I8, as promised by the caller.
    unsafe {
        if (*func).entry.is_null() {
            return invoke_host(ground, func, cells);
        }
        invoke_wasm(ground, func, cells, class, mode)
    }
}

/// Invokes a function of the host.
///
/// # Errors
///
/// Those of `invoke`.
///
/// # Safety
///
/// Those of `invoke`.
unsafe fn invoke_host(ground: Ground, func: *const FuncInst, cells: &mut [u64]) -> Result<Outcome, Error> {
    let Ground { host, invocations, .. } = ground;
    // SAFETY: I8, as promised by the caller; nothing of the store is borrowed when the host function runs.
    unsafe {
        let _counted = Counted::new(invocations)?;
        // Reserves no cells: a host function called by the host uses those of its caller.
        (host.vtable.call)(host.store, (*func).host, ptr::null(), cells.as_mut_ptr()).map_err(|mut error| {
            error.end_suspension();
            error
        })?;
        Ok(Outcome::Done)
    }
}

/// Invokes a Wasm function.
///
/// # Errors
///
/// Those of `invoke`.
///
/// # Safety
///
/// Those of `invoke`.
unsafe fn invoke_wasm(
    ground: Ground,
    func: *const FuncInst,
    cells: &mut [u64],
    class: Class,
    mode: Mode,
) -> Result<Outcome, Error> {
    let Ground { stack, .. } = ground;
    // SAFETY: I8, as promised by the caller; nothing of the store is borrowed when code runs.
    unsafe {
        let (entry, instance) = ((*func).entry, (*func).instance);
        let module = &(*instance).code;
        let (base, len) = ((*stack).top, (*stack).len());
        let ip = (*entry).code.load(Ordering::Acquire);
        let frame = (*entry).frame_cells.load(Ordering::Relaxed) as usize;
        let bottom = (*stack).address(0);
        if len - base < frame.max(cells.len() + LINKAGE_CELLS) {
            return Err(TrapCode::StackOverflow.into());
        }
        // I3: these cells were just counted.
        let fp = bottom.add(base);
        // One after the other: there are few, and a call of memcpy costs more than they do.
        for (i, &cell) in cells.iter().enumerate() {
            *fp.add(i) = barrier::held(cell);
        }
        let portable = module.portable();
        let linkage = fp.add(cells.len());
        *linkage = stubs(portable).halt as u64;
        *linkage.add(1) = 0;
        let invocation = Invocation { base, class, portable, switches: (*stack).switches.len(), price: module.price() };
        let mut context = context(&ground, instance, &invocation, bottom, len);
        let (mem, ctx) = (ptr::null_mut(), &raw mut context);
        let vm = Vm {
            ip,
            fp,
            mem,
            mem_len: 0,
            acc: entry as u64,
            ctx,
            f64: 0.0,
            f32: 0.0,
            #[cfg(vector_register)]
            vector: simd::zero(),
        };
        run(ground.invocations, ground.stack, vm, None, invocation, cells, mode)
    }
}

/// Resumes an invocation. `inputs` are the results of the host function that interrupted it, if one did.
///
/// # Errors
///
/// Those of `invoke`.
///
/// # Safety
///
/// Those of `invoke`; the stack is the one of the interrupted invocation. I5: the inputs have the types of
/// the host function's results.
pub(crate) unsafe fn resume(
    ground: Ground,
    interrupted: &Interrupted,
    inputs: &[u64],
    cells: &mut [u64],
    mode: Mode,
) -> Result<Outcome, Error> {
    // SAFETY: I8, as promised by the caller. I3: the frames are still on the stack.
    unsafe {
        let &Interrupted { invocation, mut registers, results } = interrupted;
        let (bottom, len) = ((*ground.stack).address(0), (*ground.stack).len());
        let mut context = context(&ground, registers.stopped.place.instance, &invocation, bottom, len);
        if !inputs.is_empty() {
            ptr::copy_nonoverlapping(inputs.as_ptr(), results, inputs.len());
            let mut vm = vm(&mut context, registers);
            load_result(&mut vm, results);
            registers.acc = vm.acc;
            registers.f64 = vm.f64;
            registers.f32 = vm.f32;
        }
        run(ground.invocations, ground.stack, vm(&mut context, registers), None, invocation, cells, mode)
    }
}

/// Resumes an invocation with the error of the host function that suspended it. The code may catch the error.
///
/// # Errors
///
/// Those of `invoke`.
///
/// # Safety
///
/// Those of `resume`; host function `func` has suspended it.
pub(crate) unsafe fn fail(
    ground: Ground,
    interrupted: &Interrupted,
    (func, error): (u32, Error),
    cells: &mut [u64],
    mode: Mode,
) -> Result<Outcome, Error> {
    // SAFETY: I8, as promised by the caller. I3: the frames are still on the stack.
    unsafe {
        let &Interrupted { invocation, registers, results } = interrupted;
        let (bottom, len) = ((*ground.stack).address(0), (*ground.stack).len());
        let place = registers.stopped.place;
        let mut context = context(&ground, place.instance, &invocation, bottom, len);
        context.ip = place.ip;
        context.fp = place.fp;
        context.results = results;
        context.error = Some(error);
        context.host_func = Some(func);
        let exit = Some(Exit::Error as u64);
        run(ground.invocations, ground.stack, vm(&mut context, registers), exit, invocation, cells, mode)
    }
}

/// A context for code of `instance` on the stack with `len` cells from `bottom` on.
///
/// # Safety
///
/// I6, I8: `ground` is that of the store of the instance, and nobody else uses it. The stack is that of `ground`.
#[inline]
unsafe fn context(
    ground: &Ground,
    instance: *const InstanceInst,
    invocation: &Invocation,
    bottom: *mut u64,
    len: usize,
) -> Context {
    let &Ground { host, invocations, stack } = ground;
    // SAFETY: I6, I8, as promised by the caller. I9: the innermost machine is in the host call that led here.
    unsafe {
        Context {
            limit: bottom.add(len),
            instance,
            globals: (*instance).globals,
            fuel: (*host.instances).fuel.slice,
            required: 0,
            price: invocation.price,
            host,
            switches: &raw mut (*stack).switches,
            top: &raw mut (*stack).top,
            stack_base: bottom,
            restore: stubs(invocation.portable).restore,
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
            outer: Outer::new((*invocations).innermost),
        }
    }
}

/// The registers of the machine, without those of memory 0.
fn vm(context: &mut Context, registers: Registers) -> Vm {
    #[cfg(feature = "simd")]
    {
        context.vector = registers.vector;
    }
    Vm {
        ip: registers.stopped.place.ip,
        fp: registers.stopped.place.fp,
        mem: ptr::null_mut(),
        mem_len: 0,
        acc: registers.acc,
        ctx: context,
        f64: registers.f64,
        f32: registers.f32,
        #[cfg(vector_register)]
        vector: simd::register(registers.vector),
    }
}

/// Counts an invocation of a host function as long as it exists.
struct Counted {
    invocations: *mut Invocations,
    /// The depth before.
    depth: usize,
}

impl Counted {
    /// Counts one more.
    ///
    /// # Safety
    ///
    /// I8: nobody else uses the invocations, now and when this is dropped.
    unsafe fn new(invocations: *mut Invocations) -> Result<Self, TrapCode> {
        // SAFETY: I8, promised by the caller.
        let depth = unsafe { (*invocations).enter()? };
        Ok(Self { invocations, depth })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        // SAFETY: I8, promised to `new`: the host function has returned or panicked.
        unsafe { (*self.invocations).leave(self.depth) };
    }
}

/// Leaves the stack and the count as the invocation found them if a host function panics.
struct Unwinding {
    invocations: *mut Invocations,
    stack: *mut Stack,
    /// The context of the invocation.
    ctx: *const Context,
    /// The depth before the invocation.
    depth: usize,
    /// `Invocation::base`
    base: usize,
    /// `Invocation::switches`
    switches: usize,
}

impl Drop for Unwinding {
    // Inlined, so that nothing of it is written to memory unless there is a panic.
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: I8: the panic has left the machine, so nobody else uses the store, the stack and the context.
        unsafe {
            let invocations = &mut *self.invocations;
            invocations.leave(self.depth);
            invocations.innermost = (*self.ctx).outer.context;
            restore(&mut *self.stack, self.base, self.switches);
        }
    }
}

/// Removes the remains of an invocation from its stack: what is there from cell `base` on, and the pending switches
/// after the first `switches` ones.
fn restore(stack: &mut Stack, base: usize, switches: usize) {
    stack.top = base;
    stack.switches.truncate(switches);
}

/// Runs the machine, and handles how it was left; or how it was `left` before.
///
/// # Safety
///
/// Those of `invoke`; `vm` has the registers and the context of the invocation.
#[inline]
unsafe fn run(
    invocations: *mut Invocations,
    stack: *mut Stack,
    mut vm: Vm,
    left: Option<u64>,
    invocation: Invocation,
    cells: &mut [u64],
    mode: Mode,
) -> Result<Outcome, Error> {
    // SAFETY: I8, as promised by the callers; from here on the context is reached through `ctx` and copies of it only,
    // until the machine is left.
    unsafe {
        let depth = (*invocations).enter()?;
        let ctx = vm.ctx;
        vm.reload_memory();
        (*invocations).innermost = ctx;
        let Invocation { base, switches, .. } = invocation;
        let unwinding = Unwinding { invocations, stack, ctx, depth, base, switches };
        let exit = match left {
            None => dispatch::run(invocation.portable, vm),
            Some(exit) => exit,
        };
        let exit = if exit == Exit::Halt as u64 { exit } else { go_on(ctx, stack, &invocation, exit, mode) };
        core::mem::forget(unwinding);
        (*invocations).innermost = (*ctx).outer.context;
        (*invocations).leave(depth);
        (*(*ctx).host.instances).fuel.slice = (*ctx).fuel;
        if exit == Exit::Halt as u64 {
            (*stack).top = invocation.base;
            if let Some(first) = cells.first_mut() {
                *first = match invocation.class {
                    Class::Int => (*ctx).acc,
                    Class::F32 => u64::from((*ctx).f32.to_bits()),
                    Class::F64 => (*ctx).f64.to_bits(),
                    Class::V128 => *(*stack).address(invocation.base),
                };
                for (i, cell) in cells.iter_mut().enumerate().skip(1) {
                    *cell = *(*stack).address(invocation.base + i);
                }
            }
            return Ok(Outcome::Done);
        }
        // Put together here, since it is passed by address: otherwise every invocation would write it to memory.
        let price = (*ctx).price;
        interrupted(&mut *ctx, exit, Invocation { price, ..invocation }, &mut *stack, mode)
    }
}

/// Continues where exceptions are caught by which the machine is left, and where only a slice of the fuel was used up. Returns
/// the exit by which the invocation ends or is suspended.
///
/// # Safety
///
/// Those of `run`, whose machine was left by `exit`.
#[cold]
#[inline(never)]
unsafe fn go_on(ctx: *mut Context, stack: *mut Stack, invocation: &Invocation, mut exit: u64, mode: Mode) -> u64 {
    // SAFETY: I8: the machine was left, so nobody else uses the context, the stack and the store until it is entered again.
    unsafe {
        loop {
            #[cfg(feature = "exceptions")]
            if unwind::has_thrown(&*ctx, exit) {
                match catch(ctx, stack, exit, invocation.portable) {
                    Ok(place) => {
                        (*ctx).ip = place.ip;
                        (*ctx).fp = place.fp;
                        exit = enter(ctx, invocation.portable);
                        continue;
                    }
                    Err(other) => exit = other,
                }
            }
            if exit != Exit::OutOfFuel as u64 || !(*(*ctx).host.instances).fuel.is_sliced() {
                return exit;
            }
            if let Some(exit) = slices::renew(ctx, stack, mode) {
                return exit;
            }
            exit = enter(ctx, invocation.portable);
        }
    }
}

/// Searches for the code that catches the exception by which the machine is left. The whole fuel pays for the search.
///
/// # Safety
///
/// Those of `go_on`; the machine was left by an exception.
#[cfg(feature = "exceptions")]
unsafe fn catch(ctx: *mut Context, stack: *mut Stack, exit: u64, portable: bool) -> Result<Place, u64> {
    // SAFETY: I8, promised by the caller.
    unsafe {
        let instances = (*ctx).host.instances;
        if !(*instances).fuel.is_sliced() {
            return unwind::catch(&mut *ctx, &mut *stack, exit, portable);
        }
        (*instances).fuel.slice = (*ctx).fuel;
        let slice = (*ctx).fuel;
        let all = (*instances).fuel.join();
        (*ctx).fuel = (*instances).fuel.slice;
        let place = unwind::catch(&mut *ctx, &mut *stack, exit, portable);
        (*instances).fuel.slice = (*ctx).fuel;
        (*instances).fuel.part(slice, all);
        (*ctx).fuel = (*instances).fuel.slice;
        place
    }
}

/// Enters the machine again, at the place in its context. Returns the next exit.
///
/// # Safety
///
/// Those of `go_on`; the registers in the context are those of the place.
unsafe fn enter(ctx: *mut Context, portable: bool) -> u64 {
    // SAFETY: I1 to I8, promised by the caller.
    unsafe { dispatch::run(portable, Vm::restored(ctx)) }
}

/// Notes in `error` which calls were under way, if the configuration says so.
///
/// # Safety
///
/// I6, I8, I9: `store` is the identifier of the store that `stopped` belongs to. Its code does not run, nobody else uses it,
/// and the frames are still on `stack` and on those of `outer`.
unsafe fn trace(error: &mut Error, store: usize, stopped: Stopped, stack: &Stack, outer: Outer) {
    // SAFETY: I6, I8, I9, as promised by the caller.
    unsafe {
        let instance = &*stopped.place.instance;
        #[cfg(feature = "coredump")]
        if instance.code.config.coredump_on_trap && error.i32_exit_status().is_none() {
            let overflow = error.as_trap_code() == Some(TrapCode::StackOverflow);
            if let Some(dump) = error.dump_in(store) {
                coredump::collect(dump, Frames::new(stopped, &stack.switches, outer), overflow);
                backtrace::collect(&mut dump.backtrace, Frames::new(stopped, &stack.switches, outer));
            }
        }
        if instance.code.config.wasm_backtrace
            && error.i32_exit_status().is_none()
            && let Some(backtrace) = error.backtrace_in(store)
        {
            backtrace::collect(backtrace, Frames::new(stopped, &stack.switches, outer));
        }
    }
}

/// Gives up an invocation that was interrupted because fuel ran out. Returns the trap that it would have ended with if it could
/// not have been resumed.
///
/// # Safety
///
/// I6, I8, I9: the invocation was interrupted in the store with this identifier, whose innermost context is `innermost`, and
/// nobody else uses the store. The stack is the one of the invocation.
pub(crate) unsafe fn give_up(
    interrupted: &Interrupted,
    store: usize,
    stack: &mut Stack,
    innermost: *const Context,
) -> Error {
    let Interrupted { invocation, registers, .. } = interrupted;
    let mut error = TrapCode::OutOfFuel.into();
    // SAFETY: I6, I8, I9, as promised by the caller.
    unsafe { trace(&mut error, store, registers.stopped, stack, Outer::new(innermost)) };
    restore(stack, invocation.base, invocation.switches);
    error
}

/// Handles an exit other than a return.
#[cold]
fn interrupted(
    context: &mut Context,
    exit: u64,
    invocation: Invocation,
    stack: &mut Stack,
    mode: Mode,
) -> Result<Outcome, Error> {
    let host_func = context.host_func.take();
    let stop = if host_func.is_some() {
        Stop::Call
    } else if context.ip == stubs(invocation.portable).translate {
        // The entry is in the accumulator.
        Stop::Entry(context.acc as *const _)
    } else {
        Stop::Op
    };
    let place = Place { instance: context.instance, ip: context.ip, fp: context.fp };
    let stopped = Stopped { place, stop };
    let out_of_fuel = exit == Exit::OutOfFuel as u64;
    let reason = if mode == Mode::Resumable && out_of_fuel {
        Reason::OutOfFuel { required: context.required }
    } else if exit == Exit::Yield as u64 {
        Reason::Yield
    } else {
        let mut error = if out_of_fuel {
            TrapCode::OutOfFuel.into()
        } else if exit == Exit::Trap as u64 {
            Error::from(context.trap)
        } else {
            context.error.take().unwrap_or_else(|| TrapCode::UnreachableCodeReached.into())
        };
        let suspends = match mode {
            Mode::Plain => false,
            // An exception ends the invocation, whoever has thrown it.
            Mode::Resumable => error.thrown_exception().is_none(),
            Mode::Async => error.is_suspension(),
        };
        if mode != Mode::Async || !suspends {
            error.end_suspension();
            // SAFETY: I6, I8, I9: the machine was left, nobody else uses the store, and the frames are still on their stacks.
            unsafe { trace(&mut error, (*context.host.instances).id(), stopped, stack, context.outer) };
        }
        match host_func {
            Some(func) if suspends => Reason::Host { func, error },
            _ => {
                restore(stack, invocation.base, invocation.switches);
                return Err(error);
            }
        }
    };
    let registers = Registers {
        stopped,
        acc: context.acc,
        f64: context.f64,
        f32: context.f32,
        #[cfg(feature = "simd")]
        vector: context.vector,
    };
    Ok(Outcome::Interrupted(Interrupted { invocation, registers, results: context.results }, reason))
}
