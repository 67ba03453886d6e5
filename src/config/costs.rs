//! Fuel costs of operators: defined on Wasm operators, so that the same program costs the same in every version, mode
//! and dispatcher. The operators and their default costs are in the operator table, `operators.rs`.

#[cfg_attr(
    not(all(feature = "simd", feature = "threads", feature = "exceptions")),
    allow(unused_macro_rules, reason = "there are no vector operators, no atomic ones, or no exceptions")
)]
macro_rules! operator_costs {
    // Collects the rows of all lists in braces, one list after the other.
    (others $(
        $opcode:literal [$($proposal:ident)?] $visit:ident($($immediate:ident)*) $name:ident = $cost:literal;
    )*) => {
        exception_costs! { $($visit $name $cost other;)* }
    };
    (exceptions { $($rows:tt)* } $(
        $opcode:literal [$($proposal:ident)?] $visit:ident($($immediate:ident)*) $name:ident = $cost:literal;
    )*) => {
        for_each_access! { operator_costs accesses { $($rows)* $($visit $name $cost other;)* } }
    };
    (accesses { $($rows:tt)* }
        $($kind:ident $opcode:tt $visit:ident $name:ident $general:ident $ty:ident $align:literal = $cost:literal;)*
    ) => {
        for_each_numeric! { operator_costs numeric { $($rows)* $($visit $name $cost $kind;)* } }
    };
    (numeric { $($rows:tt)* }
        $($kind:ident $opcode:tt $visit:ident $name:ident $input:ident -> $output:ident = $cost:literal;)*
    ) => {
        vector_costs! { $($rows)* $($visit $name $cost other;)* }
    };
    (vector { $($rows:tt)* } $($kind:ident $number:literal $visit:ident $name:ident $input:ident = $cost:literal;)*) => {
        for_each_vector_lane! { operator_costs lane { $($rows)* $($visit $name $cost other;)* } }
    };
    (lane { $($rows:tt)* } $($kind:ident $number:literal $visit:ident $name:ident $lanes:literal $ty:ident = $cost:literal;)*) => {
        for_each_vector_access! { operator_costs vector_access { $($rows)* $($visit $name $cost other;)* } }
    };
    (vector_access { $($rows:tt)* } $($kind:ident $number:literal $visit:ident $name:ident $general:ident $align:literal = $cost:literal;)*) => {
        for_each_vector_lane_access! { operator_costs lane_access { $($rows)* $($visit $name $cost other;)* } }
    };
    (lane_access { $($rows:tt)* } $($kind:ident $number:literal $visit:ident $name:ident $lanes:literal = $cost:literal;)*) => {
        atomic_costs! { $($rows)* $($visit $name $cost other;)* }
    };
    (atomic { $($rows:tt)* } $($kind:ident $number:literal $visit:ident $name:ident $row:ident $ty:ident $align:literal = $cost:literal;)*) => {
        operator_costs! { all $($rows)* $($visit $name $cost other;)* }
    };
    (all $($visit:ident $field:ident $cost:literal $kind:ident;)*) => {
        /// The fuel cost of each Wasm operator. Vector operators are among them with the crate feature `simd`,
        /// atomic ones with `threads`, those of exceptions with `exceptions`.
        ///
        /// By default operators that do no work of their own cost nothing (`block`, `loop`, `else`, `end`, `nop`, `drop`,
        /// `return`, `unreachable`), and all others cost 1.
        ///
        /// The operators of a proposal are added when the library supports it, so programs change fields of the default:
        ///
        /// ```
        /// use wasmote::{Config, OperatorCost};
        ///
        /// let mut costs = OperatorCost::default();
        /// costs.i64_div_s = 10;
        /// let mut config = Config::default();
        /// config.consume_fuel(true).operator_cost(costs);
        /// ```
        #[non_exhaustive]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each field is the operator of its name")]
        pub struct OperatorCost { $( pub $field: u8, )* }

        impl Default for OperatorCost {
            fn default() -> Self {
                // A constant is copied, which takes less code than to set each field.
                static DEFAULT: OperatorCost = OperatorCost { $( $field: $cost, )* };
                DEFAULT
            }
        }

        impl OperatorCost {
            /// Returns costs by the kind of operator: loads, stores and all others.
            pub(crate) fn of_kinds(other: u8, load: u8, store: u8) -> Self {
                Self { $( $field: operator_costs!(@ $kind other load store), )* }
            }

            /// Returns the costs that differ from those of `other`, by the position of the operator. Operators that crate
            /// features add are the last ones.
            pub(crate) fn differences(&self, other: &Self) -> impl Iterator<Item = (u16, u8)> {
                let [costs, others] = [self, other].map(|costs| [$( costs.$field ),*]);
                (0..).zip(costs.into_iter().zip(others)).filter(|(_, (cost, other))| cost != other)
                    .map(|(position, (cost, _))| (position, cost))
            }

            /// Whether each operator that calls or branches costs something.
            #[cfg(feature = "verify")]
            pub(crate) fn charges_control(&self) -> bool {
                let Self { call, call_indirect, call_ref, return_call, return_call_indirect, return_call_ref, br, br_if, br_table, .. } = *self;
                [call, call_indirect, call_ref, return_call, return_call_indirect, return_call_ref, br, br_if, br_table]
                    .into_iter().all(|cost| cost > 0)
            }

            /// Returns the names of all operators with their costs.
            #[cfg(test)]
            pub(crate) fn list(&self) -> alloc::vec::Vec<(&'static str, u8)> {
                alloc::vec![$( (stringify!($field), self.$field) ),*]
            }

            $( #[inline]
            pub(crate) fn $visit(&self) -> u64 {
                u64::from(self.$field)
            } )*
        }
    };
    (@ load $other:ident $load:ident $store:ident) => { $load };
    (@ store $other:ident $load:ident $store:ident) => { $store };
    (@ other $other:ident $load:ident $store:ident) => { $other };
}

