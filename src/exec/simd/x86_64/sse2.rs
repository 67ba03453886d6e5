//! Vector operators by SSE2, which every x86-64 processor has.

#![allow(clippy::wildcard_imports, reason = "about a hundred intrinsics, and the operators that are the same")]

use core::arch::x86_64::*;

use crate::exec::simd::{
    register, vector,
    x86_64::{tests, vectors},
};
pub(crate) use crate::numerics::vector::*;

/// Returns a vector of ones.
#[inline(always)]
unsafe fn ones() -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_set1_epi8(-1) }
}

/// Returns the complement.
#[inline(always)]
pub(super) unsafe fn not(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_xor_si128(a, ones()) }
}

/// Returns the bits of `a` where `mask` has ones, and those of `b` elsewhere.
#[inline(always)]
unsafe fn choose(mask: __m128i, a: __m128i, b: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_or_si128(_mm_and_si128(mask, a), _mm_andnot_si128(mask, b)) }
}

/// Returns ones in the 32-bit lanes with the sign bit.
#[inline(always)]
unsafe fn negative_32(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_srai_epi32::<31>(a) }
}

/// Returns ones in the 64-bit lanes with the sign bit.
#[inline(always)]
unsafe fn negative_64(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_shuffle_epi32::<0b11_11_01_01>(negative_32(a)) }
}

/// Exchanges the 32-bit halves of the 64-bit lanes.
#[inline(always)]
unsafe fn swap_halves(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_shuffle_epi32::<0b10_11_00_01>(a) }
}

// ---- all 128 bits

vectors! {
    v128_not(a) = not(a);
    v128_and(a, b) = _mm_and_si128(a, b);
    v128_andnot(a, b) = _mm_andnot_si128(b, a);
    v128_or(a, b) = _mm_or_si128(a, b);
    v128_xor(a, b) = _mm_xor_si128(a, b);
    v128_bitselect(a, b, mask) = choose(mask, a, b);
}

tests! {
    v128_any_true(a) = i32::from(_mm_movemask_epi8(_mm_cmpeq_epi8(a, _mm_setzero_si128())) != 0xFFFF);
    i8x16_all_true(a) = i32::from(_mm_movemask_epi8(_mm_cmpeq_epi8(a, _mm_setzero_si128())) == 0);
    i16x8_all_true(a) = i32::from(_mm_movemask_epi8(_mm_cmpeq_epi16(a, _mm_setzero_si128())) == 0);
    i32x4_all_true(a) = i32::from(_mm_movemask_epi8(_mm_cmpeq_epi32(a, _mm_setzero_si128())) == 0);
    i64x2_all_true(a) = i32::from(_mm_movemask_pd(_mm_castsi128_pd(equal_64(a, _mm_setzero_si128()))) == 0);
    i8x16_bitmask(a) = _mm_movemask_epi8(a);
    i16x8_bitmask(a) = _mm_movemask_epi8(_mm_packs_epi16(a, _mm_setzero_si128()));
    i32x4_bitmask(a) = _mm_movemask_ps(_mm_castsi128_ps(a));
    i64x2_bitmask(a) = _mm_movemask_pd(_mm_castsi128_pd(a));
}

// ---- lanes of 8 bits

/// Returns `a` with the lanes' order as signed numbers turned into that as unsigned numbers, or the other way round.
#[inline(always)]
unsafe fn flip_8(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_xor_si128(a, _mm_set1_epi8(i8::MIN)) }
}

/// Returns the number of bits set in each lane: sums of two bits, of four, of all.
#[inline(always)]
unsafe fn count_bits(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe {
        let twos = _mm_sub_epi8(a, _mm_and_si128(_mm_srli_epi16::<1>(a), _mm_set1_epi8(0x55)));
        let low = _mm_and_si128(twos, _mm_set1_epi8(0x33));
        let fours = _mm_add_epi8(low, _mm_and_si128(_mm_srli_epi16::<2>(twos), _mm_set1_epi8(0x33)));
        _mm_and_si128(_mm_add_epi8(fours, _mm_srli_epi16::<4>(fours)), _mm_set1_epi8(0x0F))
    }
}

