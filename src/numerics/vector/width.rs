//! Operators between integer lanes of different widths: extensions, products and sums of extended lanes, narrowing.

use crate::numerics::vector::lanes::{Vector, lanewise};

macro_rules! extensions {
    ($($name:ident [$in:ident; $count:literal] from $first:literal => [$out:ident; $half:literal];)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name(a: Vector) -> Vector {
            let a = a.lanes::<[$in; $count]>();
            let mut lanes = [0; $half];
            let mut i = 0;
            while i < $half {
                lanes[i] = $out::from(a[$first + i]);
                i += 1;
            }
            Vector::from_lanes(lanes)
        } )*
    };
}

extensions! {
    i16x8_extend_low_i8x16_s [i8; 16] from 0 => [i16; 8];
    i16x8_extend_low_i8x16_u [u8; 16] from 0 => [u16; 8];
    i16x8_extend_high_i8x16_s [i8; 16] from 8 => [i16; 8];
    i16x8_extend_high_i8x16_u [u8; 16] from 8 => [u16; 8];
    i32x4_extend_low_i16x8_s [i16; 8] from 0 => [i32; 4];
    i32x4_extend_low_i16x8_u [u16; 8] from 0 => [u32; 4];
    i32x4_extend_high_i16x8_s [i16; 8] from 4 => [i32; 4];
    i32x4_extend_high_i16x8_u [u16; 8] from 4 => [u32; 4];
    i64x2_extend_low_i32x4_s [i32; 4] from 0 => [i64; 2];
    i64x2_extend_low_i32x4_u [u32; 4] from 0 => [u64; 2];
    i64x2_extend_high_i32x4_s [i32; 4] from 2 => [i64; 2];
    i64x2_extend_high_i32x4_u [u32; 4] from 2 => [u64; 2];
}

macro_rules! products {
    ($($name:ident [$in:ident; $count:literal] from $first:literal => [$out:ident; $half:literal];)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name(a: Vector, b: Vector) -> Vector {
            let (a, b) = (a.lanes::<[$in; $count]>(), b.lanes::<[$in; $count]>());
            let mut lanes = [0; $half];
            let mut i = 0;
            while i < $half {
                // A lane of twice the width holds every product.
                lanes[i] = $out::from(a[$first + i]) * $out::from(b[$first + i]);
                i += 1;
            }
            Vector::from_lanes(lanes)
        } )*
    };
}

products! {
    i16x8_extmul_low_i8x16_s [i8; 16] from 0 => [i16; 8];
    i16x8_extmul_low_i8x16_u [u8; 16] from 0 => [u16; 8];
    i16x8_extmul_high_i8x16_s [i8; 16] from 8 => [i16; 8];
    i16x8_extmul_high_i8x16_u [u8; 16] from 8 => [u16; 8];
    i32x4_extmul_low_i16x8_s [i16; 8] from 0 => [i32; 4];
    i32x4_extmul_low_i16x8_u [u16; 8] from 0 => [u32; 4];
    i32x4_extmul_high_i16x8_s [i16; 8] from 4 => [i32; 4];
    i32x4_extmul_high_i16x8_u [u16; 8] from 4 => [u32; 4];
    i64x2_extmul_low_i32x4_s [i32; 4] from 0 => [i64; 2];
    i64x2_extmul_low_i32x4_u [u32; 4] from 0 => [u64; 2];
    i64x2_extmul_high_i32x4_s [i32; 4] from 2 => [i64; 2];
    i64x2_extmul_high_i32x4_u [u32; 4] from 2 => [u64; 2];
}

macro_rules! pairwise_sums {
    ($($name:ident [$in:ident; $count:literal] => [$out:ident; $half:literal];)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name(a: Vector) -> Vector {
            let a = a.lanes::<[$in; $count]>();
            let mut lanes = [0; $half];
            let mut i = 0;
            while i < $half {
                lanes[i] = $out::from(a[2 * i]) + $out::from(a[2 * i + 1]);
                i += 1;
            }
            Vector::from_lanes(lanes)
        } )*
    };
}

