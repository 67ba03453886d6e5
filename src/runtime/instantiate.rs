//! Instantiation (spec, Execution > Modules > Instantiation), without the call of the start function.

use alloc::sync::Arc;

use crate::{
    error::Error,
    error::kinds::{ImportName, InstantiationError, TableError},
    limits::{ResourceLimiter, StoreLimiter},
    module::{
        data::{Import as WantedImport, Names},
        segment::{DataMode, SegmentMode},
    },
    runtime::{
        code::ModuleCode,
        constants::Constants,
        global::GlobalInst,
        instance::InstanceInst,
        instances::{ExternHandle, Handle, Instances},
        memory::MemoryInst,
        pages::zeros,
        table::TableInst,
    },
    trap::TrapCode,
    types::{ExternType, GlobalType, MemoryType, TableType},
};

/// An item that the embedder provides for an import.
pub(crate) enum Import {
    /// Something whose type must still be compared with the one that the module expects.
    Checked(ExternHandle),
    /// A function, by its number in the store, that is known to have the type that the module expects.
    Func(u32),
}

/// Allocates and initialises an instance of `code`. The caller calls the start function.
///
/// `imports` has as many items as the module imports.
///
/// # Errors
///
/// If imports do not match, a limit is exceeded, there is not enough memory or fuel, or a segment does not fit.
#[cfg_attr(small_loop, inline(never))]
pub(crate) fn instantiate(
    instances: &mut Instances,
    code: &Arc<ModuleCode>,
    imports: impl ExactSizeIterator<Item = Import>,
    mut limiter: Option<StoreLimiter<'_>>,
) -> Result<Handle, Error> {
    check_limits(instances, code, limiter.as_mut())?;
    if instances.fuel.given {
        instances.fuel.consume(code.data.instance_fuel())?;
    }
    let mut instance = InstanceInst::new(code.clone())?;
    take_imports(instances, &mut instance, imports)?;
    let header = &code.data.header;
    // The instance is stored first, since its functions refer to its address.
    let index = instances.push_instance(instance)?;
    let this = instances.instance_ptr(index);
    instances.push_instance_funcs(this)?;
    // SAFETY: I6, I8: the instance was just stored at its final address, and no code runs.
    let this = unsafe { &mut *this };

    for (i, &ty) in header.memories.iter().enumerate().skip(header.imported_memories as usize) {
        let limiter = limiter.as_mut().map(StoreLimiter::as_dyn);
        let memory = MemoryInst::in_pages(ty, limiter, |size| instances.pages(size))
            .map_err(InstantiationError::FailedToInstantiateMemory)?;
        let index = instances.push_memory(memory)?;
        this.set_memory(i, instances.memory_ptr(index), index);
    }
    let imported_globals = header.imported_globals as usize;
    for (i, init) in code.data.global_inits.iter().enumerate() {
        let ty = header.globals[imported_globals + i];
        let value = init.eval_cells(ty.content, &mut constants(this, instances, &mut limiter))?;
        let cell = this.globals.wrapping_add(ty.cell as usize);
        let mut global = GlobalInst { ty: header.types.global_type(ty), cell };
        global.set(value);
        let index = instances.push_global(global)?;
        this.set_global_handle(imported_globals + i, index);
    }
    let imported_tables = header.imported_tables as usize;
    let mut inits = code.data.table_inits.iter().peekable();
    for (i, table) in header.tables.iter().enumerate().skip(imported_tables) {
        let init = inits.next_if(|(table, _)| *table as usize == i);
        let init = match init {
            Some((_, init)) => init.eval(&mut constants(this, instances, &mut limiter))?,
            None => 0,
        };
        let table = TableInst::new(table.ty, init, limiter.as_mut().map(StoreLimiter::as_dyn))
            .map_err(InstantiationError::FailedToInstantiateTable)?;
        let index = instances.push_table(table)?;
        this.set_table(i, instances.table_ptr(index), index);
    }
    #[cfg(feature = "exceptions")]
    for (i, &ty) in header.tags.iter().enumerate().skip(header.imported_tags as usize) {
        let index = instances.push_tag(header.types.func_type(ty), header.types.id(ty))?;
        this.set_tag(i, instances.tag_ptr(index));
    }
    instances.kept_elements += passive_elements(code);
    init_tables(instances, this, code, &mut limiter)?;
    init_memories(instances, this, code, &mut limiter)?;
    Ok(instances.handle(index))
}