vectors! {
    i8x16_abs(a) = _mm_min_epu8(a, _mm_sub_epi8(_mm_setzero_si128(), a));
    i8x16_neg(a) = _mm_sub_epi8(_mm_setzero_si128(), a);
    i8x16_popcnt(a) = count_bits(a);
    i8x16_add(a, b) = _mm_add_epi8(a, b);
    i8x16_add_sat_s(a, b) = _mm_adds_epi8(a, b);
    i8x16_add_sat_u(a, b) = _mm_adds_epu8(a, b);
    i8x16_sub(a, b) = _mm_sub_epi8(a, b);
    i8x16_sub_sat_s(a, b) = _mm_subs_epi8(a, b);
    i8x16_sub_sat_u(a, b) = _mm_subs_epu8(a, b);
    i8x16_min_s(a, b) = flip_8(_mm_min_epu8(flip_8(a), flip_8(b)));
    i8x16_min_u(a, b) = _mm_min_epu8(a, b);
    i8x16_max_s(a, b) = flip_8(_mm_max_epu8(flip_8(a), flip_8(b)));
    i8x16_max_u(a, b) = _mm_max_epu8(a, b);
    i8x16_avgr_u(a, b) = _mm_avg_epu8(a, b);
    i8x16_eq(a, b) = _mm_cmpeq_epi8(a, b);
    i8x16_ne(a, b) = not(_mm_cmpeq_epi8(a, b));
    i8x16_lt_s(a, b) = _mm_cmplt_epi8(a, b);
    i8x16_lt_u(a, b) = not(_mm_cmpeq_epi8(_mm_max_epu8(a, b), a));
    i8x16_gt_s(a, b) = _mm_cmpgt_epi8(a, b);
    i8x16_gt_u(a, b) = not(_mm_cmpeq_epi8(_mm_min_epu8(a, b), a));
    i8x16_le_s(a, b) = not(_mm_cmpgt_epi8(a, b));
    i8x16_le_u(a, b) = _mm_cmpeq_epi8(_mm_min_epu8(a, b), a);
    i8x16_ge_s(a, b) = not(_mm_cmplt_epi8(a, b));
    i8x16_ge_u(a, b) = _mm_cmpeq_epi8(_mm_max_epu8(a, b), a);
    i8x16_narrow_i16x8_s(a, b) = _mm_packs_epi16(a, b);
    i8x16_narrow_i16x8_u(a, b) = _mm_packus_epi16(a, b);
}

// ---- lanes of 16 bits

/// Returns the low eight lanes, each twice: as the halves of lanes of 16 bits.
#[inline(always)]
unsafe fn doubled_low_8(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_unpacklo_epi8(a, a) }
}

/// Like `doubled_low_8`, of the high eight lanes.
#[inline(always)]
unsafe fn doubled_high_8(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_unpackhi_epi8(a, a) }
}

/// Returns the low half of the lanes, extended.
#[inline(always)]
unsafe fn low_8_s(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_srai_epi16::<8>(doubled_low_8(a)) }
}

/// Returns the high half of the lanes, extended.
#[inline(always)]
unsafe fn high_8_s(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_srai_epi16::<8>(doubled_high_8(a)) }
}

/// Returns the low half of the lanes, extended with zeros.
#[inline(always)]
unsafe fn low_8_u(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_unpacklo_epi8(a, _mm_setzero_si128()) }
}

/// Returns the high half of the lanes, extended with zeros.
#[inline(always)]
unsafe fn high_8_u(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_unpackhi_epi8(a, _mm_setzero_si128()) }
}

/// Returns (2^16 `high` + `low` + 2^14) / 2^15 of the products, saturated.
#[inline(always)]
unsafe fn rounded_product(a: __m128i, b: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe {
        let (high, low) = (_mm_mulhi_epi16(a, b), _mm_mullo_epi16(a, b));
        let carry = _mm_avg_epu16(_mm_srli_epi16::<14>(low), _mm_setzero_si128());
        _mm_add_epi16(_mm_adds_epi16(high, high), carry)
    }
}

