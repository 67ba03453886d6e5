//! The words in which scripts expect failures, against the typed errors of the engine.

use wasmote::{
    Error, ErrorKind, TrapCode,
    errors::{InstantiationError, LinkerError},
};

/// Whether `expected`, the text of an `assert_trap` or `assert_exhaustion`, describes `error`.
pub(crate) fn is_trap(error: &Error, expected: &str) -> bool {
    let Some(code) = trap_code(error) else { return false };
    let texts: &[&str] = match code {
        TrapCode::UnreachableCodeReached => &["unreachable"],
        TrapCode::MemoryOutOfBounds => &["out of bounds memory access", "out of bounds"],
        // Calls through a table call an index outside of it an undefined element.
        TrapCode::TableOutOfBounds => {
            &["out of bounds table access", "out of bounds", "undefined element", "undefined"]
        }
        // Some scripts add the index of the element.
        TrapCode::IndirectCallToNull => {
            return expected.starts_with("uninitialized") || expected == "undefined element";
        }
        TrapCode::IntegerDivisionByZero => &["integer divide by zero"],
        TrapCode::IntegerOverflow => &["integer overflow"],
        TrapCode::BadConversionToInteger => &["invalid conversion to integer"],
        TrapCode::StackOverflow => &["call stack exhausted"],
        TrapCode::BadSignature => &["indirect call type mismatch", "indirect call"],
        // The specification has no limits of this kind.
        _ => &[],
    };
    texts.contains(&expected)
}

/// Whether `expected`, the text of an `assert_unlinkable`, describes `error`.
pub(crate) fn is_unlinkable(error: &Error, expected: &str) -> bool {
    let texts: &[&str] = match error.kind() {
        ErrorKind::Linker(LinkerError::MissingDefinition { .. }) => &["unknown import"],
        ErrorKind::Linker(LinkerError::InvalidTypeDefinition { .. })
        | ErrorKind::Instantiation(
            InstantiationError::ImportTypeMismatch { .. }
            | InstantiationError::GlobalTypeMismatch { .. }
            | InstantiationError::FuncTypeMismatch { .. }
            | InstantiationError::TableTypeMismatch { .. }
            | InstantiationError::MemoryTypeMismatch { .. },
        ) => &["incompatible import type"],
        _ => &[],
    };
    texts.contains(&expected)
}

/// Whether `expected`, the text of an `assert_invalid` or `assert_malformed`, forbids what a module may
/// have since there are several memories and 64-bit offsets.
pub(crate) fn is_permitted_later(expected: &str) -> bool {
    ["multiple memories", "zero byte expected", "integer representation too long"].contains(&expected)
}

/// The trap that an error is or means. Segments that do not fit are traps to the specification,
/// and errors of the instantiation to the engine.
fn trap_code(error: &Error) -> Option<TrapCode> {
    match error.kind() {
        ErrorKind::Instantiation(InstantiationError::ElementSegmentDoesNotFit { .. }) => {
            Some(TrapCode::TableOutOfBounds)
        }
        _ => error.as_trap_code(),
    }
}

#[cfg(test)]
mod tests {
    use wasmote::{Error, TrapCode};

    use super::{is_trap, is_unlinkable};

    #[test]
    fn texts_belong_to_their_traps() {
        let error = Error::from(TrapCode::TableOutOfBounds);
        assert!(is_trap(&error, "undefined element"));
        assert!(is_trap(&error, "out of bounds table access"));
        assert!(!is_trap(&error, "out of bounds memory access"));
        assert!(is_trap(&TrapCode::IndirectCallToNull.into(), "uninitialized element 7"));
        assert!(!is_trap(&TrapCode::OutOfFuel.into(), "unreachable"));
        assert!(!is_trap(&Error::new("unreachable"), "unreachable"));
        assert!(!is_unlinkable(&error, "unknown import"));
    }
}
