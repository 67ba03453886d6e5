//! Writes core dumps (WebAssembly Tool Conventions, Coredump): modules with custom sections for modules, instances and frames, and with
//! the memories and globals of the store.

use alloc::{format, sync::Arc, vec, vec::Vec};

use wasm_encoder::{
    AbstractHeapType, ConstExpr, CoreDumpInstancesSection, CoreDumpModulesSection, CoreDumpSection,
    CoreDumpStackSection, CoreDumpValue, DataSection, GlobalSection, HeapType, Ieee32, Ieee64, MemorySection, Module,
    ValType,
};

use crate::{
    api::context::AsContext,
    error::coredump::{CoreFrame, WasmCoreDump},
    module::positions::{Site, Value},
    runtime::{code::ModuleCode, instances::Instances, memory::MemoryInst},
    types::{Mutability, heap::RefType, repr::Ty},
};

/// A place: the number of an instance, the index of a function, and a byte of its code.
type Key = (u32, u32, u32);

/// The offset of an operator in the body of its function, and where values are there.
type Found = (u32, Site);

/// The size of a piece of memory, in bytes. Each piece is written without the zeros at its ends.
const PIECE: usize = 4096;

impl WasmCoreDump {
    /// Writes the core dump as a binary module: the frames as they were when code trapped, and the memories and globals of the
    /// store as they are now. `name` says what ran: a path, a URL, or any other name.
    ///
    /// Values of locals and operands are missing where the code had them in registers, where the format has no type for them
    /// (vectors and references), and if the body of the function was not kept: the module is an artefact.
    ///
    /// # Panics
    ///
    /// If the error did not arise in the store, or the store was reset since.
    pub fn serialize(&self, store: impl AsContext, name: &str) -> Vec<u8> {
        let store = store.as_context();
        let instances = &store.store().instances;
        assert!(instances.id() == self.store, "the core dump belongs to another store");
        let mut module = Module::new();
        module.section(&CoreDumpSection::new(name));
        let (memories, data) = memories(instances);
        module.section(&memories).section(&globals(instances)).section(&data);
        let (modules, all) = modules(instances);
        module.section(&modules).section(&all).section(&self.stack(instances));
        module.finish()
    }

    fn stack(&self, instances: &Instances) -> CoreDumpStackSection {
        let mut section = CoreDumpStackSection::new("main");
        // Functions often call themselves.
        let mut last: Option<(Key, Option<Found>)> = None;
        for CoreFrame { instance, func, place, cells } in &self.frames {
            let code = &instances.instance(instances.handle(*instance)).code;
            let found = place.and_then(|place| {
                let key = (*instance, *func, place);
                if last.as_ref().is_none_or(|&(known, _)| known != key) {
                    last = Some((key, code.site(*func, place)));
                }
                last.as_ref()?.1.as_ref()
            });
            let values = |values: &[(Ty, Value)]| values.iter().map(|&value| show(value, cells)).collect::<Vec<_>>();
            let (offset, locals, operands) = match found {
                Some((offset, site)) => (*offset, values(&site.locals), values(&site.operands)),
                None => (0, Vec::new(), Vec::new()),
            };
            section.frame(*instance, *func, offset, locals, operands);
        }
        section
    }
}

/// Returns a value of a frame with these cells.
fn show((ty, value): (Ty, Value), cells: &[u64]) -> CoreDumpValue {
    let bits = match value {
        Value::Slot(slot) => cells.get(usize::from(slot)).copied(),
        Value::Constant(bits) => Some(bits),
        Value::Missing => None,
    };
    match (bits, ty) {
        (Some(bits), Ty::I32) => CoreDumpValue::I32(bits as i32),
        (Some(bits), Ty::I64) => CoreDumpValue::I64(bits.cast_signed()),
        (Some(bits), Ty::F32) => CoreDumpValue::F32(Ieee32::new(bits as u32)),
        (Some(bits), Ty::F64) => CoreDumpValue::F64(Ieee64::new(bits)),
        _ => CoreDumpValue::Missing,
    }
}

