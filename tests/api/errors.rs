//! Errors of running code: how they reach the embedder, and that the store stays usable.

use std::fmt;

use wasmote::{
    Caller, Error, Extern, Linker, Module, Store, TrapCode,
    errors::{ErrorKind, FuncError, HostError, InstantiationError, MemoryError, TranslationError},
};

use crate::{MODES, call, call_i32, engines, engines_with, instance, linked, try_linked};

#[derive(Debug, PartialEq)]
struct Refused {
    code: i32,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused with {}", self.code)
    }
}

impl HostError for Refused {}

#[derive(Debug)]
struct Other;

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("other")
    }
}

impl HostError for Other {}

/// Returns a function that fails with the error of a number.
fn fail(kind: i32) -> Result<i32, Error> {
    Err(match kind {
        0 => return Ok(7),
        1 => Error::host(Refused { code: 3 }),
        2 => Error::i32_exit(42),
        3 => TrapCode::IntegerOverflow.into(),
        4 => Error::new("a message"),
        5 => MemoryError::OutOfBoundsAccess.into(),
        _ => Error::host(Other),
    })
}

const FAILING: &str = r#"(module
    (import "host" "fail" (func $fail (param i32) (result i32)))
    (import "host" "again" (func $again (param i32) (result i32)))
    (export "direct" (func $fail))
    (func $inner (export "inner") (param i32) (result i32) (i32.add (call $fail (local.get 0)) (i32.const 1)))
    (func $middle (param i32) (result i32) (local i64) (i32.add (call $inner (local.get 0)) (i32.const 1)))
    (func (export "outer") (param i32) (result i32) (i32.add (call $middle (local.get 0)) (i32.const 1)))
    (func (export "nested") (param i32) (result i32) (i32.add (call $again (local.get 0)) (i32.const 1))))"#;

#[test]
fn errors_of_host_functions_arrive_unchanged() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "fail", fail).unwrap();
        linker
            .func_wrap("host", "again", |mut caller: Caller<'_, ()>, kind: i32| -> Result<i32, Error> {
                let inner = caller.get_export("inner").and_then(Extern::into_func).ok_or(Error::new("no function"))?;
                inner.typed::<i32, i32>(&caller)?.call(&mut caller, kind)
            })
            .unwrap();
        let instance = linked(&mut store, &linker, FAILING);
        for (name, good) in [("direct", 7), ("inner", 8), ("outer", 10), ("nested", 9)] {
            let mut error = call_i32(&mut store, instance, name, &[1]).unwrap_err();
            assert!(error.downcast_ref::<Other>().is_none());
            assert_eq!(error.downcast_ref(), Some(&Refused { code: 3 }));
            error.downcast_mut::<Refused>().unwrap().code += 1;
            assert_eq!(error.to_string(), "refused with 4");
            assert!(error.as_trap_code().is_none() && error.i32_exit_status().is_none());
            assert_eq!(error.downcast::<Refused>(), Some(Refused { code: 4 }));
            let exit = call_i32(&mut store, instance, name, &[2]).unwrap_err();
            assert_eq!(exit.i32_exit_status(), Some(42));
            assert!(matches!(exit.kind(), ErrorKind::I32ExitStatus(42)));
            let trap = call_i32(&mut store, instance, name, &[3]).unwrap_err();
            assert_eq!(trap.as_trap_code(), Some(TrapCode::IntegerOverflow));
            assert_eq!(call_i32(&mut store, instance, name, &[4]).unwrap_err().to_string(), "a message");
            let memory = call_i32(&mut store, instance, name, &[5]).unwrap_err();
            assert!(matches!(memory.kind(), ErrorKind::Memory(MemoryError::OutOfBoundsAccess)));
            assert_eq!(memory.as_trap_code(), Some(TrapCode::MemoryOutOfBounds));
            assert!(call_i32(&mut store, instance, name, &[6]).unwrap_err().downcast::<Other>().is_some());
            assert_eq!(call_i32(&mut store, instance, name, &[0]).unwrap(), good, "{name} works after errors");
        }
    }
}

