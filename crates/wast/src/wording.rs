//! The words in which scripts expect failures, against the typed errors of the engine.
//!
//! As in the reference interpreter, the text of a script is a prefix of the message. Wasmtime's own scripts quote the
//! messages of wasmtime.

use wasmote::{
    Error, ErrorKind, TrapCode,
    errors::{InstantiationError, LinkerError},
};

/// The messages of other engines for traps that this one words differently, or has one code for.
const TRAP_TEXTS: &[(&str, &[&str])] = &[
    ("wasm `unreachable` instruction executed", &["unreachable"]),
    ("undefined element: out of bounds table access", &["out of bounds table access", "undefined element"]),
    (
        "null reference",
        &[
            "null function reference",
            "null structure reference",
            "null array reference",
            "null i31 reference",
            "null exception reference",
            "null descriptor reference",
        ],
    ),
    ("cast failure", &["descriptor cast failure"]),
    ("integer divide by zero", &["divide by zero"]),
    ("expected shared memory", &["atomic wait on non-shared memory"]),
    ("indirect call type mismatch", &["call type mismatch"]),
];

/// Whether `expected`, the text of an `assert_trap` or `assert_exhaustion`, describes `error`.
pub(crate) fn is_trap(error: &Error, expected: &str) -> bool {
    match trap_code(error) {
        // The specification has no limits of this kind.
        None | Some(TrapCode::OutOfFuel | TrapCode::GrowthOperationLimited | TrapCode::OutOfSystemMemory) => false,
        Some(code) => is_trap_message(code.trap_message(), expected),
    }
}

/// Whether `expected` describes a trap whose message in the engine is `message`.
fn is_trap_message(message: &str, expected: &str) -> bool {
    let others = TRAP_TEXTS.iter().find(|(engine, _)| *engine == message).map_or(&[][..], |(_, texts)| *texts);
    // Only tables append the index of the element.
    let expected = match expected.rsplit_once(' ') {
        Some((text @ ("undefined element" | "uninitialized element"), index)) if index.parse::<u64>().is_ok() => text,
        _ => expected,
    };
    message.starts_with(expected) || others.iter().any(|text| text.starts_with(expected))
}

/// Whether `expected`, the text of an `assert_unlinkable`, describes `error`.
pub(crate) fn is_unlinkable(error: &Error, expected: &str) -> bool {
    match error.kind() {
        ErrorKind::Linker(LinkerError::MissingDefinition { .. }) => "unknown import".starts_with(expected),
        ErrorKind::Linker(LinkerError::InvalidTypeDefinition { .. })
        | ErrorKind::Instantiation(
            InstantiationError::ImportTypeMismatch { .. }
            | InstantiationError::GlobalTypeMismatch { .. }
            | InstantiationError::FuncTypeMismatch { .. }
            | InstantiationError::TableTypeMismatch { .. }
            | InstantiationError::MemoryTypeMismatch { .. },
        ) => is_mismatch(expected),
        _ => false,
    }
}

/// Whether `expected` describes an import of a different type.
fn is_mismatch(expected: &str) -> bool {
    let of_wasmtime = expected.starts_with("incompatible import type for `")
        || expected.ends_with(" types incompatible")
        || expected.starts_with("expected ")
            && (expected.contains(", found ") || expected.contains(" doesn't match provided "));
    of_wasmtime || "incompatible import type".starts_with(expected)
}

/// Whether `expected`, the text of an `assert_invalid` or `assert_malformed`, forbids what a module may
/// have since there are several tables, several memories and 64-bit offsets.
pub(crate) fn is_permitted_later(expected: &str) -> bool {
    ["multiple memories", "multiple tables", "zero byte expected", "integer representation too long"]
        .contains(&expected)
}

/// Returns the trap that an error is or means. Segments that do not fit are traps to the specification, and
/// errors of the instantiation to the engine.
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

    use super::{is_mismatch, is_trap, is_trap_message, is_unlinkable};

    #[test]
    fn texts_belong_to_their_traps() {
        let error = Error::from(TrapCode::TableOutOfBounds);
        assert!(is_trap(&error, "undefined element"));
        assert!(is_trap(&error, "undefined element 12"));
        assert!(is_trap(&error, "out of bounds table access"));
        assert!(!is_trap(&error, "out of bounds memory access"));
        assert!(!is_trap(&error, "uninitialized element"));
        assert!(is_trap(&TrapCode::IndirectCallToNull.into(), "uninitialized element 7"));
        assert!(!is_trap(&TrapCode::IndirectCallToNull.into(), "uninitialized element seven"));
        assert!(!is_trap(&Error::new("unreachable"), "unreachable"));
        assert!(!is_unlinkable(&error, "unknown import"));
    }

    #[test]
    fn a_text_is_a_prefix_of_the_message() {
        let error = Error::from(TrapCode::UnreachableCodeReached);
        assert!(is_trap(&error, ""));
        assert!(is_trap(&error, "unreach"));
        assert!(!is_trap(&error, "unreachable code"));
        assert!(!is_trap(&error, "reachable"));
        assert!(is_trap(&TrapCode::BadSignature.into(), "indirect call"));
        assert!(is_trap(&TrapCode::MemoryOutOfBounds.into(), "out of bounds"));
        assert!(!is_trap(&TrapCode::MemoryOutOfBounds.into(), "out of bounds memory access 7"));
    }

    #[test]
    fn a_limit_of_the_engine_is_no_trap() {
        for code in [TrapCode::OutOfFuel, TrapCode::GrowthOperationLimited, TrapCode::OutOfSystemMemory] {
            assert!(!is_trap(&code.into(), ""));
            assert!(!is_trap(&code.into(), code.trap_message()));
        }
    }

    #[test]
    fn wasmtime_has_words_of_its_own() {
        assert!(is_trap(&TrapCode::BadSignature.into(), "call type mismatch"));
        assert!(is_trap(&TrapCode::IntegerDivisionByZero.into(), "divide by zero"));
        assert!(!is_trap(&TrapCode::IntegerOverflow.into(), "divide by zero"));
        for text in [
            "incompatible import type",
            "incompatible import type for `m::g i32`",
            "memory types incompatible",
            "expected type `(func (param i32))`, found type `(func)`",
            "expected memory limits (min: 1, max: none) doesn't match provided memory limits (min: 0, max: none)",
        ] {
            assert!(is_mismatch(text), "{text}");
        }
        for text in ["unknown import", "expected mutable global", "incompatible import types", "out of bounds"] {
            assert!(!is_mismatch(text), "{text}");
        }
    }

    #[test]
    fn traps_of_later_proposals_are_known_by_their_messages() {
        for kind in ["", "function ", "structure ", "array ", "i31 ", "exception ", "descriptor "] {
            assert!(is_trap_message("null reference", &format!("null {kind}reference")));
        }
        assert!(!is_trap_message("null reference", "null element reference"));
        assert!(is_trap_message("cast failure", "cast failure"));
        assert!(is_trap_message("cast failure", "descriptor cast failure"));
        assert!(is_trap_message("unaligned atomic", "unaligned atomic"));
        assert!(is_trap_message("out of bounds array access", "out of bounds array"));
        assert!(!is_trap_message("out of bounds array access", "out of bounds memory access"));
    }
}
