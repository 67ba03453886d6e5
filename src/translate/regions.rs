//! The regions of the function under translation, which catch exceptions, and the list of them behind its code.

use alloc::vec::Vec;

use crate::{
    ir::{
        opcode::Row,
        operand::Slot,
        region::{ANY_TAG, RegionKind},
    },
    translate::{
        control::{Label, Patches, set_target},
        emitter::Emitter,
    },
};

/// The number of units of a `region` op with its targets.
const REGION_UNITS: usize = 14;
/// The number of targets of a `region` op.
const TARGETS: usize = 3;

/// The code of a `try_table`, or of the body of a `try`.
#[derive(Debug, Clone, Copy)]
struct Range {
    first: u32,
    /// The first unit after it, once it is closed.
    end: u32,
    /// The regions of a `try_table`.
    clauses: (u32, u32),
    /// The last region that delegates to this range, from 1; 0 if there is none.
    delegates: u32,
    /// The region of the clause of a `try` that was begun last.
    clause: u32,
}

/// What a region does, but for the range.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Region {
    pub(crate) kind: RegionKind,
    pub(crate) tag: u32,
    /// The first slot that is written.
    pub(crate) base: Slot,
    /// The number of slots that are written.
    pub(crate) count: u16,
}

/// A region in a range.
#[derive(Debug, Clone, Copy)]
struct Entry {
    region: Region,
    range: u32,
    /// Of a region that delegates: the region delegating to the same range before it, from 1; then its position in the list.
    next: u32,
}

/// The regions of a function.
#[derive(Debug, Default)]
pub(crate) struct Regions {
    ranges: Vec<Range>,
    entries: Vec<Entry>,
    /// The regions in the order of the list: inner ones first.
    order: Vec<u32>,
    /// Handlers that return the values of the exception from the function.
    pub(crate) returns: Label,
}

impl Regions {
    /// Begins a function.
    pub(crate) fn begin_func(&mut self) {
        self.ranges.clear();
        self.entries.clear();
        self.order.clear();
        self.returns = Label::default();
    }

    /// Begins a range at unit `first`. Returns its number.
    pub(crate) fn begin(&mut self, first: usize) -> u32 {
        let clauses = (self.entries.len() as u32, 0);
        self.ranges.push(Range { first: first as u32, end: 0, clauses, delegates: 0, clause: 0 });
        self.ranges.len() as u32 - 1
    }

    /// Adds a region of a range. Its handler has the same number among those of the `patches`.
    fn push(&mut self, range: u32, region: Region, patches: &mut Patches) -> u32 {
        self.entries.push(Entry { region, range, next: 0 });
        let handler = patches.add_handler();
        debug_assert_eq!(handler as usize + 1, self.entries.len());
        handler
    }

    /// Adds a clause of the `try_table` that was begun last. Returns the number of its handler.
    pub(crate) fn add_clause(&mut self, range: u32, region: Region, patches: &mut Patches) -> u32 {
        self.ranges[range as usize].clauses.1 += 1;
        self.push(range, region, patches)
    }

    /// Ends a range at unit `end`, with the clauses that were added to it.
    pub(crate) fn close(&mut self, range: u32, end: usize) {
        let position = self.order.len() as u32;
        let range = &mut self.ranges[range as usize];
        range.end = end as u32;
        let (first, count) = range.clauses;
        let mut delegate = core::mem::take(&mut range.delegates);
        self.order.extend(first..first + count);
        while let Some(index) = delegate.checked_sub(1) {
            delegate = core::mem::replace(&mut self.entries[index as usize].next, position);
        }
    }

    /// Adds a clause of a `try` whose body has ended, with its handler at unit `handler`.
    pub(crate) fn add_legacy_clause(&mut self, range: u32, region: Region, handler: usize, patches: &mut Patches) {
        let index = self.push(range, region, patches);
        patches.set_handler(index, handler);
        self.ranges[range as usize].clause = index;
        self.order.push(index);
    }

    /// Notes that the clause of a `try` that was begun last throws its exception again.
    pub(crate) fn rethrow(&mut self, range: u32) {
        let clause = self.ranges[range as usize].clause;
        self.entries[clause as usize].region.kind = RegionKind::LegacyRef;
    }

    /// Makes a range that has ended pass exceptions on to the range `to`, or out of the function.
    pub(crate) fn delegate(&mut self, range: u32, to: Option<u32>, patches: &mut Patches) {
        let region = Region { kind: RegionKind::Delegate, tag: ANY_TAG, base: Slot(0), count: 0 };
        let index = self.push(range, region, patches);
        self.order.push(index);
        let next = match to {
            Some(to) => core::mem::replace(&mut self.ranges[to as usize].delegates, index + 1),
            None => OUT,
        };
        self.entries[index as usize].next = next;
    }

    /// Emits the list of regions. Returns whether there are any.
    pub(crate) fn emit(&self, emitter: &mut Emitter, patches: &Patches) -> bool {
        if self.order.is_empty() {
            return false;
        }
        let start = emitter.here();
        for &index in &self.order {
            let Entry { region, range, next } = self.entries[index as usize];
            let range = self.ranges[range as usize];
            let last = match region.kind {
                RegionKind::Delegate => start + (next as usize).min(self.order.len()) * REGION_UNITS,
                _ => patches.handler(index),
            };
            let Region { kind, tag, base, count } = region;
            let fields = [base.0.into(), count.into(), kind as u64, tag.into(), TARGETS as u64];
            let op = emitter.emit(Row::region, [], fields);
            targets(emitter, op, [range.first as usize, range.end as usize, last]);
            debug_assert_eq!(emitter.here(), op + REGION_UNITS);
        }
        let op = emitter.emit(Row::regions, [], [1]);
        targets(emitter, op, [start]);
        true
    }
}

/// In place of a position in the list: behind all regions.
const OUT: u32 = u32::MAX;

/// Appends the targets of the op at unit `op`.
fn targets<const N: usize>(emitter: &mut Emitter, op: usize, targets: [usize; N]) {
    let first = emitter.here();
    emitter.code.resize(first + 2 * N, 0);
    for (i, target) in targets.into_iter().enumerate() {
        set_target(&mut emitter.code, op, first + 2 * i, target);
    }
}
