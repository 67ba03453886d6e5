//! Arguments and expected results of scripts, against values of the engine.

use wasmote::{ExternRef, F32, F64, Nullable, Ref, RefType, Store, Val};
use wast::{
    WastArg, WastRet,
    core::{AbstractHeapType, HeapType, NanPattern, WastArgCore, WastRetCore},
};

/// The value of an argument. The error names what the engine does not have.
pub(crate) fn argument(store: &mut Store<()>, argument: &WastArg<'_>) -> Result<Val, String> {
    let WastArg::Core(argument) = argument else {
        return Err("unsupported: values of the component model".into());
    };
    Ok(match argument {
        WastArgCore::I32(value) => Val::I32(*value),
        WastArgCore::I64(value) => Val::I64(*value),
        WastArgCore::F32(value) => Val::F32(F32::from_bits(value.bits)),
        WastArgCore::F64(value) => Val::F64(F64::from_bits(value.bits)),
        WastArgCore::RefNull(ty) => Val::from(Ref::null(reference_type(ty)?)),
        WastArgCore::RefExtern(number) => Val::from(ExternRef::new(store, *number)),
        WastArgCore::V128(_) => return Err("unsupported: vectors".into()),
        WastArgCore::RefHost(_) => return Err("unsupported: references of type `any`".into()),
    })
}

