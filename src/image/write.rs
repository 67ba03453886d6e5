//! Writes a module as an artefact.

use alloc::{string::String, vec::Vec};
use core::ops::Range;

use crate::{
    error::{
        Error,
        kinds::{ArtefactError, LimitsError, TranslationError},
        memory::vec_or_fail,
    },
    image::{
        exprs,
        format::{ALIGN, ENTRY, HEADER, Header, Section},
        needs::Needs,
        out::Out,
        types,
    },
    ir::{decode::decode, opcode::OpCode},
    module::{
        data::{ExternIndex, FuncName, ModuleData},
        segment::{DataMode, Elements, SegmentMode},
    },
    runtime::{code::ModuleCode, eager::EagerFunc},
    types::ExternType,
};

/// The text of all names.
#[derive(Default)]
struct Text {
    text: String,
}

impl Text {
    /// Adds a name, and writes where it is to `out`.
    fn add(&mut self, name: &str, out: &mut Vec<u8>) {
        let start = if self.text.ends_with(name) { self.text.len() - name.len() } else { self.text.len() };
        if start == self.text.len() {
            self.text.push_str(name);
        }
        out.number(start as u64);
        out.number(name.len() as u64);
    }
}

/// An artefact that is being written: after room for the header, sections in ascending order.
struct Artefact {
    bytes: Vec<u8>,
    sections: Vec<(Section, Range<u32>)>,
}

/// The greatest number of sections.
const MAX_SECTIONS: usize = 16;

impl Artefact {
    /// Adds a section, unless it is empty. Returns where it begins.
    fn section(&mut self, section: Section, content: &[u8]) -> Result<u32, Error> {
        let start = self.bytes.len().next_multiple_of(ALIGN);
        let end = u32::try_from(start + content.len()).map_err(|_| LimitsError::ModuleTooBig)?;
        if !content.is_empty() {
            self.bytes.try_reserve(end as usize - self.bytes.len()).map_err(|_| LimitsError::OutOfSystemMemory)?;
            self.bytes.resize(start, 0);
            self.bytes.extend_from_slice(content);
            self.sections.push((section, start as u32..end));
        }
        Ok(start as u32)
    }
}

/// Writes a module as an artefact. Translates functions that are not translated yet.
///
/// # Errors
///
/// If a function is invalid, the artefact would be larger than 4 GiB, or there is not enough memory.
pub(crate) fn write(module: &ModuleCode) -> Result<Vec<u8>, Error> {
    let data = &module.data;
    let Code { units, funcs, mut needs } = code(module)?;
    needs.add(Needs::of_header(&data.header));
    if needs.has(Needs::OBJECTS) || data.constants_make_objects() {
        return Err(ArtefactError::Unsupported { what: "objects" }.into());
    }
    if needs.has(Needs::EXCEPTIONS) {
        return Err(ArtefactError::Unsupported { what: "exceptions" }.into());
    }
    let mut artefact = Artefact { bytes: alloc::vec![0; HEADER + ENTRY * MAX_SECTIONS], sections: Vec::new() };
    let mut text = Text::default();
    let mut types = Vec::new();
    types::write(&data.header.types, &mut types);
    let (imports, exports) = (imports(data, &mut text), exports(data, &mut text));
    artefact.section(Section::Types, &types)?;
    artefact.section(Section::Text, text.text.as_bytes())?;
    artefact.section(Section::Imports, &imports)?;
    definitions(data, &mut artefact)?;
    artefact.section(Section::Exports, &exports)?;
    let mut facts = Vec::new();
    facts.option(data.start.map(u64::from));
    facts.option(data.header.data_count.map(u64::from));
    facts.number(data.body_bytes);
    artefact.section(Section::Facts, &facts)?;
    artefact.section(Section::Elements, &elements(data))?;
    let (segments, bytes) = segments(data);
    artefact.section(Section::Data, &segments)?;
    artefact.section(Section::Bodies, &funcs)?;
    artefact.section(Section::Code, &units)?;
    artefact.section(Section::Bytes, &bytes)?;
    let (customs, names) = (customs(data), func_names(data));
    artefact.section(Section::Customs, &customs)?;
    artefact.section(Section::FuncNames, &names)?;
    Header::write(&mut artefact.bytes, &module.config, needs, &artefact.sections);
    Ok(artefact.bytes)
}

