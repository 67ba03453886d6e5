//! Reads an artefact: a module without its code, and the code in place.

use alloc::{sync::Arc, vec::Vec};
use core::{ops::Range, str};

use crate::{
    config::Config,
    error::{
        Error,
        kinds::{EnforcedLimitsError, TranslationError},
        memory::{Reserve, vec_or_fail},
    },
    image::{
        cursor::{Cursor, Malformed, text},
        exprs,
        format::{Header, Section},
        types::{self, ref_to_func},
    },
    module::{
        bytes::{ModuleBytes, WasmBytes},
        data::{Custom, ExternIndex, FuncName, ModuleData},
        registry::TypeRegistry,
        segment::{ElementSegment, Elements, SegmentMode},
    },
    runtime::{
        code::Translation,
        eager::{EagerCode, EagerFunc},
    },
    types::{
        ExternType,
        kinds::{Abstract, CompositeKind},
        repr::Ty,
    },
};

/// The greatest numbers of items, as in Wasm.
const MAX_ITEMS: usize = 1_000_000;
const MAX_SEGMENTS: usize = 100_000;
const MAX_TABLES: usize = 100;
const MAX_MEMORIES: usize = 100;
const MAX_ELEMENTS: usize = 10_000_000;

/// Whether someone vouches for the code of an artefact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// The caller does.
    Code,
    /// Nobody does, so the code is checked.
    #[cfg(feature = "verify")]
    Nothing,
}

/// Reads an artefact for engines with this configuration, into `data`, which is empty.
// In place, since microcontrollers have little stack.
///
/// # Errors
///
/// If it is malformed, was made for another engine, exceeds a limit of the configuration, or is not safe.
#[cfg_attr(small_loop, inline(never))]
pub(crate) fn read(
    artefact: WasmBytes,
    config: &Config,
    types: &Arc<TypeRegistry>,
    trust: Trust,
    data: &mut ModuleData,
) -> Result<Translation, Error> {
    let bytes = artefact.as_ref();
    let limit = config.enforced_limits.max_module_bytes.filter(|&limit| bytes.len() > limit as usize);
    if let Some(limit) = limit {
        return Err(EnforcedLimitsError::TooManyBytes { limit }.into());
    }
    let header = Header::read(bytes)?;
    header.check_engine(config)?;
    #[cfg(feature = "verify")]
    if trust == Trust::Nothing {
        header.check_sum(bytes)?;
    }
    Reader { bytes, header: &header, config }.module(types, data)?;
    data.bytes = ModuleBytes::Whole(artefact);
    let (bodies, units) = (header.section(Section::Bodies), header.section(Section::Code));
    let own = data.header.funcs.len() - data.header.imported_funcs as usize;
    if bodies.len() != own * EagerFunc::BYTES || !units.len().is_multiple_of(2) {
        return Err(Malformed::at(bodies.start).into());
    }
    let code = EagerCode::in_bytes(&data.bytes, units, bodies)?;
    #[cfg(feature = "verify")]
    if trust == Trust::Nothing {
        crate::image::check::check(data, &code, header.needs, config)?;
    }
    #[cfg(not(feature = "verify"))]
    let Trust::Code = trust;
    Ok(Translation::Eager(code))
}

/// Returns an error if `count` exceeds a limit.
fn limited(count: usize, limit: Option<u32>, error: fn(u32) -> EnforcedLimitsError) -> Result<(), Error> {
    limit.filter(|&limit| count > limit as usize).map_or(Ok(()), |limit| Err(error(limit).into()))
}

struct Reader<'a> {
    bytes: &'a [u8],
    header: &'a Header,
    config: &'a Config,
}