/// Whether `results` are what the patterns describe. The error names the first that is not.
pub(crate) fn match_results(store: &Store<()>, patterns: &[WastRet<'_>], results: &[Val]) -> Result<(), String> {
    if patterns.len() != results.len() {
        return Err(format!("expected {} results, got {}", patterns.len(), results.len()));
    }
    for (i, (pattern, result)) in patterns.iter().zip(results).enumerate() {
        let WastRet::Core(pattern) = pattern else {
            return Err("unsupported: values of the component model".into());
        };
        if !matches(store, pattern, result)? {
            let expected = show_pattern(pattern);
            return Err(format!("result {i}: expected {expected}, got {}", show(store, result)));
        }
    }
    Ok(())
}

/// Values as scripts write them.
pub(crate) fn show_all(store: &Store<()>, values: &[Val]) -> String {
    let values: Vec<String> = values.iter().map(|value| show(store, value)).collect();
    values.join(" ")
}

fn matches(store: &Store<()>, pattern: &WastRetCore<'_>, result: &Val) -> Result<bool, String> {
    Ok(match (pattern, result) {
        (WastRetCore::I32(expected), Val::I32(value)) => expected == value,
        (WastRetCore::I64(expected), Val::I64(value)) => expected == value,
        (WastRetCore::F32(pattern), Val::F32(value)) => {
            let bits = value.to_bits();
            match pattern {
                NanPattern::CanonicalNan => bits & 0x7fff_ffff == 0x7fc0_0000,
                NanPattern::ArithmeticNan => bits & 0x7fc0_0000 == 0x7fc0_0000,
                NanPattern::Value(expected) => expected.bits == bits,
            }
        }
        (WastRetCore::F64(pattern), Val::F64(value)) => {
            let bits = value.to_bits();
            match pattern {
                NanPattern::CanonicalNan => bits & 0x7fff_ffff_ffff_ffff == 0x7ff8_0000_0000_0000,
                NanPattern::ArithmeticNan => bits & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000,
                NanPattern::Value(expected) => expected.bits == bits,
            }
        }
        (WastRetCore::RefNull(None), Val::FuncRef(Nullable::Null) | Val::ExternRef(Nullable::Null)) => true,
        (WastRetCore::RefNull(Some(ty)), Val::FuncRef(func)) => func.is_null() && reference_type(ty)? == RefType::Func,
        (WastRetCore::RefNull(Some(ty)), Val::ExternRef(object)) => {
            object.is_null() && reference_type(ty)? == RefType::Extern
        }
        (WastRetCore::RefFunc(None), Val::FuncRef(func)) => !func.is_null(),
        (WastRetCore::RefExtern(None), Val::ExternRef(object)) => !object.is_null(),
        (WastRetCore::RefExtern(Some(expected)), Val::ExternRef(Nullable::Val(object))) => {
            object.data(store).downcast_ref() == Some(expected)
        }
        (WastRetCore::Either(patterns), result) => {
            for pattern in patterns {
                if matches(store, pattern, result)? {
                    return Ok(true);
                }
            }
            false
        }
        (WastRetCore::V128(_), _) => return Err("unsupported: vectors".into()),
        (WastRetCore::RefFunc(Some(_)), _) => return Err("unsupported: the index of a function reference".into()),
        (
            WastRetCore::RefHost(_)
            | WastRetCore::RefAny
            | WastRetCore::RefEq
            | WastRetCore::RefArray
            | WastRetCore::RefStruct
            | WastRetCore::RefI31
            | WastRetCore::RefI31Shared,
            _,
        ) => return Err("unsupported: references to garbage-collected objects".into()),
        _ => false,
    })
}

fn reference_type(ty: &HeapType<'_>) -> Result<RefType, String> {
    match ty {
        HeapType::Abstract { shared: false, ty: AbstractHeapType::Func } => Ok(RefType::Func),
        HeapType::Abstract { shared: false, ty: AbstractHeapType::Extern } => Ok(RefType::Extern),
        _ => Err(format!("unsupported: references of type {ty:?}")),
    }
}

/// A pattern as scripts write it.
fn show_pattern(pattern: &WastRetCore<'_>) -> String {
    match pattern {
        WastRetCore::I32(value) => format!("(i32.const {value})"),
        WastRetCore::I64(value) => format!("(i64.const {value})"),
        WastRetCore::F32(NanPattern::CanonicalNan) => "(f32.const nan:canonical)".into(),
        WastRetCore::F32(NanPattern::ArithmeticNan) => "(f32.const nan:arithmetic)".into(),
        WastRetCore::F32(NanPattern::Value(value)) => show_f32(value.bits),
        WastRetCore::F64(NanPattern::CanonicalNan) => "(f64.const nan:canonical)".into(),
        WastRetCore::F64(NanPattern::ArithmeticNan) => "(f64.const nan:arithmetic)".into(),
        WastRetCore::F64(NanPattern::Value(value)) => show_f64(value.bits),
        WastRetCore::RefExtern(Some(number)) => format!("(ref.extern {number})"),
        WastRetCore::Either(patterns) => {
            let patterns: Vec<String> = patterns.iter().map(show_pattern).collect();
            format!("(either {})", patterns.join(" "))
        }
        other => format!("{other:?}"),
    }
}

fn show(store: &Store<()>, value: &Val) -> String {
    match value {
        Val::I32(value) => format!("(i32.const {value})"),
        Val::I64(value) => format!("(i64.const {value})"),
        Val::F32(value) => show_f32(value.to_bits()),
        Val::F64(value) => show_f64(value.to_bits()),
        Val::V128(value) => format!("(v128.const i64x2 {:#x})", value.as_u128()),
        Val::FuncRef(Nullable::Null) => "(ref.null func)".into(),
        Val::FuncRef(Nullable::Val(_)) => "(ref.func)".into(),
        Val::ExternRef(Nullable::Null) => "(ref.null extern)".into(),
        Val::ExternRef(Nullable::Val(object)) => match object.data(store).downcast_ref::<u32>() {
            Some(number) => format!("(ref.extern {number})"),
            None => "(ref.extern)".into(),
        },
    }
}

/// With the bits, since values that differ may print alike.
fn show_f32(bits: u32) -> String {
    format!("(f32.const {:?} = {bits:#010x})", f32::from_bits(bits))
}

fn show_f64(bits: u64) -> String {
    format!("(f64.const {:?} = {bits:#018x})", f64::from_bits(bits))
}
