//! Entry point of libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wasmote_fuzz::targets::artefact::run(data));
