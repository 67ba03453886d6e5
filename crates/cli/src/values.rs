//! Values on the command line: parses arguments and prints results.

use std::fmt::{Display, LowerExp};

use wasmote::{F32, F64, FuncType, V128, Val, ValType};
use wast::{
    core::V128Const,
    parser::{self, Parse, ParseBuffer},
    token,
};

use crate::{failure::Failure, names::escape};

/// Parses the arguments of the function `name`.
pub(crate) fn parse_args(name: &str, ty: &FuncType, args: &[String]) -> Result<Vec<Val>, Failure> {
    let name = escape(name);
    let (expected, found) = (ty.params().len(), args.len());
    if expected != found {
        let plural = if expected == 1 { "" } else { "s" };
        let what = format!("`{name}` takes {expected} argument{plural} but got {found}: its type is {ty}");
        return Err(Failure::usage(what).maybe_hint(misplaced_option(args)));
    }
    let mut values = Vec::with_capacity(found);
    for (i, (arg, &param)) in args.iter().zip(ty.params()).enumerate() {
        let value = parse(arg, param).map_err(|expected| {
            let what = format!("argument {} of `{name}` must be of type {param}, but is `{arg}`", i + 1);
            Failure::usage(what).hint(expected).maybe_hint(misplaced_option(args))
        })?;
        values.push(value);
    }
    Ok(values)
}

/// Returns a hint if an argument looks like an option.
pub(crate) fn misplaced_option(args: &[String]) -> Option<String> {
    let option = args.iter().find(|arg| arg.starts_with("--"))?;
    Some(format!("options go before the file, so `{option}` was taken as an argument of the program"))
}

/// Parses a value of a type as in the text format. The error names the expected notation.
fn parse(text: &str, ty: ValType) -> Result<Val, &'static str> {
    const I32: &str = "expected an integer, decimal or 0x…, from -2147483648 to 4294967295";
    const I64: &str = "expected an integer, decimal or 0x…, from -9223372036854775808 to 18446744073709551615";
    const F32: &str = "expected a number like -1.5, 2e10 or 0x1.8p3 up to 3.4028235e38, inf, nan or nan:0x7fffff";
    const F64: &str =
        "expected a number like -1.5, 2e10 or 0x1.8p3 up to 1.7976931348623157e308, inf, nan or nan:0xfffffffffffff";
    const V128: &str = "expected a shape and its lanes like \"i32x4 1 2 3 4\" or \"f64x2 0.5 nan\", or 0x and up to 32 \
        hexadecimal digits, lane 0 last";
    match ty {
        ValType::I32 => literal(text).map(Val::I32).ok_or(I32),
        ValType::I64 => literal(text).map(Val::I64).ok_or(I64),
        ValType::F32 => literal(text).map(|token::F32 { bits }| Val::F32(F32::from_bits(bits))).ok_or(F32),
        ValType::F64 => literal(text).map(|token::F64 { bits }| Val::F64(F64::from_bits(bits))).ok_or(F64),
        ValType::V128 => {
            let lanes = || literal(text).map(|lanes: V128Const| u128::from_le_bytes(lanes.to_le_bytes()));
            hexadecimal(text).or_else(lanes).map(|bits| V128::from(bits).into()).ok_or(V128)
        }
        ValType::Ref(ty) if text == "null" && ty.is_nullable() => Ok(Val::default_for_ty(ty.into())),
        ValType::Ref(_) => Err("the only reference that can be passed is `null`"),
        _ => Err("values of this type cannot be written"),
    }
}

/// Parses a literal of the text format.
fn literal<T: for<'a> Parse<'a>>(text: &str) -> Option<T> {
    let buffer = ParseBuffer::new(text).ok()?;
    parser::parse(&buffer).ok()
}

/// Parses the bits of a vector.
fn hexadecimal(text: &str) -> Option<u128> {
    let digits = text.strip_prefix("0x")?.replace('_', "");
    if digits.starts_with('+') { None } else { u128::from_str_radix(&digits, 16).ok() }
}

/// Returns a result as text.
pub(crate) fn show(value: &Val) -> String {
    match value {
        Val::I32(value) => value.to_string(),
        Val::I64(value) => value.to_string(),
        Val::F32(value) => float(value.to_float(), value.to_bits().into(), 32, 23),
        Val::F64(value) => float(value.to_float(), value.to_bits(), 64, 52),
        Val::V128(value) => {
            let lanes = (0..4).map(|lane| format!(" {:#010x}", (value.as_u128() >> (32 * lane)) as u32));
            format!("i32x4{}", lanes.collect::<String>())
        }
        Val::FuncRef(func) if func.is_null() => "null".into(),
        Val::ExternRef(object) if object.is_null() => "null".into(),
        Val::AnyRef(reference) if reference.is_null() => "null".into(),
        Val::ExnRef(exception) if exception.is_null() => "null".into(),
        Val::FuncRef(_) => "funcref".into(),
        Val::AnyRef(_) => "anyref".into(),
        Val::ExnRef(_) => "exnref".into(),
        Val::ExternRef(_) => "externref".into(),
        _ => "(unknown)".into(),
    }
}

