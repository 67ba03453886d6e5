//! Artefacts that were changed: they are refused, or run within limits. Their checksums are made right, so that the checks of
//! the code have to find what is wrong.

use std::sync::LazyLock;

use wasmote::{CompilationMode, Config, Engine, Module};
use wasmote_bombs::heap::ThisThread;
use wasmote_generate::Random;

use crate::{
    inputs::{choices, seed_of, show},
    seeds::MODULES,
    smith, tally,
    targets::execute,
};

/// The most bytes on the heap at one time, besides those in proportion to the artefact.
const HEAP: isize = 128 << 20;
/// The most fuel of a call.
const FUEL: u64 = 1_000;
/// The most bytes of code that the fuel of a call may pay for. One unit may pay for a whole function, and the calls of an
/// iteration get up to 400 times the fuel of one: with the same fuel for all artefacts, long functions would run for minutes.
const WORK: u64 = 3_000_000;
/// Where the checksum is, and the number of sections (docs/artefact.md).
const CHECKSUM: usize = 32;
const SECTIONS: usize = 44;
/// The kind of the section with the code, and of that with the places of functions.
const CODE: u32 = 13;
const BODIES: u32 = 12;

/// Returns the configuration that artefacts are made and loaded with.
fn config() -> Config {
    let mut config = execute::config();
    config.compilation_mode(CompilationMode::Eager).consume_fuel(true);
    config
}

/// The artefacts of all seeds that are valid.
static ARTEFACTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let engine = Engine::new(&config());
    let precompiled = MODULES.iter().filter_map(|wasm| engine.precompile_module(wasm).ok());
    precompiled.filter(|artefact| artefact.len() < 100_000).collect()
});

/// Returns the word at `at`.
fn word(artefact: &[u8], at: usize) -> Option<u32> {
    artefact.get(at..at + 4).map(|bytes| u32::from_le_bytes(bytes.try_into().expect("four bytes")))
}

/// Returns where the section of a kind is.
fn section(artefact: &[u8], kind: u32) -> Option<std::ops::Range<usize>> {
    let count = word(artefact, SECTIONS)?;
    let entry = (0..count as usize).map(|i| SECTIONS + 4 + 12 * i).find(|&at| word(artefact, at) == Some(kind))?;
    let start = word(artefact, entry + 4)? as usize;
    let end = start + word(artefact, entry + 8)? as usize;
    (start < end && end <= artefact.len()).then_some(start..end)
}

/// Makes an input: an artefact of a seed or of a module of wasm-smith, with changes.
pub fn input(random: &mut Random) -> Vec<u8> {
    let mut artefact = ARTEFACTS[random.index(ARTEFACTS.len())].clone();
    if random.once_in(4) {
        let choices = choices(random);
        let wasm = smith::any(&choices, random.number());
        let made = wasm.and_then(|wasm| Engine::new(&config()).precompile_module(&wasm).ok());
        artefact = made.unwrap_or(artefact);
    }
    for _ in 0..random.pick(&[0, 1, 1, 1, 1, 2, 3, 8]) {
        change(random, &mut artefact);
    }
    artefact
}

/// Changes a unit of code, the place of a function, or a byte anywhere.
fn change(random: &mut Random, artefact: &mut [u8]) {
    let range = match random.below(10) {
        0 => 0..artefact.len(),
        1 => section(artefact, BODIES).unwrap_or(0..artefact.len()),
        _ => section(artefact, CODE).unwrap_or(0..artefact.len()),
    };
    if range.len() < 8 {
        return;
    }
    let at = range.start + random.index(range.len() / 2) * 2;
    let unit = u16::from_le_bytes([artefact[at], artefact[at + 1]]);
    let unit = match random.below(8) {
        0 => random.number() as u16,
        // An opcode, as a rule.
        1 | 2 => random.below(4000) as u16,
        // A slot.
        3 => random.below(16) as u16,
        4 => unit ^ 1 << random.below(16),
        5 => unit.wrapping_add(random.pick(&[1, 2, 0xffff, 0xfffe])),
        _ => {
            // Code from elsewhere.
            let len = 2 * (1 + random.index(8)).min((range.end - at) / 2);
            let from = range.start + random.index(range.len() / 2) * 2;
            if from + len <= range.end && at + len <= range.end {
                artefact.copy_within(from..from + len, at);
            }
            return;
        }
    };
    artefact[at..at + 2].copy_from_slice(&unit.to_le_bytes());
}

/// Makes the checksum right: FNV-1a of all other bytes.
fn seal(artefact: &mut [u8]) {
    if artefact.len() < CHECKSUM + 8 {
        return;
    }
    let others = artefact[..CHECKSUM].iter().chain(&artefact[CHECKSUM + 8..]);
    let sum = others
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    artefact[CHECKSUM..CHECKSUM + 8].copy_from_slice(&sum.to_le_bytes());
}

/// Runs an input: an artefact, whose checksum may be wrong.
///
/// # Panics
///
/// If a limit is exceeded.
pub fn run(data: &[u8]) {
    let mut random = Random(seed_of(data));
    let mut artefact = data.to_vec();
    seal(&mut artefact);
    let mut config = config();
    config.portable_dispatch(random.once_in(2)).set_max_stack_height(random.pick(&[4 << 10, 64 << 10]));
    let engine = Engine::new(&config);
    let len = artefact.len() as isize;
    let ((), cost) = ThisThread::measure(|| match Module::deserialize_checked(&engine, artefact) {
        Ok(module) => {
            tally::add("accepted", 1);
            execute::exercise(&engine, &module, FUEL.min(WORK / len.max(1) as u64), &mut random);
        }
        Err(_) => tally::add("refused", 1),
    });
    assert!(cost.peak < HEAP + 64 * len, "{} bytes on the heap\n{}", cost.peak, show(data));
}
