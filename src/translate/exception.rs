//! Exceptions: `throw`, `try_table`, and the older `try`.
//!
//! Code that handles exceptions is noted in a list behind the code of the function (`regions.rs`), so a `try_table` is a block
//! whose range is known, and costs nothing. Handlers find the values of the exception in the canonical slots that a branch
//! would have moved them to.
//!
//! A clause of a legacy `try` has a hidden operand below the values: a reference to the exception, if it is thrown again, or
//! null.

use wasmparser::Catch;

use crate::{
    config::{costs::OperatorCost, proposals::Proposal},
    error::Error,
    ir::{
        encode::Operand,
        opcode::Row,
        operand::{Class, Slot},
        region::{ANY_TAG, RegionKind},
    },
    translate::{
        branch::MAX_SINGLE_MOVES,
        builder::Builder,
        condition::Condition,
        control::{Frame, Label, Targets},
        rare::Immediates,
        regions::Region,
        visitor::Visitor,
    },
    types::repr::Ty,
    validate::{BlockType, EXNREF, FrameKind},
};

/// The operators that begin, continue or end a legacy `try`.
const TRY: u32 = 0x06;
const CATCH: u32 = 0x07;
const CATCH_ALL: u32 = 0x19;
const DELEGATE: u32 = 0x18;

/// Defines how the operators are decoded.
macro_rules! operators {
    ($($opcode:literal [$proposal:ident] $visit:ident($($immediate:ident)*) $name:ident = $cost:literal;)*) => {
        impl Visitor<'_> {
            /// Handles an operator of exceptions.
            pub(super) fn exception(&mut self, opcode: u32, immediates: &mut Immediates<'_>) -> Result<(), Error> {
                self.check_try(opcode)?;
                match opcode {
                    $( $opcode => operators!(@ self immediates $proposal $visit $($immediate)*), )*
                    _ => Err(self.unknown(opcode, immediates)),
                }
            }
        }
    };
    (@ $this:ident $from:ident $proposal:ident $visit:ident $($immediate:ident)?) => {{
        $( let $immediate = $from.$immediate()?; )?
        $this.builder.stack.validation.require(Proposal::$proposal)?;
        $this.builder.stack.validation.begin();
        $this.$visit($($immediate)?)
    }};
}
for_each_exception!(operators);

impl Visitor<'_> {
    /// Checks that an operator that continues or ends a legacy `try` is in one, before its immediates are read.
    fn check_try(&self, opcode: u32) -> Result<(), Error> {
        let validation = &self.builder.stack.validation;
        let kind = validation.frame_kind();
        let fits = match opcode {
            TRY => return validation.require(Proposal::LegacyExceptions),
            CATCH | CATCH_ALL => {
                validation.require(Proposal::LegacyExceptions)?;
                matches!(kind, Some(FrameKind::Try | FrameKind::Catch))
            }
            DELEGATE => kind == Some(FrameKind::Try),
            _ => return Ok(()),
        };
        if fits {
            return Ok(());
        }
        // The parser gives the offset after the operator.
        Err(Error::invalid_wasm("found outside of a `try` block", validation.offset() + 1, Some(validation.func)))
    }

    fn visit_throw(&mut self, tag: u32) -> Result<(), Error> {
        self.builder.stack.validation.visit_throw(tag)?;
        if let Some(builder) = self.charged(OperatorCost::visit_throw) {
            builder.throw(tag);
        }
        Ok(())
    }

    fn visit_throw_ref(&mut self) -> Result<(), Error> {
        self.builder.stack.validation.visit_throw_ref()?;
        if let Some(builder) = self.charged(OperatorCost::visit_throw_ref) {
            builder.throw_ref();
        }
        Ok(())
    }

    #[expect(clippy::needless_pass_by_value, reason = "like the other immediates")]
    fn visit_try_table(&mut self, try_table: wasmparser::TryTable) -> Result<(), Error> {
        let ty = self.builder.stack.validation.block_type(try_table.ty)?;
        self.builder.stack.validation.try_table(ty, &try_table.catches)?;
        self.charged(OperatorCost::visit_try_table);
        self.builder.try_table(ty, &try_table.catches);
        Ok(())
    }

    fn visit_try(&mut self, ty: wasmparser::BlockType) -> Result<(), Error> {
        let ty = self.builder.stack.validation.block_type(ty)?;
        self.builder.stack.validation.open(ty)?;
        self.charged(OperatorCost::visit_try);
        self.builder.try_(ty);
        Ok(())
    }

    fn visit_catch(&mut self, tag: u32) -> Result<(), Error> {
        let values = self.builder.stack.validation.visit_catch(tag)?;
        self.charged(OperatorCost::visit_catch);
        self.builder.catch(FrameKind::Catch, tag, values);
        Ok(())
    }

    fn visit_catch_all(&mut self) -> Result<(), Error> {
        self.builder.stack.validation.visit_catch_all()?;
        self.charged(OperatorCost::visit_catch_all);
        self.builder.catch(FrameKind::CatchAll, ANY_TAG, &[]);
        Ok(())
    }

    fn visit_rethrow(&mut self, depth: u32) -> Result<(), Error> {
        self.builder.stack.validation.visit_rethrow(depth)?;
        if let Some(builder) = self.charged(OperatorCost::visit_rethrow) {
            builder.rethrow(depth);
        }
        Ok(())
    }

    fn visit_delegate(&mut self, depth: u32) -> Result<(), Error> {
        self.builder.stack.validation.visit_delegate(depth)?;
        self.charged(OperatorCost::visit_delegate);
        self.builder.delegate(depth);
        Ok(())
    }
}

