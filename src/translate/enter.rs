//! Which locals must be zero when a function is entered.

use crate::validate::LocalTypes;

/// The straight stretch of code from the entry of a function to its first branch or loop. Locals that are written
/// there before they are read need not be zeroed.
#[derive(Debug)]
pub(crate) struct EntryRegion {
    open: bool,
    /// Which of the first 64 locals (without parameters) were written.
    written: u64,
    /// The range of locals (without parameters) that must be zero.
    first: u32,
    end: u32,
    num_params: u32,
}

impl EntryRegion {
    /// Returns the region of a function that has `num_params` parameters, at its entry.
    pub(crate) fn new(num_params: u32) -> Self {
        Self { open: true, written: 0, first: u32::MAX, end: 0, num_params }
    }

    /// Whether the code that is translated belongs to the region.
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    fn need(&mut self, first: u32, end: u32) {
        if first < end {
            self.first = self.first.min(first);
            self.end = self.end.max(end);
        }
    }

    /// Has `count` locals from `first` on cleared, which are not parameters, whatever becomes of them.
    #[cfg(heap)]
    pub(crate) fn clear(&mut self, first: u32, count: u32) {
        let first = first - self.num_params;
        self.need(first, first + count);
    }

    /// Notes that `local` is read.
    pub(crate) fn read(&mut self, local: u32) {
        if let (true, Some(index)) = (self.open, local.checked_sub(self.num_params))
            && (index >= 64 || self.written >> index & 1 == 0)
        {
            self.need(index, index + 1);
        }
    }

    /// Notes that `local` is written.
    #[inline]
    pub(crate) fn write(&mut self, local: u32) {
        if self.open
            && let Some(index @ 0..64) = local.checked_sub(self.num_params)
        {
            self.written |= 1 << index;
        }
    }

    /// Whether `local` has a value whether it is cleared or not: it is a parameter, or was written, or the region has ended.
    #[cfg(feature = "coredump")]
    pub(crate) fn is_written(&self, local: u32) -> bool {
        match local.checked_sub(self.num_params) {
            Some(index) if self.open => index < 64 && self.written >> index & 1 != 0,
            _ => true,
        }
    }

    /// Whether `local`, which is not a parameter, is cleared at the entry of the function, all of which is translated.
    #[cfg(feature = "coredump")]
    pub(crate) fn is_cleared(&self, local: u32) -> bool {
        (self.first..self.end).contains(&(local - self.num_params))
    }

    /// Ends the region: from here on the order of reads and writes is not known.
    pub(crate) fn close(&mut self, locals: &LocalTypes) {
        if !self.open {
            return;
        }
        self.open = false;
        let count = locals.len() - self.num_params;
        let first = self.written.trailing_ones();
        let end = match count {
            65.. => count,
            _ => {
                let unwritten = !self.written & (u64::MAX >> (64 - count.max(1)));
                64 - unwritten.leading_zeros()
            }
        };
        self.need(first, end.min(count));
    }

    /// Completes the op that zeroes locals: the first `units` units of `code`, the code of this function.
    /// Returns the unit where the function is entered: after the op, if no local must be zero.
    pub(crate) fn finish(&self, locals: &LocalTypes, code: &mut [u16], units: usize) -> usize {
        let Self { first, end, num_params, .. } = *self;
        if first >= end {
            return units;
        }
        // Two fields of one unit follow the opcode.
        let [first, end] = [first, end].map(|local| locals.slot(num_params + local));
        code[1] = first as u16;
        code[2] = (end - first) as u16;
        0
    }
}
