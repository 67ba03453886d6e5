//! The immediates of `br_table`.

use alloc::vec::Vec;

use wasmparser::{BinaryReader, BinaryReaderError};

/// The most targets: each has a byte, and the parser accepts no longer function.
const MAX_TARGETS: usize = 7_654_321;

/// The types of labels that a `br_table` has checked already. Its targets are a byte each, and a label may have a thousand
/// types.
#[derive(Debug, Default)]
pub(super) struct Checked {
    /// The number of the `br_table` that checked a type last, by type index: first for blocks, then for loops.
    last: Vec<[u32; 2]>,
    /// The number of the current `br_table`.
    current: u32,
}

impl Checked {
    /// Begins a `br_table`.
    pub(super) fn begin(&mut self) {
        self.current = self.current.wrapping_add(1);
    }

    /// Notes that the label of a block or loop of this type is checked. Returns whether one was before.
    pub(super) fn insert(&mut self, (ty, is_loop): (u32, bool)) -> bool {
        let ty = ty as usize;
        if ty >= self.last.len() {
            self.last.resize(ty + 1, [0; 2]);
        }
        core::mem::replace(&mut self.last[ty][usize::from(is_loop)], self.current) == self.current
    }
}

/// The targets of a `br_table`, as they are encoded.
#[derive(Debug, Clone)]
pub(crate) struct BrTable<'a> {
    /// Well-formed numbers, one for each target but the default.
    targets: BinaryReader<'a>,
    len: usize,
    default: u32,
}

impl<'a> BrTable<'a> {
    /// Reads the immediates.
    ///
    /// # Errors
    ///
    /// If they are malformed.
    pub(crate) fn read(reader: &mut BinaryReader<'a>) -> Result<Self, BinaryReaderError> {
        let len = reader.read_size(MAX_TARGETS, "br_table")?;
        let targets = reader.skip(|reader| (0..len).try_for_each(|_| reader.read_var_u32().map(drop)))?;
        Ok(Self { targets, len, default: reader.read_var_u32()? })
    }

    /// Returns the number of targets without the default.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Returns the default target.
    pub(crate) fn default(&self) -> u32 {
        self.default
    }

    /// Returns the targets without the default.
    pub(crate) fn targets(&self) -> impl Iterator<Item = u32> + use<'a> {
        let mut reader = self.targets.clone();
        (0..self.len).map_while(move |_| reader.read_var_u32().ok())
    }
}