/// Function bodies without parameters, and the trap that ends them.
const TRAPS: &[(&str, TrapCode)] = &[
    ("unreachable", TrapCode::UnreachableCodeReached),
    ("(i32.load (i32.const 65533))", TrapCode::MemoryOutOfBounds),
    ("(i32.load offset=0xffffffff (i32.const -1))", TrapCode::MemoryOutOfBounds),
    ("(i64.store (i32.const -1) (i64.const 1)) i32.const 0", TrapCode::MemoryOutOfBounds),
    ("(memory.fill (i32.const 1) (i32.const 0) (i32.const 65536)) i32.const 0", TrapCode::MemoryOutOfBounds),
    ("(memory.copy (i32.const 1) (i32.const 0) (i32.const 65536)) i32.const 0", TrapCode::MemoryOutOfBounds),
    ("(memory.init $bytes (i32.const 0) (i32.const 1) (i32.const 3)) i32.const 0", TrapCode::MemoryOutOfBounds),
    ("(drop (table.get (i32.const 3))) i32.const 0", TrapCode::TableOutOfBounds),
    ("(table.set (i32.const 3) (ref.null func)) i32.const 0", TrapCode::TableOutOfBounds),
    ("(table.fill (i32.const 2) (ref.null func) (i32.const 2)) i32.const 0", TrapCode::TableOutOfBounds),
    ("(table.copy (i32.const 2) (i32.const 0) (i32.const 2)) i32.const 0", TrapCode::TableOutOfBounds),
    ("(table.init $funcs (i32.const 0) (i32.const 1) (i32.const 1)) i32.const 0", TrapCode::TableOutOfBounds),
    ("(call_indirect (result i32) (i32.const 3))", TrapCode::TableOutOfBounds),
    ("(call_indirect (result i32) (i32.const 1))", TrapCode::IndirectCallToNull),
    ("(call_indirect (result i32) (i32.const 0))", TrapCode::BadSignature),
    ("(return_call_indirect (result i32) (i32.const 0))", TrapCode::BadSignature),
    ("(i32.div_s (i32.const 1) (global.get $zero))", TrapCode::IntegerDivisionByZero),
    ("(i32.rem_u (i32.const 1) (i32.const 0))", TrapCode::IntegerDivisionByZero),
    ("(i64.div_s (i64.const 0x8000000000000000) (i64.const -1)) i32.wrap_i64", TrapCode::IntegerOverflow),
    ("(i32.trunc_f64_s (f64.const 2147483648))", TrapCode::IntegerOverflow),
    ("(i32.trunc_f32_u (f32.const nan))", TrapCode::BadConversionToInteger),
    ("(call $deep)", TrapCode::StackOverflow),
];

