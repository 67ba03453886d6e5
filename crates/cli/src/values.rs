//! Values on the command line: parses arguments and prints results.

use wasmote::{FuncType, V128, Val, ValType};

use crate::failure::Failure;

/// Parses the arguments of the function `name`.
pub(crate) fn parse_args(name: &str, ty: &FuncType, args: &[String]) -> Result<Vec<Val>, Failure> {
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

/// Returns a hint if an argument looks like an option. After the first argument, options are taken as arguments.
fn misplaced_option(args: &[String]) -> Option<String> {
    let option = args.iter().find(|arg| arg.starts_with("--"))?;
    Some(format!("options go before the arguments, so `{option}` was taken as an argument"))
}

/// Parses a value of a type. The error names the expected notation.
fn parse(text: &str, ty: ValType) -> Result<Val, &'static str> {
    const FLOAT: &str = "expected a decimal number like -1.5 or 2e10, inf, -inf or nan";
    let float = text.replace('_', "");
    match ty {
        ValType::I32 => {
            let value =
                integer(text, 32).ok_or("expected an integer, decimal or 0x…, from -2147483648 to 4294967295")?;
            // Values above the signed range have the bits of negative values.
            Ok(Val::I32(value as u32 as i32))
        }
        ValType::I64 => {
            const EXPECTED: &str =
                "expected an integer, decimal or 0x…, from -9223372036854775808 to 18446744073709551615";
            Ok(Val::I64(integer(text, 64).ok_or(EXPECTED)?.cast_signed()))
        }
        ValType::F32 => float.parse::<f32>().map(Val::from).map_err(|_| FLOAT),
        ValType::F64 => float.parse::<f64>().map(Val::from).map_err(|_| FLOAT),
        ValType::Ref(ty) if text == "null" && ty.is_nullable() => Ok(Val::default_for_ty(ty.into())),
        ValType::Ref(_) => Err("the only reference that can be passed is `null`"),
        ValType::V128 => {
            let digits = text.strip_prefix("0x").map(|digits| digits.replace('_', ""));
            let bits = digits
                .filter(|digits| !digits.starts_with('+'))
                .and_then(|digits| u128::from_str_radix(&digits, 16).ok());
            bits.map(|bits| V128::from(bits).into())
                .ok_or("expected a vector as up to 32 hexadecimal digits after 0x, lane 0 last")
        }
        _ => Err("values of this type cannot be written"),
    }
}

/// Parses an integer of `bits` bits, signed or unsigned. Returns its bits.
fn integer(text: &str, bits: u32) -> Option<u64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => (16, digits),
        None => (10, digits),
    };
    // The standard library would accept a second sign.
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let magnitude = u64::from_str_radix(&digits.replace('_', ""), radix).ok()?;
    let greatest = if negative { 1 << (bits - 1) } else { u64::MAX >> (64 - bits) };
    if magnitude > greatest {
        return None;
    }
    Some(if negative { magnitude.wrapping_neg() } else { magnitude })
}

/// Returns a result as text.
pub(crate) fn show(value: &Val) -> String {
    match value {
        Val::I32(value) => value.to_string(),
        Val::I64(value) => value.to_string(),
        Val::F32(value) => value.to_float().to_string(),
        Val::F64(value) => value.to_float().to_string(),
        Val::V128(value) => format!("{:#034x}", value.as_u128()),
        Val::FuncRef(func) if func.is_null() => "null".into(),
        Val::ExternRef(object) if object.is_null() => "null".into(),
        Val::FuncRef(_) => "funcref".into(),
        Val::ExternRef(_) => "externref".into(),
        _ => "(unknown)".into(),
    }
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
    fn floats_vectors_and_references() {
        assert_eq!(round("-1.5", ValType::F32).as_deref(), Some("-1.5"));
        assert_eq!(round("-inf", ValType::F64).as_deref(), Some("-inf"));
        assert_eq!(round("nan", ValType::F64).as_deref(), Some("NaN"));
        assert_eq!(round("x", ValType::F64), None);
        let vector = "0x00112233445566778899aabbccddeeff";
        assert_eq!(round(vector, ValType::V128).as_deref(), Some(vector));
        assert_eq!(round("0x1", ValType::V128).as_deref(), Some("0x00000000000000000000000000000001"));
        for wrong in ["1", "0x", "0x+1", "0x100000000000000000000000000000000"] {
            assert_eq!(round(wrong, ValType::V128), None, "{wrong}");
        }
        assert_eq!(round("null", ValType::FuncRef).as_deref(), Some("null"));
        assert_eq!(round("1", ValType::ExternRef), None);
    }
}