/// The code of all functions.
struct Code {
    units: Vec<u8>,
    /// Where each function is.
    funcs: Vec<u8>,
    needs: Needs,
}

/// Collects the code of all functions.
fn code(module: &ModuleCode) -> Result<Code, Error> {
    let mut code = Code { units: Vec::new(), funcs: Vec::new(), needs: Needs::default() };
    let mut translated = Vec::new();
    for index in 0..module.entries.len() as u32 {
        translated.clear();
        let (units, func) = match module.eager_code(index) {
            Some(found) => found,
            None => {
                let lazy = module.lazy().ok_or(TranslationError::NotTranslated)?;
                let func = lazy.translate(&module.data, index, &mut translated)?;
                (&translated[..], func)
            }
        };
        let start = u32::try_from(code.units.len() / 2).map_err(|_| LimitsError::ModuleTooBig)?;
        let func = EagerFunc::new(start, &func)?;
        code.funcs.extend(func.to_bytes());
        code.units.try_reserve(2 * units.len()).map_err(|_| LimitsError::OutOfSystemMemory)?;
        code.units.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
        let mut at = 0;
        while let Some(op) = decode(units, at) {
            code.needs.add(Needs::of_row(op.row));
            code.needs.add(Needs::of_form(OpCode(units[at])));
            at += op.total_units();
        }
    }
    Ok(code)
}

fn imports(data: &ModuleData, text: &mut Text) -> Vec<u8> {
    let mut out = Vec::new();
    if data.imports.is_empty() {
        return out;
    }
    out.number(data.imports.len() as u64);
    let header = &data.header;
    let (mut funcs, mut tables, mut memories, mut globals) =
        (header.funcs.iter(), header.tables.iter(), header.memories.iter(), header.globals.iter());
    for import in &data.imports {
        text.add(data.names.get(import.module), &mut out);
        text.add(data.names.get(import.name), &mut out);
        // The items of each kind are in the order of the imports.
        match &import.ty {
            ExternType::Func(_) => {
                out.push(0);
                out.number(funcs.next().copied().unwrap_or_default().into());
            }
            ExternType::Table(_) => {
                out.push(1);
                tables.next().into_iter().for_each(|table| types::write_table(table, &mut out));
            }
            ExternType::Memory(_) => {
                out.push(2);
                memories.next().into_iter().for_each(|&memory| types::write_memory(memory, &mut out));
            }
            ExternType::Global(_) => {
                out.push(3);
                globals.next().into_iter().for_each(|&global| types::write_global(global, &mut out));
            }
            #[cfg(feature = "exceptions")]
            ExternType::Tag(_) => {}
        }
    }
    out
}

/// Writes the functions, tables, memories and globals that the module defines.
fn definitions(data: &ModuleData, artefact: &mut Artefact) -> Result<(), Error> {
    let header = &data.header;
    let mut funcs = Vec::new();
    let own = &header.funcs[header.imported_funcs as usize..];
    funcs.number(own.len() as u64);
    own.iter().for_each(|&ty| funcs.number(ty.into()));
    let mut tables = Vec::new();
    let own = &header.tables[header.imported_tables as usize..];
    tables.number(own.len() as u64);
    let mut inits = data.table_inits.iter().peekable();
    for (index, table) in (header.imported_tables..).zip(own) {
        types::write_table(table, &mut tables);
        let init = inits.next_if(|(table, _)| *table == index);
        tables.push(init.is_some().into());
        init.into_iter().for_each(|(_, init)| exprs::write(init, &mut tables));
    }
    let mut memories = Vec::new();
    let own = &header.memories[header.imported_memories as usize..];
    memories.number(own.len() as u64);
    own.iter().for_each(|&memory| types::write_memory(memory, &mut memories));
    let mut globals = Vec::new();
    let own = &header.globals[header.imported_globals as usize..];
    globals.number(own.len() as u64);
    for (&global, init) in own.iter().zip(&data.global_inits) {
        types::write_global(global, &mut globals);
        exprs::write(init, &mut globals);
    }
    artefact.section(Section::Funcs, &funcs)?;
    artefact.section(Section::Tables, &tables)?;
    artefact.section(Section::Memories, &memories)?;
    artefact.section(Section::Globals, &globals).map(drop)
}

