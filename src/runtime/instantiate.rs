//! Instantiation (spec, Execution > Modules > Instantiation), up to the start function.

use alloc::{boxed::Box, sync::Arc};

use crate::{
    error::Error,
    errors::{ImportName, InstantiationError},
    limits::ResourceLimiter,
    module::{
        const_expr::ConstContext,
        data::Import,
        segment::{Elements, SegmentMode},
    },
    runtime::{
        code::ModuleCode,
        func::FuncInst,
        global::GlobalInst,
        instance::{InstanceInst, Owned},
        memory::MemoryInst,
        store::{ExternHandle, Handle, Instances},
        table::TableInst,
    },
    trap::TrapCode,
    types::{ExternType, MemoryType, TableType},
};

/// Makes an instance of `code` and initialises it; the start function is left to the caller.
///
/// # Errors
///
/// If imports do not match, a limit is exceeded, memory cannot be had, or a segment does not fit.
pub(crate) fn instantiate(
    instances: &mut Instances,
    code: &Arc<ModuleCode>,
    imports: &[ExternHandle],
    mut limiter: Option<&mut dyn ResourceLimiter>,
) -> Result<Handle, Error> {
    check_limits(instances, code, limiter.as_deref())?;
    let mut owned = Owned::default();
    take_imports(instances, code, imports, &mut owned)?;
    let header = &code.data.header;
    // The instance comes first: its functions refer to it.
    owned.global_cells = alloc::vec![0; code.data.global_inits.len()].into_boxed_slice();
    owned.data_dropped = alloc::vec![false; code.data.data.len()];
    let index = instances.push_instance(InstanceInst::new(code.clone(), 0, owned))?;
    let instance = instances.instance_ptr(index);

    let funcs: Box<[FuncInst]> = code
        .entries
        .iter()
        .map(|entry| FuncInst {
            entry,
            instance,
            type_id: header.func_type_id(header.imported_funcs + entry.index),
            host: 0,
            index: 0,
        })
        .collect();
    let count = funcs.len() as u32;
    let first = instances.push_funcs(funcs)?;
    // SAFETY: I6, I8: the instance was just made, and nothing runs.
    let this = unsafe { &mut *instance };
    for i in 0..count {
        let func = instances.func_ptr(instances.handle(first + i));
        this.owned_mut().funcs.push(func);
    }
    this.renew();

    for &ty in &header.memories[header.imported_memories as usize..] {
        let memory = MemoryInst::new(ty, None, limiter.as_mut().map(reborrow))
            .map_err(InstantiationError::FailedToInstantiateMemory)?;
        let index = instances.push_memory(memory)?;
        this.owned_mut().memories.push(instances.memory_ptr(index));
        this.owned_mut().memory_handles.push(index);
    }
    this.renew();
    for (i, init) in code.data.global_inits.iter().enumerate() {
        let value = init.eval(&Context { instance: this });
        let ty = header.globals[header.imported_globals as usize + i];
        this.owned_mut().global_cells[i] = value;
        let cell = this.globals.wrapping_add(i);
        let index = instances.push_global(GlobalInst { ty, cell })?;
        this.owned_mut().global_handles.push(index);
    }
    for (i, &ty) in header.tables[header.imported_tables as usize..].iter().enumerate() {
        let init = code.data.table_inits[i].as_ref().map_or(0, |init| init.eval(&Context { instance: this }));
        let table = TableInst::new(ty, init, limiter.as_mut().map(reborrow))
            .map_err(InstantiationError::FailedToInstantiateTable)?;
        let index = instances.push_table(table)?;
        this.owned_mut().tables.push(instances.table_ptr(index));
        this.owned_mut().table_handles.push(index);
    }
    this.renew();
    init_tables(this)?;
    init_memories(this)?;
    Ok(instances.handle(index))
}

/// Shortens the borrow of a limiter.
fn reborrow<'a>(limiter: &'a mut &mut dyn ResourceLimiter) -> &'a mut dyn ResourceLimiter {
    &mut **limiter
}

