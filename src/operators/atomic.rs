//! The atomic operators of the operator table:
//!
//! ```text
//!   for_each_atomic  kind number visit name row type alignment = cost;
//! ```
//!
//! * The number follows the byte `0xfe`.
//! * `row` is the row of the op table. Operators on numbers of 32 and 64 bits that access the same number of bytes share one:
//!   what they load is extended by zeros, and of what they store they use the low bytes.
//! * The type is that of the value; of `wait`, that of the expected value. The alignment is the logarithm of the only
//!   one allowed.

/// Expands `$consumer!` with `$args` and the atomic operators.
macro_rules! for_each_atomic {
    ($consumer:ident $($args:tt)*) => {
        $consumer! { $($args)*
            notify 0x00 visit_memory_atomic_notify memory_atomic_notify memory_atomic_notify I32 2 = 1;
            wait 0x01 visit_memory_atomic_wait32 memory_atomic_wait32 memory_atomic_wait32 I32 2 = 1;
            wait 0x02 visit_memory_atomic_wait64 memory_atomic_wait64 memory_atomic_wait64 I64 3 = 1;
            fence 0x03 visit_atomic_fence atomic_fence atomic_fence I32 0 = 1;
            load 0x10 visit_i32_atomic_load i32_atomic_load atomic_load32 I32 2 = 1;
            load 0x11 visit_i64_atomic_load i64_atomic_load atomic_load64 I64 3 = 1;
            load 0x12 visit_i32_atomic_load8_u i32_atomic_load8_u atomic_load8 I32 0 = 1;
            load 0x13 visit_i32_atomic_load16_u i32_atomic_load16_u atomic_load16 I32 1 = 1;
            load 0x14 visit_i64_atomic_load8_u i64_atomic_load8_u atomic_load8 I64 0 = 1;
            load 0x15 visit_i64_atomic_load16_u i64_atomic_load16_u atomic_load16 I64 1 = 1;
            load 0x16 visit_i64_atomic_load32_u i64_atomic_load32_u atomic_load32 I64 2 = 1;
            store 0x17 visit_i32_atomic_store i32_atomic_store atomic_store32 I32 2 = 1;
            store 0x18 visit_i64_atomic_store i64_atomic_store atomic_store64 I64 3 = 1;
            store 0x19 visit_i32_atomic_store8 i32_atomic_store8 atomic_store8 I32 0 = 1;
            store 0x1a visit_i32_atomic_store16 i32_atomic_store16 atomic_store16 I32 1 = 1;
            store 0x1b visit_i64_atomic_store8 i64_atomic_store8 atomic_store8 I64 0 = 1;
            store 0x1c visit_i64_atomic_store16 i64_atomic_store16 atomic_store16 I64 1 = 1;
            store 0x1d visit_i64_atomic_store32 i64_atomic_store32 atomic_store32 I64 2 = 1;
            rmw 0x1e visit_i32_atomic_rmw_add i32_atomic_rmw_add atomic_rmw32_add I32 2 = 1;
            rmw 0x1f visit_i64_atomic_rmw_add i64_atomic_rmw_add atomic_rmw64_add I64 3 = 1;
            rmw 0x20 visit_i32_atomic_rmw8_add_u i32_atomic_rmw8_add_u atomic_rmw8_add I32 0 = 1;
            rmw 0x21 visit_i32_atomic_rmw16_add_u i32_atomic_rmw16_add_u atomic_rmw16_add I32 1 = 1;
            rmw 0x22 visit_i64_atomic_rmw8_add_u i64_atomic_rmw8_add_u atomic_rmw8_add I64 0 = 1;
            rmw 0x23 visit_i64_atomic_rmw16_add_u i64_atomic_rmw16_add_u atomic_rmw16_add I64 1 = 1;
            rmw 0x24 visit_i64_atomic_rmw32_add_u i64_atomic_rmw32_add_u atomic_rmw32_add I64 2 = 1;
            rmw 0x25 visit_i32_atomic_rmw_sub i32_atomic_rmw_sub atomic_rmw32_sub I32 2 = 1;
            rmw 0x26 visit_i64_atomic_rmw_sub i64_atomic_rmw_sub atomic_rmw64_sub I64 3 = 1;
            rmw 0x27 visit_i32_atomic_rmw8_sub_u i32_atomic_rmw8_sub_u atomic_rmw8_sub I32 0 = 1;
            rmw 0x28 visit_i32_atomic_rmw16_sub_u i32_atomic_rmw16_sub_u atomic_rmw16_sub I32 1 = 1;
            rmw 0x29 visit_i64_atomic_rmw8_sub_u i64_atomic_rmw8_sub_u atomic_rmw8_sub I64 0 = 1;
            rmw 0x2a visit_i64_atomic_rmw16_sub_u i64_atomic_rmw16_sub_u atomic_rmw16_sub I64 1 = 1;
            rmw 0x2b visit_i64_atomic_rmw32_sub_u i64_atomic_rmw32_sub_u atomic_rmw32_sub I64 2 = 1;
            rmw 0x2c visit_i32_atomic_rmw_and i32_atomic_rmw_and atomic_rmw32_and I32 2 = 1;
            rmw 0x2d visit_i64_atomic_rmw_and i64_atomic_rmw_and atomic_rmw64_and I64 3 = 1;
            rmw 0x2e visit_i32_atomic_rmw8_and_u i32_atomic_rmw8_and_u atomic_rmw8_and I32 0 = 1;
            rmw 0x2f visit_i32_atomic_rmw16_and_u i32_atomic_rmw16_and_u atomic_rmw16_and I32 1 = 1;
            rmw 0x30 visit_i64_atomic_rmw8_and_u i64_atomic_rmw8_and_u atomic_rmw8_and I64 0 = 1;
            rmw 0x31 visit_i64_atomic_rmw16_and_u i64_atomic_rmw16_and_u atomic_rmw16_and I64 1 = 1;
            rmw 0x32 visit_i64_atomic_rmw32_and_u i64_atomic_rmw32_and_u atomic_rmw32_and I64 2 = 1;
            rmw 0x33 visit_i32_atomic_rmw_or i32_atomic_rmw_or atomic_rmw32_or I32 2 = 1;
            rmw 0x34 visit_i64_atomic_rmw_or i64_atomic_rmw_or atomic_rmw64_or I64 3 = 1;
            rmw 0x35 visit_i32_atomic_rmw8_or_u i32_atomic_rmw8_or_u atomic_rmw8_or I32 0 = 1;
            rmw 0x36 visit_i32_atomic_rmw16_or_u i32_atomic_rmw16_or_u atomic_rmw16_or I32 1 = 1;
            rmw 0x37 visit_i64_atomic_rmw8_or_u i64_atomic_rmw8_or_u atomic_rmw8_or I64 0 = 1;
            rmw 0x38 visit_i64_atomic_rmw16_or_u i64_atomic_rmw16_or_u atomic_rmw16_or I64 1 = 1;
            rmw 0x39 visit_i64_atomic_rmw32_or_u i64_atomic_rmw32_or_u atomic_rmw32_or I64 2 = 1;
            rmw 0x3a visit_i32_atomic_rmw_xor i32_atomic_rmw_xor atomic_rmw32_xor I32 2 = 1;
            rmw 0x3b visit_i64_atomic_rmw_xor i64_atomic_rmw_xor atomic_rmw64_xor I64 3 = 1;
            rmw 0x3c visit_i32_atomic_rmw8_xor_u i32_atomic_rmw8_xor_u atomic_rmw8_xor I32 0 = 1;
            rmw 0x3d visit_i32_atomic_rmw16_xor_u i32_atomic_rmw16_xor_u atomic_rmw16_xor I32 1 = 1;
            rmw 0x3e visit_i64_atomic_rmw8_xor_u i64_atomic_rmw8_xor_u atomic_rmw8_xor I64 0 = 1;
            rmw 0x3f visit_i64_atomic_rmw16_xor_u i64_atomic_rmw16_xor_u atomic_rmw16_xor I64 1 = 1;
            rmw 0x40 visit_i64_atomic_rmw32_xor_u i64_atomic_rmw32_xor_u atomic_rmw32_xor I64 2 = 1;
            rmw 0x41 visit_i32_atomic_rmw_xchg i32_atomic_rmw_xchg atomic_rmw32_xchg I32 2 = 1;
            rmw 0x42 visit_i64_atomic_rmw_xchg i64_atomic_rmw_xchg atomic_rmw64_xchg I64 3 = 1;
            rmw 0x43 visit_i32_atomic_rmw8_xchg_u i32_atomic_rmw8_xchg_u atomic_rmw8_xchg I32 0 = 1;
            rmw 0x44 visit_i32_atomic_rmw16_xchg_u i32_atomic_rmw16_xchg_u atomic_rmw16_xchg I32 1 = 1;
            rmw 0x45 visit_i64_atomic_rmw8_xchg_u i64_atomic_rmw8_xchg_u atomic_rmw8_xchg I64 0 = 1;
            rmw 0x46 visit_i64_atomic_rmw16_xchg_u i64_atomic_rmw16_xchg_u atomic_rmw16_xchg I64 1 = 1;
            rmw 0x47 visit_i64_atomic_rmw32_xchg_u i64_atomic_rmw32_xchg_u atomic_rmw32_xchg I64 2 = 1;
            cmpxchg 0x48 visit_i32_atomic_rmw_cmpxchg i32_atomic_rmw_cmpxchg atomic_rmw32_cmpxchg I32 2 = 1;
            cmpxchg 0x49 visit_i64_atomic_rmw_cmpxchg i64_atomic_rmw_cmpxchg atomic_rmw64_cmpxchg I64 3 = 1;
            cmpxchg 0x4a visit_i32_atomic_rmw8_cmpxchg_u i32_atomic_rmw8_cmpxchg_u atomic_rmw8_cmpxchg I32 0 = 1;
            cmpxchg 0x4b visit_i32_atomic_rmw16_cmpxchg_u i32_atomic_rmw16_cmpxchg_u atomic_rmw16_cmpxchg I32 1 = 1;
            cmpxchg 0x4c visit_i64_atomic_rmw8_cmpxchg_u i64_atomic_rmw8_cmpxchg_u atomic_rmw8_cmpxchg I64 0 = 1;
            cmpxchg 0x4d visit_i64_atomic_rmw16_cmpxchg_u i64_atomic_rmw16_cmpxchg_u atomic_rmw16_cmpxchg I64 1 = 1;
            cmpxchg 0x4e visit_i64_atomic_rmw32_cmpxchg_u i64_atomic_rmw32_cmpxchg_u atomic_rmw32_cmpxchg I64 2 = 1;
        }
    };
}
