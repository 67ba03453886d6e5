//! Host functions: their types, their view of the caller, and ways to call them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use wasmote::{
    Caller, Error, Extern, ExternRef, F32, F64, Func, FuncType, Linker, Nullable, Store, Val, ValType,
    errors::{ErrorKind, FuncError},
};

use crate::{call, call_i32, engines, instance, linked};

#[test]
fn data_of_the_store() {
    for engine in engines() {
        let mut store = Store::new(&engine, 10_i32);
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "add", |mut caller: Caller<'_, i32>, amount: i32| -> i32 {
                *caller.data_mut() += amount;
                *caller.data()
            })
            .unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "add" (func $add (param i32) (result i32)))
                (func (export "twice") (param i32) (result i32)
                    (i32.mul (call $add (local.get 0)) (call $add (local.get 0)))))"#,
        );
        assert_eq!(call_i32(&mut store, instance, "twice", &[5]).unwrap(), 15 * 20);
        assert_eq!(store.into_data(), 20);
    }
}

#[test]
fn exports_of_the_caller() {
    for engine in engines() {
        let mut store = Store::new(&engine, String::new());
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "print", |mut caller: Caller<'_, String>, start: u32, len: u32| -> Result<u32, Error> {
                assert!(caller.get_export("nothing").is_none());
                assert!(matches!(caller.get_export("run"), Some(Extern::Func(_))));
                assert!(matches!(caller.get_export("table"), Some(Extern::Table(_))));
                let global = caller.get_export("calls").and_then(Extern::into_global).ok_or(Error::new("no global"))?;
                let calls = global.get(&caller).i32().unwrap_or_default() + 1;
                global.set(&mut caller, Val::I32(calls))?;
                let memory =
                    caller.get_export("memory").and_then(Extern::into_memory).ok_or(Error::new("no memory"))?;
                let mut text = vec![0; len as usize];
                memory.read(&caller, start as usize, &mut text)?;
                let text = String::from_utf8(text).map_err(|error| Error::new(error.to_string()))?;
                caller.data_mut().push_str(&text);
                let (bytes, data) = memory.data_and_store_mut(&mut caller);
                bytes[..data.len()].copy_from_slice(data.as_bytes());
                Ok(data.len() as u32)
            })
            .unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "print" (func $print (param i32 i32) (result i32)))
                (memory (export "memory") 1)
                (table (export "table") 1 funcref)
                (global $calls (export "calls") (mut i32) (i32.const 0))
                (data (i32.const 100) "hello world")
                (func (export "run") (result i32 i32 i32)
                    (drop (call $print (i32.const 100) (i32.const 5)))
                    (call $print (i32.const 105) (i32.const 6))
                    global.get $calls
                    (i32.load8_u (i32.const 10))))"#,
        );
        let outputs = call(&mut store, instance, "run", &[]).unwrap();
        let outputs: Vec<_> = outputs.iter().map(|value| value.i32().unwrap()).collect();
        assert_eq!(outputs, [11, 2, i32::from(b'd')]);
        assert_eq!(store.data(), "hello world");
    }
}

#[test]
fn called_by_the_host_there_is_no_caller() {
    for engine in engines() {
        let mut store = Store::new(&engine, 0);
        let func = Func::wrap(&mut store, |mut caller: Caller<'_, i32>, a: i32, b: i64| -> (i64, i32) {
            assert!(caller.get_export("memory").is_none());
            *caller.data_mut() += 1;
            (b + 1, a + 1)
        });
        let typed = func.typed::<(i32, i64), (i64, i32)>(&store).unwrap();
        assert_eq!(typed.call(&mut store, (1, 2)).unwrap(), (3, 2));
        let mut outputs = [Val::I32(0), Val::I32(0)];
        func.call(&mut store, &[Val::I32(5), Val::I64(6)], &mut outputs).unwrap();
        assert_eq!((outputs[0].i64(), outputs[1].i32()), (Some(7), Some(6)));
        assert_eq!(*store.data(), 2);
    }
}

