//! The function under validation.

use alloc::{format, vec::Vec};

use crate::{
    config::Features,
    error::Error,
    module::env::ModuleHeader,
    types::{FuncType, MemoryType, ValType},
    validate::LocalTypes,
};

/// What kind of structured operator a control frame stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameKind {
    /// The function body, or `block`
    Block,
    /// `loop`
    Loop,
    /// The first arm of `if`
    If,
    /// The second arm of `if`
    Else,
}

/// The type of a block, without borrowing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockType {
    /// No parameters, no results.
    Empty,
    /// No parameters, one result.
    Result(ValType),
    /// The function type at this type index.
    Func(u32),
    /// The type of the function itself; its parameters are locals.
    Body,
}

/// A structured operator that is open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Control {
    kind: FrameKind,
    ty: BlockType,
    /// Height of the operand stack below the parameters.
    height: u32,
    /// Whether what follows cannot be reached, so that the stack gives whatever is wanted.
    unreachable: bool,
}

/// The type of an operand; unknown where it comes from code that cannot be reached.
pub(super) type OperandType = Option<ValType>;

/// So many operands may be on the stack where many are pushed at once: more than any frame has room for.
/// A call of two bytes may push a thousand of them.
const MAX_OPERANDS: usize = 1 << 20;

/// Memory that is kept between functions.
#[derive(Debug, Default)]
pub(crate) struct ValidationMemory {
    types: Vec<OperandType>,
    controls: Vec<Control>,
}

/// A function under validation.
#[derive(Debug)]
pub(crate) struct Validation<'a> {
    pub(super) header: &'a ModuleHeader,
    pub(super) locals: &'a LocalTypes,
    pub(super) results: &'a [ValType],
    types: Vec<OperandType>,
    controls: Vec<Control>,
    /// That of the innermost control frame.
    height: usize,
    /// The type of addresses of memory 0, if there is one.
    pub(super) addr: Option<ValType>,
    /// Where the current operator stands in the module.
    pub(crate) offset: usize,
    pub(crate) func: u32,
}

impl<'a> Validation<'a> {
    /// Begins to validate function `func`, of type `ty` and with these locals.
    pub(crate) fn new(
        header: &'a ModuleHeader,
        func: u32,
        ty: &'a FuncType,
        locals: &'a LocalTypes,
        memory: ValidationMemory,
    ) -> Self {
        let ValidationMemory { mut types, mut controls } = memory;
        types.clear();
        controls.clear();
        controls.push(Control { kind: FrameKind::Block, ty: BlockType::Body, height: 0, unreachable: false });
        let addr = header.memories.first().map(MemoryType::index_type);
        Self { header, locals, results: ty.results(), types, controls, height: 0, addr, offset: 0, func }
    }

    /// The memory, for the next function.
    pub(crate) fn into_memory(self) -> ValidationMemory {
        ValidationMemory { types: self.types, controls: self.controls }
    }

