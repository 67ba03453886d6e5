//! Artefacts are read as they were written, and code that could do harm is refused.

use alloc::{string::ToString, vec, vec::Vec};

use crate::{
    Config, Engine, Linker, Module, Proposal, Store, TrapCode, Val,
    error::{ErrorKind, kinds::ArtefactError},
    image::format::{Section, checksum},
    ir::{
        encode::{Operand, encode},
        opcode::Row,
        operand::Slot,
    },
};

/// Functions that fill in code, and something of every kind around them.
const SAMPLE: &str = r#"(module
    (type $pair (func (param i32 i32) (result i32)))
    (import "host" "double" (func $double (param i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 8) "abcdefgh") (data $passive "xyz")
    (table $functions 4 funcref) (elem (i32.const 1) $add $double)
    (table $external 2 externref)
    (global $count (mut i64) (i64.const 7))
    (func $add (export "add") (type $pair) (i32.add (local.get 0) (local.get 1)))
    (func $victim (export "victim") (param i64) (result i64) (local i64)
        (loop $again
            (local.set 1 (i64.add (local.get 1) (local.get 0)))
            (local.set 0 (i64.sub (local.get 0) (i64.const 1)))
            (br_if $again (i64.ne (local.get 0) (i64.const 0))))
        (global.set $count (local.get 1))
        (i64.store (i32.const 16) (local.get 1))
        (i64.load (i32.const 16)))
    (func (export "indirect") (param i32) (result i32)
        (call_indirect (type $pair) (i32.const 1) (i32.const 2) (local.get 0)))
    (func (export "init") (memory.init $passive (i32.const 0) (i32.const 0) (i32.const 3)))
    (func (export "get") (param i32) (result funcref) (table.get $functions (local.get 0))))"#;

fn engine(metered: bool) -> Engine {
    let mut config = Config::default();
    for &proposal in Proposal::ALL {
        config.proposal(proposal, true);
    }
    Engine::new(config.consume_fuel(metered))
}

fn sample(engine: &Engine) -> Vec<u8> {
    Module::new(engine, SAMPLE).unwrap().serialize().unwrap()
}

/// Returns where a section is in an artefact.
fn section(artefact: &[u8], section: Section) -> core::ops::Range<usize> {
    let word = |at: usize| u32::from_le_bytes(artefact[at..at + 4].try_into().unwrap()) as usize;
    let entry = (0..word(44)).map(|i| 48 + 12 * i).find(|&at| word(at) == section as usize).unwrap();
    word(entry + 4)..word(entry + 4) + word(entry + 8)
}

/// Makes the checksum right.
fn seal(artefact: &mut [u8]) {
    let sum = checksum(artefact);
    artefact[32..40].copy_from_slice(&sum.to_le_bytes());
}

/// Replaces the code of the function `victim`, which takes and returns one cell, and the length of its frame.
fn with_code(engine: &Engine, code: &[u16], frame_cells: u32) -> Vec<u8> {
    let mut artefact = sample(engine);
    let (bodies, units) = (section(&artefact, Section::Bodies), section(&artefact, Section::Code));
    let word = |artefact: &[u8], at: usize| u32::from_le_bytes(artefact[at..at + 4].try_into().unwrap());
    let victim = bodies.start + 12;
    let (start, end) = (word(&artefact, victim) as usize, word(&artefact, victim + 12) as usize);
    let mut code = code.to_vec();
    assert!(code.len() < end - start, "{} units do not fit", code.len());
    // Fill the rest of the body with ops of two units, and with one of three units if the rest is odd.
    if (end - start - code.len()) % 2 == 1 {
        encode(&mut code, &[], Row::consume_fuel, [], [0]);
    }
    while code.len() < end - start {
        encode(&mut code, &[], Row::unreachable, [], [0]);
    }
    assert_eq!(code.len(), end - start);
    for (bytes, unit) in artefact[units][2 * start..].chunks_mut(2).zip(code) {
        bytes.copy_from_slice(&unit.to_le_bytes());
    }
    artefact[victim + 4..victim + 8].copy_from_slice(&0_u32.to_le_bytes());
    artefact[victim + 8..victim + 12].copy_from_slice(&frame_cells.to_le_bytes());
    seal(&mut artefact);
    artefact
}

fn slot(slot: u16) -> Operand {
    Operand::slot(Slot(slot))
}

