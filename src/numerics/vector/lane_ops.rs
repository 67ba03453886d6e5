//! Operators that make a vector of scalars or scalars of a vector, and those that move lanes.

use crate::numerics::vector::{
    int::i8x16_min_u,
    lanes::Vector,
    memory::{v128_load8_lane, v128_load16_lane, v128_load32_lane, v128_load64_lane},
};

macro_rules! splats {
    ($($name:ident $ty:ident => [$lane:ident; $count:literal];)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name(a: $ty) -> Vector {
            Vector::from_lanes([a as $lane; $count])
        } )*
    };
}

splats! {
    i8x16_splat i32 => [i8; 16];
    i16x8_splat i32 => [i16; 8];
    i32x4_splat i32 => [i32; 4];
    i64x2_splat i64 => [i64; 2];
    f32x4_splat f32 => [f32; 4];
    f64x2_splat f64 => [f64; 2];
}

macro_rules! replacements {
    ($($name:ident |$value:ident: $ty:ident| $load:ident $bits:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`. The index is taken modulo the number of lanes.")]
        #[inline(always)]
        pub(crate) fn $name(a: Vector, lane: u8, $value: $ty) -> Vector {
            $load(a, lane, $bits)
        } )*
    };
}

replacements! {
    i8x16_replace_lane |value: i32| v128_load8_lane value as u8;
    i16x8_replace_lane |value: i32| v128_load16_lane value as u16;
    i32x4_replace_lane |value: i32| v128_load32_lane value.cast_unsigned();
    i64x2_replace_lane |value: i64| v128_load64_lane value.cast_unsigned();
    f32x4_replace_lane |value: f32| v128_load32_lane value.to_bits();
    f64x2_replace_lane |value: f64| v128_load64_lane value.to_bits();
}

/// `v128_any_true`
#[inline(always)]
pub(crate) fn v128_any_true(a: Vector) -> i32 {
    let [low, high] = a.lanes::<[u64; 2]>();
    i32::from(low | high != 0)
}

macro_rules! all_true {
    ($($name:ident [$lane:ident; $count:literal];)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name(a: Vector) -> i32 {
            let lanes = a.lanes::<[$lane; $count]>();
            let mut all = true;
            let mut i = 0;
            while i < $count {
                all &= lanes[i] != 0;
                i += 1;
            }
            i32::from(all)
        } )*
    };
}

all_true! {
    i8x16_all_true [u8; 16];
    i16x8_all_true [u16; 8];
    i32x4_all_true [u32; 4];
    i64x2_all_true [u64; 2];
}

/// `i8x16_bitmask`
#[inline(always)]
pub(crate) fn i8x16_bitmask(a: Vector) -> i32 {
    // The products move bit 8i + 7 to bit 56 + i, and no two bits to the same place.
    let [low, high] = a.lanes::<[u64; 2]>();
    let signs = |half: u64| (half & 0x8080_8080_8080_8080).wrapping_mul(0x0002_0408_1020_4081) >> 56;
    (signs(high) << 8 | signs(low)) as i32
}

/// `i16x8_bitmask`
#[inline(always)]
pub(crate) fn i16x8_bitmask(a: Vector) -> i32 {
    // The products move bit 16i + 15 to bit 60 + i, and no two bits to the same place.
    let [low, high] = a.lanes::<[u64; 2]>();
    let signs = |half: u64| (half & 0x8000_8000_8000_8000).wrapping_mul(0x0000_2000_4000_8001) >> 60;
    (signs(high) << 4 | signs(low)) as i32
}

/// `i32x4_bitmask`
#[inline(always)]
pub(crate) fn i32x4_bitmask(a: Vector) -> i32 {
    let [a, b, c, d] = a.lanes::<[u32; 4]>();
    (a >> 31 | b >> 31 << 1 | c >> 31 << 2 | d >> 31 << 3).cast_signed()
}

/// `i64x2_bitmask`
#[inline(always)]
pub(crate) fn i64x2_bitmask(a: Vector) -> i32 {
    let [low, high] = a.lanes::<[u64; 2]>();
    (low >> 63 | high >> 63 << 1) as i32
}

/// `i8x16_shuffle`. The indices are taken modulo 32: the lanes of `a`, then those of `b`.
#[inline(always)]
pub(crate) fn i8x16_shuffle(a: Vector, b: Vector, lanes: [u8; 16]) -> Vector {
    let both = [a.to_bytes(), b.to_bytes()];
    let mut bytes = [0; 16];
    let mut i = 0;
    while i < 16 {
        bytes[i] = both.as_flattened()[usize::from(lanes[i]) % 32];
        i += 1;
    }
    Vector::from_bytes(bytes)
}

/// `i8x16_swizzle`. A lane is zero if its index is 16 or more.
#[inline(always)]
pub(crate) fn i8x16_swizzle(a: Vector, indices: Vector) -> Vector {
    // From index 16 on there are zeros.
    let indices = i8x16_min_u(indices, Vector::from_bytes([16; 16]));
    i8x16_shuffle(a, Vector::default(), indices.to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::vector::samples::{Random, integer_pairs, modulo, signed, unsigned};

    /// Indices in and out of range.
    const LANES: [u8; 20] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 31, 128, 255];

    #[test]
    fn splats_fill_all_lanes() {
        let mut random = Random::new();
        for _ in 0..500 {
            let bits = random.u64().cast_signed();
            let (short, wide) = (i128::from(bits as i32), i128::from(bits));
            let float = f32::from_bits(bits as u32);
            let double = f64::from_bits(bits.cast_unsigned());
            for (width, result, number) in [
                (8, i8x16_splat(bits as i32), short),
                (16, i16x8_splat(bits as i32), short),
                (32, i32x4_splat(bits as i32), short),
                (64, i64x2_splat(bits), wide),
                (32, f32x4_splat(float), short),
                (64, f64x2_splat(double), wide),
            ] {
                for i in 0..128 / width {
                    assert_eq!(unsigned(result, width, i), modulo(number, width), "{width} {bits:#x}");
                }
            }
        }
    }

    #[test]
    fn replacement_keeps_the_other_lanes() {
        for (a, b) in integer_pairs(8) {
            let [bits, _] = b.lanes::<[i64; 2]>();
            let (float, double) = (f32::from_bits(bits as u32), f64::from_bits(bits.cast_unsigned()));
            for lane in LANES {
                for (width, result) in [
                    (8, i8x16_replace_lane(a, lane, bits as i32)),
                    (16, i16x8_replace_lane(a, lane, bits as i32)),
                    (32, i32x4_replace_lane(a, lane, bits as i32)),
                    (64, i64x2_replace_lane(a, lane, bits)),
                    (32, f32x4_replace_lane(a, lane, float)),
                    (64, f64x2_replace_lane(a, lane, double)),
                ] {
                    let count = 128 / width;
                    for i in 0..count {
                        let replaced = i == u32::from(lane) & (count - 1);
                        let expected = if replaced { modulo(bits.into(), width) } else { unsigned(a, width, i) };
                        assert_eq!(unsigned(result, width, i), expected, "{width} {a:x?} {lane} {bits:#x}");
                    }
                }
            }
        }
    }

    #[test]
    fn tests_of_all_lanes() {
        let mut random = Random::new();
        let sparse = (0..2000).map(|_| {
            // Vectors in which most bytes are zero, and those in which few are.
            let (bytes, mask) = (random.vector().to_bytes(), random.u64() & random.u64() & random.u64());
            let (mask, invert) = (mask as u16, mask >> 63 == 1);
            Vector::from_bytes(core::array::from_fn(|i| if (mask >> i & 1 == 1) == invert { 0 } else { bytes[i] | 1 }))
        });
        let single_bits = (0..128).map(|i| Vector::from(crate::types::V128::from(1_u128 << i)));
        let pairs = integer_pairs(64).into_iter().map(|(a, _)| a);
        for a in pairs.chain(sparse).chain(single_bits).chain([Vector::default(), Vector::from_lanes([-1_i8; 16])]) {
            for (width, all, mask) in [
                (8, i8x16_all_true(a), i8x16_bitmask(a)),
                (16, i16x8_all_true(a), i16x8_bitmask(a)),
                (32, i32x4_all_true(a), i32x4_bitmask(a)),
                (64, i64x2_all_true(a), i64x2_bitmask(a)),
            ] {
                let count = 128 / width;
                assert_eq!(all == 1, (0..count).all(|i| unsigned(a, width, i) != 0), "{width} {a:x?}");
                assert!(all == 0 || all == 1);
                let signs = (0..count).map(|i| if signed(a, width, i) < 0 { 1 << i } else { 0 }).sum::<i32>();
                assert_eq!(mask, signs, "{width} {a:x?}");
            }
            let any = a.to_bytes().iter().any(|&byte| byte != 0);
            assert_eq!(v128_any_true(a), i32::from(any), "{a:x?}");
        }
    }

    #[test]
    fn shuffles_and_swizzles_pick_bytes() {
        let mut random = Random::new();
        for round in 0..2000 {
            let (a, b, mut indices) = (random.vector(), random.vector(), random.vector().to_bytes());
            if round % 2 == 0 {
                // About half of them in range.
                indices = indices.map(|index| index % 32);
            }
            let joined = [a.to_bytes(), b.to_bytes()].concat();
            let (shuffled, swizzled) = (i8x16_shuffle(a, b, indices), i8x16_swizzle(a, Vector::from_bytes(indices)));
            for (i, index) in indices.into_iter().enumerate() {
                assert_eq!(shuffled.to_bytes()[i], joined[usize::from(index & 31)], "{indices:?}");
                let byte = a.to_bytes().get(usize::from(index)).copied().unwrap_or(0);
                assert_eq!(swizzled.to_bytes()[i], byte, "{indices:?}");
            }
        }
    }
}
