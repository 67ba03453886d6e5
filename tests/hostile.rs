//! Input that nobody meant: malformed, truncated, corrupted, huge. It gets a typed error or runs
//! within its limits, and what takes long takes long in proportion to its bytes.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use wasmote::{
    CompilationMode, Config, Engine, Error, Extern, Func, Global, Instance, Linker, Memory, Module, Ref, Store,
    StoreLimits, StoreLimitsBuilder, Table, TrapCode, Val,
    errors::ErrorKind,
};

/// No single case may take longer; generous, since nobody else's work should make a test fail.
const PATIENCE: Duration = Duration::from_secs(60);

const MODES: [CompilationMode; 3] = [CompilationMode::Eager, CompilationMode::LazyTranslation, CompilationMode::Lazy];

/// Engines of all modes and both dispatchers, metered, with stacks small enough to overflow soon.
fn engines() -> Vec<Engine> {
    let mut engines = Vec::new();
    for mode in MODES {
        for portable in [false, true] {
            let mut config = Config::default();
            config.compilation_mode(mode).portable_dispatch(portable).consume_fuel(true).set_max_stack_height(64 << 10);
            engines.push(Engine::new(&config));
        }
    }
    engines
}

fn kernels() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/kernels/wasm");
    let mut kernels: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    kernels.sort();
    assert!(kernels.len() > 10);
    kernels
}

/// Runs `case` and fails if it takes too long.
fn in_time<R>(name: &str, case: impl FnOnce() -> R) -> R {
    let start = Instant::now();
    let result = case();
    let took = start.elapsed();
    assert!(took < PATIENCE, "{name} took {took:?}");
    result
}

/// Loads bytes that must not be a module; gives what is said about them.
fn reject(engine: &Engine, name: &str, wasm: &[u8]) -> String {
    in_time(name, || match Module::new(engine, wasm) {
        Ok(_) => panic!("{name}: loaded"),
        Err(error) => {
            if let ErrorKind::Wasm(error) = error.kind() {
                assert!(error.offset() <= wasm.len(), "{name}: {error}");
            }
            error.to_string()
        }
    })
}

/// An import that does nothing, zero or null of its type.
fn stub(store: &mut Store<StoreLimits>, ty: &wasmote::ExternType) -> Result<Extern, Error> {
    Ok(match ty {
        wasmote::ExternType::Func(ty) => Func::new(store, ty.clone(), |_, _, _| Ok(())).into(),
        wasmote::ExternType::Memory(ty) => Memory::new(store, *ty)?.into(),
        wasmote::ExternType::Table(ty) => Table::new(store, *ty, Ref::null(ty.element()))?.into(),
        wasmote::ExternType::Global(ty) => {
            Global::new(store, Val::default(ty.content()), ty.mutability()).into()
        }
    })
}

/// Instantiates a module and calls all it exports, with fuel and limits; says how far it came.
fn run(module: &Module) -> usize {
    const FUEL: u64 = 20_000;
    let limits = StoreLimitsBuilder::new().memory_size(1 << 21).table_elements(10_000).build();
    let mut store = Store::new(module.engine(), limits);
    store.limiter(|limits| limits);
    store.set_fuel(FUEL).unwrap();
    let mut imports = Vec::new();
    for import in module.imports() {
        match stub(&mut store, import.ty()) {
            Ok(import) => imports.push(import),
            Err(_) => return 0,
        }
    }
    let Ok(instance) = Instance::new(&mut store, module, &imports) else { return 1 };
    let funcs: Vec<Func> = instance.exports(&store).filter_map(|export| export.into_func()).collect();
    let mut done = 2;
    for func in funcs {
        let ty = func.ty(&store);
        let inputs: Vec<Val> = ty.params().iter().map(|&ty| Val::default(ty)).collect();
        let mut outputs: Vec<Val> = ty.results().iter().map(|&ty| Val::default(ty)).collect();
        store.set_fuel(FUEL).unwrap();
        if func.call(&mut store, &inputs, &mut outputs).is_ok() {
            done += 1;
        }
    }
    done
}

