//! Typed functions and checks of types at calls.

use wasmote::{
    Engine, Error, F32, Func, FuncType, Store, Val, ValType,
    errors::{ErrorKind, FuncError},
};

use crate::{engines, instance};

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
