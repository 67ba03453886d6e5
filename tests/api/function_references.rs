//! Typed references to functions (proposal function references): operators on them, where they are kept, what the
//! embedder passes.

use wasmote::{
    Caller, Engine, Extern, Func, FuncType, Linker, Module, Mutability, Nullable, Ref, Store, TrapCode, Val, ValType,
    errors::{ErrorKind, FuncError, GlobalError, InstantiationError, LinkerError, TableError},
};

use crate::{MODES, call, call_i32, engines, engines_with, instance, linked, try_linked};

/// Engines of both dispatchers in all compilation modes, with fused ops and without.
fn all_engines() -> Vec<Engine> {
    let variants = MODES.iter().flat_map(|&mode| [true, false].map(|fused| (mode, fused)));
    let engines = variants.flat_map(|(mode, fused)| {
        engines_with(|config| {
            config.compilation_mode(mode).fused_ops(fused);
        })
    });
    engines.collect()
}

fn trap<T: std::fmt::Debug>(result: Result<T, wasmote::Error>) -> TrapCode {
    result.unwrap_err().as_trap_code().unwrap()
}

/// The message for a module that is refused.
fn refusal(wat: &str) -> String {
    let error = Module::new(&Engine::default(), wat).map(drop).unwrap_err();
    let ErrorKind::Wasm(error) = error.kind() else { panic!("{wat}: {error:?}") };
    assert!(error.offset() > 8, "{error}");
    error.message().to_owned()
}

/// Whether something to import has another type.
fn is_mismatch(error: &wasmote::Error) -> bool {
    use InstantiationError as E;
    matches!(
        error.kind(),
        ErrorKind::Linker(LinkerError::InvalidTypeDefinition { .. })
            | ErrorKind::Instantiation(
                E::FuncTypeMismatch { .. } | E::GlobalTypeMismatch { .. } | E::TableTypeMismatch { .. }
            )
    )
}

const CALLS: &str = r#"(module
    (type $op (func (param i32 i32) (result i32)))
    (type $other (func (param i32) (result i32)))
    (elem declare func $add $sub $down)
    (func $add (type $op) (i32.add (local.get 0) (local.get 1)))
    (func $sub (type $op) (i32.sub (local.get 0) (local.get 1)))
    (func $pick (param i32) (result (ref null $op))
        (if (result (ref null $op)) (i32.eqz (local.get 0))
            (then (ref.null $op))
            (else (select (result (ref $op)) (ref.func $add) (ref.func $sub) (i32.eq (local.get 0) (i32.const 1))))))
    ;; The reference is a result, which is in the accumulator.
    (func (export "result") (param i32 i32 i32) (result i32)
        (call_ref $op (local.get 1) (local.get 2) (call $pick (local.get 0))))
    ;; It is a local.
    (func (export "local") (param i32 i32 i32) (result i32) (local $f (ref null $op))
        (local.set $f (call $pick (local.get 0)))
        (i32.add (i32.const 1000) (call_ref $op (local.get 1) (local.get 2) (local.get $f))))
    ;; It is below other operands, in a temporary.
    (func (export "temporary") (param i32 i32 i32) (result i32) (local $x i32)
        (local.get 1) (local.get 2) (call $pick (local.get 0))
        (local.set $x (i32.const 7))
        (block)
        (call_ref $op))
    ;; The arguments of the tail call overwrite the parameter that holds the reference.
    (func $tail (param $f (ref null $op)) (param i32 i32) (result i32)
        (return_call_ref $op (local.get 2) (local.get 1) (local.get $f)))
    (func (export "tail") (param i32 i32 i32) (result i32)
        (call $tail (call $pick (local.get 0)) (local.get 2) (local.get 1)))
    (func (export "tail_of_result") (param i32 i32 i32) (result i32)
        (return_call_ref $op (local.get 1) (local.get 2) (call $pick (local.get 0))))
    ;; Many tail calls take one frame.
    (func $down (type $op)
        (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
        (return_call_ref $op
            (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (i32.const 2)) (ref.func $down)))
    (func (export "down") (param i32) (result i32) (call_ref $op (local.get 0) (i32.const 0) (ref.func $down)))
    (func $deep (export "deep") (type $other)
        (i32.add (i32.const 1) (call_ref $other (local.get 0) (ref.func $deep)))))"#;

