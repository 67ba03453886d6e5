//! Which operands of value ops are integers or references, and so may be in the accumulator of these. Names of rows are those
//! of their operators, which tell.

use crate::ir::{opcode::Row, shape::Shape};

/// Whether a type of floats comes first, or last, among the types that the name of an op names.
fn names_float(row: Row, last: bool) -> bool {
    let mut tokens = row.name().split('_').filter(|token| matches!(*token, "i32" | "i64" | "f32" | "f64"));
    let token = if last { tokens.next_back() } else { tokens.next() };
    matches!(token, Some("f32" | "f64"))
}

/// Whether lanes of the vectors that an op works on are floats.
fn has_float_lanes(row: Row) -> bool {
    row.name().starts_with("f32x4") || row.name().starts_with("f64x2")
}

/// Whether operand `i` of an op on values, which it reads, is an integer or a reference.
pub(super) fn reads_integer(row: Row, i: usize) -> bool {
    if row.facts().vectors >> i & 1 != 0 {
        return false;
    }
    match row.shape() {
        Shape::unary if row.name().ends_with("_splat") => !has_float_lanes(row),
        Shape::unary => !names_float(row, true),
        Shape::replace_lane => !has_float_lanes(row),
        Shape::binary | Shape::binary_wide | Shape::ternary => !names_float(row, false),
        Shape::branch_compare | Shape::branch_compare_wide => !names_float(row, false),
        // The address comes first.
        Shape::store => i == 0 || !names_float(row, false),
        Shape::store_shared => i == 0 || !names_float(row, false),
        // The condition comes first after the result.
        Shape::select => i == 1 || !names_float(row, true),
        Shape::copy | Shape::ret_value => !names_float(row, true),
        _ => true,
    }
}

/// Whether the result of an op on values is an integer or a reference.
pub(super) fn gives_integer(row: Row) -> bool {
    if row.facts().vectors & 1 != 0 {
        return false;
    }
    match row.shape() {
        Shape::extract_lane => !has_float_lanes(row),
        Shape::binary | Shape::binary_wide => {
            let compares = ["_eq", "_ne", "_lt", "_le", "_gt", "_ge"];
            !names_float(row, false) || compares.iter().any(|end| row.name().ends_with(end))
        }
        Shape::unary | Shape::ternary => !names_float(row, false),
        Shape::load | Shape::load_any | Shape::load_sum | Shape::load_shared | Shape::load_any_shared => {
            !names_float(row, false)
        }
        Shape::select | Shape::copy => !names_float(row, true),
        _ => true,
    }
}
