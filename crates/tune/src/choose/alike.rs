//! Variants by analogy: sequences that uncounted programs need where counted programs need those of the list.

use crate::choose::ops::{Ops, Sequence, UNKNOWN};

/// Frequent arithmetic that exists for 32 and for 64 bits: the names of the rows without their type.
const ARITHMETIC: &[&str] =
    &["add", "add_add", "and", "mul", "mul_add", "or", "rotl", "shl", "shl_add", "shr_s", "shr_u", "sub", "xor"];

/// Prefixes of ops that occur beside arithmetic of either type: moves, calls, returns, and branches that count.
const NEUTRAL: &[&str] =
    &["br.", "br_copy", "br_i32_step_", "call", "copy", "global_", "i32_add_pair", "ret", "select."];

/// Ops that often come last in the body of a loop: they add to a slot, or move a value for the next round.
const LAST_IN_LOOP: &[&str] = &[
    "i32_add.srs",
    "i32_add.sss",
    "i32_add.ssi",
    "i32_mul.srs",
    "i32_and.srs",
    "i32_or.srs",
    "i32_xor.srs",
    "i64_add.srs",
    "i64_add.sss",
    "i64_add.ssi",
    "i64_mul.srs",
    "i64_and.srs",
    "i64_or.srs",
    "i64_xor.srs",
    "f32_add.srs",
    "f32_add.sss",
    "f32_add.ssi",
    "f32_mul.srs",
    "f64_add.srs",
    "f64_add.sss",
    "f64_add.ssi",
    "f64_mul.srs",
    "copy.sr",
    "copy.ss",
    "copy_pair.sssr",
    "copy_pair.ssss",
];

/// Branches that end a counting loop.
const COUNTING: &[&str] = &["br_i32_step_ne.ii", "br_i32_step_lt_s.is", "br_i32_step_lt_u.is"];

/// Branches that may end a loop whose last op is a move.
const TESTING: &[&str] = &["br_i64_step_ne.ii", "br_i32_nez.s", "br_i64_nez.s"];

/// Returns the variants of `list`: pairs with f64 for f32 and the reverse, pairs with one op of 64-bit arithmetic for
/// the same op of 32 bits, and the ends of loops. Variants that charge fuel are included.
pub(super) fn alike(list: &[Sequence], ops: &Ops) -> Vec<Sequence> {
    let mut found: Vec<Sequence> = Vec::new();
    for pair in list.iter().filter(|sequence| sequence.len() == 2) {
        found.extend(with_float(pair, "f32", "f64", ops));
        found.extend(with_float(pair, "f64", "f32", ops));
        found.extend(with_i64(pair, ops));
    }
    for first in LAST_IN_LOOP {
        let second = if first.starts_with("copy") { TESTING } else { &[] };
        found.extend(COUNTING.iter().chain(second).filter_map(|second| ops.sequence([*first, *second])));
    }
    let charged: Vec<_> = found.iter().flat_map(|sequence| ops.charged(sequence)).collect();
    found.extend(charged);
    found
}

/// Returns a pair with floats of type `to` for `from`; none if it mixes float types, or if there are no such ops.
fn with_float(pair: &[u16], from: &str, to: &str, ops: &Ops) -> Option<Sequence> {
    let text = ops.text(pair);
    (text.contains(from) && !text.contains(to)).then(|| ops.sequence(text.replace(from, to).split(' '))).flatten()
}

/// Returns a pair with 64-bit for 32-bit arithmetic; none unless exactly one of its ops is such arithmetic.
fn with_i64(pair: &[u16], ops: &Ops) -> Option<Sequence> {
    let mut wide = pair.to_vec();
    let mut count = 0;
    for op in &mut wide {
        let name = ops.text(&[*op]);
        let row = ops.row(*op);
        if row.strip_prefix("i32_").is_some_and(|rest| ARITHMETIC.contains(&rest)) {
            *op = ops.number(&name.replacen("i32", "i64", 1));
            count += 1;
        } else if !NEUTRAL.iter().any(|start| name.starts_with(start)) {
            return None;
        }
    }
    (count == 1 && !wide.contains(&UNKNOWN)).then(|| wide.into())
}

#[cfg(test)]
mod tests {
    use super::{ARITHMETIC, COUNTING, LAST_IN_LOOP, TESTING, alike};
    use crate::choose::ops::{Ops, UNKNOWN};

    fn like(pair: [&str; 2]) -> Vec<String> {
        let ops = Ops::new();
        let without = alike(&[], &ops);
        let pair = ops.sequence(pair).expect("existing ops");
        let found = alike(&[pair], &ops);
        found.iter().filter(|sequence| !without.contains(sequence)).map(|sequence| ops.text(sequence)).collect()
    }

    #[test]
    fn types_are_exchanged() {
        for (pair, expected) in [
            (["f32_add.rrs", "f32_store.sr"], &["f64_add.rrs f64_store.sr"][..]),
            (["f64_sqrt.rs", "f64_mul.srs"], &["f32_sqrt.rs f32_mul.srs"]),
            (["f32_mul.rsi", "i32_trunc_f32_s.sr"], &["f64_mul.rsi i32_trunc_f64_s.sr"]),
            (["f64_promote_f32.rs", "f64_add.rrs"], &[]),
            (["copy.ss", "i32_sub.sss"], &["copy.ss i64_sub.sss"]),
            (["i32_add.ssi", "br.x"], &["i64_add.ssi br.x", "i64_add.ssi br_charged.x"]),
            (["i32_shl.ssi", "ret_1.x"], &["i64_shl.ssi ret_1.x"]),
            // Not addresses, comparisons, or two ops that may be of two types.
            (["i32_add.rss", "i32_load.sr"], &[]),
            (["i32_add.ssi", "br_i32_eqz.s"], &[]),
            (["i32_add.rss", "i32_shl.sri"], &[]),
            (["consume_fuel.x", "i32_add.ssi"], &[]),
            (["i32_clz.rs", "copy.ss"], &[]),
        ] {
            assert_eq!(like(pair), expected, "{pair:?}");
        }
    }

    #[test]
    fn loops_end_with_existing_ops() {
        let ops = Ops::new();
        for name in LAST_IN_LOOP.iter().chain(COUNTING).chain(TESTING) {
            assert_ne!(ops.number(name), UNKNOWN, "{name}");
        }
        for name in ARITHMETIC {
            let form = if name.contains("add_") || name.ends_with("_add") { "srss" } else { "srs" };
            let form = if *name == "shl_add" { "sris" } else { form };
            for ty in ["i32", "i64"] {
                assert_ne!(ops.number(&format!("{ty}_{name}.{form}")), UNKNOWN, "{ty}_{name}");
            }
        }
        let ends: Vec<_> = alike(&[], &ops).iter().map(|sequence| ops.text(sequence)).collect();
        for end in ["i64_xor.srs br_i32_step_lt_u.is", "copy.ss br_i64_nez.s", "f64_add.ssi br_i32_step_ne_charged.ii"]
        {
            assert!(ends.iter().any(|found| found == end), "{end} in {ends:?}");
        }
        assert!(!ends.iter().any(|end| end == "i64_add.srs br_i64_nez.s"));
    }
}
