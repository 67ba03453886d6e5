//! Runs seeded random modules in this library and in `wasmi`, in both dispatchers, and compares everything that is
//! visible from outside: the outcome of instantiation, results, trap codes, arguments of host calls, globals, memories
//! and tables.
//!
//! Environment: `WASMOTE_DIFFERENTIAL_SEEDS` is the number of modules of each kind (by default 3000 random ones and 1000
//! of nested expressions), `WASMOTE_DIFFERENTIAL_FIRST` the first seed (default 0). A failure prints the seed and the
//! module as text; `WASMOTE_DIFFERENTIAL_FIRST=SEED WASMOTE_DIFFERENTIAL_SEEDS=1` runs it again.

use std::fmt::Write as _;

use wasmote_generate::{Random, expressions, programs};

/// Ways to run a module, which must not differ in visible behaviour.
#[derive(Clone, Copy, Debug)]
struct Mode {
    portable: bool,
    compile: u64,
    fuel: bool,
    fused: bool,
}

/// Hashes a memory by FNV-1a, for the log.
fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The outcome of a run: its log, and the remaining fuel if it was metered.
struct Observed {
    log: Vec<String>,
    fuel: Option<u64>,
}

/// Defines `$name::run(wasm, seed, configure)` for the engine crate `$engine`.
///
/// Both crates have the same API, so the same source drives both.
macro_rules! runner {
    ($name:ident, $engine:ident) => {
        mod $name {
            use super::{Observed, Random, digest};
            use $engine::{
                Caller, CompilationMode, Config, Engine, Error, Extern, ExternRef, ExternType, Func, Global, Instance,
                Memory, Module, Mutability, Nullable, Ref, Store, StoreLimits, StoreLimitsBuilder, Table, V128, Val,
                ValType,
            };

            struct Host {
                limits: StoreLimits,
                log: Vec<String>,
                random: Random,
            }

            pub(crate) fn config(compile: u64) -> Config {
                let mut config = Config::default();
                config.compilation_mode(match compile {
                    0 => CompilationMode::Eager,
                    1 => CompilationMode::LazyTranslation,
                    _ => CompilationMode::Lazy,
                });
                config.set_max_recursion_depth(20_000);
                config.set_max_stack_height(16 << 20);
                config.wasm_custom_page_sizes(true);
                config.wasm_wide_arithmetic(true);
                config.wasm_memory64(true);
                config.wasm_multi_memory(true);
                config.wasm_simd(true);
                config
            }

            fn show(value: &Val) -> String {
                // Other values are only there in one of the two libraries.
                #[allow(unreachable_patterns)]
                match value {
                    Val::I32(v) => format!("i32:{v}"),
                    Val::I64(v) => format!("i64:{v}"),
                    Val::F32(v) => format!("f32:{:08x}", v.to_bits()),
                    Val::F64(v) => format!("f64:{:016x}", v.to_bits()),
                    Val::V128(v) => format!("v128:{:032x}", v.as_u128()),
                    Val::FuncRef(Nullable::Null) => "null func".into(),
                    Val::FuncRef(_) => "func".into(),
                    Val::ExternRef(Nullable::Null) => "null extern".into(),
                    Val::ExternRef(_) => "extern".into(),
                    _ => "other".into(),
                }
            }

            fn show_all(values: &[Val]) -> String {
                values.iter().map(show).collect::<Vec<_>>().join(" ")
            }

            fn show_error(error: &Error) -> String {
                match error.as_trap_code() {
                    Some(code) => format!("trap {code:?}"),
                    None if error.i32_exit_status().is_some() => "exit".into(),
                    None => "error".into(),
                }
            }

            fn value(random: &mut Random, ty: ValType) -> Val {
                match ty {
                    ValType::I32 => Val::I32(random.integer() as i32),
                    ValType::I64 => Val::I64(random.integer() as i64),
                    ValType::F32 => Val::from(random.float() as f32),
                    ValType::F64 => Val::from(random.float()),
                    ValType::V128 => {
                        // Of integers or of floats.
                        let mut half =
                            || if random.below(2) == 0 { random.integer() } else { random.float().to_bits() };
                        Val::V128(V128::from(u128::from(half()) | u128::from(half()) << 64))
                    }
                    ty => Val::default_for_ty(ty),
                }
            }

            fn arguments(store: &mut Store<Host>, types: &[ValType]) -> Vec<Val> {
                let mut values = Vec::new();
                for ty in types {
                    let value = value(&mut store.data_mut().random, *ty);
                    let full = store.data_mut().random.below(2) == 0;
                    values.push(match value {
                        Val::ExternRef(_) if full => Val::from(ExternRef::new(&mut *store, 7_u32)),
                        value => value,
                    });
                }
                values
            }

            fn import(store: &mut Store<Host>, name: &str, ty: &ExternType) -> Option<Extern> {
                // Other kinds are only there in one of the two libraries.
                #[allow(unreachable_patterns)]
                Some(match ty {
                    ExternType::Func(ty) => {
                        let name = String::from(name);
                        let results_ty = ty.clone();
                        Extern::Func(Func::new(
                            store,
                            ty.clone(),
                            move |mut caller: Caller<'_, Host>, params, results| {
                                let line = format!("  host {name}({})", show_all(params));
                                let host = caller.data_mut();
                                host.log.push(line);
                                for (result, ty) in results.iter_mut().zip(results_ty.results()) {
                                    *result = value(&mut host.random, *ty);
                                }
                                match host.random.below(24) {
                                    0 => Err(Error::new("the host gives up")),
                                    1 => Err(Error::i32_exit(3)),
                                    _ => Ok(()),
                                }
                            },
                        ))
                    }
                    ExternType::Memory(ty) => Extern::Memory(Memory::new(store, *ty).ok()?),
                    ExternType::Table(ty) => {
                        Extern::Table(Table::new(store, *ty, Ref::default_for_ty(ty.element())).ok()?)
                    }
                    ExternType::Global(ty) => {
                        let mut initial = Random(name.len() as u64);
                        let value = value(&mut initial, ty.content());
                        Extern::Global(Global::new(store, value, ty.mutability()))
                    }
                    _ => return None,
                })
            }

            fn look(store: &mut Store<Host>, instance: Instance, thorough: bool) {
                let mut exports: Vec<(String, Extern)> =
                    instance.exports(&*store).map(|export| (export.name().into(), export.into_extern())).collect();
                exports.sort_by(|(a, _), (b, _)| a.cmp(b));
                let mut lines = Vec::new();
                for (name, export) in exports {
                    // As above.
                    #[allow(unreachable_patterns)]
                    match export {
                        Extern::Global(global) => {
                            let mutable = matches!(global.ty(&*store).mutability(), Mutability::Var);
                            if mutable || thorough {
                                lines.push(format!("  global {name} = {}", show(&global.get(&*store))));
                            }
                        }
                        Extern::Memory(memory) => lines.push(format!(
                            "  memory {name}: {} pages, {:016x}",
                            memory.size(&*store),
                            digest(memory.data(&*store)),
                        )),
                        Extern::Table(table) => {
                            let mut line = format!("  table {name}: {} ", table.size(&*store));
                            if thorough {
                                for index in 0..table.size(&*store) {
                                    line.push(match table.get(&*store, index) {
                                        Some(element) if element.is_null() => '.',
                                        Some(_) => 'x',
                                        None => '?',
                                    });
                                }
                            }
                            lines.push(line);
                        }
                        Extern::Func(_) => {}
                        _ => {}
                    }
                }
                store.data_mut().log.append(&mut lines);
            }

            pub(crate) fn run(wasm: &[u8], seed: u64, config: &Config, fuel: bool) -> Observed {
                let engine = Engine::new(config);
                let module = match Module::new(&engine, wasm) {
                    Ok(module) => module,
                    Err(error) => {
                        return Observed { log: vec![format!("not loaded: {error}")], fuel: None };
                    }
                };
                let limits = StoreLimitsBuilder::new().memory_size(5 << 16).table_elements(500).build();
                let host = Host { limits, log: Vec::new(), random: Random(seed) };
                let mut store = Store::new(&engine, host);
                store.limiter(|host| &mut host.limits);
                if fuel {
                    store.set_fuel(FUEL).unwrap();
                }
                for round in 0..2 {
                    store.data_mut().log.push(format!("round {round}"));
                    let mut imports = Vec::new();
                    for item in module.imports() {
                        let name = format!("{}.{}", item.module(), item.name());
                        match import(&mut store, &name, item.ty()) {
                            Some(item) => imports.push(item),
                            None => store.data_mut().log.push(format!("import {name} refused")),
                        }
                    }
                    if imports.len() != module.imports().len() {
                        break;
                    }
                    let instance = match Instance::new(&mut store, &module, &imports) {
                        Ok(instance) => instance,
                        Err(error) => {
                            let line = format!("not instantiated: {}", show_error(&error));
                            store.data_mut().log.push(line);
                            break;
                        }
                    };
                    look(&mut store, instance, true);
                    let mut funcs: Vec<(String, Func)> = instance
                        .exports(&store)
                        .filter_map(|export| Some((export.name().into(), export.into_func()?)))
                        .collect();
                    funcs.sort_by(|(a, _), (b, _)| a.cmp(b));
                    if round == 1 {
                        funcs.reverse();
                    }
                    for (name, func) in funcs.iter().take(12) {
                        let ty = func.ty(&store);
                        let params = arguments(&mut store, ty.params());
                        let mut results: Vec<Val> = ty.results().iter().map(|ty| Val::default_for_ty(*ty)).collect();
                        store.data_mut().log.push(format!("call {name}({})", show_all(&params)));
                        let line = match func.call(&mut store, &params, &mut results) {
                            Ok(()) => format!("  = {}", show_all(&results)),
                            Err(error) => format!("  {}", show_error(&error)),
                        };
                        store.data_mut().log.push(line);
                        look(&mut store, instance, false);
                    }
                    look(&mut store, instance, true);
                }
                let fuel = store.get_fuel().ok();
                Observed { log: store.into_data().log, fuel }
            }

            const FUEL: u64 = 1 << 40;
        }
    };
}

