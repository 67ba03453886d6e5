//! The invocations of a store: how deeply they are nested, and which of them are suspended.
//!
//! An *invocation* is a call from outside of Wasm: the embedder calls a function, or a host function calls one. It runs
//! on the native stack, so the nesting has a limit. An invocation that is suspended keeps its frames on a stack of its
//! own, and has left the native stack.

use alloc::{
    sync::{Arc, Weak},
    vec::Vec,
};
use core::ptr;

#[cfg(feature = "simd")]
use crate::numerics::vector::Vector;
use crate::{
    error::{Error, kinds::AsyncError},
    exec::{frames::Stopped, machine::Context, stack::Stack},
    ir::operand::Class,
    runtime::{instance::InstanceInst, meter::Price},
    trap::TrapCode,
};

/// An invocation of Wasm code that was begun: where its outermost frame is, and how it returns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Invocation {
    /// The first cell of the outermost frame.
    pub(crate) base: usize,
    /// The accumulator of the first result.
    pub(crate) class: Class,
    /// Whether the loop-switch runs it.
    pub(crate) portable: bool,
    /// Number of instance switches that were pending before.
    pub(crate) switches: usize,
    /// The price of work that depends on an amount.
    pub(crate) price: Price,
}

/// The registers that are kept while code does not run. Those of memory 0 are loaded again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Registers {
    pub(crate) stopped: Stopped,
    pub(crate) acc: u64,
    pub(crate) f64: f64,
    pub(crate) f32: f32,
    #[cfg(feature = "simd")]
    pub(crate) vector: Vector,
}

/// What it takes to resume an invocation, apart from its stack.
#[derive(Debug)]
pub(crate) struct Interrupted {
    pub(crate) invocation: Invocation,
    pub(crate) registers: Registers,
    /// Where the results of the interrupted host function belong.
    pub(crate) results: *mut u64,
}

/// Whether an invocation can be suspended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It cannot.
    Plain,
    /// By host functions that fail, and when fuel runs out.
    Resumable,
    /// By host functions that are asynchronous, and to yield.
    Async,
}

/// Why a resumable invocation was interrupted.
#[derive(Debug)]
pub(crate) enum Reason {
    /// The host function with this index in the store returned an error.
    Host {
        /// Index of the host function.
        func: u32,
        /// What it returned.
        error: Error,
    },
    /// Fuel ran out.
    OutOfFuel {
        /// The fuel that is needed at least to resume, in units.
        required: u64,
    },
    /// It yields.
    Yield,
}

/// An invocation that was interrupted, with its frames.
///
/// Whoever follows the addresses in it holds the store.
#[derive(Debug)]
pub(crate) struct Suspended {
    pub(crate) interrupted: Interrupted,
    pub(crate) stack: Stack,
}

// SAFETY: I8: its addresses are those of its store and its stack; they are followed only by who holds the store.
unsafe impl Send for Suspended {}
// SAFETY: I8: a shared suspended invocation offers no access to what its addresses refer to.
unsafe impl Sync for Suspended {}

impl Suspended {
    /// Returns the cells of the host function that suspended the invocation: its parameters, `count` cells with room for its
    /// results.
    ///
    /// # Safety
    ///
    /// I3: a host function has suspended it, whose calls have so many cells.
    pub(crate) unsafe fn host_cells(&self, count: usize) -> &[u64] {
        // SAFETY: I3, promised by the caller: they are in a frame on the stack.
        unsafe { core::slice::from_raw_parts(self.interrupted.results, count) }
    }

    /// The instance whose code runs, or has called the host.
    pub(crate) fn instance(&self) -> *const InstanceInst {
        self.interrupted.registers.stopped.place.instance
    }
}

/// A suspended invocation and why it is. The embedder owns it, on any thread; the store knows it as long as it exists.
#[derive(Debug)]
pub(crate) struct Suspension {
    pub(crate) suspended: Arc<Suspended>,
    pub(crate) reason: Reason,
}

/// So many suspended invocations are several: their stacks are packed.
const SEVERAL: usize = 8;

