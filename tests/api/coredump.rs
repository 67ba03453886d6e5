//! Core dumps of traps.

use wasmote::{
    CompilationMode, Config, Engine, Error, Func, FuncType, Instance, Linker, Module, Store, TrapCode, Val,
    WasmCoreDump,
};
use wasmparser::{CoreDumpStackFrame, CoreDumpValue, KnownCustom, Parser, Payload};

use crate::engines_with;

/// What a core dump says.
#[derive(Debug, Default)]
struct Read {
    name: String,
    modules: Vec<String>,
    /// For each instance its module, memories and globals.
    instances: Vec<(u32, Vec<u32>, Vec<u32>)>,
    thread: String,
    frames: Vec<CoreDumpStackFrame>,
}

/// Reads a core dump, which must be a valid module.
fn read(bytes: &[u8]) -> Read {
    wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all()).validate_all(bytes).unwrap();
    let mut read = Read::default();
    for payload in Parser::new(0).parse_all(bytes) {
        let Payload::CustomSection(section) = payload.unwrap() else { continue };
        match section.as_known() {
            KnownCustom::CoreDump(section) => read.name = section.name.to_owned(),
            KnownCustom::CoreDumpModules(section) => {
                read.modules = section.modules.iter().map(|&name| name.to_owned()).collect();
            }
            KnownCustom::CoreDumpInstances(section) => {
                let instances = section.instances.into_iter();
                read.instances =
                    instances.map(|instance| (instance.module_index, instance.memories, instance.globals)).collect();
            }
            KnownCustom::CoreDumpStack(section) => {
                read.thread = section.name.to_owned();
                read.frames = section.frames;
            }
            _ => panic!("another section: {}", section.name()),
        }
    }
    read
}

/// Shows a value; `?` if it is missing.
fn show(value: &CoreDumpValue) -> String {
    match *value {
        CoreDumpValue::Missing => "?".into(),
        CoreDumpValue::I32(value) => format!("i32 {value}"),
        CoreDumpValue::I64(value) => format!("i64 {value}"),
        CoreDumpValue::F32(value) => format!("f32 {}", f32::from_bits(value.bits())),
        CoreDumpValue::F64(value) => format!("f64 {}", f64::from_bits(value.bits())),
    }
}

fn values(values: &[CoreDumpValue]) -> String {
    values.iter().map(show).collect::<Vec<_>>().join(", ")
}

fn dump(error: &Error) -> &WasmCoreDump {
    error.downcast_ref().expect("the error has a core dump")
}

const WAT: &str = r#"(module $app
    (memory 1) (memory 2 5)
    (global (export "g") (mut i64) (i64.const -5)) (global f64 (f64.const 2.5)) (global funcref (ref.null func))
    (data (i32.const 70) "some bytes")
    (func $inner (param i32 i64) (result i32) (local f64 i32 v128 externref)
        (local.set 2 (f64.const 1.5))
        (local.set 3 (i32.const 9))
        (i32.const 11)
        (i64.extend_i32_u (i32.load (i32.const 70)))
        (drop)
        (i32.div_u (local.get 0) (i32.const 0))
        (i32.add))
    (func $outer (param i32) (result i32) (local i64)
        (global.set 0 (i64.const 77))
        (local.set 1 (i64.const 123456789012))
        (local.get 1) (f32.const 0.5)
        (block (result i32)
            (i32.const 3)
            (call $inner (i32.add (local.get 0) (i32.const 1)) (i64.const 8))
            (i32.add))
        (br_if 0)
        (drop) (drop) (i32.const 1))
    (func (export "run") (param i32) (result i32) (call $outer (local.get 0))))"#;

