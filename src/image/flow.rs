//! What the slots of a frame hold before each op: a forward analysis of the code of one function.
//!
//! Code is accepted if it reads only what was written, as what it is: references are addresses, which no number may become,
//! and a cell that nobody wrote may hold an address. If code is charged for, each loop and each call must have paid.
//!
//! Branches join what they bring along. Code is passed over until nothing changes at the beginnings of loops, within a
//! budget of work that is linear in the length of the code of the module.

use alloc::{boxed::Box, vec, vec::Vec};

use crate::{
    image::{
        classes::{gives_integer, reads_integer},
        needs::is_on_objects,
    },
    ir::{
        decode::{Decoded, Value, decode, target},
        encode::read32,
        facts::Space,
        opcode::{Kind as OperandKind, Row, code},
        shape::{Field, Shape},
    },
    module::{env::ModuleHeader, types::FuncTy},
    types::{
        Mutability,
        kinds::{Abstract, CompositeKind},
        repr::Ty,
    },
};

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    /// Nothing that may be read.
    Stale,
    /// Zero: a number as well as a null reference.
    Zero,
    /// A number.
    Number,
    /// A reference of this type, or null.
    Ref(Ty),
}

/// The reason why code is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It could read what it must not, or evade fuel.
    Unsafe,
    /// The budget does not suffice.
    TooComplex,
}

type Checked<T = ()> = Result<T, Refusal>;

fn require(holds: bool) -> Checked {
    if holds { Ok(()) } else { Err(Refusal::Unsafe) }
}

/// What a module says that the code of its functions depends on.
pub(super) struct Ground<'a> {
    header: &'a ModuleHeader,
    /// The least fuel that loops and calls pay; `None` if fuel is not metered.
    least_fuel: Option<u32>,
    /// What each cell of the globals that the module defines holds, and whether it can be written.
    globals: Vec<(Held, bool)>,
}

/// How much work may still be done for a module.
pub(super) struct Budget {
    work: u64,
}

impl Budget {
    /// Returns the budget for a module whose code has `units` units.
    pub(super) fn new(units: usize) -> Self {
        Self { work: (1 << 24) + 512 * units as u64 }
    }

    fn spend(&mut self, work: usize) -> Checked {
        self.work = self.work.checked_sub(work as u64).ok_or(Refusal::TooComplex)?;
        Ok(())
    }
}

/// The most cells of frames that are remembered at a time for targets of branches.
const MAX_REMEMBERED: usize = 1 << 22;

/// What the cells of a frame and the accumulator hold before an op.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    cells: Box<[Held]>,
    /// The accumulator of integers and references. The others only ever hold numbers.
    acc: Held,
    /// Whether this call of the function has paid fuel.
    paid: bool,
}

impl<'a> Ground<'a> {
    /// Describes a module. `least_fuel` is what loops and calls must pay at least, if fuel is metered.
    pub(super) fn new(header: &'a ModuleHeader, least_fuel: Option<u32>) -> Self {
        let own = header.globals.iter().skip(header.imported_globals as usize);
        let globals = own
            .flat_map(|global| {
                let writable = global.mutability == Mutability::Var;
                global.content.cells().iter().map(move |&ty| (Held::of(ty), writable))
            })
            .collect();
        Self { header, least_fuel, globals }
    }

    /// Whether a cell that holds `held` can be read as a value of type `ty`. Null is a value of every reference type: ops
    /// test for it.
    fn fits(&self, held: Held, ty: Ty) -> bool {
        match held {
            Held::Stale => false,
            Held::Zero => true,
            Held::Number => !ty.is_ref(),
            Held::Ref(held) => ty.is_ref() && self.header.types.is_subtype(held, ty.with_nullable(true)),
        }
    }

    /// Returns the most that is known of a cell that holds one or the other.
    fn join(&self, a: Held, b: Held) -> Held {
        match (a, b) {
            _ if a == b => a,
            (Held::Zero, other) | (other, Held::Zero) => other,
            (Held::Ref(a), Held::Ref(b)) => {
                let mut above = Some(a);
                while let Some(ty) = above {
                    if self.header.types.is_subtype(b, ty) {
                        return Held::Ref(ty);
                    }
                    above = self.supertype(ty);
                }
                Held::Stale
            }
            _ => Held::Stale,
        }
    }

