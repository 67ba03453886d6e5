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
    // Instantiation costs nothing there, and each stretch of code costs 1 besides its operators.
    assert_eq!(module.instantiation_fuel(), 0);
    let mut store = wasmi::Store::new(&engine, ());
    let instance = wasmi::Instance::new(&mut store, &module, &[]).unwrap();
    store.set_fuel(100).unwrap();
    let run = instance.get_typed_func::<(), i32>(&store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), 3);
    assert_eq!(store.get_fuel().unwrap(), 100 - 4);
    assert_eq!(FuelSchedule::default(), FuelSchedule::V1, "a schedule that is named has its own numbers");
}

#[test]
fn features_are_those_of_wasmi() {
    assert_eq!(wasmi::FEATURES.contains(&"simd"), cfg!(feature = "simd"));
    assert_eq!(wasmi::FEATURES.contains(&"wat"), cfg!(feature = "wat"));
    assert!(wasmi::FEATURES.contains(&"wasmi-defaults"));
    assert!(!wasmi::FEATURES.contains(&"threads"));
}

#[test]
fn what_wasmi_lacks_stays_off() {
    let mut config = Config::default();
    for &proposal in Proposal::ALL {
        config.proposal(proposal, true);
        let optional = matches!(proposal, Proposal::CustomPageSizes | Proposal::WideArithmetic);
        let there = matches!(proposal, Proposal::Memory64 | Proposal::Simd | Proposal::RelaxedSimd);
        assert_eq!(config.has_proposal(proposal), optional || there || on_in_wasmi(proposal), "{proposal}");
    }
}

/// Programs match all variants.
#[test]
fn types_have_the_variants_of_wasmi() {
    fn reference(ty: wasmi::RefType) -> &'static str {
        match ty {
            wasmi::RefType::Func => "funcref",
            wasmi::RefType::Extern => "externref",
        }
    }
    fn name(ty: wasmi::ValType) -> &'static str {
        match ty {
            wasmi::ValType::I32 => "i32",
            wasmi::ValType::I64 => "i64",
            wasmi::ValType::F32 => "f32",
            wasmi::ValType::F64 => "f64",
            wasmi::ValType::V128 => "v128",
            wasmi::ValType::FuncRef => reference(wasmi::RefType::Func),
            wasmi::ValType::ExternRef => reference(wasmi::RefType::Extern),
        }
    }
    fn is_null(value: &wasmi::Val) -> Option<bool> {
        match value {
            wasmi::Val::I32(_) | wasmi::Val::I64(_) | wasmi::Val::F32(_) | wasmi::Val::F64(_) | wasmi::Val::V128(_) => {
                None
            }
            wasmi::Val::FuncRef(func) => Some(func.is_null()),
            wasmi::Val::ExternRef(object) => Some(object.is_null()),
        }
    }
    fn kind(item: wasmi::Extern, store: &wasmi::Store<()>) -> &'static str {
        match (item, item.ty(store)) {
            (wasmi::Extern::Func(_), wasmi::ExternType::Func(_)) => "func",
            (wasmi::Extern::Table(_), wasmi::ExternType::Table(_)) => "table",
            (wasmi::Extern::Memory(_), wasmi::ExternType::Memory(_)) => "memory",
            (wasmi::Extern::Global(_), wasmi::ExternType::Global(_)) => "global",
            (
                wasmi::Extern::Func(_) | wasmi::Extern::Table(_) | wasmi::Extern::Memory(_) | wasmi::Extern::Global(_),
                _,
            ) => unreachable!(),
        }
    }

    let engine = Engine::default();
    let text = r#"(module
        (memory (export "m") 1) (global (export "g") i64 (i64.const 1)) (table $t (export "t") 1 externref)
        (func (export "f") (param i32 i64 f32 f64 funcref externref) (result externref funcref)
            (local.get 5) (local.get 4)))"#;
    let module = Module::new(&engine, wat::parse_str(text).unwrap()).unwrap();
    let mut store = wasmi::Store::new(&engine, ());
    let instance = wasmi::Instance::new(&mut store, &module, &[]).unwrap();
    let kinds: Vec<_> =
        instance.exports(&store).map(|export| export.into_extern()).map(|item| kind(item, &store)).collect();
    assert_eq!(kinds, ["memory", "global", "table", "func"]);
    let table = instance.get_table(&store, "t").unwrap();
    assert_eq!(reference(table.ty(&store).element()), "externref");
    let func = instance.get_func(&store, "f").unwrap();
    let ty = func.ty(&store);
    let names: Vec<_> = ty.params().iter().chain(ty.results()).map(|ty| name(*ty)).collect();
    assert_eq!(names.join(" "), "i32 i64 f32 f64 funcref externref externref funcref");
    assert_eq!(ty.to_string().matches("externref").count(), 2);

    let object = wasmi::ExternRef::new(&mut store, 5_u8);
    let zeros = ty.params().iter().map(|ty| wasmi::Val::default(*ty));
    let mut args: Vec<_> = zeros.take(4).collect();
    args.push(wasmi::Val::FuncRef(func.into()));
    args.push(wasmi::Val::ExternRef(object.into()));
    let mut results = [wasmi::Val::I32(0), wasmi::Val::I32(0)];
    func.call(&mut store, &args, &mut results).unwrap();
    assert_eq!(results.each_ref().map(is_null), [Some(false); 2]);
    args.swap(4, 5);
    assert!(func.call(&mut store, &args, &mut results).is_err());
}
