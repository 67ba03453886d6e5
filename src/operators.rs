//! THE OPERATOR TABLE: every operator of WebAssembly that this library executes, once, with its cost in fuel (spec,
//! Structure > Instructions).
//!
//! There are three lists, for what can be said of an operator in a row, those of vector operators in `operators/vector.rs`,
//! that of atomic operators in `operators/atomic.rs`, and that of exceptions in `operators/exception.rs`. The rows of the third
//! list for garbage collection are in `operators/gc.rs`.
//!
//! ```text
//!   for_each_numeric   kind opcode visit name input -> output = cost;
//!   for_each_access    kind opcode visit name general type alignment = cost;
//!   for_each_other     opcode [proposal] visit(immediates) name = cost;
//! ```
//!
//! * `visit` is the method that validates and translates the operator; `name` is the row of the op table and the field of
//!   `OperatorCost`, and for other operators the field alone.
//! * The opcode is the operator's byte, or `0xfb` or `0xfc` and the number after it. In the first list, `(opcode proposal)` is an
//!   operator of a proposal that can be switched off.
//! * The immediates are named as the methods that read them (`translate/rare.rs`).
//! * `general` is the row for other memories and for large offsets; the alignment is the logarithm of the natural one.
//! * The cost is that of `OperatorCost::default`. Operators that do no work of their own cost 0.
//!
//! Validation, translation, the decoder's table and the costs expand the lists. An operator that is missing from one
//! of them, from the op table or from `numerics` does not compile.

#[cfg(feature = "threads")]
#[macro_use]
mod atomic;
#[cfg(feature = "exceptions")]
#[macro_use]
mod exception;
#[macro_use]
mod gc;
#[cfg(feature = "simd")]
#[macro_use]
mod vector;