impl Builder<'_> {
    /// `throw`
    fn throw(&mut self, tag: u32) {
        let count = self.stack.validation.tag_values(tag).len();
        self.settle_values(count);
        let args = self.stack.slots.temporary(self.stack.height() - count);
        self.safepoint();
        self.emitter.emit(Row::throw, [], [args.0.into(), count as u64, tag.into()]);
        self.set_unreachable();
    }

    /// `throw_ref`
    fn throw_ref(&mut self) {
        let entry = self.stack.pop();
        if !entry.is_pending() {
            self.flush();
        }
        let slot = self.slot_of(entry, self.stack.height());
        let mut operands = [Operand::slot(slot)];
        self.emitter.use_mirror(Row::throw_ref, Class::Int, &mut operands, 0);
        self.emitter.emit(Row::throw_ref, operands, []);
        self.set_unreachable();
    }

    /// Begins a range of code that exceptions are caught in. Returns its number.
    fn begin_range(&mut self) -> u32 {
        self.settle();
        // The handler may read locals that the code before an exception has not written.
        self.entry.close(&self.stack.validation.locals);
        self.emitter.part();
        self.regions.begin(self.emitter.here())
    }

    /// Ends a range of code that exceptions are caught in.
    pub(crate) fn end_range(&mut self, range: u32) {
        self.emitter.part();
        self.regions.close(range, self.emitter.here());
    }

    /// `try_table`
    fn try_table(&mut self, ty: BlockType, clauses: &[Catch]) {
        if !self.stack.validation.is_reachable() || clauses.is_empty() {
            return self.block(ty);
        }
        let range = self.begin_range();
        for clause in clauses {
            let (tag, depth, kind) = match *clause {
                Catch::One { tag, label } => (tag, label, RegionKind::Catch),
                Catch::OneRef { tag, label } => (tag, label, RegionKind::CatchRef),
                Catch::All { label } => (ANY_TAG, label, RegionKind::Catch),
                Catch::AllRef { label } => (ANY_TAG, label, RegionKind::CatchRef),
            };
            let values = if tag == ANY_TAG { 0 } else { self.stack.validation.tag_values(tag).len() };
            let count = values + kind.reference_cells() as usize;
            self.clause(range, Region { kind, tag, base: Slot(0), count: count as u16 }, depth);
        }
        let fuel = self.stack.current_fuel();
        let targets = Targets { head: range, fuel, ..Targets::default() };
        self.stack.validation.push_frame(FrameKind::TryTable, ty, targets);
    }

    /// Adds a clause, which branches to the label at `depth`, to a `try_table`.
    fn clause(&mut self, range: u32, mut region: Region, depth: u32) {
        let count = usize::from(region.count);
        let index = self.stack.validation.frames.len() - 1 - depth as usize;
        let frame = self.stack.validation.frames[index];
        let height = frame.label_height();
        self.stack.slots.reserve_operands(height + count);
        if count > 0 {
            region.base = self.stack.slots.temporary(height);
        }
        let patches = &mut self.labels.patches;
        let handler = self.regions.add_clause(range, region, patches);
        match frame.kind {
            FrameKind::Loop => patches.set_handler(handler, frame.code.head as usize),
            FrameKind::Func if count > 0 => patches.handle(&mut self.regions.returns, handler),
            _ => patches.handle(&mut self.stack.validation.frames[index].code.end, handler),
        }
    }

    /// Emits a return of the values of an exception, if a clause branches out of the function with values.
    pub(crate) fn return_caught(&mut self) {
        let label = self.regions.returns;
        if label.is_used() {
            self.labels.bind(&mut self.emitter, Label::default(), label);
            self.stack.truncate(0);
            let results = self.stack.validation.results;
            self.stack.push_temporaries(results);
            self.return_temporaries();
        }
    }

    /// Does what the end of a frame takes if exceptions are caught in it, or if it is a clause. Returns whether the results
    /// were moved, so that the code merges with that of other clauses.
    pub(crate) fn end_handled(&mut self, frame: &Frame) -> bool {
        match frame.kind {
            FrameKind::TryTable | FrameKind::Try => self.end_range(frame.code.head),
            FrameKind::Catch | FrameKind::CatchAll if self.stack.validation.is_reachable() => {
                self.settle_clause(frame);
                return true;
            }
            _ => {}
        }
        false
    }

    /// `try`
    fn try_(&mut self, ty: BlockType) {
        if !self.stack.validation.is_reachable() {
            return self.push_frame(FrameKind::Try, ty, None);
        }
        let range = self.begin_range();
        let fuel = self.stack.current_fuel();
        let targets = Targets { head: range, fuel, ..Targets::default() };
        self.stack.validation.push_frame(FrameKind::Try, ty, targets);
    }

    /// Moves the results of a clause to where they belong once the `try` has ended: below the hidden operand.
    pub(crate) fn settle_clause(&mut self, frame: &Frame) {
        let count = frame.results();
        if count > MAX_SINGLE_MOVES {
            self.settle_values(count);
        } else {
            self.flush();
        }
        self.move_values(count, frame.label_height());
        self.stack.slots.reserve_operands(frame.label_height() + count);
    }

    /// `catch`, or `catch_all` for any tag.
    fn catch(&mut self, kind: FrameKind, tag: u32, values: &[Ty]) {
        let frame = *self.stack.frame();
        if frame.reachable {
            let Targets { mut end, head: range, .. } = frame.code;
            if self.stack.validation.is_reachable() {
                if frame.kind == FrameKind::Try {
                    self.settle_values(frame.results());
                } else {
                    self.settle_clause(&frame);
                }
                self.leave_stretch();
                self.labels.branch(&mut self.emitter, Condition::ALWAYS, &mut end);
            } else {
                self.leave_stretch();
            }
            self.pending.exists = false;
            if frame.kind == FrameKind::Try {
                self.end_range(range);
            }
            self.emitter.forget_accumulators();
            let height = frame.label_height();
            let count = values.len() + 1;
            let base = self.stack.slots.temporary(height);
            self.stack.slots.reserve_operands(height + count);
            let region = Region { kind: RegionKind::Legacy, tag, base, count: count as u16 };
            let here = self.emitter.here();
            self.regions.add_legacy_clause(range, region, here, &mut self.labels.patches);
            self.stack.validation.set_reachable(true);
            let fuel = self.enter_stretch();
            self.stack.frame().code = Targets { end, head: range, fuel, ..Targets::default() };
        }
        self.stack.truncate(frame.label_height());
        for types in [&[EXNREF][..], values] {
            if frame.reachable {
                self.stack.push_temporaries(types);
            } else {
                self.stack.validation.push_types(types);
            }
        }
        self.stack.validation.begin_catch(kind);
    }

    /// `rethrow`
    fn rethrow(&mut self, depth: u32) {
        self.flush();
        let frame = self.stack.branch_target(depth).1;
        self.regions.rethrow(frame.code.head);
        let exception = self.stack.slots.at(frame.label_height());
        self.emitter.emit(Row::throw_ref, [Operand::slot(exception)], []);
        self.set_unreachable();
    }

    /// `delegate`
    fn delegate(&mut self, depth: u32) {
        let frame = *self.stack.frame();
        if frame.reachable {
            let frames = &self.stack.validation.frames;
            let outer = &frames[..frames.len() - 1 - depth as usize];
            let to = outer.iter().rev().find(|frame| matches!(frame.kind, FrameKind::TryTable | FrameKind::Try));
            let to = to.map(|frame| frame.code.head);
            self.end_range(frame.code.head);
            self.regions.delegate(frame.code.head, to, &mut self.labels.patches);
            // What follows is that of a block: the range has ended.
            self.stack.frame().kind = FrameKind::Block;
        }
        self.end();
    }
}