runner!(ours, wasmote);
runner!(peer, wasmi);

/// The kinds of modules, in turn: small ones with everything, and larger ones with a focus.
fn generate(seed: u64) -> Option<Vec<u8>> {
    let mut random = Random(seed.wrapping_mul(0x5851_f42d_4c95_7f2d) ^ 0x1405_7b7e);
    let kind = seed % 4;
    let length = [600, 1500, 3000, 6000][random.below(4) as usize];
    let bytes = random.bytes(length);
    let mut config = wasm_smith::Config {
        allow_start_export: random.below(4) == 0,
        allow_floats: kind != 3,
        canonicalize_nans: true,
        export_everything: true,
        exceptions_enabled: false,
        gc_enabled: false,
        compact_imports_enabled: false,
        threads_enabled: false,
        simd_enabled: random.below(3) == 0,
        relaxed_simd_enabled: false,
        tail_call_enabled: true,
        memory64_enabled: random.below(4) == 0,
        custom_page_sizes_enabled: random.below(8) == 0,
        wide_arithmetic_enabled: true,
        extended_const_enabled: true,
        disallow_traps: kind == 2,
        max_types: 12,
        max_imports: 5,
        max_tags: 0,
        min_funcs: 1,
        max_funcs: 5,
        max_globals: 6,
        max_memories: if random.below(3) == 0 { 3 } else { 1 },
        max_memory32_bytes: 6 << 16,
        max_memory64_bytes: 6 << 16,
        max_tables: 3,
        max_table_elements: 300,
        max_element_segments: 4,
        max_elements: 12,
        max_data_segments: 4,
        max_instructions: [40, 120, 400][random.below(3) as usize],
        ..wasm_smith::Config::default()
    };
    if kind == 1 {
        // No calls out, one memory: deeper bodies of plain computation.
        config.max_imports = 0;
        config.min_memories = 1;
    }
    let mut source = arbitrary::Unstructured::new(&bytes);
    let mut module = wasm_smith::Module::new(config, &mut source).ok()?;
    module.ensure_termination(2000).ok()?;
    Some(module.to_bytes())
}

