//! The list of proposals, and the places that must agree with it.

use std::{fs, path::Path};

use wasmote::{Config, Proposal};

/// The first line of the table in README.md.
const HEADING: &str = "| part | name | since | default |\n|---|---|---|---|\n";

/// The rows of the table in README.md.
fn table() -> String {
    let row = |&proposal: &Proposal| {
        let default = if proposal.is_on_by_default() { "on" } else { "off" };
        let since = proposal.version();
        format!("| [{}]({}) | `{proposal}` | {since} | {default} |\n", proposal.title(), proposal.link())
    };
    Proposal::ALL.iter().map(row).collect()
}

/// `WASMOTE_WRITE_README=1 cargo test --test proposals` writes the table.
#[test]
fn the_table_in_the_readme_is_the_list() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(&path).expect("README.md can be read");
    let (before, rest) = text.split_once(HEADING).expect("README.md has a table of proposals");
    let (found, after) = rest.split_once("\n\n").expect("the table ends");
    if std::env::var_os("WASMOTE_WRITE_README").is_some() {
        let text = format!("{before}{HEADING}{}\n{}", table(), after.trim_start());
        return fs::write(&path, text).expect("README.md can be written");
    }
    assert_eq!(format!("{found}\n"), table(), "README.md is not up to date");
}

#[test]
fn each_proposal_has_a_switch_of_its_own() {
    let defaults = Config::default();
    for &proposal in Proposal::ALL {
        assert_eq!(defaults.has_proposal(proposal), proposal.is_on_by_default(), "{proposal}");
        let mut config = defaults.clone();
        config.proposal(proposal, !proposal.is_on_by_default());
        for &other in Proposal::ALL {
            let changed = config.has_proposal(other) != defaults.has_proposal(other);
            assert_eq!(changed, other == proposal, "{other} after a change of {proposal}");
        }
    }
}

#[test]
fn names_tell_proposals_apart() {
    for (i, proposal) in Proposal::ALL.iter().enumerate() {
        for other in &Proposal::ALL[..i] {
            assert_ne!(proposal.name(), other.name());
            assert_ne!(proposal.title(), other.title());
            assert_ne!(proposal.parser_flags(), other.parser_flags());
        }
    }
}
