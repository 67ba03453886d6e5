//! One function per section: decodes it, validates it (spec, Validation > Modules), and adds it to the module.

use alloc::{format, sync::Arc};
use core::ops::Range;

use wasmparser::{BinaryReader, ExternalKind, Imports, SectionLimited, TypeRef};

#[cfg(feature = "exceptions")]
use crate::types::TagType;
#[cfg(not(feature = "exceptions"))]
use crate::validate::NO_EXCEPTIONS;
use crate::{
    binary::{
        const_exprs::const_expr,
        invalid::{invalid_at, wrap},
        types::{fields, func_type, global_type, memory_type, ref_type, table_type},
    },
    config::Config,
    error::Error,
    error::names::Escaped,
    error::{
        kinds::{EnforcedLimitsError, TranslationError},
        memory::{Reserve, vec_or_fail},
    },
    module::{
        data::{Custom, ExternIndex, ModuleData},
        env::ModuleHeader,
        registry::TypeRegistry,
        segment::{ElementSegment, Elements, SegmentMode},
        types::{GlobalTy, TypeSection},
    },
    types::{
        ExternType, Mutability,
        kinds::{Abstract, CompositeKind},
        layout::cells_of,
        repr::Ty,
    },
};

/// The greatest numbers of items in a module, from the JavaScript interface; of tables, from other engines.
const MAX_ITEMS: usize = 1_000_000;
const MAX_SEGMENTS: usize = 100_000;
const MAX_TABLES: usize = 100;
const MAX_MEMORIES: usize = 100;
const MAX_ELEMENTS: u32 = 10_000_000;
const MAX_SUPERTYPES: usize = 5;

/// The least effective size of a module's type that is too much; that of other engines. It is 1 for the module and each import
/// and export, and for functions 1 more, as for each parameter and result.
const MAX_TYPE_SIZE: u32 = 1_000_000;

/// First bytes: of a recursion group, of a type that may have subtypes and a supertype, of one that may have a
/// supertype.
const REC: u8 = 0x4e;
const SUB: u8 = 0x50;
const SUB_FINAL: u8 = 0x4f;

/// The first byte of a table that has an initial value.
const TABLE_WITH_INIT: u8 = 0x40;

/// Flags of segments: the segment is passive or declared; the latter, or an index follows; the elements are expressions.
const NOT_ACTIVE: u32 = 1;
const EXPLICIT: u32 = 2;
const EXPRESSIONS: u32 = 4;

/// Checks that there are at most `most` items.
fn check_count(count: usize, most: usize, what: &str, offset: u64) -> Result<(), Error> {
    if count <= most {
        return Ok(());
    }
    let message = if most == 1 { format!("multiple {what}") } else { format!("{what} count exceeds limit of {most}") };
    Err(invalid_at(offset, &message))
}

/// Checks that an index is below the number of items.
#[inline(always)]
fn check_index(index: u32, count: usize, what: &str, offset: u64) -> Result<(), Error> {
    if (index as usize) < count { Ok(()) } else { Err(no_such(index, what, offset)) }
}

#[cold]
fn no_such(index: u32, what: &str, offset: u64) -> Error {
    invalid_at(offset, &format!("unknown {what} {index}: {what} index out of bounds"))
}

/// Checks that there is a function type at an index.
#[inline(always)]
fn check_func_type(header: &ModuleHeader, index: u32, offset: u64) -> Result<(), Error> {
    match header.types.kind_at(index) {
        Some(CompositeKind::Func) => Ok(()),
        kind => Err(no_func_type(kind.is_some(), index, offset)),
    }
}

#[cold]
fn no_func_type(exists: bool, index: u32, offset: u64) -> Error {
    if exists {
        return invalid_at(offset, &format!("type index {index} is not a function type"));
    }
    no_such(index, "type", offset)
}

