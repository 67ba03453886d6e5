//! The vector operators of the operator table, in four lists:
//!
//! ```text
//!   for_each_vector              kind number visit name input = cost;
//!   for_each_vector_lane         kind number visit name lanes type = cost;
//!   for_each_vector_access       kind number visit name general alignment = cost;
//!   for_each_vector_lane_access  kind number visit name lanes = cost;
//! ```
//!
//! * The number follows the byte `0xfd`. From 0x100 on it is one of relaxed SIMD.
//! * The kinds `unary_v128`, `binary_v128` and `ternary_v128` take vectors and compute one; `shift_v128` takes a vector and
//!   an i32, `test_v128` computes an i32, `splat_v128` takes a number of type `input`.
//! * `constant_v128` and `shuffle_v128` have 16 bytes as immediates.
//! * `extract_v128` computes the number of the type that is in a lane, `replace_v128` puts one there.
//! * `load_v128` and `store_v128` access a memory, `load_lane` and `store_lane` with one lane. `general` is the row for
//!   other memories and for large offsets; the rows for lanes are for all memories.

/// Expands `$consumer!` with `$args` and the operators on whole vectors.
macro_rules! for_each_vector {
    ($consumer:ident $($args:tt)*) => {
        $consumer! { $($args)*
            constant_v128 0x00c visit_v128_const v128_const V128 = 1;
            shuffle_v128 0x00d visit_i8x16_shuffle i8x16_shuffle V128 = 1;
            binary_v128 0x00e visit_i8x16_swizzle i8x16_swizzle V128 = 1;
            splat_v128 0x00f visit_i8x16_splat i8x16_splat I32 = 1;
            splat_v128 0x010 visit_i16x8_splat i16x8_splat I32 = 1;
            splat_v128 0x011 visit_i32x4_splat i32x4_splat I32 = 1;
            splat_v128 0x012 visit_i64x2_splat i64x2_splat I64 = 1;
            splat_v128 0x013 visit_f32x4_splat f32x4_splat F32 = 1;
            splat_v128 0x014 visit_f64x2_splat f64x2_splat F64 = 1;
            binary_v128 0x023 visit_i8x16_eq i8x16_eq V128 = 1;
            binary_v128 0x024 visit_i8x16_ne i8x16_ne V128 = 1;
            binary_v128 0x025 visit_i8x16_lt_s i8x16_lt_s V128 = 1;
            binary_v128 0x026 visit_i8x16_lt_u i8x16_lt_u V128 = 1;
            binary_v128 0x027 visit_i8x16_gt_s i8x16_gt_s V128 = 1;
            binary_v128 0x028 visit_i8x16_gt_u i8x16_gt_u V128 = 1;
            binary_v128 0x029 visit_i8x16_le_s i8x16_le_s V128 = 1;
            binary_v128 0x02a visit_i8x16_le_u i8x16_le_u V128 = 1;
            binary_v128 0x02b visit_i8x16_ge_s i8x16_ge_s V128 = 1;
            binary_v128 0x02c visit_i8x16_ge_u i8x16_ge_u V128 = 1;
            binary_v128 0x02d visit_i16x8_eq i16x8_eq V128 = 1;
            binary_v128 0x02e visit_i16x8_ne i16x8_ne V128 = 1;
            binary_v128 0x02f visit_i16x8_lt_s i16x8_lt_s V128 = 1;
            binary_v128 0x030 visit_i16x8_lt_u i16x8_lt_u V128 = 1;
            binary_v128 0x031 visit_i16x8_gt_s i16x8_gt_s V128 = 1;
            binary_v128 0x032 visit_i16x8_gt_u i16x8_gt_u V128 = 1;
            binary_v128 0x033 visit_i16x8_le_s i16x8_le_s V128 = 1;
            binary_v128 0x034 visit_i16x8_le_u i16x8_le_u V128 = 1;
            binary_v128 0x035 visit_i16x8_ge_s i16x8_ge_s V128 = 1;
            binary_v128 0x036 visit_i16x8_ge_u i16x8_ge_u V128 = 1;
            binary_v128 0x037 visit_i32x4_eq i32x4_eq V128 = 1;
            binary_v128 0x038 visit_i32x4_ne i32x4_ne V128 = 1;
            binary_v128 0x039 visit_i32x4_lt_s i32x4_lt_s V128 = 1;
            binary_v128 0x03a visit_i32x4_lt_u i32x4_lt_u V128 = 1;
            binary_v128 0x03b visit_i32x4_gt_s i32x4_gt_s V128 = 1;
            binary_v128 0x03c visit_i32x4_gt_u i32x4_gt_u V128 = 1;
            binary_v128 0x03d visit_i32x4_le_s i32x4_le_s V128 = 1;
            binary_v128 0x03e visit_i32x4_le_u i32x4_le_u V128 = 1;
            binary_v128 0x03f visit_i32x4_ge_s i32x4_ge_s V128 = 1;
            binary_v128 0x040 visit_i32x4_ge_u i32x4_ge_u V128 = 1;
            binary_v128 0x0d6 visit_i64x2_eq i64x2_eq V128 = 1;
            binary_v128 0x0d7 visit_i64x2_ne i64x2_ne V128 = 1;
            binary_v128 0x0d8 visit_i64x2_lt_s i64x2_lt_s V128 = 1;
            binary_v128 0x0d9 visit_i64x2_gt_s i64x2_gt_s V128 = 1;
            binary_v128 0x0da visit_i64x2_le_s i64x2_le_s V128 = 1;
            binary_v128 0x0db visit_i64x2_ge_s i64x2_ge_s V128 = 1;
            binary_v128 0x041 visit_f32x4_eq f32x4_eq V128 = 1;
            binary_v128 0x042 visit_f32x4_ne f32x4_ne V128 = 1;
            binary_v128 0x043 visit_f32x4_lt f32x4_lt V128 = 1;
            binary_v128 0x044 visit_f32x4_gt f32x4_gt V128 = 1;
            binary_v128 0x045 visit_f32x4_le f32x4_le V128 = 1;
            binary_v128 0x046 visit_f32x4_ge f32x4_ge V128 = 1;
            binary_v128 0x047 visit_f64x2_eq f64x2_eq V128 = 1;
            binary_v128 0x048 visit_f64x2_ne f64x2_ne V128 = 1;
            binary_v128 0x049 visit_f64x2_lt f64x2_lt V128 = 1;
            binary_v128 0x04a visit_f64x2_gt f64x2_gt V128 = 1;
            binary_v128 0x04b visit_f64x2_le f64x2_le V128 = 1;
            binary_v128 0x04c visit_f64x2_ge f64x2_ge V128 = 1;
            unary_v128 0x04d visit_v128_not v128_not V128 = 1;
            binary_v128 0x04e visit_v128_and v128_and V128 = 1;
            binary_v128 0x04f visit_v128_andnot v128_andnot V128 = 1;
            binary_v128 0x050 visit_v128_or v128_or V128 = 1;
            binary_v128 0x051 visit_v128_xor v128_xor V128 = 1;
            ternary_v128 0x052 visit_v128_bitselect v128_bitselect V128 = 1;
            test_v128 0x053 visit_v128_any_true v128_any_true V128 = 1;
            unary_v128 0x060 visit_i8x16_abs i8x16_abs V128 = 1;
            unary_v128 0x061 visit_i8x16_neg i8x16_neg V128 = 1;
            unary_v128 0x062 visit_i8x16_popcnt i8x16_popcnt V128 = 1;
            test_v128 0x063 visit_i8x16_all_true i8x16_all_true V128 = 1;
            test_v128 0x064 visit_i8x16_bitmask i8x16_bitmask V128 = 1;
            binary_v128 0x065 visit_i8x16_narrow_i16x8_s i8x16_narrow_i16x8_s V128 = 1;
            binary_v128 0x066 visit_i8x16_narrow_i16x8_u i8x16_narrow_i16x8_u V128 = 1;
            shift_v128 0x06b visit_i8x16_shl i8x16_shl V128 = 1;
            shift_v128 0x06c visit_i8x16_shr_s i8x16_shr_s V128 = 1;
            shift_v128 0x06d visit_i8x16_shr_u i8x16_shr_u V128 = 1;
            binary_v128 0x06e visit_i8x16_add i8x16_add V128 = 1;
            binary_v128 0x06f visit_i8x16_add_sat_s i8x16_add_sat_s V128 = 1;
            binary_v128 0x070 visit_i8x16_add_sat_u i8x16_add_sat_u V128 = 1;
            binary_v128 0x071 visit_i8x16_sub i8x16_sub V128 = 1;
            binary_v128 0x072 visit_i8x16_sub_sat_s i8x16_sub_sat_s V128 = 1;
            binary_v128 0x073 visit_i8x16_sub_sat_u i8x16_sub_sat_u V128 = 1;
            binary_v128 0x076 visit_i8x16_min_s i8x16_min_s V128 = 1;
            binary_v128 0x077 visit_i8x16_min_u i8x16_min_u V128 = 1;
            binary_v128 0x078 visit_i8x16_max_s i8x16_max_s V128 = 1;
            binary_v128 0x079 visit_i8x16_max_u i8x16_max_u V128 = 1;
            binary_v128 0x07b visit_i8x16_avgr_u i8x16_avgr_u V128 = 1;
            unary_v128 0x07c visit_i16x8_extadd_pairwise_i8x16_s i16x8_extadd_pairwise_i8x16_s V128 = 1;
            unary_v128 0x07d visit_i16x8_extadd_pairwise_i8x16_u i16x8_extadd_pairwise_i8x16_u V128 = 1;
            unary_v128 0x080 visit_i16x8_abs i16x8_abs V128 = 1;
            unary_v128 0x081 visit_i16x8_neg i16x8_neg V128 = 1;
            binary_v128 0x082 visit_i16x8_q15mulr_sat_s i16x8_q15mulr_sat_s V128 = 1;
            test_v128 0x083 visit_i16x8_all_true i16x8_all_true V128 = 1;
            test_v128 0x084 visit_i16x8_bitmask i16x8_bitmask V128 = 1;
            binary_v128 0x085 visit_i16x8_narrow_i32x4_s i16x8_narrow_i32x4_s V128 = 1;
            binary_v128 0x086 visit_i16x8_narrow_i32x4_u i16x8_narrow_i32x4_u V128 = 1;
            unary_v128 0x087 visit_i16x8_extend_low_i8x16_s i16x8_extend_low_i8x16_s V128 = 1;
            unary_v128 0x088 visit_i16x8_extend_high_i8x16_s i16x8_extend_high_i8x16_s V128 = 1;
            unary_v128 0x089 visit_i16x8_extend_low_i8x16_u i16x8_extend_low_i8x16_u V128 = 1;
            unary_v128 0x08a visit_i16x8_extend_high_i8x16_u i16x8_extend_high_i8x16_u V128 = 1;
            shift_v128 0x08b visit_i16x8_shl i16x8_shl V128 = 1;
            shift_v128 0x08c visit_i16x8_shr_s i16x8_shr_s V128 = 1;
            shift_v128 0x08d visit_i16x8_shr_u i16x8_shr_u V128 = 1;
            binary_v128 0x08e visit_i16x8_add i16x8_add V128 = 1;
            binary_v128 0x08f visit_i16x8_add_sat_s i16x8_add_sat_s V128 = 1;
            binary_v128 0x090 visit_i16x8_add_sat_u i16x8_add_sat_u V128 = 1;
            binary_v128 0x091 visit_i16x8_sub i16x8_sub V128 = 1;
            binary_v128 0x092 visit_i16x8_sub_sat_s i16x8_sub_sat_s V128 = 1;
            binary_v128 0x093 visit_i16x8_sub_sat_u i16x8_sub_sat_u V128 = 1;
            binary_v128 0x095 visit_i16x8_mul i16x8_mul V128 = 1;
            binary_v128 0x096 visit_i16x8_min_s i16x8_min_s V128 = 1;
            binary_v128 0x097 visit_i16x8_min_u i16x8_min_u V128 = 1;
            binary_v128 0x098 visit_i16x8_max_s i16x8_max_s V128 = 1;
            binary_v128 0x099 visit_i16x8_max_u i16x8_max_u V128 = 1;
            binary_v128 0x09b visit_i16x8_avgr_u i16x8_avgr_u V128 = 1;
            binary_v128 0x09c visit_i16x8_extmul_low_i8x16_s i16x8_extmul_low_i8x16_s V128 = 1;
            binary_v128 0x09d visit_i16x8_extmul_high_i8x16_s i16x8_extmul_high_i8x16_s V128 = 1;
            binary_v128 0x09e visit_i16x8_extmul_low_i8x16_u i16x8_extmul_low_i8x16_u V128 = 1;
            binary_v128 0x09f visit_i16x8_extmul_high_i8x16_u i16x8_extmul_high_i8x16_u V128 = 1;
            unary_v128 0x07e visit_i32x4_extadd_pairwise_i16x8_s i32x4_extadd_pairwise_i16x8_s V128 = 1;
            unary_v128 0x07f visit_i32x4_extadd_pairwise_i16x8_u i32x4_extadd_pairwise_i16x8_u V128 = 1;
            unary_v128 0x0a0 visit_i32x4_abs i32x4_abs V128 = 1;
            unary_v128 0x0a1 visit_i32x4_neg i32x4_neg V128 = 1;
            test_v128 0x0a3 visit_i32x4_all_true i32x4_all_true V128 = 1;
            test_v128 0x0a4 visit_i32x4_bitmask i32x4_bitmask V128 = 1;
            unary_v128 0x0a7 visit_i32x4_extend_low_i16x8_s i32x4_extend_low_i16x8_s V128 = 1;
            unary_v128 0x0a8 visit_i32x4_extend_high_i16x8_s i32x4_extend_high_i16x8_s V128 = 1;
            unary_v128 0x0a9 visit_i32x4_extend_low_i16x8_u i32x4_extend_low_i16x8_u V128 = 1;
            unary_v128 0x0aa visit_i32x4_extend_high_i16x8_u i32x4_extend_high_i16x8_u V128 = 1;
            shift_v128 0x0ab visit_i32x4_shl i32x4_shl V128 = 1;
            shift_v128 0x0ac visit_i32x4_shr_s i32x4_shr_s V128 = 1;
            shift_v128 0x0ad visit_i32x4_shr_u i32x4_shr_u V128 = 1;
            binary_v128 0x0ae visit_i32x4_add i32x4_add V128 = 1;
            binary_v128 0x0b1 visit_i32x4_sub i32x4_sub V128 = 1;
            binary_v128 0x0b5 visit_i32x4_mul i32x4_mul V128 = 1;
            binary_v128 0x0b6 visit_i32x4_min_s i32x4_min_s V128 = 1;
            binary_v128 0x0b7 visit_i32x4_min_u i32x4_min_u V128 = 1;
            binary_v128 0x0b8 visit_i32x4_max_s i32x4_max_s V128 = 1;
            binary_v128 0x0b9 visit_i32x4_max_u i32x4_max_u V128 = 1;
            binary_v128 0x0ba visit_i32x4_dot_i16x8_s i32x4_dot_i16x8_s V128 = 1;
            binary_v128 0x0bc visit_i32x4_extmul_low_i16x8_s i32x4_extmul_low_i16x8_s V128 = 1;
            binary_v128 0x0bd visit_i32x4_extmul_high_i16x8_s i32x4_extmul_high_i16x8_s V128 = 1;
            binary_v128 0x0be visit_i32x4_extmul_low_i16x8_u i32x4_extmul_low_i16x8_u V128 = 1;
            binary_v128 0x0bf visit_i32x4_extmul_high_i16x8_u i32x4_extmul_high_i16x8_u V128 = 1;
            unary_v128 0x0c0 visit_i64x2_abs i64x2_abs V128 = 1;
            unary_v128 0x0c1 visit_i64x2_neg i64x2_neg V128 = 1;
            test_v128 0x0c3 visit_i64x2_all_true i64x2_all_true V128 = 1;
            test_v128 0x0c4 visit_i64x2_bitmask i64x2_bitmask V128 = 1;
            unary_v128 0x0c7 visit_i64x2_extend_low_i32x4_s i64x2_extend_low_i32x4_s V128 = 1;
            unary_v128 0x0c8 visit_i64x2_extend_high_i32x4_s i64x2_extend_high_i32x4_s V128 = 1;
            unary_v128 0x0c9 visit_i64x2_extend_low_i32x4_u i64x2_extend_low_i32x4_u V128 = 1;
            unary_v128 0x0ca visit_i64x2_extend_high_i32x4_u i64x2_extend_high_i32x4_u V128 = 1;
            shift_v128 0x0cb visit_i64x2_shl i64x2_shl V128 = 1;
            shift_v128 0x0cc visit_i64x2_shr_s i64x2_shr_s V128 = 1;
            shift_v128 0x0cd visit_i64x2_shr_u i64x2_shr_u V128 = 1;
            binary_v128 0x0ce visit_i64x2_add i64x2_add V128 = 1;
            binary_v128 0x0d1 visit_i64x2_sub i64x2_sub V128 = 1;
            binary_v128 0x0d5 visit_i64x2_mul i64x2_mul V128 = 1;
            binary_v128 0x0dc visit_i64x2_extmul_low_i32x4_s i64x2_extmul_low_i32x4_s V128 = 1;
            binary_v128 0x0dd visit_i64x2_extmul_high_i32x4_s i64x2_extmul_high_i32x4_s V128 = 1;
            binary_v128 0x0de visit_i64x2_extmul_low_i32x4_u i64x2_extmul_low_i32x4_u V128 = 1;
            binary_v128 0x0df visit_i64x2_extmul_high_i32x4_u i64x2_extmul_high_i32x4_u V128 = 1;
            unary_v128 0x067 visit_f32x4_ceil f32x4_ceil V128 = 1;
            unary_v128 0x068 visit_f32x4_floor f32x4_floor V128 = 1;
            unary_v128 0x069 visit_f32x4_trunc f32x4_trunc V128 = 1;
            unary_v128 0x06a visit_f32x4_nearest f32x4_nearest V128 = 1;
            unary_v128 0x0e0 visit_f32x4_abs f32x4_abs V128 = 1;
            unary_v128 0x0e1 visit_f32x4_neg f32x4_neg V128 = 1;
            unary_v128 0x0e3 visit_f32x4_sqrt f32x4_sqrt V128 = 1;
            binary_v128 0x0e4 visit_f32x4_add f32x4_add V128 = 1;
            binary_v128 0x0e5 visit_f32x4_sub f32x4_sub V128 = 1;
            binary_v128 0x0e6 visit_f32x4_mul f32x4_mul V128 = 1;
            binary_v128 0x0e7 visit_f32x4_div f32x4_div V128 = 1;
            binary_v128 0x0e8 visit_f32x4_min f32x4_min V128 = 1;
            binary_v128 0x0e9 visit_f32x4_max f32x4_max V128 = 1;
            binary_v128 0x0ea visit_f32x4_pmin f32x4_pmin V128 = 1;
            binary_v128 0x0eb visit_f32x4_pmax f32x4_pmax V128 = 1;
            unary_v128 0x074 visit_f64x2_ceil f64x2_ceil V128 = 1;
            unary_v128 0x075 visit_f64x2_floor f64x2_floor V128 = 1;
            unary_v128 0x07a visit_f64x2_trunc f64x2_trunc V128 = 1;
            unary_v128 0x094 visit_f64x2_nearest f64x2_nearest V128 = 1;
            unary_v128 0x0ec visit_f64x2_abs f64x2_abs V128 = 1;
            unary_v128 0x0ed visit_f64x2_neg f64x2_neg V128 = 1;
            unary_v128 0x0ef visit_f64x2_sqrt f64x2_sqrt V128 = 1;
            binary_v128 0x0f0 visit_f64x2_add f64x2_add V128 = 1;
            binary_v128 0x0f1 visit_f64x2_sub f64x2_sub V128 = 1;
            binary_v128 0x0f2 visit_f64x2_mul f64x2_mul V128 = 1;
            binary_v128 0x0f3 visit_f64x2_div f64x2_div V128 = 1;
            binary_v128 0x0f4 visit_f64x2_min f64x2_min V128 = 1;
            binary_v128 0x0f5 visit_f64x2_max f64x2_max V128 = 1;
            binary_v128 0x0f6 visit_f64x2_pmin f64x2_pmin V128 = 1;
            binary_v128 0x0f7 visit_f64x2_pmax f64x2_pmax V128 = 1;
            unary_v128 0x0f8 visit_i32x4_trunc_sat_f32x4_s i32x4_trunc_sat_f32x4_s V128 = 1;
            unary_v128 0x0f9 visit_i32x4_trunc_sat_f32x4_u i32x4_trunc_sat_f32x4_u V128 = 1;
            unary_v128 0x0fa visit_f32x4_convert_i32x4_s f32x4_convert_i32x4_s V128 = 1;
            unary_v128 0x0fb visit_f32x4_convert_i32x4_u f32x4_convert_i32x4_u V128 = 1;
            unary_v128 0x0fc visit_i32x4_trunc_sat_f64x2_s_zero i32x4_trunc_sat_f64x2_s_zero V128 = 1;
            unary_v128 0x0fd visit_i32x4_trunc_sat_f64x2_u_zero i32x4_trunc_sat_f64x2_u_zero V128 = 1;
            unary_v128 0x0fe visit_f64x2_convert_low_i32x4_s f64x2_convert_low_i32x4_s V128 = 1;
            unary_v128 0x0ff visit_f64x2_convert_low_i32x4_u f64x2_convert_low_i32x4_u V128 = 1;
            unary_v128 0x05e visit_f32x4_demote_f64x2_zero f32x4_demote_f64x2_zero V128 = 1;
            unary_v128 0x05f visit_f64x2_promote_low_f32x4 f64x2_promote_low_f32x4 V128 = 1;
            binary_v128 0x100 visit_i8x16_relaxed_swizzle i8x16_relaxed_swizzle V128 = 1;
            unary_v128 0x101 visit_i32x4_relaxed_trunc_f32x4_s i32x4_relaxed_trunc_f32x4_s V128 = 1;
            unary_v128 0x102 visit_i32x4_relaxed_trunc_f32x4_u i32x4_relaxed_trunc_f32x4_u V128 = 1;
            unary_v128 0x103 visit_i32x4_relaxed_trunc_f64x2_s_zero i32x4_relaxed_trunc_f64x2_s_zero V128 = 1;
            unary_v128 0x104 visit_i32x4_relaxed_trunc_f64x2_u_zero i32x4_relaxed_trunc_f64x2_u_zero V128 = 1;
            ternary_v128 0x105 visit_f32x4_relaxed_madd f32x4_relaxed_madd V128 = 1;
            ternary_v128 0x106 visit_f32x4_relaxed_nmadd f32x4_relaxed_nmadd V128 = 1;
            ternary_v128 0x107 visit_f64x2_relaxed_madd f64x2_relaxed_madd V128 = 1;
            ternary_v128 0x108 visit_f64x2_relaxed_nmadd f64x2_relaxed_nmadd V128 = 1;
            ternary_v128 0x109 visit_i8x16_relaxed_laneselect i8x16_relaxed_laneselect V128 = 1;
            ternary_v128 0x10a visit_i16x8_relaxed_laneselect i16x8_relaxed_laneselect V128 = 1;
            ternary_v128 0x10b visit_i32x4_relaxed_laneselect i32x4_relaxed_laneselect V128 = 1;
            ternary_v128 0x10c visit_i64x2_relaxed_laneselect i64x2_relaxed_laneselect V128 = 1;
            binary_v128 0x10d visit_f32x4_relaxed_min f32x4_relaxed_min V128 = 1;
            binary_v128 0x10e visit_f32x4_relaxed_max f32x4_relaxed_max V128 = 1;
            binary_v128 0x10f visit_f64x2_relaxed_min f64x2_relaxed_min V128 = 1;
            binary_v128 0x110 visit_f64x2_relaxed_max f64x2_relaxed_max V128 = 1;
            binary_v128 0x111 visit_i16x8_relaxed_q15mulr_s i16x8_relaxed_q15mulr_s V128 = 1;
            binary_v128 0x112 visit_i16x8_relaxed_dot_i8x16_i7x16_s i16x8_relaxed_dot_i8x16_i7x16_s V128 = 1;
            ternary_v128 0x113 visit_i32x4_relaxed_dot_i8x16_i7x16_add_s i32x4_relaxed_dot_i8x16_i7x16_add_s V128 = 1;
        }
    };
}

