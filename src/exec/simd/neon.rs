//! Vector operators by the instructions of aarch64 (Advanced SIMD, called NEON), which every processor with vectors has.

#![allow(clippy::wildcard_imports, reason = "about a hundred intrinsics, and the operators that are the same")]

use core::{arch::aarch64::*, mem::transmute};

pub(crate) use crate::numerics::vector::*;

/// Defines operators that take vectors and return one. In `$eval`, the operands are registers of type `$ty`.
macro_rules! vectors {
    ($ty:ident; $($name:ident($($arg:ident),+) = $eval:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name($($arg: Vector),+) -> Vector {
            // SAFETY: I12: the processor has these instructions. A register is 16 bytes, lane 0 first.
            Vector::from_bytes(unsafe {
                $( let $arg = transmute::<[u8; 16], $ty>($arg.to_bytes()); )+
                transmute::<_, [u8; 16]>($eval)
            })
        } )*
    };
}

/// Defines operators that take a vector and return a number.
macro_rules! tests {
    ($ty:ident; $($name:ident($arg:ident) = $eval:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name($arg: Vector) -> i32 {
            // SAFETY: I12: the processor has these instructions. A register is 16 bytes, lane 0 first.
            unsafe {
                let $arg = transmute::<[u8; 16], $ty>($arg.to_bytes());
                $eval
            }
        } )*
    };
}

