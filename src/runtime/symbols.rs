//! Finds functions, files and lines of sources in the debug information of a module (WebAssembly Tool Conventions, DWARF for
//! WebAssembly: code addresses are offsets in the code section).

use alloc::{boxed::Box, vec::Vec};

use addr2line::{
    Context,
    gimli::{Dwarf, EndianSlice, Error, LittleEndian},
};

use crate::{error::backtrace::FrameSymbol, module::data::ModuleData};

/// Returns what is known about operators, which are given by their offsets in the module: for each of them the innermost inlined
/// function first.
pub(super) fn symbols(data: &ModuleData, offsets: &[Option<u32>]) -> Vec<Vec<FrameSymbol>> {
    let section = |name: &str| {
        let custom = data.customs.iter().find(|custom| *custom.name == *name);
        custom.map_or(&[][..], |custom| &data.bytes[custom.bytes.clone()])
    };
    if section(".debug_info").is_empty() {
        return Vec::new();
    }
    let dwarf = Dwarf::load(|id| Ok::<_, Error>(EndianSlice::new(section(id.name()), LittleEndian)));
    let Ok(context) = dwarf.and_then(Context::from_dwarf) else { return Vec::new() };
    let all = offsets.iter().map(|offset| {
        let address = offset.and_then(|offset| offset.checked_sub(data.code_start));
        address.map(|address| find(&context, address.into())).unwrap_or_default()
    });
    all.collect()
}

/// Returns the functions that the operator at an address is in. Malformed debug information says nothing.
fn find(context: &Context<EndianSlice<'_, LittleEndian>>, address: u64) -> Vec<FrameSymbol> {
    let mut found = Vec::new();
    let Ok(mut frames) = context.find_frames(address).skip_all_loads() else { return found };
    while let Ok(Some(frame)) = frames.next() {
        let name = frame.function.as_ref().and_then(|name| name.demangle().ok());
        let location = frame.location.as_ref();
        found.push(FrameSymbol {
            name: name.map(Box::from),
            file: location.and_then(|location| location.file).map(Box::from),
            line: location.and_then(|location| location.line),
            column: location.and_then(|location| location.column),
        });
    }
    found
}
