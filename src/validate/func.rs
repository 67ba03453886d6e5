//! The function under validation.

use alloc::{format, vec::Vec};

use crate::{
    config::proposals::Features,
    error::Error,
    module::env::ModuleHeader,
    types::{MemoryType, ValType},
    validate::{
        locals::LocalTypes,
        stack::{BlockType, Entry, Frame, FrameKind, OperandType},
    },
};

/// So many operands may be on the stack where many are pushed at once: more than any frame has room for.
/// A call of two bytes may push a thousand of them.
const MAX_OPERANDS: usize = 1 << 20;

/// Memory that is kept between functions.
#[derive(Debug)]
pub(crate) struct ValidationMemory<T> {
    entries: Vec<Entry>,
    frames: Vec<Frame<T>>,
    locals: LocalTypes,
}

impl<T> Default for ValidationMemory<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), frames: Vec::new(), locals: LocalTypes::default() }
    }
}

/// Above all heights: no operand stands on a stack that cannot be reached.
const NOWHERE: usize = usize::MAX / 2;

/// A function under validation, with the operand stack and the frames, which its translator shares.
///
/// Where the current operator can be reached, operators are checked only: the translator pops and pushes. Where it
/// cannot, they pop and push here, and the translator leaves them alone.
#[derive(Debug)]
// In this order: what most operators touch stands together.
#[repr(C)]
pub(crate) struct Validation<'a, T> {
    /// The operand stack.
    pub(crate) entries: Vec<Entry>,
    /// The height of the innermost frame, or `NOWHERE` if the current operator cannot be reached.
    floor: usize,
    pub(crate) locals: LocalTypes,
    /// Where the current operator stands in memory, to which `origin` is added for where it stands in the module.
    // So that one store says it, and no arithmetic.
    address: usize,
    /// The frames that are open, the innermost one last.
    pub(crate) frames: Vec<Frame<T>>,
    /// That of the innermost frame.
    height: usize,
    /// Whether the current operator can be reached.
    reachable: bool,
    /// The type of addresses of memory 0, if there is one.
    pub(super) addr: Option<ValType>,
    pub(crate) func: u32,
    /// The difference between places in the module and in memory, which wraps.
    origin: usize,
    /// How much of the stack the current operator has left, while it is checked.
    left: usize,
    pub(super) header: &'a ModuleHeader,
    /// Types of the function's results.
    pub(crate) results: &'a [ValType],
}

