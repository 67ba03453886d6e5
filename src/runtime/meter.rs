//! Payment for work that depends on an amount.

/// The price of work that depends on an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Price {
    /// Bytes for one unit of fuel; 0 if the work is free.
    bytes_per_fuel: u32,
    /// The number of bytes that an element of a table counts as.
    element_bytes: u32,
}

impl Price {
    /// The price where fuel is not metered.
    pub(crate) const FREE: Self = Self { bytes_per_fuel: 0, element_bytes: 0 };

    /// Makes a price of one unit of fuel for `bytes_per_fuel` bytes, where elements of tables count as some bytes.
    pub(crate) fn new(bytes_per_fuel: u32, element_bytes: u8) -> Self {
        Self { bytes_per_fuel, element_bytes: element_bytes.into() }
    }
}

/// The fuel that pays for work.
#[derive(Debug)]
pub(crate) struct Meter<'a> {
    fuel: &'a mut u64,
    price: Price,
}

impl<'a> Meter<'a> {
    /// Makes a meter that takes from `fuel`.
    pub(crate) fn new(fuel: &'a mut u64, price: Price) -> Self {
        Self { fuel, price }
    }

    /// Pays for work on `bytes` bytes.
    ///
    /// # Errors
    ///
    /// The fuel that is required, if less is left. Nothing is taken then.
    pub(crate) fn pay(&mut self, bytes: u64) -> Result<(), u64> {
        let Some(required) = bytes.checked_div(self.price.bytes_per_fuel.into()) else { return Ok(()) };
        *self.fuel = self.fuel.checked_sub(required).ok_or(required)?;
        Ok(())
    }

    /// Takes back the pay for work on `bytes` bytes that was not done.
    pub(crate) fn refund(&mut self, bytes: u64) {
        if let Some(paid) = bytes.checked_div(self.price.bytes_per_fuel.into()) {
            *self.fuel = self.fuel.saturating_add(paid);
        }
    }

    /// The number of bytes that `count` elements of a table count as.
    pub(crate) fn element_bytes(&self, count: u64) -> u64 {
        count.saturating_mul(self.price.element_bytes.into())
    }

    /// Pays for work on `count` elements of a table.
    ///
    /// # Errors
    ///
    /// Those of `pay`.
    pub(crate) fn pay_elements(&mut self, count: u64) -> Result<(), u64> {
        self.pay(self.element_bytes(count))
    }
}
