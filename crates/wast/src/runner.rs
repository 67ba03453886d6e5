//! Runs the directives of a script, one after the other, in one store.

use std::{
    any::Any,
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use wasmote::{CompilationMode, Config, Engine, Error, Instance, Linker, Module, Store, Val};
use wast::{
    QuoteWat, Wast, WastDirective, WastExecute, WastInvoke, Wat,
    lexer::Lexer,
    parser::{ParseBuffer, parse},
    token::Id,
};

use crate::{
    pattern,
    report::{Failure, WastReport},
    spectest, wording,
};

/// Runs scripts under a configuration.
#[derive(Debug, Clone)]
pub struct Runner {
    config: Config,
    validates_lazily: bool,
}

impl Runner {
    /// A runner whose engines have this configuration.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self { config: config.clone(), validates_lazily: false }
    }

    /// Tells that the configuration leaves the validation of functions to their first call.
    ///
    /// Then `assert_invalid` asks for the validation of the whole module instead of expecting
    /// that the module cannot be made. Default: no.
    #[must_use]
    pub fn validates_lazily(mut self, lazily: bool) -> Self {
        self.validates_lazily = lazily;
        self
    }

    /// Runs a script, in an engine and a store of its own.
    ///
    /// Fuel, if the configuration asks for it, is as good as unlimited.
    #[must_use]
    pub fn run(&self, script: &str) -> WastReport {
        let mut report = WastReport::default();
        let fail = |report: &mut WastReport, error: &wast::Error| {
            let (line, column) = error.span().linecol_in(script);
            let message = error.message();
            report.fail(Failure { line: line + 1, column: column + 1, directive: "script", message });
        };
        let mut lexer = Lexer::new(script);
        // Names of the specification's tests contain what looks like other text.
        lexer.allow_confusing_unicode(true);
        let buffer = match ParseBuffer::new_with_lexer(lexer) {
            Ok(buffer) => buffer,
            Err(error) => {
                fail(&mut report, &error);
                return report;
            }
        };
        let directives = match parse::<Wast<'_>>(&buffer) {
            Ok(wast) => wast.directives,
            Err(error) => {
                fail(&mut report, &error);
                return report;
            }
        };
        let mut state = match State::new(self) {
            Ok(state) => state,
            Err(error) => {
                let message = format!("the module `spectest` cannot be made: {error}");
                report.fail(Failure { line: 1, column: 1, directive: "script", message });
                return report;
            }
        };
        let mut broken = false;
        for directive in directives {
            let keyword = keyword(&directive);
            let (line, column) = directive.span().linecol_in(script);
            if broken {
                report.skip(keyword);
                continue;
            }
            // The store is not used again after a panic.
            let outcome = catch_unwind(AssertUnwindSafe(|| state.run(directive))).unwrap_or_else(|panic| {
                broken = true;
                Outcome::Failed(format!("the engine panicked: {}", panic_message(panic.as_ref())))
            });
            match outcome {
                Outcome::Passed => report.pass(keyword),
                Outcome::Skipped => report.skip(keyword),
                Outcome::Failed(message) => {
                    report.fail(Failure { line: line + 1, column: column + 1, directive: keyword, message });
                }
            }
        }
        report
    }
}

enum Outcome {
    Passed,
    Failed(String),
    Skipped,
}

impl From<Result<(), String>> for Outcome {
    fn from(result: Result<(), String>) -> Self {
        match result {
            Ok(()) => Self::Passed,
            Err(message) => Self::Failed(message),
        }
    }
}

/// Why an action gave no results.
enum Stop {
    /// The engine says so.
    Engine(Error),
    /// The script asks for something that there is not.
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

/// What a script has defined so far.
struct State {
    engine: Engine,
    /// The same for modules of one memory and of 32-bit addresses.
    earlier: Engine,
    store: Store<()>,
    linker: Linker<()>,
    validates_lazily: bool,
    /// The instance made last, unless that failed.
    current: Option<Instance>,
    instances: HashMap<String, Instance>,
    /// The definition made last, unless that failed.
    current_definition: Option<Module>,
    definitions: HashMap<String, Module>,
}

impl State {
    fn new(runner: &Runner) -> Result<Self, Error> {
        let engine = Engine::new(&runner.config);
        let mut earlier = runner.config.clone();
        earlier.wasm_multi_memory(false).wasm_memory64(false).compilation_mode(CompilationMode::Eager);
        let earlier = Engine::new(&earlier);
        let mut store = Store::new(&engine, ());
        // An error says that there is no fuel metering.
        let _ = store.set_fuel(u64::MAX);
        let mut linker = Linker::new(&engine);
        // A name can be registered again.
        linker.allow_shadowing(true);
        spectest::define(&mut linker, &mut store)?;
        Ok(Self {
            engine,
            earlier,
            store,
            linker,
            validates_lazily: runner.validates_lazily,
            current: None,
            instances: HashMap::new(),
            current_definition: None,
            definitions: HashMap::new(),
        })
    }