/// Asserts that the code is refused where only `harm` differs from code that is accepted.
fn refused(metered: bool, harm: &[u16], frame_cells: u32) {
    let engine = engine(metered);
    let mut fine = Vec::new();
    if metered {
        encode(&mut fine, &[], Row::consume_fuel, [], [1]);
    }
    let mut code = [&fine[..], harm].concat();
    for code in [&mut fine, &mut code] {
        encode(code, &[], Row::ret_value_1, [slot(0)], []);
    }
    let loaded = Module::deserialize_checked(&engine, with_code(&engine, &fine, 40));
    assert!(loaded.is_ok(), "{:?}", loaded.err());
    let error = Module::deserialize_checked(&engine, with_code(&engine, &code, frame_cells)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Artefact(ArtefactError::Unsafe { func: 2 })), "{error}");
}

/// Like `refused`, for one op without fuel.
fn refused_op<const N: usize, const R: usize>(row: Row, operands: [Operand; N], rest: [u64; R]) {
    let mut code = Vec::new();
    encode(&mut code, &[], row, operands, rest);
    refused(false, &code, 40);
}

#[test]
fn modules_are_read_as_they_were_written() {
    for metered in [false, true] {
        let engine = engine(metered);
        let artefact = sample(&engine);
        assert!(Engine::detect_precompiled(&artefact).is_some() && Engine::detect_precompiled(b"\0asm").is_none());
        let module = Module::deserialize_checked(&engine, artefact.clone()).unwrap();
        assert_eq!(module.serialize().unwrap(), artefact, "written again");
        let original = Module::new(&engine, SAMPLE).unwrap();
        let exports = |module: &Module| module.exports().map(|export| alloc::format!("{export:?}")).collect::<Vec<_>>();
        assert_eq!(exports(&module), exports(&original));
        let mut store = Store::new(&engine, ());
        if metered {
            store.set_fuel(10_000).unwrap();
        }
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "double", |x: i32| 2 * x).unwrap();
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        let mut call = |name: &str, params: &[Val]| {
            let func = instance.get_func(&store, name).unwrap();
            let mut results = vec![Val::I32(0); func.ty(&store).results().len()];
            func.call(&mut store, params, &mut results).map(|()| results)
        };
        assert!(matches!(call("add", &[Val::I32(3), Val::I32(4)]).unwrap()[..], [Val::I32(7)]));
        assert!(matches!(call("victim", &[Val::I64(4)]).unwrap()[..], [Val::I64(10)]));
        assert!(matches!(call("indirect", &[Val::I32(1)]).unwrap()[..], [Val::I32(3)]));
        let trap = call("indirect", &[Val::I32(2)]).unwrap_err();
        assert_eq!(trap.as_trap_code(), Some(TrapCode::BadSignature));
        call("init", &[]).unwrap();
        if metered {
            let spent = 10_000 - store.get_fuel().unwrap();
            let mut other = Store::new(&engine, ());
            other.set_fuel(10_000).unwrap();
            let instance = linker_of(&engine).instantiate_and_start(&mut other, &original).unwrap();
            for (name, params) in [("add", &[3, 4][..]), ("indirect", &[1]), ("indirect", &[2])] {
                let params: Vec<_> = params.iter().map(|&param| Val::I32(param)).collect();
                let func = instance.get_func(&other, name).unwrap();
                let _ = func.call(&mut other, &params, &mut [Val::I32(0)]);
            }
            instance.get_typed_func::<i64, i64>(&other, "victim").unwrap().call(&mut other, 4).unwrap();
            instance.get_typed_func::<(), ()>(&other, "init").unwrap().call(&mut other, ()).unwrap();
            assert_eq!(spent, 10_000 - other.get_fuel().unwrap(), "fuel");
        }
    }
}

fn linker_of(engine: &Engine) -> Linker<()> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "double", |x: i32| 2 * x).unwrap();
    linker
}

#[test]
#[allow(unsafe_code, reason = "the test has written the artefact itself")]
fn code_in_static_memory_is_not_copied() {
    let engine = Engine::new(Config::default().portable_dispatch(true));
    let artefact: &'static [u8] = sample(&engine).leak();
    // SAFETY: I1 to I5: the bytes are those that were written.
    let module = unsafe { Module::deserialize_static(&engine, artefact) }.unwrap();
    let (code, _) = module.code().eager_code(0).unwrap();
    assert!(artefact.as_ptr_range().contains(&code.as_ptr().cast()));
    let mut store = Store::new(&engine, ());
    let instance = linker_of(&engine).instantiate_and_start(&mut store, &module).unwrap();
    instance.get_typed_func::<(i32, i32), i32>(&store, "add").unwrap().call(&mut store, (1, 2)).unwrap();
    let entered = module.code().entries[0].code.load(core::sync::atomic::Ordering::Relaxed);
    assert!(artefact.as_ptr_range().contains(&entered.cast_const()), "it runs where it lies");
}