impl<'a, T: Copy> Validation<'a, T> {
    /// Of functions of the module that has this header.
    pub(crate) fn new(header: &'a ModuleHeader, memory: ValidationMemory<T>) -> Self {
        let ValidationMemory { entries, frames, locals } = memory;
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
        }
    }

    /// Begins to validate function `func`, which has these results, and whose locals are known. If it is not to be
    /// translated, nothing can be `reachable`.
    pub(crate) fn begin_func(&mut self, func: u32, results: &'a [ValType], reachable: bool) {
        self.func = func;
        self.results = results;
        self.entries.clear();
        self.frames.clear();
        self.reachable = reachable;
    }

    /// The memory, for other functions.
    pub(crate) fn into_memory(self) -> ValidationMemory<T> {
        ValidationMemory { entries: self.entries, frames: self.frames, locals: self.locals }
    }

    /// Says that the byte at `address` in memory is at `offset` in the module.
    pub(crate) fn set_origin(&mut self, address: usize, offset: usize) {
        self.origin = offset.wrapping_sub(address);
    }

    /// Says that the current operator is at this address in memory.
    #[inline(always)]
    pub(crate) fn set_address(&mut self, address: usize) {
        self.address = address;
    }

    /// Where the current operator stands in the module.
    pub(crate) fn offset(&self) -> usize {
        self.address.wrapping_add(self.origin)
    }

    /// Whether the end of the function is still to come.
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        !self.frames.is_empty()
    }

    /// Whether the current operator can be reached, and what it does is translated.
    #[inline]
    pub(crate) fn is_reachable(&self) -> bool {
        self.reachable
    }

    /// The proposals that are enabled.
    pub(crate) fn features(&self) -> &'a Features {
        &self.header.features
    }

    /// The kind of the innermost control frame.
    pub(crate) fn frame_kind(&self) -> Option<FrameKind> {
        self.frames.last().map(|frame| frame.kind)
    }

    /// An error of the current operator.
    #[cold]
    pub(crate) fn error(&self, message: &str) -> Error {
        Error::invalid_wasm(message, self.offset(), Some(self.func))
    }

    // ---- operands

    /// The topmost operand, if it can be reached and is of type `ty`.
    #[inline(always)]
    pub(crate) fn top_of(&self, ty: ValType) -> Option<Entry> {
        let &top = self.entries.last()?;
        (self.entries.len() > self.floor && top.is_of(ty)).then_some(top)
    }

    /// The topmost operand, if it can be reached and has the type that `other` has.
    #[inline(always)]
    pub(crate) fn top_as(&self, other: Entry) -> Option<Entry> {
        let &top = self.entries.last()?;
        (self.entries.len() > self.floor && top.is_as(other)).then_some(top)
    }

    /// The two topmost operands, the last one last, if they can be reached and are of these types.
    #[inline(always)]
    pub(crate) fn top_two_of(&self, below: ValType, top: ValType) -> Option<[Entry; 2]> {
        let (_, &two) = self.entries.split_last_chunk::<2>()?;
        (self.entries.len() >= self.floor + 2 && two[0].is_of(below) && two[1].is_of(top)).then_some(two)
    }

    /// Whether there are so many operands, and they can be reached.
    #[inline(always)]
    pub(crate) fn has_operands(&self, count: usize) -> bool {
        self.entries.len() >= self.floor + count
    }

    /// Begins to check an operator.
    #[inline]
    pub(crate) fn begin(&mut self) {
        self.left = self.entries.len();
    }

    /// Checks an operator that is in error, or cannot be reached.
    #[cold]
    pub(crate) fn other(&mut self, check: impl FnOnce(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        self.begin();
        check(self)
    }

    /// Pushes an operand.
    #[inline]
    pub(super) fn push(&mut self, ty: ValType) {
        self.push_type(Some(ty));
    }

    #[inline]
    pub(super) fn push_type(&mut self, ty: OperandType) {
        if !self.reachable {
            self.entries.push(Entry::of_type(ty));
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
    pub(super) fn pop(&mut self, expected: ValType) -> Result<(), Error> {
        match self.pop_entry() {
            Some(entry) if entry.is_of(expected) => Ok(()),
            found => self.found_other(found, Some(expected)).map(drop),
        }
    }

    /// Pops an operand of any type.
    #[inline]
    pub(super) fn pop_any(&mut self) -> Result<OperandType, Error> {
        match self.pop_entry() {
            Some(entry) => Ok(entry.known_type()),
            None => self.found_other(None, None),
        }
    }

    /// The type of an operand that is not just what was expected, or not there.
    #[cold]
    fn found_other(&self, found: Option<Entry>, expected: OperandType) -> Result<OperandType, Error> {
        let Some(found) = found else {
            if self.frames.last().is_some_and(|frame| frame.polymorphic) {
                return Ok(None);
            }
            return Err(match expected {
                Some(expected) => self.error(&format!("type mismatch: expected {expected} but nothing on stack")),
                None => self.error("type mismatch: expected a type but nothing on stack"),
            });
        };
        let found = found.known_type();
        if let (Some(found), Some(expected)) = (found, expected)
            && found != expected
        {
            return Err(self.error(&format!("type mismatch: expected {expected}, found {found}")));
        }
        Ok(found)
    }

    /// Pops operands of these types, the last one first.
    pub(super) fn pop_all(&mut self, types: &[ValType]) -> Result<(), Error> {
        // At once, since there may be a thousand.
        if self.reachable
            && let Some(left) = self.left.checked_sub(types.len()).filter(|&left| left >= self.height)
            && self.entries[left..self.left].iter().zip(types).all(|(entry, &ty)| entry.is_of(ty))
        {
            self.left = left;
            return Ok(());
        }
        types.iter().rev().try_for_each(|&ty| self.pop(ty))
    }

    /// Checks that so many operands may be pushed.
    #[inline]
    pub(crate) fn check_height(&self, count: usize) -> Result<(), Error> {
        let height = self.entries.len() + count;
        if height > MAX_OPERANDS { Err(Error::too_many_slots(height)) } else { Ok(()) }
    }

    /// Pushes operands of these types.
    pub(super) fn push_all(&mut self, types: &[ValType]) -> Result<(), Error> {
        self.check_height(types.len())?;
        if !self.reachable {
            self.entries.extend(types.iter().map(|&ty| Entry::of_type(Some(ty))));
        }
        Ok(())
    }

    /// Checks that operands of these types are on top of the stack, and leaves them there.
    pub(super) fn peek_all(&mut self, types: &[ValType]) -> Result<(), Error> {
        if self.reachable {
            let left = self.left;
            self.pop_all(types)?;
            self.left = left;
            return Ok(());
        }
        let mut popped = Vec::with_capacity(types.len());
        for &ty in types.iter().rev() {
            let entry = self.pop_entry();
            popped.push(match entry {
                Some(entry) if entry.is_of(ty) => Some(ty),
                found => self.found_other(found, Some(ty))?,
            });
        }
        self.entries.extend(popped.into_iter().rev().map(Entry::of_type));
        Ok(())
    }

    /// Where an operator cannot be reached behind which control does not go on: what follows cannot either.
    pub(super) fn leave(&mut self) {
        if !self.reachable {
            self.set_unreachable();
        }
    }

    /// What follows cannot be reached.
    pub(crate) fn set_unreachable(&mut self) {
        self.entries.truncate(self.height);
        if let Some(frame) = self.frames.last_mut() {
            frame.polymorphic = true;
        }
        self.set_reachable(false);
    }

    /// Whether the next operator can be reached.
    #[inline]
    pub(crate) fn set_reachable(&mut self, reachable: bool) {
        self.reachable = reachable;
        self.floor = if reachable { self.height } else { NOWHERE };
    }

    // ---- control frames

    /// The parameters of a block type.
    pub(crate) fn params(&self, ty: BlockType) -> &'a [ValType] {
        match ty {
            BlockType::Empty | BlockType::Result(_) | BlockType::Body => &[],
            BlockType::Func(index) => self.header.type_at(index).params(),
        }
    }

    /// The results of a block type.
    pub(crate) fn block_results(&self, ty: BlockType) -> &'a [ValType] {
        match ty {
            BlockType::Empty => &[],
            BlockType::Result(ty) => single(ty),
            BlockType::Func(index) => self.header.type_at(index).results(),
            BlockType::Body => self.results,
        }
    }

    /// Number of parameters and results of a block type.
    #[inline]
    pub(crate) fn arity(&self, ty: BlockType) -> (usize, usize) {
        match ty {
            BlockType::Empty => (0, 0),
            BlockType::Result(_) => (0, 1),
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

    /// Closes the innermost frame. The next operator can be reached if this one can, or a branch comes here.
    #[inline]
    pub(crate) fn pop_frame(&mut self, branch: bool) {
        self.frames.pop();
        self.height = self.frames.last().map_or(0, Frame::height);
        self.set_reachable(self.reachable | branch);
    }

    /// Begins the second arm of the innermost frame, an `if`; its operands are on the stack.
    pub(crate) fn begin_else(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.kind = FrameKind::Else;
            frame.polymorphic = false;
        }
    }

    /// The innermost frame, if it has neither parameters nor results, and has left none.
    #[inline]
    pub(crate) fn empty_frame(&self) -> Option<&Frame<T>> {
        self.frames.last().filter(|frame| frame.results | frame.params == 0 && self.entries.len() == self.height)
    }

    /// Whether a branch to the label at `depth` takes nothing along.
    #[inline]
    pub(crate) fn is_label_empty(&self, depth: u32) -> bool {
        let index = self.frames.len().wrapping_sub(1).wrapping_sub(depth as usize);
        self.frames.get(index).is_some_and(|frame| frame.results | frame.params == 0)
    }

    /// Checks that the results of the innermost frame are all that it has left; gives its kind and type.
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

    /// The types that a branch to the label at `depth` takes along.
    pub(super) fn label(&self, depth: u32) -> Result<&'a [ValType], Error> {
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

/// One type as a list of types.
fn single(ty: ValType) -> &'static [ValType] {
    match ty {
        ValType::I32 => &[ValType::I32],
        ValType::I64 => &[ValType::I64],
        ValType::F32 => &[ValType::F32],
        ValType::F64 => &[ValType::F64],
        ValType::V128 => &[ValType::V128],
        ValType::FuncRef => &[ValType::FuncRef],
        ValType::ExternRef => &[ValType::ExternRef],
    }
}

/// The type as the library knows it, if it does and its proposal is enabled.
///
/// # Errors
///
/// What is not enabled.
pub(crate) fn val_type(header: &ModuleHeader, ty: wasmparser::ValType) -> Result<ValType, &'static str> {
    match ty {
        wasmparser::ValType::I32 => Ok(ValType::I32),
        wasmparser::ValType::I64 => Ok(ValType::I64),
        wasmparser::ValType::F32 if header.features.floats => Ok(ValType::F32),
        wasmparser::ValType::F64 if header.features.floats => Ok(ValType::F64),
        wasmparser::ValType::F32 | wasmparser::ValType::F64 => Err("floating-point support is not enabled"),
        wasmparser::ValType::V128 => Err("SIMD support is not enabled"),
        wasmparser::ValType::Ref(ty) if !ty.is_nullable() => Err("function references required for non-nullable types"),
        wasmparser::ValType::Ref(ty) => heap_type(header, ty.heap_type()),
    }
}

/// The type of nullable references to `ty`, as `val_type`.
///
/// # Errors
///
/// What is not enabled.
pub(super) fn heap_type(header: &ModuleHeader, ty: wasmparser::HeapType) -> Result<ValType, &'static str> {
    if !header.features.reference_types {
        return Err("reference types support is not enabled");
    }
    match ty {
        wasmparser::HeapType::FUNC => Ok(ValType::FuncRef),
        wasmparser::HeapType::EXTERN => Ok(ValType::ExternRef),
        _ => Err("heap types other than func and extern are not supported"),
    }
}
