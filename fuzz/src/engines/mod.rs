//! The engines: this library and the ones that it is compared with.

mod twins;
#[cfg(feature = "wasmtime")]
pub mod wasmtime;

pub use twins::{Fuel, ours, wasmi};
