//! Runs WebAssembly: an interpreter to embed, on servers as well as on microcontrollers without an operating system.
//!
//! Function bodies are translated to the code of a register machine, in the same pass that validates them. Threaded
//! code with tail calls runs it where the target allows that, a loop around a `match` everywhere else. The public API
//! has the names and signatures of [`wasmi`](https://docs.rs/wasmi/2.0.0) 2.0.
//!
//! # Example
//!
//! ```
//! use wasmote::{Caller, Engine, Linker, Module, Store};
//!
//! # fn main() -> Result<(), wasmote::Error> {
//! let engine = Engine::default();
//! // Bytes of a binary module, or the text format.
//! let module = Module::new(
//!     &engine,
//!     r#"(module
//!         (import "host" "next" (func $next (result i32)))
//!         (func (export "sum") (result i32) (i32.add (call $next) (call $next))))"#,
//! )?;
//!
//! // A store owns everything that lives while code runs, and data of the host.
//! let mut store = Store::new(&engine, 20);
//! // A linker defines the imports of modules.
//! let mut linker = Linker::new(&engine);
//! linker.func_wrap("host", "next", |mut caller: Caller<'_, i32>| {
//!     *caller.data_mut() += 1;
//!     *caller.data()
//! })?;
//!
//! let instance = linker.instantiate_and_start(&mut store, &module)?;
//! let sum = instance.get_typed_func::<(), i32>(&store, "sum")?;
//! assert_eq!(sum.call(&mut store, ())?, 21 + 22);
//! # Ok(())
//! # }
//! ```
//!
//! # Where to go
//!
//! | task | types |
//! |---|---|
//! | choose proposals, limits, fuel, and when functions are translated | [`Config`], [`Engine`] |
//! | load a module: at once, while it arrives, or from flash | [`Module`] |
//! | define imports | [`Linker`], [`LinkerBuilder`], [`Caller`] |
//! | make instances, many of one module or into one store again and again | [`InstancePre`], [`Store::reset`] |
//! | call functions | [`TypedFunc`], [`Func`], [`ResumableCall`] |
//! | access memories, tables, globals | [`Memory`], [`Table`], [`Global`] |
//! | hold references to what is collected, make structs and arrays | `Rooted`, `RootScope`, `StructRef`, `ArrayRef` |
//! | let threads share a memory (feature `threads`) | `SharedMemory` |
//! | interrupt code | [`Config::epoch_interruption`], [`Engine::increment_epoch`], [`InterruptHandle`] |
//! | wait for asynchronous host functions | [`Linker::func_wrap_async`], [`TypedFunc::call_async`] |
//! | bound what a module uses | [`Store::set_fuel`], [`ResourceLimiter`], [`EnforcedLimits`] |
//! | find out what failed | [`Error`], [`TrapCode`], [`WasmBacktrace`] |
//!
//! The crate `wasmote-wasi` of the repository adds WASI to a [`Linker`].
//!
//! # Features
//!
//! | feature | default | effect |
//! |---|---|---|
//! | `std` | yes | Uses the standard library. Without it, `core` and `alloc` are enough. |
//! | `wat` | yes | [`Module::new`] accepts the text format as well. |
//! | `sequences` | yes | Threaded dispatch has handlers for frequent sequences of ops: faster and larger. |
//! | `simd` | yes | The operators on vectors. |
//! | `memory64` | yes | 64-bit memories and tables are on by default: [`Config::wasm_memory64`]. |
//! | `gc` | yes | Structs, arrays and i31 references: [`Config::wasm_gc`]. |
//! | `exceptions` | yes | Exceptions, which live on the same heap: [`Config::wasm_exceptions`], [`Config::wasm_legacy_exceptions`]. |
//! | `threads` | no | Shared memories and atomic operators: [`Config::wasm_threads`]. Threads can wait in them with `std`. |
//! | `parallel` | no | Several threads translate a large module. The code is the same. |
//! | `loader` | yes | [`Module::new`]: without it, the library runs artefacts alone. |
//! | `floats` | yes | Floating-point operators. |
//! | `small` | no | Half of the internal ops: slower, and much smaller. Artefacts made with it run everywhere. |
//! | `multi-memory` | yes | Several memories in builds with `small`; other builds always have them. |
//! | `tail-call` | yes | Tail calls in builds with `small`; other builds always have them. |
//! | `function-references` | yes | Typed references to functions in builds with `small`; other builds always have them. |
//! | `wide-arithmetic` | yes | Wide arithmetic in builds with `small`; other builds always have it. |
//! | `interruption` | yes | [`Config::epoch_interruption`] and [`Store::fuel_async_yield_interval`] in builds with `small`; other builds always have them. |
//! | `serialize` | yes | [`Module::serialize`] and [`Engine::precompile_module`] write artefacts: modules that are translated already. |
//! | `verify` | yes | [`Module::deserialize_checked`] loads artefacts that nobody vouches for. |
//! | `addr2line` | no | Backtraces have files and lines, from the debug information of modules: [`Config::wasm_backtrace_details`]. |
//! | `coredump` | no | `Config::coredump_on_trap` and `WasmCoreDump`: what a store was when code trapped, for debuggers. |
//! | `inspect` | no | `Module::disassemble`, `Module::ops` and `Module::verify_code` show and check internal code. |
//! | `count-ops` | no | `Store::op_counts` counts how often each op is executed. Slow. |
//! | `portable-dispatch` | no | Always uses the loop around a `match`. |
//! | `deterministic` | no | NaNs are canonical by default: [`Config::nan_canonicalization`]. |
//! | `wasmi-defaults` | no | [`Config`] starts like that of `wasmi` 2.0, where it is wider here. |
//!
//! The other names of the features of `wasmi` are accepted and have no effect.

