//! The operators of garbage collection in the operator table: rows of `for_each_other`, which adds them to its own.

/// Expands `$consumer!` with `$args`, the other rows, and those of this file.
#[cfg(feature = "gc")]
macro_rules! gc_operators {
    ($consumer:ident { $($args:tt)* } $($rows:tt)*) => {
        $consumer! { $($args)* $($rows)*
            0xd3 [Gc] visit_ref_eq() ref_eq = 1;
            0xfb00 [Gc] visit_struct_new(index) struct_new = 1;
            0xfb01 [Gc] visit_struct_new_default(index) struct_new_default = 1;
            0xfb02 [Gc] visit_struct_get(index index) struct_get = 1;
            0xfb03 [Gc] visit_struct_get_s(index index) struct_get_s = 1;
            0xfb04 [Gc] visit_struct_get_u(index index) struct_get_u = 1;
            0xfb05 [Gc] visit_struct_set(index index) struct_set = 1;
            0xfb06 [Gc] visit_array_new(index) array_new = 1;
            0xfb07 [Gc] visit_array_new_default(index) array_new_default = 1;
            0xfb08 [Gc] visit_array_new_fixed(index index) array_new_fixed = 1;
            0xfb09 [Gc] visit_array_new_data(index index) array_new_data = 1;
            0xfb0a [Gc] visit_array_new_elem(index index) array_new_elem = 1;
            0xfb0b [Gc] visit_array_get(index) array_get = 1;
            0xfb0c [Gc] visit_array_get_s(index) array_get_s = 1;
            0xfb0d [Gc] visit_array_get_u(index) array_get_u = 1;
            0xfb0e [Gc] visit_array_set(index) array_set = 1;
            0xfb0f [Gc] visit_array_len() array_len = 1;
            0xfb10 [Gc] visit_array_fill(index) array_fill = 1;
            0xfb11 [Gc] visit_array_copy(index index) array_copy = 1;
            0xfb12 [Gc] visit_array_init_data(index index) array_init_data = 1;
            0xfb13 [Gc] visit_array_init_elem(index index) array_init_elem = 1;
            0xfb14 [Gc] visit_ref_test_non_null(heap_type) ref_test_non_null = 1;
            0xfb15 [Gc] visit_ref_test_nullable(heap_type) ref_test_nullable = 1;
            0xfb16 [Gc] visit_ref_cast_non_null(heap_type) ref_cast_non_null = 1;
            0xfb17 [Gc] visit_ref_cast_nullable(heap_type) ref_cast_nullable = 1;
            0xfb18 [Gc] visit_br_on_cast(cast) br_on_cast = 1;
            0xfb19 [Gc] visit_br_on_cast_fail(cast) br_on_cast_fail = 1;
            0xfb1a [Gc] visit_any_convert_extern() any_convert_extern = 1;
            0xfb1b [Gc] visit_extern_convert_any() extern_convert_any = 1;
            0xfb1c [Gc] visit_ref_i31() ref_i31 = 1;
            0xfb1d [Gc] visit_i31_get_s() i31_get_s = 1;
            0xfb1e [Gc] visit_i31_get_u() i31_get_u = 1;
        }
    };
}

/// Expands `$consumer!` with `$args` and the other rows: this build has no objects.
#[cfg(not(feature = "gc"))]
macro_rules! gc_operators {
    ($consumer:ident { $($args:tt)* } $($rows:tt)*) => {
        $consumer! { $($args)* $($rows)* }
    };
}