    /// Returns the next supertype of a nullable reference type.
    fn supertype(&self, ty: Ty) -> Option<Ty> {
        let heap = match (ty.concrete_number(), ty.abstract_type()) {
            (Some(index), _) => match self.header.types.supertype(index) {
                Some(index) => return Some(Ty::concrete(index, true)),
                None => self.header.types.kind_at(index)?.supertype(),
            },
            (None, heap) => match heap? {
                Abstract::I31 | Abstract::Struct | Abstract::Array => Abstract::Eq,
                Abstract::Eq => Abstract::Any,
                heap if heap != heap.top() => heap.top(),
                _ => return None,
            },
        };
        Some(Ty::reference(heap, true))
    }

    /// Checks a function.
    pub(super) fn check(
        &self,
        units: &[u16],
        entry: usize,
        frame: usize,
        ty: FuncTy<'_>,
        budget: &mut Budget,
    ) -> Checked {
        let mut starts: Vec<(usize, bool)> = Vec::new();
        let mut at = entry;
        while let Some(op) = decode(units, at) {
            targets(units, at, &op, |to| starts.push((to, to <= at)));
            at += op.total_units();
        }
        // Those to which a branch leads back last, so that they remain.
        starts.sort_unstable();
        starts.reverse();
        starts.dedup_by_key(|(unit, _)| *unit);
        starts.reverse();
        let places = starts.into_iter().map(|(unit, is_head)| Place { unit, is_head, state: None }).collect();
        let mut flow = Flow { ground: self, units, ty, frame, places, remembered: 0, changed: true, budget };
        while flow.changed {
            flow.changed = false;
            flow.pass(entry)?;
        }
        Ok(())
    }
}

impl Held {
    /// What a cell of a value of type `ty` holds.
    fn of(ty: Ty) -> Self {
        if ty.is_ref() { Self::Ref(ty.with_nullable(true)) } else { Self::Number }
    }
}

/// Whether ops of a shape are on values alone, which says nothing of the kinds of values.
fn is_on_values(shape: Shape) -> bool {
    !matches!(
        shape,
        Shape::nullary
            | Shape::trap
            | Shape::fuel
            | Shape::enter
            | Shape::fence
            | Shape::branch
            | Shape::branch_copy
            | Shape::branch_table
            | Shape::branch_table_sum
            | Shape::copy
            | Shape::copy_pair
            | Shape::copy_span
            | Shape::constant
            | Shape::select
            | Shape::check
            | Shape::indexed
            | Shape::indexed_sum
            | Shape::set_global_sum
            | Shape::indexed_pair
            | Shape::index
            | Shape::bulk
            | Shape::span
            | Shape::wait
            | Shape::call
            | Shape::call_import
            | Shape::call_indirect
            | Shape::call_ref
            | Shape::return_call
            | Shape::return_call_import
            | Shape::return_call_indirect
            | Shape::return_call_ref
            | Shape::ret
            | Shape::ret_value
            | Shape::ret_value_at
    )
}

/// Whether the operands and results of an op on values are numbers, which the name of its operator tells. Ops of proposals that
/// are not known here may work on references.
fn works_on_numbers(row: Row) -> bool {
    const TYPES: [&str; 13] = [
        "i32_", "i64_", "f32_", "f64_", "i8x16_", "i16x8_", "i32x4_", "i64x2_", "f32x4_", "f64x2_", "v128_", "atomic_",
        "memory_",
    ];
    let name = row.name();
    let name = name.strip_prefix("br_").unwrap_or(name);
    TYPES.iter().any(|ty| name.starts_with(ty))
}

/// A unit that branches lead to.
struct Place {
    unit: usize,
    /// Whether a branch leads back to it.
    is_head: bool,
    state: Option<State>,
}

/// Passes the targets of an op to `each`.
fn targets(units: &[u16], at: usize, op: &Decoded, mut each: impl FnMut(usize)) {
    if op.values.iter().any(|value| value.field == Field::Target) {
        each(target(units, at, at + op.units - 2));
    }
    for i in 0..op.targets {
        each(target(units, at, at + op.units + 2 * i));
    }
}

