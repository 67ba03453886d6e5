//! The function under translation: its slots, its operand stack, its fuel.

use alloc::vec::Vec;
use core::{hint::cold_path, num::NonZeroU32};

use crate::{
    config::costs::OperatorCost,
    error::Error,
    ir::{
        encode::{patch32, read32},
        opcode::Row,
        operand::{Class, Slot},
    },
    module::env::ModuleHeader,
    translate::{
        control::{Patches, Targets},
        emit::{HeadCondition, LastCopy, Step},
        enter::EntryRegion,
        mirrors::Mirrors,
        pending::Staged,
        place::LOCAL,
    },
    types::{FuncType, MemoryType},
    validate::{Places, Validation, ValidationMemory},
};

/// Memory that is kept between modules.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    validation: ValidationMemory<Targets>,
    /// Code that other code follows.
    pub(crate) code: Vec<u16>,
    pool: Vec<u64>,
    patches: Patches,
    heads: Vec<HeadCondition>,
}

/// Where the locals of functions of this type are: parameters from slot 0 on, the others after the linkage.
pub(super) fn places_of_locals(ty: &FuncType) -> Places {
    let params = ty.params().len();
    Places { bits: LOCAL, params: params as u32, gap: (ty.signature().end() - params) as u32 }
}

/// A function under translation, one after the other.
#[derive(Debug)]
// In this order: what most operators touch stands together, near the beginning.
#[repr(C)]
pub(crate) struct Builder<'a> {
    /// Its types, and the operand stack and the frames.
    pub(crate) validation: Validation<'a, Targets>,
    /// What operators cost, if fuel is metered.
    costs: Option<&'a OperatorCost>,
    /// Below this position no entry is a local. It may be above the stack, and then none is.
    pub(crate) first_local: usize,
    pub(crate) mirrors: Mirrors,
    pub(crate) has_pending: bool,
    /// Whether addresses of memory 0 have 64 bits.
    wide: bool,
    /// First cell of the linkage.
    pub(crate) link: u16,
    pub(crate) header: &'a ModuleHeader,
    /// The slot of stack position 0.
    pub(crate) first_temporary: usize,
    /// One past the greatest slot in use.
    pub(crate) frame_end: usize,
    /// The code of this function, behind that of others.
    pub(crate) code: Vec<u16>,
    /// The one value on the operand stack that is in no slot, if `has_pending`.
    pub(crate) staged: Staged,
    /// Where the last value op begins, unless something branches behind it; other ops may follow.
    pub(crate) last_value: usize,
    /// The last op if it moves a cell to a slot, and nothing branches behind it.
    pub(crate) last_copy: Option<LastCopy>,
    /// The last op if it adds to a slot, and nothing branches behind it.
    pub(crate) last_step: Option<Step>,
    /// Where the last loop begins.
    pub(crate) last_head: usize,
    /// Immediates of more than 32 bits.
    pub(crate) pool: Vec<u64>,
    pub(crate) patches: Patches,
    pub(crate) heads: Vec<HeadCondition>,
    pub(crate) entry: EntryRegion,
    pub(crate) num_params: u32,
    /// Fuel not yet written to the current fuel op.
    pub(crate) charged: u64,
}

impl<'a> Builder<'a> {
    /// For functions of the module that has this header; their code follows the scratch memory's.
    pub(crate) fn new(header: &'a ModuleHeader, scratch: Scratch) -> Self {
        let Scratch { validation, code, pool, patches, heads } = scratch;
        Self {
            validation: Validation::new(header, validation),
            costs: header.fuel.as_ref(),
            first_local: 0,
            mirrors: Mirrors::default(),
            has_pending: false,
            wide: header.memories.first().is_some_and(MemoryType::is_64),
            link: 0,
            header,
            first_temporary: 0,
            frame_end: 0,
            code,
            staged: Staged::NONE,
            last_value: usize::MAX,
            last_copy: None,
            last_step: None,
            last_head: usize::MAX,
            pool,
            patches,
            heads,
            entry: EntryRegion::default(),
            num_params: 0,
            charged: 0,
        }
    }

    /// Begins function `func`, whose locals are known. If it is only to be validated, it is not `reachable`.
    pub(crate) fn begin_func(&mut self, func: u32, ty: &'a FuncType, reachable: bool) {
        self.validation.begin_func(func, ty.results(), reachable);
        let locals = &self.validation.locals;
        let Places { params, gap, .. } = locals.places();
        self.num_params = params;
        self.link = ty.signature().link() as u16;
        self.first_temporary = (locals.len() + gap) as usize;
        self.frame_end = self.first_temporary;
        self.has_pending = false;
        self.first_local = 0;
        self.charged = 0;
        self.last_head = usize::MAX;
        self.entry = EntryRegion::default();
        self.pool.clear();
        self.patches.clear();
        self.heads.clear();
        self.forget_accumulators();
    }

