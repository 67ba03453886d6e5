//! Configuration of an engine.
//!
//! ```text
//!   mod.rs             Config, and limits on modules
//!   proposals.rs       the list of proposals, and which are on
//!   costs.rs           the fuel cost of operators
//!   fuel.rs            fuel schedules: what else costs fuel
//!   fuel_doc.rs        the page docs/fuel.md
//!   crate_features.rs  the features of this crate that it was built with
//! ```

pub(crate) mod costs;
pub(crate) mod crate_features;
pub(crate) mod fuel;
#[cfg(all(test, feature = "simd", feature = "std"))]
mod fuel_doc;
#[macro_use]
pub(crate) mod proposals;

use alloc::{boxed::Box, sync::Arc};

use crate::config::{
    costs::{CustomFuelCosts, OperatorCost},
    fuel::{FuelSchedule, Metering},
    proposals::{Features, Proposal},
};

/// When functions are validated and translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CompilationMode {
    /// Both when the module is made.
    Eager,
    /// Validated when the module is made, translated at their first call.
    #[default]
    LazyTranslation,
    /// Both at their first call.
    Lazy,
}

/// Whether backtraces have all details that can be had ([`Config::wasm_backtrace_details`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WasmBacktraceDetails {
    /// They have.
    Enable,
    /// They have the details that cost nothing.
    Disable,
    /// They have if the environment variable `WASMOTE_BACKTRACE_DETAILS` is `1`.
    #[cfg(feature = "std")]
    Environment,
}

/// Limits on modules that an embedder does not trust. A module that exceeds one is refused as soon as the number is
/// known. The default has none: modules are then limited by the implementation alone.
///
/// Loading takes memory in proportion to the bytes of the module, so [`Self::max_module_bytes`] bounds whatever the module
/// says of types, names and segments. What instances allocate is bounded by a store's limiter
/// ([`StoreLimits`](crate::StoreLimits)).
///
/// ```
/// use wasmote::EnforcedLimits;
///
/// let limits = EnforcedLimits { max_tables: Some(1), ..EnforcedLimits::chain() };
/// # assert_eq!(limits.max_memories, Some(1));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EnforcedLimits {
    /// The greatest number of globals.
    pub max_globals: Option<u32>,
    /// The greatest number of functions.
    pub max_functions: Option<u32>,
    /// The greatest number of tables.
    pub max_tables: Option<u32>,
    /// The greatest number of element segments.
    pub max_element_segments: Option<u32>,
    /// The greatest number of memories.
    pub max_memories: Option<u32>,
    /// The greatest number of data segments.
    pub max_data_segments: Option<u32>,
    /// The greatest number of bytes of the module.
    pub max_module_bytes: Option<u32>,
    /// The greatest number of types.
    pub max_types: Option<u32>,
    /// The greatest number of imports.
    pub max_imports: Option<u32>,
    /// The greatest number of exports.
    pub max_exports: Option<u32>,
    /// The greatest number of parameters of a function.
    pub max_params: Option<usize>,
    /// The greatest number of results of a function.
    pub max_results: Option<usize>,
    /// The least number of bytes that functions must have on average.
    pub min_avg_bytes_per_function: Option<AvgBytesPerFunctionLimit>,
}

/// The least number of bytes that functions must have on average.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AvgBytesPerFunctionLimit {
    /// The limit applies only to code of at least this many bytes.
    pub req_funcs_bytes: u32,
    /// The least number of bytes per function.
    pub min_avg_bytes_per_function: u32,
}

impl EnforcedLimits {
    /// Returns limits for untrusted modules, which no compiler's output is known to exceed.
    #[must_use]
    pub fn strict() -> Self {
        Self {
            max_globals: Some(1000),
            max_functions: Some(10_000),
            max_tables: Some(100),
            max_element_segments: Some(1000),
            max_memories: Some(1),
            max_data_segments: Some(1000),
            max_module_bytes: None,
            max_types: None,
            max_imports: None,
            max_exports: None,
            max_params: Some(32),
            max_results: Some(32),
            min_avg_bytes_per_function: Some(AvgBytesPerFunctionLimit {
                req_funcs_bytes: 1000,
                min_avg_bytes_per_function: 40,
            }),
        }
    }

