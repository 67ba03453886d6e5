//! One function per section. Sections are validated before they come here, unless the module is
//! loaded without validation.

use alloc::{sync::Arc, vec::Vec};

use wasmparser::{
    BinaryReaderError, CompositeInnerType, ConstExpr as WasmConstExpr, DataKind, ElementItems, ElementKind,
    ExternalKind, Operator, TableInit, TypeRef, ValType as WasmValType,
};

use crate::{
    binary::load::{Loader, invalid},
    error::Error,
    errors::EnforcedLimitsError,
    module::{
        const_expr::{ConstExpr, ConstOp},
        data::{Export, ExternIndex, Import},
        segment::{DataSegment, ElementSegment, Elements, SegmentMode},
    },
    types::{ExternType, FuncType, GlobalType, MemoryType, Mutability, RefType, TableType, ValType},
};

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands the error over")]
fn wrap(error: BinaryReaderError) -> Error {
    invalid(&error)
}

/// The type as the library knows it, if it does.
fn val_type(ty: WasmValType, offset: u64) -> Result<ValType, Error> {
    match ty {
        WasmValType::I32 => Ok(ValType::I32),
        WasmValType::I64 => Ok(ValType::I64),
        WasmValType::F32 => Ok(ValType::F32),
        WasmValType::F64 => Ok(ValType::F64),
        WasmValType::Ref(ty) => ref_type(ty, offset).map(ValType::from),
        WasmValType::V128 => Err(unsupported("vectors", offset)),
    }
}

fn ref_type(ty: wasmparser::RefType, offset: u64) -> Result<RefType, Error> {
    if ty == wasmparser::RefType::FUNCREF {
        Ok(RefType::Func)
    } else if ty == wasmparser::RefType::EXTERNREF {
        Ok(RefType::Extern)
    } else {
        Err(unsupported("typed references", offset))
    }
}

fn unsupported(what: &str, offset: u64) -> Error {
    Error::invalid_wasm(&alloc::format!("{what} are not supported"), offset as usize, None)
}

fn table_type(ty: &wasmparser::TableType, offset: u64) -> Result<TableType, Error> {
    let element = ref_type(ty.element_type, offset)?;
    if ty.maximum.is_some_and(|maximum| maximum < ty.initial) {
        return Err(Error::invalid_wasm("size minimum must not be greater than maximum", offset as usize, None));
    }
    let bits32 = |limit: u64| u32::try_from(limit).unwrap_or(u32::MAX);
    Ok(if ty.table64 {
        TableType::new64(element, ty.initial, ty.maximum)
    } else {
        TableType::new(element, bits32(ty.initial), ty.maximum.map(bits32))
    })
}

fn memory_type(ty: &wasmparser::MemoryType, offset: u64) -> Result<MemoryType, Error> {
    let mut builder = MemoryType::builder();
    builder.memory64(ty.memory64).min(ty.initial).max(ty.maximum);
    if let Some(log2) = ty.page_size_log2 {
        builder.page_size_log2(u8::try_from(log2).unwrap_or(u8::MAX));
    }
    builder
        .build()
        .map_err(|_| Error::invalid_wasm("memory size must be at most the address space", offset as usize, None))
}

fn global_type(ty: &wasmparser::GlobalType, offset: u64) -> Result<GlobalType, Error> {
    let mutability = if ty.mutable { Mutability::Var } else { Mutability::Const };
    Ok(GlobalType::new(val_type(ty.content_type, offset)?, mutability))
}

