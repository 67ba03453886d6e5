//! Engines: the configuration, and everything that modules and stores share.

use alloc::{
    sync::{Arc, Weak},
    vec::Vec,
};
use core::sync::atomic::Ordering;

use spin::Mutex;

#[cfg(host_refs)]
use crate::types::{ArrayType, StructType};
use crate::{
    config::{Config, proposals::Proposal},
    exec::{dispatch, stack::Stack},
    module::registry::TypeRegistry,
    runtime::interruption::Epoch,
    trap::TrapCode,
    types::{FuncType, TypeId},
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
    epoch: Epoch,
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
    #[cfg_attr(small_loop, inline(never))]
    pub fn new(config: &Config) -> Self {
        let mut config = config.clone();
        // The ops that this build has no code for.
        config.features.floats &= cfg!(feature = "floats");
        for &proposal in Proposal::ALL.iter().filter(|proposal| !proposal.is_built()) {
            config.features.set(proposal, false);
        }
        config.fused_ops &= !cfg!(feature = "small");
        if !config.portable_dispatch && !dispatch::threads() {
            config.portable_dispatch(true);
        }
        config.prepare_metering();
        Self {
            inner: Arc::new(EngineInner {
                config: Arc::new(config),
                types: Arc::default(),
                epoch: Epoch::default(),
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

    /// The function type that a concrete reference type refers to, if there is one of that name.
    #[must_use]
    pub fn func_type(&self, id: TypeId) -> Option<FuncType> {
        self.inner.types.find_func_type(id.number())
    }

    /// The struct type that a concrete reference type refers to, if there is one of that name.
    #[cfg(host_refs)]
    #[must_use]
    pub fn struct_type(&self, id: TypeId) -> Option<StructType> {
        self.inner.types.find_struct_type(id.number())
    }

    /// The array type that a concrete reference type refers to, if there is one of that name.
    #[cfg(host_refs)]
    #[must_use]
    pub fn array_type(&self, id: TypeId) -> Option<ArrayType> {
        self.inner.types.find_array_type(id.number())
    }

    /// Increments the epoch of the engine. Code whose store's deadline is reached is interrupted, if
    /// [`Config::epoch_interruption`](crate::Config::epoch_interruption) is on.
    ///
    /// It only adds to an atomic number, so it can be called from a thread that does nothing else, from a signal handler, and
    /// from an interrupt of a device.
    ///
    /// ```
    /// use wasmote::{Config, Engine, Linker, Module, Store, TrapCode};
    ///
    /// # fn main() -> Result<(), wasmote::Error> {
    /// let engine = Engine::new(Config::default().epoch_interruption(true));
    /// let module = Module::new(&engine, r#"(module (func (export "spin") (loop (br 0))))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
    /// let spin = instance.get_typed_func::<(), ()>(&store, "spin")?;
    /// store.set_epoch_deadline(1);
    /// let ticker = std::thread::spawn(move || {
    ///     std::thread::sleep(std::time::Duration::from_millis(10));
    ///     engine.increment_epoch();
    /// });
    /// let error = spin.call(&mut store, ()).unwrap_err();
    /// assert_eq!(error.as_trap_code(), Some(TrapCode::Interrupt));
    /// # ticker.join().unwrap();
    /// # Ok(())
    /// # }
    /// ```
    pub fn increment_epoch(&self) {
        self.inner.epoch.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn epoch(&self) -> &Epoch {
        &self.inner.epoch
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
        if stack.is_packed() {
            return;
        }
        stack.top = 0;
        stack.switches.clear();
        let mut stacks = self.inner.stacks.lock();
        // Without memory for the list, the stack is freed.
        if stacks.len() < self.config().max_cached_stacks && stacks.try_reserve(1).is_ok() {
            stacks.push(stack);
        }
    }
}

#[cfg(all(test, feature = "wat"))]
mod tests {
    use alloc::{format, string::String, vec::Vec};

    use super::Engine;
    use crate::{
        Func, Instance, Linker, Module, RefType, Store, Table, TableType,
        config::Config,
        types::{FuncType, HeapType, ValType},
    };

    fn engine() -> Engine {
        let mut config = Config::default();
        config.wasm_function_references(true).wasm_gc(true);
        Engine::new(&config)
    }

    fn count(engine: &Engine) -> usize {
        engine.types().len()
    }

    /// Types that refer to each other, and one that only this module has.
    fn module(number: usize, rest: &str) -> String {
        let params = "(param i64)".repeat(number);
        format!(
            "(module (type $own (func {params})) (rec (type $a (sub (func (param (ref $b)))))
               (type $b (func (result (ref null $a))))) (type (sub $a (func (param (ref $b))))) (type (func)) {rest})"
        )
    }

    #[test]
    fn modules_take_their_types_along() {
        let engine = engine();
        assert_eq!(count(&engine), 0);
        let modules: Vec<_> = (0..5).map(|i| Module::new(&engine, module(i, "(func (type $own))")).unwrap()).collect();
        // The first module's own type is `(func)` as well.
        assert_eq!(count(&engine), 5 + 3);
        let again = Module::new(&engine, module(4, "")).unwrap();
        assert_eq!(count(&engine), 5 + 3);
        drop(modules);
        assert_eq!(count(&engine), 1 + 3 + 1);
        drop(again);
        assert_eq!(count(&engine), 0);
    }

    #[test]
    fn modules_that_are_refused_leave_no_types() {
        let engine = engine();
        let invalid = [
            "(func (result i32))",
            "(func $f (call $f (i32.const 0)))",
            "(import \"a\" \"b\" (func (type $b))) (start 0)",
            "(type (sub $b (func (result (ref null $a)))))",
            "(type (sub $a (func)))",
            "(memory 1) (data (i64.const 0) \"\")",
        ];
        for rest in invalid {
            let result = Module::new(&engine, module(3, rest));
            assert!(result.is_err(), "{rest}");
            assert_eq!(count(&engine), 0, "{rest}");
        }
        // Truncated within the type section, and after it.
        let wasm = wat::parse_str(module(3, "(func)")).unwrap();
        for len in 8..wasm.len() {
            drop(Module::new(&engine, &wasm[..len]));
            assert_eq!(count(&engine), 0, "{len} bytes");
        }
    }

    #[test]
    fn the_limit_is_an_error() {
        let engine = engine();
        // A million types are as many as a module may have.
        let types = |result: &str| {
            let mut wasm = b"\0asm\x01\0\0\0".to_vec();
            let count = 600_000_u32;
            let mut section = Vec::new();
            let leb = |out: &mut Vec<u8>, mut value: u32| {
                while value >= 0x80 {
                    out.push(value as u8 | 0x80);
                    value >>= 7;
                }
                out.push(value as u8);
            };
            // Each group fits, but two groups of different types exceed the limit.
            section.push(1);
            section.push(0x4e);
            leb(&mut section, count);
            let kind: &[u8] = if result.is_empty() { &[0x60, 0, 0] } else { &[0x60, 0, 1, 0x7f] };
            section.extend((0..count).flat_map(|_| kind.iter().copied()));
            wasm.push(1);
            leb(&mut wasm, section.len() as u32);
            wasm.extend(section);
            wasm
        };
        let first = Module::new(&engine, types("")).unwrap();
        assert_eq!(count(&engine), 600_000);
        let error = Module::new(&engine, types("i32")).unwrap_err();
        assert!(format!("{error}").contains("too many types"), "{error}");
        assert_eq!(count(&engine), 600_000);
        drop(first);
        Module::new(&engine, types("i32")).unwrap();
        assert_eq!(count(&engine), 0);
    }

    #[test]
    fn stores_and_the_embedder_keep_types() {
        let engine = engine();
        let import = "(import \"a\" \"f\" (func $f (type $b))) (export \"f\" (func $f))";
        let module = Module::new(&engine, module(0, import)).unwrap();
        let import = module.imports().next().unwrap().ty().func().unwrap().clone();
        let Some(ValType::Ref(result)) = import.results().first().copied() else { panic!("{import}") };
        let Some(id) = result.heap_type().type_id() else { panic!("{result}") };
        assert!(engine.func_type(id).is_some_and(|ty| ty.params().len() == 1));
        let mut store = Store::new(&engine, ());
        let func = Func::new(&mut store, import.clone(), |_, _, _| Ok(()));
        let table = TableType::new(RefType::new(true, HeapType::ConcreteFunc(id)), 1, None);
        Table::new(&mut store, table, crate::Ref::null(table.element())).unwrap();
        let instance = Instance::new(&mut store, &module, &[func.into()]).unwrap();
        assert_eq!(instance.get_func(&store, "f").unwrap().ty(&store), import);
        let mut linker = Linker::<()>::new(&engine);
        linker.func_new("a", "f", import.clone(), |_, _, _| Ok(())).unwrap();
        linker.instantiate_and_start(&mut store, &module).unwrap();
        drop((module, linker));
        assert!(engine.func_type(id).is_some());
        drop(store);
        assert!(engine.func_type(id).is_some(), "the embedder has the import's type");
        assert_eq!(count(&engine), 2);
        drop(import);
        assert_eq!(count(&engine), 0);
        assert!(engine.func_type(id).is_none());
        // A type that does not exist is not a type of elements.
        let mut store = Store::new(&engine, ());
        assert!(Table::new(&mut store, table, crate::Ref::null(table.element())).is_err());
    }

    #[test]
    fn plain_types_are_what_they_say() {
        let engine = engine();
        let module = Module::new(&engine, module(2, "(func (export \"f\") (type $own))")).unwrap();
        let ty = module.get_export("f").unwrap().func().unwrap().clone();
        assert_eq!(ty, FuncType::new([ValType::I64, ValType::I64], []));
        drop(module);
        assert_eq!(count(&engine), 0, "it keeps nothing");
    }
}
