//! `wasmote run`: calls a function of a module.

use std::{io::Write, time::Instant};

use wasmote::{Engine, Error, ExternType, FuncType, Instance, Module, Store, StoreLimitsBuilder, Val};

use crate::{
    args::RunArgs,
    failure::{Failure, status},
    funcs::Funcs,
    host::{self, Host},
    output::Output,
    source::Source,
    values,
};

/// The functions that are called if none is named, the first that there is.
const DEFAULT_FUNCS: [&str; 2] = ["_start", "main"];

/// A function to call.
struct Target {
    name: String,
    ty: FuncType,
    inputs: Vec<Val>,
}

/// Runs the command; the result is the exit status.
pub(crate) fn run(args: &RunArgs, output: Output) -> Result<i32, Failure> {
    let source = Source::read(&args.file)?;
    let proposals = args.features.proposals();
    let mut config = proposals.config();
    args.execution.apply(&mut config);
    config.consume_fuel(args.fuel.is_some());
    let engine = Engine::new(&config);

    let clock = Clock { start: Instant::now(), verbose: args.verbose };
    let module = source.module(&engine, &proposals)?;
    clock.say(&format!("{}: made a module of {} bytes", source.path().display(), source.bytes().len()));

    // All that can be wrong with the command line is found before anything runs.
    let target = target(args, &source, &module)?;
    let name = source.path().display().to_string();
    host::check_imports(&name, &module)?;

    let mut limits = StoreLimitsBuilder::new();
    if let Some(bytes) = args.max_memory {
        limits = limits.memory_size(bytes);
    }
    if let Some(elements) = args.max_table_elements {
        limits = limits.table_elements(elements);
    }
    let mut store = Store::new(&engine, Host { output, limits: limits.build() });
    store.limiter(|host| &mut host.limits);
    if let Some(fuel) = args.fuel {
        store.set_fuel(fuel).map_err(|error| Failure::new(error.to_string()))?;
    }
    let result = execute(&clock, &name, &module, &mut store, target.as_ref(), |context, error| {
        // With `--mode lazy` an invalid function is found when it is called.
        let is_invalid = matches!(error.kind(), wasmote::ErrorKind::Wasm(_));
        if is_invalid { source.invalid(error, &proposals) } else { Failure::of_call(context, error) }
    });
    if let Some(fuel) = args.fuel
        && let Ok(left) = store.get_fuel()
    {
        clock.say(&format!("fuel: {} of {fuel} used up", fuel.saturating_sub(left)));
    }
    let output = &mut store.data_mut().output;
    for value in result? {
        writeln!(output, "{}", values::show(&value))?;
    }
    output.flush()?;
    Ok(status::SUCCESS)
}

/// Makes an instance and calls the function, if there is one to call.
fn execute(
    clock: &Clock,
    name: &str,
    module: &Module,
    store: &mut Store<Host>,
    target: Option<&Target>,
    failure: impl Fn(&str, &Error) -> Failure,
) -> Result<Vec<Val>, Failure> {
    let linker = host::linker(module.engine())?;
    let instance: Instance = linker
        .instantiate_and_start(&mut *store, module)
        .map_err(|error| failure(&format!("the instantiation of {name}"), &error))?;
    clock.say("made an instance");
    let Some(Target { name, ty, inputs }) = target else { return Ok(Vec::new()) };
    let func = instance.get_func(&*store, name).ok_or_else(|| Failure::new(format!("`{name}` is gone")))?;
    let mut outputs = ty.results().iter().map(|&ty| Val::default_for_ty(ty)).collect::<Vec<_>>();
    let result = func.call(&mut *store, inputs, &mut outputs);
    clock.say(&format!("`{name}` returned or stopped"));
    result.map_err(|error| failure(&format!("`{name}`"), &error))?;
    Ok(outputs)
}

/// The function to call; none if the module has a start function and nothing else to call.
fn target(args: &RunArgs, source: &Source, module: &Module) -> Result<Option<Target>, Failure> {
    let file = source.path().display();
    let func = |name: &str| match module.get_export(name) {
        Some(ExternType::Func(ty)) => Some((name.to_owned(), ty)),
        _ => None,
    };
    let found = match &args.invoke {
        Some(name) => func(name).ok_or_else(|| {
            let what = match module.get_export(name) {
                Some(ty) => format!("the export `{name}` of {file} is no function but a {ty}"),
                None => format!("{file} exports no function `{name}`"),
            };
            Failure::usage(what).hint(exported_funcs(module))
        })?,
        None => match DEFAULT_FUNCS.into_iter().find_map(func) {
            Some(found) => found,
            None if Funcs::of(source.bytes()).has_start && args.args.is_empty() => return Ok(None),
            None => {
                let what = format!("{file} exports neither a function `_start` nor `main`");
                return Err(Failure::usage(what).hint(exported_funcs(module)));
            }
        },
    };
    let (name, ty) = found;
    let inputs = values::parse_args(&name, &ty, &args.args)?;
    Ok(Some(Target { name, ty, inputs }))
}

/// Which functions can be called, with their types.
fn exported_funcs(module: &Module) -> String {
    let funcs: String =
        module.exports().filter_map(|export| Some(format!("\n{}: {}", export.name(), export.func()?))).collect();
    if funcs.is_empty() {
        return "the module exports no functions: there is nothing to run".into();
    }
    format!("name one of its functions with `--invoke NAME`, before the arguments:{funcs}")
}

/// Says what has been done, and when.
struct Clock {
    start: Instant,
    verbose: bool,
}

impl Clock {
    fn say(&self, what: &str) {
        if self.verbose {
            // There is nobody to tell if this fails.
            let _ = writeln!(std::io::stderr().lock(), "[{:>10.3?}] {what}", self.start.elapsed());
        }
    }
}
