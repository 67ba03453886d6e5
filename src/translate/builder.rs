//! The function under translation, put together from its parts.

use alloc::vec::Vec;

#[cfg(heap)]
use crate::translate::recording::Recording;
#[cfg(feature = "exceptions")]
use crate::translate::regions::Regions;
use crate::{
    config::costs::OperatorCost,
    ir::opcode::Row,
    module::{env::ModuleHeader, types::FuncTy},
    translate::{
        control::Targets, emitter::Emitter, enter::EntryRegion, fuel::Fuel, labels::Labels, pending::Pending,
        stack::Stack,
    },
    types::{MemoryType, repr::Ty},
    validate::ValidationMemory,
};

/// Memory that is kept between modules.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    validation: ValidationMemory<Targets>,
    /// The code to which other code is appended.
    pub(crate) code: Vec<u16>,
    pool: Vec<u64>,
    labels: Labels,
}

/// The function under translation. One builder translates functions one after the other.
#[derive(Debug)]
// In this order: the fields that most operators touch are together, near the beginning.
#[repr(C)]
pub(crate) struct Builder<'a> {
    pub(crate) stack: Stack<'a>,
    pub(crate) fuel: Fuel<'a>,
    /// Whether addresses of memory 0 have 64 bits.
    wide: bool,
    /// Whether memory 0 is shared.
    shared: bool,
    pub(crate) header: &'a ModuleHeader,
    pub(crate) pending: Pending,
    pub(crate) emitter: Emitter,
    pub(crate) entry: EntryRegion,
    pub(crate) labels: Labels,
    #[cfg(feature = "exceptions")]
    pub(crate) regions: Regions,
    #[cfg(heap)]
    pub(crate) recording: Recording,
}

impl<'a> Builder<'a> {
    /// Returns a builder for functions of the module that has this header. Their code is appended to that in `scratch`.
    pub(crate) fn new(header: &'a ModuleHeader, scratch: Scratch) -> Self {
        let Scratch { validation, code, pool, labels } = scratch;
        Self {
            stack: Stack::new(header, validation),
            fuel: Fuel::new(header.fuel.as_deref()),
            wide: header.memories.first().is_some_and(MemoryType::is_64),
            shared: header.memories.first().is_some_and(MemoryType::is_shared),
            header,
            pending: Pending::NONE,
            emitter: Emitter::new(header.fused, code, pool),
            entry: EntryRegion::new(0),
            labels: Labels::new(header.fuel_metered(), labels),
            #[cfg(feature = "exceptions")]
            regions: Regions::default(),
            #[cfg(heap)]
            recording: Recording::default(),
        }
    }

    /// Begins function `func`, whose locals are known. With `reachable`, it is translated; otherwise it is only
    /// validated.
    pub(crate) fn begin_func(&mut self, func: u32, ty: FuncTy<'a>, reachable: bool) {
        self.stack.begin_func(func, ty, reachable);
        self.fuel.begin_func();
        self.pending.exists = false;
        self.emitter.begin_func();
        self.entry = EntryRegion::new(self.stack.validation.locals.params());
        self.labels.begin_func();
        #[cfg(feature = "exceptions")]
        self.regions.begin_func();
    }

    /// Returns the memory, for functions of other modules, with the code of the functions of this one.
    pub(crate) fn into_scratch(self) -> Scratch {
        let (code, pool) = self.emitter.into_memory();
        Scratch { validation: self.stack.into_memory(), code, pool, labels: self.labels }
    }

    /// Whether addresses of `memory` have 64 bits.
    #[inline]
    pub(crate) fn is_wide(&self, memory: u32) -> bool {
        if memory == 0 { self.wide } else { self.header.memory(memory).is_64() }
    }

    /// Whether `memory` is shared.
    #[cfg(any(feature = "threads", feature = "simd"))]
    #[inline]
    pub(crate) fn is_shared(&self, memory: u32) -> bool {
        if memory == 0 { self.shared } else { self.header.memory(memory).is_shared() }
    }

    /// Whether ops for memory 0 alone can access it: addresses have 32 bits, and it is not shared.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        !self.wide & !self.shared
    }

    /// Returns the row that does the same as `row` with `memory`, if that is shared, or else `row`.
    #[cfg(feature = "threads")]
    pub(crate) fn row_for(&self, row: Row, memory: u32) -> Row {
        if self.is_shared(memory) { row.shared() } else { row }
    }

    /// Returns `row`: there are no shared memories.
    #[cfg(not(feature = "threads"))]
    #[expect(clippy::unused_self, reason = "as if there were shared memories")]
    pub(crate) fn row_for(&self, row: Row, _memory: u32) -> Row {
        row
    }

    /// Charges the fuel of one operator, which may not be reachable.
    #[inline]
    pub(crate) fn charge_any(&mut self, cost: fn(&OperatorCost) -> u64) {
        if self.fuel.is_metered() {
            if self.stack.validation.is_reachable() {
                self.fuel.charge(cost);
            } else {
                self.fuel.charge_unreachable(cost);
            }
        }
    }

    /// Charges the frame of the function.
    pub(crate) fn charge_frame(&mut self) {
        if self.fuel.is_metered() {
            let locals = &self.stack.validation.locals;
            self.fuel.charge_frame(locals.params(), locals.cells());
        }
    }

    /// Pushes a constant.
    pub(crate) fn push_constant(&mut self, bits: u64, ty: Ty) {
        let entry = self.emitter.constant(bits, ty);
        self.stack.push(entry);
    }
}
