//! Operators on integer lanes whose result has lanes of the same shape, and operators on all 128 bits.

use crate::numerics::vector::lanes::{Vector, lanewise};

lanewise! {
    v128_not |a| [u64; 2] => u64 = !a;
    v128_and |a, b| [u64; 2] => u64 = a & b;
    v128_andnot |a, b| [u64; 2] => u64 = a & !b;
    v128_or |a, b| [u64; 2] => u64 = a | b;
    v128_xor |a, b| [u64; 2] => u64 = a ^ b;
    v128_bitselect |a, b, mask| [u64; 2] => u64 = a & mask | b & !mask;

    i8x16_abs |a| [i8; 16] => i8 = a.wrapping_abs();
    i8x16_neg |a| [i8; 16] => i8 = a.wrapping_neg();
    i8x16_popcnt |a| [u8; 16] => u8 = a.count_ones() as u8;
    i8x16_add |a, b| [i8; 16] => i8 = a.wrapping_add(b);
    i8x16_sub |a, b| [i8; 16] => i8 = a.wrapping_sub(b);
    i8x16_add_sat_s |a, b| [i8; 16] => i8 = a.saturating_add(b);
    i8x16_add_sat_u |a, b| [u8; 16] => u8 = a.saturating_add(b);
    i8x16_sub_sat_s |a, b| [i8; 16] => i8 = a.saturating_sub(b);
    i8x16_sub_sat_u |a, b| [u8; 16] => u8 = a.saturating_sub(b);
    i8x16_min_s |a, b| [i8; 16] => i8 = a.min(b);
    i8x16_min_u |a, b| [u8; 16] => u8 = a.min(b);
    i8x16_max_s |a, b| [i8; 16] => i8 = a.max(b);
    i8x16_max_u |a, b| [u8; 16] => u8 = a.max(b);
    i8x16_avgr_u |a, b| [u8; 16] => u8 = ((u16::from(a) + u16::from(b) + 1) >> 1) as u8;
    i8x16_eq |a, b| [i8; 16] => i8 = -i8::from(a == b);
    i8x16_ne |a, b| [i8; 16] => i8 = -i8::from(a != b);
    i8x16_lt_s |a, b| [i8; 16] => i8 = -i8::from(a < b);
    i8x16_lt_u |a, b| [u8; 16] => i8 = -i8::from(a < b);
    i8x16_gt_s |a, b| [i8; 16] => i8 = -i8::from(a > b);
    i8x16_gt_u |a, b| [u8; 16] => i8 = -i8::from(a > b);
    i8x16_le_s |a, b| [i8; 16] => i8 = -i8::from(a <= b);
    i8x16_le_u |a, b| [u8; 16] => i8 = -i8::from(a <= b);
    i8x16_ge_s |a, b| [i8; 16] => i8 = -i8::from(a >= b);
    i8x16_ge_u |a, b| [u8; 16] => i8 = -i8::from(a >= b);

    i16x8_abs |a| [i16; 8] => i16 = a.wrapping_abs();
    i16x8_neg |a| [i16; 8] => i16 = a.wrapping_neg();
    i16x8_add |a, b| [i16; 8] => i16 = a.wrapping_add(b);
    i16x8_sub |a, b| [i16; 8] => i16 = a.wrapping_sub(b);
    i16x8_mul |a, b| [i16; 8] => i16 = a.wrapping_mul(b);
    i16x8_add_sat_s |a, b| [i16; 8] => i16 = a.saturating_add(b);
    i16x8_add_sat_u |a, b| [u16; 8] => u16 = a.saturating_add(b);
    i16x8_sub_sat_s |a, b| [i16; 8] => i16 = a.saturating_sub(b);
    i16x8_sub_sat_u |a, b| [u16; 8] => u16 = a.saturating_sub(b);
    i16x8_min_s |a, b| [i16; 8] => i16 = a.min(b);
    i16x8_min_u |a, b| [u16; 8] => u16 = a.min(b);
    i16x8_max_s |a, b| [i16; 8] => i16 = a.max(b);
    i16x8_max_u |a, b| [u16; 8] => u16 = a.max(b);
    i16x8_avgr_u |a, b| [u16; 8] => u16 = ((u32::from(a) + u32::from(b) + 1) >> 1) as u16;
    // (2^16 high + low + 2^14) / 2^15, from the halves of the product, of which processors make vectors.
    i16x8_q15mulr_sat_s |a, b| [i16; 8] => i16 = {
        let high = ((i32::from(a) * i32::from(b)) >> 16) as i16;
        let low = a.wrapping_mul(b).cast_unsigned();
        high.saturating_add(high) + (((low >> 14) + 1) >> 1).cast_signed()
    };
    i16x8_eq |a, b| [i16; 8] => i16 = -i16::from(a == b);
    i16x8_ne |a, b| [i16; 8] => i16 = -i16::from(a != b);
    i16x8_lt_s |a, b| [i16; 8] => i16 = -i16::from(a < b);
    i16x8_lt_u |a, b| [u16; 8] => i16 = -i16::from(a < b);
    i16x8_gt_s |a, b| [i16; 8] => i16 = -i16::from(a > b);
    i16x8_gt_u |a, b| [u16; 8] => i16 = -i16::from(a > b);
    i16x8_le_s |a, b| [i16; 8] => i16 = -i16::from(a <= b);
    i16x8_le_u |a, b| [u16; 8] => i16 = -i16::from(a <= b);
    i16x8_ge_s |a, b| [i16; 8] => i16 = -i16::from(a >= b);
    i16x8_ge_u |a, b| [u16; 8] => i16 = -i16::from(a >= b);

    i32x4_abs |a| [i32; 4] => i32 = a.wrapping_abs();
    i32x4_neg |a| [i32; 4] => i32 = a.wrapping_neg();
    i32x4_add |a, b| [i32; 4] => i32 = a.wrapping_add(b);
    i32x4_sub |a, b| [i32; 4] => i32 = a.wrapping_sub(b);
    i32x4_mul |a, b| [i32; 4] => i32 = a.wrapping_mul(b);
    i32x4_min_s |a, b| [i32; 4] => i32 = a.min(b);
    i32x4_min_u |a, b| [u32; 4] => u32 = a.min(b);
    i32x4_max_s |a, b| [i32; 4] => i32 = a.max(b);
    i32x4_max_u |a, b| [u32; 4] => u32 = a.max(b);
    i32x4_eq |a, b| [i32; 4] => i32 = -i32::from(a == b);
    i32x4_ne |a, b| [i32; 4] => i32 = -i32::from(a != b);
    i32x4_lt_s |a, b| [i32; 4] => i32 = -i32::from(a < b);
    i32x4_lt_u |a, b| [u32; 4] => i32 = -i32::from(a < b);
    i32x4_gt_s |a, b| [i32; 4] => i32 = -i32::from(a > b);
    i32x4_gt_u |a, b| [u32; 4] => i32 = -i32::from(a > b);
    i32x4_le_s |a, b| [i32; 4] => i32 = -i32::from(a <= b);
    i32x4_le_u |a, b| [u32; 4] => i32 = -i32::from(a <= b);
    i32x4_ge_s |a, b| [i32; 4] => i32 = -i32::from(a >= b);
    i32x4_ge_u |a, b| [u32; 4] => i32 = -i32::from(a >= b);

    i64x2_abs |a| [i64; 2] => i64 = a.wrapping_abs();
    i64x2_neg |a| [i64; 2] => i64 = a.wrapping_neg();
    i64x2_add |a, b| [i64; 2] => i64 = a.wrapping_add(b);
    i64x2_sub |a, b| [i64; 2] => i64 = a.wrapping_sub(b);
    i64x2_mul |a, b| [i64; 2] => i64 = a.wrapping_mul(b);
    i64x2_eq |a, b| [i64; 2] => i64 = -i64::from(a == b);
    i64x2_ne |a, b| [i64; 2] => i64 = -i64::from(a != b);
    i64x2_lt_s |a, b| [i64; 2] => i64 = -i64::from(a < b);
    i64x2_gt_s |a, b| [i64; 2] => i64 = -i64::from(a > b);
    i64x2_le_s |a, b| [i64; 2] => i64 = -i64::from(a <= b);
    i64x2_ge_s |a, b| [i64; 2] => i64 = -i64::from(a >= b);
}

