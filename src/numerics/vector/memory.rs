//! What loads and stores do with the bits of a memory, which the executor reads and writes.

use crate::numerics::vector::{
    lanes::Vector,
    width::{
        i16x8_extend_low_i8x16_s, i16x8_extend_low_i8x16_u, i32x4_extend_low_i16x8_s, i32x4_extend_low_i16x8_u,
        i64x2_extend_low_i32x4_s, i64x2_extend_low_i32x4_u,
    },
};

macro_rules! extending_loads {
    ($($name:ident = $extend:ident;)*) => { $(
        #[doc = concat!("`", stringify!($name), "` of the 8 bytes at the address, the first in the low bits.")]
        #[inline(always)]
        pub(crate) fn $name(bits: u64) -> Vector {
            $extend(v128_load64_zero(bits))
        } )*
    };
}

extending_loads! {
    v128_load8x8_s = i16x8_extend_low_i8x16_s;
    v128_load8x8_u = i16x8_extend_low_i8x16_u;
    v128_load16x4_s = i32x4_extend_low_i16x8_s;
    v128_load16x4_u = i32x4_extend_low_i16x8_u;
    v128_load32x2_s = i64x2_extend_low_i32x4_s;
    v128_load32x2_u = i64x2_extend_low_i32x4_u;
}

/// `v128_load32_zero`
#[inline(always)]
pub(crate) fn v128_load32_zero(bits: u32) -> Vector {
    Vector::from_lanes([bits, 0, 0, 0])
}

/// `v128_load64_zero`
#[inline(always)]
pub(crate) fn v128_load64_zero(bits: u64) -> Vector {
    Vector::from_lanes([bits, 0])
}

macro_rules! lane_loads {
    ($($splat:ident $load:ident [$lane:ident; $count:literal];)*) => { $(
        #[doc = concat!("`", stringify!($splat), "`")]
        #[inline(always)]
        pub(crate) fn $splat(bits: $lane) -> Vector {
            Vector::from_lanes([bits; $count])
        }

        #[doc = concat!("`", stringify!($load), "`. The index is taken modulo the number of lanes.")]
        #[inline(always)]
        pub(crate) fn $load(a: Vector, lane: u8, bits: $lane) -> Vector {
            // A selection in every lane: a vector is slow to load after a store of some of its bytes.
            let lane = $lane::from(lane % $count);
            let mut lanes = a.lanes::<[$lane; $count]>();
            let mut i = 0;
            while i < $count {
                let mask = $lane::from(i as $lane == lane).wrapping_neg();
                lanes[i] = bits & mask | lanes[i] & !mask;
                i += 1;
            }
            Vector::from_lanes(lanes)
        } )*
    };
}

lane_loads! {
    v128_load8_splat v128_load8_lane [u8; 16];
    v128_load16_splat v128_load16_lane [u16; 8];
    v128_load32_splat v128_load32_lane [u32; 4];
    v128_load64_splat v128_load64_lane [u64; 2];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::vector::samples::{Random, modulo, signed, unsigned};

    /// Bits at the borders of lanes, then pseudo-random ones.
    fn loaded() -> impl Iterator<Item = u64> {
        let borders = [0, u64::MAX, 0x8000_0000_0000_0000, 0x7F80_7FFF_8000_0001, 0x8080_8080_7F7F_7F7F];
        let mut random = Random::new();
        borders.into_iter().chain((0..1000).map(move |_| random.u64()))
    }

    #[test]
    fn extending_loads_keep_the_numbers() {
        for bits in loaded() {
            let bytes = Vector::from_lanes([bits, 0]);
            for (width, signed_result, unsigned_result) in [
                (8, v128_load8x8_s(bits), v128_load8x8_u(bits)),
                (16, v128_load16x4_s(bits), v128_load16x4_u(bits)),
                (32, v128_load32x2_s(bits), v128_load32x2_u(bits)),
            ] {
                for i in 0..64 / width {
                    assert_eq!(signed(signed_result, 2 * width, i), signed(bytes, width, i), "{width} {bits:#x}");
                    assert_eq!(unsigned(unsigned_result, 2 * width, i), unsigned(bytes, width, i), "{width} {bits:#x}");
                }
            }
        }
    }

    #[test]
    fn loads_splat_or_fill_with_zeros() {
        for bits in loaded() {
            for (width, result) in [
                (8, v128_load8_splat(bits as u8)),
                (16, v128_load16_splat(bits as u16)),
                (32, v128_load32_splat(bits as u32)),
                (64, v128_load64_splat(bits)),
            ] {
                let lane = modulo(bits.into(), width);
                assert!((0..128 / width).all(|i| unsigned(result, width, i) == lane), "{width} {bits:#x}");
            }
            for (width, result) in [(32, v128_load32_zero(bits as u32)), (64, v128_load64_zero(bits))] {
                assert_eq!(unsigned(result, width, 0), modulo(bits.into(), width));
                assert!((1..128 / width).all(|i| unsigned(result, width, i) == 0), "{width} {bits:#x}");
            }
        }
    }

    #[test]
    fn loads_of_a_lane() {
        let mut random = Random::new();
        for bits in loaded() {
            let a = random.vector();
            for lane in [0, 1, 2, 3, 5, 7, 8, 11, 15, 16, 130, 255] {
                for (width, result) in [
                    (8, v128_load8_lane(a, lane, bits as u8)),
                    (16, v128_load16_lane(a, lane, bits as u16)),
                    (32, v128_load32_lane(a, lane, bits as u32)),
                    (64, v128_load64_lane(a, lane, bits)),
                ] {
                    let count = 128 / width;
                    let index = u32::from(lane) & (count - 1);
                    for i in 0..count {
                        let expected = if i == index { modulo(bits.into(), width) } else { unsigned(a, width, i) };
                        assert_eq!(unsigned(result, width, i), expected, "{width} {a:x?} {lane} {bits:#x}");
                    }
                }
            }
        }
    }
}
