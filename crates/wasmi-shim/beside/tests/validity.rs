//! The shim accepts a module exactly if `wasmi` 2.0 with the same features does: for each proposal, with the defaults and with
//! each switch of `Config` on and off.

use shim::Proposal;

/// A module that needs the proposal, in the text format. Some have more than one.
fn modules(proposal: Proposal) -> &'static [&'static str] {
    match proposal {
        Proposal::MutableGlobal => &["(module (global (export \"g\") (mut i32) (i32.const 1)))"],
        Proposal::SignExtension => &["(module (func (drop (i32.extend8_s (i32.const 1)))))"],
        Proposal::SaturatingFloatToInt => &["(module (func (drop (i32.trunc_sat_f32_s (f32.const 1)))))"],
        Proposal::MultiValue => &[
            "(module (func (result i32 i32) (i32.const 1) (i32.const 2)))",
            "(module (func (i32.const 1) (block (param i32) (drop))))",
        ],
        Proposal::MultiMemory => &["(module (memory 1) (memory 1))"],
        Proposal::BulkMemory => &[
            "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))",
            "(module (memory 1) (data \"x\") (func (data.drop 0)))",
        ],
        Proposal::ReferenceTypes => &["(module (table 1 externref))", "(module (table 1 funcref) (table 1 funcref))"],
        Proposal::TailCall => &["(module (func $f (return_call $f)))"],
        Proposal::ExtendedConst => &["(module (global i32 (i32.add (i32.const 1) (i32.const 2))))"],
        Proposal::Floats => &["(module (func (param f32)))", "(module (func (drop (f64.const 1))))"],
        Proposal::Memory64 => &[
            "(module (memory i64 1))",
            "(module (table i64 1 funcref))",
            "(module (memory i64 1) (func (drop (i32.load (i64.const 0)))))",
        ],
        Proposal::Simd => &["(module (func (param v128)))", "(module (func (drop (i32x4.splat (i32.const 1)))))"],
        Proposal::RelaxedSimd => {
            &["(module (func (param v128) (drop (i8x16.relaxed_swizzle (local.get 0) (local.get 0)))))"]
        }
        Proposal::CustomPageSizes => &["(module (memory 1 (pagesize 1)))"],
        Proposal::WideArithmetic => &["(module (func (param i64) (result i64 i64)
            (i64.mul_wide_s (local.get 0) (local.get 0))))"],
        Proposal::FunctionReferences => &[
            "(module (type $f (func)) (func (param (ref $f))))",
            "(module (type $f (func)) (func (param (ref null $f)) (call_ref $f (local.get 0))))",
            "(module (func $f) (global funcref (ref.func $f)) (global funcref (global.get 0)))",
        ],
        Proposal::Gc => &["(module (type (struct (field i32))))", "(module (func (param i31ref)))"],
        Proposal::Threads => {
            &["(module (memory 1 1 shared))", "(module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))"]
        }
        Proposal::Exceptions => &["(module (tag (param i32)))", "(module (func (param exnref)))"],
        // The text format has neither; `all` has bytes.
        Proposal::LegacyExceptions | Proposal::CompactImports => &[],
        other => panic!("{other}: a module that needs it is missing"),
    }
}

/// A module with a function that has the legacy operator `try`.
fn legacy_try() -> Vec<u8> {
    let mut wasm = b"\0asm\x01\0\0\0".to_vec();
    // A type, a function of it, and its body: `try end`.
    wasm.extend([1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 7, 1, 5, 0, 0x06, 0x40, 0x0b, 0x0b]);
    wasm
}

/// A module whose two imports share the name of their module.
fn compact_imports() -> Vec<u8> {
    let mut wasm = b"\0asm\x01\0\0\0".to_vec();
    // A type: a function without parameters and results.
    wasm.extend([1, 4, 1, 0x60, 0, 0]);
    // Imports: one entry of module "m", the mark of the compact form, two names with their types.
    wasm.extend([2, 14, 1, 1, b'm', 0, 0x7f, 2, 1, b'a', 0, 0, 1, b'b', 0, 0]);
    wasm
}

/// Returns the modules of all proposals, as bytes, and a few that need none.
fn all() -> Vec<(String, Vec<u8>)> {
    let mut all = vec![("compact imports".to_owned(), compact_imports()), ("legacy try".to_owned(), legacy_try())];
    for &proposal in Proposal::ALL {
        for text in modules(proposal) {
            all.push((text.to_string(), wat::parse_str(text).unwrap()));
        }
    }
    all.push(("empty".to_owned(), wat::parse_str("(module)").unwrap()));
    all
}

/// Sets a switch in the configurations of both, and compares all modules.
macro_rules! compare {
    ($($(#[$attr:meta])? $switch:ident),*) => {
        #[test]
        fn modules_are_valid_in_both_or_in_neither() {
            let modules = all();
            let mut wrong = Vec::new();
            let mut accepted = 0;
            let mut check = |case: &str, here: &shim::Config, there: &wasmi::Config| {
                let (here, there) = (shim::Engine::new(here), wasmi::Engine::new(there));
                for (text, wasm) in &modules {
                    let here = shim::Module::new(&here, wasm).is_ok();
                    let there = wasmi::Module::new(&there, wasm).is_ok();
                    accepted += usize::from(there);
                    if here != there {
                        wrong.push(format!("{case}: valid here: {here}, in wasmi: {there}: {text}"));
                    }
                }
            };
            check("the defaults", &shim::Config::default(), &wasmi::Config::default());
            $(
                $(#[$attr])?
                for on in [true, false] {
                    let (mut here, mut there) = (shim::Config::default(), wasmi::Config::default());
                    here.$switch(on);
                    there.$switch(on);
                    check(&format!("{}({on})", stringify!($switch)), &here, &there);
                }
            )*
            assert!(wrong.is_empty(), "{wrong:#?}");
            assert!(accepted > 300, "{accepted} modules were valid");
        }
    };
}

compare!(
    wasm_mutable_global,
    wasm_sign_extension,
    wasm_saturating_float_to_int,
    wasm_multi_value,
    wasm_multi_memory,
    wasm_bulk_memory,
    wasm_reference_types,
    wasm_tail_call,
    wasm_extended_const,
    wasm_custom_page_sizes,
    #[cfg(feature = "memory64")]
    wasm_memory64,
    wasm_wide_arithmetic,
    #[cfg(feature = "simd")]
    wasm_simd,
    #[cfg(feature = "simd")]
    wasm_relaxed_simd,
    floats
);
