//! The function under validation: its operand stack and its control frames.

use alloc::{format, vec::Vec};
use core::hint::cold_path;

use wasmparser::HeapType;

use crate::{
    error::Error,
    module::env::ModuleHeader,
    types::{MemoryType, kinds::Abstract, repr::Ty},
    validate::{
        br_table::Checked,
        locals::LocalTypes,
        stack::{BlockType, Entry, Frame, FrameKind},
    },
};

/// The most operands that may be on the stack when an operator pushes many: more than any frame has room for. Without
/// this limit, each call of two bytes could push a thousand operands.
const MAX_OPERANDS: usize = 1 << 20;

/// Memory that is kept between functions.
#[derive(Debug)]
pub(crate) struct ValidationMemory<T> {
    entries: Vec<Entry>,
    frames: Vec<Frame<T>>,
    locals: LocalTypes,
    checked: Checked,
}

impl<T> Default for ValidationMemory<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), frames: Vec::new(), locals: LocalTypes::default(), checked: Checked::default() }
    }
}

/// The message for vectors in builds that do not have them.
pub(crate) const NO_VECTORS: &str = "vectors need the crate feature `simd`";

/// The message for exceptions in builds that do not have them.
#[cfg(not(feature = "exceptions"))]
pub(crate) const NO_EXCEPTIONS: &str = "exceptions need the crate feature `exceptions`";

/// The message for objects in builds that do not have them.
#[cfg(not(feature = "gc"))]
pub(crate) const NO_OBJECTS: &str = "structs, arrays and other objects need the crate feature `gc`";

/// More than any height, so that no operand is above this floor.
const NOWHERE: usize = usize::MAX / 2;

/// A function under validation, with the operand stack and the frames, which the translator uses too.
///
/// If the current operator can be reached, it is only checked here, and the translator pops and pushes. If it cannot be
/// reached, it pops and pushes here, and the translator does nothing.
#[derive(Debug)]
// In this order: the fields that most operators touch are together.
#[repr(C)]
pub(crate) struct Validation<'a, T> {
    /// The operand stack.
    pub(crate) entries: Vec<Entry>,
    /// The height of the innermost frame, or `NOWHERE` if the current operator cannot be reached.
    floor: usize,
    pub(crate) locals: LocalTypes,
    /// The address of the current operator in memory. Its offset in the module is `address + origin`.
    // An address rather than an offset, so that noting it is one store without arithmetic.
    address: usize,
    /// The control frames, the innermost one last.
    pub(crate) frames: Vec<Frame<T>>,
    /// The height of the innermost frame.
    height: usize,
    /// Whether the current operator can be reached.
    reachable: bool,
    /// The type of addresses of memory 0, if there is one.
    pub(super) addr: Option<Ty>,
    pub(crate) func: u32,
    /// The difference between offsets in the module and addresses in memory. It wraps.
    origin: usize,
    /// The height of the stack after what the current operator has popped so far, if it can be reached.
    left: usize,
    pub(super) header: &'a ModuleHeader,
    /// The types of the function's results.
    pub(crate) results: &'a [Ty],
    /// The types of labels that the current `br_table` has checked.
    pub(super) checked: Checked,
}

impl<'a, T: Copy> Validation<'a, T> {
    /// Returns a validation of functions of the module that has this header.
    pub(crate) fn new(header: &'a ModuleHeader, memory: ValidationMemory<T>) -> Self {
        let ValidationMemory { entries, frames, locals, checked } = memory;
        Self {
            entries,
            floor: 0,
            locals,
            address: 0,
            frames,
            height: 0,
            reachable: false,
            addr: header.memories.first().map(MemoryType::index_type),
            func: 0,
            origin: 0,
            left: 0,
            header,
            results: &[],
            checked,
        }
    }

    /// Begins function `func`, which has these results, and whose locals are known. With `reachable`, it is also
    /// translated; otherwise its operators count as unreachable.
    pub(crate) fn begin_func(&mut self, func: u32, results: &'a [Ty], reachable: bool) {
        self.func = func;
        self.results = results;
        self.entries.clear();
        self.frames.clear();
        self.reachable = reachable;
    }

