//! The threads of a program (wasi-threads).

use std::sync::{Arc, Weak};

use wasmote::{Error, InstancePre, Linker, MemoryType, Module, Store, Val};
use wasmote_wasi::WasiThreads;

use crate::{budget::Budget, failure::Failure, host::Host};

/// The function that a thread runs.
const START: &str = "wasi_thread_start";

/// Defines what `module` imports to share it among threads, if it imports such things: memories, and the function that
/// starts threads.
///
/// # Errors
///
/// If a memory is larger from the start than `max_memory` allows, or cannot be made.
pub(crate) fn define(
    linker: &mut Linker<Host>,
    module: &Module,
    max_threads: usize,
    max_memory: Option<usize>,
    budget: &mut Budget,
) -> Result<Option<Arc<WasiThreads<Host>>>, Failure> {
    let memories = || module.imports().filter_map(|import| import.ty().memory().copied()).filter(MemoryType::is_shared);
    let spawns = module.imports().any(|import| (import.module(), import.name()) == ("wasi", "thread-spawn"));
    if !spawns && memories().next().is_none() {
        return Ok(None);
    }
    let bytes = |pages: u64, page: u32| u128::from(pages) * u128::from(page);
    if max_memory.is_some_and(|most| memories().any(|ty| bytes(ty.minimum(), ty.page_size()) > most as u128)) {
        let failure = Failure::new("a shared memory cannot be made");
        return Err(failure.hint("a memory is larger from the start than `--max-memory` allows"));
    }
    let threads = Arc::new_cyclic(|threads: &Weak<WasiThreads<Host>>| {
        let (shared, threads) = (budget.share(threads.clone()), threads.clone());
        WasiThreads::new(max_threads, move |store, module, arguments| {
            let mut budget = shared.share(threads.clone());
            let result = run(&mut budget, store, module, arguments);
            if let Err(error) = &result
                && !budget.stops_threads()
                && threads.upgrade().is_some_and(|threads| !threads.has_ended())
            {
                // Other threads may compute, which nothing interrupts.
                std::process::exit(failure(error).report());
            }
            result
        })
    });
    let failed = |error: Error| Failure::new(error.to_string());
    threads.add_to_linker(linker, module, Host::fork).map_err(failed)?;
    *budget = budget.share(Arc::downgrade(&threads));
    Ok(Some(threads))
}

/// Runs a thread.
fn run(
    budget: &mut Budget,
    store: &mut Store<Host>,
    module: &InstancePre<Host>,
    (id, argument): (i32, i32),
) -> Result<(), Error> {
    store.limiter(|host| &mut host.limits);
    budget.start(store);
    let instance = budget.whole(store, |store| module.instantiate(store))?;
    let Some(start) = instance.get_func(&*store, START) else {
        return Err(Error::new(format!("a program that starts threads exports a function `{START}`")));
    };
    budget.call(store, start, &[Val::I32(id), Val::I32(argument)], &mut [])
}

/// Returns the failure of a program whose thread ended it with this error.
pub(crate) fn failure(error: &Error) -> Failure {
    Failure::of_call("a thread of the program", error)
}
