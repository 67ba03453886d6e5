//! Compares the operators by instructions with the portable ones, on values at borders and on pseudo-random ones.

use alloc::vec::Vec;

use crate::numerics::vector::{
    self as portable, Vector,
    samples::{Random, assert_number, double_pairs, integer_pairs, single_pairs},
};

/// Pairs for all kinds of lanes.
fn pairs() -> &'static [(Vector, Vector)] {
    static PAIRS: spin::Once<Vec<(Vector, Vector)>> = spin::Once::new();
    PAIRS.call_once(|| {
        let mut pairs = single_pairs();
        pairs.extend(double_pairs());
        [8, 16, 32, 64].into_iter().for_each(|bits| pairs.extend(integer_pairs(bits)));
        pairs
    })
}

/// Asserts that `result` is `expected`, or has NaN in the same lanes, each one that the specification allows.
fn assert_same(name: &str, operands: &[Vector], result: Vector, expected: Vector) {
    if result == expected {
        return;
    }
    // The lanes of the result: of the name's first part.
    if name.starts_with("f32x4") && name != "f32x4_demote_f64x2_zero" {
        for i in 0..4 {
            let operands: Vec<f32> = operands.iter().map(|operand| operand.lanes::<[f32; 4]>()[i]).collect();
            assert_number(result.lanes::<[f32; 4]>()[i], expected.lanes::<[f32; 4]>()[i], &operands, name);
        }
    } else if name == "f32x4_demote_f64x2_zero" {
        for i in 0..2 {
            let operands: Vec<f64> = operands.iter().map(|operand| operand.lanes::<[f64; 2]>()[i]).collect();
            assert_number(result.lanes::<[f32; 4]>()[i], expected.lanes::<[f32; 4]>()[i], &operands, name);
        }
        assert_eq!(result.lanes::<[u64; 2]>()[1], 0);
    } else if name == "f64x2_promote_low_f32x4" {
        for i in 0..2 {
            let operands: Vec<f32> = operands.iter().map(|operand| operand.lanes::<[f32; 4]>()[i]).collect();
            assert_number(result.lanes::<[f64; 2]>()[i], expected.lanes::<[f64; 2]>()[i], &operands, name);
        }
    } else if name.starts_with("f64x2") {
        for i in 0..2 {
            let operands: Vec<f64> = operands.iter().map(|operand| operand.lanes::<[f64; 2]>()[i]).collect();
            assert_number(result.lanes::<[f64; 2]>()[i], expected.lanes::<[f64; 2]>()[i], &operands, name);
        }
    } else {
        panic!("{name}({operands:x?}) is {result:x?}, not {expected:x?}");
    }
}

/// Compares one operator of the operator table; those of relaxed SIMD that are other operators have no function.
macro_rules! compare {
    ($of:ident $kind:ident i8x16_relaxed_swizzle $input:ident) => {};
    ($of:ident $kind:ident i32x4_relaxed_trunc_f32x4_s $input:ident) => {};
    ($of:ident $kind:ident i32x4_relaxed_trunc_f32x4_u $input:ident) => {};
    ($of:ident $kind:ident i32x4_relaxed_trunc_f64x2_s_zero $input:ident) => {};
    ($of:ident $kind:ident i32x4_relaxed_trunc_f64x2_u_zero $input:ident) => {};
    ($of:ident $kind:ident i8x16_relaxed_laneselect $input:ident) => {};
    ($of:ident $kind:ident i16x8_relaxed_laneselect $input:ident) => {};
    ($of:ident $kind:ident i32x4_relaxed_laneselect $input:ident) => {};
    ($of:ident $kind:ident i64x2_relaxed_laneselect $input:ident) => {};
    ($of:ident $kind:ident f32x4_relaxed_min $input:ident) => {};
    ($of:ident $kind:ident f32x4_relaxed_max $input:ident) => {};
    ($of:ident $kind:ident f64x2_relaxed_min $input:ident) => {};
    ($of:ident $kind:ident f64x2_relaxed_max $input:ident) => {};
    ($of:ident $kind:ident i16x8_relaxed_q15mulr_s $input:ident) => {};
    ($of:ident unary_v128 $name:ident $input:ident) => {
        for &(a, _) in pairs() {
            assert_same(stringify!($name), &[a], $of::$name(a), portable::$name(a));
        }
    };
    ($of:ident binary_v128 $name:ident $input:ident) => {
        for &(a, b) in pairs() {
            assert_same(stringify!($name), &[a, b], $of::$name(a, b), portable::$name(a, b));
        }
    };
    ($of:ident ternary_v128 $name:ident $input:ident) => {
        let pairs = pairs();
        for (i, &(a, b)) in pairs.iter().enumerate() {
            let c = pairs[(7 * i + 1) % pairs.len()].1;
            assert_same(stringify!($name), &[a, b, c], $of::$name(a, b, c), portable::$name(a, b, c));
        }
    };
    ($of:ident shift_v128 $name:ident $input:ident) => {
        for &(a, _) in pairs().iter().step_by(7) {
            for count in [0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 255, 256, 1 << 31, u32::MAX] {
                assert_same(stringify!($name), &[a], $of::$name(a, count), portable::$name(a, count));
            }
        }
    };
    ($of:ident test_v128 $name:ident $input:ident) => {
        for &(a, b) in pairs() {
            // A mask as well, as comparisons make it.
            for vector in [a, portable::i8x16_eq(a, b), portable::i64x2_eq(a, b), portable::v128_not(Vector::default())]
            {
                assert_eq!($of::$name(vector), portable::$name(vector), "{}({vector:x?})", stringify!($name));
            }
        }
    };
    ($of:ident splat_v128 $name:ident F32) => {
        for bits in [0, 1, 0x8000_0000, 0x7FA0_0001, 0x3F80_0000] {
            assert_eq!($of::$name(f32::from_bits(bits)), portable::$name(f32::from_bits(bits)));
        }
    };
    ($of:ident splat_v128 $name:ident F64) => {
        for bits in [0, 1, 1 << 63, 0x7FF4_0000_0000_0001, 0x3FF0_0000_0000_0000] {
            assert_eq!($of::$name(f64::from_bits(bits)), portable::$name(f64::from_bits(bits)));
        }
    };
    ($of:ident splat_v128 $name:ident $input:ident) => {
        for number in [0, 1, -1, 0x7F, 0x80, 0xFF, 0x1234_5678, -0x7FFF_FFFF] {
            assert_eq!($of::$name(number), portable::$name(number));
        }
    };
    ($of:ident constant_v128 $name:ident $input:ident) => {};
    ($of:ident shuffle_v128 $name:ident $input:ident) => {
        let mut random = Random::new();
        for &(a, b) in pairs() {
            let lanes = random.vector().to_bytes().map(|lane| lane % 32);
            assert_eq!($of::$name(a, b, lanes), portable::$name(a, b, lanes));
        }
    };
}