#[test]
fn every_trap_of_wasm_code() {
    let mut wat = String::from(
        r#"(module (memory 1) (table 3 funcref) (global $zero (mut i32) (i32.const 0))
            (data $bytes "abc") (elem $funcs func $void) (elem (i32.const 0) $void)
            (func $void) (func (export "good") (result i32) (i32.const 1))
            (func $deep (result i32) (i32.add (call $deep) (i32.const 1)))"#,
    );
    for (i, (body, _)) in TRAPS.iter().enumerate() {
        wat.push_str(&format!(r#"(func $f{i} (export "f{i}") (result i32) {body})"#));
        wat.push_str(&format!(r#"(func (export "deep{i}") (result i32) (i32.add (call $f{i}) (i32.const 1)))"#));
    }
    wat.push(')');
    for mode in MODES {
        for engine in engines_with(|config| {
            config.compilation_mode(mode);
        }) {
            let mut store = Store::new(&engine, ());
            let instance = instance(&mut store, &wat);
            for (i, (body, code)) in TRAPS.iter().enumerate() {
                for name in [format!("f{i}"), format!("deep{i}")] {
                    let error = call(&mut store, instance, &name, &[]).unwrap_err();
                    assert_eq!(error.as_trap_code(), Some(*code), "{body}");
                    assert!(matches!(error.kind(), ErrorKind::TrapCode(_)), "{body}");
                    assert_eq!(error.to_string(), code.trap_message());
                }
                assert_eq!(call_i32(&mut store, instance, "good", &[]).unwrap(), 1, "after {body}");
            }
        }
    }
}

#[test]
fn a_start_function_that_traps_fails_instantiation() {
    for engine in engines() {
        let mut store = Store::new(&engine, 0);
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "note", |mut caller: Caller<'_, i32>| *caller.data_mut() += 1).unwrap();
        let wat = r#"(module (import "host" "note" (func $note)) (func $start call $note unreachable) (start $start))"#;
        let error = try_linked(&mut store, &linker, wat).unwrap_err();
        assert_eq!(error.as_trap_code(), Some(TrapCode::UnreachableCodeReached));
        assert_eq!(*store.data(), 1);
        linked(&mut store, &linker, r#"(module (import "host" "note" (func $note)) (start $note))"#);
        assert_eq!(*store.data(), 2, "a host function can be the start function");
    }
}

#[test]
fn start_functions_can_be_forbidden() {
    for engine in engines_with(|config| {
        config.allow_start_fn(false);
    }) {
        let wasm = wat::parse_str("(module (func) (func $s) (start $s))").unwrap();
        let error = Module::new(&engine, &wasm).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Translation(TranslationError::DisallowedStartFn)), "{error:?}");
        Module::validate(&engine, &wasm).unwrap();
    }
}

#[test]
fn segments_that_do_not_fit_fail_instantiation() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let linker = Linker::new(&engine);
        let shared = instance(&mut store, r#"(module (memory (export "m") 1) (table (export "t") 2 funcref))"#);
        let mut with_shared = Linker::new(&engine);
        with_shared.instance(&mut store, "shared", shared).unwrap();
        let data = try_linked(&mut store, &linker, r#"(module (memory 1) (data (i32.const 65535) "ab"))"#).unwrap_err();
        assert_eq!(data.as_trap_code(), Some(TrapCode::MemoryOutOfBounds), "{data:?}");
        let elements = try_linked(
            &mut store,
            &with_shared,
            r#"(module (import "shared" "m" (memory 1)) (import "shared" "t" (table 2 funcref))
                (func $f (export "f") (result i32) (i32.const 9))
                (elem (i32.const 1) $f) (elem (i32.const 1) $f $f) (data (i32.const 0) "x"))"#,
        )
        .unwrap_err();
        assert!(
            matches!(
                elements.kind(),
                ErrorKind::Instantiation(InstantiationError::ElementSegmentDoesNotFit {
                    table: 0,
                    table_index: 1,
                    len: 2
                })
            ) || elements.as_trap_code() == Some(TrapCode::TableOutOfBounds),
            "{elements:?}"
        );
        // Writes before the failure stay, and the function in the table can be called.
        let table = shared.get_table(&store, "t").unwrap();
        let func = **table.get(&store, 1).unwrap().unwrap_func().val().unwrap();
        assert_eq!(func.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap(), 9);
        assert_eq!(shared.get_memory(&store, "m").unwrap().data(&store)[0], 0);
    }
}

#[test]
fn invalid_modules_say_where() {
    for engine in engines() {
        let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\x00\x00\x03\x02\x01\x00\x0a\x05\x01\x03\x00\x6a\x0b";
        let error = Module::new(&engine, wasm).unwrap_err();
        let ErrorKind::Wasm(error) = error.kind() else { panic!("{error:?}") };
        assert_eq!((error.offset(), error.func_index()), (23, Some(0)));
        let text = error.to_string();
        assert!(text.contains("0x17") && text.contains("function 0"), "{text}");
        assert!(Module::validate(&engine, wasm).is_err());
        let text = Module::new(&engine, "(module (func (result i32)))").unwrap_err().to_string();
        assert!(text.contains("type mismatch"), "{text}");
        assert!(matches!(Module::new(&engine, "(module").unwrap_err().kind(), ErrorKind::Wat(_)));
    }
}

#[test]
fn functions_validated_at_their_first_call() {
    for engine in engines_with(|config| {
        config.compilation_mode(wasmote::CompilationMode::Lazy);
    }) {
        let mut store = Store::new(&engine, ());
        // Function 1 adds without operands.
        let wasm = b"\0asm\x01\0\0\0\x01\x05\x01\x60\x00\x01\x7f\x03\x03\x02\x00\x00\
            \x07\x0e\x02\x04good\x00\x00\x03bad\x00\x01\x0a\x0a\x02\x04\x00\x41\x07\x0b\x03\x00\x6a\x0b";
        let module = Module::new(&engine, wasm).unwrap();
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
        for _ in 0..2 {
            let error = call_i32(&mut store, instance, "bad", &[]).unwrap_err();
            let ErrorKind::Wasm(error) = error.kind() else { panic!("{error:?}") };
            assert_eq!(error.func_index(), Some(1));
            assert_eq!(call_i32(&mut store, instance, "good", &[]).unwrap(), 7);
        }
        assert!(Module::validate(&engine, wasm).is_err());
    }
}

#[test]
fn errors_are_small_and_can_be_sent() {
    fn is_send_and_sync<T: Send + Sync + std::error::Error>() {}
    is_send_and_sync::<Error>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    let boxed: Box<dyn std::error::Error + Send + Sync> = Error::host(Other).into();
    assert_eq!(boxed.to_string(), "other");
}

#[test]
fn typed_functions_say_what_does_not_match() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, r#"(module (func (export "run") (param i32) (result i64) (i64.const 0)))"#);
        let check = |result: Result<(), Error>, expected: FuncError, subject: &str| {
            let error = result.unwrap_err();
            let ErrorKind::Func(found) = error.kind() else { panic!("{error:?}") };
            assert_eq!(*found, expected);
            assert_eq!(error.to_string(), format!("{expected}: {subject}"));
            assert!(format!("{error:?}").contains("subject"), "{error:?}");
        };
        let ty = "the type of the function is (i32) -> (i64)";
        check(
            instance.get_typed_func::<(i32, i32), i64>(&store, "run").map(drop),
            FuncError::MismatchingParameterLen,
            ty,
        );
        check(instance.get_typed_func::<i64, i64>(&store, "run").map(drop), FuncError::MismatchingParameterType, ty);
        check(instance.get_typed_func::<i32, ()>(&store, "run").map(drop), FuncError::MismatchingResultLen, ty);
        check(instance.get_typed_func::<i32, i32>(&store, "run").map(drop), FuncError::MismatchingResultType, ty);
        check(instance.get_typed_func::<(), ()>(&store, "ru\n").map(drop), FuncError::ExportedFuncNotFound, r"`ru\n`");
    }
}
