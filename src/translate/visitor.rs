//! One line per Wasm operator: what the translator does with it.

use crate::{
    costs::OperatorCost,
    error::Error,
    ir::opcode::Row,
    translate::{
        builder::Builder,
        control::{BlockTypeRef, FrameKind},
        func::{Visitor, invalid},
        operators::Target,
        stack::Place,
    },
    types::ValType,
};
use ValType::{F32, F64, I32, I64};
use alloc::vec::Vec;
use wasmparser::{BlockType, BrTable, FrameStack, HeapType, Ieee32, Ieee64, MemArg, MemArgTarget, VisitOperator};

/// The type as the library knows it. Types of proposals that are not supported do not pass
/// validation.
pub(crate) fn val_type(ty: wasmparser::ValType) -> ValType {
    match ty {
        wasmparser::ValType::I32 => I32,
        wasmparser::ValType::I64 => I64,
        wasmparser::ValType::F32 => F32,
        wasmparser::ValType::F64 => F64,
        wasmparser::ValType::V128 => ValType::V128,
        wasmparser::ValType::Ref(ty) if ty.is_extern_ref() => ValType::ExternRef,
        wasmparser::ValType::Ref(_) => ValType::FuncRef,
    }
}

fn block_type(ty: BlockType) -> BlockTypeRef {
    match ty {
        BlockType::Empty => BlockTypeRef::Empty,
        BlockType::Type(ty) => BlockTypeRef::Result(val_type(ty)),
        BlockType::FuncType(index) => BlockTypeRef::Func(index),
    }
}

fn target(memarg: &MemArg) -> Target {
    Target {
        memory: match memarg.target {
            MemArgTarget::Memory(memory) => memory,
            // Arrays do not validate without the proposal.
            MemArgTarget::Array(_) => 0,
        },
        offset: memarg.offset,
    }
}

macro_rules! binary {
    ($($visit:ident $row:ident $input:ident -> $output:ident;)*) => { $(
        fn $visit(&mut self) {
            self.binary(Row::$row, $input, $output);
        } )*
    };
}

macro_rules! unary {
    ($($visit:ident $row:ident $input:ident -> $output:ident;)*) => { $(
        fn $visit(&mut self) {
            self.unary(Row::$row, $input, $output);
        } )*
    };
}

macro_rules! loads {
    ($($visit:ident $row:ident $any:ident $ty:ident;)*) => { $(
        fn $visit(&mut self, memarg: MemArg) {
            self.load(Row::$row, Row::$any, $ty, target(&memarg));
        } )*
    };
}

macro_rules! stores {
    ($($visit:ident $row:ident $any:ident $ty:ident;)*) => { $(
        fn $visit(&mut self, memarg: MemArg) {
            self.store(Row::$row, Row::$any, $ty, target(&memarg));
        } )*
    };
}

macro_rules! operators {
    ($($visit:ident($this:ident $(, $arg:ident: $ty:ty)*) $body:expr;)*) => { $(
        fn $visit(&mut self $(, $arg: $ty)*) {
            let $this = self;
            $body;
        } )*
    };
}

/// Operators that open, divide or close blocks; they count even where they cannot be reached.
impl Builder<'_> {
    operators! {
        visit_block(b, ty: BlockType) b.block(block_type(ty));
        visit_loop(b, ty: BlockType) b.loop_(block_type(ty));
        visit_if(b, ty: BlockType) b.if_(block_type(ty));
        visit_else(b) b.else_();
        visit_end(b) b.end();
    }
}

