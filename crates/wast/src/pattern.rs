//! The results that scripts expect, against those of the engine.

use wasmote::Func;
use wast::{
    WastRet,
    core::{HeapType, NanPattern, V128Pattern, WastRetCore},
    token::{F32, F64, Index},
};

use crate::{
    show::{show, show_pattern},
    value::{Hierarchy, Object, Value},
};

/// Tells whether a function is the one of an index in the instance under test.
pub(crate) type IsFunc<'a> = &'a dyn Fn(&Index<'_>, Func) -> Result<bool, String>;

/// Compares results with the patterns that describe them.
///
/// # Errors
///
/// Names the first result that its pattern does not describe.
pub(crate) fn match_results(patterns: &[WastRet<'_>], results: &[Value], func: IsFunc<'_>) -> Result<(), String> {
    if patterns.len() != results.len() {
        return Err(format!("expected {} results, got {}", patterns.len(), results.len()));
    }
    for (i, (pattern, result)) in patterns.iter().zip(results).enumerate() {
        let WastRet::Core(pattern) = pattern else {
            return Err("unsupported: values of the component model".into());
        };
        if !matches(pattern, *result, func)? {
            let expected = show_pattern(pattern);
            return Err(format!("result {i}: expected {expected}, got {}", show(*result)));
        }
    }
    Ok(())
}

/// Whether `pattern` describes `result`.
fn matches(pattern: &WastRetCore<'_>, result: Value, func: IsFunc<'_>) -> Result<bool, String> {
    Ok(match (pattern, result) {
        (WastRetCore::I32(expected), Value::I32(value)) => *expected == value,
        (WastRetCore::I64(expected), Value::I64(value)) => *expected == value,
        (WastRetCore::F32(pattern), Value::F32(bits)) => matches_f32(pattern, bits),
        (WastRetCore::F64(pattern), Value::F64(bits)) => matches_f64(pattern, bits),
        (WastRetCore::V128(pattern), Value::V128(bytes)) => matches_v128(pattern, bytes),
        (WastRetCore::RefNull(ty), Value::Null(hierarchy)) => is_null_of(ty.as_ref(), hierarchy),
        (WastRetCore::RefFunc(Some(index)), Value::Ref(Object::Func(value))) => func(index, value)?,
        (pattern, Value::Ref(object)) => matches_object(pattern, object, func)?,
        (WastRetCore::Either(patterns), result) => any(patterns, result, func)?,
        _ => false,
    })
}

/// Whether one of `patterns` describes `result`.
fn any(patterns: &[WastRetCore<'_>], result: Value, func: IsFunc<'_>) -> Result<bool, String> {
    for pattern in patterns {
        if matches(pattern, result, func)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A concrete type has no name here, so its null is that of any hierarchy.
fn is_null_of(ty: Option<&HeapType<'_>>, hierarchy: Hierarchy) -> bool {
    ty.and_then(Hierarchy::of).is_none_or(|expected| expected == hierarchy)
}

/// Whether `pattern` describes a reference that is not null.
fn matches_object(pattern: &WastRetCore<'_>, object: Object, func: IsFunc<'_>) -> Result<bool, String> {
    Ok(match pattern {
        WastRetCore::RefFunc(None) => matches!(object, Object::Func(_)),
        WastRetCore::RefExtern(None) => matches!(object, Object::Extern(_)),
        WastRetCore::RefExtern(Some(expected)) => object == Object::Extern(Some(*expected)),
        WastRetCore::RefHost(expected) => object == Object::Host(Some(*expected)),
        WastRetCore::RefAny => {
            matches!(object, Object::Host(_) | Object::I31 { .. } | Object::Struct | Object::Array)
        }
        WastRetCore::RefEq => matches!(object, Object::I31 { .. } | Object::Struct | Object::Array),
        WastRetCore::RefI31 => matches!(object, Object::I31 { .. }),
        WastRetCore::RefI31Shared => object == Object::I31 { shared: true },
        WastRetCore::RefStruct => object == Object::Struct,
        WastRetCore::RefArray => object == Object::Array,
        WastRetCore::Either(patterns) => any(patterns, Value::Ref(object), func)?,
        _ => false,
    })
}

fn matches_f32(pattern: &NanPattern<F32>, bits: u32) -> bool {
    match pattern {
        NanPattern::CanonicalNan => bits & 0x7fff_ffff == 0x7fc0_0000,
        NanPattern::ArithmeticNan => bits & 0x7fc0_0000 == 0x7fc0_0000,
        NanPattern::Value(expected) => expected.bits == bits,
    }
}

fn matches_f64(pattern: &NanPattern<F64>, bits: u64) -> bool {
    match pattern {
        NanPattern::CanonicalNan => bits & 0x7fff_ffff_ffff_ffff == 0x7ff8_0000_0000_0000,
        NanPattern::ArithmeticNan => bits & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000,
        NanPattern::Value(expected) => expected.bits == bits,
    }
}

fn matches_v128(pattern: &V128Pattern, bytes: [u8; 16]) -> bool {
    match pattern {
        V128Pattern::I8x16(expected) => lanes(bytes).map(i8::from_le_bytes) == *expected,
        V128Pattern::I16x8(expected) => lanes(bytes).map(i16::from_le_bytes) == *expected,
        V128Pattern::I32x4(expected) => lanes(bytes).map(i32::from_le_bytes) == *expected,
        V128Pattern::I64x2(expected) => lanes(bytes).map(i64::from_le_bytes) == *expected,
        V128Pattern::F32x4(patterns) => {
            let lanes = lanes::<4, 4>(bytes).map(u32::from_le_bytes);
            patterns.iter().zip(lanes).all(|(pattern, bits)| matches_f32(pattern, bits))
        }
        V128Pattern::F64x2(patterns) => {
            let lanes = lanes::<2, 8>(bytes).map(u64::from_le_bytes);
            patterns.iter().zip(lanes).all(|(pattern, bits)| matches_f64(pattern, bits))
        }
    }
}

/// Splits a vector into `LANES` lanes of `BYTES` bytes each.
pub(crate) fn lanes<const LANES: usize, const BYTES: usize>(vector: [u8; 16]) -> [[u8; BYTES]; LANES] {
    const { assert!(LANES * BYTES == 16) };
    core::array::from_fn(|lane| core::array::from_fn(|byte| vector[lane * BYTES + byte]))
}

#[cfg(test)]
mod tests {
    use wasmote::{Config, Engine, Func, Store};
    use wast::{
        WastRet,
        parser::{ParseBuffer, parse},
        token::Index,
    };

    use super::match_results;
    use crate::value::{Hierarchy, Object, Value};

    fn check(pattern: &str, result: Value) -> Result<(), String> {
        check_with(pattern, result, &|_, _| Err("no function has an index".into()))
    }

    fn check_with(pattern: &str, result: Value, func: super::IsFunc<'_>) -> Result<(), String> {
        let buffer = ParseBuffer::new(pattern).unwrap();
        let pattern = parse::<WastRet<'_>>(&buffer).unwrap();
        match_results(&[pattern], &[result], func)
    }

    /// Asserts which of `values` a pattern describes.
    fn describes(pattern: &str, values: &[(Value, bool)]) {
        for (value, expected) in values {
            assert_eq!(check(pattern, *value).is_ok(), *expected, "{pattern} and {value:?}");
        }
    }

    fn f32x4(lanes: [u32; 4]) -> Value {
        Value::V128(core::array::from_fn(|i| lanes[i / 4].to_le_bytes()[i % 4]))
    }

    fn f64x2(lanes: [u64; 2]) -> Value {
        Value::V128(core::array::from_fn(|i| lanes[i / 8].to_le_bytes()[i % 8]))
    }

    #[test]
    fn nan_patterns_of_scalars() {
        let canonical = [(0x7fc0_0000, true), (0xffc0_0000, true), (0x7fc0_0001, false), (0x7f80_0000, false)];
        describes("f32.const nan:canonical", &canonical.map(|(bits, fits)| (Value::F32(bits), fits)));
        let arithmetic = [(0x7fc0_0000, true), (0xffc0_0001, true), (0x7fa0_0000, false), (0, false)];
        describes("f32.const nan:arithmetic", &arithmetic.map(|(bits, fits)| (Value::F32(bits), fits)));
        let canonical =
            [(0x7ff8 << 48, true), (0xfff8 << 48, true), ((0x7ff8 << 48) | 1, false), (0x7ff4 << 48, false)];
        describes("f64.const nan:canonical", &canonical.map(|(bits, fits)| (Value::F64(bits), fits)));
        describes("f64.const -0", &[(Value::F64(1 << 63), true), (Value::F64(0), false), (Value::F32(0), false)]);
    }

    #[test]
    fn integer_lanes() {
        let mut bytes: [u8; 16] = core::array::from_fn(|i| i as u8);
        bytes[15] = 0x8f;
        let value = Value::V128(bytes);
        describes("v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 -113", &[(value, true)]);
        describes("v128.const i8x16 1 0 2 3 4 5 6 7 8 9 10 11 12 13 14 -113", &[(value, false)]);
        describes("v128.const i16x8 0x100 0x302 0x504 0x706 0x908 0xb0a 0xd0c 0x8f0e", &[(value, true)]);
        describes("v128.const i16x8 0x100 0x302 0x504 0x706 0x908 0xb0a 0xd0c 0x0f0e", &[(value, false)]);
        describes("v128.const i32x4 0x3020100 0x7060504 0xb0a0908 0x8f0e0d0c", &[(value, true)]);
        describes("v128.const i32x4 0x7060504 0x3020100 0xb0a0908 0x8f0e0d0c", &[(value, false)]);
        describes("v128.const i64x2 0x706050403020100 0x8f0e0d0c0b0a0908", &[(value, true), (Value::I64(0), false)]);
    }

    #[test]
    fn each_float_lane_has_its_own_pattern() {
        let pattern = "v128.const f32x4 1 nan:canonical nan:arithmetic -0";
        describes(
            pattern,
            &[
                (f32x4([0x3f80_0000, 0x7fc0_0000, 0xffc0_1234, 0x8000_0000]), true),
                (f32x4([0x3f80_0000, 0xffc0_0000, 0x7fc0_0000, 0x8000_0000]), true),
                (f32x4([0x3f80_0000, 0x7fc0_0001, 0x7fc0_0000, 0x8000_0000]), false),
                (f32x4([0x3f80_0000, 0x7fc0_0000, 0x7f80_0001, 0x8000_0000]), false),
                (f32x4([0x3f80_0000, 0x7fc0_0000, 0x7fc0_0000, 0]), false),
                (f32x4([0x7fc0_0000, 0x3f80_0000, 0x7fc0_0000, 0x8000_0000]), false),
            ],
        );
        describes(
            "v128.const f64x2 nan:arithmetic nan:canonical",
            &[
                (f64x2([0xfff8_0000_0000_0001, 0x7ff8 << 48]), true),
                (f64x2([0x7ff0_0000_0000_0001, 0x7ff8 << 48]), false),
                (f64x2([0x7ff8 << 48, 0x7ff8_0000_0000_0001]), false),
            ],
        );
    }

    #[test]
    fn nulls_match_within_their_hierarchy() {
        let nulls = [Hierarchy::Func, Hierarchy::Extern, Hierarchy::Any, Hierarchy::Exn, Hierarchy::Cont];
        let fits = |pattern: &str| nulls.map(|hierarchy| check(pattern, Value::Null(hierarchy)).is_ok());
        assert_eq!(fits("ref.null"), [true; 5]);
        assert_eq!(fits("ref.null func"), [true, false, false, false, false]);
        assert_eq!(fits("ref.null noextern"), [false, true, false, false, false]);
        for ty in ["any", "eq", "i31", "struct", "array", "none"] {
            assert_eq!(fits(&format!("ref.null {ty}")), [false, false, true, false, false]);
        }
        assert_eq!(fits("ref.null noexn"), [false, false, false, true, false]);
        describes("ref.null", &[(Value::Ref(Object::Struct), false), (Value::I32(0), false)]);
    }

    #[test]
    fn references_match_their_kind() {
        let objects = [
            Object::Extern(Some(1)),
            Object::Extern(None),
            Object::Host(Some(1)),
            Object::I31 { shared: false },
            Object::I31 { shared: true },
            Object::Struct,
            Object::Array,
            Object::Exn,
        ];
        let fits = |pattern: &str| objects.map(|object| u8::from(check(pattern, Value::Ref(object)).is_ok()));
        assert_eq!(fits("ref.extern"), [1, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(fits("ref.extern 1"), [1, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(fits("ref.extern 2"), [0; 8]);
        assert_eq!(fits("ref.host 1"), [0, 0, 1, 0, 0, 0, 0, 0]);
        assert_eq!(fits("ref.host 2"), [0; 8]);
        assert_eq!(fits("ref.any"), [0, 0, 1, 1, 1, 1, 1, 0]);
        assert_eq!(fits("ref.eq"), [0, 0, 0, 1, 1, 1, 1, 0]);
        assert_eq!(fits("ref.i31"), [0, 0, 0, 1, 1, 0, 0, 0]);
        assert_eq!(fits("ref.i31_shared"), [0, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(fits("ref.struct"), [0, 0, 0, 0, 0, 1, 0, 0]);
        assert_eq!(fits("ref.array"), [0, 0, 0, 0, 0, 0, 1, 0]);
        assert_eq!(fits("ref.func"), [0; 8]);
        assert_eq!(fits("ref.null"), [0; 8]);
        assert_eq!(fits("i32.const 1"), [0; 8]);
        assert_eq!(fits("either (ref.array) (ref.host 1)"), [0, 0, 1, 0, 0, 0, 1, 0]);
    }

    #[test]
    fn functions_are_compared_with_the_one_of_the_index() {
        let mut store = Store::new(&Engine::new(&Config::default()), ());
        let [first, second] = [Func::wrap(&mut store, || {}), Func::wrap(&mut store, || {})];
        let find = |index: &Index<'_>, func| match index {
            Index::Num(0, _) => Ok(func == first),
            Index::Num(1, _) => Ok(func == second),
            _ => Err("no such function".into()),
        };
        let value = Value::Ref(Object::Func(first));
        assert!(check_with("ref.func", value, &find).is_ok());
        assert!(check_with("ref.func 0", value, &find).is_ok());
        assert!(check_with("ref.func 1", value, &find).unwrap_err().contains("expected (ref.func 1)"));
        assert_eq!(check_with("ref.func 2", value, &find).unwrap_err(), "no such function");
        assert!(check_with("either (ref.func 1) (ref.func 0)", value, &find).is_ok());
    }

    #[test]
    fn one_alternative_is_enough() {
        let pattern = "either (i32.const 1) (f32.const nan:canonical) (either (i64.const 2) (ref.null))";
        describes(
            pattern,
            &[
                (Value::I32(1), true),
                (Value::I32(2), false),
                (Value::F32(0x7fc0_0000), true),
                (Value::I64(2), true),
                (Value::Null(Hierarchy::Any), true),
            ],
        );
    }

    #[test]
    fn messages_say_what_was_expected() {
        let message = check("v128.const f32x4 0 nan:canonical 1.5 nan:arithmetic", f32x4([1, 0, 0, 0])).unwrap_err();
        let expected = "expected (v128.const f32x4 0.0 nan:canonical 1.5 nan:arithmetic), \
                        got (v128.const i32x4 0x00000001 0x00000000 0x00000000 0x00000000)";
        assert!(message.contains(expected), "{message}");
        let message = check("either (ref.i31) (ref.null any)", Value::Ref(Object::Array)).unwrap_err();
        assert!(message.contains("expected (either (ref.i31) (ref.null any)), got (ref.array)"), "{message}");
        assert_eq!(
            match_results(&[], &[Value::I32(0)], &|_, _| Err(String::new())).unwrap_err(),
            "expected 0 results, got 1"
        );
    }
}
