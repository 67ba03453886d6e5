//! Configurations, engines and modules.

use std::path::PathBuf;

use pyo3::{
    exceptions::{PyAttributeError, PyTypeError},
    prelude::{Bound, PyAny, PyAnyMethods, PyResult, Python, pyclass, pyfunction, pymethods},
    types::PyBytes,
};
use wasmote::Proposal;

use crate::errors::{refuse, to_python};

/// Settings of an engine. Parts of WebAssembly are attributes such as `wasm_simd`.
#[pyclass(module = "wasmote")]
pub(crate) struct Config(wasmote::Config);

#[pymethods]
impl Config {
    #[new]
    fn new() -> Self {
        Self(wasmote::Config::default())
    }

    fn __setattr__(&mut self, name: &str, value: bool) -> PyResult<()> {
        match name {
            "consume_fuel" => {
                self.0.consume_fuel(value);
            }
            "nan_canonicalization" | "cranelift_nan_canonicalization" => {
                self.0.nan_canonicalization(value);
            }
            _ => {
                let found = Proposal::ALL.iter().find(|proposal| proposal.setter() == name);
                let proposal = found.ok_or_else(|| PyAttributeError::new_err(format!("no setting `{name}`")))?;
                self.0.proposal(*proposal, value);
            }
        }
        Ok(())
    }
}

/// Holds code and types.
#[pyclass(module = "wasmote", frozen)]
pub(crate) struct Engine(pub(crate) wasmote::Engine);

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (config=None))]
    fn new(config: Option<&Config>) -> Self {
        Self(config.map_or_else(wasmote::Engine::default, |config| wasmote::Engine::new(&config.0)))
    }
}

/// A module: binary Wasm as bytes, or the text format as a string.
#[pyclass(module = "wasmote", frozen)]
pub(crate) struct Module(pub(crate) wasmote::Module);

/// Returns the bytes of a module that Python gives.
fn bytes_of(source: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(text) = source.extract::<String>() {
        return Ok(text.into_bytes());
    }
    source.extract::<Vec<u8>>().map_err(|_| PyTypeError::new_err("a module is bytes, or a string in the text format"))
}

#[pymethods]
impl Module {
    #[new]
    fn new(py: Python<'_>, engine: &Engine, wasm: &Bound<'_, PyAny>) -> PyResult<Self> {
        let bytes = bytes_of(wasm)?;
        py.detach(|| wasmote::Module::new(&engine.0, bytes)).map(Self).map_err(to_python)
    }

    #[staticmethod]
    fn from_file(py: Python<'_>, engine: &Engine, path: PathBuf) -> PyResult<Self> {
        let bytes = std::fs::read(path)?;
        py.detach(|| wasmote::Module::new(&engine.0, bytes)).map(Self).map_err(to_python)
    }

    #[staticmethod]
    fn validate(engine: &Engine, wasm: &Bound<'_, PyAny>) -> PyResult<()> {
        wasmote::Module::validate(&engine.0, &bytes_of(wasm)?).map_err(to_python)
    }

    /// Reads what `serialize` wrote. The bytes are checked.
    #[staticmethod]
    fn deserialize(py: Python<'_>, engine: &Engine, artefact: Vec<u8>) -> PyResult<Self> {
        py.detach(|| wasmote::Module::deserialize_checked(&engine.0, artefact)).map(Self).map_err(to_python)
    }

    #[staticmethod]
    fn deserialize_file(py: Python<'_>, engine: &Engine, path: PathBuf) -> PyResult<Self> {
        Self::deserialize(py, engine, std::fs::read(path)?)
    }

    fn serialize<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.0.serialize().map_err(to_python)?))
    }

    /// The imports: pairs of module and name, with the type as text.
    #[getter]
    fn imports(&self) -> Vec<(String, String, String)> {
        let import = |import: wasmote::ImportType<'_>| {
            (import.module().to_owned(), import.name().to_owned(), import.ty().to_string())
        };
        self.0.imports().map(import).collect()
    }

    /// The exports: names, with the type as text.
    #[getter]
    fn exports(&self) -> Vec<(String, String)> {
        self.0.exports().map(|export| (export.name().to_owned(), export.ty().to_string())).collect()
    }
}

/// Turns the text format into binary Wasm.
#[pyfunction]
pub(crate) fn wat2wasm<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyBytes>> {
    let wasm = wat::parse_str(text).map_err(refuse)?;
    Ok(PyBytes::new(py, &wasm))
}