    /// Returns the memory, for other functions.
    pub(crate) fn into_memory(self) -> ValidationMemory<T> {
        let Self { entries, frames, locals, checked, .. } = self;
        ValidationMemory { entries, frames, locals, checked }
    }

    /// Notes that the byte at `address` in memory is at `offset` in the module.
    pub(crate) fn set_origin(&mut self, address: usize, offset: usize) {
        self.origin = offset.wrapping_sub(address);
    }

    /// Notes that the current operator is at this address in memory.
    #[inline(always)]
    pub(crate) fn set_address(&mut self, address: usize) {
        self.address = address;
    }

    /// Returns the offset of the current operator in the module.
    pub(crate) fn offset(&self) -> usize {
        self.address.wrapping_add(self.origin)
    }

    /// Whether the function has not ended yet.
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        !self.frames.is_empty()
    }

    /// Whether the current operator can be reached, and is translated.
    #[inline]
    pub(crate) fn is_reachable(&self) -> bool {
        self.reachable
    }

    /// Returns the kind of the innermost control frame.
    pub(crate) fn frame_kind(&self) -> Option<FrameKind> {
        self.frames.last().map(|frame| frame.kind)
    }

    /// Returns an error at the current operator.
    #[cold]
    pub(crate) fn error(&self, message: &str) -> Error {
        Error::invalid_wasm(message, self.offset(), Some(self.func))
    }

    // ---- operands

    /// Returns the topmost operand, if the operator can be reached.
    #[inline(always)]
    pub(crate) fn reachable_top(&self) -> Option<Entry> {
        // A branch of its own, since it fails for every operator of a function that is only validated.
        if !self.has_operands(1) {
            cold_path();
            return None;
        }
        self.entries.last().copied()
    }

    /// Returns the topmost operand, if the operator can be reached and the operand has type `ty`.
    #[inline(always)]
    pub(crate) fn top_of(&self, ty: Ty) -> Option<Entry> {
        let top = self.reachable_top()?;
        top.is_of(ty).then_some(top)
    }

    /// Returns the topmost operand, if the operator can be reached and the operand has the type of `other`.
    #[inline(always)]
    pub(crate) fn top_as(&self, other: Entry) -> Option<Entry> {
        let top = self.reachable_top()?;
        top.is_as(other).then_some(top)
    }

    /// Returns the two topmost operands, the topmost one last, if the operator can be reached and they have these
    /// types.
    #[inline(always)]
    pub(crate) fn top_two_of(&self, below: Ty, top: Ty) -> Option<[Entry; 2]> {
        if !self.has_operands(2) {
            cold_path();
            return None;
        }
        let (_, &two) = self.entries.split_last_chunk::<2>()?;
        (two[0].is_of(below) && two[1].is_of(top)).then_some(two)
    }

    /// Whether the operator can be reached and the innermost frame has at least `count` operands.
    #[inline(always)]
    pub(crate) fn has_operands(&self, count: usize) -> bool {
        self.entries.len() >= self.floor + count
    }

    /// Begins the check of an operator.
    #[inline]
    pub(crate) fn begin(&mut self) {
        self.left = self.entries.len();
    }

    /// Checks an operator that is invalid or cannot be reached, after a fast check has failed.
    #[cold]
    pub(crate) fn other(&mut self, check: impl FnOnce(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        self.begin();
        check(self)
    }

    /// Returns the topmost operands, if the operator cannot be reached and the innermost frame has so many.
    #[inline(always)]
    pub(super) fn unreachable_operands<const N: usize>(&mut self) -> Option<&mut [Entry; N]> {
        if self.reachable || self.entries.len() < self.height + N {
            return None;
        }
        self.entries.last_chunk_mut()
    }

    /// Pushes an operand. Its type may be unknown.
    #[inline]
    pub(super) fn push(&mut self, ty: Ty) {
        if !self.reachable {
            self.entries.push(Entry::of_type(ty));
            if ty == Ty::V128 {
                self.entries.push(Entry::of_type(Ty::V128_HIGH));
            }
        }
    }

    /// Pops an operand, if there is one.
    #[inline]
    fn pop_entry(&mut self) -> Option<Entry> {
        if !self.reachable {
            return if self.entries.len() > self.height { self.entries.pop() } else { None };
        }
        if self.left <= self.height {
            return None;
        }
        self.left -= 1;
        self.entries.get(self.left).copied()
    }

    /// Pops an operand of type `expected`.
    #[inline]
    pub(super) fn pop(&mut self, expected: Ty) -> Result<(), Error> {
        match self.pop_entry() {
            Some(entry) if entry.is_of(expected) => Ok(()),
            found => self.pop_other(found, expected),
        }
    }

    /// Pops an operand that does not have exactly the type `expected`, or does not exist. In reachable code it has the
    /// type `expected` from now on, because the specification knows nothing more about it after subsumption.
    #[cold]
    fn pop_other(&mut self, found: Option<Entry>, expected: Ty) -> Result<(), Error> {
        if expected == Ty::V128 && found.is_none_or(|entry| entry.is_of(Ty::V128_HIGH)) {
            return self.pop_low(found);
        }
        self.found_other(found, Some(expected))?;
        if self.reachable
            && let Some(entry) = self.entries.get_mut(self.left)
        {
            *entry = entry.with_type(expected);
        }
        Ok(())
    }

    /// Pops the first cell of a vector after its second one, if that was `found`.
    fn pop_low(&mut self, found: Option<Entry>) -> Result<(), Error> {
        match found {
            // The stack yields a whole vector, or there is an error.
            None => self.found_other(None, Some(Ty::V128)).map(drop),
            Some(_) => match self.pop_entry() {
                Some(low) if low.is_of(Ty::V128) => Ok(()),
                low => self.found_other(low, Some(Ty::V128)).map(drop),
            },
        }
    }

    /// Pops a vector.
    #[cfg(feature = "simd")]
    pub(super) fn pop_vector(&mut self) -> Result<(), Error> {
        let high = self.pop_entry();
        match high {
            Some(entry) if entry.is_of(Ty::V128_HIGH) => self.pop_low(high),
            other => self.pop_other(other, Ty::V128),
        }
    }

    /// Pops an operand of any type.
    #[inline]
    pub(super) fn pop_any(&mut self) -> Result<Ty, Error> {
        match self.pop_entry() {
            Some(entry) if entry.is_of(Ty::V128_HIGH) => self.pop_low(Some(entry)).map(|()| Ty::V128),
            Some(entry) => Ok(entry.ty()),
            None => self.found_other(None, None),
        }
    }

    /// Returns the type of an operand that does not have the expected type or does not exist, if that is valid.
    #[cold]
    fn found_other(&self, found: Option<Entry>, expected: Option<Ty>) -> Result<Ty, Error> {
        let Some(found) = found else {
            if self.frames.last().is_some_and(|frame| frame.polymorphic) {
                return Ok(Ty::UNKNOWN);
            }
            return Err(match expected {
                Some(expected) => self.error(&format!("type mismatch: expected {expected} but nothing on stack")),
                None => self.error("type mismatch: expected a type but nothing on stack"),
            });
        };
        let found = found.ty();
        if let Some(expected) = expected
            && !self.header.types.is_subtype(found, expected)
        {
            return Err(self.error(&format!("type mismatch: expected {expected}, found {found}")));
        }
        Ok(found)
    }

    /// Returns the operands of the innermost frame that the current operator has not popped.
    fn operands(&self) -> &[Entry] {
        let top = if self.reachable { self.left } else { self.entries.len() };
        self.entries.get(self.height..top).unwrap_or_default()
    }

    /// Returns the number of topmost operands that have exactly these types. None if others do, or if operands are missing
    /// that the stack does not yield.
    #[inline]
    fn exact(&self, types: &[Ty]) -> Option<usize> {
        let operands = self.operands();
        let count = types.len().min(operands.len());
        // The stack yields what is missing as operands of any type.
        let yields = count == types.len() || self.frames.last().is_some_and(|frame| frame.polymorphic);
        let matches = Entry::are_of(&operands[operands.len() - count..], &types[types.len() - count..]);
        (yields && matches).then_some(count)
    }

    /// Pops operands of these types, the last one first.
    pub(super) fn pop_all(&mut self, types: &[Ty]) -> Result<(), Error> {
        // All at once, because there may be a thousand, and nearly always they have exactly these types.
        if let Some(count) = self.exact(types) {
            if self.reachable {
                self.left -= count;
            } else {
                self.entries.truncate(self.entries.len() - count);
            }
            return Ok(());
        }
        self.pop_each(types)
    }

    // Out of line, so that the fast check needs no stack frame.
    #[cold]
    fn pop_each(&mut self, types: &[Ty]) -> Result<(), Error> {
        types.iter().rev().try_for_each(|&ty| self.pop(ty))
    }

    /// Pops operands of these types, the last one first. Ends early where the stack yields operands of any type, since
    /// there may be many types for one operator of a few bytes.
    #[cfg(feature = "gc")]
    pub(super) fn pop_list(&mut self, types: impl DoubleEndedIterator<Item = Ty>) -> Result<(), Error> {
        for ty in types.rev() {
            if self.operands().is_empty() && self.frames.last().is_some_and(|frame| frame.polymorphic) {
                return Ok(());
            }
            self.pop(ty)?;
        }
        Ok(())
    }

    /// Checks that `count` operands may be pushed.
    #[inline]
    pub(crate) fn check_height(&self, count: usize) -> Result<(), Error> {
        let height = self.entries.len() + count;
        if height > MAX_OPERANDS { Err(Error::too_many_slots(height, self.func)) } else { Ok(()) }
    }

    /// Pushes operands of these types.
    pub(super) fn push_all(&mut self, types: &[Ty]) -> Result<(), Error> {
        self.check_height(types.len())?;
        if !self.reachable {
            self.push_types(types);
        }
        Ok(())
    }

    /// Pushes operands of these types where the current operator cannot be reached.
    pub(crate) fn push_types(&mut self, types: &[Ty]) {
        self.entries.extend(types.iter().map(|&ty| Entry::of_type(ty)));
    }

    /// Checks that operands of these types are on top of the stack. Does not change them.
    pub(super) fn peek_all(&self, types: &[Ty]) -> Result<(), Error> {
        if self.exact(types).is_some() {
            return Ok(());
        }
        let mut operands = self.operands().iter().rev().copied();
        types.iter().rev().try_for_each(|&ty| match operands.next() {
            Some(entry) if entry.is_of(ty) => Ok(()),
            found => self.found_other(found, Some(ty)).map(drop),
        })
    }

    /// Ends an operator that diverges. In unreachable code, the code after it stays unreachable.
    pub(super) fn leave(&mut self) {
        if !self.reachable {
            self.set_unreachable();
        }
    }

    /// Notes that the following operators cannot be reached.
    pub(crate) fn set_unreachable(&mut self) {
        self.entries.truncate(self.height);
        if let Some(frame) = self.frames.last_mut() {
            frame.polymorphic = true;
        }
        self.set_reachable(false);
    }

    /// Notes whether the next operator can be reached.
    #[inline]
    pub(crate) fn set_reachable(&mut self, reachable: bool) {
        self.reachable = reachable;
        self.floor = if reachable { self.height } else { NOWHERE };
    }

    // ---- control frames

    /// Returns the parameters of a block type.
    pub(crate) fn params(&self, ty: BlockType) -> &'a [Ty] {
        match ty {
            BlockType::Empty | BlockType::Result(_) | BlockType::Body => &[],
            BlockType::Func(index) => self.header.type_at(index).params(),
        }
    }

    /// Returns the results of a block type.
    pub(crate) fn block_results(&self, ty: BlockType) -> &'a [Ty] {
        match ty {
            BlockType::Empty => &[],
            BlockType::Result(ty) => single(self.header, ty),
            BlockType::Func(index) => self.header.type_at(index).results(),
            BlockType::Body => self.results,
        }
    }

    /// Returns the numbers of parameters and results of a block type.
    #[inline]
    pub(crate) fn arity(&self, ty: BlockType) -> (usize, usize) {
        match ty {
            BlockType::Empty => (0, 0),
            BlockType::Result(ty) => (0, if ty == Ty::V128 { 2 } else { 1 }),
            BlockType::Func(_) | BlockType::Body => (self.params(ty).len(), self.block_results(ty).len()),
        }
    }

    /// Opens a frame whose parameters are on top of the stack.
    #[inline(always)]
    pub(crate) fn push_frame(&mut self, kind: FrameKind, ty: BlockType, code: T) {
        let (params, results) = self.arity(ty);
        self.height = self.entries.len() - params;
        self.frames.push(Frame {
            kind,
            reachable: self.reachable,
            polymorphic: false,
            ty,
            height: self.height as u32,
            params: params as u32,
            results: results as u32,
            code,
        });
        self.set_reachable(self.reachable);
    }

    /// Closes the innermost frame. The next operator can be reached if this one can, or if a `branch` lands here.
    #[inline]
    pub(crate) fn pop_frame(&mut self, branch: bool) {
        self.frames.pop();
        if self.locals.were_set() {
            self.locals.leave(self.frames.len());
        }
        self.height = self.frames.last().map_or(0, Frame::height);
        self.set_reachable(self.reachable | branch);
    }

    /// Begins the second arm of the innermost frame, an `if`. The parameters are on the stack.
    pub(crate) fn begin_else(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.kind = FrameKind::Else;
            frame.polymorphic = false;
        }
        if self.locals.were_set() {
            self.locals.leave(self.frames.len().saturating_sub(1));
        }
    }

    /// Begins a clause of the innermost frame, a legacy `try`. The hidden operand and the values of the exception are on the
    /// stack.
    #[cfg(feature = "exceptions")]
    pub(crate) fn begin_catch(&mut self, kind: FrameKind) {
        if let Some(frame) = self.frames.last_mut() {
            frame.height = frame.label_height() as u32 + 1;
            frame.kind = kind;
            frame.polymorphic = false;
            self.height = frame.height();
        }
        self.set_reachable(self.reachable);
        if self.locals.were_set() {
            self.locals.leave(self.frames.len().saturating_sub(1));
        }
    }

    /// Returns the innermost frame, if it has neither parameters nor results, and no operands are left in it.
    #[inline]
    pub(crate) fn empty_frame(&self) -> Option<&Frame<T>> {
        self.frames.last().filter(|frame| frame.results | frame.params == 0 && self.entries.len() == self.height)
    }

    /// Whether the label at `depth` exists and its frame has neither parameters nor results.
    #[inline]
    pub(crate) fn is_label_empty(&self, depth: u32) -> bool {
        let index = self.frames.len().wrapping_sub(1).wrapping_sub(depth as usize);
        self.frames.get(index).is_some_and(|frame| frame.results | frame.params == 0)
    }

    /// Checks that the operands left in the innermost frame are its results. Returns its kind and type.
    #[inline]
    pub(super) fn check_results(&mut self) -> Result<(FrameKind, BlockType), Error> {
        let Some(&Frame { kind, ty, results, .. }) = self.frames.last() else {
            return Err(self.error("operators remaining after end of function"));
        };
        if results > 0 {
            self.pop_all(self.block_results(ty))?;
        }
        let left = if self.reachable { self.left } else { self.entries.len() };
        if left != self.height {
            return Err(self.error("type mismatch: values remaining on stack at end of block"));
        }
        Ok((kind, ty))
    }

    /// Returns the type index of the block of the label at `depth`, if there is one, and whether the block is a loop.
    pub(super) fn label_block(&self, depth: u32) -> Option<(u32, bool)> {
        let index = self.frames.len().checked_sub(depth as usize)?.checked_sub(1)?;
        let frame = self.frames.get(index)?;
        match frame.ty {
            BlockType::Func(ty) => Some((ty, frame.kind == FrameKind::Loop)),
            _ => None,
        }
    }

    /// Returns the types of the values that a branch to the label at `depth` takes.
    pub(super) fn label(&self, depth: u32) -> Result<&'a [Ty], Error> {
        let index = self.frames.len().checked_sub(depth as usize).and_then(|above| above.checked_sub(1));
        let Some(frame) = index.and_then(|index| self.frames.get(index)) else {
            return Err(self.error("unknown label: branch depth too large"));
        };
        Ok(match frame.kind {
            FrameKind::Loop => self.params(frame.ty),
            _ => self.block_results(frame.ty),
        })
    }
}

