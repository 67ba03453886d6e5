//! Numbers, functions and sizes at their limits, or beyond.

use wasmote::{Config, Engine, Error, Linker, Module, Store, TrapCode, Val, errors::ErrorKind};
use wasmote_bombs::bytes::{leb, module, section, with_func};

use crate::{
    MODES, engines, in_time, reject,
    wasm::{
        br_table, high_stack, many_blocks, many_branches, nested_ifs, nested_loops, nesting, set_while_read,
        unreachable_code, with_body,
    },
};

#[test]
fn counts_that_nothing_follows() {
    for engine in engines() {
        for id in 1..=12 {
            for count in [1, 1000, 100_000, 1 << 31, u64::from(u32::MAX)] {
                let name = format!("section {id} with {count} items");
                let mut sections = Vec::new();
                if id > 1 {
                    sections.push(section(1, &[1, 0x60, 0, 0]));
                }
                sections.push(section(id, &leb(count)));
                if id == 12 {
                    // The count of data segments alone is valid without a data section.
                    sections.push(section(11, &[0]));
                }
                reject(&engine, &name, &module(&sections));
            }
        }
        // Sections that claim more bytes than the module has, and numbers without an end.
        for id in 0..=13 {
            for size in [1, 1 << 20, u64::from(u32::MAX)] {
                reject(&engine, "a long section", &[&b"\0asm\x01\0\0\0"[..], &[id], &leb(size)].concat());
            }
            reject(&engine, "endless", &[&b"\0asm\x01\0\0\0"[..], &[id, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]].concat());
        }
    }
}

#[test]
fn segments_that_claim_more_than_there_is() {
    for engine in engines() {
        for len in [2, 1 << 20, 1 << 31, u64::from(u32::MAX)] {
            let data = [vec![1, 1], leb(len), vec![0]].concat();
            reject(&engine, "data", &module(&[section(5, &[1, 0, 1]), section(11, &data)]));
            let elements = [vec![1, 1, 0], leb(len), vec![0]].concat();
            let func = [section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0]), section(4, &[1, 0x70, 0, 1])].concat();
            reject(&engine, "elements", &module(&[func, section(9, &elements)]));
            let locals = [vec![1], leb(len), vec![0]].concat();
            reject(
                &engine,
                "a body",
                &module(&[section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0]), section(10, &locals)]),
            );
            let name = [leb(len), b"a".to_vec()].concat();
            reject(&engine, "a name", &module(&[section(0, &name)]));
        }
    }
}

/// Loads a module and calls its export `f`, since some modes validate and translate it only then.
fn load_and_call(engine: &Engine, wasm: &[u8]) -> Result<i32, Error> {
    let module = Module::new(engine, wasm)?;
    let mut store = Store::new(engine, ());
    store.set_fuel(1 << 40)?;
    let instance = Linker::new(engine).instantiate_and_start(&mut store, &module)?;
    instance.get_typed_func::<i32, i32>(&store, "f")?.call(&mut store, 1)
}

#[test]
fn locals_without_end() {
    for engine in engines() {
        for (runs, each) in [(1, 1_u64 << 32), (1, u64::from(u32::MAX)), (2, 1 << 31), (1, 50_001), (1000, 1000)] {
            let locals = [leb(runs), [leb(each), vec![0x7e]].concat().repeat(runs as usize)].concat();
            let wasm = with_body(&locals, &[0x20, 0, 0x0b]);
            let error = in_time("locals", || load_and_call(&engine, &wasm)).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Wasm(_)), "{error:?}");
        }
    }
}

#[test]
fn as_many_locals_as_allowed() {
    for engine in engines() {
        for locals in [[vec![1], leb(49_999), vec![0x7e]].concat(), [leb(49_999), [1, 0x7c].repeat(49_999)].concat()] {
            let wasm = with_body(&locals, &[0x20, 0, 0x0b]);
            let error = in_time("50,000 locals", || load_and_call(&engine, &wasm)).unwrap_err();
            assert_eq!(error.as_trap_code(), Some(TrapCode::StackOverflow), "the stack is too small for it");
        }
    }
    let mut config = Config::default();
    config.consume_fuel(true);
    let wasm = with_body(&[vec![1], leb(49_999), vec![0x7e]].concat(), &[0x20, 0, 0x0b]);
    assert_eq!(load_and_call(&Engine::new(&config), &wasm).unwrap(), 1);
}

