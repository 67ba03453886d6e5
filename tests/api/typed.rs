//! Typed functions and checks of types at calls.

use wasmote::{
    Caller, Engine, Error, ExternRef, F32, Func, FuncType, Linker, Nullable, Store, TypedResumableCall, Val, ValType,
    errors::{ErrorKind, FuncError},
};

use crate::{engines, engines_with, instance, linked};

const WAT: &str = r#"(module
    (func (export "none"))
    (func (export "one") (param i64) (result i64) (i64.add (local.get 0) (i64.const 1)))
    (func (export "float") (param f32) (result f32) (f32.mul (local.get 0) (f32.const 2)))
    (func (export "swap") (param i32 f64) (result f64 i32) local.get 1 local.get 0)
    (func (export "many") (param i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64)
        (result f64 f32 i64 i32 f64 f32 i64 i32 f64 f32 i64 i32 f64 f32 i64 i32)
        local.get 15 local.get 14 local.get 13 local.get 12 local.get 11 local.get 10 local.get 9 local.get 8
        local.get 7 local.get 6 local.get 5 local.get 4 local.get 3 local.get 2 local.get 1 local.get 0)
    (func (export "const") (result i32 i32 i32) (i32.const 1) (i32.const 2) (i32.const 3))
    (func (export "take") (param i32 i32 i32))
    (memory (export "memory") 1))"#;

fn kind(error: &Error) -> FuncError {
    match error.kind() {
        ErrorKind::Func(error) => *error,
        kind => panic!("{kind:?}"),
    }
}

#[test]
fn calls() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, WAT);
        instance.get_typed_func::<(), ()>(&store, "none").unwrap().call(&mut store, ()).unwrap();
        let one = instance.get_typed_func::<u64, i64>(&store, "one").unwrap();
        assert_eq!(one.call(&mut store, u64::MAX - 1).unwrap(), -1);
        let one_tuple = instance.get_typed_func::<(i64,), (u64,)>(&store, "one").unwrap();
        assert_eq!(one_tuple.call(&mut store, (-2,)).unwrap(), (u64::MAX,));
        let float = instance.get_typed_func::<f32, F32>(&store, "float").unwrap();
        assert_eq!(float.call(&mut store, 1.25).unwrap().to_float(), 2.5);
        let swap = instance.get_typed_func::<(i32, f64), (f64, i32)>(&store, "swap").unwrap();
        assert_eq!(swap.call(&mut store, (7, 0.5)).unwrap(), (0.5, 7));
        let constant = instance.get_typed_func::<(), (i32, u32, i32)>(&store, "const").unwrap();
        assert_eq!(constant.call(&mut store, ()).unwrap(), (1, 2, 3));
        instance.get_typed_func::<(i32, i32, i32), ()>(&store, "take").unwrap().call(&mut store, (1, 2, 3)).unwrap();
        let copy = swap;
        assert_eq!(copy.func(), swap.func());
    }
}

#[test]
fn sixteen_values() {
    type Params = (i32, i64, f32, f64, i32, i64, f32, f64, i32, i64, f32, f64, i32, i64, f32, f64);
    type Results = (f64, f32, i64, i32, f64, f32, i64, i32, f64, f32, i64, i32, f64, f32, i64, i32);
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, WAT);
        let many = instance.get_typed_func::<Params, Results>(&store, "many").unwrap();
        let inputs = (0, 1, 2.0, 3.0, 4, 5, 6.0, 7.0, 8, 9, 10.0, 11.0, 12, 13, 14.0, 15.0);
        let outputs = many.call(&mut store, inputs).unwrap();
        let (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) = outputs;
        assert_eq!((a, b, c, d, e, f, g, h), (15.0, 14.0, 13, 12, 11.0, 10.0, 9, 8));
        assert_eq!((i, j, k, l, m, n, o, p), (7.0, 6.0, 5, 4, 3.0, 2.0, 1, 0));
    }
}

