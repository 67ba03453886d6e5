//! Verifies that units are compact code that can be executed: I1 to I4 of ARCHITECTURE.md, for one function.
//!
//! The op table determines the checks, by the fields of shapes and the facts of rows. Code is accepted if
//!
//! * it consists of ops without gaps, which this build executes, and the last one never falls through,
//! * an op begins at the entry and at the target of each branch, and no target precedes the entry,
//! * slots lie in the frame, and only fields for a linkage refer to slots of the linkage,
//! * calls leave room for the parameters and results of the callee, and place its linkage after them,
//! * indices are below the length of their index space,
//! * regions are at the end, each has three targets, and those that pass exceptions on pass them to a later one.
//!
//! Types are not checked (I5). Units before the entry are not executed; they only have to be ops.
//! Verification takes time and memory linear in the length of the code.

use alloc::{vec, vec::Vec};
use core::fmt;

#[cfg(feature = "gc")]
use crate::ir::cast::CastTo;
use crate::{
    ir::{
        decode::{Decoded, decode, target},
        facts::Space,
        forms::is_used,
        opcode::{Kind, OpCode, Row, code},
        region::{ANY_TAG, RegionKind},
        shape::{Field, Shape},
    },
    types::layout::{LINKAGE_CELLS, Signature},
};

/// Number of cells that a linkage takes.
const LINKAGE: u64 = LINKAGE_CELLS as u64;

/// A function to verify.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Func<'a> {
    /// The compact code.
    pub(crate) code: &'a [u16],
    /// The unit at which the function is entered.
    pub(crate) entry: usize,
    /// The number of cells of the frame.
    pub(crate) frame_cells: u32,
    pub(crate) signature: Signature,
}

/// The index spaces of a module, to which code can refer.
pub(crate) trait IndexSpaces {
    /// Returns the length of an index space.
    fn count(&self, space: Space) -> usize;
    /// Returns the type of a function, by its index among all functions.
    fn type_of(&self, func: u32) -> Signature;
    /// Returns the function type at a type index.
    fn type_at(&self, ty: u32) -> Signature;
    /// Returns the number of cells that the values of exceptions with a tag take.
    fn tag_cells(&self, tag: u32) -> usize;
}

/// The reason why units are not valid code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// The unit at which the op begins.
    pub(crate) unit: usize,
    /// The op, if there is one.
    pub(crate) row: Option<Row>,
    pub(crate) defect: Defect,
}

/// A defect of an op or of the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Defect {
    /// The code is empty.
    Empty,
    /// No op of the table begins here, or its fields do not end within the code.
    NoOp,
    /// The last op can fall through.
    NoEnd,
    /// The op only stands outside of functions, at a fixed address.
    Stub,
    /// This build does not execute the op in this form.
    Form,
    /// The frame is longer than a slot can tell.
    LongFrame { frame_cells: u32 },
    /// No op begins at the entry.
    Entry { entry: usize },
    /// No op begins at the target of a branch, or the target precedes the entry.
    Target { target: usize },
    /// The target of a branch that charges fuel is not a `consume_fuel`.
    Uncharged { target: usize },
    /// A branch table is empty: it lacks even a default.
    NoTargets,
    /// The list of regions is not at the end, or one of them is not as it should be.
    Regions,
    /// The frame does not have these slots.
    Frame { first: u64, count: u64, frame_cells: u32 },
    /// These slots hold the linkage of the frame.
    Linkage { first: u64, count: u64, link: u64 },
    /// A range of slots is empty.
    NoSlots,
    /// An op uses slot `link` for the linkage, which is at slot `expected`.
    Link { link: u64, expected: u64 },
    /// The number of arguments differs from the number of parameters.
    Arguments { count: u64, expected: u64 },
    /// The index is outside its index space.
    Index { space: Option<Space>, index: u64, count: usize },
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unit {}: ", self.unit)?;
        if let Some(row) = self.row {
            write!(f, "{}: ", row.name())?;
        }
        match self.defect {
            Defect::Empty => f.write_str("the code is empty"),
            Defect::NoOp => f.write_str("not an op of the table, or a truncated one"),
            Defect::NoEnd => f.write_str("the last op can fall through"),
            Defect::Stub => f.write_str("an op that only stands outside of functions"),
            Defect::Form => f.write_str("a form of the op that this build lacks"),
            Defect::LongFrame { frame_cells } => write!(f, "a frame of {frame_cells} cells"),
            Defect::Entry { entry } => write!(f, "entered at unit {entry}, where no op begins"),
            Defect::Target { target } => {
                write!(f, "branches to unit {target}, where no op of the function begins")
            }
            Defect::Uncharged { target } => write!(f, "branches to unit {target}, which is not a `consume_fuel`"),
            Defect::NoTargets => f.write_str("the branch table lacks even a default"),
            Defect::Regions => f.write_str("the list of regions is not in order"),
            Defect::Frame { first, count, frame_cells } => {
                write!(f, "{count} slots from {first} on in a frame of {frame_cells} cells")
            }
            Defect::Linkage { first, count, link } => {
                write!(f, "{count} slots from {first} on overlap the linkage at {link}")
            }
            Defect::NoSlots => f.write_str("an empty range of slots"),
            Defect::Link { link, expected } => write!(f, "linkage at slot {link} instead of {expected}"),
            Defect::Arguments { count, expected } => {
                write!(f, "{count} arguments for {expected} parameters")
            }
            Defect::Index { space: Some(space), index, count } => {
                write!(f, "{} {index} of {count}", space.name())
            }
            Defect::Index { space: None, index, .. } => write!(f, "index {index} without an index space"),
        }
    }
}

