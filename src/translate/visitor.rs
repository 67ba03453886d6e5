//! One line per Wasm operator: validates it, charges its fuel, and translates it.

use crate::{
    config::costs::OperatorCost,
    error::Error,
    ir::opcode::Row,
    translate::builder::Builder,
    types::repr::{F32, F64, I32, I64, Ty},
    validate::{BlockType, BrTable, Entry, FrameKind, ref_type},
};
#[cfg(feature = "gc")]
use crate::{types::kinds::Abstract, validate::Cast};
use wasmparser::{HeapType, Ieee32, Ieee64, WasmFeatures};

/// Validates operators one by one, and translates those that can be reached.
// In this order: all functions take the builder, which is at offset 0.
#[repr(C)]
pub(crate) struct Visitor<'a> {
    pub(crate) builder: Builder<'a>,
    /// The proposals that the parser accepts.
    pub(crate) features: WasmFeatures,
}

impl<'a> Visitor<'a> {
    /// Charges the fuel of an operator and returns the builder, if the operator can be reached.
    #[inline(always)]
    pub(crate) fn charged(&mut self, cost: fn(&OperatorCost) -> u64) -> Option<&mut Builder<'a>> {
        if !self.builder.stack.validation.is_reachable() {
            self.builder.fuel.charge_unreachable(cost);
            return None;
        }
        self.builder.fuel.charge(cost);
        Some(&mut self.builder)
    }

    /// `local.get`, the most frequent operator.
    #[inline(always)]
    pub(crate) fn local_get(&mut self, local: u32) -> Result<(), Error> {
        let Some(entry) = self.builder.stack.validation.locals.first(local) else {
            return self.other_local_get(local);
        };
        self.builder.charge_any(OperatorCost::visit_local_get);
        self.builder.local_get(local, entry);
        Ok(())
    }

    /// `local.get` of a local that is not among the first ones, or is a vector.
    #[cold]
    fn other_local_get(&mut self, local: u32) -> Result<(), Error> {
        let entry = self.builder.stack.validation.local(local)?;
        self.builder.charge_any(OperatorCost::visit_local_get);
        #[cfg(feature = "simd")]
        if entry.is_of(Ty::V128) {
            self.builder.vector_get(local, entry);
            return Ok(());
        }
        self.builder.local_get(local, entry);
        Ok(())
    }

    /// `i32.const`
    #[inline(always)]
    pub(crate) fn i32_const(&mut self, value: i32) {
        self.builder.charge_any(OperatorCost::visit_i32_const);
        self.builder.stack.push(Entry::i32(value.cast_unsigned()));
    }

    /// A constant of another type.
    #[inline(always)]
    pub(crate) fn constant(&mut self, cost: fn(&OperatorCost) -> u64, bits: u64, ty: Ty) {
        self.builder.charge_any(cost);
        self.builder.push_constant(bits, ty);
    }

    /// `local.set`, or `local.tee` if `tee`.
    #[inline(always)]
    pub(crate) fn local_set(&mut self, local: u32, tee: bool) -> Result<(), Error> {
        let cost = if tee { OperatorCost::visit_local_tee } else { OperatorCost::visit_local_set };
        let builder = &mut self.builder;
        let validation = &mut builder.stack.validation;
        let place = validation.local_to_set(local)?;
        let entry = match validation.top_as(place) {
            Some(entry) => entry,
            None => {
                validation.other_local(place.ty(), tee)?;
                match validation.reachable_top() {
                    #[cfg(feature = "simd")]
                    Some(_) if place.is_of(Ty::V128) => {
                        builder.fuel.charge(cost);
                        builder.vector_set(local, place, tee);
                        return Ok(());
                    }
                    Some(entry) => entry,
                    None => {
                        builder.fuel.charge_unreachable(cost);
                        return Ok(());
                    }
                }
            }
        };
        builder.fuel.charge(cost);
        builder.local_set(local, place, entry, tee);
        Ok(())
    }

    /// `end`
    pub(crate) fn end(&mut self) -> Result<(), Error> {
        if self.builder.end_empty() { Ok(()) } else { self.end_any() }
    }

    #[inline(never)]
    fn end_any(&mut self) -> Result<(), Error> {
        self.builder.stack.validation.end()?;
        self.charged(OperatorCost::visit_end);
        self.builder.end();
        Ok(())
    }

    /// `br`
    // A label without values needs no types. Most labels are like this, and types are slower to look up.
    pub(crate) fn br(&mut self, depth: u32) -> Result<(), Error> {
        let builder = &mut self.builder;
        if !builder.stack.validation.is_reachable() || !builder.stack.validation.is_label_empty(depth) {
            return self.visit_br(depth);
        }
        builder.fuel.charge(OperatorCost::visit_br);
        builder.br_without_values(depth);
        Ok(())
    }

    /// `br_if`
    // As for `br`: a label without values needs no types.
    pub(crate) fn br_if(&mut self, depth: u32) -> Result<(), Error> {
        let builder = &mut self.builder;
        if builder.stack.validation.top_of(I32).is_none() || !builder.stack.validation.is_label_empty(depth) {
            return self.visit_br_if(depth);
        }
        builder.fuel.charge(OperatorCost::visit_br_if);
        builder.br_if_without_values(depth);
        Ok(())
    }

    /// `call`
    pub(crate) fn call(&mut self, func: u32) -> Result<(), Error> {
        let builder = &mut self.builder;
        let ty = builder.stack.validation.func_type(func)?;
        let (params, results) = ty.params_and_results();
        builder.stack.validation.check_height(results.len())?;
        if !builder.stack.validation.has_operands(params.len()) || !builder.settle_arguments(params) {
            builder.stack.validation.other(|validation| validation.call(params, results))?;
            if !builder.stack.validation.is_reachable() {
                builder.fuel.charge_unreachable(OperatorCost::visit_call);
                return Ok(());
            }
        }
        builder.fuel.charge(OperatorCost::visit_call);
        builder.fuel.charge_call(params.len() + results.len());
        builder.call(func, params.len(), results, ty.signature());
        Ok(())
    }

    /// `block`
    pub(crate) fn block(&mut self, ty: BlockType) -> Result<(), Error> {
        self.builder.stack.validation.begin();
        self.builder.stack.validation.open(ty)?;
        self.charged(OperatorCost::visit_block);
        self.builder.block(ty);
        Ok(())
    }

    /// `loop`
    pub(crate) fn loop_(&mut self, ty: BlockType) -> Result<(), Error> {
        self.builder.stack.validation.begin();
        self.builder.stack.validation.open(ty)?;
        self.charged(OperatorCost::visit_loop);
        self.builder.loop_(ty);
        Ok(())
    }

    /// `if`
    pub(crate) fn if_(&mut self, ty: BlockType) -> Result<(), Error> {
        self.builder.stack.validation.begin();
        self.builder.stack.validation.if_(ty)?;
        self.charged(OperatorCost::visit_if);
        self.builder.if_(ty);
        Ok(())
    }

    /// `else`
    fn else_(&mut self) -> Result<(), Error> {
        let builder = &mut self.builder;
        if builder.stack.validation.frame_kind() != Some(FrameKind::If) {
            // The parser gives the offset after the operator.
            let (offset, func) = (builder.stack.validation.offset() + 1, builder.stack.validation.func);
            return Err(Error::invalid_wasm("`else` found outside `If` block", offset, Some(func)));
        }
        builder.stack.validation.begin();
        builder.stack.validation.visit_else()?;
        self.charged(OperatorCost::visit_else);
        self.builder.else_();
        Ok(())
    }
}

