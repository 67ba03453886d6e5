//! Entering the machine, leaving it, and going on after a suspension.

use core::{ptr, sync::atomic::Ordering};

use crate::{
    error::Error,
    exec::{
        backtrace,
        dispatch::{self, stubs},
        handlers::call::load_result,
        host::HostRef,
        machine::{Context, Exit, Vm},
        stack::Stack,
    },
    ir::operand::Class,
    runtime::instance::FuncInst,
    trap::TrapCode,
    types::layout::LINKAGE_CELLS,
};

/// An invocation that is under way: where its outermost frame stands.
#[derive(Debug, Clone, Copy)]
struct Activation {
    /// The first cell of the outermost frame.
    base: usize,
    /// Number of cells that parameters and results take.
    cells: usize,
    class: Class,
    portable: bool,
    /// Number of instance switches that were pending before.
    switches: usize,
    /// Bytes that bulk operators move for one unit of fuel; 0 if fuel is not metered.
    bytes_per_fuel: u64,
}

/// A resumable invocation that a host error or lack of fuel interrupted.
///
/// Its frames stay on the stack that it was invoked with.
#[derive(Debug)]
pub(crate) struct Suspended {
    activation: Activation,
    vm: Saved,
    instance: *const crate::runtime::instance::InstanceInst,
    /// Where the results of the interrupted host function belong.
    results: *mut u64,
    /// Why the invocation was interrupted.
    pub(crate) reason: Reason,
}

/// Why a resumable invocation was interrupted.
#[derive(Debug)]
pub(crate) enum Reason {
    /// The host function with this index in the store returned an error.
    Host {
        /// Index of the host function.
        func: u32,
        /// What it returned.
        error: Error,
    },
    /// So much fuel is needed to go on.
    OutOfFuel {
        /// The amount in units of fuel.
        required: u64,
    },
}

#[derive(Debug, Clone, Copy)]
struct Saved {
    ip: *const u8,
    fp: *mut u64,
    acc: u64,
    f64: f64,
    f32: f32,
}

// SAFETY: the addresses are those of the store and the stack that the suspended invocation
// belongs to; they are followed only by `resume`, which holds both.
unsafe impl Send for Suspended {}
// SAFETY: a shared suspended invocation gives no access to what the addresses refer to.
unsafe impl Sync for Suspended {}

/// How an invocation ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It returned; the results stand in the cells.
    Done,
    /// It was interrupted and can go on.
    Suspended(Suspended),
}

/// Invokes `func` with the parameters in `cells`; the results come back in them.
///
/// `cells` has as many elements as the function has parameters or results, whichever is more.
/// With `resumable` a host error or lack of fuel suspends the invocation.
///
/// # Errors
///
/// Traps, and errors that host functions return.
///
/// # Safety
///
/// I8: `host` is the store that owns `func`, nobody else uses it meanwhile; `stack` belongs to it.
/// I5: the cells hold values of the parameter types.
#[inline]
pub(crate) unsafe fn invoke(
    host: HostRef,
    stack: *mut Stack,
    func: *const FuncInst,
    cells: &mut [u64],
    class: Class,
    resumable: bool,
    max_depth: usize,
) -> Result<Outcome, Error> {
    // SAFETY: as promised by the caller; see the comments inside.
    unsafe {
        let entry = (*func).entry;
        if entry.is_null() {
            // Reserve no cells: a host function called by the host works on the caller's.
            (host.vtable.call)(host.store, (*func).host, ptr::null(), cells.as_mut_ptr())?;
            return Ok(Outcome::Done);
        }
        let instance = (*func).instance;
        let module = &(*instance).code;
        let base = (*stack).top;
        if (*stack).len() - base < cells.len() + LINKAGE_CELLS || (*stack).depth >= max_depth {
            return Err(TrapCode::StackOverflow.into());
        }
        let fp = (*stack).address(base);
        ptr::copy_nonoverlapping(cells.as_ptr(), fp, cells.len());
        let portable = module.portable();
        let linkage = fp.add(cells.len());
        *linkage = stubs(portable).halt as u64;
        *linkage.add(1) = 0;
        let activation = Activation {
            base,
            cells: cells.len(),
            class,
            portable,
            switches: (*stack).switches.len(),
            bytes_per_fuel: module.bytes_per_fuel(),
        };
        let code = (*entry).code.load(Ordering::Acquire);
        let frame = (*entry).frame_cells.load(Ordering::Relaxed) as usize;
        if (*stack).len() - base < frame {
            return Err(TrapCode::StackOverflow.into());
        }
        let vm = Saved { ip: code, fp, acc: entry as u64, f64: 0.0, f32: 0.0 };
        let mut context = context(host, stack, instance, &activation);
        run(&mut context, vm, activation, stack, cells, resumable)
    }
}

/// Goes on with `suspended`: `inputs` are the results of the interrupted host function.
///
/// # Errors
///
/// As `invoke`.
///
/// # Safety
///
/// As `invoke`; `stack` is the one of the suspended invocation. I5: the inputs have the types of
/// the host function's results.
pub(crate) unsafe fn resume(
    host: HostRef,
    stack: *mut Stack,
    suspended: &Suspended,
    inputs: &[u64],
    cells: &mut [u64],
) -> Result<Outcome, Error> {
    // SAFETY: as promised by the caller; the frames are still on the stack.
    unsafe {
        let activation = suspended.activation;
        let mut context = context(host, stack, suspended.instance, &activation);
        let mut vm = suspended.vm;
        if matches!(suspended.reason, Reason::Host { .. }) {
            ptr::copy_nonoverlapping(inputs.as_ptr(), suspended.results, inputs.len());
            if !inputs.is_empty() {
                let mut registers = registers(&mut context, vm);
                load_result(&mut registers, suspended.results);
                vm.acc = registers.acc;
                vm.f64 = registers.f64;
                vm.f32 = registers.f32;
            }
        }
        run(&mut context, vm, activation, stack, cells, true)
    }
}

