//! The fuel that work of the host costs, where the engine meters fuel.

use crate::errno::{Errno, Result};

/// Bytes that are copied between a program and a stream or file for one unit of fuel, as many as `memory.copy` copies.
const COPIED_PER_UNIT: u64 = 64;
/// Random bytes for one unit.
const RANDOM_PER_UNIT: u64 = 8;
/// The units for one thing that the system is asked about: an entry of a directory, a descriptor that is polled.
const PER_QUESTION: u64 = 500;

/// The fuel of a context.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    /// Whether the engine meters fuel; unknown before the first call
    pub(crate) metered: Option<bool>,
    /// The units that the current call may spend
    pub(crate) left: u64,
    /// The units that it has spent
    pub(crate) spent: u64,
    /// The units that calls may spend beyond the fuel of the store
    pub(crate) credit: u64,
    /// Whether the current call needed more than is left
    pub(crate) exhausted: bool,
}

impl Meter {
    /// Begins a call when the store has this fuel; `None` if fuel is not metered.
    #[inline]
    pub(crate) fn begin(&mut self, fuel: Option<u64>) {
        self.metered = Some(fuel.is_some());
        self.left = fuel.map_or(u64::MAX, |fuel| fuel.saturating_add(self.credit));
        self.spent = 0;
        self.exhausted = false;
    }

    /// Ends a call. Returns the fuel that the store has then; `None` if that has not changed.
    #[inline]
    pub(crate) fn end(&mut self, fuel: u64) -> Option<u64> {
        let spent = core::mem::take(&mut self.spent);
        let beyond = spent.saturating_sub(fuel);
        self.credit = self.credit.saturating_sub(beyond);
        (spent > 0).then(|| fuel.saturating_sub(spent))
    }

    fn spend(&mut self, units: u64) -> Result<()> {
        self.spent = self.spent.saturating_add(units);
        if self.spent > self.left {
            self.spent = self.left;
            self.exhausted = true;
            return Err(Errno::Interrupted);
        }
        Ok(())
    }

    /// Pays for bytes that are copied.
    #[inline]
    pub(crate) fn copy(&mut self, bytes: impl Into<u64>) -> Result<()> {
        self.spend(bytes.into() / COPIED_PER_UNIT)
    }

    /// Pays for random bytes.
    pub(crate) fn random(&mut self, bytes: u32) -> Result<()> {
        self.spend(u64::from(bytes) / RANDOM_PER_UNIT)
    }

    /// Pays for questions to the system.
    pub(crate) fn ask(&mut self, questions: usize) -> Result<()> {
        self.spend((questions as u64).saturating_mul(PER_QUESTION))
    }
}

#[cfg(test)]
mod tests {
    use super::Meter;

    #[test]
    fn credit_is_used_after_the_fuel_of_the_store() {
        let mut meter = Meter { credit: 10, ..Meter::default() };
        meter.begin(Some(5));
        assert_eq!(meter.end(5), None);
        meter.begin(Some(5));
        assert_eq!(meter.random(8 * 7), Ok(()));
        assert_eq!((meter.end(5), meter.credit), (Some(0), 8));
        meter.begin(Some(0));
        assert!(meter.random(8 * 9).is_err() && meter.exhausted);
        assert_eq!((meter.end(0), meter.credit), (Some(0), 0));
        meter.begin(None);
        assert_eq!(meter.random(u32::MAX), Ok(()));
    }
}