struct Flow<'a, 'b> {
    ground: &'a Ground<'a>,
    units: &'a [u16],
    ty: FuncTy<'a>,
    frame: usize,
    places: Vec<Place>,
    /// The number of cells in the states of places.
    remembered: usize,
    /// Whether a pass changed what is known where a loop begins, so that another one is needed.
    changed: bool,
    budget: &'b mut Budget,
}

impl Flow<'_, '_> {
    /// Passes over the code once.
    fn pass(&mut self, entry: usize) -> Checked {
        self.budget.spend(self.frame)?;
        let mut cells = vec![Held::Stale; self.frame].into_boxed_slice();
        for (cell, &ty) in cells.iter_mut().zip(self.ty.params()) {
            *cell = Held::of(ty);
        }
        let mut state = Some(State { cells, acc: Held::Stale, paid: false });
        let (mut at, mut place, mut run_paid) = (entry, 0, false);
        while let Some(op) = decode(self.units, at) {
            if self.places.get(place).is_some_and(|next| next.unit == at) {
                state = self.arrive(place, state)?;
                run_paid = false;
                place += 1;
            }
            self.budget.spend(1)?;
            if let Some(before) = &mut state {
                if op.row == Row::consume_fuel && read32(self.units, at + 1) >= self.ground.least_fuel.unwrap_or(0) {
                    before.paid = true;
                    run_paid = true;
                }
                self.op(&op, before)?;
                self.branch(at, &op, before, run_paid)?;
                if op.row.shape().ends() {
                    state = None;
                }
            }
            at += op.total_units();
        }
        Ok(())
    }

    /// Returns what holds at a place that is reached with `state` from the op before, if it is reached from there.
    fn arrive(&mut self, place: usize, state: Option<State>) -> Checked<Option<State>> {
        if !self.places[place].is_head && self.places[place].state.is_none() {
            return Ok(state);
        }
        if let Some(state) = &state {
            self.merge(place, state)?;
        }
        let place = &mut self.places[place];
        if place.is_head {
            return Ok(place.state.clone());
        }
        let state = place.state.take();
        self.remembered -= state.as_ref().map_or(0, |state| state.cells.len());
        Ok(state)
    }

    /// Adds to what is known at a place. Returns whether that changed something.
    fn merge(&mut self, place: usize, state: &State) -> Checked<bool> {
        self.budget.spend(state.cells.len() / 4 + 1)?;
        let Place { state: known, .. } = &mut self.places[place];
        let Some(known) = known else {
            self.remembered += state.cells.len();
            if self.remembered > MAX_REMEMBERED {
                return Err(Refusal::TooComplex);
            }
            self.places[place].state = Some(state.clone());
            return Ok(true);
        };
        let mut changed = false;
        let pairs = known.cells.iter_mut().zip(&state.cells).chain([(&mut known.acc, &state.acc)]);
        for (known, &new) in pairs {
            if *known != new {
                let joined = self.ground.join(*known, new);
                changed |= joined != *known;
                *known = joined;
            }
        }
        changed |= known.paid && !state.paid;
        known.paid &= state.paid;
        Ok(changed)
    }

    /// Follows the branches of an op.
    fn branch(&mut self, at: usize, op: &Decoded, state: &State, run_paid: bool) -> Checked {
        let mut list = Vec::new();
        targets(self.units, at, op, |to| list.push(to));
        list.sort_unstable();
        list.dedup();
        for to in list {
            let place = self.places.binary_search_by_key(&to, |place| place.unit).map_err(|_| Refusal::Unsafe)?;
            if to <= at
                && let Some(least) = self.ground.least_fuel
            {
                let pays = self.units[to] == code::consume_fuel::x && read32(self.units, to + 1) >= least;
                require(pays || run_paid)?;
            }
            let changed = self.merge(place, state)?;
            self.changed |= changed && to <= at;
        }
        Ok(())
    }

    // ---- what ops read and write

    /// Requires that a call of a function was paid for.
    fn paid(&self, state: &State) -> Checked {
        require(self.ground.least_fuel.is_none() || state.paid)
    }

