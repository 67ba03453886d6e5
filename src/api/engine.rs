//! Engines: the configuration, and everything that modules and stores share.

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

/// The configuration and the function types that modules and stores share. Cheap to clone.
///
/// ```
/// use wasmote::{Config, Engine};
///
/// let mut config = Config::default();
/// config.consume_fuel(true);
/// let engine = Engine::new(&config);
/// assert!(Engine::same(&engine, &engine.clone()));
/// ```
#[derive(Debug, Clone)]
pub struct Engine {
    inner: Arc<EngineInner>,
}

#[derive(Debug)]
struct EngineInner {
    config: Arc<Config>,
    types: Arc<TypeRegistry>,
    /// Value stacks that no store uses at present.
    stacks: Mutex<Vec<Stack>>,
}

/// A weak reference to an [`Engine`].
#[derive(Debug, Clone)]
pub struct EngineWeak {
    inner: Weak<EngineInner>,
}

impl EngineWeak {
    /// Returns the engine, if it still exists.
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
    /// A loop around a `match`, which works on every target.
    LoopSwitch,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new(&Config::default())
    }
}

impl Engine {
    /// Makes an engine with a configuration.
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

    /// Makes a reference that does not keep the engine alive.
    #[must_use]
    pub fn weak(&self) -> EngineWeak {
        EngineWeak { inner: Arc::downgrade(&self.inner) }
    }

    /// Returns the configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// Returns how code of this engine is dispatched.
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

    /// Returns a value stack that nobody uses.
    ///
    /// # Errors
    ///
    /// If there is not enough memory for a new one.
    pub(crate) fn take_stack(&self) -> Result<Stack, TrapCode> {
        let stack = self.inner.stacks.lock().pop();
        stack.map_or_else(|| Stack::new(self.config().stack_bytes()), Ok)
    }

    /// Keeps a value stack for later use, unless enough of them are kept already.
    pub(crate) fn put_stack(&self, mut stack: Stack) {
        stack.top = 0;
        stack.switches.clear();
        let mut stacks = self.inner.stacks.lock();
        if stacks.len() < self.config().max_cached_stacks {
            stacks.push(stack);
        }
    }
}