    /// The memory, for functions of other modules, with the code of those of this one.
    pub(crate) fn into_scratch(self) -> Scratch {
        Scratch {
            validation: self.validation.into_memory(),
            code: self.code,
            pool: self.pool,
            patches: self.patches,
            heads: self.heads,
        }
    }

    // ---- slots

    /// The canonical slot of stack position `position`.
    ///
    /// Truncates when the function needs more slots than there are, which `check_frame` reports.
    #[inline]
    pub(crate) fn temporary(&mut self, position: usize) -> Slot {
        let slot = self.first_temporary + position;
        self.reserve(slot + 1);
        Slot(slot as u16)
    }

    /// Makes the frame reach to `end`.
    #[inline]
    pub(crate) fn reserve(&mut self, end: usize) {
        self.frame_end = self.frame_end.max(end);
    }

    /// Whether addresses of `memory` have 64 bits.
    #[inline]
    pub(crate) fn is_wide(&self, memory: u32) -> bool {
        if memory == 0 { self.wide } else { self.header.memory(memory).is_64() }
    }

    // ---- the operand stack

    /// Moves the topmost `count` entries to their canonical slots.
    pub(crate) fn settle_values(&mut self, count: usize) {
        self.flush();
        let height = self.height();
        self.settle_range(height - count..height);
    }

    /// Moves stack entries that are this local out of its way, before it is written.
    #[inline]
    pub(crate) fn preserve_local(&mut self, local: u16) {
        if self.has_locals() {
            if let Some(copy) = self.mirrors.copy_of(local)
                && self.rename_local(local, copy)
            {
                return;
            }
            self.move_locals(Some(local));
        }
    }

    /// Moves all stack entries that are locals to their canonical slots, and the pending value.
    pub(crate) fn settle(&mut self) {
        self.flush();
        self.settle_locals();
    }

    /// As `settle`, leaving alone a pending value that the caller has popped.
    #[inline]
    pub(crate) fn settle_locals(&mut self) {
        if self.has_locals() {
            self.move_locals(None);
        }
    }

    fn move_locals(&mut self, local: Option<u16>) {
        let mut search = self.search(local);
        while let Some((position, slot)) = self.take_local(&mut search) {
            let dst = self.temporary(position);
            self.copy_slot(dst, Slot(slot));
        }
    }

    // ---- accumulators

    /// Forgets what the accumulators hold: control can come from elsewhere.
    pub(crate) fn forget_accumulators(&mut self) {
        self.mirrors = Mirrors::default();
        self.last_copy = None;
        self.last_step = None;
        self.last_value = usize::MAX;
    }

    /// Notes that the accumulator of `class` holds what `slot` holds.
    pub(crate) fn mirror(&mut self, class: Class, slot: Slot) {
        self.mirrors.set(class, Some(slot.0));
    }

    /// Notes that an op has written `slot` behind the builder's back.
    pub(crate) fn overwritten(&mut self, slot: Slot) {
        self.mirrors.overwrite(slot.0);
    }

    // ---- fuel

    /// Charges the fuel of one operator.
    #[inline]
    pub(crate) fn charge(&mut self, cost: fn(&OperatorCost) -> u64) {
        if let Some(costs) = self.costs {
            cold_path();
            self.charged += cost(costs);
        }
    }

    /// As `charge`, if the operator can be reached.
    #[inline]
    pub(crate) fn charge_reachable(&mut self, cost: fn(&OperatorCost) -> u64) {
        if let Some(costs) = self.costs {
            cold_path();
            if self.validation.is_reachable() {
                self.charged += cost(costs);
            }
        }
    }

    /// Begins a stretch of code with a fuel charge of its own; gives where that stands, behind the op's head.
    pub(crate) fn begin_fuel(&mut self) -> NonZeroU32 {
        let head = self.emit(Row::consume_fuel, [], [0]) as u32;
        NonZeroU32::MIN.saturating_add(head)
    }

    /// Adds what was collected to the charge at `at`.
    #[inline(never)]
    pub(crate) fn settle_fuel(&mut self, at: NonZeroU32) {
        let at = at.get() as usize;
        let before = u64::from(read32(&self.code, at));
        let total = before.saturating_add(self.charged).min(u64::from(u32::MAX));
        patch32(&mut self.code, at, total as u32);
        self.charged = 0;
    }

    /// Checks that the frame can be addressed.
    ///
    /// # Errors
    ///
    /// If the function needs more slots than there are.
    pub(crate) fn check_frame(&self) -> Result<(), Error> {
        if self.frame_end > usize::from(u16::MAX) {
            return Err(Error::too_many_slots(self.frame_end));
        }
        Ok(())
    }
}
