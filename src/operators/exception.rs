//! The operators of exceptions, in rows like those of `for_each_other`: `opcode [proposal] visit(immediates) name = cost;`.
//!
//! Most of them begin or end a stretch of code, which costs nothing by itself.

/// Expands `$consumer!` with `$args` and the operators of exceptions.
macro_rules! for_each_exception {
    ($consumer:ident $($args:tt)*) => {
        $consumer! { $($args)*
            0x1f [Exceptions] visit_try_table(try_table) try_table = 0;
            0x08 [Exceptions] visit_throw(index) throw = 1;
            0x0a [Exceptions] visit_throw_ref() throw_ref = 1;
            0x06 [LegacyExceptions] visit_try(block_type) try_ = 0;
            0x07 [LegacyExceptions] visit_catch(index) catch = 0;
            0x19 [LegacyExceptions] visit_catch_all() catch_all = 0;
            0x09 [LegacyExceptions] visit_rethrow(index) rethrow = 1;
            0x18 [LegacyExceptions] visit_delegate(index) delegate = 0;
        }
    };
}
