//! Empty `asm!` statements that keep the compiler from reshaping the dispatchers.
//!
//! They contain no instruction. What they are for is seen in machine code, not in results: without
//! them the same program runs, only slower. `docs/performance.md` has the numbers.

/// Hides where a number comes from.
///
/// The compiler replaces tail calls of functions that always return the same number by ordinary calls.
#[cfg(tail_dispatch)]
#[inline(always)]
pub(crate) fn opaque(mut number: u64) -> u64 {
    // SAFETY: an empty instruction sequence.
    unsafe {
        core::arch::asm!("/* {0} */", inout(reg) number, options(nomem, nostack, preserves_flags, pure));
    }
    number
}

/// Keeps the dispatch behind a taken branch apart from the one behind a branch that is not taken.
#[cfg(tail_dispatch)]
#[expect(clippy::pointers_in_nomem_asm_block, reason = "nothing is read or written there")]
#[inline(always)]
pub(crate) fn apart(mut ip: *const u8) -> *const u8 {
    // SAFETY: an empty instruction sequence.
    unsafe {
        core::arch::asm!("/* {0} */", inout(reg) ip, options(nomem, nostack, preserves_flags));
    }
    ip
}

/// Keeps what one op of a sequence reads apart from what the op before it does; gives the accumulator back. Read
/// early, the fields of both would take more registers than are free.
#[cfg(sequences)]
#[inline(always)]
pub(crate) fn between_ops(mut acc: u64) -> u64 {
    // SAFETY: an empty instruction sequence.
    unsafe {
        core::arch::asm!("/* {0} */", inout(reg) acc, options(nostack, preserves_flags));
    }
    acc
}

/// Has the function that this is inlined into begin with a cache line.
///
/// A section is aligned as what is in it asks for, even where, as here, that is to be had by one byte of padding or
/// not at all; and each function has a section of its own.
#[cfg(tail_dispatch)]
#[inline(always)]
pub(crate) fn line_begins() {
    // SAFETY: an empty instruction sequence, or one that does nothing.
    unsafe {
        core::arch::asm!(".p2align 6,,1", options(nomem, nostack, preserves_flags));
    }
}

/// Keeps the value that `select` may choose in a register.
///
/// The compiler would choose the address and load from it, which waits for the condition.
#[inline(always)]
#[cfg_attr(
    not(all(optimized, any(target_arch = "x86_64", target_arch = "aarch64"))),
    expect(unused_mut, reason = "nothing to do")
)]
pub(crate) fn choice(mut cell: u64) -> u64 {
    #[cfg(all(optimized, any(target_arch = "x86_64", target_arch = "aarch64")))]
    // SAFETY: an empty instruction sequence.
    unsafe {
        core::arch::asm!("/* {0} */", inout(reg) cell, options(pure, nomem, nostack, preserves_flags));
    }
    cell
}

/// Has a cell computed here rather than where it is used, where what it is computed from would take more registers
/// than are free.
#[inline(always)]
#[cfg_attr(
    not(all(optimized, any(target_arch = "x86_64", target_arch = "aarch64"))),
    expect(unused_mut, reason = "nothing to do")
)]
pub(crate) fn held(mut cell: u64) -> u64 {
    #[cfg(all(optimized, any(target_arch = "x86_64", target_arch = "aarch64")))]
    // SAFETY: an empty instruction sequence.
    unsafe {
        core::arch::asm!("/* {0} */", inout(reg) cell, options(nomem, nostack, preserves_flags));
    }
    cell
}

macro_rules! float_barriers {
    ($($name:ident $ty:ty;)*) => { $(
        /// Hides that the accumulator is read.
        ///
        /// Several arms of the loop-switch need its bits in an integer register, and the compiler would
        /// compute them ahead of every op.
        #[inline(always)]
        #[cfg_attr(not(replicated_dispatch), expect(unused_mut, reason = "nothing to do"))]
        pub(crate) fn $name(mut value: $ty) -> $ty {
            #[cfg(all(replicated_dispatch, target_arch = "x86_64"))]
            // SAFETY: an empty instruction sequence.
            unsafe {
                core::arch::asm!("/* {0} */", inout(xmm_reg) value, options(pure, nomem, nostack, preserves_flags));
            }
            #[cfg(all(replicated_dispatch, target_arch = "aarch64"))]
            // SAFETY: an empty instruction sequence.
            unsafe {
                core::arch::asm!("/* {0:v} */", inout(vreg) value, options(pure, nomem, nostack, preserves_flags));
            }
            value
        }
    )* };
}
float_barriers! {
    read_f32 f32;
    read_f64 f64;
}

/// Ends an arm of the loop-switch with a comment of its own.
///
/// Otherwise the compiler merges the ends of the arms, and then they share one dispatch. When all ends
/// differ, it copies the few instructions of the dispatch into each arm: threaded code from a `match`.
#[cfg(one_loop)]
macro_rules! end_of_arm {
    ($opcode:expr) => {
        #[cfg(replicated_dispatch)]
        core::arch::asm!("/* {0} */", const $opcode, options(nomem, nostack, preserves_flags));
    };
}
#[cfg(one_loop)]
pub(crate) use end_of_arm;
