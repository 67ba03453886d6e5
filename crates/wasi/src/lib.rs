//! WASI preview 1, and snapshot 0 before it, for programs that run on Wasmote.
//!
//! A program sees what its [`WasiCtx`] has: nothing of this process unless the [`WasiCtxBuilder`] was told so. Files
//! lie in directories that are handed out, of the host or in memory, and no path leads out of them. Nothing that a
//! program does makes the host panic or allocate without bound.
//!
//! See [`add_to_linker`] for a program that says hello.
//!
//! A call comes in by `linker`, goes through one of the `functions`, which finds what it works on in the `ctx`: a
//! descriptor in the `table`, a node of a file system under `fs`. `guest` checks every pointer; `abi` knows how things
//! lie in memory, and `snapshot0` how they did before.

#![deny(unsafe_code)]

mod abi;
mod builder;
mod clocks;
mod ctx;
mod errno;
mod fs;
mod functions;
mod guest;
mod linker;
mod path;
mod random;
mod snapshot0;
mod stream;
mod table;
mod version;

pub use crate::{
    builder::{WasiCtxBuilder, WasiError},
    ctx::WasiCtx,
    errno::Errno,
    fs::memory::MemoryFileSystem,
    linker::add_to_linker,
    stream::CapturedOutput,
    version::WasiVersion,
};