/// Defines shifts. In `$eval`, the count is modulo the number of bits of a lane, and negative for a shift to the right.
macro_rules! shifts {
    ($ty:ident $count_ty:ident $bits:literal; $($name:ident($a:ident, $count:ident) $sign:tt = $eval:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`. The count is taken modulo the width of a lane.")]
        #[inline(always)]
        pub(crate) fn $name($a: Vector, $count: u32) -> Vector {
            // SAFETY: I12: the processor has these instructions. A register is 16 bytes, lane 0 first.
            Vector::from_bytes(unsafe {
                let $a = transmute::<[u8; 16], $ty>($a.to_bytes());
                let $count = 0 $sign ($count % $bits) as $count_ty;
                transmute::<_, [u8; 16]>($eval)
            })
        } )*
    };
}

/// Defines operators that make a vector of bits.
macro_rules! of_bits {
    ($($name:ident($bits:ident: $ty:ty) = $eval:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name($bits: $ty) -> Vector {
            // SAFETY: I12: the processor has these instructions. A register is 16 bytes, lane 0 first.
            Vector::from_bytes(unsafe { transmute::<_, [u8; 16]>($eval) })
        } )*
    };
}

// ---- all 128 bits

vectors! { uint8x16_t;
    v128_not(a) = vmvnq_u8(a);
    v128_and(a, b) = vandq_u8(a, b);
    v128_andnot(a, b) = vbicq_u8(a, b);
    v128_or(a, b) = vorrq_u8(a, b);
    v128_xor(a, b) = veorq_u8(a, b);
    v128_bitselect(a, b, mask) = vbslq_u8(mask, a, b);
    i8x16_swizzle(a, indices) = vqtbl1q_u8(a, indices);
}

/// `i8x16_shuffle`. The indices are below 32.
#[inline(always)]
pub(crate) fn i8x16_shuffle(a: Vector, b: Vector, lanes: [u8; 16]) -> Vector {
    // SAFETY: I12: the processor has these instructions. A register is 16 bytes, lane 0 first.
    Vector::from_bytes(unsafe {
        let [a, b, lanes] = [a.to_bytes(), b.to_bytes(), lanes].map(|bytes| transmute::<[u8; 16], uint8x16_t>(bytes));
        transmute::<uint8x16_t, [u8; 16]>(vqtbl2q_u8(uint8x16x2_t(a, b), lanes))
    })
}

/// Bit i in lane i of 8, twice.
const BITS_8: [i8; 16] = [1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128];
/// Bit i in lane i.
const BITS_16: [i16; 8] = [1, 2, 4, 8, 16, 32, 64, 128];
/// Bit i in lane i.
const BITS_32: [i32; 4] = [1, 2, 4, 8];

tests! { uint32x4_t;
    v128_any_true(a) = i32::from(vmaxvq_u32(a) != 0);
    i32x4_all_true(a) = i32::from(vminvq_u32(a) != 0);
}
tests! { uint8x16_t; i8x16_all_true(a) = i32::from(vminvq_u8(a) != 0); }
tests! { uint16x8_t; i16x8_all_true(a) = i32::from(vminvq_u16(a) != 0); }
tests! { int8x16_t;
    i8x16_bitmask(a) = {
        let bits = vreinterpretq_u8_s8(vandq_s8(vshrq_n_s8::<7>(a), transmute::<[i8; 16], int8x16_t>(BITS_8)));
        i32::from(vaddv_u8(vget_low_u8(bits))) | i32::from(vaddv_u8(vget_high_u8(bits))) << 8
    };
}
tests! { int16x8_t;
    i16x8_bitmask(a) =
        i32::from(vaddvq_s16(vandq_s16(vshrq_n_s16::<15>(a), transmute::<[i16; 8], int16x8_t>(BITS_16))));
}
tests! { int32x4_t;
    i32x4_bitmask(a) = vaddvq_s32(vandq_s32(vshrq_n_s32::<31>(a), transmute::<[i32; 4], int32x4_t>(BITS_32)));
}

// ---- lanes of 8 bits

vectors! { int8x16_t;
    i8x16_abs(a) = vabsq_s8(a);
    i8x16_neg(a) = vnegq_s8(a);
    i8x16_add(a, b) = vaddq_s8(a, b);
    i8x16_add_sat_s(a, b) = vqaddq_s8(a, b);
    i8x16_sub(a, b) = vsubq_s8(a, b);
    i8x16_sub_sat_s(a, b) = vqsubq_s8(a, b);
    i8x16_min_s(a, b) = vminq_s8(a, b);
    i8x16_max_s(a, b) = vmaxq_s8(a, b);
    i8x16_eq(a, b) = vceqq_s8(a, b);
    i8x16_ne(a, b) = vmvnq_u8(vceqq_s8(a, b));
    i8x16_lt_s(a, b) = vcltq_s8(a, b);
    i8x16_gt_s(a, b) = vcgtq_s8(a, b);
    i8x16_le_s(a, b) = vcleq_s8(a, b);
    i8x16_ge_s(a, b) = vcgeq_s8(a, b);
    i16x8_extend_low_i8x16_s(a) = vmovl_s8(vget_low_s8(a));
    i16x8_extend_high_i8x16_s(a) = vmovl_high_s8(a);
    i16x8_extmul_low_i8x16_s(a, b) = vmull_s8(vget_low_s8(a), vget_low_s8(b));
    i16x8_extmul_high_i8x16_s(a, b) = vmull_high_s8(a, b);
    i16x8_extadd_pairwise_i8x16_s(a) = vpaddlq_s8(a);
    i16x8_relaxed_dot_i8x16_i7x16_s(a, b) = dot_8(a, b);
}

vectors! { uint8x16_t;
    i8x16_popcnt(a) = vcntq_u8(a);
    i8x16_add_sat_u(a, b) = vqaddq_u8(a, b);
    i8x16_sub_sat_u(a, b) = vqsubq_u8(a, b);
    i8x16_min_u(a, b) = vminq_u8(a, b);
    i8x16_max_u(a, b) = vmaxq_u8(a, b);
    i8x16_avgr_u(a, b) = vrhaddq_u8(a, b);
    i8x16_lt_u(a, b) = vcltq_u8(a, b);
    i8x16_gt_u(a, b) = vcgtq_u8(a, b);
    i8x16_le_u(a, b) = vcleq_u8(a, b);
    i8x16_ge_u(a, b) = vcgeq_u8(a, b);
    i16x8_extend_low_i8x16_u(a) = vmovl_u8(vget_low_u8(a));
    i16x8_extend_high_i8x16_u(a) = vmovl_high_u8(a);
    i16x8_extmul_low_i8x16_u(a, b) = vmull_u8(vget_low_u8(a), vget_low_u8(b));
    i16x8_extmul_high_i8x16_u(a, b) = vmull_high_u8(a, b);
    i16x8_extadd_pairwise_i8x16_u(a) = vpaddlq_u8(a);
}

/// Returns the sums of products of two neighbors, saturated.
#[inline(always)]
unsafe fn dot_8(a: int8x16_t, b: int8x16_t) -> int16x8_t {
    // SAFETY: I12: the processor has these instructions.
    unsafe {
        let (low, high) = (vmull_s8(vget_low_s8(a), vget_low_s8(b)), vmull_high_s8(a, b));
        vqaddq_s16(vuzp1q_s16(low, high), vuzp2q_s16(low, high))
    }
}

/// `i32x4_relaxed_dot_i8x16_i7x16_add_s`
#[inline(always)]
pub(crate) fn i32x4_relaxed_dot_i8x16_i7x16_add_s(a: Vector, b: Vector, c: Vector) -> Vector {
    i32x4_add(i32x4_extadd_pairwise_i16x8_s(i16x8_relaxed_dot_i8x16_i7x16_s(a, b)), c)
}

shifts! { int8x16_t i8 8;
    i8x16_shl(a, count) + = vshlq_s8(a, vdupq_n_s8(count));
    i8x16_shr_s(a, count) - = vshlq_s8(a, vdupq_n_s8(count));
}
shifts! { uint8x16_t i8 8; i8x16_shr_u(a, count) - = vshlq_u8(a, vdupq_n_s8(count)); }

// ---- lanes of 16 bits

vectors! { int16x8_t;
    i16x8_abs(a) = vabsq_s16(a);
    i16x8_neg(a) = vnegq_s16(a);
    i16x8_add(a, b) = vaddq_s16(a, b);
    i16x8_add_sat_s(a, b) = vqaddq_s16(a, b);
    i16x8_sub(a, b) = vsubq_s16(a, b);
    i16x8_sub_sat_s(a, b) = vqsubq_s16(a, b);
    i16x8_mul(a, b) = vmulq_s16(a, b);
    i16x8_min_s(a, b) = vminq_s16(a, b);
    i16x8_max_s(a, b) = vmaxq_s16(a, b);
    i16x8_q15mulr_sat_s(a, b) = vqrdmulhq_s16(a, b);
    i16x8_eq(a, b) = vceqq_s16(a, b);
    i16x8_ne(a, b) = vmvnq_u16(vceqq_s16(a, b));
    i16x8_lt_s(a, b) = vcltq_s16(a, b);
    i16x8_gt_s(a, b) = vcgtq_s16(a, b);
    i16x8_le_s(a, b) = vcleq_s16(a, b);
    i16x8_ge_s(a, b) = vcgeq_s16(a, b);
    i8x16_narrow_i16x8_s(a, b) = vqmovn_high_s16(vqmovn_s16(a), b);
    i8x16_narrow_i16x8_u(a, b) = vqmovun_high_s16(vqmovun_s16(a), b);
    i32x4_extend_low_i16x8_s(a) = vmovl_s16(vget_low_s16(a));
    i32x4_extend_high_i16x8_s(a) = vmovl_high_s16(a);
    i32x4_extmul_low_i16x8_s(a, b) = vmull_s16(vget_low_s16(a), vget_low_s16(b));
    i32x4_extmul_high_i16x8_s(a, b) = vmull_high_s16(a, b);
    i32x4_extadd_pairwise_i16x8_s(a) = vpaddlq_s16(a);
    i32x4_dot_i16x8_s(a, b) = vpaddq_s32(vmull_s16(vget_low_s16(a), vget_low_s16(b)), vmull_high_s16(a, b));
}

vectors! { uint16x8_t;
    i16x8_add_sat_u(a, b) = vqaddq_u16(a, b);
    i16x8_sub_sat_u(a, b) = vqsubq_u16(a, b);
    i16x8_min_u(a, b) = vminq_u16(a, b);
    i16x8_max_u(a, b) = vmaxq_u16(a, b);
    i16x8_avgr_u(a, b) = vrhaddq_u16(a, b);
    i16x8_lt_u(a, b) = vcltq_u16(a, b);
    i16x8_gt_u(a, b) = vcgtq_u16(a, b);
    i16x8_le_u(a, b) = vcleq_u16(a, b);
    i16x8_ge_u(a, b) = vcgeq_u16(a, b);
    i32x4_extend_low_i16x8_u(a) = vmovl_u16(vget_low_u16(a));
    i32x4_extend_high_i16x8_u(a) = vmovl_high_u16(a);
    i32x4_extmul_low_i16x8_u(a, b) = vmull_u16(vget_low_u16(a), vget_low_u16(b));
    i32x4_extmul_high_i16x8_u(a, b) = vmull_high_u16(a, b);
    i32x4_extadd_pairwise_i16x8_u(a) = vpaddlq_u16(a);
}

shifts! { int16x8_t i16 16;
    i16x8_shl(a, count) + = vshlq_s16(a, vdupq_n_s16(count));
    i16x8_shr_s(a, count) - = vshlq_s16(a, vdupq_n_s16(count));
}
shifts! { uint16x8_t i16 16; i16x8_shr_u(a, count) - = vshlq_u16(a, vdupq_n_s16(count)); }

// ---- lanes of 32 bits

vectors! { int32x4_t;
    i32x4_abs(a) = vabsq_s32(a);
    i32x4_neg(a) = vnegq_s32(a);
    i32x4_add(a, b) = vaddq_s32(a, b);
    i32x4_sub(a, b) = vsubq_s32(a, b);
    i32x4_mul(a, b) = vmulq_s32(a, b);
    i32x4_min_s(a, b) = vminq_s32(a, b);
    i32x4_max_s(a, b) = vmaxq_s32(a, b);
    i32x4_eq(a, b) = vceqq_s32(a, b);
    i32x4_ne(a, b) = vmvnq_u32(vceqq_s32(a, b));
    i32x4_lt_s(a, b) = vcltq_s32(a, b);
    i32x4_gt_s(a, b) = vcgtq_s32(a, b);
    i32x4_le_s(a, b) = vcleq_s32(a, b);
    i32x4_ge_s(a, b) = vcgeq_s32(a, b);
    i16x8_narrow_i32x4_s(a, b) = vqmovn_high_s32(vqmovn_s32(a), b);
    i16x8_narrow_i32x4_u(a, b) = vqmovun_high_s32(vqmovun_s32(a), b);
    i64x2_extend_low_i32x4_s(a) = vmovl_s32(vget_low_s32(a));
    i64x2_extend_high_i32x4_s(a) = vmovl_high_s32(a);
    i64x2_extmul_low_i32x4_s(a, b) = vmull_s32(vget_low_s32(a), vget_low_s32(b));
    i64x2_extmul_high_i32x4_s(a, b) = vmull_high_s32(a, b);
    f32x4_convert_i32x4_s(a) = vcvtq_f32_s32(a);
    f64x2_convert_low_i32x4_s(a) = vcvtq_f64_s64(vmovl_s32(vget_low_s32(a)));
}

vectors! { uint32x4_t;
    i32x4_min_u(a, b) = vminq_u32(a, b);
    i32x4_max_u(a, b) = vmaxq_u32(a, b);
    i32x4_lt_u(a, b) = vcltq_u32(a, b);
    i32x4_gt_u(a, b) = vcgtq_u32(a, b);
    i32x4_le_u(a, b) = vcleq_u32(a, b);
    i32x4_ge_u(a, b) = vcgeq_u32(a, b);
    i64x2_extend_low_i32x4_u(a) = vmovl_u32(vget_low_u32(a));
    i64x2_extend_high_i32x4_u(a) = vmovl_high_u32(a);
    i64x2_extmul_low_i32x4_u(a, b) = vmull_u32(vget_low_u32(a), vget_low_u32(b));
    i64x2_extmul_high_i32x4_u(a, b) = vmull_high_u32(a, b);
    f32x4_convert_i32x4_u(a) = vcvtq_f32_u32(a);
    f64x2_convert_low_i32x4_u(a) = vcvtq_f64_u64(vmovl_u32(vget_low_u32(a)));
}

shifts! { int32x4_t i32 32;
    i32x4_shl(a, count) + = vshlq_s32(a, vdupq_n_s32(count));
    i32x4_shr_s(a, count) - = vshlq_s32(a, vdupq_n_s32(count));
}
shifts! { uint32x4_t i32 32; i32x4_shr_u(a, count) - = vshlq_u32(a, vdupq_n_s32(count)); }

// ---- lanes of 64 bits

vectors! { int64x2_t;
    i64x2_abs(a) = vabsq_s64(a);
    i64x2_neg(a) = vnegq_s64(a);
    i64x2_add(a, b) = vaddq_s64(a, b);
    i64x2_sub(a, b) = vsubq_s64(a, b);
    i64x2_eq(a, b) = vceqq_s64(a, b);
    i64x2_ne(a, b) = vmvnq_u32(vreinterpretq_u32_u64(vceqq_s64(a, b)));
    i64x2_lt_s(a, b) = vcltq_s64(a, b);
    i64x2_gt_s(a, b) = vcgtq_s64(a, b);
    i64x2_le_s(a, b) = vcleq_s64(a, b);
    i64x2_ge_s(a, b) = vcgeq_s64(a, b);
}

shifts! { int64x2_t i64 64;
    i64x2_shl(a, count) + = vshlq_s64(a, vdupq_n_s64(count));
    i64x2_shr_s(a, count) - = vshlq_s64(a, vdupq_n_s64(count));
}
shifts! { uint64x2_t i64 64; i64x2_shr_u(a, count) - = vshlq_u64(a, vdupq_n_s64(count)); }

// ---- lanes that are floats

vectors! { float32x4_t;
    f32x4_abs(a) = vabsq_f32(a);
    f32x4_neg(a) = vnegq_f32(a);
    f32x4_sqrt(a) = vsqrtq_f32(a);
    f32x4_ceil(a) = vrndpq_f32(a);
    f32x4_floor(a) = vrndmq_f32(a);
    f32x4_trunc(a) = vrndq_f32(a);
    f32x4_nearest(a) = vrndnq_f32(a);
    f32x4_add(a, b) = vaddq_f32(a, b);
    f32x4_sub(a, b) = vsubq_f32(a, b);
    f32x4_mul(a, b) = vmulq_f32(a, b);
    f32x4_div(a, b) = vdivq_f32(a, b);
    f32x4_min(a, b) = vminq_f32(a, b);
    f32x4_max(a, b) = vmaxq_f32(a, b);
    f32x4_pmin(a, b) = vbslq_f32(vcltq_f32(b, a), b, a);
    f32x4_pmax(a, b) = vbslq_f32(vcltq_f32(a, b), b, a);
    f32x4_eq(a, b) = vceqq_f32(a, b);
    f32x4_ne(a, b) = vmvnq_u32(vceqq_f32(a, b));
    f32x4_lt(a, b) = vcltq_f32(a, b);
    f32x4_gt(a, b) = vcgtq_f32(a, b);
    f32x4_le(a, b) = vcleq_f32(a, b);
    f32x4_ge(a, b) = vcgeq_f32(a, b);
    f32x4_canonical(a) = vbslq_f32(vceqq_f32(a, a), a, vdupq_n_f32(f32::from_bits(0x7FC0_0000)));
    f32x4_relaxed_madd(a, b, c) = vaddq_f32(vmulq_f32(a, b), c);
    f32x4_relaxed_nmadd(a, b, c) = vsubq_f32(c, vmulq_f32(a, b));
    i32x4_trunc_sat_f32x4_s(a) = vcvtq_s32_f32(a);
    i32x4_trunc_sat_f32x4_u(a) = vcvtq_u32_f32(a);
    f64x2_promote_low_f32x4(a) = vcvt_f64_f32(vget_low_f32(a));
}

vectors! { float64x2_t;
    f64x2_abs(a) = vabsq_f64(a);
    f64x2_neg(a) = vnegq_f64(a);
    f64x2_sqrt(a) = vsqrtq_f64(a);
    f64x2_ceil(a) = vrndpq_f64(a);
    f64x2_floor(a) = vrndmq_f64(a);
    f64x2_trunc(a) = vrndq_f64(a);
    f64x2_nearest(a) = vrndnq_f64(a);
    f64x2_add(a, b) = vaddq_f64(a, b);
    f64x2_sub(a, b) = vsubq_f64(a, b);
    f64x2_mul(a, b) = vmulq_f64(a, b);
    f64x2_div(a, b) = vdivq_f64(a, b);
    f64x2_min(a, b) = vminq_f64(a, b);
    f64x2_max(a, b) = vmaxq_f64(a, b);
    f64x2_pmin(a, b) = vbslq_f64(vcltq_f64(b, a), b, a);
    f64x2_pmax(a, b) = vbslq_f64(vcltq_f64(a, b), b, a);
    f64x2_eq(a, b) = vceqq_f64(a, b);
    f64x2_ne(a, b) = vmvnq_u32(vreinterpretq_u32_u64(vceqq_f64(a, b)));
    f64x2_lt(a, b) = vcltq_f64(a, b);
    f64x2_gt(a, b) = vcgtq_f64(a, b);
    f64x2_le(a, b) = vcleq_f64(a, b);
    f64x2_ge(a, b) = vcgeq_f64(a, b);
    f64x2_canonical(a) = vbslq_f64(vceqq_f64(a, a), a, vdupq_n_f64(f64::from_bits(0x7FF8_0000_0000_0000)));
    f64x2_relaxed_madd(a, b, c) = vaddq_f64(vmulq_f64(a, b), c);
    f64x2_relaxed_nmadd(a, b, c) = vsubq_f64(c, vmulq_f64(a, b));
    i32x4_trunc_sat_f64x2_s_zero(a) = vcombine_s32(vqmovn_s64(vcvtq_s64_f64(a)), vdup_n_s32(0));
    i32x4_trunc_sat_f64x2_u_zero(a) = vcombine_u32(vqmovn_u64(vcvtq_u64_f64(a)), vdup_n_u32(0));
    f32x4_demote_f64x2_zero(a) = vcombine_f32(vcvt_f32_f64(a), vdup_n_f32(0.0));
}

// ---- splats and loads

of_bits! {
    i8x16_splat(a: i32) = vdupq_n_s8(a as i8);
    i16x8_splat(a: i32) = vdupq_n_s16(a as i16);
    i32x4_splat(a: i32) = vdupq_n_s32(a);
    i64x2_splat(a: i64) = vdupq_n_s64(a);
    f32x4_splat(a: f32) = vdupq_n_f32(a);
    f64x2_splat(a: f64) = vdupq_n_f64(a);
    v128_load8x8_s(bits: u64) = vmovl_s8(vcreate_s8(bits));
    v128_load8x8_u(bits: u64) = vmovl_u8(vcreate_u8(bits));
    v128_load16x4_s(bits: u64) = vmovl_s16(vcreate_s16(bits));
    v128_load16x4_u(bits: u64) = vmovl_u16(vcreate_u16(bits));
    v128_load32x2_s(bits: u64) = vmovl_s32(vcreate_s32(bits));
    v128_load32x2_u(bits: u64) = vmovl_u32(vcreate_u32(bits));
    v128_load8_splat(bits: u8) = vdupq_n_u8(bits);
    v128_load16_splat(bits: u16) = vdupq_n_u16(bits);
    v128_load32_splat(bits: u32) = vdupq_n_u32(bits);
    v128_load64_splat(bits: u64) = vdupq_n_u64(bits);
    v128_load32_zero(bits: u32) = vcombine_u32(vcreate_u32(bits.into()), vdup_n_u32(0));
    v128_load64_zero(bits: u64) = vcombine_u64(vcreate_u64(bits), vcreate_u64(0));
}
