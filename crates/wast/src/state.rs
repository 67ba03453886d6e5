//! What a script has defined so far, and the directives that define and use it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use wasmote::{
    CompilationMode, Config, Engine, Error, ErrorKind, Func, Instance, Linker, Module, SharedMemory, Store,
    StoreLimits, Val, errors::ArtefactError,
};
use wast::{
    QuoteWat, WastDirective, WastExecute, WastInvoke, WastRet, Wat,
    token::{Id, Index},
};

use crate::{
    custom,
    funcs::Funcs,
    pattern,
    show::{show_all, show_index},
    spectest,
    value::{self, Value},
    wording,
};

/// What the stores of a script may use.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    /// Fuel of a store.
    pub(crate) fuel: u64,
    /// Limits on what a store allocates.
    pub(crate) limits: StoreLimits,
}

/// The engines of a script, which its threads share.
#[derive(Debug, Clone)]
pub(crate) struct Engines {
    /// The engine under test.
    current: Engine,
    /// The same before proposals that permit what scripts of earlier versions forbid.
    earlier: [Engine; 3],
    validates_lazily: bool,
    precompiles: bool,
    bounds: Bounds,
}

impl Engines {
    /// Makes the engines for a configuration.
    pub(crate) fn new(config: &Config, validates_lazily: bool, precompiles: bool, bounds: Bounds) -> Self {
        let earlier = |restrict: fn(&mut Config) -> &mut Config| {
            let mut earlier = config.clone();
            restrict(&mut earlier).compilation_mode(CompilationMode::Eager);
            Engine::new(&earlier)
        };
        Self {
            current: Engine::new(config),
            earlier: [
                earlier(|config| config.wasm_multi_memory(false)),
                earlier(|config| config.wasm_memory64(false)),
                earlier(|config| config.wasm_reference_types(false)),
            ],
            validates_lazily,
            precompiles,
            bounds,
        }
    }
}

/// Why an action has no results.
enum Stop {
    /// The engine stopped it.
    Engine(Error),
    /// The script uses something that does not exist.
    Script(String),
}

impl Stop {
    fn describe(&self) -> String {
        match self {
            Self::Engine(error) => error.to_string(),
            Self::Script(message) => message.clone(),
        }
    }
}

/// A module and the bytes that it was made from.
#[derive(Clone)]
struct Definition {
    module: Module,
    bytes: Arc<[u8]>,
}

/// An instance and the bytes of its module.
#[derive(Clone)]
struct Instantiated {
    instance: Instance,
    bytes: Arc<[u8]>,
}

/// What one thread of a script shares with another: the exports of an instance, by its name.
#[derive(Default)]
pub(crate) struct Shared {
    instance: Option<String>,
    memories: Vec<(String, SharedMemory)>,
}

/// Whether artefacts cannot have something that a module has.
fn is_unsupported(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Artefact(ArtefactError::Unsupported { .. }))
}

/// What a script has defined so far.
pub(crate) struct State {
    engines: Engines,
    store: Store<StoreLimits>,
    linker: Linker<StoreLimits>,
    /// The most recent instance, unless its directive failed.
    current: Option<Instantiated>,
    instances: HashMap<String, Instantiated>,
    /// The names that instances were registered with.
    registered: HashSet<String>,
    /// What the thread that started this one shares with it.
    shared: Shared,
    /// The most recent definition, unless its directive failed.
    current_definition: Option<Definition>,
    definitions: HashMap<String, Definition>,
}

impl State {
    /// Makes a store that has nothing but the module `spectest`, and what another thread shares.
    ///
    /// # Errors
    ///
    /// If the engine cannot make that module.
    pub(crate) fn new(engines: &Engines, shared: Shared) -> Result<Self, Error> {
        let Bounds { fuel, limits } = engines.bounds.clone();
        let mut store = Store::new(&engines.current, limits);
        store.limiter(|limits| limits);
        // An error says that there is no fuel metering.
        let _ = store.set_fuel(fuel);
        let mut linker = Linker::new(&engines.current);
        // A name can be registered again.
        linker.allow_shadowing(true);
        spectest::define(&mut linker, &mut store)?;
        Ok(Self {
            engines: engines.clone(),
            store,
            linker,
            current: None,
            instances: HashMap::new(),
            registered: HashSet::new(),
            shared,
            current_definition: None,
            definitions: HashMap::new(),
        })
    }

