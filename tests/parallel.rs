//! Translation by several threads: the same code, the same errors.

#![cfg(all(feature = "parallel", feature = "inspect"))]

use std::fmt::Write;

use wasmote::{CompilationMode, Config, Engine, Instance, Linker, Module, Store};

fn engine(parallel: bool) -> Engine {
    let mut config = Config::default();
    config.compilation_mode(CompilationMode::Eager).parallel_translation(parallel);
    Engine::new(&config)
}

/// A module of `count` functions of different lengths; those whose number is in `invalid` are invalid.
fn module(count: u32, invalid: &[u32]) -> Vec<u8> {
    let mut text = String::from("(module (import \"env\" \"f\" (func (param i32) (result i32)))");
    for i in 0..count {
        write!(text, "(func (export \"f{i}\") (param i32) (result i32) local.get 0").unwrap();
        for j in 0..i % 97 {
            write!(text, " i32.const {} i32.add call {}", i * 31 + j, (i + j) % (count + 1)).unwrap();
        }
        text.push_str(if invalid.contains(&i) { " drop i64.const 0)" } else { " i32.const 7 i32.mul)" });
    }
    text.push(')');
    wat::parse_str(text).unwrap()
}

#[test]
fn the_code_is_that_of_one_thread() {
    let bytes = module(3000, &[]);
    assert!(bytes.len() > 1 << 20, "{} bytes are too few for several threads", bytes.len());
    let modules = [
        Module::new(&engine(false), &bytes).unwrap(),
        Module::new(&engine(true), &bytes).unwrap(),
        Module::from_bytes(&engine(true), bytes.clone()).unwrap(),
        Module::from_static(&engine(true), bytes.leak()).unwrap(),
    ];
    for func in 1..=3000 {
        let texts = modules.each_ref().map(|module| module.disassemble(func).unwrap());
        assert!(texts.iter().all(|text| *text == texts[0]), "function {func}");
    }
    let module = &modules[1];
    let mut store = Store::new(module.engine(), ());
    let mut linker = Linker::new(module.engine());
    linker.func_wrap("env", "f", |x: i32| x).unwrap();
    let instance: Instance = linker.instantiate_and_start(&mut store, module).unwrap();
    let f = instance.get_typed_func::<i32, i32>(&store, "f0").unwrap();
    assert_eq!(f.call(&mut store, 6).unwrap(), 42);
}

#[test]
fn the_error_is_that_of_the_first_function() {
    let bytes = module(3000, &[2999, 1400, 2701]);
    let errors = [false, true].map(|parallel| Module::new(&engine(parallel), &bytes).unwrap_err().to_string());
    assert_eq!(errors[0], errors[1]);
    assert!(errors[0].contains("in function 1401"), "{}", errors[0]);
}

#[test]
fn small_modules_and_empty_ones() {
    for count in [0, 1, 2, 50] {
        let bytes = module(count, &[]);
        let modules = [false, true].map(|parallel| Module::new(&engine(parallel), &bytes).unwrap());
        for func in 1..=count {
            assert_eq!(modules[0].disassemble(func).unwrap(), modules[1].disassemble(func).unwrap());
        }
    }
}