vectors! {
    i16x8_abs(a) = _mm_max_epi16(a, _mm_sub_epi16(_mm_setzero_si128(), a));
    i16x8_neg(a) = _mm_sub_epi16(_mm_setzero_si128(), a);
    i16x8_add(a, b) = _mm_add_epi16(a, b);
    i16x8_add_sat_s(a, b) = _mm_adds_epi16(a, b);
    i16x8_add_sat_u(a, b) = _mm_adds_epu16(a, b);
    i16x8_sub(a, b) = _mm_sub_epi16(a, b);
    i16x8_sub_sat_s(a, b) = _mm_subs_epi16(a, b);
    i16x8_sub_sat_u(a, b) = _mm_subs_epu16(a, b);
    i16x8_mul(a, b) = _mm_mullo_epi16(a, b);
    i16x8_min_s(a, b) = _mm_min_epi16(a, b);
    i16x8_min_u(a, b) = _mm_sub_epi16(a, _mm_subs_epu16(a, b));
    i16x8_max_s(a, b) = _mm_max_epi16(a, b);
    i16x8_max_u(a, b) = _mm_add_epi16(b, _mm_subs_epu16(a, b));
    i16x8_avgr_u(a, b) = _mm_avg_epu16(a, b);
    i16x8_q15mulr_sat_s(a, b) = rounded_product(a, b);
    i16x8_eq(a, b) = _mm_cmpeq_epi16(a, b);
    i16x8_ne(a, b) = not(_mm_cmpeq_epi16(a, b));
    i16x8_lt_s(a, b) = _mm_cmplt_epi16(a, b);
    i16x8_lt_u(a, b) = not(_mm_cmpeq_epi16(_mm_subs_epu16(b, a), _mm_setzero_si128()));
    i16x8_gt_s(a, b) = _mm_cmpgt_epi16(a, b);
    i16x8_gt_u(a, b) = not(_mm_cmpeq_epi16(_mm_subs_epu16(a, b), _mm_setzero_si128()));
    i16x8_le_s(a, b) = not(_mm_cmpgt_epi16(a, b));
    i16x8_le_u(a, b) = _mm_cmpeq_epi16(_mm_subs_epu16(a, b), _mm_setzero_si128());
    i16x8_ge_s(a, b) = not(_mm_cmplt_epi16(a, b));
    i16x8_ge_u(a, b) = _mm_cmpeq_epi16(_mm_subs_epu16(b, a), _mm_setzero_si128());
    i16x8_extend_low_i8x16_s(a) = low_8_s(a);
    i16x8_extend_high_i8x16_s(a) = high_8_s(a);
    i16x8_extend_low_i8x16_u(a) = low_8_u(a);
    i16x8_extend_high_i8x16_u(a) = high_8_u(a);
    i16x8_extmul_low_i8x16_s(a, b) = _mm_mullo_epi16(low_8_s(a), low_8_s(b));
    i16x8_extmul_high_i8x16_s(a, b) = _mm_mullo_epi16(high_8_s(a), high_8_s(b));
    i16x8_extmul_low_i8x16_u(a, b) = _mm_mullo_epi16(low_8_u(a), low_8_u(b));
    i16x8_extmul_high_i8x16_u(a, b) = _mm_mullo_epi16(high_8_u(a), high_8_u(b));
    i16x8_extadd_pairwise_i8x16_s(a) =
        _mm_add_epi16(_mm_srai_epi16::<8>(a), _mm_srai_epi16::<8>(_mm_slli_epi16::<8>(a)));
    i16x8_extadd_pairwise_i8x16_u(a) =
        _mm_add_epi16(_mm_srli_epi16::<8>(a), _mm_and_si128(a, _mm_set1_epi16(0xFF)));
    i16x8_narrow_i32x4_s(a, b) = _mm_packs_epi32(a, b);
    i16x8_narrow_i32x4_u(a, b) = flip_16(_mm_packs_epi32(lowered(a), lowered(b)));
    i16x8_relaxed_dot_i8x16_i7x16_s(a, b) = dot_8(a, b);
}

/// Returns `a` with the sign bit of each lane changed.
#[inline(always)]
unsafe fn flip_16(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_xor_si128(a, _mm_set1_epi16(i16::MIN)) }
}

/// Returns the lanes, zero if negative, minus 2^15: what has 16 bits as an unsigned number has 16 bits as a signed one then.
#[inline(always)]
unsafe fn lowered(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_sub_epi32(_mm_andnot_si128(negative_32(a), a), _mm_set1_epi32(1 << 15)) }
}

/// Returns the sums of products of two neighbors, saturated.
#[inline(always)]
unsafe fn dot_8(a: __m128i, b: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe {
        let low = _mm_madd_epi16(low_8_s(a), low_8_s(b));
        _mm_packs_epi32(low, _mm_madd_epi16(high_8_s(a), high_8_s(b)))
    }
}

// ---- lanes of 32 bits

/// Returns `a` with the sign bit of each lane changed.
#[inline(always)]
unsafe fn flip_32(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_xor_si128(a, _mm_set1_epi32(i32::MIN)) }
}

/// Returns ones in the lanes where `a` is greater as an unsigned number.
#[inline(always)]
unsafe fn greater_32_u(a: __m128i, b: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_cmpgt_epi32(flip_32(a), flip_32(b)) }
}

/// Returns the low halves of the products.
#[inline(always)]
unsafe fn product_32(a: __m128i, b: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe {
        let even = _mm_shuffle_epi32::<0b10_00>(_mm_mul_epu32(a, b));
        let odd = _mm_shuffle_epi32::<0b10_00>(_mm_mul_epu32(swap_halves(a), swap_halves(b)));
        _mm_unpacklo_epi32(even, odd)
    }
}

/// Returns the low half of the lanes of 16 bits, extended.
#[inline(always)]
unsafe fn low_16_s(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_srai_epi32::<16>(_mm_unpacklo_epi16(a, a)) }
}

/// Returns the low half of the lanes of 16 bits, extended with zeros.
#[inline(always)]
unsafe fn low_16_u(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_unpacklo_epi16(a, _mm_setzero_si128()) }
}

