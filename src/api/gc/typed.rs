//! References as parameters and results of typed functions.

use crate::{
    api::{
        gc::{
            any::I31,
            reference::{AnyRef, ArrayRef, EqRef, ExnRef, GcRef, Rooted, StructRef, private::Sealed as Reference},
        },
        value::{ExternRef, Nullable},
        wasm_ty::{
            WasmTy,
            private::{Cells, Sealed, Stored},
        },
    },
    types::{HeapType, RefType, ValType, layout::cells_of},
};

/// The type of references to `T`.
const fn ty<T: GcRef>(nullable: bool) -> ValType {
    ValType::Ref(RefType::new(nullable, <T as Reference>::HEAP))
}

/// Returns the cell of a reference.
fn cell<T: GcRef>(reference: Rooted<T>, cells: Cells<'_>) -> Result<u64, Stored> {
    cells.0.root_cell(reference.root()).map_err(Stored)
}

/// Returns a reference for a cell that is not null.
fn reference<T: GcRef>(cell: u64, cells: Cells<'_>) -> Rooted<T> {
    Rooted::of_root(cells.0.root(cell))
}

macro_rules! references {
    ($($reference:ident),*) => { $(
        impl Sealed for Rooted<$reference> {}
        impl WasmTy for Rooted<$reference> {
            const CELLS: usize = cells_of(ty::<$reference>(false).ty());

            fn ty() -> ValType {
                ty::<$reference>(false)
            }

            fn store(self, to: &mut [u64], cells: Cells<'_>) -> Result<(), Stored> {
                to[0] = cell(self, cells)?;
                Ok(())
            }

            fn load(from: &[u64], cells: Cells<'_>) -> Self {
                reference(from[0], cells)
            }
        }

        nullable!($reference: Option<Rooted<$reference>>, Nullable<Rooted<$reference>>); )*
    };
}

macro_rules! nullable {
    ($reference:ident: $($ty:ty),*) => { $(
        impl Sealed for $ty {}
        impl WasmTy for $ty {
            const CELLS: usize = cells_of(ty::<$reference>(true).ty());

            fn ty() -> ValType {
                ty::<$reference>(true)
            }

            fn store(self, to: &mut [u64], cells: Cells<'_>) -> Result<(), Stored> {
                let reference: Option<Rooted<$reference>> = self.into();
                to[0] = reference.map_or(Ok(0), |reference| cell(reference, cells))?;
                Ok(())
            }

            fn load(from: &[u64], cells: Cells<'_>) -> Self {
                (from[0] != 0).then(|| reference::<$reference>(from[0], cells)).into()
            }
        } )*
    };
}

references!(AnyRef, EqRef, StructRef, ArrayRef, ExnRef, ExternRef);

/// The type of integers of 31 bits, or null.
const I31_TYPE: RefType = RefType::new(true, HeapType::I31);

impl Sealed for I31 {}
impl WasmTy for I31 {
    const CELLS: usize = cells_of(I31_TYPE.with_nullable(false).ty());

    fn ty() -> ValType {
        ValType::Ref(I31_TYPE.with_nullable(false))
    }

    fn store(self, to: &mut [u64], _: Cells<'_>) -> Result<(), Stored> {
        to[0] = self.cell().into();
        Ok(())
    }

    fn load(from: &[u64], _: Cells<'_>) -> Self {
        Self::of_cell(from[0])
    }
}

impl Sealed for Option<I31> {}
impl WasmTy for Option<I31> {
    const CELLS: usize = cells_of(I31_TYPE.ty());

    fn ty() -> ValType {
        ValType::Ref(I31_TYPE)
    }

    fn store(self, to: &mut [u64], _: Cells<'_>) -> Result<(), Stored> {
        to[0] = self.map_or(0, |value| value.cell().into());
        Ok(())
    }

    fn load(from: &[u64], _: Cells<'_>) -> Self {
        (from[0] != 0).then(|| I31::of_cell(from[0]))
    }
}
