//! Values and patterns in messages, as scripts write them.

use wast::{
    core::{HeapType, NanPattern, V128Pattern, WastRetCore},
    token::{F32, F64, Index},
};

use crate::{
    pattern::lanes,
    value::{Hierarchy, Object, Value},
};

/// Returns values as scripts write them.
pub(crate) fn show_all(values: &[Value]) -> String {
    let values: Vec<String> = values.iter().copied().map(show).collect();
    values.join(" ")
}

/// Returns a value as scripts write it.
pub(crate) fn show(value: Value) -> String {
    match value {
        Value::I32(value) => format!("(i32.const {value})"),
        Value::I64(value) => format!("(i64.const {value})"),
        Value::F32(bits) => show_f32(bits),
        Value::F64(bits) => show_f64(bits),
        Value::V128(bytes) => {
            let lanes = lanes::<4, 4>(bytes).map(|lane| format!("{:#010x}", u32::from_le_bytes(lane)));
            format!("(v128.const i32x4 {})", lanes.join(" "))
        }
        Value::Null(hierarchy) => format!("(ref.null {})", hierarchy.name()),
        Value::Ref(object) => match object {
            Object::Func(_) => "(ref.func)".into(),
            Object::Extern(Some(number)) => format!("(ref.extern {number})"),
            Object::Extern(None) => "(ref.extern)".into(),
            Object::Host(Some(number)) => format!("(ref.host {number})"),
            Object::Host(None) => "(ref.host)".into(),
            Object::I31 { shared: false } => "(ref.i31)".into(),
            Object::I31 { shared: true } => "(ref.i31_shared)".into(),
            Object::Struct => "(ref.struct)".into(),
            Object::Array => "(ref.array)".into(),
            Object::Exn => "(ref.exn)".into(),
        },
    }
}

/// Returns a pattern as scripts write it.
pub(crate) fn show_pattern(pattern: &WastRetCore<'_>) -> String {
    match pattern {
        WastRetCore::I32(value) => format!("(i32.const {value})"),
        WastRetCore::I64(value) => format!("(i64.const {value})"),
        WastRetCore::F32(NanPattern::Value(value)) => show_f32(value.bits),
        WastRetCore::F32(pattern) => format!("(f32.const {})", show_nan(pattern, |_| String::new())),
        WastRetCore::F64(NanPattern::Value(value)) => show_f64(value.bits),
        WastRetCore::F64(pattern) => format!("(f64.const {})", show_nan(pattern, |_| String::new())),
        WastRetCore::V128(pattern) => format!("(v128.const {})", show_lanes(pattern)),
        WastRetCore::RefNull(None) => "(ref.null)".into(),
        WastRetCore::RefNull(Some(ty)) => format!("(ref.null {})", show_heap_type(ty)),
        WastRetCore::RefExtern(None) => "(ref.extern)".into(),
        WastRetCore::RefExtern(Some(number)) => format!("(ref.extern {number})"),
        WastRetCore::RefHost(number) => format!("(ref.host {number})"),
        WastRetCore::RefFunc(None) => "(ref.func)".into(),
        WastRetCore::RefFunc(Some(index)) => format!("(ref.func {})", show_index(index)),
        WastRetCore::RefAny => "(ref.any)".into(),
        WastRetCore::RefEq => "(ref.eq)".into(),
        WastRetCore::RefArray => "(ref.array)".into(),
        WastRetCore::RefStruct => "(ref.struct)".into(),
        WastRetCore::RefI31 => "(ref.i31)".into(),
        WastRetCore::RefI31Shared => "(ref.i31_shared)".into(),
        WastRetCore::Either(patterns) => {
            let patterns: Vec<String> = patterns.iter().map(show_pattern).collect();
            format!("(either {})", patterns.join(" "))
        }
    }
}

/// Returns an index as scripts write it.
pub(crate) fn show_index(index: &Index<'_>) -> String {
    match index {
        Index::Num(number, _) => number.to_string(),
        Index::Id(id) => format!("${}", id.name()),
    }
}

fn show_lanes(pattern: &V128Pattern) -> String {
    match pattern {
        V128Pattern::I8x16(lanes) => format!("i8x16 {}", lanes.map(|lane| lane.to_string()).join(" ")),
        V128Pattern::I16x8(lanes) => format!("i16x8 {}", lanes.map(|lane| lane.to_string()).join(" ")),
        V128Pattern::I32x4(lanes) => format!("i32x4 {}", lanes.map(|lane| format!("{lane:#010x}")).join(" ")),
        V128Pattern::I64x2(lanes) => format!("i64x2 {}", lanes.map(|lane| format!("{lane:#018x}")).join(" ")),
        V128Pattern::F32x4(lanes) => {
            let lane = |lane| show_nan(lane, |value: &F32| format!("{:?}", f32::from_bits(value.bits)));
            format!("f32x4 {}", lanes.each_ref().map(lane).join(" "))
        }
        V128Pattern::F64x2(lanes) => {
            let lane = |lane| show_nan(lane, |value: &F64| format!("{:?}", f64::from_bits(value.bits)));
            format!("f64x2 {}", lanes.each_ref().map(lane).join(" "))
        }
    }
}

fn show_nan<T>(pattern: &NanPattern<T>, value: impl Fn(&T) -> String) -> String {
    match pattern {
        NanPattern::CanonicalNan => "nan:canonical".into(),
        NanPattern::ArithmeticNan => "nan:arithmetic".into(),
        NanPattern::Value(number) => value(number),
    }
}

fn show_heap_type(ty: &HeapType<'_>) -> String {
    match ty {
        HeapType::Concrete(index) | HeapType::Exact(index) => show_index(index),
        HeapType::Abstract { .. } => Hierarchy::of(ty).map_or("", Hierarchy::name).into(),
    }
}

/// Includes the bits, since values that differ may print alike.
fn show_f32(bits: u32) -> String {
    format!("(f32.const {:?} = {bits:#010x})", f32::from_bits(bits))
}

fn show_f64(bits: u64) -> String {
    format!("(f64.const {:?} = {bits:#018x})", f64::from_bits(bits))
}
