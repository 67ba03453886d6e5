//! The proposals that are enabled, for the parser.

use wasmparser::WasmFeatures;

use crate::config::Features;

/// The proposals as the parser names them.
pub(crate) fn wasm_features(features: &Features) -> WasmFeatures {
    let mut wasm = WasmFeatures::empty();
    wasm.set(WasmFeatures::MUTABLE_GLOBAL, features.mutable_global);
    wasm.set(WasmFeatures::SIGN_EXTENSION, features.sign_extension);
    wasm.set(WasmFeatures::SATURATING_FLOAT_TO_INT, features.saturating_float_to_int);
    wasm.set(WasmFeatures::MULTI_VALUE, features.multi_value);
    wasm.set(WasmFeatures::MULTI_MEMORY, features.multi_memory);
    wasm.set(WasmFeatures::BULK_MEMORY, features.bulk_memory);
    wasm.set(WasmFeatures::BULK_MEMORY_OPT, features.bulk_memory);
    wasm.set(WasmFeatures::REFERENCE_TYPES, features.reference_types);
    wasm.set(WasmFeatures::CALL_INDIRECT_OVERLONG, features.reference_types);
    wasm.set(WasmFeatures::GC_TYPES, true);
    wasm.set(WasmFeatures::TAIL_CALL, features.tail_call);
    wasm.set(WasmFeatures::EXTENDED_CONST, features.extended_const);
    wasm.set(WasmFeatures::CUSTOM_PAGE_SIZES, features.custom_page_sizes);
    wasm.set(WasmFeatures::MEMORY64, features.memory64);
    wasm.set(WasmFeatures::WIDE_ARITHMETIC, features.wide_arithmetic);
    wasm.set(WasmFeatures::FLOATS, features.floats);
    wasm
}
