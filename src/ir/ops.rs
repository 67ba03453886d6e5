//! THE OP TABLE: every op of the internal instruction set, once.
//!
//! A row is `name: shape [forms] = semantics, relations, facts;`.
//!
//! * The *name* is the Wasm operator's where there is one.
//! * The *shape* (see `shape.rs`) lists the fields in encoded order.
//! * A *form* gives the kind of each operand, result first: `r` accumulator, `s` slot,
//!   `i` immediate; `x` for ops without operands. A result written to a slot is written to the
//!   accumulator of its class as well. Classes: integers and references, f32, f64.
//! * The *semantics* is a path that resolves where the table is expanded by the executor: a pure
//!   function of `numerics` for value ops, a handler body for the others.
//! * *Relations* name the row with exchanged operands (`swap`), the complement of a comparison
//!   (`not`), and the branch on a comparison (`branch`).
//! * *Facts* say what the shape leaves open: what an index is an index of (`of`, once for each index,
//!   those left over are 0), of how many consecutive slots the first one is given (`cells`), and where an op
//!   that does not say so expects the linkage (`link`).
//!
//! Opcodes, form selection, encoder, decoder, disassembler, linker, verifier, both dispatchers and
//! `docs/isa.md` expand this table.

/// Expands `$consumer!` with all rows of the op table.
macro_rules! for_each_op {
    ($consumer:ident) => {
        $consumer! {
    // ---- control
    /// Stops with the trap `code`. Wasm `unreachable`.
    unreachable: trap [x] = control::trap;
    /// Leaves the machine: the outermost frame has returned.
    halt: nullary [x] = control::halt;
    /// Returns across an instance switch; stands at a fixed address, not in translated code.
    restore_instance: nullary [x] = call::restore_instance;
    /// Translates or links the function being entered and enters it again; stands at a fixed address.
    translate: nullary [x] = call::translate;
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
    /// As `br_table`, with the sum of `index` and a constant.
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
    call_import: call_import [x] = call::call_import;
    /// Wasm `call_indirect`. Traps: index out of bounds, null, wrong type, stack overflow.
    call_indirect: call_indirect [r s] = call::call_indirect;
    /// Wasm `return_call`.
    return_call: return_call [x] = call::return_call;
    /// Wasm `return_call` of an import.
    return_call_import: return_call_import [x] = call::return_call_import;
    /// Wasm `return_call_indirect`.
    return_call_indirect: return_call_indirect [r s] = call::return_call_indirect;
    // ---- moving values
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
    copy_span: copy_span [x] = variable::copy_span;
    /// Wasm `select` of integers and references.
    select: select [rrss rrsi rris rrii rsss rssi rsis rsii srss srsi sris srii ssss sssi ssis ssii] = variable::select::<_, u64, _, _, _, _>;
    /// Wasm `select` of f32.
    select_f32: select [rrss rsss srss ssss] = variable::select::<_, f32, _, _, _, _>;
    /// Wasm `select` of f64.
    select_f64: select [rrss rsss srss ssss] = variable::select::<_, f64, _, _, _, _>;
    /// Wasm `global.get` of a global this module defines, by its index among those; writes no accumulator
    /// unless that is wanted.
    global_get: indexed [r s] = variable::global_get, of own_global;
    /// Wasm `global.set` of a global this module defines.
    global_set: indexed [r s i] = variable::global_set, of own_global;
    /// The sum of a global that this module defines and a constant.
    i32_add_global: indexed_sum [r s] = variable::i32_add_global, of own_global;
    /// Adds a constant to a global that this module defines, and gives the sum.
    i32_step_global: indexed_sum [r s] = variable::i32_step_global, of own_global;
    /// Wasm `global.set` of the sum of a value and a constant, which stays in the accumulator.
    i32_set_global_sum: set_global_sum [r s] = variable::i32_set_global_sum, of own_global;
    /// Wasm `global.get` of an imported global.
    global_get_imported: indexed [r s] = variable::global_get_imported, of imported_global;
    /// Wasm `global.set` of an imported global.
    global_set_imported: indexed [r s i] = variable::global_set_imported, of imported_global;
    /// Wasm `ref.func`.
    ref_func: indexed [r s] = variable::ref_func, of func;
    // ---- i32
    i32_add: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_add, swap i32_add;
    i32_mul: binary [rrr rrs rri rss rsi srr srs sri sss ssi] = int::i32_mul, swap i32_mul;
    i32_and: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_and, swap i32_and, branch br_i32_and;
    i32_or: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_or, swap i32_or;
    i32_xor: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_xor, swap i32_xor;
    i32_sub: binary [rrs rsr rss rir ris srs ssr sss sir sis] = int::i32_sub;
    i32_shl: binary [rrs rri rsr rss rsi rir ris srs sri ssr sss ssi sir sis] = int::i32_shl;
    i32_shr_s: binary [rrs rri rsr rss rsi srs sri ssr sss ssi] = int::i32_shr_s;
    i32_shr_u: binary [rrs rri rsr rss rsi srs sri ssr sss ssi] = int::i32_shr_u;
    i32_rotl: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_rotl;
    i32_rotr: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_rotr;
    i32_div_s: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_div_s;
    i32_div_u: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_div_u;
    i32_rem_s: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_rem_s;
    i32_rem_u: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_rem_u;
    i32_eq: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_eq, swap i32_eq, not i32_ne, branch br_i32_eq;
    i32_ne: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_ne, swap i32_ne, not i32_eq, branch br_i32_ne;
    i32_lt_s: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_lt_s, swap i32_gt_s, not i32_ge_s, branch br_i32_lt_s;
    i32_lt_u: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_lt_u, swap i32_gt_u, not i32_ge_u, branch br_i32_lt_u;
    i32_le_s: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_le_s, swap i32_ge_s, not i32_gt_s, branch br_i32_le_s;
    i32_le_u: binary [rrs rri rss rsi srs sri sss ssi] = int::i32_le_u, swap i32_ge_u, not i32_gt_u, branch br_i32_le_u;
    i32_gt_s: binary [rrs rri rsi srs sri ssi] = int::i32_gt_s, swap i32_lt_s, not i32_le_s, branch br_i32_gt_s;
    i32_gt_u: binary [rrs rri rsi srs sri ssi] = int::i32_gt_u, swap i32_lt_u, not i32_le_u, branch br_i32_gt_u;
    i32_ge_s: binary [rrs rri rsi srs sri ssi] = int::i32_ge_s, swap i32_le_s, not i32_lt_s, branch br_i32_ge_s;
    i32_ge_u: binary [rrs rri rsi srs sri ssi] = int::i32_ge_u, swap i32_le_u, not i32_lt_u, branch br_i32_ge_u;
    br_i32_eq: branch_compare [rs ri ss si] = int::i32_eq, swap br_i32_eq, not br_i32_ne, step br_i32_step_eq;
    br_i32_ne: branch_compare [rs ri ss si] = int::i32_ne, swap br_i32_ne, not br_i32_eq, step br_i32_step_ne, charged br_i32_ne_charged;
    br_i32_lt_s: branch_compare [rs ri ss si] = int::i32_lt_s, swap br_i32_gt_s, not br_i32_ge_s, step br_i32_step_lt_s, charged br_i32_lt_s_charged;
    br_i32_lt_u: branch_compare [rs ri ss si] = int::i32_lt_u, swap br_i32_gt_u, not br_i32_ge_u, step br_i32_step_lt_u, charged br_i32_lt_u_charged;
    br_i32_le_s: branch_compare [rs ri ss si] = int::i32_le_s, swap br_i32_ge_s, not br_i32_gt_s, step br_i32_step_le_s;
    br_i32_le_u: branch_compare [rs ri ss si] = int::i32_le_u, swap br_i32_ge_u, not br_i32_gt_u, step br_i32_step_le_u;
    br_i32_gt_s: branch_compare [rs ri si] = int::i32_gt_s, swap br_i32_lt_s, not br_i32_le_s, step br_i32_step_gt_s, charged br_i32_gt_s_charged;
    br_i32_gt_u: branch_compare [rs ri si] = int::i32_gt_u, swap br_i32_lt_u, not br_i32_le_u, step br_i32_step_gt_u, charged br_i32_gt_u_charged;
    br_i32_ge_s: branch_compare [rs ri si] = int::i32_ge_s, swap br_i32_le_s, not br_i32_lt_s, step br_i32_step_ge_s;
    br_i32_ge_u: branch_compare [rs ri si] = int::i32_ge_u, swap br_i32_le_u, not br_i32_lt_u, step br_i32_step_ge_u;
    /// Jumps if zero.
    br_i32_eqz: branch_if [r s] = int::i32_eqz, not br_i32_nez, step br_i32_step_eq, charged br_i32_eqz_charged;
    /// Jumps if not zero.
    br_i32_nez: branch_if [r s] = semantics::i32_nez, not br_i32_eqz, step br_i32_step_ne, charged br_i32_nez_charged;
    /// Jumps if `lhs & rhs` is not zero.
    br_i32_and: branch_compare [rs ri ss si] = semantics::i32_and_nez, swap br_i32_and, not br_i32_nand;
    /// Jumps if `lhs & rhs` is zero.
    br_i32_nand: branch_compare [rs ri ss si] = semantics::i32_and_eqz, swap br_i32_nand, not br_i32_and;
    i32_eqz: unary [rr rs sr ss] = int::i32_eqz, branch br_i32_eqz;
    i32_clz: unary [rr rs sr ss] = int::i32_clz;
    i32_ctz: unary [rr rs sr ss] = int::i32_ctz;
    i32_popcnt: unary [rr rs sr ss] = int::i32_popcnt;
    i32_extend8_s: unary [rr rs sr ss] = int::i32_extend8_s;
    i32_extend16_s: unary [rr rs sr ss] = int::i32_extend16_s;
    // ---- i64
    i64_add: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_add, swap i64_add;
    i64_mul: binary [rrr rrs rri rss rsi srr srs sri sss ssi] = int::i64_mul, swap i64_mul;
    i64_and: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_and, swap i64_and, branch br_i64_and;
    i64_or: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_or, swap i64_or;
    i64_xor: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_xor, swap i64_xor;
    i64_sub: binary [rrs rsr rss rir ris srs ssr sss sir sis] = int::i64_sub;
    i64_shl: binary [rrs rri rsr rss rsi rir ris srs sri ssr sss ssi sir sis] = int::i64_shl;
    i64_shr_s: binary [rrs rri rsr rss rsi srs sri ssr sss ssi] = int::i64_shr_s;
    i64_shr_u: binary [rrs rri rsr rss rsi srs sri ssr sss ssi] = int::i64_shr_u;
    i64_rotl: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_rotl;
    i64_rotr: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_rotr;
    i64_div_s: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_div_s;
    i64_div_u: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_div_u;
    i64_rem_s: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_rem_s;
    i64_rem_u: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_rem_u;
    i64_eq: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_eq, swap i64_eq, not i64_ne, branch br_i64_eq;
    i64_ne: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_ne, swap i64_ne, not i64_eq, branch br_i64_ne;
    i64_lt_s: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_lt_s, swap i64_gt_s, not i64_ge_s, branch br_i64_lt_s;
    i64_lt_u: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_lt_u, swap i64_gt_u, not i64_ge_u, branch br_i64_lt_u;
    i64_le_s: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_le_s, swap i64_ge_s, not i64_gt_s, branch br_i64_le_s;
    i64_le_u: binary [rrs rri rss rsi srs sri sss ssi] = int::i64_le_u, swap i64_ge_u, not i64_gt_u, branch br_i64_le_u;
    i64_gt_s: binary [rrs rri rsi srs sri ssi] = int::i64_gt_s, swap i64_lt_s, not i64_le_s, branch br_i64_gt_s;
    i64_gt_u: binary [rrs rri rsi srs sri ssi] = int::i64_gt_u, swap i64_lt_u, not i64_le_u, branch br_i64_gt_u;
    i64_ge_s: binary [rrs rri rsi srs sri ssi] = int::i64_ge_s, swap i64_le_s, not i64_lt_s, branch br_i64_ge_s;
    i64_ge_u: binary [rrs rri rsi srs sri ssi] = int::i64_ge_u, swap i64_le_u, not i64_lt_u, branch br_i64_ge_u;
    br_i64_eq: branch_compare [rs ri ss si] = int::i64_eq, swap br_i64_eq, not br_i64_ne, step br_i64_step_eq;
    br_i64_ne: branch_compare [rs ri ss si] = int::i64_ne, swap br_i64_ne, not br_i64_eq, step br_i64_step_ne, charged br_i64_ne_charged;
    br_i64_lt_s: branch_compare [rs ri ss si] = int::i64_lt_s, swap br_i64_gt_s, not br_i64_ge_s, step br_i64_step_lt_s;
    br_i64_lt_u: branch_compare [rs ri ss si] = int::i64_lt_u, swap br_i64_gt_u, not br_i64_ge_u, step br_i64_step_lt_u;
    br_i64_le_s: branch_compare [rs ri ss si] = int::i64_le_s, swap br_i64_ge_s, not br_i64_gt_s, step br_i64_step_le_s;
    br_i64_le_u: branch_compare [rs ri ss si] = int::i64_le_u, swap br_i64_ge_u, not br_i64_gt_u, step br_i64_step_le_u;
    br_i64_gt_s: branch_compare [rs ri si] = int::i64_gt_s, swap br_i64_lt_s, not br_i64_le_s, step br_i64_step_gt_s;
    br_i64_gt_u: branch_compare [rs ri si] = int::i64_gt_u, swap br_i64_lt_u, not br_i64_le_u, step br_i64_step_gt_u;
    br_i64_ge_s: branch_compare [rs ri si] = int::i64_ge_s, swap br_i64_le_s, not br_i64_lt_s, step br_i64_step_ge_s;
    br_i64_ge_u: branch_compare [rs ri si] = int::i64_ge_u, swap br_i64_le_u, not br_i64_lt_u, step br_i64_step_ge_u;
    /// Jumps if zero.
    br_i64_eqz: branch_if [r s] = int::i64_eqz, not br_i64_nez, step br_i64_step_eq;
    /// Jumps if not zero.
    br_i64_nez: branch_if [r s] = semantics::i64_nez, not br_i64_eqz, step br_i64_step_ne, charged br_i64_nez_charged;
    /// Jumps if `lhs & rhs` is not zero.
    br_i64_and: branch_compare [rs ri ss si] = semantics::i64_and_nez, swap br_i64_and, not br_i64_nand;
    /// Jumps if `lhs & rhs` is zero.
    br_i64_nand: branch_compare [rs ri ss si] = semantics::i64_and_eqz, swap br_i64_nand, not br_i64_and;
    i64_eqz: unary [rr rs sr ss] = int::i64_eqz, branch br_i64_eqz;
    i64_clz: unary [rr rs sr ss] = int::i64_clz;
    i64_ctz: unary [rr rs sr ss] = int::i64_ctz;
    i64_popcnt: unary [rr rs sr ss] = int::i64_popcnt;
    i64_extend8_s: unary [rr rs sr ss] = int::i64_extend8_s;
    i64_extend16_s: unary [rr rs sr ss] = int::i64_extend16_s;
    i64_extend32_s: unary [rr rs sr ss] = int::i64_extend32_s;
    // ---- wide arithmetic
    i64_add128: span [x] = variable::i64_add128, cells 4;
    i64_sub128: span [x] = variable::i64_sub128, cells 4;
    i64_mul_wide_s: span [x] = variable::i64_mul_wide_s, cells 2;
    i64_mul_wide_u: span [x] = variable::i64_mul_wide_u, cells 2;
    // ---- f32
    f32_add: binary [rrr rrs rri rss rsi srr srs sri sss ssi] = float::f32_add, swap f32_add;
    f32_mul: binary [rrr rrs rri rss rsi srr srs sri sss ssi] = float::f32_mul, swap f32_mul;
    f32_sub: binary [rrs rri rsr rss rsi rir ris srs sri ssr sss ssi sir sis] = float::f32_sub;
    f32_div: binary [rrs rri rsr rss rsi rir ris srs sri ssr sss ssi sir sis] = float::f32_div;
    f32_min: binary [rrs rss srs sss] = float::f32_min;
    f32_max: binary [rrs rss srs sss] = float::f32_max;
    f32_copysign: binary [rrs rss srs sss] = float::f32_copysign;
    f32_abs: unary [rr rs sr ss] = float::f32_abs;
    f32_neg: unary [rr rs sr ss] = float::f32_neg;
    f32_sqrt: unary [rr rs sr ss] = float::f32_sqrt;
    f32_ceil: unary [rr rs sr ss] = float::f32_ceil;
    f32_floor: unary [rr rs sr ss] = float::f32_floor;
    f32_trunc: unary [rr rs sr ss] = float::f32_trunc;
    f32_nearest: unary [rr rs sr ss] = float::f32_nearest;
    f32_eq: binary [rrs rri rss rsi srs sri sss ssi] = float::f32_eq, swap f32_eq, branch br_f32_eq;
    f32_ne: binary [rrs rri rss rsi srs sri sss ssi] = float::f32_ne, swap f32_ne, branch br_f32_ne;
    f32_lt: binary [rrs rri rss rsi srs sri sss ssi] = float::f32_lt, swap f32_gt, branch br_f32_lt;
    f32_le: binary [rrs rri rss rsi srs sri sss ssi] = float::f32_le, swap f32_ge, branch br_f32_le;
    f32_gt: binary [rrs rri rsi srs sri ssi] = float::f32_gt, swap f32_lt, branch br_f32_gt;
    f32_ge: binary [rrs rri rsi srs sri ssi] = float::f32_ge, swap f32_le, branch br_f32_ge;
    br_f32_eq: branch_compare [rs ri ss si] = float::f32_eq, swap br_f32_eq, not br_f32_ne;
    br_f32_ne: branch_compare [rs ri ss si] = float::f32_ne, swap br_f32_ne, not br_f32_eq;
    br_f32_lt: branch_compare [rs ri ss si] = float::f32_lt, swap br_f32_gt, not br_f32_not_lt;
    br_f32_le: branch_compare [rs ri ss si] = float::f32_le, swap br_f32_ge, not br_f32_not_le;
    br_f32_gt: branch_compare [rs ri si] = float::f32_gt, swap br_f32_lt, not br_f32_not_gt;
    br_f32_ge: branch_compare [rs ri si] = float::f32_ge, swap br_f32_le, not br_f32_not_ge;
    br_f32_not_lt: branch_compare [rs ri ss si] = semantics::f32_not_lt, swap br_f32_not_gt, not br_f32_lt;
    br_f32_not_le: branch_compare [rs ri ss si] = semantics::f32_not_le, swap br_f32_not_ge, not br_f32_le;
    br_f32_not_gt: branch_compare [rs ri si] = semantics::f32_not_gt, swap br_f32_not_lt, not br_f32_gt;
    br_f32_not_ge: branch_compare [rs ri si] = semantics::f32_not_ge, swap br_f32_not_le, not br_f32_ge;
    // ---- f64
    f64_add: binary_wide [rrr rrs rri rss rsi srr srs sri sss ssi] = float::f64_add, swap f64_add;
    f64_mul: binary_wide [rrr rrs rri rss rsi srr srs sri sss ssi] = float::f64_mul, swap f64_mul;
    f64_sub: binary_wide [rrs rri rsr rss rsi rir ris srs sri ssr sss ssi sir sis] = float::f64_sub;
    f64_div: binary_wide [rrs rri rsr rss rsi rir ris srs sri ssr sss ssi sir sis] = float::f64_div;
    f64_min: binary_wide [rrs rss srs sss] = float::f64_min;
    f64_max: binary_wide [rrs rss srs sss] = float::f64_max;
    f64_copysign: binary_wide [rrs rss srs sss] = float::f64_copysign;
    f64_abs: unary [rr rs sr ss] = float::f64_abs;
    f64_neg: unary [rr rs sr ss] = float::f64_neg;
    f64_sqrt: unary [rr rs sr ss] = float::f64_sqrt;
    f64_ceil: unary [rr rs sr ss] = float::f64_ceil;
    f64_floor: unary [rr rs sr ss] = float::f64_floor;
    f64_trunc: unary [rr rs sr ss] = float::f64_trunc;
    f64_nearest: unary [rr rs sr ss] = float::f64_nearest;
    f64_eq: binary_wide [rrs rri rss rsi srs sri sss ssi] = float::f64_eq, swap f64_eq, branch br_f64_eq;
    f64_ne: binary_wide [rrs rri rss rsi srs sri sss ssi] = float::f64_ne, swap f64_ne, branch br_f64_ne;
    f64_lt: binary_wide [rrs rri rss rsi srs sri sss ssi] = float::f64_lt, swap f64_gt, branch br_f64_lt;
    f64_le: binary_wide [rrs rri rss rsi srs sri sss ssi] = float::f64_le, swap f64_ge, branch br_f64_le;
    f64_gt: binary_wide [rrs rri rsi srs sri ssi] = float::f64_gt, swap f64_lt, branch br_f64_gt;
    f64_ge: binary_wide [rrs rri rsi srs sri ssi] = float::f64_ge, swap f64_le, branch br_f64_ge;
    br_f64_eq: branch_compare_wide [rs ri ss si] = float::f64_eq, swap br_f64_eq, not br_f64_ne;
    br_f64_ne: branch_compare_wide [rs ri ss si] = float::f64_ne, swap br_f64_ne, not br_f64_eq;
    br_f64_lt: branch_compare_wide [rs ri ss si] = float::f64_lt, swap br_f64_gt, not br_f64_not_lt;
    br_f64_le: branch_compare_wide [rs ri ss si] = float::f64_le, swap br_f64_ge, not br_f64_not_le;
    br_f64_gt: branch_compare_wide [rs ri si] = float::f64_gt, swap br_f64_lt, not br_f64_not_gt;
    br_f64_ge: branch_compare_wide [rs ri si] = float::f64_ge, swap br_f64_le, not br_f64_not_ge;
    br_f64_not_lt: branch_compare_wide [rs ri ss si] = semantics::f64_not_lt, swap br_f64_not_gt, not br_f64_lt;
    br_f64_not_le: branch_compare_wide [rs ri ss si] = semantics::f64_not_le, swap br_f64_not_ge, not br_f64_le;
    br_f64_not_gt: branch_compare_wide [rs ri si] = semantics::f64_not_gt, swap br_f64_not_lt, not br_f64_gt;
    br_f64_not_ge: branch_compare_wide [rs ri si] = semantics::f64_not_ge, swap br_f64_not_le, not br_f64_ge;
    // ---- conversions
    i32_wrap_i64: unary [rr rs sr ss] = convert::i32_wrap_i64;
    i64_extend_i32_s: unary [rr rs sr ss] = convert::i64_extend_i32_s;
    i64_extend_i32_u: unary [rr rs sr ss] = convert::i64_extend_i32_u;
    f32_demote_f64: unary [rr rs sr ss] = convert::f32_demote_f64;
    f64_promote_f32: unary [rr rs sr ss] = convert::f64_promote_f32;
    i32_reinterpret_f32: unary [rr rs sr ss] = convert::i32_reinterpret_f32;
    i64_reinterpret_f64: unary [rr rs sr ss] = convert::i64_reinterpret_f64;
    f32_reinterpret_i32: unary [rr rs sr ss] = convert::f32_reinterpret_i32;
    f64_reinterpret_i64: unary [rr rs sr ss] = convert::f64_reinterpret_i64;
    i32_trunc_f32_s: unary [rr rs sr ss] = convert::i32_trunc_f32_s;
    i32_trunc_sat_f32_s: unary [rr rs sr ss] = convert::i32_trunc_sat_f32_s;
    f32_convert_i32_s: unary [rr rs sr ss] = convert::f32_convert_i32_s;
    i32_trunc_f32_u: unary [rr rs sr ss] = convert::i32_trunc_f32_u;
    i32_trunc_sat_f32_u: unary [rr rs sr ss] = convert::i32_trunc_sat_f32_u;
    f32_convert_i32_u: unary [rr rs sr ss] = convert::f32_convert_i32_u;
    i32_trunc_f64_s: unary [rr rs sr ss] = convert::i32_trunc_f64_s;
    i32_trunc_sat_f64_s: unary [rr rs sr ss] = convert::i32_trunc_sat_f64_s;
    f64_convert_i32_s: unary [rr rs sr ss] = convert::f64_convert_i32_s;
    i32_trunc_f64_u: unary [rr rs sr ss] = convert::i32_trunc_f64_u;
    i32_trunc_sat_f64_u: unary [rr rs sr ss] = convert::i32_trunc_sat_f64_u;
    f64_convert_i32_u: unary [rr rs sr ss] = convert::f64_convert_i32_u;
    i64_trunc_f32_s: unary [rr rs sr ss] = convert::i64_trunc_f32_s;
    i64_trunc_sat_f32_s: unary [rr rs sr ss] = convert::i64_trunc_sat_f32_s;
    f32_convert_i64_s: unary [rr rs sr ss] = convert::f32_convert_i64_s;
    i64_trunc_f32_u: unary [rr rs sr ss] = convert::i64_trunc_f32_u;
    i64_trunc_sat_f32_u: unary [rr rs sr ss] = convert::i64_trunc_sat_f32_u;
    f32_convert_i64_u: unary [rr rs sr ss] = convert::f32_convert_i64_u;
    i64_trunc_f64_s: unary [rr rs sr ss] = convert::i64_trunc_f64_s;
    i64_trunc_sat_f64_s: unary [rr rs sr ss] = convert::i64_trunc_sat_f64_s;
    f64_convert_i64_s: unary [rr rs sr ss] = convert::f64_convert_i64_s;
    i64_trunc_f64_u: unary [rr rs sr ss] = convert::i64_trunc_f64_u;
    i64_trunc_sat_f64_u: unary [rr rs sr ss] = convert::i64_trunc_sat_f64_u;
    f64_convert_i64_u: unary [rr rs sr ss] = convert::f64_convert_i64_u;
    /// Two additions, in order: steps of loops.
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
    /// Wasm `i32.load` from the address that is loaded first.
    i32_load_load: load_load [rr rs sr ss] = semantics::i32_load, first i32_load, second i32_load;
    /// Wasm `i32.load8_u` from the address that is loaded first.
    i32_load_load8_u: load_load [rr rs sr ss] = semantics::i32_load8_u, first i32_load, second i32_load8_u;
    /// Wasm `i32.load16_u` from the address that is loaded first.
    i32_load_load16_u: load_load [rr rs sr ss] = semantics::i32_load16_u, first i32_load, second i32_load16_u;
    /// Wasm `i32.store` of what is loaded first.
    i32_load_store: load_store [rs ss] = access::load_store::<_, u32, _, _, 4>, first i32_load, second_right i32_store;
    /// Wasm `i64.store` of what is loaded first.
    i64_load_store: load_store [rs ss] = access::load_store::<_, u64, _, _, 8>, first i64_load, second_right i64_store;
    /// Wasm `i32.store` of a sum.
    i32_add_store: store_sum [srs sri sss ssi] = access::i32_add_store, first i32_add, second_right i32_store;
    /// Wasm `i32.load`, then jumps if that is zero.
    br_i32_load_eqz: branch_load [rr rs sr ss] = semantics::tested(semantics::i32_load, int::i32_eqz);
    /// Wasm `i32.load`, then jumps if that is not zero.
    br_i32_load_nez: branch_load [rr rs sr ss] = semantics::tested(semantics::i32_load, semantics::i32_nez);
    /// Wasm `i32.load8_u`, then jumps if that is zero.
    br_i32_load8_u_eqz: branch_load [rr rs sr ss] = semantics::tested(semantics::i32_load8_u, int::i32_eqz);
    /// Wasm `i32.load8_u`, then jumps if that is not zero.
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
    /// Jumps to a `consume_fuel`, which it does on the way.
    br_charged: branch [x] = control::branch_charged;
    /// As `br_i32_eqz` to a `consume_fuel`, which it does on the way.
    br_i32_eqz_charged: branch_if [r s] = semantics::charged_if(int::i32_eqz);
    /// As `br_i32_nez` to a `consume_fuel`, which it does on the way.
    br_i32_nez_charged: branch_if [r s] = semantics::charged_if(semantics::i32_nez);
    /// As `br_i64_nez` to a `consume_fuel`, which it does on the way.
    br_i64_nez_charged: branch_if [r s] = semantics::charged_if(semantics::i64_nez);
    /// As `br_i32_ne` to a `consume_fuel`, which it does on the way.
    br_i32_ne_charged: branch_compare [rs ri ss si] = semantics::charged(int::i32_ne);
    /// As `br_i32_lt_s` to a `consume_fuel`, which it does on the way.
    br_i32_lt_s_charged: branch_compare [rs ri ss si] = semantics::charged(int::i32_lt_s);
    /// As `br_i32_lt_u` to a `consume_fuel`, which it does on the way.
    br_i32_lt_u_charged: branch_compare [rs ri ss si] = semantics::charged(int::i32_lt_u);
    /// As `br_i32_gt_s` to a `consume_fuel`, which it does on the way.
    br_i32_gt_s_charged: branch_compare [rs ri si] = semantics::charged(int::i32_gt_s);
    /// As `br_i32_gt_u` to a `consume_fuel`, which it does on the way.
    br_i32_gt_u_charged: branch_compare [rs ri si] = semantics::charged(int::i32_gt_u);
    /// As `br_i64_ne` to a `consume_fuel`, which it does on the way.
    br_i64_ne_charged: branch_compare [rs ri ss si] = semantics::charged(int::i64_ne);
    /// As `br_i32_step_ne` to a `consume_fuel`, which it does on the way.
    br_i32_step_ne_charged: branch_step [ss si is ii] = semantics::charged(int::i32_ne);
    /// As `br_i32_step_lt_s` to a `consume_fuel`, which it does on the way.
    br_i32_step_lt_s_charged: branch_step [ss si is ii] = semantics::charged(int::i32_lt_s);
    /// As `br_i32_step_lt_u` to a `consume_fuel`, which it does on the way.
    br_i32_step_lt_u_charged: branch_step [ss si is ii] = semantics::charged(int::i32_lt_u);
    /// As `br_i64_step_ne` to a `consume_fuel`, which it does on the way.
    br_i64_step_ne_charged: branch_step [ss si is ii] = semantics::charged(int::i64_ne);
    // ---- memory
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
    i32_load_any: load_any [ss] = semantics::i32_load;
    i32_load8_s_any: load_any [ss] = semantics::i32_load8_s;
    i32_load8_u_any: load_any [ss] = semantics::i32_load8_u;
    i32_load16_s_any: load_any [ss] = semantics::i32_load16_s;
    i32_load16_u_any: load_any [ss] = semantics::i32_load16_u;
    i64_load_any: load_any [ss] = semantics::i64_load;
    i64_load8_s_any: load_any [ss] = semantics::i64_load8_s;
    i64_load8_u_any: load_any [ss] = semantics::i64_load8_u;
    i64_load16_s_any: load_any [ss] = semantics::i64_load16_s;
    i64_load16_u_any: load_any [ss] = semantics::i64_load16_u;
    i64_load32_s_any: load_any [ss] = semantics::i64_load32_s;
    i64_load32_u_any: load_any [ss] = semantics::i64_load32_u;
    f32_load_any: load_any [ss] = semantics::f32_load;
    f64_load_any: load_any [ss] = semantics::f64_load;
    i32_store: store [rs ri sr ss si ir is] = semantics::i32_store;
    i32_store8: store [rs ri sr ss si ir is] = semantics::i32_store8;
    i32_store16: store [rs ri sr ss si ir is] = semantics::i32_store16;
    i64_store: store [rs ri sr ss si ir is] = semantics::i64_store;
    i64_store8: store [rs ri sr ss si ir is] = semantics::i64_store8;
    i64_store16: store [rs ri sr ss si ir is] = semantics::i64_store16;
    i64_store32: store [rs ri sr ss si ir is] = semantics::i64_store32;
    f32_store: store [rr rs sr ss ir is] = semantics::f32_store;
    f64_store: store [rr rs sr ss ir is] = semantics::f64_store;
    i32_store_any: store_any [ss] = semantics::i32_store;
    i32_store8_any: store_any [ss] = semantics::i32_store8;
    i32_store16_any: store_any [ss] = semantics::i32_store16;
    i64_store_any: store_any [ss] = semantics::i64_store;
    i64_store8_any: store_any [ss] = semantics::i64_store8;
    i64_store16_any: store_any [ss] = semantics::i64_store16;
    i64_store32_any: store_any [ss] = semantics::i64_store32;
    f32_store_any: store_any [ss] = semantics::f32_store;
    f64_store_any: store_any [ss] = semantics::f64_store;
    /// Wasm `memory.size`.
    memory_size: indexed [r s] = memory::memory_size, of memory;
    /// Wasm `memory.grow`: delta in `base`, the former size or -1 back into it.
    memory_grow: bulk [x] = memory::memory_grow, cells 1, of memory;
    memory_fill: bulk [x] = memory::memory_fill, cells 3, of memory;
    memory_copy: bulk [x] = memory::memory_copy, cells 3, of memory, of memory;
    memory_init: bulk [x] = memory::memory_init, cells 3, of memory, of data;
    data_drop: index [x] = memory::data_drop, of data;
    // ---- tables
    /// Wasm `table.get`.
    table_get: indexed_pair [ss] = table::table_get, of table;
    /// Wasm `table.set`.
    table_set: indexed_pair [ss] = table::table_set, of table;
    /// Wasm `table.size`.
    table_size: indexed [r s] = table::table_size, of table;
    /// Wasm `table.grow`: value and delta from `base` on, the former size or -1 back into it.
    table_grow: bulk [x] = table::table_grow, cells 2, of table;
    table_fill: bulk [x] = table::table_fill, cells 3, of table;
    table_copy: bulk [x] = table::table_copy, cells 3, of table, of table;
    table_init: bulk [x] = table::table_init, cells 3, of table, of elem;
    elem_drop: index [x] = table::elem_drop, of elem;
        }
    };
}
