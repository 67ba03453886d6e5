//! Conversions between integer and float lanes, and between float lanes of different widths.

use crate::numerics::{
    convert as scalar,
    vector::lanes::{Vector, lanewise},
};

lanewise! {
    i32x4_trunc_sat_f32x4_s |a| [f32; 4] => i32 = scalar::i32_trunc_sat_f32_s(a);
    i32x4_trunc_sat_f32x4_u |a| [f32; 4] => i32 = scalar::i32_trunc_sat_f32_u(a);
    f32x4_convert_i32x4_s |a| [i32; 4] => f32 = scalar::f32_convert_i32_s(a);
    f32x4_convert_i32x4_u |a| [i32; 4] => f32 = scalar::f32_convert_i32_u(a);
}

macro_rules! from_the_low_half {
    ($($name:ident [$in:ident; 4] => [$out:ident; 2] = $op:path;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`: converts lanes 0 and 1.")]
        #[inline(always)]
        pub(crate) fn $name(a: Vector) -> Vector {
            let [low, high, ..] = a.lanes::<[$in; 4]>();
            Vector::from_lanes::<[$out; 2]>([$op(low), $op(high)])
        } )*
    };
}

from_the_low_half! {
    f64x2_convert_low_i32x4_s [i32; 4] => [f64; 2] = scalar::f64_convert_i32_s;
    f64x2_convert_low_i32x4_u [i32; 4] => [f64; 2] = scalar::f64_convert_i32_u;
    f64x2_promote_low_f32x4 [f32; 4] => [f64; 2] = scalar::f64_promote_f32;
}

macro_rules! to_the_low_half {
    ($($name:ident [f64; 2] => [$out:ident; 4] = $op:path;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`: lanes 2 and 3 are zero.")]
        #[inline(always)]
        pub(crate) fn $name(a: Vector) -> Vector {
            let [low, high] = a.lanes::<[f64; 2]>();
            let zero = $out::default();
            Vector::from_lanes([$op(low), $op(high), zero, zero])
        } )*
    };
}