/// The invocations of a store.
#[derive(Debug)]
pub(crate) struct Invocations {
    /// The context of the innermost running machine; null if none runs (I9).
    pub(crate) innermost: *const Context,
    /// Number of invocations that are under way, one inside the other.
    depth: usize,
    /// The greatest depth.
    max_depth: usize,
    /// Number of asynchronous calls that were begun and have not ended.
    asyncs: usize,
    /// The suspended invocations, and remains of some that were resumed or dropped since.
    suspended: Vec<Weak<Suspended>>,
    /// The length of that list at which the remains are removed.
    sweep_at: usize,
    /// The suspended invocations of asynchronous calls.
    parked: Vec<Option<Suspended>>,
    /// An error that asks to suspend a call, for the next time.
    suspension: Option<Error>,
}

// SAFETY: I8, I9: `innermost` is followed only by who holds the store, while the machine is in a host call.
unsafe impl Send for Invocations {}
// SAFETY: I8: a shared reference offers no access to the context.
unsafe impl Sync for Invocations {}

impl Invocations {
    /// No invocations. At most `max_depth` may be nested.
    pub(crate) fn new(max_depth: usize) -> Self {
        Self {
            innermost: ptr::null(),
            depth: 0,
            max_depth,
            asyncs: 0,
            suspended: Vec::new(),
            sweep_at: SEVERAL,
            parked: Vec::new(),
            suspension: None,
        }
    }

    /// Counts an asynchronous call that begins. A call that waits for a host function which makes the next one is polled with it, so
    /// they are nested on the native stack like other invocations.
    ///
    /// # Errors
    ///
    /// If too many are under way.
    pub(crate) fn begin_async(&mut self) -> Result<(), TrapCode> {
        if self.asyncs >= self.max_depth {
            return Err(TrapCode::StackOverflow);
        }
        self.asyncs += 1;
        Ok(())
    }

    /// Takes back a `begin_async`: the call has ended or is dropped.
    pub(crate) fn end_async(&mut self) {
        self.asyncs -= 1;
    }

    /// Whether an asynchronous call is under way.
    pub(crate) fn is_async(&self) -> bool {
        self.asyncs > 0
    }

    /// Counts an invocation that begins or is resumed. Returns the depth before, for `leave`.
    ///
    /// # Errors
    ///
    /// If too many are under way.
    #[inline]
    pub(crate) fn enter(&mut self) -> Result<usize, TrapCode> {
        let depth = self.depth;
        if depth >= self.max_depth {
            return Err(TrapCode::StackOverflow);
        }
        self.depth = depth + 1;
        Ok(depth)
    }

    /// Takes back the `enter` that returned `depth`.
    #[inline]
    pub(crate) fn leave(&mut self, depth: usize) {
        self.depth = depth;
    }

    /// Registers an invocation that was interrupted. It stays registered until it is resumed or dropped.
    pub(crate) fn suspend(&mut self, interrupted: Interrupted, reason: Reason, stack: Stack) -> Suspension {
        self.sweep();
        let suspended = Arc::new(Suspended { interrupted, stack });
        self.suspended.push(Arc::downgrade(&suspended));
        Suspension { suspended, reason }
    }

    /// Returns whether there are several suspended invocations. They may be remains in part, but if at most one is suspended at a
    /// time, there are never several.
    pub(crate) fn are_several_suspended(&mut self) -> bool {
        self.sweep();
        self.suspended.len() >= SEVERAL
    }

    /// Removes remains from the list, if it has doubled since the last time: so a suspension takes constant time on average.
    fn sweep(&mut self) {
        if self.suspended.len() >= self.sweep_at {
            self.suspended.retain(|suspended| suspended.strong_count() > 0);
            self.sweep_at = (2 * self.suspended.len()).max(SEVERAL);
        }
    }