fn const_expr(expr: &WasmConstExpr<'_>) -> Result<ConstExpr, Error> {
    let mut ops = Vec::new();
    let mut reader = expr.get_operators_reader();
    while !reader.eof() {
        let offset = reader.original_position();
        ops.push(match reader.read().map_err(wrap)? {
            Operator::I32Const { value } => ConstOp::Const(u64::from(value.cast_unsigned())),
            Operator::I64Const { value } => ConstOp::Const(value.cast_unsigned()),
            Operator::F32Const { value } => ConstOp::Const(u64::from(value.bits())),
            Operator::F64Const { value } => ConstOp::Const(value.bits()),
            Operator::RefNull { .. } => ConstOp::Const(0),
            Operator::GlobalGet { global_index } => ConstOp::GlobalGet(global_index),
            Operator::RefFunc { function_index } => ConstOp::RefFunc(function_index),
            Operator::I32Add => ConstOp::I32Add,
            Operator::I32Sub => ConstOp::I32Sub,
            Operator::I32Mul => ConstOp::I32Mul,
            Operator::I64Add => ConstOp::I64Add,
            Operator::I64Sub => ConstOp::I64Sub,
            Operator::I64Mul => ConstOp::I64Mul,
            Operator::End => break,
            _ => return Err(unsupported("other operators in constant expressions", offset)),
        });
    }
    Ok(match ops[..] {
        [op] => ConstExpr::One(op),
        _ => ConstExpr::Many(ops),
    })
}

