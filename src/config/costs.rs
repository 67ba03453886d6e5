//! What operators cost in fuel: defined on Wasm operators, so that the same program costs the same
//! in every version, mode and dispatcher.

macro_rules! operator_costs {
    ($($field:ident $visit:ident = $cost:literal;)*) => {
        /// The fuel cost of each Wasm operator.
        ///
        /// By default operators that do no work of their own cost nothing (`block`, `loop`, `else`,
        /// `end`, `nop`, `drop`, `return`, `unreachable`), all others cost 1.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each field is the operator of its name")]
        pub struct OperatorCost { $( pub $field: u8, )* }

        impl Default for OperatorCost {
            fn default() -> Self {
                Self { $( $field: $cost, )* }
            }
        }

        impl OperatorCost {
            $( #[inline]
            pub(crate) fn $visit(&self) -> u64 {
                u64::from(self.$field)
            } )*
        }
    };
}

operator_costs! {
    block visit_block = 0;
    loop_ visit_loop = 0;
    if_ visit_if = 1;
    else_ visit_else = 0;
    end visit_end = 0;
    unreachable visit_unreachable = 0;
    nop visit_nop = 0;
    br visit_br = 1;
    br_if visit_br_if = 1;
    br_table visit_br_table = 1;
    return_ visit_return = 0;
    call visit_call = 1;
    call_indirect visit_call_indirect = 1;
    return_call visit_return_call = 1;
    return_call_indirect visit_return_call_indirect = 1;
    drop visit_drop = 0;
    select visit_select = 1;
    typed_select visit_typed_select = 1;
    local_get visit_local_get = 1;
    local_set visit_local_set = 1;
    local_tee visit_local_tee = 1;
    global_get visit_global_get = 1;
    global_set visit_global_set = 1;
    i32_const visit_i32_const = 1;
    i64_const visit_i64_const = 1;
    f32_const visit_f32_const = 1;
    f64_const visit_f64_const = 1;
    ref_null visit_ref_null = 1;
    ref_is_null visit_ref_is_null = 1;
    ref_func visit_ref_func = 1;
    memory_size visit_memory_size = 1;
    memory_grow visit_memory_grow = 1;
    memory_fill visit_memory_fill = 1;
    memory_copy visit_memory_copy = 1;
    memory_init visit_memory_init = 1;
    data_drop visit_data_drop = 1;
    table_get visit_table_get = 1;
    table_set visit_table_set = 1;
    table_size visit_table_size = 1;
    table_grow visit_table_grow = 1;
    table_fill visit_table_fill = 1;
    table_copy visit_table_copy = 1;
    table_init visit_table_init = 1;
    elem_drop visit_elem_drop = 1;
    i64_add128 visit_i64_add128 = 1;
    i64_sub128 visit_i64_sub128 = 1;
    i64_mul_wide_s visit_i64_mul_wide_s = 1;
    i64_mul_wide_u visit_i64_mul_wide_u = 1;
    i32_load visit_i32_load = 1;
    i32_load8_s visit_i32_load8_s = 1;
    i32_load8_u visit_i32_load8_u = 1;
    i32_load16_s visit_i32_load16_s = 1;
    i32_load16_u visit_i32_load16_u = 1;
    i64_load visit_i64_load = 1;
    i64_load8_s visit_i64_load8_s = 1;
    i64_load8_u visit_i64_load8_u = 1;
    i64_load16_s visit_i64_load16_s = 1;
    i64_load16_u visit_i64_load16_u = 1;
    i64_load32_s visit_i64_load32_s = 1;
    i64_load32_u visit_i64_load32_u = 1;
    f32_load visit_f32_load = 1;
    f64_load visit_f64_load = 1;
    i32_store visit_i32_store = 1;
    i32_store8 visit_i32_store8 = 1;
    i32_store16 visit_i32_store16 = 1;
    i64_store visit_i64_store = 1;
    i64_store8 visit_i64_store8 = 1;
    i64_store16 visit_i64_store16 = 1;
    i64_store32 visit_i64_store32 = 1;
    f32_store visit_f32_store = 1;
    f64_store visit_f64_store = 1;
    i32_add visit_i32_add = 1;
    i32_sub visit_i32_sub = 1;
    i32_mul visit_i32_mul = 1;
    i32_div_s visit_i32_div_s = 1;
    i32_div_u visit_i32_div_u = 1;
    i32_rem_s visit_i32_rem_s = 1;
    i32_rem_u visit_i32_rem_u = 1;
    i32_and visit_i32_and = 1;
    i32_or visit_i32_or = 1;
    i32_xor visit_i32_xor = 1;
    i32_shl visit_i32_shl = 1;
    i32_shr_s visit_i32_shr_s = 1;
    i32_shr_u visit_i32_shr_u = 1;
    i32_rotl visit_i32_rotl = 1;
    i32_rotr visit_i32_rotr = 1;
    i32_eq visit_i32_eq = 1;
    i32_ne visit_i32_ne = 1;
    i32_lt_s visit_i32_lt_s = 1;
    i32_lt_u visit_i32_lt_u = 1;
    i32_gt_s visit_i32_gt_s = 1;
    i32_gt_u visit_i32_gt_u = 1;
    i32_le_s visit_i32_le_s = 1;
    i32_le_u visit_i32_le_u = 1;
    i32_ge_s visit_i32_ge_s = 1;
    i32_ge_u visit_i32_ge_u = 1;
    i64_add visit_i64_add = 1;
    i64_sub visit_i64_sub = 1;
    i64_mul visit_i64_mul = 1;
    i64_div_s visit_i64_div_s = 1;
    i64_div_u visit_i64_div_u = 1;
    i64_rem_s visit_i64_rem_s = 1;
    i64_rem_u visit_i64_rem_u = 1;
    i64_and visit_i64_and = 1;
    i64_or visit_i64_or = 1;
    i64_xor visit_i64_xor = 1;
    i64_shl visit_i64_shl = 1;
    i64_shr_s visit_i64_shr_s = 1;
    i64_shr_u visit_i64_shr_u = 1;
    i64_rotl visit_i64_rotl = 1;
    i64_rotr visit_i64_rotr = 1;
    i64_eq visit_i64_eq = 1;
    i64_ne visit_i64_ne = 1;
    i64_lt_s visit_i64_lt_s = 1;
    i64_lt_u visit_i64_lt_u = 1;
    i64_gt_s visit_i64_gt_s = 1;
    i64_gt_u visit_i64_gt_u = 1;
    i64_le_s visit_i64_le_s = 1;
    i64_le_u visit_i64_le_u = 1;
    i64_ge_s visit_i64_ge_s = 1;
    i64_ge_u visit_i64_ge_u = 1;
    f32_add visit_f32_add = 1;
    f32_sub visit_f32_sub = 1;
    f32_mul visit_f32_mul = 1;
    f32_div visit_f32_div = 1;
    f32_min visit_f32_min = 1;
    f32_max visit_f32_max = 1;
    f32_copysign visit_f32_copysign = 1;
    f32_eq visit_f32_eq = 1;
    f32_ne visit_f32_ne = 1;
    f32_lt visit_f32_lt = 1;
    f32_gt visit_f32_gt = 1;
    f32_le visit_f32_le = 1;
    f32_ge visit_f32_ge = 1;
    f64_add visit_f64_add = 1;
    f64_sub visit_f64_sub = 1;
    f64_mul visit_f64_mul = 1;
    f64_div visit_f64_div = 1;
    f64_min visit_f64_min = 1;
    f64_max visit_f64_max = 1;
    f64_copysign visit_f64_copysign = 1;
    f64_eq visit_f64_eq = 1;
    f64_ne visit_f64_ne = 1;
    f64_lt visit_f64_lt = 1;
    f64_gt visit_f64_gt = 1;
    f64_le visit_f64_le = 1;
    f64_ge visit_f64_ge = 1;
    i32_eqz visit_i32_eqz = 1;
    i32_clz visit_i32_clz = 1;
    i32_ctz visit_i32_ctz = 1;
    i32_popcnt visit_i32_popcnt = 1;
    i32_extend8_s visit_i32_extend8_s = 1;
    i32_extend16_s visit_i32_extend16_s = 1;
    i64_eqz visit_i64_eqz = 1;
    i64_clz visit_i64_clz = 1;
    i64_ctz visit_i64_ctz = 1;
    i64_popcnt visit_i64_popcnt = 1;
    i64_extend8_s visit_i64_extend8_s = 1;
    i64_extend16_s visit_i64_extend16_s = 1;
    i64_extend32_s visit_i64_extend32_s = 1;
    f32_abs visit_f32_abs = 1;
    f32_neg visit_f32_neg = 1;
    f32_ceil visit_f32_ceil = 1;
    f32_floor visit_f32_floor = 1;
    f32_trunc visit_f32_trunc = 1;
    f32_nearest visit_f32_nearest = 1;
    f32_sqrt visit_f32_sqrt = 1;
    f64_abs visit_f64_abs = 1;
    f64_neg visit_f64_neg = 1;
    f64_ceil visit_f64_ceil = 1;
    f64_floor visit_f64_floor = 1;
    f64_trunc visit_f64_trunc = 1;
    f64_nearest visit_f64_nearest = 1;
    f64_sqrt visit_f64_sqrt = 1;
    i32_wrap_i64 visit_i32_wrap_i64 = 1;
    i64_extend_i32_s visit_i64_extend_i32_s = 1;
    i64_extend_i32_u visit_i64_extend_i32_u = 1;
    f32_demote_f64 visit_f32_demote_f64 = 1;
    f64_promote_f32 visit_f64_promote_f32 = 1;
    i32_reinterpret_f32 visit_i32_reinterpret_f32 = 1;
    i64_reinterpret_f64 visit_i64_reinterpret_f64 = 1;
    f32_reinterpret_i32 visit_f32_reinterpret_i32 = 1;
    f64_reinterpret_i64 visit_f64_reinterpret_i64 = 1;
    i32_trunc_f32_s visit_i32_trunc_f32_s = 1;
    i32_trunc_sat_f32_s visit_i32_trunc_sat_f32_s = 1;
    f32_convert_i32_s visit_f32_convert_i32_s = 1;
    i32_trunc_f32_u visit_i32_trunc_f32_u = 1;
    i32_trunc_sat_f32_u visit_i32_trunc_sat_f32_u = 1;
    f32_convert_i32_u visit_f32_convert_i32_u = 1;
    i32_trunc_f64_s visit_i32_trunc_f64_s = 1;
    i32_trunc_sat_f64_s visit_i32_trunc_sat_f64_s = 1;
    f64_convert_i32_s visit_f64_convert_i32_s = 1;
    i32_trunc_f64_u visit_i32_trunc_f64_u = 1;
    i32_trunc_sat_f64_u visit_i32_trunc_sat_f64_u = 1;
    f64_convert_i32_u visit_f64_convert_i32_u = 1;
    i64_trunc_f32_s visit_i64_trunc_f32_s = 1;
    i64_trunc_sat_f32_s visit_i64_trunc_sat_f32_s = 1;
    f32_convert_i64_s visit_f32_convert_i64_s = 1;
    i64_trunc_f32_u visit_i64_trunc_f32_u = 1;
    i64_trunc_sat_f32_u visit_i64_trunc_sat_f32_u = 1;
    f32_convert_i64_u visit_f32_convert_i64_u = 1;
    i64_trunc_f64_s visit_i64_trunc_f64_s = 1;
    i64_trunc_sat_f64_s visit_i64_trunc_sat_f64_s = 1;
    f64_convert_i64_s visit_f64_convert_i64_s = 1;
    i64_trunc_f64_u visit_i64_trunc_f64_u = 1;
    i64_trunc_sat_f64_u visit_i64_trunc_sat_f64_u = 1;
    f64_convert_i64_u visit_f64_convert_i64_u = 1;
}

/// Fuel costs of work that depends on an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CustomFuelCosts {
    /// Bytes that bulk operators move for one unit of fuel.
    pub bytes_copied_per_fuel: u32,
    /// Fuel for one byte of Wasm that is translated at a function's first call.
    pub fuel_per_bytes_translated: u32,
    /// Fuel for one byte of Wasm that is validated at a function's first call.
    pub fuel_per_bytes_validated: u32,
}

impl Default for CustomFuelCosts {
    fn default() -> Self {
        Self { bytes_copied_per_fuel: 64, fuel_per_bytes_translated: 7, fuel_per_bytes_validated: 2 }
    }
}
