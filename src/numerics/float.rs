//! Floating-point operators (spec, Numerics > Floating-Point Operations).
//!
//! The roundings need no library and no call: a value of large magnitude is integral already, any
//! other one goes through an integer.

macro_rules! float_ops {
    ($ty:ident, $int:ident, $integral:literal, $sqrt:path;
     $add:ident $sub:ident $mul:ident $div:ident $min:ident $max:ident $copysign:ident $abs:ident $neg:ident
     $sqrt_name:ident $ceil:ident $floor:ident $trunc:ident $nearest:ident
     $eq:ident $ne:ident $lt:ident $le:ident $gt:ident $ge:ident) => {
        float_ops! { @binary $ty;
            $add |a, b| a + b; $sub |a, b| a - b; $mul |a, b| a * b; $div |a, b| a / b;
            $min |a, b| if a < b { a } else if b < a { b } else if a == b {
                // Equal: the same, or zeros of which the negative one is less.
                $ty::from_bits(a.to_bits() | b.to_bits())
            } else { a + b };
            $max |a, b| if a > b { a } else if b > a { b } else if a == b {
                $ty::from_bits(a.to_bits() & b.to_bits())
            } else { a + b };
            $copysign |a, b| a.copysign(b);
        }
        float_ops! { @unary $ty;
            $abs |a| a.abs();
            $neg |a| -a;
            $sqrt_name |a| $sqrt(a);
            $trunc |a| if a.abs() < $integral { (a as $int as $ty).copysign(a) } else { a + 0.0 };
            $ceil |a| if a.abs() < $integral {
                let t = a as $int as $ty;
                (if t < a { t + 1.0 } else { t }).copysign(a)
            } else { a + 0.0 };
            $floor |a| if a.abs() < $integral {
                let t = a as $int as $ty;
                (if t > a { t - 1.0 } else { t }).copysign(a)
            } else { a + 0.0 };
            // Adding and taking away 2^(digits - 1) rounds to an integer, ties to even.
            $nearest |a| if a.abs() < $integral {
                ((a.abs() + $integral) - $integral).copysign(a)
            } else { a + 0.0 };
        }
        float_ops! { @compare $ty; $eq ==; $ne !=; $lt <; $le <=; $gt >; $ge >=; }
    };
    (@binary $ty:ident; $($name:ident |$a:ident, $b:ident| $eval:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name($a: $ty, $b: $ty) -> $ty { $eval } )*
    };
    (@unary $ty:ident; $($name:ident |$a:ident| $eval:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name($a: $ty) -> $ty { $eval } )*
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

float_ops! { f32, i32, 8_388_608.0, root::f32;
    f32_add f32_sub f32_mul f32_div f32_min f32_max f32_copysign f32_abs f32_neg
    f32_sqrt f32_ceil f32_floor f32_trunc f32_nearest f32_eq f32_ne f32_lt f32_le f32_gt f32_ge }
float_ops! { f64, i64, 4_503_599_627_370_496.0, root::f64;
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
}
