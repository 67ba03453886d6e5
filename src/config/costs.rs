//! Fuel costs of operators: defined on Wasm operators, so that the same program costs the same in every version, mode
//! and dispatcher. The operators and their default costs are in the operator table, `operators.rs`.

#[cfg_attr(not(feature = "simd"), allow(unused_macro_rules, reason = "there are no vector operators"))]
macro_rules! operator_costs {
    // Collects the rows of all lists in braces, one list after the other.
    (others $(
        $opcode:literal [$($proposal:ident)?] $visit:ident($($immediate:ident)*) $name:ident = $cost:literal;
    )*) => {
        for_each_access! { operator_costs accesses { $($visit $name $cost;)* } }
    };
    (accesses { $($rows:tt)* }
        $($kind:ident $opcode:tt $visit:ident $name:ident $general:ident $ty:ident $align:literal = $cost:literal;)*
    ) => {
        for_each_numeric! { operator_costs numeric { $($rows)* $($visit $name $cost;)* } }
    };
    (numeric { $($rows:tt)* }
        $($kind:ident $opcode:tt $visit:ident $name:ident $input:ident -> $output:ident = $cost:literal;)*
    ) => {
        vector_costs! { $($rows)* $($visit $name $cost;)* }
    };
    (vector { $($rows:tt)* } $($kind:ident $number:literal $visit:ident $name:ident $input:ident = $cost:literal;)*) => {
        for_each_vector_lane! { operator_costs lane { $($rows)* $($visit $name $cost;)* } }
    };
    (lane { $($rows:tt)* } $($kind:ident $number:literal $visit:ident $name:ident $lanes:literal $ty:ident = $cost:literal;)*) => {
        for_each_vector_access! { operator_costs vector_access { $($rows)* $($visit $name $cost;)* } }
    };
    (vector_access { $($rows:tt)* } $($kind:ident $number:literal $visit:ident $name:ident $general:ident $align:literal = $cost:literal;)*) => {
        for_each_vector_lane_access! { operator_costs lane_access { $($rows)* $($visit $name $cost;)* } }
    };
    (lane_access { $($rows:tt)* } $($kind:ident $number:literal $visit:ident $name:ident $lanes:literal = $cost:literal;)*) => {
        operator_costs! { all $($rows)* $($visit $name $cost;)* }
    };
    (all $($visit:ident $field:ident $cost:literal;)*) => {
        /// The fuel cost of each Wasm operator. Vector operators are among them with the crate feature `simd`.
        ///
        /// By default operators that do no work of their own cost nothing (`block`, `loop`, `else`, `end`, `nop`, `drop`,
        /// `return`, `unreachable`), and all others cost 1.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each field is the operator of its name")]
        pub struct OperatorCost { $( pub $field: u8, )* }

        impl Default for OperatorCost {
            fn default() -> Self {
                Self { $( $field: $cost, )* }
            }
        }

        impl OperatorCost {
            $( #[inline]
            pub(crate) fn $visit(&self) -> u64 {
                u64::from(self.$field)
            } )*
        }
    };
}

/// Adds the vector operators to the rows, if this build has them.
#[cfg(feature = "simd")]
macro_rules! vector_costs {
    ($($rows:tt)*) => { for_each_vector! { operator_costs vector { $($rows)* } } };
}
#[cfg(not(feature = "simd"))]
macro_rules! vector_costs {
    ($($rows:tt)*) => { operator_costs! { all $($rows)* } };
}

for_each_other!(operator_costs others);

/// Fuel costs of work that depends on an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CustomFuelCosts {
    /// Bytes that bulk operators move for one unit of fuel.
    pub bytes_copied_per_fuel: u32,
    /// Fuel for one byte of Wasm that is translated at a function's first call.
    pub fuel_per_bytes_translated: u32,
    /// Fuel for one byte of Wasm that is validated at a function's first call.
    pub fuel_per_bytes_validated: u32,
}

impl Default for CustomFuelCosts {
    fn default() -> Self {
        Self { bytes_copied_per_fuel: 64, fuel_per_bytes_translated: 7, fuel_per_bytes_validated: 2 }
    }
}