vectors! {
    i32x4_abs(a) = _mm_sub_epi32(_mm_xor_si128(a, negative_32(a)), negative_32(a));
    i32x4_neg(a) = _mm_sub_epi32(_mm_setzero_si128(), a);
    i32x4_add(a, b) = _mm_add_epi32(a, b);
    i32x4_sub(a, b) = _mm_sub_epi32(a, b);
    i32x4_mul(a, b) = product_32(a, b);
    i32x4_min_s(a, b) = choose(_mm_cmpgt_epi32(a, b), b, a);
    i32x4_min_u(a, b) = choose(greater_32_u(a, b), b, a);
    i32x4_max_s(a, b) = choose(_mm_cmpgt_epi32(a, b), a, b);
    i32x4_max_u(a, b) = choose(greater_32_u(a, b), a, b);
    i32x4_eq(a, b) = _mm_cmpeq_epi32(a, b);
    i32x4_ne(a, b) = not(_mm_cmpeq_epi32(a, b));
    i32x4_lt_s(a, b) = _mm_cmplt_epi32(a, b);
    i32x4_lt_u(a, b) = greater_32_u(b, a);
    i32x4_gt_s(a, b) = _mm_cmpgt_epi32(a, b);
    i32x4_gt_u(a, b) = greater_32_u(a, b);
    i32x4_le_s(a, b) = not(_mm_cmpgt_epi32(a, b));
    i32x4_le_u(a, b) = not(greater_32_u(a, b));
    i32x4_ge_s(a, b) = not(_mm_cmplt_epi32(a, b));
    i32x4_ge_u(a, b) = not(greater_32_u(b, a));
    i32x4_extend_low_i16x8_s(a) = low_16_s(a);
    i32x4_extend_high_i16x8_s(a) = _mm_srai_epi32::<16>(_mm_unpackhi_epi16(a, a));
    i32x4_extend_low_i16x8_u(a) = low_16_u(a);
    i32x4_extend_high_i16x8_u(a) = _mm_unpackhi_epi16(a, _mm_setzero_si128());
    i32x4_dot_i16x8_s(a, b) = _mm_madd_epi16(a, b);
    i32x4_extmul_low_i16x8_s(a, b) = _mm_unpacklo_epi16(_mm_mullo_epi16(a, b), _mm_mulhi_epi16(a, b));
    i32x4_extmul_high_i16x8_s(a, b) = _mm_unpackhi_epi16(_mm_mullo_epi16(a, b), _mm_mulhi_epi16(a, b));
    i32x4_extmul_low_i16x8_u(a, b) = _mm_unpacklo_epi16(_mm_mullo_epi16(a, b), _mm_mulhi_epu16(a, b));
    i32x4_extmul_high_i16x8_u(a, b) = _mm_unpackhi_epi16(_mm_mullo_epi16(a, b), _mm_mulhi_epu16(a, b));
    i32x4_extadd_pairwise_i16x8_s(a) = _mm_madd_epi16(a, _mm_set1_epi16(1));
    i32x4_extadd_pairwise_i16x8_u(a) =
        _mm_add_epi32(_mm_srli_epi32::<16>(a), _mm_and_si128(a, _mm_set1_epi32(0xFFFF)));
    i32x4_relaxed_dot_i8x16_i7x16_add_s(a, b, c) =
        _mm_add_epi32(_mm_madd_epi16(dot_8(a, b), _mm_set1_epi16(1)), c);
}

// ---- lanes of 64 bits

/// Returns ones in the lanes that are equal.
#[inline(always)]
unsafe fn equal_64(a: __m128i, b: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe {
        let halves = _mm_cmpeq_epi32(a, b);
        _mm_and_si128(halves, swap_halves(halves))
    }
}

/// Returns ones in the lanes where `a` is greater: its upper half is, or the upper halves are equal and `b - a` borrows.
#[inline(always)]
unsafe fn greater_64(a: __m128i, b: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe {
        let borrows = _mm_and_si128(_mm_cmpeq_epi32(a, b), _mm_sub_epi64(b, a));
        _mm_shuffle_epi32::<0b11_11_01_01>(_mm_or_si128(_mm_cmpgt_epi32(a, b), borrows))
    }
}

/// Returns the low halves of the products.
#[inline(always)]
unsafe fn product_64(a: __m128i, b: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe {
        let crossed = _mm_mul_epu32(_mm_srli_epi64::<32>(a), b);
        let crossed = _mm_add_epi64(crossed, _mm_mul_epu32(a, _mm_srli_epi64::<32>(b)));
        _mm_add_epi64(_mm_mul_epu32(a, b), _mm_slli_epi64::<32>(crossed))
    }
}

/// Returns the products of the even 32-bit lanes as signed numbers.
#[inline(always)]
unsafe fn even_products(a: __m128i, b: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe {
        // A negative number is 2^32 less than the unsigned one.
        let excess = _mm_add_epi32(_mm_and_si128(negative_32(a), b), _mm_and_si128(negative_32(b), a));
        _mm_sub_epi64(_mm_mul_epu32(a, b), _mm_slli_epi64::<32>(excess))
    }
}

/// Returns the low two 32-bit lanes, each as an even lane.
#[inline(always)]
pub(super) unsafe fn low_32(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_unpacklo_epi32(a, a) }
}

/// Returns the high two 32-bit lanes, each as an even lane.
#[inline(always)]
pub(super) unsafe fn high_32(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_unpackhi_epi32(a, a) }
}

/// Returns the low two 32-bit lanes, extended.
#[inline(always)]
unsafe fn low_32_s(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_unpacklo_epi32(a, negative_32(a)) }
}

/// Returns the low two 32-bit lanes, extended with zeros.
#[inline(always)]
unsafe fn low_32_u(a: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_unpacklo_epi32(a, _mm_setzero_si128()) }
}