    /// Returns limits for contracts that a chain runs: those of [`EnforcedLimits::strict`], and at most 2 MiB, 10 tables, and
    /// 10,000 types, imports and exports each.
    #[must_use]
    pub fn chain() -> Self {
        Self {
            max_module_bytes: Some(2 << 20),
            max_tables: Some(10),
            max_types: Some(10_000),
            max_imports: Some(10_000),
            max_exports: Some(10_000),
            ..Self::strict()
        }
    }

    /// Returns limits for plugins of a device with some hundred KiB of memory: at most 64 KiB, 1000 functions, one memory and
    /// table, and as much else as such plugins need.
    #[must_use]
    pub fn firmware() -> Self {
        Self {
            max_module_bytes: Some(64 << 10),
            max_globals: Some(100),
            max_functions: Some(1000),
            max_tables: Some(1),
            max_element_segments: Some(100),
            max_data_segments: Some(100),
            max_types: Some(200),
            max_imports: Some(100),
            max_exports: Some(100),
            max_params: Some(16),
            max_results: Some(4),
            ..Self::strict()
        }
    }
}

/// Configuration of an [`Engine`](crate::Engine).
///
/// ```
/// use wasmote::{CompilationMode, Config, Engine};
///
/// let mut config = Config::default();
/// config.compilation_mode(CompilationMode::Lazy).consume_fuel(true);
/// let engine = Engine::new(&config);
/// ```
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) features: Features,
    pub(crate) max_recursion_depth: usize,
    pub(crate) min_stack_height: usize,
    pub(crate) max_stack_height: usize,
    pub(crate) max_cached_stacks: usize,
    pub(crate) consume_fuel: bool,
    pub(crate) epoch_interruption: bool,
    /// How code is charged. Modules share it; the engine makes it from the costs, if code counts its work.
    pub(crate) metering: Option<Arc<Metering>>,
    pub(crate) allow_start_fn: bool,
    pub(crate) ignore_custom_sections: bool,
    pub(crate) fuel_schedule: FuelSchedule,
    /// Those that replace the costs of the schedule.
    pub(crate) operator_cost: Option<Box<OperatorCost>>,
    pub(crate) fuel_cost: CustomFuelCosts,
    pub(crate) compilation_mode: CompilationMode,
    pub(crate) enforced_limits: EnforcedLimits,
    pub(crate) portable_dispatch: bool,
    pub(crate) wasm_backtrace: bool,
    pub(crate) backtrace_details: bool,
    #[cfg(feature = "coredump")]
    pub(crate) coredump_on_trap: bool,
    pub(crate) fused_ops: bool,
    pub(crate) canonical_nans: bool,
    #[cfg(heap)]
    pub(crate) gc_stress: bool,
    #[cfg(feature = "parallel")]
    pub(crate) parallel_translation: bool,
}

/// Whether the loop-switch runs all code. With debug assertions the compiler checks pointers in handlers, and some
/// handlers then end in a call rather than a jump, so the native stack would grow. Profiles that optimize dependencies
/// have these assertions too.
const ALWAYS_PORTABLE: bool = cfg!(any(feature = "portable-dispatch", debug_assertions));

/// Whether everything starts as in `wasmi` 2.0, where that is narrower or counts fuel differently.
const LIKE_WASMI: bool = cfg!(feature = "wasmi-defaults");

impl Default for Config {
    fn default() -> Self {
        let fuel_schedule = if LIKE_WASMI { FuelSchedule::Wasmi2 } else { FuelSchedule::default() };
        Self {
            features: Features::default(),
            max_recursion_depth: 256,
            min_stack_height: 1 << 10,
            max_stack_height: if LIKE_WASMI || cfg!(feature = "std") { 1 << 20 } else { 16 << 10 },
            max_cached_stacks: 2,
            consume_fuel: false,
            epoch_interruption: false,
            metering: None,
            allow_start_fn: true,
            ignore_custom_sections: false,
            fuel_schedule,
            operator_cost: None,
            fuel_cost: fuel_schedule.fuel_cost(),
            compilation_mode: CompilationMode::default(),
            enforced_limits: EnforcedLimits::default(),
            portable_dispatch: ALWAYS_PORTABLE,
            wasm_backtrace: cfg!(feature = "std"),
            backtrace_details: false,
            #[cfg(feature = "coredump")]
            coredump_on_trap: false,
            fused_ops: true,
            canonical_nans: cfg!(feature = "deterministic"),
            #[cfg(heap)]
            gc_stress: false,
            #[cfg(feature = "parallel")]
            parallel_translation: true,
        }
    }
}