/// Artefacts have no operators of constant expressions that make objects, or convert references.
#[cfg(feature = "gc")]
#[test]
fn constant_objects_are_refused() {
    for init in [
        "externref (extern.convert_any (ref.null any))",
        "anyref (any.convert_extern (ref.null extern))",
        "i31ref (ref.i31 (i32.const 5))",
        "anyref (struct.new $empty)",
    ] {
        let wat = alloc::format!("(module (type $empty (struct)) (global {init}))");
        let error = Module::new(&engine(false), wat).unwrap().serialize().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Artefact(ArtefactError::Unsupported { .. })), "{init}: {error}");
    }
}

#[test]
fn bytes_that_are_not_aligned_are_copied() {
    let engine = engine(false);
    for padding in [0, 1] {
        // One of the two is at an odd address.
        let bytes = [vec![0; padding], sample(&engine)].concat().leak();
        let module = Module::deserialize_checked(&engine, &bytes[padding..]).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = linker_of(&engine).instantiate_and_start(&mut store, &module).unwrap();
        let add = instance.get_typed_func::<(i32, i32), i32>(&store, "add").unwrap();
        assert_eq!(add.call(&mut store, (1, 2)).unwrap(), 3);
    }
}

#[test]
fn damage_is_found_and_nothing_panics() {
    let engine = engine(false);
    let artefact = sample(&engine);
    for len in 0..artefact.len() {
        assert!(Module::deserialize_checked(&engine, artefact[..len].to_vec()).is_err(), "{len} bytes");
    }
    for at in 0..artefact.len() {
        let mut changed = artefact.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(Module::deserialize_checked(&engine, changed.clone()).is_err(), "byte {at}");
        // With the right checksum it may be another module, but loading ends.
        seal(&mut changed);
        drop(Module::deserialize_checked(&engine, changed));
    }
}

#[test]
fn other_engines_refuse_artefacts() {
    let artefact = sample(&engine(false));
    let refusal = |config: &Config| {
        let error = Module::deserialize_checked(&Engine::new(config), artefact.clone()).unwrap_err();
        let ErrorKind::Artefact(refusal) = *error.kind() else { panic!("{error}") };
        refusal
    };
    assert!(matches!(refusal(Config::default().consume_fuel(true)), ArtefactError::OtherFuel { metered: false }));
    assert!(matches!(refusal(Config::default().nan_canonicalization(true)), ArtefactError::OtherNans { .. }));
    let refused = refusal(Config::default().wasm_reference_types(false));
    assert!(matches!(refused, ArtefactError::SwitchedOff { what: "reference-types" }), "{refused}");
    let mut costs = Config::default().consume_fuel(true).clone();
    let metered = sample(&engine(true));
    costs.operator_cost(crate::OperatorCost { i32_add: 5, ..crate::OperatorCost::default() });
    assert!(Module::deserialize_checked(&Engine::new(&costs), metered).is_err());
    let limits = crate::EnforcedLimits { max_functions: Some(2), ..crate::EnforcedLimits::default() };
    let error = Module::deserialize_checked(&Engine::new(Config::default().enforced_limits(limits)), artefact.clone());
    assert!(error.unwrap_err().to_string().contains("limit of 2 functions"));
}

#[test]
fn ops_outside_of_functions_are_refused() {
    refused_op(Row::translate, [], []);
    refused_op(Row::restore_instance, [], []);
    refused_op(Row::halt, [], []);
}

#[test]
fn frames_that_wrap_are_refused() {
    refused(false, &[], u32::MAX);
    refused(false, &[], 0x1_0000);
}

#[test]
fn arguments_outside_of_the_frame_are_refused() {
    // Even if there are none of them: function 4 has no parameters.
    let (link, new_link) = (1, 0);
    refused_op(Row::return_call, [], [30_000, 0, link, new_link, 3]);
}