/// Operators that do nothing where they cannot be reached.
impl Builder<'_> {
    operators! {
        visit_unreachable(b) b.unreachable();
        visit_br(b, depth: u32) b.br(depth);
        visit_br_if(b, depth: u32) b.br_if(depth);
        visit_return(b) b.return_and_stop();
        visit_call(b, func: u32) b.call(func);
        visit_call_indirect(b, ty: u32, table: u32) b.call_indirect(ty, table);
        visit_return_call(b, func: u32) b.return_call(func);
        visit_return_call_indirect(b, ty: u32, table: u32) b.return_call_indirect(ty, table);
        visit_drop(b) b.drop_value();
        visit_select(b) b.select();
        visit_typed_select(b, _ty: wasmparser::ValType) b.select();
        visit_local_get(b, local: u32) b.local_get(local);
        visit_local_set(b, local: u32) b.local_set(local, false);
        visit_local_tee(b, local: u32) b.local_set(local, true);
        visit_global_get(b, global: u32) b.global_get(global);
        visit_global_set(b, global: u32) b.global_set(global);
        visit_i32_const(b, value: i32) b.push(Place::Constant(u64::from(value.cast_unsigned())), I32);
        visit_i64_const(b, value: i64) b.push(Place::Constant(value.cast_unsigned()), I64);
        visit_f32_const(b, value: Ieee32) b.push(Place::Constant(u64::from(value.bits())), F32);
        visit_f64_const(b, value: Ieee64) b.push(Place::Constant(value.bits()), F64);
        visit_ref_null(b, ty: HeapType) b.push(Place::Constant(0), if ty == HeapType::EXTERN { ValType::ExternRef } else { ValType::FuncRef });
        visit_ref_is_null(b) b.unary(Row::i64_eqz, I64, I32);
        visit_ref_func(b, func: u32) b.indexed_value(Row::ref_func, func, ValType::FuncRef);
        visit_memory_size(b, memory: u32) b.indexed_value(Row::memory_size, memory, b.memory_index(memory));
        visit_memory_grow(b, memory: u32) b.bulk(Row::memory_grow, 1, &[u64::from(memory), 0], &[b.memory_index(memory)]);
        visit_memory_fill(b, memory: u32) b.bulk(Row::memory_fill, 3, &[u64::from(memory), 0], &[]);
        visit_memory_copy(b, dst: u32, src: u32) b.bulk(Row::memory_copy, 3, &[u64::from(dst), u64::from(src)], &[]);
        visit_memory_init(b, data: u32, memory: u32) b.bulk(Row::memory_init, 3, &[u64::from(memory), u64::from(data)], &[]);
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

    #[expect(clippy::unused_self, reason = "as the other operators")]
    fn visit_nop(&mut self) {}

    fn visit_br_table(&mut self, targets: &BrTable<'_>) {
        // The bytes were validated; without validation a malformed table ends early.
        let depths = targets.targets().filter_map(Result::ok);
        self.br_table(depths, targets.len() as usize, targets.default());
    }

    fn memory_index(&self, memory: u32) -> ValType {
        if self.header.memory(memory).is_64() { I64 } else { I32 }
    }

    fn table_index(&self, table: u32) -> ValType {
        if self.header.table(table).is_64() { I64 } else { I32 }
    }

    fn table_element(&self, table: u32) -> ValType {
        self.header.table(table).element().into()
    }

    loads! {
        visit_i32_load i32_load i32_load_any I32;
        visit_i32_load8_s i32_load8_s i32_load8_s_any I32;
        visit_i32_load8_u i32_load8_u i32_load8_u_any I32;
        visit_i32_load16_s i32_load16_s i32_load16_s_any I32;
        visit_i32_load16_u i32_load16_u i32_load16_u_any I32;
        visit_i64_load i64_load i64_load_any I64;
        visit_i64_load8_s i64_load8_s i64_load8_s_any I64;
        visit_i64_load8_u i64_load8_u i64_load8_u_any I64;
        visit_i64_load16_s i64_load16_s i64_load16_s_any I64;
        visit_i64_load16_u i64_load16_u i64_load16_u_any I64;
        visit_i64_load32_s i64_load32_s i64_load32_s_any I64;
        visit_i64_load32_u i64_load32_u i64_load32_u_any I64;
        visit_f32_load f32_load f32_load_any F32;
        visit_f64_load f64_load f64_load_any F64;
    }

    stores! {
        visit_i32_store i32_store i32_store_any I32;
        visit_i32_store8 i32_store8 i32_store8_any I32;
        visit_i32_store16 i32_store16 i32_store16_any I32;
        visit_i64_store i64_store i64_store_any I64;
        visit_i64_store8 i64_store8 i64_store8_any I64;
        visit_i64_store16 i64_store16 i64_store16_any I64;
        visit_i64_store32 i64_store32 i64_store32_any I64;
        visit_f32_store f32_store f32_store_any F32;
        visit_f64_store f64_store f64_store_any F64;
    }

    binary! {
        visit_i32_add i32_add I32 -> I32;
        visit_i32_sub i32_sub I32 -> I32;
        visit_i32_mul i32_mul I32 -> I32;
        visit_i32_div_s i32_div_s I32 -> I32;
        visit_i32_div_u i32_div_u I32 -> I32;
        visit_i32_rem_s i32_rem_s I32 -> I32;
        visit_i32_rem_u i32_rem_u I32 -> I32;
        visit_i32_and i32_and I32 -> I32;
        visit_i32_or i32_or I32 -> I32;
        visit_i32_xor i32_xor I32 -> I32;
        visit_i32_shl i32_shl I32 -> I32;
        visit_i32_shr_s i32_shr_s I32 -> I32;
        visit_i32_shr_u i32_shr_u I32 -> I32;
        visit_i32_rotl i32_rotl I32 -> I32;
        visit_i32_rotr i32_rotr I32 -> I32;
        visit_i32_eq i32_eq I32 -> I32;
        visit_i32_ne i32_ne I32 -> I32;
        visit_i32_lt_s i32_lt_s I32 -> I32;
        visit_i32_lt_u i32_lt_u I32 -> I32;
        visit_i32_gt_s i32_gt_s I32 -> I32;
        visit_i32_gt_u i32_gt_u I32 -> I32;
        visit_i32_le_s i32_le_s I32 -> I32;
        visit_i32_le_u i32_le_u I32 -> I32;
        visit_i32_ge_s i32_ge_s I32 -> I32;
        visit_i32_ge_u i32_ge_u I32 -> I32;
        visit_i64_add i64_add I64 -> I64;
        visit_i64_sub i64_sub I64 -> I64;
        visit_i64_mul i64_mul I64 -> I64;
        visit_i64_div_s i64_div_s I64 -> I64;
        visit_i64_div_u i64_div_u I64 -> I64;
        visit_i64_rem_s i64_rem_s I64 -> I64;
        visit_i64_rem_u i64_rem_u I64 -> I64;
        visit_i64_and i64_and I64 -> I64;
        visit_i64_or i64_or I64 -> I64;
        visit_i64_xor i64_xor I64 -> I64;
        visit_i64_shl i64_shl I64 -> I64;
        visit_i64_shr_s i64_shr_s I64 -> I64;
        visit_i64_shr_u i64_shr_u I64 -> I64;
        visit_i64_rotl i64_rotl I64 -> I64;
        visit_i64_rotr i64_rotr I64 -> I64;
        visit_i64_eq i64_eq I64 -> I32;
        visit_i64_ne i64_ne I64 -> I32;
        visit_i64_lt_s i64_lt_s I64 -> I32;
        visit_i64_lt_u i64_lt_u I64 -> I32;
        visit_i64_gt_s i64_gt_s I64 -> I32;
        visit_i64_gt_u i64_gt_u I64 -> I32;
        visit_i64_le_s i64_le_s I64 -> I32;
        visit_i64_le_u i64_le_u I64 -> I32;
        visit_i64_ge_s i64_ge_s I64 -> I32;
        visit_i64_ge_u i64_ge_u I64 -> I32;
        visit_f32_add f32_add F32 -> F32;
        visit_f32_sub f32_sub F32 -> F32;
        visit_f32_mul f32_mul F32 -> F32;
        visit_f32_div f32_div F32 -> F32;
        visit_f32_min f32_min F32 -> F32;
        visit_f32_max f32_max F32 -> F32;
        visit_f32_copysign f32_copysign F32 -> F32;
        visit_f32_eq f32_eq F32 -> I32;
        visit_f32_ne f32_ne F32 -> I32;
        visit_f32_lt f32_lt F32 -> I32;
        visit_f32_gt f32_gt F32 -> I32;
        visit_f32_le f32_le F32 -> I32;
        visit_f32_ge f32_ge F32 -> I32;
        visit_f64_add f64_add F64 -> F64;
        visit_f64_sub f64_sub F64 -> F64;
        visit_f64_mul f64_mul F64 -> F64;
        visit_f64_div f64_div F64 -> F64;
        visit_f64_min f64_min F64 -> F64;
        visit_f64_max f64_max F64 -> F64;
        visit_f64_copysign f64_copysign F64 -> F64;
        visit_f64_eq f64_eq F64 -> I32;
        visit_f64_ne f64_ne F64 -> I32;
        visit_f64_lt f64_lt F64 -> I32;
        visit_f64_gt f64_gt F64 -> I32;
        visit_f64_le f64_le F64 -> I32;
        visit_f64_ge f64_ge F64 -> I32;
    }

    unary! {
        visit_i32_eqz i32_eqz I32 -> I32;
        visit_i32_clz i32_clz I32 -> I32;
        visit_i32_ctz i32_ctz I32 -> I32;
        visit_i32_popcnt i32_popcnt I32 -> I32;
        visit_i32_extend8_s i32_extend8_s I32 -> I32;
        visit_i32_extend16_s i32_extend16_s I32 -> I32;
        visit_i64_eqz i64_eqz I64 -> I32;
        visit_i64_clz i64_clz I64 -> I64;
        visit_i64_ctz i64_ctz I64 -> I64;
        visit_i64_popcnt i64_popcnt I64 -> I64;
        visit_i64_extend8_s i64_extend8_s I64 -> I64;
        visit_i64_extend16_s i64_extend16_s I64 -> I64;
        visit_i64_extend32_s i64_extend32_s I64 -> I64;
        visit_f32_abs f32_abs F32 -> F32;
        visit_f32_neg f32_neg F32 -> F32;
        visit_f32_ceil f32_ceil F32 -> F32;
        visit_f32_floor f32_floor F32 -> F32;
        visit_f32_trunc f32_trunc F32 -> F32;
        visit_f32_nearest f32_nearest F32 -> F32;
        visit_f32_sqrt f32_sqrt F32 -> F32;
        visit_f64_abs f64_abs F64 -> F64;
        visit_f64_neg f64_neg F64 -> F64;
        visit_f64_ceil f64_ceil F64 -> F64;
        visit_f64_floor f64_floor F64 -> F64;
        visit_f64_trunc f64_trunc F64 -> F64;
        visit_f64_nearest f64_nearest F64 -> F64;
        visit_f64_sqrt f64_sqrt F64 -> F64;
        visit_i32_wrap_i64 i32_wrap_i64 I64 -> I32;
        visit_i64_extend_i32_s i64_extend_i32_s I32 -> I64;
        visit_i64_extend_i32_u i64_extend_i32_u I32 -> I64;
        visit_f32_demote_f64 f32_demote_f64 F64 -> F32;
        visit_f64_promote_f32 f64_promote_f32 F32 -> F64;
        visit_i32_reinterpret_f32 i32_reinterpret_f32 F32 -> I32;
        visit_i64_reinterpret_f64 i64_reinterpret_f64 F64 -> I64;
        visit_f32_reinterpret_i32 f32_reinterpret_i32 I32 -> F32;
        visit_f64_reinterpret_i64 f64_reinterpret_i64 I64 -> F64;
        visit_i32_trunc_f32_s i32_trunc_f32_s F32 -> I32;
        visit_i32_trunc_sat_f32_s i32_trunc_sat_f32_s F32 -> I32;
        visit_f32_convert_i32_s f32_convert_i32_s I32 -> F32;
        visit_i32_trunc_f32_u i32_trunc_f32_u F32 -> I32;
        visit_i32_trunc_sat_f32_u i32_trunc_sat_f32_u F32 -> I32;
        visit_f32_convert_i32_u f32_convert_i32_u I32 -> F32;
        visit_i32_trunc_f64_s i32_trunc_f64_s F64 -> I32;
        visit_i32_trunc_sat_f64_s i32_trunc_sat_f64_s F64 -> I32;
        visit_f64_convert_i32_s f64_convert_i32_s I32 -> F64;
        visit_i32_trunc_f64_u i32_trunc_f64_u F64 -> I32;
        visit_i32_trunc_sat_f64_u i32_trunc_sat_f64_u F64 -> I32;
        visit_f64_convert_i32_u f64_convert_i32_u I32 -> F64;
        visit_i64_trunc_f32_s i64_trunc_f32_s F32 -> I64;
        visit_i64_trunc_sat_f32_s i64_trunc_sat_f32_s F32 -> I64;
        visit_f32_convert_i64_s f32_convert_i64_s I64 -> F32;
        visit_i64_trunc_f32_u i64_trunc_f32_u F32 -> I64;
        visit_i64_trunc_sat_f32_u i64_trunc_sat_f32_u F32 -> I64;
        visit_f32_convert_i64_u f32_convert_i64_u I64 -> F32;
        visit_i64_trunc_f64_s i64_trunc_f64_s F64 -> I64;
        visit_i64_trunc_sat_f64_s i64_trunc_sat_f64_s F64 -> I64;
        visit_f64_convert_i64_s f64_convert_i64_s I64 -> F64;
        visit_i64_trunc_f64_u i64_trunc_f64_u F64 -> I64;
        visit_i64_trunc_sat_f64_u i64_trunc_sat_f64_u F64 -> I64;
        visit_f64_convert_i64_u f64_convert_i64_u I64 -> F64;
    }
}

