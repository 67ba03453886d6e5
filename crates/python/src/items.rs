//! What lives in a store: functions, memories, globals, tables, instances.

use pyo3::{
    IntoPyObjectExt, Py, PyAny,
    exceptions::{PyIndexError, PyKeyError, PyTypeError},
    prelude::{Bound, PyAnyMethods, PyResult, Python, pyclass, pymethods},
    types::{PyBytes, PyTuple, PyTupleMethods},
};
use wasmote::{Error, Extern, Val};

use crate::{
    engine::Module,
    errors::{Raised, refuse, to_python},
    store::{Caller, Data, StoreLike},
    value::{FuncType, Input, Output},
};

/// Returns the object of Python for an item.
pub(crate) fn to_object(py: Python<'_>, item: Extern) -> PyResult<Py<PyAny>> {
    match item {
        Extern::Func(func) => Func(func).into_py_any(py),
        Extern::Memory(memory) => Memory(memory).into_py_any(py),
        Extern::Global(global) => Global(global).into_py_any(py),
        Extern::Table(table) => Table(table).into_py_any(py),
        _ => Err(refuse("an item of a kind that Python has no class for")),
    }
}

/// Returns the item that an object of Python is.
pub(crate) fn to_item(object: &Bound<'_, PyAny>) -> PyResult<Extern> {
    if let Ok(func) = object.cast::<Func>() {
        Ok(func.get().0.into())
    } else if let Ok(memory) = object.cast::<Memory>() {
        Ok(memory.get().0.into())
    } else if let Ok(global) = object.cast::<Global>() {
        Ok(global.get().0.into())
    } else if let Ok(table) = object.cast::<Table>() {
        Ok(table.get().0.into())
    } else {
        Err(PyTypeError::new_err("not a function, memory, global or table"))
    }
}

/// Returns a host function that calls a function of Python.
pub(crate) fn host_func(
    ty: wasmote::FuncType,
    call: Py<PyAny>,
    access_caller: bool,
) -> impl Fn(wasmote::Caller<'_, Data>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static {
    move |mut caller, params, results| {
        use wasmote::AsContextMut;
        let given: Vec<Output> = {
            let ctx = caller.as_context_mut();
            params.iter().map(|param| Output::new(param, &ctx)).collect()
        };
        let run = |py: Python<'_>| -> PyResult<Vec<Input>> {
            let mut args = given.into_iter().map(|value| value.into_object(py)).collect::<PyResult<Vec<_>>>()?;
            let answer = if access_caller {
                Caller::lend(py, &mut caller, |lent| {
                    args.insert(0, lent.clone_ref(py).into_any());
                    call.call1(py, PyTuple::new(py, args)?)
                })?
            } else {
                call.call1(py, PyTuple::new(py, args)?)?
            };
            inputs_of(answer.bind(py), ty.results())
        };
        let inputs = Python::attach(run).map_err(|error| Error::host(Raised(error)))?;
        let mut ctx = caller.as_context_mut();
        for (input, result) in inputs.into_iter().zip(results) {
            *result = input.into_val(&mut ctx);
        }
        Ok(())
    }
}

/// Returns the results that a function of Python returned: none, one, or several in a sequence.
fn inputs_of(answer: &Bound<'_, PyAny>, types: &[wasmote::ValType]) -> PyResult<Vec<Input>> {
    match types {
        [] if answer.is_none() => Ok(Vec::new()),
        [] => Err(PyTypeError::new_err("a function without results returned something")),
        [ty] => Ok(vec![Input::new(answer, *ty)?]),
        types => {
            let values: Vec<Bound<'_, PyAny>> = answer.extract()?;
            if values.len() != types.len() {
                return Err(PyTypeError::new_err(format!("{} results, not {}", types.len(), values.len())));
            }
            values.iter().zip(types).map(|(value, &ty)| Input::new(value, ty)).collect()
        }
    }
}

/// A function of Wasm or of the host.
#[pyclass(module = "wasmote", frozen)]
pub(crate) struct Func(pub(crate) wasmote::Func);

#[pymethods]
impl Func {
    #[new]
    #[pyo3(signature = (store, ty, func, access_caller=false))]
    fn new(py: Python<'_>, store: StoreLike, ty: &FuncType, func: Py<PyAny>, access_caller: bool) -> PyResult<Self> {
        let ty = ty.0.clone();
        let host = host_func(ty.clone(), func, access_caller);
        store.with(py, |ctx| Ok(Self(wasmote::Func::new(ctx, ty, host))))
    }

    fn r#type(&self, py: Python<'_>, store: StoreLike) -> PyResult<FuncType> {
        store.with(py, |ctx| Ok(FuncType(self.0.ty(&ctx))))
    }

    #[pyo3(signature = (store, *params))]
    fn __call__(&self, py: Python<'_>, store: StoreLike, params: &Bound<'_, PyTuple>) -> PyResult<Py<PyAny>> {
        let ty = store.with(py, |ctx| Ok(self.0.ty(&ctx)))?;
        if params.len() != ty.params().len() {
            return Err(refuse(format_args!("{} parameters, not {}", ty.params().len(), params.len())));
        }
        let inputs: Vec<Input> =
            params.iter().zip(ty.params()).map(|(value, &ty)| Input::new(&value, ty)).collect::<PyResult<_>>()?;
        let outputs = store.with(py, |mut ctx| {
            let values: Vec<Val> = inputs.into_iter().map(|input| input.into_val(&mut ctx)).collect();
            let mut results = vec![Val::I32(0); ty.results().len()];
            self.0.call(&mut ctx, &values, &mut results).map_err(to_python)?;
            Ok(results.iter().map(|result| Output::new(result, &ctx)).collect::<Vec<_>>())
        })?;
        let mut objects = outputs.into_iter().map(|value| value.into_object(py)).collect::<PyResult<Vec<_>>>()?;
        match objects.len() {
            0 => Ok(py.None()),
            1 => Ok(objects.remove(0)),
            _ => objects.into_py_any(py),
        }
    }
}