/// A context for code of `instance`.
#[inline]
unsafe fn context(
    host: HostRef,
    stack: *mut Stack,
    instance: *const crate::runtime::instance::InstanceInst,
    activation: &Activation,
) -> Context {
    // SAFETY: I6, I8.
    unsafe {
        Context {
            limit: (*stack).address((*stack).len()),
            instance,
            globals: (*instance).globals,
            fuel: (*host.instances).fuel,
            required: 0,
            bytes_per_fuel: activation.bytes_per_fuel,
            host,
            switches: &raw mut (*stack).switches,
            top: &raw mut (*stack).top,
            stack_base: (*stack).address(0),
            restore: stubs(activation.portable).restore,
            ip: ptr::null(),
            fp: ptr::null_mut(),
            acc: 0,
            f64: 0.0,
            f32: 0.0,
            trap: TrapCode::UnreachableCodeReached,
            error: None,
            results: ptr::null_mut(),
            host_func: None,
        }
    }
}

/// The registers for `saved`, without those of memory 0.
fn registers(context: &mut Context, saved: Saved) -> Vm {
    Vm {
        ip: saved.ip,
        fp: saved.fp,
        mem: ptr::null_mut(),
        mem_len: 0,
        acc: saved.acc,
        ctx: context,
        f64: saved.f64,
        f32: saved.f32,
    }
}

/// Leaves the stack as the invocation found it if a host function panics.
struct Unwinding<'a> {
    stack: *mut Stack,
    activation: &'a Activation,
}

impl Drop for Unwinding<'_> {
    fn drop(&mut self) {
        // SAFETY: I8: the panic has left the machine, nobody else uses the stack.
        let stack = unsafe { &mut *self.stack };
        stack.depth -= 1;
        stack.top = self.activation.base;
        stack.switches.truncate(self.activation.switches);
    }
}

/// Runs the machine and takes up how it was left.
#[inline]
unsafe fn run(
    context: &mut Context,
    saved: Saved,
    activation: Activation,
    stack: *mut Stack,
    cells: &mut [u64],
    resumable: bool,
) -> Result<Outcome, Error> {
    // SAFETY: as promised by the callers; from here on the context is reached through `ctx` only
    // until the machine is left.
    unsafe {
        let mut vm = registers(context, saved);
        let ctx = vm.ctx;
        vm.reload_memory();
        (*stack).depth += 1;
        let unwinding = Unwinding { stack, activation: &activation };
        let exit = dispatch::run(activation.portable, vm);
        core::mem::forget(unwinding);
        (*stack).depth -= 1;
        (*(*ctx).host.instances).fuel = (*ctx).fuel;
        if exit == Exit::Halt as u64 {
            (*stack).top = activation.base;
            let fp = (*stack).address(activation.base);
            if let Some(first) = cells.first_mut() {
                *first = match activation.class {
                    Class::Int => (*ctx).acc,
                    Class::F32 => u64::from((*ctx).f32.to_bits()),
                    Class::F64 => (*ctx).f64.to_bits(),
                };
                for i in 1..activation.cells {
                    cells[i] = *fp.add(i);
                }
            }
            return Ok(Outcome::Done);
        }
        interrupted(&mut *ctx, exit, activation, stack, resumable)
    }
}

/// Notes in `error` which calls were under way, if the configuration says so.
fn trace(error: &mut Error, context: &Context, activation: &Activation, stack: *const Stack) {
    // SAFETY: I6, I8: the machine was left, nobody else uses the stack, its frames are still there.
    unsafe {
        let code = &(*context.instance).code;
        if code.config.wasm_backtrace && error.i32_exit_status().is_none() {
            backtrace::collect(error.backtrace_mut(), context, &*stack, activation.portable);
        }
    }
}

/// Takes up an exit other than a return.
#[cold]
fn interrupted(
    context: &mut Context,
    exit: u64,
    activation: Activation,
    stack: *mut Stack,
    resumable: bool,
) -> Result<Outcome, Error> {
    let mut reason = None;
    let error = if exit == Exit::OutOfFuel as u64 {
        reason = Some(Reason::OutOfFuel { required: context.required });
        TrapCode::OutOfFuel.into()
    } else if exit == Exit::Trap as u64 {
        Error::from(context.trap)
    } else {
        match (context.error.take(), context.host_func.take()) {
            (Some(mut error), Some(func)) if resumable => {
                trace(&mut error, context, &activation, stack);
                reason = Some(Reason::Host { func, error });
                TrapCode::UnreachableCodeReached.into()
            }
            (Some(error), _) => error,
            (None, _) => TrapCode::UnreachableCodeReached.into(),
        }
    };
    if let (true, Some(reason)) = (resumable, reason) {
        return Ok(Outcome::Suspended(Suspended {
            activation,
            vm: Saved { ip: context.ip, fp: context.fp, acc: context.acc, f64: context.f64, f32: context.f32 },
            instance: context.instance,
            results: context.results,
            reason,
        }));
    }
    let mut error = error;
    trace(&mut error, context, &activation, stack);
    // SAFETY: I8: the machine was left, nobody else uses the stack.
    unsafe {
        (*stack).top = activation.base;
        (*stack).switches.truncate(activation.switches);
    }
    Err(error)
}
