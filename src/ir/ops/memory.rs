//! Ops on memories.

/// Passes `$given` and the rows of this file to `$next!`.
macro_rules! memory_ops {
    ($next:ident $($given:tt)*) => {
        $next! { $($given)* {
        i32_load: load [rr rs ri sr ss si] = semantics::i32_load;
        i32_load8_s: load [rr rs ri sr ss si] = semantics::i32_load8_s;
        i32_load8_u: load [rr rs ri sr ss si] = semantics::i32_load8_u;
        i32_load16_s: load [rr rs ri sr ss si] = semantics::i32_load16_s;
        i32_load16_u: load [rr rs ri sr ss si] = semantics::i32_load16_u;
        i64_load: load [rr rs ri sr ss si] = semantics::i64_load;
        i64_load8_s: load [rr rs ri sr ss si] = semantics::i64_load8_s;
        i64_load8_u: load [rr rs ri sr ss si] = semantics::i64_load8_u;
        i64_load16_s: load [rr rs ri sr ss si] = semantics::i64_load16_s;
        i64_load16_u: load [rr rs ri sr ss si] = semantics::i64_load16_u;
        i64_load32_s: load [rr rs ri sr ss si] = semantics::i64_load32_s;
        i64_load32_u: load [rr rs ri sr ss si] = semantics::i64_load32_u;
        f32_load: load [rr rs ri sr ss si] = semantics::f32_load;
        f64_load: load [rr rs ri sr ss si] = semantics::f64_load;
        i32_load_any: load_any [ss] = semantics::i32_load, sequence never;
        i32_load8_s_any: load_any [ss] = semantics::i32_load8_s, sequence never;
        i32_load8_u_any: load_any [ss] = semantics::i32_load8_u, sequence never;
        i32_load16_s_any: load_any [ss] = semantics::i32_load16_s, sequence never;
        i32_load16_u_any: load_any [ss] = semantics::i32_load16_u, sequence never;
        i64_load_any: load_any [ss] = semantics::i64_load, sequence never;
        i64_load8_s_any: load_any [ss] = semantics::i64_load8_s, sequence never;
        i64_load8_u_any: load_any [ss] = semantics::i64_load8_u, sequence never;
        i64_load16_s_any: load_any [ss] = semantics::i64_load16_s, sequence never;
        i64_load16_u_any: load_any [ss] = semantics::i64_load16_u, sequence never;
        i64_load32_s_any: load_any [ss] = semantics::i64_load32_s, sequence never;
        i64_load32_u_any: load_any [ss] = semantics::i64_load32_u, sequence never;
        f32_load_any: load_any [ss] = semantics::f32_load, sequence never;
        f64_load_any: load_any [ss] = semantics::f64_load, sequence never;
        i32_store: store [rs ri sr ss si ir is] = semantics::i32_store;
        i32_store8: store [rs ri sr ss si ir is] = semantics::i32_store8;
        i32_store16: store [rs ri sr ss si ir is] = semantics::i32_store16;
        i64_store: store [rs ri sr ss si ir is] = semantics::i64_store;
        i64_store8: store [rs ri sr ss si ir is] = semantics::i64_store8;
        i64_store16: store [rs ri sr ss si ir is] = semantics::i64_store16;
        i64_store32: store [rs ri sr ss si ir is] = semantics::i64_store32;
        f32_store: store [rr rs sr ss ir is] = semantics::f32_store;
        f64_store: store [rr rs sr ss ir is] = semantics::f64_store;
        i32_store_any: store_any [ss] = semantics::i32_store, sequence never;
        i32_store8_any: store_any [ss] = semantics::i32_store8, sequence never;
        i32_store16_any: store_any [ss] = semantics::i32_store16, sequence never;
        i64_store_any: store_any [ss] = semantics::i64_store, sequence never;
        i64_store8_any: store_any [ss] = semantics::i64_store8, sequence never;
        i64_store16_any: store_any [ss] = semantics::i64_store16, sequence never;
        i64_store32_any: store_any [ss] = semantics::i64_store32, sequence never;
        f32_store_any: store_any [ss] = semantics::f32_store, sequence never;
        f64_store_any: store_any [ss] = semantics::f64_store, sequence never;
        /// Wasm `memory.size`.
        memory_size: indexed [r s] = memory::memory_size, of memory, sequence never;
        /// Wasm `memory.grow`: takes the delta from `base` and writes the former size or -1 there.
        memory_grow: bulk [x] = memory::memory_grow, cells 1, of memory, sequence never;
        memory_fill: bulk [x] = memory::memory_fill, cells 3, of memory, sequence never;
        memory_copy: bulk [x] = memory::memory_copy, cells 3, of memory, of memory, sequence never;
        memory_init: bulk [x] = memory::memory_init, cells 3, of memory, of data, sequence never;
        data_drop: index [x] = memory::data_drop, of data, sequence never;
        } }
    };
}
