//! Proposals: which can be switched on and off, and which a module lacks.

use std::str::FromStr;

use wasmote::Config;
use wasmparser::{ValidPayload, Validator, WasmFeatures};

/// A proposal that can be switched on and off.
struct Proposal {
    name: &'static str,
    default: bool,
    /// What it is to the validator that finds out which proposal a module lacks.
    feature: WasmFeatures,
    set: fn(&mut Config, bool) -> &mut Config,
}

macro_rules! proposals {
    ($($name:literal $default:ident $feature:ident $set:ident;)*) => {
        const PROPOSALS: &[Proposal] = &[ $( Proposal {
            name: $name,
            default: proposals!($default),
            feature: WasmFeatures::$feature,
            set: Config::$set,
        }, )* ];
    };
    (on) => { true };
    (off) => { false };
}

proposals! {
    "mutable-global" on MUTABLE_GLOBAL wasm_mutable_global;
    "sign-extension" on SIGN_EXTENSION wasm_sign_extension;
    "saturating-float-to-int" on SATURATING_FLOAT_TO_INT wasm_saturating_float_to_int;
    "multi-value" on MULTI_VALUE wasm_multi_value;
    "multi-memory" on MULTI_MEMORY wasm_multi_memory;
    "bulk-memory" on BULK_MEMORY wasm_bulk_memory;
    "reference-types" on REFERENCE_TYPES wasm_reference_types;
    "tail-call" on TAIL_CALL wasm_tail_call;
    "extended-const" on EXTENDED_CONST wasm_extended_const;
    "custom-page-sizes" off CUSTOM_PAGE_SIZES wasm_custom_page_sizes;
    "memory64" on MEMORY64 wasm_memory64;
    "wide-arithmetic" off WIDE_ARITHMETIC wasm_wide_arithmetic;
    "floats" on FLOATS floats;
}

/// One word of `--features`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Switch {
    index: usize,
    on: bool,
}

impl FromStr for Switch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, on) = text.strip_prefix('-').map_or((text, true), |name| (name, false));
        let index = PROPOSALS.iter().position(|proposal| proposal.name == name);
        index.map(|index| Self { index, on }).ok_or_else(|| {
            let names: Vec<_> = PROPOSALS.iter().map(|proposal| proposal.name).collect();
            format!("there is no such proposal; there are: {}", names.join(", "))
        })
    }
}

/// The proposals that modules may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Proposals {
    enabled: [bool; PROPOSALS.len()],
}

impl Default for Proposals {
    fn default() -> Self {
        Self { enabled: std::array::from_fn(|i| PROPOSALS[i].default) }
    }
}

impl Proposals {
    /// All there are.
    pub(crate) fn all() -> Self {
        Self { enabled: [true; PROPOSALS.len()] }
    }

    /// Switches one on or off.
    pub(crate) fn switch(&mut self, switch: Switch) {
        self.enabled[switch.index] = switch.on;
    }

    /// A configuration with these.
    pub(crate) fn config(&self) -> Config {
        let mut config = Config::default();
        for (proposal, &enabled) in PROPOSALS.iter().zip(&self.enabled) {
            (proposal.set)(&mut config, enabled);
        }
        config
    }

    /// What to do about an invalid module that would be valid, or be so for longer, with more
    /// proposals.
    pub(crate) fn advice(&self, wasm: &[u8]) -> Option<String> {
        let mut features = WasmFeatures::GC_TYPES;
        for (proposal, &enabled) in PROPOSALS.iter().zip(&self.enabled) {
            features.set(proposal.feature, enabled);
        }
        let (mut missing, mut unknown) = (Vec::new(), Vec::new());
        let mut error = Check::new(wasm, features)?;
        // Each round adds what lets the validator see more of the module.
        while let Some((feature, next)) = error.cure(wasm, features) {
            features |= feature;
            match PROPOSALS.iter().find(|proposal| proposal.feature == feature) {
                Some(proposal) => missing.push(proposal.name),
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

/// The name of what the validator knows as a feature, in the style of the names here.
fn name_of(feature: WasmFeatures) -> String {
    feature.iter_names().next().map(|(name, _)| name.to_lowercase().replace('_', "-")).unwrap_or_default()
}

/// Where validation stops.
struct Check {
    offset: u64,
    missing: Option<WasmFeatures>,
}

impl Check {
    /// Validates with `features`; nothing if the module is valid.
    fn new(wasm: &[u8], features: WasmFeatures) -> Option<Self> {
        let mut validator = Validator::new_with_features(features);
        let mut check = || {
            for payload in wasmparser::Parser::new(0).parse_all(wasm) {
                if let ValidPayload::Func(func, body) = validator.payload(&payload?)? {
                    func.into_validator(Default::default()).validate(&body)?;
                }
            }
            Ok(())
        };
        let error: wasmparser::Error = check().err()?;
        Some(Self { offset: error.offset(), missing: error.missing_wasm_feature() })
    }

    /// A feature that lets the validator come further, and where it stops then.
    fn cure(&self, wasm: &[u8], features: WasmFeatures) -> Option<(WasmFeatures, Option<Self>)> {
        // The validator does not always know; a trial of all that it could be would take long.
        let own = PROPOSALS.iter().map(|proposal| proposal.feature);
        // What it knows can be a part of a proposal.
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
