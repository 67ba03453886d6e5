//! Traps and the frames of their backtraces.

use std::{ffi::c_char, fmt, rc::Rc};

use wasmote::{Error, errors::HostError};

use crate::{
    confined::Confined,
    failure::{Frame, Trap, error_kind},
    object::{Counted, Item, Object, object},
    store::{CStore, Shared},
    vec::{CVec, into_raw, into_raw_option},
};

/// The error of a host function that returned a trap.
struct Raised(Confined<Rc<Counted<Trap>>>);

impl fmt::Debug for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raised({:?})", self.0.0.value.message)
    }
}

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.0.value.message)
    }
}

impl HostError for Raised {}

/// Returns the trap that C gets for an error: that of a host function, if one returned it.
pub(crate) fn to_c(error: &Error, store: &Rc<Shared>) -> *mut Object {
    let trap = match error.downcast_ref::<Raised>() {
        Some(Raised(Confined(trap))) => {
            trap.value.add_frames(error);
            trap.clone()
        }
        None => Counted::new(error.into()),
    };
    into_raw(Object::in_store(store, Item::Trap(trap)))
}

/// Returns a trap of the interface itself.
pub(crate) fn complain(message: impl Into<String>, kind: u8, store: &Rc<Shared>) -> *mut Object {
    into_raw(Object::in_store(store, Item::Trap(Counted::new(Trap::new(message, kind)))))
}

/// Returns the trap for a panic of the library.
pub(crate) fn panicked(store: &Rc<Shared>) -> *mut Object {
    complain("the library panicked", error_kind::PANIC, store)
}

/// Returns the error for a trap that a host function of C returned.
pub(crate) fn raise(object: Object) -> Error {
    match object.item {
        Item::Trap(trap) => Error::host(Raised(Confined(trap))),
        _ => Error::new("a host function returned something else than a trap"),
    }
}

/// The trap that a pointer of C points to.
///
/// # Safety
///
/// C1.
pub(crate) unsafe fn trap<'a>(trap: *const Object) -> Option<&'a Trap> {
    // SAFETY: C1.
    if let Item::Trap(trap) = &unsafe { object(trap) }.item { Some(&trap.value) } else { None }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_trap_new(store: *const CStore, message: *const CVec<u8>) -> *mut Object {
    // SAFETY: C1.
    let (store, message) = unsafe { (&(&*store).0, (*message).as_slice()) };
    let message = message.strip_suffix(&[0]).unwrap_or(message);
    complain(String::from_utf8_lossy(message), error_kind::HOST, store)
}

/// Returns bytes with a zero at their end.
pub(crate) fn terminated(text: &str) -> CVec<u8> {
    let mut bytes = Vec::with_capacity(text.len() + 1);
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(0);
    CVec::new(bytes)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_trap_message(object: *const Object, out: *mut CVec<u8>) {
    // SAFETY: C1.
    unsafe { out.write(terminated(trap(object).map_or("", |trap| &trap.message))) };
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_trap_origin(reference: *const Object) -> *mut CFrame {
    // SAFETY: C1.
    let (store, trap) = unsafe { (&object(reference).store, trap(reference)) };
    into_raw_option(trap.and_then(|trap| Some(CFrame::new(trap.frames.borrow().first()?, store))))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_trap_trace(reference: *const Object, out: *mut CVec<*mut CFrame>) {
    // SAFETY: C1.
    let (store, trap) = unsafe { (&object(reference).store, trap(reference)) };
    let frames = trap.map(|trap| {
        let frames = trap.frames.borrow();
        frames.iter().map(|frame| into_raw(CFrame::new(frame, store))).collect()
    });
    // SAFETY: C1.
    unsafe { out.write(CVec::new(frames.unwrap_or_default())) };
}

/// `wasm_frame_t`
#[derive(Clone)]
pub(crate) struct CFrame {
    frame: Frame,
    /// The instance, which the frame owns
    instance: Option<Object>,
}

impl CFrame {
    fn new(frame: &Frame, store: &Option<Rc<Shared>>) -> Self {
        let item = frame.instance.map(Item::Instance);
        Self { frame: frame.clone(), instance: item.map(|item| Object::new(store.clone(), item)) }
    }
}

vec_functions! { frame, *mut CFrame }

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_frame_delete(frame: *mut CFrame) {
    // SAFETY: C2.
    unsafe { crate::vec::delete(frame) };
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_frame_copy(frame: *const CFrame) -> *mut CFrame {
    // SAFETY: C1.
    into_raw(unsafe { &*frame }.clone())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_frame_instance(frame: *const CFrame) -> *const Object {
    // SAFETY: C1.
    unsafe { &*frame }.instance.as_ref().map_or(std::ptr::null(), |instance| instance)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_frame_func_index(frame: *const CFrame) -> u32 {
    // SAFETY: C1.
    unsafe { &*frame }.frame.func_index
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_frame_func_offset(frame: *const CFrame) -> usize {
    // SAFETY: C1.
    unsafe { &*frame }.frame.func_offset
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_frame_module_offset(frame: *const CFrame) -> usize {
    // SAFETY: C1.
    unsafe { &*frame }.frame.module_offset
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_frame_func_name(frame: *const CFrame) -> *const c_char {
    // SAFETY: C1.
    unsafe { &*frame }.frame.func_name.as_ref().map_or(std::ptr::null(), |name| name.as_ptr().cast())
}
