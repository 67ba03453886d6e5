//! Decodes and validates types outside of function bodies (spec, Validation > Types).

use alloc::format;

use wasmparser::BinaryReader;

use crate::{
    binary::invalid::{invalid_at, wrap},
    error::Error,
    module::{
        env::ModuleHeader,
        types::{GlobalTy, TableTy},
    },
    types::{MemoryType, Mutability, TableType, kinds::CompositeKind, repr::Ty},
    validate,
};

/// The greatest number of parameters, and of results, from the JavaScript interface.
const MAX_VALUES: usize = 1000;
/// The greatest number of fields of a struct, from the JavaScript interface.
const MAX_FIELDS: usize = 10_000;

/// Converts a type of the parser, if the configuration allows it.
pub(super) fn val_type(header: &ModuleHeader, ty: wasmparser::ValType, offset: u64) -> Result<Ty, Error> {
    validate::val_type(header, ty).map_err(|message| invalid_at(offset, message))
}

/// Converts a reference type of the parser.
pub(super) fn ref_type(header: &ModuleHeader, ty: wasmparser::RefType, offset: u64) -> Result<Ty, Error> {
    val_type(header, wasmparser::ValType::Ref(ty), offset)
}

/// Decodes a function type, after its first byte. Adds its parameters and results to the words of the header's types,
/// and returns the numbers of both.
pub(super) fn func_type(header: &mut ModuleHeader, reader: &mut BinaryReader<'_>) -> Result<(usize, usize), Error> {
    let start = reader.original_position();
    let mut list = |what| -> Result<usize, Error> {
        let count = reader.read_size(MAX_VALUES, what).map_err(wrap)?;
        for _ in 0..count {
            let offset = reader.original_position();
            let ty = val_type(header, reader.read().map_err(wrap)?, offset)?;
            header.types.push_value(ty);
        }
        Ok(count)
    };
    let params = list("function params")?;
    let results = list("function returns")?;
    if results > 1 && !header.features.multi_value {
        let message = "func type returns multiple values but the multi-value feature is not enabled";
        return Err(invalid_at(start, message));
    }
    Ok((params, results))
}

/// Decodes a struct or array type, after its first byte. Adds its fields to the words of the header's types, and returns
/// their number.
pub(super) fn fields(
    header: &mut ModuleHeader,
    reader: &mut BinaryReader<'_>,
    kind: CompositeKind,
) -> Result<usize, Error> {
    let count =
        if kind == CompositeKind::Struct { reader.read_size(MAX_FIELDS, "struct fields").map_err(wrap)? } else { 1 };
    for _ in 0..count {
        let offset = reader.original_position();
        let ty = match reader.read().map_err(wrap)? {
            wasmparser::StorageType::I8 => Ty::I8,
            wasmparser::StorageType::I16 => Ty::I16,
            wasmparser::StorageType::Val(ty) => val_type(header, ty, offset)?,
        };
        let mutability = match reader.read_u8().map_err(wrap)? {
            0 => Mutability::Const,
            1 => Mutability::Var,
            _ => return Err(invalid_at(offset, "malformed mutability byte for field type")),
        };
        header.types.push_field(ty, mutability);
    }
    Ok(count)
}

/// Checks that the minimum is not above the maximum, and both are at most `greatest`. Errors name the item `what`.
fn check_limits(minimum: u64, maximum: Option<u64>, greatest: u64, what: &str, offset: u64) -> Result<(), Error> {
    if maximum.is_some_and(|maximum| maximum < minimum) {
        return Err(invalid_at(offset, "size minimum must not be greater than maximum"));
    }
    if maximum.unwrap_or(minimum) > greatest {
        return Err(invalid_at(offset, &format!("{what} size must be at most {greatest:#x}")));
    }
    Ok(())
}

pub(super) fn table_type(header: &ModuleHeader, ty: &wasmparser::TableType, offset: u64) -> Result<TableTy, Error> {
    // Tables of functions are part of WebAssembly 1.0, which has no types of references.
    let element = match ty.element_type {
        wasmparser::RefType::FUNCREF => Ty::FUNCREF,
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
    let public = header.types.ref_type(element);
    let ty = if ty.table64 {
        TableType::new64(public, ty.initial, ty.maximum)
    } else {
        TableType::new(public, ty.initial as u32, ty.maximum.map(|maximum| maximum as u32))
    };
    Ok(TableTy { element, ty })
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
    if ty.shared && !header.features.threads {
        return fail("threads must be enabled for shared memories");
    }
    if ty.shared && cfg!(not(feature = "threads")) {
        return fail("shared memories need the crate feature `threads`");
    }
    if ty.shared && ty.maximum.is_none() {
        return fail("shared memory must have maximum size");
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
    builder.memory64(ty.memory64).shared(ty.shared).min(ty.initial).max(ty.maximum);
    if let Some(log2) = ty.page_size_log2 {
        builder.page_size_log2(log2 as u8);
    }
    builder.build().or_else(|_| fail("memory size must be at most the address space"))
}

pub(super) fn global_type(header: &ModuleHeader, ty: &wasmparser::GlobalType, offset: u64) -> Result<GlobalTy, Error> {
    let content = val_type(header, ty.content_type, offset)?;
    if ty.shared {
        return Err(invalid_at(offset, "shared globals require the shared-everything-threads proposal"));
    }
    let mutability = if ty.mutable { Mutability::Var } else { Mutability::Const };
    Ok(GlobalTy { content, mutability, cell: header.global_cells })
}
