//! Functions: `wasm_func_t`, and how C and Wasm call each other.

use std::{ffi::c_void, ptr, rc::Rc};

use wasmote::{Caller, Error, Func, FuncType, Val, ValType};

use crate::{
    confined::{Confined, Finalizer, HostData},
    failure::error_kind,
    guarded,
    object::{Object, object},
    store::{CStore, Data, Shared},
    trap::{self, complain},
    types::{CExternType, kind_of},
    value::{CVal, Mismatch, Values, free_all, from_c, to_c},
    vec::{CVec, into_raw, take},
};

/// `wasm_func_callback_t`
type Callback = unsafe extern "C" fn(*const CVec<CVal>, *mut CVec<CVal>) -> *mut Object;

/// `wasm_func_callback_with_env_t`
type CallbackWithEnv = unsafe extern "C" fn(*mut c_void, *const CVec<CVal>, *mut CVec<CVal>) -> *mut Object;

/// Makes a function of C.
///
/// # Safety
///
/// C1, and `call` is a function of C that takes arguments of the type and fills in results of the type.
pub(crate) unsafe fn make(
    store: &Rc<Shared>,
    ty: FuncType,
    call: impl Fn(*const CVec<CVal>, *mut CVec<CVal>) -> *mut Object + 'static,
) -> *mut Object {
    let host = host_func(ty.clone(), move |_, arguments, results| call(arguments, results));
    // SAFETY: C3, C4: nothing else uses the context meanwhile.
    let func = Func::new(unsafe { store.context() }, ty, host);
    into_raw(Object::in_store(store, func))
}

/// Returns a host function that calls a function of C with the store, arguments, and room for results.
#[expect(clippy::type_complexity, reason = "what `Func::new` asks for")]
pub(crate) fn host_func(
    ty: FuncType,
    call: impl Fn(&Rc<Shared>, *const CVec<CVal>, *mut CVec<CVal>) -> *mut Object + 'static,
) -> impl Fn(Caller<'_, Confined<Data>>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static {
    let host = Confined((ty, call));
    move |caller, params, results| {
        let Confined((ty, call)) = &host;
        call_c(caller, ty, call, params, results)
    }
}

/// Calls a function of C.
fn call_c(
    caller: Caller<'_, Confined<Data>>,
    ty: &FuncType,
    call: &impl Fn(&Rc<Shared>, *const CVec<CVal>, *mut CVec<CVal>) -> *mut Object,
    params: &[Val],
    results: &mut [Val],
) -> Result<(), Error> {
    let complain = |mismatch: Mismatch| Error::new(mismatch.to_string());
    Shared::within(caller, |store| {
        let mut arguments: Values<CVal> = Values::new();
        for param in params {
            match to_c(param, store) {
                Ok(value) => arguments.push(value),
                Err(mismatch) => {
                    // SAFETY: C2: nobody else has the arguments before.
                    unsafe { free_all(&mut arguments) };
                    return Err(complain(mismatch));
                }
            }
        }
        let mut answers: Values<CVal> = ty.results().iter().map(|&ty| CVal::default_of(kind_of(ty))).collect();
        let argument_vec = CVec { size: arguments.len(), data: arguments.as_mut_ptr() };
        let mut answer_vec = CVec { size: answers.len(), data: answers.as_mut_ptr() };
        let trap = call(store, &raw const argument_vec, &raw mut answer_vec);
        // SAFETY: C1, C2: the function of C only looked at the arguments.
        unsafe { free_all(&mut arguments) };
        // SAFETY: C2: a function of C gives its trap away.
        if let Some(trap) = unsafe { take(trap) } {
            // What the function wrote into results before it failed is not ours.
            return Err(trap::raise(*trap));
        }
        let mut outcome = Ok(());
        for ((answer, &ty), result) in answers.iter().zip(ty.results()).zip(results) {
            // SAFETY: C1: the function of C has filled in the results.
            match unsafe { from_c(answer, ty, store) } {
                Ok(value) => *result = value,
                Err(mismatch) => outcome = Err(complain(mismatch)),
            }
        }
        // SAFETY: C1, C2: a function of C gives its results away.
        unsafe { free_all(&mut answers) };
        outcome
    })
}

