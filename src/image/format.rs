//! The header of an artefact, and its list of sections. All numbers are little-endian.
//!
//! ```text
//!    0  magic "\0wmo"                       24  hash of how fuel is charged (u64)
//!    4  version (u16)                       32  checksum of all other bytes (u64)
//!    6  byte order of the code: 0, little   40  length of the artefact (u32)
//!    7  flags                               44  number of sections (u32)
//!    8  needs (u32)                         48  sections: kind, offset, length (u32 each)
//!   12  reserved (u32)
//!   16  hash of the op table (u64)
//! ```

use core::ops::Range;

use crate::{
    config::Config,
    error::kinds::ArtefactError,
    image::needs::Needs,
    ir::isa::{self, Hash},
};

/// The first bytes of an artefact.
const MAGIC: [u8; 4] = *b"\0wmo";
/// The version of the format.
pub(super) const VERSION: u16 = 1;
/// The length of the header without the list of sections.
pub(super) const HEADER: usize = 48;
/// The length of an entry of the list of sections.
pub(super) const ENTRY: usize = 12;
/// Where the checksum is, and where it ends.
const SUM: usize = 32;
const SUMMED: usize = 40;
/// The alignment of sections.
#[cfg(feature = "serialize")]
pub(super) const ALIGN: usize = 8;

/// In the flags: code is charged for.
const METERED: u8 = 1;
/// In the flags: operators return the canonical NaN.
const CANONICAL_NANS: u8 = 2;

/// The kinds of sections. Readers skip those that they do not know from `FIRST_OPTIONAL` on, and refuse the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Section {
    /// The types.
    Types = 1,
    /// The text of all names.
    Text,
    /// The imports.
    Imports,
    /// The type indices of the functions that the module defines.
    Funcs,
    /// The tables that the module defines.
    Tables,
    /// The memories that the module defines.
    Memories,
    /// The globals that the module defines.
    Globals,
    /// The exports.
    Exports,
    /// The start function, the number of data segments if the module says so, and the size of its bodies.
    Facts,
    /// The element segments.
    Elements,
    /// Where data segments are.
    Data,
    /// Where functions are in the code, and the sizes of their frames.
    Bodies,
    /// The code of all functions.
    Code,
    /// The bytes of data segments and custom sections.
    Bytes,
    /// Where custom sections are.
    Customs = FIRST_OPTIONAL,
    /// Names of functions.
    FuncNames,
}

/// The first kind of sections that a reader may skip.
const FIRST_OPTIONAL: u32 = 0x80;

/// The sections.
const SECTIONS: [Section; 16] = [
    Section::Types,
    Section::Text,
    Section::Imports,
    Section::Funcs,
    Section::Tables,
    Section::Memories,
    Section::Globals,
    Section::Exports,
    Section::Facts,
    Section::Elements,
    Section::Data,
    Section::Bodies,
    Section::Code,
    Section::Bytes,
    Section::Customs,
    Section::FuncNames,
];

/// The header, and where sections are.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) needs: Needs,
    metered: bool,
    canonical_nans: bool,
    isa: u64,
    fuel: u64,
    #[cfg_attr(not(feature = "verify"), allow(dead_code, reason = "only artefacts that are checked are summed"))]
    checksum: u64,
    sections: [Range<usize>; SECTIONS.len()],
}

