//! Rust types of Wasm values, and of lists of them.

#[cfg(not(host_refs))]
use crate::api::value::Invalid;
#[cfg(not(feature = "wasmi-defaults"))]
use crate::types::{HeapType, RefType};
#[cfg(host_refs)]
use crate::{api::value::Val, error::kinds::RefError as Invalid};
use crate::{
    api::{
        func::Func,
        value::{ExternRef, Nullable, extern_from_cell, extern_to_cell, func_from_cell, func_to_cell},
    },
    error::Error,
    runtime::instances::Instances,
    types::{F32, F64, V128, ValType, layout::cells_of},
};

/// Rust types of a single Wasm value. Sealed: implemented for numbers and references.
///
/// `Func` is the type of references that are not null, `(ref func)`; `Option<Func>` and `Nullable<Func>` are those of `funcref`.
pub trait WasmTy: Sized + Send + private::Sealed {
    /// Returns the Wasm type.
    #[doc(hidden)]
    fn ty() -> ValType;
    /// Number of cells that a value takes.
    #[doc(hidden)]
    const CELLS: usize;
    /// Writes the value to the first cells.
    #[doc(hidden)]
    fn store(self, to: &mut [u64], cells: private::Cells<'_>) -> Result<(), private::Stored>;
    /// Reads the value from the first cells.
    #[doc(hidden)]
    fn load(from: &[u64], cells: private::Cells<'_>) -> Self;
}

pub(crate) mod private {
    //! Prevents other crates from implementing the traits.

    /// Implemented for the types of Wasm values.
    pub trait Sealed {}

    /// The store whose functions and objects references in cells refer to.
    #[derive(Debug, Clone, Copy)]
    pub struct Cells<'a>(pub(crate) &'a super::Instances);

    /// Why a reference cannot be written.
    #[derive(Debug, Clone, Copy)]
    pub struct Stored(pub(crate) super::Invalid);

    impl From<Stored> for super::Error {
        #[cold]
        fn from(error: Stored) -> Self {
            error.0.into()
        }
    }
}

use private::{Cells, Stored};

macro_rules! wasm_types {
    ($($ty:ty: $val:ident, |$value:ident, $into:pat_param| $to:expr, |$cell:ident, $from:pat_param| $of:expr;)*) => { $(
        impl private::Sealed for $ty {}
        impl WasmTy for $ty {
            const CELLS: usize = cells_of(ValType::$val.ty());

            #[inline]
            fn ty() -> ValType {
                ValType::$val
            }
            #[inline]
            fn store(self, to: &mut [u64], $into: Cells<'_>) -> Result<(), Stored> {
                let $value = self;
                to[0] = $to;
                Ok(())
            }
            #[inline]
            fn load(from: &[u64], $from: Cells<'_>) -> Self {
                let $cell = from[0];
                $of
            }
        } )*
    };
}

wasm_types! {
    i32: I32, |value, _| u64::from(value.cast_unsigned()), |cell, _| cell as i32;
    u32: I32, |value, _| u64::from(value), |cell, _| cell as u32;
    i64: I64, |value, _| value.cast_unsigned(), |cell, _| cell.cast_signed();
    u64: I64, |value, _| value, |cell, _| cell;
    f32: F32, |value, _| u64::from(value.to_bits()), |cell, _| f32::from_bits(cell as u32);
    f64: F64, |value, _| value.to_bits(), |cell, _| f64::from_bits(cell);
    F32: F32, |value, _| u64::from(value.to_bits()), |cell, _| F32::from_bits(cell as u32);
    F64: F64, |value, _| value.to_bits(), |cell, _| F64::from_bits(cell);
    Nullable<Func>: FuncRef, |value, cells| func_to_cell(value, cells.0), |cell, cells| func_from_cell(cell, cells.0);
    Option<Func>: FuncRef, |value, cells| func_to_cell(value.into(), cells.0), |cell, cells| func_from_cell(cell, cells.0).into();
    Nullable<ExternRef>: ExternRef, |value, cells| checked(value, cells)?, |cell, cells| extern_from_cell(cell, cells.0);
    Option<ExternRef>: ExternRef, |value, cells| checked(value.into(), cells)?, |cell, cells| extern_from_cell(cell, cells.0).into();
}

/// The type of references to functions that are not null.
#[cfg(not(feature = "wasmi-defaults"))]
const FUNC: ValType = ValType::Ref(RefType::new(false, HeapType::Func));

/// Returns the cell of a reference to an object of the host.
fn checked(reference: Nullable<ExternRef>, cells: Cells<'_>) -> Result<u64, Stored> {
    #[cfg(host_refs)]
    if let Nullable::Val(reference) = reference
        && Val::from(reference).has_scope()
    {
        return cells.0.root_cell(reference.root).map_err(Stored);
    }
    Ok(extern_to_cell(reference, cells.0))
}

#[cfg(not(feature = "wasmi-defaults"))]
impl private::Sealed for Func {}
#[cfg(not(feature = "wasmi-defaults"))]
impl WasmTy for Func {
    const CELLS: usize = cells_of(FUNC.ty());

    #[inline]
    fn ty() -> ValType {
        FUNC
    }
    #[inline]
    fn store(self, to: &mut [u64], cells: Cells<'_>) -> Result<(), Stored> {
        to[0] = func_to_cell(self.into(), cells.0);
        Ok(())
    }
    #[inline]
    fn load(from: &[u64], cells: Cells<'_>) -> Self {
        *func_from_cell(from[0], cells.0).val().expect("validation: a reference that is not null")
    }
}

impl private::Sealed for V128 {}
impl WasmTy for V128 {
    const CELLS: usize = cells_of(ValType::V128.ty());

