//! The functions of a module without their code: names, types, positions.

use std::{collections::BTreeMap, fmt::Write as _, ops::Range};

use wasmparser::{ExternalKind, FuncType, KnownCustom, Name, Payload, TypeRef};

use crate::names::escape;

/// A function.
#[derive(Default)]
pub(crate) struct FuncInfo {
    /// The index of its type
    ty: u32,
    /// The module and the name that it is imported by
    pub(crate) import: Option<(String, String)>,
    /// Its name in the name section
    name: Option<String>,
    exports: Vec<String>,
    /// The position of its body in the bytes, from the local declarations on
    pub(crate) body: Option<Range<u64>>,
}

/// The functions of a module, by index.
#[derive(Default)]
pub(crate) struct Funcs {
    types: Vec<FuncType>,
    pub(crate) funcs: Vec<FuncInfo>,
    /// Whether the module has a start function
    pub(crate) has_start: bool,
}

impl Funcs {
    /// Reads as much of a module as possible. The module may be invalid.
    pub(crate) fn of(wasm: &[u8]) -> Self {
        let mut funcs = Self::default();
        // Reading ends at the first error. Everything before it is usable.
        let _ = funcs.read(wasm);
        funcs
    }

    fn read(&mut self, wasm: &[u8]) -> wasmparser::Result<()> {
        let mut exports = Vec::new();
        let mut names = BTreeMap::new();
        let mut bodies = Vec::new();
        // An error in one section says nothing about the sections before it.
        let result = self.sections(wasm, &mut exports, &mut names, &mut bodies);
        let defined = self.funcs.iter_mut().filter(|func| func.import.is_none());
        for (func, body) in defined.zip(bodies) {
            func.body = Some(body);
        }
        for (index, name) in exports {
            if let Some(func) = self.funcs.get_mut(index as usize) {
                func.exports.push(name);
            }
        }
        for (index, name) in names {
            if let Some(func) = self.funcs.get_mut(index as usize) {
                func.name = Some(name);
            }
        }
        result
    }

    fn sections(
        &mut self,
        wasm: &[u8],
        exports: &mut Vec<(u32, String)>,
        names: &mut BTreeMap<u32, String>,
        bodies: &mut Vec<Range<u64>>,
    ) -> wasmparser::Result<()> {
        for payload in wasmparser::Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(section) => {
                    for ty in section.into_iter_err_on_gc_types() {
                        self.types.push(ty?);
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        if let TypeRef::Func(ty) = import.ty {
                            let name = Some((import.module.to_owned(), import.name.to_owned()));
                            self.funcs.push(FuncInfo { ty, import: name, ..FuncInfo::default() });
                        }
                    }
                }
                Payload::FunctionSection(section) => {
                    for ty in section {
                        self.funcs.push(FuncInfo { ty: ty?, ..FuncInfo::default() });
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        if export.kind == ExternalKind::Func {
                            exports.push((export.index, export.name.to_owned()));
                        }
                    }
                }
                Payload::StartSection { .. } => self.has_start = true,
                Payload::CodeSectionEntry(body) => bodies.push(body.range()),
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(section) = section.as_known() {
                        for subsection in section {
                            if let Ok(Name::Function(map)) = subsection {
                                names.extend(
                                    map.into_iter().flatten().map(|naming| (naming.index, naming.name.to_owned())),
                                );
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Returns a function's index, with its name if it has one.
    pub(crate) fn describe(&self, index: u32) -> String {
        let name = self.funcs.get(index as usize).and_then(FuncInfo::best_name);
        name.map_or_else(|| index.to_string(), |name| format!("{index} `{}`", escape(name)))
    }

    /// Returns names, exports and type of a function.
    pub(crate) fn header(&self, index: usize) -> String {
        let Some(func) = self.funcs.get(index) else { return format!("func {index}") };
        let mut header = format!("func {index}");
        let write = &mut header;
        // Writing to a string does not fail.
        let _ = func.name.iter().try_for_each(|name| write!(write, " ${}", escape(name)));
        let _ = func.import.iter().try_for_each(|(module, name)| write!(write, " (import {module:?} {name:?})"));
        let _ = func.exports.iter().try_for_each(|name| write!(write, " (export {name:?})"));
        if let Some(ty) = self.types.get(func.ty as usize) {
            let list =
                |types: &[wasmparser::ValType]| types.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let _ = write!(write, ": ({}) -> ({})", list(ty.params()), list(ty.results()));
        }
        header
    }

    /// Finds the function of an index, a name or an export.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        if let Ok(index) = name.parse() {
            return (index < self.funcs.len()).then_some(index);
        }
        let name = name.strip_prefix('$').unwrap_or(name);
        let exported = self.funcs.iter().position(|func| func.exports.iter().any(|export| export == name));
        exported.or_else(|| self.funcs.iter().position(|func| func.name.as_deref() == Some(name)))
    }
}

impl FuncInfo {
    /// Returns the name in the name section, or else the name of an export.
    pub(crate) fn best_name(&self) -> Option<&str> {
        self.name.as_deref().or_else(|| self.exports.first().map(String::as_str))
    }
}
