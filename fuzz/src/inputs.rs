//! Inputs of targets: bytes as numbers, random bytes, and modules in messages.

use wasmote_generate::Random;

/// Returns a number that depends on all of `data`.
pub(crate) fn seed_of(data: &[u8]) -> u64 {
    data.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Returns random bytes, of which a target makes choices.
pub(crate) fn choices(random: &mut Random) -> Vec<u8> {
    let len = random.pick(&[300, 600, 1500, 3000, 6000]);
    random.bytes(len)
}

/// Shows a module in a message.
pub(crate) fn show(wasm: &[u8]) -> String {
    wasmprinter::print_bytes(wasm).unwrap_or_else(|error| format!("{error:#}"))
}
