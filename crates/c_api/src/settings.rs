//! The settings of configurations that `wasmote.h` has.

use std::ffi::c_char;

use wasmote::{CompilationMode, EnforcedLimits, Proposal};

use crate::{config::CConfig, extend::text};

/// Defines functions that set a switch.
macro_rules! switches {
    ($($name:ident)*) => {
        pastey::paste! { $(
            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasmote_config_ $name>](config: *mut CConfig, enable: bool) {
                // SAFETY: C1.
                unsafe { &mut *config }.0.$name(enable);
            }
        )* }
    };
}

switches! { consume_fuel nan_canonicalization ignore_custom_sections allow_start_fn }

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_config_backtrace(config: *mut CConfig, enable: bool) {
    // SAFETY: C1.
    unsafe { &mut *config }.0.wasm_backtrace(enable);
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_config_feature(config: *mut CConfig, name: *const c_char, enable: bool) -> bool {
    // SAFETY: C1.
    let (config, name) = unsafe { (&mut *config, text(name)) };
    let Some(&proposal) = Proposal::ALL.iter().find(|proposal| proposal.name() == name) else { return false };
    config.0.proposal(proposal, enable);
    config.0.has_proposal(proposal) == enable
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_config_max_stack_height(config: *mut CConfig, bytes: usize) {
    // SAFETY: C1.
    unsafe { &mut *config }.0.set_max_stack_height(bytes);
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_config_max_recursion_depth(config: *mut CConfig, calls: usize) {
    // SAFETY: C1.
    unsafe { &mut *config }.0.set_max_recursion_depth(calls);
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_config_compilation_mode(config: *mut CConfig, mode: u8) -> bool {
    let mode = match mode {
        0 => CompilationMode::Eager,
        1 => CompilationMode::LazyTranslation,
        2 => CompilationMode::Lazy,
        _ => return false,
    };
    // SAFETY: C1.
    unsafe { &mut *config }.0.compilation_mode(mode);
    true
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_config_enforced_limits(config: *mut CConfig, limits: u8) -> bool {
    let limits = match limits {
        0 => EnforcedLimits::default(),
        1 => EnforcedLimits::strict(),
        2 => EnforcedLimits::chain(),
        3 => EnforcedLimits::firmware(),
        _ => return false,
    };
    // SAFETY: C1.
    unsafe { &mut *config }.0.enforced_limits(limits);
    true
}