fn number(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} must be a number: {text}")),
        Err(_) => default,
    }
}

/// Whether `wasm` may select by an `eqz`. Version 2.0.0 of the peer computes every such `select` as if the tested value
/// were zero.
fn is_miscomputed_by_peer(wasm: &[u8]) -> bool {
    wasm.windows(2).any(|ops| matches!(ops, [0x45 | 0x50, 0x1b | 0x1c]))
}

#[test]
fn a_select_may_choose_by_an_eqz() {
    let wasm = r#"(module (func (export "f") (param i32 i32) (result i32)
        (select (i32.const 7) (local.get 0) (i32.eqz (local.get 1)))))"#;
    for portable in [false, true] {
        let mut config = ours::config(0);
        config.portable_dispatch(portable);
        let engine = wasmote::Engine::new(&config);
        let module = wasmote::Module::new(&engine, wasm).unwrap();
        let mut store = wasmote::Store::new(&engine, ());
        let instance = wasmote::Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
        let f = instance.get_typed_func::<(i32, i32), i32>(&store, "f").unwrap();
        assert_eq!(f.call(&mut store, (5, 0)).unwrap(), 7);
        assert_eq!(f.call(&mut store, (5, 1)).unwrap(), 5);
    }
}

/// Runs `wasm` in the peer, and in this library in `modes`. Describes the first difference.
fn compare(wasm: &[u8], seed: u64, modes: &[Mode]) -> Result<Vec<String>, String> {
    let expected = peer::run(wasm, seed, &peer::config(0), false);
    let mut fuel: Option<(Mode, u64)> = None;
    for mode in modes {
        let mut config = ours::config(mode.compile);
        config.portable_dispatch(mode.portable).consume_fuel(mode.fuel).fused_ops(mode.fused);
        let seen = ours::run(wasm, seed, &config, mode.fuel);
        let refused = |log: &[String]| log[0].starts_with("not loaded");
        if refused(&expected.log) && refused(&seen.log) {
            continue;
        }
        if expected.log != seen.log {
            let at = expected.log.iter().zip(&seen.log).take_while(|(a, b)| a == b).count();
            let mut text = format!("{mode:?}\n");
            for line in &expected.log[at.saturating_sub(6)..at] {
                writeln!(text, "      {line}").unwrap();
            }
            writeln!(text, "wasmi {}", expected.log.get(at).map_or("(end)", |line| line)).unwrap();
            writeln!(text, "ours  {}", seen.log.get(at).map_or("(end)", |line| line)).unwrap();
            return Err(text);
        }
        if let (true, Some(left)) = (mode.fuel, seen.fuel) {
            match fuel {
                Some((other, amount)) if amount != left => {
                    return Err(format!("fuel left: {left} in {mode:?}, {amount} in {other:?}"));
                }
                _ => fuel = Some((*mode, left)),
            }
        }
    }
    Ok(expected.log)
}