/// Checks that the type at an index may be the type of a tag.
#[cfg(feature = "exceptions")]
fn check_tag_type(header: &ModuleHeader, index: u32, offset: u64) -> Result<(), Error> {
    if !header.features.exceptions {
        return Err(invalid_at(offset, "exceptions proposal not enabled"));
    }
    check_func_type(header, index, offset)?;
    if !header.type_at(index).results().is_empty() {
        return Err(invalid_at(offset, "invalid exception type: non-empty tag result type"));
    }
    Ok(())
}

/// The error for tags in builds that do not have exceptions.
#[cfg(not(feature = "exceptions"))]
#[cold]
fn no_exceptions(header: &ModuleHeader, offset: u64) -> Error {
    let is_on = header.features.exceptions;
    invalid_at(offset, if is_on { NO_EXCEPTIONS } else { "exceptions proposal not enabled" })
}

/// Number of entries to reserve memory for: no more than the section has bytes for, if each entry takes at least
/// `least` of them.
fn entries<T>(reader: &SectionLimited<'_, T>, least: u64) -> usize {
    let Range { start, end } = reader.range();
    u64::from(reader.count()).min((end - start) / least) as usize
}

/// The same, for entries that the parser does not decode: its reader would decode constant expressions once more.
fn entries_left(reader: &BinaryReader<'_>, count: u32, least: usize) -> usize {
    (count as usize).min(reader.bytes_remaining() / least)
}

/// Checks that nothing follows the last entry of a section.
fn check_end(reader: &BinaryReader<'_>) -> Result<(), Error> {
    if reader.eof() {
        return Ok(());
    }
    let message = "section size mismatch: unexpected data at the end of the section";
    Err(invalid_at(reader.original_position(), message))
}

/// The sections of a module, decoded in the order in which they arrive.
pub(super) struct Sections<'a> {
    pub(super) config: &'a Config,
    pub(super) types: &'a Arc<TypeRegistry>,
    /// Whether function bodies are needed after loading.
    pub(super) keep_bodies: bool,
    /// The part of the module that is decoded.
    pub(super) data: ModuleData,
    /// The effective size of the module's type so far.
    pub(super) type_size: u32,
}