to_the_low_half! {
    f32x4_demote_f64x2_zero [f64; 2] => [f32; 4] = scalar::f32_demote_f64;
    i32x4_trunc_sat_f64x2_s_zero [f64; 2] => [i32; 4] = scalar::i32_trunc_sat_f64_s;
    i32x4_trunc_sat_f64x2_u_zero [f64; 2] => [i32; 4] = scalar::i32_trunc_sat_f64_u;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::vector::samples::{
        assert_number, double_pairs, integer_pairs, signed, single_pairs, unsigned,
    };

    /// The truncation by integers: the fraction of the number, shifted by its exponent, between both bounds.
    fn truncate(number: f64, low: i128, high: i128) -> i128 {
        let (bits, exponent) = (number.to_bits(), (number.to_bits() >> 52 & 0x7FF) as i32 - 1075);
        if number.is_nan() {
            return 0;
        }
        let fraction = i128::from(bits & 0x000F_FFFF_FFFF_FFFF | 0x0010_0000_0000_0000);
        let magnitude = match exponent {
            0.. => fraction << exponent.min(60),
            -53..0 => fraction >> -exponent,
            _ => 0,
        };
        (if bits >> 63 == 1 { -magnitude } else { magnitude }).clamp(low, high)
    }

    const SIGNED: (i128, i128) = (-0x8000_0000, 0x7FFF_FFFF);
    const UNSIGNED: (i128, i128) = (0, 0xFFFF_FFFF);

    #[test]
    fn truncations_saturate_and_make_zero_of_nan() {
        for (a, _) in single_pairs() {
            let (result, result_u) = (i32x4_trunc_sat_f32x4_s(a), i32x4_trunc_sat_f32x4_u(a));
            for i in 0..4 {
                let lane = f64::from(a.lanes::<[f32; 4]>()[i as usize]);
                assert_eq!(signed(result, 32, i), truncate(lane, SIGNED.0, SIGNED.1), "{lane:?}");
                assert_eq!(unsigned(result_u, 32, i), truncate(lane, UNSIGNED.0, UNSIGNED.1), "{lane:?}");
            }
        }
        for (a, _) in double_pairs() {
            let (result, result_u) = (i32x4_trunc_sat_f64x2_s_zero(a), i32x4_trunc_sat_f64x2_u_zero(a));
            for i in 0..2 {
                let lane = a.lanes::<[f64; 2]>()[i as usize];
                assert_eq!(signed(result, 32, i), truncate(lane, SIGNED.0, SIGNED.1), "{lane:?}");
                assert_eq!(unsigned(result_u, 32, i), truncate(lane, UNSIGNED.0, UNSIGNED.1), "{lane:?}");
                assert_eq!((unsigned(result, 32, i + 2), unsigned(result_u, 32, i + 2)), (0, 0));
            }
        }
    }

    #[test]
    fn integers_become_the_nearest_float() {
        for (a, _) in integer_pairs(32) {
            let (singles, singles_u) = (f32x4_convert_i32x4_s(a), f32x4_convert_i32x4_u(a));
            for i in 0..4 {
                // Exact as f64, so there is one rounding.
                let (lane, lane_u) = (signed(a, 32, i) as f64, unsigned(a, 32, i) as f64);
                assert_eq!(singles.lanes::<[f32; 4]>()[i as usize].to_bits(), (lane as f32).to_bits(), "{lane}");
                assert_eq!(singles_u.lanes::<[f32; 4]>()[i as usize].to_bits(), (lane_u as f32).to_bits(), "{lane_u}");
            }
            let (doubles, doubles_u) = (f64x2_convert_low_i32x4_s(a), f64x2_convert_low_i32x4_u(a));
            for i in 0..2 {
                let (double, double_u) =
                    (doubles.lanes::<[f64; 2]>()[i as usize], doubles_u.lanes::<[f64; 2]>()[i as usize]);
                assert_eq!(double as i128, signed(a, 32, i));
                assert_eq!(double_u as i128, unsigned(a, 32, i));
                assert_eq!([double, double_u].map(|zero| zero == 0.0 && zero.is_sign_negative()), [false; 2]);
            }
        }
    }

    /// The nearest f32, ties to even, by integers.
    fn demote(number: f64) -> f32 {
        if number.is_nan() {
            return f32::NAN;
        }
        let (bits, exponent) = (number.to_bits(), (number.to_bits() >> 52 & 0x7FF) as i32 - 1023);
        let sign = (bits >> 63 << 31) as u32;
        let fraction = bits & 0x000F_FFFF_FFFF_FFFF | 0x0010_0000_0000_0000;
        // Below 2^-126 numbers have fewer digits; the bits of the exponent are added to the fraction, which has one more.
        let (dropped, base) = if exponent < -126 { (29 - 126 - exponent, 0) } else { (29, (exponent + 126) as u32) };
        if exponent > 127 || dropped > 54 {
            return f32::from_bits(sign | if exponent > 127 { f32::INFINITY.to_bits() } else { 0 });
        }
        let (kept, rest, half) = (fraction >> dropped, fraction & ((1 << dropped) - 1), 1 << (dropped - 1));
        let up = rest > half || rest == half && kept & 1 == 1;
        f32::from_bits(sign | ((base << 23) + kept as u32 + u32::from(up)))
    }

    #[test]
    fn demotion_rounds_and_promotion_is_exact() {
        for (a, b) in double_pairs() {
            let result = f32x4_demote_f64x2_zero(a).lanes::<[f32; 4]>();
            for (lane, result) in a.lanes::<[f64; 2]>().into_iter().zip(result) {
                assert_number(result, demote(lane), &[lane], "demote");
            }
            assert_eq!([result[2], result[3]].map(f32::to_bits), [0, 0]);
            // Numbers in the range of f32.
            let [x, y] = b.lanes::<[f64; 2]>().map(|x| f64::from_bits(x.to_bits() & !(0x1FF << 53) | 0x1BF << 53));
            let result = f32x4_demote_f64x2_zero(Vector::from_lanes([x, y * 1e-38])).lanes::<[f32; 4]>();
            assert_number(result[0], demote(x), &[x], "demote");
            assert_number(result[1], demote(y * 1e-38), &[y * 1e-38], "demote");
        }
        for (a, _) in single_pairs() {
            let result = f64x2_promote_low_f32x4(a).lanes::<[f64; 2]>();
            for (lane, result) in a.lanes::<[f32; 4]>().into_iter().zip(result) {
                assert_number(demote(result), lane, &[result], "promote");
                assert_number(result, if lane.is_nan() { f64::NAN } else { result }, &[lane], "promote");
            }
        }
    }
}
