//! Semantics that are not Wasm operators of their own: conversions between bytes and values for loads and stores,
//! conditions of fused branches, and combinations of two semantics.

use crate::exec::handlers::control::Charged;
#[cfg(feature = "simd")]
use crate::numerics::vector::Vector;

macro_rules! loads {
    ($($name:ident: $bytes:ty => $value:ty;)*) => { $(
        #[doc = concat!("The value that `", stringify!($name), "` reads from little-endian bytes.")]
        #[inline(always)]
        pub(crate) fn $name(bytes: [u8; size_of::<$bytes>()]) -> $value {
            <$bytes>::from_le_bytes(bytes) as $value
        } )*
    };
}

loads! {
    i32_load: i32 => i32;
    i32_load8_s: i8 => i32;
    i32_load8_u: u8 => i32;
    i32_load16_s: i16 => i32;
    i32_load16_u: u16 => i32;
    i64_load: i64 => i64;
    i64_load8_s: i8 => i64;
    i64_load8_u: u8 => i64;
    i64_load16_s: i16 => i64;
    i64_load16_u: u16 => i64;
    i64_load32_s: i32 => i64;
    i64_load32_u: u32 => i64;
}

/// The value that `f32_load` reads from little-endian bytes.
#[inline(always)]
pub(crate) fn f32_load(bytes: [u8; 4]) -> f32 {
    f32::from_bits(u32::from_le_bytes(bytes))
}

/// The value that `f64_load` reads from little-endian bytes.
#[inline(always)]
pub(crate) fn f64_load(bytes: [u8; 8]) -> f64 {
    f64::from_bits(u64::from_le_bytes(bytes))
}

macro_rules! stores {
    ($($name:ident: $value:ty => $bytes:ty;)*) => { $(
        #[doc = concat!("The little-endian bytes that `", stringify!($name), "` writes.")]
        #[inline(always)]
        pub(crate) fn $name(value: $value) -> [u8; size_of::<$bytes>()] {
            (value as $bytes).to_le_bytes()
        } )*
    };
}

stores! {
    i32_store: i32 => u32;
    i32_store8: i32 => u8;
    i32_store16: i32 => u16;
    i64_store: i64 => u64;
    i64_store8: i64 => u8;
    i64_store16: i64 => u16;
    i64_store32: i64 => u32;
}

/// The little-endian bytes that `f32_store` writes.
#[inline(always)]
pub(crate) fn f32_store(value: f32) -> [u8; 4] {
    value.to_bits().to_le_bytes()
}

/// The little-endian bytes that `f64_store` writes.
#[inline(always)]
pub(crate) fn f64_store(value: f64) -> [u8; 8] {
    value.to_bits().to_le_bytes()
}

macro_rules! conditions {
    ($($name:ident: |$($arg:ident),*| $ty:ty = $condition:expr;)*) => { $(
        #[doc = concat!("The condition of `br_", stringify!($name), "`.")]
        #[inline(always)]
        pub(crate) fn $name($($arg: $ty),*) -> bool { $condition } )*
    };
}

conditions! {
    i32_nez: |a| i32 = a != 0;
    i64_nez: |a| i64 = a != 0;
    i32_and_nez: |a, b| i32 = a & b != 0;
    i64_and_nez: |a, b| i64 = a & b != 0;
    i32_and_eqz: |a, b| i32 = a & b == 0;
    i64_and_eqz: |a, b| i64 = a & b == 0;
}

macro_rules! float_complements {
    ($($name:ident: $ty:ty, $op:tt;)*) => { $(
        #[doc = concat!("The condition of `br_", stringify!($name), "`: holds for NaN.")]
        #[inline(always)]
        #[expect(clippy::neg_cmp_op_on_partial_ord, reason = "NaN must satisfy the complement")]
        pub(crate) fn $name(a: $ty, b: $ty) -> bool { !(a $op b) } )*
    };
}

float_complements! {
    f32_not_lt: f32, <;
    f32_not_le: f32, <=;
    f32_not_gt: f32, >;
    f32_not_ge: f32, >=;
    f64_not_lt: f64, <;
    f64_not_le: f64, <=;
    f64_not_gt: f64, >;
    f64_not_ge: f64, >=;
}

#[cfg(feature = "simd")]
macro_rules! vector_accesses {
    ($($bits:ident $of:ident $lane_of:ident;)*) => { $(
        #[doc = concat!("Applies `load` to the `", stringify!($bits), "` in little-endian bytes.")]
        #[inline(always)]
        pub(crate) fn $of(load: impl Fn($bits) -> Vector) -> impl Fn([u8; size_of::<$bits>()]) -> Vector {
            move |bytes| load($bits::from_le_bytes(bytes))
        }

        #[doc = concat!("Applies `load` to a vector, a lane, and the `", stringify!($bits), "` in little-endian bytes.")]
        #[inline(always)]
        pub(crate) fn $lane_of(
            load: impl Fn(Vector, u8, $bits) -> Vector,
        ) -> impl Fn(Vector, u8, [u8; size_of::<$bits>()]) -> Vector {
            move |vector, lane, bytes| load(vector, lane, $bits::from_le_bytes(bytes))
        } )*
    };
}

#[cfg(feature = "simd")]
vector_accesses! {
    u8 of_u8 lane_of_u8;
    u16 of_u16 lane_of_u16;
    u32 of_u32 lane_of_u32;
    u64 of_u64 lane_of_u64;
}

/// Applies `second` to the result of `first` and another operand.
#[inline(always)]
pub(crate) fn then<A, B, C, X, O>(first: impl Fn(A, B) -> X, second: impl Fn(X, C) -> O) -> impl Fn(A, B, C) -> O {
    move |a, b, c| second(first(a, b), c)
}

/// Applies `second` to another operand and the result of `first`.
#[inline(always)]
pub(crate) fn then_right<A, B, C, X, O>(
    first: impl Fn(A, B) -> X,
    second: impl Fn(C, X) -> O,
) -> impl Fn(A, B, C) -> O {
    move |a, b, c| second(c, first(a, b))
}

/// The condition on one operand of a branch to a `consume_fuel`.
#[inline(always)]
pub(crate) fn charged_if<A>(test: impl Fn(A) -> bool) -> impl Fn(A) -> Charged {
    move |value| Charged(test(value))
}

/// The comparison of a branch to a `consume_fuel`.
#[inline(always)]
pub(crate) fn charged<A, B>(compare: impl Fn(A, B) -> bool) -> impl Fn(A, B) -> Charged {
    move |lhs, rhs| Charged(compare(lhs, rhs))
}

/// Returns the value of a load, and whether `test` holds for it.
#[inline(always)]
pub(crate) fn tested<const N: usize>(
    load: impl Fn([u8; N]) -> i32,
    test: impl Fn(i32) -> bool,
) -> impl Fn([u8; N]) -> (i32, bool) {
    move |bytes| {
        let value = load(bytes);
        (value, test(value))
    }
}
