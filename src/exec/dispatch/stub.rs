//! Code at fixed addresses that no function contains.

use crate::runtime::code::Link;

/// The stubs of a dispatcher: ops at fixed addresses that no function contains.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stubs {
    /// Leaves the machine: the return address of the outermost frame.
    pub(crate) halt: *const u8,
    /// Undoes an instance switch: the return address of a frame entered from another instance.
    pub(crate) restore: *const u8,
    /// Translates or links a function: its code until it is first entered.
    pub(crate) translate: *const u8,
    /// The handler that direct calls in linked code enter at first; 0 for compact code.
    pub(crate) first_call: usize,
    /// Links a function at its first call; none where compact code runs as it is.
    pub(crate) link: Option<Link>,
}