/// Returns the types of the cells of a value of type `ty`.
fn single(header: &ModuleHeader, ty: Ty) -> &[Ty] {
    match ty {
        Ty::I32 => &[Ty::I32],
        Ty::I64 => &[Ty::I64],
        Ty::F32 => &[Ty::F32],
        Ty::F64 => &[Ty::F64],
        Ty::FUNCREF => &[Ty::FUNCREF],
        Ty::EXTERNREF => &[Ty::EXTERNREF],
        Ty::V128 => &[Ty::V128, Ty::V128_HIGH],
        _ => header.types.single(ty),
    }
}

/// Converts a type of the parser.
///
/// # Errors
///
/// If its proposal is not enabled or not supported: a message that names the proposal.
pub(crate) fn val_type(header: &ModuleHeader, ty: wasmparser::ValType) -> Result<Ty, &'static str> {
    match ty {
        wasmparser::ValType::I32 => Ok(Ty::I32),
        wasmparser::ValType::I64 => Ok(Ty::I64),
        wasmparser::ValType::F32 if header.features.floats => Ok(Ty::F32),
        wasmparser::ValType::F64 if header.features.floats => Ok(Ty::F64),
        wasmparser::ValType::F32 | wasmparser::ValType::F64 => Err("floating-point support is not enabled"),
        wasmparser::ValType::V128 if !header.features.simd => Err("SIMD support is not enabled"),
        wasmparser::ValType::V128 if cfg!(not(feature = "simd")) => Err(NO_VECTORS),
        wasmparser::ValType::V128 => Ok(Ty::V128),
        wasmparser::ValType::Ref(ty) => ref_type(header, ty.heap_type(), ty.is_nullable()),
    }
}

