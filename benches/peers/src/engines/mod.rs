//! The engines. Each has a feature of this crate.

use crate::engine::Engine;

#[cfg(any(feature = "wasmi", feature = "wasmote"))]
mod wasmi_api;

#[cfg(feature = "sf-nano")]
mod sf_nano;
#[cfg(feature = "stitch")]
mod stitch;
#[cfg(feature = "tinywasm")]
mod tinywasm;
#[cfg(feature = "wasm3")]
mod wasm3;
#[cfg(feature = "wasmtime")]
mod wasmtime;

/// The dispatch of wasmi is chosen when it is compiled.
#[cfg(feature = "wasmi")]
const WASMI: &str = if cfg!(feature = "wasmi-portable") { "wasmi-portable" } else { "wasmi" };
#[cfg(feature = "wasmi")]
const WASMI_FUEL: &str = if cfg!(feature = "wasmi-portable") { "wasmi-portable-fuel" } else { "wasmi-fuel" };

/// Returns all engines of this build, in the order of the columns.
pub fn all() -> Vec<Box<dyn Engine>> {
    let mut engines: Vec<Box<dyn Engine>> = Vec::new();
    #[cfg(feature = "wasmi")]
    engines.push(Box::new(wasmi_api::wasmi::new(WASMI, ::wasmi::Config::default())));
    #[cfg(feature = "wasmote")]
    {
        engines.push(Box::new(wasmi_api::wasmote::new("wasmote", ::wasmote::Config::default())));
        let mut portable = ::wasmote::Config::default();
        portable.portable_dispatch(true);
        engines.push(Box::new(wasmi_api::wasmote::new("wasmote-portable", portable)));
    }
    // More columns show the cost of metering, and of epochs.
    #[cfg(feature = "wasmi")]
    {
        let mut metered = ::wasmi::Config::default();
        metered.consume_fuel(true);
        engines.push(Box::new(wasmi_api::wasmi::new(WASMI_FUEL, metered)));
    }
    #[cfg(feature = "wasmote")]
    {
        let mut metered = ::wasmote::Config::default();
        metered.consume_fuel(true);
        engines.push(Box::new(wasmi_api::wasmote::new("wasmote-fuel", metered)));
        let mut interrupted = ::wasmote::Config::default();
        interrupted.epoch_interruption(true);
        engines.push(Box::new(wasmi_api::wasmote::new("wasmote-epochs", interrupted)));
    }
    #[cfg(feature = "sf-nano")]
    engines.push(Box::new(sf_nano::SfNano::new()));
    #[cfg(feature = "stitch")]
    engines.push(Box::new(stitch::Stitch));
    #[cfg(feature = "wasm3")]
    engines.push(Box::new(wasm3::Wasm3));
    #[cfg(feature = "tinywasm")]
    engines.push(Box::new(tinywasm::TinyWasm));
    #[cfg(feature = "wasmtime")]
    engines.extend(wasmtime::all());
    engines
}
