//! The ops of the instruction set by number, and where in a sequence each can stand.

use std::collections::HashMap;

use wasmote::OpName;

/// A number that stands for all ops that this version does not have.
pub(super) const UNKNOWN: u16 = u16::MAX;

/// The most ops of a sequence, as in `src/ir/sequences.rs`.
pub(super) const MAX_OPS: usize = 3;

/// Ops that follow each other.
pub(super) type Sequence = Box<[u16]>;

/// What the rows begin with whose ops are in no sequence: what these do takes far longer than a dispatch, or hardly any
/// program executes them, and each handler that has them is large.
const NEVER: &[&str] = &[
    "call_import",
    "call_indirect",
    "data_drop",
    "elem_drop",
    "halt",
    "i64_add128",
    "i64_mul_wide",
    "i64_sub128",
    "memory_",
    "ref_func",
    "restore_instance",
    "return_call",
    "table_",
    "translate",
    "unreachable",
];

/// What rows end with that are in no sequence either, for the same reasons: accesses of any memory.
const NEVER_ANY: &str = "_any";

/// Rows whose ops can only be the last one, besides those that the next op never runs right after: this one's handler
/// calls a function, and other ops behind the call would have registers saved.
const ONLY_LAST: &[&str] = &["copy_span"];

/// All ops in all their forms.
pub(super) struct Ops {
    ops: Vec<OpName>,
    /// By what they are called in profiles
    numbers: HashMap<String, u16>,
}

impl Ops {
    pub(super) fn new() -> Self {
        let ops: Vec<_> = OpName::all().collect();
        let numbers = (0..).zip(&ops).map(|(number, op)| (op.to_string(), number)).collect();
        Self { ops, numbers }
    }

    /// The number of an op; `row` and `row.x` are the same.
    pub(super) fn number(&self, name: &str) -> u16 {
        self.numbers.get(name.strip_suffix(".x").unwrap_or(name)).copied().unwrap_or(UNKNOWN)
    }

    /// The numbers of ops; none if one of them is unknown.
    pub(super) fn sequence<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Option<Sequence> {
        names.into_iter().map(|name| Some(self.number(name)).filter(|&op| op != UNKNOWN)).collect()
    }

    /// The ops as the list has them: `row.form` each.
    pub(super) fn text(&self, sequence: &[u16]) -> String {
        let names = sequence.iter().map(|&op| {
            let name = self.ops.get(usize::from(op)).map_or_else(|| "?".to_owned(), OpName::to_string);
            if name.contains('.') { name } else { name + ".x" }
        });
        names.collect::<Vec<_>>().join(" ")
    }