#[test]
fn every_type_of_value() {
    type Everything = (i32, u32, i64, u64, f32, f64, F32, F64, Nullable<Func>, Nullable<ExternRef>);
    const WAT: &str = r#"(module
        (type $all (func (param i32 i32 i64 i64 f32 f64 f32 f64 funcref externref)
                   (result externref funcref f64 f32 f64 f32 i64 i64 i32 i32)))
        (import "host" "turn" (func $turn (type $all)))
        (func (export "turn") (type $all)
            local.get 0 local.get 1 local.get 2 local.get 3 local.get 4
            local.get 5 local.get 6 local.get 7 local.get 8 local.get 9 call $turn))"#;
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let func = Func::wrap(&mut store, || 7_i32);
        let object = ExternRef::new(&mut store, 42_u8);
        #[rustfmt::skip]
        linker.func_wrap("host", "turn", |
            a: i32, b: u32, c: i64, d: u64, e: f32, f: f64, g: F32, h: F64, i: Nullable<Func>, j: Nullable<ExternRef>,
        | (j, i, h, g, f, e, d, c, b, a)).unwrap();
        let instance = linked(&mut store, &linker, WAT);
        let turn = instance
            .get_typed_func::<Everything, (Nullable<ExternRef>, Nullable<Func>, F64, F32, f64, f32, u64, i64, u32, i32)>(
                &store, "turn",
            )
            .unwrap();
        let signaling = (F32::from_bits(0x7fa0_1234), F64::from_bits(0xfff4_0000_dead_beef));
        let inputs =
            (-1, u32::MAX, i64::MIN, u64::MAX, 1.5, -2.5, signaling.0, signaling.1, func.into(), object.into());
        let (j, i, h, g, f, e, d, c, b, a) = turn.call(&mut store, inputs).unwrap();
        assert_eq!((a, b, c, d, e, f), (-1, u32::MAX, i64::MIN, u64::MAX, 1.5, -2.5));
        assert_eq!((g.to_bits(), h.to_bits()), (0x7fa0_1234, 0xfff4_0000_dead_beef), "NaN pass with all their bits");
        assert_eq!(i, Nullable::Val(func));
        assert_eq!(j.val().unwrap().data(&store).downcast_ref(), Some(&42_u8));
        let nulls = (0, 0, 0, 0, 0.0, -0.0, F32::default(), F64::default(), Nullable::Null, Nullable::Null);
        let (j, i, .., f, _, _, _, _, _) = turn.call(&mut store, nulls).unwrap();
        assert!(j.is_null() && i.is_null());
        assert!(f.is_sign_negative());
    }
}

#[test]
fn sixteen_parameters_and_results() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        #[rustfmt::skip]
        linker.func_wrap("host", "turn", |
            a: i64, b: f64, c: i64, d: f64, e: i64, f: f64, g: i64, h: f64,
            i: i64, j: f64, k: i64, l: f64, m: i64, n: f64, o: i64, p: f64,
        | (p, o, n, m, l, k, j, i, h, g, f, e, d, c, b, a)).unwrap();
        let types = "i64 f64 ".repeat(8);
        let turned = "f64 i64 ".repeat(8);
        let gets: String = (0..16).map(|i| format!("local.get {i} ")).collect();
        let wat = format!(
            r#"(module (type $turn (func (param {types}) (result {turned})))
                (import "host" "turn" (func $turn (type $turn)))
                (func (export "turn") (type $turn) {gets} call $turn))"#
        );
        let instance = linked(&mut store, &linker, &wat);
        let inputs: Vec<Val> = (0..8).flat_map(|i| [Val::I64(i), Val::F64(F64::from(i as f64 + 0.5))]).collect();
        let outputs = call(&mut store, instance, "turn", &inputs).unwrap();
        for (input, output) in inputs.iter().rev().zip(&outputs) {
            assert_eq!(format!("{input:?}"), format!("{output:?}"));
        }
    }
}

#[test]
fn hundreds_of_parameters_and_results() {
    const COUNT: usize = 300;
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let ty = FuncType::new(vec![ValType::I32; COUNT], vec![ValType::I64; COUNT]);
        linker
            .func_new("host", "turn", ty, |_, inputs, outputs| {
                assert_eq!((inputs.len(), outputs.len()), (COUNT, COUNT));
                for (input, output) in inputs.iter().rev().zip(outputs) {
                    *output = Val::I64(i64::from(input.i32().unwrap_or(-1)) * 2);
                }
                Ok(())
            })
            .unwrap();
        let gets: String = (0..COUNT).map(|i| format!("local.get {i} ")).collect();
        let (params, results) = ("i32 ".repeat(COUNT), "i64 ".repeat(COUNT));
        let wat = format!(
            r#"(module (type $turn (func (param {params}) (result {results})))
                (import "host" "turn" (func $turn (type $turn)))
                (func (export "turn") (type $turn) {gets} call $turn))"#
        );
        let instance = linked(&mut store, &linker, &wat);
        let inputs: Vec<Val> = (0..COUNT as i32).map(Val::I32).collect();
        let outputs = call(&mut store, instance, "turn", &inputs).unwrap();
        for (i, output) in outputs.iter().enumerate() {
            assert_eq!(output.i64(), Some((COUNT - 1 - i) as i64 * 2));
        }
    }
}

#[test]
fn results_start_as_zero_and_must_have_their_types() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let ty = FuncType::new([ValType::I32], [ValType::I32, ValType::F64, ValType::FuncRef]);
        let mut linker = Linker::new(&engine);
        linker
            .func_new("host", "f", ty, |_, inputs, outputs| {
                assert!(matches!(outputs, [Val::I32(0), Val::F64(_), Val::FuncRef(Nullable::Null)]));
                if inputs[0].i32() == Some(1) {
                    outputs[1] = Val::I64(1);
                }
                Ok(())
            })
            .unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "f" (func $f (param i32) (result i32 f64 funcref)))
                (func (export "f") (param i32) (result i32 f64 funcref) local.get 0 call $f))"#,
        );
        let outputs = call(&mut store, instance, "f", &[Val::I32(0)]).unwrap();
        assert!(matches!(outputs[..], [Val::I32(0), Val::F64(_), Val::FuncRef(Nullable::Null)]));
        let error = call(&mut store, instance, "f", &[Val::I32(1)]).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Func(FuncError::MismatchingResultType)), "{error}");
        assert!(call(&mut store, instance, "f", &[Val::I32(0)]).is_ok(), "the store goes on working");
    }
}