/// A linear memory.
#[pyclass(module = "wasmote", frozen)]
pub(crate) struct Memory(pub(crate) wasmote::Memory);

#[pymethods]
impl Memory {
    /// The size in pages of 64 KiB.
    fn size(&self, py: Python<'_>, store: StoreLike) -> PyResult<u64> {
        store.with(py, |ctx| Ok(self.0.size(&ctx)))
    }

    /// The size in bytes.
    fn data_len(&self, py: Python<'_>, store: StoreLike) -> PyResult<usize> {
        store.with(py, |ctx| Ok(self.0.data_size(&ctx)))
    }

    /// Grows by pages, and returns the former size.
    fn grow(&self, py: Python<'_>, store: StoreLike, delta: u64) -> PyResult<u64> {
        store.with(py, |ctx| self.0.grow(ctx, delta).map_err(refuse))
    }

    /// The bytes from `start` to `stop`; to the end without it.
    #[pyo3(signature = (store, start=0, stop=None))]
    fn read<'py>(
        &self,
        py: Python<'py>,
        store: StoreLike,
        start: usize,
        stop: Option<usize>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = store.with(py, |ctx| {
            let data = self.0.data(&ctx);
            let range = start..stop.unwrap_or(data.len());
            data.get(range).map(<[u8]>::to_vec).ok_or_else(|| PyIndexError::new_err("out of bounds memory access"))
        })?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Writes bytes from `start` on.
    #[pyo3(signature = (store, value, start=0))]
    fn write(&self, py: Python<'_>, store: StoreLike, value: Vec<u8>, start: usize) -> PyResult<()> {
        let failed = |_| PyIndexError::new_err("out of bounds memory access");
        store.with(py, |ctx| self.0.write(ctx, start, &value).map_err(failed))
    }
}

/// A global variable.
#[pyclass(module = "wasmote", frozen)]
pub(crate) struct Global(pub(crate) wasmote::Global);

#[pymethods]
impl Global {
    fn value(&self, py: Python<'_>, store: StoreLike) -> PyResult<Py<PyAny>> {
        store.with(py, |ctx| Ok(Output::new(&self.0.get(&ctx), &ctx)))?.into_object(py)
    }

    fn set_value(&self, py: Python<'_>, store: StoreLike, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let ty = store.with(py, |ctx| Ok(self.0.ty(&ctx).content()))?;
        let input = Input::new(value, ty)?;
        store.with(py, |mut ctx| {
            let value = input.into_val(&mut ctx);
            self.0.set(ctx, value).map_err(refuse)
        })
    }
}

/// A table of references.
#[pyclass(module = "wasmote", frozen)]
pub(crate) struct Table(pub(crate) wasmote::Table);

#[pymethods]
impl Table {
    /// The number of elements.
    fn size(&self, py: Python<'_>, store: StoreLike) -> PyResult<u64> {
        store.with(py, |ctx| Ok(self.0.size(&ctx)))
    }

    fn get(&self, py: Python<'_>, store: StoreLike, index: u64) -> PyResult<Py<PyAny>> {
        let element = store.with(py, |ctx| {
            let element = self.0.get(&ctx, index).ok_or_else(|| PyIndexError::new_err("out of bounds table access"))?;
            Ok(Output::new(&element.into(), &ctx))
        })?;
        element.into_object(py)
    }
}

/// An instance of a module.
#[pyclass(module = "wasmote", frozen)]
pub(crate) struct Instance(pub(crate) wasmote::Instance);

#[pymethods]
impl Instance {
    #[new]
    fn new(py: Python<'_>, store: StoreLike, module: &Module, imports: Vec<Bound<'_, PyAny>>) -> PyResult<Self> {
        let items: Vec<Extern> = imports.iter().map(to_item).collect::<PyResult<_>>()?;
        if items.len() != module.0.imports().len() {
            return Err(refuse(format_args!("{} imports, not {}", module.0.imports().len(), items.len())));
        }
        store.with(py, |ctx| wasmote::Instance::new(ctx, &module.0, &items).map(Self).map_err(to_python))
    }

    /// The exports, by name.
    fn exports(&self, py: Python<'_>, store: StoreLike) -> PyResult<InstanceExports> {
        store.with(py, |ctx| {
            let exports = self.0.exports(&ctx);
            Ok(InstanceExports(exports.map(|export| (export.name().to_owned(), export.into_extern())).collect()))
        })
    }
}

/// The exports of an instance.
#[pyclass(module = "wasmote", frozen)]
pub(crate) struct InstanceExports(Vec<(String, Extern)>);

#[pymethods]
impl InstanceExports {
    fn __getitem__(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        let found = self.0.iter().find(|(export, _)| export == name);
        let (_, item) = found.ok_or_else(|| PyKeyError::new_err(name.to_owned()))?;
        to_object(py, *item)
    }

    fn get(&self, py: Python<'_>, name: &str) -> PyResult<Option<Py<PyAny>>> {
        self.0.iter().find(|(export, _)| export == name).map(|(_, item)| to_object(py, *item)).transpose()
    }

    fn keys(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __contains__(&self, name: &str) -> bool {
        self.0.iter().any(|(export, _)| export == name)
    }
}