#[test]
fn calls() {
    for engine in all_engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, CALLS);
        for (name, more) in [("result", 0), ("local", 1000), ("temporary", 0), ("tail", 0), ("tail_of_result", 0)] {
            assert_eq!(call_i32(&mut store, instance, name, &[1, 40, 2]).unwrap(), 42 + more, "{name}");
            assert_eq!(call_i32(&mut store, instance, name, &[2, 40, 2]).unwrap(), 38 + more, "{name}");
            assert_eq!(trap(call_i32(&mut store, instance, name, &[0, 40, 2])), TrapCode::NullReference, "{name}");
        }
        assert_eq!(call_i32(&mut store, instance, "down", &[100_000]).unwrap(), 200_000);
        assert_eq!(trap(call_i32(&mut store, instance, "deep", &[1])), TrapCode::StackOverflow);
        assert_eq!(call_i32(&mut store, instance, "result", &[1, 1, 1]).unwrap(), 2, "after the overflow");
    }
}

#[test]
fn calls_of_other_instances_and_of_the_host() {
    for engine in all_engines() {
        let mut store = Store::new(&engine, 0);
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "mul", |mut caller: Caller<'_, u32>, a: i32, b: i32| {
                *caller.data_mut() += 1;
                a * b
            })
            .unwrap();
        let library = r#"(module (global $base (mut i32) (i32.const 100))
            (func (export "based") (param i32 i32) (result i32)
                (global.set $base (i32.add (global.get $base) (i32.const 1)))
                (i32.add (global.get $base) (i32.sub (local.get 0) (local.get 1)))))"#;
        let library = instance(&mut store, library);
        linker.instance(&mut store, "library", library).unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (type $op (func (param i32 i32) (result i32)))
                (import "host" "mul" (func $mul (type $op))) (import "library" "based" (func $based (type $op)))
                (table $t 2 (ref null $op))
                (elem (table $t) (i32.const 0) (ref null $op) (ref.func $mul) (ref.func $based))
                (func (export "call") (param $i i32) (result i32)
                    (i32.add (i32.const 10000) (call_ref $op (i32.const 7) (i32.const 5) (table.get $t (local.get $i)))))
                (func (export "tail") (param $i i32) (result i32)
                    (return_call_ref $op (i32.const 7) (i32.const 5) (table.get $t (local.get $i)))))"#,
        );
        assert_eq!(call_i32(&mut store, instance, "call", &[0]).unwrap(), 10_035);
        assert_eq!(call_i32(&mut store, instance, "tail", &[0]).unwrap(), 35);
        assert_eq!(call_i32(&mut store, instance, "call", &[1]).unwrap(), 10_103);
        assert_eq!(call_i32(&mut store, instance, "tail", &[1]).unwrap(), 104);
        assert_eq!(trap(call_i32(&mut store, instance, "call", &[2])), TrapCode::TableOutOfBounds);
        assert_eq!(*store.data(), 2);
    }
}

