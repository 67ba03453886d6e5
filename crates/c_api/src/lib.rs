//! The C API of Wasmote: every function of the standard header `wasm.h`, and those of `wasmote.h`.
//!
//! The headers are in `include`, and describe each function. The files of this crate hold a kind of things each:
//!
//! ```text
//!   vec, types            vectors, and types of values and items
//!   config                configurations and engines
//!   confined, store       stores, and who may use one when
//!   key, object, refs     references to what is in a store or beside it, and the functions that all of them have
//!   value                 values, in and out
//!   failure, trap         traps and frames
//!   module, instance      modules and their instances
//!   func, items           functions; globals, tables and memories
//!   extend, settings,
//!   linker, wasi, resume  what is in `wasmote.h` alone
//! ```
//!
//! Every `unsafe` block relies on what the headers ask of the caller:
//!
//! | | |
//! |---|---|
//! | C1 | A pointer is what the header says: to a value of its type that this library made and that was not deleted, to a vector or a value that is initialized, to as many elements as are said beside it, or to room for a result. |
//! | C2 | What is owned was made by this library, or allocated by the allocator that it uses, and is given away once. |
//! | C3 | One thread at a time uses a store and everything that belongs to it. |
//! | C4 | The context of a store is that of the innermost host function under way, or that of the store itself. |
//!
//! No panic leaves this library. A function that can report an error reports one if it panics; in others the process
//! aborts, as Rust defines for `extern "C"`.

#[macro_use]
mod vec;

mod config;
mod confined;
mod extend;
mod failure;
mod func;
mod instance;
mod items;
mod key;
mod linker;
mod module;
mod object;
mod refs;
mod resume;
mod settings;
mod store;
mod trap;
mod types;
mod value;
#[cfg(feature = "wasi")]
mod wasi;

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `body`. If it panics, returns what `fallback` returns.
fn guarded<R>(body: impl FnOnce() -> R, fallback: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| fallback())
}
