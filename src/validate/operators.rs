//! Which operands each operator pops and which results it pushes (spec, Validation > Instructions).

use wasmparser::{BlockType as WasmBlockType, HeapType, Ieee32, Ieee64};

use crate::{
    config::proposals::Proposal,
    error::Error,
    module::types::{FuncTy, GlobalTy, TableTy},
    types::{
        MemoryType, Mutability,
        kinds::CompositeKind,
        repr::{F32, F64, I32, I64, Ty},
    },
    validate::{
        br_table::BrTable,
        func::{Validation, ref_type, val_type},
        stack::{BlockType, Entry, FrameKind},
    },
};

/// Returns the type of the length of a copy between memories or tables with indices of these types.
fn length_type(dst: Ty, src: Ty) -> Ty {
    if dst == I64 { src } else { I32 }
}

/// The number of values of these types, which are listed by cell.
fn value_count(types: &[Ty]) -> usize {
    types.iter().filter(|&&ty| ty != Ty::V128_HIGH).count()
}

/// Labels with more values note that they were checked.
const FEW_VALUES: usize = 8;

/// Patterns that many operators share.
impl<T: Copy> Validation<'_, T> {
    /// An operator on one number.
    #[inline]
    pub(crate) fn unary(&mut self, input: Ty, output: Ty) -> Result<(), Error> {
        self.pop(input)?;
        self.push(output);
        Ok(())
    }

    /// An operator on two numbers of the same type.
    #[inline]
    pub(crate) fn binary(&mut self, input: Ty, output: Ty) -> Result<(), Error> {
        self.pop(input)?;
        self.unary(input, output)
    }

    /// A store of a `ty` at an address of type `addr`.
    #[inline]
    pub(crate) fn store(&mut self, addr: Ty, ty: Ty) -> Result<(), Error> {
        self.pop(ty)?;
        self.pop(addr)
    }

    #[inline]
    fn apply(&mut self, inputs: &[Ty], outputs: &[Ty]) -> Result<(), Error> {
        if inputs.is_empty() && outputs.is_empty() { Ok(()) } else { self.apply_all(inputs, outputs) }
    }

    fn apply_all(&mut self, inputs: &[Ty], outputs: &[Ty]) -> Result<(), Error> {
        self.pop_all(inputs)?;
        self.push_all(outputs)
    }

    /// Checks that numbers of this type are enabled.
    pub(crate) fn check_number(&self, ty: Ty) -> Result<(), Error> {
        if matches!(ty, F32 | F64) && !self.header.features.floats {
            return Err(self.error("floating-point instruction disallowed"));
        }
        Ok(())
    }

    /// Checks that a proposal is enabled.
    pub(crate) fn require(&self, proposal: Proposal) -> Result<(), Error> {
        if self.header.features.get(proposal) {
            return Ok(());
        }
        Err(self.error(&alloc::format!("{} support is not enabled", proposal.title())))
    }
}

/// Checks of operators that are invalid or cannot be reached, after a fast check has failed. In code that is only
/// validated these are nearly all operators, and nearly all of them have operands of exactly the expected types.
impl<T: Copy> Validation<'_, T> {
    /// An operator on one number, or a load from an address of type `input`.
    #[cold]
    pub(crate) fn other_unary(&mut self, input: Ty, output: Ty) -> Result<(), Error> {
        if let Some([top]) = self.unreachable_operands()
            && top.is_of(input)
        {
            *top = Entry::of_type(output);
            return Ok(());
        }
        self.begin();
        self.unary(input, output)
    }

    /// An operator on two numbers of the same type.
    #[cold]
    pub(crate) fn other_binary(&mut self, input: Ty, output: Ty) -> Result<(), Error> {
        if let Some([below, top]) = self.unreachable_operands()
            && below.is_of(input)
            && top.is_of(input)
        {
            *below = Entry::of_type(output);
            self.entries.pop();
            return Ok(());
        }
        self.begin();
        self.binary(input, output)
    }

    /// A store of a `ty` at an address of type `addr`.
    #[cold]
    pub(crate) fn other_store(&mut self, addr: Ty, ty: Ty) -> Result<(), Error> {
        if let Some([below, top]) = self.unreachable_operands()
            && below.is_of(addr)
            && top.is_of(ty)
        {
            self.entries.truncate(self.entries.len() - 2);
            return Ok(());
        }
        self.begin();
        self.store(addr, ty)
    }

    /// `local.set`, or `local.tee` if `tee`, of a local of type `ty`. If it can be reached, the operand has this type
    /// from now on.
    #[cold]
    pub(crate) fn other_local(&mut self, ty: Ty, tee: bool) -> Result<(), Error> {
        if let Some([top]) = self.unreachable_operands()
            && top.is_of(ty)
        {
            if !tee {
                self.entries.pop();
            }
            return Ok(());
        }
        self.begin();
        if tee { self.unary(ty, ty) } else { self.pop(ty) }
    }
}