#[test]
fn types_are_checked_when_a_typed_function_is_made() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, WAT);
        let error = instance.get_typed_func::<i32, i64>(&store, "one").unwrap_err();
        assert_eq!(kind(&error), FuncError::MismatchingParameterType);
        let error = instance.get_typed_func::<i64, f64>(&store, "one").unwrap_err();
        assert_eq!(kind(&error), FuncError::MismatchingResultType);
        assert!(instance.get_typed_func::<(i64, i64), i64>(&store, "one").is_err());
        assert!(instance.get_typed_func::<(), i64>(&store, "one").is_err());
        assert!(instance.get_typed_func::<i64, ()>(&store, "one").is_err());
        let error = instance.get_typed_func::<(), ()>(&store, "nothing").unwrap_err();
        assert_eq!(kind(&error), FuncError::ExportedFuncNotFound);
        let error = instance.get_typed_func::<(), ()>(&store, "memory").unwrap_err();
        assert_eq!(kind(&error), FuncError::ExportedFuncNotFound);
    }
}

#[test]
fn values_are_checked_at_untyped_calls() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, WAT);
        let swap = instance.get_func(&store, "swap").unwrap();
        assert_eq!(swap.ty(&store), FuncType::new([ValType::I32, ValType::F64], [ValType::F64, ValType::I32]));
        let good = [Val::I32(1), Val::F64(2.0.into())];
        let mut outputs = [Val::I32(0), Val::I32(0)];
        let attempt = |store: &mut Store<()>, inputs: &[Val], outputs: &mut [Val]| {
            kind(&swap.call(store, inputs, outputs).unwrap_err())
        };
        assert_eq!(attempt(&mut store, &good[..1], &mut outputs), FuncError::MismatchingParameterLen);
        assert_eq!(attempt(&mut store, &[good[0]; 3], &mut outputs), FuncError::MismatchingParameterLen);
        assert_eq!(attempt(&mut store, &[good[0]; 2], &mut outputs), FuncError::MismatchingParameterType);
        assert_eq!(attempt(&mut store, &good, &mut outputs[..1]), FuncError::MismatchingResultLen);
        assert_eq!(attempt(&mut store, &good, &mut [Val::I32(0); 3]), FuncError::MismatchingResultLen);
        swap.call(&mut store, &good, &mut outputs).unwrap();
        assert_eq!((outputs[0].f64().map(f64::from), outputs[1].i32()), (Some(2.0), Some(1)));
    }
}

#[test]
fn host_functions_have_types_too() {
    let mut store = Store::<()>::default();
    let func = Func::wrap(&mut store, |_: u32, _: F32| -> Result<(i64, f64), Error> { Ok((1, 2.0)) });
    let types = ([ValType::I32, ValType::F32], [ValType::I64, ValType::F64]);
    assert_eq!(func.ty(&store), FuncType::new(types.0, types.1));
    assert!(func.typed::<(i32, f32), (u64, f64)>(&store).is_ok());
    assert!(func.typed::<(i32, f32), (u64, f32)>(&store).is_err());
    assert!(func.typed::<(i32, f64), (u64, f64)>(&store).is_err());
}

#[test]
#[should_panic(expected = "another store")]
fn typed_functions_of_another_store() {
    let engine = Engine::default();
    let (mut store, mut other) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let instance = instance(&mut store, WAT);
    let one = instance.get_typed_func::<u64, u64>(&store, "one").unwrap();
    let _ = one.call(&mut other, 1);
}

#[test]
#[should_panic(expected = "another store")]
fn functions_of_another_store() {
    let engine = Engine::default();
    let (mut store, mut other) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let func = Func::wrap(&mut store, || ());
    let _ = func.call(&mut other, &[], &mut []);
}

