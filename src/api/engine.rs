//! Engines: configuration and what modules share.

use alloc::{
    sync::{Arc, Weak},
    vec::Vec,
};

use spin::Mutex;

use crate::{
    config::Config,
    exec::{dispatch, stack::Stack},
    module::registry::TypeRegistry,
    trap::TrapCode,
};

/// Configuration and type numbers that modules and stores share. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine {
    inner: Arc<EngineInner>,
}

#[derive(Debug)]
struct EngineInner {
    config: Arc<Config>,
    types: Arc<TypeRegistry>,
    /// Value stacks that no store uses.
    stacks: Mutex<Vec<Stack>>,
}

/// An [`Engine`] that does not keep it alive.
#[derive(Debug, Clone)]
pub struct EngineWeak {
    inner: Weak<EngineInner>,
}

impl EngineWeak {
    /// The engine, if it is still alive.
    #[must_use]
    pub fn upgrade(&self) -> Option<Engine> {
        self.inner.upgrade().map(|inner| Engine { inner })
    }
}

/// How an engine passes from one op to the next. Results are the same either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dispatch {
    /// Each handler jumps to the handler of the next op.
    Threaded,
    /// A loop around a `match`, which every target has.
    LoopSwitch,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new(&Config::default())
    }
}

impl Engine {
    /// An engine with this configuration.
    ///
    /// Uses the loop-switch where the configuration asks for it
    /// ([`Config::portable_dispatch`](crate::Config::portable_dispatch)), and where threaded dispatch does not work in
    /// this build of the library. [`Engine::dispatch`] says which is used.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let mut config = config.clone();
        if !config.portable_dispatch && !dispatch::threads() {
            config.portable_dispatch(true);
        }
        Self {
            inner: Arc::new(EngineInner {
                config: Arc::new(config),
                types: Arc::default(),
                stacks: Mutex::new(Vec::new()),
            }),
        }
    }

    /// This engine, without keeping it alive.
    #[must_use]
    pub fn weak(&self) -> EngineWeak {
        EngineWeak { inner: Arc::downgrade(&self.inner) }
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// How code of this engine is dispatched.
    #[must_use]
    pub fn dispatch(&self) -> Dispatch {
        if self.inner.config.portable_dispatch { Dispatch::LoopSwitch } else { Dispatch::Threaded }
    }

    /// Whether two engines are the same one.
    #[must_use]
    pub fn same(a: &Self, b: &Self) -> bool {
        Arc::ptr_eq(&a.inner, &b.inner)
    }

    pub(crate) fn shared_config(&self) -> &Arc<Config> {
        &self.inner.config
    }

    pub(crate) fn types(&self) -> &Arc<TypeRegistry> {
        &self.inner.types
    }

    /// A value stack that nobody uses.
    ///
    /// # Errors
    ///
    /// If memory for one cannot be had.
    pub(crate) fn take_stack(&self) -> Result<Stack, TrapCode> {
        let stack = self.inner.stacks.lock().pop();
        stack.map_or_else(|| Stack::new(self.config().stack_bytes()), Ok)
    }

    /// Keeps a value stack for later, if there are not enough of them.
    pub(crate) fn put_stack(&self, mut stack: Stack) {
        stack.top = 0;
        stack.switches.clear();
        let mut stacks = self.inner.stacks.lock();
        if stacks.len() < self.config().max_cached_stacks {
            stacks.push(stack);
        }
    }
}