macro_rules! operators {
    ($($visit:ident($this:ident $(, $arg:ident: $ty:ty)*) $body:expr;)*) => { $(
        fn $visit(&mut self $(, $arg: $ty)*) {
            let $this = self;
            $body;
        } )*
    };
}

/// Operators that are translated only where they can be reached.
impl Builder<'_> {
    operators! {
        visit_unreachable(b) b.unreachable();
        visit_br(b, depth: u32) b.br(depth);
        visit_br_if(b, depth: u32) b.br_if(depth);
        visit_return(b) b.return_and_stop();
        visit_call_indirect(b, ty: u32, table: u32) b.call_indirect(ty, table);
        visit_return_call(b, func: u32) b.return_call(func);
        visit_return_call_indirect(b, ty: u32, table: u32) b.return_call_indirect(ty, table);
        visit_call_ref(b, ty: u32) b.call_ref(ty);
        visit_return_call_ref(b, ty: u32) b.return_call_ref(ty);
        visit_br_on_null(b, depth: u32) b.br_on_null(depth);
        visit_br_on_non_null(b, depth: u32) b.br_on_non_null(depth);
        visit_ref_as_non_null(b) b.ref_as_non_null();
        visit_drop(b) b.drop_value();
        visit_select(b) b.select();
        visit_typed_select(b, _ty: wasmparser::ValType) b.select();
        visit_global_get(b, global: u32) b.global_get(global);
        visit_global_set(b, global: u32) b.global_set(global);
        visit_i32_const(b, value: i32) b.stack.push(Entry::i32(value.cast_unsigned()));
        visit_i64_const(b, value: i64) b.push_constant(value.cast_unsigned(), I64);
        visit_f32_const(b, value: Ieee32) b.push_constant(u64::from(value.bits()), F32);
        visit_f64_const(b, value: Ieee64) b.push_constant(value.bits(), F64);
        visit_ref_null(b, ty: HeapType) b.push_constant(0, b.null_type(ty));
        visit_ref_is_null(b) b.unary(Row::i64_eqz, I64, I32);
        visit_ref_func(b, func: u32) b.indexed_value(Row::ref_func, func, b.stack.validation.func_ref(func));
        visit_memory_size(b, memory: u32) b.indexed_value(b.row_for(Row::memory_size, memory), memory, b.memory_index(memory));
        visit_memory_grow(b, memory: u32) b.bulk(b.row_for(Row::memory_grow, memory), 1, &[u64::from(memory), 0], &[b.memory_index(memory)]);
        visit_memory_fill(b, memory: u32) b.bulk(b.row_for(Row::memory_fill, memory), 3, &[u64::from(memory), 0], &[]);
        visit_memory_copy(b, dst: u32, src: u32) b.bulk(b.row_for(b.row_for(Row::memory_copy, dst), src), 3, &[u64::from(dst), u64::from(src)], &[]);
        visit_memory_init(b, data: u32, memory: u32) b.bulk(b.row_for(Row::memory_init, memory), 3, &[u64::from(memory), u64::from(data)], &[]);
        visit_data_drop(b, data: u32) b.index_only(Row::data_drop, data);
        visit_table_get(b, table: u32) b.table_get(table, b.table_element(table));
        visit_table_set(b, table: u32) b.table_set(table);
        visit_table_size(b, table: u32) b.indexed_value(Row::table_size, table, b.table_index(table));
        visit_table_grow(b, table: u32) b.bulk(Row::table_grow, 2, &[u64::from(table), 0], &[b.table_index(table)]);
        visit_table_fill(b, table: u32) b.bulk(Row::table_fill, 3, &[u64::from(table), 0], &[]);
        visit_table_copy(b, dst: u32, src: u32) b.bulk(Row::table_copy, 3, &[u64::from(dst), u64::from(src)], &[]);
        visit_table_init(b, elem: u32, table: u32) b.bulk(Row::table_init, 3, &[u64::from(table), u64::from(elem)], &[]);
        visit_elem_drop(b, elem: u32) b.index_only(Row::elem_drop, elem);
        visit_i64_add128(b) b.bulk(Row::i64_add128, 4, &[], &[I64, I64]);
        visit_i64_sub128(b) b.bulk(Row::i64_sub128, 4, &[], &[I64, I64]);
        visit_i64_mul_wide_s(b) b.bulk(Row::i64_mul_wide_s, 2, &[], &[I64, I64]);
        visit_i64_mul_wide_u(b) b.bulk(Row::i64_mul_wide_u, 2, &[], &[I64, I64]);
    }

    #[cfg(feature = "gc")]
    operators! {
        visit_ref_eq(b) b.ref_eq();
        visit_struct_new(b, ty: u32) b.struct_new(ty);
        visit_struct_new_default(b, ty: u32) b.struct_new_default(ty);
        visit_struct_get(b, ty: u32, field: u32) b.struct_get(ty, field, false);
        visit_struct_get_s(b, ty: u32, field: u32) b.struct_get(ty, field, true);
        visit_struct_get_u(b, ty: u32, field: u32) b.struct_get(ty, field, false);
        visit_struct_set(b, ty: u32, field: u32) b.struct_set(ty, field);
        visit_array_new(b, ty: u32) b.array_new(ty);
        visit_array_new_default(b, ty: u32) b.array_new_default(ty);
        visit_array_new_fixed(b, ty: u32, len: u32) b.array_new_fixed(ty, len);
        visit_array_new_data(b, ty: u32, data: u32) b.array_new_of_segment(Row::array_new_data, ty, data);
        visit_array_new_elem(b, ty: u32, elem: u32) b.array_new_of_segment(Row::array_new_elem, ty, elem);
        visit_array_get(b, ty: u32) b.array_get(ty, false);
        visit_array_get_s(b, ty: u32) b.array_get(ty, true);
        visit_array_get_u(b, ty: u32) b.array_get(ty, false);
        visit_array_set(b, ty: u32) b.array_set(ty);
        visit_array_len(b) b.array_len();
        visit_array_fill(b, ty: u32) b.array_fill(ty);
        visit_array_copy(b, _dst: u32, _src: u32) b.bulk(Row::array_copy, 5, &[], &[]);
        visit_array_init_data(b, _ty: u32, data: u32) b.bulk(Row::array_init_data, 4, &[u64::from(data), 0], &[]);
        visit_array_init_elem(b, _ty: u32, elem: u32) b.bulk(Row::array_init_elem, 4, &[u64::from(elem), 0], &[]);
        visit_ref_test_non_null(b, ty: HeapType) b.ref_test(ty, false);
        visit_ref_test_nullable(b, ty: HeapType) b.ref_test(ty, true);
        visit_ref_cast_non_null(b, ty: HeapType) b.ref_cast(ty, false);
        visit_ref_cast_nullable(b, ty: HeapType) b.ref_cast(ty, true);
        visit_br_on_cast(b, cast: Cast) b.br_on_cast(cast, false);
        visit_br_on_cast_fail(b, cast: Cast) b.br_on_cast(cast, true);
        visit_any_convert_extern(b) b.convert(Abstract::Any);
        visit_extern_convert_any(b) b.convert(Abstract::Extern);
        visit_ref_i31(b) b.ref_i31();
        visit_i31_get_s(b) b.unary(Row::i31_get_s, I64, I32);
        visit_i31_get_u(b) b.unary(Row::i31_get_u, I64, I32);
    }

    #[expect(clippy::unused_self, reason = "like the other operators")]
    fn visit_nop(&mut self) {}

    fn visit_br_table(&mut self, table: &BrTable<'_>) {
        self.br_table(table.targets(), table.len(), table.default());
    }

    fn null_type(&self, ty: HeapType) -> Ty {
        // Validation has just accepted it.
        ref_type(self.header, ty, true).unwrap_or(Ty::FUNCREF)
    }

    fn memory_index(&self, memory: u32) -> Ty {
        self.header.memory(memory).index_type()
    }

    fn table_index(&self, table: u32) -> Ty {
        self.header.table(table).index_type()
    }

    fn table_element(&self, table: u32) -> Ty {
        self.header.table(table).element
    }
}

