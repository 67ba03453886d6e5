//! Errors list the Wasm functions on the stack.

use std::{fmt::Write, time::Duration, time::Instant};

use wasmote::{
    Caller, CompilationMode, Config, Engine, Error, Extern, Instance, Linker, Module, ResumableCall, Store, TrapCode,
    Val, WasmBacktrace, WasmBacktraceDetails,
};

use crate::engines_with;

const WAT: &str = r#"
    (module
        (import "host" "fail" (func $fail))
        (func $leaf (param i32 i64 i64) (result i64)
            (if (local.get 0) (then (call $fail)) (else unreachable))
            (i64.const 0))
        (func (param $fails i32)
            (drop (call $leaf (local.get $fails) (i64.const 1) (i64.const 2))))
        (func $outer (export "run") (param $fails i32)
            (call 2 (local.get $fails)))
        (func $dive (export "dive") (call $dive)))
"#;

fn store(configure: impl Fn(&mut Config)) -> Vec<(Store<()>, Instance)> {
    engines_with(|config| configure(config))
        .into_iter()
        .map(|engine| {
            let module = Module::new(&engine, WAT).unwrap();
            let mut store = Store::new(&engine, ());
            let mut linker = Linker::new(&engine);
            linker.func_wrap("host", "fail", || -> Result<(), Error> { Err(Error::new("no")) }).unwrap();
            let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
            (store, instance)
        })
        .collect()
}

fn frames(error: &Error) -> Vec<(u32, Option<&str>)> {
    let backtrace = error.wasm_backtrace().expect("there is a backtrace");
    backtrace.frames().iter().map(|frame| (frame.func_index(), frame.func_name())).collect()
}

#[test]
fn traps_and_errors_of_the_host_have_one() {
    for (mut store, instance) in store(|_| {}) {
        let run = instance.get_typed_func::<i32, ()>(&store, "run").unwrap();
        for fails in [0, 1] {
            let error = run.call(&mut store, fails).unwrap_err();
            assert_eq!(frames(&error), [(1, Some("leaf")), (2, None), (3, Some("outer"))]);
            let text = error.wasm_backtrace().unwrap().to_string();
            assert!(text.contains("0: leaf (function 1)") && text.contains("1: function 2"), "{text}");
        }
    }
}

/// The trap of a call that is given up is that of a call which cannot be resumed, also in a call from a host function.
#[test]
fn a_call_that_is_given_up_has_one() {
    let wat = r#"(module
        (import "host" "again" (func $again))
        (func $spin (loop (br 0)))
        (func $inner (export "inner") (call $spin))
        (func $outer (export "outer") (call $again)))"#;
    for engine in engines_with(|config| {
        config.consume_fuel(true);
    }) {
        let module = Module::new(&engine, wat).unwrap();
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let give_up = |mut caller: Caller<'_, ()>| -> Result<(), Error> {
            let inner = caller.get_export("inner").and_then(wasmote::Extern::into_func).expect("it is exported");
            match inner.call_resumable(&mut caller, &[], &mut [])? {
                ResumableCall::OutOfFuel(call) => Err(call.into_trap(&mut caller)),
                other => panic!("{other:?}"),
            }
        };
        linker.func_wrap("host", "again", give_up).unwrap();
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        for (name, calls) in [("inner", &[1, 2][..]), ("outer", &[1, 2, 3])] {
            store.set_fuel(10_000).unwrap();
            let func = instance.get_func(&store, name).unwrap();
            let trap = match func.call_resumable(&mut store, &[], &mut []) {
                Ok(ResumableCall::OutOfFuel(call)) => call.into_trap(&mut store),
                Ok(ResumableCall::HostTrap(call)) => call.into_host_error(),
                other => panic!("{other:?}"),
            };
            assert_eq!(trap.as_trap_code(), Some(TrapCode::OutOfFuel));
            let found: Vec<_> = frames(&trap).iter().map(|(index, _)| *index).collect();
            assert_eq!(found, calls);
        }
        // The store goes on.
        store.set_fuel(10_000).unwrap();
        assert!(instance.get_func(&store, "inner").unwrap().call(&mut store, &[], &mut []).is_err());
    }
}