#[test]
fn prefixes() {
    let engines = engines();
    for (name, wasm) in kernels() {
        let step = (wasm.len() / 300).max(1);
        for len in (0..wasm.len()).step_by(step).chain(wasm.len().saturating_sub(20)..wasm.len()) {
            let prefix = &wasm[..len];
            // A module may end after any of its sections; it is then another module.
            match Module::new(&engines[len % engines.len()], prefix) {
                Err(_) => {
                    assert!(len == 0 || Module::validate(&engines[0], prefix).is_err() || len < 8, "{name} {len}");
                }
                Ok(module) => {
                    assert!(len >= 8 && ends_with_a_section(prefix), "{name}: the first {len} bytes load");
                    run(&module);
                }
            }
        }
    }
}

/// Whether bytes end where a section of a module ends.
fn ends_with_a_section(wasm: &[u8]) -> bool {
    let mut at = 8;
    while at < wasm.len() {
        at += 1;
        let (mut size, mut shift) = (0_usize, 0);
        loop {
            let Some(&byte) = wasm.get(at) else { return false };
            at += 1;
            size |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
        at += size;
    }
    at == wasm.len()
}

#[test]
fn every_corruption_of_a_small_module() {
    let engines = engines();
    let (_, wasm) = kernels().into_iter().find(|(name, _)| name == "small.wasm").unwrap();
    assert!(wasm.len() < 400);
    let (mut loaded, mut tried) = (0, 0);
    for at in 0..wasm.len() {
        in_time("a byte", || {
            let mut corrupt = wasm.clone();
            for value in 0..=255 {
                corrupt[at] = value;
                if corrupt[at] == wasm[at] {
                    continue;
                }
                tried += 1;
                if let Ok(module) = Module::new(&engines[(at + usize::from(value)) % engines.len()], &corrupt) {
                    loaded += 1;
                    run(&module);
                }
            }
        });
    }
    assert!(loaded > 100 && tried == wasm.len() * 255);
}

#[test]
fn some_corruptions_of_all_modules() {
    let engines = engines();
    for (name, wasm) in kernels() {
        let step = (wasm.len() / 250).max(1);
        for at in (0..wasm.len()).step_by(step) {
            for (i, change) in [0x01_u8, 0x80, 0xff, 0x40].into_iter().enumerate() {
                let mut corrupt = wasm.clone();
                corrupt[at] ^= change;
                in_time(&name, || {
                    if let Ok(module) = Module::new(&engines[(at + i) % engines.len()], &corrupt) {
                        run(&module);
                    }
                });
            }
        }
    }
}

#[test]
fn bytes_cut_out_and_repeated() {
    let engines = engines();
    for (name, wasm) in kernels().into_iter().filter(|(_, wasm)| wasm.len() < 1000) {
        for at in 8..wasm.len() {
            let mut cut = wasm.clone();
            cut.remove(at);
            let mut repeated = wasm.clone();
            repeated.insert(at, wasm[at]);
            for bytes in [cut, repeated] {
                in_time(&name, || {
                    if let Ok(module) = Module::new(&engines[at % engines.len()], &bytes) {
                        run(&module);
                    }
                });
            }
        }
    }
}

/// A number as LEB128.
fn leb(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id][..], &leb(content.len() as u64), content].concat()
}

fn module(sections: &[Vec<u8>]) -> Vec<u8> {
    [b"\0asm\x01\0\0\0".to_vec(), sections.concat()].concat()
}