/// The number of elements that an instance keeps until `elem.drop`.
fn passive_elements(code: &ModuleCode) -> usize {
    let passive = code.data.elements.iter().filter(|segment| matches!(segment.mode, SegmentMode::Passive));
    passive.map(|segment| segment.elements.len()).sum()
}

fn check_limits(
    instances: &Instances,
    code: &ModuleCode,
    limiter: Option<&mut StoreLimiter<'_>>,
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
    if !limiter.keeps_elements(passive_elements(code)) {
        return Err(InstantiationError::FailedToInstantiateTable(TableError::ResourceLimiterDeniedAllocation));
    }
    Ok(())
}

/// Checks the imports against the types that the module expects, and writes them to its index spaces.
fn take_imports(
    instances: &Instances,
    instance: &mut InstanceInst,
    imports: impl ExactSizeIterator<Item = Import>,
) -> Result<(), InstantiationError> {
    let code = instance.code.clone();
    let wanted = &code.data.imports;
    if wanted.len() != imports.len() {
        return Err(InstantiationError::MismatchedNumberOfImports { expected: wanted.len(), actual: imports.len() });
    }
    let (mut funcs, mut tables, mut memories, mut globals) = (0, 0, 0, 0);
    #[cfg(feature = "exceptions")]
    let mut tags = 0;
    for (wanted, import) in wanted.iter().zip(imports) {
        let import = match import {
            Import::Func(index) => ExternHandle::Func(instances.handle(index)),
            Import::Checked(import) => {
                let header = &code.data.header;
                let func = header.funcs.get(funcs).map(|&index| header.types.id(index));
                #[cfg(feature = "exceptions")]
                if let (ExternType::Tag(_), ExternHandle::Tag(handle)) = (&wanted.ty, import) {
                    let ty = header.types.id(header.tags[tags]);
                    check_tag(instances, &code.data.names, wanted, ty, handle)?;
                }
                check_import(instances, &code.data.names, wanted, func, import)?;
                import
            }
        };
        match import {
            ExternHandle::Func(handle) => {
                instance.set_func(funcs, instances.func_ptr(handle));
                funcs += 1;
            }
            ExternHandle::Table(handle) => {
                let index = instances.index(handle);
                instance.set_table(tables, instances.table_ptr(index), index);
                tables += 1;
            }
            ExternHandle::Memory(handle) => {
                let index = instances.index(handle);
                instance.set_memory(memories, instances.memory_ptr(index), index);
                memories += 1;
            }
            ExternHandle::Global(handle) => {
                instance.set_imported_global(globals, instances.global(handle).cell);
                instance.set_global_handle(globals, instances.index(handle));
                globals += 1;
            }
            #[cfg(feature = "exceptions")]
            ExternHandle::Tag(handle) => {
                instance.set_tag(tags, instances.tag_ptr(instances.index(handle)));
                tags += 1;
            }
        }
    }
    Ok(())
}

/// Checks the type of an imported tag: it must be the type with number `ty` in the engine.
#[cfg(feature = "exceptions")]
fn check_tag(
    instances: &Instances,
    names: &Names,
    wanted: &WantedImport,
    ty: u32,
    tag: Handle,
) -> Result<(), InstantiationError> {
    let tag = instances.tag(tag);
    if tag.type_id == ty {
        return Ok(());
    }
    let name = ImportName::new(names.get(wanted.module), names.get(wanted.name));
    Err(InstantiationError::ImportTypeMismatch { name, expected: wanted.ty.clone(), actual: tag.ty().into() })
}

