//! Compares the verdict of this library on a module with that of the parser's validator.

use std::{collections::BTreeMap, fmt};

use wasmote::{CompilationMode, Config, Engine, Error, Module, Proposal, errors::ErrorKind};
use wasmparser::{
    BinaryReader, FuncValidatorAllocations, FunctionBody, Parser, Payload, ValidPayload, Validator, WasmFeatures,
};

use crate::random::read_unsigned;

/// The enabled proposals, one bit each, in the order of `Proposal::ALL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Switches(pub(crate) u32);

impl From<Proposal> for Switches {
    fn from(proposal: Proposal) -> Self {
        Self(1 << proposal as u32)
    }
}

impl Switches {
    pub(crate) const COUNT: usize = Proposal::ALL.len();
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self((1 << Self::COUNT) - 1);

    pub(crate) fn has(self, other: impl Into<Self>) -> bool {
        let other = other.into();
        self.0 & other.0 == other.0
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn config(self) -> Config {
        let mut config = Config::default();
        for &proposal in Proposal::ALL {
            config.proposal(proposal, self.has(proposal));
        }
        config
    }

    pub(crate) fn features(self) -> WasmFeatures {
        let mut features = WasmFeatures::GC_TYPES;
        for &proposal in Proposal::ALL {
            for flag in proposal.parser_flags() {
                let flag = WasmFeatures::from_name(flag).expect("a feature of the parser");
                features.set(flag, self.has(proposal));
            }
        }
        features
    }
}

/// The reason for which a module is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    message: String,
    pub(crate) offset: usize,
    /// The function with the invalid body
    pub(crate) func: Option<u32>,
}

impl Refusal {
    fn of_ours(error: &Error) -> Self {
        match error.kind() {
            ErrorKind::Wasm(error) => {
                Self { message: error.message().into(), offset: error.offset(), func: error.func_index() }
            }
            _ => panic!("not an error of the module: {error:?}"),
        }
    }

    fn of_theirs(error: &wasmparser::BinaryReaderError, func: Option<u32>) -> Self {
        Self { message: error.message().into(), offset: error.offset() as usize, func }
    }
}

/// A defined function: its index, its body, and the offset of the body.
type Body<'a> = (u32, FunctionBody<'a>);

/// Returns the verdict of the parser's validator. Appends the bodies that it reads to `bodies`.
fn theirs<'a>(wasm: &'a [u8], features: WasmFeatures, bodies: &mut Vec<Body<'a>>) -> Result<(), Refusal> {
    let mut parser = Parser::new(0);
    parser.set_features(features);
    let mut validator = Validator::new_with_features(features);
    let refusal = |error: wasmparser::BinaryReaderError| Refusal::of_theirs(&error, None);
    for payload in parser.parse_all(wasm) {
        let payload = payload.map_err(refusal)?;
        if let Payload::Version { encoding: wasmparser::Encoding::Component, .. } = payload {
            return Err(Refusal { message: "component".into(), offset: 4, func: None });
        }
        if let ValidPayload::Func(validator, body) = validator.payload(&payload).map_err(refusal)? {
            let func = validator.index;
            bodies.push((func, body.clone()));
            let mut validator = validator.into_validator(FuncValidatorAllocations::default());
            validator.validate(&body).map_err(|error| Refusal::of_theirs(&error, Some(func)))?;
        }
    }
    Ok(())
}

/// Returns the offsets of the operators of a body, up to the first malformed one.
pub(crate) fn operator_starts(body: &FunctionBody<'_>) -> Vec<usize> {
    let mut starts = Vec::new();
    let Ok(mut reader) = body.get_operators_reader() else { return starts };
    while !reader.eof() {
        starts.push(reader.original_position() as usize);
        if reader.read().is_err() {
            break;
        }
    }
    starts
}

/// Counts the outcomes, to detect cases that test nothing.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) valid: usize,
    pub(crate) invalid_bodies: usize,
    pub(crate) invalid_elsewhere: usize,
    /// The modules that only this library refuses, for the reason of `is_float_left_over`
    floats: usize,
    /// For each operator, the number of valid bodies that contain it, and of refusals at it
    pub(crate) operators: BTreeMap<u16, (usize, usize)>,
}

/// Returns the number of an operator: its byte, or 0xfc and the number after it.
fn operator_at(wasm: &[u8], at: usize) -> u16 {
    match wasm.get(at) {
        Some(0xfc) => 0xfc00 | read_unsigned(wasm, &mut (at + 1)).unwrap_or(0xff) as u16,
        Some(first) => u16::from(*first),
        None => 0xffff,
    }
}

/// Whether a refusal is one that only this library has. Without floats, the parser's validator accepts operators from
/// floats to integers, which only unreachable code can contain.
fn is_float_left_over(wasm: &[u8], switches: Switches, refusal: &Refusal) -> bool {
    !switches.has(Proposal::Floats)
        && refusal.message.contains("floating-point")
        && matches!(
            operator_at(wasm, refusal.offset),
            0xa8..=0xab | 0xae..=0xb1 | 0xbc | 0xbd | 0xfc00..=0xfc07
        )
}

/// Whether the two disagree only since this library does not read the immediates of a vector operator, which are
/// truncated.
fn is_cut_vector(wasm: &[u8], ours: &Refusal, theirs: &Refusal) -> bool {
    let longest = 18;
    operator_at(wasm, ours.offset) == 0xfd && (ours.offset..=ours.offset + longest).contains(&theirs.offset)
}

