//! The guide is whole: its summary has all pages, its links lead somewhere, and its code is run.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the pages of the guide, without the summary.
fn pages() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("docs/guide/src")).expect("the guide can be read");
    let paths = entries.map(|entry| entry.expect("the guide can be read").path());
    paths.filter(|path| path.file_name().is_some_and(|name| name != "SUMMARY.md")).collect()
}

/// Returns the targets of the links of a page, without those to other sites.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    targets.filter(|target| !target.contains("://") && !target.starts_with('#')).collect()
}

#[test]
fn the_summary_has_all_pages() {
    let summary = read(&root().join("docs/guide/src/SUMMARY.md"));
    let listed: BTreeSet<_> = links(&summary).into_iter().map(str::to_owned).collect();
    let names = pages().into_iter().filter_map(|path| path.file_name()?.to_str().map(str::to_owned));
    assert_eq!(listed, names.collect());
}

#[test]
fn links_lead_somewhere() {
    let mut documents = pages();
    documents.push(root().join("docs/guide/src/SUMMARY.md"));
    documents.push(root().join("README.md"));
    for path in documents {
        let text = read(&path);
        for target in links(&text) {
            let file = path.parent().expect("in a folder").join(target.split('#').next().unwrap_or(target));
            assert!(file.exists(), "{} links to {target}", path.display());
        }
    }
}

/// The guide is a book by itself, which has no other files.
#[test]
fn links_do_not_leave_the_book() {
    for path in pages() {
        let text = read(&path);
        let outside: Vec<_> = links(&text).into_iter().filter(|target| target.starts_with("..")).collect();
        assert!(outside.is_empty(), "{} links to {outside:?}", path.display());
    }
}

#[test]
fn the_code_of_all_pages_is_run() {
    let sources = read(&root().join("src/lib.rs")) + &read(&root().join("crates/wasi/src/lib.rs"));
    for path in pages() {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if read(&path).contains("```rust") {
            assert!(sources.contains(&format!("docs/guide/src/{name}\")")), "{name} is no test");
        }
    }
}
