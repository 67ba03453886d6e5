//! Modules are valid here exactly if they are valid with `wasmi` 2.0 and the same features.

use wasmi::{Config, Engine, FuelSchedule, Module, Proposal};

/// What `wasmi` 2.0 has on by default, with the features that this test is built with.
fn on_in_wasmi(proposal: Proposal) -> bool {
    match proposal {
        Proposal::MutableGlobal
        | Proposal::SignExtension
        | Proposal::SaturatingFloatToInt
        | Proposal::MultiValue
        | Proposal::MultiMemory
        | Proposal::BulkMemory
        | Proposal::ReferenceTypes
        | Proposal::TailCall
        | Proposal::ExtendedConst
        | Proposal::Floats => true,
        Proposal::Memory64 => cfg!(feature = "memory64"),
        Proposal::Simd | Proposal::RelaxedSimd => cfg!(feature = "simd"),
        _ => false,
    }
}

#[test]
fn the_same_proposals_are_on() {
    let config = Config::default();
    for &proposal in Proposal::ALL {
        assert_eq!(config.has_proposal(proposal), on_in_wasmi(proposal), "{proposal}");
    }
}

#[test]
fn modules_of_other_proposals_are_refused() {
    let validates = |text: &str| {
        let wasm = wat::parse_str(text).unwrap();
        Module::new(&Engine::default(), wasm).is_ok()
    };
    assert!(validates("(module (memory 1) (memory 1))"));
    assert!(validates("(module (func $f (return_call $f)))"));
    assert_eq!(validates("(module (memory i64 1))"), cfg!(feature = "memory64"));
    assert_eq!(validates("(module (func (param v128)))"), cfg!(feature = "simd"));
    for text in [
        "(module (type $f (func)) (func (param (ref $f))))",
        "(module (memory 1 1 shared))",
        "(module (type (struct (field i32))))",
        "(module (tag (param i32)))",
        "(module (memory 1 (pagesize 1)))",
        "(module (func (param i64 i64 i64 i64) (result i64 i64)
            (i64.add128 (local.get 0) (local.get 1) (local.get 2) (local.get 3))))",
    ] {
        assert!(!validates(text), "{text}");
    }
}

#[test]
fn fuel_counts_as_in_wasmi() {
    let mut config = Config::default();
    let engine = Engine::new(config.consume_fuel(true));
    let text = "(module (memory 100) (func (export \"run\") (result i32) (i32.add (i32.const 1) (i32.const 2))))";
    let module = Module::new(&engine, wat::parse_str(text).unwrap()).unwrap();
    // Instantiation costs nothing there.
    assert_eq!(module.instantiation_fuel(), 0);
    assert_eq!(config.clone().fuel_schedule(FuelSchedule::Wasmi2).clone().has_proposal(Proposal::Floats), true);
}

#[test]
fn features_are_those_of_wasmi() {
    assert_eq!(wasmi::FEATURES.contains(&"simd"), cfg!(feature = "simd"));
    assert_eq!(wasmi::FEATURES.contains(&"wat"), cfg!(feature = "wat"));
    assert!(wasmi::FEATURES.contains(&"wasmi-defaults"));
    assert!(!wasmi::FEATURES.contains(&"threads"));
}
