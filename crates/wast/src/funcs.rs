//! The functions of a module: their number, exports and names.

use wasmparser::{ExternalKind, KnownCustom, Name, NameSectionReader, Parser, Payload, TypeRef};

/// The functions of a valid module.
#[derive(Default)]
pub(crate) struct Funcs<'a> {
    /// The size of the index space
    pub(crate) count: u32,
    /// The exported functions by name and index
    pub(crate) exports: Vec<(&'a str, u32)>,
    names: Option<NameSectionReader<'a>>,
}

impl<'a> Funcs<'a> {
    /// Reads the functions of a valid module.
    pub(crate) fn new(module: &'a [u8]) -> Self {
        let mut funcs = Self::default();
        for payload in Parser::new(0).parse_all(module).filter_map(Result::ok) {
            match payload {
                Payload::ImportSection(imports) => {
                    let types = imports.into_imports().filter_map(Result::ok).map(|import| import.ty);
                    let imported = types.filter(|ty| matches!(ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                    funcs.count += imported.map(|_| 1).sum::<u32>();
                }
                Payload::FunctionSection(section) => funcs.count += section.count(),
                Payload::ExportSection(section) => {
                    let exports = section.into_iter().filter_map(Result::ok);
                    let exported = exports.filter(|export| export.kind == ExternalKind::Func);
                    funcs.exports.extend(exported.map(|export| (export.name, export.index)));
                }
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(names) = section.as_known() {
                        funcs.names = Some(names);
                    }
                }
                _ => {}
            }
        }
        funcs
    }

    /// Returns the index of the function that the name section gives this name.
    pub(crate) fn named(&self, name: &str) -> Option<u32> {
        let mut maps = self.names.clone()?.filter_map(|subsection| match subsection {
            Ok(Name::Function(map)) => Some(map),
            _ => None,
        });
        maps.next()?.filter_map(Result::ok).find(|naming| naming.name == name).map(|naming| naming.index)
    }
}