/// Lookups of indices. An index out of bounds is an error.
impl<'a, T: Copy> Validation<'a, T> {
    /// Returns the entry of a local that is read.
    #[inline]
    pub(crate) fn local(&self, local: u32) -> Result<Entry, Error> {
        self.locals.get(local).ok_or_else(|| self.no_local(local))
    }

    /// Returns the entry of a local that is written, and notes that it has a value.
    #[inline]
    pub(crate) fn local_to_set(&mut self, local: u32) -> Result<Entry, Error> {
        match self.locals.set(local, self.frames.len()) {
            Some(entry) => Ok(entry),
            None => Err(self.no_local(local)),
        }
    }

    #[cold]
    fn no_local(&self, local: u32) -> Error {
        if local < self.locals.len() {
            return self.error(&alloc::format!("uninitialized local: {local}"));
        }
        self.error("unknown local: local index out of bounds")
    }

    fn global(&self, global: u32) -> Result<&'a GlobalTy, Error> {
        let found = self.header.globals.get(global as usize);
        found.ok_or_else(|| self.error("unknown global: global index out of bounds"))
    }

    fn memory(&self, memory: u32) -> Result<&'a MemoryType, Error> {
        let found = self.header.memories.get(memory as usize);
        found.ok_or_else(|| self.error(&alloc::format!("unknown memory {memory}")))
    }

    /// Returns the type of addresses of `memory`.
    #[inline(always)]
    pub(crate) fn addr_type(&self, memory: u32) -> Result<Ty, Error> {
        match self.addr {
            Some(addr) if memory == 0 => Ok(addr),
            _ => Ok(self.memory(memory)?.index_type()),
        }
    }

    /// Checks the immediates of a load or a store. The alignments are logarithms. Returns the type of addresses of
    /// `memory`.
    pub(crate) fn memarg(&self, align: u8, natural: u8, memory: u32, offset: u64) -> Result<Ty, Error> {
        if align > natural {
            return Err(self.error("invalid memop alignment: alignment must not be larger than natural"));
        }
        let addr = self.addr_type(memory)?;
        if addr == I32 && offset > u64::from(u32::MAX) {
            return Err(self.error("offset out of range: must be <= 2**32"));
        }
        Ok(addr)
    }

    fn table(&self, table: u32) -> Result<&'a TableTy, Error> {
        let found = self.header.tables.get(table as usize);
        found.ok_or_else(|| self.error("unknown table: table index out of bounds"))
    }

    #[inline]
    fn type_at(&self, index: u32) -> Result<FuncTy<'a>, Error> {
        if self.header.types.kind_at(index) == Some(CompositeKind::Func) {
            return Ok(self.header.type_at(index));
        }
        Err(self.no_func_type(index))
    }

    #[cold]
    fn no_func_type(&self, index: u32) -> Error {
        match self.header.types.kind_at(index) {
            None => self.error("unknown type: type index out of bounds"),
            Some(_) => self.error(&alloc::format!("type index {index} is not a function type")),
        }
    }

    /// Returns the type of a function.
    #[inline(always)]
    pub(crate) fn func_type(&self, func: u32) -> Result<FuncTy<'a>, Error> {
        match self.header.funcs.get(func as usize) {
            Some(&index) => Ok(self.header.type_at(index)),
            None => Err(self.no_func(func)),
        }
    }

    #[cold]
    fn no_func(&self, func: u32) -> Error {
        self.error(&alloc::format!("unknown function {func}: function index out of bounds"))
    }

    /// The type of references to functions of the type at an index, and that type.
    fn callee_ref(&self, ty: u32) -> Result<(Ty, FuncTy<'a>), Error> {
        let callee = self.type_at(ty)?;
        Ok((self.header.types.resolve(ty).map_or(Ty::FUNCREF, |index| Ty::concrete(index, true)), callee))
    }

    fn callee_type(&self, ty: u32, table: u32) -> Result<FuncTy<'a>, Error> {
        let element = self.table(table)?.element;
        if element != Ty::FUNCREF && !self.header.types.is_subtype(element, Ty::FUNCREF) {
            return Err(self.error("indirect calls must go through a table with type <= funcref"));
        }
        self.type_at(ty)
    }

    pub(super) fn data(&self, data: u32) -> Result<(), Error> {
        match self.header.data_count {
            None => Err(self.error("data count section required")),
            Some(count) if data >= count => Err(self.error(&alloc::format!("unknown data segment {data}"))),
            Some(_) => Ok(()),
        }
    }

    pub(super) fn element(&self, element: u32) -> Result<Ty, Error> {
        let found = self.header.elements.get(element as usize).copied();
        found.ok_or_else(|| self.error(&alloc::format!("unknown elem segment {element}: segment index out of bounds")))
    }
}

