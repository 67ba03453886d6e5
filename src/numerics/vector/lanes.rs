//! The type of vectors, access to their lanes, and the macro that defines operators lane by lane.

use crate::types::V128;

/// A vector: its 16 bytes in the order of a linear memory, lane 0 first, on every host.
// Aligned, so that the compiler moves a vector that may be missing in two words rather than byte by byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(C, align(8))]
pub(crate) struct Vector([u8; 16]);

impl Vector {
    /// Returns the vector with these bytes.
    #[inline(always)]
    pub(crate) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes, that of lane 0 of `i8x16` first.
    #[inline(always)]
    pub(crate) const fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// Returns the vector with these lanes.
    #[inline(always)]
    pub(crate) fn from_lanes<L: Lanes>(lanes: L) -> Self {
        lanes.into_vector()
    }

    /// Returns the lanes: `[u8; 16]`, `[f32; 4]` and so on.
    #[inline(always)]
    pub(crate) fn lanes<L: Lanes>(self) -> L {
        L::of(self)
    }
}

impl From<V128> for Vector {
    #[inline(always)]
    fn from(value: V128) -> Self {
        Self(value.as_u128().to_le_bytes())
    }
}

impl From<Vector> for V128 {
    #[inline(always)]
    fn from(vector: Vector) -> Self {
        Self::from(u128::from_le_bytes(vector.0))
    }
}

/// Arrays of lanes that fill a vector.
pub(crate) trait Lanes: Copy {
    /// Returns the lanes of `vector`.
    fn of(vector: Vector) -> Self;

    /// Returns the vector with these lanes.
    fn into_vector(self) -> Vector;
}

macro_rules! shapes {
    ($([$lane:ident; $count:literal] of $size:literal bytes;)*) => { $(
        impl Lanes for [$lane; $count] {
            #[inline(always)]
            fn of(vector: Vector) -> Self {
                let (chunks, _) = vector.0.as_chunks::<$size>();
                let mut lanes = [$lane::default(); $count];
                let mut i = 0;
                while i < $count {
                    lanes[i] = $lane::from_le_bytes(chunks[i]);
                    i += 1;
                }
                lanes
            }

            #[inline(always)]
            fn into_vector(self) -> Vector {
                let mut bytes = [0; 16];
                let (chunks, _) = bytes.as_chunks_mut::<$size>();
                let mut i = 0;
                while i < $count {
                    chunks[i] = self[i].to_le_bytes();
                    i += 1;
                }
                Vector(bytes)
            }
        } )*
    };
}

shapes! {
    [i8; 16] of 1 bytes;
    [u8; 16] of 1 bytes;
    [i16; 8] of 2 bytes;
    [u16; 8] of 2 bytes;
    [i32; 4] of 4 bytes;
    [u32; 4] of 4 bytes;
    [i64; 2] of 8 bytes;
    [u64; 2] of 8 bytes;
    [f32; 4] of 4 bytes;
    [f64; 2] of 8 bytes;
}

/// Defines operators whose lane `i` is computed from the lanes `i` of the operands.
///
/// The loops have a constant number of rounds and no exit, and the lanes no branches: the compiler makes vector code of
/// them. They are written as `while` because closures and iterators might stay calls in a large function.
macro_rules! lanewise {
    ($($name:ident |$($arg:ident),+| [$in:ident; $count:literal] => $out:ident = $eval:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name($($arg: Vector),+) -> Vector {
            let ($($arg,)+) = ($($arg.lanes::<[$in; $count]>(),)+);
            let mut lanes = [$out::default(); $count];
            let mut i = 0;
            while i < $count {
                let ($($arg,)+) = ($($arg[i],)+);
                lanes[i] = $eval;
                i += 1;
            }
            Vector::from_lanes(lanes)
        } )*
    };
}
pub(super) use lanewise;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_are_little_endian_on_every_host() {
        let bytes: [u8; 16] = core::array::from_fn(|i| i as u8 + 0xF0);
        let vector = Vector::from_bytes(bytes);
        assert_eq!(vector.to_bytes(), bytes);
        assert_eq!(vector.lanes::<[u8; 16]>(), bytes);
        assert_eq!(vector.lanes::<[i8; 16]>()[1], -15);
        assert_eq!(vector.lanes::<[u16; 8]>()[1], 0xF3F2);
        assert_eq!(vector.lanes::<[i16; 8]>()[7], -2);
        assert_eq!(vector.lanes::<[u32; 4]>()[0], 0xF3F2_F1F0);
        assert_eq!(vector.lanes::<[i32; 4]>()[3], -0x0001_0204);
        assert_eq!(vector.lanes::<[u64; 2]>()[0], 0xF7F6_F5F4_F3F2_F1F0);
        assert_eq!(vector.lanes::<[i64; 2]>()[1], -0x0001_0203_0405_0608);
        assert_eq!(vector.lanes::<[f32; 4]>()[2].to_bits(), 0xFBFA_F9F8);
        assert_eq!(vector.lanes::<[f64; 2]>()[1].to_bits(), 0xFFFE_FDFC_FBFA_F9F8);
    }

    #[test]
    fn vectors_of_lanes_have_these_lanes() {
        macro_rules! there_and_back {
            ($($lane:ident $count:literal)*) => { $(
                let vector = Vector::from_bytes(core::array::from_fn(|i| 7 * i as u8 + 0x7F));
                assert_eq!(Vector::from_lanes(vector.lanes::<[$lane; $count]>()), vector);
                let lanes: [$lane; $count] = core::array::from_fn(|i| (i + 1) as $lane);
                assert_eq!(Vector::from_lanes(lanes).lanes::<[$lane; $count]>(), lanes);
            )* };
        }
        there_and_back! { i8 16 u8 16 i16 8 u16 8 i32 4 u32 4 i64 2 u64 2 f32 4 f64 2 }
    }

    #[test]
    fn public_vectors_have_lane_0_in_the_low_bits() {
        let vector = Vector::from_lanes([1_u32, 2, 3, 0x8000_0004]);
        let public = V128::from(vector);
        assert_eq!(public.as_u128(), 0x8000_0004_0000_0003_0000_0002_0000_0001);
        assert_eq!(Vector::from(public), vector);
        assert_eq!(V128::from(Vector::default()), V128::default());
    }
}
