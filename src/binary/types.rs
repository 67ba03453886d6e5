//! Types outside of function bodies: decoded, and valid (spec, Validation > Types).

use alloc::{format, vec::Vec};

use wasmparser::BinaryReader;

use crate::{
    binary::invalid::{invalid_at, wrap},
    error::Error,
    module::env::ModuleHeader,
    types::{FuncType, GlobalType, MemoryType, Mutability, RefType, TableType, ValType},
    validate,
};

/// The greatest number of parameters, and of results: what the JavaScript interface asks for.
const MAX_VALUES: usize = 1000;

/// The type as the library knows it, if it is enabled.
pub(super) fn val_type(header: &ModuleHeader, ty: wasmparser::ValType, offset: u64) -> Result<ValType, Error> {
    validate::val_type(header, ty).map_err(|message| invalid_at(offset, message))
}

/// The type of elements of a segment.
pub(super) fn ref_type(header: &ModuleHeader, ty: wasmparser::RefType, offset: u64) -> Result<RefType, Error> {
    match val_type(header, wasmparser::ValType::Ref(ty), offset)? {
        ValType::ExternRef => Ok(RefType::Extern),
        _ => Ok(RefType::Func),
    }
}

/// Decodes a function type behind its first byte. `scratch` is for its parameters and results.
pub(super) fn func_type(
    header: &ModuleHeader,
    reader: &mut BinaryReader<'_>,
    scratch: &mut Vec<ValType>,
) -> Result<FuncType, Error> {
    let start = reader.original_position();
    scratch.clear();
    let mut list = |what| -> Result<usize, Error> {
        for _ in 0..reader.read_size(MAX_VALUES, what).map_err(wrap)? {
            let offset = reader.original_position();
            scratch.push(val_type(header, reader.read().map_err(wrap)?, offset)?);
        }
        Ok(scratch.len())
    };
    let params = list("function params")?;
    let results = list("function returns")? - params;
    if results > 1 && !header.features.multi_value {
        let message = "func type returns multiple values but the multi-value feature is not enabled";
        return Err(invalid_at(start, message));
    }
    let (params, results) = scratch.split_at(params);
    Ok(FuncType::new(params.iter().copied(), results.iter().copied()))
}

/// Checks that limits are in order and no greater than `greatest`; what they are of is `what`.
fn check_limits(minimum: u64, maximum: Option<u64>, greatest: u64, what: &str, offset: u64) -> Result<(), Error> {
    if maximum.is_some_and(|maximum| maximum < minimum) {
        return Err(invalid_at(offset, "size minimum must not be greater than maximum"));
    }
    if maximum.unwrap_or(minimum) > greatest {
        return Err(invalid_at(offset, &format!("{what} size must be at most {greatest:#x}")));
    }
    Ok(())
}

pub(super) fn table_type(header: &ModuleHeader, ty: &wasmparser::TableType, offset: u64) -> Result<TableType, Error> {
    // Tables of functions are older than types of references.
    let element = match ty.element_type {
        wasmparser::RefType::FUNCREF => RefType::Func,
        ty => ref_type(header, ty, offset)?,
    };
    let fail = |message| Err(invalid_at(offset, message));
    if ty.table64 && !header.features.memory64 {
        return fail("memory64 must be enabled for 64-bit tables");
    }
    if ty.shared {
        return fail("shared tables require the shared-everything-threads proposal");
    }
    let greatest = if ty.table64 { u64::MAX } else { u64::from(u32::MAX) };
    check_limits(ty.initial, ty.maximum, greatest, "table", offset)?;
    Ok(if ty.table64 {
        TableType::new64(element, ty.initial, ty.maximum)
    } else {
        TableType::new(element, ty.initial as u32, ty.maximum.map(|maximum| maximum as u32))
    })
}

pub(super) fn memory_type(
    header: &ModuleHeader,
    ty: &wasmparser::MemoryType,
    offset: u64,
) -> Result<MemoryType, Error> {
    let fail = |message| Err(invalid_at(offset, message));
    if ty.memory64 && !header.features.memory64 {
        return fail("memory64 must be enabled for 64-bit memories");
    }
    if ty.shared {
        return fail("threads must be enabled for shared memories");
    }
    if ty.page_size_log2.is_some() && !header.features.custom_page_sizes {
        return fail("the custom page sizes proposal must be enabled to customize a memory's page size");
    }
    let greatest = match (ty.memory64, ty.page_size_log2) {
        (false, None | Some(16)) => 1 << 16,
        (false, Some(0)) => u64::from(u32::MAX),
        (true, None | Some(16)) => 1 << 48,
        (true, Some(0)) => u64::MAX,
        _ => return fail("invalid custom page size"),
    };
    check_limits(ty.initial, ty.maximum, greatest, "memory", offset)?;
    let mut builder = MemoryType::builder();
    builder.memory64(ty.memory64).min(ty.initial).max(ty.maximum);
    if let Some(log2) = ty.page_size_log2 {
        builder.page_size_log2(log2 as u8);
    }
    builder.build().or_else(|_| fail("memory size must be at most the address space"))
}

pub(super) fn global_type(
    header: &ModuleHeader,
    ty: &wasmparser::GlobalType,
    offset: u64,
) -> Result<GlobalType, Error> {
    let content = val_type(header, ty.content_type, offset)?;
    if ty.shared {
        return Err(invalid_at(offset, "shared globals require the shared-everything-threads proposal"));
    }
    Ok(GlobalType::new(content, if ty.mutable { Mutability::Var } else { Mutability::Const }))
}
