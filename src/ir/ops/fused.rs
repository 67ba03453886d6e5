//! Ops that do what two or more operators do, which programs often use together.

/// Passes `$given` and the rows of this file to `$next!`.
macro_rules! fused_ops {
    ($next:ident $($given:tt)*) => {
        $next! { $($given)* {
        /// Two additions in order, such as those of two loop counters.
        i32_add_pair: add_pair [ss si is ii] = variable::i32_add_pair;
        // ---- two value ops in one
        /// `(a << b) + c`
        i32_shl_add: ternary [rris rrii rsir rsis rsii sris srii ssir ssis ssii] = semantics::then(int::i32_shl, int::i32_add), first i32_shl, second i32_add;
        /// `a * b + c`
        i32_mul_add: ternary [rrss rris rrii rssr rsss rsir rsis rsii srss sris srii sssr ssss ssir ssis ssii] = semantics::then(int::i32_mul, int::i32_add), first i32_mul, second i32_add;
        /// `a + b + c`
        i32_add_add: ternary [rrss rrsi rris rssr rsss rssi rsir rsis srss srsi sris sssr ssss sssi ssir ssis] = semantics::then(int::i32_add, int::i32_add), first i32_add, second i32_add;
        /// `(a ^ b) rotl c`
        i32_xor_rotl: ternary [rrsi rssi srsi sssi] = semantics::then(int::i32_xor, int::i32_rotl), first i32_xor, second i32_rotl;
        /// `(a rotl b) ^ c`
        i32_rotl_xor: ternary [rris rsir rsis sris ssir ssis] = semantics::then(int::i32_rotl, int::i32_xor), first i32_rotl, second i32_xor;
        /// `a ^ b ^ c`
        i32_xor_xor: ternary [rrss rssr rsss srss sssr ssss] = semantics::then(int::i32_xor, int::i32_xor), first i32_xor, second i32_xor;
        /// `(a & b) ^ c`
        i32_and_xor: ternary [rrss rssr rsss srss sssr ssss] = semantics::then(int::i32_and, int::i32_xor), first i32_and, second i32_xor;
        /// `(a << b) ^ c`
        i32_shl_xor: ternary [rrir rris rsir rsis srir sris ssir ssis] = semantics::then(int::i32_shl, int::i32_xor), first i32_shl, second i32_xor;
        /// `(a >> b) ^ c`
        i32_shr_u_xor: ternary [rrir rris rsir rsis srir sris ssir ssis] = semantics::then(int::i32_shr_u, int::i32_xor), first i32_shr_u, second i32_xor;
        /// `(a << b) | c`
        i32_shl_or: ternary [rris rsir rsis sris ssir ssis] = semantics::then(int::i32_shl, int::i32_or), first i32_shl, second i32_or;
        /// `(a >> b) & c`
        i32_shr_u_and: ternary [rrii rsii srii ssii] = semantics::then(int::i32_shr_u, int::i32_and), first i32_shr_u, second i32_and;
        /// `(a & b) << c`
        i32_and_shl: ternary [rrii rsii srii ssii] = semantics::then(int::i32_and, int::i32_shl), first i32_and, second i32_shl;
        /// `(a << b) + c`
        i64_shl_add: ternary [rris rrii rsir rsis rsii sris srii ssir ssis ssii] = semantics::then(int::i64_shl, int::i64_add), first i64_shl, second i64_add;
        /// `a * b + c`
        i64_mul_add: ternary [rrss rris rrii rssr rsss rsir rsis rsii srss sris srii sssr ssss ssir ssis ssii] = semantics::then(int::i64_mul, int::i64_add), first i64_mul, second i64_add;
        /// `a + b + c`
        i64_add_add: ternary [rrss rrsi rris rssr rsss rssi rsir rsis srss srsi sris sssr ssss sssi ssir ssis] = semantics::then(int::i64_add, int::i64_add), first i64_add, second i64_add;
        /// `(a ^ b) rotl c`
        i64_xor_rotl: ternary [rrsi rssi srsi sssi] = semantics::then(int::i64_xor, int::i64_rotl), first i64_xor, second i64_rotl;
        /// `(a rotl b) ^ c`
        i64_rotl_xor: ternary [rris rsir rsis sris ssir ssis] = semantics::then(int::i64_rotl, int::i64_xor), first i64_rotl, second i64_xor;
        /// `a ^ b ^ c`
        i64_xor_xor: ternary [rrss rssr rsss srss sssr ssss] = semantics::then(int::i64_xor, int::i64_xor), first i64_xor, second i64_xor;
        /// `(a & b) ^ c`
        i64_and_xor: ternary [rrss rssr rsss srss sssr ssss] = semantics::then(int::i64_and, int::i64_xor), first i64_and, second i64_xor;
        /// `(a << b) ^ c`
        i64_shl_xor: ternary [rrir rris rsir rsis srir sris ssir ssis] = semantics::then(int::i64_shl, int::i64_xor), first i64_shl, second i64_xor;
        /// `(a >> b) ^ c`
        i64_shr_u_xor: ternary [rrir rris rsir rsis srir sris ssir ssis] = semantics::then(int::i64_shr_u, int::i64_xor), first i64_shr_u, second i64_xor;
        /// `(a << b) | c`
        i64_shl_or: ternary [rris rsir rsis sris ssir ssis] = semantics::then(int::i64_shl, int::i64_or), first i64_shl, second i64_or;
        /// `(a >> b) & c`
        i64_shr_u_and: ternary [rrii rsii srii ssii] = semantics::then(int::i64_shr_u, int::i64_and), first i64_shr_u, second i64_and;
        /// `(a & b) << c`
        i64_and_shl: ternary [rrii rsii srii ssii] = semantics::then(int::i64_and, int::i64_shl), first i64_and, second i64_shl;
        /// `a * b + c`, rounded twice.
        f32_mul_add: ternary [rrrs rrss rssr rsss srrs srss sssr ssss] = semantics::then(float::f32_mul, float::f32_add), first f32_mul, second f32_add;
        /// `a * b - c`, rounded twice.
        f32_mul_minus: ternary [rrrs rrss rssr rsss srrs srss sssr ssss] = semantics::then(float::f32_mul, float::f32_sub), first f32_mul, second f32_sub;
        /// `c - a * b`, rounded twice.
        f32_minus_mul: ternary [rrrs rrss rssr rsss srrs srss sssr ssss] = semantics::then_right(float::f32_mul, float::f32_sub), first f32_mul, second_right f32_sub;
        /// `a * b + c`, rounded twice.
        f64_mul_add: ternary [rrrs rrss rssr rsss srrs srss sssr ssss] = semantics::then(float::f64_mul, float::f64_add), first f64_mul, second f64_add;
        /// `a * b - c`, rounded twice.
        f64_mul_minus: ternary [rrrs rrss rssr rsss srrs srss sssr ssss] = semantics::then(float::f64_mul, float::f64_sub), first f64_mul, second f64_sub;
        /// `c - a * b`, rounded twice.
        f64_minus_mul: ternary [rrrs rrss rssr rsss srrs srss sssr ssss] = semantics::then_right(float::f64_mul, float::f64_sub), first f64_mul, second_right f64_sub;
        /// `(a + b) + c`, rounded twice.
        f32_add_add: ternary [rrss rssr rsss srss sssr ssss] = semantics::then(float::f32_add, float::f32_add), first f32_add, second f32_add;
        /// `(a - b) + c`, rounded twice.
        f32_sub_add: ternary [rrss rssr rsss srss sssr ssss] = semantics::then(float::f32_sub, float::f32_add), first f32_sub, second f32_add;
        /// `(a + b) * c`, rounded twice.
        f32_add_mul: ternary [rrss rssr rsss srss sssr ssss] = semantics::then(float::f32_add, float::f32_mul), first f32_add, second f32_mul;
        /// `(a - b) * c`, rounded twice.
        f32_sub_mul: ternary [rrss rssr rsss srss sssr ssss] = semantics::then(float::f32_sub, float::f32_mul), first f32_sub, second f32_mul;
        /// `(a + b) + c`, rounded twice.
        f64_add_add: ternary [rrss rssr rsss srss sssr ssss] = semantics::then(float::f64_add, float::f64_add), first f64_add, second f64_add;
        /// `(a - b) + c`, rounded twice.
        f64_sub_add: ternary [rrss rssr rsss srss sssr ssss] = semantics::then(float::f64_sub, float::f64_add), first f64_sub, second f64_add;
        /// `(a + b) * c`, rounded twice.
        f64_add_mul: ternary [rrss rssr rsss srss sssr ssss] = semantics::then(float::f64_add, float::f64_mul), first f64_add, second f64_mul;
        /// `(a - b) * c`, rounded twice.
        f64_sub_mul: ternary [rrss rssr rsss srss sssr ssss] = semantics::then(float::f64_sub, float::f64_mul), first f64_sub, second f64_mul;
        /// Wasm `i32.load` from the sum of two operands.
        i32_load_sum: load_sum [rrs rri rss rsi srs sri sss ssi] = semantics::i32_load, first i32_add, second i32_load;
        /// Wasm `i32.load8_s` from the sum of two operands.
        i32_load8_s_sum: load_sum [rrs rri rss rsi srs sri sss ssi] = semantics::i32_load8_s, first i32_add, second i32_load8_s;
        /// Wasm `i32.load8_u` from the sum of two operands.
        i32_load8_u_sum: load_sum [rrs rri rss rsi srs sri sss ssi] = semantics::i32_load8_u, first i32_add, second i32_load8_u;
        /// Wasm `i32.load16_s` from the sum of two operands.
        i32_load16_s_sum: load_sum [rrs rri rss rsi srs sri sss ssi] = semantics::i32_load16_s, first i32_add, second i32_load16_s;
        /// Wasm `i32.load16_u` from the sum of two operands.
        i32_load16_u_sum: load_sum [rrs rri rss rsi srs sri sss ssi] = semantics::i32_load16_u, first i32_add, second i32_load16_u;
        /// Wasm `i64.load` from the sum of two operands.
        i64_load_sum: load_sum [rrs rri rss rsi srs sri sss ssi] = semantics::i64_load, first i32_add, second i64_load;
        /// Wasm `i64.load8_u` from the sum of two operands.
        i64_load8_u_sum: load_sum [rrs rri rss rsi srs sri sss ssi] = semantics::i64_load8_u, first i32_add, second i64_load8_u;
        /// Wasm `i64.load32_u` from the sum of two operands.
        i64_load32_u_sum: load_sum [rrs rri rss rsi srs sri sss ssi] = semantics::i64_load32_u, first i32_add, second i64_load32_u;
        /// Wasm `f32.load` from the sum of two operands.
        f32_load_sum: load_sum [rrs rri rss rsi srs sri sss ssi] = semantics::f32_load, first i32_add, second f32_load;
        /// Wasm `f64.load` from the sum of two operands.
        f64_load_sum: load_sum [rrs rri rss rsi srs sri sss ssi] = semantics::f64_load, first i32_add, second f64_load;
        /// Wasm `i32.load` from an address that is loaded first.
        i32_load_load: load_load [rr rs sr ss] = semantics::i32_load, first i32_load, second i32_load;
        /// Wasm `i32.load8_u` from an address that is loaded first.
        i32_load_load8_u: load_load [rr rs sr ss] = semantics::i32_load8_u, first i32_load, second i32_load8_u;
        /// Wasm `i32.load16_u` from an address that is loaded first.
        i32_load_load16_u: load_load [rr rs sr ss] = semantics::i32_load16_u, first i32_load, second i32_load16_u;
        /// Wasm `i32.store` of a value that is loaded first.
        i32_load_store: load_store [rs ss] = access::load_store::<_, u32, _, _, 4>, first i32_load, second_right i32_store;
        /// Wasm `i64.store` of a value that is loaded first.
        i64_load_store: load_store [rs ss] = access::load_store::<_, u64, _, _, 8>, first i64_load, second_right i64_store;
        /// Wasm `i32.store` of a sum.
        i32_add_store: store_sum [srs sri sss ssi] = access::i32_add_store, first i32_add, second_right i32_store;
        /// Wasm `i32.load`; jumps if the value is zero.
        br_i32_load_eqz: branch_load [rr rs sr ss] = semantics::tested(semantics::i32_load, int::i32_eqz);
        /// Wasm `i32.load`; jumps if the value is not zero.
        br_i32_load_nez: branch_load [rr rs sr ss] = semantics::tested(semantics::i32_load, semantics::i32_nez);
        /// Wasm `i32.load8_u`; jumps if the value is zero.
        br_i32_load8_u_eqz: branch_load [rr rs sr ss] = semantics::tested(semantics::i32_load8_u, int::i32_eqz);
        /// Wasm `i32.load8_u`; jumps if the value is not zero.
        br_i32_load8_u_nez: branch_load [rr rs sr ss] = semantics::tested(semantics::i32_load8_u, semantics::i32_nez);
        /// Adds to a slot and jumps on `i32.eq` of the sum.
        br_i32_step_eq: branch_step [ss si is ii] = int::i32_eq;
        /// Adds to a slot and jumps on `i32.ne` of the sum.
        br_i32_step_ne: branch_step [ss si is ii] = int::i32_ne, charged br_i32_step_ne_charged;
        /// Adds to a slot and jumps on `i32.lt_s` of the sum.
        br_i32_step_lt_s: branch_step [ss si is ii] = int::i32_lt_s, charged br_i32_step_lt_s_charged;
        /// Adds to a slot and jumps on `i32.lt_u` of the sum.
        br_i32_step_lt_u: branch_step [ss si is ii] = int::i32_lt_u, charged br_i32_step_lt_u_charged;
        /// Adds to a slot and jumps on `i32.le_s` of the sum.
        br_i32_step_le_s: branch_step [ss si is ii] = int::i32_le_s;
        /// Adds to a slot and jumps on `i32.le_u` of the sum.
        br_i32_step_le_u: branch_step [ss si is ii] = int::i32_le_u;
        /// Adds to a slot and jumps on `i32.gt_s` of the sum.
        br_i32_step_gt_s: branch_step [ss si is ii] = int::i32_gt_s;
        /// Adds to a slot and jumps on `i32.gt_u` of the sum.
        br_i32_step_gt_u: branch_step [ss si is ii] = int::i32_gt_u;
        /// Adds to a slot and jumps on `i32.ge_s` of the sum.
        br_i32_step_ge_s: branch_step [ss si is ii] = int::i32_ge_s;
        /// Adds to a slot and jumps on `i32.ge_u` of the sum.
        br_i32_step_ge_u: branch_step [ss si is ii] = int::i32_ge_u;
        /// Adds to a slot and jumps on `i64.eq` of the sum.
        br_i64_step_eq: branch_step [ss si is ii] = int::i64_eq;
        /// Adds to a slot and jumps on `i64.ne` of the sum.
        br_i64_step_ne: branch_step [ss si is ii] = int::i64_ne, charged br_i64_step_ne_charged;
        /// Adds to a slot and jumps on `i64.lt_s` of the sum.
        br_i64_step_lt_s: branch_step [ss si is ii] = int::i64_lt_s;
        /// Adds to a slot and jumps on `i64.lt_u` of the sum.
        br_i64_step_lt_u: branch_step [ss si is ii] = int::i64_lt_u;
        /// Adds to a slot and jumps on `i64.le_s` of the sum.
        br_i64_step_le_s: branch_step [ss si is ii] = int::i64_le_s;
        /// Adds to a slot and jumps on `i64.le_u` of the sum.
        br_i64_step_le_u: branch_step [ss si is ii] = int::i64_le_u;
        /// Adds to a slot and jumps on `i64.gt_s` of the sum.
        br_i64_step_gt_s: branch_step [ss si is ii] = int::i64_gt_s;
        /// Adds to a slot and jumps on `i64.gt_u` of the sum.
        br_i64_step_gt_u: branch_step [ss si is ii] = int::i64_gt_u;
        /// Adds to a slot and jumps on `i64.ge_s` of the sum.
        br_i64_step_ge_s: branch_step [ss si is ii] = int::i64_ge_s;
        /// Adds to a slot and jumps on `i64.ge_u` of the sum.
        br_i64_step_ge_u: branch_step [ss si is ii] = int::i64_ge_u;
        // ---- branches back to a `consume_fuel`
        /// Jumps to a `consume_fuel` and executes it as well.
        br_charged: branch [x] = control::branch_charged;
        /// `br_i32_eqz` to a `consume_fuel`, which it executes as well.
        br_i32_eqz_charged: branch_if [r s] = semantics::charged_if(int::i32_eqz);
        /// `br_i32_nez` to a `consume_fuel`, which it executes as well.
        br_i32_nez_charged: branch_if [r s] = semantics::charged_if(semantics::i32_nez);
        /// `br_i64_nez` to a `consume_fuel`, which it executes as well.
        br_i64_nez_charged: branch_if [r s] = semantics::charged_if(semantics::i64_nez);
        /// `br_i32_ne` to a `consume_fuel`, which it executes as well.
        br_i32_ne_charged: branch_compare [rs ri ss si] = semantics::charged(int::i32_ne);
        /// `br_i32_lt_s` to a `consume_fuel`, which it executes as well.
        br_i32_lt_s_charged: branch_compare [rs ri ss si] = semantics::charged(int::i32_lt_s);
        /// `br_i32_lt_u` to a `consume_fuel`, which it executes as well.
        br_i32_lt_u_charged: branch_compare [rs ri ss si] = semantics::charged(int::i32_lt_u);
        /// `br_i32_gt_s` to a `consume_fuel`, which it executes as well.
        br_i32_gt_s_charged: branch_compare [rs ri si] = semantics::charged(int::i32_gt_s);
        /// `br_i32_gt_u` to a `consume_fuel`, which it executes as well.
        br_i32_gt_u_charged: branch_compare [rs ri si] = semantics::charged(int::i32_gt_u);
        /// `br_i64_ne` to a `consume_fuel`, which it executes as well.
        br_i64_ne_charged: branch_compare [rs ri ss si] = semantics::charged(int::i64_ne);
        /// `br_i32_step_ne` to a `consume_fuel`, which it executes as well.
        br_i32_step_ne_charged: branch_step [ss si is ii] = semantics::charged(int::i32_ne);
        /// `br_i32_step_lt_s` to a `consume_fuel`, which it executes as well.
        br_i32_step_lt_s_charged: branch_step [ss si is ii] = semantics::charged(int::i32_lt_s);
        /// `br_i32_step_lt_u` to a `consume_fuel`, which it executes as well.
        br_i32_step_lt_u_charged: branch_step [ss si is ii] = semantics::charged(int::i32_lt_u);
        /// `br_i64_step_ne` to a `consume_fuel`, which it executes as well.
        br_i64_step_ne_charged: branch_step [ss si is ii] = semantics::charged(int::i64_ne);
        } }
    };
}
