//! Operators on float lanes, with the results of the scalar operators.
//!
//! Minimum, maximum and roundings are written again, without branches, so that the compiler makes vector code of them.
//! The tests compare them with the scalar operators.

use crate::numerics::{
    float as scalar,
    vector::lanes::{Vector, lanewise},
};

macro_rules! without_branches {
    ($ty:ident, $integral:literal; $min:ident $max:ident $ceil:ident $floor:ident $trunc:ident $nearest:ident) => {
        /// The lesser of both, the negative one of two zeros, NaN if there is one.
        #[inline(always)]
        fn $min(a: $ty, b: $ty) -> $ty {
            let (ab, ba, nan) = (if a < b { a } else { b }, if b < a { b } else { a }, a + b);
            // Both are the same number, but for zeros of different signs.
            let least = $ty::from_bits(ab.to_bits() | ba.to_bits());
            if a.is_nan() | b.is_nan() { nan } else { least }
        }

        /// The greater of both, the positive one of two zeros, NaN if there is one.
        #[inline(always)]
        fn $max(a: $ty, b: $ty) -> $ty {
            let (ab, ba, nan) = (if a > b { a } else { b }, if b > a { b } else { a }, a + b);
            let most = $ty::from_bits(ab.to_bits() & ba.to_bits());
            if a.is_nan() | b.is_nan() { nan } else { most }
        }

        /// The nearest integer, ties to even.
        #[inline(always)]
        fn $nearest(a: $ty) -> $ty {
            // Adding 2^(digits - 1) and subtracting it again rounds to an integer. From this magnitude on every number
            // is integral; adding zero makes NaN quiet.
            let (integer, other) = (((a.abs() + $integral) - $integral).copysign(a), a + 0.0);
            if a.abs() < $integral { integer } else { other }
        }

        /// The least integer that is not less.
        #[inline(always)]
        fn $ceil(a: $ty) -> $ty {
            let (integer, other) = (((a.abs() + $integral) - $integral).copysign(a), a + 0.0);
            let integer = (integer + if integer < a { 1.0 } else { 0.0 }).copysign(a);
            if a.abs() < $integral { integer } else { other }
        }

        /// The greatest integer that is not greater.
        #[inline(always)]
        fn $floor(a: $ty) -> $ty {
            let (integer, other) = (((a.abs() + $integral) - $integral).copysign(a), a + 0.0);
            let integer = (integer - if integer > a { 1.0 } else { 0.0 }).copysign(a);
            if a.abs() < $integral { integer } else { other }
        }

        /// The integer without the digits after the point.
        #[inline(always)]
        fn $trunc(a: $ty) -> $ty {
            let (integer, other) = ((a.abs() + $integral) - $integral, a + 0.0);
            let integer = (integer - if integer > a.abs() { 1.0 } else { 0.0 }).copysign(a);
            if a.abs() < $integral { integer } else { other }
        }
    };
}

without_branches! { f32, 8_388_608.0; min_f32 max_f32 ceil_f32 floor_f32 trunc_f32 nearest_f32 }
without_branches! { f64, 4_503_599_627_370_496.0; min_f64 max_f64 ceil_f64 floor_f64 trunc_f64 nearest_f64 }

