//! What came out of a script.

use std::{collections::BTreeMap, fmt};

/// How many directives passed, failed and were skipped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Did what the script says
    pub passed: usize,
    /// Did something else, or cannot be run by this engine
    pub failed: usize,
    /// Not run
    pub skipped: usize,
}

impl Tally {
    /// Adds the counts of another tally.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// A directive that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Line of the script, counted from 1
    pub line: usize,
    /// Column of the line, counted from 1
    pub column: usize,
    /// The directive's keyword: `assert_return`
    pub directive: &'static str,
    /// What was expected and what came instead
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.line, self.column, self.directive, self.message)
    }
}

/// What came out of the directives of a script.
#[derive(Debug, Clone, Default)]
pub struct WastReport {
    tallies: BTreeMap<&'static str, Tally>,
    failures: Vec<Failure>,
}

impl WastReport {
    /// The counts of all directives.
    #[must_use]
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        for tally in self.tallies.values() {
            total.add(*tally);
        }
        total
    }

    /// The counts by keyword of the directive, in alphabetical order.
    pub fn tallies(&self) -> impl Iterator<Item = (&'static str, Tally)> {
        self.tallies.iter().map(|(directive, tally)| (*directive, *tally))
    }

    /// The directives that failed, in the order of the script.
    #[must_use]
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    pub(crate) fn pass(&mut self, directive: &'static str) {
        self.tallies.entry(directive).or_default().passed += 1;
    }

    pub(crate) fn skip(&mut self, directive: &'static str) {
        self.tallies.entry(directive).or_default().skipped += 1;
    }

    pub(crate) fn fail(&mut self, failure: Failure) {
        self.tallies.entry(failure.directive).or_default().failed += 1;
        self.failures.push(failure);
    }
}