    /// Requires `count` cells from `first` on to hold numbers.
    fn numbers(&self, state: &State, first: u64, count: u64) -> Checked {
        let first = first as usize;
        let cells = &state.cells[first..first + count as usize];
        require(cells.iter().all(|held| matches!(held, Held::Number | Held::Zero)))
    }

    /// Requires the cells from `first` on to hold values of these types.
    fn values(&self, state: &State, first: u64, types: &[Ty]) -> Checked {
        let cells = state.cells.get(first as usize..).filter(|cells| types.len() <= cells.len());
        let cells = cells.ok_or(Refusal::Unsafe)?.iter();
        require(cells.zip(types).all(|(&held, &ty)| self.ground.fits(held, ty)))
    }

    /// Returns what operand `i` of an op holds, which is an integer or a reference.
    fn operand(&self, state: &State, value: &Value) -> Held {
        match value.kind {
            OperandKind::Acc => state.acc,
            OperandKind::Slot => state.cells[value.bits as usize],
            OperandKind::Imm if value.bits == 0 => Held::Zero,
            OperandKind::Imm => Held::Number,
        }
    }

    /// Requires operand `i` to be a number.
    fn number(&self, op: &Decoded, state: &State, i: usize) -> Checked {
        let value = &op.values[i];
        if value.kind == OperandKind::Slot {
            let cells = if op.row.facts().vectors >> i & 1 != 0 { 2 } else { 1 };
            return self.numbers(state, value.bits, cells);
        }
        // Accumulators of other classes hold numbers only.
        let is_number = matches!(self.operand(state, value), Held::Number | Held::Zero);
        require(is_number || !reads_integer(op.row, i))
    }

    /// Writes a result to operand 0, and to the accumulator of its class.
    fn result(&self, op: &Decoded, state: &mut State, held: Held) {
        let value = &op.values[0];
        if value.kind == OperandKind::Slot {
            let vector = op.row.facts().vectors & 1 != 0;
            state.cells[value.bits as usize] = held;
            if vector {
                state.cells[value.bits as usize + 1] = held;
            }
        }
        if gives_integer(op.row) {
            state.acc = held;
        }
    }

    /// Writes what was moved to operand `to`, and to the accumulator only if it is that.
    fn moved(&self, value: &Value, state: &mut State, held: Held) {
        match value.kind {
            OperandKind::Slot => state.cells[value.bits as usize] = held,
            _ => state.acc = held,
        }
    }

    /// Checks what an op reads, and notes what it writes.
    fn op(&mut self, op: &Decoded, state: &mut State) -> Checked {
        // What objects are in slots is not followed.
        require(!is_on_objects(op.row))?;
        require(!is_on_values(op.row.shape()) || works_on_numbers(op.row))?;
        match op.row.shape() {
            Shape::unary
            | Shape::binary
            | Shape::binary_wide
            | Shape::ternary
            | Shape::load
            | Shape::load_sum
            | Shape::load_load
            | Shape::load_any
            | Shape::branch_load
            | Shape::shuffle
            | Shape::extract_lane
            | Shape::replace_lane
            | Shape::load_lane
            | Shape::load_shared
            | Shape::load_any_shared
            | Shape::load_lane_shared
            | Shape::atomic_load
            | Shape::atomic_rmw
            | Shape::atomic_cmpxchg => {
                if !self.tests_reference(op, state, 1) {
                    self.read_numbers(op, state, 1)?;
                }
                self.result(op, state, Held::Number);
            }
            Shape::constant_v128 => self.result(op, state, Held::Number),
            Shape::constant => self.moved(&op.values[0], state, Held::Number),
            Shape::store
            | Shape::store_any
            | Shape::store_lane
            | Shape::store_shared
            | Shape::store_any_shared
            | Shape::store_lane_shared
            | Shape::atomic_store
            | Shape::branch_table
            | Shape::branch_table_sum => self.read_numbers(op, state, 0)?,
            Shape::branch_if | Shape::branch_compare | Shape::branch_compare_wide => {
                if !self.tests_reference(op, state, 0) {
                    self.read_numbers(op, state, 0)?;
                }
            }
            Shape::load_store | Shape::store_sum => {
                self.read_numbers(op, state, 0)?;
                state.acc = Held::Stale;
            }
            Shape::branch_step => {
                self.read_numbers(op, state, 0)?;
                let slot = op.values[2].bits;
                self.numbers(state, slot, 1)?;
                state.cells[slot as usize] = Held::Number;
                state.acc = Held::Number;
            }
            Shape::trap | Shape::fuel | Shape::branch | Shape::fence => {}
            Shape::nullary => {
                require(op.row.facts().link.is_some())?;
                self.return_(op, state)?;
            }
            Shape::ret | Shape::ret_value | Shape::ret_value_at => self.return_(op, state)?,
            Shape::enter => {
                let (first, count) = (op.values[0].bits as usize, op.values[1].bits as usize);
                self.budget.spend(count)?;
                state.cells[first..first + count].fill(Held::Zero);
            }
            _ => self.moves(op, state)?,
        }
        Ok(())
    }

