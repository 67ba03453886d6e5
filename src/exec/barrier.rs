//! Empty `asm!` statements that keep the compiler from reshaping the dispatchers.
//!
//! They contain no instructions and do not change results; without them programs run slower. `docs/design-notes.md`
//! has the numbers.

/// Hides the value of a number from the compiler, which replaces tail calls of functions that always return the same
/// number by ordinary calls.
#[cfg(tail_dispatch)]
#[inline(always)]
pub(crate) fn opaque(mut number: u64) -> u64 {
    // SAFETY: I11: the assembly is empty.
    unsafe {
        core::arch::asm!("/* {0} */", inout(reg) number, options(nomem, nostack, preserves_flags, pure));
    }
    number
}

/// Keeps the compiler from merging the dispatches of the two sides of a branch.
#[cfg(tail_dispatch)]
#[expect(clippy::pointers_in_nomem_asm_block, reason = "the assembly neither reads nor writes memory")]
#[inline(always)]
pub(crate) fn apart(mut ip: *const u8) -> *const u8 {
    // SAFETY: I11: the assembly is empty.
    unsafe {
        core::arch::asm!("/* {0} */", inout(reg) ip, options(nomem, nostack, preserves_flags));
    }
    ip
}

/// Keeps an op of a sequence from reading its fields before the previous op has finished; returns the accumulator.
///
/// The fields of both ops together would need more registers than are free.
#[cfg(sequences)]
#[inline(always)]
pub(crate) fn between_ops(mut acc: u64) -> u64 {
    // SAFETY: I11: the assembly is empty.
    unsafe {
        core::arch::asm!("/* {0} */", inout(reg) acc, options(nostack, preserves_flags));
    }
    acc
}

/// Aligns the enclosing function to a cache line.
///
/// The directive itself pads by one byte or not at all. But it raises the alignment of its section, and each function
/// has a section of its own.
#[cfg(tail_dispatch)]
#[inline(always)]
pub(crate) fn line_begins() {
    // SAFETY: I11: the assembly consists of at most one `nop`.
    unsafe {
        core::arch::asm!(".p2align 6,,1", options(nomem, nostack, preserves_flags));
    }
}

/// Keeps a value that `select` may choose in a register.
///
/// Otherwise the compiler chooses between the addresses and loads afterwards, which makes the load wait for the
/// condition.
#[inline(always)]
#[cfg_attr(
    not(all(optimized, any(target_arch = "x86_64", target_arch = "aarch64"))),
    expect(unused_mut, reason = "nothing to do")
)]
pub(crate) fn choice(mut cell: u64) -> u64 {
    #[cfg(all(optimized, any(target_arch = "x86_64", target_arch = "aarch64")))]
    // SAFETY: I11: the assembly is empty.
    unsafe {
        core::arch::asm!("/* {0} */", inout(reg) cell, options(pure, nomem, nostack, preserves_flags));
    }
    cell
}

/// Forces a cell to be computed here rather than where it is used. There, its inputs would need more registers than
/// are free.
#[inline(always)]
#[cfg_attr(
    not(all(optimized, any(target_arch = "x86_64", target_arch = "aarch64"))),
    expect(unused_mut, reason = "nothing to do")
)]
pub(crate) fn held(mut cell: u64) -> u64 {
    #[cfg(all(optimized, any(target_arch = "x86_64", target_arch = "aarch64")))]
    // SAFETY: I11: the assembly is empty.
    unsafe {
        core::arch::asm!("/* {0} */", inout(reg) cell, options(nomem, nostack, preserves_flags));
    }
    cell
}

macro_rules! float_barriers {
    ($($name:ident $ty:ty;)*) => { $(
        /// Hides from the compiler that the accumulator is read.
        ///
        /// Several arms of the loop-switch need its bits in an integer register, and the compiler would
        /// move them there before every op.
        #[inline(always)]
        #[cfg_attr(not(replicated_dispatch), expect(unused_mut, reason = "nothing to do"))]
        pub(crate) fn $name(mut value: $ty) -> $ty {
            #[cfg(all(replicated_dispatch, target_arch = "x86_64"))]
            // SAFETY: I11: the assembly is empty.
            unsafe {
                core::arch::asm!("/* {0} */", inout(xmm_reg) value, options(pure, nomem, nostack, preserves_flags));
            }
            #[cfg(all(replicated_dispatch, target_arch = "aarch64"))]
            // SAFETY: I11: the assembly is empty.
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

/// Makes the accumulators known to the compiler as registers that were just written, as they were by the caller of the
/// handler.
///
/// A conversion writes the lower part of a float register, so the processor waits for the op that wrote the register
/// before. The compiler clears the register first if it knows of a write nearby.
#[cfg(all(tail_dispatch, target_arch = "x86_64"))]
#[inline(always)]
pub(crate) fn just_written(acc: &mut u64, f64: &mut f64, f32: &mut f32) {
    // SAFETY: I11: the assembly is empty.
    unsafe {
        core::arch::asm!(
            "/* {0} {1} {2} */",
            inout(reg) * acc,
            inout(xmm_reg) * f64,
            inout(xmm_reg) * f32,
            options(nomem, nostack, preserves_flags)
        );
    }
}

/// Ends an arm of the loop-switch with a unique assembly comment.
///
/// Otherwise the compiler merges the ends of the arms, which then share one dispatch. When all ends
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
