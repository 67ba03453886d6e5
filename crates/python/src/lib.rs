//! Python bindings: the extension module `wasmote._wasmote`. The package `wasmote` exports what it has.
//!
//! ```text
//!   errors    exceptions for errors of the library
//!   engine    configurations, engines, modules
//!   store     stores, callers, and how others get at them; WASI
//!   value     values and their types
//!   items     functions, memories, globals, tables, instances
//!   linker    linkers
//! ```

mod engine;
mod errors;
mod items;
mod linker;
mod store;
mod value;

use pyo3::prelude::{Bound, PyModule, PyModuleMethods, PyResult, Python, pymodule};

#[pymodule]
fn _wasmote(py: Python<'_>, module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<engine::Config>()?;
    module.add_class::<engine::Engine>()?;
    module.add_class::<engine::Module>()?;
    module.add_class::<store::Store>()?;
    module.add_class::<store::Caller>()?;
    module.add_class::<store::Limits>()?;
    module.add_class::<store::WasiConfig>()?;
    module.add_class::<value::ValType>()?;
    module.add_class::<value::FuncType>()?;
    module.add_class::<items::Func>()?;
    module.add_class::<items::Memory>()?;
    module.add_class::<items::Global>()?;
    module.add_class::<items::Table>()?;
    module.add_class::<items::Instance>()?;
    module.add_class::<items::InstanceExports>()?;
    module.add_class::<linker::Linker>()?;
    module.add("WasmoteError", py.get_type::<errors::WasmoteError>())?;
    module.add("Trap", py.get_type::<errors::Trap>())?;
    module.add("ExitTrap", py.get_type::<errors::ExitTrap>())?;
    module.add_function(pyo3::wrap_pyfunction!(engine::wat2wasm, module)?)
}