fn exports(data: &ModuleData, text: &mut Text) -> Vec<u8> {
    let mut out = Vec::new();
    if data.exports.is_empty() {
        return out;
    }
    out.number(data.exports.len() as u64);
    for export in &data.exports {
        text.add(data.names.get(export.name), &mut out);
        let (kind, index) = match export.index {
            ExternIndex::Func(index) => (0, index),
            ExternIndex::Table(index) => (1, index),
            ExternIndex::Memory(index) => (2, index),
            ExternIndex::Global(index) => (3, index),
            #[cfg(feature = "exceptions")]
            ExternIndex::Tag(index) => (4, index),
        };
        out.push(kind);
        out.number(index.into());
    }
    out
}

fn elements(data: &ModuleData) -> Vec<u8> {
    let mut out = Vec::new();
    if data.elements.is_empty() {
        return out;
    }
    out.number(data.elements.len() as u64);
    for (segment, ty) in data.elements.iter().zip(&data.header.elements) {
        match &segment.mode {
            SegmentMode::Passive => out.push(0),
            SegmentMode::Declared => out.push(1),
            SegmentMode::Active { target, offset } => {
                out.push(2);
                out.number((*target).into());
                exprs::write(offset, &mut out);
            }
        }
        out.number(ty.word().into());
        match &segment.elements {
            Elements::Funcs(funcs) => {
                out.push(0);
                out.number(funcs.len() as u64);
                funcs.iter().for_each(|&func| out.number(func.into()));
            }
            Elements::Exprs(exprs) => {
                out.push(1);
                out.number(exprs.len() as u64);
                exprs.iter().for_each(|expr| exprs::write(expr, &mut out));
            }
        }
    }
    out
}

/// Returns the list of data segments, and the bytes of these and of the custom sections, one after the other.
fn segments(data: &ModuleData) -> (Vec<u8>, Vec<u8>) {
    let (mut out, mut bytes) = (Vec::new(), Vec::new());
    if !data.data.is_empty() {
        out.number(data.data.len() as u64);
    }
    for segment in &data.data {
        match segment.mode {
            DataMode::Passive => out.push(0),
            DataMode::At { memory, offset } => {
                out.push(1);
                out.push(memory);
                out.number(offset.into());
            }
            DataMode::Computed(place) => {
                out.push(2);
                let (memory, offset) = &data.data_places[place as usize];
                out.number((*memory).into());
                exprs::write(offset, &mut out);
            }
        }
        out.number(segment.len.into());
        bytes.extend_from_slice(&data.bytes[segment.bytes()]);
    }
    for custom in &data.customs {
        bytes.extend_from_slice(&data.bytes[custom.bytes.clone()]);
    }
    (out, bytes)
}

fn customs(data: &ModuleData) -> Vec<u8> {
    let mut out = Vec::new();
    if !data.customs.is_empty() {
        out.number(data.customs.len() as u64);
    }
    for custom in &data.customs {
        out.number(custom.name.len() as u64);
        out.extend_from_slice(custom.name.as_bytes());
        out.number(custom.bytes.len() as u64);
    }
    out
}

/// Writes the names of functions that the module gives in its section of names: index, length and text of each.
fn func_names(data: &ModuleData) -> Vec<u8> {
    let mut out = Vec::new();
    let Some(find) = data.find_func_names else { return out };
    let Ok(mut names) = vec_or_fail::<FuncName>(data.header.funcs.len()) else { return out };
    names.extend((0..data.header.funcs.len() as u32).map(|func| (func, None)));
    find(data, &mut names);
    for (func, name) in names {
        if let Some(name) = name {
            out.number(func.into());
            out.number(name.len() as u64);
            out.extend_from_slice(name.as_bytes());
        }
    }
    out
}
