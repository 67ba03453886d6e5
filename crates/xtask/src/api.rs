//! The public names and signatures of `wasmi` and `wasmi_wasi`, compared with those of the library in the shape of the shim and
//! with `wasmote_wasi::compat`.
//!
//! The compiler describes each package (`rustdoc` with its format for programs), and `public-api` writes the description as one
//! line for each item. Lines are compared in a form that leaves out what no program can see: paths of types, names of lifetimes and
//! type parameters. Each item of `wasmi` that the library lacks must
//! be listed in a table of [`TABLE`], with the reason.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use public_api::{Error as ApiError, MINIMUM_NIGHTLY_RUST_VERSION};

use crate::{
    packages::{self, Failure, at},
    signature,
};

/// Where differences stand, under a heading for each package.
const TABLE: &str = "docs/guide/src/wasmi-differences.md";

/// The version of `wasmi` and `wasmi_wasi`.
const VERSION: &str = "2.0.0";

/// What is compared.
struct Comparison {
    /// The heading in [`TABLE`], and the package whose names must exist.
    name: &'static str,
    features: &'static [&'static str],
    /// Packages whose items it exports.
    exports: &'static [&'static str],
    /// Types of these packages that it exports with all that is beside them.
    types: &'static [&'static str],
    /// The dependency that has them here: its name, and its directory in the repository.
    dependency: (&'static str, &'static str),
    /// The package that defines them, and the path of the names.
    ours: (&'static str, &'static str),
}

const COMPARISONS: [Comparison; 2] = [
    Comparison {
        name: "wasmi",
        features: &["simd"],
        exports: &["wasmi_core"],
        types: &[],
        dependency: ("wasmi", "crates/wasmi-shim"),
        ours: ("wasmote", "wasmote"),
    },
    Comparison {
        name: "wasmi_wasi",
        features: &[],
        exports: &["wasi-common"],
        types: &["WasiCtxBuilder", "WasiCtx"],
        dependency: ("wasmote-wasi", "crates/wasi"),
        ours: ("wasmote-wasi", "wasmote_wasi::compat"),
    },
];

/// Compares all, or `only` the package of this name.
///
/// # Errors
///
/// If something is missing and not in the table, or in the table and not missing.
pub(crate) fn run(root: &Path, only: Option<&str>) -> Result<(), Failure> {
    let chosen: Vec<_> = COMPARISONS.iter().filter(|it| only.is_none_or(|name| name == it.name)).collect();
    if chosen.is_empty() {
        let names: Vec<_> = COMPARISONS.iter().map(|comparison| comparison.name).collect();
        return Err(format!("there is no such package; there are {}", names.join(", ")));
    }
    let path = root.join(TABLE);
    let text = fs::read_to_string(&path).map_err(at(&path))?;
    let failures: Vec<_> = chosen.iter().filter_map(|comparison| comparison.run(root, &text).err()).collect();
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

impl Comparison {
    fn run(&self, root: &Path, text: &str) -> Result<(), Failure> {
        let Self { name, features, exports, types, dependency: (package, directory), ours: (definer, path) } = self;
        let theirs = User {
            root,
            name: format!("{name}-theirs"),
            dependency: format!("{name} = {{ version = \"={VERSION}\", features = {features:?} }}\n"),
        };
        let directory = root.join(directory);
        let ours = User {
            root,
            name: format!("{name}-ours"),
            dependency: format!("{package} = {{ path = \"{}\", features = {features:?} }}\n", directory.display()),
        };
        let mut wanted = theirs.items(name, name)?;
        // All that a module exports, instead of which `types` has what programs use.
        wanted.retain(|item| !(item.starts_with("pub use ") && item.ends_with([':', '>'])));
        wanted.extend(types.iter().map(|name| format!("pub use {name}")));
        for exported in *exports {
            signature::resolve(&mut wanted, &theirs.items(exported, &exported.replace('-', "_"))?);
        }
        let found = ours.items(definer, path)?;
        let missing: BTreeSet<_> = wanted.difference(&found).map(String::as_str).collect();
        println!("{name}: {} of {} public items differ", missing.len(), wanted.len());
        judge(name, &missing, &rows(text, name))
    }
}

/// Compares what is missing with the rows of the table.
fn judge(name: &str, missing: &BTreeSet<&str>, rows: &BTreeMap<String, String>) -> Result<(), Failure> {
    let covers = |row: &str, item: &str| row.strip_suffix('*').map_or(row == item, |start| item.starts_with(start));
    let unexplained = missing.iter().filter(|item| !rows.keys().any(|row| covers(row, item)));
    let idle = rows.keys().filter(|row| !missing.iter().any(|item| covers(row, item)));
    let failures: Vec<_> = unexplained
        .map(|item| format!("missing: {item}"))
        .chain(idle.map(|row| format!("in {TABLE} and not missing: {row}")))
        .chain(rows.iter().filter(|(_, reason)| reason.is_empty()).map(|(row, _)| format!("without a reason: {row}")))
        .collect();
    if failures.is_empty() { Ok(()) } else { Err(format!("{name}:\n{}", failures.join("\n"))) }
}

/// Returns the rows under the heading of a package: items, and the reasons why they differ.
fn rows(text: &str, name: &str) -> BTreeMap<String, String> {
    let heading = format!("## `{name}`");
    let section = text.split("\n## ").find(|section| heading.ends_with(section.lines().next().unwrap_or(" ")));
    let lines = section.unwrap_or_default().lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
    let cells = lines.filter_map(|line| line.split_once("` | "));
    let mut rows = BTreeMap::new();
    for (items, reason) in cells {
        // A row may name several items.
        rows.extend(items.split("`, `").map(|item| (item.to_owned(), reason.to_owned())));
    }
    rows
}

/// A package that is made in order to use another one.
struct User<'a> {
    root: &'a Path,
    name: String,
    /// The line of its manifest.
    dependency: String,
}

impl User<'_> {
    /// Returns the public items of a package that it uses, whose names begin with `path`.
    fn items(&self, package: &str, path: &str) -> Result<BTreeSet<String>, Failure> {
        let file = self.describe(package)?;
        let api = public_api::Builder::from_rustdoc_json(&file).omit_blanket_impls(true).build();
        let api = api.map_err(|error| match error {
            ApiError::SerdeJsonError(_) => format!(
                "`public-api` knows the descriptions of another compiler ({MINIMUM_NIGHTLY_RUST_VERSION} or later): {error}"
            ),
            error => format!("{}: {error}", file.display()),
        })?;
        Ok(signature::items(api.items().map(ToString::to_string), path))
    }

    /// Has the compiler describe a package that it uses; returns the file.
    fn describe(&self, package: &str) -> Result<PathBuf, Failure> {
        let directory = self.root.join("target/packages/api").join(&self.name);
        let manifest = format!(
            "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{}",
            self.name, self.dependency
        );
        packages::write(&directory.join("Cargo.toml"), &manifest)?;
        packages::write(&directory.join("src/lib.rs"), "")?;
        let target = self.root.join("target/packages/api/target");
        let words =
            ["rustdoc", "--package", package, "--lib", "--", "-Z", "unstable-options", "--output-format", "json"];
        // The format is no stable part of the compiler.
        let (_, done) = packages::cargo(&directory, &target, &words, &[("RUSTC_BOOTSTRAP", "1")])?;
        if !done {
            return Err(format!("the compiler cannot describe {package}"));
        }
        Ok(target.join("doc").join(format!("{}.json", package.replace('-', "_"))))
    }
}