#[test]
fn deep_recursion_is_cut_off() {
    for (mut store, instance) in store(|_| {}) {
        let dive = instance.get_typed_func::<(), ()>(&store, "dive").unwrap();
        let error = dive.call(&mut store, ()).unwrap_err();
        assert_eq!(error.as_trap_code(), Some(TrapCode::StackOverflow));
        let backtrace = error.wasm_backtrace().unwrap();
        assert_eq!(backtrace.frames().len(), 64);
        assert!(backtrace.is_truncated());
    }
}

#[test]
fn calls_across_instances_and_through_the_host_are_in_it() {
    let inner = r#"(module (func $inner (export "f") (param i32) unreachable))"#;
    let outer = r#"(module (import "inner" "f" (func $f (param i32))) (import "host" "again" (func $again))
        (func $direct (export "direct") (call $f (i32.const 1)))
        (func $around (export "around") (call $again)))"#;
    for engine in engines_with(|_| {}) {
        let mut store = Store::new(&engine, None);
        let mut linker = Linker::<Option<wasmote::Func>>::new(&engine);
        linker
            .func_wrap("host", "again", |mut caller: wasmote::Caller<'_, Option<wasmote::Func>>| {
                let func = caller.data().expect("it was set");
                func.call(&mut caller, &[], &mut [])
            })
            .unwrap();
        let module = Module::new(&engine, inner).unwrap();
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        linker.instance(&mut store, "inner", instance).unwrap();
        let module = Module::new(&engine, outer).unwrap();
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        let direct = instance.get_func(&store, "direct").unwrap();
        *store.data_mut() = Some(direct);
        let error = direct.call(&mut store, &[], &mut []).unwrap_err();
        assert_eq!(frames(&error), [(0, Some("inner")), (2, Some("direct"))]);
        let around = instance.get_func(&store, "around").unwrap();
        let error = around.call(&mut store, &[], &mut []).unwrap_err();
        assert_eq!(frames(&error), [(0, Some("inner")), (2, Some("direct")), (3, Some("around"))]);
    }
}

#[test]
fn a_function_that_turns_out_invalid_is_in_it() {
    let wasm = wat_with_invalid_function();
    for engine in engines_with(|config| {
        config.compilation_mode(wasmote::CompilationMode::Lazy);
    }) {
        let module = Module::new(&engine, &wasm).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
        let run = instance.get_typed_func::<(), ()>(&store, "run").unwrap();
        let error = run.call(&mut store, ()).unwrap_err();
        assert_eq!(frames(&error), [(1, None), (0, Some("run"))], "{error}");
        let debug = format!("{error:?}");
        assert!(debug.contains("backtrace") && debug.contains("\"run\""), "{debug}");
    }
}

/// Function 0 calls function 1, whose body is `i32.add` on an empty stack.
fn wat_with_invalid_function() -> Vec<u8> {
    let mut wasm = b"\0asm\x01\0\0\0".to_vec();
    wasm.extend([1, 4, 1, 0x60, 0, 0]);
    wasm.extend([3, 3, 2, 0, 0]);
    wasm.extend([7, 7, 1, 3, b'r', b'u', b'n', 0, 0]);
    wasm.extend([10, 10, 2, 4, 0, 0x10, 1, 0x0b, 3, 0, 0x6a, 0x0b]);
    wasm
}

#[test]
fn it_can_be_switched_off() {
    for (mut store, instance) in store(|config| {
        config.wasm_backtrace(false);
    }) {
        let run = instance.get_typed_func::<i32, ()>(&store, "run").unwrap();
        assert!(run.call(&mut store, 0).unwrap_err().wasm_backtrace().is_none());
    }
}

