//! The value stack that a store keeps between calls.

use core::ops::{Deref, DerefMut};

use crate::{api::engine::Engine, exec::stack::Stack};

/// The value stack of calls into a store, from the first call on. Dropping it returns the stack to the engine.
#[derive(Debug)]
pub(crate) struct OwnStack {
    stack: Option<Stack>,
    engine: Engine,
}

impl OwnStack {
    /// Makes the state before the first call.
    pub(crate) fn new(engine: &Engine) -> Self {
        Self { stack: None, engine: engine.clone() }
    }
}

impl Deref for OwnStack {
    type Target = Option<Stack>;

    fn deref(&self) -> &Option<Stack> {
        &self.stack
    }
}

impl DerefMut for OwnStack {
    fn deref_mut(&mut self) -> &mut Option<Stack> {
        &mut self.stack
    }
}

impl Drop for OwnStack {
    fn drop(&mut self) {
        if let Some(stack) = self.stack.take() {
            self.engine.put_stack(stack);
        }
    }
}