#![no_std]
#![deny(unsafe_code)]
#![cfg_attr(
    not(all(feature = "loader", feature = "floats", feature = "verify")),
    allow(dead_code, unused_macros, reason = "for the loader, and for floats")
)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

// `ir` defines the op table, a macro, so it comes before the modules that expand the table.
#[macro_use]
mod ir;
// Likewise the table of operators, and the list of proposals.
#[macro_use]
mod operators;
#[macro_use]
mod config;

#[cfg(feature = "loader")]
mod binary;
mod collections;
mod module;
mod numerics;
#[cfg(feature = "loader")]
mod translate;
#[cfg(feature = "loader")]
mod validate;

mod exec;
mod runtime;

mod image;
#[cfg(feature = "loader")]
mod load;

mod api;

mod error;
mod limits;
mod trap;
mod types;

#[cfg(host_refs)]
pub use crate::api::gc::{
    any::I31,
    arrays::ArrayRefPre,
    reference::{AnyRef, ArrayRef, EqRef, ExnRef, GcRef, OwnedRooted, Rooted, StructRef},
    scope::RootScope,
    structs::StructRefPre,
};
#[cfg(feature = "inspect")]
pub use crate::api::inspect::{CodeOp, OpName};
#[cfg(feature = "threads")]
pub use crate::api::shared_memory::SharedMemory;
#[cfg(all(feature = "threads", feature = "std"))]
pub use crate::api::shared_memory::WaitResult;
#[cfg(feature = "exceptions")]
pub use crate::api::{exception::Exception, tag::Tag};
#[cfg(feature = "coredump")]
pub use crate::error::coredump::WasmCoreDump;
#[cfg(feature = "exceptions")]
pub use crate::error::exception::ThrownException;
#[cfg(feature = "loader")]
pub use crate::load::read::Read;
pub use crate::{
    api::{
        caller::Caller,
        context::{AsContext, AsContextMut, StoreContext, StoreContextMut},
        engine::{Dispatch, Engine, EngineWeak},
        external::Extern,
        func::Func,
        global::Global,
        host_func::{IntoFunc, WasmRet},
        instance::{Export, ExportsIter, Instance},
        instance_pre::InstancePre,
        interrupt::InterruptHandle,
        linker::Linker,
        linker_builder::{LinkerBuilder, state},
        memory::Memory,
        module::{
            CustomSection, CustomSectionsIter, ExportType, ImportType, Module, ModuleExportsIter, ModuleImportsIter,
            WasmBytes,
        },
        precompiled::Precompiled,
        resume::{
            ResumableCall, ResumableCallHostTrap, ResumableCallOutOfFuel, TypedResumableCall,
            TypedResumableCallHostTrap, TypedResumableCallOutOfFuel,
        },
        store::{CallHook, Store, UpdateDeadline},
        table::Table,
        typed::TypedFunc,
        value::{ExternRef, Nullable, Ref, Val},
        wasm_ty::{WasmParams, WasmResults, WasmTy, WasmTyList},
    },
    config::{
        AvgBytesPerFunctionLimit, CompilationMode, Config, EnforcedLimits, WasmBacktraceDetails,
        costs::{CustomFuelCosts, OperatorCost},
        crate_features::FEATURES,
        fuel::{FuelCosts, FuelSchedule},
        proposals::Proposal,
    },
    error::{
        Error, ErrorKind,
        backtrace::{FrameInfo, FrameSymbol, WasmBacktrace},
        host::HostError,
        kinds::LimiterError,
    },
    limits::{ResourceLimiter, StoreLimits, StoreLimitsBuilder},
    trap::{InvalidTrapCode, TrapCode},
    types::{
        ArrayType, ExternType, F32, F64, FieldType, FuncType, GlobalType, HeapType, MemoryType, MemoryTypeBuilder,
        Mutability, RefType, StorageType, StructType, TableType, TagType, TypeId, V128, ValType,
    },
};

pub mod errors {
    //! The kinds of errors, each a closed set for one kind of operation.

    #[cfg(host_refs)]
    pub use crate::error::kinds::RefError;
    #[cfg(feature = "wat")]
    pub use crate::error::kinds::WatError;
    pub use crate::error::{
        ErrorKind, ResumableHostTrapError, ResumableOutOfFuelError,
        host::HostError,
        kinds::{
            ArtefactError, AsyncError, EnforcedLimitsError, FuelError, FuncError, GlobalError, ImportName,
            InstantiationError, IrError, LimitsError, LinkerError, MemoryError, ReadError, TableError,
            TranslationError, WasmError,
        },
    };
}

/// The code of README.md, as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The code of SECURITY.md, as a test.
#[cfg(doctest)]
#[doc = include_str!("../SECURITY.md")]
struct Security;

/// The code of the guide, as tests. That of its page on WASI is a test of `wasmote-wasi`.
#[cfg(doctest)]
#[doc = include_str!("../docs/guide/src/start.md")]
#[doc = include_str!("../docs/guide/src/host-functions.md")]
#[doc = include_str!("../docs/guide/src/memory.md")]
#[doc = include_str!("../docs/guide/src/references.md")]
#[doc = include_str!("../docs/guide/src/limits.md")]
#[doc = include_str!("../docs/guide/src/threads.md")]
#[doc = include_str!("../docs/guide/src/async.md")]
#[doc = include_str!("../docs/guide/src/plugins.md")]
#[doc = include_str!("../docs/guide/src/firmware.md")]
#[doc = include_str!("../docs/guide/src/chains.md")]
#[doc = include_str!("../docs/guide/src/from-wasmi.md")]
#[doc = include_str!("../docs/guide/src/from-wasmtime.md")]
struct Guide;
