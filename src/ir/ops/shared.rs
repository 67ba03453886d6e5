//! Ops on shared memories: what other ops do, with accesses that other threads may race with. `plain` names the other op.
//!
//! Memories that are not shared have ops of their own, so that they pay nothing.

/// Passes `$given` and the rows of this file to `$next!`.
#[cfg(feature = "threads")]
macro_rules! shared_ops {
    ($next:ident $($given:tt)*) => {
        $next! { $($given)* {
        i32_load_shared: load_shared [rr rs ri sr ss si] = semantics::i32_load, plain i32_load, sequence never;
        i32_load8_s_shared: load_shared [rr rs ri sr ss si] = semantics::i32_load8_s, plain i32_load8_s, sequence never;
        i32_load8_u_shared: load_shared [rr rs ri sr ss si] = semantics::i32_load8_u, plain i32_load8_u, sequence never;
        i32_load16_s_shared: load_shared [rr rs ri sr ss si] = semantics::i32_load16_s, plain i32_load16_s, sequence never;
        i32_load16_u_shared: load_shared [rr rs ri sr ss si] = semantics::i32_load16_u, plain i32_load16_u, sequence never;
        i64_load_shared: load_shared [rr rs ri sr ss si] = semantics::i64_load, plain i64_load, sequence never;
        i64_load8_s_shared: load_shared [rr rs ri sr ss si] = semantics::i64_load8_s, plain i64_load8_s, sequence never;
        i64_load8_u_shared: load_shared [rr rs ri sr ss si] = semantics::i64_load8_u, plain i64_load8_u, sequence never;
        i64_load16_s_shared: load_shared [rr rs ri sr ss si] = semantics::i64_load16_s, plain i64_load16_s, sequence never;
        i64_load16_u_shared: load_shared [rr rs ri sr ss si] = semantics::i64_load16_u, plain i64_load16_u, sequence never;
        i64_load32_s_shared: load_shared [rr rs ri sr ss si] = semantics::i64_load32_s, plain i64_load32_s, sequence never;
        i64_load32_u_shared: load_shared [rr rs ri sr ss si] = semantics::i64_load32_u, plain i64_load32_u, sequence never;
        f32_load_shared: load_shared [rr rs ri sr ss si] = semantics::f32_load, plain f32_load, sequence never;
        f64_load_shared: load_shared [rr rs ri sr ss si] = semantics::f64_load, plain f64_load, sequence never;
        i32_store_shared: store_shared [rs sr ss is] = semantics::i32_store, plain i32_store, sequence never;
        i32_store8_shared: store_shared [rs sr ss is] = semantics::i32_store8, plain i32_store8, sequence never;
        i32_store16_shared: store_shared [rs sr ss is] = semantics::i32_store16, plain i32_store16, sequence never;
        i64_store_shared: store_shared [rs sr ss is] = semantics::i64_store, plain i64_store, sequence never;
        i64_store8_shared: store_shared [rs sr ss is] = semantics::i64_store8, plain i64_store8, sequence never;
        i64_store16_shared: store_shared [rs sr ss is] = semantics::i64_store16, plain i64_store16, sequence never;
        i64_store32_shared: store_shared [rs sr ss is] = semantics::i64_store32, plain i64_store32, sequence never;
        f32_store_shared: store_shared [rr rs sr ss is] = semantics::f32_store, plain f32_store, sequence never;
        f64_store_shared: store_shared [rr rs sr ss is] = semantics::f64_store, plain f64_store, sequence never;
        i32_load_any_shared: load_any_shared [ss] = semantics::i32_load, plain i32_load_any, sequence never;
        i32_load8_s_any_shared: load_any_shared [ss] = semantics::i32_load8_s, plain i32_load8_s_any, sequence never;
        i32_load8_u_any_shared: load_any_shared [ss] = semantics::i32_load8_u, plain i32_load8_u_any, sequence never;
        i32_load16_s_any_shared: load_any_shared [ss] = semantics::i32_load16_s, plain i32_load16_s_any, sequence never;
        i32_load16_u_any_shared: load_any_shared [ss] = semantics::i32_load16_u, plain i32_load16_u_any, sequence never;
        i64_load_any_shared: load_any_shared [ss] = semantics::i64_load, plain i64_load_any, sequence never;
        i64_load8_s_any_shared: load_any_shared [ss] = semantics::i64_load8_s, plain i64_load8_s_any, sequence never;
        i64_load8_u_any_shared: load_any_shared [ss] = semantics::i64_load8_u, plain i64_load8_u_any, sequence never;
        i64_load16_s_any_shared: load_any_shared [ss] = semantics::i64_load16_s, plain i64_load16_s_any, sequence never;
        i64_load16_u_any_shared: load_any_shared [ss] = semantics::i64_load16_u, plain i64_load16_u_any, sequence never;
        i64_load32_s_any_shared: load_any_shared [ss] = semantics::i64_load32_s, plain i64_load32_s_any, sequence never;
        i64_load32_u_any_shared: load_any_shared [ss] = semantics::i64_load32_u, plain i64_load32_u_any, sequence never;
        f32_load_any_shared: load_any_shared [ss] = semantics::f32_load, plain f32_load_any, sequence never;
        f64_load_any_shared: load_any_shared [ss] = semantics::f64_load, plain f64_load_any, sequence never;
        i32_store_any_shared: store_any_shared [ss] = semantics::i32_store, plain i32_store_any, sequence never;
        i32_store8_any_shared: store_any_shared [ss] = semantics::i32_store8, plain i32_store8_any, sequence never;
        i32_store16_any_shared: store_any_shared [ss] = semantics::i32_store16, plain i32_store16_any, sequence never;
        i64_store_any_shared: store_any_shared [ss] = semantics::i64_store, plain i64_store_any, sequence never;
        i64_store8_any_shared: store_any_shared [ss] = semantics::i64_store8, plain i64_store8_any, sequence never;
        i64_store16_any_shared: store_any_shared [ss] = semantics::i64_store16, plain i64_store16_any, sequence never;
        i64_store32_any_shared: store_any_shared [ss] = semantics::i64_store32, plain i64_store32_any, sequence never;
        f32_store_any_shared: store_any_shared [ss] = semantics::f32_store, plain f32_store_any, sequence never;
        f64_store_any_shared: store_any_shared [ss] = semantics::f64_store, plain f64_store_any, sequence never;
        memory_size_shared: indexed [r s] = shared::memory_size, of memory, plain memory_size, sequence never;
        memory_grow_shared: bulk [x] = shared::memory_grow, cells 1, of memory, plain memory_grow, sequence never;
        memory_fill_shared: bulk [x] = shared::memory_fill, cells 3, of memory, plain memory_fill, sequence never;
        /// `memory.copy` if one of the memories is shared.
        memory_copy_shared: bulk [x] = shared::memory_copy, cells 3, of memory, of memory, plain memory_copy, sequence never;
        memory_init_shared: bulk [x] = shared::memory_init, cells 3, of memory, of data, plain memory_init, sequence never;
        } }
    };
}