    /// The name of an op without its form.
    pub(super) fn row(&self, op: u16) -> &'static str {
        self.ops.get(usize::from(op)).map_or("?", |op| op.row())
    }

    /// Whether an op can be part of a sequence.
    pub(super) fn can_join(&self, op: u16) -> bool {
        let row = self.row(op);
        op != UNKNOWN && !row.ends_with(NEVER_ANY) && !NEVER.iter().any(|start| row.starts_with(start))
    }

    /// Whether an op can stand before another one of a sequence.
    pub(super) fn can_go_on(&self, op: u16) -> bool {
        let is_last = self.ops.get(usize::from(op)).is_none_or(|op| op.is_last());
        !is_last && self.can_join(op) && !ONLY_LAST.contains(&self.row(op))
    }

    /// What often stands behind a `consume_fuel` in any of its forms: returns, and branches that compare integers in
    /// slots, also after an addition where loops often end with that.
    pub(super) fn beginnings(&self) -> impl Iterator<Item = u16> {
        let begins = |op: &OpName| {
            let (name, row) = (op.to_string(), op.row());
            let form = name.split_once('.').map_or("", |(_, form)| form);
            let compares = (row.starts_with("br_i32_") || row.starts_with("br_i64_"))
                && !["charged", "load"].iter().any(|more| row.contains(more))
                && (!row.contains("step") || op.charged().is_some());
            !form.contains('r') && (compares || row == "ret" || row.starts_with("ret_"))
        };
        (0..).zip(&self.ops).filter(move |(_, op)| begins(op)).map(|(number, _)| number)
    }

    /// The sequences in whose stead this one stands where fuel is metered: if it ends in a branch, the same with a
    /// branch that charges; if it has a branch that ends loops before others, the same with that one charging.
    pub(super) fn charged(&self, sequence: &[u16]) -> impl Iterator<Item = Sequence> {
        let last = sequence.len() - 1;
        (0..=last).filter(move |&at| at == last || self.row(sequence[at]).contains("_step_")).filter_map(move |at| {
            let charged = self.ops.get(usize::from(sequence[at]))?.charged()?;
            let mut sequence: Sequence = sequence.into();
            sequence[at] = self.number(&charged.to_string());
            Some(sequence)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{NEVER, ONLY_LAST, Ops, UNKNOWN};

    #[test]
    fn rules_are_about_ops_that_there_are() {
        let ops = Ops::new();
        let has = |rule: &dyn Fn(&str) -> bool| ops.ops.iter().any(|op| rule(op.row()));
        assert!(NEVER.iter().all(|start| has(&|row| row.starts_with(start))));
        assert!(ONLY_LAST.iter().all(|only| has(&|row| row == *only)));
        assert_eq!(ops.number("no_such_op.rss"), UNKNOWN);
        assert!(!ops.can_join(UNKNOWN) && !ops.can_go_on(UNKNOWN));
    }

    #[test]
    fn ops_stand_where_they_can() {
        let ops = Ops::new();
        let facts = |name: &str| (ops.can_join(ops.number(name)), ops.can_go_on(ops.number(name)));
        for (name, expected) in [
            ("i32_add.rss", (true, true)),
            ("br_i32_eqz.s", (true, true)),
            ("consume_fuel", (true, true)),
            ("br", (true, false)),
            ("call.x", (true, false)),
            ("ret", (true, false)),
            ("copy_span", (true, false)),
            ("call_indirect.s", (false, false)),
            ("i32_load_any.ss", (false, false)),
            ("memory_fill", (false, false)),
        ] {
            assert_eq!(facts(name), expected, "{name}");
        }
    }

    #[test]
    fn stretches_begin_with_any_return_and_any_comparison() {
        let ops = Ops::new();
        let beginnings: Vec<_> = ops.beginnings().map(|op| ops.text(&[op])).collect();
        for name in [
            "ret.x",
            "ret_1.x",
            "ret_value_2.i",
            "ret_value_f64.s",
            "br_i64_ge_u.si",
            "br_i32_eqz.s",
            "br_i32_step_ne.is",
        ] {
            assert!(beginnings.iter().any(|beginning| beginning == name), "{name} in {beginnings:?}");
        }
        for name in
            ["ret_value_1.r", "br_i32_eq.ri", "br_i32_step_eq.is", "br_i32_ne_charged.ss", "br.x", "return_call.x"]
        {
            assert!(!beginnings.iter().any(|beginning| beginning == name), "{name}");
        }
    }

    #[test]
    fn branches_have_others_that_charge() {
        let ops = Ops::new();
        let charged = |names: &[&str]| {
            let sequence = ops.sequence(names.iter().copied()).expect("ops that there are");
            ops.charged(&sequence).map(|sequence| ops.text(&sequence)).collect::<Vec<_>>()
        };
        assert_eq!(charged(&["i32_add.ssi", "br_i32_eqz.s"]), ["i32_add.ssi br_i32_eqz_charged.s"]);
        assert_eq!(charged(&["i32_add.ssi", "br.x"]), ["i32_add.ssi br_charged.x"]);
        assert_eq!(charged(&["i32_add.ssi", "i32_add.ssi"]), [""; 0]);
        assert_eq!(charged(&["br_i32_eqz.s", "i32_add.ssi"]), [""; 0]);
        assert_eq!(
            charged(&["br_i32_step_ne.ii", "br.x"]),
            ["br_i32_step_ne_charged.ii br.x", "br_i32_step_ne.ii br_charged.x"]
        );
    }
}