#[test]
fn null_or_not() {
    const WAT: &str = r#"(module
        (type $t (func (result i32)))
        (elem declare func $five)
        (func $five (type $t) (i32.const 5))
        (func $maybe (param i32) (result (ref null $t))
            (if (result (ref null $t)) (local.get 0) (then (ref.func $five)) (else (ref.null $t))))
        (func (export "as_non_null") (param i32) (result i32)
            (call_ref $t (ref.as_non_null (call $maybe (local.get 0)))))
        (func (export "as_non_null_local") (param i32) (result i32) (local $f (ref null $t)) (local $g (ref $t))
            (local.set $f (call $maybe (local.get 0)))
            (local.set $g (ref.as_non_null (local.get $f)))
            (i32.add (call_ref $t (local.get $g)) (call_ref $t (local.get $f))))
        ;; The value below the reference goes along with the branch.
        (func (export "br_on_null") (param i32) (result i32)
            (block $null (result i32)
                (i32.const 1)
                (br_on_null $null (call $maybe (local.get 0)))
                (i32.add (call_ref $t))
                (i32.add (i32.const 10))))
        (func (export "br_on_null_local") (param i32) (result i32) (local $f (ref null $t))
            (local.set $f (call $maybe (local.get 0)))
            (block $null
                (br_on_null $null (local.get $f))
                (return (call_ref $t)))
            (i32.const -1))
        (func (export "br_on_non_null") (param i32) (result i32)
            (block $found (result i32 (ref $t))
                (i32.const 1)
                (br_on_non_null $found (call $maybe (local.get 0)))
                (return (i32.add (i32.const 100))))
            (i32.add (call_ref $t)))
        (func (export "br_on_non_null_local") (param i32) (result i32) (local $f (ref null $t))
            (local.set $f (call $maybe (local.get 0)))
            (block $found (result (ref $t))
                (br_on_non_null $found (local.get $f))
                (return (i32.const -1)))
            (call_ref $t))
        ;; The branch leads back, and the local is written while it is an operand.
        (func (export "loop") (param $n i32) (result i32) (local $f (ref null $t)) (local $sum i32)
            (local.set $f (call $maybe (i32.const 1)))
            (loop $again (param)
                (block $done
                    (br_on_null $done (local.get $f))
                    (local.set $f (call $maybe (i32.gt_s (local.get $n) (i32.const 1))))
                    (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                    (local.set $sum (i32.add (call_ref $t) (local.get $sum)))
                    (br $again)))
            (local.get $sum))
        ;; To the end of the function, with a value.
        (func (export "return") (param i32) (result i32)
            (i32.const 3)
            (br_on_null 0 (call $maybe (local.get 0)))
            (i32.add (call_ref $t)))
        (func (export "dead") (param i32) (result i32)
            (br_if 0 (i32.const 9) (local.get 0)) (drop)
            (return (i32.const 8))
            (br_on_null 0) (ref.as_non_null) (drop) (drop)
            (i32.const 7))
        (func (export "is_null") (param i32) (result i32) (ref.is_null (call $maybe (local.get 0)))))"#;
    for engine in all_engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, WAT);
        // The results for null and for a function; no result is a trap.
        for (name, null, five) in [
            ("as_non_null", None, 5),
            ("as_non_null_local", None, 10),
            ("br_on_null", Some(1), 16),
            ("br_on_null_local", Some(-1), 5),
            ("br_on_non_null", Some(101), 6),
            ("br_on_non_null_local", Some(-1), 5),
            ("return", Some(3), 8),
            ("dead", Some(8), 9),
            ("is_null", Some(1), 0),
        ] {
            assert_eq!(call_i32(&mut store, instance, name, &[1]).unwrap(), five, "{name}");
            match (null, call_i32(&mut store, instance, name, &[0])) {
                (Some(null), result) => assert_eq!(result.unwrap(), null, "{name}"),
                (None, result) => assert_eq!(trap(result), TrapCode::NullReference, "{name}"),
            }
        }
        assert_eq!(call_i32(&mut store, instance, "loop", &[4]).unwrap(), 20);
    }
}

#[test]
fn locals_without_a_default() {
    for engine in all_engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(
            &mut store,
            r#"(module (type $t (func (result i32)))
                (func $one (export "one") (type $t) (i32.const 1)) (func $two (export "two") (type $t) (i32.const 2))
                (func (export "f") (param i32) (result i32) (local $f (ref $t)) (local $g (ref $t))
                    (local.set $f (ref.func $one))
                    (block
                        (br_if 0 (local.get 0))
                        (local.set $f (ref.func $two))
                        (local.set $g (local.get $f))
                        (drop (call_ref $t (local.get $g))))
                    (local.tee $g (local.get $f))
                    (i32.add (i32.mul (call_ref $t) (i32.const 10)) (call_ref $t (local.get $f)))))"#,
        );
        assert_eq!(call_i32(&mut store, instance, "f", &[0]).unwrap(), 22);
        assert_eq!(call_i32(&mut store, instance, "f", &[1]).unwrap(), 11);
    }
    let body = |code: &str| {
        format!(
            r#"(module (type $t (func)) (func $g (export "g"))
                (func (param i32) (local $f (ref $t)) {code}))"#
        )
    };
    for code in [
        "(drop (local.get $f))",
        "(block (local.set $f (ref.func $g))) (drop (local.get $f))",
        "(if (local.get 0) (then (local.set $f (ref.func $g))) (else (local.set $f (ref.func $g)))) (drop (local.get $f))",
        "(if (local.get 0) (then (local.set $f (ref.func $g))) (else (drop (local.get $f))))",
        "(loop (br_if 0 (local.get 0)) (drop (local.get $f)) (local.set $f (ref.func $g)))",
    ] {
        assert!(refusal(&body(code)).contains("uninitialized local"), "{code}");
    }
    assert!(refusal(&body("(local.set $f (ref.null $t))")).contains("type mismatch"));
    Module::new(&Engine::default(), body("(local.set $f (ref.func $g)) (block (drop (local.get $f)))")).unwrap();
}

