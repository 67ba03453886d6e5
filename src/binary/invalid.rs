//! Errors for bytes outside of function bodies that are malformed or invalid.

use wasmparser::BinaryReaderError;

use crate::error::Error;

/// Converts an error of the parser.
pub(super) fn invalid(error: &BinaryReaderError) -> Error {
    Error::invalid_wasm(error.message(), error.offset() as usize, None)
}

/// Converts an error of the parser, for `map_err`.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands the error over")]
pub(super) fn wrap(error: BinaryReaderError) -> Error {
    invalid(&error)
}

/// Makes the error for an invalid construct at `offset` of the module.
pub(super) fn invalid_at(offset: u64, message: &str) -> Error {
    Error::invalid_wasm(message, offset as usize, None)
}