    /// Runs a directive. Threads are the caller's business.
    ///
    /// # Errors
    ///
    /// Tells what the script expects and what came instead, or which feature the engine lacks.
    pub(crate) fn run(&mut self, directive: WastDirective<'_>) -> Result<(), String> {
        match directive {
            WastDirective::Module(mut module) => self.module(&mut module),
            WastDirective::ModuleDefinition(mut module) => self.definition(&mut module),
            WastDirective::ModuleInstance { instance, module, .. } => self.instance(instance, module),
            WastDirective::Register { name, module, .. } => self.register(name, module),
            WastDirective::Invoke(invoke) => self.invoke(&invoke).map(|_| ()).map_err(|stop| stop.describe()),
            WastDirective::AssertReturn { exec, results, .. } => self.expect_results(exec, &results),
            WastDirective::AssertTrap { exec, message, .. } => {
                let result = self.execute(exec);
                self.expect_trap(result, message)
            }
            WastDirective::AssertExhaustion { call, message, .. } => {
                let result = self.invoke(&call);
                self.expect_trap(result, message)
            }
            WastDirective::AssertException { exec, .. } => {
                let result = self.execute(exec);
                self.expect_exception(result)
            }
            WastDirective::AssertSuspension { exec, message, .. } => {
                let result = self.execute(exec);
                Err(self.unexpected(result, &format!("the suspension {message:?} (unsupported: stack switching)")))
            }
            WastDirective::AssertInvalid { module, message, .. } => self.expect_invalid(module, message),
            WastDirective::AssertMalformed { module, message, .. } => self.expect_malformed(module, message),
            WastDirective::AssertUnlinkable { module, message, .. } => self.expect_unlinkable(module, message),
            WastDirective::AssertMalformedCustom { module, message, .. } => {
                self.expect_bad_custom(module, message, "malformed")
            }
            WastDirective::AssertInvalidCustom { module, message, .. } => {
                self.expect_bad_custom(module, message, "invalid")
            }
            WastDirective::Thread(_) | WastDirective::Wait { .. } => Err("unsupported: threads at this place".into()),
        }
    }

    /// Returns what a thread of the script gets of `module`.
    ///
    /// # Errors
    ///
    /// If there is no such module, or if it exports something other than shared memories: a thread has a store of its own,
    /// and nothing else of one store can be used in another.
    pub(crate) fn share(&self, module: Option<Id<'_>>) -> Result<Shared, String> {
        let Some(id) = module else { return Ok(Shared::default()) };
        let shared = self.find(Some(id))?;
        let mut memories = Vec::new();
        for export in shared.instance.exports(&self.store) {
            let name = export.name();
            let Some(memory) = export.clone().into_memory().and_then(|memory| memory.shared(&self.store)) else {
                return Err(format!("the export {name:?} of ${} cannot be shared with another store", id.name()));
            };
            memories.push((name.to_owned(), memory));
        }
        Ok(Shared { instance: Some(id.name().into()), memories })
    }

    fn module(&mut self, module: &mut QuoteWat<'_>) -> Result<(), String> {
        self.current = None;
        let name = module.name();
        let definition = self.compile(module)?;
        let instance = self.instantiate(&definition.module).map_err(|error| error.to_string())?;
        let bytes = definition.bytes.clone();
        // The module of a directive that instantiates it can be instantiated again by its name.
        self.define(name, definition);
        self.make_current(name, Instantiated { instance, bytes });
        Ok(())
    }

    fn definition(&mut self, module: &mut QuoteWat<'_>) -> Result<(), String> {
        self.current_definition = None;
        let name = module.name();
        let definition = self.compile(module)?;
        self.define(name, definition);
        Ok(())
    }

    fn instance(&mut self, instance: Option<Id<'_>>, module: Option<Id<'_>>) -> Result<(), String> {
        self.current = None;
        let definition = match module {
            Some(id) => self.definitions.get(id.name()).ok_or_else(|| format!("no module is named ${}", id.name()))?,
            None => self.current_definition.as_ref().ok_or("no module has been defined")?,
        };
        let definition = definition.clone();
        let made = self.instantiate(&definition.module).map_err(|error| error.to_string())?;
        self.make_current(instance, Instantiated { instance: made, bytes: definition.bytes });
        Ok(())
    }