#[test]
fn core_dumps_have_locals_and_operands() {
    let wasm = wat::parse_str(WAT.replace("(br_if 0)", "(drop)")).unwrap();
    for mode in [CompilationMode::Eager, CompilationMode::LazyTranslation, CompilationMode::Lazy] {
        for fused in [true, false] {
            for engine in engines_with(|config| {
                config.coredump_on_trap(true).compilation_mode(mode).fused_ops(fused).wasm_backtrace(fused);
            }) {
                let module = Module::new(&engine, &wasm).unwrap();
                let mut store = Store::new(&engine, ());
                let linker = Linker::new(&engine);
                // Another instance of the same module comes first.
                linker.instantiate_and_start(&mut store, &module).unwrap();
                let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
                let run = instance.get_typed_func::<i32, i32>(&store, "run").unwrap();
                let error = run.call(&mut store, 41).unwrap_err();
                assert_eq!(error.as_trap_code(), Some(TrapCode::IntegerDivisionByZero));
                let dump = dump(&error);
                assert_eq!(dump.frames().iter().map(wasmote::FrameInfo::func_index).collect::<Vec<_>>(), [0, 1, 2]);
                let offsets: Vec<_> = dump.frames().iter().map(|frame| frame.func_offset().unwrap()).collect();
                let read = read(&dump.serialize(&store, "app.wasm"));
                assert_eq!((read.name.as_str(), read.thread.as_str()), ("app.wasm", "main"));
                assert_eq!(read.modules, ["app"]);
                assert_eq!(
                    read.instances,
                    [(0, vec![0, 1], vec![0, 1, 2]), (0, vec![2, 3], vec![3, 4, 5])],
                    "each instance has its own"
                );
                let frames: Vec<_> = read.frames.iter().map(|frame| (frame.instanceidx, frame.funcidx)).collect();
                assert_eq!(frames, [(1, 0), (1, 1), (1, 2)]);
                assert_eq!(read.frames.iter().map(|frame| frame.codeoffset as usize).collect::<Vec<_>>(), offsets);
                let [inner, outer, run] = &read.frames[..] else { panic!("{read:?}") };
                let context = format!("{mode:?}, {fused}, {:?}", engine.dispatch());
                assert_eq!(values(&inner.locals), "i32 42, i64 8, f64 1.5, i32 9, ?, ?", "{context}");
                assert_eq!(values(&inner.stack), "i32 11, i32 42, i32 0", "{context}");
                assert_eq!(values(&outer.locals), "i32 41, i64 123456789012", "{context}");
                assert_eq!(values(&outer.stack), "i64 123456789012, f32 0.5, i32 3", "{context}");
                // Its parameter is where the callee's was, which did not write to it.
                assert_eq!((values(&run.locals), values(&run.stack)), ("i32 41".into(), String::new()), "{context}");
            }
        }
    }
}

/// Locals that code has not written are missing unless they are zero.
#[test]
fn locals_that_were_not_written_have_no_values_of_others() {
    let wat = r#"(module
        (func $dirty (param i32) (result i32) (local i32 i32 i32 i32)
            (local.set 1 (i32.const 111)) (local.set 2 (i32.const 222)) (local.set 3 (i32.const 333)) (local.set 4 (i32.const 444))
            (i32.add (i32.add (local.get 1) (local.get 2)) (i32.add (local.get 3) (local.get 4))))
        (func (export "early") (param i32) (result i32) (local i32 i32 i32)
            (local.set 1 (i32.const 5))
            (drop (i32.div_u (i32.const 1) (local.get 0)))
            (local.set 2 (i32.const 6))
            (i32.add (local.get 1) (local.get 2)))
        (func (export "read") (param i32) (result i32) (local i32 i32 i32)
            (drop (i32.div_u (i32.const 1) (local.get 0)))
            (i32.add (local.get 1) (local.get 3)))
        (func (export "branch") (param i32) (result i32) (local i32 i32 i32)
            (block (br_if 0 (local.get 0)) (local.set 1 (i32.const 5)))
            (i32.div_u (i32.const 1) (local.get 0)))
        (func (export "dirty") (param i32) (result i32) (call $dirty (local.get 0))))"#;
    let wasm = wat::parse_str(wat).unwrap();
    for engine in engines_with(|config| {
        config.coredump_on_trap(true);
    }) {
        let module = Module::new(&engine, &wasm).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
        for (name, expected) in [
            ("early", "i32 0, i32 5, ?, ?"),
            ("read", "i32 0, i32 0, i32 0, i32 0"),
            ("branch", "i32 0, i32 5, i32 0, i32 0"),
        ] {
            let call = |store: &mut Store<()>, name| {
                instance.get_typed_func::<i32, i32>(&*store, name).unwrap().call(&mut *store, 0)
            };
            call(&mut store, "dirty").unwrap();
            let error = call(&mut store, name).unwrap_err();
            let read = read(&dump(&error).serialize(&store, ""));
            assert_eq!(values(&read.frames[0].locals), expected, "{name}");
        }
    }
}