impl<'a> Reader<'a> {
    fn cursor(&self, section: Section) -> Cursor<'a> {
        Cursor::new(self.bytes, self.header.section(section))
    }

    /// Reads everything but the code.
    #[cfg_attr(small_loop, inline(never))]
    fn module(&self, types: &Arc<TypeRegistry>, data: &mut ModuleData) -> Result<(), Error> {
        data.header.fuel = self.config.metering();
        data.header.features = self.config.features;
        data.header.fused = self.config.fused_ops;
        data.header.canonical_nans = self.config.canonical_nans;
        let mut cursor = self.cursor(Section::Types);
        types::read(&mut data.header, types, self.config, &mut cursor)?;
        cursor.end()?;
        let text = text(self.bytes, self.header.section(Section::Text))?;
        self.imports(data, text)?;
        self.definitions(data)?;
        self.exports(data, text)?;
        self.facts(data)?;
        self.elements(data)?;
        self.segments(data)?;
        let declared = data.declared()?;
        data.find_referable(&declared)?;
        data.func_names = self.header.section(Section::FuncNames);
        data.find_func_names = Some(find_func_names);
        Ok(())
    }

    #[cfg_attr(small_loop, inline(never))]
    fn imports(&self, data: &mut ModuleData, text: &str) -> Result<(), Error> {
        let mut cursor = self.cursor(Section::Imports);
        let count = cursor.items(MAX_ITEMS)?;
        let limits = &self.config.enforced_limits;
        limited(count, limits.max_imports, |limit| EnforcedLimitsError::TooManyImports { limit })?;
        data.imports.reserve_or_fail(count)?;
        for _ in 0..count {
            let (module, name) = (cursor.text(text)?, cursor.text(text)?);
            let header = &mut data.header;
            let ty: ExternType = match cursor.byte()? {
                0 => {
                    let ty = func_type(data, &mut cursor)?;
                    data.header.funcs.push(ty);
                    data.header.imported_funcs += 1;
                    data.header.types.func_type(ty).into()
                }
                1 => {
                    let ty = types::table(&header.types, &mut cursor)?;
                    header.tables.push(ty);
                    header.imported_tables += 1;
                    ty.ty.into()
                }
                2 => {
                    let ty = types::memory(&mut cursor)?;
                    header.memories.push(ty);
                    header.imported_memories += 1;
                    ty.into()
                }
                3 => {
                    let ty = types::global(header, &mut cursor)?;
                    header.globals.push(ty);
                    header.imported_globals += 1;
                    header.types.global_type(ty).into()
                }
                _ => return Err(cursor.malformed().into()),
            };
            data.push_import(module, false, name, ty)?;
        }
        cursor.end()?;
        Ok(())
    }

    /// Reads the functions, tables, memories and globals that the module defines.
    #[cfg_attr(small_loop, inline(never))]
    fn definitions(&self, data: &mut ModuleData) -> Result<(), Error> {
        let limits = &self.config.enforced_limits;
        let mut cursor = self.cursor(Section::Funcs);
        let count = cursor.items(MAX_ITEMS)?;
        limited(count, limits.max_functions, |limit| EnforcedLimitsError::TooManyFunctions { limit })?;
        data.header.funcs.reserve_or_fail(count)?;
        for _ in 0..count {
            let ty = func_type(data, &mut cursor)?;
            data.header.funcs.push(ty);
        }
        cursor.end()?;
        let mut cursor = self.cursor(Section::Tables);
        let count = cursor.items(MAX_TABLES)?;
        limited(count, limits.max_tables, |limit| EnforcedLimitsError::TooManyTables { limit })?;
        for _ in 0..count {
            let header = &mut data.header;
            let ty = types::table(&header.types, &mut cursor)?;
            if cursor.flag()? {
                data.table_inits.push((header.tables.len() as u32, exprs::read(header, &mut cursor, ty.element)?));
            } else if !ty.element.is_defaultable() {
                return Err(cursor.malformed().into());
            }
            header.tables.push(ty);
        }
        cursor.end()?;
        let mut cursor = self.cursor(Section::Memories);
        let count = cursor.items(MAX_MEMORIES)?;
        limited(count, limits.max_memories, |limit| EnforcedLimitsError::TooManyMemories { limit })?;
        for _ in 0..count {
            data.header.memories.push(types::memory(&mut cursor)?);
        }
        cursor.end()?;
        let mut cursor = self.cursor(Section::Globals);
        let count = cursor.items(MAX_ITEMS)?;
        limited(count, limits.max_globals, |limit| EnforcedLimitsError::TooManyGlobals { limit })?;
        data.header.globals.reserve_or_fail(count)?;
        data.global_inits.reserve_or_fail(count)?;
        for _ in 0..count {
            let header = &mut data.header;
            let ty = types::global(header, &mut cursor)?;
            data.global_inits.push(exprs::read(header, &mut cursor, ty.content)?);
            header.globals.push(ty);
            header.global_cells += types::global_cells(ty);
        }
        cursor.end()?;
        let header = &data.header;
        let counts = [(header.funcs.len(), MAX_ITEMS), (header.globals.len(), MAX_ITEMS)];
        let counts =
            counts.into_iter().chain([(header.tables.len(), MAX_TABLES), (header.memories.len(), MAX_MEMORIES)]);
        if counts.into_iter().any(|(count, most)| count > most) { Err(cursor.malformed().into()) } else { Ok(()) }
    }

    #[cfg_attr(small_loop, inline(never))]
    fn exports(&self, data: &mut ModuleData, text: &str) -> Result<(), Error> {
        let mut cursor = self.cursor(Section::Exports);
        let count = cursor.items(MAX_ITEMS)?;
        let limits = &self.config.enforced_limits;
        limited(count, limits.max_exports, |limit| EnforcedLimitsError::TooManyExports { limit })?;
        data.reserve_exports(count, text.len())?;
        for _ in 0..count {
            let name = cursor.text(text)?;
            let header = &data.header;
            let index = match cursor.byte()? {
                0 => ExternIndex::Func(cursor.index(header.funcs.len())?),
                1 => ExternIndex::Table(cursor.index(header.tables.len())?),
                2 => ExternIndex::Memory(cursor.index(header.memories.len())?),
                3 => ExternIndex::Global(cursor.index(header.globals.len())?),
                _ => return Err(cursor.malformed().into()),
            };
            if !data.push_export(name, index) {
                return Err(cursor.malformed().into());
            }
        }
        cursor.end()?;
        Ok(())
    }

    fn facts(&self, data: &mut ModuleData) -> Result<(), Error> {
        let mut cursor = self.cursor(Section::Facts);
        if cursor.flag()? {
            let start = cursor.index(data.header.funcs.len())?;
            let ty = data.header.func_type(start);
            if !ty.params().is_empty() || !ty.results().is_empty() {
                return Err(cursor.malformed().into());
            }
            if !self.config.allow_start_fn {
                return Err(TranslationError::DisallowedStartFn.into());
            }
            data.start = Some(start);
        }
        if cursor.flag()? {
            data.header.data_count = Some(cursor.u32()?);
        }
        data.body_bytes = cursor.u64()?;
        cursor.end()?;
        Ok(())
    }

    fn elements(&self, data: &mut ModuleData) -> Result<(), Error> {
        let mut cursor = self.cursor(Section::Elements);
        let count = cursor.items(MAX_SEGMENTS)?;
        let limits = &self.config.enforced_limits;
        limited(count, limits.max_element_segments, |limit| EnforcedLimitsError::TooManyElementSegments { limit })?;
        data.elements.reserve_or_fail(count)?;
        data.header.elements.reserve_or_fail(count)?;
        for _ in 0..count {
            let header = &data.header;
            let (mut table, mode) = (None, cursor.byte()?);
            let mode = match mode {
                0 => SegmentMode::Passive,
                1 => SegmentMode::Declared,
                2 => {
                    let target = cursor.index(header.tables.len())?;
                    let ty = header.table(target);
                    table = Some(ty.element);
                    SegmentMode::Active { target, offset: exprs::read(header, &mut cursor, ty.index_type())? }
                }
                _ => return Err(cursor.malformed().into()),
            };
            let ty = types::ref_type(&header.types, &mut cursor)?;
            if table.is_some_and(|table| !header.types.is_subtype(ty, table)) {
                return Err(cursor.malformed().into());
            }
            let elements = if cursor.flag()? {
                let len = cursor.count(MAX_ELEMENTS)?;
                let mut exprs = vec_or_fail(len)?;
                for _ in 0..len {
                    exprs.push(exprs::read(header, &mut cursor, ty)?);
                }
                Elements::Exprs(exprs.into_boxed_slice())
            } else {
                self.func_elements(data, &mut cursor, ty)?
            };
            data.header.elements.push(ty);
            data.elements.push(ElementSegment { mode, elements });
        }
        cursor.end()?;
        Ok(())
    }

    /// Reads elements of type `ty` that are functions.
    fn func_elements(&self, data: &ModuleData, cursor: &mut Cursor<'_>, ty: Ty) -> Result<Elements, Error> {
        let header = &data.header;
        let len = cursor.count(MAX_ELEMENTS)?;
        let mut funcs: Vec<u32> = vec_or_fail(len)?;
        let any = header.types.is_subtype(Ty::reference(Abstract::Func, false), ty);
        for _ in 0..len {
            let func = cursor.index(header.funcs.len())?;
            if !any && !header.types.is_subtype(ref_to_func(header, func), ty) {
                return Err(cursor.malformed().into());
            }
            funcs.push(func);
        }
        Ok(Elements::Funcs(funcs.into_boxed_slice()))
    }

    /// Reads the data segments and the custom sections, whose bytes follow each other.
    fn segments(&self, data: &mut ModuleData) -> Result<(), Error> {
        let Range { start: mut next, end } = self.header.section(Section::Bytes);
        let mut take = |len: u32, cursor: &Cursor<'_>| {
            let start = next;
            next = start.checked_add(len as usize).filter(|&after| after <= end).ok_or(cursor.malformed())?;
            Ok::<_, Malformed>(start..next)
        };
        let mut cursor = self.cursor(Section::Data);
        let count = cursor.items(MAX_SEGMENTS)?;
        let limits = &self.config.enforced_limits;
        limited(count, limits.max_data_segments, |limit| EnforcedLimitsError::TooManyDataSegments { limit })?;
        data.data.reserve_or_fail(count)?;
        for _ in 0..count {
            let header = &data.header;
            let place = match cursor.byte()? {
                0 => None,
                1 => {
                    let memory = u32::from(cursor.byte()?);
                    if memory as usize >= header.memories.len() {
                        return Err(cursor.malformed().into());
                    }
                    Some((memory, exprs::constant(cursor.u32()?)))
                }
                2 => {
                    let memory = cursor.index(header.memories.len())?;
                    Some((memory, exprs::read(header, &mut cursor, header.memory(memory).index_type())?))
                }
                _ => return Err(cursor.malformed().into()),
            };
            let len = cursor.u32()?;
            let range = take(len, &cursor)?;
            data.push_data(range.start as u32..range.end as u32, place);
        }
        cursor.end()?;
        if data.header.data_count.is_some_and(|count| count as usize != data.data.len()) {
            return Err(cursor.malformed().into());
        }
        let mut cursor = self.cursor(Section::Customs);
        let count = cursor.items(MAX_ITEMS)?;
        for _ in 0..count {
            let len = cursor.u32()?;
            let name = cursor.bytes(len)?;
            let name = str::from_utf8(name).map_err(|_| cursor.malformed())?.into();
            let len = cursor.u32()?;
            let bytes = take(len, &cursor)?;
            if !self.config.ignore_custom_sections {
                data.customs.push(Custom { name, bytes });
            }
        }
        cursor.end()?;
        Ok(())
    }
}

/// Reads the index of a function type.
fn func_type(data: &ModuleData, cursor: &mut Cursor<'_>) -> Result<u32, Malformed> {
    let index = cursor.u32()?;
    match data.header.types.kind_at(index) {
        Some(CompositeKind::Func) => Ok(index),
        _ => Err(cursor.malformed()),
    }
}

/// Fills in names of functions, which are given by their indices, in ascending order.
fn find_func_names(data: &ModuleData, funcs: &mut [FuncName]) {
    let range = data.func_names.clone();
    let section = &data.bytes[range];
    let mut cursor = Cursor::new(section, 0..section.len());
    // Names after a malformed one are not found.
    while let (Ok(func), Ok(len)) = (cursor.u32(), cursor.u32())
        && let Ok(name) = cursor.bytes(len)
    {
        if let Ok(position) = funcs.binary_search_by_key(&func, |&(func, _)| func)
            && let Ok(name) = str::from_utf8(name)
        {
            funcs[position].1 = Some(name.into());
        }
    }
}
