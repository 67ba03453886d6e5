//! What the kernels written in Rust share: static memory, a source of numbers, a checksum.
//!
//! A kernel is a binary of `src/bin` that exports `run(n: i32) -> i64`. `n` says how much work it does
//! and the result is a checksum of everything it computed, so that nothing of it can be left out.

#![no_std]

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

/// A xorshift generator: the same sequence for the same seed, everywhere.
pub struct Random(u32);

impl Random {
    /// A generator that starts at `seed`, which must not be zero.
    pub fn new(seed: u32) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    /// The next number below `limit`.
    pub fn below(&mut self, limit: u32) -> u32 {
        self.next() % limit
    }
}

/// Mixes `value` into the checksum `sum`.
pub fn mix(sum: u64, value: u64) -> u64 {
    (sum ^ value).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23)
}

/// Kernels do not panic. If one does all the same, it traps.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
