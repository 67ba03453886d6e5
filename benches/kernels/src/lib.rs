//! What the kernels written in Rust share: static memory, a source of numbers, a checksum.
//!
//! A kernel is a binary of `src/bin` that exports `run(n: i32) -> i64`. `n` says how much work it does
//! and the result is a checksum of everything it computed, so that nothing of it can be left out.

#![no_std]

mod numbers;

pub use crate::numbers::{Random, mix};

use core::cell::UnsafeCell;

/// An array in static memory, for programs that have no allocator.
pub struct Buffer<T, const N: usize>(UnsafeCell<[T; N]>);

// SAFETY: a kernel is a WebAssembly module without threads.
unsafe impl<T, const N: usize> Sync for Buffer<T, N> {}

impl<T: Copy, const N: usize> Buffer<T, N> {
    /// An array with `value` in each of its `N` elements.
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new([value; N]))
    }

    /// The array.
    ///
    /// # Safety
    ///
    /// What an earlier call on the same buffer returned must no longer be in use.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn take(&self) -> &mut [T; N] {
        // SAFETY: the caller promises that no other reference is in use.
        unsafe { &mut *self.0.get() }
    }
}

/// Kernels do not panic. If one does all the same, it traps.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