    /// Requires all operands from `first` on to be numbers.
    fn read_numbers(&self, op: &Decoded, state: &State, first: usize) -> Checked {
        let operands = op.values.iter().take_while(|value| matches!(value.field, Field::Operand | Field::Wide)).count();
        (first..operands).try_for_each(|i| self.number(op, state, i))
    }

    /// Whether an op compares references with null or with each other.
    fn tests_reference(&self, op: &Decoded, state: &State, first: usize) -> bool {
        let compares = matches!(
            op.row,
            Row::i64_eq
                | Row::i64_ne
                | Row::i64_eqz
                | Row::br_i64_eq
                | Row::br_i64_ne
                | Row::br_i64_ne_charged
                | Row::br_i64_eqz
                | Row::br_i64_nez
                | Row::br_i64_nez_charged
        );
        let operands =
            op.values[first..].iter().take_while(|value| matches!(value.field, Field::Operand | Field::Wide));
        compares
            && operands.map(|value| self.operand(state, value)).all(|held| matches!(held, Held::Ref(_) | Held::Zero))
    }

    /// Checks the results of the function.
    fn return_(&self, op: &Decoded, state: &mut State) -> Checked {
        let results = self.ty.results();
        let moves = matches!(op.row.shape(), Shape::ret_value | Shape::ret_value_at);
        let Some((&first, _)) = results.split_first() else { return require(!moves) };
        if moves {
            let held = if reads_integer(op.row, 0) {
                require(!matches!(first, Ty::F32 | Ty::F64 | Ty::V128))?;
                self.operand(state, &op.values[0])
            } else {
                // The caller finds the result in the accumulator of its class.
                let is_vector = op.row.facts().vectors != 0;
                require(if is_vector { first == Ty::V128 } else { matches!(first, Ty::F32 | Ty::F64) })?;
                self.number(op, state, 0)?;
                Held::Number
            };
            require(self.ground.fits(held, first))?;
            let cells = first.cells().len();
            return self.values(state, cells as u64, &results[cells..]);
        }
        self.values(state, 0, results)?;
        // Callers take the first result from the accumulator.
        require(matches!(first, Ty::F32 | Ty::F64 | Ty::V128) || self.ground.fits(state.acc, first))
    }

