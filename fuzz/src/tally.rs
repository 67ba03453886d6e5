//! Counts of what the iterations came to, so that a target that tests nothing is noticed.

use std::{cell::RefCell, collections::BTreeMap};

thread_local! {
    static COUNTS: RefCell<BTreeMap<&'static str, u64>> = const { RefCell::new(BTreeMap::new()) };
}

/// Adds to a count.
pub(crate) fn add(what: &'static str, count: usize) {
    COUNTS.with_borrow_mut(|counts| *counts.entry(what).or_default() += count as u64);
}

/// Returns the counts of this thread, and begins anew.
#[must_use]
pub fn take() -> BTreeMap<&'static str, u64> {
    COUNTS.take()
}
