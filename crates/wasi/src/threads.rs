//! Threads of programs (proposal wasi-threads): `wasi.thread-spawn` starts a thread of the host, which makes an instance of
//! the program in a store of its own and calls `wasi_thread_start`. The instances share the memory that they import.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
};

use wasmote::{Caller, Error, InstancePre, InterruptHandle, Linker, Module, SharedMemory, Store, errors::LinkerError};

use crate::errno::Errno;

/// The function that a program exports for its threads.
const START: &str = "wasi_thread_start";
/// The greatest number of a thread, by the proposal.
const MAX_ID: i32 = 0x1fff_ffff;

/// The threads of a program.
///
/// Threads are started by `wasi.thread-spawn`, which [`add_to_linker`](Self::add_to_linker) defines. When one of them traps or calls
/// `proc_exit`, all of them end: waits in shared memories are interrupted, and no further thread starts. Code that computes
/// runs until it waits. An embedder can stop it earlier: it meters fuel and calls [`has_ended`](Self::has_ended) between two
/// slices.
///
/// ```
/// use wasmote::{Config, Engine, Linker, Module, Store};
/// use wasmote_wasi::{WasiCtx, WasiCtxBuilder, WasiThreads};
///
/// let wat = r#"
///     (module
///         (import "env" "memory" (memory 1 1 shared))
///         (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
///         (func (export "wasi_thread_start") (param i32 i32)
///             (i32.atomic.store (i32.const 0) (local.get 1))
///             (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))
///         (func (export "run") (result i32)
///             (drop (call $spawn (i32.const 7)))
///             (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))
///             (i32.atomic.load (i32.const 0))))
/// "#;
/// let mut config = Config::default();
/// config.wasm_threads(true);
/// let engine = Engine::new(&config);
/// let module = Module::new(&engine, wat)?;
/// let threads = <WasiThreads<WasiCtx>>::new(8, WasiThreads::call);
/// let mut linker = Linker::new(&engine);
/// threads.add_to_linker(&mut linker, &module, |ctx| ctx.fork())?;
/// threads.set_module(linker.instantiate_pre(&module)?);
///
/// let mut store = Store::new(&engine, WasiCtxBuilder::new().build()?);
/// threads.add_store(&store);
/// let instance = linker.instantiate_and_start(&mut store, &module)?;
/// let run = instance.get_typed_func::<(), i32>(&store, "run")?;
/// assert_eq!(run.call(&mut store, ())?, 7);
/// assert!(threads.join().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct WasiThreads<T> {
    group: Arc<Group<T>>,
}

impl<T> Clone for WasiThreads<T> {
    fn clone(&self) -> Self {
        Self { group: self.group.clone() }
    }
}

impl<T> core::fmt::Debug for WasiThreads<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("WasiThreads").field("limit", &self.group.limit).finish_non_exhaustive()
    }
}

/// What a thread runs: `wasi_thread_start` of a new instance in this store, with these two arguments.
type Run<T> = dyn Fn(&mut Store<T>, &InstancePre<T>, (i32, i32)) -> Result<(), Error> + Send + Sync;

struct Group<T> {
    limit: usize,
    run: Box<Run<T>>,
    module: OnceLock<InstancePre<T>>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// How many threads run
    running: usize,
    /// The number of the last thread
    last: i32,
    /// What ends waits of the stores, by the numbers of their threads
    stores: Vec<(i32, InterruptHandle)>,
    ended: bool,
    /// The first error
    error: Option<Error>,
}

impl<T> Group<T> {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, error: Option<Error>) {
        let mut state = self.state();
        if !state.ended {
            state.ended = true;
            state.error = error;
        }
        state.stores.iter().for_each(|(_, store)| store.interrupt());
    }
}

/// Counts a thread as long as it lives, however it ends.
struct Running<T> {
    group: Arc<Group<T>>,
    id: i32,
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.group.end(Some(Error::new("a thread of the host panicked")));
        }
        let mut state = self.group.state();
        state.running -= 1;
        state.stores.retain(|(id, _)| *id != self.id);
        self.group.changed.notify_all();
    }
}

