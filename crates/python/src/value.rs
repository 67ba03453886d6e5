//! Values and their types: integers, floats, functions, and any object as an `externref`.

use pyo3::{
    Py, PyAny,
    exceptions::PyTypeError,
    prelude::{Bound, PyAnyMethods, PyResult, Python, pyclass, pymethods},
};
use wasmote::{ExternRef, Nullable, StoreContextMut, Val};

use crate::{items::Func, store::Data};

/// The type of a value.
#[pyclass(module = "wasmote", frozen, eq)]
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct ValType(pub(crate) wasmote::ValType);

#[pymethods]
impl ValType {
    #[staticmethod]
    fn i32() -> Self {
        Self(wasmote::ValType::I32)
    }

    #[staticmethod]
    fn i64() -> Self {
        Self(wasmote::ValType::I64)
    }

    #[staticmethod]
    fn f32() -> Self {
        Self(wasmote::ValType::F32)
    }

    #[staticmethod]
    fn f64() -> Self {
        Self(wasmote::ValType::F64)
    }

    #[staticmethod]
    fn externref() -> Self {
        Self(wasmote::ValType::ExternRef)
    }

    #[staticmethod]
    fn funcref() -> Self {
        Self(wasmote::ValType::FuncRef)
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }
}

/// The type of a function.
#[pyclass(module = "wasmote", frozen)]
pub(crate) struct FuncType(pub(crate) wasmote::FuncType);

#[pymethods]
impl FuncType {
    #[new]
    fn new(params: Vec<Bound<'_, ValType>>, results: Vec<Bound<'_, ValType>>) -> Self {
        let types = |types: &[Bound<'_, ValType>]| types.iter().map(|ty| ty.get().0).collect::<Vec<_>>();
        Self(wasmote::FuncType::new(types(&params), types(&results)))
    }

    #[getter]
    fn params(&self) -> Vec<ValType> {
        self.0.params().iter().map(|&ty| ValType(ty)).collect()
    }

    #[getter]
    fn results(&self) -> Vec<ValType> {
        self.0.results().iter().map(|&ty| ValType(ty)).collect()
    }
}

/// A value of Python, on its way into a store.
pub(crate) enum Input {
    Value(Val),
    Object(Py<PyAny>),
}

impl Input {
    /// Returns the value of type `ty` that Python gives.
    pub(crate) fn new(value: &Bound<'_, PyAny>, ty: wasmote::ValType) -> PyResult<Self> {
        use wasmote::ValType as Type;
        Ok(Self::Value(match ty {
            // Integers are signed or not, as their program wants.
            Type::I32 => match value.extract::<i32>() {
                Ok(value) => value.into(),
                Err(error) => value.extract::<u32>().map_err(|_| error)?.into(),
            },
            Type::I64 => match value.extract::<i64>() {
                Ok(value) => value.into(),
                Err(error) => value.extract::<u64>().map_err(|_| error)?.into(),
            },
            Type::F32 => value.extract::<f32>()?.into(),
            Type::F64 => value.extract::<f64>()?.into(),
            Type::FuncRef if value.is_none() => Val::FuncRef(Nullable::Null),
            Type::FuncRef => value.cast::<Func>()?.get().0.into(),
            Type::ExternRef if value.is_none() => Val::ExternRef(Nullable::Null),
            Type::ExternRef => return Ok(Self::Object(value.clone().unbind())),
            other => return Err(PyTypeError::new_err(format!("no values of type {other} in Python"))),
        }))
    }

    /// Puts the value into a store.
    pub(crate) fn into_val(self, ctx: &mut StoreContextMut<'_, Data>) -> Val {
        match self {
            Self::Value(value) => value,
            Self::Object(object) => ExternRef::new(ctx, object).into(),
        }
    }
}

/// A value of Wasm, on its way to Python.
pub(crate) enum Output {
    Value(Val),
    Object(Py<PyAny>),
}

impl Output {
    /// Takes a value out of a store.
    pub(crate) fn new(value: &Val, ctx: &StoreContextMut<'_, Data>) -> Self {
        if let Val::ExternRef(Nullable::Val(reference)) = value
            && let Some(object) = reference.data(ctx).downcast_ref::<Py<PyAny>>()
        {
            return Python::attach(|py| Self::Object(object.clone_ref(py)));
        }
        Self::Value(*value)
    }

    /// Returns the value for Python.
    pub(crate) fn into_object(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        use pyo3::IntoPyObjectExt;
        match self {
            Self::Object(object) => Ok(object),
            Self::Value(value) => match value {
                Val::I32(value) => value.into_py_any(py),
                Val::I64(value) => value.into_py_any(py),
                Val::F32(value) => value.to_float().into_py_any(py),
                Val::F64(value) => value.to_float().into_py_any(py),
                Val::FuncRef(Nullable::Val(func)) => Func(func).into_py_any(py),
                Val::FuncRef(Nullable::Null) | Val::ExternRef(Nullable::Null) => Ok(py.None()),
                other => Err(PyTypeError::new_err(format!("no values of type {} in Python", other.ty()))),
            },
        }
    }
}
