//! Checks custom sections that the engine ignores: names and branch hints.

use wasmparser::{
    BinaryReaderError, BranchHintSectionReader, FunctionBody, IndirectNameMap, KnownCustom, Name, NameMap,
    NameSectionReader, Parser, Payload, TypeRef,
};

/// Checks the custom sections of a module that is valid otherwise.
///
/// # Errors
///
/// Tells what is wrong with the first section that is malformed or invalid.
pub(crate) fn check(module: &[u8]) -> Result<(), String> {
    let mut has_names = false;
    let mut hints = None;
    let mut bodies = Bodies::default();
    for payload in Parser::new(0).parse_all(module) {
        match payload.map_err(|error| error.to_string())? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let ty = import.map_err(|error| error.to_string())?.ty;
                    bodies.imported += u32::from(matches!(ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.list.push(body),
            Payload::DataSection(_) if has_names => return Err("@name section: before the data section".into()),
            Payload::CustomSection(section) => match section.as_known() {
                KnownCustom::Name(names) => {
                    if std::mem::replace(&mut has_names, true) {
                        return Err("@name section: duplicate section".into());
                    }
                    check_names(names)?;
                }
                KnownCustom::BranchHints(reader) => {
                    if !bodies.list.is_empty() {
                        return Err(format!("@{BRANCH_HINTS} section: after the code section"));
                    }
                    if hints.replace(reader).is_some() {
                        return Err(format!("@{BRANCH_HINTS} section: duplicate section"));
                    }
                }
                _ if section.name() == BRANCH_HINTS => return Err(format!("@{BRANCH_HINTS} section: no vector")),
                _ => {}
            },
            _ => {}
        }
    }
    hints.map_or(Ok(()), |hints| check_hints(hints, &bodies))
}

const BRANCH_HINTS: &str = "metadata.code.branch_hint";

/// The functions that a module defines.
#[derive(Default)]
struct Bodies<'a> {
    /// The number of functions that the module imports
    imported: u32,
    list: Vec<FunctionBody<'a>>,
}

impl<'a> Bodies<'a> {
    fn get(&self, func: u32) -> Option<&FunctionBody<'a>> {
        self.list.get(usize::try_from(func.checked_sub(self.imported)?).ok()?)
    }
}

/// Checks that the section can be decoded. The readers check the order of subsections and of indices.
fn check_names(names: NameSectionReader<'_>) -> Result<(), String> {
    let error = |error: BinaryReaderError| format!("@name section: {error}");
    for subsection in names {
        match subsection.map_err(error)? {
            Name::Module { .. } => {}
            Name::Unknown { ty, .. } => return Err(format!("@name section: unknown subsection {ty}")),
            Name::Function(map)
            | Name::Type(map)
            | Name::Table(map)
            | Name::Memory(map)
            | Name::Global(map)
            | Name::Element(map)
            | Name::Data(map)
            | Name::Tag(map) => check_map(map).map_err(error)?,
            Name::Local(map) | Name::Label(map) | Name::Field(map) | Name::Parameter(map) | Name::TagParameter(map) => {
                check_indirect_map(map).map_err(error)?;
            }
        }
    }
    Ok(())
}

fn check_map(map: NameMap<'_>) -> Result<(), BinaryReaderError> {
    map.into_iter().try_for_each(|name| name.map(|_| ()))
}

fn check_indirect_map(map: IndirectNameMap<'_>) -> Result<(), BinaryReaderError> {
    map.into_iter().try_for_each(|names| check_map(names?.names))
}

/// Checks that functions and offsets come in order, and that each offset is that of an `if` or `br_if`.
fn check_hints(hints: BranchHintSectionReader<'_>, bodies: &Bodies<'_>) -> Result<(), String> {
    let section = |error: BinaryReaderError| format!("@{BRANCH_HINTS} section: {error}");
    let mut last_func = None;
    for function in hints {
        let function = function.map_err(section)?;
        if last_func.replace(function.func).is_some_and(|last| last >= function.func) {
            return Err(format!("@{BRANCH_HINTS} section: duplicate or misplaced function"));
        }
        let body = bodies.get(function.func).ok_or_else(|| format!("@{BRANCH_HINTS} section: unknown function"))?;
        let targets = branches(body).map_err(|error| error.to_string())?;
        let mut last_offset = None;
        for hint in function.hints {
            let offset = hint.map_err(section)?.func_offset;
            if last_offset.replace(offset).is_some_and(|last| last >= offset) {
                return Err(format!("@{BRANCH_HINTS} annotation: invalid order"));
            }
            if targets.binary_search(&u64::from(offset)).is_err() {
                return Err(format!("@{BRANCH_HINTS} annotation: invalid target"));
            }
        }
    }
    Ok(())
}

/// Returns the offsets of the `if` and `br_if` of a function, from the start of its body and in ascending order.
fn branches(body: &FunctionBody<'_>) -> Result<Vec<u64>, BinaryReaderError> {
    use wasmparser::Operator;
    let start = body.range().start;
    let mut branches = Vec::new();
    for operator in body.get_operators_reader()?.into_iter_with_offsets() {
        if let (Operator::If { .. } | Operator::BrIf { .. }, offset) = operator? {
            branches.push(offset - start);
        }
    }
    Ok(branches)
}

