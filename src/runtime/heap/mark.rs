//! The mark phase of a collection: finds everything that the roots lead to.
//!
//! Objects that are marked and not yet looked into wait on a stack. If there is no memory for that to grow, what does not fit is
//! only marked; when the stack is empty, all marked objects of the heap are looked into again. So the phase needs no memory
//! that it may not get.

use alloc::vec::Vec;
use core::ptr::NonNull;

use crate::{
    module::rtt::ObjectKind,
    runtime::heap::{block::Block, externs::Externs, object::Object, space::Space},
    types::{layout::extern_of_cell, object::ARRAY_HEADER},
};

/// An object that is marked, and the first element of an array that is not yet looked at.
type Waiting = (NonNull<Object>, u32);

/// The number of objects that may wait in any case.
const MIN_WAITING: usize = 64;

/// The most elements of an array that are looked at before others on the stack are, which bounds the stack.
const STRIDE: u32 = 128;

/// The memory of the stack, which is kept between collections.
#[derive(Debug)]
pub(super) struct MarkStack {
    waiting: Vec<Waiting>,
    /// The number of objects beyond which it does not grow.
    limit: usize,
}

impl MarkStack {
    pub(super) const fn new() -> Self {
        Self { waiting: Vec::new(), limit: usize::MAX }
    }

    /// Reserves the memory without which nothing can be marked. Returns whether there is enough.
    pub(super) fn reserve(&mut self) -> bool {
        self.waiting.try_reserve(MIN_WAITING).is_ok()
    }

    /// Pretends that there is memory for a number of objects only.
    #[cfg(test)]
    pub(super) fn limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Releases memory.
    pub(super) fn clear(&mut self) {
        self.waiting = Vec::new();
    }
}

/// Marks what cells refer to.
#[derive(Debug)]
pub(crate) struct Marker<'a> {
    space: &'a Space,
    externs: &'a mut Externs,
    stack: &'a mut MarkStack,
    /// Whether an object is marked that did not fit on the stack.
    overflowed: bool,
}

impl<'a> Marker<'a> {
    pub(super) fn new(space: &'a Space, externs: &'a mut Externs, stack: &'a mut MarkStack) -> Self {
        Self { space, externs, stack, overflowed: false }
    }

    /// Marks what a cell refers to. Everything that this leads to is marked by `finish`.
    ///
    /// # Safety
    ///
    /// I5: the cell holds a reference that is traced, of the store of this heap. I8: nobody else uses the store.
    #[inline]
    pub(crate) unsafe fn cell(&mut self, cell: u64) {
        if let Some(object) = Object::of_cell(cell) {
            #[cfg(debug_assertions)]
            assert!(self.space.is_object(object), "a root or a field refers to {object:?}, where no object is");
            // SAFETY: I14: a traced reference refers to an object, promised by the caller.
            if unsafe { Block::mark(object) } {
                self.push(object, 0);
            }
        } else if let Some(index) = extern_of_cell(cell) {
            self.externs.mark(index);
        }
    }

    #[inline]
    fn push(&mut self, object: NonNull<Object>, from: u32) {
        let MarkStack { waiting, limit } = self.stack;
        if waiting.len() == waiting.capacity() && (waiting.len() >= *limit || waiting.try_reserve(1).is_err()) {
            self.overflowed = true;
            return;
        }
        waiting.push((object, from));
    }

    /// Marks everything that the cells lead to.
    ///
    /// # Safety
    ///
    /// I8: nobody else uses the store.
    pub(super) unsafe fn finish(&mut self) {
        // SAFETY: I8, promised by the caller.
        unsafe { self.drain() };
        while core::mem::take(&mut self.overflowed) {
            let space = self.space;
            space.marked(|object| {
                // SAFETY: I8, promised by the caller; I14: what is marked is an object.
                unsafe {
                    self.look_into(object, 0);
                    self.drain();
                }
            });
        }
    }

    /// Looks into nothing any more.
    pub(super) fn abandon(&mut self) {
        self.stack.waiting.clear();
    }

    /// Looks into the objects on the stack, and into those that come there meanwhile.
    unsafe fn drain(&mut self) {
        while let Some((object, from)) = self.stack.waiting.pop() {
            // SAFETY: I8, promised by the caller of `finish`; I14: only objects are on the stack.
            unsafe { self.look_into(object, from) };
        }
    }

    /// Marks what an object refers to, of an array from element `from` on.
    #[inline]
    unsafe fn look_into(&mut self, object: NonNull<Object>, from: u32) {
        // SAFETY: I14: it is an object, whose traced fields and elements hold references.
        unsafe {
            let rtt = Object::rtt(object);
            if rtt.kind != ObjectKind::Array {
                for &offset in &rtt.traced {
                    self.cell(Object::field::<u64>(object, offset).read());
                }
            } else if rtt.traces_elements {
                let len = Object::len(object);
                let end = len.min(from.saturating_add(STRIDE));
                if end < len {
                    self.push(object, end);
                    if self.overflowed {
                        // Some of the rest may not be marked yet, so it is looked at now.
                        return self.elements(object, from, len);
                    }
                }
                self.elements(object, from, end);
            }
        }
    }

    unsafe fn elements(&mut self, object: NonNull<Object>, from: u32, end: u32) {
        // SAFETY: I14, as for `look_into`; the elements exist.
        unsafe {
            let elements = Object::field::<u64>(object, ARRAY_HEADER);
            for i in from..end {
                self.cell(elements.add(i as usize).read());
            }
        }
    }
}
