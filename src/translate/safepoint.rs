//! Safepoints: the ops at which objects may be collected, because they allocate, call, or can be suspended.

use crate::translate::builder::Builder;

impl Builder<'_> {
    /// Notes which slots hold references while the op runs that is emitted next.
    ///
    /// Called right before each op that may collect is emitted. Operands that it reads after it has collected are still
    /// on the stack, and no entry of the stack is pending: what the op needs is in slots.
    #[cfg_attr(not(feature = "gc"), allow(dead_code, reason = "the operators that make exceptions come next"))]
    pub(crate) fn safepoint(&mut self) {
        debug_assert!(!self.pending.exists);
    }
}
