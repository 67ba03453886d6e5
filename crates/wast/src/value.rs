//! Values as scripts see them: arguments on their way in, results on their way out.
//!
//! A result is turned into a [`Value`], which holds what a pattern can tell about it. The patterns know nothing of
//! the engine's values, so a new kind of value needs one more arm in [`Value::new`].

use wasmote::{
    AnyRef, Error, ExternRef, F32, F64, Func, HeapType as Heap, Nullable, Ref, RefType, Rooted, Store, V128, Val,
};
use wast::{
    WastArg,
    core::{AbstractHeapType, HeapType, WastArgCore},
};

/// What patterns can tell about a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    I32(i32),
    I64(i64),
    /// The bits of the float
    F32(u32),
    /// The bits of the float
    F64(u64),
    /// The lanes in little-endian order
    V128([u8; 16]),
    /// A null reference
    Null(Hierarchy),
    /// A reference that is not null
    Ref(Object),
}

/// What a reference that is not null refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Object {
    Func(Func),
    /// Of type `extern`, with the number of the script that made it
    Extern(Option<u32>),
    /// An `extern` reference that was converted to `any`
    Host(Option<u32>),
    I31 {
        shared: bool,
    },
    Struct,
    Array,
    Exn,
}

/// The hierarchies of reference types. Each has one null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hierarchy {
    Func,
    Extern,
    Any,
    Exn,
    Cont,
}

impl Hierarchy {
    /// Returns the hierarchy of a heap type; `None` for a type that only its module knows.
    pub(crate) fn of(ty: &HeapType<'_>) -> Option<Self> {
        let HeapType::Abstract { ty, .. } = ty else { return None };
        Some(match ty {
            AbstractHeapType::Func | AbstractHeapType::NoFunc => Self::Func,
            AbstractHeapType::Extern | AbstractHeapType::NoExtern => Self::Extern,
            AbstractHeapType::Exn | AbstractHeapType::NoExn => Self::Exn,
            AbstractHeapType::Cont | AbstractHeapType::NoCont => Self::Cont,
            AbstractHeapType::Any
            | AbstractHeapType::Eq
            | AbstractHeapType::Struct
            | AbstractHeapType::Array
            | AbstractHeapType::I31
            | AbstractHeapType::None => Self::Any,
        })
    }

    /// The name of the hierarchy's top type.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Func => "func",
            Self::Extern => "extern",
            Self::Any => "any",
            Self::Exn => "exn",
            Self::Cont => "cont",
        }
    }
}

impl Value {
    /// Returns what patterns can tell about `value`.
    pub(crate) fn new<T>(store: &Store<T>, value: &Val) -> Self {
        match value {
            Val::I32(value) => Self::I32(*value),
            Val::I64(value) => Self::I64(*value),
            Val::F32(value) => Self::F32(value.to_bits()),
            Val::F64(value) => Self::F64(value.to_bits()),
            Val::V128(value) => Self::V128(value.as_u128().to_le_bytes()),
            Val::FuncRef(Nullable::Null) => Self::Null(Hierarchy::Func),
            Val::FuncRef(Nullable::Val(func)) => Self::Ref(Object::Func(*func)),
            Val::ExternRef(Nullable::Null) => Self::Null(Hierarchy::Extern),
            Val::ExternRef(Nullable::Val(object)) => {
                Self::Ref(Object::Extern(object.data(store).downcast_ref().copied()))
            }
            Val::AnyRef(Nullable::Null) => Self::Null(Hierarchy::Any),
            Val::AnyRef(Nullable::Val(reference)) => Self::Ref(any(store, *reference).expect("a result of this store")),
            Val::ExnRef(Nullable::Null) => Self::Null(Hierarchy::Exn),
            Val::ExnRef(Nullable::Val(_)) => Self::Ref(Object::Exn),
            other => unimplemented!("a value that scripts cannot be about: {other:?}"),
        }
    }
}