macro_rules! shifts {
    ($($name:ident |$a:ident, $shift:ident| [$lane:ident; $count:literal] = $eval:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`. The count is taken modulo the width of a lane.")]
        #[inline(always)]
        pub(crate) fn $name(a: Vector, $shift: u32) -> Vector {
            let mut lanes = a.lanes::<[$lane; $count]>();
            let mut i = 0;
            while i < $count {
                let $a = lanes[i];
                lanes[i] = $eval;
                i += 1;
            }
            Vector::from_lanes(lanes)
        } )*
    };
}

shifts! {
    i8x16_shl |a, count| [i8; 16] = a.wrapping_shl(count);
    i8x16_shr_s |a, count| [i8; 16] = a.wrapping_shr(count);
    i8x16_shr_u |a, count| [u8; 16] = a.wrapping_shr(count);
    i16x8_shl |a, count| [i16; 8] = a.wrapping_shl(count);
    i16x8_shr_s |a, count| [i16; 8] = a.wrapping_shr(count);
    i16x8_shr_u |a, count| [u16; 8] = a.wrapping_shr(count);
    i32x4_shl |a, count| [i32; 4] = a.wrapping_shl(count);
    i32x4_shr_s |a, count| [i32; 4] = a.wrapping_shr(count);
    i32x4_shr_u |a, count| [u32; 4] = a.wrapping_shr(count);
    i64x2_shl |a, count| [i64; 2] = a.wrapping_shl(count);
    i64x2_shr_s |a, count| [i64; 2] = a.wrapping_shr(count);
    i64x2_shr_u |a, count| [u64; 2] = a.wrapping_shr(count);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::vector::samples::{integer_pairs, modulo, signed, unsigned};

    /// Each lane of the result is that of wide arithmetic, modulo 2^bits.
    macro_rules! unary {
        ($($op:ident $bits:literal $lane:ident |$a:ident| $eval:expr;)*) => { $(
            for (a, _) in integer_pairs($bits) {
                let result = $op(a);
                for i in 0..128 / $bits {
                    let $a = $lane(a, $bits, i);
                    assert_eq!(unsigned(result, $bits, i), modulo($eval, $bits), "{}({a:x?})", stringify!($op));
                }
            }
        )* };
    }

    macro_rules! binary {
        ($($op:ident $bits:literal $lane:ident |$a:ident, $b:ident| $eval:expr;)*) => { $(
            for (a, b) in integer_pairs($bits) {
                let result = $op(a, b);
                for i in 0..128 / $bits {
                    let ($a, $b) = ($lane(a, $bits, i), $lane(b, $bits, i));
                    let expected = modulo($eval, $bits);
                    assert_eq!(unsigned(result, $bits, i), expected, "{}({a:x?}, {b:x?})", stringify!($op));
                }
            }
        )* };
    }

    macro_rules! shifts {
        ($($op:ident $bits:literal $lane:ident |$a:ident, $power:ident| $eval:expr;)*) => { $(
            for (a, b) in integer_pairs($bits) {
                let random = unsigned(b, 32, 0) as u32;
                for count in [0, 1, $bits - 1, $bits, $bits + 1, 2 * $bits, 255, 256, u32::MAX, 1 << 31, random] {
                    let result = $op(a, count);
                    for i in 0..128 / $bits {
                        let ($a, $power) = ($lane(a, $bits, i), 1_i128 << (count % $bits));
                        let expected = modulo($eval, $bits);
                        assert_eq!(unsigned(result, $bits, i), expected, "{}({a:x?}, {count})", stringify!($op));
                    }
                }
            }
        )* };
    }

    #[test]
    fn unary_operators_agree_with_wide_arithmetic() {
        unary! {
            i8x16_abs 8 signed |a| if a < 0 { -a } else { a };
            i8x16_neg 8 signed |a| -a;
            i16x8_abs 16 signed |a| if a < 0 { -a } else { a };
            i16x8_neg 16 signed |a| -a;
            i32x4_abs 32 signed |a| if a < 0 { -a } else { a };
            i32x4_neg 32 signed |a| -a;
            i64x2_abs 64 signed |a| if a < 0 { -a } else { a };
            i64x2_neg 64 signed |a| -a;
            i8x16_popcnt 8 unsigned |a| (0..8).map(|bit| a >> bit & 1).sum::<i128>();
            v128_not 64 unsigned |a| (1 << 64) - 1 - a;
        }
    }

    #[test]
    fn binary_operators_on_8_bits_agree_with_wide_arithmetic() {
        binary! {
            i8x16_add 8 signed |a, b| a + b;
            i8x16_sub 8 signed |a, b| a - b;
            i8x16_add_sat_s 8 signed |a, b| (a + b).clamp(-(1 << 7), (1 << 7) - 1);
            i8x16_add_sat_u 8 unsigned |a, b| (a + b).clamp(0, (1 << 8) - 1);
            i8x16_sub_sat_s 8 signed |a, b| (a - b).clamp(-(1 << 7), (1 << 7) - 1);
            i8x16_sub_sat_u 8 unsigned |a, b| (a - b).clamp(0, (1 << 8) - 1);
            i8x16_avgr_u 8 unsigned |a, b| (a + b + 1) / 2;
            i8x16_min_s 8 signed |a, b| if a - b < 0 { a } else { b };
            i8x16_max_s 8 signed |a, b| if a - b < 0 { b } else { a };
            i8x16_min_u 8 unsigned |a, b| if a - b < 0 { a } else { b };
            i8x16_max_u 8 unsigned |a, b| if a - b < 0 { b } else { a };
            i8x16_eq 8 signed |a, b| if a - b == 0 { -1 } else { 0 };
            i8x16_ne 8 signed |a, b| if a - b != 0 { -1 } else { 0 };
            i8x16_lt_s 8 signed |a, b| if a - b < 0 { -1 } else { 0 };
            i8x16_lt_u 8 unsigned |a, b| if a - b < 0 { -1 } else { 0 };
            i8x16_gt_s 8 signed |a, b| if b - a < 0 { -1 } else { 0 };
            i8x16_gt_u 8 unsigned |a, b| if b - a < 0 { -1 } else { 0 };
            i8x16_le_s 8 signed |a, b| if a - b < 1 { -1 } else { 0 };
            i8x16_le_u 8 unsigned |a, b| if a - b < 1 { -1 } else { 0 };
            i8x16_ge_s 8 signed |a, b| if b - a < 1 { -1 } else { 0 };
            i8x16_ge_u 8 unsigned |a, b| if b - a < 1 { -1 } else { 0 };
        }
    }

    #[test]
    fn binary_operators_on_16_bits_agree_with_wide_arithmetic() {
        binary! {
            i16x8_add 16 signed |a, b| a + b;
            i16x8_sub 16 signed |a, b| a - b;
            i16x8_mul 16 signed |a, b| a * b;
            i16x8_add_sat_s 16 signed |a, b| (a + b).clamp(-(1 << 15), (1 << 15) - 1);
            i16x8_add_sat_u 16 unsigned |a, b| (a + b).clamp(0, (1 << 16) - 1);
            i16x8_sub_sat_s 16 signed |a, b| (a - b).clamp(-(1 << 15), (1 << 15) - 1);
            i16x8_sub_sat_u 16 unsigned |a, b| (a - b).clamp(0, (1 << 16) - 1);
            i16x8_avgr_u 16 unsigned |a, b| (a + b + 1) / 2;
            i16x8_min_s 16 signed |a, b| if a - b < 0 { a } else { b };
            i16x8_max_s 16 signed |a, b| if a - b < 0 { b } else { a };
            i16x8_min_u 16 unsigned |a, b| if a - b < 0 { a } else { b };
            i16x8_max_u 16 unsigned |a, b| if a - b < 0 { b } else { a };
            i16x8_q15mulr_sat_s 16 signed |a, b| (a * b + 0x4000).div_euclid(0x8000).clamp(-0x8000, 0x7FFF);
            i16x8_eq 16 signed |a, b| if a - b == 0 { -1 } else { 0 };
            i16x8_ne 16 signed |a, b| if a - b != 0 { -1 } else { 0 };
            i16x8_lt_s 16 signed |a, b| if a - b < 0 { -1 } else { 0 };
            i16x8_lt_u 16 unsigned |a, b| if a - b < 0 { -1 } else { 0 };
            i16x8_gt_s 16 signed |a, b| if b - a < 0 { -1 } else { 0 };
            i16x8_gt_u 16 unsigned |a, b| if b - a < 0 { -1 } else { 0 };
            i16x8_le_s 16 signed |a, b| if a - b < 1 { -1 } else { 0 };
            i16x8_le_u 16 unsigned |a, b| if a - b < 1 { -1 } else { 0 };
            i16x8_ge_s 16 signed |a, b| if b - a < 1 { -1 } else { 0 };
            i16x8_ge_u 16 unsigned |a, b| if b - a < 1 { -1 } else { 0 };
        }
    }

    #[test]
    fn binary_operators_on_32_bits_agree_with_wide_arithmetic() {
        binary! {
            i32x4_add 32 signed |a, b| a + b;
            i32x4_sub 32 signed |a, b| a - b;
            i32x4_mul 32 signed |a, b| a * b;
            i32x4_min_s 32 signed |a, b| if a - b < 0 { a } else { b };
            i32x4_max_s 32 signed |a, b| if a - b < 0 { b } else { a };
            i32x4_min_u 32 unsigned |a, b| if a - b < 0 { a } else { b };
            i32x4_max_u 32 unsigned |a, b| if a - b < 0 { b } else { a };
            i32x4_eq 32 signed |a, b| if a - b == 0 { -1 } else { 0 };
            i32x4_ne 32 signed |a, b| if a - b != 0 { -1 } else { 0 };
            i32x4_lt_s 32 signed |a, b| if a - b < 0 { -1 } else { 0 };
            i32x4_lt_u 32 unsigned |a, b| if a - b < 0 { -1 } else { 0 };
            i32x4_gt_s 32 signed |a, b| if b - a < 0 { -1 } else { 0 };
            i32x4_gt_u 32 unsigned |a, b| if b - a < 0 { -1 } else { 0 };
            i32x4_le_s 32 signed |a, b| if a - b < 1 { -1 } else { 0 };
            i32x4_le_u 32 unsigned |a, b| if a - b < 1 { -1 } else { 0 };
            i32x4_ge_s 32 signed |a, b| if b - a < 1 { -1 } else { 0 };
            i32x4_ge_u 32 unsigned |a, b| if b - a < 1 { -1 } else { 0 };
        }
    }

    #[test]
    fn binary_operators_on_64_bits_agree_with_wide_arithmetic() {
        binary! {
            i64x2_add 64 signed |a, b| a + b;
            i64x2_sub 64 signed |a, b| a - b;
            i64x2_mul 64 signed |a, b| a * b;
            i64x2_eq 64 signed |a, b| if a - b == 0 { -1 } else { 0 };
            i64x2_ne 64 signed |a, b| if a - b != 0 { -1 } else { 0 };
            i64x2_lt_s 64 signed |a, b| if a - b < 0 { -1 } else { 0 };
            i64x2_gt_s 64 signed |a, b| if b - a < 0 { -1 } else { 0 };
            i64x2_le_s 64 signed |a, b| if a - b < 1 { -1 } else { 0 };
            i64x2_ge_s 64 signed |a, b| if b - a < 1 { -1 } else { 0 };
        }
    }

    #[test]
    fn shifts_agree_with_powers_of_two() {
        shifts! {
            i8x16_shl 8 unsigned |a, power| a * power;
            i8x16_shr_s 8 signed |a, power| a.div_euclid(power);
            i8x16_shr_u 8 unsigned |a, power| a / power;
            i16x8_shl 16 unsigned |a, power| a * power;
            i16x8_shr_s 16 signed |a, power| a.div_euclid(power);
            i16x8_shr_u 16 unsigned |a, power| a / power;
            i32x4_shl 32 unsigned |a, power| a * power;
            i32x4_shr_s 32 signed |a, power| a.div_euclid(power);
            i32x4_shr_u 32 unsigned |a, power| a / power;
            i64x2_shl 64 unsigned |a, power| a * power;
            i64x2_shr_s 64 signed |a, power| a.div_euclid(power);
            i64x2_shr_u 64 unsigned |a, power| a / power;
        }
    }

    #[test]
    fn bitwise_operators_agree_bit_by_bit() {
        let bit = |vector, i| unsigned(vector, 1, i) == 1;
        for (a, b) in integer_pairs(8) {
            let mask = i8x16_add(a, i8x16_shl(b, 3));
            for i in 0..128 {
                let (x, y) = (bit(a, i), bit(b, i));
                assert_eq!(bit(v128_and(a, b), i), x && y);
                assert_eq!(bit(v128_andnot(a, b), i), x && !y);
                assert_eq!(bit(v128_or(a, b), i), x || y);
                assert_eq!(bit(v128_xor(a, b), i), x != y);
                assert_eq!(bit(v128_bitselect(a, b, mask), i), if bit(mask, i) { x } else { y });
            }
        }
    }
}
