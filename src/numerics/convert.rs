//! Conversions (spec, Numerics > Conversions).

use crate::trap::TrapCode;

macro_rules! casts {
    ($($name:ident: $from:ty => $via:ty => $to:ty;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name(a: $from) -> $to { a as $via as $to } )*
    };
}

macro_rules! saturations {
    ($($name:ident: $from:ty => $via:ty => $to:ty;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[cfg_attr(not(small_loop), inline(always))]
        #[cfg_attr(small_loop, inline(never))]
        pub(crate) fn $name(a: $from) -> $to { a as $via as $to } )*
    };
}

casts! {
    i32_wrap_i64: i64 => i32 => i32;
    i64_extend_i32_s: i32 => i64 => i64;
    i64_extend_i32_u: i32 => u32 => i64;
    f32_convert_i32_s: i32 => i32 => f32;
    f32_convert_i32_u: i32 => u32 => f32;
    f32_convert_i64_s: i64 => i64 => f32;
    f32_convert_i64_u: i64 => u64 => f32;
    f64_convert_i32_s: i32 => i32 => f64;
    f64_convert_i32_u: i32 => u32 => f64;
    f64_convert_i64_s: i64 => i64 => f64;
    f64_convert_i64_u: i64 => u64 => f64;
    f32_demote_f64: f64 => f32 => f32;
    f64_promote_f32: f32 => f64 => f64;
}

saturations! {
    i32_trunc_sat_f32_s: f32 => i32 => i32;
    i32_trunc_sat_f32_u: f32 => u32 => i32;
    i32_trunc_sat_f64_s: f64 => i32 => i32;
    i32_trunc_sat_f64_u: f64 => u32 => i32;
    i64_trunc_sat_f32_s: f32 => i64 => i64;
    i64_trunc_sat_f32_u: f32 => u64 => i64;
    i64_trunc_sat_f64_s: f64 => i64 => i64;
    i64_trunc_sat_f64_u: f64 => u64 => i64;
}

macro_rules! reinterpretations {
    ($($name:ident |$a:ident: $from:ty| $to:ty = $eval:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name($a: $from) -> $to { $eval } )*
    };
}

reinterpretations! {
    i32_reinterpret_f32 |a: f32| i32 = a.to_bits().cast_signed();
    i64_reinterpret_f64 |a: f64| i64 = a.to_bits().cast_signed();
    f32_reinterpret_i32 |a: i32| f32 = f32::from_bits(a.cast_unsigned());
    f64_reinterpret_i64 |a: i64| f64 = f64::from_bits(a.cast_unsigned());
}