/// Validates an operator and translates it, if its proposal is supported.
macro_rules! visit {
    (mvp $($rest:tt)*) => { visit!(supported $($rest)*) };
    (sign_extension $($rest:tt)*) => { visit!(supported $($rest)*) };
    (saturating_float_to_int $($rest:tt)*) => { visit!(supported $($rest)*) };
    (bulk_memory $($rest:tt)*) => { visit!(supported $($rest)*) };
    (tail_call $($rest:tt)*) => { visit!(supported $($rest)*) };
    (wide_arithmetic $($rest:tt)*) => { visit!(supported $($rest)*) };
    // `select` with several types is in the encoding but in no version of the specification.
    (reference_types $this:ident visit_typed_select_multi $($arg:ident)*) => {
        visit!(unsupported $this visit_typed_select_multi $($arg)*)
    };
    (reference_types $($rest:tt)*) => { visit!(supported $($rest)*) };
    (supported $this:ident visit_block $($arg:ident)*) => { visit!(control $this visit_block $($arg)*) };
    (supported $this:ident visit_loop $($arg:ident)*) => { visit!(control $this visit_loop $($arg)*) };
    (supported $this:ident visit_if $($arg:ident)*) => { visit!(control $this visit_if $($arg)*) };
    (supported $this:ident visit_else $($arg:ident)*) => { visit!(control $this visit_else $($arg)*) };
    (supported $this:ident visit_end $($arg:ident)*) => { visit!(control $this visit_end $($arg)*) };
    (supported $this:ident visit_br_table $arg:ident) => {{
        if let Some(validator) = $this.validator.as_mut() {
            validator.visitor($this.offset).visit_br_table($arg.clone()).map_err(|error| invalid(&error, $this.func))?;
        }
        if $this.builder.reachable {
            $this.charge(OperatorCost::visit_br_table);
            $this.builder.visit_br_table(&$arg);
        }
        Ok(())
    }};
    (supported $this:ident $visit:ident $($arg:ident)*) => {{
        if let Some(validator) = $this.validator.as_mut() {
            validator.visitor($this.offset).$visit($($arg.clone()),*).map_err(|error| invalid(&error, $this.func))?;
        }
        if $this.builder.reachable {
            $this.charge(OperatorCost::$visit);
            $this.builder.$visit($($arg),*);
        }
        Ok(())
    }};
    (control $this:ident $visit:ident $($arg:ident)*) => {{
        if let Some(validator) = $this.validator.as_mut() {
            validator.visitor($this.offset).$visit($($arg.clone()),*).map_err(|error| invalid(&error, $this.func))?;
        }
        if $this.builder.reachable {
            $this.charge(OperatorCost::$visit);
        }
        $this.builder.$visit($($arg),*);
        Ok(())
    }};
    ($unsupported:ident $this:ident $visit:ident $($arg:ident)*) => {{
        if let Some(validator) = $this.validator.as_mut() {
            validator.visitor($this.offset).$visit($($arg.clone()),*).map_err(|error| invalid(&error, $this.func))?;
        }
        Err($this.unsupported(stringify!($visit)))
    }};
}

macro_rules! visit_operators {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*) )*) => { $(
        fn $visit(&mut self $($(, $arg: $argty)*)?) -> Result<(), Error> {
            visit!($proposal self $visit $($($arg)*)?)
        } )*
    };
}

#[allow(clippy::clone_on_copy, reason = "most immediates are Copy, some are not")]
impl<'a> VisitOperator<'a> for Visitor<'_, '_> {
    type Output = Result<(), Error>;

    wasmparser::for_each_visit_operator!(visit_operators);
}

impl FrameStack for Visitor<'_, '_> {
    fn current_frame(&self) -> Option<wasmparser::FrameKind> {
        let frame = self.builder.scratch.frames.last()?;
        Some(match frame.kind {
            FrameKind::Func | FrameKind::Block => wasmparser::FrameKind::Block,
            FrameKind::Loop(_) => wasmparser::FrameKind::Loop,
            FrameKind::If => wasmparser::FrameKind::If,
            FrameKind::Else => wasmparser::FrameKind::Else,
        })
    }
}
