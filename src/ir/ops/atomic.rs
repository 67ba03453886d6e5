//! Atomic ops. They access memories that are shared as well as others.
//!
//! Their address is checked as that of a load, and must be a multiple of the number of bytes.

/// Passes `$given` and the rows of this file to `$next!`.
#[cfg(feature = "threads")]
macro_rules! atomic_ops {
    ($next:ident $($given:tt)*) => {
        $next! { $($given)* {
        /// Wasm `memory.atomic.notify`: takes an address and a count from `base` on, and writes there how many were woken.
        memory_atomic_notify: wait [x] = atomic::notify, cells 2, sequence never;
        /// Wasm `memory.atomic.wait32`: takes an address, the expected value and the timeout from `base` on, and writes
        /// there why it returned. Traps: the memory is not shared, interrupt.
        memory_atomic_wait32: wait [x] = atomic::wait::<_, u32>, cells 3, sequence never;
        /// Wasm `memory.atomic.wait64`.
        memory_atomic_wait64: wait [x] = atomic::wait::<_, u64>, cells 3, sequence never;
        /// Wasm `atomic.fence`.
        atomic_fence: fence [x] = atomic::fence, sequence never;
        /// Wasm `i32.atomic.load8_u`, `i64.atomic.load8_u`.
        atomic_load8: atomic_load [ss] = atomic::load::<u8>, sequence never;
        /// Wasm `i32.atomic.load16_u`, `i64.atomic.load16_u`.
        atomic_load16: atomic_load [ss] = atomic::load::<u16>, sequence never;
        /// Wasm `i32.atomic.load`, `i64.atomic.load32_u`.
        atomic_load32: atomic_load [ss] = atomic::load::<u32>, sequence never;
        /// Wasm `i64.atomic.load`.
        atomic_load64: atomic_load [ss] = atomic::load::<u64>, sequence never;
        /// Wasm `i32.atomic.store8`, `i64.atomic.store8`.
        atomic_store8: atomic_store [ss] = atomic::store::<u8>, sequence never;
        /// Wasm `i32.atomic.store16`, `i64.atomic.store16`.
        atomic_store16: atomic_store [ss] = atomic::store::<u16>, sequence never;
        /// Wasm `i32.atomic.store`, `i64.atomic.store32`.
        atomic_store32: atomic_store [ss] = atomic::store::<u32>, sequence never;
        /// Wasm `i64.atomic.store`.
        atomic_store64: atomic_store [ss] = atomic::store::<u64>, sequence never;
        /// Wasm `i32.atomic.rmw8.add_u`, `i64.atomic.rmw8.add_u`.
        atomic_rmw8_add: atomic_rmw [sss] = atomic::add::<u8>, sequence never;
        /// Wasm `i32.atomic.rmw16.add_u`, `i64.atomic.rmw16.add_u`.
        atomic_rmw16_add: atomic_rmw [sss] = atomic::add::<u16>, sequence never;
        /// Wasm `i32.atomic.rmw.add`, `i64.atomic.rmw32.add_u`.
        atomic_rmw32_add: atomic_rmw [sss] = atomic::add::<u32>, sequence never;
        /// Wasm `i64.atomic.rmw.add`.
        atomic_rmw64_add: atomic_rmw [sss] = atomic::add::<u64>, sequence never;
        /// Wasm `i32.atomic.rmw8.sub_u`, `i64.atomic.rmw8.sub_u`.
        atomic_rmw8_sub: atomic_rmw [sss] = atomic::sub::<u8>, sequence never;
        /// Wasm `i32.atomic.rmw16.sub_u`, `i64.atomic.rmw16.sub_u`.
        atomic_rmw16_sub: atomic_rmw [sss] = atomic::sub::<u16>, sequence never;
        /// Wasm `i32.atomic.rmw.sub`, `i64.atomic.rmw32.sub_u`.
        atomic_rmw32_sub: atomic_rmw [sss] = atomic::sub::<u32>, sequence never;
        /// Wasm `i64.atomic.rmw.sub`.
        atomic_rmw64_sub: atomic_rmw [sss] = atomic::sub::<u64>, sequence never;
        /// Wasm `i32.atomic.rmw8.and_u`, `i64.atomic.rmw8.and_u`.
        atomic_rmw8_and: atomic_rmw [sss] = atomic::and::<u8>, sequence never;
        /// Wasm `i32.atomic.rmw16.and_u`, `i64.atomic.rmw16.and_u`.
        atomic_rmw16_and: atomic_rmw [sss] = atomic::and::<u16>, sequence never;
        /// Wasm `i32.atomic.rmw.and`, `i64.atomic.rmw32.and_u`.
        atomic_rmw32_and: atomic_rmw [sss] = atomic::and::<u32>, sequence never;
        /// Wasm `i64.atomic.rmw.and`.
        atomic_rmw64_and: atomic_rmw [sss] = atomic::and::<u64>, sequence never;
        /// Wasm `i32.atomic.rmw8.or_u`, `i64.atomic.rmw8.or_u`.
        atomic_rmw8_or: atomic_rmw [sss] = atomic::or::<u8>, sequence never;
        /// Wasm `i32.atomic.rmw16.or_u`, `i64.atomic.rmw16.or_u`.
        atomic_rmw16_or: atomic_rmw [sss] = atomic::or::<u16>, sequence never;
        /// Wasm `i32.atomic.rmw.or`, `i64.atomic.rmw32.or_u`.
        atomic_rmw32_or: atomic_rmw [sss] = atomic::or::<u32>, sequence never;
        /// Wasm `i64.atomic.rmw.or`.
        atomic_rmw64_or: atomic_rmw [sss] = atomic::or::<u64>, sequence never;
        /// Wasm `i32.atomic.rmw8.xor_u`, `i64.atomic.rmw8.xor_u`.
        atomic_rmw8_xor: atomic_rmw [sss] = atomic::xor::<u8>, sequence never;
        /// Wasm `i32.atomic.rmw16.xor_u`, `i64.atomic.rmw16.xor_u`.
        atomic_rmw16_xor: atomic_rmw [sss] = atomic::xor::<u16>, sequence never;
        /// Wasm `i32.atomic.rmw.xor`, `i64.atomic.rmw32.xor_u`.
        atomic_rmw32_xor: atomic_rmw [sss] = atomic::xor::<u32>, sequence never;
        /// Wasm `i64.atomic.rmw.xor`.
        atomic_rmw64_xor: atomic_rmw [sss] = atomic::xor::<u64>, sequence never;
        /// Wasm `i32.atomic.rmw8.xchg_u`, `i64.atomic.rmw8.xchg_u`.
        atomic_rmw8_xchg: atomic_rmw [sss] = atomic::xchg::<u8>, sequence never;
        /// Wasm `i32.atomic.rmw16.xchg_u`, `i64.atomic.rmw16.xchg_u`.
        atomic_rmw16_xchg: atomic_rmw [sss] = atomic::xchg::<u16>, sequence never;
        /// Wasm `i32.atomic.rmw.xchg`, `i64.atomic.rmw32.xchg_u`.
        atomic_rmw32_xchg: atomic_rmw [sss] = atomic::xchg::<u32>, sequence never;
        /// Wasm `i64.atomic.rmw.xchg`.
        atomic_rmw64_xchg: atomic_rmw [sss] = atomic::xchg::<u64>, sequence never;
        /// Wasm `i32.atomic.rmw8.cmpxchg_u`, `i64.atomic.rmw8.cmpxchg_u`.
        atomic_rmw8_cmpxchg: atomic_cmpxchg [ssss] = atomic::cmpxchg::<u8>, sequence never;
        /// Wasm `i32.atomic.rmw16.cmpxchg_u`, `i64.atomic.rmw16.cmpxchg_u`.
        atomic_rmw16_cmpxchg: atomic_cmpxchg [ssss] = atomic::cmpxchg::<u16>, sequence never;
        /// Wasm `i32.atomic.rmw.cmpxchg`, `i64.atomic.rmw32.cmpxchg_u`.
        atomic_rmw32_cmpxchg: atomic_cmpxchg [ssss] = atomic::cmpxchg::<u32>, sequence never;
        /// Wasm `i64.atomic.rmw.cmpxchg`.
        atomic_rmw64_cmpxchg: atomic_cmpxchg [ssss] = atomic::cmpxchg::<u64>, sequence never;
        } }
    };
}

/// Passes `$given` and no rows to `$next!`: this build has no atomic operators.
#[cfg(not(feature = "threads"))]
macro_rules! atomic_ops {
    ($next:ident $($given:tt)*) => {
        $next! { $($given)* { } }
    };
}