#[test]
fn tables_with_initial_elements() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let library = instance(
            &mut store,
            r#"(module (type $t (func (result i32)))
            (func $seven (export "seven") (type $t) (i32.const 7)) (global (export "g") (ref $t) (ref.func $seven)))"#,
        );
        linker.instance(&mut store, "library", library).unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (type $t (func (result i32)))
                (import "library" "g" (global $g (ref $t)))
                (table $own (export "own") 3 8 (ref $t) (ref.func $five))
                (table $copied 2 (ref null $t) (global.get $g))
                (table $any (export "any") 2 funcref (ref.func $five))
                (func $five (type $t) (i32.const 5))
                (func (export "own_at") (param i32) (result i32) (call_ref $t (table.get $own (local.get 0))))
                (func (export "copied_at") (param i32) (result i32) (call_ref $t (table.get $copied (local.get 0))))
                (func (export "indirect") (param i32) (result i32) (call_indirect $own (type $t) (local.get 0)))
                (func (export "grow") (param i32) (result i32) (table.grow $own (global.get $g) (local.get 0))))"#,
        );
        for (name, value) in [("own_at", 5), ("copied_at", 7), ("indirect", 5)] {
            assert_eq!(call_i32(&mut store, instance, name, &[1]).unwrap(), value, "{name}");
            assert_eq!(trap(call_i32(&mut store, instance, name, &[3])), TrapCode::TableOutOfBounds);
        }
        assert_eq!(call_i32(&mut store, instance, "grow", &[2]).unwrap(), 3);
        assert_eq!(call_i32(&mut store, instance, "own_at", &[4]).unwrap(), 7);
        // The embedder cannot put anything else there.
        let own = instance.get_table(&store, "own").unwrap();
        let good = library.get_func(&store, "seven").unwrap();
        let bad = Func::wrap(&mut store, || 0_i64);
        assert_eq!(own.set(&mut store, 0, bad.into()), Err(TableError::ElementTypeMismatch));
        let null = Ref::null(own.ty(&store).element());
        assert_eq!(own.set(&mut store, 0, null), Err(TableError::ElementTypeMismatch));
        assert_eq!(own.grow(&mut store, 1, bad.into()), Err(TableError::ElementTypeMismatch));
        own.set(&mut store, 0, good.into()).unwrap();
        assert_eq!(call_i32(&mut store, instance, "own_at", &[0]).unwrap(), 7);
        let any = instance.get_table(&store, "any").unwrap();
        any.set(&mut store, 0, bad.into()).unwrap();
        let copied = wasmote::Table::copy(&mut store, &own, 0, &any, 0, 1);
        assert_eq!(copied, Err(TableError::ElementTypeMismatch));
        wasmote::Table::copy(&mut store, &any, 0, &own, 0, 1).unwrap();
    }
    let table = |rest: &str| format!("(module (type $t (func)) (func $f (type $t)) (func $g (param i32)) {rest})");
    assert!(refusal(&table("(table 1 (ref $t))")).contains("non-defaultable"));
    assert!(refusal(&table("(table 0 (ref func))")).contains("non-defaultable"));
    assert!(refusal(&table("(table 1 (ref $t) (ref.func $g))")).contains("type mismatch"));
    assert!(refusal(&table("(table 1 (ref $t) (ref.null $t))")).contains("type mismatch"));
    assert!(refusal(&table("(table 1 externref (ref.func $f))")).contains("type mismatch"));
}