vectors! {
    i64x2_abs(a) = _mm_sub_epi64(_mm_xor_si128(a, negative_64(a)), negative_64(a));
    i64x2_neg(a) = _mm_sub_epi64(_mm_setzero_si128(), a);
    i64x2_add(a, b) = _mm_add_epi64(a, b);
    i64x2_sub(a, b) = _mm_sub_epi64(a, b);
    i64x2_mul(a, b) = product_64(a, b);
    i64x2_eq(a, b) = equal_64(a, b);
    i64x2_ne(a, b) = not(equal_64(a, b));
    i64x2_lt_s(a, b) = greater_64(b, a);
    i64x2_gt_s(a, b) = greater_64(a, b);
    i64x2_le_s(a, b) = not(greater_64(a, b));
    i64x2_ge_s(a, b) = not(greater_64(b, a));
    i64x2_extend_low_i32x4_s(a) = low_32_s(a);
    i64x2_extend_high_i32x4_s(a) = _mm_unpackhi_epi32(a, negative_32(a));
    i64x2_extend_low_i32x4_u(a) = low_32_u(a);
    i64x2_extend_high_i32x4_u(a) = _mm_unpackhi_epi32(a, _mm_setzero_si128());
    i64x2_extmul_low_i32x4_s(a, b) = even_products(low_32(a), low_32(b));
    i64x2_extmul_high_i32x4_s(a, b) = even_products(high_32(a), high_32(b));
    i64x2_extmul_low_i32x4_u(a, b) = _mm_mul_epu32(low_32(a), low_32(b));
    i64x2_extmul_high_i32x4_u(a, b) = _mm_mul_epu32(high_32(a), high_32(b));
}

// ---- shifts

