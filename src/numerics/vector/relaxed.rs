//! Relaxed operators (proposal), with one of the results that the specification allows, the same on every host.
//!
//! It is the result of the specification's deterministic profile. There `madd` and `nmadd` round twice, as a multiplication
//! and an addition do.

use crate::numerics::vector::{
    int::i32x4_add,
    lanes::{Vector, lanewise},
    width::i32x4_extadd_pairwise_i16x8_s,
};

lanewise! {
    f32x4_relaxed_madd |a, b, c| [f32; 4] => f32 = a * b + c;
    f32x4_relaxed_nmadd |a, b, c| [f32; 4] => f32 = c - a * b;
    f64x2_relaxed_madd |a, b, c| [f64; 2] => f64 = a * b + c;
    f64x2_relaxed_nmadd |a, b, c| [f64; 2] => f64 = c - a * b;

    // Both operands are signed. Lanes 2i and 2i + 1 are the lower and the upper half of lane i. The sum saturates if all
    // four are -2^7.
    i16x8_relaxed_dot_i8x16_i7x16_s |a, b| [i16; 8] => i16 =
        (i16::from(a as i8) * i16::from(b as i8)).saturating_add((a >> 8) * (b >> 8));
}

/// `i32x4_relaxed_dot_i8x16_i7x16_add_s`
#[inline(always)]
pub(crate) fn i32x4_relaxed_dot_i8x16_i7x16_add_s(a: Vector, b: Vector, c: Vector) -> Vector {
    i32x4_add(i32x4_extadd_pairwise_i16x8_s(i16x8_relaxed_dot_i8x16_i7x16_s(a, b)), c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::vector::samples::{
        assert_number, double_pairs, integer_pairs, modulo, signed, single_pairs, unsigned,
    };

    macro_rules! two_roundings {
        ($name:ident, $pairs:ident [$ty:ident; $count:literal] $madd:ident $nmadd:ident) => {
            #[test]
            fn $name() {
                let pairs = $pairs();
                for (i, &(a, b)) in pairs.iter().enumerate() {
                    // A third operand from elsewhere, and one that cancels the rounded product.
                    let lanes = |vector: Vector| vector.lanes::<[$ty; $count]>();
                    let (x, y) = (lanes(a), lanes(b));
                    let product = core::array::from_fn::<$ty, $count, _>(|i| -(x[i] * y[i]));
                    for c in [pairs[(7 * i + 1) % pairs.len()].0, Vector::from_lanes(product)] {
                        let (sum, difference, z) = (lanes($madd(a, b, c)), lanes($nmadd(a, b, c)), lanes(c));
                        for i in 0..$count {
                            let operands = [x[i], y[i], z[i]];
                            assert_number(sum[i], x[i] * y[i] + z[i], &operands, stringify!($madd));
                            assert_number(difference[i], x[i] * -y[i] + z[i], &operands, stringify!($nmadd));
                        }
                    }
                }
            }
        };
    }

    two_roundings! { single_multiply_add_rounds_twice, single_pairs [f32; 4] f32x4_relaxed_madd f32x4_relaxed_nmadd }
    two_roundings! { double_multiply_add_rounds_twice, double_pairs [f64; 2] f64x2_relaxed_madd f64x2_relaxed_nmadd }

    #[test]
    fn the_product_is_rounded() {
        let x = Vector::from_lanes([1.0 + f32::EPSILON; 4]);
        let c = Vector::from_lanes([-1.0_f32; 4]);
        assert_eq!(f32x4_relaxed_madd(x, x, c).lanes::<[f32; 4]>(), [2.0 * f32::EPSILON; 4]);
        let c = Vector::from_lanes([1.0_f32; 4]);
        assert_eq!(f32x4_relaxed_nmadd(x, x, c).lanes::<[f32; 4]>(), [-2.0 * f32::EPSILON; 4]);
    }

    /// Lane `i` of the dot product of 8-bit lanes.
    fn dot(a: Vector, b: Vector, i: u32) -> i128 {
        let product = |i| signed(a, 8, i) * signed(b, 8, i);
        (product(2 * i) + product(2 * i + 1)).clamp(-0x8000, 0x7FFF)
    }

    #[test]
    fn dot_products_are_signed_and_saturate() {
        let least = Vector::from_lanes([i8::MIN; 16]);
        let pairs = integer_pairs(8);
        let pairs = pairs.into_iter().chain(integer_pairs(32)).chain([(least, least)]);
        for (a, b) in pairs {
            let result = i16x8_relaxed_dot_i8x16_i7x16_s(a, b);
            for i in 0..8 {
                assert_eq!(signed(result, 16, i), dot(a, b, i), "{a:x?}, {b:x?}");
            }
            for c in [a, b, least, Vector::from_lanes([i32::MAX, i32::MIN, 0, -1])] {
                let result = i32x4_relaxed_dot_i8x16_i7x16_add_s(a, b, c);
                for i in 0..4 {
                    let sum = dot(a, b, 2 * i) + dot(a, b, 2 * i + 1) + signed(c, 32, i);
                    assert_eq!(unsigned(result, 32, i), modulo(sum, 32), "{a:x?}, {b:x?}, {c:x?}");
                }
            }
        }
        assert_eq!(i16x8_relaxed_dot_i8x16_i7x16_s(least, least), Vector::from_lanes([i16::MAX; 8]));
    }
}