#[test]
fn imports_of_subtypes() {
    const EXPORTS: &str = r#"(module (type $t (func (result i32)))
        (func $f (export "f") (type $t) (i32.const 5))
        (global (export "const") (ref $t) (ref.func $f))
        (global (export "const null") (ref null $t) (ref.null $t))
        (global (export "var") (mut (ref $t)) (ref.func $f))
        (table (export "table") 1 (ref $t) (ref.func $f)))"#;
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let library = instance(&mut store, EXPORTS);
        linker.instance(&mut store, "m", library).unwrap();
        let mut import = |import: &str| {
            let wat = format!("(module (type $t (func (result i32))) (type $u (func)) (import \"m\" {import}))");
            try_linked(&mut store, &linker, &wat).map(drop)
        };
        for good in [
            "\"const\" (global (ref $t))",
            "\"const\" (global (ref null $t))",
            "\"const\" (global (ref func))",
            "\"const\" (global funcref)",
            "\"const null\" (global (ref null $t))",
            "\"const null\" (global funcref)",
            "\"var\" (global (mut (ref $t)))",
            "\"table\" (table 1 (ref $t))",
        ] {
            import(good).unwrap_or_else(|error| panic!("{good}: {error}"));
        }
        for bad in [
            "\"const\" (global (ref $u))",
            "\"const\" (global (ref null $u))",
            "\"const\" (global externref)",
            "\"const\" (global (mut (ref $t)))",
            "\"const null\" (global (ref $t))",
            "\"const null\" (global (ref func))",
            // What can be written is of the same type.
            "\"var\" (global (mut (ref null $t)))",
            "\"var\" (global (mut funcref))",
            "\"var\" (global (ref $t))",
            "\"table\" (table 1 (ref null $t))",
            "\"table\" (table 1 funcref)",
            "\"f\" (func (type $u))",
        ] {
            let error = import(bad).unwrap_err();
            assert!(is_mismatch(&error), "{bad}: {error:?}");
        }
        // The same for the embedder's access.
        let var = library.get_global(&store, "var").unwrap();
        let other = Func::wrap(&mut store, || ());
        assert_eq!(var.set(&mut store, other.into()), Err(GlobalError::TypeMismatch));
        assert_eq!(var.set(&mut store, Val::FuncRef(Nullable::Null)), Err(GlobalError::TypeMismatch));
        let same = Func::wrap(&mut store, || 9_i32);
        var.set(&mut store, same.into()).unwrap();
        assert_eq!(var.get(&store).funcref().unwrap().val(), Some(&&same));
        assert_eq!(var.ty(&store).mutability(), Mutability::Var);
    }
}

#[test]
fn declared_subtypes() {
    const WAT: &str = r#"(module
        (type $super (sub (func (result i32)))) (type $sub (sub final $super (func (result i32))))
        (type $plain (func (result i32)))
        (func $f (export "sub") (type $sub) (i32.const 5))
        (func $g (export "super") (type $super) (i32.const 6))
        (func (export "plain") (type $plain) (i32.const 7))
        (table $t (export "t") 2 (ref null $super)) (elem (table $t) (i32.const 0) (ref $super) (ref.func $f) (ref.func $g))
        (func (export "call") (param i32) (result i32) (call_ref $super (table.get $t (local.get 0))))
        (func (export "indirect") (param i32) (result i32) (call_indirect $t (type $sub) (local.get 0))))"#;
    for engine in engines_with(|config| {
        config.wasm_gc(true);
    }) {
        let mut store = Store::new(&engine, ());
        let library = instance(&mut store, WAT);
        assert_eq!(call_i32(&mut store, library, "call", &[0]).unwrap(), 5);
        assert_eq!(call_i32(&mut store, library, "call", &[1]).unwrap(), 6);
        assert_eq!(call_i32(&mut store, library, "indirect", &[0]).unwrap(), 5);
        assert_eq!(trap(call_i32(&mut store, library, "indirect", &[1])), TrapCode::BadSignature);
        let mut linker = Linker::new(&engine);
        linker.instance(&mut store, "m", library).unwrap();
        for (name, ty, good) in [
            ("sub", "super", true),
            ("sub", "sub", true),
            ("super", "super", true),
            ("super", "sub", false),
            ("plain", "super", false),
            ("sub", "plain", false),
        ] {
            let wat = format!(
                r#"(module (type $super (sub (func (result i32)))) (type $sub (sub final $super (func (result i32))))
                    (type $plain (func (result i32))) (import "m" "{name}" (func (type ${ty}))))"#
            );
            let result = try_linked(&mut store, &linker, &wat);
            assert_eq!(result.is_ok(), good, "{name} as {ty}");
            assert!(result.map_or_else(|error| is_mismatch(&error), |_| true), "{name} as {ty}");
        }
    }
}