#[test]
fn core_dumps_have_memories_and_globals_of_the_store() {
    let wasm = wat::parse_str(WAT.replace("(br_if 0)", "(drop)")).unwrap();
    let engine = Engine::new(Config::default().coredump_on_trap(true));
    let module = Module::new(&engine, &wasm).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<i32, i32>(&store, "run").unwrap();
    let error = run.call(&mut store, 41).unwrap_err();
    let bytes = dump(&error).serialize(&store, "app.wasm");
    assert!(bytes.len() < 1000, "zeros are left out: {}", bytes.len());
    // The core dump is itself a module that can be instantiated.
    let plain = Engine::default();
    let module = Module::new(&plain, &bytes).unwrap();
    let mut other = Store::new(&plain, ());
    Instance::new(&mut other, &module, &[]).unwrap();
    let text = wasmprinter::print_bytes(&bytes).unwrap();
    for part in
        ["(memory (;0;) 1)", "(memory (;1;) 2 5)", "some bytes", "i64.const 77", "f64.const 0x1.4p+1", "ref.null func"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn every_trap_can_be_dumped() {
    let wat = r#"(module
        (import "host" "fail" (func $fail (param i32 i64)))
        (func $deep (export "deep") (param i32) (local i64 i64 i64) (local.set 1 (i64.const 3)) (call $deep (local.get 0)))
        (func (export "host") (param i32) (i64.const 6) (call $fail (i32.const 1) (i64.const 2)) (drop)))"#;
    for engine in engines_with(|config| {
        config.coredump_on_trap(true);
    }) {
        let module = Module::new(&engine, wat).unwrap();
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let params = [wasmote::ValType::I32, wasmote::ValType::I64];
        let fail = Func::new(&mut store, FuncType::new(params, []), |_, _, _| Err(Error::new("no")));
        linker.define("host", "fail", fail).unwrap();
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        let mut call = |name| {
            let func = instance.get_func(&store, name).unwrap();
            let error = func.call(&mut store, &[Val::I32(7)], &mut []).unwrap_err();
            let read = read(&dump(&error).serialize(&store, "x"));
            read.frames.iter().map(|frame| (values(&frame.locals), values(&frame.stack))).collect::<Vec<_>>()
        };
        assert_eq!(call("host"), [("i32 7".to_owned(), "i64 6".to_owned())]);
        let deep = call("deep");
        assert!(deep.len() > 64 && deep.len() <= 1024, "{}", deep.len());
        assert!(
            deep[1..].iter().all(|(locals, stack)| locals.starts_with("i32 7, i64 3") && stack.is_empty()),
            "{:?}",
            deep[1]
        );
        assert!(deep[0].0.starts_with("i32 7"), "{:?}", deep[0]);
    }
}

#[test]
fn there_are_no_core_dumps_unless_they_are_asked_for() {
    let engine = Engine::default();
    let module = Module::new(&engine, r#"(module (func (export "run") unreachable))"#).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
    let error = instance.get_typed_func::<(), ()>(&store, "run").unwrap().call(&mut store, ()).unwrap_err();
    assert!(error.downcast_ref::<WasmCoreDump>().is_none());
}
