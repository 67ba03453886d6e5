//! Fuel schedules: what code costs, besides the costs of single operators.
//!
//! A schedule is defined on Wasm code alone. So the same program costs the same in every compilation mode, with both
//! dispatchers, on every target, and whoever calls a function first.

use crate::config::costs::{CustomFuelCosts, OperatorCost};

/// A price list for the execution of Wasm code, with a name. What a name stands for never changes; a new list gets a new
/// name, and engines keep offering the old ones.
///
/// All schedules charge each *stretch* of code once, when control enters it, for all of its operators. A stretch is a
/// function's body, the body of a `loop`, or an arm of an `if`, each without the stretches inside of it. So code
/// after a `br_if` is charged before it is known whether the branch is taken; one iteration of a loop charges the
/// loop's stretch once. The operator that lacks fuel is the one that begins a stretch, or a bulk operator.
///
/// Fuel for the validation and translation of a module is a charge of its own; see
/// [`Module::translation_fuel`](crate::Module::translation_fuel).
///
/// ```
/// use wasmote::{Config, Engine, FuelSchedule};
///
/// let mut config = Config::default();
/// config.consume_fuel(true).fuel_schedule(FuelSchedule::Wasmi2);
/// let engine = Engine::new(&config);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum FuelSchedule {
    /// The first schedule of this library. `docs/fuel.md` in the repository lists the price of each operator.
    ///
    /// * Operators that can be reached cost 1, except for those that do no work of their own (`block`, `loop`, `else`,
    ///   `end`, `nop`, `drop`, `return`, `unreachable`). Code that validation finds to be unreachable costs nothing.
    /// * A function costs 1 more for every 8 cells of its locals, without parameters. A value takes one cell, a vector
    ///   two.
    /// * A call costs 1 more for every 8 cells of the parameters and results of the callee's type.
    /// * A branch, a `return`, a tail call and the end of a function cost 1 more for every 8 cells of the values that they
    ///   take along.
    /// * Operators that fill, copy and initialize cost 1 more for every 64 bytes; an element of a table counts as 8
    ///   bytes.
    /// * `memory.grow` and `table.grow` cost 1 more for every 64 bytes of growth, unless the declared maximum or the
    ///   limiter forbids it.
    /// * Structs and arrays cost 1 more for every 64 bytes, with a header of 8 or 16 bytes, when they are made. Collections are free.
    /// * Instantiation costs 1 for every 64 bytes of the memories and tables that are made and of the active segments.
    ///   An element of a table or segment counts as 8 bytes, as does every global, function, table, memory and segment
    ///   of the module's index spaces. See [`Module::instantiation_fuel`](crate::Module::instantiation_fuel). A store that
    ///   was never given fuel is not charged.
    ///
    /// Amounts are rounded down, each on its own.
    #[default]
    V1,
    /// The numbers of `wasmi` 2.0 in its eager mode, with two exceptions: an `if` whose condition is constant there, since
    /// it folds constants, and an `if` with results but no `else`.
    ///
    /// Each stretch costs 1 besides its operators, and an element of a table counts as 4 bytes. Frames, calls, branches and instantiation have no price: **code that calls functions with many
    /// locals takes far more time per unit of fuel than other code.** Code that cannot be reached is charged like other code.
    Wasmi2,
    /// The numbers of `wasmi` 0.31 with these costs of operators. `memory.grow` and `table.grow` that fail, and bulk
    /// operators that trap, may charge differently.
    Wasmi0_31(FuelCosts),
}

/// The costs of operators in `wasmi` 0.31, by their kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FuelCosts {
    /// Of all operators that are not of another kind.
    pub base: u8,
    /// Of operators on globals, tables and memories other than loads and stores.
    pub entity: u8,
    /// Of loads.
    pub load: u8,
    /// Of stores.
    pub store: u8,
    /// Of calls.
    pub call: u8,
}

impl Default for FuelCosts {
    fn default() -> Self {
        Self { base: 1, entity: 1, load: 1, store: 1, call: 1 }
    }
}

impl FuelSchedule {
    /// Returns the costs of operators.
    #[must_use]
    pub fn operator_cost(self) -> OperatorCost {
        match self {
            Self::V1 | Self::Wasmi2 => OperatorCost::default(),
            Self::Wasmi0_31(costs) => costs.operators(),
        }
    }

    /// Returns the costs of work that depends on an amount.
    #[must_use]
    pub fn fuel_cost(self) -> CustomFuelCosts {
        CustomFuelCosts::default()
    }

