//! Floating-point operators (spec, Numerics > Floating-Point Operations).
//!
//! The roundings need neither a library nor a call: a value of large magnitude is integral already, and every other
//! value is converted to an integer and back.

macro_rules! float_ops {
    ($ty:ident, $int:ident, $integral:literal, $quiet:literal, $sqrt:path;
     $add:ident $sub:ident $mul:ident $div:ident $min:ident $max:ident $copysign:ident $abs:ident $neg:ident
     $sqrt_name:ident $ceil:ident $floor:ident $trunc:ident $nearest:ident
     $eq:ident $ne:ident $lt:ident $le:ident $gt:ident $ge:ident) => {
        float_ops! { @inlined $ty;
            $add |a, b| a + b; $sub |a, b| a - b; $mul |a, b| a * b; $div |a, b| a / b;
            $copysign |a, b| a.copysign(b);
            $abs |a| a.abs();
            $neg |a| -a;
        }
        float_ops! { @large $ty;
            $min |a, b| if a < b { a } else if b < a { b } else if a == b {
                // Equal values are the same, except for zeros: the negative zero is less.
                $ty::from_bits(a.to_bits() | b.to_bits())
            } else { a + b };
            $max |a, b| if a > b { a } else if b > a { b } else if a == b {
                $ty::from_bits(a.to_bits() & b.to_bits())
            } else { a + b };
            $sqrt_name |a| $sqrt(a);
            // A magnitude of at least 2^(digits - 1) is integral already; NaN become quiet.
            $trunc |a| if a.abs() < $integral { (a as $int as $ty).copysign(a) } else if a == a { a } else { $ty::from_bits(a.to_bits() | $quiet) };
            $ceil |a| if a.abs() < $integral {
                let t = a as $int as $ty;
                (if t < a { t + 1.0 } else { t }).copysign(a)
            } else if a == a { a } else { $ty::from_bits(a.to_bits() | $quiet) };
            $floor |a| if a.abs() < $integral {
                let t = a as $int as $ty;
                (if t > a { t - 1.0 } else { t }).copysign(a)
            } else if a == a { a } else { $ty::from_bits(a.to_bits() | $quiet) };
            // Adding 2^(digits - 1) and subtracting it again rounds to an integer, ties to even.
            $nearest |a| if a.abs() < $integral {
                ((a.abs() + $integral) - $integral).copysign(a)
            } else if a == a { a } else { $ty::from_bits(a.to_bits() | $quiet) };
        }
        float_ops! { @compare $ty; $eq ==; $ne !=; $lt <; $le <=; $gt >; $ge >=; }
    };
    (@inlined $ty:ident; $($name:ident |$($arg:ident),*| $eval:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name($($arg: $ty),*) -> $ty { $eval } )*
    };
    (@large $ty:ident; $($name:ident |$($arg:ident),*| $eval:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[cfg_attr(not(small_loop), inline(always))]
        #[cfg_attr(small_loop, inline(never))]
        pub(crate) fn $name($($arg: $ty),*) -> $ty { $eval } )*
    };
    (@compare $ty:ident; $($name:ident $op:tt;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name(a: $ty, b: $ty) -> bool { a $op b } )*
    };
}

#[cfg(feature = "std")]
mod root {
    use core::primitive::{f32 as Single, f64 as Double};

    #[inline(always)]
    pub(super) fn f32(a: Single) -> Single {
        a.sqrt()
    }
    #[inline(always)]
    pub(super) fn f64(a: Double) -> Double {
        a.sqrt()
    }
}

#[cfg(not(feature = "std"))]
mod root {
    pub(super) use libm::{sqrt as f64, sqrtf as f32};
}

macro_rules! canonical {
    ($($name:ident $ty:ident $nan:literal;)*) => { $(
        #[doc = concat!("Returns the number, or the canonical NaN (spec, Syntax > Floating-Point) for any `", stringify!($ty), "` that is none.")]
        #[inline(always)]
        pub(crate) fn $name(a: $ty) -> $ty {
            if a.is_nan() { $ty::from_bits($nan) } else { a }
        } )*
    };
}
canonical! {
    f32_canonical f32 0x7FC0_0000;
    f64_canonical f64 0x7FF8_0000_0000_0000;
}