    fn run(&mut self, directive: WastDirective<'_>) -> Outcome {
        match directive {
            WastDirective::Module(mut module) => self.module(&mut module).into(),
            WastDirective::ModuleDefinition(mut module) => self.definition(&mut module).into(),
            WastDirective::ModuleInstance { instance, module, .. } => self.instance(instance, module).into(),
            WastDirective::Register { name, module, .. } => self.register(name, module).into(),
            WastDirective::Invoke(invoke) => match self.invoke(&invoke) {
                Ok(_) => Outcome::Passed,
                Err(stop) => Outcome::Failed(stop.describe()),
            },
            WastDirective::AssertReturn { exec, results, .. } => match self.execute(exec) {
                Ok(values) => pattern::match_results(&self.store, &results, &values).into(),
                Err(stop) => Outcome::Failed(stop.describe()),
            },
            WastDirective::AssertTrap { exec, message, .. } => {
                let result = self.execute(exec);
                self.expect_trap(result, message).into()
            }
            WastDirective::AssertExhaustion { call, message, .. } => {
                let result = self.invoke(&call);
                self.expect_trap(result, message).into()
            }
            WastDirective::AssertInvalid { module, message, .. } => self.expect_rejected(module, message, false).into(),
            WastDirective::AssertMalformed { module, message, .. } => {
                self.expect_rejected(module, message, true).into()
            }
            WastDirective::AssertUnlinkable { module, message, .. } => self.expect_unlinkable(module, message).into(),
            // What is in custom sections is nothing to the engine.
            WastDirective::AssertMalformedCustom { .. } | WastDirective::AssertInvalidCustom { .. } => Outcome::Skipped,
            WastDirective::AssertException { .. } => Outcome::Failed("unsupported: exceptions".into()),
            WastDirective::AssertSuspension { .. } => Outcome::Failed("unsupported: suspensions".into()),
            WastDirective::Thread(_) | WastDirective::Wait { .. } => Outcome::Failed("unsupported: threads".into()),
        }
    }

    fn module(&mut self, module: &mut QuoteWat<'_>) -> Result<(), String> {
        self.current = None;
        let name = module.name();
        let module = self.compile(module)?;
        let instance = self.instantiate(&module).map_err(|error| error.to_string())?;
        // The module of a directive that instantiates it can be instantiated again by its name.
        self.define(name, module);
        self.make_current(name, instance);
        Ok(())
    }

    fn definition(&mut self, module: &mut QuoteWat<'_>) -> Result<(), String> {
        self.current_definition = None;
        let name = module.name();
        let module = self.compile(module)?;
        self.define(name, module);
        Ok(())
    }

    fn instance(&mut self, instance: Option<Id<'_>>, module: Option<Id<'_>>) -> Result<(), String> {
        self.current = None;
        let module = match module {
            Some(id) => self.definitions.get(id.name()).ok_or_else(|| format!("no module is named ${}", id.name()))?,
            None => self.current_definition.as_ref().ok_or("no module has been defined")?,
        };
        let made = self.linker.instantiate_and_start(&mut self.store, module).map_err(|error| error.to_string())?;
        self.make_current(instance, made);
        Ok(())
    }

