//! Values that belong to a store, and are therefore used by one thread at a time.

/// A value that the library wants to be `Send` and `Sync`, although it points into C or counts its owners.
pub(crate) struct Confined<T>(pub(crate) T);

// SAFETY: C3: the value belongs to a store, and threads use that one after another.
unsafe impl<T> Send for Confined<T> {}

// SAFETY: C3: the value belongs to a store, which one thread at a time uses.
unsafe impl<T> Sync for Confined<T> {}

/// The function that frees what a pointer of C points to.
pub(crate) type Finalizer = Option<unsafe extern "C" fn(*mut std::ffi::c_void)>;

/// A pointer that C has attached to something, with the function that is called when that is no longer there.
pub(crate) struct HostData {
    pointer: *mut std::ffi::c_void,
    finalizer: Finalizer,
}

impl HostData {
    pub(crate) fn new(pointer: *mut std::ffi::c_void, finalizer: Finalizer) -> Self {
        Self { pointer, finalizer }
    }

    /// Returns the pointer. Unlike the field, it makes a closure that uses it keep the whole.
    pub(crate) fn get(&self) -> *mut std::ffi::c_void {
        self.pointer
    }
}

impl Drop for HostData {
    fn drop(&mut self) {
        if let Some(finalizer) = self.finalizer {
            // SAFETY: C1: whoever attached the pointer gave a function for it.
            unsafe { finalizer(self.pointer) };
        }
    }
}