/// Defines shifts. In `$eval`, the count is a register that holds it modulo the number of bits of a lane.
macro_rules! shifts {
    ($($name:ident($a:ident, $count:ident) of $bits:literal = $eval:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`. The count is taken modulo the width of a lane.")]
        #[inline(always)]
        pub(crate) fn $name($a: Vector, $count: u32) -> Vector {
            let $a = register($a);
            // SAFETY: I12: every x86-64 processor has SSE2.
            vector(unsafe {
                let $count = _mm_cvtsi32_si128(($count % $bits).cast_signed());
                $eval
            })
        } )*
    };
}

/// Returns ones in the low 8 - `count` bits of all lanes of 8 bits.
#[inline(always)]
unsafe fn low_bits_8(count: __m128i) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe {
        let bits = _mm_srl_epi16(_mm_set1_epi16(0xFF), count);
        _mm_packus_epi16(bits, bits)
    }
}

shifts! {
    i8x16_shl(a, count) of 8 = _mm_sll_epi16(_mm_and_si128(a, low_bits_8(count)), count);
    i8x16_shr_u(a, count) of 8 = _mm_and_si128(_mm_srl_epi16(a, count), low_bits_8(count));
    i8x16_shr_s(a, count) of 8 = _mm_packs_epi16(
        _mm_sra_epi16(low_8_s(a), count),
        _mm_sra_epi16(high_8_s(a), count)
    );
    i16x8_shl(a, count) of 16 = _mm_sll_epi16(a, count);
    i16x8_shr_s(a, count) of 16 = _mm_sra_epi16(a, count);
    i16x8_shr_u(a, count) of 16 = _mm_srl_epi16(a, count);
    i32x4_shl(a, count) of 32 = _mm_sll_epi32(a, count);
    i32x4_shr_s(a, count) of 32 = _mm_sra_epi32(a, count);
    i32x4_shr_u(a, count) of 32 = _mm_srl_epi32(a, count);
    i64x2_shl(a, count) of 64 = _mm_sll_epi64(a, count);
    i64x2_shr_s(a, count) of 64 = {
        // The sign bit, shifted as well, is subtracted from where it is now.
        let sign = _mm_srl_epi64(_mm_set1_epi64x(i64::MIN), count);
        _mm_sub_epi64(_mm_xor_si128(_mm_srl_epi64(a, count), sign), sign)
    };
    i64x2_shr_u(a, count) of 64 = _mm_srl_epi64(a, count);
}

// ---- lanes that are floats

/// Defines operators whose operands and results are lanes of floats.
macro_rules! floats {
    ($from:ident $to:ident; $($name:ident($($arg:ident),+) = $eval:expr;)*) => {
        vectors! { $( $name($($arg),+) = { $( let $arg = $from($arg); )+ $to($eval) }; )* }
    };
}

floats! { _mm_castsi128_ps _mm_castps_si128;
    f32x4_abs(a) = _mm_andnot_ps(_mm_set1_ps(-0.0), a);
    f32x4_neg(a) = _mm_xor_ps(_mm_set1_ps(-0.0), a);
    f32x4_sqrt(a) = _mm_sqrt_ps(a);
    f32x4_add(a, b) = _mm_add_ps(a, b);
    f32x4_sub(a, b) = _mm_sub_ps(a, b);
    f32x4_mul(a, b) = _mm_mul_ps(a, b);
    f32x4_div(a, b) = _mm_div_ps(a, b);
    f32x4_min(a, b) = canonical_ps(_mm_cmpunord_ps(a, b), _mm_or_ps(_mm_min_ps(a, b), _mm_min_ps(b, a)));
    f32x4_max(a, b) = canonical_ps(_mm_cmpunord_ps(a, b), _mm_and_ps(_mm_max_ps(a, b), _mm_max_ps(b, a)));
    f32x4_pmin(a, b) = _mm_min_ps(b, a);
    f32x4_pmax(a, b) = _mm_max_ps(b, a);
    f32x4_eq(a, b) = _mm_cmpeq_ps(a, b);
    f32x4_ne(a, b) = _mm_cmpneq_ps(a, b);
    f32x4_lt(a, b) = _mm_cmplt_ps(a, b);
    f32x4_gt(a, b) = _mm_cmplt_ps(b, a);
    f32x4_le(a, b) = _mm_cmple_ps(a, b);
    f32x4_ge(a, b) = _mm_cmple_ps(b, a);
    f32x4_canonical(a) = choose_ps(_mm_cmpord_ps(a, a), a, _mm_set1_ps(f32::from_bits(0x7FC0_0000)));
    f32x4_relaxed_madd(a, b, c) = _mm_add_ps(_mm_mul_ps(a, b), c);
    f32x4_relaxed_nmadd(a, b, c) = _mm_sub_ps(c, _mm_mul_ps(a, b));
}

floats! { _mm_castsi128_pd _mm_castpd_si128;
    f64x2_abs(a) = _mm_andnot_pd(_mm_set1_pd(-0.0), a);
    f64x2_neg(a) = _mm_xor_pd(_mm_set1_pd(-0.0), a);
    f64x2_sqrt(a) = _mm_sqrt_pd(a);
    f64x2_add(a, b) = _mm_add_pd(a, b);
    f64x2_sub(a, b) = _mm_sub_pd(a, b);
    f64x2_mul(a, b) = _mm_mul_pd(a, b);
    f64x2_div(a, b) = _mm_div_pd(a, b);
    f64x2_min(a, b) = canonical_pd(_mm_cmpunord_pd(a, b), _mm_or_pd(_mm_min_pd(a, b), _mm_min_pd(b, a)));
    f64x2_max(a, b) = canonical_pd(_mm_cmpunord_pd(a, b), _mm_and_pd(_mm_max_pd(a, b), _mm_max_pd(b, a)));
    f64x2_pmin(a, b) = _mm_min_pd(b, a);
    f64x2_pmax(a, b) = _mm_max_pd(b, a);
    f64x2_eq(a, b) = _mm_cmpeq_pd(a, b);
    f64x2_ne(a, b) = _mm_cmpneq_pd(a, b);
    f64x2_lt(a, b) = _mm_cmplt_pd(a, b);
    f64x2_gt(a, b) = _mm_cmplt_pd(b, a);
    f64x2_le(a, b) = _mm_cmple_pd(a, b);
    f64x2_ge(a, b) = _mm_cmple_pd(b, a);
    f64x2_canonical(a) = choose_pd(_mm_cmpord_pd(a, a), a, _mm_set1_pd(f64::from_bits(0x7FF8_0000_0000_0000)));
    f64x2_relaxed_madd(a, b, c) = _mm_add_pd(_mm_mul_pd(a, b), c);
    f64x2_relaxed_nmadd(a, b, c) = _mm_sub_pd(c, _mm_mul_pd(a, b));
}

// The instructions for minimum and maximum return their second operand if one is NaN or both are zeros. In both orders,
// they return both operands then.

/// Returns the bits of `a` where `mask` has ones, and those of `b` elsewhere.
#[inline(always)]
unsafe fn choose_ps(mask: __m128, a: __m128, b: __m128) -> __m128 {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_or_ps(_mm_and_ps(mask, a), _mm_andnot_ps(mask, b)) }
}

/// Like `choose_ps`.
#[inline(always)]
unsafe fn choose_pd(mask: __m128d, a: __m128d, b: __m128d) -> __m128d {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe { _mm_or_pd(_mm_and_pd(mask, a), _mm_andnot_pd(mask, b)) }
}

/// Returns `a` with a canonical NaN in the lanes where `nan` has ones: all ones but for the bits below the quiet bit.
#[inline(always)]
unsafe fn canonical_ps(nan: __m128, a: __m128) -> __m128 {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe {
        let payload = _mm_srli_epi32::<10>(_mm_castps_si128(nan));
        _mm_andnot_ps(_mm_castsi128_ps(payload), _mm_or_ps(a, nan))
    }
}

/// Like `canonical_ps`.
#[inline(always)]
unsafe fn canonical_pd(nan: __m128d, a: __m128d) -> __m128d {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe {
        let payload = _mm_srli_epi64::<13>(_mm_castpd_si128(nan));
        _mm_andnot_pd(_mm_castsi128_pd(payload), _mm_or_pd(a, nan))
    }
}

// ---- conversions

/// 2^31 and 2^16.
const TWO_31: f32 = 2_147_483_648.0;
const TWO_16: f32 = 65_536.0;
/// 2^52, whose bits are followed by those of an integer below 2^32 in the sum with that.
const TWO_52: f64 = 4_503_599_627_370_496.0;

/// Returns the lanes as i32, saturated, and zero for NaN. The instruction returns -2^31 for what is out of range.
#[inline(always)]
unsafe fn truncated_s(a: __m128) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe {
        let number = _mm_and_ps(a, _mm_cmpord_ps(a, a));
        let too_great = _mm_castps_si128(_mm_cmple_ps(_mm_set1_ps(TWO_31), number));
        _mm_xor_si128(_mm_cvttps_epi32(number), too_great)
    }
}

/// Returns the lanes as u32, saturated, and zero for NaN.
#[inline(always)]
unsafe fn truncated_u(a: __m128) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe {
        // Zero if it is NaN.
        let number = _mm_max_ps(a, _mm_setzero_ps());
        // What exceeds 2^31, where the instruction returns just that number of the whole.
        let rest = _mm_sub_ps(number, _mm_set1_ps(TWO_31));
        let exceeds = _mm_castps_si128(_mm_cmple_ps(_mm_setzero_ps(), rest));
        let too_great = _mm_castps_si128(_mm_cmple_ps(_mm_set1_ps(TWO_31), rest));
        let rest = _mm_and_si128(_mm_xor_si128(_mm_cvttps_epi32(rest), too_great), exceeds);
        _mm_add_epi32(_mm_cvttps_epi32(number), rest)
    }
}

/// Returns the two lanes as i32, saturated, and zero for NaN; the others are zero.
#[inline(always)]
unsafe fn truncated_64_s(a: __m128d) -> __m128i {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe {
        let number = _mm_and_pd(a, _mm_cmpord_pd(a, a));
        _mm_cvttpd_epi32(_mm_min_pd(number, _mm_set1_pd(i32::MAX.into())))
    }
}

/// Returns the lanes, as unsigned numbers, as f32. Both halves are exact, so there is one rounding.
#[inline(always)]
unsafe fn converted_u(a: __m128i) -> __m128 {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe {
        let low = _mm_cvtepi32_ps(_mm_and_si128(a, _mm_set1_epi32(0xFFFF)));
        let high = _mm_cvtepi32_ps(_mm_srli_epi32::<16>(a));
        _mm_add_ps(_mm_mul_ps(high, _mm_set1_ps(TWO_16)), low)
    }
}

/// Returns the low two lanes, as unsigned numbers, as f64.
#[inline(always)]
unsafe fn converted_low_u(a: __m128i) -> __m128d {
    // SAFETY: I12: every x86-64 processor has SSE2.
    unsafe {
        let exponent = _mm_set1_epi32((TWO_52.to_bits() >> 32) as i32);
        _mm_sub_pd(_mm_castsi128_pd(_mm_unpacklo_epi32(a, exponent)), _mm_set1_pd(TWO_52))
    }
}

vectors! {
    i32x4_trunc_sat_f32x4_s(a) = truncated_s(_mm_castsi128_ps(a));
    i32x4_trunc_sat_f32x4_u(a) = truncated_u(_mm_castsi128_ps(a));
    i32x4_trunc_sat_f64x2_s_zero(a) = truncated_64_s(_mm_castsi128_pd(a));
    f32x4_convert_i32x4_s(a) = _mm_castps_si128(_mm_cvtepi32_ps(a));
    f32x4_convert_i32x4_u(a) = _mm_castps_si128(converted_u(a));
    f64x2_convert_low_i32x4_s(a) = _mm_castpd_si128(_mm_cvtepi32_pd(a));
    f64x2_convert_low_i32x4_u(a) = _mm_castpd_si128(converted_low_u(a));
    f32x4_demote_f64x2_zero(a) = _mm_castps_si128(_mm_cvtpd_ps(_mm_castsi128_pd(a)));
    f64x2_promote_low_f32x4(a) = _mm_castpd_si128(_mm_cvtps_pd(_mm_castsi128_ps(a)));
}

// ---- splats, loads, lanes

/// Defines operators that make a vector of bits.
macro_rules! of_bits {
    ($($name:ident($bits:ident: $ty:ty) = $eval:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name($bits: $ty) -> Vector {
            // SAFETY: I12: every x86-64 processor has SSE2.
            vector(unsafe { $eval })
        } )*
    };
}

of_bits! {
    i8x16_splat(a: i32) = _mm_set1_epi8(a as i8);
    i16x8_splat(a: i32) = _mm_set1_epi16(a as i16);
    i32x4_splat(a: i32) = _mm_set1_epi32(a);
    i64x2_splat(a: i64) = _mm_set1_epi64x(a);
    f32x4_splat(a: f32) = _mm_castps_si128(_mm_set1_ps(a));
    f64x2_splat(a: f64) = _mm_castpd_si128(_mm_set1_pd(a));
    v128_load8x8_s(bits: u64) = low_8_s(_mm_cvtsi64_si128(bits.cast_signed()));
    v128_load8x8_u(bits: u64) = low_8_u(_mm_cvtsi64_si128(bits.cast_signed()));
    v128_load16x4_s(bits: u64) = low_16_s(_mm_cvtsi64_si128(bits.cast_signed()));
    v128_load16x4_u(bits: u64) = low_16_u(_mm_cvtsi64_si128(bits.cast_signed()));
    v128_load32x2_s(bits: u64) = low_32_s(_mm_cvtsi64_si128(bits.cast_signed()));
    v128_load32x2_u(bits: u64) = low_32_u(_mm_cvtsi64_si128(bits.cast_signed()));
    v128_load8_splat(bits: u8) = _mm_set1_epi8(bits.cast_signed());
    v128_load16_splat(bits: u16) = _mm_set1_epi16(bits.cast_signed());
    v128_load32_splat(bits: u32) = _mm_set1_epi32(bits.cast_signed());
    v128_load64_splat(bits: u64) = _mm_set1_epi64x(bits.cast_signed());
    v128_load32_zero(bits: u32) = _mm_cvtsi32_si128(bits.cast_signed());
    v128_load64_zero(bits: u64) = _mm_cvtsi64_si128(bits.cast_signed());
}

/// 16 zeros, `N` ones, and zeros: the 16 bytes from 16 - `N` * lane on are a mask for the lane.
const fn window<const N: usize>() -> [u8; 32] {
    let mut bytes = [0; 32];
    let mut i = 16;
    while i < 16 + N {
        bytes[i] = 0xFF;
        i += 1;
    }
    bytes
}

/// Defines operators that replace a lane.
macro_rules! replacements {
    ($($name:ident($value:ident: $ty:ty) of $bytes:literal = $splat:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`. The index is taken modulo the number of lanes.")]
        #[inline(always)]
        pub(crate) fn $name(a: Vector, lane: u8, $value: $ty) -> Vector {
            static WINDOW: [u8; 32] = window::<$bytes>();
            let first = 16 - $bytes * usize::from(lane % (16 / $bytes));
            // SAFETY: I12: every x86-64 processor has SSE2. `first` is from `$bytes` to 16.
            vector(unsafe {
                let mask = _mm_loadu_si128(WINDOW.as_ptr().add(first).cast());
                choose(mask, register($splat), register(a))
            })
        } )*
    };
}

