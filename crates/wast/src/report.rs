//! The outcome of a script.

use std::{collections::BTreeMap, fmt};

/// The numbers of directives that passed, failed and were skipped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Did what the script says
    pub passed: usize,
    /// Did something else, or need a feature that the engine lacks
    pub failed: usize,
    /// Not run, because the engine panicked before
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
    /// The directive's keyword, for example `assert_return`
    pub directive: &'static str,
    /// The expected outcome and the actual one
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.line, self.column, self.directive, self.message)
    }
}

/// The outcome of a script's directives.
#[derive(Debug, Clone, Default)]
pub struct WastReport {
    tallies: BTreeMap<&'static str, Tally>,
    failures: Vec<Failure>,
}

impl WastReport {
    /// Returns the counts of all directives.
    #[must_use]
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        for tally in self.tallies.values() {
            total.add(*tally);
        }
        total
    }

    /// Returns the counts for each keyword, in alphabetical order.
    pub fn tallies(&self) -> impl Iterator<Item = (&'static str, Tally)> {
        self.tallies.iter().map(|(directive, tally)| (*directive, *tally))
    }

    /// Returns the directives that failed, in the order of the script.
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

    /// Adds the outcome of other directives.
    pub(crate) fn add(&mut self, other: Self) {
        for (directive, tally) in other.tallies {
            self.tallies.entry(directive).or_default().add(tally);
        }
        self.failures.extend(other.failures);
    }

    /// Brings the failures into the order of the script.
    pub(crate) fn sort(&mut self) {
        self.failures.sort_by_key(|failure| (failure.line, failure.column));
    }

    pub(crate) fn fail(&mut self, failure: Failure) {
        self.tallies.entry(failure.directive).or_default().failed += 1;
        self.failures.push(failure);
    }
}
