//! Places in the text of a module that was converted to its binary form.

use wasmparser::{BinaryReader, FunctionBody};
use wast::{
    Wat,
    core::{FuncKind, ModuleField, ModuleKind},
    parser::{self, ParseBuffer},
};

use crate::funcs::Funcs;

/// Returns the line and the column, both from 1, of the operator at an offset in the binary form of `text`, or of its
/// function.
pub(crate) fn place_of(text: &str, wasm: &[u8], func: u32, offset: u64) -> Option<(usize, usize)> {
    let funcs = Funcs::of(wasm).funcs;
    let imported = funcs.iter().filter(|func| func.import.is_some()).count();
    let defined = (func as usize).checked_sub(imported)?;
    let operator = funcs.get(func as usize)?.body.clone().and_then(|body| operator_at(wasm, body, offset));

    let mut buffer = ParseBuffer::new(text).ok()?;
    buffer.track_instr_spans(true);
    let mut wat: Wat<'_> = parser::parse(&buffer).ok()?;
    // Writes short forms out, so that fields and operators are those of the binary form.
    wat.encode().ok()?;
    let Wat::Module(module) = &wat else { return None };
    let ModuleKind::Text(fields) = &module.kind else { return None };
    let funcs = fields.iter().filter_map(|field| match field {
        ModuleField::Func(func) => Some(func),
        _ => None,
    });
    let mut bodies = funcs.filter_map(|func| match &func.kind {
        FuncKind::Inline { expression, .. } => Some((func.span, expression)),
        FuncKind::Import(..) => None,
    });
    let (span, expression) = bodies.nth(defined)?;
    let spans = expression.instr_spans.as_deref().unwrap_or_default();
    let span = operator.and_then(|operator| spans.get(operator)).copied().unwrap_or(span);
    let (line, column) = span.linecol_in(text);
    Some((line + 1, column + 1))
}

/// Returns how many operators of a body precede the one at an offset.
fn operator_at(wasm: &[u8], body: core::ops::Range<u64>, offset: u64) -> Option<usize> {
    let bytes = wasm.get(usize::try_from(body.start).ok()?..usize::try_from(body.end).ok()?)?;
    let body = FunctionBody::new(BinaryReader::new(bytes, body.start));
    let operators = body.get_operators_reader().ok()?;
    let before = operators.into_iter_with_offsets().map_while(Result::ok).take_while(|(_, at)| *at <= offset).count();
    before.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use wasmote::{Engine, ErrorKind, Module};

    use super::place_of;

    /// Returns the place of the first error of a module.
    fn place(text: &str) -> Option<(usize, usize)> {
        let wasm = wat::parse_str(text).expect("it can be converted");
        let error = Module::validate(&Engine::default(), &wasm).expect_err("it is invalid");
        let ErrorKind::Wasm(error) = error.kind() else { panic!("{error}") };
        place_of(text, &wasm, error.func_index()?, error.offset() as u64)
    }

    #[test]
    fn operators_and_functions_are_found() {
        let text = "(module\n  (func (result i32)\n    i32.const 1\n    i64.const 2\n    i32.add))";
        assert_eq!(place(text), Some((5, 5)));
        let text = "(module\n (func $f)\n (func (param i64)\n  (drop\n   (i32.add (i32.const 1)\n    (local.get 0)))))";
        assert_eq!(place(text), Some((5, 5)));
        // Imports come first, also those written as functions; the end of a function has no place of its own.
        let text = "(module (func (import \"a\" \"b\"))\n  (func call 0)\n  (func (result i32)))";
        assert_eq!(place(text), Some((3, 4)));
    }
}
