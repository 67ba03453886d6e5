//! Ops on tables.

/// Passes `$given` and the rows of this file to `$next!`.
macro_rules! table_ops {
    ($next:ident $($given:tt)*) => {
        $next! { $($given)* {
        /// Wasm `table.get`.
        table_get: indexed_pair [ss] = table::table_get, of table, sequence never;
        /// Wasm `table.set`.
        table_set: indexed_pair [ss] = table::table_set, of table, sequence never;
        /// Wasm `table.size`.
        table_size: indexed [r s] = table::table_size, of table, sequence never;
        /// Wasm `table.grow`: takes value and delta from `base` on and writes the former size or -1 to `base`.
        table_grow: bulk [x] = table::table_grow, cells 2, of table, sequence never;
        table_fill: bulk [x] = table::table_fill, cells 3, of table, sequence never;
        table_copy: bulk [x] = table::table_copy, cells 3, of table, of table, sequence never;
        table_init: bulk [x] = table::table_init, cells 3, of table, of elem, sequence never;
        elem_drop: index [x] = table::elem_drop, of elem, sequence never;
        } }
    };
}
