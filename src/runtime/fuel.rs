//! The fuel of a store. Running code has a *slice* of it, and leaves the machine when the slice is used up.
//!
//! A slice is all fuel of the store, unless something has to happen at intervals: a check for interruptions, or a yield of an
//! asynchronous call. Then slices are small, and the rest of the fuel is kept here. If fuel is not metered, there are only slices.

use core::num::NonZeroU64;

use crate::{config::Config, error::kinds::FuelError, runtime::interruption::IS_BUILT};

/// The units of fuel after which code checks for an interruption: some microseconds of work.
const LOOK: u64 = 10_000;

/// The fuel of a store.
#[derive(Debug)]
pub(crate) struct Fuel {
    /// What code has until it comes back.
    pub(crate) slice: u64,
    /// The rest; of no meaning if fuel is not metered.
    reserve: u64,
    /// The size of new slices; `u64::MAX` if there is only one.
    size: u64,
    /// Whether code uses up fuel.
    metered: bool,
    /// Whether the store was ever given fuel.
    pub(crate) given: bool,
    /// Whether code checks for interruptions.
    looks: bool,
    /// After how much fuel an asynchronous call yields.
    interval: Option<NonZeroU64>,
    /// The fuel until it yields next.
    until_yield: u64,
}

impl Fuel {
    /// No fuel.
    pub(crate) fn new(config: &Config) -> Self {
        let mut fuel = Self {
            slice: 0,
            reserve: 0,
            size: u64::MAX,
            metered: config.consume_fuel,
            given: false,
            looks: config.epoch_interruption,
            interval: None,
            until_yield: 0,
        };
        fuel.resize();
        fuel
    }

    /// Removes all fuel.
    pub(crate) fn clear(&mut self) {
        self.given = false;
        self.split(0);
    }

    /// Returns the remaining fuel, if fuel is metered.
    pub(crate) fn left(&self) -> Option<u64> {
        self.metered.then(|| self.slice.saturating_add(self.reserve))
    }

    /// Sets the remaining fuel.
    pub(crate) fn set(&mut self, fuel: u64) {
        self.given = true;
        self.split(fuel);
    }

    /// Takes `amount` from the fuel, and returns the rest.
    ///
    /// # Errors
    ///
    /// If less is left. Nothing is taken then.
    pub(crate) fn consume(&mut self, amount: u64) -> Result<u64, FuelError> {
        if let Some(left) = self.slice.checked_sub(amount) {
            self.slice = left;
        } else {
            let rest = amount - self.slice;
            let left = self.reserve.checked_sub(rest);
            self.reserve = left.ok_or(FuelError::OutOfFuel { required_fuel: amount })?;
            self.slice = 0;
        }
        Ok(self.slice.saturating_add(self.reserve))
    }

    /// Makes asynchronous calls yield whenever they have used up so much fuel.
    pub(crate) fn yield_after(&mut self, interval: Option<NonZeroU64>) {
        self.interval = interval;
        self.until_yield = interval.map_or(0, NonZeroU64::get);
        self.resize();
    }

    /// Chooses the size of slices.
    fn resize(&mut self) {
        let look = if self.looks { LOOK } else { u64::MAX };
        self.size = self.interval.map_or(look, |interval| look.min(interval.get()));
        self.split(self.left().unwrap_or(0));
    }

    /// Begins a slice of all `fuel`.
    fn split(&mut self, fuel: u64) {
        let fuel = if self.metered || !self.looks { fuel } else { u64::MAX };
        self.slice = fuel.min(self.size);
        self.reserve = fuel - self.slice;
    }

    /// Whether code comes back before the fuel is used up.
    #[inline]
    pub(crate) fn is_sliced(&self) -> bool {
        IS_BUILT && self.size != u64::MAX
    }

    /// Begins a slice of at least `required` units. Returns false if there is not that much; then the slice is all that is left.
    pub(crate) fn renew(&mut self, required: u64) -> bool {
        let size = self.size.max(required);
        self.until_yield = self.until_yield.saturating_sub(size);
        let left = self.left().unwrap_or(u64::MAX);
        self.slice = size.min(left);
        self.reserve = left - self.slice;
        left >= required
    }