/// Expands `$consumer!` with `$args` and the operators that compute a number from one or two numbers.
macro_rules! for_each_numeric {
    ($consumer:ident $($args:tt)*) => {
        $consumer! { $($args)*
            unary 0x45 visit_i32_eqz i32_eqz I32 -> I32 = 1;
            binary 0x46 visit_i32_eq i32_eq I32 -> I32 = 1;
            binary 0x47 visit_i32_ne i32_ne I32 -> I32 = 1;
            binary 0x48 visit_i32_lt_s i32_lt_s I32 -> I32 = 1;
            binary 0x49 visit_i32_lt_u i32_lt_u I32 -> I32 = 1;
            binary 0x4a visit_i32_gt_s i32_gt_s I32 -> I32 = 1;
            binary 0x4b visit_i32_gt_u i32_gt_u I32 -> I32 = 1;
            binary 0x4c visit_i32_le_s i32_le_s I32 -> I32 = 1;
            binary 0x4d visit_i32_le_u i32_le_u I32 -> I32 = 1;
            binary 0x4e visit_i32_ge_s i32_ge_s I32 -> I32 = 1;
            binary 0x4f visit_i32_ge_u i32_ge_u I32 -> I32 = 1;
            unary 0x50 visit_i64_eqz i64_eqz I64 -> I32 = 1;
            binary 0x51 visit_i64_eq i64_eq I64 -> I32 = 1;
            binary 0x52 visit_i64_ne i64_ne I64 -> I32 = 1;
            binary 0x53 visit_i64_lt_s i64_lt_s I64 -> I32 = 1;
            binary 0x54 visit_i64_lt_u i64_lt_u I64 -> I32 = 1;
            binary 0x55 visit_i64_gt_s i64_gt_s I64 -> I32 = 1;
            binary 0x56 visit_i64_gt_u i64_gt_u I64 -> I32 = 1;
            binary 0x57 visit_i64_le_s i64_le_s I64 -> I32 = 1;
            binary 0x58 visit_i64_le_u i64_le_u I64 -> I32 = 1;
            binary 0x59 visit_i64_ge_s i64_ge_s I64 -> I32 = 1;
            binary 0x5a visit_i64_ge_u i64_ge_u I64 -> I32 = 1;
            binary 0x5b visit_f32_eq f32_eq F32 -> I32 = 1;
            binary 0x5c visit_f32_ne f32_ne F32 -> I32 = 1;
            binary 0x5d visit_f32_lt f32_lt F32 -> I32 = 1;
            binary 0x5e visit_f32_gt f32_gt F32 -> I32 = 1;
            binary 0x5f visit_f32_le f32_le F32 -> I32 = 1;
            binary 0x60 visit_f32_ge f32_ge F32 -> I32 = 1;
            binary 0x61 visit_f64_eq f64_eq F64 -> I32 = 1;
            binary 0x62 visit_f64_ne f64_ne F64 -> I32 = 1;
            binary 0x63 visit_f64_lt f64_lt F64 -> I32 = 1;
            binary 0x64 visit_f64_gt f64_gt F64 -> I32 = 1;
            binary 0x65 visit_f64_le f64_le F64 -> I32 = 1;
            binary 0x66 visit_f64_ge f64_ge F64 -> I32 = 1;
            unary 0x67 visit_i32_clz i32_clz I32 -> I32 = 1;
            unary 0x68 visit_i32_ctz i32_ctz I32 -> I32 = 1;
            unary 0x69 visit_i32_popcnt i32_popcnt I32 -> I32 = 1;
            binary 0x6a visit_i32_add i32_add I32 -> I32 = 1;
            binary 0x6b visit_i32_sub i32_sub I32 -> I32 = 1;
            binary 0x6c visit_i32_mul i32_mul I32 -> I32 = 1;
            binary 0x6d visit_i32_div_s i32_div_s I32 -> I32 = 1;
            binary 0x6e visit_i32_div_u i32_div_u I32 -> I32 = 1;
            binary 0x6f visit_i32_rem_s i32_rem_s I32 -> I32 = 1;
            binary 0x70 visit_i32_rem_u i32_rem_u I32 -> I32 = 1;
            binary 0x71 visit_i32_and i32_and I32 -> I32 = 1;
            binary 0x72 visit_i32_or i32_or I32 -> I32 = 1;
            binary 0x73 visit_i32_xor i32_xor I32 -> I32 = 1;
            binary 0x74 visit_i32_shl i32_shl I32 -> I32 = 1;
            binary 0x75 visit_i32_shr_s i32_shr_s I32 -> I32 = 1;
            binary 0x76 visit_i32_shr_u i32_shr_u I32 -> I32 = 1;
            binary 0x77 visit_i32_rotl i32_rotl I32 -> I32 = 1;
            binary 0x78 visit_i32_rotr i32_rotr I32 -> I32 = 1;
            unary 0x79 visit_i64_clz i64_clz I64 -> I64 = 1;
            unary 0x7a visit_i64_ctz i64_ctz I64 -> I64 = 1;
            unary 0x7b visit_i64_popcnt i64_popcnt I64 -> I64 = 1;
            binary 0x7c visit_i64_add i64_add I64 -> I64 = 1;
            binary 0x7d visit_i64_sub i64_sub I64 -> I64 = 1;
            binary 0x7e visit_i64_mul i64_mul I64 -> I64 = 1;
            binary 0x7f visit_i64_div_s i64_div_s I64 -> I64 = 1;
            binary 0x80 visit_i64_div_u i64_div_u I64 -> I64 = 1;
            binary 0x81 visit_i64_rem_s i64_rem_s I64 -> I64 = 1;
            binary 0x82 visit_i64_rem_u i64_rem_u I64 -> I64 = 1;
            binary 0x83 visit_i64_and i64_and I64 -> I64 = 1;
            binary 0x84 visit_i64_or i64_or I64 -> I64 = 1;
            binary 0x85 visit_i64_xor i64_xor I64 -> I64 = 1;
            binary 0x86 visit_i64_shl i64_shl I64 -> I64 = 1;
            binary 0x87 visit_i64_shr_s i64_shr_s I64 -> I64 = 1;
            binary 0x88 visit_i64_shr_u i64_shr_u I64 -> I64 = 1;
            binary 0x89 visit_i64_rotl i64_rotl I64 -> I64 = 1;
            binary 0x8a visit_i64_rotr i64_rotr I64 -> I64 = 1;
            unary 0x8b visit_f32_abs f32_abs F32 -> F32 = 1;
            unary 0x8c visit_f32_neg f32_neg F32 -> F32 = 1;
            unary 0x8d visit_f32_ceil f32_ceil F32 -> F32 = 1;
            unary 0x8e visit_f32_floor f32_floor F32 -> F32 = 1;
            unary 0x8f visit_f32_trunc f32_trunc F32 -> F32 = 1;
            unary 0x90 visit_f32_nearest f32_nearest F32 -> F32 = 1;
            unary 0x91 visit_f32_sqrt f32_sqrt F32 -> F32 = 1;
            binary 0x92 visit_f32_add f32_add F32 -> F32 = 1;
            binary 0x93 visit_f32_sub f32_sub F32 -> F32 = 1;
            binary 0x94 visit_f32_mul f32_mul F32 -> F32 = 1;
            binary 0x95 visit_f32_div f32_div F32 -> F32 = 1;
            binary 0x96 visit_f32_min f32_min F32 -> F32 = 1;
            binary 0x97 visit_f32_max f32_max F32 -> F32 = 1;
            binary 0x98 visit_f32_copysign f32_copysign F32 -> F32 = 1;
            unary 0x99 visit_f64_abs f64_abs F64 -> F64 = 1;
            unary 0x9a visit_f64_neg f64_neg F64 -> F64 = 1;
            unary 0x9b visit_f64_ceil f64_ceil F64 -> F64 = 1;
            unary 0x9c visit_f64_floor f64_floor F64 -> F64 = 1;
            unary 0x9d visit_f64_trunc f64_trunc F64 -> F64 = 1;
            unary 0x9e visit_f64_nearest f64_nearest F64 -> F64 = 1;
            unary 0x9f visit_f64_sqrt f64_sqrt F64 -> F64 = 1;
            binary 0xa0 visit_f64_add f64_add F64 -> F64 = 1;
            binary 0xa1 visit_f64_sub f64_sub F64 -> F64 = 1;
            binary 0xa2 visit_f64_mul f64_mul F64 -> F64 = 1;
            binary 0xa3 visit_f64_div f64_div F64 -> F64 = 1;
            binary 0xa4 visit_f64_min f64_min F64 -> F64 = 1;
            binary 0xa5 visit_f64_max f64_max F64 -> F64 = 1;
            binary 0xa6 visit_f64_copysign f64_copysign F64 -> F64 = 1;
            unary 0xa7 visit_i32_wrap_i64 i32_wrap_i64 I64 -> I32 = 1;
            unary 0xa8 visit_i32_trunc_f32_s i32_trunc_f32_s F32 -> I32 = 1;
            unary 0xa9 visit_i32_trunc_f32_u i32_trunc_f32_u F32 -> I32 = 1;
            unary 0xaa visit_i32_trunc_f64_s i32_trunc_f64_s F64 -> I32 = 1;
            unary 0xab visit_i32_trunc_f64_u i32_trunc_f64_u F64 -> I32 = 1;
            unary 0xac visit_i64_extend_i32_s i64_extend_i32_s I32 -> I64 = 1;
            unary 0xad visit_i64_extend_i32_u i64_extend_i32_u I32 -> I64 = 1;
            unary 0xae visit_i64_trunc_f32_s i64_trunc_f32_s F32 -> I64 = 1;
            unary 0xaf visit_i64_trunc_f32_u i64_trunc_f32_u F32 -> I64 = 1;
            unary 0xb0 visit_i64_trunc_f64_s i64_trunc_f64_s F64 -> I64 = 1;
            unary 0xb1 visit_i64_trunc_f64_u i64_trunc_f64_u F64 -> I64 = 1;
            unary 0xb2 visit_f32_convert_i32_s f32_convert_i32_s I32 -> F32 = 1;
            unary 0xb3 visit_f32_convert_i32_u f32_convert_i32_u I32 -> F32 = 1;
            unary 0xb4 visit_f32_convert_i64_s f32_convert_i64_s I64 -> F32 = 1;
            unary 0xb5 visit_f32_convert_i64_u f32_convert_i64_u I64 -> F32 = 1;
            unary 0xb6 visit_f32_demote_f64 f32_demote_f64 F64 -> F32 = 1;
            unary 0xb7 visit_f64_convert_i32_s f64_convert_i32_s I32 -> F64 = 1;
            unary 0xb8 visit_f64_convert_i32_u f64_convert_i32_u I32 -> F64 = 1;
            unary 0xb9 visit_f64_convert_i64_s f64_convert_i64_s I64 -> F64 = 1;
            unary 0xba visit_f64_convert_i64_u f64_convert_i64_u I64 -> F64 = 1;
            unary 0xbb visit_f64_promote_f32 f64_promote_f32 F32 -> F64 = 1;
            unary 0xbc visit_i32_reinterpret_f32 i32_reinterpret_f32 F32 -> I32 = 1;
            unary 0xbd visit_i64_reinterpret_f64 i64_reinterpret_f64 F64 -> I64 = 1;
            unary 0xbe visit_f32_reinterpret_i32 f32_reinterpret_i32 I32 -> F32 = 1;
            unary 0xbf visit_f64_reinterpret_i64 f64_reinterpret_i64 I64 -> F64 = 1;
            unary (0xc0 SignExtension) visit_i32_extend8_s i32_extend8_s I32 -> I32 = 1;
            unary (0xc1 SignExtension) visit_i32_extend16_s i32_extend16_s I32 -> I32 = 1;
            unary (0xc2 SignExtension) visit_i64_extend8_s i64_extend8_s I64 -> I64 = 1;
            unary (0xc3 SignExtension) visit_i64_extend16_s i64_extend16_s I64 -> I64 = 1;
            unary (0xc4 SignExtension) visit_i64_extend32_s i64_extend32_s I64 -> I64 = 1;
            unary (0xfc00 SaturatingFloatToInt) visit_i32_trunc_sat_f32_s i32_trunc_sat_f32_s F32 -> I32 = 1;
            unary (0xfc01 SaturatingFloatToInt) visit_i32_trunc_sat_f32_u i32_trunc_sat_f32_u F32 -> I32 = 1;
            unary (0xfc02 SaturatingFloatToInt) visit_i32_trunc_sat_f64_s i32_trunc_sat_f64_s F64 -> I32 = 1;
            unary (0xfc03 SaturatingFloatToInt) visit_i32_trunc_sat_f64_u i32_trunc_sat_f64_u F64 -> I32 = 1;
            unary (0xfc04 SaturatingFloatToInt) visit_i64_trunc_sat_f32_s i64_trunc_sat_f32_s F32 -> I64 = 1;
            unary (0xfc05 SaturatingFloatToInt) visit_i64_trunc_sat_f32_u i64_trunc_sat_f32_u F32 -> I64 = 1;
            unary (0xfc06 SaturatingFloatToInt) visit_i64_trunc_sat_f64_s i64_trunc_sat_f64_s F64 -> I64 = 1;
            unary (0xfc07 SaturatingFloatToInt) visit_i64_trunc_sat_f64_u i64_trunc_sat_f64_u F64 -> I64 = 1;
        }
    };
}

