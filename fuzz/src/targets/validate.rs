//! Raw and changed bytes: this library and the validator of wasmparser accept the same modules under the same proposals,
//! and refuse the same function. Compilation modes agree, and translated code passes the verifier.

use wasmote::{CompilationMode, Config, Engine, Error, Module, Proposal, errors::ErrorKind};
use wasmote_generate::Random;
use wasmparser::{FuncValidatorAllocations, Parser, Payload, ValidPayload, Validator, WasmFeatures};

use crate::{
    inputs::{choices, seed_of, show},
    mutate, smith, tally,
};

/// Makes an input: sometimes bytes without any order, usually a module with changes.
pub fn input(random: &mut Random) -> Vec<u8> {
    match random.below(16) {
        0 => {
            let len = random.index(200);
            [b"\0asm\x01\0\0\0", &*random.bytes(len)].concat()
        }
        1 => {
            let len = random.index(64);
            random.bytes(len)
        }
        2..5 => smith::any(&choices(random), random.number()).unwrap_or_default(),
        _ => mutate::module(random),
    }
}

/// Runs an input.
///
/// # Panics
///
/// If the verdicts differ.
pub fn run(data: &[u8]) {
    let mut random = Random(seed_of(data));
    let (config, features) = proposals(&mut random);
    if let Err(difference) = compare(data, &config, features) {
        let hex: String = data.iter().take(4000).map(|byte| format!("{byte:02x}")).collect();
        let on: Vec<_> = Proposal::ALL.iter().filter(|proposal| config.has_proposal(**proposal)).collect();
        panic!("{difference}\n{on:?}\n{}\n{hex}", show(data));
    }
}

/// Usually enables everything; sometimes a random set. Floats are never off: there the two differ.
fn proposals(random: &mut Random) -> (Config, WasmFeatures) {
    let all = !random.once_in(4);
    let mut config = Config::default();
    let mut features = WasmFeatures::GC_TYPES;
    for &proposal in Proposal::ALL {
        let on = all || proposal == Proposal::Floats || !random.once_in(4);
        config.proposal(proposal, on);
        for flag in proposal.parser_flags() {
            features.set(WasmFeatures::from_name(flag).expect("a feature of the parser"), on);
        }
    }
    (config, features)
}

/// Why a module is refused, and in which function.
#[derive(Debug, PartialEq, Eq)]
struct Refusal {
    message: String,
    offset: usize,
    func: Option<u32>,
}

impl Refusal {
    fn of(error: &Error) -> Self {
        match error.kind() {
            ErrorKind::Wasm(error) => {
                Self { message: error.message().into(), offset: error.offset(), func: error.func_index() }
            }
            _ => panic!("not an error of the module: {error:?}"),
        }
    }
}

/// Returns the verdict of the other validator, and the number of functions, imported ones included.
fn theirs(wasm: &[u8], features: WasmFeatures) -> (Result<(), Refusal>, Vec<u32>) {
    let mut parser = Parser::new(0);
    parser.set_features(features);
    let mut validator = Validator::new_with_features(features);
    let mut funcs = Vec::new();
    let result = (|| {
        let refusal = |func| {
            move |error: wasmparser::BinaryReaderError| Refusal {
                message: error.message().into(),
                offset: error.offset() as usize,
                func,
            }
        };
        for payload in parser.parse_all(wasm) {
            let payload = payload.map_err(refusal(None))?;
            if let Payload::Version { encoding: wasmparser::Encoding::Component, .. } = payload {
                return Err(Refusal { message: "component".into(), offset: 4, func: None });
            }
            if let ValidPayload::Func(validator, body) = validator.payload(&payload).map_err(refusal(None))? {
                let func = validator.index;
                funcs.push(func);
                let mut validator = validator.into_validator(FuncValidatorAllocations::default());
                validator.validate(&body).map_err(refusal(Some(func)))?;
            }
        }
        Ok(())
    })();
    (result, funcs)
}

fn compare(wasm: &[u8], config: &Config, features: WasmFeatures) -> Result<(), String> {
    let (theirs, funcs) = theirs(wasm, features);
    let ours = Module::validate(&Engine::new(config), wasm).map_err(|error| Refusal::of(&error));
    if is_known(&theirs) {
        return Ok(());
    }
    match (&ours, &theirs) {
        (Ok(()), Ok(())) => tally::add("valid", 1),
        (Err(ours), Err(theirs)) if ours.func == theirs.func && ours.func.is_some() => {
            tally::add("invalid in a function", 1);
        }
        // The parser reads sections as a whole before it judges bodies.
        (Err(_), Err(theirs)) if theirs.func.is_none() => tally::add("invalid elsewhere", 1),
        _ => return Err(format!("ours: {ours:?}\nwasmparser: {theirs:?}")),
    }
    modes(wasm, config, ours.err(), &funcs)
}

/// Compares the modes with the verdict.
fn modes(wasm: &[u8], config: &Config, refusal: Option<Refusal>, funcs: &[u32]) -> Result<(), String> {
    let load = |mode| Module::from_bytes(&Engine::new(config.clone().compilation_mode(mode)), wasm.to_vec());
    match (load(CompilationMode::Eager), &refusal) {
        (Ok(module), None) => {
            for func in funcs {
                module.verify_code(*func).map_err(|error| format!("function {func}: {error}"))?;
            }
        }
        // A valid function may still need too large a frame.
        (Err(error), None) if matches!(error.kind(), ErrorKind::Translation(_)) => {}
        (Err(error), Some(_)) if matches!(error.kind(), ErrorKind::Translation(_)) => {}
        (Err(error), Some(refusal)) if Refusal::of(&error) == *refusal => {}
        (found, _) => return Err(format!("eager: {:?}\nvalidate: {refusal:?}", found.map(drop))),
    }
    let lazy = match load(CompilationMode::Lazy) {
        Ok(lazy) => lazy,
        // The sections after the code may be invalid too.
        Err(error) if refusal.is_some() && Refusal::of(&error).func.is_none() => return Ok(()),
        Err(error) => return Err(format!("lazy: {error}")),
    };
    for func in funcs {
        let verdict = lazy.verify_code(*func);
        let expected = refusal.as_ref().filter(|refusal| refusal.func == Some(*func));
        match (verdict, expected) {
            (Ok(()), None) => {}
            (Err(error), _) if matches!(error.kind(), ErrorKind::Translation(_)) => {}
            (Err(error), Some(refusal)) if Refusal::of(&error) == *refusal => {}
            (found, _) => return Err(format!("lazy, function {func}: {found:?}\nvalidate: {refusal:?}")),
        }
    }
    Ok(())
}

/// Whether the two differ in a way that is known and meant.
fn is_known(theirs: &Result<(), Refusal>) -> bool {
    let elsewhere = |theirs: &Refusal| {
        // The parser counts this as part of garbage collection; here it comes with function references.
        theirs.message.contains("global.get of locally defined global")
            // The parser limits how large a type is if all its parts are written out.
            || theirs.message.contains("effective type size")
    };
    theirs.as_ref().is_err_and(elsewhere)
}
