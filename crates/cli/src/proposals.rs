//! Proposals: which can be switched on and off, and which a module lacks.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use wasmote::{Config, Proposal};
use wasmparser::{ValidPayload, Validator, WasmFeatures};

/// The feature of the validator that `proposal` is, to find out which proposal a module lacks.
fn feature_of(proposal: Proposal) -> WasmFeatures {
    let main = proposal.parser_flags().first().and_then(|flag| WasmFeatures::from_name(flag));
    main.unwrap_or(WasmFeatures::empty())
}

/// One word of `--features`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Switch {
    proposal: Proposal,
    on: bool,
}

impl Switch {
    /// Parses a name, perhaps after a `-`.
    fn parse(text: &str) -> Option<Self> {
        let (name, on) = text.strip_prefix('-').map_or((text, true), |name| (name, false));
        let proposal = Proposal::ALL.iter().find(|proposal| proposal.name() == name)?;
        Some(Self { proposal: *proposal, on })
    }
}

/// Parses words of `--features`, and lists them for completions and for messages.
pub(crate) fn switches() -> impl TypedValueParser<Value = Switch> {
    let on = Proposal::ALL.iter().map(|proposal| PossibleValue::new(proposal.name()));
    let off = Proposal::ALL.iter().map(|proposal| PossibleValue::new(format!("-{}", proposal.name())).hide(true));
    PossibleValuesParser::new(on.chain(off)).try_map(|text| Switch::parse(&text).ok_or("there is no such proposal"))
}

/// The proposals that modules may use.
#[derive(Debug, Clone)]
pub(crate) struct Proposals {
    config: Config,
}

impl Default for Proposals {
    /// The defaults of the library, threads, and the legacy operators of exceptions, which many compilers emit.
    fn default() -> Self {
        let mut config = Config::default();
        config.wasm_threads(true).wasm_legacy_exceptions(true);
        Self { config }
    }
}

impl Proposals {
    /// All proposals that Wasmote knows.
    pub(crate) fn all() -> Self {
        let mut config = Config::default();
        for &proposal in Proposal::ALL {
            config.proposal(proposal, true);
        }
        Self { config }
    }

    /// Switches a proposal on or off.
    pub(crate) fn switch(&mut self, switch: Switch) {
        self.config.proposal(switch.proposal, switch.on);
    }

    /// A configuration with these proposals.
    pub(crate) fn config(&self) -> Config {
        self.config.clone()
    }

    /// Advice about an invalid module that would be valid with more proposals, or whose first error would come later.
    pub(crate) fn advice(&self, wasm: &[u8]) -> Option<String> {
        let mut features = WasmFeatures::GC_TYPES;
        for &proposal in Proposal::ALL {
            features.set(feature_of(proposal), self.config.has_proposal(proposal));
        }
        let (mut missing, mut unknown) = (Vec::new(), Vec::new());
        let mut error = Check::new(wasm, features)?;
        // Each round adds a feature with which the validator gets further.
        while let Some((feature, next)) = error.cure(wasm, features) {
            features |= feature;
            match Proposal::ALL.iter().find(|&&proposal| feature_of(proposal) == feature) {
                Some(proposal) => missing.push(proposal.name()),
                None => unknown.push(format!("`{}`", name_of(feature))),
            }
            match next {
                Some(next) => error = next,
                None => break,
            }
        }
        if !unknown.is_empty() {
            let which = unknown.join(" and ");
            return Some(format!("it needs {which}, which Wasmote does not support: compile the module without it"));
        }
        if missing.is_empty() {
            None
        } else {
            Some(format!("enable what it needs with `--features {}`", missing.join(",")))
        }
    }
}

/// The name of a feature of the validator, spelled like the names of proposals.
fn name_of(feature: WasmFeatures) -> String {
    feature.iter_names().next().map(|(name, _)| name.to_lowercase().replace('_', "-")).unwrap_or_default()
}

/// The place where validation stops.
struct Check {
    offset: u64,
    missing: Option<WasmFeatures>,
}

impl Check {
    /// Validates with `features`; `None` if the module is valid.
    fn new(wasm: &[u8], features: WasmFeatures) -> Option<Self> {
        let mut validator = Validator::new_with_features(features);
        let mut parser = wasmparser::Parser::new(0);
        // Some features change what can be read.
        parser.set_features(features);
        let check = || {
            for payload in parser.parse_all(wasm) {
                if let ValidPayload::Func(func, body) = validator.payload(&payload?)? {
                    func.into_validator(Default::default()).validate(&body)?;
                }
            }
            Ok(())
        };
        let error: wasmparser::Error = check().err()?;
        Some(Self { offset: error.offset(), missing: error.missing_wasm_feature() })
    }

    /// A feature with which the validator gets further, and the place where it stops then.
    fn cure(&self, wasm: &[u8], features: WasmFeatures) -> Option<(WasmFeatures, Option<Self>)> {
        // The validator does not always know. It could be any feature, but to try all of them would take long.
        let own = Proposal::ALL.iter().map(|&proposal| feature_of(proposal));
        // The feature that it names can be a part of a proposal.
        let whole = |part| own.clone().find(|feature| feature.contains(part)).unwrap_or(part);
        let candidates = self.missing.map(whole).into_iter().chain(own.clone());
        for feature in candidates.filter(|&feature| !features.contains(feature)) {
            match Self::new(wasm, features | feature) {
                Some(next) if next.offset <= self.offset => {}
                next => return Some((feature, next)),
            }
        }
        None
    }
}
