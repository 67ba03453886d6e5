//! Hashes of the op table, by which artefacts are recognised that were made for another one.
//!
//! Rows on vectors and atomic rows come last and need crate features. So an artefact has the hash of the rows without them
//! if it uses none, and runs where they are missing.

use crate::ir::{
    opcode::{MASKS_CONST, NAMES, ROWS, SHAPES},
    shape::{FRAME_LAYOUT, Field, SHAPE_FIELDS},
};

/// FNV-1a, a hash of 64 bits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hash(u64);

impl Hash {
    /// Of no bytes.
    pub(crate) const NEW: Self = Self(0xcbf2_9ce4_8422_2325);

    /// Adds a byte.
    #[must_use]
    pub(crate) const fn byte(self, byte: u8) -> Self {
        Self((self.0 ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3))
    }

    /// Adds bytes in order.
    #[must_use]
    pub(crate) const fn bytes(mut self, bytes: &[u8]) -> Self {
        let mut i = 0;
        while i < bytes.len() {
            self = self.byte(bytes[i]);
            i += 1;
        }
        self
    }

    /// Returns the hash.
    pub(crate) const fn finish(self) -> u64 {
        self.0
    }
}

/// Returns the number of rows that every build has: they precede the first one that a crate feature adds.
const fn base_rows() -> usize {
    macro_rules! count {
        ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:tt)* ; )*) => {
            [$( stringify!($name) ),*].len()
        };
    }
    for_each_base_op!(count)
}

/// Returns the hash of the first `rows` rows: their names, their forms, and the fields of their shapes.
const fn hash(rows: usize) -> u64 {
    let mut hash = Hash::NEW.bytes(&FRAME_LAYOUT);
    let mut row = 0;
    while row < rows {
        hash = hash.bytes(NAMES[row].as_bytes()).byte(0).bytes(&MASKS_CONST[row].to_le_bytes());
        let fields: &[Field] = SHAPE_FIELDS[SHAPES[row] as usize];
        let mut i = 0;
        while i < fields.len() {
            hash = hash.byte(fields[i] as u8 + 1);
            i += 1;
        }
        hash = hash.byte(0);
        row += 1;
    }
    hash.finish()
}

/// The number of rows that every build has.
pub(crate) const BASE_ROWS: usize = base_rows();

/// The hash of the rows that every build has.
pub(crate) const BASE: u64 = hash(BASE_ROWS);

/// The hash of all rows of this build.
pub(crate) const ALL: u64 = hash(ROWS.len());
