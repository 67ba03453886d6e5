//! The compact code of all functions of a module: made when the module was, or read from an artefact, in place if the bytes
//! are aligned and the target is little-endian.

use alloc::{boxed::Box, vec::Vec};
use core::ops::Range;

use crate::{
    error::{
        Error,
        kinds::LimitsError,
        memory::{Reserve, vec_or_fail},
    },
    module::{body::FuncCode, bytes::ModuleBytes},
};

/// Where the code of a function begins. It ends where that of the next one begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EagerFunc {
    /// First unit
    pub(crate) start: u32,
    /// Unit where it is entered, counted from `start`
    pub(crate) entry: u32,
    /// Number of cells of its frame. The uppermost bit says that a list of regions is at the end of its code.
    frame: u32,
}

/// See `EagerFunc::frame`. A frame has less than 2^16 cells.
const HAS_REGIONS: u32 = 1 << 31;

impl EagerFunc {
    /// Returns a function whose code begins at unit `start` and is `code`.
    pub(crate) fn new(start: u32, code: &FuncCode) -> Result<Self, LimitsError> {
        let entry = u32::try_from(code.entry).map_err(|_| LimitsError::ModuleTooBig)?;
        Ok(Self { start, entry, frame: code.frame_cells | if code.has_regions { HAS_REGIONS } else { 0 } })
    }

    /// Number of bytes of a function in an artefact: its three numbers, little-endian.
    pub(crate) const BYTES: usize = 12;

    /// Returns the function with these bytes.
    fn of_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        Self { start: word(0), entry: word(4), frame: word(8) }
    }

    /// Returns the bytes of the function.
    #[cfg(feature = "serialize")]
    pub(crate) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        for (bytes, word) in bytes.chunks_mut(4).zip([self.start, self.entry, self.frame]) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }
}

/// The functions that were translated with the module, one after the other.
#[derive(Debug, Default)]
pub(crate) struct EagerFuncs {
    funcs: Vec<EagerFunc>,
}

impl EagerFuncs {
    /// Reserves room for `count` functions in total.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    pub(crate) fn reserve(&mut self, count: usize) -> Result<(), Error> {
        self.funcs.reserve_or_fail(count.saturating_sub(self.funcs.len()))
    }

    /// Adds a function, whose code is after that of the previous one.
    ///
    /// # Errors
    ///
    /// If there is too much code.
    pub(crate) fn push(&mut self, code: &FuncCode) -> Result<(), LimitsError> {
        let start = u32::try_from(code.start).map_err(|_| LimitsError::ModuleTooBig)?;
        self.funcs.push(EagerFunc::new(start, code)?);
        Ok(())
    }
}

/// The code of functions, one after the other.
#[derive(Debug)]
pub(crate) struct EagerCode {
    units: Units,
    funcs: Funcs,
}

#[derive(Debug)]
enum Units {
    Owned(Box<[u16]>),
    /// At these bytes of the module: they are aligned, and in the order of the target.
    InPlace(Range<usize>),
}

#[derive(Debug)]
enum Funcs {
    Owned(Box<[EagerFunc]>),
    /// At these bytes of the module.
    InPlace(Range<usize>),
}

impl Default for EagerCode {
    fn default() -> Self {
        Self { units: Units::Owned(Box::default()), funcs: Funcs::Owned(Box::default()) }
    }
}

/// Returns bytes as units of code, if they are aligned and in the order of the target.
fn as_units(bytes: &[u8]) -> Option<&[u16]> {
    if cfg!(target_endian = "big") {
        return None;
    }
    // SAFETY: I10: the units have the bytes, the owner and the lifetime of `bytes`. Any two bytes are a unit.
    let (before, units, after) = unsafe { bytes.align_to::<u16>() };
    (before.is_empty() && after.is_empty()).then_some(units)
}

impl EagerCode {
    /// Returns code that was just translated.
    pub(crate) fn translated(units: Vec<u16>, funcs: EagerFuncs) -> Self {
        Self { units: Units::Owned(units.into_boxed_slice()), funcs: Funcs::Owned(funcs.funcs.into_boxed_slice()) }
    }

    /// Returns the code at the range `units` of the bytes of a module, with the functions at the range `funcs`. The code
    /// stays where it is, or is copied if it cannot be run there.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    ///
    /// # Panics
    ///
    /// If the bytes do not have these ranges.
    pub(crate) fn in_bytes(bytes: &ModuleBytes, units: Range<usize>, funcs: Range<usize>) -> Result<Self, Error> {
        let code = &bytes[units.clone()];
        let units = if as_units(code).is_some() {
            Units::InPlace(units)
        } else {
            let mut copy = vec_or_fail(code.len() / 2)?;
            copy.extend(code.as_chunks().0.iter().map(|&unit| u16::from_le_bytes(unit)));
            Units::Owned(copy.into_boxed_slice())
        };
        Ok(Self { units, funcs: Funcs::InPlace(funcs) })
    }

    /// Returns the units of all functions. `bytes` are those of the module.
    pub(crate) fn units<'a>(&'a self, bytes: &'a ModuleBytes) -> &'a [u16] {
        match &self.units {
            Units::Owned(units) => units,
            // It was found to be aligned, and does not move.
            Units::InPlace(range) => as_units(&bytes[range.clone()]).unwrap_or_default(),
        }
    }

    /// Returns where function `index` is.
    fn place(&self, bytes: &ModuleBytes, index: usize) -> Option<EagerFunc> {
        match &self.funcs {
            Funcs::Owned(funcs) => funcs.get(index).copied(),
            Funcs::InPlace(range) => bytes[range.clone()].as_chunks().0.get(index).map(EagerFunc::of_bytes),
        }
    }

    /// Returns the number of functions.
    fn len(&self) -> usize {
        match &self.funcs {
            Funcs::Owned(funcs) => funcs.len(),
            Funcs::InPlace(range) => range.len() / EagerFunc::BYTES,
        }
    }

    /// Returns the code of function `index`, if there is one. `bytes` are those of the module.
    pub(crate) fn func<'a>(&'a self, bytes: &'a ModuleBytes, index: u32) -> Option<(&'a [u16], FuncCode)> {
        let EagerFunc { start, entry, frame } = self.place(bytes, index as usize)?;
        let units = self.units(bytes);
        let end = self.place(bytes, index as usize + 1).map_or(units.len(), |next| next.start as usize);
        let (start, entry, frame_cells) = (start as usize, entry as usize, frame & !HAS_REGIONS);
        let func = FuncCode { start, end, entry, frame_cells, has_regions: frame & HAS_REGIONS != 0 };
        Some((units.get(func.start..func.end)?, func))
    }

    /// Returns the function that unit `unit` belongs to, and where its code is.
    pub(crate) fn func_at(&self, bytes: &ModuleBytes, unit: usize) -> Option<(u32, FuncCode)> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.place(bytes, middle).is_some_and(|func| func.start as usize <= unit) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let index = low.checked_sub(1)? as u32;
        self.func(bytes, index).map(|(_, code)| (index, code))
    }
}