    /// Returns numbers that differ between schedules.
    pub(crate) fn identity(self) -> [u8; 6] {
        match self {
            Self::V1 => [1, 0, 0, 0, 0, 0],
            Self::Wasmi2 => [2, 0, 0, 0, 0, 0],
            Self::Wasmi0_31(FuelCosts { base, entity, load, store, call }) => [3, base, entity, load, store, call],
        }
    }

    /// Returns what is charged besides operators.
    pub(crate) fn rules(self) -> Rules {
        match self {
            Self::V1 => Rules {
                frames: Frames::Locals,
                calls: true,
                branches: Branches::All,
                instantiation: true,
                ..Rules::NONE
            },
            Self::Wasmi2 => Rules { stretch: 1, unreachable: true, element_bytes: 4, ..Rules::NONE },
            Self::Wasmi0_31(costs) => Rules {
                stretch: costs.base,
                func_end: costs.base,
                frames: Frames::LocalsAndParams,
                branches: Branches::Moving,
                free_conditional_returns: true,
                ..Rules::NONE
            },
        }
    }
}

impl FuelCosts {
    /// Returns the costs of operators of their kinds.
    fn operators(self) -> OperatorCost {
        let Self { base, entity, load, store, call } = self;
        OperatorCost {
            block: 0,
            loop_: 0,
            end: 0,
            nop: 0,
            i32_reinterpret_f32: 0,
            i64_reinterpret_f64: 0,
            f32_reinterpret_i32: 0,
            f64_reinterpret_i64: 0,
            call,
            call_indirect: call,
            call_ref: call,
            return_call: call,
            return_call_indirect: call,
            return_call_ref: call,
            global_get: entity,
            global_set: entity,
            memory_size: entity,
            memory_grow: entity,
            memory_fill: entity,
            memory_copy: entity,
            memory_init: entity,
            data_drop: entity,
            table_get: entity,
            table_set: entity,
            table_size: entity,
            table_grow: entity,
            table_fill: entity,
            table_copy: entity,
            table_init: entity,
            elem_drop: entity,
            ..OperatorCost::of_kinds(base, load, store)
        }
    }
}

/// Which locals a function is charged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frames {
    /// None
    Free,
    /// Locals without parameters
    Locals,
    /// Locals and parameters
    LocalsAndParams,
}

/// Which branches are charged for the values that they take along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Branches {
    /// None
    Free,
    /// All
    All,
    /// Those that drop other values below them
    Moving,
}

/// What is charged besides operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rules {
    /// Fuel of every stretch of code.
    pub(crate) stretch: u8,
    /// Fuel of reaching the end of a function.
    pub(crate) func_end: u8,
    pub(crate) frames: Frames,
    pub(crate) branches: Branches,
    /// Whether calls are charged for their parameters and results.
    pub(crate) calls: bool,
    /// Whether `br_if` out of the function is free.
    pub(crate) free_conditional_returns: bool,
    /// Whether operators that cannot be reached are charged.
    pub(crate) unreachable: bool,
    /// Whether instantiation is charged.
    pub(crate) instantiation: bool,
    /// The number of bytes that an element of a table counts as.
    pub(crate) element_bytes: u8,
}

impl Rules {
    const NONE: Self = Self {
        stretch: 0,
        func_end: 0,
        frames: Frames::Free,
        branches: Branches::Free,
        calls: false,
        free_conditional_returns: false,
        unreachable: false,
        instantiation: false,
        element_bytes: CELL_BYTES as u8,
    };
}

/// The number of bytes that a cell counts as.
pub(crate) const CELL_BYTES: u64 = 8;

/// How code is charged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Metering {
    /// The costs of operators, for the translator.
    #[cfg(feature = "loader")]
    pub(crate) operators: OperatorCost,
    pub(crate) rules: Rules,
    bytes_per_fuel: u64,
}

impl Metering {
    /// How code is charged by `schedule`, with other costs of operators if `operators` has some.
    pub(crate) fn new(schedule: FuelSchedule, operators: Option<&OperatorCost>, amounts: CustomFuelCosts) -> Self {
        #[cfg(not(feature = "loader"))]
        let _ = operators;
        Self {
            #[cfg(feature = "loader")]
            operators: operators.copied().unwrap_or_else(|| schedule.operator_cost()),
            rules: schedule.rules(),
            bytes_per_fuel: u64::from(amounts.bytes_copied_per_fuel),
        }
    }

    /// Returns the fuel for work on this many bytes.
    pub(crate) fn bytes(&self, count: u64) -> u64 {
        count.checked_div(self.bytes_per_fuel).unwrap_or(0)
    }

    /// Returns the fuel for work on this many cells.
    pub(crate) fn cells(&self, count: u64) -> u64 {
        self.bytes(count.saturating_mul(CELL_BYTES))
    }
}
