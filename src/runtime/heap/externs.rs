//! Values of the host that references refer to: `externref`s. Their cells hold their numbers (`types::layout::extern_cell`).
//!
//! The embedder's plain handles do not say when they are no longer used, so values with such
//! a handle are *pinned*: they live as long as the store. Others are collected.

#![allow(dead_code, reason = "handles of the host come next")]

use alloc::{boxed::Box, vec::Vec};
use core::{
    any::Any,
    sync::atomic::{AtomicBool, Ordering},
};

use crate::error::kinds::LimitsError;

/// A value of the host.
type Value = Box<dyn Any + Send + Sync>;

/// The number of bytes that a value counts as, whatever it is.
pub(crate) const EXTERN_SIZE: u32 = 32;

/// A value, or room for one.
#[derive(Debug)]
struct Slot {
    value: Option<Value>,
    /// Whether it lives as long as the store. Set when a plain handle is made, for which a shared reference to the store
    /// suffices.
    pinned: AtomicBool,
    marked: bool,
}

/// The values of the host in a store, by their numbers.
#[derive(Debug)]
pub(crate) struct Externs {
    slots: Vec<Slot>,
    /// Numbers that no value has.
    free: Vec<u32>,
}

impl Externs {
    /// No values.
    pub(crate) const fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }

    /// Adds a value. Returns its number.
    ///
    /// # Errors
    ///
    /// If there are too many, or there is not enough memory.
    pub(crate) fn push(&mut self, value: Value, pinned: bool) -> Result<u32, LimitsError> {
        let slot = Slot { value: Some(value), pinned: AtomicBool::new(pinned), marked: false };
        if let Some(index) = self.free.pop() {
            self.slots[index as usize] = slot;
            return Ok(index);
        }
        // A cell on a target of 32 bits has room for 30 bits beside the tag.
        let index = u32::try_from(self.slots.len()).ok().filter(|&index| index < 1 << 30);
        let index = index.ok_or(LimitsError::TooManyInstanceHandles)?;
        self.slots.try_reserve(1).map_err(|_| LimitsError::OutOfSystemMemory)?;
        // So that a collection needs no memory.
        self.free.try_reserve(self.slots.len() + 1).map_err(|_| LimitsError::OutOfSystemMemory)?;
        self.slots.push(slot);
        Ok(index)
    }

    /// The value with a number.
    pub(crate) fn get(&self, index: u32) -> Option<&(dyn Any + Send + Sync)> {
        self.slots.get(index as usize)?.value.as_deref()
    }

    /// The value with a number.
    pub(crate) fn get_mut(&mut self, index: u32) -> Option<&mut (dyn Any + Send + Sync)> {
        self.slots.get_mut(index as usize)?.value.as_deref_mut()
    }

    /// Makes the value with a number live as long as the store.
    pub(crate) fn pin(&self, index: u32) {
        if let Some(slot) = self.slots.get(index as usize) {
            slot.pinned.store(true, Ordering::Relaxed);
        }
    }

    /// Removes all marks, before a collection.
    pub(super) fn unmark(&mut self) {
        self.slots.iter_mut().for_each(|slot| slot.marked = false);
    }

    /// Marks a value.
    pub(super) fn mark(&mut self, index: u32) {
        // No value has a number of more than 30 bits; what the host had as a reference to a value of Wasm code has one.
        if let Some(slot) = self.slots.get_mut(index as usize) {
            debug_assert!(slot.value.is_some(), "a reference to value {index} of the host");
            slot.marked = true;
        }
    }

    /// Marks all values.
    pub(super) fn mark_all(&mut self) {
        self.slots.iter_mut().for_each(|slot| slot.marked = true);
    }

    /// Drops the values that are neither marked nor pinned. Returns how many bytes the others count as.
    pub(super) fn sweep(&mut self) -> usize {
        for index in 0..self.slots.len() {
            let slot = &mut self.slots[index];
            if !slot.marked && !*slot.pinned.get_mut() && slot.value.is_some() {
                let value = slot.value.take();
                self.free.push(index as u32);
                // Last: what the value does then finds the list as it should be.
                drop(value);
            }
        }
        (self.slots.len() - self.free.len()) * EXTERN_SIZE as usize
    }

    /// Drops all values.
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        self.free.clear();
    }
}