/// Expands `$consumer!` with `$args` and the operators that load and store.
macro_rules! for_each_access {
    ($consumer:ident $($args:tt)*) => {
        $consumer! { $($args)*
            load 0x28 visit_i32_load i32_load i32_load_any I32 2 = 1;
            load 0x2c visit_i32_load8_s i32_load8_s i32_load8_s_any I32 0 = 1;
            load 0x2d visit_i32_load8_u i32_load8_u i32_load8_u_any I32 0 = 1;
            load 0x2e visit_i32_load16_s i32_load16_s i32_load16_s_any I32 1 = 1;
            load 0x2f visit_i32_load16_u i32_load16_u i32_load16_u_any I32 1 = 1;
            load 0x29 visit_i64_load i64_load i64_load_any I64 3 = 1;
            load 0x30 visit_i64_load8_s i64_load8_s i64_load8_s_any I64 0 = 1;
            load 0x31 visit_i64_load8_u i64_load8_u i64_load8_u_any I64 0 = 1;
            load 0x32 visit_i64_load16_s i64_load16_s i64_load16_s_any I64 1 = 1;
            load 0x33 visit_i64_load16_u i64_load16_u i64_load16_u_any I64 1 = 1;
            load 0x34 visit_i64_load32_s i64_load32_s i64_load32_s_any I64 2 = 1;
            load 0x35 visit_i64_load32_u i64_load32_u i64_load32_u_any I64 2 = 1;
            load 0x2a visit_f32_load f32_load f32_load_any F32 2 = 1;
            load 0x2b visit_f64_load f64_load f64_load_any F64 3 = 1;
            store 0x36 visit_i32_store i32_store i32_store_any I32 2 = 1;
            store 0x3a visit_i32_store8 i32_store8 i32_store8_any I32 0 = 1;
            store 0x3b visit_i32_store16 i32_store16 i32_store16_any I32 1 = 1;
            store 0x37 visit_i64_store i64_store i64_store_any I64 3 = 1;
            store 0x3c visit_i64_store8 i64_store8 i64_store8_any I64 0 = 1;
            store 0x3d visit_i64_store16 i64_store16 i64_store16_any I64 1 = 1;
            store 0x3e visit_i64_store32 i64_store32 i64_store32_any I64 2 = 1;
            store 0x38 visit_f32_store f32_store f32_store_any F32 2 = 1;
            store 0x39 visit_f64_store f64_store f64_store_any F64 3 = 1;
        }
    };
}