#[test]
fn results_may_be_of_subtypes() {
    const WAT: &str = r#"(module (type $t (func (result i32)))
        (func $five (export "five") (type $t) (i32.const 5))
        (func (export "null") (result (ref null $t)) (ref.null $t))
        (func (export "maybe") (result (ref null $t)) (ref.func $five))
        (func (export "concrete") (result (ref $t)) (ref.func $five))
        (func (export "some") (result (ref func)) (ref.func $five))
        (func (export "any") (result funcref) (ref.func $five))
        (func (export "several") (param i32) (result i32 (ref $t) i64 (ref extern) (ref null $t))
            (local.get 0) (ref.func $five) (i64.const 7) (ref.as_non_null (global.get $object)) (ref.null $t))
        (func (export "object") (result (ref extern)) (ref.as_non_null (global.get $object)))
        (global $object (export "object of the host") (mut externref) (ref.null extern)))"#;
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, WAT);
        let five = |store: &mut Store<()>, func: Func| func.typed::<(), i32>(&*store).unwrap().call(store, ()).unwrap();
        for name in ["maybe", "concrete", "some", "any"] {
            let func =
                instance.get_typed_func::<(), Nullable<Func>>(&store, name).unwrap().call(&mut store, ()).unwrap();
            assert_eq!(five(&mut store, *func.val().unwrap()), 5, "{name}");
            let func =
                instance.get_typed_func::<(), (Option<Func>,)>(&store, name).unwrap().call(&mut store, ()).unwrap();
            assert_eq!(five(&mut store, func.0.unwrap()), 5, "{name}");
            let error = instance.get_typed_func::<(), Nullable<ExternRef>>(&store, name).unwrap_err();
            assert_eq!(kind(&error), FuncError::MismatchingResultType);
            assert!(instance.get_typed_func::<(), i64>(&store, name).is_err());
        }
        assert!(
            instance
                .get_typed_func::<(), Option<Func>>(&store, "null")
                .unwrap()
                .call(&mut store, ())
                .unwrap()
                .is_none()
        );
        let object = ExternRef::new(&mut store, 8_u8);
        instance.get_global(&store, "object of the host").unwrap().set(&mut store, object.into()).unwrap();
        let typed = instance.get_typed_func::<(), Option<ExternRef>>(&store, "object").unwrap();
        let object = typed.call(&mut store, ()).unwrap().unwrap();
        assert_eq!(object.data(&store).downcast_ref::<u8>(), Some(&8));
        type Several = (u32, Option<Func>, i64, Nullable<ExternRef>, Nullable<Func>);
        let several = instance.get_typed_func::<i32, Several>(&store, "several").unwrap();
        let (number, func, seven, object, null) = several.call(&mut store, 3).unwrap();
        assert_eq!((number, five(&mut store, func.unwrap()), seven), (3, 5, 7));
        assert!(null.is_null() && object.val().is_some());
        let TypedResumableCall::Finished((3, Some(_), 7, ..)) = several.call_resumable(&mut store, 3).unwrap() else {
            panic!("it has the same results")
        };
    }
}

#[test]
fn parameters_take_all_values_of_the_rust_type() {
    const WAT: &str = r#"(module (type $t (func (result i32)))
        (func (export "any") (param funcref externref) (result i32 i32)
            (ref.is_null (local.get 0)) (ref.is_null (local.get 1)))
        (func (export "maybe") (param (ref null $t)))
        (func (export "concrete") (param (ref $t)))
        (func (export "some") (param (ref func)))
        (func (export "object") (param (ref extern))))"#;
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, WAT);
        let func = Func::wrap(&mut store, || 5);
        let object = ExternRef::new(&mut store, ());
        let any = instance.get_typed_func::<(Option<Func>, Option<ExternRef>), (i32, i32)>(&store, "any").unwrap();
        assert_eq!(any.call(&mut store, (Some(func), None)).unwrap(), (0, 1));
        assert_eq!(any.call(&mut store, (None, Some(object))).unwrap(), (1, 0));
        // A call would have to check each value.
        for name in ["maybe", "concrete", "some"] {
            for error in [
                instance.get_typed_func::<Nullable<Func>, ()>(&store, name).unwrap_err(),
                instance.get_typed_func::<Option<Func>, ()>(&store, name).unwrap_err(),
            ] {
                assert_eq!(kind(&error), FuncError::MismatchingParameterType, "{name}");
            }
        }
        let error = instance.get_typed_func::<Option<ExternRef>, ()>(&store, "object").unwrap_err();
        assert_eq!(kind(&error), FuncError::MismatchingParameterType);
        instance.get_func(&store, "concrete").unwrap().call(&mut store, &[func.into()], &mut []).unwrap();
    }
}

