//! The table of rooms of ARCHITECTURE.md: which room may use which, and the numbers of the invariants.

use std::{collections::BTreeSet, fs, path::Path};

/// A row of the table: rooms, and the rooms that they may use besides themselves.
pub(crate) struct Row {
    pub(crate) rooms: Vec<String>,
    pub(crate) uses: Vec<String>,
}

/// What ARCHITECTURE.md says.
pub(crate) struct Architecture {
    text: String,
}

impl Architecture {
    pub(crate) fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md");
        Self { text: fs::read_to_string(path).expect("ARCHITECTURE.md is text") }
    }

    /// The cells of the rows of the first table of a section, without its head.
    fn table(&self, section: &str) -> Vec<Vec<&str>> {
        let heading = format!("\n## {section}\n");
        let (_, text) = self.text.split_once(&heading).unwrap_or_else(|| panic!("no section {section:?}"));
        let lines = text.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
        lines.skip(2).map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
    }

    /// The table of rooms.
    pub(crate) fn rooms(&self) -> Vec<Row> {
        let rows = self.table("Rooms");
        assert!(rows.len() > 8, "the table of rooms has only {} rows", rows.len());
        let row = |cells: Vec<&str>| {
            let [rooms, _, uses] = cells[..] else { panic!("a row of the table of rooms has three cells: {cells:?}") };
            Row { rooms: quoted(rooms), uses: quoted(uses) }
        };
        rows.into_iter().map(row).collect()
    }

    /// The numbers of the invariants: `I1` and so on.
    pub(crate) fn invariants(&self) -> BTreeSet<String> {
        let numbers: BTreeSet<String> = self.table("Invariants").iter().map(|cells| cells[0].to_owned()).collect();
        assert!(numbers.len() >= 8 && numbers.iter().all(|number| number.starts_with('I')), "{numbers:?}");
        numbers
    }
}

/// The words between backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
