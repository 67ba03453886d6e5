//! Names of functions, from the custom section `name` (spec, Appendix > Custom Sections).

use wasmparser::{BinaryReader, BinaryReaderError};

use crate::module::data::{FuncName, ModuleData};

/// The subsection with the names of functions.
const FUNCTIONS: u8 = 1;

/// Fills in the names of functions, which are given by their indices, in ascending order. Searches the section at each
/// call.
pub(crate) fn find_func_names(module: &ModuleData, funcs: &mut [FuncName]) {
    let Some(section) = module.customs.iter().find(|custom| &*custom.name == "name") else { return };
    let mut reader = BinaryReader::new(&module.bytes[section.bytes.clone()], 0);
    while !reader.eof() {
        // A malformed section still has the names before the first error.
        if read_subsection(&mut reader, funcs).is_err() {
            return;
        }
    }
}

/// Reads one subsection.
fn read_subsection(section: &mut BinaryReader<'_>, funcs: &mut [FuncName]) -> Result<(), BinaryReaderError> {
    let id = section.read_u8()?;
    let mut reader = section.read_reader()?;
    if id != FUNCTIONS {
        return Ok(());
    }
    for _ in 0..reader.read_var_u32()? {
        let (index, name) = (reader.read_var_u32()?, reader.read_string()?);
        if let Ok(position) = funcs.binary_search_by_key(&index, |&(func, _)| func) {
            funcs[position].1 = Some(name.into());
        }
    }
    Ok(())
}
