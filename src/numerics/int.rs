//! Integer operators (spec, Numerics > Integer Operations), and wide arithmetic (proposal).

use crate::trap::TrapCode;

macro_rules! ops {
    ($($name:ident |$($arg:ident),+| $in:ty => $out:ty = $eval:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name($($arg: $in),+) -> $out { $eval } )*
    };
}

ops! {
    i32_add |a, b| i32 => i32 = a.wrapping_add(b);
    i32_sub |a, b| i32 => i32 = a.wrapping_sub(b);
    i32_mul |a, b| i32 => i32 = a.wrapping_mul(b);
    i32_and |a, b| i32 => i32 = a & b;
    i32_or |a, b| i32 => i32 = a | b;
    i32_xor |a, b| i32 => i32 = a ^ b;
    i32_shl |a, b| i32 => i32 = a.wrapping_shl(b.cast_unsigned());
    i32_shr_s |a, b| i32 => i32 = a.wrapping_shr(b.cast_unsigned());
    i32_shr_u |a, b| i32 => i32 = a.cast_unsigned().wrapping_shr(b.cast_unsigned()).cast_signed();
    i32_rotl |a, b| i32 => i32 = a.rotate_left(b.cast_unsigned() & 31);
    i32_rotr |a, b| i32 => i32 = a.rotate_right(b.cast_unsigned() & 31);
    i32_div_s |a, b| i32 => Result<i32, TrapCode> = match b {
        0 => Err(TrapCode::IntegerDivisionByZero),
        _ => a.checked_div(b).ok_or(TrapCode::IntegerOverflow),
    };
    i32_div_u |a, b| i32 => Result<i32, TrapCode> = a.cast_unsigned().checked_div(b.cast_unsigned()).map(u32::cast_signed).ok_or(TrapCode::IntegerDivisionByZero);
    i32_rem_s |a, b| i32 => Result<i32, TrapCode> = match b {
        0 => Err(TrapCode::IntegerDivisionByZero),
        _ => Ok(a.wrapping_rem(b)),
    };
    i32_rem_u |a, b| i32 => Result<i32, TrapCode> = a.cast_unsigned().checked_rem(b.cast_unsigned()).map(u32::cast_signed).ok_or(TrapCode::IntegerDivisionByZero);
    i32_eq |a, b| i32 => bool = a == b;
    i32_ne |a, b| i32 => bool = a != b;
    i32_lt_s |a, b| i32 => bool = a < b;
    i32_le_s |a, b| i32 => bool = a <= b;
    i32_gt_s |a, b| i32 => bool = a > b;
    i32_ge_s |a, b| i32 => bool = a >= b;
    i32_lt_u |a, b| i32 => bool = a.cast_unsigned() < b.cast_unsigned();
    i32_le_u |a, b| i32 => bool = a.cast_unsigned() <= b.cast_unsigned();
    i32_gt_u |a, b| i32 => bool = a.cast_unsigned() > b.cast_unsigned();
    i32_ge_u |a, b| i32 => bool = a.cast_unsigned() >= b.cast_unsigned();
    i32_eqz |a| i32 => bool = a == 0;
    i32_clz |a| i32 => i32 = a.leading_zeros().cast_signed();
    i32_ctz |a| i32 => i32 = a.trailing_zeros().cast_signed();
    i32_popcnt |a| i32 => i32 = a.count_ones().cast_signed();
    i32_extend8_s |a| i32 => i32 = i32::from(a as i8);
    i32_extend16_s |a| i32 => i32 = i32::from(a as i16);

    i64_add |a, b| i64 => i64 = a.wrapping_add(b);
    i64_sub |a, b| i64 => i64 = a.wrapping_sub(b);
    i64_mul |a, b| i64 => i64 = a.wrapping_mul(b);
    i64_and |a, b| i64 => i64 = a & b;
    i64_or |a, b| i64 => i64 = a | b;
    i64_xor |a, b| i64 => i64 = a ^ b;
    i64_shl |a, b| i64 => i64 = a.wrapping_shl(b as u32);
    i64_shr_s |a, b| i64 => i64 = a.wrapping_shr(b as u32);
    i64_shr_u |a, b| i64 => i64 = a.cast_unsigned().wrapping_shr(b as u32).cast_signed();
    i64_rotl |a, b| i64 => i64 = a.rotate_left(b as u32 & 63);
    i64_rotr |a, b| i64 => i64 = a.rotate_right(b as u32 & 63);
    i64_div_s |a, b| i64 => Result<i64, TrapCode> = match b {
        0 => Err(TrapCode::IntegerDivisionByZero),
        _ => a.checked_div(b).ok_or(TrapCode::IntegerOverflow),
    };
    i64_div_u |a, b| i64 => Result<i64, TrapCode> = a.cast_unsigned().checked_div(b.cast_unsigned()).map(u64::cast_signed).ok_or(TrapCode::IntegerDivisionByZero);
    i64_rem_s |a, b| i64 => Result<i64, TrapCode> = match b {
        0 => Err(TrapCode::IntegerDivisionByZero),
        _ => Ok(a.wrapping_rem(b)),
    };
    i64_rem_u |a, b| i64 => Result<i64, TrapCode> = a.cast_unsigned().checked_rem(b.cast_unsigned()).map(u64::cast_signed).ok_or(TrapCode::IntegerDivisionByZero);
    i64_eq |a, b| i64 => bool = a == b;
    i64_ne |a, b| i64 => bool = a != b;
    i64_lt_s |a, b| i64 => bool = a < b;
    i64_le_s |a, b| i64 => bool = a <= b;
    i64_gt_s |a, b| i64 => bool = a > b;
    i64_ge_s |a, b| i64 => bool = a >= b;
    i64_lt_u |a, b| i64 => bool = a.cast_unsigned() < b.cast_unsigned();
    i64_le_u |a, b| i64 => bool = a.cast_unsigned() <= b.cast_unsigned();
    i64_gt_u |a, b| i64 => bool = a.cast_unsigned() > b.cast_unsigned();
    i64_ge_u |a, b| i64 => bool = a.cast_unsigned() >= b.cast_unsigned();
    i64_eqz |a| i64 => bool = a == 0;
    i64_clz |a| i64 => i64 = i64::from(a.leading_zeros());
    i64_ctz |a| i64 => i64 = i64::from(a.trailing_zeros());
    i64_popcnt |a| i64 => i64 = i64::from(a.count_ones());
    i64_extend8_s |a| i64 => i64 = i64::from(a as i8);
    i64_extend16_s |a| i64 => i64 = i64::from(a as i16);
    i64_extend32_s |a| i64 => i64 = i64::from(a as i32);
}

