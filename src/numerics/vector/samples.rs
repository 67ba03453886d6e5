//! Operands for the tests of vector operators: those at the borders of every kind of lane, and pseudo-random ones.

use alloc::vec::Vec;
use core::fmt::Debug;

use crate::{numerics::vector::lanes::Vector, types::V128};

/// How many pairs are pseudo-random.
const RANDOM_PAIRS: usize = 600;

/// Pseudo-random numbers, the same in each run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }

    pub(crate) fn u64(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub(crate) fn vector(&mut self) -> Vector {
        Vector::from_lanes([self.u64(), self.u64()])
    }
}

/// All pairs of `edges`, then pairs made by `random`.
fn pairs_of(edges: &[Vector], mut random: impl FnMut() -> Vector) -> Vec<(Vector, Vector)> {
    let edges = edges.iter().flat_map(|&a| edges.iter().map(move |&b| (a, b)));
    let mut pairs: Vec<_> = edges.collect();
    pairs.extend((0..RANDOM_PAIRS).map(|_| (random(), random())));
    pairs
}

/// Pairs for integer lanes of `bits` bits: in each lane, every pair of values at a border is there.
pub(crate) fn integer_pairs(bits: u32) -> Vec<(Vector, Vector)> {
    let top = 1_u64 << (bits - 1);
    let ones = top | (top - 1);
    let alternating = 0x5555_5555_5555_5555 & ones;
    let values = [0, 1, 2, 3, top - 1, top, top + 1, ones - 1, ones, top >> 1, alternating, ones ^ alternating];
    let edges: Vec<Vector> = (0..values.len())
        .map(|first| {
            let lane = |i: usize| u128::from(values[(first + i) % values.len()]) << (i * bits as usize);
            Vector::from(V128::from((0..128 / bits as usize).map(lane).sum::<u128>()))
        })
        .collect();
    let mut random = Random::new();
    pairs_of(&edges, || random.vector())
}

macro_rules! float_pairs {
    ($name:ident, $ty:ident, $bits:ident, $count:literal, $digits:literal) => {
        /// Pairs for float lanes: zeros, numbers at the borders of rounding, of integers and of the type, and NaN.
        pub(crate) fn $name() -> Vec<(Vector, Vector)> {
            let quiet = 1 << ($digits - 2);
            let infinite = $ty::INFINITY.to_bits();
            let integral = (1_u64 << ($digits - 1)) as $ty;
            let mut values = alloc::vec![
                0.0,
                $ty::from_bits(1),
                $ty::MIN_POSITIVE,
                $ty::MIN_POSITIVE.next_down(),
                $ty::MAX,
                $ty::INFINITY,
                // NaN: canonical, signaling, quiet with more bits
                $ty::from_bits(infinite | quiet),
                $ty::from_bits(infinite | 1),
                $ty::from_bits(infinite | quiet >> 1),
                $ty::from_bits(infinite | quiet | 5),
                integral.next_down(),
                integral,
                integral / 2.0 + 0.5,
                integral * 2.0,
                3e-20,
                1e20,
            ];
            for near in [0.5, 1.0, 1.5, 2.5, 2_147_483_648.0, 4_294_967_296.0] {
                values.extend([($ty::next_down)(near), near, near.next_up()]);
            }
            let negative: Vec<$ty> =
                values.iter().map(|value| $ty::from_bits(value.to_bits() ^ 1 << ($bits::BITS - 1))).collect();
            values.extend(negative);
            let lanes = |first: usize| core::array::from_fn::<$ty, $count, _>(|i| values[(first + i) % values.len()]);
            let edges: Vec<Vector> = (0..values.len()).map(|first| Vector::from_lanes(lanes(first))).collect();
            let mut random = Random::new();
            pairs_of(&edges, || {
                // Any bits in the lower lanes, numbers of about the same magnitude in the upper ones.
                let mut lanes = random.vector().lanes::<[$bits; $count]>();
                for lane in &mut lanes[$count / 2..] {
                    let exponent = $ty::MAX_EXP as $bits - 4 + *lane % 40;
                    let sign_and_fraction = *lane & !infinite;
                    *lane = sign_and_fraction | exponent << ($digits - 1);
                }
                Vector::from_lanes(lanes)
            })
        }
    };
}

float_pairs! { single_pairs, f32, u32, 4, 24 }
float_pairs! { double_pairs, f64, u64, 2, 53 }

/// Floats as bits.
pub(crate) trait Number: Copy + Debug {
    /// The bits of the positive infinity.
    const INFINITE: u64;
    /// The bit that makes a NaN quiet.
    const QUIET: u64;
    /// The bit of the sign.
    const SIGN: u64;

    fn bits(self) -> u64;
}

impl Number for f32 {
    const INFINITE: u64 = 0x7F80_0000;
    const QUIET: u64 = 0x0040_0000;
    const SIGN: u64 = 0x8000_0000;

    fn bits(self) -> u64 {
        self.to_bits().into()
    }
}

impl Number for f64 {
    const INFINITE: u64 = 0x7FF0_0000_0000_0000;
    const QUIET: u64 = 0x0008_0000_0000_0000;
    const SIGN: u64 = 0x8000_0000_0000_0000;

    fn bits(self) -> u64 {
        self.to_bits()
    }
}

/// Asserts that a result is the expected number, or a NaN that the specification allows: a canonical one if the operands
/// have no other, a quiet one otherwise.
pub(crate) fn assert_number<F: Number, A: Number>(result: F, expected: F, operands: &[A], name: &str) {
    fn nan<F: Number>(number: F) -> bool {
        number.bits() & !F::SIGN > F::INFINITE
    }
    fn canonical<F: Number>(nan: F) -> bool {
        nan.bits() & !F::SIGN == F::INFINITE | F::QUIET
    }
    if !nan(expected) {
        assert_eq!(result.bits(), expected.bits(), "{name}({operands:?}) is {result:?}, not {expected:?}");
        return;
    }
    assert!(nan(result) && result.bits() & F::QUIET != 0, "{name}({operands:?}) is {:#x}", result.bits());
    let others = operands.iter().any(|&operand| nan(operand) && !canonical(operand));
    assert!(others || canonical(result), "{name}({operands:?}) is {:#x}", result.bits());
}

/// Lane `i` of `vector`, if all lanes have `bits` bits.
pub(crate) fn unsigned(vector: Vector, bits: u32, i: u32) -> i128 {
    (V128::from(vector).as_u128() >> (bits * i) & ((1 << bits) - 1)).cast_signed()
}

/// Lane `i` of `vector` as a signed number.
pub(crate) fn signed(vector: Vector, bits: u32, i: u32) -> i128 {
    let lane = unsigned(vector, bits, i);
    if lane >> (bits - 1) == 0 { lane } else { lane - (1 << bits) }
}

/// `value` modulo 2^`bits`.
pub(crate) fn modulo(value: i128, bits: u32) -> i128 {
    value.rem_euclid(1 << bits)
}
