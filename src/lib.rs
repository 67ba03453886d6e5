//! A WebAssembly interpreter that fits a microcontroller and is fast on a server.
//!
//! Function bodies are translated to a compact register code, which a loop-switch runs everywhere
//! and threaded code with tail calls where the target allows it. The public API has the names and
//! signatures of `wasmi`.
//!
//! The rooms of the library in the order in which a module passes through them:
//!
//! `binary` (bytes → module, validates all but bodies) → `module` (what a module is) → `validate` (types of
//! bodies) → `translate` (Wasm body → code) → `ir` (the instruction set) → `exec` (runs it) against `runtime`
//! (what lives in a store) ← `api` (what the embedder holds). `numerics` holds the semantics of operators;
//! `types`, `trap`, `error`, `config` and `limits` are what all of them use.

#![no_std]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

// `ir` holds the op table, a macro, and so stands before those who expand it.
#[macro_use]
mod ir;
// And these the list of proposals and the list of operators on numbers.
#[macro_use]
mod config;
#[macro_use]
mod validate;

mod binary;
mod module;
mod numerics;
mod translate;

mod exec;
mod runtime;

mod load;

mod api;

mod error;
mod limits;
mod trap;
mod types;

#[cfg(feature = "inspect")]
pub use crate::api::inspect::{CodeOp, OpName};
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
        linker::Linker,
        linker_builder::{LinkerBuilder, state},
        memory::Memory,
        module::{
            CustomSection, CustomSectionsIter, ExportType, ImportType, Module, ModuleExportsIter, ModuleImportsIter,
            WasmBytes,
        },
        resume::{
            ResumableCall, ResumableCallHostTrap, ResumableCallOutOfFuel, TypedResumableCall,
            TypedResumableCallHostTrap, TypedResumableCallOutOfFuel,
        },
        store::{CallHook, Store},
        table::Table,
        typed::TypedFunc,
        value::{ExternRef, Nullable, Ref, Val},
        wasm_ty::{WasmParams, WasmResults, WasmTy, WasmTyList},
    },
    config::{
        AvgBytesPerFunctionLimit, CompilationMode, Config, EnforcedLimits,
        costs::{CustomFuelCosts, OperatorCost},
        proposals::Proposal,
    },
    error::{
        Error, ErrorKind,
        backtrace::{FrameInfo, WasmBacktrace},
        host::HostError,
        kinds::LimiterError,
    },
    limits::{ResourceLimiter, StoreLimits, StoreLimitsBuilder},
    load::read::Read,
    trap::{InvalidTrapCode, TrapCode},
    types::{
        ArrayType, ExternType, F32, F64, FieldType, FuncType, GlobalType, HeapType, MemoryType, MemoryTypeBuilder,
        Mutability, RefType, StorageType, StructType, TableType, TagType, TypeId, V128, ValType,
    },
};

pub mod errors {
    //! The kinds of errors, each a closed set for one kind of operation.

    #[cfg(feature = "wat")]
    pub use crate::error::kinds::WatError;
    pub use crate::error::{
        ErrorKind, ResumableHostTrapError, ResumableOutOfFuelError,
        host::HostError,
        kinds::{
            EnforcedLimitsError, FuelError, FuncError, GlobalError, ImportName, InstantiationError, IrError,
            LimitsError, LinkerError, MemoryError, ReadError, TableError, TranslationError, WasmError,
        },
    };
}

/// The code of README.md, as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
