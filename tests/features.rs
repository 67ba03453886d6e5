//! The features of the crate, and the tables that must agree with them.

use std::{collections::BTreeMap, fs, path::Path};

/// The comment in Cargo.toml before the features that have no effect.
const NO_EFFECT: &str = "# Names of wasmi's features that have no effect here";

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The features of Cargo.toml that have an effect, and whether they are on by default.
fn features() -> BTreeMap<String, bool> {
    let manifest = read("Cargo.toml");
    let (_, features) = manifest.split_once("\n[features]\n").expect("Cargo.toml has features");
    let (features, _) = features.split_once(NO_EFFECT).expect("Cargo.toml says which features have no effect");
    let entries = || features.lines().filter_map(|line| line.split_once(" = ["));
    let (_, defaults) = entries().find(|(name, _)| *name == "default").expect("some features are on by default");
    let is_default = |name: &str| defaults.contains(&format!("\"{name}\""));
    entries().filter(|(name, _)| *name != "default").map(|(name, _)| (name.into(), is_default(name))).collect()
}

/// The rows of a table in a document: names of features, and whether they are on by default. `prefix` begins each line.
fn table(document: &str, prefix: &str) -> BTreeMap<String, bool> {
    let head = format!("{prefix}| feature | default |");
    let lines = document.lines().skip_while(|line| !line.starts_with(&head)).skip(2);
    let rows = lines.map_while(|line| line.strip_prefix(prefix)?.strip_prefix("| `"));
    rows.map(|row| {
        let (name, rest) = row.split_once("` | ").expect("a row begins with a feature");
        let (default, _) = rest.split_once(" |").expect("a row has three cells");
        assert!(matches!(default, "yes" | "no"), "{name}: {default}");
        (name.into(), default == "yes")
    })
    .collect()
}

#[test]
fn tables_list_every_feature_with_its_default() {
    let features = features();
    assert!(features.len() > 15, "{features:?}");
    assert_eq!(table(&read("README.md"), ""), features, "README.md");
    assert_eq!(table(&read("src/lib.rs"), "//! "), features, "src/lib.rs");
}