#[test]
fn a_frame_that_does_not_fit_is_in_it_behind_its_linkage() {
    // The tail call has replaced its frame, and the call into the other instance has switched, when they trap.
    let locals = "(local i64) ".repeat(20_000);
    let big = format!(
        r#"(module
            (func $big (export "big") (param i64 i64 i64) {locals} (local.set 3 (local.get 0)))
            (func $tail (export "tail") (param i64)
                (return_call $big (i64.const -8) (i64.const -16) (local.get 0)))
            (func $outer (export "outer") (call $tail (i64.const -24))))"#
    );
    let other = r#"(module (import "m" "big" (func $big (param i64 i64 i64))) (import "m" "tail" (func $tail (param i64)))
        (func $inner (param i32) (call $big (i64.const 1) (i64.const 2) (i64.const 3)))
        (func $direct (export "direct") (param i64 i64) (call $inner (i32.const 1)))
        (func $through (export "through") (param i64 i64) (return_call $tail (local.get 1))))"#;
    for engine in engines_with(|config| {
        config.set_min_stack_height(1 << 16).set_max_stack_height(1 << 16);
    }) {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let module = Module::new(&engine, &big).unwrap();
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        linker.instance(&mut store, "m", instance).unwrap();
        let other = Module::new(&engine, other).unwrap();
        let other = linker.instantiate_and_start(&mut store, &other).unwrap();
        // Twice: at the first call the function is made ready.
        for _ in 0..2 {
            let outer = instance.get_typed_func::<(), ()>(&store, "outer").unwrap();
            let error = outer.call(&mut store, ()).unwrap_err();
            assert_eq!(error.as_trap_code(), Some(TrapCode::StackOverflow));
            assert_eq!(frames(&error), [(0, Some("big")), (2, Some("outer"))]);
            let direct = other.get_typed_func::<(i64, i64), ()>(&store, "direct").unwrap();
            let error = direct.call(&mut store, (-32, -40)).unwrap_err();
            assert_eq!(frames(&error), [(0, Some("big")), (2, Some("inner")), (3, Some("direct"))]);
            let through = other.get_typed_func::<(i64, i64), ()>(&store, "through").unwrap();
            let error = through.call(&mut store, (-32, -40)).unwrap_err();
            assert_eq!(frames(&error), [(0, Some("big"))]);
        }
    }
}

/// A module that calls host functions which call it again; each level has another function, and some another instance.
const LEVELS: &str = r#"(module
    (import "host" "call" (func $call (param i32)))
    (import "other" "pass" (func $pass (param i32)))
    (func $trap (export "0") (param i32) unreachable)
    (func $plain (export "1") (param i32) (local i64) (call $call (local.get 0)))
    (func $crossed (export "2") (param i32) (call $pass (local.get 0)))
    (func $tail (export "3") (param i32) (return_call $call (local.get 0)))
    (func $tail_crossed (export "4") (param i32) (local f64) (return_call $pass (local.get 0)))
    (func $above_tail (export "5") (param i32) (call $tail (local.get 0))))"#;

const OTHER: &str = r#"(module (import "host" "call" (func $call (param i32)))
    (func $pass (export "pass") (param i32) (local i64 i64) (call $call (local.get 0))))"#;

/// What the host function of [`LEVELS`] is told: the functions to call, innermost first, and what came of it.
#[derive(Default)]
struct Levels {
    path: Vec<&'static str>,
    resumable: bool,
    main: Option<Instance>,
    /// The backtrace of the innermost error, as the innermost host function sees it.
    innermost: Vec<u32>,
}

fn enter_level(mut caller: Caller<'_, Levels>, _: i32) -> Result<(), Error> {
    let name = caller.data_mut().path.pop().ok_or(Error::new("the path is too short"))?;
    let func = caller.data().main.unwrap().get_func(&caller, name).unwrap();
    let inputs = [Val::I32(0)];
    let result = if caller.data().resumable {
        func.call_resumable(&mut caller, &inputs, &mut []).and_then(|call| match call {
            ResumableCall::HostTrap(call) => Err(call.into_host_error()),
            _ => Ok(()),
        })
    } else {
        func.call(&mut caller, &inputs, &mut [])
    };
    if let Err(error) = &result
        && caller.data().innermost.is_empty()
    {
        caller.data_mut().innermost =
            error.wasm_backtrace().unwrap().frames().iter().map(wasmote::FrameInfo::func_index).collect();
    }
    result
}

/// The functions of `OTHER` and `LEVELS` that a call of a level leaves on the stack, innermost first.
fn frames_of(level: &str) -> &'static [u32] {
    match level {
        "0" => &[2],
        "1" => &[3],
        "2" => &[1, 4],
        "3" => &[],
        "4" => &[1],
        "5" => &[7],
        _ => unreachable!("{level}"),
    }
}

