//! Generates docs/fuel.md from the operator table, and compares it with the file.

use alloc::string::String;
use core::fmt::Write as _;
use std::{fs, path::Path};

use crate::config::fuel::{FuelCosts, FuelSchedule};

const INTRODUCTION: &str = "# Fuel schedules

The documentation of `FuelSchedule` lists what a schedule charges besides operators. This page lists the operators, by the
names of the fields of `OperatorCost`. It is made from `src/operators.rs`; a test fails if they differ.

`FuelSchedule::V1` is frozen: its numbers do not change, and `tests/fuel` holds it to the fuel of a corpus of programs.
Operators of proposals that the library gains are added. A schedule with other numbers gets another name.

The second column is `FuelSchedule::V1` and `FuelSchedule::Wasmi2`; the third is the field of `FuelCosts` that
`FuelSchedule::Wasmi0_31` takes.

| operator | fuel | `wasmi` 0.31 |
|---|---|---|
";

/// Returns the page.
fn page() -> String {
    let kinds = ["0", "`base`", "`entity`", "`load`", "`store`", "`call`"];
    let old = FuelSchedule::Wasmi0_31(FuelCosts { base: 1, entity: 2, load: 3, store: 4, call: 5 });
    let mut page = String::from(INTRODUCTION);
    let wasmi = FuelSchedule::Wasmi2.operator_cost().list();
    for (i, (name, old)) in old.operator_cost().list().into_iter().enumerate() {
        let (same, cost) = FuelSchedule::V1.operator_cost().list()[i];
        assert_eq!((same, wasmi[i]), (name, (name, cost)));
        writeln!(page, "| `{name}` | {cost} | {} |", kinds[usize::from(old)]).expect("strings can be written to");
    }
    page
}

#[test]
fn the_page_is_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/fuel.md");
    let page = page();
    if std::env::var_os("WASMOTE_WRITE_FUEL").is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let there = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(there == page, "docs/fuel.md is not what the table says: WASMOTE_WRITE_FUEL=1 adds new operators to it");
}