    /// Whether an asynchronous call that has come back has to yield. The next yield is due an interval later.
    pub(crate) fn has_to_yield(&mut self) -> bool {
        match self.interval {
            Some(interval) if self.until_yield == 0 => {
                self.until_yield = interval.get();
                true
            }
            _ => false,
        }
    }

    /// Makes code come back as soon as it can.
    pub(crate) fn end_slice(&mut self) {
        self.reserve = self.reserve.saturating_add(self.slice);
        self.slice = 0;
    }

    /// Makes the slice all that there is, until `part` takes that back. Returns how much that is.
    #[cfg_attr(not(feature = "exceptions"), expect(dead_code, reason = "only the search for handlers needs it"))]
    pub(crate) fn join(&mut self) -> u64 {
        self.slice = self.left().unwrap_or(u64::MAX);
        self.reserve = 0;
        self.slice
    }

    /// Makes the slice what it was before `join`, less what was used up since. `all` was the result of that.
    #[cfg_attr(not(feature = "exceptions"), expect(dead_code, reason = "only the search for handlers needs it"))]
    pub(crate) fn part(&mut self, slice: u64, all: u64) {
        let left = self.slice;
        self.slice = slice.saturating_sub(all.saturating_sub(left)).min(left);
        self.reserve = left - self.slice;
    }
}

#[cfg(test)]
mod tests {
    use core::num::NonZeroU64;

    use super::{Fuel, LOOK};
    use crate::config::Config;

    fn fuel(metered: bool, looks: bool) -> Fuel {
        Fuel::new(Config::default().consume_fuel(metered).epoch_interruption(looks))
    }

    #[test]
    fn slices_are_parts_of_the_fuel() {
        let mut fuel = fuel(true, true);
        fuel.set(2 * LOOK + 5);
        assert_eq!((fuel.slice, fuel.left()), (LOOK, Some(2 * LOOK + 5)));
        fuel.slice = 3;
        assert!(fuel.renew(10));
        assert_eq!((fuel.slice, fuel.left()), (LOOK, Some(LOOK + 8)));
        fuel.slice = 0;
        assert!(!fuel.renew(LOOK), "more than there is");
        assert_eq!((fuel.slice, fuel.left()), (8, Some(8)));
        assert_eq!(fuel.consume(9).ok(), None);
        assert_eq!(fuel.consume(8).ok(), Some(0));
    }

    #[test]
    fn fuel_is_taken_from_all_there_is() {
        let mut fuel = fuel(true, true);
        fuel.set(u64::MAX);
        assert_eq!((fuel.slice, fuel.left()), (LOOK, Some(u64::MAX)));
        assert_eq!(fuel.consume(LOOK + 1).ok(), Some(u64::MAX - LOOK - 1));
        assert_eq!(fuel.slice, 0);
        assert!(fuel.renew(5 * LOOK));
        assert_eq!(fuel.slice, 5 * LOOK);
        fuel.end_slice();
        assert_eq!((fuel.slice, fuel.left()), (0, Some(u64::MAX - LOOK - 1)));
        assert_eq!(fuel.join(), u64::MAX - LOOK - 1);
        assert_eq!(fuel.slice, u64::MAX - LOOK - 1);
        fuel.slice -= 7;
        fuel.part(100, u64::MAX - LOOK - 1);
        assert_eq!((fuel.slice, fuel.left()), (93, Some(u64::MAX - LOOK - 8)));
    }

    #[test]
    fn what_is_not_metered_never_ends() {
        let mut fuel = fuel(false, true);
        for required in [0, 1, LOOK, u64::MAX] {
            assert!(fuel.is_sliced() && fuel.renew(required));
            assert!(fuel.slice >= LOOK.max(required));
            fuel.end_slice();
        }
        fuel.clear();
        assert_eq!((fuel.slice, fuel.left()), (LOOK, None));
    }

    #[test]
    fn yields_come_at_intervals() {
        let mut fuel = fuel(true, false);
        fuel.set(1000);
        assert!(!fuel.is_sliced() && fuel.slice == 1000);
        fuel.yield_after(NonZeroU64::new(100));
        let mut yields = 0;
        while fuel.left() > Some(fuel.slice) {
            fuel.slice = 0;
            assert!(fuel.renew(1));
            yields += u32::from(fuel.has_to_yield());
        }
        assert_eq!(yields, 9);
        fuel.yield_after(None);
        assert!(!fuel.is_sliced() && !fuel.has_to_yield());
    }
}
