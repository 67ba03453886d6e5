//! Function types (spec, Structure > Types > Function Types).

use alloc::{sync::Arc, vec::Vec};
use core::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
};

use crate::types::{
    ValType,
    layout::{Signature, cells_of_all},
};

/// The greatest number of parameters, and of results: the limit of the JavaScript interface.
const MAX_LEN: usize = 1000;

/// The greatest number of types that a function type stores itself rather than on the heap.
const INLINE: usize = 17;

/// Type of a function: parameters and results. Cheap to clone.
#[derive(Clone)]
pub struct FuncType {
    repr: Repr,
}

/// Parameters, then results.
#[derive(Clone)]
enum Repr {
    /// Few types, as nearly all functions have.
    Inline {
        signature: Signature,
        types: [ValType; INLINE],
        params: u8,
        len: u8,
    },
    Shared {
        signature: Signature,
        types: Arc<[ValType]>,
        params: u16,
    },
}

// A module may have a million of them.
const _: () = assert!(size_of::<FuncType>() <= 24);

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
        let (params, results) = (params.into_iter(), results.into_iter());
        if params.len().saturating_add(results.len()) <= INLINE {
            let mut types = [ValType::I32; INLINE];
            let mut places = types.iter_mut();
            // An iterator may yield more types than it says; those without a place are left out.
            let params = params.zip(places.by_ref()).map(|(ty, place)| *place = ty).count();
            let results = results.zip(places).map(|(ty, place)| *place = ty).count();
            let len = params + results;
            let signature = signature(&types[..len], params);
            return Self { repr: Repr::Inline { signature, types, params: params as u8, len: len as u8 } };
        }
        let mut types: Vec<ValType> = params.collect();
        let num_params = types.len();
        types.extend(results);
        Self::shared(types, num_params)
    }

    fn shared(types: Vec<ValType>, params: usize) -> Self {
        assert!(params <= MAX_LEN, "a function type has at most {MAX_LEN} parameters");
        assert!(types.len() - params <= MAX_LEN, "a function type has at most {MAX_LEN} results");
        let signature = signature(&types, params);
        Self { repr: Repr::Shared { signature, types: types.into(), params: params as u16 } }
    }

    /// All types, and the number of parameters.
    #[inline]
    fn types(&self) -> (&[ValType], usize) {
        match &self.repr {
            Repr::Inline { types, params, len, .. } => (&types[..usize::from(*len)], usize::from(*params)),
            Repr::Shared { types, params, .. } => (types, usize::from(*params)),
        }
    }

    /// The parameter types and the result types.
    #[inline]
    pub(crate) fn params_and_results(&self) -> (&[ValType], &[ValType]) {
        let (types, params) = self.types();
        types.split_at(params)
    }

    /// The parameter types.
    #[must_use]
    #[inline]
    pub fn params(&self) -> &[ValType] {
        let (types, params) = self.types();
        &types[..params]
    }

    /// The result types.
    #[must_use]
    #[inline]
    pub fn results(&self) -> &[ValType] {
        let (types, params) = self.types();
        &types[params..]
    }

    /// How many cells the parameters and the results take, and so where the linkage is.
    #[inline]
    pub(crate) fn signature(&self) -> Signature {
        match &self.repr {
            Repr::Inline { signature, .. } | Repr::Shared { signature, .. } => *signature,
        }
    }
}

/// The signature of a function type with these types, of which the first `params` are parameters.
fn signature(types: &[ValType], params: usize) -> Signature {
    let (params, results) = types.split_at(params);
    Signature::new(cells_of_all(params), cells_of_all(results))
}

impl PartialEq for FuncType {
    fn eq(&self, other: &Self) -> bool {
        self.types() == other.types()
    }
}

impl Eq for FuncType {}

impl PartialOrd for FuncType {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for FuncType {
    fn cmp(&self, other: &Self) -> Ordering {
        self.types().cmp(&other.types())
    }
}

impl Hash for FuncType {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.types().hash(state);
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

    use super::{FuncType, INLINE, MAX_LEN};
    use crate::types::{ValType, layout::Signature};

    #[test]
    fn parameters_and_results() {
        let ty = FuncType::new([ValType::I32, ValType::F64], [ValType::I64]);
        assert_eq!(ty.params(), [ValType::I32, ValType::F64]);
        assert_eq!(ty.results(), [ValType::I64]);
        assert_eq!(ty.signature(), Signature::new(2, 1));
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
    fn few_and_many_types() {
        const MORE: usize = INLINE + 1;
        for (params, results) in
            [(0, 0), (INLINE, 0), (0, INLINE), (INLINE - 1, 1), (MORE, 0), (INLINE, 1), (1, INLINE), (30, 40)]
        {
            let make = || FuncType::new(vec![ValType::I64; params], vec![ValType::F32; results]);
            let ty = make();
            assert_eq!(ty.params(), vec![ValType::I64; params]);
            assert_eq!(ty.results(), vec![ValType::F32; results]);
            assert_eq!((&ty, ty.signature()), (&make(), Signature::new(params, results)));
        }
    }

    #[test]
    #[should_panic(expected = "at most 1000 results")]
    fn too_many_results() {
        let _ = FuncType::new([], vec![ValType::I32; MAX_LEN + 1]);
    }
}
