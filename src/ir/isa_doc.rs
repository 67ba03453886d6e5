//! Writes the op reference `docs/isa.md` from the op table; a test keeps the two equal.
//!
//! `WASMOTE_WRITE_ISA=1 cargo test --lib reference` rewrites the file.

use std::{fmt::Write, format, fs, path::Path, string::String, vec::Vec};

use crate::ir::{
    decode::compact_width,
    facts::Space,
    opcode::{BASES_CONST, DOCS, FormId, Kind, MASKS_CONST, OpCode, RELATED, ROWS, Related, Row},
    shape::{Field, SHAPES, Shape},
};

const HEAD: &str = "\
# The internal instruction set

Generated from the op table in `src/ir/ops.rs` by `WASMOTE_WRITE_ISA=1 cargo test --lib reference`.

An op is a sequence of 16-bit units: the opcode, then the fields of its shape. A form has one letter per operand,
result first: `r` for the accumulator of its class (no unit), `s` for a slot of the frame (one unit), `i` for an
immediate (two units, four for *wide* operands); `x` is the form of ops without operands. Each form of a row has an
opcode of its own; the opcodes of a row are consecutive, in the order of its forms. Immediates of 32 bits are
sign-extended where a 64-bit value is needed. Slots, numbers of slots and memories take one unit, other indices and
branch targets two; branch targets are relative to the first unit of the op.

";

/// The text of the reference.
fn reference() -> String {
    let mut text = String::from(HEAD);
    let _ = writeln!(text, "{} rows, {} opcodes.\n", ROWS.len(), OpCode::COUNT);
    text.push_str("## Shapes\n\n| shape | fields | meaning |\n|---|---|---|\n");
    for (shape, name, fields, doc) in SHAPES {
        let fields: Vec<String> =
            fields.iter().zip(shape.fields()).map(|(name, field)| format!("{name}: {}", describe(*field))).collect();
        let (end, doc) = (if shape.ends() { "; never falls through" } else { "" }, doc.trim().trim_end_matches('.'));
        let _ = writeln!(text, "| `{name}` | {} | {doc}{end} |", fields.join(", "));
    }
    text.push_str("\n## Ops\n\n| opcodes | op | shape | forms | units | meaning |\n|---|---|---|---|---|---|\n");
    for (&row, doc) in ROWS.iter().zip(DOCS) {
        let forms: Vec<FormId> =
            (0..121).map(FormId).filter(|form| MASKS_CONST[row as usize] >> form.0 & 1 != 0).collect();
        let first = BASES_CONST[row as usize];
        let names: Vec<String> = forms.iter().map(|form| form_name(*form)).collect();
        let (least, most) = (forms.iter().map(|f| units(row, *f)).min(), forms.iter().map(|f| units(row, *f)).max());
        let units = match (least, most) {
            (Some(least), Some(most)) if least < most => format!("{least}\u{2013}{most}"),
            (least, _) => format!("{}", least.unwrap_or_default()),
        };
        let _ = writeln!(
            text,
            "| {first} | `{}` | {} | {} | {units} | {} |",
            row.name(),
            shape_name(row.shape()),
            names.join(" "),
            meaning(row, doc),
        );
    }
    text
}

fn meaning(row: Row, doc: &str) -> String {
    let Related { relations, first, second, second_right, plain } = RELATED[row as usize];
    let mut text = match plain {
        Some(plain) if doc.is_empty() => format!("`{}` in a shared memory.", plain.name()),
        _ if doc.is_empty() => format!("Wasm `{}`.", row.name().replacen('_', ".", 1)),
        _ => String::from(doc.trim()),
    };
    for (word, other) in [
        ("Exchanged", relations.swap),
        ("Negated", relations.not),
        ("Branch", relations.branch),
        ("After adding a constant", relations.step),
        ("To a `consume_fuel`", relations.charged),
        ("First", first),
        ("then", second),
        ("then as right operand", second_right),
    ] {
        if let Some(other) = other {
            let _ = write!(text, " {word}: `{}`.", other.name());
        }
    }
    let facts = row.facts();
    let spaces: Vec<&str> = facts.indices().map(Space::name).collect();
    if !spaces.is_empty() {
        let _ = write!(text, " Index of: {}.", spaces.join(", "));
    }
    if facts.cells != 0 {
        let _ = write!(text, " Slots: {}.", facts.cells);
    }
    text
}

fn describe(field: Field) -> &'static str {
    match field {
        Field::Operand => "operand",
        Field::Wide => "wide operand",
        Field::Cast => "type to test for",
        Field::Slot => "slot",
        Field::U16 => "1 unit",
        Field::U32 => "2 units",
        Field::U64 => "4 units",
        Field::Target => "branch target",
        Field::Callee => "func",
        Field::Cells | Field::Range => "slots",
        Field::Count | Field::Arguments => "number of slots",
        Field::Base => "frame",
        Field::Link | Field::CalleeLink => "linkage",
        Field::Index => "index",
        Field::Memory => "memory",
        Field::ImportedFunc => "imported func",
        Field::Table => "table",
        Field::Type => "type",
        Field::Tag => "tag",
        Field::Targets => "number of branch targets that follow",
    }
}

fn shape_name(shape: Shape) -> &'static str {
    SHAPES.iter().find(|(other, ..)| *other == shape).map_or("?", |(_, name, ..)| name)
}

fn form_name(form: FormId) -> String {
    if form.len() == 0 {
        return "x".into();
    }
    let letter = |i| match form.kind(i) {
        Kind::Acc => 'r',
        Kind::Slot => 's',
        Kind::Imm => 'i',
    };
    (0..form.len()).map(letter).collect()
}

fn units(row: Row, form: FormId) -> usize {
    let mut operand = 0;
    let mut bytes = 2;
    for &field in row.shape().fields() {
        let mut kind = Kind::Acc;
        if matches!(field, Field::Operand | Field::Wide) {
            kind = form.kind(operand);
            operand += 1;
        }
        bytes += compact_width(field, kind);
    }
    bytes / 2
}

#[test]
fn the_reference_is_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/isa.md");
    let text = reference();
    if std::env::var_os("WASMOTE_WRITE_ISA").is_some() {
        fs::write(&path, &text).expect("the reference can be written");
    }
    let there = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(there == text, "docs/isa.md is not what the table says: see src/ir/isa_doc.rs");
}