impl<T: Send + 'static> WasiThreads<T> {
    /// Makes a group of at most `limit` threads at a time, besides the one that runs the program first.
    ///
    /// `run` runs one: it makes an instance in the store and calls `wasi_thread_start` with the two arguments, as
    /// [`Self::call`] does. It may set limits of the store before.
    pub fn new(
        limit: usize,
        run: impl Fn(&mut Store<T>, &InstancePre<T>, (i32, i32)) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Self {
        let (module, state, changed) = (OnceLock::new(), Mutex::default(), Condvar::new());
        Self { group: Arc::new(Group { limit, run: Box::new(run), module, state, changed }) }
    }

    /// Makes an instance in the store and calls `wasi_thread_start`.
    ///
    /// # Errors
    ///
    /// Those of the instantiation and of the call; also if the module does not export such a function.
    pub fn call(store: &mut Store<T>, module: &InstancePre<T>, arguments: (i32, i32)) -> Result<(), Error> {
        let instance = module.instantiate(&mut *store)?;
        instance.get_typed_func::<(i32, i32), ()>(&*store, START)?.call(store, arguments)
    }

    /// Defines `wasi.thread-spawn`, and the shared memories that `module` imports. `fork` makes the data of a thread's store
    /// from that of the store whose code starts it.
    ///
    /// # Errors
    ///
    /// If a memory cannot be made, or a name is defined already.
    pub fn add_to_linker(
        &self,
        linker: &mut Linker<T>,
        module: &Module,
        fork: impl Fn(&mut T) -> T + Send + Sync + 'static,
    ) -> Result<(), Error> {
        for import in module.imports() {
            if let Some(&ty) = import.ty().memory().filter(|ty| ty.is_shared()) {
                let memory = SharedMemory::new(module.engine(), ty)?;
                match linker.define_shared_memory(import.module(), import.name(), &memory) {
                    // A module may import the same name twice.
                    Ok(_) | Err(LinkerError::DuplicateDefinition { .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        // The linker is part of the module that the group holds.
        let group = Arc::downgrade(&self.group);
        linker.func_wrap("wasi", "thread-spawn", move |mut caller: Caller<'_, T>, argument: i32| {
            let Some(group) = group.upgrade() else { return failure(Errno::Again) };
            match spawn(&group, || fork(caller.data_mut()), argument) {
                Ok(id) => id,
                Err(errno) => failure(errno),
            }
        })?;
        Ok(())
    }

    /// Sets the module that threads make instances of.
    pub fn set_module(&self, module: InstancePre<T>) {
        // Only the first one counts.
        let _ = self.group.module.set(module);
    }

    /// Adds the store that runs the program first, so that its waits end too when the threads do.
    pub fn add_store(&self, store: &Store<T>) {
        let handle = store.interrupt_handle();
        let mut state = self.group.state();
        if state.ended {
            handle.interrupt();
        }
        state.stores.push((0, handle));
    }

    /// Ends all threads.
    pub fn end(&self) {
        self.group.end(None);
    }

    /// Whether the threads have to end.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.group.state().ended
    }

    /// Returns the error that ended the threads, if one did; `proc_exit` is one.
    #[must_use]
    pub fn take_error(&self) -> Option<Error> {
        self.group.state().error.take()
    }

    /// Waits until no thread runs. Returns the error that ended them, as [`Self::take_error`] does.
    #[must_use]
    pub fn join(&self) -> Option<Error> {
        let mut state = self.group.state();
        while state.running > 0 {
            state = self.group.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.error.take()
    }
}

/// The result of `thread-spawn` that says why there is no thread.
fn failure(errno: Errno) -> i32 {
    -i32::from(errno as u16)
}

/// Starts a thread. Returns its number.
fn spawn<T: Send + 'static>(group: &Arc<Group<T>>, data: impl FnOnce() -> T, argument: i32) -> Result<i32, Errno> {
    let module = group.module.get().ok_or(Errno::NotSupported)?.clone();
    let mut state = group.state();
    if state.ended || state.running >= group.limit || state.last == MAX_ID {
        return Err(Errno::Again);
    }
    let mut store = Store::new(module.module().engine(), data());
    state.running += 1;
    state.last += 1;
    let id = state.last;
    state.stores.push((id, store.interrupt_handle()));
    drop(state);
    let running = Running { group: group.clone(), id };
    let started = thread::Builder::new().name(format!("wasi-thread {id}")).spawn(move || {
        let group = running.group.clone();
        if let Err(error) = (group.run)(&mut store, &module, (id, argument)) {
            group.end(Some(error));
        }
        drop((store, running));
    });
    started.map(|_| id).map_err(|_| Errno::Again)
}
