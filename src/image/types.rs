//! Types in artefacts: the type section, and the types of tables, memories and globals.

use alloc::sync::Arc;

#[cfg(feature = "serialize")]
use alloc::vec::Vec;

use crate::{
    config::Config,
    error::{Error, kinds::EnforcedLimitsError},
    image::cursor::{Cursor, Malformed},
    module::{
        env::ModuleHeader,
        registry::TypeRegistry,
        types::{GlobalTy, TableTy, TypeSection, TypeTable},
    },
    types::{
        MemoryType, Mutability, TableType,
        kinds::{Abstract, CompositeKind, PLAIN_TYPES},
        layout::cells_of,
        repr::Ty,
    },
};
#[cfg(feature = "serialize")]
use crate::{image::out::Out, module::type_list::field_of};

/// In the first byte of a type: it is final, or has a supertype. The lower bits are the kind.
const FINAL: u8 = 1 << 2;
const HAS_SUPERTYPE: u8 = 1 << 3;
/// In the first byte of a memory or table: addresses have 64 bits, there is a maximum, the memory is shared.
const WIDE: u8 = 1;
const BOUNDED: u8 = 2;
const SHARED: u8 = 4;

/// The greatest number of types, of parameters and results, and of fields, as in Wasm.
const MAX_TYPES: usize = 1_000_000;
const MAX_VALUES: usize = 1000;
const MAX_FIELDS: usize = 10_000;

/// Reads a type of a value.
pub(super) fn value_type(types: &TypeTable, cursor: &mut Cursor<'_>) -> Result<Ty, Malformed> {
    let ty = any_type(types, cursor)?;
    if matches!(ty, Ty::I8 | Ty::I16) { Err(cursor.malformed()) } else { Ok(ty) }
}

/// Reads a type of a value, or a packed one of a field.
fn any_type(types: &TypeTable, cursor: &mut Cursor<'_>) -> Result<Ty, Malformed> {
    const NUMBERS: [Ty; 7] = [Ty::I32, Ty::I64, Ty::F32, Ty::F64, Ty::V128, Ty::I8, Ty::I16];
    let ty = Ty::of_word(cursor.u32()?);
    if NUMBERS.contains(&ty) {
        return Ok(ty);
    }
    let known = match (ty.concrete_number(), ty.abstract_type()) {
        (Some(index), _) => types.resolve(index).map(|index| Ty::concrete(index, ty.is_nullable())),
        (None, Some(heap)) => Some(Ty::reference(heap, ty.is_nullable())),
        (None, None) => None,
    };
    // Bits without a meaning are not accepted.
    known.filter(|known| ty.with_number(|_| known.concrete_number().unwrap_or(0)) == *known).ok_or(cursor.malformed())
}

/// Reads a reference type.
pub(super) fn ref_type(types: &TypeTable, cursor: &mut Cursor<'_>) -> Result<Ty, Malformed> {
    let ty = value_type(types, cursor)?;
    if ty.is_ref() { Ok(ty) } else { Err(cursor.malformed()) }
}

/// Reads the types of a module.
#[cfg_attr(small_loop, inline(never))]
pub(super) fn read(
    header: &mut ModuleHeader,
    registry: &Arc<TypeRegistry>,
    config: &Config,
    cursor: &mut Cursor<'_>,
) -> Result<(), Error> {
    let groups = cursor.items(MAX_TYPES)?;
    header.types.begin(registry, cursor.left() / 3, cursor.left())?;
    let mut section = TypeSection::default();
    for _ in 0..groups {
        let before = header.types.len();
        let count = cursor.count(MAX_TYPES - before)?;
        if count == 0 {
            return Err(cursor.malformed().into());
        }
        header.types.begin_group(&mut section, count as u32);
        for _ in 0..count {
            read_type(header, &mut section, config, cursor)?;
        }
        if header.types.end_group(&mut section)? && header.types.check_supertypes(before).is_err() {
            return Err(cursor.malformed().into());
        }
    }
    let limit = config.enforced_limits.max_types.filter(|&limit| header.types.len() > limit as usize);
    limit.map_or(Ok(()), |limit| Err(EnforcedLimitsError::TooManyTypes { limit }.into()))
}

