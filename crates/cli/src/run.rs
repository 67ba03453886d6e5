//! `wasmote run`: runs a program, or calls a function of a module.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use wasmote::{
    Config, Engine, Error, Instance, Linker, Module, Store, StoreLimitsBuilder, Val, WasmBacktraceDetails, WasmCoreDump,
};
use wasmote_wasi::WasiThreads;

use crate::{
    args::{Mode, RunArgs, UnknownImports},
    budget::Budget,
    failure::{Failure, status},
    host::{self, Host},
    output::Output,
    progress::Progress,
    proposals::Proposals,
    report::{Phase, Report},
    source::{Source, file_name},
    target::{Plan, Target},
    threads, values, wasi,
    watchdog::Watchdog,
};

/// The size in bytes from which a module gets a progress bar.
const LARGE: usize = 1 << 20;

/// Runs the command and returns the exit status.
pub(crate) fn run(args: &RunArgs, output: Output) -> Result<i32, Failure> {
    let mut report = Report::new(args.time.is_some());
    let clock = Clock { start: Instant::now(), verbose: args.verbose };
    let loading = format!("the loading of {}", file_name(args.file()));
    let watchdog = Watchdog::start(clock.start, args.limits.timeout, loading, output.flusher());
    let prepared = Run::prepare(args, &clock, &mut report, output, watchdog.as_ref());
    let result = prepared.and_then(|mut run| run.perform(&clock, &mut report, watchdog.as_ref()));
    watchdog.into_iter().for_each(Watchdog::leave);
    if let Some(format) = args.time {
        report.print(format);
    }
    result
}

/// A run that is ready to start.
struct Run {
    name: String,
    source: Source,
    proposals: Proposals,
    module: Module,
    plan: Plan,
    linker: Linker<Host>,
    store: Store<Host>,
    budget: Budget,
    /// What runs further threads, if the program can start some
    threads: Option<Arc<WasiThreads<Host>>>,
    /// Where a core dump is written
    coredump: Option<PathBuf>,
}

impl Run {
    /// Prepares a run. Reports all errors that can be found before anything runs.
    fn prepare(
        args: &RunArgs,
        clock: &Clock,
        report: &mut Report,
        mut output: Output,
        watchdog: Option<&Watchdog>,
    ) -> Result<Self, Failure> {
        let source = report.measure(Phase::Read, || Source::read(args.file())).map_err(|failure| {
            // The value of an option can be left out, so it follows a `=`.
            let is_format = args.time.is_some() && ["json", "text"].map(Path::new).contains(&args.file());
            let name = args.file().display();
            failure.maybe_hint(is_format.then(|| format!("to choose the format of the report, write `--time={name}`")))
        })?;
        if source.is_artefact() && !args.allow_precompiled {
            return Err(Failure::usage(format!("{} is an artefact, not a module", source.name()))
                .hint("add `--allow-precompiled` to run it: nothing tells which module it was made of"));
        }
        report.module = Some(source.bytes().len() as u64);
        let name = source.name();
        let proposals = args.features.proposals();
        let mut budget = Budget::new(args.limits.fuel, args.limits.timeout, clock.start);
        let mut config: Config = proposals.config();
        let mode =
            args.execution.apply(&mut config, if report.is_enabled() { Mode::Eager } else { Mode::LazyTranslation });
        budget.apply(&mut config);
        config.wasm_backtrace_details(WasmBacktraceDetails::Enable).coredump_on_trap(args.coredump.is_some());
        let engine = Engine::new(&config);
        watchdog.into_iter().for_each(|watchdog| watchdog.interrupt(&engine));

        let module = make_module(&source, &engine, &proposals, mode, report)?;
        clock.say(&format!("{name}: created a module of {} bytes", source.bytes().len()));

        let versions = args.wasi.version.versions(&module);
        let plan = Plan::of(args, !versions.is_empty(), &source, &module)?;
        let mut linker = host::linker(&engine)?;
        wasi::define(&mut linker, &versions).map_err(|error| Failure::new(error.to_string()))?;
        let limits = &args.limits;
        let threads = threads::define(&mut linker, &module, limits.max_threads, limits.max_memory, &mut budget)?;

        let mut limits = StoreLimitsBuilder::new();
        if let Some(bytes) = args.limits.max_memory {
            limits = limits.memory_size(bytes).total_memory_size(bytes);
        }
        if let Some(bytes) = args.limits.max_gc_heap {
            limits = limits.gc_heap_size(bytes);
        }
        if let Some(elements) = args.limits.max_table_elements {
            limits = limits.table_elements(elements).total_table_elements(elements);
        }
        let wasi = wasi::context(&args.wasi, source.path(), &plan.program_args)?;
        if !versions.is_empty() {
            // Host functions and WASI write to the same stream.
            output.show_always();
        }
        let mut store = Store::new(&engine, Host { output, limits: limits.build(), wasi });
        store.limiter(|host| &mut host.limits);
        if args.unknown_imports == UnknownImports::Trap {
            host::define_unknown(&module, &mut linker, &mut store)?;
        }
        host::check_imports(&name, &module, &linker, &mut store)?;
        if let Some(threads) = &threads {
            let pre = linker.instantiate_pre(&module).map_err(|error| Failure::new(error.to_string()))?;
            threads.set_module(pre);
            threads.add_store(&store);
        }
        Ok(Self {
            name,
            source,
            proposals,
            module,
            plan,
            linker,
            store,
            budget,
            threads,
            coredump: args.coredump.clone(),
        })
    }