/// Verifies the code of `func`.
///
/// # Errors
///
/// Returns the first flaw in the order of the code; the entry and the targets of branches are checked last.
pub(crate) fn verify(func: &Func<'_>, spaces: &impl IndexSpaces) -> Result<(), Flaw> {
    let link = func.signature.link() as u64;
    let starts = vec![false; func.code.len()];
    let mut verifier = Verifier { func, spaces, link, starts, branches: Vec::new(), regions: Vec::new() };
    let flaw = |unit, row, defect| Flaw { unit, row, defect };
    if func.frame_cells > u16::MAX.into() {
        return Err(flaw(0, None, Defect::LongFrame { frame_cells: func.frame_cells }));
    }
    // The frame must hold the linkage of the function itself.
    verifier.room(link, LINKAGE).map_err(|defect| flaw(0, None, defect))?;
    let (mut at, mut last) = (0, None);
    while at < func.code.len() {
        let op = decode(func.code, at).ok_or(flaw(at, None, Defect::NoOp))?;
        let is_used = OpCode(func.code[at]).row_and_form().is_some_and(|(row, form)| is_used(row, form));
        if let Row::halt | Row::restore_instance | Row::translate = op.row {
            return Err(flaw(at, Some(op.row), Defect::Stub));
        }
        if !is_used {
            return Err(flaw(at, Some(op.row), Defect::Form));
        }
        verifier.starts[at] = true;
        if at >= func.entry {
            verifier.op(at, &op).map_err(|defect| flaw(at, Some(op.row), defect))?;
        }
        if let Some((_, before)) = last {
            verifier.follows(before, &op).map_err(|defect| flaw(at, Some(op.row), defect))?;
        }
        last = Some((at, op.row));
        at += op.total_units();
    }
    match last {
        None => return Err(flaw(0, None, Defect::Empty)),
        Some((at, row)) if !row.shape().ends() => return Err(flaw(at, Some(row), Defect::NoEnd)),
        Some((at, row)) if row.shape() == Shape::region => return Err(flaw(at, Some(row), Defect::Regions)),
        Some(_) => {}
    }
    if !verifier.begins(func.entry) {
        return Err(flaw(0, None, Defect::Entry { entry: func.entry }));
    }
    for &(at, target) in &verifier.branches {
        let row = OpCode(func.code[at]).row_and_form().map(|(row, _)| row);
        if !verifier.begins(target) {
            return Err(flaw(at, row, Defect::Target { target }));
        }
        if row.is_some_and(Row::charges) && func.code[target] != code::consume_fuel::x {
            return Err(flaw(at, row, Defect::Uncharged { target }));
        }
    }
    for &(at, target) in &verifier.regions {
        let (row, found) = (OpCode(func.code[at]).row_and_form(), OpCode(func.code[target]).row_and_form());
        if !found.is_some_and(|(found, _)| is_region(found.shape())) {
            return Err(flaw(at, row.map(|(row, _)| row), Defect::Regions));
        }
    }
    Ok(())
}

/// Whether an op of this shape belongs to the list of regions.
fn is_region(shape: Shape) -> bool {
    matches!(shape, Shape::region | Shape::regions)
}

