//! Safepoints: the places in the code of a function at which objects may be collected, and which slots of its frame hold
//! references to objects there.
//!
//! The operands of consecutive safepoints are mostly the same, so each one names only its topmost operand, and each operand
//! the one below it. All that takes memory in proportion to the code.

use alloc::{boxed::Box, vec::Vec};

use crate::{error::Error, error::kinds::LimitsError, trap::TrapCode};

/// A place in code, as an offset in it, and the topmost operand there that is a reference.
#[derive(Debug, Clone, Copy)]
struct Point {
    at: u32,
    /// Where the next op begins.
    #[cfg(debug_assertions)]
    end: u32,
    top: u32,
}

/// An operand that is a reference: its slot, and the operand below it.
#[derive(Debug, Clone, Copy)]
struct Operand {
    slot: u16,
    below: u32,
}

/// Not the number of an operand.
const NONE: u32 = u32::MAX;

/// The safepoints of a function.
#[derive(Debug, Default)]
pub(crate) struct Safepoints {
    /// Slots of locals that are references. They hold references at all safepoints.
    locals: Box<[u16]>,
    /// In ascending order.
    points: Vec<Point>,
    operands: Vec<Operand>,
}

impl Safepoints {
    /// The slots that hold references at the safepoint whose op contains `at`.
    pub(crate) fn slots_at(&self, at: u32) -> Option<impl Iterator<Item = u16>> {
        let after = self.points.partition_point(|point| point.at <= at);
        let point = self.points.get(after.checked_sub(1)?)?;
        #[cfg(debug_assertions)]
        if at >= point.end {
            return None;
        }
        let operand = |number: u32| self.operands.get(number as usize);
        let operands = core::iter::successors(operand(point.top), move |last| operand(last.below));
        Some(self.locals.iter().copied().chain(operands.map(|operand| operand.slot)))
    }

    /// Replaces each place in the code by `place` of it, and with debug assertions checks that the `units` of its op follow. The order
    /// stays the same.
    pub(crate) fn relocate(&mut self, place: impl Fn(u32) -> u32, units: impl Fn(u32) -> u32) {
        for point in &mut self.points {
            #[cfg(debug_assertions)]
            {
                point.end = place(point.at + units(point.at));
            }
            point.at = place(point.at);
        }
        let _ = units;
    }
}

/// Notes the safepoints of a function while it is translated.
#[derive(Debug)]
pub(crate) struct Recorder {
    safepoints: Safepoints,
    /// The operands of the last safepoint, from the bottom, with their numbers.
    last: Vec<(u16, u32)>,
    /// How many operands may still be looked at.
    budget: usize,
}

impl Recorder {
    /// Begins a function with `bytes` bytes, in which the `locals` are slots of references.
    // Each safepoint takes a few bytes. Only code that is made for it has hundreds of operands at most of them.
    pub(crate) fn new(locals: Vec<u16>, bytes: usize) -> Self {
        let safepoints = Safepoints { locals: locals.into(), points: Vec::new(), operands: Vec::new() };
        Self { safepoints, last: Vec::new(), budget: (1 << 20) + 64 * bytes }
    }

    /// Whether `count` operands may be looked at.
    pub(crate) fn allows(&mut self, count: usize) -> bool {
        let left = self.budget.checked_sub(count);
        self.budget = left.unwrap_or(0);
        left.is_some()
    }

    /// Notes a safepoint at unit `at`, with operands that are references in these slots, from the bottom.
    pub(crate) fn note(&mut self, at: usize, slots: impl Iterator<Item = u16>) -> Result<(), Error> {
        let Self { safepoints: Safepoints { points, operands, .. }, last, .. } = self;
        let (mut height, mut top) = (0, NONE);
        for slot in slots {
            let number = match last.get(height) {
                Some(&(known, number)) if known == slot => number,
                _ => {
                    last.truncate(height);
                    make_room(operands)?;
                    make_room(last)?;
                    operands.push(Operand { slot, below: top });
                    let number = operands.len() as u32 - 1;
                    last.push((slot, number));
                    number
                }
            };
            (height, top) = (height + 1, number);
        }
        make_room(points)?;
        points.push(Point {
            at: at as u32,
            #[cfg(debug_assertions)]
            end: u32::MAX,
            top,
        });
        Ok(())
    }

    /// Returns the safepoints.
    ///
    /// # Errors
    ///
    /// If there were too many operands.
    pub(crate) fn finish(self) -> Result<Safepoints, Error> {
        if self.budget == 0 {
            return Err(LimitsError::ModuleTooBig.into());
        }
        Ok(self.safepoints)
    }
}

/// Reserves room for one item more.
fn make_room<T>(items: &mut Vec<T>) -> Result<(), Error> {
    items.try_reserve(1).map_err(|_| TrapCode::OutOfSystemMemory.into())
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use super::Recorder;

    #[test]
    fn each_safepoint_has_its_slots() {
        let mut recorder = Recorder::new(vec![1, 2], 0);
        let points: [&[u16]; 6] = [&[], &[10, 11], &[10, 11, 13], &[10, 12, 13], &[10], &[10, 12]];
        for (i, slots) in points.iter().enumerate() {
            recorder.note(10 * i, slots.iter().copied()).unwrap();
        }
        let mut safepoints = recorder.finish().unwrap();
        let slots = |at| {
            let mut slots: Vec<u16> = safepoints.slots_at(at).unwrap().collect();
            slots.sort_unstable();
            slots
        };
        for (i, expected) in points.iter().enumerate() {
            let at = 10 * i as u32;
            assert_eq!(slots(at), [&[1, 2][..], expected].concat(), "{at}");
            assert_eq!(slots(at + 9), slots(at));
        }
        safepoints.relocate(|at| 2 * at + 8, |_| 1);
        assert!(safepoints.slots_at(7).is_none());
        assert_eq!(safepoints.slots_at(28).unwrap().count(), 4);
    }
}
