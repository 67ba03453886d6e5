//! Code at fixed addresses that no function contains.

use crate::runtime::code::Link;

/// The stubs of a dispatcher: ops at fixed addresses that no function contains.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stubs {
    /// Leaves the machine: the return address of the outermost frame.
    pub(crate) halt: *const u8,
    /// Undoes an instance switch: the return address of a frame entered from another instance.
    pub(crate) restore: *const u8,
    /// The code of every function that was not entered yet.
    pub(crate) translate: *const u8,
    /// The handler that direct calls in linked code lead to at first; none for compact code.
    pub(crate) first_call: usize,
    /// Links a function at its first call; none where compact code runs as it is.
    pub(crate) link: Option<Link>,
}