#[test]
fn all_invocations_are_in_it_where_the_error_arises() {
    for resumable in [false, true] {
        for engine in engines_with(|_| {}) {
            let mut store = Store::new(&engine, Levels::default());
            let mut linker = Linker::new(&engine);
            linker.func_wrap("host", "call", enter_level).unwrap();
            let other = Module::new(&engine, OTHER).unwrap();
            let other = linker.instantiate_and_start(&mut store, &other).unwrap();
            linker.instance(&mut store, "other", other).unwrap();
            let module = Module::new(&engine, LEVELS).unwrap();
            let main = linker.instantiate_and_start(&mut store, &module).unwrap();
            for levels in [
                &["0", "1"][..],
                &["0", "2"],
                &["0", "3", "1"],
                &["0", "4", "1"],
                &["0", "5", "2", "4", "1", "2", "2", "3", "5"],
                &["0", "2", "2", "2", "2", "4", "4", "4", "4", "1", "1"],
            ] {
                let expected: Vec<u32> = levels.iter().flat_map(|level| frames_of(level)).copied().collect();
                let (&outermost, path) = levels.split_last().unwrap();
                *store.data_mut() = Levels { path: path.to_vec(), resumable, main: Some(main), innermost: Vec::new() };
                let func = main.get_func(&store, outermost).unwrap();
                let error = func.call(&mut store, &[Val::I32(0)], &mut []).unwrap_err();
                assert_eq!(error.as_trap_code(), Some(TrapCode::UnreachableCodeReached));
                let found: Vec<u32> = frames(&error).into_iter().map(|(func, _)| func).collect();
                assert_eq!(found, expected, "{levels:?}");
                assert_eq!(store.data().innermost, expected, "{levels:?}");
            }
        }
    }
}

#[test]
fn an_error_of_another_store_has_the_calls_of_both() {
    for engine in engines_with(|_| {}) {
        let module = Module::new(&engine, "(module (func (export \"run\") unreachable))").unwrap();
        let outer =
            r#"(module (import "host" "other" (func $other)) (func) (func) (func (export "run") (call $other)))"#;
        let outer = Module::new(&engine, outer).unwrap();
        let mut linker = Linker::<()>::new(&engine);
        linker
            .func_wrap("host", "other", move |caller: Caller<'_, ()>| -> Result<(), Error> {
                let mut store = Store::new(caller.engine(), ());
                let instance = Linker::new(caller.engine()).instantiate_and_start(&mut store, &module)?;
                instance.get_typed_func::<(), ()>(&store, "run")?.call(&mut store, ())
            })
            .unwrap();
        let mut store = Store::new(&engine, ());
        let instance = linker.instantiate_and_start(&mut store, &outer).unwrap();
        let error = instance.get_typed_func::<(), ()>(&store, "run").unwrap().call(&mut store, ()).unwrap_err();
        assert_eq!(frames(&error), [(0, Some("run")), (3, Some("run"))]);
    }
}

/// The least time that a trap takes below 63 calls, after `count` other functions were called once.
fn trap_time(engine: &Engine, count: usize) -> Duration {
    let mut wat = String::from(
        r#"(module (func $dive (export "dive") (param i32)
            (if (local.get 0) (then (call $dive (i32.sub (local.get 0) (i32.const 1)))) (else unreachable)))"#,
    );
    wat.push_str(&"(func)".repeat(count));
    wat.push_str("(func (export \"all\")");
    for func in 1..=count {
        write!(wat, "(call {func})").unwrap();
    }
    wat.push_str("))");
    let mut store = Store::new(engine, ());
    let instance = crate::instance(&mut store, &wat);
    instance.get_typed_func::<(), ()>(&store, "all").unwrap().call(&mut store, ()).unwrap();
    let dive = instance.get_typed_func::<i32, ()>(&store, "dive").unwrap();
    let trap = |_| {
        let start = Instant::now();
        let error = dive.call(&mut store, 63).unwrap_err();
        let time = start.elapsed();
        assert_eq!(error.wasm_backtrace().unwrap().frames().len(), 64);
        time
    };
    // The first ones prepare `dive` and index the code.
    (0..50).map(trap).skip(2).min().unwrap()
}

#[test]
fn a_trap_costs_the_same_however_many_functions_were_called() {
    for engine in engines_with(|config| {
        config.compilation_mode(CompilationMode::Lazy);
    }) {
        let mut ratios = Vec::new();
        for _ in 0..5 {
            let (few, many) = (trap_time(&engine, 10), trap_time(&engine, 20_000));
            let ratio = many.as_secs_f64() / few.as_secs_f64();
            ratios.push(format!("{few:?} -> {many:?}: {ratio:.1}"));
            if ratio < 5.0 {
                break;
            }
        }
        assert!(ratios.len() < 5, "{ratios:?}");
    }
}

