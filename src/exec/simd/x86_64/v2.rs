//! Vector operators by SSSE3 and SSE 4, where these take fewer instructions than SSE2.

#![allow(clippy::wildcard_imports, reason = "about a hundred intrinsics, and the operators that are the same")]

use core::arch::x86_64::*;

pub(crate) use crate::exec::simd::x86_64::sse2::*;
use crate::exec::simd::{
    register, vector,
    x86_64::{
        sse2::{high_32, low_32, not},
        vectors,
    },
};

/// Returns the number of bits set in each lane: that of its lower four and that of its upper four, both looked up.
#[inline(always)]
unsafe fn count_bits(a: __m128i) -> __m128i {
    // SAFETY: I12: the caller has these instructions.
    unsafe {
        let counts = _mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
        let low = _mm_shuffle_epi8(counts, _mm_and_si128(a, _mm_set1_epi8(0x0F)));
        let high = _mm_shuffle_epi8(counts, _mm_and_si128(_mm_srli_epi16::<4>(a), _mm_set1_epi8(0x0F)));
        _mm_add_epi8(low, high)
    }
}

/// Returns (2^16 `high` + `low` + 2^14) / 2^15 of the products, saturated. The instruction returns -2^15 for 2^15.
#[inline(always)]
unsafe fn rounded_product(a: __m128i, b: __m128i) -> __m128i {
    // SAFETY: I12: the caller has these instructions.
    unsafe {
        let product = _mm_mulhrs_epi16(a, b);
        _mm_xor_si128(product, _mm_cmpeq_epi16(product, _mm_set1_epi16(i16::MIN)))
    }
}

/// Returns the lanes of `a` that `indices` name; zero where an index has its upper bit set.
#[inline(always)]
unsafe fn swizzled(a: __m128i, indices: __m128i) -> __m128i {
    // SAFETY: I12: the caller has these instructions.
    unsafe { _mm_shuffle_epi8(a, indices) }
}

/// Returns indices with their upper bit set unless they are below 16.
#[inline(always)]
unsafe fn below_16(indices: __m128i) -> __m128i {
    // SAFETY: I12: the caller has these instructions.
    unsafe { _mm_adds_epu8(indices, _mm_set1_epi8(0x70)) }
}

/// `i8x16_shuffle`. The indices are below 32.
#[inline(always)]
pub(crate) fn i8x16_shuffle(a: Vector, b: Vector, lanes: [u8; 16]) -> Vector {
    // SAFETY: I12: the caller has these instructions.
    vector(unsafe {
        let lanes = register(Vector::from_bytes(lanes));
        let (first, second) = (below_16(lanes), _mm_sub_epi8(lanes, _mm_set1_epi8(16)));
        _mm_or_si128(swizzled(register(a), first), swizzled(register(b), second))
    })
}

/// The lanes of `a` as unsigned numbers: zero if less, saturated, without the digits after the point. In the low half.
#[inline(always)]
unsafe fn truncated_64_u(a: __m128d) -> __m128i {
    // SAFETY: I12: the caller has these instructions.
    unsafe {
        // Zero if it is NaN.
        let number = _mm_min_pd(_mm_max_pd(a, _mm_setzero_pd()), _mm_set1_pd(u32::MAX.into()));
        // The bits of an integer follow those of 2^52 in the sum with that.
        let sum = _mm_add_pd(_mm_round_pd::<TRUNCATE>(number), _mm_set1_pd(4_503_599_627_370_496.0));
        _mm_castps_si128(_mm_shuffle_ps::<0b10_00_10_00>(_mm_castpd_ps(sum), _mm_setzero_ps()))
    }
}

const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
const DOWN: i32 = _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC;
const UP: i32 = _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC;
const TRUNCATE: i32 = _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC;

vectors! {
    i8x16_swizzle(a, indices) = swizzled(a, below_16(indices));
    i8x16_popcnt(a) = count_bits(a);
    i8x16_min_s(a, b) = _mm_min_epi8(a, b);
    i8x16_max_s(a, b) = _mm_max_epi8(a, b);
    i16x8_q15mulr_sat_s(a, b) = rounded_product(a, b);
    i16x8_narrow_i32x4_u(a, b) = _mm_packus_epi32(a, b);
    i32x4_mul(a, b) = _mm_mullo_epi32(a, b);
    i32x4_min_s(a, b) = _mm_min_epi32(a, b);
    i32x4_min_u(a, b) = _mm_min_epu32(a, b);
    i32x4_max_s(a, b) = _mm_max_epi32(a, b);
    i32x4_max_u(a, b) = _mm_max_epu32(a, b);
    i64x2_eq(a, b) = _mm_cmpeq_epi64(a, b);
    i64x2_ne(a, b) = not(_mm_cmpeq_epi64(a, b));
    i64x2_lt_s(a, b) = _mm_cmpgt_epi64(b, a);
    i64x2_gt_s(a, b) = _mm_cmpgt_epi64(a, b);
    i64x2_le_s(a, b) = not(_mm_cmpgt_epi64(a, b));
    i64x2_ge_s(a, b) = not(_mm_cmpgt_epi64(b, a));
    i64x2_extmul_low_i32x4_s(a, b) = _mm_mul_epi32(low_32(a), low_32(b));
    i64x2_extmul_high_i32x4_s(a, b) = _mm_mul_epi32(high_32(a), high_32(b));
    f32x4_ceil(a) = _mm_castps_si128(_mm_round_ps::<UP>(_mm_castsi128_ps(a)));
    f32x4_floor(a) = _mm_castps_si128(_mm_round_ps::<DOWN>(_mm_castsi128_ps(a)));
    f32x4_trunc(a) = _mm_castps_si128(_mm_round_ps::<TRUNCATE>(_mm_castsi128_ps(a)));
    f32x4_nearest(a) = _mm_castps_si128(_mm_round_ps::<NEAREST>(_mm_castsi128_ps(a)));
    f64x2_ceil(a) = _mm_castpd_si128(_mm_round_pd::<UP>(_mm_castsi128_pd(a)));
    f64x2_floor(a) = _mm_castpd_si128(_mm_round_pd::<DOWN>(_mm_castsi128_pd(a)));
    f64x2_trunc(a) = _mm_castpd_si128(_mm_round_pd::<TRUNCATE>(_mm_castsi128_pd(a)));
    f64x2_nearest(a) = _mm_castpd_si128(_mm_round_pd::<NEAREST>(_mm_castsi128_pd(a)));
    i32x4_trunc_sat_f64x2_u_zero(a) = truncated_64_u(_mm_castsi128_pd(a));
}