/// The parser counts this as part of garbage collection; here it comes with function references.
fn is_own_global(switches: Switches, theirs: &Refusal) -> bool {
    switches.has(Proposal::FunctionReferences) && theirs.message.contains("global.get of locally defined global")
}

impl Tally {
    /// Compares the verdicts on `wasm`.
    ///
    /// # Errors
    ///
    /// Describes the difference.
    pub(crate) fn compare(&mut self, wasm: &[u8], switches: Switches) -> Result<(), String> {
        let mut bodies = Vec::new();
        let theirs = theirs(wasm, switches.features(), &mut bodies);
        let mut config = switches.config();
        let ours = Module::validate(&Engine::new(&config), wasm).map_err(|error| Refusal::of_ours(&error));
        if matches!(&theirs, Err(theirs) if is_own_global(switches, theirs)) {
            return Ok(());
        }
        let agrees = match (&ours, &theirs) {
            (Ok(()), Ok(())) => {
                self.valid += 1;
                for start in bodies.iter().flat_map(|(_, body)| operator_starts(body)) {
                    self.operators.entry(operator_at(wasm, start)).or_default().0 += 1;
                }
                true
            }
            (Err(ours), _) if is_float_left_over(wasm, switches, ours) => {
                self.floats += 1;
                match &theirs {
                    Ok(()) => true,
                    Err(theirs) => theirs.func > ours.func || theirs.offset >= ours.offset,
                }
            }
            (Err(ours), Err(theirs)) => match theirs.func {
                Some(_) if ours.func == theirs.func => {
                    self.invalid_bodies += 1;
                    self.operators.entry(operator_at(wasm, theirs.offset)).or_default().1 += 1;
                    ours.offset == theirs.offset || is_cut_vector(wasm, ours, theirs)
                }
                None if ours.func.is_none() => {
                    self.invalid_elsewhere += 1;
                    true
                }
                _ => false,
            },
            _ => false,
        };
        if !agrees {
            return Err(format!("ours: {ours:?}\ntheirs: {theirs:?}"));
        }
        // Translation validates bodies too, and must agree.
        config.compilation_mode(CompilationMode::Eager);
        let eager = Module::from_bytes(&Engine::new(&config), wasm.to_vec());
        same(&ours, eager.map(drop), "eager")?;
        if let Err(Refusal { func: None, .. }) = ours {
            return Ok(());
        }
        if matches!(&ours, Err(refusal) if is_float_left_over(wasm, switches, refusal)) {
            // The bodies after this one were not compared.
            return Ok(());
        }
        // SAFETY: the module may be invalid, but nothing of it runs. Translation must still notice that, since it
        // validates.
        let unchecked = unsafe { Module::new_unchecked(&Engine::new(&config), wasm) };
        same(&ours, unchecked.map(drop), "unchecked")?;
        config.compilation_mode(CompilationMode::Lazy);
        let lazy = Module::from_bytes(&Engine::new(&config), wasm.to_vec());
        let lazy = match (lazy, &ours) {
            (Ok(lazy), _) => lazy,
            // The sections after the code may be invalid too.
            (Err(error), Err(_)) if Refusal::of_ours(&error).func.is_none() => return Ok(()),
            (Err(error), _) => return Err(format!("lazy: {error}")),
        };
        let refused = ours.as_ref().err().and_then(|refusal| refusal.func);
        for (func, _) in bodies {
            let expected = if Some(func) == refused { ours.clone() } else { Ok(()) };
            same(&expected, lazy.disassemble(func).map(drop), "lazy")?;
        }
        Ok(())
    }
}

fn same(expected: &Result<(), Refusal>, found: Result<(), Error>, mode: &str) -> Result<(), String> {
    match (expected, found) {
        (Ok(()), Ok(())) => Ok(()),
        // A valid function may still need too large a frame.
        (Ok(()), Err(error)) if matches!(error.kind(), ErrorKind::Translation(_)) => Ok(()),
        (Err(expected), Err(error)) if !matches!(error.kind(), ErrorKind::Translation(_)) => {
            let found = Refusal::of_ours(&error);
            if found == *expected { Ok(()) } else { Err(format!("{mode}: {found:?} instead of {expected:?}")) }
        }
        (Err(_), Err(_)) => Ok(()),
        (expected, found) => Err(format!("{mode}: {found:?} instead of {expected:?}")),
    }
}

/// Reads a body.
pub(crate) fn body_of(bytes: &[u8]) -> FunctionBody<'_> {
    FunctionBody::new(BinaryReader::new(bytes, 0))
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let in_valid = self.operators.values().filter(|(valid, _)| *valid > 0).count();
        let refused = self.operators.values().filter(|(_, refused)| *refused > 0).count();
        write!(f, "{} valid with {in_valid} operators, ", self.valid)?;
        write!(f, "{} with invalid bodies at {refused} operators, ", self.invalid_bodies)?;
        write!(f, "{} invalid elsewhere, {} without floats", self.invalid_elsewhere, self.floats)
    }
}

impl Tally {
    /// Checks that at least `share` cases were valid and as many invalid, and that enough operators were refused.
    pub(crate) fn assert_worth(&self, share: usize, operators: usize) {
        assert!(self.valid >= share, "only {} were valid", self.valid);
        assert!(self.invalid_bodies >= share, "only {} had an invalid body", self.invalid_bodies);
        let refused = self.operators.values().filter(|(_, refused)| *refused > 0).count();
        assert!(refused >= operators, "only {refused} operators were refused");
    }
}