impl Loader<'_> {
    pub(super) fn type_section(&mut self, reader: wasmparser::TypeSectionReader<'_>) -> Result<(), Error> {
        let limits = self.config.enforced_limits;
        for group in reader {
            for (offset, ty) in group.map_err(wrap)?.into_types_and_offsets() {
                let CompositeInnerType::Func(ty) = &ty.composite_type.inner else {
                    return Err(unsupported("types other than function types", offset));
                };
                let types = |types: &[WasmValType]| -> Result<Vec<ValType>, Error> {
                    types.iter().map(|&ty| val_type(ty, offset)).collect()
                };
                let ty = FuncType::new(types(ty.params())?, types(ty.results())?);
                if let Some(limit) = limits.max_params.filter(|&limit| ty.params().len() > limit) {
                    return Err(EnforcedLimitsError::TooManyParameters { limit }.into());
                }
                if let Some(limit) = limits.max_results.filter(|&limit| ty.results().len() > limit) {
                    return Err(EnforcedLimitsError::TooManyResults { limit }.into());
                }
                self.data.header.type_ids.push(self.types.id(&ty));
                self.data.header.types.push(ty);
            }
        }
        Ok(())
    }

    pub(super) fn import_section(&mut self, reader: wasmparser::ImportSectionReader<'_>) -> Result<(), Error> {
        let mut offset = reader.range().start;
        for import in reader.into_imports_with_offsets() {
            let (at, import) = import.map_err(wrap)?;
            offset = offset.max(at);
            let header = &mut self.data.header;
            let ty: ExternType = match import.ty {
                TypeRef::Func(ty) => {
                    header.funcs.push(ty);
                    header.imported_funcs += 1;
                    let Some(ty) = header.types.get(ty as usize) else {
                        return Err(Error::invalid_wasm("unknown type", offset as usize, None));
                    };
                    ty.clone().into()
                }
                TypeRef::Table(ty) => {
                    let ty = table_type(&ty, offset)?;
                    header.tables.push(ty);
                    header.imported_tables += 1;
                    ty.into()
                }
                TypeRef::Memory(ty) => {
                    let ty = memory_type(&ty, offset)?;
                    header.memories.push(ty);
                    header.imported_memories += 1;
                    ty.into()
                }
                TypeRef::Global(ty) => {
                    let ty = global_type(&ty, offset)?;
                    header.globals.push(ty);
                    header.imported_globals += 1;
                    ty.into()
                }
                _ => return Err(unsupported("imports of tags or exact functions", offset)),
            };
            self.data.imports.push(Import { module: import.module.into(), name: import.name.into(), ty });
        }
        Ok(())
    }

    pub(super) fn function_section(&mut self, reader: wasmparser::FunctionSectionReader<'_>) -> Result<(), Error> {
        for ty in reader {
            self.data.header.funcs.push(ty.map_err(wrap)?);
        }
        Ok(())
    }

    pub(super) fn table_section(&mut self, reader: wasmparser::TableSectionReader<'_>) -> Result<(), Error> {
        let offset = reader.range().start;
        for table in reader {
            let table = table.map_err(wrap)?;
            self.data.header.tables.push(table_type(&table.ty, offset)?);
            self.data.table_inits.push(match table.init {
                TableInit::RefNull => None,
                TableInit::Expr(expr) => Some(const_expr(&expr)?),
            });
        }
        Ok(())
    }

    pub(super) fn memory_section(&mut self, reader: wasmparser::MemorySectionReader<'_>) -> Result<(), Error> {
        let offset = reader.range().start;
        for memory in reader {
            let ty = memory_type(&memory.map_err(wrap)?, offset)?;
            self.data.header.memories.push(ty);
        }
        Ok(())
    }

    pub(super) fn global_section(&mut self, reader: wasmparser::GlobalSectionReader<'_>) -> Result<(), Error> {
        let offset = reader.range().start;
        for global in reader {
            let global = global.map_err(wrap)?;
            self.data.header.globals.push(global_type(&global.ty, offset)?);
            self.data.global_inits.push(const_expr(&global.init_expr)?);
        }
        Ok(())
    }

    pub(super) fn export_section(&mut self, reader: wasmparser::ExportSectionReader<'_>) -> Result<(), Error> {
        let offset = reader.range().start;
        for export in reader {
            let export = export.map_err(wrap)?;
            let index = match export.kind {
                ExternalKind::Func => ExternIndex::Func(export.index),
                ExternalKind::Table => ExternIndex::Table(export.index),
                ExternalKind::Memory => ExternIndex::Memory(export.index),
                ExternalKind::Global => ExternIndex::Global(export.index),
                _ => return Err(unsupported("exports of tags", offset)),
            };
            let name: Arc<str> = export.name.into();
            self.data.export_names.insert(name.clone(), self.data.exports.len());
            self.data.exports.push(Export { name, index });
        }
        Ok(())
    }

    pub(super) fn element_section(&mut self, reader: wasmparser::ElementSectionReader<'_>) -> Result<(), Error> {
        for element in reader {
            let element = element.map_err(wrap)?;
            let mode = match element.kind {
                ElementKind::Passive => SegmentMode::Passive,
                ElementKind::Declared => SegmentMode::Declared,
                ElementKind::Active { table_index, offset_expr } => {
                    SegmentMode::Active { target: table_index.unwrap_or(0), offset: const_expr(&offset_expr)? }
                }
            };
            let elements = match element.items {
                ElementItems::Functions(funcs) => {
                    self.data.header.elements.push(RefType::Func);
                    Elements::Funcs(funcs.into_iter().collect::<Result<_, _>>().map_err(wrap)?)
                }
                ElementItems::Expressions(ty, exprs) => {
                    self.data.header.elements.push(ref_type(ty, exprs.original_position())?);
                    let mut elements = Vec::new();
                    for expr in exprs {
                        elements.push(const_expr(&expr.map_err(wrap)?)?);
                    }
                    Elements::Exprs(elements)
                }
            };
            self.data.elements.push(ElementSegment { mode, elements });
        }
        Ok(())
    }

    pub(super) fn data_section(&mut self, reader: wasmparser::DataSectionReader<'_>) -> Result<(), Error> {
        for segment in reader {
            let segment = segment.map_err(wrap)?;
            let mode = match segment.kind {
                DataKind::Passive => SegmentMode::Passive,
                DataKind::Active { memory_index, offset_expr } => {
                    SegmentMode::Active { target: memory_index, offset: const_expr(&offset_expr)? }
                }
            };
            let end = segment.range.end as usize;
            self.data.data.push(DataSegment { mode, bytes: end - segment.data.len()..end });
        }
        Ok(())
    }
}