#[test]
fn all_kinds_of_calls_reach_the_host() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "inc", |value: i32| value + 1).unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module
                (type $unary (func (param i32) (result i32)))
                (import "host" "inc" (func $inc (type $unary)))
                (export "direct" (func $inc))
                (table funcref (elem $inc))
                (func (export "call") (type $unary) (i32.mul (call $inc (local.get 0)) (i32.const 2)))
                (func (export "tail") (type $unary) (return_call $inc (local.get 0)))
                (func (export "indirect") (type $unary)
                    (i32.sub (call_indirect (type $unary) (local.get 0) (i32.const 0)) (i32.const 100)))
                (func (export "tail_indirect") (type $unary)
                    (return_call_indirect (type $unary) (local.get 0) (i32.const 0)))
                (func $tail (type $unary) (local i64 i64 i64) (return_call $inc (local.get 0)))
                (func (export "nested") (type $unary)
                    (i32.add (call $tail (local.get 0)) (i32.mul (i32.const 1000) (call $tail (local.get 0))))))"#,
        );
        for (name, expected) in
            [("direct", 8), ("call", 16), ("tail", 8), ("indirect", -92), ("tail_indirect", 8), ("nested", 8008)]
        {
            assert_eq!(call_i32(&mut store, instance, name, &[7]).unwrap(), expected, "{name}");
        }
    }
}

#[test]
fn operands_survive_calls() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "half", |value: f64| value / 2.0).unwrap();
        linker.func_wrap("host", "nothing", || ()).unwrap();
        linker.func_wrap("host", "pair", |value: i64| (value as f32, value + 1)).unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module
                (import "host" "half" (func $half (param f64) (result f64)))
                (import "host" "nothing" (func $nothing))
                (import "host" "pair" (func $pair (param i64) (result f32 i64)))
                (func (export "f") (param i32 i64 f32 f64) (result i32 i64 f32 f64 f64) (local $a f32) (local $b i64)
                    local.get 0 (i32.const 1) i32.add
                    call $nothing
                    local.get 1 call $pair
                    local.set $b local.set $a
                    local.get $b
                    local.get 2 local.get $a f32.add
                    (f64.add (local.get 3) (call $half (local.get 3)))
                    call $nothing
                    (call $half (f64.const 3))))"#,
        );
        let inputs = [Val::I32(1), Val::I64(2), Val::F32(0.25_f32.into()), Val::F64(8.0.into())];
        let outputs = call(&mut store, instance, "f", &inputs).unwrap();
        assert_eq!((outputs[0].i32(), outputs[1].i64()), (Some(2), Some(3)));
        assert_eq!(outputs[2].f32().map(f32::from), Some(2.25));
        assert_eq!((outputs[3].f64().map(f64::from), outputs[4].f64().map(f64::from)), (Some(12.0), Some(1.5)));
    }
}

#[test]
fn closures_live_as_long_as_they_can_be_called() {
    for engine in engines() {
        let calls = Arc::new(AtomicUsize::new(0));
        let mut linker = Linker::new(&engine);
        let counter = calls.clone();
        linker.func_wrap("host", "count", move || counter.fetch_add(1, Ordering::Relaxed) as u64).unwrap();
        let wat = r#"(module (import "host" "count" (func $count (result i64))) (export "count" (func $count)))"#;
        let mut first = Store::new(&engine, ());
        let mut second = Store::new(&engine, ());
        let in_first = linked(&mut first, &linker, wat);
        let in_second = linked(&mut second, &linker, wat);
        drop(linker);
        for (store, instance) in [(&mut first, in_first), (&mut second, in_second)] {
            let count = instance.get_typed_func::<(), u64>(&*store, "count").unwrap();
            count.call(&mut *store, ()).unwrap();
        }
        assert_eq!(calls.load(Ordering::Relaxed), 2);
        drop(first);
        assert_eq!(Arc::strong_count(&calls), 2);
        drop(second);
        assert_eq!(Arc::strong_count(&calls), 1);
    }
}

#[test]
fn funcs_are_values() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, r#"(module (func $f) (export "f" (func $f)) (export "g" (func $f)))"#);
        let (f, g) = (instance.get_func(&store, "f").unwrap(), instance.get_func(&store, "g").unwrap());
        assert_eq!(f, g);
        assert_ne!(f, Func::wrap(&mut store, || ()));
        assert_eq!(f.ty(&store), FuncType::new([], []));
    }
}