/// Expands `$consumer!` with `$args` and the operators on one lane of vectors that have `lanes` lanes.
macro_rules! for_each_vector_lane {
    ($consumer:ident $($args:tt)*) => {
        $consumer! { $($args)*
            extract_v128 0x015 visit_i8x16_extract_lane_s i8x16_extract_lane_s 16 I32 = 1;
            extract_v128 0x016 visit_i8x16_extract_lane_u i8x16_extract_lane_u 16 I32 = 1;
            replace_v128 0x017 visit_i8x16_replace_lane i8x16_replace_lane 16 I32 = 1;
            extract_v128 0x018 visit_i16x8_extract_lane_s i16x8_extract_lane_s 8 I32 = 1;
            extract_v128 0x019 visit_i16x8_extract_lane_u i16x8_extract_lane_u 8 I32 = 1;
            replace_v128 0x01a visit_i16x8_replace_lane i16x8_replace_lane 8 I32 = 1;
            extract_v128 0x01b visit_i32x4_extract_lane i32x4_extract_lane 4 I32 = 1;
            replace_v128 0x01c visit_i32x4_replace_lane i32x4_replace_lane 4 I32 = 1;
            extract_v128 0x01d visit_i64x2_extract_lane i64x2_extract_lane 2 I64 = 1;
            replace_v128 0x01e visit_i64x2_replace_lane i64x2_replace_lane 2 I64 = 1;
            extract_v128 0x01f visit_f32x4_extract_lane f32x4_extract_lane 4 F32 = 1;
            replace_v128 0x020 visit_f32x4_replace_lane f32x4_replace_lane 4 F32 = 1;
            extract_v128 0x021 visit_f64x2_extract_lane f64x2_extract_lane 2 F64 = 1;
            replace_v128 0x022 visit_f64x2_replace_lane f64x2_replace_lane 2 F64 = 1;
        }
    };
}

