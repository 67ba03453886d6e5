//! Ops on structs, arrays and other references that may be collected.
//!
//! Fields and elements are accessed by their widths: i64 and references share a row. The length of an array is a field.

/// Passes `$given` and the rows of this file to `$next!`.
#[cfg(feature = "gc")]
macro_rules! object_ops {
    ($next:ident $($given:tt)*) => {
        $next! { $($given)* {
        /// Wasm `struct.get_s` of a field of 8 bits. Traps: null.
        struct_get8_s: get_field [rr rs sr ss] = <i32 as From<i8>>::from;
        /// Wasm `struct.get_u` of a field of 8 bits.
        struct_get8_u: get_field [rr rs sr ss] = <u32 as From<u8>>::from;
        /// Wasm `struct.get_s` of a field of 16 bits.
        struct_get16_s: get_field [rr rs sr ss] = <i32 as From<i16>>::from;
        /// Wasm `struct.get_u` of a field of 16 bits.
        struct_get16_u: get_field [rr rs sr ss] = <u32 as From<u16>>::from;
        /// Wasm `struct.get` of i32, `array.len`.
        struct_get32: get_field [rr rs sr ss] = core::convert::identity::<u32>;
        /// Wasm `struct.get` of i64 and references.
        struct_get64: get_field [rr rs sr ss] = core::convert::identity::<u64>;
        /// Wasm `struct.get` of f32.
        struct_get_f32: get_field [rr rs sr ss] = core::convert::identity::<f32>;
        /// Wasm `struct.get` of f64.
        struct_get_f64: get_field [rr rs sr ss] = core::convert::identity::<f64>;
        /// Wasm `struct.set` of a field of 8 bits. Traps: null.
        struct_set8: set_field [rs ri sr ss si] = object::low8;
        /// Wasm `struct.set` of a field of 16 bits.
        struct_set16: set_field [rs ri sr ss si] = object::low16;
        /// Wasm `struct.set` of i32.
        struct_set32: set_field [rs ri sr ss si] = core::convert::identity::<u32>;
        /// Wasm `struct.set` of i64.
        struct_set64: set_field [rs ri sr ss si] = core::convert::identity::<u64>;
        /// Wasm `struct.set` of references.
        struct_set_ref: set_field [rs ri sr ss si] = core::convert::identity::<u64>;
        /// Wasm `struct.set` of f32.
        struct_set_f32: set_field [rr rs sr ss] = core::convert::identity::<f32>;
        /// Wasm `struct.set` of f64.
        struct_set_f64: set_field [rr rs sr ss] = core::convert::identity::<f64>;
        /// Wasm `array.get_s` of elements of 8 bits. Traps: null, out of bounds.
        array_get8_s: get_element [rrs rsr rss rsi srs ssr sss ssi] = <i32 as From<i8>>::from;
        /// Wasm `array.get_u` of elements of 8 bits.
        array_get8_u: get_element [rrs rsr rss rsi srs ssr sss ssi] = <u32 as From<u8>>::from;
        /// Wasm `array.get_s` of elements of 16 bits.
        array_get16_s: get_element [rrs rsr rss rsi srs ssr sss ssi] = <i32 as From<i16>>::from;
        /// Wasm `array.get_u` of elements of 16 bits.
        array_get16_u: get_element [rrs rsr rss rsi srs ssr sss ssi] = <u32 as From<u16>>::from;
        /// Wasm `array.get` of i32.
        array_get32: get_element [rrs rsr rss rsi srs ssr sss ssi] = core::convert::identity::<u32>;
        /// Wasm `array.get` of i64 and references.
        array_get64: get_element [rrs rsr rss rsi srs ssr sss ssi] = core::convert::identity::<u64>;
        /// Wasm `array.get` of f32.
        array_get_f32: get_element [rrs rsr rss rsi srs ssr sss ssi] = core::convert::identity::<f32>;
        /// Wasm `array.get` of f64.
        array_get_f64: get_element [rrs rsr rss rsi srs ssr sss ssi] = core::convert::identity::<f64>;
        /// Wasm `array.set` of elements of 8 bits. Traps: null, out of bounds.
        array_set8: set_element [srs sri ssr sss ssi sir sis sii] = object::low8;
        /// Wasm `array.set` of elements of 16 bits.
        array_set16: set_element [srs sri ssr sss ssi sir sis sii] = object::low16;
        /// Wasm `array.set` of i32.
        array_set32: set_element [srs sri ssr sss ssi sir sis sii] = core::convert::identity::<u32>;
        /// Wasm `array.set` of i64.
        array_set64: set_element [srs sri ssr sss ssi sir sis sii] = core::convert::identity::<u64>;
        /// Wasm `array.set` of references.
        array_set_ref: set_element [srs sri ssr sss ssi sir sis sii] = core::convert::identity::<u64>;
        /// Wasm `array.set` of f32.
        array_set_f32: set_element [srs ssr sss sir sis] = core::convert::identity::<f32>;
        /// Wasm `array.set` of f64.
        array_set_f64: set_element [srs ssr sss sir sis] = core::convert::identity::<f64>;
        // ---- references
        /// Wasm `ref.i31`.
        ref_i31: unary [rr rs sr ss] = reference::ref_i31;
        /// Wasm `i31.get_s`. Traps: null.
        i31_get_s: unary [rr rs sr ss] = reference::i31_get_s;
        /// Wasm `i31.get_u`. Traps: null.
        i31_get_u: unary [rr rs sr ss] = reference::i31_get_u;
        /// Wasm `ref.test` of the type of a struct or an array.
        ref_test: test [rri rsi sri ssi] = object::OfObject, branch br_ref_test;
        /// Wasm `ref.test` of an abstract type.
        ref_test_class: test [rri rsi sri ssi] = object::OfClass, branch br_ref_test_class;
        /// Wasm `ref.test` of the type of a function.
        ref_test_func: test [rsi ssi] = object::OfFunc, branch br_ref_test_func, sequence never;
        /// Wasm `br_on_cast` to the type of a struct or an array.
        br_ref_test: branch_test [ri si] = object::OfObject, not br_ref_test_not;
        /// Wasm `br_on_cast_fail` to the type of a struct or an array.
        br_ref_test_not: branch_test [ri si] = object::Not(object::OfObject), not br_ref_test;
        /// Wasm `br_on_cast` to an abstract type.
        br_ref_test_class: branch_test [ri si] = object::OfClass, not br_ref_test_class_not;
        /// Wasm `br_on_cast_fail` to an abstract type.
        br_ref_test_class_not: branch_test [ri si] = object::Not(object::OfClass), not br_ref_test_class;
        /// Wasm `br_on_cast` to the type of a function.
        br_ref_test_func: branch_test [si] = object::OfFunc, not br_ref_test_func_not, sequence never;
        /// Wasm `br_on_cast_fail` to the type of a function.
        br_ref_test_func_not: branch_test [si] = object::Not(object::OfFunc), not br_ref_test_func, sequence never;
        /// Wasm `ref.cast` to the type of a struct or an array. Traps: other type.
        ref_cast: cast [ri si] = object::OfObject;
        /// Wasm `ref.cast` to an abstract type.
        ref_cast_class: cast [ri si] = object::OfClass;
        /// Wasm `ref.cast` to the type of a function.
        ref_cast_func: cast [si] = object::OfFunc, sequence never;
        // ---- ops on many fields or elements
        /// Wasm `struct.new`. Traps: no room.
        struct_new: typed_span [x] = object::struct_new, of ty, sequence never;
        /// Wasm `struct.new_default`, and `struct.new` without fields.
        struct_new_default: indexed [s] = object::struct_new_default, of ty, sequence never;
        /// Wasm `array.new`: takes the value and the length.
        array_new: typed_span [x] = object::array_new, of ty, sequence never;
        /// Wasm `array.new_default`: takes the length.
        array_new_default: typed_span [x] = object::array_new_default, of ty, sequence never;
        /// Wasm `array.new_fixed`: takes the elements.
        array_new_fixed: typed_span [x] = object::array_new_fixed, of ty, sequence never;
        /// Wasm `array.new_data`: takes offset and length.
        array_new_data: bulk [x] = object::array_new_data, cells 2, of ty, of data, sequence never;
        /// Wasm `array.new_elem`: takes offset and length.
        array_new_elem: bulk [x] = object::array_new_elem, cells 2, of ty, of elem, sequence never;
        /// Wasm `array.fill`: takes the array, the index, the value and the length. Traps: null, out of bounds.
        array_fill: typed_span [x] = object::array_fill, of ty, sequence never;
        /// Wasm `array.copy`: takes an array and an index, twice, and the length.
        array_copy: span [x] = object::array_copy, cells 5, sequence never;
        /// Wasm `array.init_data`: takes the array, the index, the offset and the length.
        array_init_data: bulk [x] = object::array_init_data, cells 4, of data, sequence never;
        /// Wasm `array.init_elem`.
        array_init_elem: bulk [x] = object::array_init_elem, cells 4, of elem, sequence never;
        } }
    };
}