/// Expands `$consumer!` with `$args` and the operators that are in neither of the other lists.
macro_rules! for_each_other {
    ($consumer:ident $($args:tt)*) => {
        gc_operators! { $consumer { $($args)* }
            0x02 [] visit_block(block_type) block = 0;
            0x03 [] visit_loop(block_type) loop_ = 0;
            0x04 [] visit_if(block_type) if_ = 1;
            0x05 [] visit_else() else_ = 0;
            0x0b [] visit_end() end = 0;
            0x00 [] visit_unreachable() unreachable = 0;
            0x01 [] visit_nop() nop = 0;
            0x0c [] visit_br(index) br = 1;
            0x0d [] visit_br_if(index) br_if = 1;
            0x0e [] visit_br_table(br_table) br_table = 1;
            0x0f [] visit_return() return_ = 0;
            0x10 [] visit_call(index) call = 1;
            0x11 [] visit_call_indirect(index table) call_indirect = 1;
            0x12 [TailCall] visit_return_call(index) return_call = 1;
            0x13 [TailCall] visit_return_call_indirect(index index) return_call_indirect = 1;
            0x14 [FunctionReferences] visit_call_ref(index) call_ref = 1;
            0x15 [FunctionReferences] visit_return_call_ref(index) return_call_ref = 1;
            0xd5 [FunctionReferences] visit_br_on_null(index) br_on_null = 1;
            0xd6 [FunctionReferences] visit_br_on_non_null(index) br_on_non_null = 1;
            0xd4 [FunctionReferences] visit_ref_as_non_null() ref_as_non_null = 1;
            0x1a [] visit_drop() drop = 0;
            0x1b [] visit_select() select = 1;
            0x1c [ReferenceTypes] visit_typed_select(select_type) typed_select = 1;
            0x20 [] visit_local_get(index) local_get = 1;
            0x21 [] visit_local_set(index) local_set = 1;
            0x22 [] visit_local_tee(index) local_tee = 1;
            0x23 [] visit_global_get(index) global_get = 1;
            0x24 [] visit_global_set(index) global_set = 1;
            0x41 [] visit_i32_const(i32) i32_const = 1;
            0x42 [] visit_i64_const(i64) i64_const = 1;
            0x43 [] visit_f32_const(f32) f32_const = 1;
            0x44 [] visit_f64_const(f64) f64_const = 1;
            0xd0 [ReferenceTypes] visit_ref_null(heap_type) ref_null = 1;
            0xd1 [ReferenceTypes] visit_ref_is_null() ref_is_null = 1;
            0xd2 [ReferenceTypes] visit_ref_func(index) ref_func = 1;
            0x3f [] visit_memory_size(memory) memory_size = 1;
            0x40 [] visit_memory_grow(memory) memory_grow = 1;
            0xfc0b [BulkMemory] visit_memory_fill(index) memory_fill = 1;
            0xfc0a [BulkMemory] visit_memory_copy(index index) memory_copy = 1;
            0xfc08 [BulkMemory] visit_memory_init(index index) memory_init = 1;
            0xfc09 [BulkMemory] visit_data_drop(index) data_drop = 1;
            0x25 [ReferenceTypes] visit_table_get(index) table_get = 1;
            0x26 [ReferenceTypes] visit_table_set(index) table_set = 1;
            0xfc10 [ReferenceTypes] visit_table_size(index) table_size = 1;
            0xfc0f [ReferenceTypes] visit_table_grow(index) table_grow = 1;
            0xfc11 [ReferenceTypes] visit_table_fill(index) table_fill = 1;
            0xfc0e [BulkMemory] visit_table_copy(index index) table_copy = 1;
            0xfc0c [BulkMemory] visit_table_init(index index) table_init = 1;
            0xfc0d [BulkMemory] visit_elem_drop(index) elem_drop = 1;
            0xfc13 [WideArithmetic] visit_i64_add128() i64_add128 = 1;
            0xfc14 [WideArithmetic] visit_i64_sub128() i64_sub128 = 1;
            0xfc15 [WideArithmetic] visit_i64_mul_wide_s() i64_mul_wide_s = 1;
            0xfc16 [WideArithmetic] visit_i64_mul_wide_u() i64_mul_wide_u = 1;
        }
    };
}