#[test]
fn constants_of_earlier_globals() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let base = wasmote::Global::new(&mut store, Val::I32(10), Mutability::Const);
        linker.define("host", "base", base).unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (type $t (func (result i32)))
                (import "host" "base" (global $base i32))
                (global $a i32 (global.get $base))
                (global $b i32 (i32.add (global.get $a) (i32.const 3)))
                (global $c (mut i32) (i32.mul (global.get $b) (global.get $a)))
                (global $f (ref $t) (ref.func $five))
                (global $g (export "g") funcref (global.get $f))
                (memory 1) (data (global.get $b) "\2a")
                (table $t 20 (ref null $t) (ref.func $five))
                (elem (table $t) (offset (i32.sub (global.get $b) (i32.const 1))) (ref null $t)
                    (ref.null $t) (global.get $f))
                (func $five (type $t) (i32.const 5))
                (func (export "globals") (result i32 i32 i32) (global.get $a) (global.get $b) (global.get $c))
                (func (export "data") (param i32) (result i32) (i32.load8_u (local.get 0)))
                (func (export "element") (param i32) (result i32) (call_ref $t (table.get $t (local.get 0)))))"#,
        );
        let globals = call(&mut store, instance, "globals", &[]).unwrap();
        assert_eq!(globals.iter().map(Val::i32).collect::<Vec<_>>(), [Some(10), Some(13), Some(130)]);
        assert_eq!(call_i32(&mut store, instance, "data", &[13]).unwrap(), 42);
        assert_eq!(trap(call_i32(&mut store, instance, "element", &[12])), TrapCode::NullReference);
        assert_eq!(call_i32(&mut store, instance, "element", &[13]).unwrap(), 5);
        let value = instance.get_global(&store, "g").unwrap().get(&store);
        let Val::FuncRef(Nullable::Val(func)) = value else { panic!("{value:?}") };
        assert_eq!(func.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap(), 5);
    }
    for (globals, message) in [
        ("(global i32 (global.get 1)) (global i32 (i32.const 0))", "global"),
        ("(global i32 (global.get 0))", "global"),
        ("(global (mut i32) (i32.const 0)) (global i32 (global.get 0))", "global"),
        ("(global i64 (i64.const 0)) (global i32 (global.get 0))", "type mismatch"),
        ("(global funcref (ref.null func)) (global (ref func) (global.get 0))", "type mismatch"),
    ] {
        let refused = refusal(&format!("(module {globals})"));
        assert!(refused.contains(message), "{globals}: {refused}");
    }
}

/// The type of the first import of a module: it refers to types of the module.
fn imported_type(module: &Module) -> FuncType {
    module.imports().next().unwrap().ty().func().unwrap().clone()
}

#[test]
fn host_functions_of_typed_references() {
    const WAT: &str = r#"(module (type $t (func (result i32)))
        (import "host" "turn" (func $turn (param (ref null $t) (ref $t)) (result (ref $t) (ref null $t))))
        (func $five (export "five") (type $t) (i32.const 5)) (func $six (export "six") (type $t) (i32.const 6))
        (func (export "f") (result i32) (local $a (ref $t)) (local $b (ref null $t))
            (call $turn (ref.func $five) (ref.func $six))
            (local.set $b) (local.set $a)
            (i32.add (i32.mul (i32.const 10) (call_ref $t (local.get $a))) (call_ref $t (local.get $b))))
        (func (export "null") (result i32)
            (call $turn (ref.null $t) (ref.func $six)) (call_ref $t) (drop) (drop) (i32.const 0)))"#;
    for engine in engines() {
        let module = Module::new(&engine, WAT).unwrap();
        let ty = imported_type(&module);
        assert!(ty.params().iter().chain(ty.results()).all(|ty| ty.as_ref().unwrap().heap_type().is_concrete()));
        let mut store = Store::new(&engine, [Val::FuncRef(Nullable::Null); 2]);
        let mut linker = Linker::<[Val; 2]>::new(&engine);
        linker
            .func_new("host", "turn", ty, |mut caller, inputs, outputs| {
                outputs.copy_from_slice(&[inputs[1], inputs[0]]);
                // What the embedder wants to return instead.
                for (output, instead) in outputs.iter_mut().zip(caller.data_mut()) {
                    if let Val::FuncRef(Nullable::Val(_)) = instead {
                        *output = *instead;
                    }
                }
                Ok(())
            })
            .unwrap();
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        assert_eq!(call_i32(&mut store, instance, "f", &[]).unwrap(), 65);
        assert_eq!(trap(call_i32(&mut store, instance, "null", &[])), TrapCode::NullReference);
        let seven = Func::wrap(&mut store, || 7_i32);
        store.data_mut()[1] = seven.into();
        assert_eq!(call_i32(&mut store, instance, "f", &[]).unwrap(), 67);
        let other = Func::wrap(&mut store, || 7_i64);
        store.data_mut()[0] = other.into();
        let error = call_i32(&mut store, instance, "f", &[]).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Func(FuncError::MismatchingResultType)), "{error:?}");
    }
}