fn check_limits(
    instances: &Instances,
    code: &ModuleCode,
    limiter: Option<&dyn ResourceLimiter>,
) -> Result<(), InstantiationError> {
    let Some(limiter) = limiter else { return Ok(()) };
    let header = &code.data.header;
    let (current, tables, memories) = instances.counts();
    if current >= limiter.instances() {
        return Err(InstantiationError::TooManyInstances);
    }
    if tables + header.tables.len() - header.imported_tables as usize > limiter.tables() {
        return Err(InstantiationError::TooManyTables);
    }
    if memories + header.memories.len() - header.imported_memories as usize > limiter.memories() {
        return Err(InstantiationError::TooManyMemories);
    }
    Ok(())
}

/// Checks the imports against what the module wants and takes them into the index spaces.
fn take_imports(
    instances: &Instances,
    code: &ModuleCode,
    imports: &[ExternHandle],
    owned: &mut Owned,
) -> Result<(), InstantiationError> {
    let wanted = &code.data.imports;
    if wanted.len() != imports.len() {
        return Err(InstantiationError::MismatchedNumberOfImports { expected: wanted.len(), actual: imports.len() });
    }
    for (wanted, &import) in wanted.iter().zip(imports) {
        check_import(instances, wanted, import)?;
        match import {
            ExternHandle::Func(handle) => owned.funcs.push(instances.func_ptr(handle)),
            ExternHandle::Table(handle) => {
                owned.tables.push(instances.table_ptr(instances.index(handle)));
                owned.table_handles.push(handle.index);
            }
            ExternHandle::Memory(handle) => {
                owned.memories.push(instances.memory_ptr(instances.index(handle)));
                owned.memory_handles.push(handle.index);
            }
            ExternHandle::Global(handle) => {
                owned.imported_globals.push(instances.global(handle).cell);
                owned.global_handles.push(handle.index);
            }
        }
    }
    Ok(())
}

/// The type of something that can be imported.
pub(crate) fn extern_type(instances: &Instances, handle: ExternHandle) -> ExternType {
    match handle {
        ExternHandle::Func(handle) => instances.func_type(handle).into(),
        ExternHandle::Table(handle) => instances.table(handle).ty().into(),
        ExternHandle::Memory(handle) => instances.memory(handle).ty().into(),
        ExternHandle::Global(handle) => instances.global(handle).ty.into(),
    }
}

/// Whether a table or memory of size `actual_min` can stand for a wanted one.
fn limits_match(min: u64, max: Option<u64>, actual_min: u64, actual_max: Option<u64>) -> bool {
    actual_min >= min && max.is_none_or(|max| actual_max.is_some_and(|actual| actual <= max))
}

fn tables_match(wanted: &TableType, actual: &TableType) -> bool {
    wanted.element() == actual.element()
        && wanted.is_64() == actual.is_64()
        && limits_match(wanted.minimum(), wanted.maximum(), actual.minimum(), actual.maximum())
}

fn memories_match(wanted: &MemoryType, actual: &MemoryType) -> bool {
    wanted.page_size_log2() == actual.page_size_log2()
        && wanted.is_64() == actual.is_64()
        && limits_match(wanted.minimum(), wanted.maximum(), actual.minimum(), actual.maximum())
}

fn check_import(instances: &Instances, wanted: &Import, import: ExternHandle) -> Result<(), InstantiationError> {
    let name = || ImportName::new(&wanted.module, &wanted.name);
    match (&wanted.ty, extern_type(instances, import)) {
        (ExternType::Func(expected), ExternType::Func(actual)) if *expected != actual => {
            Err(InstantiationError::FuncTypeMismatch { name: name(), expected: expected.clone(), actual })
        }
        (ExternType::Table(expected), ExternType::Table(actual)) if !tables_match(expected, &actual) => {
            Err(InstantiationError::TableTypeMismatch { name: name(), expected: *expected, actual })
        }
        (ExternType::Memory(expected), ExternType::Memory(actual)) if !memories_match(expected, &actual) => {
            Err(InstantiationError::MemoryTypeMismatch { name: name(), expected: *expected, actual })
        }
        (ExternType::Global(expected), ExternType::Global(actual)) if *expected != actual => {
            Err(InstantiationError::GlobalTypeMismatch { name: name(), expected: *expected, actual })
        }
        (ExternType::Func(_), ExternType::Func(_))
        | (ExternType::Table(_), ExternType::Table(_))
        | (ExternType::Memory(_), ExternType::Memory(_))
        | (ExternType::Global(_), ExternType::Global(_)) => Ok(()),
        (expected, actual) => {
            Err(InstantiationError::ImportTypeMismatch { name: name(), expected: expected.clone(), actual })
        }
    }
}