lanewise! {
    f32x4_abs |a| [f32; 4] => f32 = scalar::f32_abs(a);
    f32x4_neg |a| [f32; 4] => f32 = scalar::f32_neg(a);
    f32x4_sqrt |a| [f32; 4] => f32 = scalar::f32_sqrt(a);
    f32x4_ceil |a| [f32; 4] => f32 = ceil_f32(a);
    f32x4_floor |a| [f32; 4] => f32 = floor_f32(a);
    f32x4_trunc |a| [f32; 4] => f32 = trunc_f32(a);
    f32x4_nearest |a| [f32; 4] => f32 = nearest_f32(a);
    f32x4_add |a, b| [f32; 4] => f32 = scalar::f32_add(a, b);
    f32x4_sub |a, b| [f32; 4] => f32 = scalar::f32_sub(a, b);
    f32x4_mul |a, b| [f32; 4] => f32 = scalar::f32_mul(a, b);
    f32x4_div |a, b| [f32; 4] => f32 = scalar::f32_div(a, b);
    f32x4_min |a, b| [f32; 4] => f32 = min_f32(a, b);
    f32x4_max |a, b| [f32; 4] => f32 = max_f32(a, b);
    f32x4_pmin |a, b| [f32; 4] => f32 = if b < a { b } else { a };
    f32x4_pmax |a, b| [f32; 4] => f32 = if a < b { b } else { a };
    f32x4_canonical |a| [f32; 4] => f32 = scalar::f32_canonical(a);
    f32x4_eq |a, b| [f32; 4] => i32 = -i32::from(scalar::f32_eq(a, b));
    f32x4_ne |a, b| [f32; 4] => i32 = -i32::from(scalar::f32_ne(a, b));
    f32x4_lt |a, b| [f32; 4] => i32 = -i32::from(scalar::f32_lt(a, b));
    f32x4_gt |a, b| [f32; 4] => i32 = -i32::from(scalar::f32_gt(a, b));
    f32x4_le |a, b| [f32; 4] => i32 = -i32::from(scalar::f32_le(a, b));
    f32x4_ge |a, b| [f32; 4] => i32 = -i32::from(scalar::f32_ge(a, b));

    f64x2_abs |a| [f64; 2] => f64 = scalar::f64_abs(a);
    f64x2_neg |a| [f64; 2] => f64 = scalar::f64_neg(a);
    f64x2_sqrt |a| [f64; 2] => f64 = scalar::f64_sqrt(a);
    f64x2_ceil |a| [f64; 2] => f64 = ceil_f64(a);
    f64x2_floor |a| [f64; 2] => f64 = floor_f64(a);
    f64x2_trunc |a| [f64; 2] => f64 = trunc_f64(a);
    f64x2_nearest |a| [f64; 2] => f64 = nearest_f64(a);
    f64x2_add |a, b| [f64; 2] => f64 = scalar::f64_add(a, b);
    f64x2_sub |a, b| [f64; 2] => f64 = scalar::f64_sub(a, b);
    f64x2_mul |a, b| [f64; 2] => f64 = scalar::f64_mul(a, b);
    f64x2_div |a, b| [f64; 2] => f64 = scalar::f64_div(a, b);
    f64x2_min |a, b| [f64; 2] => f64 = min_f64(a, b);
    f64x2_max |a, b| [f64; 2] => f64 = max_f64(a, b);
    f64x2_pmin |a, b| [f64; 2] => f64 = if b < a { b } else { a };
    f64x2_pmax |a, b| [f64; 2] => f64 = if a < b { b } else { a };
    f64x2_canonical |a| [f64; 2] => f64 = scalar::f64_canonical(a);
    f64x2_eq |a, b| [f64; 2] => i64 = -i64::from(scalar::f64_eq(a, b));
    f64x2_ne |a, b| [f64; 2] => i64 = -i64::from(scalar::f64_ne(a, b));
    f64x2_lt |a, b| [f64; 2] => i64 = -i64::from(scalar::f64_lt(a, b));
    f64x2_gt |a, b| [f64; 2] => i64 = -i64::from(scalar::f64_gt(a, b));
    f64x2_le |a, b| [f64; 2] => i64 = -i64::from(scalar::f64_le(a, b));
    f64x2_ge |a, b| [f64; 2] => i64 = -i64::from(scalar::f64_ge(a, b));
}

#[cfg(test)]
mod tests {
    use core::{
        cmp::Ordering::{Equal, Greater, Less},
        fmt::Debug,
    };

    use super::*;
    use crate::numerics::vector::samples::{Number, assert_number, double_pairs, single_pairs};

    fn assert_bits<F: Number>(result: F, expected: F, operands: &[F], name: &str) {
        assert_eq!(result.bits(), expected.bits(), "{name}({operands:?})");
    }

    fn assert_mask<I: From<i8> + PartialEq + Copy + Debug>(
        result: I,
        holds: bool,
        operands: &[impl Debug],
        name: &str,
    ) {
        assert_eq!(result, I::from(if holds { -1 } else { 0 }), "{name}({operands:?})");
    }

    macro_rules! check {
        ($pairs:ident [$in:ident; $count:literal] => $out:ident, $assert:ident;
         $($op:ident($($arg:ident),+) = $eval:expr;)*) => { $(
            for (first, second) in $pairs() {
                let mut operands = [first, second].into_iter();
                $( let $arg = operands.next().expect("at most two operands"); )+
                let result = $op($($arg),+).lanes::<[$out; $count]>();
                $( let $arg = $arg.lanes::<[$in; $count]>(); )+
                for i in 0..$count {
                    $( let $arg = $arg[i]; )+
                    $assert(result[i], $eval, &[$($arg),+], stringify!($op));
                }
            }
        )* };
    }

    #[test]
    fn f32_numbers_are_those_of_the_standard_library() {
        check! { single_pairs [f32; 4] => f32, assert_number;
            f32x4_add(a, b) = a + b;
            f32x4_sub(a, b) = a - b;
            f32x4_mul(a, b) = a * b;
            f32x4_div(a, b) = a / b;
            f32x4_min(a, b) = if a.is_nan() || b.is_nan() { f32::NAN } else if a.total_cmp(&b).is_lt() { a } else { b };
            f32x4_max(a, b) = if a.is_nan() || b.is_nan() { f32::NAN } else if a.total_cmp(&b).is_gt() { a } else { b };
            f32x4_sqrt(a) = a.sqrt();
            f32x4_ceil(a) = a.ceil();
            f32x4_floor(a) = a.floor();
            f32x4_trunc(a) = a.trunc();
            f32x4_nearest(a) = a.round_ties_even();
        }
    }