#[test]
fn types_of_host_functions_are_those_of_imports() {
    let wat = r#"(module (type $t (func)) (import "host" "f" (func (param (ref null $t)))) (import "host" "f" (func (param funcref))))"#;
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "f", |_: Nullable<Func>| ()).unwrap();
        // A function that takes any reference is of another type, not of a subtype.
        let error = try_linked(&mut store, &linker, wat).unwrap_err();
        assert!(is_mismatch(&error), "{error:?}");
        let module = Module::new(&engine, wat).unwrap();
        linker.allow_shadowing(true);
        linker.func_new("host", "f", imported_type(&module), |_, _, _| Ok(())).unwrap();
        assert!(is_mismatch(&linker.instantiate_and_start(&mut store, &module).unwrap_err()));
    }
}

#[test]
fn values_that_the_embedder_passes() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(
            &mut store,
            r#"(module (type $t (func (result i32)))
                (func (export "call") (param (ref $t)) (result i32) (call_ref $t (local.get 0)))
                (func (export "maybe") (param (ref null $t)) (result i32) (ref.is_null (local.get 0)))
                (func (export "some") (param (ref func)) (result i32) (ref.is_null (local.get 0)))
                (func (export "same") (param (ref $t)) (result (ref $t)) (local.get 0)))"#,
        );
        let good: Val = Func::wrap(&mut store, || 8_i32).into();
        let bad: Val = Func::wrap(&mut store, || 8_i64).into();
        let null = Val::FuncRef(Nullable::Null);
        let host = Val::ExternRef(Nullable::Null);
        let results = |store: &mut Store<()>, name: &str| {
            [good, bad, null, host, Val::I32(0)].map(|value| match call(store, instance, name, &[value]) {
                Ok(results) => results[0].i32(),
                Err(error) => {
                    assert!(matches!(error.kind(), ErrorKind::Func(FuncError::MismatchingParameterType)), "{error:?}");
                    None
                }
            })
        };
        assert_eq!(results(&mut store, "call"), [Some(8), None, None, None, None]);
        assert_eq!(results(&mut store, "maybe"), [Some(0), None, Some(1), None, None]);
        assert_eq!(results(&mut store, "some"), [Some(0), Some(0), None, None, None]);
        let same = call(&mut store, instance, "same", &[good]).unwrap()[0];
        assert_eq!(same.funcref().unwrap().val(), good.funcref().unwrap().val());
        assert_eq!(same.ty(), ValType::FuncRef);
        let export = instance.get_export(&store, "call").and_then(Extern::into_func).unwrap();
        let Some(id) = export.ty(&store).params()[0].as_ref().unwrap().heap_type().type_id() else {
            panic!("{export:?}")
        };
        assert_eq!(engine.func_type(id), Some(FuncType::new([], [ValType::I32])));
    }
}

#[test]
fn without_the_proposal() {
    for engine in engines_with(|config| {
        config.wasm_function_references(false).wasm_gc(false);
    }) {
        for wat in [
            "(module (type $t (func)) (func (param (ref null $t))))",
            "(module (func (param (ref func))))",
            "(module (type $t (func)) (func $f (drop (ref.as_non_null (ref.func $f)))))",
            "(module (type $t (func)) (func $f (export \"f\") (call_ref $t (ref.func $f))))",
            "(module (func $f (export \"f\")) (table 1 funcref (ref.func $f)))",
        ] {
            let error = Module::new(&engine, wat).and_then(|module| {
                let mut store = Store::new(&engine, ());
                Linker::new(&engine).instantiate_and_start(&mut store, &module)
            });
            assert!(matches!(error.unwrap_err().kind(), ErrorKind::Wasm(_)), "{wat}");
        }
    }
}