pairwise_sums! {
    i16x8_extadd_pairwise_i8x16_s [i8; 16] => [i16; 8];
    i16x8_extadd_pairwise_i8x16_u [u8; 16] => [u16; 8];
    i32x4_extadd_pairwise_i16x8_s [i16; 8] => [i32; 4];
    i32x4_extadd_pairwise_i16x8_u [u16; 8] => [u32; 4];
}

lanewise! {
    // Lanes 2i and 2i + 1 are the lower and the upper half of lane i. The sum is 2^31 if all four are -2^15.
    i32x4_dot_i16x8_s |a, b| [i32; 4] => i32 =
        (i32::from(a as i16) * i32::from(b as i16)).wrapping_add((a >> 16) * (b >> 16));
}

macro_rules! narrowings {
    ($($name:ident [$in:ident; $half:literal] => [$out:ident; $count:literal];)*) => { $(
        #[doc = concat!("`", stringify!($name), "`: the lanes of `a`, then those of `b`, saturated.")]
        #[inline(always)]
        pub(crate) fn $name(a: Vector, b: Vector) -> Vector {
            const LEAST: $in = $out::MIN as $in;
            const MOST: $in = $out::MAX as $in;
            let (a, b) = (a.lanes::<[$in; $half]>(), b.lanes::<[$in; $half]>());
            let mut lanes = [0; $count];
            let mut i = 0;
            while i < $half {
                lanes[i] = a[i].clamp(LEAST, MOST) as $out;
                lanes[$half + i] = b[i].clamp(LEAST, MOST) as $out;
                i += 1;
            }
            Vector::from_lanes(lanes)
        } )*
    };
}