/// Returns a float as a literal of the text format. Also takes its bits, their number, and how many of
/// them are the significand.
fn float<F: Display + LowerExp + Into<f64> + Copy>(value: F, bits: u64, width: u32, significand: u32) -> String {
    let magnitude = value.into().abs();
    if magnitude.is_nan() {
        let sign = if bits >> (width - 1) == 0 { "" } else { "-" };
        let payload = bits & ((1 << significand) - 1);
        let is_canonical = payload == 1 << (significand - 1);
        return if is_canonical { format!("{sign}nan") } else { format!("{sign}nan:{payload:#x}") };
    }
    // Far from 1, the plain form has many zeros.
    let plain = magnitude.is_infinite() || magnitude == 0.0 || (1e-5..1e16).contains(&magnitude);
    if plain { value.to_string() } else { format!("{value:e}") }
}

#[cfg(test)]
mod tests {
    use wasmote::ValType;

    use super::{parse, show};

    fn round(text: &str, ty: ValType) -> Option<String> {
        parse(text, ty).ok().map(|value| show(&value))
    }

    #[test]
    fn integers_up_to_their_limits() {
        let cases = [
            ("-2147483648", Some("-2147483648")),
            ("-2147483649", None),
            ("4294967295", Some("-1")),
            ("4294967296", None),
            ("0x7fff_ffff", Some("2147483647")),
            ("-0x10", Some("-16")),
            ("+7", Some("7")),
            ("1_000", Some("1000")),
            ("1__0", None),
            ("_1", None),
            ("1 2", None),
            ("1)", None),
            ("--7", None),
            ("-", None),
            ("", None),
            ("0x", None),
            ("1.0", None),
        ];
        for (text, expected) in cases {
            assert_eq!(round(text, ValType::I32).as_deref(), expected, "{text}");
        }
        assert_eq!(round("-9223372036854775808", ValType::I64).as_deref(), Some("-9223372036854775808"));
        assert_eq!(round("0xffffffffffffffff", ValType::I64).as_deref(), Some("-1"));
        assert_eq!(round("18446744073709551616", ValType::I64), None);
    }

    #[test]
    fn floats_in_every_notation() {
        let cases = [
            ("-1.5", "-1.5", "-1.5"),
            ("-0", "-0", "-0"),
            ("0x1.8p3", "12", "12"),
            ("-0x0.8", "-0.5", "-0.5"),
            ("1_0e1", "100", "100"),
            ("16777217", "16777216", "16777217"),
            ("0.1", "0.1", "0.1"),
            ("1e15", "1000000000000000", "1000000000000000"),
            ("1e-40", "1e-40", "1e-40"),
            ("1.25e20", "1.25e20", "1.25e20"),
            ("inf", "inf", "inf"),
            ("-inf", "-inf", "-inf"),
            ("nan", "nan", "nan"),
            ("-nan", "-nan", "-nan"),
            ("nan:0x1", "nan:0x1", "nan:0x1"),
            ("-nan:0x200000", "-nan:0x200000", "-nan:0x200000"),
            ("nan:0x400000", "nan", "nan:0x400000"),
        ];
        for (text, single, double) in cases {
            for (ty, expected) in [(ValType::F32, single), (ValType::F64, double)] {
                assert_eq!(round(text, ty).as_deref(), Some(expected), "{text}");
                assert_eq!(round(expected, ty).as_deref(), Some(expected), "{text}");
            }
        }
        assert_eq!(round("5e-324", ValType::F64).as_deref(), Some("5e-324"));
        assert_eq!(round("nan:0x8000000000000", ValType::F64).as_deref(), Some("nan"));
        for text in ["x", "", "1e40", "-1e40", "0x1p128", "nan:0x0", "nan:0x800000", "nan:1", "infinity", "1.5f", "1 2"]
        {
            assert_eq!(round(text, ValType::F32), None, "{text}");
        }
        for text in ["1e309", "0x1p1024", "nan:0x10000000000000"] {
            assert_eq!(round(text, ValType::F64), None, "{text}");
        }
    }

    #[test]
    fn vectors_and_references() {
        let cases = [
            ("0x00112233445566778899aabbccddeeff", "i32x4 0xccddeeff 0x8899aabb 0x44556677 0x00112233"),
            ("0x1", "i32x4 0x00000001 0x00000000 0x00000000 0x00000000"),
            ("i8x16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 -1", "i32x4 0x04030201 0x08070605 0x0c0b0a09 0xff0f0e0d"),
            ("i64x2 -1 0x1_0000_0000", "i32x4 0xffffffff 0xffffffff 0x00000000 0x00000001"),
            ("f32x4 1 nan -inf -0", "i32x4 0x3f800000 0x7fc00000 0xff800000 0x80000000"),
        ];
        for (text, expected) in cases {
            assert_eq!(round(text, ValType::V128).as_deref(), Some(expected), "{text}");
            assert_eq!(round(expected, ValType::V128).as_deref(), Some(expected), "{text}");
        }
        for wrong in ["1", "0x", "0x+1", "0x100000000000000000000000000000000", "i32x4 1 2 3", "f32x4 1 2 3 1e40"] {
            assert_eq!(round(wrong, ValType::V128), None, "{wrong}");
        }
        assert_eq!(round("null", ValType::FuncRef).as_deref(), Some("null"));
        assert_eq!(round("1", ValType::ExternRef), None);
    }
}