/// Adds the operators of exceptions to the rows, if this build has them.
#[cfg(feature = "exceptions")]
macro_rules! exception_costs {
    ($($rows:tt)*) => { for_each_exception! { operator_costs exceptions { $($rows)* } } };
}
#[cfg(not(feature = "exceptions"))]
macro_rules! exception_costs {
    ($($rows:tt)*) => { for_each_access! { operator_costs accesses { $($rows)* } } };
}

/// Adds the vector operators to the rows, if this build has them.
#[cfg(feature = "simd")]
macro_rules! vector_costs {
    ($($rows:tt)*) => { for_each_vector! { operator_costs vector { $($rows)* } } };
}
#[cfg(not(feature = "simd"))]
macro_rules! vector_costs {
    ($($rows:tt)*) => { atomic_costs! { $($rows)* } };
}

/// Adds the atomic operators to the rows, if this build has them.
#[cfg(feature = "threads")]
macro_rules! atomic_costs {
    ($($rows:tt)*) => { for_each_atomic! { operator_costs atomic { $($rows)* } } };
}
#[cfg(not(feature = "threads"))]
macro_rules! atomic_costs {
    ($($rows:tt)*) => { operator_costs! { all $($rows)* } };
}

for_each_other!(operator_costs others);

/// Fuel costs of work that depends on an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CustomFuelCosts {
    /// Bytes that one unit of fuel pays for where work depends on an amount; 0 makes such work free.
    pub bytes_copied_per_fuel: u32,
    /// Fuel for the translation of one byte of a function body.
    pub fuel_per_bytes_translated: u32,
    /// Fuel for the validation of one byte of a function body.
    pub fuel_per_bytes_validated: u32,
}

impl Default for CustomFuelCosts {
    fn default() -> Self {
        Self { bytes_copied_per_fuel: 64, fuel_per_bytes_translated: 7, fuel_per_bytes_validated: 2 }
    }
}

impl CustomFuelCosts {
    /// Returns the fuel for the translation of this many bytes.
    #[must_use]
    pub fn fuel_for_translating_bytes(&self, len_bytes: u64) -> u64 {
        len_bytes.saturating_mul(self.fuel_per_bytes_translated.into())
    }

    /// Returns the fuel for the validation of this many bytes.
    #[must_use]
    pub fn fuel_for_validating_bytes(&self, len_bytes: u64) -> u64 {
        len_bytes.saturating_mul(self.fuel_per_bytes_validated.into())
    }
}