/// The type of something that can be imported.
pub(crate) fn extern_type(instances: &Instances, handle: ExternHandle) -> ExternType {
    match handle {
        ExternHandle::Func(handle) => instances.func_type(handle).into(),
        ExternHandle::Table(handle) => instances.table(handle).ty().into(),
        ExternHandle::Memory(handle) => instances.memory(handle).ty().into(),
        ExternHandle::Global(handle) => instances.global(handle).ty.into(),
        #[cfg(feature = "exceptions")]
        ExternHandle::Tag(handle) => instances.tag(handle).ty().into(),
    }
}

/// Whether a table or memory of size `actual_min` matches the expected limits.
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
        && wanted.is_shared() == actual.is_shared()
        && limits_match(wanted.minimum(), wanted.maximum(), actual.minimum(), actual.maximum())
}

/// Returns whether a global can be imported as one of the wanted type. A mutable global must have exactly that type.
fn globals_match(instances: &Instances, wanted: &GlobalType, actual: &GlobalType) -> bool {
    wanted == actual
        || wanted.mutability().is_const()
            && actual.mutability().is_const()
            && instances.types.matches(actual.content(), wanted.content())
}

/// Checks the type of an import; `wanted_func` is the number in the engine of the wanted type, if it is a function.
#[cfg_attr(small_loop, inline(never))]
fn check_import(
    instances: &Instances,
    names: &Names,
    wanted: &WantedImport,
    wanted_func: Option<u32>,
    import: ExternHandle,
) -> Result<(), InstantiationError> {
    if let (ExternType::Func(_), ExternHandle::Func(handle), Some(wanted)) = (&wanted.ty, import, wanted_func) {
        let id = instances.func(handle).type_id;
        if id == wanted || instances.types.is_subtype(id, wanted) {
            return Ok(());
        }
    }
    let actual = extern_type(instances, import);
    let fits = match (&wanted.ty, &actual) {
        (ExternType::Table(expected), ExternType::Table(actual)) => tables_match(expected, actual),
        (ExternType::Memory(expected), ExternType::Memory(actual)) => memories_match(expected, actual),
        (ExternType::Global(expected), ExternType::Global(actual)) => globals_match(instances, expected, actual),
        #[cfg(feature = "exceptions")]
        (ExternType::Tag(_), ExternType::Tag(_)) => true,
        _ => false,
    };
    if fits { Ok(()) } else { Err(mismatch(names, wanted, actual)) }
}

/// The error for an import of another type than the one that is wanted.
#[cold]
fn mismatch(names: &Names, wanted: &WantedImport, actual: ExternType) -> InstantiationError {
    let name = ImportName::new(names.get(wanted.module), names.get(wanted.name));
    match (wanted.ty.clone(), actual) {
        (ExternType::Func(expected), ExternType::Func(actual)) => {
            InstantiationError::FuncTypeMismatch { name, expected, actual }
        }
        (ExternType::Table(expected), ExternType::Table(actual)) => {
            InstantiationError::TableTypeMismatch { name, expected, actual }
        }
        (ExternType::Memory(expected), ExternType::Memory(actual)) => {
            InstantiationError::MemoryTypeMismatch { name, expected, actual }
        }
        (ExternType::Global(expected), ExternType::Global(actual)) => {
            InstantiationError::GlobalTypeMismatch { name, expected, actual }
        }
        (expected, actual) => InstantiationError::ImportTypeMismatch { name, expected, actual },
    }
}

/// Returns what evaluates constant expressions for an instance of a store.
#[cfg_attr(not(feature = "gc"), expect(unused_variables, reason = "without objects they change nothing"))]
fn constants<'a, 'l>(
    instance: &'a InstanceInst,
    instances: &'a mut Instances,
    limiter: &'a mut Option<StoreLimiter<'l>>,
) -> Constants<'a, 'l> {
    Constants {
        instance,
        #[cfg(feature = "gc")]
        instances,
        #[cfg(feature = "gc")]
        limiter: limiter.as_mut(),
        #[cfg(not(feature = "gc"))]
        limiter: core::marker::PhantomData,
    }
}

