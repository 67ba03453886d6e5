//! Function types (spec, Structure > Types > Function Types).

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::{
    any::Any,
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    panic::{RefUnwindSafe, UnwindSafe},
};

use crate::types::{
    ValType,
    layout::{Signature, cells_of_all},
};

/// The greatest number of parameters, and of results: the limit of the JavaScript interface.
const MAX_LEN: usize = 1000;

/// A function type itself has room for this many types.
const INLINE: usize = 6;

/// Type of a function: parameters and results. Cheap to clone.
///
/// A type that a module declares to have subtypes or a supertype, or as one of several recursive types, is another
/// type than one with the same parameters and results that is not declared so: they are not equal. Concrete types
/// among the parameters and results of a type that the library returns live as long as that type.
///
/// ```
/// use wasmote::{FuncType, ValType};
///
/// let ty = FuncType::new([ValType::I32, ValType::F64], [ValType::I64]);
/// assert_eq!(ty.params(), [ValType::I32, ValType::F64]);
/// assert_eq!(ty.to_string(), "(i32, f64) -> (i64)");
/// ```
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
    Shared(Arc<Shared>),
}

struct Shared {
    signature: Signature,
    types: Box<[ValType]>,
    params: u16,
    registered: Option<Registered>,
}

/// Keeps a type in the registry of an engine.
pub(crate) type Owner = dyn Any + Send + Sync + UnwindSafe + RefUnwindSafe;

/// That a type is in the registry of an engine.
struct Registered {
    /// Its number there, if other types may have the same parameters and results.
    id: Option<u32>,
    owner: Box<Owner>,
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
        let shared = Shared { signature, types: types.into(), params: params as u16, registered: None };
        Self { repr: Repr::Shared(Arc::new(shared)) }
    }

    /// The same type with what keeps it in a registry, and its number there if its parameters and results do not
    /// tell it.
    pub(crate) fn registered(&self, id: Option<u32>, owner: Box<Owner>) -> Self {
        let (types, params) = self.types();
        let registered = Some(Registered { id, owner });
        let signature = self.signature();
        let shared = Shared { signature, types: types.into(), params: params as u16, registered };
        Self { repr: Repr::Shared(Arc::new(shared)) }
    }

    /// Keeps the type in a registry; with its number there if parameters and results do not determine it.
    pub(crate) fn owner(&self) -> Option<(Option<u32>, &Owner)> {
        let Repr::Shared(shared) = &self.repr else { return None };
        shared.registered.as_ref().map(|registered| (registered.id, &*registered.owner))
    }

    /// Distinguishes it from types with the same parameters and results.
    fn id(&self) -> Option<u32> {
        if let Repr::Shared(shared) = &self.repr { shared.registered.as_ref()?.id } else { None }
    }

    /// The parameter types, then the result types, and the number of parameters.
    #[inline]
    pub(crate) fn types(&self) -> (&[ValType], usize) {
        match &self.repr {
            Repr::Inline { types, params, len, .. } => (&types[..usize::from(*len)], usize::from(*params)),
            Repr::Shared(shared) => (&shared.types, usize::from(shared.params)),
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
            Repr::Inline { signature, .. } => *signature,
            Repr::Shared(shared) => shared.signature,
        }
    }
}

/// The signature of a function type with these types, of which the first `params` are parameters.
fn signature(types: &[ValType], params: usize) -> Signature {
    let (params, results) = types.split_at(params);
    let cells = |types: &[ValType]| cells_of_all(types.iter().map(|ty| ty.ty()));
    Signature::new(cells(params), cells(results))
}

// Errors about imports hold two of them.
const _: () = assert!(size_of::<FuncType>() <= 32);

impl PartialEq for FuncType {
    fn eq(&self, other: &Self) -> bool {
        self.types() == other.types() && self.id() == other.id()
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
        self.types().cmp(&other.types()).then_with(|| self.id().cmp(&other.id()))
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
    fn declared_types_are_others() {
        let plain = FuncType::new([ValType::I32], []);
        let owned = plain.registered(None, alloc::boxed::Box::new(()));
        let declared = |id| plain.registered(Some(id), alloc::boxed::Box::new(()));
        assert_eq!(plain, owned);
        assert_ne!(plain, declared(3));
        assert_eq!(declared(3), declared(3).clone());
        assert_ne!(declared(3), declared(4));
    }

    #[test]
    #[should_panic(expected = "at most 1000 results")]
    fn too_many_results() {
        let _ = FuncType::new([], vec![ValType::I32; MAX_LEN + 1]);
    }
}