/// Calls the export `f` of a module, in each engine.
fn results(name: &str, wasm: &[u8], inputs: &[i32]) -> Vec<Vec<Option<i32>>> {
    let mut all = Vec::new();
    for engine in engines() {
        let module = in_time(name, || Module::new(&engine, wasm)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut store = Store::new(&engine, ());
        store.set_fuel(1 << 40).unwrap();
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
        let func = instance.get_typed_func::<i32, i32>(&store, "f").unwrap();
        all.push(in_time(name, || inputs.iter().map(|&input| func.call(&mut store, input).ok()).collect()));
    }
    all
}

#[test]
fn large_functions_run() {
    let check = |name: &str, wasm: &[u8], cases: &[(i32, Option<i32>)]| {
        let inputs: Vec<i32> = cases.iter().map(|case| case.0).collect();
        let expected: Vec<Option<i32>> = cases.iter().map(|case| case.1).collect();
        for results in results(name, wasm, &inputs) {
            assert_eq!(results, expected, "{name}");
        }
    };
    check(
        "br_table",
        &br_table(100_000),
        &[(0, Some(1)), (1, Some(2)), (99_998, Some(1)), (99_999, Some(2)), (100_000, Some(2)), (-1, Some(2))],
    );
    check("nesting", &nesting(100_000), &[(0, Some(0)), (5, Some(5))]);
    check("loops", &nested_loops(100_000), &[(7, Some(7))]);
    check("ifs", &nested_ifs(50_000), &[(0, Some(1)), (6, Some(6))]);
    check("blocks", &many_blocks(100_000), &[(0, Some(0)), (8, Some(8))]);
    check("branches", &many_branches(100_000), &[(0, Some(0)), (9, Some(9))]);
    check("set while read", &set_while_read(100_000), &[(0, Some(100_000))]);
    check("unreachable", &unreachable_code(100_000), &[(3, Some(3))]);
    check("operands", &high_stack(5000), &[(3, Some(15_000))]);
}

#[test]
fn frames_have_a_greatest_size() {
    for engine in engines() {
        let error = load_and_call(&engine, &high_stack(200_000)).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Translation(_)), "{error:?}");
    }
}

#[test]
fn types_of_a_thousand_parameters_and_results() {
    let func = |count: usize| {
        let list = [leb(count as u64), vec![0x7e; count]].concat();
        let ty = [vec![1, 0x60], list.clone(), list].concat();
        let mut code = Vec::new();
        for i in (0..count as u64).rev() {
            code.push(0x20);
            code.extend(leb(i));
        }
        code.push(0x0b);
        with_func(&ty, &[0], &code)
    };
    for engine in engines() {
        let module = Module::new(&engine, func(1000)).unwrap();
        let mut store = Store::new(&engine, ());
        store.set_fuel(1 << 40).unwrap();
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
        let inputs: Vec<Val> = (0..1000).map(Val::I64).collect();
        let mut outputs = vec![Val::I64(-1); 1000];
        instance.get_func(&store, "f").unwrap().call(&mut store, &inputs, &mut outputs).unwrap();
        for (i, output) in outputs.iter().enumerate() {
            assert_eq!(output.i64(), Some(999 - i as i64));
        }
        reject(&engine, "1001 parameters", &func(1001));
        reject(&engine, "100,000 parameters", &func(100_000));
    }
}

