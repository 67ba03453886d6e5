//! Fuel: what the operators of the current stretch of straight code cost.

use core::{hint::cold_path, num::NonZeroU32};

use crate::{
    config::costs::OperatorCost,
    ir::encode::{patch32, read32},
};

/// The fuel of the current stretch of code.
#[derive(Debug)]
pub(crate) struct Fuel<'a> {
    /// What operators cost, if fuel is metered.
    costs: Option<&'a OperatorCost>,
    /// Fuel not yet written to the current fuel op.
    charged: u64,
}

impl<'a> Fuel<'a> {
    /// Returns a meter with these costs, if fuel is metered.
    pub(crate) fn new(costs: Option<&'a OperatorCost>) -> Self {
        Self { costs, charged: 0 }
    }

    /// Begins a function.
    pub(crate) fn begin_func(&mut self) {
        self.charged = 0;
    }

    /// Whether fuel is metered.
    #[inline]
    pub(crate) fn is_metered(&self) -> bool {
        self.costs.is_some()
    }

    /// Charges the fuel of one operator.
    #[inline]
    pub(crate) fn charge(&mut self, cost: fn(&OperatorCost) -> u64) {
        if let Some(costs) = self.costs {
            cold_path();
            self.charged += cost(costs);
        }
    }

    /// Adds the fuel charged so far to the charge of the fuel op, which is at unit `at` of `code`.
    #[inline(never)]
    pub(crate) fn settle(&mut self, at: NonZeroU32, code: &mut [u16]) {
        let at = at.get() as usize;
        let before = u64::from(read32(code, at));
        let total = before.saturating_add(self.charged).min(u64::from(u32::MAX));
        patch32(code, at, total as u32);
        self.charged = 0;
    }
}