#[test]
fn host_functions_take_and_return_options() {
    for engine in engines() {
        let mut store = Store::new(&engine, 0);
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "swap", |mut caller: Caller<'_, i32>, a: Option<Func>, b: Option<ExternRef>| {
                *caller.data_mut() += i32::from(a.is_some()) + 10 * i32::from(b.is_some());
                (b, a)
            })
            .unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "swap" (func $swap (param funcref externref) (result externref funcref)))
                (func (export "swap") (param funcref externref) (result externref funcref)
                    (call $swap (local.get 0) (local.get 1))))"#,
        );
        let func = Func::wrap(&mut store, || 5);
        type Given = (Option<Func>, Option<ExternRef>);
        type Swapped = (Option<ExternRef>, Option<Func>);
        let swap = instance.get_typed_func::<Given, Swapped>(&store, "swap").unwrap();
        let (object, same) = swap.call(&mut store, (Some(func), None)).unwrap();
        assert!(object.is_none() && same == Some(func));
        let object = ExternRef::new(&mut store, ());
        let (object, none) = swap.call(&mut store, (None, Some(object))).unwrap();
        assert!(object.is_some() && none.is_none());
        assert_eq!(*store.data(), 11);
    }
}

#[test]
fn functions_that_are_not_null_have_a_type() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "same", |func: Func| func).unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (type $t (func (result i32)))
                (import "host" "same" (func $same (param (ref func)) (result (ref func))))
                (func $five (export "five") (type $t) (i32.const 5))
                (func (export "maybe") (result (ref null $t)) (ref.func $five))
                (func (export "any") (param funcref) (result i32) (ref.is_null (local.get 0)))
                (func (export "concrete") (param (ref $t)))
                (func (export "same") (param (ref func)) (result (ref func)) (call $same (local.get 0))))"#,
        );
        let five = instance.get_func(&store, "five").unwrap();
        let same = instance.get_typed_func::<Func, Func>(&store, "same").unwrap();
        assert_eq!(same.call(&mut store, five).unwrap(), five);
        let wider = instance.get_typed_func::<Func, Option<Func>>(&store, "same").unwrap();
        assert_eq!(wider.call(&mut store, five).unwrap(), Some(five));
        let any = instance.get_typed_func::<Func, i32>(&store, "any").unwrap();
        assert_eq!(any.call(&mut store, five).unwrap(), 0);
        let error = instance.get_typed_func::<Option<Func>, Func>(&store, "same").unwrap_err();
        assert_eq!(kind(&error), FuncError::MismatchingParameterType);
        let error = instance.get_typed_func::<Func, ()>(&store, "concrete").unwrap_err();
        assert_eq!(kind(&error), FuncError::MismatchingParameterType);
        let error = instance.get_typed_func::<(), Func>(&store, "maybe").unwrap_err();
        assert_eq!(kind(&error), FuncError::MismatchingResultType);
    }
}

#[test]
fn results_may_be_of_declared_subtypes() {
    // The types of the functions differ from plain ones by what is declared, which typed calls do not need to know.
    const WAT: &str = r#"(module (type $a (sub (func (result funcref)))) (type $b (sub final $a (func (result (ref $a)))))
        (func $f (export "f") (type $b) (ref.func $f)))"#;
    for engine in engines_with(|config| {
        config.wasm_gc(true);
    }) {
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, WAT);
        let func = instance.get_typed_func::<(), Option<Func>>(&store, "f").unwrap();
        assert_eq!(func.call(&mut store, ()).unwrap(), Some(*func.func()));
    }
}