/// Asserts that the code of function `index` is valid.
///
/// # Panics
///
/// If it is not, which is a defect of the translator. The message lists the code around the flaw.
#[cfg(debug_assertions)]
pub(crate) fn assert_code(func: &Func<'_>, spaces: &impl IndexSpaces, index: u32) {
    const AROUND: usize = 200;
    if let Err(flaw) = verify(func, spaces) {
        let units = flaw.unit.saturating_sub(AROUND)..flaw.unit + AROUND;
        let imported_funcs = spaces.count(Space::imported_func) as u32;
        let listing = crate::ir::disasm::Disassembly { code: func.code, units, imported_funcs };
        let Func { entry, frame_cells, .. } = func;
        panic!("the code of function {index} is wrong: {flaw}\n; frame {frame_cells} cells, entry {entry}\n{listing}");
    }
}

struct Verifier<'a, S> {
    func: &'a Func<'a>,
    spaces: &'a S,
    /// The first slot of the linkage of the function itself.
    link: u64,
    /// Whether an op begins at each unit.
    starts: Vec<bool>,
    /// The unit and the target of each branch.
    branches: Vec<(usize, usize)>,
    /// The unit of each op that refers to a region, and that of the region.
    regions: Vec<(usize, usize)>,
}

impl<S: IndexSpaces> Verifier<'_, S> {
    /// Returns whether an op that can be executed begins at `unit`.
    fn begins(&self, unit: usize) -> bool {
        unit >= self.func.entry && self.starts.get(unit).is_some_and(|&starts| starts)
    }

    /// Checks all fields of the op at unit `at`, and records its branches.
    fn op(&mut self, at: usize, op: &Decoded) -> Result<(), Defect> {
        let func = self.func;
        let facts = op.row.facts();
        let mut spaces = facts.indices();
        let (mut range, mut arguments) = (0, None);
        let mut vectors = facts.vectors;
        let (mut base, mut callee, mut callee_link) = (0, None, None);
        let (mut kind, mut tag) = (0, None);
        if let Some(link) = facts.link {
            self.own_link(link.into())?;
        }
        for value in &op.values {
            let bits = value.bits;
            match value.field {
                Field::Operand | Field::Wide => {
                    if value.kind == Kind::Slot {
                        self.slots(bits, if vectors & 1 == 0 { 1 } else { 2 })?;
                    }
                    vectors >>= 1;
                }
                Field::Cast => self.cast(op.row, bits)?,
                Field::Slot => self.slots(bits, 1)?,
                Field::Cells => self.slots(bits, facts.cells.into())?,
                // Checked below, when the length is known.
                Field::Range => {}
                Field::Count if bits == 0 => return Err(Defect::NoSlots),
                Field::Count => range = bits,
                Field::Arguments => (range, arguments) = (bits, Some(bits)),
                Field::Base => base = bits,
                Field::Link => self.own_link(bits)?,
                Field::CalleeLink => callee_link = Some(bits),
                Field::Callee => {
                    self.index(Space::own_func, bits)?;
                    let imported = self.spaces.count(Space::imported_func) as u32;
                    callee = Some(self.spaces.type_of(imported + bits as u32));
                }
                Field::ImportedFunc => {
                    self.index(Space::imported_func, bits)?;
                    callee = Some(self.spaces.type_of(bits as u32));
                }
                Field::Type => {
                    self.index(Space::ty, bits)?;
                    callee = Some(self.spaces.type_at(bits as u32));
                }
                Field::Memory => self.index(Space::memory, bits)?,
                Field::Table => self.index(Space::table, bits)?,
                Field::Index => match spaces.next() {
                    Some(space) => self.index(space, bits)?,
                    None if bits != 0 => return Err(Defect::Index { space: None, index: bits, count: 0 }),
                    None => {}
                },
                Field::Target => self.branches.push((at, target(func.code, at, at + op.units - 2))),
                Field::Targets if bits == 0 => return Err(Defect::NoTargets),
                Field::Targets => {
                    let fields = (0..op.targets).map(|i| at + op.units + 2 * i);
                    self.branches.extend(fields.map(|field| (at, target(func.code, at, field))));
                }
                Field::Tag => tag = Some(bits as u32),
                Field::U16 => kind = bits,
                Field::U32 | Field::U64 => {}
            }
        }
        self.region(at, op, kind)?;
        if let (Some(tag), Some(count)) = (tag, arguments) {
            self.values(op.row.shape(), tag, count, kind)?;
        }
        for value in op.values.iter().filter(|value| value.field == Field::Range) {
            if range > 0 { self.slots(value.bits, range)? } else { self.room(value.bits, 0)? }
        }
        if let (Some(ty), Some(link)) = (callee, callee_link) {
            self.call(ty, base, link, arguments)?;
        }
        Ok(())
    }

    /// Checks the type that a cast tests for, an immediate.
    #[cfg(feature = "gc")]
    fn cast(&self, row: Row, bits: u64) -> Result<(), Defect> {
        let to = CastTo::of_bits(bits as u32);
        match row {
            Row::ref_test_class | Row::br_ref_test_class | Row::br_ref_test_class_not | Row::ref_cast_class => Ok(()),
            _ => self.index(Space::ty, to.index().into()),
        }
    }

    /// No op is a cast.
    #[cfg(not(feature = "gc"))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as if there were casts")]
    fn cast(&self, _: Row, _: u64) -> Result<(), Defect> {
        Ok(())
    }

    /// Checks a call of a function with this signature whose frame begins at `base` and whose linkage begins at `link`.
    /// With `arguments`, the call replaces the current frame and copies its arguments to the beginning of that.
    fn call(&self, signature: Signature, base: u64, link: u64, arguments: Option<u64>) -> Result<(), Defect> {
        let (params, expected) = (signature.param_cells() as u64, base + signature.link() as u64);
        if link != expected {
            return Err(Defect::Link { link, expected });
        }
        match arguments {
            None => self.slots(base, link + LINKAGE - base),
            Some(count) if count != params => Err(Defect::Arguments { count, expected: params }),
            Some(_) => self.room(link, LINKAGE),
        }
    }

    /// Checks the number of cells of an op that throws or catches exceptions with a tag.
    fn values(&self, shape: Shape, tag: u32, count: u64, kind: u64) -> Result<(), Defect> {
        let kind = match shape {
            Shape::region => RegionKind::new(kind as u16).ok_or(Defect::Regions)?,
            _ => RegionKind::Catch,
        };
        if tag == ANY_TAG && shape != Shape::region || kind == RegionKind::Delegate && tag != ANY_TAG {
            return Err(Defect::Regions);
        }
        let mut expected = kind.reference_cells();
        if tag != ANY_TAG {
            self.index(Space::tag, tag.into())?;
            expected += self.spaces.tag_cells(tag) as u64;
        }
        if count == expected { Ok(()) } else { Err(Defect::Arguments { count, expected }) }
    }

    /// Checks the targets of an op that belongs to the list of regions.
    fn region(&mut self, at: usize, op: &Decoded, kind: u64) -> Result<(), Defect> {
        let last = |op: &Decoded| target(self.func.code, at, at + op.units + 2 * (op.targets - 1));
        match (op.row.shape(), op.targets) {
            (Shape::region, 3) if kind == u64::from(RegionKind::Delegate as u16) => {
                let next = last(op);
                if next <= at {
                    return Err(Defect::Regions);
                }
                self.regions.push((at, next));
            }
            (Shape::region, 3) => {}
            (Shape::regions, 1) => self.regions.push((at, last(op))),
            (Shape::region | Shape::regions, _) => return Err(Defect::Regions),
            _ => {}
        }
        Ok(())
    }

    /// Checks that an op may follow another one: only regions follow regions, and nothing follows the end of their list.
    fn follows(&self, before: Row, op: &Decoded) -> Result<(), Defect> {
        match before.shape() {
            Shape::regions => Err(Defect::Regions),
            Shape::region if !is_region(op.row.shape()) => Err(Defect::Regions),
            _ => Ok(()),
        }
    }

    /// Checks the slot at which an op expects the linkage of the frame.
    fn own_link(&self, link: u64) -> Result<(), Defect> {
        if link == self.link { Ok(()) } else { Err(Defect::Link { link, expected: self.link }) }
    }

    /// Checks slots that an op reads or writes.
    fn slots(&self, first: u64, count: u64) -> Result<(), Defect> {
        self.room(first, count)?;
        if first < self.link + LINKAGE && first + count > self.link {
            return Err(Defect::Linkage { first, count, link: self.link });
        }
        Ok(())
    }

    /// Checks that the frame includes these slots.
    fn room(&self, first: u64, count: u64) -> Result<(), Defect> {
        let frame_cells = self.func.frame_cells;
        if first + count > frame_cells.into() {
            return Err(Defect::Frame { first, count, frame_cells });
        }
        Ok(())
    }

    fn index(&self, space: Space, index: u64) -> Result<(), Defect> {
        let count = self.spaces.count(space);
        if index >= count as u64 {
            return Err(Defect::Index { space: Some(space), index, count });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::{string::ToString, vec::Vec};

    use crate::{
        ir::{
            encode::{Operand, encode, patch32},
            facts::Space,
            opcode::{OpCode, Row},
            operand::Slot,
            verify::{Defect, Func, IndexSpaces, verify},
        },
        types::layout::Signature,
    };

    /// Index spaces with two items each; all functions have the same type.
    struct Two(Signature);

    impl IndexSpaces for Two {
        fn count(&self, space: Space) -> usize {
            if space == Space::func { 4 } else { 2 }
        }

        fn type_of(&self, _: u32) -> Signature {
            self.0
        }

        fn type_at(&self, _: u32) -> Signature {
            self.0
        }

        fn tag_cells(&self, _: u32) -> usize {
            self.0.param_cells()
        }
    }

    /// The number of cells of the frame: one parameter, the linkage, five others.
    const FRAME: u32 = 8;

    fn slot(slot: u16) -> Operand {
        Operand::slot(Slot(slot))
    }

    fn verdict_from(code: &[u16], entry: usize, frame_cells: u32) -> Result<(), Defect> {
        let signature = Signature::new(1, 1);
        let func = Func { code, entry, frame_cells, signature };
        verify(&func, &Two(signature)).map_err(|flaw| flaw.defect)
    }

    fn verdict(code: &[u16]) -> Result<(), Defect> {
        verdict_from(code, 0, FRAME)
    }

    /// Returns the verdict on one op, which a return follows.
    fn verdict_on<const N: usize, const R: usize>(
        row: Row,
        operands: [Operand; N],
        rest: [u64; R],
    ) -> Result<(), Defect> {
        let mut code = Vec::new();
        encode(&mut code, &[], row, operands, rest);
        encode(&mut code, &[], Row::ret_1, [], []);
        verdict(&code)
    }

    /// A branch to `distance` units from it, with a `consume_fuel` and an addition before and a return after it.
    fn branching(row: Row, distance: i32) -> (usize, Vec<u16>) {
        let mut code = Vec::new();
        encode(&mut code, &[], Row::consume_fuel, [], [1]);
        encode(&mut code, &[], Row::i32_add, [slot(0), slot(0), Operand::imm(1)], []);
        let at = encode(&mut code, &[], row, [], [distance.cast_unsigned().into()]);
        encode(&mut code, &[], Row::ret_1, [], []);
        (at, code)
    }

    #[test]
    fn code_is_accepted() {
        for (row, distance) in [(Row::br, 0), (Row::br, 3), (Row::br, -5), (Row::br, -8), (Row::br_charged, -8)] {
            assert_eq!(verdict(&branching(row, distance).1), Ok(()), "{} {distance}", row.name());
        }
        assert_eq!(verdict_on(Row::enter, [], [3, 5]), Ok(()));
        assert_eq!(verdict_on(Row::copy_span, [], [3, 4, 4]), Ok(()));
        assert_eq!(verdict_on(Row::memory_fill, [], [5, 1, 0]), Ok(()));
        assert_eq!(verdict_on(Row::memory_init, [], [5, 1, 1]), Ok(()));
        assert_eq!(verdict_on(Row::ref_func, [Operand::ACC], [3]), Ok(()));
        assert_eq!(verdict_on(Row::call, [], [5, 6, 1]), Ok(()));
        assert_eq!(verdict_on(Row::call_indirect, [slot(3)], [4, 5, 1, 1]), Ok(()));
        assert_eq!(verdict_on(Row::call_ref, [slot(3)], [4, 5, 1]), Ok(()));
        assert_eq!(verdict_on(Row::return_call_ref, [slot(3)], [7, 1, 1, 1, 1]), Ok(()));
        assert_eq!(verdict_on(Row::ref_as_non_null, [Operand::ACC], []), Ok(()));
        assert_eq!(verdict_on(Row::return_call, [], [7, 1, 1, 1, 0]), Ok(()));
        assert_eq!(verdict_on(Row::ret_value_f32, [slot(7)], [1]), Ok(()));
    }

    #[test]
    fn units_that_are_no_ops_are_found() {
        assert_eq!(verdict(&[]), Err(Defect::Empty));
        assert_eq!(verdict(&[OpCode::COUNT as u16]), Err(Defect::NoOp));
        let (_, code) = branching(Row::br, 3);
        for len in (1..code.len()).filter(|&len| len != code.len() - 1) {
            let defect = if [3, 8].contains(&len) { Defect::NoEnd } else { Defect::NoOp };
            assert_eq!(verdict(&code[..len]), Err(defect), "{len} units");
        }
        // A unit too many between two ops.
        let mut code = code;
        code.insert(3, u16::MAX);
        assert_eq!(verdict(&code), Err(Defect::NoOp));
    }

    #[test]
    fn branches_into_ops_and_out_of_the_function_are_found() {
        for distance in [-9, -7, -6, -4, -1, 1, 2, 4, i32::MIN, i32::MAX] {
            let (at, code) = branching(Row::br, distance);
            let target = at.wrapping_add_signed(distance as isize);
            assert_eq!(verdict(&code), Err(Defect::Target { target }), "{distance}");
        }
        let (at, code) = branching(Row::br_charged, -5);
        assert_eq!(verdict(&code), Err(Defect::Uncharged { target: at - 5 }));
        // Code before the entry is not linked.
        let (_, code) = branching(Row::br, -8);
        assert_eq!(verdict_from(&code, 3, FRAME), Err(Defect::Target { target: 0 }));
    }

    #[test]
    fn targets_of_tables_are_checked() {
        let mut code = Vec::new();
        encode(&mut code, &[], Row::br_table, [slot(0)], [2]);
        let first = code.len();
        code.extend([0; 4]);
        encode(&mut code, &[], Row::ret_1, [], []);
        patch32(&mut code, first, 8);
        assert_eq!(verdict(&code), Ok(()));
        patch32(&mut code, first + 2, 1);
        assert_eq!(verdict(&code), Err(Defect::Target { target: 1 }));
        patch32(&mut code, first - 2, 0);
        assert_eq!(verdict(&code), Err(Defect::NoTargets));
        for count in [3, u32::MAX] {
            patch32(&mut code, first - 2, count);
            assert_eq!(verdict(&code), Err(Defect::NoOp), "{count} targets");
        }
    }

    #[test]
    fn the_entry_is_checked() {
        let (_, code) = branching(Row::br, 3);
        assert_eq!(verdict_from(&code, 3, FRAME), Ok(()));
        for entry in [1, 4, code.len(), usize::MAX] {
            assert_eq!(verdict_from(&code, entry, FRAME), Err(Defect::Entry { entry }));
        }
    }

    #[test]
    fn slots_beyond_the_frame_are_found() {
        let beyond = |first, count| Err(Defect::Frame { first, count, frame_cells: FRAME });
        let one = Operand::imm(1);
        assert_eq!(verdict_on(Row::i32_add, [slot(8), slot(0), one], []), beyond(8, 1));
        assert_eq!(verdict_on(Row::i32_add, [slot(0), slot(u16::MAX), one], []), beyond(65535, 1));
        assert_eq!(verdict_on(Row::i32_add_pair, [one, one], [0, 0, 0, 8]), beyond(8, 1));
        assert_eq!(verdict_on(Row::enter, [], [3, 6]), beyond(3, 6));
        assert_eq!(verdict_on(Row::copy_span, [], [3, 6, 3]), beyond(6, 3));
        assert_eq!(verdict_on(Row::copy_span, [], [6, 3, 3]), beyond(6, 3));
        assert_eq!(verdict_on(Row::memory_fill, [], [6, 0, 0]), beyond(6, 3));
        assert_eq!(verdict_on(Row::i64_add128, [], [5]), beyond(5, 4));
        assert_eq!(verdict_on(Row::call, [], [6, 7, 0]), beyond(6, 3));
        assert_eq!(verdict_on(Row::return_call, [], [8, 1, 1, 1, 0]), beyond(8, 1));
        assert_eq!(verdict_on(Row::enter, [], [3, 0]), Err(Defect::NoSlots));
        let (_, code) = branching(Row::br, 3);
        assert_eq!(verdict_from(&code, 0, 2), Err(Defect::Frame { first: 1, count: 2, frame_cells: 2 }));
    }

    #[test]
    fn uses_of_the_linkage_are_found() {
        let linkage = |first, count| Err(Defect::Linkage { first, count, link: 1 });
        assert_eq!(verdict_on(Row::copy, [slot(1), slot(0)], []), linkage(1, 1));
        assert_eq!(verdict_on(Row::copy, [slot(0), slot(2)], []), linkage(2, 1));
        assert_eq!(verdict_on(Row::enter, [], [2, 2]), linkage(2, 2));
        assert_eq!(verdict_on(Row::copy_span, [], [0, 4, 2]), linkage(0, 2));
        assert_eq!(verdict_on(Row::call, [], [2, 3, 0]), linkage(2, 3));
        assert_eq!(verdict_on(Row::ret, [], [2]), Err(Defect::Link { link: 2, expected: 1 }));
        assert_eq!(verdict_on(Row::ret_2, [], []), Err(Defect::Link { link: 2, expected: 1 }));
        assert_eq!(verdict_on(Row::call, [], [4, 4, 0]), Err(Defect::Link { link: 4, expected: 5 }));
        let moved = Err(Defect::Link { link: 2, expected: 1 });
        assert_eq!(verdict_on(Row::return_call, [], [7, 1, 2, 1, 0]), moved);
        assert_eq!(verdict_on(Row::return_call, [], [7, 1, 1, 2, 0]), moved);
        let few = Err(Defect::Arguments { count: 0, expected: 1 });
        assert_eq!(verdict_on(Row::return_call, [], [7, 0, 1, 1, 0]), few);
    }

    #[test]
    fn indices_beyond_their_space_are_found() {
        let beyond = |space, index, count| Err(Defect::Index { space: Some(space), index, count });
        for (row, space) in [
            (Row::global_get, Space::own_global),
            (Row::global_set_imported, Space::imported_global),
            (Row::memory_size, Space::memory),
            (Row::table_size, Space::table),
        ] {
            assert_eq!(verdict_on(row, [Operand::ACC], [2]), beyond(space, 2, 2));
        }
        assert_eq!(verdict_on(Row::ref_func, [Operand::ACC], [4]), beyond(Space::func, 4, 4));
        assert_eq!(verdict_on(Row::i32_step_global, [slot(0)], [1, 2]), beyond(Space::own_global, 2, 2));
        assert_eq!(verdict_on(Row::memory_init, [], [3, 2, 0]), beyond(Space::memory, 2, 2));
        assert_eq!(verdict_on(Row::memory_init, [], [3, 0, 2]), beyond(Space::data, 2, 2));
        assert_eq!(verdict_on(Row::table_init, [], [3, 0, 2]), beyond(Space::elem, 2, 2));
        assert_eq!(verdict_on(Row::elem_drop, [], [7]), beyond(Space::elem, 7, 2));
        assert_eq!(verdict_on(Row::i32_load_any, [slot(0), slot(0)], [2, 0, 0]), beyond(Space::memory, 2, 2));
        assert_eq!(verdict_on(Row::call, [], [3, 4, 2]), beyond(Space::own_func, 2, 2));
        assert_eq!(verdict_on(Row::call_import, [], [3, 4, 2]), beyond(Space::imported_func, 2, 2));
        assert_eq!(verdict_on(Row::call_indirect, [slot(0)], [3, 4, 2, 0]), beyond(Space::table, 2, 2));
        assert_eq!(verdict_on(Row::call_indirect, [slot(0)], [3, 4, 0, 2]), beyond(Space::ty, 2, 2));
        assert_eq!(verdict_on(Row::call_ref, [slot(0)], [3, 4, 2]), beyond(Space::ty, 2, 2));
        let nothing = Err(Defect::Index { space: None, index: 1, count: 0 });
        assert_eq!(verdict_on(Row::memory_fill, [], [3, 0, 1]), nothing);
    }

    #[test]
    fn a_flaw_says_where_and_what() {
        let (_, code) = branching(Row::br, 1);
        let signature = Signature::new(1, 0);
        let func = Func { code: &code, entry: 0, frame_cells: FRAME, signature };
        let flaw = verify(&func, &Two(signature)).expect_err("the branch leads into itself");
        assert_eq!(flaw.to_string(), "unit 8: br: branches to unit 9, where no op of the function begins");
    }
}