fn run_seeds(first: u64, count: u64, generate: fn(u64) -> Option<Vec<u8>>) {
    let mut compared = 0_u64;
    let mut passed_over = 0_u64;
    let mut returned = 0_usize;
    let mut trapped = 0_usize;
    let mut failures = Vec::new();
    for seed in first..first + count {
        let Some(wasm) = generate(seed) else { continue };
        if is_miscomputed_by_peer(&wasm) {
            passed_over += 1;
            continue;
        }
        compared += 1;
        let compile = (seed / 4) % 3;
        let modes = [
            Mode { portable: true, compile, fuel: seed % 3 == 0, fused: true },
            // Translation costs fuel in some modes, so fuel is compared only between equal modes.
            Mode { portable: false, compile: (compile + seed % 3) % 3, fuel: seed % 3 == 0, fused: seed % 2 == 0 },
        ];
        match compare(&wasm, seed, &modes) {
            Ok(log) => {
                returned += log.iter().filter(|line| line.starts_with("  =")).count();
                trapped += log.iter().filter(|line| line.starts_with("  trap")).count();
            }
            Err(difference) => {
                let text = wasmprinter::print_bytes(&wasm).unwrap_or_default();
                println!("== seed {seed}: {difference}\n{text}");
                failures.push(seed);
                if failures.len() == 5 {
                    break;
                }
            }
        }
    }
    println!("{compared} modules compared ({passed_over} passed over), {returned} calls returned, {trapped} trapped");
    assert!(failures.is_empty(), "seeds that differ: {failures:?}");
    assert!(count < 100 || compared > count / 2, "only {compared} modules of {count} seeds");
    assert!(count < 100 || returned > trapped / 8, "nearly every call trapped: {trapped}");
}

#[test]
fn random_modules_behave_as_in_wasmi() {
    let first = number("WASMOTE_DIFFERENTIAL_FIRST", 0);
    let count = number("WASMOTE_DIFFERENTIAL_SEEDS", 3000);
    run_seeds(first, count, generate);
}

#[test]
fn nested_expressions_compute_what_they_do_in_wasmi() {
    let first = number("WASMOTE_DIFFERENTIAL_FIRST", 0);
    let count = number("WASMOTE_DIFFERENTIAL_SEEDS", 1000);
    run_seeds(first, count, |seed| Some(wat::parse_str(expressions::generate(seed)).expect("the text is well formed")));
}

/// The peer's translator cannot translate some of these.
#[test]
fn functions_that_call_each_other_behave_the_same_in_every_mode() {
    let first = number("WASMOTE_DIFFERENTIAL_FIRST", 0);
    let count = number("WASMOTE_DIFFERENTIAL_SEEDS", 3000) / 6;
    let mut returned = 0;
    for seed in first..first + count {
        let wasm = wat::parse_str(programs::generate(seed, true)).expect("the text is well formed");
        let mut expected: Option<Vec<String>> = None;
        for (compile, portable, fused) in [(0, false, true), (1, true, true), (2, false, false)] {
            let mut config = ours::config(compile);
            config.portable_dispatch(portable).fused_ops(fused);
            let log = ours::run(&wasm, seed, &config, false).log;
            assert!(!log[0].starts_with("not loaded"), "seed {seed}: {log:?}");
            returned += log.iter().filter(|line| line.starts_with("  =")).count();
            match &expected {
                Some(expected) => assert_eq!(*expected, log, "seed {seed}, {compile}, {portable}, {fused}"),
                None => expected = Some(log),
            }
        }
    }
    assert!(count < 100 || returned as u64 > count, "only {returned} calls returned");
}
