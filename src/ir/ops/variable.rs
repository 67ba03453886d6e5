//! Ops that move values: copies, constants, `select`, globals, references to functions.

/// Passes `$given` and the rows of this file to `$next!`.
macro_rules! variable_ops {
    ($next:ident $($given:tt)*) => {
        $next! { $($given)* {
        /// Moves a cell.
        copy: copy [rs ri sr ss si] = variable::copy::<_, u64, _, _>;
        /// Moves between the f32 accumulator and a slot.
        copy_f32: copy [rs sr] = variable::copy::<_, f32, _, _>;
        /// Moves between the f64 accumulator and a slot.
        copy_f64: copy [rs sr] = variable::copy::<_, f64, _, _>;
        /// A 64-bit constant.
        constant: constant [r s] = variable::constant;
        /// Two moves in order.
        copy_pair: copy_pair [srss srsi sssr ssss sssi sisr siss sisi] = variable::copy_pair;
        /// Moves consecutive slots.
        copy_span: copy_span [x] = variable::copy_span, sequence last;
        /// Wasm `select` of integers and references.
        select: select [rrss rrsi rris rrii rsss rssi rsis rsii srss srsi sris srii ssss sssi ssis ssii] = variable::select::<_, u64, _, _, _, _>;
        /// Wasm `select` of f32.
        select_f32: select [rrss rsss srss ssss] = variable::select::<_, f32, _, _, _, _>;
        /// Wasm `select` of f64.
        select_f64: select [rrss rsss srss ssss] = variable::select::<_, f64, _, _, _, _>;
        /// Wasm `global.get` of a global that this module defines, by its index among those. Writes the accumulator
        /// only if it is the destination.
        global_get: indexed [r s] = variable::global_get::<_, u64, _>, of own_global;
        /// Wasm `global.set` of a global that this module defines.
        global_set: indexed [r s i] = variable::global_set::<_, u64, _>, of own_global;
        /// The sum of a global that this module defines and a constant.
        i32_add_global: indexed_sum [r s] = variable::i32_add_global, of own_global;
        /// Adds a constant to a global that this module defines; the result is the sum.
        i32_step_global: indexed_sum [r s] = variable::i32_step_global, of own_global;
        /// Wasm `global.set` of the sum of a value and a constant; the sum stays in the accumulator.
        i32_set_global_sum: set_global_sum [r s] = variable::i32_set_global_sum, of own_global;
        /// Wasm `global.get` of an imported global.
        global_get_imported: indexed [r s] = variable::global_get_imported::<_, u64, _>, of imported_global;
        /// Wasm `global.set` of an imported global.
        global_set_imported: indexed [r s i] = variable::global_set_imported::<_, u64, _>, of imported_global;
        /// Wasm `ref.func`.
        ref_func: indexed [r s] = variable::ref_func, of func, sequence never;
        } }
    };
}
