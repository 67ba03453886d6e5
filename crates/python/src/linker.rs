//! Linkers.

use pyo3::{
    Py, PyAny,
    prelude::{Bound, PyResult, Python, pyclass, pymethods},
};
use wasmote_wasi::{WasiVersion, add_to_linker};

use crate::{
    engine::{Engine, Module},
    errors::{refuse, to_python},
    items::{Instance, host_func, to_item},
    store::{Data, StoreLike},
    value::FuncType,
};

/// Defines imports by name.
#[pyclass(module = "wasmote")]
pub(crate) struct Linker(wasmote::Linker<Data>);

#[pymethods]
impl Linker {
    #[new]
    fn new(engine: &Engine) -> Self {
        Self(wasmote::Linker::new(&engine.0))
    }

    /// Whether names can be defined again.
    #[setter]
    fn set_allow_shadowing(&mut self, allow: bool) {
        self.0.allow_shadowing(allow);
    }

    fn define_wasi(&mut self) -> PyResult<()> {
        for version in [WasiVersion::Snapshot0, WasiVersion::Snapshot1] {
            add_to_linker(&mut self.0, version, Data::wasi).map_err(refuse)?;
        }
        Ok(())
    }

    #[pyo3(signature = (module, name, ty, func, access_caller=false))]
    fn define_func(
        &mut self,
        module: &str,
        name: &str,
        ty: &FuncType,
        func: Py<PyAny>,
        access_caller: bool,
    ) -> PyResult<()> {
        let host = host_func(ty.0.clone(), func, access_caller);
        self.0.func_new(module, name, ty.0.clone(), host).map(|_| ()).map_err(refuse)
    }

    /// Defines an item. The store is where the item is.
    fn define(&mut self, store: StoreLike, module: &str, name: &str, item: &Bound<'_, PyAny>) -> PyResult<()> {
        let _ = store;
        self.0.define(module, name, to_item(item)?).map(|_| ()).map_err(refuse)
    }

    /// Defines all exports of an instance as names of a module.
    fn define_instance(&mut self, py: Python<'_>, store: StoreLike, name: &str, instance: &Instance) -> PyResult<()> {
        let linker = &mut self.0;
        store.with(py, |ctx| linker.instance(ctx, name, instance.0).map(|_| ()).map_err(to_python))
    }

    fn instantiate(&self, py: Python<'_>, store: StoreLike, module: &Module) -> PyResult<Instance> {
        store.with(py, |ctx| self.0.instantiate_and_start(ctx, &module.0).map(Instance).map_err(to_python))
    }
}