float_ops! { f32, i32, 8_388_608.0, 0x0040_0000, root::f32;
f32_add f32_sub f32_mul f32_div f32_min f32_max f32_copysign f32_abs f32_neg
f32_sqrt f32_ceil f32_floor f32_trunc f32_nearest f32_eq f32_ne f32_lt f32_le f32_gt f32_ge }
float_ops! { f64, i64, 4_503_599_627_370_496.0, 0x0008_0000_0000_0000, root::f64;
f64_add f64_sub f64_mul f64_div f64_min f64_max f64_copysign f64_abs f64_neg
f64_sqrt f64_ceil f64_floor f64_trunc f64_nearest f64_eq f64_ne f64_lt f64_le f64_gt f64_ge }

#[cfg(test)]
mod tests {
    #[test]
    fn roundings_agree_with_the_standard_library() {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        for i in 0..2_000_000_u64 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            // Half of the values around the interesting magnitudes.
            let bits = if i % 2 == 0 { state } else { state & 0x800F_FFFF_FFFF_FFFF | (1000 + state % 90) << 52 };
            let (x, y) = (f64::from_bits(bits), f32::from_bits((bits >> 29) as u32));
            for (ours, std) in [
                (super::f64_ceil(x), x.ceil()),
                (super::f64_floor(x), x.floor()),
                (super::f64_trunc(x), x.trunc()),
                (super::f64_nearest(x), x.round_ties_even()),
            ] {
                assert!(ours.to_bits() == std.to_bits() || x.is_nan() && ours.is_nan(), "{x:?}: {ours:?} {std:?}");
            }
            for (ours, std) in [
                (super::f32_ceil(y), y.ceil()),
                (super::f32_floor(y), y.floor()),
                (super::f32_trunc(y), y.trunc()),
                (super::f32_nearest(y), y.round_ties_even()),
            ] {
                assert!(ours.to_bits() == std.to_bits() || y.is_nan() && ours.is_nan(), "{y:?}: {ours:?} {std:?}");
            }
        }
    }

    #[test]
    fn minimum_and_maximum_order_zeros_and_keep_nan() {
        assert_eq!(super::f64_min(0.0, -0.0).to_bits(), (-0.0_f64).to_bits());
        assert_eq!(super::f64_max(-0.0, 0.0).to_bits(), 0.0_f64.to_bits());
        assert!(super::f32_min(1.0, f32::NAN).is_nan());
        assert!(super::f32_max(f32::NAN, 1.0).is_nan());
    }

    /// Borders of the rounding paths, in both widths and at both signs.
    macro_rules! roundings_at {
        ($test:ident, $ty:ident, $digits:literal, $exponents:literal, $ceil:ident $floor:ident $trunc:ident $nearest:ident) => {
            #[test]
            fn $test() {
                let mantissa = (1 << $digits) - 1;
                for exponent in 0..=$exponents {
                    // Around each bit of the mantissa: the units, the halves and their neighbours.
                    for bit in 0..$digits {
                        for low in [0, 1, (1 << bit) - 1, 1 << bit, (1 << bit) + 1, mantissa ^ (1 << bit), mantissa] {
                            let positive = $ty::from_bits(exponent << $digits | low & mantissa);
                            for x in [positive, -positive] {
                                for (ours, std) in [
                                    (super::$ceil(x), x.ceil()),
                                    (super::$floor(x), x.floor()),
                                    (super::$trunc(x), x.trunc()),
                                    (super::$nearest(x), x.round_ties_even()),
                                ] {
                                    let same = ours.to_bits() == std.to_bits() || x.is_nan() && ours.is_nan();
                                    assert!(same, "{x:?}: {ours:?} {std:?}");
                                }
                            }
                        }
                    }
                }
            }
        };
    }

    roundings_at! { f32_roundings_at_all_exponents, f32, 23, 255, f32_ceil f32_floor f32_trunc f32_nearest }
    roundings_at! { f64_roundings_at_all_exponents, f64, 52, 2047, f64_ceil f64_floor f64_trunc f64_nearest }

    #[test]
    fn roundings_of_small_numbers_and_ties() {
        // x, ceil, floor, trunc, nearest
        for (x, ceil, floor, trunc, nearest) in [
            (0.5, 1.0, 0.0, 0.0, 0.0),
            (-0.5, -0.0, -1.0, -0.0, -0.0),
            (1.5, 2.0, 1.0, 1.0, 2.0),
            (-1.5, -1.0, -2.0, -1.0, -2.0),
            (2.5, 3.0, 2.0, 2.0, 2.0),
            (-2.5, -2.0, -3.0, -2.0, -2.0),
            (0.499_999_999_999_999_94, 1.0, 0.0, 0.0, 0.0),
            (-0.0, -0.0, -0.0, -0.0, -0.0),
            (f64::from_bits(1), 1.0, 0.0, 0.0, 0.0),
            (-f64::from_bits(1), -0.0, -1.0, -0.0, -0.0),
            (
                4_503_599_627_370_495.5,
                4_503_599_627_370_496.0,
                4_503_599_627_370_495.0,
                4_503_599_627_370_495.0,
                4_503_599_627_370_496.0,
            ),
            (f64::INFINITY, f64::INFINITY, f64::INFINITY, f64::INFINITY, f64::INFINITY),
            (f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY),
        ] {
            let ours = [super::f64_ceil(x), super::f64_floor(x), super::f64_trunc(x), super::f64_nearest(x)];
            assert_eq!(ours.map(f64::to_bits), [ceil, floor, trunc, nearest].map(f64::to_bits), "{x:?}: {ours:?}");
        }
    }

    const SIGNALING_32: u32 = 0x7FA0_0000;
    const SIGNALING_64: u64 = 0x7FF4_0000_0000_0000;
    const QUIET_32: u32 = 1 << 22;
    const QUIET_64: u64 = 1 << 51;

    #[test]
    fn results_of_arithmetic_are_quiet() {
        for sign in [0, 1 << 31] {
            let x = std::hint::black_box(f32::from_bits(SIGNALING_32 | sign));
            let one = std::hint::black_box(1.0);
            for (name, y) in [
                ("ceil", super::f32_ceil(x)),
                ("floor", super::f32_floor(x)),
                ("trunc", super::f32_trunc(x)),
                ("nearest", super::f32_nearest(x)),
                ("sqrt", super::f32_sqrt(x)),
                ("min", super::f32_min(x, one)),
                ("min swapped", super::f32_min(one, x)),
                ("max", super::f32_max(x, one)),
                ("max swapped", super::f32_max(one, x)),
                ("add", super::f32_add(x, one)),
                ("sub", super::f32_sub(one, x)),
                ("mul", super::f32_mul(x, one)),
                ("div", super::f32_div(one, x)),
            ] {
                assert!(y.is_nan() && y.to_bits() & QUIET_32 != 0, "f32 {name}: {:#x}", y.to_bits());
            }
        }
        for sign in [0, 1 << 63] {
            let x = std::hint::black_box(f64::from_bits(SIGNALING_64 | sign));
            let one = std::hint::black_box(1.0);
            for (name, y) in [
                ("ceil", super::f64_ceil(x)),
                ("floor", super::f64_floor(x)),
                ("trunc", super::f64_trunc(x)),
                ("nearest", super::f64_nearest(x)),
                ("sqrt", super::f64_sqrt(x)),
                ("min", super::f64_min(x, one)),
                ("min swapped", super::f64_min(one, x)),
                ("max", super::f64_max(x, one)),
                ("max swapped", super::f64_max(one, x)),
                ("add", super::f64_add(x, one)),
                ("sub", super::f64_sub(one, x)),
                ("mul", super::f64_mul(x, one)),
                ("div", super::f64_div(one, x)),
            ] {
                assert!(y.is_nan() && y.to_bits() & QUIET_64 != 0, "f64 {name}: {:#x}", y.to_bits());
            }
        }
    }

    #[test]
    fn operators_on_the_sign_keep_all_other_bits() {
        for bits in [0, 1, SIGNALING_32, 0x7F80_0000, 0x7FC0_0001, 0x3F80_0000_u32] {
            let (x, negative) = (f32::from_bits(bits), f32::from_bits(bits | 1 << 31));
            assert_eq!(super::f32_neg(x).to_bits(), negative.to_bits());
            assert_eq!(super::f32_neg(negative).to_bits(), bits);
            assert_eq!(super::f32_abs(negative).to_bits(), bits);
            assert_eq!(super::f32_abs(x).to_bits(), bits);
            assert_eq!(super::f32_copysign(x, -f32::NAN).to_bits(), negative.to_bits());
            assert_eq!(super::f32_copysign(negative, f32::from_bits(SIGNALING_32)).to_bits(), bits);
        }
        for bits in [0, 1, SIGNALING_64, 0x7FF0_0000_0000_0000, 0x7FF8_0000_0000_0001, 0x3FF0_0000_0000_0000_u64] {
            let (x, negative) = (f64::from_bits(bits), f64::from_bits(bits | 1 << 63));
            assert_eq!(super::f64_neg(x).to_bits(), negative.to_bits());
            assert_eq!(super::f64_neg(negative).to_bits(), bits);
            assert_eq!(super::f64_abs(negative).to_bits(), bits);
            assert_eq!(super::f64_abs(x).to_bits(), bits);
            assert_eq!(super::f64_copysign(x, -0.0).to_bits(), negative.to_bits());
            assert_eq!(super::f64_copysign(negative, 0.0).to_bits(), bits);
        }
    }

    #[test]
    fn minimum_and_maximum_of_all_pairs() {
        // In ascending order; the negative zero is less than the positive one.
        let ascending = [f64::NEG_INFINITY, -1.0, -f64::MIN_POSITIVE, -0.0, 0.0, f64::from_bits(1), 1.0, f64::INFINITY];
        for (i, &x) in ascending.iter().enumerate() {
            for (j, &y) in ascending.iter().enumerate() {
                let (least, most) = (ascending[i.min(j)], ascending[i.max(j)]);
                assert_eq!(super::f64_min(x, y).to_bits(), least.to_bits(), "{x:?} {y:?}");
                assert_eq!(super::f64_max(x, y).to_bits(), most.to_bits(), "{x:?} {y:?}");
                let (x, y, least, most) = (x as f32, y as f32, least as f32, most as f32);
                assert_eq!(super::f32_min(x, y).to_bits(), least.to_bits(), "{x:?} {y:?}");
                assert_eq!(super::f32_max(x, y).to_bits(), most.to_bits(), "{x:?} {y:?}");
            }
            assert!(super::f64_min(x, f64::NAN).is_nan() && super::f64_min(f64::NAN, x).is_nan());
            assert!(super::f64_max(x, f64::NAN).is_nan() && super::f64_max(f64::NAN, x).is_nan());
        }
    }

    #[test]
    fn comparisons_with_nan_hold_only_for_ne() {
        for (x, y) in [(f64::NAN, 1.0), (1.0, f64::NAN), (f64::NAN, f64::NAN)] {
            assert!(super::f64_ne(x, y));
            assert!(
                ![super::f64_eq, super::f64_lt, super::f64_le, super::f64_gt, super::f64_ge].iter().any(|op| op(x, y))
            );
            let (x, y) = (x as f32, y as f32);
            assert!(super::f32_ne(x, y));
            assert!(
                ![super::f32_eq, super::f32_lt, super::f32_le, super::f32_gt, super::f32_ge].iter().any(|op| op(x, y))
            );
        }
        assert!(super::f64_eq(0.0, -0.0) && super::f64_le(0.0, -0.0) && !super::f64_lt(-0.0, 0.0));
    }
}