/// Returns what a reference of the hierarchy `any` refers to.
fn any<T>(store: &Store<T>, reference: Rooted<AnyRef>) -> Result<Object, Error> {
    Ok(if reference.is_i31(store)? {
        Object::I31 { shared: false }
    } else if reference.is_struct(store)? {
        Object::Struct
    } else if reference.is_array(store)? {
        Object::Array
    } else {
        Object::Host(reference.as_extern(store)?.and_then(|object| object.data(store).downcast_ref().copied()))
    })
}

/// Makes the value of an argument.
///
/// # Errors
///
/// Names the feature that the engine lacks.
pub(crate) fn argument<T>(store: &mut Store<T>, argument: &WastArg<'_>) -> Result<Val, String> {
    let WastArg::Core(argument) = argument else {
        return Err("unsupported: values of the component model".into());
    };
    Ok(match argument {
        WastArgCore::I32(value) => Val::I32(*value),
        WastArgCore::I64(value) => Val::I64(*value),
        WastArgCore::F32(value) => Val::F32(F32::from_bits(value.bits)),
        WastArgCore::F64(value) => Val::F64(F64::from_bits(value.bits)),
        WastArgCore::V128(value) => Val::V128(V128::from(u128::from_le_bytes(value.to_le_bytes()))),
        WastArgCore::RefNull(ty) => Val::from(Ref::null(match Hierarchy::of(ty) {
            Some(Hierarchy::Func) => RefType::Func,
            Some(Hierarchy::Extern) => RefType::Extern,
            Some(Hierarchy::Any) => RefType::new(true, Heap::Any),
            Some(Hierarchy::Exn) => RefType::new(true, Heap::Exn),
            Some(other) => return Err(format!("unsupported: arguments of type `{}`", other.name())),
            None => return Err("unsupported: null of a type that only the module knows".into()),
        })),
        WastArgCore::RefExtern(number) => Val::from(ExternRef::new(store, *number)),
        WastArgCore::RefHost(number) => {
            let object = ExternRef::new(&mut *store, *number);
            AnyRef::convert_extern(store, object).map_err(|error| error.to_string())?.into()
        }
    })
}

#[cfg(test)]
mod tests {
    use wasmote::{Config, Engine, Store, Val};
    use wast::{
        WastArg,
        parser::{ParseBuffer, parse},
    };

    use super::{Hierarchy, Object, Value, argument};

    fn round_trip(text: &str) -> Result<Value, String> {
        let mut store = Store::new(&Engine::new(&Config::default()), ());
        let buffer = ParseBuffer::new(text).unwrap();
        let value: Val = argument(&mut store, &parse::<WastArg<'_>>(&buffer).unwrap())?;
        Ok(Value::new(&store, &value))
    }

    #[test]
    fn arguments_keep_their_bits() {
        assert_eq!(round_trip("f32.const -nan:0x200000"), Ok(Value::F32(0xffa0_0000)));
        assert_eq!(round_trip("f64.const nan"), Ok(Value::F64(0x7ff8 << 48)));
        let lanes = [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0xff, 0xff];
        assert_eq!(round_trip("v128.const i16x8 1 2 3 4 5 6 7 -1"), Ok(Value::V128(lanes)));
        assert_eq!(round_trip("ref.extern 7"), Ok(Value::Ref(Object::Extern(Some(7)))));
        assert_eq!(round_trip("ref.host 7"), Ok(Value::Ref(Object::Host(Some(7)))));
    }

    #[test]
    fn a_null_belongs_to_its_hierarchy() {
        assert_eq!(round_trip("ref.null func"), Ok(Value::Null(Hierarchy::Func)));
        assert_eq!(round_trip("ref.null nofunc"), Ok(Value::Null(Hierarchy::Func)));
        assert_eq!(round_trip("ref.null noextern"), Ok(Value::Null(Hierarchy::Extern)));
        assert_eq!(round_trip("ref.null i31"), Ok(Value::Null(Hierarchy::Any)));
        assert_eq!(round_trip("ref.null exn"), Ok(Value::Null(Hierarchy::Exn)));
    }

    #[test]
    fn missing_features_have_names() {
        assert!(round_trip("ref.null cont").unwrap_err().contains("`cont`"));
    }
}