fn init_tables(
    instances: &mut Instances,
    instance: &mut InstanceInst,
    code: &ModuleCode,
    limiter: &mut Option<StoreLimiter<'_>>,
) -> Result<(), Error> {
    let segments = || code.data.elements.iter().enumerate();
    // Passive segments first: if an active one does not fit, functions that use passive ones stay reachable in tables.
    for (i, segment) in segments().filter(|(_, segment)| matches!(segment.mode, SegmentMode::Passive)) {
        let cells = zeros(segment.elements.len()).ok_or(TrapCode::OutOfSystemMemory)?;
        let mut cells = cells.into_boxed_slice();
        constants(instance, instances, limiter).write_elements(&mut cells, &segment.elements)?;
        instance.keep_elements(i, cells);
    }
    for (_, segment) in segments() {
        let SegmentMode::Active { target, offset } = &segment.mode else {
            continue;
        };
        let mut constants = constants(instance, instances, limiter);
        let offset = offset.eval(&mut constants)?;
        let len = segment.elements.len();
        // SAFETY: I4: `table` checks the index. I6, I8: tables have stable addresses, and no code runs.
        let table = unsafe { &mut *instance.table(*target) };
        let offset = if table.is_64 { offset } else { u64::from(offset as u32) };
        let cells =
            usize::try_from(offset).ok().and_then(|start| table.cells_mut().get_mut(start..start.checked_add(len)?));
        let Some(cells) = cells else {
            let len = len as u32;
            return Err(
                InstantiationError::ElementSegmentDoesNotFit { table: *target, table_index: offset, len }.into()
            );
        };
        constants.write_elements(cells, &segment.elements)?;
    }
    Ok(())
}

/// Prepares memory 0 for its data segments, if they fill most of the range from the first to the last of them.
fn make_memory_ready(instance: &mut InstanceInst, code: &ModuleCode) {
    let (mut start, mut end, mut sum) = (usize::MAX, 0, 0);
    for segment in &code.data.data {
        // Nearly all modules have only one memory.
        if let DataMode::At { memory: 0, offset } = segment.mode {
            let (offset, len) = (offset as usize, segment.len as usize);
            start = start.min(offset);
            end = end.max(offset.saturating_add(len));
            sum += len;
        }
    }
    if sum > end.saturating_sub(start) / 4 * 3 {
        // SAFETY: I4: `memory` checks the index. I6, I8: memories have stable addresses, and no code runs.
        let memory = unsafe { &mut *instance.memory(0) };
        memory.make_ready(start..end);
    }
}

fn init_memories(
    instances: &mut Instances,
    instance: &mut InstanceInst,
    code: &ModuleCode,
    limiter: &mut Option<StoreLimiter<'_>>,
) -> Result<(), Error> {
    make_memory_ready(instance, code);
    for (i, segment) in code.data.data.iter().enumerate() {
        let (memory, offset) = match segment.mode {
            DataMode::Passive => continue,
            DataMode::At { memory, offset } => (u32::from(memory), u64::from(offset)),
            DataMode::Computed(place) => {
                let (memory, offset) = &code.data.data_places[place as usize];
                (*memory, offset.eval(&mut constants(instance, instances, limiter))?)
            }
        };
        // SAFETY: I4: `memory` checks the index. I6, I8: memories have stable addresses, and no code runs.
        let memory = unsafe { &mut *instance.memory(memory) };
        let offset = if memory.is_64 { offset } else { u64::from(offset as u32) };
        let bytes = &code.data.bytes[segment.bytes()];
        if !usize::try_from(offset).is_ok_and(|start| memory.write(start, bytes)) {
            return Err(TrapCode::MemoryOutOfBounds.into());
        }
        instance.drop_active_data(i as u32);
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