/// A module with one function of type `(i32) -> (i32)`, exported as `f`, with this body.
fn with_body(locals: &[u8], code: &[u8]) -> Vec<u8> {
    let body = [locals, code].concat();
    module(&[
        section(1, &[1, 0x60, 1, 0x7f, 1, 0x7f]),
        section(3, &[1, 0]),
        section(7, &[1, 1, b'f', 0, 0]),
        section(10, &[vec![1], leb(body.len() as u64), body].concat()),
    ])
}

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
                    // The count of data segments says nothing by itself; none follow.
                    sections.push(section(11, &[0]));
                }
                reject(&engine, &name, &module(&sections));
            }
        }
        // Sections that claim more bytes than there are, and numbers that do not end.
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
            reject(&engine, "a body", &module(&[section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0]), section(10, &locals)]));
            let name = [leb(len), b"abc".to_vec()].concat();
            reject(&engine, "a name", &module(&[section(0, &name)]));
        }
    }
}

#[test]
fn locals_without_end() {
    for engine in engines() {
        for (runs, each) in [(1, 1_u64 << 32), (1, u64::from(u32::MAX)), (2, 1 << 31), (1, 50_001), (1000, 1000)] {
            let locals = [leb(runs), [leb(each), vec![0x7e]].concat().repeat(runs as usize)].concat();
            reject(&engine, "locals", &with_body(&locals, &[0x20, 0, 0x0b]));
        }
    }
}

#[test]
fn as_many_locals_as_allowed() {
    for engine in engines() {
        for locals in [[vec![1], leb(49_999), vec![0x7e]].concat(), [leb(49_999), [1, 0x7c].repeat(49_999)].concat()] {
            let wasm = with_body(&locals, &[0x20, 0, 0x0b]);
            let module = in_time("50,000 locals", || Module::new(&engine, &wasm)).unwrap();
            let mut store = Store::new(&engine, ());
            store.set_fuel(1 << 40).unwrap();
            let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
            let func = instance.get_typed_func::<i32, i32>(&store, "f").unwrap();
            let error = func.call(&mut store, 1).unwrap_err();
            assert_eq!(error.as_trap_code(), Some(TrapCode::StackOverflow), "the stack is too small for it");
        }
    }
    let engine = Engine::default();
    let wasm = with_body(&[vec![1], leb(49_999), vec![0x7e]].concat(), &[0x20, 0, 0x0b]);
    let module = Module::new(&engine, &wasm).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
    assert_eq!(instance.get_typed_func::<i32, i32>(&store, "f").unwrap().call(&mut store, 9).unwrap(), 9);
}

/// `br_table` in a block with `targets` targets besides the default.
fn br_table(targets: u64) -> Vec<u8> {
    let mut code = vec![0x02, 0x40, 0x02, 0x40, 0x20, 0, 0x0e];
    code.extend(leb(targets));
    code.extend((0..targets).map(|i| (i % 2) as u8));
    code.extend([0x01, 0x0b, 0x41, 1, 0x0f, 0x0b, 0x41, 2, 0x0b]);
    with_body(&[0], &code)
}

/// Blocks one inside the other, each left by a `br_if` to the outermost.
fn nesting(depth: usize) -> Vec<u8> {
    let mut code = [0x02, 0x40].repeat(depth);
    code.extend([0x20, 0, 0x0d, 0]);
    code.extend([0x0b].repeat(depth));
    code.extend([0x20, 0, 0x0b]);
    with_body(&[0], &code)
}

/// Loops with results, one inside the other: `loop (result i32) ... end`.
fn nested_loops(depth: usize) -> Vec<u8> {
    let mut code = [0x03, 0x7f].repeat(depth);
    code.extend([0x20, 0]);
    code.extend([0x0b].repeat(depth));
    code.push(0x0b);
    with_body(&[0], &code)
}

/// `if`s one inside the other, each with an `else`.
fn nested_ifs(depth: usize) -> Vec<u8> {
    let mut code = [0x20, 0, 0x04, 0x7f].repeat(depth);
    code.extend([0x20, 0]);
    code.extend([0x05, 0x41, 1, 0x0b].repeat(depth));
    code.push(0x0b);
    with_body(&[0], &code)
}

