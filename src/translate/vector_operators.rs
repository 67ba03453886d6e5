//! Vector operators: decodes each by its number, validates it, charges fuel, and translates it.

use crate::{
    config::{costs::OperatorCost, proposals::Proposal},
    error::Error,
    ir::opcode::Row,
    translate::{memory::Target, rare::Immediates, visitor::Visitor},
    types::repr::{F32, F64, I32, I64, Ty},
};

/// What a vector operator takes and computes (`operators/vector.rs`).
#[expect(non_camel_case_types, reason = "named as in the lists")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    constant_v128,
    shuffle_v128,
    unary_v128,
    binary_v128,
    ternary_v128,
    shift_v128,
    test_v128,
    splat_v128,
    extract_v128,
    replace_v128,
    load_v128,
    store_v128,
    load_lane,
    store_lane,
}

/// A vector operator.
#[derive(Debug, Clone, Copy)]
struct VectorOperator {
    kind: Kind,
    row: Row,
    /// Of loads and stores of whole vectors: the row for any memory and any offset.
    general: Row,
    /// The type of the number that it takes or computes.
    number: Ty,
    /// The number of lanes.
    lanes: u8,
    /// Of loads and stores: the logarithm of the natural alignment.
    align: u8,
    /// Whether it computes with floats.
    floats: bool,
    cost: fn(&OperatorCost) -> u64,
}

/// One more than the greatest number.
const COUNT: usize = 0x114;
/// The first number of relaxed SIMD.
const RELAXED: u32 = 0x100;
/// The number of bytes that a `shuffle` chooses from.
const SHUFFLED: u8 = 32;

static OPERATORS: [Option<VectorOperator>; COUNT] = {
    let mut table = [None; COUNT];
    put_vectors(&mut table);
    put_lanes(&mut table);
    put_accesses(&mut table);
    put_lane_accesses(&mut table);
    table
};

/// Whether the operator of this name computes with lanes that are floats.
const fn has_floats(name: &str) -> bool {
    let name = name.as_bytes();
    let mut at = 0;
    while at + 5 <= name.len() {
        let (_, rest) = name.split_at(at);
        if let [b'f', b'3', b'2', b'x', b'4', ..] | [b'f', b'6', b'4', b'x', b'2', ..] = rest {
            return true;
        }
        at += 1;
    }
    false
}

/// The row of an operator. Those of relaxed SIMD whose fixed result is that of another operator have its row.
macro_rules! row_of {
    (i8x16_relaxed_swizzle) => {
        Row::i8x16_swizzle
    };
    (i32x4_relaxed_trunc_f32x4_s) => {
        Row::i32x4_trunc_sat_f32x4_s
    };
    (i32x4_relaxed_trunc_f32x4_u) => {
        Row::i32x4_trunc_sat_f32x4_u
    };
    (i32x4_relaxed_trunc_f64x2_s_zero) => {
        Row::i32x4_trunc_sat_f64x2_s_zero
    };
    (i32x4_relaxed_trunc_f64x2_u_zero) => {
        Row::i32x4_trunc_sat_f64x2_u_zero
    };
    (i8x16_relaxed_laneselect) => {
        Row::v128_bitselect
    };
    (i16x8_relaxed_laneselect) => {
        Row::v128_bitselect
    };
    (i32x4_relaxed_laneselect) => {
        Row::v128_bitselect
    };
    (i64x2_relaxed_laneselect) => {
        Row::v128_bitselect
    };
    (f32x4_relaxed_min) => {
        Row::f32x4_min
    };
    (f32x4_relaxed_max) => {
        Row::f32x4_max
    };
    (f64x2_relaxed_min) => {
        Row::f64x2_min
    };
    (f64x2_relaxed_max) => {
        Row::f64x2_max
    };
    (i16x8_relaxed_q15mulr_s) => {
        Row::i16x8_q15mulr_sat_s
    };
    ($name:ident) => {
        Row::$name
    };
}

macro_rules! vectors {
    ($($kind:ident $number:literal $visit:ident $row:ident $input:ident = $cost:literal;)*) => {
        const fn put_vectors(table: &mut [Option<VectorOperator>; COUNT]) {
            $( table[$number] = Some(VectorOperator {
                kind: Kind::$kind,
                row: row_of!($row),
                general: row_of!($row),
                number: Ty::$input,
                lanes: 0,
                align: 0,
                floats: has_floats(stringify!($row)),
                cost: OperatorCost::$visit,
            }); )*
        }
    };
}
for_each_vector!(vectors);

macro_rules! lanes {
    ($($kind:ident $number:literal $visit:ident $row:ident $lanes:literal $ty:ident = $cost:literal;)*) => {
        const fn put_lanes(table: &mut [Option<VectorOperator>; COUNT]) {
            $( table[$number] = Some(VectorOperator {
                kind: Kind::$kind,
                row: Row::$row,
                general: Row::$row,
                number: $ty,
                lanes: $lanes,
                align: 0,
                floats: has_floats(stringify!($row)),
                cost: OperatorCost::$visit,
            }); )*
        }
    };
}
for_each_vector_lane!(lanes);

macro_rules! accesses {
    ($($kind:ident $number:literal $visit:ident $row:ident $general:ident $align:literal = $cost:literal;)*) => {
        const fn put_accesses(table: &mut [Option<VectorOperator>; COUNT]) {
            $( table[$number] = Some(VectorOperator {
                kind: Kind::$kind,
                row: Row::$row,
                general: Row::$general,
                number: I32,
                lanes: 0,
                align: $align,
                floats: false,
                cost: OperatorCost::$visit,
            }); )*
        }
    };
}
for_each_vector_access!(accesses);