/// What constant expressions of an instance refer to.
struct Context<'a> {
    instance: &'a InstanceInst,
}

impl ConstContext for Context<'_> {
    fn global(&self, index: u32) -> u64 {
        let owned = self.instance.owned();
        match (index as usize).checked_sub(owned.imported_globals.len()) {
            // SAFETY: I6.
            None => unsafe { *owned.imported_globals[index as usize] },
            Some(own) => owned.global_cells[own],
        }
    }

    fn func_ref(&self, index: u32) -> u64 {
        self.instance.owned().funcs[index as usize] as usize as u64
    }
}

fn init_tables(instance: &mut InstanceInst) -> Result<(), Error> {
    let code = instance.code.clone();
    for segment in &code.data.elements {
        let context = Context { instance };
        let elements: Box<[u64]> = match &segment.elements {
            Elements::Funcs(funcs) => funcs.iter().map(|&func| context.func_ref(func)).collect(),
            Elements::Exprs(exprs) => exprs.iter().map(|expr| expr.eval(&context)).collect(),
        };
        let kept = match &segment.mode {
            SegmentMode::Passive => elements,
            SegmentMode::Declared => Box::default(),
            SegmentMode::Active { target, offset } => {
                let offset = offset.eval(&context);
                let table = instance.owned().tables[*target as usize];
                // SAFETY: I4, I6, I8.
                let table = unsafe { &mut *table };
                let offset = if table.is_64 { offset } else { u64::from(offset as u32) };
                let cells = usize::try_from(offset)
                    .ok()
                    .and_then(|start| table.cells_mut().get_mut(start..start.checked_add(elements.len())?));
                let Some(cells) = cells else {
                    return Err(InstantiationError::ElementSegmentDoesNotFit {
                        table: *target,
                        table_index: offset,
                        len: elements.len() as u32,
                    }
                    .into());
                };
                cells.copy_from_slice(&elements);
                Box::default()
            }
        };
        instance.owned_mut().elements.push(kept);
    }
    Ok(())
}

fn init_memories(instance: &mut InstanceInst) -> Result<(), Error> {
    let code = instance.code.clone();
    // All element segments exist by now; data segments that are not used yet are passive.
    for (i, segment) in code.data.data.iter().enumerate() {
        let SegmentMode::Active { target, offset } = &segment.mode else {
            continue;
        };
        let offset = offset.eval(&Context { instance });
        let memory = instance.owned().memories[*target as usize];
        // SAFETY: I4, I6, I8.
        let memory = unsafe { &mut *memory };
        let offset = if memory.is_64 { offset } else { u64::from(offset as u32) };
        let bytes = &code.data.bytes[segment.bytes.clone()];
        let place = usize::try_from(offset)
            .ok()
            .and_then(|start| memory.data_mut().get_mut(start..start.checked_add(bytes.len())?));
        let Some(place) = place else {
            return Err(TrapCode::MemoryOutOfBounds.into());
        };
        place.copy_from_slice(bytes);
        instance.owned_mut().data_dropped[i] = true;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::limits_match;

    #[test]
    fn limits_of_imports() {
        assert!(limits_match(1, None, 1, None));
        assert!(limits_match(1, Some(3), 2, Some(3)));
        assert!(!limits_match(2, None, 1, None));
        assert!(!limits_match(1, Some(3), 1, None));
        assert!(!limits_match(1, Some(3), 1, Some(4)));
    }
}
