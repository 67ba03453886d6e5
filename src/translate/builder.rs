//! The function under translation: its slots, its operand stack, its fuel.

use alloc::vec::Vec;
use core::ops::Range;

use crate::{
    costs::OperatorCost,
    error::Error,
    ir::{
        encode::{patch32, read32},
        opcode::Row,
        operand::{Class, Slot},
    },
    module::env::ModuleHeader,
    translate::{
        control::{Frame, Patches},
        emit::{HeadCondition, LastCopy, Step},
        enter::EntryRegion,
        mirrors::Mirrors,
        pending::Staged,
        stack::{Entry, OperandStack},
    },
    types::{FuncType, MemoryType, ValType},
    validate::LocalTypes,
};

/// Memory that is kept between functions.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) stack: OperandStack,
    pub(crate) frames: Vec<Frame>,
    pub(crate) patches: Patches,
    pub(crate) heads: Vec<HeadCondition>,
}

impl Scratch {
    /// Forgets everything, keeps the memory. The canonical slots begin at `first_temporary`.
    fn clear(&mut self, first_temporary: usize) {
        self.stack.clear(first_temporary);
        self.frames.clear();
        self.patches.clear();
        self.heads.clear();
    }
}

/// A function under translation.
#[derive(Debug)]
pub(crate) struct Builder<'a> {
    pub(crate) header: &'a ModuleHeader,
    /// The code of this function, from unit 0 on.
    pub(crate) code: &'a mut Vec<u16>,
    pub(crate) scratch: &'a mut Scratch,
    pub(crate) locals: &'a LocalTypes,
    /// The one value on the operand stack that is in no slot, if `has_pending`.
    pub(crate) staged: Staged,
    pub(crate) has_pending: bool,
    pub(crate) mirrors: Mirrors,
    /// Whether the current operator can be reached.
    pub(crate) reachable: bool,
    /// First cell of the linkage.
    pub(crate) link: u16,
    pub(crate) num_params: u32,
    /// The slot of stack position 0.
    pub(crate) first_temporary: usize,
    /// One past the greatest slot in use.
    pub(crate) frame_end: usize,
    /// The last op if it moves a cell to a slot, and nothing branches behind it.
    pub(crate) last_copy: Option<LastCopy>,
    /// The last op if it adds to a slot, and nothing branches behind it.
    pub(crate) last_step: Option<Step>,
    /// Where the last value op begins, unless something branches behind it; other ops may follow.
    pub(crate) last_value: usize,
    /// Where the last loop begins.
    pub(crate) last_head: Option<usize>,
    /// What operators cost, if fuel is metered.
    costs: Option<&'a OperatorCost>,
    /// Whether addresses of memory 0 have 64 bits.
    wide: bool,
    /// Fuel not yet written to the current fuel op.
    pub(crate) charged: u64,
    pub(crate) func_type: &'a FuncType,
    pub(crate) entry: EntryRegion,
}

impl<'a> Builder<'a> {
    /// A function of type `func_type` with these locals.
    pub(crate) fn new(
        header: &'a ModuleHeader,
        code: &'a mut Vec<u16>,
        scratch: &'a mut Scratch,
        func_type: &'a FuncType,
        locals: &'a LocalTypes,
    ) -> Self {
        let num_params = func_type.params().len() as u32;
        let link = func_type.results().len().max(num_params as usize);
        let first_temporary = link + 2 + (locals.len() - num_params) as usize;
        scratch.clear(first_temporary);
        Self {
            header,
            code,
            scratch,
            locals,
            staged: Staged::NONE,
            has_pending: false,
            costs: header.fuel.as_ref(),
            wide: header.memories.first().is_some_and(MemoryType::is_64),
            mirrors: Mirrors::default(),
            reachable: true,
            link: link as u16,
            num_params,
            first_temporary,
            frame_end: first_temporary,
            last_copy: None,
            last_step: None,
            last_value: usize::MAX,
            last_head: None,
            charged: 0,
            func_type,
            entry: EntryRegion::new(),
        }
    }

    // ---- slots

    /// The slot of a local.
    #[inline]
    pub(crate) fn local_slot(&self, local: u32) -> u16 {
        if local < self.num_params { local as u16 } else { (local - self.num_params + u32::from(self.link) + 2) as u16 }
    }

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

    /// Pushes a constant.
    #[inline]
    pub(crate) fn push_constant(&mut self, bits: u64, ty: ValType) {
        self.scratch.stack.push(Entry::constant(bits, ty));
    }

    /// Moves the topmost `count` entries to their canonical slots.
    pub(crate) fn settle_values(&mut self, count: usize) {
        self.flush();
        let height = self.scratch.stack.height();
        self.settle_range(height - count..height);
    }

    /// Moves the entries at these positions, none of which is pending, to their canonical slots.
    pub(crate) fn settle_range(&mut self, positions: Range<usize>) {
        for position in positions {
            let entry = self.scratch.stack.get(position);
            if !entry.is_temporary() {
                let dst = self.temporary(position);
                self.copy_entry(dst, entry);
                self.scratch.stack.set_temporary(position);
            }
        }
    }

    /// Moves stack entries that are this local out of its way, before it is written.
    #[inline]
    pub(crate) fn preserve_local(&mut self, local: u16) {
        if self.scratch.stack.has_locals() {
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
        if self.scratch.stack.has_locals() {
            self.move_locals(None);
        }
    }

    fn move_locals(&mut self, local: Option<u16>) {
        let mut search = self.scratch.stack.search(local);
        while let Some((position, slot)) = self.scratch.stack.take_local(&mut search) {
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
            self.charged += cost(costs);
        }
    }

    /// Begins a stretch of code with a fuel charge of its own; gives the op to charge.
    pub(crate) fn begin_fuel(&mut self) -> u32 {
        self.emit(Row::consume_fuel, [], [0]) as u32
    }

    /// Writes the collected charge to the fuel op at `at`, on top of what it charges already.
    pub(crate) fn settle_fuel(&mut self, at: u32) {
        let at = at as usize;
        let before = u64::from(read32(self.code, at + 1));
        let total = before.saturating_add(self.charged).min(u64::from(u32::MAX));
        patch32(self.code, at + 1, total as u32);
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