/// Validates an operator and translates it.
macro_rules! visit {
    ($this:ident visit_block $ty:ident) => { $this.block($this.builder.stack.validation.block_type($ty)?) };
    ($this:ident visit_loop $ty:ident) => { $this.loop_($this.builder.stack.validation.block_type($ty)?) };
    ($this:ident visit_if $ty:ident) => { $this.if_($this.builder.stack.validation.block_type($ty)?) };
    ($this:ident visit_else) => { $this.else_() };
    ($this:ident visit_end) => { $this.end() };
    ($this:ident visit_call $arg:ident) => { $this.call($arg) };
    ($this:ident visit_local_get $arg:ident) => { $this.local_get($arg) };
    ($this:ident visit_local_set $arg:ident) => { $this.local_set($arg, false) };
    ($this:ident visit_local_tee $arg:ident) => { $this.local_set($arg, true) };
    ($this:ident visit_br_table $arg:ident) => {{
        $this.builder.stack.validation.begin();
        $this.builder.stack.validation.visit_br_table(&$arg)?;
        if let Some(builder) = $this.charged(OperatorCost::visit_br_table) {
            builder.visit_br_table(&$arg);
        }
        Ok(())
    }};
    ($this:ident $visit:ident $($arg:ident)*) => {{
        $this.builder.stack.validation.begin();
        $this.builder.stack.validation.$visit($($arg),*)?;
        if let Some(builder) = $this.charged(OperatorCost::$visit) {
            builder.$visit($($arg),*);
        }
        Ok(())
    }};
}