impl Sections<'_> {
    fn max_tables(&self) -> usize {
        if self.config.features.reference_types { MAX_TABLES } else { 1 }
    }

    fn max_memories(&self) -> usize {
        if self.config.features.multi_memory { MAX_MEMORIES } else { 1 }
    }

    /// Adds an import or export, a function of the type at an index if it is one, to the effective size of the module's
    /// type.
    fn add_type_size(&mut self, func: Option<u32>, offset: u64) -> Result<(), Error> {
        let size = func.map_or(1, |ty| {
            let (params, results) = self.data.header.type_at(ty).params_and_results();
            let values = params.iter().chain(results).filter(|&&ty| ty != Ty::V128_HIGH).count();
            2 + values as u32
        });
        self.type_size += size;
        if self.type_size >= MAX_TYPE_SIZE {
            let message = format!("effective type size exceeds the limit of {MAX_TYPE_SIZE}");
            return Err(invalid_at(offset, &message));
        }
        Ok(())
    }

    /// Checks that a mutable global may be imported or exported.
    fn check_mutable(&self, ty: GlobalTy, offset: u64) -> Result<(), Error> {
        if ty.mutability == Mutability::Var && !self.config.features.mutable_global {
            return Err(invalid_at(offset, "mutable global support is not enabled"));
        }
        Ok(())
    }

    /// Decodes the type section without the parser, which would allocate each type.
    pub(super) fn type_section(&mut self, mut reader: BinaryReader<'_>) -> Result<(), Error> {
        let count = reader.read_var_u32().map_err(wrap)?;
        check_count(count as usize, MAX_ITEMS, "types", reader.original_position())?;
        let room = (count as usize).min(reader.bytes_remaining() / 3);
        // Without groups, subtypes and references, that is how many words there are.
        let words = reader.bytes_remaining() - 3 * room;
        self.data.header.types.begin(self.types, room, words)?;
        let mut section = TypeSection::default();
        for _ in 0..count {
            let offset = reader.original_position();
            let before = self.data.header.types.len();
            let mut first = reader.read_u8().map_err(wrap)?;
            let mut group = 1;
            if first == REC {
                if !self.config.features.gc_types {
                    return Err(invalid_at(offset, "rec group usage requires `gc` proposal to be enabled"));
                }
                group = reader.read_size(MAX_ITEMS, "rec group types").map_err(wrap)?;
                check_count(before + group, MAX_ITEMS, "types", offset)?;
            }
            self.data.header.types.begin_group(&mut section, group as u32);
            for position in 0..group {
                if position > 0 || first == REC {
                    first = reader.read_u8().map_err(wrap)?;
                }
                self.sub_type(first, &mut reader, &mut section)?;
            }
            if group == 0 {
                continue;
            }
            let types = &mut self.data.header.types;
            if types.end_group(&mut section)? {
                types.check_supertypes(before).map_err(|message| invalid_at(offset, message))?;
            }
        }
        check_end(&reader)
    }

    /// Decodes a type of a recursion group, after its first byte.
    fn sub_type(&mut self, first: u8, reader: &mut BinaryReader<'_>, section: &mut TypeSection) -> Result<(), Error> {
        let limits = self.config.enforced_limits;
        let header = &mut self.data.header;
        let offset = reader.original_position() - 1;
        let (mut first, mut is_final, mut supertype) = (first, true, None);
        if let SUB | SUB_FINAL = first {
            if !header.features.gc_types {
                return Err(invalid_at(offset, "gc proposal must be enabled to use subtypes"));
            }
            is_final = first == SUB_FINAL;
            let supertypes = reader.read_size(MAX_SUPERTYPES, "supertype idxs").map_err(wrap)?;
            for _ in 0..supertypes {
                supertype = Some(reader.read_var_u32().map_err(wrap)?);
            }
            if supertypes > 1 {
                return Err(invalid_at(offset, "multiple supertypes"));
            }
            first = reader.read_u8().map_err(wrap)?;
        }
        let kind = match first {
            0x60 => CompositeKind::Func,
            0x5e | 0x5f if !header.features.gc_types => {
                return Err(invalid_at(offset, "gc proposal must be enabled to use types of structs and arrays"));
            }
            #[cfg(not(feature = "gc"))]
            0x5e | 0x5f => return Err(invalid_at(offset, crate::validate::NO_OBJECTS)),
            #[cfg(feature = "gc")]
            0x5f => CompositeKind::Struct,
            #[cfg(feature = "gc")]
            0x5e => CompositeKind::Array,
            0x4c | 0x4d | 0x5d | 0x65 | REC | SUB | SUB_FINAL => {
                return Err(invalid_at(offset, "types other than function types are not supported"));
            }
            byte => return Err(invalid_at(offset, &format!("invalid leading byte ({byte:#x}) for type"))),
        };
        if let Some(index) = supertype {
            supertype = header.types.resolve_supertype(index);
            if supertype.is_none() {
                return Err(invalid_at(offset, "supertypes must be defined before subtypes"));
            }
        }
        let start = header.types.words();
        let (params, results) =
            if kind == CompositeKind::Func { func_type(header, reader)? } else { (0, fields(header, reader, kind)?) };
        if kind == CompositeKind::Func {
            if let Some(limit) = limits.max_params.filter(|&limit| params > limit) {
                return Err(EnforcedLimitsError::TooManyParameters { limit }.into());
            }
            if let Some(limit) = limits.max_results.filter(|&limit| results > limit) {
                return Err(EnforcedLimitsError::TooManyResults { limit }.into());
            }
        }
        header.types.push_type(section, kind, is_final, supertype, start, (params, results));
        Ok(())
    }

    pub(super) fn import_section(&mut self, reader: wasmparser::ImportSectionReader<'_>) -> Result<(), Error> {
        let start = reader.range().start;
        check_count(reader.count() as usize, MAX_ITEMS, "imports", start)?;
        self.data.imports.reserve_or_fail(entries(&reader, 4))?;
        for group in reader.into_iter_with_offsets() {
            let (at, group) = group.map_err(wrap)?;
            // The parser has found as many items as a compact group claims.
            let count = match &group {
                Imports::Single(..) => 1,
                Imports::Compact1 { items, .. } => items.count() as usize,
                Imports::Compact2 { names, .. } => names.count() as usize,
            };
            check_count(self.data.imports.len() + count, MAX_ITEMS, "imports", at)?;
            if self.data.imports.capacity() - self.data.imports.len() < count {
                self.data.imports.reserve_or_fail(count)?;
            }
            for (position, import) in group.into_iter().enumerate() {
                let (at, import) = import.map_err(wrap)?;
                self.import(&import, position > 0, at)?;
            }
        }
        Ok(())
    }

    /// Adds an import. `same_module` says that the one before is known to be from the same module.
    #[inline]
    fn import(&mut self, import: &wasmparser::Import<'_>, same_module: bool, offset: u64) -> Result<(), Error> {
        let header = &mut self.data.header;
        let ty: ExternType = match import.ty {
            TypeRef::Func(ty) => {
                check_func_type(header, ty, offset)?;
                header.funcs.push(ty);
                header.imported_funcs += 1;
                header.types.func_type(ty).into()
            }
            TypeRef::Table(ty) => {
                let ty = table_type(header, &ty, offset)?;
                header.tables.push(ty);
                header.imported_tables += 1;
                ty.ty.into()
            }
            TypeRef::Memory(ty) => {
                let ty = memory_type(header, &ty, offset)?;
                header.memories.push(ty);
                header.imported_memories += 1;
                ty.into()
            }
            TypeRef::Global(ty) => {
                let ty = global_type(header, &ty, offset)?;
                header.globals.push(ty);
                header.imported_globals += 1;
                self.check_mutable(ty, offset)?;
                self.data.header.types.global_type(ty).into()
            }
            #[cfg(feature = "exceptions")]
            TypeRef::Tag(ty) => {
                check_tag_type(header, ty.func_type_idx, offset)?;
                header.tags.push(ty.func_type_idx);
                header.imported_tags += 1;
                TagType::new(header.types.func_type(ty.func_type_idx)).into()
            }
            #[cfg(not(feature = "exceptions"))]
            TypeRef::Tag(_) => return Err(no_exceptions(header, offset)),
            TypeRef::FuncExact(_) => return Err(invalid_at(offset, "imports of exact functions are not supported")),
        };
        let header = &self.data.header;
        check_count(header.funcs.len(), MAX_ITEMS, "functions", offset)?;
        check_count(header.tables.len(), self.max_tables(), "tables", offset)?;
        check_count(header.memories.len(), self.max_memories(), "memories", offset)?;
        check_count(header.globals.len(), MAX_ITEMS, "globals", offset)?;
        #[cfg(feature = "exceptions")]
        check_count(header.tags.len(), MAX_ITEMS, "tags", offset)?;
        let func = match import.ty {
            TypeRef::Func(ty) => Some(ty),
            TypeRef::Tag(ty) => Some(ty.func_type_idx),
            _ => None,
        };
        self.add_type_size(func, offset)?;
        self.data.push_import(import.module, same_module, import.name, ty)
    }

    pub(super) fn function_section(&mut self, reader: wasmparser::FunctionSectionReader<'_>) -> Result<(), Error> {
        let header = &mut self.data.header;
        let count = header.funcs.len() + reader.count() as usize;
        check_count(count, MAX_ITEMS, "functions", reader.range().start)?;
        header.funcs.reserve_or_fail(entries(&reader, 1))?;
        if self.keep_bodies {
            self.data.bodies.reserve_or_fail(entries(&reader, 1))?;
        }
        for ty in reader.into_iter_with_offsets() {
            let (offset, ty) = ty.map_err(wrap)?;
            check_func_type(header, ty, offset)?;
            header.funcs.push(ty);
        }
        Ok(())
    }

    pub(super) fn table_section(&mut self, mut reader: BinaryReader<'_>) -> Result<(), Error> {
        let max_tables = self.max_tables();
        let header = &mut self.data.header;
        let count = reader.read_var_u32().map_err(wrap)?;
        check_count(header.tables.len() + count as usize, max_tables, "tables", reader.range().start)?;
        header.tables.reserve_or_fail(entries_left(&reader, count, 3))?;
        for _ in 0..count {
            let offset = reader.original_position();
            let mut init = reader.clone();
            let has_init = init.read_u8().map_err(wrap)? == TABLE_WITH_INIT;
            if has_init {
                if init.read_u8().map_err(wrap)? != 0 {
                    return Err(invalid_at(init.original_position() - 1, "invalid table encoding"));
                }
                reader = init;
            }
            let ty = table_type(header, &reader.read().map_err(wrap)?, offset)?;
            if has_init {
                if !header.features.function_references {
                    let message = "tables with expression initializers require the function-references proposal";
                    return Err(invalid_at(offset, message));
                }
                let init = const_expr(header, &mut reader, ty.element)?;
                self.data.table_inits.push((header.tables.len() as u32, init));
            } else if !ty.element.is_defaultable() {
                return Err(invalid_at(offset, "type mismatch: non-defaultable element type"));
            }
            header.tables.push(ty);
        }
        check_end(&reader)
    }

    pub(super) fn memory_section(&mut self, reader: wasmparser::MemorySectionReader<'_>) -> Result<(), Error> {
        let max_memories = self.max_memories();
        let header = &mut self.data.header;
        check_count(header.memories.len() + reader.count() as usize, max_memories, "memories", reader.range().start)?;
        header.memories.reserve_or_fail(entries(&reader, 2))?;
        for memory in reader.into_iter_with_offsets() {
            let (offset, memory) = memory.map_err(wrap)?;
            header.memories.push(memory_type(header, &memory, offset)?);
        }
        Ok(())
    }

    #[cfg(feature = "exceptions")]
    pub(super) fn tag_section(&mut self, reader: wasmparser::TagSectionReader<'_>) -> Result<(), Error> {
        let header = &mut self.data.header;
        let offset = reader.range().start;
        if !header.features.exceptions {
            return Err(invalid_at(offset, "exceptions proposal not enabled"));
        }
        check_count(header.tags.len() + reader.count() as usize, MAX_ITEMS, "tags", offset)?;
        header.tags.reserve_or_fail(entries(&reader, 2))?;
        for tag in reader.into_iter_with_offsets() {
            let (offset, tag) = tag.map_err(wrap)?;
            check_tag_type(header, tag.func_type_idx, offset)?;
            header.tags.push(tag.func_type_idx);
        }
        Ok(())
    }

    /// Refuses tags, which need a crate feature.
    #[cfg(not(feature = "exceptions"))]
    #[expect(clippy::needless_pass_by_value, reason = "like the other sections")]
    pub(super) fn tag_section(&mut self, reader: wasmparser::TagSectionReader<'_>) -> Result<(), Error> {
        Err(no_exceptions(&self.data.header, reader.range().start))
    }

    pub(super) fn global_section(&mut self, mut reader: BinaryReader<'_>) -> Result<(), Error> {
        let header = &mut self.data.header;
        let count = reader.read_var_u32().map_err(wrap)?;
        check_count(header.globals.len() + count as usize, MAX_ITEMS, "globals", reader.range().start)?;
        header.globals.reserve_or_fail(entries_left(&reader, count, 4))?;
        self.data.global_inits.reserve_or_fail(entries_left(&reader, count, 4))?;
        for _ in 0..count {
            let offset = reader.original_position();
            let ty = global_type(header, &reader.read().map_err(wrap)?, offset)?;
            self.data.global_inits.push(const_expr(header, &mut reader, ty.content)?);
            header.globals.push(ty);
            header.global_cells += cells_of(ty.content) as u32;
        }
        check_end(&reader)
    }

    pub(super) fn export_section(&mut self, reader: wasmparser::ExportSectionReader<'_>) -> Result<(), Error> {
        let Range { start, end } = reader.range();
        check_count(reader.count() as usize, MAX_ITEMS, "exports", start)?;
        let count = entries(&reader, 3);
        self.data.reserve_exports(count, (end - start) as usize - 3 * count)?;
        for export in reader.into_iter_with_offsets() {
            let (offset, export) = export.map_err(wrap)?;
            let header = &self.data.header;
            let index = export.index;
            let check = |what, count| check_index(index, count, what, offset);
            let index = match export.kind {
                ExternalKind::Func => check("function", header.funcs.len()).map(|()| ExternIndex::Func(index)),
                ExternalKind::Table => check("table", header.tables.len()).map(|()| ExternIndex::Table(index)),
                ExternalKind::Memory => check("memory", header.memories.len()).map(|()| ExternIndex::Memory(index)),
                ExternalKind::Global => check("global", header.globals.len())
                    .and_then(|()| self.check_mutable(*header.global(index), offset))
                    .map(|()| ExternIndex::Global(index)),
                #[cfg(feature = "exceptions")]
                ExternalKind::Tag => check("tag", header.tags.len()).map(|()| ExternIndex::Tag(index)),
                #[cfg(not(feature = "exceptions"))]
                ExternalKind::Tag => Err(no_exceptions(header, offset)),
                ExternalKind::FuncExact => Err(invalid_at(offset, "exports of exact functions are not supported")),
            }?;
            let func = match index {
                ExternIndex::Func(index) => Some(header.funcs[index as usize]),
                #[cfg(feature = "exceptions")]
                ExternIndex::Tag(index) => Some(header.tags[index as usize]),
                _ => None,
            };
            self.add_type_size(func, offset)?;
            if !self.data.push_export(export.name, index) {
                return Err(invalid_at(
                    offset,
                    &format!("duplicate export name `{}` already defined", Escaped(export.name)),
                ));
            }
        }
        Ok(())
    }

    pub(super) fn start_section(&mut self, func: u32, offset: u64) -> Result<(), Error> {
        let header = &self.data.header;
        check_index(func, header.funcs.len(), "function", offset)?;
        let ty = header.func_type(func);
        if !ty.params().is_empty() || !ty.results().is_empty() {
            return Err(invalid_at(offset, "invalid start function type"));
        }
        if !self.config.allow_start_fn {
            return Err(TranslationError::DisallowedStartFn.into());
        }
        self.data.start = Some(func);
        Ok(())
    }

    pub(super) fn element_section(&mut self, mut reader: BinaryReader<'_>) -> Result<(), Error> {
        let count = reader.read_var_u32().map_err(wrap)?;
        check_count(count as usize, MAX_SEGMENTS, "element segments", reader.range().start)?;
        self.data.elements.reserve_or_fail(entries_left(&reader, count, 3))?;
        self.data.header.elements.reserve_or_fail(entries_left(&reader, count, 3))?;
        for _ in 0..count {
            self.element(&mut reader)?;
        }
        check_end(&reader)
    }

    /// Decodes an element segment.
    fn element(&mut self, reader: &mut BinaryReader<'_>) -> Result<(), Error> {
        let header = &mut self.data.header;
        let offset = reader.original_position();
        let flags = reader.read_var_u32().map_err(wrap)?;
        if flags & !(NOT_ACTIVE | EXPLICIT | EXPRESSIONS) != 0 {
            return Err(invalid_at(reader.original_position() - 1, "invalid flags byte in element segment"));
        }
        let mut table = None;
        let mode = if flags & NOT_ACTIVE == 0 {
            let target = if flags & EXPLICIT == 0 { 0 } else { reader.read_var_u32().map_err(wrap)? };
            check_index(target, header.tables.len(), "table", offset)?;
            let ty = header.table(target);
            table = Some(ty.element);
            SegmentMode::Active { target, offset: const_expr(header, reader, ty.index_type())? }
        } else if !header.features.bulk_memory {
            return Err(invalid_at(offset, "bulk memory must be enabled"));
        } else if flags & EXPLICIT == 0 {
            SegmentMode::Passive
        } else {
            SegmentMode::Declared
        };
        let ty = match (flags & EXPRESSIONS != 0, flags & (NOT_ACTIVE | EXPLICIT) != 0) {
            (true, true) => ref_type(header, reader.read().map_err(wrap)?, offset)?,
            (true, false) => ref_type(header, wasmparser::RefType::FUNCREF, offset)?,
            (false, true) if reader.read::<ExternalKind>().map_err(wrap)? != ExternalKind::Func => {
                let message = "only the function external type is supported in elem segment";
                return Err(invalid_at(reader.original_position() - 1, message));
            }
            (false, _) => Ty::reference(Abstract::Func, false),
        };
        if let Some(expected) = table
            && expected != ty
            && !header.types.is_subtype(ty, expected)
        {
            let message = format!("type mismatch: elements of type {ty} for a table of {expected}");
            return Err(invalid_at(offset, &message));
        }
        let len = reader.read_var_u32().map_err(wrap)?;
        if len > MAX_ELEMENTS {
            return Err(invalid_at(offset, "number of elements is out of bounds"));
        }
        let elements = if flags & EXPRESSIONS == 0 {
            let mut funcs = vec_or_fail(entries_left(reader, len, 1))?;
            for _ in 0..len {
                let offset = reader.original_position();
                let func = reader.read_var_u32().map_err(wrap)?;
                check_index(func, header.funcs.len(), "function", offset)?;
                funcs.push(func);
            }
            Elements::Funcs(funcs.into_boxed_slice())
        } else {
            let mut exprs = vec_or_fail(entries_left(reader, len, 2))?;
            for _ in 0..len {
                exprs.push(const_expr(header, reader, ty)?);
            }
            Elements::Exprs(exprs.into_boxed_slice())
        };
        header.elements.push(ty);
        self.data.elements.push(ElementSegment { mode, elements });
        Ok(())
    }

    pub(super) fn data_count_section(&mut self, count: u32, offset: u64) -> Result<(), Error> {
        if !self.config.features.bulk_memory {
            return Err(invalid_at(offset, "data count section requires the bulk-memory proposal"));
        }
        if count as usize > MAX_SEGMENTS {
            return Err(invalid_at(offset, "data count section specifies too many data segments"));
        }
        self.data.header.data_count = Some(count);
        Ok(())
    }

    pub(super) fn data_section(&mut self, mut reader: BinaryReader<'_>) -> Result<(), Error> {
        let count = reader.read_var_u32().map_err(wrap)?;
        check_count(count as usize, MAX_SEGMENTS, "data segments", reader.range().start)?;
        self.data.data.reserve_or_fail(entries_left(&reader, count, 2))?;
        for _ in 0..count {
            let header = &self.data.header;
            let offset = reader.original_position();
            let place = match reader.read_var_u32().map_err(wrap)? {
                NOT_ACTIVE if header.features.bulk_memory => None,
                NOT_ACTIVE => {
                    return Err(invalid_at(offset, "passive data segments require the bulk-memory proposal"));
                }
                flags @ (0 | EXPLICIT) => {
                    let memory = if flags == 0 { 0 } else { reader.read_var_u32().map_err(wrap)? };
                    check_index(memory, header.memories.len(), "memory", offset)?;
                    Some((memory, const_expr(header, &mut reader, header.memory(memory).index_type())?))
                }
                _ => return Err(invalid_at(offset, "invalid flags byte in data segment")),
            };
            let Range { start, end } = reader.read_reader().map_err(wrap)?.range();
            self.data.push_data(start as u32..end as u32, place);
        }
        check_end(&reader)
    }

    pub(super) fn custom_section(&mut self, reader: &wasmparser::CustomSectionReader<'_>) {
        self.data.customs.push(Custom {
            name: reader.name().into(),
            bytes: reader.data_offset() as usize..reader.range().end as usize,
        });
    }
}