/// Expands `$consumer!` with `$args` and the operators that load and store whole vectors. `general` is the row for other
/// memories and for large offsets.
macro_rules! for_each_vector_access {
    ($consumer:ident $($args:tt)*) => {
        $consumer! { $($args)*
            load_v128 0x000 visit_v128_load v128_load v128_load_any 4 = 1;
            load_v128 0x001 visit_v128_load8x8_s v128_load8x8_s v128_load8x8_s_any 3 = 1;
            load_v128 0x002 visit_v128_load8x8_u v128_load8x8_u v128_load8x8_u_any 3 = 1;
            load_v128 0x003 visit_v128_load16x4_s v128_load16x4_s v128_load16x4_s_any 3 = 1;
            load_v128 0x004 visit_v128_load16x4_u v128_load16x4_u v128_load16x4_u_any 3 = 1;
            load_v128 0x005 visit_v128_load32x2_s v128_load32x2_s v128_load32x2_s_any 3 = 1;
            load_v128 0x006 visit_v128_load32x2_u v128_load32x2_u v128_load32x2_u_any 3 = 1;
            load_v128 0x007 visit_v128_load8_splat v128_load8_splat v128_load8_splat_any 0 = 1;
            load_v128 0x008 visit_v128_load16_splat v128_load16_splat v128_load16_splat_any 1 = 1;
            load_v128 0x009 visit_v128_load32_splat v128_load32_splat v128_load32_splat_any 2 = 1;
            load_v128 0x00a visit_v128_load64_splat v128_load64_splat v128_load64_splat_any 3 = 1;
            load_v128 0x05c visit_v128_load32_zero v128_load32_zero v128_load32_zero_any 2 = 1;
            load_v128 0x05d visit_v128_load64_zero v128_load64_zero v128_load64_zero_any 3 = 1;
            store_v128 0x00b visit_v128_store v128_store v128_store_any 4 = 1;
        }
    };
}

/// Expands `$consumer!` with `$args` and the operators that load and store one of `lanes` lanes.
macro_rules! for_each_vector_lane_access {
    ($consumer:ident $($args:tt)*) => {
        $consumer! { $($args)*
            load_lane 0x054 visit_v128_load8_lane v128_load8_lane 16 = 1;
            load_lane 0x055 visit_v128_load16_lane v128_load16_lane 8 = 1;
            load_lane 0x056 visit_v128_load32_lane v128_load32_lane 4 = 1;
            load_lane 0x057 visit_v128_load64_lane v128_load64_lane 2 = 1;
            store_lane 0x058 visit_v128_store8_lane v128_store8_lane 16 = 1;
            store_lane 0x059 visit_v128_store16_lane v128_store16_lane 8 = 1;
            store_lane 0x05a visit_v128_store32_lane v128_store32_lane 4 = 1;
            store_lane 0x05b visit_v128_store64_lane v128_store64_lane 2 = 1;
        }
    };
}