/// Defines the visiting methods: one parameter for each immediate.
#[cfg_attr(not(feature = "gc"), allow(unused_macro_rules, reason = "no operator is a cast"))]
macro_rules! visits {
    ($($opcode:literal [$($proposal:ident)?] $visit:ident($($immediate:ident)*) $name:ident = $cost:literal;)*) => {
        $( visits!(@ $visit $($immediate)*); )*
    };
    (@ $visit:ident) => {
        pub(super) fn $visit(&mut self) -> Result<(), Error> { visit!(self $visit) }
    };
    (@ $visit:ident $immediate:ident) => {
        pub(super) fn $visit(&mut self, arg: visits!($immediate)) -> Result<(), Error> { visit!(self $visit arg) }
    };
    (@ $visit:ident $first:ident $second:ident) => {
        pub(super) fn $visit(&mut self, first: visits!($first), second: visits!($second)) -> Result<(), Error> {
            visit!(self $visit first second)
        }
    };
    (block_type) => { wasmparser::BlockType };
    (select_type) => { wasmparser::ValType };
    (heap_type) => { HeapType };
    (br_table) => { BrTable<'_> };
    (cast) => { Cast };
    (i32) => { i32 };
    (i64) => { i64 };
    (f32) => { Ieee32 };
    (f64) => { Ieee64 };
    ($index:ident) => { u32 };
}

impl Visitor<'_> {
    for_each_other!(visits);
}
