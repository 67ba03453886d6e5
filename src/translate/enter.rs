//! Which locals must be zero when a function is entered.

use crate::translate::builder::Builder;

/// The straight stretch of code from the entry of a function to its first branch or loop, where
/// locals that are written first need not be zeroed.
#[derive(Debug)]
pub(crate) struct EntryRegion {
    pub(crate) open: bool,
    /// Which of the first 64 locals (without parameters) were written.
    written: u64,
    /// The range of locals that must be zero.
    first: u32,
    end: u32,
}

impl Default for EntryRegion {
    /// At the entry of a function.
    fn default() -> Self {
        Self { open: true, written: 0, first: u32::MAX, end: 0 }
    }
}

impl EntryRegion {
    fn need(&mut self, first: u32, end: u32) {
        if first < end {
            self.first = self.first.min(first);
            self.end = self.end.max(end);
        }
    }
}

impl Builder<'_> {
    /// Notes that `local` is read.
    pub(crate) fn local_read(&mut self, local: u32) {
        if let (true, Some(index)) = (self.entry.open, local.checked_sub(self.num_params))
            && (index >= 64 || self.entry.written >> index & 1 == 0)
        {
            self.entry.need(index, index + 1);
        }
    }

    /// Notes that `local` is written.
    #[inline]
    pub(crate) fn local_written(&mut self, local: u32) {
        if self.entry.open
            && let Some(index @ 0..64) = local.checked_sub(self.num_params)
        {
            self.entry.written |= 1 << index;
        }
    }

    /// From here on the order of reads and writes is not known.
    pub(crate) fn end_entry(&mut self) {
        if !self.entry.open {
            return;
        }
        self.entry.open = false;
        let count = self.validation.locals.len() - self.num_params;
        let first = self.entry.written.trailing_ones();
        let end = match count {
            65.. => count,
            _ => {
                let unwritten = !self.entry.written & (u64::MAX >> (64 - count.max(1)));
                64 - unwritten.leading_zeros()
            }
        };
        self.entry.need(first, end.min(count));
    }

    /// Completes the op that zeroes locals, which stands where the code of this function begins, at unit `at`; gives
    /// the unit where the function is entered, counted from there: behind the op, if it is not needed.
    pub(crate) fn finish_enter(&mut self, at: usize, units: usize) -> usize {
        let EntryRegion { first, end, .. } = self.entry;
        if first >= end {
            return units;
        }
        let slot = self.validation.locals.places().slot(self.num_params + first);
        // Two fields of one unit follow the opcode.
        self.code[at + 1] = slot;
        self.code[at + 2] = (end - first) as u16;
        0
    }
}
