//! Vector operators by the instructions of x86-64.

#[cfg_attr(target_feature = "sse4.2", allow(dead_code, reason = "`v2` has other functions for some operators"))]
pub(crate) mod sse2;
#[cfg_attr(
    not(any(tail_dispatch, test, target_feature = "sse4.2")),
    allow(dead_code, reason = "only threaded dispatch chooses handlers when it links")
)]
pub(crate) mod v2;

#[cfg(any(tail_dispatch, test))]
use core::sync::atomic::{AtomicU8, Ordering};

/// Returns whether the processor has the instructions of the level x86-64-v2. Asks the processor at the first call.
#[cfg(any(tail_dispatch, test))]
pub(crate) fn has_v2() -> bool {
    const UNKNOWN: u8 = 0;
    const NO: u8 = 1;
    const YES: u8 = 2;
    static STATE: AtomicU8 = AtomicU8::new(UNKNOWN);
    match STATE.load(Ordering::Relaxed) {
        UNKNOWN => {
            let found = ask();
            STATE.store(if found { YES } else { NO }, Ordering::Relaxed);
            found
        }
        state => state == YES,
    }
}

/// Asks the processor: the bits of SSE3, SSSE3, SSE 4.1, SSE 4.2 and POPCNT. No operating system has to enable them.
#[cfg(any(tail_dispatch, test))]
fn ask() -> bool {
    const NEEDED: u32 = 1 | 1 << 9 | 1 << 19 | 1 << 20 | 1 << 23;
    core::arch::x86_64::__cpuid(1).ecx & NEEDED == NEEDED
}

/// Defines operators that take vectors and return one. In `$eval`, the operands are registers.
macro_rules! vectors {
    ($($name:ident($($arg:ident),+) = $eval:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name($($arg: Vector),+) -> Vector {
            let ($($arg,)+) = ($(register($arg),)+);
            // SAFETY: I12: the processor has these instructions.
            vector(unsafe { $eval })
        } )*
    };
}
pub(in crate::exec::simd) use vectors;

/// Defines operators that take a vector and return a number.
macro_rules! tests {
    ($($name:ident($arg:ident) = $eval:expr;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`")]
        #[inline(always)]
        pub(crate) fn $name($arg: Vector) -> i32 {
            let $arg = register($arg);
            // SAFETY: I12: the processor has these instructions.
            unsafe { $eval }
        } )*
    };
}
pub(in crate::exec::simd) use tests;