    fn register(&mut self, name: &str, module: Option<Id<'_>>) -> Result<(), String> {
        let shared =
            |id: &Id<'_>| self.shared.instance.as_deref() == Some(id.name()) && !self.instances.contains_key(id.name());
        if module.is_some_and(|id| shared(&id)) {
            for (export, memory) in &self.shared.memories {
                let result = self.linker.define_shared_memory(name, export, memory);
                result.map_err(|error| error.to_string())?;
            }
            return Ok(());
        }
        let instance = self.find(module)?.instance;
        self.registered.insert(name.into());
        match self.linker.instance(&mut self.store, name, instance) {
            Ok(_) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn define(&mut self, name: Option<Id<'_>>, definition: Definition) {
        if let Some(id) = name {
            self.definitions.insert(id.name().into(), definition.clone());
        }
        self.current_definition = Some(definition);
    }

    fn make_current(&mut self, name: Option<Id<'_>>, instance: Instantiated) {
        if let Some(id) = name {
            self.instances.insert(id.name().into(), instance.clone());
            // Wasmtime's scripts import from instances by their names. An error is one of a name that nobody imports.
            if !self.registered.contains(id.name()) {
                let _ = self.linker.instance(&mut self.store, id.name(), instance.instance);
            }
        }
        self.current = Some(instance);
    }

    fn find(&self, module: Option<Id<'_>>) -> Result<&Instantiated, String> {
        match module {
            Some(id) => self.instances.get(id.name()).ok_or_else(|| format!("no instance is named ${}", id.name())),
            None => self.current.as_ref().ok_or_else(|| "there is no current instance".into()),
        }
    }

    fn compile(&self, module: &mut QuoteWat<'_>) -> Result<Definition, String> {
        let bytes = module.encode().map_err(|error| format!("the text is malformed: {}", error.message()))?;
        let engine = &self.engines.current;
        let mut module = Module::new(engine, &bytes).map_err(|error| error.to_string())?;
        if self.engines.precompiles {
            match module.serialize() {
                Ok(artefact) => {
                    module = Module::deserialize_checked(engine, artefact).map_err(|error| error.to_string())?;
                }
                Err(error) if is_unsupported(&error) => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(Definition { module, bytes: bytes.into() })
    }

    fn instantiate(&mut self, module: &Module) -> Result<Instance, Error> {
        self.linker.instantiate_and_start(&mut self.store, module)
    }

    fn execute(&mut self, exec: WastExecute<'_>) -> Result<Vec<Val>, Stop> {
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Wat(module) => {
                let definition = self.compile(&mut QuoteWat::Wat(module)).map_err(Stop::Script)?;
                self.instantiate(&definition.module).map_err(Stop::Engine)?;
                Ok(Vec::new())
            }
            WastExecute::Get { module, global, .. } => {
                let instance = self.find(module).map_err(Stop::Script)?.instance;
                let global = instance
                    .get_global(&self.store, global)
                    .ok_or_else(|| Stop::Script(format!("the instance exports no global {global:?}")))?;
                Ok(vec![global.get(&self.store)])
            }
        }
    }

    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Result<Vec<Val>, Stop> {
        let instance = self.find(invoke.module).map_err(Stop::Script)?.instance;
        let func = instance
            .get_func(&self.store, invoke.name)
            .ok_or_else(|| Stop::Script(format!("the instance exports no function {:?}", invoke.name)))?;
        let mut arguments = Vec::with_capacity(invoke.args.len());
        for argument in &invoke.args {
            arguments.push(value::argument(&mut self.store, argument).map_err(Stop::Script)?);
        }
        let ty = func.ty(&self.store);
        let mut results: Vec<Val> = ty.results().iter().map(|ty| Val::default(*ty)).collect();
        func.call(&mut self.store, &arguments, &mut results).map_err(Stop::Engine)?;
        Ok(results)
    }

    fn values(&self, values: &[Val]) -> Vec<Value> {
        values.iter().map(|value| Value::new(&self.store, value)).collect()
    }

    fn expect_results(&mut self, exec: WastExecute<'_>, expected: &[WastRet<'_>]) -> Result<(), String> {
        let module = match &exec {
            WastExecute::Invoke(invoke) => invoke.module,
            WastExecute::Get { module, .. } => *module,
            WastExecute::Wat(_) => None,
        };
        let results = self.execute(exec).map_err(|stop| stop.describe())?;
        let is_func = |index: &Index<'_>, func| self.is_func(self.find(module)?, index, func);
        pattern::match_results(expected, &self.values(&results), &is_func)
    }

    /// Whether `func` is the function of an index in an instance.
    ///
    /// An embedder can only see exported functions. If the one of the index is not exported, `func` passes unless it
    /// is an exported one.
    ///
    /// # Errors
    ///
    /// If the instance has no such function.
    fn is_func(&self, instance: &Instantiated, index: &Index<'_>, func: Func) -> Result<bool, String> {
        let funcs = Funcs::new(&instance.bytes);
        let number = match index {
            Index::Num(number, _) => Some(*number).filter(|number| *number < funcs.count),
            Index::Id(id) => funcs.named(id.name()),
        };
        let number = number.ok_or_else(|| format!("the instance has no function {}", show_index(index)))?;
        let get = |name: &str| instance.instance.get_func(&self.store, name);
        let mut exports = funcs.exports.iter();
        match exports.clone().find(|(_, index)| *index == number) {
            Some((name, _)) => Ok(get(name) == Some(func)),
            None => Ok(exports.all(|(name, _)| get(name) != Some(func))),
        }
    }

    fn expect_trap(&self, result: Result<Vec<Val>, Stop>, expected: &str) -> Result<(), String> {
        match result {
            Err(Stop::Engine(error)) if wording::is_trap(&error, expected) => Ok(()),
            result => Err(self.unexpected(result, &format!("the trap {expected:?}"))),
        }
    }

    fn expect_exception(&mut self, result: Result<Vec<Val>, Stop>) -> Result<(), String> {
        match result {
            Err(Stop::Engine(error)) if error.thrown_exception().is_some() => Ok(()),
            result => Err(self.unexpected(result, "an exception")),
        }
    }

    /// Tells what was expected and what came instead.
    fn unexpected(&self, result: Result<Vec<Val>, Stop>, expected: &str) -> String {
        match result {
            Ok(values) => {
                format!("expected {expected}, got the results [{}]", show_all(&self.values(&values)))
            }
            Err(stop) => format!("expected {expected}, got: {}", stop.describe()),
        }
    }

    /// Text that cannot be encoded counts as rejected: the engine never sees a module then.
    fn expect_malformed(&self, mut module: QuoteWat<'_>, expected: &str) -> Result<(), String> {
        match module.encode() {
            Ok(bytes) => self.expect_rejected(&bytes, expected, "malformed"),
            Err(_) => Ok(()),
        }
    }

    fn expect_invalid(&self, mut module: QuoteWat<'_>, expected: &str) -> Result<(), String> {
        match module.encode() {
            Ok(bytes) => self.expect_rejected(&bytes, expected, "invalid"),
            Err(error) => Err(format!("expected that the module is invalid, but it is malformed: {}", error.message())),
        }
    }

    fn expect_rejected(&self, bytes: &[u8], expected: &str, what: &str) -> Result<(), String> {
        let accepted = if Module::validate(&self.engines.current, bytes).is_ok() {
            "it validates"
        } else if !self.engines.validates_lazily && Module::new(&self.engines.current, bytes).is_ok() {
            "it can be made"
        } else {
            return Ok(());
        };
        if wording::is_permitted_later(expected) && self.was_rejected(bytes, expected) {
            return Ok(());
        }
        Err(format!("expected that the module is {what} ({expected:?}), but {accepted}"))
    }

    /// Whether an engine for an earlier version of the specification rejects the module for the same reason.
    fn was_rejected(&self, bytes: &[u8], expected: &str) -> bool {
        let rejects = |engine| Module::new(engine, bytes).is_err_and(|error| error.to_string().contains(expected));
        self.engines.earlier.iter().any(rejects)
    }

    /// Checks the text of the module, and then what the engine ignores.
    fn expect_bad_custom(&self, mut module: QuoteWat<'_>, expected: &str, what: &str) -> Result<(), String> {
        let Ok(bytes) = module.encode() else { return Ok(()) };
        if let Err(error) = Module::validate(&self.engines.current, &bytes) {
            return Err(format!("expected that only a custom section is {what} ({expected:?}), got: {error}"));
        }
        match custom::check(&bytes) {
            Ok(()) => Err(format!("expected that a custom section is {what} ({expected:?}), but none is")),
            Err(_) => Ok(()),
        }
    }

    fn expect_unlinkable(&mut self, module: Wat<'_>, expected: &str) -> Result<(), String> {
        let definition = self.compile(&mut QuoteWat::Wat(module))?;
        match self.instantiate(&definition.module) {
            Ok(_) => Err(format!("expected that linking fails ({expected:?}), but it succeeded")),
            Err(error) if wording::is_unlinkable(&error, expected) => Ok(()),
            Err(error) => Err(format!("expected that linking fails ({expected:?}), got: {error}")),
        }
    }
}
