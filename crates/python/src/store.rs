//! Stores, callers of host functions, and what a program sees of this process.

use std::sync::{
    Mutex,
    atomic::{AtomicPtr, Ordering},
};

use pyo3::prelude::{FromPyObject, Py, PyResult, Python, pyclass, pymethods};
use wasmote::{AsContextMut, StoreContextMut, StoreLimits, StoreLimitsBuilder};
use wasmote_wasi::{WasiCtx, WasiCtxBuilder};

use crate::{
    engine::Engine,
    errors::{refuse, to_python},
};

/// What the library keeps in a store.
pub(crate) struct Data {
    limits: StoreLimits,
    wasi: Option<WasiCtx>,
}

impl Data {
    pub(crate) fn wasi(&mut self) -> &mut WasiCtx {
        self.wasi.get_or_insert_with(|| WasiCtxBuilder::new().build().expect("a context without directories"))
    }
}

/// Owns instances and their items. One thread at a time uses it; another one that tries gets an error.
#[pyclass(module = "wasmote", frozen)]
pub(crate) struct Store(Mutex<wasmote::Store<Data>>);

impl Store {
    fn lock(&self) -> PyResult<std::sync::MutexGuard<'_, wasmote::Store<Data>>> {
        self.0.try_lock().map_err(|_| refuse("the store is in use: functions of the host use their caller"))
    }
}

#[pymethods]
impl Store {
    #[new]
    #[pyo3(signature = (engine=None))]
    fn new(engine: Option<&Engine>) -> Self {
        let engine = engine.map_or_else(wasmote::Engine::default, |engine| engine.0.clone());
        Self(Mutex::new(wasmote::Store::new(&engine, Data { limits: StoreLimits::default(), wasi: None })))
    }

    fn set_fuel(&self, fuel: u64) -> PyResult<()> {
        self.lock()?.set_fuel(fuel).map_err(to_python)
    }

    fn get_fuel(&self) -> PyResult<u64> {
        self.lock()?.get_fuel().map_err(to_python)
    }

    fn set_wasi(&self, wasi: &mut WasiConfig) -> PyResult<()> {
        self.lock()?.data_mut().wasi = Some(wasi.build()?);
        Ok(())
    }

    /// Sets limits: bytes of a memory, elements of a table, and how many instances, tables and memories there may be.
    #[pyo3(signature = (memory_size=None, table_elements=None, instances=None, tables=None, memories=None))]
    fn set_limits(
        &self,
        memory_size: Option<usize>,
        table_elements: Option<usize>,
        instances: Option<usize>,
        tables: Option<usize>,
        memories: Option<usize>,
    ) -> PyResult<()> {
        type Setter = fn(StoreLimitsBuilder, usize) -> StoreLimitsBuilder;
        let setters: [(Option<usize>, Setter); 5] = [
            (memory_size, StoreLimitsBuilder::memory_size),
            (table_elements, StoreLimitsBuilder::table_elements),
            (instances, StoreLimitsBuilder::instances),
            (tables, StoreLimitsBuilder::tables),
            (memories, StoreLimitsBuilder::memories),
        ];
        let given = setters.into_iter().filter_map(|(limit, set)| Some((limit?, set)));
        let limits = given.fold(StoreLimitsBuilder::new(), |builder, (limit, set)| set(builder, limit)).build();
        let mut store = self.lock()?;
        store.data_mut().limits = limits;
        store.limiter(|data| &mut data.limits);
        Ok(())
    }
}

/// The caller of a function of the host. Only that function can use it.
#[pyclass(module = "wasmote", frozen)]
pub(crate) struct Caller {
    /// Null after the call
    caller: AtomicPtr<wasmote::Caller<'static, Data>>,
}

impl Caller {
    /// Runs `body` with an object for Python, which is good for nothing afterwards.
    pub(crate) fn lend<R>(
        py: Python<'_>,
        caller: &mut wasmote::Caller<'_, Data>,
        body: impl FnOnce(&Py<Self>) -> PyResult<R>,
    ) -> PyResult<R> {
        let pointer: *mut wasmote::Caller<'_, Data> = caller;
        let object = Py::new(py, Self { caller: AtomicPtr::new(pointer.cast()) })?;
        let result = body(&object);
        object.get().caller.store(std::ptr::null_mut(), Ordering::Release);
        result
    }