/// Blocks one after the other, each left by a `br_if`.
fn many_blocks(count: usize) -> Vec<u8> {
    let mut code = [0x02, 0x40, 0x20, 0, 0x0d, 0, 0x0b].repeat(count);
    code.extend([0x20, 0, 0x0b]);
    with_body(&[0], &code)
}

/// `local.get` of a parameter again and again, then a `local.set` of it, then additions.
fn high_stack(height: usize) -> Vec<u8> {
    let mut code = [0x20, 0].repeat(height);
    code.extend([0x41, 0, 0x21, 0]);
    code.extend([0x6a].repeat(height - 1));
    code.push(0x0b);
    with_body(&[0], &code)
}

/// Branches out of one block, all patched at its end.
fn many_branches(count: usize) -> Vec<u8> {
    let mut code = vec![0x02, 0x40];
    code.extend([0x20, 0, 0x0d, 0].repeat(count));
    code.extend([0x0b, 0x20, 0, 0x0b]);
    with_body(&[0], &code)
}

/// Many locals, of which many are set while they are on the operand stack.
fn set_while_read(count: usize) -> Vec<u8> {
    let mut code = Vec::new();
    for _ in 0..count {
        code.extend([0x20, 0, 0x20, 0, 0x41, 1, 0x6a, 0x21, 0, 0x1a]);
    }
    code.extend([0x20, 0, 0x0b]);
    with_body(&[0], &code)
}

/// Operands left over where code cannot be reached.
fn unreachable_code(count: usize) -> Vec<u8> {
    let mut code = vec![0x20, 0, 0x0f];
    code.extend([0x02, 0x40, 0x6a, 0x1a, 0x0b].repeat(count));
    code.push(0x0b);
    with_body(&[0], &code)
}

/// One function after the other.
fn many_functions(count: usize) -> Vec<u8> {
    module(&[
        section(1, &[1, 0x60, 0, 0]),
        section(3, &[leb(count as u64), vec![0; count]].concat()),
        section(10, &[leb(count as u64), [2, 0, 0x0b].repeat(count)].concat()),
    ])
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
        let module = Module::new(&engine, high_stack(200_000));
        let error = match module {
            Err(error) => error,
            // Translated at the first call only.
            Ok(module) => {
                let mut store = Store::new(&engine, ());
                store.set_fuel(1 << 40).unwrap();
                let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
                instance.get_typed_func::<i32, i32>(&store, "f").unwrap().call(&mut store, 1).unwrap_err()
            }
        };
        assert!(matches!(error.kind(), ErrorKind::Translation(_)), "{error:?}");
    }
}