    /// Whether the end of the function is still to come.
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        !self.controls.is_empty()
    }

    /// The proposals that are enabled.
    pub(crate) fn features(&self) -> &'a Features {
        &self.header.features
    }

    /// The kind of the innermost control frame.
    pub(crate) fn frame_kind(&self) -> Option<FrameKind> {
        self.controls.last().map(|control| control.kind)
    }

    /// An error of the current operator.
    #[cold]
    pub(crate) fn error(&self, message: &str) -> Error {
        Error::invalid_wasm(message, self.offset, Some(self.func))
    }

    // ---- operands

    /// Pushes an operand.
    #[inline]
    pub(super) fn push(&mut self, ty: ValType) {
        self.types.push(Some(ty));
    }

    pub(super) fn push_type(&mut self, ty: OperandType) {
        self.types.push(ty);
    }

    /// Pops an operand of type `expected`.
    #[inline]
    pub(super) fn pop(&mut self, expected: ValType) -> Result<(), Error> {
        if self.types.len() > self.height && self.types.last() == Some(&Some(expected)) {
            self.types.pop();
            return Ok(());
        }
        self.pop_other(Some(expected)).map(drop)
    }

    /// Replaces the topmost operand, of type `from`, by one of type `to`.
    #[inline]
    pub(super) fn replace(&mut self, from: ValType, to: ValType) -> Result<(), Error> {
        if self.types.len() > self.height
            && let Some(top) = self.types.last_mut()
            && *top == Some(from)
        {
            *top = Some(to);
            return Ok(());
        }
        self.pop_other(Some(from))?;
        self.push(to);
        Ok(())
    }

    /// Pops an operand of any type.
    #[inline]
    pub(super) fn pop_any(&mut self) -> Result<OperandType, Error> {
        if self.types.len() > self.height
            && let Some(ty) = self.types.pop()
        {
            return Ok(ty);
        }
        self.pop_other(None)
    }

    #[cold]
    fn pop_other(&mut self, expected: OperandType) -> Result<OperandType, Error> {
        let found = if self.types.len() > self.height { self.types.pop() } else { None };
        let Some(found) = found else {
            if self.controls.last().is_some_and(|control| control.unreachable) {
                return Ok(None);
            }
            return Err(match expected {
                Some(expected) => self.error(&format!("type mismatch: expected {expected} but nothing on stack")),
                None => self.error("type mismatch: expected a type but nothing on stack"),
            });
        };
        if let (Some(found), Some(expected)) = (found, expected)
            && found != expected
        {
            return Err(self.error(&format!("type mismatch: expected {expected}, found {found}")));
        }
        Ok(found)
    }

    /// Whether operands of just these types are on top of the stack.
    fn stand_on_top(&self, types: &[ValType]) -> bool {
        let height = self.types.len();
        height >= self.height + types.len()
            && self.types[height - types.len()..].iter().zip(types).all(|(found, ty)| *found == Some(*ty))
    }

    /// Pops operands of these types, the last one first.
    pub(super) fn pop_all(&mut self, types: &[ValType]) -> Result<(), Error> {
        if self.stand_on_top(types) {
            self.types.truncate(self.types.len() - types.len());
            return Ok(());
        }
        types.iter().rev().try_for_each(|&ty| self.pop(ty))
    }

    /// Pushes operands of these types.
    pub(super) fn push_all(&mut self, types: &[ValType]) -> Result<(), Error> {
        let height = self.types.len() + types.len();
        if height > MAX_OPERANDS {
            return Err(Error::too_many_slots(height));
        }
        if let &[ty] = types {
            self.push(ty);
        } else {
            self.types.extend(types.iter().map(|&ty| Some(ty)));
        }
        Ok(())
    }

    /// Checks that operands of these types are on top of the stack, and leaves them there.
    pub(super) fn peek_all(&mut self, types: &[ValType]) -> Result<(), Error> {
        if self.stand_on_top(types) {
            return Ok(());
        }
        let mut popped = Vec::with_capacity(types.len());
        for &ty in types.iter().rev() {
            popped.push(self.pop_other(Some(ty))?);
        }
        self.types.extend(popped.into_iter().rev());
        Ok(())
    }

    /// What follows cannot be reached.
    pub(super) fn set_unreachable(&mut self) {
        self.types.truncate(self.height);
        if let Some(control) = self.controls.last_mut() {
            control.unreachable = true;
        }
    }

    // ---- control frames

    /// The parameters of a block type.
    pub(super) fn params(&self, ty: BlockType) -> &'a [ValType] {
        match ty {
            BlockType::Empty | BlockType::Result(_) | BlockType::Body => &[],
            BlockType::Func(index) => self.header.type_at(index).params(),
        }
    }

    /// The results of a block type.
    pub(super) fn block_results(&self, ty: BlockType) -> &'a [ValType] {
        match ty {
            BlockType::Empty => &[],
            BlockType::Result(ty) => single(ty),
            BlockType::Func(index) => self.header.type_at(index).results(),
            BlockType::Body => self.results,
        }
    }

    /// Opens a frame whose parameters are popped, and pushes them.
    pub(super) fn push_control(&mut self, kind: FrameKind, ty: BlockType) -> Result<(), Error> {
        self.height = self.types.len();
        self.controls.push(Control { kind, ty, height: self.height as u32, unreachable: false });
        self.push_all(self.params(ty))
    }

    /// Closes the innermost frame and pops its results.
    pub(super) fn pop_control(&mut self) -> Result<(FrameKind, BlockType), Error> {
        let Some(&Control { kind, ty, height, .. }) = self.controls.last() else {
            return Err(self.error("operators remaining after end of function"));
        };
        self.pop_all(self.block_results(ty))?;
        if self.types.len() != height as usize {
            return Err(self.error("type mismatch: values remaining on stack at end of block"));
        }
        self.controls.pop();
        self.height = self.controls.last().map_or(0, |control| control.height as usize);
        Ok((kind, ty))
    }

    /// The types that a branch to the label at `depth` takes along.
    pub(super) fn label(&self, depth: u32) -> Result<&'a [ValType], Error> {
        let index = self.controls.len().checked_sub(depth as usize).and_then(|above| above.checked_sub(1));
        let Some(control) = index.and_then(|index| self.controls.get(index)) else {
            return Err(self.error("unknown label: branch depth too large"));
        };
        Ok(match control.kind {
            FrameKind::Loop => self.params(control.ty),
            _ => self.block_results(control.ty),
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