/// Reads a type of a group.
fn read_type(
    header: &mut ModuleHeader,
    section: &mut TypeSection,
    config: &Config,
    cursor: &mut Cursor<'_>,
) -> Result<(), Error> {
    let first = cursor.byte()?;
    let kind = match first & 3 {
        _ if PLAIN_TYPES && first != FINAL => return Err(cursor.malformed().into()),
        _ if first & !(3 | FINAL | HAS_SUPERTYPE) != 0 => return Err(cursor.malformed().into()),
        0 => CompositeKind::Func,
        1 => CompositeKind::Struct,
        2 => CompositeKind::Array,
        _ => return Err(cursor.malformed().into()),
    };
    let mut supertype = None;
    if first & HAS_SUPERTYPE != 0 {
        supertype = Some(header.types.resolve_supertype(cursor.u32()?).ok_or(cursor.malformed())?);
    }
    let start = header.types.words();
    let counts = if kind == CompositeKind::Func {
        let (params, results) = (cursor.count(MAX_VALUES)?, cursor.count(MAX_VALUES)?);
        let limits = &config.enforced_limits;
        if let Some(limit) = limits.max_params.filter(|&limit| params > limit) {
            return Err(EnforcedLimitsError::TooManyParameters { limit }.into());
        }
        if let Some(limit) = limits.max_results.filter(|&limit| results > limit) {
            return Err(EnforcedLimitsError::TooManyResults { limit }.into());
        }
        for _ in 0..params + results {
            let ty = value_type(&header.types, cursor)?;
            header.types.push_value(ty);
        }
        (params, results)
    } else {
        let fields = cursor.count(MAX_FIELDS)?;
        if kind == CompositeKind::Array && fields != 1 {
            return Err(cursor.malformed().into());
        }
        for _ in 0..fields {
            let mutability = if cursor.flag()? { Mutability::Var } else { Mutability::Const };
            let ty = any_type(&header.types, cursor)?;
            header.types.push_field(ty, mutability);
        }
        (0, fields)
    };
    header.types.push_type(section, kind, first & FINAL != 0, supertype, start, counts);
    Ok(())
}

/// Reads the minimum and the maximum of a memory or table whose first byte is `first`.
fn limits(first: u8, cursor: &mut Cursor<'_>) -> Result<(u64, Option<u64>), Malformed> {
    let minimum = cursor.u64()?;
    let maximum = if first & BOUNDED != 0 { Some(cursor.u64()?) } else { None };
    if maximum.is_some_and(|maximum| maximum < minimum) { Err(cursor.malformed()) } else { Ok((minimum, maximum)) }
}

/// Reads the type of a table.
pub(super) fn table(types: &TypeTable, cursor: &mut Cursor<'_>) -> Result<TableTy, Malformed> {
    let first = cursor.byte()?;
    let (minimum, maximum) = limits(first, cursor)?;
    let element = ref_type(types, cursor)?;
    let is_wide = first & WIDE != 0;
    let most = maximum.unwrap_or(minimum);
    if first & !(WIDE | BOUNDED) != 0 || !is_wide && u32::try_from(most).is_err() {
        return Err(cursor.malformed());
    }
    let public = types.ref_type(element);
    let ty = if is_wide {
        TableType::new64(public, minimum, maximum)
    } else {
        TableType::new(public, minimum as u32, maximum.map(|maximum| maximum as u32))
    };
    Ok(TableTy { element, ty })
}

