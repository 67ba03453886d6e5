//! The embedder's interface (spec, Appendix > Embedding). Names and signatures follow `wasmi`, so that an embedder can
//! move over by changing its imports.
//!
//! ```text
//!   engine, module, store, own_stack, context     configuration, code, and the owner of everything else
//!   func, call, typed, resume, asynchronous       functions, and the ways to call them
//!   value, wasm_ty                                values, and Rust types for them
//!   global, memory, table, tag, external,
//!   instance                                      items of a store
//!   exception                                     exceptions of the host
//!   backtrace coredump                            calls that are under way, or were when code trapped
//!   shared_memory                                 memories of several stores
//!   epoch, interrupt                              interruption of running code
//!   host_func, host_funcs, async_host,
//!   caller, host                                  functions of the host, and calls of them by running code
//!   definitions, linker, linker_builder,
//!   instance_pre                                  imports by name
//!   inspect                                       internal code, for tests and tools
//! ```
//!
//! The files import each other without circles. To that end some types have methods in several files: `Func::typed` is
//! beside `TypedFunc`, `Func::call_resumable` beside `ResumableCall`, `Func::wrap` beside `IntoFunc`.

pub(crate) mod async_host;
pub(crate) mod asynchronous;
pub(crate) mod backtrace;
pub(crate) mod call;
pub(crate) mod caller;
pub(crate) mod context;
#[cfg(feature = "coredump")]
mod coredump;
pub(crate) mod definitions;
pub(crate) mod engine;
pub(crate) mod epoch;
#[cfg(feature = "exceptions")]
pub(crate) mod exception;
pub(crate) mod external;
pub(crate) mod func;
#[cfg(heap)]
pub(crate) mod gc;
pub(crate) mod global;
pub(crate) mod host;
pub(crate) mod host_func;
pub(crate) mod host_funcs;
#[cfg(feature = "inspect")]
pub(crate) mod inspect;
pub(crate) mod instance;
pub(crate) mod instance_pre;
pub(crate) mod interrupt;
pub(crate) mod linker;
pub(crate) mod linker_builder;
pub(crate) mod memory;
pub(crate) mod module;
pub(crate) mod own_stack;
pub(crate) mod precompiled;
pub(crate) mod resume;
#[cfg(feature = "threads")]
pub(crate) mod shared_memory;
pub(crate) mod store;
pub(crate) mod table;
#[cfg(feature = "exceptions")]
pub(crate) mod tag;
pub(crate) mod typed;
pub(crate) mod value;
pub(crate) mod wasm_ty;
