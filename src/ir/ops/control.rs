//! Ops of control: traps, branches, calls, returns.

/// Passes `$given` and the rows of this file to `$next!`.
macro_rules! control_ops {
    ($next:ident $($given:tt)*) => {
        $next! { $($given)* {
        /// Traps with `code`. Wasm `unreachable`.
        unreachable: trap [x] = control::trap, sequence never;
        /// Leaves the machine after the outermost frame has returned.
        halt: nullary [x] = control::halt, sequence never;
        /// Returns across an instance switch. A stub at a fixed address, not part of translated code.
        restore_instance: nullary [x] = call::restore_instance, sequence never;
        /// Translates or links the function being entered, then enters it again. A stub at a fixed address.
        translate: nullary [x] = call::translate, sequence never;
        /// Charges `amount` units of fuel. Traps: out of fuel.
        consume_fuel: fuel [x] = control::consume_fuel;
        /// Zeroes the locals that are read before they are written.
        enter: enter [x] = control::enter;
        /// Jumps. Wasm `br`.
        br: branch [x] = control::branch, charged br_charged;
        /// Moves a cell and jumps.
        br_copy: branch_copy [r s i] = control::branch_copy;
        /// Jumps to the target at `index`, or to the last one. Wasm `br_table`.
        br_table: branch_table [r s] = control::branch_table;
        /// `br_table` on the sum of `index` and a constant.
        br_table_sum: branch_table_sum [r s] = control::branch_table_sum;
        /// Returns; results are in place. Wasm `return`.
        ret: ret [x] = call::ret;
        /// Returns one integer or reference.
        ret_value: ret_value [r s i] = call::ret_value::<_, u64, _>;
        /// Returns one f32.
        ret_value_f32: ret_value [r s i] = call::ret_value::<_, f32, _>;
        /// Returns one f64.
        ret_value_f64: ret_value [r s i] = call::ret_value::<_, f64, _>;
        /// Returns; the linkage is at slot 1.
        ret_1: nullary [x] = call::ret_at::<_, 1>, link 1;
        /// Returns; the linkage is at slot 2.
        ret_2: nullary [x] = call::ret_at::<_, 2>, link 2;
        /// Returns; the linkage is at slot 3.
        ret_3: nullary [x] = call::ret_at::<_, 3>, link 3;
        /// Returns; the linkage is at slot 4.
        ret_4: nullary [x] = call::ret_at::<_, 4>, link 4;
        /// Returns one integer or reference; the linkage is at slot 1.
        ret_value_1: ret_value_at [r s i] = call::ret_value_at::<_, _, 1>, link 1;
        /// Returns one integer or reference; the linkage is at slot 2.
        ret_value_2: ret_value_at [r s i] = call::ret_value_at::<_, _, 2>, link 2;
        /// Returns one integer or reference; the linkage is at slot 3.
        ret_value_3: ret_value_at [r s i] = call::ret_value_at::<_, _, 3>, link 3;
        /// Returns one integer or reference; the linkage is at slot 4.
        ret_value_4: ret_value_at [r s i] = call::ret_value_at::<_, _, 4>, link 4;
        /// Enters a function of this module. Wasm `call`. Traps: stack overflow.
        call: call [x] = call::call;
        /// Enters an imported function, of another instance or of the host.
        call_import: call_import [x] = call::call_import, sequence never;
        /// Wasm `call_indirect`. Traps: index out of bounds, null, wrong type, stack overflow.
        call_indirect: call_indirect [r s] = call::call_indirect, sequence never;
        /// Wasm `return_call`.
        return_call: return_call [x] = call::return_call, sequence never;
        /// Wasm `return_call` of an import.
        return_call_import: return_call_import [x] = call::return_call_import, sequence never;
        /// Wasm `return_call_indirect`.
        return_call_indirect: return_call_indirect [r s] = call::return_call_indirect, sequence never;
        /// Wasm `call_ref`. Traps: null, stack overflow.
        call_ref: call_ref [r s] = call::call_ref, sequence never;
        /// Wasm `return_call_ref`.
        return_call_ref: return_call_ref [r s] = call::return_call_ref, sequence never;
        /// Continues if the reference is not null. Wasm `ref.as_non_null`. Traps: null.
        ref_as_non_null: check [r s] = control::ref_as_non_null, sequence never;
        } }
    };
}
