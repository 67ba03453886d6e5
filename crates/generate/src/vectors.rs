//! The operators on vectors, by what they take and return.

/// A vector. None of them computes a NaN that engines may choose.
pub(crate) const UNARY: [&str; 38] = [
    "v128.not",
    "i8x16.abs",
    "i8x16.neg",
    "i8x16.popcnt",
    "i16x8.abs",
    "i16x8.neg",
    "i32x4.abs",
    "i32x4.neg",
    "i64x2.abs",
    "i64x2.neg",
    "f32x4.abs",
    "f32x4.neg",
    "f64x2.abs",
    "f64x2.neg",
    "i16x8.extend_low_i8x16_s",
    "i16x8.extend_low_i8x16_u",
    "i16x8.extend_high_i8x16_s",
    "i16x8.extend_high_i8x16_u",
    "i32x4.extend_low_i16x8_s",
    "i32x4.extend_low_i16x8_u",
    "i32x4.extend_high_i16x8_s",
    "i32x4.extend_high_i16x8_u",
    "i64x2.extend_low_i32x4_s",
    "i64x2.extend_low_i32x4_u",
    "i64x2.extend_high_i32x4_s",
    "i64x2.extend_high_i32x4_u",
    "i16x8.extadd_pairwise_i8x16_s",
    "i16x8.extadd_pairwise_i8x16_u",
    "i32x4.extadd_pairwise_i16x8_s",
    "i32x4.extadd_pairwise_i16x8_u",
    "f32x4.convert_i32x4_s",
    "f32x4.convert_i32x4_u",
    "f64x2.convert_low_i32x4_s",
    "f64x2.convert_low_i32x4_u",
    "i32x4.trunc_sat_f32x4_s",
    "i32x4.trunc_sat_f32x4_u",
    "i32x4.trunc_sat_f64x2_s_zero",
    "i32x4.trunc_sat_f64x2_u_zero",
];

/// A vector of integers or of floats. The lanes of the results, and the operators.
pub(crate) const UNARY_OF_FLOATS: [(&str, &str); 12] = [
    ("f32x4", "f32x4.sqrt"),
    ("f32x4", "f32x4.ceil"),
    ("f32x4", "f32x4.floor"),
    ("f32x4", "f32x4.trunc"),
    ("f32x4", "f32x4.nearest"),
    ("f32x4", "f32x4.demote_f64x2_zero"),
    ("f64x2", "f64x2.sqrt"),
    ("f64x2", "f64x2.ceil"),
    ("f64x2", "f64x2.floor"),
    ("f64x2", "f64x2.trunc"),
    ("f64x2", "f64x2.nearest"),
    ("f64x2", "f64x2.promote_low_f32x4"),
];

/// Two vectors of floats. The NaN of the results may differ.
pub(crate) const BINARY_OF_FLOATS: [&str; 6] = ["add", "sub", "mul", "div", "min", "max"];

/// Two vectors of integers, by the lanes.
pub(crate) const BINARY: [(&str, &[&str]); 7] = [
    ("v128", &["and", "or", "xor", "andnot"]),
    (
        "i8x16",
        &[
            "add",
            "sub",
            "add_sat_s",
            "add_sat_u",
            "sub_sat_s",
            "sub_sat_u",
            "min_s",
            "min_u",
            "max_s",
            "max_u",
            "avgr_u",
            "eq",
            "ne",
            "lt_s",
            "lt_u",
            "gt_s",
            "gt_u",
            "le_s",
            "le_u",
            "ge_s",
            "ge_u",
            "swizzle",
            "narrow_i16x8_s",
            "narrow_i16x8_u",
        ],
    ),
    (
        "i16x8",
        &[
            "add",
            "sub",
            "mul",
            "add_sat_s",
            "add_sat_u",
            "sub_sat_s",
            "sub_sat_u",
            "min_s",
            "min_u",
            "max_s",
            "max_u",
            "avgr_u",
            "eq",
            "ne",
            "lt_s",
            "lt_u",
            "gt_s",
            "gt_u",
            "le_s",
            "le_u",
            "ge_s",
            "ge_u",
            "q15mulr_sat_s",
            "narrow_i32x4_s",
            "narrow_i32x4_u",
            "extmul_low_i8x16_s",
            "extmul_low_i8x16_u",
            "extmul_high_i8x16_s",
            "extmul_high_i8x16_u",
        ],
    ),
    (
        "i32x4",
        &[
            "add",
            "sub",
            "mul",
            "min_s",
            "min_u",
            "max_s",
            "max_u",
            "eq",
            "ne",
            "lt_s",
            "lt_u",
            "gt_s",
            "gt_u",
            "le_s",
            "le_u",
            "ge_s",
            "ge_u",
            "dot_i16x8_s",
            "extmul_low_i16x8_s",
            "extmul_low_i16x8_u",
            "extmul_high_i16x8_s",
            "extmul_high_i16x8_u",
        ],
    ),
    (
        "i64x2",
        &[
            "add",
            "sub",
            "mul",
            "eq",
            "ne",
            "lt_s",
            "gt_s",
            "le_s",
            "ge_s",
            "extmul_low_i32x4_s",
            "extmul_low_i32x4_u",
            "extmul_high_i32x4_s",
            "extmul_high_i32x4_u",
        ],
    ),
    ("f32x4", &["eq", "ne", "lt", "gt", "le", "ge", "pmin", "pmax"]),
    ("f64x2", &["eq", "ne", "lt", "gt", "le", "ge", "pmin", "pmax"]),
];

/// A vector and a number of bits; after the lanes.
pub(crate) const SHIFTS: [&str; 3] = ["shl", "shr_s", "shr_u"];
/// The lanes of integers.
pub(crate) const INTEGER_LANES: [&str; 4] = ["i8x16", "i16x8", "i32x4", "i64x2"];

/// A vector; the result is an `i32`.
pub(crate) const TESTS: [&str; 9] = [
    "v128.any_true",
    "i8x16.all_true",
    "i16x8.all_true",
    "i32x4.all_true",
    "i64x2.all_true",
    "i8x16.bitmask",
    "i16x8.bitmask",
    "i32x4.bitmask",
    "i64x2.bitmask",
];

/// What `v128.load` ends with; the whole vector most often.
pub(crate) const LOADS: [&str; 15] = [
    "", "", "", "8x8_s", "8x8_u", "16x4_s", "16x4_u", "32x2_s", "32x2_u", "8_splat", "16_splat", "32_splat",
    "64_splat", "32_zero", "64_zero",
];

/// The bits and the number of lanes.
pub(crate) const LANES: [(u32, u64); 4] = [(8, 16), (16, 8), (32, 4), (64, 2)];