    /// Handles ops that move values, or call functions.
    fn moves(&mut self, op: &Decoded, state: &mut State) -> Checked {
        match op.row.shape() {
            Shape::copy if op.row.facts().vectors != 0 || !reads_integer(op.row, 1) => {
                self.number(op, state, 1)?;
                if op.values[0].kind == OperandKind::Slot {
                    self.result_cells(op, state);
                }
            }
            Shape::copy => {
                let held = self.operand(state, &op.values[1]);
                self.moved(&op.values[0], state, held);
            }
            Shape::copy_pair => {
                for i in [0, 2] {
                    let held = self.operand(state, &op.values[i + 1]);
                    self.moved(&op.values[i], state, held);
                }
            }
            Shape::add_pair => {
                self.read_numbers(op, state, 0)?;
                for i in [2, 4] {
                    self.numbers(state, op.values[i + 1].bits, 1)?;
                    state.cells[op.values[i].bits as usize] = Held::Number;
                }
                state.acc = Held::Number;
            }
            Shape::copy_span => {
                let [dst, src, count] = [0, 1, 2].map(|i| op.values[i].bits as usize);
                self.budget.spend(count)?;
                state.cells.copy_within(src..src + count, dst);
            }
            Shape::branch_copy => {
                let held = self.operand(state, &op.values[0]);
                state.cells[op.values[1].bits as usize] = held;
            }
            Shape::select if op.row == Row::select => {
                self.number(op, state, 1)?;
                let [lhs, rhs] = [2, 3].map(|i| self.operand(state, &op.values[i]));
                let held = self.ground.join(lhs, rhs);
                require(held != Held::Stale)?;
                self.result(op, state, held);
            }
            Shape::select => {
                self.read_numbers(op, state, 1)?;
                self.result(op, state, Held::Number);
            }
            Shape::check => {
                require(op.row == Row::ref_as_non_null)?;
                let held = self.operand(state, &op.values[0]);
                require(matches!(held, Held::Ref(_) | Held::Zero))?;
            }
            Shape::indexed | Shape::indexed_sum | Shape::set_global_sum => self.variable(op, state)?,
            Shape::indexed_pair | Shape::bulk | Shape::span | Shape::wait | Shape::index => self.bulk(op, state)?,
            Shape::call
            | Shape::call_import
            | Shape::call_indirect
            | Shape::call_ref
            | Shape::return_call
            | Shape::return_call_import
            | Shape::return_call_indirect
            | Shape::return_call_ref => self.call(op, state)?,
            // Nothing is known of other shapes.
            _ => return Err(Refusal::Unsafe),
        }
        Ok(())
    }

    /// Writes a number to the cells of operand 0.
    fn result_cells(&self, op: &Decoded, state: &mut State) {
        let first = op.values[0].bits as usize;
        let count = if op.row.facts().vectors & 1 != 0 { 2 } else { 1 };
        state.cells[first..first + count].fill(Held::Number);
    }

    /// Handles ops on globals, sizes, and `ref.func`.
    fn variable(&mut self, op: &Decoded, state: &mut State) -> Checked {
        let header = self.ground.header;
        let space = op.row.facts().indices().next();
        let index = op.values.iter().find(|value| value.field == Field::Index).map_or(0, |value| value.bits as usize);
        let cells = if op.row.facts().vectors & 1 != 0 { 2 } else { 1 };
        let (held, writable) = match space {
            Some(Space::own_global) => self.ground.globals[index],
            Some(Space::imported_global) => {
                let global = header.globals[index];
                (Held::of(global.content), global.mutability == Mutability::Var)
            }
            Some(Space::func) => {
                let ty = header.types.resolve(header.funcs[index]).ok_or(Refusal::Unsafe)?;
                (Held::Ref(Ty::concrete(ty, true)), false)
            }
            _ => (Held::Number, false),
        };
        if cells == 2 {
            let global = match space {
                Some(Space::own_global) => self.ground.globals.get(index + 1).copied(),
                _ => header.globals.get(index).filter(|global| global.content == Ty::V128).map(|_| (held, writable)),
            };
            require(held == Held::Number && global == Some((held, writable)))?;
        }
        let fits = |stored: Held| match held {
            Held::Ref(ty) => self.ground.fits(stored, ty),
            _ => matches!(stored, Held::Number | Held::Zero),
        };
        match op.row {
            Row::global_set | Row::global_set_imported => {
                require(writable && fits(self.operand(state, &op.values[0])))?;
            }
            Row::i32_set_global_sum => {
                require(writable && held == Held::Number)?;
                self.number(op, state, 0)?;
                state.acc = Held::Number;
            }
            Row::i32_step_global | Row::i32_add_global => {
                require(held == Held::Number && (writable || op.row == Row::i32_add_global))?;
                self.result(op, state, Held::Number);
            }
            Row::global_get => self.moved(&op.values[0], state, held),
            Row::global_get_imported | Row::ref_func => self.result(op, state, held),
            row if row.name().starts_with("global_get") => self.result_cells(op, state),
            row if row.name().starts_with("global_set") => {
                require(writable)?;
                self.number(op, state, 0)?;
            }
            row if row.name().contains("_size") => self.result(op, state, Held::Number),
            _ => return Err(Refusal::Unsafe),
        }
        Ok(())
    }