    #[test]
    fn f32_numbers_are_those_of_the_scalar_operators() {
        check! { single_pairs [f32; 4] => f32, assert_number;
            f32x4_min(a, b) = scalar::f32_min(a, b);
            f32x4_max(a, b) = scalar::f32_max(a, b);
            f32x4_ceil(a) = scalar::f32_ceil(a);
            f32x4_floor(a) = scalar::f32_floor(a);
            f32x4_trunc(a) = scalar::f32_trunc(a);
            f32x4_nearest(a) = scalar::f32_nearest(a);
        }
    }

    #[test]
    fn f32_operators_without_arithmetic_keep_all_bits() {
        check! { single_pairs [f32; 4] => f32, assert_bits;
            f32x4_neg(a) = f32::from_bits(a.to_bits() ^ (-0.0_f32).to_bits());
            f32x4_abs(a) = f32::from_bits(a.to_bits() & !(-0.0_f32).to_bits());
            f32x4_pmin(a, b) = if a.partial_cmp(&b) == Some(Greater) { b } else { a };
            f32x4_pmax(a, b) = if a.partial_cmp(&b) == Some(Less) { b } else { a };
        }
    }

    #[test]
    fn f32_comparisons_follow_the_partial_order() {
        check! { single_pairs [f32; 4] => i32, assert_mask;
            f32x4_eq(a, b) = [Some(Equal)].contains(&a.partial_cmp(&b));
            f32x4_ne(a, b) = [Some(Less), Some(Greater), None].contains(&a.partial_cmp(&b));
            f32x4_lt(a, b) = [Some(Less)].contains(&a.partial_cmp(&b));
            f32x4_gt(a, b) = [Some(Greater)].contains(&a.partial_cmp(&b));
            f32x4_le(a, b) = [Some(Less), Some(Equal)].contains(&a.partial_cmp(&b));
            f32x4_ge(a, b) = [Some(Greater), Some(Equal)].contains(&a.partial_cmp(&b));
        }
    }

    #[test]
    fn f64_numbers_are_those_of_the_standard_library() {
        check! { double_pairs [f64; 2] => f64, assert_number;
            f64x2_add(a, b) = a + b;
            f64x2_sub(a, b) = a - b;
            f64x2_mul(a, b) = a * b;
            f64x2_div(a, b) = a / b;
            f64x2_min(a, b) = if a.is_nan() || b.is_nan() { f64::NAN } else if a.total_cmp(&b).is_lt() { a } else { b };
            f64x2_max(a, b) = if a.is_nan() || b.is_nan() { f64::NAN } else if a.total_cmp(&b).is_gt() { a } else { b };
            f64x2_sqrt(a) = a.sqrt();
            f64x2_ceil(a) = a.ceil();
            f64x2_floor(a) = a.floor();
            f64x2_trunc(a) = a.trunc();
            f64x2_nearest(a) = a.round_ties_even();
        }
    }

    #[test]
    fn f64_numbers_are_those_of_the_scalar_operators() {
        check! { double_pairs [f64; 2] => f64, assert_number;
            f64x2_min(a, b) = scalar::f64_min(a, b);
            f64x2_max(a, b) = scalar::f64_max(a, b);
            f64x2_ceil(a) = scalar::f64_ceil(a);
            f64x2_floor(a) = scalar::f64_floor(a);
            f64x2_trunc(a) = scalar::f64_trunc(a);
            f64x2_nearest(a) = scalar::f64_nearest(a);
        }
    }

    #[test]
    fn f64_operators_without_arithmetic_keep_all_bits() {
        check! { double_pairs [f64; 2] => f64, assert_bits;
            f64x2_neg(a) = f64::from_bits(a.to_bits() ^ (-0.0_f64).to_bits());
            f64x2_abs(a) = f64::from_bits(a.to_bits() & !(-0.0_f64).to_bits());
            f64x2_pmin(a, b) = if a.partial_cmp(&b) == Some(Greater) { b } else { a };
            f64x2_pmax(a, b) = if a.partial_cmp(&b) == Some(Less) { b } else { a };
        }
    }

    #[test]
    fn f64_comparisons_follow_the_partial_order() {
        check! { double_pairs [f64; 2] => i64, assert_mask;
            f64x2_eq(a, b) = [Some(Equal)].contains(&a.partial_cmp(&b));
            f64x2_ne(a, b) = [Some(Less), Some(Greater), None].contains(&a.partial_cmp(&b));
            f64x2_lt(a, b) = [Some(Less)].contains(&a.partial_cmp(&b));
            f64x2_gt(a, b) = [Some(Greater)].contains(&a.partial_cmp(&b));
            f64x2_le(a, b) = [Some(Less), Some(Equal)].contains(&a.partial_cmp(&b));
            f64x2_ge(a, b) = [Some(Greater), Some(Equal)].contains(&a.partial_cmp(&b));
        }
    }
}