/// Returns the memories and their contents.
fn memories(instances: &Instances) -> (MemorySection, DataSection) {
    let (mut section, mut data) = (MemorySection::new(), DataSection::new());
    let [_, memories, _] = instances.all();
    for index in memories {
        let memory = instances.memory(instances.handle(index));
        let ty = memory.ty();
        section.memory(wasm_encoder::MemoryType {
            minimum: memory.pages(),
            maximum: ty.maximum(),
            memory64: ty.is_64(),
            shared: ty.is_shared(),
            page_size_log2: (ty.page_size_log2() != 16).then(|| ty.page_size_log2().into()),
        });
        contents(memory, |offset, bytes| {
            // An offset in a memory of 32 bits has 32 bits.
            let place = if ty.is_64() {
                ConstExpr::i64_const((offset as u64).cast_signed())
            } else {
                ConstExpr::i32_const((offset as u32).cast_signed())
            };
            data.active(index, &place, bytes.iter().copied());
        });
    }
    (section, data)
}

/// Passes the bytes of a memory that are not zero to a function, in pieces with their offsets.
fn contents(memory: &MemoryInst, mut piece: impl FnMut(usize, &[u8])) {
    let len = memory.current_len();
    let mut buffer = vec![0; PIECE];
    for offset in (0..len).step_by(PIECE) {
        let buffer = &mut buffer[..PIECE.min(len - offset)];
        if !memory.read(offset, buffer) {
            return;
        }
        let is_there = |byte: &u8| *byte != 0;
        if let (Some(first), Some(last)) = (buffer.iter().position(is_there), buffer.iter().rposition(is_there)) {
            piece(offset + first, &buffer[first..=last]);
        }
    }
}

/// Returns the globals with their values. References are null.
fn globals(instances: &Instances) -> GlobalSection {
    let mut section = GlobalSection::new();
    let [.., globals] = instances.all();
    for index in globals {
        let global = instances.global(instances.handle(index));
        let [low, high] = global.get();
        let content = global.ty.content();
        let (val_type, value) = match content.ty() {
            Ty::I32 => (ValType::I32, ConstExpr::i32_const(low as i32)),
            Ty::I64 => (ValType::I64, ConstExpr::i64_const(low.cast_signed())),
            Ty::F32 => (ValType::F32, ConstExpr::f32_const(Ieee32::new(low as u32))),
            Ty::F64 => (ValType::F64, ConstExpr::f64_const(Ieee64::new(low))),
            Ty::V128 => {
                (ValType::V128, ConstExpr::v128_const((u128::from(low) | u128::from(high) << 64).cast_signed()))
            }
            _ => {
                let ty = if content.as_ref().is_some_and(RefType::is_func) {
                    AbstractHeapType::Func
                } else {
                    AbstractHeapType::Extern
                };
                let heap_type = HeapType::Abstract { shared: false, ty };
                (ValType::Ref(wasm_encoder::RefType { nullable: true, heap_type }), ConstExpr::ref_null(heap_type))
            }
        };
        let mutable = global.ty.mutability() == Mutability::Var;
        section.global(wasm_encoder::GlobalType { val_type, mutable, shared: false }, &value);
    }
    section
}

/// Returns the modules of all instances, each once, and the instances.
fn modules(instances: &Instances) -> (CoreDumpModulesSection, CoreDumpInstancesSection) {
    let (mut modules, mut section) = (CoreDumpModulesSection::new(), CoreDumpInstancesSection::new());
    let mut known: Vec<*const ModuleCode> = Vec::new();
    let [all, ..] = instances.all();
    for index in all {
        let instance = instances.instance(instances.handle(index));
        let code = Arc::as_ptr(&instance.code);
        let module = known.iter().position(|&other| other == code).unwrap_or_else(|| {
            known.push(code);
            let name = instance.code.data.module_name();
            modules.module(name.as_deref().unwrap_or(&format!("<anonymous-module-{}>", known.len() - 1)));
            known.len() - 1
        });
        let header = &instance.code.data.header;
        let memories = (0..header.memories.len() as u32).map(|memory| instance.memory_handle(memory));
        let globals = (0..header.globals.len() as u32).map(|global| instance.global_handle(global));
        section.instance(module as u32, memories.collect::<Vec<_>>(), globals.collect::<Vec<_>>());
    }
    (modules, section)
}
