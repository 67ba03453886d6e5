//! Fuel: what the current stretch of code costs.
//!
//! A stretch is charged by one op at its begin. All that it costs is known here, so charging more takes no more time.

use core::{hint::cold_path, num::NonZeroU32};

use crate::{
    config::{
        costs::OperatorCost,
        fuel::{Branches, Frames, Metering},
    },
    ir::encode::{patch32, read32},
};

/// The fuel of the current stretch of code.
#[derive(Debug)]
pub(crate) struct Fuel<'a> {
    /// How code is charged, if fuel is metered.
    metering: Option<&'a Metering>,
    /// Fuel not yet written to the current fuel op.
    charged: u64,
}

impl<'a> Fuel<'a> {
    /// Returns a meter, if fuel is metered.
    pub(crate) fn new(metering: Option<&'a Metering>) -> Self {
        Self { metering, charged: 0 }
    }

    /// Begins a function.
    pub(crate) fn begin_func(&mut self) {
        self.charged = 0;
    }

    /// Whether fuel is metered.
    #[inline]
    pub(crate) fn is_metered(&self) -> bool {
        self.metering.is_some()
    }

    /// Charges the fuel of one operator.
    #[inline]
    pub(crate) fn charge(&mut self, cost: fn(&OperatorCost) -> u64) {
        if let Some(metering) = self.metering {
            cold_path();
            self.charged += cost(&metering.operators);
        }
    }

    /// Charges the fuel of one operator that cannot be reached, if the schedule does.
    #[inline]
    pub(crate) fn charge_unreachable(&mut self, cost: fn(&OperatorCost) -> u64) {
        if let Some(metering) = self.metering
            && metering.rules.unreachable
        {
            cold_path();
            self.charged += cost(&metering.operators);
        }
    }

    /// Charges what a stretch costs besides its operators.
    pub(crate) fn begin_stretch(&mut self) {
        if let Some(metering) = self.metering {
            self.charged += u64::from(metering.rules.stretch);
        }
    }

    /// Charges the frame of a function with these numbers of cells.
    pub(crate) fn charge_frame(&mut self, params: u32, locals: u32) {
        let Some(metering) = self.metering else { return };
        let cells = match metering.rules.frames {
            Frames::Free => 0,
            Frames::Locals => locals,
            Frames::LocalsAndParams => params + locals,
        };
        self.charged += metering.cells(cells.into());
    }

    /// Charges a call for this many cells of parameters and results.
    #[inline]
    pub(crate) fn charge_call(&mut self, cells: usize) {
        if let Some(metering) = self.metering
            && metering.rules.calls
        {
            cold_path();
            self.charged += metering.cells(cells as u64);
        }
    }

    /// Charges a branch for this many cells of values that it takes along. `moving` says whether it drops others.
    #[inline]
    pub(crate) fn charge_branch(&mut self, cells: usize, moving: bool) {
        let Some(metering) = self.metering else { return };
        cold_path();
        let charged = match metering.rules.branches {
            Branches::Free => false,
            Branches::All => true,
            Branches::Moving => moving,
        };
        if charged {
            self.charged += metering.cells(cells as u64);
        }
    }

    /// Charges the end of a function.
    pub(crate) fn charge_func_end(&mut self) {
        if let Some(metering) = self.metering {
            self.charged += u64::from(metering.rules.func_end);
        }
    }

    /// Whether `br_if` out of the function is free.
    #[inline]
    pub(crate) fn are_conditional_returns_free(&self) -> bool {
        self.metering.is_some_and(|metering| metering.rules.free_conditional_returns)
    }

    /// Takes back the charge of an operator that was just charged.
    #[cold]
    pub(crate) fn refund(&mut self, cost: fn(&OperatorCost) -> u64) {
        if let Some(metering) = self.metering {
            self.charged = self.charged.saturating_sub(cost(&metering.operators));
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