macro_rules! truncations {
    // Exclusive bounds are exact in the float type. `$low` is inclusive if `$from` cannot represent the next lower
    // number.
    ($($name:ident: $from:ty => $via:ty => $to:ty, $low_op:tt $low:expr, $high:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`. Traps on NaN and on values outside of the range.")]
        #[cfg_attr(not(small_loop), inline(always))]
        #[cfg_attr(small_loop, inline(never))]
        #[allow(clippy::manual_range_contains, reason = "the lower bound is exclusive for some")]
        pub(crate) fn $name(a: $from) -> Result<$to, TrapCode> {
            if a $low_op $low && a < $high {
                Ok(a as $via as $to)
            } else if a.is_nan() {
                Err(TrapCode::BadConversionToInteger)
            } else {
                Err(TrapCode::IntegerOverflow)
            }
        } )*
    };
}

truncations! {
    i32_trunc_f32_s: f32 => i32 => i32, >= -2_147_483_648.0, 2_147_483_648.0;
    i32_trunc_f32_u: f32 => u32 => i32, > -1.0, 4_294_967_296.0;
    i32_trunc_f64_s: f64 => i32 => i32, > -2_147_483_649.0, 2_147_483_648.0;
    i32_trunc_f64_u: f64 => u32 => i32, > -1.0, 4_294_967_296.0;
    i64_trunc_f32_s: f32 => i64 => i64, >= -9_223_372_036_854_775_808.0, 9_223_372_036_854_775_808.0;
    i64_trunc_f32_u: f32 => u64 => i64, > -1.0, 18_446_744_073_709_551_616.0;
    i64_trunc_f64_s: f64 => i64 => i64, >= -9_223_372_036_854_775_808.0, 9_223_372_036_854_775_808.0;
    i64_trunc_f64_u: f64 => u64 => i64, > -1.0, 18_446_744_073_709_551_616.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    const OVERFLOW: TrapCode = TrapCode::IntegerOverflow;

    /// At both ends of a range: the outermost value that converts, with its result, and its
    /// neighbour, which does not.
    macro_rules! borders {
        ($($op:ident $saturating:ident: $low:expr => $low_result:expr, $high:expr => $high_result:expr;)*) => {
            #[test]
            fn truncations_at_the_borders() { $(
                assert_eq!($op($low), Ok($low_result), stringify!($op));
                assert_eq!($op($low.next_down()), Err(OVERFLOW), stringify!($op));
                assert_eq!($op($high), Ok($high_result), stringify!($op));
                assert_eq!($op($high.next_up()), Err(OVERFLOW), stringify!($op));
                for (x, result) in [($low, $low_result), ($high, $high_result)] {
                    assert_eq!($saturating(x), result, stringify!($saturating));
                }
                for nan in [f64::NAN, -f64::NAN] {
                    assert_eq!($op(nan as _), Err(TrapCode::BadConversionToInteger), stringify!($op));
                    assert_eq!($saturating(nan as _), 0, stringify!($saturating));
                }
                for beyond in [f64::INFINITY, f64::NEG_INFINITY, 1e30, -1e30] {
                    assert_eq!($op(beyond as _), Err(OVERFLOW), stringify!($op));
                }
                assert_eq!([$op(-0.0), $op(-0.9), $op(0.9), $op(1.9)], [Ok(0), Ok(0), Ok(0), Ok(1)], stringify!($op));
            )* }
        };
    }

    borders! {
        i32_trunc_f32_s i32_trunc_sat_f32_s: -2_147_483_648.0_f32 => i32::MIN, 2_147_483_520.0_f32 => 2_147_483_520;
        i32_trunc_f32_u i32_trunc_sat_f32_u: (-1.0_f32).next_up() => 0, 4_294_967_040.0_f32 => -256;
        i32_trunc_f64_s i32_trunc_sat_f64_s: (-2_147_483_649.0_f64).next_up() => i32::MIN, 2_147_483_648.0_f64.next_down() => i32::MAX;
        i32_trunc_f64_u i32_trunc_sat_f64_u: (-1.0_f64).next_up() => 0, 4_294_967_296.0_f64.next_down() => -1;
        i64_trunc_f32_s i64_trunc_sat_f32_s: -9_223_372_036_854_775_808.0_f32 => i64::MIN, 9_223_371_487_098_961_920.0_f32 => 0x7FFF_FF80_0000_0000;
        i64_trunc_f32_u i64_trunc_sat_f32_u: (-1.0_f32).next_up() => 0, 18_446_742_974_197_923_840.0_f32 => -0x100_0000_0000;
        i64_trunc_f64_s i64_trunc_sat_f64_s: -9_223_372_036_854_775_808.0_f64 => i64::MIN, 9_223_372_036_854_774_784.0_f64 => 0x7FFF_FFFF_FFFF_FC00;
        i64_trunc_f64_u i64_trunc_sat_f64_u: (-1.0_f64).next_up() => 0, 18_446_744_073_709_549_568.0_f64 => -0x800;
    }

    #[test]
    fn saturating_truncations_stop_at_the_ends() {
        assert_eq!([i32_trunc_sat_f32_s(-3e9), i32_trunc_sat_f32_s(3e9)], [i32::MIN, i32::MAX]);
        assert_eq!([i32_trunc_sat_f32_u(-3e9), i32_trunc_sat_f32_u(5e9)], [0, -1]);
        assert_eq!([i32_trunc_sat_f64_s(-3e9), i32_trunc_sat_f64_s(3e9)], [i32::MIN, i32::MAX]);
        assert_eq!([i32_trunc_sat_f64_u(-3e9), i32_trunc_sat_f64_u(5e9)], [0, -1]);
        assert_eq!([i64_trunc_sat_f32_s(-1e19), i64_trunc_sat_f32_s(1e19)], [i64::MIN, i64::MAX]);
        assert_eq!([i64_trunc_sat_f32_u(-1e19), i64_trunc_sat_f32_u(2e19)], [0, -1]);
        assert_eq!([i64_trunc_sat_f64_s(f64::NEG_INFINITY), i64_trunc_sat_f64_s(f64::INFINITY)], [i64::MIN, i64::MAX]);
        assert_eq!([i64_trunc_sat_f64_u(f64::NEG_INFINITY), i64_trunc_sat_f64_u(f64::INFINITY)], [0, -1]);
    }

    #[test]
    fn integers_extend_wrap_and_round_to_the_nearest_float() {
        assert_eq!([i64_extend_i32_s(-1), i64_extend_i32_u(-1)], [-1, 0xFFFF_FFFF]);
        assert_eq!(i32_wrap_i64(0x1_8000_0000), i32::MIN);
        assert_eq!([f32_convert_i32_s(-1), f32_convert_i32_u(-1)], [-1.0, 4_294_967_296.0]);
        assert_eq!([f64_convert_i32_s(-1), f64_convert_i32_u(-1)], [-1.0, 4_294_967_295.0]);
        // Ties to even, and no rounding twice on the way through f64.
        assert_eq!([f32_convert_i32_s(16_777_217), f32_convert_i32_s(16_777_219)], [16_777_216.0, 16_777_220.0]);
        assert_eq!(f32_convert_i64_s(0x7FFF_FFBF_FFFF_FFFF).to_bits(), 0x5EFF_FFFF);
        assert_eq!(f32_convert_i64_u(0x0020_0000_2000_0001).to_bits(), 0x5A00_0001);
        assert_eq!(f32_convert_i64_u(-1), 18_446_744_073_709_551_616.0);
        assert_eq!(
            [f64_convert_i64_s(i64::MIN), f64_convert_i64_u(i64::MIN)],
            [-9_223_372_036_854_775_808.0, 9_223_372_036_854_775_808.0]
        );
        assert_eq!(
            [f64_convert_i64_s(0x20_0000_0000_0001), f64_convert_i64_s(0x20_0000_0000_0003)],
            [9_007_199_254_740_992.0, 9_007_199_254_740_996.0]
        );
        assert_eq!(f64_convert_i64_u(0x8000_0000_0000_0401_u64.cast_signed()).to_bits(), 0x43E0_0000_0000_0001);
    }

    #[test]
    fn demotion_and_promotion_round_and_make_nan_quiet() {
        assert_eq!(f32_demote_f64(f64::from(f32::MAX)), f32::MAX);
        assert_eq!(f32_demote_f64(3.402_823_567_797_336_6e38).to_bits(), f32::INFINITY.to_bits());
        assert_eq!(f32_demote_f64(-1e-50).to_bits(), (-0.0_f32).to_bits());
        assert_eq!(f64_promote_f32(f32::from_bits(1)).to_bits(), 0x36A0_0000_0000_0000);
        assert_eq!(f64_promote_f32(-0.0).to_bits(), (-0.0_f64).to_bits());
        let demoted = f32_demote_f64(std::hint::black_box(f64::from_bits(0x7FF4_0000_0000_0000)));
        assert!(demoted.is_nan() && demoted.to_bits() & 1 << 22 != 0, "{:#x}", demoted.to_bits());
        let promoted = f64_promote_f32(std::hint::black_box(f32::from_bits(0xFFA0_0000)));
        assert!(promoted.is_nan() && promoted.to_bits() & 1 << 51 != 0, "{:#x}", promoted.to_bits());
    }

    #[test]
    fn reinterpretations_keep_all_bits() {
        for bits in [0, 1, i32::MIN, 0x7FA0_0000, -1, 0x3F80_0000] {
            assert_eq!(i32_reinterpret_f32(f32_reinterpret_i32(bits)), bits);
        }
        for bits in [0, 1, i64::MIN, 0x7FF4_0000_0000_0000, -1, 0x3FF0_0000_0000_0000] {
            assert_eq!(i64_reinterpret_f64(f64_reinterpret_i64(bits)), bits);
        }
        assert_eq!(i32_reinterpret_f32(1.0), 0x3F80_0000);
        assert_eq!(i64_reinterpret_f64(-2.0), 0xC000_0000_0000_0000_u64.cast_signed());
    }
}
