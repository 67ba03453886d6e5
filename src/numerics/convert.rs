//! Conversions (spec, Numerics > Conversions).

use crate::trap::TrapCode;

macro_rules! casts {
    ($($name:ident: $from:ty => $via:ty => $to:ty;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name(a: $from) -> $to { a as $via as $to } )*
    };
}

casts! {
    i32_wrap_i64: i64 => i32 => i32;
    i64_extend_i32_s: i32 => i64 => i64;
    i64_extend_i32_u: i32 => u32 => i64;
    f32_convert_i32_s: i32 => i32 => f32;
    f32_convert_i32_u: i32 => u32 => f32;
    f32_convert_i64_s: i64 => i64 => f32;
    f32_convert_i64_u: i64 => u64 => f32;
    f64_convert_i32_s: i32 => i32 => f64;
    f64_convert_i32_u: i32 => u32 => f64;
    f64_convert_i64_s: i64 => i64 => f64;
    f64_convert_i64_u: i64 => u64 => f64;
    f32_demote_f64: f64 => f32 => f32;
    f64_promote_f32: f32 => f64 => f64;
    i32_trunc_sat_f32_s: f32 => i32 => i32;
    i32_trunc_sat_f32_u: f32 => u32 => i32;
    i32_trunc_sat_f64_s: f64 => i32 => i32;
    i32_trunc_sat_f64_u: f64 => u32 => i32;
    i64_trunc_sat_f32_s: f32 => i64 => i64;
    i64_trunc_sat_f32_u: f32 => u64 => i64;
    i64_trunc_sat_f64_s: f64 => i64 => i64;
    i64_trunc_sat_f64_u: f64 => u64 => i64;
}

macro_rules! reinterpretations {
    ($($name:ident |$a:ident: $from:ty| $to:ty = $eval:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name($a: $from) -> $to { $eval } )*
    };
}

reinterpretations! {
    i32_reinterpret_f32 |a: f32| i32 = a.to_bits().cast_signed();
    i64_reinterpret_f64 |a: f64| i64 = a.to_bits().cast_signed();
    f32_reinterpret_i32 |a: i32| f32 = f32::from_bits(a.cast_unsigned());
    f64_reinterpret_i64 |a: i64| f64 = f64::from_bits(a.cast_unsigned());
}

macro_rules! truncations {
    // The exclusive bounds are exact in the float type; `$low` is inclusive where `$from` cannot
    // represent the number just below.
    ($($name:ident: $from:ty => $via:ty => $to:ty, $low_op:tt $low:expr, $high:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`. Traps on NaN and on values outside of the range.")]
        #[inline(always)]
        pub(crate) fn $name(a: $from) -> Result<$to, TrapCode> {
            if a $low_op $low && a < $high {
                Ok(a as $via as $to)
            } else if a.is_nan() {
                Err(TrapCode::BadConversionToInteger)
            } else {
                Err(TrapCode::IntegerOverflow)
            }
        } )*
    };
}

truncations! {
    i32_trunc_f32_s: f32 => i32 => i32, >= -2_147_483_648.0, 2_147_483_648.0;
    i32_trunc_f32_u: f32 => u32 => i32, > -1.0, 4_294_967_296.0;
    i32_trunc_f64_s: f64 => i32 => i32, > -2_147_483_649.0, 2_147_483_648.0;
    i32_trunc_f64_u: f64 => u32 => i32, > -1.0, 4_294_967_296.0;
    i64_trunc_f32_s: f32 => i64 => i64, >= -9_223_372_036_854_775_808.0, 9_223_372_036_854_775_808.0;
    i64_trunc_f32_u: f32 => u64 => i64, > -1.0, 18_446_744_073_709_551_616.0;
    i64_trunc_f64_s: f64 => i64 => i64, >= -9_223_372_036_854_775_808.0, 9_223_372_036_854_775_808.0;
    i64_trunc_f64_u: f64 => u64 => i64, > -1.0, 18_446_744_073_709_551_616.0;
}