/// The type of a function that a pointer of C points to.
///
/// # Safety
///
/// C1.
pub(crate) unsafe fn func_type<'a>(ty: *const CExternType) -> &'a FuncType {
    // SAFETY: C1.
    match unsafe { &*ty } {
        CExternType::Func { ty, .. } => ty,
        _ => unreachable!("the pointer is to the type of a function"),
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_func_new(store: *const CStore, ty: *const CExternType, callback: Callback) -> *mut Object {
    // SAFETY: C1.
    unsafe { make(&(&*store).0, func_type(ty).clone(), move |arguments, results| callback(arguments, results)) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_func_new_with_env(
    store: *const CStore,
    ty: *const CExternType,
    callback: CallbackWithEnv,
    env: *mut c_void,
    finalizer: Finalizer,
) -> *mut Object {
    let env = HostData::new(env, finalizer);
    // SAFETY: C1.
    unsafe {
        make(&(&*store).0, func_type(ty).clone(), move |arguments, results| callback(env.get(), arguments, results))
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_func_type(reference: *const Object) -> *mut CExternType {
    // SAFETY: C1.
    let (_, _, ty) = unsafe { object(reference) }.func();
    into_raw(CExternType::func(ty.clone()))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_func_param_arity(reference: *const Object) -> usize {
    // SAFETY: C1.
    unsafe { object(reference) }.func().2.params().len()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_func_result_arity(reference: *const Object) -> usize {
    // SAFETY: C1.
    unsafe { object(reference) }.func().2.results().len()
}

/// Returns the arguments that C gives for parameters of these types.
///
/// # Safety
///
/// C1.
#[inline]
pub(crate) unsafe fn inputs(
    store: &Rc<Shared>,
    params: &[ValType],
    arguments: *const CVec<CVal>,
) -> Result<Values<Val>, Mismatch> {
    // SAFETY: C1. A vector without address is an empty one.
    let arguments = unsafe { arguments.as_ref().map_or(&[][..], |arguments| arguments.as_slice()) };
    if arguments.len() != params.len() {
        return Err(Mismatch::Count { expected: params.len(), given: arguments.len() });
    }
    let mut inputs = Values::new();
    for (argument, &ty) in arguments.iter().zip(params) {
        // SAFETY: C1.
        inputs.push(unsafe { from_c(argument, ty, store) }?);
    }
    Ok(inputs)
}

/// Gives results to C, as many as there is room for.
///
/// # Safety
///
/// C1.
#[inline]
pub(crate) unsafe fn write_results(store: &Rc<Shared>, results: &[Val], to: *mut CVec<CVal>) -> Result<(), Mismatch> {
    // SAFETY: C1. A vector without address is an empty one.
    let Some(to) = (unsafe { to.as_ref() }) else { return Ok(()) };
    for (i, result) in results.iter().take(to.size).enumerate() {
        match to_c(result, store) {
            // SAFETY: C1: there is room.
            Ok(value) => unsafe { to.data.add(i).write(value) },
            Err(mismatch) => {
                // SAFETY: C1, C2: these results were just written.
                unsafe { free_all(std::slice::from_raw_parts_mut(to.data, i)) };
                return Err(mismatch);
            }
        }
    }
    Ok(())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_func_call(
    reference: *const Object,
    arguments: *const CVec<CVal>,
    results: *mut CVec<CVal>,
) -> *mut Object {
    // SAFETY: C1.
    let (store, func, ty) = unsafe { object(reference) }.func();
    let call = || {
        let refuse = |mismatch: Mismatch| complain(mismatch.to_string(), error_kind::CALL, store);
        // SAFETY: C1.
        let inputs = unsafe { inputs(store, ty.params(), arguments) }.map_err(refuse)?;
        let mut outputs: Values<Val> = Values::from_elem(Val::I32(0), ty.results().len());
        // SAFETY: C3, C4: nothing else uses the context but host functions.
        let context = unsafe { store.context() };
        func.call(context, &inputs, &mut outputs).map_err(|error| trap::to_c(&error, store))?;
        // SAFETY: C1.
        unsafe { write_results(store, &outputs, results) }.map_err(refuse)
    };
    guarded(|| call().err().unwrap_or(ptr::null_mut()), || trap::panicked(store))
}
