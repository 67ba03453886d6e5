//! The integration tests of `wasmi`, run against `crates/wasmi-shim`.
//!
//! They come from the published package. What they import from `wasmi_core` is imported from `wasmi` here, as the types of the
//! two packages are the same there.

use std::path::Path;

use crate::packages::{self, Failure};

/// The version whose tests run.
const VERSION: &str = "2.0.0";

/// How many tests there are.
const COUNT: usize = 61;

/// The tests that fail, each with its reason.
const KNOWN: &[(&str, &str)] = &[
    (
        "integration::disallowed_start_fn::disallowed_start_fn",
        "the kind of the error is the same, its message has other words",
    ),
    (
        "integration::fuel_metering::metered_i32_add_lazy_translation",
        "a call does not pay for the translation of the function, since it would depend on who calls first",
    ),
    (
        "integration::fuel_metering::metered_i32_add_lazy",
        "a call does not pay for the translation of the function, since it would depend on who calls first",
    ),
    (
        "integration::resumable_call::resumable_call_smoldot_tail_01",
        "a host function that is called in tail position can be resumed here",
    ),
];

const MANIFEST: &str = r#"[package]
name = "wasmi-tests"
version = "0.0.0"
edition = "2024"

[workspace]

[features]
default = ["wat", "memory64"]
wat = []
memory64 = []

[lib]
path = "lib.rs"

[[test]]
name = "wasmi"
path = "tests/mod.rs"

[dependencies]
wasmi = { path = "SHIM" }
assert_matches = "=1.5.0"
"#;

/// Runs the tests.
///
/// # Errors
///
/// If the outcome is not what is known.
pub(crate) fn run(root: &Path) -> Result<(), Failure> {
    let source = packages::source(root, "wasmi", VERSION)?;
    let directory = root.join("target/packages/wasmi-tests");
    packages::copy(&source.join("tests"), &directory.join("tests"), &|_, text| {
        text.replace("wasmi_core::", "wasmi::")
    })?;
    let shim = root.join("crates/wasmi-shim");
    packages::write(&directory.join("Cargo.toml"), &MANIFEST.replace("SHIM", &shim.display().to_string()))?;
    packages::write(&directory.join("lib.rs"), "")?;
    let target = root.join("target/packages/target");
    let (printed, _) = packages::cargo(&directory, &target, &["test", "--no-fail-fast", "--test", "wasmi"], &[])?;
    packages::judge(&printed, COUNT, KNOWN)
}