#[test]
fn types_of_a_thousand_parameters_and_results() {
    let func = |count: usize| {
        let list = [leb(count as u64), vec![0x7e; count]].concat();
        let ty = [vec![1, 0x60], list.clone(), list].concat();
        let mut code = vec![0];
        for i in (0..count as u64).rev() {
            code.push(0x20);
            code.extend(leb(i));
        }
        code.push(0x0b);
        module(&[
            section(1, &ty),
            section(3, &[1, 0]),
            section(7, &[1, 1, b'f', 0, 0]),
            section(10, &[vec![1], leb(code.len() as u64), code].concat()),
        ])
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
            store.set_fuel(1000).unwrap();
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
        // Growth that cannot be had gives -1, whatever it is called with.
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
        store.set_fuel(1 << 40).unwrap();
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
    assert_eq!(offset(&unknown), [(14, None); 3]);
    let bad_type = module(&[section(1, &[1, 0x61, 0, 0])]);
    assert_eq!(offset(&bad_type)[0].0, 11);
    // `i32.add` of one operand; the offset is the operator's.
    let body = with_body(&[0], &[0x20, 0, 0x6a, 0x0b]);
    let at = body.len() - 2;
    let engine = Engine::default();
    let error = Module::new(&engine, &body).map(drop).unwrap_err();
    let ErrorKind::Wasm(error) = error.kind() else { panic!("{error:?}") };
    assert_eq!((error.offset(), error.func_index()), (at, Some(0)));
}

/// The least time that loading takes, of a few attempts.
fn load_time(wasm: &[u8]) -> Duration {
    let mut config = Config::default();
    config.compilation_mode(CompilationMode::Eager);
    let engine = Engine::new(&config);
    let attempt = |_| {
        let start = Instant::now();
        Module::new(&engine, wasm).unwrap();
        start.elapsed()
    };
    (0..2).map(attempt).min().unwrap()
}

/// Fails if four times the size takes much more than four times the time.
fn assert_linear(name: &str, size: usize, wasm: impl Fn(usize) -> Vec<u8>) {
    const MOST: f64 = 6.0;
    let (one, four) = (wasm(size), wasm(4 * size));
    let mut ratios = Vec::new();
    for _ in 0..4 {
        let (one, four) = (load_time(&one), load_time(&four));
        let ratio = four.as_secs_f64() / one.as_secs_f64().max(1e-6);
        if ratio <= MOST {
            return;
        }
        ratios.push(format!("{one:?} -> {four:?}: {ratio:.1}"));
    }
    panic!("{name}: {ratios:?}");
}

#[test]
fn translation_is_linear() {
    assert_linear("br_table", 100_000, |size| br_table(size as u64));
    assert_linear("nesting", 25_000, nesting);
    assert_linear("loops", 25_000, nested_loops);
    assert_linear("ifs", 25_000, nested_ifs);
    assert_linear("blocks", 25_000, many_blocks);
    assert_linear("branches", 25_000, many_branches);
    assert_linear("set while read", 25_000, set_while_read);
    assert_linear("unreachable", 50_000, unreachable_code);
    assert_linear("operands", 10_000, high_stack);
    assert_linear("functions", 20_000, many_functions);
    assert_linear("locals", 12_000, |size| {
        // Each local is set and read again.
        let locals = [leb(size as u64), [1, 0x7f].repeat(size)].concat();
        let mut code = Vec::new();
        for i in 1..size as u64 {
            code.push(0x20);
            code.extend(leb(i - 1));
            code.push(0x21);
            code.extend(leb(i));
        }
        code.extend([0x20, 0, 0x0b]);
        with_body(&locals, &code)
    });
    assert_linear("blocks with locals", 6000, |size| {
        // Many locals of which one is on the operand stack, and many blocks.
        let locals = [vec![1], leb(size as u64), vec![0x7f]].concat();
        let mut code = vec![0x20, 1];
        code.extend([0x02, 0x40, 0x20, 0, 0x0d, 0, 0x20, 0, 0x21, 1, 0x0b].repeat(size));
        code.push(0x0b);
        with_body(&locals, &code)
    });
    assert_linear("operands and blocks", 4000, |size| {
        // Operands stay below while blocks come and go.
        let mut code = [0x20, 0].repeat(size);
        code.extend([0x02, 0x40, 0x20, 0, 0x0d, 0, 0x0b].repeat(size));
        code.extend([0x6a].repeat(size - 1));
        code.push(0x0b);
        with_body(&[0], &code)
    });
    assert_linear("operands and sets", 4000, |size| {
        let mut code = [0x20, 0].repeat(size);
        code.extend([0x41, 5, 0x21, 0].repeat(size));
        code.extend([0x6a].repeat(size - 1));
        code.push(0x0b);
        with_body(&[0], &code)
    });
    assert_linear("branches with values", 2000, |size| {
        // Many branches that each carry many values must not be forgotten either.
        let mut code = vec![0x02, 0x7f, 0x41, 0];
        code.extend([0x20, 0, 0x0d, 0].repeat(size));
        code.extend([0x0b, 0x0b]);
        with_body(&[0], &code)
    });
}