/// Passes `$given` and no rows to `$next!`: this build has no objects.
#[cfg(not(feature = "gc"))]
macro_rules! object_ops {
    ($next:ident $($given:tt)*) => {
        $next! { $($given)* { } }
    };
}

/// Passes `$given` and the rows for vectors to `$next!`.
#[cfg(all(feature = "gc", feature = "simd"))]
macro_rules! object_vector_ops {
    ($next:ident $($given:tt)*) => {
        $next! { $($given)* {
        /// Wasm `struct.get` of v128.
        struct_get_v128: get_field [rr rs sr ss] = Vector::from_bytes, vectors 0b1, sequence never;
        /// Wasm `struct.set` of v128.
        struct_set_v128: set_field [rs sr ss] = Vector::to_bytes, vectors 0b10, sequence never;
        /// Wasm `array.get` of v128.
        array_get_v128: get_element [rrs rsr rss rsi srs ssr sss ssi] = Vector::from_bytes, vectors 0b1, sequence never;
        /// Wasm `array.set` of v128.
        array_set_v128: set_element [sss] = Vector::to_bytes, vectors 0b100, sequence never;
        } }
    };
}

/// Passes `$given` and no rows to `$next!`: this build has no objects with vectors.
#[cfg(not(all(feature = "gc", feature = "simd")))]
macro_rules! object_vector_ops {
    ($next:ident $($given:tt)*) => {
        $next! { $($given)* { } }
    };
}
