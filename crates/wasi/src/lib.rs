//! WASI preview 1, and snapshot 0 before it, for programs that run on Wasmote.
//!
//! A program sees only its [`WasiCtx`], which has nothing of this process unless the [`WasiCtxBuilder`] adds it. Files
//! are in preopened directories, of the host or in memory, and no path leads out of them. A program cannot make the
//! host panic, nor allocate without bound. Work of the host that grows with an operand costs fuel, if the engine meters it.
//!
//! [`add_to_linker`] has an example.
//!
//! A call enters through `linker`, which passes it to one of the `functions`. The function finds its operands in the
//! `ctx`: a descriptor in the `table`, a node of a file system in `fs`. `guest` checks every pointer; `abi` has the
//! layout of types in memory, and `snapshot0` the earlier layout. `threads` starts threads, `waits` bounds how long a function waits, and `meter`
//! counts the fuel that its work costs.

#![deny(unsafe_code)]

mod abi;
mod builder;
mod clocks;
pub mod compat;
mod ctx;
mod errno;
mod fs;
mod functions;
mod guest;
mod linker;
mod meter;
mod path;
mod random;
mod snapshot0;
mod stream;
mod table;
mod threads;
mod version;
mod waits;

pub use crate::{
    builder::{WasiCtxBuilder, WasiError},
    ctx::WasiCtx,
    errno::Errno,
    fs::memory::MemoryFileSystem,
    linker::add_to_linker,
    stream::CapturedOutput,
    threads::WasiThreads,
    version::WasiVersion,
};

/// The code of the page on WASI in the guide, as a test.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/src/wasi.md")]
struct Guide;
