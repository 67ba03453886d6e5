//! Configurations and engines: `wasm_config_t`, `wasm_engine_t`.

use wasmote::{Config, Engine};

use crate::vec::{delete, into_raw, take};

/// `wasm_config_t`
pub(crate) struct CConfig(pub(crate) Config);

#[unsafe(no_mangle)]
extern "C" fn wasm_config_new() -> *mut CConfig {
    into_raw(CConfig(Config::default()))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_config_delete(config: *mut CConfig) {
    // SAFETY: C2.
    unsafe { delete(config) };
}

#[unsafe(no_mangle)]
extern "C" fn wasm_engine_new() -> *mut Engine {
    into_raw(Engine::default())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_engine_new_with_config(config: *mut CConfig) -> *mut Engine {
    // SAFETY: C2.
    let config = unsafe { take(config) }.map_or_else(Config::default, |config| config.0);
    into_raw(Engine::new(&config))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_engine_delete(engine: *mut Engine) {
    // SAFETY: C2.
    unsafe { delete(engine) };
}