/// The offsets in a module of a function's body and of its operators, with their names.
fn operators(wasm: &[u8], index: usize) -> (usize, Vec<(usize, String)>) {
    let mut bodies = wasmparser::Parser::new(0).parse_all(wasm).filter_map(|payload| match payload.unwrap() {
        wasmparser::Payload::CodeSectionEntry(body) => Some(body),
        _ => None,
    });
    let body = bodies.nth(index).unwrap();
    let mut reader = body.get_operators_reader().unwrap();
    let mut operators = Vec::new();
    while !reader.eof() {
        let (operator, offset) = reader.read_with_offset().unwrap();
        let text = format!("{operator:?}");
        let name = text.split([' ', '{', '(']).next().unwrap().to_owned();
        operators.push((usize::try_from(offset).unwrap(), name));
    }
    (usize::try_from(body.range().start).unwrap(), operators)
}

/// Bodies that trap, with the name of the operator that does, and how many of that name come before it.
const TRAPS: &[(&str, &str, usize)] = &[
    ("unreachable", "Unreachable", 0),
    ("nop nop (drop (i32.const 1)) unreachable", "Unreachable", 0),
    ("(drop (i32.div_s (i32.const 1) (local.get 0)))", "I32DivS", 0),
    ("(local.set 1 (i32.add (i32.const 3) (i32.rem_u (local.get 1) (local.get 0))))", "I32RemU", 0),
    ("(drop (i64.div_u (i64.const 7) (i64.extend_i32_u (local.get 0))))", "I64DivU", 0),
    ("(drop (i32.trunc_f64_s (f64.const 1e30)))", "I32TruncF64S", 0),
    ("(drop (i32.load (i32.const -1)))", "I32Load", 0),
    ("(drop (i32.add (local.get 0) (i32.load8_u (i32.add (local.get 0) (i32.const -1)))))", "I32Load8U", 0),
    ("(drop (i32.load (i32.load (i32.const -1))))", "I32Load", 0),
    ("(i32.store (i32.const -1) (local.get 0))", "I32Store", 0),
    ("(i32.store (i32.const 0) (local.get 0)) (i64.store offset=65536 (local.get 0) (i64.const 5))", "I64Store", 0),
    ("(i32.store (i32.add (local.get 0) (i32.const -9)) (i32.mul (local.get 0) (i32.const 3)))", "I32Store", 0),
    ("(block (br_if 0 (i32.eqz (i32.load (i32.const -4)))))", "I32Load", 0),
    ("(loop (br_if 0 (i32.div_u (i32.const 5) (local.get 0))))", "I32DivU", 0),
    ("(memory.fill (i32.const 65530) (i32.const 1) (i32.const 100))", "MemoryFill", 0),
    ("(call $ok) (call $ok) (call_indirect (i32.const 7))", "CallIndirect", 0),
    ("(call $ok) (call_indirect (i32.const 0))", "CallIndirect", 0),
    ("(call $ok) (call $ok) (call $bad) (call $ok)", "Call", 2),
    ("(local.set 1 (i32.const 5)) (call $bad) (local.set 1 (i32.const 6))", "Call", 0),
    ("(if (i32.eqz (local.get 0)) (then (call $ok) (call $bad)) (else (call $ok)))", "Call", 1),
    ("(drop (table.get $t (i32.const 70)))", "TableGet", 0),
    (
        "(loop (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br_if 0 (i32.lt_u (local.get 1) (i32.const 9)))
        (call $bad))",
        "Call",
        0,
    ),
];

