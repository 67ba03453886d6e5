//! The ops of the instruction set by number, and the positions of a sequence that each may take.

use std::collections::{HashMap, HashSet};

use wasmote::OpName;

/// The number of every op that the instruction set does not have.
pub(super) const UNKNOWN: u16 = u16::MAX;

/// The most ops of a sequence, as in `src/ir/sequences.rs`.
pub(super) const MAX_OPS: usize = 3;

/// Ops that follow each other.
pub(super) type Sequence = Box<[u16]>;

/// All ops in all their forms.
pub(super) struct Ops {
    ops: Vec<OpName>,
    /// The numbers of ops by their names in profiles
    numbers: HashMap<String, u16>,
    /// The branches that charge fuel
    charged: HashSet<u16>,
}

impl Ops {
    pub(super) fn new() -> Self {
        let ops: Vec<_> = OpName::all().collect();
        let numbers: HashMap<_, _> = (0..).zip(&ops).map(|(number, op)| (op.to_string(), number)).collect();
        let charged = ops.iter().filter_map(|op| numbers.get(&op.charged()?.to_string()).copied()).collect();
        Self { ops, numbers, charged }
    }

    /// Returns the number of an op. `row` and `row.x` are the same op.
    pub(super) fn number(&self, name: &str) -> u16 {
        self.numbers.get(name.strip_suffix(".x").unwrap_or(name)).copied().unwrap_or(UNKNOWN)
    }

    /// Returns the numbers of ops; none if one of them is unknown.
    pub(super) fn sequence<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Option<Sequence> {
        names.into_iter().map(|name| Some(self.number(name)).filter(|&op| op != UNKNOWN)).collect()
    }

    /// Returns the ops in the notation of the list: `row.form` each.
    pub(super) fn text(&self, sequence: &[u16]) -> String {
        let names = sequence.iter().map(|&op| {
            let name = self.ops.get(usize::from(op)).map_or_else(|| "?".to_owned(), OpName::to_string);
            if name.contains('.') { name } else { name + ".x" }
        });
        names.collect::<Vec<_>>().join(" ")
    }

    /// Returns the name of an op without its form.
    pub(super) fn row(&self, op: u16) -> &'static str {
        self.ops.get(usize::from(op)).map_or("?", |op| op.row())
    }

    /// Whether an op can be part of a sequence.
    pub(super) fn can_join(&self, op: u16) -> bool {
        self.ops.get(usize::from(op)).is_some_and(|op| op.can_join_sequence())
    }

    /// Whether an op of a sequence can be followed by another one.
    pub(super) fn can_precede(&self, op: u16) -> bool {
        self.ops.get(usize::from(op)).is_some_and(|op| op.can_precede_in_sequence())
    }

    /// Returns the ops that often follow a `consume_fuel`, in all their forms: returns, and branches that compare
    /// integers in slots. Branches that add before they compare are included where loops often end with them.
    pub(super) fn beginnings(&self) -> impl Iterator<Item = u16> {
        let begins = |op: &OpName| {
            let (name, row) = (op.to_string(), op.row());
            let form = name.split_once('.').map_or("", |(_, form)| form);
            let compares = (row.starts_with("br_i32_") || row.starts_with("br_i64_"))
                && !["charged", "load"].iter().any(|more| row.contains(more))
                && (!row.contains("step") || op.charged().is_some());
            op.can_join_sequence() && !form.contains('r') && (compares || row == "ret" || row.starts_with("ret_"))
        };
        (0..).zip(&self.ops).filter(move |(_, op)| begins(op)).map(|(number, _)| number)
    }

    /// Whether an op occurs only in code that meters fuel.
    pub(super) fn is_metering(&self, op: u16) -> bool {
        op == self.number("consume_fuel") || self.charged.contains(&op)
    }

    /// Returns the variants of a sequence in code that meters fuel, unless it is of such code itself. A sequence that ends in a branch has a variant whose
    /// last branch charges. A sequence with an earlier branch that ends a loop has a variant in which that one charges.
    pub(super) fn charged(&self, sequence: &[u16]) -> impl Iterator<Item = Sequence> {
        let last = sequence.len() - 1;
        let is_metered = sequence.iter().any(|&op| self.is_metering(op));
        let may_charge = move |&at: &usize| !is_metered && (at == last || self.row(sequence[at]).contains("_step_"));
        (0..=last).filter(may_charge).filter_map(move |at| {
            let charged = self.ops.get(usize::from(sequence[at]))?.charged()?;
            let mut sequence: Sequence = sequence.into();
            sequence[at] = self.number(&charged.to_string());
            Some(sequence)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Ops, UNKNOWN};

    #[test]
    fn unknown_ops_are_in_no_sequence() {
        let ops = Ops::new();
        assert_eq!(ops.number("no_such_op.rss"), UNKNOWN);
        assert!(!ops.can_join(UNKNOWN) && !ops.can_precede(UNKNOWN));
    }

    #[test]
    fn ops_stand_where_they_can() {
        let ops = Ops::new();
        let facts = |name: &str| (ops.can_join(ops.number(name)), ops.can_precede(ops.number(name)));
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
            let sequence = ops.sequence(names.iter().copied()).expect("existing ops");
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