    /// Takes a suspended invocation to resume it.
    ///
    /// # Panics
    ///
    /// If one of [`Self::suspended`] was kept.
    pub(crate) fn wake(&mut self, suspension: Suspension) -> Suspended {
        let suspended = suspension.suspended;
        debug_assert!(self.suspended().any(|known| Arc::ptr_eq(&known, &suspended)), "suspended in another store");
        Arc::into_inner(suspended).expect("the only reference")
    }

    /// Keeps an asynchronous invocation that was suspended. Returns its number.
    pub(crate) fn park(&mut self, suspended: Suspended) -> usize {
        self.parked.push(Some(suspended));
        self.parked.len() - 1
    }

    /// Returns the asynchronous invocation that `park` gave this number to; none if the store was reset since.
    pub(crate) fn unpark(&mut self, number: usize) -> Option<Suspended> {
        let suspended = self.parked.get_mut(number)?.take();
        // Numbers are given again from the first that all later ones are free with.
        while let Some(None) = self.parked.last() {
            self.parked.pop();
        }
        suspended
    }

    /// The suspended invocations of asynchronous calls, innermost first.
    pub(crate) fn parked(&self) -> impl Iterator<Item = &Suspended> {
        self.parked.iter().rev().flatten()
    }

    /// Returns the error with which an asynchronous host function asks the call that led to it to wait.
    pub(crate) fn suspension(&mut self) -> Error {
        if !self.is_async() {
            return AsyncError::CallNotAsync.into();
        }
        self.suspension.take().unwrap_or_else(Error::suspension)
    }

    /// Keeps an error of `suspension` for the next time: a call that waits often allocates it once.
    pub(crate) fn keep_suspension(&mut self, error: Error) {
        self.suspension = Some(error);
    }

    /// The suspended invocations.
    pub(crate) fn suspended(&self) -> impl Iterator<Item = Arc<Suspended>> {
        self.suspended.iter().filter_map(Weak::upgrade)
    }

    /// Forgets the suspended invocations: what their frames refer to is gone.
    pub(crate) fn forget_suspended(&mut self) {
        self.suspended.clear();
        self.sweep_at = SEVERAL;
        self.parked.clear();
    }
}

#[cfg(test)]
mod tests {
    use core::ptr;

    use super::{Interrupted, Invocation, Invocations, Reason, Registers, Suspension};
    use crate::{
        exec::{
            frames::{Place, Stop, Stopped},
            stack::Stack,
        },
        ir::operand::Class,
        runtime::meter::Price,
    };

    fn suspend(invocations: &mut Invocations) -> Suspension {
        let place = Place { instance: ptr::null(), ip: ptr::null(), fp: ptr::null_mut() };
        let registers = Registers {
            stopped: Stopped { place, stop: Stop::Op },
            acc: 0,
            f64: 0.0,
            f32: 0.0,
            #[cfg(feature = "simd")]
            vector: Default::default(),
        };
        let invocation = Invocation { base: 0, class: Class::Int, portable: true, switches: 0, price: Price::FREE };
        let interrupted = Interrupted { invocation, registers, results: ptr::null_mut() };
        invocations.suspend(interrupted, Reason::OutOfFuel { required: 1 }, Stack::new(0).unwrap())
    }

    #[test]
    fn a_suspended_invocation_is_known_until_it_is_resumed_or_dropped() {
        let mut invocations = Invocations::new(1);
        let mut kept: alloc::vec::Vec<_> = (0..3).map(|_| suspend(&mut invocations)).collect();
        for _ in 0..1000 {
            drop(suspend(&mut invocations));
            assert!(!invocations.are_several_suspended());
            assert_eq!(invocations.suspended().count(), 3);
        }
        kept.extend((0..20).map(|_| suspend(&mut invocations)));
        assert!(invocations.are_several_suspended());
        kept.truncate(3);
        assert!(invocations.suspended.capacity() < 100, "what was dropped is forgotten");
        invocations.wake(kept.remove(1));
        assert_eq!(invocations.suspended().count(), 2);
        drop(kept);
        assert_eq!(invocations.suspended().count(), 0);
        let _kept = suspend(&mut invocations);
        invocations.forget_suspended();
        assert_eq!(invocations.suspended().count(), 0);
    }
}