#[test]
fn frames_have_places() {
    let funcs: String = TRAPS
        .iter()
        .enumerate()
        .map(|(i, (body, ..))| format!(r#"(func (export "{i}") (param i32) (local i32) {body})"#))
        .collect();
    let wat = format!(
        r#"(module $places (memory 1) (table $t 4 funcref)
            (func $ok (param) nop) (func $bad unreachable) {funcs})"#
    );
    let wasm = wat::parse_str(&wat).unwrap();
    let mut checked = 0;
    for (mode, details) in [
        (CompilationMode::LazyTranslation, false),
        (CompilationMode::Lazy, false),
        (CompilationMode::Eager, true),
        (CompilationMode::Eager, false),
    ] {
        for fused in [true, false] {
            let engines = engines_with(|config| {
                let how = if details { WasmBacktraceDetails::Enable } else { WasmBacktraceDetails::Disable };
                config.compilation_mode(mode).fused_ops(fused).wasm_backtrace_details(how);
            });
            for engine in engines {
                let module = Module::new(&engine, &wasm).unwrap();
                let mut store = Store::new(&engine, ());
                let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
                for (i, (body, name, before)) in TRAPS.iter().enumerate() {
                    let func = instance.get_typed_func::<i32, ()>(&store, &i.to_string()).unwrap();
                    let error = func.call(&mut store, 0).expect_err(body);
                    let frames = error.wasm_backtrace().unwrap().frames();
                    let frame = frames.last().unwrap();
                    assert_eq!(frame.func_index() as usize, i + 2);
                    if mode == CompilationMode::Eager && !details {
                        assert_eq!((frame.module_offset(), frame.func_offset()), (None, None), "no body was kept");
                        continue;
                    }
                    let (start, operators) = operators(&wasm, i + 2);
                    let wanted = operators.iter().filter(|(_, other)| other == name).nth(*before).unwrap().0;
                    let message = format!("{body}: {mode:?}, fused: {fused}, {:?}", engine.dispatch());
                    assert_eq!(frame.module_offset(), Some(wanted), "{message}, {operators:?}");
                    assert_eq!(frame.func_offset(), Some(wanted - start), "{message}");
                    assert_eq!(frame.module_name(), Some("places"));
                    if let [inner, _] = frames {
                        assert_eq!(inner.module_offset(), Some(self::operators(&wasm, 1).1[0].0), "{message}");
                    }
                    // A laptop finds the same of what a device reports.
                    let unit = frame.code_offset().unwrap();
                    let found = module.frame_info(frame.func_index(), unit).unwrap();
                    assert_eq!(found, *frame, "{message}");
                    checked += 1;
                }
                assert_eq!(module.frame_info(1000, 0), None);
            }
        }
    }
    assert_eq!(checked, 3 * 2 * 2 * TRAPS.len());
}

/// The functions are translated again, operator by operator; debug assertions compare the code with that from before.
#[test]
fn code_is_the_same_when_places_are_looked_for() {
    let engine = Engine::new(
        Config::default().compilation_mode(CompilationMode::Eager).wasm_backtrace_details(WasmBacktraceDetails::Enable),
    );
    let mut found = 0;
    for seed in 0..60 {
        let wasm = wat::parse_str(wasmote_generate::expressions::generate(seed)).unwrap();
        let Ok(module) = Module::new(&engine, &wasm) else { continue };
        let (mut func, mut last) = (0, 0);
        while func < 1000 {
            if let Some(offset) = module.frame_info(func, 0).and_then(|frame| frame.module_offset()) {
                assert!(offset > last && offset < wasm.len());
                last = offset;
                found += 1;
            } else if found > 0 {
                break;
            }
            func += 1;
        }
    }
    assert!(found > 60, "{found}");
}

#[test]
fn host_functions_capture_calls() {
    let wat = r#"(module
        (import "host" "where" (func $where)) (import "host" "again" (func $again))
        (func $leaf (export "leaf") nop (call $where))
        (func $middle nop nop (call $leaf))
        (func (export "run") (call $again))
        (func $inner (export "inner") (call $middle)))"#;
    let wasm = wat::parse_str(wat).unwrap();
    for on in [true, false] {
        let engines = engines_with(|config| {
            config.wasm_backtrace(on);
        });
        for engine in engines {
            let mut linker = Linker::<Vec<WasmBacktrace>>::new(&engine);
            linker
                .func_wrap("host", "where", |mut caller: Caller<'_, Vec<WasmBacktrace>>| {
                    let backtraces = [WasmBacktrace::capture(&caller), WasmBacktrace::force_capture(&caller)];
                    caller.data_mut().extend(backtraces);
                })
                .unwrap();
            linker
                .func_wrap("host", "again", |mut caller: Caller<'_, Vec<WasmBacktrace>>| -> Result<(), Error> {
                    let Some(Extern::Func(func)) = caller.get_export("inner") else {
                        return Err(Error::new("no export"));
                    };
                    func.call(&mut caller, &[], &mut [])
                })
                .unwrap();
            let module = Module::new(&engine, &wasm).unwrap();
            let mut store = Store::new(&engine, Vec::new());
            let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
            instance.get_typed_func::<(), ()>(&store, "run").unwrap().call(&mut store, ()).unwrap();
            let [captured, forced] = &store.data()[..] else { panic!("{:?}", store.data()) };
            assert_eq!(captured.frames().len(), if on { 4 } else { 0 });
            let frames: Vec<_> =
                forced.frames().iter().map(|frame| (frame.func_index(), frame.module_offset())).collect();
            let call = |func: u32| {
                let (_, operators) = operators(&wasm, func as usize - 2);
                (func, operators.iter().find(|(_, name)| name == "Call").map(|&(offset, _)| offset))
            };
            assert_eq!(frames, [call(2), call(3), call(5), call(4)]);
            assert!(WasmBacktrace::force_capture(&store).frames().is_empty(), "nothing runs");
        }
    }
}

