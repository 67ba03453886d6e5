//! Where values lie: how many cells a value of each type takes, and where the parameters, the results and the linkage
//! of a function are in its frame.
//!
//! ```text
//!  slot 0                                  link = max(param_cells, result_cells)
//!  │ parameters, later results ───────────│ return ip │ caller fp │ locals …
//! ```
//!
//! A value begins at the first cell after the one before it. Everything that counts cells derives from [`cells_of`].

use crate::types::repr::Ty;

/// Number of cells that the linkage of a frame takes: the return address and the caller's frame.
pub(crate) const LINKAGE_CELLS: usize = 2;

/// The most cells that a value takes.
pub(crate) const MAX_VALUE_CELLS: usize = 2;

/// Number of cells that a value of type `ty` takes.
#[inline]
pub(crate) const fn cells_of(ty: Ty) -> usize {
    ty.cells().len()
}

/// Number of cells that values of these types take, one after the other.
#[inline]
pub(crate) fn cells_of_all(types: impl IntoIterator<Item = Ty>) -> usize {
    types.into_iter().map(cells_of).sum()
}

/// How many cells the parameters and the results of a function take.
// Two halves of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signature {
    params: u16,
    results: u16,
}

impl Signature {
    /// Of a function whose parameters and results take this many cells.
    ///
    /// Both fit: a function type has at most 1000 parameters and 1000 results.
    #[inline]
    pub(crate) const fn new(param_cells: usize, result_cells: usize) -> Self {
        Self { params: param_cells as u16, results: result_cells as u16 }
    }

    /// Number of cells that the parameters take, from slot 0 on.
    #[inline]
    pub(crate) const fn param_cells(self) -> usize {
        self.params as usize
    }

    /// Number of cells that the results take, from slot 0 on.
    #[inline]
    pub(crate) const fn result_cells(self) -> usize {
        self.results as usize
    }

    /// Number of cells that the parameters and the results share.
    #[inline]
    pub(crate) const fn cells(self) -> usize {
        if self.params > self.results { self.param_cells() } else { self.result_cells() }
    }

    /// The first slot of the linkage.
    #[inline]
    pub(crate) const fn link(self) -> usize {
        self.cells()
    }

    /// The first slot after the linkage.
    #[inline]
    pub(crate) const fn end(self) -> usize {
        self.link() + LINKAGE_CELLS
    }
}

/// The lowest two bits of a cell that refers to a value of the host. The number of the value is above them.
const HOST_VALUE: u64 = 0b10;

/// Returns the cell that refers to the value of the host with this number.
pub(crate) fn extern_cell(number: u32) -> u64 {
    u64::from(number) << 2 | HOST_VALUE
}

/// Returns the number of the value of the host that a cell refers to, if it refers to one.
pub(crate) fn extern_of_cell(cell: u64) -> Option<u32> {
    (cell & 0b11 == HOST_VALUE).then_some((cell >> 2) as u32)
}

#[cfg(test)]
mod tests {
    use super::{LINKAGE_CELLS, MAX_VALUE_CELLS, Signature, cells_of, cells_of_all};
    use crate::types::{FuncType, ValType};

    const ALL: [ValType; 7] =
        [ValType::I32, ValType::I64, ValType::F32, ValType::F64, ValType::V128, ValType::FuncRef, ValType::ExternRef];

    fn cells(types: &[ValType]) -> usize {
        cells_of_all(types.iter().map(|ty| ty.ty()))
    }

    #[test]
    fn the_linkage_is_after_the_longer_list() {
        for (params, results) in [(0, 0), (3, 1), (1, 3), (2, 2)] {
            let signature = Signature::new(params, results);
            assert_eq!((signature.param_cells(), signature.result_cells()), (params, results));
            assert_eq!(signature.link(), params.max(results));
            assert_eq!(signature.cells(), signature.link());
            assert_eq!(signature.end(), signature.link() + LINKAGE_CELLS);
        }
    }

    #[test]
    fn cells_of_lists_are_those_of_their_values() {
        assert_eq!(cells(&[]), 0);
        assert_eq!(cells(&ALL), ALL.iter().map(|&ty| cells_of(ty.ty())).sum::<usize>());
        assert_eq!(ALL.iter().map(|&ty| cells_of(ty.ty())).max(), Some(MAX_VALUE_CELLS));
        let ty = FuncType::new(ALL, [ValType::I32]);
        assert_eq!(ty.signature(), Signature::new(cells(&ALL), 1));
    }

    #[test]
    fn the_longest_lists_can_be_counted() {
        let most = [ValType::V128; 1000];
        let signature = FuncType::new(most, most).signature();
        assert_eq!(signature.param_cells(), 1000 * cells_of(ValType::V128.ty()));
        assert_eq!(signature.result_cells(), 1000 * cells_of(ValType::V128.ty()));
    }
}
