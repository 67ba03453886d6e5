//! Finds a small function of a module to call first, since most programs export only `_start`.

use wasmote_bombs::bytes::leb;

use crate::engine::Result;
use wasmparser::{FuncType, FunctionBody, Operator, Parser, Payload, TypeRef, ValType};

/// The name of the export that is added to a module.
pub const NAME: &str = "wasmote-peers probe";
/// The value of each parameter.
pub const ARGUMENT: i32 = 3;
/// The most operators of the function.
const MOST_OPERATORS: usize = 60;

/// The result of probing a module.
pub struct Probed {
    /// The module with the function exported, or unchanged without such a function.
    pub wasm: Vec<u8>,
    /// The number of parameters of the function, which takes and returns i32.
    pub probe: Option<usize>,
    /// The number of functions that the module defines.
    pub functions: usize,
    /// The number of bytes of its code section.
    pub code: usize,
}

/// Exports the largest of the small functions that only compute with their parameters.
pub fn add(wasm: &[u8]) -> Result<Probed> {
    let (mut types, mut imported, mut declared) = (Vec::<Option<FuncType>>::new(), 0_u32, Vec::new());
    let (mut exports, mut code, mut bodies) = (None, 0, 0);
    let mut best: Option<(usize, u32, usize)> = None;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::TypeSection(reader) => {
                for group in reader {
                    for ty in group?.into_types() {
                        let func = matches!(ty.composite_type.inner, wasmparser::CompositeInnerType::Func(_));
                        types.push(func.then(|| ty.unwrap_func().clone()));
                    }
                }
            }
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::FunctionSection(reader) => {
                declared = reader.into_iter().collect::<std::result::Result<Vec<_>, _>>()?
            }
            Payload::ExportSection(reader) => exports = Some((reader.range(), reader.count())),
            Payload::CodeSectionStart { size, .. } => code = size as usize,
            Payload::CodeSectionEntry(body) => {
                let index = bodies;
                bodies += 1;
                let ty = declared.get(index).and_then(|&ty| types.get(ty as usize)?.as_ref());
                let Some(params) = ty.and_then(params) else { continue };
                if let Some(length) = pure(&body)?
                    && best.is_none_or(|(most, ..)| length > most)
                {
                    best = Some((length, imported + index as u32, params));
                }
            }
            _ => {}
        }
    }
    let with_export = |(_, func, params): (usize, u32, usize)| {
        let (range, count) = exports.as_ref()?;
        Some((export(wasm, range.start as usize..range.end as usize, *count, func), params))
    };
    let found = best.and_then(with_export);
    let probe = found.as_ref().map(|found| found.1);
    Ok(Probed { wasm: found.map_or_else(|| wasm.to_vec(), |found| found.0), probe, functions: bodies, code })
}

/// Returns the number of parameters of a function from i32 to i32.
fn params(ty: &FuncType) -> Option<usize> {
    let fits = ty.results() == [ValType::I32] && ty.params().iter().all(|&ty| ty == ValType::I32);
    fits.then_some(ty.params().len())
}

/// Returns the number of operators of a function, if there are few, and each uses only locals and neither repeats nor
/// traps.
fn pure(body: &FunctionBody<'_>) -> Result<Option<usize>> {
    if body.range().end - body.range().start > 6 * MOST_OPERATORS as u64 {
        return Ok(None);
    }
    let mut count = 0;
    for operator in body.get_operators_reader()? {
        use Operator as O;
        count += 1;
        let allowed = matches!(
            operator?,
            O::LocalGet { .. }
                | O::LocalSet { .. }
                | O::LocalTee { .. }
                | O::I32Const { .. }
                | O::I64Const { .. }
                | O::I32Add
                | O::I32Sub
                | O::I32Mul
                | O::I32And
                | O::I32Or
                | O::I32Xor
                | O::I32Shl
                | O::I32ShrU
                | O::I32ShrS
                | O::I32Eqz
                | O::I32Eq
                | O::I32Ne
                | O::I32LtU
                | O::I32LtS
                | O::I32GtU
                | O::I32GtS
                | O::I32LeU
                | O::I32LeS
                | O::I32GeU
                | O::I32GeS
                | O::I64Add
                | O::I64Mul
                | O::I32WrapI64
                | O::I64ExtendI32U
                | O::Select
                | O::Drop
                | O::Block { .. }
                | O::If { .. }
                | O::Else
                | O::Br { .. }
                | O::BrIf { .. }
                | O::BrTable { .. }
                | O::Return
                | O::End
        );
        if !allowed || count > MOST_OPERATORS {
            return Ok(None);
        }
    }
    Ok(Some(count))
}

/// Returns the module with one more export.
fn export(wasm: &[u8], section: std::ops::Range<usize>, count: u32, func: u32) -> Vec<u8> {
    let content = &wasm[section.clone()];
    let old_count = content.iter().position(|byte| byte & 0x80 == 0).map_or(0, |last| last + 1);
    let entry = [&leb(NAME.len() as u64), NAME.as_bytes(), &[0], &leb(func.into())].concat();
    let content = [&leb(u64::from(count) + 1), &content[old_count..], &entry].concat();
    // The id of the section is followed by its length, a LEB128 of at most five bytes.
    let id = (2..=6).find(|&back| {
        let length = &wasm[section.start - (back - 1)..section.start];
        wasm[section.start - back] == 7 && value(length) == Some(section.len())
    });
    let start = section.start - id.expect("a section begins with its number and length");
    [&wasm[..start], &[7], &leb(content.len() as u64), &content, &wasm[section.end..]].concat()
}

/// Decodes exactly these bytes as LEB128.
fn value(bytes: &[u8]) -> Option<usize> {
    let (last, more) = bytes.split_last()?;
    if last & 0x80 != 0 || more.iter().any(|byte| byte & 0x80 == 0) {
        return None;
    }
    Some(bytes.iter().rev().fold(0, |sum, byte| sum << 7 | usize::from(byte & 0x7f)))
}