    #[inline]
    fn ty() -> ValType {
        ValType::V128
    }
    #[inline]
    fn store(self, to: &mut [u64], _: Cells<'_>) -> Result<(), Stored> {
        [to[0], to[1]] = self.to_cells();
        Ok(())
    }
    #[inline]
    fn load(from: &[u64], _: Cells<'_>) -> Self {
        Self::from_cells([from[0], from[1]])
    }
}

/// Rust types of a list of Wasm values: one value, or a tuple of up to 16.
pub trait WasmTyList: Sized + Send + private::Sealed {
    /// Number of cells that the values take.
    #[doc(hidden)]
    const CELLS: usize;
    /// A list of the types of the values.
    #[doc(hidden)]
    type Types: AsRef<[ValType]> + IntoIterator<Item = ValType, IntoIter: ExactSizeIterator>;
    /// Returns the types.
    #[doc(hidden)]
    fn types() -> Self::Types;
    /// Returns the first type.
    #[doc(hidden)]
    fn first() -> Option<ValType>;
    /// Writes the values to the first cells.
    #[doc(hidden)]
    fn store(self, to: &mut [u64], cells: Cells<'_>) -> Result<(), Stored>;
    /// Reads the values from the first cells.
    #[doc(hidden)]
    fn load(from: &[u64], cells: Cells<'_>) -> Self;
}

/// Types of the parameters of a typed function.
pub trait WasmParams: WasmTyList {}
impl<T: WasmTyList> WasmParams for T {}

/// Types of the results of a typed function.
pub trait WasmResults: WasmTyList {}
impl<T: WasmTyList> WasmResults for T {}

impl<A: WasmTy> WasmTyList for A {
    const CELLS: usize = A::CELLS;

    type Types = [ValType; 1];

    #[inline]
    fn types() -> [ValType; 1] {
        [A::ty()]
    }

    #[inline]
    fn first() -> Option<ValType> {
        Some(A::ty())
    }

    #[inline]
    fn store(self, to: &mut [u64], cells: Cells<'_>) -> Result<(), Stored> {
        WasmTy::store(self, to, cells)
    }

    #[inline]
    fn load(from: &[u64], cells: Cells<'_>) -> Self {
        WasmTy::load(from, cells)
    }
}

/// Passes the tuples of up to 16 types to a macro: the name and the index of each type.
macro_rules! for_tuples {
    ($macro:ident) => {
        $macro! {
            ()
            (A1 0)
            (A1 0, A2 1)
            (A1 0, A2 1, A3 2)
            (A1 0, A2 1, A3 2, A4 3)
            (A1 0, A2 1, A3 2, A4 3, A5 4)
            (A1 0, A2 1, A3 2, A4 3, A5 4, A6 5)
            (A1 0, A2 1, A3 2, A4 3, A5 4, A6 5, A7 6)
            (A1 0, A2 1, A3 2, A4 3, A5 4, A6 5, A7 6, A8 7)
            (A1 0, A2 1, A3 2, A4 3, A5 4, A6 5, A7 6, A8 7, A9 8)
            (A1 0, A2 1, A3 2, A4 3, A5 4, A6 5, A7 6, A8 7, A9 8, A10 9)
            (A1 0, A2 1, A3 2, A4 3, A5 4, A6 5, A7 6, A8 7, A9 8, A10 9, A11 10)
            (A1 0, A2 1, A3 2, A4 3, A5 4, A6 5, A7 6, A8 7, A9 8, A10 9, A11 10, A12 11)
            (A1 0, A2 1, A3 2, A4 3, A5 4, A6 5, A7 6, A8 7, A9 8, A10 9, A11 10, A12 11, A13 12)
            (A1 0, A2 1, A3 2, A4 3, A5 4, A6 5, A7 6, A8 7, A9 8, A10 9, A11 10, A12 11, A13 12, A14 13)
            (A1 0, A2 1, A3 2, A4 3, A5 4, A6 5, A7 6, A8 7, A9 8, A10 9, A11 10, A12 11, A13 12, A14 13, A15 14)
            (A1 0, A2 1, A3 2, A4 3, A5 4, A6 5, A7 6, A8 7, A9 8, A10 9, A11 10, A12 11, A13 12, A14 13, A15 14, A16 15)
        }
    };
}

pub(crate) use for_tuples;

macro_rules! tuples {
    ($(($($name:ident $index:tt),*))*) => { $(
        impl<$($name: WasmTy),*> private::Sealed for ($($name,)*) {}

        #[allow(unused_variables, unused_mut, unused_assignments, clippy::unused_unit, reason = "the empty tuple has no values")]
        impl<$($name: WasmTy),*> WasmTyList for ($($name,)*) {
            const CELLS: usize = 0 $(+ $name::CELLS)*;

            type Types = [ValType; 0 $(+ { let _ = $index; 1 })*];

            #[inline]
            fn types() -> Self::Types {
                [$($name::ty()),*]
            }

            #[inline]
            fn first() -> Option<ValType> {
                let own: [ValType; 0 $(+ { let _ = $index; 1 })*] = [$($name::ty()),*];
                own.first().copied()
            }

            #[inline]
            fn store(self, to: &mut [u64], cells: Cells<'_>) -> Result<(), Stored> {
                let mut at = 0;
                $(
                    WasmTy::store(self.$index, &mut to[at..], cells)?;
                    at += $name::CELLS;
                )*
                Ok(())
            }

            #[inline]
            fn load(from: &[u64], cells: Cells<'_>) -> Self {
                let mut at = 0;
                ($( {
                    let value: $name = WasmTy::load(&from[at..], cells);
                    at += $name::CELLS;
                    value
                },)*)
            }
        } )*
    };
}

for_tuples! { tuples }
