//! Function types (spec, Structure > Types > Function Types).

use alloc::{sync::Arc, vec::Vec};
use core::fmt;

use crate::types::ValType;

/// The greatest number of parameters, and of results: what the JavaScript interface asks for.
const MAX_LEN: usize = 1000;

/// Type of a function: parameters and results. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FuncType {
    /// Parameters, then results.
    types: Arc<[ValType]>,
    params: usize,
}

impl FuncType {
    /// A function type with these parameters and results.
    ///
    /// # Panics
    ///
    /// If there are more than 1000 parameters or more than 1000 results.
    pub fn new<P, R>(params: P, results: R) -> Self
    where
        P: IntoIterator,
        R: IntoIterator,
        <P as IntoIterator>::IntoIter: Iterator<Item = ValType> + ExactSizeIterator,
        <R as IntoIterator>::IntoIter: Iterator<Item = ValType> + ExactSizeIterator,
    {
        let mut types: Vec<ValType> = params.into_iter().collect();
        let params = types.len();
        let results = results.into_iter();
        types.extend(results);
        assert!(params <= MAX_LEN, "a function type has at most {MAX_LEN} parameters");
        assert!(types.len() - params <= MAX_LEN, "a function type has at most {MAX_LEN} results");
        Self { types: types.into(), params }
    }

    /// The parameter types.
    #[must_use]
    #[inline]
    pub fn params(&self) -> &[ValType] {
        &self.types[..self.params]
    }

    /// The result types.
    #[must_use]
    #[inline]
    pub fn results(&self) -> &[ValType] {
        &self.types[self.params..]
    }

    /// Number of cells that parameters and results share.
    pub(crate) fn cells(&self) -> usize {
        self.params.max(self.types.len() - self.params)
    }
}

impl fmt::Debug for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FuncType").field("params", &self.params()).field("results", &self.results()).finish()
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, types: &[ValType]| {
            f.write_str("(")?;
            for (i, ty) in types.iter().enumerate() {
                let comma = if i == 0 { "" } else { ", " };
                write!(f, "{comma}{ty}")?;
            }
            f.write_str(")")
        };
        list(f, self.params())?;
        f.write_str(" -> ")?;
        list(f, self.results())
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec};

    use super::{FuncType, MAX_LEN};
    use crate::types::ValType;

    #[test]
    fn parameters_and_results() {
        let ty = FuncType::new([ValType::I32, ValType::F64], [ValType::I64]);
        assert_eq!(ty.params(), [ValType::I32, ValType::F64]);
        assert_eq!(ty.results(), [ValType::I64]);
        assert_eq!(ty.cells(), 2);
        assert_eq!(format!("{ty}"), "(i32, f64) -> (i64)");
        assert_ne!(ty, FuncType::new([ValType::I32], [ValType::F64, ValType::I64]));
    }

    #[test]
    fn as_many_as_allowed() {
        let most = vec![ValType::I32; MAX_LEN];
        let ty = FuncType::new(most.clone(), most);
        assert_eq!((ty.params().len(), ty.results().len()), (MAX_LEN, MAX_LEN));
    }

    #[test]
    #[should_panic(expected = "at most 1000 results")]
    fn too_many_results() {
        let _ = FuncType::new([], vec![ValType::I32; MAX_LEN + 1]);
    }
}