#[test]
fn sizes_that_no_machine_has() {
    for engine in engines() {
        let linker = Linker::new(&engine);
        for wat in [
            "(module (memory i64 0x1000000000000))",
            "(module (memory i64 0x800000000000))",
            "(module (memory i64 0x7fffffffffff))",
            "(module (table i64 0xffffffffffffffff funcref))",
            "(module (table i64 0x1000000000000000 funcref))",
            "(module (table i64 0x200000000000 externref))",
        ] {
            let mut store = Store::new(&engine, ());
            store.set_fuel(u64::MAX).unwrap();
            let result = Module::new(&engine, wat).and_then(|module| linker.instantiate_and_start(&mut store, &module));
            let error = result.map(drop).unwrap_err();
            assert!(
                matches!(
                    error.kind(),
                    ErrorKind::Wasm(_)
                        | ErrorKind::Memory(_)
                        | ErrorKind::Table(_)
                        | ErrorKind::Instantiation(_)
                        | ErrorKind::ImplementationLimits(_)
                ),
                "{wat}: {error:?}"
            );
        }
        // Impossible growth returns -1, for every operand.
        let module = Module::new(
            &engine,
            r#"(module (memory $m 1) (memory $n i64 1) (table $t 1 funcref) (table $u i64 1 externref)
                (func (export "m") (param i64) (result i64)
                    (i64.extend_i32_s (memory.grow $m (i32.wrap_i64 (local.get 0)))))
                (func (export "n") (param i64) (result i64) (memory.grow $n (local.get 0)))
                (func (export "t") (param i64) (result i64)
                    (i64.extend_i32_s (table.grow $t (ref.null func) (i32.wrap_i64 (local.get 0)))))
                (func (export "u") (param i64) (result i64) (table.grow $u (ref.null extern) (local.get 0)))
                (func (export "after") (result i64)
                    (i64.store $m (i32.const 65528) (i64.const 1)) (i64.store $n (i64.const 65528) (i64.const 2))
                    (i64.add (i64.load $m (i32.const 65528)) (i64.load $n (i64.const 65528)))))"#,
        )
        .unwrap();
        let mut store = Store::new(&engine, ());
        store.set_fuel(u64::MAX).unwrap();
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        for (name, delta) in [
            ("m", 65_536),
            ("m", -1),
            ("m", 0x8000_0000),
            ("n", 1 << 48),
            ("n", (1 << 48) - 1),
            ("n", 1 << 47),
            ("n", -1),
            ("n", i64::MIN),
            ("t", -1),
            ("u", -1),
            ("u", i64::MIN),
            ("u", i64::MAX),
            ("u", 1 << 60),
            ("u", 1 << 45),
        ] {
            let grow = instance.get_typed_func::<i64, i64>(&store, name).unwrap();
            let result = in_time(name, || grow.call(&mut store, delta)).unwrap();
            assert_eq!(result, -1, "{name} {delta}");
        }
        assert_eq!(instance.get_typed_func::<(), i64>(&store, "after").unwrap().call(&mut store, ()).unwrap(), 3);
    }
}

#[test]
fn recursion_without_end() {
    let wat = r#"(module (memory 1) (table funcref (elem $direct $indirect))
        (func $direct (export "direct") (param i64) (result i64) (i64.add (call $direct (local.get 0)) (i64.const 1)))
        (func $indirect (export "indirect") (param i64) (result i64)
            (i64.add (call_indirect (param i64) (result i64) (local.get 0) (i32.const 1)) (i64.const 1)))
        (func (export "good") (result i32) (i32.load (i32.const 65532))))"#;
    for engine in engines() {
        let module = Module::new(&engine, wat).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
        for _ in 0..50 {
            for name in ["direct", "indirect"] {
                store.set_fuel(1 << 40).unwrap();
                let func = instance.get_typed_func::<i64, i64>(&store, name).unwrap();
                assert_eq!(func.call(&mut store, 1).unwrap_err().as_trap_code(), Some(TrapCode::StackOverflow));
            }
            assert_eq!(instance.get_typed_func::<(), i32>(&store, "good").unwrap().call(&mut store, ()).unwrap(), 0);
        }
    }
}

#[test]
fn errors_say_where() {
    let offset = |wasm: &[u8]| {
        MODES.map(|mode| {
            let mut config = Config::default();
            config.compilation_mode(mode);
            let error = Module::new(&Engine::new(&config), wasm).map(drop).unwrap_err();
            match error.kind() {
                ErrorKind::Wasm(error) => (error.offset(), error.func_index()),
                kind => panic!("{kind:?}"),
            }
        })
    };
    assert_eq!(offset(b"\0asm\x02\0\0\0")[0].1, None);
    let unknown = module(&[section(1, &[1, 0x60, 0, 0]), section(77, &[])]);
    assert!(offset(&unknown).into_iter().all(|(offset, func)| (14..=16).contains(&offset) && func.is_none()));
    let bad_type = module(&[section(1, &[1, 0x61, 0, 0])]);
    assert_eq!(offset(&bad_type)[0].0, 11);
    // `i32.add` with one operand; the error has the offset of the operator.
    let body = with_body(&[0], &[0x20, 0, 0x6a, 0x0b]);
    let at = body.len() - 2;
    let engine = Engine::default();
    let error = Module::new(&engine, &body).map(drop).unwrap_err();
    let ErrorKind::Wasm(error) = error.kind() else { panic!("{error:?}") };
    assert_eq!((error.offset(), error.func_index()), (at, Some(0)));
}
