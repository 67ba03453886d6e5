//! Canonical NaN, if the configuration asks for them: one more op after each one that may compute a NaN.

use crate::{
    ir::opcode::Row,
    translate::builder::Builder,
    types::repr::{F32, F64},
};

impl Builder<'_> {
    /// Makes the result of `row`, which is on top of the stack, canonical, if that is asked for and it may be a NaN.
    pub(super) fn canonicalize(&mut self, row: Row) {
        if !self.header.canonical_nans {
            return;
        }
        match row {
            Row::f32_ceil
            | Row::f32_floor
            | Row::f32_trunc
            | Row::f32_nearest
            | Row::f32_sqrt
            | Row::f32_add
            | Row::f32_sub
            | Row::f32_mul
            | Row::f32_div
            | Row::f32_min
            | Row::f32_max
            | Row::f32_demote_f64 => self.unary(Row::f32_canonical, F32, F32),
            Row::f64_ceil
            | Row::f64_floor
            | Row::f64_trunc
            | Row::f64_nearest
            | Row::f64_sqrt
            | Row::f64_add
            | Row::f64_sub
            | Row::f64_mul
            | Row::f64_div
            | Row::f64_min
            | Row::f64_max
            | Row::f64_promote_f32 => self.unary(Row::f64_canonical, F64, F64),
            #[cfg(feature = "simd")]
            Row::f32x4_ceil
            | Row::f32x4_floor
            | Row::f32x4_trunc
            | Row::f32x4_nearest
            | Row::f32x4_sqrt
            | Row::f32x4_add
            | Row::f32x4_sub
            | Row::f32x4_mul
            | Row::f32x4_div
            | Row::f32x4_min
            | Row::f32x4_max
            | Row::f32x4_relaxed_madd
            | Row::f32x4_relaxed_nmadd
            | Row::f32x4_demote_f64x2_zero => self.unary_v128(Row::f32x4_canonical),
            #[cfg(feature = "simd")]
            Row::f64x2_ceil
            | Row::f64x2_floor
            | Row::f64x2_trunc
            | Row::f64x2_nearest
            | Row::f64x2_sqrt
            | Row::f64x2_add
            | Row::f64x2_sub
            | Row::f64x2_mul
            | Row::f64x2_div
            | Row::f64x2_min
            | Row::f64x2_max
            | Row::f64x2_relaxed_madd
            | Row::f64x2_relaxed_nmadd
            | Row::f64x2_promote_low_f32x4 => self.unary_v128(Row::f64x2_canonical),
            _ => {}
        }
    }
}