    /// Handles ops on tables and memories whose operands are in consecutive slots.
    fn bulk(&mut self, op: &Decoded, state: &mut State) -> Checked {
        let header = self.ground.header;
        let indices: Vec<usize> =
            op.values.iter().filter(|value| value.field == Field::Index).map(|value| value.bits as usize).collect();
        let element = |i: usize| header.tables[indices[i]].element;
        match op.row {
            Row::table_get => {
                self.number(op, state, 1)?;
                self.result(op, state, Held::of(element(0)));
            }
            Row::table_set => {
                self.number(op, state, 0)?;
                require(self.ground.fits(self.operand(state, &op.values[1]), element(0)))?;
            }
            Row::table_grow => {
                let base = op.values[0].bits;
                self.values(state, base, &[element(0)])?;
                self.numbers(state, base + 1, 1)?;
                state.cells[base as usize] = Held::Number;
            }
            Row::table_fill => {
                let base = op.values[0].bits;
                self.numbers(state, base, 1)?;
                self.values(state, base + 1, &[element(0)])?;
                self.numbers(state, base + 2, 1)?;
            }
            Row::table_copy => {
                require(header.types.is_subtype(element(1), element(0)))?;
                self.numbers(state, op.values[0].bits, 3)?;
            }
            Row::table_init => {
                require(header.types.is_subtype(header.elements[indices[1]], element(0)))?;
                self.numbers(state, op.values[0].bits, 3)?;
            }
            row if row.shape() == Shape::index => {}
            row if matches!(row.shape(), Shape::bulk | Shape::span | Shape::wait) && works_on_numbers(row) => {
                let (base, count) = (op.values[0].bits, u64::from(row.facts().cells));
                self.numbers(state, base, count)?;
                // Results are numbers, as the operands are.
            }
            _ => return Err(Refusal::Unsafe),
        }
        Ok(())
    }

    /// Handles calls.
    fn call(&mut self, op: &Decoded, state: &mut State) -> Checked {
        let header = self.ground.header;
        let field = |field: Field| op.values.iter().find(|value| value.field == field).map(|value| value.bits);
        self.paid(state)?;
        let type_index = if let Some(callee) = field(Field::Callee) {
            header.funcs[header.imported_funcs as usize + callee as usize]
        } else if let Some(func) = field(Field::ImportedFunc) {
            header.funcs[func as usize]
        } else {
            field(Field::Type).unwrap_or_default() as u32
        };
        require(header.types.kind_at(type_index) == Some(CompositeKind::Func))?;
        let ty = header.type_at(type_index);
        if let Some(table) = field(Field::Table) {
            self.number(op, state, 0)?;
            let func = Ty::reference(Abstract::Func, true);
            require(header.types.is_subtype(header.tables[table as usize].element.with_nullable(true), func))?;
        } else if matches!(op.row.shape(), Shape::call_ref | Shape::return_call_ref) {
            let index = header.types.resolve(type_index).ok_or(Refusal::Unsafe)?;
            require(self.ground.fits(self.operand(state, &op.values[0]), Ty::concrete(index, true)))?;
        }
        let Some(base) = field(Field::Base) else {
            // A tail call: its results are those of this function.
            let args = field(Field::Range).ok_or(Refusal::Unsafe)?;
            self.values(state, args, ty.params())?;
            let own = self.ty.results();
            return require(ty.results().len() == own.len() && header.types.are_subtypes(ty.results(), own));
        };
        self.values(state, base, ty.params())?;
        let base = base as usize;
        self.budget.spend((state.cells.len() - base) / 4 + 1)?;
        // The frame of the callee was there, and those of its callees.
        state.cells[base..].fill(Held::Stale);
        for (cell, &ty) in state.cells[base..].iter_mut().zip(ty.results()) {
            *cell = Held::of(ty);
        }
        state.acc = match ty.results().first() {
            Some(&first) if !matches!(first, Ty::F32 | Ty::F64 | Ty::V128) => Held::of(first),
            _ => Held::Stale,
        };
        Ok(())
    }
}