#[cfg(test)]
mod tests {
    use wast::{
        Wat,
        parser::{ParseBuffer, parse},
    };

    use super::check;

    fn check_text(text: &str) -> Result<(), String> {
        let buffer = ParseBuffer::new(text).unwrap();
        check(&parse::<Wat<'_>>(&buffer).unwrap().encode().unwrap())
    }

    /// Checks a module with a function whose body is `if`, `end`, `br_if`, an imported one, and a custom section in
    /// front of the code.
    fn check_hints(content: &str) -> Result<(), String> {
        check_text(&format!(
            r#"(module
                (import "m" "f" (func))
                (func (local i32) (if (i32.const 0) (then)) (br_if 0 (i32.const 0)))
                (func)
                (@custom "metadata.code.branch_hint" (before code) "{content}"))"#
        ))
    }

    /// Checks a module whose name section has this content.
    fn check_names(content: &str) -> Result<(), String> {
        check_text(&format!(r#"(module (@custom "name" "{content}"))"#))
    }

    #[track_caller]
    fn rejected(result: Result<(), String>, expected: &str) {
        let message = result.unwrap_err();
        assert!(message.contains(expected), "{message}");
    }

    #[test]
    fn hints_of_text_are_valid() {
        let module = r#"(module
            (import "m" "f" (func))
            (func (param i32)
                (@metadata.code.branch_hint "\00") (if (local.get 0) (then))
                (@metadata.code.branch_hint "\01") (br_if 0 (local.get 0))))"#;
        assert_eq!(check_text(module), Ok(()));
        let misplaced = r#"(module (func (drop (@metadata.code.branch_hint "\00") (i32.eqz (i32.const 0)))))"#;
        rejected(check_text(misplaced), "@metadata.code.branch_hint annotation: invalid target");
    }

    // The body: `01 01 7f` declares the local, `41 00` is the condition, so `if` is at 5, and `br_if` at 10.
    #[test]
    fn hints_are_at_branches() {
        assert_eq!(check_hints(r"\01\01\02\05\01\00\0a\01\01"), Ok(()));
        rejected(check_hints(r"\01\01\01\03\01\00"), "invalid target");
        rejected(check_hints(r"\01\01\01\06\01\00"), "invalid target");
        rejected(check_hints(r"\01\01\01\7f\01\00"), "invalid target");
        rejected(check_hints(r"\01\02\01\05\01\00"), "invalid target");
    }

    #[test]
    fn hints_are_in_order() {
        rejected(check_hints(r"\01\01\02\0a\01\00\05\01\00"), "invalid order");
        rejected(check_hints(r"\01\01\02\05\01\00\05\01\00"), "invalid order");
        rejected(check_hints(r"\02\01\01\05\01\00\01\01\0a\01\00"), "misplaced function");
        assert_eq!(check_hints(r"\02\01\01\05\01\00\02\00"), Ok(()));
    }

    #[test]
    fn hints_are_well_formed() {
        rejected(check_hints(r"\01\00\01\05\01\00"), "unknown function");
        rejected(check_hints(r"\01\09\00"), "unknown function");
        rejected(check_hints(r"\01\01\01\05\02\00\00"), "branch hint byte");
        rejected(check_hints(r"\01\01\01\05\01\02"), "taken byte");
        rejected(check_hints(r"\01\01\01\05"), "unexpected end");
        rejected(check_hints(r""), "section");
        let late = r#"(module (func) (@custom "metadata.code.branch_hint" (after code) "\00"))"#;
        rejected(check_text(late), "after the code section");
        let twice =
            r#"(module (@custom "metadata.code.branch_hint" "\00") (@custom "metadata.code.branch_hint" "\00"))"#;
        rejected(check_text(twice), "duplicate section");
    }

    #[test]
    fn names_are_in_order() {
        let module = r#"(module $m (@name "M") (type $t (func)) (func $f (param $p i32) (local $l i64) (nop))
            (global $g i32 (i32.const 0)) (data $d "") (memory $y 0) (table $x 0 funcref))"#;
        assert_eq!(check_text(module), Ok(()));
        assert_eq!(check_names(r"\00\02\01m\01\07\02\00\01f\01\01g"), Ok(()));
        rejected(check_names(r"\01\04\01\00\01f\00\02\01m"), "subsection out of order");
        rejected(check_names(r"\00\02\01m\00\02\01m"), "subsection out of order");
        rejected(check_names(r"\01\07\02\00\01f\00\01g"), "out of order");
        rejected(check_names(r"\02\09\01\00\02\01\01a\00\01b"), "out of order");
        rejected(check_names(r"\0e\00"), "unknown subsection");
    }

    #[test]
    fn names_are_well_formed() {
        rejected(check_names(r"\00\02\01\ff"), "UTF-8");
        rejected(check_names(r"\00\05\01m"), "unexpected end");
        rejected(check_names(r"\00\03\01mm"), "trailing data");
        rejected(check_text(r#"(module (@custom "name" "") (@custom "name" ""))"#), "duplicate section");
        let early = r#"(module (@custom "name" (before data) "") (memory 0) (data ""))"#;
        rejected(check_text(early), "before the data section");
        assert_eq!(check_text(r#"(module (@custom "other" "\ff"))"#), Ok(()));
    }
}