/// Returns the 128-bit integer with these halves.
fn join(low: i64, high: i64) -> i128 {
    i128::from(high) << 64 | i128::from(low.cast_unsigned())
}

/// Returns the halves of a 128-bit integer, low half first.
fn split(wide: i128) -> (i64, i64) {
    (wide as i64, (wide >> 64) as i64)
}

/// `i64.add128`
#[inline(always)]
pub(crate) fn i64_add128(a_low: i64, a_high: i64, b_low: i64, b_high: i64) -> (i64, i64) {
    split(join(a_low, a_high).wrapping_add(join(b_low, b_high)))
}

/// `i64.sub128`
#[inline(always)]
pub(crate) fn i64_sub128(a_low: i64, a_high: i64, b_low: i64, b_high: i64) -> (i64, i64) {
    split(join(a_low, a_high).wrapping_sub(join(b_low, b_high)))
}

/// `i64.mul_wide_s`
#[inline(always)]
pub(crate) fn i64_mul_wide_s(a: i64, b: i64) -> (i64, i64) {
    split(i128::from(a).wrapping_mul(i128::from(b)))
}

/// `i64.mul_wide_u`
#[inline(always)]
pub(crate) fn i64_mul_wide_u(a: i64, b: i64) -> (i64, i64) {
    let product = u128::from(a.cast_unsigned()).wrapping_mul(u128::from(b.cast_unsigned()));
    split(product.cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIVIDED_BY_ZERO: TrapCode = TrapCode::IntegerDivisionByZero;

    #[test]
    fn divisions_at_the_borders() {
        assert_eq!(i32_div_s(7, -2), Ok(-3));
        assert_eq!(i32_div_s(i32::MIN, -1), Err(TrapCode::IntegerOverflow));
        assert_eq!(i32_div_s(i32::MIN, 0), Err(DIVIDED_BY_ZERO));
        assert_eq!(i32_div_u(i32::MIN, -1), Ok(0));
        assert_eq!(i32_div_u(-1, 2), Ok(i32::MAX));
        assert_eq!(i32_div_u(1, 0), Err(DIVIDED_BY_ZERO));
        assert_eq!(i64_div_s(7, -2), Ok(-3));
        assert_eq!(i64_div_s(i64::MIN, -1), Err(TrapCode::IntegerOverflow));
        assert_eq!(i64_div_s(i64::MIN, 0), Err(DIVIDED_BY_ZERO));
        assert_eq!(i64_div_u(i64::MIN, -1), Ok(0));
        assert_eq!(i64_div_u(-1, 2), Ok(i64::MAX));
        assert_eq!(i64_div_u(1, 0), Err(DIVIDED_BY_ZERO));
    }

    #[test]
    fn remainders_at_the_borders() {
        assert_eq!(i32_rem_s(-7, 2), Ok(-1));
        assert_eq!(i32_rem_s(7, -2), Ok(1));
        assert_eq!(i32_rem_s(i32::MIN, -1), Ok(0));
        assert_eq!(i32_rem_s(0, 0), Err(DIVIDED_BY_ZERO));
        assert_eq!(i32_rem_u(-1, 10), Ok(5));
        assert_eq!(i32_rem_u(1, 0), Err(DIVIDED_BY_ZERO));
        assert_eq!(i64_rem_s(-7, 2), Ok(-1));
        assert_eq!(i64_rem_s(7, -2), Ok(1));
        assert_eq!(i64_rem_s(i64::MIN, -1), Ok(0));
        assert_eq!(i64_rem_s(0, 0), Err(DIVIDED_BY_ZERO));
        assert_eq!(i64_rem_u(-1, 10), Ok(5));
        assert_eq!(i64_rem_u(1, 0), Err(DIVIDED_BY_ZERO));
    }

    #[test]
    fn shifts_count_modulo_the_width() {
        for turns in [0, 32, -32, 64, i32::MIN] {
            assert_eq!(i32_shl(0x1234_5678, turns + 4), 0x2345_6780);
            assert_eq!(i32_shr_s(i32::MIN, turns + 31), -1);
            assert_eq!(i32_shr_u(i32::MIN, turns + 31), 1);
            assert_eq!(i32_rotl(0x1234_5678, turns + 4), 0x2345_6781);
            assert_eq!(i32_rotr(0x1234_5678, turns + 8), 0x7812_3456);
        }
        for turns in [0, 64, -64, 1 << 32, i64::MIN] {
            assert_eq!(i64_shl(0x0123_4567_89AB_CDEF, turns + 4), 0x1234_5678_9ABC_DEF0);
            assert_eq!(i64_shr_s(i64::MIN, turns + 63), -1);
            assert_eq!(i64_shr_u(i64::MIN, turns + 63), 1);
            assert_eq!(i64_rotl(0x1234_5678_9ABC_DEF0, turns + 4), 0x2345_6789_ABCD_EF01);
            assert_eq!(i64_rotr(0x1234_5678_9ABC_DEF0, turns + 8), 0xF012_3456_789A_BCDE_u64.cast_signed());
        }
    }

    #[test]
    fn arithmetic_wraps() {
        assert_eq!(i32_add(i32::MAX, 1), i32::MIN);
        assert_eq!(i32_sub(i32::MIN, 1), i32::MAX);
        assert_eq!(i32_mul(0x1234_5678, 0x7654_3210), 0x1234_5678_u32.wrapping_mul(0x7654_3210).cast_signed());
        assert_eq!(i64_add(i64::MAX, 1), i64::MIN);
        assert_eq!(i64_sub(i64::MIN, 1), i64::MAX);
        assert_eq!(i64_mul(i64::MIN, -1), i64::MIN);
    }

    #[test]
    fn comparisons_of_either_sign() {
        assert!(i32_lt_s(-1, 0) && !i32_lt_u(-1, 0) && i32_gt_u(-1, 0) && !i32_gt_s(-1, 0));
        assert!(i32_le_s(i32::MIN, i32::MAX) && i32_ge_u(i32::MIN, i32::MAX));
        assert!(i32_ge_s(0, 0) && i32_le_u(0, 0) && i32_eq(0, 0) && !i32_ne(0, 0));
        assert!(i64_lt_s(-1, 0) && !i64_lt_u(-1, 0) && i64_gt_u(-1, 0) && !i64_gt_s(-1, 0));
        assert!(i64_le_s(i64::MIN, i64::MAX) && i64_ge_u(i64::MIN, i64::MAX));
        assert!(i64_ge_s(0, 0) && i64_le_u(0, 0) && i64_eq(0, 0) && !i64_ne(0, 0));
        assert!(i32_eqz(0) && !i32_eqz(i32::MIN) && i64_eqz(0) && !i64_eqz(1 << 32));
    }

    #[test]
    fn bits_are_counted_and_signs_extended() {
        assert_eq!([i32_clz(0), i32_ctz(0), i32_popcnt(-1)], [32, 32, 32]);
        assert_eq!([i32_clz(1), i32_ctz(i32::MIN), i32_popcnt(0)], [31, 31, 0]);
        assert_eq!([i64_clz(0), i64_ctz(0), i64_popcnt(-1)], [64, 64, 64]);
        assert_eq!([i64_clz(1), i64_ctz(i64::MIN), i64_popcnt(0)], [63, 63, 0]);
        assert_eq!([i32_extend8_s(0x17F), i32_extend8_s(0x80)], [127, -128]);
        assert_eq!([i32_extend16_s(0x1_7FFF), i32_extend16_s(0x8000)], [32767, -32768]);
        assert_eq!([i64_extend8_s(0x17F), i64_extend8_s(0x80)], [127, -128]);
        assert_eq!([i64_extend16_s(0x1_7FFF), i64_extend16_s(0x8000)], [32767, -32768]);
        assert_eq!([i64_extend32_s(0x1_7FFF_FFFF), i64_extend32_s(0x8000_0000)], [0x7FFF_FFFF, -0x8000_0000]);
    }

    #[test]
    fn wide_arithmetic_carries() {
        assert_eq!(i64_add128(-1, 0, 1, 0), (0, 1));
        assert_eq!(i64_add128(-1, -1, 1, 0), (0, 0));
        assert_eq!(i64_add128(1, i64::MAX, -1, 0), (0, i64::MIN));
        assert_eq!(i64_sub128(0, 0, 1, 0), (-1, -1));
        assert_eq!(i64_sub128(0, i64::MIN, 1, 0), (-1, i64::MAX));
        assert_eq!(i64_mul_wide_s(-1, -1), (1, 0));
        assert_eq!(i64_mul_wide_s(i64::MIN, i64::MIN), (0, 1 << 62));
        assert_eq!(i64_mul_wide_s(i64::MIN, 1), (i64::MIN, -1));
        assert_eq!(i64_mul_wide_u(-1, -1), (1, -2));
        assert_eq!(i64_mul_wide_u(i64::MIN, 2), (0, 1));
    }
}