replacements! {
    i8x16_replace_lane(value: i32) of 1 = i8x16_splat(value);
    i16x8_replace_lane(value: i32) of 2 = i16x8_splat(value);
    i32x4_replace_lane(value: i32) of 4 = i32x4_splat(value);
    i64x2_replace_lane(value: i64) of 8 = i64x2_splat(value);
    f32x4_replace_lane(value: f32) of 4 = f32x4_splat(value);
    f64x2_replace_lane(value: f64) of 8 = f64x2_splat(value);
    v128_load8_lane(bits: u8) of 1 = v128_load8_splat(bits);
    v128_load16_lane(bits: u16) of 2 = v128_load16_splat(bits);
    v128_load32_lane(bits: u32) of 4 = v128_load32_splat(bits);
    v128_load64_lane(bits: u64) of 8 = v128_load64_splat(bits);
}

// ---- what takes many instructions without SSE 4.1

/// Defines operators that call their portable semantics, so that these are not in the handlers of all forms.
///
/// What is called takes registers: if operands were passed by address, the handler could not end in a jump.
macro_rules! calls {
    ($($name:ident($($arg:ident),+);)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name($($arg: Vector),+) -> Vector {
            vector(called::$name($(register($arg)),+))
        } )*

        mod called {
            use core::arch::x86_64::__m128i;

            use crate::{exec::simd::{register, vector}, numerics::vector as portable};

            $( #[inline(never)]
            #[allow(improper_ctypes_definitions, reason = "called from here only")]
            pub(super) extern "sysv64" fn $name($($arg: __m128i),+) -> __m128i {
                register(portable::$name($(vector($arg)),+))
            } )*
        }
    };
}

calls! {
    i8x16_swizzle(a, indices);
    f32x4_ceil(a);
    f32x4_floor(a);
    f32x4_trunc(a);
    f32x4_nearest(a);
    f64x2_ceil(a);
    f64x2_floor(a);
    f64x2_trunc(a);
    f64x2_nearest(a);
    i32x4_trunc_sat_f64x2_u_zero(a);
}

/// `i8x16_shuffle`. The indices are below 32.
#[inline(always)]
pub(crate) fn i8x16_shuffle(a: Vector, b: Vector, lanes: [u8; 16]) -> Vector {
    vector(shuffled(register(a), register(b), register(Vector::from_bytes(lanes))))
}

/// What `i8x16_shuffle` calls, as other operators do.
#[inline(never)]
#[allow(improper_ctypes_definitions, reason = "called from here only")]
extern "sysv64" fn shuffled(a: __m128i, b: __m128i, lanes: __m128i) -> __m128i {
    register(crate::numerics::vector::i8x16_shuffle(vector(a), vector(b), vector(lanes).to_bytes()))
}