/// A program in C, compiled with debug information.
#[cfg(feature = "addr2line")]
#[test]
fn frames_have_files_and_lines() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/cli/tests/cli/places");
    let source = std::fs::read_to_string(dir.join("program.c")).unwrap();
    let wasm = std::fs::read(dir.join("program.c.wasm")).unwrap();
    let line = |comment: &str| {
        let line = source.lines().position(|line| line.ends_with(comment)).unwrap();
        Some(u32::try_from(line).unwrap() + 1)
    };
    for details in [WasmBacktraceDetails::Enable, WasmBacktraceDetails::Disable] {
        for engine in engines_with(|config| {
            config.wasm_backtrace_details(details);
        }) {
            let module = Module::new(&engine, &wasm).unwrap();
            let mut store = Store::new(&engine, ());
            let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
            let run = instance.get_typed_func::<i32, i32>(&store, "run").unwrap();
            let error = run.call(&mut store, 0).unwrap_err();
            let [share, run] = error.wasm_backtrace().unwrap().frames() else { panic!("{error:?}") };
            let symbols = [share, run].map(|frame| {
                let symbols = frame.symbols().iter();
                symbols
                    .map(|symbol| (symbol.name().unwrap(), symbol.file().unwrap(), symbol.line()))
                    .collect::<Vec<_>>()
            });
            if matches!(details, WasmBacktraceDetails::Disable) {
                assert_eq!(symbols, [vec![], vec![]]);
                continue;
            }
            let place = |name, comment| (name, "./program.c", line(comment));
            let expected =
                [vec![place("quotient", "// quotient"), place("share", "// share")], vec![place("run", "// run")]];
            assert_eq!(symbols, expected);
        }
    }
}

/// Debug information is read from modules that nobody vouches for.
#[cfg(feature = "addr2line")]
#[test]
fn malformed_debug_information_says_nothing_wrong() {
    let wasm = std::fs::read(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/cli/tests/cli/places/program.c.wasm"),
    );
    let wasm = wasm.unwrap();
    let engine = Engine::new(Config::default().wasm_backtrace_details(WasmBacktraceDetails::Enable));
    let customs: Vec<_> = wasmparser::Parser::new(0)
        .parse_all(&wasm)
        .filter_map(|payload| match payload.unwrap() {
            wasmparser::Payload::CustomSection(section) if section.name().starts_with(".debug") => {
                let start = usize::try_from(section.data_offset()).unwrap();
                Some(start..start + section.data().len())
            }
            _ => None,
        })
        .collect();
    let mut random = wasmote_generate::Random(1);
    let (mut with, mut without) = (0, 0);
    for _ in 0..3000 {
        let mut wasm = wasm.clone();
        for _ in 0..1 + random.index(4) {
            let section = customs[random.index(customs.len())].clone();
            wasm[section.start + random.index(section.len())] = random.number() as u8;
        }
        let module = Module::new(&engine, &wasm).unwrap();
        let frame = module.frame_info(0, 0).unwrap();
        assert_eq!(frame.func_index(), 0);
        if frame.symbols().is_empty() { without += 1 } else { with += 1 }
    }
    assert!(with > 100 && without > 100, "{with}, {without}");
}