impl Config {
    /// Returns a configuration for untrusted contracts that the nodes of a chain run: everything that decides about validity,
    /// results and costs is set here rather than left to the features of the build.
    ///
    /// Fuel is metered by [`FuelSchedule::V1`], modules are limited by [`EnforcedLimits::chain`] and validated as a whole
    /// when they are made. Value stacks have 1 MiB. Floats are off, and so are relaxed vector operators. If floats are
    /// switched on again, operators return the canonical NaN ([`Config::nan_canonicalization`]), so that results have the
    /// same bits on all targets. The embedder gives each store fuel and a limiter.
    ///
    /// ```
    /// use wasmote::{Config, Engine, Module, Store, StoreLimitsBuilder};
    ///
    /// # fn main() -> Result<(), wasmote::Error> {
    /// let engine = Engine::new(&Config::chain());
    /// let limits = StoreLimitsBuilder::new().total_memory_size(16 << 20).total_table_elements(10_000).build();
    /// let mut store = Store::new(&engine, limits);
    /// store.limiter(|limits| limits);
    /// store.set_fuel(1_000_000)?;
    /// assert!(Module::new(&engine, "(module (func (param f32)))").is_err());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn chain() -> Self {
        let mut config = Self::default();
        config
            .consume_fuel(true)
            .fuel_schedule(FuelSchedule::V1)
            .enforced_limits(EnforcedLimits::chain())
            .compilation_mode(CompilationMode::Eager)
            .proposal(Proposal::Floats, false)
            .proposal(Proposal::RelaxedSimd, false)
            .nan_canonicalization(true)
            .set_max_recursion_depth(64)
            .set_min_stack_height(1 << 20)
            .set_max_stack_height(1 << 20);
        config
    }

    /// Returns a configuration for untrusted plugins on a device with some hundred KiB of memory.
    ///
    /// Fuel is metered by [`FuelSchedule::V1`], modules are limited by [`EnforcedLimits::firmware`], validated as a whole
    /// when they are made, and kept without their custom sections. Value stacks have 8 KiB; the engine keeps one.
    #[must_use]
    pub fn firmware() -> Self {
        let mut config = Self::default();
        config
            .consume_fuel(true)
            .fuel_schedule(FuelSchedule::V1)
            .enforced_limits(EnforcedLimits::firmware())
            .compilation_mode(CompilationMode::Eager)
            .ignore_custom_sections(true)
            .set_max_recursion_depth(16)
            .set_min_stack_height(512)
            .set_max_stack_height(8 << 10)
            .set_max_cached_stacks(1);
        config
    }

    /// The greatest depth of nested calls that the host makes into a store: the embedder calls a function, a host
    /// function called by it calls one, and so on. Calls of Wasm and of host functions count, resumable ones too.
    ///
    /// Each of these calls takes native stack. Calls within Wasm take none; they are limited by the height of the value
    /// stack alone, which is the same on every target. Default: 256.
    pub fn set_max_recursion_depth(&mut self, value: usize) -> &mut Self {
        self.max_recursion_depth = value;
        self
    }

    /// The initial height of a value stack in bytes. Stacks do not grow, so a value above the maximum raises the
    /// maximum. Default: 1 KiB.
    pub fn set_min_stack_height(&mut self, value: usize) -> &mut Self {
        self.min_stack_height = value;
        self
    }

    /// The height of a value stack in bytes. Default: 1 MiB, 16 KiB without `std` (1 MiB too with the crate
    /// feature `wasmi-defaults`).
    pub fn set_max_stack_height(&mut self, value: usize) -> &mut Self {
        self.max_stack_height = value;
        self
    }

    /// How many unused value stacks an engine keeps. Default: 2.
    pub fn set_max_cached_stacks(&mut self, value: usize) -> &mut Self {
        self.max_cached_stacks = value;
        self
    }

    proposal_setters!();

    /// Switches `proposal` on or off, as the method of its name does.
    ///
    /// ```
    /// use wasmote::{Config, Proposal};
    ///
    /// let mut config = Config::default();
    /// for &proposal in Proposal::ALL {
    ///     config.proposal(proposal, true);
    /// }
    /// assert!(config.has_proposal(Proposal::WideArithmetic));
    /// ```
    pub fn proposal(&mut self, proposal: Proposal, enable: bool) -> &mut Self {
        self.features.set(proposal, enable);
        self
    }

    /// Whether modules may use `proposal`.
    #[must_use]
    pub fn has_proposal(&self, proposal: Proposal) -> bool {
        self.features.get(proposal)
    }

    /// Whether running code consumes fuel. Default: off.
    ///
    /// A store has no fuel before [`Store::set_fuel`](crate::Store::set_fuel) gives it some.
    pub fn consume_fuel(&mut self, enable: bool) -> &mut Self {
        self.consume_fuel = enable;
        self
    }

    /// Whether running code can be interrupted from outside: when the engine's epoch reaches the store's deadline
    /// ([`Engine::increment_epoch`](crate::Engine::increment_epoch),
    /// [`Store::set_epoch_deadline`](crate::Store::set_epoch_deadline)), or by an
    /// [`InterruptHandle`](crate::InterruptHandle). Default: off.
    ///
    /// Code checks for an interruption after every few microseconds of work, in bulk operators too. It counts its work like fuel,
    /// and takes about as much more time as with fuel metering. If fuel is metered as well, work is counted only once, and the
    /// fuel that it costs stays the same. If [costs](Config::operator_cost) make branches and calls free, loops of such operators
    /// count no work and are not interrupted.
    ///
    /// Builds with the crate feature `small` have it only with the feature `interruption`.
    #[cfg(any(not(feature = "small"), feature = "interruption"))]
    pub fn epoch_interruption(&mut self, enable: bool) -> &mut Self {
        self.epoch_interruption = enable;
        self
    }

    /// Whether modules may have a start function. Default: on.
    pub fn allow_start_fn(&mut self, allow: bool) -> &mut Self {
        self.allow_start_fn = allow;
        self
    }

    /// Whether custom sections are dropped when a module is made. Default: off.
    pub fn ignore_custom_sections(&mut self, enable: bool) -> &mut Self {
        self.ignore_custom_sections = enable;
        self
    }

    /// What code costs in fuel. Replaces the costs of operators and amounts by those of the schedule. Default:
    /// [`FuelSchedule::V1`]; [`FuelSchedule::Wasmi2`] with the crate feature `wasmi-defaults`.
    pub fn fuel_schedule(&mut self, schedule: FuelSchedule) -> &mut Self {
        self.fuel_schedule = schedule;
        self.operator_cost = None;
        self.fuel_cost(schedule.fuel_cost())
    }

    /// The fuel cost of each operator, instead of that of the schedule.
    pub fn operator_cost(&mut self, cost: OperatorCost) -> &mut Self {
        self.operator_cost = Some(Box::new(cost));
        self
    }

    /// The fuel cost of work that depends on an amount, such as the number of bytes copied, instead of that of the
    /// schedule.
    pub fn fuel_cost(&mut self, cost: CustomFuelCosts) -> &mut Self {
        self.fuel_cost = cost;
        self
    }

    /// When functions are validated and translated. Default: lazy translation.
    pub fn compilation_mode(&mut self, mode: CompilationMode) -> &mut Self {
        self.compilation_mode = mode;
        self
    }

    /// Limits on modules. Default: none, so that a module made for it may take far more time and memory to load than others of
    /// its size; [`EnforcedLimits::strict`] refuses such modules.
    pub fn enforced_limits(&mut self, limits: EnforcedLimits) -> &mut Self {
        self.enforced_limits = limits;
        self
    }

    /// Whether errors have a list of the calls of Wasm functions in progress. It costs nothing until an error occurs, and
    /// then memory for up to 64 calls. Default: on with the feature `std`.
    pub fn wasm_backtrace(&mut self, enable: bool) -> &mut Self {
        self.wasm_backtrace = enable;
        self
    }

    /// Whether errors of traps have a [`WasmCoreDump`](crate::WasmCoreDump), which `Error::downcast_ref` returns. Default: off.
    ///
    /// It costs nothing until code traps, and then memory for the frames of up to 1024 calls. Functions that are translated with their
    /// module keep their bodies, which tell where values are.
    #[cfg(feature = "coredump")]
    pub fn coredump_on_trap(&mut self, enable: bool) -> &mut Self {
        self.coredump_on_trap = enable;
        self
    }

    /// Whether backtraces have all details that can be had. Default: [`WasmBacktraceDetails::Disable`].
    ///
    /// With details, functions that were translated with their module keep their bodies, so that frames have offsets in all modes, and
    /// with the crate feature `addr2line` the debug information of the module is read for files and lines. Nothing of that takes time
    /// before somebody asks for the frames of a backtrace.
    pub fn wasm_backtrace_details(&mut self, details: WasmBacktraceDetails) -> &mut Self {
        self.backtrace_details = match details {
            WasmBacktraceDetails::Enable => true,
            WasmBacktraceDetails::Disable => false,
            #[cfg(feature = "std")]
            WasmBacktraceDetails::Environment => {
                std::env::var_os("WASMOTE_BACKTRACE_DETAILS").is_some_and(|value| value == "1")
            }
        };
        self
    }

    /// Whether several operators may be translated to one op. Without that, results are the same but slower: a comparison
    /// helps to investigate a wrong result. Default: on.
    pub fn fused_ops(&mut self, enable: bool) -> &mut Self {
        self.fused_ops = enable;
        self
    }

    /// Whether operators that compute a NaN return the canonical one, with a positive sign. Otherwise the bits of a NaN, its
    /// sign among them, differ between processors (spec, Execution > Numerics > NaN Propagation). Operators on bits (`neg`,
    /// `abs`, `copysign`, loads, `reinterpret`, `pmin`) keep the bits that they are given. Default: off, on with the crate feature `deterministic`.
    ///
    /// Floating-point operators take about twice the time. The fuel that they cost is the same.
    pub fn nan_canonicalization(&mut self, enable: bool) -> &mut Self {
        self.canonical_nans = enable;
        self
    }

    /// Whether the collector runs before each allocation of an object. Programs do the same, far more slowly: a test for hosts that
    /// have references to objects. Default: off.
    ///
    /// Needs one of the crate features `gc` and `exceptions`.
    #[cfg(heap)]
    pub fn gc_stress(&mut self, enable: bool) -> &mut Self {
        self.gc_stress = enable;
        self
    }

    /// Whether several threads translate a large module when it is made ([`CompilationMode::Eager`]). One thread does if
    /// the bytes arrive in parts ([`Module::new_streaming`]). The code is the same. Default: on.
    ///
    /// [`Module::new_streaming`]: crate::Module::new_streaming
    #[cfg(feature = "parallel")]
    pub fn parallel_translation(&mut self, enable: bool) -> &mut Self {
        self.parallel_translation = enable;
        self
    }

    /// Runs code with the portable loop-switch even where threaded dispatch is available.
    /// Results are the same. Default: off. Builds with debug assertions never have threaded dispatch.
    pub fn portable_dispatch(&mut self, enable: bool) -> &mut Self {
        self.portable_dispatch = enable || ALWAYS_PORTABLE;
        self
    }

    /// Whether code counts its work: as fuel, to check for interruptions, or both.
    pub(crate) fn is_metered(&self) -> bool {
        self.consume_fuel || self.epoch_interruption
    }

    /// The prices by which code counts its work, if it does, with the costs of operators that differ from the schedule. Those of
    /// the first schedule if it does not count fuel.
    pub(crate) fn prices(&self) -> (FuelSchedule, Option<&OperatorCost>, CustomFuelCosts) {
        if self.consume_fuel {
            return (self.fuel_schedule, self.operator_cost.as_deref(), self.fuel_cost);
        }
        let schedule = FuelSchedule::V1;
        (schedule, None, schedule.fuel_cost())
    }

    /// The costs of operators by which code counts its work.
    #[cfg(feature = "verify")]
    pub(crate) fn costs(&self) -> OperatorCost {
        let (schedule, operators, _) = self.prices();
        operators.copied().unwrap_or_else(|| schedule.operator_cost())
    }

    /// The number of bytes that bulk operators move for a unit of fuel, if code counts its work; 0 if they are free.
    pub(crate) fn bytes_copied_per_fuel(&self) -> u32 {
        let amounts = if self.consume_fuel { self.fuel_cost } else { FuelSchedule::V1.fuel_cost() };
        amounts.bytes_copied_per_fuel
    }

    /// How code is charged, if it is.
    pub(crate) fn metering(&self) -> Option<Arc<Metering>> {
        self.metering.clone()
    }

    /// Makes [`metering`](Self::metering) from the costs. No setter may be called afterwards.
    pub(crate) fn prepare_metering(&mut self) {
        let metering = || {
            let (schedule, operators, amounts) = self.prices();
            Arc::new(Metering::new(schedule, operators, amounts))
        };
        self.metering = self.is_metered().then(metering);
    }

    /// Height of value stacks in bytes.
    pub(crate) fn stack_bytes(&self) -> usize {
        self.max_stack_height.max(self.min_stack_height)
    }
}
