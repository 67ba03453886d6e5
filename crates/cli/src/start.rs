//! Replaces the start section of a module by an export, so that the start function can be called like any other.
//!
//! A call can be interrupted and resumed; an instantiation cannot.

use wasmparser::BinaryReader;

/// The first character of the added export's name. A command line cannot contain it.
pub(crate) const ADDED: char = '\0';

/// Magic number and version.
const HEADER_LEN: usize = 8;
const EXPORT_SECTION: u8 = 7;
const START_SECTION: u8 = 8;
const FUNC_EXPORT: u8 = 0;

/// A module with an export in place of its start section.
pub(crate) struct Moved {
    pub(crate) bytes: Vec<u8>,
    /// The name of the export
    pub(crate) name: String,
}

/// Replaces the start section of a valid module. Returns none if the module has no start section.
pub(crate) fn export_start(wasm: &[u8]) -> Option<Moved> {
    let sections = sections(wasm)?;
    let (_, start) = sections.iter().find(|(id, _)| *id == START_SECTION)?;
    let index = reader(start).read_var_u32().ok()?;
    let exports = sections.iter().find(|(id, _)| *id == EXPORT_SECTION).map(|(_, contents)| *contents);
    let name = unused_name(exports)?;
    let mut export = Vec::new();
    write_u32(&mut export, u32::try_from(name.len()).ok()?);
    export.extend_from_slice(name.as_bytes());
    export.push(FUNC_EXPORT);
    write_u32(&mut export, index);

    let mut bytes = wasm.get(..HEADER_LEN)?.to_vec();
    for (id, contents) in &sections {
        match *id {
            EXPORT_SECTION => {
                let mut reader = reader(contents);
                let count = reader.read_var_u32().ok()?.checked_add(1)?;
                let rest = contents.get(reader.current_position()..)?;
                write_section(&mut bytes, EXPORT_SECTION, count, &[rest, &export])?;
            }
            // The export section directly precedes the start section.
            START_SECTION if exports.is_none() => write_section(&mut bytes, EXPORT_SECTION, 1, &[&export])?,
            START_SECTION => {}
            id => {
                bytes.push(id);
                write_u32(&mut bytes, u32::try_from(contents.len()).ok()?);
                bytes.extend_from_slice(contents);
            }
        }
    }
    Some(Moved { bytes, name })
}

/// Returns the ids and contents of all sections.
fn sections(wasm: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut reader = reader(wasm.get(HEADER_LEN..)?);
    let mut sections = Vec::new();
    while !reader.eof() {
        let id = reader.read_u8().ok()?;
        let len = reader.read_var_u32().ok()?;
        sections.push((id, reader.read_bytes(len as usize).ok()?));
    }
    Some(sections)
}

/// Returns a name that no export has.
fn unused_name(exports: Option<&[u8]>) -> Option<String> {
    let mut names = Vec::new();
    if let Some(exports) = exports {
        let mut reader = reader(exports);
        for _ in 0..reader.read_var_u32().ok()? {
            names.push(reader.read_string().ok()?);
            reader.read_u8().ok()?;
            reader.read_var_u32().ok()?;
        }
    }
    let mut name = String::from(ADDED);
    while names.contains(&name.as_str()) {
        name.push(ADDED);
    }
    Some(name)
}

fn reader(bytes: &[u8]) -> BinaryReader<'_> {
    BinaryReader::new(bytes, 0)
}

fn write_section(bytes: &mut Vec<u8>, id: u8, count: u32, parts: &[&[u8]]) -> Option<()> {
    let mut contents = Vec::new();
    write_u32(&mut contents, count);
    for part in parts {
        contents.extend_from_slice(part);
    }
    bytes.push(id);
    write_u32(bytes, u32::try_from(contents.len()).ok()?);
    bytes.extend_from_slice(&contents);
    Some(())
}

/// Writes a number as LEB128.
fn write_u32(bytes: &mut Vec<u8>, mut value: u32) {
    loop {
        let byte = value as u8 & 0x7f;
        value >>= 7;
        if value == 0 {
            bytes.push(byte);
            return;
        }
        bytes.push(byte | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use wasmote::{Engine, ExternType, Module};

    use super::export_start;

    #[test]
    fn start_functions_become_exports() {
        let engine = Engine::default();
        let many: String = (0..200).map(|i| format!(r#"(func (export "f{i}"))"#)).collect();
        for (fields, exports) in [
            (String::new(), 0),
            (r#"(func (export "f")) (memory 1) (data (i32.const 0) "x")"#.into(), 1),
            (r#"(func (export "\00")) (@custom "c" (before start) "x") (table 1 funcref)"#.into(), 1),
            (many, 200),
        ] {
            let wasm = wat::parse_str(format!("(module {fields} (func $s) (start $s))")).expect("valid text");
            let moved = export_start(&wasm).expect("a start function");
            let module = Module::new(&engine, &moved.bytes).expect("a valid module");
            assert_eq!(module.exports().len(), exports + 1);
            assert!(matches!(module.get_export(&moved.name), Some(ExternType::Func(_))), "{:?}", moved.name);
            assert!(export_start(&moved.bytes).is_none(), "the start section is gone");
        }
    }
}