narrowings! {
    i8x16_narrow_i16x8_s [i16; 8] => [i8; 16];
    i8x16_narrow_i16x8_u [i16; 8] => [u8; 16];
    i16x8_narrow_i32x4_s [i32; 4] => [i16; 8];
    i16x8_narrow_i32x4_u [i32; 4] => [u16; 8];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::vector::samples::{integer_pairs, modulo, signed, unsigned};

    /// Calls `check` with the operands, a lane of the result and its index.
    fn each_lane(bits: u32, wide: u32, op: fn(Vector, Vector) -> Vector, check: impl Fn(Vector, Vector, i128, u32)) {
        for (a, b) in integer_pairs(bits) {
            let result = op(a, b);
            for i in 0..128 / wide {
                check(a, b, unsigned(result, wide, i), i);
            }
        }
    }

    #[test]
    fn extensions_keep_the_number() {
        macro_rules! check {
            ($($op:ident $bits:literal $lane:ident $first:literal;)*) => { $(
                each_lane($bits, 2 * $bits, |a, _| $op(a), |a, _, result, i| {
                    assert_eq!(result, modulo($lane(a, $bits, $first + i), 2 * $bits), "{}({a:x?})", stringify!($op));
                });
            )* };
        }
        check! {
            i16x8_extend_low_i8x16_s 8 signed 0;
            i16x8_extend_low_i8x16_u 8 unsigned 0;
            i16x8_extend_high_i8x16_s 8 signed 8;
            i16x8_extend_high_i8x16_u 8 unsigned 8;
            i32x4_extend_low_i16x8_s 16 signed 0;
            i32x4_extend_low_i16x8_u 16 unsigned 0;
            i32x4_extend_high_i16x8_s 16 signed 4;
            i32x4_extend_high_i16x8_u 16 unsigned 4;
            i64x2_extend_low_i32x4_s 32 signed 0;
            i64x2_extend_low_i32x4_u 32 unsigned 0;
            i64x2_extend_high_i32x4_s 32 signed 2;
            i64x2_extend_high_i32x4_u 32 unsigned 2;
        }
    }

    #[test]
    fn products_of_extended_lanes_are_exact() {
        macro_rules! check {
            ($($op:ident $bits:literal $lane:ident $first:literal;)*) => { $(
                each_lane($bits, 2 * $bits, $op, |a, b, result, i| {
                    let product = $lane(a, $bits, $first + i) * $lane(b, $bits, $first + i);
                    assert_eq!(result, modulo(product, 2 * $bits), "{}({a:x?}, {b:x?})", stringify!($op));
                });
            )* };
        }
        check! {
            i16x8_extmul_low_i8x16_s 8 signed 0;
            i16x8_extmul_low_i8x16_u 8 unsigned 0;
            i16x8_extmul_high_i8x16_s 8 signed 8;
            i16x8_extmul_high_i8x16_u 8 unsigned 8;
            i32x4_extmul_low_i16x8_s 16 signed 0;
            i32x4_extmul_low_i16x8_u 16 unsigned 0;
            i32x4_extmul_high_i16x8_s 16 signed 4;
            i32x4_extmul_high_i16x8_u 16 unsigned 4;
            i64x2_extmul_low_i32x4_s 32 signed 0;
            i64x2_extmul_low_i32x4_u 32 unsigned 0;
            i64x2_extmul_high_i32x4_s 32 signed 2;
            i64x2_extmul_high_i32x4_u 32 unsigned 2;
        }
    }

    #[test]
    fn sums_of_neighbours_are_exact() {
        macro_rules! check {
            ($($op:ident $bits:literal $lane:ident;)*) => { $(
                each_lane($bits, 2 * $bits, |a, _| $op(a), |a, _, result, i| {
                    let sum = $lane(a, $bits, 2 * i) + $lane(a, $bits, 2 * i + 1);
                    assert_eq!(result, modulo(sum, 2 * $bits), "{}({a:x?})", stringify!($op));
                });
            )* };
        }
        check! {
            i16x8_extadd_pairwise_i8x16_s 8 signed;
            i16x8_extadd_pairwise_i8x16_u 8 unsigned;
            i32x4_extadd_pairwise_i16x8_s 16 signed;
            i32x4_extadd_pairwise_i16x8_u 16 unsigned;
        }
    }

    #[test]
    fn dot_product_wraps() {
        each_lane(16, 32, i32x4_dot_i16x8_s, |a, b, result, i| {
            let product = |i| signed(a, 16, i) * signed(b, 16, i);
            assert_eq!(result, modulo(product(2 * i) + product(2 * i + 1), 32), "{a:x?}, {b:x?}");
        });
        let least = Vector::from_lanes([i16::MIN; 8]);
        assert_eq!(i32x4_dot_i16x8_s(least, least), Vector::from_lanes([i32::MIN; 4]));
    }

    #[test]
    fn narrowing_saturates_signed_numbers() {
        macro_rules! check {
            ($($op:ident $bits:literal => $narrow:literal $low:expr, $high:expr;)*) => { $(
                each_lane($bits, $narrow, $op, |a, b, result, i| {
                    let half = 128 / $bits;
                    let number = signed(if i < half { a } else { b }, $bits, i % half);
                    let saturated = if number < $low { $low } else if number > $high { $high } else { number };
                    assert_eq!(result, modulo(saturated, $narrow), "{}({a:x?}, {b:x?})", stringify!($op));
                });
            )* };
        }
        check! {
            i8x16_narrow_i16x8_s 16 => 8 -128, 127;
            i8x16_narrow_i16x8_u 16 => 8 0, 255;
            i16x8_narrow_i32x4_s 32 => 16 -32_768, 32_767;
            i16x8_narrow_i32x4_u 32 => 16 0, 65_535;
        }
        // Numbers about the borders of the narrow types.
        for border in [-32_769_i32, -32_768, -1, 0, 32_767, 32_768, 65_535, 65_536] {
            let lanes = Vector::from_lanes([border; 4]);
            assert_eq!(i16x8_narrow_i32x4_s(lanes, lanes).lanes::<[i16; 8]>()[4], border.clamp(-32_768, 32_767) as i16);
            assert_eq!(i16x8_narrow_i32x4_u(lanes, lanes).lanes::<[u16; 8]>()[4], border.clamp(0, 65_535) as u16);
        }
        for border in [-129_i16, -128, -1, 0, 127, 128, 255, 256] {
            let lanes = Vector::from_lanes([border; 8]);
            assert_eq!(i8x16_narrow_i16x8_s(lanes, lanes).lanes::<[i8; 16]>()[8], border.clamp(-128, 127) as i8);
            assert_eq!(i8x16_narrow_i16x8_u(lanes, lanes).lanes::<[u8; 16]>()[8], border.clamp(0, 255) as u8);
        }
    }
}