/// Reads the type of a memory.
pub(super) fn memory(cursor: &mut Cursor<'_>) -> Result<MemoryType, Malformed> {
    let first = cursor.byte()?;
    let (minimum, maximum) = limits(first, cursor)?;
    let page_size_log2 = cursor.byte()?;
    if first & !(WIDE | BOUNDED | SHARED) != 0 {
        return Err(cursor.malformed());
    }
    let mut builder = MemoryType::builder();
    builder.memory64(first & WIDE != 0).shared(first & SHARED != 0).page_size_log2(page_size_log2);
    builder.min(minimum).max(maximum);
    builder.checked().ok_or(cursor.malformed())
}

/// Reads the type of a global, whose cells are the next ones.
pub(super) fn global(header: &ModuleHeader, cursor: &mut Cursor<'_>) -> Result<GlobalTy, Malformed> {
    let mutability = if cursor.flag()? { Mutability::Var } else { Mutability::Const };
    let content = value_type(&header.types, cursor)?;
    Ok(GlobalTy { content, mutability, cell: header.global_cells })
}

/// Returns how many cells a global takes.
pub(super) fn global_cells(ty: GlobalTy) -> u32 {
    cells_of(ty.content) as u32
}

/// The type of references to a function whose type is at an index.
pub(super) fn ref_to_func(header: &ModuleHeader, func: u32) -> Ty {
    let index = header.types.resolve(header.funcs[func as usize]);
    index.map_or(Ty::reference(Abstract::Func, false), |index| Ty::concrete(index, false))
}

/// Writes the types of a module.
#[cfg(feature = "serialize")]
pub(super) fn write(types: &TypeTable, out: &mut Vec<u8>) {
    if types.len() == 0 {
        return;
    }
    out.number(types.groups().count() as u64);
    for group in types.groups() {
        out.number(u64::from(group.end - group.start));
        for index in group.clone() {
            let ty = types.listed(&group, index);
            let supertype = if ty.supertype.is_some() { HAS_SUPERTYPE } else { 0 };
            out.push(ty.kind as u8 | supertype | if ty.is_final { FINAL } else { 0 });
            if let Some(supertype) = ty.supertype {
                out.number(supertype.into());
            }
            // The second cells of vectors are not values.
            let values = ty.words().enumerate().filter(|&(_, word)| word != Ty::V128_HIGH);
            let (params, results): (Vec<_>, Vec<_>) = values.partition(|&(cell, _)| cell < ty.params);
            if ty.kind == CompositeKind::Func {
                out.number(params.len() as u64);
            }
            out.number(results.len() as u64);
            for (_, word) in params.into_iter().chain(results) {
                let (is_mutable, word) = field_of(word);
                if ty.kind != CompositeKind::Func {
                    out.push(is_mutable.into());
                }
                out.number(word.word().into());
            }
        }
    }
}

/// Writes the first byte, the minimum and the maximum of a memory or table.
#[cfg(feature = "serialize")]
fn write_limits(wide: bool, shared: bool, minimum: u64, maximum: Option<u64>, out: &mut Vec<u8>) {
    let flag = |set: bool, flag: u8| if set { flag } else { 0 };
    out.push(flag(wide, WIDE) | flag(shared, SHARED) | flag(maximum.is_some(), BOUNDED));
    out.number(minimum);
    if let Some(maximum) = maximum {
        out.number(maximum);
    }
}

/// Writes the type of a table.
#[cfg(feature = "serialize")]
pub(super) fn write_table(table: &TableTy, out: &mut Vec<u8>) {
    write_limits(table.ty.is_64(), false, table.ty.minimum(), table.ty.maximum(), out);
    out.number(table.element.word().into());
}

/// Writes the type of a memory.
#[cfg(feature = "serialize")]
pub(super) fn write_memory(memory: MemoryType, out: &mut Vec<u8>) {
    write_limits(memory.is_64(), memory.is_shared(), memory.minimum(), memory.maximum(), out);
    out.push(memory.page_size_log2());
}

/// Writes the type of a global.
#[cfg(feature = "serialize")]
pub(super) fn write_global(global: GlobalTy, out: &mut Vec<u8>) {
    out.push(global.mutability.is_mut().into());
    out.number(global.content.word().into());
}