macro_rules! lane_accesses {
    ($($kind:ident $number:literal $visit:ident $row:ident $lanes:literal = $cost:literal;)*) => {
        const fn put_lane_accesses(table: &mut [Option<VectorOperator>; COUNT]) {
            $( table[$number] = Some(VectorOperator {
                kind: Kind::$kind,
                row: Row::$row,
                general: Row::$row,
                number: I32,
                lanes: $lanes,
                // A lane has 16 bytes divided by the number of lanes.
                align: 4 - ($lanes as u8).trailing_zeros() as u8,
                floats: false,
                cost: OperatorCost::$visit,
            }); )*
        }
    };
}
for_each_vector_lane_access!(lane_accesses);

impl Visitor<'_> {
    /// Handles a vector operator, after its first byte.
    pub(super) fn vector(&mut self, immediates: &mut Immediates<'_>) -> Result<(), Error> {
        let number = immediates.index()?;
        let Some(operator) = OPERATORS.get(number as usize).copied().flatten() else {
            return Err(self.builder.stack.validation.error(&alloc::format!("illegal opcode: 0xfd {number:#x}")));
        };
        let proposal = if number < RELAXED { Proposal::Simd } else { Proposal::RelaxedSimd };
        let VectorOperator { kind, row, general, number, lanes, align: natural, floats, cost } = operator;
        let (mut bytes, mut align, mut target, mut lane) = ([0; 16], 0, Target { memory: 0, offset: 0 }, 0);
        match kind {
            Kind::constant_v128 => bytes = immediates.sixteen_bytes()?,
            Kind::shuffle_v128 => {
                for lane in &mut bytes {
                    *lane = immediates.byte()?;
                }
            }
            Kind::extract_v128 | Kind::replace_v128 => lane = immediates.byte()?,
            Kind::load_v128 | Kind::store_v128 => (align, target) = immediates.memarg()?,
            Kind::load_lane | Kind::store_lane => {
                (align, target) = immediates.memarg()?;
                lane = immediates.byte()?;
            }
            _ => {}
        }
        let validation = &mut self.builder.stack.validation;
        validation.require(proposal)?;
        validation.begin();
        if floats {
            validation.check_number(F32)?;
        }
        let mut addr = I32;
        if let Kind::load_v128 | Kind::store_v128 | Kind::load_lane | Kind::store_lane = kind {
            addr = validation.memarg(align, natural, target.memory, target.offset)?;
        }
        if lanes > 0 {
            validation.check_lane(lane, lanes)?;
        }
        match kind {
            Kind::constant_v128 => validation.push_vector()?,
            Kind::shuffle_v128 => {
                bytes.iter().try_for_each(|&lane| validation.check_lane(lane, SHUFFLED))?;
                validation.vectors(2)?;
            }
            Kind::unary_v128 => validation.vectors(1)?,
            Kind::binary_v128 => validation.vectors(2)?,
            Kind::ternary_v128 => validation.vectors(3)?,
            Kind::shift_v128 => validation.shifted_vector()?,
            Kind::test_v128 => validation.number_of_vector(I32)?,
            Kind::splat_v128 => validation.vector_of_number(number)?,
            Kind::extract_v128 => validation.number_of_vector(number)?,
            Kind::replace_v128 => validation.vector_and_number(number)?,
            Kind::load_v128 => validation.vector_of_number(addr)?,
            Kind::store_v128 | Kind::store_lane => validation.store_vector(addr)?,
            Kind::load_lane => validation.load_lane(addr)?,
        }
        let Some(builder) = self.charged(cost) else { return Ok(()) };
        match kind {
            Kind::constant_v128 => builder.constant_v128(bytes),
            Kind::shuffle_v128 => builder.shuffle_v128(bytes),
            Kind::unary_v128 => {
                builder.unary_v128(row);
                builder.canonicalize(row);
            }
            Kind::binary_v128 => {
                builder.binary_v128(row);
                builder.canonicalize(row);
            }
            Kind::ternary_v128 => {
                builder.ternary_v128(row);
                builder.canonicalize(row);
            }
            Kind::shift_v128 => builder.shift_v128(row),
            Kind::test_v128 => builder.test_v128(row),
            Kind::splat_v128 => builder.splat_v128(row, number),
            Kind::extract_v128 => builder.extract_v128(row, lane, number),
            Kind::replace_v128 => builder.replace_v128(row, lane, number),
            Kind::load_v128 => builder.load_v128(row, general, target),
            Kind::store_v128 => builder.store_v128(row, general, target),
            Kind::load_lane => builder.load_lane(row, target, lane),
            Kind::store_lane => builder.store_lane(row, target, lane),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{OPERATORS, has_floats};

    #[test]
    fn all_numbers_but_those_reserved_are_operators() {
        let missing: alloc::vec::Vec<_> = OPERATORS
            .iter()
            .zip(0_u32..)
            .filter(|(operator, _)| operator.is_none())
            .map(|(_, number)| number)
            .collect();
        assert_eq!(
            missing,
            [
                0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2, 0xb3, 0xb4, 0xbb, 0xc2, 0xc5, 0xc6, 0xcf, 0xd0, 0xd2, 0xd3,
                0xd4, 0xe2, 0xee
            ]
        );
    }

    #[test]
    fn operators_on_floats_are_known_by_their_names() {
        assert!(has_floats("f32x4_add") && has_floats("i32x4_trunc_sat_f64x2_s_zero") && !has_floats("i64x2_add"));
    }
}