/// Reads `N` bytes at `at`.
fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], ArtefactError> {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().ok_or(ArtefactError::Malformed { offset: at })
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, ArtefactError> {
    array(bytes, at).map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Result<u64, ArtefactError> {
    array(bytes, at).map(u64::from_le_bytes)
}

/// Whether the bytes begin like an artefact, of whatever version.
pub(crate) fn is_artefact(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Returns the hash of how an engine of this configuration charges code.
fn fuel_hash(config: &Config) -> u64 {
    if !config.is_metered() {
        return 0;
    }
    let (schedule, operators, amounts) = config.prices();
    let hash = Hash::NEW.bytes(&schedule.identity()).bytes(&amounts.bytes_copied_per_fuel.to_le_bytes());
    let Some(operators) = operators else { return hash.finish() };
    let usual = schedule.operator_cost();
    let changed = operators.differences(&usual);
    changed.fold(hash, |hash, (operator, cost)| hash.bytes(&operator.to_le_bytes()).byte(cost)).finish()
}

/// Returns the hash of what artefacts of an engine with this configuration depend on.
pub(crate) fn compatibility(config: &Config) -> u64 {
    let hash = Hash::NEW.bytes(&VERSION.to_le_bytes()).bytes(&isa::ALL.to_le_bytes());
    hash.bytes(&fuel_hash(config).to_le_bytes()).byte(config.canonical_nans.into()).finish()
}

/// Returns the checksum of an artefact.
#[cfg(any(feature = "serialize", feature = "verify"))]
pub(super) fn checksum(artefact: &[u8]) -> u64 {
    let [before, after] = [artefact.get(..SUM), artefact.get(SUMMED..)].map(Option::unwrap_or_default);
    Hash::NEW.bytes(before).bytes(after).finish()
}

impl Header {
    /// Reads the header of an artefact.
    ///
    /// # Errors
    ///
    /// If there is none, or it is of another version, or sections are out of bounds.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ArtefactError> {
        if !is_artefact(bytes) {
            return Err(ArtefactError::NoArtefact);
        }
        let version = u16::from_le_bytes(array(bytes, 4)?);
        let [order, flags] = array(bytes, 6)?;
        if version != VERSION || order != 0 || flags & !(METERED | CANONICAL_NANS) != 0 {
            return Err(ArtefactError::OtherVersion { version });
        }
        if u32_at(bytes, SUMMED)? as usize != bytes.len() {
            return Err(ArtefactError::Malformed { offset: SUMMED });
        }
        let mut sections = [const { 0..0 }; SECTIONS.len()];
        let count = u32_at(bytes, 44)?;
        let (mut at, mut last) = (HEADER, 0);
        for _ in 0..count {
            let malformed = ArtefactError::Malformed { offset: at };
            let [kind, start, len] = [u32_at(bytes, at)?, u32_at(bytes, at + 4)?, u32_at(bytes, at + 8)?];
            let end = start.checked_add(len).ok_or(malformed)?;
            if kind <= last || bytes.len() < end as usize {
                return Err(malformed);
            }
            last = kind;
            match SECTIONS.iter().position(|&section| section as u32 == kind) {
                Some(section) => sections[section] = start as usize..end as usize,
                None if kind < FIRST_OPTIONAL => return Err(malformed),
                None => {}
            }
            at += ENTRY;
        }
        Ok(Self {
            needs: Needs::of_bits(u32_at(bytes, 8)?)?,
            metered: flags & METERED != 0,
            canonical_nans: flags & CANONICAL_NANS != 0,
            isa: u64_at(bytes, 16)?,
            fuel: u64_at(bytes, 24)?,
            checksum: u64_at(bytes, SUM)?,
            sections,
        })
    }

    /// Writes the header and the list of sections to the beginning of `out`, which has room for it. The sections are at
    /// their places already.
    #[cfg(feature = "serialize")]
    pub(super) fn write(out: &mut [u8], config: &Config, needs: Needs, sections: &[(Section, Range<u32>)]) {
        let metered = if config.is_metered() { METERED } else { 0 };
        let flags = metered | if config.canonical_nans { CANONICAL_NANS } else { 0 };
        let isa = if needs.are_base() { isa::BASE } else { isa::ALL };
        let len = out.len() as u32;
        let mut put = |at: usize, bytes: &[u8]| out[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &MAGIC);
        put(4, &VERSION.to_le_bytes());
        put(7, &[flags]);
        put(8, &needs.bits().to_le_bytes());
        put(16, &isa.to_le_bytes());
        put(24, &fuel_hash(config).to_le_bytes());
        put(SUMMED, &len.to_le_bytes());
        put(44, &(sections.len() as u32).to_le_bytes());
        for (i, (section, range)) in sections.iter().enumerate() {
            for (j, word) in [*section as u32, range.start, range.end - range.start].into_iter().enumerate() {
                put(HEADER + ENTRY * i + 4 * j, &word.to_le_bytes());
            }
        }
        let sum = checksum(out);
        out[SUM..SUMMED].copy_from_slice(&sum.to_le_bytes());
    }

    /// Returns where a section is; an empty range if there is none.
    pub(super) fn section(&self, section: Section) -> Range<usize> {
        let found = SECTIONS.iter().position(|&other| other == section);
        found.map_or(0..0, |found| self.sections[found].clone())
    }

    /// Checks that an engine with this configuration, in this build of the library, can run the code.
    ///
    /// # Errors
    ///
    /// If it cannot: the error says why.
    pub(super) fn check_engine(&self, config: &Config) -> Result<(), ArtefactError> {
        self.needs.check(config)?;
        let isa = if self.needs.are_base() { isa::BASE } else { isa::ALL };
        if self.isa != isa {
            return Err(ArtefactError::OtherOps);
        }
        if self.metered != config.is_metered() || self.fuel != fuel_hash(config) {
            return Err(ArtefactError::OtherFuel { metered: self.metered });
        }
        if self.canonical_nans != config.canonical_nans {
            return Err(ArtefactError::OtherNans { canonical: self.canonical_nans });
        }
        Ok(())
    }

    /// Checks that the bytes are those that were written.
    ///
    /// # Errors
    ///
    /// If some differ.
    #[cfg(feature = "verify")]
    pub(super) fn check_sum(&self, bytes: &[u8]) -> Result<(), ArtefactError> {
        if checksum(bytes) == self.checksum { Ok(()) } else { Err(ArtefactError::Damaged) }
    }
}
