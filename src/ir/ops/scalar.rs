//! Ops on integers and floats: arithmetic, comparisons and their branches, conversions.

/// Passes `$given` and the rows of this file to `$next!`.
macro_rules! scalar_ops {
    ($next:ident $($given:tt)*) => {
        $next! { $($given)* {
        // ---- i32
        i32_add: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_add, swap i32_add;
        i32_mul: binary [rrr rrs rri rss rsi srr srs sri sss ssi] = int::i32_mul, swap i32_mul;
        i32_and: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_and, swap i32_and, branch br_i32_and;
        i32_or: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_or, swap i32_or;
        i32_xor: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_xor, swap i32_xor;
        i32_sub: binary [rrs rsr rss rir ris srs ssr sss sir sis] = int::i32_sub;
        i32_shl: binary [rrs rri rsr rss rsi rir ris srs sri ssr sss ssi sir sis] = int::i32_shl;
        i32_shr_s: binary [rrs rri rsr rss rsi srs sri ssr sss ssi] = int::i32_shr_s;
        i32_shr_u: binary [rrs rri rsr rss rsi srs sri ssr sss ssi] = int::i32_shr_u;
        i32_rotl: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_rotl;
        i32_rotr: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_rotr;
        i32_div_s: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_div_s;
        i32_div_u: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_div_u;
        i32_rem_s: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_rem_s;
        i32_rem_u: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_rem_u;
        i32_eq: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_eq, swap i32_eq, not i32_ne, branch br_i32_eq;
        i32_ne: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_ne, swap i32_ne, not i32_eq, branch br_i32_ne;
        i32_lt_s: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_lt_s, swap i32_gt_s, not i32_ge_s, branch br_i32_lt_s;
        i32_lt_u: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_lt_u, swap i32_gt_u, not i32_ge_u, branch br_i32_lt_u;
        i32_le_s: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_le_s, swap i32_ge_s, not i32_gt_s, branch br_i32_le_s;
        i32_le_u: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_le_u, swap i32_ge_u, not i32_gt_u, branch br_i32_le_u;
        i32_gt_s: binary [rrs rri rsi srs sri ssi] = int::i32_gt_s, swap i32_lt_s, not i32_le_s, branch br_i32_gt_s;
        i32_gt_u: binary [rrs rri rsi srs sri ssi] = int::i32_gt_u, swap i32_lt_u, not i32_le_u, branch br_i32_gt_u;
        i32_ge_s: binary [rrs rri rsi srs sri ssi] = int::i32_ge_s, swap i32_le_s, not i32_lt_s, branch br_i32_ge_s;
        i32_ge_u: binary [rrs rri rsi srs sri ssi] = int::i32_ge_u, swap i32_le_u, not i32_lt_u, branch br_i32_ge_u;
        br_i32_eq: branch_compare [rs ri ss si] = int::i32_eq, swap br_i32_eq, not br_i32_ne, step br_i32_step_eq;
        br_i32_ne: branch_compare [rs ri ss si] = int::i32_ne, swap br_i32_ne, not br_i32_eq, step br_i32_step_ne, charged br_i32_ne_charged;
        br_i32_lt_s: branch_compare [rs ri ss si] = int::i32_lt_s, swap br_i32_gt_s, not br_i32_ge_s, step br_i32_step_lt_s, charged br_i32_lt_s_charged;
        br_i32_lt_u: branch_compare [rs ri ss si] = int::i32_lt_u, swap br_i32_gt_u, not br_i32_ge_u, step br_i32_step_lt_u, charged br_i32_lt_u_charged;
        br_i32_le_s: branch_compare [rs ri ss si] = int::i32_le_s, swap br_i32_ge_s, not br_i32_gt_s, step br_i32_step_le_s;
        br_i32_le_u: branch_compare [rs ri ss si] = int::i32_le_u, swap br_i32_ge_u, not br_i32_gt_u, step br_i32_step_le_u;
        br_i32_gt_s: branch_compare [rs ri si] = int::i32_gt_s, swap br_i32_lt_s, not br_i32_le_s, step br_i32_step_gt_s, charged br_i32_gt_s_charged;
        br_i32_gt_u: branch_compare [rs ri si] = int::i32_gt_u, swap br_i32_lt_u, not br_i32_le_u, step br_i32_step_gt_u, charged br_i32_gt_u_charged;
        br_i32_ge_s: branch_compare [rs ri si] = int::i32_ge_s, swap br_i32_le_s, not br_i32_lt_s, step br_i32_step_ge_s;
        br_i32_ge_u: branch_compare [rs ri si] = int::i32_ge_u, swap br_i32_le_u, not br_i32_lt_u, step br_i32_step_ge_u;
        /// Jumps if zero.
        br_i32_eqz: branch_if [r s] = int::i32_eqz, not br_i32_nez, step br_i32_step_eq, charged br_i32_eqz_charged;
        /// Jumps if not zero.
        br_i32_nez: branch_if [r s] = semantics::i32_nez, not br_i32_eqz, step br_i32_step_ne, charged br_i32_nez_charged;
        /// Jumps if `lhs & rhs` is not zero.
        br_i32_and: branch_compare [rs ri ss si] = semantics::i32_and_nez, swap br_i32_and, not br_i32_nand;
        /// Jumps if `lhs & rhs` is zero.
        br_i32_nand: branch_compare [rs ri ss si] = semantics::i32_and_eqz, swap br_i32_nand, not br_i32_and;
        i32_eqz: unary [rr rs sr ss] = int::i32_eqz, branch br_i32_eqz;
        i32_clz: unary [rr rs sr ss] = int::i32_clz;
        i32_ctz: unary [rr rs sr ss] = int::i32_ctz;
        i32_popcnt: unary [rr rs sr ss] = int::i32_popcnt;
        i32_extend8_s: unary [rr rs sr ss] = int::i32_extend8_s;
        i32_extend16_s: unary [rr rs sr ss] = int::i32_extend16_s;
        // ---- i64
        i64_add: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_add, swap i64_add;
        i64_mul: binary [rrr rrs rri rss rsi srr srs sri sss ssi] = int::i64_mul, swap i64_mul;
        i64_and: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_and, swap i64_and, branch br_i64_and;
        i64_or: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_or, swap i64_or;
        i64_xor: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_xor, swap i64_xor;
        i64_sub: binary [rrs rsr rss rir ris srs ssr sss sir sis] = int::i64_sub;
        i64_shl: binary [rrs rri rsr rss rsi rir ris srs sri ssr sss ssi sir sis] = int::i64_shl;
        i64_shr_s: binary [rrs rri rsr rss rsi srs sri ssr sss ssi] = int::i64_shr_s;
        i64_shr_u: binary [rrs rri rsr rss rsi srs sri ssr sss ssi] = int::i64_shr_u;
        i64_rotl: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_rotl;
        i64_rotr: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_rotr;
        i64_div_s: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_div_s;
        i64_div_u: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_div_u;
        i64_rem_s: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_rem_s;
        i64_rem_u: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_rem_u;
        i64_eq: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_eq, swap i64_eq, not i64_ne, branch br_i64_eq;
        i64_ne: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_ne, swap i64_ne, not i64_eq, branch br_i64_ne;
        i64_lt_s: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_lt_s, swap i64_gt_s, not i64_ge_s, branch br_i64_lt_s;
        i64_lt_u: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_lt_u, swap i64_gt_u, not i64_ge_u, branch br_i64_lt_u;
        i64_le_s: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_le_s, swap i64_ge_s, not i64_gt_s, branch br_i64_le_s;
        i64_le_u: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_le_u, swap i64_ge_u, not i64_gt_u, branch br_i64_le_u;
        i64_gt_s: binary [rrs rri rsi srs sri ssi] = int::i64_gt_s, swap i64_lt_s, not i64_le_s, branch br_i64_gt_s;
        i64_gt_u: binary [rrs rri rsi srs sri ssi] = int::i64_gt_u, swap i64_lt_u, not i64_le_u, branch br_i64_gt_u;
        i64_ge_s: binary [rrs rri rsi srs sri ssi] = int::i64_ge_s, swap i64_le_s, not i64_lt_s, branch br_i64_ge_s;
        i64_ge_u: binary [rrs rri rsi srs sri ssi] = int::i64_ge_u, swap i64_le_u, not i64_lt_u, branch br_i64_ge_u;
        br_i64_eq: branch_compare [rs ri ss si] = int::i64_eq, swap br_i64_eq, not br_i64_ne, step br_i64_step_eq;
        br_i64_ne: branch_compare [rs ri ss si] = int::i64_ne, swap br_i64_ne, not br_i64_eq, step br_i64_step_ne, charged br_i64_ne_charged;
        br_i64_lt_s: branch_compare [rs ri ss si] = int::i64_lt_s, swap br_i64_gt_s, not br_i64_ge_s, step br_i64_step_lt_s;
        br_i64_lt_u: branch_compare [rs ri ss si] = int::i64_lt_u, swap br_i64_gt_u, not br_i64_ge_u, step br_i64_step_lt_u;
        br_i64_le_s: branch_compare [rs ri ss si] = int::i64_le_s, swap br_i64_ge_s, not br_i64_gt_s, step br_i64_step_le_s;
        br_i64_le_u: branch_compare [rs ri ss si] = int::i64_le_u, swap br_i64_ge_u, not br_i64_gt_u, step br_i64_step_le_u;
        br_i64_gt_s: branch_compare [rs ri si] = int::i64_gt_s, swap br_i64_lt_s, not br_i64_le_s, step br_i64_step_gt_s;
        br_i64_gt_u: branch_compare [rs ri si] = int::i64_gt_u, swap br_i64_lt_u, not br_i64_le_u, step br_i64_step_gt_u;
        br_i64_ge_s: branch_compare [rs ri si] = int::i64_ge_s, swap br_i64_le_s, not br_i64_lt_s, step br_i64_step_ge_s;
        br_i64_ge_u: branch_compare [rs ri si] = int::i64_ge_u, swap br_i64_le_u, not br_i64_lt_u, step br_i64_step_ge_u;
        /// Jumps if zero.
        br_i64_eqz: branch_if [r s] = int::i64_eqz, not br_i64_nez, step br_i64_step_eq;
        /// Jumps if not zero.
        br_i64_nez: branch_if [r s] = semantics::i64_nez, not br_i64_eqz, step br_i64_step_ne, charged br_i64_nez_charged;
        /// Jumps if `lhs & rhs` is not zero.
        br_i64_and: branch_compare [rs ri ss si] = semantics::i64_and_nez, swap br_i64_and, not br_i64_nand;
        /// Jumps if `lhs & rhs` is zero.
        br_i64_nand: branch_compare [rs ri ss si] = semantics::i64_and_eqz, swap br_i64_nand, not br_i64_and;
        i64_eqz: unary [rr rs sr ss] = int::i64_eqz, branch br_i64_eqz;
        i64_clz: unary [rr rs sr ss] = int::i64_clz;
        i64_ctz: unary [rr rs sr ss] = int::i64_ctz;
        i64_popcnt: unary [rr rs sr ss] = int::i64_popcnt;
        i64_extend8_s: unary [rr rs sr ss] = int::i64_extend8_s;
        i64_extend16_s: unary [rr rs sr ss] = int::i64_extend16_s;
        i64_extend32_s: unary [rr rs sr ss] = int::i64_extend32_s;
        i32_wrap_i64: unary [rr rs sr ss] = convert::i32_wrap_i64;
        i64_extend_i32_s: unary [rr rs sr ss] = convert::i64_extend_i32_s;
        i64_extend_i32_u: unary [rr rs sr ss] = convert::i64_extend_i32_u;
        // ---- wide arithmetic
        i64_add128: span [x] = variable::i64_add128, cells 4, sequence never;
        i64_sub128: span [x] = variable::i64_sub128, cells 4, sequence never;
        i64_mul_wide_s: span [x] = variable::i64_mul_wide_s, cells 2, sequence never;
        i64_mul_wide_u: span [x] = variable::i64_mul_wide_u, cells 2, sequence never;
        // ---- f32
        f32_add: binary [rrr rrs rri rss rsi srr srs sri sss ssi] = float::f32_add, swap f32_add;
        f32_mul: binary [rrr rrs rri rss rsi srr srs sri sss ssi] = float::f32_mul, swap f32_mul;
        f32_sub: binary [rrs rri rsr rss rsi rir ris srs sri ssr sss ssi sir sis] = float::f32_sub;
        f32_div: binary [rrs rri rsr rss rsi rir ris srs sri ssr sss ssi sir sis] = float::f32_div;
        f32_min: binary [rrs rss srs sss] = float::f32_min;
        f32_max: binary [rrs rss srs sss] = float::f32_max;
        f32_copysign: binary [rrs rss srs sss] = float::f32_copysign;
        f32_abs: unary [rr rs sr ss] = float::f32_abs;
        f32_neg: unary [rr rs sr ss] = float::f32_neg;
        f32_sqrt: unary [rr rs sr ss] = float::f32_sqrt;
        f32_ceil: unary [rr rs sr ss] = float::f32_ceil;
        f32_floor: unary [rr rs sr ss] = float::f32_floor;
        f32_trunc: unary [rr rs sr ss] = float::f32_trunc;
        f32_nearest: unary [rr rs sr ss] = float::f32_nearest;
        f32_eq: binary [rrs rri rss rsi srs sri sss ssi] = float::f32_eq, swap f32_eq, branch br_f32_eq;
        f32_ne: binary [rrs rri rss rsi srs sri sss ssi] = float::f32_ne, swap f32_ne, branch br_f32_ne;
        f32_lt: binary [rrs rri rss rsi srs sri sss ssi] = float::f32_lt, swap f32_gt, branch br_f32_lt;
        f32_le: binary [rrs rri rss rsi srs sri sss ssi] = float::f32_le, swap f32_ge, branch br_f32_le;
        f32_gt: binary [rrs rri rsi srs sri ssi] = float::f32_gt, swap f32_lt, branch br_f32_gt;
        f32_ge: binary [rrs rri rsi srs sri ssi] = float::f32_ge, swap f32_le, branch br_f32_ge;
        br_f32_eq: branch_compare [rs ri ss si] = float::f32_eq, swap br_f32_eq, not br_f32_ne;
        br_f32_ne: branch_compare [rs ri ss si] = float::f32_ne, swap br_f32_ne, not br_f32_eq;
        br_f32_lt: branch_compare [rs ri ss si] = float::f32_lt, swap br_f32_gt, not br_f32_not_lt;
        br_f32_le: branch_compare [rs ri ss si] = float::f32_le, swap br_f32_ge, not br_f32_not_le;
        br_f32_gt: branch_compare [rs ri si] = float::f32_gt, swap br_f32_lt, not br_f32_not_gt;
        br_f32_ge: branch_compare [rs ri si] = float::f32_ge, swap br_f32_le, not br_f32_not_ge;
        br_f32_not_lt: branch_compare [rs ri ss si] = semantics::f32_not_lt, swap br_f32_not_gt, not br_f32_lt;
        br_f32_not_le: branch_compare [rs ri ss si] = semantics::f32_not_le, swap br_f32_not_ge, not br_f32_le;
        br_f32_not_gt: branch_compare [rs ri si] = semantics::f32_not_gt, swap br_f32_not_lt, not br_f32_gt;
        br_f32_not_ge: branch_compare [rs ri si] = semantics::f32_not_ge, swap br_f32_not_le, not br_f32_ge;
        // ---- f64
        f64_add: binary_wide [rrr rrs rri rss rsi srr srs sri sss ssi] = float::f64_add, swap f64_add;
        f64_mul: binary_wide [rrr rrs rri rss rsi srr srs sri sss ssi] = float::f64_mul, swap f64_mul;
        f64_sub: binary_wide [rrs rri rsr rss rsi rir ris srs sri ssr sss ssi sir sis] = float::f64_sub;
        f64_div: binary_wide [rrs rri rsr rss rsi rir ris srs sri ssr sss ssi sir sis] = float::f64_div;
        f64_min: binary_wide [rrs rss srs sss] = float::f64_min;
        f64_max: binary_wide [rrs rss srs sss] = float::f64_max;
        f64_copysign: binary_wide [rrs rss srs sss] = float::f64_copysign;
        f64_abs: unary [rr rs sr ss] = float::f64_abs;
        f64_neg: unary [rr rs sr ss] = float::f64_neg;
        f64_sqrt: unary [rr rs sr ss] = float::f64_sqrt;
        f64_ceil: unary [rr rs sr ss] = float::f64_ceil;
        f64_floor: unary [rr rs sr ss] = float::f64_floor;
        f64_trunc: unary [rr rs sr ss] = float::f64_trunc;
        f64_nearest: unary [rr rs sr ss] = float::f64_nearest;
        f64_eq: binary_wide [rrs rri rss rsi srs sri sss ssi] = float::f64_eq, swap f64_eq, branch br_f64_eq;
        f64_ne: binary_wide [rrs rri rss rsi srs sri sss ssi] = float::f64_ne, swap f64_ne, branch br_f64_ne;
        f64_lt: binary_wide [rrs rri rss rsi srs sri sss ssi] = float::f64_lt, swap f64_gt, branch br_f64_lt;
        f64_le: binary_wide [rrs rri rss rsi srs sri sss ssi] = float::f64_le, swap f64_ge, branch br_f64_le;
        f64_gt: binary_wide [rrs rri rsi srs sri ssi] = float::f64_gt, swap f64_lt, branch br_f64_gt;
        f64_ge: binary_wide [rrs rri rsi srs sri ssi] = float::f64_ge, swap f64_le, branch br_f64_ge;
        br_f64_eq: branch_compare_wide [rs ri ss si] = float::f64_eq, swap br_f64_eq, not br_f64_ne;
        br_f64_ne: branch_compare_wide [rs ri ss si] = float::f64_ne, swap br_f64_ne, not br_f64_eq;
        br_f64_lt: branch_compare_wide [rs ri ss si] = float::f64_lt, swap br_f64_gt, not br_f64_not_lt;
        br_f64_le: branch_compare_wide [rs ri ss si] = float::f64_le, swap br_f64_ge, not br_f64_not_le;
        br_f64_gt: branch_compare_wide [rs ri si] = float::f64_gt, swap br_f64_lt, not br_f64_not_gt;
        br_f64_ge: branch_compare_wide [rs ri si] = float::f64_ge, swap br_f64_le, not br_f64_not_ge;
        br_f64_not_lt: branch_compare_wide [rs ri ss si] = semantics::f64_not_lt, swap br_f64_not_gt, not br_f64_lt;
        br_f64_not_le: branch_compare_wide [rs ri ss si] = semantics::f64_not_le, swap br_f64_not_ge, not br_f64_le;
        br_f64_not_gt: branch_compare_wide [rs ri si] = semantics::f64_not_gt, swap br_f64_not_lt, not br_f64_gt;
        br_f64_not_ge: branch_compare_wide [rs ri si] = semantics::f64_not_ge, swap br_f64_not_le, not br_f64_ge;
        // ---- conversions
        f32_demote_f64: unary [rr rs sr ss] = convert::f32_demote_f64;
        f64_promote_f32: unary [rr rs sr ss] = convert::f64_promote_f32;
        /// The number, or the canonical NaN.
        f32_canonical: unary [rr rs sr ss] = float::f32_canonical;
        /// The number, or the canonical NaN.
        f64_canonical: unary [rr rs sr ss] = float::f64_canonical;
        i32_reinterpret_f32: unary [rr rs sr ss] = convert::i32_reinterpret_f32;
        i64_reinterpret_f64: unary [rr rs sr ss] = convert::i64_reinterpret_f64;
        f32_reinterpret_i32: unary [rr rs sr ss] = convert::f32_reinterpret_i32;
        f64_reinterpret_i64: unary [rr rs sr ss] = convert::f64_reinterpret_i64;
        i32_trunc_f32_s: unary [rr rs sr ss] = convert::i32_trunc_f32_s;
        i32_trunc_sat_f32_s: unary [rr rs sr ss] = convert::i32_trunc_sat_f32_s;
        f32_convert_i32_s: unary [rr rs sr ss] = convert::f32_convert_i32_s;
        i32_trunc_f32_u: unary [rr rs sr ss] = convert::i32_trunc_f32_u;
        i32_trunc_sat_f32_u: unary [rr rs sr ss] = convert::i32_trunc_sat_f32_u;
        f32_convert_i32_u: unary [rr rs sr ss] = convert::f32_convert_i32_u;
        i32_trunc_f64_s: unary [rr rs sr ss] = convert::i32_trunc_f64_s;
        i32_trunc_sat_f64_s: unary [rr rs sr ss] = convert::i32_trunc_sat_f64_s;
        f64_convert_i32_s: unary [rr rs sr ss] = convert::f64_convert_i32_s;
        i32_trunc_f64_u: unary [rr rs sr ss] = convert::i32_trunc_f64_u;
        i32_trunc_sat_f64_u: unary [rr rs sr ss] = convert::i32_trunc_sat_f64_u;
        f64_convert_i32_u: unary [rr rs sr ss] = convert::f64_convert_i32_u;
        i64_trunc_f32_s: unary [rr rs sr ss] = convert::i64_trunc_f32_s;
        i64_trunc_sat_f32_s: unary [rr rs sr ss] = convert::i64_trunc_sat_f32_s;
        f32_convert_i64_s: unary [rr rs sr ss] = convert::f32_convert_i64_s;
        i64_trunc_f32_u: unary [rr rs sr ss] = convert::i64_trunc_f32_u;
        i64_trunc_sat_f32_u: unary [rr rs sr ss] = convert::i64_trunc_sat_f32_u;
        f32_convert_i64_u: unary [rr rs sr ss] = convert::f32_convert_i64_u;
        i64_trunc_f64_s: unary [rr rs sr ss] = convert::i64_trunc_f64_s;
        i64_trunc_sat_f64_s: unary [rr rs sr ss] = convert::i64_trunc_sat_f64_s;
        f64_convert_i64_s: unary [rr rs sr ss] = convert::f64_convert_i64_s;
        i64_trunc_f64_u: unary [rr rs sr ss] = convert::i64_trunc_f64_u;
        i64_trunc_sat_f64_u: unary [rr rs sr ss] = convert::i64_trunc_sat_f64_u;
        f64_convert_i64_u: unary [rr rs sr ss] = convert::f64_convert_i64_u;
        } }
    };
}
