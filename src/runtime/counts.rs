//! How often ops were executed, by their addresses.

use hashbrown::HashMap;

/// How often the op at each address was executed.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    by_address: HashMap<usize, u64>,
}

impl Counts {
    /// Counts the op at this address.
    #[inline(never)]
    pub(crate) fn count(&mut self, address: *const u8) {
        *self.by_address.entry(address as usize).or_default() += 1;
    }

    /// How often the op at this address was executed.
    pub(crate) fn at(&self, address: usize) -> u64 {
        self.by_address.get(&address).copied().unwrap_or_default()
    }

    /// How many ops were executed.
    pub(crate) fn total(&self) -> u64 {
        self.by_address.values().sum()
    }
}