/// Passes `$given` and no rows to `$next!`: this build has no shared memories.
#[cfg(not(feature = "threads"))]
macro_rules! shared_ops {
    ($next:ident $($given:tt)*) => {
        $next! { $($given)* { } }
    };
}

/// Passes `$given` and the rows for vectors to `$next!`.
#[cfg(all(feature = "threads", feature = "simd"))]
macro_rules! shared_vector_ops {
    ($next:ident $($given:tt)*) => {
        $next! { $($given)* {
        v128_load_shared: load_shared [rr rs ri sr ss si] = Vector::from_bytes, plain v128_load, vectors 0b1, sequence never;
        v128_load_any_shared: load_any_shared [ss] = Vector::from_bytes, plain v128_load_any, vectors 0b1, sequence never;
        v128_load8x8_s_any_shared: load_any_shared [ss] = semantics::of_u64(vector::v128_load8x8_s), plain v128_load8x8_s_any, vectors 0b1, sequence never;
        v128_load8x8_u_any_shared: load_any_shared [ss] = semantics::of_u64(vector::v128_load8x8_u), plain v128_load8x8_u_any, vectors 0b1, sequence never;
        v128_load16x4_s_any_shared: load_any_shared [ss] = semantics::of_u64(vector::v128_load16x4_s), plain v128_load16x4_s_any, vectors 0b1, sequence never;
        v128_load16x4_u_any_shared: load_any_shared [ss] = semantics::of_u64(vector::v128_load16x4_u), plain v128_load16x4_u_any, vectors 0b1, sequence never;
        v128_load32x2_s_any_shared: load_any_shared [ss] = semantics::of_u64(vector::v128_load32x2_s), plain v128_load32x2_s_any, vectors 0b1, sequence never;
        v128_load32x2_u_any_shared: load_any_shared [ss] = semantics::of_u64(vector::v128_load32x2_u), plain v128_load32x2_u_any, vectors 0b1, sequence never;
        v128_load8_splat_any_shared: load_any_shared [ss] = semantics::of_u8(vector::v128_load8_splat), plain v128_load8_splat_any, vectors 0b1, sequence never;
        v128_load16_splat_any_shared: load_any_shared [ss] = semantics::of_u16(vector::v128_load16_splat), plain v128_load16_splat_any, vectors 0b1, sequence never;
        v128_load32_splat_any_shared: load_any_shared [ss] = semantics::of_u32(vector::v128_load32_splat), plain v128_load32_splat_any, vectors 0b1, sequence never;
        v128_load64_splat_any_shared: load_any_shared [ss] = semantics::of_u64(vector::v128_load64_splat), plain v128_load64_splat_any, vectors 0b1, sequence never;
        v128_load32_zero_any_shared: load_any_shared [ss] = semantics::of_u32(vector::v128_load32_zero), plain v128_load32_zero_any, vectors 0b1, sequence never;
        v128_load64_zero_any_shared: load_any_shared [ss] = semantics::of_u64(vector::v128_load64_zero), plain v128_load64_zero_any, vectors 0b1, sequence never;
        v128_store_shared: store_shared [rr rs sr ss ir is] = Vector::to_bytes, plain v128_store, vectors 0b10, sequence never;
        v128_store_any_shared: store_any_shared [ss] = Vector::to_bytes, plain v128_store_any, vectors 0b10, sequence never;
        v128_load8_lane_shared: load_lane_shared [sss] = semantics::lane_of_u8(vector::v128_load8_lane), plain v128_load8_lane, vectors 0b101, sequence never;
        v128_load16_lane_shared: load_lane_shared [sss] = semantics::lane_of_u16(vector::v128_load16_lane), plain v128_load16_lane, vectors 0b101, sequence never;
        v128_load32_lane_shared: load_lane_shared [sss] = semantics::lane_of_u32(vector::v128_load32_lane), plain v128_load32_lane, vectors 0b101, sequence never;
        v128_load64_lane_shared: load_lane_shared [sss] = semantics::lane_of_u64(vector::v128_load64_lane), plain v128_load64_lane, vectors 0b101, sequence never;
        v128_store8_lane_shared: store_lane_shared [ss] = core::convert::identity::<[u8; 1]>, plain v128_store8_lane, vectors 0b10, sequence never;
        v128_store16_lane_shared: store_lane_shared [ss] = core::convert::identity::<[u8; 2]>, plain v128_store16_lane, vectors 0b10, sequence never;
        v128_store32_lane_shared: store_lane_shared [ss] = core::convert::identity::<[u8; 4]>, plain v128_store32_lane, vectors 0b10, sequence never;
        v128_store64_lane_shared: store_lane_shared [ss] = core::convert::identity::<[u8; 8]>, plain v128_store64_lane, vectors 0b10, sequence never;
        } }
    };
}

/// Passes `$given` and no rows to `$next!`: this build has no vectors in shared memories.
#[cfg(not(all(feature = "threads", feature = "simd")))]
macro_rules! shared_vector_ops {
    ($next:ident $($given:tt)*) => {
        $next! { $($given)* { } }
    };
}
