//! Checks code that nobody vouches for: each function by itself (`ir::verify`), then what its slots hold (`flow`), and the
//! memories that it accesses.

use crate::{
    config::Config,
    error::{Error, kinds::ArtefactError},
    image::{
        flow::{Budget, Ground, Refusal},
        needs::Needs,
    },
    ir::{
        decode::{Decoded, decode},
        facts::Space,
        opcode::Row,
        shape::{Field, Shape},
        verify::{Func, verify},
    },
    module::{data::ModuleData, env::ModuleHeader},
    runtime::eager::EagerCode,
    types::MemoryType,
};

/// Checks the code of a module. `declared` is what the artefact says that it needs.
///
/// # Errors
///
/// If the code could break the safety of memory, read what it has not written, or evade fuel; or if it needs something that
/// the artefact does not declare.
pub(super) fn check(data: &ModuleData, code: &EagerCode, declared: Needs, config: &Config) -> Result<(), Error> {
    let header = &data.header;
    let least_fuel = config.is_metered().then(|| u32::from(config.costs().charges_control()));
    let ground = Ground::new(header, least_fuel);
    let units = code.units(&data.bytes).len();
    let mut budget = Budget::new(units);
    let mut needs = Needs::of_header(header);
    let mut last_end = 0;
    for index in 0..header.funcs.len() as u32 - header.imported_funcs {
        let func = header.imported_funcs + index;
        let refuse = || ArtefactError::Unsafe { func };
        let (units, place) = code.func(&data.bytes, index).ok_or_else(refuse)?;
        if place.start != last_end || place.has_regions {
            return Err(refuse().into());
        }
        last_end = place.end;
        let ty = header.func_type(func);
        let verified =
            Func { code: units, entry: place.entry, frame_cells: place.frame_cells, signature: ty.signature() };
        verify(&verified, header).map_err(|_| refuse())?;
        let mut at = 0;
        while let Some(op) = decode(units, at) {
            needs.add(Needs::of_row(op.row));
            if !accesses_are_valid(header, &op) {
                return Err(refuse().into());
            }
            at += op.total_units();
        }
        let frame = place.frame_cells as usize;
        ground.check(units, place.entry, frame, ty, &mut budget).map_err(|refusal| match refusal {
            Refusal::Unsafe => refuse(),
            Refusal::TooComplex => ArtefactError::TooComplex,
        })?;
    }
    needs.check(config)?;
    if last_end != units || !declared.has(needs) {
        return Err(ArtefactError::Malformed { offset: 0 }.into());
    }
    Ok(())
}

/// Whether an op accesses the memories that it can access, with the addresses that they have, and lanes that there are.
fn accesses_are_valid(header: &ModuleHeader, op: &Decoded) -> bool {
    let (row, shape) = (op.row, op.row.shape());
    let is_shared = |memory: usize| header.memories.get(memory).map(MemoryType::is_shared);
    let field = |field: Field| op.values.iter().find(|value| value.field == field).map(|value| value.bits as usize);
    let wants_shared = row.name().ends_with("_shared");
    let is_atomic = row.name().starts_with("atomic_") || shape == Shape::wait;
    if let Some(memory) = field(Field::Memory) {
        // The first field of one unit after a memory says whether its addresses have 64 bits.
        let wide =
            op.values.iter().skip_while(|value| value.field != Field::Memory).find(|value| value.field == Field::U16);
        let Some(ty) = header.memories.get(memory) else { return false };
        if wide.map(|wide| wide.bits) != Some(ty.is_64().into()) || !is_atomic && ty.is_shared() != wants_shared {
            return false;
        }
    } else if accesses_memory_0(shape) && (is_shared(0) != Some(wants_shared) || header.memories[0].is_64()) {
        return false;
    }
    let mut spaces = row.facts().indices();
    let memories =
        op.values.iter().filter(|value| value.field == Field::Index).filter(|_| spaces.next() == Some(Space::memory));
    let mut shared = memories.map(|value| is_shared(value.bits as usize) == Some(true));
    let (first, second) = (shared.next(), shared.next());
    if first.is_some() && (first == Some(true) || second == Some(true)) != wants_shared {
        return false;
    }
    lane_exists(row, op)
}

/// Whether ops of a shape access memory 0 without naming it.
fn accesses_memory_0(shape: Shape) -> bool {
    matches!(
        shape,
        Shape::load
            | Shape::load_sum
            | Shape::load_load
            | Shape::load_store
            | Shape::store
            | Shape::store_sum
            | Shape::branch_load
            | Shape::load_shared
            | Shape::store_shared
    )
}

/// Whether the lane that an op names exists, if it names one.
fn lane_exists(row: Row, op: &Decoded) -> bool {
    let lanes = match row.shape() {
        Shape::extract_lane | Shape::replace_lane => match row.name().split('_').next() {
            Some("i8x16") => 16,
            Some("i16x8") => 8,
            Some("i32x4" | "f32x4") => 4,
            Some("i64x2" | "f64x2") => 2,
            _ => 0,
        },
        Shape::load_lane | Shape::store_lane | Shape::load_lane_shared | Shape::store_lane_shared => {
            let width = ["8_lane", "16_lane", "32_lane", "64_lane"].iter().position(|width| row.name().contains(width));
            width.map_or(0, |width| 16 >> width)
        }
        _ => return true,
    };
    op.values.iter().find(|value| value.field == Field::U16).is_some_and(|lane| lane.bits < lanes)
}