#[test]
fn forged_references_are_refused() {
    // The parameter is an i64; table 0 has functions, and global 0 is a number.
    refused_op(Row::table_set, [slot(0), slot(0)], [0]);
    let base = |row: Row, rest: [u64; 3]| {
        let mut code = Vec::new();
        for dst in 3..6 {
            encode(&mut code, &[], Row::copy, [slot(dst), slot(0)], []);
        }
        encode(&mut code, &[], row, [], rest);
        refused(false, &code, 40);
    };
    base(Row::table_fill, [3, 0, 0]);
    base(Row::table_grow, [3, 0, 0]);
    // Tables of other types of elements.
    base(Row::table_copy, [3, 0, 1]);
    refused_op(Row::call_ref, [slot(0)], [10, 12, 0]);
    refused_op(Row::ref_as_non_null, [slot(0)], []);
    // A reference that is used as a number.
    let mut code = Vec::new();
    encode(&mut code, &[], Row::ref_func, [slot(3)], [1]);
    encode(&mut code, &[], Row::i64_add, [slot(4), slot(3), slot(0)], []);
    refused(false, &code, 40);
    let mut code = Vec::new();
    encode(&mut code, &[], Row::ref_func, [slot(0)], [1]);
    refused(false, &code, 40);
}

#[test]
fn cells_that_were_not_written_are_refused() {
    refused_op(Row::copy, [slot(0), slot(5)], []);
    refused_op(Row::i64_add, [slot(3), Operand::ACC, slot(0)], []);
    // What a callee leaves behind.
    let mut code = Vec::new();
    for dst in 10..14 {
        encode(&mut code, &[], Row::copy, [slot(dst), slot(0)], []);
    }
    encode(&mut code, &[], Row::call, [], [10, 12, 0]);
    encode(&mut code, &[], Row::copy, [slot(0), slot(11)], []);
    refused(false, &code, 40);
    // Written on one way only: the jump skips the write.
    let mut code = Vec::new();
    let at = encode(&mut code, &[], Row::br_i64_eqz, [slot(0)], [0]);
    let field = code.len() - 2;
    encode(&mut code, &[], Row::copy, [slot(5), slot(0)], []);
    let skip = (code.len() - at) as u32;
    crate::ir::encode::patch32(&mut code, field, skip);
    encode(&mut code, &[], Row::copy, [slot(0), slot(5)], []);
    refused(false, &code, 40);
}

#[test]
fn accesses_with_addresses_of_another_width_are_refused() {
    // Memory 0 has 32-bit addresses.
    refused_op(Row::i64_load_any, [slot(3), slot(0)], [0, 1, 0]);
    refused_op(Row::i64_load_any, [slot(3), slot(0)], [1, 0, 0]);
}

#[test]
fn lanes_that_do_not_exist_are_refused() {
    let mut code = Vec::new();
    encode(&mut code, &[], Row::i64x2_splat, [slot(3), slot(0)], []);
    encode(&mut code, &[], Row::i64x2_extract_lane, [slot(5), slot(3)], [2]);
    refused(false, &code, 40);
}

#[test]
fn code_that_evades_fuel_is_refused() {
    let back = |code: &mut Vec<u16>, to: usize| {
        let at = encode(code, &[], Row::br, [], [0]);
        let field = code.len() - 2;
        crate::ir::encode::patch32(code, field, (to as u32).wrapping_sub(at as u32));
    };
    // A loop that pays nothing. The harm follows a `consume_fuel` of three units.
    let mut code = Vec::new();
    encode(&mut code, &[], Row::i64_add, [slot(3), slot(0), slot(0)], []);
    back(&mut code, 0);
    refused(true, &code, 40);
    // One that pays zero.
    let mut code = Vec::new();
    encode(&mut code, &[], Row::consume_fuel, [], [0]);
    back(&mut code, 0);
    refused(true, &code, 40);
    // A call before anything was paid.
    let engine = engine(true);
    let mut code = Vec::new();
    for dst in 10..12 {
        encode(&mut code, &[], Row::copy, [slot(dst), slot(0)], []);
    }
    encode(&mut code, &[], Row::call, [], [10, 12, 0]);
    encode(&mut code, &[], Row::ret_value_1, [slot(0)], []);
    let error = Module::deserialize_checked(&engine, with_code(&engine, &code, 40)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Artefact(ArtefactError::Unsafe { func: 2 })), "{error}");
}
