//! Runs the directives of a script, one after the other. Each thread of a script has a store of its own.

use std::{
    any::Any,
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    thread::{self, Scope, ScopedJoinHandle},
};

use wasmote::{Config, StoreLimits};
use wast::{
    Error, Wast, WastDirective, WastThread,
    lexer::Lexer,
    parser::{ParseBuffer, parse},
    token::{Id, Span},
};

use crate::{
    legacy,
    report::{Failure, WastReport},
    state::{Bounds, Engines, Shared, State},
};

/// Runs scripts under a configuration.
#[derive(Debug, Clone)]
pub struct Runner {
    config: Config,
    validates_lazily: bool,
    precompiles: bool,
    bounds: Bounds,
}

impl Runner {
    /// Makes a runner whose engines have this configuration.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let bounds = Bounds { fuel: u64::MAX, limits: StoreLimits::default() };
        Self { config: config.clone(), validates_lazily: false, precompiles: false, bounds }
    }

    /// The fuel of a script, and of each of its threads, if the configuration meters fuel. Default: practically
    /// unlimited.
    #[must_use]
    pub fn fuel(mut self, fuel: u64) -> Self {
        self.bounds.fuel = fuel;
        self
    }

    /// The limits on what a script, and each of its threads, allocates. Default: none on sizes.
    #[must_use]
    pub fn limits(mut self, limits: StoreLimits) -> Self {
        self.bounds.limits = limits;
        self
    }

    /// Declares that the configuration postpones the validation of a function to its first call.
    ///
    /// `assert_invalid` then validates the whole module, instead of expecting that the module cannot be made.
    /// Default: `false`.
    #[must_use]
    pub fn validates_lazily(mut self, lazily: bool) -> Self {
        self.validates_lazily = lazily;
        self
    }

    /// Makes an artefact of each module, and runs what is loaded from that after it was checked. Default: `false`.
    #[must_use]
    pub fn precompiles(mut self, precompiles: bool) -> Self {
        self.precompiles = precompiles;
        self
    }

    /// Runs a script, in an engine and a store of its own.
    #[must_use]
    pub fn run(&self, script: &str) -> WastReport {
        let mut report = WastReport::default();
        if let Err(error) = self.run_text(script, &mut report) {
            report.fail(failure(script, error.span(), "script", error.message()));
        }
        report.sort();
        report
    }

    /// Runs a script.
    ///
    /// # Errors
    ///
    /// If the text is malformed.
    fn run_text(&self, script: &str, report: &mut WastReport) -> Result<(), Error> {
        let script = &*legacy::unfold(script);
        let mut lexer = Lexer::new(script);
        // Names of the specification's tests contain what looks like other text.
        lexer.allow_confusing_unicode(true);
        let buffer = ParseBuffer::new_with_lexer(lexer)?;
        let directives = parse::<Wast<'_>>(&buffer)?.directives;
        let engines = Engines::new(&self.config, self.validates_lazily, self.precompiles, self.bounds.clone());
        let own = thread::scope(|scope| {
            let threads = Threads { scope, script, engines: &engines, running: HashMap::new() };
            threads.run(directives, Shared::default())
        });
        report.add(own);
        Ok(())
    }
}

/// A sequence of directives, and the threads that it has started.
struct Threads<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    script: &'env str,
    engines: &'env Engines,
    /// The threads by name; `None` if the thread could not be started.
    running: HashMap<String, Option<ScopedJoinHandle<'scope, WastReport>>>,
}

impl<'scope, 'env> Threads<'scope, 'env> {
    /// Runs directives in a new store, and waits for the threads that they started.
    fn run<'text: 'scope>(mut self, directives: Vec<WastDirective<'text>>, shared: Shared) -> WastReport {
        let mut report = WastReport::default();
        let mut state = match State::new(self.engines, shared) {
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
            let span = directive.span();
            if broken {
                report.skip(keyword);
                continue;
            }
            let result = match directive {
                WastDirective::Thread(thread) => self.start(&state, thread),
                WastDirective::Wait { thread, .. } => self.wait(thread, &mut report),
                // The store is not used again after a panic.
                directive => catch_unwind(AssertUnwindSafe(|| state.run(directive))).unwrap_or_else(|panic| {
                    broken = true;
                    Err(format!("the engine panicked: {}", panic_message(panic.as_ref())))
                }),
            };
            match result {
                Ok(()) => report.pass(keyword),
                Err(message) => report.fail(failure(self.script, span, keyword, message)),
            }
        }
        for (_, thread) in self.running.drain() {
            join(thread, &mut report);
        }
        report
    }

    fn start<'text: 'scope>(&mut self, state: &State, thread: WastThread<'text>) -> Result<(), String> {
        let name = thread.name.name();
        if self.running.contains_key(name) {
            return Err(format!("there is a thread ${name} already"));
        }
        let shared = state.share(thread.shared_module);
        let (scope, script, engines) = (self.scope, self.script, self.engines);
        let (handle, result) = match shared {
            Ok(shared) => {
                let threads = Threads { scope, script, engines, running: HashMap::new() };
                (Some(scope.spawn(move || threads.run(thread.directives, shared))), Ok(()))
            }
            Err(message) => (None, Err(message)),
        };
        self.running.insert(name.into(), handle);
        result
    }

    fn wait(&mut self, thread: Id<'_>, report: &mut WastReport) -> Result<(), String> {
        let name = thread.name();
        match self.running.remove(name) {
            Some(Some(handle)) => {
                join(Some(handle), report);
                Ok(())
            }
            Some(None) => Err(format!("the thread ${name} could not be started")),
            None => Err(format!("no thread is named ${name}")),
        }
    }
}

/// Waits for a thread and adds what came of its directives.
fn join(thread: Option<ScopedJoinHandle<'_, WastReport>>, report: &mut WastReport) {
    match thread.map(ScopedJoinHandle::join) {
        Some(Ok(own)) => report.add(own),
        Some(Err(panic)) => std::panic::resume_unwind(panic),
        None => {}
    }
}

fn failure(script: &str, span: Span, directive: &'static str, message: String) -> Failure {
    let (line, column) = span.linecol_in(script);
    Failure { line: line + 1, column: column + 1, directive, message }
}

/// Returns the keyword of a directive.
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
