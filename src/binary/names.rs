//! Names of functions, from the custom section `name` (spec, Appendix > Custom Sections).

use alloc::vec::Vec;

use wasmparser::{BinaryReader, Name, NameSectionReader};

use crate::module::data::{FuncName, ModuleData};

/// Fills in the names of functions, which are given by their indices. Searches the section at each call.
pub(crate) fn find_func_names(module: &ModuleData, funcs: &mut [FuncName]) {
    let Some(section) = module.customs.iter().find(|custom| &*custom.name == "name") else { return };
    let bytes = &module.bytes[section.bytes.clone()];
    let mut wanted: Vec<u32> = funcs.iter().map(|(func, _)| *func).collect();
    wanted.sort_unstable();
    for names in NameSectionReader::new(BinaryReader::new(bytes, 0)) {
        // A malformed section still has the names before the first error.
        let Ok(names) = names else { return };
        let Name::Function(names) = names else { continue };
        for naming in names {
            let Ok(naming) = naming else { return };
            if wanted.binary_search(&naming.index).is_ok() {
                for (_, name) in funcs.iter_mut().filter(|(func, _)| *func == naming.index) {
                    *name = Some(naming.name.into());
                }
            }
        }
    }
}