/// Control operators.
impl<T: Copy> Validation<'_, T> {
    /// Converts a block type of the parser.
    pub(crate) fn block_type(&self, ty: WasmBlockType) -> Result<BlockType, Error> {
        match ty {
            WasmBlockType::Empty => Ok(BlockType::Empty),
            WasmBlockType::Type(ty) => match val_type(self.header, ty) {
                Ok(ty) => Ok(BlockType::Result(ty)),
                Err(message) => Err(self.error(message)),
            },
            WasmBlockType::FuncType(index) => {
                if !self.header.features.multi_value {
                    return Err(self.error(
                        "blocks, loops, and ifs may only produce a resulttype when multi-value is not enabled",
                    ));
                }
                self.type_at(index)?;
                Ok(BlockType::Func(index))
            }
        }
    }

    /// `block` or `loop` of this type. The caller opens the frame with `push_frame`.
    #[inline]
    pub(crate) fn open(&mut self, ty: BlockType) -> Result<(), Error> {
        if let BlockType::Func(index) = ty { self.open_func(index) } else { Ok(()) }
    }

    fn open_func(&mut self, index: u32) -> Result<(), Error> {
        let params = self.header.type_at(index).params();
        self.apply(params, params)
    }

    /// `if`
    pub(crate) fn if_(&mut self, ty: BlockType) -> Result<(), Error> {
        self.pop(I32)?;
        self.open(ty)
    }

    /// `else`. The caller begins the second arm with `begin_else`.
    pub(crate) fn visit_else(&mut self) -> Result<(), Error> {
        let (kind, _) = self.check_results()?;
        if kind != FrameKind::If {
            return Err(self.error("else found outside of an `if` block"));
        }
        Ok(())
    }

    /// `end`. The caller closes the frame with `pop_frame`.
    #[inline]
    pub(crate) fn end(&mut self) -> Result<(), Error> {
        if self.empty_frame().is_some() { Ok(()) } else { self.end_with_results() }
    }

    fn end_with_results(&mut self) -> Result<(), Error> {
        self.begin();
        let (kind, ty) = self.check_results()?;
        if kind == FrameKind::If && !self.header.types.are_subtypes(self.params(ty), self.block_results(ty)) {
            return Err(self.error("type mismatch: `if` without `else` must leave its parameters"));
        }
        self.check_height(self.block_results(ty).len())
    }

    pub(crate) fn visit_br(&mut self, depth: u32) -> Result<(), Error> {
        self.pop_all(self.label(depth)?)?;
        self.leave();
        Ok(())
    }

    pub(crate) fn visit_br_if(&mut self, depth: u32) -> Result<(), Error> {
        self.pop(I32)?;
        let types = self.label(depth)?;
        self.apply(types, types)
    }

    pub(crate) fn visit_br_table(&mut self, table: &BrTable<'_>) -> Result<(), Error> {
        self.pop(I32)?;
        let default = self.label(table.default())?;
        let count = value_count(default);
        self.checked.begin();
        for depth in table.targets() {
            if default.is_empty() && self.is_label_empty(depth) {
                continue;
            }
            let types = self.label(depth)?;
            let checked = core::ptr::eq(types, default)
                || types.len() > FEW_VALUES && self.label_block(depth).is_some_and(|block| self.checked.insert(block));
            if !checked {
                // In code that cannot be reached, values of any types do for both.
                if value_count(types) != count {
                    return Err(self.error("type mismatch: br_table target labels have different number of types"));
                }
                self.peek_all(types)?;
            }
        }
        self.pop_all(default)?;
        self.leave();
        Ok(())
    }

    pub(crate) fn visit_return(&mut self) -> Result<(), Error> {
        self.pop_all(self.results)?;
        self.leave();
        Ok(())
    }

    /// `call` of a function with these parameters and results
    #[inline]
    pub(crate) fn call(&mut self, params: &[Ty], results: &[Ty]) -> Result<(), Error> {
        self.apply(params, results)
    }

    pub(crate) fn visit_call_indirect(&mut self, ty: u32, table: u32) -> Result<(), Error> {
        let index = self.table(table)?.index_type();
        let ty = self.callee_type(ty, table)?;
        self.pop(index)?;
        self.apply(ty.params(), ty.results())
    }

    pub(crate) fn visit_return_call(&mut self, func: u32) -> Result<(), Error> {
        let ty = self.func_type(func)?;
        self.tail_call(ty)
    }

    pub(crate) fn visit_return_call_indirect(&mut self, ty: u32, table: u32) -> Result<(), Error> {
        let index = self.table(table)?.index_type();
        let ty = self.callee_type(ty, table)?;
        self.pop(index)?;
        self.tail_call(ty)
    }

    pub(crate) fn visit_call_ref(&mut self, ty: u32) -> Result<(), Error> {
        let (reference, ty) = self.callee_ref(ty)?;
        self.pop(reference)?;
        self.apply(ty.params(), ty.results())
    }

    pub(crate) fn visit_return_call_ref(&mut self, ty: u32) -> Result<(), Error> {
        let (reference, ty) = self.callee_ref(ty)?;
        self.pop(reference)?;
        self.tail_call(ty)
    }

    pub(crate) fn visit_ref_as_non_null(&mut self) -> Result<(), Error> {
        let ty = self.pop_ref()?;
        self.push(ty.with_nullable(false));
        Ok(())
    }

    pub(crate) fn visit_br_on_null(&mut self, depth: u32) -> Result<(), Error> {
        let ty = self.pop_ref()?;
        let types = self.label(depth)?;
        self.apply(types, types)?;
        self.push(ty.with_nullable(false));
        Ok(())
    }

    pub(crate) fn visit_br_on_non_null(&mut self, depth: u32) -> Result<(), Error> {
        let Some((&last, types)) = self.label(depth)?.split_last() else {
            return Err(self.error("type mismatch: br_on_non_null target has no label types"));
        };
        if !last.is_ref() {
            return Err(self.error("type mismatch: br_on_non_null target does not end with heap type"));
        }
        self.pop(last.with_nullable(true))?;
        self.apply(types, types)
    }

    fn tail_call(&mut self, ty: FuncTy<'_>) -> Result<(), Error> {
        if !self.header.types.are_subtypes(ty.results(), self.results) {
            return Err(self.error("type mismatch: current function requires other result types than the callee's"));
        }
        self.pop_all(ty.params())?;
        self.leave();
        Ok(())
    }

    pub(crate) fn visit_unreachable(&mut self) -> Result<(), Error> {
        self.leave();
        Ok(())
    }

    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "like the other operators")]
    pub(crate) fn visit_nop(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// Operators on values, variables, memories and tables.
impl<T: Copy> Validation<'_, T> {
    #[inline]
    pub(crate) fn visit_drop(&mut self) -> Result<(), Error> {
        self.pop_any().map(drop)
    }

    pub(crate) fn visit_select(&mut self) -> Result<(), Error> {
        self.pop(I32)?;
        let (rhs, lhs) = (self.pop_any()?, self.pop_any()?);
        if lhs.is_ref() || rhs.is_ref() {
            return Err(self.error("type mismatch: select only takes integral types"));
        }
        if lhs != Ty::UNKNOWN && rhs != Ty::UNKNOWN && lhs != rhs {
            return Err(self.error("type mismatch: select operands have different types"));
        }
        self.push(if lhs == Ty::UNKNOWN { rhs } else { lhs });
        Ok(())
    }

    pub(crate) fn visit_typed_select(&mut self, ty: wasmparser::ValType) -> Result<(), Error> {
        let ty = val_type(self.header, ty).map_err(|message| self.error(message))?;
        self.pop_all(&[ty, ty, I32])?;
        self.push(ty);
        Ok(())
    }

    pub(crate) fn visit_global_get(&mut self, global: u32) -> Result<(), Error> {
        self.push(self.global(global)?.content);
        Ok(())
    }

    pub(crate) fn visit_global_set(&mut self, global: u32) -> Result<(), Error> {
        let ty = self.global(global)?;
        if ty.mutability != Mutability::Var {
            return Err(self.error("global is immutable: cannot modify it with `global.set`"));
        }
        self.pop(ty.content)
    }

    pub(crate) fn visit_i32_const(&mut self, _value: i32) -> Result<(), Error> {
        self.push(I32);
        Ok(())
    }

    pub(crate) fn visit_i64_const(&mut self, _value: i64) -> Result<(), Error> {
        self.push(I64);
        Ok(())
    }

    pub(crate) fn visit_f32_const(&mut self, _value: Ieee32) -> Result<(), Error> {
        self.check_number(F32)?;
        self.push(F32);
        Ok(())
    }

    pub(crate) fn visit_f64_const(&mut self, _value: Ieee64) -> Result<(), Error> {
        self.check_number(F64)?;
        self.push(F64);
        Ok(())
    }

    pub(crate) fn visit_ref_null(&mut self, ty: HeapType) -> Result<(), Error> {
        let ty = ref_type(self.header, ty, true).map_err(|message| self.error(message))?;
        self.push(ty);
        Ok(())
    }

    /// Pops a reference.
    fn pop_ref(&mut self) -> Result<Ty, Error> {
        match self.pop_any()? {
            Ty::UNKNOWN => Ok(Ty::UNKNOWN_REF),
            ty if ty.is_ref() => Ok(ty),
            ty => Err(self.error(&alloc::format!("type mismatch: expected ref but found {ty}"))),
        }
    }

    pub(crate) fn visit_ref_is_null(&mut self) -> Result<(), Error> {
        self.pop_ref()?;
        self.push(I32);
        Ok(())
    }

    pub(crate) fn visit_ref_func(&mut self, func: u32) -> Result<(), Error> {
        self.func_type(func)?;
        if self.header.declared.binary_search(&func).is_err() {
            return Err(self.error("undeclared function reference"));
        }
        self.push(self.func_ref(func));
        Ok(())
    }

    /// Returns the type of references to `func`, which exists.
    pub(crate) fn func_ref(&self, func: u32) -> Ty {
        let index = self.header.funcs[func as usize];
        self.header.types.resolve(index).map_or(Ty::FUNCREF, |index| Ty::concrete(index, false))
    }

    pub(crate) fn visit_memory_size(&mut self, memory: u32) -> Result<(), Error> {
        self.push(self.addr_type(memory)?);
        Ok(())
    }

    pub(crate) fn visit_memory_grow(&mut self, memory: u32) -> Result<(), Error> {
        let addr = self.addr_type(memory)?;
        self.unary(addr, addr)
    }

    pub(crate) fn visit_memory_fill(&mut self, memory: u32) -> Result<(), Error> {
        let addr = self.addr_type(memory)?;
        self.pop_all(&[addr, I32, addr])
    }

    pub(crate) fn visit_memory_copy(&mut self, dst: u32, src: u32) -> Result<(), Error> {
        let (dst, src) = (self.memory(dst)?.index_type(), self.memory(src)?.index_type());
        self.pop_all(&[dst, src, length_type(dst, src)])
    }

    pub(crate) fn visit_memory_init(&mut self, data: u32, memory: u32) -> Result<(), Error> {
        let addr = self.addr_type(memory)?;
        self.data(data)?;
        self.pop_all(&[addr, I32, I32])
    }

    pub(crate) fn visit_data_drop(&mut self, data: u32) -> Result<(), Error> {
        self.data(data)
    }

    pub(crate) fn visit_table_get(&mut self, table: u32) -> Result<(), Error> {
        let ty = self.table(table)?;
        self.unary(ty.index_type(), ty.element)
    }

    pub(crate) fn visit_table_set(&mut self, table: u32) -> Result<(), Error> {
        let ty = self.table(table)?;
        self.pop_all(&[ty.index_type(), ty.element])
    }

    pub(crate) fn visit_table_size(&mut self, table: u32) -> Result<(), Error> {
        self.push(self.table(table)?.index_type());
        Ok(())
    }

    pub(crate) fn visit_table_grow(&mut self, table: u32) -> Result<(), Error> {
        let ty = self.table(table)?;
        let index = ty.index_type();
        self.apply(&[ty.element, index], &[index])
    }

    pub(crate) fn visit_table_fill(&mut self, table: u32) -> Result<(), Error> {
        let ty = self.table(table)?;
        let index = ty.index_type();
        self.pop_all(&[index, ty.element, index])
    }

    pub(crate) fn visit_table_copy(&mut self, dst: u32, src: u32) -> Result<(), Error> {
        let (dst, src) = (self.table(dst)?, self.table(src)?);
        if src.element != dst.element && !self.header.types.is_subtype(src.element, dst.element) {
            return Err(self.error("type mismatch: tables have different element types"));
        }
        let (dst, src) = (dst.index_type(), src.index_type());
        self.pop_all(&[dst, src, length_type(dst, src)])
    }

    pub(crate) fn visit_table_init(&mut self, element: u32, table: u32) -> Result<(), Error> {
        let ty = self.table(table)?;
        let element = self.element(element)?;
        if element != ty.element && !self.header.types.is_subtype(element, ty.element) {
            return Err(self.error("type mismatch: the segment has another element type than the table"));
        }
        self.pop_all(&[ty.index_type(), I32, I32])
    }

    pub(crate) fn visit_elem_drop(&mut self, element: u32) -> Result<(), Error> {
        self.element(element).map(drop)
    }

    pub(crate) fn visit_i64_add128(&mut self) -> Result<(), Error> {
        self.apply(&[I64; 4], &[I64; 2])
    }

    pub(crate) fn visit_i64_sub128(&mut self) -> Result<(), Error> {
        self.apply(&[I64; 4], &[I64; 2])
    }

    pub(crate) fn visit_i64_mul_wide_s(&mut self) -> Result<(), Error> {
        self.apply(&[I64; 2], &[I64; 2])
    }

    pub(crate) fn visit_i64_mul_wide_u(&mut self) -> Result<(), Error> {
        self.apply(&[I64; 2], &[I64; 2])
    }
}