/// Converts the heap type of the parser to the type of references to it.
///
/// # Errors
///
/// Those of `val_type`.
pub(crate) fn ref_type(header: &ModuleHeader, ty: HeapType, nullable: bool) -> Result<Ty, &'static str> {
    use wasmparser::AbstractHeapType as Heap;
    let features = header.features;
    if !features.reference_types {
        return Err("reference types support is not enabled");
    }
    let heap = match ty {
        HeapType::Concrete(index) if features.function_references || features.gc_types => {
            let index = index.as_module_index().and_then(|index| header.types.resolve(index));
            return index.map(|index| Ty::concrete(index, nullable)).ok_or("unknown type: type index out of bounds");
        }
        HeapType::Concrete(_) => return Err("function references required for index reference types"),
        HeapType::Exact(_) => return Err("custom descriptors required for exact reference types"),
        HeapType::Abstract { shared: true, .. } => {
            return Err("shared reference types require the shared-everything-threads proposal");
        }
        HeapType::Abstract { ty, .. } => match ty {
            Heap::Func if nullable || features.function_references => Abstract::Func,
            Heap::Extern if nullable || features.function_references => Abstract::Extern,
            Heap::Func | Heap::Extern => return Err("function references required for non-nullable types"),
            Heap::NoFunc if features.gc_types => Abstract::NoFunc,
            Heap::NoExtern if features.gc_types => Abstract::NoExtern,
            #[cfg(not(feature = "gc"))]
            Heap::Any | Heap::Eq | Heap::I31 | Heap::Struct | Heap::Array | Heap::None if features.gc_types => {
                return Err(NO_OBJECTS);
            }
            Heap::Any if features.gc_types => Abstract::Any,
            Heap::Eq if features.gc_types => Abstract::Eq,
            Heap::I31 if features.gc_types => Abstract::I31,
            Heap::Struct if features.gc_types => Abstract::Struct,
            Heap::Array if features.gc_types => Abstract::Array,
            Heap::None if features.gc_types => Abstract::None,
            #[cfg(feature = "exceptions")]
            Heap::Exn if features.exceptions => Abstract::Exn,
            #[cfg(feature = "exceptions")]
            Heap::NoExn if features.exceptions => Abstract::NoExn,
            Heap::Exn | Heap::NoExn => {
                return Err("exception refs not supported without the exception handling feature");
            }
            _ => return Err("heap types other than func and extern are not supported"),
        },
    };
    Ok(Ty::reference(heap, nullable))
}