    fn register(&mut self, name: &str, module: Option<Id<'_>>) -> Result<(), String> {
        let instance = self.find(module)?;
        match self.linker.instance(&mut self.store, name, instance) {
            Ok(_) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn define(&mut self, name: Option<Id<'_>>, module: Module) {
        if let Some(id) = name {
            self.definitions.insert(id.name().into(), module.clone());
        }
        self.current_definition = Some(module);
    }

    fn make_current(&mut self, name: Option<Id<'_>>, instance: Instance) {
        if let Some(id) = name {
            self.instances.insert(id.name().into(), instance);
        }
        self.current = Some(instance);
    }

    fn find(&self, module: Option<Id<'_>>) -> Result<Instance, String> {
        match module {
            Some(id) => {
                self.instances.get(id.name()).copied().ok_or_else(|| format!("no instance is named ${}", id.name()))
            }
            None => self.current.ok_or_else(|| "there is no current instance".into()),
        }
    }

    fn compile(&mut self, module: &mut QuoteWat<'_>) -> Result<Module, String> {
        let bytes = module.encode().map_err(|error| format!("the text is malformed: {}", error.message()))?;
        Module::new(&self.engine, bytes).map_err(|error| error.to_string())
    }

    fn instantiate(&mut self, module: &Module) -> Result<Instance, Error> {
        self.linker.instantiate_and_start(&mut self.store, module)
    }

    fn execute(&mut self, exec: WastExecute<'_>) -> Result<Vec<Val>, Stop> {
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Wat(module) => {
                let module = self.compile(&mut QuoteWat::Wat(module)).map_err(Stop::Script)?;
                self.instantiate(&module).map_err(Stop::Engine)?;
                Ok(Vec::new())
            }
            WastExecute::Get { module, global, .. } => {
                let instance = self.find(module).map_err(Stop::Script)?;
                let global = instance
                    .get_global(&self.store, global)
                    .ok_or_else(|| Stop::Script(format!("the instance exports no global {global:?}")))?;
                Ok(vec![global.get(&self.store)])
            }
        }
    }

    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Result<Vec<Val>, Stop> {
        let instance = self.find(invoke.module).map_err(Stop::Script)?;
        let func = instance
            .get_func(&self.store, invoke.name)
            .ok_or_else(|| Stop::Script(format!("the instance exports no function {:?}", invoke.name)))?;
        let mut arguments = Vec::with_capacity(invoke.args.len());
        for argument in &invoke.args {
            arguments.push(pattern::argument(&mut self.store, argument).map_err(Stop::Script)?);
        }
        let ty = func.ty(&self.store);
        let mut results: Vec<Val> = ty.results().iter().map(|ty| Val::default(*ty)).collect();
        func.call(&mut self.store, &arguments, &mut results).map_err(Stop::Engine)?;
        Ok(results)
    }

    fn expect_trap(&self, result: Result<Vec<Val>, Stop>, expected: &str) -> Result<(), String> {
        match result {
            Ok(values) => {
                let values = pattern::show_all(&self.store, &values);
                Err(format!("expected the trap {expected:?}, got the results [{values}]"))
            }
            Err(Stop::Engine(error)) if wording::is_trap(&error, expected) => Ok(()),
            Err(stop) => Err(format!("expected the trap {expected:?}, got: {}", stop.describe())),
        }
    }

    /// Text that cannot be encoded counts as rejected: then the engine never sees a module.
    fn expect_rejected(&self, mut module: QuoteWat<'_>, expected: &str, malformed: bool) -> Result<(), String> {
        let Ok(bytes) = module.encode() else { return Ok(()) };
        let what = if malformed { "malformed" } else { "invalid" };
        // What later versions of the specification permit, an engine for the earlier one rejects.
        let earlier = wording::is_permitted_later(expected) && Module::new(&self.earlier, &bytes).is_err();
        if earlier {
            return Ok(());
        }
        if Module::validate(&self.engine, &bytes).is_ok() {
            return Err(format!("expected that the module is {what} ({expected:?}), but it validates"));
        }
        if !self.validates_lazily && Module::new(&self.engine, &bytes).is_ok() {
            return Err(format!("expected that the module is {what} ({expected:?}), but it can be made"));
        }
        Ok(())
    }

    fn expect_unlinkable(&mut self, module: Wat<'_>, expected: &str) -> Result<(), String> {
        let module = self.compile(&mut QuoteWat::Wat(module))?;
        match self.instantiate(&module) {
            Ok(_) => Err(format!("expected that linking fails ({expected:?}), but it succeeded")),
            Err(error) if wording::is_unlinkable(&error, expected) => Ok(()),
            Err(error) => Err(format!("expected that linking fails ({expected:?}), got: {error}")),
        }
    }
}

/// The keyword of a directive.
fn keyword(directive: &WastDirective<'_>) -> &'static str {
    match directive {
        WastDirective::Module(_) => "module",
        WastDirective::ModuleDefinition(_) => "module definition",
        WastDirective::ModuleInstance { .. } => "module instance",
        WastDirective::AssertMalformed { .. } => "assert_malformed",
        WastDirective::AssertInvalid { .. } => "assert_invalid",
        WastDirective::AssertInvalidCustom { .. } => "assert_invalid_custom",
        WastDirective::AssertMalformedCustom { .. } => "assert_malformed_custom",
        WastDirective::Register { .. } => "register",
        WastDirective::Invoke(_) => "invoke",
        WastDirective::AssertTrap { .. } => "assert_trap",
        WastDirective::AssertReturn { .. } => "assert_return",
        WastDirective::AssertExhaustion { .. } => "assert_exhaustion",
        WastDirective::AssertUnlinkable { .. } => "assert_unlinkable",
        WastDirective::AssertException { .. } => "assert_exception",
        WastDirective::AssertSuspension { .. } => "assert_suspension",
        WastDirective::Thread(_) => "thread",
        WastDirective::Wait { .. } => "wait",
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    if let Some(message) = panic.downcast_ref::<&str>() {
        return (*message).into();
    }
    panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "no message".into())
}