    /// Runs it and returns the exit status.
    fn perform(&mut self, clock: &Clock, report: &mut Report, watchdog: Option<&Watchdog>) -> Result<i32, Failure> {
        self.budget.start(&mut self.store);
        let result = self.instantiate(report, watchdog).and_then(|instance| {
            clock.say("created an instance");
            let result = self.calls(clock, report, instance, watchdog);
            report.memories = Some(memories(&self.store, instance));
            result
        });
        report.fuel = self.budget.fuel().map(|(_, used)| used);
        if let Some((limit, used)) = self.budget.fuel() {
            clock.say(&format!("fuel: consumed {used} of {limit}"));
        }
        let output = &mut self.store.data_mut().output;
        for value in result? {
            writeln!(output, "{}", values::show(&value))?;
        }
        output.flush()?;
        Ok(status::SUCCESS)
    }

    /// Creates an instance and runs its start function.
    fn instantiate(&mut self, report: &mut Report, watchdog: Option<&Watchdog>) -> Result<Instance, Failure> {
        let context = format!("the instantiation of {}", self.name);
        watchdog.into_iter().for_each(|watchdog| watchdog.watch(&context));
        let Self { module, linker, store, budget, .. } = self;
        let result = report
            .measure(Phase::Instantiate, || budget.whole(store, |store| linker.instantiate_and_start(store, module)));
        result.map_err(|error| self.failure(&context, &error))
    }

    /// Calls all functions. Returns the results of the last one.
    fn calls(
        &mut self,
        clock: &Clock,
        report: &mut Report,
        instance: Instance,
        watchdog: Option<&Watchdog>,
    ) -> Result<Vec<Val>, Failure> {
        let began = Instant::now();
        let mut outputs = Vec::new();
        let mut result = Ok(());
        for target in &self.plan.targets {
            let Target { name, ty, inputs } = target;
            watchdog.into_iter().for_each(|watchdog| watchdog.watch(&format!("`{name}`")));
            let func = instance.get_func(&self.store, name);
            let func = func.ok_or_else(|| Failure::new(format!("there is no function `{name}` in the instance")))?;
            outputs = ty.results().iter().map(|&ty| Val::default_for_ty(ty)).collect();
            result = self.budget.call(&mut self.store, func, inputs, &mut outputs).map_err(|error| (name, error));
            clock.say(&format!("`{name}` returned or stopped"));
            if result.is_err() {
                break;
            }
        }
        report.set(Phase::Run, Some(began.elapsed()));
        match result {
            Ok(()) => Ok(outputs),
            Err((name, error)) => Err(self.failure(&format!("`{name}`"), &error)),
        }
    }

    fn failure(&self, context: &str, error: &Error) -> Failure {
        // Another thread has ended the program.
        if let Some(error) = self.threads.as_ref().and_then(|threads| threads.take_error()) {
            return threads::failure(&error);
        }
        // With `--mode lazy`, an invalid function is found when it is called.
        let is_invalid = matches!(error.kind(), wasmote::ErrorKind::Wasm(_));
        if is_invalid {
            return self.source.invalid(error, &self.proposals);
        }
        Failure::of_call(context, error).maybe_hint(self.dump(error))
    }

    /// Writes the core dump, if it was asked for and there is one. Returns what to say about it.
    fn dump(&self, error: &Error) -> Option<String> {
        let (path, dump) = (self.coredump.as_ref()?, error.downcast_ref::<WasmCoreDump>()?);
        let shown = path.display();
        Some(match fs::write(path, dump.serialize(&self.store, &self.name)) {
            Ok(()) => format!("the core dump is in {shown}"),
            Err(error) => format!("the core dump cannot be written to {shown}: {error}"),
        })
    }
}

/// Creates a module.
fn make_module(
    source: &Source,
    engine: &Engine,
    proposals: &Proposals,
    mode: Mode,
    report: &mut Report,
) -> Result<Module, Failure> {
    let is_large = source.bytes().len() >= LARGE;
    let _progress = is_large.then(|| Progress::endless(format!("translating {}", source.name())));
    if report.is_enabled() {
        report.measure(Phase::Validate, || source.validate(engine, proposals))?;
    }
    let began = Instant::now();
    let module = source.module(engine, proposals)?;
    let made = began.elapsed();
    let translation = report.time(Phase::Validate).map(|validation| made.saturating_sub(validation));
    report.set(Phase::Translate, translation.filter(|_| mode == Mode::Eager));
    Ok(module)
}

/// Returns the total size of the memories that an instance exports, in bytes.
fn memories(store: &Store<Host>, instance: Instance) -> u64 {
    let mut memories: Vec<_> =
        instance.exports(store).filter_map(|export| export.into_extern().into_memory()).collect();
    // A memory can be exported under several names.
    memories.dedup_by_key(|memory| memory.data_ptr(store));
    memories.iter().map(|memory| memory.data_size(store) as u64).sum()
}

/// Reports progress with `--verbose`.
struct Clock {
    start: Instant,
    verbose: bool,
}

impl Clock {
    fn say(&self, what: &str) {
        if self.verbose {
            // A failure to print cannot be reported.
            let _ = writeln!(std::io::stderr().lock(), "[{:>10.3?}] {what}", self.start.elapsed());
        }
    }
}