macro_rules! compare_all {
    ([$of:ident] $($kind:ident $number:literal $visit:ident $name:ident $input:ident = $cost:literal;)*) => { $(
        compare! { $of $kind $name $input }
    )* };
}

/// Compares loads and replacements of lanes.
macro_rules! compare_lanes {
    ($of:ident: $($replace:ident $load:ident $splat:ident $number:ident $bits:ident;)*) => { $(
        let mut random = Random::new();
        for lane in 0..16 {
            let (a, bits) = (random.vector(), random.u64());
            assert_eq!($of::$load(a, lane, bits as $bits), portable::$load(a, lane, bits as $bits), "{lane}");
            assert_eq!($of::$replace(a, lane, bits as $number), portable::$replace(a, lane, bits as $number), "{lane}");
            assert_eq!($of::$splat(bits as $bits), portable::$splat(bits as $bits));
        }
    )* };
}

macro_rules! compare_loads {
    ($of:ident: $($load:ident $bits:ident;)*) => { $(
        let mut random = Random::new();
        for bits in [0, 0x80, 0x8000, 0x8000_0000, 0x8000_0000_0000_0000, u64::MAX].into_iter().chain((0..100).map(|_| random.u64())) {
            assert_eq!($of::$load(bits as $bits), portable::$load(bits as $bits), "{bits:x}");
        }
    )* };
}

macro_rules! compare_modules {
    ($($test:ident $of:ident if $has:expr;)*) => { $(
        #[test]
        fn $test() {
            use crate::exec::simd::$of;
            if !$has {
                return;
            }
            for_each_vector! { compare_all [$of] }
            for &(a, _) in pairs() {
                assert_eq!($of::f32x4_canonical(a), portable::f32x4_canonical(a));
                assert_eq!($of::f64x2_canonical(a), portable::f64x2_canonical(a));
            }
            compare_lanes! { $of:
                i8x16_replace_lane v128_load8_lane v128_load8_splat i32 u8;
                i16x8_replace_lane v128_load16_lane v128_load16_splat i32 u16;
                i32x4_replace_lane v128_load32_lane v128_load32_splat i32 u32;
                i64x2_replace_lane v128_load64_lane v128_load64_splat i64 u64;
                f32x4_replace_lane v128_load32_lane v128_load32_splat f32 u32;
                f64x2_replace_lane v128_load64_lane v128_load64_splat f64 u64;
            }
            compare_loads! { $of:
                v128_load8x8_s u64; v128_load8x8_u u64; v128_load16x4_s u64; v128_load16x4_u u64; v128_load32x2_s u64;
                v128_load32x2_u u64; v128_load32_zero u32; v128_load64_zero u64;
            }
        }
    )* };
}

compare_modules! {
    the_baseline_agrees_with_the_portable_operators baseline if true;
}
#[cfg(all(vector_register, target_arch = "x86_64"))]
compare_modules! {
    the_level_v2_agrees_with_the_portable_operators v2 if crate::exec::simd::has_v2();
}
