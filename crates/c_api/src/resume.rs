//! Calls that can be interrupted and resumed: `wasmote_call_t`.

use std::{ptr, rc::Rc};

use wasmote::{Error, Func, ResumableCall, ResumableCallHostTrap, ResumableCallOutOfFuel, Val};

use crate::{
    failure::error_kind,
    func::{inputs, write_results},
    guarded,
    object::{Object, object},
    store::Shared,
    trap::{self, complain},
    value::{CVal, Mismatch, Values},
    vec::{CVec, delete, into_raw, take},
};

/// `wasmote_call_t`: a call that was interrupted
pub(crate) struct Call {
    store: Rc<Shared>,
    func: Func,
    /// The number of results
    arity: usize,
    state: State,
}

enum State {
    HostTrap(ResumableCallHostTrap),
    OutOfFuel(ResumableCallOutOfFuel),
}

/// What came of a call or of its continuation, before C gets it.
type Outcome = Result<Option<Call>, *mut Object>;

/// Gives results of a call to C, or makes the rest of it a call that can be resumed.
///
/// # Safety
///
/// C1.
unsafe fn conclude(
    store: &Rc<Shared>,
    func: Func,
    ended: Result<ResumableCall, Error>,
    outputs: &[Val],
    results: *mut CVec<CVal>,
) -> Outcome {
    let state = match ended.map_err(|error| trap::to_c(&error, store))? {
        ResumableCall::Finished => {
            // SAFETY: C1.
            let written = unsafe { write_results(store, outputs, results) };
            return written.map(|()| None).map_err(|mismatch| refuse(store, &mismatch));
        }
        ResumableCall::HostTrap(call) => State::HostTrap(call),
        ResumableCall::OutOfFuel(call) => State::OutOfFuel(call),
    };
    Ok(Some(Call { store: store.clone(), func, arity: outputs.len(), state }))
}

fn refuse(store: &Rc<Shared>, mismatch: &Mismatch) -> *mut Object {
    complain(mismatch.to_string(), error_kind::CALL, store)
}

/// Gives the outcome to C.
///
/// # Safety
///
/// C1.
unsafe fn answer(outcome: Outcome, trap: *mut *mut Object) -> *mut Call {
    let (call, failure) = match outcome {
        Ok(call) => (call.map_or(ptr::null_mut(), into_raw), ptr::null_mut()),
        Err(failure) => (ptr::null_mut(), failure),
    };
    // SAFETY: C1.
    unsafe { trap.write(failure) };
    call
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_func_start(
    reference: *const Object,
    arguments: *const CVec<CVal>,
    results: *mut CVec<CVal>,
    trap: *mut *mut Object,
) -> *mut Call {
    // SAFETY: C1.
    let (store, func, ty) = unsafe { object(reference) }.func();
    let start = || {
        // SAFETY: C1.
        let inputs = unsafe { inputs(store, ty.params(), arguments) }.map_err(|error| refuse(store, &error))?;
        let mut outputs: Values<Val> = Values::from_elem(Val::I32(0), ty.results().len());
        // SAFETY: C3, C4: nothing else uses the context but host functions.
        let ended = func.call_resumable(unsafe { store.context() }, &inputs, &mut outputs);
        // SAFETY: C1.
        unsafe { conclude(store, func, ended, &outputs, results) }
    };
    let outcome = guarded(start, || Err(trap::panicked(store)));
    // SAFETY: C1.
    unsafe { answer(outcome, trap) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_call_delete(call: *mut Call) {
    // SAFETY: C2.
    unsafe { delete(call) };
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_call_required_fuel(call: *const Call) -> u64 {
    // SAFETY: C1.
    match &unsafe { &*call }.state {
        State::OutOfFuel(call) => call.required_fuel(),
        State::HostTrap(_) => 0,
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_call_trap(call: *const Call) -> *mut Object {
    // SAFETY: C1.
    let call = unsafe { &*call };
    match &call.state {
        State::HostTrap(state) => trap::to_c(state.host_error(), &call.store),
        State::OutOfFuel(_) => ptr::null_mut(),
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_call_resume(
    call: *mut Call,
    values: *const CVec<CVal>,
    results: *mut CVec<CVal>,
    trap: *mut *mut Object,
) -> *mut Call {
    // SAFETY: C2.
    let Some(call) = (unsafe { take(call) }) else { return ptr::null_mut() };
    let Call { store, func, arity, state } = *call;
    let resume = || {
        let mut outputs: Values<Val> = Values::from_elem(Val::I32(0), arity);
        // SAFETY: C3, C4: nothing else uses the context but host functions.
        let context = unsafe { store.context() };
        let ended = match state {
            State::OutOfFuel(call) => call.resume(context, &mut outputs),
            State::HostTrap(call) => {
                let ty = call.host_func().ty(&context);
                // SAFETY: C1.
                let inputs = unsafe { inputs(&store, ty.results(), values) };
                let inputs = inputs.map_err(|error| refuse(&store, &error))?;
                // SAFETY: C3, C4: nothing else uses the context but host functions.
                call.resume(unsafe { store.context() }, &inputs, &mut outputs)
            }
        };
        // SAFETY: C1.
        unsafe { conclude(&store, func, ended, &outputs, results) }
    };
    let outcome = guarded(resume, || Err(trap::panicked(&store)));
    // SAFETY: C1.
    unsafe { answer(outcome, trap) }
}