    /// Takes the caller, so that nobody else has it meanwhile.
    fn with<R>(&self, body: impl FnOnce(&mut wasmote::Caller<'static, Data>) -> PyResult<R>) -> PyResult<R> {
        let pointer = self.caller.swap(std::ptr::null_mut(), Ordering::AcqRel);
        // SAFETY: `lend` has the caller until it takes the pointer away, and whoever takes the pointer is the only one.
        let Some(caller) = (unsafe { pointer.as_mut() }) else {
            return Err(refuse("the caller is in use, or its call has ended"));
        };
        let result = body(caller);
        self.caller.store(pointer, Ordering::Release);
        result
    }
}

#[pymethods]
impl Caller {
    fn __getitem__(&self, py: Python<'_>, name: &str) -> PyResult<Py<pyo3::PyAny>> {
        let item = self.with(|caller| Ok(caller.get_export(name)))?;
        let item = item.ok_or_else(|| pyo3::exceptions::PyKeyError::new_err(name.to_owned()))?;
        crate::items::to_object(py, item)
    }
}

/// A store, or the caller of a function of the host.
#[derive(FromPyObject)]
pub(crate) enum StoreLike {
    Store(Py<Store>),
    Caller(Py<Caller>),
}

impl StoreLike {
    /// Runs `body` in the store. Other threads of Python run meanwhile.
    pub(crate) fn with<R: Send>(
        &self,
        py: Python<'_>,
        body: impl FnOnce(StoreContextMut<'_, Data>) -> PyResult<R> + Send,
    ) -> PyResult<R> {
        match self {
            Self::Store(store) => {
                let store = store.get();
                py.detach(|| body(store.lock()?.as_context_mut()))
            }
            Self::Caller(caller) => {
                let caller = caller.get();
                py.detach(|| caller.with(|caller| body(caller.as_context_mut())))
            }
        }
    }
}

/// The least and the greatest size of a memory or a table.
#[pyclass(module = "wasmote", frozen, get_all)]
pub(crate) struct Limits {
    min: u64,
    max: Option<u64>,
}

#[pymethods]
impl Limits {
    #[new]
    #[pyo3(signature = (min, max=None))]
    fn new(min: u64, max: Option<u64>) -> Self {
        Self { min, max }
    }
}

/// What a program sees of this process: nothing, unless it is added.
#[pyclass(module = "wasmote")]
pub(crate) struct WasiConfig(WasiCtxBuilder);

impl WasiConfig {
    fn build(&mut self) -> PyResult<WasiCtx> {
        self.0.build().map_err(refuse)
    }
}

#[pymethods]
impl WasiConfig {
    #[new]
    fn new() -> Self {
        Self(WasiCtxBuilder::new())
    }

    #[setter]
    fn set_argv(&mut self, argv: Vec<String>) {
        self.0.args(argv);
    }

    #[setter]
    fn set_env(&mut self, pairs: Vec<(String, String)>) {
        self.0.envs(pairs);
    }

    fn inherit_argv(&mut self) {
        self.0.inherit_args();
    }

    fn inherit_env(&mut self) {
        self.0.inherit_env();
    }

    fn inherit_stdin(&mut self) {
        self.0.inherit_stdin();
    }

    fn inherit_stdout(&mut self) {
        self.0.inherit_stdout();
    }

    fn inherit_stderr(&mut self) {
        self.0.inherit_stderr();
    }

    #[setter]
    fn set_stdout_file(&mut self, path: std::path::PathBuf) -> PyResult<()> {
        self.0.stdout(Box::new(std::fs::File::create(path)?));
        Ok(())
    }

    #[setter]
    fn set_stderr_file(&mut self, path: std::path::PathBuf) -> PyResult<()> {
        self.0.stderr(Box::new(std::fs::File::create(path)?));
        Ok(())
    }

    #[setter]
    fn set_stdin_file(&mut self, path: std::path::PathBuf) -> PyResult<()> {
        self.0.stdin(Box::new(std::fs::File::open(path)?));
        Ok(())
    }

    fn preopen_dir(&mut self, path: &str, guest_path: &str) -> PyResult<()> {
        self.0.preopened_dir(path, guest_path).map(|_| ()).map_err(refuse)
    }
}
